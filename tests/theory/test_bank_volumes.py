"""A real bank's arrivals: the forecast of twenty days from a fixed origin against repeating the last week."""

from __future__ import annotations

from pathlib import Path

import pytest

from csim.fitting.forecast import backtest
from csim.fitting.volumes import volumes_of

COUNTS = Path(__file__).parents[3] / "shared/data/bank_calls.csv"
pytestmark = pytest.mark.skipif(
    not COUNTS.exists(), reason="the bank's counts (shared/data) are not beside the project"
)


def test_twenty_days_of_a_bank():
    """164 weekdays of five-minute counts: repeating the last week misses by .1094 and .0556, the forecast by less."""
    past = volumes_of(COUNTS)
    assert (len(past), past.interval_s, past.clock[0], past.clock[-1]) == (164, 300, "07:00", "21:00")
    assert past.totals.mean() == pytest.approx(32461, abs=1)
    found = backtest(past, 20)
    assert (round(found.naive, 4), round(found.naive_day, 4)) == (0.1094, 0.0556)
    assert found.wape < 0.085
    assert found.wape_day < 0.050
    assert 0.92 <= found.covered <= 0.98
    assert found.covered_day >= 0.85

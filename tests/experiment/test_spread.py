"""Quantiles and maxima over windows, whatever the blocks they came in."""

import numpy as np
import pytest

from csim.experiment.spread import Spread
from csim.kpi import sums
from csim.kpi.catalogue import catalogue


@pytest.mark.parametrize("many", [0, 10**9], ids=["narrowed", "all"])
@pytest.mark.parametrize("seed", range(20))
def test_a_window_has_another_quantile_than_its_values(many, seed, monkeypatch):
    """The 99th percentile of any places is NumPy's over their values, to the bit, narrowed down or not."""
    monkeypatch.setattr(sums, "MANY", many)
    luck = np.random.default_rng(seed)
    values = np.where(luck.random(3000) < 0.4, 0.0, luck.exponential(60, 3000).round(seed % 7))
    place = luck.integers(0, 6, 3000)
    found = Spread(catalogue()["wait_p99"])
    for block in np.array_split(np.arange(3000), luck.integers(1, 9)):
        found.add(values[block], place[block])
    for places in ([0], [1, 3], [2, 3, 5, 9], range(6)):
        assert found.over(list(places)) == np.quantile(values[np.isin(place, list(places))], 0.99)
    assert np.isnan(found.over([7]))


@pytest.mark.parametrize("many", [0, 10**9], ids=["narrowed", "all"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.9, 1.0])
def test_a_quantile_is_not_that_of_all_values(many, share, monkeypatch):
    """Any share, of few or many values that tie or come sorted, in one part or several: NumPy's to the bit."""
    monkeypatch.setattr(sums, "MANY", many)
    luck = np.random.default_rng(1)
    for count in (1, 2, 3, 255, 256, 300, 5000):
        for values in (luck.random(count), luck.integers(0, 3, count) * 1.0, np.arange(count) * 1.0):
            parts = np.array_split(values, min(count, 3))
            assert sums.quantile(parts, share) == np.quantile(values, share)


def test_many_days_that_begin_quietly_are_copied_whole():
    """The sample that says which values can be left out is one of all of them, not of the first of each day."""
    luck = np.random.default_rng(1)
    days = [np.append(np.zeros(5), luck.exponential(60, 995)) for _ in range(1000)]
    kept, skipped = sums._around(days, 1_000_000, 989_999, 990_000, upwards=True)
    assert len(kept) < 100_000
    assert len(kept) + skipped == 1_000_000

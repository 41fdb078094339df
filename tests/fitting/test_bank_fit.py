"""The bank's log: the numbers of its patience and handle times, and May simulated from February."""

from __future__ import annotations

from pathlib import Path

import pytest

import csim
from csim.fitting.observed import observed
from csim.fitting.patience import Waits, kaplan_meier, patience_fit

FOLDER = Path(__file__).parents[3] / "shared/data/anonymous_bank_1999"
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu"]
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the bank's log (shared/data) is not beside the project")


@pytest.fixture(scope="module")
def february():
    return csim.read_contacts(FOLDER / "february.txt.gz", mapping="bank")


@pytest.fixture(scope="module")
def weekdays(february):
    return csim.fit(february, name="bank", weekdays=WEEKDAYS, within="20 s")


def test_patience_of_the_bank(february):
    """All waiting ÷ abandoned 344.99 s, among waiters 347.71; Kaplan–Meier median 280 s, mean to 600 s 314.88."""
    import numpy as np

    wait = february["wait_s"].to_numpy()
    waits = Waits.of(wait, (february["outcome"] == "abandoned").to_numpy(), np.zeros(len(wait), int), 1)
    curve = kaplan_meier(waits.left.values, *waits.weighted())
    assert patience_fit(waits, np.random.default_rng(1)).exponential_all == pytest.approx(344.99, abs=0.005)
    assert waits.left.values @ sum(waits.weighted()) / waits.left.total.sum() == pytest.approx(347.71, abs=0.005)
    assert curve.median() == 280
    assert curve.restricted_mean(600) == pytest.approx(314.88, abs=0.005)


def test_handle_times_of_the_bank_are_not_overstated(february):
    """Mean 179.03 s, a spike of short calls beside a lognormal; the plain lognormal would say 210 s or more."""
    fit = csim.fit(february, name="bank", within="20 s")
    found = fit.handle["bank"]
    assert found.parameters["mean_s"].value == pytest.approx(179.05, abs=0.1)  # 31 calls lie outside the hours
    assert found.chosen is not None
    assert found.chosen.spike_share > 0.03
    assert found.distance < 0.03
    assert found.naive_mean > 205
    assert observed(february).clock[0] == "07:00"


def test_may_from_february(weekdays):
    """May's volumes, staffing and handle times with February's patience: service level ±.03, abandonment ±.02."""
    may = csim.read_contacts(FOLDER / "may.txt.gz", mapping="bank")
    tried = weekdays.backtest(may, ("volumes", "staffing", "handle_time"), replications=6)
    assert tried.seen.days == 22
    assert tried.pooled.set_index("kpi")["real"]["service_level"] == pytest.approx(0.37435, abs=5e-5)
    assert abs(tried.error("service_level")) <= 0.03
    assert abs(tried.error("abandonment_rate")) <= 0.02
    steps = tried.decomposition.set_index("step")
    assert steps.loc["volumes+staffing", "service_level_added"] > 0.05  # handle times grew by 13 %
    assert "+13 %" in tried.summary()

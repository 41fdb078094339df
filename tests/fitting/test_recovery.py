"""A log with known parameters gives them back, within the intervals that the fit states."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import csim

from .centres import CHAT, VOICE, log_of

TRUTH = {
    ("arrivals", "per_day_mon"): 480.0, ("day_factor", "cv"): 0.15, ("handle_time", "mean_s"): 240.0,
    ("handle_time", "cv"): 0.8, ("after_work", "mean_s"): 30.0, ("patience", "exponential_mean_s"): 120.0,
    ("patience", "surviving_60_s"): np.exp(-0.5), ("patience", "median_s"): 120 * np.log(2), ("patience", "balk"): 0.1,
}  # fmt: skip


def held(fits: int) -> Counter:
    """How many fits of independent logs hold each true value in their interval."""
    found: Counter = Counter()
    for seed in range(1, fits + 1):
        table = csim.fit(log_of(VOICE, seed), interval="30 min", seed=seed).parameters.set_index(["part", "parameter"])
        for key, truth in TRUTH.items():
            row = table.loc[key]
            found[key] += bool(row["low"] <= truth <= row["high"])
    return found


def test_an_interval_misses_the_truth_more_often_than_it_says():
    """Of 20 logs at least 17 have each parameter within its 95 % interval (a true 95 % fails this in 1.6 %)."""
    missed = {key: count for key, count in held(20).items() if count < 17}
    assert not missed


@pytest.mark.slow
def test_a_hundred_intervals_miss_the_truth_too_often():
    """Of 100 logs at least 88 have each parameter within its 95 % interval."""
    missed = {key: count for key, count in held(100).items() if count < 88}
    assert not missed


def test_chats_give_back_how_many_are_held_and_how_fast_they_run():
    """Concurrency 3, pace 1, .8, .6 and a mean work of 6 min, from the sessions alone."""
    fit = csim.fit(log_of(CHAT, 1), interval="30 min")
    pace = fit.pace["online"]
    assert pace.concurrency == 3
    for step, truth in zip(pace.pace, (1.0, 0.8, 0.6), strict=True):
        assert step.holds(truth)
        assert step.high - step.low < 0.25
    assert fit.handle["chats"].parameters["mean_s"].holds(360.0)


def test_the_scenario_that_was_fitted_behaves_like_the_centre():
    """Fitted and simulated again, the centre has the service level it had, within three standard errors."""
    truth = csim.simulate({**VOICE, "calendar": {**VOICE["calendar"], "days": 200}}, 2, seed=9).value("service_level")
    fit = csim.fit(log_of({**VOICE, "calendar": {**VOICE["calendar"], "days": 60}}, 3), interval="30 min")
    assert int(fit.scenario.on_duty["team"].max()) == 5
    again = csim.simulate(fit.scenario, 30, seed=4).value("service_level")
    assert abs(again - truth) < 0.05  # sixty days at a day factor of 15 %: volumes are known to 2 %


def test_a_backtest_of_the_truth_finds_no_error():
    """The model that made the log, fitted on half of it, is good on the rest: three points at most."""
    fit = csim.fit(log_of(VOICE, 5), interval="30 min", holdout="50%")
    tried = fit.backtest(takes=("volumes", "staffing", "handle_time"), replications=10)
    assert abs(tried.error("service_level")) < 0.03
    assert abs(tried.error("abandonment_rate")) < 0.02
    assert tried.seen.days == 10
    assert "Good for staffing" in tried.summary()
    assert "可用于人力测算" in tried.summary("zh")


def test_hours_of_longer_calls_are_found():
    """Calls a third shorter in the morning than in the afternoon: the factors come back, and a flat centre has none."""
    factors = [0.8] * 8 + [1.2] * 8
    queue = {**VOICE["queues"]["calls"], "handle_by_time": {"per_interval": factors}}
    found = csim.fit(log_of({**VOICE, "queues": {"calls": queue}}, 4), interval="30 min")
    assert np.abs(found.handle_by_time["calls"].factors - factors).max() < 0.12
    again = found.scenario.handle_by_time["calls"]
    assert again[0, 0] == pytest.approx(found.handle_by_time["calls"].factors[0], abs=1e-4)
    assert csim.fit(log_of(VOICE, 4), interval="30 min").handle_by_time == {}

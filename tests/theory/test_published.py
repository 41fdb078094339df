"""Numbers that others computed: what reordering does to a service level, and a whole model published with results."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

import csim

from .steady import exponential, one_queue, ratio_and_error, too_far, z_scores

SHARES = ["service_level", "service_level_answered_only", "abandonment_rate"]
GAMING = {  # routing: SL ÷ offered, SL ÷ answered, P(ab), mean wait and sd of all, 99th percentile of the answered
    "fifo": (0.71986, 0.77816, 0.07492, 13.486, 23.7, 101),
    "lifo": (0.827, 0.893, 0.07492, 13.486, 39.6, 150),
    "not_yet_missed_first": (0.842, 0.910, 0.07492, 13.486, 33.7, 161),
    "never_past_threshold": (0.89808, 1.0, 0.10192, 18.35, None, None),
}
EXACT = {"fifo": SHARES, "never_past_threshold": SHARES}


@cache
def gaming(order: str, replications: int = 30) -> csim.Simulation:
    """25 agents, 290.1 calls an hour, 300 s, patience 180 s, within 20 s."""
    scenario = one_queue(290.1, 300, 25, 180, 20, hours=24, routing={"contact": order})
    return csim.simulate(scenario, replications=replications, seed=81, keep_contacts=replications == 30)


def against_the_table(order: str, sim: csim.Simulation) -> dict[str, float]:
    """z-scores of the shares and of the mean wait."""
    in_time, of_answered, lost, wait, _, _ = GAMING[order]
    known = dict.fromkeys(SHARES[:2], 5e-6 if order in EXACT else 0.003) | {"abandonment_rate": 5e-6, "wait_all": 5e-3}
    exact = {"service_level": in_time, "service_level_answered_only": of_answered}
    if order == "never_past_threshold":  # answered in time or not at all
        numerator, denominator = sim.replicated("service_level_answered_only")
        assert (numerator == denominator).all()
        del exact["service_level_answered_only"]
    return z_scores(sim, exact | {"abandonment_rate": lost, "wait_all": wait}, within=known)


@pytest.mark.parametrize("replications", [30, pytest.param(240, marks=pytest.mark.slow)])
@pytest.mark.parametrize("order", GAMING)
def test_what_an_order_of_service_does_to_the_numbers(order, replications):
    """Service levels, loss and mean wait of the table, |z| ≤ 4 of 209,000 (1,670,000) calls; the shares ±.003 join."""
    sim = gaming(order) if replications == 30 else gaming(order, replications)
    assert not too_far(against_the_table(order, sim))


@pytest.mark.parametrize("order", ["fifo", "lifo", "not_yet_missed_first"])
def test_what_an_order_of_service_does_to_the_spread_of_waits(order):
    """
    Standard deviation of all waits (± .5), 99th percentile of the answered (± 5 s), errors joined, of 209,000 calls.

    The percentile of all offered, which the catalogue's `wait_p99` is, lies at 101, 202 and 169 s.
    """
    sim = gaming(order)
    *_, spread, worst = GAMING[order]
    waited, offered = sim.replicated("wait_all")
    squares, _ = sim.replicated("wait_second_moment")
    mean = waited.sum() / offered.sum()
    deviation = math.sqrt(squares.sum() / offered.sum() - mean**2)
    # the delta method: d sd = (d square − 2 mean d mean) ÷ (2 sd)
    _, error = ratio_and_error(squares - 2 * mean * waited, offered)
    assert abs(deviation - spread) <= 4 * math.hypot(error / (2 * deviation), 0.5 / math.sqrt(3))
    answered = sim.contacts[sim.contacts["outcome"] == "answered"]
    quantiles = answered.groupby("replication")["wait_s"].quantile(0.99).to_numpy()
    error = quantiles.std(ddof=1) / math.sqrt(len(quantiles))
    assert abs(quantiles.mean() - worst) <= 4 * math.hypot(error, 5 / math.sqrt(3))


def test_exponential_patience_makes_loss_and_mean_wait_blind_to_the_order():
    """
    Last come first served and not-yet-missed first lose as many as first come first served, and wait as long.

    On common random numbers, replication by replication (|z| ≤ 4 of 209,000 calls).
    """
    scores = {}
    for order in ("lifo", "not_yet_missed_first"):
        for kpi in ("abandonment_rate", "wait_all"):
            (mine, offered), (theirs, _) = gaming("fifo").replicated(kpi), gaming(order).replicated(kpi)
            difference, error = ratio_and_error(theirs - mine, offered)
            scores[order, kpi] = difference / error
    assert not too_far(scores)


# -- CallCC (umontreal-simul/contactcenters, doc/examples) -----------------------------------------------

CALL_CC = {
    "csim": "scenario/1",
    "name": "CallCC",
    "calendar": {"start": "2026-06-01T08:00", "open": "13 h", "interval": "1 h", "day_factor": {"cv": 10**-0.5}},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_interval": [100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60]},
            "patience": exponential(1000),
            "balk": "10%",
            "handle_time": exponential(100),
            "answer_within": "20 s",
        }
    },
    "groups": {"agents": {"serves": ["calls"], "agents": {"per_interval": [4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4]}}},
}
EXPECTED = 1660


@pytest.mark.parametrize("days", [300, pytest.param(6000, marks=pytest.mark.slow)])
def test_the_published_model_of_a_call_centre(days):
    """
    Mean wait 12.75 ± .15 s, lost .0369 ± .0003, in time or lost within 20 s ÷ the expected 1,660 calls .8545 ± .0008.

    Half-widths of 95 % intervals; own errors joined, |z| ≤ 4 of 300 (6,000) days, 500,000 (10 million) calls.
    """
    sim = csim.simulate(CALL_CC, replications=days, seed=91)
    each = np.full(days, float(EXPECTED))
    lost, offered = sim.replicated("abandonment_rate")
    met, _ = sim.replicated("service_level_quick_counts_as_met")
    in_time, _ = sim.replicated("service_level")
    scores = {}
    for name, parts, published, half in (
        ("mean wait", sim.replicated("wait_all"), 12.75, 0.15),
        ("lost", (lost, offered), 0.0369, 0.0003),
        ("good", (met, each), 0.8545, 0.0008),
        ("in time", (in_time, each), 0.829, 0.001),  # "about"
        ("calls", (offered, each), 1.0, 0.0),
    ):
        value, error = ratio_and_error(*parts)
        scores[name] = (value - published) / math.hypot(error, half / 1.96)
    assert not too_far(scores)

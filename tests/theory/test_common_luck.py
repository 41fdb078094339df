"""Common random numbers: scenarios that share their seed share their luck, so that differences are sharp."""

from __future__ import annotations

import numpy as np
import pytest

import csim
from csim.workload.draw import draw

from .steady import one_queue, queue, stretch


def centre(agents: int, **more: object) -> dict:
    """Ten-hour days that differ by 10 %."""
    scenario = one_queue(290, 300, agents, 180, 20, hours=10, warmup="1 h", **more)
    scenario["calendar"] |= {"day_factor": {"cv": "10%"}, "days": 2}
    return scenario


@pytest.mark.parametrize("agents", [22, 26, 30])
def test_one_more_agent_is_seen_three_times_as_sharply(agents):
    """The paired interval of n against n + 1 agents is at most a third of the unpaired (of 140,000 calls)."""
    result = csim.compare([centre(agents), centre(agents + 1)], replications=24, seed=3)
    table = result.differences.query("queue == 'all'").set_index("kpi")
    alone = result.kpis.query("queue == 'all'").set_index(["kpi", "scenario"])
    for kpi, better in (("service_level", 1), ("abandonment_rate", -1), ("asa", -1)):
        row = table.loc[kpi]
        half = (row["ci_high"] - row["ci_low"]) / 2
        halves = [alone.loc[(kpi, label), "ci_high"] - alone.loc[(kpi, label), "value"] for label in result.labels]
        assert row["unpaired_half"] == pytest.approx(np.hypot(*halves), rel=1e-6), "as if both had been run alone"
        assert half * 3 <= row["unpaired_half"], (kpi, row["unpaired_half"] / half)
        assert better * row["difference"] > half, "one more agent helps, and it shows"


def test_a_paired_interval_covers_the_exact_difference():
    """Erlang-A's difference between 25 and 26 agents lies in 8 or more of 10 paired 95 % intervals (of 10 seeds)."""
    exact = [csim.erlang.a(290 / 3600, 300, n, 180, 20).service_level for n in (25, 26)]
    inside = 0
    for seed in range(10):
        pair = [one_queue(290, 300, n, 180, 20, hours=4) for n in (25, 26)]
        row = csim.compare(pair, replications=10, seed=seed).differences.query(
            "queue == 'all' and kpi == 'service_level'"
        )
        inside += bool((row["ci_low"] <= exact[1] - exact[0]).all() and (exact[1] - exact[0] <= row["ci_high"]).all())
    assert inside >= 8


def test_staffing_and_rules_move_no_contact():
    """Other agents, orders and groups: the same contacts arrive with the same work and patience."""
    base = draw(csim.load_scenario(centre(20)), 7, 1)
    varied = draw(csim.load_scenario(centre(31, routing={"contact": "lifo"})), 7, 1)
    for name in ("arrival", "work", "deadline", "balks"):
        assert np.array_equal(getattr(base, name), getattr(varied, name)), name


def test_another_queue_moves_no_contact_of_the_first():
    """A second queue, balking, after-work or a vendor leave the first queue's arrivals, work and patience alone."""
    team = {"team": {"serves": ["calls"], "agents": 30}}
    more = {"balk": "20%", "after_work": {"distribution": "exponential", "mean": "30 s"}}
    base = draw(csim.load_scenario(stretch({"calls": queue(290, 300, 180)}, team, hours=10)), 7, 1)
    both = {"first": queue(50, 100, 90), "calls": queue(290, 300, 180, **more)}
    team = {"team": {"serves": ["calls", "first"], "agents": 30}}
    varied = draw(csim.load_scenario(stretch(both, team, hours=10)), 7, 1)
    mine = varied.queue == 1
    for name in ("arrival", "work", "deadline"):
        assert np.array_equal(getattr(base, name), getattr(varied, name)[mine]), name


def test_a_busier_day_keeps_the_contacts_it_had():
    """With twice the arrivals every contact of the first half brings the same work and patience, in half the time."""
    base = draw(csim.load_scenario(one_queue(100, 300, 30, 180, 20, hours=10, warmup="0 h")), 7, 1)
    busier = draw(csim.load_scenario(one_queue(200, 300, 30, 180, 20, hours=10, warmup="0 h")), 7, 1)
    first = slice(0, len(base))
    assert np.allclose(busier.arrival[first] * 2, base.arrival)
    assert np.array_equal(busier.work[first], base.work)
    assert np.allclose((busier.deadline - busier.arrival)[first], base.deadline - base.arrival)


@pytest.mark.parametrize(("kpi", "factor"), [("handle_time", 1.1), ("patience", 2.0)])
def test_a_longer_mean_stretches_each_contact(kpi, factor):
    """Another mean scales the same luck contact by contact."""
    data = one_queue(100, 300, 30, 180, 20, hours=10)
    mean = {"handle_time": 300, "patience": 180}[kpi] * factor
    longer = csim.load_scenario(data).vary({f"queues.calls.{kpi}.mean": f"{mean} s"})
    base, varied = draw(csim.load_scenario(data), 7, 1), draw(longer, 7, 1)
    mine = {"handle_time": lambda w: w.work, "patience": lambda w: w.deadline - w.arrival}[kpi]
    assert np.allclose(mine(varied), factor * mine(base))

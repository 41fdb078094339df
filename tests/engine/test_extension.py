"""
How a planner adds behaviour: a generator that is given the centre when a day begins, and waits with `yield`.

`centre.until("10:30")` waits for a time of day, `centre.env.timeout(1200)` for 1,200 s; what SimPy offers can be used.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pandas as pd
import pytest

import csim


def outage(centre: Any) -> Generator:
    """The team's telephone system is down from 10:30 to 10:50: calls in progress go on, no new one gets through."""
    yield centre.until("10:30")
    centre.take_offline("team")
    yield centre.env.timeout(1200)
    centre.bring_online("team")


def centre(**calendar: Any) -> dict[str, Any]:
    """Twelve agents for 120 calls an hour of five minutes, and a small group that helps out."""
    return {
        "csim": "scenario/1",
        "name": "outage",
        "calendar": {"start": "2026-06-01T09:00", "open": "3 h", "days": 2} | calendar,
        "queues": {
            "calls": {
                "channel": "voice",
                "arrivals": {"per_hour": 120},
                "patience": {"distribution": "exponential", "mean": "3 min"},
                "handle_time": {"distribution": "exponential", "mean": "5 min"},
                "answer_within": "20 s",
            }
        },
        "groups": {"team": {"serves": ["calls"], "agents": 12}, "helpers": {"serves": ["calls"], "agents": 2}},
    }


def taken(sim: csim.Simulation, group: str, begins: str, ends: str) -> pd.DataFrame:
    """The contacts that a group took at a time of day from *begins* until before *ends*."""
    log = sim.contacts
    clock = log["assigned"].dt.strftime("%H:%M:%S.%f")
    return log[(log["group"] == group) & (begins <= clock) & (clock < ends)]


@pytest.mark.parametrize("warmup", ["0 min", "45 min"])
def test_nobody_is_answered_by_a_group_that_is_offline(warmup):
    """On every day the group answers nobody from 10:30 to 10:50, and somebody before and after; the others go on."""
    sim = csim.simulate(centre(warmup=warmup), replications=3, seed=7, keep_contacts=True, extensions=[outage])
    assert taken(sim, "team", "10:30", "10:50").empty
    assert len(taken(sim, "helpers", "10:30", "10:50")) > 20
    for begins, ends in (("10:25", "10:30"), ("10:50", "10:55")):
        found = taken(sim, "team", begins, ends)
        assert found.groupby(["replication", "day"], observed=True).ngroups == 6


def test_calls_in_progress_go_on_and_agents_leave_the_log():
    """A call taken before 10:30 may end in the outage; an agent who holds nothing is not logged in while it lasts."""
    sim = csim.simulate(centre(), replications=3, seed=7, keep_contacts=True, extensions=[outage])
    log, states = sim.contacts, sim.agent_states
    ends = log["assigned"] + pd.to_timedelta(log["talk_s"], unit="s")
    during = (ends.dt.strftime("%H:%M") >= "10:32") & (ends.dt.strftime("%H:%M") < "10:50")
    assert ((log["group"] == "team") & during).sum() > 20
    team = states[(states["group"] == "team") & (states["state"] == "ready")]
    inside = (team["from"].dt.strftime("%H:%M") >= "10:30") & (team["from"].dt.strftime("%H:%M") < "10:50")
    assert not inside.any()


def test_the_luck_is_the_same_with_and_without():
    """The same contacts arrive; until 10:30 everything is the same, after it fewer are answered in time."""
    with_it, without = (
        csim.simulate(centre(), replications=5, seed=7, keep_contacts=True, extensions=added)
        for added in ([outage], [])
    )
    both = with_it.contacts.merge(without.contacts, on=["contact_id", "replication"], suffixes=("", "_without"))
    assert len(both) == len(with_it.contacts) == len(without.contacts)
    assert (both["arrival"] == both["arrival_without"]).all()
    settled = both["assigned"].dt.strftime("%H:%M:%S") < "10:30:00"
    assert (both.loc[settled, "assigned"] == both.loc[settled, "assigned_without"]).all()
    assert with_it.value("service_level") < without.value("service_level") - 0.05


def test_an_unknown_group_is_named():
    """A misspelt group stops the run with the names there are."""

    def misspelt(centre: Any) -> Generator:
        yield centre.until("10:30")
        centre.take_offline("taem")

    with pytest.raises(KeyError, match="there are team, helpers"):
        csim.simulate(centre(), replications=1, extensions=[misspelt])


def test_several_extensions_run_together():
    """Two outages of two groups: while both last nobody is answered at all."""

    def helpers_meet(centre: Any) -> Generator:
        yield centre.until("10:40")
        centre.take_offline("helpers")
        yield centre.until("11:00")
        centre.bring_online("helpers")

    sim = csim.simulate(centre(), replications=3, seed=7, keep_contacts=True, extensions=[outage, helpers_meet])
    clock = sim.contacts["assigned"].dt.strftime("%H:%M")
    assert not ((clock >= "10:40") & (clock < "10:50")).any()
    assert taken(sim, "helpers", "10:50", "11:00").empty
    assert len(taken(sim, "team", "10:50", "11:00")) > 20


def test_an_outage_at_the_close_leaves_those_who_wait_open():
    """A group that is offline when the centre closes serves nobody any more: they are open, and the day ends."""

    def down_for_good(centre: Any) -> Generator:
        yield centre.until("11:30")
        centre.take_offline("team")
        centre.take_offline("helpers")

    scenario = csim.load_scenario(centre()).vary({"queues.calls.patience": "never", "queues.calls.max_waiting": 50})
    sim = csim.simulate(scenario, replications=2, seed=7, keep_contacts=True, extensions=[down_for_good])
    per_day = (sim.contacts["outcome"] == "open").groupby([sim.contacts["replication"], sim.contacts["day"]]).sum()
    assert (per_day == 50).all()


@pytest.mark.parametrize(("date", "elapsed_h"), [("2026-03-28", 10.5), ("2026-03-29", 9.5), ("2026-10-25", 11.5)])
def test_until_means_the_local_time_when_clocks_change(date, elapsed_h):
    """10:30 local is 9.5 h after midnight on the day on which clocks go forward, 11.5 h when they go back."""
    seen = []

    def look(centre: Any) -> Generator:
        yield centre.until("10:30")
        seen.append(centre.env.now)

    scenario = centre(start=f"{date}T00:00", timezone="Europe/Berlin", open="24 h", days=1)
    csim.simulate(scenario, replications=1, extensions=[look])
    assert seen == [elapsed_h * 3600]


def test_who_waits_when_the_last_group_fails_after_close_is_lost():
    """Taken off line after close: whoever still waits, with endless patience, ends as open."""

    def outage(centre):
        yield centre.until("09:10")
        centre.take_offline("team")

    found = csim.simulate(
        {
            "csim": "scenario/1",
            "name": "late",
            "calendar": {"start": "2026-06-01T09:00", "open": "5 min", "interval": "5 min"},
            "queues": {
                "calls": {
                    "channel": "voice",
                    "arrivals": {"per_interval": [6]},
                    "patience": "never",
                    "max_waiting": 100,
                    "handle_time": {"distribution": "constant", "mean": "8 min"},
                    "answer_within": "20 s",
                }
            },
            "groups": {"team": {"serves": ["calls"], "agents": 1}},
        },
        replications=1,
        seed=2,
        extensions=[outage],
        keep_contacts=True,
    )
    outcomes = found.contacts["outcome"].value_counts()
    assert outcomes["open"] > 0
    assert outcomes["answered"] + outcomes["open"] == len(found.contacts)
    left = found.contacts.query("outcome == 'open'")
    ends = left["arrival"] + pd.to_timedelta(left["wait_s"], unit="s")
    assert set(ends.dt.strftime("%H:%M:%S").unique()) == {"09:10:00"}  # at once, not when the next call ends

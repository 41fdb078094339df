"""
Small days of whole steps, written contact by contact, so that nearly everything ties; for both engines.

`crowded_days()` draws a `Day`: rules loaded from a scenario dict, and a stretch whose arrivals, talks, after-works,
patience and staffing steps are whole multiples of one step. Among them are what a scenario file cannot say: talk of
0 s, patience of 0 s, staff who come and go in the middle of a call, and after the close. Hypothesis shrinks them.

`plain_days()` draws days that take the compiled engine's shortcut, on the clock or on whole seconds, or only just not.
"""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from csim import load_scenario
from csim.engine.rules import Rules, Stretch
from csim.scenario.load import Scenario

from ..engine.strategies import PACES

ORDERS = ("fifo", "lifo", "not_yet_missed_first", "never_past_threshold")
STEPS = (1.0, 1.0, 0.1, 1 / 3)  # of the last two, sums in different orders differ in the last bit


class Day(NamedTuple):
    """What both engines are given, and the scenario for the names in a trace."""

    scenario: Scenario
    rules: Rules
    stretch: Stretch


@st.composite
def centres(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario dict: queues without arrivals of their own, groups of 0 to 3 agents, every rule of the centre."""
    names = [f"queue_{i}" for i in range(draw(st.integers(1, 4)))]
    queues: dict[str, dict[str, Any]] = {
        name: {
            "channel": draw(st.sampled_from(["voice", "chat"])),
            "arrivals": {"per_hour": 0},
            "patience": "never",
            "handle_time": {"distribution": "constant", "mean": "60 s"},
            "answer_within": f"{draw(st.integers(0, 5))} s",
            "priority": draw(st.integers(1, 3)),
        }
        for name in names
    }
    for queue in queues.values():
        if draw(st.booleans()):
            queue["max_waiting"] = draw(st.integers(0, 3))
    groups: dict[str, dict[str, Any]] = {}
    for i in range(draw(st.integers(1, 4))):
        slots = draw(st.integers(1, 4))
        groups[f"group_{i}"] = {
            "serves": draw(st.lists(st.sampled_from(names), min_size=1, unique=True)),
            "agents": draw(st.integers(0, 3)),
            "concurrency": slots,
            "pace": draw(st.sampled_from(PACES))[:slots],
        }
    groups["group_0"]["serves"] += [n for n in names if not any(n in group["serves"] for group in groups.values())]
    for group in groups.values():
        if draw(st.booleans()):
            group["priority"] = {name: draw(st.integers(1, 3)) for name in group["serves"][:2]}
    for name, queue in queues.items():
        serving = [group for group, spec in groups.items() if name in spec["serves"]]
        queue["prefers"] = draw(st.permutations(serving))
    return {
        "csim": "scenario/1",
        "name": "crowded",
        "calendar": {
            "start": "2026-06-01T09:00",
            "open": "1 h",
            "interval": "1 h",
            "after_close": draw(st.sampled_from(["drain", "hang_up"])),
        },
        "queues": queues,
        "groups": groups,
        "routing": {"contact": draw(st.sampled_from(ORDERS))},
    }


@st.composite
def crowded_days(draw: st.DrawFn) -> Day:
    """A day on a grid: up to 40 contacts, a staffing plan per group, an opening before 0 or at 0."""
    scenario = load_scenario(draw(centres()))
    rules = Rules.of(scenario)
    step, begins = draw(st.sampled_from(STEPS)), draw(st.sampled_from([0, 0, -4]))
    contact = st.tuples(
        st.sampled_from([0, 0, 0, 1, 1, 2, 5]),  # after the one before it
        st.integers(0, len(rules.lines) - 1),
        st.integers(0, 6),
        st.sampled_from([0, 0, 1, 3]),
        st.sampled_from([0, 1, 2, 4, 8, inf, inf]),
        st.sampled_from([False] * 7 + [True]),
    )
    size = draw(st.integers(0, 40))  # lists of a free length would mostly be short
    contacts = draw(st.lists(contact, min_size=size, max_size=size))
    gap, line, work, after_work, patience, balks = zip(*contacts, strict=True) if contacts else [()] * 6
    arrival = begins + np.cumsum(np.array(gap, dtype=float))
    closes = (int(arrival[-1]) if contacts else begins) + draw(st.integers(1, 6))
    capacity = tuple(int(heads.max()) for heads in scenario.on_duty.values())
    return Day(
        scenario,
        rules,
        Stretch(
            begins=begins * step,
            closes=closes * step,
            opens=scenario.days.opens[0],
            line=np.array(line, dtype=np.int64),
            arrival=arrival * step,
            work=np.array(work, dtype=float) * step,
            after_work=np.array(after_work, dtype=float) * step,
            deadline=arrival * step + np.array(patience, dtype=float) * step,
            balks=np.array(balks, dtype=bool),
            staffing=tuple(
                sorted(
                    (at * step, team, heads)
                    for team, most in enumerate(capacity)
                    for at, heads in draw(plans(begins, closes, most)).items()
                )
            ),
            capacity=capacity,
        ),
    )


def plans(begins: int, closes: int, most: int) -> st.SearchStrategy[dict[int, int]]:
    """Agents on duty by the step from which on; some steps lie after the close."""
    heads = st.integers(0, most)
    changes = st.dictionaries(st.integers(begins + 1, closes + 3), heads, max_size=4)
    return st.builds(lambda first, later: {begins: first, **later}, heads, changes)


@st.composite
def plain_days(draw: st.DrawFn) -> Day:
    """One line of calls, first come first served, by the same agents all day; or all of that but one thing."""
    heads, spare = draw(st.integers(1, 5)), draw(st.integers(0, 1))
    twist = draw(st.sampled_from(["", "", "", "", "chat", "limit", "order", "step"]))
    queue = {
        "channel": "chat" if twist == "chat" else "voice",
        "arrivals": {"per_hour": 0},
        "patience": "never",
        "handle_time": {"distribution": "constant", "mean": "60 s"},
    }
    calendar = {"start": "2026-06-01T09:00", "open": "1 h", "interval": "1 h"}
    scenario = load_scenario(
        {
            "csim": "scenario/1",
            "name": "plain",
            "calendar": calendar | {"after_close": draw(st.sampled_from(["drain", "hang_up"]))},
            "queues": {"calls": queue | ({"max_waiting": 1} if twist == "limit" else {})},
            "groups": {"desk": {"serves": ["calls"], "agents": heads + spare, "concurrency": draw(st.integers(1, 2))}},
            "routing": {"contact": "lifo" if twist == "order" else "fifo"},
        }
    )
    begins, closes = draw(st.sampled_from([0.0, -4.0])), float(draw(st.integers(3, 40)))
    staffing = ((begins, 0, heads), (2.0, 0, 0), (closes - 0.5, 0, heads)) if twist == "step" else ((begins, 0, heads),)
    contacts = draw(drawn_contacts(begins, closes))
    stretch = Stretch(begins, closes, scenario.days.opens[0], staffing=staffing, capacity=(heads + spare,), **contacts)
    return Day(scenario, Rules.of(scenario), stretch)


@st.composite
def drawn_contacts(draw: st.DrawFn, begins: float, closes: float) -> dict[str, np.ndarray]:
    """Up to 60 contacts of one line: on the clock, where hardly anything ties, or on whole seconds."""
    size, whole = draw(st.integers(0, 60)), np.floor if draw(st.booleans()) else np.asarray
    talk, patience = draw(st.sampled_from([1, 4, 15])), draw(st.sampled_from([1, 5, 30]))
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    arrival = whole(np.sort(luck.uniform(begins, closes, size)))
    return {
        "line": np.zeros(size, np.int64),
        "arrival": arrival,
        "work": whole(luck.exponential(talk, size)),
        "after_work": whole(luck.exponential(talk / 2, size)) * (luck.random(size) < 0.5),
        "deadline": arrival + np.where(luck.random(size) < 0.3, inf, whole(luck.exponential(patience, size))),
        "balks": luck.random(size) < draw(st.sampled_from([0.0, 0.1])),
    }

"""The same path where a centre is large, empty or long."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from csim import load_scenario
from csim.engine import centre as arrays
from csim.engine import compiled, reference
from csim.engine.rules import Kind, Line, Order, Outcome, Rules, Stretch, Team, stretches
from csim.workload.draw import draw

from .parting import agree, same

CONTACTS = ("line", "arrival", "work", "after_work", "deadline", "balks")


def centre(queue: dict[str, Any] | None = None, group: dict[str, Any] | None = None, **calendar: Any) -> dict[str, Any]:
    """Eight agents for 90 calls an hour of five minutes."""
    calls = {
        "channel": "voice",
        "arrivals": {"per_hour": 90},
        "patience": {"distribution": "exponential", "mean": "2 min"},
        "handle_time": {"distribution": "exponential", "mean": "5 min"},
        "after_work": {"distribution": "exponential", "mean": "30 s"},
        "answer_within": "20 s",
    }
    return {
        "csim": "scenario/1",
        "name": "corner",
        "calendar": {"start": "2026-03-28T00:00", "timezone": "Europe/Berlin", "open": "4 h"} | calendar,
        "queues": {"calls": calls | (queue or {})},
        "groups": {"team": {"serves": ["calls"], "agents": 8} | (group or {})},
    }


def played(data: dict[str, Any], seed: int = 7) -> list[Stretch]:
    """Runs every stretch in both engines; they agree."""
    scenario = load_scenario(data)
    rules = Rules.of(scenario)
    days = stretches(scenario, rules, draw(scenario, seed, replication=1))
    for day in days:
        agree(scenario, rules, day)
    return days


def test_a_warm_up_is_the_same_path():
    """Two days that begin an hour before they open."""
    days = played(centre(days=2, warmup="1 h"))
    assert all(day.begins == -3600 and (day.arrival < 0).any() for day in days)


@pytest.mark.parametrize("after_close", ["drain", "hang_up"])
def test_a_carried_over_calendar_is_the_same_path(after_close):
    """Five round-the-clock days in one stretch, over a change of clocks; and shops that close in between."""
    for opened in ("24 h", "10 h"):
        (stretch,) = played(centre(days=5, open=opened, carry_over=True, after_close=after_close))
        assert stretch.closes > 4 * 86400 - 3600


def test_a_thousand_agents_are_the_same_path():
    """So many that the tournament has ten rounds: calls, and chats that slow each other down."""
    busy, shifts = {"arrivals": {"per_hour": 12_500}}, {"per_interval": [1000, 700, 1000, 0]}
    played(centre(busy, {"agents": 1000}, open="2 h"))
    played(centre(busy, {"agents": shifts}, open="2 h"))
    chats = {"channel": "chat", "arrivals": {"per_hour": 35_000}}
    played(centre(chats, {"agents": 1000, "concurrency": 3, "pace": [1, 0.95, 0.88]}, open="1 h"))


@pytest.mark.parametrize("after_close", ["drain", "hang_up"])
def test_nobody_on_duty_is_the_same_path(after_close):
    """No agent ever, in any group: contacts abandon, are blocked, or are open at the close."""
    data = centre({"patience": {"distribution": "exponential", "mean": "2 h"}}, {"agents": 0}, after_close=after_close)
    data["groups"]["other"] = {"serves": ["calls"], "agents": 0, "concurrency": 3}
    played(data)
    data["queues"]["calls"]["max_waiting"] = 5
    (stretch,) = played(data)
    path = compiled.run(Rules.of(load_scenario(data)), stretch)
    assert set(path.outcome.tolist()) == {Outcome.ABANDONED, Outcome.BLOCKED, Outcome.OPEN}


def test_no_contact_is_the_same_path():
    """An empty workload: staff come, and leave at the close."""
    (stretch,) = played(centre({"arrivals": {"per_hour": 0}}))
    path = compiled.run(Rules.of(load_scenario(centre())), stretch)
    assert len(path.answer) == len(path.end) == len(path.agent) == len(path.outcome) == 0
    assert path.duty == ((0.0, 0, 8), (stretch.closes, 0, 0))


@pytest.mark.parametrize("order", [order.name.lower() for order in Order])
def test_a_crowded_line_is_the_same_path(order):
    """Twice as many as can be served: hundreds wait, and most hang up unseen."""
    data = centre({"arrivals": {"per_hour": 400}, "patience": {"distribution": "exponential", "mean": "30 min"}})
    played(data | {"routing": {"contact": order}})


def test_a_chat_computed_to_have_ended_before_now_ends_now():
    """
    At 3 s staffing comes before the end of a chat that is due then, and its agent takes another one.

    By the virtual clock, read in thirds of a second, the work was done 4e-16 s before.
    """
    desk = Team("desk", ((1, (0,)),), concurrency=2, pace=(1.0, 0.25))
    rules = Rules((Line(0, -1, False, 20.0, -1, (0,)),), (desk,), Order.FIFO, False, np.array([[0]]))
    day = Stretch(
        begins=0.0,
        closes=4.0,
        opens=dt.datetime(2026, 6, 1, 9),
        line=np.zeros(3, np.int64),
        arrival=np.array([4, 4, 8]) * (1 / 3),
        work=np.array([2, 1, 3]) * (1 / 3),
        after_work=np.zeros(3),
        deadline=np.full(3, inf),
        balks=np.zeros(3, bool),
        staffing=((0.0, 0, 1), (7 * (1 / 3), 0, 0), (9 * (1 / 3), 0, 1)),
        capacity=(1,),
    )
    path = compiled.run(rules, day)
    assert same(reference.run(rules, day), path)
    assert path.answer[2] == path.end[0] == 3.0


def test_columns_of_any_layout_are_the_same_path():
    """Read-only and strided columns, as executors and slices hand them over, are run without compiling again."""
    scenario = load_scenario(centre())
    rules = Rules.of(scenario)
    (stretch,) = stretches(scenario, rules, draw(scenario, 7, replication=1))
    path = compiled.run(rules, stretch)
    known = compiled._play_plain.signatures + compiled._play.signatures
    strided = {name: np.repeat(getattr(stretch, name), 2)[::2] for name in CONTACTS}
    for column in strided.values():
        column.flags.writeable = False
    strided["line"] = strided["line"].astype(np.int32)
    assert same(path, compiled.run(rules, replace(stretch, **strided)))
    assert compiled._play_plain.signatures + compiled._play.signatures == known


def test_an_answer_has_the_types_of_the_reference():
    """Instants are floats, agents whole numbers, outcomes small ones; duty holds Python's own numbers."""
    scenario = load_scenario(centre())
    rules = Rules.of(scenario)
    (stretch,) = stretches(scenario, rules, draw(scenario, 7, replication=1))
    path = compiled.run(rules, stretch)
    assert [column.dtype for column in (path.answer, path.end, path.agent, path.outcome)] == [
        np.float64, np.float64, np.int64, np.int8,
    ]  # fmt: skip
    assert {tuple(type(value) for value in step) for step in path.duty} == {(float, int, int)}


def test_kinds_and_outcomes_are_numbered_as_in_the_rules():
    """The kernels hold numbers instead of enums: they must be the same numbers."""
    for enum in (Kind, Outcome, Order):
        for member in enum:
            assert member is Kind.ADDED or getattr(arrays, member.name) == member

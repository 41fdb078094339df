"""A day's events in words: for learning how a centre works, and to see where two engines part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from csim.engine import reference
from csim.engine.rules import Kind, Outcome, Path, Rules, Stretch, stretches
from csim.errors import Mistake, UnknownNameError
from csim.experiment.names import Names
from csim.scenario.load import Scenario
from csim.workload.draw import draw

Event = tuple[float, int, int, str]


def trace(scenario: Scenario, day: int = 1, seed: int = 1, replication: int = 1, most: int = 0) -> Iterator[str]:
    """
    The events of one day (of the whole calendar, where days are carried over), one line each.

    Examples:
        >>> import csim
        >>> lines = list(trace(csim.load_scenario("scenarios/centres/first_voice.yaml"), most=3))
        >>> print(lines[0])
        2026-06-01, seed 1, replication 1
    """
    for value, option, least in ((seed, "--seed", 0), (replication, "--replication", 1)):
        if value < least:
            raise UnknownNameError([Mistake(f"{value}: write a whole number, {least} or more", option)])
    rules = Rules.of(scenario)
    days = stretches(scenario, rules, draw(scenario, seed, replication))
    if not 1 <= day <= len(days):
        raise UnknownNameError([Mistake(f"day {day}: the scenario has days 1 to {len(days)}", "--day")])
    stretch = days[day - 1]
    path = reference.run(rules, stretch)
    events = sorted(happenings(scenario, rules, stretch, path))
    yield f"{stretch.opens:%Y-%m-%d}, seed {seed}, replication {replication}"
    for number, (at, _, _, what) in enumerate(events):
        if most and number >= most:
            yield f"… {len(events) - most:,} more events (--most 0 shows all)"
            return
        yield f"{_clock(stretch, at)}  {what}"
    counts = np.bincount(path.outcome, minlength=len(Outcome))
    yield "in all: " + ", ".join(f"{counts[o]:,} {o.name.lower()}" for o in Outcome)


def happenings(scenario: Scenario, rules: Rules, stretch: Stretch, path: Path) -> list[Event]:
    """(instant, kind, id, words) of everything that happened, for any engine's path."""
    names = Names.of(scenario)
    events: list[Event] = []
    for at, team, heads in path.duty:
        events.append((at, Kind.STAFFING, team, f"{names.groups[team]}: {heads} agents on duty"))
    for contact in range(len(path.end)):
        events += _of_contact(names, rules, stretch, path, contact)
    events.append((stretch.closes, Kind.CLOSE, 0, "the doors close"))
    return events


def _of_contact(names: Names, rules: Rules, stretch: Stretch, path: Path, contact: int) -> list[Event]:
    queue = names.queues[rules.lines[stretch.line[contact]].queue]
    arrival, end, who = stretch.arrival[contact], path.end[contact], f"#{contact + 1} ({queue})"
    outcome = Outcome(path.outcome[contact])
    if outcome is not Outcome.ANSWERED:
        left = {
            Outcome.ABANDONED: "hangs up",
            Outcome.BLOCKED: "is turned away",
            Outcome.OPEN: "is still waiting: open",
        }
        gone = (end, Kind.ABANDONMENT, contact, f"{who} {left[outcome]} after {end - arrival:.1f} s")
        return [(arrival, Kind.ARRIVAL, contact, f"{who} arrives"), gone]
    answer, agent = path.answer[contact], names.agents[path.agent[contact]]
    wait = answer - arrival
    met = f"after {wait:.1f} s" if wait > 0 else "at once"
    talk = (end, Kind.TALK_ENDS, contact, f"{who} ends with {agent} after {end - answer:.1f} s")
    events: list[Event] = [
        (arrival, Kind.ARRIVAL, contact, f"{who} arrives"),
        (answer, Kind.ABANDONMENT, contact, f"{who} is taken by {agent} {met}"),
        talk,
    ]
    if stretch.after_work[contact] > 0:
        free = end + stretch.after_work[contact]
        events.append((free, Kind.WRAP_ENDS, contact, f"{agent} finishes the after-work of #{contact + 1}"))
    return events


def _clock(stretch: Stretch, at: float) -> str:
    moment = stretch.opens + dt.timedelta(seconds=at)
    day = "" if moment.date() == stretch.opens.date() else f"+{(moment.date() - stretch.opens.date()).days}d "
    return f"{day}{moment:%H:%M:%S}.{moment.microsecond // 100000}"

"""A day's events in words: for learning how a centre works, and to see where two engines part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from csim.display.words import Words
from csim.engine import reference
from csim.engine.rules import Kind, Outcome, Path, Rules, Stretch, stretches
from csim.errors import Mistake, UnknownNameError
from csim.experiment.names import Names
from csim.scenario.load import Scenario
from csim.workload.draw import draw

Event = tuple[float, int, int, str]


def trace(
    scenario: Scenario, day: int = 1, seed: int = 1, replication: int = 1, most: int = 0, lang: str = "en"
) -> Iterator[str]:
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
    words, rules = Words(lang), Rules.of(scenario)
    days = stretches(scenario, rules, draw(scenario, seed, replication))
    if not 1 <= day <= len(days):
        raise UnknownNameError([Mistake(f"day {day}: the scenario has days 1 to {len(days)}", "--day")])
    stretch = days[day - 1]
    path = reference.run(rules, stretch)
    events = sorted(happenings(scenario, rules, stretch, path, lang))
    yield words("trace_title", date=f"{stretch.opens:%Y-%m-%d}", seed=seed, replication=replication)
    for number, (at, _, _, what) in enumerate(events):
        if most and number >= most:
            yield words("trace_more", count=f"{len(events) - most:,}")
            return
        yield f"{_clock(stretch, at)}  {what}"
    counts = np.bincount(path.outcome, minlength=len(Outcome))
    all_of_them = [words(f"trace_count_{o.name.lower()}", count=f"{counts[o]:,}") for o in Outcome]
    yield words("trace_in_all", counts=("，" if lang == "zh" else ", ").join(all_of_them))


def happenings(scenario: Scenario, rules: Rules, stretch: Stretch, path: Path, lang: str = "en") -> list[Event]:
    """(instant, kind, id, words) of everything that happened, for any engine's path."""
    names, words = Names.of(scenario), Words(lang)
    events: list[Event] = []
    for at, team, heads in path.duty:
        events.append((at, Kind.STAFFING, team, words("trace_duty", group=names.groups[team], heads=heads)))
    for contact in range(len(path.end)):
        events += _of_contact(names, words, rules, stretch, path, contact)
    events.append((stretch.closes, Kind.CLOSE, 0, words("trace_close")))
    return events


def _of_contact(
    names: Names, words: Words, rules: Rules, stretch: Stretch, path: Path, contact: int
) -> list[Event]:  # fmt: skip
    queue = names.queues[rules.lines[stretch.line[contact]].queue]
    arrival, end, who = stretch.arrival[contact], path.end[contact], f"#{contact + 1} ({queue})"
    outcome = Outcome(path.outcome[contact])
    arrives = (arrival, Kind.ARRIVAL, contact, words("trace_arrives", who=who))
    if outcome is not Outcome.ANSWERED:
        gone = words(f"trace_{outcome.name.lower()}", who=who, seconds=f"{end - arrival:.1f}")
        return [arrives, (end, Kind.ABANDONMENT, contact, gone)]
    answer, agent = path.answer[contact], names.agents[path.agent[contact]]
    wait = answer - arrival
    met = words("trace_taken" if wait > 0 else "trace_at_once", who=who, agent=agent, seconds=f"{wait:.1f}")
    ends = words("trace_ends", who=who, agent=agent, seconds=f"{end - answer:.1f}")
    events: list[Event] = [
        arrives, (answer, Kind.ABANDONMENT, contact, met), (end, Kind.TALK_ENDS, contact, ends),
    ]  # fmt: skip
    if stretch.after_work[contact] > 0:
        free = end + stretch.after_work[contact]
        events.append((free, Kind.WRAP_ENDS, contact, words("trace_wrapped", agent=agent, contact=f"#{contact + 1}")))
    return events


def _clock(stretch: Stretch, at: float) -> str:
    moment = stretch.opens + dt.timedelta(seconds=at)
    day = "" if moment.date() == stretch.opens.date() else f"+{(moment.date() - stretch.opens.date()).days}d "
    return f"{day}{moment:%H:%M:%S}.{moment.microsecond // 100000}"

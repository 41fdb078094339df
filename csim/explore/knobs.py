"""What can be moved in a scenario: each knob with its range, and the changes of the file that a position means."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from csim.scenario.load import Scenario
from csim.scenario.model import Distribution

Changes = dict[str, Any]
SCALES = (("h", 3600.0, 7200.0), ("min", 60.0, 600.0), ("s", 1.0, 0.0))  # unit, seconds, from where it is used


@dataclass(frozen=True)
class Knob:
    """
    One slider.

    Attributes:
        key: staffing, agents, volume, concurrency, patience, handle_time or answer_within.
        start: Where the scenario stands. low, high, step: Its range.
        unit: "times" (the plan), "agents", "chats", "more_chats" (than planned), "s", "min" or "h".
        changes: The changes of the file, by dotted path, that a position means.
    """

    key: str
    start: float
    low: float
    high: float
    step: float
    unit: str
    changes: Callable[[float], Changes] = field(repr=False, compare=False)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are positions."""
        return self.step == int(self.step) and self.start == int(self.start)


def knobs(scenario: Scenario, busiest: float = 3.0) -> list[Knob]:
    """
    The knobs of a scenario: one for each thing, moving all its queues or groups together.

    Where all of them have the same value the knob stands at it, else it is a factor.

    Args:
        busiest: How many times the planned volume can be asked for.

    Examples:
        >>> import csim
        >>> found = {knob.key: knob for knob in knobs(csim.load_scenario("scenarios/centres/first_chat.yaml"))}
        >>> list(found)
        ['agents', 'volume', 'concurrency', 'patience', 'handle_time', 'answer_within']
        >>> found["handle_time"].start, found["handle_time"].unit, found["handle_time"].changes(500)
        (480.0, 's', {'queues.chats.handle_time.mean': '500 s'})
        >>> found["concurrency"].changes(2)
        {'groups.team.concurrency': 2, 'groups.team.pace': [1.0, 0.95]}
    """
    queues = scenario.queues
    laws = {key: {name: getattr(queue, key) for name, queue in queues.items()} for key in ("patience", "handle_time")}
    found = [
        _staff(scenario),
        Knob("volume", 1.0, 0.5, busiest, 0.05, "times", lambda factor: _times(scenario, "queues", "arrivals", factor)),
        _chats(scenario),
        *(_durations(key, {f"queues.{name}.{key}.mean": _mean(law) for name, law in by_queue.items()})
          for key, by_queue in laws.items()),
        _durations("answer_within", {f"queues.{name}.answer_within": q.answer_within for name, q in queues.items()}),
    ]  # fmt: skip
    return [knob for knob in found if knob is not None]


def moved(them: Sequence[Knob], positions: dict[str, float]) -> Changes:
    """The changes of all knobs that do not stand where the scenario has them."""
    changes: Changes = {}
    for knob in them:
        at = positions.get(knob.key, knob.start)
        if at != knob.start:
            changes |= knob.changes(at)
    return changes


def _mean(law: Distribution | None) -> float | None:
    """The mean that the file states; None for patience without end and for measured samples."""
    return None if law is None else law.mean or None


def _staff(scenario: Scenario) -> Knob:
    flat = [name for name, group in scenario.groups.items() if group.agents.always is not None]
    if len(scenario.groups) == len(flat) == 1:
        heads = float(scenario.groups[flat[0]].agents.always or 0)
        high = heads + max(10.0, math.ceil(heads / 2))
        low = float(max(1, math.floor(heads / 2)))
        return Knob("agents", heads, low, high, 1.0, "agents", lambda n: {f"groups.{flat[0]}.agents": int(n)})

    def changes(factor: float) -> Changes:
        found = _times(scenario, "groups", "agents", factor)
        for name in flat:
            heads = scenario.groups[name].agents.always or 0
            del found[f"groups.{name}.agents.times"]
            found[f"groups.{name}.agents"] = math.floor(round(heads * factor, 9) + 0.5)
        return found

    fine = max(int(heads.max()) for heads in scenario.on_duty.values()) >= 50  # else a hundredth moves nobody
    return Knob("staffing", 1.0, 0.5, 1.5, 0.01 if fine else 0.05, "times", changes)


def _times(scenario: Scenario, part: str, key: str, factor: float) -> Changes:
    """A factor on every profile of a part, on top of one that the file has."""
    them = getattr(scenario, part)
    found = {}
    for name, spec in them.items():
        already = getattr(spec, key).times
        found[f"{part}.{name}.{key}.times"] = round(factor * (1.0 if already is None else already), 9)
    return found


def _chats(scenario: Scenario) -> Knob | None:
    """Chats held at once, in the groups that serve chats and have anybody on duty."""
    groups = {
        name: group
        for name, group in scenario.groups.items()
        if scenario.on_duty[name].any() and any(scenario.queues[queue].channel == "chat" for queue in group.serves)
    }
    if not groups:
        return None
    caps = {name: group.concurrency for name, group in groups.items()}
    room = min((len(g.pace) - g.concurrency for g in groups.values() if isinstance(g.pace, tuple)), default=8)
    least, most = min(caps.values()), max(caps.values())

    def changes(more: float) -> Changes:
        found: Changes = {}
        for name, group in groups.items():
            cap = group.concurrency + int(more)
            found[f"groups.{name}.concurrency"] = cap
            if isinstance(group.pace, tuple):
                found[f"groups.{name}.pace"] = list(group.pace[:cap])
        return found

    if least != most:
        return Knob("concurrency", 0.0, float(1 - least), float(room), 1.0, "more_chats", changes)
    return Knob("concurrency", float(least), 1.0, float(least + room), 1.0, "chats", lambda n: changes(n - least))


def _durations(key: str, given: dict[str, float | None]) -> Knob | None:
    """Durations in the file: one slider in seconds (minutes, hours) where they are alike, else a factor."""
    values = {path: value for path, value in given.items() if value}
    if not values:
        return None
    if len(set(values.values())) > 1:
        return Knob(
            key, 1.0, 0.25, 3.0, 0.05, "times", lambda f: {path: f"{v * f:.10g} s" for path, v in values.items()}
        )
    value = next(iter(values.values()))
    unit, seconds, _ = next(scale for scale in SCALES if value >= scale[2])
    start = value / seconds
    step = next(step for step in (1.0, 5.0, 10.0) if start / step <= 60 or step == 10.0) if unit == "s" else 0.5
    low = start - step * math.floor(start * 0.75 / step)
    high = start + step * math.ceil(start * 1.5 / step)
    return Knob(key, start, low, high, step, unit, lambda at: dict.fromkeys(values, f"{at:.10g} {unit}"))

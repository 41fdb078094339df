"""What the schema alone cannot see: names that must meet, loads that no staff can carry, numbers nobody has."""

from __future__ import annotations

import math

import numpy as np

from csim.errors import Mistake, did_you_mean
from csim.scenario.calendar import Days
from csim.scenario.model import Distribution, Queue, ScenarioFile
from csim.scenario.pace import pace_at, pace_steps
from csim.schema.located import Located
from csim.units import as_duration

UNSTABLE = 1.1  # offered ÷ capacity over a day from which a queue without patience only grows
SHORTEST_S, LONGEST_S = 5, 4 * 3600


def serving(file: ScenarioFile, queue: str, vendor: str | None = None) -> list[str]:
    """The groups that may take a contact of *queue* (of *vendor*), in the order in which it tries them."""
    shared = file.queues[queue].shares is not None
    groups = [
        name
        for name, group in file.groups.items()
        if queue in group.serves and (not shared or vendor is None or group.vendor == vendor)
    ]
    preferred = [name for name in file.queues[queue].prefers if name in groups]
    return preferred + [name for name in groups if name not in preferred]


def references(file: ScenarioFile, located: Located) -> list[Mistake]:
    """Names that point nowhere, queues that nobody serves, and rules that need what is not given."""
    found = []
    for name, group in file.groups.items():
        for i, queue in enumerate(group.serves):
            if queue not in file.queues:
                what = f'group "{name}" serves the unknown queue "{queue}": {did_you_mean(queue, file.queues)}'
                found.append(located.mistake(what, ("groups", name, "serves", i)))
        for queue in group.priority:
            if queue not in group.serves:
                what = f'priority for "{queue}", which this group does not serve: {did_you_mean(queue, group.serves)}'
                found.append(located.mistake(what, ("groups", name, "priority", queue), at_key=True))
    for name, spec in file.queues.items():
        found += _queue_references(file, name, spec, located)
    return found


def _queue_references(file: ScenarioFile, name: str, queue: Queue, located: Located) -> list[Mistake]:
    path = ("queues", name)
    groups = serving(file, name)
    if not groups:
        if not any(name in group.serves for group in file.groups.values()):
            what = f'nobody serves queue "{name}": add it to "serves" of a group ({", ".join(file.groups)})'
            return [located.mistake(what, path, at_key=True)]
        return []
    found = []
    for i, group in enumerate(queue.prefers):
        if group not in groups:
            what = f'"{group}" does not serve this queue: {did_you_mean(group, groups)}'
            found.append(located.mistake(what, (*path, "prefers", i)))
    if queue.shares is not None:
        vendors = {file.groups[group].vendor for group in groups}
        for vendor, share in queue.shares.items():
            if share > 0 and vendor not in vendors:
                what = f'vendor "{vendor}" has a share but no group that serves this queue'
                found.append(located.mistake(what, (*path, "shares", vendor), at_key=True))
        for group in groups:
            if file.groups[group].vendor not in queue.shares:
                what = (
                    f'group "{group}" serves "{name}", which is shared among vendors: give it "vendor: …" with a share'
                )
                found.append(located.mistake(what, ("groups", group, "vendor"), at_key=True))
    if file.routing.contact in ("not_yet_missed_first", "never_past_threshold") and queue.answer_within is None:
        what = f'contact order {file.routing.contact} needs a threshold: write "answer_within: 20 s"'
        found.append(located.mistake(what, (*path, "answer_within")))
    held = queue.handle_time.observed_at
    if held is not None:
        found += _observed(file, groups, held, located, (*path, "handle_time", "observed_at"))
    if queue.handle_time.mean == 0:
        found.append(located.mistake("a handle time of 0 s: write its mean", (*path, "handle_time", "mean")))
    for key, law in (("patience", queue.patience), ("after_work", queue.after_work)):
        if law is not None and law.observed_at is not None:
            found.append(located.mistake("only handle_time is observed at a load", (*path, key, "observed_at")))
    return found


def _observed(file: ScenarioFile, groups: list[str], held: int, located: Located, path: tuple) -> list[Mistake]:
    for group in groups:
        if isinstance(file.groups[group].pace, tuple) and held > file.groups[group].concurrency:
            what = (
                f'observed at {held} chats, but the pace of "{group}" is given up to {file.groups[group].concurrency}'
            )
            return [located.mistake(what, path)]
    paces = {round(pace_at(file.groups[group], held), 12) for group in groups}
    if len(paces) > 1:
        return [located.mistake(f"the groups serving this queue differ in pace at {held} chats: state it at 1", path)]
    return []


def mean_s(law: Distribution) -> float:
    """Mean of a law, s."""
    return law.mean_s


def implausible(file: ScenarioFile) -> list[str]:
    """Legal input that hardly any centre has."""
    found = []
    for name, queue in file.queues.items():
        handle = mean_s(queue.handle_time)
        if handle < SHORTEST_S or handle > LONGEST_S:
            found.append(f"queues.{name}.handle_time: a mean of {as_duration(handle)} is unusual: check the unit")
    for name, group in file.groups.items():
        channels = {file.queues[queue].channel for queue in group.serves}
        if channels == {"voice", "chat"}:
            found.append(
                f"groups.{name}: serves voice and chat: an agent with chats takes the next chat though a call waits"
            )
        if channels == {"voice"} and group.concurrency > 1:
            found.append(f"groups.{name}: concurrency {group.concurrency} has no effect on voice")
    return found


def work_s(file: ScenarioFile, name: str) -> float:
    """Agent-seconds at pace 1, after-work included, that one contact of a queue brings on average."""
    queue = file.queues[name]
    handle = mean_s(queue.handle_time)
    if queue.handle_time.observed_at:
        handle *= pace_at(file.groups[serving(file, name)[0]], queue.handle_time.observed_at)
    return handle + (mean_s(queue.after_work) if queue.after_work else 0.0)


def load(
    file: ScenarioFile, days: Days, expected: dict, on_duty: dict, located: Located
) -> tuple[list[Mistake], list[str]]:
    """Queues whose load is beyond what their groups can carry: refused without patience, else a warning."""
    refused, warned = [], []
    for name, queue in file.queues.items():
        groups = serving(file, name)
        best = {
            g: 1.0 if queue.channel == "voice" else max(k * p for k, p in enumerate(pace_steps(file.groups[g]), 1))
            for g in groups
        }
        offered = expected[name] * work_s(file, name)
        capacity = sum(on_duty[g] * best[g] for g in groups) * days.interval_s
        loads = np.divide(offered.sum(1), capacity.sum(1), out=np.full(len(days), math.inf), where=capacity.sum(1) > 0)
        worst = int(np.argmax(np.where(offered.sum(1) > 0, loads, 0)))
        if offered[worst].sum() == 0:
            continue
        said = f"{days.dates[worst]}: {_times(loads[worst])} what its agents can carry"
        if queue.patience is None and queue.max_waiting is None and loads[worst] > UNSTABLE:
            what = f"unstable: the load of {said}, and nobody ever hangs up: add agents, patience or max_waiting"
            refused.append(located.mistake(what, ("queues", name), at_key=True))
        elif loads[worst] > 1:
            warned.append(f"queues.{name}: the load of {said}; whoever is impatient will leave")
    return refused, warned


def _times(load: float) -> str:
    return "infinitely" if math.isinf(load) else f"{load:.2f} times"

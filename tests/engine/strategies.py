"""
Small legal centres over the whole rule set, for property tests of one engine or the same path of two.

`centres()` draws a `Centre`: a scenario dict, a seed and a grid. On a grid every arrival, duration and patience is a
multiple of ten seconds (ten minutes, round the clock), like the intervals, so that events of all kinds fall on the
same instants. From another folder of tests: `from ..engine.strategies import centres`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from csim import InputError, load_scenario
from csim.engine.rules import Rules, Stretch, stretches
from csim.scenario.load import Scenario
from csim.workload.draw import Workload, draw

CALENDARS = (  # (interval, intervals of a day at most, unit of durations); the last two go over a change of clocks
    ({"start": "2026-06-01T09:00", "interval": "5 min"}, 4, "s"),
    ({"start": "2026-06-01T09:00", "interval": "10 min"}, 3, "s"),
    ({"start": "2026-03-28T00:00", "timezone": "Europe/Berlin", "interval": "12 h"}, 2, "min"),
    ({"start": "2026-10-24T21:30", "timezone": "Europe/Berlin", "interval": "6 h"}, 4, "min"),
)
MULTIPLES = st.sampled_from([10, 20, 30, 60, 120, 300])
PACES = ([1.0, 0.5, 0.5, 0.25], [1.0, 1.0, 1.0, 1.0], [1.0, 0.9, 0.7, 0.55], [1.0, 0.25, 0.5, 0.3])


@dataclass(frozen=True)
class Centre:
    """A scenario as its file would have it, the seed of its chance, and the grid on which all falls (None: no grid)."""

    data: dict[str, Any]
    seed: int
    grid_s: float | None

    def played(self) -> tuple[Scenario, Rules, Workload, list[Stretch]]:
        """Scenario, rules, workload and the stretches an engine is given; unstable centres are not played."""
        try:
            scenario = load_scenario(self.data)
        except InputError as error:
            unstable = all(mistake.what.startswith("unstable") for mistake in error.mistakes)
            if not unstable:
                raise  # the strategy wrote something illegal
            assume(False)
        rules, workload = Rules.of(scenario), draw(scenario, self.seed, replication=1)
        days = stretches(scenario, rules, workload)
        return scenario, rules, workload, [gridded(day, self.grid_s) for day in days] if self.grid_s else days


def gridded(stretch: Stretch, step: float) -> Stretch:
    """The stretch with arrivals moved down, and durations and patience up, to whole multiples of *step*."""
    arrival = np.floor(stretch.arrival / step) * step
    return replace(
        stretch,
        arrival=arrival,
        work=np.maximum(np.ceil(stretch.work / step), 1) * step,
        after_work=np.ceil(stretch.after_work / step) * step,
        deadline=arrival + np.ceil((stretch.deadline - stretch.arrival) / step) * step,
    )


@st.composite
def laws(draw: st.DrawFn, unit: str) -> dict[str, Any]:
    """A duration: constants are frequent, so that events tie."""
    kind = draw(st.sampled_from(["constant", "constant", "exponential", "lognormal", "gamma", "weibull"]))
    law: dict[str, Any] = {"distribution": kind, "mean": f"{draw(MULTIPLES)} {unit}"}
    return law | ({"cv": draw(st.sampled_from([0.3, 1.5]))} if kind in ("lognormal", "gamma", "weibull") else {})


@st.composite
def patience(draw: st.DrawFn, unit: str) -> dict[str, Any] | str:
    """How long people wait: for ever, exponentially or exactly so long (0 too)."""
    kind = draw(st.sampled_from(["never", "exponential", "constant", "constant"]))
    if kind == "never":
        return kind
    mean = draw(MULTIPLES if kind == "exponential" else st.sampled_from([0, 10, 30, 60, 300]))
    return {"distribution": kind, "mean": f"{mean} {unit}"}


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], int, str]:
    """A calendar, the number of intervals of its day, and the unit in which its durations come."""
    basis, most, unit = draw(st.sampled_from(CALENDARS))
    count = draw(st.integers(1, most))
    step, of_time = basis["interval"].split()
    calendar = basis | {
        "days": draw(st.integers(1, 3)),
        "open": f"{int(step) * count} {of_time}",
        "warmup": draw(st.sampled_from(["0 min", "10 min", "20 min"])),
        "carry_over": draw(st.booleans()),
        "after_close": draw(st.sampled_from(["drain", "hang_up"])),
    }
    return calendar | draw(st.sampled_from([{}, {"day_factor": {"cv": 0.5}}])), count, unit


@st.composite
def queues(draw: st.DrawFn, groups: dict[str, dict], name: str, intervals: int, unit: str) -> dict[str, Any]:
    """A queue that the groups naming it serve; vendors share it where all of those groups have one."""
    per_interval = st.lists(st.sampled_from([0, 2, 6, 15]), min_size=intervals, max_size=intervals)
    queue: dict[str, Any] = {
        "channel": draw(st.sampled_from(["voice", "chat"])),
        "arrivals": {"per_interval": draw(per_interval)},
        "patience": draw(patience(unit)),
        "handle_time": draw(laws(unit)),
        "answer_within": f"{draw(st.sampled_from([0, 10, 20, 60]))} {unit}",
        "priority": draw(st.integers(1, 3)),
        "balk": draw(st.sampled_from(["0%", "0%", "0%", "30%", "100%"])),
    }
    if draw(st.booleans()):
        queue["after_work"] = draw(laws(unit))
    if draw(st.booleans()):
        queue["max_waiting"] = draw(st.integers(0, 3))
    serving = [group for group, spec in groups.items() if name in spec["serves"]]
    if draw(st.booleans()):
        queue["prefers"] = draw(st.permutations(serving))[: draw(st.integers(0, len(serving)))]
    vendors = list(dict.fromkeys(groups[group].get("vendor") for group in serving))
    if None not in vendors and draw(st.booleans()):
        parts = {1: ([1.0],), 2: ([0.5, 0.5], [0.25, 0.75], [1.0, 0.0])}.get(len(vendors), ([0.5, 0.25, 0.25],))
        queue["shares"] = dict(zip(vendors, draw(st.sampled_from(parts)), strict=True))
    return queue


@st.composite
def teams(draw: st.DrawFn, names: list[str], intervals: int) -> dict[str, dict[str, Any]]:
    """One to three groups; every queue is served by at least one."""
    groups: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 3))):
        serves = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        steps = draw(st.lists(st.sampled_from([1, 0, 2, 3]), min_size=intervals, max_size=intervals))
        agents = draw(st.sampled_from([max(steps), {"per_interval": steps}]))
        groups[f"group_{number}"] = {"serves": serves, "agents": agents, "concurrency": draw(st.integers(1, 4))}
    unserved = [name for name in names if not any(name in group["serves"] for group in groups.values())]
    next(iter(groups.values()))["serves"] += unserved
    for group in groups.values():
        if draw(st.booleans()):
            group["priority"] = {name: draw(st.integers(1, 3)) for name in group["serves"][:2]}
        if draw(st.booleans()):
            group["vendor"] = draw(st.sampled_from(["A", "B", "C"]))
        pace = draw(st.sampled_from([None, *PACES, {"compose": "10 s", "customer": "30 s"}]))
        if pace is not None:
            group["pace"] = pace[: group["concurrency"]] if isinstance(pace, list) else pace
    return groups


@st.composite
def centres(draw: st.DrawFn, on_grid: bool | None = None) -> Centre:
    """A legal small centre: one to three queues, one to three groups, one to three days, every rule there is."""
    calendar, intervals, unit = draw(calendars())
    names = [f"queue_{number}" for number in range(draw(st.integers(1, 3)))]
    groups = draw(teams(names, intervals))
    data = {
        "csim": "scenario/1",
        "name": "drawn",
        "calendar": calendar,
        "queues": {name: draw(queues(groups, name, intervals, unit)) for name in names},
        "groups": groups,
        "routing": {
            "agent": draw(st.sampled_from(["longest_idle", "least_loaded"])),
            "contact": draw(st.sampled_from(["fifo", "lifo", "not_yet_missed_first", "never_past_threshold"])),
        },
    }
    gridded_too = draw(st.booleans()) if on_grid is None else on_grid
    return Centre(data, draw(st.integers(0, 10_000)), {"s": 10.0, "min": 600.0}[unit] if gridded_too else None)

"""Replications of a scenario, pooled: KPIs with intervals, by queue, vendor, group, month, day and interval."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.read import LogWarning
from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.experiment.counting import Counts, views
from csim.experiment.executors import executor_of, in_order, workers_of
from csim.experiment.intervals import Moments
from csim.experiment.precision import batches, precision, unreached
from csim.experiment.replicate import Plan, replicate
from csim.experiment.simulation import Simulation
from csim.kpi.sums import Measures
from csim.kpi.table import ratio_parts
from csim.kpi.targets import targets
from csim.scenario.load import Scenario, load_scenario
from csim.workload.replay import Trace

ENGINES = ("auto", "reference", "compiled")
WORTH_SENDING = {"reference": 30_000, "compiled": 1_500_000}  # contacts: what an engine does in some tenths of a second
SENT_AT_ONCE = 100_000  # sums of all formulas: some megabytes
Progress = Callable[[int, int, int], None]


def simulate(
    scenario: Scenario | str | Path | dict,
    replications: int = 20,
    seed: int = 1,
    engine: str = "auto",
    executor: Executor | str | None = None,
    keep_contacts: bool = False,
    extensions: Iterable[Callable] = (),
    until: str | Sequence[str] = (),
    at_most: int = 2000,
    progress: Progress | None = None,
    trace: pd.DataFrame | Trace | None = None,
    kpis: Iterable[str] | None = None,
) -> Simulation:
    """
    What a scenario leads to: independent replications of its calendar, and KPIs with 95 % intervals.

    Args:
        scenario: A `Scenario`, or what `load_scenario` takes.
        replications: How many times the whole calendar is played; one gives values without intervals.
        seed: Two runs with the same seed share their luck contact by contact, whatever else differs.
        engine: "auto" takes the fastest engine that can; "reference" is SimPy; "compiled" needs numba.
        executor: Who computes: None (this process), "processes:4", "threads:2", "dask-local:2",
            "dask:tcp://host:8786", or any `concurrent.futures.Executor`. The numbers are the same.
        keep_contacts: Keep every contact and agent state (`sim.contacts`, `sim.agent_states`).
        extensions: SimPy processes of your own, each called with the `Centre` when a day begins.
        until: Go on beyond `replications` until these half-widths hold: "service_level ±0.5%", "asa ±1 s",
            "service_level@presales ±1%". The result equals a plain run of the length it took. Looking often
            makes the intervals slightly too short: ask for a little more than you need.
        at_most: The ceiling of replications for `until`.
        progress: Called with (replications done, of how many, contacts so far).
        trace: A contact log whose own arrivals and handle times take the place of drawn ones, on its own dates: only
            patience, after-work the log lacks, and routing remain the model's (`csim.workload.replay.Trace`). What
            arrives on days or at hours the scenario is closed, or in other queues, is left out, with a warning.
        kpis: Measure these and no others, which is sooner done; their numbers are the same.

    Raises:
        InputError: A scenario with mistakes, fewer than one replication, an unknown engine.

    Examples:
        >>> import csim
        >>> sim = csim.simulate("scenarios/centres/first_voice.yaml", replications=5, seed=7)
        >>> sim.value("abandonment_rate") < 0.1
        True
        >>> same = csim.simulate("scenarios/centres/first_voice.yaml", replications=5, seed=7, kpis=["occupancy"])
        >>> same.value("occupancy") == sim.value("occupancy"), list(same.kpis["kpi"])
        (True, ['occupancy'])
    """
    scenario = load_scenario(scenario)
    replayed = _placed(scenario, trace) if isinstance(trace, pd.DataFrame) else trace
    scenario = scenario if replayed is None else replayed.scenario
    first, seed = _whole(replications, "replications", 1), _whole(seed, "seed", 0)
    chosen, why = chosen_engine(engine, tuple(extensions))
    most = max(first, _whole(at_most, "at_most", 1)) if until else first
    rows = most * _contacts(scenario) if chosen == "compiled" else 0.0
    only = None if kpis is None else tuple(kpis)
    plan = Plan(scenario, seed, chosen, keep_contacts, tuple(extensions), rows, replayed, only)
    targets(scenario, plan.catalogue)  # a target that no KPI can have is refused before anything runs
    queues = list(scenario.queues)
    wishes = [precision(text, plan.measured, queues) for text in ([until] if isinstance(until, str) else until)]
    looks = batches(first, most) if wishes else [range(1, first + 1)]
    pool = Pool(plan, first)
    with executor_of(executor) as workers:
        for batch in looks:
            for counts in in_order(replicate, plan, batch, workers, _chunk(plan, len(batch), workers)):
                pool.add(counts)
                if progress is not None:
                    progress(pool.done, batch.stop - 1, pool.offered)
            if wishes and not unreached(pool.simulation(chosen, why).kpis, wishes):
                break
    return pool.simulation(chosen, why)


def _placed(scenario: Scenario, contacts: pd.DataFrame) -> Trace:
    """A log on the scenario's days, with a warning of what does not fit."""
    found = Trace.of(scenario, contacts)
    if found.left_out:
        warnings.warn("\n".join(note.text("en") for note in found.notes()), LogWarning, stacklevel=3)
    return found


def _whole(number: Any, name: str, least: int) -> int:
    if isinstance(number, bool) or int(number) != number or number < least:
        raise UnknownNameError([Mistake(f"{name} {number}: write a whole number, {least} or more", name)])
    return int(number)


def chosen_engine(engine: str, extensions: Sequence) -> tuple[str, str]:
    """The engine that will run, and why."""
    if engine not in ENGINES:
        raise UnknownNameError([Mistake(f'"{engine}" is no engine: {did_you_mean(engine, ENGINES)}', "engine")])
    if engine == "reference":
        return engine, "asked for"
    numba = importlib.util.find_spec("numba") is not None
    if engine == "compiled" and extensions:
        raise UnknownNameError([Mistake("extensions are SimPy processes: write auto or reference", "engine")])
    if engine == "compiled" and not numba:
        raise UnknownNameError([Mistake("the compiled engine needs numba: pip install csim[fast]", "engine")])
    if extensions:
        return "reference", "extensions are SimPy processes"
    if not numba:
        return "reference", "numba is not installed (pip install csim[fast])"
    return "compiled", "asked for" if engine == "compiled" else "the fastest that can"


def _chunk(plan: Plan, replications: int, workers: Executor | None) -> int:
    """Replications per task: some tenths of a second, which is worth sending, at least four tasks per worker."""
    scenario = plan.scenario
    contacts = WORTH_SENDING[plan.engine] // max(_contacts(scenario), 1)
    cells = len(scenario.days) * scenario.days.intervals * len(views(scenario))
    return int(max(1, min(replications // (workers_of(workers) * 4), contacts, SENT_AT_ONCE // cells)))


def _contacts(scenario: Scenario) -> float:
    """Expected contacts of one replication."""
    return float(sum(expected.sum() for expected in scenario.expected.values()))


class Stack:
    """Arrays of one shape, one beside the other in memory of their own."""

    def __init__(self, room: int) -> None:
        self.room, self.count, self._rows = room, 0, np.zeros(0)

    def add(self, row: np.ndarray) -> None:
        """One more."""
        if not self.count:
            self._rows = np.empty((self.room, *row.shape), row.dtype)
        elif self.count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self.count] = row
        self.count += 1

    @property
    def rows(self) -> np.ndarray:
        """[number, …]"""
        return self._rows[: self.count]


class Pool:
    """Takes the counts of replications in their order and keeps what tables need: *room* for so many, and more."""

    def __init__(self, plan: Plan, room: int = 1) -> None:
        self.plan = plan
        self.measures: Measures | None = None
        self.done = self.offered = 0
        self.interval, self.group_interval = Moments(), Moments()
        self.waits: np.ndarray | int = 0
        self.stacks = {name: Stack(room) for name in ("day", "group", "special", "special_group")}
        self.contacts: list[pd.DataFrame] = []
        self.states: list[pd.DataFrame] = []

    def add(self, counts: Counts) -> None:
        """One more replication."""
        if self.measures is None:
            self.measures = counts.measures
        self.done += 1
        self.offered += counts.offered
        numerator, denominator = ratio_parts(self.measures, counts.interval)
        self.interval.add(numerator, denominator)
        self.group_interval.add(counts.group_interval, counts.group_interval)
        self.waits = self.waits + counts.waits
        for name, stack in self.stacks.items():
            stack.add(getattr(counts, name))
        if counts.contacts is not None and counts.states is not None:
            self.contacts.append(counts.contacts)
            self.states.append(counts.states)

    def simulation(self, engine: str, why: str) -> Simulation:
        """Everything pooled."""
        assert self.measures is not None
        return Simulation(
            scenario=self.plan.scenario, seed=self.plan.seed, engine=engine, engine_why=why,
            catalogue=self.plan.catalogue,
            measures=self.measures, views=tuple(views(self.plan.scenario)), offered=self.offered,
            day_sums=self.stacks["day"].rows, group_sums=self.stacks["group"].rows,
            specials=self.stacks["special"].rows, group_specials=self.stacks["special_group"].rows,
            interval_moments=self.interval, group_interval_moments=self.group_interval,
            waits_within=np.asarray(self.waits),
            kept_contacts=tuple(self.contacts), kept_states=tuple(self.states),
        )  # fmt: skip

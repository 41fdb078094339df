"""Replications of a scenario, pooled: KPIs with intervals, by queue, vendor, group, month, day and interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.experiment.executors import executor_of, in_order
from csim.experiment.intervals import Moments
from csim.experiment.replicate import Counts, Plan, replicate, views
from csim.experiment.simulation import Simulation
from csim.kpi.sums import Measures
from csim.kpi.table import ratio_parts
from csim.scenario.load import Scenario, load_scenario

ENGINES = ("auto", "reference", "compiled")
Progress = Callable[[int, int, int], None]


def simulate(
    scenario: Scenario | str | Path | dict,
    replications: int = 20,
    seed: int = 1,
    engine: str = "auto",
    executor: Executor | str | None = None,
    keep_contacts: bool = False,
    extensions: Iterable[Callable] = (),
    progress: Progress | None = None,
) -> Simulation:
    """
    What a scenario leads to: independent replications of its calendar, and KPIs with 95 % intervals.

    Args:
        scenario: A `Scenario`, or what `load_scenario` takes.
        replications: How many times the whole calendar is played; one gives values without intervals.
        seed: Two runs with the same seed share their luck contact by contact, whatever else differs.
        engine: "auto" takes the fastest engine that can; "reference" is SimPy; "compiled" needs numba.
        executor: Who computes: None (this process), "processes:4", "threads:2", or any
            `concurrent.futures.Executor`. The numbers are the same.
        keep_contacts: Keep every contact and agent state (`sim.contacts`, `sim.agent_states`).
        extensions: SimPy processes of your own, each called with the `Centre` when a day begins.
        progress: Called with (replications done, of how many, contacts so far).

    Raises:
        InputError: A scenario with mistakes, fewer than one replication, an unknown engine.

    Examples:
        >>> import csim
        >>> sim = csim.simulate("scenarios/centres/first_voice.yaml", replications=5, seed=7)
        >>> sim.value("abandonment_rate") < 0.1
        True
    """
    scenario = load_scenario(scenario)
    if isinstance(replications, bool) or int(replications) != replications or replications < 1:
        raise UnknownNameError(
            [Mistake(f"{replications} replications: write a whole number, 1 or more", "replications")]
        )
    if isinstance(seed, bool) or int(seed) != seed or seed < 0:
        raise UnknownNameError([Mistake(f"seed {seed}: write a whole number, 0 or more", "seed")])
    chosen, why = chosen_engine(engine, tuple(extensions))
    plan = Plan(scenario, int(seed), chosen, keep_contacts, tuple(extensions))
    own = isinstance(executor, str)
    workers = executor_of(executor) if isinstance(executor, str) else executor
    numbers = range(1, int(replications) + 1)
    pool = Pool(plan)
    try:
        for counts in in_order(replicate, plan, numbers, workers, _chunk(scenario, len(numbers), workers)):
            pool.add(counts)
            if progress is not None:
                progress(pool.done, len(numbers), pool.offered)
    finally:
        if own and workers is not None:
            workers.shutdown(wait=True, cancel_futures=True)
    return pool.simulation(chosen, why)


def chosen_engine(engine: str, extensions: Sequence) -> tuple[str, str]:
    """The engine that will run, and why."""
    if engine not in ENGINES:
        raise UnknownNameError([Mistake(f'"{engine}" is no engine: {did_you_mean(engine, ENGINES)}', "engine")])
    if engine == "compiled":
        raise UnknownNameError([Mistake("this version has no compiled engine yet: write auto or reference", "engine")])
    return "reference", "asked for" if engine == "reference" else "the only engine of this version"


def _chunk(scenario: Scenario, replications: int, workers: Executor | None) -> int:
    """Replications per task: enough contacts to be worth sending, at least four tasks per worker."""
    contacts = sum(expected.sum() for expected in scenario.expected.values())
    busy = getattr(workers, "_max_workers", 1) * 4
    return int(max(1, min(replications // busy, 20_000 // max(contacts, 1))))


class Pool:
    """Takes the counts of replications in their order and keeps what tables need."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.measures: Measures | None = None
        self.done = self.offered = 0
        self.interval, self.group_interval = Moments(), Moments()
        self.rows: dict[str, list[Any]] = {
            name: [] for name in ("day", "group", "special", "special_group", "waits", "contacts", "states")
        }

    def add(self, counts: Counts) -> None:
        """One more replication."""
        if self.measures is None:
            self.measures = counts.measures
        self.done += 1
        self.offered += counts.offered
        numerator, denominator = ratio_parts(self.measures, counts.interval)
        self.interval.add(numerator, denominator)
        self.group_interval.add(counts.group_interval, counts.group_interval)
        for name, kept in self.rows.items():
            kept.append(getattr(counts, name))

    def simulation(self, engine: str, why: str) -> Simulation:
        """Everything pooled."""
        assert self.measures is not None
        return Simulation(
            scenario=self.plan.scenario, seed=self.plan.seed, engine=engine, engine_why=why,
            catalogue=self.plan.catalogue,
            measures=self.measures, views=tuple(views(self.plan.scenario)), offered=self.offered,
            day_sums=np.array(self.rows["day"]), group_sums=np.array(self.rows["group"]),
            specials=np.array(self.rows["special"]), group_specials=np.array(self.rows["special_group"]),
            interval_moments=self.interval, group_interval_moments=self.group_interval,
            waits_within=np.sum(self.rows["waits"], axis=0),
            kept_contacts=tuple(self.rows["contacts"]), kept_states=tuple(self.rows["states"]),
        )  # fmt: skip

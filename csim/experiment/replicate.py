"""One replication: draw, run, record, add up. What comes back is small, whatever the number of contacts."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from csim.engine.rules import Plans, Rules, staffing_plans, stretches
from csim.experiment.counting import Counting, Counts
from csim.experiment.frames import contact_frame, state_frame
from csim.experiment.record import Bookkeeper, Record
from csim.kpi.catalogue import Catalogue, catalogue
from csim.loops import keep_freed_memory
from csim.scenario.load import Scenario
from csim.workload.draw import Draws
from csim.workload.replay import Replays, Trace


@dataclass(frozen=True)
class Plan:
    """
    What every replication of an experiment has in common; sent to workers once per chunk.

    `rows` says how many contacts are expected in all replications, 0 where no machine code is wanted.
    """

    scenario: Scenario
    seed: int
    engine: str
    keep_contacts: bool
    extensions: tuple[Any, ...] = ()
    rows: float = 0.0
    trace: Trace | None = None  # a log's own contacts instead of drawn ones
    kpis: tuple[str, ...] | None = None  # what is measured; None: everything

    @property
    def catalogue(self) -> Catalogue:
        return catalogue().with_own(self.scenario.file.kpis)

    @property
    def measured(self) -> Catalogue:
        """The part of the catalogue that is measured."""
        return self.catalogue if self.kpis is None else self.catalogue.only(self.kpis)

    @cached_property
    def studio(self) -> Studio:
        """What is made of it once and used by all replications of a process."""
        return Studio.of(self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "studio"}


def replicate(plan: Plan, replications: Sequence[int]) -> list[Counts]:
    """The counts of some replications; any process that has the plan computes the same."""
    return [plan.studio.counts(replication) for replication in replications]


@dataclass(frozen=True)
class Studio:
    """Everything that plays replications of one plan: what draws, what runs, what records, what adds up."""

    plan: Plan
    rules: Rules
    staffing: Plans
    draws: Draws | Replays
    run: Callable
    books: Bookkeeper
    counting: Counting

    @classmethod
    def of(cls, plan: Plan) -> Studio:
        scenario = plan.scenario
        keep_freed_memory()
        draws = Draws(scenario, rows=plan.rows) if plan.trace is None else Replays(plan.trace)
        return cls(
            plan, Rules.of(scenario), staffing_plans(scenario), draws,
            importlib.import_module(f"csim.engine.{plan.engine}").run,
            Bookkeeper(scenario, plan.rows), Counting(scenario, plan.measured, plan.rows),
        )  # fmt: skip

    def counts(self, replication: int) -> Counts:
        """One replication, added up block after block; its logs beside it when they are kept."""
        scenario, kept = self.plan.scenario, self.plan.keep_contacts
        if not kept:
            return self.counting.counts(replication, self.played(replication))
        books = list(self.played(replication))
        contacts = pd.concat([contact_frame(scenario, replication, each.contacts) for each in books], ignore_index=True)
        states = pd.concat([state_frame(scenario, replication, each.all_states) for each in books], ignore_index=True)
        return dataclasses.replace(self.counting.counts(replication, books), contacts=contacts, states=states)

    def played(self, replication: int) -> Iterator[Record]:
        """The books of one replication, a block of days after the other."""
        more = [self.plan.extensions] if self.plan.extensions else []
        for workload in self.draws.blocks(self.plan.seed, replication):
            days = stretches(self.plan.scenario, self.rules, workload, self.staffing)
            yield self.books.books(workload, days, [self.run(self.rules, day, *more) for day in days])

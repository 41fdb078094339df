"""One replication: draw, run, record, add up. What comes back is small, whatever the number of contacts."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from csim.engine.rules import Rules, stretches
from csim.experiment.counting import Counts, counts_of
from csim.experiment.frames import contact_frame, state_frame
from csim.experiment.record import record
from csim.kpi.catalogue import Catalogue, catalogue
from csim.scenario.load import Scenario
from csim.workload.draw import draw


@dataclass(frozen=True)
class Plan:
    """What every replication of an experiment has in common; sent to workers once per chunk."""

    scenario: Scenario
    seed: int
    engine: str
    keep_contacts: bool
    extensions: tuple[Any, ...] = ()

    @property
    def catalogue(self) -> Catalogue:
        return catalogue().with_own(self.scenario.file.kpis)


def replicate(plan: Plan, replications: Sequence[int]) -> list[Counts]:
    """The counts of some replications; any process that has the plan computes the same."""
    rules = Rules.of(plan.scenario)
    return [_one(plan, rules, replication) for replication in replications]


def _one(plan: Plan, rules: Rules, replication: int) -> Counts:
    run = importlib.import_module(f"csim.engine.{plan.engine}").run
    scenario = plan.scenario
    workload = draw(scenario, plan.seed, replication)
    days = stretches(scenario, rules, workload)
    paths = [run(rules, day, *([plan.extensions] if plan.extensions else [])) for day in days]
    books = record(scenario, workload, days, paths)
    counts = counts_of(scenario, plan.catalogue, replication, books)
    if not plan.keep_contacts:
        return counts
    contacts = contact_frame(scenario, replication, books.contacts)
    return dataclasses.replace(counts, contacts=contacts, states=state_frame(scenario, replication, books.states))

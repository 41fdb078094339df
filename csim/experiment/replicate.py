"""One replication: draw, run, record, add up. What comes back is small, whatever the number of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csim.engine.rules import Rules, stretches
from csim.experiment.record import Names, Record, contact_frame, record, state_frame
from csim.kpi.catalogue import Catalogue, catalogue
from csim.kpi.sums import Measures, Special, contact_columns, state_columns, summed
from csim.scenario.load import Scenario
from csim.workload.draw import draw

WAIT_EDGES = np.arange(0.0, 601.0, 5.0)  # s, for the distribution of waits
View = tuple[str | None, str | None]  # (queue, vendor); None: all of them


@dataclass(frozen=True)
class Counts:
    """
    The sums of one replication, formulas in the order of `Measures`.

    Attributes:
        day: [day, view, formula], overtime included. interval: [day, interval, view, formula].
        group: [group, formula]. group_interval: [day, interval, group, formula over states].
        waits: [view, answered or abandoned, edge]: contacts that were, within each of `WAIT_EDGES`.
        special: [window, view, special KPI]; windows: the replication, each month, each day.
        contacts, states: The logs, when kept.
    """

    replication: int
    measures: Measures
    offered: int
    day: np.ndarray
    interval: np.ndarray
    group: np.ndarray
    group_interval: np.ndarray
    waits: np.ndarray
    special: np.ndarray
    special_group: np.ndarray
    contacts: pd.DataFrame | None = None
    states: pd.DataFrame | None = None


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


def views(scenario: Scenario) -> list[View]:
    """Each queue, each queue's vendors, all, and all of each vendor: the rows that tables have."""
    names = Names.of(scenario)
    found: list[View] = []
    for queue, spec in scenario.queues.items():
        found.append((queue, None))
        found += [(queue, vendor) for vendor in spec.shares or {}]
    return [*found, (None, None), *((None, vendor) for vendor in names.vendors)]


def replicate(plan: Plan, replications: Sequence[int]) -> list[Counts]:
    """The counts of some replications; any process that has the plan computes the same."""
    rules = Rules.of(plan.scenario)
    return [_one(plan, rules, replication) for replication in replications]


def _one(plan: Plan, rules: Rules, replication: int) -> Counts:
    from csim.engine import reference

    scenario = plan.scenario
    workload = draw(scenario, plan.seed, replication)
    days = stretches(scenario, rules, workload)
    paths = [reference.run(rules, day, plan.extensions) for day in days]
    books = record(scenario, workload, days, paths)
    kept = plan.keep_contacts
    return _counts(
        plan,
        replication,
        books,
        contact_frame(scenario, replication, books.contacts) if kept else None,
        state_frame(scenario, replication, books.states) if kept else None,
    )


def _counts(
    plan: Plan, replication: int, books: Record, contacts: pd.DataFrame | None, states: pd.DataFrame | None
) -> Counts:
    scenario = plan.scenario
    names, rows = Names.of(scenario), views(scenario)
    calls, spans = contact_columns(books.contacts), state_columns(books.states)
    measures = Measures.of(plan.catalogue, calls, spans, simulated=True)
    interval, day, group_interval = _contact_and_state_sums(scenario, names, rows, measures, calls, spans)
    groups = len(names.groups)
    has_group = calls["group"] >= 0
    of_contacts = summed(
        measures.contacts, {k: v[has_group] for k, v in calls.items()}, calls["group"][has_group], groups
    )
    of_states = summed(measures.states, spans, spans["group"], groups)
    masks = [(_row_mask(names, view, calls), _state_mask(names, view, spans)) for view in rows]
    by_group = [(calls["group"] == g, spans["group"] == g) for g in range(groups)]
    special = [
        Special.of(kpi, *((calls, len(calls["wait"])) if kpi.over == "contacts" else (spans, len(spans["state"]))))
        for kpi in measures.special
    ]
    in_windows = [[_specials(special, mask, window) for mask in masks] for window in _windows(scenario, calls, spans)]
    in_groups = [_specials(special, mask, (True, True)) for mask in by_group]
    return Counts(
        replication=replication, measures=measures, offered=len(calls["wait_s"]),
        day=day, interval=interval, group=np.hstack([of_contacts, of_states]), group_interval=group_interval,
        waits=np.array([_waits(calls, mask) for mask, _ in masks]),
        special=np.array(in_windows), special_group=np.array(in_groups), contacts=contacts, states=states,
    )  # fmt: skip


def _contact_and_state_sums(
    scenario: Scenario, names: Names, rows: list[View], measures: Measures, calls: dict, spans: dict
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days, steps = len(scenario.days), scenario.days.intervals
    queues, vendors, groups = len(names.queues), len(names.vendors) + 1, len(names.groups)
    cell = ((calls["day"] * steps + calls["interval"]) * queues + calls["queue"]) * vendors + calls["vendor"] + 1
    base = summed(measures.contacts, calls, cell, days * steps * queues * vendors)
    base = base.reshape(days, steps, queues, vendors, -1)
    cell = (spans["day"] * (steps + 1) + spans["interval"] + 1) * groups + spans["group"]
    staff = summed(measures.states, spans, cell, days * (steps + 1) * groups).reshape(days, steps + 1, groups, -1)
    interval = np.full((days, steps, len(rows), len(measures.contacts) + len(measures.states)), np.nan)
    overtime = np.zeros((days, len(rows), len(measures.states)))
    split = len(measures.contacts)
    for i, (queue, vendor) in enumerate(rows):
        q = slice(None) if queue is None else [names.queues.index(queue)]
        v = slice(None) if vendor is None else [names.vendors.index(vendor) + 1]
        interval[:, :, i, :split] = base[:, :, q][:, :, :, v].sum((2, 3))
        if queue is None:
            mine = [
                g for g in range(groups) if vendor is None or names.vendor_of_group[g] == names.vendors.index(vendor)
            ]
            interval[:, :, i, split:] = staff[:, 1:, mine].sum(2)
            overtime[:, i] = staff[:, 0, mine].sum(1)
    day = interval.sum(1)
    day[:, :, split:] += overtime
    return interval, day, staff[:, 1:]


def _waits(calls: dict, mask: np.ndarray) -> list[np.ndarray]:
    edges = len(WAIT_EDGES)
    first = np.searchsorted(WAIT_EDGES, calls["wait"], side="left")
    ends = (first[mask & calls[outcome]] for outcome in ("answered", "abandoned"))
    return [np.cumsum(np.bincount(end, minlength=edges + 1)[:edges]) for end in ends]


def _row_mask(names: Names, view: View, calls: dict) -> np.ndarray:
    queue, vendor = view
    mask = np.ones(len(calls["queue"]), dtype=bool)
    if queue is not None:
        mask &= calls["queue"] == names.queues.index(queue)
    if vendor is not None:
        mask &= calls["vendor"] == names.vendors.index(vendor)
    return mask


def _state_mask(names: Names, view: View, spans: dict) -> np.ndarray:
    queue, vendor = view
    if queue is not None:
        return np.zeros(len(spans["group"]), dtype=bool)
    if vendor is not None:
        return spans["vendor"] == names.vendors.index(vendor)
    return np.ones(len(spans["group"]), dtype=bool)


def windows(scenario: Scenario) -> list[tuple[str, object]]:
    """The windows in which special KPIs are taken: the replication, its months, its days."""
    months = list(dict.fromkeys(scenario.days.months))
    return [("replication", None), *(("month", m) for m in months), *(("day", d) for d in range(len(scenario.days)))]


def _windows(scenario: Scenario, calls: dict, spans: dict) -> list[tuple[Any, Any]]:
    month = np.array(scenario.days.months)
    found: list[tuple[Any, Any]] = []
    for kind, which in windows(scenario):
        if kind == "replication":
            found.append((True, True))
        elif kind == "month":
            found.append((month[calls["day"]] == which, month[spans["day"]] == which))
        else:
            found.append((calls["day"] == which, spans["day"] == which))
    return found


def _specials(special: list[Special], mask: tuple, window: tuple) -> list[float]:
    """The special KPIs over a row of the table within a window."""
    table = [int(one.kpi.over != "contacts") for one in special]
    return [one.over(mask[i] & window[i]) for one, i in zip(special, table, strict=True)]

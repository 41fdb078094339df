"""The sums of one replication: what every table of a simulation is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csim.experiment.record import Names, Record, words
from csim.expressions import FormulaError
from csim.kpi.catalogue import Catalogue
from csim.kpi.sums import Measures, Special, contact_columns, named_kpi, state_columns, summed
from csim.scenario.load import Scenario

WAIT_EDGES = np.arange(0.0, 601.0, 5.0)  # s, for the distribution of waits
View = tuple[str | None, str | None]  # (queue, vendor); None: all of them


@dataclass(frozen=True)
class Counts:
    """
    The sums of one replication, formulas in the order of `Measures`.

    Attributes:
        day: [date of arrival, view, formula], overtime included. interval: [day, interval, view, formula].
        group: [group, formula]. group_interval: [day, interval, group, formula over states].
        waits: [view, answered or abandoned, edge]: contacts that were, within each of `WAIT_EDGES`.
        special: [window, view, special KPI]; windows: the replication, each month, each date.
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


def views(scenario: Scenario) -> list[View]:
    """Each queue, each queue's vendors, all, and all of each vendor: the rows that tables have."""
    found: list[View] = []
    for queue, spec in scenario.queues.items():
        found.append((queue, None))
        found += [(queue, vendor) for vendor in spec.shares or {}]
    return [*found, (None, None), *((None, vendor) for vendor in Names.of(scenario).vendors)]


def counts_of(scenario: Scenario, catalogue: Catalogue, replication: int, books: Record) -> Counts:
    """The sums of what one replication left in the books."""
    counting = Counting(scenario, catalogue, replication, books)
    try:
        return counting.counts()
    except FormulaError as error:
        raise named_kpi(error, counting.measures) from None


class Counting:
    """The columns of one replication (`calls`, `spans`) beside their codes, and the cells they are added into."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue, replication: int, books: Record) -> None:
        self.scenario, self.replication, self.names = scenario, replication, Names.of(scenario)
        self.codes, self.span_codes = books.contacts, books.states
        named = frozenset().union(*(kpi.columns() for kpi in catalogue.values() if kpi.own))
        self.calls = contact_columns(self.codes | words(self.names, replication, self.codes, named))
        self.spans = state_columns(self.span_codes | words(self.names, replication, self.span_codes, named))
        self.measures = Measures.of(catalogue, self.calls, self.spans, simulated=True)

    def counts(self) -> Counts:
        """Everything added up."""
        rows = views(self.scenario)
        interval, day, group_interval = self._cells(rows)
        masks = [(self._contacts_of(view), self._states_of(view)) for view in rows]
        special = self._special()
        groups = range(len(self.names.groups))
        of_groups = [(self.codes["group"] == g, self.span_codes["group"] == g) for g in groups]
        return Counts(
            replication=self.replication, measures=self.measures, offered=len(self.codes["wait_s"]),
            day=day, interval=interval, group=self._by_group(), group_interval=group_interval,
            waits=np.array([self._waits(mask) for mask, _ in masks]),
            special=np.array([[_taken(special, mask, window) for mask in masks] for window in self._windows()]),
            special_group=np.array([_taken(special, mask, (True, True)) for mask in of_groups]),
        )  # fmt: skip

    def _cells(self, rows: list[View]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums by [day, interval, view], by [date, view] and by [day, interval, group]."""
        days, steps, split = len(self.scenario.days), self.scenario.days.intervals, len(self.measures.contacts)
        contacts, staff = self._contact_cells(), self._state_cells()
        interval = np.full((days, steps, len(rows), split + len(self.measures.states)), np.nan)
        overtime = np.zeros((days, len(rows), len(self.measures.states)))
        for i, (queue, vendor) in enumerate(rows):
            q = slice(None) if queue is None else [self.names.queues.index(queue)]
            v = slice(None) if vendor is None else [self.names.vendors.index(vendor) + 1]
            interval[:, :, i, :split] = contacts[:, :, q][:, :, :, v].sum((2, 3))
            if queue is None:
                mine = self._groups_of(vendor)
                interval[:, :, i, split:] = staff[:, 1:, mine].sum(2)
                overtime[:, i] = staff[:, 0, mine].sum(1)
        date_of = self.scenario.days.date_of
        day = np.zeros((len(self.scenario.days.arrival_dates), *interval.shape[2:]))
        np.add.at(day, date_of.ravel(), interval.reshape(days * steps, *interval.shape[2:]))
        np.add.at(day[:, :, split:], date_of[:, 0], overtime)  # overtime belongs to the opening's date
        return interval, day, staff[:, 1:]

    def _contact_cells(self) -> np.ndarray:
        """[day, interval, queue, vendor + 1, formula]"""
        days, steps = len(self.scenario.days), self.scenario.days.intervals
        queues, vendors, codes = len(self.names.queues), len(self.names.vendors) + 1, self.codes
        cell = ((codes["day"] * steps + codes["interval"]) * queues + codes["queue"]) * vendors + codes["vendor"] + 1
        sums = summed(self.measures.contacts, self.calls, cell, days * steps * queues * vendors)
        return sums.reshape(days, steps, queues, vendors, -1)

    def _state_cells(self) -> np.ndarray:
        """[day, interval + 1, group, formula]; the first interval is time outside opening hours."""
        days, steps, groups = len(self.scenario.days), self.scenario.days.intervals, len(self.names.groups)
        cell = (self.span_codes["day"] * (steps + 1) + self.span_codes["interval"] + 1) * groups
        sums = summed(self.measures.states, self.spans, cell + self.span_codes["group"], days * (steps + 1) * groups)
        return sums.reshape(days, steps + 1, groups, -1)

    def _by_group(self) -> np.ndarray:
        groups, group = len(self.names.groups), self.codes["group"]
        calls = {name: column[group >= 0] for name, column in self.calls.items()}
        of_contacts = summed(self.measures.contacts, calls, group[group >= 0], groups)
        return np.hstack([of_contacts, summed(self.measures.states, self.spans, self.span_codes["group"], groups)])

    def _special(self) -> list[Special]:
        tables = {
            "contacts": (self.calls, len(self.codes["wait_s"])),
            "agent_states": (self.spans, len(self.spans["state"])),
        }
        return [Special.of(kpi, *tables[kpi.over]) for kpi in self.measures.special]

    def _waits(self, mask: np.ndarray) -> list[np.ndarray]:
        edges = len(WAIT_EDGES)
        first = np.searchsorted(WAIT_EDGES, self.calls["wait"], side="left")
        ends = (first[mask & self.calls[outcome]] for outcome in ("answered", "abandoned"))
        return [np.cumsum(np.bincount(end, minlength=edges + 1)[:edges]) for end in ends]

    def _groups_of(self, vendor: str | None) -> list[int]:
        number = None if vendor is None else self.names.vendors.index(vendor)
        return [g for g, owner in enumerate(self.names.vendor_of_group) if number is None or owner == number]

    def _contacts_of(self, view: View) -> np.ndarray:
        queue, vendor = view
        mask = np.ones(len(self.codes["queue"]), dtype=bool)
        if queue is not None:
            mask &= self.codes["queue"] == self.names.queues.index(queue)
        if vendor is not None:
            mask &= self.codes["vendor"] == self.names.vendors.index(vendor)
        return mask

    def _states_of(self, view: View) -> np.ndarray:
        queue, vendor = view
        if queue is not None:
            return np.zeros(len(self.span_codes["group"]), dtype=bool)
        return np.isin(self.span_codes["group"], self._groups_of(vendor))

    def _windows(self) -> list[tuple[Any, Any]]:
        """Contacts and states in each window of the special KPIs: the replication, its months, its dates."""
        days = self.scenario.days
        month = np.array([date[:7] for date in days.arrival_dates])
        call_date = days.date_of[self.codes["day"], self.codes["interval"]]
        span_date = days.date_of[self.span_codes["day"], np.maximum(self.span_codes["interval"], 0)]
        by_month = [(month[call_date] == which, month[span_date] == which) for which in dict.fromkeys(month.tolist())]
        by_date = [(call_date == date, span_date == date) for date in range(len(month))]
        return [(True, True), *by_month, *by_date]


def _taken(special: list[Special], mask: tuple, window: tuple) -> list[float]:
    """The special KPIs over a row of the table within a window."""
    table = [int(one.kpi.over != "contacts") for one in special]
    return [one.over(mask[i] & window[i]) for one, i in zip(special, table, strict=True)]

"""The sums of one replication: what every table of a simulation is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from csim.experiment.met import meeting
from csim.experiment.names import Names, words
from csim.experiment.record import Record, without_rows
from csim.experiment.tally import WAIT_EDGES, Counts, Known, Tally
from csim.experiment.weights import Weights
from csim.expressions import FormulaError
from csim.kpi.catalogue import Catalogue
from csim.kpi.columns import Columns, contact_columns, state_columns
from csim.kpi.sums import Measures, named_kpi
from csim.scenario.load import Scenario

__all__ = ["WAIT_EDGES", "Counting", "Counts", "View", "views"]
View = tuple[str | None, str | None]  # (queue, vendor); None: all of them


def views(scenario: Scenario) -> list[View]:
    """Each queue, each queue's vendors, all, and all of each vendor: the rows that tables have."""
    found: list[View] = []
    for queue, spec in scenario.queues.items():
        found.append((queue, None))
        found += [(queue, vendor) for vendor in spec.shares or {}]
    return [*found, (None, None), *((None, vendor) for vendor in Names.of(scenario).vendors)]


class Counting:
    """Adds up the books of replications of one scenario; *rows*: contacts in all of them, see `csim.loops.loop`."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue, rows: float = 0.0) -> None:
        self.scenario, self.catalogue, self.rows = scenario, catalogue, rows
        self.names, self.views = Names.of(scenario), views(scenario)
        self.named = frozenset().union(*(kpi.columns() for kpi in catalogue.values() if kpi.own))
        self.owners = len(self.names.vendors) + 1  # vendors, and none
        self._known: Known | None = None
        self.lines = [self.lines_of(view) for view in self.views]
        self.groups = [self.groups_of(view) for view in self.views]
        windows, (lines, groups) = _windows(scenario), (len(self.names.queues) * self.owners, len(self.names.groups))
        self.places = {
            "contacts": [[_places(window, lines, mine) for mine in self.lines] for window in windows],
            "agent_states": [[_places(window, groups, mine) for mine in self.groups] for window in windows],
        }
        date_of = scenario.days.date_of.ravel()
        order = np.argsort(date_of, kind="stable")
        self.by_date = order, np.searchsorted(date_of[order], np.arange(len(scenario.days.arrival_dates)))
        self.places_of_groups = [_places(windows[0], groups, [group]) for group in range(groups)]

    def counts(self, replication: int, books: Iterable[Record]) -> Counts:
        """The sums of one replication from its books, block after block."""
        tally = None
        for record in books:
            if tally is None:
                tally = Tally(self, replication, self.known(record))
            try:
                tally.add(record)
            except FormulaError as error:
                raise named_kpi(error, tally.known.measures) from None
        assert tally is not None
        return tally.counts()

    def calls(self, replication: int, record: Record) -> Columns:
        """Contacts and all that formulas may name."""
        codes = record.contacts
        return contact_columns(codes | words(self.names, replication, codes, self.named))

    def spans(self, replication: int, record: Record) -> Columns:
        """Agents' states and all that formulas may name."""
        lived = record.all_states if self.named else record.states
        return state_columns(lived | words(self.names, replication, lived, self.named))

    def known(self, record: Record) -> Known:
        """What there is to add up, which is the same in every record of a scenario."""
        if self._known is None:
            empty = without_rows(record)
            calls, spans = self.calls(0, empty), self.spans(0, empty)
            measures = Measures.of(self.catalogue, calls, spans, simulated=True)
            _, day, interval = record.met.workload.codes
            days = self.scenario.days
            rows = 0.0 if self.named else self.rows  # names and texts are in columns only
            self._known = Known(
                measures, calls, spans, Weights.of(measures, self.names, record.lived.spent.times.kinds),
                meeting(measures, calls, rows), day * days.intervals + interval, days.date_of[day, interval],
            )  # fmt: skip
        return self._known

    def queues_of(self, view: View) -> tuple[Any, Any]:
        """Indices of a view's queues and owners."""
        queue, vendor = view
        return (
            slice(None) if queue is None else [self.names.queues.index(queue)],
            slice(None) if vendor is None else [self.names.vendors.index(vendor) + 1],
        )

    def lines_of(self, view: View) -> list[int]:
        """A view's pairs of queue and owner, as one number each."""
        numbers = np.arange(len(self.names.queues) * self.owners).reshape(-1, self.owners)
        queues, owners = self.queues_of(view)
        return numbers[queues][:, owners].ravel().tolist()

    def groups_of(self, view: View) -> list[int]:
        """A view's groups; no group is a queue's alone."""
        queue, vendor = view
        if queue is not None:
            return []
        number = None if vendor is None else self.names.vendors.index(vendor)
        return [g for g, owner in enumerate(self.names.vendor_of_group) if number is None or owner == number]


def _windows(scenario: Scenario) -> list[list[int]]:
    """The dates of each window of the special KPIs: the replication, its months, its dates."""
    month = [date[:7] for date in scenario.days.arrival_dates]
    dates = range(len(month))
    by_month = [[date for date in dates if month[date] == which] for which in dict.fromkeys(month)]
    return [[*dates], *by_month, *([date] for date in dates)]


def _places(window: list[int], lines: int, mine: list[int]) -> list[int]:
    """Where the values of some lines lie on some dates: see `Spread`."""
    return [date * lines + line for date in window for line in mine]

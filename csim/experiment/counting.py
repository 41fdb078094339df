"""The sums of one replication: what every table of a simulation is made of."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from csim.experiment.record import Names, Record, words
from csim.experiment.spread import Spread
from csim.expressions import FormulaError, expression
from csim.kpi.catalogue import Catalogue
from csim.kpi.columns import Columns, contact_columns, state_columns
from csim.kpi.sums import Measures, named_kpi, sums_into
from csim.loops import flat, loop
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


class Counting:
    """Adds up the books of replications of one scenario; *rows*: contacts in all of them, see `csim.loops.loop`."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue, rows: float = 0.0) -> None:
        self.scenario, self.catalogue, self.rows = scenario, catalogue, rows
        self.names, self.views = Names.of(scenario), views(scenario)
        self.named = frozenset().union(*(kpi.columns() for kpi in catalogue.values() if kpi.own))
        self.owners = len(self.names.vendors) + 1  # vendors, and none
        self._measures: dict[tuple[str, ...], Measures] = {}
        self.lines = [self.lines_of(view) for view in self.views]
        self.groups = [self.groups_of(view) for view in self.views]
        windows, (lines, groups) = _windows(scenario), (len(self.names.queues) * self.owners, len(self.names.groups))
        self.places = {
            "contacts": [[_places(window, lines, mine) for mine in self.lines] for window in windows],
            "agent_states": [[_places(window, groups, mine) for mine in self.groups] for window in windows],
        }
        self.places_of_groups = [_places(windows[0], groups, [group]) for group in range(groups)]

    def counts(self, replication: int, books: Iterable[Record]) -> Counts:
        """The sums of one replication from its books, block after block."""
        tally = None
        for record in books:
            calls = contact_columns(record.contacts | words(self.names, replication, record.contacts, self.named))
            lived = record.all_states if self.named else record.states
            spans = state_columns(lived | words(self.names, replication, lived, self.named))
            if tally is None:
                tally = Tally(self, replication, self._measured(calls, spans))
            try:
                tally.add(record, calls, spans)
            except FormulaError as error:
                raise named_kpi(error, tally.measures) from None
        assert tally is not None
        return tally.counts()

    def _measured(self, calls: Columns, spans: Columns) -> Measures:
        key = (*calls, "", *spans)
        if key not in self._measures:
            self._measures[key] = Measures.of(self.catalogue, calls, spans, simulated=True)
        return self._measures[key]

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


class Tally:
    """The sums of one replication while its books come in."""

    def __init__(self, counting: Counting, replication: int, measures: Measures) -> None:
        self.counting, self.replication, self.measures = counting, replication, measures
        self.names, self.days = counting.names, counting.scenario.days
        self.lines, self.groups = len(self.names.queues) * counting.owners, len(self.names.groups)
        days, steps, split = len(self.days), self.days.intervals, len(measures.contacts)
        self.offered = 0
        self.contacts = np.zeros((days, steps * self.lines, split))
        self.staff = np.zeros((days, (steps + 1) * self.groups, len(measures.states)))
        self.group = np.zeros((self.groups, split + len(measures.states)))
        self.waits = np.zeros((self.lines, 3, len(WAIT_EDGES) + 1), dtype=np.int64)
        self.spreads = [Spread(kpi) for kpi in measures.special]

    def add(self, record: Record, calls: Columns, spans: Columns) -> None:
        """One block of days."""
        codes, lived, measures, rows = record.contacts, record.states, self.measures, self.counting.rows
        first, count, steps, split = record.days.start, len(record.days), self.days.intervals, len(measures.contacts)
        line = codes["queue"] * self.counting.owners + codes["vendor"]
        line += 1
        cell = (codes["day"] - first) * steps
        cell += codes["interval"]
        into = [(cell * self.lines + line, count * steps * self.lines), (codes["group"], self.groups)]
        sums, of_group = sums_into(measures.contacts, calls, into, rows)
        self.contacts[first : first + count] = sums.reshape(count, -1, split)
        self.group[:, :split] += of_group
        place = lived["slot"] * self.groups
        place += lived["group"]
        into = [(place, count * (steps + 1) * self.groups), (lived["group"], self.groups)]
        sums, of_group = sums_into(measures.states, spans, into, rows)
        self.staff[first : first + count] = sums.reshape(count, -1, len(measures.states))
        self.group[:, split:] += of_group
        self.offered += len(line)
        self._add_waits(calls, line)
        for spread in self.spreads:
            if spread.kpi.over == "contacts":
                _add_spread(spread, calls, self._dates(record.days, 0)[cell] * self.lines + line)
            else:
                _add_spread(spread, spans, self._dates(record.days, 1)[lived["slot"]] * self.groups + lived["group"])

    def _add_waits(self, calls: Columns, line: np.ndarray) -> None:
        """Contacts by line, outcome and the edge that their wait does not exceed; a wait is whole microseconds."""
        outcome = calls["outcome"].codes
        machine = loop(_put_source(), "put", self.counting.rows)
        if machine is None:
            edge = np.minimum(np.ceil(calls["wait"] / WAIT_EDGES[1]), len(WAIT_EDGES)).astype(np.int64)
            np.add.at(self.waits, (line, np.minimum(outcome, 2), edge), 1)
        else:
            machine(flat(line), flat(outcome), flat(calls["wait"]), WAIT_EDGES[1], self.waits)

    def _dates(self, days: range, closed: int) -> np.ndarray:
        """The date of each interval of some days; closed time counts to the day's first one."""
        dates = self.days.date_of[days.start : days.stop]
        return np.hstack([dates[:, :closed], dates]).ravel()

    def counts(self) -> Counts:
        """Everything added up."""
        counting, rows = self.counting, self.counting.views
        interval, day, group_interval = self._cells(rows)
        return Counts(
            replication=self.replication, measures=self.measures, offered=self.offered,
            day=day, interval=interval, group=self.group, group_interval=group_interval,
            waits=np.array([np.cumsum(self.waits[lines, :2, :-1].sum(0), axis=1) for lines in counting.lines]),
            special=self._special(), special_group=self._special_by_group(),
        )  # fmt: skip

    def _cells(self, rows: list[View]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums by [day, interval, view], by [date, view] and by [day, interval, group]."""
        days, steps, split = len(self.days), self.days.intervals, len(self.measures.contacts)
        contacts = self.contacts.reshape(days, steps, len(self.names.queues), self.counting.owners, split)
        staff = self.staff.reshape(days, steps + 1, self.groups, -1)
        interval = np.full((days, steps, len(rows), split + len(self.measures.states)), np.nan)
        overtime = np.zeros((days, len(rows), len(self.measures.states)))
        for i, view in enumerate(rows):
            queues, owners = self.counting.queues_of(view)
            interval[:, :, i, :split] = contacts[:, :, queues][:, :, :, owners].sum((2, 3))
            if view[0] is None:
                mine = self.counting.groups[i]
                interval[:, :, i, split:] = staff[:, 1:, mine].sum(2)
                overtime[:, i] = staff[:, 0, mine].sum(1)
        date_of = self.days.date_of
        day = np.zeros((len(self.days.arrival_dates), *interval.shape[2:]))
        np.add.at(day, date_of.ravel(), interval.reshape(days * steps, *interval.shape[2:]))
        np.add.at(day[:, :, split:], date_of[:, 0], overtime)  # overtime belongs to the opening's date
        return interval, day, staff[:, 1:]

    def _special(self) -> np.ndarray:
        """The special KPIs by [window, view, KPI]."""
        counting = self.counting
        found = np.full((len(counting.places["contacts"]), len(counting.views), len(self.spreads)), np.nan)
        for number, spread in enumerate(self.spreads):
            for window, row in enumerate(counting.places[spread.kpi.over]):
                found[window, :, number] = [spread.over(places) for places in row]
        return found

    def _special_by_group(self) -> np.ndarray:
        """The special KPIs of each group's agents; contacts are not put in order of their group."""
        found = np.full((self.groups, len(self.spreads)), np.nan)
        for number, spread in enumerate(self.spreads):
            if spread.kpi.over == "agent_states":
                found[:, number] = [spread.over(places) for places in self.counting.places_of_groups]
        return found


def _add_spread(spread: Spread, columns: Columns, place: np.ndarray) -> None:
    values = expression(str(spread.kpi.numerator))(columns, columns.size)
    counts = expression(str(spread.kpi.denominator)).column(columns, columns.size)
    if counts.dtype != bool:
        counts = expression(str(spread.kpi.denominator))(columns, columns.size) != 0
    spread.add(*((values, place) if counts.all() else (values[counts], place[counts])))


@lru_cache(maxsize=1)
def _put_source() -> str:
    return "\n".join(["from __future__ import annotations", "import numpy as np", inspect.getsource(put)])


def put(line: np.ndarray, outcome: np.ndarray, wait: np.ndarray, width: float, waits: np.ndarray) -> None:
    """Machine code only: each contact where its line, outcome and wait say."""
    last = waits.shape[2] - 1
    for row in range(len(line)):
        waits[line[row], min(outcome[row], 2), int(min(np.ceil(wait[row] / width), last))] += 1

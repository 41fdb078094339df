"""The sums of one replication while its books come in, block after block."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csim.experiment.record import Record
from csim.experiment.spread import Spread
from csim.expressions import expression
from csim.kpi.columns import Columns
from csim.kpi.sums import Measures, sums_into
from csim.loops import flat, loop

if TYPE_CHECKING:
    from csim.experiment.counting import Counting, View

WAIT_EDGES = np.arange(0.0, 601.0, 5.0)  # s, for the distribution of waits


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

    def add(self, record: Record, calls: Columns) -> None:
        """One block of days."""
        self._add_contacts(record, calls)
        over_states = any(spread.kpi.over != "contacts" for spread in self.spreads)
        sums = None if self.counting.named or over_states else record.lived.sums(self.measures.states)
        if sums is None:
            sums = self._from_rows(record, self.counting.spans(self.replication, record))
        of = slice(record.days.start, record.days.stop)
        self.staff[of] = sums[0].reshape(len(record.days), -1, len(self.measures.states))
        self.group[:, len(self.measures.contacts) :] += sums[1]

    def _add_contacts(self, record: Record, calls: Columns) -> None:
        codes, measures, rows = record.contacts, self.measures, self.counting.rows
        first, count, steps, split = record.days.start, len(record.days), self.days.intervals, len(measures.contacts)
        line = codes["queue"] * self.counting.owners + codes["vendor"]
        line += 1
        cell = (codes["day"] - first) * steps
        cell += codes["interval"]
        into = [(cell * self.lines + line, count * steps * self.lines), (codes["group"], self.groups)]
        sums, of_group = sums_into(measures.contacts, calls, into, rows)
        self.contacts[first : first + count] = sums.reshape(count, -1, split)
        self.group[:, :split] += of_group
        self.offered += len(line)
        self._add_waits(calls, line)
        for spread in self.spreads:
            if spread.kpi.over == "contacts":
                _add_spread(spread, calls, self._dates(record.days, 0)[cell] * self.lines + line)

    def _from_rows(self, record: Record, spans: Columns) -> list[np.ndarray]:
        """Sums over agents' states by slot and group, and by group; quantiles and maxima of states as well."""
        lived = record.states
        place = lived["slot"] * self.groups
        place += lived["group"]
        into = [(place, len(record.days) * (self.days.intervals + 1) * self.groups), (lived["group"], self.groups)]
        for spread in self.spreads:
            if spread.kpi.over == "agent_states":
                _add_spread(spread, spans, self._dates(record.days, 1)[lived["slot"]] * self.groups + lived["group"])
        return sums_into(self.measures.states, spans, into, self.counting.rows)

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

"""The sums of one replication while its books come in, block after block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csim.experiment.met import Sites
from csim.experiment.record import Record
from csim.experiment.spread import Spread
from csim.experiment.weights import Weights
from csim.expressions import expression
from csim.kpi.columns import Columns
from csim.kpi.noted import Notes
from csim.kpi.sums import Measures, sums_into

if TYPE_CHECKING:
    from csim.experiment.counting import Counting, View

Sums = tuple[np.ndarray, np.ndarray]
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


@dataclass(frozen=True)
class Known:
    """
    What is the same in every block of every replication.

    Attributes:
        measures: What is added up. calls, spans: The columns that it is made of, without a row.
        weights: What agents' time counts in it. meet: The loop that adds up contacts, where there is one.
        cell, date: By piece of the calendar, its interval (counted over all days) and its date.
    """

    measures: Measures
    calls: Columns
    spans: Columns
    weights: Weights
    meet: Notes | None
    cell: np.ndarray
    date: np.ndarray


class Tally:
    """The sums of one replication while its books come in."""

    def __init__(self, counting: Counting, replication: int, known: Known) -> None:
        self.counting, self.replication, self.known = counting, replication, known
        self.names, self.days, self.measures = counting.names, counting.scenario.days, known.measures
        self.lines, self.groups = len(self.names.queues) * counting.owners, len(self.names.groups)
        days, steps, split = len(self.days), self.days.intervals, len(self.measures.contacts)
        self.offered = 0
        self.contacts = np.zeros((days, steps * self.lines, split))
        self.staff = np.zeros((days, (steps + 1) * self.groups, len(self.measures.states)))
        self.group = np.zeros((self.groups, split + len(self.measures.states)))
        self.waits = np.zeros((self.lines, 3, len(WAIT_EDGES) + 1), dtype=np.int64)
        self.spreads = [Spread(kpi) for kpi in self.measures.special]

    def add(self, record: Record) -> None:
        """One block of days."""
        days, split = slice(record.days.start, record.days.stop), len(self.measures.contacts)
        by_cell, of_group = self._contacts(record)
        self.contacts[days] = by_cell.reshape(self.contacts[days].shape)
        self.group[:, :split] += of_group
        by_slot, of_group = self._states(record)
        self.staff[days] = by_slot.reshape(self.staff[days].shape)
        self.group[:, split:] += of_group

    def _contacts(self, record: Record) -> Sums:
        """Sums over contacts by interval and line, and by group: in passing, where machine code does it."""
        known, chats = self.known, self.names.chat.any()
        if known.meet is None:
            return self._contacts_by_columns(record)
        base = record.days.start * self.days.intervals
        cells = len(record.days) * self.days.intervals
        sites = Sites(known.cell, known.date, base, self.waits, WAIT_EDGES[1])
        noted, offered = record.met.noted(known.meet, record.lived.spent.focus_s if chats else [], sites, cells)
        for number, spread in enumerate(self._spreads("contacts")):
            for values, places in noted.special(number):
                spread.add(values, places)
        self.offered += offered
        return noted.sums

    def _spreads(self, table: str) -> list[Spread]:
        return [spread for spread in self.spreads if spread.kpi.over == table]

    def _contacts_by_columns(self, record: Record) -> Sums:
        """Sums over contacts by interval and line, and by group."""
        calls, codes, steps = self.counting.calls(self.replication, record), record.contacts, self.days.intervals
        line = codes["queue"] * self.counting.owners + codes["vendor"] + 1
        cell = codes["day"] * steps + codes["interval"]
        place = (cell - record.days.start * steps) * self.lines + line
        cells, owners = len(record.days) * steps * self.lines, self.groups + 1  # and nobody
        into = [(place * owners + codes["group"] + 1, cells * owners)]
        self.offered += len(line)
        edge = np.minimum(np.ceil(calls["wait"] / WAIT_EDGES[1]), len(WAIT_EDGES)).astype(np.int64)
        np.add.at(self.waits, (line, np.minimum(calls["outcome"].codes, 2), edge), 1)
        for spread in self._spreads("contacts"):
            _add_spread(spread, calls, self.days.date_of.ravel()[cell] * self.lines + line)
        (sums,) = sums_into(self.measures.contacts, calls, into, self.counting.rows)
        sums = sums.reshape(cells, owners, len(self.measures.contacts))
        return sums.sum(1), sums.sum(0)[1:]  # in the order of `csim.experiment.met.leave`

    def _states(self, record: Record) -> Sums:
        """Sums over agents' states by slot and group, and by group: of their time; the rest row by row."""
        weights, texts, slots = self.known.weights, self.measures.states, len(record.days) * (self.days.intervals + 1)
        by_slot = np.empty((slots, self.groups, len(texts)))
        by_slot[:, :, weights.formulas] = weights.sums(record.lived.spent.times)
        dates = record.lived.dates * self.groups
        rest = [place for place in range(len(texts)) if place not in weights.formulas]
        if rest:
            spans, lived = self.counting.spans(self.replication, record), record.states
            into = [(lived["slot"] * self.groups + lived["group"], slots * self.groups)]
            sums = sums_into([texts[place] for place in rest], spans, into, self.counting.rows)
            by_slot[:, :, rest] = sums[0].reshape(slots, self.groups, -1)
        for place, spread in enumerate(self.spreads):
            if place in weights.special:
                values, slot, team = weights.values(place, record.lived.spent.times)
                spread.add(values, dates[slot] + team)
            elif spread.kpi.over == "agent_states":
                spans, lived = self.counting.spans(self.replication, record), record.states
                _add_spread(spread, spans, dates[lived["slot"]] + lived["group"])
        return by_slot, by_slot.sum(0)

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
        staff = self.staff.reshape(days, steps + 1, self.groups, len(self.measures.states))
        interval = np.full((days, steps, len(rows), split + len(self.measures.states)), np.nan)
        overtime = np.zeros((days, len(rows), len(self.measures.states)))
        for i, view in enumerate(rows):
            queues, owners = self.counting.queues_of(view)
            interval[:, :, i, :split] = contacts[:, :, queues][:, :, :, owners].sum((2, 3))
            if view[0] is None:
                mine = self.counting.groups[i]
                interval[:, :, i, split:] = staff[:, 1:, mine].sum(2)
                overtime[:, i] = staff[:, 0, mine].sum(1)
        order, first = self.counting.by_date
        day = np.add.reduceat(interval.reshape(days * steps, *interval.shape[2:])[order], first)
        np.add.at(day[:, :, split:], self.days.date_of[:, 0], overtime)  # overtime belongs to the opening's date
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

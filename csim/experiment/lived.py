"""What agents did in some days of a replication: as rows, one per state, or as sums only, which writes no row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from csim.contacts.columns import STATES
from csim.contacts.spans import Served, Spans, duty_changes, spans, walked
from csim.contacts.times import Kinds, Times, adding, adding_alone
from csim.experiment.names import Names, Rows
from csim.expressions import Coded
from csim.scenario.load import Scenario


@dataclass(frozen=True)
class Lived:
    """
    What agents did in some stretches, from the opening on, cut at the interval edges.

    Attributes:
        first, days: The first stretch, and the days of the calendar. rows: See `csim.loops.loop`.
        served, duty, grids: By stretch: who served whom, the duty as it was, the intervals.
    """

    scenario: Scenario
    names: Names
    first: int
    days: range
    served: list[Served]
    duty: list[tuple[tuple[float, int, int], ...]]
    grids: list[Grid]
    capacity: tuple[int, ...]
    rows: float

    @cached_property
    def spans(self) -> list[Spans]:
        """The states of each stretch."""
        return [
            spans(served, duty, self.capacity, grid.edges, grid.day, self.rows)
            for served, duty, grid in zip(self.served, self.duty, self.grids, strict=True)
        ]

    @cached_property
    def columns(self) -> Rows:
        """The columns that the catalogue needs: see `Record`."""
        names, lived = self.names, self.spans
        agent = joined([found.agent for found in lived])
        group = names.group_of_agent[agent]
        columns: Rows = {
            "agent": agent,
            "group": group,
            "state": Coded(joined([found.state for found in lived]), STATES),
            "slots_held": joined([found.held for found in lived]),
            "slots": names.slots_of_group[group],
            "duration": joined([found.duration for found in lived]),
            "agent_day": joined([found.agent_day for found in lived]),
            "slot": joined([self._slot(grid)[found.piece] for grid, found in zip(self.grids, lived, strict=True)]),
        }
        return columns | ({"chats_held": joined([found.chats for found in lived])} if names.chat.any() else {})

    @cached_property
    def spent(self) -> Spent:
        """Agents' time, without a row: machine code and rows (`spans`) come to the same, to the bit."""
        alone, slots = not self.names.chat.any(), self.names.slots_of_group
        machine = adding_alone(self.rows) if alone else adding(self.rows)
        kinds = Kinds.upto(1 if alone else int(slots.max()))
        spent = Spent(Times.none(kinds, len(self.days) * (self.scenario.days.intervals + 1), len(slots)), [], [])
        for number, (served, duty, grid) in enumerate(zip(self.served, self.duty, self.grids, strict=True)):
            slot = self._slot(grid)
            if machine is None:
                found = self.spans[number]
                spent.times.add_spans(found, self.names.group_of_agent, slot)
                spent.note(found.focus_s, found.held_at_answer)
                continue
            lived = walked(served, duty, self.capacity, grid.bounds, grid.day, alone)
            if alone:
                days = int(grid.day[-1] - grid.day[0]) + 1
                spent.times.add_alone(machine, lived, slot, sum(self.capacity), duty_changes(duty), days)
            else:
                spent.note(*spent.times.add(machine, lived, slot, len(served.agent)))
        return spent

    @cached_property
    def dates(self) -> np.ndarray:
        """The date of arrival that each slot belongs to; closed time is the day's first one's."""
        dates = self.scenario.days.date_of[self.days.start : self.days.stop]
        return np.hstack([dates[:, :1], dates]).ravel()

    def _slot(self, grid: Grid) -> np.ndarray:
        """The slot that each piece belongs to."""
        return grid.slot - self.days.start * (self.scenario.days.intervals + 1)

    def more(self) -> Rows:
        """Columns that only a log and formulas of a user's own need. Interval −1 is time outside opening hours."""
        lived = self.spans
        pairs = list(zip(self.grids, lived, strict=True))
        return {
            "vendor": self.names.vendor_of_group[self.columns["group"]],
            "stretch": np.repeat(self.first + np.arange(len(lived)), [len(found.agent) for found in lived]),
            "from_s": joined([found.begins for found in lived]),
            "to_s": joined([found.ends for found in lived]),
            "day": joined([grid.day[found.piece] for grid, found in pairs]),
            "interval": joined([grid.interval[found.piece] for grid, found in pairs]),
        }


@dataclass(frozen=True)
class Spent:
    """
    Agents' time, and what contacts had of it.

    Attributes:
        times: By slot, team and kind. focus_s, held_at_answer: By stretch and contact, see `csim.contacts.spans.Spans`;
            nobody asks for them where there are no chats.
    """

    times: Times
    focus_s: list[np.ndarray]
    held_at_answer: list[np.ndarray]

    def note(self, focus_s: np.ndarray, held_at_answer: np.ndarray) -> None:
        """What the contacts of one more stretch had."""
        self.focus_s.append(focus_s)
        self.held_at_answer.append(held_at_answer)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """The arrays of all stretches behind each other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True)
class Grid:
    """
    The intervals of a stretch, and the closed time behind each day's, which is one more.

    Attributes:
        bounds: Where they begin, and infinity. day, interval: Which ones they are (−1: closed).
        slot: See `csim.experiment.record.Record`, counted from the first day of the calendar.
    """

    bounds: np.ndarray
    day: np.ndarray
    interval: np.ndarray
    slot: np.ndarray

    @property
    def edges(self) -> np.ndarray:
        """Where they begin."""
        return self.bounds[:-1]


def grids(scenario: Scenario) -> list[Grid]:
    """That of each stretch of the calendar."""
    days = scenario.days
    inside = np.arange(days.intervals + 1) * days.interval_s
    codes = np.append(np.arange(days.intervals), -1)
    slot = codes + 1 + np.arange(len(days))[:, None] * len(codes)
    if not days.carry_over:
        bounds = np.append(inside, np.inf)
        return [Grid(bounds, np.full(len(codes), day), codes, slot[day]) for day in range(len(days))]
    edges = (days.offset_s[:, None] + np.minimum(inside, days.length_s[:, None])).ravel()
    day = np.repeat(np.arange(len(days)), len(codes))
    kept = np.append(edges[1:] > edges[:-1], True)  # a close that meets the next opening opens no span
    bounds = np.append(edges[kept], np.inf)
    return [Grid(bounds, day[kept], np.tile(codes, len(days))[kept], slot.ravel()[kept])]

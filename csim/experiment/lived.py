"""What agents did in some days of a replication: as rows, one per state, or as sums only, which writes no row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from csim.contacts.columns import STATES
from csim.contacts.spans import Served, Spans, most_pieces, room, spans, walked
from csim.contacts.walk import walk_source
from csim.experiment.names import Names, Rows
from csim.expressions import Coded
from csim.kpi.columns import Columns
from csim.kpi.noted import Noted, Notes, Row, noting
from csim.kpi.sums import Measures
from csim.scenario.load import Scenario

A_STATE = Row(
    arguments=("row", "number", "team", "begin", "until", "first_today", "piece", "state", "held", "chats"),
    more=("slots", "slot", "dates"),
    columns=(
        ("agent", "number"), ("group", "team"), ("state", "state"), ("slots_held", "held"),
        ("slots", "slots[team]"), ("duration", "until - begin"), ("agent_day", "first_today"),
        ("slot", "slot[piece]"), ("chats_held", "chats"),
    ),
    cell="slot[piece] * len(by_group) + team",
    group="team",
    place="dates[piece] * len(by_group) + team",
)  # fmt: skip


def walking(names: Names, measures: Measures, states: Columns, rows: float) -> Notes | None:
    """The loop that sums what is measured of agents' states (of columns like *states*), if there is one."""
    name = "walk" if names.chat.any() else "walk_alone"
    special = [kpi for kpi in measures.special if kpi.over == "agent_states"]
    return noting(measures.states, special, states, A_STATE, partial(walk_source, name), name, rows)


@dataclass(frozen=True)
class Lived:
    """
    What agents did in some stretches, from the opening on, cut at the interval edges.

    Attributes:
        first, days: The first stretch, and the days of the calendar. rows: See `csim.loops.loop`.
        served, duty, grids: By stretch: who served whom, the duty as it was, the edges.
    """

    scenario: Scenario
    names: Names
    first: int
    days: range
    served: list[Served]
    duty: list[tuple[tuple[float, int, int], ...]]
    capacity: tuple[int, ...]
    rows: float

    @cached_property
    def grids(self) -> list[Grid]:
        """The edges of each stretch."""
        return [_grid(self.scenario, self.first + number) for number in range(len(self.served))]

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

    def noted(self, notes: Notes) -> tuple[Noted, list[np.ndarray]]:
        """
        Formulas summed by slot × groups + group, and the values of special KPIs, to the bit what `columns` would give.

        Beside it, where there are chats, the attention that each contact had (`Spans.focus_s`), stretch by stretch.
        """
        alone, groups = not self.names.chat.any(), len(self.names.groups)
        noted, focus = Noted(notes, len(self.days) * (self.scenario.days.intervals + 1) * groups, groups), []
        for served, duty, grid in zip(self.served, self.duty, self.grids, strict=True):
            count, slot = len(served.agent), self._slot(grid)
            most = most_pieces(served, duty, self.capacity, grid.edges) if notes.special else 0
            each = walked(served, duty, self.capacity, grid.edges, grid.day, not alone)
            out = noted.out(most, self.names.slots_of_group, slot, self.dates[slot])
            if alone:
                notes.loop(*each, out)
            else:
                focus.append(np.full(count, np.nan))
                notes.loop(*each, *room(count), focus[-1], np.empty(count, np.int64), out)
        return noted, focus

    @cached_property
    def dates(self) -> np.ndarray:
        """The date of arrival that each slot belongs to; closed time is the day's first one's."""
        dates = self.scenario.days.date_of[self.days.start : self.days.stop]
        return np.hstack([dates[:, :1], dates]).ravel()

    def _slot(self, grid: Grid) -> np.ndarray:
        """The slot that each piece belongs to."""
        return (grid.day - self.days.start) * (self.scenario.days.intervals + 1) + grid.interval + 1

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


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """The arrays of all stretches behind each other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True)
class Grid:
    """Edges of a stretch's intervals, and the day and interval that begins at each (−1: closed)."""

    edges: np.ndarray
    day: np.ndarray
    interval: np.ndarray


def _grid(scenario: Scenario, number: int) -> Grid:
    days = scenario.days
    inside = np.arange(days.intervals + 1) * days.interval_s
    codes = np.append(np.arange(days.intervals), -1)
    if not days.carry_over:
        return Grid(inside, np.full(len(codes), number), codes)
    edges = (days.offset_s[:, None] + np.minimum(inside, days.length_s[:, None])).ravel()
    day = np.repeat(np.arange(len(days)), len(codes))
    kept = np.append(edges[1:] > edges[:-1], True)  # a close that meets the next opening opens no span
    return Grid(edges[kept], day[kept], np.tile(codes, len(days))[kept])

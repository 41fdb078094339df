"""Sums of a catalogue's formulas while a loop goes through rows that are never written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from csim.kpi.catalogue import Kpi
from csim.kpi.columns import Columns
from csim.kpi.fused import Program, UntranslatableError, Writer, additions, kinds_of, shared
from csim.loops import loop

OUT = ("now", "values", "places", "found")


class Row(NamedTuple):
    """
    What a loop knows of a row when it calls `note(out, …)`.

    Attributes:
        arguments: The names it hands over. columns: By column, what it is in these terms.
        into: Where among `now` a row is added to. place: Where its special values belong.
    """

    arguments: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    into: str
    place: str


@dataclass(frozen=True)
class Notes:
    """
    A loop of machine code that hands its rows to a function `note`, which sums formulas over them.

    Attributes:
        sums: Position of each formula's sum among those that are kept. special: How many special KPIs there are.
    """

    loop: Callable[..., Any]
    sums: tuple[int, ...]
    special: int


def noting(
    formulas: Sequence[str], special: Sequence[Kpi], columns: Columns, row: Row, source: Callable[[str], str],
    name: str, rows: float,
) -> Notes | None:  # fmt: skip
    """
    The loop *name* of a module with a `note` that sums *formulas*; None where there is no machine code for it.

    It also keeps the values of *special* KPIs (quantiles and maxima) where their denominator holds.

    Args:
        columns: What the formulas are about; no row is needed. row: What the loop knows of one.
        source: The module, given the source of `note`. rows: See `csim.loops.loop`.
    """
    parts = tuple((str(kpi.numerator), str(kpi.denominator)) for kpi in special)
    program = _noting(tuple(formulas), parts, kinds_of(columns), tuple(columns.formulas.items()), row) if rows else None
    machine = loop(source(program.source), name, rows) if program else None
    if program is None or machine is None:
        return None
    return Notes(machine, program.sums, len(special))


@lru_cache(maxsize=64)
def _noting(
    formulas: tuple[str, ...], special: tuple[tuple[str, str], ...], kinds: tuple[tuple[str, Any], ...],
    derived: tuple[tuple[str, str], ...], row: Row,
) -> Program | None:  # fmt: skip
    writer = Writer(dict(kinds), dict(derived), dict(row.columns))
    try:
        distinct, sums = shared([writer.value(text) for text in formulas])
        kept = [(writer.value(value), writer.truth(counts)) for value, counts in special]
    except UntranslatableError:
        return None
    body = [f"{', '.join(OUT)} = out", *writer.lines, f"sums = now[{row.into}]", *additions(distinct)]
    for number, (value, counts) in enumerate(kept):
        body += [
            f"if {counts}:",
            f"    values[{number}, found[{number}]] = {value}",
            f"    places[{number}, found[{number}]] = {row.place}",
            f"    found[{number}] += 1",
        ]
    lines = [f"def note({', '.join(('out', *row.arguments))}):", *(f"    {line}" for line in body)]
    return Program("\n".join(lines) + "\n", tuple(range(len(sums))), (), (), sums)


class Noted:
    """
    What the functions `note` of some stretches write.

    Attributes:
        totals: [cell, line, sum], by_group: [group, sum].
        now: [line, group + 1, sum], of the cell in which the rows are; passed on to both when they leave it.
    """

    def __init__(self, notes: Notes, cells: int, lines: int, groups: int) -> None:
        kept = max(notes.sums, default=-1) + 1
        self.totals, self.by_group = np.zeros((cells, lines, kept)), np.zeros((groups, kept))
        self.now = np.zeros((lines, groups + 1, kept))
        self._notes = notes
        self._kept: list[tuple[np.ndarray, ...]] = []

    @property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each formula by cell and line, and by group."""
        return self.totals[:, :, self._notes.sums], self.by_group[:, self._notes.sums]

    def out(self, rows: int) -> tuple:
        """What `note` is handed in a stretch, with room for special values of so many *rows*."""
        special = self._notes.special
        room = (special, rows if special else 0)
        self._kept.append((np.empty(room), np.empty(room, np.int64), np.zeros(special, np.int64)))
        return (self.now, *self._kept[-1])

    def special(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The values of a special KPI and where they belong, stretch after stretch."""
        for values, places, found in self._kept:
            yield values[number, : found[number]], places[number, : found[number]]

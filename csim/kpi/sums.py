"""Sums of the catalogue's formulas over cells (queue, day, interval …): the one place where anything is added up."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from csim.errors import Mistake, UnknownNameError
from csim.expressions import FormulaError, expression
from csim.kpi.catalogue import SPECIAL, Catalogue, Kpi
from csim.kpi.columns import Columns, contact_columns, present, state_columns
from csim.kpi.fused import Into, added

__all__ = [
    "Columns",
    "Measures",
    "Special",
    "contact_columns",
    "named_kpi",
    "state_columns",
    "summed",
    "sums_into",
    "taken",
]
MANY, SAMPLE = 1_000, 256  # values of which most can be left out unseen, and how many say which
TRUTHS = ("offered", "answered", "abandoned", "judged", "counted", "queued")  # each row counts once or not at all


@dataclass(frozen=True)
class Measures:
    """
    The distinct formulas that the KPIs of a catalogue need, by table, given the columns there are.

    Attributes:
        kpis: The KPIs that can be measured as ratios. special: The others that can be measured.
        missing: Why each other KPI is not measured: the columns it lacks.
        contacts, states: The formulas over each table. Sums hold them side by side, contacts first.
        numerator, denominator: Position of each KPI's sums. sample: Position of what they rest on: the rows that
            its denominator counts, or agent-days for measures of agents.
    """

    kpis: tuple[Kpi, ...]
    special: tuple[Kpi, ...]
    missing: dict[str, tuple[str, ...]]
    contacts: tuple[str, ...]
    states: tuple[str, ...]
    numerator: np.ndarray
    denominator: np.ndarray
    sample: np.ndarray

    @classmethod
    def of(
        cls, catalogue: Catalogue, contacts: Iterable[str], states: Iterable[str], *, simulated: bool = False
    ) -> Measures:
        """What can be measured from these columns; of a simulation only what it really plays."""
        have = {"contacts": set(contacts), "agent_states": set(states)}
        kpis, special, missing = [], [], {}
        for kpi in catalogue.values():
            lacking = _lacking(kpi, have)
            if kpi.numerator is None or lacking or (simulated and not kpi.can_be_simulated):
                missing[kpi.id] = lacking
            elif kpi.kind in SPECIAL:
                special.append(kpi)
            else:
                kpis.append(kpi)
        by_days = "agent_day" in have["agent_states"]
        parts = [
            ((k.over, k.numerator), (k.denominator_over, k.denominator), _sample(k, by_days=by_days)) for k in kpis
        ]
        formulas = dict.fromkeys(part for found in parts for part in found)
        by_table = {table: tuple(text for where, text in formulas if where == table and text) for table in have}
        order = [(t, text) for t in ("contacts", "agent_states") for text in by_table[t]]
        place = {formula: i for i, formula in enumerate(order)}
        return cls(
            tuple(kpis), tuple(special), missing, by_table["contacts"], by_table["agent_states"],
            *(np.array([place[found[i]] for found in parts], dtype=np.int64) for i in range(3)),  # type: ignore[index, type-var]
        )  # fmt: skip


def _sample(kpi: Kpi, by_days: bool) -> tuple[str, str]:
    """The formula that counts what a KPI rests on."""
    if kpi.denominator_over == "agent_states":
        return "agent_states", "agent_day" if by_days else str(kpi.denominator)
    counted = str(kpi.denominator)
    if counted in TRUTHS:
        return "contacts", counted
    return "contacts", f"({counted}) > 0 or ({counted}) < 0"  # what is not known (NaN) is not 0, and no sample either


def _lacking(kpi: Kpi, have: Mapping[str, set[str]]) -> tuple[str, ...]:
    parts = ((kpi.over, kpi.numerator), (kpi.denominator_over, kpi.denominator))
    return tuple(sorted({name for table, text in parts if text for name in expression(text).names - have[table]}))


def named_kpi(error: FormulaError, measures: Measures) -> UnknownNameError:
    """The message for a formula that cannot be computed: which KPI's it is."""
    kpis = [k.id for k in (*measures.kpis, *measures.special) if error.args[0] in (k.numerator, k.denominator)]
    return UnknownNameError([Mistake(str(error), f"kpis.{kpi}") for kpi in kpis])


def summed(formulas: Iterable[str], columns: Mapping[str, Any], cell: np.ndarray, cells: int) -> np.ndarray:
    """
    Every formula summed over the rows of each cell: an array [cells, formulas].

    Examples:
        >>> rows = {"answered": np.array([1.0, 1.0, 0.0]), "wait": np.array([5.0, 7.0, 9.0])}
        >>> summed(["answered", "answered * wait"], rows, np.array([0, 1, 1]), 2).tolist()
        [[1.0, 5.0], [1.0, 7.0]]
    """
    return _with_numpy(list(formulas), columns, [(cell, cells)], len(cell))[0]


def sums_into(formulas: Iterable[str], columns: Columns, into: Into, rows: float = 0.0) -> list[np.ndarray]:
    """
    Every formula summed over the rows of each cell, for several ways to put rows into cells: arrays [cells, formulas].

    Rows are added one after the other, by machine code or by NumPy: which of them it is changes no digit.

    Args:
        into: (cell of each row, number of cells); −1 is nowhere.
        rows: How many rows there will be in all, over all calls: machine code must pay, see `csim.loops.loop`.
    """
    texts = list(formulas)
    if not texts:
        return [np.empty((cells, 0)) for _, cells in into]
    fast, parts = added(texts, columns, into, rows)
    slow = [place for place in range(len(texts)) if place not in fast]
    if not slow:
        return parts
    rest = _with_numpy([texts[place] for place in slow], columns, into, columns.size)
    totals = [np.empty((cells, len(texts))) for _, cells in into]
    for number, total in enumerate(totals):
        total[:, slow] = rest[number]
        if fast:
            total[:, fast] = parts[number]
    return totals


def _with_numpy(texts: list[str], columns: Mapping[str, Any], into: Into, size: int) -> list[np.ndarray]:
    totals = [np.empty((cells, len(texts))) for _, cells in into]
    shifted = [cell + 1 for cell, _ in into]
    for place, text in enumerate(texts):
        values = expression(text)(columns, size)
        for cell, total in zip(shifted, totals, strict=True):
            total[:, place] = np.bincount(cell, weights=values, minlength=len(total) + 1)[1:]
    return totals


@dataclass(frozen=True)
class Special:
    """A quantile, a maximum or a number of distinct values, ready to be taken over any rows of a table."""

    kpi: Kpi
    values: np.ndarray
    counts: np.ndarray  # rows where the denominator holds
    replication: np.ndarray | None

    @classmethod
    def of(cls, kpi: Kpi, columns: Mapping[str, Any], size: int) -> Special:
        """The values of a KPI in a table of *size* rows."""
        counts = expression(kpi.denominator or "offered")(columns, size) != 0
        if kpi.kind == "distinct":
            values = np.asarray(columns[str(kpi.numerator)], dtype=object)
            counts = counts & present(values)
        else:
            values = expression(str(kpi.numerator))(columns, size)
        return cls(kpi, values, counts, columns.get("replication"))

    def over(self, rows: np.ndarray) -> float:
        """
        Its value over some rows; NaN where there is none.

        In a log of several replications it is taken within each; the mean of those is the value.
        """
        chosen = rows & self.counts
        if self.replication is None:
            return self._taken(chosen)
        numbers = np.unique(self.replication[chosen])
        each = [self._taken(chosen & (self.replication == number)) for number in numbers]
        return float(np.mean(each)) if each else float("nan")

    def _taken(self, chosen: np.ndarray) -> float:
        return taken(self.kpi, self.values[chosen])


def taken(kpi: Kpi, values: np.ndarray) -> float:
    """A quantile, a maximum or a number of distinct values of some rows; NaN without any."""
    if not len(values):
        return float("nan")
    if kpi.kind == "distinct":
        return float(len(set(values.tolist())))
    return float(values.max() if kpi.kind == "maximum" else quantile([values], kpi.quantile))


def quantile(parts: Sequence[np.ndarray], share: float) -> float:
    """
    A quantile of the values in some arrays, linear between the two beside it: `np.quantile` to the bit, and soon found.

    Most of many values lie on the wrong side of one that a sample puts near: they are left out.

    Examples:
        >>> quantile([np.array([3.0, 1.0]), np.array([2.0, 4.0])], 0.5)
        2.5
    """
    count = sum(map(len, parts))
    at = (count - 1) * share
    below, along = int(at), at - int(at)
    above = min(below + 1, count - 1)
    values, skipped = _around(parts, count, below, above, upwards=share >= 0.5)
    parted = np.partition(values, (below - skipped, above - skipped))
    low, high = float(parted[below - skipped]), float(parted[above - skipped])
    return low + (high - low) * along if along < 0.5 else high - (high - low) * (1 - along)


def _around(
    parts: Sequence[np.ndarray], count: int, below: int, above: int, *, upwards: bool
) -> tuple[np.ndarray, int]:
    """Values among which are those in two places of their order, and how many smaller ones were left out."""
    if count >= MANY:
        near = _near(parts, count, below if upwards else above, -1 if upwards else 1)
        kept = np.concatenate([part.compress(part >= near if upwards else part <= near) for part in parts])
        skipped = count - len(kept) if upwards else 0
        if skipped <= below and above - skipped < len(kept):  # or the sample was unlucky
            return kept, skipped
    return np.concatenate(parts), 0


def _near(parts: Sequence[np.ndarray], count: int, place: int, side: int) -> float:
    """A value that a sample says is a little to one *side* of a place in the order of many."""
    step = max(count // max(SAMPLE, count // 200), 1)
    begins = itertools.accumulate(map(len, parts), initial=0)  # every so many of all, not the first ones of each day
    some = np.sort(np.concatenate([part[-begin % step :: step] for part, begin in zip(parts, begins, strict=False)]))
    share = place / count
    at = len(some) * share + side * 4 * math.sqrt(len(some) * share * (1 - share) + 1)
    return float(some[int(min(max(at, 0), len(some) - 1))])

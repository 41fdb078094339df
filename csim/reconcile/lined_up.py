"""Two logs lined up: the pairs row by row, the others by position, and what each difference changes in the bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from csim.contacts.columns import CONTACTS
from csim.reconcile.differing import Differing
from csim.reconcile.matching import Pairs
from csim.reconcile.worth import BILLED, Prices, Scope, billed_rows, texts

BOTH = ("ours", "theirs")
STAGES = ("apart", "within")
Part = tuple[pd.DataFrame, np.ndarray]
Steps = dict[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class LinedUp:
    """
    Two logs of the same contacts.

    Attributes:
        logs: By whose: as they came. full: The same, with what one of them lacks taken from the other.
        pairs: Which row is which. scope: What counts. prices: What a contact is worth.
    """

    logs: Mapping[str, pd.DataFrame]
    full: Mapping[str, pd.DataFrame]
    pairs: Pairs
    scope: Scope
    prices: Prices

    @classmethod
    def of(cls, ours: pd.DataFrame, theirs: pd.DataFrame, found: Pairs, scope: Scope, prices: Prices) -> LinedUp:
        full = {
            "ours": completed(ours, theirs, found.ours, found.theirs),
            "theirs": completed(theirs, ours, found.theirs, found.ours),
        }
        return cls({"ours": ours, "theirs": theirs}, full, found, scope, prices)

    @cached_property
    def _billed(self) -> dict[str, dict[str, np.ndarray]]:
        return {whose: billed_rows(self.full[whose]) for whose in BOTH}

    @cached_property
    def inside(self) -> dict[str, np.ndarray]:
        """Which rows count, by whose log."""
        return {whose: self.scope.holds(rows) for whose, rows in self._billed.items()}

    @cached_property
    def units(self) -> dict[str, np.ndarray]:
        """What each row bills, in millionths of units, by whose log."""
        return {whose: self.prices.units(rows, self.scope) for whose, rows in self._billed.items()}

    @cached_property
    def places(self) -> dict[str, np.ndarray]:
        """Positions of the pairs of which at least one side counts."""
        inside = self.inside["ours"][self.pairs.ours] | self.inside["theirs"][self.pairs.theirs]
        again = np.flatnonzero(self.pairs.respelt[inside])
        return {"ours": self.pairs.ours[inside], "theirs": self.pairs.theirs[inside], "respelt": again}

    @cached_property
    def paired(self) -> dict[str, pd.DataFrame]:
        """Both sides of the pairs, each with the columns that its log has."""
        return {whose: self.logs[whose].iloc[self.places[whose]] for whose in BOTH}

    def in_scope(self, whose: str) -> pd.DataFrame:
        """The log as it is settled: rows that count, with what it lacks taken from the other."""
        return self.full[whose][self.inside[whose]].reset_index(drop=True)

    def alone(self, whose: str) -> np.ndarray:
        """Positions of the rows that count and that the other log does not have."""
        rows = self.pairs.only_ours if whose == "ours" else self.pairs.only_theirs
        return rows[self.inside[whose][rows]]

    def counts(self) -> dict[str, int]:
        """Rows, pairs, the others, and what lies out of scope: nothing is left over on either side."""
        matched = len(self.places["ours"])
        found = {"matched": matched, "respelt": len(self.places["respelt"]), "unclear": self.pairs.unclear}
        for whose in BOTH:
            rows, only = len(self.logs[whose]), len(self.alone(whose))
            found |= {f"rows_{whose}": rows, f"only_{whose}": only, f"outside_{whose}": rows - matched - only}
        return found

    def only(self, whose: str) -> Part:
        """Contacts that one log alone holds: their id, their outcome, and what they bill."""
        rows = self.alone(whose)
        log = self.logs[whose].iloc[rows]
        cells = {"ours": None, "theirs": None} | {whose: texts(log["outcome"])}
        ids = pd.DataFrame({"contact_id": texts(log["contact_id"])}, dtype=object)
        table = ids.assign(kind=f"only_{whose}", field="", **cells)
        return table, self.units[whose][rows] * (-1 if whose == "ours" else 1)

    def differ(self, found: Sequence[Differing], steps: Steps) -> list[Part]:
        """The pairs that differ, column by column, and what each difference changes in the bill."""
        ids, other = (texts(self.paired[whose]["contact_id"]) for whose in BOTH)
        again = self.places["respelt"]
        if 2 * len(again) > len(ids):  # a habit of the other system, not a difference of single contacts
            again = again[:0]
        spelling = Differing("contact_id", again, again[:0], ids[again].tolist(), other[again].tolist())
        tables = []
        for part in (spelling, *found):
            shown = pd.DataFrame({"contact_id": ids[part.apart]}, dtype=object).assign(kind="differs", field=part.field)
            cells = {whose: pd.Series(getattr(part, whose), dtype=object) for whose in BOTH}
            none = np.zeros((len(part.apart), len(self.prices.rates)), dtype=np.int64)
            tables.append((shown.assign(**cells), steps.get(("apart", part.field), none)))
        return tables

    def small(self, found: Sequence[Differing], steps: Steps) -> tuple[int, np.ndarray]:
        """How many pairs differ within the tolerance, and what they bill once all else has been replaced."""
        rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(part.within for part in found)]))
        none = np.zeros((0, len(self.prices.rates)), dtype=np.int64)
        return len(rows), np.concatenate([none, *(step for (stage, _), step in steps.items() if stage == "within")])

    def steps(self, found: Sequence[Differing]) -> Steps:
        """
        What each column changes in the units billed, when our values are replaced by theirs one column at a time.

        First everything that differs beyond the tolerance, in the order of `BILLED`, then what differs within it: in
        the end our rows are theirs, so the steps add up to the difference of the two bills.
        """
        now, then = ({name: cells[self.places[whose]] for name, cells in self._billed[whose].items()} for whose in BOTH)
        parts = {part.field: part for part in found}
        steps: Steps = {}
        for stage in STAGES:
            for name in (name for name in BILLED if name in parts and name in now and name in then):
                rows = getattr(parts[name], stage)
                if not len(rows):
                    continue
                before = self.prices.units({key: cells[rows] for key, cells in now.items()}, self.scope)
                now[name][rows] = then[name][rows]
                after = self.prices.units({key: cells[rows] for key, cells in now.items()}, self.scope)
                steps[stage, name] = after - before
        return steps


def completed(log: pd.DataFrame, other: pd.DataFrame, places: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    """A log with the known columns that it lacks and the other has: of contacts that both hold, as the other says."""
    missing = [c.name for c in CONTACTS if c.name not in log.columns and c.name in other.columns]
    if not missing:
        return log
    at = np.full(len(log), -1)
    at[places] = others
    taken = other[missing].reset_index(drop=True).reindex(at).set_axis(log.index)
    return pd.concat([log, taken], axis=1)

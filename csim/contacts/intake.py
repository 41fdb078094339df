"""What became of every row of a log: kept, rejected, or set aside by a rule; nothing is lost silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from csim.display.notes import Note
from csim.display.words import Words
from csim.errors import InputError, Mistake
from csim.files import write_whole

REJECTED, SET_ASIDE = "rejected", "set_aside"


@dataclass(frozen=True)
class Reason:
    """Why rows are not kept: a key among the words (or a rule's own text), and the column meant."""

    key: str
    column: str = ""

    def text(self, lang: str) -> str:
        said = Words(lang).find(f"reject_{self.key}")
        return (said or self.key).format(column=self.column) if said else self.key


class Fates:
    """The fate of each row while a log is read: the first reason counts."""

    def __init__(self, size: int) -> None:
        self.reasons: list[Reason] = []
        self.code = np.zeros(size, dtype=np.int16)  # 0: kept; else 1 + the place of its reason
        self.aside: set[int] = set()

    @property
    def kept(self) -> np.ndarray:
        return self.code == 0

    def copy(self) -> Fates:
        """The same fates, to be tried further."""
        other = Fates(len(self.code))
        other.reasons, other.code, other.aside = [*self.reasons], self.code.copy(), {*self.aside}
        return other

    def reject(self, rows: np.ndarray, key: str, column: str = "") -> None:
        self._put(rows, Reason(key, column))

    def set_aside(self, rows: np.ndarray, because: str) -> None:
        place = self._put(rows, Reason(because))
        if place:
            self.aside.add(place)

    def _put(self, rows: np.ndarray, reason: Reason) -> int:
        new = rows & self.kept
        if not new.any():
            return 0
        if reason not in self.reasons:
            self.reasons.append(reason)
        place = self.reasons.index(reason) + 1
        self.code[new] = place
        return place


@dataclass(frozen=True)
class Intake:
    """
    A log as it was read, and the account of its rows: rows = kept + rejected + set aside, always.

    Attributes:
        table: What was kept, in csim's columns.
        rows: Rows in the file, its header and blank lines not counted.
        rejects: Every row that was not kept: line, fate ("rejected" or "set_aside") and reason (`Reason`).
        rows_lost: Those rows as they are written, with personal data masked, when somebody asks.
        notes: What was found out or changed on the way (encoding, clocks, duplicates numbered …).
    """

    table: pd.DataFrame = field(repr=False)
    rows: int
    rejects: pd.DataFrame = field(repr=False)
    rows_lost: Callable[[], list[str]] = field(default=list, repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def kept(self) -> int:
        return len(self.table)

    @property
    def rejected(self) -> dict[Reason, int]:
        """How many rows were rejected, by reason, most first."""
        return self._counts(REJECTED)

    @property
    def set_aside(self) -> dict[Reason, int]:
        """How many rows a rule of the mapping set aside, by its reason."""
        return self._counts(SET_ASIDE)

    def _counts(self, fate: str) -> dict[Reason, int]:
        counted = self.rejects.loc[self.rejects["fate"] == fate, "reason"].value_counts()
        return {reason: int(count) for reason, count in counted.items()}  # type: ignore[misc]

    def filled(self, path: str | Path) -> Intake:
        """
        The same, where it holds a contact: whoever names a log has a month in mind.

        Raises:
            InputError: None of the rows of the file was kept.
        """
        if not self.kept:
            rows = "a header and no row" if not self.rows else f"{self.rows:,} rows, and none of them was kept"
            what = f"the log holds no contact ({rows}): write the path of a log with contacts"
            raise InputError([Mistake(what, "", str(path))])
        return self

    def text(self, lang: str = "en") -> str:
        """The account in words, a line a reason."""
        words = Words(lang)
        refused, aside = sum(self.rejected.values()), sum(self.set_aside.values())
        lines = [
            words(
                "intake_account",
                rows=f"{self.rows:,}",
                kept=f"{self.kept:,}",
                rejected=f"{refused:,}",
                aside=f"{aside:,}",
            )
        ]
        for fate, counts in ((REJECTED, self.rejected), (SET_ASIDE, self.set_aside)):
            lines += [
                f"  {words('intake_' + fate)}: {reason.text(lang)}: {count:,}" for reason, count in counts.items()
            ]
        return "\n".join([*lines, *(note.text(lang) for note in self.notes)])

    def account(self) -> Mapping[str, object]:
        """The account as plain data, for provenance: rows, kept, rejected and set aside by reason, in English."""
        return {
            "rows": self.rows,
            "kept": self.kept,
            "rejected": {reason.text("en"): count for reason, count in self.rejected.items()},
            "set_aside": {reason.text("en"): count for reason, count in self.set_aside.items()},
            "notes": [note.text("en") for note in self.notes],
        }

    def write_rejects(self, path: str | Path, lang: str = "en") -> Path:
        """Every row that was not kept, as CSV: line, fate, reason, and the row with personal data masked."""
        words = Words(lang)
        shown = self.rejects.assign(
            fate=[words(f"intake_{fate}") for fate in self.rejects["fate"]],
            reason=[reason.text(lang) for reason in self.rejects["reason"]],
            row=[f"'{row}" if row.startswith(("=", "+", "-", "@")) else row for row in self.rows_lost()],
        )
        return write_whole(path, lambda there: shown.to_csv(there, index=False, encoding="utf-8-sig"))


def no_rejects() -> pd.DataFrame:
    """An empty table of rejects."""
    kinds = {"line": "int64", "fate": object, "reason": object}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})

"""Where two records of the same contact say different things, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.columns import CONTACTS
from csim.reconcile.worth import MICRO, NEVER, instants, texts

NAMES = ("queue", "channel", "vendor", "group", "agent", "direction")  # what two systems may call otherwise
LEFT_OUT = ("contact_id", "quick_abandons", "replication", "day")  # of the simulator, or the key itself


@dataclass(frozen=True)
class Promise:
    """An answer time that somebody promised: in seconds (None: the log's own), of one queue or of all."""

    within_s: float | None
    queue: str | None = None

    @property
    def field(self) -> str:
        """
        The name of the difference.

        Examples:
            >>> Promise(20).field, Promise(None).field
            ('answered_within_20s', 'answered_within')
        """
        return "answered_within" if self.within_s is None else f"answered_within_{self.within_s:g}s"


@dataclass(frozen=True)
class Differing:
    """
    One column compared over all pairs.

    Attributes:
        field: The column. apart: Pairs that differ. within: Pairs that differ, by no more than the tolerance.
        ours, theirs: What the logs say, as cells to be shown, for the pairs in *apart*.
        ahead_s: For times, the median of theirs − ours, s.
    """

    field: str
    apart: np.ndarray
    within: np.ndarray
    ours: list[Any]
    theirs: list[Any]
    ahead_s: float = 0.0


def differing(ours: pd.DataFrame, theirs: pd.DataFrame, tolerance_s: float) -> Iterator[Differing]:
    """
    Every known column that both logs have; row i of one is the contact of row i of the other.

    Times and durations differ beyond *tolerance_s* (exactly that much is still the same, to the microsecond), other
    numbers beyond a millionth, texts when they read differently. A cell that is empty in one log only is a difference.

    Examples:
        >>> one, other = pd.DataFrame({"wait_s": [5.0, 5.0, 5.0]}), pd.DataFrame({"wait_s": [5.5, 5.500002, 5.0]})
        >>> [(d.field, d.apart.tolist(), d.within.tolist()) for d in differing(one, other, 0.5)]
        [('wait_s', [1], [0])]
    """
    for column in CONTACTS:
        name = column.name
        if name in LEFT_OUT or name not in ours.columns or name not in theirs.columns:
            continue
        left, right = ours[name], theirs[name]
        if column.kind == "text":
            yield _of_texts(name, left, right)
        elif column.kind == "time":
            allowed = round(tolerance_s * MICRO)
            yield _of_numbers(name, instants(left), instants(right), allowed, left, right)
        else:
            allowed = round(tolerance_s * MICRO) if name.endswith("_s") else 0
            yield _of_numbers(name, micro(left), micro(right), allowed, left, right)


def kept(ours: pd.DataFrame, theirs: pd.DataFrame, promise: Promise) -> Differing | None:
    """
    Contacts answered in time by one log and not by the other, however small the difference in waiting is.

    None where nobody says what was promised.
    """
    if promise.within_s is None and "answer_within_s" not in ours.columns:
        return None
    limit = micro(ours["answer_within_s"]) if promise.within_s is None else round(promise.within_s * MICRO)
    left, right = (
        (texts(log["outcome"]) == "answered") & (wait != NEVER) & (wait <= limit)
        for log, wait in ((ours, micro(ours["wait_s"])), (theirs, micro(theirs["wait_s"])))
    )
    judged = np.ones(len(ours), dtype=bool) if promise.queue is None else texts(ours["queue"]) == promise.queue
    apart = np.flatnonzero(judged & (left != right))
    yes = np.array(["no", "yes"], dtype=object)
    return Differing(
        promise.field, apart, apart[:0], yes[left[apart].astype(int)].tolist(), yes[right[apart].astype(int)].tolist()
    )


def micro(column: pd.Series) -> np.ndarray:
    """Numbers in whole millionths, `NEVER` where there is none."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values)
    return np.where(known, np.rint(np.where(known, values, 0.0) * MICRO), NEVER).astype(np.int64)


def _of_texts(name: str, left: pd.Series, right: pd.Series) -> Differing:
    one, other = texts(left), texts(right)
    apart = np.flatnonzero(one != other)
    return Differing(name, apart, apart[:0], one[apart].tolist(), other[apart].tolist())


def _of_numbers(
    name: str, one: np.ndarray, other: np.ndarray, allowed: int, left: pd.Series, right: pd.Series
) -> Differing:
    unequal = np.flatnonzero(one != other)
    absent = (one[unequal] == NEVER) | (other[unequal] == NEVER)
    gap = np.where(absent, 0, other[unequal] - np.where(absent, other[unequal], one[unequal]))
    beyond = absent | (np.abs(gap) > allowed)
    apart = unequal[beyond]
    ahead = float(np.median(gap[~absent])) / MICRO if (~absent).any() else 0.0
    return Differing(
        name, apart, unequal[~beyond], _cells(left.iloc[apart]), _cells(right.iloc[apart]), round(ahead, 6)
    )  # fmt: skip


def _cells(column: pd.Series) -> list[Any]:
    """What is shown: numbers as such, instants as text, None for nothing."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [None if at is pd.NaT else at.isoformat(sep=" ", timespec="milliseconds") for at in column]
    return [None if value != value or value is None else float(value) for value in column]


def renamed(found: Differing, ours: pd.Series, theirs: pd.Series) -> list[tuple[str, str]]:
    """The names of theirs that stand one to one for ours, where most pairs differ; else nothing."""
    if found.field not in NAMES or 2 * len(found.apart) <= len(ours):
        return []
    names = pd.DataFrame({"ours": texts(ours), "theirs": texts(theirs)}).drop_duplicates()
    one_to_one = not (names["ours"].duplicated().any() or names["theirs"].duplicated().any())
    return list(names.itertuples(index=False, name=None)) if one_to_one else []


def promises_of(clauses: Sequence[Any], within: float | None) -> list[Promise]:
    """The promised answer times: one given, else those of the contract's clauses, else the log's own."""
    if within is not None:
        return [Promise(within)]
    found = [Promise(float(c.reading.within), c.scope.queue) for c in clauses if c.reading.within is not None]
    return list(dict.fromkeys(found)) or [Promise(None)]

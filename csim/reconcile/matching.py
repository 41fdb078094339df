"""Which contact of one log is which contact of the other: by id, also where two systems write it differently."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake


@dataclass(frozen=True)
class Pairs:
    """
    Rows of two logs that are the same contact, as positions.

    Attributes:
        ours, theirs: Position of each matched contact in both logs. respelt: Whether its id is written differently.
        only_ours, only_theirs: Positions of the others.
        unclear: How many of these have a namesake in the other log once spelling is ignored, but not a single one.
    """

    ours: np.ndarray
    theirs: np.ndarray
    respelt: np.ndarray
    only_ours: np.ndarray
    only_theirs: np.ndarray
    unclear: int


def plain_id(written: str) -> str:
    """
    An id without what spreadsheets and exports add or take: spaces, leading zeros, ".0", case, full-width digits.

    Examples:
        >>> [plain_id(text) for text in ("007", " 7 ", "7.0", "'7", "\\uff17", "AB-01", "ab -01", "000")]
        ['7', '7', '7', '7', '7', 'ab-01', 'ab-01', '0']
    """
    text = written
    if not (text.isascii() and text.isalnum()):
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if c.isprintable() and not c.isspace()).lstrip("'")
        head, dot, tail = text.partition(".")
        if dot and head.isdigit() and not tail.strip("0"):
            text = head
    return text.lstrip("0") or "0" if text.isdecimal() else text.casefold()


def pairs(ours: pd.Series, theirs: pd.Series) -> Pairs:
    """
    Matches equal ids first; of the rest those that are equal once spelling is ignored, if one to one in the whole logs.

    Raises:
        InputError: An id is missing, or stands twice in one log.

    Examples:
        >>> found = pairs(pd.Series(["1", "007", "9", "x"]), pd.Series(["7", "1", "09", "0009"]))
        >>> found.ours.tolist(), found.theirs.tolist(), found.respelt.tolist(), found.unclear
        ([0, 1], [1, 0], [False, True], 3)
    """
    mine, other = _ids(ours, "ours"), _ids(theirs, "theirs")
    at = pd.Index(other).get_indexer(pd.Index(mine))
    exact = np.flatnonzero(at >= 0)
    free_ours, free_theirs = np.flatnonzero(at < 0), _others(at[exact], len(other))
    unclear = 0
    more = np.zeros((0, 2), dtype=np.int64)
    if len(free_ours) and len(free_theirs):
        more, unclear = _respelt(mine, other, free_ours, free_theirs)
    left, right = np.concatenate([exact, more[:, 0]]), np.concatenate([at[exact], more[:, 1]])
    respelt = np.arange(len(left)) >= len(exact)
    order = np.argsort(left, kind="stable")
    left, right = left[order], right[order]
    return Pairs(left, right, respelt[order], _others(left, len(mine)), _others(right, len(other)), unclear)


def _ids(column: pd.Series, whose: str) -> np.ndarray:
    ids = column.astype("str").to_numpy(dtype=object)
    if column.isna().any():
        raise InputError([Mistake("contact_id is missing", "contact_id", whose)])
    twice = pd.Index(ids).duplicated()
    if twice.any():
        what = f'contact_id "{ids[twice][0]}" stands twice ({int(twice.sum())} such rows): keep one'
        raise InputError([Mistake(what, "contact_id", whose)])
    return ids


def _others(taken: np.ndarray, size: int) -> np.ndarray:
    free = np.ones(size, dtype=bool)
    free[taken] = False
    return np.flatnonzero(free)


def _respelt(
    mine: np.ndarray, other: np.ndarray, free_ours: np.ndarray, free_theirs: np.ndarray
) -> tuple[np.ndarray, int]:
    """Pairs of positions whose plain ids occur once in either log, and how many rows have namesakes but no pair."""
    codes, keys = pd.factorize(np.array([plain_id(i) for ids in (mine, other) for i in ids], dtype=object))
    left, right = codes[: len(mine)], codes[len(mine) :]
    in_ours, in_theirs = np.bincount(left, minlength=len(keys)), np.bincount(right, minlength=len(keys))
    place = np.full(len(keys), -1)
    place[right[free_theirs]] = free_theirs
    ours, theirs = left[free_ours], right[free_theirs]
    single = (in_ours[ours] == 1) & (in_theirs[ours] == 1) & (place[ours] >= 0)
    found = np.column_stack([free_ours[single], place[ours[single]]])
    namesakes = int((in_theirs[ours] > 0).sum() + (in_ours[theirs] > 0).sum())
    return found, namesakes - 2 * len(found)

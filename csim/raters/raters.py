"""Reading what raters scored: one score for each contact, by a stated rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake, did_you_mean
from csim.raters.ratings import PLACES, Ratings, Rule
from csim.settlement.tables import read_table

REQUIRED = ("contact_id", "rater", "score")


def rated(
    ratings: pd.DataFrame | str | Path, *, rule: Rule = "median", pass_mark: Any = None, month: str | None = None,
    scale: tuple[float, float] = (0, 100),
) -> Ratings:  # fmt: skip
    """
    One score for each contact from the scores of its raters.

    The `median` of two raters is their mean. `trimmed` is the mean without one highest and one lowest score where
    there are three raters or more. Scores are kept to six decimals; a contact passes from *pass_mark* on.

    Args:
        ratings: A table, CSV or xlsx: contact_id, rater, score, and if known month, queue and vendor.
        month: The month of all contacts where the table has no such column.
        scale: Lowest and highest possible score.

    Raises:
        InputError: Missing columns or cells, scores off the scale, a rater who scores a contact twice.

    Examples:
        >>> table = pd.DataFrame({"contact_id": ["1", "1", "2", "2"], "rater": ["An", "Bo", "An", "Bo"],
        ...                       "score": [97, 98, 88, 96]})
        >>> result = rated(table, pass_mark=97, month="2026-03")
        >>> [(kpi, str(n), str(d)) for kpi, n, d in result.kpis[["kpi", "numerator", "denominator"]].to_numpy()]
        [('qa_score', '189.5', '2'), ('qa_pass_rate', '1', '2')]
        >>> print(result.notes[1].text("en"))
        The two raters differ by 4.5 points: An scores lower than Bo (± 44.5; 2 contacts); it may be chance.
    """
    if rule not in ("median", "trimmed"):
        raise InputError([Mistake(f'no rule "{rule}": {did_you_mean(rule, ("median", "trimmed"))}', "rule")])
    given = _checked(ratings, month, scale)
    by_contact = given.groupby("contact_id", sort=False)
    middle: Callable = _median if rule == "median" else _trimmed
    scores = by_contact[list(PLACES)].first()
    scores["raters"] = by_contact.size()
    scores["score"] = by_contact["score"].agg(lambda part: round(middle(np.sort(part.to_numpy())), 6)).astype(float)
    wide = given.pivot(index="contact_id", columns="rater", values="score").reindex(scores.index)
    mark = None if pass_mark is None else Decimal(str(pass_mark))
    return Ratings(scores.reset_index(), wide, rule, mark)


def _median(ordered: np.ndarray) -> float:
    return float(np.median(ordered))


def _trimmed(ordered: np.ndarray) -> float:
    return float((ordered[1:-1] if len(ordered) > 2 else ordered).mean())


# -- reading ----------------------------------------------------------------------------------------


def _checked(ratings: pd.DataFrame | str | Path, month: str | None, scale: tuple[float, float]) -> pd.DataFrame:
    """The table with a score and the place of every row; or every mistake in it."""
    file = "" if isinstance(ratings, pd.DataFrame) else str(ratings)
    table = ratings.reset_index(drop=True) if isinstance(ratings, pd.DataFrame) else read_table(ratings, REQUIRED)
    heads = [str(name) for name in table.columns]
    absent = [name for name in REQUIRED if name not in heads]
    if absent:
        raise InputError(
            Mistake(f'column "{name}" is missing; {did_you_mean(name, heads)}', "", file) for name in absent
        )
    given = pd.DataFrame(index=table.index)
    for name in ("contact_id", "rater", *PLACES):
        column = table[name] if name in table.columns else pd.Series("", index=table.index)
        given[name] = [_word(cell) for cell in column]
    if month is not None and "month" not in table.columns:
        given["month"] = month
    given["score"] = pd.to_numeric(table["score"], errors="coerce").astype(float).round(6)
    mistakes = list(_mistakes(given, table["score"], scale, file))
    if mistakes:
        raise InputError(mistakes[:20])
    return given


def _word(cell: Any) -> str:
    """A cell as text: nothing is "", and a whole number that a spreadsheet made a float has no ".0"."""
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _mistakes(given: pd.DataFrame, written: pd.Series, scale: tuple[float, float], file: str) -> Iterator[Mistake]:
    for i in np.flatnonzero((given["contact_id"] == "") | (given["rater"] == "")):
        yield Mistake("write a contact_id and a rater in every row", "contact_id, rater", file, int(i) + 2)
    low, high = scale
    for i in np.flatnonzero(~given["score"].between(low, high)):
        what = f'"{written.iloc[i]}" is no score from {low:g} to {high:g}'
        yield Mistake(what, "score", file, int(i) + 2)
    for i in np.flatnonzero(given.duplicated(["contact_id", "rater"]) & (given["rater"] != "")):
        row = given.iloc[i]
        what = f'{row["rater"]} scores contact "{row["contact_id"]}" twice: keep one'
        yield Mistake(what, "rater", file, int(i) + 2)
    for name in PLACES:
        several = given.groupby("contact_id")[name].nunique()
        for contact in several[several > 1].index:
            yield Mistake(f'contact "{contact}" stands under several {name}s: write one', name, file)

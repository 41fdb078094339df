"""Which rows of a vendor's table a rule means: conditions on cells as they are written."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, WithJsonSchema

from csim.schema.fields import Part

Word = Annotated[str, BeforeValidator(lambda cell: _written(cell)), WithJsonSchema({"type": ["string", "number"]})]


def _written(cell: Any) -> Any:
    """A cell as the file writes it: YAML's numbers and truths are text here."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:g}" if isinstance(cell, float) else str(cell) if isinstance(cell, int) else cell


class Test(Part):
    """What a cell must be: not one of some words, or a number between bounds."""

    __test__ = False  # no test of pytest's
    isnt: Word | tuple[Word | None, ...] | None = Field(default=(), alias="not", examples=["TRANSFER"])
    below: float | None = None
    at_least: float | None = None


Wanted: TypeAlias = Word | Test | tuple[Word | None, ...] | None
Where: TypeAlias = dict[str, Wanted]


def holds(where: Mapping[str, Wanted], table: pd.DataFrame) -> np.ndarray:
    """
    The rows in which every cell that is named is what it should be.

    A condition is a word (``*`` stands for any text), a list of words, null for an empty cell, or a `Test`.

    Examples:
        >>> table = pd.DataFrame({"outcome": ["AGENT", "HANG", None], "q_time": ["3", "0", "9"]})
        >>> holds({"outcome": ("HANG", None), "q_time": "0"}, table).tolist()
        [False, True, False]
        >>> holds({"q_time": Test(below=9)}, table).tolist()
        [True, True, False]
    """
    rows = np.ones(len(table), dtype=bool)
    for column, wanted in where.items():
        rows &= _meets(table[column], wanted)
    return rows


def _meets(cells: pd.Series, wanted: Wanted) -> np.ndarray:
    if not isinstance(wanted, Test):
        return among(cells, wanted if isinstance(wanted, tuple) else (wanted,))
    rows = np.ones(len(cells), dtype=bool)
    if wanted.isnt != ():
        rows &= ~among(cells, wanted.isnt if isinstance(wanted.isnt, tuple) else (wanted.isnt,))
    if wanted.below is not None or wanted.at_least is not None:
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        if wanted.below is not None:
            rows &= numbers < wanted.below
        if wanted.at_least is not None:
            rows &= numbers >= wanted.at_least
    return rows


def among(cells: pd.Series, words: Sequence[str | None]) -> np.ndarray:
    """Which cells are one of the words; ``*`` in a word stands for any text, None for an empty cell."""
    plain = [word for word in words if word is not None and "*" not in word]
    rows = np.array(cells.isin(plain), dtype=bool)
    if None in words:
        rows |= cells.isna().to_numpy(dtype=bool)
    patterns = [word for word in words if word is not None and "*" in word]
    if patterns:
        known = [str(cell) for cell in cells.dropna().unique()]
        fitting = [cell for cell in known if any(fnmatch.fnmatchcase(cell, pattern) for pattern in patterns)]
        rows |= cells.isin(fitting).to_numpy(dtype=bool)
    return rows

"""A vendor's table as it is written: every cell a text, every row with its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csim.display.notes import Note


@dataclass(frozen=True)
class Raw:
    """
    Rows of text.

    Attributes:
        table: Text cells under the file's own headers; an empty cell is missing.
        line: The line of each row in the file (the row of a sheet, from 1 with the header).
        broken: Rows that are no rows of the table: (line, key of the reason, text).
        heads: All headers of the file, also of columns that were not read.
        cells: The cells of some rows, by position, under these.
    """

    table: pd.DataFrame
    line: np.ndarray
    broken: tuple[tuple[int, str, str], ...] = ()
    heads: tuple[str, ...] = ()
    cells: Callable[[np.ndarray], list[list[str]]] = field(default=lambda rows: [])
    notes: tuple[Note, ...] = ()

    def head(self, name: str) -> str | None:
        """The header that a mapping means by *name*."""
        return heads_meant(self.table.columns, [name]).get(name)

    @property
    def rows(self) -> int:
        return len(self.table) + len(self.broken)


def heads_meant(heads: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """
    The header of each name: as it is written, else the only one that differs in case, width or marks between words.

    Examples:
        >>> heads_meant(["Agent_Username", "Queue.Name", "queue name"], ["Agent.Username", "Queue.Name", "Queue Name"])
        {'Agent.Username': 'Agent_Username', 'Queue.Name': 'Queue.Name'}
    """
    there = list(heads)
    alike: dict[str, list[str]] = {}
    for head in there:
        alike.setdefault(_plain(head), []).append(head)
    found = {}
    for name in names:
        meant = [name] if name in there else alike.get(_plain(name), [])
        if len(meant) == 1:
            found[name] = meant[0]
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_.\-]", "", unicodedata.normalize("NFKC", name).casefold())

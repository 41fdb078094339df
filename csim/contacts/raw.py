"""A vendor's table as it is written: every cell a text, every row with its line."""

from __future__ import annotations

from collections.abc import Callable
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
        text: The text of some rows as they are written, by position.
    """

    table: pd.DataFrame
    line: np.ndarray
    broken: tuple[tuple[int, str, str], ...] = ()
    text: Callable[[np.ndarray], list[str]] = field(default=lambda rows: [])
    notes: tuple[Note, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.table) + len(self.broken)

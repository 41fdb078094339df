"""Tables as a workbook: formatted by unit, header frozen, every text as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from csim.files import write_whole

FORMATS = {"share": "0.0%", "s": "0.0", "count": "#,##0.0"}
NUMBERS = ("value", "ci_low", "ci_high", "difference", "unpaired_half", "numerator", "denominator")


def write_workbook(path: str | Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """
    One sheet per table; shares are shown in per cent where the table has a unit.

    A name that looks like a formula or a link stays text; what is not measured is an empty cell.
    """
    return write_whole(path, lambda temporary: _write(temporary, tables))


def _write(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        looks = {unit: book.add_format({"num_format": text}) for unit, text in FORMATS.items()}
        for name, table in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            units = table["unit"].tolist() if "unit" in table else [""] * len(table)
            for column, title in enumerate(table.columns):
                cells = table[title].tolist()
                sheet.write_string(0, column, str(title), head)
                sheet.set_column(
                    column, column, min(40, 2 + max(len(str(title)), *(len(_plain(c)) for c in cells[:200] or [""])))
                )
                for row, (cell, unit) in enumerate(zip(cells, units, strict=True), start=1):
                    _cell(sheet, row, column, cell, looks.get(unit) if title in NUMBERS else None)


def _cell(sheet: Any, row: int, column: int, cell: Any, look: Any) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if cell == cell and abs(cell) != float("inf"):
            sheet.write_number(row, column, cell, look)
    elif cell is not None and cell is not pd.NaT:
        sheet.write_string(row, column, str(cell))  # never `write`, which makes formulas and links of names


def _plain(cell: Any) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)

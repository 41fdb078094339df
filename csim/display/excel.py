"""Tables as a workbook: formatted by unit, header frozen, every text as text."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from csim.files import write_whole

FORMATS = {"share": "0.0%", "s": "0.0", "count": "#,##0.0"}
NUMBERS = ("value", "ci_low", "ci_high", "difference", "unpaired_half", "numerator", "denominator")
MONEY = "#,##0.00;[Red]-#,##0.00"
FROZEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
BODY = {"font_name": "Arial", "font_size": 10}
LOOKS: dict[str, dict[str, Any]] = {
    "": {"valign": "top", "text_wrap": True},
    "plain": {"valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "answer": {"bold": True, "font_size": 12, "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bottom": 1, "top": 1, "text_wrap": True, "valign": "top", "bg_color": "#F0F4F6"},
    "key": {"bold": True, "valign": "top", "text_wrap": True},
    "section": {"bold": True, "font_size": 12, "bottom": 1},
    "money": {"num_format": MONEY, "valign": "top"},
    "sum": {"num_format": MONEY, "bold": True, "top": 1, "valign": "top"},
    "share": {"num_format": "0.00%", "valign": "top"},
    "number": {"num_format": "#,##0.######", "valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "note": {"font_color": "#5F6B76", "text_wrap": True, "valign": "top"},
    "empty": {"border": 1, "border_color": "#9AA5AE"},
}


@dataclass(frozen=True)
class Put:
    """
    A cell of a laid-out sheet: a number or text, or a formula with the value it has now.

    Attributes:
        look: A key of LOOKS, or a number format. across: How many columns it spans.
    """

    value: Any = ""
    look: str = ""
    formula: str = ""
    across: int = 1


@dataclass(frozen=True)
class Sheet:
    """
    A sheet laid out by hand: rows of cells from the first column on.

    Attributes:
        widths: Of the columns, in characters. frozen: How many rows stay in sight. heights: Of rows, in points.
    """

    name: str
    rows: Sequence[Sequence[Put]]
    widths: Sequence[float]
    frozen: int = 1
    heights: Mapping[int, float] = field(default_factory=dict)


def write_workbook(
    path: str | Path, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any] | None = None
) -> Path:
    """
    One sheet per table, and one for where the numbers come from; shares are in per cent where the table has a unit.

    A name that looks like a formula or a link stays text; what is not measured is an empty cell.
    """
    found = dict(tables)
    if provenance is not None:
        plain = [(key, str(value)) for key, value in provenance.items()]
        found["provenance"] = pd.DataFrame(plain, columns=["what", "value"]).astype(object)
    return write_whole(path, lambda temporary: _write(temporary, found))


def write_sheets(path: str | Path, sheets: Sequence[Sheet]) -> Path:
    """Sheets laid out by hand, printed on A4 across; the same sheets give the same bytes."""
    return write_whole(path, lambda temporary: _lay_out(temporary, sheets))


def sheet_names(names: Iterable[str]) -> list[str]:
    """
    Names that a workbook takes: at most 31 characters, none of []:*?/\\ or what begins a formula, no two alike.

    Examples:
        >>> sheet_names(["A/B", "a?b", "", "'quoted'"])
        ['A_B', 'a_b (2)', 'sheet', 'quoted']
    """
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f=+@\"!]", "_", name).strip(" '")[:31] or "sheet"
        taken, number, wanted = {other.casefold() for other in found}, 2, plain
        while wanted.casefold() in taken or wanted.casefold() == "history":
            wanted, number = f"{plain[:26]} ({number})", number + 1
        found.append(wanted)
    return found


def created() -> dt.datetime:
    """The moment that files say they were made: SOURCE_DATE_EPOCH, or one that never changes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC).replace(tzinfo=None) if epoch else dt.datetime(2000, 1, 1)


def _lay_out(path: Path, sheets: Sequence[Sheet]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), FROZEN) as book:
        book.set_properties({"created": created()})
        looks = {name: book.add_format({**BODY, **look}) for name, look in LOOKS.items()}
        for look in sorted({cell.look for wanted in sheets for row in wanted.rows for cell in row} - looks.keys()):
            looks[look] = book.add_format({**BODY, "valign": "top", "num_format": look})
        for wanted in sheets:
            sheet = book.add_worksheet(wanted.name)
            _paper(sheet, wanted)
            for row, cells in enumerate(wanted.rows):
                column = 0
                for cell in cells:
                    _put(sheet, row, column, cell, looks)
                    column += cell.across


def _paper(sheet: Any, wanted: Sheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&C&P / &N")
    sheet.hide_gridlines(2)
    sheet.freeze_panes(wanted.frozen, 0)
    if wanted.frozen:
        sheet.repeat_rows(wanted.frozen - 1)
    for column, width in enumerate(wanted.widths):
        sheet.set_column(column, column, width)
    for row, height in wanted.heights.items():
        sheet.set_row(row, height)


def _put(sheet: Any, row: int, column: int, cell: Put, looks: Mapping[str, Any]) -> None:
    look = looks[cell.look]
    if cell.across > 1:
        sheet.merge_range(row, column, row, column + cell.across - 1, "", look)
    if cell.formula:
        sheet.write_formula(row, column, cell.formula, look, cell.value)
    elif isinstance(cell.value, str):
        if cell.value or cell.look == "empty":
            sheet.write_string(row, column, cell.value, look)
    elif cell.value is not None:
        sheet.write_number(row, column, cell.value, look)


def _write(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), FROZEN) as book:
        book.set_properties({"created": created()})
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
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        if cell == cell and abs(cell) != float("inf"):
            sheet.write_number(row, column, cell, look)
    elif cell is not None and cell is not pd.NaT:
        sheet.write_string(row, column, str(cell))  # never `write`, which makes formulas and links of names


def _plain(cell: Any) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)

"""Sheets that people fill in: written with headers, notes and drop-down lists, read back cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake, letters
from csim.files import write_whole

HEADS = 2  # rows above the first that is filled in: names for people, keys for csim
SPARE = 200  # empty rows below the last that are ready to be filled in
LONGEST_LIST = 255  # characters that Excel takes for a list in the cell itself
CHOICES = "choices"
EPOCH = dt.datetime(2026, 1, 1)  # so that the same forms give the same bytes


@dataclass(frozen=True)
class Cell:
    """A cell as it was found."""

    value: Any
    number_format: str = ""
    is_formula: bool = False


@dataclass(frozen=True)
class Field:
    """
    What a column (or one cell of a sheet of facts) holds.

    `kind` is text, number or date: what somebody types into an empty cell stays what it is. `strict` refuses what is
    not among the options.
    """

    kind: str = "text"
    options: tuple[str, ...] = ()
    strict: bool = True


@dataclass(frozen=True)
class Head:
    """A column: its name, its key, what stands in its note, and how wide it is."""

    name: str
    key: str
    note: str = ""
    width: float = 14
    field: Field = Field()


@dataclass(frozen=True)
class Form:
    """A sheet. `fields` overrules the column's field for single cells (row and column counted from the first row)."""

    title: str
    heads: Sequence[Head] = ()
    rows: Sequence[Sequence[Any]] = ()
    fields: Mapping[tuple[int, int], Field] = field(default_factory=dict)
    frozen_columns: int = 0
    spare: int = SPARE


def write_forms(path: str | Path, texts: Mapping[str, Sequence[str]], forms: Sequence[Form]) -> Path:
    """
    A workbook: sheets of plain text first (their first line is a title), then the forms.

    Texts are never formulas or links, numbers are numbers, dates are dates; None leaves a cell empty.
    """
    return write_whole(path, lambda temporary: _Writer(temporary).write(texts, forms))


class _Writer:
    """One workbook being written."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(str(path))
        self.book.set_properties({"created": EPOCH, "author": "csim", "comments": ""})
        wrap = {"text_wrap": True, "valign": "top"}
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.prose = self.book.add_format(wrap)
        self.name = self.book.add_format({"bold": True, "bg_color": "#DDE6EE", **wrap})
        self.key = self.book.add_format({"font_color": "#666666", "italic": True, "bottom": 1, "num_format": "@"})
        self.fixed = self.book.add_format({"font_color": "#444444", "num_format": "@", **wrap})
        formats = {"text": "@", "number": "General", "decimal": "0.0##############", "date": "yyyy-mm-dd"}
        self.looks = {
            kind: self.book.add_format({"num_format": text, "valign": "top", "text_wrap": kind == "text"})
            for kind, text in formats.items()
        }
        self.long: dict[tuple[str, ...], str] = {}

    def write(self, texts: Mapping[str, Sequence[str]], forms: Sequence[Form]) -> None:
        for title, lines in texts.items():
            sheet = self.book.add_worksheet(title)
            sheet.set_column(0, 0, 110, self.prose)
            for row, line in enumerate(lines):
                self._text(sheet, row, 0, line, self.prose if row else self.title)
        for form in forms:
            self._form(form)
        if self.long:
            self._long_lists()
        self.book.close()

    def _form(self, form: Form) -> None:
        sheet = self.book.add_worksheet(form.title)
        sheet.freeze_panes(HEADS, form.frozen_columns)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        last = HEADS + len(form.rows) + form.spare - 1
        for column, head in enumerate(form.heads):
            look = self.fixed if head.key.startswith("#") else self.looks[head.field.kind]
            sheet.set_column(column, column, head.width, look)
            self._text(sheet, 0, column, head.name, self.name)
            self._text(sheet, 1, column, head.key, self.key)
            if head.note:
                box = {"author": "csim", "x_scale": 2.2, "y_scale": 0.4 + 0.16 * len(head.note.splitlines())}
                sheet.write_comment(0, column, head.note, box)
            self._choices(sheet, (HEADS, column, last, column), head.field)
        for (row, column), inner in form.fields.items():
            self._choices(sheet, (HEADS + row, column, HEADS + row, column), inner)
        for row, cells in enumerate(form.rows):
            for column, value in enumerate(cells):
                head = form.heads[column]
                kind = form.fields.get((row, column), head.field).kind
                look = self.fixed if head.key.startswith("#") else self.looks[kind]
                self._cell(sheet, HEADS + row, column, value, look)

    def _cell(self, sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
        if value is None:
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, self.looks["date"])
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.looks["decimal" if isinstance(value, float) else "number"])
        else:
            self._text(sheet, row, column, str(value), look)

    def _text(self, sheet: Any, row: int, column: int, text: str, look: Any) -> None:
        if sheet.write_string(row, column, text, look):  # never `write`, which makes formulas and links of names
            raise InputError([Mistake(f'a text of {len(text)} characters is too long for a cell: "{text[:40]}\u2026"')])

    def _choices(self, sheet: Any, where: tuple[int, int, int, int], inner: Field) -> None:
        if not inner.options:
            return
        source: Any = list(inner.options)
        if len(",".join(inner.options)) > LONGEST_LIST or any("," in option for option in inner.options):
            column = letters(len(self.long) + 1)
            source = self.long.setdefault(inner.options, f"={CHOICES}!${column}$1:${column}${len(inner.options)}")
        kind = "stop" if inner.strict else "information"
        sheet.data_validation(*where, {"validate": "list", "source": source, "error_type": kind})

    def _long_lists(self) -> None:
        sheet = self.book.add_worksheet(CHOICES)
        sheet.hide()
        for column, options in enumerate(self.long):
            for row, option in enumerate(options):
                self._text(sheet, row, column, option, None)


def read_sheets(path: Path) -> Iterator[tuple[str, list[list[Cell]]]]:
    """
    Every sheet's title and its cells, row by row.

    Raises:
        InputError: There is no such file, or it is no workbook.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except FileNotFoundError:
        raise InputError([Mistake("no such file: write the path of a workbook", "", str(path))]) from None
    except Exception:  # a broken zip, a broken XML, a password: openpyxl raises whatever it meets
        what = "cannot be read as a workbook: save it as .xlsx, without a password"
        raise InputError([Mistake(what, "", str(path))]) from None
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            yield sheet.title, [[_found(cell) for cell in row] for row in sheet.iter_rows()]
    finally:
        book.close()


def _found(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell(None)
    return Cell(value, cell.number_format or "", cell.data_type == "f")

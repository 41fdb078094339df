"""The tables of a report as a workbook: the answer, then a sheet a table, with numbers as numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from csim.display.excel import Put, Sheet, sheet_names, write_sheets
from csim.display.words import Words
from csim.report.bound import Bound

_NUMBER = re.compile(r"([+−±-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:[ \u00a0]?(%))?")
WIDEST, NARROWEST = 60, 9
ANSWER, LINE = 100, 17.0  # characters of its column, points of a line of it


@dataclass
class _Table:
    """A table as it is being read: its title, and rows of cells, each with the small lines below it."""

    title: str
    rows: list[list[tuple[str, list[str]]]] = field(default_factory=list)
    heads: int = 0


class _Reader(HTMLParser):
    """Reads the tables of a page with the heading or caption that each stands under."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.heading = ""
        self._open: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(_Table(self.heading))
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append(("", []))
        elif tag == "small":
            self.tables[-1].rows[-1][-1][1].append("")
        elif tag == "caption":
            self.tables[-1].title = ""
        elif tag == "h2":
            self.heading = ""
        if tag in ("h2", "caption", "td", "th", "small"):
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self.tables[-1].heads = len(self.tables[-1].rows)
        if tag == self._open:
            self._open = "td" if tag == "small" else ""

    def handle_data(self, data: str) -> None:
        if self._open == "h2":
            self.heading += data
        elif self._open == "caption":
            self.tables[-1].title += data
        elif self._open in ("td", "th"):
            text, below = self.tables[-1].rows[-1][-1]
            self.tables[-1].rows[-1][-1] = (text + data, below)
        elif self._open == "small":
            self.tables[-1].rows[-1][-1][1][-1] += data


def workbook_of(bound: Bound, path: Path) -> Path:
    """
    Writes the answer and every table of a report; what stands in small print below a cell gets a column of its own.

    A text stays a text, also one that a spreadsheet would take for a formula or a link.
    """
    words = Words(bound.lang)
    reader = _Reader()
    reader.feed(bound.cover + "".join(bound.sections))
    found = [table for table in reader.tables if len(table.rows) > table.heads]
    names = sheet_names([words("sheet_answer"), *(table.title or bound.title for table in found)])
    said = [Put(bound.title, "title")], [Put(bound.answer, "answer")], [Put(bound.source, "note")]
    marked = [[Put(bound.mark, "key")]] if bound.mark else []
    lines = -(-_cells(bound.answer) // ANSWER)
    sheets = [Sheet(names[0], [*marked, *said], [ANSWER], frozen=0, heights={len(marked) + 1: LINE * lines})]
    sheets += [_sheet(name, table, words) for name, table in zip(names[1:], found, strict=True)]
    return write_sheets(path, sheets)


def _sheet(name: str, table: _Table, words: Words) -> Sheet:
    columns = max(len(row) for row in table.rows)
    noted = [any(len(row) > i and row[i][1] for row in table.rows) for i in range(columns)]
    rows = []
    for number, row in enumerate(table.rows):
        head = number < table.heads
        cells: list[Put] = []
        for i, (text, below) in enumerate(row):
            plain = head or i == 0  # the first column says what a row is about: clause 5.10 is no number
            cells.append(Put(text.strip(), "head" if head else "") if plain else put(text))
            if noted[i]:
                cells.append(Put(words("sheet_note") if head else "\n".join(below), "head" if head else "note"))
        rows.append(cells)
    return Sheet(name, rows, _widths(rows), frozen=table.heads)


def _widths(rows: list[list[Put]]) -> list[float]:
    """As wide as the longest line of a column, within limits."""
    found = [float(NARROWEST)] * max(len(row) for row in rows)
    for row in rows:
        for i, cell in enumerate(row):
            found[i] = max([found[i], *(_cells(line) for line in str(cell.value).split("\n"))])
    return [min(float(WIDEST), width) for width in found]


def put(text: str) -> Put:
    """
    What a cell of a page shows, as a cell of a sheet: a number where it is nothing but one.

    Examples:
        >>> [(cell.value, cell.look) for cell in map(put, ["81.7 %", "−11,466.00", "+3", "2026-11", "=1+1", "8 min"])]
        [(0.817, '0.0%'), (-11466.0, '#,##0.00'), (3.0, '#,##0'), ('2026-11', ''), ('=1+1', ''), ('8 min', '')]
    """
    plain = text.strip()
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return Put(plain)
    sign, whole, part, percent = found.groups(default="")
    if sign == "±" or (len(whole) > 1 and whole.startswith("0")) or len(whole.replace(",", "")) > 15:
        return Put(plain)  # a name of digits
    digits = "0" * (len(part) - 1) if part else ""
    shape = (f"0.{digits}" if digits else "0") if percent else (f"#,##0.{digits}" if digits else "#,##0")
    number = float(whole.replace(",", "") + part) * (-1 if sign in ("−", "-") else 1)
    return Put(round(number / 100, len(digits) + 2) if percent else number, shape + ("%" if percent else ""))


def _cells(text: str) -> int:
    """How wide a text is, in characters of a sheet; Chinese takes two."""
    return round(sum(1.9 if ord(character) > 0x2E7F else 1.05 for character in text)) + 2

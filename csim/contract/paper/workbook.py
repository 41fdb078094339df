"""A contract as a workbook: the terms and the messages of YAML, with sheet and cell for line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from csim.contract.dated import is_dated
from csim.contract.paper.cells import ELSEWHERE, cell_of, labelled
from csim.contract.paper.filled import TEXT, Filling
from csim.contract.paper.notes import field_of, name_of, note_of, readme, title_of
from csim.contract.paper.sheets import NAME, NUMBER, Column, Sheet, address, sheets, spot_of
from csim.contract.shape import contract_shape
from csim.display.forms import CHOICES, Form, Head, read_sheets, write_forms
from csim.errors import InputError, Mistake, did_you_mean
from csim.schema import located
from csim.schema.located import Located

README = "readme"
Rows = dict[located.Path, dict[located.Path, Any]]


def write_workbook(data: Mapping[str, Any], path: str | Path, lang: str = "zh") -> Path:
    """
    Writes the plain data of a contract (all of it, or the beginning of one) as a workbook to fill in.

    Each list of the contract is a sheet with one row per entry; what may be chosen is a drop-down list; what may be
    written stands in the note of each head. `read_workbook` gives the same data back.
    """
    laid = _Laid(lang)
    prices = data.get("pricing")
    listed = {**data, "pricing": [prices]} if isinstance(prices, dict) else data
    for key, value in listed.items():
        laid.take((key,), value)
    forms = [_facts(sheet, laid) if sheet.layout == "facts" else _table(sheet, laid) for sheet in sheets().values()]
    return write_forms(path, {title_of(README, lang): readme(lang)}, forms)


def read_workbook(path: str | Path) -> Located:
    """
    The plain data of a workbook, with sheet and cell of every value.

    Raises:
        InputError: No workbook, a formula, a sheet or row that cannot be placed; every mistake at once.
    """
    filling = Filling(str(path))
    found: dict[str, tuple[str, list]] = {}
    for title, rows in read_sheets(Path(path)):
        key = title.split()[-1] if title.split() else ""
        if key in sheets() and key not in found:
            found[key] = (title, rows)
        elif key not in (README, CHOICES) and not title.startswith("#"):
            what = f'unknown sheet: {did_you_mean(key, sheets())} (a name that begins with "#" is a sheet of remarks)'
            filling.tree.refuse(what, (1, 1, title))
    if not found:
        what = "holds no sheet of a contract: start one with csim new contract terms.xlsx"
        raise InputError([Mistake(what, "", str(path))])
    for key, sheet in sheets().items():
        if key in found:
            filling.read(sheet, key, found[key][1])
    filling.finish()
    result = filling.tree.located()
    if filling.tree.mistakes:
        raise InputError(filling.tree.mistakes)
    return result


class _Laid:
    """The values of a contract, laid on the rows and columns of their sheets."""

    def __init__(self, lang: str) -> None:
        self.lang, self.shape = lang, contract_shape()
        self.rows: dict[str, Rows] = {key: {} for key in sheets()}

    def take(self, path: located.Path, value: Any) -> None:
        """A value and everything below it."""
        if is_dated(value):
            self._dated(path, value)
            self._put(path, ELSEWHERE)
        elif isinstance(value, dict | list) and value:
            for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
                self.take((*path, step), inner)
        else:
            self._put(path, cell_of(value, self.shape.at(path), self.lang))

    def _put(self, path: located.Path, cell: Any) -> None:
        spot = spot_of(path)
        if NAME in spot.sheet.place:
            owner = path[: spot.sheet.place.index(NAME) + 1]
            self.rows[owner[0]].setdefault(owner, {})
        if spot.sheet.layout == "lists":
            self.rows["lists"].setdefault((path[-1],), {})[spot.column] = cell
            return
        row = self.rows[spot.sheet.key].setdefault(spot.row, {})
        if spot.column or spot.sheet.place[-1] != NAME:
            row[spot.column or spot.sheet.columns[0].path] = cell

    def _dated(self, path: located.Path, rows: Sequence[Mapping[str, Any]]) -> None:
        for i, row in enumerate(rows):
            first = True
            for part, value in _leaves(row["value"], ()):
                cells = {
                    "path": address(path), "part": cell_of(address(part), TEXT, self.lang) if part else None,
                    "from": cell_of(row["from"], sheets()["dated"].columns[2].shape, self.lang),
                    "value": cell_of(value, self.shape.at((*path, *part)), self.lang),
                    "clause": cell_of(row["clause"], self.shape, self.lang) if first and "clause" in row else None,
                }  # fmt: skip
                self.rows["dated"][(*path, i, *part)] = {(key,): cell for key, cell in cells.items()}
                first = False


def _leaves(value: Any, path: located.Path) -> list[tuple[located.Path, Any]]:
    if isinstance(value, dict | list) and value:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for step, item in inner for leaf in _leaves(item, (*path, step))]
    return [(path, value)]


def _facts(sheet: Sheet, laid: _Laid) -> Form:
    """A sheet with one row per key; keys that are not used yet stand there, too, ready to be filled in."""
    lang, rows = laid.lang, laid.rows[sheet.key]
    extra = [Column(path, laid.shape.at(path)) for path in rows if path not in {c.path for c in sheet.columns}]
    columns = [*sheet.columns, *extra]
    cells = [
        (name_of(c.path, lang), c.key, rows.get(c.path, {}).get(("value",)), note_of(c, lang).replace("\n", "  "))
        for c in columns
    ]
    heads = [
        Head(name_of((key,), lang), shown, width=width)
        for key, shown, width in (("#", "#", 26), ("key", "key", 30), ("value", "value", 40), ("#note", "#note", 70))
    ]
    fields = {(row, 2): field_of(c, lang) for row, c in enumerate(columns)}
    return Form(title_of(sheet.key, lang), heads, cells, fields, frozen_columns=2, spare=20)


def _table(sheet: Sheet, laid: _Laid) -> Form:
    """A sheet with one row per entry (or, of lists, one column per list)."""
    lang, rows = laid.lang, laid.rows[sheet.key]
    known = [c.path for c in sheet.columns]
    used = dict.fromkeys(column for cells in rows.values() for column in cells if column not in known)
    columns = [*sheet.columns, *(Column(path, _below(sheet).at(path)) for path in used)]
    heads = [Head(name_of((owner,), lang), owner, sheet.about, 18) for owner in sheet.owners]
    for i, c in enumerate(columns):
        about = sheet.about if i == 0 and not heads else ""
        heads.append(
            Head(name_of(c.path, lang, sheet.key), c.key, note_of(c, lang, about), _width(c), field_of(c, lang))
        )
    cells = []
    for row, filled in rows.items():
        owners = [cell_of(row[i], sheets()["dated"].columns[0].shape) for i, s in enumerate(sheet.place) if s == NAME]
        if sheet.layout == "entries":
            filled = _entry(row, filled, lang)
        cells.append([*owners, *(filled.get(c.path) for c in columns)])
    return Form(title_of(sheet.key, lang), heads, cells, frozen_columns=max(1, len(sheet.owners)))


def _entry(path: located.Path, filled: dict[located.Path, Any], lang: str) -> dict[located.Path, Any]:
    name = cell_of(path[-1], sheets()["dated"].columns[0].shape)
    return {("of",): labelled(address(path[:-1]), lang), ("key",): name, **filled}


def _below(sheet: Sheet) -> Any:
    return contract_shape().at(tuple(0 if step == NUMBER else step for step in sheet.place))


def _width(column: Column) -> float:
    name = column.path[-1]
    return {"wording": 26, "name": 28, "measure": 30, "when": 28, "path": 34, "value": 20}.get(name, 15)

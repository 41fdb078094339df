"""From the cells of a filled-in workbook to the plain data of a contract, with the place of every value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csim.contract.paper.cells import ELSEWHERE, meaning
from csim.contract.paper.sheets import NAME, NUMBER, Sheet, address, path_of
from csim.contract.paper.tree import Tree
from csim.contract.shape import Shape, contract_shape
from csim.display.forms import HEADS, Cell
from csim.errors import did_you_mean
from csim.schema.located import Path, Place

TEXT = Shape("text")


@dataclass(frozen=True)
class Row:
    """The cells of a row that are filled in, by the key of their column."""

    number: int
    title: str
    cells: dict[str, tuple[int, Cell]]

    def place(self, key: str = "") -> Place:
        """Where the cell stands; the row's first one if that is empty."""
        column = self.cells[key][0] if key in self.cells else min(c for c, _ in self.cells.values())
        return self.number, column, self.title


class Filling:
    """Reads sheet by sheet into a tree; `elsewhere` are the cells that point to the sheet of dated values."""

    def __init__(self, file: str) -> None:
        self.tree = Tree(file)
        self.elsewhere: dict[Path, Place] = {}
        self.dated: list[Path] = []

    def read(self, sheet: Sheet, title: str, rows: Sequence[Sequence[Cell]]) -> None:
        """One sheet of the workbook."""
        filled = list(self._filled(title, rows))
        if sheet.layout == "facts":
            self._facts(filled)
        elif sheet.layout == "lists":
            self._lists(filled)
        elif sheet.layout == "entries":
            self._entries(sheet, filled)
        elif sheet.layout == "dated":
            self._dated(filled)
        else:
            self._rows(sheet, filled)

    def _filled(self, title: str, rows: Sequence[Sequence[Cell]]) -> Iterator[Row]:
        """Rows with something in them; columns whose key begins with # are remarks."""
        heads = rows[HEADS - 1] if len(rows) >= HEADS else []
        keys = ["" if head.value is None else str(head.value).strip() for head in heads]
        for number, cells in enumerate(rows[HEADS:], HEADS + 1):
            found: dict[str, tuple[int, Cell]] = {}
            for column, cell in enumerate(cells, 1):
                key = keys[column - 1] if column <= len(keys) else ""
                if cell.value is None or str(cell.value).strip() == "" or key.startswith("#"):
                    continue
                if not key or key in found:
                    what = f'the key "{key}" heads two columns' if key else f"row {HEADS} names no key for this column"
                    self.tree.refuse(f"{what}: write one, or # for a column of remarks", (number, column, title))
                    continue
                found[key] = (column, cell)
            if found:
                yield Row(number, title, found)

    def _put(self, path: Path, row: Row, key: str, shape: Shape | None = None) -> None:
        place, cell = row.place(key), row.cells[key][1]
        if cell.value == ELSEWHERE and not cell.is_formula:
            self.elsewhere[path] = place
            return
        try:
            value = meaning(cell, shape or contract_shape().at(path))
        except ValueError as error:
            self.tree.refuse(str(error), place, path)
            return
        self.tree.put(path, value, place, (HEADS, place[1] or 1, row.title))

    def _text(self, row: Row, key: str) -> str | None:
        """A name or an address; None (and a mistake) where the cell holds none."""
        if key not in row.cells:
            self.tree.refuse(f'fill in the column "{key}" of this row', row.place())
            return None
        try:
            return str(meaning(row.cells[key][1], TEXT))
        except ValueError as error:
            self.tree.refuse(str(error), row.place(key))
            return None

    def _address(self, row: Row, key: str) -> Path | None:
        text = self._text(row, key)
        try:
            return None if text is None else path_of(text)
        except ValueError as error:
            self.tree.refuse(str(error), row.place(key))
            return None

    def _facts(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if "value" in row.cells and (path := self._address(row, "key")):
                self._put(path, row, "value")

    def _lists(self, rows: Sequence[Row]) -> None:
        for row in rows:
            for key in row.cells:
                try:
                    path = path_of(key)
                except ValueError as error:
                    self.tree.refuse(str(error), row.place(key))
                    continue
                node = self.tree.node(path, row.place(key))
                number = len([step for step in node.below if isinstance(step, int)])
                self.tree.node((*path, number), row.place(key))
                self._put((*path, number), row, key)

    def _entries(self, sheet: Sheet, rows: Sequence[Row]) -> None:
        known = sheet.columns[0].shape.options
        for row in rows:
            of, name = self._text(row, "of"), self._entry_name(row)
            if of is None or name is None:
                continue
            of = of if of in known else of.rpartition(" ")[2]
            if of not in known:
                self.tree.refuse(f'"{of}" is not known here: {did_you_mean(of, known)}', row.place("of"))
            elif "value" not in row.cells:
                self.tree.refuse('fill in the column "value" of this row', row.place())
            else:
                self._put((*path_of(of), name), row, "value")

    def _entry_name(self, row: Row) -> str | None:
        """A month or a day may have become a date of Excel's: both are meant."""
        found = row.cells.get("key", (0, Cell(None)))[1].value
        if isinstance(found, dt.date):
            of = str(row.cells["of"][1].value) if "of" in row.cells else ""
            return f"{found:%Y-%m}" if of.endswith("months") else f"{found:%Y-%m-%d}"
        return self._text(row, "key")

    def _rows(self, sheet: Sheet, rows: Sequence[Row]) -> None:
        for row in rows:
            path = self._row_path(sheet, row)
            if path is None:
                continue
            owner = sheet.owners[0] if sheet.owners else ""
            node = self.tree.node(path, row.place())
            if sheet.place[-1] == NAME and sheet.key != "further":
                node.place = node.key_place = row.place(owner)
            for key in row.cells:
                if key != owner:
                    try:
                        self._put((*path, *path_of(key)), row, key)
                    except ValueError as error:
                        self.tree.refuse(str(error), (HEADS, row.place(key)[1] or 1, row.title))

    def _row_path(self, sheet: Sheet, row: Row) -> Path | None:
        """Where the row stands in the file: under the name it gives, as the next one of its list."""
        path: Path = ()
        for i, step in enumerate(sheet.place):
            if step == NUMBER:
                node = self.tree.at(path)
                path = (*path, len(node.below) if node else 0)
            elif step == NAME:
                name = self._text(row, sheet.place[i - 1])
                if name is None:
                    return None
                owner = self.tree.at(path)
                names = [str(known) for known in owner.below] if owner else []
                owns = i == len(sheet.place) - 1 and sheet.key != "further"
                if owns and name in names:
                    self.tree.refuse(f'"{name}" stands twice: keep one', row.place(sheet.place[i - 1]), (*path, name))
                    return None
                if not owns and not names:
                    self._ownerless(sheet.place[i - 1])
                    return None
                if not owns and name not in names:
                    what = f'no row of the sheet {sheet.place[i - 1]} is called "{name}": {did_you_mean(name, names)}'
                    self.tree.refuse(what, row.place(sheet.place[i - 1]))
                    return None
                path = (*path, name)
            else:
                path = (*path, step)
        return path

    def _ownerless(self, key: str) -> None:
        """Rows of other sheets name rows of a sheet that has none: said once, not once per row."""
        what = f'the sheet "{key}" is missing or empty, and other sheets name its rows: put it back'
        if what not in [mistake.what for mistake in self.tree.mistakes]:
            self.tree.refuse(what, (None, None))

    def _dated(self, rows: Sequence[Row]) -> None:
        seen: dict[Path, list[str]] = {}
        for row in rows:
            path, part = self._address(row, "path"), self._address(row, "part") if "part" in row.cells else ()
            if path is None or part is None:
                continue
            try:
                day = str(meaning(row.cells["from"][1], Shape("date"))) if "from" in row.cells else ""
            except ValueError as error:
                self.tree.refuse(str(error), row.place("from"), path)
                continue
            if path not in seen and not (self.tree.at(path) or self.tree.node(path, row.place("path"))).is_bare:
                self.tree.refuse("has a value on its own sheet, and dated ones here: keep one", row.place(), path)
                continue
            days = seen.setdefault(path, [])
            if day not in days:
                days.append(day)
                self.tree.put((*path, len(days) - 1, "from"), day, row.place("from"))
            at = (*path, days.index(day))
            if "clause" in row.cells:
                self._put((*at, "clause"), row, "clause", TEXT)
            if "value" in row.cells:
                self._put((*at, "value", *part), row, "value", contract_shape().at((*path, *part)))
        self.dated = list(seen)

    def finish(self) -> None:
        """Every cell that points to the dated values must find some."""
        for path, place in self.elsewhere.items():
            if not any(path[: len(dated)] == dated for dated in self.dated):
                what = f"no dated value stands for it: fill in a row of the sheet dated with {address(path)}"
                self.tree.refuse(what, place, path)

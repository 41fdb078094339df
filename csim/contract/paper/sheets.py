"""Which sheet, row and column of a workbook holds which value of a contract: derived from the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from csim.contract.bands import OUTCOMES
from csim.contract.shape import Shape, contract_shape
from csim.schema.located import Path

NAME, NUMBER = "*", "#"  # in the place of a sheet: any name, any number in a list
ON_THE_PAY_SHEET = ("pay", "league", "bonus_pool", "additions")
FURTHER = ("ceiling", "shortfall", "per_unit", "repeat", "ratchet")  # of a KPI clause: a second sheet of its own
RENAMED: dict[tuple[str, ...], str] = {("additions", "items"): "additions"}
OUTCOME_OF = {"by_score": "share_of_fee", "by_points": "credit"}  # the one outcome that these bands may have
ORDER = (
    "contract", "pricing", "kpis", "bands", "linear", "exclusions", "further", "checklists", "items", "additions",
    "pay", "by_score", "by_points", "streaks", "caps", "ranks", "lists", "forecast", "measures", "dated",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column (or, on a sheet of facts, a row): the path of its values below the row, and what they may be."""

    path: tuple[str, ...]
    shape: Shape

    @property
    def key(self) -> str:
        return address(self.path)


@dataclass(frozen=True)
class Sheet:
    """
    A sheet and the part of the file it holds.

    Attributes:
        layout: facts (one row per key), rows (one row per part), lists (one column per list), entries (one row per
            name and value), dated (one row per value from a date on).
        place: Where the rows stand in the file; NAME and NUMBER are told by the row.
    """

    key: str
    layout: str
    place: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    about: str = ""

    @property
    def owners(self) -> tuple[str, ...]:
        """The names that a row gives first: of its own, or of what it belongs to."""
        return tuple(self.place[i - 1] for i, part in enumerate(self.place) if part == NAME)


def address(path: Path) -> str:
    """
    A path as one text that can be read back.

    Examples:
        >>> address(("kpis", "response", "bands", 2, "score")), address(("kpis", "a.b"))
        ('kpis.response.bands[2].score', 'kpis."a.b"')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part and not re.search(r'[.\[\]"]', part) and part == part.strip()
            quoted = part.replace("\\", "\\\\").replace('"', '\\"')
            text += ("." if text else "") + (part if plain else f'"{quoted}"')
    return text


def path_of(text: str) -> Path:
    """
    The path that an address names.

    Examples:
        >>> path_of('kpis."a.b".bands[2]')
        ('kpis', 'a.b', 'bands', 2)
        >>> path_of("kpis..x")
        Traceback (most recent call last):
        ValueError: "kpis..x" is no path: write for example kpis.response.weight
    """
    path: list[Any] = []
    at = 0
    step = re.compile(r'\[(\d+)\]|(\.?)(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"]+))', re.DOTALL)
    while at < len(text):
        found = step.match(text, at)
        if found is None or (found[1] is None and bool(found[2]) == (at == 0)):
            raise ValueError(f'"{text}" is no path: write for example kpis.response.weight')
        if found[1] is not None:
            path.append(int(found[1]))
        else:
            path.append(re.sub(r"\\(.)", r"\1", found[3], flags=re.DOTALL) if found[3] is not None else found[4])
        at = found.end()
    return tuple(path)


@lru_cache(maxsize=1)
def sheets() -> dict[str, Sheet]:
    """Every sheet by its key, in the order of the workbook."""
    found = {sheet.key: sheet for sheet in [*_fact_sheets(), *_row_sheets(contract_shape(), ()), *_special()]}
    return {key: found[key] for key in ORDER}


def _fact_sheets() -> Iterator[Sheet]:
    columns = tuple(_columns(contract_shape(), ()))
    pay = tuple(column for column in columns if column.path[0] in ON_THE_PAY_SHEET)
    yield Sheet("contract", "facts", (), tuple(c for c in columns if c not in pay), contract_shape().about)
    yield Sheet("pay", "facts", (), pay, contract_shape().fields["pay"].about)


def _columns(shape: Shape, path: tuple[str, ...]) -> Iterator[Column]:
    """The single values of a part, those of its inner parts included; lists that must be said to be empty, too."""
    for name, inner in shape.fields.items():
        here = (*path, name)
        if inner.scalar or (inner.is_rows and inner.required and inner.may_be_empty and not inner.fields):
            yield Column(here, inner)
        if inner.items is None and inner.entries is None:
            yield from _columns(inner, here)


def _row_sheets(shape: Shape, place: tuple[str, ...]) -> Iterator[Sheet]:
    for name, inner in shape.fields.items():
        here = (*place, name)
        if inner.is_rows or inner.is_named_rows:
            row = inner.items or inner.entries
            assert row is not None
            rows = (*here, NUMBER if inner.is_rows else NAME)
            unused = set(OUTCOMES) - {OUTCOME_OF[name]} if name in OUTCOME_OF else set()
            columns = tuple(column for column in _columns(row, ()) if column.path[0] not in unused)
            further = tuple(c for c in columns if c.path[0] in FURTHER)
            key = RENAMED.get(here, name)
            yield Sheet(key, "rows", rows, tuple(c for c in columns if c not in further), row.about)
            if further:
                yield Sheet("further", "rows", rows, further)
            yield from _row_sheets(row, rows)
        elif inner.fields:
            yield from _row_sheets(inner, here)


def _special() -> Iterator[Sheet]:
    shape = contract_shape()
    lists = [
        Column(path, shape.at(path).items or Shape())
        for path in _paths(shape, ())
        if shape.at(path).items is not None and not shape.at(path).is_rows
    ]
    yield Sheet("lists", "lists", (), tuple(lists))
    of = tuple(
        address(path) for path in _paths(shape, ()) if shape.at(path).entries and not shape.at(path).is_named_rows
    )
    text, value = Shape("text"), Shape("value")
    entries = (Column(("of",), Shape("choice", of, required=True)), Column(("key",), text), Column(("value",), value))
    yield Sheet("forecast", "entries", (), entries, shape.fields["forecast"].about)
    dated = {"path": text, "part": text, "from": Shape("date"), "value": value, "clause": text}
    yield Sheet("dated", "dated", (), tuple(Column((name,), inner) for name, inner in dated.items()))


def _paths(shape: Shape, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, inner in shape.fields.items():
        yield (*path, name)
        if inner.items is None:
            yield from _paths(inner, (*path, name))


@dataclass(frozen=True)
class Spot:
    """Where a value of the file stands: the sheet, the path of its row in the file, and its column."""

    sheet: Sheet
    row: Path
    column: Path


def spot_of(path: Path) -> Spot:
    """
    The spot of a single value.

    Examples:
        >>> spot = spot_of(("kpis", "response", "bands", 2, "score"))
        >>> spot.sheet.key, spot.row, spot.column
        ('bands', ('kpis', 'response', 'bands', 2), ('score',))
        >>> spot_of(("holidays", 1)).sheet.key, spot_of(("forecast", "months", "2026-03")).sheet.key
        ('lists', 'forecast')
    """
    plan, shape = sheets(), contract_shape()
    fitting = [sheet for sheet in plan.values() if sheet.layout == "rows" and _fits(path, sheet.place)]
    if fitting:
        deepest = max(len(sheet.place) for sheet in fitting)
        inner = path[deepest:]
        chosen = [s for s in fitting if len(s.place) == deepest and (s.key == "further") == (inner[:1] in _FURTHER)]
        return Spot(chosen[0], path[:deepest], inner)
    if isinstance(path[-1], int):
        return Spot(plan["lists"], path, path[:-1])
    if len(path) > 1 and shape.at(path[:-1]).entries is not None:
        return Spot(plan["forecast"], path, ("value",))
    return Spot(plan["pay" if path[0] in ON_THE_PAY_SHEET else "contract"], path, ("value",))


_FURTHER = tuple((name,) for name in FURTHER)


def _fits(path: Path, place: tuple[str, ...]) -> bool:
    if len(path) < len(place):
        return False
    pairs = zip(path, place, strict=False)
    return all(isinstance(p, int) if q == NUMBER else isinstance(p, str) and q in (p, NAME) for p, q in pairs)

"""Values that change during the term: `[{from: 2026-01-01, value: 1.40}, {from: 2026-07-01, value: 1.45}]`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from csim.errors import Mistake
from csim.schema.located import Located, Path

KEYS = ({"from", "value"}, {"from", "value", "clause"})


def is_dated(value: Any) -> bool:
    """
    Whether a value is written as dated ones.

    Examples:
        >>> is_dated([{"from": "2026-01-01", "value": "1.40"}]), is_dated([{"from": 90, "score": 100}])
        (True, False)
    """
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and set(v) in KEYS for v in value)


def changes(located: Located) -> tuple[list[dt.date], list[Mistake]]:
    """The days on which some value changes, in order, and the dates that cannot be read or stand out of order."""
    found: set[dt.date] = set()
    mistakes: list[Mistake] = []
    for path, rows in dated_values(located.data):
        days = []
        for i, row in enumerate(rows):
            try:
                days.append(dt.date.fromisoformat(str(row["from"])))
            except ValueError:
                where = (*path, i, "from")
                mistakes.append(located.mistake(f'"{row["from"]}" is no date: write for example 2026-07-01', where))
        if days != sorted(set(days)):
            mistakes.append(located.mistake("dated values must follow each other: earliest first, no day twice", path))
        found |= set(days)
    return sorted(found), mistakes


def resolved(located: Located, day: dt.date) -> Located:
    """The file as it reads on *day*: each dated value replaced by the one that holds then; places are kept."""
    keys, values = dict(located.keys), dict(located.values)

    def value_at(value: Any, path: Path, origin: Path) -> Any:
        if origin in located.values:
            values[path] = located.values[origin]
        if origin in located.keys:
            keys[path] = located.keys[origin]
        if is_dated(value):
            reached = [i for i, row in enumerate(value) if dt.date.fromisoformat(str(row["from"])) <= day]
            chosen = reached[-1] if reached else 0
            return value_at(value[chosen]["value"], path, (*origin, chosen, "value"))
        if isinstance(value, dict):
            return {key: value_at(item, (*path, key), (*origin, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [value_at(item, (*path, i), (*origin, i)) for i, item in enumerate(value)]
        return value

    return Located(value_at(located.data, (), ()), located.file, keys, values)


def dated_values(value: Any, path: Path = ()) -> list[tuple[Path, list[dict]]]:
    """
    Every dated value within some data, with its path.

    Examples:
        >>> dated_values({"pricing": {"rate": [{"from": "2026-01-01", "value": "1.40"}]}})
        [(('pricing', 'rate'), [{'from': '2026-01-01', 'value': '1.40'}])]
    """
    if is_dated(value):
        return [(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in dated_values(item, (*path, key))]


def with_dated(schema: dict[str, Any]) -> dict[str, Any]:
    """
    A JSON schema in which every value may also be written dated.

    Examples:
        >>> with_dated({"properties": {"rate": {"type": "number"}}})["properties"]["rate"]["anyOf"][1]["minItems"]
        1
    """

    def either(inner: dict[str, Any]) -> dict[str, Any]:
        keys = {"from": {"type": "string", "format": "date"}, "value": inner, "clause": {"type": "string"}}
        row = {"type": "object", "properties": keys, "required": ["from", "value"], "additionalProperties": False}
        dated = {"type": "array", "minItems": 1, "items": row}
        return {"anyOf": [inner, dated], **({"default": inner["default"]} if "default" in inner else {})}

    parts = [schema, *schema.get("$defs", {}).values()]
    changed = [
        {**part, "properties": {name: either(inner) for name, inner in part["properties"].items()}}
        if "properties" in part else part
        for part in parts
    ]  # fmt: skip
    names = schema.get("$defs", {})
    return {**changed[0], **({"$defs": dict(zip(names, changed[1:], strict=True))} if names else {})}

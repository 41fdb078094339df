"""A contract's plain data as YAML for people: keys in their order, small parts on one line, sections named."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csim.contract.dated import is_dated
from csim.contract.shape import Shape, contract_shape
from csim.display.words import Words
from csim.files import write_text
from csim.schema.located import read_yaml

WIDE = 110  # a part that fits into so many characters stands on one line
SIGNS = "&*!|>%@`'\"{}[]#?,"  # YAML means something by them at the beginning of a text
SECTIONS = (
    "pricing", "forecast", "measures", "kpis", "checklists", "additions", "pay", "league", "bonus_pool", "private",
)  # fmt: skip


def to_yaml(data: Mapping[str, Any], path: str | Path | None = None, lang: str = "en") -> str:
    """
    The text of a contract file, written to *path* if one is given; reading it gives *data* back.

    Examples:
        >>> print(to_yaml({"name": "x", "csim": "contract/1", "tax": {"clause": "4.3", "rate": "6%"}}).rstrip())
        csim: contract/1
        name: x
        tax: {rate: 6%, clause: "4.3"}
    """
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = 1_000_000
    writer.indent(mapping=2, sequence=4, offset=2)
    whole = _styled(_clean(data), contract_shape())
    whole.fa.set_block_style()
    for key in whole:
        if key in SECTIONS:
            whole.yaml_set_comment_before_after_key(key, before="\n" + Words(lang)(f"yaml_{key}"))
    stream = io.StringIO()
    writer.dump(whole, stream)
    text = stream.getvalue().replace("\n#\n", "\n\n")
    if path is not None:
        write_text(path, text)
    return text


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def _styled(value: Any, shape: Shape) -> Any:
    """The same value with the order and the line breaks it is to be written with."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, dict) and value:
        order = {key: i for i, key in enumerate(shape.fields)}
        keys = sorted(value, key=lambda key: order.get(key, len(order))) if order else list(value)
        part = CommentedMap((_key(key), _styled(value[key], shape.at((key,)))) for key in keys)
        if (
            not _has_blocks(part)
            and _length(part) <= WIDE
            and not any(isinstance(v, dict) and v for v in part.values())
        ):
            part.fa.set_flow_style()
        return part
    if isinstance(value, list):
        inner = Shape(fields={"value": shape}) if is_dated(value) else shape.items or Shape()
        items = CommentedSeq(_styled(item, inner) for item in value)
        if not _has_blocks(items) and (_length(items) <= WIDE - 20 or not any(isinstance(v, dict) for v in items)):
            items.fa.set_flow_style()
        return items
    return _scalar(value)


def _has_blocks(part: Any) -> bool:
    """Whether something in it takes lines of its own."""
    values: Any = part.values() if isinstance(part, dict) else part
    return any(bool(v) and not v.fa.flow_style() for v in values if hasattr(v, "fa"))


def _length(part: Any) -> int:
    if isinstance(part, dict):
        return sum(len(str(key)) + 4 + _length(value) for key, value in part.items())
    return sum(2 + _length(value) for value in part) if isinstance(part, list) else _columns(str(part))


def _columns(text: str) -> int:
    """Chinese characters take two columns."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _key(key: Any) -> Any:
    """A question mark before a key within braces is YAML's own: such a key is quoted."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(key) if str(key).startswith("?") else key


def _scalar(value: Any) -> Any:
    """Text that would be read as something else is quoted; dates are read as text anyway and need no quotes."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if not isinstance(value, str):
        return value
    try:
        day = dt.date.fromisoformat(value)
        if day.isoformat() == value:
            return day
    except ValueError:
        pass
    if value[:1] in SIGNS:
        return DoubleQuotedScalarString(value)
    try:
        plain = read_yaml(f"a: {value}\nb: [{value}, x]\n").data == {"a": value, "b": [value, "x"]}
    except ValueError:
        plain = False
    return value if plain else DoubleQuotedScalarString(value)

"""What may stand where in a contract file: read off the JSON schema of its models, never written down a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from csim.contract.model import ContractFile
from csim.schema.located import Path


@dataclass(frozen=True)
class Shape:
    """
    A place of the file.

    Attributes:
        scalar: What a single value is: text, value (a number or a text with its unit), count, switch, date, choice;
            "" where no single value may stand.
        options: The words of a choice.
        fields: The keys of a part. items: What a list is made of. entries: What stands under any name.
        says: The kind of value in words. about: What a part is for.
        name: The key under which it stands (of an entry of a list: that of the list).

    Examples:
        >>> shape = contract_shape()
        >>> shape.at(("kpis", "response", "weight")).says
        'a percentage, 0% to 100%'
        >>> shape.at(("kpis", "response", "missing")).options
        ('missed', 'excluded', 'insufficient')
    """

    scalar: str = ""
    options: tuple[str, ...] = ()
    fields: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    entries: Shape | None = None
    dated_names: bool = False
    says: str = ""
    examples: tuple[str, ...] = ()
    about: str = ""
    required: bool = False
    may_be_empty: bool = True
    name: str = ""

    def at(self, path: Path) -> Shape:
        """The shape below *path*, dated values looked through; an empty one where nothing is known."""
        here: Shape | None = self
        for i, part in enumerate(path):
            if here is None:
                break
            dated = path[i : i + 2] == (part, "value") and isinstance(part, int)
            if dated or (part == "value" and i > 0 and isinstance(path[i - 1], int)):
                continue  # no key of the schema is called "value": it is one from some day on
            here = here.items if isinstance(part, int) else here.fields.get(part, here.entries)
        return here or Shape()

    @property
    def is_rows(self) -> bool:
        """A list of parts: one row each."""
        return self.items is not None and bool(self.items.fields)

    @property
    def is_named_rows(self) -> bool:
        """Parts by name: one row each, too."""
        return self.entries is not None and bool(self.entries.fields)


@lru_cache(maxsize=1)
def contract_shape() -> Shape:
    """The shape of a contract file."""
    schema = ContractFile.model_json_schema()
    return _shape("", schema, schema["$defs"], required=True)


def _shape(key: str, node: Mapping[str, Any], defs: Mapping[str, Any], *, required: bool) -> Shape:
    options = list(_alternatives(node, defs))
    whole = next((o for o in options if "properties" in o), {})
    named = next((o for o in options if "additionalProperties" in o or "patternProperties" in o), {})
    listed = next((o for o in options if o.get("type") == "array"), {})
    single = [o for o in options if o.get("type") not in ("object", "array")]
    entries = named.get("additionalProperties") or next(iter(named.get("patternProperties", {}).values()), None)
    words = [word for o in single for word in (o.get("enum") or ([o["const"]] if "const" in o else []))]
    return Shape(
        name=key,
        scalar=_scalar(single),
        options=tuple(map(str, words)),
        fields={
            name: _shape(name, inner, defs, required=name in whole.get("required", ()))
            for name, inner in whole.get("properties", {}).items()
        },
        items=_shape(key, listed["items"], defs, required=True) if listed else None,
        entries=_shape(key, entries, defs, required=False) if entries and not whole else None,
        dated_names=named.get("propertyNames", {}).get("format") == "date",
        says=next((o["description"] for o in single if "description" in o), ""),
        examples=tuple(node.get("examples", ())) or next((tuple(o["examples"]) for o in single if "examples" in o), ()),
        about=whole.get("description", ""),
        required=required,
        may_be_empty=not listed.get("minItems"),
    )


def _alternatives(node: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The ways a value may be written, references followed; that it may be absent is no way of writing it."""
    if "anyOf" in node:
        for inner in node["anyOf"]:
            yield from _alternatives(inner, defs)
    elif "$ref" in node:
        yield from _alternatives(defs[node["$ref"].rpartition("/")[2]], defs)
    elif node.get("type") != "null":
        yield node


def _scalar(single: list[Mapping[str, Any]]) -> str:
    kinds = {
        "choice" if "enum" in o or "const" in o
        else "date" if o.get("format") == "date"
        else {"integer": "count", "boolean": "switch", "string": "text"}.get(str(o.get("type")), "value")
        for o in single
    }  # fmt: skip
    return "value" if "value" in kinds else next(iter(kinds), "")

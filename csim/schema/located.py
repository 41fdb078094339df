"""YAML (or a workbook) with a memory of where everything stood, so that a mistake can name its line or cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from csim.errors import InputError, Mistake, did_you_mean, nearest

Path = tuple[Any, ...]
Place = tuple[int | None, int | None] | tuple[int, int, str]  # line and column; of a workbook row, column and sheet
KINDS = ("scenario", "contract", "mapping")
TOO_MANY_NODES = 200_000
TOO_LARGE = "too large or nested too deep: long profiles belong in a CSV file"


@dataclass(frozen=True)
class Located:
    """Plain data read from a file, and for every path the place of its key and of its value."""

    data: Any
    file: str = ""
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def mistake(self, what: str, path: Path, *, at_key: bool = False) -> Mistake:
        """A mistake at *path*; a path that is not in the file takes its parent's place."""
        known = path
        while known and known not in self.values:
            known, at_key = known[:-1], True
        place = (self.keys if at_key and known in self.keys else self.values).get(known, (None, None))
        return Mistake(what, dotted(path), self.file, *place)


class FromFile:
    """What was read from a file (or a dict) and remembers where everything stood."""

    located: Located

    @property
    def source(self) -> str:
        """The file's name, "" for a dict."""
        return self.located.file

    @property
    def data(self) -> dict[str, Any]:
        """The plain data of the file."""
        return self.located.data

    def mistake(self, what: str, path: Path, *, at_key: bool = False) -> Mistake:
        """A mistake found after loading, at its place in the file."""
        return self.located.mistake(what, path, at_key=at_key)


def told_apart(names: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """
    Names by which to tell things apart: those that several call themselves have their file beside, else a number.

    Examples:
        >>> told_apart(["hotline", "hotline", "chat"], ["better/ask.yaml", "better/stop.yaml", ""])
        ('hotline (ask)', 'hotline (stop)', 'chat')
        >>> told_apart(["hotline", "hotline"], ["a/terms.yaml", "b/terms.yaml"])
        ('hotline (1)', 'hotline (2)')
    """
    stems = [PurePath(file).stem for file in files]
    own = [stem if stem and stems.count(stem) == 1 else str(place) for place, stem in enumerate(stems, 1)]
    return tuple(
        name if names.count(name) == 1 else f"{name} ({beside})" for name, beside in zip(names, own, strict=True)
    )


def dotted(path: Path) -> str:
    """
    A path as people read it.

    Examples:
        >>> dotted(("queues", "presales", "arrivals", "per_interval", 3))
        'queues.presales.arrivals.per_interval[3]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def located_data(data: Any, file: str = "") -> Located:
    """Data that was made in Python: paths are known, lines are not."""

    def paths(value: Any, path: Path) -> list[Path]:
        inner = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
        )
        return [path, *(found for key, item in inner for found in paths(item, (*path, key)))]

    return Located(data, file, values=dict.fromkeys(paths(data, ()), (None, None)))


def read_yaml(text: str, file: str = "") -> Located:
    """
    Plain data of a YAML text with the line and column of every key and value.

    Timestamps stay text (the schema reads them). A key that stands twice, bad syntax and a
    document that is no mapping raise `InputError`.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        why = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise InputError([Mistake(f"not readable as YAML: {why}", "", file, *place)]) from None
    except YAMLError as error:
        raise InputError([Mistake(f"not readable as YAML: {' '.join(str(error).split())}", "", file)]) from None
    except RecursionError:
        raise InputError([Mistake(TOO_LARGE, "", file)]) from None
    reader = _Reader(file)
    data = reader.value(node, ()) if node is not None else None
    if reader.mistakes:
        raise InputError(reader.mistakes)
    if not isinstance(data, dict):
        raise InputError([Mistake('the file holds no "key: value" lines: start one with csim new', "", file, 1)])
    return Located(data, file, reader.keys, reader.values)


class _Reader:
    """Walks the YAML nodes; collects places and the keys that stand twice."""

    def __init__(self, file: str) -> None:
        self.file, self.seen = file, 0
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.mistakes: list[Mistake] = []

    def value(self, node: Any, path: Path) -> Any:
        self.seen += 1
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        if self.seen > TOO_MANY_NODES or len(path) > 50:
            raise InputError([Mistake(TOO_LARGE, "", self.file)])
        self.values.setdefault(path, place)
        if node.id == "mapping":
            return self._mapping(node, path)
        if node.id == "sequence":
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return _scalar(node.tag, node.value)

    def _mapping(self, node: Any, path: Path) -> dict:
        result: dict = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node.value, str):
                self.mistakes.append(Mistake("a key must be a plain word", dotted(path), self.file, *place))
                continue
            key = _scalar(key_node.tag, key_node.value)
            here = (*path, key)
            if key in result:
                first = self.keys[here][0]
                what = f'key "{key}" stands twice (first in line {first}): keep one'
                self.mistakes.append(Mistake(what, dotted(here), self.file, *place))
                continue
            self.keys[here] = place
            result[key] = self.value(value_node, here)
        return result


def _scalar(tag: str, text: str) -> Any:
    kind = tag.rsplit(":", 1)[-1]
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0)
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


def validated(model: type[BaseModel], located: Located) -> Any:
    """The data as *model*; every mistake of the file in one `InputError`."""
    _refuse_another_kind(model, located)
    try:
        return model.model_validate(located.data)
    except ValidationError as error:
        raise _refusal(error, model, located) from None


def _refuse_another_kind(model: type[BaseModel], located: Located) -> None:
    """Of a contract read as a scenario nearly every line is a mistake: said in one."""
    wanted = [get_args(info.annotation)[0] for name, info in model.model_fields.items() if name == "csim"]
    found = str(located.data.get("csim", ""))
    kind = found.partition("/")[0]
    if wanted and kind in KINDS and not wanted[0].startswith(f"{kind}/"):
        what = f"this is a {kind} (csim: {found}), a {wanted[0].partition('/')[0]} is wanted: write the path of one"
        raise InputError([located.mistake(what, ("csim",))])


def _refusal(error: ValidationError, model: type[BaseModel], located: Located) -> InputError:
    """All mistakes at once; a key that is missing only because it is misspelt is said once."""
    items = [item for item in error.errors() if not _short_by_its_parts(item)]
    misspelt = {
        (*path[:-1], meant)
        for path in (
            _path_in_file(item["loc"], located, exact=True) for item in items if item["type"] == "extra_forbidden"
        )
        if (meant := nearest(path[-1], _fields_at(model, path[:-1])))
    }
    missing = [item for item in items if item["type"] == "missing"]
    kept = [i for i in items if i not in missing or _path_in_file(i["loc"], located, exact=True) not in misspelt]
    return InputError(_mistake(item, model, located) for item in kept)


def _short_by_its_parts(item: Any) -> bool:
    """Whether a list is long enough as written, and only counts short because of parts whose mistakes are told, too."""
    return item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]


def _mistake(item: Any, model: type[BaseModel], located: Located) -> Mistake:
    path = _path_in_file(item["loc"], located, exact=item["type"] in ("extra_forbidden", "missing"))
    kind, found, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        return located.mistake(f'unknown key "{path[-1]}": {did_you_mean(path[-1], known)}', path, at_key=True)
    if kind == "missing":
        example = _example(model, path)
        return located.mistake(f'"{path[-1]}" is missing: write {example}', path)
    if kind in ("literal_error", "enum"):
        options = [word.strip("' ") for word in context["expected"].replace(" or ", ",").split(",")]
        at_key = item["loc"][-1] == "[key]"
        return located.mistake(f'"{found}" is not known here: {did_you_mean(found, options)}', path, at_key=at_key)
    if kind in ("value_error", "assertion_error"):
        return located.mistake(str(context["error"]), path)
    if item["loc"][-1] == "[key]":
        return located.mistake(f'"{found}" is no key here', path, at_key=True)
    expected = _EXPECTED.get(kind) or item["msg"].replace("Input should be", "").strip()
    expected = expected.format(**context) if context else expected
    return located.mistake(f"found {_shown(found)}, expected {expected}", path)


_EXPECTED = {
    "int_type": "a whole number, such as 25",
    "int_parsing": "a whole number, such as 25",
    "int_from_float": "a whole number, such as 25",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        "a date, such as 2026-06-19",
    ),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), "a date and time, such as 2026-06-01T09:00"
    ),
    "string_too_short": "a name",
    "string_too_long": "a name of at most {max_length} characters",
    "list_type": "a list: [ …, … ]",
    "tuple_type": "a list: [ …, … ]",
    "dict_type": 'indented "key: value" lines',
    "model_type": 'indented "key: value" lines',
    "model_attributes_type": 'indented "key: value" lines',
    "too_short": "at least {min_length} of them",
    "finite_number": "a finite number",
}


def _shown(found: Any) -> str:
    if isinstance(found, dict | list | bool):  # as YAML would have it, not Python
        text = json.dumps(found, ensure_ascii=False, default=str)
    else:
        text = f'"{found}"' if isinstance(found, str) else "nothing" if found is None else repr(found)
    return text if len(text) <= 60 else text[:57] + "…"


def _path_in_file(loc: Path, located: Located, *, exact: bool) -> Path:
    """Pydantic adds union branches to its locations; keep the steps that are in the file (and an *exact* last one)."""
    path: Path = ()
    for i, part in enumerate(loc):
        if (*path, part) in located.values or (exact and i == len(loc) - 1):
            path = (*path, part)
    return path


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _step(annotation: Any, part: Any) -> list[Any]:
    """What may stand under *part* of something so annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if part in (name, info.alias):
                return [info.annotation]
        return []
    if get_origin(annotation) in (dict, list, tuple):
        return [get_args(annotation)[-1] if get_origin(annotation) is dict else get_args(annotation)[0]]
    return [found for inner in get_args(annotation) for found in _step(inner, part)]


def _annotations_at(model: type[BaseModel], path: Path) -> list[Any]:
    here: list[Any] = [model]
    for part in path:
        here = [found for annotation in here for found in _step(annotation, part)]
    return here


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    models = [m for annotation in _annotations_at(model, path) for m in _models_in(annotation)]
    return [info.alias or name for m in models for name, info in m.model_fields.items()]


def _example(model: type[BaseModel], path: Path) -> str:
    for annotation in _annotations_at(model, path[:-1]):
        for owner in _models_in(annotation):
            for name, info in owner.model_fields.items():
                if path[-1] in (name, info.alias) and info.examples:
                    return f'"{path[-1]}: {info.examples[0]}"'
    return f'"{path[-1]}: …"'

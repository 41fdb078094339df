"""The names of sheets, columns and choices, and what the note of each column says, in one language."""

from __future__ import annotations

from functools import lru_cache

from csim.contract.paper.cells import labelled
from csim.contract.paper.sheets import Column, sheets
from csim.display.forms import Field
from csim.display.words import Words

_KINDS = {
    "a duration with its unit": "duration",
    "a percentage": "percentage",
    "a percentage, 0% to 100%": "whole",
    "an amount of money, without tax": "money",
    "a plain number": "number",
    "a value of the KPI with its unit": "level",
    "the number of the clause in the contract": "clause",
}
_FORMULAS = ("when", "numerator", "denominator")
_SAID_TO_BE_EMPTY = {"exclusions": "exclusions"}
README_LINES = 9


def title_of(key: str, lang: str) -> str:
    """
    The name of a sheet; its key is the last word.

    Examples:
        >>> title_of("kpis", "zh"), title_of("by_score", "en")
        ('\u6307\u6807 kpis', 'by_score')
    """
    return f"{Words(lang)(f'sheet_{key}')} {key}" if lang != "en" else key


def name_of(path: tuple[str, ...], lang: str, sheet: str = "") -> str:
    """
    A column's name for people: where a word means different things, the one of its sheet or part comes first.

    Examples:
        >>> name_of(("reading", "within"), "en"), name_of(("from",), "en", "bands"), name_of(("from",), "en")
        ('reading: within', 'from (included)', 'from')
    """
    words, names, before = Words(lang), [], sheet
    for part in path:
        found = words.find(f"field_{before}_{part}") or words.find(f"field_{part}")
        names.append(found or part.replace("_", " "))
        before = part
    return (": " if lang == "en" else "\uff1a").join(names)


def note_of(column: Column, lang: str, about: str = "", *, of_part: bool = False) -> str:
    """What may be written: whether it must be, of which kind, an example."""
    words, shape = Words(lang), column.shape
    name = column.path[-1]
    if shape.is_rows:
        kind = words("form_list_none", sheet=title_of(_SAID_TO_BE_EMPTY.get(name, name), lang))
    elif name in _FORMULAS:
        kind = words("kind_formula")
    else:
        kind = words(f"kind_{_KINDS.get(shape.says, shape.scalar or 'text')}")
    used = "form_optional"
    if shape.required:
        used = "form_if_used" if of_part or len(column.path) > 1 else "form_required"
    stop = ": " if lang == "en" else "\uff1a"
    lines = [f"{words(used)}{stop}{kind}"]
    if shape.examples and not shape.is_rows:
        lines.append(words("form_example", example=shape.examples[0].strip('"')))
    return "\n".join([*lines, *([about] if about else [])])


def field_of(column: Column, lang: str) -> Field:
    """How an empty cell takes what is typed into it, and what it offers."""
    shape = column.shape
    if column.path[-1] == "measure":
        return Field("text", _measures(lang), strict=False)
    if shape.scalar == "switch":
        return Field("text", ("true", "false"))
    options = tuple(labelled(option, lang, shape.name) for option in shape.options)
    kind = {"date": "date", "count": "number"}.get(shape.scalar, "text")
    return Field(kind, options, strict=shape.scalar == "choice")


@lru_cache(maxsize=2)
def _measures(lang: str) -> tuple[str, ...]:
    from csim.kpi.catalogue import catalogue

    return tuple(f"{kpi.name(lang)} {kpi.id}" if lang != "en" else kpi.id for kpi in catalogue().values())


def readme(lang: str) -> list[str]:
    """The first sheet, in both languages, the reader's own first."""
    lines: list[str] = []
    for tongue in (lang, "zh" if lang == "en" else "en"):
        words = Words(tongue)
        lines += [words(f"form_readme_{i}") for i in range(README_LINES)]
        lines += [""]
        lines += [f"{title_of(key, tongue)}  \u2014  {words(f'sheet_{key}_says')}" for key in sheets()]
        lines += ["", ""]
    return lines[:-2]

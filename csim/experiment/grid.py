"""Variants of a scenario by varying some of its values: groups.online.agents=22..30."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from csim.errors import Mistake, UnknownNameError
from csim.scenario.load import Scenario

MOST_VARIANTS = 200


def variations(texts: Sequence[str]) -> dict[str, list[Any]]:
    """
    Paths and the values they take: "a..b" (whole numbers), "a..b..step", or a list "x, y, z".

    Examples:
        >>> variations(["groups.online.agents=22..24", "queues.calls.answer_within=20 s, 30 s"])
        {'groups.online.agents': [22, 23, 24], 'queues.calls.answer_within': ['20 s', '30 s']}
    """
    found: dict[str, list[Any]] = {}
    for text in texts:
        path, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not path or not values:
            what = f'"{text}" is not readable: write for example "groups.online.agents=22..30"'
            raise UnknownNameError([Mistake(what, "--vary")])
        found[path] = _values(values)
    return found


def _values(text: str) -> list[Any]:
    ends = text.split("..")
    if len(ends) in (2, 3) and all(end.strip().lstrip("-").isdigit() for end in ends):
        low, high, *step = (int(end) for end in ends)
        if high < low:
            turned = "..".join([ends[1], ends[0], *ends[2:]])
            raise UnknownNameError([Mistake(f'"{text}" runs backwards: write {turned}', "--vary")])
        return list(range(low, high + 1, max(1, step[0] if step else 1)))
    return [_plain(value.strip()) for value in text.split(",")]


def _plain(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(word, word)


def grid(scenario: Scenario, vary: dict[str, list[Any]]) -> tuple[list[Scenario], list[str]]:
    """Every combination of the values, and a label for each."""
    combinations = list(itertools.product(*vary.values()))
    if not combinations:
        raise UnknownNameError([Mistake("no value to vary over: write for example 22..30", "--vary")])
    if len(combinations) > MOST_VARIANTS:
        raise UnknownNameError([Mistake(f"{len(combinations)} variants: at most {MOST_VARIANTS}", "--vary")])
    labels = [
        ", ".join(f"{path.rsplit('.', 1)[-1]} {value}" for path, value in zip(vary, c, strict=True))
        for c in combinations
    ]
    return [scenario.vary(dict(zip(vary, c, strict=True))) for c in combinations], labels

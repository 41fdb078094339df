"""One set of words for Chinese and English: every sentence that csim shows, by key (words/*.yaml, a file a subject)."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from csim.errors import Mistake, UnknownNameError, did_you_mean

LANGUAGES = ("en", "zh")


class Words:
    """
    The words of one language.

    Examples:
        >>> Words("zh")("service_level_by_interval")
        '各时段服务等级'
        >>> Words("en")("nobody_says_this")
        Traceback (most recent call last):
        KeyError: 'no words for "nobody_says_this"'
    """

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise UnknownNameError([Mistake(f'no language "{lang}": {did_you_mean(lang, LANGUAGES)}', "lang")])
        self.lang = lang

    def __call__(self, key: str, **values: Any) -> str:
        text = self.find(key)
        if text is None:
            raise KeyError(f'no words for "{key}"')
        if values.get("currency") == "CNY":
            values["currency"] = self.find("yuan")
        return text.format(**values) if values else text

    def find(self, key: str) -> str | None:
        """The words of a key that may have none."""
        return _entry(key)[self.lang] if key in _written() else None


@cache
def _written() -> dict[str, str]:
    """Every entry by key, as it is written; a key that stands in two files would be two meanings of one word."""
    found: dict[str, str] = {}
    for file in sorted(resources.files("csim.display").joinpath("words").iterdir(), key=lambda file: file.name):
        for entry in re.split(r"(?m)^(?=[^\s#])", file.read_text(encoding="utf-8"))[1:]:
            key = re.split(r":\s", entry, maxsplit=1)[0].strip("'\"")
            if key in found:
                raise ValueError(f'{file.name}: the words of "{key}" stand twice')
            found[key] = entry
    return found


@cache
def _entry(key: str) -> dict[str, str]:
    """One entry, read when it is first said: all of them at once took half a second."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(_written()[key])[key]

"""One set of words for Chinese and English: every sentence that csim shows, by key (words.yaml)."""

from __future__ import annotations

from functools import lru_cache
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
        entry = _all().get(key)
        if entry is None:
            raise KeyError(f'no words for "{key}"')
        return entry[self.lang].format(**values) if values else entry[self.lang]

    def find(self, key: str) -> str | None:
        """The words of a key that may have none."""
        entry = _all().get(key)
        return entry[self.lang] if entry else None


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, str]]:
    from ruamel.yaml import YAML

    text = resources.files("csim.display").joinpath("words.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)

"""A remark that can be said in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csim.display.words import Words


@dataclass(frozen=True)
class Note:
    """
    A sentence by its key among the words, and what goes into it: notes, and names by language, in the same language.

    Examples:
        >>> Note("recon_unpriced", {"per": "month"}).text("en")
        'Not priced contact by contact: month.'
        >>> Note("recon_unpriced", {"per": {"en": "month", "zh": "月"}}).text("zh")
        '未按单次联络计价：月。'
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        return Words(lang)(self.key, **{name: _said(value, lang) for name, value in self.values.items()})


def _said(value: Any, lang: str) -> Any:
    if isinstance(value, Note):
        return value.text(lang)
    return value[lang] if isinstance(value, Mapping) else value


def texts(notes: Iterable[Note], lang: str) -> list[str]:
    """
    Notes as sentences, in their order.

    Examples:
        >>> texts([Note("recon_unpriced", {"per": "month"})], "en")
        ['Not priced contact by contact: month.']
    """
    return [note.text(lang) for note in notes]

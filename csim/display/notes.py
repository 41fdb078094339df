"""A remark that can be said in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csim.display.words import Words


@dataclass(frozen=True)
class Note:
    """
    A sentence by its key among the words, and what goes into it (notes among it are said in the same language).

    Examples:
        >>> Note("recon_unpriced", {"per": "month"}).text("en")
        'Not priced contact by contact: month.'
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        said = {name: value.text(lang) if isinstance(value, Note) else value for name, value in self.values.items()}
        return Words(lang)(self.key, **said)


def texts(notes: Iterable[Note], lang: str) -> list[str]:
    """
    Notes as sentences, in their order.

    Examples:
        >>> texts([Note("recon_unpriced", {"per": "month"})], "en")
        ['Not priced contact by contact: month.']
    """
    return [note.text(lang) for note in notes]

"""A remark that can be said in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csim.display.words import Words


@dataclass(frozen=True)
class Note:
    """
    A sentence by its key among the words, and what goes into it.

    Examples:
        >>> Note("recon_unpriced", {"per": "month"}).text("en")
        'Not priced contact by contact: month.'
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        return Words(lang)(self.key, **self.values)

"""A few numbers large enough to be read across a table, as HTML that carries its own look."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Card:
    """
    One number with what it is held against.

    Attributes:
        key: A name for programs. below: Lines under the value. verdict: The line that says good or bad, in *tone*
            "good", "bad" or "".
    """

    key: str
    name: str
    value: str
    below: tuple[str, ...] = ()
    verdict: str = ""
    tone: str = ""


def cards_html(cards: Iterable[Card], label: str) -> str:
    """
    The cards beside each other; whatever they hold is shown, never executed.

    Examples:
        >>> "&lt;b&gt;" in cards_html([Card("x", "<b>", "1")], "KPIs")
        True
    """
    return (
        f'{_style()}<div class="csim-cards" role="group" aria-label="{_safe(label)}">{"".join(map(_card, cards))}</div>'
    )


@cache
def _style() -> str:
    css = resources.files("csim.display").joinpath("cards.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def _card(card: Card) -> str:
    verdict = f'<div class="verdict">{_safe(card.verdict)}</div>' if card.verdict else ""
    below = "".join(f"<div>{_safe(line)}</div>" for line in card.below if line)
    return (
        f'<div class="csim-card {_safe(card.tone)}" role="group" aria-label="{_safe(card.name)}" '
        f'data-key="{_safe(card.key)}"><div class="name">{_safe(card.name)}</div>'
        f'<div class="value">{_safe(card.value)}</div>{verdict}{below}</div>'
    )


def said_html(text: str, kind: str = "") -> str:
    """A sentence of its own; *kind* "muted" for where numbers come from, "wrong" for a mistake to be mended."""
    role = "alert" if kind == "wrong" else "status"
    return f'{_style()}<div class="csim-said {kind}" role="{role}">{_safe(text)}</div>'


def picture_html(png: bytes, alt: str) -> str:
    """A picture inside the page, with words for who cannot see it."""
    import base64

    source = base64.b64encode(png).decode()
    return f'<img src="data:image/png;base64,{source}" alt="{_safe(alt)}" style="max-width: 100%; background: #fff">'


def _safe(text: str) -> str:
    return html.escape(text, quote=True)

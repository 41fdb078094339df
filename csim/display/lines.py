"""Long texts of figures, broken into lines."""

from __future__ import annotations

import unicodedata

LONGEST = 34  # cells of a label in one line
KEPT = "\N{NO-BREAK SPACE}"  # between a number and its sign of per cent, which stay in one line


def broken(label: str, most: int = LONGEST, lines: int = 2) -> str:
    """
    A long text in lines of so many cells (a Chinese character takes two), the rest cut off with a mark.

    Examples:
        >>> broken("5.1 Deductions carried forward", 20), broken("售前客服团队", 8)
        ('5.1 Deductions\\ncarried forward', '售前客服\\n团队')
        >>> broken("the next band begins at 98 %", 26).replace(KEPT, " ")
        'the next band begins at\\n98 %'
    """
    found: list[str] = []
    rest = label.replace(" %", f"{KEPT}%")
    while rest and len(found) < lines:
        fits = next((n for n in range(len(rest), 0, -1) if width(rest[:n]) <= most), 1)
        if fits < len(rest) and rest[fits] != " " and (space := rest.rfind(" ", 1, fits)) > 0:
            fits = space if f"{rest[fits - 1]}{rest[fits]}".replace(KEPT, "").isascii() else fits
        found.append(rest[:fits].strip())
        rest = rest[fits:].strip()
    return "\n".join(found) + ("…" if rest else "")


def width(text: str) -> int:
    """
    How wide a text is, a Chinese character being two.

    Examples:
        >>> width("B 供应商")
        8
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)

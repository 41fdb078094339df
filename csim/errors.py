"""Every mistake a person can make in a file or on the command line: where it stands, what was found, what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One thing to mend: the place, and a sentence that says what was found and what to write."""

    what: str
    path: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    sheet: str = ""  # of a workbook: line and column are then those of a cell

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        if self.sheet:
            place = f"{self.file}  {self.sheet}!{letters(self.column or 1)}{self.line or 1}"
        head = "  ".join(part for part in (place, self.path) if part)
        return f"{head}\n  {self.what}" if head else self.what


def letters(column: int) -> str:
    """
    The column of a sheet as people call it.

    Examples:
        >>> letters(4), letters(26), letters(27)
        ('D', 'Z', 'AA')
    """
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


class InputError(ValueError):
    """
    Input that csim cannot use; holds every mistake found, in file order.

    Examples:
        >>> print(InputError([Mistake('unknown key "pateince": did you mean "patience"?',
        ...                           "queues.presales.pateince", "peak.yaml", 14, 5)]))
        peak.yaml:14:5  queues.presales.pateince
          unknown key "pateince": did you mean "patience"?
        1 mistake; nothing was run.
    """

    def __init__(self, mistakes: Iterable[Mistake] | str) -> None:
        found = [Mistake(mistakes)] if isinstance(mistakes, str) else list(mistakes)
        self.mistakes = tuple(sorted(found, key=lambda m: (m.file, m.sheet, m.line or 0, m.column or 0)))
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.mistakes)
        return "\n".join([*map(str, self.mistakes), f"{count} mistake{'s' if count != 1 else ''}; nothing was run."])

    @property
    def told(self) -> str:
        """The mistakes alone, for a place where nothing was to be run."""
        return "\n".join(map(str, self.mistakes))

    def __reduce__(self) -> tuple:
        return InputError, (self.mistakes,)


class UnknownNameError(InputError):
    """A name that csim does not know, or that several things share."""

    def __reduce__(self) -> tuple:
        return UnknownNameError, (self.mistakes,)


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that *word* most looks like, if any does."""
    return next(iter(difflib.get_close_matches(str(word), [str(name) for name in known], n=1, cutoff=0.6)), None)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """
    A hint for a misspelt word: the nearest known one, else the list of all.

    Examples:
        >>> did_you_mean("pateince", ["patience", "priority"])
        'did you mean "patience"?'
        >>> did_you_mean("x", ["patience", "priority"])
        'write one of: patience, priority'
    """
    options = [str(name) for name in known]
    if meant := nearest(word, options):
        return f'did you mean "{meant}"?'
    return f"write one of: {', '.join(options)}" if options else "leave it out"

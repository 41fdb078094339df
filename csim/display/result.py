"""What every result can do: answer in a sentence, as a table, as a figure, as a workbook, and in a notebook."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pandas as pd


@runtime_checkable
class Result(Protocol):
    """
    What a function of the façade returns: a frozen data class that can be asked for all of these.

    Names from files are text in each of them, never markup, formulas or links.

    Examples:
        >>> import csim
        >>> isinstance(csim.simulate("scenarios/centres/first_voice.yaml", replications=1), Result)
        True
    """

    def summary(self, lang: str = "en") -> str:
        """The answer in a sentence or a few, in English or Chinese."""
        ...

    def to_frame(self) -> pd.DataFrame:
        """The table that the answer rests on, tidy."""
        ...

    def plot(self, *, lang: str = "en") -> Any:
        """The figure that shows why; returns its matplotlib Axes."""
        ...

    def to_excel(self, path: str | Path) -> Path:
        """The tables and where they come from as a workbook; returns its path."""
        ...

    def to_html(self, lang: str = "en") -> str:
        """The answer first, then the table, as a piece of a page."""
        ...

    def _repr_html_(self) -> str:
        """What a notebook shows: `to_html("en")`."""
        ...


# A notebook sets every cell to the right, sentences too; a page's style sheet has its own word on it.
LEFT = "<style>table.csim :is(th, td, caption) { text-align: left !important; }</style>"


def answer_first(sentences: str, *parts: str) -> str:
    """
    A notebook's view of a result: what it says, large, above its tables.

    Args:
        sentences: The summary; lines after the first are small. parts: HTML.

    Examples:
        >>> answer_first("It <holds>.\\nBy chance.", "<table></table>").removeprefix(LEFT)
        '<p><strong>It &lt;holds&gt;.</strong></p><p>By chance.</p><table></table>'
    """
    first, *more = sentences.splitlines() or [""]
    said = f"<p><strong>{html.escape(first)}</strong></p>" + "".join(f"<p>{html.escape(line)}</p>" for line in more)
    return LEFT + said + "".join(parts)

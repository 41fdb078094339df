"""Bars beside names: how a total falls into parts, or what several people or things come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from csim.display.style import FIGURE_WIDTH_IN, HATCHES, PALETTE, finish, use_style


def bars(
    names: Sequence[str], values: Sequence[float], title: str, axis: str, source: str, lang: str = "en"
) -> Any:  # fmt: skip
    """
    One bar for each name, from the top down; what is below nothing is hatched. Returns the Axes.

    Examples:
        >>> axes = bars(["An", "Bo"], [91.0, 88.5], "Bo scores lower", "score", "scores.csv")
        >>> [float(bar.get_width()) for bar in axes.patches]
        [91.0, 88.5]
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.1 + 0.36 * max(len(names), 1)))
    at = np.arange(len(names))
    drawn = axes.barh(at, list(values), height=0.62, color=PALETTE["level"], edgecolor=PALETTE["level"])
    for bar, value in zip(drawn, values, strict=True):
        if value < 0:
            bar.set(facecolor="white", hatch=HATCHES[1], edgecolor=PALETTE["bad"])
        axes.annotate(f"{value:,.6g}", (max(value, 0.0), bar.get_y() + bar.get_height() / 2), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize="small")  # fmt: skip
    axes.set_yticks(at, list(names))
    axes.invert_yaxis()
    axes.set(title=title, xlabel=axis)
    axes.margins(x=0.14)
    axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.6g}")
    axes.grid(False)
    finish(figure, source)
    return axes

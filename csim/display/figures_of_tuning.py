"""The figure of a bargain: what the buyer saves against what the vendor risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, use_style, vendor_styles


def bargain(frontier: pd.DataFrame, packages: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    The drafts that nothing beats, and the packages beside them; returns the Axes.

    Args:
        frontier: buyer, sd. packages: package, buyer, sd. labels: title, x, y, source, packages (names).
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    if len(frontier):
        table = frontier.sort_values("sd")
        axes.plot(
            table["sd"], table["buyer"], color=PALETTE["muted"], linewidth=1.2, marker=".", drawstyle="steps-post"
        )
    looks = vendor_styles(len(packages))
    for row, look in zip(packages.to_dict("records"), looks, strict=True):
        name = labels["packages"][row["package"]]
        axes.plot(row["sd"], row["buyer"], linestyle="none", marker=look["marker"], color=look["color"], markersize=8,
                  label=name)  # fmt: skip
    axes.yaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    axes.margins(x=0.12, y=0.18)
    axes.set(title=labels["title"], xlabel=labels["x"], ylabel=labels["y"])
    axes.legend(loc="best")
    finish(figure, labels["source"])
    return axes

"""The figure of a bargain: what the buyer saves against what the vendor risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, HATCHES, PALETTE, finish, thousands, use_style, vendor_styles


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
    thousands(axes.yaxis)
    thousands(axes.xaxis)
    axes.margins(x=0.12, y=0.18)
    axes.set(title=labels["title"], xlabel=labels["x"], ylabel=labels["y"])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=len(packages), frameon=False)
    finish(figure, labels["source"])
    return axes


def totals(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    What the buyer pays and what it loses under each contract, one bar below the other; returns the Axes.

    Args:
        table: name, payment, harm, note (beside the bar). labels: title, x, source, payment, harm (names).
    """
    import matplotlib.pyplot as plt
    import numpy as np

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.5 + 0.45 * len(table)))
    at = np.arange(len(table))
    axes.barh(at, table["payment"], height=0.6, color=PALETTE["level"], label=labels["payment"])
    if table["harm"].any():
        axes.barh(at, table["harm"], left=table["payment"], height=0.6, color="white", edgecolor=PALETTE["bad"],
                  hatch=HATCHES[1], label=labels["harm"])  # fmt: skip
    most = float((table["payment"] + table["harm"]).max())
    for place, row in zip(at, table.to_dict("records"), strict=True):
        axes.annotate(row["note"], (row["payment"] + row["harm"], place), xytext=(5, 0), textcoords="offset points",
                      va="center", fontsize="small")  # fmt: skip
    axes.set_yticks(at, list(table["name"]))
    axes.invert_yaxis()
    axes.set(title=labels["title"], xlabel=labels["x"], xlim=(0, 1.45 * most))
    thousands(axes.xaxis)
    axes.grid(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -max(0.28, 0.62 / len(table))), ncols=2, frameon=False)
    finish(figure, labels["source"])
    return axes

"""Figures of what terms are worth: relief by kind, and the price of each promise in its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, HATCHES, PALETTE, finish, thousands, use_style, vendor_colours


def relief_bars(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    Left months missed, right what relief is worth, by kind, at the middle of the levels; the Axes of the left.

    Args:
        table: relief, level, missed, worth. labels: title, source, kinds (names), missed and worth (axes).
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    levels = table["level"].unique()
    rows = table[table["level"] == levels[len(levels) // 2]].set_index("relief").loc[list(labels["kinds"])]
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH_IN, 2.2), sharey=True)
    places = np.arange(len(rows))[::-1]
    left.barh(places, 100 * rows["missed"], color=PALETTE["bad"], height=0.6)
    right.barh(places, rows["worth"], color=PALETTE["level"], height=0.6)
    left.set_yticks(places, list(labels["kinds"].values()))
    thousands(right.xaxis)
    left.set(title=labels["title"], xlabel=labels["missed"], xlim=(0, 100))
    right.set(xlabel=labels["worth"])
    finish(figure, labels["source"])
    return left


def price_parts(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    The price of each promise, its parts stacked; what is paid today as a thin line.

    Args:
        table: promised and the parts. labels: title, source, promised and money (axes), parts (names), today,
            today_says.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    rows = table.dropna(subset=["price"]) if "price" in table else table.head(0)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    base = np.zeros(len(rows))
    names = [f"{100 * p:g}" for p in rows["promised"]]
    for colour, hatch, (part, said) in zip(vendor_colours(4), HATCHES, labels["parts"].items(), strict=False):
        height = rows[part].to_numpy()
        axes.bar(names, height, 0.6, base, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4, label=said)
        base = base + height
    for place, price in enumerate(rows["price"]):
        axes.annotate(f"{price:.2f}", (place, max(price, base[place])), ha="center", va="bottom", xytext=(0, 2),
                      textcoords="offset points", zorder=4,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    axes.axhline(labels["today"], color=PALETTE["ink"], linewidth=0.8, linestyle=(0, (5, 2)))
    axes.annotate(labels["today_says"], (1, labels["today"]), xycoords=("axes fraction", "data"), ha="left",
                  va="center", xytext=(3, 0), textcoords="offset points")  # fmt: skip
    axes.set(title=labels["title"], xlabel=labels["promised"], ylabel=labels["money"])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=len(labels["parts"]), frameon=False)
    axes.margins(y=0.25)
    finish(figure, labels["source"])
    return axes

"""Figures of what terms make happen: the vendor's answer over its levels, and how often a clause punishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, thousands, use_style, vendor_styles
from csim.display.words import Words


def response_curves(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    Profit of the vendor and cost of the whole over the levels, the best of each marked; returns the Axes.

    Args:
        table: level, profit, system, error (paired standard error of profit against the best).
        labels: title, source, money and lever (axes), best and system (rows), percent (levels are shares).
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    use_style(lang)
    words = Words(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    x = table["level"] * (100 if labels["percent"] else 1)
    for name, row, look in zip(("profit", "system"), (labels["best"], labels["system"]), vendor_styles(2), strict=True):
        if table[name].isna().all():
            continue
        axes.plot(x, table[name], label=words(f"terms_{name}"), markevery=[], **look)
        axes.plot(x.iloc[row], table[name].iloc[row], color=look["color"], marker=look["marker"], markersize=8)
        below = name == "profit"
        axes.annotate(
            f"{x.iloc[row]:g}", (x.iloc[row], table[name].iloc[row]), xytext=(0, 8 if below else -14),
            textcoords="offset points", ha="center", color=look["color"],
        )  # fmt: skip
    spread = 1.96 * table["error"].fillna(0.0)
    axes.fill_between(x, table["profit"] - spread, table["profit"] + spread, color=PALETTE["band"], linewidth=0)
    axes.margins(y=0.15)  # room for the numbers beside the best
    thousands(axes.yaxis)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    unit = " (%)" if labels["percent"] else ""
    axes.set(title=labels["title"], xlabel=labels["lever"] + unit, ylabel=labels["money"])
    axes.legend(loc="best")
    finish(figure, labels["source"])
    return axes


def penalty_curves(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    P(penalty) against the true level, a curve for each cycle; the binomial answer thin beside the shortest.

    Only the levels are shown at which a penalty is neither certain nor out of the question, and those next to them.

    Args:
        table: cycle, true_level, p_penalty, p_binomial of one clause.
        labels: title, source, x, y, cycles (names), binomial (names), threshold, percent.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.4))
    scale = 100 if labels["percent"] else 1
    table = _open_levels(table)
    cycles = list(labels["cycles"])
    for cycle, look in zip(cycles, vendor_styles(len(cycles)), strict=True):
        part = table[table["cycle"] == cycle].sort_values("true_level")
        axes.plot(part["true_level"] * scale, part["p_penalty"] * 100, label=labels["cycles"][cycle], **look)
        if cycle == cycles[0] and not np.isnan(part["p_binomial"]).all():
            axes.plot(
                part["true_level"] * scale, part["p_binomial"] * 100, color=PALETTE["muted"], linewidth=0.9,
                linestyle=(0, (1, 1)), label=labels["binomial"][cycle],
            )  # fmt: skip
    axes.axvline(labels["threshold"] * scale, color=PALETTE["ink"], linewidth=0.8, linestyle=(0, (5, 2)))
    unit = " (%)" if labels["percent"] else ""
    axes.set(title=labels["title"], xlabel=labels["x"] + unit, ylabel=labels["y"], ylim=(-2, 102))
    axes.legend(loc="best")
    finish(figure, labels["source"])
    return axes


def _open_levels(table: pd.DataFrame) -> pd.DataFrame:
    levels = np.sort(table["true_level"].unique())
    doubtful = table["p_penalty"].between(0.01, 0.99)
    if not doubtful.any():
        return table
    low, high = np.searchsorted(levels, [table["true_level"][doubtful].min(), table["true_level"][doubtful].max()])
    return table[table["true_level"].between(levels[max(0, low - 1)], levels[min(len(levels) - 1, high + 1)])]

"""A running month: the value up to each day, and the fan to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, thousands, threshold_line, use_style

MOST_TICKS = 10


def month_fan(table: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    A line for the days gone, a fan for the days to come, the promised level as a thin line; returns the Axes.

    Args:
        table: date, kind (gone or coming), low, median, high, day (the day alone).
        labels: title, axis, gone, day, fan, threshold (its text), level (a number or NaN), percent, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    scale = 100 if labels["percent"] else 1
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    gone, coming = table[table["kind"] == "gone"], table[table["kind"] == "coming"]
    begun = len(coming) and gone["date"].iloc[-1] == coming["date"].iloc[0]  # a day that has begun stands in both
    fan = coming if begun else pd.concat([gone.tail(1), coming])
    if len(coming):
        low, high = fan["low"] * scale, fan["high"] * scale
        axes.fill_between(fan["date"], low, high, color=PALETTE["band"], linewidth=0, label=labels["fan"])
        axes.plot(fan["date"], fan["median"] * scale, color=PALETTE["level"], linestyle=(0, (5, 2)))
    axes.plot(
        gone["date"], gone["day"] * scale, color=PALETTE["muted"], marker="o", linestyle="", markersize=3.5,
        label=labels["day"],
    )  # fmt: skip
    axes.plot(gone["date"], gone["median"] * scale, color=PALETTE["level"], linestyle="-", label=labels["gone"])
    if labels["level"] == labels["level"]:
        threshold_line(axes, labels["level"] * scale, labels["threshold"])
    _dates(axes, list(table["date"]))
    axes.set_title(labels["title"], pad=24)  # the legend stands below it
    axes.set_ylabel(labels["axis"])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.3)
    finish(figure, labels["source"])
    return axes


def _dates(axes: Any, dates: list[Any]) -> None:
    """Days as month-day, as many as fit, the last one among them."""
    step = max(1, -(-len(dates) // MOST_TICKS))
    ticks = dates[::-1][::step][::-1]
    axes.set_xticks(ticks, [f"{day:%m-%d}" for day in ticks])


def arrivals_ahead(past: pd.DataFrame, coming: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en") -> Any:
    """
    Days counted, and days to come with their intervals; returns the Axes.

    Args:
        past: date, count. coming: date, expected, low, high. labels: title, axis, past, coming, band, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    axes.fill_between(
        coming["date"], coming["low"], coming["high"], color=PALETTE["band"], linewidth=0, label=labels["band"]
    )  # fmt: skip
    axes.plot(past["date"], past["count"], color=PALETTE["demand"], marker="o", markersize=3, label=labels["past"])
    axes.plot(
        coming["date"], coming["expected"], color=PALETTE["level"], linestyle=(0, (5, 2)), marker="s", markersize=3,
        label=labels["coming"],
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    thousands(axes.yaxis)
    _dates(axes, [*past["date"], *coming["date"]])
    axes.set_title(labels["title"], pad=24)  # the legend stands below it
    axes.set_ylabel(labels["axis"])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.3)
    finish(figure, labels["source"])
    return axes

"""Figures of fits and backtests, from plain tables; each returns its Axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csim.display.figures import _clock_axis
from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, use_style, vendor_styles
from csim.display.words import Words


def real_and_simulated(table: pd.DataFrame, labels: Mapping[str, str], lang: str = "en") -> Any:
    """
    Service level and abandonment by time of day: what happened as points, what is simulated as a line with its band.

    Args:
        table: time, kpi (service_level, abandonment_rate, wait_all), real, simulated, low, high, offered.
        labels: title, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, panels = plt.subplots(3, 1, figsize=(FIGURE_WIDTH_IN, 4.1), sharex=True, height_ratios=[3, 2, 2])
    rows = (("service_level", 100.0, "fig_fit_level_axis"), ("abandonment_rate", 100.0, "fig_fit_lost_axis"),
            ("wait_all", 1.0, "fig_fit_wait_axis"))  # fmt: skip
    for axes, (kpi, scale, label) in zip(panels, rows, strict=True):
        mine = table[table["kpi"] == kpi]
        at = np.arange(len(mine))
        band = {"color": PALETTE["band"], "linewidth": 0}
        axes.fill_between(at, mine["low"] * scale, mine["high"] * scale, label=words("fig_fit_simulated"), **band)
        axes.plot(at, mine["simulated"] * scale, color=PALETTE["level"])
        thick = 6 + 26 * mine["offered"] / max(mine["offered"].max(), 1)  # busier intervals weigh more
        axes.scatter(
            at, mine["real"] * scale, s=thick, color=PALETTE["bad"], marker="X", zorder=3, label=words("fig_fit_real")
        )
        axes.set(ylabel=words(label), ylim=(0, 104 if kpi == "service_level" else None))
    panels[0].set_title(labels["title"], pad=24)  # the legend stands below it
    panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.3)
    panels[-1].set_xlabel(words("time_of_day"))
    _clock_axis(panels[-1], list(table[table["kpi"] == "wait_all"]["time"]))
    finish(figure, labels["source"])
    return panels[0]


def profiles(curves: Mapping[str, pd.DataFrame], labels: Mapping[str, str], lang: str = "en") -> Any:
    """
    Numbers by time of day, a line each.

    Args:
        curves: By label, tables with time, value.
        labels: title, y, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    for (label, table), look in zip(curves.items(), vendor_styles(len(curves)), strict=True):
        axes.plot(np.arange(len(table)), table["value"], label=label, markevery=8, markersize=3.5, **look)
    highest = max(float(table["value"].max()) for table in curves.values())
    room = 1.12 + 0.1 * (-(-len(curves) // 4))  # for the legend above the lines
    axes.set(title=labels["title"], ylabel=labels["y"], xlabel=Words(lang)("time_of_day"), ylim=(0, highest * room))
    _clock_axis(axes, list(next(iter(curves.values()))["time"]))
    axes.legend(ncols=min(len(curves), 4), loc="upper left", fontsize="small")
    finish(figure, labels["source"])
    return axes


def band_by_time(table: pd.DataFrame, labels: Mapping[str, str], lang: str = "en") -> Any:
    """
    A number by time of day with a band.

    Args:
        table: time, value, low, high.
        labels: title, y, band, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.0))
    at = np.arange(len(table))
    axes.fill_between(
        at, table["low"], table["high"], step="mid", color=PALETTE["band"], linewidth=0, label=labels["band"]
    )
    axes.step(at, table["value"], where="mid", color=PALETTE["staff"])
    top = 1.22 * float(table[["value", "high"]].to_numpy().max())  # room for the legend above the band
    axes.set(title=labels["title"], ylabel=labels["y"], xlabel=Words(lang)("time_of_day"), ylim=(0, top))
    _clock_axis(axes, list(table["time"]))
    axes.legend(loc="upper right")
    finish(figure, labels["source"])
    return axes


def days_and_correlation(
    days: pd.DataFrame, correlation: np.ndarray, hours: np.ndarray, labels: Mapping[str, str], lang: str = "en"
) -> Any:
    """
    Each day against its weekday's mean, and how busyness of intervals hangs together within a day.

    Args:
        days: date, ratio, chance (half-width of what chance alone does), special (flag).
        correlation, hours: By lag.
        labels: title, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH_IN, 2.9), width_ratios=[3, 2])
    at = np.arange(len(days))
    left.fill_between(
        at, 1 - days["chance"], 1 + days["chance"], color=PALETTE["band"], linewidth=0, label=words("fig_fit_days_band")
    )
    for mask, role, marker in ((~days["special"], "level", "o"), (days["special"], "bad", "X")):
        left.plot(at[mask], days["ratio"][mask], linestyle="", marker=marker, markersize=4, color=PALETTE[role])
    step = max(1, len(days) // 5)
    left.set_xticks(at[::step], [str(date)[5:] for date in days["date"][::step]])
    left.set(title=labels["title"], ylabel=words("fig_fit_days_axis"), ylim=(0, None))
    left.legend(loc="lower left")
    right.axhline(0, color=PALETTE["ink"], linewidth=0.8)
    right.plot(hours, correlation, color=PALETTE["level"])
    right.set(
        title=words("fig_fit_correlation"), xlabel=words("fig_fit_lag_axis"), ylabel=words("fig_fit_correlation_axis")
    )
    if len(correlation):
        right.set_ylim(min(-0.2, float(correlation.min()) - 0.05), 1.05)
    finish(figure, labels["source"])
    return left


def log_and_laws(
    curves: Mapping[str, pd.DataFrame], labels: Mapping[str, str], lang: str = "en", *, falling: bool = False
) -> Any:
    """
    Distribution functions (or, *falling*, survival curves): the log as a thick line, laws thin.

    Args:
        curves: By label, the log first, tables with seconds, share and, where there is a band, low and high.
        labels: title, x, y, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    looks = vendor_styles(max(len(curves) - 1, 1))
    for number, (label, table) in enumerate(curves.items()):
        look: dict[str, Any] = {"color": PALETTE["band"], "linewidth": 5, "solid_capstyle": "butt"}
        if number:
            look = {**looks[number - 1], "marker": "", "linewidth": 1.4}
        axes.plot(table["seconds"], table["share"], label=label, **look)
    axes.set(title=labels["title"], xlabel=labels["x"], ylabel=labels["y"], ylim=(0, 1.02))
    axes.set_xlim(0, float(next(iter(curves.values()))["seconds"].max()))
    axes.legend(loc="upper right" if falling else "lower right")
    finish(figure, labels["source"])
    return axes


def steps_of_pace(table: pd.DataFrame, labels: Mapping[str, str], lang: str = "en") -> Any:
    """
    Speed of a chat by chats held, with its interval.

    Args:
        table: held, value, low, high.
        labels: title, x, y, source.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 2.8))
    error = [table["value"] - table["low"], table["high"] - table["value"]]
    axes.errorbar(table["held"], table["value"], yerr=error, color=PALETTE["level"], marker="o", capsize=3)
    axes.set(title=labels["title"], xlabel=labels["x"], ylabel=labels["y"], ylim=(0, 1.08))
    axes.set_xticks(table["held"])
    finish(figure, labels["source"])
    return axes


def error_steps(table: pd.DataFrame, labels: Mapping[str, str], good: float, lang: str = "en") -> Any:
    """
    The error of the service level as one part after the other becomes the model's.

    Args:
        table: label, error (share).
        good: The error up to which it is good.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.2 + 0.36 * len(table)))
    at = np.arange(len(table))
    fine = table["error"].abs() <= good
    axes.axvspan(-good * 100, good * 100, color=PALETTE["band"], linewidth=0, alpha=0.6)
    axes.barh(at, table["error"] * 100, color=[PALETTE["level"] if ok else PALETTE["bad"] for ok in fine], height=0.6)
    axes.axvline(0, color=PALETTE["ink"], linewidth=0.8)
    axes.set_yticks(at, list(table["label"]))
    axes.invert_yaxis()
    axes.set(title=labels["title"], xlabel=labels["x"])
    finish(figure, labels["source"])
    return axes

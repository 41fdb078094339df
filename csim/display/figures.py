"""The figures a planner would draw, from plain tables; each returns its Axes, ready to be shown or saved."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from csim.display.numbers import shown
from csim.display.style import FIGURE_WIDTH_IN, PALETTE, ROLES, finish, threshold_line, use_style, vendor_styles
from csim.display.words import Words


def load_and_staff(table: pd.DataFrame, title: str, source: str, lang: str = "en") -> Any:
    """
    Contacts per interval above, agents on duty below.

    Args:
        table: time, expected, and one column per group with its agents on duty.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(FIGURE_WIDTH_IN, 3.6), sharex=True)
    at = np.arange(len(table))
    top.bar(at, table["expected"], width=0.86, color=PALETTE["demand"])
    top.set(title=title, ylabel=words("contacts_per_interval"))
    groups = [name for name in table.columns if name not in ("time", "expected")]
    styles = vendor_styles(len(groups))
    for group, style in zip(groups, styles, strict=True):
        bottom.step(at, table[group], where="mid", label=group, color=style["color"], linestyle=style["linestyle"])
    room = 1.08 + 0.16 * (-(-len(groups) // 4)) * (len(groups) > 1)  # for the legend above the lines
    highest = max(1.0, float(table[groups].to_numpy().max(initial=0)))
    bottom.set(ylabel=words("agents_on_duty"), xlabel=words("time_of_day"), ylim=(0, highest * room))
    if len(groups) > 1:
        bottom.legend(ncols=min(4, len(groups)), loc="upper left")
    _clock_axis(bottom, list(table["time"]))
    finish(figure, source)
    return top


def service_and_wait(
    levels: Mapping[str, pd.DataFrame],
    waits: Mapping[str, pd.DataFrame],
    target: float,
    title: str,
    source: str,
    lang: str = "en",
) -> Any:
    """
    Service level by interval with its band and its target, and below the mean wait.

    Args:
        levels, waits: By label, tables with time, value, ci_low, ci_high (shares; seconds).
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(FIGURE_WIDTH_IN, 4.4), sharex=True, height_ratios=[3, 2])
    _bands(top, levels, 100.0)
    threshold_line(top, target * 100, words("target_line", target=f"{target * 100:g}"))
    lowest = min(float(table["ci_low"].min()) for table in levels.values())
    top.set(title=title, ylabel=words("service_level_axis"), ylim=(_floor(min(lowest, target) * 100), 103))
    _bands(bottom, waits, 1.0)
    bottom.set(ylabel=words("mean_wait_axis"), xlabel=words("time_of_day"), ylim=(0, None))
    times = list(next(iter(levels.values()))["time"])
    _clock_axis(bottom, times)
    if len(levels) > 1:
        top.legend(ncols=len(levels), loc="lower left")
    else:
        top.plot([], [], color=PALETTE["band"], linewidth=6, label=words("band_label"))
        top.legend(loc="lower left")
    finish(figure, source)
    return top


def _floor(lowest: float) -> float:
    """Where a percentage axis begins: the full ten below what is shown."""
    return max(0.0, (lowest - 5) // 10 * 10) if lowest == lowest else 0.0


def _bands(axes: Any, tables: Mapping[str, pd.DataFrame], scale: float) -> None:
    styles = vendor_styles(len(tables)) if len(tables) > 1 else [{**ROLES["level"], "marker": "o"}]
    for (label, table), style in zip(tables.items(), styles, strict=True):
        at = np.arange(len(table))
        low, high = table["ci_low"] * scale, table["ci_high"] * scale
        fill = PALETTE["band"] if len(tables) == 1 else style["color"]
        axes.fill_between(at, low, high, color=fill, alpha=0.7 if len(tables) == 1 else 0.18, linewidth=0)
        axes.plot(at, table["value"] * scale, label=label, markersize=3, **style)


def calendar_of_levels(table: pd.DataFrame, target: float, title: str, source: str, lang: str = "en") -> Any:
    """
    Service level by date and time as a map; what misses the target carries a cross.

    Args:
        table: day, date, time, value (share), one row per interval.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    grid = table.pivot_table(index="day", columns="time", values="value", sort=False) * 100
    dates = table.groupby("day", sort=False)["date"].first()
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 0.9 + 0.125 * max(len(grid), 6)))
    shades = _shades("low is bad")
    picture = axes.pcolormesh(grid.to_numpy(), cmap=shades, vmin=0, vmax=100, edgecolors="white", linewidth=0.4)
    row, column = np.nonzero(grid.to_numpy() < target * 100)
    axes.plot(column + 0.5, row + 0.5, linestyle="", marker="x", color="white", markersize=2.6, markeredgewidth=0.7)
    axes.set(title=title, xlabel=words("time_of_day"), ylabel="")
    axes.set_yticks(np.arange(len(grid)) + 0.5, list(dates), fontsize=6)
    axes.invert_yaxis()
    axes.grid(False)
    _clock_axis(axes, list(grid.columns), offset=0.5)
    figure.colorbar(picture, ax=axes, label=words("service_level_axis"), aspect=30, pad=0.02)
    finish(figure, source)
    return axes


def answered_within(
    curves: Mapping[str, pd.DataFrame], marks: Sequence[float], title: str, source: str, lang: str = "en"
) -> Any:
    """
    Share of contacts answered (solid) and lost (dotted) within so many seconds of waiting.

    Args:
        curves: By label, tables with within_s, answered, abandoned (shares of offered).
        marks: Promised answer times, drawn as thin lines.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.2))
    styles = vendor_styles(len(curves))
    for (label, table), style in zip(curves.items(), styles, strict=True):
        at = table["within_s"]
        name = f"{label} · " if len(curves) > 1 else ""
        axes.plot(at, table["answered"] * 100, color=style["color"], label=name + words("answered"))
        axes.plot(at, table["abandoned"] * 100, color=style["color"], linestyle=":", label=name + words("abandoned"))
    for mark in marks:
        axes.axvline(mark, color=PALETTE["ink"], linewidth=0.8, linestyle=(0, (5, 2)))
        said, between = words("promise_mark", seconds=f"{mark:g}"), 30  # the lost lie below, the answered above
        axes.annotate(f" {said}", (mark, between), fontsize="small", va="center")
    axes.set(title=title, xlabel=words("waited_axis"), ylabel=words("share_of_offered_axis"), ylim=(0, 104))
    axes.set_xlim(0, _last_change(curves))
    axes.legend(loc="center right", ncols=1 + (len(curves) > 2))
    finish(figure, source)
    return axes


def _last_change(curves: Mapping[str, pd.DataFrame]) -> float:
    """Where all curves have come to rest, s."""
    ends = [60.0]
    for table in curves.values():
        done = table["answered"] + table["abandoned"]
        ends.append(float(table["within_s"].iloc[np.flatnonzero(done.to_numpy() > done.iloc[-1] - 0.004)[0]]))
    return max(ends)


def occupancy_map(table: pd.DataFrame, title: str, source: str, lang: str = "en") -> Any:
    """
    Occupancy by group and interval as a map with the numbers in it.

    Args:
        table: time, group, slot_occupancy (share of the slots of agents logged in; missing where nobody is).
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    grid = table.pivot_table(index="group", columns="time", values="slot_occupancy", sort=False, dropna=False) * 100
    grid = grid.dropna(how="all")
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.5 + 0.42 * len(grid)))
    picture = axes.pcolormesh(
        grid.to_numpy(), cmap=_shades("high is dark"), vmin=30, vmax=100, edgecolors="white", linewidth=0.4
    )
    small = 6.5 if len(grid.columns) <= 24 else 5.2
    for (row, column), share in np.ndenumerate(grid.to_numpy()):
        if share == share:
            shade = "white" if share > 70 else PALETTE["ink"]
            axes.text(column + 0.5, row + 0.5, f"{share:.0f}", ha="center", va="center", fontsize=small, color=shade)
    axes.set(title=title, xlabel=words("time_of_day"), ylabel="")
    axes.set_yticks(np.arange(len(grid)) + 0.5, list(grid.index))
    axes.invert_yaxis()
    axes.grid(False)
    _clock_axis(axes, list(grid.columns), offset=0.5)
    figure.colorbar(picture, ax=axes, label=words("occupancy_axis"), aspect=12, pad=0.02)
    finish(figure, source)
    return axes


def service_by_interval(table: pd.DataFrame, queue: str = "all", lang: str = "en") -> Any:
    """Service level by interval of the first day of a `by_interval` table, with its band."""
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    mine = table[(table["queue"] == queue) & (table["kpi"] == "service_level") & (table["day"] == table["day"].iloc[0])]
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 3.0))
    _bands(axes, {words("service_level_axis"): mine}, 100.0)
    axes.set(
        title=words("service_level_by_interval"),
        ylabel=words("service_level_axis"),
        xlabel=words("time_of_day"),
        ylim=(0, 104),
    )
    _clock_axis(axes, list(mine["time"]))
    finish(figure)
    return axes


def scenarios_side_by_side(table: pd.DataFrame, kpi: Any, lang: str = "en") -> Any:
    """One KPI of several scenarios with its interval."""
    import matplotlib.pyplot as plt

    use_style(lang)
    scale = 100.0 if kpi.unit == "share" else 1.0
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.2 + 0.4 * len(table)))
    at = np.arange(len(table))
    value, low, high = (table[name].to_numpy() * scale for name in ("value", "ci_low", "ci_high"))
    axes.errorbar(
        value, at, xerr=[value - low, high - value], color=PALETTE["level"], marker="o", linestyle="", capsize=3
    )
    axes.set_yticks(at, list(table["scenario"]))
    axes.invert_yaxis()
    axes.set(title=kpi.name(lang), xlabel="%" if kpi.unit == "share" else kpi.unit)
    axes.margins(y=0.3)
    finish(figure)
    return axes


def best_first(table: pd.DataFrame, kpi: Any, source: str, lang: str = "en") -> Any:
    """
    How far each scenario is from the best, with intervals that hold for all together, and how probably it is best.

    Args:
        table: A `Comparison.ranking`.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 1.6 + 0.32 * len(table)))
    distance = table[["behind", "ci_low", "ci_high"]] * (100 if kpi.unit == "share" else 1)
    beaten = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    for rows, key, role, marker in ((~beaten, "may_be_best", "level", "o"), (beaten, "is_not_best", "bad", "X")):
        value, low, high = (distance.loc[rows, name] for name in distance)
        look: dict[str, Any] = {
            "color": PALETTE[role],
            "marker": marker,
            "linestyle": "",
            "capsize": 3,
            "label": words(key),
        }
        axes.errorbar(value, np.flatnonzero(rows), xerr=[value - low, high - value], **look)
    axes.axvline(0, color=PALETTE["ink"], linewidth=0.8, zorder=0)
    values = [shown(value, kpi.unit, lang) for value in table["value"]]
    axes.set_yticks(
        np.arange(len(table)), [f"{name}  {value}" for name, value in zip(table["scenario"], values, strict=True)]
    )
    axes.set_ylim(len(table) - 0.5, -0.5)
    _beside(axes, [words("p_best"), *(shown(chance, "share", lang) for chance in table["p_best"])])
    others = int((~beaten).sum()) - 1
    title = words("leads" if others else "is_best", kpi=kpi.name(lang), best=table["scenario"].iloc[0], others=others)
    unit = {"share": words("points"), "s": words("seconds")}.get(kpi.unit, kpi.unit)
    axes.set_title(title, pad=24)  # the legend stands below it
    axes.set_xlabel(words("behind_axis", unit=unit))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.3)
    finish(figure, source)
    return axes


def _beside(axes: Any, texts: Sequence[str]) -> None:
    """A column right of *axes*: its head, then one text per row."""
    for row, text in enumerate(texts, -1):
        at = {"xycoords": axes.get_yaxis_transform(), "annotation_clip": False, "va": "center", "fontsize": "small"}
        axes.annotate(text, (1.02, max(row, -0.85)), color=PALETTE["muted" if row < 0 else "ink"], **at)


def _shades(kind: str) -> Any:
    """Colours whose lightness rises or falls evenly, so that a grey print says the same."""
    from matplotlib.colors import LinearSegmentedColormap

    if kind == "low is bad":
        return LinearSegmentedColormap.from_list("level", ["#5A1018", "#A8433A", "#E2A26B", "#DDE9DD", "#F1F6F8"])
    return LinearSegmentedColormap.from_list("busy", ["#F4F8FA", "#C6DCE3", "#7FB0BF", "#126A7E", "#0B2F45"])


def _clock_axis(axes: Any, times: list[str], offset: float = 0.0) -> None:
    """Whole hours as ticks, as many as fit."""
    whole = [i for i, time in enumerate(times) if time.endswith(":00")] or list(range(len(times)))
    step = max(1, -(-len(whole) // 12))
    ticks = whole[::step]
    axes.set_xticks(np.array(ticks) + offset, [times[i] for i in ticks])
    if not offset:
        axes.set_xlim(-0.7, len(times) - 0.3)


def as_png(axes: Any, dpi: int = 110) -> bytes:
    """A figure as a picture; the figure is closed."""
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    plt.close(axes.figure)
    return buffer.getvalue()


def figure_html(axes: Any, number: int, alt: str, lang: str = "en") -> str:
    """A figure as part of a page: the picture itself, its number, and words for who cannot see it."""
    import matplotlib.pyplot as plt

    figure = axes.figure
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=180, metadata={"Software": None})
    plt.close(figure)
    picture = base64.b64encode(buffer.getvalue()).decode()
    caption = Words(lang)("figure_number", number=number)
    safe = html.escape(alt, quote=True)
    return (
        f'<figure><img src="data:image/png;base64,{picture}" alt="{safe}">'
        f"<figcaption>{html.escape(caption)} {safe}</figcaption></figure>"
    )

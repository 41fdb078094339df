"""Figures about money: from the fee to what is paid, where a score was lost, and the months so far."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from csim.display.lines import broken
from csim.display.numbers import cash, whole
from csim.display.style import FIGURE_WIDTH_IN, HATCHES, PALETTE, finish, thousands, threshold_line, use_style
from csim.display.words import Words

LABEL_ROOM = 0.16  # of the axis, for the sum beside a bar
TITLE = 58
GONE: dict[str, Any] = {"facecolor": "white", "hatch": HATCHES[1], "edgecolor": PALETTE["bad"]}


def waterfall(table: pd.DataFrame, title: str, source: str, currency: str, lang: str = "en") -> Any:
    """
    Sums and steps as bars from the top down: a sum begins at nothing, a step where the one before it ended.

    Args:
        table: label, amount, kind (sum or step). What is taken off is hatched, so that a grey print shows it.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 0.9 + 0.36 * len(table)))
    at, begins, ends = 0.0, [], []
    for row in table.itertuples():
        begins.append(0.0 if row.kind == "sum" else at)
        at = float(row.amount) if row.kind == "sum" else at + float(row.amount)
        ends.append(at)
    highest = max([*begins, *ends, 1e-9])
    for place, row in enumerate(table.itertuples()):
        low, high = sorted((begins[place], ends[place]))
        look = _look(row.kind, float(row.amount))
        axes.barh(place, high - low, left=low, height=0.62, linewidth=0.8, **look)
        axes.annotate(cash(Decimal(row.amount)), (high, place), xytext=(4, 0), textcoords="offset points",
                      va="center", fontsize="small")  # fmt: skip
        if place:
            axes.plot([begins[place] if row.kind == "step" else ends[place]] * 2, [place - 0.69, place - 0.31],
                      color=PALETTE["muted"], linewidth=0.7)  # fmt: skip
    axes.set_yticks(range(len(table)), [broken(label) for label in table["label"]])
    axes.invert_yaxis()
    axes.set_title(broken(title, TITLE))
    axes.set(xlabel=currency, xlim=(0, highest * (1 + LABEL_ROOM)))
    thousands(axes.xaxis)
    axes.grid(False)
    finish(figure, source)
    return axes


def _look(kind: str, amount: float) -> dict[str, Any]:
    if kind == "sum":
        return {"color": PALETTE["demand"], "edgecolor": PALETTE["demand"]}
    if amount < 0:
        return GONE
    return {"color": PALETTE["good"], "edgecolor": PALETTE["good"]}


def lost_scores(table: pd.DataFrame, title: str, source: str, lang: str = "en") -> Any:
    """
    What each clause gave to the total score, and what it might have given.

    Args:
        table: label, kept, lost (points of the total score).
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    words = Words(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 0.95 + 0.36 * len(table)))
    at = np.arange(len(table))
    kept, lost = (table[name].astype(float).to_numpy() for name in ("kept", "lost"))
    axes.barh(at, kept, height=0.62, color=PALETTE["demand"], edgecolor=PALETTE["demand"], label=words("fig_kept"))
    axes.barh(at, lost, left=kept, height=0.62, linewidth=0.8, label=words("fig_lost"), **GONE)
    for place in at[lost > 0]:
        text = f"−{lost[place]:.2f}".rstrip("0").rstrip(".")
        axes.annotate(text, (kept[place] + lost[place], place), xytext=(4, 0), textcoords="offset points",
                      va="center", fontsize="small")  # fmt: skip
    axes.set_yticks(at, [broken(label) for label in table["label"]])
    axes.invert_yaxis()
    axes.set(
        title=broken(title, TITLE), xlabel=words("fig_lost_axis"), xlim=(0, float((kept + lost).max(initial=1)) * 1.1)
    )
    axes.grid(False)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), borderaxespad=0.3, ncols=2)
    finish(figure, source)
    return axes


def months_so_far(
    table: pd.DataFrame, what: str, edges: list[tuple[float, str]], title: str, source: str, currency: str, lang: str
) -> Any:
    """
    Score (or points) by month above, deductions below.

    Args:
        table: month, value (may be missing), deducted. what: The label of the upper axis; "" leaves it out.
        edges: Limits of the upper axis and their words.
    """
    import matplotlib.pyplot as plt

    use_style(lang)
    rows = 2 if what else 1
    figure, found = plt.subplots(rows, 1, figsize=(FIGURE_WIDTH_IN, 1.4 + 1.3 * rows), sharex=True, squeeze=False)
    at, bottom = np.arange(len(table)), found[-1][0]
    if what:
        top, value = found[0][0], table["value"].astype(float).to_numpy()
        top.plot(at, value, marker="o", color=PALETTE["level"])
        for edge, text in edges:
            threshold_line(top, edge, text)
        shown = [*value[~np.isnan(value)], *(edge for edge, _ in edges)]
        room = 0.12 * max(1.0, max(shown) - min(shown))
        top.set(ylabel=what, ylim=(min(shown) - room, max(shown) + room))
    deducted = table["deducted"].astype(float).to_numpy()
    bottom.bar(at, deducted, width=0.55, linewidth=0.8, **GONE)
    for place, amount in zip(at, deducted, strict=True):
        bottom.annotate(whole(amount), (place, amount), xytext=(0, 2), textcoords="offset points", ha="center",
                        fontsize="small")  # fmt: skip
    found[0][0].set_title(broken(title, TITLE))
    bottom.set(ylabel=Words(lang)("fig_deducted_axis", currency=currency), ylim=(0, max(1.0, deducted.max()) * 1.18))
    bottom.set_xticks(at, list(table["month"]), rotation=0 if len(table) <= 8 else 45)
    bottom.set_xlim(-0.6, max(len(table) - 0.4, 2.6))
    thousands(bottom.yaxis)
    finish(figure, source)
    return bottom

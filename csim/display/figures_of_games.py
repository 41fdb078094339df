"""The figure of games: what each gains, and which companion KPI shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, thousands, use_style


def gains_and_detection(
    gains: pd.DataFrame, exposure: pd.DataFrame, labels: Mapping[str, Any], lang: str = "en"
) -> Any:
    """
    Left what each game gains a month, right in which share of gamed months its best companion shows it; the Axes of
    the left.

    Args:
        gains: game, gain, error, hole. exposure: game, companion, detected.
        labels: title, source, games and companions (names), money and detected (axes), pays, not (legend).
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    use_style(lang)
    rows = gains.sort_values("gain").reset_index(drop=True)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(FIGURE_WIDTH_IN, 0.9 + 0.36 * max(len(rows), 2)), sharey=True, width_ratios=[1.2, 1]
    )
    colours = [PALETTE["bad"] if hole else PALETTE["muted"] for hole in rows["hole"]]
    left.barh(rows.index, rows["gain"], xerr=1.96 * rows["error"].fillna(0.0), color=colours, height=0.6,
              error_kw={"ecolor": PALETTE["ink"], "elinewidth": 0.8})  # fmt: skip
    left.axvline(0, color=PALETTE["ink"], linewidth=0.8)
    left.set_yticks(rows.index, [labels["games"][name] for name in rows["game"]])
    thousands(left.xaxis)
    left.xaxis.set_major_locator(MaxNLocator(4))
    left.set(title=labels["title"], xlabel=labels["money"])
    for place, game in enumerate(rows["game"]):
        seen = exposure[exposure["game"] == game] if len(exposure) else exposure
        if not len(seen):
            continue
        best = seen.loc[seen["detected"].idxmax()]  # of several the first, which people know best
        right.barh(place, 100 * best["detected"], color=PALETTE["band"], height=0.6)
        right.annotate(labels["companions"][best["companion"]], (1, place), va="center", xytext=(2, 0),
                       textcoords="offset points", fontsize=7)  # fmt: skip
    right.set(xlabel=labels["detected"], xlim=(0, 100))
    finish(figure, labels["source"])
    return left

"""How a sum of money is spread over simulated months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from csim.display.style import FIGURE_WIDTH_IN, PALETTE, finish, thousands, use_style
from csim.display.words import Words


def spread_of_money(
    values: pd.Series, quantiles: Sequence[float], title: str, axis: str, source: str, lang: str = "en"
) -> Any:
    """A histogram in shares of months, with its quantiles as thin lines."""
    import matplotlib.pyplot as plt

    use_style(lang)
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH_IN, 2.6))
    axes.hist(
        values, bins=30, weights=np.full(len(values), 100 / len(values)), color=PALETTE["level"], edgecolor="white"
    )
    top = axes.get_ylim()[1]
    axes.set_ylim(0, 1.15 * top)
    for share in quantiles:
        at = float(values.quantile(share))
        axes.axvline(at, color=PALETTE["ink"], linewidth=0.8, linestyle="--")
        axes.text(at, 1.12 * top, f"P{share * 100:.0f}", ha="center", va="top", backgroundcolor="white", fontsize=8)
    thousands(axes.xaxis)
    axes.set(title=title, xlabel=axis, ylabel=Words(lang)("share_of_months"))
    finish(figure, source)
    return axes

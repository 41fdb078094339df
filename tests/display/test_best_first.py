"""The figure of a ranking: the best on top, and the intervals that hold for all together."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from csim.display.figures import best_first
from csim.kpi.catalogue import catalogue

mpl.use("Agg")
RANKING = pd.DataFrame(
    {
        "scenario": ["20 agents", "19 agents", "18 agents"],
        "value": [0.92, 0.91, 0.80],
        "behind": [0.0, -0.01, -0.12],
        "ci_low": [0.0, -0.03, -0.15],
        "ci_high": [0.0, 0.01, -0.09],
        "p_best": [0.8, 0.2, 0.0],
    }
)


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("en", "Service level: 20 agents leads, 1 more may be the best"),
        ("zh", "服务等级\uff1a20 agents 领先\uff0c另有 1 个仍可能最优"),
    ],
)
def test_who_may_be_the_best_is_shown_as_beaten(lang, title):
    """19 agents' interval reaches 0 and 18 agents' does not; the title counts, the labels go from the best down."""
    axes = best_first(RANKING, catalogue().find("service_level"), "source", lang)
    assert axes.get_title(loc="left") == title
    assert [label.get_text().split("  ")[0] for label in axes.get_yticklabels()] == list(RANKING["scenario"])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    open_rows, beaten = (container.lines[0].get_ydata().tolist() for container in axes.containers)
    assert (open_rows, beaten) == ([0, 1], [2])
    ends = np.concatenate([bars.get_segments() for box in axes.containers for bars in box.lines[2]])[:, :, 0]
    assert ends == pytest.approx(RANKING[["ci_low", "ci_high"]].to_numpy() * 100)


def test_one_winner_is_not_called_the_best():
    """Where every other interval stays away from 0, the title says so."""
    axes = best_first(RANKING.iloc[[0, 2]].reset_index(drop=True), catalogue().find("service_level"), "source")
    assert axes.get_title(loc="left") == "Service level: 20 agents is the best"

"""Service level is random, against numbers computed elsewhere: how often it falls short, and how much it varies."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy.optimize import brentq

import csim
from csim.terms.judging.characteristic import operating_characteristic
from csim.terms.worth.surface import surface

from ..terms.centres import centre, step, terms

pytestmark = pytest.mark.slow
MONTHS = 500
CYCLES = ("day", "week", "ten_days", "month", "quarter")
THEIRS = {"day": 0.01, "week": 0.01, "ten_days": 0.015, "month": 0.02, "quarter": 0.04}  # error of a probability
SPREAD = {  # (level at mean load, cv): sd of the measured level
    (0.82, 0): (0.036, 0.017, 0.012, 0.0077, 0.0044),
    (0.82, 5): (0.066, 0.031, 0.023, 0.0145, 0.008),
    (0.82, 10): (0.115, 0.055, 0.039, 0.0255, 0.015),
}
SHORT = {  # P(measured < 80 %) by day, week, month, 66 days
    (0.82, 0): (0.28, 0.12, 0.004, 0.0),
    (0.85, 5): (0.22, 0.06, 0.0, 0.0),
    (0.82, 10): (0.42, 0.52, 0.58, 0.65),
    (0.85, 10): (0.32, 0.28, 0.14, 0.05),
}


def rate(level: float) -> float:
    """The contacts an hour at which 25 agents reach a level of service."""
    return brentq(lambda x: csim.erlang.a(x / 3600, 300, 25, 180, 20).service_level - level, 200, 300)


@pytest.fixture(scope="module")
def judged() -> dict[tuple[float, int], pd.DataFrame]:
    """The clauses judged, by level at mean load and cv: 11,000 days each, 150 million contacts in all."""
    base, found = rate(0.80), {}
    assert round(base, 1) == 272.9
    for cv in (0, 5, 10):
        levels = [0.82] if cv == 0 else [0.82, 0.85]
        grid = surface(
            centre(base, 25, cv / 100, warmup="1 h"), [rate(level) / base for level in levels], "volume",
            replications=MONTHS, seed=11, executor="processes:2",
        )  # fmt: skip
        table = operating_characteristic(terms(step("10%")), grid).clauses
        for level in levels:
            part = table[(table["at_mean_load"] - level).abs() < 1e-6]
            found[level, cv] = part.set_index("cycle")
    return found


@pytest.mark.parametrize("case", SHORT)
def test_a_level_falls_short_more_or_less_often(judged, case):
    """P(measured < 80 %) by cycle: within four joint standard errors."""
    for cycle, theirs in zip(("day", "week", "month", "quarter"), SHORT[case], strict=True):
        row = judged[case].loc[cycle]
        error = math.hypot(row["error"], THEIRS[cycle])
        assert abs(row["p_penalty"] - theirs) <= 4 * error, (case, cycle, row["p_penalty"], theirs)


@pytest.mark.parametrize("case", SPREAD)
def test_a_level_varies_more_or_less(judged, case):
    """The sd of the measured level by cycle: within four joint standard errors (theirs 3 %)."""
    for cycle, theirs in zip(CYCLES, SPREAD[case], strict=True):
        row = judged[case].loc[cycle]
        rounding = 0.5 * 10 ** -len(str(theirs).partition(".")[2]) / math.sqrt(3)
        error = math.hypot(0.03 * theirs, row["sd"] / math.sqrt(2 * row["cycles"]), rounding)
        assert abs(row["sd"] - theirs) <= 4 * error, (case, cycle, row["sd"], theirs)


def test_coins_would_vary_as_much(judged):
    """A binomial interval says .0077 by day and .0009 by 66 days: five times too narrow, and marked as wrong."""
    table = judged[0.82, 0]
    assert table.loc["day", "binomial_sd"] == pytest.approx(0.0077, abs=0.0004)
    assert table.loc["quarter", "binomial_sd"] == pytest.approx(0.0009, abs=0.00005)
    assert table["binomial_wrong"].all()
    ratio = table["sd"] / table["binomial_sd"]
    assert ((ratio > 4) & (ratio < 6)).all()


def test_a_longer_cycle_helps_where_days_differ(judged):
    """Ten per cent of luck moves the pooled level of .82 to .794: a longer cycle breaches more often."""
    table = judged[0.82, 10]
    assert table["true_level"].iloc[0] == pytest.approx(0.794, abs=0.005)
    assert table.loc["day", "p_penalty"] < table.loc["month", "p_penalty"]

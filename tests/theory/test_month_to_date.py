"""Month to date against numbers computed elsewhere, and calibrated: what is forecast at 15–25 % happens in 15–25 %."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

import csim
from csim.settlement.month import Terms
from csim.watch.ends import Settling
from csim.watch.futures import Future, drawn_days
from csim.watch.month_to_date import month_to_date
from csim.watch.so_far import Instant, SoFar

from ..terms.centres import SERVICE, centre, step, terms
from ..watch.logs import log

pytestmark = pytest.mark.slow
ENDS_SHORT = {0.76: 0.91, 0.78: 0.75, 0.80: 0.54, 0.82: 0.32, 0.84: 0.17}  # P(month < 80 %), 11 of 22 days gone
THEIRS = 0.015  # Monte-Carlo error of each
GONE, MONTHS, FUTURES, DRAWS = 11, 1500, 500, 300
LEVELS = (0.76, 0.78)


@pytest.fixture(scope="module")
def played() -> dict:
    """The remaining days, simulated once for all."""
    return {}


@pytest.mark.parametrize("level", ENDS_SHORT)
def test_eleven_days_gone(played, level):
    """25 agents, cv 10 %, 268.2 an hour: how often the month ends below 80 %, within four joint standard errors."""
    days = log([level] * GONE, per_day=2682)
    found = month_to_date(
        terms(step("10%")), days, scenario=centre(268.2, 25, 0.1, warmup="1 h"), as_of="2026-06-15", replications=1000,
        played=played, seed=5, executor="processes:2",
    )  # fmt: skip
    (clause,) = found.clauses
    assert found.days_left == GONE
    assert clause.needed == pytest.approx(1.6 - level, abs=0.001)
    error = math.hypot(THEIRS, math.sqrt(clause.p_penalty * (1 - clause.p_penalty) / 1000))
    assert abs(clause.p_penalty - ENDS_SHORT[level]) <= 4 * error


@pytest.fixture(scope="module")
def days() -> np.ndarray:
    """[month, day, (in time, offered, offered)] of a small centre: 8 agents, 75 an hour, four hours, cv 10 %."""
    small = centre(75, 8, 0.1)
    small["calendar"] |= {"open": "4 h", "interval": "4 h"}
    sim = csim.simulate(small, MONTHS + FUTURES, seed=5, executor="processes:2")
    at = next(i for i, kpi in enumerate(sim.measures.kpis) if kpi.id == "service_level_included")
    places = [sim.measures.numerator[at], sim.measures.denominator[at], sim.measures.denominator[at]]
    return sim.day_sums[:, :, sim.views.index((None, None))][..., places]


def promise(level: float) -> csim.Contract:
    """10 % off below a level."""
    rows = [{"from": f"{level:.0%}", "credit": "0%"}, {"credit": "10%"}]
    return terms({"level": SERVICE | {"expected": f"{level:.0%}", "bands": rows}})


def month(agreed: csim.Contract, counts: np.ndarray) -> Settling:
    """The month so far, from the counts of its days."""
    total = counts.sum(0)
    rows = [{"date": "", "kpi": name, "numerator": total[0], "denominator": total[1], "sample": total[2]}
            for name in ("level", "answer_rate")]  # fmt: skip
    table = pd.DataFrame(rows).assign(month="2026-06", queue="all")
    nothing = pd.DataFrame({"contact_id": []})
    until = Instant.of("2026-06-15", "Asia/Shanghai")
    known = SoFar(
        agreed,
        Terms.of(agreed, "2026-06"),
        "2026-06",
        "V",
        until,
        table,
        None,
        nothing,
        pd.Series(dtype="datetime64[ns]"),
    )
    return Settling(known)


def forecasts(level: float, past: np.ndarray, coming) -> tuple[np.ndarray, np.ndarray]:
    """The forecast of each month near 20 %, and whether it ended short; months far from 20 % are not looked at."""
    agreed, found = promise(level), []
    dates = tuple(day.date() for day in pd.bdate_range("2026-06-16", periods=22 - GONE))
    for number, counts in enumerate(past):
        so_far, draws = counts[:GONE].sum(0), coming(number)
        rough = ((so_far[0] + draws[:, :, 0].sum(1)) / (so_far[1] + draws[:, :, 1].sum(1)) < level).mean()
        if not 0.10 <= rough <= 0.30:
            continue
        future = Future(dates, {"level": draws, "answer_rate": draws}, "scenario")
        p = month(agreed, counts[:GONE]).ends(future).clauses["level"]["penalty"].mean()
        found.append((p, counts[:, 0].sum() / counts[:, 1].sum() < level))
    p, short = np.array(found).T
    return p, short


def test_forecasts_of_twenty_per_cent_come_true(days):
    """Of the months whose forecast from the scenario lies between 15 and 25 % (300 or more), 15–25 % end short."""
    future = days[MONTHS : MONTHS + DRAWS, GONE:]
    parts = [forecasts(level, days[:MONTHS], lambda number: future) for level in LEVELS]
    p, short = (np.concatenate([part[i] for part in parts]) for i in range(2))
    near = (p >= 0.15) & (p <= 0.25)
    assert near.sum() >= 300
    assert 0.15 <= short[near].mean() <= 0.25


def test_a_months_own_days_come_true_over_centres_of_all_levels(days):
    """Drawn from the month's own eleven days: over promises far below and far above the centre, 15–25 % end short."""
    known = [day.date() for day in pd.bdate_range("2026-06-01", periods=GONE)]
    to_come: list[dt.date] = [day.date() for day in pd.bdate_range("2026-06-16", periods=22 - GONE)]
    pairs = []
    for number, counts in enumerate(days[:MONTHS]):
        drawn = counts[drawn_days(known, to_come, DRAWS, number)]
        so_far = counts[:GONE].sum(0)
        ends = (so_far[0] + drawn[:, :, 0].sum(1)) / (so_far[1] + drawn[:, :, 1].sum(1))
        end = counts[:, 0].sum() / counts[:, 1].sum()
        pairs += [((ends < level).mean(), end < level) for level in np.arange(0.68, 0.90, 0.01)]
    p, short = np.array(pairs).T
    near = (p >= 0.15) & (p <= 0.25)
    assert near.sum() >= 300
    assert 0.15 <= short[near].mean() <= 0.25

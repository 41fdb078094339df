"""Every clause judged in every simulated cycle, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from csim.contract.load import Contract
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.terms.judging.risks import Limits
from csim.terms.worth.clauses import marked
from csim.terms.worth.played import cycle_of
from csim.terms.worth.surface import Counts, Surface
from csim.terms.worth.thresholds import effect, threshold
from csim.terms.worth.truth import true_levels
from csim.terms.worth.valuation import Months, fees, marks_of, terms_of

WRONG = 1.5  # times: a binomial interval so much too narrow is wrong
POINTS = 13  # true levels of a clause that no simulation gives


def clause_rows(contract: Contract, grid: Surface, months: Months, cycle: str) -> list[dict[str, Any]]:
    """One row per clause and level: how often it punishes in a cycle, and what the binomial would say."""
    rows: list[dict[str, Any]] = []
    for number, label in enumerate(months.labels[:1]):
        terms = terms_of(contract, label)
        marks, fee = marks_of(contract, terms, months, number, {}), fees(contract, terms, months, number)
        for judge in terms.judges:
            counts = months.at(judge.id, number)
            if counts is not None and judge.id not in months.met and not by_coin(contract, judge):
                found = effect(terms, judge, marks, fee)
                rows += _rows(grid, judge, counts, found, cycle_of(grid, contract, cycle).days, cycle, months.part)
    return rows


def _rows(
    grid: Surface, judge: Judge, counts: Counts, found: Any, days: int, cycle: str, part: float
) -> list[dict[str, Any]]:
    truth, mean_load, exact = true_levels(grid, judge.kpi, judge.clause.scope.queue)
    measured, size = counts.value, counts.numerator.shape[1]
    level = threshold(judge)
    rows = []
    for i, x in enumerate(grid.levels):
        p, sample = float(found.penalty[i].mean()), float(np.nan_to_num(counts.sample[i]).mean())
        binomial_sd, p_binomial = _binomial(judge, level, sample, float(truth[i]))
        known = measured[i][~np.isnan(measured[i])]
        sd = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
        rows.append({
            "clause": judge.id, "kpi": judge.kpi, "cycle": cycle, "days": days, "level": x,
            "true_level": float(truth[i]), "at_mean_load": float(mean_load[i]), "p_penalty": p,
            "p_missed": float(found.missed[i].mean()), "p_bonus": float(found.bonus[i].mean()),
            "expected_money": float(found.money[i].mean()) / part, "error": (p * (1 - p) / size) ** 0.5, "sd": sd,
            "sample": sample, "binomial_sd": binomial_sd, "p_binomial": p_binomial,
            "binomial_wrong": bool(sd > WRONG * binomial_sd), "cycles": size,
            "method": "exact" if exact else "simulated",
        })  # fmt: skip
    return rows


def _binomial(judge: Judge, level: Any, sample: float, true: float) -> tuple[float, float]:
    """sd and P(short of the level) if contacts were independent coins; NaN for what is no share."""
    if judge.unit != "share" or level is None or not sample >= 1 or not 0 <= true <= 1:
        return float("nan"), float("nan")
    from scipy.special import bdtr

    size, at = round(sample), float(level.number)
    if judge.better == "down":
        p = 1 - float(bdtr(np.floor(round(at * size, 9)), size, true))
    else:
        p = float(bdtr(np.ceil(round(at * size, 9)) - 1, size, true)) if at * size > 0 else 0.0
    return (true * (1 - true) / size) ** 0.5, p


def sampled_rows(
    contract: Contract, grid: Surface, months: Months, cycle: str, samples: Mapping[str, int], limits: Limits
) -> list[dict[str, Any]]:
    """Clauses that judge a sample of coins: exact, by every result that the sample can have."""
    terms, days = terms_of(contract, months.labels[0]), cycle_of(grid, contract, cycle).days
    fee = float(fees(contract, terms, months, 0).mean())
    rows = []
    for judge in terms.judges:
        level, size = threshold(judge), sample_of(contract, judge, months, samples)
        if level is None or not size:
            continue
        for true in _around(float(level.number), limits):
            found = _exact(terms, judge, months, size, true, fee)
            rows.append({
                "clause": judge.id, "kpi": judge.kpi, "cycle": cycle, "days": days, "level": float("nan"),
                "true_level": true, "at_mean_load": float("nan"), **found, "expected_money": found["expected_money"]
                / months.part, "error": 0.0, "sd": (true * (1 - true) / size) ** 0.5, "sample": float(size),
                "binomial_sd": (true * (1 - true) / size) ** 0.5, "p_binomial": found["p_missed"],
                "binomial_wrong": False, "cycles": 0, "method": "binomial",
            })  # fmt: skip
    return rows


def by_coin(contract: Contract, judge: Judge) -> bool:
    """Whether a clause judges a share of coins that no staffing moves: surveys, quality checks, resolution."""
    return judge.unit == "share" and "COIN" in contract.catalogue[judge.kpi].needs


def sample_of(contract: Contract, judge: Judge, months: Months, samples: Mapping[str, int]) -> int:
    """How many are sampled in a cycle: as stated, else as simulated, else the clause's minimum; 0: it is no sample."""
    if judge.unit != "share" or not (by_coin(contract, judge) or judge.id in months.met):
        return 0
    if judge.id in samples:
        return max(1, round(samples[judge.id] * months.part))
    counts = months.counts.get(judge.id)
    if counts is not None:
        return round(float(np.nan_to_num(counts.sample).mean()))
    return judge.clause.minimum_sample or 0


def _around(level: float, limits: Limits) -> list[float]:
    """True levels on both sides of a threshold, the good and the bad one among them."""
    step = limits.margin / 2
    found = {round(level + step * i, 6) for i in range(-(POINTS // 2), POINTS // 2 + 1)}
    return sorted(x for x in found if 0 < x < 1)


def _exact(terms: Terms, judge: Judge, months: Months, size: int, true: float, fee: float) -> dict[str, float]:
    """Every number of hits that the sample can have, weighted with its binomial probability."""
    from scipy.special import gammaln

    hits = np.arange(size + 1.0)
    ways = gammaln(size + 1) - gammaln(hits + 1) - gammaln(size - hits + 1)
    weight = np.exp(ways + hits * np.log(true) + (size - hits) * np.log1p(-true))
    shape = (1, size + 1)
    counts = Counts(hits[None], np.full(shape, float(size)), np.full(shape, float(size)))
    whole = Months((*shape, 1), months.labels[:1], (0,), {}, met=frozenset(j.id for j in terms.judges))
    marks = dict(marks_of(terms.contract, terms, whole, 0, {}))
    marks[judge.id] = marked(judge, counts, shape)
    found = effect(terms, judge, marks, np.full(shape, fee))
    parts = {"p_penalty": found.penalty, "p_missed": found.missed, "p_bonus": found.bonus}
    parts["expected_money"] = found.money
    return {name: float((weight * array[0]).sum()) for name, array in parts.items()}

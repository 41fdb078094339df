"""Clauses that judge a sample: how many answer, what those who do not might have said, which sample would be enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract
from csim.settlement.judge import Judge
from csim.terms.judging.cycles import by_coin, sample_of
from csim.terms.judging.risks import Limits
from csim.terms.judging.samples import acceptance_plan, bounds
from csim.terms.worth.surface import Surface
from csim.terms.worth.thresholds import threshold
from csim.terms.worth.valuation import Months, terms_of

COLUMNS = ("clause", "kpi", "threshold", "sample", "measured", "invited_response", "sessions_response", "low", "high",
           "plan_sample", "plan_bad", "plan_alpha", "plan_beta")  # fmt: skip
NAN = float("nan")


def sample_rows(
    contract: Contract, grid: Surface, months: Months, samples: Mapping[str, int], limits: Limits
) -> pd.DataFrame:
    """
    One row per clause that judges a share of a sample.

    Returns:
        sample (a month), measured (as simulated), invited_response and sessions_response (answers ÷ invitations, ÷
        answered contacts), low and high (where the share of all lies, whatever the silent think), plan_sample and
        plan_bad (the least sample that tells good from bad within the limits, and how many of it may fail).
    """
    rows = []
    for judge in terms_of(contract, months.labels[0]).judges:
        level, size = threshold(judge), sample_of(contract, judge, months, samples)
        if level is None or not size:
            continue
        row: dict[str, Any] = dict.fromkeys(COLUMNS, NAN)
        row |= {"clause": judge.id, "kpi": judge.kpi, "threshold": float(level.number), "sample": size}
        row |= _measured(contract, grid, months, judge) | _plan(judge, float(level.number), limits)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measured(contract: Contract, grid: Surface, months: Months, judge: Judge) -> dict[str, float]:
    """What is measured and, of a survey, how many answer."""
    if judge.id in months.met or not by_coin(contract, judge):
        return {}
    at = len(grid.levels) // 2
    found = {"measured": float(months.counts[judge.id].pooled()[at])}
    if not judge.kpi.startswith("csat"):
        return found
    queue = judge.clause.scope.queue
    answers = {
        key: float(grid.counts(kpi, queue).pooled()[at])
        for key, kpi in (
            ("invited_response", "survey_response"), ("sessions_response", "survey_response_of_sessions"),
        ) if grid.has(kpi)
    }  # fmt: skip
    share = answers.get("sessions_response", NAN)
    low, high = bounds(found["measured"], share) if not np.isnan([share, found["measured"]]).any() else (NAN, NAN)
    return found | answers | {"low": low, "high": high}


def _plan(judge: Judge, level: float, limits: Limits) -> dict[str, float]:
    """The least sample that tells a good vendor from a bad one."""
    good, bad = level + limits.margin, level - limits.margin
    if judge.better == "down":  # a share of what is wrong
        good, bad = 1 - (level - limits.margin), 1 - (level + limits.margin)
    plan = acceptance_plan(min(good, 1.0), max(bad, 0.0), limits.alpha, limits.beta)
    return {"plan_sample": plan.sample, "plan_bad": plan.bad, "plan_alpha": plan.alpha, "plan_beta": plan.beta}

"""How heavy a penalty must be before breaking the promise no longer pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from csim.contract.load import Contract
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.terms.answers import best_level
from csim.terms.clauses import Marks
from csim.terms.valuation import Months, terms_of, valued

LARGEST = 64.0  # times the penalty of the contract: what does not deter then is held off by a cap
STEPS = 30  # halvings: nine digits
OFTEN = 0.5  # of months: breach is permanent


def deterrence(contract: Contract, months: Months, cost: np.ndarray) -> dict[str, float | None]:
    """
    By clause, the share of the fee below which the vendor's best answer misses it in most months.

    The clause's penalty alone is scaled, everything else stays. 0: the vendor keeps it anyway. None: no size deters,
    since a cap stands before it.

    Args:
        cost: What the agents cost, [level, run, month].
    """
    terms = terms_of(contract, months.labels[0])
    found: dict[str, float | None] = {}
    for judge in terms.judges:
        share = penalty_share(terms, judge)
        if share and judge.id not in months.met:
            factor = _least_factor(contract, months, cost, judge.id)
            found[judge.id] = None if factor is None else share * factor
    return found


def penalty_share(terms: Terms, judge: Judge) -> float:
    """
    The smallest share of the fee that missing a clause costs at once; 0 where it costs none.

    Of a ladder it is the first step; of an at-risk amount the clause's part.
    """
    credits = [Decimal(row.amount) for row in judge.rows if row.outcome == "credit" and row.amount]
    pay, clause = terms.ladder.pay, judge.clause
    if credits:
        return float(min(credits))
    if pay.at_risk is not None and clause.allocation is not None:
        return float(pay.at_risk.share_of_fee * pay.at_risk.pool * clause.allocation)
    return 0.0


def scaled_by(name: str, factor: float) -> object:
    """A change for `valued`: the penalties of one clause times a factor."""

    def change(terms: Terms, marks: Mapping[str, Marks]) -> tuple[Terms, Mapping[str, Marks]]:
        mark = marks[name]
        part = None if mark.allocation is None else mark.allocation * factor
        heavier = replace(mark, credit=mark.credit * factor, deduct=mark.deduct * factor, allocation=part)
        return terms, {**marks, name: heavier}

    return change


def _least_factor(contract: Contract, months: Months, cost: np.ndarray, name: str) -> float | None:
    """The least factor at which the best answer keeps the clause in most months."""
    missed = _penalised(contract, months, name)

    def keeps(factor: float) -> bool:
        worth = valued(contract, months, scaled_by(name, factor))  # type: ignore[arg-type]
        return bool(missed[best_level((worth.net - cost).mean((1, 2)))] < OFTEN)

    if keeps(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while not keeps(high):
        low, high = high, high * 2
        if high > LARGEST:
            return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _penalised(contract: Contract, months: Months, name: str) -> np.ndarray:
    """[level] In which share of months the clause costs something, or is missed."""
    worth = valued(contract, months)
    return ((worth.own[name] < 0) | worth.missed[name]).mean((1, 2))

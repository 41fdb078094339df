"""How heavy a penalty must be before breaking the promise no longer pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from csim.contract.load import Contract
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.terms.judging.cycles import by_coin
from csim.terms.worth.answers import best_level
from csim.terms.worth.clauses import Marks
from csim.terms.worth.valuation import Change, Months, terms_of, valued

LARGEST = 64.0  # times the penalty of the contract: what does not deter then is held off by a cap
STEPS = 30  # halvings: nine digits
OFTEN = 0.5  # of months: breach is permanent
BY_SCORE = "by_score"  # the scale from scores to money, among the clauses
Scaled = Callable[[float], Change]


def deterrence(contract: Contract, months: Months, cost: np.ndarray) -> dict[str, float | None]:
    """
    By clause, the share of the fee below which the vendor's best answer misses it in most months.

    The clause's penalty alone is scaled, everything else stays. 0: the vendor keeps it anyway. None: no size deters,
    since a cap stands before it. Under `by_score` the same for the first step of the scale of scores. Surveys
    and quality checks are left out: they are coins that no staffing moves.

    Args:
        cost: What the agents cost, [level, run, month].
    """
    terms, worth = terms_of(contract, months.labels[0]), valued(contract, months)
    found: dict[str, float | None] = {}
    for judge in terms.judges:
        share = penalty_share(terms, judge)
        if share and judge.id not in months.met and not by_coin(contract, judge):
            missed = (worth.own[judge.id] < 0) | worth.missed[judge.id]
            factor = _least_factor(contract, months, cost, missed, scaled_by(judge.id))
            found[judge.id] = None if factor is None else share * factor
    step = score_step(terms)
    if step:
        factor = _least_factor(contract, months, cost, worth.through < 0, steeper)
        found[BY_SCORE] = None if factor is None else step * factor
    return found


def score_step(terms: Terms) -> float:
    """The smallest share of the fee that a step of the scale from scores to money takes; 0 without such a scale."""
    taken = [1 - float(row.share_of_fee) for row, _ in terms.ladder.by_score if row.share_of_fee is not None]
    return min((part for part in taken if part > 0), default=0.0)


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


def scaled_by(name: str) -> Scaled:
    """A change for `valued` by factor: the penalties of one clause so many times as large."""

    def scaled(factor: float) -> Change:
        def change(terms: Terms, marks: Mapping[str, Marks]) -> tuple[Terms, Mapping[str, Marks]]:
            mark = marks[name]
            part = None if mark.allocation is None else mark.allocation * factor
            heavier = replace(mark, credit=mark.credit * factor, deduct=mark.deduct * factor, allocation=part)
            return terms, {**marks, name: heavier}

        return change

    return scaled


def steeper(factor: float) -> Change:
    """A change for `valued`: every step of the scale from scores to money so many times as large, down to nothing."""

    def change(terms: Terms, marks: Mapping[str, Marks]) -> tuple[Terms, Mapping[str, Marks]]:
        rows = []
        for row, interval in terms.ladder.by_score:
            taken = Decimal(1) - (row.share_of_fee or Decimal(0))
            left = max(Decimal(0), Decimal(1) - taken * Decimal(repr(factor))) if taken > 0 else row.share_of_fee
            rows.append((row.model_copy(update={"share_of_fee": left}), interval))
        return replace(terms, ladder=replace(terms.ladder, by_score=tuple(rows))), marks

    return change


def _least_factor(
    contract: Contract, months: Months, cost: np.ndarray, missed: np.ndarray, scaled: Scaled
) -> float | None:
    """The least factor at which the best answer is missed (or penalised) in less than half of all months."""
    often = missed.mean((1, 2))

    def keeps(factor: float) -> bool:
        worth = valued(contract, months, scaled(factor))
        return bool(often[best_level((worth.net - cost).mean((1, 2)))] < OFTEN)

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

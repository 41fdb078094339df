"""What a clause punishes in one cycle: its threshold, its money, by itself and through the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from csim.contract.model import KpiClause
from csim.schema.exact import Level
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.terms.worth.account import own_money, points_money, score_money, total_points, total_score
from csim.terms.worth.clauses import Marks, best_marks


@dataclass(frozen=True)
class Effect:
    """What a clause does in every cycle: [level, cycle]. Money: below 0 it costs the vendor."""

    penalty: np.ndarray
    bonus: np.ndarray
    missed: np.ndarray
    money: np.ndarray


def effect(terms: Terms, judge: Judge, marks: Mapping[str, Marks], fee: np.ndarray) -> Effect:
    """
    What a clause costs or earns: its own money, and what it takes through the month's score and points, before caps.

    Through the score: the payment less what it would be, were this clause at its best and all others as they are.
    A clause that moves no money is "penalised" where it is missed.
    """
    mark = marks[judge.id]
    own = own_money(terms, mark, fee)
    through = np.zeros(fee.shape)
    best = {**marks, judge.id: replace(best_marks(judge, fee.shape), weight=mark.weight)}
    if mark.weight is not None or mark.gated.any():
        scores = [total_score(list(each.values())) for each in (marks, best)]
        through = through + score_money(terms, scores[0], fee) - score_money(terms, scores[1], fee)
    if terms.ladder.by_points:
        points = [total_points(list(each.values())) for each in (marks, best)]
        through = through + points_money(terms, points[0], fee) - points_money(terms, points[1], fee)
    money = own + through
    missed = mark.missed | mark.breached
    penalty = (own < 0) | (through < 0) if moves_money(terms, judge.clause) else missed
    return Effect(penalty, own > 0, missed, money)


def moves_money(terms: Terms, clause: KpiClause) -> bool:
    """Whether a clause can cost anything, by itself or through the score."""
    costly = [row for row in clause.bands if row.outcome in ("credit", "deduct", "points") and row.amount]
    at_risk = clause.allocation is not None and terms.ladder.pay.at_risk is not None
    scored = clause.weight is not None and bool(terms.ladder.by_score)
    return bool(costly or at_risk or scored or clause.shortfall or clause.per_unit or clause.gate)


def threshold(judge: Judge) -> Level | None:
    """
    The level at which a clause begins to punish: what is expected, else the minimum, else where its line of credits
    or its best band ends.
    """
    clause = judge.clause
    for level in (clause.expected, clause.minimum, clause.shortfall.below if clause.shortfall else None):
        if level is not None:
            return level
    if clause.linear:
        return max(clause.linear, key=lambda edge: edge.score).at
    return _edge(judge)


def _edge(judge: Judge) -> Level | None:
    """The edge between the rows that cost nothing (or give the highest score) and the next worse one."""
    scores = [Decimal(row.amount) for row in judge.rows if row.outcome == "score"]
    free = [
        row for row in judge.rows
        if (row.outcome == "score" and Decimal(row.amount) == max(scores)) or row.outcome in ("bonus", "pay")
        or (row.outcome in ("credit", "deduct", "points") and not row.amount)
    ]  # fmt: skip
    if judge.better == "down":
        ends = [row.interval.high for row in free if row.interval.high is not None]
        return max(ends, key=lambda level: level.number, default=None)
    ends = [row.interval.low for row in free if row.interval.low is not None]
    return min(ends, key=lambda level: level.number, default=None)

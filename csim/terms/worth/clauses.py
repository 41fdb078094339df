"""One clause against many months at once: what csim.settlement.judge says of one, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from csim.contract.model import KpiClause
from csim.schema.exact import Level
from csim.settlement.judge import Judge
from csim.terms.worth.edges import Pair, below, rounded, stepped, within, worse
from csim.terms.worth.surface import Counts

NOT_KNOWN = float("nan")


@dataclass
class Marks:
    """
    What a clause came to, [level, month]; the fields are those of `csim.settlement.judged.Judged`.

    Attributes:
        score, points: NaN where the clause gives none. credit, bonus: shares of the fee. deduct, pay: money.
        thin: Too small a sample, so that no part of the at-risk amount is due. gated: A gate that was missed.
    """

    score: np.ndarray
    points: np.ndarray
    credit: np.ndarray
    bonus: np.ndarray
    deduct: np.ndarray
    pay: np.ndarray
    missed: np.ndarray
    breached: np.ndarray
    thin: np.ndarray
    gated: np.ndarray
    value: np.ndarray
    weight: float | None = None
    allocation: float | None = None

    @classmethod
    def blank(cls, shape: tuple[int, ...], clause: KpiClause | None = None) -> Marks:
        """Nothing judged yet."""
        score, points, value = (np.full(shape, NOT_KNOWN) for _ in range(3))
        credit, bonus, deduct, pay = (np.zeros(shape) for _ in range(4))
        missed, breached, thin, gated = (np.zeros(shape, dtype=bool) for _ in range(4))
        weight = None if clause is None or clause.weight is None else float(clause.weight)
        part = None if clause is None or clause.allocation is None else float(clause.allocation)
        return cls(score, points, credit, bonus, deduct, pay, missed, breached, thin, gated, value, weight, part)


def best_marks(judge: Judge, shape: tuple[int, ...]) -> Marks:
    """A clause that nothing is held against: full score, no points, no money either way."""
    marks = Marks.blank(shape, judge.clause)
    if scored(judge):
        marks.score[...] = 100.0
    if any(row.outcome == "points" for row in judge.rows):
        marks.points[...] = 0.0
    return marks


def marked(
    judge: Judge, counts: Counts | None, shape: tuple[int, ...], *, steps: int = 0, repeated: np.ndarray | None = None,
    ceiling: Counts | None = None, response: Counts | None = None, relieved: np.ndarray | None = None,
) -> Marks:  # fmt: skip
    """
    A clause judged in every month: see `csim.settlement.judge.Judge`.

    Args:
        counts: Its counts, None where nothing is known in any month.
        steps: How often its ratchet has turned. repeated: Where it was breached in the month before.
        ceiling, response: The other measure that may hold the score down; the share of surveys that came back.
        relieved: Where the whole month does not count.
    """
    clause = judge.clause
    marks = Marks.blank(shape, clause)
    free = np.zeros(shape, dtype=bool) if relieved is None else relieved
    empty = np.ones(shape, dtype=bool) if counts is None else counts.denominator == 0
    if clause.missing == "missed":
        _at_worst(judge, marks, empty & ~free)
    if counts is None:
        return marks
    judged = ~empty & ~free
    marks.thin = judged & _thin(clause, counts, response)
    judged &= ~marks.thin
    pair = rounded((counts.numerator, counts.denominator), clause.value_rounding)
    with np.errstate(invalid="ignore", divide="ignore"):
        marks.value = np.where(empty, NOT_KNOWN, pair[0] / pair[1])
    _levels(judge, marks, pair, judged, steps)
    _bands(judge, marks, pair, judged, repeated)
    _line(judge, marks, judged)
    _shortfall(judge, marks, judged)
    if clause.per_unit is not None:
        marks.deduct += np.where(judged, float(clause.per_unit.rate) * counts.numerator, 0.0)
    _ceiling(clause, marks, ceiling, judged)
    if clause.gate:
        marks.gated |= judged & (marks.missed | marks.breached)
    return marks


def scored(judge: Judge) -> bool:
    """Whether the clause gives a score."""
    return bool(judge.clause.linear) or any(row.outcome == "score" for row in judge.rows)


def level_of(judge: Judge, level: Level | None, steps: int) -> Level | None:
    """A level after so many turns of the clause's ratchet."""
    ratchet = judge.clause.ratchet
    return level if level is None or ratchet is None else stepped(level, ratchet.step, steps, ratchet.up_to)


def _levels(judge: Judge, marks: Marks, pair: Pair, judged: np.ndarray, steps: int) -> None:
    expected, minimum = (level_of(judge, level, steps) for level in (judge.clause.expected, judge.clause.minimum))
    if minimum is not None:
        marks.breached |= judged & worse(pair, minimum, judge.better)
    marks.missed |= judged & worse(pair, expected, judge.better) if expected is not None else marks.breached & judged


def _bands(judge: Judge, marks: Marks, pair: Pair, judged: np.ndarray, repeated: np.ndarray | None) -> None:
    """The first row that holds the value decides."""
    left, rule = judged.copy(), judge.clause.repeat
    for row in judge.rows:
        here = left & within(row.interval, pair)
        left &= ~here
        amount = np.full(here.shape, float(row.amount))
        if row.outcome == "points" and row.amount > 0:
            marks.breached |= here
            if rule is not None and repeated is not None:
                amount = np.where(repeated, amount * float(rule.factor), amount)
        target = getattr(marks, row.outcome)
        target[here] = amount[here]


def _line(judge: Judge, marks: Marks, judged: np.ndarray) -> None:
    points = sorted(judge.clause.linear, key=lambda edge: edge.at.number)
    if not points:
        return
    at, score = ([float(x) for x in column] for column in zip(*((e.at.number, e.score) for e in points), strict=True))
    marks.score = np.where(judged, np.round(np.interp(marks.value, at, score), 6), marks.score)


def _shortfall(judge: Judge, marks: Marks, judged: np.ndarray) -> None:
    rule = judge.clause.shortfall
    if rule is None:
        return
    due = float(rule.below.number)
    gap = marks.value - due if judge.better == "down" else due - marks.value
    points = np.round(gap * (100 if rule.below.kind == "share" else 1), 10)
    short = judged & (points > 0)
    credit = float(rule.per_point) * points
    credit = credit if rule.up_to is None else np.minimum(credit, float(rule.up_to))
    marks.credit += np.where(short, credit, 0.0)
    marks.missed |= short


def _ceiling(clause: KpiClause, marks: Marks, other: Counts | None, judged: np.ndarray) -> None:
    rule = clause.ceiling
    if rule is None:
        return
    low = np.ones(judged.shape, dtype=bool)
    if other is not None:
        low = (other.denominator == 0) | below((other.numerator, other.denominator), rule.below.number)
    marks.score = np.where(judged & low & (marks.score > float(rule.score)), float(rule.score), marks.score)


def _thin(clause: KpiClause, counts: Counts, response: Counts | None) -> np.ndarray:
    thin = np.zeros(counts.numerator.shape, dtype=bool)
    if clause.minimum_sample is not None:
        thin |= ~(counts.sample >= float(clause.minimum_sample))
    if clause.response_gate is not None:
        if response is None:
            return np.ones(thin.shape, dtype=bool)
        thin |= (response.denominator == 0) | below((response.numerator, response.denominator), clause.response_gate)
    return thin


def _at_worst(judge: Judge, marks: Marks, where: np.ndarray) -> None:
    """The least a clause can give, where its data are missing and that is a miss."""
    most = {
        name: max((Decimal(row.amount) for row in judge.rows if row.outcome == name), default=None)
        for name in ("points", "credit", "deduct")
    }
    credit = float(most["credit"] or 0) + _most_of_line(judge)
    if scored(judge):
        marks.score[where] = 0.0
    if most["points"] is not None:
        marks.points[where] = float(most["points"])
    marks.credit[where] = credit
    marks.deduct[where] = float(most["deduct"] or 0)
    marks.missed |= where
    marks.breached |= where
    if judge.clause.gate:
        marks.gated |= where


def _most_of_line(judge: Judge) -> float:
    """The most a shortfall can cost: its ceiling, else what a value of 0 costs where more is better."""
    rule = judge.clause.shortfall
    if rule is None:
        return 0.0
    if rule.up_to is not None:
        return float(rule.up_to)
    points = float(rule.below.number) * (100 if rule.below.kind == "share" else 1)
    return 0.0 if judge.better == "down" else float(rule.per_point) * points

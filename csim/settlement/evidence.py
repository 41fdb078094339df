"""How strong the evidence of a penalised line is: is the shortfall larger than the measure's own noise?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from csim.contract.model import KpiClause
from csim.schema.exact import Level
from csim.settlement.facts import Fact
from csim.settlement.steps import Line

if TYPE_CHECKING:
    from csim.settlement.statement import Statement

FEWEST_DAYS = 5
CLEAR, LIKELY = 0.005, 0.025  # one-sided: the level lies outside the 99 % interval, outside the 95 % interval
NAN = float("nan")


@dataclass(frozen=True)
class Evidence:
    """
    What the counts of a month say about a shortfall.

    Attributes:
        grade: clear (the level lies outside the 99 % interval), likely (outside the 95 % interval), chance (inside it)
            or unknown (neither days nor a sample are known).
        method: days (days as batches), sample (exact binomial: too optimistic, since the contacts of one day are not
            independent) or none.
        low, high: The 95 % interval. chance: How often so poor a month would come, were the true value at the level.
    """

    grade: str
    method: str
    level: Level
    low: float = NAN
    high: float = NAN
    chance: float = NAN
    days: int = 0
    sample: Decimal | None = None


def by_days(daily: Sequence[tuple[float, float]]) -> tuple[float, float, int]:
    """
    A ratio of sums over days, its standard error, and the number of days.

    The delta method with days as batches: what is alike within a day (one storm, one campaign) is not counted as
    many independent contacts.

    Examples:
        Residuals n − r·d are +1, −1, 0 around r = 21 ÷ 30; √(3 ÷ 2 · 2) ÷ 30 = 0.0577:

        >>> value, error, days = by_days([(8, 10), (6, 10), (7, 10)])
        >>> round(value, 4), round(error, 4), days
        (0.7, 0.0577, 3)
    """
    known = [(n, d) for n, d in daily if d > 0]
    days, total = len(known), math.fsum(d for _, d in known)
    if not total:
        return NAN, NAN, 0
    value = math.fsum(n for n, _ in known) / total
    if days < 2:
        return value, NAN, days
    squares = math.fsum((n - value * d) ** 2 for n, d in known)
    return value, math.sqrt(days / (days - 1) * squares) / total, days


def evidence(fact: Fact, level: Level, better: str | None, unit: str) -> Evidence:
    """
    How surely the true value lies beyond a level that the month's value fell short of.

    Examples:
        >>> fact = Fact(Decimal(780), Decimal(1000), Decimal(1000))
        >>> found = evidence(fact, Level.of("80%"), "up", "share")
        >>> found.grade, found.method, round(found.low, 3), round(found.high, 3)
        ('chance', 'sample', 0.753, 0.805)
        >>> evidence(Fact(Decimal("0.78"), Decimal(1)), Level.of("80%"), "up", "share").grade
        'unknown'
    """
    value, error, days = by_days(fact.daily)
    if days >= FEWEST_DAYS and error > 0:
        return _student(value, error, days, level, better, fact.sample)
    if (count := _count(fact, unit)) is not None:
        return _binomial(*count, level, better)
    return Evidence("unknown", "none", level, sample=fact.sample)


def _student(
    value: float, error: float, days: int, level: Level, better: str | None, sample: Decimal | None
) -> Evidence:
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(days - 1, 1 - LIKELY)) * error
    gap = (float(level.number) - value) if better != "down" else (value - float(level.number))
    chance = float(stdtr(days - 1, -gap / error))
    return Evidence(graded(chance), "days", level, value - half, value + half, chance, days, sample)


def _count(fact: Fact, unit: str) -> tuple[int, int] | None:
    """Successes of a sample, where the value is a share of counted things."""
    value, sample = fact.value, fact.sample
    counted = fact.denominator == sample or fact.denominator == 1
    if unit != "share" or value is None or sample is None or not counted or not 0 <= value <= 1:
        return None
    whole = int(sample)
    return (round(value * whole), whole) if whole == sample and whole > 0 else None


def _binomial(hits: int, sample: int, level: Level, better: str | None) -> Evidence:
    """Clopper and Pearson's interval, and the binomial tail at the level."""
    from scipy.special import bdtr, bdtrc, betaincinv

    low = float(betaincinv(hits, sample - hits + 1, LIKELY)) if hits else 0.0
    high = float(betaincinv(hits + 1, sample - hits, 1 - LIKELY)) if hits < sample else 1.0
    at = float(level.number)
    chance = float(bdtr(hits, sample, at) if better != "down" else bdtrc(hits - 1, sample, at) if hits else 1.0)
    return Evidence(graded(chance), "sample", level, low, high, chance, 0, Decimal(sample))


def graded(chance: float) -> str:
    """
    The grade of a one-sided probability.

    Examples:
        >>> graded(0.001), graded(0.02), graded(0.2)
        ('clear', 'likely', 'chance')
    """
    return "clear" if chance < CLEAR else "likely" if chance < LIKELY else "chance"


# -- lines of a statement ---------------------------------------------------------------------------


def penalised(statement: Statement, line: Line) -> bool:
    """Whether a line costs something, or keeps the score from being full where the score costs something."""
    judged = line.judged
    if judged is None or not judged.kpi or judged.status != "judged":
        return False
    scored = any(other.kind == "score" and other.money < 0 for other in statement.payment.lines)
    lost = scored and judged.counts and judged.score is not None and judged.score < 100
    return line.money < 0 or judged.missed or judged.breached or bool(judged.points) or lost


def evidence_of(statement: Statement, line: Line) -> Evidence | None:
    """How strong the evidence of a penalised line is; None for all others."""
    judged = line.judged
    if judged is None or judged.fact is None or not penalised(statement, line):
        return None
    clause = statement.terms.kpis[judged.id]
    kpi = statement.contract.kpi_of(clause.measure, clause.reading)
    level = _level(line, clause, kpi.better)
    return None if level is None else evidence(judged.fact, level, kpi.better, kpi.unit)


def _level(line: Line, clause: KpiClause, better: str | None) -> Level | None:
    """What the value fell short of: the level promised, else the next better band, else the line's far end."""
    judged = line.judged
    assert judged is not None
    if judged.missed and judged.target is not None:
        return judged.target
    if clause.shortfall is not None:
        return clause.shortfall.below
    if judged.band is not None and (edge := judged.band.low if better == "down" else judged.band.high) is not None:
        return edge
    best = max(clause.linear, key=lambda end: end.score, default=None)
    return best.at if best else judged.target


def too_thin(statement: Statement) -> Iterator[tuple[Line, Evidence | None]]:
    """The lines that rest on thin evidence: too thin to judge by the contract, or a penalty that could be chance."""
    for line in statement.payment.lines:
        found = evidence_of(statement, line)
        insufficient = line.judged is not None and line.judged.status == "insufficient"
        if insufficient or (found is not None and found.grade in ("chance", "unknown")):
            yield line, found

"""One clause in a running month: its value so far, what the days to come would need, how it may end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from csim.experiment.intervals import wilson
from csim.kpi.small import is_small
from csim.schema.exact import Level
from csim.settlement.judge import Judge
from csim.settlement.judged import Judged
from csim.watch.ends import End, Ends
from csim.watch.futures import Future
from csim.watch.so_far import SoFar

NAN = math.nan
OF_SAMPLE = (
    "value", "sample", "needed", "p_penalty", "p_low", "p_high", "p_missed", "p_bonus", "expected_money", "ends",
    "ends_low", "ends_high",
)  # fmt: skip
CERTAIN = 0.005  # what happens less often among the draws than this is taken not to happen


@dataclass(frozen=True)
class Clause:
    """
    A clause of a running month; NaN is not known.

    Attributes:
        value: Of the month so far, as the contract judges it. sample: What it rests on.
        level: What is promised; `level_text` as the contract writes it.
        needed: The value that the remaining days need so that the month keeps the level, at the volume expected of
            them; NaN where none is needed or none remains.
        p_penalty: That the month ends with money taken for this clause (where a clause moves no money: missed), with
            the Monte-Carlo interval p_low to p_high (95 %). p_missed: That it ends short. p_bonus: With money earned.
        expected_money: Mean over the draws, before caps; below 0 it costs. ends, ends_low, ends_high: The value at
            the month's end: median, P10, P90.
        safe: Even the worst days to come keep it, or fewer than 1 in 200 draws miss it.
        hopeless: No value of the days to come keeps it, or fewer than 1 in 200 draws do.
        promised: A level is promised; else there are bands alone, `level` is the next better edge (in the best band the
            edge below), and safe and hopeless ask whether money is taken.
        why: A key of the words where something is not known: unmeasured, few_days, as_it_stands, excluded, thin, small
            (a vendor's copy does not say it).
    """

    clause: str
    id: str
    kpi: str
    unit: str
    value: float
    sample: float
    level: float
    level_text: str
    needed: float
    p_penalty: float
    p_low: float
    p_high: float
    p_missed: float
    p_bonus: float
    expected_money: float
    ends: float
    ends_low: float
    ends_high: float
    safe: bool
    hopeless: bool
    promised: bool
    better: str
    why: str = ""

    def without_few(self, least: int) -> Clause:
        """As a vendor's copy shows it: nothing of what the clause rests on where that is fewer than *least*."""
        if not is_small(self.sample, least):
            return self
        nothing: dict[str, Any] = dict.fromkeys(OF_SAMPLE, NAN)
        return replace(self, **nothing, safe=False, hopeless=False, why="small")

    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return asdict(self)


def clauses_of(so_far: SoFar, future: Future, now: End, ends: Ends | None, kept: frozenset[str]) -> tuple[Clause, ...]:
    """Every clause of the contract."""
    found = []
    for judge in so_far.terms.judges:
        judged, level = now.judged[judge.id], level_of(judge, now.judged[judge.id])
        chances = _chances(judge, level, ends, known=judge.id in future.counts or not future.dates)
        need = _need(judge, judged, level, future.counts.get(judge.id))
        unmeasured = judge.id in kept
        safe, hopeless = (False, False) if unmeasured else _flags(judge, need, chances)
        found.append(Clause(
            judge.clause.clause, judge.id, judge.kpi, judge.unit,
            NAN if judged.value is None else float(judged.value),
            NAN if judged.fact is None or judged.fact.sample is None else float(judged.fact.sample),
            NAN if level is None else float(level.number), "" if level is None else level.text,
            need if _can_be(judge, need) else NAN, **chances, safe=safe, hopeless=hopeless, promised=promised(judge),
            better=judge.better or "up", why=_why(judge, judged, future, ends, unmeasured),
        ))  # fmt: skip
    return tuple(found)


def level_of(judge: Judge, judged: Judged) -> Level | None:
    """
    The level a clause has to keep, or to reach: what is promised this month, else where its credits begin.

    Of a clause that has bands alone, the next better edge; in the best band, the edge that it must not fall below.
    """
    clause = judge.clause
    if judged.target is not None:
        return judged.target
    if clause.shortfall is not None:
        return clause.shortfall.below
    if clause.linear:
        return max(clause.linear, key=lambda end: end.score).at
    if judged.band is None:
        return None
    low, high = judged.band.low, judged.band.high
    better, worse = (low, high) if judge.better == "down" else (high, low)
    return worse if better is None or not _beyond(better, judge) else better


def _beyond(edge: Level, judge: Judge) -> bool:
    """Whether values can lie beyond an edge: no share is above 100 %, no time below 0 s."""
    return edge.number > 0 if judge.better == "down" else edge.kind != "share" or edge.number < 1


def promised(judge: Judge) -> bool:
    """Whether the clause promises a level; else it has bands (or a line) alone."""
    clause = judge.clause
    return clause.expected is not None or clause.minimum is not None or clause.shortfall is not None


def _need(judge: Judge, judged: Judged, level: Level | None, counts: np.ndarray | None) -> float:
    """
    The value that the remaining days need: (N + x·d) ÷ (D + d) = level, with d the denominator expected of them.

    It may lie where no value can; NaN where nothing remains.
    """
    if level is None or counts is None or judged.status == "excluded":
        return NAN
    coming = float(counts[:, :, 1].sum(1).mean())
    if coming <= 0:
        return NAN
    fact = judged.fact
    n, d = (0.0, 0.0) if fact is None else (float(fact.numerator), float(fact.denominator))
    return (float(level.number) * (d + coming) - n) / coming


def _can_be(judge: Judge, need: float) -> bool:
    return 0 <= need <= (1 if judge.unit == "share" else math.inf)


def _flags(judge: Judge, need: float, chances: Mapping[str, float]) -> tuple[bool, bool]:
    """Safe and hopeless: by what values can be, and by the draws (of bands alone: by whether money is taken)."""
    chance = chances["p_missed"] if promised(judge) else chances["p_penalty"]
    safe, hopeless = chance < CERTAIN, chance > 1 - CERTAIN
    if promised(judge) and need == need and not _can_be(judge, need):
        below = need < 0
        return safe or below == (judge.better != "down"), hopeless or below == (judge.better == "down")
    return safe, hopeless


def _chances(judge: Judge, level: Level | None, ends: Ends | None, *, known: bool) -> Mapping[str, float]:
    """What the draws say of a clause; NaN without draws, or where nothing of the days to come is known."""
    names = ("p_penalty", "p_low", "p_high", "p_missed", "p_bonus", "expected_money", "ends", "ends_low", "ends_high")
    if ends is None or judge.id in ends.kept or not known:
        return dict.fromkeys(names, NAN)
    drawn = ends.clauses[judge.id]
    penalty = drawn["penalty"]
    p = float(penalty.mean())
    low, high = wilson(int(penalty.sum()), len(penalty)) if ends.draws > 1 else (p, p)
    values = drawn["value"][~np.isnan(drawn["value"])]
    spread = np.quantile(values, [0.5, 0.1, 0.9]) if len(values) else [NAN] * 3
    return dict(zip(names, (
        p, low, high, _short(judge, level, drawn), float(drawn["earned"].mean()), float(drawn["money"].mean()),
        *map(float, spread),
    ), strict=True))  # fmt: skip


def _short(judge: Judge, level: Level | None, drawn: Mapping[str, np.ndarray]) -> float:
    """How often the month ends short: as the contract judges it; of bands alone, on the worse side of the edge."""
    if level is None or promised(judge):
        return float(drawn["missed"].mean())
    edge, value = float(level.number), drawn["value"]
    return float((value > edge).mean() if judge.better == "down" else (value < edge).mean())


def _why(judge: Judge, judged: Judged, future: Future, ends: Ends | None, unmeasured: bool) -> str:
    if unmeasured:
        return "unmeasured"
    if judged.status == "excluded":
        return "excluded"
    if ends is None:
        return "few_days"
    if future.dates and judge.id not in future.counts:
        return "as_it_stands"
    return "thin" if judged.status == "insufficient" else ""

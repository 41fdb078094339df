"""One clause against one month: value, band, score, points, money share — exactly as the clause says."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from csim.contract.bands import Interval, intervals
from csim.contract.model import KpiClause, Shortfall
from csim.schema.exact import Level
from csim.settlement.facts import Fact
from csim.settlement.judged import FULL, NONE, SCORE_STEP, Judged, Reason, to_step

ONE = Decimal(1)
Marks = dict[str, Any]  # the fields of a Judged while it is being made; `why` is a list


@dataclass(frozen=True)
class Row:
    """A band made ready: its interval, what it brings, and the reason to give."""

    interval: Interval
    outcome: str
    amount: Decimal
    why: Reason


@dataclass(frozen=True)
class Judge:
    """A clause made ready: the rows of its bands, its direction, the id of its KPI."""

    id: str
    clause: KpiClause
    kpi: str
    unit: str
    better: str | None
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, name: str, clause: KpiClause, kpi: Any) -> Judge:
        """The judge of a clause whose KPI is known."""
        rows = []
        for band, interval in zip(clause.bands, intervals(clause.bands), strict=True):
            amount = Decimal(band.amount)
            why = Reason("why_band", {"band": interval.shown(), "outcome": band.outcome, "amount": amount})
            rows.append(Row(interval, band.outcome, amount, why))
        return cls(name, clause, kpi.id, kpi.unit, kpi.better, tuple(rows))

    def __call__(self, fact: Fact | None, *, steps: int = 0, repeated: bool = False, ceiling: Fact | None = None,
                 response: Fact | None = None, relieved: str = "") -> Judged:  # fmt: skip
        """
        The clause judged.

        Args:
            fact: The counts, None where nothing is known.
            steps: How often its ratchet has turned. repeated: It was breached in the period before.
            ceiling: The other measure that may hold its score down. response: The share of surveys that came back.
            relieved: Why the whole month does not count, if it does not.
        """
        clause = self.clause
        expected, minimum = self._level(clause.expected, steps), self._level(clause.minimum, steps)
        marks: Marks = {
            "id": self.id, "clause": clause.clause, "kpi": self.kpi, "status": "judged", "fact": fact,
            "target": expected or minimum, "weight": clause.weight, "allocation": clause.allocation, "why": [],
        }  # fmt: skip
        if relieved:
            marks |= {"status": "excluded", "why": [Reason("why_relieved", {"what": relieved})]}
        elif fact is None or not fact.denominator:
            self._without_data(marks)
        else:
            marks["value"] = self._rounded(fact)
            if lacking := self._insufficient(fact, response):
                marks |= {"status": "insufficient", "why": [lacking]}
            else:
                self._judge(marks, fact, expected, minimum, repeated, ceiling)
        return Judged(**{**marks, "why": tuple(marks["why"])})

    def worst(self, judged: Judged) -> Judged:
        """The least the clause can give: score 0, its most points and credits, no bonus."""
        return replace(judged, **self._worst())

    def best(self, judged: Judged) -> Judged:
        """The most the clause can give: full score, nothing to credit."""
        score = FULL if self._scored else None
        return replace(judged, status="judged", score=score, missed=False, breached=False)

    def kept(self, judged: Judged) -> Judged:
        """The clause as if it neither cost nor earned anything: full score, no points, no money, no gate missed."""
        score, none = FULL if self._scored else None, NONE
        return replace(
            judged, status="judged", score=score, points=None, credit=none, bonus=none, deduct=none, pay=none,
            missed=False, breached=False, why=(),
        )  # fmt: skip

    # -- with data -------------------------------------------------------------------------------

    def _judge(
        self, marks: Marks, fact: Fact, expected: Level | None, minimum: Level | None, repeated: bool,
        ceiling: Fact | None,
    ) -> None:  # fmt: skip
        value = marks["value"]
        pair = (fact.numerator, fact.denominator) if self.clause.value_rounding is None else (value, ONE)
        breached = minimum is not None and self.worse(pair, minimum)
        marks["breached"] = breached
        marks["missed"] = self.worse(pair, expected) if expected is not None else breached
        self._band(marks, pair, repeated)
        self._on_line(marks, value)
        self._short(marks, value)
        self._per_unit(marks, fact)
        self._held_down(marks, ceiling)
        if self.clause.gate and (breached or marks["missed"]):
            marks["why"].append(Reason("why_gate"))
        if marks.get("score") is None and marks.get("points") is None and not self._pays:
            marks["status"] = "monitor"

    def _level(self, level: Level | None, steps: int) -> Level | None:
        """A level after so many turns of the ratchet."""
        ratchet = self.clause.ratchet
        if level is None or ratchet is None or not steps:
            return level
        way = 1 if ratchet.up_to.number >= level.number else -1
        number = level.number + way * ratchet.step.number * steps
        number = min(number, ratchet.up_to.number) if way > 0 else max(number, ratchet.up_to.number)
        return Level.shown(number, level.kind)

    def worse(self, pair: tuple[Decimal, Decimal], level: Level) -> bool:
        """Short of a level: below it where more is better, above it where less is. The level itself is kept."""
        due = level.number * pair[1]
        return pair[0] > due if self.better == "down" else pair[0] < due

    def _rounded(self, fact: Fact) -> Decimal:
        rule = self.clause.value_rounding
        value = fact.numerator / fact.denominator
        return value if rule is None else to_step(value, rule)

    # -- scores and money ------------------------------------------------------------------------

    @property
    def _scored(self) -> bool:
        return bool(self.clause.linear) or any(row.outcome == "score" for row in self.rows)

    @property
    def _pays(self) -> bool:
        c = self.clause
        return bool(c.allocation or c.shortfall or c.per_unit or c.gate or any(r.outcome != "score" for r in self.rows))

    def _band(self, marks: Marks, pair: tuple[Decimal, Decimal], repeated: bool) -> None:
        row = next((row for row in self.rows if row.interval.holds(*pair)), None)
        if row is None:
            return
        amount, rule = row.amount, self.clause.repeat
        marks["band"] = row.interval
        marks["why"].append(row.why)
        if row.outcome == "points" and amount > 0:
            marks["breached"] = True
            if repeated and rule is not None:
                amount *= rule.factor
                marks["why"].append(Reason("why_repeated", {"factor": rule.factor}))
        marks[row.outcome] = amount

    def _on_line(self, marks: Marks, value: Decimal) -> None:
        """A score between two points of the line; outside them it stays."""
        points = sorted(self.clause.linear, key=lambda edge: edge.at.number)
        if not points:
            return
        score = points[0].score if value <= points[0].at.number else points[-1].score
        for low, high in itertools.pairwise(points):
            if low.at.number <= value <= high.at.number:
                part = (value - low.at.number) / (high.at.number - low.at.number)
                score = low.score + part * (high.score - low.score)
                break
        first, last = self.clause.linear[0], self.clause.linear[-1]
        line = {"low": first.at.text, "low_score": first.score, "high": last.at.text, "high_score": last.score}
        marks["score"] = score.quantize(SCORE_STEP)
        marks["why"].append(Reason("why_linear", line))

    def _short(self, marks: Marks, value: Decimal) -> None:
        """A credit that grows with the distance to a level."""
        rule = self.clause.shortfall
        if rule is None:
            return
        gap = value - rule.below.number if self.better == "down" else rule.below.number - value
        points = gap * 100 if rule.below.kind == "share" else gap
        if points <= 0:
            return
        credit = rule.per_point * points
        marks["credit"] = marks.get("credit", NONE) + (credit if rule.up_to is None else min(credit, rule.up_to))
        marks["missed"] = True
        values = {"points": points, "level": rule.below.text, "per": rule.per_point}
        marks["why"].append(Reason("why_shortfall", values))

    def _per_unit(self, marks: Marks, fact: Fact) -> None:
        rule = self.clause.per_unit
        if rule is not None and fact.numerator:
            marks["deduct"] = marks.get("deduct", NONE) + rule.rate * fact.numerator
            marks["why"].append(Reason("why_per_unit", {"count": fact.numerator, "rate": rule.rate}))

    def _held_down(self, marks: Marks, other: Fact | None) -> None:
        rule = self.clause.ceiling
        if rule is None or marks.get("score") is None or marks["score"] <= rule.score:
            return
        if other is None or not other.denominator or other.numerator < rule.below.number * other.denominator:
            marks["score"] = rule.score
            values = {"measure": rule.measure, "below": rule.below.text, "score": rule.score}
            marks["why"].append(Reason("why_ceiling", values))

    # -- missing and thin data -------------------------------------------------------------------

    def _without_data(self, marks: Marks) -> None:
        rule = self.clause.missing
        marks["why"] = [Reason("why_no_data"), Reason(f"why_missing_{rule}")]
        marks["status"] = rule
        if rule == "missed":
            marks |= {**self._worst(), "breached": True}
            if self.clause.gate:
                marks["why"].append(Reason("why_gate"))

    def _worst(self) -> Mapping[str, Any]:
        most = {
            name: max((row.amount for row in self.rows if row.outcome == name), default=None)
            for name in ("points", "credit", "deduct")
        }
        ends = self.clause.shortfall
        return {
            "score": NONE if self._scored else None, "points": most["points"], "missed": True,
            "credit": (most["credit"] or NONE) + (self._largest(ends) if ends else NONE),
            "deduct": most["deduct"] or NONE, "bonus": NONE, "pay": NONE,
        }  # fmt: skip

    def _largest(self, rule: Shortfall) -> Decimal:
        """The most a shortfall can cost: its ceiling, else what a value of 0 costs where more is better."""
        if rule.up_to is not None:
            return rule.up_to
        points = rule.below.number * (100 if rule.below.kind == "share" else 1)
        return NONE if self.better == "down" else rule.per_point * points

    def _insufficient(self, fact: Fact, response: Fact | None) -> Reason | None:
        least = self.clause.minimum_sample
        if least is not None and (fact.sample is None or fact.sample < least):
            return Reason("why_small_sample", {"sample": fact.sample, "least": least})
        gate = self.clause.response_gate
        if gate is not None:
            share = response.value if response is not None else None
            if share is None or share < gate:
                return Reason("why_few_responses", {"share": share, "gate": gate})
        return None

"""Bands of a measure: which half-open interval a value falls in, exactly, and what the row says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, model_validator

from csim.schema.exact import KpiLevel, Level, Money, Percent, Points
from csim.schema.fields import Part

OUTCOMES = ("score", "points", "credit", "bonus", "deduct", "pay", "share_of_fee")


class Rounding(Part):
    """To which step, and which way halves go."""

    to: KpiLevel = Field(examples=["0.01"])
    mode: Literal["half_up", "half_even", "down", "up"] = Field(examples=["half_up"])


class Edge(Part):
    """A point of a line: at this value, this score; between two points the score is interpolated, outside it stays."""

    at: KpiLevel = Field(examples=["90 s"])
    score: Points = Field(examples=["60"])


class Band(Part):
    """
    One row: an interval of the measure and what it brings.

    `from` and `up_to` include the number, `above` and `below` do not. A row without a lower (upper) edge begins
    (ends) where the row before left off; the last row may have none and takes the rest. `wording` is the contract's
    own phrase, which the linter holds against the operator.

    `score` (0 to 100), severity `points`, `credit` and `bonus` (share of the month's fee), `deduct` and `pay` (money),
    `share_of_fee` (in pay.by_score): exactly one.
    """

    begins: KpiLevel | None = Field(default=None, alias="from")
    above: KpiLevel | None = None
    below: KpiLevel | None = None
    up_to: KpiLevel | None = None
    wording: str | None = None
    score: Annotated[Points | str, Field(union_mode="left_to_right")] | None = None
    points: Points | None = None
    credit: Percent | None = None
    bonus: Percent | None = None
    deduct: Money | None = None
    pay: Money | None = None
    share_of_fee: Percent | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Band:
        if self.begins is not None and self.above is not None:
            raise ValueError('"from" and "above" are both a lower edge: keep one')
        if self.below is not None and self.up_to is not None:
            raise ValueError('"below" and "up_to" are both an upper edge: keep one')
        given = [name for name in OUTCOMES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"found {' and '.join(given) or 'no outcome'}: write exactly one of {', '.join(OUTCOMES)}")
        return self

    @property
    def outcome(self) -> str:
        """Which of the outcomes it names."""
        return next(name for name in OUTCOMES if getattr(self, name) is not None)

    @property
    def amount(self) -> Decimal | str:
        """The number beside it (text where a range was written; the linter refuses that)."""
        return getattr(self, self.outcome)


@dataclass(frozen=True)
class Interval:
    """
    From `low` to `high`; None is endless; `low_in` and `high_in` say whether the edge itself belongs to it.

    Examples:
        >>> Interval(Level.of("15 s"), True, Level.of("22 s"), False).shown()
        '[15 s, 22 s)'
    """

    low: Level | None
    low_in: bool
    high: Level | None
    high_in: bool

    def holds(self, numerator: Fraction | Decimal | int, denominator: Fraction | Decimal | int = 1) -> bool:
        """Whether numerator ÷ denominator lies in it: compared as products, so nothing is rounded."""
        if self.low is not None:
            edge = self.low.number * denominator  # type: ignore[operator]
            if numerator < edge or (numerator == edge and not self.low_in):
                return False
        if self.high is not None:
            edge = self.high.number * denominator  # type: ignore[operator]
            if numerator > edge or (numerator == edge and not self.high_in):
                return False
        return True

    def shown(self) -> str:
        """As mathematicians write it, with the contract's own numbers."""
        low = f"{'[' if self.low_in else '('}{self.low.text}" if self.low else "(−∞"
        high = f"{self.high.text}{']' if self.high_in else ')'}" if self.high else "∞)"
        return f"{low}, {high}"


def intervals(rows: Sequence[Band]) -> list[Interval]:
    """
    The interval of every row, with edges left unsaid taken from the row before.

    Examples:
        >>> rows = [Band(below="15 s", score=100), Band(below="22 s", score=90), Band(score=0)]
        >>> [i.shown() for i in intervals(rows)]
        ['(−∞, 15 s)', '[15 s, 22 s)', '[22 s, ∞)']
        >>> rows = [Band(**{"from": "98%"}, score=100), Band(**{"from": "95%"}, score=80), Band(score=0)]
        >>> [i.shown() for i in intervals(rows)]
        ['[98%, ∞)', '[95%, 98%)', '(−∞, 95%)']
    """
    found: list[Interval] = []
    upward = _upward(rows)
    for row in rows:
        low, low_in = (row.begins, True) if row.begins is not None else (row.above, False)
        high, high_in = (row.up_to, True) if row.up_to is not None else (row.below, False)
        before = found[-1] if found else None
        if before is not None and low is None and upward:
            low, low_in = before.high, not before.high_in
        elif before is not None and high is None and not upward:
            high, high_in = before.low, not before.low_in
        found.append(Interval(low, low_in, high, high_in))
    return found


def _upward(rows: Sequence[Band]) -> bool:
    """Whether the rows climb: the first begins at the bottom, or the second lies above the first."""
    lows, highs = ([row.begins or row.above for row in rows], [row.up_to or row.below for row in rows])
    if not rows or lows[0] is None:
        return True
    if highs[0] is None:
        return False
    if len(rows) > 1 and lows[1] is None and highs[1] is not None:
        return highs[1].number > highs[0].number
    return len(rows) < 2 or lows[1] is None or lows[1].number > lows[0].number

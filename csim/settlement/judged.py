"""What a clause came to in a month, and why, before any of it is money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from csim.contract.bands import Interval, Rounding
from csim.schema.exact import Level
from csim.settlement.facts import Fact

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}
FULL, NONE = Decimal(100), Decimal(0)
SCORE_STEP = Decimal("0.000001")  # interpolated scores are taken to six decimals, so that thirds do not decide


@dataclass(frozen=True)
class Reason:
    """Why a line is as it is: a key of the words and what to put in; display makes the sentence."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """
    What a clause came to.

    Attributes:
        status: judged, missed (no data, and the contract says that is a miss), excluded, insufficient or monitor.
        value: As it was judged, after the clause's own rounding; None without data.
        band: The interval it fell in. score: 0 to 100, None where the clause gives none.
        points: Severity points, repetition included. credit, bonus: shares of the month's fee. deduct, pay: money.
        missed: Short of the expected level. breached: below the minimum level (or with severity points).
    """

    id: str
    clause: str
    kpi: str
    status: str
    fact: Fact | None = None
    value: Decimal | None = None
    target: Level | None = None
    band: Interval | None = None
    score: Decimal | None = None
    weight: Decimal | None = None
    allocation: Decimal | None = None
    points: Decimal | None = None
    credit: Decimal = NONE
    bonus: Decimal = NONE
    deduct: Decimal = NONE
    pay: Decimal = NONE
    missed: bool = False
    breached: bool = False
    why: tuple[Reason, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether its score enters the total."""
        return self.weight is not None and self.score is not None and self.status in ("judged", "missed")


def to_step(value: Decimal, rule: Rounding) -> Decimal:
    """
    A value rounded to a step.

    Examples:
        >>> half_up = Rounding(to="0.01%", mode="half_up")
        >>> to_step(Decimal("0.79996"), half_up), to_step(Decimal("0.79995"), half_up)
        (Decimal('0.8000'), Decimal('0.8000'))
    """
    step = rule.to.number
    return (value / step).quantize(Decimal(1), MODES[rule.mode]) * step

"""What drove a deduction: the clauses behind it, dearest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from csim.settlement.judge import FULL, NONE
from csim.settlement.steps import Line

if TYPE_CHECKING:
    from csim.settlement.statement import Statement


@dataclass(frozen=True)
class Driver:
    """
    A clause that took money.

    Attributes:
        how: money (by itself), score (it kept the total score down) or points (severity points).
        amount: Money deducted, points of the total score lost, or severity points.
        money: Its part of the deduction; of a deduction for the score in proportion to the points lost.
    """

    line: Line
    how: str
    amount: Decimal
    money: Decimal


def drivers(statement: Statement) -> list[Driver]:
    """
    The clauses behind the deduction, dearest first (before caps).

    Examples:
        >>> import csim, pandas as pd
        >>> measured = {"service_level": "78%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "94%"}
        >>> table = pd.DataFrame({"month": "2026-03", "kpi": list(measured), "value": list(measured.values()),
        ...                       "sample": 90000})
        >>> from csim.settlement.settle import settle
        >>> found = drivers(settle("scenarios/contracts/hotline_400.yaml", table))
        >>> [(driver.line.clause, str(driver.money)) for driver in found]
        [('5.1', '10800.00'), ('5.4', '2700.00')]
    """
    lines = statement.payment.lines
    found = [
        Driver(line, "money", -line.money, -line.money)
        for line in lines
        if line.money < 0 and line.kind not in ("fee", "cap", "score", "points")
    ]
    for total in (line for line in lines if line.kind in ("score", "points") and line.money < 0):
        parts = dict(lost_scores(statement)) if total.kind == "score" else dict(_severity(statement))
        whole = sum(parts.values(), NONE)
        by_id = {line.id: line for line in lines if line.judged is not None}
        found += [
            Driver(by_id[name], total.kind, part, -total.money * part / whole) for name, part in parts.items() if part
        ]
    return sorted(found, key=lambda driver: -driver.money)


def lost_scores(statement: Statement) -> Iterator[tuple[str, Decimal]]:
    """What each clause took from the total score of 100; a missed gate takes all of it."""
    judged = [line.judged for line in statement.payment.lines if line.judged is not None]
    gates = [j for j in judged if any(reason.key == "why_gate" for reason in j.why)]
    if gates:
        yield from ((j.id, FULL / len(gates)) for j in gates)
        return
    counted = [j for j in judged if j.counts]
    whole = sum((j.weight or NONE for j in counted), NONE)
    for j in counted:
        yield j.id, (j.weight or NONE) / whole * (FULL - (j.score or NONE))


def _severity(statement: Statement) -> Iterator[tuple[str, Decimal]]:
    for line in statement.payment.lines:
        if line.judged is not None and line.judged.points:
            yield line.id, line.judged.points

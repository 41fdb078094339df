"""What a contract puts at risk: the largest share of a month's fee that it can take, as written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from csim.contract.bands import Band, intervals
from csim.contract.coverage import span
from csim.contract.rules.order import falling
from csim.settlement.judge import Judge
from csim.settlement.steps import Ladder
from csim.terms.worth.valuation import Valuation

ZERO = Decimal(0)


def most_at_risk(judges: Sequence[Judge], ladder: Ladder, worth: Valuation) -> float:
    """
    The largest share of a month's fee that all clauses together can take, after the cap of the month.

    Where a clause names sums of money, or a line without an end, the largest of the simulated months stands for it.

    Examples:
        The pool of the example holds 12 % × 50 % of the fee, all of it allocated:

        >>> import numpy as np
        >>> from csim.contract.load import read_contract
        >>> from csim.terms.worth.valuation import Months, terms_of, valued
        >>> agreed = read_contract("scenarios/contracts/at_risk_pool.yaml")
        >>> played = Months((1, 1, 1), ("2026-03",), (0,), {}, met=frozenset(agreed.file.kpis))
        >>> terms = terms_of(agreed, "2026-03")
        >>> most_at_risk(terms.judges, terms.ladder, valued(agreed, played))
        0.06
    """
    pay = ladder.pay
    total = sum(_of_clause(judge, ladder, worth) for judge in judges)
    total += max((1 - float(row.share_of_fee or 0) for row, _ in ladder.by_score), default=0.0)
    total += max((float(row.credit or 0) for row, _ in ladder.by_points), default=0.0)
    total += sum(float(streak.share_of_fee or 0) for streak in pay.streaks if streak.then == "deduction")
    caps = [float(cap.month) for cap in pay.caps if cap.month is not None]
    return min([total, *caps])


def _of_clause(judge: Judge, ladder: Ladder, worth: Valuation) -> float:
    clause, risk = judge.clause, ladder.pay.at_risk
    endless = clause.per_unit is not None or (clause.shortfall is not None and clause.shortfall.up_to is None)
    if endless or any(row.outcome == "deduct" for row in judge.rows):
        fee = np.where(worth.fee > 0, worth.fee, np.nan)
        share = -worth.own[judge.id] / fee
        return max(0.0, float(np.nanmax(share))) if np.isfinite(share).any() else 0.0
    found = max((row.amount for row in judge.rows if row.outcome == "credit"), default=ZERO)
    found += clause.shortfall.up_to or ZERO if clause.shortfall is not None else ZERO
    if risk is not None and clause.allocation is not None:
        found += risk.share_of_fee * risk.pool * clause.allocation
    return float(found)


def in_order(rows: Sequence[Band], better: str | None) -> bool:
    """
    Whether the edges of a table follow each other, and better service is nowhere paid less.

    Examples:
        >>> free, dear = Band(**{"from": "80%"}, credit="0%"), Band(credit="9%")
        >>> [in_order([free, Band(**{"from": edge}, credit="5%"), dear], "up") for edge in ("75%", "82%")]
        [True, False]
    """
    if any(span(interval).empty for interval in intervals(rows)):
        return False
    return better not in ("up", "down") or not any(falling(rows, better))

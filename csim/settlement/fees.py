"""The fee of a month: quantity × rate, with the minimum and the volume bands."""

from __future__ import annotations

from decimal import Decimal

from csim.contract.load import Contract, months_of
from csim.contract.model import Price
from csim.errors import InputError
from csim.settlement.facts import Facts
from csim.settlement.judged import NONE, Reason
from csim.settlement.steps import Ladder, Line


def fee_line(
    contract: Contract, ladder: Ladder, number: int, price: Price, facts: Facts, month: str, vendor: str
) -> Line:
    """One part of the fee: quantity × rate, with the minimum and the volume bands."""
    quantity = facts.quantity(price.per)
    if quantity is None:
        where = ("pricing", number, "per") if isinstance(contract.data["pricing"], list) else ("pricing", "per")
        what = f"the facts of {month} do not hold {price.per}: supply it as a row with kpi {price.per} and its value"
        raise InputError([contract.mistake(what, where)])
    if price.per == "month":
        quantity = Decimal(len(months_of(month)))
    why = [Reason("why_fee", {"quantity": quantity, "per": price.per, "rate": price.rate})]
    amount = quantity * price.rate
    if price.volume is not None:
        amount, more = _with_bands(price, quantity)
        why += more
    if price.minimum is not None:
        announced = contract.announced(month, vendor) or NONE
        least = announced * price.minimum.of_forecast
        if quantity < least:
            amount = least * price.rate
            share = price.minimum.of_forecast
            why.append(Reason("why_minimum", {"share": share, "announced": announced, "clause": price.minimum.clause}))
    return Line("fee", price.per, price.clause, ladder.cash(amount), tuple(why))


def _with_bands(price: Price, quantity: Decimal) -> tuple[Decimal, list[Reason]]:
    """Within the dead band at the rate; each contact above it at another price; for each missing below it, a sum."""
    rule = price.volume
    assert rule is not None
    low, high = rule.baseline * (1 - rule.dead_band), rule.baseline * (1 + rule.dead_band)
    if quantity > high and rule.above is not None:
        why = Reason("why_volume_above", {"count": quantity - high, "price": rule.above, "clause": rule.clause})
        return high * price.rate + (quantity - high) * rule.above, [why]
    if quantity < low and rule.below is not None:
        why = Reason("why_volume_below", {"count": low - quantity, "price": rule.below, "clause": rule.clause})
        return quantity * price.rate + (low - quantity) * rule.below, [why]
    return quantity * price.rate, []

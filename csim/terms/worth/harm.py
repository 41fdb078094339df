"""What poor service costs the buyer, and what an agent costs the vendor, where neither knows the other's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from csim.contract.load import Contract
from csim.errors import InputError, Mistake, did_you_mean
from csim.terms.worth.surface import Surface

KINDS = ("abandon", "waiting_second", "late_answer")


@dataclass(frozen=True)
class Harm:
    """
    What the buyer loses, in the contract's currency: per abandoned contact, per second of waiting, per late answer.

    Examples:
        >>> Harm(abandon=20, waiting_second=0.02).known, Harm().known
        (True, False)
    """

    abandon: float = 0.0
    waiting_second: float = 0.0
    late_answer: float = 0.0

    @property
    def known(self) -> bool:
        """Whether anything is said."""
        return any((self.abandon, self.waiting_second, self.late_answer))

    def daily(self, surface: Surface) -> np.ndarray:
        """The loss by [level, replication, date]."""
        answered = surface.counts("answer_rate").numerator
        loss = self.abandon * surface.counts("abandonment_rate").numerator
        if self.waiting_second:
            loss = loss + self.waiting_second * surface.counts("wait_all").numerator
        if self.late_answer:
            loss = loss + self.late_answer * (answered - surface.counts("service_level_included").numerator)
        return loss


def harm_of(contract: Contract, given: Harm | Mapping[str, float] | None = None) -> Harm:
    """
    The buyer's losses: as given, else from the contract's `private:` part.

    Raises:
        InputError: An unknown kind of loss, or a negative one.
    """
    if isinstance(given, Harm):
        return given
    if given:
        for kind, amount in given.items():
            if kind not in KINDS:
                raise InputError([Mistake(f'"{kind}" is no loss: {did_you_mean(kind, KINDS)}', "harm")])
            if not amount >= 0:
                raise InputError([Mistake(f"{kind} {amount}: write the loss as 0 or more", "harm")])
        return Harm(**given)
    private = contract.file.private
    if private is None:
        return Harm()
    return Harm(*(float(private.harm(f"harm_per_{kind}") or 0) for kind in KINDS))


def harm_per_abandon(order_value: float, conversion: float, margin: float, share_lost: float) -> float:
    """
    What an abandoned contact costs the buyer: order value × conversion × margin × share of them lost for good.

    Args:
        order_value: Money. conversion, margin, share_lost: Shares, 0 to 1.

    Raises:
        ValueError: A share outside 0..1.

    Examples:
        >>> round(harm_per_abandon(180, 0.45, 0.20, 0.50), 2)
        8.1
    """
    for name, part in (("conversion", conversion), ("margin", margin), ("share_lost", share_lost)):
        if not 0 <= part <= 1:
            raise ValueError(f"{name}: {part} is no share: write 45 % as 0.45")
    return order_value * conversion * margin * share_lost


def lost_order(text: str) -> float:
    """
    What an abandoned contact costs, from "value, conversion, margin, share lost".

    Raises:
        InputError: Not four numbers, or a share that is none.

    Examples:
        >>> round(lost_order("180, 45%, 20%, 50%"), 2)
        8.1
    """
    from csim.schema.exact import money, share_of_whole

    parts = [part.strip() for part in text.split(",")]
    try:
        value, conversion, margin, lost = parts
        return harm_per_abandon(float(money(value)), *(float(share_of_whole(x)) for x in (conversion, margin, lost)))
    except ValueError as error:
        why = str(error) if len(parts) == 4 else f'"{text}" are {len(parts)} numbers'
        what = f"{why}: write value, conversion, margin and share lost, such as 180,45%,20%,50%"
        raise InputError([Mistake(what, "--harm-order")]) from None


def cost_per_hour(monthly_wage: float, overhead: float, hours: float = 174.0) -> float:
    """
    What an hour of an agent costs: monthly wage × (1 + overhead) ÷ paid hours.

    Args:
        overhead: Social insurance, seat, supervision, on top of the wage: 0.6 is 60 %.

    Examples:
        >>> round(cost_per_hour(4350, 0.6), 2)
        40.0
    """
    return monthly_wage * (1 + overhead) / hours

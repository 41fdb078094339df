"""Weights and allocations: shares that make a whole together, so that none is chosen by itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csim.terms.tuning.choices import Choice, Value

GROUPS = ("weight", "allocation")
STEPS = (Decimal("0.05"), Decimal("0.025"), Decimal("0.01"))


def step_of(shares: Sequence[Decimal]) -> Decimal | None:
    """
    The coarsest step that all shares are whole multiples of: 5 %, 2.5 % or 1 %; None without one.

    Examples:
        >>> step_of([Decimal("0.4"), Decimal("0.3")]), step_of([Decimal("0.125")])
        (Decimal('0.05'), Decimal('0.025'))
    """
    return next((step for step in STEPS if all(share % step == 0 for share in shares)), None)


def shared_out(choices: Sequence[Choice], values: Sequence[Value]) -> tuple[Value, ...]:
    """
    The values, with those of a group in the same proportions but of the whole that they make today.

    By largest remainders on the group's step; nothing falls to 0.
    """
    found = list(values)
    for group in GROUPS:
        rows = [i for i, choice in enumerate(choices) if choice.group == group]
        if rows:
            today = [choices[i].number for i in rows]
            parts = [Decimal(found[i]) for i in rows]
            shares = rounded(parts, sum(today, Decimal(0)), step_of(today) or STEPS[-1])
            for i, share in zip(rows, shares, strict=True):
                found[i] = share
    return tuple(found)


def rounded(parts: Sequence[Decimal], whole: Decimal, step: Decimal) -> list[Decimal]:
    """
    Parts of a whole in given proportions, each a multiple of *step*, at least one step.

    Examples:
        >>> third, step = Decimal("0.3"), Decimal("0.05")
        >>> [str(x) for x in rounded([third, third, third], Decimal("1.00"), step)]
        ['0.35', '0.35', '0.30']
        >>> sum(rounded([Decimal("0.9"), Decimal("0.01")], Decimal(1), step))
        Decimal('1.00')
    """
    steps, total = int(whole / step), sum(parts)
    exact = [part / total * steps for part in parts]
    found = [max(1, int(x)) for x in exact]
    while sum(found) != steps:
        up = sum(found) < steps
        open_rows = [i for i in range(len(found)) if up or found[i] > 1]
        if not open_rows:
            break
        i = max(open_rows, key=lambda i: (exact[i] - found[i] if up else found[i] - exact[i], -i))
        found[i] += 1 if up else -1
    return [count * step for count in found]

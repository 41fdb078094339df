"""The values that a term may take: a range as asked for, or one around today's in steps that a lawyer would write."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from csim.errors import InputError, Mistake
from csim.schema.exact import Level

if TYPE_CHECKING:
    from csim.terms.tuning.choices import Choice

MOST_VALUES = 400
ONE = Decimal(1)
FULL = Decimal(100)  # of a score
# From, to and step of shares of the fee, by the last word of the term; the range reaches three times today's.
SHARES = {
    "credit": ("0.01", "0.10", "0.01"), "bonus": ("0", "0.05", "0.005"), "at_risk": ("0.02", "0.60", "0.01"),
    "cap": ("0.05", "0.30", "0.01"), "per_point": ("0.0025", "0.03", "0.0025"), "up_to": ("0.02", "0.30", "0.01"),
    "share_of_fee": ("0.50", "1", "0.05"),
}  # fmt: skip


def default_values(choice: Choice, data: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """
    Around today's value, today's included: a price ±25 %, a level ±10 points, penalties up to three times as large.
    """
    today = choice.number
    last = choice.name.rsplit(".", 1)[-1]
    if choice.group:
        from csim.terms.tuning.groups import step_of

        step = step_of([today]) or Decimal("0.01")
        return _values(step, min(ONE, 3 * today), step, today)
    if choice.how == "shift":
        return _levels(choice, data)
    if last in SHARES and choice.kind == "share":
        low, high, step = (Decimal(x) for x in SHARES[last])
        most = max(high, today) if last in ("share_of_fee", "cap") else min(ONE, max(high, 3 * today))
        return _values(min(low, today), most, step, today)
    if choice.kind == "share":
        return _values(Decimal("0.01"), min(ONE, 3 * today), Decimal("0.01"), today)
    step = nice(today / 100 if last == "price" or choice.name.startswith("price") else today / 20)
    wide = Decimal("0.25") if choice.name.startswith("price") else ONE
    return _values(today * (1 - wide), today * (1 + wide), step, today) if today else ()


def _levels(choice: Choice, data: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """Around the first level of a clause, so far that no other level of it leaves the scale."""
    from csim.terms.tuning.choices import number_at

    today = choice.number
    levels = [number_at(data, place, choice.kind) for place in choice.places]
    if choice.kind != "share":
        step = nice(today / (20 if choice.kind == "s" else 50))
        low = max(today - 10 * step, today - min(levels) + (0 if min(levels) == 0 else step))
        room = FULL - max(levels) if choice.kind == "number" and max(levels) <= FULL else 10 * step
        return _values(low, today + min(room, 10 * step), step, today)
    step = Decimal("0.01") if max(levels) <= Decimal("0.9") else Decimal("0.005")
    low = max(today - 10 * step, today - min(levels) + step)
    high = min(today + 10 * step, today + (ONE - max(levels)) - step)
    return _values(low, max(today, high), step, today)


def asked_values(choice: Choice, text: str) -> tuple[Decimal, ...]:
    """
    The values of "low..high..step", or of a list with commas; today's is always among them.

    Raises:
        InputError: What cannot be read, an empty or an endless range.
    """
    try:
        if ".." in text:
            ends = [_number(choice, part) for part in text.split("..")]
            low, high = ends[:2]
            step = ends[2] if len(ends) == 3 else nice((high - low) / 20)
            if len(ends) > 3 or step <= 0 or high < low or (high - low) / step > MOST_VALUES or low < 0:
                raise ValueError
            return _values(low, high, step, choice.number)
        listed = {_number(choice, part) for part in text.split(",")}
    except (ValueError, ArithmeticError):
        example = {"share": "5%..15%..1%", "s": "10 s..30 s..5 s"}.get(choice.kind, "1.20..1.60..0.05")
        what = f'"{text}" is no range of {choice.name}: write for example {choice.name}={example}'
        raise InputError([Mistake(what, "--term")]) from None
    return tuple(sorted({*listed, choice.number}))


def _number(choice: Choice, text: str) -> Decimal:
    """A number in the unit of a term; a bare one is refused where the term has a unit."""
    from csim.terms.tuning.choices import number_at

    kind = Level.of(text.strip().replace(",", "")).kind
    if kind != {"money": "number"}.get(choice.kind, choice.kind):
        raise ValueError
    return number_at({"x": text.strip()}, ("x",), choice.kind)


def _values(low: Decimal, high: Decimal, step: Decimal, today: Decimal) -> tuple[Decimal, ...]:
    """Multiples of the step from low to high, and today's value."""
    first = -(-low // step)
    found = (
        {step * (first + i) for i in range(int((high - step * first) / step) + 1)} if high >= step * first else set()
    )
    return tuple(sorted({*found, today}))


def nice(number: Decimal) -> Decimal:
    """
    The largest 1, 2 or 5 times a power of ten that is no more.

    Examples:
        >>> [str(nice(Decimal(x))) for x in ("2250", "0.007", "1.5", "5")]
        ['2000', '0.005', '1', '5']
    """
    if number <= 0:
        return ONE
    power = Decimal(10) ** number.adjusted()
    return max(step * power for step in (1, 2, 5) if step * power <= number).normalize() + 0

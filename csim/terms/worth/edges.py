"""Levels and intervals against many counts at once: numerator against edge × denominator, exact for whole counts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

from csim.contract.bands import Interval, Rounding
from csim.schema.exact import Level

Pair = tuple[np.ndarray, np.ndarray]  # numerator and denominator
NEAR, ULPS = 1e-9, 2e-15  # steps, or this part of a number: what float arithmetic may put on the wrong side of a half


def scaled(number: Decimal) -> tuple[float, float]:
    """
    A decimal number as two whole ones, so that products with counts are exact in floats.

    Examples:
        >>> scaled(Decimal("0.8")), scaled(Decimal("97.5"))
        ((4.0, 5.0), (195.0, 2.0))
    """
    part = Fraction(number)
    return float(part.numerator), float(part.denominator)


def below(pair: Pair, number: Decimal) -> np.ndarray:
    """Whether a ratio lies below a number; nothing is rounded."""
    top, bottom = scaled(number)
    return pair[0] * bottom < top * pair[1]


def above(pair: Pair, number: Decimal) -> np.ndarray:
    """Whether a ratio lies above a number; nothing is rounded."""
    top, bottom = scaled(number)
    return pair[0] * bottom > top * pair[1]


def worse(pair: Pair, level: Level, better: str | None) -> np.ndarray:
    """Short of a level: below it where more is better, above it where less is. The level itself is kept."""
    return above(pair, level.number) if better == "down" else below(pair, level.number)


def within(interval: Interval, pair: Pair) -> np.ndarray:
    """
    Whether ratios lie in an interval.

    Examples:
        79 of 100, 80 of 100 and 800,000 of 1,000,000 against [80 %, ∞):

        >>> counts = np.array([79.0, 80.0, 800000.0]), np.array([100.0, 100.0, 1000000.0])
        >>> within(Interval(Level.of("80%"), True, None, False), counts).tolist()
        [False, True, True]
    """
    found = np.ones(np.shape(pair[0]), dtype=bool)
    if interval.low is not None:
        low = interval.low.number
        found &= ~below(pair, low) if interval.low_in else above(pair, low)
    if interval.high is not None:
        high = interval.high.number
        found &= ~above(pair, high) if interval.high_in else below(pair, high)
    return found


def rounded(pair: Pair, rule: Rounding | None) -> Pair:
    """
    The ratio after a clause's own rounding, again as a pair of whole numbers.

    Examples:
        >>> rule = Rounding(to="0.01%", mode="half_up")
        >>> n, d = rounded((np.array([79994.0, 79995.0]), np.array([100000.0, 100000.0])), rule)
        >>> (n / d).tolist()
        [0.7999, 0.8]
    """
    if rule is None:
        return pair
    top, bottom = scaled(rule.to.number)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = whole(np.where(pair[1] != 0, pair[0] * bottom / (pair[1] * top), 0.0), rule.mode)
    return steps * top, np.full(np.shape(steps), bottom)


def whole(steps: np.ndarray, mode: str = "half_up") -> np.ndarray:
    """
    Numbers rounded to whole ones; halves go where *mode* says, also those that floats blur.

    Examples:
        >>> whole(np.array([0.5, 1.49, -0.5, 2.5])).tolist(), whole(np.array([2.5]), "half_even").tolist()
        ([1.0, 1.0, -1.0, 3.0], [2.0])
    """
    size = np.abs(steps)
    near = np.round(size * 2) / 2  # the nearest half
    size = np.where(np.abs(size - near) < np.maximum(NEAR, ULPS * size), near, size)
    if mode == "half_up":
        size = np.floor(size + 0.5)
    elif mode == "half_even":
        size = np.rint(size)
    else:
        size = np.floor(size) if mode == "down" else np.ceil(size)
    return np.copysign(size, steps)


def cash(amount: np.ndarray, rule: Rounding) -> np.ndarray:
    """Money rounded as the contract says."""
    step = float(rule.to.number)
    return whole(np.asarray(amount, dtype=float) / step, rule.mode) * step


def stepped(level: Level, step: Level, steps: int, up_to: Level) -> Level:
    """
    A level after so many turns of a ratchet: towards an end, and there it stays.

    Examples:
        >>> rise = Level.of("80%"), Level.of("2%")
        >>> [float(stepped(*rise, turns, Level.of("83%")).number) for turns in (0, 1, 2)]
        [0.8, 0.82, 0.83]
    """
    if not steps:
        return level
    way = 1 if up_to.number >= level.number else -1
    number = level.number + way * step.number * steps
    number = min(number, up_to.number) if way > 0 else max(number, up_to.number)
    return Level(number, level.kind, f"{number}")

"""Durations by mean and coefficient of variation, one draw per contact."""

from __future__ import annotations

import math

import numpy as np

from csim.scenario.laws import Distribution, Law


def durations(law: Distribution | None, size: int, rng: np.random.Generator) -> np.ndarray:
    """
    *size* durations in seconds; `None` is "never" (infinite).

    Every law is scaled from one standard variate per contact, so two scenarios that differ in a
    mean give the same contact the same luck. The parameters are mean and cv: lognormal has
    σ² = ln(1 + cv²), gamma has shape 1 ÷ cv², Weibull the shape whose cv it is.

    Examples:
        >>> law = Distribution(distribution="lognormal", mean="8.5 min", cv=0.9)
        >>> drawn = durations(law, 200_000, np.random.default_rng(1))
        >>> f"{drawn.mean():.0f} s, cv {drawn.std() / drawn.mean():.1f}"
        '509 s, cv 0.9'
    """
    if law is None:
        return np.full(size, math.inf)
    if law.distribution == "empirical":
        values = np.sort(np.array(law.sample, dtype=float))
        return values[(rng.random(size) * len(values)).astype(np.int64)]
    if law.parts is not None:
        coins = rng.random(size)
        chosen = np.searchsorted(np.cumsum([part.share for part in law.parts])[:-1], coins, side="right")
        return np.choose(chosen, [_of_one_law(part, size, rng) for part in law.parts])
    return _of_one_law(law, size, rng)


def _of_one_law(law: Law, size: int, rng: np.random.Generator) -> np.ndarray:
    kind = law.distribution
    mean, cv = float(law.mean or 0), float(law.cv or 0)
    if kind == "constant":
        return np.full(size, mean)
    if kind == "exponential":
        drawn = rng.standard_exponential(size)
        drawn *= mean
        return drawn
    if kind == "lognormal":
        variance = math.log1p(cv * cv)
        return mean * np.exp(math.sqrt(variance) * rng.standard_normal(size) - variance / 2)
    if kind == "gamma":
        shape = 1 / (cv * cv)
        return mean / shape * rng.standard_gamma(shape, size)
    shape = weibull_shape(cv)
    return mean / math.gamma(1 + 1 / shape) * rng.standard_exponential(size) ** (1 / shape)


def weibull_shape(cv: float) -> float:
    """
    The shape k of a Weibull law with this cv: Γ(1 + 2/k) ÷ Γ(1 + 1/k)² = 1 + cv².

    Examples:
        >>> round(weibull_shape(1.0), 9)
        1.0
    """

    def excess(log_shape: float) -> float:
        k = math.exp(log_shape)
        return math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k) - math.log1p(cv * cv)

    low, high = math.log(0.05), math.log(1000.0)  # cv from about 10^5 down to 0.001: bisection is enough
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return math.exp((low + high) / 2)


def day_factors(cv: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """
    One gamma factor per day, mean 1: the counts of days then vary by 1 + mean × cv² times chance alone.

    Examples:
        >>> day_factors(0.0, 3, np.random.default_rng(1))
        array([1., 1., 1.])
    """
    if not cv:
        return np.ones(days)
    shape = 1 / (cv * cv)
    return rng.standard_gamma(shape, days) / shape

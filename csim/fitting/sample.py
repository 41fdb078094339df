"""Durations counted by day, so that a fit can be made again on days drawn anew (bootstrap by day)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST_BINS = 800
LEVEL = 0.95


@dataclass(frozen=True)
class Sample:
    """
    Durations, their number by day.

    Attributes:
        values: Distinct durations, s, ascending (means of narrow bins where there are very many).
        counts: [day, value].
        step: Resolution of the log, s: 1 where all durations are whole seconds, else 0.
    """

    values: np.ndarray
    counts: np.ndarray
    step: float

    @classmethod
    def of(cls, durations: np.ndarray, day: np.ndarray, days: int) -> Sample:
        """
        Counts durations by day.

        Examples:
            >>> sample = Sample.of(np.array([5.0, 7.0, 5.0]), np.array([0, 0, 1]), 2)
            >>> sample.values.tolist(), sample.counts.tolist(), sample.step
            ([5.0, 7.0], [[1.0, 1.0], [1.0, 0.0]], 1.0)
        """
        step = 1.0 if bool((durations == np.round(durations)).all()) else 0.0
        values, place = np.unique(durations, return_inverse=True)
        if len(values) > MOST_BINS:  # bins of equal size keep the mean exactly
            bins = np.empty(len(durations), int)
            bins[np.argsort(durations, kind="stable")] = np.arange(len(durations)) * MOST_BINS // len(durations)
            values = np.bincount(bins, durations) / np.bincount(bins)
            place = bins
        counts = np.bincount(day * len(values) + place, minlength=days * len(values)).reshape(days, len(values))
        return cls(values, counts.astype(float), step)

    @property
    def size(self) -> int:
        return int(self.counts.sum())

    @property
    def total(self) -> np.ndarray:
        """[value] How often each duration occurs."""
        return self.counts.sum(0)

    @property
    def at(self) -> np.ndarray:
        """Where densities are read: the middle of a whole second, and never 0."""
        return np.maximum(self.values + self.step / 2, 0.05)

    def mean(self, weights: np.ndarray | None = None) -> float:
        """Mean duration, s."""
        weights = self.total if weights is None else weights
        return float(weights @ self.values / weights.sum())

    def cv(self, weights: np.ndarray | None = None) -> float:
        """Standard deviation ÷ mean."""
        weights = self.total if weights is None else weights
        mean = self.mean(weights)
        return float(np.sqrt(weights @ (self.values - mean) ** 2 / weights.sum()) / mean)

    def quantile(self, p: float) -> float:
        """The duration that a share *p* does not exceed."""
        upto = np.cumsum(self.total)
        return float(self.values[np.searchsorted(upto, p * upto[-1])])


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def holds(self, truth: float) -> bool:
        """Whether the interval contains a number."""
        return self.low <= truth <= self.high


def resampled_days(days: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """[draw, day] How often each day occurs when as many are drawn with replacement."""
    return rng.multinomial(days, np.full(days, 1 / days), size=draws).astype(float)


def by_days(
    estimate: Callable[[np.ndarray], np.ndarray], days: int, rng: np.random.Generator, draws: int = 200,
    positive: bool = True,
) -> list[Interval]:  # fmt: skip
    """
    Intervals from days drawn anew: contacts of a day share its luck, so the day is the unit.

    The spread of the redrawn estimates, times Student's t for the number of days; on a logarithmic scale where a
    parameter is positive, so that no interval reaches below 0.

    Args:
        estimate: From weights of days to one or several numbers.

    Examples:
        Ten days of 8 and ten of 12, a mean of 10 ± 0.97 (sd 2.05 ÷ √20, times 2.09):

        >>> day = np.repeat([8.0, 12.0], 10)
        >>> found, = by_days(lambda w: np.array([w @ day / w.sum()]), 20, np.random.default_rng(1), positive=False)
        >>> round(found.value, 2), round(found.high - found.value, 1)
        (10.0, 1.0)
    """
    from scipy.special import stdtrit

    value = np.atleast_1d(estimate(np.ones(days)))
    if days < 2:
        return [Interval(float(v), float("nan"), float("nan")) for v in value]
    redrawn = np.array([np.atleast_1d(estimate(w)) for w in resampled_days(days, draws, rng)])
    reach = float(stdtrit(days - 1, (1 + LEVEL) / 2)) * np.sqrt(days / (days - 1))
    found = []
    for v, column in zip(value, redrawn.T, strict=True):
        column = column[np.isfinite(column)]
        if positive and v > 0 and (column > 0).all():
            half = reach * np.log(column).std()
            found.append(Interval(float(v), float(v * np.exp(-half)), float(v * np.exp(half))))
        else:
            half = reach * column.std()
            found.append(Interval(float(v), float(v - half), float(v + half)))
    return found

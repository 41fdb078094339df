"""Confidence intervals for ratios of sums over independent replications."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass
class Moments:
    """Running Σn, Σd, Σn², Σd², Σnd over replications: all that a ratio and its interval need."""

    count: int = 0
    n: np.ndarray | float = 0.0
    d: np.ndarray | float = 0.0
    nn: np.ndarray | float = 0.0
    dd: np.ndarray | float = 0.0
    nd: np.ndarray | float = 0.0

    def add(self, numerator: np.ndarray, denominator: np.ndarray) -> None:
        """One more replication; always in their order, so that sums never depend on who computed."""
        self.count += 1
        self.n = self.n + numerator
        self.d = self.d + denominator
        self.nn = self.nn + numerator * numerator
        self.dd = self.dd + denominator * denominator
        self.nd = self.nd + numerator * denominator

    def ratio(self) -> tuple[np.ndarray, np.ndarray]:
        """
        Σn ÷ Σd and the half-width of its interval (NaN with one replication, or nothing in the denominator).

        The ratio of sums over replications is linearised (delta method): with residuals e = n − ratio × d per
        replication, its standard error is √(Σe² ÷ (R − 1) ÷ R) ÷ mean(d), and the interval is Student's with
        R − 1 degrees of freedom, 95 %. Source: Law, Simulation Modeling and Analysis, 9.3; Cochran, Sampling, 6.4.

        Examples:
            >>> moments = Moments()
            >>> for n, d in ((8.0, 10.0), (15.0, 20.0), (9.0, 10.0)):
            ...     moments.add(np.array(n), np.array(d))
            >>> value, half = moments.ratio()
            >>> float(value), round(float(half), 4)
            (0.8, 0.1863)
        """
        count, n, d = self.count, np.asarray(self.n), np.asarray(self.d)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(d != 0, n / d, np.nan)
            if count < 2:
                return value, np.full_like(value, np.nan)
            squares = np.maximum(self.nn - 2 * value * self.nd + value * value * self.dd, 0.0)
            error = np.sqrt(squares / (count - 1) / count) / (np.abs(d) / count)
        return value, student(count - 1) * error


def student(degrees: int, comparisons: int = 1) -> float:
    """The factor of a two-sided 95 % interval; of several at once by Bonferroni, so that all hold together."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - (1 - CONFIDENCE) / (2 * comparisons)))


def bounds(value: np.ndarray, half: np.ndarray, is_share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end; a share stays within 0..1, and what cannot be negative does not become so."""
    low, high = value - half, value + half
    return np.where(value >= 0, np.maximum(low, 0), low), np.where(is_share, np.minimum(high, 1), high)


def wilson(good: int, count: int) -> tuple[float, float]:
    """
    Wilson's 95 % interval of a share of replications; honest for 0 of 20.

    Examples:
        >>> [round(end, 3) for end in wilson(0, 20)]
        [0.0, 0.161]
    """
    if not count:
        return float("nan"), float("nan")
    z, share = 1.959963984540054, good / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(special: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    A quantile or maximum is taken within each replication; its value is their mean, with Student's interval.

    [replication, …] → mean and half-width; replications without a value are left out.
    """
    known = ~np.isnan(special)
    count = known.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, special, 0).sum(0) / count
        if count.max(initial=0) < 2:
            return np.where(count > 0, mean, np.nan), np.full_like(mean, np.nan)
        spread = np.sqrt(np.where(known, (special - mean) ** 2, 0).sum(0) / (count - 1))
        half = np.where(count > 1, student(int(count.max()) - 1) * spread / np.sqrt(count), np.nan)
    return np.where(count > 0, mean, np.nan), half

"""Choosing among levels: the best one, and which others may be as good."""

from __future__ import annotations

from typing import Any

import numpy as np

SURE = 1.96  # standard errors: 95 %


def best_level(values: Any) -> int:
    """
    The place of the largest value; the lowest level of several.

    Examples:
        A vendor sells capacity against a demand of N(1000, 200): 6 for each that is served, 3 for each that is held.
        The newsvendor's answer is the quantile 1 − 3/6, which is 1,000.

        >>> import math
        >>> def served(q, mean=1000.0, sd=200.0):
        ...     z = (q - mean) / sd
        ...     lost = sd * (math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * math.erfc(z / math.sqrt(2)) / 2)
        ...     return mean - lost
        >>> 500 + best_level([6 * served(q) - 3 * q for q in range(500, 1500)])
        1000
    """
    return int(np.argmax(np.asarray(values, dtype=float)))


def tied(values: np.ndarray, best: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    How far each level lies behind the best, the paired standard error of that, and whether it may be chance.

    Args:
        values: [level, run, month], the same luck at every level. Months of a run hang together, so that runs are
            what is independent; where there is but one run, its months are taken.

    Examples:
        >>> luck = np.array([1.0, -1.0, 0.5, -0.5]).reshape(1, 4, 1)
        >>> luck = luck * np.array([1.0, 1.03, 1.0]).reshape(3, 1, 1)
        >>> values = np.array([10.0, 9.99, 3.0]).reshape(3, 1, 1) + luck
        >>> behind, error, tie = tied(values, 0)
        >>> behind.round(2).tolist(), tie.tolist()
        ([0.0, -0.01, -7.0], [True, True, False])
    """
    each = values.mean(2) if values.shape[1] > 1 else values[:, 0]
    difference = each - each[best]
    count = difference.shape[1]
    behind = difference.mean(1)
    error = difference.std(1, ddof=1) / np.sqrt(count) if count > 1 else np.full(len(behind), np.nan)
    return behind, error, ~(np.abs(behind) > SURE * np.nan_to_num(error))

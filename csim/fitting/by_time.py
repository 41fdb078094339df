"""Handle times by time of day: by how much they are longer or shorter than the day's mean, where that is no luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.fitting.observed import Observed

HOUR_S = 3600.0
LEAST_CONTACTS = 30
WORTH_IT = 0.03  # standard deviation of the factors below which one law serves all hours


@dataclass(frozen=True)
class ByTime:
    """Factors on handle times by interval, with the interval that each is known to."""

    factors: np.ndarray
    low: np.ndarray
    high: np.ndarray


def by_time(seen: Observed, work: np.ndarray, usable: np.ndarray) -> ByTime | None:
    """
    Factors by the hour, drawn towards 1 by as much as each is uncertain; None where hours hardly differ.

    An hour's mean is a ratio over days, so its error is that of days. How much hours differ in truth is what they
    differ by, less what such errors would make them differ by (empirical Bayes); each factor keeps the part of its
    distance from 1 that this explains. Contacts as they come have mean factor 1, so the day's mean stays.

    Args:
        work: Handle work of every contact, s. usable: Which of them count.
    """
    width = max(int(HOUR_S // seen.interval_s), 1)
    block = seen.interval // width
    blocks = -(-seen.intervals // width)
    counts, sums = np.zeros((seen.days, blocks)), np.zeros((seen.days, blocks))
    np.add.at(counts, (seen.day[usable], block[usable]), 1.0)
    np.add.at(sums, (seen.day[usable], block[usable]), work[usable])
    total = counts.sum(0)
    known = total >= LEAST_CONTACTS
    if known.sum() < 2 or seen.days < 3:
        return None
    mean = sums.sum() / total.sum()
    hourly = np.where(known, sums.sum(0) / np.maximum(total, 1), mean)
    spread = ((sums - hourly * counts) ** 2).sum(0) * seen.days / (seen.days - 1)
    error = np.where(known, np.sqrt(spread) / np.maximum(total, 1), np.inf) / mean
    apart = hourly / mean - 1
    weight = np.where(known, total, 0.0) / total[known].sum()
    truth = float(weight[known] @ (apart[known] ** 2 - error[known] ** 2))
    if truth < WORTH_IT**2:
        return None
    factors = 1 + apart * truth / (truth + error**2)
    factors /= (weight * factors).sum() / weight.sum()
    half = np.where(known, 1.96 * error, 0.0)
    wide = [np.repeat(column, width)[: seen.intervals] for column in (factors, factors - half, factors + half)]
    return ByTime(*wide)

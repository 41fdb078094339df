"""How often the same customer comes back: reported, not simulated yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from csim.fitting.observed import Observed
from csim.fitting.sample import Interval, by_days

DAY_S = 86400.0
WINDOWS = (1, 7)


@dataclass(frozen=True)
class Returns:
    """
    Customers who contact again.

    Attributes:
        known: Share of contacts that name their customer.
        within: By days, the share of contacts followed by another of the same customer within so many days, among those
            whose window closed before the log ends; apart for answered and abandoned ones.
    """

    known: float
    within: dict[tuple[int, str], Interval]


def returns(seen: Observed, rng: np.random.Generator) -> Returns | None:
    """Shares of contacts whose customer comes back within a day and within a week; None where no customer is named."""
    if "customer_id" not in seen.frame:
        return None
    names = seen.frame["customer_id"].astype(object)
    named = (names.notna() & ~names.astype(str).isin(["", "0"])).to_numpy()
    if named.sum() < 100:
        return None
    who = pd.factorize(names.where(named))[0]
    rows = np.flatnonzero(named)
    order = rows[np.lexsort((seen.instant[rows], who[rows]))]
    gap = np.full(len(seen), np.inf)
    same = who[order][1:] == who[order][:-1]
    gap[order[:-1][same]] = np.diff(seen.instant[order])[same]
    found = {}
    last = seen.instant.max()
    for days in WINDOWS:
        closed = named & (seen.instant + days * DAY_S <= last)
        for outcome, mine in (("answered", seen.answered), ("abandoned", seen.abandoned)):
            rows = np.flatnonzero(closed & mine)
            if len(rows) < 50:
                continue
            back = np.bincount(seen.day[rows], gap[rows] <= days * DAY_S, minlength=seen.days)
            all_of = np.bincount(seen.day[rows], minlength=seen.days)
            found[days, outcome] = by_days(partial(_share, back, all_of), seen.days, rng)[0]
    return Returns(float(named.mean()), found)


def _share(part: np.ndarray, whole: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.array([weights @ part / max(weights @ whole, 1)])

"""How far raters agree: weighted kappa of two, intraclass correlation of several, and who scores lower by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake

MOST_SCORES = 400  # beyond so many different scores kappa's table is drawn up of so many equal steps
WORDS = ((0.5, "poor"), (0.75, "moderate"), (0.9, "good"), (math.inf, "excellent"))


def weighted_kappa(one: np.ndarray, other: np.ndarray) -> float:
    """
    Cohen's kappa with quadratic weights: 1 is full agreement, 0 what chance would give.

    Scores far apart weigh by the square of their distance in points, so that 97 against 96 is hardly a disagreement.

    Args:
        one, other: The scores of two raters for the same contacts.

    Returns:
        NaN where all scores are equal: then there is nothing to agree on.

    Raises:
        InputError: statsmodels is not installed.

    Source:
        J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968); computed by statsmodels.

    Examples:
        >>> round(weighted_kappa(np.array([1, 2, 1]), np.array([1, 2, 2])), 6)
        0.4
    """
    try:
        from statsmodels.stats.inter_rater import cohens_kappa
    except ImportError:
        what = "weighted kappa needs statsmodels: pip install 'csim[raters]'"
        raise InputError([Mistake(what, "raters")]) from None
    both = np.round(np.concatenate([one, other]).astype(float), 6)
    steps = np.unique(both)
    if len(steps) < 2:
        return math.nan
    if len(steps) > MOST_SCORES:
        steps = np.linspace(steps[0], steps[-1], MOST_SCORES)
        both = steps[np.rint((both - steps[0]) / (steps[1] - steps[0])).astype(int)]
    left, right = np.searchsorted(steps, both).reshape(2, -1)
    table = np.zeros((len(steps), len(steps)))
    np.add.at(table, (left, right), 1)
    return float(cohens_kappa(table, weights=steps, wt="quadratic", return_results=False))


def intraclass(scores: np.ndarray) -> tuple[float, float]:
    """
    ICC(2,1) and ICC(3,1): how much of the spread of single scores lies between contacts, not between raters.

    ICC(2,1) counts it against the raters when one scores lower than another throughout; ICC(3,1) does not.

    Args:
        scores: One row per contact, one column per rater, no gaps.

    Returns:
        NaN where all scores are equal, or there are fewer than two contacts or raters.

    Source:
        P. E. Shrout, J. L. Fleiss, Intraclass correlations, Psychological Bulletin 86 (1979): two-way analysis of
        variance.

    Examples:
        >>> [round(icc, 2) for icc in intraclass(np.array([[7, 9], [10, 13], [8, 4]]))]
        [0.46, 0.37]
    """
    contacts, raters = scores.shape
    if contacts < 2 or raters < 2 or np.ptp(scores) == 0:
        return math.nan, math.nan
    mean = scores.mean()
    by_contact, by_rater = scores.mean(axis=1), scores.mean(axis=0)
    between = raters * ((by_contact - mean) ** 2).sum() / (contacts - 1)
    of_raters = contacts * ((by_rater - mean) ** 2).sum() / (raters - 1)
    rest = scores - by_contact[:, None] - by_rater[None, :] + mean
    error = (rest**2).sum() / ((contacts - 1) * (raters - 1))
    fixed = between + (raters - 1) * error
    random = fixed + raters * (of_raters - error) / contacts
    return (
        float((between - error) / random) if random > 0 else math.nan,
        float((between - error) / fixed) if fixed > 0 else math.nan,
    )


@dataclass(frozen=True)
class Pair:
    """
    Two raters over the contacts that both scored: *low* scores *points* lower than *high*, on average.

    `half` is the half-width of the 95 % interval of that difference (NaN for a single contact).
    """

    low: str
    high: str
    contacts: int
    points: float
    half: float
    kappa: float | None

    @property
    def may_be_chance(self) -> bool:
        return not self.points > self.half


def rater_pairs(scores: pd.DataFrame, *, kappa: bool = True) -> list[Pair]:
    """
    Every two raters who share contacts, the widest apart first.

    Args:
        scores: One row per contact, one column per rater, NaN where a rater did not score it.
        kappa: Compute weighted kappa too (needs statsmodels).

    Examples:
        >>> table = pd.DataFrame({"An": [90.0, 80.0, 70.0], "Bo": [95.0, 84.0, 74.0], "Cy": [None, None, 70.0]})
        >>> [(p.low, p.high, p.contacts, round(p.points, 2)) for p in rater_pairs(table, kappa=False)]
        [('An', 'Bo', 3, 4.33), ('Cy', 'Bo', 1, 4.0), ('An', 'Cy', 1, 0.0)]
    """
    found = []
    for one, other in combinations(scores.columns, 2):
        both = scores[[one, other]].dropna().to_numpy(dtype=float)
        if not len(both):
            continue
        gaps = both[:, 1] - both[:, 0]
        low, high = (one, other) if gaps.mean() >= 0 else (other, one)
        value = weighted_kappa(both[:, 0], both[:, 1]) if kappa else None
        found.append(Pair(str(low), str(high), len(both), float(abs(gaps.mean())), _half(gaps), value))
    return sorted(found, key=lambda pair: (-pair.points, pair.low, pair.high))


def _half(values: np.ndarray) -> float:
    """The half-width of the 95 % interval of a mean."""
    from scipy.special import stdtrit

    count = len(values)
    return float(stdtrit(count - 1, 0.975) * values.std(ddof=1) / math.sqrt(count)) if count > 1 else math.nan


def in_words(value: float) -> str:
    """
    Agreement in a word: poor below 0.5, moderate below 0.75, good below 0.9, excellent from there.

    Source:
        T. K. Koo, M. Y. Li, A guideline of selecting and reporting intraclass correlation coefficients, Journal of
        Chiropractic Medicine 15 (2016). Kappa with quadratic weights is read alike, since it is one of them (J. L.
        Fleiss, J. Cohen, Educational and Psychological Measurement 33, 1973).

    Examples:
        >>> in_words(0.29), in_words(0.9)
        ('poor', 'excellent')
    """
    return next(word for limit, word in WORDS if value < limit)

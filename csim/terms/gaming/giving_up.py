"""Month-end give-up: once a month is lost or safe, the vendor staffs a cheaper level for the days that are left."""

from __future__ import annotations

import dataclasses

import numpy as np

from csim.settlement.judge import Judge
from csim.terms.worth.surface import Surface
from csim.terms.worth.thresholds import threshold

LOST, SAFE = 0.05, 0.95  # chances to keep the level: below the first (above the second) trying no longer pays


def gave_up(grid: Surface, months: list[np.ndarray], judge: Judge, usual: int, cheap: int) -> np.ndarray | None:
    """
    On which days the vendor staffs the cheaper level, [replication, date]; None where the clause has no level.

    Each morning it looks at the month so far. The month is lost if even the usual staffing for all days left would
    keep the clause's level with a chance below 5 %; it is safe if the cheaper one would with one above 95 %. What the
    days left bring is taken from the surface, as a normal sum of independent days.

    Args:
        months: The days of each month, as `csim.terms.worth.played.Cutting.days` gives them.
        usual, cheap: Rows of the surface.
    """
    level = threshold(judge)
    if level is None or judge.unit != "share" or not grid.has(judge.kpi):
        return None
    counts = grid.counts(judge.kpi, judge.clause.scope.queue)
    sign = -1.0 if judge.better == "down" else 1.0
    excess = sign * (counts.numerator - float(level.number) * counts.denominator)  # [level, replication, date]
    shape = excess.shape[1:]
    flat = excess.reshape(len(grid.levels), -1)
    dates = np.broadcast_to(np.arange(shape[1]), shape).ravel()
    mean, spread = excess.mean(1), excess.std(1) if shape[0] > 1 else np.abs(excess.mean(1))
    given_up = np.zeros(flat.shape[1], dtype=bool)
    for days in months:
        left_mean, left_var = (_still_to_come(part[:, dates[days]]) for part in (mean, spread**2))
        total = 0.0
        for i, day in enumerate(days):
            lost = _chance(total + left_mean[usual, i], left_var[usual, i]) < LOST
            safe = _chance(total + left_mean[cheap, i], left_var[cheap, i]) > SAFE
            given_up[day] = lost or safe
            total += flat[cheap if given_up[day] else usual, day]
    return given_up.reshape(shape)


def _still_to_come(daily: np.ndarray) -> np.ndarray:
    """[level, day] What this day and all after it bring."""
    return np.cumsum(daily[:, ::-1], axis=1)[:, ::-1]


def _chance(expected: float, variance: float) -> float:
    """That a normal number is not below 0."""
    from scipy.special import ndtr

    return float(ndtr(expected / max(variance, 1e-12) ** 0.5))


def mixed(grid: Surface, given_up: np.ndarray, usual: int, cheap: int) -> Surface:
    """One level whose days are those of two: the cheaper one's where the vendor gave up. Quantiles of months go."""
    first_day = grid.specials.shape[2] - len(grid.dates)
    specials = grid.specials[usual].copy()
    specials[:, :first_day] = np.nan
    chosen = given_up[:, :, None, None]
    specials[:, first_day:] = np.where(chosen, grid.specials[cheap][:, first_day:], specials[:, first_day:])
    sums = np.where(chosen, grid.sums[cheap], grid.sums[usual])
    return dataclasses.replace(
        grid, levels=(grid.levels[usual],), sums=sums[None], specials=specials[None], hours=grid.hours[usual][None]
    )

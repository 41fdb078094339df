"""The model behind a forecast of arrivals: a level with weekdays, the shape of a day, and how far both miss."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from csim.errors import InputError, Mistake
from csim.fitting.volumes import Volumes

FEWEST_DAYS = 10
HALF_LIVES = (10.0, 20.0, 40.0, 80.0, float("inf"))  # open days after which a day counts half
PRIOR_DAYS = 3.0  # days of contacts that a weekday's shape owes to the shape of all days
ORIGINS = 12  # from which the past is forecast, to choose the half-life and to see how far it misses
Special = Mapping[dt.date, str]


@dataclass(frozen=True)
class ArrivalsModel:
    """
    Arrivals by weekday and interval.

    A day's total: Poisson regression on weekdays and special days, later days counting more. Its shape: the shares of
    the intervals on its weekday, drawn towards those of all days where a weekday is rare.

    Attributes:
        totals: Expected total by weekday. specials: By name, the factor of a special day. shapes: [weekday, interval].
        half_life: Open days after which a day counts half. day_cv: How far a day's total misses, relative, chance of
            counting aside. dispersion: Variance of an interval's count around its share of the day ÷ its mean.
    """

    totals: Mapping[int, float]
    specials: Mapping[str, float]
    shapes: Mapping[int, np.ndarray] = field(repr=False)
    half_life: float
    day_cv: float
    dispersion: float

    def expected(self, dates: Sequence[dt.date], special: Special) -> np.ndarray:
        """[day, interval] expected arrivals; a special day that was never seen is an ordinary one."""
        factors = [self.specials.get(special.get(day, ""), 1.0) for day in dates]
        return np.array([
            self.totals[day.weekday()] * factor * self.shapes[day.weekday()]
            for day, factor in zip(dates, factors, strict=True)
        ])  # fmt: skip

    def draws(self, expected: np.ndarray, count: int, seed: int) -> np.ndarray:
        """[draw, day, interval] counts: a gamma factor for each day, counts of the measured dispersion within it."""
        luck = np.random.default_rng(seed)
        mean = np.broadcast_to(expected, (count, *expected.shape))
        if self.day_cv > 0:
            shape = 1 / self.day_cv**2
            mean = mean * luck.gamma(shape, 1 / shape, (count, len(expected), 1))
        if self.dispersion <= 1:
            return luck.poisson(mean)
        spread = self.dispersion - 1
        return luck.poisson(luck.gamma(np.maximum(mean, 1e-12) / spread, spread))


def fitted(past: Volumes, horizon: int, special: Special | None = None) -> ArrivalsModel:
    """
    The model of some past, its half-life chosen by forecasting *horizon* days from origins within that past.

    Raises:
        InputError: Fewer than ten days, or a weekday that was open only once.
    """
    special = special or {}
    _enough(past)
    origins = _origins(len(past), horizon)
    missed = {half: _missed(past, origins, horizon, special, half) for half in (HALF_LIVES if origins else (40.0,))}
    best = min(missed, key=lambda half: float(np.abs(missed[half]).mean()) if len(missed[half]) else 0.0)
    totals, specials, inside = _regression(past, special, best)
    errors = missed[best] if len(missed[best]) else inside * np.sqrt(1 + 5 / len(past))
    shapes = _shapes(past, special)
    dispersion = _dispersion(past, shapes, special)
    noise = dispersion / float(past.totals.mean())  # what a day's total misses by the counts within it alone
    day_cv = float(np.sqrt(max(0.0, np.mean(errors**2) - noise)))
    return ArrivalsModel(totals, specials, shapes, best, day_cv, dispersion)


def _enough(past: Volumes) -> None:
    if len(past) < FEWEST_DAYS:
        what = f"{len(past)} days of arrivals are too few: give {FEWEST_DAYS} or more"
        raise InputError([Mistake(what, "history")])
    counts = np.bincount(past.weekdays, minlength=7)
    if (counts == 1).any():
        day = past.dates[int(np.flatnonzero(past.weekdays == int(np.argmax(counts == 1)))[0])]
        what = f"only one {day:%A} ({day}): give more weeks, or leave that day out"
        raise InputError([Mistake(what, "history")])


def _origins(days: int, horizon: int) -> list[int]:
    """Days of the past to forecast from: at least half of it (and ten days) lie before, a horizon after."""
    first, last = max(FEWEST_DAYS, days // 2), days - horizon
    return sorted({int(at) for at in np.linspace(first, last, ORIGINS)}) if last >= first else []


def _missed(past: Volumes, origins: list[int], horizon: int, special: Special, half_life: float) -> np.ndarray:
    """Relative errors of days' totals, forecast from each origin."""
    found = []
    for origin in origins:
        totals, specials, _ = _regression(past.first(origin), special, half_life)
        for at in range(origin, origin + horizon):
            day = past.dates[at]
            mean = totals.get(day.weekday(), np.nan) * specials.get(special.get(day, ""), 1.0)
            found.append(past.totals[at] / mean - 1)
    errors = np.array(found)
    return errors[~np.isnan(errors)]


def _regression(
    past: Volumes, special: Special, half_life: float
) -> tuple[dict[int, float], dict[str, float], np.ndarray]:
    """Expected totals by weekday, factors of special days, and the relative errors within the past."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    weekdays = sorted(set(past.weekdays.tolist()))
    names = sorted({special[day] for day in past.dates if day in special})
    design = np.array([
        [day.weekday() == k for k in weekdays] + [special.get(day) == name for name in names] for day in past.dates
    ], dtype=float)  # fmt: skip
    age = np.arange(len(past))[::-1]
    weight = np.ones(len(past)) if np.isinf(half_life) else 0.5 ** (age / half_life)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # days that are all alike are no mistake
        fit = sm.GLM(past.totals, design, family=sm.families.Poisson(), var_weights=weight).fit()
    level = np.exp(fit.params)
    factors = dict(zip(names, level[len(weekdays) :].tolist(), strict=True))
    return dict(zip(weekdays, level.tolist(), strict=False)), factors, past.totals / fit.mu - 1


def _shapes(past: Volumes, special: Special) -> dict[int, np.ndarray]:
    """The share of each interval, by weekday."""
    plain = np.array([day not in special for day in past.dates])
    use = plain if plain.any() else ~plain
    whole = past.counts[use].sum(0) / past.totals[use].sum()
    prior = PRIOR_DAYS * past.totals.mean() * whole
    found = {}
    for weekday in sorted(set(past.weekdays.tolist())):
        counts = past.counts[use & (past.weekdays == weekday)].sum(0) + prior
        found[weekday] = counts / counts.sum()
    return found


def _dispersion(past: Volumes, shapes: Mapping[int, np.ndarray], special: Special) -> float:
    """
    Variance ÷ mean of an interval's count around its share of the day, over ordinary days; at least 1.

    Given the day's total n, a share p varies by n p (1 − p) times the dispersion; the shares are measured on the same
    days, which takes one degree of freedom for each weekday.
    """
    plain = [i for i, day in enumerate(past.dates) if day not in special]
    free = len(plain) - len(shapes)
    if free <= 0:
        return 1.0
    shares = np.array([shapes[past.dates[i].weekday()] for i in plain])
    totals = past.totals[plain][:, None]
    varies = (totals * shares * (1 - shares)).sum() * free / len(plain)
    return float(max(1.0, ((past.counts[plain] - totals * shares) ** 2).sum() / varies)) if varies else 1.0

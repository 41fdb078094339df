"""How many contacts come: by weekday and interval, how much whole days differ, and which days are not like the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csim.fitting.observed import Observed
from csim.fitting.sample import Interval
from csim.scenario.model import WEEKDAYS

FAR = 4.0  # robust standard deviations from the weekday's median
APART = 0.25  # and at least so far from it
LEAST_OTHERS = 4  # days of a weekday; of fewer, one odd day would spoil what it is held against
SHORTENED_S = 2 * 3600.0


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not like others of its weekday: why, its contacts, and how many were to be expected."""

    date: dt.date
    why: str  # shortened | busy | quiet | closed
    contacts: int
    usual: float


@dataclass(frozen=True)
class Arrivals:
    """
    Expected contacts by weekday and interval, and how days differ.

    Attributes:
        expected: [queue, weekday, interval] contacts; a weekday that never occurs has NaN.
        days: [weekday] On how many days that rests.
        shape: "own" (each weekday its own profile) or "shared" (weekdays of the same hours share one profile).
        per_day: Per queue and weekday, contacts a day with their interval.
        day_cv: Per queue, and last of all queues together: how much days differ beyond chance.
        common: Whether the queues' days are busy together, so that one factor serves all.
        correlation: [lag] Correlation of the busyness of two intervals of a day, so many intervals apart.
        ordinary: [day] Which days of the log the profile rests on.
        special: The days that are not like others.
    """

    expected: np.ndarray
    days: np.ndarray
    shape: str
    per_day: dict[tuple[str, str], Interval]
    day_cv: dict[str, Interval]
    common: bool
    correlation: np.ndarray
    ordinary: np.ndarray
    special: tuple[SpecialDay, ...]


def arrivals(seen: Observed, rng: np.random.Generator, exclude: bool = True) -> Arrivals:
    """
    Expected contacts by weekday and interval, from the days of a log.

    The profile is a mean over the days of a weekday; or, where that predicts a left-out day better, the weekday's
    level times one profile of all weekdays with the same hours. How much days differ beyond chance is found by
    moments, net of Poisson noise: Σ(N − E)² − ΣE(1 − h) over ΣE²(1 − h), h = 1 ÷ days of that weekday.

    Args:
        exclude: Leave days that are not like others out of the profile (they are listed either way).
    """
    special = special_days(seen)
    odd = {day.date for day in special}
    ordinary = np.array([not exclude or date not in odd for date in seen.dates])
    if not ordinary.any():
        ordinary[:] = True
    counts, weekday = seen.counts[:, ordinary], seen.weekday[ordinary]
    days = np.bincount(weekday, minlength=7)
    shape, expected = _profile(counts, weekday, days)
    totals = counts.sum(2)
    names = [*seen.queues, "all"]
    day_cv = {name: day_factor_cv(t, weekday, rng) for name, t in zip(names, [*totals, totals.sum(0)], strict=True)}
    return Arrivals(
        expected, days, shape, _per_day(seen, totals, weekday, rng), day_cv, _common(totals, weekday),
        _correlation(counts.sum(0), weekday), ordinary, special,
    )  # fmt: skip


def special_days(seen: Observed) -> tuple[SpecialDay, ...]:
    """
    Days that are far from the median of the other days of their weekday, end hours earlier or begin later, or are
    missing.

    Far is four robust standard deviations of the logarithm, and a quarter at least. A weekday of one or two days has
    no other day to be unlike.
    """
    counts = seen.counts.sum(0)
    totals = counts.sum(1)
    usual, profile = np.empty(seen.days), np.empty(counts.shape)
    for number in np.unique(seen.weekday):
        mine = np.flatnonzero(seen.weekday == number)
        for day in mine.tolist():  # against the others: a day that is part of its own median looks nearer than it is
            others = mine[mine != day] if len(mine) >= LEAST_OTHERS else mine
            usual[day], profile[day] = np.median(totals[others]), np.median(counts[others], axis=0)
    apart = np.log(np.maximum(totals, 0.5) / np.maximum(usual, 0.5))
    spread = max(1.4826 * float(np.median(np.abs(apart))), float(np.median(1 / np.sqrt(np.maximum(usual, 1)))))
    found = []
    for day, date in enumerate(seen.dates):
        expected = np.flatnonzero(profile[day] >= 3)
        there = np.flatnonzero(counts[day])
        gone = int((expected < there[0]).sum() + (expected > there[-1]).sum()) if len(there) else len(expected)
        if gone * seen.interval_s >= SHORTENED_S:
            found.append(SpecialDay(date, "shortened", int(totals[day]), float(usual[day])))
        elif abs(apart[day]) > FAR * spread and abs(np.expm1(apart[day])) > APART:
            why = "busy" if apart[day] > 0 else "quiet"
            found.append(SpecialDay(date, why, int(totals[day]), float(usual[day])))
    return tuple(sorted([*found, *_closed(seen, usual)], key=lambda day: day.date))


def _closed(seen: Observed, usual: np.ndarray) -> list[SpecialDay]:
    """Dates between the first and the last on which a weekday that is otherwise open has no contact."""
    there, often = set(seen.dates), np.bincount(seen.weekday, minlength=7)
    first, last = min(there), max(there)
    dates = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    return [
        SpecialDay(date, "closed", 0, float(usual[seen.weekday == date.weekday()].mean()))
        for date in dates
        if date not in there and often[date.weekday()] >= 2
    ]


def _profile(counts: np.ndarray, weekday: np.ndarray, days: np.ndarray) -> tuple[str, np.ndarray]:
    """The better of two profiles at predicting days that were left out: [queue, weekday, interval]."""
    own = np.full((len(counts), 7, counts.shape[2]), np.nan)
    for number in np.flatnonzero(days):
        own[:, number] = counts[:, weekday == number].mean(1)
    kin = _same_hours(own.sum(0), days)
    shared = np.stack([_shared(each, weekday, days, kin) for each in counts])
    if (days[days > 0] < 2).any():
        return "shared", shared
    score = {"own": 0.0, "shared": 0.0}
    for left in range(counts.shape[1]):
        rest = np.arange(counts.shape[1]) != left
        fewer = np.bincount(weekday[rest], minlength=7)
        for queue, each in enumerate(counts):
            seen = each[left]
            without = (own[queue, weekday[left]] * days[weekday[left]] - seen) / (days[weekday[left]] - 1)
            level = max(seen.sum(), 1) / max(without.sum(), 1)  # the day's own level: only the profile is judged
            alike = _shared(each[rest], weekday[rest], fewer, kin)[weekday[left]]
            for name, profile in (
                ("own", without * level),
                ("shared", alike * max(seen.sum(), 1) / max(alike.sum(), 1)),
            ):
                mean = np.maximum(profile, 0.05)
                score[name] += float((seen * np.log(mean) - mean).sum())
    return ("own", own) if score["own"] >= score["shared"] else ("shared", shared)


def _same_hours(profile: np.ndarray, days: np.ndarray) -> np.ndarray:
    """[weekday] A code that weekdays with the same hours share: those whose first and last busy intervals agree."""
    codes = np.full(7, -1)
    known: list[tuple[int, int]] = []
    for number in np.flatnonzero(days):
        busy = np.flatnonzero(np.cumsum(profile[number]) >= 0.01 * profile[number].sum())[0]
        quiet = np.flatnonzero(np.cumsum(profile[number]) >= 0.99 * profile[number].sum())[0]
        match = next((i for i, (a, b) in enumerate(known) if abs(a - busy) <= 1 and abs(b - quiet) <= 1), None)
        if match is None:
            match = len(known)
            known.append((int(busy), int(quiet)))
        codes[number] = match
    return codes


def _shared(counts: np.ndarray, weekday: np.ndarray, days: np.ndarray, kin: np.ndarray) -> np.ndarray:
    """[weekday, interval] The weekday's level times the profile of its kin."""
    result = np.full((7, counts.shape[1]), np.nan)
    for number in np.flatnonzero(days):
        relatives = counts[kin[weekday] == kin[number]].sum(0)
        level = counts[weekday == number].sum() / days[number]
        result[number] = level * relatives / max(relatives.sum(), 1)
    return result


def _expected_totals(totals: np.ndarray, weekday: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[day] The mean of the day's weekday, and its leverage 1 ÷ days."""
    often = np.bincount(weekday, minlength=7)
    means = np.bincount(weekday, totals, minlength=7) / np.maximum(often, 1)
    return means[weekday], 1 / often[weekday]


def _beyond_chance(totals: np.ndarray, weekday: np.ndarray) -> tuple[float, float]:
    """Variance of days ÷ square of their mean, and the part of it that chance alone explains."""
    expected, leverage = _expected_totals(totals, weekday)
    scale = (expected**2 * (1 - leverage)).sum()
    if not scale:
        return float("nan"), float("nan")
    return float(((totals - expected) ** 2).sum() / scale), float((expected * (1 - leverage)).sum() / scale)


def day_factor_cv(totals: np.ndarray, weekday: np.ndarray, rng: np.random.Generator, draws: int = 1000) -> Interval:
    """
    How much days differ beyond chance, as a coefficient of variation, with an interval.

    The interval is a parametric bootstrap: days drawn from a gamma-Poisson law with the values found, measured again;
    the ratio of what is measured to what is true is turned round. 0 where days differ no more than by chance.
    """
    found, chance = _beyond_chance(totals, weekday)
    if found != found or len(totals) < 3:
        return Interval(float("nan"), float("nan"), float("nan"))
    cv = float(np.sqrt(max(found - chance, 0.0)))
    expected, _ = _expected_totals(totals, weekday)
    factors = rng.standard_gamma(1 / cv**2, (draws, len(totals))) * cv**2 if cv > 1e-4 else np.ones((draws, 1))
    redrawn = rng.poisson(expected * factors)
    ratios = np.array([_beyond_chance(row, weekday)[0] for row in redrawn]) / (cv**2 + chance)
    low, high = found / np.quantile(ratios, [0.975, 0.025])
    return Interval(cv, float(np.sqrt(max(low - chance, 0.0))), float(np.sqrt(max(high - chance, 0.0))))


def _per_day(
    seen: Observed, totals: np.ndarray, weekday: np.ndarray, rng: np.random.Generator, draws: int = 400
) -> dict[tuple[str, str], Interval]:
    """Contacts a day by queue and weekday; days of all weekdays lend each other their spread (residual bootstrap)."""
    from scipy.special import stdtrit

    found: dict[tuple[str, str], Interval] = {}
    often = np.bincount(weekday, minlength=7)
    freedom = len(weekday) - (often > 0).sum()
    for queue, counts in zip([*seen.queues, "all"], [*totals, totals.sum(0)], strict=True):
        expected, leverage = _expected_totals(counts, weekday)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(
                expected > 0, (counts - expected) / expected / np.sqrt(np.maximum(1 - leverage, 1e-9)), 0.0
            )
        usable = apart[leverage < 1]
        for number in np.flatnonzero(often):
            mean = float(counts[weekday == number].mean())
            half = float("nan")
            if freedom > 0 and len(usable):
                picked = rng.choice(usable, (draws, often[number])).mean(1)
                half = mean * float(picked.std() * stdtrit(freedom, 0.975))
            found[queue, WEEKDAYS[number]] = Interval(
                mean, max(mean - half, 0.0) if half == half else half, mean + half
            )
    return found


def _common(totals: np.ndarray, weekday: np.ndarray) -> bool:
    """Whether queues are busy on the same days: the variance of all days is mostly shared. One day cannot say."""
    if len(totals) == 1 or totals.shape[1] < 2:
        return len(totals) == 1
    residuals = np.array([row - _expected_totals(row, weekday)[0] for row in totals])
    between = np.cov(residuals)
    return bool(between.sum() - np.trace(between) > 0.5 * np.trace(between))


def _correlation(counts: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """[lag] Covariance of the busyness of intervals so many apart ÷ its variance net of chance; flat: a day factor."""
    expected = np.stack([counts[weekday == number].mean(0) for number in weekday])
    often = np.bincount(weekday, minlength=7)[weekday]
    use = often > 1
    if use.sum() < 3:
        return np.array([])
    apart, mean = (counts - expected)[use], expected[use]
    own = float((apart**2 - mean * (1 - 1 / often[use])[:, None]).sum() / (mean**2).sum())
    if own <= 0:
        return np.array([])
    lags = range(1, counts.shape[1] * 2 // 3)
    return np.array(
        [(apart[:, :-lag] * apart[:, lag:]).sum() / (mean[:, :-lag] * mean[:, lag:]).sum() / own for lag in lags]
    )


def as_table(found: Arrivals, seen: Observed) -> pd.DataFrame:
    """queue, weekday, time, expected, low, high: the profile, with the uncertainty of a mean of so many days."""
    rows = []
    cv = found.day_cv["all"].value
    for q, queue in enumerate(seen.queues):
        for number in np.flatnonzero(found.days):
            mean = found.expected[q, number]
            error = 1.96 * np.sqrt((mean + (np.nan_to_num(cv) * mean) ** 2) / found.days[number])
            for clock, value, half in zip(seen.clock, mean, error, strict=True):
                rows.append((queue, WEEKDAYS[number], clock, value, max(value - half, 0.0), value + half))
    return pd.DataFrame(rows, columns=["queue", "weekday", "time", "expected", "low", "high"])

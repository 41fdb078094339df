"""Patience, from waits of which most were cut off by an answer (censored), and balking."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from csim.fitting.laws import LOGNORMAL, Fitted
from csim.fitting.sample import Interval, Sample, by_days

MISFIT = 0.03  # of the surviving share, where enough people wait to say
AT_RISK = 30  # waiting people below which the curve is no longer read
AT_S = (30.0, 60.0, 120.0, 300.0)
HORIZONS_S = (600.0, 300.0, 120.0, 60.0)  # of the restricted mean: the longest that anybody waited
VALUES = 400
MOST_VALUES, ROUNDED_S = 10_000, (0.1, 1.0, 10.0)  # waits that differ; above, they are rounded to so many seconds


@dataclass(frozen=True)
class Waits:
    """Waits by day: those that ended in hanging up and those that an answer (or the close) cut off."""

    left: Sample
    cut: Sample
    balked: np.ndarray  # [day]: gave up at once, having to wait
    had_to_wait: np.ndarray  # [day]: waited, or gave up at once

    @classmethod
    def of(cls, wait: np.ndarray, abandoned: np.ndarray, day: np.ndarray, days: int) -> Waits:
        """Of everybody who had to wait, their wait and how it ended."""
        waited = wait > 0
        for step in ROUNDED_S:  # a table of days by waits must stay small
            values = np.unique(wait[waited])
            if len(values) <= MOST_VALUES:
                break
            wait = np.where(waited, np.maximum(np.round(wait / step) * step, step / 2), wait)
        values = np.unique(wait[waited])
        at_once = np.bincount(day[abandoned & ~waited], minlength=days)
        samples = []
        for ended in (abandoned, ~abandoned):
            mine = waited & ended
            place = np.searchsorted(values, wait[mine])
            counts = np.bincount(day[mine] * len(values) + place, minlength=days * len(values))
            samples.append(Sample(values, counts.reshape(days, len(values)).astype(float), 0.0))
        return cls(samples[0], samples[1], at_once, at_once + np.bincount(day[waited], minlength=days))

    def weighted(self, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """[value] How many left and how many were cut off at each wait, days weighted."""
        if weights is None:
            return self.left.total, self.cut.total
        return weights @ self.left.counts, weights @ self.cut.counts


@dataclass(frozen=True)
class Curve:
    """
    The Kaplan–Meier curve: the share that still waits after *at* seconds, its standard error (Greenwood), and how many
    were there to say so.
    """

    at: np.ndarray
    survival: np.ndarray
    error: np.ndarray
    at_risk: np.ndarray
    tail_hazard: float

    def surviving(self, seconds: float) -> float:
        """The share that would wait longer."""
        place = int(np.searchsorted(self.at, seconds, side="right")) - 1
        return float(self.survival[place]) if place >= 0 else 1.0

    def median(self) -> float:
        """The time by which half would have left; NaN where the log never gets there."""
        below = np.flatnonzero(self.survival <= 0.5)
        return float(self.at[below[0]]) if len(below) else float("nan")

    def restricted_mean(self, horizon: float = HORIZONS_S[0]) -> float:
        """Mean patience counted up to a horizon: the area under the curve."""
        upto = np.minimum(np.concatenate([[0.0], self.at, [horizon]]), horizon)
        return float(np.diff(upto) @ np.concatenate([[1.0], self.survival]))


def kaplan_meier(values: np.ndarray, left: np.ndarray, cut: np.ndarray) -> Curve:
    """
    The product-limit estimate; at one instant those who leave go before those who are cut off.

    Examples:
        Of three people one leaves at 10 s, one is answered at 20 s, one leaves at 30 s:

        >>> curve = kaplan_meier(np.array([10.0, 20.0, 30.0]), np.array([1.0, 0, 1]), np.array([0.0, 1, 0]))
        >>> [round(curve.surviving(t), 3) for t in (9, 10, 29, 30)], curve.median()
        ([1.0, 0.667, 0.667, 0.0], 30.0)

    Source: Kaplan & Meier, JASA 53 (1958).
    """
    gone = left + cut
    at_risk = gone[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(at_risk > 0, 1 - left / at_risk, 1.0))
        terms = np.where(at_risk > left, left / (at_risk * np.maximum(at_risk - left, 1e-12)), 0.0)
    total = gone.sum()
    late = values >= values[np.searchsorted(np.cumsum(gone), 0.9 * total)] if total else np.ones(len(values), bool)
    before = values[late][0] if late.any() else 0.0
    exposure = float((gone * np.maximum(values - before, 0)).sum())
    events = float(left[values > before].sum())
    error = survival * np.sqrt(np.cumsum(terms))
    return Curve(values, survival, error, at_risk, events / exposure if exposure and events else float("nan"))


@dataclass(frozen=True)
class PatienceFit:
    """
    The patience of a queue's customers.

    Attributes:
        curve: Kaplan–Meier, among those who had to wait.
        candidates: (law, log score per person who left on days not seen, largest distance from the curve).
        chosen: The law; None where the curve itself is used; `never` where nobody leaves.
        exponential_all: Waiting ÷ abandoned over everybody (the closed form), and over those who waited.
        parameters: median_s, restricted_mean_600_s, surviving_… and the law's own, with intervals.
        balk: Share who give up at once of those who would have to wait.
    """

    curve: Curve
    candidates: tuple[tuple[Fitted, float, float], ...]
    chosen: Fitted | None
    never: bool
    exponential_all: float
    parameters: dict[str, Interval]
    balk: Interval

    @property
    def distance(self) -> float:
        """Largest distance of the chosen law from the curve."""
        return self.candidates[0][2] if self.chosen is not None else 0.0

    def written(self) -> dict[str, Any] | str:
        """The law as a scenario writes it."""
        if self.never:
            return "never"
        return self.chosen.written() if self.chosen is not None else self._as_values()

    def _as_values(self) -> dict[str, Any]:
        """The curve as values of equal weight; beyond where it can be read, people leave at its last rate."""
        curve = self.curve
        readable = np.flatnonzero(curve.at_risk >= AT_RISK)
        last = int(readable[-1]) if len(readable) else len(curve.at) - 1
        levels = 1 - (np.arange(VALUES) + 0.5) / VALUES
        place = np.searchsorted(-curve.survival[: last + 1], -levels, side="left")
        end, left = float(curve.at[last]), float(curve.survival[last])
        values = curve.at[np.minimum(place, last)]
        beyond = place > last
        hazard = curve.tail_hazard if curve.tail_hazard == curve.tail_hazard else 1 / max(end, 1.0)
        values = np.where(beyond, end + np.log(np.maximum(left, 1e-9) / levels) / hazard, values)
        return {"distribution": "empirical", "values_s": [float(f"{value:.6g}") for value in values]}


def patience_fit(waits: Waits, rng: np.random.Generator) -> PatienceFit:
    """
    The law of patience that predicts other days best, by likelihood with answers as censoring.

    Exponential, Weibull and lognormal are fitted on every other day and scored on the rest; if the best is more than
    .03 away from the 95 % band of the Kaplan–Meier curve where at least thirty people still wait, the curve itself is
    taken. Means are
    never read off the curve beyond a horizon: whoever was answered had more patience than anybody saw.
    """
    left, cut = waits.weighted()
    values, days = waits.left.values, len(waits.balked)
    curve = kaplan_meier(values, left, cut)
    balk = by_days(lambda w: np.array([w @ waits.balked / max(w @ waits.had_to_wait, 1.0)]), days, rng)[0]
    if left.sum() < 2:
        return PatienceFit(curve, (), None, True, float("nan"), {}, balk)
    tried = sorted(
        (
            (law, _score(name, waits), _gap(law, curve))
            for name in ("exponential", "weibull", "lognormal")
            for law in [censored(name, values, left, cut)]
        ),
        key=lambda candidate: -candidate[1],
    )
    chosen = tried[0][0] if _gap(tried[0][0], curve, sure=1.96) <= MISFIT else None
    waited = float(values @ (left + cut))
    return PatienceFit(
        curve, tuple(tried), chosen, False, waited / float(left.sum() + waits.balked.sum()),
        _parameters(waits, chosen, rng), balk,
    )  # fmt: skip


def censored(name: str, values: np.ndarray, left: np.ndarray, cut: np.ndarray) -> Fitted:
    """
    A law of patience by maximum likelihood; the exponential mean is all waiting ÷ number who left.

    Examples:
        >>> censored("exponential", np.array([10.0, 20.0, 30.0]), np.array([1.0, 0, 1]), np.array([0.0, 1, 0])).mean
        30.0
    """
    from scipy.optimize import minimize, minimize_scalar

    mean = float(values @ (left + cut) / max(left.sum(), 1e-9))
    if name == "exponential":
        return Fitted(name, mean, 1.0, name)
    if name == "weibull":

        def law(log_shape: float) -> Fitted:
            shape = math.exp(log_shape)
            scale = (((values / mean) ** shape) @ (left + cut) / left.sum()) ** (1 / shape) * mean
            return Fitted(name, scale * math.gamma(1 + 1 / shape), shape, name)

        found = minimize_scalar(
            lambda x: -_likelihood(law(x), values, left, cut), bounds=(math.log(0.3), math.log(5)), method="bounded"
        )
        return law(found.x)

    def lognormal(x: np.ndarray) -> Fitted:
        sigma = min(max(math.exp(x[1]), LOGNORMAL.least), LOGNORMAL.most)
        return Fitted(name, math.exp(min(x[0] + sigma * sigma / 2, 30.0)), sigma, name)

    best = minimize(
        lambda x: -_likelihood(lognormal(x), values, left, cut) / left.sum(), [math.log(mean) - 0.3, 0.2],
        method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-7, "maxiter": 300},
    )  # fmt: skip
    return lognormal(best.x)


def _likelihood(law: Fitted, values: np.ndarray, left: np.ndarray, cut: np.ndarray) -> float:
    return float(left @ law.log_density(values) + cut @ law.log_survival(values))


def _score(name: str, waits: Waits) -> float:
    """Log likelihood per person who left, on days that the fit had not seen."""
    days = np.arange(len(waits.balked))
    total = people = 0.0
    for seen in (days % 2 == 0, days % 2 == 1):
        fitted_on, judged_on = waits.weighted(seen.astype(float)), waits.weighted((~seen).astype(float))
        if min(fitted_on[0].sum(), judged_on[0].sum()) < 1:
            fitted_on = judged_on = waits.weighted()
        law = censored(name, waits.left.values, *fitted_on)
        total += _likelihood(law, waits.left.values, *judged_on)
        people += float(judged_on[0].sum())
    return total / people


def _gap(law: Fitted, curve: Curve, sure: float = 0.0) -> float:
    """Largest distance between a law and the curve (its band), where at least thirty people still wait."""
    there = curve.at_risk >= AT_RISK
    if not there.any():
        return float("nan")
    apart = np.abs(np.exp(law.log_survival(curve.at[there])) - curve.survival[there])
    return float((apart - sure * curve.error[there]).max())


def _parameters(waits: Waits, chosen: Fitted | None, rng: np.random.Generator) -> dict[str, Interval]:
    """What the curve says, and the parameters of the law, with intervals by day."""
    values = waits.left.values
    whole = kaplan_meier(values, *waits.weighted())
    readable = [t for t in AT_S if t <= values[max(int((whole.at_risk >= AT_RISK).sum()) - 1, 0)]]
    horizon = max((t for t in HORIZONS_S if t <= values[-1]), default=HORIZONS_S[-1])
    names = ["exponential_mean_s", f"restricted_mean_{horizon:g}_s", *(f"surviving_{t:g}_s" for t in readable)]
    median = whole.median() == whole.median()
    names += ["median_s"] if median else []
    own = {"weibull": ["weibull_shape"], "lognormal": ["lognormal_sigma"]}.get(chosen.name if chosen else "", [])

    def estimate(weights: np.ndarray) -> np.ndarray:
        left, cut = waits.weighted(weights)
        curve = kaplan_meier(values, left, cut)
        found = [float(values @ (left + cut) / max(left.sum(), 1e-9)), curve.restricted_mean(horizon)]
        found += [curve.surviving(t) for t in readable]
        found += [curve.median()] if median else []
        if own and chosen:  # days drawn anew may be those on which nobody left: they say nothing of the shape
            found.append(censored(chosen.name, values, left, cut).shape if left.sum() > 0 else math.nan)
        return np.array(found)

    draws = 60 if own else 200
    return dict(zip([*names, *own], by_days(estimate, len(waits.balked), rng, draws), strict=True))

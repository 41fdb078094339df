"""Handle times: which law fits, how well, and when only the log itself does."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from csim.fitting.laws import EXPONENTIAL, SHAPES, Fitted, Shape
from csim.fitting.sample import Interval, Sample, by_days

MISFIT = 0.03  # Kolmogorov distance above which no law of the catalogue stands for the durations
SPIKE_S = (0.2, 0.2)  # a spike's mean: from 0.2 s to so much of the mean
BY_CHANCE = 1.36  # of the Kolmogorov distance, 95 %, over the root of the sample's size
SHORT, TOO_MANY = 0.06, 0.01  # durations below so much of the mean; a share of them beyond what a law has
WORTH_A_SPIKE = 0.002  # log score per contact that two more parameters must bring
EMPIRICAL_VALUES = 500
CANDIDATES = ("exponential", "lognormal", "gamma", "weibull", "mixture/lognormal", "mixture/gamma", "mixture/weibull")


@dataclass(frozen=True)
class Candidate:
    """A law that was tried: its log score per contact on days it had not seen, and how far it lies from the log."""

    law: Fitted
    score: float
    distance: float


@dataclass(frozen=True)
class HandleFit:
    """
    The handle times of a queue.

    Attributes:
        sample: What was observed. candidates: What was tried, best score first.
        chosen: The law, or None where the log itself is used (an empirical law).
        parameters: By name (mean_s, cv, spike_share …), each with its interval.
        naive_mean: The mean that a lognormal by maximum likelihood would claim, s.
    """

    sample: Sample
    candidates: tuple[Candidate, ...]
    chosen: Fitted | None
    parameters: dict[str, Interval]
    naive_mean: float

    @property
    def distance(self) -> float:
        """Kolmogorov distance of the chosen law; 0 for the log itself."""
        return self.candidates[0].distance if self.chosen is not None else 0.0

    def as_uncertain_as(self, other: Interval) -> HandleFit:
        """The same fit, its mean at least as uncertain, relative to itself, as another one that it rests on."""
        mean = self.parameters["mean_s"]
        low = min(mean.low, mean.value * other.low / other.value)
        high = max(mean.high, mean.value * other.high / other.value)
        return dataclasses.replace(self, parameters=self.parameters | {"mean_s": Interval(mean.value, low, high)})

    def written(self) -> dict[str, Any]:
        """The law as a scenario writes it."""
        if self.chosen is not None:
            return self.chosen.written()
        return {"distribution": "empirical", "values_s": condensed(self.sample)}


def handle_fit(sample: Sample, rng: np.random.Generator) -> HandleFit:
    """
    The law of handle times that predicts other days best.

    Every law keeps the mean of the log, because load is arrivals × mean; its shape is found by maximum likelihood
    given that mean. (Left free, a lognormal pays for a spike of short calls with a mean that is far too long.) Laws
    are fitted on every other day and scored on the rest, both ways round; the best mean log score wins. If even that
    law's distribution function is further from the log's than .03 and what chance does to so many durations, the log
    itself is taken. A spike is looked for where more calls are short than the law without one has it.
    """
    days = np.arange(len(sample.counts))
    halves = [days % 2 == 0, days % 2 == 1]
    tried: list[Candidate] = []
    for name in CANDIDATES:
        if name.startswith("mixture") and not _spiked(next(t.law for t in tried if t.law.name == name[8:]), sample):
            continue
        law = best_shape(name, sample, sample.total)
        score = _out_of_sample(name, sample, halves)
        tried.append(Candidate(law, score, _distance(law, sample)))
    plain = {candidate.law.name: candidate.score for candidate in tried}
    tried = [c for c in tried if not c.law.spike_share or c.score > plain[c.law.body] + WORTH_A_SPIKE]
    tried.sort(key=lambda candidate: -candidate.score)
    chosen = tried[0].law if tried[0].distance <= MISFIT + BY_CHANCE / math.sqrt(sample.size) else None
    return HandleFit(sample, tuple(tried), chosen, _parameters(sample, chosen, rng), _naive_lognormal_mean(sample))


def best_shape(name: str, sample: Sample, weights: np.ndarray, start: Fitted | None = None) -> Fitted:
    """The law of a family that has the mean of the sample and, given that, the greatest likelihood."""
    mean, at = max(sample.mean(weights), 1e-3), sample.at
    family = SHAPES[name.split("/")[-1]]
    if name.startswith("mixture"):
        return _best_mixture(name, family, mean, at, weights, start)
    if family is EXPONENTIAL:
        return Fitted(name, mean, 1.0, name)
    return Fitted(name, mean, _best_of_one(family, at / mean, weights), name)


def _spiked(law: Fitted, sample: Sample) -> bool:
    short = SHORT * law.mean
    found = sample.total[sample.at < short].sum() / sample.size
    return bool(found > law.cdf(np.array([short]))[0] + TOO_MANY)


def _best_of_one(family: Shape, x: np.ndarray, weights: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_shape: float) -> float:
        return -float(weights @ family.log_density(x, math.exp(log_shape)))

    return math.exp(minimize_scalar(loss, bounds=(math.log(family.least), math.log(family.most)), method="bounded").x)


def _best_mixture(
    name: str, family: Shape, mean: float, at: np.ndarray, weights: np.ndarray, start: Fitted | None
) -> Fitted:
    from scipy.optimize import minimize

    longest = SPIKE_S[1] * mean

    def law(x: np.ndarray) -> Fitted:
        share, spike = 0.5 / (1 + math.exp(-x[0])), SPIKE_S[0] + (longest - SPIKE_S[0]) / (1 + math.exp(-x[1]))
        shape = family.least + (family.most - family.least) / (1 + math.exp(-x[2]))
        return Fitted(name, mean, shape, family.name, share, spike)

    def loss(x: np.ndarray) -> float:
        return -float(weights @ law(np.clip(x, -12, 12)).log_density(at)) / weights.sum()

    def place(part: float, low: float, high: float) -> float:
        share = min(max((part - low) / (high - low), 1e-4), 1 - 1e-4)
        return math.log(share / (1 - share))

    if start is None:
        short = float(weights[at < 0.06 * mean].sum() / weights.sum())
        guess = (min(max(short, 0.01), 0.4), 0.03 * mean, _best_of_one(family, at / mean, weights))
    else:
        guess = (start.spike_share, start.spike_mean, start.shape)
    first = [place(guess[0], 0, 0.5), place(guess[1], SPIKE_S[0], longest), place(guess[2], family.least, family.most)]
    options = {"xatol": 1e-3, "fatol": 1e-7, "maxiter": 400}
    return law(np.clip(minimize(loss, first, method="Nelder-Mead", options=options).x, -12, 12))


def _out_of_sample(name: str, sample: Sample, halves: list[np.ndarray]) -> float:
    """Mean log density per contact on days that the fit had not seen."""
    total = 0.0
    for seen in halves:
        fitted_on, judged_on = sample.counts[seen].sum(0), sample.counts[~seen].sum(0)
        if not fitted_on.sum() or not judged_on.sum():
            fitted_on = judged_on = sample.total  # a single day has nothing to keep back
        total += float(judged_on @ best_shape(name, sample, fitted_on).log_density(sample.at))
    return total / sample.size


def _distance(law: Fitted, sample: Sample) -> float:
    """Kolmogorov distance: the largest gap between the law's distribution function and the log's."""
    upto = np.cumsum(sample.total) / sample.size
    if sample.step:  # whole seconds: compared where a second ends
        return float(np.abs(law.cdf(sample.values + sample.step) - upto).max())
    expected = law.cdf(sample.values)
    before = np.concatenate([[0.0], upto[:-1]])
    return float(np.maximum(np.abs(expected - upto), np.abs(expected - before)).max())


def _naive_lognormal_mean(sample: Sample) -> float:
    there = sample.values > 0
    logs, weights = np.log(sample.values[there]), sample.total[there]
    mean = weights @ logs / weights.sum()
    return float(np.exp(mean + weights @ (logs - mean) ** 2 / weights.sum() / 2))


def _parameters(sample: Sample, chosen: Fitted | None, rng: np.random.Generator) -> dict[str, Interval]:
    """Mean and cv of the durations and what the law has besides, with intervals by day."""
    names = ["mean_s", "cv"]
    spiked = chosen is not None and chosen.spike_share > 0
    if spiked:
        names += ["spike_share", "spike_mean_s"]

    def estimate(weights: np.ndarray) -> np.ndarray:
        counts = weights @ sample.counts
        if chosen is None:
            return np.array([sample.mean(counts), sample.cv(counts)])
        law = best_shape(chosen.name, sample, counts, chosen)
        found = [law.mean, law.cv, law.spike_share, law.spike_mean]
        return np.array(found[: len(names)])

    return dict(zip(names, by_days(estimate, len(sample.counts), rng, 80 if spiked else 200), strict=True))


def condensed(sample: Sample, most: int = EMPIRICAL_VALUES) -> list[float]:
    """
    A sample as so many values of equal weight: means of equal parts of it, so that the mean is kept.

    Examples:
        >>> condensed(Sample.of(np.array([1.0, 2.0, 3.0, 6.0]), np.zeros(4, int), 1), most=2)
        [1.5, 4.5]
    """
    counts = sample.total
    edges = np.concatenate([[0.0], np.cumsum(counts)])
    upto = np.concatenate([[0.0], np.cumsum(counts * sample.values)])
    parts = min(most, int(counts.sum()))
    sums = np.diff(np.interp(np.linspace(0, edges[-1], parts + 1), edges, upto))
    return [float(f"{value:.6g}") for value in sums / (edges[-1] / parts)]

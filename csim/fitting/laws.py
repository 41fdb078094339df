"""Laws of durations with a given mean: density, distribution function, and how a scenario writes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Shape:
    """A family of laws scaled to mean 1 with one parameter of shape: logarithms of density and survival, and the cv."""

    name: str
    log_density: Callable[[np.ndarray, float], np.ndarray]
    log_survival: Callable[[np.ndarray, float], np.ndarray]
    cv: Callable[[float], float]
    least: float
    most: float


def _gamma_log_density(x: np.ndarray, k: float) -> np.ndarray:
    from scipy.special import gammaln

    return k * np.log(k) + (k - 1) * np.log(x) - k * x - gammaln(k)


def _gamma_log_survival(x: np.ndarray, k: float) -> np.ndarray:
    from scipy.special import gammaincc

    return np.log(np.maximum(gammaincc(k, k * x), 1e-300))


def _lognormal_log_density(x: np.ndarray, sigma: float) -> np.ndarray:
    z = (np.log(x) + sigma * sigma / 2) / sigma
    return -z * z / 2 - np.log(x * sigma) - 0.5 * math.log(2 * math.pi)


def _lognormal_log_survival(x: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.special import log_ndtr

    return log_ndtr(-(np.log(x) + sigma * sigma / 2) / sigma)


def _weibull_log_density(x: np.ndarray, k: float) -> np.ndarray:
    scale = 1 / math.gamma(1 + 1 / k)
    y = x / scale
    return math.log(k / scale) + (k - 1) * np.log(y) - y**k


def _weibull_log_survival(x: np.ndarray, k: float) -> np.ndarray:
    return -((x * math.gamma(1 + 1 / k)) ** k)


def _weibull_cv(k: float) -> float:
    return math.sqrt(max(math.gamma(1 + 2 / k) / math.gamma(1 + 1 / k) ** 2 - 1, 0.0))


EXPONENTIAL = Shape("exponential", lambda x, _: -x, lambda x, _: -x, lambda _: 1.0, 1.0, 1.0)
LOGNORMAL = Shape(
    "lognormal", _lognormal_log_density, _lognormal_log_survival, lambda s: math.sqrt(math.expm1(s * s)), 0.02, 2.4
)
GAMMA = Shape("gamma", _gamma_log_density, _gamma_log_survival, lambda k: 1 / math.sqrt(k), 0.05, 400.0)
WEIBULL = Shape("weibull", _weibull_log_density, _weibull_log_survival, _weibull_cv, 0.25, 20.0)
SHAPES = {shape.name: shape for shape in (EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL)}


@dataclass(frozen=True)
class Fitted:
    """
    A law with its parameters.

    Attributes:
        name: A family, or "mixture of exponential and …".
        mean: Mean of the law, s. shape: Parameter of the family. body: The family.
        spike_share, spike_mean: Of a mixture, the share and mean of the durations that end at once.

    Examples:
        >>> law = Fitted("gamma", 200.0, 4.0, "gamma")
        >>> law.written(), round(float(law.cdf(np.array([200.0]))[0]), 4)
        ({'distribution': 'gamma', 'mean': '200 s', 'cv': 0.5}, 0.5665)
    """

    name: str
    mean: float
    shape: float
    body: str
    spike_share: float = 0.0
    spike_mean: float = 0.0

    @property
    def body_mean(self) -> float:
        """Mean of the durations that are not of the spike, s."""
        return (self.mean - self.spike_share * self.spike_mean) / (1 - self.spike_share)

    @property
    def cv(self) -> float:
        """Standard deviation ÷ mean."""
        one = SHAPES[self.body].cv(self.shape)
        if not self.spike_share:
            return one
        square = (1 - self.spike_share) * self.body_mean**2 * (1 + one**2) + self.spike_share * 2 * self.spike_mean**2
        return math.sqrt(max(square / self.mean**2 - 1, 0.0))

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the density at durations above 0, per second."""
        family, mean = SHAPES[self.body], self.body_mean
        body = family.log_density(x / mean, self.shape) - math.log(mean)
        if not self.spike_share:
            return body
        spike = math.log(self.spike_share) - x / self.spike_mean - math.log(self.spike_mean)
        return np.logaddexp(spike, math.log1p(-self.spike_share) + body)

    def log_survival(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the share that is longer."""
        body = SHAPES[self.body].log_survival(np.maximum(x, 1e-9) / self.body_mean, self.shape)
        if not self.spike_share:
            return body
        return np.logaddexp(math.log(self.spike_share) - x / self.spike_mean, math.log1p(-self.spike_share) + body)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Share that is not longer."""
        return -np.expm1(self.log_survival(np.asarray(x, dtype=float)))

    def written(self) -> dict[str, Any]:
        """The law as a scenario writes it."""
        if not self.spike_share:
            return _written(self.body, self.mean, SHAPES[self.body].cv(self.shape))
        share = round(self.spike_share, 5)
        return {
            "distribution": "mixture",
            "parts": [
                {"share": share, **_written("exponential", self.spike_mean, 1.0)},
                {"share": round(1 - share, 5), **_written(self.body, self.body_mean, SHAPES[self.body].cv(self.shape))},
            ],
        }


def _written(family: str, mean: float, cv: float) -> dict[str, Any]:
    law: dict[str, Any] = {"distribution": family, "mean": f"{float(f'{mean:.5g}'):g} s"}
    return law if family == "exponential" else law | {"cv": round(cv, 4)}

"""Durations that vary: one law by its mean and spread, a sample, or a mixture of laws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from csim.schema.fields import Number, Part, Ratio, Seconds, Share

SHAPED = ("lognormal", "gamma", "weibull")
LawName = Literal["exponential", "lognormal", "gamma", "weibull", "constant"]
DistributionName = Literal[LawName, "empirical", "mixture"]


class Law(Part):
    """A law by its mean and, where it has one, its coefficient of variation."""

    distribution: LawName = Field(examples=["exponential"])
    mean: Seconds | None = None
    cv: Ratio | None = None

    @model_validator(mode="after")
    def _mean_and_cv(self) -> Law:
        law, shaped = self.distribution, self.distribution in SHAPED
        if law in ("empirical", "mixture"):
            return self
        if self.mean is None:
            raise ValueError(f'{law} needs "mean": write for example "mean: 180 s"')
        if shaped and not self.cv:
            raise ValueError(f'{law} needs "cv" above 0: write for example "cv: 0.9"')
        if shaped and self.cv is not None and self.cv > 20:
            raise ValueError(f"cv {self.cv:g} is out of reach: handle times lie between 0.5 and 2")
        if not shaped and self.cv is not None:
            raise ValueError(f'{law} takes no "cv" (its cv is {1 if law == "exponential" else 0}): leave it out')
        return self


class Ingredient(Law):
    """One law of a mixture, and how many of the durations follow it."""

    share: Share = Field(examples=["6%"])


class Distribution(Law):
    """
    A duration that varies: its law, and what the law needs.

    A mixture is what real handle times often are: a spike of calls that end at once beside those that are served.

    Examples:
        >>> law = Distribution(distribution="mixture", parts=[
        ...     {"share": "10%", "distribution": "exponential", "mean": "5 s"},
        ...     {"share": "90%", "distribution": "lognormal", "mean": "200 s", "cv": 1.1}])
        >>> law.mean_s
        180.5
    """

    distribution: DistributionName = Field(examples=["exponential"])  # type: ignore[assignment]  # wider than a Law's
    file: Annotated[str, Field(min_length=1)] | None = None
    values_s: tuple[Number, ...] | None = None
    parts: tuple[Ingredient, ...] | None = None
    observed_at: Annotated[int, Field(ge=1, strict=True)] | None = None
    _sample: tuple[float, ...] | None = PrivateAttr(default=None)

    @property
    def sample(self) -> tuple[float, ...] | None:
        """The durations of an empirical law: those given, or those of its file once it is read."""
        return self._sample if self._sample is not None else self.values_s

    @property
    def mean_s(self) -> float:
        """Mean of the law, s."""
        if self.sample:
            return math.fsum(self.sample) / len(self.sample)
        if self.parts:
            return math.fsum(part.share * float(part.mean or 0) for part in self.parts)
        return float(self.mean or 0)

    def with_sample(self, values: tuple[float, ...]) -> Distribution:
        """The same law with the durations of its file."""
        law = self.model_copy()
        law._sample = values
        return law

    def scaled(self, factor: float) -> Distribution:
        """The same law with every duration *factor* times as long."""
        if self.sample is not None:
            return self.with_sample(tuple(value * factor for value in self.sample))
        if self.parts is not None:
            longer = tuple(part.model_copy(update={"mean": float(part.mean or 0) * factor}) for part in self.parts)
            return self.model_copy(update={"parts": longer})
        return self.model_copy(update={"mean": float(self.mean or 0) * factor})

    @model_validator(mode="after")
    def _parameters(self) -> Distribution:
        law = self.distribution
        if law == "empirical":
            if (self.file is None) == (self.values_s is None):
                raise ValueError('an empirical law needs "file": a CSV with one duration in seconds per line')
            if self.values_s is not None and not self.values_s:
                raise ValueError("values_s is empty: write at least one duration in seconds")
        if law == "mixture":
            if not self.parts:
                raise ValueError(
                    'a mixture needs "parts": [{share: 6%, distribution: exponential, mean: 4 s}, {share: 94%, …}]'
                )
            sums_to_one([part.share for part in self.parts], "the shares of a mixture")
        if law in ("empirical", "mixture") and (self.mean is not None or self.cv is not None):
            whence = "its file" if law == "empirical" else "its parts"
            kind = "an empirical law" if law == "empirical" else "a mixture"
            raise ValueError(f"{kind} has its mean and cv from {whence}: leave both out")
        if law != "empirical" and self.file is not None:
            raise ValueError(f'{law} takes no "file": leave it out, or write "distribution: empirical"')
        if law != "empirical" and self.values_s is not None:
            raise ValueError(f'{law} takes no "values_s": leave it out, or write "distribution: empirical"')
        if law != "mixture" and self.parts is not None:
            raise ValueError(f'{law} takes no "parts": leave it out, or write "distribution: mixture"')
        return self


def sums_to_one(parts: Iterable[float], what: str) -> None:
    """
    Refuses shares that do not make a whole.

    Examples:
        >>> sums_to_one([0.5, 0.4], "shares")
        Traceback (most recent call last):
        ValueError: shares add up to 90.0000%: they must make 100%
    """
    total = math.fsum(parts)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"{what} add up to {total:.4%}: they must make 100%")

"""What targets say as numbers: a level per KPI, what else is known, and the collision of some of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from csim.kpi.catalogue import catalogue

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Level:
    """
    What is asked of one KPI: at least so much, at most so much, or exactly so much.

    Shares from 0 to 1, seconds, counts per hour: the KPI's own unit. What is None is left open.

    Raises:
        ValueError: A bound that is negative or no number, or bounds that leave nothing between them.

    Examples:
        >>> Level(at_least=0.1, at_most=0.2)
        Level(at_least=0.1, at_most=0.2, value=None)
        >>> Level(at_least=0.2, at_most=0.1)
        Traceback (most recent call last):
        ValueError: at least 0.2 and at most 0.1 leave nothing: swap them
    """

    at_least: float | None = None
    at_most: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        for number in (self.at_least, self.at_most, self.value):
            if number is not None and not 0 <= number < math.inf:
                raise ValueError(f"{number} is no level: write a number from 0 up")
        low, high = self.allowed(math.inf)
        if low > high:
            hint = "swap them" if self.value is None else "write one of them"
            raise ValueError(f"at least {low:g} and at most {high:g} leave nothing: {hint}")

    def allowed(self, most: float) -> Range:
        """The values that keep it, from 0 to *most* where a side is open."""
        low = max(number for number in (0.0, self.at_least, self.value) if number is not None)
        return Range(low, min(number for number in (most, self.at_most, self.value) if number is not None))

    def stated(self) -> Range:
        """
        The values it names: reached, not surpassed.

        Examples:
            >>> Level(at_most=150).stated(), Level(at_least=20, at_most=30).stated()
            (Range(low=150, high=150), Range(low=20, high=30))
        """
        named = [number for number in (self.at_least, self.at_most, self.value) if number is not None]
        return Range(min(named), max(named)) if self.value is None and named else self.allowed(math.inf)


class Range(NamedTuple):
    """Values from low to high."""

    low: float
    high: float

    def times(self, other: Range) -> Range:
        """Every product of the two; nothing times anything is nothing, however large."""
        return Range(self.low * other.low, self.high * other.high if self.high and other.high else 0.0)

    def meet(self, other: Range) -> Range:
        """What lies in both; if nothing does, low is above high."""
        return Range(max(self.low, other.low), min(self.high, other.high))


@dataclass(frozen=True)
class Facts:
    """
    What is known of the centre beside its targets; whatever is left out, the laws that need it are silent.

    Attributes:
        compose_s, customer_s: What an agent needs for a message, and the customer typing the next one, s.
        cap: Contacts one agent may hold at once.
        mean_patience_s: Mean patience, s. exponential_patience: Whether people leave at a constant rate while they
            wait (and nobody balks); only then are the laws of patience exact.
        within_s: Promised answer time, s. reading: The reading that the bare `service_level` has.
        promised_to_all: Every offered contact has a promised answer time (else service level and answer rate
            speak of different contacts).
        all_chats: Every contact is a chat (else session times speak of some contacts only).
        scores: The scores a survey can give. Bad are those up to 2 of 5, as in the catalogue.
        known: KPIs that are known but not targeted, by id: forecasts, or sector values.
    """

    compose_s: float | None = None
    customer_s: float | None = None
    cap: int | None = None
    mean_patience_s: float | None = None
    exponential_patience: bool = False
    within_s: float | None = None
    reading: str = "included"
    promised_to_all: bool = True
    all_chats: bool = False
    scores: tuple[float, ...] = (1, 2, 3, 4, 5)
    known: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """
    Targets that one law does not allow together.

    Attributes:
        law: Which law: a code such as "little" or "patience".
        severity: "error": impossible. "warning": possible only if something else gives way, or one of them is idle.
        kpis: The ids that collide, mostly two.
        numbers: The numbers of the law, by name; KPI ids stand for the levels that collide.
        instead: What to write instead: for some of these KPIs the levels that the law would allow.
    """

    law: str
    severity: Severity
    kpis: tuple[str, ...]
    numbers: Mapping[str, float]
    instead: Mapping[str, Level] = field(default_factory=dict)


class Case:
    """The targets and facts of one queue, as the laws read them: by id, as ranges."""

    def __init__(self, targets: Mapping[str, Level], facts: Facts) -> None:
        self.facts = facts
        self.levels = {kpi: Level(value=value) for kpi, value in facts.known.items()} | dict(targets)
        self.written: dict[str, str] = {}
        bare, read_as = "service_level", f"service_level_{facts.reading}"
        if bare in self.levels and read_as not in self.levels:
            self.levels[read_as], self.written[read_as] = self.levels[bare], bare

    def has(self, *kpis: str) -> bool:
        """Whether each of them has a level that says something."""
        return all(kpi in self.levels and self.levels[kpi] != Level() for kpi in kpis)

    def allowed(self, kpi: str) -> Range:
        """The values that keep its level; anything its unit can be where there is none."""
        entry = catalogue().get(kpi)
        return self.levels.get(kpi, Level()).allowed(1.0 if entry is not None and entry.unit == "share" else math.inf)

    def stated(self, kpi: str) -> Range:
        """The values its level names."""
        return self.levels[kpi].stated()


def exceeds(left: float, right: float) -> bool:
    """
    Whether *left* is above *right* by more than rounding can make it.

    Examples:
        >>> exceeds(0.1 + 0.2, 0.3), exceeds(0.31, 0.3)
        (False, True)
    """
    return left > right and left - right > 1e-9 * max(1.0, abs(left), abs(right))


def severity(impossible: bool) -> Severity:
    """How hard a collision is."""
    return "error" if impossible else "warning"


def exactly(value: float) -> Level:
    """The level of one value; nothing can be asked of an infinite one."""
    return Level(value=value) if math.isfinite(value) else Level()

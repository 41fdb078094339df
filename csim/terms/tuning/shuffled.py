"""Other months from the same days, and a vendor between two levels: what a search needs beyond what was simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from csim.terms.worth.surface import Surface


def shuffled(surface: Surface, months: int, seed: int) -> Surface:
    """
    The same days in other months: each date of a month comes from a replication of its own.

    Days start empty and their luck is their own, so that a month may be made of any replication's Mondays and any
    other's Tuesdays. Every day is used equally often, so that means stay what they are; how much months differ is
    then known from all days, not from a handful of months. A calendar that is carried over stays as it is.

    Args:
        months: About how many replications there shall be.

    Examples:
        >>> from csim.terms.worth.surface import surface
        >>> few = surface("scenarios/centres/first_voice.yaml", [16, 20], replications=4, seed=7)
        >>> many = shuffled(few, 12, seed=1)
        >>> many.replications, bool(np.allclose(many.sums.mean(1), few.sums.mean(1), equal_nan=True))
        (12, True)
    """
    count, dates = surface.replications, len(surface.dates)
    times = months // count
    if times < 2 or count < 2 or surface.scenario.file.calendar.carry_over:
        return surface
    rng = np.random.default_rng([seed, 0x5AFE])
    order = np.concatenate([np.stack([rng.permutation(count) for _ in range(dates)], axis=1) for _ in range(times)])
    days = np.arange(dates)
    specials = np.full((len(surface.levels), len(order), *surface.specials.shape[2:]), np.nan)
    specials[:, :, -dates:] = surface.specials[:, order, surface.specials.shape[2] - dates + days]
    return replace(surface, sums=surface.sums[:, order, days], specials=specials)


def with_levels_at(surface: Surface, kpi: str, wanted: list[float]) -> Surface:
    """
    The surface with further levels, at which a KPI has the wanted values over all days.

    Between two levels lies a vendor who plans the lower one on some days and the higher one on the others; its counts
    are theirs in proportion. A value that no two levels embrace gives a level of NaN, whose counts are NaN.

    Examples:
        >>> from csim.terms.worth.surface import surface
        >>> grid = surface("scenarios/centres/first_voice.yaml", [14, 18], replications=3, seed=7)
        >>> more = with_levels_at(grid, "service_level", [0.8])
        >>> more.levels[:2], 14 < more.levels[2] < 18, round(float(more.counts("service_level").pooled()[2]), 6)
        ((14.0, 18.0), True, 0.8)
    """
    counts = surface.counts(kpi)
    up, low = (array.sum((1, 2)) for array in (counts.numerator, counts.denominator))
    places = [_between(up, low, value) for value in wanted]

    def stretched(array: np.ndarray) -> np.ndarray:
        rows = [array[i] * (1 - part) + array[i + 1] * part for i, part in places]
        return np.concatenate([array, np.stack(rows)])

    levels = stretched(np.array(surface.levels))
    return replace(
        surface, levels=tuple(float(x) for x in levels), sums=stretched(surface.sums),
        specials=stretched(surface.specials), hours=stretched(surface.hours),
    )  # fmt: skip


def _between(up: np.ndarray, low: np.ndarray, value: float) -> tuple[int, float]:
    """Which neighbours embrace a ratio of sums, and how much of the second makes it; NaN where none do."""
    short = up - value * low  # below 0: the ratio lies below the value
    for i in range(len(up) - 1):
        if short[i] * short[i + 1] <= 0 and short[i] != short[i + 1]:
            return i, float(short[i] / (short[i] - short[i + 1]))
    return 0, float("nan")

"""Arrival instants of a Poisson process whose rate changes by interval, by inversion."""

from __future__ import annotations

import numpy as np


def unit_arrivals(total: float, rng: np.random.Generator) -> np.ndarray:
    """The instants below *total* of a Poisson process of rate 1: always a prefix of the same endless sequence."""
    gaps = rng.standard_exponential(max(16, int(total + 5 * np.sqrt(total) + 16)))
    while True:
        instants = np.cumsum(gaps)
        if instants[-1] >= total:
            return instants[: np.searchsorted(instants, total, side="left")]
        gaps = np.concatenate([gaps, rng.standard_exponential(len(gaps))])


def inverted(
    units: np.ndarray, expected: np.ndarray, starts: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Unit-rate instants carried over to clock time.

    Args:
        units: Instants of a unit-rate process, below the sum of *expected*.
        expected: Expected contacts per piece (rate × length), in time order.
        starts, lengths: Where each piece begins and how long it is, s.

    Returns:
        The instants in clock time and the piece each falls into. A piece without arrivals is skipped.

    Examples:
        Two contacts expected in the first ten seconds, none in the next, one in the third:

        >>> times, _ = inverted(np.array([1.0, 2.5]), np.array([2.0, 0.0, 1.0]),
        ...                     np.array([0.0, 10.0, 20.0]), np.array([10.0, 10.0, 10.0]))
        >>> times.tolist()
        [5.0, 25.0]
    """
    ends = np.cumsum(expected)
    piece = np.searchsorted(ends, units, side="right")
    piece = np.minimum(piece, len(expected) - 1)
    before = ends[piece] - expected[piece]
    share = np.clip((units - before) / expected[piece], 0.0, 1.0)
    instants = starts[piece] + lengths[piece] * share
    return np.minimum(instants, np.nextafter(starts[piece] + lengths[piece], -np.inf)), piece

"""Arrival instants of a Poisson process whose rate changes by interval, by inversion."""

from __future__ import annotations

import numpy as np

from csim.loops import flat, loop, source_of


class UnitArrivals:
    """
    The instants of a Poisson process of rate 1, one after the other: always the same endless sequence.

    *rows*: see `csim.loops.loop`.
    """

    def __init__(self, rng: np.random.Generator, rows: float = 0.0) -> None:
        self._rng, self._drawn = rng, np.zeros(0)
        self._add_up = loop(source_of(add_up), "add_up", rows) or _add_up

    def below(self, total: float) -> np.ndarray:
        """Those below *total* that were not given yet."""
        last = self._drawn[-1] if len(self._drawn) else 0.0
        while not len(self._drawn) or last < total:
            ahead = total - last
            gaps = self._rng.standard_exponential(max(16, int(ahead + 5 * np.sqrt(ahead) + 16)))
            gaps[0] += last
            self._add_up(gaps)
            self._drawn = np.concatenate([self._drawn, gaps]) if len(self._drawn) else gaps
            last = self._drawn[-1]
        count = np.searchsorted(self._drawn, total, side="left")
        found, self._drawn = self._drawn[:count], self._drawn[count:]
        return found


def _add_up(gaps: np.ndarray) -> None:
    np.cumsum(gaps, out=gaps)


def add_up(gaps: np.ndarray) -> None:
    """Machine code only: their running sums, in their place."""
    at = 0.0
    for row in range(len(gaps)):
        at += gaps[row]
        gaps[row] = at


def unit_arrivals(total: float, rng: np.random.Generator) -> np.ndarray:
    """The instants below *total* of a Poisson process of rate 1."""
    return UnitArrivals(rng).below(total)


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
    return placed(units, expected, np.cumsum(expected), starts, lengths)


def placed(
    units: np.ndarray, expected: np.ndarray, ends: np.ndarray, starts: np.ndarray, lengths: np.ndarray,
    rows: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """
    Unit-rate instants in pieces that end at *ends*, the cumulated expectation, in clock time: see `inverted`.

    *rows*: see `csim.loops.loop`; NumPy and machine code agree to the bit.
    """
    machine = loop(source_of(put_in_place), "put_in_place", rows)
    if machine is None:
        return _with_numpy(units, expected, ends, starts, lengths)
    arrival, piece = np.empty(len(units)), np.empty(len(units), np.int64)
    latest = np.nextafter(starts + lengths, -np.inf)
    columns = (units, ends, ends - expected, expected, starts, lengths, latest)
    machine(*(flat(column, np.float64) for column in columns), arrival, piece)
    return arrival, piece


def _with_numpy(
    units: np.ndarray, expected: np.ndarray, ends: np.ndarray, starts: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    upto = np.searchsorted(units, ends, side="left")
    upto[-1] = len(units)  # rounding may leave the last one beyond the end
    counts = np.diff(upto, prepend=0)
    piece = np.repeat(np.arange(len(ends)), counts)
    share = units - np.repeat(ends - expected, counts)
    share /= np.repeat(expected, counts)
    np.clip(share, 0.0, 1.0, out=share)
    share *= np.repeat(lengths, counts)
    share += np.repeat(starts, counts)
    return np.minimum(share, np.repeat(np.nextafter(starts + lengths, -np.inf), counts), out=share), piece


def put_in_place(
    units: np.ndarray, ends: np.ndarray, begins: np.ndarray, expected: np.ndarray, starts: np.ndarray,
    lengths: np.ndarray, latest: np.ndarray, arrival: np.ndarray, found: np.ndarray,
) -> None:  # fmt: skip
    """Machine code only: `placed`."""
    piece, last = 0, len(ends) - 1
    for row in range(len(units)):
        while piece < last and units[row] >= ends[piece]:
            piece += 1
        share = (units[row] - begins[piece]) / expected[piece]
        if share > 1.0:
            share = 1.0
        elif share < 0.0:
            share = 0.0
        instant = share * lengths[piece] + starts[piece]
        arrival[row] = latest[piece] if instant > latest[piece] else instant
        found[row] = piece

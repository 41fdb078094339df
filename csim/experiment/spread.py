"""Quantiles and maxima of one replication over any of its windows: values are put in order of their place once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from csim.kpi.catalogue import Kpi
from csim.kpi.sums import taken


class Spread:
    """
    The values of a quantile or maximum, each with its place: a date, and a line (or group) within it.

    Examples:
        >>> from csim.kpi.catalogue import catalogue
        >>> chats = Spread(catalogue()["max_concurrency"], lines=2)
        >>> chats.add(np.array([5.0, 9.0, 7.0]), np.array([0, 1, 2]))
        >>> chats.over([0, 1], [0]), chats.over([1], [1])
        (7.0, nan)
    """

    def __init__(self, kpi: Kpi, lines: int) -> None:
        self.kpi, self.lines = kpi, lines
        self._values, self._places = [np.zeros(0)], [np.zeros(0, np.int32)]
        self._found: dict[bytes, float] = {}

    def add(self, values: np.ndarray, place: np.ndarray) -> None:
        """Some rows: what they are worth, and date × lines + line."""
        self._values.append(values)
        self._places.append(place.astype(np.int32))

    def over(self, dates: Sequence[int], lines: Sequence[int]) -> float:
        """Taken over all rows of these lines on these dates; NaN without any. To be asked when all rows are there."""
        values, bounds = self._sorted
        wanted = np.add.outer(np.array(dates, int) * self.lines, np.array(lines, int)).ravel()
        wanted = wanted[wanted < len(bounds) - 1]
        wanted = wanted[bounds[wanted + 1] > bounds[wanted]]
        key = wanted.tobytes()
        if key not in self._found:
            parts = [values[bounds[place] : bounds[place + 1]] for place in wanted]
            self._found[key] = taken(self.kpi, parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0), *parts]))
        return self._found[key]

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """The values in order of their places, and where each place begins."""
        values, place = np.concatenate(self._values), np.concatenate(self._places)
        self._values, self._places = [], []  # what came in parts is not needed twice
        if (place[1:] < place[:-1]).any():
            order = np.argsort(place, kind="stable")
            values, place = values[order], place[order]
        return values, np.searchsorted(place, np.arange((int(place[-1]) if len(place) else -1) + 2))

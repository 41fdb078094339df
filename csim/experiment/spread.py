"""Quantiles and maxima of one replication over any of its windows: values are put in order of their place once."""

from __future__ import annotations

import itertools

import numpy as np

from csim.kpi.catalogue import Kpi
from csim.kpi.sums import quantile


class Spread:
    """
    The values of a quantile or maximum, each with its place: date × lines (or groups) + line.

    Examples:
        >>> from csim.kpi.catalogue import catalogue
        >>> chats = Spread(catalogue()["max_concurrency"])
        >>> chats.add(np.array([5.0, 9.0, 7.0]), np.array([0, 1, 2]))
        >>> chats.over([0, 2]), chats.over([3])
        (7.0, nan)
    """

    def __init__(self, kpi: Kpi) -> None:
        self.kpi = kpi
        self._parts: list[np.ndarray] = []
        self._at: dict[int, list[int]] = {}  # by place, which parts
        self._found: dict[tuple[int, ...], float] = {}

    def add(self, values: np.ndarray, place: np.ndarray) -> None:
        """Some rows: what they are worth, and where they belong."""
        if not len(place):
            return
        if (place == place[0]).all():
            self._keep(int(place[0]), values)
            return
        if (place[1:] < place[:-1]).any():
            order = np.argsort(place, kind="stable")
            values, place = values[order], place[order]
        changes = (np.flatnonzero(place[1:] != place[:-1]) + 1).tolist()
        for first, last in itertools.pairwise([0, *changes, len(place)]):
            self._keep(int(place[first]), values[first:last])

    def _keep(self, place: int, values: np.ndarray) -> None:
        self._at.setdefault(place, []).append(len(self._parts))
        self._parts.append(values.max(keepdims=True) if self.kpi.kind == "maximum" else values)

    def over(self, places: list[int]) -> float:
        """Taken over all rows of these places; NaN without any. To be asked when all rows are there."""
        which = tuple(part for place in places if place in self._at for part in self._at[place])
        if which not in self._found:  # a window that is all there is, a queue that is the only one
            self._found[which] = self._taken([self._parts[part] for part in which])
        return self._found[which]

    def _taken(self, parts: list[np.ndarray]) -> float:
        if not parts:
            return float("nan")
        if self.kpi.kind == "maximum":
            return float(max(part.max() for part in parts))
        return quantile(parts, self.kpi.quantile)

"""Quantiles and maxima of one replication over any of its windows: values are put in order of their place once."""

from __future__ import annotations

import itertools

import numpy as np

from csim.kpi.catalogue import Kpi
from csim.kpi.sums import between, taken

MANY = 500_000  # values that are worth narrowing down before they are put side by side


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
        if (place[1:] < place[:-1]).any():
            order = np.argsort(place, kind="stable")
            values, place = values[order], place[order]
        changes = (np.flatnonzero(place[1:] != place[:-1]) + 1).tolist()
        for first, last in itertools.pairwise([0, *changes, len(place)] if len(place) else []):
            self._at.setdefault(int(place[first]), []).append(len(self._parts))
            self._parts.append(values[first:last])

    def over(self, places: list[int]) -> float:
        """Taken over all rows of these places; NaN without any. To be asked when all rows are there."""
        which = tuple(part for place in places if place in self._at for part in self._at[place])
        if which not in self._found:  # a window that is all there is, a queue that is the only one
            self._found[which] = self._taken([self._parts[part] for part in which])
        return self._found[which]

    def _taken(self, parts: list[np.ndarray]) -> float:
        if self.kpi.kind == "maximum":
            parts = [part.max(keepdims=True) for part in parts]
        elif sum(map(len, parts)) > MANY:
            return self._narrowed(parts)
        return taken(self.kpi, np.concatenate([np.zeros(0), *parts]))

    def _narrowed(self, parts: list[np.ndarray]) -> float:
        """A quantile of very many values, from those around it: without a second copy of all."""
        count, share = sum(map(len, parts)), self.kpi.quantile
        at = int((count - 1) * share)
        some = np.concatenate([part[::50] for part in parts])
        low, high = np.quantile(some, [max(share - 0.01, 0.0), min(share + 0.01, 1.0)])
        below = sum(int((part < low).sum()) for part in parts)
        around = np.concatenate([part[(part >= low) & (part <= high)] for part in parts])
        if not below <= at < below + len(around) - 1:  # the sample was unlucky
            return taken(self.kpi, np.concatenate(parts))
        return between(around, at - below, (count - 1) * share - at)

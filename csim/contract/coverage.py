"""Which values the rows of a table cover: stretches that no row has, and stretches that two rows have, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from csim.contract.bands import Band, Interval
from csim.display.notes import Note
from csim.kpi.catalogue import Kpi

# A place on the line lies just before a value (0) or just after it (1): [15, 22) runs from (15, 0) to (22, 0).
Place = tuple[Decimal, int]
LOWEST: Place = (Decimal("-Infinity"), 0)
HIGHEST: Place = (Decimal("Infinity"), 0)
ZERO: Place = (Decimal(0), 0)
MAY_EXCEED_ONE = ("attrition", "enquiry_rate", "attendance")  # shares of something that need not contain them


class Stretch(NamedTuple):
    """The values between two places."""

    start: Place
    end: Place

    @property
    def empty(self) -> bool:
        return self.start >= self.end

    @property
    def single(self) -> bool:
        """Whether it is one value alone."""
        return self.start[0] == self.end[0] and not self.empty

    def meet(self, other: Stretch) -> Stretch:
        return Stretch(max(self.start, other.start), min(self.end, other.end))


EVERYTHING = Stretch(LOWEST, HIGHEST)
FROM_ZERO = Stretch(ZERO, HIGHEST)


def up_to(most: Decimal | int) -> Stretch:
    """From 0 to a number, both included."""
    return Stretch(ZERO, (Decimal(most), 1))


def span(interval: Interval) -> Stretch:
    """The stretch of an interval."""
    start = LOWEST if interval.low is None else (interval.low.number, 0 if interval.low_in else 1)
    end = HIGHEST if interval.high is None else (interval.high.number, 1 if interval.high_in else 0)
    return Stretch(start, end)


def possible(kpi: Kpi | None, scale: str | None = None, kind: str = "number") -> Stretch:
    """
    The values that a KPI can have; of an unknown one, those of the kind of its levels.

    Examples:
        >>> from csim.kpi.catalogue import catalogue
        >>> possible(catalogue()["answer_rate"]).end, possible(catalogue()["asa"]).end
        ((Decimal('1'), 1), (Decimal('Infinity'), 0))
    """
    if kpi is None:
        return up_to(1) if kind == "share" else FROM_ZERO
    if kpi.id == "csat_mean":
        return up_to(1) if scale in ("x/5", "(x-1)/4") else Stretch((Decimal(1), 0), (Decimal(5), 1))
    if kpi.unit == "share":
        return FROM_ZERO if kpi.id in MAY_EXCEED_ONE else up_to(1)
    return up_to(100) if kpi.unit == "score" else FROM_ZERO


def gaps(stretches: Sequence[Stretch], whole: Stretch) -> Iterator[Stretch]:
    """
    What no stretch covers.

    Examples:
        >>> from csim.contract.bands import intervals
        >>> rows = [Band(up_to="5 min", score=90), Band(**{"from": "5 min", "up_to": "10 min"}, score=70)]
        >>> [gap.start for gap in gaps([span(i) for i in intervals(rows)], FROM_ZERO)]
        [(Decimal('600'), 1)]
    """
    reached = whole.start
    for stretch in sorted(s for s in stretches if not s.empty):
        if stretch.start > reached:
            yield Stretch(reached, min(stretch.start, whole.end))
        reached = max(reached, stretch.end)
        if reached >= whole.end:
            return
    yield Stretch(reached, whole.end)


def shared(stretches: Sequence[Stretch], whole: Stretch) -> Iterator[tuple[int, int, Stretch]]:
    """The values that two rows have, with the numbers of the rows (from 0)."""
    for (i, one), (j, other) in itertools.combinations(enumerate(stretches), 2):
        both = one.meet(other).meet(whole)
        if not both.empty:
            yield i, j, both


class Names:
    """How the values of a table are written in it, so that a finding speaks of "5 min" and not of 300."""

    def __init__(self, rows: Sequence[Band]) -> None:
        edges = [level for row in rows for level in (row.begins, row.above, row.below, row.up_to) if level is not None]
        self.kind = edges[0].kind if edges else "number"
        self._texts = {level.number: level.text for level in edges}

    def value(self, number: Decimal) -> str:
        """One value."""
        if number in self._texts:
            return self._texts[number]
        plain = f"{(number * 100 if self.kind == 'share' else number).normalize():f}"
        return plain + {"share": "%", "s": " s"}.get(self.kind, "")

    def stretch(self, part: Stretch, whole: Stretch) -> Note:
        """
        A stretch in words.

        Examples:
            >>> names = Names([Band(below="5 min", score=1)])
            >>> names.stretch(Stretch((Decimal(300), 1), HIGHEST), FROM_ZERO).text("en")
            'above 5 min'
            >>> names.stretch(Stretch((Decimal(300), 0), (Decimal(600), 0)), FROM_ZERO).text("en")
            'from 5 min to below 600 s'
        """
        (low, after_low), (high, after_high) = part
        if part.single:
            return Note("lint_stretch_at", {"low": self.value(low)})
        ends, values = [], {}
        if part.start > whole.start:
            ends.append("above" if after_low else "from")
            values["low"] = self.value(low)
        if part.end < whole.end:
            ends.append("up_to" if after_high else "below")
            values["high"] = self.value(high)
        return Note("_".join(["lint_stretch", *(ends or ["any"])]), values)

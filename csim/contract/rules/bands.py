"""Rules about tables and lines: every value must stand in one row, and every row must bring one thing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from csim.contract.bands import Band, Interval, intervals
from csim.contract.coverage import FROM_ZERO, Names, Stretch, gaps, possible, shared, span, up_to
from csim.contract.findings import Found, Rule, Terms, found, listed, outcomes, plain, words
from csim.contract.model import ContractFile
from csim.contract.wording import disagreements
from csim.display.notes import Note
from csim.schema.located import Path

# "90–100" in its usual spellings: hyphen, dashes, minus, tildes, 至, 到, "to"
RANGE = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*分?\s*(?:[-\u2010-\u2015\u2212~\uff5e\u301c\u81f3\u5230]|to)\s*(\d+(?:\.\d+)?)\s*分?\s*"
)
MONEY = {"credit", "bonus", "deduct", "pay"}


@dataclass(frozen=True)
class Table:
    """The bands of a clause, of pay.by_score or of pay.by_points, and the values that can occur."""

    path: Path
    rows: tuple[Band, ...]
    intervals: list[Interval]
    whole: Stretch
    names: Names

    @property
    def stretches(self) -> list[Stretch]:
        return [span(interval) for interval in self.intervals]

    def shown(self, number: int) -> Note:
        """A row by its number and interval."""
        return words("band", number=number + 1, interval=self.intervals[number].shown())


def tables(terms: Terms) -> Iterator[Table]:
    """Every table whose edges can be compared: levels of different kinds are for `wrong_unit`."""
    pay = terms.file.pay
    parts: list[tuple[Path, tuple[Band, ...], Stretch | None]] = [
        (("pay", "by_score"), pay.by_score, up_to(100 + (terms.file.additions.cap if terms.file.additions else 0))),
        (("pay", "by_points"), pay.by_points, up_to(most_points(terms.file)) if most_points(terms.file) else FROM_ZERO),
    ]
    scales = {}
    for path, clause, kpi in terms.clauses():
        parts.append(((*path, "bands"), clause.bands, None))
        scales[(*path, "bands")] = kpi, clause.reading.scale
    for path, rows, whole in parts:
        kinds = {edge.kind for row in rows for edge in (row.begins, row.above, row.below, row.up_to) if edge}
        if rows and len(kinds) <= 1:
            names = Names(rows)
            yield Table(path, rows, intervals(rows), whole or possible(*scales[path], names.kind), names)


def most_points(file: ContractFile) -> Decimal:
    """The most severity points that a month can bring, repetition included."""
    total = Decimal(0)
    for clause in file.kpis.values():
        most = max((row.points for row in clause.bands if row.points is not None), default=Decimal(0))
        total += most * (max(clause.repeat.factor, Decimal(1)) if clause.repeat else 1)
    return total


def band_gap(terms: Terms) -> Iterator[Found]:
    """A value that can occur stands in no band."""
    for table in tables(terms):
        for gap in gaps(table.stretches, table.whole):
            if not gap.empty:
                yield found("band_gap", table.path, at_key=True, where=table.names.stretch(gap, table.whole))


def empty_band(terms: Terms) -> Iterator[Found]:
    """A band holds no value: its edges are the wrong way round, or the rows stand out of order."""
    for table in tables(terms):
        for i, stretch in enumerate(table.stretches):
            if stretch.empty:
                yield found("empty_band", (*table.path, i), band=table.shown(i))


def band_overlap(terms: Terms) -> Iterator[Found]:
    """A stretch of values stands in two bands."""
    for table in tables(terms):
        for i, j, both in shared(table.stretches, table.whole):
            if not both.single:
                where, one, other = table.names.stretch(both, table.whole), table.shown(i), table.shown(j)
                yield found("band_overlap", (*table.path, j), where=where, one=one, other=other)


def boundary_twice(terms: Terms) -> Iterator[Found]:
    """One boundary value stands in two bands."""
    for table in tables(terms):
        for i, j, both in shared(table.stretches, table.whole):
            if both.single:
                value = table.names.value(both.start[0])
                below = table.intervals[j].low is not None and table.intervals[j].low.number == both.start[0]  # type: ignore[union-attr]
                yield found(
                    "boundary_twice", (*table.path, j), value=value, edge="above" if below else "below", number=j + 1,
                    one=table.shown(i), other=table.shown(j),
                )  # fmt: skip


def score_range(terms: Terms) -> Iterator[Found]:
    """A row brings a range of scores, or text, instead of one score."""
    for path, clause, _ in terms.clauses():
        for i, row in enumerate(clause.bands):
            if isinstance(row.score, str):
                ends = RANGE.fullmatch(row.score)
                where = (*path, "bands", i, "score")
                if ends:
                    yield found("score_range", where, score=row.score, low=ends[1], high=ends[2])
                else:
                    yield found("score_text", where, score=row.score)


def score_gap(terms: Terms) -> Iterator[Found]:
    """Ranges of scores leave out some between them."""
    for path, clause, _ in terms.clauses():
        matches = [RANGE.fullmatch(row.score) for row in clause.bands if isinstance(row.score, str)]
        ranges = sorted(sorted((Decimal(m[1]), Decimal(m[2]))) for m in matches if m)
        for (_, high), (low, _) in itertools.pairwise(ranges):
            if high < low:
                yield found("score_gap", (*path, "bands"), at_key=True, low=plain(high), high=plain(low))


def score_bounds(terms: Terms) -> Iterator[Found]:
    """A score lies below 0 or above 100."""
    for path, clause, _ in terms.clauses():
        given = [((*path, "bands", i, "score"), row.score) for i, row in enumerate(clause.bands)]
        given += [((*path, "linear", i, "score"), edge.score) for i, edge in enumerate(clause.linear)]
        if clause.ceiling is not None:
            given.append(((*path, "ceiling", "score"), clause.ceiling.score))
        for where, score in given:
            if isinstance(score, Decimal) and not 0 <= score <= 100:
                yield found("score_bounds", where, score=plain(score))


def mixed_outcomes(terms: Terms) -> Iterator[Found]:
    """The rows of one clause bring different things, or a share of the fee, which belongs to pay.by_score."""
    for path, clause, _ in terms.clauses():
        brought = outcomes(clause)
        if "share_of_fee" in brought:
            yield found("share_in_clause", (*path, "bands"), at_key=True)
        elif len(brought) > 1 and not brought <= MONEY:
            outcome = listed(sorted(brought), " and others ")
            yield found("mixed_outcomes", (*path, "bands"), at_key=True, outcomes=outcome)


def point_twice(terms: Terms) -> Iterator[Found]:
    """A line has two points at one value."""
    for path, clause, _ in terms.clauses():
        seen: dict[Decimal, str] = {}
        for i, edge in enumerate(clause.linear):
            if edge.at.number in seen:
                yield found("point_twice", (*path, "linear", i), value=edge.at.text)
            seen[edge.at.number] = edge.at.text


def wording(terms: Terms) -> Iterator[Found]:
    """A phrase and the edge beside it say different things of the number itself (Civil Code art. 1259)."""
    for table in tables(terms):
        for i, (row, interval) in enumerate(zip(table.rows, table.intervals, strict=True)):
            for claim, what in disagreements(row.wording or "", interval):
                keys = {"low": ("above", "from"), "high": ("below", "up_to")}[claim.side]
                yield Found(what, words("wording_instead", edge=keys[claim.included]), (*table.path, i, "wording"))


ERRORS: tuple[Rule, ...] = (
    band_gap, empty_band, band_overlap, boundary_twice, score_range, score_gap, score_bounds, mixed_outcomes,
    point_twice, wording,
)  # fmt: skip

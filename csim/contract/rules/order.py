"""Whether better service is ever paid less: rows, lines, units, tables and conditions held against the direction."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from csim.contract.bands import Band, intervals
from csim.contract.coverage import span
from csim.contract.findings import Found, Rule, Terms, found, words
from csim.contract.model import KpiClause
from csim.contract.pay import Pay
from csim.display.notes import Note
from csim.expressions import expression
from csim.kpi.catalogue import Kpi
from csim.schema.located import Path

WORTH = {"score": 1, "bonus": 1, "pay": 1, "share_of_fee": 1, "points": -1, "credit": -1, "deduct": -1}
SAME = {"score": "score", "points": "points", "share_of_fee": "fee", "credit": "fee", "bonus": "fee",
        "deduct": "money", "pay": "money"}  # fmt: skip
GOOD = ("bonus", "promotion")
BAD = ("deduction", "demotion", "elimination", "termination_right")


def not_monotone(terms: Terms) -> Iterator[Found]:
    """Better service is paid less somewhere."""
    for path, clause, kpi in terms.clauses():
        if kpi is not None and kpi.better in ("up", "down"):
            yield from _of_clause(path, clause, kpi, terms)
    pay = terms.file.pay
    yield from _of_rows(("pay", "by_score"), pay.by_score, "up", words("the_score"))
    yield from _of_rows(("pay", "by_points"), pay.by_points, "down", words("the_total_of_points"))
    yield from _of_streaks(pay)


def _of_clause(path: Path, clause: KpiClause, kpi: Kpi, terms: Terms) -> Iterator[Found]:
    better = str(kpi.better)
    yield from _of_rows((*path, "bands"), clause.bands, better, {"en": kpi.id, "zh": f"{kpi.id} "})
    line = sorted(clause.linear, key=lambda edge: edge.at.number, reverse=better == "down")
    for worse, edge in itertools.pairwise(line):
        if edge.score < worse.score:
            where = (*path, "linear", clause.linear.index(edge))
            yield found("line_falls", where, kpi=kpi.id, better=edge.at.text, worse=worse.at.text)
    if clause.per_unit is not None and better == "up" and clause.per_unit.rate:
        yield found("pays_for_worse", (*path, "per_unit"), kpi=kpi.id)
    if clause.ceiling is not None:
        other = terms.found_kpi(clause.ceiling.measure, clause.ceiling.reading)
        if other is not None and other.better == "down":
            yield found("ceiling_of_low", (*path, "ceiling", "measure"), kpi=other.id)


def _of_rows(path: Path, rows: Sequence[Band], better: str, name: Note | Mapping[str, str]) -> Iterator[Found]:
    """Rows from worst to best: what they bring must not fall."""
    for i, j in falling(rows, better):
        here, there = (intervals(rows)[k].shown() for k in (j, i))
        yield found("rows_fall", (*path, j), name=name, here=here, there=there)


def falling(rows: Sequence[Band], better: str) -> Iterator[tuple[int, int]]:
    """
    Neighbouring rows of which the second is for better service and brings less.

    Examples:
        >>> list(falling([Band(**{"from": "80%"}, credit="5%"), Band(credit="2%")], "up"))
        [(1, 0)]
    """
    ordered = sorted(
        ((span(interval), i) for i, interval in enumerate(intervals(rows)) if not span(interval).empty),
        reverse=better == "down",
    )
    for (_, i), (_, j) in itertools.pairwise(ordered):
        worse, row = worth(rows[i]), worth(rows[j])
        if worse is not None and row is not None and worse[0] == row[0] and row[1] < worse[1]:
            yield i, j


def worth(row: Band) -> tuple[str, Decimal] | None:
    """What a row is worth to the vendor, and in which currency: score, points, share of the fee, money."""
    if isinstance(row.amount, str):
        return None
    return SAME[row.outcome], WORTH[row.outcome] * row.amount


def _of_streaks(pay: Pay) -> Iterator[Found]:
    """A condition over one thing alone must turn true on the side that its consequence belongs to."""
    for i, streak in enumerate(pay.streaks):
        condition = expression(streak.when)
        wanted = 1 if streak.then in GOOD else -1 if streak.then in BAD else 0
        if len(condition.names) != 1 or not wanted:
            continue
        [name] = condition.names
        direction = 1 if name.startswith("score") else -1
        truths = [bool(condition({name: number / 2}, 1)[0]) for number in range(250)]
        rises = any(later > sooner for sooner, later in itertools.pairwise(truths))
        falls = any(later < sooner for sooner, later in itertools.pairwise(truths))
        if falls if wanted * direction > 0 else rises:
            values = {"name": name, "condition": streak.when, "then": words(f"then_{streak.then}")}
            what = words(f"streak_reversed_{'higher' if direction > 0 else 'lower'}", **values)
            yield Found(what, words("streak_reversed_instead"), ("pay", "streaks", i, "when"))


WARNINGS: tuple[Rule, ...] = (not_monotone,)

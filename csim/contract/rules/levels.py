"""Rules about levels: their unit, what a measure can be, and whether they stand in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from csim.contract.coverage import Stretch, possible
from csim.contract.findings import Found, Placed, Rule, Terms, edges, found, levels, words
from csim.contract.model import KpiClause, Reading
from csim.display.notes import Note
from csim.kpi.catalogue import Kpi
from csim.schema.exact import Level
from csim.schema.located import Path

KINDS = {"share": "share", "s": "s"}
UNITS = {"share": "share", "s": "time", "number": "number"}
DATED = "[{from: …, value: …}, …]"


def kind_of(kpi: Kpi, scale: str | None) -> str:
    """The kind of level that a KPI is held against: share, s or number."""
    if kpi.id == "csat_mean" and scale in ("x/5", "(x-1)/4"):
        return "share"
    return KINDS.get(kpi.unit, "number")


def wrong_unit(terms: Terms) -> Iterator[Found]:
    """A level whose unit is not the measure's."""
    for path, clause, kpi in terms.clauses():
        if kpi is not None:
            kind = kind_of(kpi, clause.reading.scale)
            placed = list(levels(path, clause))
            if clause.value_rounding is not None:
                placed.append(Placed((*path, "value_rounding", "to"), clause.value_rounding.to))
            yield from (_unit(where, level, kpi.id, kind) for where, level in placed if level.kind != kind)
            if clause.ratchet is not None and kind != "share":
                yield found("ratchet_unit", (*path, "ratchet"), kpi=kpi.id, dated=DATED)
        if (held := clause.ceiling) is not None and (other := terms.found_kpi(held.measure, held.reading)) is not None:
            kind = kind_of(other, held.reading.scale)
            if held.below.kind != kind:
                yield _unit((*path, "ceiling", "below"), held.below, other.id, kind)
    for where, level, kpi in _of_items(terms):
        if level.kind != kind_of(kpi, None):
            yield _unit(where, level, kpi.id, kind_of(kpi, None))
    for name, what in (("by_score", "a_score"), ("by_points", "a_total_of_points")):
        for where, level in edges(("pay", name), getattr(terms.file.pay, name)):
            if level.kind != "number":
                yield _unit(where, level, words(what), "number")


def _of_items(terms: Terms) -> Iterator[tuple[Path, Level, Kpi]]:
    """The levels beyond which an item counts."""
    for path, item in terms.items():
        kpi = terms.found_kpi(item.of, Reading()) if item.of is not None else None
        for name in ("below", "above"):
            level = getattr(item, name)
            if kpi is not None and level is not None:
                yield (*path, name), level, kpi


def _unit(path: Path, level: Level, name: Note | str, kind: str) -> Found:
    digits = re.match(r"-?[\d.]+", level.text)
    bare = digits[0] if digits else f"{level.number:f}"
    if kind == "share" and level.kind == "number" and 0 < level.number < 1:
        bare = f"{(level.number * 100).normalize():f}"
    key = f"{'is_a' if isinstance(name, Note) else 'measured_as'}_{UNITS[kind]}"
    return found(key, path, name=name, level=level.text, write=words(f"write_{UNITS[kind]}", number=bare))


def level_beyond(terms: Terms) -> Iterator[Found]:
    """A level that no value of the measure can have."""
    for path, clause, kpi in terms.clauses():
        if kpi is None:
            continue
        whole = possible(kpi, clause.reading.scale)
        for where, level in levels(path, clause):
            if level.kind == kind_of(kpi, clause.reading.scale) and _outside(level.number, whole):
                high = whole.end[0]
                ends = {"least": f"{whole.start[0]}{'%' if level.kind == 'share' else ''}"}
                if high != Decimal("Infinity"):
                    ends["most"] = "100%" if level.kind == "share" else str(high)
                write = words("level_between" if "most" in ends else "level_beyond_instead", **ends)
                yield found("level_beyond", where, kpi=kpi.id, level=level.text, write=write)


def _outside(number: Decimal, whole: Stretch) -> bool:
    return (number, 1) <= whole.start or (number, 0) >= whole.end


def levels_reversed(terms: Terms) -> Iterator[Found]:
    """The minimum is stricter than what is expected."""
    for path, clause, kpi in terms.clauses():
        expected, minimum = clause.expected, clause.minimum
        if kpi is None or expected is None or minimum is None or expected.kind != minimum.kind:
            continue
        if minimum.number != expected.number and kpi.better in ("up", "down"):
            stricter = (minimum.number > expected.number) == (kpi.better == "up")
            if stricter:
                where = (*path, "minimum")
                yield found("levels_reversed", where, minimum=minimum.text, expected=expected.text)


def no_better_side(terms: Terms) -> Iterator[Found]:
    """A level is promised of a measure that has no better side: nothing says on which side it is missed."""
    for path, clause, kpi in terms.clauses():
        if kpi is None or kpi.better in ("up", "down"):
            continue
        for name in ("expected", "minimum", "shortfall"):
            if getattr(clause, name) is not None:
                yield found("no_better_side", (*path, name), at_key=True, kpi=kpi.id)


def ratchet_idle(terms: Terms) -> Iterator[Found]:
    """A ratchet that never raises anything, or that makes the promise softer."""
    for path, clause, kpi in terms.clauses():
        if clause.ratchet is None or kpi is None:
            continue
        what = _idle_ratchet(clause, kpi)
        if what is not None:
            yield Found(what, words("ratchet_idle_instead", dated=DATED), (*path, "ratchet"))


def _idle_ratchet(clause: KpiClause, kpi: Kpi) -> Note | None:
    level = clause.expected or clause.minimum
    end = clause.ratchet.up_to if clause.ratchet else None
    if level is None or end is None:
        return words("ratchet_alone")
    if kpi.better == "down":
        return words("ratchet_softer", kpi=kpi.id)
    if end.kind == level.kind and end.number <= level.number:
        return words("ratchet_idle", end=end.text, level=level.text)
    return None


def rounding_step(terms: Terms) -> Iterator[Found]:
    """A value is rounded to a step of nothing."""
    for path, clause, _ in terms.clauses():
        if clause.value_rounding is not None and clause.value_rounding.to.number <= 0:
            where, text = (*path, "value_rounding", "to"), clause.value_rounding.to.text
            yield found("rounding_step", where, step=text, example="{to: 0.01%, mode: half_up}")


ERRORS: tuple[Rule, ...] = (wrong_unit, level_beyond, levels_reversed, no_better_side, ratchet_idle, rounding_step)

"""Warnings about a contract that can be settled, and yet may not do what it was written for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from csim.contract.bands import Band, intervals
from csim.contract.coverage import span
from csim.contract.findings import Found, Rule, Terms, found, levels, moves_money, outcomes, plain, share, words
from csim.contract.model import KpiClause, Scope
from csim.contract.rules.levels import KINDS
from csim.contract.rules.measures import needs_reading
from csim.contract.rules.order import worth
from csim.contract.rules.pay import weights_of
from csim.expressions import expression
from csim.kpi.catalogue import Kpi
from csim.schema.located import Path

if TYPE_CHECKING:
    from csim.display.notes import Note
    from csim.kpi.levels import Conflict, Level

CLIFF = Decimal(40)  # points of a score, or percentage points of the fee
OVER_HARM = Decimal("1.3")  # the usual line of Chinese courts: 30 % above the loss
ALONE = {
    "aht": "handle_time", "session_time": "session_time", "focus_time": "focus_time",
    "contacts_per_hour": "volume", "contacts_per_day": "volume", "customers_served": "volume",
    "tickets_closed": "volume", "conversion": "sales", "order_value": "sales", "message_ratio": "message_ratio",
}  # fmt: skip
QUALITY = {
    "fcr", "resolution_rate", "csat_mean", "csat_top_box", "csat_bad_rate", "qa_pass_rate", "qa_score",
    "complaint_closure", "transfer_rate",
}  # fmt: skip
WHOLE_FEE = {"credit", "bonus", "share_of_fee"}


def cliff(terms: Terms) -> Iterator[Found]:
    """One value decides over 40 points of a score, or 40 % of the fee, at once."""
    pay = terms.file.pay
    tables: list[tuple[Path, tuple[Band, ...]]] = [(("pay", "by_score"), pay.by_score),
                                                   (("pay", "by_points"), pay.by_points)]  # fmt: skip
    tables += [((*path, "bands"), clause.bands) for path, clause, _ in terms.clauses()]
    for path, rows in tables:
        ordered = sorted((span(interval), i) for i, interval in enumerate(intervals(rows)))
        for (below, i), (above, j) in itertools.pairwise(ordered):
            step = _step(rows[i], rows[j])
            if below.end == above.start and step is not None and step >= CLIFF:
                edge = next((e.text for e in (rows[j].begins, rows[j].above, rows[i].below, rows[i].up_to,
                                              intervals(rows)[j].low) if e is not None), "")  # fmt: skip
                jump = words("step_score" if rows[i].outcome == "score" else "step_fee", step=plain(step))
                outcome = words(f"outcome_{rows[i].outcome}")
                yield found("cliff", (*path, max(i, j)), edge=edge, outcome=outcome, step=jump)


def _step(one: Band, other: Band) -> Decimal | None:
    """How far two rows lie apart, in points or percentage points; None where they cannot be compared."""
    if one.outcome != other.outcome or isinstance(one.amount, str) or isinstance(other.amount, str):
        return None
    gap = abs(one.amount - other.amount)
    return gap if one.outcome == "score" else gap * 100 if one.outcome in WHOLE_FEE else None


def thin_sample(terms: Terms) -> Iterator[Found]:
    """A threshold is finer than one contact of the smallest sample that is judged."""
    for path, clause, kpi in terms.clauses():
        if kpi is None or kpi.unit != "share" or not clause.minimum_sample:
            continue
        texts = {level.number: level.text for _, level in levels(path, clause) if level.kind == "share"}
        inside = sorted({Decimal(0), Decimal(1), *(number for number in texts if 0 <= number <= 1)})
        gap, low, high = min((b - a, a, b) for a, b in itertools.pairwise(inside))
        if gap * clause.minimum_sample < 1:
            one = share((Decimal(1) / clause.minimum_sample).quantize(Decimal("0.00001")))
            level = texts.get(high if high < 1 else low) or share(high if high < 1 else low)
            where, sample = (*path, "minimum_sample"), clause.minimum_sample
            yield found("thin_sample", where, level=level, sample=sample, one=one, needed=math.ceil(1 / gap))


def scored_alone(terms: Terms) -> Iterator[Found]:
    """Speed, volume or sales are paid for and nothing says how well the work is done."""
    file = terms.file
    judged = [(path, kpi) for path, c, kpi in terms.clauses() if kpi is not None and (c.weight or moves_money(c))]
    guarded = any(kpi.id in QUALITY or kpi.own for _, kpi in judged) or bool(file.checklists)
    for path, kpi in judged:
        if kpi.id in ALONE and not guarded:
            yield found("scored_alone", (*path, "measure"), kpi=kpi.id, what=words(f"alone_{ALONE[kpi.id]}"))


def penalty_above_harm(terms: Terms) -> Iterator[Found]:
    """A penalty for each event lies far above the harm that the buyer states."""
    private = terms.file.private
    for path, clause, kpi in terms.clauses():
        if private is None or clause.per_unit is None or kpi is None:
            continue
        name = _harm_of(kpi)
        harm = private.harm(name) if name else None
        if harm is not None and clause.per_unit.rate > OVER_HARM * harm:
            rate = clause.per_unit.rate
            times = plain((rate / harm).quantize(Decimal("0.1"))) if harm else ""
            what = words("penalty_times_harm" if harm else "penalty_above_harm", rate=plain(rate), harm=plain(harm),
                         times=times)  # fmt: skip
            write = words("penalty_above_harm_instead", most=plain(OVER_HARM * harm))
            yield Found(what, write, (*path, "per_unit", "rate"))


def _harm_of(kpi: Kpi) -> str | None:
    """Which harm an event of the KPI's numerator does."""
    names = expression(kpi.numerator).names if kpi.numerator else frozenset()
    if names & {"wait", "wait_s"}:
        return "harm_per_waiting_second" if "*" in str(kpi.numerator) else "harm_per_late_answer"
    if "abandoned" in names:
        return "harm_per_abandon"
    return "harm_per_late_answer" if names & {"in_time", "within"} and kpi.better == "down" else None


# -- the feasibility audit -----------------------------------------------------------------------------------


def targets_collide(terms: Terms) -> Iterator[Found]:
    """Promised levels that cannot be reached together, or only if something else gives way (csim.kpi.feasibility)."""
    from csim.kpi.feasibility import Facts, audit

    scopes: dict[Scope, dict[str, tuple[Path, Level]]] = {}
    within: dict[Scope, set[float]] = {}
    for path, clause, kpi in terms.clauses():
        promised = _promised(clause, kpi) if kpi is not None and not kpi.own else None
        if kpi is not None and promised is not None:
            scopes.setdefault(clause.scope, {}).setdefault(kpi.id, ((*path, promised[0]), promised[1]))
            within.setdefault(clause.scope, set()).update({clause.reading.within} - {None})  # type: ignore[arg-type]
    for scope, held in scopes.items():
        facts = Facts(within_s=next(iter(within[scope])) if len(within[scope]) == 1 else None)
        for conflict in audit({kpi: level for kpi, (_, level) in held.items()}, facts=facts):
            where = next(held[kpi][0] for kpi in conflict.kpis if kpi in held)
            yield Found(*in_both(conflict), where)


def in_both(conflict: Conflict) -> tuple[Note, Note]:
    """A conflict of the audit as the linter says it: what collides, and what to write instead."""
    from csim.kpi.feasibility import said

    (what, write), (collides, instead) = said(conflict), said(conflict, "zh")
    write = write.removeprefix("Write ").removesuffix(".")
    return (
        words("as_said", text={"en": what.removesuffix("."), "zh": collides.removesuffix("。")}),
        words("as_said", text={"en": write, "zh": instead.removesuffix("。")}),
    )


def _promised(clause: KpiClause, kpi: Kpi) -> tuple[str, Level] | None:
    """The level that a clause promises; of a measure without a better side, the band that brings most."""
    from csim.kpi.feasibility import Level

    level, kind = clause.expected or clause.minimum, KINDS.get(kpi.unit, "number")
    side = {"up": "at_least", "down": "at_most"}.get(str(kpi.better), "value")
    if level is not None:
        key = "expected" if clause.expected else "minimum"
        return (key, Level(**{side: float(level.number)})) if level.kind == kind and level.number >= 0 else None
    ranked = [(worth(row), interval) for row, interval in zip(clause.bands, intervals(clause.bands), strict=True)]
    if side != "value" or len({known[0] for known, _ in ranked if known}) != 1 or not all(known for known, _ in ranked):
        return None
    most = max(known[1] for known, _ in ranked if known)
    best = [interval for known, interval in ranked if known and known[1] == most]
    ends = [None if edge is None else float(edge.number) for edge in (best[0].low, best[0].high)]
    kinds = {edge.kind for edge in (best[0].low, best[0].high) if edge is not None}
    sound = len(best) == 1 and kinds == {kind} and all(end is None or end >= 0 for end in ends)
    if not sound or (None not in ends and ends[0] > ends[1]):  # type: ignore[operator]
        return None
    return "bands", Level(at_least=ends[0], at_most=ends[1])


# -- terms that do nothing -------------------------------------------------------------------------------------


def idle_term(terms: Terms) -> Iterator[Found]:
    """A term stands there and changes nothing."""
    pay = terms.file.pay
    if pay.at_risk is not None and all(clause.allocation is None for _, clause, _ in terms.clauses()):
        yield found("idle_at_risk", ("pay", "at_risk"))
    named = {name for streak in pay.streaks for name in expression(streak.when).names}
    used = pay.by_score or terms.file.league or terms.file.bonus_pool or any("score" in name for name in named)
    if weights_of(terms.file) and not used:
        yield found("idle_score", ("pay",), at_key=True)
    for path, clause, kpi in terms.clauses():
        yield from (found(f"idle_{key}", (*path, key)) for key in _idle(clause))
        if "score" in outcomes(clause) and clause.weight is None and f"score_{path[1]}" not in named:
            yield found("idle_weight", (*path, "clause"), at_key=True)
        if kpi is not None and not kpi.own:
            base = terms.catalogue.find(clause.measure).id
            for name in clause.reading.given():
                if name not in needs_reading(kpi) | needs_reading(terms.catalogue[base]):
                    yield found("idle_reading", (*path, "reading", name), kpi=base, name=name)


def _idle(clause: KpiClause) -> Iterator[str]:
    """Parts of a clause that another part would have to be there for."""
    brought = outcomes(clause)
    if clause.repeat is not None and "points" not in brought:
        yield "repeat"
    if clause.ceiling is not None and "score" not in brought:
        yield "ceiling"


WARNINGS: tuple[Rule, ...] = (
    cliff, thin_sample, scored_alone, penalty_above_harm, targets_collide, idle_term,
)  # fmt: skip

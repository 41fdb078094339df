"""One month of one vendor: every clause judged, every fee counted, and the payment made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from csim.contract.load import Contract
from csim.contract.model import Checklist, ContractFile, Exclusion, Item
from csim.errors import InputError, Mistake
from csim.settlement.checklist import judged_checklist
from csim.settlement.facts import Fact, Facts, Incident, exact
from csim.settlement.fees import fee_line
from csim.settlement.judge import Judge
from csim.settlement.judged import NONE, Judged, Reason
from csim.settlement.ledger import Entry
from csim.settlement.payment import Payment, months_in, payment
from csim.settlement.steps import Ladder, Line


@dataclass(frozen=True)
class Terms:
    """One version of a contract made ready to judge months."""

    contract: Contract
    file: ContractFile
    judges: tuple[Judge, ...]
    ladder: Ladder

    @classmethod
    def of(cls, contract: Contract, month: str) -> Terms:
        """The terms as they hold in a month."""
        file = contract.at(month)
        judges = tuple(
            Judge.of(name, clause, contract.kpi_of(clause.measure, clause.reading))
            for name, clause in file.kpis.items()
        )
        return cls(contract, file, judges, Ladder.of(file.pay))


def settled(
    terms: Terms, facts: Facts, month: str, vendor: str, history: Sequence[Entry], incidents: Sequence[Incident] = (),
    kept: Collection[str] = (),
) -> tuple[Payment, tuple[list[Line], list[Judged], Judged | None]]:  # fmt: skip
    """The payment of a month, and what it was made from; the clauses in *kept* are not judged but taken as kept."""
    fees = [
        fee_line(terms.contract, terms.ladder, number, price, facts, month, vendor)
        for number, price in enumerate(terms.file.pricing)
    ]
    judged = [
        judge.kept(judge(None)) if judge.id in kept
        else _judged(terms, judge, facts, month, vendor, history, incidents)
        for judge in terms.judges
    ]  # fmt: skip
    judged += [_checklist(terms, name, checklist, facts) for name, checklist in terms.file.checklists.items()]
    added = _additions(terms.file, facts)
    paid = payment(terms.file, terms.ladder, month, fees, judged, added, history, terms.contract.hash)
    return paid, (fees, judged, added)


def bounds_of(
    terms: Terms, month: str, paid: Payment, made_from: tuple, history: Sequence[Entry]
) -> tuple[Payment, Payment] | None:
    """The payment if every clause of too thin evidence were at its worst, and at its best; None without such."""
    fees, judged, added = made_from
    thin = {j.id for j in judged if j.status == "insufficient"}
    if not thin:
        return None
    judges = {judge.id: judge for judge in terms.judges}

    def at(best: bool) -> Payment:
        chosen = []
        for j in judged:
            judge = judges.get(j.id)
            if j.id in thin and judge is not None:
                j = judge.best(j) if best else replace(judge.worst(j), status="judged")
            chosen.append(j)
        return payment(terms.file, terms.ladder, month, fees, chosen, added, history)

    low, high = at(False), at(True)
    return low, high


def refuse_unknown(terms: Terms, facts: Facts, source: str) -> None:
    """
    Refuses what a log or a simulation cannot give at all, unless somebody supplied it or said that it is not known.

    A clause whose data are missing in one month is another thing: for that the contract has a rule.
    """
    mistakes = []
    for judge in terms.judges:
        if not facts.names((judge.id, judge.kpi, judge.clause.measure)):
            what = f"{source} does not give {judge.kpi}: supply it in --kpis (an empty value says that it is not known)"
            mistakes.append(terms.contract.mistake(what, ("kpis", judge.id, "measure")))
    if mistakes:
        raise InputError(mistakes)


# -- one clause -------------------------------------------------------------------------------------


def _judged(
    terms: Terms, judge: Judge, facts: Facts, month: str, vendor: str, history: Sequence[Entry],
    incidents: Sequence[Incident],
) -> Judged:  # fmt: skip
    clause = judge.clause
    names = (judge.id, judge.kpi, clause.measure)
    without, relieved = _excluded(terms, clause.exclusions, facts, names, month, vendor, incidents)
    fact = facts.fact(names, clause.scope.queue, without)
    if fact is not None and without and not fact.denominator:
        relieved = relieved or next(iter(without.values()))  # no day is left: that is relief, not missing data
    if fact is not None:
        fact = on_scale(fact, clause.reading.scale)
    if fact is not None and without:
        fact = replace(fact, excluded=", ".join(f"{day} {why}" for day, why in sorted(without.items())))
    other = response = None
    if clause.ceiling is not None:
        held = clause.ceiling
        kpi = terms.contract.kpi_of(held.measure, held.reading)
        other = facts.fact([f"{judge.id}.ceiling", kpi.id], clause.scope.queue)
    if clause.response_gate is not None:
        response = facts.fact([f"{judge.id}.response", "survey_response"], clause.scope.queue)
    steps = months_in(terms.file, month) // clause.ratchet.months if clause.ratchet else 0
    repeated = bool(history) and judge.id in history[-1].breached
    return judge(fact, steps=steps, repeated=repeated, ceiling=other, response=response, relieved=relieved)


def on_scale(fact: Fact, scale: str | None) -> Fact:
    """
    A mean score as the share that the contract's scale makes of it; a supplied value up to 1 is such a share already.

    Examples:
        >>> five = Fact(Decimal(488), Decimal(100))
        >>> str(on_scale(five, "x/5").value), str(on_scale(five, "(x-1)/4").value)
        ('0.976', '0.97')
    """
    if scale not in ("x/5", "(x-1)/4") or (fact.supplied and (fact.value or NONE) <= 1):
        return fact
    if scale == "x/5":
        return replace(fact, numerator=fact.numerator / 5, daily=tuple((n / 5, d) for n, d in fact.daily))
    daily = tuple(((n - d) / 4, d) for n, d in fact.daily)
    return replace(fact, numerator=(fact.numerator - fact.denominator) / 4, daily=daily)


def _excluded(
    terms: Terms, exclusions: Sequence[Exclusion], facts: Facts, names: Sequence[str], month: str, vendor: str,
    incidents: Sequence[Incident],
) -> tuple[dict[str, str], str]:  # fmt: skip
    """The dates that do not count for a clause, each with its reason; and why the whole month does not, if so."""
    dates: dict[str, str] = {}
    for rule in exclusions:
        why = f"{rule.what} {rule.clause}"
        if rule.what != "volume_above_forecast":
            happened = [i for i in incidents if i.what == rule.what]
            if happened and not any(row["date"] for row in facts.rows(names, None)):
                what = f"{rule.what} in {month}, but the facts are not by day: give a log, or rows with a date"
                raise InputError([Mistake(what, "--incidents")])
            dates |= {f"{day}": why for i in happened for day in _days(i.begins, i.ends)}
        elif rule.by == "day":
            dates |= dict.fromkeys(relieved_days(terms.contract, rule, facts, vendor), why)
        elif relieved_month(terms.contract, rule, facts, month, vendor):
            return dates, why
    if not dates:
        return dates, ""
    first, last = terms.contract.span(month)
    return {day: why for day, why in dates.items() if f"{first}" <= day <= f"{last}"}, ""


def _days(begins: dt.date, ends: dt.date) -> Iterable[dt.date]:
    return (begins + dt.timedelta(days=i) for i in range((ends - begins).days + 1))


def relieved_days(contract: Contract, rule: Exclusion, facts: Facts, vendor: str) -> set[str]:
    """The dates whose volume exceeds what was announced for them by more than the rule allows."""
    part, limit = contract.part_of(vendor), 1 + (rule.over or NONE)
    announced = {f"{day}": count * part for day, count in contract.days.items()}
    return {day for day, count in facts.volumes().items() if day in announced and count > announced[day] * limit}


def relieved_month(contract: Contract, rule: Exclusion, facts: Facts, month: str, vendor: str) -> bool:
    """Whether the volume of the month exceeds what was announced by more than the rule allows."""
    announced, found = contract.announced(month, vendor), facts.volume()
    return announced is not None and found is not None and found > announced * (1 + (rule.over or NONE))


def _checklist(terms: Terms, name: str, checklist: Checklist, facts: Facts) -> Judged:
    counts = {}
    for item in checklist.items:
        counted = facts.fact([f"{name}.{item.item}"])
        if counted is not None:
            counts[item.item] = counted.numerator
        elif item.of is not None:
            times = _times_beyond(terms.contract, item, facts)
            counts |= {} if times is None else {item.item: times}
    return judged_checklist(name, checklist, counts)


def _times_beyond(contract: Contract, item: Item, facts: Facts) -> Decimal | None:
    """In how many days (or whether in the month) a measure lay beyond an item's level."""
    kpi = contract.catalogue.find(str(item.of)).id
    rows = [row for row in facts.rows([kpi], None) if row["date"]] if item.per == "day" else []
    values = [exact(row["numerator"]) / exact(row["denominator"]) for row in rows if row["denominator"]]
    if item.per != "day":
        fact = facts.fact([kpi])
        values = [fact.value] if fact is not None and fact.value is not None else []
    if not values:
        return None
    level = item.below or item.above
    assert level is not None
    beyond = [value < level.number if item.below else value > level.number for value in values]
    return Decimal(sum(beyond))


def _additions(file: ContractFile, facts: Facts) -> Judged | None:
    """Additional points, up to their cap."""
    rule = file.additions
    if rule is None:
        return None
    total, why = NONE, []
    for item in rule.items:
        fact = facts.fact([f"additions.{item.item}"])
        if fact is None or not fact.numerator:
            continue
        points = fact.numerator * item.each
        points = points if item.most is None else min(points, item.most)
        total += points
        why.append(Reason("why_added", {"item": item.name or item.item, "count": fact.numerator, "points": points}))
    if total > rule.cap:
        total = rule.cap
        why.append(Reason("why_added_cap", {"cap": rule.cap}))
    return Judged("additions", rule.clause, "", "judged", score=total, why=tuple(why))

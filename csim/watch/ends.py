"""Every way the month may end, settled: the days so far as they are, the days to come as they were drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from csim.contract.load import months_of
from csim.settlement.facts import ALL, Facts, Incident
from csim.settlement.judged import FULL, NONE, Judged
from csim.settlement.ledger import Entry
from csim.settlement.month import Terms, settled
from csim.settlement.payment import Payment, payment
from csim.settlement.statement import summed_up
from csim.watch.futures import Future
from csim.watch.so_far import SoFar, queues_of

SUMS = ("fee", "deduction", "bonus", "net")
PARTS = ("value", "missed", "penalty", "earned", "money")


@dataclass(frozen=True)
class End:
    """One month, settled: its sums, and by clause what it came to (`Judged`) and the money it moves before caps."""

    paid: Payment
    sums: Mapping[str, Any]
    judged: Mapping[str, Judged]
    money: Mapping[str, Decimal]


@dataclass(frozen=True)
class Ends:
    """
    Arrays over all draws.

    Attributes:
        sums: fee, deduction, bonus and net, without tax. clauses: By clause its value, whether it was missed, whether
            it was penalised or earned a bonus, and its money before caps.
        kept: The clauses that nothing is known of: taken as kept.
    """

    sums: Mapping[str, np.ndarray] = field(repr=False)
    clauses: Mapping[str, Mapping[str, np.ndarray]] = field(repr=False)
    kept: frozenset[str] = frozenset()

    @property
    def draws(self) -> int:
        return len(self.sums["net"])


class Settling:
    """
    Settles draws of one month with `csim.settlement`, exactly as its statement will.

    Args:
        history: The months before, from the ledger. incidents: Days that do not count.
    """

    def __init__(self, so_far: SoFar, history: Sequence[Entry] = (), incidents: Sequence[Incident] = ()) -> None:
        self.so_far, self.history, self.incidents = so_far, history, incidents
        self.terms, self.month = so_far.terms, months_of(so_far.month)[0]
        self.by_day = bool(incidents) or _looks_at_days(so_far.terms)
        self.queues = queues_of(so_far.terms)

    def now(self, kept: frozenset[str]) -> End:
        """The month as if it ended now."""
        return self._end(self.so_far.facts(), kept)

    def unknown(self, future: Future) -> frozenset[str]:
        """The clauses that neither the days so far, nor those to come, nor anything supplied says anything of."""
        facts, found = self.so_far.facts(), set()
        for judge in self.terms.judges:
            fact = facts.fact((judge.id, judge.kpi, judge.clause.measure), judge.clause.scope.queue)
            if judge.id not in future.counts and (fact is None or not fact.denominator):
                found.add(judge.id)
        return frozenset(found)

    def ends(self, future: Future) -> Ends:
        """Every draw, settled."""
        kept = self.unknown(future)
        known = self._rows_so_far()
        each = []
        for draw in range(future.draws):
            facts = Facts([*known, *self._rows_to_come(future, draw)])
            each.append(self._end(self.so_far.joined(facts), kept))
        sums = {name: np.array([float(end.sums[name]) for end in each]) for name in SUMS}
        clauses = {judge.id: _arrays(judge.id, each, self.terms) for judge in self.terms.judges}
        return Ends(sums, clauses, kept)

    def certain(self, now: End, kept: frozenset[str]) -> Ends:
        """A month that is over ends in one way."""
        sums = {name: np.array([float(now.sums[name])]) for name in SUMS}
        return Ends(sums, {judge.id: _arrays(judge.id, [now], self.terms) for judge in self.terms.judges}, kept)

    def _end(self, facts: Facts, kept: frozenset[str]) -> End:
        so_far = self.so_far
        paid, (fees, judged, added) = settled(
            self.terms, facts, so_far.month, so_far.vendor, self.history, self.incidents, kept
        )
        money = {}
        for judge in self.terms.judges:
            mine = next(each for each in judged if each.id == judge.id)
            own = sum((line.money for line in paid.lines if line.kind == "kpi" and line.id == judge.id), NONE)
            if judge.id not in kept and _through_totals(self.terms, mine):
                others = [judge.kept(each) if each is mine else each for each in judged]
                best = payment(self.terms.file, self.terms.ladder, so_far.month, fees, others, added, self.history)
                own += _totals(paid) - _totals(best)
            money[judge.id] = own
        return End(paid, summed_up(self.terms.file, paid), {each.id: each for each in judged}, money)

    # -- rows of facts -----------------------------------------------------------------------------

    def _rows_so_far(self) -> list[dict[str, Any]]:
        records = self.so_far.table.to_dict("records")
        if self.by_day:
            return [self._row(r["kpi"], r["date"], (r["numerator"], r["denominator"], r["sample"])) for r in records]
        sums: dict[str, np.ndarray] = {}
        for r in records:
            sums[r["kpi"]] = sums.get(r["kpi"], 0) + np.array([r["numerator"], r["denominator"], r["sample"]])
        return [self._row(name, "", parts) for name, parts in sums.items()]

    def _rows_to_come(self, future: Future, draw: int) -> list[dict[str, Any]]:
        if not self.by_day:
            return [self._row(name, "", array[draw].sum(0)) for name, array in future.counts.items()]
        return [
            self._row(name, f"{date}", array[draw, at])
            for name, array in future.counts.items() for at, date in enumerate(future.dates)
        ]  # fmt: skip

    def _row(self, name: str, date: str, parts: Any) -> dict[str, Any]:
        numerator, denominator, sample = parts
        return {
            "month": self.month, "date": date, "queue": self.queues.get(name, ALL), "vendor": "", "kpi": name,
            "numerator": numerator, "denominator": denominator, "sample": sample, "supplied": False,
        }  # fmt: skip


def moves_money(terms: Terms, name: str) -> bool:
    """Whether a clause can cost anything, by itself or through the month's score or points."""
    clause = terms.file.kpis[name]
    costly = [row for row in clause.bands if row.outcome in ("credit", "deduct", "points") and Decimal(row.amount)]
    at_risk = clause.allocation is not None and terms.ladder.pay.at_risk is not None
    scored = clause.weight is not None and bool(terms.ladder.by_score)
    return bool(costly or at_risk or scored or clause.shortfall or clause.per_unit or clause.gate)


def _looks_at_days(terms: Terms) -> bool:
    """Whether anything is judged day by day."""
    rules = [rule for clause in terms.file.kpis.values() for rule in clause.exclusions]
    items = [item for checklist in terms.file.checklists.values() for item in checklist.items]
    return any(rule.by == "day" for rule in rules) or any(item.of and item.per == "day" for item in items)


def _through_totals(terms: Terms, judged: Judged) -> bool:
    """Whether a clause holds the month's score or points down."""
    scored = judged.counts and judged.score != FULL and bool(terms.ladder.by_score)
    gated = any(reason.key == "why_gate" for reason in judged.why)
    return scored or gated or bool(judged.points)


def _totals(paid: Payment) -> Decimal:
    return sum((line.money for line in paid.lines if line.kind in ("score", "points")), NONE)


def _arrays(name: str, ends: Sequence[End], terms: Terms) -> Mapping[str, np.ndarray]:
    costs = moves_money(terms, name)
    value = [_float(end.judged[name].value) for end in ends]
    missed = [end.judged[name].missed or end.judged[name].breached for end in ends]
    money = [float(end.money[name]) for end in ends]
    penalty = [amount < 0 if costs else miss for amount, miss in zip(money, missed, strict=True)]
    earned = [amount > 0 for amount in money]
    return {part: np.array(values) for part, values in zip(PARTS, (value, missed, penalty, earned, money), strict=True)}


def _float(value: Decimal | None) -> float:
    return float("nan") if value is None else float(value)

"""Many drafts of one contract valued fast: what did not change between two of them is not judged again."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from csim.contract.load import Contract
from csim.contract.model import ContractFile, KpiClause, Price
from csim.contract.pay import Pay
from csim.schema.located import Path
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.settlement.steps import Ladder
from csim.terms.tuning.choices import Choice, Value, at, put
from csim.terms.tuning.groups import shared_out
from csim.terms.tuning.stakes import in_order
from csim.terms.worth.account import Past, paid
from csim.terms.worth.clauses import Marks
from csim.terms.worth.valuation import Months, Valuation, fees, full_marks, mark_of, stacked

KEPT = 256  # readings of one part of the contract that are kept: about 100 MB of marks in all
PRICES = TypeAdapter(tuple[Price, ...])


class Drafts:
    """
    A contract with some terms left open, valued for any choice of them.

    The payment of a draft equals `csim.terms.worth.valuation.valued` of the contract that it writes: the same functions
    judge and pay, but each part of the contract is read, and each clause judged, once for every reading of it.

    Examples:
        >>> from decimal import Decimal
        >>> from csim.contract.load import read_contract
        >>> from csim.terms.tuning.choices import choice_of
        >>> from csim.terms.worth.surface import Counts
        >>> agreed = read_contract("scenarios/contracts/at_risk_pool.yaml")
        >>> in_time, many = np.array([790.0, 999.0]).reshape(2, 1, 1), np.full((2, 1, 1), 1000.0)
        >>> played = Months((2, 1, 1), ("2026-03",), (0,), {"service_level": Counts(in_time, many, many)},
        ...                 met=frozenset(agreed.file.kpis) - {"service_level"})
        >>> drafts = Drafts(agreed, played, [choice_of(agreed, "at_risk")])
        >>> [drafts.worth([Decimal(x)]).deducted.ravel().tolist() for x in ("0.12", "0.06")]
        [[7680.0, 0.0], [3840.0, 0.0]]
    """

    def __init__(self, contract: Contract, months: Months, choices: Sequence[Choice]) -> None:
        self.contract, self.months, self.choices = contract, months, list(choices)
        self.file = contract.at(months.labels[0])
        self.parts: dict[Path, list[int]] = {}
        for number, choice in enumerate(choices):
            self.parts.setdefault(choice.part, []).append(number)
        self.kpis = {name: contract.kpi_of(clause.measure, clause.reading) for name, clause in self.file.kpis.items()}
        self._kept: dict[Path, OrderedDict[tuple, Any]] = {}
        self._lists = {name: full_marks(c, months.shape[:2]) for name, c in self.file.checklists.items()}

    def worth(self, values: Sequence[Value]) -> Valuation:
        """Every month paid under one choice of values."""
        values = shared_out(self.choices, values)
        clauses = {name: self._part(("kpis", name), values, self._judged) for name in self.file.kpis}
        ladder = self._part(("pay",), values, self._ladder)
        fee = self._fee(values)
        past, found, all_marks = Past(), [], []
        # `paid` asks the terms for nothing but their ladder
        terms = Terms(self.contract, self.file, tuple(judge for judge, *_ in clauses.values()), ladder)
        for month in range(len(self.months.labels)):
            marks = {name: self._mark(judge, seen, month, past) for name, (judge, seen, _) in clauses.items()}
            marks |= self._lists
            found.append(paid(terms, fee[month], marks, past, self.months.numbers[month]))
            all_marks.append(marks)
        return stacked(found, all_marks)

    def terms(self, values: Sequence[Value]) -> Terms:
        """The clauses and the payment terms of a draft."""
        values = shared_out(self.choices, values)
        judges = tuple(self._part(("kpis", name), values, self._judged)[0] for name in self.file.kpis)
        return Terms(self.contract, self.file, judges, self._part(("pay",), values, self._ladder))

    def in_order(self, values: Sequence[Value]) -> bool:
        """Whether every table of a draft climbs with the service; only what a choice changes can fail."""
        values = shared_out(self.choices, values)
        for part in self.parts:
            if part[0] == "kpis":
                kept = self._part(part, values, self._judged)[2]
            elif part == ("pay",):
                pay = self._part(part, values, self._ladder).pay
                kept = in_order(pay.by_score, "up") and in_order(pay.by_points, "down")
            else:
                continue
            if not kept:
                return False
        return True

    # -- parts -----------------------------------------------------------------------------------------

    def _part(self, part: Path, values: Sequence[Value], make: Callable[[Path, Any], Any]) -> Any:
        """What a part of the contract comes to as it reads with these values; kept for the next time."""
        rows = self.parts.get(part, [])
        kept = self._kept.setdefault(part, OrderedDict())
        key = tuple(values[i] for i in rows)
        if key in kept:
            kept.move_to_end(key)
        else:
            kept[key] = make(part, self._written(part, rows, values))
            if len(kept) > KEPT:
                kept.popitem(last=False)
        return kept[key]

    def _written(self, part: Path, rows: Sequence[int], values: Sequence[Value]) -> Any:
        """The plain data of one part."""
        data: dict[str, Any] = {}
        inner = data
        for step in part[:-1]:
            inner = inner.setdefault(step, {})
        inner[part[-1]] = None
        put(data, part, copy.deepcopy(at(self.contract.data, part)))
        for i in rows:
            self.choices[i].write(data, values[i])
        return at(data, part)

    def _judged(self, part: Path, data: Mapping[str, Any]) -> tuple[Judge, list[Marks], bool]:
        """A clause read, judged in every month unless a month depends on the one before, and whether it is in order."""
        name = part[1]
        judge = Judge.of(name, KpiClause.model_validate(data), self.kpis[name])
        months = range(0 if judge.clause.repeat is not None else len(self.months.labels))
        seen = [mark_of(judge, self.months, month) for month in months]
        return judge, seen, in_order(judge.clause.bands, judge.better)

    def _mark(self, judge: Judge, seen: Sequence[Marks], month: int, past: Past) -> Marks:
        return seen[month] if seen else mark_of(judge, self.months, month, repeated=past.breached.get(judge.id))

    def _ladder(self, part: Path, data: Mapping[str, Any]) -> Ladder:
        return Ladder.of(Pay.model_validate(data))

    def _fee(self, values: Sequence[Value]) -> list[np.ndarray]:
        """The fee of every month; rounded as the payment says, which no choice changes."""

        def make(part: Path, data: Any) -> list[np.ndarray]:
            pricing = PRICES.validate_python(data if isinstance(data, list) else [data])
            file: ContractFile = self.file.model_copy(update={"pricing": pricing})
            terms = Terms(self.contract, file, (), Ladder.of(self.file.pay))
            return [fees(self.contract, terms, self.months, month) for month in range(len(self.months.labels))]

        return self._part(("pricing",), values, make)

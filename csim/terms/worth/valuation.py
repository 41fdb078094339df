"""A contract valued over many months at once: the money of csim.settlement.month in floats, by level and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from csim.contract.load import Contract, months_of
from csim.contract.model import Checklist, Price
from csim.settlement.facts import QUANTITIES
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.settlement.payment import months_in
from csim.settlement.steps import months_between
from csim.terms.worth.account import Paid, Past, paid
from csim.terms.worth.clauses import Marks, best_marks, marked
from csim.terms.worth.edges import cash
from csim.terms.worth.surface import Counts


@dataclass(frozen=True)
class Months:
    """
    What is known of many months, by [level, run, month]; the months of a run follow each other.

    Attributes:
        shape: (levels, runs, months). labels: The month of account of each, whose terms hold ("2026-06"; all alike
            where the same month is played again and again). numbers: Which month each is, counted on from any.
        counts: By id of the clause ("response"), of its companion ("response.ceiling", "response.response") and of
            what prices count (a KPI's id).
        relieved: By clause, the months that do not count. met: Clauses that nothing is known of and that are taken
            as kept, with full score. announced: The announced volume. part: Of a month, for a fee per month.
    """

    shape: tuple[int, int, int]
    labels: tuple[str, ...]
    numbers: tuple[int, ...]
    counts: Mapping[str, Counts]
    relieved: Mapping[str, np.ndarray] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    announced: np.ndarray | None = None
    part: float = 1.0
    settled: bool = False  # ramp-up and ratchets follow the labels; else they are over

    def at(self, name: str, month: int) -> Counts | None:
        """The counts of one month of every run."""
        found = self.counts.get(name)
        return None if found is None else Counts(*(array[:, :, month] for array in found))


@dataclass(frozen=True)
class Valuation:
    """
    Every month paid, by [level, run, month].

    Attributes:
        net: Payment without tax. fee: Before deductions and bonuses. own: Each clause's money by itself.
        through: What the month's score and points add or take. fired: Per streak, where it fired.
        marks: What each clause came to, month by month.
    """

    net: np.ndarray
    fee: np.ndarray
    deducted: np.ndarray
    score: np.ndarray
    points: np.ndarray
    through: np.ndarray
    own: Mapping[str, np.ndarray]
    missed: Mapping[str, np.ndarray]
    breached: Mapping[str, np.ndarray]
    fired: tuple[np.ndarray, ...]
    marks: tuple[Mapping[str, Marks], ...] = field(default=(), repr=False)


Change = Callable[[Terms, Mapping[str, Marks]], tuple[Terms, Mapping[str, Marks]]]


def valued(contract: Contract, months: Months, change: Change | None = None) -> Valuation:
    """
    What a contract pays in every month.

    Equal to `csim.settle` to the cent, but for counts of seconds that stand within 10⁻⁹ of an edge.

    Args:
        change: Given the terms and what every clause came to, gives both changed (a penalty twice as large).

    Examples:
        79 % and 80 % of 1,000 calls, a miss of 80 % costing 7,680.00 of 320,000:

        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/at_risk_pool.yaml")
        >>> name = next(iter(agreed.file.kpis))
        >>> in_time = np.array([790.0, 999.0]).reshape(2, 1, 1)
        >>> many = np.full((2, 1, 1), 1000.0)
        >>> played = Months((2, 1, 1), ("2026-03",), (0,), {name: Counts(in_time, many, many)},
        ...                 met=frozenset(agreed.file.kpis) - {name})
        >>> valued(agreed, played).deducted.ravel().tolist()
        [7680.0, 0.0]
    """
    past, found, all_marks = Past(), [], []
    for month, label in enumerate(months.labels):
        terms = terms_of(contract, label)
        marks: Mapping[str, Marks] = marks_of(contract, terms, months, month, past.breached)
        if change is not None:
            terms, marks = change(terms, marks)
        spared = months.settled and _ramping(terms, label)
        fee = fees(contract, terms, months, month)
        found.append(paid(terms, fee, marks, past, months.numbers[month], spared=spared))
        all_marks.append(marks)
    return stacked(found, all_marks)


@lru_cache(maxsize=64)
def _terms(contract_hash: str, label: str, contract: Any) -> Terms:
    return Terms.of(contract.it, label)


class _Same:
    """A contract as an argument of a cache: equal if its hash is."""

    def __init__(self, it: Contract) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it.hash == other.it.hash

    def __hash__(self) -> int:
        return hash(self.it.hash)


def terms_of(contract: Contract, label: str) -> Terms:
    """The terms of a month, made ready once."""
    return _terms(contract.hash, label, _Same(contract))


def marks_of(
    contract: Contract, terms: Terms, months: Months, month: int, breached: Mapping[str, np.ndarray]
) -> dict[str, Marks]:
    """What every clause and checklist came to in one month of every run."""
    shape, found = months.shape[:2], {}
    label = months.labels[month]
    for judge in terms.judges:
        steps = _turns(terms, judge, label) if months.settled else 0
        found[judge.id] = mark_of(judge, months, month, steps, breached.get(judge.id))
    for name, checklist in terms.file.checklists.items():
        found[name] = full_marks(checklist, shape)
    return found


def mark_of(judge: Judge, months: Months, month: int, steps: int = 0, repeated: np.ndarray | None = None) -> Marks:
    """What one clause came to in one month of every run; see `csim.terms.worth.clauses.marked`."""
    shape = months.shape[:2]
    if judge.id in months.met:
        return best_marks(judge, shape)
    relieved = months.relieved.get(judge.id)
    return marked(
        judge, months.at(judge.id, month), shape, steps=steps, repeated=repeated,
        ceiling=months.at(f"{judge.id}.ceiling", month), response=months.at(f"{judge.id}.response", month),
        relieved=None if relieved is None else relieved[:, :, month],
    )  # fmt: skip


def full_marks(checklist: Checklist, shape: tuple[int, ...]) -> Marks:
    """A checklist on which nothing was found."""
    full = Marks.blank(shape)
    full.score[...], full.weight = 100.0, float(checklist.weight)
    return full


def fees(contract: Contract, terms: Terms, months: Months, month: int) -> np.ndarray:
    """The fee of one month of every run: quantity × rate, with the minimum and the volume bands."""
    total = np.zeros(months.shape[:2])
    for price in terms.file.pricing:
        quantity = _quantity(price, months, month)
        amount = _with_bands(price, quantity)
        if price.minimum is not None:
            announced = 0.0 if months.announced is None else months.announced[:, :, month]
            least = np.nan_to_num(announced * float(price.minimum.of_forecast))
            amount = np.where(quantity < least, least * float(price.rate), amount)
        total += cash(amount, terms.ladder.pay.rounding)
    return total


def _quantity(price: Price, months: Months, month: int) -> np.ndarray:
    if price.per == "month":
        return np.full(months.shape[:2], months.part * len(months_of(months.labels[month])))
    kpi, which, unit = QUANTITIES[price.per]
    counts = months.at(kpi, month)
    assert counts is not None  # csim.terms.worth.played refuses a price that no simulation counts
    if which == "rest":
        return (counts.denominator - counts.numerator) / unit
    return (counts.value if which == "value" else getattr(counts, which)) / unit


def _with_bands(price: Price, quantity: np.ndarray) -> np.ndarray:
    rate, rule = float(price.rate), price.volume
    amount = quantity * rate
    if rule is None:
        return amount
    low = float(rule.baseline * (1 - rule.dead_band))
    high = float(rule.baseline * (1 + rule.dead_band))
    if rule.above is not None:
        amount = np.where(quantity > high, high * rate + (quantity - high) * float(rule.above), amount)
    if rule.below is not None:
        amount = np.where(quantity < low, quantity * rate + (low - quantity) * float(rule.below), amount)
    return amount


def _turns(terms: Terms, judge: Judge, label: str) -> int:
    ratchet = judge.clause.ratchet
    return months_in(terms.file, label) // ratchet.months if ratchet else 0


def _ramping(terms: Terms, label: str) -> bool:
    rule = terms.file.pay.ramp_up
    return rule is not None and months_in(terms.file, label) < rule.months


def stacked(found: Sequence[Paid], marks: Sequence[Mapping[str, Marks]]) -> Valuation:
    """The months of every run side by side."""

    def pile(arrays: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack(arrays, axis=-1)

    sums = ("net", "fee", "deducted", "score", "points", "through")
    plain = {name: pile([getattr(one, name) for one in found]) for name in sums}
    names = list(found[0].own)
    return Valuation(
        **plain,
        own={name: pile([one.own[name] for one in found]) for name in names},
        missed={name: pile([each[name].missed for each in marks]) for name in names},
        breached={name: pile([each[name].breached for each in marks]) for name in names},
        fired=tuple(pile([one.fired[i] for one in found]) for i in range(len(found[0].fired))),
        marks=tuple(marks),
    )


def numbered(labels: Sequence[str]) -> tuple[int, ...]:
    """
    Which month each label is, counted from the first.

    Examples:
        >>> numbered(["2026-11", "2026-12", "2027-02"])
        (0, 1, 3)
    """
    return tuple(months_between(labels[0], label) for label in labels)

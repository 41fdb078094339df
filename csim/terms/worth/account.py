"""From judged clauses to payments, many months at once; what months leave to each other goes month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from csim.contract.pay import EarnBack, Streak
from csim.settlement.month import Terms
from csim.terms.worth.clauses import Marks
from csim.terms.worth.edges import cash, within

NOT_KNOWN = float("nan")
YEAR = 12  # months
TINY = 1e-6  # of the currency: what floats leave of a difference that is nothing


@dataclass
class Past:
    """What the months so far leave to the next, by [level, run]; the arrays of a list are in the order of months."""

    numbers: list[int] = field(default_factory=list)  # which month each was
    fees: list[np.ndarray] = field(default_factory=list)
    deducted: list[np.ndarray] = field(default_factory=list)
    carried: list[tuple[int, np.ndarray]] = field(default_factory=list)  # by the month it stems from
    clean: np.ndarray | int = 0  # months without a deduction up to now
    earnable: np.ndarray | float = 0.0  # deducted since something was last earned back
    breached: Mapping[str, np.ndarray] = field(default_factory=dict)
    held: list[list[np.ndarray]] = field(default_factory=list)  # per streak
    since: list[np.ndarray | int] = field(default_factory=list)  # per streak: the first month that counts


@dataclass
class Account:
    """The running deduction (positive) and bonus of one month, by [level, run]."""

    fee: np.ndarray
    deduction: np.ndarray
    bonus: np.ndarray
    charged: np.ndarray
    earned: np.ndarray
    waiting: list[tuple[int, np.ndarray]] = field(default_factory=list)  # carried in, by the month it stems from
    cut: list[tuple[int, np.ndarray]] = field(default_factory=list)  # carried on

    @classmethod
    def of(cls, fee: np.ndarray) -> Account:
        deduction, bonus, charged, earned = (np.zeros(fee.shape) for _ in range(4))
        return cls(fee, deduction, bonus, charged, earned)

    def book(self, money: np.ndarray) -> None:
        """A line: below 0 a deduction, else a bonus."""
        self.deduction += np.where(money < 0, -money, 0.0)
        self.bonus += np.where(money > 0, money, 0.0)


@dataclass(frozen=True)
class Paid:
    """
    One month paid, by [level, run].

    Attributes:
        net: Payment without tax. deducted: After caps. own: Each clause's money by itself. through: What the month's
            score and points add or take.
        fired: Per streak, where it fired.
    """

    net: np.ndarray
    fee: np.ndarray
    deducted: np.ndarray
    score: np.ndarray
    points: np.ndarray
    own: Mapping[str, np.ndarray]
    through: np.ndarray
    fired: tuple[np.ndarray, ...] = ()


def paid(
    terms: Terms, fee: np.ndarray, marks: Mapping[str, Marks], past: Past, number: int, *, spared: bool = False,
    extra_score: float = 0.0,
) -> Paid:  # fmt: skip
    """
    A month's payment, and *past* brought up to date.

    Args:
        fee: The month's fee. marks: Every clause and checklist. number: Which month it is, counted on from any.
        spared: In the ramp-up nothing is deducted. extra_score: Additional points.
    """
    account, ladder = Account.of(fee), terms.ladder
    own = {name: own_money(terms, mark, fee, spared) for name, mark in marks.items()}
    for money in own.values():
        account.book(money)
    score = total_score(list(marks.values()), extra_score)
    points = total_points(list(marks.values())) if ladder.by_points else np.full(fee.shape, NOT_KNOWN)
    through = [score_money(terms, score, fee, spared)]
    if ladder.by_points:
        through.append(points_money(terms, points, fee, spared))
    for money in through:
        account.book(money)
    fired = _streaks(terms, account, marks, score, points, past, spared)
    account.charged = account.deduction.copy()
    for step in ladder.order:
        _step(terms, account, step, past, number)
    net = fee - account.deduction + account.bonus + account.earned
    deducted = np.maximum(0.0, account.charged)
    _remember(past, account, deducted, marks, number)
    return Paid(net, fee, deducted, score, points, own, np.sum(through, axis=0), fired)


def own_money(terms: Terms, marks: Marks, fee: np.ndarray, spared: bool = False) -> np.ndarray:
    """The money of one clause by itself: credits, bonuses, fixed sums, its part of the at-risk amount."""
    pay = terms.ladder.pay
    owed = marks.credit * fee + marks.deduct
    if pay.at_risk is not None and marks.allocation is not None:
        part = float(pay.at_risk.share_of_fee * pay.at_risk.pool) * marks.allocation
        owed = owed + np.where(marks.missed & ~marks.thin, part * fee, 0.0)
    gained = marks.bonus * fee + marks.pay
    owed = np.zeros(fee.shape) if spared else cash(owed, pay.rounding)
    return cash(gained, pay.rounding) - owed


def total_score(marks: Sequence[Marks], extra: float = 0.0) -> np.ndarray:
    """The weighted score; what has none is left out and the other weights scaled; a missed gate makes it 0."""
    shape = marks[0].score.shape if marks else ()
    whole, total, gated = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for mark in marks:
        gated = gated | mark.gated
        if mark.weight is not None:
            known = ~np.isnan(mark.score)
            whole = whole + np.where(known, mark.weight, 0.0)
            total = total + np.where(known, mark.weight * mark.score, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.where(np.abs(whole - 1) < 1e-12, np.round(total, 9), np.round(total / whole, 6))
    return np.where(whole > 0, np.where(gated, 0.0, scaled + extra), NOT_KNOWN)


def total_points(marks: Sequence[Marks]) -> np.ndarray:
    """Severity points of all clauses."""
    return np.sum([np.nan_to_num(mark.points) for mark in marks], axis=0)


def score_money(terms: Terms, score: np.ndarray, fee: np.ndarray, spared: bool = False) -> np.ndarray:
    """What the month's score adds to the fee, or takes off it."""
    money = np.zeros(np.shape(fee))
    known = ~np.isnan(score)
    pair = (np.where(known, score, 0.0), np.ones(np.shape(score)))
    for row, interval in terms.ladder.by_score:
        share = float((row.share_of_fee or 0) - 1)
        money = np.where(known & within(interval, pair), cash(fee * share, terms.ladder.pay.rounding), money)
    return np.maximum(money, 0.0) if spared else money


def points_money(terms: Terms, points: np.ndarray, fee: np.ndarray, spared: bool = False) -> np.ndarray:
    """What severity points take off the fee."""
    money = np.zeros(np.shape(fee))
    pair = (points, np.ones(np.shape(points)))
    for row, interval in terms.ladder.by_points:
        owed = cash(fee * float(row.credit or 0), terms.ladder.pay.rounding)
        money = np.where(within(interval, pair), -owed, money)
    return np.maximum(money, 0.0) if spared else money


# -- what lasts -------------------------------------------------------------------------------------


def _streaks(
    terms: Terms, account: Account, marks: Mapping[str, Marks], score: np.ndarray, points: np.ndarray, past: Past,
    spared: bool,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Which streaks fire; their money is booked."""
    streaks, shape = terms.ladder.pay.streaks, account.fee.shape
    if not streaks:
        return ()
    past.held = past.held or [[] for _ in streaks]
    past.since = past.since or [0 for _ in streaks]
    found = []
    for number, streak in enumerate(streaks):
        held = held_by(terms, number, marks, score, points)
        past.held[number].append(held)
        fired = held & _lasted(streak, past.held[number], past.since[number])
        if streak.reset == "after_firing":
            past.since[number] = np.where(fired, len(past.held[number]), past.since[number])
        if streak.then in ("bonus", "deduction"):
            size = account.fee * float(streak.share_of_fee or 0)
            size = size if streak.amount is None else np.full(shape, float(streak.amount))
            money = np.where(fired, cash(size, terms.ladder.pay.rounding), 0.0)
            if streak.then == "bonus" or not spared:
                account.book(money if streak.then == "bonus" else -money)
        found.append(fired)
    return tuple(found)


def held_by(terms: Terms, number: int, marks: Mapping[str, Marks], score: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where the condition of one streak holds."""
    names = _names(marks, score, points, bool(terms.ladder.by_points))
    flat = {name: np.broadcast_to(values, score.shape).ravel() for name, values in names.items()}
    return terms.ladder.conditions[number](flat, score.size).astype(bool).reshape(score.shape)


def _lasted(streak: Streak, held: list[np.ndarray], since: np.ndarray | int) -> np.ndarray:
    """Whether a condition held in enough of the months that count, this one included."""
    span = streak.months if streak.consecutive else streak.of or streak.months
    first = max(0, len(held) - span)
    counted = sum((held[i] & (since <= i)).astype(int) for i in range(first, len(held)))
    return np.asarray(counted) >= streak.months


def _names(marks: Mapping[str, Marks], score: np.ndarray, points: np.ndarray, by_points: bool) -> dict[str, np.ndarray]:
    missed = np.sum([mark.missed for mark in marks.values()], axis=0) if marks else np.zeros(np.shape(score))
    found = {"score": score, "points": points if by_points else np.full(np.shape(score), NOT_KNOWN), "missed": missed}
    for name, mark in marks.items():
        found |= {f"missed_{name}": mark.missed, f"score_{name}": mark.score, f"points_{name}": mark.points}
    return {name: np.asarray(values, dtype=float) for name, values in found.items()}


def _step(terms: Terms, account: Account, step: str, past: Past, number: int) -> None:
    """One of the steps between the deductions of the month and the payment, in the contract's order."""
    pay = terms.ladder.pay
    if step == "carry_in" and pay.carry_forward is not None:
        young = [(since, amount) for since, amount in past.carried if number - since <= pay.carry_forward.months]
        account.waiting = young
        account.deduction = account.deduction + sum(amount for _, amount in young)
        account.charged = account.deduction.copy()
    elif step in ("month_cap", "year_cap"):
        cap = next((c for c in pay.caps if (c.month is not None) == (step == "month_cap")), None)
        if cap is None:
            return
        if cap.month is not None:
            room = cash(account.fee * float(cap.month), pay.rounding)
        else:
            year = [i for i, when in enumerate(past.numbers) if number - when < YEAR]
            fees = account.fee + sum(past.fees[i] for i in year)
            gone = sum(past.deducted[i] for i in year)
            room = np.maximum(0.0, cash(fees * float(cap.year or 0), pay.rounding) - gone)
        over = np.maximum(0.0, account.deduction - room)
        account.deduction = account.deduction - over
        account.charged = account.deduction.copy()
        if pay.carry_forward is not None:
            account.cut = _left_over(account, over, number)
    elif step == "bonus":
        account.deduction, account.bonus = account.deduction - account.bonus, np.zeros(account.fee.shape)
    elif step == "earn_back" and pay.earn_back is not None:
        account.earned = _earned(terms, pay.earn_back, account, past)


def _left_over(account: Account, over: np.ndarray, number: int) -> list[tuple[int, np.ndarray]]:
    """What a cap leaves for later, by the month it stems from: the oldest is deducted first, the newest is left."""
    before = dict(account.cut)
    left = over + sum(before.values())
    own = account.deduction + left - sum(amount for _, amount in account.waiting)
    found: list[tuple[int, np.ndarray]] = []
    for since, amount in ((number, own), *reversed(account.waiting)):
        part = np.minimum(left, np.maximum(0.0, amount))
        found.insert(0, (since, np.where(over > 0, part, before.get(since, 0.0))))
        left = left - part
    return found


def _earned(terms: Terms, rule: EarnBack, account: Account, past: Past) -> np.ndarray:
    due = (account.charged <= TINY) & (past.clean >= rule.months - 1) & (len(past.fees) >= rule.months - 1)
    back = past.earnable * np.full(account.fee.shape, float(rule.share))
    return np.where(due, cash(back, terms.ladder.pay.rounding), 0.0)


def _remember(past: Past, account: Account, deducted: np.ndarray, marks: Mapping[str, Marks], number: int) -> None:
    past.numbers.append(number)
    past.fees.append(account.fee)
    past.deducted.append(deducted)
    past.carried = [(since, amount) for since, amount in account.cut if amount.any()]
    past.clean = np.where(deducted > TINY, 0, past.clean + 1)
    past.earnable = np.where(account.earned > TINY, 0.0, past.earnable + deducted)
    past.breached = {name: mark.breached for name, mark in marks.items()}

"""The steps between a month's deductions and its payment, in the contract's order: caps, carried sums, earn-back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from csim.contract.bands import Band, Interval, intervals
from csim.contract.load import months_of
from csim.contract.pay import Cap, Pay
from csim.expressions import Expression, expression
from csim.settlement.judged import NONE, Judged, Reason, to_step
from csim.settlement.ledger import Entry

STEPS = ("carry_in", "month_cap", "year_cap", "bonus", "earn_back")


@dataclass(frozen=True)
class Line:
    """
    One line of a statement; the money of all lines adds up to the subtotal.

    Attributes:
        kind: fee, kpi, checklist, addition, score, points, streak, cap, carry, earn_back, note.
        money: What it adds to the payment (negative: a deduction), rounded.
    """

    kind: str
    id: str
    clause: str
    money: Decimal
    why: tuple[Reason, ...] = ()
    judged: Judged | None = None
    band: str = ""
    score: Decimal | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class Ladder:
    """The payment terms made ready."""

    pay: Pay
    by_score: tuple[tuple[Band, Interval], ...]
    by_points: tuple[tuple[Band, Interval], ...]
    conditions: tuple[Expression, ...]
    order: tuple[str, ...]

    @classmethod
    def of(cls, pay: Pay) -> Ladder:
        rows = [tuple(zip(part, intervals(part), strict=True)) for part in (pay.by_score, pay.by_points)]
        order = (*pay.order, *(step for step in STEPS if step not in pay.order))
        return cls(pay, rows[0], rows[1], tuple(expression(streak.when) for streak in pay.streaks), order)

    def cash(self, amount: Decimal) -> Decimal:
        """Rounded as the contract says."""
        return to_step(amount, self.pay.rounding)


@dataclass
class Account:
    """The running deduction (positive), bonus, and the lines so far."""

    fee: Decimal
    deduction: Decimal = NONE
    bonus: Decimal = NONE
    charged: Decimal = NONE
    earned: Decimal = NONE
    waiting: list[tuple[str, Decimal]] = field(default_factory=list)  # carried in, by the month it stems from
    carried: list[tuple[str, Decimal]] = field(default_factory=list)  # carried on
    lines: list[Line] = field(default_factory=list)

    def book(self, line: Line) -> None:
        self.lines.append(line)
        if line.money < 0:
            self.deduction -= line.money
        else:
            self.bonus += line.money


def apply_step(account: Account, ladder: Ladder, step: str, month: str, history: Sequence[Entry]) -> None:
    pay = ladder.pay
    if step == "carry_in" and pay.carry_forward is not None:
        _carry_in(account, pay, month, history)
        account.charged = account.deduction
    elif step in ("month_cap", "year_cap"):
        cap = next((c for c in pay.caps if (c.month is not None) == (step == "month_cap")), None)
        if cap is not None:
            _capped(account, ladder, step, cap, month, history)
            account.charged = account.deduction
    elif step == "bonus" and account.bonus:
        account.deduction, account.bonus = account.deduction - account.bonus, NONE
    elif step == "earn_back" and pay.earn_back is not None:
        _earn_back(account, ladder, history)


def _carry_in(account: Account, pay: Pay, month: str, history: Sequence[Entry]) -> None:
    """What earlier months left over, unless it is too old."""
    rule = pay.carry_forward
    waiting = history[-1].carried if history and rule else ()
    young = [(since, amount) for since, amount in waiting if months_between(since, month) <= rule.months]  # type: ignore[union-attr]
    amount = sum((amount for _, amount in young), NONE)
    account.waiting = list(young)
    if amount:
        why = Reason("why_carry_in", {"months": ", ".join(since for since, _ in young)})
        account.book(Line("carry", "carry_in", rule.clause, -amount, (why,)))  # type: ignore[union-attr]


def _capped(
    account: Account, ladder: Ladder, step: str, cap: Cap, month: str, history: Sequence[Entry]
) -> None:  # fmt: skip
    """Cuts the deduction to the cap; what is cut off is carried forward, or waived."""
    if step == "month_cap":
        room = ladder.cash((cap.month or NONE) * account.fee)
    else:
        year = [e for e in history if months_between(e.month, month) < 12]
        fees = sum((e.fee for e in year), account.fee)
        room = max(NONE, ladder.cash((cap.year or NONE) * fees) - sum((e.deducted for e in year), NONE))
    over = account.deduction - room
    if over <= 0:
        return
    account.deduction = room
    share = cap.month if step == "month_cap" else cap.year
    carried = ladder.pay.carry_forward is not None
    why = [Reason("why_cap" if step == "month_cap" else "why_year_cap", {"share": share, "room": room})]
    why.append(Reason("why_carried" if carried else "why_waived", {"amount": over}))
    if carried:
        account.carried = _left_over(account, over, month)
    account.lines.append(Line("cap", step, cap.clause, over, tuple(why)))


def _left_over(account: Account, over: Decimal, month: str) -> list[tuple[str, Decimal]]:
    """What a cap leaves for later, by the month it stems from: the oldest is deducted first, the newest is left."""
    left = over + sum((amount for _, amount in account.carried), NONE)
    own = account.deduction + left - sum((amount for _, amount in account.waiting), NONE)
    found: list[tuple[str, Decimal]] = []
    for since, amount in ((month, own), *reversed(account.waiting)):
        part = min(left, max(NONE, amount))
        if part:
            found.insert(0, (since, part))
        left -= part
    return found


def _earn_back(account: Account, ladder: Ladder, history: Sequence[Entry]) -> None:
    """After n months without a deduction (this one included), part of what was deducted comes back, once."""
    rule = ladder.pay.earn_back
    if rule is None or account.charged > 0:
        return
    clean = history[len(history) - (rule.months - 1) :] if rule.months > 1 else ()
    if len(clean) < rule.months - 1 or any(entry.deducted > 0 for entry in clean):
        return
    last = max((i for i, entry in enumerate(history) if entry.earned_back > 0), default=-1)
    base = sum((entry.deducted for entry in history[last + 1 :]), NONE)
    account.earned = ladder.cash(base * rule.share)
    if account.earned:
        why = Reason("why_earn_back", {"months": rule.months, "share": rule.share, "base": base})
        account.lines.append(Line("earn_back", "earn_back", rule.clause, account.earned, (why,)))


def months_between(earlier: str, later: str) -> int:
    """How many months the second lies after the first."""
    (a, b) = (months_of(part)[0] for part in (earlier, later))
    return (int(b[:4]) - int(a[:4])) * 12 + int(b[5:]) - int(a[5:])

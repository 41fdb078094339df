"""From judged clauses to the payment: scores and points to money, then the contract's steps in the contract's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from csim.contract.model import ContractFile
from csim.contract.pay import Streak
from csim.settlement.judged import NONE, SCORE_STEP, Judged, Reason
from csim.settlement.ledger import Entry, fires, following
from csim.settlement.steps import Account, Ladder, Line, apply_step, months_between


@dataclass(frozen=True)
class Payment:
    """Lines, score, points and what the ledger will keep."""

    lines: tuple[Line, ...]
    fee: Decimal
    score: Decimal | None
    points: Decimal | None
    net: Decimal
    entry: Entry
    rights: tuple[tuple[str, Streak], ...] = ()


def payment(
    file: ContractFile, ladder: Ladder, month: str, fees: Sequence[Line], judged: Sequence[Judged],
    added: Judged | None, history: Sequence[Entry], contract_hash: str = "",
) -> Payment:  # fmt: skip
    """
    What a month pays, before tax.

    Args:
        fees: The lines of the fee. judged: Every clause and checklist. added: Additional points, if there are any.
        history: The earlier months, from the ledger.
    """
    fee = sum((line.money for line in fees), NONE)
    account = Account(fee)
    spared = _ramping(file, month)
    score, gated = total_score(judged, added)
    points = sum((j.points for j in judged if j.points is not None), NONE) if ladder.by_points else None
    for each in judged:
        _clause(account, ladder, each, spared)
    if added is not None:
        account.lines.append(Line("addition", "additions", added.clause, NONE, added.why, added, score=added.score))
    _totals(account, ladder, score, points, gated, spared)
    held, fired, rights = _streaks(account, ladder, month, judged, score, points, history, spared)
    account.charged = account.deduction
    for step in ladder.order:
        apply_step(account, ladder, step, month, history)
    net = fee - account.deduction + account.bonus + account.earned
    entry = Entry(
        month, fee, net, max(NONE, account.charged), account.earned, tuple(account.carried), score, points,
        tuple(j.id for j in judged if j.missed), tuple(j.id for j in judged if j.breached), held, fired,
        contract_hash=contract_hash,
    )  # fmt: skip
    return Payment((*fees, *account.lines), fee, score, points, net, entry, rights)


def total_score(judged: Sequence[Judged], added: Judged | None) -> tuple[Decimal | None, list[Judged]]:
    """
    The weighted score, and the gates that were missed: any of them makes it 0.

    Clauses without a score (excluded, too thin) are left out and the other weights scaled to the whole.
    """
    counted = [(j.weight or NONE, j.score or NONE) for j in judged if j.counts]
    whole = sum((weight for weight, _ in counted), NONE)
    gated = [j for j in judged if any(reason.key == "why_gate" for reason in j.why)]
    if gated:
        return NONE, gated
    if not whole:
        return None, gated
    score = sum((weight * score for weight, score in counted), NONE)
    score = score if whole == 1 else (score / whole).quantize(SCORE_STEP)
    score += added.score if added is not None and added.score is not None else NONE
    return score, gated


def _clause(account: Account, ladder: Ladder, judged: Judged, spared: bool) -> None:
    """The money of one clause by itself: credits, bonuses, fixed sums, its part of the at-risk amount."""
    fee, pay, why = account.fee, ladder.pay, judged.why
    owed = judged.credit * fee + judged.deduct
    if judged.missed and pay.at_risk is not None and judged.allocation is not None and judged.status != "insufficient":
        part = pay.at_risk
        owed += fee * part.share_of_fee * part.pool * judged.allocation
        values = {"fee": fee, "at_risk": part.share_of_fee, "pool": part.pool, "part": judged.allocation}
        why = (*why, Reason("why_at_risk", values))
    gained = judged.bonus * fee + judged.pay
    if spared and owed:
        owed, why = NONE, (*why, Reason("why_ramp_up"))
    kind = "checklist" if not judged.kpi else "kpi"
    band = judged.band.shown() if judged.band else ""
    money = ladder.cash(gained) - ladder.cash(owed)
    account.book(Line(kind, judged.id, judged.clause, money, why, judged, band, judged.score, judged.points))


def _totals(
    account: Account, ladder: Ladder, score: Decimal | None, points: Decimal | None, gated: list[Judged], spared: bool
) -> None:
    """The month's score, and its severity points, as money."""
    gates = tuple(Reason("why_gated", {"id": j.id}) for j in gated)
    if score is not None:
        money, why, band = NONE, gates, ""
        for row, interval in ladder.by_score:
            if interval.holds(score):
                share = row.share_of_fee or NONE
                money, band = ladder.cash(account.fee * (share - 1)), interval.shown()
                why = (*gates, Reason("why_share_of_fee", {"score": score, "band": band, "share": share}))
        if spared and money < 0:
            money, why = NONE, (*why, Reason("why_ramp_up"))
        account.book(Line("score", "score", ladder.pay.clause, money, why, band=band, score=score))
    if points is not None:
        money, why, band = NONE, (), ""
        for row, interval in ladder.by_points:
            if interval.holds(points):
                credit, band = row.credit or NONE, interval.shown()
                money = -ladder.cash(account.fee * credit)
                why = (Reason("why_points_credit", {"points": points, "band": band, "credit": credit}),)
        if spared and money < 0:
            money, why = NONE, (*why, Reason("why_ramp_up"))
        account.book(Line("points", "points", ladder.pay.clause, money, why, band=band, points=points))


def _streaks(
    account: Account, ladder: Ladder, month: str, judged: Sequence[Judged], score: Decimal | None,
    points: Decimal | None, history: Sequence[Entry], spared: bool,
) -> tuple[tuple[bool, ...], tuple[int, ...], tuple[tuple[str, Streak], ...]]:  # fmt: skip
    """Which conditions held, which streaks fired, and the rights that follow; their money is booked."""
    if not ladder.conditions:
        return (), (), ()
    names = names_of_month(judged, score, points)
    held = tuple(bool(condition(names, 1)[0]) for condition in ladder.conditions)
    fired, rights = [], []
    for number, streak in enumerate(ladder.pay.streaks):
        if not fires(streak, number, held[number], history):
            continue
        fired.append(number)
        why = Reason("why_streak", {"when": streak.when, "months": streak.months, "of": streak.of, "then": streak.then})
        size = ladder.cash(streak.amount if streak.amount is not None else account.fee * (streak.share_of_fee or NONE))
        money = {"bonus": size, "deduction": -size}.get(streak.then, NONE)
        reasons = (why, Reason("why_ramp_up")) if spared and money < 0 else (why,)
        money = NONE if spared and money < 0 else money
        account.book(Line("streak", streak.then, streak.clause, money, reasons))
        if streak.then not in ("bonus", "deduction"):
            rights.append((month, streak))
    return held, tuple(fired), tuple(rights)


def names_of_month(judged: Sequence[Judged], score: Decimal | None, points: Decimal | None) -> dict[str, float]:
    """What a condition of a streak may speak of; a score that is not known satisfies no comparison."""
    nan = float("nan")
    found = {
        "score": nan if score is None else float(score),
        "points": nan if points is None else float(points),
        "missed": float(sum(j.missed for j in judged)),
    }
    for j in judged:
        found |= {
            f"missed_{j.id}": float(j.missed),
            f"score_{j.id}": nan if j.score is None else float(j.score),
            f"points_{j.id}": nan if j.points is None else float(j.points),
        }
    return found


def _ramping(file: ContractFile, month: str) -> bool:
    rule = file.pay.ramp_up
    return rule is not None and months_in(file, month) < rule.months


def months_in(file: ContractFile, month: str) -> int:
    """How many months of the term lie before a month."""
    begins, starts_on = file.term.begins, file.period.month_starts_on if file.period else 1
    first = f"{begins:%Y-%m}"
    return months_between(following(first) if 1 < starts_on <= begins.day else first, month)

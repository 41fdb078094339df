"""Rules about what follows from the measures: weights, points, money, the order of the steps, persistence."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from csim.contract.findings import Found, Rule, Terms, found, listed, meant, outcomes, share, words
from csim.contract.model import ContractFile
from csim.contract.pay import BonusPool
from csim.display.notes import Note
from csim.display.words import LANGUAGES
from csim.expressions import expression

STEPS = ("carry_in", "month_cap", "year_cap", "bonus", "earn_back")


def weights(terms: Terms) -> Iterator[Found]:
    """The weights of clauses and checklists do not add up to 100 %."""
    given = weights_of(terms.file)
    total = sum(given.values(), Decimal(0))
    if given and total != 1:
        parts = " + ".join(f"{name} {share(weight)}" for name, weight in given.items())
        write = words(f"weights_{'more' if total < 1 else 'less'}", off=share(abs(1 - total)))
        where = "kpis" if terms.file.kpis else "checklists"
        yield found("weights", (where,), at_key=True, total=share(total), listed=parts, write=write)


def weights_of(file: ContractFile) -> dict[str, Decimal]:
    scored = {name: clause.weight for name, clause in file.kpis.items() if clause.weight is not None}
    return scored | {name: checklist.weight for name, checklist in file.checklists.items()}


def weight_without_scale(terms: Terms) -> Iterator[Found]:
    """A clause has a weight and nothing that gives its score."""
    for path, clause, _ in terms.clauses():
        if clause.weight is not None and "score" not in outcomes(clause):
            yield found("weight_without_scale", (*path, "weight"), weight=share(clause.weight))


def by_score_without_weights(terms: Terms) -> Iterator[Found]:
    """The fee depends on a score that no clause gives."""
    if terms.file.pay.by_score and not weights_of(terms.file):
        yield found("by_score_without_weights", ("pay", "by_score"), at_key=True)


def by_points_without_points(terms: Terms) -> Iterator[Found]:
    """Credits depend on severity points that no clause gives."""
    given = any("points" in outcomes(clause) for _, clause, _ in terms.clauses())
    if terms.file.pay.by_points and not given:
        yield found("by_points_without_points", ("pay", "by_points"), at_key=True)


def points_without_by_points(terms: Terms) -> Iterator[Found]:
    """Clauses give severity points that cost nothing."""
    used = {name for streak in terms.file.pay.streaks for name in expression(streak.when).names}
    for path, clause, _ in terms.clauses():
        if "points" in outcomes(clause) and not terms.file.pay.by_points and f"points_{path[1]}" not in used:
            example = "[{below: 10, credit: 0%}, {credit: 2%}]"
            yield found("points_without_by_points", (*path, "bands"), at_key=True, example=example)


def at_risk_missing(terms: Terms) -> Iterator[Found]:
    """A clause has an allocation of an at-risk amount that the contract does not have."""
    if terms.file.pay.at_risk is None:
        for path, clause, _ in terms.clauses():
            if clause.allocation is not None:
                example = '{share_of_fee: 12%, pool: 50%, clause: "…"}'
                yield found("at_risk_missing", (*path, "allocation"), part=share(clause.allocation), example=example)


def at_risk_over(terms: Terms) -> Iterator[Found]:
    """The allocations of the at-risk pool are more than the pool."""
    given = {path[1]: c.allocation for path, c, _ in terms.clauses() if c.allocation is not None}
    total = sum(given.values(), Decimal(0))
    if total > 1:
        parts = " + ".join(f"{name} {share(part)}" for name, part in given.items())
        off = share(total - 1)
        yield found("at_risk_over", ("kpis",), at_key=True, total=share(total), listed=parts, off=off)


# -- the order of the steps -----------------------------------------------------------------------------


def steps(file: ContractFile) -> list[str]:
    """
    The steps between the deductions of a month and the payment that a contract has.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> steps(read_contract("scenarios/contracts/tiers_carry_forward.yaml").file)
        ['carry_in', 'month_cap', 'earn_back']
    """
    pay = file.pay
    rows = [row for clause in file.kpis.values() for row in clause.bands]
    has = {
        "carry_in": pay.carry_forward is not None,
        "month_cap": any(cap.month is not None for cap in pay.caps),
        "year_cap": any(cap.year is not None for cap in pay.caps),
        "bonus": any(row.bonus or row.pay for row in rows)
        or any(streak.then == "bonus" for streak in pay.streaks)
        or any((row.share_of_fee or 0) > 1 for row in pay.by_score),
        "earn_back": pay.earn_back is not None,
    }
    return [step for step in STEPS if has[step]]


def order_missing(terms: Terms) -> Iterator[Found]:
    """A cap meets another step, and the contract does not say which comes first."""
    pay, has = terms.file.pay, steps(terms.file)
    unsaid = [step for step in has if step not in pay.order]
    if pay.caps and len(has) > 1 and unsaid:
        write = words("order_missing_instead", steps=", ".join([*pay.order, *unsaid]))
        yield found("order_missing", ("pay", "order"), steps=listed(unsaid), write=write)


def order_unknown(terms: Terms) -> Iterator[Found]:
    """The order names a step that the contract does not have, or one twice."""
    order, has = terms.file.pay.order, steps(terms.file)
    for i, step in enumerate(order):
        if step not in has:
            yield found("order_unknown", ("pay", "order", i), step=step)
        elif step in order[:i]:
            yield found("order_twice", ("pay", "order", i), step=step)


# -- persistence ------------------------------------------------------------------------------------------


def streak_variable(terms: Terms) -> Iterator[Found]:
    """A condition speaks of something that the month does not have."""
    file = terms.file
    known, never = _variables(terms)
    for i, streak in enumerate(file.pay.streaks):
        path = ("pay", "streaks", i, "when")
        names = expression(streak.when).names
        if not names:
            yield found("streak_always", path, condition=streak.when)
        for name in sorted(names):
            if name not in known:
                yield found("streak_unknown", path, name=name, hint=meant(name, known))
            elif name in never:
                yield found("streak_never", path, name=name, why=never[name])


def _variables(terms: Terms) -> tuple[list[str], dict[str, Note]]:
    """What a condition may name, and for what never has a value, why."""
    file = terms.file
    ids = [*file.kpis, *file.checklists]
    known = ["score", "points", "missed", *(f"{what}_{name}" for name in ids for what in ("missed", "score", "points"))]
    never = {} if weights_of(file) else {"score": words("never_weight")}
    if not file.pay.by_points:
        never["points"] = words("never_by_points")
    for name in ids:
        brought = outcomes(file.kpis[name]) if name in file.kpis else {"score"}
        never |= {f"{what}_{name}": words("never_gives", clause=name, outcome=what) for what in ("score", "points")
                  if what not in brought}  # fmt: skip
    return known, never


# -- the bonus pool -----------------------------------------------------------------------------------------


def pool_sum(terms: Terms) -> Iterator[Found]:
    """The ranks and the rest of the bonus pool do not make the pool."""
    pool = terms.file.bonus_pool
    if pool is not None:
        total = sum((prize.share for prize in pool.ranks), pool.rest)
        if total != 1:
            write = words(f"pool_sum_{'more' if total < 1 else 'less'}", off=share(abs(1 - total)))
            yield found("pool_sum", ("bonus_pool", "ranks"), at_key=True, total=share(total), write=write)


def pool_residual(terms: Terms) -> Iterator[Found]:
    """With few people a part of the bonus pool belongs to nobody, and nothing says what becomes of it."""
    pool = terms.file.bonus_pool
    if pool is not None and pool.residual is None:
        left = {n: _left(pool, n) for n in range(1, max(2, len(pool.ranks)) + 1)}
        if any(part > 0 for part in left.values()):
            parts = [words("with_people", count=n, part=share(part)) for n, part in left.items() if part > 0]
            said = {lang: listed(part.text(lang) for part in parts)[lang] for lang in LANGUAGES}
            yield found("pool_residual", ("bonus_pool", "residual"), listed=said)


def _left(pool: BonusPool, people: int) -> Decimal:
    taken = sum((prize.share for prize in pool.ranks[:people]), Decimal(0))
    return 1 - taken - (pool.rest if people > len(pool.ranks) else 0)


ERRORS: tuple[Rule, ...] = (
    weights, weight_without_scale, by_score_without_weights, by_points_without_points, points_without_by_points,
    at_risk_missing, at_risk_over, order_missing, order_unknown, streak_variable, pool_sum, pool_residual,
)  # fmt: skip

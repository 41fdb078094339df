"""A bonus pool shared out among people by rank: to the cent, nothing lost, nothing made up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from itertools import groupby
from typing import Any

from csim.contract.pay import BonusPool
from csim.display.tables import html_table
from csim.display.words import Words
from csim.errors import InputError, Mistake

CENT = Decimal("0.01")
Member = tuple[str, Any, Any]  # name, score, personal sales
_Person = tuple[str, Decimal, Decimal]


@dataclass(frozen=True)
class PoolShare:
    """What one person gets: a share of the pool and the fixed sum of the rank. Tied people have the same rank."""

    name: str
    score: Decimal
    sales: Decimal
    rank: int
    claim: Fraction
    amount: Decimal
    plus: Decimal

    @property
    def total(self) -> Decimal:
        return self.amount + self.plus


@dataclass(frozen=True)
class PoolShares:
    """
    A pool shared out.

    Attributes:
        pool: The sum that was to be shared.
        shares: One per person, by rank. Σ amount + residual = pool, exactly; the fixed sums come on top.
        residual: What nobody got. residual_to: "buyer" or "next_month"; "" when nothing is left.
    """

    pool: Decimal
    shares: tuple[PoolShare, ...]
    residual: Decimal
    residual_to: str

    @property
    def plus(self) -> Decimal:
        """The fixed sums of the ranks together: they are paid on top of the pool."""
        return sum((share.plus for share in self.shares), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What is paid to people."""
        return sum((share.total for share in self.shares), Decimal(0))

    def rows(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """The head and the rows of a table; the residual and the total stand below."""
        words = Words(lang)
        head = [words(f"pool_{key}") for key in ("rank", "name", "score", "sales", "share", "amount", "plus", "total")]
        rows = [
            [str(s.rank), s.name, f"{s.score:f}", f"{s.sales:,f}", f"{float(s.claim):.2%}", f"{s.amount:,}",
             f"{s.plus:,}", f"{s.total:,}"]
            for s in self.shares
        ]  # fmt: skip
        if self.residual:
            rows.append(["", words(f"pool_residual_{self.residual_to}"), "", "", "", f"{self.residual:,}", "", ""])
        shared = sum((s.amount for s in self.shares), Decimal(0))
        rows.append(["", words("pool_sum"), "", "", "", f"{shared:,}", f"{self.plus:,}", f"{self.total:,}"])
        return head, rows

    def _repr_html_(self) -> str:
        return html_table(*self.rows())


def bonus_pool(
    terms: BonusPool, members: Iterable[Member], base: Any = Decimal(0), step: Decimal = CENT,
    left_over: Decimal = Decimal(0),
) -> PoolShares:  # fmt: skip
    """
    The bonus pool by the contract's ranks.

    The best score is rank 1. Equal scores: `by_sales` puts the higher personal sales first, and who is equal in both,
    or `split`, shares the places equally. Who comes after the last named rank shares `rest` in equal parts. With too
    few people some places stay empty: `residual` says whether their part goes back to the buyer, to those ranked (in
    proportion to their own shares) or into next month's pool. Cents go by largest remainder, ties by rank, then name.

    Args:
        members: (name, score, personal sales) of each person.
        base: The sum of which the pool is a share, such as silent-order sales; unused where the pool is an amount.
        step: The smallest unit of money; the pool itself is first rounded to it, halves up.
        left_over: What the month before left for this one.

    Raises:
        InputError: A name twice, a score or sales that is no number, shares above 100 %, or a residual that the
            contract does not settle.

    Examples:
        0.6 % of 100,000 is 600: 40 % + 200, 30 % + 100, and 30 % for the other two.

        >>> terms = BonusPool(clause="7", of="sales", share="0.6%", rest="30%", ties="by_sales", residual="to_buyer",
        ...                   ranks=[{"share": "40%", "plus": 200}, {"share": "30%", "plus": 100}])
        >>> team = [("An", 91, 500), ("Bo", 97, 300), ("Cai", 91, 800), ("Du", 85, 900)]
        >>> [(s.name, str(s.total)) for s in bonus_pool(terms, team, Decimal(100_000)).shares]
        [('Bo', '440.00'), ('Cai', '280.00'), ('An', '90.00'), ('Du', '90.00')]

        One person alone leaves 60 %:

        >>> str(bonus_pool(terms, team[:1], Decimal(100_000)).residual)
        '360.00'
    """
    with localcontext() as context:
        context.prec = 60
        people = _by_merit(members)
        pool = _rounded(_size(terms, base) + left_over, step)
        places = _places(terms, people, step)
        left = 1 - sum((place.claim for place in places), Fraction(0))
        where = _residual_to(terms, left, len(people))
        if where == "ranked":
            places = [replace(place, claim=place.claim / (1 - left)) for place in places]
            left, where = Fraction(0), ""
        *amounts, residual = largest_remainder(pool, [*(place.claim for place in places), left], step)
    shares = tuple(
        PoolShare(*person, rank=place.rank, claim=place.claim, amount=amount, plus=place.plus)
        for person, place, amount in zip(people, places, amounts, strict=True)
    )
    return PoolShares(pool, shares, residual, where if residual else "")


@dataclass(frozen=True)
class _Place:
    rank: int
    claim: Fraction
    plus: Decimal


def _places(terms: BonusPool, people: Sequence[_Person], step: Decimal) -> list[_Place]:
    """The part of each person: those who are equal get the mean of the places they hold together."""
    count, named = len(people), len(terms.ranks)
    rest = Fraction(terms.rest) / (count - named) if count > named else Fraction(0)
    claims = [Fraction(prize.share) for prize in terms.ranks] + [rest] * max(0, count - named)
    sums = [prize.plus or Decimal(0) for prize in terms.ranks] + [Decimal(0)] * max(0, count - named)
    by_sales = terms.ties == "by_sales"
    places: list[_Place] = []
    for _, group in groupby(people, key=lambda person: person[1:] if by_sales else person[1]):
        first, size = len(places), len(list(group))
        claim = sum(claims[first : first + size], Fraction(0)) / size
        plus = _rounded(sum(sums[first : first + size], Decimal(0)), step)
        parts = largest_remainder(plus, [Fraction(1, size)] * size, step)
        places += [_Place(first + 1, claim, part) for part in parts]
    return places


def _by_merit(members: Iterable[Member]) -> list[_Person]:
    """By score, then sales, then name, the best first."""
    read = [(str(name), _number(score, name, "score"), _number(sales, name, "sales")) for name, score, sales in members]
    names = [name for name, _, _ in read]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(Mistake(f'"{name}" stands twice in the bonus pool: one row per person') for name in twice)
    return sorted(read, key=lambda person: (-person[1], -person[2], person[0]))


def _number(given: Any, name: str, what: str) -> Decimal:
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError([Mistake(f'{what} "{given}" of {name} is no number: write for example 91', "bonus_pool")])
    return number


def _size(terms: BonusPool, base: Any) -> Decimal:
    if terms.amount is not None:
        return terms.amount
    of = _number(base, str(terms.of), "sum")
    if of < 0:
        raise InputError([Mistake(f"{terms.of} is negative ({of}): write 0 or more", "bonus_pool.of")])
    return of * (terms.share or 0)


def _residual_to(terms: BonusPool, left: Fraction, count: int) -> str:
    if left < 0:
        what = f"ranks and rest make {float(1 - left):.4%} of the pool: they must not exceed 100%"
        raise InputError([Mistake(what, "bonus_pool.ranks")])
    if left == 0:
        return ""
    if terms.residual is None:
        what = (
            f"with {count} people {float(left):.2%} of the pool stays unallocated: "
            'write "residual": to_buyer, to_ranked or next_month'
        )
        raise InputError([Mistake(what, "bonus_pool.residual")])
    if terms.residual == "to_ranked" and left < 1:
        return "ranked"
    return "next_month" if terms.residual == "next_month" else "buyer"


def largest_remainder(total: Decimal, claims: Sequence[Fraction], step: Decimal) -> list[Decimal]:
    """*total* by *claims* that add up to 1, in whole steps; on equal remainders the earlier one gets the step."""
    steps = int(total / step)
    wanted = [claim * steps for claim in claims]
    whole = [want.numerator // want.denominator for want in wanted]
    order = sorted(range(len(claims)), key=lambda i: (whole[i] - wanted[i], i))
    for i in order[: steps - sum(whole)]:
        whole[i] += 1
    return [Decimal(count) * step for count in whole]


def _rounded(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step

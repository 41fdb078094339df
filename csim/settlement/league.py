"""Several vendors of one month: each settled, ranked, and next month's shares where the contract says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from csim.contract.load import Contract
from csim.contract.pay import League
from csim.settlement.pool import largest_remainder
from csim.settlement.settle import statement_of
from csim.settlement.statement import Statement


def settle_all(contract: Contract, facts: pd.DataFrame, ledger: Any = None, **more: Any) -> tuple[Statement, ...]:
    """
    A statement for every vendor of the contract; each one's ledger holds those before it, the last holds all.

    Takes what `settle` takes, without *vendor*.
    """
    found: list[Statement] = []
    for vendor in contract.file.vendor:
        found.append(statement_of(contract, facts, vendor=vendor, ledger=ledger, **more))
        ledger = found[-1].ledger
    return tuple(found)


@dataclass(frozen=True)
class Place:
    """One vendor in the league: rank, score, and its share of the next month (None where nothing is agreed)."""

    rank: int
    vendor: str
    score: Decimal | None
    volume: Decimal
    total: Decimal
    share: Decimal | None


def league(statements: Sequence[Statement]) -> list[Place]:
    """
    The vendors of a month, best first, with next month's shares.

    Vendors of equal score have the same rank. What that means for shares the contract says: `split` gives each the
    mean of the places they hold together, `by_volume` puts the larger first, `keep_shares` the one named first.
    """
    terms = statements[0].terms.league
    ties = terms.ties if terms else "keep_shares"

    def order(statement: Statement) -> tuple[Decimal, Decimal]:
        return -_score(statement), -_volume(statement) if ties == "by_volume" else Decimal(0)

    ranked = sorted(statements, key=order)  # stable: what ties is in the order of the contract
    ranks = [1 + sum(_score(other) > _score(one) for other in ranked) for one in ranked]
    shares = _shares(terms, ranks)
    return [
        Place(rank, s.vendor, s.score, _volume(s), s.total, share)
        for rank, s, share in zip(ranks, ranked, shares, strict=True)
    ]


def _shares(terms: League | None, ranks: Sequence[int]) -> list[Decimal | None]:
    """
    The share of each place, to .01 %; shares of ranks that nobody holds go to the others in proportion.

    Examples:
        >>> terms = League(clause="8", shares=["50%", "30%", "20%"], ties="split")
        >>> [str(share) for share in _shares(terms, [1, 1, 3])], [str(share) for share in _shares(terms, [1, 1, 1])]
        (['0.4000', '0.4000', '0.2000'], ['0.3334', '0.3333', '0.3333'])
    """
    if terms is None:
        return [None] * len(ranks)
    given = [Fraction(terms.shares[i]) if i < len(terms.shares) else Fraction(0) for i in range(len(ranks))]
    if terms.ties == "split":
        together = {rank: [given[i] for i, other in enumerate(ranks) if other == rank] for rank in ranks}
        given = [sum(together[rank], Fraction(0)) / len(together[rank]) for rank in ranks]
    whole = sum(given, Fraction(0))
    return list(largest_remainder(Decimal(1), [share / whole for share in given], Decimal("0.0001")))


def _score(statement: Statement) -> Decimal:
    return Decimal(-1) if statement.score is None else statement.score


def _volume(statement: Statement) -> Decimal:
    """The units the vendor is paid for."""
    for line in statement.payment.lines:
        for reason in line.why:
            if reason.key == "why_fee" and reason.values["per"] != "month":
                return Decimal(reason.values["quantity"])
    return Decimal(0)

"""The coordination certificate: terms that move the whole harm onto the vendor make its best answer the whole's."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from csim.contract.load import Contract
from csim.terms.worth.answers import best_level
from csim.terms.worth.harm import Harm

CENTS = 0.05  # a month: what rounding to the cent leaves of a difference that is nothing


@dataclass(frozen=True)
class Certificate:
    """
    Whether terms make the vendor's best answer the whole's optimum, whatever its costs are.

    Attributes:
        holds: At every level what the vendor gains is what the whole saves, to the cent: the two objectives differ by
            a constant, so that no vendor, cheap or dear, answers with another level than the whole wants.
        spread: By how much profit and saving differ at most between two levels, a month.
        answer, optimum: Rows of the vendor's best answer and of the whole's optimum.
        charges: What would move the whole harm onto the vendor: a sum for each abandoned contact and for each second
            of waiting; empty where no such charge is known (no harm stated, or one below the price of a contact).
    """

    holds: bool
    spread: float
    answer: int
    optimum: int
    charges: Mapping[str, Decimal]


def certificate(contract: Contract, profit: np.ndarray, cost: np.ndarray, loss: np.ndarray, harm: Harm) -> Certificate:
    """
    The certificate of some terms on a surface.

    Args:
        profit, cost, loss: Of the vendor, of the vendor, of the buyer, a month, by level.

    Examples:
        Per contact 6, of which the loss of one costs the vendor another 14 and each second .02, while the buyer loses
        20 and .02: profit is 6 × offered less the whole's cost.

        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/double_11.yaml")
        >>> lost, waited, cost = np.array([90.0, 40.0]), np.array([9e3, 4e3]), np.array([700.0, 1500.0])
        >>> profit = 6 * (1000 - lost) - 14 * lost - 0.02 * waited - cost
        >>> found = certificate(agreed, profit, cost, 20 * lost + 0.02 * waited, Harm(20, 0.02))
        >>> found.holds, found.answer == found.optimum, found.charges["abandon"]
        (True, True, Decimal('18.6'))
    """
    spread = float(np.ptp(profit + cost + loss))
    return Certificate(
        spread <= CENTS and harm.known, spread, best_level(profit), best_level(-(cost + loss)),
        charges_of(contract, harm),
    )  # fmt: skip


def charges_of(contract: Contract, harm: Harm) -> dict[str, Decimal]:
    """
    What the vendor must pay for each event, so that it bears what the buyer loses by it.

    A lost contact costs the vendor its price already, where contacts are paid: the charge is what is left of the
    harm. No charge is named where that is below 0, and for late answers, which no measure counts by the event.
    """
    if not harm.known or harm.late_answer:
        return {}
    paid = sum((p.rate for p in contract.file.pricing if p.per in ("answered_contact", "valid_contact")), Decimal(0))
    left = Decimal(f"{harm.abandon:g}") - paid
    if left < 0:
        return {}
    found = {"abandon": left, "waiting_second": Decimal(f"{harm.waiting_second:g}")}
    return {name: charge for name, charge in found.items() if charge}


def passing_on(contract: Contract, harm: Harm) -> dict[str, Any]:
    """
    The plain data of a contract whose clauses do nothing but charge the harm: its price, and a sum for each event.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/double_11.yaml")
        >>> data = passing_on(agreed, Harm(abandon=8.1, waiting_second=0.01))
        >>> {name: clause["per_unit"]["rate"] for name, clause in data["kpis"].items()}
        {'lost': '6.7', 'waited': '0.01'}
    """
    data = copy.deepcopy(contract.data)
    kpis = {}
    names = {"abandon": ("lost", "abandonment_rate"), "waiting_second": ("waited", "wait_all")}
    for number, (kind, charge) in enumerate(charges_of(contract, harm).items(), 1):
        name, measure = names[kind]
        kpis[name] = {
            "clause": f"5.{number}", "measure": measure, "per_unit": {"rate": f"{charge}", "clause": f"5.{number}"},
            "value_rounding": "none", "missing": "excluded", "exclusions": [],
        }  # fmt: skip
    pay = {key: data["pay"][key] for key in ("clause", "rounding", "objection_days") if key in data["pay"]}
    dropped = ("checklists", "additions", "league", "bonus_pool")
    return {key: value for key, value in data.items() if key not in dropped} | {"kpis": kpis, "pay": pay}

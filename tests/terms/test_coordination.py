"""The coordination certificate, on Erlang-A's exact values and on what it says of terms."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

import csim
from csim.contract.load import read_contract
from csim.terms.tuning.coordination import CENTS, certificate, charges_of, passing_on
from csim.terms.worth.harm import Harm
from csim.terms.worth.surface import Counts
from csim.terms.worth.valuation import Months, valued

from .centres import step, terms

HOURS = 220.0  # a month


def books(contract, rng, harm):
    """Profit, cost and loss by level of a random M/M/n+M centre, from Erlang-A: no simulation."""
    rate, handle, patience = rng.uniform(0.02, 0.2), rng.uniform(120, 500), rng.uniform(40, 400)
    wage, load = rng.uniform(15, 80), rate * handle
    levels = np.arange(max(1, int(0.6 * load)), int(1.5 * load) + 8)
    offered = rate * HOURS * 3600
    exact = [csim.erlang.a(rate, handle, int(n), patience, 20) for n in levels]
    lost = offered * np.array([one.abandonment_rate for one in exact])
    waited = offered * np.array([one.wait_all for one in exact])

    def counts(numerator):
        whole = np.full((len(levels), 1, 1), offered)
        return Counts(np.asarray(numerator, dtype=float).reshape(-1, 1, 1), whole, whole)

    seen = {"lost": counts(lost), "waited": counts(waited), "answer_rate": counts(offered - lost),
            "level": counts(offered * np.array([one.service_level for one in exact]))}  # fmt: skip
    net = valued(contract, Months((len(levels), 1, 1), ("2026-06",), (0,), seen)).net[:, 0, 0]
    cost = wage * HOURS * levels
    return net - cost, cost, harm.abandon * lost + harm.waiting_second * waited


@pytest.mark.parametrize("seed", range(10))
def test_a_vendor_that_bears_the_harm_answers_otherwise_than_the_whole(seed):
    """Ten random centres, exact: the vendor's best level is the whole's, whatever it pays its agents."""
    rng = np.random.default_rng(seed)
    harm = Harm(abandon=round(rng.uniform(7, 30), 1), waiting_second=round(rng.uniform(0, 0.05), 3))
    contract = terms(step("5%"), rate="6")
    found = certificate(contract, *books(read_contract(passing_on(contract, harm)), rng, harm), harm)
    assert found.holds
    assert found.answer == found.optimum
    assert found.spread < CENTS


def test_a_step_is_certified():
    """A step at 80 % buys another level than the whole wants in most of ten centres, and is never certified."""
    apart = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        harm = Harm(abandon=20.0, waiting_second=0.02)
        contract = terms(step("5%"), rate="6")
        found = certificate(contract, *books(contract, rng, harm), harm)
        assert not found.holds
        apart += found.answer != found.optimum
    assert apart >= 5


def test_a_charge_forgets_the_price():
    """14 per abandon where the harm is 20 and a contact pays 6; the whole 20 where the fee is fixed; none below 0."""
    paid = terms(step("5%"), rate="6")
    monthly = read_contract(paid.data | {"pricing": {"clause": "4.1", "per": "month", "rate": 100000}})
    assert charges_of(paid, Harm(20, 0.02)) == {"abandon": Decimal(14), "waiting_second": Decimal("0.02")}
    assert charges_of(monthly, Harm(20)) == {"abandon": Decimal(20)}
    assert charges_of(paid, Harm(5)) == {}
    assert charges_of(paid, Harm()) == {}
    assert charges_of(paid, Harm(20, late_answer=1)) == {}

"""Many months valued at once against the settlement of each by itself."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contract.load import read_contract
from csim.settlement.settle import statement_of
from csim.terms.worth.surface import Counts
from csim.terms.worth.valuation import Months, numbered, valued

from ..settlement.contracts import contracts, counts, months, table

CEILINGS = st.sampled_from([{}, {"up_to": "12%"}])


def known(contract: Any, run: list[dict[str, tuple[int, int]]]) -> Months:
    """A run of months as one level of one run."""
    labels = tuple(f"{2026 + i // 12}-{i % 12 + 1:02d}" for i in range(len(run)))
    names = [*contract.file.kpis, "answer_rate"]
    found = {}
    for name in names:
        measure = contract.file.kpis[name].measure if name in contract.file.kpis else name
        kpi = "service_level_included" if measure == "service_level" else measure
        pairs = np.array([measured[kpi] for measured in run], dtype=float)[None, None]
        found[name] = Counts(pairs[..., 0], pairs[..., 1], pairs[..., 1])
    return Months((1, 1, len(run)), labels, numbered(labels), found, settled=True)


def settled_one_by_one(contract: Any, run: list[dict[str, tuple[int, int]]]) -> list[float]:
    """The payments of the exact settlement, its ledger handed on."""
    ledger, found = None, []
    for i, measured in enumerate(run):
        month = f"{2026 + i // 12}-{i % 12 + 1:02d}"
        statement = statement_of(contract, table(month, measured), ledger=ledger)
        ledger = statement.ledger
        found.append(float(statement.subtotal))
    return found


def agree(contract: Any, run: list[dict[str, tuple[int, int]]]) -> None:
    exact = settled_one_by_one(contract, run)
    assert np.allclose(valued(contract, known(contract, run)).net.ravel(), exact, rtol=0, atol=0.005), exact


@settings(max_examples=60, deadline=None)
@given(contracts(), st.lists(months() | st.just(counts(0, 0, 0)), min_size=1, max_size=14))
def test_a_month_is_valued_otherwise_than_settled(contract, run):
    """A random contract over a random run of months: the same payments to within half a cent."""
    agree(contract, run)


@st.composite
def memories(draw: Any) -> Any:
    """A contract with what months leave to each other and with every shape of penalty."""
    contract = copy.deepcopy(draw(contracts()).data)
    kpis, pay = contract["kpis"], contract["pay"]
    kpis["severe"] = copy.deepcopy(kpis["step"]) | {
        "clause": "5.20", "bands": [{"from": "90%", "points": 0}, {"from": "60%", "points": 2}, {"points": 5}],
        "repeat": {"factor": 2, "clause": "5.21"}, "value_rounding": {"to": "1%", "mode": draw(st.sampled_from(
            ["half_up", "half_even", "down", "up"]))},
    }  # fmt: skip
    kpis["short"] = copy.deepcopy(kpis["risk"]) | {
        "clause": "5.22", "minimum_sample": draw(st.integers(1, 500)),
        "shortfall": {"below": "85%", "per_point": "1%", "clause": "5.23", **draw(CEILINGS)},
        "missing": draw(st.sampled_from(["missed", "excluded", "insufficient"])),
    }  # fmt: skip
    del kpis["short"]["allocation"]
    kpis["each"] = copy.deepcopy(kpis["k1"]) | {
        "clause": "5.24", "measure": "abandonment_rate", "per_unit": {"rate": "0.37", "clause": "5.25"},
    }  # fmt: skip
    for key in ("weight", "bands", "reading"):
        kpis["each"].pop(key, None)
    pay["by_points"] = [{"up_to": 2, "credit": "0%"}, {"up_to": 6, "credit": "4%"}, {"credit": "9%"}]
    then = draw(st.sampled_from([{"then": "bonus", "share_of_fee": "2%"}, {"then": "deduction", "amount": "55.5"}]))
    pay["streaks"] = [
        {"when": draw(st.sampled_from(["score < 80", "missed > 1", "points >= 2", "missed_risk"])), "clause": "6.8",
         "months": draw(st.integers(1, 3)), "reset": draw(st.sampled_from(["after_firing", "never"])), **then},
        {"when": "missed_risk", "months": 2, "consecutive": False, "of": 4, "then": "deduction", "clause": "6.9",
         "share_of_fee": "1.5%", "reset": draw(st.sampled_from(["after_firing", "never"]))},
    ]  # fmt: skip
    if "carry_forward" in pay:
        pay["carry_forward"]["months"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        pay["ramp_up"] = {"months": 2, "clause": "6.10"}
    return read_contract(contract)


@settings(max_examples=60, deadline=None)
@given(memories(), st.lists(months() | st.just(counts(0, 0, 0)), min_size=3, max_size=16))
def test_a_month_forgets_what_the_one_before_left(contract, run):
    """Streaks, points that double, carried sums, earn-back, year caps: the same payments to within half a cent."""
    agree(contract, run)


def test_a_month_without_contacts_is_paid_for():
    """Nothing measured: the rule for missing data, as in the settlement."""
    agree(read_contract(CLIFF), [counts(0, 0, 0)])


CLIFF = {
    "csim": "contract/1", "name": "cliff", "buyer": "us", "vendor": "V", "currency": "CNY", "timezone": "Asia/Shanghai",
    "term": {"from": "2026-01-01", "to": "2027-12-31"},
    "pricing": {"clause": "4.1", "per": "month", "rate": "10000"},
    "kpis": {"step": {
        "clause": "5.1", "measure": "service_level", "reading": {"hang_ups": "included", "within": "20 s"},
        "value_rounding": "none", "missing": "missed", "exclusions": [],
        "bands": [{"from": "80%", "credit": "0%"}, {"credit": "10%"}],
    }},
    "pay": {"clause": "6.1", "rounding": {"to": "0.01", "mode": "half_up"}},
}  # fmt: skip


def test_a_share_just_below_the_edge_is_let_through():
    """Of 3 contacts to 3 × 10⁸: one fewer than 80 % is penalised, exactly 80 % is not."""
    contract = read_contract(CLIFF)
    for many in (5, 3 * 10**8 // 5 * 5):
        run = [{"service_level_included": (many * 4 // 5 - less, many), "answer_rate": (many, many)} for less in (0, 1)]
        assert valued(contract, known(contract, run)).net.ravel().tolist() == [10000.0, 9000.0]

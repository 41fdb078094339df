"""Drafts valued fast against the contracts that they write, and what a search needs beyond what was simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contract.load import load_contract, read_contract
from csim.settlement.facts import QUANTITIES
from csim.terms.tuning.choices import default_choices, rewritten
from csim.terms.tuning.drafts import Drafts
from csim.terms.tuning.shuffled import shuffled, with_levels_at
from csim.terms.tuning.tuning import whole
from csim.terms.worth.surface import Counts, surface
from csim.terms.worth.valuation import Months, numbered, valued

from .centres import LADDER, LINEAR, PER_ABANDON, centre, step, terms

SHIPPED = ("double_11", "hotline_400", "linear_credit", "severity_points", "tiers_carry_forward", "telecom_hotline",
           "presales_scorecard", "outsourcing_scorecard", "at_risk_pool")  # fmt: skip
BUILT = {"ladder": LADDER, "linear": LINEAR, "per abandon": PER_ABANDON, "bonus": step("5%", "3%")}
AGREED = {name: whole(load_contract(f"scenarios/contracts/{name}.yaml")) for name in SHIPPED} | {
    name: terms(kpis) for name, kpis in BUILT.items()
}


def months_of(contract, rng, runs=4, months=6) -> Months:
    """Random months: shares and times near what the clauses ask for, of ten thousand contacts each."""
    shape, counts = (2, runs, months), {}
    for name, clause in contract.file.kpis.items():
        kpi = contract.kpi_of(clause.measure, clause.reading)
        many = rng.integers(9000, 11000, shape).astype(float)
        typical = {"share": rng.uniform(0.5, 1.0, shape), "s": rng.uniform(5, 400, shape)}.get(
            kpi.unit, rng.uniform(60, 110, shape)
        )
        counts[name] = Counts(np.rint(typical * many), many, many)
    for kpi_id, *_ in QUANTITIES.values():
        many = rng.integers(9000, 11000, shape).astype(float)
        counts.setdefault(kpi_id, Counts(many, many, many))
    first = contract.file.term.begins
    labels = tuple(f"{first.year + (first.month - 1 + i) // 12}-{(first.month - 1 + i) % 12 + 1:02d}" for i in range(6))
    return Months(shape, labels, numbered(labels), counts, announced=np.full(shape, 10000.0))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(AGREED)), st.integers(0, 2**32 - 1))
def test_a_draft_is_valued_otherwise_than_the_contract_it_writes(name, seed):
    """Random values of every term, random months, memory between them included: equal to half a cent."""
    contract, rng = AGREED[name], np.random.default_rng(seed)
    choices, months = default_choices(contract), months_of(contract, rng)
    drafts = Drafts(contract, months, choices)
    for _ in range(2):
        values = [choice.values[rng.integers(len(choice.values))] for choice in choices]
        fast = drafts.worth(values)
        exact = valued(read_contract(rewritten(contract, choices, values)), months)
        for part in ("net", "fee", "deducted", "through"):
            assert np.allclose(getattr(fast, part), getattr(exact, part), rtol=0, atol=0.005), part


@pytest.fixture(scope="module")
def grid():
    """Three months at three levels, days that differ."""
    return surface(centre(cv=0.1), [24, 26, 28], "agents", "team", replications=3, seed=5)


def test_other_months_have_other_days(grid):
    """Every day of every date is used equally often; no month mixes up dates."""
    many = shuffled(grid, 60, seed=2)
    assert many.replications == 60
    few, more = (one.counts("service_level").denominator[0] for one in (grid, many))
    for date in range(len(grid.dates)):
        assert sorted(more[:, date]) == sorted(np.repeat(few[:, date], 20))
    assert np.array_equal(shuffled(grid, 60, seed=2).sums, many.sums, equal_nan=True)


def test_months_of_shuffled_days_vary_by_another_amount(grid):
    """The sd of a month's level is that of 22 days pooled: sd of a day ÷ √22, ±15 % (66 days stand behind it)."""
    many = shuffled(grid, 300, seed=2).counts("service_level")
    months = many.numerator[1].sum(1) / many.denominator[1].sum(1)
    days = grid.counts("service_level")
    pooled = days.numerator[1].sum() / days.denominator[1].sum()
    apart = (days.numerator[1] - pooled * days.denominator[1]) / days.denominator[1].mean()
    assert months.std() == pytest.approx(apart.std() / np.sqrt(22), rel=0.15)


def test_a_vendor_between_two_levels_lies_elsewhere(grid):
    """The KPI has the wanted value over all days, hours lie between, and a value out of reach is not known."""
    more = with_levels_at(grid, "service_level", [0.8, 0.999])
    assert more.counts("service_level").pooled()[3] == pytest.approx(0.8, abs=1e-12)
    assert 24 < more.levels[3] < 28
    assert more.hours[3].sum() == pytest.approx(more.levels[3] * 220)
    assert np.isnan(more.levels[4])

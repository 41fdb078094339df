"""From a surface to months: the same payments as settling the simulation itself."""

from __future__ import annotations

import numpy as np
import pytest

import csim
from csim.contract.load import read_contract
from csim.terms.worth.played import months_played
from csim.terms.worth.surface import surface
from csim.terms.worth.valuation import valued

from .centres import centre, step, terms


@pytest.mark.parametrize("over", ["1%", "10%", "none"])
@pytest.mark.parametrize("by", ["day", "month"])
def test_a_simulated_month_is_paid_otherwise_than_settled(over, by):
    """Relief by day or by month, a minimum bill: every simulated month as csim.settle pays it, to half a cent."""
    scenario = csim.load_scenario(centre(cv=0.10))
    agreed = terms(step("10%", "3%")).data
    dates = scenario.days.arrival_dates
    agreed["forecast"] = {"clause": "3.1", "days": dict.fromkeys(dates, 2650)}
    agreed["pricing"]["minimum"] = {"of_forecast": "98%", "clause": "4.2"}
    if over != "none":
        relief = {"what": "volume_above_forecast", "over": over, "by": by, "clause": "5.5"}
        agreed["kpis"]["level"]["exclusions"] = [relief]
    contract = read_contract(agreed)
    exact = csim.settle(contract, csim.simulate(scenario, replications=6, seed=9)).months["net"].astype(float)
    grid = surface(scenario, [26], "agents", "team", replications=6, seed=9)
    assert np.allclose(valued(contract, months_played(grid, contract)).net.ravel(), exact, rtol=0, atol=0.005)


def test_a_short_calendar_is_no_month():
    """Ten simulated days a replication are strung together to months of 22 and quarters of 66."""
    grid = surface(centre(days=10), [26], "agents", "team", replications=14, seed=9)
    found = months_played(grid, terms(step("10%")), "month")
    assert found.shape == (1, 6, 1)
    offered = grid.counts("answer_rate").denominator.ravel()
    assert found.counts["answer_rate"].denominator.ravel().tolist() == [
        offered[22 * i : 22 * i + 22].sum() for i in range(6)
    ]
    assert months_played(grid, terms(step("10%")), "quarter").shape == (1, 2, 1)

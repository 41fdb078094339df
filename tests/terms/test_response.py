"""The vendor's best answer, on a small surface and on values that are known exactly."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import csim
from csim.contract.load import read_contract
from csim.errors import InputError
from csim.terms.answering.response import best_response
from csim.terms.worth.answers import best_level
from csim.terms.worth.harm import Harm, harm_of, harm_per_abandon
from csim.terms.worth.surface import Surface, surface

from .centres import COORDINATED, HARM, LADDER, PER_ABANDON, SERVICE, centre, step, terms


@pytest.fixture(scope="module")
def small() -> Surface:
    """Six months at six levels: 2 million contacts are too few to tell neighbours apart, enough to tell 22 from 28."""
    return surface(centre(), [20, 22, 24, 26, 28, 30], "agents", "team", replications=6, seed=3)


def test_a_vendor_paid_per_contact_staffs_for_the_buyer(small):
    """Six per answered contact buys 22 agents; the whole wants six more, and the verdict says so."""
    found = best_response(terms(), small, harm=HARM)
    assert (found.answer["level"], found.optimum["level"]) == (22, 28)
    assert found.summary("en").startswith("These terms buy 22 agents; you want 28 agents.")
    assert found.summary("zh").startswith("按此条款，供应商会配置22 名坐席；您需要的是28 名坐席。")
    assert found.signs
    assert found.efficiency < 0.9


def test_terms_that_pass_the_harm_on_buy_something_else_than_the_whole_wants(small):
    """−14 per abandon and −0.02 per waiting second is the buyer's harm less the price: exactly the same answer."""
    found = best_response(terms(COORDINATED), small, harm=HARM)
    assert found.best == found.system
    moved = found.table["profit"] + found.table["system"]
    assert np.allclose(moved, moved.iloc[0], atol=0.02), "profit and system cost differ by a constant, to the cent"


def test_a_penalty_too_small_to_deter_is_called_enough(small):
    """A step scaled to just below the threshold leaves the vendor in breach, just above it does not."""
    share = best_response(terms(step("10%")), small, harm=HARM).deterrence["level"]
    assert share is not None
    levels = [
        best_response(terms(step(f"{100 * share * factor:.4f}%")), small).answer["level"] for factor in (0.98, 1.02)
    ]
    assert levels == [22, 26]


def test_a_capped_penalty_deters():
    """Where the month's cap stands before the penalty, no size deters, and that is said."""
    agreed = terms(step("10%")).data
    agreed["pay"] |= {"caps": [{"month": "0.5%", "clause": "6.4"}], "order": ["month_cap"]}
    found = best_response(read_contract(agreed), surface(centre(), [22, 26], "agents", "team", replications=2))
    assert found.deterrence == {"level": None}


def test_costs_in_a_range_give_one_answer(small):
    """Cheap agents are hired in larger numbers than dear ones; above the break-even nobody earns."""
    found = best_response(terms(PER_ABANDON), small, cost_per_hour=(20, 60), harm=HARM)
    levels = found.costs["level"].tolist()
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[-1]
    dear = best_response(terms(PER_ABANDON), small, cost_per_hour=1.001 * found.break_even)
    assert dear.answer["profit"] < 0
    assert not dear.signs
    assert "exits" in dear.summary("en")


def test_a_margin_is_not_reserved(small):
    """A vendor who must keep more of the payment than it can does not sign."""
    found = best_response(terms(), small, harm=HARM)
    reachable = found.answer["profit"] / found.answer["payment"]
    assert best_response(terms(), small, margin=reachable - 0.01).signs
    assert not best_response(terms(), small, margin=reachable + 0.01).signs


def test_the_json_has_other_names(small):
    """best, system, signs and deterrence as INTERFACE names them; what is not known is null."""
    found = json.loads(best_response(terms(LADDER), small, harm=HARM).as_json())
    assert {"agents", "profit", "service_level"} <= found["best"].keys()
    assert found["signs"] is True
    assert 0 < found["deterrence"]["level"] < 0.05
    unknown = json.loads(best_response(terms(LADDER), small).as_json())
    assert unknown["system"]["agents"] is None


def test_a_result_cannot_be_shown(small, tmp_path):
    """Table, page and figure in both languages, and a workbook."""
    found = best_response(terms(step("10%")), small, harm=HARM)
    for lang in ("en", "zh"):
        assert found.plot(lang).get_title(loc="left")
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == 6
    assert found.to_excel(tmp_path / "response.xlsx").exists()


@pytest.mark.parametrize("seed", range(10))
def test_erlang_and_the_surface_answer_differently(seed, small):
    """Ten random centres as Erlang-A's values: passing the harm on gives the whole's optimum, newsvendor-like."""
    luck = np.random.default_rng(seed)
    rate, handle, patience = luck.uniform(100, 400) / 3600, luck.uniform(120, 600), luck.uniform(60, 400)
    price, cost, harm = luck.uniform(4, 8), luck.uniform(20, 60), luck.uniform(10, 40)
    levels = range(max(1, int(0.5 * rate * handle)), int(2 * rate * handle) + 10)
    lost = np.array([csim.erlang.a(rate, handle, n, patience, 20).abandonment_rate for n in levels]) * rate * 3600
    staff = cost * np.array(levels)
    profit = price * (rate * 3600 - lost) - (harm - price) * lost - staff
    assert best_level(profit) == best_level(-(staff + harm * lost))


def test_erlang_and_the_surface_disagree(small):
    """M/M/n+M without day factor: the answer on Erlang-A's values is the one on the simulated surface."""
    lost = np.array([csim.erlang.a(273 / 3600, 300, int(n), 180, 20).abandonment_rate for n in small.levels])
    exact = best_level(6 * 273 * 220 * (1 - lost) - 40 * 220 * np.array(small.levels))
    assert small.levels[exact] == best_response(terms(), small).answer["level"]


@pytest.mark.parametrize(
    ("price", "per_lost", "capacity"), [(10, 0, 1104.9), (6, 0, 1000.0), (6, 2, 1063.7), (6, 4, 1104.9)]
)
def test_a_newsvendor_holds_another_capacity(price, per_lost, capacity):
    """Demand N(1000, 200), cost 3: revenue 10 holds 1104.9; 6 alone 1000.0, + 2 per lost 1063.7, + 4 again 1104.9."""
    grid = np.arange(900, 1300, 0.1)
    z = (grid - 1000) / 200
    short = 200 * (
        np.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * np.array([math.erfc(x / math.sqrt(2)) / 2 for x in z])
    )
    profit = price * (1000 - short) - per_lost * short - 3 * grid
    assert abs(grid[best_level(profit)] - capacity) < 0.06


def test_a_scale_of_scores_deters_at_another_step(small):
    """Scaled to just below its threshold the first step of the scale leaves the vendor in breach, just above not."""

    def by_score(taken: float) -> Any:
        data = terms(
            {"level": SERVICE | {"weight": "100%", "bands": [{"from": "80%", "score": 100}, {"score": 50}]}}
        ).data
        data["pay"] |= {
            "by_score": [{"from": 90, "share_of_fee": "100%"}, {"share_of_fee": f"{100 * (1 - taken):.4f}%"}]
        }
        return read_contract(data)

    share = best_response(by_score(0.05), small).deterrence["by_score"]
    assert share is not None
    assert share == pytest.approx(best_response(terms(step("10%")), small).deterrence["level"], rel=1e-3)
    levels = [best_response(by_score(share * factor), small).answer["level"] for factor in (0.98, 1.02)]
    assert levels == [22, 26]


def test_a_lost_order_in_the_contract_is_other_harm():
    """180 × 45 % × 20 % × 50 % under private is 8.10 for each abandoned contact; both ways at once are refused."""
    data = terms().data
    data["private"] = {"lost_order": {"value": 180, "conversion": "45%", "margin": "20%", "share_lost": "50%"}}
    assert harm_of(read_contract(data)) == Harm(abandon=pytest.approx(8.1))
    data["private"] |= {"harm_per_abandon": 20}
    with pytest.raises(InputError, match="keep one"):
        read_contract(data)


def test_derived_harm_is_wrong():
    """180 × 45 % × 20 % × 50 % = 8.10 per abandoned chat."""
    assert harm_per_abandon(180, 0.45, 0.20, 0.50) == pytest.approx(8.10, abs=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cost_per_hour": 0}, "free agents are always hired"),
        ({"harm": {"abandons": 3}}, 'did you mean "abandon"'),
        ({"harm": {"abandon": -3}}, "0 or more"),
    ],
)
def test_bad_figures_are_taken(small, given, said):
    """Costs of 0, unknown or negative losses are refused with what to write."""
    with pytest.raises(InputError, match=said):
        best_response(terms(), small, **given)


def test_a_level_moves_the_luck():
    """The same contacts arrive at every level; more volume or longer handling alone worsens the service."""
    grid = surface(centre(days=2), [22, 30], "agents", "team", replications=2)
    offered = grid.counts("answer_rate").denominator
    assert np.array_equal(offered[0], offered[1])
    for lever in ("volume", "handle_time", "staffing"):
        low, high = surface(centre(days=2), [0.9, 1.1], lever, replications=2).counts("service_level").pooled()
        assert bool(low < high) == (lever == "staffing"), lever
    assert grid.labels == ["22", "30"]

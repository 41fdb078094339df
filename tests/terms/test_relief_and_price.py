"""What relief is worth, and what a promise should cost, against what can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

import csim
from csim.errors import InputError
from csim.terms.pricing.price import fair_price, priced, promising
from csim.terms.pricing.relief import relief
from csim.terms.worth.surface import Surface, surface
from csim.terms.worth.valuation import valued

from .centres import centre, step, terms


@pytest.fixture(scope="module")
def luck() -> Surface:
    """Eight months of days that differ by 10 %, at two levels."""
    return surface(centre(cv=0.1), [25, 27], "agents", "team", replications=8, seed=3)


def test_relief_by_month_fires(luck):
    """Days lie more than 10 % above the forecast now and then, months never; only the former is worth something."""
    found = relief(terms(step("10%")), luck)
    rows = found.table[found.table["level"] == 25].set_index("relief")
    assert 0.1 < rows.loc["day", "applies"] < 0.25
    assert rows.loc["month", "applies"] == 0
    assert rows.loc["day", "worth"] > 0
    assert rows.loc["month", "worth"] == 0
    values = found.clauses[found.clauses["level"] == 25].set_index("relief")["value"]
    assert values["day"] > values["without"] == values["month"]


def test_relief_is_worth_something_else_than_the_penalty_it_spares(luck):
    """A month that relief turns from missed to kept gives a tenth of its invoice back, to the cent."""
    found = relief(terms(step("10%")), luck)
    rows = found.table[found.table["level"] == 25].set_index("relief")
    spared = rows.loc["without", "missed"] - rows.loc["day", "missed"]
    assert rows.loc["day", "worth"] == pytest.approx(spared * 0.1 * rows.loc["day", "payment"], rel=0.1)


def test_a_ramp_up_spares_other_money(luck):
    """Two months without deductions are worth two months' deductions, once."""
    found = relief(terms(step("10%")), luck, ramp_up=2)
    row = found.table[(found.table["level"] == 25) & (found.table["relief"] == "ramp_up")].iloc[0]
    bare = found.table[(found.table["level"] == 25) & (found.table["relief"] == "without")].iloc[0]
    assert row["applies"] == 2
    assert row["missed"] == pytest.approx(2 * bare["missed"])
    assert row["worth"] > 0


def test_volumes_of_other_days_are_taken(luck):
    """A contract that announces volumes for another year is refused, with the days that are simulated."""
    agreed = csim.load_contract("scenarios/contracts/double_11.yaml").with_volumes_inside()["forecast"]
    data = dict(terms(step("10%")).data)
    data["forecast"] = {"clause": "4.2", "days": agreed["days"]}
    with pytest.raises(InputError, match="announces no volume for 2026-06-01"):
        relief(data, luck)


def test_the_parts_of_a_price_do_not_add_up(luck):
    """Cost, margin, expected penalty and load make the price, and at that price the vendor just earns its margin."""
    agreed = terms(step("10%"))
    found = fair_price(agreed, luck, [0.75, 0.85], margin=0.1, aversion=0.5)
    table = found.table.dropna(subset=["price"])
    assert len(table)
    total = table[["cost", "margin", "penalty", "load"]].sum(axis=1)
    assert np.allclose(total, table["price"], rtol=1e-4)
    row = table.iloc[0]
    from csim.terms.worth.played import months_played

    varied = promising(agreed, "level", row["promised"])
    at = luck.levels.index(row["level"])
    net = valued(varied, months_played(luck, varied), priced(row["price"] / 6)).net[at]
    cost = luck.hours[at].sum() * 40
    assert 0.9 * net.mean() - 0.5 * net.std() == pytest.approx(cost, rel=1e-4)


def test_a_price_without_penalties_is_not_the_cost_plus_margin():
    """Where nothing is ever deducted and luck costs nothing, price = cost ÷ (1 − margin) ÷ answered contacts."""
    grid = surface(centre(), [30], "agents", "team", replications=3, seed=3)
    row = fair_price(terms(step("10%")), grid, [0.5], margin=0.2, aversion=0).table.iloc[0]
    answered = grid.counts("answer_rate").numerator.sum() / 3
    assert row["price"] == pytest.approx(40 * 220 * 30 / 0.8 / answered, rel=1e-6)
    assert row["penalty"] == 0


def test_a_promise_out_of_reach_has_a_price(luck):
    """99.9 % is not reached by 27 agents: the row says so, the sentence too."""
    found = fair_price(terms(step("10%")), luck, [0.75, 0.999])
    assert found.table["price"].isna().tolist() == [False, True]
    assert "99.9 %" in found.summary("en")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"promised": [80]}, "as a share"),
        ({"promised": []}, "no promise"),
        ({"margin": 1.0}, "share of the payment"),
        ({"aversion": -1.0}, "standard deviations"),
        ({"clause": "levle"}, 'did you mean "level"'),
        ({"cost_per_hour": 0}, "free agents"),
    ],
)
def test_a_senseless_price_is_computed(luck, given, said):
    """Promises, margins, aversions and clauses that cannot be are refused with what to write."""
    with pytest.raises(InputError, match=said):
        fair_price(terms(step("10%")), luck, **given)


def test_relief_and_prices_cannot_be_shown(luck, tmp_path):
    """Sentence, figure, table and workbook in both languages."""
    agreed = terms(step("10%"))
    for found in (relief(agreed, luck), fair_price(agreed, luck)):
        for lang in ("en", "zh"):
            assert found.summary(lang)
            assert found.plot(lang).get_title(loc="left")
        assert "<table" in found._repr_html_()
        assert found.to_excel(tmp_path / "out.xlsx").exists()

"""How reliably clauses judge, on a small surface."""

from __future__ import annotations

import json

import numpy as np
import pytest

import csim
from csim.contract.load import read_contract
from csim.errors import InputError
from csim.terms.judging.characteristic import operating_characteristic
from csim.terms.judging.samples import falls_short
from csim.terms.worth.surface import Surface, surface

from .centres import SERVICE, centre, step, terms

QA = {"measure": "qa_pass_rate", "reading": {"pass_mark": 80}, "expected": "95%", "minimum_sample": 440,
      "bands": [{"from": "95%", "credit": "0%"}, {"credit": "2%"}]}  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Surface:
    """Twelve months at three volumes, 10 % of day-to-day luck."""
    return surface(centre(275, 25, cv=0.10), [0.9, 1.0, 1.1], "volume", replications=12, seed=5)


def test_a_busier_centre_is_punished_less(small):
    """P(penalty) falls with the true level in every cycle; the JSON names what INTERFACE names."""
    found = operating_characteristic(terms(step("10%", "3%")), small)
    for _, part in found.clauses.groupby("cycle"):
        by_level = part.sort_values("true_level")
        assert (np.diff(by_level["p_penalty"]) <= 0).all()
        assert (np.diff(by_level["p_bonus"]) >= 0).all()
    rows = json.loads(found.as_json())["clauses"]
    assert {"clause", "cycle", "true_level", "p_penalty", "p_bonus", "expected_money"} <= rows[0].keys()
    assert {row["cycle"] for row in rows} == {"day", "week", "ten_days", "month", "quarter"}


def test_a_binomial_interval_is_trusted_where_days_differ(small):
    """Ten per cent of day-to-day luck makes the level vary many times more than coins would: marked as wrong."""
    found = operating_characteristic(terms(step("10%")), small, cycles=["day", "week"])
    assert found.clauses["binomial_wrong"].all()
    assert "wrong here" in found.summary("en")
    assert "二项区间不成立" in found.summary("zh")


def test_the_true_level_is_not_erlangs_without_a_day_factor():
    """M/M/n+M, warmed up, days alike: the true level is Erlang-A's exact value; with a day factor it is pooled."""
    exact = csim.erlang.a(273 / 3600, 300, 26, 180, 20).service_level
    for cv in (0.0, 0.1):
        grid = surface(centre(273, 26, cv, warmup="1 h"), [26], "agents", "team", replications=1)
        row = operating_characteristic(terms(step("10%")), grid, cycles=["day"]).clauses.iloc[0]
        assert row["at_mean_load"] == pytest.approx(exact, abs=1e-12)
        assert (row["true_level"] == row["at_mean_load"]) == (cv == 0)


def test_a_sample_of_coins_is_simulated(small):
    """440 checks a month against 95 %: the exact binomial, P(miss) at .95 and .96 as everywhere."""
    found = operating_characteristic(terms({"qa": QA}), small, cycles=["month"])
    table = found.clauses.set_index("true_level")
    for true in (0.93, 0.95, 0.96):
        assert table.loc[true, "p_penalty"] == pytest.approx(falls_short(440, 0.95, true), abs=1e-9)
    assert found.risks.iloc[0]["method"] == "binomial"
    assert "252" in " ".join(found.advice("en"))


def test_three_months_in_a_row_are_as_rare_as_one(small):
    """A streak of three fires more rarely than one month misses; one month's streak as often as not in a year."""
    agreed = terms(step("10%")).data
    agreed["pay"]["streaks"] = [
        {"when": "missed_level", "months": n, "then": "termination_right", "clause": f"8.{n}"} for n in (1, 3)
    ]
    found = operating_characteristic(read_contract(agreed), small, cycles=["month"]).streaks
    one, three = (found[found["clause"] == f"8.{n}"].set_index("level") for n in (1, 3))
    assert (three["p_year"] <= one["p_year"]).all()
    p = one["p_month"]
    assert np.allclose(one["p_year"], 1 - (1 - p) ** 12, atol=0.04), "independent months"
    assert (three["per_year"] <= one["per_year"] + 1e-12).all()


def test_a_result_cannot_be_shown(small, tmp_path):
    """Table, page and figure in both languages, and a workbook."""
    found = operating_characteristic(terms(step("10%")), small)
    for lang in ("en", "zh"):
        assert found.plot("level", lang).get_title(loc="left")
        assert found.advice(lang)
    assert "<table" in found._repr_html_()
    assert found.to_excel(tmp_path / "judge.xlsx").exists()


@pytest.mark.parametrize(
    ("kpis", "more", "said"),
    [
        ({"free": SERVICE | {"bands": [{"from": "80%", "credit": "0%"}, {"credit": "0%"}]}}, {}, "the penalty is 0"),
        ({"qa": QA | {"minimum_sample": 10}}, {}, "finer than its sample"),
        (step("10%"), {"samples": {"qa": 10}}, 'no clause "qa"'),
        (step("10%"), {"cycles": ["fortnight"]}, "no cycle"),
        (None, {}, "nothing to judge"),
    ],
)
def test_what_cannot_be_judged_is(small, kpis, more, said):
    """Penalties of 0, levels finer than their sample, unknown clauses and cycles: refused with what to write."""
    with pytest.raises(InputError, match=said):
        operating_characteristic(terms(kpis), small, **more)

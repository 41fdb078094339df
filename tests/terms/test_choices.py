"""Which terms of a contract may be chosen, and what is written for a choice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from csim.contract.lint import lint
from csim.contract.load import read_contract
from csim.errors import InputError
from csim.terms.tuning.choices import choice_of, default_choices, rewritten
from csim.terms.tuning.ranges import nice
from csim.terms.tuning.tuning import whole

CONTRACTS = sorted(Path("scenarios/contracts").glob("*.yaml"))
LINTED = [path for path in CONTRACTS if "as_published" not in path.name]


def agreed(name):
    return read_contract(f"scenarios/contracts/{name}.yaml")


@pytest.mark.parametrize("path", LINTED, ids=lambda path: path.stem)
def test_a_proposal_has_errors_that_today_has_not(path):
    """Every term alone at its least and at its greatest value: the linter finds no new error, wordings included."""
    contract = whole(read_contract(path))
    before = {f.code for f in lint(contract) if f.severity == "error"}
    for choice in default_choices(contract):
        for value in (choice.values[0], choice.values[-1]):
            data = rewritten(contract, [choice], [value])
            found = [f for f in lint(data) if f.severity == "error" and f.code not in before]
            assert not found, (choice.name, choice.text(value), found)


@pytest.mark.parametrize("path", LINTED, ids=lambda path: path.stem)
def test_today_is_no_choice(path):
    """Today's value is among the values of every term, and writing it changes nothing."""
    contract = read_contract(path)
    choices = default_choices(contract)
    assert choices
    assert all(choice.today in choice.values for choice in choices)
    assert rewritten(contract, choices, [choice.today for choice in choices]) == contract.data


def test_a_level_moves_alone():
    """The level of a clause moves its expectation, every edge and the words beside them by the same distance."""
    contract = agreed("tiers_carry_forward")
    choice = choice_of(contract, "kpis.service_level.level=70%..90%..1%")
    clause = rewritten(contract, [choice], [Decimal("0.83")])["kpis"]["service_level"]
    assert clause["expected"] == "83%"
    assert [row.get("from") for row in clause["bands"]] == ["83%", "78%", "73%", None]
    assert [row["wording"] for row in clause["bands"]] == ["83%以上", "78%以上、不满83%", "73%以上、不满78%", "不满73%"]


def test_credits_lose_their_proportions():
    """5, 10 and 20 % become 3, 6 and 12 % when the first is 3 %."""
    contract = agreed("tiers_carry_forward")
    choice = choice_of(contract, "kpis.service_level.credit")
    rows = rewritten(contract, [choice], [Decimal("0.03")])["kpis"]["service_level"]["bands"]
    assert [row["credit"] for row in rows] == ["0%", "3%", "6%", "12%"]


def test_weights_do_not_make_a_whole():
    """However the weights of a contract are chosen, they make 100 %, in steps of 5 %, and none is 0."""
    contract = agreed("double_11")
    choices = [c for c in default_choices(contract) if c.group == "weight"]
    assert len(choices) == 3
    for values in (("1", "0.05", "0.05"), ("0.05", "0.05", "0.05"), ("0.9", "0.85", "0.10")):
        data = rewritten(contract, choices, [Decimal(value) for value in values])
        shares = [Decimal(str(clause["weight"]).rstrip("%")) for clause in data["kpis"].values()]
        assert sum(shares) == 100
        assert all(share >= 5 and share % 5 == 0 for share in shares)


def test_one_side_of_an_edge_moves():
    """An edge of two bands is moved in both, so that no gap opens."""
    contract = agreed("double_11")
    choice = choice_of(contract, "kpis.response.bands.1.from=65%..75%..5%")
    rows = rewritten(contract, [choice], [Decimal("0.75")])["kpis"]["response"]["bands"]
    assert (rows[1]["from"], rows[2]["below"], rows[2]["wording"]) == ("75%", "75%", "60%以上、不满75%")


def test_steps_are_such_that_no_lawyer_would_write_them():
    """Prices move in 1, 2 or 5 of some power of ten; levels in whole or half points."""
    for name in ("hotline_400", "double_11", "telecom_hotline"):
        contract = agreed(name)
        for choice in default_choices(contract):
            values = [value for value in choice.values if value != choice.today]
            if choice.kind == "money":
                step = nice(choice.number / 100)
                assert all(value % step == 0 for value in values)
            elif choice.kind == "share":
                assert all(value * 400 == int(value * 400) for value in values), choice.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prise", 'did you mean "price"'),
        ("kpis.service_level.bonus", "has no term"),
        ("kpis.service_level", "has no term"),
        ("price=400000..300000", "is no range of price"),
        ("price=1..1000000..1", "is no range of price"),
        ("kpis.service_level.level=80..90", "is no range"),
        ("name", "no number that could be chosen"),
        ("money_cycle=yearly", "is no money cycle"),
    ],
)
def test_a_term_that_is_none_is_taken(text, said):
    """A misspelt term, an empty or endless range, a level without its unit: said, with what to write."""
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        choice_of(agreed("hotline_400"), text)

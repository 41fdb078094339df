"""Sliders over a contract: the vendor's answer is csim.best_response of the revised terms, mistakes are messages."""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import csim
from csim.contract.load import read_contract
from csim.display.numbers import shown, whole
from csim.errors import InputError
from csim.explore import terms
from csim.explore.page import Page
from csim.explore.revised import amounts, level_choices, revised
from csim.terms.worth.valuation import terms_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CONTRACTS = sorted(path.stem for path in (SCENARIOS / "contracts").glob("*.yaml"))


def contract(name):
    return SCENARIOS / "contracts" / f"{name}.yaml"


@pytest.fixture(scope="module")
def centre():
    """A day on which calls are promised an answer in a minute, with agents that cost something."""
    day = csim.load_scenario(SCENARIOS / "centres/first_voice.yaml")
    return day.vary({"queues.calls.answer_within": "60 s", "groups.team.cost_per_hour": 40})


@pytest.fixture(scope="module")
def opened(centre):
    return csim.explore(contract("linear_credit"), centre, replications=22, seed=3)


@pytest.fixture
def explorer(opened, tmp_path):
    """The sliders at the contract as agreed, in English; the centre behind them is simulated once for all tests."""
    opened.languages.value, opened.folder = "en", tmp_path
    opened.reset.click()
    opened.saved = opened.found
    return opened


def test_the_answer_is_another_than_best_response(explorer):
    """After a move the cards say what csim.best_response says of the revised contract on the same simulated days."""
    level = explorer.levels["service_level"].values[0]
    explorer.move(penalty=2.5, level=level)
    better = revised(explorer.agreed, Decimal("2.5"), choice=explorer.levels["service_level"], level=level)
    plain = csim.best_response(better, explorer.grid)
    assert explorer.found.table.equals(plain.table)
    assert explorer.found.contract.hash == plain.contract.hash != explorer.agreed.hash
    money = {key: f"{whole(plain.answer[key])} {better.file.currency}" for key in ("payment", "profit")}
    for key, said in {"service_level": shown(float(plain.answer["service_level"]), "share"), **money}.items():
        found = re.search(rf'data-key="{key}">.*?<div class="value">([^<]*)</div>', explorer.cards.value)[1]
        assert found == said
    assert plain.summary("en").split(".")[0] in explorer.answer.value


def test_a_heavier_penalty_buys_less_service(explorer):
    """On the same days a vendor never staffs less when penalties grow; back at the contract the answer is as before."""
    before = explorer.found.table
    answers = []
    for factor in (0.0, 0.5, 1.0, 2.0, 3.0):
        explorer.move(penalty=factor)
        answers.append(float(explorer.found.answer["level"]))
    assert answers == sorted(answers)
    assert answers[0] < answers[-1]
    explorer.reset.click()
    assert explorer.found.table.equals(before)
    assert explorer.contract is explorer.agreed


def test_a_move_simulates_again(explorer, monkeypatch):
    """The centre is simulated once: a move only values the contract anew."""
    monkeypatch.setattr("csim.terms.worth.surface.simulate", None)
    explorer.move(penalty=2)
    assert explorer.message.value == ""


def test_terms_that_cannot_be_are_a_traceback(explorer, monkeypatch):
    """What the contract's schema refuses is a message; numbers come back with the next good position."""

    def refused(*_):
        raise InputError("101% is more than the whole")

    with monkeypatch.context() as patched:
        patched.setattr(terms, "revised", refused)
        explorer.move(penalty=2)
        assert "101% is more than the whole" in explorer.message.value
        assert explorer.cards.value == ""
    explorer.move(penalty=2)
    assert (explorer.message.value, explorer.cards.value == "") == ("", False)


def test_exported_terms_are_others(explorer, tmp_path):
    """The file that is written is the revised contract; a second one of that name is refused."""
    explorer.move(penalty=2)
    explorer.export.click()
    (file,) = tmp_path.iterdir()
    assert csim.load_contract(file).hash == explorer.contract.hash
    before = file.read_bytes()
    explorer.move(penalty=3)
    explorer.export.click()
    assert "stands there already" in explorer.message.value
    assert file.read_bytes() == before


def test_words_stay_in_the_other_language(explorer):
    """The switch changes the title, the sliders, the sentence and the cards."""
    explorer.languages.value = "zh"
    for text in (explorer.title.value, explorer.penalty.description, explorer.level.description, explorer.answer.value,
                 explorer.cards.value, explorer.told.value):  # fmt: skip
        assert re.search("[\u4e00-\u9fff]", text)
    assert "扣款力度" in explorer.penalty.description


def test_a_contract_about_another_queue_is_valued(centre):
    """A contract whose clauses name a queue that the centre has not is a message, without a traceback."""
    found = csim.explore(contract("hotline_400"), centre, replications=22)
    assert "hotline" in found.message.value
    assert found.cards.value == ""


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_factor_changes_more_than_money(name):
    """Twice the penalties doubles each amount where it stands and nothing else; half and none are contracts too."""
    agreed = read_contract(contract(name))
    if any(finding.severity == "error" for finding in csim.lint(agreed)):
        pytest.skip("a contract with errors, to be read and not settled")
    twice = revised(agreed, penalty=Decimal(2))
    places = [place for place, _, sign in amounts(agreed.data) if sign < 0]
    assert ((twice.file.pay, twice.file.kpis) == (agreed.file.pay, agreed.file.kpis)) == (not places)
    for factor in (Decimal(0), Decimal("0.5")):
        revised(agreed, factor, factor)
    before, after = (terms_of(one, f"{one.file.term.begins:%Y-%m}").ladder.pay for one in (agreed, twice))
    if before.at_risk:
        assert after.at_risk.share_of_fee == 2 * before.at_risk.share_of_fee
    for one, other in zip(before.by_score, after.by_score, strict=True):
        lost = 1 - one.share_of_fee
        assert 1 - other.share_of_fee == (min(1, 2 * lost) if lost > 0 else lost)
    more = revised(agreed, bonus=Decimal(2))
    same = (more.file.pay, more.file.kpis) == (agreed.file.pay, agreed.file.kpis)
    assert same == all(sign < 0 for *_, sign in amounts(agreed.data))


def test_a_level_that_moves_leaves_a_band_behind():
    """All edges of a clause move together, exactly."""
    agreed = read_contract(contract("double_11"))
    choice = level_choices(agreed)["response"]
    moved = revised(agreed, choice=choice, level=choice.today + Decimal("0.05")).file.kpis["response"]
    edges = [
        [band.begins.number for band in clause.bands if band.begins] for clause in (agreed.file.kpis["response"], moved)
    ]
    assert np.array_equal(np.array(edges[1]) - np.array(edges[0]), [Decimal("0.05")] * len(edges[0]))


def test_a_page_with_a_contract_is_a_traceback(tmp_path):
    """The page offers the contracts of its folder; what does not fit the centre is a message."""
    text = (SCENARIOS / "contracts/linear_credit.yaml").read_text(encoding="utf-8")
    (tmp_path / "terms.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("csim: contract/1\nname: bad\n", encoding="utf-8")
    day = (SCENARIOS / "centres/first_chat.yaml").read_text(encoding="utf-8")
    (tmp_path / "day.yaml").write_text(day, encoding="utf-8")
    page = Page(tmp_path, {"contract": "bad", "lang": "zh"})
    assert "bad.yaml" in page.message.value
    assert page.explorer is None
    assert "no contract" in Page(tmp_path, {"contract": "../x"}).message.value
    page.terms.value = ""
    assert page.message.value == ""
    assert page.explorer.plan.name == "first-chat"

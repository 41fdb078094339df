"""The page before a renewal: the recommendation first, and why; contracts side by side on the same months."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import csim
from csim.contract.load import read_contract
from csim.contract.paper.written import to_yaml
from csim.errors import InputError
from csim.report.contenders import _centre, contenders
from csim.report.renewal import RenewalPage
from csim.terms.answering.response import best_response

from ..terms.centres import LADDER, centre, step, terms

TERMS = "price=5..7..0.1, kpis.level.credit=1%..8%..1%"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Today's contract, one on the table that buys too little, and the centre."""
    folder = tmp_path_factory.mktemp("renewal")
    found = {"contract": terms(LADDER).data, "weak": terms(step("1%")).data | {"name": "weak <b>"}, "centre": centre()}
    from ruamel.yaml import YAML

    paths = {}
    for name, data in found.items():
        paths[name] = str(folder / f"{name}.yaml")
        if name == "centre":
            with open(paths[name], "w", encoding="utf-8") as out:
                YAML().dump(data, out)
        else:
            to_yaml(data, paths[name])
    return paths


@pytest.fixture(scope="module")
def known(files):
    """A renewal on two months at three levels."""
    return contenders(
        files["contract"], files["centre"], proposals=files["weak"], wish="service_level>=80%", terms=TERMS,
        harm_abandon=20.0, margin=0.02, levels="22,26,28", replications=2, candidates=200, gaming=True, robust=False,
    )  # fmt: skip


def test_a_proposal_of_the_same_name_cannot_be_told(files, known, tmp_path):
    """Contracts on the table that call themselves as today's does stand under their files, even one called aim."""
    from dataclasses import replace

    from csim.contract.load import load_contract

    (tmp_path / "aim.yaml").write_bytes(Path(files["contract"]).read_bytes())
    rows = replace(known, proposals=(load_contract(tmp_path / "aim.yaml"),)).rows()
    assert [row.name for row in rows] == ["today", f"{known.found.contract.name} (aim)", "aim"]


def test_the_first_screen_lacks_what_a_negotiator_must_know(known):
    """What to change, what it costs against today, what the vendor earns, at which staffing and service."""
    for lang in ("en", "zh"):
        page = RenewalPage(known, lang)
        said, aim = page.sentence(), known.found.packages["aim"].searched
        for number in (aim.buyer, known.found.packages["today"].searched.buyer, aim.profit):
            assert f"{number:,.0f}" in said
        assert "26" in said
        assert "→" in said
        assert page.answer().text.index("<h1>") < page.answer().text.index('class="answer"')


def test_a_proposal_is_judged_on_other_months(known, files):
    """Each contract on the table has the outcome of `best_response` on the same surface, and the limits it misses."""
    row = next(row for row in known.rows() if row.name == "weak <b>")
    found = best_response(read_contract(files["weak"]), known.grid, harm={"abandon": 20.0})
    assert known.grid.levels[row.outcome.row] == found.answer["level"] == 22
    assert row.outcome.payment == pytest.approx(found.answer["payment"], rel=1e-9)
    assert any("service_level" in name for name in row.missed)
    page = RenewalPage(known, "en")
    assert "weak &lt;b&gt;" in page.side_by_side().text
    assert "<b>" not in page.side_by_side().text.replace("<br>", "")


def test_the_sections_contradict_the_cover(known):
    """The vendor's answer in the figure is that of the cover, and every section is there in both languages."""
    for lang in ("en", "zh"):
        page = RenewalPage(known, lang)
        assert page._answer().answer["level"] == known.grid.levels[known.found.packages["aim"].searched.row]
        parts = (page.side_by_side, page.packages, page.response, page.judged, page.games, page.relief, page.price,
                 page.bargain, page.provenance)  # fmt: skip
        for part in parts:
            assert re.search(r"<h2>.{2,}?</h2>.{80,}", part().text, re.DOTALL), part.__name__


def test_no_answer_is_hidden(files):
    """Where no draft keeps the limits the page says which of them conflict, and shows today's terms."""
    known = contenders(
        files["contract"], files["centre"], wish="service_level>=80%", terms="kpis.level.credit=1%..8%..1%",
        margin=0.6, levels="22,26,28", replications=2, candidates=64, gaming=False, robust=False,
    )  # fmt: skip
    page = RenewalPage(known, "en")
    assert known.recommended == "today"
    assert "earns 60.0 % of the payment" in page.sentence()
    assert "No contract within these ranges" in page.sentence()
    assert "The vendor exits" in page.sentence()
    assert [row.name for row in page.rows] == ["today"]
    assert page.packages().text == page.bargain().text == ""
    assert "<table" in page.terms().text
    assert "recommended" not in page.response().text.split("</h2>")[0]


def test_a_fourth_proposal_is_dropped(files):
    """More than three contracts are refused, before anything is simulated."""
    with pytest.raises(InputError, match="3 at most"):
        contenders(files["contract"], files["centre"], proposals=",".join([files["weak"]] * 4))


def test_no_centre_is_invented(files):
    """Neither a scenario nor a log: said, with what to write."""
    with pytest.raises(InputError, match="-p log=FILE"):
        contenders(files["contract"])


def test_the_year_that_was_is_another_centre(files, tmp_path):
    """From last year's log: the fitted centre has its volume, and keeps the contract's answer time."""
    sim = csim.simulate(csim.load_scenario(files["centre"]).vary({"calendar.days": 20}), 1, seed=5, keep_contacts=True)
    sim.contacts.to_csv(tmp_path / "year.csv", index=False)
    centre = _centre(read_contract(files["contract"]), "", str(tmp_path / "year.csv"))
    assert centre.queues["calls"].answer_within == 20
    expected = sum(numbers.sum() for numbers in centre.expected.values()) / len(centre.days)
    assert expected == pytest.approx(2730, rel=0.05)

"""The rendered clause check: the verdict first, nothing fetched, the same numbers in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import csim
from csim.errors import InputError
from csim.report import render as rendering

from ..terms.centres import centre, step, terms

SECTIONS = (
    "answer", "first_figure", "in_short", "risks", "curves", "advice", "response", "games", "games_figure", "relief",
    "price", "provenance",
)  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    """A contract with a step at 80 % and the centre it is for, three months at three levels."""
    folder = tmp_path_factory.mktemp("check")
    given = {"contract": str(folder / "contract.yaml"), "scenario": str(folder / "centre.yaml")}
    for path, data in zip(given.values(), (terms(step("10%")).data, centre()), strict=True):
        with Path(path).open("w", encoding="utf-8") as out:
            YAML().dump(data, out)
    return given | {"levels": "22,24,26", "harm_abandon": "20", "harm_second": "0.02", "replications": 3}


@pytest.fixture(scope="module")
def pages(files):
    return {lang: csim.pages.ClauseCheckPage.of(**files, lang=lang) for lang in ("en", "zh")}


def part(page, name: str) -> str:
    return getattr(page, name)().text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_section_is_empty(pages, lang):
    """Every section has something to say."""
    assert [name for name in SECTIONS if not part(pages[lang], name)] == []


def test_the_first_screen_says_something_else(pages):
    """Which clause misjudges (or none), what the terms buy, which hole is open."""
    said = part(pages["en"], "answer")
    assert "These terms buy 26 agents" in said
    assert "Open holes" in said
    assert "供应商会配置26 名坐席" in part(pages["zh"], "answer")


def test_the_vendor_reads_the_buyers_figures(pages):
    """The copy for the vendor says how clauses judge, not what the terms buy, nor which hole is open."""
    page = pages["en"]
    said = page.answer("vendor").text + page.in_short("vendor").text
    assert "buy" not in said
    assert "Open holes" not in said
    assert "earns more by missing" not in said
    assert "level" in said


def test_a_chinese_page_says_cny(pages):
    """Money in a Chinese page is 元; the code of the currency is for the English one."""
    for name in ("games", "response", "price", "advice"):
        assert "CNY" not in part(pages["zh"], name), name
    assert "CNY" in part(pages["en"], "response")


def test_the_languages_show_other_numbers(pages):
    """Amounts and percentages of the tables are the same in both."""
    for name in ("in_short", "risks", "response", "games", "price", "relief"):
        said = {lang: re.sub(r"<[^>]+>", " ", part(page, name)) for lang, page in pages.items()}
        numbers = [sorted(re.findall(r"[\d,]+\.\d+|\d{2},\d{3}", said[lang])) for lang in ("en", "zh")]
        assert numbers[0] == numbers[1], name


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_rendered_without_a_request(files, tmp_path, lang):
    """`csim report clause_check` writes one page that stands alone, with the answer before any table."""
    out = tmp_path / "page.html"
    small = files | {"levels": "24,26", "replications": 1}
    assert rendering.render("clause_check", small, lang=lang, out=out) == [out]
    page = out.read_text(encoding="utf-8")
    assert page.index('class="answer"') < page.index("<figure") < page.index("<table")
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)[^"']*""", page)
    assert "ClauseCheckPage" not in page


def test_a_page_needs_costs(files):
    """Where nobody says what an agent costs, the page says so and leaves the vendor's answer and prices out."""
    bare = centre()
    del bare["groups"]["team"]["cost_per_hour"]
    path = Path(files["scenario"]).with_name("bare.yaml")
    with path.open("w", encoding="utf-8") as out:
        YAML().dump(bare, out)
    page = csim.pages.ClauseCheckPage.of(**(files | {"scenario": str(path), "replications": 1}))
    assert "nobody says what an agent costs" in part(page, "answer")
    assert part(page, "response") == part(page, "price") == ""
    assert part(page, "first_figure")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cost_per_hour": "forty"}, "-p cost_per_hour"),
        ({"harm_abandon": "-3"}, "0 or more"),
        ({"margin": "5"}, 'write "5%"'),
        ({"levels": "28..22"}, "runs backwards: write 22..28"),
    ],
)
def test_a_senseless_parameter_is_taken(files, given, said):
    """Costs, losses, margins and levels that cannot be are refused with what to write."""
    with pytest.raises(InputError, match=said):
        csim.pages.ClauseCheckPage.of(**(files | given))

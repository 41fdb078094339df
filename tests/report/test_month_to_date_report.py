"""The page of a running month: the answer first, the same numbers in both languages, names as text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import csim
from csim.report.parameters import checked, describe, notebook_of

from ..terms.centres import centre, step, terms
from ..watch.logs import log

ROOT = Path(__file__).parents[2]
SECTIONS = (
    "answer", "first_figure", "in_short", "clauses", "other_figures", "money", "money_figure", "days", "provenance",
)  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> dict[str, str]:
    """A contract with two clauses and a name that is no markup, and a log of eight days."""
    folder = tmp_path_factory.mktemp("month")
    lost = {"lost": {"clause": "5.2", "measure": "abandonment_rate", "expected": "5%", "bands": [
        {"up_to": "5%", "credit": "0%"}, {"credit": "3%"}]}}  # fmt: skip
    data = terms(step("10%") | lost).data | {"vendor": "<b>V"}
    with (folder / "contract.yaml").open("w", encoding="utf-8") as out:
        YAML().dump(data, out)
    with (folder / "centre.yaml").open("w", encoding="utf-8") as out:
        YAML().dump(centre(30, 3), out)
    log([0.6, 0.95] * 4).to_csv(folder / "log.csv", index=False)
    return {"contract": str(folder / "contract.yaml"), "log": str(folder / "log.csv"), "folder": str(folder)}


@pytest.fixture(scope="module")
def pages(given):
    how = {"contract": given["contract"], "log": given["log"], "as_of": "2026-06-10", "replications": 200}
    return {lang: csim.pages.MonthToDatePage.of(**how, lang=lang) for lang in ("en", "zh")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_section_has_its_words(pages, lang):
    """No key of the words is left, no name from a file is markup."""
    for section in SECTIONS:
        text = getattr(pages[lang], section)().text
        assert "watch_" not in text
        assert "<b>V" not in text
    assert "&lt;b&gt;V" in pages[lang].answer().text


def test_the_answer_holds_the_three_numbers(pages):
    """Probability with its interval, what is needed, the expected deduction: in both languages the same."""
    found = {lang: page.answer().text for lang, page in pages.items()}
    said = [re.search(r'class="answer">(.*?)</p>', text)[1].replace("&nbsp;", " ") for text in found.values()]
    numbers = [re.findall(r"\d[\d,.]*(?= ?%)", text) for text in said]
    assert sorted(numbers[0]) == sorted(numbers[1])  # sentences put them in another order
    assert "the remaining 14 days need" in found["en"]
    assert "P10–P90" in found["zh"]


def test_a_month_without_enough_days_has_a_page(given):
    """Three days: no probability, no spread of money, and still a page."""
    page = csim.pages.MonthToDatePage.of(given["contract"], given["log"], as_of="2026-06-03")
    assert "not enough days yet" in page.answer().text
    assert page.money_figure().text == ""
    for section in SECTIONS:
        assert "nan" not in getattr(page, section)().text.lower().replace("finance", "")[:200]


def test_the_notebook_shows_every_section_and_says_its_parameters():
    """The report runs the page's parts in their order; each parameter is said in both languages."""
    path = ROOT / "reports" / "month_to_date.ipynb"
    assert notebook_of("month_to_date").name == path.name
    code = [
        "".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    assert [text for text in code if text.startswith("page.")] == [f"page.{section}()" for section in SECTIONS]
    assert "month_to_date" in describe()
    with pytest.raises(csim.InputError, match="log"):
        checked({"contract": "x.yaml"}, path)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_rendered(given, tmp_path, lang):
    """The whole report from files, with a centre for the remaining days."""
    values = {"contract": given["contract"], "log": given["log"], "scenario": f"{given['folder']}/centre.yaml",
              "replications": "10"}  # fmt: skip
    (page,) = csim.render("month_to_date", values, lang=lang, out=tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")
    assert text.count("<figure>") == 3
    assert "Traceback" not in text

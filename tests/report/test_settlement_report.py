"""The rendered settlement: the answer first, nothing fetched, the same numbers in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import csim
from csim.errors import InputError
from csim.report import render as rendering
from csim.report.parameters import describe

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "scenarios" / "contracts"
GIVEN = {
    "contract": str(CONTRACTS / "double_11.yaml"), "kpis": str(CONTRACTS / "double_11_kpis.csv"), "month": "2026-11",
    "vendor": "B",
}  # fmt: skip
SECTIONS = (
    "answer",
    "in_short",
    "lines",
    "money_figure",
    "score_figure",
    "trend_figure",
    "evidence",
    "objections",
    "provenance",
)


def part(page, name):
    return getattr(page, name)().text


@pytest.fixture(scope="module")
def pages():
    return {lang: csim.pages.SettlementPage.of(**GIVEN, lang=lang) for lang in ("en", "zh")}


@pytest.fixture(scope="module")
def with_past(tmp_path_factory):
    """A contract with severity points in its third month."""
    folder, ledger = tmp_path_factory.mktemp("past"), None
    for month, share in (("2026-01", "98.5%"), ("2026-02", "96.5%"), ("2026-03", "95.5%")):
        names = ["availability", "complaints", "tickets", "callbacks"]
        table = pd.DataFrame({"month": month, "kpi": names, "value": share, "sample": 3000})
        if month == "2026-03":
            table.to_csv(folder / "kpis.csv", index=False)
            ledger.write(folder / "ledger.json")
            break
        ledger = csim.settle(CONTRACTS / "severity_points.yaml", table, ledger=ledger).ledger
    return {"kpis": str(folder / "kpis.csv"), "ledger": str(folder / "ledger.json")}


def test_the_page_is_rendered_without_a_request(tmp_path):
    """`csim report settlement` writes one page that stands alone, with the answer before any table."""
    out = tmp_path / "page.html"
    assert rendering.render("settlement", GIVEN, lang="zh", out=out) == [out]
    page = out.read_text(encoding="utf-8")
    assert page.index('class="answer"') < page.index("<figure") < page.index("<table")
    assert "109,385.64" in page[: page.index("<table")]
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)[^"']*""", page)
    assert "<script" not in page
    assert "SettlementPage" not in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_section_is_empty(pages, lang):
    """Every section but the trend (a single month) has something to say."""
    assert [name for name in SECTIONS if not part(pages[lang], name)] == ["trend_figure"]


def test_the_languages_show_other_numbers(pages):
    """Amounts and percentages of all tables are the same in both."""

    def numbers(page):
        text = re.sub(r"data:image[^\"]+", "", "".join(part(page, name) for name in SECTIONS if "figure" not in name))
        return sorted(re.findall(r"\d[\d,]*\.\d+", text))

    assert numbers(pages["en"]) == numbers(pages["zh"])
    assert len(numbers(pages["en"])) > 40


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_figure_lacks_a_glyph(lang, with_past, caplog):
    """Money and the months so far are drawn without a missing glyph; points need no score."""
    page = csim.pages.SettlementPage.of(str(CONTRACTS / "severity_points.yaml"), lang=lang, **with_past)
    assert part(page, "money_figure").count("<figure>") == 1
    assert part(page, "trend_figure").count("<figure>") == 1
    assert part(page, "score_figure") == ""
    assert not [record for record in caplog.records if "glyph" in record.getMessage().lower()]


def test_penalised_lines_lack_their_evidence(pages):
    """Each of the three clauses that cost score has its interval and what it rests on."""
    text = part(pages["en"], "evidence")
    assert text.count("95\u00a0% interval") == 3
    assert "from 30 days" in text
    assert "could be chance" in text


def test_there_is_no_room_for_objections(pages):
    """Empty rows, the period, and two blocks to sign."""
    text = part(pages["en"], "objections")
    assert len(re.findall(r"<tr>(?:<td[^>]*></td>){5}</tr>", text)) == 3
    assert "within 5 days" in text
    assert text.count("____") >= 2


def test_provenance_lacks_a_hash(pages):
    """The contract's and the facts' fingerprints stand at the end."""
    found = pages["en"].statement.provenance
    text = part(pages["en"], "provenance")
    assert found["contract_hash"] in text
    assert found["facts_hash"] in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contract": "nowhere.yaml"}, "no such file"),
        ({"vendr": "B"}, 'no parameter "vendr": did you mean "vendor"?'),
        ({"contract": None}, "needs a value: write -p contract=…"),
    ],
)
def test_a_wrong_parameter_is_refused_late(change, words, tmp_path, monkeypatch):
    """Before anything runs a missing contract or a misspelt parameter ends with its message; nothing is written."""
    import papermill

    monkeypatch.setattr(papermill, "execute_notebook", lambda *a, **k: pytest.fail("the notebook ran"))
    given = {key: value for key, value in {**GIVEN, **change}.items() if value is not None}
    with pytest.raises(InputError, match=re.escape(words)):
        rendering.render("settlement", given, out=tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_nothing_to_settle_is_a_traceback():
    """Neither a log nor a table: the message says what to write."""
    with pytest.raises(InputError, match="write -p kpis=FILE"):
        csim.pages.SettlementPage.of(GIVEN["contract"], month="2026-11", vendor="B")


def test_the_list_keeps_what_a_report_needs():
    """`csim report --list` names every parameter, whether it is needed, and what it is."""
    text = describe()
    assert "settlement: Settlement: what is owed" in text
    assert "-p contract=…  (needed)  path of a contract file" in text
    assert "-p ledger=…  (optional)" in text


def test_the_notebook_reaches_below_the_facade():
    """The report notebook imports csim alone, defines nothing, and carries no outputs."""
    cells = json.loads((ROOT / "reports" / "settlement.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert re.findall(r"^(?:import|from) .*", code, flags=re.M) == ["import csim"]
    assert "def " not in code
    assert all(not cell.get("outputs") for cell in cells)

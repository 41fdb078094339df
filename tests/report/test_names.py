"""Names from files are text wherever they are read: page, PDF, workbook, index and notebook."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from ruamel.yaml import YAML

import csim
from csim.report.html import standalone
from csim.report.index import index_page
from csim.report.pdf import browser, pdf_of
from csim.report.sheets import workbook_of

from .cells import SETTLEMENT, made

FORMULA, MARKUP, TEMPLATE = '=HYPERLINK("http://x")', "<script>alert(1)</script>", "{{7*7}}"
NAMES = (FORMULA, MARKUP, TEMPLATE)
CENTRE = {
    "csim": "scenario/1",
    "name": TEMPLATE,
    "calendar": {"start": "2026-06-01T09:00", "open": "2 h", "timezone": "Asia/Shanghai"},
    "queues": {
        MARKUP: {
            "channel": "voice", "arrivals": {"per_hour": 60}, "patience": "never", "answer_within": "20 s",
            "handle_time": {"distribution": "exponential", "mean": "60 s"}, "targets": {"service_level": "80%"},
        }
    },
    "groups": {FORMULA: {"serves": [MARKUP], "agents": 3}},
}  # fmt: skip


@pytest.fixture(scope="module")
def bounds(tmp_path_factory):
    """A forecast and a settlement of files full of such names."""
    folder, patch = tmp_path_factory.mktemp("names"), pytest.MonkeyPatch()
    yaml = YAML()
    with (folder / "centre.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(CENTRE, out)
    source = Path(SETTLEMENT["contract"])
    for beside in source.parent.glob("*.csv"):
        shutil.copy(beside, folder)
    terms = yaml.load(source.read_text(encoding="utf-8"))
    terms["name"], terms["buyer"] = TEMPLATE, FORMULA
    terms["kpis"]["response"]["name"] = MARKUP
    with (folder / "terms.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(terms, out)
    with patch.context() as swap:
        forecast = made("service_forecast", "en", folder, swap, scenario=str(folder / "centre.yaml"))
        settled = made("settlement", "zh", folder, swap, contract=str(folder / "terms.yaml"))
    return {"service_forecast": forecast.bound, "settlement": settled.bound}


@pytest.fixture(params=["service_forecast", "settlement"])
def bound(request, bounds):
    return bounds[request.param]


def test_a_name_is_executed_by_the_page(bound):
    """Markup is escaped, templates are not filled in, and a formula is what it was written as."""
    page = standalone(bound.whole(), bound.lang, bound.source, bound.mark)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{7*7}}" in page
    assert "=HYPERLINK(&quot;http://x&quot;)" in page or bound.lang == "en"  # a group is only drawn


def test_a_name_is_a_formula_or_a_link_of_the_workbook(bound, tmp_path):
    """Every such name is a string of a cell."""
    book = openpyxl.load_workbook(workbook_of(bound, tmp_path / "names.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    text = "\n".join(str(cell.value) for cell in cells)
    assert MARKUP in text
    assert TEMPLATE in text


@pytest.mark.skipif(browser() is None or shutil.which("pdftotext") is None, reason="no browser or no pdftotext here")
def test_a_name_is_lost_in_print(bounds, tmp_path):
    """The PDF shows the names as they are written, and the margins too."""
    bound = bounds["settlement"]
    pdf_of(standalone(bound.whole(), bound.lang, bound.source, bound.mark), tmp_path / "names.pdf")
    done = subprocess.run(["pdftotext", "-raw", str(tmp_path / "names.pdf"), "-"], capture_output=True, check=True)
    pages = "".join(done.stdout.decode().split(" ")).split("\f")[:-1]
    assert all("{{7*7}}" in page for page in pages)
    assert "<script>alert(1)</script>" in "".join("".join(pages).split())


def test_a_name_is_executed_in_a_notebook():
    """What a notebook shows of results and of small tables is text."""
    sim = csim.simulate(CENTRE, 2, seed=1)
    shown = csim.pages.shown(sim, "en").text + sim._repr_html_() + csim.pages.table(list(NAMES), [NAMES], MARKUP).text
    assert "<script" not in shown
    assert "{{7*7}}" in shown


def test_a_name_is_executed_in_the_index():
    """Parameters, titles, answers, messages and files of a grid are text."""
    row = {
        "row": 1,
        "parameters": dict(zip("abc", NAMES, strict=True)),
        "title": MARKUP,
        "answer": FORMULA,
        "error": "",
    }
    rows = [row | {"files": ["<b>.html"]}, row | {"files": [], "error": MARKUP, "parameters": {"a": "x"}}]
    page = index_page(MARKUP, rows, "en")
    assert "<script" not in page
    assert "<b>" not in page
    assert 'href="%3Cb%3E.html"' in page

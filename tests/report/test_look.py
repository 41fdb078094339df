"""One look for all reports: cover, contents, numbers, provenance on every page, one sheet for the boss, a workbook."""

from __future__ import annotations

import base64
import io
import logging
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

import csim
from csim.report.html import standalone
from csim.report.parameters import notebooks
from csim.report.pdf import browser, fitted, pdf_of, sheets_of
from csim.report.render import render
from csim.report.sheets import workbook_of

from .cells import CHEAP, SETTLEMENT, made

NO_BROWSER = pytest.mark.skipif(browser() is None, reason="no chromium, Chrome or Edge on this machine: no PDF")
EVERY = [(name, lang) for name in sorted(CHEAP) for lang in ("en", "zh")]
# Printing takes seconds: in the quick run only what is wide, Chinese.
PRINTED = [pytest.param(pair, marks=pytest.mark.slow) if pair[1] == "en" else pair for pair in EVERY]
CSS = (Path(csim.__file__).parent / "report" / "page.css").read_text(encoding="utf-8")
_made = {}


@pytest.fixture(params=EVERY, ids="-".join)
def report(request, tmp_path, monkeypatch, caplog):
    """Every report in both languages, made once; a glyph that no font has is written to the log."""
    if request.param not in _made:
        with caplog.at_level(logging.WARNING, logger="matplotlib"):
            _made[request.param] = made(*request.param, tmp_path, monkeypatch)
        assert not [record.getMessage() for record in caplog.records]
    return _made[request.param]


def test_a_report_is_made_by_no_test():
    """Every report notebook has parameters with which the tests of this file make it."""
    assert sorted(notebooks()) == sorted(CHEAP)


def test_a_cover_lacks_the_answer_a_figure_or_a_table(report):
    """Before the first heading stand title, answer, one figure and one table, and a line of provenance."""
    cover = report.bound.cover
    assert cover.index("<h1>") < cover.index('class="answer"') < cover.index("<figure>") < cover.index("<table")
    assert report.bound.title
    assert len(report.bound.answer) > 10
    assert "csim" in report.bound.source


def test_a_link_leads_nowhere(report):
    """Every link of the page leads to a place on it, and every section is in the contents."""
    page = report.bound.whole()
    ids = re.findall(r'\bid="([^"]+)"', page)
    links = re.findall(r'href="([^"]+)"', page)
    assert links == [f"#{name}" for name in ids]
    assert len(links) == len(report.bound.sections) >= 2
    assert len(set(ids)) == len(ids)


def test_a_figure_lacks_its_number_or_its_words(report):
    """Figures are numbered from 1 as they stand, each with words for who cannot see it."""
    page = report.bound.whole()
    numbers = re.findall(r"<figcaption>(?:Figure |图 )(\d+)", page)
    assert numbers == [str(n) for n in range(1, page.count("<img") + 1)]
    assert len(re.findall(r'<img [^>]*alt="[^"]{6,}"', page)) == page.count("<img") > 0


def test_a_figure_lacks_title_units_or_source(report):
    """Every figure has a title, a name on an axis or a scale of colours, and says where its numbers come from."""
    assert report.figures
    for drawn in report.figures:
        assert any(drawn["titles"]), drawn
        assert any(x or y for x, y in drawn["labels"]), drawn
        assert any("csim" in text for text in drawn["texts"]), drawn


def test_a_figure_is_empty(report):
    """Every picture shows something."""
    import matplotlib.image

    for data in re.findall(r'src="data:image/png;base64,([^"]+)"', report.bound.whole()):
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data)), format="png")
        assert picture[..., :3].std() > 0.05


def test_a_head_of_a_table_is_not_marked(report):
    """Every head says whether it heads a column or a row."""
    page = report.bound.whole()
    assert re.findall(r"<th\b[^>]*>", page)
    assert [head for head in re.findall(r"<th\b[^>]*>", page) if not re.search(r'scope="(?:col|row)"', head)] == []


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2 defines it."""

    def bright(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        line = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]

    high, low = sorted([bright(one), bright(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_colour_of_text_is_too_pale():
    """Every colour of text has 4.5 : 1 on the paper and on the tint behind heads."""
    named = dict(re.findall(r"--(\w+): (#\w{6})", CSS))
    used = {named.get(name, name) for name in re.findall(r"[^-]color: (?:var\(--)?([#\w]+)", CSS)} - {"inherit"}
    assert len(used) >= 5
    assert min(contrast(colour, ground) for colour in used for ground in ("#ffffff", named["tint"])) >= 4.5


def test_a_workbook_holds_a_formula_or_no_numbers(report, tmp_path):
    """The answer, and a sheet a table: numbers are numbers, no cell is a formula or a link."""
    book = openpyxl.load_workbook(workbook_of(report.bound, tmp_path / "tables.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert book.worksheets[0]["A3" if report.bound.mark else "A2"].value == report.bound.answer
    assert len(book.worksheets) == 1 + len(re.findall("<table", report.bound.cover + "".join(report.bound.sections)))
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]


def pages_of(pdf: Path) -> list[str]:
    """The text of each page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: the text of a PDF cannot be read")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


@pytest.fixture(scope="module")
def paper():
    """A page of the browser as wide as the text on A4, in print."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 672, "height": 950})
        page.emulate_media(media="print")
        yield page
        chromium.close()


WIDER = """() => [...document.querySelectorAll('table, td, th, figure, .cover, nav, h1, p')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + ': ' + e.textContent.slice(0, 60))"""


@NO_BROWSER
def test_a_table_runs_off_the_paper(report, paper):
    """No table, cell, figure or text is wider than its place on A4."""
    paper.set_content(standalone(report.bound.whole(), report.bound.lang))
    assert paper.evaluate(WIDER) == []


@NO_BROWSER
@pytest.mark.parametrize("report", PRINTED, indirect=True, ids=lambda pair: "-".join(pair))
def test_a_page_of_the_pdf_lacks_number_or_provenance(report, tmp_path):
    """Every page says how many there are and where the numbers come from; all but the first repeat the title."""
    bound, pdf = report.bound, tmp_path / "page.pdf"
    pdf_of(standalone(bound.whole(), bound.lang, bound.source, bound.mark), pdf)
    pages = pages_of(pdf)
    assert len(pages) == sheets_of(pdf.read_bytes()) > 1
    start = bound.source.split(" · ")[0]
    for number, text in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in re.sub(r"\s", "", text)
        assert start in text
        assert re.sub(r"\s", "", bound.title) in re.sub(r"\s", "", text)


@NO_BROWSER
@pytest.mark.parametrize("report", PRINTED, indirect=True, ids=lambda pair: "-".join(pair))
def test_the_one_page_version_takes_two(report, tmp_path):
    """The answer, one figure and one table print on exactly one sheet."""
    bound, pdf = report.bound, tmp_path / "one.pdf"
    text = fitted(lambda zoom: standalone(bound.one_page(), bound.lang, bound.source, bound.mark, zoom), pdf)
    assert len(pages_of(pdf)) == 1
    assert (text.count("<figure"), text.count("<table"), text.count("<h2")) == (1, 1, 0)


@NO_BROWSER
def test_a_long_table_is_not_made_to_fit(tmp_path):
    """A cover of two sheets is printed smaller until it is one, and a long table is cut and says so."""
    from csim.display.tables import html_table
    from csim.report.bound import Bound

    rows = [[f"row {n}", "word " * 60] for n in range(40)]
    bound = Bound.of(f'<h1>Long</h1><p class="answer">Yes.</p>{html_table(["a", "b"], rows)}<h2>More</h2>', "en")
    fitted(lambda zoom: standalone(bound.one_page(), "en", zoom=zoom), tmp_path / "one.pdf")
    assert sheets_of((tmp_path / "one.pdf").read_bytes()) == 1
    assert "28 more rows" in bound.one_page()


def test_the_boss_gets_the_whole_report(tmp_path):
    """`one_page` writes the cover alone; the same moment gives the same bytes."""
    files = render("settlement", SETTLEMENT, one_page=True, xlsx=True, out=tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "109,385.64" in text
    assert "<h2" not in text
    assert {path.suffix for path in files} >= {".html", ".xlsx"}


def test_a_title_runs_out_of_its_figure():
    """A title too wide for the figure goes on in a second line, in either language."""
    import matplotlib.pyplot as plt

    from csim.display.style import finish, use_style

    english = "The vendor answers with 80 % of the plan, the whole wants 110 % of it, every month"
    chinese = "供应商的应对是计划的八成，整体最优是计划的一倍多，" * 2
    for lang, text in (("en", english), ("zh", chinese)):
        use_style(lang)
        figure, axes = plt.subplots()
        axes.set(title=text, ylabel="CNY")
        finish(figure, "csim")
        figure.draw_without_rendering()
        box = axes._left_title.get_window_extent()
        assert box.x1 <= figure.bbox.x1
        assert axes.get_title(loc="left").count("\n") == 1
        plt.close(figure)

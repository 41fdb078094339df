"""The rendered page: the answer first, nothing executed, nothing fetched, the same numbers in both languages."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import csim
from csim.errors import InputError
from csim.report import parameters
from csim.report import render as rendering
from csim.report.pdf import browser

from .cells import CHEAP, SCENARIOS

ROOT = Path(__file__).parents[2]
SMALL = """
csim: scenario/1
name: "{name}"
calendar: {{start: 2026-06-01T09:00, open: 2 h, days: 2, timezone: Asia/Shanghai}}
queues:
  "{queue}":
    channel: chat
    arrivals: {{per_hour: 120}}
    patience: {{distribution: exponential, mean: 60 s}}
    handle_time: {{distribution: exponential, mean: 300 s}}
    answer_within: 20 s
    shares: {{A: 50%, "{vendor}": 50%}}
    targets: {{service_level: 80%, abandonment_rate: 5%}}
groups:
  one: {{serves: ["{queue}"], vendor: A, agents: 3, concurrency: 3, pace: {{compose: 10 s, customer: 60 s}}}}
  two: {{serves: ["{queue}"], vendor: "{vendor}", agents: 2, concurrency: 2}}
"""


def scenario(folder: Path, name: str = "small", queue: str = "chats", vendor: str = "B") -> Path:
    path = folder / "small.yaml"
    path.write_text(SMALL.format(name=name, queue=queue, vendor=vendor), encoding="utf-8")
    return path


def rendered(folder: Path, lang: str, **names: str) -> str:
    out = folder / f"page-{lang}.html"
    values = {"scenario": str(scenario(folder, **names)), "replications": "3"}
    assert rendering.render("service_forecast", values, lang=lang, out=out) == [out]
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {lang: rendered(folder, lang) for lang in ("en", "zh")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_stands_first_and_code_nowhere(pages, lang):
    """The page opens with its sentence; no cell source, prompt or traceback is on it."""
    page = pages[lang]
    assert page.index('class="answer"') < page.index("<figure") < page.index("<table") < page.index("<nav")
    assert "service_forecast(" not in page
    assert "Out[" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_request_leaves_the_page(pages, lang):
    """Pictures and fonts are inside; nothing is linked, loaded or executed."""
    page = pages[lang]
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)[^"']*""", page)
    assert not re.findall(r"url\((?!data:)", page)
    assert "<script" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_has_a_number_and_words(pages, lang):
    """Five figures for a scenario of two days, numbered, each with a text for who cannot see it."""
    figures = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)">', pages[lang])
    assert len(figures) == 5
    for number in range(1, 6):
        assert re.search(rf"<figcaption>(Figure|图) {number}", pages[lang])


def test_both_languages_show_the_same_numbers(pages):
    """Every percentage and count in the tables is the same in Chinese as in English."""

    def numbers(page: str) -> list[str]:
        body = page[page.index("<main>") :]
        tables = "".join(re.findall(r"<table.*?</table>", body, flags=re.S))
        cells = re.findall(r"<td[^>]*>(.*?)</td>", tables)
        return [n for cell in cells for n in re.findall(r"\d+\.\d+(?= ?%)", cell)]

    assert numbers(pages["en"]) == numbers(pages["zh"])
    assert len(numbers(pages["en"])) > 30


def test_chinese_brings_its_own_font(pages):
    """The Chinese page carries the glyphs it needs; the English one carries none it does not need."""
    assert "@font-face" in pages["zh"]
    assert 'lang="zh-CN"' in pages["zh"]
    assert "服务等级" in pages["zh"]
    assert "服务等级" not in pages["en"]


def test_names_from_files_are_text(tmp_path):
    """Markup, formulas and templates in names are shown as they are written, in tables and in figures."""
    nasty = {"name": "<script>alert(1)</script> {{7*7}}", "queue": "{{7*7}} $x$", "vendor": "=HYPERLINK(1) <b>x</b>"}
    page = rendered(tmp_path, "en", **nasty)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    assert "=HYPERLINK(1) &lt;b&gt;x" in page
    assert "<b>" not in page


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_figure_misses_a_glyph_or_stays_empty(tmp_path, caplog, lang):
    """Chinese and formula-like names draw without a missing glyph, and every picture shows something."""
    import io

    import matplotlib.image

    path = scenario(tmp_path, name="情景 $a_b$", queue="售前 $x$", vendor="供应商乙")
    page = csim.pages.ForecastPage(csim.service_forecast(path, replications=3), lang)
    with caplog.at_level(logging.WARNING, logger="matplotlib"):
        parts = [page.level_figure(), page.load_figure(), page.calendar_figure(), page.waits_figure()]
        parts.append(page.occupancy_figure())
    assert not [r.getMessage() for r in caplog.records]
    for part in parts:
        data = re.search(r"base64,([^\"]+)", part.text)
        assert data is not None
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data.group(1))), format="png")
        assert picture[..., :3].std() > 0.05


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scenario": "x.yaml", "replicatons": "3"}, 'no parameter "replicatons": did you mean "replications"?'),
        ({"scenario": "x.yaml", "replications": "many"}, 'found "many", expected a whole number, such as 20'),
        ({"scenario": "x.yaml", "replications": "0"}, "write 1 or more"),
        ({"scenario": "x.yaml", "lang": "de"}, 'no language "de"'),
        ({}, "needs a value: write -p scenario=…"),
        ({"scenario": "nowhere.yaml"}, "no such file"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(given, words, tmp_path, monkeypatch):
    """Misspelt, mistyped and missing parameters end with their message; no notebook runs, nothing is written."""
    import papermill

    monkeypatch.setattr(papermill, "execute_notebook", lambda *a, **k: pytest.fail("the notebook ran"))
    out = tmp_path / "page.html"
    with pytest.raises(InputError, match=re.escape(words)):
        rendering.render("service_forecast", given, lang=given.get("lang", "en"), out=out)
    assert not list(tmp_path.iterdir())


def test_what_the_notebook_refuses_is_no_traceback(tmp_path):
    """Input that only the running notebook can judge ends with the same message, and nothing is written."""
    out = tmp_path / "out" / "page.html"
    with pytest.raises(InputError, match=r'"procs:2" is not known[^\n]*\n1 mistake'):
        rendering.render("service_forecast", {"scenario": str(scenario(tmp_path)), "workers": "procs:2"}, out=out)
    assert not out.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="kernels are reached through ports on this system")
def test_a_kernel_shares_its_sockets_with_another(tmp_path):
    """Every run speaks to its kernel through sockets in a folder of its own."""
    config = rendering._kernel_config(tmp_path)["KernelManager"]
    assert config["transport"] == "ipc"
    assert Path(config["ip"]).parent == tmp_path


def test_two_reports_at_once_do_not_meet(tmp_path):
    """Two reports started in one folder at the same time each get their own page."""
    path = scenario(tmp_path)
    command = [
        sys.executable,
        "-m",
        "csim",
        "report",
        "service_forecast",
        "-p",
        f"scenario={path}",
        "-p",
        "replications=2",
    ]
    started = [
        subprocess.Popen([*command, "--lang", lang, "--out", f"{lang}.html"], cwd=tmp_path, stdout=-3, stderr=-1)
        for lang in ("en", "zh")
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert "服务预测" in (tmp_path / "zh.html").read_text(encoding="utf-8")
    assert "Service forecast" in (tmp_path / "en.html").read_text(encoding="utf-8")
    assert {file.name for file in tmp_path.iterdir()} == {"small.yaml", "en.html", "zh.html"}


@pytest.mark.parametrize("name", ["calibration", "held_out", "settlement", "renewal"])
def test_an_empty_log_is_refused_without_its_name(name, tmp_path):
    """Whoever named a log of no contact is told which file it is, in every report that wants one that is whole."""
    empty = tmp_path / "empty.csv"
    empty.write_text("contact_id,queue,arrival,wait_s,outcome,talk_s\n", encoding="utf-8")
    contract = SCENARIOS / "contracts/hotline_400.yaml"
    page, given = {
        "calibration": (csim.pages.CalibrationPage, {"log": empty}),
        "held_out": (csim.pages.CalibrationPage, {**CHEAP["calibration"](tmp_path), "holdout_log": empty}),
        "settlement": (csim.pages.SettlementPage, {"contract": contract, "log": empty}),
        "renewal": (csim.pages.RenewalPage, {"contract": contract, "log": empty}),
    }[name]
    with pytest.raises(InputError, match=r"empty\.csv\n  the log holds no contact \(a header and no row\)"):
        page.of(**given)


def test_an_unknown_report_is_refused_with_the_nearest():
    """A misspelt report name says which one was probably meant."""
    with pytest.raises(InputError, match='did you mean "service_forecast"'):
        rendering.render("service_forcast", {})


def test_a_failing_cell_leaves_no_page(tmp_path, monkeypatch):
    """When a cell raises, the error comes out and neither page nor half a page is written."""
    source = json.loads(parameters.notebooks()["service_forecast"].read_text(encoding="utf-8"))
    source["cells"][-1]["source"] = "raise RuntimeError('broken on purpose')"
    broken = tmp_path / "broken.ipynb"
    broken.write_text(json.dumps(source), encoding="utf-8")
    monkeypatch.setattr(parameters, "notebooks", lambda: {"broken": broken})
    path = scenario(tmp_path)
    out = tmp_path / "out" / "page.html"
    with pytest.raises(Exception, match="broken on purpose"):
        rendering.render("broken", {"scenario": str(path), "replications": "2"}, out=out)
    assert not out.parent.exists()


@pytest.mark.skipif(browser() is None, reason="no chromium, Chrome or Edge on this machine: no PDF")
def test_the_page_prints_to_pages_of_a4(tmp_path):
    """The PDF has A4 pages."""
    out = tmp_path / "page.html"
    values = {"scenario": str(scenario(tmp_path)), "replications": "2"}
    written = rendering.render("service_forecast", values, lang="zh", pdf=True, out=out)
    data = written[1].read_bytes()
    assert data.startswith(b"%PDF")
    assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45](\.\d+)? 84[12](\.\d+)?\s*\]", data)


def test_without_a_browser_the_page_is_there_and_the_note_says_what_to_install(tmp_path, monkeypatch):
    """No browser: HTML all the same, and a sentence about the PDF."""
    monkeypatch.setattr(rendering, "browser", lambda: None)
    notes: list[str] = []
    values = {"scenario": str(scenario(tmp_path)), "replications": "1"}
    written = rendering.render("service_forecast", values, pdf=True, out=tmp_path / "p.html", note=notes.append)
    assert [path.name for path in written] == ["p.html"]
    assert any("install chromium" in text for text in notes)


def test_reports_travel_in_the_wheel(tmp_path):
    """A wheel installed outside the repository lists its reports and finds words, fonts and style."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    wheel = next(tmp_path.glob("*.whl"))
    home = tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(home)
    path = scenario(tmp_path)
    render = (
        f"import csim; csim.render('service_forecast', {{'scenario': {str(path)!r}, 'replications': 2}}, lang='zh')"
    )
    env = {"PYTHONPATH": str(home), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", render + "; print(csim.__file__)"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert str(home) in done.stdout
    assert (tmp_path / "service_forecast-small-zh.html").exists()
    shutil.rmtree(home)

"""Many reports from a table: killed at any moment and started again, they are what they would have been."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from csim.errors import InputError
from csim.report import parameters
from csim.report.grid import failures, grid_of
from csim.report.pdf import browser

from .cells import SETTLEMENT

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no process groups to kill on this system")
QUICK = """
from csim.report.parts import ReportPage
page = ReportPage(lang)
if number == 13:
    import csim
    raise csim.InputError("thirteen is not wanted")
"""
RUN = "import sys, pathlib; from csim.report import parameters; from csim.cli import main\n"
RUN += "parameters.notebooks = lambda: {'quick': pathlib.Path(%r)}\nmain()"


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """A report that takes no longer than its kernel."""
    cells = [
        nbformat.v4.new_markdown_cell("# Quick", id="a"),
        nbformat.v4.new_code_cell('number = 0  # a number\nlang = "en"', id="b", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(QUICK + "page.opening(f'Report {number}', f'It is {number}.', [], 'csim')", id="c"),
        nbformat.v4.new_code_cell("page._section('contents', '<p>more</p>')", id="d"),
    ]
    path = tmp_path / "quick.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    monkeypatch.setattr(parameters, "notebooks", lambda: {"quick": path})
    return path


def table(folder: Path, text: str) -> Path:
    path = folder / "grid.csv"
    path.write_text(text, encoding="utf-8")
    return path


def started(command: list[str], out: Path) -> subprocess.Popen:
    env = os.environ | {"SOURCE_DATE_EPOCH": "1760000000"}
    full = [*command, "--out", str(out)]
    return subprocess.Popen(full, env=env, stdout=-3, stderr=-1, start_new_session=True, text=True)


def whole(command: list[str], out: Path) -> str:
    process = started(command, out)
    said = process.communicate(timeout=600)[1]
    assert process.returncode == 0, said
    return said


def killed(command: list[str], out: Path, when: Callable[[], bool]) -> None:
    """Starts a run and kills all of it as soon as *when* says so, or lets it end."""
    process = started(command, out)
    while process.poll() is None and not when():
        time.sleep(0.05)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but what carries the moment of printing."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".pdf"}


@POSIX
def test_a_killed_run_leaves_half_a_file_or_does_it_all_again(quick, tmp_path):
    """Killed once and started again: the same bytes as a run in one go, nothing left over, nothing done twice."""
    grid = table(tmp_path, "number\n1\n2\n")
    command = [sys.executable, "-c", RUN % str(quick), "report", "quick", "--grid", str(grid), "--jobs", "1"]
    whole(command, tmp_path / "whole")
    broken = tmp_path / "broken"
    killed(command, broken, (broken / "index.json").exists)  # the first is there, the second not yet
    (broken / ".quick-en-1-x7_k2.html").write_text("half a", encoding="utf-8")
    (broken / ".index-abc.json").write_text("{", encoding="utf-8")
    kept = {path: path.stat().st_mtime_ns for path in broken.glob("quick*.html")}
    assert 0 < len(json.loads((broken / "index.json").read_text(encoding="utf-8"))["rows"]) <= 2
    said = whole(command, broken)
    assert files(broken) == files(tmp_path / "whole")
    named = {row["stem"] for row in json.loads((broken / "index.json").read_text(encoding="utf-8"))["rows"]}
    assert named == {"quick-en-1", "quick-en-2"}
    assert re.search(r"[12] of 2 are there already", said)
    first = next(iter(kept))
    assert first.stat().st_mtime_ns == kept[first]


@POSIX
@pytest.mark.slow
def test_ten_kills_change_a_byte(tmp_path):
    """Ten times killed at a random moment and started again: HTML, CSV and JSON are the same, PDFs look the same."""
    if browser() is None or shutil.which("pdftoppm") is None:
        pytest.skip("no browser or no pdftoppm on this machine: the PDFs cannot be compared")
    grid = table(tmp_path, "vendor,lang\nA,en\nB,en\nB,zh\n")
    given = [f"{key}={value}" for key, value in SETTLEMENT.items() if key != "vendor"]
    command = [sys.executable, "-m", "csim", "report", "settlement", "--grid", str(grid), "--pdf", "--xlsx"]
    command += [part for pair in given for part in ("-p", pair)]
    began = time.monotonic()
    whole(command, tmp_path / "whole")
    took = time.monotonic() - began
    chance, broken = random.Random(7), tmp_path / "broken"
    for _ in range(10):
        end = time.monotonic() + chance.uniform(0.1, 0.9) * took
        killed(command, broken, lambda end=end: time.monotonic() > end)
    whole(command, broken)
    assert files(broken) == files(tmp_path / "whole")
    for pdf in (tmp_path / "whole").glob("*.pdf"):
        draw = ["pdftoppm", "-r", "40"]
        both = (tmp_path / "whole" / pdf.name, broken / pdf.name)
        pictures = [subprocess.run([*draw, str(one)], capture_output=True, check=True).stdout for one in both]
        assert pictures[0] == pictures[1]


def test_a_failure_takes_the_others_with_it(quick, tmp_path):
    """What cannot be made is listed with its message and tried again; the rest is made, and linked from the index."""
    grid = table(tmp_path, "number,lang\n13,en\n7,zh\n")
    rows = grid_of("quick", grid, tmp_path / "out", {}).run(2, lambda _: None)
    assert [row.row for row in failures(rows)] == [1]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "thirteen is not wanted" in page
    assert "1 of 2 reports could not be made" in page
    links = re.findall(r'href="([^"]+)"', page)
    assert links == [f"{rows[1].stem}.html"]
    assert (tmp_path / "out" / links[0]).exists()
    table_ = (tmp_path / "out" / "index.csv").read_text(encoding="utf-8-sig")
    assert "Report 7,It is 7." in table_


def test_what_changed_is_not_made_again(quick, tmp_path):
    """Another parameter, another csim notebook or a lost file makes a report anew; else it stays as it is."""
    out, grid = tmp_path / "out", table(tmp_path, "number\n1\n2\n")
    first = grid_of("quick", grid, out, {})
    first.run(2, lambda _: None)
    assert len(grid_of("quick", grid, out, {})._there()) == 2
    (out / f"{first.rows[0].stem}.html").unlink()
    assert [*grid_of("quick", grid, out, {})._there()] == [2]
    assert not grid_of("quick", table(tmp_path, "number\n3\n4\n"), out, {})._there()
    assert not grid_of("quick", grid, out, {}, pdf=True)._there()
    quick.write_text(quick.read_text(encoding="utf-8").replace("It is", "It was"), encoding="utf-8")
    assert not grid_of("quick", table(tmp_path, "number\n1\n2\n"), out, {})._there()


def test_a_table_of_something_else_is_refused_by_every_row(quick, tmp_path):
    """A log in place of the table: one message about its columns; of wrong rows no more than the first twenty."""
    for text, count, what in (
        ("number,arrival,wait\n" + "x,1,2\n" * 500, 1, 'columns "arrival", "wait" are no parameters of quick'),
        ("number\n" + "x\n" * 500, 20, 'found "x"'),
    ):
        with pytest.raises(InputError, match=what) as caught:
            grid_of("quick", table(tmp_path, text), tmp_path / "out", {})
        assert len(caught.value.mistakes) == count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("numbr\n1\n", 'column "numbr" is no parameter of quick'),
        ("number\nmany\nfew\n", 'grid.csv:3  -p number\n  found "few", expected a whole number'),
        ("number\n", "write a head of parameters, each once, and a row per report"),
        ("number,number\n1,2\n", "each once"),
        ("number\n1,2\n", "this row has more cells than the head: 1 are expected"),
        ("number,lang\n1,de\n", 'no language "de"'),
        ("number,audience\n1,press\n", 'no audience "press"'),
    ],
)
def test_a_wrong_table_is_found_out_halfway(quick, tmp_path, text, words):
    """Columns and values are refused with their line before anything runs; nothing is written."""
    with pytest.raises(InputError, match=re.escape(words)):
        grid_of("quick", table(tmp_path, text), tmp_path / "out", {})
    assert not (tmp_path / "out").exists()

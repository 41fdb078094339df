"""Notebooks for people: they run from top to bottom in both languages, from one source."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from csim.errors import InputError
from csim.report.translated import translated, write_translated

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
IN_CHINESE = sorted((ROOT / "notebooks" / "zh").glob("*.ipynb"))
LONGEST_S = 60


def cells(path: Path, kind: str) -> list[str]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def run(path: Path, folder: Path) -> None:
    """Runs a notebook as JupyterLab would."""
    import papermill

    papermill.execute_notebook(
        path, folder / path.name, kernel_name="python3", cwd=str(path.parent), progress_bar=False, start_timeout=120
    )


def spent() -> float:
    """Processor seconds of the kernels that have ended."""
    resource = pytest.importorskip("resource", reason="this system does not say what a kernel took")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("path", [NOTEBOOKS[0], IN_CHINESE[0]], ids=["en", "zh"])
def test_the_first_notebook_does_not_run(path, tmp_path):
    """A planner can run it with one click: no cell fails, wherever JupyterLab was started."""
    run(path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*NOTEBOOKS, *IN_CHINESE], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_does_not_run_or_takes_long(path, tmp_path):
    """Every notebook runs from top to bottom, in either language, in under a minute of one processor."""
    before = spent()
    run(path, tmp_path)
    assert 0 < spent() - before < LONGEST_S


def test_the_languages_have_drifted_apart(tmp_path):
    """notebooks/zh is what `make notebooks` makes of the English ones, to the byte; none is missing or left over."""
    assert [path.name for path in IN_CHINESE] == [path.name for path in NOTEBOOKS]
    for path, chinese in zip(NOTEBOOKS, IN_CHINESE, strict=True):
        assert write_translated(path, "zh", tmp_path).read_bytes() == chinese.read_bytes(), path.name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_with_code_or_reaches_below_the_facade(path):
    """The first cell says what one will know; the first code shows an answer; csim is all that is imported of csim."""
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown"
    assert "At the end of this page you will know" in "".join(first["source"])
    assert "读完本页" in first["metadata"]["zh"]
    code = "\n".join(cells(path, "code"))
    assert re.findall(r"^lang = .*", code, flags=re.M) == ['lang = "en"']
    assert not re.findall(r"(?:from|import) csim\.", code)
    assert not re.findall(r"^class ", code, flags=re.M)
    assert len(cells(path, "code")[0].splitlines()) <= 30


@pytest.mark.parametrize("path", IN_CHINESE, ids=lambda path: path.stem)
def test_chinese_code_differs(path):
    """The code of both languages is the same but for the one line that names the language."""
    pairs = zip(cells(ROOT / "notebooks" / path.name, "code"), cells(path, "code"), strict=True)
    changed = [
        (a, b) for one, other in pairs for a, b in zip(one.splitlines(), other.splitlines(), strict=True) if a != b
    ]
    assert changed == [('lang = "en"', 'lang = "zh"')]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in cells(path, "markdown"))


def test_a_cell_without_chinese_is_left_in_english():
    """Each cell that lacks its words is named; nothing is written."""
    words = {"cell_type": "markdown", "id": "cell-03", "source": "Only English", "metadata": {}}
    with pytest.raises(InputError, match=r'cells\.cell-03\n  "Only English" has no Chinese'):
        translated({"cells": [words]}, "zh")


def test_a_notebook_is_written_over_itself(tmp_path):
    """The folder of the source is refused, and so is what is no notebook."""
    with pytest.raises(InputError, match="name another folder"):
        write_translated(NOTEBOOKS[0], "zh", NOTEBOOKS[0].parent)
    with pytest.raises(InputError, match="no notebook can be read"):
        write_translated(ROOT / "README.md", "zh", tmp_path)

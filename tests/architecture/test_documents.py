"""The documents: what they name is there, both languages give the same commands, the glossary is the catalogue's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from csim.report.glossary import glossary

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHECKED.md", "GLOSSARY.md", "CHANGELOG.md"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(name: str) -> list[str]:
    """Every command of a document, without its remark."""
    lines = re.findall(r"^    ((?:csim|make|py|\.venv\S*) .*)$", text(name), flags=re.M)
    return [re.split(r"\s{2,}#", line)[0].strip() for line in lines]


def test_the_chinese_front_page_gives_other_commands():
    """Every command of README.zh-CN.md stands in README.md, to the letter."""
    assert len(commands("README.zh-CN.md")) > 20
    assert [line for line in commands("README.zh-CN.md") if line not in commands("README.md")] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_a_file_that_is_not_there(name):
    """Every link to a file of the repository leads to one, and so does every test and scenario that is named."""
    found = re.findall(r"\]\((?!https?:)([^)#]+)\)", text(name))
    found += re.findall(r"(?<![\w/])(?:tests|scenarios|notebooks|reports)/[\w./-]+\.\w+", text(name))
    missing = [path for path in found if not (ROOT / path).exists() and "rendered" not in path]
    assert missing == []


def test_the_glossary_is_out_of_date():
    """GLOSSARY.md is what `make glossary` writes from the words and the catalogue."""
    assert text("GLOSSARY.md") == glossary(), "run: make glossary"


def test_a_command_of_the_front_page_has_an_option_that_is_not_there():
    """Every option that README.md writes is one of its command."""
    from typer.main import get_command

    from csim.cli import app

    known = {name: {option for parameter in one.params for option in parameter.opts}
             for name, one in get_command(app).commands.items()}  # fmt: skip
    wrong = []
    for line in commands("README.md"):
        name, *rest = shlex.split(line)[1:]
        if line.startswith("csim ") and name in known:
            options = [word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
            wrong += [f"{name} {option}" for option in options if option not in known[name]]
    assert wrong == []

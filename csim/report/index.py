"""The index of many reports: a page with the headline of each, and the same as a table for other programs."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from csim.display.tables import csv_of
from csim.display.words import Words
from csim.files import write_text
from csim.report.html import standalone
from csim.report.parts import ReportPage

Rows = Sequence[Mapping[str, Any]]
MOST_WHOLE = 10  # characters of a cell that stays on a line


def write_index(folder: Path, name: str, rows: Rows, lang: str) -> list[Path]:
    """
    Writes index.html and index.csv.

    Args:
        name: What the reports are.
        rows: Of every report: row, parameters, title, answer, files (the page first), error.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row["parameters"]))
    head = ["row", *columns, "title", "answer", "files", "error"]
    lines = [
        [row["row"], *(row["parameters"].get(key, "") for key in columns), row["title"], row["answer"],
         " ".join(row["files"]), row["error"]]
        for row in rows
    ]  # fmt: skip
    page = index_page(name, rows, lang)
    return [write_text(folder / "index.csv", csv_of(head, lines)), write_text(folder / "index.html", page)]


def index_page(name: str, rows: Rows, lang: str) -> str:
    """
    The page: how many there are, what failed and why, then each headline with a link to its report.

    Examples:
        >>> row = {"row": 1, "parameters": {}, "title": "A & B", "answer": "Yes.", "files": ["a b.html"], "error": ""}
        >>> page = index_page("settlement", [row], "en")
        >>> '<a href="a%20b.html">A &amp; B</a>' in page, "1 report, all of them made" in page
        (True, True)
    """
    words = Words(lang)
    failed = [row for row in rows if row["error"]]
    key = ("index_one" if len(rows) == 1 else "index_all") if not failed else "index_failed"
    answer = words(key, count=len(rows), failed=len(failed))
    page = ReportPage(lang).opening(words("index_title", report=name), answer).text
    if failed:
        told = [[row["row"], *_given(row, rows), row["error"]] for row in failed]
        page += f"<h2>{html.escape(words('index_what_failed'))}</h2>"
        head = [words("index_row"), *_heads(rows, words), words("index_why")]
        page += _table(head, [[_text(cell) for cell in line] for line in told])
    made = [row for row in rows if not row["error"]]
    heads = [words("index_report"), *_heads(rows, words), words("sheet_answer")]
    lines = [
        [_link(row["files"][0], row["title"]), *map(_text, _given(row, rows)), _text(row["answer"])] for row in made
    ]
    if any(len(row["files"]) > 1 for row in made):
        heads.append(words("index_also"))
        for line, row in zip(lines, made, strict=True):
            line.append(" ".join(_link(file, _kind(file)) for file in row["files"][1:]))
    page += _table(heads, lines) if made else ""
    return standalone(page, lang)


def _differing(rows: Rows) -> list[str]:
    """The parameters that tell the reports apart."""
    keys = dict.fromkeys(key for row in rows for key in row["parameters"])
    return [key for key in keys if len({row["parameters"].get(key, "") for row in rows}) > 1]


def _heads(rows: Rows, words: Words) -> list[str]:
    """Their names as people say them; a rare one as it is written."""
    return [words.find(f"index_of_{key}") or key for key in _differing(rows)]


def _given(row: Mapping[str, Any], rows: Rows) -> list[str]:
    return [Path(str(row["parameters"].get(key, ""))).name for key in _differing(rows)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose cells are pieces of a page already."""
    heads = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in head)
    body = "".join(f"<tr>{''.join(map(_td, row))}</tr>" for row in rows)
    return f'<table class="csim"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _td(cell: str) -> str:
    """A cell; a month or a vendor does not break over lines."""
    short = len(re.sub(r"<[^>]+>", "", cell)) <= MOST_WHOLE
    return f'<td class="whole">{cell}</td>' if short else f"<td>{cell}</td>"


def _link(file: str, text: str) -> str:
    return f'<a href="{quote(file)}">{html.escape(text)}</a>'


def _text(value: Any) -> str:
    return html.escape(str(value))


def _kind(file: str) -> str:
    return {".pdf": "PDF", ".xlsx": "Excel"}.get(Path(file).suffix, file)

"""An executed notebook as a page that stands alone: no request leaves it, code is hidden, fonts travel inside."""

from __future__ import annotations

import html
import re
from importlib import resources
from pathlib import Path
from typing import Any

from csim.display.fonts import font_face_css
from csim.display.result import LEFT
from csim.display.words import Words
from csim.report.bound import Bound, bound_for

AUDIENCES = ("internal", "vendor")
PRIVATE = "private"  # cells with this tag are for the buyer's own people: the vendor's copy lacks them


def bound_of(notebook: Path, lang: str, audience: str = "internal") -> Bound:
    """
    What the cells of an executed report notebook show, bound as a report.

    Raises:
        RuntimeError: The notebook holds an error: such a page would look finished and be wrong.
        InputError: Nothing of it is for the vendor.
    """
    import nbformat

    cells = [cell for cell in nbformat.read(notebook, as_version=4)["cells"] if cell["cell_type"] == "code"]
    if any(output["output_type"] == "error" for cell in cells for output in cell["outputs"]):
        raise RuntimeError(f"{notebook.name} failed: no page is written")
    private = {id(cell) for cell in cells if is_private(cell)}
    shown = [cell for cell in cells if audience == "internal" or id(cell) not in private]
    pieces = ["".join(output.get("data", {}).get("text/html", "")) for cell in shown for output in cell["outputs"]]
    mark = "mark_vendor" if audience == "vendor" else "mark_internal" if private else ""
    return bound_for("\n".join(filter(None, pieces)).replace(LEFT, ""), lang, Words(lang)(mark) if mark else "")


def is_private(cell: Any) -> bool:
    """Whether a cell is for the buyer's own people."""
    return PRIVATE in cell["metadata"].get("tags", ())


def refused_to_vendor(notebook: Path) -> bool:
    """Whether even the answer of a report is private: then nothing of it is worth running for the vendor."""
    import nbformat

    cells = nbformat.read(notebook, as_version=4)["cells"]
    return any("page.answer(" in cell["source"] and is_private(cell) for cell in cells)


def standalone(body: str, lang: str, source: str = "", mark: str = "", zoom: float = 1.0) -> str:
    """
    A piece of a page as a page of its own: styled, with the Chinese glyphs it needs; no request leaves it.

    Args:
        source: Where its numbers come from: at the foot of every printed page. mark: Whom it is for, likewise.
        zoom: How large it is printed.

    Examples:
        >>> page = standalone("<h1>Statement</h1>", "en")
        >>> '<meta charset="utf-8">' in page, "<title>Statement</title>" in page
        (True, True)
    """
    found = re.search(r"<h1>(.*?)</h1>", body)
    title = found.group(1) if found else "csim"
    css = resources.files("csim.report").joinpath("page.css").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", body)) + source + mark
    paper = _paper(html.unescape(title), source, mark, zoom)
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'; font-src data:\">"
        f"<title>{title}</title>"
        f"<style>{font_face_css(text, lang=lang)}\n{css}\n{paper}</style></head>"
        f'<body class="{lang}"><main>{body}</main></body></html>\n'
    )


def _paper(title: str, source: str, mark: str, zoom: float) -> str:
    """What stands in the margins of every printed page; the first page has its title already."""
    rules = [f"@page {{ @bottom-left {{ content: {_quoted(source)} }} @top-right {{ content: {_quoted(mark)} }} }}"]
    rules.append(
        f"@page {{ @top-left {{ content: {_quoted(title)} }} }} @page :first {{ @top-left {{ content: '' }} }}"
    )
    if zoom != 1:
        rules.append(f"@media print {{ main {{ zoom: {zoom:g} }} }}")
    return "\n".join(rules)


def _quoted(text: str) -> str:
    r"""
    Text as a string of CSS, whatever it holds; it can end neither the string nor the style sheet.

    Examples:
        >>> _quoted('B "</style>')
        '"B \\22 \\3C \\2F style\\3E "'
    """
    plain = "".join(c if c.isalnum() or c in " .,·-_():%" else f"\\{ord(c):X} " for c in text)
    return f'"{plain}"'

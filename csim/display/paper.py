"""Word documents of headings, paragraphs and tables; what differs from an older text as changes that Word tracks."""

from __future__ import annotations

import datetime as dt
import difflib
import io
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake
from csim.files import write_whole

EPOCH = (2026, 1, 1, 0, 0, 0)  # of every part of the file, so that the same text gives the same bytes
FONTS = ("Times New Roman", "SimSun")
ALIKE = 0.6
_WORD = re.compile(r"[A-Za-z0-9_.,%]+|\s+|.", re.DOTALL)
Piece = tuple[str, str]  # "=", "+" or "-", and a text


@dataclass(frozen=True)
class Block:
    """
    A heading (level 1, 2 …), a paragraph (level 0) or a table (rows).

    Blocks of one `key` belong to one clause, which is found again by it in another text.
    """

    key: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def write_paper(path: str | Path, blocks: Sequence[Block], older: Sequence[Block] | None = None) -> Path:
    """
    Writes the blocks; with *older*, each word that came or went is marked as inserted or deleted by csim.

    Raises:
        InputError: python-docx is not installed.
    """
    try:
        import docx  # noqa: F401
    except ImportError:
        raise InputError([Mistake('Word files need python-docx: pip install "csim[word]"', "", str(path))]) from None
    paper = _Paper()
    for block, before in _paired(blocks, older):
        paper.add(block, before)
    content = paper.content()
    return write_whole(path, lambda temporary: _save(temporary, content))


def _save(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _paired(blocks: Sequence[Block], older: Sequence[Block] | None) -> Iterator[tuple[Block | None, Block | None]]:
    """Each block with what it was before; blocks that went stand where they stood."""
    if older is None:
        yield from ((block, block) for block in blocks)
        return
    before, now = _by_key(older), _by_key(blocks)
    match = difflib.SequenceMatcher(None, list(before), list(now), autojunk=False)
    for _, old_from, old_to, new_from, new_to in match.get_opcodes():
        for key in [key for key in list(before)[old_from:old_to] if key not in now]:
            yield from ((None, block) for block in before[key])
        for key in list(now)[new_from:new_to]:
            yield from _alike(before.get(key, []), now[key])


def _by_key(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in blocks:
        found.setdefault(block.key, []).append(block)
    return found


def _alike(old: list[Block], new: list[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """Blocks of one key: equal ones stay, of the others those that resemble each other are one that changed."""
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from zip(new[b1:b2], old[a1:a2], strict=True)
            continue
        left = list(old[a1:a2])
        for block in new[b1:b2]:
            same = next((i for i, was in enumerate(left) if _resembles(was, block)), None)
            if same is None:
                yield block, None
                continue
            yield from ((None, was) for was in left[:same])
            yield block, left[same]
            del left[: same + 1]
        yield from ((None, was) for was in left)


def _resembles(old: Block, new: Block) -> bool:
    if old.rows or new.rows:
        return bool(old.rows and new.rows) and old.rows[0] == new.rows[0]
    return old.level == new.level and difflib.SequenceMatcher(None, old.text, new.text).ratio() > ALIKE


def changed_words(old: str, new: str) -> list[Piece]:
    """
    What stayed, came and went, word by word (Chinese: character by character).

    Examples:
        >>> changed_words("80% within 20 s", "85% within 20 s")
        [('-', '80%'), ('+', '85%'), ('=', ' within 20 s')]
    """
    a, b = _WORD.findall(old), _WORD.findall(new)
    found: list[Piece] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        pieces = [("=", "".join(a[a1:a2]))] if kind == "equal" else [("-", "".join(a[a1:a2])), ("+", "".join(b[b1:b2]))]
        found += [piece for piece in pieces if piece[1]]
    return found


class _Paper:
    """The document being written."""

    def __init__(self) -> None:
        import docx
        from docx.shared import Pt

        self.document = docx.Document()
        self.changes = 0
        stamp = os.environ.get("SOURCE_DATE_EPOCH", "")
        day = dt.datetime.fromtimestamp(int(stamp), dt.UTC) if stamp.isdigit() else dt.datetime.now(dt.UTC)
        self.when = f"{day:%Y-%m-%d}T00:00:00Z"
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
            style = self.document.styles[name]
            style.font.name = FONTS[0]
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(_w(theme), None)
            fonts.set(_w("eastAsia"), FONTS[1])
        self.document.styles["Normal"].font.size = Pt(10.5)
        core = self.document.core_properties
        core.author = core.last_modified_by = "csim"
        core.title = core.comments = ""
        core.created = core.modified = dt.datetime(*EPOCH[:3])
        self._page_numbers()

    def add(self, block: Block | None, before: Block | None) -> None:
        """A block as it is and as it was; None is one that is not there."""
        shown = block or before
        assert shown is not None
        if shown.rows:
            self._table(block, before)
            return
        style = ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3")[shown.level]
        paragraph = self.document.add_paragraph(style=style)
        self._fill(paragraph, before.text if before else "", block.text if block else "")
        if block is None or before is None:
            mark = _child(paragraph._p.get_or_add_pPr(), "rPr")  # of the paragraph's own end
            mark.append(self._change("ins" if block else "del"))

    def _table(self, block: Block | None, before: Block | None) -> None:
        rows, old = (block.rows if block else ()), (before.rows if before else ())
        pairs = _rows(old, rows)
        table = self.document.add_table(0, max(len(row) for pair in pairs for row in pair if row))
        table.style = "Table Grid"
        for was, now in pairs:
            line = table.add_row()
            for i, cell in enumerate(line.cells):
                self._fill(cell.paragraphs[0], _at(was, i), _at(now, i))
            if was is None or now is None:
                line._tr.get_or_add_trPr().append(self._change("del" if now is None else "ins"))
        self.document.add_paragraph()

    def _fill(self, paragraph: Any, old: str, new: str) -> None:
        for kind, text in changed_words(_printable(old), _printable(new)):
            run = paragraph.add_run("" if kind == "-" else text)
            if kind == "=":
                continue
            holder = self._change("ins" if kind == "+" else "del")
            run._r.addprevious(holder)
            holder.append(run._r)
            if kind == "-":
                gone = _child(run._r, "delText")
                gone.text = text
                gone.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _change(self, kind: str) -> Any:
        from docx.oxml import OxmlElement

        self.changes += 1
        element = OxmlElement(f"w:{kind}")
        for name, value in (("id", str(self.changes)), ("author", "csim"), ("date", self.when)):
            element.set(_w(name), value)
        return element

    def _page_numbers(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for field, after in (("PAGE", " / "), ("NUMPAGES", "")):
            simple = _child(paragraph._p, "fldSimple")
            simple.set(_w("instr"), field)
            _child(_child(simple, "r"), "t").text = "1"
            if after:
                paragraph.add_run(after)

    def content(self) -> bytes:
        """The file, every part of it dated alike."""
        draft, result = io.BytesIO(), io.BytesIO()
        self.document.save(draft)
        with zipfile.ZipFile(draft) as parts, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as fixed:
            for name in parts.namelist():
                fixed.writestr(zipfile.ZipInfo(name, EPOCH), parts.read(name), zipfile.ZIP_DEFLATED)
        return result.getvalue()


def _rows(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Rows beside what they were: equal ones first, then in order, what is left over came or went."""
    pairs: list[tuple[Any, Any]] = []
    for _, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = list(old[a1:a2]), list(new[b1:b2])
        longest = max(len(was), len(now))
        was += [None] * (longest - len(was))
        now += [None] * (longest - len(now))
        pairs += zip(was, now, strict=True)
    return pairs


def _printable(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)


def _at(row: Sequence[str] | None, i: int) -> str:
    return row[i] if row and i < len(row) else ""


def _child(parent: Any, name: str) -> Any:
    from docx.oxml import OxmlElement

    element = OxmlElement(f"w:{name}")
    parent.append(element)
    return element


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"

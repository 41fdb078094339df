"""The parts of a report bound together: the cover, the contents, sections and figures with their numbers."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from csim.display.lines import width
from csim.display.words import LANGUAGES, Words
from csim.errors import InputError, Mistake

MOST_ROWS = 12  # of a table in the one-page version
ROOM = 22  # rows and lines of text on a cover, beside contents and a small figure
_SOURCE = re.compile(r'<p class="source">(.*?)</p>', re.DOTALL)
_CAPTIONS = [re.escape(Words(lang)("figure_number", number=7)).replace("7", r"\d+") for lang in LANGUAGES]
_CAPTION = re.compile(rf"<figcaption>(?:{'|'.join(_CAPTIONS)})")


@dataclass(frozen=True)
class Bound:
    """
    A report's parts in order; what stands before the first heading is the cover.

    Examples:
        >>> parts = '<h1>A</h1><p class="answer">Yes.</p><p class="source">csim</p><h2>B</h2>b<h2>C</h2>'
        >>> bound = Bound.of(parts, "en")
        >>> bound.title, bound.answer, bound.source, bound.headings
        ('A', 'Yes.', 'csim', ['B', 'C'])
        >>> '<a href="#section-2">C</a>' in bound.whole(), "<h2" in bound.one_page()
        (True, False)
    """

    lang: str
    cover: str
    sections: tuple[str, ...]
    source: str
    mark: str = ""

    @classmethod
    def of(cls, body: str, lang: str, mark: str = "") -> Bound:
        """
        The body of a page, taken apart at its headings.

        Args:
            mark: Whom the copy is for, where that has to be said on every page.
        """
        said = _SOURCE.search(body)
        cover, *sections = re.split(r"(?=<h2)", _numbered(_SOURCE.sub("", body), lang))
        return cls(lang, cover, tuple(sections), _text(said.group(1)) if said else "", mark)

    @property
    def title(self) -> str:
        """The title, as text."""
        return _first(r"<h1>(.*?)</h1>", self.cover) or "csim"

    @property
    def answer(self) -> str:
        """The answer in a sentence, as text."""
        return _first(r'<p class="answer">(.*?)</p>', self.cover)

    @property
    def headings(self) -> list[str]:
        """The titles of the sections, as text."""
        return [_first(r"<h2[^>]*>(.*?)</h2>", section) for section in self.sections]

    def whole(self) -> str:
        """Cover, contents, numbered sections."""
        parts = []
        for number, section in enumerate(self.sections, 1):
            head = f'<h2 id="section-{number}"><span class="number">{number}</span> '
            parts.append(f"<section>{re.sub('<h2[^>]*>', head, section, count=1)}</section>")
        kind = "cover sheet" if _fits_a_sheet(self.cover) else "cover"
        return f'<div class="{kind}">{self._head()}{self.cover}{self._contents()}{self._foot()}</div>{"".join(parts)}'

    def one_page(self) -> str:
        """The cover alone: the answer, its first figure and its first table; a long table is cut, and says so."""
        answer = re.split(r"<(?:figure|table)\b", self.cover, maxsplit=1)[0]
        found = sorted(filter(None, (re.search(rf"<{kind}\b.*?</{kind}>", self.cover, re.DOTALL)
                                     for kind in ("figure", "table"))), key=lambda match: match.start())  # fmt: skip
        kept = "".join(_shortened(match.group(), self.lang) for match in found)
        return f'<div class="one-page">{self._head()}{answer}{kept}{self._foot()}</div>'

    def _head(self) -> str:
        return f'<p class="mark">{html.escape(self.mark)}</p>' if self.mark else ""

    def _foot(self) -> str:
        return f'<p class="source">{html.escape(self.source)}</p>' if self.source else ""

    def _contents(self) -> str:
        if len(self.sections) < 2:
            return ""
        title = html.escape(Words(self.lang)("contents"))
        links = "".join(
            f'<li><a href="#section-{number}">{html.escape(heading)}</a></li>'
            for number, heading in enumerate(self.headings, 1)
        )
        return f'<nav class="contents" aria-label="{title}"><p>{title}</p><ol>{links}</ol></nav>'


def _numbered(body: str, lang: str) -> str:
    """Figures numbered as they stand, whatever number each had where it was made."""
    words, parts = Words(lang), _CAPTION.split(body)
    return parts[0] + "".join(
        f"<figcaption>{html.escape(words('figure_number', number=number))}{part}"
        for number, part in enumerate(parts[1:], 1)
    )


def _fits_a_sheet(cover: str) -> bool:
    """
    Whether a cover can stand on one sheet with the contents, once its figure is made small enough.

    Judged generously by its rows and lines: what is called too long is printed as it comes, over two sheets if need be.
    """
    rows = [_text(row) for row in re.findall(r"<tr\b.*?</tr>", cover, re.DOTALL)]
    lines = re.findall(r"<p class=.*?</p>", cover, re.DOTALL)
    return sum(1 + width(row) // 60 for row in rows) + sum(1 + width(_text(line)) // 80 for line in lines) <= ROOM


def _shortened(piece: str, lang: str) -> str:
    """A table of at most so many rows, and how many there are more."""
    head, body, tail = piece.partition("<tbody>")
    rows: Sequence[str] = re.findall(r"<tr\b.*?</tr>", tail, re.DOTALL)
    if not body or len(rows) <= MOST_ROWS:
        return piece
    more = html.escape(Words(lang)("more_rows", count=len(rows) - MOST_ROWS))
    return f'{head}<tbody>{"".join(rows[:MOST_ROWS])}</tbody></table><p class="remark">{more}</p>'


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    return _text(found.group(1)) if found else ""


def _text(piece: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", piece)).replace("\N{NO-BREAK SPACE}", " ").strip()


def bound_for(body: str, lang: str, mark: str = "") -> Bound:
    """
    The parts bound; a page without an answer is none.

    Raises:
        InputError: Nothing of the report is meant for whom the copy is.
    """
    bound = Bound.of(body, lang, mark)
    if "<h1>" not in bound.cover:
        raise buyers_own()
    return bound


def buyers_own() -> InputError:
    """What is said of a report that has nothing for the vendor."""
    return InputError([Mistake("this report is the buyer's own: nothing of it is for the vendor", "--audience")])

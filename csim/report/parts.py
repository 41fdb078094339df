"""What every report is made of: an opening, sections, figures and tables of facts, in one language."""

from __future__ import annotations

import datetime as dt
import html
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from csim.display import figures
from csim.display.result import LEFT
from csim.display.tables import html_table
from csim.display.words import Words


@dataclass(frozen=True)
class Html:
    """A piece of a page; Jupyter shows it as it is."""

    text: str

    def _repr_html_(self) -> str:
        return LEFT + self.text.replace(LEFT, "")


def shown(result: Any, lang: str = "en") -> Html:
    """
    A result in a language, as JupyterLab shows it.

    Args:
        result: Anything with `to_html(lang)`: a simulation, a comparison, a statement, what the terms make happen.

    Examples:
        >>> import csim
        >>> "服务等级" in shown(csim.simulate("scenarios/centres/first_voice.yaml", 2, seed=7), "zh").text
        True
    """
    return Html(result.to_html(lang))


def table(header: list[str], rows: Iterable[Iterable[Any]], title: str = "") -> Html:
    """
    A small table of a notebook; whatever the cells hold is shown as text.

    Examples:
        >>> ">&lt;b&gt;</td>" in table(["agents", "level"], [("<b>", 0.8)]).text
        True
    """
    return Html(html_table(header, [list(row) for row in rows], title))


def copy_for(audience: str, found: Any) -> Any:
    """
    A result as whom a report is for may read it: the vendor's copy lacks what rests on fewer than five contacts.

    Every report of a real log passes what it found through here, before any of its parts is made; where the line is,
    and why, says `csim.kpi.small.suppress_small`.
    """
    return found.for_vendor() if audience == "vendor" else found


class ReportPage:
    """
    The base of every report: each says its parts, the look, the numbers and the contents are made of them.

    What a report shows before its first section is its cover, and the one-page version.

    Examples:
        >>> page = ReportPage("zh")
        >>> page.opening("服务预测", "可以达标。", [], "csim 0.1.0").text.startswith("<h1>服务预测</h1>")
        True
    """

    def __init__(self, lang: str = "en") -> None:
        self.lang, self.words = lang, Words(lang)

    def opening(self, title: str, sentence: str, remarks: Iterable[str] = (), source: str = "") -> Html:
        """
        The answer first.

        Args:
            title: What the page is about. sentence: The answer. remarks: What has to be said with it.
            source: Where the numbers come from, in a line: it stands at the foot of every page of the PDF.
        """
        said = [f"<h1>{html.escape(title)}</h1>", f'<p class="answer">{_together(sentence)}</p>']
        said += [f'<p class="remark">{html.escape(text)}</p>' for text in remarks]
        if source:
            line = f"{source} · {self.words('rendered_on', date=rendered_on())}"
            said.append(f'<p class="source">{html.escape(line)}</p>')
        return Html("".join(said))

    def _section(self, title: str, body: str) -> Html:
        """A section under the words of the key *title*; *body* is a piece of a page already."""
        return Html(f"<h2>{html.escape(self.words(title))}</h2>{body}")

    def _figure(self, axes: Any, alt: str) -> Html:
        """A figure; in the finished page its number is that of its place."""
        self._figures = getattr(self, "_figures", 0) + 1
        return Html(figures.figure_html(axes, self._figures, alt, self.lang))

    def _note(self, text: str) -> str:
        """Small print below a table."""
        return f'<p class="remark">{html.escape(text)}</p>'

    def _left_out(self, least: int) -> str:
        """What a vendor's copy says below a table with dashes; nothing where all is shown."""
        return self._note(self.words("small_note", least=least)) if least > 1 else ""


def _together(sentence: str) -> str:
    """A sentence as a piece of a page; a number and its sign of per cent never part at the end of a line."""
    return html.escape(sentence).replace(" %", "&nbsp;%")


def facts_table(rows: Iterable[tuple[Any, Any]]) -> str:
    """
    A table of names and values, such as where the numbers come from.

    Examples:
        >>> facts_table([("Seed", 7)])
        '<table class="csim facts"><tbody><tr><th scope="row">Seed</th><td>7</td></tr></tbody></table>'
    """
    cells = "".join(
        f'<tr><th scope="row">{html.escape(str(key))}</th><td>{html.escape(str(value))}</td></tr>'
        for key, value in rows
    )
    return f'<table class="csim facts"><tbody>{cells}</tbody></table>'


def rendered_on() -> str:
    """Today, or the date that SOURCE_DATE_EPOCH says, so that a page can be made again byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return f"{moment:%Y-%m-%d}"

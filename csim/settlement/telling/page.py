"""A statement as pieces of a page: the answer, the lines, what is thin, sums, signatures, provenance."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from csim.display.numbers import cash, in_capitals
from csim.display.tables import Cell, html_table
from csim.settlement.statement import Statement
from csim.settlement.telling.phrases import Told
from csim.settlement.telling.told import Telling

SMALL_PRINT = "statement"  # the class of these tables: fixed widths, lines below a cell may break
MOST_IN_SHORT = 10  # lines on a cover
_TIED = re.compile(r"(?<=\d) (?=%|s\b|min\b|h\b)")


def statement_html(statement: Statement, lang: str) -> str:
    """
    The statement of a month as a piece of a page; whatever names hold is shown, never executed.

    Examples:
        >>> import csim, pandas as pd
        >>> measured = {"service_level": "78%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "96%"}
        >>> table = pd.DataFrame({"month": "2026-03", "kpi": list(measured), "value": list(measured.values()),
        ...                       "sample": 90000})
        >>> page = statement_html(csim.settle("scenarios/contracts/hotline_400.yaml", table), "en")
        >>> "−10,800.00" in page, "465,552.00" in page
        (True, True)
    """
    telling = Telling(statement, lang)
    parts = [
        answer_html(telling), _section(telling, "st_lines", lines_html(telling)),
        _section(telling, "st_thin", thin_html(telling)), sums_html(telling), signatures_html(telling),
        _section(telling, "st_provenance", provenance_html(telling)),
    ]  # fmt: skip
    return tied(f'<div class="statement">{"".join(parts)}</div>')


def tied(text: str) -> str:
    """
    Numbers and their units, kept on one line.

    Examples:
        >>> tied("80 %, 8 min 30 s") == "80\u00a0%, 8\u00a0min 30\u00a0s"
        True
    """
    return _TIED.sub("\u00a0", text)


def answer_html(telling: Telling) -> str:
    """Title, sentence, the three clauses that drove it, and what has to be said with it."""
    remarks = "".join(f'<p class="remark">{html.escape(text)}</p>' for text in telling.remarks())
    return f'<h1>{html.escape(telling.title())}</h1><p class="answer">{html.escape(telling.sentence())}</p>{remarks}'


def short_html(telling: Telling) -> str:
    """The table to take along: every line (of many those that move money), then the sums."""
    words, s, lines = telling.words, telling.statement, list(telling.lines())
    kept = lines if len(lines) <= MOST_IN_SHORT else [told for told in lines if told.line.money]
    rows = [
        [Cell(told.clause, whole=True), told.measure, told.value, told.target or told.band, told.score,
         Cell(told.money if told.line.money else "", whole=True)]
        for told in kept
    ]  # fmt: skip
    sums = ("subtotal", "tax", "total")
    rows += [["", words(f"st_{key}"), "", "", "", Cell(cash(getattr(s, key)), whole=True)] for key in sums]
    marks = ["misses" if told.line.money < 0 else "" for told in kept] + ["sum"] * len(sums)
    head = [words(f"st_{key}") for key in ("clause", "measure", "value", "target")]
    head += [telling.score_head(), telling.currency()]
    return html_table(head, rows, words("st_in_short"), marks)


def lines_html(telling: Telling) -> str:
    """The lines, what goes with a cell in small print below it."""
    words = telling.words
    keys = ("clause", "measure", "value", "target", "score", "money", "why")
    head = [words(f"st_{key}", currency=telling.currency()) for key in keys]
    head[4] = telling.score_head()
    lines = telling.lines()
    marks = ["misses" if told.line.money < 0 else "" for told in lines]
    note = words("st_money_note", currency=telling.currency())
    table = html_table(head, [_row(told, telling) for told in lines], classes=marks, kind=f"{SMALL_PRINT} lines")
    return f'{table}<p class="remark">{html.escape(note)}</p>'


def _row(told: Told, telling: Telling) -> list[Cell]:
    words = telling.words
    sample = words("st_sample_of", sample=told.sample) if told.sample else ""
    excluded = words("st_excluded_of", what=told.excluded) if told.excluded else ""
    held = Cell(told.target or told.band, _given(told.band if told.target else ""))
    return [
        Cell(told.clause, whole=True), Cell(told.measure, _given(told.other_name, told.reading, excluded)),
        Cell(told.value, _given(sample, told.least_sample), whole=True), held, Cell(told.score, _given(told.status)),
        Cell(told.money, whole=True), Cell(told.why, _given(telling.graded(told))),
    ]  # fmt: skip


def _given(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def thin_html(telling: Telling, rows: Iterable[int] = ()) -> str:
    """
    What is disputed or rests on thin evidence, with room for the vendor's objections.

    Args:
        rows: Empty rows to be filled in by hand, one per number.
    """
    words, thin = telling.words, telling.thin()
    head = [words(f"st_{key}") for key in ("clause", "measure", "evidence", "dispute", "agreed")]
    filled = []
    for told, said in thin:
        grade = Cell(told.grade or told.status, _given(told.evidence, said))
        filled.append([Cell(told.clause, whole=True), told.measure, grade, "", ""])
    none = "" if thin else f"<p>{html.escape(words('st_thin_none'))}</p>"
    blank = [[""] * len(head) for _ in rows]
    table = html_table(head, [*filled, *blank], kind=f"{SMALL_PRINT} to-fill") if filled or blank else ""
    return f'{none}{table}<p class="remark">{html.escape(telling.objection())}</p>'


def sums_html(telling: Telling) -> str:
    """Subtotal, rate, tax, total, and in Chinese the total in words."""
    s, words = telling.statement, telling.words
    rate = telling.says.share(s.terms.tax.rate) if s.terms.tax else telling.says.share(s.tax * 0)
    sums = {"subtotal": cash(s.subtotal), "tax_rate": rate, "tax": cash(s.tax), "total": cash(s.total)}
    if telling.lang == "zh" and s.currency == "CNY":
        sums["capitals"] = in_capitals(s.total)
    return _facts([(words(f"st_{key}"), value) for key, value in sums.items()])


def signatures_html(telling: Telling) -> str:
    """Two blocks to be signed."""
    sign = telling.words("st_sign")
    return html_table(telling.parties(), [[sign, sign]], kind="signatures")


def provenance_html(telling: Telling, more: Sequence[tuple[str, str]] = ()) -> str:
    """What it takes to get the same numbers again."""
    return _facts([*telling.provenance(), *more])


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><th scope="row">{html.escape(key)}</th><td>{html.escape(value)}</td></tr>' for key, value in rows
    )
    return f'<table class="csim facts"><tbody>{cells}</tbody></table>'


def _section(telling: Telling, key: str, body: str) -> str:
    return f"<h2>{html.escape(telling.words(key))}</h2>{body}"

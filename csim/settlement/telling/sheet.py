"""Statements as a workbook with live sums, to be signed, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from csim.display.excel import Put, Sheet, sheet_names, write_sheets
from csim.display.tables import csv_of
from csim.display.words import Words
from csim.settlement.statement import Statement
from csim.settlement.telling.form import Form
from csim.settlement.telling.told import Telling


def write_statements(statements: Sequence[Statement], path: str | Path, lang: str) -> Path:
    """
    A workbook: an overview and one sheet per statement.

    Sums are formulas that hold their value, names are text, and the same statements give the same bytes.
    """
    words = Words(lang)
    names = sheet_names([words("st_overview"), *(statement.vendor for statement in statements)])
    laid_out = [Form(statement, lang) for statement in statements]
    sheets = [form.sheet(name) for form, name in zip(laid_out, names[1:], strict=True)]
    return write_sheets(path, [_overview(laid_out, names, words), *sheets])


def as_csv(statement: Statement, lang: str, head: bool = True) -> str:
    """
    The lines and the sums as CSV: UTF-8 with a byte-order mark, no cell that starts a formula, numbers exact.

    Args:
        head: With the mark and the header; without, lines to be added to another statement's.
    """
    telling = Telling(statement, lang)
    words = telling.words
    keys = ("clause", "measure", "reading", "value", "excluded", "sample", "target", "band", "score", "money", "status",
            "evidence", "why")  # fmt: skip
    header = [words(key) for key in ("month", "vendor", "st_kind")]
    header += [words(f"st_{key}", currency=telling.currency()) for key in keys]
    return csv_of(header, _csv_rows(telling), head=head)


def _csv_rows(telling: Telling) -> Iterator[list[Any]]:
    statement = telling.statement
    place = [statement.month, statement.vendor]
    for told in telling.lines():
        line, judged = told.line, told.line.judged
        score = line.points if line.points is not None else line.score
        sample = judged.fact.sample if judged and judged.fact else None
        yield [*place, line.kind, told.clause, told.measure, told.reading, told.value, told.excluded, sample,
               told.target, told.band, score, line.money, told.status, telling.graded(told), told.why]  # fmt: skip
    sums = {"subtotal": statement.subtotal, "tax": statement.tax, "total": statement.total}
    for kind, amount in sums.items():
        yield [*place, kind, "", telling.words(f"st_{kind}"), *[""] * 7, amount, "", "", ""]


def _overview(forms: Sequence[Form], names: Sequence[str], words: Words) -> Sheet:
    """All vendors on one sheet, each number linked to its own."""
    s = forms[0].statement
    heads = ("vendor", "score", "fee", "deduction", "bonus", "subtotal", "tax", "payable")
    title = f"{s.contract.name} {s.month} · {forms[0].telling.currency()}"
    rows: list[list[Put]] = [[Put(title, "title", across=8)], []]
    rows.append([Put(words(f"st_{head}"), "head") for head in heads])
    for form, name in zip(forms, names[1:], strict=True):
        rows.append(_vendor(form, "'" + name.replace("'", "''") + "'!"))
    last = len(rows)
    sums = [Put(words("st_sum"), "key"), Put()]
    for column in "CDEFGH":
        total = sum((Decimal(str(row[ord(column) - ord("A")].value)) for row in rows[3:]), Decimal(0))
        sums.append(Put(float(total), "sum", f"=SUM({column}4:{column}{last})"))
    return Sheet(names[0], [*rows, sums], (26, 16, 18, 18, 18, 18, 18, 18), frozen=3)


def _vendor(form: Form, there: str) -> list[Put]:
    s = form.statement
    score = form.words("st_points_of", points=f"{s.points:f}") if s.points is not None else ""
    row = [Put(s.vendor), Put(score) if score or s.score is None else Put(float(s.score), "number")]
    row += [Put(float(s.fee), "money", form.fee(there)), Put(float(s.deduction), "money", f"={there}F3")]
    row.append(Put(float(s.bonus), "money", form.bonus(there)))
    for name, value in (("subtotal", s.subtotal), ("tax", s.tax), ("total", s.total)):
        row.append(Put(float(value), "money", f"={there}{form.cell(name)}"))
    return row

"""Statements, leagues and readings as text for a console."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from csim.contract.load import Contract
from csim.display.grids import text_table
from csim.display.numbers import shown
from csim.display.words import Words
from csim.settlement.definitions import Variant
from csim.settlement.league import league
from csim.settlement.outlook import Outlook
from csim.settlement.statement import Statement
from csim.settlement.telling.sentences import on_trial

HEADS = ("clause", "item", "value", "sample", "excluded", "target", "band", "score", "money", "why")
ALWAYS = ("clause", "item", "value", "money", "why")  # the others where a line has them
NUMBERS = ("value", "sample", "score", "money")


def statements_text(statements: Sequence[Statement], lang: str) -> str:
    """Every statement, and for several vendors the league."""
    words = Words(lang)
    parts = [_statement(statement, words) for statement in statements]
    if len(statements) > 1:
        parts.append(_league(statements, words))
    return "\n\n".join(parts)


def _statement(statement: Statement, words: Words) -> str:
    title = words("settle_title", vendor=statement.vendor, month=statement.month, contract=statement.contract.name)
    foot = [(words("settle_subtotal"), statement.subtotal), (words("settle_tax"), statement.tax)]
    foot.append((words("settle_total"), statement.total))
    lines = [f"{name}  {amount(number)} {statement.currency}" for name, number in foot]
    if statement.bounds:
        low, high = (amount(end) for end in statement.total_bounds)
        lines.append(words("settle_bounds", low=low, high=high))
    lines += [words("settle_right", then=words(f"then_{s.then}"), clause=s.clause) for _, s in statement.payment.rights]
    if statement.pool is not None:
        lines += ["", words("settle_pool"), text_table(*statement.pool.rows(words.lang), range(2, 8))]
    trial = on_trial(statement.contract, statement.month, words.lang)
    return "\n".join([title, *trial, _lines(statement, words), *lines])


def _lines(statement: Statement, words: Words) -> str:
    """A row for every line, without the columns that no line fills."""
    rows = [
        line | {
            "value": line["shown_value"], "money": amount(line["money"]), "sample": _count(line["sample"]),
            "score": _points(line["score"] if line["score"] is not None else line["points"]),
        }
        for line in statement.lines_in(words.lang).to_dict("records")
    ]  # fmt: skip
    heads = [head for head in HEADS if head in ALWAYS or any(row[head] for row in rows)]
    right = [place for place, head in enumerate(heads) if head in NUMBERS]
    return text_table(
        [words(f"settle_{head}") for head in heads], [[row[head] for head in heads] for row in rows], right
    )


def _league(statements: Sequence[Statement], words: Words) -> str:
    heads = [words(f"settle_{key}") for key in ("rank", "vendor", "score", "payable", "next_share")]
    rows = [
        [p.rank, p.vendor, _points(p.score), amount(p.total), "" if p.share is None else f"{p.share * 100:.2f} %"]
        for p in league(statements)
    ]
    return text_table(heads, rows, (0, 2, 3, 4))


def readings_text(contract: Contract, variants: Sequence[Variant], lang: str) -> str:
    """Each clause under every reading, the contract's own marked, with the money it would move."""
    words = Words(lang)
    heads = [words(f"settle_{key}") for key in ("item", "reading", "value", "band", "score", "payable", "difference")]
    rows = []
    for variant in variants:
        kpi = contract.catalogue[variant.kpi]
        value = "" if variant.value is None else shown(float(variant.value), kpi.unit, lang)
        mark = words("settle_as_agreed") if variant.stated else ""
        money = (
            [words("settle_no_money"), ""]
            if variant.total is None
            else [amount(variant.total), amount(variant.difference)]
        )
        rows.append([variant.clause, f"{kpi.name(lang)} {mark}", value, variant.band, _points(variant.score), *money])
    return text_table(heads, rows, (2, 4, 5, 6))


def amount(money: Decimal | None) -> str:
    """
    Money with its thousands.

    Examples:
        >>> amount(Decimal("-11466.00")), amount(None)
        ('-11,466.00', '')
    """
    return "" if money is None else f"{money:,.2f}"


def _points(number: Any) -> str:
    return "" if number is None or number != number else f"{float(number):.2f}".rstrip("0").rstrip(".")


def _count(number: Any) -> str:
    return "" if number is None or number != number else f"{float(number):,.0f}"


def outlook_text(found: Outlook, lang: str) -> str:
    """The sentence, and how likely each clause is missed and moves money."""
    heads, cells = found.rows(lang)
    return f"{found.summary(lang)}\n\n{text_table(heads, cells, (1, 2, 3, 4))}"

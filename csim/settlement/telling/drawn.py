"""A statement as a figure: from the fee to what is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from csim.settlement.telling.told import Telling

MOST_STEPS = 6


def from_fee_to_payment(telling: Telling) -> Any:
    """The fee, what each line adds or takes, and what is payable, as bars; returns the Axes."""
    from csim.display.money import waterfall

    statement, words = telling.statement, telling.words
    title = words("fig_waterfall_title", vendor=statement.vendor, month=telling.month())
    return waterfall(steps(telling), title, source(telling), telling.currency(), telling.lang)


def steps(telling: Telling) -> pd.DataFrame:
    """Fee, every line that moves money, subtotal, tax, total; the smallest lines together where there are many."""
    s, words = telling.statement, telling.words
    moving = [line for line in s.payment.lines if line.money and line.kind != "fee"]
    kept = sorted(moving, key=lambda line: -abs(line.money))[:MOST_STEPS]
    rows: list[tuple[str, Decimal, str]] = [(words("st_fee"), s.fee, "sum")]
    rows += [(label(telling, line), line.money, "step") for line in moving if line in kept]
    rest = [line.money for line in moving if line not in kept]
    if rest:
        rows.append((words("fig_others", count=len(rest)), sum(rest, Decimal(0)), "step"))
    if moving and s.tax:
        rows.append((words("fig_net"), s.subtotal, "sum"))
    if s.tax:
        rows.append((words("st_tax"), s.tax, "step"))
    rows.append((words("st_payable"), s.total, "sum"))
    return pd.DataFrame(rows, columns=["label", "amount", "kind"])


def label(telling: Telling, line: Any) -> str:
    """A line as a figure names it: its clause and what it is about."""
    return f"{line.clause} {telling.item(line)[0]}"


def source(telling: Telling) -> str:
    """The line under a figure: where its numbers come from."""
    found = telling.statement.provenance
    keys = ("csim", "contract", "contract_hash", "facts_hash")
    return telling.words("settlement_source", **{key: found.get(key, "–") for key in keys})

"""Small groups left out: what a copy for the other party must not say about a handful of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from csim.display.numbers import LEAST, fewer, left_out

KEYS = ("day", "date", "weekday", "interval", "time", "month", "agent", "group", "vendor", "queue", "kpi", "part", "of",
        "parameter")  # fmt: skip
SHOWN = ("value", "numerator", "denominator", "sample", "ci_low", "ci_high")
COUNTED = ("sample", "contacts", "offered", "denominator")
ALL = "all"


def suppress_small(
    table: pd.DataFrame, least: int = LEAST, count: str | None = None, shown: Sequence[str] = SHOWN,
    parts: Sequence[str] = ("queue",), lang: str = "en",
) -> pd.DataFrame:  # fmt: skip
    """
    A table in which rows that rest on fewer than *least* contacts (surveys, checks) show no value.

    Where one row alone is left out of parts that add up to a total, the next smallest is left out too: else the total
    would give it away. Rows that rest on nothing (0) say so already and stay; so do rows without a count, such as
    agents' time: the vendor employs them.

    Where the line is. Left out is what nobody is paid by: KPIs by agent, queue, day or interval (`csim measure`), the
    clauses and days of a running month, the days and hours of a backtest. What a contract settles stays, however few
    it rests on: the value and the sample of each clause in a statement. A vendor must be able to check a payment, and
    has agreed to be judged by so few (`minimum_sample` in a contract says how many are enough). What is simulated rests
    on nobody. Each table is guarded by itself, not against tables of another cut of the same log held beside it.

    Args:
        table: KPIs as `csim.measure` gives them, or any table with a count.
        least: The smallest group that is shown; 1 shows all.
        count: The column that counts; default: the first of sample, contacts, offered, denominator that is there.
        shown: The columns that say something of the group, blanked with the count.
        parts: The columns along which rows add up to a total that the reader knows.
        lang: "en" or "zh", the language of `why`.

    Returns:
        The same rows and columns; values are missing, and `why` (where there is one) says "fewer than 5", or "left
        out with it".

    Raises:
        InputError: A language that is not known.

    Examples:
        >>> bad = pd.DataFrame({"queue": ["a", "b", "c", "all"], "kpi": "csat_bad_rate", "value": [0.5, 0.1, 0.2, 0.15],
        ...                     "denominator": [4, 40, 20, 64], "why": ""})
        >>> suppress_small(bad)[["queue", "value", "why"]].values.tolist()
        [['a', nan, 'fewer than 5'], ['b', 0.1, ''], ['c', nan, 'left out with it'], ['all', 0.15, '']]
    """
    column = count or next((name for name in COUNTED if name in table.columns), None)
    if column is None or table.empty or least <= 1:
        return table
    numbers = pd.to_numeric(table[column], errors="coerce").reset_index(drop=True)
    small = is_small(numbers, least)
    hidden = small.copy()
    for name in parts:
        if name in table.columns:
            hidden |= _given_away(table.reset_index(drop=True), name, hidden, numbers)
    result, few, gone = table.copy(), small.to_numpy(), hidden.to_numpy()
    for name in {*shown, column} & {*result.columns}:
        result[name] = result[name].astype(object if result[name].dtype == object else float).mask(gone)
    if "why" in result.columns:
        result["why"] = result["why"].mask(gone, left_out(lang)).mask(few, fewer(least, lang))
    return result


def is_small(count: Any, least: int = LEAST) -> Any:
    """
    Whether a count (or each of a column) is of a group too small to be shown; nobody (0) is no group.

    Examples:
        >>> is_small(0), is_small(4), is_small(5), is_small(float("nan"))
        (False, True, False, False)
    """
    return (count > 0) & (count < least)


def _given_away(table: pd.DataFrame, part: str, small: pd.Series, numbers: pd.Series) -> pd.Series:
    """The next smallest of each set of parts of which exactly one is small."""
    own = table[part].astype(str) != ALL
    fixed = [name for name in KEYS if name in table.columns and name != part]
    keys = table[fixed].astype(str).agg("/".join, axis=1) if fixed else pd.Series("", index=table.index)
    alone = keys[small & own].value_counts()
    alone = alone[alone == 1].index
    others = numbers[own & ~small & keys.isin(alone) & (numbers > 0)]
    chosen = others.groupby(keys).idxmin() if len(others) else pd.Series(dtype=int)
    return table.index.to_series().isin(chosen)

"""Small groups left out: what a copy for the other party must not say about a handful of people."""

from __future__ import annotations

import pandas as pd

WINDOWS = ("day", "interval", "month", "agent", "group", "vendor", "kpi")
SHOWN = ("value", "numerator", "denominator", "sample", "ci_low", "ci_high")
COUNTED = ("sample", "contacts", "offered", "denominator")
ALL = "all"


def suppress_small(table: pd.DataFrame, least: int = 5, count: str | None = None) -> pd.DataFrame:
    """
    A table in which rows that rest on fewer than *least* contacts or people show no value.

    Where one queue alone is left out beside the total, the next smallest is left out too: else the total would give
    it away. Rows that rest on nothing (0) say so already and stay.

    Args:
        table: KPIs as `csim.measure` gives them, or any table with a count.
        count: The column that counts; default: the first of sample, contacts, offered, denominator that is there. A
            denominator counts only for KPIs whose denominator is contacts (shares, seconds, scores), not for measures
            of agents' time.

    Returns:
        The same rows and columns; values are missing, and `why` (where there is one) says "fewer than 5".

    Examples:
        >>> bad = pd.DataFrame({"queue": ["a", "b", "c", "all"], "kpi": "csat_bad_rate", "value": [0.5, 0.1, 0.2, 0.15],
        ...                     "denominator": [4, 40, 20, 64], "why": ""})
        >>> suppress_small(bad)[["queue", "value", "why"]].values.tolist()
        [['a', nan, 'fewer than 5'], ['b', 0.1, ''], ['c', nan, 'fewer than 5'], ['all', 0.15, '']]
    """
    column = count or next((name for name in COUNTED if name in table.columns), None)
    if column is None or table.empty:
        return table
    numbers = pd.to_numeric(table[column], errors="coerce")
    small = (numbers > 0) & (numbers < least)
    if "queue" in table.columns and (table["queue"] == ALL).any():
        small |= _given_away(table, small, numbers)
    result = table.copy()
    for name in {*SHOWN, column} & {*result.columns}:
        result[name] = result[name].astype(object if result[name].dtype == object else float).mask(small)
    if "why" in result.columns:
        result["why"] = result["why"].mask(small, f"fewer than {least}")
    return result


def _given_away(table: pd.DataFrame, small: pd.Series, numbers: pd.Series) -> pd.Series:
    """The next smallest row of each window in which exactly one queue beside the total is small."""
    parts = table["queue"] != ALL
    windows = [name for name in WINDOWS if name in table.columns]
    keys = table[windows].astype(str).agg("/".join, axis=1) if windows else pd.Series("", index=table.index)
    alone = keys[small & parts].value_counts()
    alone = alone[alone == 1].index
    others = numbers[parts & ~small & keys.isin(alone) & (numbers > 0)]
    chosen = others.groupby(keys).idxmin() if len(others) else pd.Series(dtype=int)
    return table.index.to_series().isin(chosen)

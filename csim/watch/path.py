"""The month's value up to each day: a line for the days gone, a fan for the days to come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.contract.model import KpiClause
from csim.kpi.small import suppress_small
from csim.settlement.facts import VOLUME
from csim.watch.so_far import arrays

if TYPE_CHECKING:
    from csim.watch.month_to_date import MonthToDate

FAN = {"low": 0.1, "median": 0.5, "high": 0.9}


def path(found: MonthToDate, name: str) -> pd.DataFrame:
    """
    A clause's value of the month up to each day.

    Returns:
        date, kind ("gone" or "coming"), low, median, high (P10, P50, P90 of the draws), and `day`: the value of the
        day gone alone. Days that do not count leave the value where it was; a vendor's copy lacks values of a few.
    """
    so_far, future = found.so_far, found.future
    place = {f"{day}": i for i, day in enumerate(so_far.dates)}
    daily = arrays(so_far.table, place).get(name, np.zeros((len(place), 3)))
    clause = so_far.terms.file.kpis[name]
    fact = found.now.judged[name].fact
    out = {part[:10] for part in fact.excluded.split(", ")} if fact is not None and fact.excluded else set()
    daily = np.where(np.array([day in out for day in place])[:, None], 0.0, daily)
    rows = [
        {"date": day, "kind": "gone", **dict.fromkeys(FAN, ratio(clause, *sums[:2])),
         "so_far": sums[2], "day": ratio(clause, *alone[:2]), "sample": alone[2]}
        for day, sums, alone in zip(so_far.dates, daily.cumsum(0), daily, strict=True)
    ]  # fmt: skip
    if name in future.counts:
        coming = future.counts[name][:, :, :2] * _counts(found, clause)[:, :, None]
        total = daily[:, :2].sum(0) + coming.cumsum(1)
        for at, day in enumerate(future.dates):
            values = np.array([ratio(clause, n, d) for n, d in total[:, at]])
            ends = [math.nan] * 3 if np.isnan(values).all() else np.nanquantile(values, list(FAN.values()))
            rows.append({"date": day, "kind": "coming", **dict(zip(FAN, ends, strict=True))})
    table = pd.DataFrame(rows, columns=["date", "kind", *FAN, "so_far", "day", "sample"])
    table = suppress_small(table, found.least, "so_far", list(FAN), ())
    table = suppress_small(table, found.least, "sample", ["day"], ())
    return table.drop(columns=["so_far", "sample"])


def ratio(clause: KpiClause, numerator: float, denominator: float) -> float:
    """A value on the contract's scale; NaN where nothing was measured."""
    if not denominator:
        return math.nan
    value = numerator / denominator
    scale = clause.reading.scale
    return value / 5 if scale == "x/5" else (value - 1) / 4 if scale == "(x-1)/4" else value


def _counts(found: MonthToDate, clause: KpiClause) -> np.ndarray:
    """[draw, date] 0 where a day to come would be so far above its announced volume that it does not count."""
    future, contract = found.future, found.contract
    volume: Any = future.counts[VOLUME[0]][:, :, 1]
    kept = np.ones(volume.shape)
    part = float(contract.part_of(found.vendor))
    announced = np.array([float(contract.days.get(day, "nan")) * part for day in future.dates])
    for rule in clause.exclusions:
        if rule.what == "volume_above_forecast" and rule.by == "day":
            kept *= ~(volume > announced * (1 + float(rule.over or 0)))
    return kept

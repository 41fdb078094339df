"""What lasts: how often a streak fires in a year, from the simulated months drawn anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract
from csim.errors import InputError
from csim.terms.worth.played import months_played, remembers
from csim.terms.worth.surface import Counts, Surface
from csim.terms.worth.valuation import Months, terms_of, valued
from csim.workload.streams import stream

YEARS, YEAR = 1000, 12
WHOLE = ("cycle", "level", "p_kept", "p_deducted", "p_bonus", "expected_money", "worst")
CENT = 0.005
COLUMNS = ("clause", "when", "then", "level", "p_month", "p_year", "per_year")


def streak_rows(contract: Contract, grid: Surface, label: str) -> pd.DataFrame:
    """
    One row per streak and level: how often its condition holds in a month, and it fires in a year.

    A thousand years are drawn from the simulated months, the same ones at every level: months are independent of each
    other in the simulation, what lasts is the staffing.
    """
    streaks = terms_of(contract, label).file.pay.streaks
    if not streaks:
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        months = years(months_played(grid, contract, "month"), int(grid.provenance.get("seed", 1)))
    except InputError:
        return pd.DataFrame(columns=list(COLUMNS))
    worth = valued(contract, months)
    rows: list[dict[str, Any]] = []
    for number, streak in enumerate(streaks):
        fired = worth.fired[number]
        alone = _holds(contract, months, number)
        for i, level in enumerate(grid.levels):
            rows.append({
                "clause": streak.clause, "when": streak.when, "then": streak.then, "level": level,
                "p_month": float(alone[i]), "p_year": float(fired[i].any(1).mean()),
                "per_year": float(fired[i].sum(1).mean()),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def whole_rows(contract: Contract, grid: Surface) -> pd.DataFrame:
    """The contract as a whole in the cycle of its money: what all clauses, caps and bonuses together come to."""
    cycle = "quarter" if contract.file.money_cycle == "quarterly" else "month"
    label = contract.month_of(pd.Timestamp(grid.dates[0]).date())
    try:
        months = months_played(grid, contract, cycle, remembers(contract, label))
    except InputError:
        return pd.DataFrame(columns=list(WHOLE))
    worth, rows = valued(contract, months), []
    missed = np.any([*worth.missed.values(), *worth.breached.values()], axis=0)
    for i, level in enumerate(grid.levels):
        money = worth.net[i] - worth.fee[i]
        rows.append({
            "cycle": cycle, "level": level, "p_kept": float(1 - missed[i].mean()),
            "p_deducted": float((money < -CENT).mean()), "p_bonus": float((money > CENT).mean()),
            "expected_money": float(money.mean()) / (3 if cycle == "quarter" else 1),
            "worst": float(np.quantile(money, 0.05)),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(WHOLE))


def years(months: Months, seed: int, count: int = YEARS) -> Months:
    """Years of twelve months drawn from the simulated ones, the same draws at every level."""
    size = months.shape[1] * months.shape[2]
    drawn = stream(seed, 0, "terms/years").integers(0, size, (count, YEAR))

    def taken(array: np.ndarray) -> np.ndarray:
        return array.reshape(array.shape[0], size)[:, drawn]

    counts = {name: Counts(*(taken(array) for array in each)) for name, each in months.counts.items()}
    relieved = {name: taken(array) for name, array in months.relieved.items()}
    announced = None if months.announced is None else taken(months.announced)
    labels = (months.labels[0],) * YEAR
    return Months(
        (months.shape[0], count, YEAR), labels, tuple(range(YEAR)), counts, relieved, months.met, announced, months.part
    )


def _holds(contract: Contract, months: Months, number: int) -> np.ndarray:
    """[level] How often the condition of one streak holds in a month."""
    from csim.terms.worth.account import held_by

    terms = terms_of(contract, months.labels[0])
    worth = valued(contract, months)
    held = [
        held_by(terms, number, marks, worth.score[:, :, i], worth.points[:, :, i])
        for i, marks in enumerate(worth.marks)
    ]
    return np.mean(held, axis=(0, 2))

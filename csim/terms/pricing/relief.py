"""What relief is worth: the same months with and without it, by day and by month; and what a ramp-up leaves."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, load_contract, read_contract
from csim.display.notes import Note
from csim.errors import InputError
from csim.scenario.load import Scenario, load_scenario
from csim.terms.answering.response import simulated, vendor_in
from csim.terms.gaming.tables import paired
from csim.terms.judging.cycles import by_coin
from csim.terms.worth.levers import flat, groups_of
from csim.terms.worth.played import announced, months_played, relieved_days
from csim.terms.worth.surface import Surface
from csim.terms.worth.thresholds import moves_money
from csim.terms.worth.valuation import terms_of, valued

OVER = 0.10  # above the forecast, where the contract says nothing
WITHOUT, BY_DAY, BY_MONTH, RAMP_UP = "without", "day", "month", "ramp_up"


@dataclass(frozen=True)
class Relief:
    """
    What relief is worth to the vendor, and costs the buyer; money a month.

    Attributes:
        table: One row per kind of relief (without, day, month) and level: relief, level, applies (share of days, or of
            months, that do not count), payment, worth (payment less that without relief), error (paired), missed
            (share of months in which a relieved clause is missed). Of a ramp-up: worth and missed are those of all
            its months together, once.
        clauses: One row per relieved clause: relief, level, clause, kpi, value (pooled over what counts), missed.
        over: How far above the forecast, by clause. written: Which kind the contract has, "" for none.
    """

    contract: Contract
    table: pd.DataFrame
    clauses: pd.DataFrame
    over: Mapping[str, float]
    written: str
    lever: str
    notes: tuple[Note, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def summary(self, lang: str = "en") -> str:
        """What relief by day and by month is worth, in two sentences."""
        from csim.terms.pricing.words import relief_told

        return relief_told(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of kinds of relief."""
        return self.table

    def plot(self, lang: str = "en") -> Any:
        """Misses and worth by kind of relief."""
        from csim.display.figures_of_prices import relief_bars
        from csim.terms.pricing.words import relief_labels

        return relief_bars(self.table, relief_labels(self, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: kinds of relief, clauses, provenance."""
        from csim.display.excel import write_workbook

        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        return write_workbook(path, {"relief": self.table, "clauses": self.clauses, "provenance": where})

    def to_html(self, lang: str = "en") -> str:
        """The answer and its table, as a piece of a page."""
        from csim.terms.pricing.words import relief_html

        return relief_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def relief(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Scenario | Surface | str | Path | dict,
    over: float | None = None, ramp_up: int | None = None, levels: Sequence[float] | None = None,
    lever: str | None = None, group: str | None = None, vendor: str | None = None, replications: int = 50,
    seed: int = 1, engine: str = "auto", executor: Executor | str | None = None, progress: Any = None,
) -> Relief:  # fmt: skip
    """
    What "volume above the forecast does not count" is worth, by day and by month, on the same simulated months.

    Args:
        over: How far above the forecast, 0.10 for 10 %; without it as the contract says, else 10 %. It holds for the
            clauses that have relief, else for all that staffing moves.
        ramp_up: Months at the beginning in which nothing is deducted; without it the contract's.
        levels, lever: Staffing; without them the plan.
        contract, scenario, group, vendor, replications, seed, engine, executor: As in `csim.best_response`. Where the
            contract announces no volumes, the scenario's expected ones count as announced.

    Raises:
        InputError: No clause that staffing moves; volumes announced for other days than those simulated.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s", "calendar.day_factor": {"cv": "10%"}})
        >>> found = relief("scenarios/contracts/linear_credit.yaml", centre, over=0.10, replications=44)
        >>> found.table["relief"].tolist(), bool(found.table["worth"].iloc[1] >= 0)
        (['without', 'day', 'month'], True)
    """
    agreed = load_contract(contract)
    grid = scenario if isinstance(scenario, Surface) else _simulated(
        agreed, load_scenario(scenario), levels, lever, group, vendor, replications=replications,
        seed=seed, engine=engine, executor=executor, progress=progress,
    )  # fmt: skip
    margins, written = margins_of(agreed, grid, over)
    if not margins:
        raise InputError([agreed.mistake("no clause that staffing moves: nothing to relieve", ("kpis",))])
    kinds = {kind: _variant(agreed, grid, margins, kind) for kind in (WITHOUT, BY_DAY, BY_MONTH)}
    if np.isnan(announced(grid, kinds[BY_DAY])).all():
        what = f"announces no volume for {grid.dates[0]} to {grid.dates[-1]}: give those days, or leave forecast out"
        raise InputError([agreed.mistake(what, ("forecast",))])
    rows = [row for kind, terms in kinds.items() for row in _rows(terms, grid, margins, kind)]
    base = {row["level"]: row["net"] for row in rows if row["relief"] == WITHOUT}
    for row in rows:
        row["worth"], row["error"] = paired(row.pop("net") - base[row["level"]])
    clauses = pd.DataFrame([each for row in rows for each in row.pop("clauses")])
    months = agreed.file.pay.ramp_up.months if ramp_up is None and agreed.file.pay.ramp_up else ramp_up or 0
    rows += list(_ramp_up(kinds[written or WITHOUT], grid, margins, months)) if months else []
    assumed = () if agreed.file.forecast else (Note("relief_assumed_forecast"),)
    return Relief(
        agreed, pd.DataFrame(rows), clauses, margins, written, grid.lever, assumed,
        {"contract": agreed.name, "contract_hash": agreed.hash, **grid.provenance},
    )  # fmt: skip


def _simulated(
    contract: Contract, base: Scenario, levels: Any, lever: Any, group: Any, vendor: Any, **how: Any
) -> Surface:
    groups = groups_of(base, group, vendor_in(base, contract, vendor))
    kind = lever or ("agents" if flat(base, groups) else "staffing")
    plan = float(base.on_duty[groups[0]].max()) if kind == "agents" else 1.0
    return simulated(base, contract, levels or [plan], kind, group, vendor, **how)


def margins_of(contract: Contract, grid: Surface, over: float | None) -> tuple[dict[str, float], str]:
    """How far above the forecast by clause, and which kind of relief the contract has."""
    found, kinds = {}, []
    for name, clause in contract.file.kpis.items():
        for rule in clause.exclusions:
            if rule.what == "volume_above_forecast":
                found[name] = float(rule.over or 0) if over is None else over
                kinds.append(str(rule.by))
    if found:
        return found, kinds[0]
    terms = terms_of(contract, contract.month_of(pd.Timestamp(grid.dates[0]).date()))
    moved = [
        judge.id for judge in terms.judges
        if grid.has(judge.kpi) and not by_coin(contract, judge) and moves_money(terms, judge.clause)
    ]  # fmt: skip
    return dict.fromkeys(moved, OVER if over is None else over), ""


def _variant(contract: Contract, grid: Surface, margins: Mapping[str, float], kind: str) -> Contract:
    """The contract with one kind of relief in the clauses concerned, and nothing spared by a ramp-up."""
    data = copy.deepcopy(dict(contract.with_volumes_inside() if contract.file.forecast else contract.data))
    data["kpis"] = {name: dict(clause) for name, clause in data["kpis"].items()}
    for name, margin in margins.items():
        others = [rule for rule in data["kpis"][name]["exclusions"] if rule["what"] != "volume_above_forecast"]
        rule = {"what": "volume_above_forecast", "over": f"{margin * 100:g}%", "by": kind, "clause": "R.1"}
        data["kpis"][name]["exclusions"] = others if kind == WITHOUT else [*others, rule]
    if not contract.file.forecast:
        data["forecast"] = {"clause": "R.2", "days": _expected(grid)}
    return read_contract(data)


def _expected(grid: Surface) -> dict[str, int]:
    """The vendor's expected contacts by date."""
    total = np.zeros(len(grid.dates))
    for name, queue in grid.scenario.queues.items():
        part = (queue.shares or {}).get(grid.vendor, 0.0) if grid.vendor and queue.shares else 1.0
        np.add.at(total, grid.scenario.days.date_of.ravel(), part * grid.scenario.expected[name].ravel())
    return {date: round(float(number)) for date, number in zip(grid.dates, total, strict=True)}


def _rows(contract: Contract, grid: Surface, margins: Mapping[str, float], kind: str) -> Iterator[dict[str, Any]]:
    months = months_played(grid, contract, "month")
    worth = valued(contract, months)
    missed = np.any([worth.missed[name] | (worth.own[name] < 0) for name in margins], axis=0)
    for i, level in enumerate(grid.levels):
        applies = [_applies(contract, grid, months, name, kind, i) for name in margins]
        each = [
            {"relief": kind, "level": level, "clause": name, "kpi": contract.file.kpis[name].measure,
             "value": _counted(months, name, i), "missed": float(worth.missed[name][i].mean())}
            for name in margins
        ]  # fmt: skip
        yield {
            "relief": kind, "level": level, "applies": max(applies), "payment": float(worth.net[i].mean()),
            "net": worth.net[i], "missed": float(missed[i].mean()), "clauses": each,
        }  # fmt: skip


def _applies(contract: Contract, grid: Surface, months: Any, name: str, kind: str, level: int) -> float:
    """The share of days (of months) that relief leaves out."""
    if kind == BY_DAY:
        days = relieved_days(grid, contract, contract.file.kpis[name])
        return 0.0 if days is None else float(days[level].mean())
    return float(months.relieved[name][level].mean()) if kind == BY_MONTH and name in months.relieved else 0.0


def _counted(months: Any, name: str, level: int) -> float:
    counts, gone = months.counts[name], months.relieved.get(name)
    keep = 1.0 if gone is None else ~gone[level]
    below = float((counts.denominator[level] * keep).sum())
    return float((counts.numerator[level] * keep).sum()) / below if below else float("nan")


def _ramp_up(contract: Contract, grid: Surface, margins: Mapping[str, float], count: int) -> Iterator[dict[str, Any]]:
    """What months without deductions leave with the vendor, once."""
    worth = valued(contract, months_played(grid, contract, "month"))
    taken = np.maximum(0.0, worth.deducted)
    missed = np.any([worth.missed[name] for name in margins], axis=0)
    for i, level in enumerate(grid.levels):
        mean, error = paired(taken[i])
        yield {
            "relief": RAMP_UP, "level": level, "applies": float(count), "payment": float(worth.net[i].mean()),
            "missed": count * float(missed[i].mean()), "worth": count * mean, "error": count * error,
        }  # fmt: skip

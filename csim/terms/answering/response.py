"""The vendor's best answer to the terms: what they buy, what the whole would want, and what a penalty must weigh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, load_contract
from csim.display.notes import Note
from csim.errors import InputError, Mistake
from csim.scenario.load import load_scenario
from csim.terms.answering.deterrence import deterrence
from csim.terms.gaming.worlds import with_measures
from csim.terms.worth.answers import best_level, tied
from csim.terms.worth.harm import Harm, harm_of
from csim.terms.worth.levers import default_levels, flat, groups_of
from csim.terms.worth.played import Cutting, cycle_of, months_played, remembers, same_promises
from csim.terms.worth.surface import Surface, surface
from csim.terms.worth.valuation import Valuation, valued

MOST_COSTS = 7  # points of a cost range


@dataclass(frozen=True)
class BestResponse:
    """
    What a vendor does who reads the terms, level by level of one lever; money a month, without tax.

    Attributes:
        table: One row per level: level, hours, payment, cost, profit, harm, buyer (payment + harm), system (cost +
            harm), service_level, abandonment_rate, breaches_per_year, behind (profit less the best), error (its
            standard error, paired), tie (whether the difference may be chance), system_behind, system_error,
            system_tie.
        best, system: Rows of the vendor's answer and of the whole's optimum (None where no harm is stated).
        costs: cost_per_hour, level, profit, service_level: the answer over the range of costs.
        break_even: The cost per hour above which no level earns the reservation margin.
        margin: The reservation margin, a share of the payment.
    """

    contract: Contract
    lever: str
    table: pd.DataFrame
    best: int
    system: int | None
    costs: pd.DataFrame
    break_even: float
    margin: float
    weighed: Callable[[], dict[str, float | None]] = field(repr=False, compare=False)
    notes: tuple[Note, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def deterrence(self) -> Mapping[str, float | None]:
        """
        By clause, the share of the fee below which the vendor prefers permanent breach.

        0 where nothing is needed, None where no size deters (a cap stands before it). Found when somebody asks: it
        values the contract some sixty times more.
        """
        return self.weighed()

    @property
    def answer(self) -> pd.Series:
        """The row of the vendor's best answer."""
        return self.table.iloc[self.best]

    @property
    def optimum(self) -> pd.Series | None:
        """The row of the whole's optimum."""
        return None if self.system is None else self.table.iloc[self.system]

    @property
    def signs(self) -> bool:
        """Whether the best answer earns the reservation margin."""
        return bool(self.answer["profit"] >= self.margin * self.answer["payment"])

    @property
    def efficiency(self) -> float:
        """System cost at its optimum ÷ at the vendor's answer: 1 is the best there is; NaN without harm."""
        if self.system is None:
            return float("nan")
        return float(self.table["system"].iloc[self.system] / self.table["system"].iloc[self.best])

    @property
    def ties(self) -> list[float]:
        """Other levels whose profit differs from the best by no more than chance."""
        rows = self.table.index[self.table["tie"]]
        return [float(self.table["level"].iloc[i]) for i in rows if i != self.best]

    def summary(self, lang: str = "en") -> str:
        """The verdict: what the terms buy, and what is wanted."""
        from csim.terms.judging.sentences import verdict

        return verdict(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of levels."""
        return self.table

    def as_json(self) -> str:
        """best, system, signs and deterrence as INTERFACE names them, with the table and the rest beside them."""
        from csim.terms.judging.tables import response_json

        return response_json(self)

    def plot(self, lang: str = "en") -> Any:
        """Profit and system cost over the levels, with the answer, the optimum and what may be chance."""
        from csim.display.figures_of_terms import response_curves
        from csim.terms.judging.sentences import response_labels

        return response_curves(self.table, response_labels(self, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: levels, costs, deterrence, provenance."""
        from csim.display.excel import write_workbook

        rows = [{"clause": name, "share_of_fee": share} for name, share in self.deterrence.items()]
        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        pages = {"levels": self.table, "costs": self.costs, "deterrence": pd.DataFrame(rows), "provenance": where}
        return write_workbook(path, pages)

    def to_html(self, lang: str = "en") -> str:
        """The table of levels under the verdict, as a piece of a page."""
        from csim.terms.judging.tables import response_html

        return response_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def best_response(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Any, levels: Sequence[float] | None = None,
    lever: str | None = None, group: str | None = None, vendor: str | None = None,
    cost_per_hour: float | tuple[float, float] | None = None, harm: Harm | Mapping[str, float] | None = None,
    margin: float = 0.0, replications: int = 150, seed: int = 1, engine: str = "auto",
    executor: Executor | str | None = None, progress: Any = None,
) -> BestResponse:  # fmt: skip
    """
    The level of staffing at which a vendor earns most under the terms, and how far it lies from what is wanted.

    Args:
        contract: A contract, or its file. scenario: A scenario, or a `Surface` simulated before.
        levels: Values of *lever*: agents of one group ("agents"), or multiples of the plan ("staffing"). Without them
            seven agents, or 20 %, to either side of the plan.
        cost_per_hour: What an agent-hour costs the vendor, or (low, high); without it the groups' `cost_per_hour`.
        harm: The buyer's losses, {"abandon": 20, "waiting_second": 0.02, "late_answer": 1}; without it the
            contract's `private:` part.
        margin: The share of the payment that the vendor must earn to sign.
        replications, seed, engine, executor: As in `csim.simulate`; each level plays the same days.

    Raises:
        InputError: Costs of 0, levels that cannot be, prices that no simulation counts.

    Examples:
        >>> import csim
        >>> agreed = csim.load_contract("scenarios/contracts/linear_credit.yaml")
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s"})
        >>> found = best_response(agreed, centre, [14, 18, 22], "agents", cost_per_hour=40, replications=44)
        >>> len(found.table), found.table["profit"].idxmax() == found.best
        (3, True)
    """
    agreed = load_contract(contract)
    low, high = cost_range(cost_per_hour)
    grid = scenario if isinstance(scenario, Surface) else None
    if grid is None:
        grid = simulated(
            scenario, agreed, levels, lever, group, vendor, replications=replications, seed=seed, engine=engine,
            executor=executor, progress=progress,
        )  # fmt: skip
    return _answered(agreed, grid, low, high, harm_of(agreed, harm), margin)


def simulated(
    scenario: Any, contract: Contract, levels: Any, lever: Any, group: Any, vendor: Any, **how: Any
) -> Surface:
    """The surface of a scenario under a contract: its own measures are counted, its promises must be the scenario's."""
    base = with_measures(load_scenario(scenario), contract)
    same_promises(contract, base)
    who = vendor_in(base, contract, vendor)
    groups = groups_of(base, group, who)
    kind = lever or ("agents" if flat(base, groups) else "staffing")
    return surface(base, levels or default_levels(base, kind, groups), kind, group, who, **how)


def vendor_in(scenario: Any, contract: Contract, vendor: str | None) -> str | None:
    """The vendor whose contacts count: the one named, or the contract's only one where the scenario has vendors."""
    from csim.settlement.settle import vendor_of

    named = {g.vendor for g in scenario.groups.values()} | {v for q in scenario.queues.values() for v in q.shares or {}}
    has_vendors = bool(named - {None})
    meant = vendor_of(contract, vendor) if has_vendors or vendor is not None else None
    return meant if has_vendors else None


def cost_range(cost: float | tuple[float, float] | None) -> tuple[float | None, float | None]:
    """What an agent-hour costs, from and to; InputError where that is no cost."""
    if cost is None:
        return None, None
    low, high = (cost, cost) if isinstance(cost, int | float) else cost
    if not 0 < low <= high:
        what = f"an agent-hour for {low:g}: write what it costs the vendor, above 0 (free agents are always hired)"
        raise InputError([Mistake(what, "--cost-per-hour")])
    return float(low), float(high)


def _answered(
    contract: Contract, grid: Surface, low: float | None, high: float | None, harm: Harm, margin: float
) -> BestResponse:
    cycle = "quarter" if contract.file.money_cycle == "quarterly" else "month"
    label = contract.month_of(pd.Timestamp(grid.dates[0]).date())
    months = months_played(grid, contract, cycle, remembers(contract, label))
    cut = Cutting(grid, contract, cycle_of(grid, contract, cycle), remembers(contract, label))
    worth = valued(contract, months)
    middle = None if low is None or high is None else (low + high) / 2
    daily = np.broadcast_to(grid.cost(middle)[:, None, :], grid.sums.shape[:3])
    if not daily.any():
        raise InputError([Mistake("agents cost nothing: write what an hour costs the vendor", "cost_per_hour")])
    per = 3 if cycle == "quarter" else 1
    cost, loss = cut(daily) / per, cut(harm.daily(grid)) / per
    net = worth.net / per
    table = _table(contract, grid, net, cost, loss, worth, harm.known)
    table["breaches_per_year"] /= per
    best = int(best_level(table["profit"]))
    system = int(best_level(-table["system"])) if harm.known else None
    _compared(table, net - cost, best, -(cost + loss), system)
    hours = cut(np.broadcast_to(grid.hours.sum(1)[:, None, :], grid.sums.shape[:3])).mean((1, 2)) / per
    table.insert(1, "hours", hours)
    notes = [taken_as_kept(contract, name) for name in sorted(months.met)]
    ends = {"answer": best, "system": system}
    notes += [
        Note(f"terms_{who}_{'lowest' if row == 0 else 'highest'}")
        for who, row in ends.items() if row is not None and row in (0, len(table) - 1)
    ]  # fmt: skip
    return BestResponse(
        contract, grid.lever, table, best, system, _over_costs(table, low, high), _break_even(table, margin),
        margin, partial(deterrence, contract, months, cost * per), tuple(notes),
        {"contract": contract.name, "contract_hash": contract.hash, **grid.provenance},
    )  # fmt: skip


def taken_as_kept(contract: Contract, clause: str) -> Note:
    """What is said of a clause that no simulation counts."""
    return Note("terms_taken_as_kept", {"clause": {lang: contract.clause_name(clause, lang) for lang in ("en", "zh")}})


def _table(
    contract: Contract, grid: Surface, net: np.ndarray, cost: np.ndarray, loss: np.ndarray, worth: Valuation, harm: bool
) -> pd.DataFrame:
    """One row per level; money is the mean of a month."""
    payment, paid, lost = (array.mean((1, 2)) for array in (net, cost, loss))
    unknown = np.full(len(payment), np.nan)
    level = grid.counts("service_level").pooled() if grid.has("service_level") else unknown
    return pd.DataFrame(
        {
            "level": grid.levels, "payment": payment, "cost": paid, "profit": payment - paid,
            "harm": lost if harm else unknown, "buyer": payment + lost if harm else unknown,
            "system": paid + lost if harm else unknown, "service_level": level,
            "abandonment_rate": grid.counts("abandonment_rate").pooled(),
            "breaches_per_year": 12 * breaching(contract, worth).mean((1, 2)),
        }
    )  # fmt: skip


def breaching(contract: Contract, worth: Valuation) -> np.ndarray:
    """[level, run, month] Whether any clause was missed or penalised; a price per event is no breach."""
    found = worth.through < 0
    for name in worth.missed:
        clause = contract.file.kpis.get(name)
        found = found | worth.missed[name] | worth.breached[name]
        if clause is None or clause.per_unit is None:
            found = found | (worth.own[name] < 0)
    return found


def _compared(table: pd.DataFrame, profit: np.ndarray, best: int, value: np.ndarray, system: int | None) -> None:
    """Distances to the best with paired errors: all levels play the same days, so their luck drops out."""
    table["behind"], table["error"], table["tie"] = tied(profit, best)
    nothing = np.full(len(table), np.nan)
    found = (nothing, nothing, nothing.astype(bool) & False) if system is None else tied(value, system)
    table["system_behind"], table["system_error"], table["system_tie"] = found


def _over_costs(table: pd.DataFrame, low: float | None, high: float | None) -> pd.DataFrame:
    """The answer at every cost of the range."""
    if low is None or high is None:
        whole = float(table["cost"].sum() / table["hours"].sum())
        low = high = whole
    rows = []
    for cost in np.unique(np.linspace(low, high, MOST_COSTS)):
        profit = table["payment"] - cost * table["hours"]
        at = best_level(profit)
        rows.append({"cost_per_hour": cost, "level": table["level"].iloc[at], "profit": profit.iloc[at],
                     "service_level": table["service_level"].iloc[at]})  # fmt: skip
    return pd.DataFrame(rows)


def _break_even(table: pd.DataFrame, margin: float) -> float:
    return float(((1 - margin) * table["payment"] / table["hours"]).max())

"""The fair price of a promise: cost, margin, expected penalty and a load for its spread, at the cheapest staffing."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, load_contract, read_contract
from csim.errors import InputError, Mistake, did_you_mean
from csim.scenario.load import Scenario
from csim.schema.exact import Level
from csim.settlement.judge import Judge
from csim.settlement.month import Terms
from csim.terms.answering.response import cost_range, simulated
from csim.terms.gaming.gamed import judge_of_waits
from csim.terms.worth.played import Cutting, cycle_of, months_played
from csim.terms.worth.surface import Surface, nearest_plan
from csim.terms.worth.thresholds import threshold
from csim.terms.worth.valuation import Months, valued

PROMISES = (0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
AVERSION = 0.25  # of a standard deviation of the monthly payment
EDGES = ("from", "above", "below", "up_to")
STEPS = 60  # halvings of a price


@dataclass(frozen=True)
class FairPrice:
    """
    What a contact must cost at each promised service level; money per answered contact, without tax.

    price = cost + margin + penalty + load, where load = aversion × standard deviation of the monthly payment.

    Attributes:
        table: One row per promise: promised, level (the cheapest staffing that keeps it), service_level (there),
            cost, margin, penalty (expected, less bonuses), load, price, fee (a month), contacts (answered a month),
            missed (share of months). NaN where no simulated staffing keeps the promise.
        clause: Whose level is promised. promise: The level it has now. today: What a contact costs under the contract
            as it is, at the plan's staffing or the nearest to it.
    """

    contract: Contract
    clause: str
    table: pd.DataFrame
    margin: float
    aversion: float
    promise: float
    today: float
    lever: str
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def summary(self, lang: str = "en") -> str:
        """What the promise of today should cost, and what the next step would add."""
        from csim.terms.pricing.words import price_told

        return price_told(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of promises."""
        return self.table

    def plot(self, lang: str = "en") -> Any:
        """The price of each promise, in its four parts."""
        from csim.display.figures_of_prices import price_parts
        from csim.terms.pricing.words import price_labels

        return price_parts(self.table, price_labels(self, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: prices, provenance."""
        from csim.display.excel import write_workbook

        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        return write_workbook(path, {"prices": self.table, "provenance": where})

    def to_html(self, lang: str = "en") -> str:
        """The answer and its table, as a piece of a page."""
        from csim.terms.pricing.words import price_html

        return price_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def fair_price(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Scenario | Surface | str | Path | dict,
    promised: Sequence[float] = PROMISES, clause: str | None = None, margin: float = 0.05, aversion: float = AVERSION,
    levels: Sequence[float] | None = None, lever: str | None = None, group: str | None = None,
    vendor: str | None = None, cost_per_hour: float | tuple[float, float] | None = None, replications: int = 50,
    seed: int = 1, engine: str = "auto", executor: Executor | str | None = None, progress: Any = None,
) -> FairPrice:  # fmt: skip
    """
    The price per answered contact at which a vendor who keeps a promise earns its margin, for each promised level.

    At every simulated staffing the price is sought at which payment less cost is the margin plus a load for risk,
    `aversion` × standard deviation of the monthly payment; among those that keep the promise in the long run the
    cheapest counts. Penalties that are shares of the fee grow with the price, fixed ones do not.

    Args:
        promised: Levels of the clause; its bands, minimum and credits move along. clause: By default the one that
            judges how fast contacts are answered.
        margin: Share of the payment. aversion: The load's factor, 0 for a vendor whom luck does not frighten.
        contract, scenario, levels, …: As in `csim.best_response`.

    Raises:
        InputError: As `csim.best_response`; no such clause; a promise, margin or aversion out of range.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s"})
        >>> found = fair_price("scenarios/contracts/linear_credit.yaml", centre, [0.7, 0.9], levels=[14, 18, 22, 26],
        ...                    lever="agents", cost_per_hour=40, replications=44)
        >>> bool(found.table["price"].is_monotonic_increasing)
        True
    """
    agreed = load_contract(contract)
    name = _clause(agreed, clause)
    _refuse(promised, margin, aversion)
    low, high = cost_range(cost_per_hour)
    grid = scenario if isinstance(scenario, Surface) else simulated(
        scenario, agreed, levels, lever, group, vendor, replications=replications, seed=seed, engine=engine,
        executor=executor, progress=progress,
    )  # fmt: skip
    daily = grid.cost(None if low is None or high is None else (low + high) / 2)
    cut = Cutting(grid, agreed, cycle_of(grid, agreed, "month"))
    cost = cut(np.broadcast_to(daily[:, None, :], grid.sums.shape[:3])).mean((1, 2))
    answered = cut(grid.counts("answer_rate").numerator).mean((1, 2))
    rows = [_row(agreed, name, grid, p, cost, answered, margin, aversion) for p in promised]
    plan = nearest_plan(grid)
    now = valued(agreed, months_played(grid, agreed, "month"))
    today = float(now.fee[plan].mean() / answered[plan])
    return FairPrice(
        agreed, name, pd.DataFrame(rows), margin, aversion, _promise(agreed, name), today, grid.lever,
        {"contract": agreed.name, "contract_hash": agreed.hash, **grid.provenance},
    )  # fmt: skip


def _promise(contract: Contract, name: str) -> float:
    clause = contract.file.kpis[name]
    level = threshold(Judge.of(name, clause, contract.kpi_of(clause.measure, clause.reading)))
    return float("nan") if level is None else float(level.number)


def _clause(contract: Contract, clause: str | None) -> str:
    if clause is None:
        judge = judge_of_waits(contract)
        if judge is None or threshold(judge) is None:
            raise InputError([contract.mistake("no clause promises a service level: name one", ("kpis",))])
        return judge.id
    if clause not in contract.file.kpis:
        raise InputError([Mistake(f'no clause "{clause}": {did_you_mean(clause, contract.file.kpis)}', "--clause")])
    return clause


def _refuse(promised: Sequence[float], margin: float, aversion: float) -> None:
    bad = [p for p in promised if not 0 < p < 1]
    mistakes = [Mistake(f"{p:g}: write a promised level as a share, such as 80%", "--promised") for p in bad]
    if not promised:
        mistakes.append(Mistake("no promise: write for example 75%,80%,85%", "--promised"))
    if not 0 <= margin < 1:
        mistakes.append(Mistake(f"{margin:g}: write a share of the payment, 0% or more and below 100%", "--margin"))
    if not 0 <= aversion < 10:
        mistakes.append(Mistake(f"{aversion:g}: write how many standard deviations, such as 0.25", "--aversion"))
    if mistakes:
        raise InputError(mistakes)


def _row(
    contract: Contract, name: str, grid: Surface, promised: float, cost: np.ndarray, answered: np.ndarray,
    margin: float, aversion: float,
) -> dict[str, Any]:  # fmt: skip
    """One promise: the staffing that keeps it at the lowest price."""
    terms = promising(contract, name, promised)
    months = months_played(grid, terms, "month")
    level = months.counts[name].pooled()
    better = terms.kpi_of(terms.file.kpis[name].measure, terms.file.kpis[name].reading).better
    keeping = level <= promised if better == "down" else level >= promised
    if not keeping.any():
        return {"promised": promised}
    factor = _factors(terms, months, cost, margin, aversion)
    price = np.where(keeping & np.isfinite(factor), factor, np.inf)
    if not np.isfinite(price).any():
        return {"promised": promised}
    at = int(price.argmin())
    paid = valued(terms, months, priced(float(factor[at])))
    fee, net, spread = float(paid.fee[at].mean()), float(paid.net[at].mean()), float(paid.net[at].std())
    per = {"cost": cost[at], "margin": margin * net, "penalty": fee - net, "load": aversion * spread, "price": fee}
    return {
        "promised": promised, "level": grid.levels[at], "service_level": float(level[at]),
        **{key: float(value / answered[at]) for key, value in per.items()}, "fee": fee,
        "contacts": float(answered[at]), "missed": float(paid.missed[name][at].mean()),
    }  # fmt: skip


def _factors(terms: Contract, months: Months, cost: np.ndarray, margin: float, aversion: float) -> np.ndarray:
    """[level] By how much today's price must be multiplied so that the vendor just agrees; inf where no price does."""

    def short(factor: float) -> np.ndarray:
        net = valued(terms, months, priced(factor)).net
        return (1 - margin) * net.mean((1, 2)) - aversion * net.std((1, 2)) - cost

    high = 1.0
    while (short(high) < 0).any() and high < 64:
        high *= 2
    ends = np.where(short(high) < 0, np.inf, high)
    one, two = short(high / 2), short(high)
    slope = (two - one) / (high / 2)  # payments are nearly a straight line in the price: start there, then correct
    guess = high - two / slope
    for _ in range(3):
        exact = np.array([short(float(x))[i] if np.isfinite(x) else np.nan for i, x in enumerate(guess)])
        guess = guess - exact / slope
    return np.where(np.isfinite(ends), guess, np.inf)


def priced(factor: float) -> Any:
    """A change for `valued`: every price times a factor."""

    def change(terms: Terms, marks: Any) -> tuple[Terms, Any]:
        scaled = tuple(
            price.model_copy(update={
                "rate": price.rate * Decimal(repr(float(factor))),
                "volume": None if price.volume is None else price.volume.model_copy(update={
                    side: None if getattr(price.volume, side) is None
                    else getattr(price.volume, side) * Decimal(repr(float(factor))) for side in ("above", "below")
                }),
            }) for price in terms.file.pricing
        )  # fmt: skip
        return replace(terms, file=terms.file.model_copy(update={"pricing": scaled})), marks

    return change


def promising(contract: Contract, name: str, level: float) -> Contract:
    """
    The contract with another level in one clause; its bands, minimum and shortfall move along by as many points.

    Examples:
        >>> import csim
        >>> agreed = csim.load_contract("scenarios/contracts/double_11.yaml")
        >>> clause = promising(agreed, "response", 0.85).file.kpis["response"]
        >>> [band.begins.text for band in clause.bands if band.begins]
        ['85%', '75%', '65%']
    """
    clause = contract.file.kpis[name]
    due = threshold(Judge.of(name, clause, contract.kpi_of(clause.measure, clause.reading)))
    if due is None or due.kind != "share":
        raise InputError([contract.mistake("no level that is a share: nothing to promise", ("kpis", name))])
    by = Decimal(f"{level:.6f}") - due.number
    data = copy.deepcopy(dict(contract.with_volumes_inside() if _has_file(contract) else contract.data))
    changed = dict(data["kpis"][name])
    for key in ("expected", "minimum"):
        if key in changed:
            changed[key] = _moved(changed[key], by)
    if "bands" in changed:
        changed["bands"] = [_band(row, by) for row in changed["bands"]]
    if "shortfall" in changed:
        changed["shortfall"] = {**changed["shortfall"], "below": _moved(changed["shortfall"]["below"], by)}
    if "linear" in changed:
        changed["linear"] = [{**point, "at": _moved(point["at"], by)} for point in changed["linear"]]
    data["kpis"] = {**data["kpis"], name: changed}
    return read_contract(data)


def _has_file(contract: Contract) -> bool:
    return contract.file.forecast is not None and contract.file.forecast.file is not None


def _band(row: Mapping[str, Any], by: Decimal) -> dict[str, Any]:
    """A band whose edges move; its wording, which names the old number, goes."""
    return {key: _moved(value, by) if key in EDGES else value for key, value in row.items() if key != "wording"}


def _moved(written: Any, by: Decimal) -> Any:
    """A level so much higher; of a dated one every value."""
    if isinstance(written, list):
        return [{**each, "value": _moved(each["value"], by)} for each in written]
    return Level.shown(max(Decimal(0), Level.of(written).number + by), "share").text

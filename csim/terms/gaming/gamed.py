"""Worlds valued: the payment and the companions of an honest vendor and of one who plays a game."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csim.contract.load import Contract
from csim.contract.readings import SERVICE_LEVELS
from csim.display.words import Words
from csim.settlement.judge import Judge
from csim.terms.gaming.companions import OFTEN, TEN_DAYS, Companion, Played, companion_values, written_threshold
from csim.terms.gaming.giving_up import gave_up, mixed
from csim.terms.judging.cycles import by_coin
from csim.terms.worth.played import Cutting, Cycle, cycle_of, months_played, remembers
from csim.terms.worth.surface import Surface
from csim.terms.worth.thresholds import moves_money, threshold
from csim.terms.worth.valuation import Months, Valuation, terms_of, valued

HONEST, GIVING_UP = "honest", "month_end"


@dataclass(frozen=True)
class World:
    """
    One world: its months and payments.

    Attributes:
        missed: [level] In which share of months a clause that staffing moves is missed.
        usual: From which honest row each row stems. per: Months in a money cycle.
    """

    played: Played
    months: Months
    worth: Valuation = field(repr=False)
    missed: np.ndarray = field(repr=False)
    usual: tuple[int, ...] = ()
    per: int = 1

    @property
    def best(self) -> int:
        """The row at which the vendor earns most."""
        return int(self.played.means.argmax())

    @property
    def kept(self) -> int:
        """The most profitable row that keeps what is promised in most months; else the best of all."""
        means = np.where(self.missed < OFTEN, self.played.means, -np.inf)
        return int(means.argmax()) if np.isfinite(means).any() else self.best


def valued_world(
    contract: Contract, grid: Surface, per_hour: float | None, judge: Judge | None, cost: np.ndarray | None = None,
    usual: tuple[int, ...] = (),
) -> World:  # fmt: skip
    """
    The months of a world, paid.

    Args:
        per_hour: What an agent-hour costs; None: as the groups say; 0: costs are left out.
        cost: [level, replication, date] What the agents cost, where it differs between replications.
    """
    quarterly = contract.file.money_cycle == "quarterly"
    cycle, label = "quarter" if quarterly else "month", contract.month_of(pd.Timestamp(grid.dates[0]).date())
    lasting = remembers(contract, label)
    months, cut = (
        months_played(grid, contract, cycle, lasting),
        Cutting(grid, contract, _cycle(grid, contract), lasting),
    )
    worth, per = valued(contract, months), 3 if quarterly else 1
    if cost is None:
        daily = 0.0 if per_hour == 0 else grid.cost(per_hour)[:, None, :]
        cost = np.broadcast_to(daily, grid.sums.shape[:3])
    cap = next((float(c.month) for c in contract.file.pay.caps if c.month is not None), None)
    room = np.full(worth.fee.shape, np.inf) if cap is None else np.maximum(0.0, cap * worth.fee - worth.deducted)
    values = companion_values(grid, cut, judge, contract)
    played = Played(grid.levels, (worth.net - cut(cost)) / per, worth.fee / per, room / per, values)
    rows = usual or tuple(range(len(grid.levels)))
    return World(played, months, worth, _missed(contract, months, worth), rows, per)


def _missed(contract: Contract, months: Months, worth: Valuation) -> np.ndarray:
    missed = np.zeros(worth.net.shape, dtype=bool)
    for judge in terms_of(contract, months.labels[0]).judges:
        if judge.id not in months.met and not by_coin(contract, judge):
            missed |= worth.missed[judge.id] | (worth.own[judge.id] < 0)
    return missed.mean((1, 2))


def _cycle(grid: Surface, contract: Contract) -> Cycle:
    return cycle_of(grid, contract, "quarter" if contract.file.money_cycle == "quarterly" else "month")


def given_up(contract: Contract, grid: Surface, per_hour: float | None, judge: Judge | None) -> World | None:
    """The world in which months that are lost or safe are given up: every clause, usual and cheaper level."""
    cut = Cutting(grid, contract, _cycle(grid, contract))
    daily = np.broadcast_to(grid.cost(per_hour)[:, None, :], grid.sums.shape[:3])
    levels, costs, parts, usual = [], [], [], []
    order = np.argsort(grid.hours.sum((1, 2)), kind="stable")
    terms = terms_of(contract, contract.month_of(pd.Timestamp(grid.dates[0]).date()))
    for each in terms.judges:
        if threshold(each) is None or by_coin(contract, each) or not moves_money(terms, each.clause):
            continue
        for place, high in enumerate(order):
            for low in order[:place]:
                days = gave_up(grid, cut.days(), each, int(high), int(low))
                if days is None or not days.any():
                    continue
                parts.append(mixed(grid, days, int(high), int(low)))
                costs.append(np.where(days, daily[low], daily[high]))
                levels.append(grid.levels[high])
                usual.append(int(high))
    if not parts:
        return None
    whole = dataclasses.replace(
        grid, levels=tuple(levels), sums=np.concatenate([p.sums for p in parts]),
        specials=np.concatenate([p.specials for p in parts]), hours=np.concatenate([p.hours for p in parts]),
    )  # fmt: skip
    return valued_world(contract, whole, per_hour, judge, np.stack(costs), tuple(usual))


def judge_of_waits(contract: Contract) -> Judge | None:
    """The clause that judges how fast contacts are answered: its companions look at the same KPI by parts."""
    judges = terms_of(contract, contract.month_of(contract.file.term.begins)).judges
    return next((judge for judge in judges if judge.kpi in SERVICE_LEVELS), None)


def companions_of(contract: Contract, grid: Surface, honest: World) -> dict[str, Companion]:
    """The companions with their thresholds, at the staffing that keeps what is promised."""
    judge, found = judge_of_waits(contract), {}
    known = {kpi.id: kpi for kpi in (*grid.measures.kpis, *grid.measures.special)}
    for name, values in honest.played.values.items():
        kpi = known[judge.kpi] if name == TEN_DAYS and judge is not None else known[name]
        names: Mapping[str, str] = {lang: kpi.name(lang) for lang in ("en", "zh")}
        if name == TEN_DAYS:
            names = {lang: Words(lang)("games_ten_days", kpi=said) for lang, said in names.items()}
        better, usual = kpi.better or "up", values[honest.kept]
        if not np.isnan(usual).all():
            found[name] = Companion(name, names, kpi.unit, better, written_threshold(usual, kpi.unit, better))
    return found

"""One draft tried out: the vendor answers it with its best level, and that says what the draft costs and risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csim.contract.load import Contract
from csim.errors import InputError, Mistake
from csim.settlement.month import Terms
from csim.terms.judging.risks import Limits
from csim.terms.tuning.choices import Choice, Value
from csim.terms.tuning.demands import Wish
from csim.terms.tuning.drafts import Drafts
from csim.terms.tuning.shuffled import shuffled, with_levels_at
from csim.terms.tuning.stakes import most_at_risk
from csim.terms.worth.answers import best_level
from csim.terms.worth.harm import Harm
from csim.terms.worth.played import Cutting, cycle_of, months_played
from csim.terms.worth.surface import Surface
from csim.terms.worth.valuation import Months, Valuation

MONTHS = 200  # months that a draft is tried on, made of the days that were simulated
SURE = 2.0  # standard errors: a level that lies no further behind may be as good for the vendor
NAN = float("nan")


@dataclass(frozen=True)
class Outcome:
    """
    What one draft makes happen; money a month, without tax.

    Attributes:
        row: The vendor's best level. payment, harm, profit: There. sd: Of one month's payment. error: The standard
            error of what the buyer pays and loses.
        service: Each wish's KPI there. margin: The vendor's profit, a share of the payment. pulls: By wish, how much
            more (a share of the payment, chance allowed for) a level that misses it earns the vendor; at most 0 where
            no such level tempts it. dear_margin, dear_pulls: The same of a vendor whose agents cost more than believed.
        false_penalty: The share of months in which a vendor clearly better than the wish is punished.
        missed_breach: In which one clearly worse is not; NaN where no clause punishes (a price per event does not).
        at_risk: The largest share of a month's fee that can be taken. in_order: Better service is nowhere paid less.
    """

    row: int
    payment: float
    harm: float
    profit: float
    sd: float
    error: float
    service: tuple[float, ...]
    margin: float
    pulls: tuple[float, ...]
    dear_margin: float
    dear_pulls: tuple[float, ...]
    false_penalty: float
    missed_breach: float
    at_risk: float
    in_order: bool

    @property
    def buyer(self) -> float:
        """What the buyer pays and loses."""
        return self.payment + self.harm


class Trial:
    """
    A surface made ready to try out drafts of one contract.

    Attributes:
        levels: How many levels the vendor may choose. service: [wish, level] over all simulated days.
    """

    def __init__(
        self, contract: Contract, grid: Surface, choices: Sequence[Choice], wishes: Sequence[Wish],
        harm: Harm | None = None, cost_per_hour: float | None = None, doubt: float = 0.0,
        limits: Limits | None = None, seed: int = 1, months: int = MONTHS,
    ) -> None:  # fmt: skip
        self.contract, self.grid, self.choices, self.wishes = contract, grid, list(choices), tuple(wishes)
        self.harm, self.cost_per_hour, self.doubt = harm or Harm(), cost_per_hour, doubt
        self.limits = limits or Limits()
        self.levels, self.replications = len(grid.levels), grid.replications
        self.service = np.array([grid.counts(wish.kpi).pooled() for wish in wishes]).reshape(len(wishes), self.levels)
        self.judged = next((i for i in range(len(wishes)) if np.ptp(self.service[i]) > 0), None)
        self.played = self._played(seed, months)
        self._cycles: dict[str, _Cycle] = {}
        self._word = next((i for i, choice in enumerate(choices) if choice.name == "money_cycle"), None)

    def _played(self, seed: int, months: int) -> Surface:
        """The surface in many months, with a good and a bad vendor beside the levels that were simulated."""
        many = self.grid if whole_months(self.contract, self.grid) else shuffled(self.grid, months, seed)
        if self.judged is None:
            return many
        wish = self.wishes[self.judged]
        return with_levels_at(many, wish.kpi, list(wish.beside(self.limits)))

    def outcome(self, values: Sequence[Value]) -> Outcome:
        """What a draft makes happen."""
        cycle = self._of(values)
        worth = cycle.drafts.worth(values)
        terms = cycle.drafts.terms(values)
        payment = worth.net[: self.levels] / cycle.per
        best, margin, pulls = self._answer(payment, cycle.cost, cycle.runs)
        _, dear_margin, dear_pulls = self._answer(payment, cycle.cost * (1 + self.doubt), cycle.runs)
        return Outcome(
            best, float(payment[best].mean()), float(cycle.loss[best].mean()),
            float((payment[best] - cycle.cost[best]).mean()),
            float(payment[best].std()), float((payment[best] + cycle.loss[best]).std() / np.sqrt(cycle.runs)),
            tuple(float(x) for x in self.service[:, best]), margin, pulls, dear_margin, dear_pulls,
            *self._risks(terms, worth),
            most_at_risk(terms.judges, terms.ladder, worth), cycle.drafts.in_order(values),
        )  # fmt: skip

    def books(self, values: Sequence[Value]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A month's mean profit and cost of the vendor and loss of the buyer, by level."""
        cycle = self._of(values)
        payment = cycle.drafts.worth(values).net[: self.levels] / cycle.per
        return tuple(array.mean((1, 2)) for array in (payment - cycle.cost, cycle.cost, cycle.loss))  # type: ignore[return-value]

    def service_error(self, row: int) -> tuple[float, ...]:
        """The standard error of each wish's KPI at a level, from replication to replication."""
        found = []
        for wish in self.wishes:
            counts = self.grid.counts(wish.kpi)
            each = counts.numerator[row].sum(-1) / np.maximum(counts.denominator[row].sum(-1), 1e-9)
            found.append(float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else NAN)
        return tuple(found)

    def risk_error(self, p: float) -> float:
        """
        The standard error of a risk near *p*, from how many days and months stand behind it.

        A level's mean over the days gives the first part, its spread the second, the counting of months the last.
        """
        from scipy.special import ndtri

        z = float(ndtri(min(max(p, 1e-4), 1 - 1e-4)))
        days = self.replications * len(self.grid.dates)
        months = max(1.0, days / max(1, cycle_of(self.grid, self.contract, "month").days))
        slope = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        return float(np.sqrt(slope**2 * (1 / months + z * z / (2 * days)) + p * (1 - p) / MONTHS))

    def _answer(self, payment: np.ndarray, cost: np.ndarray, runs: float) -> tuple[int, float, tuple[float, ...]]:
        """The vendor's best level, what it earns there as a share of the payment, and what tempts it."""
        profit = payment - cost
        mean = profit.mean((1, 2))
        best = best_level(mean)
        paid = max(float(payment[best].mean()), 1e-9)
        return best, float(mean[best]) / paid, tuple(self._pulls(profit, mean, paid, runs))

    def _pulls(self, profit: np.ndarray, mean: np.ndarray, payment: float, runs: float) -> list[float]:
        """By wish: what the best level that misses it earns more than the best that keeps it, chance allowed for."""
        found = []
        for wish, service in zip(self.wishes, self.service, strict=True):
            keeps = np.array([wish.short(value) == 0 for value in service])
            if keeps.all() or not keeps.any():
                found.append(0.0)
                continue
            kept = int(np.flatnonzero(keeps)[np.argmax(mean[keeps])])
            difference = profit[~keeps] - profit[kept]
            error = difference.std((1, 2)) / np.sqrt(runs)
            found.append(float((difference.mean((1, 2)) + SURE * error).max()) / payment)
        return found

    def _risks(self, terms: Terms, worth: Valuation) -> tuple[float, float]:
        """How often the good vendor is punished, and how often the bad one is not."""
        judges = [j for j in terms.judges if j.clause.per_unit is None]
        scored = bool(terms.ladder.by_score or terms.ladder.by_points)
        if self.judged is None or not (scored or any(worth.own[j.id].any() for j in judges)):
            return NAN, NAN
        punished = worth.through < 0
        for judge in judges:
            punished = punished | (worth.own[judge.id] < 0)
        good, bad = self.levels, self.levels + 1
        known = [not np.isnan(self.played.levels[row]) for row in (good, bad)]
        return (
            float(punished[good].mean()) if known[0] else NAN,
            1 - float(punished[bad].mean()) if known[1] else NAN,
        )

    def _of(self, values: Sequence[Value]) -> _Cycle:
        """The cycle in which a draft is settled, made ready once."""
        word = self.contract.file.money_cycle if self._word is None else str(values[self._word])
        if word not in self._cycles:
            self._cycles[word] = _Cycle.of(self, "quarter" if word == "quarterly" else "month")
        return self._cycles[word]


@dataclass(frozen=True)
class _Cycle:
    """The months (or quarters) of a trial, with what the agents cost and the buyer loses in each, per month."""

    drafts: Drafts
    cost: np.ndarray
    loss: np.ndarray
    per: int
    runs: float  # independent months that stand behind the mean

    @classmethod
    def of(cls, trial: Trial, cycle: str) -> _Cycle:
        contract, grid = trial.contract, trial.played
        remembered = leaves_money(contract)
        months: Months = months_played(grid, contract, cycle, remembered)
        cut = Cutting(grid, contract, cycle_of(grid, contract, cycle), remembered)
        per, levels = (3 if cycle == "quarter" else 1), trial.levels
        daily = np.broadcast_to(grid.cost(trial.cost_per_hour)[:, None, :], grid.sums.shape[:3])
        if not daily[:levels].any():
            raise InputError([Mistake("agents cost nothing: write what an hour costs the vendor", "cost_per_hour")])
        runs = max(1.0, trial.replications / grid.replications * months.shape[1] * months.shape[2])
        return cls(
            Drafts(contract, months, trial.choices), cut(daily)[:levels] / per,
            cut(trial.harm.daily(grid))[:levels] / per, per, runs,
        )  # fmt: skip


def leaves_money(contract: Contract) -> bool:
    """Whether a month leaves money to the next: a right to terminate that grows over months is none."""
    pay = contract.file.pay
    streaks = any(streak.then in ("bonus", "deduction") for streak in pay.streaks)
    yearly = any(cap.year is not None for cap in pay.caps)
    repeats = any(clause.repeat for clause in contract.file.kpis.values())
    return bool(streaks or yearly or repeats or pay.carry_forward or pay.earn_back)


def whole_months(contract: Contract, grid: Surface) -> bool:
    """Whether a clause judges a quantile or a maximum of a month, which no other arrangement of its days gives."""
    special = {kpi.id for kpi in grid.measures.special}
    label = contract.month_of(pd.Timestamp(grid.dates[0]).date())
    return any(contract.kpi_of(c.measure, c.reading).id in special for c in contract.at(label).kpis.values())

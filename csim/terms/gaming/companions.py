"""KPIs that expose a game, with thresholds from the honest world, and the fewest of them that close every hole."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from csim.contract.load import Contract
from csim.errors import InputError
from csim.settlement.judge import Judge
from csim.settlement.measured import Wanted
from csim.terms.gaming.worlds import PEAK_LEVEL
from csim.terms.worth.played import Cutting
from csim.terms.worth.surface import Surface

WATCHING = ("wait_p99", "abandonment_rate", "survey_response_of_sessions", PEAK_LEVEL, "wait_second_moment")
TEN_DAYS = "worst_ten_days"  # of a month: a service level that was let go cannot hide in the month's mean
PARTS = 3  # of a month, ten days each (旬)
RARELY = 0.05  # of honest months lie beyond a companion's threshold
CREDITS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.10, 0.15, 0.20)  # of the month's fee: what lawyers write
OFTEN = 0.5  # of months: so a companion exposes a game
STEPS = {"share": 0.005, "s": 5.0}
FINE = 0.001  # of shares near 0 or 1


@dataclass(frozen=True)
class Companion:
    """
    A KPI beside the contract's own.

    Attributes:
        kpi, name, unit, better: As in the catalogue. threshold: Beyond it lie 5 % of honest months.
    """

    kpi: str
    name: Mapping[str, str]
    unit: str
    better: str
    threshold: float

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """Where a month is worse than the threshold; what is not known is not worse."""
        known = np.nan_to_num(values, nan=self.threshold)
        return known > self.threshold + 1e-12 if self.better == "down" else known < self.threshold - 1e-12


@dataclass(frozen=True)
class Closing:
    """
    A clause that closes holes.

    Attributes:
        credit: The share of the month's fee that a month beyond the threshold costs.
        games: Those that lose money once it is agreed. honest: The share of honest months that it hits.
        terms: Its entry under `kpis:`; None where the contract's language has no such cycle. measure: The entry under
            `measures:` that goes with it, if it needs one.
    """

    companion: Companion
    credit: float
    games: tuple[str, ...]
    honest: float
    terms: Mapping[str, Any] | None = field(default=None, repr=False)
    measure: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Played:
    """
    One world valued: arrays by [level, run, month].

    Attributes:
        levels: The staffing of each row. profit: Payment less cost. fee, room: What credits are a share of, and what
            the month's cap leaves for more of them. values: Of each companion.
    """

    levels: tuple[float, ...]
    profit: np.ndarray
    fee: np.ndarray
    room: np.ndarray
    values: Mapping[str, np.ndarray]

    def flagged(self, companions: Mapping[str, Companion]) -> np.ndarray:
        """[level] Where some companion lies beyond its threshold in most months; elsewhere service is as agreed."""
        found = np.zeros(len(self.levels), dtype=bool)
        for name, values in self.values.items():
            if name in companions:
                found |= companions[name].beyond(values).mean((1, 2)) > OFTEN
        return found

    @property
    def means(self) -> np.ndarray:
        """[level] Mean profit of a month."""
        return self.profit.mean((1, 2))

    def less(self, credits: Mapping[str, float], companions: Mapping[str, Companion]) -> np.ndarray:
        """The profit once some companions cost these shares of the fee."""
        owed = np.zeros(self.profit.shape)
        for name, credit in credits.items():
            owed = owed + credit * self.fee * companions[name].beyond(self.values[name])
        return self.profit - np.minimum(owed, self.room)


def companion_values(grid: Surface, cut: Cutting, judge: Judge | None, contract: Contract) -> dict[str, np.ndarray]:
    """What every companion comes to, [level, run, month]; those that a calendar cannot give are left out."""
    found = {}
    known = {kpi.id: kpi for kpi in (*grid.measures.kpis, *grid.measures.special)}
    for name in (name for name in WATCHING if name in known):
        try:
            found[name] = cut.counted(Wanted(name, known[name]), None).value
        except InputError:  # a quantile is known by calendar month alone
            continue
    if judge is not None:
        found[TEN_DAYS] = cut.shaped(worst_part(grid, cut, judge))
    return found


def worst_part(grid: Surface, cut: Cutting, judge: Judge) -> np.ndarray:
    """[level, month] A clause's KPI in the worst third of each month."""
    counts = grid.counts(judge.kpi, judge.clause.scope.queue)
    flat = [array.reshape(array.shape[0], -1) for array in counts[:2]]
    months = []
    for days in cut.days():
        parts = np.array_split(days, PARTS)
        sums = [[array[:, part].sum(1) for part in parts] for array in flat]
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.array(sums[0]) / np.array(sums[1])
        months.append(np.nanmax(values, axis=0) if judge.better == "down" else np.nanmin(values, axis=0))
    return np.array(months).T


def written_threshold(values: np.ndarray, unit: str, better: str) -> float:
    """
    The level that 5 % of honest months overstep, on a round number to the side that spares honest ones.

    Examples:
        >>> written_threshold(np.linspace(0.03, 0.05, 101), "share", "down")
        0.049
        >>> written_threshold(np.linspace(0.80, 0.90, 101), "share", "up")
        0.805
    """
    known, lower = values[~np.isnan(values)], better != "down"
    edge = float(np.quantile(known, RARELY if lower else 1 - RARELY, method="lower" if lower else "higher"))
    step = STEPS.get(unit) or 10 ** (math.floor(math.log10(max(abs(edge), 1e-9))) - 1)  # else two digits
    if unit == "share" and not 0.1 <= edge <= 0.9:
        step = FINE
    steps = math.ceil(edge / step - 1e-9) if better == "down" else math.floor(edge / step + 1e-9)
    return round(steps * step, 10)


def fewest(
    honest: Played, games: Mapping[str, Played], companions: Mapping[str, Companion]
) -> tuple[dict[str, float], list[str]]:
    """
    The smallest set of companions, each with the least credit, under which no game pays; and the games left open.

    A game is closed when an honest vendor earns more, under the same clauses and on the same months, than the game
    does wherever a companion shows it (elsewhere customers are served as agreed: that is thrift). Of several sets of
    one size those that a contract file can hold come first, then the smallest credits.
    """
    names = [name for name in companions if name != TEN_DAYS] + [name for name in companions if name == TEN_DAYS]
    market = Market(honest, games, companions)
    closable = [game for game in games if any(market.closes({name: CREDITS[-1]}, game) for name in names)]
    never = [game for game in games if game not in closable]
    for size in range(1, len(names) + 1) if closable else ():
        found = [
            (TEN_DAYS in chosen, sum(credits.values()), credits)
            for chosen in itertools.combinations(names, size)
            if (credits := market.least(chosen, closable)) is not None
        ]
        if found:
            return min(found, key=lambda one: one[:2])[2], never
    return {}, [*never, *closable]


@dataclass(frozen=True)
class Market:
    """What pays under added clauses."""

    honest: Played
    games: Mapping[str, Played]
    companions: Mapping[str, Companion]

    def least(self, chosen: Sequence[str], wanted: Sequence[str]) -> dict[str, float] | None:
        """The least credits with which some companions close all wanted games; None if even the largest do not."""
        credits = dict.fromkeys(chosen, CREDITS[-1])
        if not all(self.closes(credits, game) for game in wanted):
            return None
        for name in chosen:
            for credit in CREDITS:
                if all(self.closes({**credits, name: credit}, game) for game in wanted):
                    credits[name] = credit
                    break
        return credits

    def closes(self, credits: Mapping[str, float], game: str) -> bool:
        """Whether honest service then earns more than the game does where it can be seen."""
        played = self.games[game]
        seen = played.flagged(self.companions)
        if not seen.any() or not seen[int(played.means.argmax())]:
            return False
        known = {name: credit for name, credit in credits.items() if name in played.values}
        at_best = played.less(known, self.companions).mean((1, 2))[seen].max()
        return bool(at_best < self.honest.less(credits, self.companions).mean((1, 2)).max())

"""What a service forecast says: will it hold, by how much, where does the day break, and how many agents are short."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.experiment.intervals import wilson
from csim.experiment.simulate import Progress, simulate
from csim.experiment.simulation import ALL, Simulation
from csim.kpi.catalogue import Kpi
from csim.kpi.targets import targets
from csim.scenario.check import serving
from csim.scenario.load import Scenario, load_scenario
from csim.staffing.steady import steady_by_interval

ASSUMED_LEVEL = 0.80
MOST_EXTRA = 400


@dataclass(frozen=True)
class Promise:
    """One target of one queue (of one vendor's share of it), and how it fares."""

    queue: str
    vendor: str | None
    kpi: Kpi
    target: float
    value: float
    low: float
    high: float
    holds: float  # share of replications in which the whole calendar met it
    holds_low: float
    holds_high: float

    @property
    def measured(self) -> bool:
        return not math.isnan(self.value)

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.kpi.better == "down" else self.value >= self.target

    @property
    def sure(self) -> bool:
        """Whether the interval lies wholly on one side of the target."""
        return not self.low <= self.target <= self.high


@dataclass(frozen=True)
class Spell:
    """Consecutive intervals of one day in which a promise is missed."""

    promise: Promise
    day: int
    first: int
    last: int
    level: float
    missed: float  # contacts a replication lacks to the target
    sure: bool  # in at least one of its intervals the whole 95 % interval lies below the target
    short: int | None = None  # agents that would have to be added


@dataclass(frozen=True)
class ServiceForecast:
    """
    A simulation read as a planner would: promises, spells that break, agents short, Erlang beside it.

    Examples:
        >>> import csim
        >>> forecast = csim.service_forecast("scenarios/centres/first_voice.yaml", replications=10, seed=7)
        >>> [(spell.first, spell.last) for spell in forecast.spells][:1] != []
        True
    """

    scenario: Scenario
    sim: Simulation
    assumed: bool  # no target in the file: 80 % is assumed

    def summary(self, lang: str = "en") -> str:
        """The answer in a sentence: who misses when, how many agents are short, how probably the whole holds."""
        from csim.report.phrases import Phrases

        return Phrases(self, lang).sentence()

    def to_frame(self) -> pd.DataFrame:
        """queue, vendor, kpi, target, value, ci_low, ci_high, holds, holds_low, holds_high, unit: every promise."""
        return pd.DataFrame([
            {"queue": p.queue, "vendor": p.vendor or "", "kpi": p.kpi.id, "target": p.target, "value": p.value,
             "ci_low": p.low, "ci_high": p.high, "holds": p.holds, "holds_low": p.holds_low,
             "holds_high": p.holds_high, "unit": p.kpi.unit}
            for p in self.promises
        ])  # fmt: skip

    def plot(self, lang: str = "en") -> Any:
        """The day in focus: service level and wait by interval, or the load where no level is promised."""
        from csim.report.page import ForecastPage

        return ForecastPage(self, lang).axes()

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: promises, KPIs, by interval, and where they come from."""
        from csim.display.excel import write_workbook

        sim = self.sim
        tables = {"promises": self.to_frame(), "kpis": sim.kpis, "by_interval": sim.by_interval}
        return write_workbook(path, tables, sim.provenance)

    def to_html(self, lang: str = "en") -> str:
        """The answer, then every promise and how it fares, as a piece of a page."""
        from csim.report.page import ForecastPage

        page = ForecastPage(self, lang)
        return page.answer().text + page.promises().text

    def _repr_html_(self) -> str:
        return self.to_html()

    @cached_property
    def promises(self) -> list[Promise]:
        """Every target of every queue, per vendor where a queue is shared."""
        found = []
        stated = targets(self.scenario, self.sim.catalogue)
        for name, queue in self.scenario.queues.items():
            wanted = stated[name] or ({"service_level": ASSUMED_LEVEL} if queue.answer_within is not None else {})
            for vendor in [*(queue.shares or {})] or [None]:
                found += [self._promise(name, vendor, kpi, target) for kpi, target in wanted.items()]
        return found

    def _promise(self, queue: str, vendor: str | None, word: str, target: float) -> Promise:
        """A target and how it fares; NaN where this simulation does not measure it."""
        kpi = self.sim.catalogue.find(word)
        # measures of agents stand under "all": they are a queue's own where there is but one
        place = ALL if kpi.of_agents and len(self.scenario.queues) == 1 else queue
        table = self.sim.kpis if vendor is None else self.sim.by_vendor[self.sim.by_vendor["vendor"] == vendor]
        rows = table[(table["queue"] == place) & (table["kpi"] == kpi.id)]
        value, low, high = rows[["value", "ci_low", "ci_high"]].iloc[0] if len(rows) else (math.nan,) * 3
        values = self.sim.values(kpi.id, place, vendor)
        values = values[~np.isnan(values)]
        good = int((values <= target).sum() if kpi.better == "down" else (values >= target).sum())
        share = good / len(values) if len(values) else math.nan
        return Promise(queue, vendor, kpi, target, value, low, high, share, *wilson(good, len(values)))

    @cached_property
    def spells(self) -> list[Spell]:
        """Where promises of service level break beyond chance, worst first (most contacts missed)."""
        return [spell for spell in self.dips if spell.sure]

    @cached_property
    def dips(self) -> list[Spell]:
        """Every stretch below its target, those that may be chance included."""
        level = [promise for promise in self.promises if promise.kpi.id.startswith("service_level")]
        return sorted((spell for promise in level for spell in self._spells(promise)), key=lambda spell: -spell.missed)

    def _spells(self, promise: Promise) -> list[Spell]:
        met, counted = self._by_interval(promise)
        with np.errstate(invalid="ignore", divide="ignore"):
            missed = (counted > 0) & (met / counted < promise.target)
        below = self._surely_below(promise)
        found = []
        for day in range(len(missed)):
            edges = np.flatnonzero(np.diff(np.concatenate([[False], missed[day], [False]]).astype(int)))
            for first, end in zip(edges[::2], edges[1::2], strict=True):
                n, d = met[day, first:end].sum(), counted[day, first:end].sum()
                sure = bool(below[day, first:end].any())
                found.append(Spell(promise, day, int(first), int(end - 1), n / d, promise.target * d - n, sure))
        return found

    def _surely_below(self, promise: Promise) -> np.ndarray:
        """[day, interval] Where even the upper end of the interval misses the target (one replication has none)."""
        value, half = self._ratios
        view, at = self._place(promise)
        return ~(value[:, :, view, at] + np.nan_to_num(half[:, :, view, at]) >= promise.target)

    @cached_property
    def _ratios(self) -> tuple[np.ndarray, np.ndarray]:
        return self.sim.interval_moments.ratio()

    def _place(self, promise: Promise) -> tuple[int, int]:
        at = next(i for i, kpi in enumerate(self.sim.measures.kpis) if kpi.id == promise.kpi.id)
        return self.sim.views.index((promise.queue, promise.vendor)), at

    def _by_interval(self, promise: Promise) -> tuple[np.ndarray, np.ndarray]:
        """Mean numerator and denominator of a promise by [day, interval]."""
        view, at = self._place(promise)
        moments, count = self.sim.interval_moments, self.sim.replications
        return np.asarray(moments.n)[:, :, view, at] / count, np.asarray(moments.d)[:, :, view, at] / count

    @cached_property
    def worst(self) -> Spell | None:
        """The worst spell, with the agents it lacks."""
        return self.with_shortage(self.spells[0]) if self.spells else None

    def with_shortage(self, spell: Spell) -> Spell:
        """
        A spell with the least number of agents that, added to it, would meet its target.

        That day alone is simulated again, every number of agents with the same luck; found by bisection.
        """
        day = self.scenario.one_day(spell.day)
        during = slice(spell.first, spell.last + 1)
        groups = serving(self.scenario.file, spell.promise.queue, spell.promise.vendor)
        group = max(groups, key=lambda name: day.on_duty[name][0, during].sum())  # the one at work then
        runs = max(5, min(self.sim.replications, math.ceil(60_000 / max(1.0, _contacts(day)))))

        def holds(extra: int) -> bool:
            heads = day.on_duty[group].copy()
            heads[0, during] += extra
            sim = simulate(day.with_staff(group, heads), runs, self.sim.seed, self.sim.engine)
            again = ServiceForecast(day, sim, self.assumed)
            met, counted = again._by_interval(spell.promise)
            return bool(met[0, during].sum() >= spell.promise.target * counted[0, during].sum())

        low, high = 0, 1
        while not holds(high):
            low, high = high, high * 2
            if high > MOST_EXTRA:
                return spell
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle, high)
        return dataclasses.replace(spell, short=high)

    @cached_property
    def erlang(self) -> pd.DataFrame:
        """queue, vendor, kpi, value: Erlang's answer, interval by interval as if each were steady, pooled."""
        return steady_by_interval(self.scenario)

    @cached_property
    def focus_day(self) -> int:
        """The day that figures show: the one of the worst spell, else the busiest."""
        if self.spells:
            return self.spells[0].day
        return int(np.argmax(sum(expected.sum(1) for expected in self.scenario.expected.values())))

    def levels(self, promise: Promise) -> pd.DataFrame:
        """day, date, time, value, ci_low, ci_high, and contacts of one promise by interval."""
        table = self.sim.by_interval
        mine = (
            (table["queue"] == promise.queue)
            & (table["vendor"] == (promise.vendor or ""))
            & (table["kpi"] == promise.kpi.id)
        )
        return table[mine].reset_index(drop=True)


def service_forecast(
    scenario: Scenario | str | Path | dict,
    replications: int = 20,
    seed: int = 1,
    executor: Executor | str | None = None,
    progress: Progress | None = None,
) -> ServiceForecast:
    """
    Simulates a scenario and reads the result against its targets.

    Targets stand in the file (`targets: {service_level: 80%}` under a queue); where there are none, 80 % is assumed.

    Examples:
        >>> import csim
        >>> forecast = csim.service_forecast("scenarios/centres/first_voice.yaml", replications=10)
        >>> [promise.kpi.id for promise in forecast.promises]
        ['service_level', 'abandonment_rate']
    """
    loaded = load_scenario(scenario)
    sim = simulate(loaded, replications, seed, executor=executor, progress=progress)
    return ServiceForecast(loaded, sim, not any(queue.targets for queue in loaded.queues.values()))


def _contacts(scenario: Scenario) -> float:
    return float(sum(expected.sum() for expected in scenario.expected.values()))

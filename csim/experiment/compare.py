"""Scenarios side by side on common random numbers: paired differences with their own intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import Mistake, UnknownNameError
from csim.experiment.intervals import student
from csim.experiment.simulate import Progress, simulate
from csim.experiment.simulation import ALL, Simulation
from csim.scenario.load import Scenario, load_scenario
from csim.schema.located import told_apart
from csim.workload.streams import stream


@dataclass(frozen=True)
class Comparison:
    """
    Simulations that share their luck; differences are against the first.

    Examples:
        >>> import csim
        >>> base = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> result = csim.compare([base, base], replications=2, labels=["one", "same"])
        >>> float(result.differences["difference"].abs().max())
        0.0
    """

    simulations: tuple[Simulation, ...]
    labels: tuple[str, ...]

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """scenario, queue, kpi, value, ci_low, ci_high, unit, replications, why."""
        tables = [sim.kpis.assign(scenario=label) for sim, label in zip(self.simulations, self.labels, strict=True)]
        table = pd.concat(tables, ignore_index=True)
        return table[["scenario", *(name for name in table.columns if name != "scenario")]]

    @cached_property
    def differences(self) -> pd.DataFrame:
        """
        scenario, against, queue, kpi, difference, ci_low, ci_high, unpaired_half, unit.

        The interval is paired: residuals of both ratios are subtracted replication by replication before their
        spread is taken, so luck that both scenarios had drops out. `unpaired_half` is the half-width that
        independent runs would have had.
        """
        first = self.simulations[0]
        shared = [
            q for q in (*first.scenario.queues, ALL) if all(q in (*s.scenario.queues, ALL) for s in self.simulations)
        ]
        rows = []
        for sim, label in zip(self.simulations[1:], self.labels[1:], strict=True):
            for queue in shared:
                for kpi in first.measures.kpis:
                    if queue != ALL and kpi.of_agents:
                        continue
                    if all(kpi.id != other.id for other in sim.measures.kpis):
                        continue
                    difference, half, unpaired = paired(first.replicated(kpi.id, queue), sim.replicated(kpi.id, queue))
                    rows.append(
                        {
                            "scenario": label,
                            "against": self.labels[0],
                            "queue": queue,
                            "kpi": kpi.id,
                            "difference": difference,
                            "ci_low": difference - half,
                            "ci_high": difference + half,
                            "unpaired_half": unpaired,
                            "unit": kpi.unit,
                        }
                    )
        return pd.DataFrame(rows)

    def ranking(self, kpi: str = "service_level", queue: str = ALL) -> pd.DataFrame:
        """
        scenario, value, behind, ci_low, ci_high, p_best, cost: the best first.

        `behind` is the paired distance to the best; its intervals hold for all rows together (95 %, Bonferroni), so
        whoever's interval reaches 0 may still be the best. `p_best` is how often a scenario comes out best when the
        replications are drawn anew (2,000 bootstrap samples). `cost` is what the agents on the plan cost in one
        replication, where every group gives cost_per_hour.
        """
        entry = self.simulations[0].catalogue.find(kpi)
        if entry.better not in ("up", "down"):
            raise UnknownNameError(
                [Mistake(f"{entry.id} has no better direction: choose another KPI to rank by", "--by")]
            )
        parts = np.array([sim.replicated(entry.id, queue) for sim in self.simulations])  # [scenario, 2, replication]
        sign = 1.0 if entry.better == "up" else -1.0
        value = parts[:, 0].sum(1) / parts[:, 1].sum(1)
        order = np.argsort(-sign * value, kind="stable")
        rows = []
        for place in order:
            behind, half, _ = paired(parts[order[0]], parts[place], len(order) - 1 or 1)
            rows.append(
                {
                    "scenario": self.labels[place], "value": value[place], "behind": behind,
                    "ci_low": behind - half, "ci_high": behind + half,
                    "cost": planned_cost(self.simulations[place].scenario),
                }
            )  # fmt: skip
        table = pd.DataFrame(rows)
        table.insert(5, "p_best", probability_best(sign * parts[:, 0], parts[:, 1], self.simulations[0].seed)[order])
        return table

    @property
    def provenance(self) -> dict[str, Any]:
        """Of every simulation, by label."""
        return {label: sim.provenance for label, sim in zip(self.labels, self.simulations, strict=True)}

    def plot(self, kpi: str = "service_level", queue: str = ALL, lang: str = "en") -> Any:
        """
        The ranking by one KPI: distances to the best with simultaneous intervals; returns the Axes.

        A KPI without a better direction is shown scenario by scenario, each with its own interval.
        """
        from csim.display.figures import best_first, scenarios_side_by_side
        from csim.display.words import Words

        entry, first = self.simulations[0].catalogue.find(kpi), self.simulations[0]
        if entry.better in ("up", "down"):
            said = {"seed": first.seed, "replications": first.replications, "csim": first.provenance["csim"]}
            return best_first(self.ranking(kpi, queue), entry, Words(lang)("comparison_line", **said), lang)
        table = self.kpis[(self.kpis["kpi"] == entry.id) & (self.kpis["queue"] == queue)]
        return scenarios_side_by_side(table, entry, lang=lang)

    def summary(self, lang: str = "en") -> str:
        """A line for each scenario after the first: what it changes."""
        from csim.experiment.sentences import compared

        return compared(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The paired differences."""
        return self.differences

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: differences, KPIs, and where they come from."""
        from csim.display.excel import write_workbook

        where = [{"scenario": label, "what": key, "value": str(value)}
                 for label, said in self.provenance.items() for key, value in said.items()]  # fmt: skip
        tables = {"differences": self.differences, "kpis": self.kpis, "provenance": pd.DataFrame(where)}
        return write_workbook(path, tables)

    def to_html(self, lang: str = "en") -> str:
        """The summary and the headline differences with their intervals, as a piece of a page."""
        from csim.display.result import answer_first
        from csim.display.tables import difference_html

        return answer_first(self.summary(lang), difference_html(self.differences, self.simulations[0].catalogue, lang))

    def _repr_html_(self) -> str:
        return self.to_html()


def paired(one: np.ndarray, other: np.ndarray, comparisons: int = 1) -> tuple[float, float, float]:
    """
    The difference of two ratios of sums (other − one), its paired half-width, and the half-width if unpaired.

    Args:
        one, other: [2, replication] numerators and denominators; replication by replication the same luck.
        comparisons: How many such intervals shall hold together.

    Examples:
        >>> a, b = np.array([[8.0, 15.0, 9.0], [10.0, 20.0, 10.0]]), np.array([[9.0, 16.5, 10.0], [10.0, 20.0, 10.0]])
        >>> [round(x, 3) for x in paired(a, b)]
        [0.087, 0.04, 0.29]
    """
    ratios, residuals = [], []
    with np.errstate(invalid="ignore", divide="ignore"):
        for n, d in (one, other):
            ratio = n.sum() / d.sum()
            ratios.append(ratio)
            residuals.append((n - ratio * d) / d.mean())
    count = one.shape[1]
    if count < 2:
        return ratios[1] - ratios[0], float("nan"), float("nan")
    factor = student(count - 1, comparisons)
    half = factor * np.sqrt(((residuals[1] - residuals[0]) ** 2).sum() / (count - 1) / count)
    unpaired = factor * np.sqrt(sum((r**2).sum() for r in residuals) / (count - 1) / count)
    return float(ratios[1] - ratios[0]), float(half), float(unpaired)


def probability_best(numerator: np.ndarray, denominator: np.ndarray, seed: int, samples: int = 2000) -> np.ndarray:
    """
    How often each scenario has the highest ratio when whole replications are drawn anew, the same ones for all.

    Args:
        numerator, denominator: [scenario, replication].

    Examples:
        >>> probability_best(np.array([[9.0, 8.0], [1.0, 2.0]]), np.full((2, 2), 10.0), seed=1).tolist()
        [1.0, 0.0]
    """
    count = numerator.shape[1]
    draws = stream(seed, 0, "bootstrap/best").multinomial(count, np.full(count, 1 / count), samples)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (draws @ numerator.T) / (draws @ denominator.T)
    ratio = np.where(np.isnan(ratio), -np.inf, ratio)
    best = ratio == ratio.max(1, keepdims=True)
    return (best / best.sum(1, keepdims=True)).mean(0)


def planned_cost(scenario: Scenario) -> float:
    """What the agents on the plan cost over the calendar, absences paid; NaN unless every group gives its cost."""
    total = 0.0
    for name, group in scenario.groups.items():
        if group.cost_per_hour is None or group.shrinkage >= 1:
            return float("nan")
        hours = scenario.on_duty[name].sum() * scenario.days.interval_s / 3600
        total += hours / (1 - group.shrinkage) * group.cost_per_hour
    return total


def compare(
    scenarios: Sequence[Scenario | str | Path | dict],
    replications: int = 20,
    seed: int = 1,
    engine: str = "auto",
    executor: Executor | str | None = None,
    labels: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """
    Two or more scenarios with the same luck; each is compared with the first.

    Common random numbers make the difference far less noisy than either value: the same contacts arrive with the
    same handle times and the same patience in both worlds.

    Examples:
        >>> import csim
        >>> base = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> more = base.vary({"groups.team.agents": 20})
        >>> result = csim.compare([base, more], replications=10, seed=7)
        >>> row = result.differences.query("queue == 'all' and kpi == 'service_level'").iloc[0]
        >>> bool(row.ci_high - row.difference < row.unpaired_half)
        True
    """
    loaded = [load_scenario(scenario) for scenario in scenarios]
    if len(loaded) < 2:
        raise UnknownNameError([Mistake("one scenario: write at least two to compare", "scenarios")])
    simulations = tuple(
        simulate(scenario, replications, seed, engine, executor, progress=progress) for scenario in loaded
    )
    named = labels or told_apart([scenario.name for scenario in loaded], [scenario.source for scenario in loaded])
    return Comparison(simulations, tuple(named))

"""One response surface: what every level of a lever would measure on every day, all levels with the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from csim.errors import InputError, Mistake, did_you_mean
from csim.experiment.executors import executor_of
from csim.experiment.simulate import simulate
from csim.kpi.sums import Measures
from csim.scenario.load import Scenario, load_scenario
from csim.terms.worth.levers import at_levels, groups_of, paid_hours

View = tuple[str | None, str | None]


class Counts(NamedTuple):
    """Numerator, denominator and sample of one measure, three arrays of one shape."""

    numerator: np.ndarray
    denominator: np.ndarray
    sample: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """The ratio; NaN where nothing was measured."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.denominator != 0, self.numerator / self.denominator, np.nan)

    def pooled(self) -> np.ndarray:
        """The ratio of sums over all but the first axis: one value per level."""
        axes = tuple(range(1, self.numerator.ndim))
        below = self.denominator.sum(axes)
        return np.divide(self.numerator.sum(axes), below, out=np.full(len(below), np.nan), where=below != 0)


@dataclass(frozen=True)
class Surface:
    """
    Every KPI by level, replication and date, on common random numbers.

    A second lever (effort: faster handling that costs resolution) joins as more levels: a level is one point, whatever
    moved it; `labels` names them.

    Attributes:
        lever: agents, staffing, volume, handle_time. levels: Its values.
        scenario: The scenario at the plan. vendor: Whose contacts and agents are counted, None for everybody's.
        sums: [level, replication, date, view, formula]. specials: [level, replication, window, view, special KPI].
        hours: [level, group, date] paid agent-hours of `groups`.

    Examples:
        >>> import csim
        >>> grid = surface("scenarios/centres/first_voice.yaml", [16, 20], replications=3, seed=7)
        >>> grid.counts("service_level").numerator.shape
        (2, 3, 1)
        >>> low, high = grid.counts("service_level").pooled()
        >>> bool(low < high)
        True
    """

    lever: str
    levels: tuple[float, ...]
    scenario: Scenario
    vendor: str | None
    groups: tuple[str, ...]
    views: tuple[View, ...]
    measures: Measures = field(repr=False)
    sums: np.ndarray = field(repr=False)
    specials: np.ndarray = field(repr=False)
    hours: np.ndarray = field(repr=False)
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def dates(self) -> list[str]:
        return self.scenario.days.arrival_dates

    @property
    def replications(self) -> int:
        return self.sums.shape[1]

    @property
    def labels(self) -> list[str]:
        """The levels as people read them: "26", "90 %"."""
        return [f"{x:g}" if self.lever == "agents" else f"{x * 100:g} %" for x in self.levels]

    def has(self, kpi: str) -> bool:
        """Whether the simulation measures a KPI."""
        return any(k.id == kpi for k in (*self.measures.kpis, *self.measures.special))

    def counts(self, kpi: str, queue: str | None = None) -> Counts:
        """The counts of a KPI, [level, replication, date]; of a quantile its value over 1."""
        view = self.view(queue)
        for at, entry in enumerate(self.measures.kpis):
            if entry.id == kpi:
                sums = self.sums[:, :, :, view]
                places = (self.measures.numerator[at], self.measures.denominator[at], self.measures.sample[at])
                return Counts(*(sums[..., place] for place in places))
        names = [entry.id for entry in self.measures.special]
        values = self.specials[:, :, -len(self.dates) :, view, names.index(kpi)]
        known = ~np.isnan(values)
        return Counts(np.where(known, values, 0.0), known * 1.0, np.full(values.shape, np.nan))

    def by_month(self, kpi: str, queue: str | None = None) -> Counts | None:
        """A quantile or maximum by [level, replication, calendar month]; None for what pools from its days."""
        names = [entry.id for entry in self.measures.special]
        if kpi not in names:
            return None
        values = self.specials[:, :, 1 : -len(self.dates), self.view(queue), names.index(kpi)]
        known = ~np.isnan(values)
        return Counts(np.where(known, values, 0.0), known * 1.0, np.full(values.shape, np.nan))

    def view(self, queue: str | None) -> int:
        """The place of a queue (or of all) among the vendor's views."""
        if (queue, self.vendor) in self.views:
            return self.views.index((queue, self.vendor))
        known = [name for name, _ in self.views if name]
        what = f'the scenario has no queue "{queue}": {did_you_mean(queue, known)}'
        raise InputError([Mistake(what, "scope.queue")])

    def cost(self, per_hour: float | None = None) -> np.ndarray:
        """What the agents on the plan cost, [level, date]; without *per_hour* by each group's `cost_per_hour`."""
        rates = [per_hour if per_hour is not None else self.scenario.groups[g].cost_per_hour for g in self.groups]
        if any(rate is None for rate in rates):
            lacking = next(g for g, rate in zip(self.groups, rates, strict=True) if rate is None)
            what = "what an agent costs the vendor is not said: write cost_per_hour, or give --cost-per-hour 40"
            raise InputError([Mistake(what, f"groups.{lacking}.cost_per_hour")])
        return np.einsum("lgd,g->ld", self.hours, np.array(rates, dtype=float))


def surface(
    scenario: Scenario | str | Path | dict,
    levels: Sequence[float],
    lever: str = "agents",
    group: str | None = None,
    vendor: str | None = None,
    replications: int = 150,
    seed: int = 1,
    engine: str = "auto",
    executor: Executor | str | None = None,
    progress: Callable[[int, int, int], None] | None = None,
) -> Surface:
    """
    The same days at every level of a lever: contacts, handle times and patience are the same, the lever alone differs.

    Args:
        levels, lever, group: See `csim.terms.worth.levers.at_levels`.
        vendor: Count this vendor's contacts and agents only (where the scenario has vendors).
        replications, seed, engine, executor: As in `csim.simulate`.

    Raises:
        InputError: Levels or a group that cannot be.
    """
    base = load_scenario(scenario)
    mine = vendor_known(base, vendor)
    groups = tuple(groups_of(base, group, mine))
    variants = at_levels(base, lever, levels, group, mine)
    return played_out(base, variants, lever, levels, groups, mine, replications, seed, engine, executor, progress)


def played_out(
    base: Scenario, variants: Sequence[Scenario], lever: str, levels: Sequence[float], groups: Sequence[str],
    vendor: str | None, replications: int, seed: int, engine: str = "auto",
    executor: Executor | str | None = None, progress: Callable[[int, int, int], None] | None = None,
) -> Surface:  # fmt: skip
    """The surface of some variants of one scenario, a level each: whatever differs between them, the luck is shared."""
    sums, specials, found = [], [], None
    with executor_of(executor) as workers:
        for number, variant in enumerate(variants):
            tell = _tell(progress, number, len(variants))
            found = simulate(variant, replications, seed, engine, workers, progress=tell)
            kept = [i for i, (_, owner) in enumerate(found.views) if owner == vendor]
            sums.append(np.asarray(found.day_sums[:, :, kept]))
            specials.append(np.asarray(found.specials[:, :, kept]))
    assert found is not None
    where = {k: v for k, v in found.provenance.items() if k not in ("scenario", "scenario_hash", "contacts")}
    return Surface(
        lever, tuple(float(x) for x in levels), base, vendor, tuple(groups),
        tuple(view for view in found.views if view[1] == vendor), found.measures, np.stack(sums), np.stack(specials),
        np.stack([paid_hours(variant, groups) for variant in variants]),
        {"scenario": base.name, "scenario_hash": base.hash, "lever": lever, "levels": list(levels), **where},
    )  # fmt: skip


def nearest_plan(grid: Surface) -> int:
    """The row whose level is nearest to what the scenario plans."""
    plan = float(grid.scenario.on_duty[grid.groups[0]].max()) if grid.lever == "agents" else 1.0
    return int(np.abs(np.array(grid.levels) - plan).argmin())


def _tell(progress: Callable[[int, int, int], None] | None, number: int, count: int) -> Any:
    """Progress over all levels together."""
    if progress is None:
        return None
    return lambda done, total, contacts: progress(number * total + done, count * total, contacts * (number + 1))


def vendor_known(scenario: Scenario, vendor: str | None) -> str | None:
    """The vendor, if the scenario has any; InputError where it has others."""
    named = {g.vendor for g in scenario.groups.values()} | {v for q in scenario.queues.values() for v in q.shares or {}}
    known = sorted(name for name in named if name)
    if not known or vendor is None:
        return None
    if vendor not in known:
        what = f"the scenario has the vendors {', '.join(known)}, not {vendor}: name them as the contract does"
        raise InputError([Mistake(what, "vendor")])
    return vendor

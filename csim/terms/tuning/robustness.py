"""What becomes of terms when the world turns out otherwise: more or fewer contacts, wilder days, dearer agents."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from csim.scenario.load import Scenario
from csim.scenario.model import DayFactor
from csim.terms.tuning.choices import Value
from csim.terms.tuning.demands import Demands
from csim.terms.tuning.trials import Trial
from csim.terms.worth.levers import at_levels
from csim.terms.worth.surface import Surface, surface

VOLUMES, HANDLE_TIMES, COSTS = (0.8, 1.2), (0.9, 1.1), (0.85, 1.15)
LUCK = (0.0, 0.05, 0.10, 0.15)


def robustness(
    trial: Trial, drafts: Mapping[str, Sequence[Value]], demands: Demands, replications: int, seed: int,
    progress: Callable[[int, int], None] | None = None, **how: Any,
) -> pd.DataFrame:  # fmt: skip
    """
    Every draft in every case: volume ±20 %, day factor 0 to 15 %, handle time ±10 %, the vendor's cost ±15 %.

    The first case is the scenario as it stands. Levels move with the load, so that the vendor can follow it.

    Args:
        replications: Of each case that has to be simulated, on one seed; where only money differs the trial's own
            months are taken.

    Returns:
        draft, case, factor, level, service (of the first wish), payment, buyer, profit, sd, signs, kept (the wishes),
        false_penalty, missed_breach.
    """
    rows = []
    cases = list(_cases(trial.grid))
    for number, (case, factor, scenario, load, cost) in enumerate(cases):
        if progress is not None:
            progress(number, len(cases))
        grid = _grid(trial.grid, scenario, load, replications, seed, how)
        rate = None if trial.cost_per_hour is None else trial.cost_per_hour * cost
        tried = Trial(trial.contract, _dearer(grid, cost), trial.choices, trial.wishes, trial.harm, rate,
                      limits=trial.limits, seed=seed)  # fmt: skip
        for draft, values in drafts.items():
            found = tried.outcome(values)
            signs = found.margin >= demands.margin
            kept = all(wish.short(x) == 0 for wish, x in zip(trial.wishes, found.service, strict=True))
            rows.append({
                "draft": draft, "case": case, "factor": factor, "level": grid.levels[found.row],
                "service": found.service[0] if found.service else float("nan"), "payment": found.payment,
                "buyer": found.buyer, "profit": found.profit, "sd": found.sd, "signs": signs,
                "kept": kept, "false_penalty": found.false_penalty, "missed_breach": found.missed_breach,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _cases(grid: Surface) -> Iterator[tuple[str, float, Scenario, float, float]]:
    """Name, factor, scenario, how much more work there is, how much dearer agents are."""
    base = grid.scenario
    yield "as_planned", 1.0, base, 1.0, 1.0
    for factor in VOLUMES:
        yield "volume", factor, at_levels(base, "volume", [factor])[0], factor, 1.0
    for factor in HANDLE_TIMES:
        yield "handle_time", factor, at_levels(base, "handle_time", [factor])[0], factor, 1.0
    for cv in LUCK:
        same = base.file.calendar.day_factor and base.file.calendar.day_factor.cv == cv
        yield "day_factor", cv, base if same else with_luck(base, cv), 1.0, 1.0
    for factor in COSTS:
        yield "cost", factor, base, 1.0, factor


def with_luck(scenario: Scenario, cv: float) -> Scenario:
    """
    The scenario with another spread of whole days, the same for all queues.

    Examples:
        >>> import csim
        >>> with_luck(csim.load_scenario("scenarios/centres/hotline_400.yaml"), 0.1).file.calendar.day_factor.cv
        0.1
    """
    factor = DayFactor(cv=f"{100 * cv:g}%") if cv else None  # type: ignore[arg-type]
    file = scenario.file
    queues = {name: queue.model_copy(update={"day_factor": None}) for name, queue in file.queues.items()}
    calendar = file.calendar.model_copy(update={"day_factor": factor})
    return dataclasses.replace(scenario, file=file.model_copy(update={"calendar": calendar, "queues": queues}))


def _grid(grid: Surface, scenario: Scenario, load: float, replications: int, seed: int, how: Any) -> Surface:
    if scenario is grid.scenario:
        return grid
    levels = [x * load for x in grid.levels]
    if grid.lever == "agents":
        levels = sorted({max(1.0, float(round(x))) for x in levels})
    group = grid.groups[0] if len(grid.groups) == 1 else None
    return surface(scenario, levels, grid.lever, group, grid.vendor, replications, seed, **how)


def _dearer(grid: Surface, factor: float) -> Surface:
    """Agents that cost more, where each group has its own cost."""
    if factor == 1.0:
        return grid
    file = grid.scenario.file
    groups = {
        name: group if group.cost_per_hour is None
        else group.model_copy(update={"cost_per_hour": group.cost_per_hour * factor})
        for name, group in file.groups.items()
    }  # fmt: skip
    scenario = dataclasses.replace(grid.scenario, file=file.model_copy(update={"groups": groups}))
    return dataclasses.replace(grid, scenario=scenario)

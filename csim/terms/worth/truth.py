"""The true level of service at a level of a lever: Erlang-A's where the centre is one, else the pooled ratio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from csim.scenario.load import Scenario
from csim.scenario.model import Distribution
from csim.staffing import erlang
from csim.terms.worth.levers import at_levels
from csim.terms.worth.surface import Surface

EXACT = {
    "service_level_included": "service_level", "service_level_excluded": "service_level_excluded",
    "service_level_answered_only": "service_level_answered_only",
    "service_level_quick_counts_as_met": "service_level_quick_counts_as_met",
    "abandonment_rate": "abandonment_rate", "answer_rate": "answer_rate", "asa": "asa", "wait_all": "wait_all",
    "queued_share": "queued_share", "wait_queued": "wait_queued",
}  # fmt: skip


def true_levels(surface: Surface, kpi: str, queue: str | None = None) -> tuple[np.ndarray, np.ndarray, bool]:
    """
    The true value of a KPI at every level, Erlang-A's value at the mean load (NaN without one), and whether the first
    is exact.

    It is exact where the centre is M/M/n+M, warmed up, and no day differs from another; else it is the ratio pooled
    over all simulated days.

    Examples:
        >>> from csim.terms.worth.surface import surface
        >>> grid = surface("scenarios/centres/first_voice.yaml", [16, 20], replications=3, seed=7)
        >>> true_levels(grid, "abandonment_rate")[2]
        False
    """
    pooled = surface.counts(kpi, queue).pooled()
    variants = at_levels(surface.scenario, surface.lever, surface.levels, _group(surface), surface.vendor)
    mean_load = np.array([_erlang(variant, kpi) for variant in variants])
    differs = surface.scenario.file.calendar.day_factor or any(
        queue.day_factor for queue in surface.scenario.queues.values()
    )
    exact = not differs and not np.isnan(mean_load).any()
    return (mean_load if exact else pooled), mean_load, exact


def _group(surface: Surface) -> str | None:
    return surface.groups[0] if len(surface.groups) == 1 else None


def _erlang(scenario: Scenario, kpi: str) -> float:
    """Erlang-A's value at a scenario's mean rate; NaN where the centre is no M/M/n+M at a constant load."""
    if not markovian(scenario) or kpi not in EXACT:
        return float("nan")
    (name, queue), (group, _) = *scenario.queues.items(), *scenario.groups.items()
    rate = float(scenario.expected[name].mean()) / scenario.days.interval_s
    patience = queue.patience.mean if queue.patience else np.inf
    try:
        found = erlang.a(
            rate, queue.handle_time.mean, int(scenario.on_duty[group].flat[0]), patience, queue.answer_within or 0.0
        )
    except ValueError:
        return float("nan")
    return float(getattr(found, EXACT[kpi]))


def markovian(scenario: Scenario) -> bool:
    """
    Whether Erlang-A describes the centre on a day of mean load: one queue, one group, one rate, all exponential.

    Examples:
        >>> import csim
        >>> markovian(csim.load_scenario("scenarios/centres/first_voice.yaml"))
        False
    """
    if len(scenario.queues) != 1 or len(scenario.groups) != 1 or not scenario.days.warmup_s:
        return False
    ((name, queue),), ((group, spec),) = scenario.queues.items(), scenario.groups.items()
    constant = all(_constant(array) for array in (scenario.expected[name], scenario.on_duty[group]))
    plain = queue.channel == "voice" and not queue.balk and queue.max_waiting is None and queue.after_work is None
    fair = scenario.file.routing.contact == "fifo" and spec.concurrency == 1 and not queue.shares
    return constant and plain and fair and _memoryless([queue.handle_time, queue.patience])


def _constant(array: np.ndarray) -> bool:
    return bool(np.all(array == array.flat[0]))


def _memoryless(laws: Sequence[Distribution | None]) -> bool:
    return all(law is None or law.distribution == "exponential" for law in laws)

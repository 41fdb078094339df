"""Long stretches of a centre with a warm-up, and how far its KPIs lie from exact values, in standard errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, t

import csim

FURTHEST = 4.0  # |z| beyond this happens once in 15,000 times (once in 1,300 with 20 replications)


def exponential(mean_s: float) -> dict[str, str]:
    """An exponential law."""
    return {"distribution": "exponential", "mean": f"{mean_s:.12g} s"}


def queue(
    per_hour: float,
    handle_s: float,
    patience_s: float | None,
    within_s: float = 20,
    channel: str = "voice",
    **more: Any,
) -> dict[str, Any]:
    """A queue of exponential handle times and patience (None: never)."""
    return {
        "channel": channel,
        "arrivals": {"per_hour": per_hour},
        "patience": "never" if patience_s is None else exponential(patience_s),
        "handle_time": exponential(handle_s),
        "answer_within": f"{within_s:.12g} s",
    } | more


def stretch(
    queues: Mapping[str, Any], groups: Mapping[str, Any], hours: float, warmup: str = "2 h", **more: Any
) -> dict[str, Any]:
    """A scenario of one stretch of *hours* at constant rates, one interval long, after a warm-up."""
    length = f"{hours:.12g} h"
    return {
        "csim": "scenario/1",
        "name": "a long stretch",
        "calendar": {"start": "2026-06-01T00:00", "open": length, "interval": length, "warmup": warmup},
        "queues": dict(queues),
        "groups": dict(groups),
    } | more


def one_queue(
    per_hour: float, handle_s: float, agents: int, patience_s: float | None, within_s: float, hours: float, **more: Any
) -> dict[str, Any]:
    """M/M/n, or M/M/n+M: one voice queue and one group."""
    queues = {"calls": queue(per_hour, handle_s, patience_s, within_s)}
    return stretch(queues, {"team": {"serves": ["calls"], "agents": agents}}, hours, **more)


def ratio_and_error(numerator: np.ndarray, denominator: np.ndarray) -> tuple[float, float]:
    """A ratio of sums over replications and its standard error (residuals per replication)."""
    ratio, count = numerator.sum() / denominator.sum(), len(numerator)
    residual = (numerator - ratio * denominator) / denominator.mean()
    return ratio, math.sqrt((residual**2).sum() / (count - 1) / count)


def estimate(sim: csim.Simulation, kpi: str, queue: str = "all") -> tuple[float, float]:
    """A KPI of the whole stretch and its standard error; agents' time after the close is left out."""
    if kpi in ("occupancy", "slot_occupancy"):
        table = sim.by_interval[sim.by_interval["vendor"] == ""]
        table = table[(table["kpi"] == kpi) & (table["queue"] == queue)]
        assert len(table) == 1, "agents' time without overtime needs one interval"
        return value_and_error(table.iloc[0], sim.replications)
    return ratio_and_error(*sim.replicated(kpi, queue))


def value_and_error(row: pd.Series, replications: int) -> tuple[float, float]:
    """The value and the standard error behind a 95 % interval in a table."""
    return row["value"], (row["ci_high"] - row["ci_low"]) / 2 / t.ppf(0.975, replications - 1)


def z_scores(
    sim: csim.Simulation, exact: Mapping[str, float], queue: str = "all", within: float | Mapping[str, float] = 0.0
) -> dict[str, float]:
    """
    Per KPI, (simulated − exact) ÷ standard error.

    Args:
        within: Half-width within which the exact value is known: of rounding (0.00005 for .8355), as a uniform error.
    """
    found = {}
    for kpi, value in exact.items():
        simulated, error = estimate(sim, kpi, queue)
        known = within.get(kpi, 0.0) if isinstance(within, Mapping) else within
        found[kpi] = (simulated - value) / math.hypot(error, known / math.sqrt(3))
    return found


def too_far(scores: Mapping[Any, float]) -> dict:
    """The z-scores beyond `FURTHEST`: none, if the simulation is right."""
    return {key: round(z, 2) for key, z in scores.items() if not abs(z) <= FURTHEST}


def rms_bounds(count: int, replications: int, confidence: float = 0.9999) -> tuple[float, float]:
    """Where the root mean square of *count* independent z-scores lies, each a Student t of replications − 1 degrees."""
    spread = (replications - 1) / (replications - 3)  # variance of that t
    low, high = chi2.ppf([1 - confidence, confidence], count) / count
    return math.sqrt(low * spread), math.sqrt(high * spread)

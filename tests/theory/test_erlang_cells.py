"""
The simulated centre against Erlang-A and Erlang-C: peak hours, large and small teams, light and heavy load.

Exact values come from `csim.erlang`, which tests/staffing holds against 50-digit balance equations and against the
printed numbers; the hotline's are held here as printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

import csim

from .steady import estimate, one_queue, ratio_and_error, rms_bounds, too_far, z_scores

REPLICATIONS = 24
SEED = 20260601


class Cell(NamedTuple):
    """One centre, and how long it runs: hours per replication, of which there are 24."""

    per_hour: float
    handle_s: float
    agents: int
    patience_s: float | None
    within_s: float
    hours: float
    warmup: str = "2 h"


PATIENT = [  # Erlang-C, 24,000 to 48,000 contacts each
    Cell(200, 180, 14, None, 19.8, 8),
    Cell(200, 180, 15, None, 19.8, 5),
    Cell(210, 180, 13, None, 20, 10),
    Cell(30, 300, 4, None, 60, 24),
]
IMPATIENT = [  # Erlang-A, 24,000 to 150,000 contacts each
    Cell(1224, 300, 100, 120, 20, 2, "1 h"),
    Cell(1224, 300, 95, 120, 20, 2, "1 h"),
    Cell(1224, 300, 110, 120, 20, 1, "1 h"),
    Cell(12240, 300, 1000, 120, 20, 0.5, "0.5 h"),
    Cell(180, 210, 12, 180, 20, 12),
    Cell(290.1, 300, 25, 180, 20, 8),
    Cell(272.9, 300, 25, 180, 20, 8),
    Cell(360, 330, 34, 120, 30, 6),
    Cell(360, 330, 40, 120, 30, 4),
    Cell(60, 300, 1, 60, 10, 24),
    Cell(400, 100, 9, 1000, 20, 6),
]
CELLS = [*PATIENT, *IMPATIENT]
PRINTED = {  # CONTRACTS.md, 400 hotline, exact to the digits given
    34: {"service_level": 0.8355, "abandonment_rate": 0.0714, "occupancy": 0.901},
    36: {"service_level": 0.8941, "abandonment_rate": 0.0468, "occupancy": 0.874},
    40: {"service_level": 0.9646, "abandonment_rate": 0.0165, "occupancy": 0.811},
}
DIGITS = {"service_level": 0.00005, "abandonment_rate": 0.00005, "occupancy": 0.0005}


@cache
def simulated(cell: Cell, seed: int, longer: int) -> csim.Simulation:
    """The cell's replications, run once for all tests of this process."""
    *centre, hours, warmup = cell
    scenario = one_queue(*centre, hours=min(24, hours * longer), warmup=warmup)
    return csim.simulate(scenario, replications=REPLICATIONS, seed=seed + CELLS.index(cell))


def quick(cell: Cell) -> csim.Simulation:
    """The run of the cell that most tests share."""
    return simulated(cell, SEED, 1)


def exact(cell: Cell) -> dict[str, float]:
    """Every long-run KPI of the cell."""
    rate = cell.per_hour / 3600
    if cell.patience_s is None:
        kpis = csim.erlang.c(rate, cell.handle_s, cell.agents, cell.within_s)._asdict()
        return {kpi: kpis[kpi] for kpi in ("service_level", "wait_all", "wait_queued", "queued_share", "occupancy")}
    return csim.erlang.a(rate, cell.handle_s, cell.agents, cell.patience_s, cell.within_s)._asdict()


def hotline(agents: int, replications: int) -> dict[str, float]:
    """z-scores of the 400 hotline's peak hour, 12 hours a replication after a warm-up of two."""
    sim = csim.simulate(one_queue(360, 330, agents, 120, 30, hours=12), replications=replications, seed=400 + agents)
    return z_scores(sim, PRINTED[agents], within=DIGITS)


@pytest.mark.parametrize("agents", PRINTED)
def test_the_hotlines_peak_hour_is_as_promised(agents):
    """360 calls an hour, 330 s, patience 120 s, within 30 s: the printed shares, |z| ≤ 4 of 104,000 calls."""
    assert not too_far(hotline(agents, replications=24))


@pytest.mark.slow
@pytest.mark.parametrize("agents", PRINTED)
def test_the_hotlines_peak_hour_is_as_promised_in_a_million_calls(agents):
    """The same of 1,000,000 calls: .0004 on the service level."""
    assert not too_far(hotline(agents, replications=240))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_long_stretch_is_erlangs(cell):
    """All ten KPIs of a cell lie within four standard errors of the exact ones, of 17,000 to 150,000 contacts."""
    assert not too_far(z_scores(quick(cell), exact(cell)))


def root_mean_squares(seeds: Iterable[int], longer: int) -> dict[str, tuple[float, int]]:
    """Per KPI, the root mean square of its z-scores over cells and seeds, and of how many."""
    scores: dict[str, list[float]] = {}
    for cell in CELLS:
        for seed in seeds:
            for kpi, z in z_scores(simulated(cell, seed, longer), exact(cell)).items():
                scores.setdefault(kpi, []).append(z)
    return {kpi: (math.sqrt(np.mean(np.square(found))), len(found)) for kpi, found in scores.items()}


def test_over_all_cells_z_scores_look_standard_normal():
    """Per KPI, the root mean square over the 11 to 15 cells is that of Student's t with 23 degrees (99.99 %)."""
    for kpi, (found, count) in root_mean_squares([SEED], longer=1).items():
        low, high = rms_bounds(count, REPLICATIONS)
        assert low < found < high, (kpi, found, low, high)


@pytest.mark.slow
def test_over_all_cells_and_seeds_z_scores_look_standard_normal():
    """The same over 55 to 75 z-scores per KPI and two million contacts: between 0.72 and 1.41, or nearly so."""
    for kpi, (found, count) in root_mean_squares(range(1000, 1500, 100), longer=2).items():
        low, high = rms_bounds(count, REPLICATIONS)
        assert low < found < high, (kpi, found, low, high)


@pytest.mark.parametrize("cell", IMPATIENT, ids=str)
def test_the_share_lost_is_the_mean_wait_in_units_of_patience(cell):
    """P(abandon) = mean wait of all ÷ mean patience: per replication the difference is nothing but chance."""
    sim = quick(cell)
    lost, offered = sim.replicated("abandonment_rate")
    waited, _ = sim.replicated("wait_all")
    difference, error = ratio_and_error(lost - waited / cell.patience_s, offered)
    assert abs(difference / error) <= 4


@pytest.mark.parametrize("order", ["lifo", "not_yet_missed_first", "never_past_threshold"])
def test_the_share_lost_is_the_mean_wait_in_units_of_patience_in_any_order(order):
    """The same whoever goes first, and on days that start empty and differ by 20 % (100 days of 2,700 calls)."""
    scenario = one_queue(290.1, 300, 25, 180, 20, hours=9, warmup="0 h", routing={"contact": order})
    scenario["calendar"] |= {"day_factor": {"cv": "20%"}}
    sim = csim.simulate(scenario, replications=100, seed=11)
    lost, offered = sim.replicated("abandonment_rate")
    waited, _ = sim.replicated("wait_all")
    difference, error = ratio_and_error(lost - waited / 180, offered)
    assert abs(difference / error) <= 4


@pytest.mark.parametrize("cell", [PATIENT[2], IMPATIENT[5]], ids=str)
def test_littles_law_for_the_line(cell):
    """Seen every ten minutes, as many wait on average as arrive during a mean wait (24 stretches of 8 hours)."""
    *centre, _, _ = cell
    sim = csim.simulate(one_queue(*centre, hours=8), replications=24, seed=5, keep_contacts=True)
    log = sim.contacts
    arrival = (log["arrival"] - log["arrival"].min().floor("D")).dt.total_seconds().to_numpy()
    looks = np.arange(600, 8 * 3600, 600)
    waiting, length = [], []
    for _, rows in log.groupby("replication").indices.items():
        begins, ends = arrival[rows], arrival[rows] + log["wait_s"].to_numpy()[rows]
        waiting.append(((begins <= looks[:, None]) & (looks[:, None] < ends)).sum(1).mean())
        length.append(log["wait_s"].to_numpy()[rows].mean() * cell.per_hour / 3600)
    difference = np.array(waiting) - np.array(length)
    z = difference.mean() / (difference.std(ddof=1) / math.sqrt(len(difference)))
    assert abs(z) <= 4
    assert np.mean(waiting) > 1


@pytest.mark.parametrize("cell", [PATIENT[2], IMPATIENT[5]], ids=str)
def test_littles_law_for_the_agents(cell):
    """The mean number of busy agents, from their states, is the rate of answers × the mean handle time."""
    sim = quick(cell)
    busy, error = estimate(sim, "occupancy")
    answered = 1 - estimate(sim, "abandonment_rate")[0]
    expected = cell.per_hour / 3600 * answered * cell.handle_s / cell.agents
    assert abs(busy - expected) <= 4 * error
    # and on the path itself: the time agents are busy, overtime included, is the sum of handle times taken within
    kept = csim.simulate(one_queue(*cell[:5], hours=4, warmup="0 h"), replications=2, seed=5, keep_contacts=True)
    states = kept.agent_states
    busy_s = (states["to"] - states["from"]).dt.total_seconds()[states["state"] == "serving"].sum()
    assert busy_s == pytest.approx(kept.contacts["talk_s"].sum(), rel=1e-7)

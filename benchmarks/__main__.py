"""
Speed as ratios against peers in the same run: `make bench`.

Every row is timed several times, in turn with the others, and the median is quoted: a shared machine drifts.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

from benchmarks.peers import AGENTS, HANDLE_S, PATIENCE_S, RATE, plain_simpy
from csim.engine import compiled, reference
from csim.engine.rules import Rules, stretches
from csim.experiment.simulate import simulate
from csim.scenario.load import load_scenario
from csim.workload.draw import draw

ROUNDS = 5
CENTRE = {
    "csim": "scenario/1",
    "name": "bench",
    "calendar": {"start": "2026-06-01T09:00", "open": "8 h", "days": 1},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": RATE * 3600},
            "patience": {"distribution": "exponential", "mean": f"{PATIENCE_S} s"},
            "handle_time": {"distribution": "exponential", "mean": f"{HANDLE_S} s"},
            "answer_within": "20 s",
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": AGENTS}},
}


def engine_alone(days: int) -> int:
    """The SimPy engine on workloads drawn beforehand."""
    return sum(len(reference.run(RULES, day).end) for day in DAYS[:days])


def end_to_end(days: int) -> int:
    """Streams, engine, log, and every KPI by interval."""
    return simulate(SCENARIO, replications=days, seed=1, engine="reference").offered


def compiled_alone(days: int) -> int:
    """The compiled engine on the same workloads."""
    return sum(len(compiled.run(RULES, day).end) for day in DAYS[:days])


def compiled_end_to_end(days: int) -> int:
    """Streams, compiled engine, log, and every KPI by interval."""
    return simulate(SCENARIO, replications=days, seed=1, engine="compiled").offered


def plain(days: int) -> int:
    return plain_simpy(days)[0]


SCENARIO = load_scenario(CENTRE)
RULES = Rules.of(SCENARIO)
DAYS = [day for r in range(1, 11) for day in stretches(SCENARIO, RULES, draw(SCENARIO, 1, r))]
ROWS: dict[str, tuple[Callable[[int], int], int]] = {
    "plain SimPy, callers renege": (plain, 4),
    "csim reference engine (SimPy)": (engine_alone, 10),
    "csim end to end (SimPy engine, log, all KPIs)": (end_to_end, 10),
    "csim compiled engine (numba)": (compiled_alone, 10),
    "csim end to end (compiled engine, log, all KPIs)": (compiled_end_to_end, 40),
}


def main() -> None:
    """Prints the table."""
    speeds: dict[str, list[float]] = {name: [] for name in ROWS}
    for number in range(ROUNDS + 1):
        for name, (work, days) in ROWS.items():
            began = time.perf_counter()
            contacts = work(days)
            if number:  # the first round warms up
                speeds[name].append(contacts / (time.perf_counter() - began))
    unit = statistics.median(speeds["plain SimPy, callers renege"])
    packages = ", ".join(f"{name} {version(name)}" for name in ("simpy", "numpy", "numba", "pandas"))
    print(f"{AGENTS} agents, {RATE}/s, {HANDLE_S:.0f} s, patience {PATIENCE_S:.0f} s, days of 8 hours; "
          f"median of {ROUNDS} rounds; Python {platform.python_version()}, {packages}")  # fmt: skip
    print(f"{'':50}{'contacts/s':>12}{'ratio':>8}")
    for name, found in speeds.items():
        median = statistics.median(found)
        print(f"{name:50}{median:>12,.0f}{median / unit:>8.2f}")


if __name__ == "__main__":
    main()

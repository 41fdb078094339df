"""The same centre as somebody would write it with SimPy alone: 100 agents, callers who renege."""

from __future__ import annotations

import random
from collections.abc import Generator

import simpy

RATE, HANDLE_S, PATIENCE_S, AGENTS, DAY_S = 0.34, 300.0, 120.0, 100, 8 * 3600.0


def plain_simpy(days: int, seed: int = 1) -> tuple[int, int]:
    """Contacts and abandonments of some days that start empty: one process per caller, a Resource, a timeout."""
    luck = random.Random(seed)
    offered = lost = 0

    def caller(env: simpy.Environment, agents: simpy.Resource) -> Generator:
        nonlocal lost
        with agents.request() as turn:
            yield turn | env.timeout(luck.expovariate(1 / PATIENCE_S))
            if turn.triggered:
                yield env.timeout(luck.expovariate(1 / HANDLE_S))
            else:
                lost += 1

    def arrivals(env: simpy.Environment, agents: simpy.Resource) -> Generator:
        nonlocal offered
        while True:
            yield env.timeout(luck.expovariate(RATE))
            if env.now >= DAY_S:
                return
            offered += 1
            env.process(caller(env, agents))

    for _ in range(days):
        env = simpy.Environment()
        env.process(arrivals(env, simpy.Resource(env, AGENTS)))
        env.run()
    return offered, lost

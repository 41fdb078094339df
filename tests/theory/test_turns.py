"""Response times without simulating messages: the fluid picture beside a turn-by-turn conversation in SimPy."""

from __future__ import annotations

import random
from collections.abc import Generator

import numpy as np
import pytest
import simpy

import csim
from csim.scenario.pace import mean_response

COMPOSE_S, CUSTOMER_S = 10.0, 60.0
AGENTS, SLOTS, WORK_S, RATE = 4, 5, 490.0, 0.031


def responses_at_constant_load(held: int, turns: int, seed: int) -> np.ndarray:
    """Response times of one agent with always *held* chats: customers type, the agent answers one message at a time."""
    luck, env, found = random.Random(seed), simpy.Environment(), []
    agent = simpy.Resource(env, 1)

    def chat() -> Generator:
        while len(found) < turns:
            yield env.timeout(luck.expovariate(1 / CUSTOMER_S))
            asked = env.now
            with agent.request() as turn:
                yield turn
                yield env.timeout(luck.expovariate(1 / COMPOSE_S))
            found.append(env.now - asked)

    for _ in range(held):
        env.process(chat())
    env.run()
    return np.array(found[turns // 10 :])


@pytest.mark.parametrize("held", [1, 3, 5, 8])
def test_the_mean_response_at_constant_load_is_exact(held):
    """With always k chats the turn-by-turn mean lies within 4 batch-means errors of r(k) (54,000 replies)."""
    found = responses_at_constant_load(held, 60_000, seed=held)
    means = np.array([batch.mean() for batch in np.array_split(found, 30)])
    error = means.std(ddof=1) / len(means) ** 0.5
    assert abs(found.mean() - mean_response(COMPOSE_S, CUSTOMER_S, held)) < 4 * error


def conversations(hours: float, seed: int) -> dict[str, float]:
    """Chats as turns at several agents: who holds fewest takes the next; a chat has a geometric number of turns."""
    luck, env = random.Random(seed), simpy.Environment()
    agents = [simpy.Resource(env, 1) for _ in range(AGENTS)]
    held, waiting = [0] * AGENTS, []
    replies, sessions, waits = [], [], []

    def chat(agent: int) -> Generator:
        began = env.now
        while True:
            asked = env.now
            with agents[agent].request() as turn:
                yield turn
                yield env.timeout(luck.expovariate(1 / COMPOSE_S))
            replies.append(env.now - asked)
            yield env.timeout(luck.expovariate(1 / CUSTOMER_S))
            if luck.random() < (COMPOSE_S + CUSTOMER_S) / WORK_S:
                break
        sessions.append(env.now - began)
        held[agent] -= 1
        assign()

    def assign() -> None:
        while waiting and min(held) < SLOTS:
            waits.append(env.now - waiting.pop(0))
            agent = held.index(min(held))
            held[agent] += 1
            env.process(chat(agent))

    def arrivals() -> Generator:
        while env.now < hours * 3600:
            yield env.timeout(luck.expovariate(RATE))
            waiting.append(env.now)
            assign()

    env.process(arrivals())
    env.run()
    return {"mean_response": np.mean(replies), "session_time": np.mean(sessions), "wait_all": np.mean(waits)}


def test_the_fluid_picture_is_close_when_the_load_varies():
    """With chats that come and go, mean response and session time lie within 6 % of the conversation in turns."""
    turns = conversations(hours=400, seed=5)
    fluid = csim.simulate(
        {
            "csim": "scenario/1",
            "name": "turns",
            "calendar": {"start": "2026-06-01T00:00", "open": "24 h", "warmup": "2 h"},
            "queues": {
                "chats": {
                    "channel": "chat",
                    "arrivals": {"per_hour": RATE * 3600},
                    "patience": {"distribution": "constant", "mean": "4 h"},
                    "handle_time": {"distribution": "exponential", "mean": f"{WORK_S} s"},
                    "answer_within": "20 s",
                }
            },
            "groups": {
                "team": {
                    "serves": ["chats"],
                    "agents": AGENTS,
                    "concurrency": SLOTS,
                    "pace": {"compose": f"{COMPOSE_S} s", "customer": f"{CUSTOMER_S} s"},
                }
            },
            "routing": {"agent": "least_loaded"},
        },
        replications=17,
        seed=5,
    )
    for kpi in ("mean_response", "session_time"):
        assert fluid.value(kpi) == pytest.approx(turns[kpi], rel=0.06), kpi

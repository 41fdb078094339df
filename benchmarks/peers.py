"""
The same centres as somebody would write them without csim, in Python, in R and in Java.

Every peer plays some days of eight hours that start empty and returns `Played`. Those that are not part of csim's
environment raise `MissingError`, and their row says why.
"""

from __future__ import annotations

import heapq
import os
import random
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import simpy

from benchmarks.centres import AGENTS, CHAT_AGENTS, CHAT_RATE, CHAT_S, DAY_S, HANDLE_S, PACE, PATIENCE_S, RATE, SEED

HERE = Path(__file__).parent


class Played(NamedTuple):
    """How many contacts there were, how many of them were lost, and how long it took where a peer times itself."""

    offered: int
    lost: int
    took_s: float | None = None


class MissingError(Exception):
    """A peer that cannot run here, and why."""


def plain_simpy(days: int) -> Played:
    """One process per caller, a Resource, a timeout."""
    luck = random.Random(SEED)
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
    return Played(offered, lost)


def plain_simpy_chats(days: int) -> Played:
    """One process per chat; whenever another comes or goes, those of the same agent are interrupted."""
    luck = random.Random(SEED)
    offered = lost = 0

    def paced(agent: list[simpy.Process]) -> None:
        for chat in agent:
            chat.interrupt()

    def chat(env: simpy.Environment, team: list[list[simpy.Process]], slots: simpy.Resource) -> Generator:
        nonlocal lost
        with slots.request() as turn:
            yield turn | env.timeout(luck.expovariate(1 / PATIENCE_S))
            if not turn.triggered:
                lost += 1
                return
            agent = min(team, key=len)
            paced(agent)
            agent.append(env.active_process)
            work = luck.expovariate(1 / CHAT_S)
            while work > 0:
                pace, began = PACE[len(agent) - 1], env.now
                try:
                    yield env.timeout(work / pace)
                    work = 0.0
                except simpy.Interrupt:
                    work -= (env.now - began) * pace
            agent.remove(env.active_process)
            paced(agent)

    def arrivals(env: simpy.Environment) -> Generator:
        nonlocal offered
        team: list[list[simpy.Process]] = [[] for _ in range(CHAT_AGENTS)]
        slots = simpy.Resource(env, CHAT_AGENTS * len(PACE))
        while True:
            yield env.timeout(luck.expovariate(CHAT_RATE))
            if env.now >= DAY_S:
                return
            offered += 1
            env.process(chat(env, team, slots))

    for _ in range(days):
        env = simpy.Environment()
        env.process(arrivals(env))
        env.run()
    return Played(offered, lost)


def heap_recursion(days: int) -> Played:
    """No events: each caller meets the agent who is free first, from a heap."""
    luck = random.Random(SEED)
    offered = lost = 0
    for _ in range(days):
        free = [0.0] * AGENTS
        now = luck.expovariate(RATE)
        while now < DAY_S:
            offered += 1
            begins = max(now, free[0])
            if begins > now + luck.expovariate(1 / PATIENCE_S):
                lost += 1
            else:
                heapq.heapreplace(free, begins + luck.expovariate(1 / HANDLE_S))
            now += luck.expovariate(RATE)
    return Played(offered, lost)


def ciw(days: int) -> Played:
    """Ciw (pip install 'csim[bench]'); whoever is in the centre at the close has arrived and is not lost."""
    try:
        import ciw as library
    except ImportError:
        raise MissingError("not installed") from None
    exponential = library.dists.Exponential
    network = library.create_network(
        arrival_distributions=[exponential(RATE)],
        service_distributions=[exponential(1 / HANDLE_S)],
        reneging_time_distributions=[exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    offered = lost = 0
    for day in range(days):
        library.seed(SEED + day)
        simulation = library.Simulation(network)
        simulation.simulate_until_max_time(DAY_S)
        offered += simulation.nodes[0].number_of_individuals
        lost += sum(record.record_type == "renege" for record in simulation.get_all_records())
    return Played(offered, lost)


def simmer(days: int) -> Played:
    """R's simmer, by Rscript; the time is R's own, without its start."""
    return _program(["Rscript", str(HERE / "simmer.R")], days)


def ssj(days: int) -> Played:
    """SSJ, by java and the archive that SSJ_JAR names; the time is Java's own, without its start."""
    archive = os.environ.get("SSJ_JAR")
    if not archive:
        raise MissingError("not installed")
    return _program(["java", "-cp", archive, str(HERE / "Ssj.java")], days)


def _program(command: list[str], days: int) -> Played:
    """A program that is given the rates and prints offered, lost and seconds; 69 says its library is missing."""
    if shutil.which(command[0]) is None:
        raise MissingError("not installed")
    numbers = [str(number) for number in (days, RATE, HANDLE_S, PATIENCE_S, AGENTS, DAY_S, SEED)]
    done = subprocess.run([*command, *numbers], capture_output=True, text=True)
    if done.returncode:
        raise MissingError("not installed" if done.returncode == 69 else "fails")
    offered, lost, took_s = done.stdout.split()
    return Played(int(offered), int(lost), float(took_s))

"""
Speed as ratios against peers in the same run: `make bench`.

Every row is played several times, in turn with the others, and the median is quoted: a shared machine drifts. What
counts is the time that the processor gave; the clock's where other processes do the work. Each row says which share of
its contacts was lost, so that all are seen to play the same centre; that loop.c takes csim's path is held to the bit
before anything is timed.

Where the nanoseconds of a contact go (time of the thread, on a shared machine, so roughly; half of the callers wait):

Engine, every event, 59 ns for two events: the tournament of who is free first 12, which event is next 10 (mostly a
branch that nobody can foresee), the end of a talk 9, who waits and has not hung up 10, which agent is idle 8, taking
and joining the line 4; packing a day's arrays 5. Growth costs little: a tournament of 1,000 agents is three matches
higher; with eight queues and groups a free agent looks at eight lines, an arrival at up to eight groups.
A chat, 120 ns: the same, and at each change of an agent's pace its clock is read and its next end planned again.
Engine, shortcut, 20 ns: the tournament 12, packing 5.

End to end in months, shortcut, 110 ns: luck 25 (three exponential numbers 15, the instants of a Poisson process 5),
engine 23, passing contacts to 27 measures' 16 sums and a table of waits 24 (each contact is added once, by line and
group; intervals and groups get theirs when the interval is left), agents' time 14, the 99th percentile of each day and
month 6, calls from Python the rest. Agents' time is added contact by contact as they came, since lengths in whole parts
of a second make its sums exact in any order; formulas over it are what a second of each kind counts in them.
Every event: 55 more, all in the engine. Chats, 340 ns: engine 180, and 75 for the walk through an agent's chats that
overlap, which puts their events in order and reads the clock of attention at each.
Day by day, instead of in months: 60 more, for opening three streams (4 each) and a table of sums for each day.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from benchmarks import centres, in_c, peers
from benchmarks.centres import AGENTS, DAY_S, HANDLE_S, PATIENCE_S, RATE, SEED, Centre
from benchmarks.peers import MissingError, Played
from csim.engine import compiled, reference
from csim.engine.rules import Outcome
from csim.experiment.executors import executor_of
from csim.experiment.simulate import simulate

ROUNDS = 5
MONTH = 20  # open days
PACKAGES = ("simpy", "ciw", "numpy", "numba", "pandas")
FIRST = Path(__file__).parents[1] / "scenarios" / "centres" / "first_voice.yaml"

SIMPY, SIMPY_CHATS = "plain SimPy, callers renege", "plain SimPy, chats interrupt each other"
C_HEAP, C_EVENTS, C_SHORTCUT = "C, every event, heap", "C, every event, tournament", "C, shortcut"
C_WHOLE_EVENTS, C_WHOLE = "C end to end, every event, heap", "C end to end, shortcut"
EVENTS, SHORTCUT = "csim compiled engine, every event", "csim compiled engine, shortcut"
WHOLE_EVENTS, WHOLE, TWO = "csim end to end, every event", "csim end to end, shortcut", "csim end to end, two processes"
SINGLE = "csim end to end, shortcut, day by day"
THOUSAND, EIGHT = "csim, every event, 1,000 agents", "csim, every event, 8 queues, 8 groups"
CHATS, WHOLE_CHATS = "csim compiled engine, chats", "csim end to end, chats"
every_event = partial(compiled.run, shortcut=False)


class Row(NamedTuple):
    """What is timed, the plain model that is its unit, and the loop of C that does the same."""

    play: Callable[[], Played]
    unit: str = SIMPY
    in_c: str = ""
    by_clock: bool = False


class Promise(NamedTuple):
    """How many times as fast a row shall be as another, or how many times as much its contacts may cost."""

    says: str
    row: str
    other: str
    least: float | None = None
    most: float | None = None


PROMISES = [
    Promise("end to end, every event, in plain SimPy's speed", WHOLE_EVENTS, SIMPY, least=100),
    Promise("end to end, every event, in the speed of C", WHOLE_EVENTS, C_WHOLE_EVENTS, least=0.6),
    Promise("end to end, shortcut, in plain SimPy's speed", WHOLE, SIMPY, least=200),
    Promise("engine, every event, in the speed of C with a heap", EVENTS, C_HEAP, least=0.6),
    Promise("engine, every event, in that of C with its tournament", EVENTS, C_EVENTS, least=0.6),
    Promise("end to end, chats, in plain SimPy's speed", WHOLE_CHATS, SIMPY_CHATS, least=100),
    Promise("cost of a contact, 1,000 agents instead of 100", THOUSAND, EVENTS, most=2),
    Promise("cost of a contact, 8 queues and groups instead of 1", EIGHT, EVENTS, most=4),
    Promise("two processes instead of one", TWO, WHOLE),
]


def alone(run: Callable, centre: Centre, passes: int = 1) -> Played:
    """An engine with nothing around it, on days drawn beforehand."""
    offered = lost = 0
    for day in centre.days * passes:
        outcome = run(centre.rules, day).outcome
        offered += len(outcome)
        lost += int(np.count_nonzero(outcome == Outcome.ABANDONED))
    return Played(offered, lost)


def end_to_end(centre: Centre, times: int, engine: str = "compiled", executor: Executor | None = None) -> Played:
    """Luck, engine, and every KPI of contacts and agents by interval, so many times a day or a month."""
    sim = simulate(centre.scenario, replications=times, seed=SEED, engine=engine, executor=executor)
    return Played(sim.offered, round(sim.value("abandonment_rate") * sim.offered))


def end_to_end_by_every_event(centre: Centre, times: int) -> Played:
    """The same, where the shortcut would do."""
    with patch.object(compiled, "run", every_event):
        return end_to_end(centre, times)


def in_a_loop_of_c(name: str, centre: Centre, passes: int) -> Callable[[], Played]:
    """A function of loop.c, seen to take csim's path before it is timed."""
    try:
        in_c.check(name, centre)
    except MissingError as missing:
        return partial(_refuse, str(missing))
    return partial(alone, partial(in_c.run, name), centre, passes)


def _refuse(why: str) -> Played:
    raise MissingError(why)


def rows(two: Executor) -> dict[str, Row]:
    """All that is timed."""
    one, chats = Centre(centres.calls(), 20), Centre(centres.chats(), 20)
    month, chat_month = Centre(centres.calls(), 0, MONTH), Centre(centres.chats(), 0, MONTH)
    thousand, eight = Centre(centres.calls(10 * AGENTS), 2), Centre(centres.everybody_serves_all(8), 20)
    return {
        SIMPY: Row(partial(peers.plain_simpy, 3)),
        "Ciw": Row(partial(peers.ciw, 1)),
        "simmer (R)": Row(partial(peers.simmer, 3)),
        "SSJ (Java)": Row(partial(peers.ssj, 10)),
        "a heap of agents in pure Python": Row(partial(peers.heap_recursion, 20)),
        C_HEAP: Row(in_a_loop_of_c("by_heap", one, 5)),
        C_EVENTS: Row(in_a_loop_of_c("by_tournament", one, 5)),
        C_SHORTCUT: Row(in_a_loop_of_c("meet", one, 10)),
        C_WHOLE_EVENTS: Row(partial(in_c.end_to_end, 200, shortcut=False)),
        C_WHOLE: Row(partial(in_c.end_to_end, 400, shortcut=True)),
        "csim reference engine (SimPy)": Row(partial(alone, reference.run, Centre(centres.calls(), 5))),
        EVENTS: Row(partial(alone, every_event, one, 5), in_c=C_EVENTS),
        SHORTCUT: Row(partial(alone, compiled.run, one, 10), in_c=C_SHORTCUT),
        "csim end to end, reference engine": Row(partial(end_to_end, one, 5, "reference")),
        WHOLE_EVENTS: Row(partial(end_to_end_by_every_event, month, 15), in_c=C_WHOLE_EVENTS),
        WHOLE: Row(partial(end_to_end, month, 20), in_c=C_WHOLE),
        SINGLE: Row(partial(end_to_end, one, 400), in_c=C_WHOLE),
        TWO: Row(partial(end_to_end, month, 20, executor=two), by_clock=True),
        THOUSAND: Row(partial(alone, every_event, thousand, 5)),
        EIGHT: Row(partial(alone, every_event, eight, 5)),
        SIMPY_CHATS: Row(partial(peers.plain_simpy_chats, 2), unit=SIMPY_CHATS),
        CHATS: Row(partial(alone, compiled.run, chats, 5), unit=SIMPY_CHATS),
        WHOLE_CHATS: Row(partial(end_to_end, chat_month, 15), unit=SIMPY_CHATS),
    }


class Found(NamedTuple):
    """The median speed of a row, by the processor's time and by the clock, and the share it lost; or why none."""

    speed: float
    by_clock: float
    lost: float
    why: str = ""


def timed(table: dict[str, Row]) -> dict[str, Found]:
    """Every row in turn, ROUNDS times after one that warms up."""
    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in table}
    found: dict[str, Found] = {}
    for number in range(ROUNDS + 1):
        for name, row in table.items():
            if name in found and found[name].why:
                continue
            began = time.process_time(), time.perf_counter()
            try:
                played = row.play()
            except MissingError as missing:
                found[name] = Found(*[float("nan")] * 3, str(missing))
                continue
            took = time.process_time() - began[0], time.perf_counter() - began[1]
            if played.took_s or row.by_clock:  # other processes did it
                took = (played.took_s or took[1],) * 2
            if number:
                speeds[name].append((played.offered / took[0], played.offered / took[1]))
                mine, clock = map(statistics.median, zip(*speeds[name], strict=True))
                found[name] = Found(mine, clock, played.lost / played.offered)
    return found


def lines(table: dict[str, Row], found: dict[str, Found]) -> Iterator[str]:
    """The table as text."""
    yield f"{'':42}{'contacts/s':>12}{'lost':>8}{'x SimPy':>10}{'x C':>7}"
    for name, row in table.items():
        speed, _, lost, why = found[name]
        if why:
            yield f"{name:42}{why:>12}"
            continue
        beside_c = speed / found[row.in_c].speed if row.in_c else float("nan")
        in_c_units = f"{beside_c:7.2f}" if beside_c == beside_c else ""
        yield f"{name:42}{speed:>12,.0f}{lost:>8.1%}{speed / found[row.unit].speed:>10.2f}{in_c_units}"


def promises(found: dict[str, Found]) -> Iterator[str]:
    """What was promised and what came of it."""
    for says, row, other, least, most in PROMISES:
        ratio = found[row].by_clock / found[other].by_clock if row == TWO else found[row].speed / found[other].speed
        if least is not None:
            yield _promise(says, f"{ratio:.2f}", f"at least {least:g}", ratio >= least)
        elif most is not None:
            yield _promise(says, f"{1 / ratio:.2f}", f"less than {most:g}", 1 / ratio < most)
        else:
            yield f"{says:54}{ratio:>9.2f}"


def _promise(says: str, value: str, wish: str, kept: bool) -> str:
    return f"{says:54}{value:>9}   {wish}{'' if kept else ': missed'}"


def starts(times: int = 5) -> str:
    """From nothing to the first result: `csim simulate` as a process of its own, its machine code on disk."""
    command = [sys.executable, "-m", "csim", "simulate", str(FIRST), "--replications", "1", "--format", "json"]
    took, by_clock = [], []
    for _ in range(times + 1):
        before, began = os.times(), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        after = os.times()
        took.append(sum(after[2:4]) - sum(before[2:4]))  # of processes that have ended
        by_clock.append(time.perf_counter() - began)
    usual, clock = statistics.median(took[1:]), statistics.median(by_clock[1:])
    says = f"first result of a new process, s ({clock:.2f} by the clock)"
    return _promise(says, f"{usual:.2f}", "at most 1.5", usual <= 1.5)


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def main() -> None:
    """Prints the table and what was promised."""
    packages = ", ".join(map(_version, PACKAGES))
    print(f"{AGENTS} agents, {RATE}/s, {HANDLE_S:g} s, patience {PATIENCE_S:g} s; days of {DAY_S / 3600:g} hours; "
          f"median of {ROUNDS} rounds")  # fmt: skip
    print(f"Python {platform.python_version()}, {packages}, {in_c.compiler()}; {os.cpu_count()} processors\n")
    with executor_of("processes:2") as two:
        assert two is not None
        table = rows(two)
        found = timed(table)
    print(*lines(table, found), "", *promises(found), starts(), sep="\n")


if __name__ == "__main__":
    main()

"""Which contacts are checked for quality: of each agent's contacts of a day and queue, those of lowest rank."""

from __future__ import annotations

import numpy as np

from csim.loops import flat, loop, source_of
from csim.scenario.load import Scenario
from csim.workload.draw import Workload


def checks_wanted(scenario: Scenario) -> np.ndarray:
    """By queue, how many of an agent's contacts of a day are checked."""
    qualities = [queue.quality for queue in scenario.queues.values()]
    return np.array([q.checks.per_agent_day if q is not None and q.checks is not None else 0 for q in qualities])


def checked_of(
    rank: np.ndarray, agent: np.ndarray, workload: Workload, wanted: np.ndarray, rows: float = 0.0
) -> np.ndarray:
    """
    1 for each contact that is checked, 0 for those that are not, NaN where there is nothing to check.

    Args:
        rank: Chance's order, NaN where a contact cannot be checked; of two alike the earlier goes first.
        wanted: By queue, how many of an agent's contacts of a day.
        rows: See `csim.loops.loop`; NumPy and machine code choose the same.
    """
    checked = np.where(np.isnan(rank), np.nan, 0.0)
    if not len(rank):
        return checked
    machine = loop(source_of(check_lowest), "check_lowest", rows)
    if machine is None:
        checked[_lowest(rank, agent, workload, wanted)] = 1.0
        return checked
    day = workload.codes[1]
    first = int(day[workload.piece[0]])
    days = int(day[workload.piece[-1]]) - first + 1
    stacks = (int(agent.max()) + 1) * days * len(wanted)
    each = (flat(workload.piece), flat(day, np.int64), first, days, flat(workload.queue, np.int64), wanted)
    best = np.empty((stacks, int(wanted.max())), np.int64)
    machine(rank, flat(agent, np.int64), *each, best, np.zeros(stacks, np.int64), checked)
    return checked


def _lowest(rank: np.ndarray, agent: np.ndarray, workload: Workload, wanted: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(rank))
    queue, day = workload.queue[known], workload.day[known]
    stack = (agent[known] * (day.max(initial=0) + 1) + day) * len(wanted) + queue
    order = np.lexsort((rank[known], stack))
    grouped = stack[order]
    starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]]))
    place = np.arange(len(grouped)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(grouped)]])))
    return known[order[place < wanted[queue[order]]]]


def check_lowest(
    rank: np.ndarray, agent: np.ndarray, piece: np.ndarray, day: np.ndarray, first: int, days: int, queue: np.ndarray,
    wanted: np.ndarray, best: np.ndarray, found: np.ndarray, checked: np.ndarray,
) -> None:  # fmt: skip
    """Machine code only: keeps the lowest of each agent, day and queue in their order, and marks them in the end."""
    for row in range(len(rank)):
        if rank[row] != rank[row]:
            continue
        stack = (agent[row] * days + day[piece[row]] - first) * len(wanted) + queue[row]
        place = found[stack]
        if place == wanted[queue[row]]:
            if place == 0 or rank[best[stack, place - 1]] <= rank[row]:
                continue
            place -= 1
        else:
            found[stack] += 1
        while place > 0 and rank[best[stack, place - 1]] > rank[row]:
            best[stack, place] = best[stack, place - 1]
            place -= 1
        best[stack, place] = row
    for stack in range(len(found)):
        for place in range(found[stack]):
            checked[best[stack, place]] = 1.0

"""How many contacts each agent held, from overlapping sessions of a log."""

from __future__ import annotations

import numpy as np


def time_at_each_load(
    agent: np.ndarray, begins: np.ndarray, ends: np.ndarray, leaves: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    How long each contact ran while its agent held 1, 2, … contacts.

    Args:
        agent: Code of each contact's agent.
        begins, ends: When each talk begins and ends, s.
        leaves: When each stops being held (after-work included), s.
        most: Loads of *most* and more are one.

    Returns:
        Seconds [contact, load − 1]; the load at which each began (itself included), and at which its talk ended.

    Examples:
        The second chat begins halfway through the first:

        >>> time, first, last = time_at_each_load(np.zeros(2, int), np.array([0.0, 50.0]), np.array([100.0, 120.0]),
        ...                                       np.array([100.0, 120.0]), most=3)
        >>> time.tolist(), first.tolist(), last.tolist()
        ([[50.0, 50.0, 0.0], [20.0, 50.0, 0.0]], [1, 2], [2, 1])
    """
    size = len(agent)
    time, first, last = np.zeros((size, most)), np.ones(size, int), np.ones(size, int)
    order = np.argsort(agent, kind="stable")
    edges = np.flatnonzero(np.diff(agent[order], prepend=-1))
    for mine in np.split(order, edges[1:]):
        at = np.concatenate([begins[mine], leaves[mine]])
        step = np.concatenate([np.ones(len(mine), int), -np.ones(len(mine), int)])
        sequence = np.lexsort((step, at))  # who leaves at an instant goes before who comes
        at, load = at[sequence], np.cumsum(step[sequence])
        spent = np.zeros((len(at), most))  # seconds at each load up to each change
        level = np.clip(load[:-1], 1, most) - 1
        spent[np.arange(1, len(at)), level] = np.diff(at)
        np.cumsum(spent, axis=0, out=spent)
        time[mine] = _until(ends[mine], at, load, spent, most) - _until(begins[mine], at, load, spent, most)
        first[mine] = np.clip(load[np.searchsorted(at, begins[mine], side="right") - 1], 1, most)
        last[mine] = np.clip(load[np.maximum(np.searchsorted(at, ends[mine], side="left") - 1, 0)], 1, most)
    return np.maximum(time, 0.0), first, last


def _until(instant: np.ndarray, at: np.ndarray, load: np.ndarray, spent: np.ndarray, most: int) -> np.ndarray:
    """Seconds at each load from the beginning until some instants."""
    place = np.maximum(np.searchsorted(at, instant, side="right") - 1, 0)
    upto = spent[place].copy()
    upto[np.arange(len(instant)), np.clip(load[place], 1, most) - 1] += instant - at[place]
    return upto

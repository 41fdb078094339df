"""Agents' states cut at the edges of intervals: from a timeline with NumPy, or in one walk of machine code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from csim.contacts.timeline import cuts, timeline
from csim.contacts.walk import READY, SERVING, WRAP, rows_source, seats
from csim.loops import flat, loop


@dataclass(frozen=True)
class Spans:
    """
    Agents' states as arrays, ordered by agent and time, none longer than from one edge to the next.

    Attributes:
        agent, begins, ends: Who, from when to when (s). Time off duty with nothing held has no row.
        duration: Its length, s. agent_day: 1 on the first row of an agent's day, else 0.
        piece: Which edge it lies behind. state: Index into `STATES`.
        held, chats: Contacts held (after-work included), and chats in talk.
        focus_s: Per contact, ∫ dt ÷ contacts held over its talk, NaN where nobody answered it.
        held_at_answer: Per contact, how many its agent held just after taking it; 0 where nobody answered it.
    """

    agent: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    duration: np.ndarray
    agent_day: np.ndarray
    piece: np.ndarray
    state: np.ndarray
    held: np.ndarray
    chats: np.ndarray
    focus_s: np.ndarray
    held_at_answer: np.ndarray


@dataclass(frozen=True)
class Served:
    """Who answered each contact (−1: nobody), from when to when they talked (s), the after-work, and whether a chat."""

    agent: np.ndarray
    answer: np.ndarray
    end: np.ndarray
    after_work: np.ndarray
    chat: np.ndarray


def spans(
    served: Served,
    duty: tuple[tuple[float, int, int], ...],
    capacity: tuple[int, ...],
    edges: np.ndarray,
    day: np.ndarray,
    rows: float = 0.0,
) -> Spans:
    """
    The states of all agents of one stretch from the first of *edges* on, cut at each of them.

    Args:
        duty: (instant, team, agents on duty) in time order.
        capacity: Agents per team: agent numbers run over the teams in order.
        edges: Instants in order, s; the last one opens an endless piece. day: The day that each piece belongs to.
        rows: See `csim.loops.loop`; NumPy and machine code agree to the bit.

    Examples:
        One agent on duty for 100 s talks from 10 to 50 s and writes until 70; an interval ends at 60 s:

        >>> from csim.contacts.columns import STATES
        >>> one = Served(np.array([0]), np.array([10.0]), np.array([50.0]), np.array([20.0]), np.array([False]))
        >>> found = spans(one, ((0.0, 0, 1), (100.0, 0, 0)), (1,), np.array([0.0, 60.0]), np.array([0, 0]))
        >>> found.ends.tolist(), [STATES[state] for state in found.state]
        ([10.0, 50.0, 60.0, 70.0, 100.0], ['ready', 'serving', 'wrap', 'wrap', 'ready'])
    """
    machine = loop(rows_source(), "walk", rows)
    if machine is None:
        return _with_numpy(served, duty, capacity, edges, day)
    count, whole, real = len(served.agent), np.int64, np.float64
    most = most_pieces(served, duty, capacity, edges)
    out = [np.empty(most, kind) for kind in (whole, real, real, real, real, whole, np.int8, whole, whole)]
    focus, at_answer = np.full(count, np.nan), np.zeros(count, whole)
    bounds = np.append(edges, np.inf)
    found = machine(*walked(served, duty, capacity, bounds, day), *room(count), focus, at_answer, tuple(out))
    agent, begins, ends, duration, agent_day, piece, state, held, chats = (column[:found] for column in out)
    return Spans(agent, begins, ends, duration, agent_day, piece, state, held, chats, focus, at_answer)


def most_pieces(
    served: Served, duty: tuple[tuple[float, int, int], ...], capacity: tuple[int, ...], edges: np.ndarray
) -> int:
    """No more rows than this can become of a stretch."""
    return 3 * len(served.agent) + duty_changes(duty) + (sum(capacity) + 1) * len(edges)


def duty_changes(duty: tuple[tuple[float, int, int], ...]) -> int:
    """How often agents are called in or sent home, all together at most."""
    before: dict[int, int] = {}
    changes = 0
    for _, team, heads in duty:
        changes += abs(heads - before.get(team, 0))
        before[team] = heads
    return changes


def walked(
    served: Served, duty: tuple[tuple[float, int, int], ...], capacity: tuple[int, ...], bounds: np.ndarray,
    day: np.ndarray, alone: bool = False,
) -> Iterator[np.ndarray]:  # fmt: skip
    """
    What `csim.contacts.walk.walk` (*alone*: `pass_alone`) goes through, and for the former room to sort contacts.

    *bounds*: the edges and infinity.
    """
    whole, real = np.int64, np.float64
    yield from (flat(served.agent, whole), flat(served.answer, real), flat(served.end, real))
    yield flat(served.after_work, real)
    if not alone:
        yield flat(served.chat, bool)
    yield np.array(duty, real).reshape(-1, 3)
    yield from seats(capacity)
    yield from (bounds, flat(day, whole))
    if not alone:
        yield from (np.zeros(sum(capacity) + 1, whole), np.empty(len(served.agent), whole))


def room(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Room for the events of *count* contacts: instants, and what they are."""
    return np.empty(3 * count), np.empty(3 * count, np.int64)


def _with_numpy(
    served: Served,
    duty: tuple[tuple[float, int, int], ...],
    capacity: tuple[int, ...],
    edges: np.ndarray,
    day: np.ndarray,
) -> Spans:
    who = np.flatnonzero(served.agent >= 0)
    answer, end, chat = served.answer[who], served.end[who], served.chat[who]
    lived = timeline(served.agent[who], answer, end, end + served.after_work[who], chat, duty, capacity)
    row, piece, begins, ends = cuts(lived, edges)
    held = lived.held[row]
    state = np.where(lived.talks[row] > 0, SERVING, np.where(held > 0, WRAP, READY))
    focus, at_answer = np.full(len(served.agent), np.nan), np.zeros(len(served.agent), np.int64)
    focus[who], at_answer[who] = lived.focus_s, lived.held_at_answer
    agent, agent_day = lived.agent[row], np.ones(len(row))
    agent_day[1:] = (agent[1:] != agent[:-1]) | (day[piece[1:]] != day[piece[:-1]])
    duration, chats = ends - begins, lived.chats[row]
    return Spans(
        agent, begins, ends, duration, agent_day, piece, state.astype(np.int8), held, chats, focus, at_answer
    )  # fmt: skip

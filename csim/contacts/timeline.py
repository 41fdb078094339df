"""What agents did, derived from the contacts they held and the hours they were on duty: in one step, not row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timeline:
    """
    Agents' states as arrays, ordered by agent and time, and what they say about each contact.

    Attributes:
        agent, begins, ends: Who, from when to when (s). Time off duty with nothing held has no row.
        talks, chats, held: Contacts in talk, chats among them, and contacts held (after-work included).
        focus_s: Per contact, ∫ dt ÷ contacts held over its talk.
        held_at_answer: Per contact, how many its agent held just after taking it.
    """

    agent: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    talks: np.ndarray
    chats: np.ndarray
    held: np.ndarray
    focus_s: np.ndarray
    held_at_answer: np.ndarray


def timeline(
    agent: np.ndarray,
    answer: np.ndarray,
    end: np.ndarray,
    wrap_end: np.ndarray,
    chat: np.ndarray,
    duty: tuple[tuple[float, int, int], ...],
    capacity: tuple[int, ...],
) -> Timeline:
    """
    The states of all agents of one stretch.

    Args:
        agent, answer, end, wrap_end, chat: One entry per answered contact; instants in s.
        duty: (instant, team, agents on duty) in time order.
        capacity: Agents per team: agent numbers run over the teams in order.

    Examples:
        One agent on duty for 100 s holds two chats, from 10 to 50 and from 30 to 70 s:

        >>> t = timeline(np.array([0, 0]), np.array([10.0, 30.0]), np.array([50.0, 70.0]), np.array([50.0, 70.0]),
        ...              np.array([True, True]), ((0.0, 0, 1), (100.0, 0, 0)), (1,))
        >>> t.held.tolist(), t.focus_s.tolist()
        ([0, 1, 2, 1, 0], [30.0, 30.0])
    """
    count = len(agent)
    on_agent, on_time, on_step = duty_events(duty, capacity)
    nothing, ones = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    is_chat, off = chat.astype(np.int64), np.zeros(len(on_agent), dtype=np.int64)
    # at one instant: duty, then what ends, then what begins — the order of the centre, which stable sorting keeps
    who = np.concatenate([on_agent, agent, agent, agent])
    when = np.concatenate([on_time, end, wrap_end, answer])
    order = np.argsort(when, kind="stable")
    order = order[np.argsort(_short(who)[order], kind="stable")]
    who, when = who[order], when[order]

    def running(duty_step: np.ndarray, begins: np.ndarray, ends: np.ndarray, wraps: np.ndarray) -> np.ndarray:
        return np.cumsum(np.concatenate([duty_step, ends, wraps, begins])[order])

    held = running(off, ones, nothing, -ones)
    talks = running(off, ones, -ones, nothing)
    chats = running(off, is_chat, -is_chat, nothing)
    on_duty = running(on_step, nothing, nothing, nothing)
    same = who[1:] == who[:-1]
    span = np.where(same, when[1:] - when[:-1], 0.0)
    attention = np.concatenate([[0.0], np.cumsum(span / np.maximum(held[:-1], 1))]) if len(when) else np.zeros(0)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    end_at, _, start_at = (place[len(on_agent) + at * count : len(on_agent) + (at + 1) * count] for at in range(3))
    rows = np.flatnonzero(same & (span > 0) & ((on_duty[:-1] > 0) | (held[:-1] > 0)))
    return Timeline(
        who[rows], when[rows], when[rows + 1], talks[rows], chats[rows], held[rows],
        attention[end_at] - attention[start_at], held[start_at],
    )  # fmt: skip


def _short(who: np.ndarray) -> np.ndarray:
    """Agents' numbers in two bytes where they fit: NumPy sorts those by digits, several times as fast."""
    return who.astype(np.int16) if len(who) and who.max() <= np.iinfo(np.int16).max else who


def duty_events(
    duty: tuple[tuple[float, int, int], ...], capacity: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When each agent comes on duty (+1) and goes off (−1)."""
    first = np.concatenate([[0], np.cumsum(capacity)]).astype(int)
    heads = [0] * len(capacity)
    who, when, step = [], [], []
    for at, team, now in duty:
        low, high = sorted((heads[team], now))
        who.append(np.arange(first[team] + low, first[team] + high))
        when.append(np.full(high - low, at))
        step.append(np.full(high - low, 1 if now > heads[team] else -1))
        heads[team] = now
    if not who:
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64)
    return np.concatenate(who), np.concatenate(when), np.concatenate(step)


def split_at(edges: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, ...]:
    """
    Spans cut at *edges*.

    Returns:
        For every piece: the row it comes from, its span between two edges (−1 before the first; the last
        edge opens an endless span), its begin and its end.

    Examples:
        >>> row, piece, begins, ends = split_at(np.array([0.0, 10.0, 20.0]), np.array([5.0]), np.array([25.0]))
        >>> piece.tolist(), begins.tolist(), ends.tolist()
        ([0, 1, 2], [5.0, 10.0, 20.0], [10.0, 20.0, 25.0])
    """
    first = np.searchsorted(edges, begins, side="right") - 1
    last = np.maximum(np.searchsorted(edges, ends, side="left") - 1, first)
    pieces = last - first + 1
    row = np.repeat(np.arange(len(begins)), pieces)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    piece = first[row] + offset
    low = np.where(offset == 0, begins[row], edges[np.maximum(piece, 0)])
    high = np.where(piece == last[row], ends[row], edges[np.minimum(piece + 1, len(edges) - 1)])
    return row, piece, low, high


def cuts(lived: Timeline, edges: np.ndarray) -> tuple[np.ndarray, ...]:
    """The states of a timeline from the first of *edges* on, cut at each: row, piece, begin and end as `split_at`."""
    after = np.maximum(lived.begins, edges[0])
    real = np.flatnonzero(lived.ends > after)
    row, piece, begins, ends = split_at(edges, after[real], lived.ends[real])
    return real[row], piece, begins, ends

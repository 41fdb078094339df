"""Agents' states cut at the edges of intervals: from a timeline with NumPy, or in one walk of machine code."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from csim.contacts.columns import STATES
from csim.contacts.timeline import cuts, duty_events, timeline
from csim.loops import flat, loop

READY, SERVING, WRAP = (STATES.index(state) for state in ("ready", "serving", "wrap"))


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

        >>> one = Served(np.array([0]), np.array([10.0]), np.array([50.0]), np.array([20.0]), np.array([False]))
        >>> found = spans(one, ((0.0, 0, 1), (100.0, 0, 0)), (1,), np.array([0.0, 60.0]), np.array([0, 0]))
        >>> found.ends.tolist(), [STATES[state] for state in found.state]
        ([10.0, 50.0, 60.0, 70.0, 100.0], ['ready', 'serving', 'wrap', 'wrap', 'ready'])
    """
    machine = loop(_source(), "walk", rows)
    if machine is None:
        return _with_numpy(served, duty, capacity, edges, day)
    count, agents = len(served.agent), sum(capacity)
    duty_agent, duty_at, duty_step = duty_events(duty, capacity)
    most = 3 * count + len(duty_at) + (agents + 1) * len(edges)
    whole, real = np.int64, np.float64
    out = [np.empty(most, kind) for kind in (whole, real, real, real, real, whole, np.int8, whole, whole)]
    focus, at_answer = np.full(count, np.nan), np.zeros(count, whole)
    columns = (served.agent, served.answer, served.end, served.after_work, served.chat, duty_agent, duty_at, duty_step)
    kinds = (whole, real, real, real, bool, whole, real, whole)
    found = machine(
        *(flat(column, kind) for column, kind in zip(columns, kinds, strict=True)), flat(edges, real), flat(day, whole),
        np.zeros(agents + 1, whole), np.empty(count, whole), np.zeros(agents + 1, whole), np.empty(len(duty_at), whole),
        np.empty(3 * count, real), np.empty(3 * count, whole), *out, focus, at_answer,
    )  # fmt: skip
    agent, begins, ends, duration, agent_day, piece, state, held, chats = (column[:found] for column in out)
    return Spans(agent, begins, ends, duration, agent_day, piece, state, held, chats, focus, at_answer)


@lru_cache(maxsize=1)
def _source() -> str:
    constants = f"READY, SERVING, WRAP = {READY}, {SERVING}, {WRAP}"
    parts = [inspect.getsource(function) for function in (sort_in, in_order, walk)]
    return "\n".join(["from __future__ import annotations", "import numpy as np", constants, *parts])


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


def sort_in(number: np.ndarray, first: np.ndarray, mine: np.ndarray) -> None:
    """
    Machine code only: positions by the number they bear, in their order; −1 bears none.

    Those of number n stand in `mine` from first[n − 1] (0 for the first) to first[n]. *first* comes as zeros.
    """
    for row in range(len(number)):
        if number[row] >= 0:
            first[number[row] + 1] += 1
    for n in range(1, len(first)):
        first[n] += first[n - 1]
    for row in range(len(number)):
        if number[row] >= 0:
            mine[first[number[row]]] = row
            first[number[row]] += 1


def in_order(
    contacts: np.ndarray, answer: np.ndarray, end: np.ndarray, after_work: np.ndarray, at: np.ndarray, what: np.ndarray
) -> int:
    """
    Machine code only: the events of an agent's contacts in time order, as instants and 4 × contact + kind.

    The order at one instant is that of `timeline`: the end of a talk (1), of after-work (2), an answer (3). They come
    almost in order, so each is put in its place from behind.
    """
    events = 0
    for contact in contacts:
        ended = end[contact]
        for kind in range(1, 4):
            time = answer[contact] if kind == 3 else ended
            if kind == 2:
                time += after_work[contact]
                if time == ended:  # the end of the talk is that of the work
                    continue
            place = events
            while place > 0 and (at[place - 1] > time or (at[place - 1] == time and what[place - 1] & 3 > kind)):
                at[place], what[place] = at[place - 1], what[place - 1]
                place -= 1
            at[place], what[place] = time, 4 * contact + kind
            events += 1
    return events


def walk(
    agent: np.ndarray, answer: np.ndarray, end: np.ndarray, after_work: np.ndarray, chat: np.ndarray,
    duty_agent: np.ndarray, duty_at: np.ndarray, duty_step: np.ndarray, edges: np.ndarray, day: np.ndarray,
    first: np.ndarray, mine: np.ndarray, first_duty: np.ndarray, mine_duty: np.ndarray, at: np.ndarray,
    what: np.ndarray, out_agent: np.ndarray, out_begins: np.ndarray, out_ends: np.ndarray, out_duration: np.ndarray,
    out_agent_day: np.ndarray, out_piece: np.ndarray, out_state: np.ndarray, out_held: np.ndarray,
    out_chats: np.ndarray, focus: np.ndarray, held_at_answer: np.ndarray,
) -> int:  # fmt: skip
    """
    Machine code only: agent after agent, through the events of its contacts and its duty in their order.

    Returns the number of rows; at one instant duty comes first. The names are those of `spans`, `sort_in` and
    `in_order`.
    """
    sort_in(agent, first, mine)
    sort_in(duty_agent, first_duty, mine_duty)
    rows = 0
    attention = 0.0
    for number in range(len(first) - 1):
        contacts = mine[first[number - 1] if number else 0 : first[number]]
        events = in_order(contacts, answer, end, after_work, at, what)
        duty = first_duty[number - 1] if number else 0
        event = on_duty = held = talks = chats = piece = 0
        last = 0.0
        today = -1
        started = False
        edge = edges[1] if len(edges) > 1 else np.inf  # the next one
        changes = duty_at[mine_duty[duty]] if duty < first_duty[number] else np.inf
        while event < events or duty < first_duty[number]:
            is_duty = event == events or changes <= at[event]
            time = changes if is_duty else at[event]
            if started and time > last:
                attention += (time - last) / max(held, 1)
                begin = max(last, edges[0])
                if (on_duty > 0 or held > 0) and time > begin:
                    state = SERVING if talks > 0 else (WRAP if held > 0 else READY)
                    while begin < time:
                        while edge <= begin:
                            piece += 1
                            edge = edges[piece + 1] if piece + 1 < len(edges) else np.inf
                        until = min(edge, time)
                        out_agent[rows], out_begins[rows], out_ends[rows] = number, begin, until
                        out_duration[rows], out_agent_day[rows] = until - begin, 1.0 if day[piece] != today else 0.0
                        today = day[piece]
                        out_piece[rows], out_state[rows] = piece, state
                        out_held[rows], out_chats[rows] = held, chats
                        rows += 1
                        begin = until
            started = True
            last = time
            if is_duty:
                on_duty += duty_step[mine_duty[duty]]
                duty += 1
                changes = duty_at[mine_duty[duty]] if duty < first_duty[number] else np.inf
                continue
            contact, kind = what[event] >> 2, what[event] & 3
            event += 1
            if kind == 3:
                held += 1
                talks += 1
                chats += chat[contact]
                held_at_answer[contact] = held
                if end[contact] > answer[contact]:
                    focus[contact] = attention
            elif kind == 1:
                talks -= 1
                chats -= chat[contact]
                if end[contact] + after_work[contact] == end[contact]:
                    held -= 1
                focus[contact] = attention - focus[contact] if end[contact] > answer[contact] else 0.0
            else:
                held -= 1
    return rows

"""Agents' states in one walk of machine code, agent after agent; what becomes of each state is left to a function."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from csim.contacts.columns import STATES
from csim.loops import source_of

READY, SERVING, WRAP = (STATES.index(state) for state in ("ready", "serving", "wrap"))


FINE = float(1 << 24)  # parts of a second: far below what a log shows


def exact(instant: Any) -> Any:
    """
    An instant to the 2⁻²⁴th of a second, so that sums and differences of instants are exact, in any order.

    They are up to 17 years (2²⁹ s) in one sum. Arrays alike; in machine code too.

    Examples:
        >>> float(exact(0.1) + exact(0.2) - exact(0.1)) == float(exact(0.2)), 0.1 + 0.2 - 0.1 == 0.2
        (True, False)
    """
    return np.rint(instant * FINE) / FINE


def rows_source() -> str:
    """The source of a `walk` that writes rows."""
    return _walk_with(as_row)


def adding_source() -> str:
    """The source of a `walk` that adds up time."""
    return _walk_with(as_time)


def _walk_with(noting: Callable) -> str:
    constants = f"READY, SERVING, WRAP, FINE = {READY}, {SERVING}, {WRAP}, {FINE}"
    return source_of(constants, exact, noting, f"note = {noting.__name__}", sort_in, next_change, in_order, walk)


def as_row(
    out: tuple, row: int, number: int, team: int, begin: float, until: float, first_today: float, piece: int,
    state: int, held: int, chats: int,
) -> None:  # fmt: skip
    """Machine code only: a piece of a state as a row of the columns of `Spans`."""
    agent, begins, ends, duration, agent_day, pieces, states, holds, in_chat = out
    agent[row], begins[row], ends[row], duration[row] = number, begin, until, until - begin
    agent_day[row], pieces[row], states[row] = first_today, piece, state
    holds[row], in_chat[row] = held, chats


def as_time(
    out: tuple, row: int, number: int, team: int, begin: float, until: float, first_today: float, piece: int,
    state: int, held: int, chats: int,
) -> None:  # fmt: skip
    """Machine code only: a piece of a state added to `csim.contacts.times.Times`."""
    time, days, slot, kind = out
    time[slot[piece], team, kind[state, held, chats]] += exact(until) - exact(begin)
    days[slot[piece], team] += first_today


def note(*_: Any) -> None:
    """Machine code only: one of the two above."""


@lru_cache(maxsize=64)
def seats(capacity: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The team of each agent, and its number within it."""
    team = np.repeat(np.arange(len(capacity)), capacity)
    return team, np.arange(len(team)) - np.repeat(np.cumsum(capacity) - capacity, capacity)


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


def next_change(duty: np.ndarray, step: int, team: int, seat: int, on_duty: bool) -> int:
    """Machine code only: the first row of *duty*, from *step* on, that calls an agent in or sends it home."""
    while step < len(duty) and (duty[step, 1] != team or (duty[step, 2] > seat) == on_duty):
        step += 1
    return step


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
    duty: np.ndarray, teams: np.ndarray, seat: np.ndarray, edges: np.ndarray, day: np.ndarray,
    first: np.ndarray, mine: np.ndarray, at: np.ndarray, what: np.ndarray, focus: np.ndarray,
    held_at_answer: np.ndarray, out: tuple,
) -> int:  # fmt: skip
    """
    Machine code only: agent after agent, through the events of its contacts and its duty in their order.

    Each piece of a state goes to `note`. Returns how many there were; at one instant duty comes first. The names are
    those of `csim.contacts.spans`, `sort_in` and `in_order`; *edges* ends with infinity.
    """
    sort_in(agent, first, mine)
    rows = 0
    attention = 0.0
    for number in range(len(first) - 1):
        contacts = mine[first[number - 1] if number else 0 : first[number]]
        events = in_order(contacts, answer, end, after_work, at, what)
        event = held = talks = chats = piece = 0
        on_duty = False
        step = next_change(duty, 0, teams[number], seat[number], on_duty)
        last = 0.0
        today = -1
        started = False
        while event < events or step < len(duty):
            is_duty = event == events or (step < len(duty) and duty[step, 0] <= at[event])
            time = duty[step, 0] if is_duty else at[event]
            if started and time > last:
                attention += (time - last) / max(held, 1)
                begin = max(last, edges[0])
                if (on_duty or held > 0) and time > begin:
                    state = SERVING if talks > 0 else (WRAP if held > 0 else READY)
                    while begin < time:
                        while edges[piece + 1] <= begin:
                            piece += 1
                        until = min(edges[piece + 1], time)
                        first_today = 1.0 if day[piece] != today else 0.0
                        today = day[piece]
                        note(out, rows, number, teams[number], begin, until, first_today, piece, state, held, chats)
                        rows += 1
                        begin = until
            started = True
            last = time
            if is_duty:
                on_duty = not on_duty
                step = next_change(duty, step + 1, teams[number], seat[number], on_duty)
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

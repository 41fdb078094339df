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
    return np.rint(instant * FINE) / FINE + 0.0  # no -0.0


def rows_source() -> str:
    """The source of a `walk` that writes rows."""
    return _source("note = as_row", as_row, sort_in, next_change, in_order, walk)


def adding_source() -> str:
    """The source of a `walk` that adds up time."""
    return _source("note = as_time", as_time, sort_in, next_change, in_order, walk)


def alone_source() -> str:
    """The source of `pass_alone`."""
    return _source("", next_change, last_free, find_spells, piece_of, serve, attend, pass_alone)


def _source(name: str, *parts: Callable) -> str:
    constants = f"READY, SERVING, WRAP, FINE = {READY}, {SERVING}, {WRAP}, {FINE}"
    noting, *rest = parts
    return source_of(constants, exact, noting, name, *rest)


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
    time[slot[piece], team, kind[state, held, chats]] += until - begin
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


def find_spells(
    duty: np.ndarray, teams: np.ndarray, seats: np.ndarray, first: np.ndarray, changes: np.ndarray, contacts: tuple
) -> None:
    """
    Machine code only: when each agent is called in and sent home, in turn, from its *first* of *changes* on.

    Who is never sent home leaves after its last contact (*contacts*: agent, end and after-work of each). After the last
    spell it is called in never, and sent home never: so there is always a next one.
    """
    filled = 0
    for number in range(len(teams)):
        first[number] = filled
        on_duty = False
        step = next_change(duty, 0, teams[number], seats[number], on_duty)
        while step < len(duty):
            changes[filled] = exact(duty[step, 0])
            filled += 1
            on_duty = not on_duty
            step = next_change(duty, step + 1, teams[number], seats[number], on_duty)
        if on_duty:
            changes[filled] = max(changes[filled - 1], last_free(number, *contacts))
            filled += 1
        changes[filled] = changes[filled + 1] = np.inf
        filled += 2


def last_free(number: int, agent: np.ndarray, end: np.ndarray, after_work: np.ndarray) -> float:
    """Machine code only: when an agent is done with its last contact; long ago, if it had none."""
    last = -np.inf
    for row in range(len(agent)):
        if agent[row] == number:
            last = max(last, exact(end[row] + after_work[row]))
    return last


def piece_of(edges: np.ndarray, piece: int, at: float) -> int:
    """Machine code only: the piece in which an instant lies, looked for from *piece* on."""
    while edges[piece + 1] <= at:
        piece += 1
    while edges[piece] > at:
        piece -= 1
    return piece


def serve(
    time: np.ndarray, team: int, kind: int, slot: np.ndarray, edges: np.ndarray, piece: int, begin: float, until: float
) -> int:
    """Machine code only: an agent who is not ready meanwhile (kind 0) but of another kind; the last piece."""
    while begin < until:
        to = min(edges[piece + 1], until)
        time[slot[piece], team, kind] += to - begin
        time[slot[piece], team, 0] -= to - begin
        begin = to
        if begin < until:
            piece += 1
    return piece


def attend(
    time: np.ndarray, team: int, slot: np.ndarray, edges: np.ndarray, day: np.ndarray, begins: np.ndarray,
    begin: float, until: float,
) -> None:  # fmt: skip
    """Machine code only: an agent is there, ready or not; *begins*: by day, the first piece in which it is."""
    begin = max(begin, edges[0])
    if not begin < until:
        return
    piece = piece_of(edges, 0, begin)
    while begin < until:
        to = min(edges[piece + 1], until)
        time[slot[piece], team, 0] += to - begin
        begins[day[piece] - day[0]] = min(begins[day[piece] - day[0]], piece)
        begin = to
        piece += 1


def pass_alone(
    agent: np.ndarray, answer: np.ndarray, end: np.ndarray, after_work: np.ndarray, duty: np.ndarray,
    teams: np.ndarray, seats: np.ndarray, edges: np.ndarray, day: np.ndarray, slot: np.ndarray, time: np.ndarray,
    days: np.ndarray, serves: int, wraps: int, changes: np.ndarray, spells: np.ndarray, begins: np.ndarray,
) -> None:  # fmt: skip
    """
    Machine code only: `csim.contacts.times.Times` where nobody holds two contacts at once.

    An agent is ready while it is on duty and does nothing else, so nobody need walk from one contact of an agent to
    the next: time on duty is added and time with contacts taken off, contact after contact as they came. Sums are
    exact, so nothing is left over. Work after the end of duty is added first, as if it were duty.
    """
    first, spell_of = spells[0], spells[1]
    find_spells(duty, teams, seats, first, changes, (agent, end, after_work))
    for number in range(len(teams)):
        spell_of[number] = first[number]
        for today in range(begins.shape[1]):
            begins[number, today] = len(day)
    piece = 0
    for row in range(len(agent)):
        number = agent[row]
        if number < 0:
            continue
        begin, talked, free = exact(answer[row]), exact(end[row]), exact(end[row] + after_work[row])
        team, spell = teams[number], spell_of[number]
        while changes[spell + 1] <= begin:
            spell += 2
        while spell > first[number] and changes[spell] > begin:
            spell -= 2
        spell_of[number] = spell
        if changes[spell] > begin:
            attend(time, team, slot, edges, day, begins[number], begin, min(changes[spell], free))
        while free > changes[spell + 1]:  # at work when it was sent home, and until it is called in again
            off, back = changes[spell + 1], changes[spell + 2]
            attend(time, team, slot, edges, day, begins[number], max(off, begin), min(back, free))
            spell += 2
        begin = max(begin, edges[0])
        talked = max(talked, begin)
        piece = piece_of(edges, piece, begin)
        then = serve(time, team, serves, slot, edges, piece, begin, talked)
        if free > talked:
            serve(time, team, wraps, slot, edges, piece_of(edges, then, talked), talked, free)
    for number in range(len(teams)):
        spell = first[number]
        while changes[spell] < np.inf:
            attend(time, teams[number], slot, edges, day, begins[number], changes[spell], changes[spell + 1])
            spell += 2
        for today in range(begins.shape[1]):
            if begins[number, today] < len(day):
                days[slot[begins[number, today]], teams[number]] += 1.0


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
        ended = exact(end[contact])
        for kind in range(1, 4):
            time = exact(answer[contact]) if kind == 3 else ended
            if kind == 2:
                time = exact(end[contact] + after_work[contact])
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
            is_duty = event == events or (step < len(duty) and exact(duty[step, 0]) <= at[event])
            time = exact(duty[step, 0]) if is_duty else at[event]
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
                if exact(end[contact]) > exact(answer[contact]):
                    focus[contact] = attention
            elif kind == 1:
                talks -= 1
                chats -= chat[contact]
                talked = exact(end[contact])
                if exact(end[contact] + after_work[contact]) == talked:
                    held -= 1
                focus[contact] = attention - focus[contact] if talked > exact(answer[contact]) else 0.0
            else:
                held -= 1
    return rows

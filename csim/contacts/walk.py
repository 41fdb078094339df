"""Agents' states in one walk of machine code, agent after agent; what becomes of each state is left to a function."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from csim.contacts.columns import STATES
from csim.loops import source_of

READY, SERVING, WRAP = (STATES.index(state) for state in ("ready", "serving", "wrap"))


def walk_source(name: str, noting: str = "") -> str:
    """The source of `walk` or `walk_alone` with a function `note` of one's own: by default the one that writes rows."""
    constants = f"READY, SERVING, WRAP = {READY}, {SERVING}, {WRAP}"
    alone = (by_answer, last_change, instant, pass_time, walk_alone)
    return source_of(
        constants, noting or note, sort_in, next_change, *(alone if name == "walk_alone" else (in_order, walk))
    )


def note(
    out: tuple, row: int, number: int, team: int, begin: float, until: float, first_today: float, piece: int,
    state: int, held: int, chats: int,
) -> None:  # fmt: skip
    """Machine code only: a piece of a state as a row of the columns of `Spans`."""
    agent, begins, ends, duration, agent_day, pieces, states, holds, in_chat = out
    agent[row], begins[row], ends[row], duration[row] = number, begin, until, until - begin
    agent_day[row], pieces[row], states[row] = first_today, piece, state
    holds[row], in_chat[row] = held, chats


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


def by_answer(contacts: np.ndarray, answer: np.ndarray) -> None:
    """Machine code only: puts contacts in the order of their answers, in which they almost are."""
    for row in range(1, len(contacts)):
        contact, place = contacts[row], row
        while place > 0 and answer[contacts[place - 1]] > answer[contact]:
            contacts[place] = contacts[place - 1]
            place -= 1
        contacts[place] = contact


def next_change(duty: np.ndarray, step: int, team: int, seat: int, on_duty: bool) -> int:
    """Machine code only: the first row of *duty*, from *step* on, that calls an agent in or sends it home."""
    while step < len(duty) and (duty[step, 1] != team or (duty[step, 2] > seat) == on_duty):
        step += 1
    return step


def last_change(duty: np.ndarray, team: int, seat: int) -> float:
    """Machine code only: when an agent is called in or sent home for the last time."""
    on_duty, at = False, -np.inf
    step = next_change(duty, 0, team, seat, on_duty)
    while step < len(duty):
        on_duty, at = not on_duty, duty[step, 0]
        step = next_change(duty, step + 1, team, seat, on_duty)
    return at


def instant(duty: np.ndarray, step: int) -> float:
    """Machine code only: when a row of *duty* takes effect; never, if there is none."""
    return duty[step, 0] if step < len(duty) else np.inf


def pass_time(
    out: tuple, where: tuple, number: int, begin: float, until: float, state: int, duty: np.ndarray,
    team: int, seat: int, edges: np.ndarray, day: np.ndarray,
) -> tuple:  # fmt: skip
    """
    Machine code only: an agent's time in one state, cut at edges and where its duty begins or ends.

    *where* it is: the row to write, the piece and its end, the last day noted, on duty or not, and the next change of
    that: its row of *duty* and its instant.
    """
    row, piece, edge, today, on_duty, step, change = where
    while begin < until:
        while edge <= begin:
            piece += 1
            edge = edges[piece + 1]
        while change <= begin:
            on_duty = not on_duty
            step = next_change(duty, step + 1, team, seat, on_duty)
            change = instant(duty, step)
        to = min(min(edge, change), until)
        if on_duty or state != READY:
            note(
                out, row, number, team, begin, to, 1.0 if day[piece] != today else 0.0, piece, state,
                0 if state == READY else 1, 0,
            )  # fmt: skip
            today = day[piece]
            row += 1
        begin = to
    return row, piece, edge, today, on_duty, step, change


def walk_alone(
    agent: np.ndarray, answer: np.ndarray, end: np.ndarray, after_work: np.ndarray, duty: np.ndarray,
    teams: np.ndarray, seats: np.ndarray, edges: np.ndarray, day: np.ndarray, first: np.ndarray, mine: np.ndarray,
    out: tuple,
) -> int:  # fmt: skip
    """
    Machine code only: `walk` where nobody holds two contacts at once, so that one thing follows the other.

    *edges* ends with infinity. Returns how many pieces went to `note`.
    """
    sort_in(agent, first, mine)
    row = 0
    for number in range(len(first) - 1):
        team, seat = teams[number], seats[number]
        step = next_change(duty, 0, team, seat, False)
        where = (row, 0, edges[1], -1, False, step, instant(duty, step))
        contacts = mine[first[number - 1] if number else 0 : first[number]]
        by_answer(contacts, answer)
        last = edges[0]
        for contact in contacts:
            begins, ends = answer[contact], end[contact]
            wraps = ends + after_work[contact]
            where = pass_time(out, where, number, last, begins, READY, duty, team, seat, edges, day)
            last = max(last, begins)
            where = pass_time(out, where, number, last, ends, SERVING, duty, team, seat, edges, day)
            last = max(last, ends)
            where = pass_time(out, where, number, last, wraps, WRAP, duty, team, seat, edges, day)
            last = max(last, wraps)
        leaves = last_change(duty, team, seat)
        where = pass_time(out, where, number, last, leaves, READY, duty, team, seat, edges, day)
        row = where[0]
    return row


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

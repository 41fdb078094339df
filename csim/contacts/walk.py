"""Agents' states in one walk of machine code, agent after agent; what becomes of each state is left to a function."""

from __future__ import annotations

import inspect
from functools import lru_cache

import numpy as np

from csim.contacts.columns import STATES

READY, SERVING, WRAP = (STATES.index(state) for state in ("ready", "serving", "wrap"))


@lru_cache(maxsize=64)
def walk_source(noting: str = "") -> str:
    """The source of `walk` with a function `note` of one's own: by default the one that writes rows."""
    constants = f"READY, SERVING, WRAP = {READY}, {SERVING}, {WRAP}"
    parts = [inspect.getsource(function) for function in (sort_in, in_order, walk)]
    noting = noting or inspect.getsource(note)
    return "\n".join(["from __future__ import annotations", "import numpy as np", constants, noting, *parts])


def note(
    out: tuple, row: int, number: int, begin: float, until: float, first_today: float, piece: int, state: int,
    held: int, chats: int,
) -> None:  # fmt: skip
    """Machine code only: a piece of a state as a row of the columns of `Spans`."""
    agent, begins, ends, duration, agent_day, pieces, states, holds, in_chat = out
    agent[row], begins[row], ends[row], duration[row] = number, begin, until, until - begin
    agent_day[row], pieces[row], states[row] = first_today, piece, state
    holds[row], in_chat[row] = held, chats


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
    what: np.ndarray, focus: np.ndarray, held_at_answer: np.ndarray, out: tuple,
) -> int:  # fmt: skip
    """
    Machine code only: agent after agent, through the events of its contacts and its duty in their order.

    Each piece of a state goes to `note`. Returns how many there were; at one instant duty comes first. The names are
    those of `csim.contacts.spans`, `sort_in` and `in_order`.
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
                        first_today = 1.0 if day[piece] != today else 0.0
                        today = day[piece]
                        note(out, rows, number, begin, until, first_today, piece, state, held, chats)
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

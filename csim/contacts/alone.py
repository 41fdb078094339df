"""Agents' time where nobody holds two contacts at once, added up contact after contact: machine code."""

from __future__ import annotations

import numpy as np

from csim.contacts.walk import FINE, exact, next_change
from csim.loops import source_of


def alone_source() -> str:
    """The source of `pass_alone`."""
    parts = (exact, next_change, last_free, find_spells, piece_of, serve, attend, pass_alone)
    return source_of(f"FINE = {FINE}", *parts)


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
            changes[filled] = duty[step, 0]
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
            last = max(last, end[row] + after_work[row])
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
        length = exact(to) - exact(begin)
        time[slot[piece], team, kind] += length
        time[slot[piece], team, 0] -= length
        begin = to
        if begin < until:
            piece += 1
    return piece


def attend(
    time: np.ndarray, team: int, slot: np.ndarray, edges: np.ndarray, day: np.ndarray, begins: np.ndarray,
    piece: int, begin: float, until: float,
) -> int:  # fmt: skip
    """
    Machine code only: an agent is there, ready or not; the last piece.

    *begins*: by day, the first piece in which it is there. *piece*: where to look for that of *begin*.
    """
    begin = max(begin, edges[0])
    if not begin < until:
        return piece
    piece = piece_of(edges, piece, begin)
    while begin < until:
        to = min(edges[piece + 1], until)
        time[slot[piece], team, 0] += exact(to) - exact(begin)
        begins[day[piece] - day[0]] = min(begins[day[piece] - day[0]], piece)
        begin = to
        if begin < until:
            piece += 1
    return piece


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
        begin, talked, free = answer[row], end[row], end[row] + after_work[row]
        team, spell = teams[number], spell_of[number]
        while changes[spell + 1] <= begin:
            spell += 2
        while spell > first[number] and changes[spell] > begin:
            spell -= 2
        spell_of[number] = spell
        if changes[spell] > begin:
            attend(time, team, slot, edges, day, begins[number], piece, begin, min(changes[spell], free))
        while free > changes[spell + 1]:  # at work when it was sent home, and until it is called in again
            off, back = changes[spell + 1], changes[spell + 2]
            attend(time, team, slot, edges, day, begins[number], piece, max(off, begin), min(back, free))
            spell += 2
        begin = max(begin, edges[0])
        talked = max(talked, begin)
        piece = piece_of(edges, piece, begin)
        then = serve(time, team, serves, slot, edges, piece, begin, talked)
        if free > talked:
            serve(time, team, wraps, slot, edges, piece_of(edges, then, talked), talked, free)
    for number in range(len(teams)):
        team, spell, piece, mine = teams[number], first[number], 0, begins[number]
        while changes[spell] < np.inf:
            piece = attend(time, team, slot, edges, day, mine, piece, changes[spell], changes[spell + 1])
            spell += 2
        for today in range(begins.shape[1]):
            if begins[number, today] < len(day):
                days[slot[begins[number, today]], teams[number]] += 1.0

"""
The compiled engine: the path of `reference.py`, to the bit, in a fiftieth of its time or less.

Read the reference first: functions here bear the names of its methods and do their floating-point operations in the
same order. A stretch is a `Centre`: arrays with one row per agent, team (group), line and contact, which numba turns
into one piece of machine code.

Events. There is no list of all events. Staffing and arrivals are known beforehand and read in turn. Each agent has one
next event (`due`: a talk or an after-work ends), and a tournament over the agents (`calendar`) knows whose is first.
Patience needs no event while nobody looks: a line notices that a contact has hung up when it would be its turn. Only
where the number of those who wait matters (`max_waiting`; from the close on, everywhere) is a line `watched`, and
hanging up an event in the heap `later`. Everything is (time, kind, id), and the loop in `_play` takes the smallest.

Choosing. Those of a team who hold nothing stand in a linked list, longest idle first; those who hold chats and can take
more play a second tournament. When an agent frees a slot, nobody else of the team could take anyone who waits (they
would have): so only this agent looks at the lines.

A shortcut. One line of calls, first come first served, with the same agents all day needs no events (`_play_plain`).

Coming back. A row is an attempt and not a customer. A redial, a repeat contact, a transfer or a callback is a row whose
arrival is written when it is known, by `_leave` or `_talk_ends`, which push (instant, ARRIVAL, row) to `later`; entries
of `later` carry their kind, so `_play` asks for it and lets the earlier of two arrivals go first. Lines whose leavers
come back are watched from the start, and `_precedes` and `_first_of_the_latest` compare (arrival, id) where they now
compare ids. The next turn of a chat is one more kind of event of an agent, in `_plan_next_end`.

All kernels are in this file, since numba's cache looks at no other; the arrays are made in centre.py, and machine code
says by itself (`SOURCE`) from which text of the two it was made.
"""

from __future__ import annotations

import pkgutil
import zlib
from collections.abc import Callable
from contextlib import suppress
from math import inf, nan
from typing import Any, TypeVar

import numpy as np

from csim.engine.centre import (
    ABANDONED,
    ABANDONMENT,
    ANSWERED,
    BLOCKED,
    CONTACT,
    FIFO,
    KIND,
    LIFO,
    NEVER_PAST_THRESHOLD,
    NOBODY,
    NONE,
    NOT_YET_MISSED_FIRST,
    NOTHING,
    OPEN,
    TALK_ENDS,
    UNABLE,
    WAITING,
    WRAP_ENDS,
    Centre,
    opened,
    pristine,
)
from csim.engine.rules import Order, Path, Rules, Stretch
from csim.loops import numba_at_once

numba = numba_at_once()
# what the machine code was made from
SOURCE = zlib.crc32(b"".join(pkgutil.get_data("csim.engine", name) or b"" for name in ("compiled.py", "centre.py")))


F = TypeVar("F", bound=Callable[..., Any])


def _kernel(**more: Any) -> Callable[[F], F]:
    """
    Compiles without fastmath, which would change the last bit, and without reference counts.

    No kernel allocates, so there is nothing to count; counting takes forty times as long as the simulation.
    """
    jit: Any = numba.njit
    return jit(nogil=True, error_model="numpy", _nrt=False, **more)


_INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # never called from Python: half the time to compile
part, hot = _kernel(**_INNER), _kernel(**_INNER, forceinline=True)


def _entry(function: Callable[[Centre, float], int]) -> Any:
    """Kept on disk between processes; where nothing can be written, each compiles its own."""
    try:
        return _kernel(cache=True)(function)
    except RuntimeError:
        return _kernel()(function)


# -- what happens ---------------------------------------------------------------------------------


@_entry
def _play(centre: Centre, closes: float) -> int:
    """Everything from the warm-up to the last contact: at each turn the smallest (time, kind, id)."""
    day, calendar, due, arrival, staffing = centre.day[0], centre.calendar, centre.due, centre.arrival, centre.staffing
    step = contact = NONE
    plan = staffing[0].at if len(staffing) else inf
    arrives = arrival[0] if len(arrival) else inf
    while True:
        agent = calendar[1]
        ends = due[agent].at
        leaves = centre.later[0].at if day.later else inf
        now = min(min(plan, ends), min(min(arrives, leaves), closes))
        if now == plan:
            if now == inf:
                return SOURCE
            _set_duty(centre, staffing[step].team, NONE if day.gone else staffing[step].heads, now)
            step += 1
            plan = staffing[step].at if step < len(staffing) else inf
        elif now == ends:
            _ends(centre, agent, now)
        elif now == arrives:
            _arrives(centre, contact, now)
            contact += 1
            arrives = arrival[contact] if contact < len(arrival) else inf
        elif now == leaves:
            _abandons(centre, _pop(centre) & CONTACT, now)
        else:
            closes = inf
            _closes(centre, now)


@hot
def _arrives(centre: Centre, contact: int, now: float) -> None:
    """Somebody takes it at once, or it is blocked, balks or waits."""
    number = centre.line[contact]
    line = centre.lines[number]
    for i in range(line.first_group, line.last_group):
        agent = _able(centre, centre.groups[i])
        if agent != NOBODY and not (line.voice and centre.agents[agent].held > 0):
            _take(centre, agent, contact, now)
            _settle(centre, agent, now)
            return
    if 0 <= line.max_waiting <= centre.in_queue[line.queue]:
        _leave(centre, contact, now, BLOCKED)
    elif centre.balks[contact]:
        _leave(centre, contact, now, ABANDONED)
    else:
        _wait(centre, line, contact)


@part
def _abandons(centre: Centre, contact: int, now: float) -> None:
    """Patience ends: whoever still waits leaves."""
    if centre.outcome[contact] == WAITING:
        _stop_waiting(centre, contact)
        _leave(centre, contact, now, ABANDONED)
        _after_close(centre, now)


@hot
def _ends(centre: Centre, number: int, now: float) -> None:
    """The next event of an agent: after a talk there may be after-work; else a slot is free."""
    agent = centre.agents[number]
    what = centre.due[number].what
    contact = what & CONTACT
    wraps = False
    if what >> KIND == TALK_ENDS:
        wraps = _talk_ends(centre, agent, contact, now)
    elif not agent.on_call:
        agent.wraps -= 1
        _remove_first(centre.wraps, agent.slots, agent.wraps)
    if wraps and agent.on_call:
        _plan(centre, number, now + centre.after_work[contact], (WRAP_ENDS << KIND) + contact)
        return
    if not wraps:
        _releases(centre, number, now)
    _settle(centre, number, now)
    if not wraps:
        _after_close(centre, now)


@hot
def _talk_ends(centre: Centre, agent: Any, contact: int, now: float) -> bool:
    """The talk is over; True if after-work keeps the slot."""
    centre.end[contact] = now
    if not agent.on_call:
        agent.work, agent.since = centre.chats[agent.slots].at, now  # land exactly on the target
        agent.chats -= 1
        _remove_first(centre.chats, agent.slots, agent.chats)
    if not centre.after_work[contact] > 0:
        return False
    if not agent.on_call:
        _insert(centre.wraps, agent.slots, agent.wraps, now + centre.after_work[contact], contact)
        agent.wraps += 1
    return True


@hot
def _releases(centre: Centre, number: int, now: float) -> None:
    """A slot is free: chats that go on speed up, and this agent (nobody else can) takes who waits."""
    agent = centre.agents[number]
    if agent.chats:
        _read_clock(centre, agent, now)
    agent.held -= 1
    agent.on_call = False
    if agent.held == 0:
        agent.idle_since = now
    while _can_take(centre, number):
        contact = _choose(centre, agent.team, agent.held > 0, now)
        if contact == NOBODY:
            return
        _stop_waiting(centre, contact)
        _take(centre, number, contact, now)


@part
def _set_duty(centre: Centre, number: int, heads: int, now: float) -> None:
    """Number i is on duty iff i ≤ heads; who comes may take those who wait, one each in turn."""
    team, day = centre.teams[number], centre.day[0]
    before, team.on_duty = team.on_duty, heads
    step = centre.duty[day.steps]
    step.at, step.team, step.heads = now, number, heads
    day.steps += 1
    first, most = team.first_agent, team.capacity
    for agent in range(first + heads, first + min(before, most)):
        _offer(centre, agent)
    for agent in range(first + before, first + min(heads, most)):
        if centre.agents[agent].held == 0:
            centre.agents[agent].idle_since = now
        _offer(centre, agent)
    while True:
        agent = _able(centre, number)
        contact = NOBODY if agent == NOBODY else _choose(centre, number, centre.agents[agent].held > 0, now)
        if contact == NOBODY:
            return
        _stop_waiting(centre, contact)
        _take(centre, agent, contact, now)
        _settle(centre, agent, now)


# -- a shortcut -----------------------------------------------------------------------------------


def _is_plain(rules: Rules, stretch: Stretch) -> bool:
    """One line of calls without limit, first come first served, by one team that stays the same from begin to close."""
    if len(rules.lines) > 1 or len(rules.teams) > 1 or rules.order != Order.FIFO or len(stretch.staffing) != 1:
        return False
    line, (at, _, heads), arrival = rules.lines[0], stretch.staffing[0], stretch.arrival
    inside = not len(arrival) or (at <= arrival[0] and arrival[-1] < stretch.closes)
    return line.voice and line.max_waiting < 0 and 0 < heads <= stretch.capacity[0] and bool(inside)


@_entry
def _play_plain(centre: Centre, closes: float) -> int:
    """
    The path of a plain centre without events: each contact in turn meets the agent who is free first.

    Here `due` is when an agent is free. Of two agents who become free at one instant, who is first depends on whether
    somebody waits (the end of the lower id) or not (who was taken longer ago): that is left to `_play`, and `closed`
    stays False.

    Source: Kiefer & Wolfowitz (1955), On the theory of queues with many servers; with patience as in Baccelli, Boyer &
    Hebuterne (1984), Single-server queues with impatient customers.
    """
    day, due, calendar, duty, begins = centre.day[0], centre.due, centre.calendar, centre.duty, centre.staffing[0]
    for agent in range(begins.heads):  # before all others, in the order of their numbers
        _plan(centre, agent, begins.at - begins.heads + agent, NONE)
    gone = closes
    for contact in range(len(centre.arrival)):
        agent = calendar[1]
        now, free, patience = centre.arrival[contact], due[agent].at, centre.deadline[contact]
        if free > now:
            if centre.balks[contact]:
                _leave(centre, contact, now, ABANDONED)
                continue
            if day.hang_up and min(free, patience) > closes:
                _leave(centre, contact, closes, OPEN)
                continue
            gone = max(gone, min(free, patience))  # staff stay until nobody waits
            if free > patience:
                _leave(centre, contact, patience, ABANDONED)
                continue
            now = free
        centre.answer[contact], centre.outcome[contact], centre.agent[contact] = now, ANSWERED, agent
        centre.end[contact] = now + centre.work[contact]
        due[agent].at = centre.end[contact]
        if centre.after_work[contact] > 0:
            due[agent].at += centre.after_work[contact]
        if _draws(due, calendar, agent):
            return SOURCE
    duty[0].at, duty[0].team, duty[0].heads = begins.at, NONE, begins.heads
    duty[1].at, duty[1].team, duty[1].heads = gone, NONE, NONE
    day.steps, day.closed = 2, True
    return SOURCE


# -- the close ------------------------------------------------------------------------------------


@part
def _closes(centre: Centre, now: float) -> None:
    """The doors close. From here on hanging up is an event, since the staff leave when nobody waits."""
    centre.day[0].closed = True
    for i in range(len(centre.lines)):
        line = centre.lines[i]
        if not line.watched:
            line.watched = True
            _watch(centre, line.first, now)
            _watch(centre, line.first_missed, now)
    _after_close(centre, now)


@part
def _watch(centre: Centre, contact: int, now: float) -> None:
    """Finds out who has hung up by now, and when the others will."""
    while contact != NOBODY:
        if centre.outcome[contact] == WAITING:
            if centre.deadline[contact] <= now:
                _hang_up(centre, contact)
            elif centre.deadline[contact] < inf:
                _push(centre, centre.deadline[contact], (ABANDONMENT << KIND) + contact)
        contact = centre.link[contact]


@hot
def _after_close(centre: Centre, now: float) -> None:
    if centre.day[0].closed and not centre.day[0].gone:
        _last_ones(centre, now)


@part
def _last_ones(centre: Centre, now: float) -> None:
    """From the close on: whoever can no longer be served is open, and when nobody waits the staff leave."""
    hopeful = False
    for i in range(len(centre.lines)):
        if centre.lines[i].count:
            hopeful |= _let_go(centre, centre.lines[i], now)
    if not hopeful:
        centre.day[0].gone = True
        for team in range(len(centre.teams)):
            _set_duty(centre, team, NONE, now)


@part
def _let_go(centre: Centre, line: Any, now: float) -> bool:
    """Ends the wait of those of a line who cannot be served any more; True if some still can."""
    nobody = True
    if not centre.day[0].hang_up:
        for i in range(line.first_group, line.last_group):
            nobody &= centre.teams[centre.groups[i]].on_duty == 0
    if nobody or centre.day[0].order == NEVER_PAST_THRESHOLD:
        for contact in (line.first, line.first_missed):
            while contact != NOBODY:
                if centre.outcome[contact] == WAITING and (nobody or _missed(centre, contact, now)):
                    _stop_waiting(centre, contact)
                    _leave(centre, contact, now, OPEN)
                contact = centre.link[contact]
    return line.count > 0


# -- who waits ------------------------------------------------------------------------------------


@hot
def _wait(centre: Centre, line: Any, contact: int) -> None:
    """Joins the line: in front where the last come go first, else at the end."""
    centre.outcome[contact] = WAITING
    line.count += 1
    centre.in_queue[line.queue] += 1
    if centre.day[0].order == LIFO:
        centre.link[contact] = line.first
        line.first = contact
    else:
        centre.link[contact] = NOBODY
        if line.first == NOBODY:
            line.first = contact
        else:
            centre.link[line.last] = contact
        line.last = contact
    if line.watched and centre.deadline[contact] < inf:
        _push(centre, centre.deadline[contact], (ABANDONMENT << KIND) + contact)


@hot
def _stop_waiting(centre: Centre, contact: int) -> None:
    """Counts one less; the line drops it when it meets it."""
    line = centre.lines[centre.line[contact]]
    line.count -= 1
    centre.in_queue[line.queue] -= 1


@hot
def _leave(centre: Centre, contact: int, at: float, outcome: int) -> None:
    """Goes unanswered."""
    centre.answer[contact], centre.agent[contact] = nan, NOBODY
    centre.end[contact], centre.outcome[contact] = at, outcome


@hot
def _hang_up(centre: Centre, contact: int) -> None:
    _stop_waiting(centre, contact)
    _leave(centre, contact, centre.deadline[contact], ABANDONED)


@hot
def _waits(centre: Centre, contact: int, now: float) -> bool:
    """Whether a contact in a line is still there: patience that ends now has not ended yet."""
    if centre.outcome[contact] != WAITING:
        return False
    if centre.deadline[contact] < now:
        _hang_up(centre, contact)
        return False
    return True


@hot
def _missed(centre: Centre, contact: int, now: float) -> bool:
    return now > centre.arrival[contact] + centre.lines[centre.line[contact]].threshold_s


@hot
def _head(centre: Centre, line: Any, now: float) -> int:
    """The contact of a line that its contact order takes first, if it takes any."""
    order = centre.day[0].order
    if order not in (FIFO, LIFO):
        return _head_by_threshold(centre, line, now)
    while line.first != NOBODY and not _waits(centre, line.first, now):
        line.first = centre.link[line.first]
    if order == LIFO and line.first != NOBODY:
        return _first_of_the_latest(centre, line.first, now)
    return line.first


@part
def _first_of_the_latest(centre: Centre, latest: int, now: float) -> int:
    """Last come first served; of several who came at one instant, the lowest id."""
    below = centre.link[latest]
    chosen = latest
    while below != NOBODY and centre.arrival[below] == centre.arrival[latest]:
        if _waits(centre, below, now):
            chosen = below
        below = centre.link[below]
    return chosen


@part
def _head_by_threshold(centre: Centre, line: Any, now: float) -> int:
    """Whose promise can still be kept; else, where the order serves them at all, who missed it first."""
    while line.first != NOBODY:
        contact = line.first
        behind = centre.link[contact]
        if _waits(centre, contact, now):
            if not _missed(centre, contact, now):
                return contact
            _put_aside(centre, line, contact)
        line.first = behind
    if centre.day[0].order == NEVER_PAST_THRESHOLD:
        return NOBODY
    while line.first_missed != NOBODY and not _waits(centre, line.first_missed, now):
        line.first_missed = centre.link[line.first_missed]
    return line.first_missed


@hot
def _put_aside(centre: Centre, line: Any, contact: int) -> None:
    centre.link[contact] = NOBODY
    if line.first_missed == NOBODY:
        line.first_missed = contact
    else:
        centre.link[line.last_missed] = contact
    line.last_missed = contact


# -- who takes whom -------------------------------------------------------------------------------


@hot
def _choose(centre: Centre, number: int, chats_only: bool, now: float) -> int:
    """The contact that a team takes next: best priority, then the contact order across its lines."""
    team = centre.teams[number]
    best, priority = NOBODY, NONE
    for i in range(team.first_served, team.last_served):
        served = centre.served[i]
        if best != NOBODY and served.priority != priority:
            break
        line = centre.lines[served.line]
        if line.count and not (chats_only and line.voice):
            contact = _head(centre, line, now)
            if contact != NOBODY and (best == NOBODY or _precedes(centre, contact, best, now)):
                best, priority = contact, served.priority
    return best


@hot
def _precedes(centre: Centre, one: int, other: int, now: float) -> bool:
    order, arrival = centre.day[0].order, centre.arrival
    if order == LIFO and arrival[one] != arrival[other]:
        return arrival[one] > arrival[other]
    if order == NOT_YET_MISSED_FIRST and _missed(centre, one, now) != _missed(centre, other, now):
        return _missed(centre, other, now)
    return one < other


@hot
def _take(centre: Centre, number: int, contact: int, now: float) -> None:
    """An agent takes a contact; `_settle` follows when it takes no more."""
    agent = centre.agents[number]
    centre.answer[contact], centre.outcome[contact], centre.agent[contact] = now, ANSWERED, number
    if centre.lines[centre.line[contact]].voice:
        agent.held, agent.on_call = 1, True
        centre.due[number].at, centre.due[number].what = now + centre.work[contact], (TALK_ENDS << KIND) + contact
    else:
        if agent.chats:
            _read_clock(centre, agent, now)
        else:
            agent.work, agent.since = 0.0, now
        agent.held += 1
        _insert(centre.chats, agent.slots, agent.chats, agent.work + centre.work[contact], contact)
        agent.chats += 1
    agent.last_taken = now


@hot
def _can_take(centre: Centre, number: int) -> bool:
    agent = centre.agents[number]
    team = centre.teams[agent.team]
    return number - team.first_agent < team.on_duty and not agent.on_call and agent.held < team.concurrency


@hot
def _able(centre: Centre, number: int) -> int:
    """The first agent of a team, by the agent rule, who can take a contact at all (a call: if it holds nothing)."""
    team = centre.teams[number]
    if team.longest_idle != NOBODY:
        return team.longest_idle
    if team.concurrency > 1:
        first = centre.ranking[team.ranking + 1]
        if centre.ranks[first].held != UNABLE:
            return first
    return NOBODY


@hot
def _settle(centre: Centre, number: int, now: float) -> None:
    """After contacts came or went: the agent's place among those who can take one, and its next event."""
    _offer(centre, number)
    _plan_next_end(centre, number, now)


@hot
def _offer(centre: Centre, number: int) -> None:
    """Lists an agent where those who can take a contact are found, or takes it off."""
    agent = centre.agents[number]
    team = centre.teams[agent.team]
    able = _can_take(centre, number)
    if agent.listed:
        _stop_idling(centre, team, agent)
    if able and agent.held == 0:
        _idle(centre, team, number)
    if team.concurrency > 1:
        held = agent.held if able and agent.held > 0 else UNABLE
        _rank(centre.ranks, centre.ranking, team, number, held, agent.last_taken)


@hot
def _idle(centre: Centre, team: Any, number: int) -> None:
    """Stands among those who hold nothing: by idle_since (nobody's is later than now), last_taken, number."""
    agent = centre.agents[number]
    ahead = team.last_idle
    while ahead != NOBODY:
        other = centre.agents[ahead]
        if other.idle_since < agent.idle_since:
            break
        if other.last_taken < agent.last_taken or (other.last_taken == agent.last_taken and ahead < number):
            break
        ahead = other.ahead
    behind = team.longest_idle if ahead == NOBODY else centre.agents[ahead].behind
    agent.listed, agent.ahead, agent.behind = True, ahead, behind
    _link_idle(centre, team, ahead, number)
    _link_idle(centre, team, number, behind)


@hot
def _stop_idling(centre: Centre, team: Any, agent: Any) -> None:
    agent.listed = False
    _link_idle(centre, team, agent.ahead, agent.behind)


@hot
def _link_idle(centre: Centre, team: Any, ahead: int, behind: int) -> None:
    if ahead == NOBODY:
        team.longest_idle = behind
    else:
        centre.agents[ahead].behind = behind
    if behind == NOBODY:
        team.last_idle = ahead
    else:
        centre.agents[behind].ahead = ahead


# -- an agent's chats: a virtual clock, and the next to end -------------------------------------------


@hot
def _read_clock(centre: Centre, agent: Any, now: float) -> None:
    agent.work += (now - agent.since) * centre.pace[centre.teams[agent.team].pace + agent.held - 1]
    agent.since = now


@hot
def _plan_next_end(centre: Centre, number: int, now: float) -> None:
    """The agent's next event: a call's end is known since it began, a chat's moves with the pace."""
    agent, due = centre.agents[number], centre.due[number]
    at, what = inf, NOTHING
    if agent.on_call:
        at, what = due.at, due.what
    elif agent.chats:
        done = centre.chats[agent.slots]
        at = agent.since + (done.at - agent.work) / centre.pace[centre.teams[agent.team].pace + agent.held - 1]
        at = max(at, now)  # a completion computed to lie before now happens now
        what = (TALK_ENDS << KIND) + done.what
    if agent.wraps:
        wrap = centre.wraps[agent.slots]
        if wrap.at < at:
            at, what = wrap.at, (WRAP_ENDS << KIND) + wrap.what
    _plan(centre, number, at, what)


@hot
def _insert(events: np.ndarray, first: int, count: int, at: float, what: int) -> None:
    """Into the ordered events of an agent, which begin at *first*."""
    i = first + count
    while i > first and (events[i - 1].at > at or (events[i - 1].at == at and events[i - 1].what > what)):
        events[i].at, events[i].what = events[i - 1].at, events[i - 1].what
        i -= 1
    events[i].at, events[i].what = at, what


@hot
def _remove_first(events: np.ndarray, first: int, left: int) -> None:
    for i in range(first, first + left):
        events[i].at, events[i].what = events[i + 1].at, events[i + 1].what


# -- tournaments ------------------------------------------------------------------------------------
# A binary tree: the winner of node n is the better of those of 2n and 2n + 1, the leaves are agents, node 1 knows who
# is first. After a change of one agent only its own matches are played again. Nobody can foresee who wins, a processor
# neither: a match must need no branch, so those of the calendar are by instants alone, and a draw is decided after.


@hot
def _plan(centre: Centre, number: int, at: float, what: int) -> None:
    """The next event of an agent; `calendar` knows whose comes first."""
    centre.due[number].at, centre.due[number].what = at, what
    if _draws(centre.due, centre.calendar, number):
        _decide(centre.due, centre.calendar, number)


@hot
def _draws(due: np.ndarray, calendar: np.ndarray, number: int) -> bool:
    """Plays the matches of an agent by instants alone; True if one was a draw."""
    at, node = due[number].at, len(calendar) // 2 + number
    closest = inf
    while node > 1:
        rival = calendar[node ^ 1]
        its = due[rival].at
        closest = min(closest, abs(its - at))  # of two who have no event: no number, which is never the least
        if its < at:
            number, at = rival, its
        node >>= 1
        calendar[node] = number
    return closest == 0


@part
def _decide(due: np.ndarray, calendar: np.ndarray, number: int) -> None:
    """Plays them once more, by (time, kind, id)."""
    node = len(calendar) // 2 + number
    while node > 1:
        rival = calendar[node ^ 1]
        if _before(due[rival], due[number].at, due[number].what):
            number = rival
        node >>= 1
        calendar[node] = number


@part
def _rank(ranks: np.ndarray, ranking: np.ndarray, team: Any, number: int, held: int, last_taken: float) -> None:
    """The rank of an agent who holds chats: fewest held, earliest last assignment, number."""
    mine, first = ranks[number], team.ranking
    if held == UNABLE and mine.held == UNABLE:
        return
    mine.held, mine.last_taken = held, last_taken
    winner, node = number, team.seats + number - team.first_agent
    while node > 1:
        rival = ranking[first + (node ^ 1)]
        its = ranks[rival]
        earlier = (its.last_taken < last_taken) | ((its.last_taken == last_taken) & (rival < winner))
        if (its.held < held) | ((its.held == held) & earlier):
            winner, held, last_taken = rival, its.held, its.last_taken
        node >>= 1
        ranking[first + node] = winner


# -- events in a heap -------------------------------------------------------------------------------


@hot
def _before(one: Any, at: float, what: int) -> bool:
    return one.at < at or (one.at == at and one.what < what)


@part
def _push(centre: Centre, at: float, what: int) -> None:
    later, day = centre.later, centre.day[0]
    i = day.later
    day.later += 1
    while i > 0 and not _before(later[(i - 1) // 2], at, what):
        above = later[(i - 1) // 2]
        later[i].at, later[i].what = above.at, above.what
        i = (i - 1) // 2
    later[i].at, later[i].what = at, what


@part
def _pop(centre: Centre) -> int:
    """Takes out the earliest: what it is."""
    later, day = centre.later, centre.day[0]
    first = later[0].what
    day.later -= 1
    size, i = day.later, 0
    at, what = later[size].at, later[size].what
    while 2 * i + 1 < size:
        below = 2 * i + 1
        if below + 1 < size and _before(later[below + 1], later[below].at, later[below].what):
            below += 1
        if not _before(later[below], at, what):
            break
        later[i].at, later[i].what = later[below].at, later[below].what
        i = below
    later[i].at, later[i].what = at, what
    return first


# -- a centre of arrays -------------------------------------------------------------------------------


def run(rules: Rules, stretch: Stretch, shortcut: bool = True) -> Path:
    """
    What happens to every contact of a stretch, by the rules of the centre: bit for bit the path of `reference.run`.

    Args:
        shortcut: Without events where a plain centre allows it; False goes through every event all the same.

    The first call of a process takes some tenths of a second; the first ever, or after an edit of this file, seconds.

    Examples:
        Two calls, one agent who talks 60 s each; the second waits 50 s:

        >>> import numpy as np, datetime as dt
        >>> from csim.engine.rules import Line, Team
        >>> rules = Rules((Line(0, -1, True, 20.0, -1, (0,)),), (Team("desk", ((1, (0,)),), 1, (1.0,)),),
        ...               Order.FIFO, False, np.array([[0]]))
        >>> day = Stretch(0.0, 100.0, dt.datetime(2026, 6, 1, 9), np.array([0, 0]), np.array([0.0, 10.0]),
        ...               np.array([60.0, 60.0]), np.zeros(2), np.array([np.inf, np.inf]), np.zeros(2, bool),
        ...               ((0.0, 0, 1),), (1,))
        >>> run(rules, day).answer.tolist()
        [0.0, 60.0]
    """
    if shortcut and _is_plain(rules, stretch):
        centre = _played(_play_plain, rules, stretch)
        if not centre.day[0]["closed"]:
            centre = _played(_play, rules, stretch)
    else:
        centre = _played(_play, rules, stretch)
    duty = centre.duty[: centre.day[0]["steps"]].tolist()
    return Path(centre.answer, centre.end, centre.agent, centre.outcome, tuple(duty))


def _played(play: Any, rules: Rules, stretch: Stretch) -> Centre:
    """The centre at the end of a stretch, by machine code that says from which source it was made."""
    before = pristine(rules.lines, rules.teams, rules.order, rules.hang_up, stretch.capacity)
    with suppress(Exception):  # a cache cut off by a crash cannot be read, and there is no saying what that raises
        centre = opened(before, stretch)
        if play(centre, float(stretch.closes)) == SOURCE:
            return centre
    play.recompile()  # that, or the cache holds what was made from another version of this file
    centre = opened(before, stretch)
    play(centre, float(stretch.closes))
    return centre

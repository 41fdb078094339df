"""
The reference engine: the rules of the centre as events of a SimPy environment.

This file is the specification. Read it beside RULES.md: one event method per
kind (`staffing`, `talk_ends`, `wrap_ends`, `arrives`, `abandons`, `closes`), and between them who takes whom.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import deque
from collections.abc import Callable, Generator, Iterable
from functools import partial
from heapq import heappop, heappush
from math import inf, nan
from typing import Any

import numpy as np
import simpy

from csim.engine.rules import Kind, Line, Order, Outcome, Path, Rules, Stretch, Team  # noqa: F401

Extension = Callable[["Centre"], Generator]
_WAITING, _COMING = -1, -2


class Moment(simpy.Event):
    """A SimPy event that is due at a known instant and does one thing."""

    def __init__(self, env: simpy.Environment, action: Callable[[Any], None]) -> None:
        self.env, self.callbacks, self._ok, self._value = env, [action], True, None

    def __lt__(self, other: object) -> bool:
        return False  # two entries of one contact at one instant: either may go first, one of them is stale


class Clock(simpy.Environment):
    """SimPy's environment with a written order of events at one instant: (time, kind, id)."""

    def at(self, time: float, kind: int, key: int, action: Callable[[Any], None]) -> None:
        """Do *action* at *time*, among events of that instant in the order of (kind, key)."""
        heappush(self._queue, (time, kind, key, Moment(self, action)))  # type: ignore[misc]

    def schedule(self, event: simpy.Event, priority: Any = 1, delay: float = 0) -> None:
        """What a planner adds with SimPy's own means goes first at its instant."""
        heappush(self._queue, (self._now + delay, Kind.ADDED, next(self._eid), event))  # type: ignore[misc]


class Agent:
    """One agent: the contacts held, and the virtual clock on which its chats run."""

    __slots__ = (
        "chats",
        "due",
        "held",
        "idle_since",
        "last_taken",
        "number",
        "on_call",
        "rank",
        "since",
        "team",
        "work",
    )

    def __init__(self, team: int, number: int) -> None:
        self.team, self.number = team, number
        self.held = 0  # contacts in talk or after-work
        self.on_call = False
        self.idle_since, self.last_taken = -inf, -inf
        self.rank: tuple | None = None  # its place among those who can take a contact
        self.chats: list[tuple[float, int]] = []  # (virtual instant at which the work is done, contact)
        self.work, self.since = 0.0, 0.0  # the virtual clock, and the instant at which it was read
        self.due: tuple[float, int] | None = None  # the next chat to end


class Waiting:
    """The contacts that wait in one line, in order of arrival; contacts that left are dropped when met."""

    __slots__ = ("count", "fresh", "missed")

    def __init__(self) -> None:
        self.fresh: deque[int] = deque()
        self.missed: deque[int] = deque()  # used by the orders that look at the threshold
        self.count = 0


class Centre:
    """A contact centre over one stretch; what a planner's extension is given."""

    def __init__(self, rules: Rules, stretch: Stretch) -> None:
        self.rules, self.stretch = rules, stretch
        self.env = Clock(initial_time=stretch.begins)
        self.agents: list[list[Agent]] = []
        first = 0
        for team, heads in enumerate(stretch.capacity):
            self.agents.append([Agent(team, first + i) for i in range(heads)])
            first += heads
        self.free: list[list[tuple]] = [[] for _ in rules.teams]  # heaps of (rank…, agent), stale ones included
        self.planned, self.on_duty = [0] * len(rules.teams), [0] * len(rules.teams)
        self.offline = [False] * len(rules.teams)
        self.waiting = [Waiting() for _ in rules.lines]
        self.in_queue = [0] * (max(line.queue for line in rules.lines) + 1)
        self.closed = self.gone = False
        self.duty: list[tuple[float, int, int]] = []
        self.line = stretch.line.tolist()
        self.arrival, self.deadline = stretch.arrival.tolist(), stretch.deadline.tolist()
        self.talk, self.wrap = stretch.work.tolist(), stretch.after_work.tolist()
        self.balks = stretch.balks.tolist()
        size = len(self.arrival)
        self.outcome, self.agent_of = [_COMING] * size, [-1] * size
        self.answer, self.end = [nan] * size, [nan] * size
        self.holder: list[Agent | None] = [None] * size

    # -- what happens -----------------------------------------------------------------------------

    def run(self, extensions: Iterable[Extension] = ()) -> Path:
        """Everything from the warm-up to the last contact."""
        env, stretch = self.env, self.stretch
        for at, team, heads in stretch.staffing:
            env.at(at, Kind.STAFFING, team, partial(self._planned_step, team, heads))
        env.at(stretch.closes, Kind.CLOSE, 0, lambda _: self.closes())
        for extension in extensions:
            env.process(extension(self))
        self._next_arrival(0)
        env.run()
        outcome = np.array(self.outcome, dtype=np.int8)
        agent = np.array(self.agent_of, dtype=np.int64)
        return Path(
            np.array(self.answer, dtype=float), np.array(self.end, dtype=float), agent, outcome, tuple(self.duty)
        )

    def _planned_step(self, team: int, heads: int, _: Any) -> None:
        self.staffing(team, heads)

    def staffing(self, team: int, heads: int) -> None:
        """The plan changes: number i is on duty iff i ≤ heads. Leavers finish what they hold."""
        self.planned[team] = heads
        self._set_duty(team, 0 if self.offline[team] or self.gone else heads)

    def _next_arrival(self, contact: int) -> None:
        if contact < len(self.arrival):
            self.env.at(self.arrival[contact], Kind.ARRIVAL, contact, lambda _: self.arrives(contact))

    def arrives(self, contact: int) -> None:
        """Somebody takes it at once, or it is blocked, balks or waits."""
        self._next_arrival(contact + 1)
        number = self.line[contact]
        line = self.rules.lines[number]
        for team in line.groups:
            agent = self._able(team)
            if agent is not None and not (line.voice and agent.held):
                self._take(agent, contact, line)
                return
        now = self.env._now
        if 0 <= line.max_waiting <= self.in_queue[line.queue]:
            self._leave(contact, now, Outcome.BLOCKED)
        elif self.balks[contact]:
            self._leave(contact, now, Outcome.ABANDONED)
        else:
            self.outcome[contact] = _WAITING
            self.waiting[number].fresh.append(contact)
            self.waiting[number].count += 1
            self.in_queue[line.queue] += 1
            if self.deadline[contact] < inf:
                self.env.at(self.deadline[contact], Kind.ABANDONMENT, contact, lambda _: self.abandons(contact))

    def abandons(self, contact: int) -> None:
        """Patience ends: whoever still waits leaves."""
        if self.outcome[contact] == _WAITING:
            self._stop_waiting(contact)
            self._leave(contact, self.env._now, Outcome.ABANDONED)
            self._after_close()

    def talk_ends(self, contact: int) -> None:
        """The talk is over; after-work keeps the slot for clock seconds."""
        now = self.env._now
        agent = self.holder[contact]
        assert agent is not None
        self.end[contact] = now
        if self.wrap[contact] > 0:
            self.env.at(now + self.wrap[contact], Kind.WRAP_ENDS, contact, lambda _: self._releases(agent))
        else:
            self._releases(agent)

    def _releases(self, agent: Agent) -> None:
        """A slot is free: chats that go on speed up, and the next contact may be taken."""
        now = self.env._now
        if agent.chats:
            self._read_clock(agent, now)
        agent.held -= 1
        agent.on_call = False
        if not agent.held:
            agent.idle_since = now
        elif agent.chats:
            self._plan_next_end(agent, now)
        self._offer(agent)
        self._match(agent.team)
        self._after_close()

    def closes(self) -> None:
        """The doors close: `hang_up` ends the day for those waiting, `drain` when nobody waits who may be served."""
        self.closed = True
        self._after_close()

    # -- chats: a virtual clock per agent ---------------------------------------------------------

    def _read_clock(self, agent: Agent, now: float) -> None:
        agent.work += (now - agent.since) * self.rules.teams[agent.team].pace[agent.held - 1]
        agent.since = now

    def _plan_next_end(self, agent: Agent, now: float) -> None:
        done, contact = agent.chats[0]
        at = agent.since + (done - agent.work) / self.rules.teams[agent.team].pace[agent.held - 1]
        at = max(at, now)  # a completion computed to lie before now happens now
        if agent.due != (at, contact):
            due = agent.due = (at, contact)
            self.env.at(at, Kind.TALK_ENDS, contact, lambda _: self._chat_ends(agent, due))

    def _chat_ends(self, agent: Agent, due: tuple[float, int]) -> None:
        if agent.due is not due:
            return  # the pace changed since: another end was planned
        agent.due = None
        agent.work, contact = agent.chats.pop(0)  # land exactly on the target
        agent.since = self.env._now
        self.talk_ends(contact)
        if agent.chats and agent.due is None:
            self._plan_next_end(agent, self.env._now)

    # -- who takes whom ---------------------------------------------------------------------------

    def _set_duty(self, team: int, heads: int) -> None:
        now, before = self.env._now, self.on_duty[team]
        self.on_duty[team] = heads
        self.duty.append((now, team, heads))
        for agent in self.agents[team][heads:before]:
            agent.rank = None
        for agent in self.agents[team][before:heads]:
            if not agent.held:
                agent.idle_since = now
            self._offer(agent)
        self._match(team)

    def _offer(self, agent: Agent) -> None:
        """Ranks an agent who can take a contact: fewest held, longest idle, earliest last assignment, number."""
        on_duty = agent.number - self.agents[agent.team][0].number < self.on_duty[agent.team]
        if not on_duty or agent.on_call or agent.held >= self.rules.teams[agent.team].concurrency:
            agent.rank = None
            return
        idle = -inf if agent.held else agent.idle_since
        agent.rank = (agent.held, idle, agent.last_taken, agent.number)
        heappush(self.free[agent.team], (agent.rank, agent))

    def _able(self, team: int) -> Agent | None:
        """The first agent of a team, by the agent rule, who can take a contact at all (a call: if it holds nothing)."""
        heap = self.free[team]
        while heap:
            rank, agent = heap[0]
            if agent.rank is rank:
                return agent
            heappop(heap)
        return None

    def _match(self, team: int) -> None:
        """Agents of a team take waiting contacts, one each in turn, until none can."""
        while (agent := self._able(team)) is not None:
            number = self._choose(team, agent.held > 0)
            if number is None:
                return
            contact = self._head(number)
            assert contact is not None
            self._stop_waiting(contact)
            self._take(agent, contact, self.rules.lines[number])

    def _choose(self, team: int, chats_only: bool) -> int | None:
        """The line whose first contact goes next: best priority, then the contact order across its lines."""
        lines = self.rules.lines
        for _, numbers in self.rules.teams[team].serves:
            best: tuple | None = None
            for number in numbers:
                if self.waiting[number].count and not (chats_only and lines[number].voice):
                    contact = self._head(number)
                    if contact is not None and (best is None or self._precedes(contact, best[0])):
                        best = (contact, number)
            if best is not None:
                return best[1]
        return None

    def _precedes(self, one: int, other: int) -> bool:
        order = self.rules.order
        if order is Order.LIFO:
            return (-self.arrival[one], one) < (-self.arrival[other], other)
        if order is Order.NOT_YET_MISSED_FIRST:
            return (self._missed(one), one) < (self._missed(other), other)
        return one < other

    def _missed(self, contact: int) -> bool:
        return self.env._now > self.arrival[contact] + self.rules.lines[self.line[contact]].threshold_s

    def _head(self, number: int) -> int | None:
        """The contact of a line that its contact order takes first, if it takes any."""
        room, order, outcome = self.waiting[number], self.rules.order, self.outcome
        fresh = room.fresh
        if order is Order.LIFO:
            while fresh and outcome[fresh[-1]] != _WAITING:
                fresh.pop()
            last = len(fresh) - 1
            return self._first_of_the_latest(fresh, last) if fresh else None
        while fresh and outcome[fresh[0]] != _WAITING:
            fresh.popleft()
        if order is Order.FIFO:
            return fresh[0] if fresh else None
        while fresh and (outcome[fresh[0]] != _WAITING or self._missed(fresh[0])):
            room.missed.append(fresh.popleft())
        if fresh:
            return fresh[0]
        if order is Order.NEVER_PAST_THRESHOLD:
            return None
        while room.missed and outcome[room.missed[0]] != _WAITING:
            room.missed.popleft()
        return room.missed[0] if room.missed else None

    def _first_of_the_latest(self, fresh: deque[int], last: int) -> int:
        """Last come first served; of several who came at one instant, the lowest id."""
        chosen = fresh[last]
        while last and self.arrival[fresh[last - 1]] == self.arrival[chosen]:
            last -= 1
            if self.outcome[fresh[last]] == _WAITING:
                chosen = fresh[last]
        return chosen

    def _take(self, agent: Agent, contact: int, line: Line) -> None:
        now = self.env._now
        self.answer[contact], self.outcome[contact] = now, Outcome.ANSWERED
        self.agent_of[contact], self.holder[contact] = agent.number, agent
        if line.voice:
            agent.held, agent.on_call = 1, True
            end = now + self.talk[contact]
            self.env.at(end, Kind.TALK_ENDS, contact, lambda _: self.talk_ends(contact))
        else:
            if agent.chats:
                self._read_clock(agent, now)
            else:
                agent.work, agent.since = 0.0, now
            agent.held += 1
            insort(agent.chats, (agent.work + self.talk[contact], contact))
            self._plan_next_end(agent, now)
        agent.last_taken = now
        self._offer(agent)

    def _stop_waiting(self, contact: int) -> None:
        line = self.line[contact]
        self.waiting[line].count -= 1
        self.in_queue[self.rules.lines[line].queue] -= 1

    def _leave(self, contact: int, now: float, outcome: Outcome) -> None:
        self.end[contact], self.outcome[contact] = now, outcome

    def _after_close(self) -> None:
        """From the close on: whoever can no longer be served is open, and when nobody waits the staff leave."""
        if not self.closed or self.gone:
            return
        hopeful = False
        for number, room in enumerate(self.waiting):
            if room.count:
                hopeful |= self._let_go(number)
        if not hopeful:
            self.gone = True
            for team in range(len(self.on_duty)):
                self._set_duty(team, 0)

    def _let_go(self, number: int) -> bool:
        """Ends the wait of those of a line who cannot be served any more; True if some still can."""
        room, line = self.waiting[number], self.rules.lines[number]
        nobody = self.rules.hang_up or not any(self.on_duty[team] for team in line.groups)
        picky = self.rules.order is Order.NEVER_PAST_THRESHOLD
        if not nobody and not picky:
            return True
        kept = 0
        for contact in [*room.missed, *room.fresh]:
            if self.outcome[contact] != _WAITING:
                continue
            if nobody or (picky and self._missed(contact)):
                self._stop_waiting(contact)
                self._leave(contact, self.env._now, Outcome.OPEN)
            else:
                kept += 1
        return kept > 0

    # -- what a planner may add -------------------------------------------------------------------

    def until(self, clock: str) -> simpy.Event:
        """
        An event at the first such local time ("10:30") from the stretch's opening on, for `yield` in an extension.

        After that time it is due at once.
        """
        opens = self.stretch.opens
        date = opens.date() + dt.timedelta(days=dt.time.fromisoformat(clock) < opens.time())
        moment = dt.datetime.combine(date, dt.time.fromisoformat(clock), opens.tzinfo)
        elapsed = moment.astimezone(dt.UTC) - opens.astimezone(dt.UTC)  # clocks may change in between
        return self.env.timeout(max(0.0, elapsed.total_seconds() - self.env.now))

    def take_offline(self, group: str) -> None:
        """The group takes no more contacts; its agents finish what they hold."""
        team = self._team(group)
        self.offline[team] = True
        self._set_duty(team, 0)
        self._after_close()  # nobody may be left to serve those who wait

    def bring_online(self, group: str) -> None:
        """The group is back, with the agents that the plan has now."""
        team = self._team(group)
        self.offline[team] = False
        self._set_duty(team, 0 if self.gone else self.planned[team])

    def _team(self, group: str) -> int:
        names = [team.name for team in self.rules.teams]
        if group not in names:
            raise KeyError(f'no group "{group}": there are {", ".join(names)}')
        return names.index(group)


def run(rules: Rules, stretch: Stretch, extensions: Iterable[Extension] = ()) -> Path:
    """
    What happens to every contact of a stretch, by the rules of the centre.

    Args:
        rules, stretch: See `csim.engine.rules`.
        extensions: SimPy processes that a planner adds, called with the `Centre` when the stretch begins.

    Examples:
        Two calls, one agent who talks 60 s each; the second waits 50 s:

        >>> import numpy as np, datetime as dt
        >>> rules = Rules((Line(0, -1, True, 20.0, -1, (0,)),), (Team("desk", ((1, (0,)),), 1, (1.0,)),),
        ...               Order.FIFO, False, np.array([[0]]))
        >>> day = Stretch(0.0, 100.0, dt.datetime(2026, 6, 1, 9), np.array([0, 0]), np.array([0.0, 10.0]),
        ...               np.array([60.0, 60.0]), np.zeros(2), np.array([np.inf, np.inf]), np.zeros(2, bool),
        ...               ((0.0, 0, 1),), (1,))
        >>> run(rules, day).answer.tolist()
        [0.0, 60.0]
    """
    return Centre(rules, stretch).run(extensions)

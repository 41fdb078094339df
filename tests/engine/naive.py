"""
The rules of the centre written a second time, from the words of the house plan alone: slow, and nothing but lists.

After each event everything is looked at again: all pending events are listed and the smallest (instant, kind, id) goes
next; then every agent on duty is asked, in order, whether it can take somebody. No heaps, no stale entries, no
assumption about which event can change what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, nan

import numpy as np

from csim.engine.rules import Order, Outcome, Path, Rules, Stretch

# the order of events at one instant, as the house plan has it
STAFFING, TALK_ENDS, WRAP_ENDS, ARRIVAL, ABANDONMENT, CLOSE = range(6)


@dataclass
class Agent:
    """Who it is, what it holds, and the virtual clock of its chats."""

    team: int
    place: int
    number: int
    on_duty: bool = False
    idle_since: float = -inf
    last_taken: float = -inf
    calls: dict[int, float] = field(default_factory=dict)  # contact → end of talk
    chats: dict[int, float] = field(default_factory=dict)  # contact → virtual instant of its end
    wraps: dict[int, float] = field(default_factory=dict)  # contact → end of after-work
    call: bool = False  # a voice call or its after-work is held
    virtual: float = 0.0
    read_at: float = 0.0

    @property
    def held(self) -> int:
        return len(self.calls) + len(self.chats) + len(self.wraps)

    @property
    def order(self) -> tuple:
        """Nothing held first, by the earliest instant; then fewest held, earliest last assignment, lowest number."""
        return (self.held, -inf if self.held else self.idle_since, self.last_taken, self.number)


class Naive:
    """One stretch, event by event."""

    def __init__(self, rules: Rules, stretch: Stretch) -> None:
        self.rules, self.stretch, self.now = rules, stretch, stretch.begins
        places = [(team, place) for team, heads in enumerate(stretch.capacity) for place in range(heads)]
        self.agents = [Agent(team, place, number) for number, (team, place) in enumerate(places)]
        self.staffing = list(stretch.staffing)
        self.coming = list(range(len(stretch.arrival)))
        self.waiting: list[int] = []
        self.closed = self.gone = False
        size = len(stretch.arrival)
        self.answer, self.end = np.full(size, nan), np.full(size, nan)
        self.agent, self.outcome = np.full(size, -1), np.full(size, -1)
        self.duty: list[tuple[float, int, int]] = []

    def run(self) -> Path:
        """Everything from the warm-up to the last contact."""
        while pending := self._pending():
            at, kind, key, act = min(pending, key=lambda event: (max(event[0], self.now), *event[1:3]))
            self.now = max(at, self.now)
            act(key)
            self._match()
            if self.closed and not self.gone and kind in (CLOSE, ABANDONMENT, WRAP_ENDS, TALK_ENDS):
                self._after_close(kind, key)
        return Path(self.answer, self.end, self.agent, self.outcome, tuple(self.duty))

    # -- events -----------------------------------------------------------------------------------

    def _pending(self) -> list[tuple]:
        found: list[tuple] = [(at, STAFFING, team, self._staff) for at, team, _ in self.staffing[:1]]
        for agent in self.agents:
            found += [(at, TALK_ENDS, contact, self._talk_ends) for contact, at in agent.calls.items()]
            found += [(at, WRAP_ENDS, contact, self._wrap_ends) for contact, at in agent.wraps.items()]
            if agent.chats:
                target, contact = min((target, contact) for contact, target in agent.chats.items())
                found.append((agent.read_at + (target - agent.virtual) / self._pace(agent), TALK_ENDS, contact,
                              self._talk_ends))  # fmt: skip
        found += [(self.stretch.arrival[i], ARRIVAL, i, self._arrives) for i in self.coming[:1]]
        deadlines = [(self.stretch.deadline[i], i) for i in self.waiting if self.stretch.deadline[i] < inf]
        found += [(at, ABANDONMENT, i, self._abandons) for at, i in deadlines]
        return found if self.closed else [*found, (self.stretch.closes, CLOSE, 0, self._closes)]

    def _staff(self, _: int) -> None:
        _, team, heads = self.staffing.pop(0)
        self._set_duty(team, heads)

    def _set_duty(self, team: int, heads: int) -> None:
        self.duty.append((self.now, team, heads))
        for agent in self.agents:
            if agent.team == team:
                if agent.place < heads and not agent.on_duty and not agent.held:
                    agent.idle_since = self.now
                agent.on_duty = agent.place < heads

    def _arrives(self, contact: int) -> None:
        self.coming.pop(0)
        line = self.rules.lines[self.stretch.line[contact]]
        for team in line.groups:
            able = [agent for agent in self.agents if agent.team == team and self._can(agent, contact)]
            if able:
                self._take(min(able, key=lambda agent: agent.order), contact)
                return
        ahead = sum(self.rules.lines[self.stretch.line[i]].queue == line.queue for i in self.waiting)
        if line.max_waiting >= 0 and ahead >= line.max_waiting:
            self._leave(contact, Outcome.BLOCKED)
        elif self.stretch.balks[contact]:
            self._leave(contact, Outcome.ABANDONED)
        else:
            self.waiting.append(contact)

    def _talk_ends(self, contact: int) -> None:
        agent = self.agents[self.agent[contact]]
        self.end[contact] = self.now
        if contact in agent.chats:
            agent.virtual, agent.read_at = agent.chats.pop(contact), self.now
        else:
            del agent.calls[contact]
        agent.wraps[contact] = self.now + self.stretch.after_work[contact]
        if not self.stretch.after_work[contact] > 0:
            self._wrap_ends(contact)

    def _wrap_ends(self, contact: int) -> None:
        agent = self.agents[self.agent[contact]]
        if agent.chats:
            self._read(agent)
        del agent.wraps[contact]
        agent.call = False
        if not agent.held:
            agent.idle_since = self.now

    def _abandons(self, contact: int) -> None:
        self.waiting.remove(contact)
        self._leave(contact, Outcome.ABANDONED)

    def _closes(self, _: int) -> None:
        self.closed = True

    def _leave(self, contact: int, outcome: Outcome) -> None:
        self.end[contact], self.outcome[contact] = self.now, outcome

    def _after_close(self, kind: int, contact: int) -> None:
        """Whoever can no longer be served is open at the close, when a slot becomes free or when somebody hangs up."""
        if kind == TALK_ENDS and contact in self.agents[self.agent[contact]].wraps:
            return
        for waiter in list(self.waiting):
            line = self.rules.lines[self.stretch.line[waiter]]
            nobody = not any(agent.on_duty and agent.team in line.groups for agent in self.agents)
            never = self.rules.order is Order.NEVER_PAST_THRESHOLD and self._missed(waiter)
            if self.rules.hang_up or nobody or never:
                self.waiting.remove(waiter)
                self._leave(waiter, Outcome.OPEN)
        if not self.waiting:
            self.gone = True
            for team in range(len(self.rules.teams)):
                self._set_duty(team, 0)

    # -- who takes whom ---------------------------------------------------------------------------

    def _can(self, agent: Agent, contact: int) -> bool:
        line, team = self.rules.lines[self.stretch.line[contact]], self.rules.teams[agent.team]
        if not agent.on_duty or agent.call or agent.team not in line.groups:
            return False
        return agent.held == 0 if line.voice else agent.held < team.concurrency

    def _match(self) -> None:
        while True:
            for agent in sorted(self.agents, key=lambda agent: (agent.team, agent.order)):
                takes = self._chosen(agent)
                if takes is not None:
                    self.waiting.remove(takes)
                    self._take(agent, takes)
                    break
            else:
                return

    def _chosen(self, agent: Agent) -> int | None:
        order = self.rules.order
        able = [i for i in self.waiting if self._can(agent, i)]
        if order is Order.NEVER_PAST_THRESHOLD:
            able = [i for i in able if not self._missed(i)]

        def place(contact: int) -> tuple:
            line = self.stretch.line[contact]
            rank = next(rank for rank, lines in self.rules.teams[agent.team].serves if line in lines)
            arrival = self.stretch.arrival[contact]
            if order is Order.LIFO:
                return rank, -arrival, contact
            missed = order is Order.NOT_YET_MISSED_FIRST and self._missed(contact)
            return rank, missed, arrival, contact

        return min(able, key=place, default=None)

    def _missed(self, contact: int) -> bool:
        threshold = self.rules.lines[self.stretch.line[contact]].threshold_s
        return self.now > self.stretch.arrival[contact] + threshold

    def _take(self, agent: Agent, contact: int) -> None:
        self.answer[contact], self.outcome[contact], self.agent[contact] = self.now, Outcome.ANSWERED, agent.number
        agent.last_taken = self.now
        work = self.stretch.work[contact]
        if self.rules.lines[self.stretch.line[contact]].voice:
            agent.calls[contact], agent.call = self.now + work, True
            return
        if agent.chats:
            self._read(agent)
        else:
            agent.virtual, agent.read_at = 0.0, self.now
        agent.chats[contact] = agent.virtual + work

    def _pace(self, agent: Agent) -> float:
        return self.rules.teams[agent.team].pace[agent.held - 1]

    def _read(self, agent: Agent) -> None:
        """The virtual clock of an agent's chats, before what it holds changes."""
        agent.virtual += (self.now - agent.read_at) * self._pace(agent)
        agent.read_at = self.now


def run(rules: Rules, stretch: Stretch) -> Path:
    """What happens to every contact of a stretch; the same signature as the engines."""
    return Naive(rules, stretch).run()

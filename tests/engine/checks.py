"""What must hold on every path of any engine, checked contact by contact from the path itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csim.engine.rules import Order, Outcome, Path, Rules, Stretch
from csim.scenario.load import Scenario
from csim.workload.draw import Workload, vendor_names

CLOSE_ENOUGH = 1e-6  # of work carried through a virtual clock in floating point, relative


class Book:
    """A path and what follows from it: who waited until when, who held what when, who was on duty."""

    def __init__(self, rules: Rules, stretch: Stretch, path: Path) -> None:
        self.rules, self.stretch, self.path = rules, stretch, path
        self.answered = path.outcome == Outcome.ANSWERED
        self.left = np.where(self.answered, path.answer, path.end)
        self.free = np.where(self.answered, path.end + stretch.after_work, np.nan)
        self.lines = [rules.lines[i] for i in stretch.line]
        self.queue = np.array([line.queue for line in self.lines], dtype=int)
        self.voice = np.array([line.voice for line in self.lines], dtype=bool)
        self.team = np.repeat(np.arange(len(stretch.capacity)), stretch.capacity)
        self.place = np.concatenate([np.arange(heads) for heads in stretch.capacity])
        at_once = self.left == stretch.arrival
        turned_away = (path.outcome == Outcome.BLOCKED) | stretch.balks
        self.waited = ~turned_away & ~(self.answered & at_once)

    def heads(self, at: float, *, before: bool = False) -> np.ndarray:
        """Agents on duty by team at an instant, its own changes included (or not yet)."""
        heads = np.zeros(len(self.stretch.capacity), dtype=int)
        for when, team, count in self.path.duty:
            if when < at or (when == at and not before):
                heads[team] = count
        return heads

    def on_duty(self, at: float, *, before: bool = False) -> np.ndarray:
        """Which agents are on duty."""
        return self.place < self.heads(at, before=before)[self.team]

    def able(self, held_by: np.ndarray, contact: int, at: float) -> np.ndarray:
        """Which agents could take *contact* at an instant at which the contacts *held_by* (a mask) are held."""
        agents = self.path.agent[held_by]
        held = np.bincount(agents, minlength=len(self.team))
        calls = np.bincount(agents[self.voice[held_by]], minlength=len(self.team))
        slots = np.array([team.concurrency for team in self.rules.teams])[self.team]
        room = held == 0 if self.voice[contact] else (calls == 0) & (held < slots)
        return room & self.on_duty(at) & np.isin(self.team, self.lines[contact].groups)


def violations(scenario: Scenario, rules: Rules, workload: Workload, number: int, stretch: Stretch, path: Path) -> list:
    """Sentences about everything that is against the rules on the path of one stretch (the *number*-th)."""
    book = Book(rules, stretch, path)
    vendor = workload.vendor[workload.bounds[number] : workload.bounds[number + 1]]
    return [
        *_one_outcome(book),
        *_patience(book),
        *_full_lines(book),
        *_hands(book),
        *_duty(book),
        *_right_group(book, scenario, vendor),
        *_work_done(book),
        *_idle_while_waiting(book),
        *_order(book),
        *_close(book),
    ]


def _one_outcome(book: Book) -> Iterator[str]:
    path, arrival = book.path, book.stretch.arrival
    if len(path.outcome) != len(arrival) or not np.isin(path.outcome, list(Outcome)).all():
        yield "a contact has no outcome"
    if (np.isnan(path.answer) == book.answered).any() or ((path.agent < 0) == book.answered).any():
        yield "answered, but by nobody or never; or not answered, but by somebody"
    if np.isnan(path.end).any() or (path.end < book.left).any():
        yield "a contact has no end, or ends before it is answered"
    if (book.left < arrival).any():
        yield "a contact starts or leaves before it arrives"


def _patience(book: Book) -> Iterator[str]:
    path, stretch = book.path, book.stretch
    if (path.answer[book.answered] > stretch.deadline[book.answered]).any():
        yield "answered after patience ended"
    abandoned = path.outcome == Outcome.ABANDONED
    if (path.end[abandoned & ~stretch.balks] != stretch.deadline[abandoned & ~stretch.balks]).any():
        yield "hung up at another instant than the end of its patience"
    if (book.left[stretch.balks] != stretch.arrival[stretch.balks]).any():
        yield "a contact that balks has waited"
    if (path.end[path.outcome == Outcome.BLOCKED] != stretch.arrival[path.outcome == Outcome.BLOCKED]).any():
        yield "a blocked contact has waited"


def _full_lines(book: Book) -> Iterator[str]:
    path, arrival = book.path, book.stretch.arrival
    for i, line in enumerate(book.lines):
        ahead = book.waited[:i] & (book.queue[:i] == line.queue)
        still = (book.left[:i] > arrival[i]) | (
            (book.left[:i] == arrival[i]) & (path.outcome[:i] == Outcome.ABANDONED)
        )  # hanging up comes after arrivals of the same instant
        full = 0 <= line.max_waiting <= (ahead & still).sum()
        if path.outcome[i] == Outcome.BLOCKED and not full:
            yield f"contact {i} is blocked although fewer than max_waiting wait"
        if full and (book.waited[i] or (book.stretch.balks[i] and path.outcome[i] == Outcome.ABANDONED)):
            yield f"contact {i} waits or balks although max_waiting wait already"


def _hands(book: Book) -> Iterator[str]:
    slots = np.array([team.concurrency for team in book.rules.teams])[book.team]
    for agent in range(len(book.team)):
        mine = np.flatnonzero(book.path.agent == agent)
        for i in mine:
            begins = book.path.answer[i]
            others = mine[mine != i]
            held = others[(book.path.answer[others] <= begins) & (book.free[others] > begins)]
            if book.voice[i] and len(held):
                yield f"agent {agent} takes call {i} while holding {held.tolist()}"
            if not book.voice[i] and book.voice[held].any():
                yield f"agent {agent} takes chat {i} during a call"
            most = 1 if book.voice[i] else slots[agent]
            if len(held) + 1 > most:
                yield f"agent {agent} holds {len(held) + 1} contacts"


def _duty(book: Book) -> Iterator[str]:
    stretch, duty = book.stretch, book.path.duty
    plan = [step for step in duty if step[0] < stretch.closes]
    if tuple(plan) != stretch.staffing:
        yield "staff came and went by another plan"
    if book.heads(np.inf).any():
        yield "somebody is on duty for ever"
    leaving = {at for at, _, heads in duty if at >= stretch.closes and heads == 0}
    if len(leaving) != 1:
        yield "the last staff do not leave together"
    for i in np.flatnonzero(book.answered):
        at, agent = book.path.answer[i], book.path.agent[i]
        # whoever frees at the instant of the last departure may still take somebody: staff leave after that
        if not book.on_duty(at, before=at >= stretch.closes)[agent]:
            yield f"contact {i} is answered by agent {agent}, who is not on duty at {at}"


def _right_group(book: Book, scenario: Scenario, vendor: np.ndarray) -> Iterator[str]:
    queues, groups, vendors = list(scenario.queues), list(scenario.groups.values()), vendor_names(scenario)
    for i in np.flatnonzero(book.answered):
        group = groups[book.team[book.path.agent[i]]]
        if queues[book.queue[i]] not in group.serves:
            yield f"contact {i} is served by a group that does not serve its queue"
        if vendor[i] >= 0 and group.vendor != vendors[vendor[i]]:
            yield f"contact {i} of vendor {vendors[vendor[i]]} is served by vendor {group.vendor}"


def _work_done(book: Book) -> Iterator[str]:
    path, work = book.path, book.stretch.work
    calls = book.answered & book.voice
    if (path.end[calls] != path.answer[calls] + work[calls]).any():
        yield "a call is longer or shorter than its talk"
    for i in np.flatnonzero(book.answered & ~book.voice):
        mine = path.agent == path.agent[i]
        begins, ends = path.answer[mine], book.free[mine]
        edges = np.unique(np.clip(np.concatenate([begins, ends]), path.answer[i], path.end[i]))
        middle = (edges[1:] + edges[:-1]) / 2
        held = ((begins <= middle[:, None]) & (middle[:, None] < ends)).sum(1)
        pace = np.array(book.rules.teams[book.team[path.agent[i]]].pace)[held - 1]
        done = (np.diff(edges) * pace).sum()
        if abs(done - work[i]) > CLOSE_ENOUGH * max(work[i], 1.0):
            yield f"chat {i} had work for {work[i]} s at pace 1 and got {done}"


def _idle_while_waiting(book: Book) -> Iterator[str]:
    """Work conservation: at its arrival and at any time later, nobody waits whom an agent could take."""
    path, arrival = book.path, book.stretch.arrival
    never = book.rules.order is Order.NEVER_PAST_THRESHOLD
    number = np.arange(len(arrival))
    for i in np.flatnonzero(~(book.answered & (book.left == arrival))):
        at = arrival[i]
        held = book.answered & (book.free > at) & ((path.answer < at) | ((path.answer == at) & (number < i)))
        if book.able(held, i, at).any():
            yield f"contact {i} is not taken at its arrival, {at}, although an agent could"
    edges = np.unique(np.concatenate([arrival, book.left, book.free, [at for at, _, _ in path.duty]]))
    for i in np.flatnonzero(book.waited):
        until = min(book.left[i], arrival[i] + book.lines[i].threshold_s) if never else book.left[i]
        inside = edges[(edges > arrival[i]) & (edges < until)]
        marks = np.concatenate([[arrival[i]], inside, [until]])
        for at in (marks[1:] + marks[:-1]) / 2 if until > arrival[i] else ():
            held = book.answered & (path.answer <= at) & (book.free > at)
            if at not in edges and book.able(held, i, at).any():
                yield f"contact {i} waits at {at} although an agent could take it"


def _order(book: Book) -> Iterator[str]:
    path, stretch, order = book.path, book.stretch, book.rules.order
    threshold = np.array([line.threshold_s for line in book.lines])
    with np.errstate(invalid="ignore"):
        if order is Order.NEVER_PAST_THRESHOLD and (path.answer > stretch.arrival + threshold).any():
            yield "a contact past its threshold was served"
    for i in np.flatnonzero(book.answered & book.waited):
        at = path.answer[i]
        same = book.waited & (stretch.line == stretch.line[i]) & (stretch.arrival < at)
        # still there when i was taken: whoever leaves at that instant by hanging up leaves after it
        rivals = np.flatnonzero(same & ((book.left > at) | ((book.left == at) & ~book.answered)))
        for j in rivals:
            missed_i, missed_j = (at > stretch.arrival[k] + threshold[k] for k in (i, j))
            if order is Order.LIFO:
                first = (-stretch.arrival[j], j) < (-stretch.arrival[i], i)
            elif order is Order.NEVER_PAST_THRESHOLD:
                first = not missed_j and j < i
            elif order is Order.NOT_YET_MISSED_FIRST:
                first = (missed_j, j) < (missed_i, i)
            else:
                first = j < i
            if first:
                yield f"contact {i} was taken at {at} before {j}"


def _close(book: Book) -> Iterator[str]:
    path, stretch, rules = book.path, book.stretch, book.rules
    opened = np.flatnonzero(path.outcome == Outcome.OPEN)
    if rules.hang_up:
        if (path.end[opened] != stretch.closes).any() or (book.left > stretch.closes).any():
            yield "somebody waits after the close although the centre hangs up"
        return
    for i in opened:
        nobody = not book.heads(stretch.closes, before=True)[list(book.lines[i].groups)].any()
        missed = path.end[i] > stretch.arrival[i] + book.lines[i].threshold_s
        if path.end[i] < stretch.closes:
            yield f"contact {i} is open before the close"
        if not nobody and not (rules.order is Order.NEVER_PAST_THRESHOLD and missed):
            yield f"contact {i} is open although somebody could have served it"

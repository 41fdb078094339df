"""What both engines are given and what both must return: the rules of the centre as arrays."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from csim.scenario.calendar import Days
from csim.scenario.check import serving
from csim.scenario.load import Scenario
from csim.scenario.pace import pace_steps
from csim.workload.draw import Workload, vendor_names


class Kind(IntEnum):
    """The kinds of event, in their order at one instant; what a planner adds comes before all."""

    ADDED = -1
    STAFFING = 0
    TALK_ENDS = 1
    WRAP_ENDS = 2
    ARRIVAL = 3
    ABANDONMENT = 4
    CLOSE = 5


class Outcome(IntEnum):
    """How a contact ends."""

    ANSWERED = 0
    ABANDONED = 1
    BLOCKED = 2
    OPEN = 3


class Order(IntEnum):
    """Which waiting contact an agent takes first."""

    FIFO = 0
    LIFO = 1
    NOT_YET_MISSED_FIRST = 2
    NEVER_PAST_THRESHOLD = 3


@dataclass(frozen=True)
class Line:
    """Contacts that wait for the same agents: a queue, or one vendor's share of it."""

    queue: int
    vendor: int
    voice: bool
    threshold_s: float
    max_waiting: int  # -1: no limit
    groups: tuple[int, ...]  # in the order in which an arriving contact tries them


@dataclass(frozen=True)
class Team:
    """A group as the engines see it: its lines by priority, its slots and their pace."""

    name: str
    serves: tuple[tuple[int, tuple[int, ...]], ...]  # (priority, lines), best first
    concurrency: int
    pace: tuple[float, ...]


@dataclass(frozen=True)
class Rules:
    """
    Everything about a centre that does not change from day to day.

    `agent: longest_idle` and `least_loaded` need no flag: as the rules of the centre are written, both order agents
    by (contacts held, longest idle, earliest last assignment, number).
    """

    lines: tuple[Line, ...]
    teams: tuple[Team, ...]
    order: Order
    hang_up: bool
    line_of: np.ndarray  # [queue, vendor + 1] → line

    @classmethod
    def of(cls, scenario: Scenario) -> Rules:
        """The rules of a scenario."""
        lines, line_of = _lines(scenario)
        return cls(
            lines,
            _teams(scenario, lines),
            Order[scenario.file.routing.contact.upper()],
            scenario.file.calendar.after_close == "hang_up",
            line_of,
        )


def _lines(scenario: Scenario) -> tuple[tuple[Line, ...], np.ndarray]:
    vendors, groups = vendor_names(scenario), list(scenario.groups)
    line_of = np.full((len(scenario.queues), len(vendors) + 1), -1)
    lines: list[Line] = []
    for index, (name, queue) in enumerate(scenario.queues.items()):
        for vendor in [None] if queue.shares is None else list(queue.shares):
            number = -1 if vendor is None else vendors.index(vendor)
            line_of[index, number + 1] = len(lines)
            threshold = float("inf") if queue.answer_within is None else queue.answer_within
            limit = -1 if queue.max_waiting is None else queue.max_waiting
            served_by = tuple(groups.index(group) for group in serving(scenario.file, name, vendor))
            lines.append(Line(index, number, queue.channel == "voice", threshold, limit, served_by))
    return tuple(lines), line_of


def _teams(scenario: Scenario, lines: tuple[Line, ...]) -> tuple[Team, ...]:
    names = list(scenario.queues)
    teams = []
    for number, (name, group) in enumerate(scenario.groups.items()):
        ranks: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            if number in line.groups:
                queue = names[line.queue]
                rank = group.priority.get(queue, scenario.queues[queue].priority)
                ranks.setdefault(rank, []).append(index)
        serves = tuple((rank, tuple(ranks[rank])) for rank in sorted(ranks))
        teams.append(Team(name, serves, group.concurrency, pace_steps(group)))
    return tuple(teams)


@dataclass(frozen=True)
class Stretch:
    """
    One day that starts empty (or a whole carried-over calendar): the contacts and the staffing plan.

    Times are seconds from its opening. Contact arrays are ordered by arrival; the position is the contact's id.

    Attributes:
        begins: Start of the warm-up (0 without one). closes: The end of arrivals.
        opens: The opening as a local time.
        line, arrival, work, after_work, deadline, balks: One entry per contact.
        staffing: (instant, team, agents on duty), by instant and team; the first ones at `begins`.
        capacity: Per team, the highest number of agents ever on duty.
    """

    begins: float
    closes: float
    opens: dt.datetime
    line: np.ndarray
    arrival: np.ndarray
    work: np.ndarray
    after_work: np.ndarray
    deadline: np.ndarray
    balks: np.ndarray
    staffing: tuple[tuple[float, int, int], ...]
    capacity: tuple[int, ...]


@dataclass(frozen=True)
class Path:
    """
    What happened to every contact of a stretch.

    Attributes:
        answer: Instant an agent took it (NaN: nobody did).
        end: Instant the talk ended, or the contact left unanswered.
        agent: Number of the agent over all teams (−1: none): first team 0…, then the next.
        outcome: See `Outcome`.
        duty: (instant, team, agents on duty) as it really was: the plan, outages, and when the last staff left.
    """

    answer: np.ndarray
    end: np.ndarray
    agent: np.ndarray
    outcome: np.ndarray
    duty: tuple[tuple[float, int, int], ...]


Plans = list[tuple[tuple[float, int, int], ...]]


def stretches(scenario: Scenario, rules: Rules, workload: Workload, plans: Plans | None = None) -> list[Stretch]:
    """The stretches of a workload; *plans*: all `staffing_plans`, for who wants them made once."""
    plans = staffing_plans(scenario) if plans is None else plans
    days = scenario.days
    capacity = tuple(int(on_duty.max(initial=0)) for on_duty in scenario.on_duty.values())
    line = np.zeros(len(workload), np.int64)
    if len(rules.lines) > 1:
        line = rules.line_of[workload.queue, workload.vendor + 1]
    result = []
    for at, (begins, ends) in enumerate(itertools.pairwise(workload.bounds)):
        of, number = slice(begins, ends), workload.first_stretch + at
        closes = float(days.offset_s[-1] + days.length_s[-1]) if days.carry_over else float(days.length_s[number])
        result.append(
            Stretch(
                0.0 - days.warmup_s,
                closes,
                days.opens[number],
                line[of],
                workload.arrival[of],
                workload.work[of],
                workload.after_work[of],
                workload.deadline[of],
                workload.balks[of],
                plans[number],
                capacity,
            )
        )
    return result


def staffing_plans(scenario: Scenario) -> Plans:
    """Per stretch, the changes of staff: (instant, team, agents on duty)."""
    days, teams = scenario.days, list(scenario.on_duty.values())
    plans = []
    for number in range(1 if days.carry_over else len(days)):
        steps: list[tuple[float, int, int]] = []
        for team, on_duty in enumerate(teams):
            row = _whole_stretch(on_duty, days) if days.carry_over else _one_day(on_duty[number], days)
            changes = [row[0], *(step for before, step in itertools.pairwise(row) if before[1] != step[1])]
            steps += [(0.0 - days.warmup_s if i == 0 else at, team, heads) for i, (at, heads) in enumerate(changes)]
        plans.append(tuple(sorted(steps)))
    return plans


def _one_day(heads: np.ndarray, days: Days, offset_s: float = 0.0) -> list[tuple[float, int]]:
    return [(offset_s + i * days.interval_s, int(n)) for i, n in enumerate(heads)]


def _whole_stretch(on_duty: np.ndarray, days: Days) -> list[tuple[float, int]]:
    """All days in a row; between a close and the next opening nobody is on duty."""
    row: list[tuple[float, int]] = []
    closed_at = 0.0
    for heads, offset, length in zip(on_duty, days.offset_s, days.length_s, strict=True):
        if row and offset > closed_at:
            row.append((closed_at, 0))
        row += [(at, n) for at, n in _one_day(heads, days, float(offset)) if at < offset + length]
        closed_at = float(offset + length)
    return row

"""A stretch as arrays: what the compiled engine works on, with everything as it is before the first event."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

import numpy as np

from csim.engine.rules import Kind, Line, Order, Outcome, Stretch, Team
from csim.loops import flat


def _numbers(*values: int) -> Any:
    """NumPy's integers: for Python's, numba compiles each function once more for each constant it is called with."""
    return np.array(values, np.int64)


# Not the enums: numbers are baked into the machine code, and its cache would not see an edit of rules.py.
STAFFING, TALK_ENDS, WRAP_ENDS, ARRIVAL, ABANDONMENT, CLOSE = _numbers(0, 1, 2, 3, 4, 5)
ANSWERED, ABANDONED, BLOCKED, OPEN = _numbers(0, 1, 2, 3)
FIFO, LIFO, NOT_YET_MISSED_FIRST, NEVER_PAST_THRESHOLD = _numbers(0, 1, 2, 3)
if [*range(-1, 6), *range(4), *range(4)] != [*Kind, *Outcome, *Order]:
    raise ImportError("centre.py numbers kinds, outcomes and orders otherwise than rules.py: write them alike")
COMING, WAITING = _numbers(-2, -1)  # outcomes that are still open
NOBODY, NONE = _numbers(-1, 0)

# What happens is (at, what): kind and contact in one number, so that ties compare at once.
KIND = 48
CONTACT = (1 << KIND) - 1
NOTHING = 1 << 62
EVENT = np.dtype([("at", "f8"), ("what", "i8")])
STEP = np.dtype([("at", "f8"), ("team", "i8"), ("heads", "i8")])


def _record(**fields: str) -> np.dtype:
    return np.dtype(list(fields.items()), align=True)


DAY = _record(order="i8", hang_up="?", closed="?", gone="?", later="i8", steps="i8")
TEAM = _record(
    concurrency="i8", pace="i8", first_agent="i8", capacity="i8", on_duty="i8", first_served="i8", last_served="i8",
    longest_idle="i8", last_idle="i8", ranking="i8", seats="i8",
)  # fmt: skip
AGENT = _record(
    team="i8", slots="i8", held="i8", chats="i8", wraps="i8", on_call="?", listed="?", idle_since="f8",
    last_taken="f8", work="f8", since="f8", ahead="i8", behind="i8",
)  # fmt: skip
LINE = _record(
    queue="i8", voice="?", watched="?", threshold_s="f8", max_waiting="i8", first_group="i8", last_group="i8",
    count="i8", first="i8", last="i8", first_missed="i8", last_missed="i8",
)  # fmt: skip
SERVED = _record(line="i8", priority="i8")
RANK = _record(held="i8", last_taken="f8")
UNABLE = 1 << 30  # contacts held, in the rank of who cannot take one


class Centre(NamedTuple):
    """
    One stretch as arrays: rules and state of the centre, then what chance brings and what became of it.

    Attributes:
        day: One row: order, hang_up; whether closed and gone; the number of entries in `later` and `duty`.
        agents, teams, lines: See the records above. The last agent stands for nobody.
        in_queue: Contacts that wait, by queue.
        served: (line, priority) of every team, best first. groups: Teams of every line, in the order of trying.
        pace: By team and contacts held. chats, wraps: By agent and slot, the next to end first.
        ranks, ranking: The tournament of each team's agents who hold chats. due, calendar: That of the events.
        later: A heap of events. link: Who waits behind whom.
    """

    day: np.ndarray
    agents: np.ndarray
    teams: np.ndarray
    lines: np.ndarray
    in_queue: np.ndarray
    served: np.ndarray
    groups: np.ndarray
    pace: np.ndarray
    chats: np.ndarray
    wraps: np.ndarray
    ranks: np.ndarray
    ranking: np.ndarray
    due: np.ndarray
    calendar: np.ndarray
    later: np.ndarray
    link: np.ndarray
    line: np.ndarray
    arrival: np.ndarray
    work: np.ndarray
    after_work: np.ndarray
    deadline: np.ndarray
    balks: np.ndarray
    answer: np.ndarray
    end: np.ndarray
    agent: np.ndarray
    outcome: np.ndarray
    staffing: np.ndarray
    duty: np.ndarray


def opened(before: Centre, stretch: Stretch) -> Centre:
    """The centre at the beginning of a stretch; only what is never written stays shared with *before*."""
    size, slots = len(stretch.arrival), len(before.chats)
    state = ("day", "agents", "teams", "lines", "in_queue", "ranks", "ranking", "due", "calendar")
    staffing = np.array(list(stretch.staffing), STEP)
    return before._replace(
        **{name: _fresh(getattr(before, name)) for name in state},
        chats=np.empty(slots, EVENT),
        wraps=np.empty(slots, EVENT),
        later=np.empty(size + 1, EVENT),
        link=np.empty(size, np.int64),
        line=flat(stretch.line, np.int64),
        arrival=flat(stretch.arrival, np.float64),
        work=flat(stretch.work, np.float64),
        after_work=flat(stretch.after_work, np.float64),
        deadline=flat(stretch.deadline, np.float64),
        balks=flat(stretch.balks, np.bool_),
        answer=np.empty(size),  # each contact is answered or leaves, and both write everything
        end=np.empty(size),
        agent=np.empty(size, np.int64),
        outcome=np.full(size, COMING, np.int8),
        staffing=staffing,
        duty=np.empty(len(staffing) + len(before.teams), STEP),  # the plan, and when the last ones left
    )


def _fresh(rows: np.ndarray) -> np.ndarray:
    """A copy, of records byte by byte: NumPy would copy field by field."""
    return rows.view(np.uint8).copy().view(rows.dtype)


@lru_cache(maxsize=64)
def pristine(
    lines: tuple[Line, ...], teams: tuple[Team, ...], order: Order, hang_up: bool, capacity: tuple[int, ...]
) -> Centre:
    """The rules as arrays, with everything as it is before the first event."""
    nothing, everybody = np.zeros(0), sum(capacity)
    agents, team_rows, served, pace, ranking = _staff(teams, capacity)
    line_rows, groups = _lines(lines)
    ranks = np.zeros(everybody + 1, RANK)
    ranks["held"] = UNABLE
    due = np.full(everybody + 1, np.array((inf, NOTHING), EVENT))
    return Centre(*[nothing] * len(Centre._fields))._replace(
        day=np.array([(order, hang_up, False, False, 0, 0)], DAY),
        agents=agents,
        teams=team_rows,
        lines=line_rows,
        in_queue=np.zeros(max(line.queue for line in lines) + 1, np.int64),
        served=served,
        groups=groups,
        pace=pace,
        chats=np.zeros(1 + sum(heads * team.concurrency for heads, team in zip(capacity, teams, strict=True)), EVENT),
        ranks=ranks,
        ranking=ranking,
        due=due,
        calendar=np.array(_tournament(0, everybody, everybody), np.uint32),
    )


def _staff(teams: tuple[Team, ...], capacity: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Agents, teams, and by team the lines served, the pace and the tournament."""
    nobody = sum(capacity)
    agents, rows = np.zeros(nobody + 1, AGENT), np.zeros(len(teams), TEAM)
    agents["idle_since"] = agents["last_taken"] = -inf
    served: list[tuple[int, int]] = []
    pace: list[float] = []
    ranking: list[int] = []
    first = slots = 0
    for number, (row, team, heads) in enumerate(zip(rows, teams, capacity, strict=True)):
        lines = [(line, priority) for priority, numbers in team.serves for line in numbers]
        tournament = _tournament(first, heads if team.concurrency > 1 else 0, nobody)
        row["concurrency"], row["pace"] = team.concurrency, len(pace)
        row["first_agent"], row["capacity"] = first, heads
        row["first_served"], row["last_served"] = len(served), len(served) + len(lines)
        row["longest_idle"] = row["last_idle"] = NOBODY
        row["ranking"], row["seats"] = len(ranking), len(tournament) // 2
        mine = agents[first : first + heads]
        mine["team"], mine["slots"] = number, slots + np.arange(heads) * team.concurrency
        first, slots = first + heads, slots + heads * team.concurrency
        served, pace, ranking = served + lines, [*pace, *team.pace], ranking + tournament
    return agents, rows, np.array(served, SERVED), np.array(pace), np.array(ranking)


def _tournament(first: int, agents: int, nobody: int) -> list[int]:
    """Nodes 1 … of a tournament of agents *first*, …; no match played yet, and empty seats held by nobody."""
    seats = 1 << max(agents - 1, 0).bit_length()
    return [nobody] * seats + [first + i if i < agents else nobody for i in range(seats)]


def _lines(lines: tuple[Line, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Lines, and by line the groups in the order of trying."""
    rows = np.zeros(len(lines), LINE)
    groups: list[int] = []
    limited = {line.queue for line in lines if line.max_waiting >= 0}
    for row, line in zip(rows, lines, strict=True):
        row["queue"], row["voice"], row["watched"] = line.queue, line.voice, line.queue in limited
        row["threshold_s"], row["max_waiting"] = line.threshold_s, line.max_waiting
        row["first_group"], row["last_group"] = len(groups), len(groups) + len(line.groups)
        groups += line.groups
    for name in ("first", "last", "first_missed", "last_missed"):
        rows[name] = NOBODY
    return rows, np.array(groups, np.int64)

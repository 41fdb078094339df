"""From what happened (workload and paths) to what a centre would have recorded: contact log and agent states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from csim.contacts.columns import OUTCOMES
from csim.contacts.spans import Served
from csim.engine.rules import Path, Stretch
from csim.experiment.lived import Lived, joined
from csim.experiment.names import Names, Rows
from csim.expressions import Coded
from csim.loops import same
from csim.scenario.load import Scenario
from csim.scenario.model import ComposedPace
from csim.scenario.pace import mean_response
from csim.workload.draw import Workload

IDS_PER_REPLICATION = 100_000_000


@dataclass(frozen=True)
class Record:
    """
    Some stretches of one replication as columns. Codes (`day`, `interval`, `queue` …) count from 0, −1 is none.

    `days` says which days of the calendar they are. A state's `slot` is its interval, counted over these days, the
    closed time before each day's first one included.
    Contacts of the warm-up are not in it; agents' time is counted from the opening on.
    """

    days: range
    contacts: Rows
    lived: Lived

    @property
    def states(self) -> Rows:
        """The columns of states that the catalogue needs."""
        return self.lived.columns

    @property
    def all_states(self) -> Rows:
        """The columns of states, and those that only a log and formulas of a user's own need."""
        return self.lived.columns | self.lived.more()


@dataclass(frozen=True)
class Bookkeeper:
    """Keeps the books of a scenario's replications; *rows*: contacts in all of them, see `csim.loops.loop`."""

    scenario: Scenario
    rows: float = 0.0

    @cached_property
    def names(self) -> Names:
        return Names.of(self.scenario)

    @cached_property
    def _readings(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The readings of service level, and which of them each queue has."""
        each = [queue.quick_abandons for queue in self.scenario.queues.values()]
        found = tuple(dict.fromkeys(each))
        return found, np.array([found.index(reading) for reading in each])

    def books(self, workload: Workload, stretches: list[Stretch], paths: list[Path]) -> Record:
        """What some stretches of one replication left in the books."""
        chat = self.names.chat[workload.queue]
        served = []
        for number, (stretch, path) in enumerate(zip(stretches, paths, strict=True)):
            of = slice(workload.bounds[number], workload.bounds[number + 1])
            served.append(Served(path.agent, path.answer, path.end, stretch.after_work, chat[of]))
        days, first = self.scenario.days, workload.first_stretch
        block = range(len(days)) if days.carry_over else range(first, first + len(stretches))
        duty, capacity = [path.duty for path in paths], stretches[0].capacity
        lived = Lived(self.scenario, self.names, first, block, served, duty, capacity, self.rows)
        answer, end, agent, outcome = (
            joined([getattr(path, name) for path in paths]) for name in ("answer", "end", "agent", "outcome")
        )
        path = Path(answer, end, agent, outcome, ())
        contacts = self._contacts(workload, path) | self._chats(workload, path, lived)
        contacts |= _coins(self.scenario, workload, path.agent >= 0)
        if self.scenario.days.warmup_s:
            measured = workload.arrival >= 0
            contacts = {key: column[measured] for key, column in contacts.items()}
        if "check_rank" in contacts:
            contacts |= _checks(self.scenario, contacts)
        return Record(block, contacts, lived)

    def _contacts(self, workload: Workload, path: Path) -> Rows:
        names, queue, arrival = self.names, workload.queue, workload.arrival
        answered = path.agent >= 0
        group = np.append(names.group_of_agent, -1)[path.agent]
        vendor = workload.vendor
        if names.vendors:
            vendor = np.where(vendor >= 0, vendor, names.vendor_of_queue[queue])
            vendor = np.where((vendor < 0) & answered, names.vendor_of_group[group], vendor)
        wait = np.where(answered, path.answer, path.end)
        wait -= arrival
        np.round(wait, 6, out=wait)
        readings, reading = self._readings
        talk, after_work = path.end - path.answer, np.where(answered, workload.after_work, np.nan)
        first = workload.replication * IDS_PER_REPLICATION + workload.first + 1
        return {
            "contact_id": np.arange(first, first + len(workload)),
            "day": workload.day,
            "interval": workload.interval,
            "queue": queue,
            "vendor": vendor,
            "group": group,
            "agent": path.agent,
            "stretch": workload.stretch,
            "arrival_s": arrival,
            "assigned_s": path.answer,
            "wait_s": wait,
            "wait": wait,  # it is to the microsecond already
            "talk_s": talk,
            "after_work_s": after_work,
            "handle": talk + after_work,
            "outcome": Coded(path.outcome, OUTCOMES),
            "answer_within_s": _by_queue(names.threshold_s, queue),
            "quick_abandons": Coded(_by_queue(reading, queue), readings),
        }

    def _chats(self, workload: Workload, path: Path, lived: Lived) -> Rows:
        """Sessions, attention and, where pace is given as turns, response times (a fluid picture of the talk)."""
        names, chat = self.names, self.names.chat[workload.queue]
        if not names.chat.any():
            return {}
        session = path.end - path.answer
        columns: Rows = {
            "session_s": np.where(chat, session, np.nan),
            "focus_s": np.where(chat, joined([found.focus_s for found in lived.spans]), np.nan),
        }
        paces = [
            group.pace if isinstance(group.pace, ComposedPace) else None for group in self.scenario.groups.values()
        ]
        if not any(paces):
            return columns
        held = joined([found.held_at_answer for found in lived.spans])
        pairs, first, mean = (np.full(len(workload), np.nan) for _ in range(3))
        group = np.append(names.group_of_agent, -1)[path.agent]
        for number, pace in enumerate(paces):
            if pace is None:
                continue
            rows = np.flatnonzero((group == number) & chat)
            turn, slots = pace.compose + pace.customer, names.slots_of_group[number]
            responses = [mean_response(pace.compose, pace.customer, k) for k in range(1, slots + 1)]
            pairs[rows] = workload.work[rows] / turn
            mean[rows] = turn * session[rows] / workload.work[rows] - pace.customer
            first[rows] = np.array(responses)[held[rows] - 1]
        return columns | {"reply_pairs": pairs, "mean_response_s": mean, "first_response_s": first}


def _by_queue(table: np.ndarray, queue: np.ndarray) -> np.ndarray:
    """What holds for each contact's queue."""
    return table[queue] if len(table) > 1 else same(table[0].item(), len(queue))


def _coins(scenario: Scenario, workload: Workload, answered: np.ndarray) -> Rows:
    """The quality coins that the scenario has."""
    qualities = [queue.quality for queue in scenario.queues.values() if queue.quality is not None]
    given = {}
    if any(quality.resolved is not None for quality in qualities):
        given["resolved"] = workload.resolved
    if any(quality.survey is not None for quality in qualities):
        given |= {"survey_invited": workload.invited, "csat": workload.score}
    if any(quality.checks is not None for quality in qualities):
        given |= {"check_rank": workload.check_rank, "check_pass": workload.check_pass}
    return {name: np.where(answered, coin, np.nan) for name, coin in given.items()}


def _checks(scenario: Scenario, columns: Rows) -> Rows:
    """Of each agent's contacts of a day and queue, those of lowest rank are checked."""
    wanted = np.array(
        [q.quality.checks.per_agent_day if q.quality and q.quality.checks else 0 for q in scenario.queues.values()]
    )
    rank = columns.pop("check_rank")
    passed = columns.pop("check_pass")
    known = np.flatnonzero(~np.isnan(rank))
    stack = (columns["agent"][known] * len(scenario.days) + columns["day"][known]) * len(wanted) + columns["queue"][
        known
    ]
    order = np.lexsort((rank[known], stack))
    grouped = stack[order]
    starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]]))
    place = np.arange(len(grouped)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(grouped)]])))
    chosen = known[order[place < wanted[columns["queue"][known[order]]]]]
    checked = np.where(np.isnan(rank), np.nan, 0.0)
    checked[chosen] = 1.0
    return {"qa_checked": checked, "qa_passed": np.where(checked == 1.0, passed, np.nan)}

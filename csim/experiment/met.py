"""What became of contacts in some days of a replication: as columns, or as sums only, which writes no column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from csim.contacts.columns import OUTCOMES
from csim.engine.rules import Path
from csim.experiment.checks import checked_of, checks_wanted
from csim.experiment.lived import Lived, joined
from csim.experiment.names import Names, Rows
from csim.expressions import Coded
from csim.kpi.columns import Columns
from csim.kpi.noted import Noted, Notes, Row, noting
from csim.kpi.sums import Measures
from csim.loops import flat, same, source_of
from csim.scenario.load import Scenario
from csim.scenario.model import ComposedPace
from csim.scenario.pace import mean_response
from csim.workload.draw import Workload

IDS_PER_REPLICATION = 100_000_000
EXTRAS = (
    "resolved", "survey_invited", "csat", "qa_checked", "qa_passed", "reply_pairs", "mean_response_s",
    "first_response_s",
)  # fmt: skip
A_CONTACT = Row(
    arguments=(
        "line", "group", "place", "wait", "talk", "wraps", "outcome", "within", "reading", "chat", "focus", "extras",
        "row",
    ),
    columns=(
        ("wait_s", "wait"), ("wait", "wait"), ("talk_s", "talk"), ("after_work_s", "wraps"), ("handle", "talk + wraps"),
        ("outcome", "outcome"), ("answer_within_s", "within"), ("within", "within"), ("quick_abandons", "reading"),
        ("session_s", "talk if chat else np.nan"), ("focus_s", "focus"),
        ("agent_time", "(focus if focus == focus else talk) + (wraps if wraps == wraps else 0.0)"),
    ),
    into="line, group + 1",
    place="place",
)  # fmt: skip


class Sites(NamedTuple):
    """
    Where contacts are added to.

    Attributes:
        cell, date: By piece of the calendar, its interval (counted over all days) and its date.
        base: The first interval of these stretches.
        waits: By line (pair of queue and owner), outcome and edge, *width* s wide: contacts are counted there.
    """

    cell: np.ndarray
    date: np.ndarray
    base: int
    waits: np.ndarray
    width: float


def meeting(measures: Measures, contacts: Columns, rows: float) -> Notes | None:
    """The loop that sums what is measured of contacts (of columns like *contacts*), if there is one."""
    special = [kpi for kpi in measures.special if kpi.over == "contacts"]
    there = [name for name in EXTRAS if name in contacts.given]
    row = A_CONTACT._replace(columns=A_CONTACT.columns + tuple((n, f"extras[{i}][row]") for i, n in enumerate(there)))
    return noting(measures.contacts, special, contacts, row, lambda note: source_of(note, leave, meet), "meet", rows)


@dataclass(frozen=True)
class Met:
    """
    The contacts of some stretches.

    Attributes:
        workload, paths: What chance brought, and what happened, by stretch. lived: What agents did meanwhile.
        rows: See `csim.loops.loop`.
    """

    scenario: Scenario
    names: Names
    workload: Workload
    paths: list[Path]
    lived: Lived
    rows: float

    @cached_property
    def path(self) -> Path:
        """What happened, all stretches behind each other."""
        answer, end, agent, outcome = (
            joined([getattr(path, name) for path in self.paths]) for name in ("answer", "end", "agent", "outcome")
        )
        return Path(answer, end, agent, outcome, ())

    @cached_property
    def columns(self) -> Rows:
        """Every column of the log but names and timestamps; without contacts of the warm-up."""
        columns = self._contacts() | self._sessions() | self.extras
        if self.scenario.days.warmup_s:
            measured = self.workload.arrival >= 0
            columns = {key: column[measured] for key, column in columns.items()}
        return columns

    @cached_property
    def extras(self) -> Rows:
        """Those `EXTRAS` that the scenario has."""
        coins = _coins(self.scenario, self.workload)
        found = {name: np.where(self.path.agent >= 0, coin, np.nan) for name, coin in coins.items()} | self._replies()
        if (wanted := checks_wanted(self.scenario)).any():
            rank = np.where((self.path.agent >= 0) & (self.workload.arrival >= 0), self.workload.check_rank, np.nan)
            checked = checked_of(rank, self.path.agent, self.workload, wanted, self.rows)
            found |= {"qa_checked": checked, "qa_passed": np.where(checked == 1.0, self.workload.check_pass, np.nan)}
        return found

    def noted(self, notes: Notes, focus: list[np.ndarray], sites: Sites, cells: int) -> tuple[Noted, int]:
        """
        Formulas summed by cell and line, and by group, to the bit what `columns` would give; and how many contacts.

        Args:
            focus: The attention that contacts had, by stretch; empty without chats.
            sites: Where contacts are added to. cells: How many intervals these stretches have.
        """
        names, workload, offered = self.names, self.workload, 0
        noted = Noted(notes, cells, len(sites.waits), len(names.groups))
        into = (noted.now, np.zeros(noted.now.shape[:2], bool), noted.totals, noted.by_group)
        by_group = (names.group_of_agent, names.vendor_of_group)
        by_queue = (names.vendor_of_queue, names.threshold_s, names.reading_of_queue, names.chat)
        luck = [
            flat(column)
            for column in (workload.arrival, workload.after_work, workload.queue, workload.vendor, workload.piece)
        ]
        extras = [flat(self.extras[name]) for name in EXTRAS if name in self.extras] or [workload.arrival]  # any
        for number, path in enumerate(self.paths):
            of = slice(workload.bounds[number], workload.bounds[number + 1])
            attention = focus[number] if focus else path.end  # nobody looks at it without chats
            offered += notes.loop(
                noted.out(len(path.end)), into, *sites, by_group, by_queue,
                *(column[of] for column in luck), path.answer, path.end, path.agent, path.outcome, attention,
                tuple(column[of] for column in extras),
            )  # fmt: skip
        return noted, offered

    def _contacts(self) -> Rows:
        names, workload, path = self.names, self.workload, self.path
        queue, arrival = workload.queue, workload.arrival
        answered = path.agent >= 0
        group = np.append(names.group_of_agent, -1)[path.agent]
        vendor = workload.vendor
        if names.vendors:
            vendor = np.where(vendor >= 0, vendor, names.vendor_of_queue[queue])
            vendor = np.where((vendor < 0) & answered, names.vendor_of_group[group], vendor)
        wait = np.where(answered, path.answer, path.end)
        wait -= arrival
        np.round(wait, 6, out=wait)
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
            "quick_abandons": Coded(_by_queue(names.reading_of_queue, queue), names.readings),
        }

    def _sessions(self) -> Rows:
        """How long chats lasted, and the attention they had."""
        if not self.names.chat.any():
            return {}
        chat = self.names.chat[self.workload.queue]
        return {
            "session_s": np.where(chat, self.path.end - self.path.answer, np.nan),
            "focus_s": np.where(chat, joined(self.lived.spent.focus_s), np.nan),
        }

    def _replies(self) -> Rows:
        """Where pace is given as turns, response times (a fluid picture of the talk)."""
        names, workload = self.names, self.workload
        paces = [
            group.pace if isinstance(group.pace, ComposedPace) else None for group in self.scenario.groups.values()
        ]
        if not any(paces) or not names.chat.any():
            return {}
        path = self.path
        chat, session = names.chat[workload.queue], path.end - path.answer
        held = joined(self.lived.spent.held_at_answer)
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
        return {"reply_pairs": pairs, "mean_response_s": mean, "first_response_s": first}


def _by_queue(table: np.ndarray, queue: np.ndarray) -> np.ndarray:
    """What holds for each contact's queue."""
    return table[queue] if len(table) > 1 else same(table[0].item(), len(queue))


def _coins(scenario: Scenario, workload: Workload) -> Rows:
    """The coins of an answered contact that the scenario has."""
    qualities = [queue.quality for queue in scenario.queues.values() if queue.quality is not None]
    given: Rows = {}
    if any(quality.resolved is not None for quality in qualities):
        given["resolved"] = workload.resolved
    if any(quality.survey is not None for quality in qualities):
        given |= {"survey_invited": workload.invited, "csat": workload.score}
    return given


def note(*_: Any) -> None:
    """Machine code only: what `noting` writes stands in its place."""


def leave(into: tuple, at: int) -> None:
    """Machine code only: what was summed in a cell is added to its totals and those of the groups, where any came."""
    now, came, totals, by_group = into
    for line in range(now.shape[0]):
        for owner in range(now.shape[1]):
            if not came[line, owner]:
                continue
            came[line, owner] = False
            for place in range(now.shape[2]):
                found, now[line, owner, place] = now[line, owner, place], 0.0
                totals[at, line, place] += found
                if owner > 0:
                    by_group[owner - 1, place] += found


def meet(
    out: tuple, into: tuple, cell: np.ndarray, date: np.ndarray, base: int, waits: np.ndarray, width: float,
    groups: tuple, queues: tuple, arrival: np.ndarray, after_work: np.ndarray, queue: np.ndarray, vendor: np.ndarray,
    piece: np.ndarray, answer: np.ndarray, end: np.ndarray, agent: np.ndarray, outcome: np.ndarray, focus: np.ndarray,
    extras: tuple,
) -> int:  # fmt: skip
    """
    Machine code only: hands every contact that counts to `note`, as `Met` has it in columns; returns how many.

    They come by arrival, so that all of one interval follow each other: until it is left, `note` adds to few places.
    """
    group_of_agent, vendor_of_group = groups
    vendor_of_queue, threshold_s, reading, chat = queues
    owners = len(waits) // len(chat)
    last = waits.shape[2] - 1
    counted, at = 0, -1
    for row in range(len(arrival)):
        if arrival[row] < 0:
            continue  # the warm-up
        counted += 1
        mine, owner, group = queue[row], vendor[row], -1
        left, wraps = end[row], np.nan
        if owner < 0:
            owner = vendor_of_queue[mine]
        if agent[row] >= 0:
            group = group_of_agent[agent[row]]
            left, wraps = answer[row], after_work[row]
            if owner < 0:
                owner = vendor_of_group[group]
        wait = np.rint((left - arrival[row]) * 1e6) / 1e6
        line = mine * owners + owner + 1
        talk, where = end[row] - answer[row], piece[row]
        if cell[where] != at:
            if at >= 0:
                leave(into, at - base)
            at = cell[where]
        into[1][line, group + 1] = True
        note(
            out, line, group, date[where] * len(waits) + line, wait, talk, wraps, outcome[row], threshold_s[mine],
            reading[mine], chat[mine], focus[row] if chat[mine] else np.nan, extras, row,
        )  # fmt: skip
        edge = int(np.ceil(wait / width))  # last: a processor that does not know yet where it writes cannot read on
        waits[line, outcome[row] if outcome[row] < 2 else 2, edge if edge < last else last] += 1
    if at >= 0:
        leave(into, at - base)
    return counted

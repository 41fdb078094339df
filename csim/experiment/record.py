"""From what happened (workload and paths) to what a centre would have recorded: contact log and agent states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.contacts.columns import OUTCOMES
from csim.contacts.timeline import Timeline, split_at, timeline
from csim.engine.rules import Outcome, Path, Stretch
from csim.scenario.load import Scenario
from csim.scenario.model import ComposedPace
from csim.scenario.pace import mean_response
from csim.workload.draw import Workload, vendor_names

IDS_PER_REPLICATION = 100_000_000


@dataclass(frozen=True)
class Record:
    """
    One replication as columns. Codes (`day`, `interval`, `queue`, `vendor`, `group`, `agent`) count from 0, −1 is none.

    Contacts of the warm-up are not in it; agents' time is counted from the opening on.
    """

    contacts: dict[str, np.ndarray]
    states: dict[str, np.ndarray]


def record(scenario: Scenario, workload: Workload, stretches: list[Stretch], paths: list[Path]) -> Record:
    """What one replication left in the books."""
    names = Names.of(scenario)
    contacts, spans = [], []
    for number, (stretch, path) in enumerate(zip(stretches, paths, strict=True)):
        of = slice(workload.bounds[number], workload.bounds[number + 1])
        served = np.flatnonzero(path.outcome == Outcome.ANSWERED)
        wrap_end = path.end[served] + stretch.after_work[served]
        chat = names.chat[workload.queue[of]][served]
        lived = timeline(
            path.agent[served], path.answer[served], path.end[served], wrap_end, chat, path.duty, stretch.capacity
        )
        contacts.append(_contacts(scenario, names, workload, of, stretch, path, lived, served))
        spans.append(_states(scenario, names, number, lived))
    columns = {key: np.concatenate([part[key] for part in contacts]) for key in contacts[0]}
    states = {key: np.concatenate([part[key] for part in spans]) for key in spans[0]}
    if "check_rank" in columns:
        columns |= _checks(scenario, columns)
    _, first = np.unique(states["agent"] * len(scenario.days) + states["day"], return_index=True)
    states["agent_day"] = np.zeros(len(states["agent"]))
    states["agent_day"][first] = 1.0
    return Record(columns, states)


def words(
    names: Names, replication: int, codes: dict[str, np.ndarray], wanted: frozenset[str]
) -> dict[str, np.ndarray]:
    """Columns as a log shows them, for formulas of a user's own that name them."""
    lists = {"queue": names.queues, "vendor": names.vendors, "group": names.groups, "agent": names.agents}
    found = {
        key: np.array([*lists[key], ""], dtype=object)[codes[key]] for key in lists if key in wanted & codes.keys()
    }
    if "channel" in wanted and "queue" in codes:
        found["channel"] = np.where(names.chat[codes["queue"]], "chat", "voice")
    if "direction" in wanted:
        found["direction"] = np.full(len(codes["day"]), "inbound")
    if "replication" in wanted:
        found["replication"] = np.full(len(codes["day"]), float(replication))
    return found | ({"day": codes["day"] + 1} if "day" in wanted else {})


@dataclass(frozen=True)
class Names:
    """Numbers of queues, groups, vendors and agents, and their names."""

    queues: list[str]
    groups: list[str]
    vendors: list[str]
    chat: np.ndarray  # per queue
    threshold_s: np.ndarray  # per queue, NaN without one
    vendor_of_group: np.ndarray
    vendor_of_queue: np.ndarray  # where all who serve it are of one vendor
    group_of_agent: np.ndarray
    agents: list[str]
    slots_of_group: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario) -> Names:
        queues, groups, vendors = list(scenario.queues), list(scenario.groups), vendor_names(scenario)
        number = {name: i for i, name in enumerate(vendors)} | {None: -1}
        of_group = np.array([number[group.vendor] for group in scenario.groups.values()])
        serving = [
            {of_group[g] for g, group in enumerate(scenario.groups.values()) if queue in group.serves}
            for queue in queues
        ]
        heads = [int(on_duty.max(initial=0)) for on_duty in scenario.on_duty.values()]
        return cls(
            queues, groups, vendors,
            np.array([queue.channel == "chat" for queue in scenario.queues.values()]),
            np.array([np.nan if q.answer_within is None else q.answer_within for q in scenario.queues.values()]),
            of_group,
            np.array([next(iter(found)) if len(found) == 1 else -1 for found in serving]),
            np.repeat(np.arange(len(groups)), heads),
            [f"{group}-{i + 1}" for group, count in zip(groups, heads, strict=True) for i in range(count)],
            np.array([group.concurrency for group in scenario.groups.values()]),
        )  # fmt: skip


def _contacts(
    scenario: Scenario, names: Names, workload: Workload, of: slice, stretch: Stretch, path: Path,
    lived: Timeline, served: np.ndarray,
) -> dict[str, np.ndarray]:  # fmt: skip
    count, queue, day = len(path.end), workload.queue[of], workload.day[of]
    answered = path.outcome == Outcome.ANSWERED
    left = np.where(answered, path.answer, path.end)
    group = np.full(count, -1)
    group[served] = names.group_of_agent[path.agent[served]]
    vendor = np.where(workload.vendor[of] >= 0, workload.vendor[of], names.vendor_of_queue[queue])
    vendor = np.where((vendor < 0) & answered, names.vendor_of_group[group], vendor)
    days = scenario.days
    since_opening = stretch.arrival - (days.offset_s[day] if days.carry_over else 0.0)
    columns = {
        "contact_id": workload.replication * IDS_PER_REPLICATION + np.arange(of.start, of.stop) + 1,
        "day": day,
        "interval": np.clip((since_opening // days.interval_s).astype(int), 0, days.intervals - 1),
        "queue": queue,
        "vendor": vendor,
        "group": group,
        "agent": path.agent,
        "stretch": workload.stretch[of],
        "arrival_s": stretch.arrival,
        "assigned_s": path.answer,
        "wait_s": np.round(left - stretch.arrival, 6),
        "talk_s": path.end - path.answer,
        "after_work_s": np.where(answered, stretch.after_work, np.nan),
        "outcome": np.array(OUTCOMES)[path.outcome],
        "answer_within_s": names.threshold_s[queue],
        "quick_abandons": np.array([q.quick_abandons for q in scenario.queues.values()])[queue],
    }
    columns |= _chat_columns(scenario, names, stretch, path, lived, served, queue)
    columns |= _coins(workload, of, answered)
    measured = stretch.arrival >= 0
    return {key: column[measured] for key, column in columns.items()}


def _chat_columns(
    scenario: Scenario,
    names: Names,
    stretch: Stretch,
    path: Path,
    lived: Timeline,
    served: np.ndarray,
    queue: np.ndarray,
) -> dict[str, np.ndarray]:
    """Sessions, attention and, where pace is given as turns, response times (a fluid picture of the talk)."""
    if not names.chat.any():
        return {}
    count, chat = len(path.end), names.chat[queue]
    focus = np.full(count, np.nan)
    focus[served] = lived.focus_s
    columns = {
        "session_s": np.where(chat, path.end - path.answer, np.nan),
        "focus_s": np.where(chat, focus, np.nan),
    }
    turns = [group.pace if isinstance(group.pace, ComposedPace) else None for group in scenario.groups.values()]
    if not any(turns):
        return columns
    pairs, first, mean = (np.full(count, np.nan) for _ in range(3))
    group = names.group_of_agent[path.agent[served]]
    for number, pace in enumerate(turns):
        if pace is None:
            continue
        mine = (group == number) & chat[served]
        rows = served[mine]
        turn = pace.compose + pace.customer
        responses = np.array(
            [mean_response(pace.compose, pace.customer, k) for k in range(1, names.slots_of_group[number] + 1)]
        )
        pairs[rows] = stretch.work[rows] / turn
        mean[rows] = turn * (path.end[rows] - path.answer[rows]) / stretch.work[rows] - pace.customer
        first[rows] = responses[lived.held_at_answer[mine] - 1]
    return columns | {"reply_pairs": pairs, "mean_response_s": mean, "first_response_s": first}


def _coins(workload: Workload, of: slice, answered: np.ndarray) -> dict[str, np.ndarray]:
    coins = {
        "resolved": workload.resolved, "survey_invited": workload.invited, "csat": workload.score,
        "check_rank": workload.check_rank, "check_pass": workload.check_pass,
    }  # fmt: skip
    given = {name: coin[of] for name, coin in coins.items() if not np.isnan(coin).all()}
    if "survey_invited" in given:
        given.setdefault("csat", workload.score[of])
    return {name: np.where(answered, coin, np.nan) for name, coin in given.items()}


def _checks(scenario: Scenario, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
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


def _states(scenario: Scenario, names: Names, number: int, lived: Timeline) -> dict[str, np.ndarray]:
    """Agents' states from the opening on, cut at the interval edges; interval −1 is time outside opening hours."""
    edges, day, interval = _grid(scenario, number)
    after = np.maximum(lived.begins, edges[0])
    real = lived.ends > after
    row, piece, begins, ends = split_at(edges, after[real], lived.ends[real])
    kept = np.flatnonzero(real)[row]
    group = names.group_of_agent[lived.agent[kept]]
    state = np.where(lived.talks[kept] > 0, "serving", np.where(lived.held[kept] > 0, "wrap", "ready"))
    columns = {
        "agent": lived.agent[kept],
        "group": group,
        "vendor": names.vendor_of_group[group],
        "state": state,
        "slots_held": lived.held[kept],
        "slots": names.slots_of_group[group],
        "stretch": np.full(len(kept), number),
        "from_s": begins,
        "to_s": ends,
        "duration": ends - begins,
        "day": day[piece],
        "interval": interval[piece],
    }
    return columns | ({"chats_held": lived.chats[kept]} if names.chat.any() else {})


def _grid(scenario: Scenario, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges of a stretch's intervals, and the day and interval that begins at each (−1: closed)."""
    days = scenario.days
    inside = np.arange(days.intervals + 1) * days.interval_s
    codes = np.append(np.arange(days.intervals), -1)
    if not days.carry_over:
        return inside, np.full(len(codes), number), codes
    edges = (days.offset_s[:, None] + np.minimum(inside, days.length_s[:, None])).ravel()
    day = np.repeat(np.arange(len(days)), len(codes))
    kept = np.append(edges[1:] > edges[:-1], True)  # a close that meets the next opening opens no span
    return edges[kept], day[kept], np.tile(codes, len(days))[kept]

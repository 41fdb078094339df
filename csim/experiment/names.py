"""What a scenario's codes mean: names of queues, groups, vendors and agents, and what holds for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from csim.expressions import Coded
from csim.scenario.load import Scenario
from csim.workload.draw import vendor_names

Rows = dict[str, Any]  # arrays, and text as `Coded`


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
    readings: tuple[str, ...]  # of service level
    reading_of_queue: np.ndarray  # which of them
    opening_h: np.ndarray  # per day, the local time of day at which it opens, h

    @classmethod
    def of(cls, scenario: Scenario) -> Names:
        queues, groups, vendors = list(scenario.queues), list(scenario.groups), vendor_names(scenario)
        number = {name: i for i, name in enumerate(vendors)} | {None: -1}
        of_group = np.array([number[group.vendor] for group in scenario.groups.values()])
        serving = [
            {of_group[g] for g, group in enumerate(scenario.groups.values()) if queue in group.serves}
            for queue in queues
        ]
        readings = [queue.quick_abandons for queue in scenario.queues.values()]
        known = tuple(dict.fromkeys(readings))
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
            known,
            np.array([known.index(reading) for reading in readings]),
            np.array([at.hour + at.minute / 60 + at.second / 3600 for at in scenario.days.opens]),
        )  # fmt: skip


def words(names: Names, replication: int, codes: Rows, wanted: frozenset[str]) -> Rows:
    """Columns as a log shows them, for formulas of a user's own that name them."""
    lists = {"queue": names.queues, "vendor": names.vendors, "group": names.groups, "agent": names.agents}
    found: Rows = {key: Coded(codes[key], lists[key]) for key in lists if key in wanted & codes.keys()}
    size = len(codes["agent"])
    if "channel" in wanted and "queue" in codes:
        found["channel"] = Coded(names.chat.astype(np.int64)[codes["queue"]], ("voice", "chat"))
    if "direction" in wanted:
        found["direction"] = Coded(np.zeros(size, np.int64), ("inbound",))
    if "replication" in wanted:
        found["replication"] = np.full(size, float(replication))
    if "hour" in wanted and "arrival_s" in codes:
        found["hour"] = (names.opening_h[codes["stretch"]] + codes["arrival_s"] / 3600) % 24
    return found | ({"day": codes["day"] + 1} if "day" in wanted else {})

"""Erlang's answer to a scenario: every interval as if it were steady, pooled by what it offers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csim.scenario.check import mean_s, serving, work_s
from csim.scenario.load import Scenario
from csim.scenario.pace import pace_steps
from csim.staffing import erlang

SHOWN = ("service_level", "abandonment_rate", "answer_rate", "wait_all", "asa", "queued_share", "occupancy")


@dataclass(frozen=True)
class Steady:
    """One interval of one line as Erlang needs it."""

    rate: float
    handle_s: float
    servers: int


def steady_by_interval(scenario: Scenario) -> pd.DataFrame:
    """
    queue, vendor, kpi, value: Erlang A by interval (Erlang C without patience), weighted by expected contacts.

    Only for lines whose agents serve nothing else. Chats count as calls to agents × slots, each slowed down to the
    pace of the load. What Erlang cannot see — other laws than the exponential, days that differ, a queue carried
    from one interval into the next — is why the simulation differs.
    """
    rows = []
    for name, queue in scenario.queues.items():
        for vendor, share in (queue.shares or {None: 1.0}).items():
            groups = serving(scenario.file, name, vendor)
            if queue.answer_within is None or any(scenario.groups[g].serves != (name,) for g in groups):
                continue
            pooled = _pooled(scenario, name, share, groups)
            rows += [
                {"queue": name, "vendor": vendor or "", "kpi": kpi, "value": value} for kpi, value in pooled.items()
            ]
    return pd.DataFrame(rows, columns=["queue", "vendor", "kpi", "value"])


def _pooled(scenario: Scenario, name: str, share: float, groups: list[str]) -> dict[str, float]:
    queue = scenario.queues[name]
    within = float(queue.answer_within or 0)
    patience = mean_s(queue.patience) if queue.patience else None
    sums: dict[str, float] = dict.fromkeys(SHOWN, 0.0)
    offered = answered = staffed = 0.0
    for day in range(len(scenario.days)):
        for step in range(scenario.days.intervals):
            part = _steady(scenario, name, share, groups, day, step)
            if part.rate <= 0:
                continue
            try:
                found = (
                    erlang.c(part.rate, part.handle_s, part.servers, within)
                    if patience is None
                    else erlang.a(part.rate, part.handle_s, part.servers, patience, within)
                )
            except ValueError:
                return {}  # no steady state: Erlang has no answer
            weight = part.rate * scenario.days.interval_s
            offered, answered = offered + weight, answered + weight * found.answer_rate
            staffed += part.servers
            for kpi in SHOWN:
                by = {"asa": weight * found.answer_rate, "occupancy": part.servers}.get(kpi, weight)
                value = getattr(found, kpi)
                sums[kpi] += by * value if value == value else 0.0
    if not offered:
        return {}
    over = dict.fromkeys(SHOWN, offered) | {"asa": answered, "occupancy": staffed}
    if queue.channel == "chat":
        del sums["occupancy"]  # Erlang's servers are slots, not agents
    return {kpi: total / over[kpi] for kpi, total in sums.items() if over[kpi]}


def _steady(scenario: Scenario, name: str, share: float, groups: list[str], day: int, step: int) -> Steady:
    queue = scenario.queues[name]
    rate = float(scenario.expected[name][day, step]) * share / scenario.days.interval_s
    heads = {g: int(scenario.on_duty[g][day, step]) for g in groups}
    work = work_s(scenario.file, name)
    if queue.channel == "voice":
        return Steady(rate, work, sum(heads.values()))
    wrap = mean_s(queue.after_work) if queue.after_work else 0.0
    agents = max(sum(heads.values()), 1)
    pace = pace_steps(scenario.groups[max(heads, key=lambda g: heads[g])])  # of the group at work then
    slots = sum(count * scenario.groups[g].concurrency for g, count in heads.items())
    held, handle = 1.0, work
    for _ in range(50):  # contacts held per agent and their pace settle on each other
        handle = (work - wrap) / _between(pace, held) + wrap
        held += 0.5 * (min(max(rate * handle / agents, 1.0), len(pace)) - held)
    return Steady(rate, handle, slots)


def _between(pace: tuple[float, ...], held: float) -> float:
    """Pace at a number of chats that need not be whole."""
    low = min(int(held), len(pace))
    high = min(low + 1, len(pace))
    return pace[low - 1] + (held - low) * (pace[high - 1] - pace[low - 1])

"""Days written by hand: a few contacts with exact instants in a small centre, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, NamedTuple

import numpy as np

from csim import load_scenario
from csim.contacts.timeline import Timeline, timeline
from csim.engine import reference
from csim.engine.rules import Outcome, Path, Rules, Stretch, stretches
from csim.experiment.names import Names
from csim.scenario.load import Scenario
from csim.workload.draw import draw, vendor_names


@dataclass(frozen=True)
class Contact:
    """One contact of a day written by hand; times in seconds from the opening."""

    arrival: float
    work: float
    patience: float = inf
    wrap: float = 0.0
    queue: str = "calls"
    vendor: str | None = None
    balks: bool = False


class Fate(NamedTuple):
    """How it ended, when that was decided (answer or leaving), when it was over, and who took it."""

    outcome: str
    at: float
    end: float
    agent: str | None


class Played(NamedTuple):
    """The scenario, its stretch with the contacts written by hand, and the path."""

    scenario: Scenario
    stretch: Stretch
    path: Path

    @property
    def fates(self) -> list[Fate]:
        agents, path = Names.of(self.scenario).agents, self.path
        at = np.where(path.outcome == Outcome.ANSWERED, path.answer, path.end)
        return [
            Fate(Outcome(outcome).name.lower(), at, end, agents[agent] if agent >= 0 else None)
            for outcome, at, end, agent in zip(path.outcome, at, path.end, path.agent, strict=True)
        ]

    @property
    def states(self) -> Timeline:
        """The agents' states."""
        served = np.flatnonzero(self.path.outcome == Outcome.ANSWERED)
        rules, path, stretch = Rules.of(self.scenario), self.path, self.stretch
        chat = np.array([not rules.lines[line].voice for line in stretch.line[served]], dtype=bool)
        free = path.end[served] + stretch.after_work[served]
        agent, answer, end = path.agent[served], path.answer[served], path.end[served]
        return timeline(agent, answer, end, free, chat, path.duty, stretch.capacity)


def queue(channel: str = "voice", **more: Any) -> dict[str, Any]:
    """A queue without arrivals of its own: the contacts are written by hand."""
    handle = {"distribution": "constant", "mean": "1 min"}
    return {"channel": channel, "arrivals": {"per_hour": 0}, "patience": "never", "handle_time": handle} | more


def group(agents: int | Sequence[int] = 1, serves: Sequence[str] = ("calls",), **more: Any) -> dict[str, Any]:
    """Agents, as one number or by interval of five minutes."""
    heads = agents if isinstance(agents, int) else {"per_interval": list(agents)}
    return {"serves": list(serves), "agents": heads} | more


def played(
    *contacts: Contact,
    queues: Mapping[str, Any] | None = None,
    groups: Mapping[str, Any] | None = None,
    order: str = "fifo",
    agent: str = "longest_idle",
    **calendar: Any,
) -> Played:
    """The first stretch of a centre that is open for ten minutes unless *calendar* says otherwise."""
    scenario = load_scenario(
        {
            "csim": "scenario/1",
            "name": "by hand",
            "calendar": {"start": "2026-06-01T09:00", "open": "10 min", "interval": "5 min"} | calendar,
            "queues": dict(queues or {"calls": queue(answer_within="20 s")}),
            "groups": dict(groups or {"team": group()}),
            "routing": {"agent": agent, "contact": order},
        }
    )
    rules, names = Rules.of(scenario), list(scenario.queues)
    vendors = [None, *vendor_names(scenario)]
    stretch = replace(
        stretches(scenario, rules, draw(scenario, seed=1, replication=1))[0],
        line=np.array([rules.line_of[names.index(c.queue), vendors.index(c.vendor)] for c in contacts], dtype=int),
        arrival=np.array([c.arrival for c in contacts], dtype=float),
        work=np.array([c.work for c in contacts], dtype=float),
        after_work=np.array([c.wrap for c in contacts], dtype=float),
        deadline=np.array([c.arrival + c.patience for c in contacts], dtype=float),
        balks=np.array([c.balks for c in contacts], dtype=bool),
    )
    return Played(scenario, stretch, reference.run(rules, stretch))


def fates(*contacts: Contact, **centre: Any) -> list[Fate]:
    """What became of each contact."""
    return played(*contacts, **centre).fates

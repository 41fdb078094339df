"""The centres of the bench: what is simulated, and days of them drawn beforehand."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from csim.engine.rules import Rules, Stretch, stretches
from csim.scenario.load import load_scenario
from csim.workload.draw import draw

RATE, HANDLE_S, PATIENCE_S, AGENTS, DAY_S = 0.34, 300.0, 120.0, 100, 8 * 3600.0
CHAT_RATE, CHAT_S, CHAT_AGENTS, PACE = 0.30, 450.0, 50, (1.0, 0.95, 0.88)
INTERVAL_S, WITHIN_S = 1800.0, 20.0
SEED = 1


def exponential(mean_s: float) -> dict[str, str]:
    """An exponential law."""
    return {"distribution": "exponential", "mean": f"{mean_s} s"}


def queue(channel: str, rate: float, handle_s: float) -> dict[str, Any]:
    """A queue with *rate* contacts a second."""
    return {
        "channel": channel,
        "arrivals": {"per_hour": rate * 3600},
        "patience": exponential(PATIENCE_S),
        "handle_time": exponential(handle_s),
        "answer_within": f"{WITHIN_S} s",
    }


def eight_hours(queues: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    """One day that starts empty."""
    calendar = {"start": "2026-06-01T09:00", "open": "8 h", "days": 1}
    return {"csim": "scenario/1", "name": "bench", "calendar": calendar, "queues": queues, "groups": groups}


def calls(agents: int = AGENTS) -> dict[str, Any]:
    """One queue, one group, as many calls per agent whatever the number of agents."""
    group = {"serves": ["calls"], "agents": agents}
    return eight_hours({"calls": queue("voice", RATE * agents / AGENTS, HANDLE_S)}, {"team": group})


def everybody_serves_all(kinds: int) -> dict[str, Any]:
    """The same calls and agents in so many queues and groups, where every group serves every queue."""
    queues = {f"queue_{i}": queue("voice", RATE / kinds, HANDLE_S) for i in range(kinds)}
    heads = [AGENTS // kinds + (i < AGENTS % kinds) for i in range(kinds)]
    return eight_hours(queues, {f"group_{i}": {"serves": list(queues), "agents": n} for i, n in enumerate(heads)})


def chats() -> dict[str, Any]:
    """Agents with up to three chats, which go slower the more there are."""
    group = {"serves": ["chats"], "agents": CHAT_AGENTS, "concurrency": len(PACE), "pace": list(PACE)}
    return eight_hours({"chats": queue("chat", CHAT_RATE, CHAT_S)}, {"team": group})


class Centre:
    """
    A scenario, and days of it drawn beforehand, so that an engine can be timed alone.

    *open_days*: of its calendar, each of which starts empty; one replication plays all of them.
    """

    def __init__(self, data: dict[str, Any], days: int, open_days: int = 1) -> None:
        self.scenario = load_scenario(data | {"calendar": data["calendar"] | {"days": open_days}})
        self.rules = Rules.of(self.scenario)
        self.count = days

    @cached_property
    def days(self) -> list[Stretch]:
        """The first days of the seed."""
        drawn = (draw(self.scenario, SEED, replication) for replication in range(1, self.count + 1))
        return [day for workload in drawn for day in stretches(self.scenario, self.rules, workload)]

"""Centres whose truth is known, and logs simulated from them."""

from __future__ import annotations

from typing import Any

import pandas as pd

import csim

VOICE: dict[str, Any] = {
    "csim": "scenario/1",
    "name": "known",
    "calendar": {
        "start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": 20, "open": "8 h", "interval": "30 min",
        "weekdays": ["mon", "tue", "wed", "thu", "fri"], "day_factor": {"cv": "15%"},
    },
    "queues": {
        "calls": {
            "channel": "voice", "arrivals": {"per_hour": 60}, "balk": "10%", "answer_within": "20 s",
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "lognormal", "mean": "240 s", "cv": 0.8},
            "after_work": {"distribution": "exponential", "mean": "30 s"},
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 5}},
}  # fmt: skip
CHAT: dict[str, Any] = {
    "csim": "scenario/1",
    "name": "chats",
    "calendar": {"start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": 10, "open": "8 h"},
    "queues": {
        "chats": {
            "channel": "chat", "arrivals": {"per_hour": 110}, "answer_within": "30 s",
            "patience": {"distribution": "exponential", "mean": "3 min"},
            "handle_time": {"distribution": "gamma", "mean": "6 min", "cv": 0.8},
        }
    },
    "groups": {"online": {"serves": ["chats"], "agents": 6, "concurrency": 3, "pace": [1, 0.8, 0.6]}},
    "routing": {"agent": "least_loaded"},
}  # fmt: skip


def log_of(scenario: dict[str, Any], seed: int) -> pd.DataFrame:
    """The contacts of one simulated run of a centre."""
    return csim.simulate(scenario, 1, seed=seed, keep_contacts=True).contacts

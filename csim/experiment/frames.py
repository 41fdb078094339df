"""The books of a replication as tables with names and timestamps: the contact log and the agent states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.columns import AGENT_STATES, CONTACTS, OUTCOMES
from csim.experiment.names import Names, Rows
from csim.scenario.load import Scenario


def contact_frame(scenario: Scenario, replication: int, columns: Rows) -> pd.DataFrame:
    """The contact log of one replication with names and timestamps, as INTERFACE writes it."""
    names = Names.of(scenario)
    chat = names.chat[columns["queue"]]
    frame: dict[str, Any] = {
        **{
            key: column
            for key, column in columns.items()
            if key not in ("interval", "stretch", "arrival_s", "assigned_s")
        },
        "direction": pd.Categorical.from_codes(np.zeros(len(chat), dtype=int), ["inbound"]),
        "queue": pd.Categorical.from_codes(columns["queue"], names.queues),
        "channel": pd.Categorical.from_codes(chat.astype(int), ["voice", "chat"]),
        "vendor": pd.Categorical.from_codes(columns["vendor"], names.vendors),
        "group": pd.Categorical.from_codes(columns["group"], names.groups),
        "agent": pd.Categorical.from_codes(columns["agent"], names.agents),
        "outcome": pd.Categorical.from_codes(columns["outcome"].codes, list(OUTCOMES)),
        "quick_abandons": pd.Categorical(columns["quick_abandons"].text()),
        "arrival": _instants(scenario, columns["stretch"], columns["arrival_s"]),
        "assigned": _instants(scenario, columns["stretch"], columns["assigned_s"]),
        "replication": np.full(len(chat), replication),
        "day": columns["day"] + 1,
    }
    return pd.DataFrame({column.name: frame[column.name] for column in CONTACTS if column.name in frame})


def state_frame(scenario: Scenario, replication: int, columns: Rows) -> pd.DataFrame:
    """The agent states of one replication with names and timestamps."""
    names = Names.of(scenario)
    frame: dict[str, Any] = {
        **columns,
        "agent": pd.Categorical.from_codes(columns["agent"], names.agents),
        "group": pd.Categorical.from_codes(columns["group"], names.groups),
        "vendor": pd.Categorical.from_codes(columns["vendor"], names.vendors),
        "state": pd.Categorical(columns["state"].text()),
        "from": _instants(scenario, columns["stretch"], columns["from_s"]),
        "to": _instants(scenario, columns["stretch"], columns["to_s"]),
        "replication": np.full(len(columns["agent"]), replication),
        "day": columns["day"] + 1,
    }
    return pd.DataFrame({column.name: frame[column.name] for column in AGENT_STATES if column.name in frame})


def _instants(scenario: Scenario, stretch: np.ndarray, since_s: np.ndarray) -> pd.Series:
    opens = np.array([round(opening.timestamp() * 1_000_000) for opening in scenario.days.opens])
    known = ~np.isnan(since_s)
    micro = np.round(np.where(known, since_s, 0) * 1_000_000).astype(np.int64) + opens[stretch]
    stamps = pd.Series(micro.astype("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(scenario.days.zone)
    return stamps.where(pd.Series(known))

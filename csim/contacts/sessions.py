"""How many chats each agent held, from the chats themselves: their overlaps, where no agent states are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

SHORTEST_S = 0.0005  # instants are rounded to the microsecond: what overlaps by less does not overlap


@dataclass(frozen=True)
class Sessions:
    """
    Attributes:
        held: agent (with group and vendor where known), chats_held, from, to: the time in which each agent held at
            least one chat, cut where the number changes. Its other time is not known: a log of chats does not say who
            was there without one.
        focus_s: Per contact the agent's attention it took, ∫ dt ÷ chats held, s; NaN for what is no answered chat.
    """

    held: pd.DataFrame
    focus_s: np.ndarray


def sessions(contacts: pd.DataFrame) -> Sessions | None:
    """
    What overlapping chats tell; None where a log has no answered chats with agent, instant of answer and duration.

    A chat lasts from `assigned` for `session_s` (else `talk_s`).

    Examples:
        Two chats of 60 s, the second 30 s after the first: 30 s with one, 30 with two, 30 with one:

        >>> at = pd.to_datetime(["2026-06-01T09:00:00Z", "2026-06-01T09:00:30Z"])
        >>> talk = {"channel": "chat", "agent": "li", "outcome": "answered", "talk_s": 60.0}
        >>> log = pd.DataFrame({**talk, "assigned": at})
        >>> found = sessions(log)
        >>> found.held["chats_held"].tolist(), found.focus_s.tolist()
        ([1, 2, 1], [45.0, 45.0])
    """
    if not {"channel", "agent", "outcome", "assigned"} <= set(contacts.columns):
        return None
    lasting = [contacts[name] for name in ("session_s", "talk_s") if name in contacts]
    if not lasting:
        return None
    seconds = lasting[0] if len(lasting) == 1 else lasting[0].fillna(lasting[1])
    chats = (contacts["channel"].astype(str) == "chat") & (contacts["outcome"].astype(str) == "answered")
    chats &= contacts["agent"].notna() & contacts["assigned"].notna() & (seconds > 0)
    rows = np.flatnonzero(chats.to_numpy(dtype=bool))
    if not len(rows):
        return None
    same = [name for name in ("agent", "vendor", "replication") if name in contacts]  # one name may be two people
    people = contacts[same].iloc[rows].groupby(same, sort=False, dropna=False, observed=True)
    agents = people.ngroup().to_numpy()
    first = rows[np.unique(agents, return_index=True)[1]]
    begins = contacts["assigned"].iloc[rows]
    start = pd.DatetimeIndex(begins).as_unit("us").asi8
    end = start + np.round(seconds.to_numpy(dtype=float)[rows] * 1e6).astype(np.int64)
    held, focus = _swept(agents, start, end)
    result = np.full(len(contacts), np.nan)
    result[rows] = focus
    zone = begins.dt.tz
    who, count, low, high = held
    known = [name for name in ("agent", "group", "vendor", "replication", "day") if name in contacts]
    table = contacts[known].iloc[first[who]].reset_index(drop=True).assign(chats_held=count)
    for name, at in (("from", low), ("to", high)):
        stamps = pd.Series(at.astype("datetime64[us]"))
        table[name] = stamps.dt.tz_localize("UTC").dt.tz_convert(zone) if zone is not None else stamps
    return Sessions(table, result)


def _swept(agents: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Begins and ends of each agent in order of time (ends first); between two of them the number held is constant."""
    size = len(agents)
    who, at = np.concatenate([agents, agents]), np.concatenate([start, end])
    step = np.repeat([1, -1], size)
    order = np.lexsort((step, at, who))
    count = np.cumsum(step[order])[:-1]  # every agent ends with none, so that the next begins with none
    low, high, holder = at[order][:-1], at[order][1:], who[order][:-1]
    same = holder == who[order][1:]
    lasted = np.where(same & (count > 0), (high - low) / 1e6, 0.0)
    share = np.concatenate([[0.0], np.cumsum(lasted / np.maximum(count, 1))])
    place = np.empty(2 * size, dtype=np.int64)
    place[order] = np.arange(2 * size)
    focus = (share[place[size:]] - share[place[:size]]).round(6)
    some = lasted > SHORTEST_S
    return (holder[some], count[some], low[some], high[some]), focus

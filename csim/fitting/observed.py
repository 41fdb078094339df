"""A contact log as the fits need it: days, opening hours, and one array per column."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.scenario.model import WEEKDAYS

KEPT_SHARE = 0.998  # opening hours are the shortest stretch of the day that holds so many contacts
DAY_S = 86400
OUTCOMES = ("answered", "abandoned", "blocked", "open")


@dataclass(frozen=True)
class Observed:
    """
    Inbound contacts of a log within its opening hours, by arrival.

    Attributes:
        dates: The date of every open day with contacts (of a simulated log, of every replication).
        queues, queue, day, interval: Names of queues, and the index of each contact's queue, day, interval.
        instant: Arrival, s; instants of several replications lie apart. wait, talk, after_work: s, NaN: not known.
        outcome: Index in OUTCOMES. agent, group, agents, groups: Codes (−1: none) and names.
        start_s, interval_s, intervals: Opening as seconds from midnight, and the intervals from there.
        round_the_clock: Contacts come at all hours.
        midnights: The instant of 0:00 of every day.
        left_out: Rows that are not used, by reason.
    """

    dates: tuple[dt.date, ...]
    queues: tuple[str, ...]
    queue: np.ndarray
    day: np.ndarray
    interval: np.ndarray
    instant: np.ndarray
    wait: np.ndarray
    talk: np.ndarray
    after_work: np.ndarray
    outcome: np.ndarray
    agent: np.ndarray
    agents: tuple[str, ...]
    group: np.ndarray
    groups: tuple[str, ...]
    start_s: float
    interval_s: float
    intervals: int
    round_the_clock: bool
    midnights: np.ndarray
    zone: str
    left_out: dict[str, int]
    frame: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.instant)

    @property
    def days(self) -> int:
        return len(self.dates)

    @cached_property
    def weekday(self) -> np.ndarray:
        """[day] 0 is Monday."""
        return np.array([date.weekday() for date in self.dates])

    @property
    def weekdays(self) -> list[str]:
        """The weekdays that occur, Monday first."""
        return [name for number, name in enumerate(WEEKDAYS) if (self.weekday == number).any()]

    @property
    def clock(self) -> list[str]:
        """When each interval begins: "07:00", …"""
        return [clock_of(self.start_s + i * self.interval_s) for i in range(self.intervals)]

    @property
    def opens(self) -> np.ndarray:
        """[day] The instant of every opening."""
        return self.midnights + self.start_s

    @property
    def answered(self) -> np.ndarray:
        return self.outcome == 0

    @property
    def abandoned(self) -> np.ndarray:
        return self.outcome == 1

    @cached_property
    def counts(self) -> np.ndarray:
        """[queue, day, interval] Contacts that arrived."""
        shape = (len(self.queues), self.days, self.intervals)
        return np.bincount(
            np.ravel_multi_index((self.queue, self.day, self.interval), shape), minlength=int(np.prod(shape))
        ).reshape(shape)


def clock_of(second: float) -> str:
    """
    A time of day.

    Examples:
        >>> clock_of(7.5 * 3600), clock_of(25 * 3600)
        ('07:30', '01:00')
    """
    minutes = int(second // 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def observed(contacts: pd.DataFrame, interval_s: float = 1800.0, hours: tuple[float, int] | None = None) -> Observed:
    """
    A contact log made ready for fitting.

    Args:
        contacts: One row per contact in csim's columns; arrival with a zone.
        interval_s: Length of the intervals; it must divide a day.
        hours: Opening (seconds from midnight) and number of intervals; found in the log when not given.

    Raises:
        InputError: Missing columns, or nothing that was answered.
    """
    if DAY_S % interval_s:
        raise InputError([Mistake(f"an interval of {interval_s:g} s does not divide a day: write 30 min", "interval")])
    needed = ("queue", "arrival", "wait_s", "outcome", "talk_s")
    absent = [
        Mistake(f'the log has no column "{name}", which a fit needs', name) for name in needed if name not in contacts
    ]
    if absent:
        raise InputError(absent)
    left_out: dict[str, int] = {}
    frame = _inbound(contacts, left_out)
    zone, local = _local(frame["arrival"])
    since = (local - local.dt.normalize()).dt.total_seconds().to_numpy()
    start_s, intervals = hours or opening_hours(since, interval_s)
    shifted = local - pd.Timedelta(seconds=start_s)
    into = (shifted - shifted.dt.normalize()).dt.total_seconds().to_numpy()
    inside = into < intervals * interval_s
    left_out["closed"] = int((~inside).sum())
    frame, into, shifted = frame[inside], into[inside], shifted[inside]
    if not (frame["outcome"] == "answered").any():
        raise InputError([Mistake("the log holds no answered contact: there is nothing to fit", "outcome")])
    day, dates, midnights = _days(frame, shifted, into, start_s)
    agent, agents = pd.factorize(_named(frame, "agent"))
    group, groups = pd.factorize(_named(frame, "group"))
    queue, queues = pd.factorize(frame["queue"].astype(str), sort=True)
    return Observed(
        dates=dates, queues=tuple(queues), queue=queue, day=day, interval=(into // interval_s).astype(int),
        instant=midnights[day] + start_s + into, wait=_seconds(frame, "wait_s"), talk=_seconds(frame, "talk_s"),
        after_work=_seconds(frame, "after_work_s"), outcome=pd.Index(OUTCOMES).get_indexer(frame["outcome"]),
        agent=agent, agents=tuple(agents), group=group, groups=tuple(groups), start_s=start_s, interval_s=interval_s,
        intervals=intervals, round_the_clock=intervals * interval_s >= DAY_S, midnights=midnights, zone=zone,
        left_out={reason: count for reason, count in left_out.items() if count}, frame=frame,
    )  # fmt: skip


def opening_hours(since_midnight: np.ndarray, interval_s: float) -> tuple[float, int]:
    """
    The shortest stretch of the day, over midnight if need be, that holds 99.8 % of the contacts.

    Returns:
        Its beginning as seconds from midnight, and its number of intervals; the whole day from 0:00 where one interval
        at most is empty.

    Examples:
        >>> opening_hours(np.repeat([9.1, 12.0, 17.4], 100) * 3600, 1800.0)
        (32400.0, 17)
    """
    slots = int(DAY_S // interval_s)
    counts = np.bincount((since_midnight // interval_s).astype(int) % slots, minlength=slots)
    twice = np.concatenate([[0], np.cumsum(np.concatenate([counts, counts]))])
    for length in range(1, slots - 1):
        held = twice[length : length + slots] - twice[:slots]
        if held.max() >= KEPT_SHARE * counts.sum():
            return float(np.argmax(held) * interval_s), length
    return 0.0, slots


def _inbound(contacts: pd.DataFrame, left_out: dict[str, int]) -> pd.DataFrame:
    """Inbound contacts with a known outcome, by replication and arrival."""
    frame = contacts
    if "direction" in frame:
        outbound = frame["direction"].astype(object) == "outbound"
        left_out["outbound"] = int(outbound.sum())
        frame = frame[~outbound]
    known = frame["outcome"].isin(OUTCOMES) & frame["arrival"].notna() & frame["wait_s"].notna()
    left_out["unreadable"] = int((~known).sum())
    by = ["replication", "arrival"] if "replication" in frame else ["arrival"]
    return frame[known].sort_values(by, kind="stable").reset_index(drop=True)


def _local(arrival: pd.Series) -> tuple[str, pd.Series]:
    """A zone that a scenario can name, and the wall clock of the arrivals."""
    if not isinstance(arrival.dtype, pd.DatetimeTZDtype):
        raise InputError([Mistake("arrival has no zone: read the log with csim.read_contacts", "arrival")])
    zone = str(arrival.dt.tz)
    if zone not in zoneinfo.available_timezones() and len(arrival):
        offset = arrival.iloc[0].utcoffset()
        hours, rest = divmod(offset.total_seconds(), 3600)
        zone = "UTC" if not offset else f"Etc/GMT{-int(hours):+d}"
        if rest:  # a quarter of an hour has no name of its own: any zone with this clock
            moment = arrival.iloc[0].to_pydatetime()
            known = sorted(zoneinfo.available_timezones())
            zone = next((z for z in known if moment.astimezone(zoneinfo.ZoneInfo(z)).utcoffset() == offset), "UTC")
    return zone, arrival.dt.tz_localize(None)


def _days(
    frame: pd.DataFrame, shifted: pd.Series, into: np.ndarray, start_s: float
) -> tuple[np.ndarray, tuple[dt.date, ...], np.ndarray]:
    """Each contact's open day, the dates, and an instant for 0:00 of each; replications are laid one after another."""
    date = shifted.dt.normalize()
    first, last = date.min(), date.max()
    span = (last - first).days + 8
    rank = pd.factorize(frame["replication"], sort=True)[0] if "replication" in frame else np.zeros(len(frame), int)
    number = (date - first).dt.days.to_numpy() + rank * span
    known, day = np.unique(number, return_inverse=True)
    dates = tuple((first + pd.Timedelta(days=int(n % span))).date() for n in known)
    return day, dates, known * float(DAY_S)


def _named(frame: pd.DataFrame, column: str) -> pd.Series:
    """Names as text; what is empty is none."""
    if column not in frame:
        return pd.Series([None] * len(frame), dtype=object)
    names = frame[column].astype(object)
    return names.where(names.notna() & (names != ""), None)


def _seconds(frame: pd.DataFrame, column: str) -> np.ndarray:
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = frame[column].to_numpy(float)
    return np.where(np.isfinite(values), values, np.nan)

"""Which days are open, when each opens as an instant, and how its intervals lie."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from csim.scenario.model import WEEKDAYS, Calendar

FURTHEST_YEARS = 30


@dataclass(frozen=True)
class Days:
    """
    The open days of a calendar.

    Attributes:
        opens: The opening instant of every day, in the calendar's zone.
        offset_s: Elapsed seconds from the first opening to each opening.
        length_s: How long each day takes arrivals, s (a round-the-clock day of 23 h when clocks go forward).
        interval_s, intervals: Length and number of the intervals of a day.
        warmup_s: Unmeasured time before a day (before the first one when days are carried over).
        carry_over: One stretch over all days instead of days that start empty.
    """

    opens: tuple[dt.datetime, ...]
    offset_s: np.ndarray
    length_s: np.ndarray
    interval_s: float
    intervals: int
    warmup_s: float
    carry_over: bool
    zone: str

    def __len__(self) -> int:
        return len(self.opens)

    @property
    def dates(self) -> list[dt.date]:
        return [opening.date() for opening in self.opens]

    @property
    def weekdays(self) -> list[str]:
        return [WEEKDAYS[date.weekday()] for date in self.dates]

    @cached_property
    def arrival_dates(self) -> list[str]:
        """The calendar dates on which contacts arrive: those of a night shift are one more than its openings."""
        return sorted({date for row in self._starts for date in row})

    @cached_property
    def date_of(self) -> np.ndarray:
        """[day, interval] Which of `arrival_dates` each interval begins on."""
        place = {date: i for i, date in enumerate(self.arrival_dates)}
        return np.array([[place[date] for date in row] for row in self._starts])

    @property
    def _starts(self) -> list[list[str]]:
        zone, step = self.opens[0].tzinfo, dt.timedelta(seconds=self.interval_s)
        utc = [opening.astimezone(dt.UTC) for opening in self.opens]
        return [[str((at + i * step).astimezone(zone).date()) for i in range(self.intervals)] for at in utc]

    @property
    def clock(self) -> list[str]:
        """The local time at which each interval begins: "09:00", "09:30", …"""
        start = self.opens[0].replace(tzinfo=None)
        return [f"{start + dt.timedelta(seconds=i * self.interval_s):%H:%M}" for i in range(self.intervals)]


def open_days(calendar: Calendar) -> Days:
    """
    The first `calendar.days` open dates from `calendar.start` on.

    Examples:
        A Friday, a closed Monday, then Tuesday:

        >>> days = open_days(Calendar(start="2026-06-19T09:00", days=2, open="10 h", closed=["2026-06-22"],
        ...                           weekdays=["mon", "tue", "fri"], timezone="Asia/Shanghai"))
        >>> [str(date) for date in days.dates], days.intervals, days.clock[:2]
        (['2026-06-19', '2026-06-23'], 20, ['09:00', '09:30'])
    """
    zone = zoneinfo.ZoneInfo(calendar.timezone)
    opens: list[dt.datetime] = []
    date = calendar.start.date()
    last = date + dt.timedelta(days=366 * FURTHEST_YEARS) if calendar.days < 5000 else dt.date.max
    while len(opens) < calendar.days:
        if date >= last:
            raise ValueError(f"only {len(opens)} open days found: check weekdays and closed")
        if WEEKDAYS[date.weekday()] in calendar.weekdays and date not in calendar.closed:
            opens.append(dt.datetime.combine(date, calendar.start.time(), zone))
        date += dt.timedelta(days=1)
    instants = np.array([opening.timestamp() for opening in opens])
    offset_s = instants - instants[0]
    length_s = np.full(len(opens), calendar.open)
    if calendar.carry_over:
        length_s[:-1] = np.minimum(calendar.open, np.diff(offset_s))
    return Days(
        tuple(opens), offset_s, length_s, calendar.interval, int(calendar.open // calendar.interval),
        calendar.warmup, calendar.carry_over, calendar.timezone,
    )  # fmt: skip


def clock_changes(days: Days) -> list[str]:
    """Sentences about days on which clocks change while the centre is open, or whose opening does not exist."""
    found = []
    utc = dt.UTC
    for opening, length_s in zip(days.opens, days.length_s, strict=True):
        if opening.astimezone(utc).astimezone(opening.tzinfo).replace(tzinfo=None) != opening.replace(tzinfo=None):
            found.append(
                f"{opening:%Y-%m-%d}: {opening:%H:%M} does not exist there (clocks go forward); an hour later is used"
            )
            continue
        closing = (opening.astimezone(utc) + dt.timedelta(seconds=float(length_s))).astimezone(opening.tzinfo)
        if closing.utcoffset() != opening.utcoffset():
            found.append(f"{opening:%Y-%m-%d}: clocks change while the centre is open; intervals count elapsed hours")
    return found

"""Arrivals of days gone, by date and time of day: from a contact log or from a table of counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake, did_you_mean

COUNTS = ("expected", "calls", "count", "offered", "contacts", "arrivals", "volume")
INSTANTS = ("datetime", "timestamp", "start", "interval")
DAY_S = 86_400
BREAKS_OFF = 0.05


@dataclass(frozen=True)
class Volumes:
    """
    Counted arrivals.

    Attributes:
        dates: The days with arrivals, earliest first. starts_s: Seconds from midnight at which each interval begins.
        counts: [day, interval].
    """

    dates: tuple[dt.date, ...]
    starts_s: tuple[float, ...]
    interval_s: float
    counts: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def weekdays(self) -> np.ndarray:
        """Of every day, 0: Monday."""
        return np.array([day.weekday() for day in self.dates])

    @property
    def totals(self) -> np.ndarray:
        return self.counts.sum(1)

    @property
    def clock(self) -> list[str]:
        """ "09:00", "09:30", …"""
        return [f"{int(s) // 3600:02d}:{int(s) % 3600 // 60:02d}" for s in self.starts_s]

    def first(self, days: int) -> Volumes:
        """The first days alone."""
        return Volumes(self.dates[:days], self.starts_s, self.interval_s, self.counts[:days])


def unfinished(found: Volumes) -> bool:
    """
    Whether the last day breaks off: more than 5 % of the contacts of such days come after its last one.

    Examples:
        >>> days = [dt.date(2026, 6, day) for day in (1, 8, 15)]
        >>> [unfinished(Volumes(tuple(days), (0.0, 3600.0), 3600.0, np.array([[5, 5], [5, 5], last])))
        ...  for last in ([5, 0], [5, 1])]
        [True, False]
    """
    before = found.counts[:-1]
    alike = before[found.weekdays[:-1] == found.weekdays[-1]]
    before = alike if len(alike) else before
    if not before.sum():
        return False
    end = int(np.flatnonzero(found.counts[-1]).max(initial=-1))
    return float(before[:, end + 1 :].sum() / before.sum()) > BREAKS_OFF


def is_counts(table: pd.DataFrame) -> bool:
    """Whether a table holds counts by date and time, or by date alone (not a row per contact)."""
    heads = {str(name).strip().lower() for name in table.columns}
    return bool(heads & set(COUNTS)) and bool(heads & {"date", *INSTANTS})


def read_counts(path: str | Path) -> pd.DataFrame:
    """The cells of a table (csv or xlsx) as they are written."""
    file = Path(path)
    try:
        if file.suffix.lower() == ".xlsx":
            return pd.read_excel(file, dtype=object)
        return pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise InputError([Mistake("no such file: write the path of a log or of counts", "", str(path))]) from None
    except Exception as error:  # readers raise many kinds; each is a file that cannot be read
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError([Mistake(f"cannot be read as a table: {why}", "", str(path))]) from None


def volumes_of(history: Any, interval_s: float | None = None, queue: str | None = None) -> Volumes:
    """
    Arrivals by day and interval.

    Args:
        history: A contact log (a row per contact: offered contacts are counted by the log's own clock), a table of
            counts (date and time, or one column with both, or days alone, and a count), its file, or Volumes.
        interval_s: Length of an interval; without it the table's own, or 30 minutes of a log.
        queue: Of a log, this queue alone.

    Raises:
        InputError: Columns that are missing, times that are none, an interval that is no multiple of the table's.
    """
    if isinstance(history, Volumes):
        return history if interval_s is None else _coarser(history, interval_s)
    if isinstance(history, str | Path):
        history = read_counts(history)
    if is_counts(history):
        found = _from_counts(history)
        return found if interval_s is None else _coarser(found, interval_s)
    return _from_log(history, interval_s or 1800.0, queue)


def _from_log(contacts: pd.DataFrame, interval_s: float, queue: str | None) -> Volumes:
    if "arrival" not in contacts.columns:
        heads = ", ".join(str(name) for name in contacts.columns[:12]) or "no columns"
        what = f'neither a log nor counts: it has {heads}; a log has a column "arrival" (or a mapping), '
        raise InputError([Mistake(what + f"counts have date, time and {COUNTS[0]}", "history")])
    if DAY_S % interval_s:
        raise InputError([Mistake(f"{interval_s:g} s does not divide a day: write for example 30 min", "--interval")])
    if queue is not None:
        known = sorted(contacts["queue"].astype(str).unique())
        if queue not in known:
            raise InputError([Mistake(f'no queue "{queue}" in the log: {did_you_mean(queue, known)}', "--queue")])
        contacts = contacts[(contacts["queue"].astype(str) == queue).to_numpy()]
    if "direction" in contacts.columns:
        contacts = contacts[(contacts["direction"].astype(object) != "outbound").to_numpy()]
    wall = contacts["arrival"].dt.tz_localize(None)
    seconds = (wall - wall.dt.normalize()).dt.total_seconds()
    return _gathered(wall.dt.date, seconds // interval_s * interval_s, np.ones(len(wall)), interval_s)


def _from_counts(table: pd.DataFrame) -> Volumes:
    named = {str(name).strip().lower(): name for name in table.columns}
    count = pd.to_numeric(table[named[next(name for name in COUNTS if name in named)]], errors="coerce")
    if "date" in named:
        time = table[named["time"]].astype(str).str.strip() if "time" in named else "00:00"
        written = table[named["date"]].astype(str).str.strip() + " " + time
    else:
        written = table[named[next(name for name in INSTANTS if name in named)]].astype(str)
    local = written.str.replace(r"(Z|[+-]\d\d:?\d\d)$", "", regex=True)
    local = local.where(local.str.match(r"\s*\d{4}\D"))  # the year first: nobody can tell what 11.12.2026 is
    at = pd.to_datetime(local, errors="coerce")
    _refuse(at.isna(), "is no date and time: write for example 2026-11-01 and 09:30", written)
    _refuse(count.isna() | (count < 0) | (count == np.inf), "has no count: write 0 or more", written)
    _refuse(at.duplicated(), "stands twice: keep one", written)
    seconds = (at - at.dt.normalize()).dt.total_seconds()
    steps = np.diff(np.unique(seconds))
    interval_s = float(np.gcd.reduce(steps.astype(int))) if len(steps) else float(DAY_S)
    return _gathered(at.dt.date, seconds, count.to_numpy(float), interval_s)


def _refuse(wrong: pd.Series, what: str, written: pd.Series) -> None:
    lines = np.flatnonzero(wrong.to_numpy())[:5]
    if len(lines):
        raise InputError(Mistake(f'"{written.iloc[i]}" {what}', "history", "", int(i) + 2) for i in lines)


def _gathered(dates: pd.Series, starts_s: pd.Series, counts: np.ndarray, interval_s: float) -> Volumes:
    """One row per day with arrivals, one column per interval from the earliest to the latest that has any."""
    table = pd.DataFrame({"date": dates.to_numpy(), "start": starts_s.to_numpy(float), "count": counts})
    table = table[table["count"] > 0]
    if table.empty:
        raise InputError([Mistake("no arrivals to forecast from", "history")])
    starts = np.arange(table["start"].min(), table["start"].max() + interval_s / 2, interval_s)
    grid = table.pivot_table(index="date", columns="start", values="count", aggfunc="sum", fill_value=0.0)
    grid = grid.reindex(columns=starts, fill_value=0.0).sort_index()
    return Volumes(tuple(grid.index), tuple(float(s) for s in starts), interval_s, grid.to_numpy(float))


def _coarser(found: Volumes, interval_s: float) -> Volumes:
    if interval_s == found.interval_s:
        return found
    if interval_s % found.interval_s or DAY_S % interval_s:
        what = f"{interval_s:g} s is no multiple of the counts' own {found.interval_s:g} s (or does not divide a day)"
        raise InputError([Mistake(what, "--interval")])
    cells = pd.DataFrame(found.counts, index=list(found.dates), columns=list(found.starts_s)).stack().reset_index()
    cells.columns = ["date", "start", "count"]
    return _gathered(cells["date"], cells["start"] // interval_s * interval_s, cells["count"].to_numpy(), interval_s)


def next_dates(dates: Sequence[dt.date], count: int, closed: Sequence[dt.date] = ()) -> list[dt.date]:
    """
    The open dates after the last one: the weekdays that were open before, those that are closed aside.

    Examples:
        >>> friday = dt.date(2026, 6, 5)
        >>> [f"{day:%a %d}" for day in next_dates([dt.date(2026, 6, 1), friday], 3, [dt.date(2026, 6, 8)])]
        ['Fri 12', 'Mon 15', 'Fri 19']
    """
    weekdays, day = {date.weekday() for date in dates}, max(dates)
    found: list[dt.date] = []
    while len(found) < count:
        day += dt.timedelta(days=1)
        if day.weekday() in weekdays and day not in closed:
            found.append(day)
    return found

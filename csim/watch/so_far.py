"""The month so far: what a running log says up to an instant, and which dates of the month are still to come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, months_of
from csim.errors import InputError, Mistake
from csim.settlement.facts import Facts, facts_of
from csim.settlement.measured import counted, log_table, nobodys, of_vendor
from csim.settlement.month import Terms

MIDNIGHT = dt.time()
YEAR_FIRST = re.compile(r"\d{4}([-/])\d{1,2}\1\d{1,2}(?P<time>[T ]\d.*)?")


@dataclass(frozen=True)
class Instant:
    """
    Up to when a month is known, on the contract's clock.

    `whole` says that the date is over (or was given without a time); else it is still running.

    Examples:
        >>> Instant.of("2026-11-11", "Asia/Shanghai").whole
        True
        >>> Instant.of("2026-11-11T20:00", "Asia/Shanghai").at.isoformat()
        '2026-11-11T20:00:00+08:00'
        >>> Instant.of("yesterday", "Asia/Shanghai")
        Traceback (most recent call last):
        csim.errors.InputError: --as-of
          "yesterday" is no date: write for example 2026-11-11 (to the end of that day) or 2026-11-11T20:00
        1 mistake; nothing was run.
    """

    at: pd.Timestamp
    whole: bool

    @classmethod
    def of(cls, written: Any, zone: str) -> Instant:
        """A date (to its end), or an instant, the year first; without a zone it is the contract's."""
        shape = YEAR_FIRST.fullmatch(str(written).strip())  # nobody can tell which month 11.12.2026 is in
        try:
            if shape is None:
                raise ValueError
            at, whole = pd.Timestamp(written), shape["time"] is None
        except (ValueError, TypeError):
            what = f'"{written}" is no date: write for example 2026-11-11 (to the end of that day) or 2026-11-11T20:00'
            raise InputError([Mistake(what, "--as-of")]) from None
        local = at.tz_localize(zone) if at.tz is None else at.tz_convert(zone)
        return cls(local.normalize() + pd.Timedelta(days=1, microseconds=-1) if whole else local, whole)

    @property
    def date(self) -> dt.date:
        return self.at.date()


@dataclass(frozen=True)
class SoFar:
    """
    A month up to an instant.

    Attributes:
        table: The KPI table of the days so far, a row for each clause (and what prices need) and day.
        supplied: What no log gives, handed in beside it. dates: The days with contacts, earliest first.
        contacts: The vendor's contacts of all months in the log, up to the instant; `local` is their local arrival.
    """

    contract: Contract
    terms: Terms
    month: str
    vendor: str
    until: Instant
    table: pd.DataFrame = field(repr=False)
    supplied: Facts | None = field(repr=False)
    contacts: pd.DataFrame = field(repr=False)
    local: pd.Series = field(repr=False)

    @cached_property
    def dates(self) -> list[dt.date]:
        first, last = self.span
        days = (day.date() for day in self.local.dt.normalize().unique())
        return sorted(day for day in days if first <= day <= last)

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        return self.contract.span(self.month)

    def facts(self) -> Facts:
        """What is known of the month up to now."""
        drawn = facts_of(self.table, self.contract, self.month, self.vendor, supplied=False)
        return self.joined(next(iter(drawn.values())))

    def joined(self, facts: Facts) -> Facts:
        """Facts with what was handed in beside them."""
        return facts if self.supplied is None else Facts.joined([self.supplied, facts])


def so_far(
    contract: Contract, contacts: pd.DataFrame, month: str | None, vendor: str, as_of: Any = None,
    kpis: pd.DataFrame | None = None, states: pd.DataFrame | None = None,
) -> SoFar:  # fmt: skip
    """
    The running month of a log: without *month* the one in which the log ends.

    Raises:
        InputError: No contact of the vendor in the month.
    """
    mine = of_vendor(contract, contacts, vendor)
    if mine.empty:
        raise InputError([Mistake(nobodys(contacts, vendor), "--log")])
    _refuse_replications(mine)
    zone = contract.file.timezone
    local = mine["arrival"].dt.tz_convert(zone)
    until = Instant(local.max(), False) if as_of is None else Instant.of(as_of, zone)
    known = (local <= until.at).to_numpy()
    if not known.any():
        what = f"no contact of {vendor} up to {until.at:%Y-%m-%d %H:%M}; the first is of {local.min():%Y-%m-%d %H:%M}"
        raise InputError([Mistake(what, "--as-of")])
    when = month or contract.period_of(local[known].max().date())
    held, table = log_table(contract, mine[known], when, vendor, states, partial=True)
    supplied = None
    if kpis is not None:
        given = facts_of(kpis, contract, held, vendor)
        supplied = next(iter(given.values()), None)
    return SoFar(contract, Terms.of(contract, held), held, vendor, until, table, supplied, mine[known], local[known])


def _refuse_replications(contacts: pd.DataFrame) -> None:
    """A simulation of many months is no log of one."""
    played = contacts["replication"].nunique() if "replication" in contacts.columns else 1
    if played > 1:
        what = f"the log holds {played} replications of the same days: simulate one (-n 1), or keep one"
        raise InputError([Mistake(what, "--log")])


def counts_by_day(
    so_far: SoFar, contacts: pd.DataFrame, local: pd.Series, after: dt.time = MIDNIGHT
) -> tuple[list[dt.date], Mapping[str, np.ndarray]]:
    """
    Any days counted under the terms of the running month, [day, (numerator, denominator, sample)] by name.

    Args:
        after: Count only what arrives after this time of the day: what a day that has begun still has to come.

    Returns:
        The days that have contacts at any time, and the counts; quantiles and maxima, which do not add up over days,
        are left out.
    """
    days = local.dt.date
    dates = sorted(days.unique())
    late = np.ones(len(local), dtype=bool) if after == MIDNIGHT else (local.dt.time > after).to_numpy()
    place = {f"{day}": i for i, day in enumerate(dates)}
    month = months_of(so_far.month)[0]
    table = counted(so_far.contract, so_far.terms.file, contacts[late], days[late], None, month)
    return dates, arrays(table, place)


def arrays(table: pd.DataFrame, place: Mapping[str, int]) -> dict[str, np.ndarray]:
    """A KPI table by day as arrays [day, (numerator, denominator, sample)] by name."""
    found: dict[str, np.ndarray] = {}
    daily = table[table["date"].isin(list(place))]
    for name, rows in daily.groupby("kpi", sort=False):
        cells = found[str(name)] = np.zeros((len(place), 3))
        cells[[place[day] for day in rows["date"]]] = rows[["numerator", "denominator", "sample"]].to_numpy(float)
    return found


def queues_of(terms: Terms) -> Mapping[str, str]:
    """The queue of each clause (and of what stands beside it); what is not listed is about all queues."""
    found: dict[str, str] = {}
    for name, clause in terms.file.kpis.items():
        if clause.scope.queue is not None:
            found |= dict.fromkeys((name, f"{name}.ceiling", f"{name}.response"), clause.scope.queue)
    return found


def open_dates(first: dt.date, last: dt.date, weekdays: Sequence[int], closed: Sequence[dt.date]) -> list[dt.date]:
    """
    The dates of a span that fall on some weekdays (0: Monday) and are not closed.

    Examples:
        >>> monday = dt.date(2026, 6, 1)
        >>> [day.day for day in open_dates(monday, dt.date(2026, 6, 7), [0, 2, 4], [dt.date(2026, 6, 3)])]
        [1, 5]
    """
    days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in days if day.weekday() in weekdays and day not in closed]

"""Rules about days and volumes: when dated terms hold, and whether the announced volumes are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from csim.contract.dated import dated_values
from csim.contract.findings import Found, Rule, Terms, found, listed, share, words
from csim.contract.load import Contract
from csim.display.notes import Note
from csim.schema.located import Path

DAYS = "{days: {2026-11-01: 15000, …}, …}"


def _dates(contract: Contract) -> Iterator[tuple[Path, list[dt.date]]]:
    for path, rows in dated_values(contract.data):
        if path != ("term",):
            yield path, [dt.date.fromisoformat(str(row["from"])) for row in rows]


def dated_outside_term(terms: Terms) -> Iterator[Found]:
    """A dated value begins before or after the contract."""
    begins, ends = terms.contract.term
    for path, days in _dates(terms.contract):
        for i, day in enumerate(days):
            if not begins <= day <= ends:
                yield found("dated_outside_term", (*path, i, "from"), day=day, begins=begins, ends=ends)


def dated_start_unsaid(terms: Terms) -> Iterator[Found]:
    """The first of dated values begins later than the contract."""
    begins, _ = terms.contract.term
    for path, days in _dates(terms.contract):
        if days[0] > begins:
            before = days[0] - dt.timedelta(days=1)
            yield found("dated_start_unsaid", (*path, 0, "from"), begins=begins, before=before)


def dated_mid_month(terms: Terms) -> Iterator[Found]:
    """A value changes within a month of account, which is settled by the terms of its first day."""
    contract = terms.contract
    begins, _ = contract.term
    for path, days in _dates(contract):
        for i, day in enumerate(days):
            first, last = contract.span(contract.month_of(day))
            if day not in (first, begins) and i:
                effect = last + dt.timedelta(days=1)
                yield found("dated_mid_month", (*path, i, "from"), day=day, first=first, effect=effect)


def _needed(terms: Terms) -> Iterator[tuple[Path, str, Note]]:
    """Who needs announced volumes, by day or by month."""
    for i, price in enumerate(terms.file.pricing):
        if price.minimum is not None:
            several = isinstance(terms.located.data.get("pricing"), list)
            yield ("pricing", *((i,) if several else ()), "minimum"), "month", words("need_minimum")
    for path, clause, _ in terms.clauses():
        for i, exclusion in enumerate(clause.exclusions):
            if exclusion.what == "volume_above_forecast":
                yield (*path, "exclusions", i), exclusion.by or "month", words(f"need_relief_{exclusion.by}")


def forecast_missing(terms: Terms) -> Iterator[Found]:
    """Minimum billing or relief compares with announced volumes that are not there."""
    for path, by, what in _needed(terms):
        if by == "day" and not terms.contract.days:
            yield found("forecast_missing_day", path, what=what, days=DAYS, file="{file: volumes.csv, …}")
        elif not terms.contract.days and not terms.contract.months:
            yield found("forecast_missing", path, what=what, months="{months: {2026-01: 90000, …}, …}")


def forecast_gap(terms: Terms) -> Iterator[Found]:
    """Months of the term have no announced volume, so that minimum billing and relief stand still in them."""
    contract = terms.contract
    if not any(True for _ in _needed(terms)) or not (contract.days or contract.months):
        return
    begins, ends = contract.term
    months, day = [], begins
    while day <= ends:
        month = contract.month_of(day)
        months.append(month)
        day = contract.span(month)[1] + dt.timedelta(days=1)
    lacking = [month for month in months if contract.announced(month, terms.file.vendor[0]) is None]
    if lacking:
        shown = listed(lacking, most=3)
        yield found("forecast_gap", ("forecast",), at_key=True, count=len(lacking), all=len(months), months=shown)


def forecast_shares(terms: Terms) -> Iterator[Found]:
    """The vendors' parts of the announced volume leave one out, or are more than all of it."""
    forecast = terms.file.forecast
    if forecast is None or not forecast.shares:
        return
    total = sum(forecast.shares.values(), Decimal(0))
    absent = [vendor for vendor in terms.file.vendor if vendor not in forecast.shares]
    path = ("forecast", "shares")
    if total > 1:
        yield found("forecast_shares", path, at_key=True, total=share(total))
    if absent:
        yield found("forecast_share_absent", path, at_key=True, vendors=listed(absent), first=absent[0])


def league_shares(terms: Terms) -> Iterator[Found]:
    """The league shares next month's volume among another number of vendors than the contract has."""
    league, vendors = terms.file.league, terms.file.vendor
    if league is not None and len(vendors) > 1 and len(league.shares) != len(vendors):
        yield found("league_shares", ("league", "shares"), count=len(league.shares), vendors=len(vendors))


ERRORS: tuple[Rule, ...] = (dated_outside_term, dated_start_unsaid, forecast_missing, forecast_shares, league_shares)
WARNINGS: tuple[Rule, ...] = (dated_mid_month, forecast_gap)

"""Alerts: which rules fire on a running month, in words and as a file for cron and CI."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from csim.display.numbers import shown
from csim.files import write_text
from csim.kpi.small import is_small
from csim.settlement.measured import counted
from csim.watch.month_to_date import MonthToDate
from csim.watch.path import ratio
from csim.watch.rules import DEDUCTION, Rule
from csim.watch.telling import Telling

INTERVAL_S = 1800.0


@dataclass(frozen=True)
class Alert:
    """
    A rule that fires.

    Attributes:
        key: What it is about, the same as long as it goes on: rule, vendor, month, and the first interval of a run.
        value: The probability, the value, or the last value of the run. what: The sentence.
    """

    key: str
    rule: str
    vendor: str
    month: str
    clause: str
    value: float
    what: str


def alerts_of(
    found: MonthToDate, rules: Iterable[Rule], lang: str = "en", interval_s: float = INTERVAL_S
) -> list[Alert]:
    """
    The rules that fire now.

    A run ("for 3 intervals") is looked for on the last day of the log, among intervals that are over; an interval in
    which nothing was measured ends a run. A run of days is looked for in the month, among days that are over.

    Args:
        interval_s: The length of an interval, counted from midnight.
    """
    fired = []
    for rule in rules:
        alert = _run(found, rule, lang, interval_s) if rule.run else _at_once(found, rule, lang)
        if alert is not None:
            fired.append(alert)
    return fired


def write_alerts(path: str | Path, fired: Sequence[Alert], found: Sequence[MonthToDate]) -> Path:
    """The alerts as a JSON file, whole or not at all: {"alerts": […], "months": […]}."""
    return write_text(path, json.dumps(content(fired, found), ensure_ascii=False, indent=2) + "\n")


def content(fired: Sequence[Alert], found: Sequence[MonthToDate]) -> dict[str, Any]:
    """Alerts, and what they were raised on."""
    where = [
        {"vendor": m.vendor, "month": m.month, "as_of": m.so_far.until.at.isoformat(timespec="seconds"),
         "provenance": dict(m.provenance)}
        for m in found
    ]  # fmt: skip
    return {"alerts": [asdict(alert) for alert in fired], "months": where}


# -- one rule -----------------------------------------------------------------------------------------


def _at_once(found: MonthToDate, rule: Rule, lang: str) -> Alert | None:
    telling = Telling(found, lang)
    values = {"vendor": found.vendor, "month": telling.month(), "sign": rule.sign, "limit": _limit(telling, rule)}
    if rule.name == DEDUCTION:
        value = math.nan if found.ends is None else float((found.ends.sums["deduction"] > 0).mean())
        said = telling.words("watch_alert_deduction", p=telling.share(value), **values)
    else:
        clause = next(each for each in found.clauses if each.id == rule.name)
        values |= {"clause": clause.clause, "measure": telling.says.measure(clause.id)[0]}
        if rule.chance:
            value, said = clause.p_penalty, telling.words("watch_alert_p", p=telling.chance(clause), **values)
        else:
            value = clause.value
            said = telling.words("watch_alert_value", value=shown(value, clause.unit, lang), **values)
    return _alert(found, rule, value, said) if rule.holds(value) else None


def _run(found: MonthToDate, rule: Rule, lang: str, interval_s: float) -> Alert | None:
    """The last run that is long enough."""
    values = values_by(found, rule.name, rule.unit, interval_s)
    at, run = 0, None
    for fires, group in groupby(values, key=lambda pair: rule.holds(pair[1])):
        size = len(list(group))
        if fires and size >= rule.run:
            run = values[at : at + size]
        at += size
    if run is None:
        return None
    telling, clause = Telling(found, lang), next(each for each in found.clauses if each.id == rule.name)
    start, (last, value) = run[0][0], run[-1]
    end = last + pd.Timedelta(seconds=interval_s)
    shown_at = "%H:%M" if rule.unit == "interval" else "%Y-%m-%d"
    said = telling.words(
        "watch_alert_run" if rule.unit == "interval" else "watch_alert_run_days", vendor=found.vendor,
        date=f"{start:%Y-%m-%d}", clause=clause.clause, measure=telling.says.measure(clause.id)[0], sign=rule.sign,
        limit=_limit(telling, rule), count=len(run), start=f"{start:{shown_at}}",
        end=f"{end if rule.unit == 'interval' else last:{shown_at}}", value=shown(value, clause.unit, lang),
    )  # fmt: skip
    return _alert(found, rule, value, said, f"{start:%Y-%m-%dT%H:%M}")


def values_by(found: MonthToDate, name: str, unit: str, interval_s: float) -> list[tuple[pd.Timestamp, float]]:
    """
    A clause's value in each interval of the log's last day (or on each day of the month) that is over, in order.

    NaN stands where nothing was measured between the first contact and now, and in a vendor's copy where it was on a
    few contacts.
    """
    known, now = found.so_far, found.so_far.until
    step = pd.Timedelta(seconds=interval_s) if unit == "interval" else pd.Timedelta(days=1)
    first = now.at.normalize() if unit == "interval" else pd.Timestamp(known.dates[0]).tz_localize(now.at.tz)
    mine = (known.local >= first).to_numpy()
    if not mine.any():
        return []
    wall = known.local[mine].dt.tz_localize(None)  # intervals follow the clock on the wall
    begins = wall.dt.normalize() + ((wall - wall.dt.normalize()) // step) * step
    over = now.at.tz_localize(None) + (pd.Timedelta(microseconds=1) if now.whole else pd.Timedelta(0))
    table = counted(known.contract, known.terms.file, known.contacts[mine], begins, None, known.month)
    rows = table[(table["kpi"] == name) & (table["date"] != "")]
    clause = known.terms.file.kpis[name]
    rows = rows[~is_small(rows["sample"], found.least)]
    cells = zip(rows["date"], rows["numerator"], rows["denominator"], strict=True)
    values = {pd.Timestamp(date): ratio(clause, float(n), float(d)) for date, n, d in cells}
    every = pd.date_range(begins.min(), begins.max(), freq=step)
    if unit == "day":
        every = pd.DatetimeIndex(sorted(begins.unique()))  # closed days end no run
    return [(at, values.get(at, math.nan)) for at in every if at + step <= over]


def _limit(telling: Telling, rule: Rule) -> str:
    return telling.says.level(rule.limit)


def _alert(found: MonthToDate, rule: Rule, value: float, said: str, start: str = "") -> Alert:
    key = " | ".join(part for part in (rule.text, found.vendor, found.month, start) if part)
    return Alert(key, rule.text, found.vendor, found.month, rule.name, float(value), said)

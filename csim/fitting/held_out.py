"""Which days a fit sees, and which it is later tried on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.scenario.model import WEEKDAYS
from csim.units import share


def split(
    contacts: pd.DataFrame, weekdays: Iterable[str] | None, holdout: str | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """
    The contacts to fit on, and those kept back.

    Args:
        weekdays: Only these weekdays, on both sides.
        holdout: "2026-05-01..", "..2026-04-30", "2026-05-04..2026-05-10", a share of the days ("25%": the last ones),
            or weekdays ("fri", "sat,sun").

    Raises:
        InputError: A rule nobody can read, or one that leaves one side empty.
    """
    if "arrival" not in contacts:
        raise InputError([Mistake('the log has no column "arrival"', "arrival")])
    dates = contacts["arrival"].dt.tz_localize(None).dt.normalize()
    if weekdays is not None:
        mine = dates.dt.day_of_week.isin(_weekdays(",".join(weekdays), "weekdays"))
        contacts, dates = contacts[mine], dates[mine]
        if contacts.empty:
            raise InputError([Mistake("no contact of the log falls on these weekdays", "weekdays")])
    if holdout is None:
        return contacts, None
    back = _kept_back(dates, holdout.strip())
    if not back.any() or back.all():
        side = "no day" if not back.any() else "every day"
        what = f'"{holdout}" keeps back {side} of the log ({dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d})'
        raise InputError([Mistake(what, "holdout")])
    return contacts[~back], contacts[back]


def _kept_back(dates: pd.Series, rule: str) -> np.ndarray:
    if re.fullmatch(r"\d+(\.\d+)?\s*[%\uff05]", rule):
        days = np.sort(dates.unique())
        count = round(len(days) * _share(rule))
        return dates.isin(days[len(days) - count :]).to_numpy()
    if ".." in rule and rule[:3].lower() not in WEEKDAYS:
        first, last = (_date(part, rule) for part in rule.split("..", 1))
        after = dates >= pd.Timestamp(first) if first else pd.Series(True, index=dates.index)
        before = dates <= pd.Timestamp(last) if last else pd.Series(True, index=dates.index)
        return (after & before).to_numpy()
    return dates.dt.day_of_week.isin(_weekdays(rule, "holdout")).to_numpy()


def _share(rule: str) -> float:
    try:
        return share(rule)
    except ValueError:
        what = f'"{rule}" is more than the whole: write a share of the days such as "25%"'
        raise InputError([Mistake(what, "holdout")]) from None


def _date(text: str, rule: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        what = f'"{rule}" names no days: write "2026-05-01..", "25%" or "sat,sun"'
        raise InputError([Mistake(what, "holdout")]) from None


def _weekdays(text: str, where: str) -> list[int]:
    """
    Numbers of weekdays, Monday 0.

    Examples:
        >>> _weekdays("sun..thu", "weekdays"), _weekdays("sat, sun", "weekdays")
        ([6, 0, 1, 2, 3], [5, 6])
    """
    names: tuple[str, ...] = WEEKDAYS
    words = [word.strip().lower()[:3] for part in text.split(",") for word in part.split("..")]
    unknown = [word for word in words if word not in names]
    if unknown or not text.strip():
        what = f'"{text}" names no weekdays: write for example "mon,tue" or "sun..thu"'
        if where == "holdout":
            what = f'"{text}" names no days: write "2026-05-01..", "25%" or "sat,sun"'
        raise InputError([Mistake(what, where)])
    found: list[int] = []
    for part in text.split(","):
        ends = [names.index(word.strip().lower()[:3]) for word in part.split("..")]
        found += [(ends[0] + i) % 7 for i in range((ends[-1] - ends[0]) % 7 + 1)]
    return found

"""A fit as the plain data of a scenario file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from csim.fitting.staffing import queues_of, whole_agents
from csim.scenario.model import WEEKDAYS

if TYPE_CHECKING:
    from csim.fitting.result import Fit

WEEKS_AHEAD = 4
WORTH_A_FACTOR = 0.005


def scenario_data(fit: Fit, *, every_weekday: bool = False) -> dict[str, Any]:
    """
    The scenario: the four weeks after the log, with volumes and staffing by weekday.

    Args:
        every_weekday: Weekdays the log does not have borrow the mean of those it has.
    """
    groups = {name: _group(fit, number) for number, name in enumerate(fit.groups)}
    data: dict[str, Any] = {
        "csim": "scenario/1",
        "name": fit.name,
        "calendar": _calendar(fit),
        "queues": {name: _queue(fit, name) for name in fit.seen.queues},
        "groups": groups,
        "routing": {"agent": "least_loaded" if fit.pace else "longest_idle", "contact": "fifo"},
    }
    if every_weekday:
        for part in (*data["queues"].values(), *groups.values()):
            profile = part["arrivals" if "arrivals" in part else "agents"]["per_weekday"]
            mean = np.mean([*profile.values()], axis=0)
            mean = mean if "arrivals" in part else whole_agents(mean)
            profile |= {day: mean.tolist() for day in WEEKDAYS if day not in profile}
    return data


def _calendar(fit: Fit) -> dict[str, Any]:
    seen = fit.seen
    weekdays = [WEEKDAYS[number] for number in np.flatnonzero(fit.arrivals.days)]
    first = max(seen.dates) + dt.timedelta(days=1)
    dates = [first + dt.timedelta(days=i) for i in range(7 * WEEKS_AHEAD)]
    dates = [date for date in dates if WEEKDAYS[date.weekday()] in weekdays]
    hours, minutes = divmod(int(seen.start_s // 60), 60)
    calendar: dict[str, Any] = {
        "start": f"{dates[0]}T{hours:02d}:{minutes:02d}",
        "timezone": seen.zone,
        "days": len(dates),
        "weekdays": weekdays,
        "open": f"{seen.intervals * seen.interval_s / 3600:g} h",
        "interval": f"{seen.interval_s / 60:g} min",
    }
    if seen.round_the_clock:
        calendar["carry_over"] = True
    cv = fit.arrivals.day_cv["all"].value
    if fit.arrivals.common and cv > WORTH_A_FACTOR:
        calendar["day_factor"] = {"cv": round(cv, 4)}
    return calendar


def _queue(fit: Fit, name: str) -> dict[str, Any]:
    patience, q = fit.patience[name], fit.seen.queues.index(name)
    numbers = {
        WEEKDAYS[day]: [round(float(value), 4) for value in fit.arrivals.expected[q, day]]
        for day in np.flatnonzero(fit.arrivals.days)
    }
    queue: dict[str, Any] = {
        "channel": "chat" if name in fit.chats else "voice",
        "arrivals": {"per_weekday": numbers},
        "patience": patience.written(),
        "handle_time": fit.handle[name].written(),
    }
    if name in fit.handle_by_time:
        factors = fit.handle_by_time[name].factors
        queue["handle_by_time"] = {"per_interval": [round(float(factor), 4) for factor in factors]}
    if patience.balk.value > 0:
        queue["balk"] = round(patience.balk.value, 5)
    if name in fit.after_work:
        queue["after_work"] = fit.after_work[name].written()
    queue["answer_within"] = f"{fit.within_s[name]:g} s"
    cv = fit.arrivals.day_cv[name].value
    if not fit.arrivals.common and cv > WORTH_A_FACTOR:
        queue["day_factor"] = {"cv": round(cv, 4)}
    return queue


def _group(fit: Fit, number: int) -> dict[str, Any]:
    seen, name = fit.seen, fit.groups[number]
    serves = [seen.queues[q] for q in queues_of(seen, number)] if seen.groups else list(seen.queues)
    heads = weekly_heads(fit, number)
    group: dict[str, Any] = {
        "serves": serves,
        "agents": {"per_weekday": {WEEKDAYS[day]: row.tolist() for day, row in heads.items()}},
    }
    if name in fit.pace and fit.pace[name].concurrency > 1:
        group |= {"concurrency": fit.pace[name].concurrency, "pace": fit.pace[name].steps}
    return group


def weekly_heads(fit: Fit, number: int) -> dict[int, np.ndarray]:
    """Whole agents by weekday and interval: the mean of the ordinary days, rounded so that the hours add up."""
    weekday, heads = fit.seen.weekday, fit.staffing.heads[number]
    ordinary = fit.arrivals.ordinary
    return {
        int(day): whole_agents(heads[ordinary & (weekday == day)].mean(0)) for day in np.flatnonzero(fit.arrivals.days)
    }

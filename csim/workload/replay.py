"""A workload from a log: the arrivals and handle times it holds; patience and what it lacks are drawn."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from csim.contacts.held import time_at_each_load
from csim.display.notes import Note
from csim.errors import InputError, Mistake, did_you_mean
from csim.scenario.check import serving
from csim.scenario.load import Scenario
from csim.scenario.model import WEEKDAYS
from csim.scenario.pace import pace_steps
from csim.workload.distributions import durations
from csim.workload.draw import NOTHING, Workload, open_stream, quality_coins, vendor_coins
from csim.workload.pieces import Pieces


@dataclass(frozen=True)
class Trace:
    """
    The contacts of a log, placed on the days of a scenario.

    Attributes:
        scenario: The scenario on the log's dates.
        day, queue, arrival: Index of the open day and of the queue, and seconds from the opening, by arrival.
        work: Handle work at pace 1, s; NaN where the log has none (nobody answered): drawn.
        after_work: Seconds, NaN where the log has none.
        left_out: How many contacts could not be placed, by reason: "closed_day", "closed" (outside the hours), "queue".
        closed_days: The days of the log on which the scenario is closed.
    """

    scenario: Scenario
    day: np.ndarray
    queue: np.ndarray
    arrival: np.ndarray
    work: np.ndarray
    after_work: np.ndarray
    left_out: dict[str, int]
    closed_days: tuple[dt.date, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario, contacts: pd.DataFrame) -> Trace:
        """
        Places the contacts of a log on the days of a scenario, whose calendar takes the log's dates.

        A contact belongs to the day whose opening comes before it; one that arrives on a weekday or date that the
        scenario's calendar excludes, outside its hours, or in a queue it does not have, is left out and counted.

        Raises:
            InputError: Nothing of the log fits the scenario; several replications; staffing that the scenario gives
                by date and not for the dates of the log.
        """
        if "replication" in contacts.columns and contacts["replication"].nunique() > 1:
            what = f"the log holds {contacts['replication'].nunique()} replications: keep one"
            raise InputError([Mistake(what, "replication")])
        names = list(scenario.queues)
        queue = pd.Index(names).get_indexer(contacts["queue"].astype(str).to_numpy())
        if (queue < 0).all():
            found = ", ".join(map(str, contacts["queue"].unique()[:5])) or "none"
            hint = did_you_mean(next(iter(contacts["queue"].astype(str)), ""), names)
            raise InputError(
                [Mistake(f"no contact of the log is in a queue of the scenario (found {found}): {hint}", "queue")]
            )
        own_day = _own_day(scenario, contacts["arrival"])
        shut = _shut(scenario, own_day)
        dates = _dates(own_day[~shut])
        if not dates:
            raise _nothing_left(scenario, contacts["arrival"])
        placed = on_dates(scenario, dates)
        days = placed.days
        instant = contacts["arrival"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
        at = instant.astype(np.int64) / 1e6
        opens = np.array([opening.timestamp() for opening in days.opens])
        day = np.maximum(np.searchsorted(opens, at, side="right") - 1, 0)
        within = at - opens[day]
        inside = (within >= 0) & (within < days.length_s[day])
        kept = np.flatnonzero(inside & (queue >= 0))
        if not len(kept):
            raise _nothing_left(scenario, contacts["arrival"])
        kept = kept[np.lexsort((np.arange(len(kept)), at[kept]))]
        work, after_work = _work(placed, contacts)
        arrival = within + (days.offset_s[day] if days.carry_over else 0.0)
        lost = {"closed_day": ~inside & shut, "closed": ~inside & ~shut, "queue": inside & (queue < 0)}
        return cls(
            placed, day[kept], queue[kept], arrival[kept], work[kept], after_work[kept],
            {reason: int(rows.sum()) for reason, rows in lost.items() if rows.any()}, _dates(own_day[shut]),
        )  # fmt: skip

    def notes(self) -> list[Note]:
        """What is left out of the log, a sentence a reason."""
        values: dict[str, str] = {"all": f"{len(self.arrival) + sum(self.left_out.values()):,}"}
        if self.closed_days:
            values |= {"days": f"{len(self.closed_days):,}", "first": str(self.closed_days[0])}
        return [Note(f"replay_left_{why}", {**values, "count": f"{count:,}"}) for why, count in self.left_out.items()]

    def on(self, scenario: Scenario) -> Trace:
        """The same contacts in a centre that differs in anything but its days and queues."""
        return dataclasses.replace(self, scenario=scenario)

    def with_drawn_work(self) -> Trace:
        """The same arrivals with handle times drawn from the scenario's laws."""
        nothing = np.full(len(self.work), np.nan)
        return dataclasses.replace(self, work=nothing, after_work=nothing)


def _own_day(scenario: Scenario, arrival: pd.Series) -> pd.Series:
    """The day that each arrival belongs to: of a night shift, the one on which it began; NaT outside the hours."""
    opening = scenario.file.calendar.start.time()
    begins = pd.Timedelta(hours=opening.hour, minutes=opening.minute, seconds=opening.second)
    local = arrival.dt.tz_convert(scenario.days.zone).dt.tz_localize(None) - begins
    day = local.dt.normalize()
    return day.where((local - day).dt.total_seconds() < scenario.file.calendar.open)


def _shut(scenario: Scenario, day: pd.Series) -> np.ndarray:
    """Which of the days lie on weekdays or dates that the scenario's calendar excludes."""
    calendar = scenario.file.calendar
    open_on = [WEEKDAYS.index(weekday) for weekday in calendar.weekdays]
    closed = day.isin(pd.to_datetime(list(calendar.closed)))
    return (day.notna() & (closed | ~day.dt.day_of_week.isin(open_on))).to_numpy()


def _dates(day: pd.Series) -> tuple[dt.date, ...]:
    return tuple(sorted(set(day.dropna().dt.date)))


def _nothing_left(scenario: Scenario, arrival: pd.Series) -> InputError:
    calendar = scenario.file.calendar
    first, last = (when.tz_convert(scenario.days.zone) for when in (arrival.min(), arrival.max()))
    what = (
        f"no contact of the log (arrivals {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}) reaches a queue of the "
        f"scenario while it is open ({', '.join(calendar.weekdays)} from {scenario.days.clock[0]} for "
        f"{calendar.open / 3600:g} h): write a calendar that is open then"
    )
    return InputError([scenario.located.mistake(what, ("calendar",))])


def on_dates(scenario: Scenario, dates: Sequence[dt.date]) -> Scenario:
    """The same centre on given dates, with the volumes and staffing it has for them."""
    opening = scenario.file.calendar.start.time()
    between = {dates[0] + dt.timedelta(days=i) for i in range((dates[-1] - dates[0]).days + 1)} - set(dates)
    open_on = {WEEKDAYS[date.weekday()] for date in dates}
    return scenario.vary(
        {
            "calendar.start": f"{dates[0]}T{opening:%H:%M}",
            "calendar.days": len(dates),
            "calendar.weekdays": [day for day in WEEKDAYS if day in open_on],
            "calendar.closed": sorted(date for date in between if WEEKDAYS[date.weekday()] in open_on),
        }
    )


def _work(scenario: Scenario, contacts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Handle work at pace 1 and after-work of every contact of a log; NaN where it has none."""
    nothing = np.full(len(contacts), np.nan)
    answered = (contacts["outcome"] == "answered").to_numpy()
    talk = contacts["talk_s"].to_numpy(float) if "talk_s" in contacts else nothing
    after = contacts["after_work_s"].to_numpy(float) if "after_work_s" in contacts else nothing
    work = np.where(answered, talk, np.nan)
    chats = [name for name, queue in scenario.queues.items() if queue.channel == "chat"]
    rows = np.flatnonzero(answered & contacts["queue"].isin(chats).to_numpy() & ~np.isnan(work))
    if len(rows) and "agent" in contacts and contacts["agent"].notna().any():
        work[rows] = _at_pace_one(scenario, contacts.iloc[rows], work[rows], np.nan_to_num(after[rows]))
    return work, np.where(answered, after, np.nan)


def _at_pace_one(scenario: Scenario, chats: pd.DataFrame, talk: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Sessions ran slower while their agents held others: what each would have taken alone."""
    arrival = chats["arrival"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    begins = arrival.astype(np.int64) / 1e6 + chats["wait_s"].to_numpy(float)
    agent = pd.factorize(chats["agent"])[0]
    paces = {name: pace_steps(scenario.groups[serving(scenario.file, name)[0]]) for name in chats["queue"].unique()}
    most = max(map(len, paces.values()))
    time, _, _ = time_at_each_load(agent, begins, begins + talk, begins + talk + after, most)
    steps = {name: np.array([*pace, *[pace[-1]] * (most - len(pace))]) for name, pace in paces.items()}
    return np.einsum("ck,ck->c", time, np.stack([steps[name] for name in chats["queue"]]))


class Replays:
    """The workloads of a trace: every replication has the log's contacts, with patience and the rest drawn."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def blocks(self, seed: int, replication: int) -> Iterator[Workload]:
        """The workload of a replication, in one block."""
        trace, scenario, size = self.trace, self.trace.scenario, len(self.trace.arrival)
        carried = scenario.days.carry_over
        step, start = scenario.days.interval_s, scenario.days.offset_s[trace.day] if carried else 0.0
        interval = ((trace.arrival - start) // step).astype(int)
        columns = {name: np.full(size, value) for name, value in NOTHING.items()}
        columns |= {"work": trace.work.copy(), "deadline": np.full(size, np.inf)}
        for index, (name, queue) in enumerate(scenario.queues.items()):
            mine = np.flatnonzero(trace.queue == index)
            luck = partial(open_stream, {}, seed, replication, name)
            drawn = durations(queue.handle_time, len(mine), luck("handle"))
            if name in scenario.handle_by_time:
                drawn *= scenario.handle_by_time[name][trace.day[mine], interval[mine]]
            columns["work"][mine] = np.where(np.isnan(trace.work[mine]), drawn, trace.work[mine])
            if queue.patience:
                columns["deadline"][mine] = trace.arrival[mine] + durations(queue.patience, len(mine), luck("patience"))
            after = trace.after_work[mine]
            if queue.after_work:
                after = np.where(np.isnan(after), durations(queue.after_work, len(mine), luck("after_work")), after)
            columns["after_work"][mine] = np.nan_to_num(after)
            if queue.balk:
                columns["balks"][mine] = luck("balk").random(len(mine)) < queue.balk
            if queue.shares is not None:
                columns["vendor"][mine] = vendor_coins(scenario, queue, luck("vendor").random(len(mine)))
            for kind, coins in quality_coins(queue, len(mine), luck).items():
                columns[kind][mine] = coins
        stretch = np.zeros(size, int) if carried else trace.day
        codes = Pieces.of(scenario, next(iter(scenario.queues))).codes
        width, count = codes.shape[1] // len(scenario.days), scenario.days.intervals  # a warm-up is a piece of its own
        piece = trace.day * width + width - count + interval
        yield Workload(
            replication=replication, first=0, first_stretch=0, codes=codes, piece=piece, queue=trace.queue,
            arrival=trace.arrival,
            bounds=np.searchsorted(stretch, np.arange((1 if carried else len(scenario.days)) + 1)), **columns,
        )  # fmt: skip

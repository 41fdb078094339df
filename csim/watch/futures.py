"""The days still to come, many times over: simulated from a scenario, or resampled from days that were lived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.experiment.simulate import simulate
from csim.scenario.load import Scenario, load_scenario
from csim.scenario.model import WEEKDAYS
from csim.settlement.evidence import FEWEST_DAYS
from csim.settlement.measured import of_vendor, wanted
from csim.settlement.outlook import same_promises
from csim.watch.follow import joined
from csim.watch.so_far import SoFar, counts_by_day, open_dates

ENOUGH_ALIKE = 4  # days of the same weekday, to draw from them alone
NOTHING_LEFT = 0.001  # of a day's contacts: the day is as good as over
WEEKEND = (5, 6)


@dataclass(frozen=True)
class Future:
    """
    What the remaining days of a month may bring.

    Attributes:
        dates: The days still to come; the first may be the rest of a day that has begun.
        counts: [draw, date, (numerator, denominator, sample)] by name: of a clause, of a price's KPI.
        source: "scenario", "history", "own" (the month's own days) or "none" (too few days to say anything).
        days: How many simulated or lived days it rests on.
    """

    dates: tuple[dt.date, ...]
    counts: Mapping[str, np.ndarray] = field(repr=False)
    source: str
    days: int = 0
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        return next((len(array) for array in self.counts.values()), 0)


# -- from days that were lived ------------------------------------------------------------------------


def from_days(so_far: SoFar, history: Sequence[pd.DataFrame] = (), draws: int = 1000, seed: int = 1) -> Future:
    """
    The remaining days drawn from whole days that were lived: of the log, this month's included, and of *history*.

    Days are drawn whole, so that what goes together on a day stays together: volume, level, waits. Each draw gives
    the days weights of its own (Rubin's Bayesian bootstrap), so that few days make a wide forecast. A day is drawn
    from those of its weekday where there are at least four, else from working days or weekends, else from all.
    Where volumes were announced by day, a drawn day is brought to the volume announced for the day it stands for.

    Returns:
        A future; with source "none" where fewer than five whole days are known.

    Source: D. B. Rubin, The Bayesian bootstrap, Annals of Statistics 9 (1981) 130–134.
    """
    contacts, local = _all(so_far, history)
    dates, whole = counts_by_day(so_far, contacts, local)
    left = _left_today(so_far, local)
    past = [i for i, day in enumerate(dates) if day < so_far.until.date or (day == so_far.until.date and not left)]
    to_come = _dates_to_come(so_far, [dates[i] for i in past], left)
    of_month = [i for i in past if dates[i] in so_far.dates]
    source = "own" if len(of_month) == len(past) else "history"
    if len(past) < FEWEST_DAYS:
        return Future(tuple(to_come), {}, "none", len(past))
    drawn = drawn_days([dates[i] for i in past], to_come, draws, seed)
    places = np.array(past)[drawn]
    counts = {name: array[places] * _announced(so_far, dates, places, to_come) for name, array in whole.items()}
    if left:  # the day that has begun brings what came after this time of the day on the day drawn for it
        _, rest = counts_by_day(so_far, contacts, local, so_far.until.at.time())
        for name, array in counts.items():
            array[:, 0] = rest[name][places[:, 0]] if name in rest else 0.0
    return Future(tuple(to_come), counts, source, len(past))


def _all(so_far: SoFar, history: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, pd.Series]:
    """Every contact that is known of the vendor, and its local time; what stands in several logs counts once."""
    mine = [of_vendor(so_far.contract, log, so_far.vendor) for log in history]
    together = joined([so_far.contacts, *mine]).drop_duplicates("contact_id")
    local = together["arrival"].dt.tz_convert(so_far.contract.file.timezone)
    known = (local <= so_far.until.at).to_numpy()
    return together[known].reset_index(drop=True), local[known].reset_index(drop=True)


def _left_today(so_far: SoFar, local: pd.Series) -> float:
    """Which share of a day's contacts comes after the present time of the day."""
    if so_far.until.whole:
        return 0.0
    before = local[local.dt.date < so_far.until.date]
    share = float((before.dt.time > so_far.until.at.time()).mean()) if len(before) else 0.0
    return share if share > NOTHING_LEFT else 0.0


def _dates_to_come(so_far: SoFar, known: Sequence[dt.date], left: float) -> list[dt.date]:
    """
    Today where it is not over, then the days on which the centre will be open, holidays aside.

    Where volumes are announced by day, those say which; else the weekdays on which it was open. A weekday that has not
    come round yet is taken as open, a weekend day as the other one was.
    """
    _, last = so_far.span
    today, announced = so_far.until.date, so_far.contract.days
    to_come = open_dates(today + dt.timedelta(days=1), last, _open(known, today), so_far.contract.file.holidays)
    if announced and max(announced) >= last:
        spoken = [today + dt.timedelta(days=i) for i in range(1, (last - today).days + 1)]
        to_come = [day for day in spoken if announced.get(day, 0) > 0]
    return [today, *to_come] if left and today <= last else to_come


def _open(known: Sequence[dt.date], today: dt.date) -> list[int]:
    seen = {day.weekday() for day in known} | {today.weekday()}
    begun = min(known, default=today)
    round_ = {(begun + dt.timedelta(days=i)).weekday() for i in range((today - begun).days + 1)}
    weekend = [day for day in WEEKEND if day in seen or (day not in round_ and seen & set(WEEKEND))]
    return [day for day in range(5) if day in seen or day not in round_] + weekend


def drawn_days(known: Sequence[dt.date], to_come: Sequence[dt.date], draws: int, seed: int) -> np.ndarray:
    """[draw, date] Which of the known days stands for each day to come; the days weigh differently in each draw."""
    luck = np.random.default_rng(seed)
    weight = luck.exponential(size=(draws, len(known)))
    drawn = np.zeros((draws, len(to_come)), dtype=int)
    for at, day in enumerate(to_come):
        alike = _alike(known, day)
        steps = np.cumsum(weight[:, alike], axis=1)
        aim = luck.random(draws) * steps[:, -1]
        drawn[:, at] = np.array(alike)[(steps < aim[:, None]).sum(1)]
    return drawn


def _alike(known: Sequence[dt.date], day: dt.date) -> list[int]:
    same = [i for i, other in enumerate(known) if other.weekday() == day.weekday()]
    kind = [i for i, other in enumerate(known) if (other.weekday() in WEEKEND) == (day.weekday() in WEEKEND)]
    return next((found for found in (same, kind) if len(found) >= ENOUGH_ALIKE), list(range(len(known))))


def _announced(so_far: SoFar, dates: Sequence[dt.date], places: np.ndarray, to_come: Sequence[dt.date]) -> np.ndarray:
    """[draw, date, 1] announced volume of a day to come ÷ that of the day drawn for it; 1 where either is unknown."""
    known = so_far.contract.days
    then = np.array([float(known.get(day, 0)) for day in dates])[places]
    coming = np.array([float(known.get(day, 0)) for day in to_come])[None, :]
    ratio = np.divide(coming, then, out=np.ones_like(then), where=(then > 0) & (coming > 0))
    return ratio[:, :, None]


# -- from a scenario ----------------------------------------------------------------------------------


def from_scenario(
    so_far: SoFar, scenario: Scenario | Any, replications: int = 400, seed: int = 1, engine: str = "auto",
    executor: Executor | str | None = None, progress: Callable[[int, int, int], None] | None = None,
    played: MutableMapping[str, Any] | None = None,
) -> Future:  # fmt: skip
    """
    The remaining days simulated: the scenario's calendar begun on the first of them.

    A day that has begun is simulated whole and counted in the share of its contacts that is still expected.

    Args:
        played: Simulations made before, by the hash of the scenario: the days to come stay the same for a whole day.

    Raises:
        InputError: A scenario whose answer times or vendors are not the contract's, or whose volumes by date do not
            reach to the end of the month.
    """
    centre = load_scenario(scenario)
    same_promises(so_far.contract, centre)
    left = _left_of(so_far, centre)
    first = so_far.until.date + dt.timedelta(days=0 if left else 1)
    calendar = centre.file.calendar
    weekdays = [i for i, name in enumerate(WEEKDAYS) if name in calendar.weekdays]
    to_come = open_dates(first, so_far.span[1], weekdays, calendar.closed)
    if not to_come:
        return Future((), {}, "scenario", 0, {"scenario": centre.name, "scenario_hash": centre.hash})
    start = f"{to_come[0]}T{calendar.start:%H:%M:%S}"
    moved = centre.vary({"calendar.start": start, "calendar.days": len(to_come)})
    known = {} if played is None else played
    if moved.hash not in known:
        known[moved.hash] = simulate(moved, replications, seed, engine, executor, progress=progress)
    sim = known[moved.hash]
    counts = _counts(so_far, sim)
    if left and to_come[0] == so_far.until.date:
        for array in counts.values():
            array[:, 0] *= left
    dates = tuple(dt.date.fromisoformat(date) for date in moved.days.arrival_dates)
    return Future(dates, counts, "scenario", replications * len(to_come), sim.provenance)


def _counts(so_far: SoFar, sim: Any) -> dict[str, np.ndarray]:
    """[replication, date, (numerator, denominator, sample)] of all that the contract has to know and that is played."""
    vendors = {vendor for _, vendor in sim.views} - {None}
    mine = so_far.vendor if so_far.vendor in vendors else None
    if mine is None and vendors and len(so_far.contract.file.vendor) > 1:
        others = ", ".join(sorted(str(name) for name in vendors))
        what = f"the scenario has the vendors {others}, not {so_far.vendor}: name them as the contract does"
        raise InputError([Mistake(what, "vendor")])
    place = {kpi.id: i for i, kpi in enumerate(sim.measures.kpis)}
    found = {}
    for want in wanted(so_far.contract, so_far.terms.file):
        view = (want.scope.queue, mine)
        if want.kpi.id in place and view in sim.views:
            at, sums = place[want.kpi.id], sim.day_sums[:, :, sim.views.index(view)]
            parts = [getattr(sim.measures, part)[at] for part in ("numerator", "denominator", "sample")]
            found[want.name] = np.stack([sums[..., part] for part in parts], axis=-1)
    return found


def _left_of(so_far: SoFar, centre: Scenario) -> float:
    """Which share of the contacts of the day that has begun is still expected; 0 where it is over or closed."""
    if so_far.until.whole:
        return 0.0
    on = next((i for i, date in enumerate(centre.days.dates) if date == so_far.until.date), None)
    on = on if on is not None else _same_weekday(so_far.until.date, centre.days.dates)
    expected = sum(numbers[on] for numbers in centre.expected.values())
    opening = centre.days.opens[on]
    begun = opening.replace(year=so_far.until.at.year, month=so_far.until.at.month, day=so_far.until.at.day)
    elapsed = (so_far.until.at.to_pydatetime() - begun).total_seconds() / centre.days.interval_s
    gone = np.clip(elapsed - np.arange(len(expected)), 0, 1)
    left = float((expected * (1 - gone)).sum() / expected.sum()) if expected.sum() else 0.0
    return left if left > NOTHING_LEFT else 0.0


def _same_weekday(date: dt.date, dates: Sequence[dt.date]) -> int:
    return next((i for i, day in enumerate(dates) if day.weekday() == date.weekday()), 0)

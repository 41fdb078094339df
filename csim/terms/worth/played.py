"""From a response surface to the months (or days, weeks, quarters) that a contract judges."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from csim.contract.load import Contract
from csim.contract.model import Exclusion, KpiClause
from csim.errors import InputError, Mistake
from csim.settlement.facts import QUANTITIES, VOLUME
from csim.settlement.measured import Wanted, wanted
from csim.settlement.outlook import same_promises
from csim.terms.worth.surface import Counts, Surface
from csim.terms.worth.valuation import Months, numbered, terms_of

CYCLES = ("day", "week", "ten_days", "month", "quarter")
FEWEST_DAYS = 18  # of a calendar that is a month by itself; a shorter one is strung together
MONTH_DAYS = 22
YEAR = 12


@dataclass(frozen=True)
class Cycle:
    """
    A cycle of so many open days; `whole` says that it is the calendar's month (or three of them).

    Examples:
        >>> Cycle("week", 5), Cycle("month", 21, True)
        (Cycle(name='week', days=5, whole=False), Cycle(name='month', days=21, whole=True))
    """

    name: str
    days: int
    whole: bool = False


def cycle_of(surface: Surface, contract: Contract, name: str) -> Cycle:
    """
    A cycle in open days: a week is 5 (or as many weekdays as the centre opens), a month the calendar's.

    Raises:
        InputError: An unknown name, or too few simulated days for one cycle.
    """
    if name not in CYCLES:
        raise InputError([Mistake(f'"{name}" is no cycle: write one of {", ".join(CYCLES)}', "--cycle")])
    dates = len(surface.dates)
    whole = dates >= FEWEST_DAYS
    month = round(dates / len(set(_periods(surface, contract)))) if whole else MONTH_DAYS
    week = min(len(set(surface.scenario.days.weekdays)), 7) if whole else 5
    days = {"day": 1, "week": week, "ten_days": 10, "month": month, "quarter": 3 * month}[name]
    if days > dates * surface.replications:
        what = f"{dates * surface.replications} simulated days are less than one {name} ({days}): more replications"
        raise InputError([Mistake(what, "--replications")])
    return Cycle(name, days, whole and name in ("month", "quarter"))


def months_played(surface: Surface, contract: Contract, cycle: str = "month", remembers: bool = False) -> Months:
    """
    Everything that a contract has to know of every simulated cycle.

    Args:
        cycle: day, week, ten_days, month or quarter. A replication follows the one before it where a cycle is longer
            than the calendar: days start empty, so that they may be strung together.
        remembers: String months to years, since one leaves something to the next.

    Raises:
        InputError: Prices that no simulation counts, answer times that differ from the scenario's.
    """
    file = terms_of(contract, _label(surface, contract)).file
    wants = wanted(contract, file)
    _refuse_prices(contract, file.pricing, surface)
    same_promises(contract, surface.scenario)
    cut = Cutting(surface, contract, cycle_of(surface, contract, cycle), remembers)
    counts: dict[str, Counts] = {}
    met = set()
    relieved: dict[str, np.ndarray] = {}
    for want in wants:
        if surface.has(want.kpi.id):
            clause = file.kpis.get(want.name)
            days = relieved_days(surface, contract, clause)
            counts[want.name] = on_scale(cut.counted(want, days), clause.reading.scale if clause else None)
            if days is not None:  # no day is left: that is relief, not missing data
                nothing = counts[want.name].denominator == 0
                relieved[want.name] = nothing & (cut(days.astype(float)) > 0)
        elif want.name in file.kpis:
            met.add(want.name)
    volume = cut(surface.counts(VOLUME[0]).denominator)
    forecast = cut(np.broadcast_to(announced(surface, contract), surface.sums.shape[:3]))
    for name, clause in file.kpis.items():
        for rule in clause.exclusions:
            if rule.what == "volume_above_forecast" and rule.by == "month":
                over = volume > forecast * (1 + float(rule.over or 0))
                relieved[name] = relieved[name] | over if name in relieved else over
    return Months(
        volume.shape, cut.labels, numbered(cut.labels) if cut.dated else tuple(range(volume.shape[2])), counts,  # type: ignore[arg-type]
        relieved, frozenset(met), forecast, cut.part,
    )  # fmt: skip


def on_scale(counts: Counts, scale: str | None) -> Counts:
    """
    A mean score as the share that the contract's scale makes of it: see `csim.settlement.month.on_scale`.

    Examples:
        >>> five = Counts(np.array([488.0]), np.array([100.0]), np.array([100.0]))
        >>> on_scale(five, "x/5").value.tolist(), on_scale(five, "(x-1)/4").value.tolist()
        ([0.976], [0.97])
    """
    if scale == "x/5":
        return counts._replace(numerator=counts.numerator / 5)
    if scale == "(x-1)/4":
        return counts._replace(numerator=(counts.numerator - counts.denominator) / 4)
    return counts


class Cutting:
    """Cuts arrays [level, replication, date] into [level, run, cycle] sums."""

    def __init__(self, surface: Surface, contract: Contract, cycle: Cycle, remembers: bool = False) -> None:
        self.surface, self.cycle = surface, cycle
        periods = _periods(surface, contract)
        self.names = list(dict.fromkeys(periods))
        self.places = [np.array([i for i, period in enumerate(periods) if period == name]) for name in self.names]
        self.dated = cycle.whole and cycle.name == "month" and len(self.names) > 1
        self.remembers = remembers
        label = self.names[0]
        self.labels = tuple(self.names) if self.dated else (label,) * self._run()
        month = cycle_of(surface, contract, "month").days
        self.part = 1.0 if cycle.name == "month" else cycle.days / month

    def _cycles(self) -> int:
        """How many cycles there are in all replications."""
        if self.cycle.whole:
            return self.surface.replications * len(self.names) // (3 if self.cycle.name == "quarter" else 1)
        return self.surface.replications * len(self.surface.dates) // self.cycle.days

    def _run(self) -> int:
        return min(YEAR, self._cycles()) if self.remembers and self.cycle.name == "month" else 1

    def __call__(self, array: np.ndarray) -> np.ndarray:
        levels = array.shape[0]
        if self.cycle.whole:
            parts = np.stack([array[:, :, place].sum(2) for place in self.places], axis=2)
            if self.dated:
                return parts
            parts = parts.reshape(levels, -1)
            size = 3 if self.cycle.name == "quarter" else 1
        else:
            parts, size = array.reshape(levels, -1), self.cycle.days
        count = parts.shape[1] // size
        sums = parts[:, : count * size].reshape(levels, count, size).sum(2)
        run = self._run()
        whole = count // run * run
        return sums[:, :whole].reshape(levels, -1, run)

    def days(self) -> list[np.ndarray]:
        """The days of each cycle, as places among all days (replication × dates + date), in the order of time."""
        count, replications = len(self.surface.dates), self.surface.replications
        if self.cycle.whole:
            months = [r * count + place for r in range(replications) for place in self.places]
            size = 3 if self.cycle.name == "quarter" else 1
            return [np.concatenate(months[i : i + size]) for i in range(0, len(months) // size * size, size)]
        size = self.cycle.days
        whole = replications * count // size
        return list(np.arange(whole * size).reshape(whole, size))

    def shaped(self, cycles: np.ndarray) -> np.ndarray:
        """Values by [level, cycle], in the order of `days`, as [level, run, cycle]."""
        if self.dated:
            return cycles.reshape(len(cycles), self.surface.replications, len(self.names))
        run = self._run()
        return cycles[:, : cycles.shape[1] // run * run].reshape(len(cycles), -1, run)

    def counted(self, want: Wanted, relieved: np.ndarray | None) -> Counts:
        """The counts of one thing in every cycle, relieved days left out."""
        months = self.surface.by_month(want.kpi.id, want.scope.queue)
        if months is not None:
            return self._whole_months(want, months)
        daily = self.surface.counts(want.kpi.id, want.scope.queue)
        if relieved is not None:
            daily = Counts(*(np.where(relieved, 0.0, array) for array in daily))
        return Counts(*(self(array) for array in daily))

    def _whole_months(self, want: Wanted, months: Counts) -> Counts:
        """A quantile is known by date and by calendar month only: sums of days say nothing about it."""
        if self.cycle.name == "day":
            return Counts(*(self(array) for array in self.surface.counts(want.kpi.id, want.scope.queue)))
        if self.cycle.name != "month" or not self.cycle.whole:
            what = f"{want.kpi.id} is a quantile or a maximum: it can be judged by day and by calendar month only"
            raise InputError([Mistake(what, "--cycle")])
        if self.dated:
            return months
        run = self._run()
        flat = [array.reshape(array.shape[0], -1) for array in months]
        whole = flat[0].shape[1] // run * run
        return Counts(*(array[:, :whole].reshape(array.shape[0], -1, run) for array in flat))


def _label(surface: Surface, contract: Contract) -> str:
    return _periods(surface, contract)[0]


def _periods(surface: Surface, contract: Contract) -> list[str]:
    """The month of account of every date; a quarter's contract is judged by months here."""
    return [contract.month_of(dt.date.fromisoformat(date)) for date in surface.dates]


def announced(surface: Surface, contract: Contract) -> np.ndarray:
    """The announced volume of every date: of the day, else the month's evenly over its dates; NaN without."""
    periods, vendor = _periods(surface, contract), surface.vendor or contract.file.vendor[0]
    part = float(contract.part_of(vendor))
    found = []
    for date, period in zip(surface.dates, periods, strict=True):
        day, month = contract.days.get(dt.date.fromisoformat(date)), contract.months.get(period)
        monthly = float("nan") if month is None else float(month) / periods.count(period)
        found.append(part * (float(day) if day is not None else monthly))
    return np.array(found)


def relieved_days(surface: Surface, contract: Contract, clause: KpiClause | None) -> np.ndarray | None:
    """[level, replication, date] The days whose volume was so far above the announced that they do not count."""
    rules: list[Exclusion] = [] if clause is None else [r for r in clause.exclusions if r.by == "day"]
    if not rules:
        return None
    volume, forecast = surface.counts(VOLUME[0]).denominator, announced(surface, contract)
    limit = min(1 + float(rule.over or 0) for rule in rules)
    return volume > forecast * limit


def _refuse_prices(contract: Contract, pricing: tuple, surface: Surface) -> None:
    mistakes = []
    for number, price in enumerate(pricing):
        known = price.per == "month" or (price.per in QUANTITIES and surface.has(QUANTITIES[price.per][0]))
        if not known:
            where = ("pricing", number, "per") if isinstance(contract.data["pricing"], list) else ("pricing", "per")
            what = f"the simulation does not count {price.per}: price what it counts, such as answered_contact"
            mistakes.append(contract.mistake(what, where))
    if mistakes:
        raise InputError(mistakes)


def remembers(contract: Contract, label: str) -> bool:
    """Whether one month of a contract leaves something to the next."""
    file = terms_of(contract, label).file
    pay = file.pay
    yearly = any(cap.year is not None for cap in pay.caps)
    repeats = any(clause.repeat for clause in file.kpis.values())
    return bool(pay.streaks or yearly or pay.carry_forward or pay.earn_back or repeats)

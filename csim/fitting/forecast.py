"""Forecast: next month's arrivals by interval from history, with prediction intervals, against repeating last week."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.files import write_whole
from csim.fitting.arrivals_model import FEWEST_DAYS, ArrivalsModel, Special, fitted
from csim.fitting.volumes import DAY_S, Volumes, next_dates, unfinished, volumes_of
from csim.scenario.model import WEEKDAYS

DRAWS = 2000
INTERVAL = (0.025, 0.975)
UNUSUAL = 4.0  # standard deviations


@dataclass(frozen=True)
class Backtest:
    """
    The last days forecast from those before them, the origin fixed: nothing of the forecast days is seen.

    Attributes:
        origin: The last day known. wape, wape_day: Σ|count − forecast| ÷ Σ count, by interval and by day.
        naive, naive_day: The same of repeating the last week known. covered, covered_day: Shares of counts inside
            their 95 % intervals.
    """

    origin: dt.date
    days: int
    wape: float
    wape_day: float
    naive: float
    naive_day: float
    covered: float
    covered_day: float


@dataclass(frozen=True)
class Forecast:
    """
    Arrivals to come.

    Attributes:
        table: date, weekday, time, expected, low, high: 95 % prediction intervals of each interval's count.
        days: The same of whole days.
        backtest: How the method fared on the last days of the history; None where it is too short.
        notes: Unusual days in the history, special days never seen: (key of the words, values).
    """

    table: pd.DataFrame = field(repr=False)
    days: pd.DataFrame = field(repr=False)
    model: ArrivalsModel
    past: Volumes = field(repr=False)
    backtest: Backtest | None
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def volumes(self, by: str = "interval") -> pd.DataFrame:
        """What a scenario's volumes file holds (date, time, expected), or a contract's forecast (date, expected)."""
        table = self.table if by == "interval" else self.days
        columns = ["date", "time", "expected", "low", "high"] if by == "interval" else ["date", "expected"]
        return table[columns].assign(expected=table["expected"].round(3 if by == "interval" else 0))

    def write(self, path: str | Path, by: str = "interval") -> Path:
        """
        The volumes as CSV, whole or not at all.

        Raises:
            InputError: Counts of whole days have no course of the day that a scenario could use.
        """
        if by == "interval" and self.past.interval_s == DAY_S:
            raise InputError([Mistake("counts of days tell no time of day: write --by day", "--by")])
        table = self.volumes(by)
        if by == "day":
            table = table.astype({"expected": int})
        return write_whole(path, lambda there: table.to_csv(there, index=False, encoding="utf-8-sig"))

    def summary(self, lang: str = "en") -> str:
        """One sentence: how much comes, and how well the method did."""
        from csim.fitting.telling_forecast import sentence

        return sentence(self, lang)

    def text(self, lang: str = "en") -> str:
        """Sentence, backtest and days for a console."""
        from csim.fitting.telling_forecast import text

        return text(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table by interval."""
        return self.table

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: by interval, by day, backtest, provenance."""
        from csim.display.excel import write_workbook

        tests = pd.DataFrame([asdict(self.backtest)] if self.backtest else [])
        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        return write_workbook(
            path, {"by_interval": self.table, "by_day": self.days, "backtest": tests, "provenance": where}
        )

    def as_json(self) -> str:
        """{"days": […], "backtest", "model", "provenance"}; intervals are in the CSV."""
        model = {"half_life": self.model.half_life, "day_cv": self.model.day_cv, "dispersion": self.model.dispersion}
        content = {
            "days": self.days.to_dict("records"), "backtest": asdict(self.backtest) if self.backtest else None,
            "model": {key: value if np.isfinite(value) else None for key, value in model.items()},
            "provenance": dict(self.provenance),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=2, default=str)

    def plot(self, lang: str = "en") -> Any:
        """The last weeks of the history and the days to come, with their intervals."""
        from csim.fitting.telling_forecast import figure

        return figure(self, lang)

    def to_html(self, lang: str = "en") -> str:
        """The answer and its table, as a piece of a page."""
        from csim.fitting.telling_forecast import as_html

        return as_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def forecast(
    history: Any, days: int = 22, interval_s: float | None = None, queue: str | None = None,
    special: Special | None = None, closed: Sequence[dt.date] = (), holdout: int | None = None, seed: int = 1,
) -> Forecast:  # fmt: skip
    """
    The arrivals of the next open days, by interval, with 95 % prediction intervals.

    Args:
        history: A contact log, a table of counts (date, time and a count) or its file. A last day that breaks off
            is left out, and noted.
        days: How many open days: the weekdays that were open in the history go on.
        interval_s: Length of an interval; without it the table's own, or 30 minutes of a log.
        queue: Of a log, this queue alone.
        special: Holidays and campaigns by name, past ones (their effect is measured) and coming ones (it is applied).
        closed: Dates on which nothing will come.
        holdout: How many of the last days test the method; without it as many as are forecast, where half of the
            history is left.

    Raises:
        InputError: Fewer than ten days of history, a weekday seen only once, statsmodels missing.

    Examples:
        Two contacts each half-hour, eight weeks long, and none is expected to change:

        >>> import csim
        >>> dates = pd.bdate_range("2026-06-01", periods=40)
        >>> counts = pd.DataFrame([{"date": f"{day:%Y-%m-%d}", "time": f"{hour:02d}:{half}", "count": 2}
        ...                        for day in dates for hour in (9, 10) for half in ("00", "30")])
        >>> found = csim.forecast(counts, days=5)
        >>> found.table["expected"].round(6).unique().tolist(), found.days["date"].iloc[0]
        ([2.0], '2026-07-27')
    """
    _needs_statsmodels()
    given = volumes_of(history, interval_s, queue)
    past = given.first(len(given) - 1) if unfinished(given) else given
    _refuse(days, holdout, past)
    known = dict(special or {})
    test = days if holdout is None else holdout
    model = fitted(past, min(days, len(past) // 4), known)
    to_come = next_dates(past.dates, days, closed)
    expected = model.expected(to_come, known)
    table, whole = _tables(model, expected, to_come, past.clock, seed)
    tested = (
        backtest(past, test, known, seed) if holdout or (len(past) - test >= max(FEWEST_DAYS, len(past) // 2)) else None
    )
    where = {"history_days": len(past), "from": f"{past.dates[0]}", "to": f"{past.dates[-1]}",
             "interval_s": past.interval_s, "seed": seed, "draws": DRAWS}  # fmt: skip
    from csim import __version__

    return Forecast(
        table,
        whole,
        model,
        past,
        tested,
        tuple(_notes(given, past, model, to_come, known)),
        {"csim": __version__, **where},
    )


def backtest(past: Volumes, holdout: int, special: Special | None = None, seed: int = 1) -> Backtest:
    """The last *holdout* days forecast from those before them, and from repeating the last week before them."""
    known, origin = special or {}, len(past) - holdout
    before, after = past.first(origin), past.counts[origin:]
    model = fitted(before, min(holdout, origin // 4), known)
    unseen = sorted({day.weekday() for day in past.dates[origin:]} - set(model.totals))
    if unseen:
        what = f"no {', '.join(WEEKDAYS[k] for k in unseen)} before {past.dates[origin]}: hold out fewer days"
        raise InputError([Mistake(what, "--holdout")])
    expected = model.expected(past.dates[origin:], known)
    week = len(set(before.weekdays.tolist()))
    repeated = before.counts[-week:][np.arange(holdout) % week]
    table, whole = _tables(model, expected, past.dates[origin:], past.clock, seed)
    inside = [
        float(((part["low"] <= counts.ravel()) & (counts.ravel() <= part["high"])).mean())
        for part, counts in ((table, after), (whole, after.sum(1)))
    ]
    return Backtest(past.dates[origin - 1], holdout, *_wape(expected, after), *_wape(repeated, after), *inside)


def _wape(forecast: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Σ|error| ÷ Σ count, by interval and by day."""
    total = counts.sum()
    return float(np.abs(forecast - counts).sum() / total), float(np.abs((forecast - counts).sum(1)).sum() / total)


def _tables(
    model: ArrivalsModel, expected: np.ndarray, dates: Sequence[dt.date], clock: Sequence[str], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By interval and by day: expected, and the ends of the 95 % interval among the draws."""
    ends = np.empty((2, *expected.shape))
    day_ends = np.empty((2, len(dates)))
    for at in range(len(dates)):  # a day at a time: all draws of a month at once would be large
        drawn = model.draws(expected[at : at + 1], DRAWS, seed + 1000 * at)[:, 0]
        ends[:, at] = np.quantile(drawn, INTERVAL, axis=0)
        day_ends[:, at] = np.quantile(drawn.sum(1), INTERVAL)
    names = [f"{day}" for day in dates]
    weekdays = [WEEKDAYS[day.weekday()] for day in dates]
    by_interval = pd.DataFrame({
        "date": np.repeat(names, len(clock)), "weekday": np.repeat(weekdays, len(clock)),
        "time": np.tile(list(clock), len(dates)), "expected": expected.ravel(),
        "low": ends[0].ravel(), "high": ends[1].ravel(),
    })  # fmt: skip
    by_day = pd.DataFrame({"date": names, "weekday": weekdays, "expected": expected.sum(1), "low": day_ends[0],
                           "high": day_ends[1]})  # fmt: skip
    return by_interval, by_day


def _notes(given: Volumes, past: Volumes, model: ArrivalsModel, to_come: Sequence[dt.date], special: Special) -> Any:
    if len(given) > len(past):
        yield "forecast_unfinished", {"date": f"{given.dates[-1]}"}
    usual = model.expected(past.dates, special).sum(1)
    off = past.totals / usual - 1
    spread = 1.4826 * float(np.median(np.abs(off - np.median(off)))) or 1.0  # of the ordinary days
    for at in np.flatnonzero(np.abs(off - np.median(off)) > UNUSUAL * spread)[-5:]:
        yield "forecast_unusual", {"date": f"{past.dates[at]}", "off": float(off[at])}
    for day in to_come:
        if day in special and special[day] not in model.specials:
            yield "forecast_never_seen", {"date": f"{day}", "name": special[day]}


def _refuse(days: int, holdout: int | None, past: Volumes) -> None:
    if days < 1:
        raise InputError([Mistake(f"{days} days: write 1 or more", "--days")])
    if holdout is not None and not 1 <= holdout <= len(past) - FEWEST_DAYS:
        most = max(len(past) - FEWEST_DAYS, 1)
        what = f"{holdout} of {len(past)} days: write 1 to {most}, so that {FEWEST_DAYS} are left"
        raise InputError([Mistake(what, "--holdout")])


def _needs_statsmodels() -> None:
    if importlib.util.find_spec("statsmodels") is None:
        raise InputError([Mistake("a forecast needs statsmodels: pip install csim[forecast]", "csim forecast")])

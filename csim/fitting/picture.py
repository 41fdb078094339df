"""The figures of a fit: plain tables made here, drawn by display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.display import figures_of_fits as drawn
from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.fitting.patience import AT_RISK
from csim.fitting.telling import FitTelling
from csim.fitting.verdict import GOOD, Verdict
from csim.kpi.small import is_small
from csim.scenario.model import WEEKDAYS

if TYPE_CHECKING:
    from csim.fitting.backtest import Backtest
    from csim.fitting.result import Fit

MOST_LAWS = 3
SHOWN = 0.97  # of handle times; the rest would squeeze the figure


def figure(fit: Fit, what: str, of: str | None, lang: str) -> Any:
    """A figure of one part of a fit: its Axes."""
    draw = {
        "arrivals": _arrivals, "day_factor": _days, "handle_time": _handle, "after_work": _handle,
        "handle_by_time": _by_time,
        "patience": _patience, "staffing": _staffing, "pace": _pace, "returns": _no_figure,
    }[what]  # fmt: skip
    telling = FitTelling(fit, lang)
    return draw(fit, what, of, telling)


def _name(known: list[str], of: str | None, what: str) -> str:
    """The queue or group meant; the first where none is named."""
    if of is not None and of not in known:
        raise UnknownNameError([Mistake(f'no {what} of "{of}": {did_you_mean(of, known)}', "of")])
    if not known:
        raise UnknownNameError([Mistake(f"this fit has no {what}", "what")])
    return of if of is not None else known[0]


def _no_figure(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    raise UnknownNameError([Mistake("repeat contacts are a table: see Fit.parameters", "what")])


def _arrivals(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    words = telling.words
    expected = fit.arrivals.expected.sum(0)
    if of is not None:
        expected = fit.arrivals.expected[fit.seen.queues.index(_name(list(fit.seen.queues), of, what))]
    curves = {
        words(f"fit_weekday_{WEEKDAYS[day]}"): pd.DataFrame({"time": fit.seen.clock, "value": expected[day]})
        for day in np.flatnonzero(fit.arrivals.days)
    }
    labels = {"title": words("fig_fit_arrivals"), "y": words("fig_fit_arrivals_axis"), "source": telling.source()}
    return drawn.profiles(curves, labels, telling.lang)


def _days(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    seen, odd = fit.seen, {day.date for day in fit.arrivals.special}
    totals = seen.counts.sum((0, 2))
    ordinary = fit.arrivals.ordinary
    mean = np.array([totals[ordinary & (seen.weekday == w)].mean() if (ordinary & (seen.weekday == w)).any() else np.nan
                     for w in seen.weekday])  # fmt: skip
    special = np.array([date in odd for date in seen.dates])
    told = np.where(is_small(totals, fit.least), np.nan, totals)
    days = pd.DataFrame({"date": seen.dates, "ratio": told / mean, "chance": 1.96 / np.sqrt(mean), "special": special})
    hours = (np.arange(len(fit.arrivals.correlation)) + 1) * seen.interval_s / 3600
    labels = {"title": telling.words("fig_fit_days"), "source": telling.source()}
    return drawn.days_and_correlation(days, fit.arrivals.correlation, hours, labels, telling.lang)


def _handle(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    fits = fit.handle if what == "handle_time" else fit.after_work
    queue = _name(list(fits), of, what)
    found, words = fits[queue], telling.words
    upto = np.cumsum(found.sample.total) / found.sample.size
    last = found.sample.quantile(SHOWN)
    there = found.sample.values <= last
    curves = {words("fig_fit_log"): pd.DataFrame({"seconds": found.sample.values[there], "share": upto[there]})}
    grid = np.linspace(0, last, 300)
    for candidate in found.candidates[:MOST_LAWS]:
        name = telling.law(candidate.law)
        name += f" ({candidate.distance:.3f})"
        curves[name] = pd.DataFrame({"seconds": grid, "share": candidate.law.cdf(grid)})
    key = "fig_fit_handle" if what == "handle_time" else "fig_fit_after"
    labels = {
        "title": words(key, queue=queue), "x": words("fig_fit_seconds_axis"), "y": words("fig_fit_longer_axis"),
        "source": telling.source(),
    }  # fmt: skip
    return drawn.log_and_laws(curves, labels, telling.lang)


def _by_time(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    queue = _name(list(fit.handle_by_time), of, what)
    found, words = fit.handle_by_time[queue], telling.words
    table = pd.DataFrame({"time": fit.seen.clock, "value": found.factors, "low": found.low, "high": found.high})
    labels = {
        "title": words("fig_fit_by_time", queue=queue), "y": words("fig_fit_by_time_axis"),
        "band": words("fig_fit_band"), "source": telling.source(),
    }  # fmt: skip
    return drawn.band_by_time(table, labels, telling.lang)


def _patience(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    queue = _name([name for name, law in fit.patience.items() if not law.never], of, what)
    found, words = fit.patience[queue], telling.words
    there = found.curve.at_risk >= AT_RISK
    if not there.any():  # so few queued that the curve can only be looked at
        there = found.curve.at_risk > 0
    curves = {
        words("fig_fit_curve"): pd.DataFrame({"seconds": found.curve.at[there], "share": found.curve.survival[there]})
    }
    grid = np.linspace(0, float(found.curve.at[there].max()), 300)
    for law, _, distance in found.candidates[:MOST_LAWS]:
        name = telling.law(law) + (f" ({distance:.3f})" if distance == distance else "")
        curves[name] = pd.DataFrame({"seconds": grid, "share": np.exp(law.log_survival(grid))})
    labels = {
        "title": words("fig_fit_patience", queue=queue), "x": words("fig_fit_seconds_axis"),
        "y": words("fig_fit_waiting_axis"), "source": telling.source(),
    }  # fmt: skip
    return drawn.log_and_laws(curves, labels, telling.lang, falling=True)


def _staffing(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    group = _name(list(fit.groups), of, what)
    number, words = fit.groups.index(group), telling.words
    busiest = np.bincount(fit.seen.weekday[fit.seen.day]).argmax()  # one weekday stands for days of the same hours
    hours = fit.staffing.heads[number].sum(1)
    alike = hours >= 0.5 * np.median(hours[fit.seen.weekday == busiest])
    table = pd.DataFrame({"time": fit.seen.clock})
    for name, heads in (("value", fit.staffing.heads), ("low", fit.staffing.low), ("high", fit.staffing.high)):
        table[name] = heads[number][alike & fit.arrivals.ordinary].mean(0)
    labels = {
        "title": words("fig_fit_staffing", group=group), "y": words("fig_fit_staffing_axis"),
        "band": words("fig_fit_staffing_band"), "source": telling.source(),
    }  # fmt: skip
    return drawn.band_by_time(table, labels, telling.lang)


def _pace(fit: Fit, what: str, of: str | None, telling: FitTelling) -> Any:
    group = _name(list(fit.pace), of, what)
    words = telling.words
    table = pd.DataFrame([(k, s.value, s.low, s.high) for k, s in enumerate(fit.pace[group].pace, 1)],
                         columns=["held", "value", "low", "high"])  # fmt: skip
    labels = {
        "title": words("fig_fit_pace", group=group), "x": words("fig_fit_held_axis"), "y": words("fig_fit_pace_axis"),
        "source": telling.source(),
    }  # fmt: skip
    return drawn.steps_of_pace(table, labels, telling.lang)


def real_against_simulated(found: Backtest, lang: str) -> Any:
    """Real against simulated by interval: its Axes."""
    telling = FitTelling(found.fit, lang)
    labels = {"title": telling.words("fig_fit_backtest"), "source": telling.source()}
    return drawn.real_and_simulated(found.by_interval, labels, lang)


def where_the_error_is(found: Backtest, lang: str) -> Any:
    """The error as one part after the other becomes the model's: its Axes."""
    telling, verdict = FitTelling(found.fit, lang), Verdict(found, lang)
    table = pd.DataFrame(
        {"label": [verdict.lent(lent) for lent in found.steps], "error": found.decomposition["service_level"]}
    )
    labels = {
        "title": telling.words("fig_fit_steps"), "x": telling.words("fig_fit_steps_axis"), "source": telling.source(),
    }  # fmt: skip
    return drawn.error_steps(table, labels, GOOD["service_level"], lang)

"""A forecast of arrivals in words, as a table and as a figure; en and zh."""

from __future__ import annotations

import datetime as dt
import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.fans import arrivals_ahead
from csim.display.grids import text_table
from csim.display.numbers import shown
from csim.display.tables import html_table
from csim.display.words import Words

if TYPE_CHECKING:
    from csim.fitting.forecast import Forecast

SHOWN_DAYS = 40  # of the history, in the figure


def sentence(found: Forecast, lang: str) -> str:
    """How much comes, and how well the method did on days it had not seen."""
    words, days = Words(lang), found.days
    parts = [words(
        "forecast_sentence", total=f"{days['expected'].sum():,.0f}", first=days["date"].iloc[0],
        last=days["date"].iloc[-1], days=len(days), mean=f"{days['expected'].mean():,.0f}",
    )]  # fmt: skip
    test = found.backtest
    if test is None:
        parts.append(words("forecast_untested"))
    else:
        shares = {key: _percent(getattr(test, key), lang) for key in ("wape", "wape_day", "naive", "naive_day")}
        parts.append(words("forecast_tested", days=test.days, origin=f"{test.origin}", **shares))
        held = {key: shown(getattr(test, key), "share", lang) for key in ("covered", "covered_day")}
        parts.append(words("forecast_covered", **held))
        if test.wape >= test.naive and test.wape_day >= test.naive_day:
            parts.append(words("forecast_beaten"))
    return (" " if lang == "en" else "").join(parts)


def remarks(found: Forecast, lang: str) -> list[str]:
    """What is odd in the history, or unknown of the days to come."""
    words = Words(lang)
    return [
        words(key, **{name: _change(value, lang) if name == "off" else value for name, value in values.items()})
        for key, values in found.notes
    ]


def rows(found: Forecast, lang: str) -> tuple[list[str], list[list[str]]]:
    """The days to come."""
    words = Words(lang)
    heads = [words(f"forecast_{head}") for head in ("date", "weekday", "expected", "interval")]
    cells = [
        [row["date"], words(f"forecast_{row['weekday']}"), f"{row['expected']:,.0f}",
         f"{row['low']:,.0f}–{row['high']:,.0f}"]
        for row in found.days.to_dict("records")
    ]  # fmt: skip
    return heads, cells


def text(found: Forecast, lang: str) -> str:
    """For a console."""
    return "\n\n".join([sentence(found, lang), text_table(*rows(found, lang), (2, 3))])


def as_html(found: Forecast, lang: str) -> str:
    """As a piece of a page."""
    said = "".join(f"<p>{html.escape(remark)}</p>" for remark in remarks(found, lang))
    return html_table(*rows(found, lang), caption=sentence(found, lang)) + said


def figure(found: Forecast, lang: str) -> Any:
    """The last weeks counted, the days to come with their intervals."""
    words, days = Words(lang), found.days
    dates, totals = found.past.dates[-SHOWN_DAYS:], found.past.totals[-SHOWN_DAYS:]
    before = float(totals[-len(days) :].mean())
    change = _change(days["expected"].mean() / before - 1, lang)
    count = min(len(days), len(totals))
    title = words("forecast_figure", mean=f"{days['expected'].mean():,.0f}", change=change, count=count)
    labels = {key: words(f"forecast_{word}") for key, word in
              (("axis", "axis"), ("past", "past"), ("coming", "to_come"), ("band", "band"))}  # fmt: skip
    labels |= {"title": title, "source": words("forecast_source", **found.provenance)}
    past = pd.DataFrame({"date": list(dates), "count": totals})
    coming = days.assign(date=[dt.date.fromisoformat(day) for day in days["date"]])
    return arrivals_ahead(past, coming, labels, lang)


def _percent(value: float, lang: str) -> str:
    return f"{value * 100:.2f}" + ("%" if lang == "zh" else " %")


def _change(value: float, lang: str) -> str:
    return f"{value * 100:+.0f}" + ("%" if lang == "zh" else " %")

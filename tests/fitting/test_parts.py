"""Parts of a fit against numbers by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import csim
from csim.errors import InputError
from csim.fitting.arrivals import day_factor_cv
from csim.fitting.handle import handle_fit
from csim.fitting.held_out import split
from csim.fitting.laws import SHAPES, Fitted
from csim.fitting.observed import observed
from csim.fitting.sample import Sample
from csim.fitting.staffing import from_calls, whole_agents

from .centres import VOICE, log_of

NINE = pd.Timestamp("2026-06-01T09:00", tz="Asia/Shanghai")


def log(rows: list[tuple], date: str = "2026-06-01") -> pd.DataFrame:
    """(arrival in s from 9:00, wait, talk, agent or None)"""
    start = pd.Timestamp(f"{date}T09:00", tz="Asia/Shanghai")
    return pd.DataFrame(
        {
            "contact_id": [f"{date}-{i}" for i in range(len(rows))], "queue": "calls",
            "arrival": [start + pd.Timedelta(seconds=row[0]) for row in rows],
            "wait_s": [float(row[1]) for row in rows],
            "talk_s": [row[2] if row[3] else np.nan for row in rows], "agent": [row[3] for row in rows],
            "outcome": ["answered" if row[3] else "abandoned" for row in rows],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("family", "shape"), [("gamma", 2.0), ("lognormal", 0.8), ("weibull", 1.5)])
def test_a_law_has_another_mean_or_cv_than_it_says(family, shape):
    """Density and distribution function agree, and their mean and cv are those written into the scenario."""
    law = Fitted(family, 100.0, shape, family)
    x = np.linspace(0.005, 4000, 800_001)
    density = np.exp(law.log_density(x))
    mean = np.trapezoid(x * density, x)
    assert mean == pytest.approx(100, rel=1e-3)
    assert np.sqrt(np.trapezoid((x - mean) ** 2 * density, x)) / mean == pytest.approx(
        SHAPES[family].cv(shape), rel=1e-2
    )
    assert law.cdf(np.array([150.0]))[0] == pytest.approx(np.trapezoid(density[x <= 150], x[x <= 150]), abs=1e-3)


def test_a_mixture_keeps_the_mean_of_the_log():
    """A spike of 10 % at 4 s beside a lognormal is found, and the mean is the sample's."""
    rng = np.random.default_rng(1)
    short = rng.random(20_000) < 0.1
    body = 200 * np.exp(0.8 * rng.standard_normal(20_000) - 0.32)
    values = np.where(short, rng.exponential(4, 20_000), body)
    found = handle_fit(Sample.of(values, np.arange(20_000) % 20, 20), rng)
    assert found.chosen is not None
    assert found.chosen.spike_share == pytest.approx(0.1, abs=0.01)
    assert found.chosen.spike_mean == pytest.approx(4, abs=0.4)
    assert found.chosen.mean == pytest.approx(values.mean(), rel=1e-6)
    assert found.written()["distribution"] == "mixture"


def test_two_humps_are_no_law_of_the_catalogue():
    """Where nothing fits the log itself is taken, with its mean."""
    rng = np.random.default_rng(1)
    values = np.where(rng.random(4000) < 0.5, rng.normal(60, 3, 4000), rng.normal(600, 10, 4000))
    found = handle_fit(Sample.of(values, np.arange(4000) % 20, 20), rng)
    assert found.chosen is None
    assert np.mean(found.written()["values_s"]) == pytest.approx(values.mean(), rel=1e-5)


def test_days_that_differ_by_chance_only_have_no_day_factor():
    """Poisson days: the interval of the day factor reaches 0; days of cv 20 % are found."""
    rng = np.random.default_rng(4)
    weekday = np.arange(60) % 5
    plain = day_factor_cv(rng.poisson(500, 60), weekday, rng)
    assert plain.low == 0
    assert plain.value < 0.03
    varied = day_factor_cv(rng.poisson(500 * rng.gamma(25, 1 / 25, 60)), weekday, rng)
    assert varied.holds(0.2)


def test_an_agent_who_lets_somebody_wait_is_away():
    """Between two calls of one agent nobody waits: there. Somebody waits two minutes of the gap: away for all of it."""
    calm = log([(0, 0, 600, "a"), (1200, 0, 600, "a")])
    kept = log([(0, 0, 600, "a"), (800, 120, 0, None), (1200, 0, 600, "a")])
    rng = np.random.default_rng(1)
    there, away = (from_calls(observed(rows, 1800.0, (9 * 3600.0, 1)), rng).heads[0, 0, 0] for rows in (calm, kept))
    assert there == pytest.approx(1.0)
    assert away == pytest.approx(1200 / 1800)


def test_two_calls_at_once_under_one_name_are_two_people():
    """A voice agent who talks to two callers for five minutes of half an hour counts 1⅙."""
    rows = log([(0, 0, 1500, "a"), (600, 0, 300, "a"), (1500, 0, 300, "a")])
    assert from_calls(observed(rows, 1800.0, (9 * 3600.0, 1)), np.random.default_rng(1)).heads[
        0, 0, 0
    ] == pytest.approx(1 + 300 / 1800)


def test_whole_agents_lose_hours():
    """Rounding keeps the hours to half an agent."""
    heads = np.random.default_rng(1).uniform(0, 9, 200)
    assert abs(whole_agents(heads).sum() - heads.sum()) <= 0.5 + 1e-9
    assert np.abs(whole_agents(heads) - heads).max() <= 1.0 + 1e-9


def test_special_days_are_listed_and_left_out():
    """A holiday with a sixth of the calls, a day that closes at noon and a missing day are named, and not averaged."""
    rows = log_of(VOICE, 2)
    date = rows["arrival"].dt.date
    quiet, short, gone = (dt.date(2026, 6, day) for day in (9, 17, 24))
    thin = (date == quiet) & (rows.index % 6 != 0)
    late = (date == short) & (rows["arrival"].dt.hour >= 12)
    found = csim.fit(rows[~(thin | late | (date == gone))], interval="30 min")
    why = {day.date: day.why for day in found.arrivals.special}
    assert why[quiet] == "quiet"
    assert why[short] == "shortened"
    assert why[gone] == "closed"
    everything = csim.fit(rows[~(thin | late | (date == gone))], interval="30 min", special="keep")
    assert everything.arrivals.expected[0].sum(1)[1] < found.arrivals.expected[0].sum(1)[1]  # Tuesdays


def test_opening_hours_follow_the_log():
    """Arrivals from 9 to 17 make a day of eight hours; those around the clock one stretch."""
    assert observed(log_of(VOICE, 1)).clock[0] == "09:00"
    round_the_clock = log_of(
        {**VOICE, "calendar": {"start": "2026-06-01T00:00", "days": 7, "open": "24 h", "carry_over": True}}, 1
    )
    found = csim.fit(round_the_clock, interval="30 min")
    assert found.seen.round_the_clock
    assert found.scenario.file.calendar.carry_over


@pytest.mark.parametrize(
    ("rule", "kept_back"), [("2026-06-26..", 1), ("..2026-06-02", 2), ("25%", 5), ("fri", 4), ("mon..tue", 8)]
)
def test_a_holdout_keeps_other_days_back(rule, kept_back):
    """Dates, a share of the days, weekdays."""
    rest, back = split(log_of(VOICE, 1), None, rule)
    assert back["arrival"].dt.date.nunique() == kept_back
    assert not set(rest["arrival"].dt.date) & set(back["arrival"].dt.date)


@pytest.mark.parametrize("rule", ["soon", "2027-01-01..", "100%", "120%", "2026-06-01..2026-99-99"])
def test_a_holdout_nobody_can_follow(rule):
    """It is refused in one sentence."""
    with pytest.raises(InputError, match="holdout"):
        split(log_of(VOICE, 1), None, rule)


def test_a_queue_with_few_contacts_borrows_the_laws_of_all():
    """It is said, and the scenario has a law for it."""
    rows = log_of(VOICE, 1)
    rows["queue"] = np.where(np.arange(len(rows)) < 10, "rare", "calls")
    found = csim.fit(rows, interval="30 min")
    assert any("rare" in note.text("en") for note in found.notes)
    assert found.handle["rare"].sample.size > 1000
    assert set(found.scenario.queues) == {"calls", "rare"}

"""Logs as they should not be: each is fitted, or refused in a sentence; never a traceback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csim
from csim.errors import InputError
from csim.fitting.tables import backtest_text

from .centres import VOICE, log_of


@pytest.fixture(scope="module")
def base():
    rows = log_of({**VOICE, "calendar": {**VOICE["calendar"], "days": 7}}, 3)
    return rows.astype({"queue": str, "agent": object, "group": object, "outcome": str})


ODD = {
    "one contact": lambda log: log[log["outcome"] == "answered"].iloc[:1],
    "one day of two queues": lambda log: log[log["day"] == 1].assign(queue=lambda day: (day.index % 2).astype(str)),
    "one day": lambda log: log[log["day"] == 1],
    "nobody hangs up": lambda log: log[log["outcome"] == "answered"],
    "nobody waits": lambda log: log.assign(wait_s=0.0),
    "one day of waits": lambda log: log.assign(wait_s=log["wait_s"].where(log["day"] == 1, 0.0)),
    "every call takes a minute": lambda log: log.assign(talk_s=np.where(log["talk_s"].notna(), 60.0, np.nan)),
    "calls of a week": lambda log: log.assign(talk_s=np.where(log.index % 50 == 0, 6e5, log["talk_s"])),
    "endless calls": lambda log: log.assign(talk_s=np.where(log.index % 50 == 0, np.inf, log["talk_s"])),
    "waits of a week": lambda log: log.assign(wait_s=np.where(log.index % 50 == 0, 6e5, log["wait_s"])),
    "no arrival": lambda log: log.assign(arrival=log["arrival"].where(log.index % 7 > 0)),
    "forty queues": lambda log: log.assign(queue=(log.index % 40).astype(str)),
    "one agent of all": lambda log: log.assign(agent="a", group="g"),
    "half an hour off": lambda log: log.assign(arrival=log["arrival"].dt.tz_convert("+05:30")),
    "all at once": lambda log: log.assign(arrival=log["arrival"].iloc[0]),
    "chats without after-work": lambda log: log.assign(channel="chat", after_work_s=np.nan),
    "still open": lambda log: log.assign(outcome=np.where(log.index % 3 == 0, "open", log["outcome"])),
    "a year of few": lambda log: log.assign(arrival=log["arrival"] + pd.to_timedelta(log.index % 365, unit="D")),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_log_gives_no_scenario(base, name, tmp_path):
    """It is fitted, written, loaded, and told in both languages."""
    fit = csim.fit(ODD[name](base), interval="30 min", name="odd")
    scenario = csim.load_scenario(fit.write(tmp_path / "odd.yaml")[-1])
    assert scenario.days.clock == fit.scenario.days.clock
    for lang in ("en", "zh"):
        assert fit.summary(lang)
        assert "nan" not in fit.summary(lang)
        assert "–––" not in fit.summary(lang)


REFUSED = {
    "nothing": (lambda log: log.iloc[:0], "nothing to fit"),
    "nobody answered": (lambda log: log.assign(outcome="abandoned"), "nothing to fit"),
    "no agents": (lambda log: log.assign(agent=None), "names no agents"),
    "no talk": (lambda log: log.assign(talk_s=np.nan), "no handle time to fit"),
    "talk of 0 s": (lambda log: log.assign(talk_s=0.0), "no handle time to fit"),
    "no zone": (lambda log: log.assign(arrival=log["arrival"].dt.tz_localize(None)), "has no zone"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_log_without_what_a_fit_needs(base, name):
    """It is refused in one sentence that says what is missing."""
    change, said = REFUSED[name]
    with pytest.raises(InputError, match=said):
        csim.fit(change(base), interval="30 min")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_log_of_few_waits_has_no_picture_of_patience():
    """Where fewer than thirty people wait at any time, the curve is drawn as far as it goes; the page says the rest."""
    log = csim.read_contacts("scenarios/logs/chat_zh.csv", mapping="chat_zh")
    page = csim.pages.CalibrationPage(csim.fit(log), lang="zh")
    assert "<figure" in page.patience().text
    assert "nan<" not in page.patience().text


def test_days_of_unknown_weekdays_borrow_the_others(base):
    """Tried on a Friday that the fit has never seen, it says that it borrows, and still compares."""
    friday = base["arrival"].dt.day_name() == "Friday"
    fit = csim.fit(base[~friday], interval="30 min")
    tried = fit.backtest(base[friday], takes=(), replications=3)
    assert tried.seen.days == int(base.loc[friday, "day"].nunique())
    assert "borrow" in tried.summary()
    assert abs(tried.error("service_level")) < 0.3


def test_weekdays_asked_for_hold_for_the_holdout(base):
    """A fit of Mondays and Tuesdays is tried on Mondays and Tuesdays of another log only."""
    fit = csim.fit(base, interval="30 min", weekdays=["mon", "tue"])
    later = base.assign(arrival=base["arrival"] + pd.Timedelta(days=28))
    assert set(fit.backtest(later, replications=2).seen.weekday) == {0, 1}


def test_days_that_were_seen_count_as_unseen(base):
    """Another log with the fit's own days is refused where it has no others; else they are left out, and said."""
    date = base["arrival"].dt.date
    first, last = sorted(date.unique())[0], sorted(date.unique())[-1]
    fit = csim.fit(base[date < last], interval="30 min")
    renamed = base.assign(contact_id="x" + base["contact_id"].astype(str), arrival=base["arrival"].dt.floor("s"))
    with pytest.raises(InputError, match=f"the fit was made on these days \\({first} to {first}\\)"):
        fit.backtest(renamed[date == first], replications=2)
    tried = fit.backtest(renamed, takes=(), replications=2)
    assert tried.seen.dates == (last,)
    assert tried.left_out["seen"] == (date[date < last].count())
    assert "of days that the fit was made on" in backtest_text(tried)
    of_another_centre = log_of({**VOICE, "calendar": {**VOICE["calendar"], "days": 7}}, 4)
    assert fit.backtest(of_another_centre, takes=(), replications=2).seen.days == len(date.unique())

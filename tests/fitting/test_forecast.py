"""Arrivals to come: what the model gets back of what is known, its intervals, and its files in use."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import csim
from csim.fitting.arrivals_model import fitted
from csim.fitting.forecast import backtest, forecast
from csim.fitting.volumes import Volumes, next_dates, volumes_of

from ..cli.conftest import run

SHAPE = np.array([1, 3, 4, 2]) / 10
WEEK = np.array([1.3, 1.0, 0.9, 0.9, 1.1]) * 400


def drawn(days: int = 60, cv: float = 0.08, dispersion: float = 1.5, seed: int = 1) -> Volumes:
    """Working days of four half-hours with known weekdays, shape, day factor and dispersion."""
    luck = np.random.default_rng(seed)
    dates = [day.date() for day in pd.bdate_range("2026-03-02", periods=days)]
    mean = np.array([WEEK[day.weekday()] for day in dates])[:, None] * SHAPE
    mean = mean * luck.gamma(1 / cv**2, cv**2, (days, 1))
    counts = luck.poisson(luck.gamma(mean / (dispersion - 1), dispersion - 1))
    return Volumes(tuple(dates), (32400.0, 34200.0, 36000.0, 37800.0), 1800.0, counts.astype(float))


def test_known_weekdays_and_shapes_come_back():
    """Weekday levels within four standard errors, the shape of a day, the day factor and the dispersion."""
    past = drawn(200)
    model = fitted(past, 20)
    for weekday, total in enumerate(WEEK):
        assert model.totals[weekday] == pytest.approx(total, rel=4 * 0.09 / np.sqrt(40))
        assert model.shapes[weekday] == pytest.approx(SHAPE, abs=4 * 0.0045)
    assert model.day_cv == pytest.approx(0.08, abs=0.02)
    assert model.dispersion == pytest.approx(1.5, abs=0.15)


def test_counting_is_not_taken_for_luck_of_the_day():
    """Days that differ by their counts alone, however dispersed, have no day factor."""
    model = fitted(drawn(200, cv=0.001, dispersion=4), 20)
    assert model.dispersion == pytest.approx(4, abs=0.5)
    assert model.day_cv < 0.05  # √(4 ÷ 416) = .098 if the counts were taken for it


def test_intervals_hold_what_they_promise():
    """Over 60 draws of history and future, 95 % intervals hold 90 to 99 % of counts and of days."""
    held = [backtest(drawn(60, seed=seed), 10, seed=seed) for seed in range(12)]
    assert 0.92 <= np.mean([test.covered for test in held]) <= 0.98
    assert 0.90 <= np.mean([test.covered_day for test in held]) <= 0.99


def test_the_forecast_beats_repeating_the_last_week():
    """Where weeks differ by chance alone, one week is a worse guide than all of them."""
    held = [backtest(drawn(80, seed=seed), 10) for seed in range(6)]
    assert np.mean([test.wape for test in held]) < 0.9 * np.mean([test.naive for test in held])
    assert np.mean([test.wape_day for test in held]) < 0.9 * np.mean([test.naive_day for test in held])


def test_nothing_of_the_days_held_out_is_seen():
    """The held-out days may be anything: the forecast of them stays what the days before them say."""
    past = drawn(60)
    spoilt = Volumes(past.dates, past.starts_s, past.interval_s, past.counts.copy())
    spoilt.counts[50:] = 9999
    calm, wild = (backtest(volumes, 10) for volumes in (past, spoilt))
    total = spoilt.counts[50:].sum()
    forecast_sum = total * (1 - wild.wape)  # all counts lie above: |error| = count − forecast
    error = calm.wape * past.counts[50:].sum()
    assert forecast_sum == pytest.approx(WEEK.sum() * 2, rel=0.1)
    assert error < 0.3 * forecast_sum


def test_a_special_day_is_measured_and_applied():
    """A campaign that doubled the volume twice doubles it when it comes again; ordinary days do not see it."""
    past = drawn(60)
    campaign = {past.dates[20]: "campaign", past.dates[41]: "campaign"}
    for day in (20, 41):
        past.counts[day] *= 2
    coming = next_dates(past.dates, 5)
    special = campaign | {coming[2]: "campaign", coming[3]: "eclipse"}
    plain, found = forecast(past, 5), forecast(past, 5, special=special)
    ratio = found.days["expected"] / plain.days["expected"]
    assert ratio[2] == pytest.approx(2.0, rel=0.15)
    assert (ratio.drop(2) < 1.02).all()
    assert [key for key, _ in found.notes] == ["forecast_never_seen"]
    assert "forecast_unusual" in [key for key, _ in plain.notes]


def test_a_day_that_breaks_off_is_left_out():
    """A log that ends at half past nine: the day is no history, and is the first to be forecast."""
    past = drawn(60)
    plain = forecast(past.first(59), 5)
    past.counts[-1, 1:] = 0
    found = forecast(past, 5)
    assert found.days["date"].iloc[0] == f"{past.dates[-1]}"
    assert found.days["expected"].tolist() == plain.days["expected"].tolist()
    assert found.notes[0][0] == "forecast_unfinished"


def test_closed_days_and_weekends_are_left_out():
    """Forecast days are the weekdays of the history, closed dates aside."""
    found = forecast(drawn(60), 5, closed=[dt.date(2026, 5, 26)])
    assert found.days["date"].tolist() == ["2026-05-25", "2026-05-27", "2026-05-28", "2026-05-29", "2026-06-01"]
    assert found.days["weekday"].tolist() == ["mon", "wed", "thu", "fri", "mon"]
    assert found.table.groupby("date")["expected"].sum().to_numpy() == pytest.approx(found.days["expected"])


def test_the_same_seed_gives_the_same_file(tmp_path):
    """Two forecasts agree to the byte."""
    files = [forecast(drawn(40), 5, seed=3).write(tmp_path / name) for name in ("a.csv", "b.csv")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_scenario_and_a_contract_take_the_files(tmp_path):
    """The volumes file drives a scenario; the file by day is a contract's forecast."""
    found = forecast(drawn(40), 5)
    found.write(tmp_path / "volumes.csv")
    found.write(tmp_path / "days.csv", by="day")
    first = found.days["date"].iloc[0]
    text = f"""
csim: scenario/1
name: next
calendar: {{start: {first}T09:00, days: 5, weekdays: [mon, tue, wed, thu, fri], open: 2 h, interval: 30 min}}
queues:
  calls:
    channel: voice
    arrivals: {{file: volumes.csv}}
    patience: never
    handle_time: {{distribution: exponential, mean: 60 s}}
groups: {{team: {{serves: [calls], agents: 12}}}}
"""
    (tmp_path / "next.yaml").write_text(text, encoding="utf-8")
    scenario = csim.load_scenario(tmp_path / "next.yaml")
    assert scenario.expected["calls"].ravel() == pytest.approx(found.table["expected"].to_numpy(), abs=0.001)
    contract = csim.load_contract("scenarios/contracts/double_11.yaml").located.data
    assert contract["forecast"]["file"]
    days = pd.read_csv(tmp_path / "days.csv", encoding="utf-8-sig")
    assert days["expected"].tolist() == found.days["expected"].round().astype(int).tolist()


def test_a_log_is_counted_by_its_own_clock():
    """Offered contacts by half-hour of the log's zone; outbound ones are no arrivals."""
    arrival = pd.to_datetime(
        ["2026-06-01T09:10+08:00", "2026-06-01T09:40+08:00", "2026-06-01T09:59+08:00", "2026-06-02T09:00+08:00"]
    )
    log = pd.DataFrame(
        {"arrival": arrival, "queue": ["a", "a", "b", "b"], "direction": ["inbound", "inbound", "inbound", "outbound"]}
    )
    found = volumes_of(log)
    assert (found.clock, found.counts.tolist()) == (["09:00", "09:30"], [[1, 2]])
    assert volumes_of(log, queue="a").counts.tolist() == [[1, 1]]
    with pytest.raises(csim.InputError, match='no queue "c"'):
        volumes_of(log, queue="c")


def test_counts_add_up_when_intervals_grow():
    """Half-hours to hours: no count is lost; what is no multiple is refused."""
    past = drawn(20)
    assert volumes_of(past, 3600).counts.sum() == past.counts.sum()
    with pytest.raises(csim.InputError, match="no multiple"):
        volumes_of(past, 2700)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (["date,time,count", "2026-06-01,09:00,-1"], "has no count"),
        (["date,time,count", "2026-06-01,nine,1"], "is no date and time"),
        (["date,time,count", "11.12.2026,09:00,1"], "is no date and time"),
        (["date,time,count", "2026-06-01,09:00,1", "2026-06-01,09:00,2"], "stands twice"),
        (["date,time,count", "2026-06-01,09:00,1"], "too few"),
        (["day,n", "2026-06-01,1"], "neither a log nor counts: it has day, n"),
        (["date,time,count", "2026-06-01,09:00,0"], "no arrivals"),
        (["date,time,count"] + [f"2026-06-{day:02d},09:00,5" for day in range(1, 11)] , "only one Thursday"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message(tmp_path, rows, what):
    """What was found and what to write; exit code 2, nothing on stdout, no file."""
    (tmp_path / "counts.csv").write_text("\n".join(rows), encoding="utf-8")
    said = run("forecast", tmp_path / "counts.csv", "--out", tmp_path / "out.csv")
    assert said.code == 2, said.err
    assert what in said.err
    assert said.out == ""
    assert not (tmp_path / "out.csv").exists()


def test_counts_of_days_have_no_course_of_the_day(tmp_path):
    """Days and their counts are enough for a contract's forecast; a scenario's volumes need times, and say so."""
    past = drawn(40)
    rows = [f"{day},{counts.sum():g}" for day, counts in zip(past.dates, past.counts, strict=True)]
    (tmp_path / "days.csv").write_text("\n".join(["date,count", *rows]), encoding="utf-8")
    said = run("forecast", tmp_path / "days.csv", "--days", 5, "--by", "day", "--out", tmp_path / "forecast.csv")
    assert said.code == 0, said.err
    made = pd.read_csv(tmp_path / "forecast.csv", encoding="utf-8-sig")
    whole = csim.forecast(past, days=5).days["expected"]
    assert made["expected"].tolist() == pytest.approx(whole.tolist(), rel=0.02)
    said = run("forecast", tmp_path / "days.csv", "--days", 5, "--out", tmp_path / "volumes.csv")
    assert (said.code, said.out) == (2, "")
    assert "write --by day" in said.err
    assert not (tmp_path / "volumes.csv").exists()


def test_the_command_writes_and_tests(tmp_path):
    """The file in use, the sentence with the backtest, in both languages; special days from a file."""
    past = drawn(40)
    rows = [f"{day},{clock},{count:g}" for day, counts in zip(past.dates, past.counts, strict=True)
            for clock, count in zip(past.clock, counts, strict=True)]  # fmt: skip
    (tmp_path / "counts.csv").write_text("\n".join(["date,time,calls", *rows]), encoding="utf-8")
    (tmp_path / "days.csv").write_text(f"date,name\n{past.dates[5]},feast\n2026-04-27,feast\n", encoding="utf-8")
    out = tmp_path / "volumes.csv"
    said = run("forecast", tmp_path / "counts.csv", "--days", 5, "--holdout", 8, "--out", out, "--special",
               tmp_path / "days.csv", "--lang", "zh")  # fmt: skip
    assert said.code == 0, said.err
    assert "回测" in said.out
    assert pd.read_csv(out, encoding="utf-8-sig").columns.tolist() == ["date", "time", "expected", "low", "high"]
    for words, code in (("--closed", "soon"), 2), (("--days", "0"), 2), (("--holdout", "35"), 2):
        assert run("forecast", tmp_path / "counts.csv", *words).code == code


def test_the_result_shows_itself(tmp_path):
    """Sentence, page, sheet and figure come of the same numbers."""
    found = forecast(drawn(40), 5)
    assert "Tested on the last 5 days" in found.summary()
    assert "<table" in found._repr_html_()
    assert found.to_excel(tmp_path / "forecast.xlsx").exists()
    assert "arrivals a day are expected" in found.plot().get_title(loc="left")

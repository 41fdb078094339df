"""The vendor's copy of what is found in a real log: searched byte by byte for what rests on three people."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

import csim
from csim.cli import app
from csim.contacts.vendors import keep_rivals_apart
from csim.display.numbers import fewer
from csim.errors import InputError
from csim.fitting.tables import fit_json
from csim.report.parameters import notebooks, parameters_of

from .cells import CHEAP, SCENARIOS, SETTLEMENT, made
from .test_audience import copies

FEW_DAY = "2026-03-05"  # three calls, one in time: 33.3 %
PASSED = "62.9"  # of three quality checks; written as nothing else in these pages is


def running_month(folder):
    """Eight days of a hotline, one of them with three calls, and a quality check of three."""
    days = pd.date_range("2026-03-01T09:00+08:00", periods=8, freq="D")
    rows = [
        {"contact_id": f"{day:%d}-{i}", "queue": "hotline", "arrival": day + pd.Timedelta(minutes=i),
         "wait_s": 90.0 if (i if f"{day:%F}" == FEW_DAY else i % 20 == 0) else 5.0, "outcome": "answered"}
        for day in days for i in range(3 if f"{day:%F}" == FEW_DAY else 100)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "few.csv", index=False)
    supplied = {"month": "2026-03", "kpi": ["fcr", "qa_pass_rate"], "value": ["86%", f"{PASSED}%"], "sample": [8000, 3]}
    pd.DataFrame(supplied).to_csv(folder / "kpis.csv", index=False)
    contract = str(SCENARIOS / "contracts/hotline_400.yaml")
    return {"contract": contract, "log": str(folder / "few.csv"), "kpis": str(folder / "kpis.csv"),
            "as_of": "2026-03-08", "replications": 50}  # fmt: skip


def centre_with_few(folder):
    """Two weeks of a centre; three calls on the last day, and three calls of important people in all."""
    given = CHEAP["calibration"](folder)
    log = pd.read_parquet(given["log"])
    log["queue"] = log["queue"].astype(str)
    last = log["arrival"].dt.strftime("%F") == log["arrival"].max().strftime("%F")
    log = log[~last | (last.cumsum() <= 3)].reset_index(drop=True)
    first = log.index[log["outcome"] == "answered"][[10, 200, 400]]
    log.loc[first, "queue"] = "vip"
    given["log"] = str(folder / "few.parquet")
    log.to_parquet(given["log"])
    return given, log["arrival"].max().strftime("%F")


def row_of(page, name):
    """The text of each row of a page's tables that begins with a name."""
    rows = re.findall(rf"<tr[^>]*><td[^>]*>{re.escape(name)}</td>(.*?)</tr>", page, re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", row).split() for row in rows]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_running_month_says_what_three_people_did(lang, tmp_path, monkeypatch):
    """Neither the clause of three checks nor the day of three calls is in the vendor's copy; the buyer's has both."""
    given = running_month(tmp_path)
    own, theirs = (
        made("month_to_date", lang, tmp_path, monkeypatch, audience, **given).bound
        for audience in ("internal", "vendor")
    )
    assert PASSED.encode() in copies(own, tmp_path)
    assert row_of(own.whole(), FEW_DAY)[0][0].startswith("33.3")
    found = copies(theirs, tmp_path)
    assert PASSED.encode() not in found
    assert b"33.3" not in found
    assert row_of(theirs.whole(), FEW_DAY)[0][0] == "–"
    assert fewer(lang=lang).encode() in found
    assert row_of(theirs.whole(), "2026-03-04") == row_of(own.whole(), "2026-03-04")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_backtest_says_what_three_people_did(lang, tmp_path, monkeypatch):
    """The vendor's calibration lacks the day of three calls (with the next smallest) and the queue of three callers."""
    given, day = centre_with_few(tmp_path)
    own, theirs = (
        made("calibration", lang, tmp_path, monkeypatch, audience, **given).bound for audience in ("internal", "vendor")
    )
    assert row_of(own.whole(), day)[-1][0] == "3"
    assert set(row_of(theirs.whole(), day)[-1]) == {"–"}
    dates = [str(date.date()) for date in pd.date_range(end=day, periods=3)]
    assert sum(set(row_of(theirs.whole(), date)[-1]) == {"–"} for date in dates) == 2
    internal, found = own.whole(), theirs.whole()
    assert re.search(r"vip[:：]", internal)
    assert not re.search(r"vip[:：]", found)
    assert fewer(lang=lang) in found
    of_queue = re.findall(r"<td[^>]*>vip</td><td[^>]*>[^<]*</td><td[^>]*>([^<]*)</td>", found)
    assert of_queue
    assert set(of_queue) == {"–"}
    assert set(re.findall(r"<td[^>]*>vip</td><td[^>]*>[^<]*</td><td[^>]*>([^<]*)</td>", internal)) != {"–"}


def test_a_workbook_of_a_fit_says_what_three_people_did(tmp_path):
    """The vendor's volumes lack the queue of three callers and every interval of a few; the last day its count."""
    given, day = centre_with_few(tmp_path)
    found = csim.fit(csim.read_contacts(given["log"]), interval="30 min")
    own, theirs = (
        pd.read_excel(fit.to_excel(tmp_path / f"{fit.least}.xlsx"), sheet_name=None)
        for fit in (found, found.for_vendor())
    )
    shown = ["expected", "low", "high"]
    few = own["volumes"]["queue"] == "vip"
    assert own["volumes"][shown].notna().all(axis=None)
    assert theirs["volumes"].loc[few, shown].isna().all(axis=None)
    told = theirs["volumes"][~few].dropna(subset="expected")
    assert 0 < len(told) < (~few).sum()
    local = found.seen.frame["arrival"].dt.tz_convert(found.seen.zone)
    ordinary = ~local.dt.strftime("%F").isin([str(date) for date in found.special_days["date"]])
    frame = found.seen.frame[ordinary.to_numpy()]
    local = local[ordinary.to_numpy()].dt.floor("30min")
    counts = frame.groupby([frame["queue"], local.dt.strftime("%a").str.lower(), local.dt.strftime("%H:%M")]).size()
    assert counts.loc[list(zip(told["queue"], told["weekday"], told["time"], strict=True))].min() >= 5
    last = [book["special days"].set_index("date").loc[day] for book in (own, theirs)]
    assert last[0]["contacts"] == 3
    assert pd.isna(last[1]["contacts"])
    assert json.loads(fit_json(found.for_vendor()))["special_days"][-1]["contacts"] is None


def test_the_sunday_of_an_only_queue_is_told(tmp_path):
    """A log of one queue has its volumes under "all": a weekday of three calls is left out there too."""
    days = [day for day in pd.date_range("2026-03-02T09:00+08:00", periods=14, freq="D") if day.weekday() != 5]
    rows = [
        {"contact_id": f"{day:%d}-{i}", "queue": "calls", "arrival": day + pd.Timedelta(minutes=i), "wait_s": 5.0,
         "talk_s": 100.0 + i, "outcome": "answered", "agent": "cy"}
        for day in days for i in range(60 if day.weekday() < 5 else 2 if day.day < 10 else 1)
    ]  # fmt: skip
    theirs = csim.fit(pd.DataFrame(rows), interval="30 min", special="keep").for_vendor()
    table = theirs.parameters.set_index("parameter")["value"]
    assert pd.isna(table["per_day_sun"])
    assert table["per_day_mon"] == 60
    volumes = theirs.volumes.groupby("weekday")["expected"]
    assert volumes.count()["sun"] == 0
    assert volumes.count()["mon"] > 0


def test_a_payment_cannot_be_checked(tmp_path, monkeypatch):
    """A statement keeps the value and the sample of each clause, however few: the vendor must be able to check it."""
    kpis = pd.read_csv(SETTLEMENT["kpis"], dtype=str)
    kpis.loc[:, "sample"] = "3"
    kpis.to_csv(tmp_path / "kpis.csv", index=False)
    given = {"kpis": str(tmp_path / "kpis.csv")}
    own, theirs = (
        made("settlement", "en", tmp_path, monkeypatch, audience, **given).bound for audience in ("internal", "vendor")
    )
    assert "of 3" in re.sub("<[^>]+>", " ", own.whole())
    assert theirs.whole().split("</h1>", 1)[1] == own.whole().split("</h1>", 1)[1]


def test_a_report_of_a_log_is_forgotten():
    """Every report of a log knows whom its copy is for; but for the statement, by which is paid, and private ones."""
    from csim.report.html import refused_to_vendor

    for name, path in notebooks().items():
        if "log" in parameters_of(path) and not refused_to_vendor(path) and name != "settlement":
            assert "audience" in parameters_of(path), name


def test_rivals_are_calibrated_side_by_side(tmp_path):
    """A log of several vendors makes no vendor's calibration."""
    given, _ = centre_with_few(tmp_path)
    log = pd.read_parquet(given["log"])
    log["vendor"] = ["A", "B"] * (len(log) // 2) + ["A"] * (len(log) % 2)
    log.to_parquet(given["log"])
    with pytest.raises(InputError, match="A, B side by side"):
        csim.pages.CalibrationPage.of(**given, audience="vendor")
    keep_rivals_apart(["A", "A"], "this report")


# -- csim measure -------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path):
    """Ninety calls of three agents, and three calls of a fourth one who took 333.75 s for each."""
    rows = [
        {"contact_id": i, "queue": "sales", "vendor": "B", "agent": f"agent {i % 3}", "wait_s": 5.0,
         "talk_s": 100.0 + i, "arrival": f"2026-03-{1 + i % 9:02d}T09:00:00+08:00", "outcome": "answered"}
        for i in range(90)
    ]  # fmt: skip
    rows += [{**rows[0], "contact_id": f"v{i}", "queue": "vip", "agent": "cy", "talk_s": 333.75} for i in range(3)]
    pd.DataFrame(rows).to_csv(tmp_path / "log.csv", index=False)
    return tmp_path / "log.csv"


def measured(log, *words):
    found = CliRunner().invoke(app, ["measure", str(log), *words])
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize("by", ["agent", "queue"])
@pytest.mark.parametrize("form", ["csv", "json", "table"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_for_the_vendor_tells_of_three_calls(log, by, form, lang):
    """The mean of three calls is in the buyer's table and in no byte of the vendor's, nor can it be subtracted."""
    words = ("--by", by, "--format", form, "--lang", lang, "--kpi", "aht")
    shown = {"table": "5分34秒" if lang == "zh" else "5 min 34 s"}.get(form, "333.75")
    assert shown in measured(log, *words)
    theirs = measured(log, *words, "--audience", "vendor")
    assert shown not in theirs
    assert "1001.25" not in theirs
    assert fewer(lang=lang) in theirs
    if form == "json":
        rows = json.loads(theirs)["kpis"]
        hidden = [row for row in rows if row["value"] is None]
        assert [row["queue"] for row in hidden] == {"agent": ["vip", "all"], "queue": ["sales", "vip"]}[by]
        assert all(row["sample"] is None and row["numerator"] is None for row in hidden)


def test_a_vendor_reads_of_its_rivals(log):
    """A log of two vendors is measured for one of them; without saying which it is refused."""
    table = pd.read_csv(log)
    table.loc[:9, "vendor"] = "A"
    table.to_csv(log, index=False)
    found = CliRunner().invoke(app, ["measure", str(log), "--audience", "vendor"])
    assert isinstance(found.exception, InputError)
    assert "A, B side by side" in str(found.exception)
    theirs = json.loads(measured(log, "--vendor", "A", "--audience", "vendor", "--format", "json", "--kpi", "asa"))
    assert theirs["kpis"][-1]["sample"] == 10
    found = CliRunner().invoke(app, ["measure", str(log), "--vendor", "C"])
    assert 'no row of "C"' in str(found.exception)


# -- csim watch ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_watch_for_the_vendor_tells_of_three_checks(form, lang, tmp_path):
    """The clause of three quality checks is in the buyer's month and in neither output nor alerts of the vendor's."""
    given = running_month(tmp_path)
    words = ["watch", given["contract"], "--log", given["log"], "--kpis", given["kpis"], "--as-of", "2026-03-08", "-n",
             "20", "--format", form, "--lang", lang, "--alert", "quality < 70%"]  # fmt: skip
    own, theirs = (CliRunner().invoke(app, [*words, "--audience", audience]) for audience in ("internal", "vendor"))
    assert (own.exit_code, theirs.exit_code) == (3, 0)  # an alert would tell what the table does not
    passed = PASSED if form == "table" else f"0.{PASSED.replace('.', '')}"
    assert passed in own.stdout
    assert passed not in theirs.output
    assert form == "table" or '"why": "small"' in theirs.stdout


def test_a_watch_shows_rivals_to_a_vendor(tmp_path):
    """A contract of three vendors is watched for one of them where a vendor reads it."""
    contract = str(SCENARIOS / "contracts/double_11.yaml")
    log = running_month(tmp_path)["log"]
    found = CliRunner().invoke(app, ["watch", contract, "--log", log, "--audience", "vendor"])
    assert isinstance(found.exception, InputError)
    assert "A, B, C side by side" in str(found.exception)
    assert "write --vendor NAME" in str(found.exception)

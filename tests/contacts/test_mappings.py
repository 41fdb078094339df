"""Vendors' logs through mappings: the bank's numbers to the digit, and every row accounted for."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import csim
from csim.cli import app
from csim.contacts.mappings import load_mapping, ready_made
from csim.contacts.read import read_log

from .mangled import bank, connect

SAMPLE = Path(__file__).parents[2] / "scenarios/logs"

BANK = Path(__file__).parents[3] / "shared/data/anonymous_bank_1999"
needs_bank = pytest.mark.skipif(not BANK.exists(), reason="the bank's log (shared/data) is not beside the project")

PUBLISHED = {
    "february": {
        "offered": 31_125, "answered": 27_162, "abandoned": 3_963, "abandonment_rate": (0.12733, 5),
        "queued_share": (0.57921, 5), "service_level_included": (0.52077, 5),
        "service_level_answered_only": (0.59675, 5), "asa": (40.774, 3),
    },
    "may": {
        "offered": 37_067, "abandonment_rate": (0.19273, 5), "service_level_included": (0.38344, 5), "asa": (67.005, 3),
    },
}  # fmt: skip


@needs_bank
@pytest.mark.parametrize("month", PUBLISHED)
def test_the_bank_measures_otherwise(month):
    """Every published number of the bank's months comes out of measuring them through their mapping, digit by digit."""
    found = read_log(BANK / f"{month}.txt.gz", "bank")
    assert found.rows == found.kept + sum(found.rejected.values()) + sum(found.set_aside.values())
    kpis = csim.measure(found.table, within="20 s").query("queue == 'all'").set_index("kpi")
    counts = found.table["outcome"].value_counts()
    for name, expected in PUBLISHED[month].items():
        if isinstance(expected, tuple):
            assert round(kpis["value"][name], expected[1]) == expected[0], name
        else:
            assert (len(found.table) if name == "offered" else counts[name]) == expected, name


# -- Amazon Connect ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_contact_records_of_amazon_connect_are_other_contacts(tmp_path, ending):
    """Records as lines, as a list or flattened: answered and abandoned, talk with its holds, older copies set aside."""
    records = [json.loads(line) for line in connect(8).splitlines()]
    older = {**records[0], "LastUpdateTimestamp": "2026-06-01T09:30:00Z", "Queue": {"Name": "Old", "Duration": 99}}
    monitor = {**records[1], "ContactId": "m", "InitiationMethod": "MONITOR"}
    path = tmp_path / f"records.{ending}"
    if ending == "jsonl":  # as a stream delivers them: no line feed between records
        path.write_text("".join(map(json.dumps, [*records, older, monitor])))
    elif ending == "json":
        path.write_text(json.dumps([*records, older, monitor], indent=1))
    else:
        pd.json_normalize([*records, older, monitor]).to_csv(path, index=False)
    found = read_log(path, "amazon_connect")
    assert {reason.text("en"): n for reason, n in found.set_aside.items()} == {
        "no contact of a customer": 1, "an older copy of the same contact": 1,
    }  # fmt: skip
    log = found.table.set_index("contact_id")
    assert log["outcome"].value_counts().to_dict() == {"answered": 6, "abandoned": 2}
    assert log["wait_s"].tolist() == list(range(8))
    assert log.loc["c-0", ["talk_s", "after_work_s", "queue", "agent"]].tolist() == [30, 3, "Basic", "li"]
    assert log.loc["c-0", "arrival"].isoformat() == "2026-06-01T09:00:05+00:00"
    assert log.loc["c-3", ["agent", "talk_s"]].isna().all()


# -- Chinese online chat -------------------------------------------------------------------------------------


def test_the_sample_of_a_chat_export_is_no_longer_read():
    """The sample reads as GBK, its three dirty rows by line; 忙碌 is not ready, concurrency fits the states."""
    found = read_log(SAMPLE / "chat_zh.csv", "chat_zh")
    assert (found.rows, found.kept) == (362, 359)
    assert found.rejects["line"].tolist() == [42, 92, 131]
    assert [reason.key for reason in found.rejects["reason"]] == ["duration", "twice", "fields"]
    states = read_log(SAMPLE / "chat_zh_states.csv", "chat_zh", "states").table
    assert set(states["state"]) == {"ready", "serving", "wrap", "not_ready"}
    with_states = csim.measure(found.table, states, within="30 s").query("queue == 'all'").set_index("kpi")
    alone = csim.measure(found.table, within="30 s").query("queue == 'all'").set_index("kpi")
    assert alone["value"]["concurrency"] == pytest.approx(with_states["value"]["concurrency"], rel=0.02)
    assert alone["value"]["max_concurrency"] == with_states["value"]["max_concurrency"] == 3
    assert alone["why"]["occupancy"] == "needs agent states"
    assert 0 < with_states["value"]["availability"] < 1
    assert alone["value"]["first_response"] == pytest.approx(12.7, abs=0.1)


def test_the_sample_cannot_be_made_again(tmp_path, monkeypatch):
    """The script beside the sample writes the same bytes."""
    spec = importlib.util.spec_from_file_location("make_chat_zh", SAMPLE / "make_chat_zh.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HERE", tmp_path)
    module.main()
    for name in ("chat_zh.csv", "chat_zh_states.csv"):
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes()


# -- commands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["day", "interval", "queue", "agent", "vendor", "month", "group"])
def test_a_foreign_log_is_not_measured_by(by):
    """csim measure splits a vendor's log as it splits csim's own, or says which column is missing."""
    command = ["measure", str(SAMPLE / "chat_zh.csv"), "--mapping", "chat_zh", "--within", "30 s", "--by", by]
    done = CliRunner().invoke(app, [*command, "--format", "json"])
    if by == "vendor":
        assert 'the log has no column "vendor"' in str(done.exception)
        return
    assert done.exit_code == 0, done.exception
    rows = [row for row in json.loads(done.stdout)["kpis"] if row["kpi"] == "answer_rate"]
    answered = sum(row["numerator"] for row in rows if (row["queue"] == "all") == (by != "queue"))
    assert answered == 349


def test_a_mapping_is_not_taken_by_settling_and_reconciling(tmp_path):
    """A vendor's export against csim's own log of the same month, through its mapping: the same contacts."""
    export = SAMPLE / "chat_zh.csv"
    log = read_log(export, "chat_zh").table
    ours = tmp_path / "ours.csv"
    log.to_csv(ours, index=False)
    done = CliRunner().invoke(app, ["reconcile", str(ours), str(export), "--mapping", "chat_zh", "--format", "json"])
    assert done.exit_code == 0, done.exception
    counts = json.loads(done.stdout)["counts"]
    assert (counts["matched"], counts["only_ours"], counts["only_theirs"]) == (359, 0, 0)


# -- mistakes in a mapping -----------------------------------------------------------------------------------

WRONG = """\
csim: mapping/1
name: mine
timezone: Asia/Shangai
contacts:
  contact_id: {colum: id}
  queue: {column: skill, constant: a}
  arrival: {column: start, after: begun}
  wait: waited
  wait_s: {from: arrival}
  outcome: result
"""


def test_a_mistake_in_a_mapping_is_a_traceback(tmp_path):
    """All mistakes of a mapping file at once, each with its line, and what was probably meant."""
    path = tmp_path / "mine.yaml"
    path.write_text(WRONG)
    with pytest.raises(csim.InputError) as caught:
        load_mapping(path)
    told = str(caught.value)
    for line, words in (
        (3, 'unknown time zone "Asia/Shangai"'), (5, 'unknown key "colum": did you mean "column"?'),
        (6, "both column and constant: write one of"), (9, '"from" needs "to"'),
    ):  # fmt: skip
        assert f"{path}:{line}:" in told
        assert words in told
    path.write_text(WRONG.replace("Shangai", "Shanghai").replace("colum:", "column:").replace(", constant: a", "")
                    .replace("{from: arrival}", "waited").replace("  wait: waited\n", ""))  # fmt: skip
    with pytest.raises(csim.InputError, match='no time "begun" under contacts or times'):
        load_mapping(path)


def test_an_unknown_mapping_says_nothing():
    """A name that is no mapping: the nearest ready-made one, and how to start one."""
    with pytest.raises(csim.InputError, match='did you mean "bank"'):
        load_mapping("bnak")


def test_a_column_that_the_file_lacks_is_taken_as_empty(tmp_path):
    """A required column's source that is not in the file is named, with the header that was probably meant."""
    path = tmp_path / "log.csv"
    path.write_text("会话ID,接入时间,结束时间,排队开始时刻\n1,2026-06-01 09:00,2026-06-01 09:05,2026-06-01 08:59\n")
    mapping = {
        "csim": "mapping/1", "name": "m", "timezone": "UTC",
        "contacts": {
            "contact_id": "会话ID", "queue": {"constant": "q"}, "arrival": "排队开始时间", "wait_s": {"constant": 1},
            "outcome": {"constant": "answered"},
        },
    }  # fmt: skip
    with pytest.raises(
        csim.InputError,
        match='no column "排队开始时间" in the file, from which arrival comes; did you mean "排队开始时刻"',
    ):
        read_log(path, mapping)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_started_mapping_does_not_load(tmp_path, lang):
    """csim new mapping writes a file that loads, in both languages; csim schema mapping knows its keys."""
    path = tmp_path / "mine.yaml"
    assert CliRunner().invoke(app, ["new", "mapping", str(path), "--lang", lang]).exit_code == 0
    assert load_mapping(path).file.contacts["wait_s"].other is not None
    shown = json.loads(CliRunner().invoke(app, ["schema", "mapping"]).stdout)
    assert {"contacts", "states", "set_aside", "timezone"} <= set(shown["properties"])


@pytest.mark.parametrize("name", ready_made())
def test_a_ready_made_mapping_does_not_load(name):
    """Every mapping that comes with csim is checked, and says what it is for."""
    assert load_mapping(name).file.about


def test_dirt_in_the_bank_costs_a_call(tmp_path):
    """Other months hold other dirt: what the cleaning rule does not name costs no call, and all is counted."""
    lines = bank(12).decode().splitlines()
    good = read_bank(tmp_path, lines)
    for column, dirt in (
        ("vru_time", "-57"),
        ("ser_time", "-3"),
        ("ser_start", "?"),
        ("server", "AGXX"),
        ("vru_entry", "7:99"),
    ):
        at = lines[0].split("\t").index(column)
        dirty = [line.split("\t") for line in lines]
        for row in (1, 3):
            dirty[row][at] = dirt
        found = read_bank(tmp_path, ["\t".join(row) for row in dirty])
        assert (found.kept, found.rows) == (good.kept, good.rows), column
        assert found.table["wait_s"].tolist() == good.table["wait_s"].tolist()
    broken = read_bank(tmp_path, [*lines, lines[1] + "\tmore", lines[2][:40]])
    assert (broken.kept, sum(broken.rejected.values())) == (good.kept, 2)


def read_bank(folder, lines):
    (folder / "month.txt").write_text("\n".join(lines), encoding="latin-1")
    found = read_log(folder / "month.txt", "bank")
    assert found.rows == found.kept + sum(found.rejected.values()) + sum(found.set_aside.values())
    return found

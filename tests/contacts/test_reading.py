"""Files as they come: encodings, delimiters, formats, clocks and durations; the same rows whoever reads them."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csim
from csim.contacts import source
from csim.contacts.mapping import FileForm
from csim.contacts.read import LogWarning, read_log
from csim.contacts.source import read_raw

from .mangled import chat, mangled, own

SAMPLE = Path(__file__).parents[2] / "scenarios/logs"
PLAIN = {
    "csim": "mapping/1", "name": "plain", "timezone": "Europe/Berlin",
    "contacts": {
        "contact_id": "id", "queue": {"constant": "q"}, "arrival": "start", "wait_s": "wait",
        "outcome": {"constant": "answered"},
    },
}  # fmt: skip


def plain(folder, rows, **changes):
    """The intake of rows id,start,wait under the mapping above, with changes to its keys."""
    path = folder / "log.csv"
    path.write_text("\n".join(["id,start,wait", *rows]), encoding="utf-8")
    return read_log(path, PLAIN | {"most_rejects": "100%"} | changes)


# -- the same rows by pandas and by duckdb ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_duckdb_reads_other_rows_than_pandas(tmp_path, seed):
    """Cells, lines and broken rows of a (mangled) file are the same whether duckdb reads them or pandas."""
    pytest.importorskip("duckdb")
    path = tmp_path / "log.csv"
    data = (chat, own)[seed % 2]()
    path.write_bytes(mangled(data, random.Random(seed)) if seed > 1 else data)
    try:
        small = read_raw(path, large=10**12)
    except csim.InputError:
        return
    large = read_raw(path, large=0)
    pd.testing.assert_frame_equal(large.table, small.table)
    np.testing.assert_array_equal(large.line, small.line)
    assert large.broken == small.broken


def test_a_large_file_is_read_without_duckdb(monkeypatch):
    """Where duckdb is not installed, pandas reads large files too."""
    monkeypatch.setattr(source.importlib.util, "find_spec", lambda name: None)
    assert len(read_raw(SAMPLE / "chat_zh.csv", large=0).table) == 361


# -- encodings, delimiters, formats -------------------------------------------------------------------------

LINES = "编号;技能组;说明\n1;售前;好\n2;售后;谢谢\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_an_encoding_garbles_chinese(tmp_path, encoding):
    """Chinese text comes out of every encoding that Chinese systems write, the delimiter found out."""
    path = tmp_path / "log.csv"
    path.write_bytes(LINES.encode(encoding))
    raw = read_raw(path)
    assert raw.table["技能组"].tolist() == ["售前", "售后"]
    told = " ".join(note.text("en") for note in raw.notes)
    assert ("gb18030" in told) == encoding.startswith("gb")
    assert "delimiter ;" in told


def test_latin_1_is_read_as_chinese(tmp_path):
    """A German log in Latin-1 is no Chinese one, and the guess is told."""
    path = tmp_path / "log.csv"
    path.write_bytes("Nr,Gruppe\n1,Köln Süd\n2,Grüße\n".encode("latin-1"))
    raw = read_raw(path)
    assert raw.table["Gruppe"].tolist() == ["Köln Süd", "Grüße"]
    assert "latin-1" in raw.notes[0].text("en")


def test_a_wrong_encoding_is_believed(tmp_path):
    """A stated encoding that the file is not in is refused with the one it looks like; a doubtful one is told."""
    path = tmp_path / "log.csv"
    path.write_bytes(LINES.encode("gbk"))
    with pytest.raises(csim.InputError, match='looks like gb18030; write "encoding: gb18030"'):
        read_raw(path, FileForm(encoding="utf-8"))
    path.write_bytes(LINES.encode("utf-8"))
    try:
        notes = " ".join(note.text("en") for note in read_raw(path, FileForm(encoding="gbk", delimiter=";")).notes)
        assert "also valid utf-8" in notes
    except csim.InputError as error:
        assert "looks like utf-8" in str(error)  # noqa: PT017


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv", "xlsx", "parquet", "jsonl"])
def test_a_format_changes_a_log(tmp_path, ending):
    """csim's own log is the same from every format."""
    from io import BytesIO

    rows = pd.read_csv(BytesIO(own()), dtype=str)
    path = tmp_path / f"log.{ending}"
    if ending == "xlsx":
        rows.to_excel(path, index=False)
    elif ending == "parquet":
        rows.to_parquet(path)
    elif ending == "jsonl":
        rows.to_json(path, orient="records", lines=True)
    else:
        text = rows.to_csv(index=False, sep="\t" if ending == "tsv" else ",").encode()
        path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    (tmp_path / "plain.csv").write_bytes(own())
    expected = csim.read_contacts(tmp_path / "plain.csv")
    mapped = read_log(path, "csim").table
    assert mapped["customer_id"].str.startswith("c-").all()
    mapped["customer_id"] = expected["customer_id"]
    pd.testing.assert_frame_equal(mapped, expected, check_dtype=False, check_like=True)
    if ending != "jsonl":
        pd.testing.assert_frame_equal(csim.read_contacts(path), expected, check_dtype=False)


def test_a_cell_over_two_lines_shifts_the_lines(tmp_path):
    """A quoted cell may hold line feeds and quotes; lines of later rows are those of the file."""
    found = plain(tmp_path, ['1,2026-06-01 09:00,"5"', '"2\nb",2026-06-01 09:00,6', "3,2026-06-01 09:00,soon"])
    assert found.table["contact_id"].tolist() == ["1", "2\nb"]
    assert found.rejects["line"].tolist() == [5]


# -- clocks --------------------------------------------------------------------------------------------------


def test_a_change_of_clocks_is_a_traceback(tmp_path):
    """Times that happened twice are the first, times that never happened move to the jump; both are told."""
    found = plain(tmp_path, ["1,2026-10-25 02:30,5", "2,2026-03-29 02:30,5", "3,2026-06-01 12:00,5"])
    assert [at.isoformat() for at in found.table["arrival"]] == [
        "2026-10-25T02:30:00+02:00", "2026-03-29T03:00:00+02:00", "2026-06-01T12:00:00+02:00",
    ]  # fmt: skip
    assert [note.values["count"] for note in found.notes] == [1, 1]
    second = plain(tmp_path, ["1,2026-10-25 02:30,5"], clock_changes={"twice": "second"})
    assert second.table["arrival"].iloc[0].isoformat() == "2026-10-25T02:30:00+01:00"
    refused = plain(
        tmp_path, ["1,2026-10-25 02:30,5", "2,2026-03-29 02:30,5"], clock_changes={"twice": "reject", "never": "reject"}
    )
    assert refused.kept == 0


def test_an_end_in_the_second_of_two_hours_lies_before_its_start(tmp_path):
    """A call from 02:50 to 02:10 in the night when clocks go back lasts twenty minutes."""
    path = tmp_path / "log.csv"
    path.write_text("id,start,end\n1,2026-10-25 02:50,2026-10-25 02:10\n")
    mapping = PLAIN | {
        "times": {"ended": {"column": "end", "after": "arrival"}},
        "contacts": {**PLAIN["contacts"], "wait_s": {"from": "arrival", "to": "ended"}},
    }
    assert read_log(path, mapping).table["wait_s"].tolist() == [1200]


def test_a_call_over_midnight_has_a_negative_wait(tmp_path):
    """An end before its start on the same date is the next day; a clock a second behind is at its start."""
    path = tmp_path / "log.csv"
    rows = [
        "1,2026/6/1,23:59:50,0:00:20",
        "2,2026/6/1,09:00:02,09:00:01",
        "3,2026/6/1,21:00,09:30",
        "4,2026/6/1,9:00:00 PM,9:00:30 PM",
    ]
    path.write_text("\n".join(["id,day,start,end", *rows]))
    mapping = PLAIN | {
        "most_rejects": "100%",
        "times": {"ended": {"date": "day", "time": "end", "after": "arrival"}},
        "contacts": {
            **PLAIN["contacts"],
            "arrival": {"date": "day", "time": "start"},
            "wait_s": {"from": "arrival", "to": "ended"},
        },
    }  # fmt: skip
    found = read_log(path, mapping)
    assert found.table.set_index("contact_id")["wait_s"].to_dict() == {"1": 30, "2": 0, "4": 30}
    assert {reason.key: count for reason, count in found.rejected.items()} == {"backwards": 1}
    assert "lay up to 2 s before" in found.text()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("63", 63), ("63.25", 63.25), ("0:01:03", 63), ("01:03", 63), ("PT1M3S", 63), ("1分3秒", 63), ("1 min 3 s", 63),
     ("1 days 00:00:01", 86401)],
)  # fmt: skip
def test_a_duration_is_read_otherwise(tmp_path, written, seconds):
    """Every usual way to write a duration gives its seconds."""
    assert plain(tmp_path, [f'1,2026-06-01 09:00,"{written}"']).table["wait_s"].tolist() == [seconds]


@pytest.mark.parametrize("written", ["soon", "-5", "12:75", "PT", "9e999", "=1+1", "nan"])
def test_a_wait_that_is_none_is_kept(tmp_path, written):
    """What is no duration is rejected and counted, with its line."""
    found = plain(tmp_path, ["1,2026-06-01 09:00,5", f"2,2026-06-01 09:00,{written}"])
    assert found.rejects["line"].tolist() == [3]
    assert found.rows == 2
    assert found.kept == 1


@pytest.mark.parametrize(
    ("written", "pattern"),
    [("2026-06-01T09:00:00", None), ("2026/6/1 9:00", None), ("2026年6月1日 9:00:00", None), ("20260601090000", None),
     ("2026-06-01T07:00:00Z", None), ("01.06.2026 09:00", "dd.mm.yyyy hh:mm"), ("06/01/2026 09:00", "mm/dd/yyyy hh:mm"),
     ("1780297200", "epoch"), ("1780297200000", "epoch_ms")],
)  # fmt: skip
def test_a_time_is_read_otherwise(tmp_path, written, pattern):
    """Every usual way to write an instant gives the same one; day-first dates need a stated format."""
    arrival = {"column": "start"} | ({"format": pattern} if pattern else {})
    found = plain(tmp_path, [f"1,{written},5"], contacts={**PLAIN["contacts"], "arrival": arrival})
    assert [at.isoformat() for at in found.table["arrival"]] == ["2026-06-01T09:00:00+02:00"]


def test_a_date_that_could_be_two_is_guessed(tmp_path):
    """01/06/2026 is not read without a format, and a local time not without a zone."""
    assert plain(tmp_path, ["1,01/06/2026 09:00,5"]).kept == 0
    found = plain(tmp_path, ["1,2026-06-01 09:00,5"], timezone=None)
    assert [reason.key for reason in found.rejected] == ["no_zone"]


# -- what is not kept ----------------------------------------------------------------------------------------


def test_a_log_of_which_most_is_rejected_is_measured(tmp_path):
    """More than a fifth rejected is refused, with the reasons and their first lines; the share can be raised."""
    path = tmp_path / "log.csv"
    path.write_text("id,start,wait\n1,2026-06-01 09:00,5\n2,2026-06-01 09:00,soon\n3,noon,5\n")
    with pytest.raises(csim.InputError) as caught:
        read_log(path, PLAIN)
    told = str(caught.value)
    assert '2 of 3 rows cannot be read with the mapping "plain", more than 20%' in told
    assert f"{path}:3  wait_s\n  wait_s is no duration — in 1 rows in all" in told
    assert read_log(path, PLAIN, most_rejects="70%").kept == 1


def test_reading_rejects_says_nothing(tmp_path):
    """In Python too: rejected rows are a warning with the account."""
    path = tmp_path / "log.csv"
    path.write_text(
        "id,start,wait\n" + "".join(f"{n},2026-06-01 09:00,5\n" for n in range(9)) + "9,2026-06-01 09:00,-1\n"
    )
    with pytest.warns(LogWarning, match="10 rows: 9 kept, 1 rejected"):
        assert len(csim.read_contacts(path, mapping=PLAIN)) == 9


def test_a_raw_number_of_a_customer_goes_anywhere(tmp_path):
    """Neither log nor account nor rejects hold a telephone number or a remark; hashes are the same twice."""
    path = tmp_path / "log.csv"
    path.write_bytes(
        chat()
        + "\r\nHH1,13800000001,王,售前,?,?\r\nHH0,13800000000,王,售前,2026/6/1 9:00,-,-,0,,,,,,急".encode("gb18030")
    )
    found = read_log(path, "chat_zh")
    again = read_log(path, "chat_zh")
    rejects = found.write_rejects(tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    for text in (found.table.to_csv(), found.text(), repr(found), rejects, str(found.account())):
        assert "138000000" not in text
        assert "谢谢" not in text
        assert "急" not in text
    assert len(found.rejects) == 2
    assert found.table["customer_id"].nunique() == found.kept
    assert found.table["customer_id"].tolist() == again.table["customer_id"].tolist()


def test_a_key_lies_open(tmp_path, monkeypatch):
    """Without CSIM_KEY a key is written into the person's settings, for nobody else to read."""
    import os
    import stat

    from csim.contacts.private import key

    with_variable = key().hashed("1")
    monkeypatch.delenv("CSIM_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    first = key().hashed("1")
    assert first == key().hashed("1") != with_variable
    file = tmp_path / "csim" / "customers.key"
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv("CSIM_KEY", "short")
    with pytest.raises(csim.InputError, match="at least 16 characters"):
        key()


def test_a_telephone_number_in_csims_own_log_is_shown(tmp_path):
    """In csim's own format customers that are telephone numbers or addresses are hashed too; other ids stay."""
    path = tmp_path / "log.csv"
    rows = [f"{n},{who},a,2026-06-01T09:00:00Z,5,answered" for n, who in enumerate(["13800138000", "c7", "li@x.cn"])]
    path.write_text("\n".join(["contact_id,customer_id,queue,arrival,wait_s,outcome", *rows]))
    ids = csim.read_contacts(path)["customer_id"]
    assert ids[1] == "c7"
    assert ids[[0, 2]].str.startswith("c-").all()

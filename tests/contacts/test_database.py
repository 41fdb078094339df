"""A log from PostgreSQL: a real server of the test's own, on a socket in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import csim
from csim.cli import app
from csim.contacts.read import read_log

pytest.importorskip("adbc_driver_postgresql")
pwd = pytest.importorskip("pwd")
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if Path("/usr/lib/postgresql").exists() else []
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL server is installed here")

TABLE = """
create table calls (no bigint, phone text, skill text, queued timestamptz, taken timestamptz, waited interval,
                    talk numeric, result text);
insert into calls values
  (1, '13800138000', 'sales', '2026-06-01 09:00+08', '2026-06-01 09:00:05+08', '5 seconds', 60.5, 'ok'),
  (2, '13800138001', 'sales', '2026-06-01 09:01+08', null, '1 minute 10 seconds', null, 'lost'),
  (3, null, 'sales', '2026-06-01 09:02+08', '2026-06-01 09:02:00+08', '0', 30, 'ok');
"""
MAPPING = {
    "csim": "mapping/1", "name": "pg", "timezone": "Asia/Shanghai",
    "source": {"query": "select * from calls order by no"},
    "contacts": {
        "contact_id": "no", "customer_id": "phone", "queue": "skill", "arrival": "queued", "assigned": "taken",
        "wait_s": "waited", "talk_s": "talk",
        "outcome": {"column": "result", "words": {"ok": "answered", "lost": "abandoned"}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def server():
    """The address of a server that this test started, and stops."""
    socket = Path(tempfile.mkdtemp(prefix="csim-pg-"))  # short: the path of a socket has a limit
    data, bin_ = socket / "data", PROGRAMS[-1].parent
    run_as = []
    user = pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:  # a server refuses to run as root
        user = "postgres"
        shutil.chown(socket, user)
        run_as = ["runuser", "-u", user, "--"]
    quiet = {"check": True, "capture_output": True, "cwd": "/"}
    options = f"-k {socket} -c listen_addresses='' -c fsync=off"
    try:
        subprocess.run([*run_as, bin_ / "initdb", "-D", data, "-A", "trust", "-U", user, "--no-sync"], **quiet)
        subprocess.run(
            [*run_as, bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "-l", socket / "log", "start"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        address = f"postgresql:///postgres?host={socket}&user={user}"
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            for statement in TABLE.split(";")[:-1]:
                cursor.execute(statement)
        yield address
    finally:
        subprocess.run(
            [*run_as, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True, cwd="/", check=False
        )
        shutil.rmtree(socket, ignore_errors=True)


def test_a_database_gives_other_contacts_than_it_holds(server, monkeypatch):
    """Numbers, instants and intervals of a real server come out as seconds and instants; customers as hashes."""
    monkeypatch.setenv("CSIM_DATABASE", server)
    log = read_log("postgresql:", MAPPING).table
    assert log["wait_s"].tolist() == [5, 70, 0]
    assert log["talk_s"].tolist()[::2] == [60.5, 30]
    assert str(log["arrival"].iloc[0]) == "2026-06-01 09:00:00+08:00"
    assert log["outcome"].tolist() == ["answered", "abandoned", "answered"]
    assert log["customer_id"].dropna().str.fullmatch("c-[0-9a-f]{16}").all()


def test_measuring_a_database_needs_a_file(server, monkeypatch, tmp_path):
    """csim measure postgresql: --query asks the server, and tells what became of every row."""
    monkeypatch.setenv("CSIM_DATABASE", server)
    mapping = tmp_path / "m.json.yaml"
    mapping.write_text(json.dumps(MAPPING | {"source": {"query": "select 1"}}))
    done = CliRunner().invoke(
        app, ["measure", "postgresql:", "--mapping", str(mapping), "--query", "select * from calls where no < 3",
              "--within", "20 s", "--format", "json", "--kpi", "service_level"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [row["value"] for row in found["kpis"]] == [0.5, 0.5]
    assert found["provenance"]["kept"] == 2
    assert "1380013800" not in done.output


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select * from cals", "cals"),
        ("drop table calls", "read-only"),
        ("insert into calls (no) values (9)", "read-only"),
    ],
)
def test_a_query_changes_the_database(server, monkeypatch, query, words):
    """A query that is wrong, or that would change something, is a message from the server."""
    monkeypatch.setenv("CSIM_DATABASE", server)
    with pytest.raises(csim.InputError, match=words):
        read_log("postgresql:", MAPPING, query=query)
    assert len(read_log("postgresql:", MAPPING).table) == 3


def test_an_address_is_told(monkeypatch):
    """Without a server the message says so, without the password; an address on the command line is refused."""
    monkeypatch.setenv("CSIM_DATABASE", "postgresql://me:geheim@127.0.0.1:1/nothing")
    with pytest.raises(csim.InputError) as caught:
        read_log("postgresql:", MAPPING)
    assert "the database says" in str(caught.value)
    assert "geheim" not in str(caught.value)
    with pytest.raises(csim.InputError) as caught:
        read_log("postgresql://me:geheim@127.0.0.1/nothing", MAPPING)
    assert "into the environment" in str(caught.value)
    assert "geheim" not in str(caught.value)
    monkeypatch.delenv("CSIM_DATABASE")
    with pytest.raises(csim.InputError, match="set CSIM_DATABASE in the environment"):
        read_log("postgresql:", MAPPING)

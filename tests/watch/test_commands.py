"""`csim watch` as the outside calls it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ..cli.conftest import run
from ..terms.centres import centre, step, terms
from .logs import log


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A folder with a contract, a centre, and a log of eight days at 70 %."""
    folder = tmp_path_factory.mktemp("watch")
    for name, data in (("contract", terms(step("10%")).data), ("centre", centre(30, 3))):
        with (folder / f"{name}.yaml").open("w", encoding="utf-8") as out:
            YAML().dump(data, out)
    log([0.7] * 8).to_csv(folder / "log.csv", index=False)
    return folder


BANK = Path(__file__).parents[3] / "shared/data/anonymous_bank_1999/february.txt.gz"


def watch(files: Path, *words: object, log: str = "log.csv"):
    """The command in this process."""
    return run("watch", files / "contract.yaml", "--log", files / log, *words)


def test_an_alert_fires_with_exit_code_three(files, tmp_path):
    """stdout has the month, stderr the alert, the file what fired, and the exit code is 3."""
    out = tmp_path / "alerts.json"
    said = watch(files, "--as-of", "2026-06-10", "--alert", "p(level) > 50%", "--out", out, "--format", "json")
    assert said.code == 3
    assert "probability of a penalty is 100 %" in said.err
    (month,) = said.json["months"]
    assert month["clauses"][0]["p_penalty"] == 1
    assert json.loads(out.read_text(encoding="utf-8"))["alerts"] == said.json["alerts"]


def test_no_alert_is_exit_code_zero(files, tmp_path):
    """Nothing fired: 0, nothing on stderr, an empty list in the file."""
    out = tmp_path / "alerts.json"
    said = watch(files, "--alert", "p(level) < 50%", "--out", out)
    assert (said.code, said.err) == (0, "")
    assert json.loads(out.read_text(encoding="utf-8"))["alerts"] == []


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--alert", "p(levl) > 50%"), "did you mean"),
        (("--every", "soon"), "--every"), (("--every", "0 s"), "no time span"),
        (("--as-of", "later"), "is no date"), (("--as-of", "10.06.2026"), '"10.06.2026" is no date'),
        (("--interval", "30"), "--interval"), (("-n", "0"), "1 or more"),
        (("--vendor", "W"), "no vendor of"), (("--history", "nowhere.csv"), "no such file"),
        (("--scenario", "nowhere.yaml"), "no such file"), (("--month", "2026-02"), "no contact of V"),
        (("--out", "log.csv/alerts.json"), "cannot be written"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_exit_code_two(files, monkeypatch, words, what):
    """File, field, what was found and what to write; no traceback, nothing on stdout."""
    monkeypatch.chdir(files)
    said = watch(files, *words)
    assert said.code == 2, said.err
    assert what in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_log_that_is_not_there(files):
    """Without --follow a missing log is a mistake."""
    said = watch(files, log="gone.csv")
    assert said.code == 2
    assert "no such file" in said.err


def test_both_languages_and_a_scenario(files):
    """The table in Chinese, the days to come from a centre."""
    said = watch(files, "--scenario", files / "centre.yaml", "-n", "5", "--lang", "zh")
    assert said.code == 0
    assert "剩余天数：按情景 oracle 仿真 5 次" in said.out


def test_ctrl_c_ends_a_follow_cleanly(files, tmp_path):
    """A process on a growing file sees the line completed, says the alert once, and ends without a traceback."""
    growing = tmp_path / "growing.csv"
    text = (files / "log.csv").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "csim", "watch", files / "contract.yaml", "--log", growing, "--follow", "--every",
               "0.2 s", "--alert", "level < 75%", "-n", "20"]  # fmt: skip
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stdout is not None
            assert "waiting for growing.csv" in process.stderr.readline()
            growing.write_text(text[:-20], encoding="utf-8")
            assert "V: " in process.stdout.readline()
            assert "stands at 70.1 %" in process.stderr.readline()
            with growing.open("a", encoding="utf-8") as file:
                file.write(text[-20:])
            while "V: " not in process.stdout.readline():
                pass
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode in (0, 130)
    assert "Traceback" not in err
    assert "stands at" not in err  # the alert was said once


def test_a_month_after_the_contract_is_watched_silently(files, tmp_path):
    """A log that runs on when the contract is over is watched on trial, and the term is named."""
    over = (files / "contract.yaml").read_text(encoding="utf-8").replace("2026-12-31", "2026-05-31")
    (tmp_path / "contract.yaml").write_text(over, encoding="utf-8")
    said = run("watch", tmp_path / "contract.yaml", "--log", files / "log.csv")
    assert said.code == 0, said.err
    assert "On trial: 2026-06 is outside the contract's term (2026-01-01 to 2026-05-31)" in said.out
    assert "On trial" not in run("watch", files / "contract.yaml", "--log", files / "log.csv").out


@pytest.mark.skipif(not BANK.exists(), reason="the bank's log (shared/data) is not beside the project")
def test_a_vendors_log_through_a_mapping(files, tmp_path, monkeypatch):
    """Half of the bank's February on the contract's clock, where Saturday evenings are Sundays."""
    monkeypatch.setenv("CSIM_KEY", "0" * 64)
    then = (files / "contract.yaml").read_text(encoding="utf-8").replace("2026-", "1999-")
    (tmp_path / "contract.yaml").write_text(then, encoding="utf-8")
    said = watch(tmp_path, "--mapping", "bank", "--as-of", "1999-02-15", "--format", "json", log=BANK)
    assert said.code == 0, said.err
    (month,) = said.json["months"]
    assert "31,125 kept" in said.err
    assert (month["month"], month["days_gone"], month["days_left"]) == ("1999-02", 13, 11)
    assert 0.5 < month["clauses"][0]["value"] < 0.6
    assert month["clauses"][0]["p_penalty"] == 1  # 80 % was never near

"""Mistakes on the command line: exit code 2, one message on stderr, nothing printed, nothing written, no traceback."""

import os
import subprocess
import sys

import pytest

from .conftest import run

BAD = {
    "no such scenario": (("simulate", "nix.yaml"), "nix.yaml\n  no such file: write the path of a scenario file"),
    "a folder": (("simulate", "."), "cannot be read"),
    "a bad scenario": (
        ("simulate", "bad.yaml", "--out", "o"),
        'bad.yaml:3:1  calender\n  unknown key "calender": did you mean "calendar"?',
    ),
    "a bad scenario, compared": (("compare", "small.yaml", "bad.yaml", "--out", "o"), "bad.yaml:3:1  calender"),
    "a bad scenario, traced": (("trace", "bad.yaml"), "bad.yaml:3:1  calender"),
    "a bad scenario, measured": (("measure", "log.csv", "--scenario", "bad.yaml"), "bad.yaml:3:1  calender"),
    "a contract, simulated": (
        ("simulate", "terms.yaml", "--out", "o"),
        "terms.yaml:1:7  csim\n  this is a contract (csim: contract/1), a scenario is wanted: write the path of one",
    ),
    "a scenario, settled": (("settle", "small.yaml"), "this is a scenario (csim: scenario/1), a contract is wanted"),
    "no replications": (("simulate", "small.yaml", "-n", "0", "--out", "o"), "write a whole number, 1 or more"),
    "a negative seed": (("simulate", "small.yaml", "--seed", "-1"), "seed -1: write a whole number, 0 or more"),
    "an unknown engine": (("simulate", "small.yaml", "--engine", "warp"), '"warp" is no engine'),
    "unknown workers": (("simulate", "small.yaml", "--workers", "magic:2", "--out", "o"), '"magic:2" is not known'),
    "an unknown KPI": (("simulate", "small.yaml", "--kpi", "occupanzy", "--out", "o"), 'did you mean "occupancy"?'),
    "a bare name": (("simulate", "small.yaml", "--kpi", "满意度"), "csat_mean or csat_top_box or csat_bad_rate"),
    "own KPIs that are not there": (("simulate", "small.yaml", "--own-kpis", "nix.yaml"), "nix.yaml"),
    "own KPIs with a bad formula": (
        ("simulate", "small.yaml", "--own-kpis", "own.yaml", "--out", "o"), "a call is not allowed",
    ),
    "an own KPI with a taken name": (("simulate", "small.yaml", "--own-kpis", "taken.yaml"), "this name is taken"),
    "one scenario to compare": (("compare", "small.yaml"), "write at least two to compare"),
    "a range that runs backwards": (
        ("compare", "small.yaml", "--vary", "groups.team.agents=9..4..2"), '"9..4..2" runs backwards: write 4..9..2',
    ),
    "no such log": (("measure", "nix.csv"), "nix.csv\n  no such file: write the path of a log"),
    "a log with mistakes": (("measure", "bad.csv"), 'bad.csv:2  outcome\n  "lost" is no outcome'),
    "no such states": (("measure", "log.csv", "--states", "nix.csv"), "nix.csv"),
    "a promise without unit": (("measure", "log.csv", "--within", "20"), '--within: 20 has no unit: write "20 s"'),
    "an unknown window": (("measure", "log.csv", "--by", "week"), 'cannot measure by "week"'),
    "a window that the log lacks": (("measure", "log.csv", "--by", "agent"), 'the log has no column "agent"'),
    "a day that is not there": (("trace", "small.yaml", "--day", "9"), "day 9: the scenario has days 1 to 2"),
    "a day before the first": (("trace", "small.yaml", "--day", "0"), "day 0"),
    "a negative seed of a trace": (("trace", "small.yaml", "--seed", "-1"), "seed"),
    "a negative replication": (("trace", "small.yaml", "--replication", "-1"), "replication"),
    "an unknown name": (("kpis", "occupanzy"), 'no KPI is called "occupanzy": did you mean "occupancy"?'),
    "an unknown schema": (("schema", "scenrio"), 'did you mean "scenario"?'),
    "an unknown start": (("new", "scenrio", "x.yaml"), 'cannot start a "scenrio": did you mean "scenario"?'),
    "a place nobody can write": (("new", "small.yaml/x.yaml"), "cannot be written"),
    "an unknown command": (("simulat", "small.yaml"), "No such command 'simulat'. Did you mean 'simulate'?"),
    "an unknown option": (("simulate", "small.yaml", "--sede", "3"), "No such option"),
    "an unknown format": (("simulate", "small.yaml", "--format", "[/red]"), "[/red]"),
    "no number": (("simulate", "small.yaml", "-n", "many"), "--replications"),
    "nothing to simulate": (("simulate",), "Missing argument"),
}  # fmt: skip


@pytest.fixture
def desk(centre):
    """A folder with good and bad files."""
    (centre / "bad.yaml").write_text("csim: scenario/1\nname: x\ncalender: {}\n")
    (centre / "terms.yaml").write_text("csim: contract/1\nname: x\n")
    (centre / "own.yaml").write_text("kpis: {mine: {numerator: f(x), denominator: offered}}\n")
    (centre / "taken.yaml").write_text("kpis: {asa: {numerator: answered, denominator: offered}}\n")
    good = "contact_id,queue,arrival,wait_s,outcome\n1,a,2026-06-01T09:00:00+08:00,15,answered\n"
    (centre / "log.csv").write_text(good)
    (centre / "bad.csv").write_text(good.replace("answered", "lost"))
    return centre


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_a_mistake_is_a_traceback_or_leaves_a_trace(csim_cli, desk, words, message):
    """Exit code 2, the message on stderr, stdout empty, and no file made or changed."""
    before = {path: path.stat().st_mtime_ns for path in desk.iterdir()}
    said = csim_cli(*words)
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert {path: path.stat().st_mtime_ns for path in desk.iterdir()} == before


@pytest.mark.parametrize(
    "content", ["", "kpis: {mine: {numerator: f(x), denominator: offered}}\n"], ids=["none", "formula"]
)
def test_own_kpis_are_not_placed(csim_cli, desk, content):
    """A mistake in a file of own KPIs names that file; one that is not there is not called unreadable."""
    (desk / "own.yaml").unlink()
    if content:
        (desk / "own.yaml").write_text(content)
    said = csim_cli("simulate", "small.yaml", "--own-kpis", "own.yaml")
    assert said.code == 2
    assert "own.yaml" in said.err
    assert ("UTF-8" not in said.err) or content


@pytest.mark.parametrize("formula", ["queue > 5", "queue + 1", "not queue"])
def test_a_formula_over_text_is_a_traceback(csim_cli, desk, formula):
    """A formula that does arithmetic with words is a mistake of the file, exit code 2."""
    (desk / "own.yaml").write_text(f"kpis: {{mine: {{numerator: {formula}, denominator: offered}}}}\n")
    assert csim_cli("measure", "log.csv", "--own-kpis", "own.yaml").code == 2


@pytest.mark.parametrize("lang", ["fr", "ZH"])
def test_an_unknown_language_is_english(csim_cli, desk, lang):
    """A language that csim does not speak is refused."""
    said = csim_cli("simulate", "small.yaml", "--lang", lang)
    assert (said.code, said.out) == (2, "")


def test_a_result_that_cannot_be_written_is_half_written(csim_cli, desk):
    """--out onto a file: exit code 2, and the file is as it was."""
    (desk / "o").write_text("precious")
    said = csim_cli("simulate", "small.yaml", "-n", 1, "--out", "o")
    assert said.code == 2
    assert "cannot be written" in said.err
    assert (desk / "o").read_text() == "precious"
    assert said.out == ""


# -- streams and encodings ----------------------------------------------------------------------------------

SPOKEN = {
    "a table": (
        ("simulate", "small.yaml", "-n", 2), 0,
    ), "a table in Chinese": (("simulate", "small.yaml", "-n", 2, "--lang", "zh"), 0),
    "JSON": (
        ("simulate", "small.yaml", "-n", 2, "--format", "json"), 0,
    ), "CSV": (("simulate", "small.yaml", "-n", 2, "--format", "csv"), 0),
    "differences": (
        ("compare", "small.yaml", "small.yaml", "-n", 2, "--lang", "zh"), 0,
    ), "a trace": (("trace", "small.yaml"), 0),
    "definitions": (("kpis", "--lang", "zh"), 0), "a definition": (("kpis", "asa"), 0), "a schema": (("schema",), 0),
    "a mistake": (
        ("simulate", "售前.yaml"), 2,
    ), "a refused name": (("kpis", "接通率"), 2), "usage": (("simulate", "--bogus"), 2),
    "help": (("--help",), 0), "a start": (("new", "新.yaml", "--lang", "zh"), 0),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["gbk", "cp437", "ascii", "utf-8"])
@pytest.mark.parametrize(("words", "code"), SPOKEN.values(), ids=SPOKEN)
def test_a_console_that_lacks_characters_crashes(csim_cli, desk, words, code, encoding):
    """Consoles that cannot show Chinese show something else; the exit code is the same and there is no traceback."""
    said = csim_cli(*words, encoding=encoding)
    assert said.code == code
    assert b"Traceback" not in said.raw_err
    assert said.raw if code == 0 and words[0] != "new" else said.raw_err


@pytest.mark.parametrize("encoding", ["gbk", "cp437"])
def test_csv_on_a_chinese_console_is_no_utf_8(csim_cli, desk, encoding):
    """CSV is UTF-8 with a byte-order mark wherever it is printed, so that redirecting it gives a file for Excel."""
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--format", "csv", encoding=encoding)
    assert said.raw.startswith(b"\xef\xbb\xbfqueue,")
    assert "售前" in said.raw.decode("utf-8")


@pytest.mark.parametrize("encoding", ["gbk", "cp437"])
def test_json_on_an_old_console_loses_names(csim_cli, desk, encoding):
    """JSON keeps every name, escaped where the console cannot show it."""
    said = csim_cli("simulate", "small.yaml", "-n", 2, "--format", "json", encoding=encoding)
    assert {row["queue"] for row in said.json["kpis"]} >= {"售前", "all"}


def real(*words, encoding="utf-8", cwd=None):
    """A process of its own, as a person starts it."""
    return subprocess.run(
        [sys.executable, "-m", "csim", *map(str, words)], cwd=cwd, capture_output=True, check=False, timeout=60,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["gbk", "cp437"])
def test_a_real_process_crashes_on_an_old_console(desk, encoding):
    """The same through a process: results on stdout with code 0, mistakes on stderr with code 2."""
    good = real("simulate", "small.yaml", "-n", 2, "--lang", "zh", encoding=encoding, cwd=desk)
    assert (good.returncode, good.stderr) == (0, b"")
    assert b"service_level" in good.stdout
    bad = real("simulate", "售前.yaml", encoding=encoding, cwd=desk)
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert b"no such file" in bad.stderr
    assert b"Traceback" not in bad.stderr


def test_a_reader_that_stops_early_is_an_error(desk):
    """`csim trace … | head -1`: a closed pipe is no bug of csim, so the exit code is 0 and stderr is silent."""
    long = (
        (desk / "small.yaml")
        .read_text(encoding="utf-8")
        .replace("per_hour: 30", "per_hour: 3000")
        .replace("agents: 5", "agents: 300")
    )
    (desk / "long.yaml").write_text(long, encoding="utf-8")
    command = [sys.executable, "-m", "csim", "trace", "long.yaml", "--most", "0"]
    with subprocess.Popen(command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"2026-06-01, seed 1, replication 1\n"
        process.stdout.close()
        err = process.stderr.read()
        assert (process.wait(timeout=60), err) == (0, b"")


def test_an_empty_log_is_measured_as_nothing(tmp_path):
    """A log without contacts is a mistake, no empty table; nobody's vendor is said on stderr."""
    log = tmp_path / "log.csv"
    log.write_text("contact_id,queue,vendor,arrival,wait_s,outcome\n", encoding="utf-8")
    said = run("measure", log)
    assert (said.code, said.out) == (2, "")
    assert "the log holds no contact" in said.err
    with log.open("a", encoding="utf-8") as rows:
        rows.write("1,q,,2026-06-01T09:00:00+08:00,5,answered\n")
    said = run("measure", log, "--by", "vendor")
    assert said.code == 0
    assert "no contact of the log names its vendor" in said.err

"""`csim judge`, `csim respond` and `csim tune` as the outside calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from .centres import centre, step, terms


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    """A contract with a step at 80 %, and the centre it is for."""
    folder = tmp_path_factory.mktemp("terms")
    found = folder / "contract.yaml", folder / "centre.yaml"
    for path, data in zip(found, (terms(step("10%")).data, centre()), strict=True):
        with path.open("w", encoding="utf-8") as out:
            YAML().dump(data, out)
    return found


def run(*arguments: object) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "csim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300)


def test_judge_says_something_else(files):
    """The JSON of INTERFACE; the table in Chinese with both risks."""
    contract, scenario = files
    how = ("--scenario", scenario, "--levels", "24,26,28", "-n", 3)
    rows = json.loads(run("judge", contract, *how, "--format", "json").stdout)["clauses"]
    assert {"clause", "cycle", "true_level", "p_penalty", "p_bonus", "expected_money"} <= rows[0].keys()
    assert "误罚率" in run("judge", contract, *how, "--lang", "zh").stdout


def test_respond_says_something_else(files):
    """The JSON of INTERFACE; the verdict first in the table."""
    contract, scenario = files
    how = ("--scenario", scenario, "--levels", "22..30..4", "-n", 3, "--cost-per-hour", 40, "--harm-abandon", 20)
    found = json.loads(run("respond", contract, *how, "--format", "json").stdout)
    assert {"agents", "profit", "service_level"} <= found["best"].keys()
    assert found["best"]["agents"] == 26
    assert found["signs"] is True
    assert 0.02 < found["deterrence"]["level"] < 0.04
    assert run("respond", contract, *how).stdout.startswith("These terms buy 26 agents; you want")


TUNED = ("--levels", "22,26,28", "-n", 2, "--candidates", 150, "--term", "price=5..7..0.1", "--no-robust")


def test_tune_says_something_else(files, tmp_path):
    """The JSON of README, the proposal as files that lint clean; 3 and the two limits where the answer is no."""
    contract, scenario = files
    how = ("tune", contract, "--scenario", scenario, *TUNED, "--wish", "service_level>=80%")
    done = run(*how, "--format", "json", "--out", tmp_path / "out")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["packages"]["aim"]["level"] == 26
    assert float(found["packages"]["aim"]["terms"]["price"]) < 6
    assert run("lint", tmp_path / "out" / "aim.yaml").returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"aim.yaml", "aim.xlsx", "aim.docx"}
    refused = run(*how, "--most-at-risk", "1%", "--lang", "zh")
    assert refused.returncode == 3, refused.stderr
    assert "没有合同能满足" in refused.stdout


def test_games_relief_and_prices_are_said_elsewhere(files):
    """Beside the JSON of INTERFACE; the verdict on games comes first in the table."""
    contract, scenario = files
    how = ("--scenario", scenario, "--levels", "24,26", "-n", 2)
    more = json.loads(run("judge", contract, *how, "--games", "--relief", "--format", "json").stdout)
    assert {"clauses", "games", "relief", "whole", "samples"} <= more.keys()
    assert run("judge", contract, *how, "--games", "--lang", "zh").stdout.partition("\n")[0].count("钻空子")
    costs = ("--wage", "4350", "--overhead", "60%", "--harm-order", "180,45%,20%,50%")
    found = json.loads(run("respond", contract, *how, *costs, "--price", "--format", "json").stdout)
    assert {"best", "price"} <= found.keys()
    assert found["costs"][0]["cost_per_hour"] == pytest.approx(40)


@pytest.mark.parametrize(
    ("command", "more", "said"),
    [
        ("respond", ("--cost-per-hour", "0"), "free agents are always hired"),
        ("respond", ("--cost-per-hour", "400"), "The vendor exits"),
        ("respond", ("--cost-per-hour", "forty"), "is no cost"),
        ("respond", ("--harm-order", "180,45%,20%"), "180,45%,20%,50%"),
        ("respond", ("--harm-order", "180,45,20%,50%"), 'write "45%"'),
        ("respond", ("--wage", "4000", "--cost-per-hour", "40"), "keep one"),
        ("respond", ("--wage", "4000", "--overhead", "60"), 'write "60%"'),
        ("respond", ("--price", "--promised", "80"), 'write "80%"'),
        ("judge", ("--relief", "--over", "10"), 'write "10%"'),
        ("judge", ("--games", "--cost-per-hour", "0"), "free agents"),
        ("respond", ("--levels", "28..22"), "write 22..28"),
        ("respond", ("--levels", "22..28..0"), "no levels"),
        ("judge", ("--levels", "80..115..5", "--lever", "staffing"), "0.8..1.15..0.05 or 80%..115%..5%"),
        ("respond", ("--group", "taem"), 'did you mean "team"'),
        ("respond", ("--lever", "luck"), "is no lever"),
        ("respond", ("--lever", "volume"), "not the vendor's to choose"),
        ("respond", ("--vendor", "nobody"), "no vendor of"),
        ("tune", ("--lever", "volume"), "not the vendor's to choose"),
        ("judge", ("--over", "10%"), "write --relief"),
        ("judge", ("--cycle", "fortnight"), "is no cycle"),
        ("judge", ("--margin", "2"), "2%"),
        ("judge", ("--sample", "level"), "is not readable"),
        ("tune", ("--term", "prise"), 'did you mean "price"'),
        ("tune", ("--wish", "service_level>=90%", "--wish", "service_level<=80%"), "contradict each other"),
        ("tune", ("--wish", "service_level"), "is no wish"),
        ("tune", ("--cost-per-hour", "0"), "free agents are always hired"),
        ("tune", ("--most-at-risk", "0%"), "above 0 %"),
    ],
)
def test_a_mistake_runs_on(files, command, more, said):
    """Exit code 2, one message that says what to write, no traceback, nothing on stdout."""
    contract, scenario = files
    done = run(command, contract, "--scenario", scenario, "-n", 1, *more)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_clause_goes_by_the_key_of_the_file(files, tmp_path):
    """People find a clause by its number and name, in their language; the key stays in the JSON alone."""
    _, scenario = files
    clause = step("10%")["level"] | {"name": "二十秒接起率"}
    contract = tmp_path / "contract.yaml"
    with contract.open("w", encoding="utf-8") as out:
        YAML().dump(terms({"raw_key": clause}).data, out)
    how = ("--scenario", scenario, "--levels", "24,26", "-n", 2)
    for lang, name in (("zh", "5.1 二十秒接起率"), ("en", "5.1 Service level")):
        for command, more in (("judge", ("--games", "--relief")), ("respond", ("--price", "--cost-per-hour", 40))):
            said = run(command, contract, *how, *more, "--lang", lang)
            assert name in said.stdout, said.stderr
            assert "raw_key" not in said.stdout

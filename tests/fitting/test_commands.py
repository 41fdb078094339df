"""csim fit as people call it: one command from a log to a scenario, and what it refuses."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import csim
from csim.cli import app
from csim.errors import InputError

from .centres import VOICE, log_of

RUN = CliRunner()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "quarter.parquet"
    log_of(VOICE, 1).to_parquet(path)
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_scenario_simulates_as_it_stands(log, tmp_path, lang):
    """csim fit writes a scenario with its provenance in comments that loads, with no warning, and simulates."""
    out = tmp_path / "fitted.yaml"
    done = RUN.invoke(app, ["fit", str(log), "--out", str(out), "--lang", lang, "--interval", "30 min"])
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert "quarter.parquet" in text
    assert ("由 csim" if lang == "zh" else "Fitted to a contact log") in text
    assert all(len(line) <= 120 for line in text.splitlines() if line.lstrip().startswith("#"))
    scenario = csim.load_scenario(out)
    assert scenario.name == "fitted"
    found = csim.fit(csim.read_contacts(log), name="fitted", interval="30 min")
    for queue, numbers in found.scenario.expected.items():
        assert abs(numbers - scenario.expected[queue]).max() < 1e-3
    assert csim.simulate(scenario, 2).value("service_level") > 0.2


def test_a_holdout_is_judged(log):
    """--holdout tries the fit on days it has not seen; JSON carries grade, pooled numbers and their decomposition."""
    done = RUN.invoke(app, ["fit", str(log), "--holdout", "25%", "--interval", "30 min", "-n", "4", "--format", "json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["backtest"]["grade"] in ("good", "fair", "poor")
    assert {row["kpi"] for row in found["backtest"]["pooled"]} >= {"service_level", "abandonment_rate", "wait_all"}
    assert len(found["backtest"]["decomposition"]) == 6
    assert {row["part"] for row in found["parameters"]} >= {"arrivals", "handle_time", "patience", "staffing"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--holdout", "soon"], "names no days"),
        (["--holdout", "25%", "--holdout-takes", "luck"], "cannot be taken"),
        (["--interval", "7 min"], "does not divide a day"),
        (["--weekdays", "someday"], "names no weekdays"),
        (["--special", "maybe"], "exclude or keep"),
        (["--out", "x.csv"], "write a .yaml file"),
        (["--within", "20"], "has no unit"),
    ],
)
def test_a_request_nobody_can_follow(log, tmp_path, more, said):
    """It is refused with what to write, and nothing is written."""
    out = [] if "--out" in more else ["--out", str(tmp_path / "x.yaml")]
    done = RUN.invoke(app, ["fit", str(log), *out, *more])
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("column", ["talk_s", "agent"])
def test_a_log_that_cannot_give_a_part(log, column):
    """The column that is missing is named."""
    with pytest.raises(InputError, match=column):
        csim.fit(csim.read_contacts(log).drop(columns=column), interval="30 min")


def test_a_log_is_replayed(log, tmp_path):
    """csim simulate --trace plays the log's own arrivals in a scenario."""
    out = tmp_path / "fitted.yaml"
    csim.fit(csim.read_contacts(log), interval="30 min").write(out)
    done = RUN.invoke(app, ["simulate", str(out), "--trace", str(log), "-n", "2", "--format", "json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["provenance"]["trace"]["log"] == "quarter.parquet"


def test_names_from_a_log_do_no_harm(tmp_path):
    """A queue and a group called like a formula, or like markup, stay names in every file and on every page."""
    rows = log_of(VOICE, 1)
    rows["queue"] = "=1+1<script>: {x}"
    rows["group"] = "@team # end"
    found = csim.fit(rows, interval="30 min", holdout="25%", source={"log": "a\nb: c", "log_hash": "0"})
    files = found.write(tmp_path / "odd.yaml", "zh")
    scenario = csim.load_scenario(files[-1])
    assert list(scenario.queues) == ["=1+1<script>: {x}"]
    assert scenario.on_duty["@team # end"].max() == 5
    assert "<script>" not in found._repr_html_()
    assert "<script>" not in found.backtest(replications=2)._repr_html_()
    found.to_excel(tmp_path / "odd.xlsx")

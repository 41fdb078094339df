"""Many replications, many variants, many workers: the same numbers, sure enough, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csim
from csim.experiment.compare import planned_cost, probability_best
from csim.experiment.grid import grid, variations

DESK = {
    "csim": "scenario/1",
    "name": "desk",
    "calendar": {"start": "2026-06-01T09:00", "open": "2 h", "timezone": "Asia/Shanghai", "day_factor": {"cv": "5%"}},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 120},
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "lognormal", "mean": "180 s", "cv": 0.9},
            "answer_within": "20 s",
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 7, "cost_per_hour": 40, "shrinkage": "30%"}},
}


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


# -- until it is sure -----------------------------------------------------------------------------------


def test_until_stops_before_it_is_sure():
    """The half-width asked for is reached, and one look earlier it was not."""
    sim = csim.simulate(DESK, replications=10, seed=3, until="service_level ±2%")
    row = sim.kpis.query("queue == 'all' and kpi == 'service_level'").iloc[0]
    assert row["ci_high"] - row["value"] <= 0.02
    assert sim.replications > 10
    before = csim.simulate(DESK, replications=sim.replications * 2 // 3, seed=3)
    row = before.kpis.query("queue == 'all' and kpi == 'service_level'").iloc[0]
    assert row["ci_high"] - row["value"] > 0.02


def test_until_gives_other_numbers_than_a_run_of_its_length():
    """The sequence ends with exactly the tables of a plain run of as many replications."""
    sim = csim.simulate(DESK, replications=10, seed=3, until=["service_level ±3%", "asa@calls ±5 s"])
    same(sim.kpis, csim.simulate(DESK, replications=sim.replications, seed=3).kpis)


def test_until_runs_past_its_ceiling():
    """What cannot be reached ends at the ceiling."""
    assert csim.simulate(DESK, replications=4, seed=3, until="service_level ±0.0001%", at_most=9).replications == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("service_level", "is not readable"), ("service_levl ±1%", "did you mean"), ("asa ±1", "has no unit"),
        ("service_level@desk ±1%", 'no queue "desk"'), ("wait_p99 ±1 s", "choose another KPI"),
        ("service_level ±0%", "never reached"), ("接通率 ±1%", "answer_rate or connect_rate_all"),
    ],
)  # fmt: skip
def test_a_wish_that_means_nothing_is_run(text, words):
    """A wish that cannot be read, or never be reached, is refused before anything runs."""
    with pytest.raises(csim.InputError, match=words):
        csim.simulate(DESK, until=text)


# -- many variants --------------------------------------------------------------------------------------


def test_a_grid_leaves_out_a_combination():
    """Two values each of two paths are four variants, labelled by what varies."""
    base = csim.load_scenario(DESK)
    variants, labels = grid(base, variations(["groups.team.agents=7..8", "queues.calls.answer_within=20 s, 30 s"]))
    assert labels[0] == "agents 7, answer_within 20 s"
    assert [(int(v.on_duty["team"].max()), v.queues["calls"].answer_within) for v in variants] == [
        (5, 20), (5, 30), (6, 20), (6, 30)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["agents", "=3", "groups.team.agents=", "groups.team.agents=9..7", "groups.tem.agents=1..2"]
)
def test_a_grid_over_nothing_is_run(text):
    """A path or values that cannot be read are refused."""
    with pytest.raises(csim.InputError):
        grid(csim.load_scenario(DESK), variations([text]))


def test_the_best_is_not_first():
    """More agents answer faster: the ranking runs from most to fewest, and its intervals are simultaneous."""
    everybody = csim.load_scenario(DESK).vary({"groups.team.shrinkage": "0%"})
    variants, labels = grid(everybody, variations(["groups.team.agents=6..10"]))
    result = csim.compare(variants, replications=40, seed=3, labels=labels)
    table = result.ranking("service_level")
    assert table["scenario"].tolist() == [f"agents {n}" for n in (10, 9, 8, 7, 6)]
    assert table["behind"].iloc[0] == 0
    assert (table["behind"].iloc[1:] < 0).all()
    assert table["p_best"].sum() == pytest.approx(1)
    alone = csim.compare([variants[-1], variants[0]], replications=40, seed=3).differences
    single = alone.query("queue == 'all' and kpi == 'service_level'").iloc[0]
    both = table.set_index("scenario").loc["agents 6"]
    assert both["ci_high"] - both["behind"] > single["ci_high"] - single["difference"]
    assert result.ranking("abandonment_rate")["scenario"].iloc[0] == "agents 10"


def test_scenarios_that_are_equal_have_a_sure_winner():
    """Two equal scenarios share the probability of being best."""
    n, d = np.tile([8.0, 15.0, 9.0], (2, 1)), np.tile([10.0, 20.0, 10.0], (2, 1))
    assert probability_best(n, d, seed=1).tolist() == [0.5, 0.5]


def test_absent_agents_are_not_paid():
    """7 heads less 30 % are 5 on duty (4.9); two hours of the 7.14 heads behind them cost 571.43."""
    assert planned_cost(csim.load_scenario(DESK)) == pytest.approx(5 / 0.7 * 2 * 40)


# -- many workers ---------------------------------------------------------------------------------------


def test_a_killed_worker_takes_its_replications_with_it(tmp_path):
    """A scheduler and two workers on loopback, one killed in the middle: the same table as alone."""
    pytest.importorskip("distributed")
    address, env = "tcp://127.0.0.1:0", os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10"}
    file = tmp_path / "scheduler.json"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    running = [subprocess.Popen([*start, "--no-dashboard", "--scheduler-file", str(file)], env=env, stderr=-3)]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1"]
    running += [
        subprocess.Popen([*work, "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"], cwd=tmp_path, stderr=-3)
        for _ in range(2)
    ]
    try:
        address = _scheduler(file)
        killed: list[int] = []

        def progress(done: int, total: int, contacts: int) -> None:
            if done >= 20 and not killed:
                killed.append(done)
                running[1].kill()

        sim = csim.simulate(DESK, replications=200, seed=3, executor=f"dask:{address}", progress=progress)
        assert killed
        same(sim.kpis, csim.simulate(DESK, replications=200, seed=3).kpis)
    finally:
        for process in running:
            process.kill()
            process.wait()


def _scheduler(file: Path) -> str:
    """The scheduler's address, once it and two workers are there."""
    import json

    from distributed import Client

    deadline = time.monotonic() + 60
    while not file.exists() or not file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    with Client(address, timeout="30s") as client:
        client.wait_for_workers(2, timeout=60)
    return address


def test_a_cluster_that_is_not_there_is_a_traceback():
    """A scheduler that does not answer is a message."""
    pytest.importorskip("distributed")
    with pytest.raises(csim.InputError, match="no dask scheduler answers"):
        csim.simulate(DESK, executor="dask:tcp://127.0.0.1:9", replications=2)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc: Linux only")
@pytest.mark.parametrize("workers", ["serial", "processes:2"])
def test_an_interrupted_run_goes_on(tmp_path, workers):
    """Ctrl-C ends a run in under two seconds, with exit code 130 and no process left."""
    path = tmp_path / "desk.yaml"
    path.write_text(
        "csim: scenario/1\nname: desk\ncalendar: {start: 2026-06-01T09:00, open: 10 h, days: 20}\n"
        "queues: {calls: {channel: voice, arrivals: {per_hour: 600}, patience: never, answer_within: 20 s,\n"
        "  handle_time: {distribution: exponential, mean: 180 s}}}\ngroups: {team: {serves: [calls], agents: 40}}\n"
    )
    command = [sys.executable, "-m", "csim", "simulate", str(path), "-n", "100000", "--workers", workers]
    group = subprocess.Popen(command, stdout=-1, stderr=-1, start_new_session=True)
    time.sleep(8)
    assert group.poll() is None
    began = time.monotonic()
    os.killpg(group.pid, signal.SIGINT)
    _, err = group.communicate(timeout=30)
    assert time.monotonic() - began < 2
    assert group.returncode == 130
    assert b"Traceback" not in err
    assert err.split()[-1] == b"stopped"
    assert _all_ended(group.pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc: Linux only")
def test_an_interruption_in_the_middle_of_a_result_ends(tmp_path):
    """Workers that die halfway through sending a result (400 MB take longer than the wait) hold nobody up."""
    (tmp_path / "large.py").write_text(
        "from csim.experiment.executors import executor_of, in_order\n"
        "def work(plan, part): return [bytes(400_000_000)]\n"
        "if __name__ == '__main__':\n"
        "    with executor_of('processes:2') as executor:\n"
        "        for _ in in_order(work, None, range(1_000_000), executor, 1): print('one', flush=True)\n"
    )
    group = subprocess.Popen([sys.executable, "large.py"], cwd=tmp_path, stdout=-1, stderr=-1, start_new_session=True)
    assert group.stdout is not None
    assert group.stdout.readline() == b"one\n"
    time.sleep(0.2)
    os.kill(group.pid, signal.SIGINT)
    group.communicate(timeout=30)
    assert group.returncode == -signal.SIGINT
    assert _all_ended(group.pid)


def _all_ended(group: int) -> bool:
    """Whether no process of a group is left: multiprocessing's own tracker ends a moment after its parent."""
    for _ in range(50):
        if not _alive(group):
            return True
        time.sleep(0.1)
    return False


def _alive(group: int) -> list[str]:
    """Processes of a group that still run (one that ended and waits to be reaped does not)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, of = rest.split()[:3]
        if int(of) == group and state not in "ZX":
            found.append(name)
    return found

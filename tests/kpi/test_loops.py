"""Machine code for loops: where it pays, kept between processes, made anew when what was kept is broken."""

import subprocess
import sys
import uuid

import numpy as np
import pytest

import csim
from csim import loops

numba = pytest.importorskip("numba")
MEAN = {"distribution": "exponential", "mean": "3 min"}
SOURCE = "def double(rows):\n    for i in range(len(rows)):\n        rows[i] *= 2\n"
PROCESS = """
import sys, numpy as np
from csim.loops import COLD_ROWS, WARM_ROWS, loop
made, rows = loop(sys.argv[1], "double", float(sys.argv[2])), np.ones(3)
if made is None:
    print("none")
else:
    made(rows)
    print(made.file, sum(made.dispatcher.stats.cache_hits.values()), rows.sum())
"""


@pytest.fixture
def source():
    """A source that no process has seen."""
    text = f"# {uuid.uuid4()}\n{SOURCE}"
    yield text
    file = loops._made(text, "double").file
    for path in [file, *file.parent.glob(f"__pycache__/{file.stem}.*")] if file else []:
        path.unlink(missing_ok=True)


def told(source, rows):
    """What another process says: where its machine code is, whether it was there, and what it computes."""
    command = [sys.executable, "-c", PROCESS, source, str(rows)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.split()


def test_another_process_compiles_again(source):
    """What one process compiled the next one loads, also for fewer rows; half a file is as none."""
    assert told(source, loops.WARM_ROWS) == ["none"]  # a few rows are not worth compiling for
    file, *first = told(source, loops.COLD_ROWS)
    assert first == ["0", "6.0"]
    assert told(source, loops.WARM_ROWS) == [file, "1", "6.0"]
    assert told(source, loops.WARM_ROWS - 1) == ["none"]
    made = loops._made(source, "double").file
    assert str(made) == file
    for kept in made.parent.glob(f"__pycache__/{made.stem}.*"):
        kept.write_bytes(kept.read_bytes()[:100])
    assert told(source, loops.COLD_ROWS) == [file, "0", "6.0"]
    assert told(source, loops.COLD_ROWS)[2] == "6.0"


def test_nothing_can_be_written(source, monkeypatch):
    """Without a place to write, every process compiles for itself; without numba, nobody does."""
    monkeypatch.setattr(loops, "_kept", lambda *_: None)
    loops._made.cache_clear()
    rows = np.ones(3)
    loops.loop(source, "double", loops.COLD_ROWS)(rows)
    assert rows.tolist() == [2, 2, 2]
    monkeypatch.setattr(loops, "_has_numba", lambda: False)
    assert loops.loop(source, "double", loops.COLD_ROWS) is None


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_somebody_writes_into_a_shared_column(engine):
    """After simulations the columns that all blocks share still say the same in every row."""
    queue = {"channel": "voice", "arrivals": {"per_hour": 60}, "handle_time": MEAN, "patience": MEAN}
    centre = {
        "csim": "scenario/1", "name": "shared",
        "calendar": {"start": "2026-06-01T09:00", "open": "8 h", "warmup": "1 h"},
        "queues": {"calls": queue}, "groups": {"team": {"serves": ["calls"], "agents": 4}},
    }  # fmt: skip
    csim.simulate(centre, replications=2, engine=engine)
    for value in (-1, 0, 0.0, 20.0, False, np.inf):
        assert (loops.same(value, loops.SHARED_ROWS) == value).all(), value

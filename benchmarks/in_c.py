"""loop.c, compiled by the system's compiler when the bench begins; it is given and gives what csim's engine does."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from functools import cache
from pathlib import Path as File
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.centres import AGENTS, DAY_S, HANDLE_S, INTERVAL_S, PATIENCE_S, RATE, WITHIN_S, Centre
from benchmarks.peers import MissingError, Played
from csim.engine import compiled
from csim.engine.rules import Path, Rules, Stretch

SOURCE = File(__file__).with_name("loop.c")


def compiler() -> str:
    """The C compiler and its version."""
    if shutil.which("cc") is None:
        return "no C compiler"
    return subprocess.run(["cc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]


@cache
def _library() -> ctypes.CDLL:
    """Built in a folder that is gone once it is loaded."""
    if shutil.which("cc") is None:
        raise MissingError("no C compiler")
    with TemporaryDirectory() as folder:
        built = File(folder) / "loop.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", built, SOURCE, "-lm"], check=True)
        return ctypes.CDLL(str(built))


def run(name: str, rules: Rules, day: Stretch) -> Path:
    """The path of a day by a function of loop.c: one queue of calls, one group, patience."""
    count = len(day.arrival)
    path = Path(np.empty(count), np.empty(count), np.empty(count, np.int64), np.empty(count, np.int8), ())
    columns = (day.arrival, day.work, day.deadline, path.answer, path.end, path.agent, path.outcome)
    pointers = (ctypes.c_void_p(column.ctypes.data) for column in columns)
    answered = getattr(_library(), name)(ctypes.c_int64(count), ctypes.c_int64(day.capacity[0]), *pointers)
    if answered < 0:
        raise MemoryError(name)
    return path


def check(name: str, centre: Centre) -> None:
    """Refuses a loop that leaves csim's path in a single bit."""
    for day in centre.days:
        mine, path = run(name, centre.rules, day), compiled.run(centre.rules, day)
        for column in ("answer", "end", "agent", "outcome"):
            if not np.array_equal(getattr(mine, column), getattr(path, column), equal_nan=column == "answer"):
                raise AssertionError(f"{name} of loop.c and csim part in {column}")


def end_to_end(days: int, shortcut: bool) -> Played:
    """Days drawn, played (with a heap of events, or the shortcut) and added up by interval in C alone."""
    intervals, sums_of = int(DAY_S / INTERVAL_S), 10
    sums = np.zeros((intervals, sums_of))
    numbers = (RATE, HANDLE_S, PATIENCE_S, DAY_S, INTERVAL_S, WITHIN_S)
    function = _library().end_to_end
    function.restype = ctypes.c_int64
    offered = function(
        ctypes.c_int64(shortcut), ctypes.c_int64(days), ctypes.c_int64(AGENTS), *map(ctypes.c_double, numbers),
        ctypes.c_void_p(sums.ctypes.data),
    )  # fmt: skip
    if offered < 0:
        raise MemoryError("end_to_end")
    return Played(offered, int(sums[:, 2].sum()))

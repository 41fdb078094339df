"""The machine code kept on disk: never stale, and never needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

import csim

PROGRAM = """
import datetime as dt, time
began = time.process_time()
import numpy as np
from csim.engine.compiled import run
from csim.engine.rules import *
from csim.engine import compiled
rules = [Rules((Line(0, -1, True, 20.0, -1, (0,)),), (Team("desk", ((1, (0,)),), 1, (1.0,)),),
               order, False, np.array([[0]])) for order in (Order.FIFO, Order.LIFO)]
day = Stretch(0.0, 100.0, dt.datetime(2026, 6, 1, 9), np.array([0, 0]), np.array([0.0, 10.0]),
              np.array([60.0, 60.0]), np.zeros(2), np.array([np.inf, np.inf]), np.zeros(2, bool), ((0.0, 0, 1),), (1,))
print([run(by, day).answer.tolist() for by in rules])
found = [compiled._play_plain.stats, compiled._play.stats]
hits = [sum(kernel.cache_hits.values()) - sum(kernel.cache_misses.values()) > 0 for kernel in found]
print(*hits, time.process_time() - began)
"""
RIGHT = "[[0.0, 60.0], [0.0, 60.0]]"  # by shortcut or not, the second of two calls waits 50 s for the first to end
EDITED = "[[0.0, 60.0], [0.0, 10.0]]"
COLD, WARM = (False, False), (True, True)  # machine code read from disk, with and without the shortcut
EDIT = ("now + centre.work[contact], (TALK", "now * centre.work[contact], (TALK")  # as long as before, and wrong


class Installed:
    """A copy of csim in a folder of its own, run in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        source = Path(csim.__file__).parent
        shutil.copytree(source, folder / "csim", ignore=shutil.ignore_patterns("__pycache__"))
        self.file = folder / "csim" / "engine" / "compiled.py"
        self.took_s = 0.0

    def answers(self) -> tuple[str, tuple[bool, ...]]:
        """What PROGRAM prints: the answers of its two calls, and which machine code was read from disk."""
        known = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA_", "XDG_", "PYTHON"))}
        settings = {"PYTHONPATH": str(self.folder), "HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=known | settings, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        answers, how = done.stdout.splitlines()
        *hits, took_s = how.split()
        self.took_s = float(took_s)
        return answers, tuple(hit == "True" for hit in hits)

    def kept(self, kind: str) -> list[Path]:
        """The files of the cache: nbi, the index, and nbc, the machine code."""
        return sorted(self.folder.rglob(f"*.{kind}"))

    def edit(self, before: str, after: str, name: str = "compiled.py") -> None:
        """Another text in a file of the same size and the same time stamp."""
        file = self.file.with_name(name)
        stamp, text = file.stat(), file.read_text()
        assert text.count(before) == 1
        file.write_text(text.replace(before, after))
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


@pytest.mark.slow
def test_an_edited_kernel_is_never_run_from_the_cache(installed):
    """Not even where size and time stamp stay the same, or the index is new and the machine code old."""
    assert installed.answers() == (RIGHT, COLD)
    assert installed.answers() == (RIGHT, WARM)
    old = {path: path.read_bytes() for path in installed.kept("nbc")}
    installed.edit(*EDIT)
    assert installed.answers() == (EDITED, COLD)
    for path, machine_code in old.items():
        path.write_bytes(machine_code)
    assert installed.answers()[0] == EDITED
    installed.edit(*reversed(EDIT))
    assert installed.answers()[0] == RIGHT


@pytest.mark.slow
def test_numbers_that_were_baked_into_machine_code_are_edited_in_vain(installed):
    """What stands in centre.py is part of the machine code, and numba does not look there."""
    assert installed.answers() == (RIGHT, COLD)
    installed.edit("NOBODY, NONE = _numbers(-1, 0)", "NOBODY, NONE = _numbers(-1,+0)", "centre.py")
    assert installed.answers() == (RIGHT, COLD)
    assert installed.answers() == (RIGHT, WARM)


@pytest.mark.slow
def test_a_cache_that_cannot_be_read_is_written_anew(installed):
    """An index or machine code cut off by a crash costs the time to compile, nothing else."""
    assert installed.answers() == (RIGHT, COLD)
    for kind in ("nbi", "nbc"):
        for path in installed.kept(kind):
            path.write_bytes(path.read_bytes()[:100])
        assert installed.answers()[0] == RIGHT
        assert installed.answers() == (RIGHT, WARM)
    for path in installed.kept("nbc"):
        path.write_bytes(b"")
    assert installed.answers()[0] == RIGHT


@pytest.mark.slow
def test_a_package_that_cannot_be_written_to_keeps_its_machine_code_elsewhere(installed):
    """Installed by somebody else: numba goes to the user's own cache; without one, every process compiles."""
    (installed.file.parent / "__pycache__").write_text("a file where a folder would be")
    assert installed.answers() == (RIGHT, COLD)
    assert {path.is_relative_to(installed.home) for path in installed.kept("nbc")} == {True}
    assert installed.answers() == (RIGHT, WARM)
    shutil.rmtree(installed.home)
    installed.home.write_text("no home")
    assert installed.answers() == (RIGHT, COLD)
    assert installed.answers() == (RIGHT, COLD)


@pytest.mark.slow
def test_a_process_starts_warm_in_less_than_a_second_and_a_half(installed):
    """From the first import to the first result, once the machine code is on disk."""
    installed.answers()
    times = []
    for _ in range(5):
        installed.answers()
        times.append(installed.took_s)
    assert min(times) < 1.5

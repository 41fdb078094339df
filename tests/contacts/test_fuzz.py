"""Mangled files: a message, or a count of what was rejected; never a traceback, never a row that is lost silently."""

from __future__ import annotations

import gzip
import random
import warnings

import pytest
from typer.testing import CliRunner

import csim
from csim.cli import app
from csim.contacts.read import read_log

from .mangled import SOURCES, mangled


def a_mangled_file(folder, seed):
    """The path of a mangled file, and the mapping it is for; of a .gz half are broken inside, half outside."""
    rng = random.Random(seed)
    mapping, name, made = SOURCES[seed % len(SOURCES)]
    data = made()
    if name.endswith(".gz") and rng.random() < 0.5:
        data = gzip.compress(mangled(gzip.decompress(data), rng))
    else:
        data = mangled(data, rng)
    path = folder / name
    path.write_bytes(data)
    return path, mapping, data


def lines_with_something(data):
    """Lines after the header that hold more than white space and delimiters: an account of one's own."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b" " if b"\n" in data else b"\n").split(b"\n")[1:]
    return sum(bool(line.strip(b' ,;\t|"')) for line in lines)


def survive(folder, seeds):
    """Reads and measures mangled files; returns how many were read."""
    read = 0
    for seed in seeds:
        path, mapping, data = a_mangled_file(folder, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                found = read_log(path, mapping, most_rejects="100%" if mapping else None)
            except csim.InputError:
                continue
            read += 1
            lost = sum(found.rejected.values()) + sum(found.set_aside.values())
            assert found.rows == found.kept + lost, seed
            assert len(found.rows_lost()) == len(found.rejects) == lost, seed
            if path.suffix in (".csv", ".txt") and b'"' not in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
                assert found.rows == lines_with_something(data), seed
            if found.kept:
                assert (found.table["wait_s"] >= 0).all(), seed
                csim.measure(found.table, within=20)
            found.write_rejects(folder / "rejects.csv")
    return read


def test_a_mangled_file_is_a_traceback(tmp_path):
    """Of 200 mangled files each is read with an account that adds up, or refused with a message."""
    assert 40 < survive(tmp_path, range(200)) < 200


@pytest.mark.slow
def test_one_of_thousands_of_mangled_files_is_a_traceback(tmp_path):
    """The same of 5,000."""
    assert survive(tmp_path, range(200, 5200)) > 1000


@pytest.mark.parametrize("seed", range(1000, 1000 + 3 * len(SOURCES)))
def test_a_mangled_file_ends_a_command_badly(tmp_path, seed):
    """csim measure ends with 0 or 2, and on 2 has printed no result."""
    path, mapping, _ = a_mangled_file(tmp_path, seed)
    options = ["--mapping", mapping, "--rejects", str(tmp_path / "rejects.csv")] if mapping else []
    done = CliRunner().invoke(app, ["measure", str(path), "--format", "json", *options])
    if isinstance(done.exception, csim.InputError):  # main() turns it into a message and exit code 2
        return
    assert done.exit_code == 0, done.exception

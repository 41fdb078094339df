"""Runs the command line in this process, with streams of any encoding, and keeps what it said."""

import io
import json
import sys
from dataclasses import dataclass
from unittest import mock

import pytest

from csim import cli

CENTRE = """\
csim: scenario/1
name: small
calendar: {start: 2026-06-01T09:15, timezone: Asia/Shanghai, days: 2, open: 1 h, interval: 30 min}
queues:
  售前:
    channel: voice
    arrivals: {per_hour: 30}
    patience: {distribution: exponential, mean: 3 min}
    handle_time: {distribution: exponential, mean: 4 min}
    answer_within: 20 s
  "=HYPERLINK(\\"x\\")":
    channel: voice
    arrivals: {per_hour: 20}
    patience: {distribution: exponential, mean: 3 min}
    handle_time: {distribution: exponential, mean: 4 min}
    answer_within: 30 s
    quick_abandons: excluded
  "[red]x[/red]":
    channel: voice
    arrivals: {per_hour: 20}
    patience: {distribution: exponential, mean: 3 min}
    handle_time: {distribution: exponential, mean: 4 min}
    answer_within: 20 s
groups:
  team: {serves: ["售前", "=HYPERLINK(\\"x\\")", "[red]x[/red]"], agents: 5}
kpis:
  in_a_minute: {numerator: answered and wait <= 60, denominator: offered, en: Answered in a minute, zh: 一分钟内接听}
"""


@dataclass(frozen=True)
class Said:
    """Exit code and what went to stdout and stderr, as bytes and as text."""

    code: int
    raw: bytes
    raw_err: bytes
    encoding: str

    @property
    def out(self):
        return self.raw.decode(self.encoding)

    @property
    def err(self):
        return self.raw_err.decode(self.encoding)

    @property
    def json(self):
        return json.loads(self.out)


def run(*words, encoding="utf-8"):
    """`csim WORDS…`; a crash of csim comes through as itself."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for _ in range(2))
    code = 0
    with mock.patch.multiple(sys, argv=["csim", *map(str, words)], stdout=out, stderr=err):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            for stream in (out, err):
                stream.flush()
    return Said(code, out.buffer.getvalue(), err.buffer.getvalue(), encoding)


@pytest.fixture(scope="session")
def csim_cli():
    return run


@pytest.fixture
def centre(tmp_path, monkeypatch):
    """A folder of its own, as the current one, with small.yaml in it; relative names keep messages short."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(CENTRE, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """What `simulate --out` wrote for two replications."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "small.yaml").write_text(CENTRE, encoding="utf-8")
    assert run("simulate", folder / "small.yaml", "-n", 2, "--out", folder / "out").code == 0
    return folder / "out"

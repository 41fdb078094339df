"""A small centre as text, which a test changes in one place before it is loaded."""

import pytest

import csim

CENTRE = """\
csim: scenario/1
name: branch
calendar:
  start: 2026-06-01T09:00
  timezone: Asia/Shanghai
  days: 2
  open: 2 h
  interval: 30 min
queues:
  calls:
    channel: voice
    arrivals: {per_hour: 60}
    patience: {distribution: exponential, mean: 3 min}
    handle_time: {distribution: exponential, mean: 4 min}
    answer_within: 20 s
  chats:
    channel: chat
    arrivals: {per_interval: [5, 10, 10, 5]}
    patience: never
    handle_time: {distribution: lognormal, mean: 5 min, cv: 0.9}
    after_work: {distribution: exponential, mean: 30 s}
    answer_within: 1 min
groups:
  phones:
    serves: [calls]
    agents: 6
  online:
    serves: [chats]
    agents: {per_interval: [3, 3, 4, 4]}
    concurrency: 2
    pace: [1, 0.9]
routing:
  contact: fifo
"""
MARK = "¦"  # stands where a mistake is to be found


class Branch:
    """Writes the centre into a folder, changed, and loads it."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "branch.yaml"

    def text(self, *edits):
        """The centre with every (old, new) replaced once."""
        text = CENTRE
        for old, new in edits:
            assert old in text, f"the centre holds no {old!r}"
            text = text.replace(old, new, 1)
        return text

    def write(self, content, name="branch.yaml"):
        """A file beside the scenario; text as UTF-8."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, *edits):
        return csim.load_scenario(self.write(self.text(*edits)))

    def refusal(self, *edits):
        """The error of a changed centre, and the (line, column) of every mark in it, in file order."""
        text = self.text(*edits)
        places, clean = [], ""
        for piece in text.split(MARK)[:-1]:
            clean += piece
            places.append((clean.count("\n") + 1, len(clean) - clean.rfind("\n")))
        self.write(text.replace(MARK, ""))
        with pytest.raises(csim.InputError) as caught:
            csim.load_scenario(self.path)
        return caught.value, places


@pytest.fixture
def branch(tmp_path):
    return Branch(tmp_path)


@pytest.fixture
def days():
    """The volumes of both days of the centre as rows (date, time, number)."""
    clock = ("09:00", "09:30", "10:00", "10:30")
    return [(f"2026-06-0{day}", time, 10 * day + i) for day in (1, 2) for i, time in enumerate(clock)]

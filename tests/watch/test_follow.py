"""A growing log: whole lines only, rotation survived, missing files waited for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

import csim
from csim.watch.follow import GrowingLog, follow, read_logs

from .logs import log

HEAD = "contact_id,queue,arrival,wait_s,outcome\n"


def line(number: int | str, wait: float = 5) -> str:
    """A line of a log."""
    return f"{number},calls,2026-06-01T09:00:00+08:00,{wait},answered\n"


def followed(path: Path, steps: Sequence[Callable[[], object]]) -> tuple[list[pd.DataFrame], list[str]]:
    """Looks, then does the first step, looks, …: what each look that changed something gave, and what was said."""
    seen: list[pd.DataFrame] = []
    said: list[str] = []
    left = iter(steps)

    def pause() -> bool:
        step = next(left, None)
        if step is not None:
            step()
        return step is not None

    follow(GrowingLog(path, csim.read_contacts, said.append), seen.append, pause, said.append)
    return seen, said


def appended(path: Path, text: str) -> Callable[[], object]:
    """Somebody appends."""

    def write() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return write


def test_a_half_written_line_waits_for_its_end(tmp_path):
    """A line without its end is not read; nor is a number cut short."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1), encoding="utf-8")
    second = line(2, 345)
    seen, said = followed(path, [appended(path, second[:-14]), appended(path, second[-14:]), lambda: None])
    assert [len(found) for found in seen] == [1, 1, 2]
    assert seen[-1]["wait_s"].tolist() == [5, 345]
    assert not said


def test_nothing_new_is_no_work(tmp_path):
    """A look at an unchanged file hands nothing on."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1), encoding="utf-8")
    seen, _ = followed(path, [lambda: None] * 3)
    assert len(seen) == 1


def test_a_file_that_comes_later(tmp_path):
    """It is waited for, which is said once; heads alone are no contacts yet."""
    path = tmp_path / "log.csv"
    steps = [lambda: None, appended(path, HEAD), appended(path, line(1))]
    seen, said = followed(path, steps)
    assert [len(found) for found in seen] == [1]
    assert said == ["waiting for log.csv: not there yet"]


def test_rotation_loses_nothing(tmp_path):
    """Truncated and begun anew, replaced by another file, moved away: what was read stays."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1) + line(2), encoding="utf-8")

    def replaced() -> None:
        other = tmp_path / "other"
        other.write_text(HEAD + line(4) + line(5) + line(6) + line(7), encoding="utf-8")
        os.replace(other, path)

    def gone() -> None:
        path.rename(tmp_path / "log.csv.1")

    steps = [lambda: path.write_text(HEAD + line(3), encoding="utf-8"), replaced, gone, appended(path, HEAD + line(8))]
    seen, said = followed(path, steps)
    assert [found["contact_id"].tolist() for found in seen][-1] == [str(i) for i in range(1, 9)]
    assert [len(found) for found in seen] == [2, 3, 7, 8]
    assert sum("was replaced" in text for text in said) == 1


def test_a_new_file_that_is_longer_than_the_old_one(tmp_path):
    """Overwritten in place by other, more lines: seen by how it begins."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1), encoding="utf-8")
    seen, _ = followed(path, [lambda: path.write_text(HEAD + line(2) + line(3), encoding="utf-8")])
    assert seen[-1]["contact_id"].tolist() == ["1", "2", "3"]


def test_a_file_that_cannot_be_read_for_a_while(tmp_path):
    """A broken line leaves the last good reading standing, said once; mended, it is read again."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1), encoding="utf-8")
    steps = [
        appended(path, "2,calls,2026-06-01T09:00:00+08:00,lots,answered\n"), lambda: None,
        lambda: path.write_text(HEAD + line(1) + line(2), encoding="utf-8"),
    ]  # fmt: skip
    seen, said = followed(path, steps)
    assert [len(found) for found in seen] == [1, 2]
    assert len(said) == 2  # not readable; replaced
    assert "wait_s" in said[0] or "number" in said[0]


def test_a_parquet_half_written(tmp_path):
    """Bytes that are no parquet yet are waited out."""
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 half")
    seen, said = followed(path, [lambda: log([0.8], per_day=10).to_parquet(path)])
    assert [len(found) for found in seen] == [10]
    assert "cannot be read now" in said[0]


def test_a_folder_of_logs(tmp_path):
    """Files come and grow; a contact that stands in two of them counts once, as the later file has it."""
    (tmp_path / "a.csv").write_text(HEAD + line(1) + line(2), encoding="utf-8")
    steps = [
        lambda: (tmp_path / "b.csv").write_text(HEAD + line(2, 9) + line(3), encoding="utf-8"),
        lambda: (tmp_path / "readme.md").write_text("not a log"), lambda: (tmp_path / "a.csv").unlink(),
    ]  # fmt: skip
    seen, said = followed(tmp_path, steps)
    assert [len(found) for found in seen] == [2, 3]
    assert seen[-1].set_index("contact_id")["wait_s"].to_dict() == {"1": 5, "2": 9, "3": 5}
    assert any("several files" in text for text in said)


def test_a_folder_read_once(tmp_path):
    """The same without following; an empty folder is a mistake."""
    with pytest.raises(csim.InputError, match="no log in this folder"):
        read_logs(tmp_path, csim.read_contacts)
    (tmp_path / "a.csv").write_text(HEAD + line(1), encoding="utf-8")
    (tmp_path / "b.csv").write_text(HEAD + line(1, 7) + line(2), encoding="utf-8")
    assert read_logs(tmp_path, csim.read_contacts)["wait_s"].tolist() == [7, 5]


def test_what_is_not_there_yet_is_said_once(tmp_path):
    """A log without the vendor's contacts is no end: it is waited for."""
    path = tmp_path / "log.csv"
    path.write_text(HEAD + line(1), encoding="utf-8")
    said: list[str] = []

    def each(contacts: pd.DataFrame) -> None:
        raise csim.InputError("no contact of V in the log")

    steps = iter([appended(path, line(2)), appended(path, line(3))])

    def pause() -> bool:
        step = next(steps, None)
        if step is not None:
            step()
        return step is not None

    follow(GrowingLog(path, csim.read_contacts, said.append), each, pause, said.append)
    assert len(said) == 1


def test_logs_of_two_zones_are_one(tmp_path):
    """A parquet file in a named zone and a csv file with an offset: one column of times, whole and followed."""
    log([0.7], per_day=10).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text(HEAD + line("late"), encoding="utf-8")
    whole = read_logs(tmp_path, csim.read_contacts)
    (seen,), _ = followed(tmp_path, [lambda: None])
    for found in (whole, seen):
        assert str(found["arrival"].dt.tz) == "Asia/Shanghai"
        assert f"{found['arrival'].iloc[-1]}" == "2026-06-01 09:00:00+08:00"

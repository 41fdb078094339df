"""A growing log read again and again: half-written lines, rotation, a file that is not there yet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from csim.display.words import Words
from csim.errors import InputError, Mistake

LINES = (".csv", ".tsv", ".txt")  # files of lines, whose last one may be half written
KINDS = (*LINES, ".parquet", ".gz", ".xlsx")
HEAD_BYTES = 4096
Read = Callable[[Path], pd.DataFrame]


@dataclass(frozen=True)
class Mark:
    """By what a file is known again: the same file, as large, as old, beginning alike."""

    inode: int
    size: int
    changed: int
    head: bytes

    @classmethod
    def of(cls, path: Path) -> Mark | None:
        """None where there is no file."""
        try:
            found = path.stat()
            with path.open("rb") as file:
                return cls(found.st_ino, found.st_size, found.st_mtime_ns, file.read(HEAD_BYTES))
        except OSError:
            return None

    def replaced(self, before: Mark) -> bool:
        """Whether this is another file under the same name, or the same one begun anew."""
        alike = self.head[: len(before.head)] == before.head  # a number of a file may be given again to the next
        return self.inode != before.inode or self.size < before.size or not alike


@dataclass
class GrowingLog:
    """
    A log file, or a folder of them, that somebody else is writing.

    Each look reads what has changed. Of a file of lines only whole lines are read. Where a file is replaced or begun
    anew, the contacts read of it before are kept, under those with the same id that come after. A file that cannot
    be read at the moment leaves the last good reading standing. What happened is said once, by `say`.

    Args:
        path: The file or folder. read: Reads one file. say: Takes a remark.
    """

    path: Path
    read: Read
    say: Callable[[str], None]
    lang: str = "en"
    _marks: dict[Path, Mark] = field(default_factory=dict)
    _now: dict[Path, pd.DataFrame] = field(default_factory=dict)
    _before: dict[Path, pd.DataFrame] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)

    def look(self) -> pd.DataFrame | None:
        """Every contact known by now, each id once; None where nothing has changed since the last look."""
        changed = False
        for file in self._files():
            mark = Mark.of(file)
            if mark is not None and mark != self._marks.get(file):
                changed |= self._take(file, mark)
        return self._together() if changed else None

    def _files(self) -> list[Path]:
        files = log_files(self.path) if self.path.is_dir() else [self.path] if self.path.exists() else []
        if not files:
            self._remark("watch_waiting", log=self.path.name)
        return files

    def _take(self, file: Path, mark: Mark) -> bool:
        """Reads a file that has changed; whether that gave anything."""
        before = self._marks.get(file)
        if before is not None and mark.replaced(before) and file in self._now:
            self._remark("watch_rotated", log=file.name)
            self._before[file] = merged(self._before.get(file), self._now.pop(file))
        self._marks[file] = mark
        try:
            found = whole_lines(file, self.read) if file.suffix.lower() in LINES else self.read(file)
        except InputError as error:
            self._remark("watch_unreadable", log=file.name, why=error.mistakes[0].what)
            return False
        if found is None:
            return False
        self._now[file] = found
        return True

    def _together(self) -> pd.DataFrame:
        parts = [merged(self._before.get(file), found) for file, found in self._now.items()]
        parts += [found for file, found in self._before.items() if file not in self._now]
        whole = joined(parts)
        twice = int(whole["contact_id"].duplicated().sum())
        if twice:
            self._remark("watch_twice", count=f"{twice:,}")
            whole = whole.drop_duplicates("contact_id", keep="last")
        return whole.reset_index(drop=True)

    def _remark(self, key: str, **values: str) -> None:
        text = Words(self.lang)(key, **values)
        if text not in self._said:
            self._said.add(text)
            self.say(text)


def read_logs(path: Path, read: Read) -> pd.DataFrame:
    """
    A log, or all logs of a folder as one; of a contact that stands in several, the last.

    Raises:
        InputError: No such file, an empty folder, what a file gets wrong.
    """
    if not path.is_dir():
        return read(path)
    files = log_files(path)
    if not files:
        raise InputError([Mistake(f"no log in this folder: put files there ({', '.join(KINDS)})", "", str(path))])
    whole = joined([read(file) for file in files])
    return whole.drop_duplicates("contact_id", keep="last").reset_index(drop=True)


def log_files(folder: Path) -> list[Path]:
    """The files of a folder that may be logs, by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in KINDS and file.is_file())


def merged(before: pd.DataFrame | None, after: pd.DataFrame) -> pd.DataFrame:
    """
    Contacts read before and after; of an id that stands in both, the later row.

    Examples:
        >>> early, late = (pd.DataFrame({"contact_id": list(ids), "n": n}) for ids, n in (("ab", 1), ("bc", 2)))
        >>> merged(early, late)[["contact_id", "n"]].to_numpy().tolist()
        [['a', 1], ['b', 2], ['c', 2]]
    """
    if before is None:
        return after
    return joined([before[~before["contact_id"].isin(after["contact_id"])], after])


def joined(logs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """
    Logs one under the other, times on the clock of the first: pandas would make plain objects of two zones.

    Examples:
        >>> utc, east = (pd.DataFrame({"arrival": pd.to_datetime([at])})
        ...              for at in ("2026-06-01T01:00Z", "2026-06-01T09:30+08:00"))
        >>> joined([utc, east])["arrival"].dt.strftime("%H:%M %Z").tolist()
        ['01:00 UTC', '01:30 UTC']
    """
    zones: dict[str, Any] = {}
    parts = []
    for log in logs:
        clocks = {name: column.dt.tz for name, column in log.items() if isinstance(column.dtype, pd.DatetimeTZDtype)}
        zones = {**clocks, **zones}
        moved = {name: log[name].dt.tz_convert(zones[name]) for name, zone in clocks.items() if zone != zones[name]}
        parts.append(log.assign(**moved))
    return pd.concat(parts, ignore_index=True)


def whole_lines(file: Path, read: Read) -> pd.DataFrame | None:
    """What a file of lines holds up to its last line end; None where there is no whole line below the heads."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    whole = data[: data.rfind(b"\n") + 1]
    if whole.count(b"\n") < 2:
        return None
    if len(whole) == len(data):
        return read(file)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / os.path.basename(file)
        copy.write_bytes(whole)
        return read(copy)


def follow(
    log: GrowingLog, each: Callable[[pd.DataFrame], None], pause: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """
    Looks, hands on what has changed, pauses, until *pause* says that it is enough (or Ctrl-C).

    What the log does not give yet (no contact of the vendor in the month) is said once and waited for.
    """
    told = ""
    while True:
        contacts = log.look()
        if contacts is not None:
            try:
                each(contacts)
                told = ""
            except InputError as error:
                if str(error) != told:
                    say(told := str(error))
        if not pause():
            return

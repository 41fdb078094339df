"""Reading csim's own logs (CSV or parquet): required columns, known words, sane numbers, nothing lost silently."""

from __future__ import annotations

import warnings
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from csim.contacts.columns import AGENT_STATES, CONTACTS, OUTCOMES, STATES, Column
from csim.errors import InputError, Mistake, did_you_mean

if TYPE_CHECKING:
    from csim.contacts.intake import Intake
    from csim.contacts.mappings import LogMapping

AnyMapping: TypeAlias = "str | Path | Mapping[str, Any] | LogMapping"
MOST_MISTAKES = 20


def read_contacts(path: str | Path, mapping: AnyMapping | None = None) -> pd.DataFrame:
    """
    A contact log, one row per contact: csim's own format, or a vendor's export through a mapping.

    Args:
        path: Without a mapping a .csv or .parquet file with at least contact_id, queue, arrival (with zone), wait_s
            and outcome; unknown columns are kept, and one mistake refuses the file.
        mapping: A ready-made mapping ("bank"), a mapping file, or a dict of that shape. Rows that cannot be read are
            counted then, with a warning; `read_log` gives the whole account.

    Raises:
        InputError: Missing columns, unreadable cells, unknown outcomes, ids that stand twice — with their lines;
            through a mapping, more rejected rows than it allows.

    Examples:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "log.csv"
        ...     _ = path.write_text("contact_id,queue,arrival,wait_s,outcome\\n"
        ...                         "1,calls,2026-06-01T09:00:00+08:00,5,answered\\n")
        ...     float(read_contacts(path)["wait_s"].iloc[0])
        5.0
    """
    if mapping is not None:
        return _warned(read_log(path, mapping))
    frame, file = _table(path), str(path)
    frame = _typed(frame, CONTACTS, file)
    mistakes = _unknown_words(frame, "outcome", OUTCOMES, file)
    mistakes += _rows(frame["wait_s"].isna() | (frame["wait_s"] < 0), "wait_s is missing or negative", "wait_s", file)
    mistakes += _rows(frame["wait_s"] == np.inf, "wait_s is endless", "wait_s", file)
    for name in ("contact_id", "queue"):
        mistakes += _rows(frame[name].isna(), f"{name} is missing", name, file)
    twice = frame["contact_id"].duplicated() & frame["contact_id"].notna()
    mistakes += _rows(twice, "contact_id stands twice: keep one", "contact_id", file)
    mistakes += _rows(frame["arrival"].isna(), "arrival is missing", "arrival", file)
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES])
    return frame.reset_index(drop=True)


def read_log(path: str | Path, mapping: AnyMapping, kind: str = "contacts", most_rejects: str | None = None) -> Intake:
    """
    A vendor's log (or agent states: *kind* "states") through a mapping, with the account of all its rows.

    Args:
        most_rejects: The share of rows ("20%") that may be rejected; default: the mapping's.

    Examples:
        >>> import tempfile, pathlib
        >>> queues = {"csim": "mapping/1", "name": "mine", "timezone": "Asia/Shanghai", "contacts": {
        ...     "contact_id": "no", "queue": {"constant": "calls"}, "arrival": "start", "wait_s": "waited",
        ...     "outcome": {"column": "result", "words": {"接通": "answered", "放弃": "abandoned"}}}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "log.csv"
        ...     rows = ["no,start,waited,result", "1,2026/6/1 9:00,0:05,接通", "2,2026/6/1 9:01,1:10,放弃", *[
        ...             f"{n},2026/6/1 9:02,0:00,接通" for n in range(3, 10)], "10,2026/6/1 9:03,soon,接通"]
        ...     _ = path.write_text("\\n".join(rows), encoding="utf-8")
        ...     print(read_log(path, queues).text())
        10 rows: 9 kept, 1 rejected, 0 set aside by rule
          rejected: wait_s is no duration: 1
    """
    from csim.contacts.mappings import load_mapping
    from csim.contacts.reading import mapped_contacts, mapped_states

    known = load_mapping(mapping).allowing(most_rejects)
    return mapped_contacts(path, known) if kind == "contacts" else mapped_states(path, known)


def _warned(found: Intake) -> pd.DataFrame:
    if found.rejected:
        warnings.warn(found.text(), LogWarning, stacklevel=3)
    return found.table


class LogWarning(UserWarning):
    """Rows of a log were rejected."""


def read_states(path: str | Path, mapping: AnyMapping | None = None) -> pd.DataFrame:
    """Agent states: agent, state, from, to, and what else is known; csim's own format, or through a mapping."""
    if mapping is not None:
        return _warned(read_log(path, mapping, "states"))
    frame, file = _table(path), str(path)
    frame = _typed(frame, AGENT_STATES, file)
    mistakes = _unknown_words(frame, "state", STATES, file)
    mistakes += _rows(~(frame["to"] >= frame["from"]), 'a state ends before it begins (or has no "to")', "to", file)
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES])
    return frame


def _table(path: str | Path) -> pd.DataFrame:
    file = Path(path)
    if not file.exists():
        raise InputError([Mistake("no such file: write the path of a log (.csv or .parquet)", "", str(path))])
    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        if file.suffix == ".csv":
            return _text_table(file)
    except Exception as error:  # readers raise many kinds; each is a file that cannot be read
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError([Mistake(f"cannot be read as a {file.suffix[1:]} file: {why}", "", str(path))]) from None
    raise InputError([Mistake(f'"{file.suffix}" is no log format here: write .csv or .parquet', "", str(path))])


def _text_table(file: Path) -> pd.DataFrame:
    """All cells as they are written ("NA" and "007" are names); blank lines are dropped, line numbers kept."""
    frame = pd.read_csv(
        file, encoding="utf-8-sig", dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False
    )
    known = {column.name for column in (*CONTACTS, *AGENT_STATES)}
    for name in frame.columns.difference(list(known)):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if numbers.notna().sum() == frame[name].notna().sum():
            frame[name] = numbers
    return frame.dropna(how="all")


def _typed(frame: pd.DataFrame, columns: tuple[Column, ...], file: str) -> pd.DataFrame:
    absent = [column.name for column in columns if column.required and column.name not in frame.columns]
    if absent:
        raise InputError(
            [
                Mistake(f'column "{name}" is missing; {did_you_mean(name, map(str, frame.columns))}', "", file, 1)
                for name in absent
            ]
        )
    mistakes: list[Mistake] = []
    result = frame.copy()
    for column in columns:
        if column.name in frame.columns and column.kind != "text":
            result[column.name], found = _converted(frame[column.name], column, file)
            mistakes += found
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES])
    return result


def _converted(values: pd.Series, column: Column, file: str) -> tuple[pd.Series, list[Mistake]]:
    if column.kind == "time":
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            return values, []
        text = values.astype("string")
        naive = text.notna() & ~text.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True, na=False)
        found = _rows(naive, 'a time without zone: write for example "2026-06-01T09:00:00+08:00"', column.name, file)
        times = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
        if found or not times.notna().any():
            return times, found or _rows(times.isna() & text.notna(), "is no time", column.name, file)
        zone = _zone_of(times, text)
        local = times.dt.tz_convert(zone) if zone else times
        return local, found or _rows(times.isna() & text.notna(), "is no time", column.name, file)
    if column.kind == "flag" and values.dtype == bool:
        return values.astype(float), []
    words = values.replace({"true": 1, "false": 0, "True": 1, "False": 0}) if column.kind == "flag" else values
    numbers = pd.to_numeric(words, errors="coerce").astype(float)
    return numbers, _rows(numbers.isna() & values.notna(), "is no number", column.name, file)


def _zone_of(times: pd.Series, text: pd.Series) -> str | None:
    """
    A zone in which all instants show the clock that was written: the offset itself, or, where clocks change
    within the log, any zone of the world that changes them so.
    """
    offset = text.str.extract(r"(Z|[+-]\d{2}:?\d{2})$")[0].replace("Z", "+00:00").str.replace(":", "")
    seen = pd.DataFrame({"at": times, "offset": offset}).dropna()
    offsets = seen["offset"].unique()
    if len(offsets) == 1:
        return f"UTC{offsets[0][:3]}:{offsets[0][3:]}"
    sample = seen.groupby([seen["at"].dt.date, "offset"])["at"].agg(["min", "max"]).reset_index("offset")
    for zone in sorted(zoneinfo.available_timezones()):
        if all((sample[end].dt.tz_convert(zone).dt.strftime("%z") == sample["offset"]).all() for end in ("min", "max")):
            return zone
    return None


def _unknown_words(frame: pd.DataFrame, name: str, known: tuple[str, ...], file: str) -> list[Mistake]:
    wrong = ~frame[name].astype(str).isin(known)
    lines = wrong[wrong].index[:MOST_MISTAKES]
    return [
        Mistake(
            f'"{frame[name].loc[i]}" is no {name}: {did_you_mean(frame[name].loc[i], known)}', name, file, int(i) + 2
        )
        for i in lines
    ]


def _rows(wrong: pd.Series, what: str, name: str, file: str) -> list[Mistake]:
    """The first few wrong rows by line, and how many there are in all."""
    lines = [int(i) + 2 for i in wrong[wrong].index]
    shown = [Mistake(what, name, file, line) for line in lines[:3]]
    if len(lines) > 3:
        shown.append(Mistake(f"{what} — in {len(lines)} rows in all", name, file))
    return shown

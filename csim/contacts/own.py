"""Logs in csim's own format: required columns, known words, sane numbers; one mistake refuses the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from csim.contacts.cells import at_once
from csim.contacts.columns import AGENT_STATES, CONTACTS, OUTCOMES, STATES, Column
from csim.contacts.instants import zone_of
from csim.contacts.intake import Intake, Reason, no_rejects
from csim.contacts.private import key, personal
from csim.contacts.source import read_raw
from csim.display.notes import Note
from csim.errors import InputError, Mistake, did_you_mean

MOST_MISTAKES = 20


def own_contacts(path: str | Path) -> Intake:
    """A contact log, one row per contact; unknown columns are kept."""
    frame, notes = _table(path)
    file = str(path)
    frame = _typed(frame, CONTACTS, file)
    mistakes = _unknown_words(frame, "outcome", OUTCOMES, file)
    mistakes += _rows(frame["wait_s"].isna() | (frame["wait_s"] < 0), "wait_s is missing or negative", "wait_s", file)
    mistakes += _rows(frame["wait_s"] == np.inf, "wait_s is endless", "wait_s", file)
    for name in ("contact_id", "queue"):
        mistakes += _rows(frame[name].isna(), f"{name} is missing", name, file)
    if len(frame["contact_id"].unique()) < len(frame):
        twice = frame["contact_id"].duplicated() & frame["contact_id"].notna()
        mistakes += _rows(twice, "contact_id stands twice: keep one", "contact_id", file)
    mistakes += _rows(frame["arrival"].isna(), "arrival is missing", "arrival", file)
    if "customer_id" in frame:
        frame["customer_id"], told = _without_numbers(frame["customer_id"])
        notes += told
    return _accepted(frame, mistakes, notes)


def _without_numbers(ids: pd.Series) -> tuple[pd.Series, tuple[Note, ...]]:
    """Customers without telephone numbers and addresses: those stand under their hashes."""
    found = personal(ids)
    if not found.any():
        return ids, ()
    mine = key()
    return ids.astype("str").where(~found, mine.column(ids.astype("str"))), (mine.note,)


def own_states(path: str | Path) -> Intake:
    """Agent states: agent, state, from, to, and what else is known."""
    frame, notes = _table(path)
    file = str(path)
    frame = _typed(frame, AGENT_STATES, file)
    mistakes = _unknown_words(frame, "state", STATES, file)
    mistakes += _rows(~(frame["to"] >= frame["from"]), 'a state ends before it begins (or has no "to")', "to", file)
    return _accepted(frame, mistakes, notes)


def _accepted(frame: pd.DataFrame, mistakes: list[Mistake], notes: tuple[Note, ...]) -> Intake:
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES])
    return Intake(frame.reset_index(drop=True), len(frame), no_rejects(), notes=notes)


def _table(path: str | Path) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """All cells as they are written ("NA" and "007" are names), under the number of their line less two."""
    if Path(path).suffix.lower() == ".parquet" and Path(path).is_file():
        try:
            return pd.read_parquet(path), ()
        except Exception as error:  # readers raise many kinds; each is a file that cannot be read
            why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
            raise InputError([Mistake(f"cannot be read as a parquet file: {why}", "", str(path))]) from None
    raw = read_raw(path)
    if raw.broken:
        found = [Mistake(Reason(key).text("en"), "", str(path), line) for line, key, _ in raw.broken]
        raise InputError(found[:MOST_MISTAKES])
    frame = raw.table.set_axis(raw.line - 2, axis=0)
    known = {column.name for column in (*CONTACTS, *AGENT_STATES)}
    for name in frame.columns.difference(list(known)):
        numbers = at_once(frame[name], "double")
        if numbers is not None:
            frame[name] = numbers.to_numpy()
    return frame, raw.notes


def _typed(frame: pd.DataFrame, columns: tuple[Column, ...], file: str) -> pd.DataFrame:
    absent = [column.name for column in columns if column.required and column.name not in frame.columns]
    if len(absent) > 2:
        what = "is not in csim's own format: say how to read it with --mapping, or start one with csim new mapping FILE"
        raise InputError([Mistake(f"{what} (columns {', '.join(absent)} are missing)", "", file, 1)])
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
        text = values.astype("str")
        alike = at_once(text, pa.timestamp("us", "UTC"))
        if alike is not None:
            times = alike.set_axis(values.index)
            zone = zone_of(times, text) if times.notna().any() else None
            return (times.dt.tz_convert(zone) if zone else times), []
        naive = text.notna() & ~text.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True, na=False)
        found = _rows(naive, 'a time without zone: write for example "2026-06-01T09:00:00+08:00"', column.name, file)
        times = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
        if found or not times.notna().any():
            return times, found or _rows(times.isna() & text.notna(), "is no time", column.name, file)
        zone = zone_of(times, text)
        local = times.dt.tz_convert(zone) if zone else times
        return local, found or _rows(times.isna() & text.notna(), "is no time", column.name, file)
    if column.kind == "flag" and values.dtype == bool:
        return values.astype(float), []
    words = values.replace({"true": 1, "false": 0, "True": 1, "False": 0}) if column.kind == "flag" else values
    alike = at_once(words, "double") if words.dtype == "str" else None
    if alike is not None:
        return alike.set_axis(values.index), []
    numbers = pd.to_numeric(words, errors="coerce").astype(float)
    return numbers, _rows(numbers.isna() & values.notna(), "is no number", column.name, file)


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

"""A vendor's log read through a mapping: contacts (or agent states) in csim's columns, and the account of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from csim.contacts.database import is_database, read_query, refuse_address
from csim.contacts.instants import wall_times
from csim.contacts.intake import REJECTED, SET_ASIDE, Fates, Intake, Reason
from csim.contacts.mapped import Mapped
from csim.contacts.mappings import LogMapping
from csim.contacts.private import row_shown, shape
from csim.contacts.raw import Raw
from csim.contacts.source import read_raw
from csim.display.notes import Note
from csim.errors import InputError, Mistake, did_you_mean

ONLY_ANSWERED = (
    "agent",
    "group",
    "assigned",
    "talk_s",
    "after_work_s",
    "session_s",
    "first_response_s",
    "mean_response_s",
)


def mapped_contacts(path: str | Path, mapping: LogMapping) -> Intake:
    """Contacts of a vendor's log: rows with their ids made unique or rejected, instants in the mapping's zone."""
    raw = _raw(path, mapping, "contacts")
    _refuse_absent(raw, mapping, "contacts", str(path))
    work = Mapped(raw, mapping.file, "contacts")
    frame = work.frame()
    _unique_ids(frame, work)
    _only_answered(frame, work)
    return _intake(frame, work, mapping, str(path))


def mapped_states(path: str | Path, mapping: LogMapping) -> Intake:
    """Agent states of a vendor's log: what ends before it begins is rejected."""
    if not mapping.file.states:
        what = (
            f'the mapping "{mapping.file.name}" says nothing of agent states: write "states:" with our columns under it'
        )
        raise InputError([mapping.mistake(what, ())])
    raw = _raw(path, mapping, "states")
    _refuse_absent(raw, mapping, "states", str(path))
    work = Mapped(raw, mapping.file, "states")
    frame = work.frame()
    work.fates.reject((frame["to"] < frame["from"]).to_numpy(), "backwards", "to")
    return _intake(frame, work, mapping, str(path))


def _raw(path: str | Path, mapping: LogMapping, kind: str) -> Raw:
    """The rows of a file, or of the mapping's query."""
    if not is_database(path):
        return read_raw(path, mapping.file.file, mapping.file.columns(kind))
    refuse_address(path)
    source = mapping.file.source
    query = None if source is None else source.query if kind == "contacts" else source.states
    if source is None or query is None:
        key = "query" if kind == "contacts" else "states"
        raise InputError([mapping.mistake(f'no query: write "source: {{{key}: select …}}", or --query', ("source",))])
    return read_query(query, source.connection)


def _refuse_absent(raw: Raw, mapping: LogMapping, kind: str, file: str) -> None:
    """Columns that a required one of ours needs and the file does not have."""
    heads = list(raw.heads)
    sources = mapping.file.contacts if kind == "contacts" else mapping.file.states
    required = Mapped(raw, mapping.file, kind)
    mistakes = []
    for column in required.known:
        source = sources.get(column.name)
        if column.required and source is not None and not required.present(source):
            names = sorted(source.columns() - set(source.where))
            what = (
                f'no column "{names[0]}" in the file, from which {column.name} comes; {did_you_mean(names[0], heads)}'
            )
            mistakes.append(Mistake(what, column.name, file, mapping.file.file.header_line))
    if mistakes:
        raise InputError(mistakes)


def _unique_ids(frame: pd.DataFrame, work: Mapped) -> None:
    """A second row with an id is rejected, or numbered where the mapping says so (ids that a system uses again)."""
    source = work.sources["contact_id"]
    if source.newest is not None:
        _only_newest(frame, work, source.newest)
    kept = work.fates.kept
    ids = frame["contact_id"].where(kept)
    if len(ids[kept].unique()) == kept.sum():
        return
    again = ids[kept].duplicated().reindex(frame.index, fill_value=False).to_numpy(dtype=bool)
    if source.twice == "reject":
        work.fates.reject(again, "twice", "contact_id")
        return
    number = ids[kept].groupby(ids[kept]).cumcount().reindex(frame.index, fill_value=0)
    frame["contact_id"] = ids.where(~again, ids + "-" + (number + 1).astype("str"))
    work.notes.append(Note("intake_numbered", {"count": int(again.sum()), "column": "contact_id"}))


def _only_newest(frame: pd.DataFrame, work: Mapped, column: str) -> None:
    """Of several deliveries of one contact the newest; of equals the last in the file."""
    when = wall_times(work.cells(column), None)[0]
    kept = np.flatnonzero(work.fates.kept)
    order = kept[np.argsort(when.to_numpy()[kept], kind="stable")]  # what says no time comes last
    order = np.concatenate([order[when.isna().to_numpy()[order]], order[when.notna().to_numpy()[order]]])
    older = np.zeros(len(frame), dtype=bool)
    older[order] = frame["contact_id"].iloc[order].duplicated(keep="last").to_numpy()
    work.fates.set_aside(older & frame["contact_id"].notna().to_numpy(), "older_copy")


def _only_answered(frame: pd.DataFrame, work: Mapped) -> None:
    """What only an answered contact can have is left out of the others, and told."""
    other = (frame["outcome"] != "answered").to_numpy(dtype=bool) & work.fates.kept
    wrong = np.zeros(len(frame), dtype=bool)
    for name in ONLY_ANSWERED:
        if name in frame:
            wrong |= other & frame[name].notna().to_numpy()
            frame[name] = frame[name].mask(other)
    if wrong.any():
        work.notes.append(Note("intake_unanswered", {"count": int(wrong.sum())}))


def _intake(frame: pd.DataFrame, work: Mapped, mapping: LogMapping, file: str) -> Intake:
    kept = work.fates.kept
    table = frame[kept].reset_index(drop=True)
    zone = mapping.file.timezone or work.zone_written()
    for column in work.known:
        if column.kind == "time" and column.name in table and zone is not None:
            table[column.name] = table[column.name].dt.tz_convert(zone)
    rejects, lost = _rejects(work.raw, work.fates)
    found = Intake(table, work.raw.rows, rejects, lambda: _rows_lost(work, lost), (*work.raw.notes, *work.notes))
    _refuse_too_many(found, mapping, file)
    return found


def _rejects(raw: Raw, fates: Fates) -> tuple[pd.DataFrame, np.ndarray]:
    """Every row that was not kept, in the order of lines, and its place: those that are broken after all others."""
    lost = np.flatnonzero(~fates.kept)
    places = fates.code[lost]
    lines = np.concatenate([raw.line[lost], np.array([line for line, _, _ in raw.broken], dtype=np.int64)])
    fate = [SET_ASIDE if place in fates.aside else REJECTED for place in places] + [REJECTED] * len(raw.broken)
    reasons = [fates.reasons[place - 1] for place in places] + [Reason(key) for _, key, _ in raw.broken]
    at = np.concatenate([lost, len(raw.table) + np.arange(len(raw.broken))]).astype(np.int64)
    rejects = pd.DataFrame({"line": lines, "fate": fate, "reason": pd.Series(reasons, dtype=object)})
    order = np.argsort(lines, kind="stable")
    return rejects.iloc[order].reset_index(drop=True), at[order]


def _rows_lost(work: Mapped, places: np.ndarray) -> list[str]:
    """Rows as they are written, without personal data: of a broken row, whose cells nobody can tell, only its shape."""
    raw, whole = work.raw, places[places < len(work.raw.table)]
    told, hashed = work.told(), work.hashed_heads()
    shown = iter([row_shown(raw.heads, cells, told, hashed, work.key) for cells in raw.cells(whole)])
    return [next(shown) if place < len(raw.table) else shape(raw.broken[place - len(raw.table)][2]) for place in places]


def _refuse_too_many(found: Intake, mapping: LogMapping, file: str) -> None:
    """A log of which too much is rejected was probably read with the wrong mapping."""
    rejected, most = found.rejected, mapping.file.most_rejects
    lost = sum(rejected.values())
    if not lost or lost <= most * found.rows:
        return
    mistakes = []
    for reason, count in rejected.items():
        line = int(found.rejects.loc[found.rejects["reason"] == reason, "line"].iloc[0])
        mistakes.append(Mistake(f"{reason.text('en')} — in {count:,} rows in all", reason.column, file, line))
    what = (
        f'{lost:,} of {found.rows:,} rows cannot be read with the mapping "{mapping.file.name}", more than {most:.0%}: '
        'mend the mapping, or write "most_rejects: …" into it (--most-rejects)'
    )
    raise InputError([Mistake(what, "", file), *mistakes])

"""Reading logs: csim's own format, refused whole where a row is wrong, and vendors' exports through a mapping."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

from csim.contacts.database import is_database
from csim.contacts.intake import Intake
from csim.contacts.own import own_contacts, own_states

if TYPE_CHECKING:
    from csim.contacts.mappings import LogMapping

AnyMapping: TypeAlias = "str | Path | Mapping[str, Any] | LogMapping"
OWN = "csim"  # the mapping of csim's own columns
Kind: TypeAlias = Literal["contacts", "states"]


class LogWarning(UserWarning):
    """What reading a log found out, and the rows that were rejected."""


def read_contacts(path: str | Path, mapping: AnyMapping | None = None, *, filled: bool = False) -> pd.DataFrame:
    """
    A contact log, one row per contact: csim's own format, or a vendor's export through a mapping.

    Args:
        path: A .csv, .tsv (also .gz), .xlsx or .parquet file. Without a mapping it has at least contact_id, queue,
            arrival (with zone), wait_s and outcome; unknown columns are kept, and one mistake refuses the file.
        mapping: A ready-made mapping ("bank"), a mapping file, or a dict of that shape. Rows that cannot be read are
            counted then, with a warning; `read_log` gives the whole account.
        filled: Refuse a log without a contact.

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
    found = read_log(path, mapping)
    return _warned(found.filled(path) if filled else found)


def read_states(path: str | Path, mapping: AnyMapping | None = None) -> pd.DataFrame:
    """Agent states: agent, state, from, to, and what else is known; csim's own format, or through a mapping."""
    return _warned(read_log(path, mapping, "states"))


def _warned(found: Intake) -> pd.DataFrame:
    if found.rejected or any(not note.key.startswith("intake_hashed") for note in found.notes):
        warnings.warn(found.text(), LogWarning, stacklevel=3)
    return found.table


def read_log(
    path: str | Path,
    mapping: AnyMapping | None = None,
    kind: Kind = "contacts",
    most_rejects: str | None = None,
    query: str | None = None,
) -> Intake:
    """
    A log (or agent states: *kind* "states"), with the account of all its rows.

    Args:
        mapping: See `read_contacts`.
        path: A file, or "postgresql:" for a database: its address stands in the environment (CSIM_DATABASE).
        query: What to ask the database; default: the mapping's own query.
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
    if mapping is None and is_database(path):
        mapping = OWN  # a table with csim's columns
    if mapping is None:
        return own_contacts(path) if kind == "contacts" else own_states(path)
    from csim.contacts.mappings import load_mapping
    from csim.contacts.reading import mapped_contacts, mapped_states

    known = load_mapping(mapping).allowing(most_rejects).asking(query)
    return mapped_contacts(path, known) if kind == "contacts" else mapped_states(path, known)

"""Any file of a vendor as rows of text: delimited text (also .gz), Excel, parquet, JSON; large ones by duckdb."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.arrow import read_parquet, text_raw
from csim.contacts.encodings import as_utf8
from csim.contacts.lines import Rows, delimiter_of, rows_of, twice_in
from csim.contacts.mapping import FileForm
from csim.contacts.raw import Raw, heads_meant
from csim.display.notes import Note
from csim.errors import InputError, Mistake

LARGE = 20_000_000  # bytes from which duckdb reads the cells, where it is installed
FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".tab", ".log"), "text"),
    **dict.fromkeys((".xlsx", ".xlsm"), "excel"),
    ".parquet": "parquet",
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
}


def read_raw(
    path: str | Path, form: FileForm | None = None, names: Iterable[str] | None = None, large: int = LARGE
) -> Raw:
    """
    The rows of a file, every cell as text.

    Args:
        form: How it is written; what is not said is found out.
        names: The columns that are needed; None for all. Of a large text the others are not read.
        large: Bytes from which duckdb is asked for the cells; the rows are the same either way.

    Raises:
        InputError: No such file, no format that csim reads, or a file that is broken as a whole.
    """
    form, file = form or FileForm(), Path(path)
    if not file.is_file():
        why = "is a folder: write the path of one log" if file.is_dir() else "no such file: write the path of a log"
        raise InputError([Mistake(why, "", str(path))])
    packed = file.suffix.lower() == ".gz"
    ending = Path(file.stem).suffix.lower() if packed else file.suffix.lower()
    kind = form.format or FORMATS.get(ending)
    if kind is None or (packed and kind in ("excel", "parquet")):
        known = ".csv, .tsv, .txt, .jsonl (each also .gz), .xlsx or .parquet"
        raise InputError([Mistake(f'"{file.suffix}" is no log format here: write {known}', "", str(path))])
    try:
        if kind == "text":
            return _text(_bytes(file, packed), form, str(path), names, large)
        if kind == "json":
            return _json(_bytes(file, packed), form, str(path))
        return _excel(file, form) if kind == "excel" else read_parquet(file)
    except InputError:
        raise
    except Exception as error:  # readers raise many kinds; each is a file that cannot be read
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        name = {"excel": "an Excel", "parquet": "a parquet", "json": "a JSON"}.get(kind, "a text")
        raise InputError([Mistake(f"cannot be read as {name} file: {why}", "", str(path))]) from None


def _bytes(file: Path, packed: bool) -> bytes:
    if not packed:
        return file.read_bytes()
    try:
        return gzip.decompress(file.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        what = f"is a broken .gz file ({error}): it was cut off, or changed on the way; get it once more"
        raise InputError([Mistake(what, "", str(file))]) from None


# -- delimited text ---------------------------------------------------------------------------------------


def _text(data: bytes, form: FileForm, file: str, names: Iterable[str] | None, large: int) -> Raw:
    text = as_utf8(data, form.encoding, file)
    del data
    delimiter = form.delimiter or delimiter_of(text.data, form.header_line)
    rows = rows_of(text.data, text.bad, delimiter, form.header_line, quotes=form.quotes)
    _refuse_heads(rows.heads, file, form.header_line)
    needed = set(heads_meant(rows.heads, names).values()) if names is not None else set(rows.heads)
    table = _cells(rows, needed, delimiter, form.quotes, large)
    notes = text.notes
    expected = "\t" if file.lower().removesuffix(".gz").endswith((".tsv", ".tab")) else ","
    if form.delimiter is None and delimiter != expected:
        notes += (Note("intake_delimiter", {"delimiter": {"\t": "tab"}.get(delimiter, delimiter)}),)

    def cells(some: np.ndarray) -> list[list[str]]:
        if not form.quotes:
            return [row.split(delimiter) for row in rows.text(some)]
        return [next(csv.reader([row], delimiter=delimiter), []) for row in rows.text(some)]

    return Raw(table, rows.line, rows.broken, tuple(rows.heads), cells, notes)


def _refuse_heads(heads: Sequence[str], file: str, line: int) -> None:
    if not any(heads):
        raise InputError([Mistake(f"no header: line {line} should name the columns", "", file, line)])
    if twice := twice_in(list(heads)):
        raise InputError([Mistake(f'column "{name}" stands twice in the header', "", file, line) for name in twice])


def _cells(rows: Rows, needed: set[str], delimiter: str, quotes: bool, large: int) -> pd.DataFrame:
    """The cells of whole rows; duckdb and pandas find the same, since all that is odd has been mended before."""
    places = [place for place, head in enumerate(rows.heads) if head in needed]
    heads = [rows.heads[place] or f"column {place + 1}" for place in places]
    if not len(rows.line) or not places:
        return pd.DataFrame({head: pd.Series(dtype="str") for head in heads}, index=pd.RangeIndex(len(rows.line)))
    if len(rows.data) >= large and importlib.util.find_spec("duckdb") is not None:
        table = _by_duckdb(rows, places, delimiter, quotes)
        if len(table) == len(rows.line):
            return table.set_axis(heads, axis=1)
    table = pd.read_csv(
        io.BytesIO(rows.data), sep=delimiter, header=None, names=list(range(len(rows.heads))), usecols=places,
        dtype="str", keep_default_na=False, na_values=[""], skip_blank_lines=False, quoting=0 if quotes else 3,
        index_col=False,
    )  # fmt: skip
    return table.set_axis(heads, axis=1)


def _by_duckdb(rows: Rows, places: list[int], delimiter: str, quotes: bool) -> pd.DataFrame:
    import duckdb

    names = [f"c{place}" for place in range(len(rows.heads))]
    longest = int((rows.ends - rows.begins).max()) + 2
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        there = Path(folder) / "rows.csv"
        there.write_bytes(rows.data)
        database.execute("SET enable_progress_bar = false")  # its bar would stand among the results
        mark = '"' if quotes else ""
        found = database.read_csv(
            str(there), header=False, delimiter=delimiter, quotechar=mark, escapechar=mark, all_varchar=True,
            columns=dict.fromkeys(names, "VARCHAR"), auto_detect=False, max_line_size=max(longest, 2_000_000),
            na_values="",
        )  # fmt: skip
        table = found.select(", ".join(names[place] for place in places)).to_arrow_table()
    return pd.DataFrame({name: table[name].to_pandas() for name in table.column_names})


# -- tables whose cells have kinds ------------------------------------------------------------------------


def _excel(file: Path, form: FileForm) -> Raw:
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    if form.sheet is not None and form.sheet not in book.sheetnames:
        what = f'no sheet "{form.sheet}": it has {", ".join(book.sheetnames)}'
        raise InputError([Mistake(what, "file.sheet", str(file))])
    sheet = book[form.sheet] if form.sheet is not None else book.worksheets[0]
    cells = [[_as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    heads = [(head or "").strip() for head in cells[form.header_line - 1]] if len(cells) >= form.header_line else []
    while heads and not heads[-1]:
        heads.pop()
    _refuse_heads(heads, str(file), form.header_line)
    width, rows, lines, broken = len(heads), [], [], []
    for line, row in enumerate(cells[form.header_line :], form.header_line + 1):
        if not any(row):
            continue
        if any(row[width:]):
            broken.append((line, "fields", "\t".join(cell or "" for cell in row)))
            continue
        rows.append((row + [None] * width)[:width])
        lines.append(line)
    names = [head or f"column {place}" for place, head in enumerate(heads, 1)]
    return text_raw(pd.DataFrame(rows, columns=names, dtype="str"), np.array(lines, dtype=np.int64), tuple(broken))


def _as_text(cell: Any) -> str | None:
    """A cell of a workbook as a person would write it: 5, not 5.0; a date at midnight is a date."""
    import datetime as dt

    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.timedelta):
        return repr(cell.total_seconds())
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


# -- JSON -------------------------------------------------------------------------------------------------


def _json(data: bytes, form: FileForm, file: str) -> Raw:
    """Objects, one a line, one after the other, or in a list; inner keys are joined with a dot."""
    text = as_utf8(data, form.encoding, file)
    written = text.data.decode("utf-8").lstrip("\ufeff")
    records: list[dict[str, str | None]] = []
    lines: list[int] = []
    broken = [(line, "bytes", shown) for line, shown in text.bad.items()]
    reader, at, line = json.JSONDecoder(), 0, 1
    while at < len(written):
        if written[at] in " \t\r\n,[]\ufeff":
            line += written[at] == "\n"
            at += 1
            continue
        try:
            found, end = reader.raw_decode(written, at)
        except (ValueError, RecursionError):
            found, end = None, (written.find("\n", at) + 1 or len(written) + 1) - 1
        if isinstance(found, dict):
            records.append(flat(found))
            lines.append(line)
        else:
            broken.append((line, "json", written[at:end]))
        line += written.count("\n", at, end)
        at = max(end, at + 1)
    if not records:
        raise InputError([Mistake("holds no JSON object: write one record a line", "", file, 1)])
    heads = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in heads}
    raw = text_raw(pd.DataFrame(columns, dtype="str"), np.array(lines, dtype=np.int64), tuple(broken))
    return Raw(raw.table, raw.line, raw.broken, raw.heads, raw.cells, text.notes)


def flat(record: dict[str, Any], before: str = "") -> dict[str, str | None]:
    """
    A record without records inside it.

    Examples:
        >>> flat({"Agent": {"Username": "li", "NumberOfHolds": 2}, "Queue": None, "Tags": ["a", "b"]})
        {'Agent.Username': 'li', 'Agent.NumberOfHolds': '2', 'Queue': None, 'Tags': '["a", "b"]'}
    """
    found: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            found |= flat(value, f"{name}.")
        else:
            found[name] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else _as_text(value)
    return found

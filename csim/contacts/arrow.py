"""Tables whose columns have kinds (parquet, a database) as rows of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csim.contacts.lines import twice_in
from csim.contacts.raw import Raw
from csim.errors import InputError, Mistake


def read_parquet(file: Path) -> Raw:
    """The rows of a parquet file; lines are counted from 1."""
    import pyarrow.parquet as pq

    return raw_of(pq.read_table(file), str(file))


def raw_of(table: pa.Table, file: str = "") -> Raw:
    """
    The rows of a table as text.

    Examples:
        >>> raw_of(pa.table({"wait": [5.5, None], "done": [True, False]})).table.values.tolist()
        [['5.5', 'true'], [nan, 'false']]
    """
    if twice := twice_in(table.column_names):
        raise InputError([Mistake(f'column "{name}" stands twice', "", file) for name in twice])
    columns = {name: _as_text(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return text_raw(frame.mask(frame == ""), np.arange(len(frame)) + 1)


def text_raw(table: pd.DataFrame, line: np.ndarray, broken: tuple[tuple[int, str, str], ...] = ()) -> Raw:
    """A table of text as `Raw`."""

    def cells(some: np.ndarray) -> list[list[str]]:
        return [list(row) for row in table.iloc[some].fillna("").itertuples(index=False, name=None)]

    return Raw(table, line, broken, tuple(table.columns), cells)


def _as_text(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=kind.storage_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        pattern = "%Y-%m-%dT%H:%M:%S" + ("Z" if kind.tz else "")
        column = pc.strftime(column.cast(pa.timestamp("us", kind.tz and "UTC")), pattern)
    elif pa.types.is_duration(kind):
        column = pc.divide(column.cast(pa.duration("us")).cast(pa.int64()).cast(pa.float64()), 1e6)
    elif pa.types.is_interval(kind):
        column = _each(column, lambda span: repr((span.months * 30 + span.days) * 86400 + span.nanoseconds / 1e9))
    try:
        return column.cast(pa.large_string()).to_pandas().astype("str")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _each(column, str).to_pandas().astype("str")


def _each(column: pa.ChunkedArray, text: Callable[[Any], str]) -> pa.ChunkedArray:
    cells = [None if cell is None else text(cell) for cell in column.to_pylist()]
    return pa.chunked_array([pa.array(cells, pa.string())])

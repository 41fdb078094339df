"""Any file of a vendor as rows of text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from csim.contacts.mapping import MappingFile
from csim.contacts.raw import Raw
from csim.errors import InputError, Mistake


def read_raw(path: str | Path, mapping: MappingFile, kind: str) -> Raw:
    """The rows of a file, whatever its format."""
    file = Path(path)
    if not file.exists():
        raise InputError([Mistake("no such file: write the path of a log", "", str(path))])
    table = pd.read_csv(
        file, sep=mapping.file.delimiter or ",", encoding=mapping.file.encoding or "utf-8-sig", dtype=str,
        keep_default_na=False, na_values=[""], quoting=0 if mapping.file.quotes else 3,
    )  # fmt: skip
    return Raw(
        table, np.arange(len(table)) + 2, text=lambda rows: table.iloc[rows].fillna("").agg("\t".join, axis=1).tolist()
    )

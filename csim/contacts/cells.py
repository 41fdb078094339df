"""Cells as people and systems write them: durations, numbers and flags from text, a column at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from csim import units

SECONDS_PER = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
LARGEST = 1e12  # a number beyond is no measurement; squares of it would run over
_CLOCK = re.compile(r"(-?)(?:(\d+)[:\uff1a])?(\d+)[:\uff1a](\d{1,2}(?:[.,]\d+)?)")
_ISO = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE
)
_DAYS = re.compile(r"(-?)(\d+) days? \+?(\d+:\d\d:\d\d(?:\.\d+)?)")
TRUE = ("true", "yes", "y", "1", "是", "已", "有")
FALSE = ("false", "no", "n", "0", "否", "未", "无")


def durations(cells: pd.Series, unit: str = "s") -> np.ndarray:
    """
    Seconds of durations; NaN where a cell is empty or no duration.

    A plain number is in *unit*; h:mm:ss, mm:ss, ISO 8601 ("PT1M3S") and "1 min 3 s" say their own.

    Examples:
        >>> durations(pd.Series(["63", "0:01:03", "01:03", "PT1M3S", "1分3秒", "a while", None])).tolist()
        [63.0, 63.0, 63.0, 63.0, 63.0, nan, nan]
    """
    return _numbers_else(cells, duration, SECONDS_PER[unit])


def numbers(cells: pd.Series) -> np.ndarray:
    """
    Numbers; NaN where a cell is empty, endless, or no number.

    Examples:
        >>> numbers(pd.Series(["4.5", "1,234", "95%", "inf", "five"])).tolist()
        [4.5, 1234.0, 0.95, nan, nan]
    """
    return _numbers_else(cells, _number, 1.0)


def flags(cells: pd.Series) -> np.ndarray:
    """
    1 for yes, 0 for no, NaN where a cell is empty or neither.

    Examples:
        >>> flags(pd.Series(["TRUE", "否", "1", "maybe"])).tolist()
        [1.0, 0.0, 1.0, nan]
    """
    meaning = dict.fromkeys(TRUE, 1.0) | dict.fromkeys(FALSE, 0.0)
    return _each(cells, lambda cell: meaning.get(cell.lower(), np.nan))


def _numbers_else(cells: pd.Series, other: Callable[[str], float], scale: float) -> np.ndarray:
    """Most cells are plain numbers, read at once; what is none is read cell by cell."""
    plain = at_once(cells, "double")
    if plain is None:
        plain = pd.to_numeric(cells, errors="coerce")
    found = plain.to_numpy(dtype=float, na_value=np.nan) * scale
    odd = np.isnan(found) & cells.notna().to_numpy(dtype=bool)
    if odd.any():
        found = found.copy()
        found[odd] = _each(cells[odd], other)
    return np.where(np.abs(found) <= LARGEST, found, np.nan)


def at_once(cells: pd.Series, kind: Any) -> pd.Series | None:
    """All cells of a column as Arrow reads them, or None where one of them is written otherwise."""
    import pyarrow as pa

    try:
        return pa.array(cells, type=pa.large_string(), from_pandas=True).cast(kind).to_pandas()
    except pa.ArrowInvalid:
        return None


def _each(cells: pd.Series, read: Callable[[str], float]) -> np.ndarray:
    """Each distinct text is read once."""
    codes, words = pd.factorize(cells)
    values = np.array([read(str(word).strip()) for word in words] + [np.nan], dtype=float)
    return values[codes]


def duration(text: str) -> float:
    """
    Seconds of one duration that says its units; NaN for what is none.

    Examples:
        >>> duration("-0:00:57"), duration("1 days 00:00:01"), duration("P1DT1S"), duration("12:75")
        (-57.0, 86401.0, 86401.0, nan)
    """
    if found := _DAYS.fullmatch(text):
        sign, days, clock = found.groups()
        return (-1 if sign else 1) * int(days) * 86400 + duration(clock)
    if found := _CLOCK.fullmatch(text):
        sign, hour, minute, second = found.groups()
        late = float(second.replace(",", ".")) >= 60 or (hour is not None and int(minute) >= 60)
        total = int(hour or 0) * 3600 + int(minute) * 60 + float(second.replace(",", "."))
        return np.nan if late else -total if sign else total
    if (found := _ISO.fullmatch(text)) and text.upper().strip("-") not in ("P", "PT"):
        sign, *parts = found.groups()
        total = sum(float(part or 0) * by for part, by in zip(parts, (86400, 3600, 60, 1), strict=True))
        return -total if sign else total
    try:
        return units.seconds(text)
    except ValueError:
        return np.nan


def _number(text: str) -> float:
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return float(text.replace(",", ""))
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*[%\uff05]", text)
    return float(found[1]) / 100 if found else np.nan

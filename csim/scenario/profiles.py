"""Volumes and staffing by interval: from one number, a list, weekdays, or a CSV beside the scenario."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from csim.errors import InputError, Mistake, did_you_mean
from csim.scenario.calendar import Days
from csim.scenario.model import WEEKDAYS, Agents, Arrivals, Profile
from csim.schema.located import Located
from csim.schema.located import Path as YamlPath


def profile(given: Profile, days: Days, folder: Path, located: Located, path: YamlPath) -> np.ndarray:
    """
    One number per day and interval, as an array [days, intervals].

    Args:
        given: Arrivals (expected contacts per interval) or Agents (heads).
        days: The open days.
        folder: Where relative files are looked for.
        located: The file, for the place of a mistake at *path*.

    `times` multiplies them; heads are then rounded to whole people, halves up.

    Raises:
        InputError: A list of the wrong length, a weekday that is open but not given, a file with mistakes.
    """
    numbers = _as_given(given, days, folder, located, path)
    if given.times is None:
        return numbers
    scaled = numbers * given.times
    return np.floor(np.round(scaled, 9) + 0.5) if isinstance(given, Agents) else scaled


def _as_given(given: Profile, days: Days, folder: Path, located: Located, path: YamlPath) -> np.ndarray:
    if isinstance(given, Arrivals) and given.per_hour is not None:
        return np.full((len(days), days.intervals), given.per_hour * days.interval_s / 3600)
    if isinstance(given, Agents) and given.always is not None:
        return np.full((len(days), days.intervals), float(given.always))
    if given.per_interval is not None:
        return np.tile(_one_day(given.per_interval, days, located, (*path, "per_interval")), (len(days), 1))
    if given.per_weekday is not None:
        return _by_weekday(given.per_weekday, days, located, (*path, "per_weekday"))
    names: dict[type[Profile], str] = {Arrivals: "expected", Agents: "agents"}
    column = given.column or names.get(type(given), "factor")
    return _from_file(folder / str(given.file), column, days, isinstance(given, Agents), located, path)


def _one_day(numbers: tuple, days: Days, located: Located, path: YamlPath) -> np.ndarray:
    if len(numbers) != days.intervals:
        what = f"found {len(numbers)} numbers, expected {days.intervals}: one per interval from {days.clock[0]}"
        raise InputError([located.mistake(what, path)])
    return np.array(numbers, dtype=float)


def _by_weekday(given: dict, days: Days, located: Located, path: YamlPath) -> np.ndarray:
    absent = [day for day in WEEKDAYS if day in days.weekdays and day not in given]
    if absent:
        raise InputError([located.mistake(f"{', '.join(absent)} missing: the calendar is open then", path)])
    lists = {day: _one_day(numbers, days, located, (*path, day)) for day, numbers in given.items()}
    return np.array([lists[day] for day in days.weekdays])


def read_text(file: Path, located: Located, path: YamlPath) -> str:
    """The text of a file that the scenario names; a missing or unreadable one is a mistake at *path*."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        raise InputError([located.mistake(f'file "{file.name}" {why} (looked in {file.parent})', path)]) from None


def _from_file(file: Path, column: str, days: Days, whole: bool, located: Located, path: YamlPath) -> np.ndarray:
    text = read_text(file, located, path)
    key, table, mistakes = _table(text, str(file), column, tuple(days.clock), whole)
    if mistakes:
        raise InputError(mistakes[:20])
    wanted = days.weekdays if key == "weekday" else [str(date) for date in days.dates]
    for when in dict.fromkeys(wanted):
        gaps = np.flatnonzero(np.isnan(table.get(when, (math.nan,) * days.intervals)))
        if len(gaps):
            what = f"{when} {days.clock[gaps[0]]} is missing ({len(gaps)} of {days.intervals} intervals of that day)"
            raise InputError([Mistake(what, column, str(file))])
    return np.array([table[when] for when in wanted])


@lru_cache(maxsize=64)
def _table(
    text: str, file: str, column: str, clocks: tuple[str, ...], whole: bool
) -> tuple[str, dict[str, tuple[float, ...]], tuple[Mistake, ...]]:
    """
    Whether dates or weekdays stand in it, the numbers of each by interval, and the mistakes in its rows.

    Kept, because a scenario that is varied names the same files again and again; the text itself is the key.
    """
    rows = list(csv.reader(text.splitlines()))
    header = [name.strip() for name in rows[0]] if rows else []
    key = next((name for name in ("date", "weekday") if name in header), None)
    absent = [name for name in ("time", column) if name not in header]
    if key is None or absent:
        missing = ", ".join(([] if key else ["date (or weekday)"]) + absent)
        hint = f"; {did_you_mean(column, header)}" if column in absent else ""
        raise InputError([Mistake(f"columns missing: {missing}{hint}", "", file, 1)])
    places = header.index(key), header.index("time"), header.index(column)
    table: dict[str, list[float]] = {}
    mistakes: list[Mistake] = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            when, clock, number = _entry([row[place] for place in places], column, clocks, whole)
            numbers = table.setdefault(when, [math.nan] * len(clocks))
            if not math.isnan(numbers[clocks.index(clock)]):
                raise ValueError(f"{when} {clock} stands twice: keep one")
            numbers[clocks.index(clock)] = number
        except (ValueError, IndexError) as error:
            why = "the row is too short" if isinstance(error, IndexError) else str(error)
            mistakes.append(Mistake(why, column, file, line))
    return key, {when: tuple(numbers) for when, numbers in table.items()}, tuple(mistakes)


def _entry(cells: Sequence[str], column: str, clocks: tuple[str, ...], whole: bool) -> tuple[str, str, float]:
    """The date (or weekday), time and number of a row; a ValueError says what is wrong with it."""
    when, clock, number = cells[0].strip().lower(), cells[1].strip().zfill(5), _number(cells[2])
    if clock not in clocks:
        raise ValueError(f'time "{clock}" begins no interval: the day has {", ".join(clocks[:2])}, …')
    if number is None or (whole and number != int(number)):
        found = cells[2].strip() or "blank"
        raise ValueError(f"{column} is {found}: write a {'whole ' if whole else ''}number, 0 or more")
    return when, clock, number


def _number(cell: str) -> float | None:
    """A finite number, 0 or more; else None."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def sample(file: Path, located: Located, path: YamlPath) -> tuple[float, ...]:
    """Durations in seconds, one per line, of an empirical distribution (a header line is allowed)."""
    lines = read_text(file, located, path).splitlines()
    values, mistakes = [], []
    for number, line in enumerate(lines, start=1):
        cell = line.split(",")[0].strip()
        value = _number(cell)
        if value is not None:
            values.append(value)
        elif cell and (number > 1 or cell.lstrip("+-").replace(".", "").isdigit()):
            mistakes.append(Mistake(f'"{cell[:30]}" is no duration in seconds', "", str(file), number))
    if not values and not mistakes:
        mistakes.append(Mistake("no durations found: write one per line, in seconds", "", str(file)))
    if mistakes:
        raise InputError(mistakes[:20])
    return tuple(values)

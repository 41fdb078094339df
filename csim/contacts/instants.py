"""Instants from the clocks of many systems: zones, changes of clocks, and calls over midnight."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csim.contacts.cells import at_once, durations

_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"
_DIRECTIVES = {
    "yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d", "hh": "%H", "ss": "%S", "fff": "%f", "ampm": "%p", "mon": "%b",
}  # fmt: skip
_EPOCH = {"epoch": 1.0, "epoch_ms": 1e-3}
EARLIEST, LATEST = pd.Timestamp("1970-01-01"), pd.Timestamp("2200-01-01")


@dataclass
class Clock:
    """A zone, its rules for times that happened twice or never, and how often they were used."""

    zone: str | None
    twice: str = "first"
    never: str = "shift"
    used: dict[str, int] = field(default_factory=lambda: {"twice": 0, "never": 0})


def directives(pattern: str) -> str:
    """
    The pattern of a date as `strptime` wants it; minutes are the mm after hh.

    Examples:
        >>> directives("dd/mm/yyyy hh:mm:ss"), directives("yymmdd"), directives("%d.%m.%Y")
        ('%d/%m/%Y %H:%M:%S', '%y%m%d', '%d.%m.%Y')
    """
    if "%" in pattern or pattern in _EPOCH:
        return pattern
    before, hours, rest = pattern.partition("hh")
    rest = rest.replace("mm", "%M", 1)
    for word, directive in _DIRECTIVES.items():
        before, rest = before.replace(word, directive), rest.replace(word, directive)
    return before + ("%H" if hours else "") + rest


def wall_times(cells: pd.Series, pattern: str | None) -> tuple[pd.Series, np.ndarray]:
    """
    What clocks showed, and where a cell says its own offset: the instants in UTC then, and True.

    Without a *pattern* the year comes first: 2026-06-01T09:00:05, 2026/6/1 9:00, 2026年6月1日 9:00:05, 20260601.

    Examples:
        >>> shown, own = wall_times(pd.Series(["2026/6/1 9:00", "2026-06-01T09:00:00+08:00"]), None)
        >>> [str(time) for time in shown], own.tolist()
        (['2026-06-01 09:00:00', '2026-06-01 01:00:00'], [False, True])
    """
    if pattern is None and (found := _written_alike(cells)) is not None:
        return found
    codes, words = pd.factorize(cells)
    text = pd.Series(np.asarray(words, dtype=object), dtype="str").str.strip()
    own = text.str.contains(r"[T ]\d{1,2}:?\d{2}.*" + _OFFSET, regex=True).to_numpy(dtype=bool)
    found = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    if pattern in _EPOCH:
        seconds = pd.to_numeric(text, errors="coerce") * _EPOCH[pattern]
        seconds = seconds.where(seconds.between(0, LATEST.timestamp()))
        found, own = (
            pd.to_datetime(seconds, unit="s", errors="coerce").astype("datetime64[us]"),
            text.notna().to_numpy(),
        )
    elif pattern is not None:
        stamps = pd.to_datetime(text, format=directives(pattern), errors="coerce", utc="%z" in pattern)
        own = np.full(len(text), "%z" in pattern)
        found = (stamps.dt.tz_localize(None) if "%z" in pattern else stamps).astype("datetime64[us]")
    else:
        found[own] = pd.to_datetime(text[own], format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        plain = text[~own].str.replace(r"[/年月.](?=\d{1,2}(?!\d*:))", "-", regex=True).str.replace("日", " ")
        plain = plain.str.replace(r"\s+", " ", regex=True).str.strip()
        # eight digits are a date; fewer could be anything
        plain = plain.where(
            plain.str.fullmatch(
                r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}(?::\d{1,2}){1,2}(?:\.\d+)?)?|\d{8}(?:[T ]?\d{6})?"
            )
        )
        found[~own] = _year_first(plain)
    found = found.where(found.between(EARLIEST, LATEST))
    shown = pd.Series(np.append(found.to_numpy(), np.datetime64("NaT"))[codes], index=cells.index)  # −1: an empty cell
    return shown, np.append(own, False)[codes]


def _written_alike(cells: pd.Series) -> tuple[pd.Series, np.ndarray] | None:
    """Times of which all say their offset, or none, and all are as Arrow reads them: most of a large log."""
    import pyarrow as pa

    for own in (False, True):
        found = at_once(cells, pa.timestamp("us", "UTC" if own else None))
        if found is not None:
            shown = (found.dt.tz_localize(None) if own else found).astype("datetime64[us]")
            shown = shown.set_axis(cells.index).where(shown.between(EARLIEST, LATEST).to_numpy())
            return shown, np.full(len(cells), own)
    return None


def _year_first(text: pd.Series) -> pd.Series:
    found = pd.to_datetime(text, format="ISO8601", errors="coerce").astype("datetime64[us]")
    for pattern in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d%H%M%S"):
        rest = found.isna() & text.notna()
        if rest.any():
            found[rest] = pd.to_datetime(text[rest], format=pattern, errors="coerce").astype("datetime64[us]")
    return found


def clock_times(cells: pd.Series) -> np.ndarray:
    """
    Seconds after midnight of times of day: 9:00:05, 09:00, 9:00:05.25, 9:00:05 PM.

    Examples:
        >>> clock_times(pd.Series(["9:00:05", "09:00", "9:00:05 PM", "24:00:00", "25:00:00"])).tolist()
        [32405.0, 32400.0, 75605.0, 86400.0, nan]
    """
    text = cells.astype("str").str.strip()
    half = text.str.extract(r"(?i)\s*([ap])\.?m\.?$")[0].str.lower()
    plain = text.where(half.isna(), text.str.replace(r"(?i)\s*[ap]\.?m\.?$", "", regex=True))
    short = plain.str.fullmatch(r"\d{1,2}:\d{2}").fillna(False).to_numpy(dtype=bool)
    plain = plain.where(~short, plain + ":00")  # hours and minutes, not minutes and seconds
    seconds = durations(plain.where(plain.str.contains(":", regex=False, na=False)))
    hours = half.map({"a": 0.0, "p": 43200.0}).to_numpy(dtype=float, na_value=np.nan)
    twelve = ~np.isnan(hours)
    seconds = np.where(twelve, seconds % 43200 + np.nan_to_num(hours), seconds)
    return np.where((seconds >= 0) & (seconds <= 86400), seconds, np.nan)


def located(shown: pd.Series, own: np.ndarray, clock: Clock, after: pd.Series | None = None) -> pd.Series:
    """
    Instants in UTC of what clocks in a zone showed.

    A time that happened twice is the first (as the rule says), but the second where the first lies before *after*;
    a time that never happened is moved to the instant to which the clocks jumped. Both are counted.

    Examples:
        >>> berlin = Clock("Europe/Berlin")
        >>> shown = pd.Series(pd.to_datetime(["2026-10-25T02:30", "2026-03-29T02:30", "2026-06-01T12:00"]))
        >>> [str(time) for time in located(shown, np.zeros(3, dtype=bool), berlin)], berlin.used
        (['2026-10-25 00:30:00+00:00', '2026-03-29 01:00:00+00:00', '2026-06-01 10:00:00+00:00'],
         {'twice': 1, 'never': 1})
    """
    if clock.zone is None or own.all():
        return shown.dt.tz_localize("UTC")
    first = _localized(shown, clock.zone, summer=True)
    second = _localized(shown, clock.zone, summer=False)
    local = ~own & shown.notna().to_numpy(dtype=bool)
    twice = local & (first != second).to_numpy(dtype=bool) & second.notna().to_numpy(dtype=bool)
    never = local & (first.dt.tz_convert(clock.zone).dt.tz_localize(None) != shown).to_numpy(dtype=bool)
    clock.used["twice"] += int(twice.sum())
    clock.used["never"] += int(never.sum())
    late = np.full(len(shown), clock.twice == "second")
    if after is not None:
        late |= (first < after).to_numpy(dtype=bool)
    found = first.where(~(twice & late), second)
    refused = (twice & (clock.twice == "reject")) | (never & (clock.never == "reject"))
    found = found.mask(refused)
    return found.where(~own, shown.dt.tz_localize("UTC"))


def _localized(shown: pd.Series, zone: str, *, summer: bool) -> pd.Series:
    """Each date and hour is localized once; most logs hold few of them."""
    flag = np.full(len(shown), summer)
    return shown.dt.tz_localize(zone, ambiguous=flag, nonexistent="shift_forward").dt.tz_convert("UTC")


def over_midnight(shown: pd.Series, start: pd.Series, longest_s: float) -> pd.Series:
    """
    Times moved to the next day where they lie before *start* and would then come at most *longest_s* after it.

    Examples:
        >>> start = pd.Series(pd.to_datetime(["2026-06-01T23:50", "2026-06-01T23:50"]))
        >>> end = pd.Series(pd.to_datetime(["2026-06-01T00:10", "2026-06-01T23:49"]))
        >>> [str(time) for time in over_midnight(end, start, 43200)]
        ['2026-06-02 00:10:00', '2026-06-01 23:49:00']
    """
    day = pd.Timedelta(days=1)
    crossed = (shown < start) & (shown + day - start <= pd.Timedelta(seconds=longest_s))
    return shown.where(~crossed, shown + day)


def has_time(pattern: str | None) -> bool:
    """Whether a pattern holds a time of day."""
    return pattern is None or bool(re.search(r"%[HIsf]|hh", pattern)) or pattern in _EPOCH


def zone_of(times: pd.Series, text: pd.Series) -> str | None:
    """
    A zone in which all instants show the clock that was written: the offset itself, or, where clocks change
    within the log, any zone of the world that changes them so.
    """
    last = text.str[-6:].dropna()
    if len(last.unique()) == 1 and re.fullmatch(r"[+-]\d{2}:\d{2}", last.iloc[0]):
        return f"UTC{last.iloc[0]}"
    offset = text.str.extract(r"(Z|[+-]\d{2}:?\d{2})$")[0].replace("Z", "+00:00").str.replace(":", "")
    seen = pd.DataFrame({"at": times, "offset": offset}).dropna()
    offsets = seen["offset"].unique()
    if len(offsets) == 0:
        return None
    if len(offsets) == 1:
        return f"UTC{offsets[0][:3]}:{offsets[0][3:]}"
    sample = seen.groupby([seen["at"].dt.date, "offset"])["at"].agg(["min", "max"]).reset_index("offset")
    for zone in sorted(zoneinfo.available_timezones()):
        if all((sample[end].dt.tz_convert(zone).dt.strftime("%z") == sample["offset"]).all() for end in ("min", "max")):
            return zone
    return None

"""A vendor's table through its mapping: our columns, cell by cell, and the fate of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pandas as pd

from csim.contacts import cells
from csim.contacts.columns import AGENT_STATES, CONTACTS, OUTCOMES, STATES, Column
from csim.contacts.conditions import among, holds
from csim.contacts.instants import Clock, clock_times, located, over_midnight, wall_times, zone_of
from csim.contacts.intake import Fates
from csim.contacts.mapping import ALL, MappingFile, Source
from csim.contacts.private import key
from csim.contacts.raw import Raw
from csim.display.notes import Note

CLOSED_WORDS = {
    "outcome": OUTCOMES, "state": STATES, "direction": ("inbound", "outbound"), "channel": ("voice", "chat"),
}  # fmt: skip
TRIMMED = " \t\u00a0\u3000\ufeff"  # white space of all kinds, and marks that files are put together with


class Mapped:
    """
    One table under one mapping.

    Attributes:
        columns: Our columns, in the order of the catalogue of columns. fates: The fate of every row. notes: Remarks.
    """

    def __init__(self, raw: Raw, mapping: MappingFile, kind: str) -> None:
        self.mapping, self.kind = mapping, kind
        self.known: tuple[Column, ...] = CONTACTS if kind == "contacts" else AGENT_STATES
        self.sources: Mapping[str, Source] = mapping.contacts if kind == "contacts" else mapping.states
        self.size = len(raw.table)
        self.raw = raw
        self.fates = Fates(self.size)
        self.notes: list[Note] = []
        rules = mapping.clock_changes
        self.clock = Clock(mapping.timezone, rules.twice, rules.never)
        self.key = key() if any(True for _ in self.hashed_heads()) else None
        self._cells: dict[str, pd.Series] = {}
        self._walls: dict[str, tuple[pd.Series, np.ndarray]] = {}
        self._instants: dict[str, pd.Series] = {}

    def frame(self) -> pd.DataFrame:
        """Our columns of the rows that are kept."""
        if self.kind == "contacts":
            for rule in self.mapping.set_aside:
                self.fates.set_aside(holds(rule.where, self.table(rule.where)), rule.because)
        columns: dict[str, pd.Series | np.ndarray] = {}
        for column in self.known:
            source = self.sources.get(column.name)
            if source is not None and (column.required or self.present(source)):
                columns[column.name] = self.column(column, source)
        for name in self.kept_as_written():
            columns[name] = self.cells(name)
        for name in self.mapping.hashed:
            if name in columns and self.key is not None:
                columns[name] = self.key.column(pd.Series(columns[name]))
        if self.key is not None:
            self.notes.append(self.key.note)
        result = pd.DataFrame(columns, index=pd.RangeIndex(self.size))
        self._say_clock()
        return result

    def hashed_heads(self) -> set[str]:
        """The vendor's columns that hold customers."""
        named = [name for mine in self.mapping.hashed for name in self._reads(mine)]
        return {head for name in named if (head := self.raw.head(name)) is not None}

    def _reads(self, name: str) -> set[str]:
        return self.sources[name].columns() if name in self.sources else {name} & {*self.kept_as_written()}

    def told(self) -> set[str]:
        """The vendor's columns that may be shown in a row: those that something is read from, without customers."""
        named = [*self.mapping.keep, *(name for rule in self.mapping.set_aside for name in rule.where)]
        named += [
            name for source in (*self.sources.values(), *self.mapping.times.values()) for name in source.columns()
        ]
        heads = {head for name in named if (head := self.raw.head(name)) is not None}
        return heads - self.hashed_heads()

    def kept_as_written(self) -> list[str]:
        """The vendor's other columns that the mapping keeps."""
        named = [name for name in self.mapping.keep if name != ALL and self.raw.head(name) is not None]
        if ALL in self.mapping.keep:
            used = {self.raw.head(name) for source in self.sources.values() for name in source.columns()}
            named += [head for head in self.raw.table.columns if head not in used and head not in named]
        return [name for name in named if name not in self.sources]

    def present(self, source: Source) -> bool:
        """Whether the file has any of the columns a source reads."""
        if source.default is not None or (source.other is not None and self.present(source.other)):
            return True
        named = source.columns() - set(source.where)
        return not named or any(self.raw.head(name) is not None for name in named)

    # -- the vendor's cells ---------------------------------------------------------------------------------

    def cells(self, name: str) -> pd.Series:
        """A column of the file, trimmed; words that say nothing are missing, and so is a column that is not there."""
        if name not in self._cells:
            head = self.raw.head(name)
            if head is None:
                self._cells[name] = pd.Series(pd.NA, index=pd.RangeIndex(self.size), dtype="str")
            else:
                trimmed = self.raw.table[head].str.strip(TRIMMED)
                self._cells[name] = trimmed.mask(among(trimmed, self.mapping.empty))
        return self._cells[name]

    def table(self, where: Mapping[str, object]) -> pd.DataFrame:
        return pd.DataFrame({name: self.cells(name) for name in where}, index=pd.RangeIndex(self.size))

    def text(self, name: str, source: Source) -> pd.Series:
        """The text of one of our columns, by column, join, constant, line or cases; then words, empties, default."""
        found = self._drawn(source)
        if source.empty:
            found = found.mask(among(found, source.empty))
        if source.where:
            found = found.where(holds(source.where, self.table(source.where)))
        if source.words:
            found = self._worded(found, name, source)
        return found.fillna(source.default) if source.default is not None else found

    def _drawn(self, source: Source) -> pd.Series:
        if source.column is not None:
            return first_of([self.cells(name) for name in source.column])
        if source.constant is not None:
            return pd.Series(source.constant, index=pd.RangeIndex(self.size), dtype="str")
        if source.line is not None:
            return pd.Series(self.raw.line).astype("str")
        if source.join is not None:
            parts = [self.cells(name).fillna("") for name in source.join]
            joined = parts[0].str.cat(parts[1:], sep="/") if len(parts) > 1 else parts[0]
            return joined.mask(joined.str.strip("/") == "")
        found = pd.Series(pd.NA, index=pd.RangeIndex(self.size), dtype="str")
        for case in reversed(source.cases or ()):
            found = found.mask(holds(case.where, self.table(case.where)), case.value)
        return found

    def _worded(self, found: pd.Series, name: str, source: Source) -> pd.Series:
        """Each distinct word is looked up once; a plain word before a pattern."""
        codes, words = pd.factorize(found)
        meant: list[str | None] = []
        unknown = np.zeros(len(words) + 1, dtype=bool)
        patterns = [word for word in source.words if "*" in word]
        for place, word in enumerate(words):
            key = (
                word if word in source.words else next((p for p in patterns if among(pd.Series([word]), (p,))[0]), None)
            )
            unknown[place] = key is None and source.otherwise is None
            other = str(word) if source.otherwise == "*" else source.otherwise
            meant.append(source.words[key] if key is not None else other)
        self.fates.reject(unknown[codes], "word", name)
        return pd.Series(pd.array([*meant, None], dtype="str")[codes])

    # -- our columns ----------------------------------------------------------------------------------------

    def column(self, column: Column, source: Source) -> pd.Series | np.ndarray:
        """One of our columns; rows in which it cannot be read are rejected."""
        name = column.name
        values: pd.Series | np.ndarray
        with self._lenient(name, source) as unreadable:
            values = self._read(column, source)
        if unreadable.any():
            values = pd.Series(values).mask(unreadable)
        if source.other is not None:
            values = pd.Series(values).fillna(pd.Series(self._read(column, source.other)))
        if column.required:
            self.fates.reject(np.asarray(pd.isna(values)), "missing", name)
        return values

    @contextmanager
    def _lenient(self, name: str, source: Source) -> Iterator[np.ndarray]:
        """Rows that would be rejected here are marked instead, where the mapping says so, and are counted in a note."""
        unreadable = np.zeros(self.size, dtype=bool)
        strict = self.fates
        if source.unreadable == "empty":
            self.fates = strict.copy()
        yield unreadable
        if self.fates is not strict:
            unreadable |= self.fates.code != strict.code
            self.fates = strict
        if unreadable.any():
            about = {"column": name, "count": int(unreadable.sum())}
            if Note("intake_unreadable", about) not in self.notes:
                self.notes.append(Note("intake_unreadable", about))

    def _read(self, column: Column, source: Source) -> pd.Series | np.ndarray:
        name = column.name
        if column.kind == "time":
            values: pd.Series | np.ndarray = self.instant(name)
        elif column.kind == "text":
            values = self.text(name, source)
            if name in CLOSED_WORDS:
                self.fates.reject(values.notna().to_numpy() & ~among(values, CLOSED_WORDS[name]), "word", name)
        elif source.begins is not None and source.ends is not None:
            values = self._between(name, source)
        else:
            values = self._number(column, source)
        return values

    def _number(self, column: Column, source: Source) -> np.ndarray:
        name, span = column.name, column.name.endswith("_s")

        def read(text: pd.Series) -> np.ndarray:
            found = (
                cells.flags(text)
                if column.kind == "flag"
                else (cells.durations(text, source.unit) if span else cells.numbers(text))
            )
            key = "flag" if column.kind == "flag" else "duration" if span else "number"
            self.fates.reject(np.isnan(found) & text.notna().to_numpy(), key, name)
            return found

        if source.sum is not None:
            parts = [read(self.cells(each)) for each in source.sum]
            found = np.where(np.all(np.isnan(parts), axis=0), np.nan, np.nansum(parts, axis=0))
            if source.where:
                found = np.where(holds(source.where, self.table(source.where)), found, np.nan)
        else:
            found = read(self.text(name, source))
        self.fates.reject(found < 0, "negative", name)
        if source.scale is not None:
            low, high = source.scale.lowest, source.scale.highest
            found = found * 5 / high if low is None else 1 + 4 * (found - low) / (high - low)
        return found

    def _between(self, name: str, source: Source) -> np.ndarray:
        """Seconds between two of our times, to the microsecond; a clock a little behind gives 0."""
        begins = first_of([self.instant(each) for each in source.begins or ()])
        ends = first_of([self.instant(each) for each in source.ends or ()])
        found = (ends - begins).dt.total_seconds().to_numpy(dtype=float, na_value=np.nan).round(6)
        if source.where:
            found = np.where(holds(source.where, self.table(source.where)), found, np.nan)
        slightly = (found < 0) & (found >= -self.mapping.backwards)
        if slightly.any():
            about = {
                "column": name,
                "count": int((slightly & self.fates.kept).sum()),
                "seconds": f"{self.mapping.backwards:g}",
            }
            self.notes.append(Note("intake_at_start", about))
        self.fates.reject(found < -self.mapping.backwards, "backwards", name)
        return np.where(slightly, 0.0, found)

    # -- zones and times ----------------------------------------------------------------------------------------------

    def _time_source(self, name: str) -> Source:
        return self.mapping.times[name] if name in self.mapping.times else self.sources[name]

    def zone_written(self) -> str | None:
        """The zone in which a log shows its times that say their own offset."""
        name = "arrival" if self.kind == "contacts" else "from"
        source = self._time_source(name)
        if source.time is not None or not self.size:
            return None
        times = self.instant(name)
        return zone_of(times, self.text(name, source)) if times.notna().any() else None

    def instant(self, name: str) -> pd.Series:
        """One of our times as instants in UTC."""
        if name not in self._instants:
            source = self._time_source(name)
            shown, own = self._wall(name)
            clock = (
                self.clock
                if source.zone is None
                else Clock(source.zone, self.clock.twice, self.clock.never, self.clock.used)
            )
            local = shown.notna().to_numpy() & ~own
            if clock.zone is None:
                self.fates.reject(local, "no_zone", name)
            after = self.instant(source.after) if source.after else None
            found = located(shown.where(self.fates.kept), own, clock, after)
            self.fates.reject((found.isna() & shown.notna()).to_numpy(), "time", name)
            self._instants[name] = found
        return self._instants[name]

    def _wall(self, name: str) -> tuple[pd.Series, np.ndarray]:
        """What the clock showed (see `wall_times`), after midnight where that is meant."""
        if name not in self._walls:
            source = self._time_source(name)
            with self._lenient(name, source):
                shown, own = self._two_columns(name, source) if source.time else self._one_column(name, source)
            if source.where:
                shown = shown.where(holds(source.where, self.table(source.where)))
            if source.after and source.time is not None:
                shown = over_midnight(shown, self._wall(source.after)[0], self.mapping.longest)
            self._walls[name] = shown, own
        return self._walls[name]

    def _one_column(self, name: str, source: Source) -> tuple[pd.Series, np.ndarray]:
        text = self.text(name, source)
        shown, own = wall_times(text, source.format)
        self.fates.reject((shown.isna() & text.notna()).to_numpy(), "time", name)
        return shown, own

    def _two_columns(self, name: str, source: Source) -> tuple[pd.Series, np.ndarray]:
        days = first_of([self.cells(each) for each in source.date or ()])
        date, _ = wall_times(days, source.format)
        parts = [self.cells(part.column).mask(among(self.cells(part.column), part.empty)) for part in source.time or ()]
        text = first_of(parts)
        if source.empty:
            text = text.mask(among(text, source.empty))
        seconds = clock_times(text)
        used = text.notna().to_numpy()
        if source.where:
            used = used & holds(source.where, self.table(source.where))
        self.fates.reject(used & (np.isnan(seconds) | date.isna().to_numpy()), "time", name)
        micro = np.where(np.isnan(seconds), np.nan, np.round(seconds * 1e6))
        shown = date.dt.normalize() + pd.to_timedelta(pd.Series(micro), unit="us")
        return shown.astype("datetime64[us]"), np.zeros(self.size, dtype=bool)

    def _say_clock(self) -> None:
        rules = self.mapping.clock_changes
        if self.clock.used["twice"]:
            rule = Note(f"intake_clock_{rules.twice}")
            self.notes.append(Note("intake_clock_twice", {"count": self.clock.used["twice"], "rule": rule}))
        if self.clock.used["never"]:
            self.notes.append(Note("intake_clock_never", {"count": self.clock.used["never"]}))


def first_of(columns: list[pd.Series]) -> pd.Series:
    """Of several columns the first that says something, row by row."""
    found = columns[0]
    for other in columns[1:]:
        found = found.where(found.notna(), other)
    return found

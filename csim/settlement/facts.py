"""What is known of a month: for every clause its counts, exact, and for every price its quantity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from csim.contract.load import Contract, months_of
from csim.errors import InputError, Mistake, did_you_mean, nearest

ALL = "all"
COLUMNS = ("month", "date", "replication", "queue", "vendor", "kpi", "numerator", "denominator", "value", "sample")
QUANTITIES: Mapping[str, tuple[str, str, int]] = {  # per: KPI, which of its sums, seconds in a unit
    "answered_contact": ("answer_rate", "numerator", 1),
    "valid_contact": ("invalid_share", "rest", 1),
    "resolution": ("resolution_rate", "numerator", 1),
    "handled_minute": ("aht", "numerator", 60),
    "agent_hour": ("occupancy", "denominator", 3600),
    "ticket_closed": ("tickets_closed", "value", 1),
}
ZERO = Decimal(0)
VOLUME = ("answer_rate", "denominator")


@dataclass(frozen=True)
class Fact:
    """
    The counts of one measure over a month: value = numerator ÷ denominator, of so large a sample.

    `daily` holds the numerators and denominators of single days where they are known: the evidence of how much the
    measure varies. `supplied` says that somebody wrote the value down; it was not counted from a log.
    """

    numerator: Decimal
    denominator: Decimal
    sample: Decimal | None = None
    supplied: bool = False
    excluded: str = ""
    daily: tuple[tuple[float, float], ...] = field(default=(), repr=False)

    @property
    def value(self) -> Decimal | None:
        """None where there was nothing to measure."""
        return self.numerator / self.denominator if self.denominator else None


def exact(number: Any) -> Decimal:
    """
    The decimal number that a float stands for: counts are whole, times are known to the microsecond.

    Examples:
        >>> exact(3.0), exact(0.1 + 0.2)
        (Decimal('3'), Decimal('0.3'))
    """
    if isinstance(number, Decimal):
        return number
    as_float = float(number)
    return Decimal(int(as_float)) if as_float.is_integer() else Decimal(repr(round(as_float, 6)))


@dataclass(frozen=True)
class Incident:
    """A day, or days, that do not count under some clause: what happened, and a note."""

    what: str
    begins: dt.date
    ends: dt.date
    note: str = ""


class Facts:
    """
    The rows of one vendor and month, asked by KPI.

    Rows are looked up by the id of the clause first (a log is measured clause by clause), then by the KPI's id.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            known = self._rows.setdefault(row["kpi"], [])
            if not (_empty(row["numerator"]) or _empty(row["denominator"])):
                known.append(row)

    def names(self, names: Sequence[str]) -> bool:
        """Whether any of these is spoken of at all, if only to say that nothing is known."""
        return any(name in self._rows for name in names)

    @classmethod
    def joined(cls, parts: Sequence[Facts]) -> Facts:
        """Several tables as one; for a KPI that stands in more than one, the first counts."""
        known: dict[str, list[Mapping[str, Any]]] = {}
        for part in parts:
            for kpi, rows in part._rows.items():
                known.setdefault(kpi, rows)
        facts = cls([])
        facts._rows = known
        return facts

    def rows(self, names: Sequence[str], queue: str | None) -> list[Mapping[str, Any]]:
        """The rows of the first name that has any: of one queue, or of the total, else of every queue."""
        for name in names:
            found = self._rows.get(name, [])
            if queue is not None:
                found = [row for row in found if row["queue"] == queue] or [r for r in found if not r["queue"]]
            else:
                found = [row for row in found if row["queue"] in (ALL, "")] or found
            if found:
                return found
        return []

    def fact(self, names: Sequence[str], queue: str | None = None, without: Collection[str] = ()) -> Fact | None:
        """The sums over the month, days in *without* left out; None where nothing is known."""
        found = self.rows(names, queue)
        if not found:
            return None
        n = d = sample = ZERO
        known, daily = True, []
        for row in found:
            if row["date"] in without:
                continue
            n += exact(row["numerator"])
            d += exact(row["denominator"])
            if _empty(row["sample"]):
                known = False
            else:
                sample += exact(row["sample"])
            if row["date"]:
                daily.append((float(row["numerator"]), float(row["denominator"])))
        return Fact(n, d, sample if known else None, bool(found[0].get("supplied")), daily=tuple(daily))

    def quantity(self, per: str) -> Decimal | None:
        """How many units a price is paid for."""
        if per == "month":
            return Decimal(1)
        if given := self.fact([per]):
            return given.numerator
        if per not in QUANTITIES:
            return None
        kpi, which, unit = QUANTITIES[per]
        found = self.fact([kpi])
        if found is None:
            return None
        number = found.denominator - found.numerator if which == "rest" else getattr(found, which)
        return None if number is None else number / unit

    def volumes(self) -> dict[str, Decimal]:
        """Contacts offered by date."""
        found: dict[str, Decimal] = {}
        for row in self.rows(["offered", VOLUME[0]], None):
            if row["date"]:
                key = "numerator" if row["kpi"] == "offered" else VOLUME[1]
                found[row["date"]] = found.get(row["date"], Decimal(0)) + exact(row[key])
        return found

    def volume(self) -> Decimal | None:
        """Contacts offered in the month."""
        given = self.fact(["offered"])
        measured = self.fact([VOLUME[0]])
        return given.numerator if given else measured.denominator if measured else None


def _empty(value: Any) -> bool:
    return value is None or value != value


def facts_of(
    table: pd.DataFrame, contract: Contract, month: str, vendor: str, supplied: bool = True
) -> dict[int, Facts]:
    """
    The facts of a KPI table, by replication (0 where the table has none).

    Args:
        table: month, queue, vendor, kpi, numerator, denominator, value, sample (and date, replication). A value alone
            is taken as it is written; an empty vendor or queue means the row is for all.

    Raises:
        InputError: Unknown KPIs, another currency, negative volumes, rows that stand twice.
    """
    rows = tidy(table, contract, supplied=supplied)
    months = set(months_of(month))
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["month"] in months and row["vendor"] in ("", vendor):
            found.setdefault(row["replication"], []).append(row)
    return {number: Facts(part) for number, part in sorted(found.items())}


def tidy(table: pd.DataFrame, contract: Contract, *, supplied: bool) -> list[dict[str, Any]]:
    """The rows of a KPI table with every column, ids for names, and a numerator and denominator for each value."""
    absent = [name for name in ("month", "kpi") if name not in table.columns]
    if absent:
        heads = [str(name) for name in table.columns]
        raise InputError(
            Mistake(f'column "{name}" is missing; {did_you_mean(name, heads)}', "--kpis") for name in absent
        )
    _refuse_currency(table, contract)
    given = table.copy()
    for name in COLUMNS:
        if name not in given.columns:
            given[name] = 0 if name == "replication" else None
    names = {str(word): _id_of(str(word), contract) for word in given["kpi"].unique()}
    if unknown := [mistake for mistake in names.values() if isinstance(mistake, Mistake)]:
        raise InputError(unknown)
    given["kpi"] = given["kpi"].map(lambda word: names[str(word)])
    for name in ("month", "date", "queue", "vendor"):
        given[name] = given[name].map(lambda cell: "" if _empty(cell) else str(cell))
    given["replication"] = given["replication"].fillna(0).astype(int)
    rows = given[list(COLUMNS)].to_dict("records")
    mistakes = [Mistake(what, "--kpis", "", i + 2) for i, row in enumerate(rows) if (what := _completed(row, supplied))]
    mistakes += _twice(rows)
    if mistakes:
        raise InputError(mistakes[:20])
    return rows


def _completed(row: dict[str, Any], supplied: bool) -> str:
    """Fills numerator and denominator from a value alone; the mistake of the row, if it has one."""
    row["supplied"] = supplied
    numbers = {key: row[key] for key in ("numerator", "denominator", "value", "sample") if not _empty(row[key])}
    for key, number in numbers.items():
        try:
            row[key] = _number(number)
        except ValueError:
            return f'{row["kpi"]}: "{number}" under {key} is no number: write for example 93% or 0.93'
        if row[key] < 0:
            return f"{row['kpi']}: {key} is negative ({number}): write 0 or more"
    if {"numerator", "denominator"} <= numbers.keys():
        if row["denominator"] == 0 and row["numerator"] != 0:
            return f"{row['kpi']}: denominator 0 below numerator {row['numerator']}"
        if "sample" not in numbers:
            row["sample"] = row["denominator"]  # counts: the denominator is how many were looked at
        return ""
    if "value" in numbers:
        row["numerator"], row["denominator"] = row["value"], Decimal(1)
    return ""  # a row without numbers says that nothing is known


def _number(written: Any) -> Decimal:
    from csim.schema.exact import Level

    if isinstance(written, str):
        return Level.of(written.replace(",", "")).number
    return exact(written)


def _twice(rows: list[dict[str, Any]]) -> list[Mistake]:
    seen: dict[tuple, int] = {}
    found = []
    for line, row in enumerate(rows, 2):
        key = tuple(row[name] for name in ("month", "date", "replication", "queue", "vendor", "kpi"))
        if key in seen:
            found.append(
                Mistake(f"{row['kpi']} stands twice (first in line {seen[key]}): keep one", "--kpis", "", line)
            )
        seen.setdefault(key, line)
    return found


def _refuse_currency(table: pd.DataFrame, contract: Contract) -> None:
    if "currency" in table.columns:
        others = sorted({str(c) for c in table["currency"].dropna().unique()} - {contract.file.currency})
        if others:
            what = f"the table is in {others[0]}, the contract in {contract.file.currency}: convert it first"
            raise InputError([Mistake(what, "--kpis")])


def _id_of(word: str, contract: Contract) -> str | Mistake:
    """The id a row's word stands for: a clause, an item of a checklist, a quantity, or a KPI by any of its names."""
    file = contract.file
    items = {f"{name}.{item.item}" for name, checklist in file.checklists.items() for item in checklist.items}
    added = {f"additions.{item.item}" for item in file.additions.items} if file.additions else set()
    pool = {file.bonus_pool.of} if file.bonus_pool and file.bonus_pool.of else set()
    quantities = {price.per for price in file.pricing} | {"offered", *QUANTITIES}
    beside = {f"{name}.{part}" for name in file.kpis for part in ("ceiling", "response")}
    known = {*file.kpis, *beside, *file.checklists, *items, *added, *pool, *quantities}
    if word in known:
        return word
    try:
        return contract.catalogue.find(word).id
    except InputError as error:
        mistake = error.mistakes[0]
        meant = nearest(word, known)
        more = f' (did you mean "{meant}"?)' if meant and "write which" not in mistake.what else ""
        return Mistake(mistake.what + more, "--kpis")

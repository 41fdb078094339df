"""From a contract file (YAML or workbook, or a dict) to a Contract whose every dated version is checked."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

from csim.contract.dated import changes, resolved
from csim.contract.model import ContractFile, Reading
from csim.contract.readings import measured_as
from csim.errors import InputError, Mistake
from csim.kpi.catalogue import Catalogue, Kpi, catalogue
from csim.schema.located import FromFile, Located, located_data, read_yaml, validated


@dataclass(frozen=True, repr=False)
class Contract(FromFile):
    """
    A contract, checked against its schema.

    Attributes:
        versions: The file as it reads from each day on which something changes, earliest first.
        days: Announced volumes by date. months: Announced volumes by month.
        located: The plain data and where each value stands in the file.

    Examples:
        >>> import csim
        >>> contract = csim.load_contract("scenarios/contracts/double_11.yaml")
        >>> contract.name, contract.file.currency, contract.file.vendor
        ('double_11', 'CNY', ('A', 'B', 'C'))
    """

    versions: tuple[tuple[dt.date, ContractFile], ...]
    days: Mapping[dt.date, Decimal] = field(repr=False)
    months: Mapping[str, Decimal] = field(repr=False)
    located: Located = field(repr=False)

    def __repr__(self) -> str:
        return f"Contract({self.name!r}, {self.hash})"

    @property
    def file(self) -> ContractFile:
        """The terms as they first read."""
        return self.versions[0][1]

    @property
    def name(self) -> str:
        return self.file.name

    @cached_property
    def catalogue(self) -> Catalogue:
        """The built-in KPIs and the contract's own measures."""
        own = {name: measure.model_dump() for name, measure in self.file.measures.items()}
        return catalogue().with_own(own)

    @cached_property
    def hash(self) -> str:
        """Twelve hex digits that change when any term or announced volume changes."""
        volumes = [sorted((str(k), str(v)) for k, v in part.items()) for part in (self.days, self.months)]
        text = json.dumps([self.data, volumes], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def with_volumes_inside(self) -> dict[str, Any]:
        """The plain data with the announced volumes of its CSV written into it."""
        forecast = {key: value for key, value in self.data["forecast"].items() if key != "file"}
        return {**self.data, "forecast": {**forecast, "days": {f"{day}": int(n) for day, n in self.days.items()}}}

    def at(self, month: str) -> ContractFile:
        """The terms that hold in a month of account: those of its first day."""
        first = self.span(month)[0]
        return next((file for day, file in reversed(self.versions) if day <= first), self.file)

    @cached_property
    def term(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of the contract, extensions included."""
        spans = [file.term for _, file in self.versions]
        return min(span.begins for span in spans), max(span.ends for span in spans)

    def in_term(self, month: str) -> bool:
        """
        Whether the contract runs on a day of a month of account at least.

        Examples:
            >>> agreed = load_contract("scenarios/contracts/hotline_400.yaml")  # 2026-01-01 to 2027-12-31
            >>> agreed.in_term("2027-12"), agreed.in_term("2028-01")
            (True, False)
        """
        (first, last), (begins, ends) = self.span(month), self.term
        return first <= ends and last >= begins

    def span(self, month: str) -> tuple[dt.date, dt.date]:
        """
        First and last day of a month of account, such as "2026-03" (or a quarter, "2026-Q1").

        A month that starts on the 26th is named after the one in which it ends.
        """
        starts_on = self.file.period.month_starts_on if self.file.period else 1
        if starts_on == 1:
            return calendar_span(month)
        first, last = (dt.date.fromisoformat(f"{m}-01") for m in (months_of(month)[0], months_of(month)[-1]))
        return _month_before(first).replace(day=starts_on), last.replace(day=starts_on - 1)

    def period_of(self, day: dt.date) -> str:
        """The period that is settled together in which a day lies: its month of account, or that month's quarter."""
        month = self.month_of(day)
        if self.file.money_cycle == "monthly":
            return month
        return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"

    def announced(self, month: str, vendor: str) -> Decimal | None:
        """The volume announced to a vendor for a period; None where nothing was announced."""
        known = [self.months[m] for m in months_of(month) if m in self.months]
        if len(known) < len(months_of(month)):
            first, last = self.span(month)
            known = [count for day, count in self.days.items() if first <= day <= last]
        return sum(known, Decimal(0)) * self.part_of(vendor) if known else None

    def part_of(self, vendor: str) -> Decimal:
        """A vendor's part of the announced volume: all of it, unless the forecast says otherwise."""
        forecast = self.file.forecast
        return forecast.shares.get(vendor, Decimal(1)) if forecast else Decimal(1)

    def kpi_of(self, measure: str, reading: Reading) -> Kpi:
        """The KPI that a measure means, by id, name or alias, once its reading is said."""
        return self.catalogue[measured_as(self.catalogue.find(measure).id, reading)]

    def clause_name(self, name: str, lang: str) -> str:
        """
        A clause as people find it in the contract: its number, and its own name where the language can read that.

        Examples:
            >>> agreed = load_contract("scenarios/contracts/hotline_400.yaml")
            >>> agreed.clause_name("service_level", "zh"), agreed.clause_name("answered", "en")
            ('5.1 30秒服务水平', '5.2 Answer rate (inbound)')
        """
        clause = self.file.kpis[name]
        own = clause.name if clause.name and (lang == "zh" or clause.name.isascii()) else None
        return f"{clause.clause} {own or self.kpi_of(clause.measure, clause.reading).name(lang)}"

    def month_of(self, day: dt.date) -> str:
        """The month of account in which a day lies."""
        starts_on = self.file.period.month_starts_on if self.file.period else 1
        shifted = _next_month(day.replace(day=1)) if starts_on > 1 and day.day >= starts_on else day
        return f"{shifted:%Y-%m}"


def months_of(period: str) -> tuple[str, ...]:
    """
    The months of a period of account.

    Examples:
        >>> months_of("2026-03"), months_of("2026-Q1")
        (('2026-03',), ('2026-01', '2026-02', '2026-03'))
        >>> months_of("March")
        Traceback (most recent call last):
        csim.errors.InputError: --month
          "March" is no month: write for example 2026-03 (or 2026-Q1 where the contract settles by quarter)
        1 mistake; nothing was run.
    """
    year, _, part = period.partition("-")
    if year.isdigit() and len(year) == 4:
        if part in ("Q1", "Q2", "Q3", "Q4"):
            first = 3 * int(part[1]) - 2
            return tuple(f"{year}-{m:02d}" for m in range(first, first + 3))
        if len(part) == 2 and part.isdigit() and 1 <= int(part) <= 12:
            return (period,)
    what = f'"{period}" is no month: write for example 2026-03 (or 2026-Q1 where the contract settles by quarter)'
    raise InputError([Mistake(what, "--month")])


def calendar_span(period: str) -> tuple[dt.date, dt.date]:
    """
    First and last day of a month (or quarter) of the calendar.

    Examples:
        >>> [str(day) for day in calendar_span("2026-02")]
        ['2026-02-01', '2026-02-28']
    """
    months = months_of(period)
    first, last = (dt.date.fromisoformat(f"{month}-01") for month in (months[0], months[-1]))
    return first, _next_month(last) - dt.timedelta(days=1)


def _next_month(first: dt.date) -> dt.date:
    return (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _month_before(first: dt.date) -> dt.date:
    return (first.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def read_contract(source: str | Path | Mapping[str, Any] | Contract) -> Contract:
    """
    A contract whose schema holds; what its terms say together is for `csim.lint`.

    Raises:
        InputError: Every mistake against the schema, with file, line (or sheet and cell), path, what to write.
    """
    if isinstance(source, Contract):
        return source
    if isinstance(source, Mapping):
        return _checked(located_data(copy.deepcopy(dict(source))), Path())
    path = Path(source)
    if path.suffix.lower() == ".xlsx":
        from csim.contract.paper.workbook import read_workbook

        return _checked(read_workbook(path), path.parent)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        what = "no such file: write the path of a contract file, or start one with csim new contract"
        raise InputError([Mistake(what, "", str(path))]) from None
    except (OSError, UnicodeDecodeError):
        raise InputError([Mistake("cannot be read as UTF-8 text", "", str(path))]) from None
    return _checked(read_yaml(text, str(path)), path.parent)


def load_contract(source: str | Path | Mapping[str, Any] | Contract) -> Contract:
    """
    A contract that can be settled: its schema holds and the linter finds no error.

    Args:
        source: A YAML file (`csim: contract/1`), a workbook made by `csim new contract`, or a mapping of that shape.

    Raises:
        InputError: Mistakes against the schema, or else the linter's errors, each with its place and what to write.

    Examples:
        >>> import csim
        >>> csim.load_contract("scenarios/contracts/hotline_400.yaml").span("2026-03")
        (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))
    """
    from csim.contract.lint import lint

    contract = read_contract(source)
    errors = [finding for finding in lint(contract) if finding.severity == "error"]
    if errors:
        raise InputError(Mistake(f"{f.what}: {f.write}", f.path, f.file, f.line, f.column, f.sheet) for f in errors)
    return contract


def _checked(located: Located, folder: Path) -> Contract:
    days, mistakes = changes(located)
    if mistakes:
        raise InputError(mistakes)
    versions: list[tuple[dt.date, ContractFile]] = []
    found: dict[str, Mistake] = {}  # the same mistake stands in every version that shows it: said once
    for day in days or [dt.date.min]:
        try:
            versions.append((day, validated(ContractFile, resolved(located, day))))
        except InputError as error:
            found |= {str(mistake): mistake for mistake in error.mistakes}
    if found:
        raise InputError(found.values())
    first = versions[0][1]
    versions[0] = (dt.date.min, first)
    forecast = first.forecast
    by_day = {day: Decimal(count) for day, count in forecast.days.items()} if forecast else {}
    if forecast and forecast.file:
        by_day |= _volumes(folder / forecast.file, located)
    by_month = {month: Decimal(count) for month, count in forecast.months.items()} if forecast else {}
    return Contract(tuple(versions), by_day, by_month, located)


def _volumes(file: Path, located: Located) -> dict[dt.date, Decimal]:
    """Announced volumes of a CSV with the columns date and expected."""
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError):
        raise InputError(
            [located.mistake(f'"{file.name}" cannot be read beside the contract', ("forecast", "file"))]
        ) from None
    found: dict[dt.date, Decimal] = {}
    mistakes = []
    for line, row in enumerate(rows, 2):
        try:
            day, count = dt.date.fromisoformat(str(row["date"]).strip()), Decimal(str(row["expected"]).strip())
            if day in found or count < 0:
                raise ValueError
            found[day] = count
        except (KeyError, ValueError, InvalidOperation):
            what = "write a date (each once) and a volume, under the heads date,expected"
            mistakes.append(Mistake(what, "", str(file), line))
    if mistakes:
        raise InputError(mistakes[:20])
    return found

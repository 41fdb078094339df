"""What single contacts are worth under a contract's prices: exact, for many rows at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, calendar_span
from csim.expressions import expression
from csim.kpi.columns import contact_columns
from csim.settlement.facts import QUANTITIES

MICRO = 1_000_000
VALID = "answered and customer_messages > 0 and agent_messages > 0"
BILLED = (
    "vendor", "arrival", "direction", "outcome", "resolved", "customer_messages", "agent_messages", "talk_s",
    "after_work_s",
)  # fmt: skip
TEXTS = ("vendor", "direction", "outcome")
Rows = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Scope:
    """Whose contacts, and of which instants [begins, ends), in microseconds since 1970; "" and None: any."""

    vendor: str = ""
    begins: int | None = None
    ends: int | None = None

    def holds(self, rows: Rows) -> np.ndarray:
        """Which rows lie in it. A log that names no vendor at all is taken to be the vendor's."""
        inside = np.ones(len(rows["outcome"]), dtype=bool)
        if self.vendor and "vendor" in rows:
            inside &= rows["vendor"] == self.vendor
        if self.begins is not None:
            inside &= (rows["arrival"] >= self.begins) & (rows["arrival"] < self.ends)
        return inside

    @classmethod
    def of(cls, vendor: str, contract: Contract | None, month: str | None, zone: Any = None) -> Scope:
        """A vendor's month of account; without contract a month of the calendar in *zone*; without month, all time."""
        if month is None:
            return cls(vendor)
        if contract is not None:
            zone = contract.file.timezone
        first, last = contract.span(month) if contract is not None else calendar_span(month)
        ends = (pd.Timestamp(day, tz=zone) for day in (first, last + pd.Timedelta(days=1)))
        return cls(vendor, *(int(instant.timestamp()) * MICRO for instant in ends))


@dataclass(frozen=True)
class Prices:
    """
    The prices that hold for single contacts.

    Attributes:
        formulas: How many units a contact is, one formula per price. rates: Money per millionth of a unit.
        unpriced: What the contract pays for otherwise (hours, seats, fixed sums), and what the log cannot say.
    """

    formulas: tuple[str, ...]
    rates: tuple[Fraction, ...]
    unpriced: tuple[str, ...] = ()

    @classmethod
    def of(cls, contract: Contract | None, month: str | None, columns: Any) -> Prices:
        """The prices of a month for a log with these columns."""
        formulas, rates, unpriced = [], [], []
        terms = contract.at(month) if contract and month else contract.file if contract else None
        names = set(contact_columns({name: np.zeros(0) for name in columns}))
        for price in terms.pricing if terms else ():
            formula, unit = _formula(price.per, contract)
            if formula and expression(formula).names <= names:
                formulas.append(formula)
                rates.append(Fraction(price.rate) / (unit * MICRO))
            else:
                unpriced.append(price.per)
        return cls(tuple(formulas), tuple(rates), tuple(unpriced))

    def units(self, rows: Rows, scope: Scope) -> np.ndarray:
        """Millionths of units of each row [rows, prices]; 0 out of scope."""
        size = len(rows["outcome"])
        found = np.zeros((size, len(self.formulas)), dtype=np.int64)
        if size and self.formulas:
            columns = contact_columns({**rows, "wait_s": np.zeros(size)})
            inside = scope.holds(rows)
            for number, formula in enumerate(self.formulas):
                found[:, number] = np.where(inside, np.rint(expression(formula)(columns, size) * MICRO), 0)
        return found

    def total(self, units: np.ndarray) -> Decimal:
        """The money of all rows together: exact, then to at most six decimals."""
        counts = units.sum(axis=0).tolist()
        return money(sum((Fraction(n) * rate for n, rate in zip(counts, self.rates, strict=True)), Fraction(0)))

    def each(self, units: np.ndarray) -> list[Decimal]:
        """The money of each row."""
        if not len(units) or not self.rates:
            return [Decimal(0)] * len(units)
        kinds, which = np.unique(units, axis=0, return_inverse=True)
        worth = [self.total(kind[None, :]) for kind in kinds]
        return [worth[i] for i in np.asarray(which).ravel().tolist()]


def _formula(per: str, contract: Contract | None) -> tuple[str | None, int]:
    """The number of units in one contact, where a price is by the contact; and how many of them make one."""
    if per == "valid_contact":
        return VALID, 1
    kpi_id, which, unit = QUANTITIES.get(per, ("", "", 1))
    if contract is None or which != "numerator" or contract.catalogue[kpi_id].over != "contacts":
        return None, 1
    return contract.catalogue[kpi_id].numerator, unit


def money(amount: Fraction) -> Decimal:
    """
    A sum of money with two decimals, or up to six where they are not 0.

    Examples:
        >>> money(Fraction(7, 5)), money(Fraction(1, 3)), money(Fraction(-14, 1000))
        (Decimal('1.40'), Decimal('0.333333'), Decimal('-0.014'))
    """
    with localcontext() as context:
        context.prec = 60
        fine = (Decimal(amount.numerator) / amount.denominator).quantize(Decimal("0.000001"))
        short = fine.quantize(Decimal("0.01"))
        return (short if short == fine else fine.normalize()) + 0


def billed_rows(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a log that prices look at: texts as objects, instants in microseconds, numbers as floats."""
    rows: dict[str, np.ndarray] = {}
    for name in BILLED:
        if name not in frame.columns:
            continue
        if name in TEXTS:
            rows[name] = texts(frame[name])
        elif name == "arrival":
            rows[name] = instants(frame[name])
        else:
            rows[name] = np.round(frame[name].to_numpy(dtype=float, na_value=np.nan), 6)
    return rows


def texts(column: pd.Series) -> np.ndarray:
    """Texts without spaces around them, "" for none; numbers that are whole without ".0"."""
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return column.astype("str").where(column.notna(), "").str.strip().to_numpy(dtype=object)


NEVER = np.iinfo(np.int64).min


def instants(column: pd.Series) -> np.ndarray:
    """Microseconds since 1970, `NEVER` where there is none."""
    times = column if isinstance(column.dtype, pd.DatetimeTZDtype) else pd.to_datetime(column, utc=True)
    return times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").to_numpy().astype(np.int64)

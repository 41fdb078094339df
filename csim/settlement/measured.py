"""A contact log as the facts of a contract: each clause counted by day, under its own reading and threshold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.vendors import vendors_of
from csim.contract.load import Contract, months_of
from csim.contract.model import ContractFile, Reading, Scope
from csim.errors import InputError, Mistake
from csim.kpi.catalogue import Kpi
from csim.kpi.measure import contact_arrays, cut, state_arrays
from csim.kpi.sums import Measures, Special, contact_columns, state_columns, summed
from csim.settlement.facts import ALL, QUANTITIES, VOLUME

SUMS = ("numerator", "denominator", "sample")
MOST_IDLE_DAYS = 3  # a log that stops more than a long weekend before the month ends is not the month's log


@dataclass(frozen=True)
class Wanted:
    """One thing to count: under which name, which KPI, whose contacts, promised answer time."""

    name: str
    kpi: Kpi
    scope: Scope = field(default_factory=Scope)
    within_s: float | None = None


def log_table(
    contract: Contract, contacts: pd.DataFrame, month: str | None, vendor: str, states: pd.DataFrame | None = None,
    partial: bool = False,
) -> tuple[str, pd.DataFrame]:  # fmt: skip
    """
    The month of a log and its KPI table: a row for each clause and day, and for what prices and volumes need.

    Raises:
        InputError: No contact of the vendor in the month, a log of several months without *month*, one that ends
            before the month does (unless *partial*), several vendors in the contract and none in the log, a log that
            names queues (or channels) and none of the contract's.
    """
    mine = of_vendor(contract, contacts, vendor)
    local = mine["arrival"].dt.tz_convert(contract.file.timezone)
    dates = local.dt.date
    if mine.empty:
        raise InputError([Mistake(nobodys(contacts, vendor), "--log")])
    when = month or _month_of_log(contract, dates)
    first, last = contract.span(when)
    inside = ((dates >= first) & (dates <= last)).to_numpy()
    if not inside.any():
        raise InputError([Mistake(f"no contact of {vendor} in {when} ({first} to {last})", "--log")])
    _same_scopes(contract, mine)
    rows, days = mine[inside], dates[inside]
    if not partial:
        _whole(contract, days.min(), days.max(), first, last, when)
    spans = _spans(contract, states, vendor, first, last)
    return when, counted(contract, contract.at(when), rows, days, spans, months_of(when)[0])


def wanted(contract: Contract, file: ContractFile) -> list[Wanted]:
    """Everything that the contract's clauses, ceilings, response gates and prices have to know."""
    known = contract.catalogue
    found = []
    for name, clause in file.kpis.items():
        kpi = contract.kpi_of(clause.measure, clause.reading)
        found.append(Wanted(name, kpi, clause.scope, clause.reading.within))
        if clause.ceiling is not None:
            other = contract.kpi_of(clause.ceiling.measure, clause.ceiling.reading)
            found.append(Wanted(f"{name}.ceiling", other, clause.scope, clause.ceiling.reading.within))
        if clause.response_gate is not None:
            found.append(Wanted(f"{name}.response", contract.kpi_of("survey_response", Reading()), clause.scope))
    needed = {kpi for per, (kpi, _, _) in QUANTITIES.items() if per in {price.per for price in file.pricing}}
    return found + [Wanted(kpi, known[kpi]) for kpi in sorted(needed | {VOLUME[0]})]


# -- the log ----------------------------------------------------------------------------------------


def of_vendor(contract: Contract, contacts: pd.DataFrame, vendor: str) -> pd.DataFrame:
    """The contacts of one vendor; all of them where the log names none and the contract has only one."""
    if "arrival" not in contacts.columns:
        raise InputError([Mistake('the log has no column "arrival"', "--log")])
    twice = contacts["contact_id"].duplicated() if "contact_id" in contacts.columns else pd.Series(dtype=bool)
    if twice.any():
        shown = contacts["contact_id"][twice].iloc[0]
        raise InputError(
            [Mistake(f'contact_id "{shown}" stands twice ({int(twice.sum())} such rows): keep one', "--log")]
        )
    named = "vendor" in contacts.columns and contacts["vendor"].notna().any()
    if named:
        return contacts[(contacts["vendor"].astype(object) == vendor).to_numpy()]
    if len(contract.file.vendor) > 1:
        raise InputError([Mistake('the contract has several vendors: the log needs a column "vendor"', "--log")])
    return contacts


def nobodys(contacts: pd.DataFrame, vendor: str) -> str:
    """What is said of a log without a contact of the vendor."""
    named = ", ".join(vendors_of(contacts))
    what = f"no contact of {vendor} in the log"
    return f"{what}, which names {named}: write the vendor's name in the contract as in the log" if named else what


def _same_scopes(contract: Contract, contacts: pd.DataFrame) -> None:
    """Refuses a log of other queues or channels than the contract's: what nobody measured would count as missed."""
    for name in ("queue", "channel"):
        wanted = sorted({getattr(clause.scope, name) for clause in contract.file.kpis.values()} - {None})
        there = sorted({str(value) for value in contacts[name].dropna().unique()}) if name in contacts.columns else []
        if wanted and there and not {*wanted} & {*there}:
            shown = ", ".join(there[:8]) + (" …" if len(there) > 8 else "")
            what = f"the log has no {name} of the contract ({', '.join(wanted)}), but {shown}: write them alike"
            raise InputError([Mistake(what, "--log")])


def _month_of_log(contract: Contract, dates: pd.Series) -> str:
    months = sorted({contract.period_of(day) for day in dates.unique()})
    if len(months) != 1:
        raise InputError([Mistake(f"which month? the log holds {', '.join(months)}", "--month")])
    return months[0]


def _whole(contract: Contract, begins: dt.date, ends: dt.date, first: dt.date, last: dt.date, month: str) -> None:
    """Refuses a log that begins well after the month, or ends well before it, holidays aside."""
    free = set(contract.file.holidays)
    for gap, what in (
        (_open_days(first, begins, free), f"begins on {begins}"),
        (_open_days(ends, last, free), f"ends on {ends}"),
    ):
        if gap > MOST_IDLE_DAYS:
            more = f"the log {what}, {month} runs from {first} to {last}: give the whole month, or say --partial"
            raise InputError([Mistake(more, "--log")])


def _open_days(first: dt.date, last: dt.date, free: set[dt.date]) -> int:
    return sum(first + dt.timedelta(days=i) not in free for i in range(max(0, (last - first).days)))


def _spans(
    contract: Contract, states: pd.DataFrame | None, vendor: str, first: dt.date, last: dt.date
) -> pd.DataFrame | None:
    """The vendor's agent states, cut at midnight of the contract's zone, within the month."""
    if states is None:
        return None
    local = states.assign(**{end: states[end].dt.tz_convert(contract.file.timezone) for end in ("from", "to")})
    if "vendor" in local.columns and local["vendor"].notna().any():
        local = local[(local["vendor"].astype(object) == vendor).to_numpy()]
    pieces = cut(local, "day", 86400, 0)
    dates = pieces["from"].dt.date
    return pieces[((dates >= first) & (dates <= last)).to_numpy()]


# -- the counts -------------------------------------------------------------------------------------


def counted(
    contract: Contract, file: ContractFile, rows: pd.DataFrame, days: pd.Series, spans: pd.DataFrame | None, month: str
) -> pd.DataFrame:
    """
    What the clauses and prices of *file* have to know, a row for each of them and each day.

    Args:
        rows: Contacts of one vendor. days: The date of each (or any label to count by, such as an interval).
        spans: Agent states, cut at midnight. month: What the rows are to be filed under.
    """
    dates = sorted(days.unique())
    cell = pd.Index(dates).get_indexer(days)
    held = state_columns(state_arrays(spans)) if spans is not None else {}
    span_cell = pd.Index(dates).get_indexer(spans["from"].dt.date) if spans is not None else np.zeros(0, dtype=int)
    columns: dict[float | None, Any] = {}
    rows = rows.assign(arrival=rows["arrival"].dt.tz_convert(contract.file.timezone))  # hours of the day are its own
    found: list[dict[str, Any]] = []
    for want in wanted(contract, file):
        if want.within_s not in columns:
            columns[want.within_s] = _columns(rows, want.within_s)
        calls = columns[want.within_s]
        measures = Measures.of(_only(contract.catalogue, want.kpi), calls, held)
        mask = _in_scope(rows, want.scope)
        table = (calls, cell, mask), (held, span_cell)
        found += [
            {"month": month, "queue": want.scope.queue or ALL, "kpi": want.name, **row}
            for row in _rows(measures, table, dates)
        ]
    heads = ["month", "date", "queue", "kpi", "numerator", "denominator", "sample"]
    return pd.DataFrame(found, columns=heads)


def _columns(rows: pd.DataFrame, within_s: float | None) -> Mapping[str, Any]:
    """The log's columns; a threshold of the contract stands above the log's own."""
    if within_s is not None:
        rows = rows.assign(answer_within_s=within_s)
    return contact_columns(contact_arrays(rows, None, None))


def _only(catalogue: Any, kpi: Kpi) -> Any:
    from csim.kpi.catalogue import Catalogue

    return Catalogue({kpi.id: kpi}, {})


def _in_scope(rows: pd.DataFrame, scope: Scope) -> np.ndarray:
    mask = np.ones(len(rows), dtype=bool)
    for name in ("queue", "channel"):
        value = getattr(scope, name)
        if value is None:
            continue
        if name not in rows.columns:
            raise InputError(
                [Mistake(f'a clause is limited to {name} "{value}", the log has no column "{name}"', "--log")]
            )
        mask &= (rows[name].astype(object) == value).to_numpy()
    return mask


def _rows(measures: Measures, table: tuple, dates: Sequence[dt.date]) -> Iterable[dict[str, Any]]:
    """Numerator, denominator and sample of the one KPI, by date; of a quantile or the like over the month."""
    (calls, cell, mask), (held, span_cell) = table
    for special in measures.special:
        if special.over == "contacts":
            value = Special.of(special, calls, len(mask)).over(mask)
            if value == value:
                yield {"date": "", "numerator": value, "denominator": 1.0, "sample": float(mask.sum())}
        return
    if not measures.kpis:
        return
    days = len(dates)
    where = np.where(mask, cell, days)  # contacts out of scope fall into a cell of their own
    sums = [summed(measures.contacts, calls, where, days + 1)[:days]]
    if measures.states:
        inside = np.where(span_cell >= 0, span_cell, days)
        sums.append(summed(measures.states, held, inside, days + 1)[:days])
    total = np.concatenate(sums, axis=1)
    for number, date in enumerate(dates):
        n, d, sample = (
            float(total[number, getattr(measures, part)[0]]) for part in ("numerator", "denominator", "sample")
        )
        yield {"date": f"{date}", "numerator": n, "denominator": d, "sample": sample}

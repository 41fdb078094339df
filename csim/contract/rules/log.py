"""What a log must hold for a contract, and what neither the file nor a log can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from csim.contract.findings import Found, Terms, found, listed, words
from csim.contract.model import Reading
from csim.display.notes import Note
from csim.kpi.catalogue import Catalogue, Kpi
from csim.schema.located import Path

if TYPE_CHECKING:
    import pandas as pd

BY_HAND = {"EXT", "SRV", "QA"}


def not_in_log(terms: Terms, contacts: pd.DataFrame, states: pd.DataFrame | None) -> Iterator[Found]:
    """A KPI that the log cannot give and nobody is expected to supply."""
    from csim.kpi.sums import Measures

    seen: set[tuple[Path, str]] = set()
    for path, kpi, within_s in _wanted(terms):
        if BY_HAND & set(kpi.needs) or (kpi.own and kpi.numerator is None) or (path, kpi.id) in seen:
            continue
        seen.add((path, kpi.id))
        calls, spans = _columns(contacts, states, within_s)
        missing = Measures.of(Catalogue({kpi.id: kpi}, {}), calls, spans).missing
        if kpi.id in missing:
            yield found("not_in_log", path, kpi=kpi.id, why=_why(kpi, missing[kpi.id]))


def _why(kpi: Kpi, missing: tuple[str, ...]) -> Note:
    """Why a log cannot give a KPI."""
    from csim.kpi.table import STATES, absent

    columns = absent(missing)
    if kpi.own and missing:
        return words("lacks_own_column", columns=listed(missing))
    if not missing:
        return words("lacks_links")
    return words("lacks_states") if STATES in columns else words("lacks_columns", columns=listed(columns))


def queue_not_in_log(terms: Terms, contacts: pd.DataFrame, _: pd.DataFrame | None) -> Iterator[Found]:
    """A clause is limited to a queue or channel that the log does not have."""
    for path, clause, _kpi in terms.clauses():
        for name in ("queue", "channel"):
            wanted = getattr(clause.scope, name)
            if wanted is None:
                continue
            if name not in contacts.columns:
                yield found("no_column", (*path, "scope", name), name=name)
                continue
            there = sorted({str(value) for value in contacts[name].dropna().unique()})
            if wanted not in there:
                write = words("one_of_these", names=listed(there, most=8)) if there else words(f"names_its_{name}")
                yield found(f"no_{name}", (*path, "scope", name), wanted=wanted, write=write)


def vendor_not_in_log(terms: Terms, contacts: pd.DataFrame, _: pd.DataFrame | None) -> Iterator[Found]:
    """The log names vendors, and none of the contract's is among them; or it names none and there are several."""
    named = set(contacts["vendor"].dropna().astype(str).unique()) if "vendor" in contacts.columns else set()
    vendors = terms.file.vendor
    if named and not named & set(vendors):
        write = words("one_of_these", names=listed(sorted(named)[:8]))
        yield found("no_vendor", ("vendor",), vendors=listed(vendors), write=write)
    elif not named and len(vendors) > 1:
        yield found("vendor_unsaid", ("vendor",))


def _wanted(terms: Terms) -> Iterator[tuple[Path, Kpi, float | None]]:
    for path, word, reading in terms.named():
        kpi = terms.found_kpi(word, reading)
        if kpi is not None:
            yield (*path, "measure"), kpi, reading.within
    for path, clause, _ in terms.clauses():
        kpi = terms.found_kpi("survey_response", Reading(of="invitations"))
        if clause.response_gate is not None and kpi is not None:
            yield (*path, "response_gate"), kpi, None


def _columns(contacts: pd.DataFrame, states: pd.DataFrame | None, within_s: float | None) -> tuple[set[str], set[str]]:
    """The names of the columns that there are, derived ones included; no row is looked at but the first."""
    from csim.kpi.measure import contact_arrays, state_arrays
    from csim.kpi.sums import contact_columns, state_columns

    calls = set(contact_columns(contact_arrays(contacts, within_s, None)))
    return calls, set() if states is None else set(state_columns(state_arrays(states)))


LOG_RULES = (not_in_log, queue_not_in_log, vendor_not_in_log)

"""What a log must hold for a contract, and what neither the file nor a log can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from csim.contract.findings import Found, Terms
from csim.contract.model import Reading
from csim.kpi.catalogue import Catalogue, Kpi
from csim.schema.located import Path

if TYPE_CHECKING:
    import pandas as pd

BY_HAND = {"EXT", "SRV", "QA"}


def not_in_log(terms: Terms, contacts: pd.DataFrame, states: pd.DataFrame | None) -> Iterator[Found]:
    """A KPI that the log cannot give and nobody is expected to supply."""
    from csim.kpi.sums import Measures
    from csim.kpi.table import reason

    seen: set[tuple[Path, str]] = set()
    for path, kpi, within_s in _wanted(terms):
        if BY_HAND & set(kpi.needs) or (kpi.own and kpi.numerator is None) or (path, kpi.id) in seen:
            continue
        seen.add((path, kpi.id))
        calls, spans = _columns(contacts, states, within_s)
        missing = Measures.of(Catalogue({kpi.id: kpi}, {}), calls, spans).missing
        if kpi.id in missing:
            why = reason(kpi, missing[kpi.id], simulated=False)
            yield Found(f"the log cannot give {kpi.id}: {why}", "such a log, or its values by hand (--kpis)", path)


def queue_not_in_log(terms: Terms, contacts: pd.DataFrame, _: pd.DataFrame | None) -> Iterator[Found]:
    """A clause is limited to a queue or channel that the log does not have."""
    for path, clause, _kpi in terms.clauses():
        for name in ("queue", "channel"):
            wanted = getattr(clause.scope, name)
            if wanted is None:
                continue
            if name not in contacts.columns:
                yield Found(f'the log has no column "{name}"', f"a log with {name}", (*path, "scope", name))
                continue
            there = sorted({str(value) for value in contacts[name].dropna().unique()})
            if wanted not in there:
                shown = ", ".join(there[:8]) + (" …" if len(there) > 8 else "")
                write = f"one of {shown}" if shown else f"a log that names its {name}s"
                yield Found(f'the log has no {name} "{wanted}"', write, (*path, "scope", name))


def vendor_not_in_log(terms: Terms, contacts: pd.DataFrame, _: pd.DataFrame | None) -> Iterator[Found]:
    """The log names vendors, and none of the contract's is among them; or it names none and there are several."""
    named = set(contacts["vendor"].dropna().astype(str).unique()) if "vendor" in contacts.columns else set()
    vendors = terms.file.vendor
    if named and not named & set(vendors):
        shown = ", ".join(sorted(named)[:8])
        yield Found(f"the log has no contact of {', '.join(vendors)}", f"one of {shown}", ("vendor",))
    elif not named and len(vendors) > 1:
        what = "the contract has several vendors, the log names none"
        yield Found(what, 'a log with the column "vendor"', ("vendor",))


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

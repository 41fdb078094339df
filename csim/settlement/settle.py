"""Settling: a log or a KPI table becomes a statement, a simulation the outlook over all its months."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contract.load import Contract, load_contract, months_of
from csim.errors import InputError, Mistake, did_you_mean
from csim.settlement.facts import Facts, Incident, facts_of
from csim.settlement.judged import NONE
from csim.settlement.ledger import Entry, Ledger, checked, read_ledger
from csim.settlement.measured import log_table
from csim.settlement.month import Terms, bounds_of, refuse_unknown, settled
from csim.settlement.outlook import Outlook, outlook
from csim.settlement.pool import Member, PoolShares, bonus_pool
from csim.settlement.statement import Statement


def settle(
    contract: Contract | str | Path | Mapping[str, Any], facts: Any, vendor: str | None = None, **more: Any
) -> Statement | Outlook:
    """
    What a vendor is owed: of a month's log or KPI table the statement, of a simulation the outlook over its months.

    Args:
        contract: A contract, or its file.
        facts: A contact log, a KPI table, or a Simulation (every month of every replication is settled).
        vendor: Needed where the contract has several.
        more: month, ledger, kpis, states, incidents, partial: see `statement_of`.

    Raises:
        InputError: What cannot be settled, and why.

    Examples:
        >>> import csim
        >>> measured = {"service_level": "78%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "96%"}
        >>> table = pd.DataFrame({"month": "2026-03", "kpi": list(measured), "value": list(measured.values()),
        ...                       "sample": 90000})
        >>> str(csim.settle("scenarios/contracts/hotline_400.yaml", table).deduction)
        '10800.00'
    """
    known = load_contract(contract)
    if hasattr(facts, "by_month"):
        return outlook(known, facts, vendor_of(known, vendor), **more)
    return statement_of(known, facts, vendor=vendor, **more)


def statement_of(
    contract: Contract,
    facts: pd.DataFrame,
    month: str | None = None,
    vendor: str | None = None,
    ledger: Ledger | str | Path | None = None,
    kpis: pd.DataFrame | None = None,
    states: pd.DataFrame | None = None,
    incidents: Sequence[Incident] = (),
    partial: bool = False,
    members: Sequence[Member] = (),
) -> Statement:
    """
    The statement of one vendor's month.

    Args:
        facts: A contact log, or a KPI table (month, queue, vendor, kpi, numerator, denominator, value, sample).
        month: "2026-03", or "2026-Q1" where the contract settles by quarter; may be left out if there is only one.
        vendor: Needed where the contract has several.
        ledger: What the months before left: the `ledger` of the last statement, or its file.
        kpis: Beside a log, what the log does not give: surveys, quality checks, attendance, sales.
        states: Agent states beside a log, for prices and measures of agents' time.
        incidents: Days of force majeure, or caused by the buyer.
        partial: Accept a log that ends before the month does.
        members: Name, score and sales of the people who share the bonus pool, where the contract has one.

    Raises:
        InputError: What cannot be settled, and why; nothing is written.
    """
    who = vendor_of(contract, vendor)
    when, by_replication = _facts(contract, facts, month, who, kpis, states, partial)
    if len(by_replication) > 1:
        what = "the facts hold several replications of a month: give the simulation itself, or one replication"
        raise InputError([Mistake(what, "settle")])
    book = read_ledger(ledger) if isinstance(ledger, str | Path) else ledger
    history = checked(book, contract, who, when)
    terms = Terms.of(contract, when)
    if is_log(facts):
        refuse_unknown(terms, next(iter(by_replication.values())), _given(kpis, when))
    known = next(iter(by_replication.values()))
    paid, made_from = settled(terms, known, when, who, history, incidents)
    pool = _pool(terms, known, members, history)
    left = pool.residual if pool is not None and pool.residual_to == "next_month" else NONE
    book = book or Ledger(contract.name, contract.file.currency)
    after = book.with_entry(who, replace(paid.entry, pool_left=left))
    bounds = bounds_of(terms, when, paid, made_from, history)
    return Statement(contract, terms.file, when, who, paid, after, bounds, _provenance(contract, facts), pool)


def _pool(terms: Terms, facts: Facts, members: Sequence[Member], history: Sequence[Entry]) -> PoolShares | None:
    """The bonus pool among *members*; what it is a share of stands among the facts under its own name."""
    rule = terms.file.bonus_pool
    if rule is None or not members:
        return None
    base = facts.fact([rule.of]) if rule.of else None
    if rule.share is not None and base is None:
        what = f"the pool is a share of {rule.of}: supply a row with kpi {rule.of} and its value"
        raise InputError([terms.contract.mistake(what, ("bonus_pool", "of"))])
    left = history[-1].pool_left if history else NONE
    return bonus_pool(rule, members, base.numerator if base else NONE, terms.file.pay.rounding.to.number, left)


def vendor_of(contract: Contract, vendor: str | None) -> str:
    """The vendor meant: the contract's only one, or the one that is named."""
    vendors = contract.file.vendor
    if vendor is None and len(vendors) == 1:
        return vendors[0]
    if vendor is None:
        what = f"the contract has {len(vendors)} vendors: {', '.join(vendors)}: name one (--vendor {vendors[0]})"
        raise InputError([Mistake(what, "vendor")])
    if vendor not in vendors:
        what = f'"{vendor}" is no vendor of {contract.name}: {did_you_mean(vendor, vendors)}'
        raise InputError([Mistake(what, "vendor")])
    return vendor


def _facts(
    contract: Contract, facts: Any, month: str | None, vendor: str, kpis: pd.DataFrame | None,
    states: pd.DataFrame | None, partial: bool,
) -> tuple[str, dict[int, Facts]]:  # fmt: skip
    """The month, and its facts by replication."""
    if not isinstance(facts, pd.DataFrame):
        raise InputError([Mistake("give a contact log or a KPI table (of a simulation: its by_month)", "settle")])
    if not is_log(facts):
        when = month or _only_month(facts["month"].astype(str).unique() if "month" in facts.columns else [])
        tables = [(facts, True)]
    else:
        when, table = log_table(contract, facts, month, vendor, states, partial)
        tables = [(table, False)]
    if kpis is not None:
        tables.insert(0, (kpis, True))
    rows: dict[int, list] = {}
    for table, supplied in tables:
        for number, part in facts_of(table, contract, when, vendor, supplied).items():
            rows.setdefault(number, []).append(part)
    if not rows:
        raise InputError([Mistake(f"no facts for {vendor} in {when}", "settle")])
    return when, {number: Facts.joined(parts) for number, parts in rows.items()}


def _given(kpis: pd.DataFrame | None, month: str) -> str:
    """What the facts of a month were looked for in; a table of other months is said to be one."""
    months = [] if kpis is None else sorted(set(kpis["month"].astype(str)))
    if not months or {*months} & {*months_of(month)}:
        return "the log"
    shown = ", ".join(months[:6]) + (" \u2026" if len(months) > 6 else "")
    return f"the log of {month} (the table beside it holds other months: {shown})"


def is_log(facts: pd.DataFrame) -> bool:
    """Whether a table is a contact log (a row per contact), not a KPI table."""
    return {"outcome", "wait_s"} <= set(facts.columns)


def _only_month(months: Iterable[str]) -> str:
    found = sorted(set(months))
    if len(found) != 1:
        raise InputError([Mistake(f"which month? the facts hold {', '.join(found) or 'none'}", "--month")])
    return found[0]


def _provenance(contract: Contract, facts: Any) -> dict[str, Any]:
    from csim import __version__

    digest = hashlib.sha256(pd.util.hash_pandas_object(facts, index=False).to_numpy().tobytes())
    return {
        "csim": __version__, "contract": contract.name, "contract_file": Path(contract.source).name,
        "contract_hash": contract.hash, "facts_hash": digest.hexdigest()[:12], "rows": len(facts),
    }  # fmt: skip

"""Two logs of the same month, contact by contact: what only one holds, where they differ, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from csim.contacts.columns import CONTACTS
from csim.contacts.read import read_contacts
from csim.contract.load import Contract, load_contract
from csim.display.notes import Note
from csim.errors import InputError, Mistake, did_you_mean
from csim.reconcile.differing import LEFT_OUT, Differing, differing, kept, promises_of, renamed
from csim.reconcile.lined_up import LinedUp
from csim.reconcile.matching import pairs
from csim.reconcile.reconciliation import About, Reconciliation
from csim.reconcile.worth import Prices, Scope, texts

Log: TypeAlias = pd.DataFrame | str | Path
TotalOf = Callable[[pd.DataFrame], Decimal]


def reconcile(
    ours: Log, theirs: Log, *, contract: Contract | str | Path | None = None, month: str | None = None,
    vendor: str | None = None, within_s: float | None = None, tolerance_s: float = 0.5, total_of: TotalOf | None = None,
) -> Reconciliation:  # fmt: skip
    """
    The buyer's log against the vendor's export.

    Contacts are matched by id, and where two systems write ids differently ("007" and 7) only one to one. Money is
    what their log bills more than ours (less, where negative): a contact that only they have is worth its units ×
    rate; in a matched contact our values are replaced by theirs one column after the other, and each is worth what
    that changes. So the differences add up to the difference of the two bills, to the cent.

    Args:
        contract: Gives prices, the month of account and promised answer times; without it nothing is priced.
        month: Contacts of other months are counted apart; with a contract needed where our log holds several, without
            one it is a month of the calendar by our log's clock.
        vendor: Contacts of other vendors are counted apart; default: the contract's or the export's only one.
        within_s: Promised answer time, s, for contacts that only one log answers in time; default: the contract's,
            else our log's own.
        tolerance_s: Times that differ by no more are the same, but what they are worth together is said.
        total_of: What is paid on one log, such as `lambda log: settle(contract, log, month=month).subtotal`; shows
            what KPIs, minimum and caps make of the differences. A column that one log lacks is taken from the other.

    Raises:
        InputError: An id stands twice, a column is missing, or it is not clear which month or vendor is meant.

    Examples:
        >>> columns = ["contact_id", "queue", "arrival", "wait_s", "outcome"]
        >>> at = pd.Timestamp("2026-03-02T09:00+08:00")
        >>> ours = pd.DataFrame([["1", "q", at, 5.0, "abandoned"], ["2", "q", at, 5.0, "answered"]], columns=columns)
        >>> theirs = pd.DataFrame([["1", "q", at, 5.0, "answered"], ["3", "q", at, 9.0, "answered"]], columns=columns)
        >>> reconcile(ours, theirs).differences[["contact_id", "kind", "field", "ours", "theirs"]].values.tolist()
        [['3', 'only_theirs', '', None, 'answered'],
         ['2', 'only_ours', '', 'answered', None],
         ['1', 'differs', 'outcome', 'abandoned', 'answered']]
    """
    if not 0 <= tolerance_s < 1e6:
        raise InputError([Mistake(f"a tolerance of {tolerance_s} s: write 0 or more seconds", "--tolerance")])
    terms = load_contract(contract) if contract is not None else None
    mine, other = _log(ours, "ours"), _log(theirs, "theirs")
    matched = pairs(mine["contact_id"], other["contact_id"])
    who = _vendor(terms, vendor, mine, other)
    if who:
        mine, other = (log if _vendors(log) else log.assign(vendor=who) for log in (mine, other))
    when = month if month or terms is None else _month(terms, mine, who)
    zone = getattr(mine["arrival"].dtype, "tz", None)
    work = LinedUp.of(mine, other, matched, Scope.of(who, terms, when, zone), Prices.of(terms, when, {*mine, *other}))
    clauses = list(terms.at(when).kpis.values()) if terms and when else []
    left, right = work.paired["ours"], work.paired["theirs"]
    found = list(differing(left, right, tolerance_s))
    found += [more for promise in promises_of(clauses, within_s) if (more := kept(left, right, promise)) is not None]
    paid = () if total_of is None else (total_of(work.in_scope("ours")), total_of(work.in_scope("theirs")))
    totals = None if not paid or None in paid else (paid[0], paid[1])
    notes = [*_of_columns(work, found), *_of_money(work, terms, when)]
    about = About(when or "", who, terms.file.currency if terms else "", tolerance_s)
    return Reconciliation.of(work, found, about, totals, notes)


def _log(given: Log, whose: str) -> pd.DataFrame:
    if not isinstance(given, pd.DataFrame):
        return read_contacts(given)
    absent = [c.name for c in CONTACTS if c.required and c.name not in given.columns]
    if absent:
        heads = [str(name) for name in given.columns]
        raise InputError(
            Mistake(f'column "{name}" is missing; {did_you_mean(name, heads)}', "", whose) for name in absent
        )
    return given.reset_index(drop=True)


def _vendors(log: pd.DataFrame) -> list[str]:
    """The vendors a log names."""
    return sorted(set(texts(log["vendor"].drop_duplicates())) - {""}) if "vendor" in log.columns else []


def _vendor(terms: Contract | None, given: str | None, ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Whose contacts are compared; "" for everybody's."""
    candidates = [given] if given else list(terms.file.vendor) if terms else []
    named = {"ours": _vendors(ours), "theirs": _vendors(theirs)}
    if len(candidates) != 1:
        candidates = named["theirs"]
    if len(candidates) != 1:
        if terms is None:
            return ""
        what = f"which vendor? the contract has {', '.join(terms.file.vendor)}: name one"
        raise InputError([Mistake(what, "--vendor")])
    who = str(candidates[0])
    for whose, vendors in named.items():
        if vendors and who not in vendors:
            what = f'no contact of vendor "{who}"; {did_you_mean(who, vendors)}'
            raise InputError([Mistake(what, "--vendor", whose)])
    return who


def _month(terms: Contract, ours: pd.DataFrame, who: str) -> str:
    """The only month of account in our log."""
    mine = ours[texts(ours["vendor"]) == who] if who and _vendors(ours) else ours
    days = mine["arrival"].dropna().dt.tz_convert(terms.file.timezone).dt.date.unique()
    months = sorted({terms.month_of(day) for day in days})
    if terms.file.money_cycle == "quarterly":
        months = sorted({f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in months})
    if len(months) != 1:
        what = f"which month? our log holds {', '.join(months) or 'none'}: name one"
        raise InputError([Mistake(what, "--month")])
    return months[0]


def _of_columns(work: LinedUp, found: Sequence[Differing]) -> Iterator[Note]:
    """Ids that were written differently, columns of one log only, other names for the same, and another clock."""
    counts = work.counts()
    if counts["respelt"]:
        yield Note("recon_respelt", {"count": counts["respelt"]})
    if counts["unclear"]:
        yield Note("recon_unclear", {"count": counts["unclear"]})
    for whose, other in (("ours", "theirs"), ("theirs", "ours")):
        alone = [c.name for c in CONTACTS if c.name in work.logs[whose] and c.name not in work.logs[other]]
        alone = [name for name in alone if name not in LEFT_OUT]
        if alone:
            yield Note(f"recon_columns_{whose}", {"columns": ", ".join(alone)})
    for part in found:
        left, right = (work.paired[whose].get(part.field) for whose in ("ours", "theirs"))
        if left is not None and right is not None and (names := renamed(part, left, right)):
            shown = ", ".join(f"{one} = {other}" for one, other in names[:5]) + (", …" if len(names) > 5 else "")
            yield Note("recon_renamed", {"field": part.field, "names": shown})
        if part.ahead_s and 2 * (len(part.apart) + len(part.within)) > counts["matched"]:
            key = "recon_ahead" if part.ahead_s > 0 else "recon_behind"
            yield Note(key, {"field": part.field, "seconds": f"{abs(part.ahead_s):g}"})


def _of_money(work: LinedUp, terms: Contract | None, month: str | None) -> Iterator[Note]:
    """What the money beside the differences leaves out."""
    if terms is None:
        yield Note("recon_no_contract", {})
        return
    if work.prices.unpriced:
        yield Note("recon_unpriced", {"per": ", ".join(work.prices.unpriced)})
    if any(price.minimum or price.volume for price in terms.at(month or "").pricing):
        yield Note("recon_plain_rate", {})

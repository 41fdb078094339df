"""Month to date: where each clause stands, how the month may end, and what the remaining days would need."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, load_contract
from csim.kpi.small import LEAST
from csim.settlement.facts import Incident
from csim.settlement.ledger import Ledger, checked, read_ledger
from csim.settlement.settle import vendor_of
from csim.watch.clauses import Clause, clauses_of
from csim.watch.ends import SUMS, End, Ends, Settling
from csim.watch.futures import Future, from_days, from_scenario
from csim.watch.so_far import SoFar, so_far

DRAWS = 1000
REPLICATIONS = 400
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class MonthToDate:
    """
    A running month: what is known, and how it may end.

    Attributes:
        so_far: The days up to now. future: The days to come, as drawn. now: The month as if it ended now.
        ends: Every draw settled; None where too few days are known to say how the month may end.
        clauses: One `Clause` per KPI clause of the contract.
        least: The smallest group of contacts of which anything is said; 1 says all.
    """

    contract: Contract
    so_far: SoFar = field(repr=False)
    future: Future = field(repr=False)
    now: End = field(repr=False)
    ends: Ends | None = field(repr=False)
    clauses: tuple[Clause, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)
    least: int = field(default=1, repr=False)

    def for_vendor(self, least: int = LEAST) -> MonthToDate:
        """
        The copy that the vendor may read: no clause and no day that rests on fewer than *least* contacts.

        What will be paid is settled by a statement, which says the value and the sample of each clause; a month that
        is still running pays nobody. The money stays: it is the vendor's.
        """
        return replace(self, clauses=tuple(clause.without_few(least) for clause in self.clauses), least=least)

    @property
    def month(self) -> str:
        return self.so_far.month

    @property
    def vendor(self) -> str:
        return self.so_far.vendor

    @property
    def days_gone(self) -> int:
        """Days of the month with contacts, one that has begun included."""
        return len(self.so_far.dates)

    @property
    def days_left(self) -> int:
        """Days to come, the rest of one that has begun included."""
        return len(self.future.dates)

    @property
    def clause(self) -> Clause:
        """The clause that matters most now: the most expected money, else the least certain, else one that is known."""
        return max(self.clauses, key=_weight)

    @cached_property
    def money(self) -> pd.DataFrame:
        """what (fee, deduction, bonus, net), now, mean, p10, p50, p90: without tax, in the contract's currency."""
        rows = []
        for name in SUMS:
            row: dict[str, Any] = {"what": name, "now": float(self.now.sums[name])}
            values = None if self.ends is None else self.ends.sums[name]
            row["mean"] = math.nan if values is None else float(values.mean())
            row |= {key: math.nan if values is None else float(np.quantile(values, q)) for key, q in QUANTILES.items()}
            rows.append(row)
        return pd.DataFrame(rows)

    def path(self, clause: str | None = None) -> pd.DataFrame:
        """date, kind (gone, coming), low, median, high: a clause's value of the month up to each day; P10 to P90."""
        from csim.watch.path import path

        return path(self, clause or self.clause.id)

    def summary(self, lang: str = "en") -> str:
        """One sentence: how probably the month ends short, what the remaining days need, what it may cost."""
        from csim.watch.telling import Telling

        return Telling(self, lang).sentence()

    def text(self, lang: str = "en") -> str:
        """Sentence and table for a console."""
        from csim.watch.telling import Telling

        return Telling(self, lang).text()

    def to_frame(self) -> pd.DataFrame:
        """One row per clause."""
        return pd.DataFrame([clause.row() for clause in self.clauses])

    def content(self) -> dict[str, Any]:
        """Everything for other programs; what is not known is null."""
        return {
            "contract": self.contract.name, "vendor": self.vendor, "month": self.month,
            "as_of": self.so_far.until.at.isoformat(timespec="seconds"), "days_gone": self.days_gone,
            "days_left": self.days_left, "basis": self.future.source, "basis_days": self.future.days,
            "clauses": _plain(self.to_frame()), "money": _plain(self.money),
            "currency": self.contract.file.currency, "provenance": dict(self.provenance),
        }  # fmt: skip

    def as_json(self) -> str:
        """`content` as text."""
        return json.dumps(self.content(), ensure_ascii=False, indent=2)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: clauses, money, the days of the leading clause, and where they come from."""
        from csim.display.excel import write_workbook

        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        sheets = {"clauses": self.to_frame(), "money": self.money, "path": self.path(), "provenance": where}
        return write_workbook(path, sheets)

    def plot(self, clause: str | None = None, lang: str = "en") -> Any:
        """The month so far by day, the fan to its end, and the threshold."""
        from csim.watch.telling import Telling

        return Telling(self, lang).figure(clause or self.clause.id)

    def to_html(self, lang: str = "en") -> str:
        """The sentence and the table, as a piece of a page."""
        from csim.watch.telling import Telling

        return Telling(self, lang).html()

    def _repr_html_(self) -> str:
        return self.to_html()


def month_to_date(
    contract: Contract | str | Path | Mapping[str, Any], contacts: pd.DataFrame, month: str | None = None,
    vendor: str | None = None, scenario: Any = None, history: Sequence[pd.DataFrame] | pd.DataFrame = (),
    as_of: str | dt.date | dt.datetime | None = None, kpis: pd.DataFrame | None = None,
    states: pd.DataFrame | None = None, ledger: Ledger | str | Path | None = None,
    incidents: Sequence[Incident] = (), replications: int | None = None, seed: int = 1, engine: str = "auto",
    executor: Executor | str | None = None, progress: Callable[[int, int, int], None] | None = None,
    played: MutableMapping[str, Any] | None = None,
) -> MonthToDate:  # fmt: skip
    """
    Where a running month heads: every clause's value so far, and the probability that it ends in penalty or bonus.

    The days so far count as they are. The days to come are drawn many times: simulated from *scenario*; or else whole
    days of the log and of *history*, drawn again (see `csim.watch.futures.from_days`). Each draw is settled as
    `csim.settle` would: exclusions, relief, minimum samples, caps and the ledger's streaks hold.

    Args:
        contract: A contract, or its file. contacts: A log up to now; earlier months in it are history.
        month: "2026-11"; without it the month in which the log ends. vendor: Needed where the contract has several.
        scenario: The centre that will serve the remaining days. history: Logs of earlier days.
        as_of: Up to when the month is known; without it up to the last contact. A date means to its end.
        kpis: What no log gives; taken to hold at the month's end. states: Agent states beside the log.
        ledger: What the months before left. incidents: Days that do not count.
        replications: How often the remaining days are drawn: 400 from a scenario, 1,000 from history.
        played: Keeps simulations from one call to the next: the days to come are the same for a whole day.

    Returns:
        The month; without a scenario and with fewer than five whole days, without probabilities ("not enough days").

    Raises:
        InputError: A log without the month, a vendor that is not the contract's, a scenario that promises otherwise.

    Examples:
        At 79 of 100 in time and no day left, the month is missed for certain:

        >>> import csim
        >>> terms = csim.load_contract("scenarios/contracts/hotline_400.yaml")
        >>> days = pd.date_range("2026-03-01T09:00+08:00", "2026-03-31T09:00+08:00", freq="D")
        >>> rows = [{"contact_id": f"{day:%d}-{i}", "queue": "hotline", "arrival": day, "outcome": "answered",
        ...          "wait_s": 10.0 if i < 79 else 60.0} for day in days for i in range(100)]
        >>> supplied = pd.DataFrame({"month": "2026-03", "kpi": ["fcr", "qa_pass_rate"], "value": ["86%", "96%"],
        ...                          "sample": 8000})
        >>> found = csim.month_to_date(terms, pd.DataFrame(rows), as_of="2026-03-31", kpis=supplied)
        >>> found.days_left, found.clauses[0].value, found.clauses[0].p_penalty, found.clauses[0].hopeless
        (0, 0.79, 1.0, True)
    """
    agreed = load_contract(contract)
    who = vendor_of(agreed, vendor)
    past = [history] if isinstance(history, pd.DataFrame) else list(history)
    known = so_far(agreed, contacts, month, who, as_of, kpis, states)
    book = read_ledger(ledger) if isinstance(ledger, str | Path) else ledger
    settling = Settling(known, checked(book, agreed, who, known.month), incidents)
    if scenario is not None:
        runs = replications or REPLICATIONS
        future = from_scenario(known, scenario, runs, seed, engine, executor, progress, played)
    else:
        future = from_days(known, past, replications or DRAWS, seed)
    kept = settling.unknown(future)
    now = settling.now(kept)
    over = not future.dates
    ends = settling.ends(future) if future.draws and not over else settling.certain(now, kept) if over else None
    clauses = clauses_of(known, future, now, ends, kept)
    return MonthToDate(agreed, known, future, now, ends, clauses, _provenance(agreed, known, future, seed))


def _weight(clause: Clause) -> tuple[float, float, bool]:
    """How much a clause matters now."""
    p = 0.0 if math.isnan(clause.p_penalty) else clause.p_penalty
    costs = 0.0 if math.isnan(clause.expected_money) else max(0.0, -clause.expected_money)
    return costs, p * (1 - p), not math.isnan(clause.value)


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict("records")
    return [{key: None if isinstance(v, float) and math.isnan(v) else v for key, v in row.items()} for row in rows]


def _provenance(contract: Contract, known: SoFar, future: Future, seed: int) -> dict[str, Any]:
    from csim import __version__

    ids = known.contacts[["contact_id", "wait_s", "outcome"]]
    digest = hashlib.sha256(pd.util.hash_pandas_object(ids, index=False).to_numpy().tobytes())
    drawn = {f"days_to_come_{key}": value for key, value in future.provenance.items()}
    return {
        "csim": __version__, "contract": contract.name, "contract_hash": contract.hash,
        "log_hash": digest.hexdigest()[:12], "rows": len(ids), "seed": seed, "draws": future.draws,
        "basis": future.source, "basis_days": future.days, **drawn,
    }  # fmt: skip

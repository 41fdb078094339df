"""Many simulated months settled: the distribution of the payment, and how likely each penalty is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contract.load import Contract, months_of
from csim.contract.readings import SERVICE_LEVELS
from csim.display.excel import write_workbook
from csim.display.numbers import shown
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.errors import InputError, Mistake
from csim.settlement.facts import ALL, Facts, facts_of
from csim.settlement.ledger import Entry
from csim.settlement.measured import wanted
from csim.settlement.month import Terms, refuse_unknown, settled

MOST_MONTHS = 3  # that are named
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Outlook:
    """
    What a contract would pay over many simulated months.

    Attributes:
        months: replication, month, fee, score, points, deduction, bonus, net, tax, total, and for every clause
            missed_ID (0 or 1) and money_ID. Money is in the contract's currency; each row is settled to the cent.
        provenance: Contract and scenario hashes, seed, engine.

    Examples:
        >>> import csim
        >>> sim = csim.simulate("scenarios/centres/hotline_400.yaml", replications=2, seed=7)
        >>> unmeasured = pd.DataFrame({"kpi": ["fcr"], "value": ["86%"], "sample": [8000]})
        >>> outlook = csim.settle("scenarios/contracts/hotline_400.yaml", sim, kpis=unmeasured)
        >>> len(outlook.months), outlook.clauses["id"].tolist()
        (2, ['service_level', 'answered', 'resolution', 'quality'])
    """

    contract: Contract
    vendor: str
    months: pd.DataFrame
    provenance: Mapping[str, Any]

    @cached_property
    def summary_frame(self) -> pd.DataFrame:
        """What is paid, deducted and added in a month: mean, P10, P50, P90, and how often it is not nothing."""
        rows = []
        for name in ("fee", "deduction", "bonus", "total"):
            values = self.months[name].astype(float)
            found = {key: float(values.quantile(q)) for key, q in QUANTILES.items()}
            often = {"mean": float(values.mean()), "probability": float((values != 0).mean())}
            rows.append({"what": name, **often, **found})
        return pd.DataFrame(rows)

    @cached_property
    def clauses(self) -> pd.DataFrame:
        """clause, id, probability of a miss, probability that it costs money by itself, its expected money a month."""
        rows = []
        for name in [str(column)[6:] for column in self.months if str(column).startswith("money_")]:
            money = self.months[f"money_{name}"].astype(float)
            missed = self.months.get(f"missed_{name}", pd.Series([False]))
            rows.append(
                {"id": name, "p_missed": float(missed.mean()), "p_penalty": float((money < 0).mean()),
                 "p_bonus": float((money > 0).mean()), "expected_money": float(money.mean())}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def summary(self, lang: str = "en") -> str:
        """One sentence: the median payment, its range, and how often something is deducted."""
        total = self.summary_frame.set_index("what").loc["total"]
        often = float((self.months["deduction"] > 0).mean())
        return Words(lang)(
            "outlook_sentence", vendor=self.vendor, currency=self.contract.file.currency,
            deducted=shown(often, "share", lang), **{name: f"{total[name]:,.2f}" for name in QUANTILES},
        )  # fmt: skip

    def remarks(self, lang: str = "en") -> list[str]:
        """That simulated months lie outside the term, where some do: a month that stands in for those of the term."""
        outside = [month for month in sorted(self.months["month"].unique()) if not self.contract.in_term(month)]
        if not outside:
            return []
        begins, ends = self.contract.term
        shown_at = ", ".join(outside[:MOST_MONTHS]) + (" …" if len(outside) > MOST_MONTHS else "")
        return [Words(lang)("outlook_outside_term", months=shown_at, begins=begins, ends=ends)]

    def rows(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Heads and rows of the table of clauses, in words."""
        words = Words(lang)
        heads = [words(f"outlook_{key}") for key in ("item", "p_missed", "p_penalty", "p_bonus", "expected")]
        cells = [
            [row["id"], *(shown(row[name], "share", lang) for name in ("p_missed", "p_penalty", "p_bonus")),
             f"{row['expected_money']:,.2f}"]
            for row in self.clauses.to_dict("records")
        ]  # fmt: skip
        return heads, cells

    def to_frame(self) -> pd.DataFrame:
        """The months."""
        return self.months

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: summary, clauses, months, and where they come from."""
        where = pd.DataFrame([{"what": key, "value": value} for key, value in self.provenance.items()])
        months = self.months.map(lambda cell: float(cell) if isinstance(cell, Decimal) else cell)
        sheets = {"summary": self.summary_frame, "clauses": self.clauses, "months": months, "provenance": where}
        return write_workbook(path, sheets)

    def as_json(self) -> str:
        """Summary, clauses and provenance; the months are in `months`."""
        content = {
            "vendor": self.vendor, "currency": self.contract.file.currency, "months": len(self.months),
            "summary": self.summary_frame.to_dict("records"), "clauses": self.clauses.to_dict("records"),
            "provenance": dict(self.provenance),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=2)

    def plot(self, lang: str = "en") -> Any:
        """How the payment is spread over the months, with P10, P50 and P90."""
        from csim.display.spreads import spread_of_money

        words = Words(lang)
        title = words("outlook_figure", vendor=self.vendor)
        source = words("outlook_source", contract=self.contract.name, months=len(self.months))
        axis = words("outlook_axis", currency=self.contract.file.currency)
        return spread_of_money(self.months["total"].astype(float), list(QUANTILES.values()), title, axis, source, lang)

    def to_html(self, lang: str = "en") -> str:
        """The sentence, then the clauses, as a piece of a page."""
        return answer_first("\n".join([self.summary(lang), *self.remarks(lang)]), html_table(*self.rows(lang)))

    def _repr_html_(self) -> str:
        return self.to_html()


def outlook(contract: Contract, simulation: Any, vendor: str, kpis: pd.DataFrame | None = None) -> Outlook:
    """
    Every simulated month of a vendor settled, each replication with a ledger of its own.

    Args:
        simulation: A Simulation: its `by_month` (or `by_day`, where the contract looks at days), `scenario`,
            `provenance`.
        kpis: What no simulation gives (attendance, sales): a KPI table whose values hold in every month.

    Raises:
        InputError: A promised answer time that is not the scenario's, clauses that the simulation cannot give.
    """
    same_promises(contract, simulation.scenario)
    rows = []
    before = -1
    history: list[Entry] = []
    terms: dict[str, Terms] = {}
    supplied: dict[str, Facts] = {}
    for replication, month, simulated in monthly_facts(contract, simulation, vendor):
        history = history if replication == before else []
        before = replication
        facts = simulated
        if kpis is not None:
            if month not in supplied:
                supplied[month] = _supplied(kpis, contract, month, vendor)
            facts = Facts.joined([supplied[month], simulated])
        if month not in terms:
            terms[month] = Terms.of(contract, month)
            refuse_unknown(terms[month], facts, "the simulation")
        paid, (_, judged, _) = settled(terms[month], facts, month, vendor, history)
        history.append(paid.entry)
        rows.append({"replication": replication, "month": month, **_row(terms[month], paid, judged)})
    found = {"contract": contract.name, "contract_hash": contract.hash, **simulation.provenance}
    return Outlook(contract, vendor, pd.DataFrame(rows), found)


def _supplied(kpis: pd.DataFrame, contract: Contract, month: str, vendor: str) -> Facts:
    """The same values for every month."""
    parts = facts_of(kpis.assign(month=months_of(month)[0]), contract, month, vendor)
    return next(iter(parts.values()), Facts([]))


def _row(terms: Terms, paid: Any, judged: Any) -> dict[str, Any]:
    from csim.settlement.statement import summed_up

    money: dict[str, Decimal] = {}
    for line in paid.lines:
        if line.kind != "fee":
            money[f"money_{line.id}"] = money.get(f"money_{line.id}", Decimal(0)) + line.money
    return {**summed_up(terms.file, paid), **{f"missed_{j.id}": j.missed for j in judged}, **money}


def monthly_facts(contract: Contract, simulation: Any, vendor: str) -> Iterator[tuple[int, str, Facts]]:
    """The facts of each replication and month of a simulation, in order."""
    by_day = _needs_days(contract)
    table = simulation.by_day if by_day else simulation.by_month
    file = contract.file
    names = {want.kpi.id for _, version in contract.versions for want in wanted(contract, version)}
    queues = {want.scope.queue for _, version in contract.versions for want in wanted(contract, version)} - {None}
    vendors = set(table["vendor"].unique())
    mine = vendor if vendor in vendors else ""
    if not mine and len(vendors - {""}) > 0 and len(file.vendor) > 1:
        others = ", ".join(sorted(vendors - {""}))
        what = f"the scenario has the vendors {others}, not {vendor}: name them as the contract does"
        raise InputError([Mistake(what, "vendor")])
    kept = table[table["kpi"].isin(names) & (table["vendor"] == mine) & table["queue"].isin({ALL, *queues})]
    kept = kept[kept["denominator"].notna()]
    if by_day:
        periods = {date: contract.period_of(dt.date.fromisoformat(date)) for date in kept["date"].unique()}
        kept = kept.assign(month=kept["date"].map(periods))
    else:
        periods = {month: contract.period_of(dt.date.fromisoformat(f"{month}-01")) for month in kept["month"].unique()}
        kept = kept.assign(date="", month=kept["month"].map(periods))
    columns = ["replication", "month", "date", "queue", "kpi", "numerator", "denominator", "sample"]
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for values in zip(*(kept[name].tolist() for name in columns), strict=True):
        found.setdefault(values[:2], []).append(dict(zip(columns, values, strict=True)))
    for (replication, month), rows in sorted(found.items()):
        yield replication, month, Facts(rows)


def _needs_days(contract: Contract) -> bool:
    """Whether something is judged day by day, or months of account are not calendar months."""
    rules = [rule for _, file in contract.versions for clause in file.kpis.values() for rule in clause.exclusions]
    starts = contract.file.period.month_starts_on if contract.file.period else 1
    return starts > 1 or any(rule.by == "day" for rule in rules)


def same_promises(contract: Contract, scenario: Any) -> None:
    """
    Refuses a scenario whose answer times are not the contract's, since a simulation counts under its own.

    Raises:
        InputError: Each clause whose promise differs, with both times.
    """
    mistakes = []
    for name, clause in contract.file.kpis.items():
        if contract.kpi_of(clause.measure, clause.reading).id not in SERVICE_LEVELS:
            continue
        for queue in [clause.scope.queue] if clause.scope.queue in scenario.queues else scenario.queues:
            simulated, promised = scenario.queues[queue].answer_within, clause.reading.within
            if promised is not None and simulated is not None and simulated != promised:
                what = f"promises {promised:g} s, the scenario's {queue} measures {simulated:g} s: make them one"
                mistakes.append(contract.mistake(what, ("kpis", name, "reading", "within")))
    if mistakes:
        raise InputError(mistakes)

"""A running month as the parts of a page: where it heads, what the remaining days need, what it may cost."""

from __future__ import annotations

import html
import math
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contacts.read import read_contacts
from csim.display.numbers import shown
from csim.display.spreads import spread_of_money
from csim.display.tables import Cell, html_table
from csim.report.parts import Html, ReportPage, copy_for, facts_table, rendered_on
from csim.settlement.tables import read_incidents, read_kpis
from csim.watch.clauses import Clause
from csim.watch.follow import read_logs
from csim.watch.month_to_date import QUANTILES, MonthToDate, month_to_date
from csim.watch.telling import Telling

PROVENANCE = ("contract", "contract_hash", "log_hash", "rows", "seed", "draws", "basis_days", "csim")
COUNTED = ("rows", "draws", "basis_days")


class MonthToDatePage(ReportPage):
    """
    The parts of a month-to-date report, in one language; every method gives one section.

    Examples:
        >>> import csim, pandas as pd
        >>> days = pd.date_range("2026-03-01T09:00+08:00", periods=8, freq="D")
        >>> log = pd.DataFrame([{"contact_id": f"{day:%d}-{i}", "queue": "hotline", "arrival": day, "wait_s": 5.0,
        ...                      "outcome": "answered"} for day in days for i in range(300)])
        >>> found = csim.month_to_date("scenarios/contracts/hotline_400.yaml", log, as_of="2026-03-08")
        >>> "截至 2026-03-08" in MonthToDatePage(found, "zh").answer().text
        True
    """

    def __init__(self, found: MonthToDate, lang: str = "en") -> None:
        super().__init__(lang)
        self.found, self.telling = found, Telling(found, lang)

    @classmethod
    def of(
        cls, contract: str, log: str, month: str = "", vendor: str = "", scenario: str = "", history: str = "",
        as_of: str = "", mapping: str = "", kpis: str = "", ledger: str = "", incidents: str = "",
        replications: int = 400, seed: int = 1, workers: str = "serial", audience: str = "internal", lang: str = "en",
    ) -> MonthToDatePage:  # fmt: skip
        """
        A month from files; "" leaves a part out.

        Raises:
            InputError: What cannot be watched, and why.
        """

        def read(path: Path) -> pd.DataFrame:
            return read_contacts(path, mapping or None)

        found = month_to_date(
            contract, read_logs(Path(log), read), month or None, vendor or None, scenario or None,
            [read_logs(Path(history), read)] if history else (), as_of or None, read_kpis(kpis) if kpis else None,
            ledger=ledger or None, incidents=read_incidents(incidents) if incidents else (),
            replications=replications, seed=seed, executor=workers,
        )  # fmt: skip
        return cls(copy_for(audience, found), lang)

    # -- the cover -----------------------------------------------------------------------------------

    def answer(self) -> Html:
        """The first screen: how probably the month ends short, what the remaining days need, what it may cost."""
        telling, found = self.telling, self.found
        title = self.words("watch_title", vendor=found.vendor, month=telling.month(), contract=found.contract.name)
        return self.opening(title, telling.sentence(), [telling.basis()], telling.source())

    def first_figure(self) -> Html:
        """The clause that matters most: the month by day, and the fan to its end."""
        return self._fan(self.found.clause)

    def in_short(self) -> Html:
        """The table to take along: each clause so far, what it needs, how probably it costs money."""
        heads = ("clause", "measure", "value", "level", "needed", "p_penalty", "expected", "note")
        rows = [self._row(clause, heads) for clause in self.found.clauses]
        return Html(html_table([self.words(f"watch_{head}") for head in heads], rows, classes=self._marks()))

    # -- by clause -----------------------------------------------------------------------------------

    def clauses(self) -> Html:
        """Where each clause ends: median with P10 and P90, penalty and bonus."""
        heads = ("clause", "measure", "value", "sample", "level", "ends", "p_missed", "p_penalty", "p_bonus")
        rows = [self._row(clause, heads) for clause in self.found.clauses]
        table = html_table([self.words(f"watch_{head}") for head in heads], rows)
        return self._section("watch_section_clauses", table + self._note(self.words("watch_clauses_note")))

    def other_figures(self) -> Html:
        """The other clauses that are measured, each as its own fan."""
        others = [c for c in self.found.clauses if c is not self.found.clause and not math.isnan(c.value)]
        return Html("".join(self._fan(clause).text for clause in others))

    def _row(self, clause: Clause, heads: tuple[str, ...]) -> list[Any]:
        telling = self.telling
        cells: dict[str, Any] = dict(zip(telling.heads, telling.row(clause), strict=True))
        cells["clause"] = Cell(clause.clause, whole=True)
        cells["sample"] = shown(clause.sample, "count", self.lang)
        cells["p_missed"] = telling.share(clause.p_missed)
        return [cells[head] for head in heads]

    def _marks(self) -> list[str]:
        """Colours the last cell of what is lost or safe."""
        return ["misses" if clause.hopeless else "holds" if clause.safe else "" for clause in self.found.clauses]

    def _fan(self, clause: Clause) -> Html:
        measure = self.telling.says.measure(clause.id)[0]
        alt = self.words("watch_figure_alt", clause=clause.clause, measure=measure)
        return self._figure(self.telling.figure(clause.id), alt)

    # -- money and days ------------------------------------------------------------------------------

    def money(self) -> Html:
        """Fee, deduction, bonus and what is payable: as it stands, expected, P10 to P90."""
        return self._section("watch_section_money", html_table(*self.telling.money_rows()))

    def money_figure(self) -> Html:
        """How the payment is spread over the ways the month may end; nothing where there is only one."""
        ends = self.found.ends
        if ends is None or len(set(ends.sums["net"])) < 2:
            return Html("")
        net = pd.Series(ends.sums["net"])
        often = self.telling.share(float((ends.sums["deduction"] > 0).mean()))
        axis = self.words("watch_money_axis", currency=self.found.contract.file.currency)
        title = self.words("watch_money_figure", p=often)
        source = self.telling.source()
        axes = spread_of_money(net, list(QUANTILES.values()), title, axis, source, self.lang)
        return self._figure(axes, self.words("watch_money_alt"))

    def days(self) -> Html:
        """Each day gone alone, and the month up to it, for the clause that matters most."""
        clause = self.found.clause
        table = self.found.path(clause.id)
        gone = table[table["kind"] == "gone"]
        rows = [
            [f"{row['date']}", shown(row["day"], clause.unit, self.lang), shown(row["median"], clause.unit, self.lang)]
            for row in gone.to_dict("records")
        ]
        measure = self.telling.says.measure(clause.id)[0]
        heads = [self.words("watch_date"), self.words("watch_figure_day"), self.words("watch_figure_gone")]
        caption = f"{clause.clause} {measure}"
        return self._section("watch_section_days", html_table(heads, rows, caption) + self._left_out(self.found.least))

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        known = self.found.provenance
        said = {key: f"{known[key]:,}" if key in COUNTED else known[key] for key in PROVENANCE if known.get(key)}
        rows = [(self.words(f"watch_prov_{key}"), value) for key, value in said.items()]
        basis = f"<p>{html.escape(self.telling.basis())}</p>"
        facts = facts_table([*rows, (self.words("prov_date"), rendered_on())])
        return self._section("section_provenance", basis + facts)

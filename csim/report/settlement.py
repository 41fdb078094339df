"""A settled month as the parts of a page: the answer, the statement, what drove the money, how sure it is."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pandas as pd

from csim.contract.load import load_contract
from csim.display import money
from csim.display.numbers import trimmed
from csim.display.tables import Cell, html_table
from csim.errors import InputError, Mistake
from csim.report.parts import Html, ReportPage, rendered_on
from csim.settlement.evidence import evidence_of
from csim.settlement.settle import statement_of
from csim.settlement.statement import Statement
from csim.settlement.tables import read_incidents, read_kpis
from csim.settlement.telling import drawn, page
from csim.settlement.telling.drivers import lost_scores
from csim.settlement.telling.told import Telling

BLANK_ROWS = 3


class SettlementPage(ReportPage):
    """
    The parts of a settlement report, in one language; every method gives one section.

    Examples:
        >>> found = SettlementPage.of("scenarios/contracts/double_11.yaml", "scenarios/contracts/double_11_kpis.csv",
        ...                           month="2026-11", vendor="B", lang="zh")
        >>> "109,385.64" in found.answer().text
        True
    """

    def __init__(self, statement: Statement, lang: str = "en") -> None:
        super().__init__(lang)
        self.statement, self.telling = statement, Telling(statement, lang)

    @classmethod
    def of(
        cls, contract: str, kpis: str = "", log: str = "", month: str = "", vendor: str = "", ledger: str = "",
        incidents: str = "", mapping: str = "", lang: str = "en",
    ) -> SettlementPage:  # fmt: skip
        """
        A month settled from files; "" leaves a part out.

        Raises:
            InputError: What cannot be settled, and why.
        """
        known = load_contract(contract)
        facts, more = _facts(kpis, log, mapping)
        statement = statement_of(
            known, facts, month=month or None, vendor=vendor or None, ledger=ledger or None,
            incidents=read_incidents(incidents) if incidents else (), **more,
        )  # fmt: skip
        return cls(statement, lang)

    # -- the cover ---------------------------------------------------------------------------------

    def answer(self) -> Html:
        """The first screen: what is payable, what is deducted, the three clauses that drove it."""
        telling = self.telling
        said = self.opening(telling.title(), telling.sentence(), telling.remarks(), drawn.source(self.telling))
        return Html(page.tied(said.text))

    def in_short(self) -> Html:
        """From the fee to what is payable: the clauses that move money, and the sums."""
        return Html(page.tied(page.short_html(self.telling)))

    def lines(self) -> Html:
        """The statement: every line, then the sums."""
        body = page.lines_html(self.telling) + page.sums_html(self.telling)
        return self._section("st_lines", body)

    # -- figures -----------------------------------------------------------------------------------

    def money_figure(self) -> Html:
        """From the fee to what is paid."""
        return self._figure(drawn.from_fee_to_payment(self.telling), self.words("fig_waterfall_alt"))

    def score_figure(self) -> Html:
        """Where the total score was lost; nothing where there is none, or none was lost."""
        lost = dict(lost_scores(self.statement)) if self.statement.score is not None else {}
        judged = {line.id: line for line in self.statement.payment.lines if line.judged is not None}
        whole = sum(((judged[name].judged.weight or Decimal(0)) for name in lost), Decimal(0))  # type: ignore[union-attr]
        if not any(lost.values()) or not whole:
            return Html("")
        rows = []
        for name, gone in lost.items():
            line = judged[name]
            share = (line.judged.weight or Decimal(0)) / whole * 100  # type: ignore[union-attr]
            rows.append({"label": drawn.label(self.telling, line), "kept": max(Decimal(0), share - gone), "lost": gone})
        axes = money.lost_scores(
            pd.DataFrame(rows), self.words("fig_lost_title"), drawn.source(self.telling), self.lang
        )
        heading = self._section("settlement_what_drove", "").text
        return Html(heading + self._figure(axes, self.words("fig_lost_alt")).text)

    def trend_figure(self) -> Html:
        """Score or points, and deductions, of the ledger's months; nothing for a single one."""
        s, words = self.statement, self.words
        entries = s.ledger.of(s.vendor)
        if len(entries) < 2:
            return Html("")
        kind = "score" if s.score is not None else "points" if s.points is not None else "money"
        values = [getattr(entry, kind, None) for entry in entries]
        table = pd.DataFrame(
            {"month": [e.month for e in entries], "value": [None if v is None else float(v) for v in values],
             "deducted": [float(e.deducted) for e in entries]}
        )  # fmt: skip
        what = "" if kind == "money" else words(f"cond_{kind}")
        title = words(f"fig_trend_title_{kind}", vendor=s.vendor)
        edges = self._edges() if kind == "score" else []
        axes = money.months_so_far(
            table, what, edges, title, drawn.source(self.telling), self.telling.currency(), self.lang
        )
        alt = words("fig_trend_alt_money" if kind == "money" else "fig_trend_alt")
        return Html(self._section("settlement_trend", "").text + self._figure(axes, alt).text)

    def _edges(self) -> list[tuple[float, str]]:
        """From which scores how much of the fee is paid."""
        found = []
        for row in self.statement.terms.pay.by_score:
            edge = row.begins or row.above
            if edge is not None and row.share_of_fee is not None:
                share = self.telling.says.share(row.share_of_fee)
                found.append((float(edge.number), self.words("fig_edge", edge=trimmed(edge.number), share=share)))
        return found

    # -- how sure ------------------------------------------------------------------------------------

    def evidence(self) -> Html:
        """Each penalised line with its interval, what it rests on, and a plain sentence."""
        telling, words = self.telling, self.words
        rows = []
        for line in self.statement.payment.lines:
            found = evidence_of(self.statement, line)
            if found is None:
                continue
            told = telling.told(line)
            value = Cell(told.value, (words("st_sample_of", sample=told.sample),) if told.sample else (), whole=True)
            basis = (told.evidence,) if told.evidence else ()
            said = telling.confidence(found)
            level = Cell(telling.says.level(found.level), whole=True)
            rows.append([Cell(told.clause, whole=True), told.measure, value, level, Cell(told.grade, basis), said])
        if not rows:
            return self._section("settlement_evidence", f"<p>{html.escape(words('settlement_evidence_none'))}</p>")
        heads = ("clause", "measure", "value", "fell_short", "evidence", "means")
        table = html_table([words(f"st_{head}") for head in heads], rows, kind=f"{page.SMALL_PRINT} evidence")
        return self._section("settlement_evidence", table + self._note(words("settlement_evidence_note")))

    def objections(self) -> Html:
        """What is disputed or thin, room for objections, and two blocks to sign."""
        body = page.thin_html(self.telling, range(BLANK_ROWS)) + page.signatures_html(self.telling)
        return self._section("st_thin", body)

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        rendered = (self.words("prov_date"), rendered_on())
        return self._section("st_provenance", page.provenance_html(self.telling, [rendered]))

    def _section(self, title: str, body: str) -> Html:
        return Html(page.tied(super()._section(title, body).text))


def _facts(kpis: str, log: str, mapping: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The facts of a log, of a KPI table, or of a log and a table beside it."""
    from csim.contacts.read import read_contacts

    if log:
        return read_contacts(log, mapping or None, filled=True), {"kpis": read_kpis(kpis)} if kpis else {}
    if kpis:
        return read_kpis(kpis), {}
    raise InputError([Mistake("nothing to settle: write -p kpis=FILE, or -p log=FILE", "-p kpis")])

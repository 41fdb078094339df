"""The page before a renewal: what to change, what it costs, why the vendor will still sign; then what is behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from csim.display.figures_of_tuning import totals
from csim.display.numbers import shown, whole
from csim.display.tables import html_table
from csim.errors import InputError
from csim.report.contenders import Contenders, contenders
from csim.report.parts import Html, ReportPage, facts_table
from csim.terms.answering.response import BestResponse, best_response
from csim.terms.gaming.tables import gain_table
from csim.terms.gaming.words import clause_lines
from csim.terms.judging.characteristic import operating_characteristic
from csim.terms.judging.sentences import deterring, level_text
from csim.terms.judging.tables import response_rows, risk_table
from csim.terms.pricing.price import fair_price
from csim.terms.pricing.relief import relief
from csim.terms.pricing.words import relief_cells
from csim.terms.tuning import tables
from csim.terms.tuning import words as said
from csim.terms.tuning.shuffled import shuffled
from csim.terms.tuning.trials import MONTHS, SURE, Outcome, whole_months


class RenewalPage(ReportPage):
    """
    The parts of a renewal report, in one language; every method gives one section.

    The recommendation is the aim of `csim.tune`; where there is none, today's terms stand in its place and the answer
    says which wishes conflict.
    """

    def __init__(self, known: Contenders, lang: str = "en") -> None:
        super().__init__(lang)
        self.known, self.found, self.grid = known, known.found, known.grid
        self.best = self.found.packages[known.recommended]
        self.contract, self.rows = self.found.contract_of(known.recommended), known.rows()
        seed = self.found.provenance["seed"]  # the months of the search
        self.months = self.grid if whole_months(self.contract, self.grid) else shuffled(self.grid, MONTHS, seed)

    @classmethod
    def of(cls, contract: str, lang: str = "en", **more: Any) -> RenewalPage:
        """A renewal from files; see `csim.report.contenders.contenders`."""
        return cls(contenders(contract, **more), lang)

    # -- the cover ---------------------------------------------------------------------------------

    def answer(self) -> Html:
        """The first screen: what to change, what it costs, why the vendor signs."""
        name = self.found.contract.name
        title = self.words("renew_title", contract=name)
        if self.grid.vendor:
            title = self.words("renew_title_vendor", contract=name, vendor=self.grid.vendor)
        return self.opening(title, self.sentence(), self.remarks(), said.source_text(self.found, self.words))

    def sentence(self) -> str:
        """The recommendation."""
        found, words = self.found, self.words
        if "aim" not in found.packages:
            return said.refusal(found, words)
        aim, today = found.packages["aim"].searched, found.packages["today"].searched
        number = len(found.changes)
        change = (aim.buyer - today.buyer) / today.buyer * 100
        count = words("renew_count_one") if number == 1 else words("renew_count", number=number)
        return words(
            "renew_sentence" if found.changes else "renew_keep", count=count, changes=said.in_brief(found, words),
            buyer=whole(aim.buyer), today=whole(today.buyer), currency=found.contract.file.currency,
            percent=f"{'+' if change > 0 else '−'}{abs(change):.0f}{'' if self.lang == 'zh' else ' '}%",
            profit=whole(aim.profit), margin=shown(aim.profit / aim.payment, "share", self.lang),
            best=said.best_text(found, found.packages["aim"], words),
            service=said.service_text(found, found.packages["aim"], words),
        )  # fmt: skip

    def remarks(self) -> list[str]:
        """What has to be said with it: today's answer, the fresh months, the contracts on the table."""
        found, words = self.found, self.words
        if "aim" not in found.packages:
            return [words("renew_no_answer")]
        aim, today = found.packages["aim"], found.packages["today"]
        best, service = (text(found, today, words) for text in (said.best_text, said.service_text))
        parts = [words("tune_today", best=best, service=service), said.fresh_text(aim, words)]
        if aim.fails:
            limits = words("tune_semicolon").join(said.limit_text(found, name, words) for name in aim.fails)
            parts.append(words("tune_fails", limits=limits))
        parts += [self._best_proposal(), "" if found.harm.known else words("renew_no_harm")]
        if unknown := [found.contract.clause_name(name, self.lang) for name in found.unknown]:
            parts.append(words("renew_unknown", clauses=words("list_comma").join(unknown)))
        return [part for part in parts if part]

    def _best_proposal(self) -> str:
        """The cheapest contract on the table beside the recommendation."""
        rows = [row for row in self.rows if row.name not in ("today", "aim")]
        if not rows:
            return ""
        row = min(rows, key=lambda row: row.outcome.buyer)
        gap = row.outcome.buyer - self.best.searched.buyer
        key = "renew_proposal" if gap >= 0 else "renew_proposal_best" if row.missed else "renew_proposal_good"
        limits = self.words("tune_semicolon").join(said.limit_text(self.found, name, self.words) for name in row.missed)
        return self.words(key, name=row.name, buyer=whole(row.outcome.buyer), gap=whole(abs(gap)), limits=limits)

    def totals_figure(self) -> Html:
        """What the buyer pays and loses under each contract."""
        rows = []
        for row in self.rows:
            service = self._service(row.outcome)
            note = self.words("renew_fig_note", total=whole(row.outcome.buyer), service=service)
            rows.append({"name": self._name(row.name), "payment": row.outcome.payment, "harm": row.outcome.harm,
                         "note": note if service else whole(row.outcome.buyer)})  # fmt: skip
        kept = [row for row in self.rows if not row.missed]
        least = min(kept, key=lambda row: row.outcome.buyer, default=None)
        title = self.words("renew_fig_title", best=self._name(least.name)) if least else self.words("renew_fig_none")
        labels = {
            "title": title,
            "x": self.words("renew_fig_x", currency=self.found.contract.file.currency),
            "payment": self.words("tune_row_payment"), "harm": self.words("tune_row_harm"),
            "source": said.source_text(self.found, self.words),
        }  # fmt: skip
        return self._figure(totals(pd.DataFrame(rows), labels, self.lang), self.words("renew_fig_alt"))

    def terms(self) -> Html:
        """What to change: the cover's table."""
        if "aim" not in self.found.packages:
            return Html(html_table(*tables.outcome_rows(self.found, self.lang), caption=self.words("renew_today")))
        return Html(html_table(*tables.term_rows(self.found, self.lang), caption=self.words("renew_terms")))

    # -- contracts and packages --------------------------------------------------------------------

    def side_by_side(self) -> Html:
        """Today's contract, those on the table and the recommendation, a column each."""
        words, lang, rows = self.words, self.lang, self.rows
        outcomes = [row.outcome for row in rows]
        cells = [[words("renew_col_best"), *(self._level(o.row) for o in outcomes)]]
        for i, wish in enumerate(self.found.demands.wishes):
            name = said.kpi_name(self.found, wish.kpi, lang)
            cells.append([name, *(shown(o.service[i], wish.unit, lang) for o in outcomes)])
        for key, name in (("payment", "payment"), ("harm", "harm"), ("total", "buyer"), ("profit", "profit")):
            cells.append([words(f"renew_col_{key}"), *(whole(getattr(o, name)) for o in outcomes)])
        for key, name in (("false", "false_penalty"), ("missed", "missed_breach"), ("at_risk", "at_risk")):
            cells.append([words(f"renew_col_{key}"), *(shown(getattr(o, name), "share", lang) for o in outcomes)])
        missed = [
            words("list_comma").join(said.short_text(self.found, name, words) for name in row.missed) for row in rows
        ]
        cells.append([words("renew_col_limits"), *(text or words("renew_none") for text in missed)])
        heads = [words("tune_outcome"), *(self._name(row.name) for row in rows)]
        note = words("renew_side_note", **said.beside_text(self.found.demands, words))
        return self._section("renew_side", html_table(heads, cells) + self._note(note))

    def packages(self) -> Html:
        """What to ask, where to aim, where to stop, with both judgements."""
        if "aim" not in self.found.packages:
            return Html("")
        doubt = shown(self.found.provenance["doubt"], "share", self.lang)
        note = self.words("tune_packages_note", doubt=doubt)
        return self._section(
            "renew_packages", html_table(*tables.outcome_rows(self.found, self.lang)) + self._note(note)
        )

    # -- what the recommended terms make happen ------------------------------------------------------

    def response(self) -> Html:
        """The vendor's profit at every staffing, and what penalties must weigh."""
        answer = self._answer()
        figure = self._figure(answer.plot(self.lang), self.words("renew_alt_response")).text
        below = "".join(self._note(line) for line in deterring(answer, self.lang))
        table = html_table(*response_rows(answer, self.lang))
        return self._section(
            self._asked("renew_answer"), f"{self._note(answer.summary(self.lang))}{figure}{table}{below}"
        )

    def judged(self) -> Html:
        """How often each clause punishes although it should not, and the reverse."""
        found = operating_characteristic(self.contract, self.months, cycles=["month"], limits=self.found.demands.limits)
        gap = shown(self.found.demands.limits.margin, "share", self.lang)
        body = html_table(*risk_table(found, self.lang)) + self._note(self.words("renew_judge_note", gap=gap))
        return self._section(self._asked("renew_judged"), body)

    def games(self) -> Html:
        """What gaming would gain, and the clauses that close it; nothing where it was not looked at."""
        if self.known.gaming is None:
            return Html("")
        lines = "".join(self._note(line) for line in self.known.gaming.summary(self.lang).splitlines())
        lines += "".join(self._note(line) for line in clause_lines(self.known.gaming, self.lang))
        table = html_table(*gain_table(self.known.gaming, self.lang))
        return self._section(self._asked("renew_games"), lines + table)

    def _asked(self, key: str) -> str:
        """A section's title: of the recommended terms, or of today's where there is no recommendation."""
        return key if "aim" in self.found.packages else f"{key}_today"

    def relief(self) -> Html:
        """What relief for volume above the forecast is worth."""
        found = relief(self.contract, self.months)
        level = self.grid.levels[self.best.searched.row]
        found = replace(found, table=found.table[found.table["level"] == level])
        body = self._note(found.summary(self.lang)) + html_table(*relief_cells(found, self.lang))
        return self._section("renew_relief", body + self._note(self.words("renew_relief_none")))

    def price(self) -> Html:
        """The fair price of each promise; nothing where no promise can be priced."""
        try:
            margin, cost = self.found.demands.margin, self.known.cost_per_hour
            found = fair_price(self.contract, self.months, margin=margin, cost_per_hour=cost)
        except InputError as error:
            return self._section("renew_price", self._note(error.mistakes[0].what))
        figure = self._figure(found.plot(self.lang), self.words("renew_alt_price")).text
        return self._section("renew_price", self._note(found.summary(self.lang)) + figure)

    def cases(self) -> Html:
        """The recommendation if volume, luck, handle time or the vendor's cost turn out otherwise."""
        if not len(self.found.robustness):
            return Html("")
        return self._section("renew_cases", html_table(*tables.case_rows(self.found, self.lang)))

    def bargain(self) -> Html:
        """The buyer's cost against the vendor's risk, and the certificate; nothing without a recommendation."""
        if "aim" not in self.found.packages:
            return Html("")
        figure = self._figure(self.found.plot(self.lang), self.words("renew_alt_bargain")).text
        stated = said.certificate_text(self.found, self.lang)
        return self._section("renew_bargain", figure + (self._note(stated) if stated else ""))

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        at, words = self.found.provenance, self.words
        names = [name for name in self.found.demands.names if name != "order"]
        limits = words("tune_semicolon").join(said.limit_text(self.found, name, words) for name in names)
        rows = [
            ("contract", f"{at['contract']} ({at['contract_hash']})"),
            ("proposals", words("list_comma").join(f"{c.name} ({c.hash})" for c in self.known.proposals) or "–"),
            ("scenario", f"{at['scenario']} ({at['scenario_hash']})"), ("seed", f"{at['seed']}; {at['seed'] + 1}"),
            ("replications", at["replications"]), ("tried", f"{self.found.tried:,}"), ("limits", limits),
            ("csim", at["csim"]),
        ]  # fmt: skip
        return self._section(
            "renew_provenance", facts_table((words(f"renew_prov_{key}"), value) for key, value in rows)
        )

    # -- helpers -------------------------------------------------------------------------------------

    def _answer(self) -> BestResponse:
        """The vendor's answer on the months of the search; what may be chance, from the days that were simulated."""
        found = best_response(
            self.contract, self.months, cost_per_hour=self.known.cost_per_hour, harm=self.found.harm,
            margin=self.found.demands.margin,
        )  # fmt: skip
        error = found.table["error"] * (self.months.replications / self.grid.replications) ** 0.5
        tie = found.table["behind"].abs() <= SURE * error.fillna(0.0)
        return replace(found, table=found.table.assign(error=error, tie=tie))

    def _name(self, name: str) -> str:
        return self.words.find(f"renew_name_{name}") or name

    def _level(self, row: int) -> str:
        return level_text(self.grid.lever, self.grid.levels[row], self.words)

    def _service(self, outcome: Outcome) -> str:
        wishes = self.found.demands.wishes
        if not wishes:
            return ""
        value = shown(outcome.service[0], wishes[0].unit, self.lang)
        return f"{said.kpi_name(self.found, wishes[0].kpi, self.lang)} {value}"

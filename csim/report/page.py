"""A service forecast as the parts of a page: the answer first, then tables, figures and provenance."""

from __future__ import annotations

import html
import math
import os
from typing import Any

import pandas as pd

from csim.display import figures
from csim.display.numbers import interval, points, shown
from csim.display.tables import HEADLINES, Cell, html_table, shown_benchmark
from csim.experiment.simulation import ALL
from csim.report.forecast import Promise
from csim.report.parts import Html, ReportPage, facts_table, rendered_on
from csim.report.phrases import Phrases

MOST_SPELLS = 12


class ForecastPage(Phrases, ReportPage):
    """
    The parts of the service forecast, in one language; every method gives one section.

    Examples:
        >>> import csim
        >>> forecast = csim.service_forecast("scenarios/centres/first_voice.yaml", replications=3, seed=7)
        >>> ForecastPage(forecast, "zh").answer().text.startswith("<h1>服务预测")
        True
    """

    # -- the cover ------------------------------------------------------------------------------

    def answer(self) -> Html:
        """The first screen: title, sentence, and what has to be said with it."""
        remarks = [self.words("assumed_note")] if self.forecast.assumed else []
        spell = self.forecast.worst
        if spell is not None and not spell.promise.sure:
            remarks.append(self.words("overlap_note"))
        title = self.words("report_title", name=self.scenario.name)
        return self.opening(title, self.sentence(), remarks, self.source())

    def first_figure(self) -> Html:
        """Where the day breaks; where no level is promised, what the day brings."""
        return self.level_figure() if self._levels else self._load()

    def promises(self) -> Html:
        """Every target: expected value, margin, probability to hold."""
        rows, marks = [], []
        for promise in self.forecast.promises:
            verdict = "holds" if promise.met else "misses"
            if not promise.measured:
                verdict = "unmeasured"
            elif not promise.sure and not math.isnan(promise.low):
                verdict = "open"
            unit = promise.kpi.unit
            margin = promise.value - promise.target if promise.kpi.better != "down" else promise.target - promise.value
            rows.append(
                [
                    self.who(promise),
                    promise.kpi.name(self.lang),
                    self.value(promise.target, unit),
                    self.value(promise.value, unit),
                    interval(promise.low, promise.high, unit, self.lang),
                    points(margin, unit, self.lang),
                    self.probability(promise),
                    self.words(f"verdict_{verdict}"),
                ]
            )
            marks.append(verdict)
        head = ("col_who", "kpi", "col_target", "col_expected", "interval", "col_margin", "col_holds", "col_verdict")
        title = self.words("section_promises")
        return Html(html_table([self.words(key) for key in head], rows, title, marks))

    def spells(self) -> Html:
        """The spells that break, worst first."""
        found = self.forecast.spells
        chance = len(self.forecast.dips) - len(found)
        doubt = [self.words("chance_spells", count=chance)] if chance else []
        if not found:
            said = " ".join([self.words("no_spells"), *doubt])
            return self._section("section_spells", f"<p>{html.escape(said)}</p>")
        rows = []
        for number, spell in enumerate(found[:MOST_SPELLS]):
            told = self.forecast.worst if number == 0 else None
            words = self.spell_words(spell)
            short = "" if told is None else str(told.short) if told.short is not None else "–"
            rows.append(
                [
                    Cell(f"{words['date']} {words['from']}–{words['to']}", whole=True),
                    self.who(spell.promise),
                    self.share(spell.level),
                    self.value(spell.promise.target, "share"),
                    shown(max(spell.missed, 0.0), "count", self.lang),
                    short,
                ]
            )
        head = ("col_when", "col_who", "col_level", "col_target", "col_missed", "col_short")
        more = [self.words("more_spells", count=len(found) - MOST_SPELLS)] if len(found) > MOST_SPELLS else []
        note = " ".join([*more, *doubt, self.words("spells_note")])
        table = html_table([self.words(key) for key in head], rows)
        return self._section("section_spells", table + self._note(note))

    # -- tables ------------------------------------------------------------------------------------

    def kpis(self) -> Html:
        """What to expect: all contacts, then each queue and vendor, with Erlang's answer and the sector's values."""
        blocks = self._blocks()
        kpis = [kpi for kpi in self.sim.catalogue.values() if kpi.id in HEADLINES]
        rows = []
        for kpi in kpis:
            cells = [self._expected(kpi, queue, vendor) for queue, vendor, _ in blocks]
            if any(cells):
                rows.append([Cell(kpi.name(self.lang)), *cells, Cell(shown_benchmark(kpi, self.lang))])
        head = [self.words("kpi"), *(title for _, _, title in blocks), self.words("col_sector")]
        sources = {kpi.source.get(self.lang, "") for kpi in kpis if kpi.source}
        note = self.words("kpis_note", replications=self.sim.replications, source=self._join(sorted(sources)))
        return self._section("section_kpis", html_table(head, rows) + self._note(note))

    def _blocks(self) -> list[tuple[str, str | None, str]]:
        """The columns of the KPI table: queue, vendor, heading."""
        queues = list(self.scenario.queues)
        found: list[tuple[str, str | None, str]] = []
        if len(queues) > 1 or self.scenario.queues[queues[0]].shares:
            found.append((ALL, None, self.words("all_queues")))
        for queue in queues:
            shares = self.scenario.queues[queue].shares
            for vendor in shares or [None]:  # type: ignore[list-item]
                found.append((queue, vendor, self.name_of(queue, vendor)))
        return found

    def _expected(self, kpi: Any, queue: str, vendor: str | None) -> Cell:
        """A value with its interval below, and Erlang's answer where there is one."""
        place = ALL if len(self.scenario.queues) == 1 and (kpi.of_agents or vendor is None) else queue
        table = self.sim.kpis if vendor is None else self.sim.by_vendor[self.sim.by_vendor["vendor"] == vendor]
        found = table[(table["queue"] == place) & (table["kpi"] == kpi.id)]
        if found.empty or math.isnan(found["value"].iloc[0]):
            return Cell("")
        row = found.iloc[0]
        below = [interval(row["ci_low"], row["ci_high"], kpi.unit, self.lang)]
        steady = self.forecast.erlang
        exact = steady[(steady["queue"] == queue) & (steady["vendor"] == (vendor or "")) & (steady["kpi"] == kpi.id)][
            "value"
        ]
        if len(exact):
            below.append(self.words("erlang_says", value=self.value(exact.iloc[0], kpi.unit)))
        return Cell(self.value(row["value"], kpi.unit), tuple(filter(None, below)))

    # -- figures -----------------------------------------------------------------------------------

    @property
    def _levels(self) -> list[Promise]:
        """The promises of a service level."""
        return [p for p in self.forecast.promises if p.kpi.id.startswith("service_level")]

    def axes(self) -> Any:
        """The figure of the cover as Axes."""
        return self._level_axes() if self._levels else self._load_axes()

    def load_figure(self) -> Html:
        """Arrivals against staffing on the day in focus; nothing where the cover shows it."""
        return self._load() if self._levels else Html("")

    def _load(self) -> Html:
        axes = self._load_axes()
        return self._figure(axes, self.words("fig_load_alt", date=self.date(self.forecast.focus_day)))

    def _load_axes(self) -> Any:
        day, days = self.forecast.focus_day, self.scenario.days
        expected = sum(numbers[day] for numbers in self.scenario.expected.values())
        table = pd.DataFrame({"time": days.clock, "expected": expected})
        for group, heads in self.scenario.on_duty.items():
            if heads[day].any():
                table[group] = heads[day]
        date = self.date(day)
        return figures.load_and_staff(table, self.words("fig_load_title", date=date), self.source(), self.lang)

    def level_figure(self) -> Html:
        """Service level and wait by interval on the day in focus."""
        if not self._levels:
            return Html("")
        return self._figure(self._level_axes(), self.words("fig_level_alt", date=self.date(self.forecast.focus_day)))

    def _level_axes(self) -> Any:
        level, day = self._levels, self.forecast.focus_day
        target = level[0].target
        tables = {self.who(p): self._on(self.forecast.levels(p), day) for p in level if p.target == target}
        waits = {self.who(p): self._waits(p, day) for p in level if p.target == target}
        spell = self.forecast.worst
        if spell is None:
            title = self.words("fig_level_hold", date=self.date(day))
        else:
            title = self.words("fig_level_break", **(self.spell_words(spell) | {"who": self.who(spell.promise)}))
        return figures.service_and_wait(tables, waits, target, title, self.source(), self.lang)

    def _waits(self, promise: Promise, day: int) -> pd.DataFrame:
        table = self.sim.by_interval
        mine = (
            (table["queue"] == promise.queue)
            & (table["vendor"] == (promise.vendor or ""))
            & (table["kpi"] == "wait_all")
        )
        return self._on(table[mine], day)

    def calendar_figure(self) -> Html:
        """The month at a glance, for the promise of the worst spell; nothing for a single day."""
        level = self._levels
        if not level or len(self.scenario.days) < 2:
            return Html("")
        promise = self.forecast.spells[0].promise if self.forecast.spells else level[0]
        values = {"who": self.who(promise), "target": self.share(promise.target)}
        title = self.words("fig_calendar_title", **values)
        axes = figures.calendar_of_levels(
            self.forecast.levels(promise), promise.target, title, self.source(), self.lang
        )
        return self._figure(axes, self.words("fig_calendar_alt"))

    def waits_figure(self) -> Html:
        """How long people waited, answered and lost."""
        waits = self.sim.waits
        curves, marks = {}, []
        for queue, spec in self.scenario.queues.items():
            if spec.answer_within is not None:
                marks.append(spec.answer_within)
            for vendor in spec.shares or [None]:  # type: ignore[list-item]
                mine = waits[(waits["queue"] == queue) & (waits["vendor"] == (vendor or ""))].dropna()
                if len(mine):
                    curves[self.name_of(queue, vendor)] = mine
        first = next((q for q in self.scenario.queues.values() if q.answer_within is not None), None)
        if not curves or first is None:
            return Html("")
        share = self.share(self.sim.value("service_level_included"))
        seconds = "/".join(f"{mark:g}" for mark in dict.fromkeys(marks))
        title = self.words("fig_waits_title", share=share, seconds=seconds)
        axes = figures.answered_within(curves, list(dict.fromkeys(marks)), title, self.source(), self.lang)
        return self._figure(axes, self.words("fig_waits_alt"))

    def occupancy_figure(self) -> Html:
        """How busy each group is on the day in focus."""
        day = self.forecast.focus_day
        table = self._on(self.sim.occupancy_by_interval, day)
        date = self.date(day)
        axes = figures.occupancy_map(table, self.words("fig_occupancy_title", date=date), self.source(), self.lang)
        return self._figure(axes, self.words("fig_occupancy_alt", date=date))

    def figures_title(self) -> Html:
        """The heading above the figures."""
        return self._section("section_figures", "")

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        found = self.sim.provenance
        rows = [
            (self.words("prov_scenario"), f"{found['scenario']} ({os.path.basename(self.scenario.source) or 'dict'})"),
            (self.words("prov_hash"), found["scenario_hash"]),
            (self.words("prov_seed"), found["seed"]),
            (self.words("prov_replications"), found["replications"]),
            (self.words("prov_contacts"), f"{found['contacts']:,}"),
            (self.words("prov_engine"), self.words(f"engine_{found['engine']}")),
            (self.words("prov_csim"), found["csim"]),
            (self.words("prov_date"), rendered_on()),
        ]
        rows += [(self.words("prov_warnings"), warning) for warning in self.scenario.warnings]
        return self._section("section_provenance", facts_table(rows))

    def _join(self, parts: list[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(parts)

    @staticmethod
    def _on(table: pd.DataFrame, day: int) -> pd.DataFrame:
        return table[table["day"] == day + 1].reset_index(drop=True)

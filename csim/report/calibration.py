"""A calibration as the parts of a page: how far to trust it, where its error is, each fit with its figure."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contacts.read import read_contacts, read_states
from csim.contacts.vendors import keep_rivals_apart, vendors_of
from csim.display.numbers import interval, points, shown
from csim.display.tables import Cell, html_table
from csim.fitting.backtest import Backtest
from csim.fitting.fit import fit
from csim.fitting.picture import figure, where_the_error_is
from csim.fitting.result import Fit
from csim.fitting.telling import FitTelling
from csim.fitting.verdict import UNITS, Verdict
from csim.report.parts import Html, ReportPage, copy_for, facts_table, rendered_on

SHORT = ("handle_time", "after_work", "patience", "staffing", "pace", "day_factor")
IN_SHORT = {"mean_s", "median_s", "balk", "agent_hours_per_day", "surviving_60_s"}
PROVENANCE = ("log", "log_hash", "rows", "days", "from", "to", "held_out_from", "held_out_to", "held_out_rows", "takes",
              "replications", "seed", "scenario_hash", "csim")  # fmt: skip
LEAST_DAYS = 4


class CalibrationPage(ReportPage):
    """
    The parts of a calibration report, in one language; every method gives one section.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml").vary({"calendar.days": 8})
        >>> log = csim.simulate(centre, 1, seed=7, keep_contacts=True).contacts
        >>> found = csim.fit(log, interval="30 min", holdout="25%")
        >>> "服务等级模拟" in CalibrationPage(found, found.backtest(replications=2), "zh").answer().text
        True
    """

    def __init__(self, found: Fit, tried: Backtest | None = None, lang: str = "en") -> None:
        super().__init__(lang)
        self.found, self.tried = found, tried
        self.telling = FitTelling(found, lang)
        self.verdict = Verdict(tried, lang) if tried is not None else None

    @classmethod
    def of(
        cls, log: str, mapping: str = "", states: str = "", within: str = "", weekdays: str = "",
        interval: str = "15 min", special: str = "exclude", holdout: str = "25%", holdout_log: str = "",
        holdout_takes: str = "volumes,staffing", replications: int = 40, seed: int = 1,
        audience: str = "internal", lang: str = "en",
    ) -> CalibrationPage:  # fmt: skip
        """
        A log read, fitted and tried on days kept back (or on another log); "" leaves a part out.

        Raises:
            InputError: What cannot be read or fitted, and why.
        """
        path = Path(log)
        contacts = read_contacts(path, mapping or None, filled=True)
        if audience == "vendor":
            keep_rivals_apart(vendors_of(contacts), "this report")
        if holdout_log:
            holdout = ""
        elif contacts["arrival"].dt.tz_localize(None).dt.normalize().nunique() < LEAST_DAYS:
            holdout = ""  # nothing to keep back: the page shows the fit alone
        found = fit(
            contacts, read_states(Path(states)) if states else None, name=path.name.split(".")[0], interval=interval,
            within=within or None, weekdays=weekdays.split(",") if weekdays else None, holdout=holdout or None,
            special=special, seed=seed,
            source={"log": path.name, "log_hash": hashlib.sha256(path.read_bytes()).hexdigest()[:12]},
        )  # fmt: skip
        takes = tuple(part.strip() for part in holdout_takes.split(",") if part.strip() not in ("", "nothing"))
        others = read_contacts(holdout_log, mapping or None, filled=True) if holdout_log else found.held_out
        tried = found.backtest(others, takes, None, replications, seed) if others is not None else None
        return cls(copy_for(audience, found), None if tried is None else copy_for(audience, tried), lang)

    # -- the cover -----------------------------------------------------------------------------------

    def answer(self) -> Html:
        """The first screen: how far to trust it, and at what hours it is off."""
        title = self.words("fit_title", name=self.found.provenance.get("log", self.found.name))
        if self.verdict is None:
            first, *more = self.telling.sentences()
            return self.opening(title, first, [*more[:2], self.words("calib_untried")], self.telling.source())
        return self.opening(title, self.verdict.sentence(), self.verdict.hours(), self.telling.source())

    def first_figure(self) -> Html:
        """Real against simulated by time of day; without a holdout, the arrivals."""
        if self.tried is None:
            return self._figure(self.found.plot("arrivals", lang=self.lang), self.words("calib_alt_arrivals"))
        return self._figure(self.tried.plot(lang=self.lang), self.words("calib_alt_backtest"))

    def in_short(self) -> Html:
        """The table to take along: the parameters that matter most, with their intervals."""
        table = self.found.parameters
        mine = table[
            table["part"].isin(SHORT) & (table["parameter"].isin(IN_SHORT) | table["part"].isin(("pace", "day_factor")))
        ]
        order = {part: number for number, part in enumerate(SHORT)}
        mine = mine.sort_values("part", key=lambda part: part.map(order), kind="stable")
        heads, cells = self.telling.parameters(mine)
        return Html(html_table(heads, cells, self.words("calib_short_caption")))

    # -- how far to trust it ---------------------------------------------------------------------------

    def trust(self) -> Html:
        """Real and simulated, all days together, and what has to be said with it."""
        if self.verdict is None or self.tried is None:
            return Html("")
        left_out = self.telling.left_out(self.tried.left_out)
        body = html_table(*self.verdict.pooled()) + _list([*self.verdict.remarks(), *left_out])
        return self._section("calib_trust", body)

    def error_figure(self) -> Html:
        """The error of the service level as one thing after the other becomes the model's."""
        if self.tried is None:
            return Html("")
        return self._figure(where_the_error_is(self.tried, self.lang), self.words("calib_alt_steps"))

    def errors(self) -> Html:
        """Where the error comes from, as a table."""
        if self.verdict is None:
            return Html("")
        body = html_table(*self.verdict.steps()) + self._note(self.words("back_chain_note"))
        return self._section("calib_errors", body)

    def days(self) -> Html:
        """Weekdays and days, real and simulated."""
        if self.verdict is None or self.tried is None:
            return Html("")
        weekdays = self._tried_rows(self.tried.by_weekday, "weekday")
        days = self._tried_rows(self.tried.by_day, "date")
        body = html_table(*weekdays, caption=self.words("calib_weekdays")) + html_table(
            *days, caption=self.words("calib_each_day")
        )
        body += self._left_out(self.tried.least)
        return self._section("calib_days", body)

    def _tried_rows(self, table: pd.DataFrame, key: str) -> tuple[list[str], list[list[Any]]]:
        verdict, words = self.verdict, self.words
        assert verdict is not None
        heads = [words(f"calib_{key}"), words("fit_head_contacts")]
        kpis = ("service_level", "abandonment_rate")
        for kpi in kpis:
            heads += [f"{verdict.kpi(kpi)}: {words(f'fit_head_{what}')}" for what in ("real", "simulated", "error")]
        rows = []
        for name, group in table.groupby(key, sort=False):
            by_kpi = group.set_index("kpi")
            label = words(f"fit_weekday_{name}") if key == "weekday" else str(name)
            row: list[Any] = [label, shown(by_kpi["offered"].iloc[0], "count", self.lang)]
            for kpi in kpis:
                real, simulated, error = by_kpi.loc[kpi, ["real", "simulated", "error"]]
                band = interval(by_kpi["low"][kpi], by_kpi["high"][kpi], UNITS[kpi], self.lang)
                row += [verdict.value(kpi, real), Cell(verdict.value(kpi, simulated), (band,), whole=True),
                        points(error, UNITS[kpi], self.lang)]  # fmt: skip
            rows.append(row)
        return heads, rows

    # -- the fits --------------------------------------------------------------------------------------

    def volumes(self) -> Html:
        """Arrivals by weekday and time of day, how days differ, and the days unlike others."""
        parts = [self._plot("arrivals", None, "calib_alt_arrivals")] if self.tried is not None else []
        if self.found.seen.days > 2:
            parts.append(self._plot("day_factor", None, "calib_alt_days"))
        if self.found.arrivals.special:
            parts.append(html_table(*self.telling.special(), caption=self.words("calib_special")))
        shape = self.words(f"fit_shape_{self.found.arrivals.shape}")
        return self._section("calib_volumes", f"<p>{html.escape(shape)}</p>" + "".join(parts))

    def handle_times(self) -> Html:
        """Each queue's handle time (and after-work): the log, the laws tried, the one chosen."""
        parts = []
        for what, fits in (("handle_time", self.found.handle), ("after_work", self.found.after_work)):
            for queue in (name for name in fits if name in self.found.told):
                law = fits[queue]
                tried = [(self.telling.law(c.law), c.score, c.distance) for c in law.candidates]
                chosen = self.words("calib_chosen", law=self.telling.handle_law(law))
                table = html_table(*self.telling.candidates(tried), caption=self._of(queue, chosen))
                parts.append(self._plot(what, queue, f"calib_alt_{what}") + table)
                if what == "handle_time" and queue in self.found.handle_by_time:
                    parts.append(self._plot("handle_by_time", queue, "calib_alt_by_time"))
        return self._section("calib_handle", "".join(parts) + self._note(self.words("calib_handle_note")))

    def _of(self, queue: str, said: str) -> str:
        return f"{queue}{'：' if self.lang == 'zh' else ': '}{said}"

    def patience(self) -> Html:
        """Each queue's patience: Kaplan–Meier, the laws tried, the one chosen."""
        parts = []
        for queue in self.found.told:
            law = self.found.patience[queue]
            chosen = self.words("calib_chosen", law=self.telling.patience_law(law))
            if law.never:
                parts.append(f"<p>{html.escape(self._of(queue, chosen))}</p>")
                continue
            tried = [(self.telling.law(found), score, gap) for found, score, gap in law.candidates]
            table = html_table(*self.telling.candidates(tried), caption=self._of(queue, chosen))
            parts.append(self._plot("patience", queue, "calib_alt_patience") + table)
        return self._section("calib_patience", "".join(parts) + self._note(self.words("calib_patience_note")))

    def staffing(self) -> Html:
        """Agents on duty by time of day, and the pace of chats."""
        parts = [self._plot("staffing", group, "calib_alt_staffing") for group in self.found.groups]
        parts += [
            self._plot("pace", group, "calib_alt_pace") for group, p in self.found.pace.items() if p.concurrency > 1
        ]
        note = self._note(self.words("calib_staffing_note")) if self.found.staffing.source == "calls" else ""
        return self._section("calib_staffing", "".join(parts) + note)

    def parameters(self) -> Html:
        """Every parameter with its interval, and what was assumed or left out."""
        table = html_table(*self.telling.parameters()) + self._left_out(self.found.least)
        return self._section("calib_parameters", table + _list(self.telling.remarks()))

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        known = dict((self.tried or self.found).provenance)
        if self.tried is not None and self.verdict is not None:
            known["takes"] = self.verdict.lent(self.tried.takes)
        known |= {key: f"{known[key]:,}" for key in ("rows", "held_out_rows") if key in known}
        rows = [(self.words(f"calib_prov_{key}"), known[key]) for key in PROVENANCE if key in known]
        return self._section("section_provenance", facts_table([*rows, (self.words("prov_date"), rendered_on())]))

    def _plot(self, what: str, of: str | None, alt: str) -> str:
        return self._figure(figure(self.found, what, of, self.lang), self.words(alt)).text


def _list(said: Iterable[str]) -> str:
    """Remarks as a list; nothing for none."""
    items = "".join(f"<li>{html.escape(text)}</li>" for text in said)
    return f"<ul>{items}</ul>" if items else ""

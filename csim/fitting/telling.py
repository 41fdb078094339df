"""What a fit says in words: names of parameters and laws, its sentences, its tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.notes import Note
from csim.display.numbers import fewer, interval, shown
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.fitting.handle import HandleFit
from csim.fitting.laws import Fitted
from csim.fitting.observed import clock_of
from csim.fitting.patience import PatienceFit
from csim.kpi.small import is_small

if TYPE_CHECKING:
    from csim.fitting.result import Fit
    from csim.fitting.sample import Interval

FEW_DAYS = 10
NAIVE = 1.05  # how much too long a lognormal's mean must be to be spoken of


class FitTelling:
    """The words of a fit in one language."""

    def __init__(self, fit: Fit, lang: str = "en") -> None:
        self.fit, self.lang, self.words = fit, lang, Words(lang)

    # -- names -------------------------------------------------------------------------------------

    def law(self, law: Fitted) -> str:
        """A law's name."""
        body = self.words(f"fit_law_{law.body}")
        return self.words("fit_law_mixture", body=body) if law.spike_share else body

    def handle_law(self, found: HandleFit) -> str:
        """The law that stands for handle times."""
        return self.words("fit_law_empirical") if found.chosen is None else self.law(found.chosen)

    def patience_law(self, found: PatienceFit) -> str:
        """The law that stands for patience."""
        if found.never:
            return self.words("fit_law_never")
        return self.words("fit_law_curve") if found.chosen is None else self.law(found.chosen)

    def parameter(self, part: str, name: str, of: str = "") -> str:
        """What a parameter is called."""
        words = self.words
        if name.startswith("per_day_"):
            return words("fit_par_per_day", weekday=words(f"fit_weekday_{name[-3:]}"))
        if part == "day_factor":
            return words("fit_par_day_cv")
        if name.startswith("surviving_"):
            return words("fit_par_surviving", seconds=name.split("_")[1])
        if name.startswith("restricted_mean_"):
            return words("fit_par_restricted_mean", seconds=name.split("_")[2])
        if name.startswith("pace_"):
            return words("fit_par_pace", others=int(name[5:]) - 1)
        if name.startswith("within_"):
            return words("fit_par_within", days=name.split("_")[1], outcome=words(f"fit_{of}"))
        return words(f"fit_par_{name}")

    def of(self, part: str, name: str) -> str:
        """Whose parameter it is."""
        if part == "returns":
            return self.words("fit_all")
        return self.words("fit_all") if name == "all" else name

    def number(self, value: float, unit: str) -> str:
        """A parameter's value."""
        return f"{value:.3g}" if unit == "ratio" and value == value else shown(value, unit, self.lang)

    def plain(self, value: float, digits: int) -> str:
        """A number of so many digits behind the point; what is not known is a dash."""
        return f"{value:,.{digits}f}" if value == value else "–"

    def range(self, low: float, high: float, unit: str) -> str:
        """A parameter's interval."""
        if unit == "ratio":
            return f"{low:.3g} – {high:.3g}" if low == low else ""
        return interval(low, high, unit, self.lang)

    # -- tables ------------------------------------------------------------------------------------

    def parameters(self, table: pd.DataFrame | None = None) -> tuple[list[str], list[list[str]]]:
        """Heads and cells of the table of parameters."""
        rows = self.fit.parameters if table is None else table
        heads = [self.words(f"fit_head_{key}") for key in ("part", "of", "parameter", "value", "interval")]
        cells, last = [], ""
        for row in rows.to_dict("records"):
            part = self.words(f"fit_part_{row['part']}")
            cells.append(
                [
                    part if part != last else "", self.of(row["part"], row["of"]),
                    self.parameter(row["part"], row["parameter"], row["of"]), self.number(row["value"], row["unit"]),
                    self.range(row["low"], row["high"], row["unit"]),
                ]
            )  # fmt: skip
            last = part
        return heads, cells

    def candidates(self, tried: list[tuple[str, float, float]]) -> tuple[list[str], list[list[str]]]:
        """Heads and cells of laws that were tried."""
        heads = [self.words(f"fit_head_{key}") for key in ("law", "score", "distance")]
        return heads, [[name, f"{score:.4f}".replace("-", "−"), self.plain(gap, 3)] for name, score, gap in tried]

    def special(self) -> tuple[list[str], list[list[str]]]:
        """Heads and cells of the days that are not like others."""
        heads = [self.words(f"fit_head_{key}") for key in ("date", "why", "contacts", "usual")]
        return heads, [
            [str(day.date), self.words(f"fit_special_{day.why}"), self._count(day.contacts), f"{day.usual:,.0f}"]
            for day in self.fit.arrivals.special
        ]

    # -- sentences ---------------------------------------------------------------------------------

    def sentences(self) -> list[str]:
        """What was found, in a sentence each, and what has to be said with it."""
        fit, words = self.fit, self.words
        seen, cv = fit.seen, fit.arrivals.day_cv["all"]
        opens, closes = clock_of(seen.start_s), clock_of(seen.start_s + seen.intervals * seen.interval_s)
        said = [
            words(
                "fit_sentence_log", rows=f"{len(seen):,}", days=seen.days, first=min(seen.dates), last=max(seen.dates),
                opens=opens, closes="24:00" if closes == "00:00" else closes, minutes=f"{seen.interval_s / 60:g}",
            )
        ]  # fmt: skip
        shape = words(f"fit_shape_{fit.arrivals.shape}")
        if cv.value == cv.value:
            values = {key: self.number(getattr(cv, key), "share") for key in ("low", "high")}
            said.append(words("fit_sentence_arrivals", shape=shape, cv=self.number(cv.value, "share"), **values))
        else:
            said.append(words("fit_sentence_arrivals_few", shape=shape))
        for queue in fit.told:
            said += [*self._handle(queue), self._patience(queue)]
        said += self._staffing()
        if fit.arrivals.special:
            days = ", ".join(f"{day.date} ({words(f'fit_special_{day.why}')})" for day in fit.arrivals.special[:6])
            more = "…" if len(fit.arrivals.special) > 6 else ""
            how = "fit_sentence_kept" if fit.arrivals.ordinary.all() else "fit_sentence_excluded"
            count = len(fit.arrivals.special)
            said.append(words("fit_sentence_special", count=count, days=days + more) + " " + words(how))
        return said + self.remarks()

    def remarks(self) -> list[str]:
        """What was assumed or left out."""
        said = [self._veiled(note).text(self.lang) for note in self.fit.notes]
        if self.fit.seen.days < FEW_DAYS:
            said.append(self.words("fit_note_few_days", days=self.fit.seen.days))
        return said + self.left_out(self.fit.seen.left_out)

    def _count(self, contacts: int) -> str:
        """How many; of a few, in a vendor's copy, only that."""
        return fewer(self.fit.least, self.lang) if is_small(contacts, self.fit.least) else f"{contacts:,}"

    def _veiled(self, note: Note) -> Note:
        """A remark without the number of a few."""
        count = note.values.get("count")
        return replace(note, values={**note.values, "count": self._count(count)}) if isinstance(count, int) else note

    def left_out(self, reasons: dict[str, int]) -> list[str]:
        """What could not be used."""
        if not reasons:
            return []
        what = [self.words(f"fit_left_{reason}", count=f"{count:,}") for reason, count in reasons.items()]
        return [self.words("fit_left_out", what=("，" if self.lang == "zh" else ", ").join(what))]

    def _handle(self, queue: str) -> list[str]:
        found = self.fit.handle[queue]
        mean = found.parameters["mean_s"]
        spread = self._between("fit_range", mean, lambda x: self.number(x, "s"))
        said = [
            self.words(
                "fit_sentence_handle", queue=queue, law=self.handle_law(found), distance=f"{found.distance:.3f}",
                mean=self.number(mean.value, "s"), range=spread,
            )
        ]  # fmt: skip
        if found.naive_mean > NAIVE * mean.value:
            said.append(self.words("fit_sentence_naive", queue=queue, naive=self.number(found.naive_mean, "s")))
        if queue in self.fit.handle_by_time:
            said.append(self.by_time(queue))
        return said

    def _between(self, key: str, found: Interval, number: Callable[[float], str]) -> str:
        """An interval in words; nothing where the log is too short to give one."""
        if math.isnan(found.low) or math.isnan(found.high):
            return ""
        return self.words(key, low=number(found.low), high=number(found.high))

    def by_time(self, queue: str) -> str:
        """When handle times are longest and shortest."""
        factors = self.fit.handle_by_time[queue].factors
        clock = self.fit.seen.clock
        return self.words(
            "fit_sentence_by_time", queue=queue, least=f"{factors.min():.2f}", when_least=clock[int(factors.argmin())],
            most=f"{factors.max():.2f}", when_most=clock[int(factors.argmax())],
        )  # fmt: skip

    def _patience(self, queue: str) -> str:
        found = self.fit.patience[queue]
        if found.never:
            return self.words("fit_sentence_patience_never", queue=queue)
        median = found.curve.median()
        values: dict[str, Any] = {"queue": queue, "law": self.patience_law(found)}
        values["share"] = self.number(found.curve.surviving(60.0), "share")
        if median != median:
            return self.words("fit_sentence_patience_long", **values)
        return self.words("fit_sentence_patience", median=self.number(median, "s"), **values)

    def _staffing(self) -> list[str]:
        said = []
        for group, hours in self.fit.staffing.hours.items():
            values = {"group": group, "hours": f"{hours.value:,.1f}"}
            if self.fit.staffing.source == "calls":
                values["others"] = self._between("fit_other_readings", hours, lambda x: f"{x:,.1f}")
            said.append(self.words(f"fit_sentence_staffing_{self.fit.staffing.source}", **values))
        for group, pace in self.fit.pace.items():
            if pace.concurrency > 1:
                slowest = self.number(pace.steps[-1], "share")
                said.append(self.words("fit_sentence_pace", group=group, most=pace.concurrency, pace=slowest))
        return said

    def source(self) -> str:
        """The source line of figures."""
        found = self.fit.provenance
        if "log" not in found:
            return self.words("fig_fit_source_short", first=found["from"], last=found["to"], csim=found["csim"])
        return self.words(
            "fig_fit_source", file=found["log"], hash=found.get("log_hash", "–"), first=found["from"],
            last=found["to"], csim=found["csim"],
        )  # fmt: skip

    def html(self) -> str:
        """The sentences and the table of parameters."""
        return answer_first("\n".join(self.sentences()), html_table(*self.parameters()))

"""A backtest in words: how far to trust the fit, at what hours it is off, and why."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from csim.display.numbers import interval, points, shown
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.fitting.stage import HANDLE_TIME, STAFFING, VOLUMES
from csim.fitting.tally import KPIS, Tally

if TYPE_CHECKING:
    from csim.fitting.backtest import Backtest

GOOD = {"service_level": 0.03, "abandonment_rate": 0.02}
FAIR = {"service_level": 0.06, "abandonment_rate": 0.04}
OFF = 0.05  # of the service level of an hour, to be spoken of
LEAST_SHARE = 0.02  # of the contacts, for an hour to count
SURE = 2.2  # standard deviations of luck alone: what lies within them needs no reason
MOST_HOURS = 3
UNITS = {"service_level": "share", "abandonment_rate": "share", "wait_all": "s", "queued_share": "share"}


@dataclass(frozen=True)
class Hours:
    """Hours of the day that are off the same way for the same reason: intervals from, to (not included)."""

    first: int
    last: int
    error: float
    reason: str


def grade(errors: dict[str, float]) -> str:
    """
    "good", "fair" or "poor", by the errors of service level and abandonment.

    Examples:
        >>> grade({"service_level": 0.02, "abandonment_rate": -0.01}), grade({"service_level": 0.05})
        ('good', 'fair')
    """
    for name, limits in (("good", GOOD), ("fair", FAIR)):
        if all(abs(error) <= limits[kpi] for kpi, error in errors.items() if kpi in limits):
            return name
    return "poor"


class Verdict:
    """The words of a backtest in one language."""

    def __init__(self, found: Backtest, lang: str = "en") -> None:
        self.found, self.lang, self.words = found, lang, Words(lang)

    @property
    def grade(self) -> str:
        """How far to trust it."""
        return grade({kpi: self.found.error(kpi) for kpi in GOOD})

    # -- sentences ---------------------------------------------------------------------------------

    def sentence(self) -> str:
        """The answer."""
        pooled = self.found.pooled.set_index("kpi")
        return self.words(
            "back_sentence", verdict=self.words(f"back_{self.grade}"), days=self.found.seen.days,
            simulated=self.value("service_level", pooled["simulated"]["service_level"]),
            real=self.value("service_level", pooled["real"]["service_level"]),
            lost=self.value("abandonment_rate", pooled["simulated"]["abandonment_rate"]),
            lost_real=self.value("abandonment_rate", pooled["real"]["abandonment_rate"]),
        )  # fmt: skip

    def hours(self) -> list[str]:
        """Which hours are off, and why."""
        spells = self.spells()
        if not spells:
            return [self.words("back_no_hour", points=points(OFF, "share", self.lang).lstrip("+"))]
        said = []
        for spell in spells[:MOST_HOURS]:
            key = "back_too_good" if spell.error > 0 else "back_too_bad"
            size = points(abs(spell.error), "share", self.lang).lstrip("+")
            what = self.words(key, hours=self.clock(spell), points=size)
            known = spell.reason != "unknown"
            said.append(
                self.words("back_because", what=what, why=self._why(spell))
                if known
                else self.words("back_unknown", what=what)
            )
        return said

    def remarks(self) -> list[str]:
        """The range of readings, coverage, what was lent, and what handle times did."""
        found, words = self.found, self.words
        said = []
        if found.strict is not None and found.mild is not None:
            ends = sorted(float(tally.pooled("service_level").mean()) for tally in (found.strict, found.mild))
            low, high = (self.value("service_level", end) for end in ends)
            said.append(words("back_reading_range", low=low, high=high))
        inside = found.coverage
        said.append(
            words(
                "back_coverage", intervals=inside["interval"][0], of_intervals=inside["interval"][1],
                days=inside["day"][0], of_days=inside["day"][1],
            )
        )  # fmt: skip
        said.append(words("back_takes", what=self.lent(found.takes)))
        strange = int((found.fit.arrivals.days[found.seen.weekday] == 0).sum())
        if strange:
            said.append(words("back_borrowed", days=strange))
        return [*said, *self._handle_grew(), words("back_chance_note")]

    def text(self) -> str:
        """All of it."""
        return "\n".join([self.sentence(), *self.hours(), *self.remarks()])

    def _handle_grew(self) -> list[str]:
        found = self.found
        own = _mean(found.own)
        fitted = _mean(found.fit, found)
        if abs(own / fitted - 1) < 0.02:
            return []
        steps = found.decomposition.set_index("step")
        moved = float(steps.loc["volumes+staffing", "service_level_added"])
        change = f"{(own / fitted - 1) * 100:+.0f} %".replace("-", "−")
        return [
            self.words(
                "back_handle_grew", real=shown(own, "s", self.lang), law=shown(fitted, "s", self.lang), change=change,
                points=points(moved, "share", self.lang),
            )
        ]  # fmt: skip

    # -- hours -------------------------------------------------------------------------------------

    def spells(self) -> list[Hours]:
        """Runs of hours whose service level is off by five points or more, and more than luck; the worst first."""
        found, per_hour = self.found, max(round(3600 / self.found.seen.interval_s), 1)
        edges = [*range(0, found.seen.intervals, per_hour), found.seen.intervals]
        offered = found.truth.sums.sum((0, 1, 2))[:, 0]
        errors: list[tuple[int, int, float]] = []
        for first, last in itertools.pairwise(edges):
            error = self._error(found.simulated, first, last)
            big = offered[first:last].sum() >= max(LEAST_SHARE * offered.sum(), found.least)
            off = big and abs(error) >= max(OFF, SURE * self._luck(first, last))
            errors.append((first, last, error if off else 0.0))
        spells = []
        for sign, run in itertools.groupby(errors, key=lambda row: np.sign(row[2])):
            if sign:
                rows = list(run)
                first, last = rows[0][0], rows[-1][1]
                error = self._error(found.simulated, first, last)
                spells.append(Hours(first, last, error, self._reason(first, last, error)))
        return sorted(spells, key=lambda spell: -abs(spell.error))

    def _error(self, tally: Tally, first: int, last: int) -> float:
        def level(sums: np.ndarray) -> float:
            counts = sums.sum((0, 1, 2))[first:last].sum(0)
            return float(counts[1] / counts[0]) if counts[0] else 0.0

        return level(tally.sums) - level(self.found.truth.sums)

    def _luck(self, first: int, last: int) -> float:
        """Standard deviation of the service level of these intervals from one such stretch of days to the next."""
        counts = self.found.simulated.sums.sum((1, 2))[:, first:last].sum(1)
        return float(np.std(counts[:, 1] / np.maximum(counts[:, 0], 1), ddof=1))

    def _reason(self, first: int, last: int, error: float) -> str:
        """What takes at least half of the error away when those days lend it."""
        found = self.found
        lent = set(found.takes)
        for part, better in (
            (HANDLE_TIME, (VOLUMES, STAFFING, HANDLE_TIME)), (STAFFING, (VOLUMES, STAFFING)), (VOLUMES, (VOLUMES,)),
        ):  # fmt: skip
            if (
                part not in lent
                and better in found.steps
                and abs(self._error(found.steps[better], first, last)) <= abs(error) / 2
            ):
                return part
        if found.strict is not None and found.mild is not None:
            ends = [self._error(tally, first, last) for tally in (found.strict, found.mild)]
            if min(ends) <= 0 <= max(ends):
                return "reading"
        return "unknown"

    def _why(self, spell: Hours) -> str:
        seen, fit = self.found.seen, self.found.fit
        mine = (seen.interval >= spell.first) & (seen.interval < spell.last)
        if spell.reason == HANDLE_TIME:
            real = float(np.nanmean(seen.talk[mine & seen.answered]))
            source = self.found.own if HANDLE_TIME in self.found.takes else fit
            then = [found.factors[spell.first : spell.last].mean() for found in source.handle_by_time.values()]
            law = self.found.law_mean_s * float(np.mean(then)) if then else self.found.law_mean_s
            return self.words("back_why_handle", real=shown(real, "s", self.lang), law=shown(law, "s", self.lang))
        part = slice(spell.first, spell.last)
        if spell.reason == STAFFING:
            real = float(self.found.own.staffing.heads[:, :, part].sum(0).mean())
            days = [self.found.fit.seen.weekday == number for number in seen.weekday]
            plan = float(np.mean([fit.staffing.heads[:, day][:, :, part].sum(0).mean() for day in days if day.any()]))
            return self.words("back_why_staffing", real=f"{real:.1f}", plan=f"{plan:.1f}")
        if spell.reason == VOLUMES:
            real = mine.sum() / seen.days
            plan = float(np.nanmean(fit.arrivals.expected[:, seen.weekday][:, :, part].sum((0, 2))))
            return self.words("back_why_volumes", real=f"{real:,.0f}", plan=f"{plan:,.0f}")
        return self.words(f"back_why_{spell.reason}")

    def clock(self, spell: Hours) -> str:
        """The hours of a spell: "8:00" or "8:00–10:00"."""
        from csim.fitting.observed import clock_of

        seen = self.found.seen
        first, last = (clock_of(seen.start_s + i * seen.interval_s).lstrip("0") for i in (spell.first, spell.last))
        return (
            f"{first if not first.startswith(':') else '0' + first}–{last if not last.startswith(':') else '24' + last}"
        )

    # -- tables ------------------------------------------------------------------------------------

    def value(self, kpi: str, value: float) -> str:
        """A KPI's value with its unit."""
        return shown(float(value), UNITS[kpi], self.lang)

    def kpi(self, kpi: str) -> str:
        """What a KPI is called."""
        promised = set(self.found.fit.within_s.values())
        if kpi == "service_level" and len(promised) > 1:
            return self.words("back_kpi_service_level_mixed")
        return self.words(f"back_kpi_{kpi}", **({"seconds": f"{min(promised):g}"} if kpi == "service_level" else {}))

    def lent(self, parts: tuple[str, ...]) -> str:
        """Names of what those days lent."""
        names = [self.words(f"back_{part}") for part in parts]
        return ("、" if self.lang == "zh" else ", ").join(names) or self.words("back_nothing")

    def pooled(self) -> tuple[list[str], list[list[str]]]:
        """Heads and cells: every KPI, real and simulated."""
        heads = [self.words(f"fit_head_{key}") for key in ("kpi", "real", "simulated", "band", "error")]
        return heads, [
            [
                self.kpi(row.kpi), self.value(row.kpi, row.real), self.value(row.kpi, row.simulated),
                interval(row.low, row.high, UNITS[row.kpi], self.lang), points(row.error, UNITS[row.kpi], self.lang),
            ]
            for row in self.found.pooled.itertuples()
        ]  # fmt: skip

    def steps(self) -> tuple[list[str], list[list[str]]]:
        """Heads and cells: where the error comes from."""
        words = self.words
        heads = [words("fit_head_step"), *(f"{words('fit_head_error')}: {self.kpi(kpi)}" for kpi in KPIS[:3])]
        heads.append(f"{words('fit_head_added')} ({self.kpi('service_level')})")
        rows = []
        for (_, row), lent in zip(self.found.decomposition.iterrows(), self.found.steps, strict=True):
            errors = [points(float(row[kpi]), UNITS[kpi], self.lang) for kpi in KPIS[:3]]
            rows.append([self.lent(lent), *errors, points(float(row["service_level_added"]), "share", self.lang)])
        return heads, rows

    def html(self) -> str:
        """The sentence, the table, the hours."""
        return answer_first(self.text(), html_table(*self.pooled()), html_table(*self.steps()))


def _mean(fit: object, found: Backtest | None = None) -> float:
    """Mean handle time, queues weighted by the contacts of the days tried."""
    from csim.fitting.result import Fit

    assert isinstance(fit, Fit)
    seen = fit.seen if found is None else found.seen
    weights = seen.counts.sum((1, 2))
    means = np.array([fit.handle[name].parameters["mean_s"].value for name in seen.queues])
    return float(weights @ means / weights.sum())

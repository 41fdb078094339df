"""What a service forecast says in words: its sentence, names, dates and numbers, in one language."""

from __future__ import annotations

import datetime as dt
import math

from csim.display.numbers import shown
from csim.display.words import Words
from csim.report.forecast import Promise, ServiceForecast, Spell

MOST_OF_A_MONTH = 19  # days from the first to the last: fewer are named by their dates
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


class Phrases:
    """The phrases of a forecast in one language."""

    def __init__(self, forecast: ServiceForecast, lang: str = "en") -> None:
        self.forecast, self.lang, self.words = forecast, lang, Words(lang)
        self.sim, self.scenario = forecast.sim, forecast.scenario

    def sentence(self) -> str:
        """The answer in one sentence: who misses, when, by how many agents, and how likely the whole holds."""
        level = [p for p in self.forecast.promises if p.kpi.id.startswith("service_level")]
        if not level:
            others = [p for p in self.forecast.promises if p.measured]
            said = (
                self.words("kpi_sentence", kpi=p.kpi.name(self.lang), who=self.who(p), **self.promise_words(p))
                for p in others
            )
            return " ".join(said) or self.words("no_promise_sentence")
        spell = self.forecast.worst
        if spell is None:
            tightest = min(level, key=lambda p: p.value - p.target)
            key = "hold_sentence" if tightest.met and tightest.sure else "open_sentence"
            return self.words(key, who=self.who(tightest), **self.promise_words(tightest))
        promise = spell.promise
        common = self.promise_words(promise) | self.spell_words(spell) | {"who": self.who(promise)}
        if promise.met and promise.holds >= 0.5:
            period = common["period"]
            start = period[:1].upper() + period[1:]
            values = common | {"period_start": start, "spell_level": self.share(spell.level)}
            return self.words("hold_but_sentence", **values)
        return self.words("miss_sentence", **(common | {"level": self.share(spell.level)}))

    def who(self, promise: Promise) -> str:
        """Whose promise it is."""
        return self.name_of(promise.queue, promise.vendor)

    def name_of(self, queue: str, vendor: str | None) -> str:
        """A queue, or a vendor (of a queue, where there are several)."""
        if vendor is None:
            return self.words("who_queue", queue=queue)
        key = "who_vendor" if len(self.scenario.queues) == 1 else "who_vendor_queue"
        return self.words(key, vendor=vendor, queue=queue)

    def share(self, value: float) -> str:
        """A share in whole per cent."""
        return f"{value * 100:.0f}" + ("%" if self.lang == "zh" else " %")

    def plainly(self, value: float, promise: Promise) -> str:
        """A value of a promise for a sentence: whole per cent, or the value with its unit."""
        return self.share(value) if promise.kpi.unit == "share" else self.value(value, promise.kpi.unit)

    def value(self, value: float, unit: str) -> str:
        """A value with its unit."""
        return shown(float(value), unit, self.lang)

    def probability(self, promise: Promise) -> str:
        """How probably a promise holds, with its interval."""
        if math.isnan(promise.holds):
            return "–"
        low, high = self.share(promise.holds_low), self.share(promise.holds_high)
        return self.words("share_ci", share=self.share(promise.holds), low=low.rstrip(" %"), high=high)

    def date(self, day: int) -> str:
        """An open day as a date."""
        date = self.scenario.days.dates[day]
        if self.lang == "zh":
            return f"{date.month} 月 {date.day} 日"
        return f"{date.day} {_MONTHS[date.month - 1]}"

    def promise_words(self, promise: Promise) -> dict[str, str]:
        """Level, target, period and probability, for a sentence."""
        months = {f"{date:%Y-%m}" for date in self.scenario.days.dates}
        if len(self.scenario.days) == 1:
            period = self.words("the_day")
        elif len(months) == 1:
            first, last = self.scenario.days.dates[0], self.scenario.days.dates[-1]
            month = f"{first.month} 月" if self.lang == "zh" else _MONTHS[first.month - 1]
            key = "the_month" if last.day - first.day >= MOST_OF_A_MONTH else "the_days"
            period = self.words(key, month=month, first=first.day, last=last.day)
        else:
            period = self.words("the_period")
        return {
            "level": self.plainly(promise.value, promise), "target": self.plainly(promise.target, promise),
            "period": period, "holds": self.probability(promise),
        }  # fmt: skip

    def spell_words(self, spell: Spell) -> dict[str, str]:
        """Date, from, to and the agents short, for a sentence."""
        days = self.scenario.days
        ends = dt.datetime.combine(days.dates[0], dt.time.fromisoformat(days.clock[spell.last]))
        end = ends + dt.timedelta(seconds=days.interval_s)
        to = "24:00" if end.date() > ends.date() and end.time() == dt.time() else f"{end:%H:%M}"
        if spell is not self.forecast.worst:
            short = ""
        elif spell.short is None:
            short = self.words("short_many")
        else:
            short = self.words("short_agent" if spell.short == 1 else "short_agents", count=spell.short)
        return {"date": self.date(spell.day), "from": days.clock[spell.first], "to": to, "short": short}

    def source(self) -> str:
        """The line below every figure."""
        found = self.sim.provenance
        return self.words(
            "source_line", csim=found["csim"], scenario=found["scenario"], hash=found["scenario_hash"],
            seed=found["seed"], replications=found["replications"],
        )  # fmt: skip

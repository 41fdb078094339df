"""What a variant comes to, in words: cards with the saved variant beside, the day's figure, what was simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

from csim.display.cards import Card
from csim.display.live import Course
from csim.display.numbers import exactly, interval, points, shown
from csim.display.words import Words
from csim.experiment.compare import paired, planned_cost
from csim.experiment.counting import views
from csim.experiment.simulation import ALL, Simulation
from csim.explore.focus import KPIS, WHOLE, Focus
from csim.explore.knobs import Knob
from csim.kpi.targets import targets
from csim.scenario.load import Scenario

View = tuple[str | None, str | None]  # queue and vendor; None: all of them


@dataclass(frozen=True)
class Variant:
    """
    A simulation seen from one queue (of one vendor), and what was moved to get there.

    Attributes:
        positions: Where the knobs stand, those that were moved.
    """

    sim: Simulation
    positions: dict[str, float]
    _courses: dict[View, Course | None] = field(default_factory=dict, repr=False)

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str], tuple[float, float, float]]:
        """(vendor, queue, KPI) → value, ci_low, ci_high."""
        return {
            (vendor or "", queue, kpi): (numbers[0], numbers[1], numbers[2])
            for table in (self.sim.kpis.assign(vendor=""), self.sim.by_vendor)
            for vendor, queue, kpi, *numbers in zip(
                *(table[name].tolist() for name in ("vendor", "queue", "kpi", "value", "ci_low", "ci_high")),
                strict=True,
            )
        }

    def row(self, kpi: str, view: View) -> tuple[float, float, float] | None:
        """value, ci_low, ci_high of a KPI; measures of agents stand under all queues. None: not measured."""
        queue, vendor = view
        found = self._rows.get((vendor or "", ALL if self.sim.catalogue[kpi].of_agents else queue or ALL, kpi))
        return found if found and found[0] == found[0] else None

    def course(self, view: View) -> Course | None:
        """Service level and mean wait by interval; None where no contact was promised anything."""
        if view not in self._courses:
            self._courses[view] = self._course(view)
        return self._courses[view]

    def _course(self, view: View) -> Course | None:
        table = self.sim.by_interval
        table = table[(table["queue"] == (view[0] or ALL)) & (table["vendor"] == (view[1] or ""))]
        days = self.sim.scenario.days
        clock = pd.MultiIndex.from_product([range(1, len(days) + 1), days.clock], names=["day", "time"])
        found = []
        for kpi in ("service_level", "wait_all"):
            rows = table[table["kpi"] == kpi].set_index(["day", "time"])
            if rows.empty:
                return None
            whole = rows.reindex(clock)[["value", "ci_low", "ci_high"]].reset_index()
            found.append(whole.assign(date=np.array(days.arrival_dates)[days.date_of].ravel()))
        return Course(*found)


def cards(now: Variant, saved: Variant | None, view: View, lang: str) -> list[Card]:
    """One card for each KPI that is measured, and what the plan costs."""
    found = []
    for name in KPIS:
        row = now.row(name, view)
        if row is not None:
            found.append(_card(now, saved, view, name, row, lang))
    cost = planned_cost(now.sim.scenario)
    if not math.isnan(cost):
        words = Words(lang)
        below = []
        if saved is not None:
            gap = cost - planned_cost(saved.sim.scenario)
            below.append(words("explore_against", difference=points(gap, "count", lang)))
        found.append(Card("cost", words("explore_cost"), shown(cost, "count", lang), tuple(below)))
    return found


def _card(
    now: Variant, saved: Variant | None, view: View, name: str, row: tuple[float, float, float], lang: str
) -> Card:
    kpi, words, (value, low, high) = now.sim.catalogue[name], Words(lang), row
    below = [interval(low, high, kpi.unit, lang)]
    verdict, tone = "", ""
    target = target_of(now.sim, kpi.id, view)
    if target is not None:
        kept = value <= target if kpi.better == "down" else value >= target
        tone = "good" if kept else "bad"
        verdict = words(f"explore_{'kept' if kept else 'missed'}", target=exactly(Decimal(str(target)), kpi.unit, lang))
    if saved is not None and saved.row(kpi.id, view) is not None:
        queue = ALL if kpi.of_agents else view[0] or ALL
        before, after = (one.sim.replicated(kpi.id, queue, view[1]) for one in (saved, now))
        difference, half, _ = paired(before, after)
        below.append(words("explore_against", difference=points(difference, kpi.unit, lang)))
        if half == half:
            ends = (points(difference - half, kpi.unit, lang), points(difference + half, kpi.unit, lang))
            below.append(words("explore_between", low=ends[0], high=ends[1]))
    return Card(kpi.id, kpi.name(lang), shown(value, kpi.unit, lang), tuple(below), verdict, tone)


def target_of(sim: Simulation, kpi: str, view: View) -> float | None:
    """The target of the queue that is seen; of all queues only where all have the same."""
    stated = targets(sim.scenario, sim.catalogue)
    found = {stated[name].get(kpi) for name in ([view[0]] if view[0] else sim.scenario.queues)}
    return found.pop() if len(found) == 1 else None


def headline(now: Variant, view: View, lang: str) -> str:
    """What the figure shows, as its title: when service is worst."""
    course, words = now.course(view), Words(lang)
    if course is None or course.level["value"].isna().all():
        return words("service_level_by_interval")
    worst = course.level.loc[course.level["value"].idxmin()]
    several = course.level["date"].nunique() > 1
    when = f"{worst['date'][5:]} {worst['time']}" if several else worst["time"]
    return words("explore_worst", when=when, level=shown(worst["value"], "share", lang))


def simulated(focus: Focus, sim: Simulation, lang: str) -> str:
    """Which days, how often, with which luck."""
    words = Words(lang)
    days = len(sim.scenario.days)
    which = words("explore_days", count=days) if focus.date == WHOLE and days > 1 else str(sim.scenario.days.dates[0])
    said = words(
        "explore_simulated", which=which, replications=sim.replications, contacts=f"{sim.offered:,}", seed=sim.seed,
        engine=words(f"explore_engine_{sim.engine}"),
    )  # fmt: skip
    if focus.date != WHOLE and focus.scenario.days.carry_over:
        said += " " + words("explore_starts_empty")
    return said


def source(focus: Focus, sim: Simulation, lang: str) -> str:
    """The line under the figure."""
    said = sim.provenance
    return Words(lang)("explore_source", scenario=focus.scenario.name, which=str(sim.scenario.days.dates[0]),
                       seed=said["seed"], replications=said["replications"], csim=said["csim"])  # fmt: skip


def position(knob: Knob, at: float, lang: str) -> str:
    """
    Where a knob stands, as people write it.

    Examples:
        >>> knob = Knob("staffing", 1.0, 0.5, 1.5, 0.01, "times", lambda factor: {})
        >>> position(knob, 1.1, "en"), position(knob, 1.1, "zh")
        ('Staffing × 1.1', '人力 × 1.1')
    """
    words = Words(lang)
    number = f"{at:+g}" if knob.unit == "more_chats" else f"{at:g}"
    return words(f"explore_at_{knob.unit}", name=words(f"explore_{knob.key}"), number=number)


def variant_name(focus: Focus, positions: dict[str, float], lang: str) -> str:
    """What was moved, in the order of the sliders."""
    words = Words(lang)
    said = [position(knob, positions[knob.key], lang) for knob in focus.knobs if knob.key in positions]
    return words("list_comma").join(said) if said else words("explore_plan")


def view_names(scenario: Scenario, lang: str) -> list[tuple[str, View]]:
    """What can be looked at: all queues, each queue, each vendor; one thing only once."""
    words, found = Words(lang), []
    for queue, vendor in sorted(views(scenario), key=lambda view: (view[1] is not None, view[0] is not None)):
        if len(scenario.queues) == 1 and queue is not None:
            continue  # the only queue: "all" says the same
        name = queue or words("explore_all_queues")
        if vendor is not None:
            key = "who_vendor" if queue is None else "who_vendor_queue"
            name = words(key, vendor=vendor, queue=queue)
        found.append((name, (queue, vendor)))
    return found

"""Games a vendor can play with the same contacts: other orders of service, other hours, other customers asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np

from csim.contract.load import Contract
from csim.kpi.catalogue import Kpi, catalogue
from csim.scenario.load import Scenario
from csim.scenario.model import OwnKpi, Routing

World = Callable[[Scenario], Scenario]
ORDERS: tuple[str, ...] = get_args(Routing.model_fields["contact"].annotation)
PEAK = 0.2  # of the day: its busiest stretch
MOVED = 0.1  # of the peak's agents
HAPPY_ASKED, OTHERS_ASKED = 0.6, 0.2  # of those that an honest vendor invites to the survey
PEAK_LEVEL = "peak_service_level"


def worlds(scenario: Scenario, groups: Sequence[str]) -> dict[str, World]:
    """
    The games that a scenario leaves room for, each as what it makes of the scenario.

    Every contact order but the scenario's own (`never_past_threshold` drops who has waited too long); `off_peak` and
    `on_peak`, where volumes have a peak: a tenth of the peak's agents stand elsewhere in the day, or the reverse, the
    day's hours the same; `happy_only`, where there are surveys: 60 % of the happiest are asked, 20 % of the others.

    Examples:
        >>> import csim
        >>> list(worlds(csim.load_scenario("scenarios/centres/hotline_400.yaml"), ["agents"]))
        ['lifo', 'not_yet_missed_first', 'never_past_threshold', 'off_peak', 'on_peak', 'happy_only']
    """
    found: dict[str, World] = {
        order: _ordered(order) for order in ORDERS if order != scenario.file.routing.contact and _waits(scenario)
    }
    window = peak(scenario, groups)
    if window is not None:
        found["off_peak"] = lambda one: _moved(one, groups, window, outward=True)
        found["on_peak"] = lambda one: _moved(one, groups, window, outward=False)
    if any(queue.quality and queue.quality.survey for queue in scenario.queues.values()):
        found["happy_only"] = happy_only
    return found


def _waits(scenario: Scenario) -> bool:
    """Whether anybody waits under a promise: without one no contact is ever late."""
    return any(queue.answer_within is not None and queue.max_waiting != 0 for queue in scenario.queues.values())


def _ordered(order: str) -> World:
    def world(scenario: Scenario) -> Scenario:
        routing = scenario.file.routing.model_copy(update={"contact": order})
        return dataclasses.replace(scenario, file=scenario.file.model_copy(update={"routing": routing}))

    return world


# -- the peak ------------------------------------------------------------------------------------------


def peak(scenario: Scenario, groups: Sequence[str]) -> tuple[int, int] | None:
    """
    The busiest stretch of the day, a fifth of it, as [first interval, end); None where all intervals are alike.

    Examples:
        >>> import csim
        >>> peak(csim.load_scenario("scenarios/centres/hotline_400.yaml"), ["agents"])
        (3, 8)
    """
    served = {queue for group in groups for queue in scenario.groups[group].serves}
    volume = np.sum([scenario.expected[queue].mean(0) for queue in served], axis=0)
    size = max(1, round(PEAK * len(volume)))
    if len(volume) < 2 or np.allclose(volume, volume[0]):
        return None
    sums = np.convolve(volume, np.ones(size), "valid")
    first = int(np.argmax(sums))
    return first, first + size


def clock(scenario: Scenario, window: tuple[int, int]) -> tuple[float, float]:
    """A stretch of intervals as hours of the day."""
    opens, step = scenario.days.opens[0], scenario.days.interval_s / 3600
    start = opens.hour + opens.minute / 60
    return start + window[0] * step, start + window[1] * step


def _moved(scenario: Scenario, groups: Sequence[str], window: tuple[int, int], outward: bool) -> Scenario:
    """A tenth of the peak's agent-intervals moved out of it (or as many into it), day by day."""
    for group in groups:
        heads = scenario.on_duty[group].copy()
        inside = np.zeros(heads.shape[1], dtype=bool)
        inside[slice(*window)] = True
        for day in heads:
            source, target = (inside, ~inside) if outward else (~inside, inside)
            amount = min(round(MOVED * day[inside].sum()), int(np.maximum(day[source] - 1, 0).sum()))
            if amount and day[target].sum():
                day[source] -= spread(amount, np.maximum(day[source] - 1, 0))
                day[target] += spread(amount, day[target])
        scenario = scenario.with_staff(group, heads)
    return scenario


def spread(amount: int, weights: np.ndarray) -> np.ndarray:
    """
    A whole number shared out in proportion to weights, by largest remainders.

    Examples:
        >>> spread(5, np.array([10, 10, 5])).tolist()
        [2, 2, 1]
    """
    exact = amount * weights / weights.sum()
    found = np.floor(exact).astype(int)
    for place in np.argsort(found - exact, kind="stable")[: amount - found.sum()]:
        found[place] += 1
    return found


def watched(scenario: Scenario, groups: Sequence[str], kpi: Kpi | None) -> Scenario:
    """The scenario with one more KPI: a service level in the busiest stretch of the day."""
    window = peak(scenario, groups)
    if window is None or kpi is None:
        return scenario
    return with_kpis(scenario, {PEAK_LEVEL: peak_measure(scenario, window, kpi)})


def peak_measure(scenario: Scenario, window: tuple[int, int], kpi: Kpi) -> dict[str, str]:
    """The entry of a measure: a service level counted for arrivals between two times of the day alone."""
    begins, ends = clock(scenario, window)
    hours = f"hour >= {begins % 24:g} and hour < {ends:g}"
    parts = {part: f"({getattr(kpi, part)}) and {hours}" for part in ("numerator", "denominator")}
    told = [f"{int(h):02d}:{round(h % 1 * 60):02d}" for h in (begins, ends)]
    names = {"en": f"{kpi.name('en')}, {told[0]}–{told[1]}", "zh": f"{told[0]}–{told[1]} {kpi.name('zh')}"}
    return {**names, **parts, "unit": "share", "better": "up"}


def with_kpis(scenario: Scenario, entries: Mapping[str, Any]) -> Scenario:
    """The scenario with more KPIs of one's own; nothing that happens in it changes."""
    added = {name: OwnKpi.model_validate(entry) for name, entry in entries.items() if name not in scenario.file.kpis}
    if not added:
        return scenario
    file = scenario.file.model_copy(update={"kpis": {**scenario.file.kpis, **added}})
    return dataclasses.replace(scenario, file=file)


def with_measures(scenario: Scenario, contract: Contract) -> Scenario:
    """The scenario with the contract's own measures, as far as they have formulas: then they are simulated."""
    known = catalogue()
    entries = {
        name: {**entry.model_dump(), "unit": "score" if entry.unit == "money" else entry.unit}
        for name, entry in contract.file.measures.items() if entry.numerator is not None and name not in known
    }  # fmt: skip
    return with_kpis(scenario, entries)


# -- surveys -------------------------------------------------------------------------------------------


def happy_only(scenario: Scenario) -> Scenario:
    """
    The best score's customers are invited to the survey more often than the others; who answers stays as it is.

    Examples:
        Of 96 % happy ones 60 % are asked, of the others 20 %: 58.4 % are asked in all, 98.6 % of them are happy.

        >>> import csim
        >>> before = csim.load_scenario("scenarios/centres/first_voice.yaml").vary({"queues.calls.quality": {
        ...     "survey": {"answered": "50%", "scores": {5: "96%", 1: "4%"}}}})
        >>> after = happy_only(before).queues["calls"].quality.survey
        >>> round(after.invited, 3), round(after.scores[5.0], 3)
        (0.584, 0.986)
    """
    changed = {}
    for name, queue in scenario.queues.items():
        if queue.quality is None or queue.quality.survey is None:
            continue
        survey = queue.quality.survey
        best = max(survey.scores)
        asked = {s: part * (HAPPY_ASKED if s == best else OTHERS_ASKED) for s, part in survey.scores.items()}
        total = sum(asked.values())
        scores = {score: part / total for score, part in asked.items()}
        picked = survey.model_copy(update={"invited": survey.invited * total, "scores": scores})
        quality = queue.quality.model_copy(update={"survey": picked})
        changed[name] = queue.model_copy(update={"quality": quality})
    file = scenario.file.model_copy(update={"queues": {**scenario.file.queues, **changed}})
    return dataclasses.replace(scenario, file=file)

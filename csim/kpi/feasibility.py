"""The feasibility audit: can these targets hold together? Closed laws only, nothing is simulated."""

from __future__ import annotations

import math
from collections.abc import Mapping

from csim.display.numbers import shown
from csim.display.words import Words
from csim.kpi import laws_of_waiting, laws_of_work
from csim.kpi.catalogue import Catalogue, catalogue
from csim.kpi.levels import Case, Conflict, Facts, Level, exactly
from csim.kpi.targets import targets as targets_of
from csim.scenario.load import Scenario
from csim.scenario.model import ComposedPace, Group, Queue

__all__ = ["Conflict", "Facts", "Level", "audit", "conflicts_of", "facts_of", "said", "sentence"]
# Laws that can be an error or a warning, and say it in other words.
SOFTER = ("waiting", "patience", "abandoner_wait", "abandoner_moment", "csat", "csat_top", "csat_bad")


def audit(targets: Mapping[str, Level], *, facts: Facts | None = None) -> list[Conflict]:
    """
    Which targets cannot hold together, by the closed laws between KPIs; impossible ones first.

    An error is impossible whatever the centre does; a warning needs something else to give way, or one of its
    targets never decides. No conflict is no promise: only a simulation says what a centre reaches.

    Args:
        targets: KPI id → what is asked of it, all of the same contacts and the same window. Ids that no law
            speaks of (such as a KPI of your own) are left alone.
        facts: What else is known; a law that needs what is not there is silent.

    Examples:
        98 % answered while 15 % queue for 150 s: somebody must be very patient.

        >>> published = {"answer_rate": Level(at_least=0.98), "queued_share": Level(value=0.15),
        ...              "wait_queued": Level(value=150)}
        >>> [conflict] = audit(published)
        >>> conflict.law, conflict.severity, round(conflict.numbers["needed_s"], 6)
        ('patience_unknown', 'warning', 1125.0)

        Composing 10 s and typing 60 s, ten chats at once never all get a reply in 20 s; five do.

        >>> [conflict] = audit({"mean_response": Level(at_most=20)}, facts=Facts(compose_s=10, customer_s=60, cap=10))
        >>> conflict.law, round(conflict.numbers["full_s"], 1), conflict.numbers["held"]
        ('response_cap', 44.5, 5.0)

    Source: Little (1961), A proof for the queuing formula L = λW; Mandelbaum & Zeltyn (2007), Service engineering in
    action (P(abandon) = mean wait ÷ mean patience); Reiser & Lavenberg (1980), mean value analysis.
    """
    case = Case(targets, facts or Facts())
    found = [conflict for law in (*laws_of_waiting.LAWS, *laws_of_work.LAWS) for conflict in law(case)]
    named = [_as_written(conflict, case.written) for conflict in found]
    mine = [conflict for conflict in named if any(kpi in targets for kpi in conflict.kpis)]
    return sorted(mine, key=lambda conflict: conflict.severity != "error")


def _as_written(conflict: Conflict, written: Mapping[str, str]) -> Conflict:
    """The conflict under the ids that the targets use: the bare service_level for the reading it has."""
    kpis = tuple(written.get(kpi, kpi) for kpi in conflict.kpis)
    instead = {written.get(kpi, kpi): level for kpi, level in conflict.instead.items()}
    return Conflict(conflict.law, conflict.severity, kpis, conflict.numbers, instead)


def sentence(conflict: Conflict, lang: str = "en") -> str:
    """
    A conflict in words: what collides, by which numbers, and what to write instead.

    Examples:
        >>> asked = {"wait_all": Level(value=30), "queued_share": Level(value=0.15), "wait_queued": Level(value=150)}
        >>> [conflict] = audit(asked)
        >>> print(sentence(conflict))
        15.0 % × 2 min 30 s is 22.5 s: the mean wait of all cannot be 30 s. Name only two of Share that queued,
        Mean wait of those who queued and Mean wait of all offered, or write 22.5 s for the last.
    """
    return Words(lang)("audit_between").join(said(conflict, lang))


def said(conflict: Conflict, lang: str = "en") -> tuple[str, str]:
    """
    What collides, by which numbers; and what to write instead.

    Examples:
        >>> [conflict] = audit({"wait_all": Level(at_least=31), "wait_queued": Level(at_most=30)})
        >>> said(conflict)[1]
        'Write at most 30 s for Mean wait of all offered.'
    """
    words, known = Words(lang), catalogue()
    values = {key: _in_words(key, number, lang) for key, number in conflict.numbers.items()}
    for key in [key.removesuffix("_low") for key in values if key.endswith("_low")]:
        ends = values[f"{key}_low"], values[f"{key}_high"]
        values[key] = ends[0] if ends[0] == ends[1] else "–".join(ends)
    names = [known[kpi].name(lang) for kpi in conflict.kpis if kpi in known]
    values |= dict(zip(("first", "second", "third"), names, strict=False))
    key = f"audit_{conflict.law}" + ("_load" if conflict.law == "response_cap" and "load" in values else "")
    softer = conflict.severity == "warning" and conflict.law in SOFTER
    found = words(f"{key}_warning" if softer else key, **values)
    return found, words(f"audit_{conflict.law}_instead", **values)


def _in_words(key: str, number: float, lang: str) -> str:
    """A number of a law; a greatest one rounded down and a least one up, so that whoever writes it keeps the law."""
    if math.isinf(number):
        return "∞"
    unit, step = _unit(key, number)
    if "most" in key or "least" in key:
        number = (math.floor(number / step + 1e-6) if "most" in key else math.ceil(number / step - 1e-6)) * step
    if unit == "held":
        return f"{number:.0f}" if math.isclose(number, round(number)) else f"{number:.2f}"
    return shown(round(number, 6), unit, lang)


def _unit(key: str, number: float) -> tuple[str, float]:
    """The unit of a law's number, by its name, and the last digit that is shown."""
    if key.endswith("_s"):
        return "s", 0.1 if number < 60 else 1.0
    if key.endswith("_s2"):
        return "s2", 1.0
    if "per_hour" in key:
        return "count", 0.1 if number < 100 else 1.0
    if key.startswith("score"):
        return "score", 0.01
    if key.startswith(("load", "held", "cap")):
        return "held", 0.01
    return "share", 0.001


def conflicts_of(scenario: Scenario, known: Catalogue | None = None) -> dict[str, list[Conflict]]:
    """
    Per queue, which of its targets cannot hold together, with what the scenario says of patience, pace and cap.

    A target is a bound on its KPI's worse side; without a better side it is the value itself. Targets of agents'
    time are read only where one queue has all the agents, since no single queue owns them otherwise.

    Raises:
        InputError: Targets that no KPI can have (as `csim.kpi.targets.targets`).

    Examples:
        >>> import csim
        >>> conflicts_of(csim.load_scenario("scenarios/centres/first_voice.yaml"))
        {'calls': []}
    """
    entries = known or catalogue().with_own(scenario.file.kpis)
    alone = len(scenario.queues) == 1
    found = {}
    for name, wanted in targets_of(scenario, entries).items():
        mine = [kpi for kpi in map(entries.__getitem__, wanted) if alone or not kpi.of_agents]
        levels = {kpi.id: _level(kpi.better, wanted[kpi.id]) for kpi in mine}
        found[name] = audit(levels, facts=facts_of(scenario, name))
    return found


def _level(better: str | None, value: float) -> Level:
    return {"up": Level(at_least=value), "down": Level(at_most=value)}.get(str(better), exactly(value))


def facts_of(scenario: Scenario, queue: str) -> Facts:
    """
    What a scenario says of one queue: pace and cap of the groups that serve it, patience, promise, scale of scores.

    The cap is the largest among those groups; a pace by turns counts where all of them have the same.

    Examples:
        >>> import csim
        >>> facts = facts_of(csim.load_scenario("scenarios/centres/double_11.yaml"), "presales")
        >>> facts.compose_s, facts.customer_s, facts.cap, facts.mean_patience_s, facts.exponential_patience
        (10.0, 60.0, 8, 120.0, True)
    """
    asked: Queue = scenario.queues[queue]
    groups: list[Group] = [group for group in scenario.groups.values() if queue in group.serves]
    paces = {group.pace for group in groups if isinstance(group.pace, ComposedPace)}
    alike = len(paces) == 1 and all(isinstance(group.pace, ComposedPace) for group in groups)
    pace = paces.pop() if alike else None
    law = asked.patience
    mean = None if law is None else law.mean_s
    given = tuple(asked.quality.survey.scores) if asked.quality and asked.quality.survey else ()
    return Facts(
        compose_s=pace.compose if pace else None,
        customer_s=pace.customer if pace else None,
        cap=max((group.concurrency for group in groups), default=None),
        mean_patience_s=mean,
        exponential_patience=law is not None and law.distribution == "exponential" and not asked.balk,
        within_s=asked.answer_within,
        reading=asked.quick_abandons,
        promised_to_all=asked.answer_within is not None,
        all_chats=all(other.channel == "chat" for other in scenario.queues.values()),
        scores=tuple(sorted({*map(float, given), 1.0, 2.0, 3.0, 4.0, 5.0})),
    )

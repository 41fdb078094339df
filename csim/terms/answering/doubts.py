"""What only a simulated centre shows of a contract: levels out of reach, relief that never applies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from csim.contract.findings import Finding, words
from csim.contract.load import Contract
from csim.contract.model import KpiClause
from csim.display.notes import Note
from csim.display.numbers import exactly
from csim.experiment.simulate import simulate
from csim.scenario.load import Scenario
from csim.settlement.facts import Fact, Facts
from csim.settlement.month import Terms, relieved_days, relieved_month
from csim.settlement.outlook import monthly_facts
from csim.terms.answering.deterrence import BY_SCORE, penalty_share, score_step
from csim.terms.answering.response import BestResponse, best_response, simulated, vendor_in
from csim.terms.worth.levers import at_levels
from csim.terms.worth.surface import Surface
from csim.terms.worth.valuation import terms_of

PLENTY = 1.5  # times the planned staff: a level that this misses is out of reach
STAFFING = (0.8, 0.9, 1.0, 1.1)  # of the plan: what a vendor may prefer
CONTACTS, MOST = 6e6, 10  # simulated in all, and the most replications


def doubts(
    contract: Contract, scenario: Scenario, replications: int = 20, seed: int = 1, engine: str = "auto"
) -> list[Finding]:
    """
    Warnings that need a scenario: a level missed even with half as many agents again, relief that never applies.

    Simulates the scenario as it stands and with 1.5 times its staff, *replications* times each, on the same luck.

    Examples:
        >>> import csim
        >>> contract = csim.load_contract("scenarios/contracts/hotline_400.yaml")
        >>> [found.code for found in doubts(contract, csim.load_scenario("scenarios/centres/hotline_400.yaml"), 2)]
        []
    """
    as_planned = simulate(scenario, replications, seed, engine)
    plenty = simulate(at_levels(scenario, "staffing", [PLENTY])[0], replications, seed, engine)
    found: list[Finding] = []
    for vendor in contract.file.vendor:
        found += _unreached(contract, list(monthly_facts(contract, plenty, vendor)))
        found += _idle_relief(contract, list(monthly_facts(contract, as_planned, vendor)), vendor)
    return list(dict.fromkeys(found))


def weak_penalties(
    contract: Contract, scenario: Scenario, replications: int | None = None, seed: int = 1, engine: str = "auto"
) -> list[Finding]:
    """
    Warnings of penalties so small that the vendor earns more by missing the level for good.

    Simulates 80 % to 110 % of the planned staff, some seconds of it. Nothing is found where the groups do not say what
    an agent costs.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/hotline_400.yaml")
        >>> [f.path for f in weak_penalties(csim.load_contract("scenarios/contracts/hotline_400.yaml"), centre, 2)]
        ['kpis.service_level', 'kpis.answered']
    """
    found: list[Finding] = []
    if costs_known(scenario):
        vendors = contract.file.vendor if vendor_in(scenario, contract, contract.file.vendor[0]) else [None]
        contacts = sum(float(each.sum()) for each in scenario.expected.values()) * len(STAFFING) * len(vendors)
        count = replications or max(2, min(MOST, int(CONTACTS / max(contacts, 1.0))))
        for vendor in vendors:
            grid = simulated(scenario, contract, STAFFING, "staffing", None, vendor, replications=count, seed=seed,
                             engine=engine)  # fmt: skip
            found += _outweighed(contract, best_response(contract, grid), grid)
    return list(dict.fromkeys(found))


def costs_known(scenario: Scenario) -> bool:
    """Whether every group says what an agent-hour costs."""
    return all(group.cost_per_hour for group in scenario.groups.values())


def _outweighed(contract: Contract, found: BestResponse, grid: Surface) -> Iterator[Finding]:
    """The penalties that weigh less than keeping the level costs."""
    terms = terms_of(contract, contract.month_of(pd.Timestamp(grid.dates[0]).date()))
    weighs = {judge.id: penalty_share(terms, judge) for judge in terms.judges} | {BY_SCORE: score_step(terms)}
    for name, needed in found.deterrence.items():
        path = ("pay", "by_score") if name == BY_SCORE else ("kpis", name)
        has, code = f"{weighs[name]:.2%}", "penalty_does_not_deter"
        if needed is None:
            yield _at(contract, code, words("no_deterrence", has=has), words("no_deterrence_instead"), path)
        elif weighs[name] < needed:
            write = words("weak_penalty_instead", needed=f"{needed:.2%}")
            yield _at(contract, code, words("weak_penalty", has=has), write, path)


def _unreached(contract: Contract, months: list[tuple[int, str, Facts]]) -> Iterator[Finding]:
    """Clauses whose level is missed over all the months together."""
    if not months:
        return
    terms = Terms.of(contract, months[0][1])
    for judge in terms.judges:
        due = judge.clause.expected or judge.clause.minimum
        facts = [facts.fact((judge.id, judge.kpi), judge.clause.scope.queue) for _, _, facts in months]
        pooled = _pooled([fact for fact in facts if fact is not None])
        if due is None or pooled is None or not judge.worse(pooled, due):
            continue
        value = exactly(pooled[0] / pooled[1], judge.unit, "en", [due.number])
        what = words("out_of_reach", plenty=f"{PLENTY:g}", kpi=judge.kpi, value=value, due=due.text)
        path = ("kpis", judge.id, "expected" if judge.clause.expected else "minimum")
        yield _at(contract, "level_out_of_reach", what, words("out_of_reach_instead", value=value), path)


def _pooled(facts: list[Fact]) -> tuple[Decimal, Decimal] | None:
    numerator = sum((fact.numerator for fact in facts), Decimal(0))
    denominator = sum((fact.denominator for fact in facts), Decimal(0))
    return (numerator, denominator) if denominator else None


def _idle_relief(contract: Contract, months: list[tuple[int, str, Facts]], vendor: str) -> Iterator[Finding]:
    """Relief for volume above the forecast that applied in none of the simulated days (or months)."""
    for name, clause in contract.file.kpis.items():
        for number, times, span in _reliefs(contract, clause, months, vendor):
            if not times:
                what = words("idle_relief", count=len(months))
                write = words("idle_relief_month" if span == "month" else "idle_relief_instead")
                yield _at(contract, "idle_relief", what, write, ("kpis", name, "exclusions", number))


def _reliefs(contract: Contract, clause: KpiClause, months: Any, vendor: str) -> Iterator[tuple[int, int, str]]:
    """The number of each relief among a clause's exclusions, how often it applied, and whether by day or month."""
    for number, rule in enumerate(clause.exclusions):
        if rule.what != "volume_above_forecast":
            continue
        if rule.by == "day":
            times = sum(len(relieved_days(contract, rule, facts, vendor)) for _, _, facts in months)
        else:
            times = sum(relieved_month(contract, rule, facts, month, vendor) for _, month, facts in months)
        yield number, times, str(rule.by)


def _at(contract: Contract, code: str, what: Note, write: Note, path: tuple) -> Finding:
    return Finding.at(contract.mistake(what.text("en"), path), "warning", code, what, write)

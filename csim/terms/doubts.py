"""What only a simulated centre shows of a contract: levels out of reach, relief that never applies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from csim.contract.findings import Finding
from csim.contract.load import Contract
from csim.contract.model import KpiClause
from csim.display.numbers import exactly
from csim.experiment.simulate import simulate
from csim.scenario.load import Scenario
from csim.settlement.facts import Fact, Facts
from csim.settlement.month import Terms, relieved_days, relieved_month
from csim.settlement.outlook import monthly_facts
from csim.terms.levers import at_levels

PLENTY = 1.5  # times the planned staff: a level that this misses is out of reach


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
        what = f"with {PLENTY:g} times the planned staff {judge.kpi} comes to {value}: {due.text} is out of reach"
        name = "expected" if judge.clause.expected else "minimum"
        yield _at(contract, "level_out_of_reach", what, f"a level that {value} keeps", ("kpis", judge.id, name))


def _pooled(facts: list[Fact]) -> tuple[Decimal, Decimal] | None:
    numerator = sum((fact.numerator for fact in facts), Decimal(0))
    denominator = sum((fact.denominator for fact in facts), Decimal(0))
    return (numerator, denominator) if denominator else None


def _idle_relief(contract: Contract, months: list[tuple[int, str, Facts]], vendor: str) -> Iterator[Finding]:
    """Relief for volume above the forecast that applied in none of the simulated days (or months)."""
    for name, clause in contract.file.kpis.items():
        for number, times, span in _reliefs(contract, clause, months, vendor):
            if not times:
                what = f"volume never exceeds this in {len(months)} simulated months: the relief never applies"
                write = "a smaller margin, or relief by day: the volume of a month hardly varies"
                write = write if span == "month" else "a smaller margin"
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


def _at(contract: Contract, code: str, what: str, write: str, path: tuple) -> Finding:
    place = contract.mistake(what, path)
    return Finding("warning", code, what, write, place.path, place.file, place.line, place.column, place.sheet)

"""What a contract file shows to be wrong or unwise, each finding with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csim.contract.findings import Finding, Found, Rule, Severity, Terms, listed, outcomes, words
from csim.contract.load import Contract, read_contract
from csim.contract.model import ContractFile
from csim.contract.rules import bands as rules_bands
from csim.contract.rules import dates as rules_dates
from csim.contract.rules import doubts as rules_doubts
from csim.contract.rules import levels as rules_levels
from csim.contract.rules import log as rules_log
from csim.contract.rules import measures as rules_measures
from csim.contract.rules import order as rules_order
from csim.contract.rules import pay as rules_pay
from csim.display.words import Words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RULES", "Finding", "is_monotone", "lint", "lint_log", "unchecked"]
# Every rule is one function whose name is its code and whose first line says what it finds.
RULES: dict[Severity, tuple[Rule, ...]] = {
    "error": (
        *rules_measures.ERRORS, *rules_levels.ERRORS, *rules_bands.ERRORS, *rules_pay.ERRORS, *rules_dates.ERRORS,
    ),
    "warning": (*rules_doubts.WARNINGS, *rules_order.WARNINGS, *rules_dates.WARNINGS),
}  # fmt: skip
Source = str | Path | dict[str, Any] | Contract


def lint(source: Source) -> list[Finding]:
    """
    Every finding of a contract, errors first, then in file order.

    Each version of dated terms is read; what is found in several of them is said once.

    Raises:
        InputError: Mistakes against the schema: there is no contract to speak of.

    Examples:
        >>> found = lint("scenarios/contracts/outsourcing_scorecard_as_published.yaml")
        >>> [f.what for f in found if f.code == "boundary_twice"]
        ['5 min stands in two bands: band 1 (−∞, 5 min] and band 2 [5 min, 10 min]']
        >>> [f.severity for f in lint("scenarios/contracts/outsourcing_scorecard.yaml")]
        []
    """
    contract = read_contract(source)
    rules = [(severity, rule.__name__, rule) for severity, part in RULES.items() for rule in part]
    return _collected(contract, rules)


def lint_log(source: Source, contacts: pd.DataFrame, states: pd.DataFrame | None = None) -> list[Finding]:
    """
    What a contract needs and a log (and the agent states beside it) does not have.

    What people supply by hand anyway is no finding: surveys, quality checks, figures from outside, own measures
    without formulas.

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({"queue": ["hotline"], "wait_s": [3.0], "outcome": ["answered"]})
        >>> [(f.code, f.path) for f in lint_log("scenarios/contracts/hotline_400.yaml", log)]
        [('not_in_log', 'kpis.resolution.measure')]
    """
    contract = read_contract(source)
    rules = [("error", rule.__name__, _given(rule, contacts, states)) for rule in rules_log.LOG_RULES]
    return _collected(contract, rules)


def _given(rule: Callable[..., Iterator[Found]], contacts: pd.DataFrame, states: pd.DataFrame | None) -> Rule:
    return lambda terms: rule(terms, contacts, states)


def _collected(contract: Contract, rules: Iterable[tuple[Any, str, Rule]]) -> list[Finding]:
    """The findings of every version; those of a later one alone say from which day on."""
    found: dict[tuple[str, str, str], Finding] = {}
    for number, terms in enumerate(Terms.versions(contract)):
        for severity, code, rule in rules:
            for what, write, path, at_key in rule(terms):
                said = what.text("en")
                place = terms.located.mistake(said, path, at_key=at_key)
                dated = words("since", what=what, date=contract.versions[number][0]) if number else what
                found.setdefault((code, place.path, said), Finding.at(place, severity, code, dated, write))
    return sorted(found.values(), key=lambda f: (f.severity != "error", f.file, f.sheet, f.line or 0, f.column or 0))


def is_monotone(source: Source) -> bool:
    """
    Whether better service is nowhere paid less.

    Examples:
        >>> is_monotone("scenarios/contracts/double_11.yaml")
        True
    """
    rules = [("warning", rule.__name__, rule) for rule in rules_order.WARNINGS]
    return not _collected(read_contract(source), rules)


def unchecked(source: Source, *, log: bool = False, scenario: bool = False, lang: str = "en") -> list[str]:
    """
    What the file alone cannot show, one line for each thing that would show it.

    Args:
        log: A log is checked too. scenario: A scenario is checked too. lang: "en" or "zh".

    Examples:
        >>> for line in unchecked("scenarios/contracts/double_11.yaml", log=True):
        ...     print(line)
        not checked without --scenario: whether the levels can be reached, whether a penalty costs the vendor more than
        keeping the level would (5.1, 5.2, 5.3), whether relief can ever apply (9.3)
    """
    file, says = read_contract(source).file, Words(lang)
    lines = []
    if not log and file.kpis:
        lines.append(says("lint_unchecked_log"))
    if not scenario and file.kpis:
        asked = [says("lint_asked_levels")]
        if steps := _step_penalties(file):
            asked.append(says("lint_asked_penalties", clauses=listed(steps)[lang]))
        if reliefs := _reliefs(file):
            asked.append(says("lint_asked_relief", clauses=listed(reliefs)[lang]))
        lines.append(says("lint_unchecked_scenario", asked=("；" if lang == "zh" else ", ").join(asked)))
    return lines


def _step_penalties(file: ContractFile) -> list[str]:
    """The clauses that cost the vendor something at a step."""
    scored = bool(file.pay.by_score)
    found = [
        clause.clause for clause in file.kpis.values()
        if clause.allocation or outcomes(clause) - {"score", "bonus", "pay"} or (scored and clause.weight)
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def _reliefs(file: ContractFile) -> list[str]:
    found = [e.clause for c in file.kpis.values() for e in c.exclusions if e.what == "volume_above_forecast"]
    return list(dict.fromkeys(found))

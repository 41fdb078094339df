"""Alert rules as a person writes them: "p(service_level) > 50%", "service_level < 75% for 3 intervals"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from csim.contract.load import Contract
from csim.errors import InputError, Mistake, did_you_mean
from csim.schema.exact import Level

HOW = 'write "p(service_level) > 50%" or "service_level < 75% for 3 intervals"'
DEDUCTION = "deduction"
_RULE = re.compile(r"\s*(?P<left>.+?)\s*(?P<sign><=|>=|≤|≥|<|>)\s*(?P<limit>.+?)(?:\s+for\s+(?P<run>.+?))?\s*")
_CHANCE = re.compile(r"p\s*\(\s*(?P<name>.+?)\s*\)")
_RUN = re.compile(r"(?P<count>\d+)\s*(?P<what>interval|day)s?")
_SIGNS = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True)
class Rule:
    """
    An alert rule.

    Attributes:
        text: As it was written. name: The id of a clause, or "deduction". chance: It is about the probability of a
            penalty, not about a value.
        sign, limit: When it fires. run: For so many in a row, 0 for the month to date; unit: "interval" or "day".
    """

    text: str
    name: str
    chance: bool
    sign: str
    limit: Level
    run: int = 0
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value lies where the rule fires; what is not known never does."""
        edge = float(self.limit.number)
        return {"<": value < edge, "<=": value <= edge, ">": value > edge, ">=": value >= edge}[self.sign]


def rule(text: str, contract: Contract) -> Rule:
    """
    A rule read from its text.

    Raises:
        InputError: What is not readable, and what to write.

    Examples:
        >>> import csim
        >>> terms = csim.load_contract("scenarios/contracts/hotline_400.yaml")
        >>> found = rule("service_level < 75% for 3 intervals", terms)
        >>> found.name, found.limit.number, found.run, found.holds(0.74), found.holds(0.75)
        ('service_level', Decimal('0.75'), 3, True, False)
        >>> rule("p(servce_level) > 50%", terms)
        Traceback (most recent call last):
        csim.errors.InputError: --alert
          "servce_level" is no clause of hotline_400: did you mean "service_level"?
        1 mistake; nothing was run.
    """
    parts = _RULE.fullmatch(text)
    if parts is None:
        raise _mistake(f'"{text}" is no rule: {HOW}')
    within = _CHANCE.fullmatch(parts["left"])
    name = _clause(within["name"] if within else parts["left"], contract, chance=within is not None)
    limit, run, unit = _limit(text, parts["limit"]), 0, ""
    if within and (limit.kind != "share" or limit.number > 1 or parts["run"]):
        what = f'"{text}": a probability is held against a percentage, at the month\'s end: write "p({name}) > 50%"'
        raise _mistake(what)
    if not within:
        _same_kind(text, name, limit, contract)
    if parts["run"]:
        lasting = _RUN.fullmatch(parts["run"])
        if lasting is None or not int(lasting["count"]):
            raise _mistake(f'"{text}": "for {parts["run"]}" is not readable: write for example for 3 intervals')
        run, unit = int(lasting["count"]), lasting["what"]
    sign = _SIGNS.get(parts["sign"], parts["sign"])
    return Rule(text.strip(), name, within is not None, sign, limit, run, unit)


def rules_of(texts: list[str], contract: Contract) -> tuple[Rule, ...]:
    """Several rules; all their mistakes at once."""
    found: list[Rule] = []
    mistakes: list[Mistake] = []
    for text in texts:
        try:
            found.append(rule(text, contract))
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return tuple(found)


def _clause(name: str, contract: Contract, *, chance: bool) -> str:
    """A clause by its id, its number, its name, or any name of its measure where only one clause has it."""
    if name == DEDUCTION and chance:
        return name
    clauses = contract.file.kpis
    for key, clause in clauses.items():
        if name in (key, clause.clause, clause.name):
            return key
    kpi = _kpi(name, contract)
    measured = [key for key, clause in clauses.items() if kpi and kpi == _kpi(clause.measure, contract)]
    if len(measured) == 1:
        return measured[0]
    if measured:
        raise _mistake(f'"{name}" is measured by several clauses: write one of {", ".join(measured)}')
    known = [*clauses, DEDUCTION] if chance else list(clauses)
    raise _mistake(f'"{name}" is no clause of {contract.name}: {did_you_mean(name, known)}')


def _kpi(name: str, contract: Contract) -> str:
    """The KPI that goes by a name in either language; "" where none does, or more than one."""
    try:
        return contract.catalogue.find(name).id
    except InputError:
        return ""


def _limit(text: str, written: str) -> Level:
    try:
        return Level.of(written)
    except ValueError:
        raise _mistake(f'"{text}": "{written}" is no value: write for example 75%, 30 s or 90') from None


def _same_kind(text: str, name: str, limit: Level, contract: Contract) -> None:
    """A share is held against a percentage, a time against a time."""
    clause = contract.file.kpis[name]
    unit = contract.kpi_of(clause.measure, clause.reading).unit
    needed = {"share": "share", "s": "s"}.get(unit, "number")
    if limit.kind != needed:
        example = {"share": "75%", "s": "30 s", "number": f"{Decimal(90)}"}[needed]
        raise _mistake(f'"{text}": {limit.text} has not the unit of {name}: write for example {name} < {example}')


def _mistake(what: str) -> InputError:
    return InputError([Mistake(what, "--alert")])

"""What the buyer wishes and what nobody would accept: the limits that a proposed contract must keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csim.contract.load import Contract
from csim.contract.readings import SERVICE_LEVELS
from csim.errors import InputError, Mistake
from csim.schema.exact import Level
from csim.settlement.judge import Judge
from csim.terms.judging.risks import RELATIVE, Limits
from csim.terms.worth.thresholds import threshold

if TYPE_CHECKING:
    from csim.scenario.load import Scenario
    from csim.terms.tuning.trials import Outcome

_WISH = re.compile(r"\s*([^<>=\u2264\u2265]+?)\s*(>=|<=|\u2265|\u2264)\s*(.+?)\s*")
PLAIN = ("signs", "false_penalty", "missed_breach", "at_risk", "order")


@dataclass(frozen=True)
class Wish:
    """
    A level of service that the buyer wants delivered.

    Attributes:
        kpi: Its id, under the reading that is simulated. least: At least so much; otherwise at most. level: As written.
    """

    kpi: str
    least: bool
    level: Level
    unit: str

    @property
    def number(self) -> float:
        return float(self.level.number)

    @property
    def text(self) -> str:
        """As people write it: "service_level ≥ 80%"."""
        return f"{self.kpi} {'≥' if self.least else '≤'} {self.level.text}"

    def short(self, value: float) -> float:
        """By how much a value misses it, 0 where it does not; of times as a share of the wish."""
        gap = self.number - value if self.least else value - self.number
        return max(0.0, gap if self.unit == "share" else gap / max(self.number, 1e-9))

    def beside(self, limits: Limits) -> tuple[float, float]:
        """A level clearly better than the wish, and one clearly worse: those of a good and of a bad vendor."""
        gap = limits.margin if self.unit == "share" else RELATIVE * self.number
        sign = 1 if self.least else -1
        good, bad = self.number + sign * gap, self.number - sign * gap
        most = 1.0 if self.unit == "share" else float("inf")
        return min(max(good, 0.0), most), min(max(bad, 0.0), most)


def wishes_of(contract: Contract, scenario: Scenario, texts: Sequence[str]) -> tuple[Wish, ...]:
    """
    The wishes as written, "service_level>=80%"; without any, the level of service that the contract promises.

    Raises:
        InputError: What cannot be read, an unknown KPI, a level in another unit, wishes that contradict each other.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/hotline_400.yaml")
        >>> agreed = csim.load_contract("scenarios/contracts/hotline_400.yaml")
        >>> [wish.text for wish in wishes_of(agreed, centre, [])]
        ['service_level_included ≥ 80%']
        >>> [wish.text for wish in wishes_of(agreed, centre, ["abandonment_rate<=5%"])]
        ['abandonment_rate ≤ 5%']
    """
    found = tuple(_wish(contract, text) for text in texts) if texts else _promised(contract, scenario)
    for a in found:
        for b in found:
            if a.kpi == b.kpi and a.least and not b.least and a.number > b.number:
                what = f"the wishes {a.text} and {b.text} contradict each other: no value is both"
                raise InputError([Mistake(what, "--wish")])
    return found


def _wish(contract: Contract, text: str) -> Wish:
    match = _WISH.fullmatch(text)
    if match is None:
        raise InputError([Mistake(f'"{text}" is no wish: write for example "service_level>=80%"', "--wish")])
    kpi = contract.catalogue.find(match[1])
    try:
        level = Level.of(match[3])
    except ValueError as error:
        raise InputError([Mistake(str(error), "--wish")]) from None
    kind = {"share": "share", "s": "s"}.get(kpi.unit, "number")
    if level.kind != kind:
        example = {"share": "80%", "s": "20 s"}.get(kind, "90")
        what = f'{kpi.id} is no such level as "{match[3]}": write for example "{match[1]}{match[2]}{example}"'
        raise InputError([Mistake(what, "--wish")])
    return Wish(kpi.id, match[2] in (">=", "\u2265"), level, kpi.unit)


def _promised(contract: Contract, scenario: Scenario) -> tuple[Wish, ...]:
    """The level of service that a clause promises, else the scenario's target; none where neither says one."""
    for name, clause in contract.file.kpis.items():
        kpi = contract.kpi_of(clause.measure, clause.reading)
        level = threshold(Judge.of(name, clause, kpi))
        if kpi.id in SERVICE_LEVELS and level is not None:
            return (Wish(kpi.id, kpi.better != "down", level, kpi.unit),)
    targets = [queue.targets["service_level"] for queue in scenario.queues.values() if "service_level" in queue.targets]
    return tuple(_wish(contract, f"service_level>={text}") for text in targets[:1])


@dataclass(frozen=True)
class Demands:
    """
    The limits of a proposal.

    Attributes:
        wishes: What the vendor's best answer must deliver, also where two answers may be as good for it.
        margin: The share of the payment below which the vendor does not sign.
        limits: How far a good and a bad vendor lie from the first wish, and how often each may be misjudged.
        most_at_risk: The largest share of a month's fee that may be taken.
        dear: Also a vendor whose agents cost more than believed shall sign and keep the wishes.
        ceiling: The most that the buyer may pay in all; None for no such limit.
    """

    wishes: tuple[Wish, ...]
    margin: float = 0.05
    limits: Limits = field(default_factory=Limits)
    most_at_risk: float = 0.2
    dear: bool = True
    ceiling: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every limit by name."""
        return (*PLAIN, *(wish.text for wish in self.wishes), *(("ceiling",) if self.ceiling is not None else ()))

    def violations(self, found: Outcome) -> Mapping[str, float]:
        """
        How far each limit is missed, as a share of the payment or of the scale; 0 where it is kept.

        A risk that nothing measures is no violation: no clause punishes but by the single event.
        """
        margin, pulls = (found.dear_margin, found.dear_pulls) if self.dear else (found.margin, found.pulls)
        missed = {
            "signs": max(0.0, self.margin - margin),
            "false_penalty": _over(found.false_penalty, self.limits.alpha),
            "missed_breach": _over(found.missed_breach, self.limits.beta),
            "at_risk": _over(found.at_risk, self.most_at_risk),
            "order": 0.0 if found.in_order else 1.0,
        }
        for wish, value, pull in zip(self.wishes, found.service, pulls, strict=True):
            missed[wish.text] = wish.short(value) + max(0.0, pull)
        if self.ceiling is not None:
            missed["ceiling"] = max(0.0, found.buyer - self.ceiling) / max(abs(found.payment), 1e-9)
        return missed

    def violation(self, found: Outcome) -> float:
        """All of it together; 0 exactly where every limit is kept."""
        return sum(self.violations(found).values())


def _over(value: float, most: float) -> float:
    return max(0.0, value - most - 1e-12) if value == value else 0.0

"""How many replications are enough: until the intervals of chosen KPIs are as narrow as asked for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import pandas as pd

from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.kpi.catalogue import Catalogue
from csim.units import ratio, seconds

ALL = "all"
_FORM = re.compile(r"^\s*(?P<kpi>.+?)(?:\s*@\s*(?P<queue>.+?))?\s*(?:±|\+-|\+/-)\s*(?P<half>\S.*?)\s*$")


@dataclass(frozen=True)
class Precision:
    """The half-width that the 95 % interval of one KPI may have at the most; `text` is the wish as it was written."""

    kpi: str
    queue: str
    half: float
    text: str = field(default="", repr=False)

    def reached(self, kpis: pd.DataFrame) -> float:
        """The half-width in a table of KPIs; NaN where there is no interval."""
        mine = kpis[(kpis["queue"] == self.queue) & (kpis["kpi"] == self.kpi)]
        return float((mine["ci_high"] - mine["value"]).iloc[0]) if len(mine) else math.nan


def precision(text: str, catalogue: Catalogue, queues: list[str]) -> Precision:
    """
    A wish such as "service_level ±0.5%", "asa ±1 s" or "service_level@presales ±1%".

    Examples:
        >>> from csim.kpi.catalogue import catalogue
        >>> precision("服务等级 ±0.5%", catalogue(), ["calls"])
        Precision(kpi='service_level', queue='all', half=0.005)
    """
    found = _FORM.match(text)
    if found is None:
        raise UnknownNameError(
            [Mistake(f'"{text}" is not readable: write for example "service_level ±0.5%"', "--until")]
        )
    kpi = catalogue.find(found["kpi"])
    queue = found["queue"] or ALL
    if queue not in (*queues, ALL):
        raise UnknownNameError([Mistake(f'no queue "{queue}": {did_you_mean(queue, [*queues, ALL])}', "--until")])
    if kpi.kind != "ratio" or kpi.numerator is None:
        raise UnknownNameError([Mistake(f"{kpi.id} has no interval of a ratio: choose another KPI", "--until")])
    try:
        half = seconds(found["half"]) if kpi.unit == "s" else ratio(found["half"])
    except ValueError as error:
        raise UnknownNameError([Mistake(str(error), "--until")]) from None
    if half <= 0:
        raise UnknownNameError([Mistake("a half-width of 0 is never reached: write a larger one", "--until")])
    return Precision(kpi.id, queue, half, text.strip())


def unreached(kpis: pd.DataFrame, wishes: list[Precision]) -> list[Precision]:
    """The wishes that a table of KPIs does not fulfil (one without an interval fulfils none)."""
    return [wish for wish in wishes if not wish.reached(kpis) <= wish.half]


def batches(first: int, most: int) -> list[range]:
    """
    Replication numbers in batches that grow by half: when to look is fixed beforehand, whoever computes.

    Examples:
        >>> batches(20, 60)
        [range(1, 21), range(21, 31), range(31, 46), range(46, 61)]
    """
    found = [range(1, min(first, most) + 1)]
    while found[-1].stop <= most:
        done = found[-1].stop - 1
        found.append(range(done + 1, min(done + max(done // 2, 5), most) + 1))
    return found

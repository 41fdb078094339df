"""What cannot be judged: contracts in which nothing is at stake, and levels finer than their sample."""

from __future__ import annotations

import math
from collections.abc import Mapping

from csim.contract.load import Contract
from csim.contract.model import KpiClause
from csim.errors import InputError, Mistake, did_you_mean
from csim.schema.exact import Level


def nothing_at_stake(contract: Contract) -> None:
    """
    Refuses a contract without clauses, and clauses whose every penalty is 0.

    Raises:
        InputError: With the place and what to write.
    """
    file, mistakes = contract.file, []
    if not file.kpis:
        raise InputError([contract.mistake("nothing to judge: write a clause under kpis", ("kpis",))])
    for name, clause in file.kpis.items():
        costs = [row.amount for row in clause.bands if row.outcome in ("credit", "deduct", "points")]
        earns = any(row.outcome in ("bonus", "pay", "score") for row in clause.bands)
        other = any((clause.linear, clause.shortfall, clause.per_unit, clause.allocation, clause.weight, clause.gate))
        if costs and not any(costs) and not earns and not other:
            what = "the penalty is 0: whatever happens nothing is paid less; write for example credit: 5%"
            mistakes.append(contract.mistake(what, ("kpis", name, "bands")))
    if mistakes:
        raise InputError(mistakes)


def too_fine(contract: Contract, samples: Mapping[str, int]) -> None:
    """
    Refuses levels that one contact of the sample oversteps: 99 % of 20 is kept by 20 alone.

    Raises:
        InputError: With the least sample that tells the level from perfection; unknown clauses in *samples*.
    """
    mistakes = []
    for name, size in samples.items():
        if name not in contract.file.kpis:
            hint = did_you_mean(name, contract.file.kpis)
            mistakes.append(Mistake(f'no clause "{name}": {hint}', "--sample"))
        elif size < 1:
            mistakes.append(Mistake(f"{name}: a sample of {size}: write 1 or more", "--sample"))
    for name, clause in contract.file.kpis.items():
        size = samples.get(name, clause.minimum_sample or 0)
        for level in _levels(clause) if size > 0 else ():
            gap = min(level.number, 1 - level.number)
            if 0 < gap * size < 1:
                what = (
                    f"{level.text} is finer than its sample: of {size} each is {1 / size:.2%}; "
                    f"write {math.ceil(1 / gap)} or more, or a coarser level"
                )
                mistakes.append(contract.mistake(what, ("kpis", name)))
                break
    if mistakes:
        raise InputError(mistakes)


def _levels(clause: KpiClause) -> list[Level]:
    edges = [edge for row in clause.bands for edge in (row.begins, row.above, row.below, row.up_to)]
    return [
        level for level in (clause.expected, clause.minimum, *edges)
        if level is not None and level.kind == "share" and 0 < level.number < 1
    ]  # fmt: skip

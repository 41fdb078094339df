"""The definition ledger: the same log under every reading of a clause, with the money each would cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from csim.contract.load import Contract
from csim.contract.model import KpiClause, Reading
from csim.contract.readings import SERVICE_LEVELS
from csim.settlement.settle import statement_of

HANG_UPS = ("included", "excluded", "answered_only", "quick_counts_as_met")
FAMILIES = (
    ("answer_rate", "connect_rate_all"),
    ("csat_top_box", "csat_mean", "csat_bad_rate"),
    ("mean_response", "mean_response_session"),
    ("survey_response", "survey_response_of_sessions"),
    ("wait_all", "wait_queued", "asa"),
)


@dataclass(frozen=True)
class Variant:
    """A clause read in another way, or (stated) as the contract reads it."""

    clause: str
    kpi: str
    stated: bool
    value: Decimal | None
    band: str
    score: Decimal | None
    total: Decimal | None  # payable with tax, if the clause were read so; None where its levels do not fit the unit
    difference: Decimal | None


def every_reading(contract: Contract, facts: pd.DataFrame, **more: Any) -> list[Variant]:
    """
    What each clause would be worth under every reading of its measure.

    Takes what `settle` takes. A reading whose unit the clause's levels do not have (a mean score against a share)
    shows its value, and no money: nobody can say what its bands would be.
    """
    stated = statement_of(contract, facts, **more)
    found = []
    for name, clause in contract.at(stated.month).kpis.items():
        own = contract.kpi_of(clause.measure, clause.reading)
        variants = list(_variants(clause, own.id))
        if len(variants) < 2:
            continue
        for kpi, reading in variants:
            fits = contract.catalogue[kpi].unit == own.unit and contract.catalogue[kpi].better == own.better
            other = _with(contract, name, clause, kpi, reading, judged=fits)
            paid = statement_of(other, facts, **more)
            line = next((line for line in paid.payment.lines if line.id == name), None)
            judged = line.judged if line else None
            total = paid.total if fits else None
            found.append(
                Variant(name, kpi, kpi == own.id, judged.value if judged else None, line.band if line else "",
                        judged.score if judged else None, total, None if total is None else total - stated.total)
            )  # fmt: skip
    return found


def _variants(clause: KpiClause, own: str) -> Iterator[tuple[str, Reading]]:
    """The readings of a clause's family, as KPI and reading."""
    if own in SERVICE_LEVELS:
        for hang_ups in HANG_UPS:
            yield f"service_level_{hang_ups}", clause.reading.model_copy(update={"hang_ups": hang_ups})
        return
    family = next((family for family in FAMILIES if own in family), ())
    for kpi in family:
        yield kpi, clause.reading.model_copy(update={"weighting": None, "of": None, "scale": None})


def _with(contract: Contract, name: str, clause: KpiClause, kpi: str, reading: Reading, *, judged: bool) -> Contract:
    """The contract with one clause read otherwise (or only watched, where its levels do not fit)."""
    changes: dict[str, Any] = {"measure": kpi, "reading": reading}
    if not judged:
        changes |= {"bands": (), "linear": (), "weight": None, "expected": None, "minimum": None, "allocation": None,
                    "shortfall": None, "per_unit": None, "gate": False}  # fmt: skip
    versions = tuple(
        (day, file.model_copy(update={"kpis": {**file.kpis, name: clause.model_copy(update=changes)}}))
        for day, file in contract.versions
    )
    return Contract(versions, contract.days, contract.months, contract.located)

"""What simulations come to in a sentence: the headline KPIs with their intervals, and differences against the first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.numbers import interval, points, shown
from csim.display.words import Words

if TYPE_CHECKING:
    from csim.experiment.compare import Comparison
    from csim.experiment.simulation import Simulation

SAID = ("service_level", "abandonment_rate", "wait_all")


def simulated(sim: Simulation, lang: str) -> str:
    """The headline KPIs of all contacts."""
    words, table = Words(lang), sim.kpis[sim.kpis["queue"] == "all"].set_index("kpi")
    parts = []
    for kpi in _measured(sim, table):
        row = table.loc[kpi.id]
        ends = interval(row["ci_low"], row["ci_high"], kpi.unit, lang)
        around = words("result_around", interval=ends) if ends else ""
        parts.append(words("result_kpi", kpi=kpi.name(lang), value=shown(row["value"], kpi.unit, lang), around=around))
    said = sim.provenance
    return words(
        "result_simulated", name=sim.scenario.name, kpis=words("list_comma").join(parts) or "–", seed=said["seed"],
        replications=said["replications"],
    )  # fmt: skip


def compared(result: Comparison, lang: str) -> str:
    """A line for each scenario after the first: what it changes in the headline KPIs."""
    words, first = Words(lang), result.simulations[0]
    table = result.differences
    table = table[table["queue"] == "all"].set_index(["scenario", "kpi"])
    lines = []
    for label in result.labels[1:]:
        mine = table.loc[label]
        parts = [words("result_kpi", kpi=kpi.name(lang), around=_around(mine.loc[kpi.id], kpi, lang),
                       value=points(mine.loc[kpi.id, "difference"], kpi.unit, lang))
                 for kpi in _measured(first, mine)]  # fmt: skip
        kpis = words("list_comma").join(parts) or "–"
        lines.append(words("result_compared", name=label, against=result.labels[0], kpis=kpis))
    return "\n".join(lines)


def _measured(sim: Simulation, table: pd.DataFrame) -> Iterable[Any]:
    """The headline KPIs that a table holds."""
    column = "value" if "value" in table else "difference"
    return [
        sim.catalogue[name]
        for name in SAID
        if name in table.index and table.loc[name, column] == table.loc[name, column]
    ]


def _around(row: pd.Series, kpi: Any, lang: str) -> str:
    if row["ci_low"] != row["ci_low"]:
        return ""
    ends = f"{points(row['ci_low'], kpi.unit, lang)} … {points(row['ci_high'], kpi.unit, lang)}"
    return Words(lang)("result_around", interval=ends)

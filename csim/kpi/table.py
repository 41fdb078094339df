"""From sums to a table of KPIs: values, and for what is not measured the reason."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from csim.kpi.catalogue import Catalogue, Kpi
from csim.kpi.sums import Measures

SHARES = ("share",)


def is_share(kpis: tuple[Kpi, ...]) -> np.ndarray:
    """Which KPIs are shares, whose intervals stay within 0..1."""
    return np.array([kpi.unit in SHARES for kpi in kpis], dtype=bool)


def ratio_parts(measures: Measures, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators of the ratio KPIs, from sums whose last axis is the formulas."""
    return sums[..., measures.numerator], sums[..., measures.denominator]


def reason(kpi: Kpi, missing: tuple[str, ...], *, simulated: bool) -> str:
    """Why a KPI has no value, in a few words."""
    if kpi.own and missing:
        return f"there is no column {', '.join(missing)}"
    if "EXT" in kpi.needs:
        return "not simulated, supply it" if simulated else "not in a log, supply it"
    if simulated:
        return _not_simulated(kpi, missing)
    if not missing:
        return "not measured yet: needs contacts to be linked"
    columns = absent(missing)
    return "needs agent states" if STATES in columns else f"the log has no column {', '.join(columns)}"


def absent(missing: Iterable[str]) -> list[str]:
    """The columns of a log that are not there, by the names that people know; STATES where agent states are meant."""
    return sorted({_DERIVED.get(name, name) for name in missing})


def _not_simulated(kpi: Kpi, missing: tuple[str, ...]) -> str:
    if "SIM+" in kpi.needs:
        return "not simulated yet"
    if "TURN" in kpi.needs:
        return "needs pace: {compose: …, customer: …} in the scenario"
    if "COIN" in kpi.needs:
        return "needs quality: … in the scenario"
    if "SIM" in kpi.needs:
        return "needs chat" if {"chats_held", "session_s", "focus_s", "chat_time"} & set(missing) else "not simulated"
    return "not simulated: measured from a real log"


STATES = "agent states"
_DERIVED = {
    "outbound": "direction", "connected": "direction", "transferred": "transferred_to", "csat_answered": "csat",
    "csat_top": "csat", "csat_bad": "csat", "handle": "talk_s", "agent_time": "talk_s", "replied": "agent_messages",
    **dict.fromkeys(
        ("busy", "logged_in", "online", "talking", "not_ready_time", "away_time", "agent_day", "duration", "chat_time",
         "chatting", "slot_time", "slots_in", "chats_held"), STATES),
}  # fmt: skip


def empty_reason(kpi: Kpi, *, threshold: bool) -> str:
    """Why a KPI whose columns exist has no value: nothing in its denominator, or no threshold to judge by."""
    return "no threshold" if kpi.id.startswith("service_level") and not threshold else "nothing to measure"


def unmeasured(catalogue: Catalogue, measures: Measures, *, simulated: bool) -> list[tuple[Kpi, str]]:
    """The KPIs without a value, each with its reason, in the order of the catalogue."""
    return [
        (catalogue[i], reason(catalogue[i], missing, simulated=simulated)) for i, missing in measures.missing.items()
    ]


def ordered(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Rows in the order of queues as they come and KPIs as the catalogue has them."""
    place = {kpi: i for i, kpi in enumerate(catalogue)}
    key = table["kpi"].map(place)
    queue = pd.Series(pd.factorize(table["queue"])[0], index=table.index)
    return table.iloc[np.lexsort((key, queue))].reset_index(drop=True)

"""Contracts and months for the property tests: drawn at random, small enough to read when a test fails."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from csim.contract.load import Contract, read_contract

BASE: dict[str, Any] = {
    "csim": "contract/1", "name": "drawn", "buyer": "us", "vendor": "V", "currency": "CNY", "timezone": "Asia/Shanghai",
    "term": {"from": "2026-01-01", "to": "2027-12-31"}, "tax": {"rate": "6%", "clause": "4.3"},
    "pricing": {"clause": "4.1", "per": "answered_contact", "rate": "1.37"},
    "pay": {"clause": "6.1", "rounding": {"to": "0.01", "mode": "half_up"}},
}  # fmt: skip
MEASURES = {
    "service_level": {"reading": {"hang_ups": "included", "within": "20 s"}},
    "abandonment_rate": {},
    "answer_rate": {},
}


def clause(number: int, measure: str, **terms: Any) -> dict[str, Any]:
    """A clause with what every clause needs."""
    return {
        "clause": f"5.{number}", "measure": measure, "value_rounding": "none", "missing": "missed", "exclusions": [],
        **MEASURES.get(measure, {}), **terms,
    }  # fmt: skip


@st.composite
def bands(draw: Any, outcome: str, up: bool) -> list[dict[str, Any]]:
    """Rows that cover everything, better values never paid less."""
    edges = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=4)), reverse=up)
    most = {"score": 100, "credit": 30, "bonus": 10, "points": 6}[outcome]
    amounts = sorted(draw(st.lists(st.integers(0, most), min_size=len(edges) + 1, max_size=len(edges) + 1)))
    amounts = amounts[::-1] if outcome in ("score", "bonus") else amounts
    side = "from" if up else "up_to"
    unit = "%" if outcome in ("credit", "bonus") else ""
    rows: list[dict[str, Any]] = [
        {side: f"{edge}%", outcome: f"{amount}{unit}"} for edge, amount in zip(edges, amounts, strict=False)
    ]
    return [*rows, {outcome: f"{amounts[-1]}{unit}"}]


@st.composite
def contracts(draw: Any) -> Contract:
    """A contract that is monotone: better service is never paid less."""
    data = copy.deepcopy(BASE)
    data["kpis"] = {}
    weights = draw(st.sampled_from([[100], [60, 40], [30, 30, 40]]))
    for number, (measure, weight) in enumerate(zip(MEASURES, weights, strict=False), 1):
        up = measure != "abandonment_rate"
        data["kpis"][f"k{number}"] = clause(number, measure, weight=f"{weight}%", bands=draw(bands("score", up)))
    data["kpis"]["step"] = clause(8, "service_level", bands=draw(bands("credit", True)))
    data["kpis"]["prize"] = clause(9, "answer_rate", bands=draw(bands("bonus", True)))
    data["kpis"]["risk"] = clause(10, "service_level", expected="80%", allocation="40%")
    pay = data["pay"]
    pay["at_risk"] = {"share_of_fee": "12%", "pool": "50%", "clause": "6.2"}
    pay["by_score"] = [
        {"from": 90, "share_of_fee": "100%"},
        {"from": 70, "share_of_fee": "85%"},
        {"share_of_fee": "60%"},
    ]
    pay["caps"] = [{"month": f"{draw(st.integers(5, 40))}%", "clause": "6.4"}, {"year": "25%", "clause": "6.5"}]
    steps = ["month_cap", "year_cap", "bonus"]
    if draw(st.booleans()):
        pay["carry_forward"] = {"months": 3, "clause": "6.6"}
        steps.append("carry_in")
    if draw(st.booleans()):
        pay["earn_back"] = {"months": 2, "share": "50%", "clause": "6.7"}
        steps.append("earn_back")
    pay["order"] = draw(st.permutations(steps))
    return read_contract(data)


@st.composite
def months(draw: Any) -> dict[str, tuple[int, int]]:
    """Counts of a month: answered in time ≤ answered ≤ offered."""
    offered = draw(st.integers(1, 5000))
    answered = draw(st.integers(0, offered))
    in_time = draw(st.integers(0, answered))
    return counts(offered, answered, in_time)


def counts(offered: int, answered: int, in_time: int) -> dict[str, tuple[int, int]]:
    """The KPIs of such a month."""
    return {
        "service_level_included": (in_time, offered), "answer_rate": (answered, offered),
        "abandonment_rate": (offered - answered, offered),
    }  # fmt: skip


def table(month: str, measured: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """A KPI table of one month."""
    return pd.DataFrame(
        [
            {"month": month, "kpi": kpi, "numerator": n, "denominator": d, "sample": d}
            for kpi, (n, d) in measured.items()
        ]
    )


CENT = Decimal("0.01")

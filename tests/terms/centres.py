"""The centre and the contracts of the named oracles: M/M/n+M, 22 days of ten hours, 6 for each answered contact."""

from __future__ import annotations

import copy
from typing import Any

from csim.contract.load import Contract, read_contract

SERVICE = {"measure": "service_level", "reading": {"hang_ups": "included", "within": "20 s"}}
STEP = [{"from": "80%", "credit": "0%"}]


def centre(per_hour: float = 273, agents: int = 26, cv: float = 0, days: int = 22, warmup: str = "30 min") -> dict:
    """Days of ten hours that start empty, at a constant rate; 300 s of handling, 180 s of patience, all exponential."""
    scenario: dict[str, Any] = {
        "csim": "scenario/1", "name": "oracle",
        "calendar": {"start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": days, "open": "10 h",
                     "weekdays": ["mon", "tue", "wed", "thu", "fri"], "interval": "10 h", "warmup": warmup},
        "queues": {"calls": {"channel": "voice", "arrivals": {"per_hour": per_hour}, "answer_within": "20 s",
                             "patience": {"distribution": "exponential", "mean": "180 s"},
                             "handle_time": {"distribution": "exponential", "mean": "300 s"}}},
        "groups": {"team": {"serves": ["calls"], "agents": agents, "cost_per_hour": 40}},
    }  # fmt: skip
    if cv:
        scenario["calendar"]["day_factor"] = {"cv": f"{100 * cv:g}%"}
    return scenario


def terms(kpis: dict[str, Any] | None = None, rate: str = "6") -> Contract:
    """So much per answered contact, and some clauses."""
    clauses = {}
    for number, (name, clause) in enumerate((kpis or {}).items(), 1):
        base = {"clause": f"5.{number}", "value_rounding": "none", "missing": "missed", "exclusions": []}
        clauses[name] = base | copy.deepcopy(clause)
    return read_contract({
        "csim": "contract/1", "name": "oracle", "buyer": "us", "vendor": "V", "currency": "CNY",
        "timezone": "Asia/Shanghai", "term": {"from": "2026-01-01", "to": "2026-12-31"},
        "pricing": {"clause": "4.1", "per": "answered_contact", "rate": rate}, "kpis": clauses,
        "pay": {"clause": "6.1", "rounding": {"to": "0.01", "mode": "half_up"}},
    })  # fmt: skip


def step(share: str, bonus: str = "") -> dict[str, Any]:
    """So many per cent off the invoice when the month's service level is below 80 %; a bonus from 85 % on."""
    rows: list[dict[str, Any]] = [*STEP, {"credit": share}]
    if bonus:
        rows = [{"from": "85%", "bonus": bonus}, *rows]
    return {"level": SERVICE | {"expected": "80%", "bands": rows}}


LADDER = {"level": SERVICE | {"expected": "80%", "bands": [
    {"from": "80%", "credit": "0%"}, {"from": "75%", "credit": "5%"}, {"from": "70%", "credit": "10%"},
    {"credit": "20%"}]}}  # fmt: skip
LINEAR = {"level": SERVICE | {"shortfall": {"below": "80%", "per_point": "1%", "up_to": "20%", "clause": "5.9"}}}
PER_ABANDON = {"lost": {"measure": "abandonment_rate", "per_unit": {"rate": "14", "clause": "5.7"}}}
COORDINATED = PER_ABANDON | {"waited": {"measure": "wait_all", "per_unit": {"rate": "0.02", "clause": "5.8"}}}
HARM = {"abandon": 20.0, "waiting_second": 0.02}

"""
The compiled engine in 20 million contacts of a cell: what Erlang-A leaves no room for.

Exact values are those of 40-digit balance equations. A chat of pace 1 needs a slot and nothing else, so 50 agents with
three chats are 150 servers.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

pytest.importorskip("numba")

import csim

from .steady import estimate, queue, stretch, too_far, z_scores

CONTACTS = 20e6
FURTHEST = {"service_level": 0.002, "abandonment_rate": 0.0006}  # from the exact shares, whatever the standard error
DIGITS = {"service_level": 5e-6, "abandonment_rate": 5e-6, "asa": 5e-4}  # half a unit of the last one given


class Cell(NamedTuple):
    """A centre that is open for 24 hours after a warm-up of two, and what is exact."""

    rate: float
    handle_s: float
    agents: int
    patience_s: float
    exact: dict[str, float]
    chats: int = 0


CELLS = [
    Cell(0.34, 300, 100, 120, {
        "service_level": 0.8165492126, "abandonment_rate": 0.0592052515, "queued_share": 0.466617846,
        "asa": 6.777265469, "wait_all": 7.104630180,
    }),
    Cell(0.34, 300, 95, 120, {"service_level": 0.70347, "abandonment_rate": 0.09152, "asa": 10.6918}),
    Cell(0.34, 300, 110, 120, {"service_level": 0.95272, "abandonment_rate": 0.01755, "asa": 1.9680}),
    Cell(3.4, 300, 1000, 120, {"service_level": 0.97083, "abandonment_rate": 0.02755, "asa": 3.2784}),
    Cell(0.05, 210, 12, 180, {"service_level": 0.754013, "abandonment_rate": 0.0699965}),
    Cell(0.30, 500, 50, 90, {"abandonment_rate": 0.04568, "asa": 3.790}, chats=3),
]  # fmt: skip


def simulated(cell: Cell) -> csim.Simulation:
    """As anybody would: `csim.simulate`."""
    channel = "chat" if cell.chats else "voice"
    group = {"serves": ["contacts"], "agents": cell.agents} | ({"concurrency": cell.chats} if cell.chats else {})
    contacts = queue(cell.rate * 3600, cell.handle_s, cell.patience_s, channel=channel)
    replications = round(CONTACTS / cell.rate / 86_400)
    scenario = stretch({"contacts": contacts}, {"team": group}, hours=24)
    return csim.simulate(scenario, replications, seed=20_000_000 + cell.agents, engine="compiled")


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.agents} x {cell.chats or 1}")
def test_millions_of_contacts_are_erlangs(cell):
    """Service level to .002, abandonment to .0006, and every KPI within four standard errors, of 20 million."""
    sim = simulated(cell)
    assert sim.offered > 0.99 * CONTACTS
    assert not too_far(z_scores(sim, cell.exact, within=DIGITS))
    for kpi in FURTHEST.keys() & cell.exact.keys():
        assert abs(estimate(sim, kpi)[0] - cell.exact[kpi]) < FURTHEST[kpi]

"""What terms make a vendor do, against answers computed elsewhere: 150 months at each of 20 levels, the same luck."""

from __future__ import annotations

import numpy as np
import pytest

import csim
from csim.terms.answering.response import best_response
from csim.terms.worth.surface import Surface, surface

from ..terms.centres import COORDINATED, HARM, LADDER, LINEAR, PER_ABANDON, centre, step, terms

pytestmark = pytest.mark.slow
LEVELS = list(range(16, 36))
CASES = {
    "pay per answered only": (None, (22, 22)),
    "5 % step at 80 %": (step("5%"), (26, 26)),
    "10 % step": (step("10%"), (26, 27)),
    "ladder 5/10/20 %": (LADDER, (26, 26)),
    "1 % per point below 80": (LINEAR, (25, 26)),
    "10 % step + 3 % bonus": (step("10%", "3%"), (27, 27)),
    "−14 per abandon": (PER_ABANDON, (28, 28)),
}


@pytest.fixture(scope="module")
def surfaces() -> list[Surface]:
    """Without and with 10 % of day-to-day luck: 180 million contacts each."""
    return [
        surface(centre(cv=cv), LEVELS, "agents", "team", replications=150, seed=7, executor="processes:2")
        for cv in (0.0, 0.1)
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_vendor_answers_otherwise(surfaces, name):
    """n* of every row, days alike and days that differ: ±1 where neighbours are within Monte-Carlo noise."""
    kpis, expected = CASES[name]
    for grid, n in zip(surfaces, expected, strict=True):
        found = best_response(terms(kpis), grid, harm=HARM)
        known = {found.answer["level"], *found.ties}
        assert abs(found.answer["level"] - n) <= 1, (name, found.answer)
        assert n in known, (name, n, known)


def test_the_service_it_buys_differs(surfaces):
    """The level of service at the answer, days alike: .609 at 22, .847 at 26, .799 at 25 (Monte-Carlo ±.003)."""
    plain, luck = surfaces
    for grid, expected in ((plain, {22: 0.609, 26: 0.847, 25: 0.799}), (luck, {22: 0.593, 26: 0.821, 27: 0.861})):
        level = dict(zip(grid.levels, grid.counts("service_level").pooled(), strict=True))
        for n, value in expected.items():
            assert level[n] == pytest.approx(value, abs=0.004), (n, level[n])


def test_the_whole_wants_otherwise(surfaces):
    """29 agents; 28 ties where days are alike (Erlang-A: 274,956 against 274,979)."""
    for grid, expected in zip(surfaces, ({28, 29}, {29}), strict=True):
        found = best_response(terms(), grid, harm=HARM)
        ties = {float(x) for x, tie in zip(found.table["level"], found.table["system_tie"], strict=True) if tie}
        assert ties == expected


def test_a_lighter_penalty_deters(surfaces):
    """
    The step at 80 % deters from 2.9–3.0 % on where days are alike, from 3.5–4.0 % where they differ.

    On Erlang-A's values the first is 2.864 %, which rounds to 2.9.
    """
    lost = {n: csim.erlang.a(273 / 3600, 300, n, 180, 20).abandonment_rate for n in (22, 26)}
    offered = 273 * 220
    exact = (40 * 220 * 4 - 6 * offered * (lost[22] - lost[26])) / (6 * offered * (1 - lost[22]))
    shares = [best_response(terms(step("10%")), grid).deterrence["level"] for grid in surfaces]
    assert shares[0] == pytest.approx(exact, abs=0.0008)
    assert round(exact, 3) == 0.029
    assert 0.0345 < shares[1] < 0.0405


def test_a_line_is_breached_in_other_months(surfaces):
    """One per cent per point buys 25 agents, who miss 80 % in about 54 % of months (±4 %, theirs as much)."""
    found = best_response(terms(LINEAR), surfaces[0])
    assert found.answer["breaches_per_year"] / 12 == pytest.approx(0.54, abs=0.2)


def test_terms_that_pass_the_harm_on_do_not_coordinate(surfaces):
    """The certificate: −14 per abandon and −.02 per waiting second give the whole's optimum, the same level exactly."""
    for grid in surfaces:
        found = best_response(terms(COORDINATED), grid, harm=HARM)
        assert found.best == found.system
        assert np.ptp(found.table["profit"] + found.table["system"]) < 0.05
        assert found.efficiency == 1.0

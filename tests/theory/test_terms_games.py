"""Gaming, relief and the newsvendor, through what procurement calls, against numbers computed elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from csim.terms.gaming.games import Games, games
from csim.terms.pricing.relief import relief
from csim.terms.worth.answers import best_level

from ..terms.centres import centre, step, terms

WITHIN = {"within": "20 s"}
PENALTY = {"credit": "1%"}
CLAUSES = {
    "offered": {"measure": "service_level", "reading": {"hang_ups": "included", **WITHIN},
                "expected": "70%", "bands": [{"from": "70%", "credit": "0%"}, PENALTY]},
    "answered": {"measure": "service_level", "reading": {"hang_ups": "answered_only", **WITHIN},
                 "expected": "70%", "bands": [{"from": "70%", "credit": "0%"}, PENALTY]},
    "lost": {"measure": "abandonment_rate", "expected": "9%", "bands": [{"up_to": "9%", "credit": "0%"}, PENALTY]},
    "waited": {"measure": "wait_all", "expected": "15 s", "bands": [{"up_to": "15 s", "credit": "0%"}, PENALTY]},
    "squares": {"measure": "wait_second_moment", "expected": 900, "bands": [{"up_to": 900, "credit": "0%"}, PENALTY]},
}  # fmt: skip
KNOWN = {  # SL ÷ offered, SL ÷ answered, P(ab), mean wait, sd; None where no number is given
    "fifo": (0.71986, 0.77816, 0.07492, 13.486, 23.7),
    "lifo": (0.827, 0.893, 0.07492, 13.486, 39.6),
    "not_yet_missed_first": (0.842, 0.910, 0.07492, 13.486, 33.7),
    "never_past_threshold": (0.89808, 1.0, 0.10192, 18.35, None),
}
EXACT = ("fifo", "never_past_threshold")


def stationary() -> dict:
    """25 agents at 290.1 an hour, round days after an unmeasured hour: as good as stationary."""
    scenario = centre(290.1, 25, days=22, warmup="1 h")
    scenario["calendar"] |= {"open": "24 h", "interval": "24 h"}
    return scenario


@pytest.fixture(scope="module", params=[3, pytest.param(16, marks=pytest.mark.slow)])
def gamed(request) -> Games:
    """Months of 153,000 contacts in every world."""
    return games(terms(CLAUSES), stationary(), [25], replications=request.param, seed=11)


def test_gaming_reads_other_numbers(gamed):
    """
    Levels, loss and mean wait of every contact order, and the spread of waits: |z| ≤ 4, the stated errors joined.

    Standard errors by days (66 of them at least), which are independent.
    """
    months = gamed.honest.replications
    table = gamed.table.set_index(["game", "clause"])
    for game, known in KNOWN.items():
        read = {c: table.loc[(game if game != "fifo" else "lifo", c), "honest" if game == "fifo" else "same"]
                for c in CLAUSES}  # fmt: skip
        spread = math.sqrt(read["squares"] - read["waited"] ** 2)
        found = (read["offered"], read["answered"], read["lost"], read["waited"], spread)
        daily = (0.026, 0.022, 0.008, 1.6, 3.0)  # standard deviations of a day, measured once on 176 of them
        stated = (5e-6, 5e-6, 5e-6, 5e-3, 0.5) if game in EXACT else (0.003, 0.003, 0.003, 5e-3, 0.5)
        for number, theirs, sd, error in zip(found, known, daily, stated, strict=True):
            if theirs is not None:
                bound = 4 * math.hypot(sd / math.sqrt(22 * months), error / math.sqrt(3))
                assert abs(number - theirs) <= bound, (game, number, theirs)


def test_loss_and_mean_wait_see_the_order(gamed):
    """Exponential patience makes them blind to reordering; the second moment and the longest waits see it."""
    seen = gamed.exposure.set_index(["game", "companion"])
    for game in ("lifo", "not_yet_missed_first"):
        assert not seen.loc[(game, "abandonment_rate"), "exposes"]
        assert seen.loc[(game, "wait_p99"), "detected"] == 1
        assert seen.loc[(game, "wait_second_moment"), "detected"] == 1
    assert seen.loc[("never_past_threshold", "abandonment_rate"), "detected"] == 1


@pytest.fixture(scope="module", params=[30, pytest.param(400, marks=pytest.mark.slow)])
def relieved(request):
    """Days that differ by 10 %, 273 an hour against a forecast of 2,730 a day, relief from 10 % above it on."""
    return relief(terms(step("10%")), centre(273, 25, cv=0.1, warmup="1 h"), over=0.10, replications=request.param,
                  seed=5)  # fmt: skip


def exact_share_of_days() -> float:
    """P(contacts of a day > 3,003): Poisson with a gamma mean of 2,730 and cv 10 %."""
    from scipy.special import betainc

    shape = 100.0  # 1 ÷ cv²
    return float(betainc(3004, shape, 2730 / (2730 + shape)))


def test_relief_applies_on_other_days(relieved):
    """By day on 16.2 % of days (exact), never by month."""
    exact = exact_share_of_days()
    assert exact == pytest.approx(0.162, abs=0.0005)
    rows = relieved.table.set_index("relief")
    days = 22 * relieved.provenance["replications"]
    assert abs(rows.loc["day", "applies"] - exact) <= 4 * math.sqrt(exact * (1 - exact) / days)
    assert rows.loc["month", "applies"] == 0


def test_relief_lifts_by_something_else(relieved):
    """The measured level .773 → .819, months with a miss 82 % → 17 %."""
    months = relieved.provenance["replications"]
    values = relieved.clauses.set_index("relief")
    for kind, level, missed, sd in (("without", 0.773, 0.82, 0.027), ("day", 0.819, 0.17, 0.021)):
        assert abs(values.loc[kind, "value"] - level) <= 4 * math.hypot(sd / math.sqrt(months), 0.001)
        error = math.hypot(math.sqrt(missed * (1 - missed) / months), 0.02)
        assert abs(values.loc[kind, "missed"] - missed) <= 4 * error


def test_a_newsvendor_on_simulated_demand_holds_another_capacity():
    """
    Demand N(1000, 200) drawn, not integrated: the answers are its quantiles, whatever moves them.

    Revenue 10 and cost 3 hold 1104.9; price 6 1000.0; + 2 per lost 1063.7; + 4 per lost again 1104.9: half the
    harm passed on moves the vendor half-way, all of it to the system's optimum. To one standard error of a quantile.
    """
    demand = np.sort(np.random.default_rng(4).normal(1000, 200, 400_000))
    capacity = np.arange(900, 1200.0)
    served = np.array([np.minimum(demand, q).mean() for q in capacity])
    lost = demand.mean() - served
    for price, per_lost, known in ((10, 0, 1104.9), (6, 0, 1000.0), (6, 2, 1063.7), (6, 4, 1104.9)):
        found = capacity[best_level(price * served - per_lost * lost - 3 * capacity)]
        assert abs(found - known) <= 4 * 200 * 1.5 / math.sqrt(400_000) + 1

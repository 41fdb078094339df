"""Erlang-A and -C against published numbers, 50-digit balance equations, integrals and a Markov chain."""

import math
import subprocess
import sys
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.staffing.erlang import SteadyState, a, agents_for, c

# Every exact number of ORACLES.md and of the hotline in CONTRACTS.md, as printed there.
PRINTED = [
    (a, (0.34, 300, 100, 120, 20), "queued_share .466617846 abandonment_rate .0592052515 asa 6.777265469"),
    (a, (0.34, 300, 100, 120, 20), "wait_all 7.104630180 service_level .8165492126 occupancy .9596106435"),
    (a, (0.34, 300, 100, 120, 20), "service_level_answered_only .8679355554"),
    (a, (0.34, 300, 100, 120, 20), "service_level_excluded .8570856059"),
    (a, (0.34, 300, 95, 120, 20), "service_level .70347 asa 10.6918 abandonment_rate .09152"),
    (a, (0.34, 300, 110, 120, 20), "service_level .95272 asa 1.9680 abandonment_rate .01755"),
    (a, (3.4, 300, 1000, 120, 20), "service_level .97083 asa 3.2784 abandonment_rate .02755"),
    (a, (0.05, 210, 12, 180, 20), "service_level .754013 abandonment_rate .0699965"),
    (a, (0.30, 500, 150, 90, 20), "abandonment_rate .04568 asa 3.790"),
    (a, (290.1 / 3600, 300, 25, 180, 20), "service_level .71986 service_level_answered_only .77816"),
    (a, (290.1 / 3600, 300, 25, 180, 20), "abandonment_rate .07492 wait_all 13.486"),
    (a, (272.9 / 3600, 300, 25, 180, 20), "service_level .80"),
    (a, (0.1, 330, 34, 120, 30), "service_level .8355 abandonment_rate .0714 occupancy .901"),
    (a, (0.1, 330, 36, 120, 30), "service_level .8941 abandonment_rate .0468 occupancy .874"),
    (a, (0.1, 330, 40, 120, 30), "service_level .9646 abandonment_rate .0165 occupancy .811"),
    (c, (100 / 1800, 180, 14, 19.8), "service_level .887853 queued_share .174132 occupancy .714286"),
    (c, (100 / 1800, 180, 15, 19.8), "service_level .941127 queued_share .102042"),
    (c, (3.5 / 60, 180, 13, 20), "wait_all 26.5569"),
]
# rate, handle_s, agents, patience_s, within_s: light, at and above saturation, small, large and odd centres.
CELLS = [
    (0.34, 300, 100, 120, 20), (0.05, 210, 12, 180, 20), (6.6, 300, 2000, 120, 3), (0.5, 300, 2, 60, 200),
    (10, 300, 2000, 300, 130), (66, 300, 2000, 120, 240), (0.5, 300, 100, 1e4, 3000), (1e-4, 300, 1, 30, 10),
    (0.02, 300, 6, 20000, 100), (0.3, 300, 100, 0.5, 0.2), (20 / 3, 300, 2000, 1e4, 60),
]  # fmt: skip
CENTRES = {
    "load": st.floats(0.01, 120),
    "agents": st.integers(1, 100),
    "handle_s": st.floats(10, 900),
    "patience_s": st.floats(0.5, 20_000),
    "within_s": st.floats(0, 300),
}
SHARES = [name for name in SteadyState._fields if "wait" not in name and name != "asa"]


def balance(rate, handle_s, agents, patience_s):
    """KPIs that depend on the number present only, by 50-digit balance equations; and ln P(busy, no line)."""
    with localcontext() as context:
        context.prec = 50
        rate, handle, patience = Decimal(rate), Decimal(handle_s), Decimal(patience_s)
        weight, total, busy, line, waiting, k, full = Decimal(1), 0, 0, 0, 0, 0, 0
        while k <= agents + max(0, rate - agents / handle) * patience or weight > total * Decimal("1e-40"):
            total, busy = total + weight, busy + weight * min(k, agents)
            if k >= agents:
                full = full or weight
                waiting, line = waiting + weight, line + weight * (k - agents)
            k += 1
            weight *= rate / (min(k, agents) / handle + max(0, k - agents) / patience)
        lost = line / total / patience / rate
        kpis = {"queued_share": waiting / total, "abandonment_rate": lost, "answer_rate": 1 - lost,
                "wait_all": line / total / rate, "wait_queued": line / waiting / rate,
                "occupancy": busy / total / agents}  # fmt: skip
        return {kpi: float(value) for kpi, value in kpis.items()}, float((full / total).ln())


def integrals(rate, handle_s, agents, patience_s, within_s):
    """Answered in time, hang-ups in that time and mean wait of the answered, integrating the offered wait."""
    kpis, log_full = balance(rate, handle_s, agents, patience_s)
    served = agents / handle_s

    def log_density(wait):  # of the wait that somebody with endless patience would have, where above 0
        return log_full + math.log(served) - rate * patience_s * np.expm1(-wait / patience_s) - served * wait

    mode_s = patience_s * math.log(max(1.0, rate / served))
    end_s = mode_s + 1e-3
    while log_density(end_s) > -60:
        end_s = mode_s + 1.2 * (end_s - mode_s)
    nodes, weights = np.polynomial.legendre.leggauss(20)

    def integral(of, upto_s):
        edges = np.linspace(0, upto_s, 401)
        wait = (edges[:-1, None] + edges[1:, None]) / 2 + np.diff(edges)[:, None] / 2 * nodes
        return float((np.diff(edges)[:, None] / 2 * weights * of(wait) * np.exp(log_density(wait))).sum())

    answered = 1 - kpis["abandonment_rate"]
    in_time = integral(lambda wait: np.exp(-wait / patience_s), min(within_s, end_s))
    quick = integral(lambda wait: -np.expm1(-wait / patience_s), min(within_s, end_s))
    quick -= math.expm1(-within_s / patience_s) * (kpis["queued_share"] - in_time - quick)
    asa = integral(lambda wait: wait * np.exp(-wait / patience_s), end_s) / answered
    return in_time + 1 - kpis["queued_share"], quick, answered, asa


def markov_chain(rate, handle_s, agents, patience_s, within_s, longest=120):
    """In time and quick hang-ups, from the generators of the centre and of one contact's place in line."""
    from scipy.linalg import expm, null_space

    states = np.arange(agents + longest + 1)
    leaving = np.minimum(states, agents) / handle_s + np.maximum(0, states - agents) / patience_s
    centre = np.diag(leaving[1:], -1) + np.diag(np.full(len(states) - 1, rate), 1)
    shares = null_space((centre - np.diag(centre.sum(axis=1))).T)[:, 0]
    shares /= shares.sum()
    # 0: answered, 1: hung up, 2 + j: in line with j ahead.
    place = np.zeros((longest + 3, longest + 3))
    for ahead in range(longest + 1):
        place[2 + ahead, 1] = 1 / patience_s
        place[2 + ahead, 1 + ahead if ahead else 0] += agents / handle_s + ahead / patience_s
    place -= np.diag(place.sum(axis=1))
    start = np.concatenate([[shares[:agents].sum(), 0], shares[agents:]])
    return tuple(start @ expm(place * within_s)[:, :2])


@pytest.mark.parametrize(("formula", "centre", "printed"), PRINTED)
def test_published_numbers_come_out_to_their_last_digit(formula, centre, printed):
    """Every exact Erlang number of ORACLES.md and of the 400 hotline rounds to the digits printed there."""
    found, words = formula(*centre), printed.split()
    for kpi, digits in zip(words[::2], words[1::2], strict=True):
        assert f"{getattr(found, kpi):.{len(digits.split('.')[1])}f}".lstrip("0") == digits, kpi


@pytest.mark.parametrize("centre", [*CELLS, (1e-4, 300, 1, 1e-6, 0)])
def test_state_kpis_solve_the_balance_equations(centre):
    """What depends on the number present only agrees with 50-digit balance equations to 1e-11."""
    kpis, _ = balance(*centre[:4])
    assert {kpi: getattr(a(*centre), kpi) for kpi in kpis} == pytest.approx(kpis, rel=1e-11, abs=0)


@pytest.mark.parametrize("centre", CELLS)
def test_time_kpis_integrate_the_offered_wait(centre):
    """All four readings and the ASA agree with the integral of the density of the offered wait to 1e-10."""
    in_time, quick, answered, asa = integrals(*centre)
    expected = (in_time, in_time / answered, in_time / (1 - quick), in_time + quick)
    assert a(*centre)[:4] == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert a(*centre).asa == pytest.approx(asa, rel=1e-10)


@pytest.mark.parametrize("centre", [CELLS[1], (0.1, 330, 34, 120, 30), (0.02, 300, 2, 90, 45), CELLS[3]])
def test_time_kpis_follow_the_markov_chain(centre):
    """Answered in time and quick hang-ups agree with a matrix exponential that knows no queueing formula."""
    in_time, quick = markov_chain(*centre)
    found = a(*centre)
    assert found.service_level == pytest.approx(in_time, rel=1e-9)
    assert found.service_level_quick_counts_as_met == pytest.approx(in_time + quick, rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(**CENTRES)
def test_abandonment_is_mean_wait_over_mean_patience(load, agents, handle_s, patience_s, within_s):
    """Exponential patience hangs up at a constant hazard, so that P(abandon) = E[wait] ÷ E[patience]."""
    found = a(load / handle_s, handle_s, agents, patience_s, within_s)
    assert found.abandonment_rate == pytest.approx(found.wait_all / patience_s, rel=1e-12, abs=0)
    assert found.wait_all == pytest.approx(found.queued_share * found.wait_queued, rel=1e-12)
    assert found.answer_rate + found.abandonment_rate == pytest.approx(1, rel=1e-12)
    assert found.occupancy == pytest.approx(load * found.answer_rate / agents, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(**CENTRES)
def test_more_agents_are_never_worse(load, agents, handle_s, patience_s, within_s):
    """One agent more raises no loss, wait or occupancy, lowers no service level, and shares stay shares."""
    few, many = (a(load / handle_s, handle_s, n, patience_s, within_s) for n in (agents, agents + 1))
    assert all(-1e-12 <= getattr(few, kpi) <= 1 + 1e-12 for kpi in SHARES)
    for kpi in SHARES:
        if kpi in ("abandonment_rate", "queued_share", "occupancy"):
            assert getattr(many, kpi) <= getattr(few, kpi) * (1 + 1e-12)
        else:
            assert getattr(many, kpi) >= getattr(few, kpi) - 1e-12
    assert many.wait_all <= few.wait_all * (1 + 1e-12)


@settings(max_examples=50, deadline=None)
@given(**CENTRES)
def test_endless_patience_is_erlang_c(load, agents, handle_s, patience_s, within_s):
    """As patience grows Erlang-A tends to Erlang-C, wherever that has a steady state."""
    agents = max(agents, math.ceil(load * 1.02))
    patient = c(load / handle_s, handle_s, agents, within_s)
    assert a(load / handle_s, handle_s, agents, 1e14, within_s) == pytest.approx(patient, rel=1e-6, abs=1e-8)
    assert a(load / handle_s, handle_s, agents, math.inf, within_s) == patient


def test_no_patience_is_the_loss_system():
    """As patience vanishes, Erlang-A loses what Erlang's formula B loses: 90 erlangs, 100 agents, 2.7 %."""
    loss = 1 / sum(math.prod((100 - i) / 90 for i in range(j)) for j in range(101))
    assert a(0.3, 300, 100, 1e-8, 20).abandonment_rate == pytest.approx(loss, rel=1e-9)


def test_deep_overload_is_a_fluid():
    """At ten times the capacity of 2,000 agents nine in ten hang up; the answered waited ln 10 patiences."""
    flood = a(2000 / 30, 300, 2000, 120, 20)
    assert (flood.abandonment_rate, flood.occupancy) == pytest.approx((0.9, 1), rel=1e-12)
    assert flood.asa == pytest.approx(120 * math.log(10), rel=1e-3)


def test_edges_of_the_domain():
    """A threshold of 0, nobody on duty and nothing offered give what the definitions say."""
    prompt = a(0.34, 300, 100, 120, 0)
    nobody_ahead = 1 - prompt.queued_share
    assert [prompt[0], prompt[2], prompt[3]] == pytest.approx([nobody_ahead] * 3, rel=1e-12)
    unmanned = a(0.1, 300, 0, 120, 60)
    assert (unmanned.abandonment_rate, unmanned.wait_all, unmanned.service_level) == (1, 120, 0)
    assert unmanned.service_level_quick_counts_as_met == pytest.approx(1 - math.exp(-0.5))
    assert math.isnan(unmanned.asa)
    assert math.isnan(unmanned.occupancy)
    for idle in (a(0, 300, 5, 120, 20), c(0, 300, 5, 20)):
        assert all(map(math.isnan, idle[:-1]))
        assert idle.occupancy == 0


@pytest.mark.parametrize(
    ("centre", "says"),
    [((-0.1, 300, 9, 120, 20), "rate: -0.1"), ((math.nan, 300, 9, 120, 20), "rate: nan"),
     ((0.1, 0, 9, 120, 20), "handle_s: 0"), ((0.1, 300, 9.5, 120, 20), "agents: 9.5"),
     ((0.1, 300, -1, 120, 20), "agents: -1"), ((0.1, 300, math.nan, 120, 20), "agents: nan"),
     ((0.1, 300, 9, 0, 20), "patience_s: 0"), ((0.1, 300, 9, math.nan, 20), "patience_s: nan"),
     ((0.1, 300, 9, 120, -1), "within_s: -1"), ((8, 300, 2000, 1e15, 20), "patience_s: too long"),
     ((0.1, 300, 30, math.inf, 20), r"agents: 30 cannot carry a load of 30 .* at least 31")],
)  # fmt: skip
def test_bad_input_is_named(centre, says):
    """A wrong argument, and a load under which patient contacts pile up, are refused by name and value."""
    with pytest.raises(ValueError, match=f"^{says}"):
        a(*centre)


@pytest.mark.parametrize(("patience_s", "endless", "least"), [(120, 120, 0), (None, math.inf, 34)])
def test_agents_for_is_the_smallest_that_meets_the_target(patience_s, endless, least):
    """A search through every number of agents finds the same one, for targets from 1 % to 99.99 %."""
    for target in (0.01, 0.5, 0.8, 0.95, 0.9999):
        enough = next(n for n in range(least, 99) if a(0.1, 330, n, endless, 30).service_level >= target)
        assert agents_for(0.1, 330, patience_s, 30, target) == enough
    assert agents_for(0, 330, patience_s, 30, 0.8) == 0
    with pytest.raises(ValueError, match=r"^target: 80 "):
        agents_for(0.1, 330, patience_s, 30, 80)


def test_import_stays_light():
    """Importing the formulas loads no scipy, so that the façade opens at once."""
    code = "import sys, csim.staffing.erlang; raise SystemExit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_numpy_scalars_give_plain_numbers():
    """Cells of a table, whole floats included, give what plain numbers give, without overflow warnings."""
    found = a(np.float64(1e-9), np.float64(300), np.float64(2000), np.float64(120), np.float64(20))
    assert found == a(1e-9, 300, 2000, 120, 20)
    assert {type(value) for value in found} == {float}

"""What holds on every path: any legal small centre, on the clock and on a grid on which everything ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import csim
from csim.engine import reference
from csim.engine.rules import Path

from .checks import violations
from .naive import run as naive_run
from .strategies import Centre, centres

ANY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
QUICK = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=ANY)
LARGE = settings(max_examples=4000, deadline=None, derandomize=True, suppress_health_check=ANY)


def same(one: Path, other: Path) -> bool:
    """Bit for bit, by contact and by step of the duty roster."""
    columns = all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("answer", "end", "agent", "outcome")
    )
    return columns and one.duty == other.duty


def keeps_the_rules(centre: Centre) -> None:
    scenario, rules, workload, days = centre.played()
    for number, day in enumerate(days):
        found = violations(scenario, rules, workload, number, day, reference.run(rules, day))
        assert not found, found[:5]


def goes_as_written(centre: Centre) -> None:
    _, rules, _, days = centre.played()
    for day in days:
        path, by_the_words = reference.run(rules, day), naive_run(rules, day)
        assert same(path, by_the_words), (path, by_the_words)


@QUICK
@given(centres())
def test_keeps_every_rule(centre: Centre) -> None:
    """One outcome each, no patience overrun, nobody idle while somebody waits, no slot too many, no chat work lost."""
    keeps_the_rules(centre)


@QUICK
@given(centres())
def test_goes_as_the_rules_are_written(centre: Centre) -> None:
    """The event engine takes bit for bit the path of the rules carried out naively, list by list."""
    goes_as_written(centre)


@QUICK
@given(centres(on_grid=True))
def test_ties_go_as_the_rules_are_written(centre: Centre) -> None:
    """When all arrivals, durations and patience are multiples of ten seconds, every tie goes by (kind, id)."""
    goes_as_written(centre)


@pytest.mark.slow
@LARGE
@given(centres())
def test_keeps_every_rule_in_thousands_of_centres(centre: Centre) -> None:
    """The same, over 4,000 centres."""
    keeps_the_rules(centre)


@pytest.mark.slow
@LARGE
@given(centres(on_grid=True))
def test_ties_go_as_written_in_thousands_of_centres(centre: Centre) -> None:
    """The same, over 4,000 centres on the grid."""
    goes_as_written(centre)


@settings(QUICK, max_examples=40)
@given(centres(on_grid=False))
def test_books_agree_with_themselves(centre: Centre) -> None:
    """Offered is the sum of the outcomes in every table, and no agent is in two states at once or beyond its slots."""
    scenario, *_ = centre.played()
    sim = csim.simulate(scenario, replications=2, seed=centre.seed, keep_contacts=True)
    log, states = sim.contacts, sim.agent_states
    assert sim.offered == len(log) == log["contact_id"].nunique()
    assert log["outcome"].isin(["answered", "abandoned", "blocked", "open"]).all()
    numerator, denominator = sim.replicated("answer_rate")
    assert denominator.sum() == len(log)
    assert numerator.sum() == (log["outcome"] == "answered").sum()
    assert (states["from"] < states["to"]).all()
    assert (states["slots_held"] <= states["slots"]).all()
    ordered = states.sort_values(["replication", "agent", "from"])
    again = ordered.groupby(["replication", "agent"], observed=True)["to"].shift()
    overlapping = again.notna() & (ordered["from"] < again)
    if centre.data["calendar"]["carry_over"] or centre.data["calendar"]["days"] == 1:
        assert not overlapping.any()

"""Both engines take the same path, bit for bit, through any small centre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

pytest.importorskip("numba")

from csim.engine import compiled, reference
from csim.engine.rules import Outcome

from ..engine.strategies import Centre, centres
from .parting import agree, parting
from .strategies import Day, crowded_days, plain_days

ANY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
QUICK = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=ANY)
LARGE = settings(QUICK, max_examples=1500)


def agrees(centre: Centre) -> None:
    """Every stretch of a scenario."""
    scenario, rules, _, stretches = centre.played()
    for stretch in stretches:
        agree(scenario, rules, stretch)


@QUICK
@given(centres())
def test_both_engines_take_one_path_through_any_scenario(centre: Centre) -> None:
    """Scenarios over the whole rule set, drawn on the clock or on a grid of ten seconds."""
    agrees(centre)


@QUICK
@given(crowded_days())
def test_both_engines_settle_every_tie_alike(day: Day) -> None:
    """Days of whole steps, where staffing, ends, arrivals, patience and the close fall on the same instants."""
    agree(*day)


@QUICK
@given(plain_days())
def test_the_shortcut_is_the_same_path(day: Day) -> None:
    """Plain centres, or nearly; on the clock by the shortcut, on whole seconds not where two agents free at once."""
    agree(*day)
    if compiled._is_plain(day.rules, day.stretch) and not (day.stretch.work % 1 == 0).all():
        assert compiled._played(compiled._play_plain, day.rules, day.stretch).day[0]["closed"]


@pytest.mark.slow
@LARGE
@given(centres())
def test_one_path_through_thousands_of_scenarios(centre: Centre) -> None:
    """The same, over 1,500 scenarios."""
    agrees(centre)


@pytest.mark.slow
@LARGE
@given(crowded_days())
def test_every_tie_alike_on_thousands_of_days(day: Day) -> None:
    """The same, over 1,500 days of whole steps."""
    agree(*day)


@pytest.mark.slow
@LARGE
@given(plain_days())
def test_the_shortcut_is_the_same_path_on_thousands_of_days(day: Day) -> None:
    """The same, over 1,500 plain days."""
    agree(*day)


@settings(QUICK, max_examples=10)
@given(crowded_days().filter(lambda day: len(day.stretch.arrival) > 3))
def test_a_difference_is_shown_as_the_first_event_where_the_paths_part(day: Day) -> None:
    """A talk that ends one second later in one engine is named, with who ends it, and nothing after it."""
    path = reference.run(day.rules, day.stretch)
    assert parting(*day, path, path) == "the same events, but other duty"
    served = np.flatnonzero(path.outcome == Outcome.ANSWERED)
    if served.size:
        end = path.end.copy()
        end[served[0]] += 1
        said = parting(*day, path, replace(path, end=end)).splitlines()
        assert said[0] == "the paths part:"
        assert said[-2].startswith("  reference  ")
        assert said[-1].startswith("  compiled  ")


@settings(QUICK, max_examples=20)
@given(crowded_days())
def test_a_run_changes_nothing_that_it_was_given(day: Day) -> None:
    """The same stretch run twice gives the same path, and the rules' cached arrays are not used up."""
    before = [getattr(day.stretch, name).copy() for name in ("line", "arrival", "work", "after_work", "deadline")]
    agree(*day)
    agree(*day)
    after = [getattr(day.stretch, name) for name in ("line", "arrival", "work", "after_work", "deadline")]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert compiled.run(day.rules, day.stretch).end is not compiled.run(day.rules, day.stretch).end

"""Samples: the exact numbers of surveys and quality checks."""

from __future__ import annotations

import pytest

from csim.terms.judging.samples import acceptance_plan, bounds, clopper_pearson, falls_short, passes


def test_a_sample_says_more_than_it_can():
    """Three bad of 100, 97 of 100, half of the surveys, 440 checks a month: as computed exactly elsewhere."""
    assert round(1 - passes(100, 3, 0.03), 2) == 0.35
    assert round(passes(100, 3, 0.05), 2) == 0.26
    assert [round(end, 3) for end in clopper_pearson(97, 100)] == [0.915, 0.994]
    assert [round(end, 3) for end in bounds(0.97, 0.50)] == [0.485, 0.985]
    assert round(falls_short(440, 0.95, 0.95), 2) == 0.44
    assert round(falls_short(440, 0.95, 0.96), 2) == 0.12
    assert round(1 - falls_short(440, 0.95, 0.93), 3) == 0.055


def test_a_smaller_plan_does():
    """97 against 93 % at 5 and 10 %: 252 checks, 12 may fail; no smaller sample keeps both risks with any number."""
    plan = acceptance_plan(0.97, 0.93)
    assert (plan.sample, plan.bad) == (252, 12)
    assert plan.alpha <= 0.05
    assert plan.beta <= 0.10
    for sample in range(200, 252):
        assert not any(passes(sample, c, 0.03) >= 0.95 and passes(sample, c, 0.07) <= 0.10 for c in range(40))


@pytest.mark.parametrize(("good", "bad"), [(0.93, 0.97), (0.95, 0.95), (0.95, 0.9499)])
def test_a_plan_tells_what_cannot_be_told(good, bad):
    """Levels the wrong way round, equal, or too close are refused."""
    with pytest.raises(ValueError, match=r"good|too close"):
        acceptance_plan(good, bad)

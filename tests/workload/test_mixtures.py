"""Mixtures and samples as laws of the scenario format."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from csim.scenario.laws import Distribution
from csim.workload.distributions import durations

PARTS = [
    {"share": "10%", "distribution": "exponential", "mean": "5 s"},
    {"share": "90%", "distribution": "lognormal", "mean": "200 s", "cv": 1.1},
]


def test_a_mixture_has_another_mean_than_its_parts():
    """Mean 180.5 s and the share below 5 s, within four standard errors of 400,000 draws."""
    law = Distribution(distribution="mixture", parts=PARTS)
    drawn = durations(law, 400_000, np.random.default_rng(1))
    assert abs(drawn.mean() - law.mean_s) < 4 * drawn.std() / 400_000**0.5
    sigma = np.log1p(1.1**2) ** 0.5
    below = 0.1 * (1 - np.exp(-1)) + 0.9 * normal((np.log(5 / 200) + sigma**2 / 2) / sigma)
    assert abs((drawn < 5).mean() - below) < 4 * (below * (1 - below) / 400_000) ** 0.5


def normal(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(z))


def test_the_same_luck_is_longer_in_a_longer_law():
    """Every duration of a scaled law is the scaled duration, contact by contact: of a mixture and of a sample."""
    for law in (
        Distribution(distribution="mixture", parts=PARTS),
        Distribution(distribution="empirical", values_s=(1.0, 5.0, 60.0)),
    ):
        one, other = (durations(each, 1000, np.random.default_rng(3)) for each in (law, law.scaled(1.5)))
        assert np.allclose(other, 1.5 * one)
        assert law.scaled(1.5).mean_s == pytest.approx(1.5 * law.mean_s)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"distribution": "mixture"}, 'needs "parts"'),
        ({"distribution": "mixture", "parts": PARTS[:1]}, "must make 100%"),
        ({"distribution": "mixture", "parts": PARTS, "mean": "3 s"}, "leave both out"),
        ({"distribution": "exponential", "mean": "3 s", "parts": PARTS}, 'takes no "parts"'),
        ({"distribution": "empirical", "values_s": []}, "at least one"),
        ({"distribution": "exponential", "mean": "3 s", "values_s": [1.0]}, 'takes no "values_s"'),
        (
            {"distribution": "mixture", "parts": [{"share": "100%", "distribution": "gamma", "mean": "3 s"}]},
            'needs "cv"',
        ),
    ],
)
def test_a_law_nobody_can_draw_from(given, said):
    """It is refused with what to write."""
    with pytest.raises(ValidationError, match=said):
        Distribution(**given)

"""Confidence intervals of ratios: against a bootstrap, for coverage, and what one replication does not give."""

import numpy as np
import pytest

import csim
from csim.experiment.compare import paired
from csim.experiment.intervals import Moments, bounds, student

TOY = {
    "csim": "scenario/1",
    "name": "toy",
    "calendar": {"start": "2026-06-01T09:00", "open": "30 min", "interval": "30 min"},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 40},
            "patience": "never",
            "handle_time": {"distribution": "exponential", "mean": "1 min"},
            "answer_within": "20 s",
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 30}},
}


def ratio(numerators, denominators):
    moments = Moments()
    for n, d in zip(numerators, denominators, strict=True):
        moments.add(np.asarray(n, dtype=float), np.asarray(d, dtype=float))
    return moments.ratio()


def example(size=60):
    """Replications of unequal size whose shares differ: the denominator varies and is correlated with the share."""
    rng = np.random.default_rng(20260601)
    offered = rng.poisson(300 * rng.gamma(25, 1 / 25, size)).astype(float)
    met = rng.binomial(offered.astype(int), np.clip(0.8 - 0.001 * (offered - 300), 0, 1)).astype(float)
    return met, offered


def test_a_ratio_is_the_mean_of_ratios():
    """Σn ÷ Σd: 8 of 10 and 1 of 90 are 9 %, not 40.6 %."""
    value, _ = ratio([8, 1], [10, 90])
    assert float(value) == 0.09


def test_the_interval_is_not_what_a_bootstrap_gives():
    """The delta-method standard error is the bootstrap's, resampling replications, within 2 % on a fixed example."""
    met, offered = example()
    value, half = ratio(met, offered)
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, len(met), (40_000, len(met)))
    resampled = met[drawn].sum(1) / offered[drawn].sum(1)
    error = float(half) / student(len(met) - 1) * np.sqrt((len(met) - 1) / len(met))
    assert float(value) == met.sum() / offered.sum()
    assert resampled.std() == pytest.approx(error, rel=0.02)
    naive = np.sqrt(value * (1 - value) / offered.sum())  # a binomial interval takes contacts for independent
    assert error > 1.5 * naive


def test_moments_of_two_cells_mix():
    """Arrays of ratios are taken element by element, and a cell without denominator has no value."""
    value, half = ratio([[8, 0], [15, 0], [9, 0]], [[10, 0], [20, 0], [10, 0]])
    alone = ratio([8, 15, 9], [10, 20, 10])
    assert (value[0], half[0]) == (float(alone[0]), float(alone[1]))
    assert np.isnan(value[1])
    assert np.isnan(half[1])


def test_a_perfect_record_has_a_negative_variance():
    """Replications that are all the same give an interval of width zero, whatever rounding does."""
    value, half = ratio([0.1] * 7, [0.3] * 7)
    assert float(value) == pytest.approx(1 / 3)
    assert 0 <= float(half) < 1e-7


def test_a_share_leaves_the_unit_interval():
    """Ends of a share are cut at 0 and 1; ends of other measures are not."""
    low, high = bounds(np.array([0.95, 0.95]), np.array([0.2, 0.2]), np.array([True, False]))
    assert low.tolist() == [0.75, 0.75]
    assert high.tolist() == [1.0, 0.95 + 0.2]


def test_the_factor_is_that_of_a_normal_law():
    """Student's factor for 95 %: 12.706 with two replications, 2.093 with twenty, 1.96 with many."""
    assert [round(student(degrees), 3) for degrees in (1, 19, 10_000_000)] == [12.706, 2.093, 1.96]


@pytest.mark.parametrize("replications", [5, 20])
def test_intervals_cover_too_rarely(replications):
    """Over 4,000 toy experiments with a varying denominator 95 % intervals cover the truth in 94 to 96 % (se .35 %)."""
    rng = np.random.default_rng(7)
    factor = rng.gamma(50, 1 / 50, (replications, 4_000))
    offered = rng.poisson(400 * factor)
    met = rng.binomial(offered, 0.8)
    value, half = ratio(met, offered)
    covered = np.abs(value - 0.8) <= half
    assert 0.94 <= covered.mean() <= 0.96


def test_simulations_cover_too_rarely():
    """Of 100 seeded simulations the intervals of the mean handle time hold the true minute in 88 to 100 (se 2.2)."""
    covered = 0
    for seed in range(100):
        row = csim.simulate(TOY, replications=8, seed=seed).kpis.query("queue == 'all' and kpi == 'aht'").iloc[0]
        covered += row["ci_low"] <= 60 <= row["ci_high"]
    assert 88 <= covered <= 100


def test_one_replication_pretends_to_be_sure():
    """One replication gives values without interval, and every row says why."""
    kpis = csim.simulate(TOY, replications=1).kpis
    measured = kpis[kpis["value"].notna()]
    assert len(measured) > 20
    assert measured[["ci_low", "ci_high"]].isna().all(axis=None)
    assert set(measured["why"]) == {"one replication gives no interval"}
    assert set(csim.simulate(TOY, replications=2).kpis.query("kpi == 'aht'")["why"]) == {""}


def test_more_replications_widen_the_interval():
    """Four times the replications halve the interval, roughly: between 1.4 and 2.8 times."""
    few, many = (csim.simulate(TOY, replications=n, seed=3).kpis.query("kpi == 'aht'").iloc[0] for n in (30, 120))
    shrunk = (few["ci_high"] - few["ci_low"]) / (many["ci_high"] - many["ci_low"])
    assert 1.4 < shrunk < 2.8


def test_a_paired_difference_forgets_the_shared_luck():
    """Luck that both share drops out of the half-width; replications in another order share none."""
    met, offered = example()
    better = np.minimum(met + 3, offered)
    one, other = np.array([met, offered]), np.array([better, offered])
    difference, half, unpaired = paired(one, other)
    assert difference == better.sum() / offered.sum() - met.sum() / offered.sum()
    assert half < unpaired / 10
    shuffled = other[:, np.random.default_rng(3).permutation(len(met))]
    assert paired(one, shuffled)[1] > unpaired / 2
    assert paired(one, shuffled)[2] == pytest.approx(unpaired, rel=1e-12)
    assert np.isnan(paired(one[:, :1], other[:, :1])[1])

"""What chance brings against theory: the moments of every law, Poisson counts by interval, days that differ."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, gamma, kstest, lognorm, weibull_min

import csim
from csim.scenario.model import Distribution
from csim.workload.distributions import day_factors, durations, weibull_shape
from csim.workload.draw import Workload, draw

from .steady import queue, stretch, too_far

DRAWS = 1_000_000
MOMENTS = [(510, 0.3), (240, 0.9), (90, 1.5)]  # mean (s), cv
LAWS = [
    ("exponential", 180, None),
    *((kind, mean, cv) for kind in ("lognormal", "gamma", "weibull") for mean, cv in MOMENTS),
]


def drawn(kind: str, mean: float, cv: float | None, seed: int, size: int = DRAWS) -> np.ndarray:
    law = Distribution(distribution=kind, mean=f"{mean} s", cv=cv)
    return durations(law, size, np.random.default_rng(seed))


def z_of_mean(values: np.ndarray, expected: float) -> float:
    """(Mean − expected) ÷ standard error."""
    return (values.mean() - expected) / (values.std(ddof=1) / math.sqrt(len(values)))


@pytest.mark.parametrize(("kind", "mean", "cv"), LAWS)
def test_a_law_has_its_mean_and_its_cv(kind, mean, cv):
    """Mean, mean square and the mean of e^(−x ÷ mean) of 1,000,000 draws are the law's, |z| ≤ 4."""
    values, spread = drawn(kind, mean, cv, seed=1), cv or 1.0
    scores = {"mean": z_of_mean(values, mean), "square": z_of_mean(values**2, mean**2 * (1 + spread**2))}
    if kind in ("exponential", "gamma"):
        shape = 1 / spread**2
        scores["transform"] = z_of_mean(np.exp(-values / mean), (1 + 1 / shape) ** -shape)
    assert not too_far(scores)
    assert (values >= 0).all()


@pytest.mark.parametrize(("kind", "mean", "cv"), LAWS)
def test_a_law_has_its_shape(kind, mean, cv):
    """The largest gap between the distribution of 100,000 draws and scipy's is one that chance gives (p > 0.0001)."""
    spread = cv or 1.0
    if kind == "lognormal":
        variance = math.log(1 + spread**2)
        law = lognorm(math.sqrt(variance), scale=mean * math.exp(-variance / 2))
    elif kind == "weibull":
        shape = weibull_shape(spread)
        law = weibull_min(shape, scale=mean / math.gamma(1 + 1 / shape))
    else:
        law = gamma(1 / spread**2, scale=mean * spread**2)
    assert law.mean() == pytest.approx(mean)
    assert law.std() == pytest.approx(mean * spread)
    assert kstest(drawn(kind, mean, cv, seed=2, size=100_000), law.cdf).pvalue > 1e-4


def test_a_constant_is_one_and_never_is_infinite():
    """A constant law draws its mean; no law at all ("never") draws infinity."""
    assert (drawn("constant", 60, None, seed=1, size=1000) == 60).all()
    assert np.isinf(durations(None, 1000, np.random.default_rng(1))).all()


def test_an_empirical_law_draws_its_sample_evenly():
    """Each of five values of a sample comes up a fifth of the time (chi-square of 1,000,000 draws, p > 0.0001)."""
    law = Distribution(distribution="empirical", file="x.csv").with_sample((10.0, 20.0, 30.0, 50.0, 80.0))
    values, counts = np.unique(durations(law, DRAWS, np.random.default_rng(3)), return_counts=True)
    assert values.tolist() == [10, 20, 30, 50, 80]
    assert ((counts - DRAWS / 5) ** 2 / (DRAWS / 5)).sum() < chi2.ppf(0.9999, 4)


@pytest.mark.parametrize("cv", [0.05, 0.1, 10**-0.5, 1.0])
def test_day_factors_have_mean_one_and_their_cv(cv):
    """A gamma factor: mean 1, variance cv², third moment (1 + cv²)(1 + 2 cv²), |z| ≤ 4 of 1,000,000 days."""
    values = day_factors(cv, DRAWS, np.random.default_rng(4))
    scores = {
        1: z_of_mean(values, 1),
        2: z_of_mean(values**2, 1 + cv**2),
        3: z_of_mean(values**3, (1 + cv**2) * (1 + 2 * cv**2)),
    }
    assert not too_far(scores)


# -- arrivals ------------------------------------------------------------------------------------------

EXPECTED = [3.0, 0.0, 12.5, 40.0, 0.25, 7.0]


def workload(days: int, cv: float = 0.0, seed: int = 5, queues: int = 1, **more: object) -> tuple[Workload, dict]:
    """The draw of one replication of many days with six intervals of half an hour, after a warm-up of 20 min."""
    data = stretch(
        {f"queue_{i}": queue(0, 60, 60, arrivals={"per_interval": EXPECTED}) for i in range(queues)},
        {"team": {"serves": [f"queue_{i}" for i in range(queues)], "agents": 30}},
        hours=3,
    )
    data["calendar"] |= {"interval": "30 min", "days": days, "warmup": "20 min", "day_factor": {"cv": cv}} | more
    return draw(csim.load_scenario(data), seed, 1), data


def counts_of(found: Workload, days: int, queue: int = 0) -> np.ndarray:
    """Contacts by day and interval; the warm-up comes first."""
    mine = found.queue == queue
    interval = np.floor(found.arrival[mine] / 1800).astype(int) + 1
    assert interval.min() == 0
    return np.bincount(found.day[mine] * 7 + interval, minlength=days * 7).reshape(days, 7)


def test_counts_by_interval_are_poisson():
    """
    Mean and variance of every interval, warm-up included, are the expected count; intervals and days are independent.

    5,000 days; |z| ≤ 4 for each of the 7 means and variances, 6 + 7 correlations.
    """
    days = 5000
    found, _ = workload(days)
    counts = counts_of(found, days)
    expected = np.array([EXPECTED[0] * 20 / 30, *EXPECTED])
    scores = {}
    for i, mean in enumerate(expected):
        if mean == 0:
            assert not counts[:, i].any()
            continue
        scores["mean", i] = (counts[:, i].mean() - mean) / math.sqrt(mean / days)
        # the fourth central moment of a Poisson count is mean + 3 mean²
        scores["variance", i] = z_of_mean((counts[:, i] - mean) ** 2, mean)
        scores["next day", i] = np.corrcoef(counts[1:, i], counts[:-1, i])[0, 1] * math.sqrt(days)
        following = next((j for j in range(i + 1, 7) if expected[j]), None)
        if following:
            scores["next", i] = np.corrcoef(counts[:, i], counts[:, following])[0, 1] * math.sqrt(days)
    assert not too_far(scores)


def test_arrivals_lie_evenly_within_their_interval():
    """Within an interval of constant rate arrivals are uniform, and in order (62,750 and 200,000 contacts)."""
    found, _ = workload(5000)
    for interval in (2, 3):
        inside = found.arrival[(found.arrival >= interval * 1800) & (found.arrival < (interval + 1) * 1800)]
        assert kstest(inside / 1800 - interval, "uniform").pvalue > 1e-4
    for begins, ends in zip(found.bounds[:-1], found.bounds[1:], strict=True):
        assert (np.diff(found.arrival[begins:ends]) >= 0).all()


@pytest.mark.parametrize("cv", [0.0, 0.1, 0.3])
def test_daily_counts_are_dispersed_as_the_day_factor_says(cv):
    """Variance ÷ mean of a day's count is 1 + mean × cv² (|z| ≤ 4 of 8,000 days); warm-up and day share the factor."""
    days = 8000
    found, _ = workload(days, cv)
    counts = counts_of(found, days)
    mean = sum(EXPECTED)
    whole = counts[:, 1:].sum(1)
    scores = {
        "mean": z_of_mean(whole, mean),
        "dispersion": z_of_mean((whole - mean) ** 2 / mean, 1 + mean * cv**2),
        "with warm-up": z_of_mean((whole - mean) * (counts[:, 0] - 2), mean * 2 * cv**2),
    }
    assert not too_far(scores)


def test_queues_share_the_day_factor_unless_one_has_its_own():
    """Two queues' counts of a day vary together: covariance means × cv²; with a factor of its own there is none."""
    days, cv, mean = 5000, 0.3, sum(EXPECTED)
    _, data = workload(1, cv, queues=3)
    data["calendar"]["days"] = days
    data["queues"]["queue_2"]["day_factor"] = {"cv": "50%"}
    found = draw(csim.load_scenario(data), 6, 1)
    one, two, own = (counts_of(found, days, number)[:, 1:].sum(1) - mean for number in range(3))
    scores = {
        "shared": z_of_mean(one * two, mean * mean * cv**2),
        "own": z_of_mean(one * own, 0),
        "of its own": z_of_mean(own**2 / mean, 1 + mean * 0.25),
    }
    assert not too_far(scores)


def test_what_is_drawn_for_a_contact_is_independent():
    """Ranks of durations and gaps, and coins, are uncorrelated; means and shares as written: |z| ≤ 4 of 1,040,000."""
    more = {"balk": "30%", "shares": {"A": "50%", "B": "30%", "C": "20%"}, "after_work": queue(1, 40, 1)["handle_time"]}
    groups = {name: {"serves": ["calls"], "agents": 1000, "vendor": name} for name in "ABC"}
    found = draw(csim.load_scenario(stretch({"calls": queue(40_000, 200, 100, **more)}, groups, hours=24)), 7, 1)
    size = len(found)
    columns = {
        "gap": np.diff(found.arrival, prepend=-7200.0),
        "work": found.work,
        "after_work": found.after_work,
        "patience": found.deadline - found.arrival,
    }
    ranks = {name: np.argsort(np.argsort(column)) for name, column in columns.items()}
    ranks |= {"balks": found.balks, "first vendor": found.vendor == 0, "last vendor": found.vendor == 2}
    scores = {
        (one, other): np.corrcoef(ranks[one], ranks[other])[0, 1] * math.sqrt(size)
        for i, one in enumerate(ranks)
        for other in list(ranks)[i + 1 :]
        if {one, other} != {"first vendor", "last vendor"}
    }
    for name, shift in (("work", 1), ("patience", 1), ("work", 2)):
        scores[name, shift] = np.corrcoef(ranks[name][shift:], ranks[name][:-shift])[0, 1] * math.sqrt(size)
    for vendor, share in enumerate((0.5, 0.3, 0.2)):
        scores["share", vendor] = ((found.vendor == vendor).mean() - share) / math.sqrt(share * (1 - share) / size)
    scores["balk", 0] = (found.balks.mean() - 0.3) / math.sqrt(0.21 / size)
    means = {"gap": 0.09, "work": 200, "after_work": 40, "patience": 100}
    scores |= {(name, "mean"): z_of_mean(columns[name], mean) for name, mean in means.items()}
    assert size > 1_000_000
    assert not too_far(scores)

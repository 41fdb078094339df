"""What a sample can say: exact binomial answers for surveys and quality checks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MOST = 20_000  # checks: a plan that needs more is no plan


class Plan(NamedTuple):
    """An acceptance plan: of *sample* checked, at most *bad* may fail; with the risks it really has."""

    sample: int
    bad: int
    alpha: float  # a good vendor fails
    beta: float  # a bad one passes


def clopper_pearson(hits: int, sample: int, confidence: float = 0.95) -> tuple[float, float]:
    """
    The exact interval of a share, from *hits* of *sample*.

    Raises:
        ValueError: No sample, or more hits than it has.

    Examples:
        >>> [round(end, 3) for end in clopper_pearson(97, 100)]
        [0.915, 0.994]

    Source: Clopper & Pearson (1934), The use of confidence or fiducial limits, Biometrika 26(4).
    """
    if not 0 <= hits <= sample or sample < 1:
        raise ValueError(f"{hits} of {sample}: write a sample of 1 or more, and no more hits than it has")
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, sample - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, sample - hits, 1 - tail)) if hits < sample else 1.0
    return low, high


def passes(sample: int, bad: int, true_bad: float) -> float:
    """
    How often "at most *bad* of *sample*" is kept, if a share *true_bad* is bad.

    Examples:
        "at most 3 bad of 100": a true 3 % fails 35 times of 100, a true 5 % passes 26 times.

        >>> f"{1 - passes(100, 3, 0.03):.0%} {passes(100, 3, 0.05):.0%}"
        '35% 26%'
    """
    from scipy.special import bdtr

    return float(bdtr(bad, sample, true_bad))


def falls_short(sample: int, level: float, true: float) -> float:
    """
    How often a measured share lies below *level*, if the true one is *true*.

    Examples:
        440 checks against 95 %:

        >>> [f"{falls_short(440, 0.95, p):.0%}" for p in (0.95, 0.96)], f"{1 - falls_short(440, 0.95, 0.93):.1%}"
        (['44%', '12%'], '5.5%')
    """
    from scipy.special import bdtr

    least = int(np.ceil(round(level * sample, 9)))  # hits that just keep the level
    return float(bdtr(least - 1, sample, true)) if least > 0 else 0.0


def acceptance_plan(good: float, bad: float, alpha: float = 0.05, beta: float = 0.10) -> Plan:
    """
    The smallest sample that tells a good vendor from a bad one.

    Args:
        good, bad: True shares of what is right, such as 0.97 and 0.93. alpha: The most often that the good one may
            fail. beta: The most often that the bad one may pass.

    Raises:
        ValueError: *good* is not above *bad*, or no sample of 20,000 is enough.

    Examples:
        >>> plan = acceptance_plan(0.97, 0.93)
        >>> plan.sample, plan.bad
        (252, 12)
    """
    if not 0 <= bad < good <= 1:
        raise ValueError(f"good {good} and bad {bad}: write two shares, the good one higher")
    from scipy.special import bdtr

    allowed = np.arange(0, MOST + 1, dtype=float)
    number = 0
    for sample in range(1, MOST + 1):
        while bdtr(allowed[number], sample, 1 - good) < 1 - alpha:
            number += 1
        passed = float(bdtr(allowed[number], sample, 1 - bad))
        if passed <= beta:
            return Plan(sample, number, 1 - float(bdtr(allowed[number], sample, 1 - good)), passed)
    raise ValueError(f"{good} and {bad} are too close: no sample of {MOST:,} tells them apart")


def bounds(measured: float, response: float) -> tuple[float, float]:
    """
    Where a share lies, whatever those who did not answer think: all of them bad, or all good.

    Examples:
        97 % of a 50 % response:

        >>> [round(end, 3) for end in bounds(0.97, 0.50)]
        [0.485, 0.985]
    """
    if not (0 <= measured <= 1 and 0 <= response <= 1):
        raise ValueError(f"{measured} and {response}: write both as shares, 0 to 1")
    return measured * response, measured * response + 1 - response


def finest(sample: float) -> float:
    """
    The smallest step of a share measured on a sample: one of it.

    Examples:
        >>> finest(40)
        0.025
    """
    return 1 / sample if sample else 1.0

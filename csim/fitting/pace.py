"""How fast chats run beside each other, and how many an agent holds at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.contacts.held import time_at_each_load
from csim.fitting.laws import SHAPES
from csim.fitting.observed import Observed
from csim.fitting.sample import Interval, by_days

LEAST_SHARE = 0.005  # of all chat time, for a load to count as one that agents hold
MOST = 12
DRAWS = 50
ENOUGH = 8000  # chats
FAMILIES = ("gamma", "lognormal", "weibull")


@dataclass(frozen=True)
class PaceFit:
    """
    The chats of a group's agents.

    Attributes:
        concurrency: Most chats an agent holds. pace: By load, a chat's speed; 1 alone.
        share_of_time: By load, the share of chat time spent at it.
        work: Each chat's handle work at pace 1, s, by contact (NaN: no chat of this group).
        mean_work: Its mean, with an interval that holds the uncertainty of the pace.
    """

    concurrency: int
    pace: tuple[Interval, ...]
    share_of_time: tuple[float, ...]
    work: np.ndarray
    mean_work: Interval

    @property
    def steps(self) -> list[float]:
        """The pace as a scenario writes it: 1 first, never above 1."""
        return [1.0, *(round(min(max(step.value, 0.01), 1.0), 4) for step in self.pace[1:])]


def pace_fit(seen: Observed, chats: np.ndarray, rng: np.random.Generator) -> PaceFit:
    """
    Pace from the times chats spent at each load, by maximum likelihood.

    A chat that spent t_k seconds beside k − 1 others did Σ pace_k t_k of work, and works follow one law whatever the
    load was. Its session has the density f(Σ pace_k t_k) × pace at its end; the pace and the law's parameters are
    those that make all sessions likeliest. Loads at which agents spend under half a per cent of their chat time are
    read as stray overlaps, not as capacity.

    Args:
        chats: Indices of answered chats with an agent.
    """
    begins = (seen.instant + seen.wait)[chats]
    ends = begins + seen.talk[chats]
    leaves = ends + np.nan_to_num(seen.after_work[chats])
    whose = seen.day[chats] * (len(seen.agents) + 1) + seen.agent[chats]
    time, _, last = time_at_each_load(whose, begins, ends, leaves, MOST)
    share = time.sum(0) / max(time.sum(), 1e-9)
    most = int(np.flatnonzero(share >= LEAST_SHARE)[-1]) + 1
    time = np.hstack([time[:, : most - 1], time[:, most - 1 :].sum(1, keepdims=True)])
    last = np.minimum(last, most)
    usable = time.sum(1) > 0
    time, last, day = time[usable], last[usable], seen.day[chats][usable]
    whole = time
    work = np.full(len(seen), np.nan)
    if most == 1:
        work[chats[usable]] = time[:, 0]
        alone = Interval(float(time[:, 0].mean()), float("nan"), float("nan"))
        return PaceFit(1, (Interval(1.0, 1.0, 1.0),), (1.0,), work, alone)
    if len(time) > ENOUGH:  # every so many: a pace is known well enough from these
        some = np.linspace(0, len(time) - 1, ENOUGH).astype(int)
        time, last, day = time[some], last[some], day[some]
    family = max(FAMILIES, key=lambda name: _best(name, time, last, None)[1])
    start = _best(family, time, last, None)[0]
    rows = [np.flatnonzero(day == d) for d in range(seen.days)]

    def estimate(weights: np.ndarray) -> np.ndarray:
        picked = np.concatenate([np.tile(rows[d], int(w)) for d, w in enumerate(weights) if w])
        pace = np.exp(_best(family, time[picked], last[picked], start)[0][: most - 1])
        return np.append(pace, (time[picked] @ np.append(1.0, pace)).mean())

    *found, mean_work = by_days(estimate, seen.days, rng, DRAWS)
    work[chats[usable]] = whole @ np.array([1.0, *(step.value for step in found)])
    shares = tuple(float(s) for s in (*share[: most - 1], share[most - 1 :].sum()))
    return PaceFit(most, (Interval(1.0, 1.0, 1.0), *found), shares, work, mean_work)


def _best(family: str, time: np.ndarray, last: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, float]:
    """Logarithms of the pace at 2, 3, … chats, of the mean and of the shape; and the likelihood per chat."""
    from scipy.optimize import minimize

    law, most = SHAPES[family], time.shape[1]
    ends_at = np.bincount(last, minlength=most + 1)[1 : most + 1] / len(last)

    def loss(x: np.ndarray) -> float:
        pace = np.concatenate([[0.0], x[: most - 1]])
        work = np.maximum(time @ np.exp(pace), 0.05)
        mean, shape = np.exp(x[-2]), float(np.clip(np.exp(x[-1]), law.least, law.most))
        return -float(law.log_density(work / mean, shape).mean() - x[-2] + ends_at @ pace)

    if start is None:
        start = np.concatenate([np.log(np.linspace(1, 0.7, most))[1:], [np.log(time.sum(1).mean() * 0.85), 0.0]])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(-4, 1)] * (most - 1) + [(-3, 15), (-3, 6)])
    return found.x, -float(found.fun)

"""Counts by queue, day and interval, of what happened and of what is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.engine.rules import Outcome
from csim.experiment.replicate import Plan, Studio
from csim.experiment.simulate import chosen_engine
from csim.fitting.observed import Observed
from csim.scenario.load import Scenario
from csim.workload.replay import Trace

KPIS = ("service_level", "abandonment_rate", "wait_all", "queued_share")
_NUMERATOR = {"service_level": 1, "abandonment_rate": 2, "wait_all": 3, "queued_share": 4}
KINDS = 5  # offered, answered in time, abandoned, seconds waited, had to wait


@dataclass(frozen=True)
class Tally:
    """Sums by [replication, queue, day, interval, kind]; one replication is what really happened."""

    sums: np.ndarray

    def pooled(self, kpi: str) -> np.ndarray:
        """[replication] One KPI over everything."""
        return self.ratio(self.sums.sum((1, 2, 3))[:, None], kpi)[:, 0]

    def by_interval(self, kpi: str) -> np.ndarray:
        """[replication, interval] One KPI by time of day."""
        return self.ratio(self.sums.sum((1, 2)), kpi)

    @staticmethod
    def ratio(sums: np.ndarray, kpi: str) -> np.ndarray:
        """One KPI from sums [..., kind]; NaN where nobody came. Service level counts all offered (`included`)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return sums[..., _NUMERATOR[kpi]] / np.where(sums[..., 0] > 0, sums[..., 0], np.nan)


def real(seen: Observed, within_s: dict[str, float]) -> Tally:
    """What happened."""
    shape = (len(seen.queues), seen.days, seen.intervals)
    promised = np.array([within_s[name] for name in seen.queues])
    place = np.asarray(np.ravel_multi_index((seen.queue, seen.day, seen.interval), shape))
    return Tally(_sums(place, shape, seen.wait, seen.answered, seen.abandoned, promised[seen.queue])[None])


def simulated(scenario: Scenario, trace: Trace | None, replications: int, seed: int, within_s: np.ndarray) -> Tally:
    """
    What replications of a scenario (or of a replayed log) bring.

    Args:
        within_s: [queue] Promised answer times.
    """
    engine, _ = chosen_engine("auto", ())
    plan = Plan(scenario, seed, engine, False, (), 0.0, trace)
    studio = Studio.of(plan)
    shape = (len(scenario.queues), len(scenario.days), scenario.days.intervals)
    found = np.zeros((replications, *shape, KINDS))
    for number in range(replications):
        for record in studio.played(number + 1):
            rows = record.contacts
            codes = rows["outcome"].codes
            place = np.asarray(np.ravel_multi_index((rows["queue"], rows["day"], rows["interval"]), shape))
            answered, abandoned = codes == Outcome.ANSWERED, codes == Outcome.ABANDONED
            found[number] += _sums(place, shape, rows["wait_s"], answered, abandoned, within_s[rows["queue"]])
    return Tally(found)


def _sums(
    place: np.ndarray, shape: tuple[int, ...], wait: np.ndarray, answered: np.ndarray, abandoned: np.ndarray,
    within: np.ndarray,
) -> np.ndarray:  # fmt: skip
    size = int(np.prod(shape))
    in_time = answered & (np.round(wait, 6) <= within)
    kinds = [np.ones(len(wait)), in_time, abandoned, wait, wait > 0]
    return np.stack([np.bincount(place, kind.astype(float), size) for kind in kinds], axis=-1).reshape(*shape, KINDS)

"""The workload of one replication: every contact with all the luck it will ever need, before anything happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from csim.scenario.check import serving
from csim.scenario.load import Scenario
from csim.scenario.model import Queue
from csim.scenario.pace import pace_at
from csim.workload.arrivals import inverted, unit_arrivals
from csim.workload.distributions import day_factors, durations
from csim.workload.streams import stream

Luck = Callable[[str], np.random.Generator]  # one stream per kind of coin, so that a new coin moves no other


@dataclass(frozen=True)
class Workload:
    """
    All contacts of one replication, ordered by stretch (a day that starts empty, or the whole calendar) and arrival.

    Times are seconds from the opening of the stretch; a contact of the warm-up arrives before 0.

    Attributes:
        replication: Its number, from 1.
        stretch, day, queue, vendor: Index of each contact's stretch, calendar day, queue and vendor (−1: none).
        arrival: Instant of arrival, s.
        work: Handle work at pace 1, s. after_work: Clock seconds after the talk.
        deadline: The instant patience ends (inf: never).
        balks: Leaves at once if it would have to wait.
        resolved, invited, score, check_rank, check_pass: Quality coins; NaN where the scenario has none.
        bounds: First contact of every stretch, and the number of contacts at the end.
    """

    replication: int
    stretch: np.ndarray
    day: np.ndarray
    queue: np.ndarray
    vendor: np.ndarray
    arrival: np.ndarray
    work: np.ndarray
    after_work: np.ndarray
    deadline: np.ndarray
    balks: np.ndarray
    resolved: np.ndarray
    invited: np.ndarray
    score: np.ndarray
    check_rank: np.ndarray
    check_pass: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.arrival)


def draw(scenario: Scenario, seed: int, replication: int) -> Workload:
    """
    The workload of one replication, from streams keyed by (seed, replication, name).

    Examples:
        >>> import csim
        >>> scenario = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> one, again = draw(scenario, seed=7, replication=1), draw(scenario, seed=7, replication=1)
        >>> bool((one.arrival == again.arrival).all())
        True
    """
    common = _factors(scenario.file.calendar.day_factor, scenario, seed, replication, "day_factor")
    parts = [
        _queue_contacts(scenario, index, name, queue, common, seed, replication)
        for index, (name, queue) in enumerate(scenario.queues.items())
    ]
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    order = np.lexsort((columns["queue"], columns["arrival"], columns["stretch"]))
    columns = {key: column[order] for key, column in columns.items()}
    stretches = 1 if scenario.days.carry_over else len(scenario.days)
    bounds = np.searchsorted(columns["stretch"], np.arange(stretches + 1))
    return Workload(replication=replication, bounds=bounds, **columns)


def _factors(factor: object, scenario: Scenario, seed: int, replication: int, name: str) -> np.ndarray:
    cv = getattr(factor, "cv", 0.0)
    return day_factors(cv, len(scenario.days), stream(seed, replication, name))


def _pieces(scenario: Scenario, name: str, factors: np.ndarray) -> tuple[np.ndarray, ...]:
    """Expected contacts, start, length, stretch and day of every piece of constant rate, warm-ups included."""
    days = scenario.days
    step, count = days.interval_s, days.intervals
    expected = scenario.expected[name] * factors[:, None]
    starts = np.tile(np.arange(count) * step, (len(days), 1))
    lengths = np.clip(days.length_s[:, None] - starts, 0, step)  # a short (23 h) day ends early
    expected = expected * lengths / step
    if days.carry_over:
        starts = starts + days.offset_s[:, None]
    day = np.tile(np.arange(len(days))[:, None], (1, count))
    if days.warmup_s:
        warm = slice(0, 1) if days.carry_over else slice(None)
        ahead = np.full((len(days), 1), 0.0)
        ahead[warm] = expected[warm, :1] * days.warmup_s / step
        expected = np.hstack([ahead, expected])
        starts = np.hstack([starts[:, :1] - days.warmup_s, starts])
        lengths = np.hstack([np.full((len(days), 1), days.warmup_s), lengths])
        day = np.hstack([day[:, :1], day])
    stretch = np.zeros_like(day) if days.carry_over else day
    return expected.ravel(), starts.ravel(), lengths.ravel(), stretch.ravel(), day.ravel()


def _queue_contacts(
    scenario: Scenario, index: int, name: str, queue: Queue, common: np.ndarray, seed: int, replication: int
) -> dict[str, np.ndarray]:
    def luck(kind: str) -> np.random.Generator:
        return stream(seed, replication, f"{kind}/{name}")

    own = queue.day_factor
    factors = common if own is None else _factors(own, scenario, seed, replication, f"day_factor/{name}")
    expected, starts, lengths, stretch, day = _pieces(scenario, name, factors)
    arrival, piece = inverted(unit_arrivals(expected.sum(), luck("arrivals")), expected, starts, lengths)
    size = len(arrival)
    contacts = {
        "stretch": stretch[piece],
        "day": day[piece],
        "queue": np.full(size, index),
        "vendor": _vendors(scenario, queue, luck("vendor").random(size)),
        "arrival": arrival,
        "work": durations(queue.handle_time, size, luck("handle")) * _observed_pace(scenario, name, queue),
        "after_work": durations(queue.after_work, size, luck("after_work")) if queue.after_work else np.zeros(size),
        "deadline": arrival + durations(queue.patience, size, luck("patience")),
        "balks": luck("balk").random(size) < queue.balk,
    }
    return contacts | _quality(queue, size, luck)


def _observed_pace(scenario: Scenario, name: str, queue: Queue) -> float:
    """A handle time observed while k chats were held is longer than at pace 1 by 1 ÷ pace[k]."""
    held = queue.handle_time.observed_at
    return pace_at(scenario.groups[serving(scenario.file, name)[0]], held) if held else 1.0


def vendor_names(scenario: Scenario) -> list[str]:
    """All vendors of a scenario, in file order: shares first, then groups."""
    shared = [vendor for queue in scenario.queues.values() for vendor in queue.shares or {}]
    return list(dict.fromkeys(shared + [g.vendor for g in scenario.groups.values() if g.vendor is not None]))


def _vendors(scenario: Scenario, queue: Queue, coins: np.ndarray) -> np.ndarray:
    if queue.shares is None:
        return np.full(len(coins), -1)
    names = vendor_names(scenario)
    edges = np.cumsum(list(queue.shares.values()))[:-1]
    numbers = np.array([names.index(vendor) for vendor in queue.shares])
    return numbers[np.searchsorted(edges, coins, side="right")]


def _quality(queue: Queue, size: int, coins: Luck) -> dict[str, np.ndarray]:
    nothing = np.full(size, np.nan)
    columns = dict.fromkeys(("resolved", "invited", "score", "check_rank", "check_pass"), nothing)
    quality = queue.quality
    if quality is None:
        return columns
    if quality.resolved is not None:
        columns["resolved"] = (coins("resolved").random(size) < quality.resolved).astype(float)
    if quality.survey is not None:
        survey = quality.survey
        invited = coins("invited").random(size) < survey.invited
        answers = invited & (coins("survey_answered").random(size) < survey.answered)
        edges = np.cumsum(list(survey.scores.values()))[:-1]
        values = np.array(list(survey.scores), dtype=float)
        score = values[np.searchsorted(edges, coins("score").random(size), side="right")]
        columns["invited"], columns["score"] = invited.astype(float), np.where(answers, score, np.nan)
    if quality.checks is not None:
        columns["check_rank"] = coins("check_rank").random(size)
        columns["check_pass"] = (coins("check").random(size) < quality.checks.passed).astype(float)
    return columns

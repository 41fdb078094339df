"""The workload of one replication: every contact with all the luck it will ever need, before anything happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from csim.loops import same
from csim.scenario.check import serving
from csim.scenario.load import Scenario
from csim.scenario.model import Queue
from csim.scenario.pace import pace_at
from csim.workload.arrivals import UnitArrivals, placed
from csim.workload.distributions import day_factors, durations
from csim.workload.pieces import Pieces
from csim.workload.streams import stream

BLOCK = 70_000  # contacts
NOTHING: dict[str, float | int | bool] = {
    "vendor": -1, "after_work": 0.0, "balks": False,
    **dict.fromkeys(("resolved", "invited", "score", "check_rank", "check_pass"), np.nan),
}  # fmt: skip
PER_CONTACT = ("piece", "queue", "arrival", "work", "deadline", *NOTHING)
Luck = Callable[[str], np.random.Generator]  # one stream per kind of coin, so that a new coin moves no other


@dataclass(frozen=True)
class Workload:
    """
    The contacts of one replication, ordered by stretch (a day that starts empty, or the whole calendar) and arrival.

    Times are seconds from the opening of the stretch; a contact of the warm-up arrives before 0.

    Attributes:
        replication: Its number, from 1.
        first, first_stretch: How many contacts and stretches of the replication come before these.
        codes: What the pieces of the calendar belong to: [stretch, day or interval of the day; piece].
        piece: The one that each contact arrives in.
        queue, vendor: Index of its queue and vendor (−1: none).
        arrival: Instant of arrival, s.
        work: Handle work at pace 1, s. after_work: Clock seconds after the talk.
        deadline: The instant patience ends (inf: never).
        balks: Leaves at once if it would have to wait.
        resolved, invited, score, check_rank, check_pass: Quality coins; NaN where the scenario has none.
        bounds: Position of the first contact of every stretch, and the number of contacts at the end.
    """

    replication: int
    first: int
    first_stretch: int
    codes: np.ndarray
    piece: np.ndarray
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

    @property
    def stretch(self) -> np.ndarray:
        """Index of each contact's stretch."""
        return self.codes[0, self.piece]

    @property
    def day(self) -> np.ndarray:
        """Index of each contact's day of the calendar."""
        return self.codes[1, self.piece]

    @property
    def interval(self) -> np.ndarray:
        """Index of each contact's interval of the day."""
        return self.codes[2, self.piece]

    def none(self) -> Workload:
        """A workload without contacts."""
        columns = {field.name: getattr(self, field.name)[:0] for field in fields(self) if field.name in PER_CONTACT}
        return replace(self, bounds=np.zeros(2, np.int64), **columns)


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
    return next(Draws(scenario, block=np.inf).blocks(seed, replication))


class Draws:
    """
    The workloads of a scenario, in blocks of whole stretches that follow each other.

    Cut into blocks of about *block* contacts, a replication of any length needs the memory of one of them; the
    contacts are the same, since every stream is drawn from in the same order. *rows*: see `csim.loops.loop`.
    """

    def __init__(self, scenario: Scenario, block: float = BLOCK, rows: float = 0.0) -> None:
        self.scenario, self.rows = scenario, rows
        self._calm = {name: Pieces.of(scenario, name) for name in scenario.queues}
        self._pace = {name: _observed_pace(scenario, name, queue) for name, queue in scenario.queues.items()}
        load = np.sum([expected.sum(1) for expected in scenario.expected.values()], axis=0)
        if scenario.days.carry_over:
            load = load.sum(keepdims=True)
        number = (np.cumsum(load) // block).astype(int) if np.isfinite(block) else np.zeros(len(load), int)
        self._bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(load)]

    def blocks(self, seed: int, replication: int) -> Iterator[Workload]:
        """The workload of a replication, block after block."""
        common = self._factors(self.scenario.file.calendar.day_factor, seed, replication, "day_factor")
        queues = []
        for index, (name, queue) in enumerate(self.scenario.queues.items()):
            factors = common
            if queue.day_factor is not None:
                factors = self._factors(queue.day_factor, seed, replication, f"day_factor/{name}")
            pieces = self._calm[name] if factors is None else Pieces.of(self.scenario, name, factors)
            luck = partial(open_stream, {}, seed, replication, name)
            queues.append(QueueLuck(self.scenario, index, pieces, self._pace[name], luck, self.rows))
        first = 0
        for begins, ends in itertools.pairwise(self._bounds):
            parts = [queue.upto(begins, ends) for queue in queues]
            workload = _merged(parts, pieces.codes, replication, first, begins, ends)
            yield workload
            first += len(workload)

    def _factors(self, factor: object, seed: int, replication: int, name: str) -> np.ndarray | None:
        """One factor per day; None: all are 1."""
        cv = getattr(factor, "cv", 0.0)
        return day_factors(cv, len(self.scenario.days), stream(seed, replication, name)) if cv else None


def open_stream(
    opened: dict[str, np.random.Generator], seed: int, replication: int, queue: str, kind: str
) -> np.random.Generator:
    """A queue's stream of one kind of coin, which goes on where it was left."""
    if kind not in opened:
        opened[kind] = stream(seed, replication, f"{kind}/{queue}")
    return opened[kind]


class QueueLuck:
    """What chance brings to one queue, from its streams one after the other."""

    def __init__(
        self, scenario: Scenario, index: int, pieces: Pieces, pace: float, luck: Luck, rows: float = 0.0
    ) -> None:
        self.scenario, self.index, self.pieces, self.pace = scenario, index, pieces, pace
        self.queue = list(scenario.queues.values())[index]
        self.factors = scenario.handle_by_time.get(list(scenario.queues)[index])
        self.luck, self.rows = luck, rows
        self.units = UnitArrivals(luck("arrivals"), rows)

    def upto(self, begins: int, ends: int) -> dict[str, np.ndarray]:
        """The contacts of the stretches from *begins* to before *ends*; a column that is not there is `NOTHING`."""
        pieces, queue, luck = self.pieces, self.queue, self.luck
        first, last = np.searchsorted(pieces.codes[0], [begins, ends]).tolist()
        of = slice(first, last)
        total = pieces.total if last == len(pieces.ends) else min(float(pieces.ends[last - 1]), pieces.total)
        arrival, piece = placed(
            self.units.below(total),
            pieces.expected[of],
            pieces.ends[of],
            pieces.starts[of],
            pieces.lengths[of],
            self.rows,
        )
        piece += first
        size = len(arrival)
        contacts = {
            "piece": piece,
            "queue": same(self.index, size),
            "arrival": arrival,
            "work": durations(queue.handle_time, size, luck("handle")),
            "deadline": same(np.inf, size),
        }
        if self.pace != 1.0:
            contacts["work"] *= self.pace
        if self.factors is not None:
            contacts["work"] *= self.factors[pieces.codes[1, piece], pieces.codes[2, piece]]
        if queue.patience:
            contacts["deadline"] = durations(queue.patience, size, luck("patience"))
            contacts["deadline"] += arrival
        if queue.shares is not None:
            contacts["vendor"] = vendor_coins(self.scenario, queue, luck("vendor").random(size))
        if queue.after_work:
            contacts["after_work"] = durations(queue.after_work, size, luck("after_work"))
        if queue.balk:
            contacts["balks"] = luck("balk").random(size) < queue.balk
        return contacts | quality_coins(queue, size, luck)


def _merged(
    parts: list[dict[str, np.ndarray]], codes: np.ndarray, replication: int, first: int, begins: int, ends: int
) -> Workload:
    """The contacts of all queues of a block by arrival; of two at one instant the earlier queue's goes first."""
    sizes = [len(part["arrival"]) for part in parts]
    columns = parts[0]
    if len(parts) > 1:
        columns = {name: _column(name, parts, sizes) for name in dict.fromkeys(itertools.chain(*parts))}
        arrival, several = columns["arrival"], ends - begins > 1
        order = np.lexsort((arrival, codes[0, columns["piece"]])) if several else np.argsort(arrival, kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
    rest = {name: same(value, sum(sizes)) for name, value in NOTHING.items() if name not in columns}
    bounds = np.searchsorted(columns["piece"], np.searchsorted(codes[0], np.arange(begins, ends + 1)))
    return Workload(
        replication=replication, first=first, first_stretch=begins, codes=codes, bounds=bounds, **columns, **rest
    )


def _column(name: str, parts: list[dict[str, np.ndarray]], sizes: list[int]) -> np.ndarray:
    pairs = zip(parts, sizes, strict=True)
    return np.concatenate([part[name] if name in part else np.full(size, NOTHING[name]) for part, size in pairs])


def _observed_pace(scenario: Scenario, name: str, queue: Queue) -> float:
    """A handle time observed while k chats were held is longer than at pace 1 by 1 ÷ pace[k]."""
    held = queue.handle_time.observed_at
    return pace_at(scenario.groups[serving(scenario.file, name)[0]], held) if held else 1.0


def vendor_names(scenario: Scenario) -> list[str]:
    """All vendors of a scenario, in file order: shares first, then groups."""
    shared = [vendor for queue in scenario.queues.values() for vendor in queue.shares or {}]
    return list(dict.fromkeys(shared + [g.vendor for g in scenario.groups.values() if g.vendor is not None]))


def vendor_coins(scenario: Scenario, queue: Queue, coins: np.ndarray) -> np.ndarray:
    assert queue.shares is not None
    names = vendor_names(scenario)
    edges = np.cumsum(list(queue.shares.values()))[:-1]
    numbers = np.array([names.index(vendor) for vendor in queue.shares])
    return numbers[np.searchsorted(edges, coins, side="right")]


def quality_coins(queue: Queue, size: int, coins: Luck) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
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

"""The search for better terms: scipy's differential evolution over what may be written, then one term at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from csim.terms.tuning.choices import Choice, Value
from csim.terms.tuning.demands import Demands
from csim.terms.tuning.groups import shared_out
from csim.terms.tuning.trials import Outcome, Trial

Picks = tuple[int, ...]  # which of its values each choice takes
CROWD = 64  # drafts of one generation
STARTS = 3  # drafts that are polished
NEAR = 3  # values to either side that are tried together with another term
AS_GOOD = 3e-3  # of the cost: what a change must at least save, else the term stays as it is today


def together(choices: Sequence[Choice]) -> list[list[int]]:
    """Which choices are changed together: each alone, shares of a whole as one."""
    found: dict[str, list[int]] = {}
    for i, choice in enumerate(choices):
        found.setdefault(choice.group or choice.name, []).append(i)
    return list(found.values())


@dataclass(frozen=True)
class Goal:
    """
    What is sought within the limits of *demands*: the buyer's least total cost, or the vendor's greatest profit.

    Examples:
        >>> Goal(Demands(())).best_for
        'buyer'
    """

    demands: Demands
    best_for: str = "buyer"

    def key(self, found: Outcome) -> tuple[float, float, float]:
        """Smaller is better: limits first, then the money, then what is at risk."""
        violation = self.demands.violation(found)
        return violation, found.buyer if self.best_for == "buyer" else -found.profit, found.at_risk


@dataclass
class Search:
    """
    Every draft that was tried, and how to find better ones.

    The same trial, budget and seed give the same drafts in the same order.

    Attributes:
        budget: The most drafts that are valued. pool: Each draft's outcome, by the values that it writes.
    """

    trial: Trial
    budget: int = 5000
    seed: int = 1
    progress: Callable[[int, int], None] | None = None
    pool: dict[tuple[Value, ...], Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.choices = self.trial.choices
        self.sizes = [len(choice.values) for choice in self.choices]
        self.today: Picks = tuple(choice.values.index(choice.today) for choice in self.choices)

    def values(self, picks: Sequence[int]) -> tuple[Value, ...]:
        """What the picks write; weights and allocations make their whole."""
        raw = [choice.values[int(i)] for choice, i in zip(self.choices, picks, strict=True)]
        return shared_out(self.choices, raw)

    def look(self, picks: Sequence[int]) -> Outcome:
        """The outcome of one draft."""
        return self.at(self.values(picks))

    def at(self, values: tuple[Value, ...]) -> Outcome:
        """The outcome of what is written; each is valued once."""
        if values not in self.pool:
            self.pool[values] = self.trial.outcome(values)
            if self.progress is not None and len(self.pool) % 50 == 0:
                self.progress(min(len(self.pool), self.budget), self.budget)
        return self.pool[values]

    def best(self, goal: Goal) -> tuple[Value, ...]:
        """The best draft that was tried; of equals the first."""
        return min(self.pool, key=lambda values: goal.key(self.pool[values]))

    def ranked(self, goal: Goal) -> list[tuple[Value, ...]]:
        """Every draft that keeps all limits, the best first."""
        kept = {values: key for values in self.pool if (key := goal.key(self.pool[values]))[0] == 0}
        return sorted(kept, key=lambda values: kept[values])

    # -- wide, then near -------------------------------------------------------------------------------

    def wide(self, goal: Goal) -> None:
        """Differential evolution from a Sobol sample and today's terms."""
        from scipy.optimize import differential_evolution
        from scipy.stats import qmc

        tops = np.array(self.sizes) - 1
        first = qmc.Sobol(len(tops), rng=self.seed).random(CROWD) * (tops + 0.999) - 0.499
        first[0] = self.today
        scale = max(abs(self.look(self.today).buyer), 1.0)

        def loss(many: np.ndarray) -> np.ndarray:
            keys = [goal.key(self.look(np.rint(row).astype(int))) for row in many.T]
            return np.array([1e6 * (1 + violation) if violation else money / scale for violation, money, _ in keys])

        rounds = max(1, int(0.6 * self.budget / CROWD) - 1)
        differential_evolution(
            loss, [(0, top) for top in tops], init=np.clip(first, 0, tops), maxiter=rounds, tol=0, rng=self.seed,
            integrality=np.ones(len(tops), dtype=bool), vectorized=True, updating="deferred", polish=False,
        )  # fmt: skip

    def near(self, start: Sequence[Value], goal: Goal, most: int | None = None) -> tuple[Value, ...]:
        """From a draft downhill, one term or two neighbouring values at a time, until nothing is better."""
        here, limit = self.picks(start), len(self.pool) + (most or self.budget)
        key, better = goal.key(self.look(here)), True
        while better and len(self.pool) < limit:
            better = False
            for moves in (self._single, self._double):
                for there in moves(here):
                    found = goal.key(self.look(there))
                    if found < key:
                        here, key, better = there, found, True
                    if len(self.pool) >= limit:
                        return self.values(here)
                if better:
                    break
        return self.values(here)

    def plain(self, values: Sequence[Value], goal: Goal) -> tuple[Value, ...]:
        """
        The same draft without changes that save next to nothing: a lawyer has fewer lines to defend.

        One term after the other is left as it is today, all shares of a whole together; the price may follow.
        """
        here = self.picks(values)
        most = goal.key(self.look(here))
        for rows in together(self.choices):
            there = tuple(self.today[i] if i in rows else pick for i, pick in enumerate(here))
            if there == here:
                continue
            best = min((goal.key(self.look(one)), one) for one in self._priced(there))
            if best[0][0] <= most[0] and best[0][1] <= most[1] + AS_GOOD * abs(most[1]):
                here = best[1]
        return self.values(here)

    def _priced(self, there: Picks) -> Iterator[Picks]:
        """A draft at every price."""
        yield there
        for i, choice in enumerate(self.choices):
            if choice.name.startswith("price"):
                yield from ((*there[:i], pick, *there[i + 1 :]) for pick in range(self.sizes[i]))

    def picks(self, values: Sequence[Value]) -> Picks:
        """The picks that write these values; a share of a group may stand between two, the nearest is taken."""
        found = []
        for choice, value in zip(self.choices, values, strict=True):
            if value in choice.values:
                found.append(choice.values.index(value))
            else:
                found.append(int(np.argmin([abs(float(x) - float(value)) for x in choice.values])))
        return tuple(found)

    def _single(self, here: Picks) -> Iterator[Picks]:
        for i, size in enumerate(self.sizes):
            for pick in range(size):
                if pick != here[i]:
                    yield (*here[:i], pick, *here[i + 1 :])

    def _double(self, here: Picks) -> Iterator[Picks]:
        """Two terms together, each a little: what one opens the other takes."""
        steps = [step for step in range(-NEAR, NEAR + 1) if step]
        for i, j in itertools.combinations(range(len(here)), 2):
            for a, b in itertools.product(steps, steps):
                there = list(here)
                there[i], there[j] = here[i] + a, here[j] + b
                if 0 <= there[i] < self.sizes[i] and 0 <= there[j] < self.sizes[j]:
                    yield tuple(there)

    def run(self, goal: Goal) -> tuple[Value, ...]:
        """The best draft for a goal: wide, then near from the best few, then plain."""
        self.wide(goal)
        starts = sorted(self.pool, key=lambda values: goal.key(self.pool[values]))[:STARTS]
        rest = max(60, self.budget - len(self.pool))
        for start in starts:
            self.near(start, goal, rest // STARTS)
        return self.plain(self.best(goal), goal)

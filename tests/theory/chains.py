"""Small Markov chains, solved with numpy: what a centre with exponential everything does in the long run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

State = tuple[int, ...]
Moves = Callable[[State], Iterable[tuple[float, State]]]


class Chain:
    """The long-run distribution over all states that can be reached from *start* by *moves* (rate, next state)."""

    def __init__(self, start: State, moves: Moves) -> None:
        self.states, rates = [start], []
        number = {start: 0}
        for here, state in enumerate(self.states):  # grows while it is walked
            for rate, there in moves(state):
                if rate > 0:
                    if there not in number:
                        number[there] = len(self.states)
                        self.states.append(there)
                    rates.append((here, number[there], rate))
        size = len(self.states)
        balance = np.zeros((size, size))
        for here, there, rate in rates:
            balance[there, here] += rate
            balance[here, here] -= rate
        balance[0] = 1.0  # one of the balance equations follows from the others: replaced by the sum
        self.probability = np.linalg.solve(balance, np.eye(1, size)[0])

    def mean(self, of: Callable[[State], float]) -> float:
        """The long-run mean of a function of the state (a condition: its share of time)."""
        return float(self.probability @ [float(of(state)) for state in self.states])

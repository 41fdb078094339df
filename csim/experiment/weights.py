"""What a second of an agent's time counts in a formula: agents' time is summed once, and not formula by formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.contacts.columns import STATES
from csim.contacts.times import Kinds, Times
from csim.experiment.names import Names
from csim.expressions import Coded, expression
from csim.kpi.additive import degree
from csim.kpi.columns import Columns, state_columns
from csim.kpi.sums import Measures


@dataclass(frozen=True)
class Weights:
    """
    What agents' time counts in formulas over it, as far as they add up.

    Attributes:
        formulas: Positions of those formulas. second: [team, kind, formula], of a second. a_day: [team, formula].
        special: By position of a special KPI, [team, kind]: what it takes its maximum of; NaN where nothing counts.
    """

    formulas: list[int]
    second: np.ndarray
    a_day: np.ndarray
    special: dict[int, np.ndarray]

    @classmethod
    def of(cls, measures: Measures, names: Names, kinds: Kinds) -> Weights:
        """Of the formulas over agents' states."""
        second = _columns(names, kinds, second=1.0)
        a_day = _columns(names, Kinds.upto(0), second=0.0)
        teams = len(names.groups)
        formulas = [place for place, text in enumerate(measures.states) if degree(text, second) == 1]
        special = {}
        for place, kpi in enumerate(measures.special):
            value, counts = str(kpi.numerator), str(kpi.denominator)
            if kpi.over == "agent_states" and kpi.kind == "maximum" and degree(value, second) == 0:
                holds = expression(counts)(second, second.size) != 0
                if degree(counts, second) is not None:
                    worth = np.where(holds, expression(value)(second, second.size), np.nan)
                    special[place] = worth.reshape(teams, len(kinds))
        texts = [expression(measures.states[place]) for place in formulas]
        return cls(
            formulas,
            np.array([text(second, second.size) for text in texts]).reshape(-1, teams, len(kinds)).transpose(1, 2, 0),
            np.array([text(a_day, a_day.size) for text in texts]).reshape(-1, teams).T,
            special,
        )

    def sums(self, times: Times) -> np.ndarray:
        """Each of the formulas by [slot, team, formula]."""
        return np.einsum("stk,tkf->stf", times.time, self.second) + times.days[:, :, None] * self.a_day

    def values(self, place: int, times: Times) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of a special KPI, where time was spent that counts: what it is worth, and the slot and team of it."""
        slot, team, kind = np.nonzero((times.time > 0) & ~np.isnan(self.special[place]))
        return self.special[place][team, kind], slot, team


def _columns(names: Names, kinds: Kinds, second: float) -> Columns:
    """One row per team and kind, of a second, or none and an agent's day."""
    teams = len(names.groups)
    size = teams * len(kinds)
    held, chats, state = (np.tile(column, teams) for column in (kinds.held, kinds.chats, kinds.state))
    columns = {
        "state": Coded(state, STATES),
        "slots_held": held,
        "slots": np.repeat(names.slots_of_group, len(kinds)),
        "duration": np.full(size, second),
        "agent_day": np.full(size, 1.0 - second),
    }
    return state_columns(columns | ({"chats_held": chats} if names.chat.any() else {}))

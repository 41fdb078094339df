"""Published practice for cycles of monitoring, beside what the statistics of a contract say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from csim.contract.load import Contract
from csim.terms.worth.surface import Surface

RULES: dict[str, str] = {  # what kind of service, watched in which cycle
    "peak": "weekly", "off_season": "monthly", "software": "two_weeks", "simple": "monthly", "technical": "ten_days",
    "new_team": "weekly",
}  # fmt: skip
SHORTEST = ("daily", "weekly", "ten_days", "two_weeks", "monthly", "quarterly")
PEAK_DAY = 1.5  # times the median day: an e-commerce peak


def applying(contract: Contract, grid: Surface) -> tuple[str, ...]:
    """
    The published rules that a contract and its centre's volumes call for; what kind of enquiries come, nobody says.

    Examples:
        >>> import csim
        >>> from csim.terms.worth.surface import surface
        >>> grid = surface("scenarios/centres/double_11.yaml", [1.0], "staffing", vendor="B", replications=1)
        >>> applying(csim.load_contract("scenarios/contracts/double_11.yaml"), grid)
        ('peak',)
    """
    found = ["peak" if busiest(grid) >= PEAK_DAY else "off_season"]
    return (*found, "new_team") if contract.file.pay.ramp_up else tuple(found)


def busiest(grid: Surface) -> float:
    """The expected volume of the busiest day, in median days."""
    days = np.sum([numbers.sum(1) for numbers in grid.scenario.expected.values()], axis=0)
    usual = float(np.median(days))
    return float(days.max()) / usual if usual else float("inf")


def shortest(rules: Sequence[str]) -> str:
    """
    The rule to follow: where several conflict the one with the shortest cycle.

    Examples:
        >>> shortest(["off_season", "new_team"]), shortest(["peak"])
        ('new_team', 'peak')
    """
    return min(rules, key=lambda rule: SHORTEST.index(RULES[rule]))

"""Where the paths of two engines part: the first event that one of them has and the other has not."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from csim.engine import compiled, reference
from csim.engine.rules import Outcome, Path, Rules, Stretch
from csim.experiment.trace import happenings
from csim.scenario.load import Scenario

COLUMNS = ("answer", "end", "agent", "outcome")
BEFORE = 3  # events shown that both still have


def agree(scenario: Scenario, rules: Rules, stretch: Stretch) -> None:
    """Both engines, with and without the shortcut, give the same arrays, bit for bit, and the same steps of duty."""
    one = reference.run(rules, stretch)
    for shortcut in (True, False):
        other = compiled.run(rules, stretch, shortcut)
        assert same(one, other), parting(scenario, rules, stretch, one, other)


def same(one: Path, other: Path) -> bool:
    """Bit for bit, by contact and by step of the duty roster."""
    columns = all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in COLUMNS)
    return columns and one.duty == other.duty


def parting(scenario: Scenario, rules: Rules, stretch: Stretch, reference: Path, compiled: Path) -> str:
    """The last events on which both agree, and the first on which they do not."""
    lost = [i for path in (reference, compiled) for i in np.flatnonzero(~np.isin(path.outcome, list(Outcome)))]
    if lost:
        return f"the paths part: contact #{lost[0] + 1} has no outcome in one of them"
    one, other = (sorted(happenings(scenario, rules, stretch, path)) for path in (reference, compiled))
    for i, (this, that) in enumerate(zip_longest(one, other)):
        if this != that:
            known = [f"  both       {event}" for event in one[max(0, i - BEFORE) : i]]
            return "\n".join(["the paths part:", *known, f"  reference  {this}", f"  compiled   {that}"])
    differ = [name for name in COLUMNS if not np.array_equal(getattr(reference, name), getattr(compiled, name), True)]
    return f"the same events, but other {', '.join(differ) or 'duty'}"

"""What if, by sliders: a scenario to play with, or a contract and what its terms make a vendor do."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csim.display.words import Words
from csim.errors import InputError, Mistake
from csim.scenario.load import Scenario, load_scenario


def explore(
    scenario: Scenario | str | Path | Mapping[str, Any],
    *,
    lang: str = "en",
    seed: int = 1,
    date: str | None = None,
    replications: int | None = None,
    folder: str | Path = ".",
    confined: bool = False,
) -> Any:
    """
    Sliders for staffing, volume, chats at once, patience, handle time and threshold; the answer follows at once.

    Every position is simulated with the same seed: a slider moves the result, not the luck. What the cards show is
    exactly what `csim.simulate(explorer.scenario, explorer.sim.replications, seed)` gives.

    Args:
        scenario: A scenario, or its file.
        lang: "en" or "zh"; the page has a switch.
        seed: Of all simulations.
        date: The day that is played ("2026-11-11"), or "" for the whole calendar. Without it the whole calendar where
            that takes an instant, else the busiest day.
        replications: How often; without it as often as an instant allows (2 to 20).
        folder: Where variants are written. confined: Whether they may be written nowhere else.

    Raises:
        InputError: A scenario with mistakes, a day that is not open, ipywidgets not installed.

    Examples:
        >>> import csim
        >>> explorer = csim.explore("scenarios/centres/first_chat.yaml")
        >>> explorer.move(agents=7)
        >>> explorer.positions, explorer.scenario.groups["team"].agents.always
        ({'agents': 7.0}, 7)
    """
    words = Words(lang)
    if importlib.util.find_spec("ipywidgets") is None:
        raise InputError([Mistake(words("explore_needs_widgets"))])
    from csim.explore.centre import CentreExplorer
    from csim.explore.focus import Focus

    focus = Focus.of(load_scenario(scenario), date, replications, seed)
    return CentreExplorer(focus, lang, folder, confined)

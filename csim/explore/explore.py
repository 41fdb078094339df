"""What if, by sliders: a scenario to play with, or a contract and what its terms make a vendor do."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csim.display.words import Words
from csim.errors import InputError, Mistake
from csim.scenario.load import Scenario, load_scenario

if TYPE_CHECKING:
    from csim.contract.load import Contract


def explore(
    what: Scenario | Contract | str | Path | Mapping[str, Any],
    scenario: Scenario | str | Path | Mapping[str, Any] | None = None,
    *,
    lang: str = "en",
    seed: int = 1,
    date: str | None = None,
    replications: int | None = None,
    vendor: str | None = None,
    cost_per_hour: float | None = None,
    harm: Mapping[str, float] | None = None,
    margin: float = 0.0,
    folder: str | Path = ".",
    confined: bool = False,
) -> Any:
    """
    Sliders: of a scenario for its staffing, volume, patience …, of a contract for its penalties, levels and bonuses.

    `csim.explore(scenario)` simulates every position with the same seed: a slider moves the result, not the luck. What
    the cards show is exactly what `csim.simulate(explorer.scenario, explorer.sim.replications, seed)` gives.
    `csim.explore(contract, scenario)` simulates the centre once, at several levels of staffing; a move then values the
    contract anew and shows what `csim.best_response` says.

    Args:
        what: A scenario or its file; with a second argument a contract or its file.
        lang: "en" or "zh"; the page has a switch.
        seed: Of all simulations.
        date: Of a scenario: the day that is played ("2026-11-11"), or "" for the whole calendar. Without it the whole
            calendar where that takes an instant, else the busiest day.
        replications: How often; without it as often as an instant (of a contract: some seconds) allows.
        vendor, cost_per_hour, harm, margin: Of a contract, as in `csim.best_response`.
        folder: Where variants are written. confined: Whether they may be written nowhere else.

    Raises:
        InputError: Input with mistakes, a day that is not open, ipywidgets not installed.

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
    if scenario is None:
        from csim.explore.centre import CentreExplorer
        from csim.explore.focus import Focus

        focus = Focus.of(load_scenario(what), date, replications, seed)  # type: ignore[arg-type]
        return CentreExplorer(focus, lang, folder, confined)
    from csim.contract.load import load_contract
    from csim.explore.terms import TermsExplorer

    agreed = load_contract(what)  # type: ignore[arg-type]
    return TermsExplorer(
        agreed, load_scenario(scenario), lang, folder, confined, vendor=vendor, cost_per_hour=cost_per_hour, harm=harm,
        margin=margin, seed=seed, replications=replications,
    )  # fmt: skip

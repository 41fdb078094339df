"""The targets of a scenario as numbers: each of a KPI that there is, in that KPI's own unit."""

from __future__ import annotations

from csim.errors import InputError, Mistake
from csim.kpi.catalogue import Catalogue, Kpi
from csim.scenario.load import Scenario
from csim.units import seconds, share


def targets(scenario: Scenario, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    """
    Per queue, KPI id → target (share 0..1, seconds, or a plain number).

    Raises:
        InputError: Unknown or ambiguous names, units that are not the KPI's, each with its place in the file.

    Examples:
        >>> import csim
        >>> targets(csim.load_scenario("scenarios/centres/first_voice.yaml"), csim.catalogue())
        {'calls': {'service_level': 0.8, 'abandonment_rate': 0.05}}
    """
    found: dict[str, dict[str, float]] = {}
    mistakes: list[Mistake] = []
    for name, queue in scenario.queues.items():
        found[name] = {}
        for word, text in queue.targets.items():
            path = ("queues", name, "targets", word)
            try:
                kpi = catalogue.find(word)
            except InputError as error:
                mistakes.append(scenario.mistake(error.mistakes[0].what, path, at_key=True))
                continue
            try:
                found[name][kpi.id] = _in_unit(kpi, text)
            except ValueError as error:
                mistakes.append(scenario.mistake(f"{kpi.id}: {error}", path))
    if mistakes:
        raise InputError(mistakes)
    return found


def _in_unit(kpi: Kpi, text: str | float) -> float:
    if kpi.unit == "share":
        return share(text)
    if kpi.unit == "s":
        return seconds(text)
    try:
        return float(text)
    except ValueError:
        raise ValueError(f'"{text}" is no number') from None

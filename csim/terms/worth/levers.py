"""Levers: the same centre with more or fewer agents, more or fewer contacts, or longer or shorter handling."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from csim.errors import InputError, Mistake, did_you_mean
from csim.scenario.load import Scenario

LEVERS = ("agents", "staffing", "volume", "handle_time")
MOST_TIMES = 10  # times the plan: what is more was meant in per cent
MOST_LEVELS = 500
PERCENT = ("%", "\uff05")


def at_levels(
    scenario: Scenario, lever: str, levels: Sequence[float], group: str | None = None, vendor: str | None = None
) -> list[Scenario]:
    """
    The scenario at every level of a lever.

    Args:
        lever: "agents" (so many in *group*, all day), "staffing" (times the plan of *group*, or of all groups of
            *vendor*), "volume" (times the expected contacts), "handle_time" (times the mean handle time).

    Raises:
        InputError: An unknown lever or group, no level, one that is negative (or 0, but for agents).

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> [int(one.on_duty["team"].max()) for one in at_levels(centre, "agents", [12, 30])]
        [12, 30]
        >>> [float(one.expected["calls"].sum()) for one in at_levels(centre, "volume", [0.5, 1])]
        [905.0, 1810.0]
    """
    if lever not in LEVERS:
        raise InputError([Mistake(f'"{lever}" is no lever: {did_you_mean(lever, LEVERS)}', "--lever")])
    if not levels:
        raise InputError([Mistake("no level: write for example 16..35", "--levels")])
    least = 1 if lever == "agents" else 0
    bad = [x for x in levels if x < least or (lever != "agents" and x == 0) or (lever == "agents" and x != int(x))]
    if bad:
        kind = "a whole number of agents, 1 or more" if lever == "agents" else "a factor above 0, such as 0.9"
        raise InputError([Mistake(f"{bad[0]:g} is no level of {lever}: write {kind}", "--levels")])
    if lever != "agents" and max(levels) > MOST_TIMES:
        what = f"{max(levels):g} is {max(levels):g} times the plan: write shares of it, {_as_shares(levels)}"
        what += ", or --lever agents for so many on duty all day" if lever == "staffing" else ""
        raise InputError([Mistake(what, "--levels")])
    if lever in ("volume", "handle_time"):
        return [_slower(scenario, x) if lever == "handle_time" else _busier(scenario, x) for x in levels]
    groups = groups_of(scenario, group, vendor)
    if lever == "agents":
        if len(groups) > 1:
            what = f"agents of which group? {', '.join(groups)}: name one, or move the whole plan (--lever staffing)"
            raise InputError([Mistake(what, "--group")])
        return [_staffed(scenario, groups[0], int(x)) for x in levels]
    return [_scaled(scenario, groups, x) for x in levels]


def groups_of(scenario: Scenario, group: str | None = None, vendor: str | None = None) -> list[str]:
    """
    The groups that a lever moves: the one that is named, else the vendor's, else all.

    Examples:
        >>> import csim
        >>> groups_of(csim.load_scenario("scenarios/centres/double_11.yaml"), vendor="B")
        ['online_B', 'campaign_B']
    """
    if group is not None:
        if group not in scenario.groups:
            what = f'no group "{group}": {did_you_mean(group, scenario.groups)}'
            raise InputError([Mistake(what, "--group")])
        return [group]
    return [name for name, spec in scenario.groups.items() if vendor is None or spec.vendor in (vendor, None)]


def paid_hours(scenario: Scenario, groups: Sequence[str]) -> np.ndarray:
    """
    Agent-hours that are paid, by [group, date]: those on the plan, absences included.

    Examples:
        >>> import csim
        >>> float(paid_hours(csim.load_scenario("scenarios/centres/first_voice.yaml"), ["team"]).sum()) > 0
        True
    """
    days = scenario.days
    found = np.zeros((len(groups), len(days.arrival_dates)))
    for row, name in enumerate(groups):
        present = 1 - min(scenario.groups[name].shrinkage, 0.999)
        hours = scenario.on_duty[name] * (days.interval_s / 3600) / present
        np.add.at(found[row], days.date_of.ravel(), hours.ravel())
    return found


def default_levels(scenario: Scenario, lever: str, groups: Sequence[str]) -> list[float]:
    """Levels around the plan: seven agents to either side, or 80 % to 120 % of it."""
    if lever != "agents":
        return [round(0.80 + 0.05 * step, 2) for step in range(9)]
    most = int(scenario.on_duty[groups[0]].max())
    return [float(x) for x in range(max(1, most - 7), most + 8)]


def flat(scenario: Scenario, groups: Sequence[str]) -> bool:
    """Whether one number says how many agents are on duty."""
    return len(groups) == 1 and len(np.unique(scenario.on_duty[groups[0]])) == 1


def _staffed(scenario: Scenario, group: str, agents: int) -> Scenario:
    present = 1 - scenario.groups[group].shrinkage
    return scenario.with_staff(group, np.full_like(scenario.on_duty[group], int(np.floor(agents * present + 0.5))))


def _scaled(scenario: Scenario, groups: Sequence[str], factor: float) -> Scenario:
    for name in groups:
        scenario = scenario.with_staff(name, np.floor(scenario.on_duty[name] * factor + 0.5))
    return scenario


def _busier(scenario: Scenario, factor: float) -> Scenario:
    return dataclasses.replace(scenario, expected={q: numbers * factor for q, numbers in scenario.expected.items()})


def _slower(scenario: Scenario, factor: float) -> Scenario:
    changed = {
        name: queue.model_copy(update={"handle_time": queue.handle_time.scaled(factor)})
        for name, queue in scenario.queues.items()
    }
    return dataclasses.replace(scenario, file=scenario.file.model_copy(update={"queues": changed}))


def _as_shares(levels: Sequence[float]) -> str:
    """
    What to write where per cents were written without their sign.

    Examples:
        >>> _as_shares([80, 85, 90])
        '0.8..0.9..0.05 or 80%..90%..5%'
    """
    parts = [levels[0], levels[-1], levels[1] - levels[0]] if len(levels) > 1 else [levels[0]]
    return f"{'..'.join(f'{part / 100:g}' for part in parts)} or {'..'.join(f'{part:g}%' for part in parts)}"


def parsed_levels(text: str) -> list[float]:
    """
    Levels from "16..35", "0.8..1.2..0.1", "80%..120%..10%" or "22, 25, 28".

    Examples:
        >>> parsed_levels("16..18"), parsed_levels("0.8..1.0..0.1"), parsed_levels("80%..100%..10%")
        ([16.0, 17.0, 18.0], [0.8, 0.9, 1.0], [0.8, 0.9, 1.0])
        >>> parsed_levels("22, 25")
        [22.0, 25.0]
    """
    parts = [part.strip() for part in text.split("..")]
    try:
        numbers = [_number(part) for part in (parts if len(parts) > 1 else text.split(","))]
    except ValueError:
        numbers = []
    if len(parts) == 1 and numbers:
        return numbers
    if len(numbers) not in (2, 3):
        raise _none(text)
    first, last, step = (*numbers, 0.01 if parts[0].endswith(PERCENT) else 1.0)[:3]
    if last < first:
        what = f'"{text}" runs backwards: write {"..".join([parts[1], parts[0], *parts[2:]])}'
        raise InputError([Mistake(what, "--levels")])
    if not step > 0 or (last - first) / step > MOST_LEVELS:
        raise _none(text)
    return [round(first + step * i, 10) for i in range(int((last - first) / step + 1e-9) + 1)]


def _none(text: str) -> InputError:
    what = f'"{text}" are no levels: write for example 16..35, 0.8..1.2..0.05, 80%..120%..5% or 22,25,28'
    return InputError([Mistake(what, "--levels")])


def _number(part: str) -> float:
    """A number, or a per cent of the plan."""
    return float(part.strip().rstrip("".join(PERCENT))) / (100 if part.strip().endswith(PERCENT) else 1)

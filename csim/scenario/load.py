"""From a scenario file (or a dict) to a Scenario that is checked, complete and frozen."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.scenario import check
from csim.scenario.calendar import Days, clock_changes, open_days
from csim.scenario.model import Distribution, Factors, ScenarioFile
from csim.scenario.profiles import profile, sample
from csim.schema.located import FromFile, Located, located_data, read_yaml, validated


@dataclass(frozen=True)
class Scenario(FromFile):
    """
    A contact centre, ready to be simulated.

    Attributes:
        file: The validated scenario file.
        days: Its open days.
        expected: Per queue, expected contacts by [day, interval].
        on_duty: Per group, agents on duty by [day, interval], after shrinkage.
        handle_by_time: Per queue that has them, factors on its handle times by [day, interval].
        warnings: Sentences about what is legal but implausible.
        located: The plain data and where each value stands in the file.

    Examples:
        >>> import csim
        >>> scenario = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> scenario.name, float(scenario.expected["calls"].sum()), scenario.days.clock[0]
        ('first-voice', 1810.0, '09:00')
    """

    file: ScenarioFile
    days: Days
    expected: dict[str, np.ndarray]
    on_duty: dict[str, np.ndarray]
    warnings: tuple[str, ...]
    located: Located = field(repr=False)
    folder: str = field(default=".", repr=False)
    handle_by_time: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def queues(self) -> dict:
        return self.file.queues

    @property
    def groups(self) -> dict:
        return self.file.groups

    @property
    def hash(self) -> str:
        """Twelve hex digits that change when anything that matters changes, files included."""
        numbers = [self.expected[q].tolist() for q in self.queues] + [self.on_duty[g].tolist() for g in self.groups]
        numbers += [factors.tolist() for factors in self.handle_by_time.values()]
        laws = [law for q in self.queues.values() for law in (q.handle_time, q.after_work, q.patience)]
        samples = [law.sample if law else None for law in laws]
        text = json.dumps([self.data, numbers, samples], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def vary(self, changes: Mapping[str, Any]) -> Scenario:
        """
        The same scenario with some values changed, by dotted path.

        Examples:
            >>> import csim
            >>> more = csim.load_scenario("scenarios/centres/first_voice.yaml").vary({"groups.team.agents": 30})
            >>> int(more.on_duty["team"].max())
            30
        """
        data = changed(copy.deepcopy(self.data), changes)
        return _resolved(located_data(data, self.source), Path(self.folder))

    def one_day(self, day: int) -> Scenario:
        """Only the open day with this index, with its own volumes and staff."""
        days = dataclasses.replace(
            self.days,
            opens=self.days.opens[day : day + 1],
            offset_s=np.zeros(1),
            length_s=self.days.length_s[day : day + 1],
        )
        return dataclasses.replace(
            self,
            days=days,
            expected={queue: numbers[day : day + 1] for queue, numbers in self.expected.items()},
            on_duty={group: heads[day : day + 1] for group, heads in self.on_duty.items()},
            handle_by_time={queue: rows[day : day + 1] for queue, rows in self.handle_by_time.items()},
        )

    def with_staff(self, group: str, heads: np.ndarray) -> Scenario:
        """Other agents on duty in one group, by [day, interval]."""
        return dataclasses.replace(self, on_duty={**self.on_duty, group: np.asarray(heads, dtype=int)})


def changed(data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a scenario with other values at some dotted paths, changed in place."""
    for dotted_path, value in changes.items():
        *parents, last = _steps(data, dotted_path)
        place = data
        known = data.get(parents[0]) if len(parents) > 1 else None
        if isinstance(known, dict) and parents[0] in ("queues", "groups") and parents[1] not in known:
            what = f'no "{parents[1]}" in {parents[0]}: {did_you_mean(parents[1], known)}'
            raise UnknownNameError([Mistake(what, dotted_path)])
        for step in parents:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise UnknownNameError([Mistake(f'"{step}" holds no keys: set it as a whole', dotted_path)])
        place[last] = value
    return data


def _steps(data: Any, dotted_path: str) -> list[str]:
    """Splits a dotted path; names in the data may themselves hold dots."""
    words, steps = dotted_path.split("."), []
    while words:
        size = next((n for n in range(len(words), 0, -1) if isinstance(data, dict) and ".".join(words[:n]) in data), 1)
        step, words = ".".join(words[:size]), words[size:]
        data = data.get(step) if isinstance(data, dict) else None
        steps.append(step)
    return steps


def load_scenario(source: str | Path | Mapping[str, Any] | Scenario) -> Scenario:
    """
    A checked scenario from a YAML file (`csim: scenario/1`), or from a dict of the same shape.

    Args:
        source: A path, or a mapping with the keys of a scenario file. Volumes, staffing and samples
            that the file names are read now, relative to it (to the current folder for a mapping).

    Returns:
        The scenario; `warnings` holds what is legal but implausible.

    Raises:
        InputError: Every mistake of the file at once, each with line, path and what to write.

    Examples:
        >>> import csim
        >>> scenario = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> list(scenario.queues), list(scenario.groups)
        (['calls'], ['team'])
    """
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return _resolved(located_data(copy.deepcopy(dict(source))), Path())
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise InputError(
            [Mistake(f"{why}: write the path of a scenario file, or start one with csim new", "", str(path))]
        ) from None
    except UnicodeDecodeError:
        raise InputError([Mistake("not UTF-8 text: save the file as UTF-8", "", str(path))]) from None
    return _resolved(read_yaml(text, str(path)), path.parent)


def _resolved(located: Located, folder: Path) -> Scenario:
    file = validated(ScenarioFile, located)
    mistakes = check.references(file, located)
    try:
        days = open_days(file.calendar)
    except (ValueError, OverflowError) as error:
        why = "the calendar runs past the end of time" if isinstance(error, OverflowError) else str(error)
        raise InputError([*mistakes, located.mistake(why, ("calendar",))]) from None
    expected: dict[str, np.ndarray] = {}
    heads: dict[str, np.ndarray] = {}
    queues: dict[str, Any] = {}
    factors: dict[str, np.ndarray] = {}
    for name, queue in file.queues.items():
        if queue.handle_by_time is not None:
            with _Collected(mistakes):
                factors[name] = _factors(
                    queue.handle_by_time, days, folder, located, ("queues", name, "handle_by_time")
                )
        with _Collected(mistakes):
            expected[name] = profile(queue.arrivals, days, folder, located, ("queues", name, "arrivals"))
        laws = {}
        for key in ("handle_time", "after_work", "patience"):
            law = getattr(queue, key)
            if law is not None and law.distribution == "empirical" and law.sample is None:
                with _Collected(mistakes):
                    laws[key] = _with_sample(law, folder, located, ("queues", name, key))
        queues[name] = queue.model_copy(update=laws)
    for name, group in file.groups.items():
        with _Collected(mistakes):
            heads[name] = profile(group.agents, days, folder, located, ("groups", name, "agents"))
    if mistakes:
        raise InputError(mistakes)
    file = file.model_copy(update={"queues": queues})
    on_duty = {name: _on_duty(heads[name], group.shrinkage) for name, group in file.groups.items()}
    warnings = [*clock_changes(days), *check.implausible(file), *_shrinkage_said(file, heads, on_duty)]
    work = {name: numbers * factors.get(name, 1.0) for name, numbers in expected.items()}
    overload, load_warnings = check.load(file, days, work, on_duty, located)
    if overload:
        raise InputError(overload)
    said = tuple(warnings + load_warnings)
    return Scenario(file, days, expected, on_duty, said, located, str(folder), factors)


def _factors(given: Factors, days: Days, folder: Path, located: Located, path: tuple) -> np.ndarray:
    """Factors on handle times, all of them above 0."""
    found = profile(given, days, folder, located, path)
    if (found <= 0).any():
        raise InputError([located.mistake("a factor of 0: contacts would take no time; write for example 0.9", path)])
    return found


class _Collected:
    """Keeps the mistakes of one part and goes on to the next, so that they are reported together."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, InputError):
            self.mistakes.extend(error.mistakes)
            return True
        return False


def _with_sample(law: Distribution, folder: Path, located: Located, path: tuple) -> Distribution:
    return law.with_sample(sample(folder / str(law.file), located, (*path, "file")))


def _on_duty(heads: np.ndarray, shrinkage: float) -> np.ndarray:
    """Heads × (1 − shrinkage), to the nearest whole agent, halves up."""
    return np.floor(np.round(heads * (1 - shrinkage), 9) + 0.5).astype(int)


def _shrinkage_said(file: ScenarioFile, heads: dict, on_duty: dict) -> list[str]:
    return [
        f"groups.{name}: shrinkage {group.shrinkage:.0%}: {heads[name].max():.0f} heads at the peak are "
        f"{math.floor(heads[name].max() * (1 - group.shrinkage) * 10) / 10:g} → {on_duty[name].max()} on duty "
        "(nearest whole agent, halves up)"
        for name, group in file.groups.items()
        if group.shrinkage
    ]

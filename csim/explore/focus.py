"""What is simulated at every move: the whole calendar or one day of it, as often as an instant allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from csim.errors import InputError, Mistake, did_you_mean
from csim.experiment.simulate import simulate
from csim.experiment.simulation import Simulation
from csim.explore.knobs import Changes, Knob, knobs, moved
from csim.scenario.load import Scenario

AT_ONCE = 60_000  # contacts that the compiled engine plays and counts in a tenth of a second
AT_MOST = 150_000  # with the volume as high as it goes
# All that is shown, and so all that is measured.
KPIS = ("service_level", "abandonment_rate", "wait_all", "occupancy", "concurrency", "mean_response")
LEAST, MOST = 3, 20  # replications
WHOLE = ""  # instead of a date: all days of the calendar


@dataclass(frozen=True)
class Focus:
    """
    A scenario, which of its days are played, how often, and with what luck.

    Attributes:
        date: The open day that is played ("2026-11-11"), or "" for the whole calendar.

    Examples:
        >>> import csim
        >>> month = Focus.of(csim.load_scenario("scenarios/centres/double_11.yaml"))
        >>> month.date, month.replications
        ('2026-11-11', 3)
        >>> sim = Focus.of(csim.load_scenario("scenarios/centres/first_voice.yaml")).play({"volume": 1.1})
        >>> sim.replications, sim.scenario.expected["calls"].sum().round()
        (20, np.float64(1991.0))
    """

    scenario: Scenario
    date: str
    replications: int
    seed: int

    @classmethod
    def of(cls, scenario: Scenario, date: str | None = None, replications: int | None = None, seed: int = 1) -> Focus:
        """
        As much as an instant allows: the whole calendar if it can be played five times, else its busiest day.

        Raises:
            InputError: A day on which the centre is not open, a scenario whose arrays are not those of its file.
        """
        _as_its_file(scenario)
        daily = np.sum([numbers.sum(1) for numbers in scenario.expected.values()], axis=0)
        dates = open_dates(scenario)
        if date is None:
            small = len(dates) == 1 or daily.sum() * 5 <= AT_ONCE
            date = WHOLE if small else dates[int(daily.argmax())]
        if date not in (WHOLE, *dates):
            raise InputError([Mistake(f"not open on {date}: {did_you_mean(date, dates)}", "date")])
        contacts = daily.sum() if date == WHOLE else daily[dates.index(date)]
        fitting = int(np.clip(AT_ONCE // max(contacts, 1), LEAST, MOST))
        return cls(scenario, date, fitting if replications is None else replications, seed)

    @cached_property
    def changes(self) -> Changes:
        """The changes of the calendar that leave one day of it."""
        if self.date == WHOLE:
            return {}
        clock = self.scenario.file.calendar.start.time().isoformat()
        return {"calendar.start": f"{self.date}T{clock}", "calendar.days": 1}

    @cached_property
    def knobs(self) -> list[Knob]:
        """What can be moved on the days that are played."""
        played = self.scenario.vary(self.changes)
        contacts = sum(float(numbers.sum()) for numbers in played.expected.values()) * self.replications
        return knobs(played, busiest=float(np.clip(AT_MOST / max(contacts, 1.0) // 0.25 * 0.25, 1.5, 3.0)))

    def moved(self, positions: dict[str, float]) -> Changes:
        """What the positions of the knobs change in the file."""
        return moved(self.knobs, positions)

    def varied(self, positions: dict[str, float]) -> Scenario:
        """The scenario that is played."""
        return self.scenario.vary(self.changes | self.moved(positions))

    def play(self, positions: dict[str, float]) -> Simulation:
        """`csim.simulate(scenario.vary(…), replications, seed)` of what is shown: the same luck at every move."""
        return simulate(self.varied(positions), self.replications, self.seed, kpis=KPIS)


def open_dates(scenario: Scenario) -> list[str]:
    """The dates on which the centre opens."""
    return [str(date) for date in scenario.days.dates]


def _as_its_file(scenario: Scenario) -> None:
    """Refuses arrays that were set in Python: sliders change what the file says, and would lose them."""
    again = scenario.vary({})
    arrays: Any = ((scenario.expected, again.expected), (scenario.on_duty, again.on_duty))
    for mine, theirs in arrays:
        for name, numbers in mine.items():
            if numbers.shape != theirs[name].shape or (numbers != theirs[name]).any():
                what = f'"{name}" is not as its file says (with_staff, one_day): sliders move files, write it into one'
                raise InputError([Mistake(what, "scenario")])

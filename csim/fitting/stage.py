"""Days that a fit has not seen, played with what they lend and what the fit says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.fitting.described import scenario_data
from csim.fitting.held_out import split
from csim.fitting.observed import Observed, observed
from csim.fitting.staffing import whole_agents
from csim.fitting.tally import Tally, simulated
from csim.scenario.load import Scenario, load_scenario
from csim.workload.replay import Trace, on_dates

if TYPE_CHECKING:
    from csim.fitting.result import Fit

VOLUMES, STAFFING, HANDLE_TIME = "volumes", "staffing", "handle_time"
OWN_LAW, OWN_PATIENCE = "handle_law", "patience"
SAME_DAY = 0.8  # of the contacts of a day, for it to be the same one
TAKES = (VOLUMES, STAFFING, HANDLE_TIME)
# from everything of those days to nothing of them: what changes between two lines is the error of one part
CHAIN: tuple[tuple[str, ...], ...] = (
    (VOLUMES, STAFFING, HANDLE_TIME, OWN_PATIENCE),
    (VOLUMES, STAFFING, HANDLE_TIME),
    (VOLUMES, STAFFING, OWN_LAW),
    (VOLUMES, STAFFING),
    (VOLUMES,),
    (),
)


def those_days(fit: Fit, contacts: pd.DataFrame) -> tuple[Observed, dict[str, int]]:
    """
    The days to try the fit on, by its hours, intervals and weekdays; queues it does not know, and days it was made on,
    are left out, counted.

    Raises:
        InputError: Nothing is left.
    """
    known = fit.seen
    left_out: dict[str, int] = {}
    if fit.weekdays is not None:
        contacts, _ = split(contacts, fit.weekdays, None)
    strange = ~contacts["queue"].astype(str).isin(known.queues)
    if strange.all():
        found = ", ".join(map(str, contacts["queue"].unique()[:3]))
        what = f"the days to try the fit on have other queues ({found}; the fit knows {', '.join(known.queues)})"
        raise InputError([Mistake(what, "queue")])
    seen = observed(contacts[~strange], known.interval_s, (known.start_s, known.intervals))
    again = _made_on(known, seen)
    if again.all():
        what = f"the fit was made on these days ({min(seen.dates)} to {max(seen.dates)}): take a log of other days, or "
        raise InputError([Mistake(what + 'keep some of them back (--holdout "25%")', "holdout_log")])
    left_out |= {"queue": int(strange.sum()), "seen": int(again[seen.day].sum()), **seen.left_out}
    if again.any():
        seen = observed(seen.frame[~again[seen.day]], known.interval_s, (known.start_s, known.intervals))
    return seen, {reason: count for reason, count in left_out.items() if count}


def _made_on(known: Observed, seen: Observed) -> np.ndarray:
    """[day of *seen*] Whether nearly all its contacts stand in the fit's log, too; a date alone may be chance."""
    if not {*known.dates} & {*seen.dates}:
        return np.zeros(seen.days, bool)
    there, these = (_to_the_second(log.frame) for log in (known, seen))
    alike = np.bincount(seen.day, these.isin(there), minlength=seen.days)
    return alike >= SAME_DAY * np.bincount(seen.day, minlength=seen.days)


def _to_the_second(contacts: pd.DataFrame) -> pd.MultiIndex:
    """Arrival and wait: by them a contact is known again, whatever its id, and whether or not fractions were kept."""
    arrival = contacts["arrival"].dt.tz_convert("UTC").dt.floor("s")
    return pd.MultiIndex.from_arrays([arrival, np.floor(contacts["wait_s"].to_numpy(float))])


@dataclass(frozen=True)
class Stage:
    """
    Plays the days of *seen*.

    Attributes:
        fit: What is tried. own: The same fit made on those days, for what they lend.
    """

    fit: Fit
    own: Fit
    seen: Observed
    replications: int
    seed: int

    @cached_property
    def scenario(self) -> Scenario:
        """The fit's scenario on those days."""
        return on_dates(load_scenario(scenario_data(self.fit, every_weekday=True)), list(self.seen.dates))

    @property
    def within_s(self) -> np.ndarray:
        """[queue of the scenario] Promised answer times."""
        return np.array([self.fit.within_s[name] for name in self.scenario.queues])

    def play(self, lent: tuple[str, ...], heads: np.ndarray | None = None) -> Tally:
        """
        Counts of all replications, by queue of `seen`.

        Args:
            lent: What those days lend: see `CHAIN`.
            heads: [group, day, interval] another reading of their staffing.
        """
        scenario = self.with_laws(lent)
        if STAFFING in lent:
            scenario = self.with_their_staff(scenario, self.own.staffing.heads if heads is None else heads)
        trace = None
        if VOLUMES in lent:
            trace = Trace.of(scenario, self.seen.frame)
            trace = trace if HANDLE_TIME in lent else trace.with_drawn_work()
            if STAFFING in lent:  # placing the log on its dates read the staffing of the file again
                trace = trace.on(scenario)
        played = simulated(scenario, trace, self.replications, self.seed, self.within_s)
        order = [list(scenario.queues).index(name) for name in self.seen.queues]
        return Tally(played.sums[:, order])

    def with_laws(self, lent: tuple[str, ...]) -> Scenario:
        """The fit's scenario with the laws that those days lend."""
        changes: dict[str, Any] = {}
        for name in self.seen.queues:
            if HANDLE_TIME in lent or OWN_LAW in lent:
                changes[f"queues.{name}.handle_time"] = self.own.handle[name].written()
                factors = self.own.handle_by_time.get(name)
                given = None if factors is None else {"per_interval": factors.factors.tolist()}
                changes[f"queues.{name}.handle_by_time"] = given
                if name in self.own.after_work:
                    changes[f"queues.{name}.after_work"] = self.own.after_work[name].written()
            if OWN_PATIENCE in lent:
                changes[f"queues.{name}.patience"] = self.own.patience[name].written()
                changes[f"queues.{name}.balk"] = self.own.patience[name].balk.value
        return self.scenario.vary(changes) if changes else self.scenario

    def with_their_staff(self, scenario: Scenario, heads: np.ndarray) -> Scenario:
        """A scenario with the agents that were there on those days; a group that was not there has none."""
        for name in scenario.groups:
            rows = np.zeros((self.seen.days, self.seen.intervals), int)
            if name in self.own.groups:
                number = self.own.groups.index(name)
                rows = np.stack([whole_agents(day) for day in heads[number]])
            scenario = scenario.with_staff(name, rows)
        return scenario

    def mean_handle_s(self, lent: tuple[str, ...]) -> float:
        """Mean handle time that is simulated, s; contacts weigh the queues."""
        source = self.own if HANDLE_TIME in lent else self.fit
        weights = self.seen.counts.sum((1, 2))
        means = np.array([source.handle[name].parameters["mean_s"].value for name in self.seen.queues])
        return float(weights @ means / weights.sum())

"""What a fit found: the scenario, every parameter with its interval, and how well each law fits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.notes import Note
from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.fitting.arrivals import Arrivals, as_table
from csim.fitting.by_time import ByTime
from csim.fitting.few import parameters_told, special_days_told, volumes_told
from csim.fitting.handle import HandleFit
from csim.fitting.observed import Observed
from csim.fitting.pace import PaceFit
from csim.fitting.patience import PatienceFit
from csim.fitting.returns import Returns
from csim.fitting.sample import Interval
from csim.fitting.staffing import Staffing
from csim.kpi.small import LEAST, is_small
from csim.scenario.load import Scenario, load_scenario

if TYPE_CHECKING:
    from csim.fitting.backtest import Backtest

PARTS = (
    "arrivals",
    "day_factor",
    "handle_time",
    "handle_by_time",
    "after_work",
    "patience",
    "staffing",
    "pace",
    "returns",
)


@dataclass(frozen=True)
class Fit:
    """
    A scenario calibrated on a log.

    Attributes:
        name: Of the scenario. seen: The log as the fits saw it.
        arrivals, handle, handle_by_time,
        after_work, patience, staffing, pace, returns: What was found, by part (and queue, or group).
        chats: Queues whose contacts are chats. within_s: Promised answer time by queue.
        notes: What has to be said.
        held_out: Contacts kept back for `backtest`. weekdays: The only ones asked for; None: all.
        source: Where the log came from.
        least: The smallest group of contacts of which anything is said; 1 says all.

    Examples:
        Five simulated days of a centre in which calls take 240 s and people wait three minutes:

        >>> import csim
        >>> scenario = csim.load_scenario("scenarios/centres/first_voice.yaml").vary({"calendar.days": 5})
        >>> fit = csim.fit(csim.simulate(scenario, 1, seed=7, keep_contacts=True).contacts, interval="30 min")
        >>> list(fit.parameters["part"].unique())
        ['arrivals', 'day_factor', 'handle_time', 'after_work', 'patience', 'staffing']
        >>> fit.patience["calls"].written()["distribution"]
        'exponential'
    """

    name: str
    seen: Observed = field(repr=False)
    arrivals: Arrivals = field(repr=False)
    handle: dict[str, HandleFit] = field(repr=False)
    handle_by_time: dict[str, ByTime] = field(repr=False)
    after_work: dict[str, HandleFit] = field(repr=False)
    patience: dict[str, PatienceFit] = field(repr=False)
    staffing: Staffing = field(repr=False)
    pace: dict[str, PaceFit] = field(repr=False)
    chats: tuple[str, ...]
    returns: Returns | None = field(repr=False)
    within_s: dict[str, float]
    notes: tuple[Note, ...]
    held_out: pd.DataFrame | None = field(repr=False)
    weekdays: tuple[str, ...] | None
    seed: int
    source: dict[str, Any]
    absent_after_s: float
    least: int = field(default=1, repr=False)

    def for_vendor(self, least: int = LEAST) -> Fit:
        """
        The copy that a vendor may read: nothing of a queue, and no day, of fewer than *least* contacts.

        That holds for its sentences, its parameters, its volumes by interval, its special days and its figures
        (`suppress_small`). Staffing and pace stay: they are about the vendor's own people.
        """
        return replace(self, least=least)

    @property
    def told(self) -> tuple[str, ...]:
        """The queues of which something is said: all, but in a vendor's copy those of a few contacts."""
        sizes = zip(self.seen.queues, self.seen.counts.sum((1, 2)), strict=True)
        return tuple(queue for queue, size in sizes if not is_small(size, self.least))

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups of agents; one, "agents", where the log names none."""
        return self.seen.groups or ("agents",)

    @cached_property
    def scenario(self) -> Scenario:
        """The fitted centre over the four weeks after the log."""
        from csim.fitting.described import scenario_data

        return load_scenario(scenario_data(self))

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """part, of (queue or group), parameter, value, low, high, unit: every parameter with its 95 % interval."""
        rows = [*self._arrival_rows()]
        for part, fits in (("handle_time", self.handle), ("after_work", self.after_work)):
            for queue, found in fits.items():
                rows += [_row(part, queue, key, value) for key, value in found.parameters.items()]
        for queue, law in self.patience.items():
            rows += [_row("patience", queue, key, value) for key, value in law.parameters.items()]
            rows.append(_row("patience", queue, "balk", law.balk))
        rows += [_row("staffing", group, "agent_hours_per_day", hours) for group, hours in self.staffing.hours.items()]
        for group, pace in self.pace.items():
            rows += [_row("pace", group, f"pace_{k}", step) for k, step in enumerate(pace.pace, 1) if k > 1]
        if self.returns is not None:
            rows += [
                _row("returns", outcome, f"within_{days}_days", share)
                for (days, outcome), share in self.returns.within.items()
            ]
        table = pd.DataFrame(rows, columns=["part", "of", "parameter", "value", "low", "high", "unit"])
        return parameters_told(self, table)

    def _arrival_rows(self) -> list[tuple]:
        rows = [
            _row("arrivals", queue, f"per_day_{weekday}", value)
            for (queue, weekday), value in self.arrivals.per_day.items()
            if queue == "all" or len(self.seen.queues) > 1
        ]
        names = ["all"] if len(self.seen.queues) == 1 else list(self.arrivals.day_cv)
        return rows + [_row("day_factor", name, "cv", self.arrivals.day_cv[name]) for name in names]

    def value(self, part: str, parameter: str, of: str | None = None) -> float:
        """
        One parameter's value.

        Raises:
            InputError: A name that is not in `parameters`, or one that several queues have.
        """
        table = self.parameters
        mine = table[(table["part"] == part) & (table["parameter"] == parameter)]
        if of is not None:
            mine = mine[mine["of"] == of]
        if len(mine) != 1:
            known = [f"{row.part} {row.parameter} ({row.of})" for row in table.itertuples()]
            what = f'"{part} {parameter}" is no single parameter: {did_you_mean(f"{part} {parameter}", known)}'
            raise UnknownNameError([Mistake(what, "parameter")])
        return float(mine["value"].iloc[0])

    @property
    def volumes(self) -> pd.DataFrame:
        """queue, weekday, time, expected, low, high."""
        return volumes_told(self, as_table(self.arrivals, self.seen))

    @property
    def special_days(self) -> pd.DataFrame:
        """date, why, contacts, usual: the days that are not like others of their weekday."""
        columns = ["date", "why", "contacts", "usual"]
        return special_days_told(self, pd.DataFrame(self.arrivals.special, columns=columns))

    @property
    def provenance(self) -> dict[str, Any]:
        """What it takes to get the same numbers again."""
        from csim import __version__

        dates = self.seen.dates
        return {
            "csim": __version__, **self.source, "rows": len(self.seen), "days": self.seen.days,
            "from": str(min(dates)), "to": str(max(dates)), "seed": self.seed, "scenario_hash": self.scenario.hash,
        }  # fmt: skip

    def backtest(
        self, contacts: pd.DataFrame | None = None, takes: tuple[str, ...] = ("volumes", "staffing"),
        states: pd.DataFrame | None = None, replications: int = 40, seed: int = 1,
    ) -> Backtest:  # fmt: skip
        """
        How well the fit reproduces days it has not seen.

        Args:
            contacts: Those days; what `holdout` kept back when not given.
            takes: What those days lend: "volumes", "staffing", "handle_time". Everything else is the fit's.
            states: Agent states of those days, where there are any.
        """
        from csim.fitting.backtest import backtest

        held_out = self.held_out if contacts is None else contacts
        if held_out is None:
            what = "no days were kept back: fit with holdout=…, or give the contacts of other days"
            raise InputError([Mistake(what, "holdout")])
        return backtest(self, held_out, takes, states, replications, seed)

    def write(self, path: str | Path, lang: str = "en") -> list[Path]:
        """Writes the scenario, its provenance in comments, and the CSV files it names; returns the files."""
        from csim.fitting.write import write

        return write(self, Path(path), lang)

    def summary(self, lang: str = "en") -> str:
        """The answer in a few sentences."""
        from csim.fitting.telling import FitTelling

        return "\n".join(FitTelling(self, lang).sentences())

    def plot(self, what: str = "arrivals", of: str | None = None, lang: str = "en") -> Any:
        """A figure of one part (arrivals, day_factor, handle_time, after_work, patience, staffing, pace): its Axes."""
        from csim.fitting.picture import figure

        if what not in PARTS:
            raise UnknownNameError([Mistake(f'no figure "{what}": {did_you_mean(what, PARTS)}', "what")])
        return figure(self, what, of, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of parameters."""
        return self.parameters

    def to_excel(self, path: str | Path) -> Path:
        """A workbook with the parameters, the volumes, the staffing and the special days."""
        from csim.fitting.tables import to_excel

        return to_excel(self, Path(path))

    def to_html(self, lang: str = "en") -> str:
        """The sentences, then every parameter with its interval."""
        from csim.fitting.telling import FitTelling

        return FitTelling(self, lang).html()

    def _repr_html_(self) -> str:
        return self.to_html()


def _row(part: str, of: str, parameter: str, found: Interval) -> tuple:
    unit = "s" if parameter.endswith("_s") and not parameter.startswith("surviving") else "share"
    if part in ("arrivals", "staffing"):
        unit = "count"
    if parameter in ("weibull_shape", "lognormal_sigma") or (parameter == "cv" and part != "day_factor"):
        unit = "ratio"
    return part, of, parameter, found.value, found.low, found.high, unit

"""A fit tried on days it has not seen: what was real beside what is simulated, and where the difference comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake, did_you_mean
from csim.fitting.observed import Observed
from csim.fitting.stage import CHAIN, TAKES, Stage, those_days
from csim.fitting.tally import KPIS, Tally, real
from csim.kpi.small import LEAST, is_small, suppress_small
from csim.scenario.model import WEEKDAYS

if TYPE_CHECKING:
    from csim.fitting.result import Fit

SAID = ("real", "simulated", "low", "high", "error")


@dataclass(frozen=True)
class Backtest:
    """
    Days that a fit has not seen, real and simulated.

    Attributes:
        fit: What is tried. own: The same fit made on those days. seen: Those days. takes: What they lent.
        truth: What happened, and by replication what was simulated: for the takes asked for, and by step of `CHAIN`.
        strict, mild: The simulation with the staffing read more strictly, and more mildly; None where it was not read.
        law_mean_s: Mean handle time that is simulated.
        left_out: Contacts and days that could not be used, by reason.
        least: The smallest group of contacts of which anything is said; 1 says all.
    """

    fit: Fit
    own: Fit = field(repr=False)
    seen: Observed = field(repr=False)
    takes: tuple[str, ...]
    truth: Tally = field(repr=False)
    simulated: Tally = field(repr=False)
    steps: dict[tuple[str, ...], Tally] = field(repr=False)
    strict: Tally | None = field(repr=False)
    mild: Tally | None = field(repr=False)
    law_mean_s: float
    replications: int
    seed: int
    left_out: dict[str, int]
    least: int = field(default=1, repr=False)

    def for_vendor(self, least: int = LEAST) -> Backtest:
        """The copy that a vendor may read: no day, hour or queue of fewer than *least* contacts (`suppress_small`)."""
        return replace(self, fit=self.fit.for_vendor(least), own=self.own.for_vendor(least), least=least)

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """kpi, real, simulated, low, high, error: all days together; low and high are where 95 % of such days lie."""
        return self._table(lambda tally: tally.sums.sum((1, 2, 3))[:, None], {}).drop(columns="offered")

    @cached_property
    def by_interval(self) -> pd.DataFrame:
        """time, offered, kpi, real, simulated, low, high, error, inside."""
        return self._table(lambda tally: tally.sums.sum((1, 2)), {"time": self.seen.clock})

    @cached_property
    def by_day(self) -> pd.DataFrame:
        """date, offered, kpi, real, simulated, low, high, error, inside."""
        return self._table(lambda tally: tally.sums.sum((1, 3)), {"date": [str(date) for date in self.seen.dates]})

    @cached_property
    def by_weekday(self) -> pd.DataFrame:
        """weekday, offered, kpi, real, simulated, low, high, error, inside."""
        present = sorted(set(self.seen.weekday.tolist()))
        mine = np.array([self.seen.weekday == number for number in present], dtype=float)
        names = [WEEKDAYS[number] for number in present]
        return self._table(lambda tally: np.einsum("wd,rdk->rwk", mine, tally.sums.sum((1, 3))), {"weekday": names})

    @cached_property
    def by_queue(self) -> pd.DataFrame:
        """queue, offered, kpi, real, simulated, low, high, error, inside."""
        return self._table(lambda tally: tally.sums.sum((2, 3)), {"queue": list(self.seen.queues)})

    @cached_property
    def decomposition(self) -> pd.DataFrame:
        """step (what those days lent), and of each KPI the error (simulated − real) and what the step added to it."""
        rows, before = [], dict.fromkeys(KPIS, 0.0)
        for lent, tally in self.steps.items():
            row: dict[str, Any] = {"step": "+".join(lent) or "nothing"}
            for kpi in KPIS:
                error = float(tally.pooled(kpi).mean() - self.truth.pooled(kpi)[0])
                row |= {kpi: error, f"{kpi}_added": error - before[kpi]}
                before[kpi] = error
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def coverage(self) -> dict[str, tuple[int, int]]:
        """How many intervals, and days, of thirty contacts at least have their real service level within the band."""
        found = {}
        for name, table in (("interval", self.by_interval), ("day", self.by_day)):
            mine = table[(table["kpi"] == "service_level") & (table["offered"] >= 30)]
            found[name] = (int(mine["inside"].sum()), len(mine))
        return found

    def error(self, kpi: str) -> float:
        """Simulated − real, all days together."""
        return float(self.pooled.set_index("kpi")["error"][kpi])

    @property
    def provenance(self) -> dict[str, Any]:
        """What it takes to get the same numbers again."""
        dates = self.seen.dates
        return self.fit.provenance | {
            "held_out_from": str(min(dates)), "held_out_to": str(max(dates)), "held_out_days": len(dates),
            "held_out_rows": len(self.seen), "takes": ", ".join(self.takes) or "nothing",
            "replications": self.replications, "backtest_seed": self.seed,
        }  # fmt: skip

    def _table(self, sums: Any, keys: dict[str, list[str]]) -> pd.DataFrame:
        from scipy.special import stdtrit

        truth, played = sums(self.truth), sums(self.simulated)
        name, labels = next(iter(keys.items()), ("", [""]))
        parts = []
        for kpi in KPIS:
            was, values = Tally.ratio(truth, kpi)[0], Tally.ratio(played, kpi)
            mean, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
            half = float(stdtrit(len(values) - 1, 0.975)) * spread * np.sqrt(1 + 1 / len(values))
            low = np.maximum(mean - half, 0.0)
            high = mean + half if kpi == "wait_all" else np.minimum(mean + half, 1.0)
            table = pd.DataFrame({name: labels} if name else {})
            table = table.assign(
                offered=truth[0, :, 0], kpi=kpi, real=was, simulated=mean, low=low, high=high, error=mean - was,
                inside=(was >= low - 1e-9) & (was <= high + 1e-9),
            )  # fmt: skip
            parts.append(table)
        found = pd.concat(parts, ignore_index=True)
        few = is_small(found["offered"], self.least)
        return suppress_small(found.assign(inside=found["inside"] & ~few), self.least, "offered", SAID, [name])

    def summary(self, lang: str = "en") -> str:
        """The verdict in words."""
        from csim.fitting.verdict import Verdict

        return Verdict(self, lang).text()

    def plot(self, *, lang: str = "en") -> Any:
        """Real against simulated by interval: its Axes."""
        from csim.fitting.picture import real_against_simulated

        return real_against_simulated(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table by interval."""
        return self.by_interval

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: pooled, by interval, by day, by weekday, by queue, and where the error comes from."""
        from csim.fitting.tables import backtest_to_excel

        return backtest_to_excel(self, Path(path))

    def to_html(self, lang: str = "en") -> str:
        """The verdict, then real against simulated, and where the error comes from."""
        from csim.fitting.verdict import Verdict

        return Verdict(self, lang).html()

    def _repr_html_(self) -> str:
        return self.to_html()


def backtest(
    fit: Fit, contacts: pd.DataFrame, takes: Iterable[str] = ("volumes", "staffing"),
    states: pd.DataFrame | None = None, replications: int = 40, seed: int = 1,
) -> Backtest:  # fmt: skip
    """
    Simulates days that the fit has not seen, and compares.

    With "volumes" the contacts arrive when they did (a replay), with "staffing" as many agents are there as are read
    from those days, with "handle_time" every answered contact takes as long as it did; everything else is the fit's.

    Raises:
        InputError: A part nobody can lend, days of weekdays that the fit never saw, fewer than two replications.
    """
    from csim.fitting.fit import fit as fit_of

    given = tuple(takes)
    wrong = [part for part in given if part not in TAKES]
    if wrong:
        raise InputError([Mistake(f'"{part}" cannot be taken: {did_you_mean(part, TAKES)}', "takes") for part in wrong])
    if replications < 2:
        raise InputError([Mistake(f"replications {replications}: write 2 or more", "replications")])
    seen, left_out = those_days(fit, contacts)
    own = fit_of(
        seen.frame, states, name=fit.name, interval=fit.seen.interval_s, special="keep", seed=seed,
        absent_after=fit.absent_after_s, hours=(fit.seen.start_s, fit.seen.intervals),
    )  # fmt: skip
    stage = Stage(fit, own, seen, replications, seed)
    steps = {lent: stage.play(lent) for lent in CHAIN}
    asked = tuple(part for part in TAKES if part in given)
    strict = mild = None
    if "staffing" in asked and own.staffing.source == "calls":
        strict, mild = (stage.play(asked, heads) for heads in (own.staffing.low, own.staffing.high))
    return Backtest(
        fit, own, seen, asked, real(seen, fit.within_s), steps[asked] if asked in steps else stage.play(asked), steps,
        strict, mild, stage.mean_handle_s(asked), replications, seed, left_out,
    )  # fmt: skip

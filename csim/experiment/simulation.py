"""The result of a simulation: tables at every level, from sums that pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.experiment.counting import WAIT_EDGES, View
from csim.experiment.intervals import Moments, bounds, mean_interval
from csim.kpi.catalogue import Catalogue
from csim.kpi.sums import Measures
from csim.kpi.table import empty_reason, is_share, ordered, ratio_parts, unmeasured
from csim.scenario.load import Scenario

ALL = "all"
ONE = "one replication gives no interval"


@dataclass(frozen=True)
class Simulation:
    """
    Replications of a scenario, pooled.

    Every table is tidy: keys, `kpi`, `value`, and where replications allow it `ci_low` and `ci_high` (95 %).
    `queue` is a name or "all"; measures of agents stand under "all", and by group in `by_group`.

    Examples:
        >>> import csim
        >>> sim = csim.simulate("scenarios/centres/first_voice.yaml", replications=3, seed=7)
        >>> list(sim.kpis.columns)
        ['queue', 'kpi', 'value', 'ci_low', 'ci_high', 'unit', 'replications', 'why']
        >>> sim.by_interval["time"].iloc[0], sim.replications
        ('09:00', 3)
    """

    scenario: Scenario
    seed: int
    engine: str
    engine_why: str
    catalogue: Catalogue
    measures: Measures
    views: tuple[View, ...]
    offered: int
    day_sums: np.ndarray = field(repr=False)  # [replication, date, view, formula]
    group_sums: np.ndarray = field(repr=False)  # [replication, group, formula]
    specials: np.ndarray = field(repr=False)  # [replication, window, view, special KPI]
    group_specials: np.ndarray = field(repr=False)  # [replication, group, special KPI]
    interval_moments: Moments = field(repr=False)  # over [day, interval, view, KPI]
    group_interval_moments: Moments = field(repr=False)  # over [day, interval, group, formula over states]
    waits_within: np.ndarray = field(repr=False)  # [view, answered or abandoned, edge]
    kept_contacts: tuple = field(repr=False)
    kept_states: tuple = field(repr=False)

    @property
    def replications(self) -> int:
        return len(self.day_sums)

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """queue, kpi, value, ci_low, ci_high, unit, replications, why: ratios of sums over all replications."""
        return self._pooled([(queue or ALL, {}) for queue, vendor in self.views if vendor is None], self._queue_rows())

    @cached_property
    def by_vendor(self) -> pd.DataFrame:
        """The same by vendor: vendor, queue, kpi, value, ci_low, ci_high, unit, replications."""
        rows = [i for i, (_, vendor) in enumerate(self.views) if vendor is not None]
        keys = [(self.views[i][0] or ALL, {"vendor": self.views[i][1]}) for i in rows]
        return self._pooled(keys, rows) if rows else self.kpis.head(0).assign(vendor=[])

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """Measures of each group's agents, and of the contacts they answered."""
        moments = Moments()
        for sums in self.group_sums:
            moments.add(*ratio_parts(self.measures, sums))
        special = self.group_specials
        keys = [(ALL, {"group": group}) for group in self.scenario.groups]
        table = self._table(keys, *moments.ratio(), *mean_interval(special))
        # a group answers contacts; those it lost belong to no group
        lost = {"abandoned", "blocked", "open", "offered", "queued", "judged", "counted", "met", "in_time", "quick"}
        whole = {kpi.id for kpi in self.measures.kpis if not kpi.columns() & lost}
        return table[
            table["kpi"].isin(whole | {k.id for k in self.measures.special if k.over == "agent_states"})
        ].reset_index(drop=True)

    @cached_property
    def by_replication(self) -> pd.DataFrame:
        """replication, queue, kpi, value, numerator, denominator."""
        return self._each(self.day_sums.sum(1), [0], None)

    @cached_property
    def by_month(self) -> pd.DataFrame:
        """replication, month, queue, vendor, kpi, value, numerator, denominator, sample: what settlement takes."""
        which = np.array([date[:7] for date in self.scenario.days.arrival_dates])
        months = list(dict.fromkeys(which.tolist()))
        sums = np.stack([self.day_sums[:, which == month].sum(1) for month in months], axis=1)
        return self._each(sums, list(range(1, len(months) + 1)), ("month", months), vendors=True, sample=True)

    @cached_property
    def by_day(self) -> pd.DataFrame:
        """replication, day, date, queue, vendor, kpi, value, numerator, denominator, sample."""
        dates = self.scenario.days.arrival_dates
        first = 1 + len({date[:7] for date in dates})
        windows = list(range(first, first + len(dates)))
        table = self._each(self.day_sums, windows, ("date", dates), vendors=True, sample=True)
        table.insert(1, "day", table["date"].map({date: i for i, date in enumerate(dates, 1)}))
        return table

    @cached_property
    def by_interval(self) -> pd.DataFrame:
        """
        day, date, time, queue, vendor, kpi, value, ci_low, ci_high; numerator and denominator are means of a
        replication.

        Contacts belong to the interval in which they arrived, agents' time to the clock. vendor "" is all of them.
        """
        value, half = self.interval_moments.ratio()
        low, high = bounds(value, half, is_share(self.measures.kpis))
        keys = self._interval_keys() | {
            "view": list(range(len(self.views))),
            "kpi": [kpi.id for kpi in self.measures.kpis],
        }
        count = self.interval_moments.count
        table = pd.DataFrame(
            {
                "value": value.ravel(), "ci_low": low.ravel(), "ci_high": high.ravel(),
                "numerator": np.asarray(self.interval_moments.n).ravel() / count,
                "denominator": np.asarray(self.interval_moments.d).ravel() / count,
            },
            index=pd.MultiIndex.from_product(keys.values(), names=keys),
        ).reset_index()  # fmt: skip
        return self._on_the_clock(self._named_views(table[~np.isnan(table["denominator"])]))

    def _interval_keys(self) -> dict[str, list]:
        return {"day": list(range(len(self.scenario.days))), "time": list(range(self.scenario.days.intervals))}

    def _on_the_clock(self, table: pd.DataFrame) -> pd.DataFrame:
        """Day and interval as a person reads them: the open day from 1, the calendar date and the local time."""
        days = self.scenario.days
        date = np.array(days.arrival_dates)[days.date_of[table["day"], table["time"]]]
        table = table.assign(day=table["day"] + 1, time=np.array(days.clock)[table["time"]])
        table.insert(1, "date", date)
        return table

    @cached_property
    def occupancy_by_interval(self) -> pd.DataFrame:
        """day, date, time, group, occupancy, slot_occupancy (shares) and agents (mean number logged in)."""
        at = {text: i for i, text in enumerate(self.measures.states)}
        sums = np.asarray(self.group_interval_moments.n)
        with np.errstate(invalid="ignore", divide="ignore"):
            occupancy = sums[..., at["busy"]] / sums[..., at["logged_in"]]
            slots = sums[..., at["slot_time"]] / sums[..., at["slots_in"]]
        agents = sums[..., at["logged_in"]] / self.replications / self.scenario.days.interval_s
        keys = self._interval_keys() | {"group": list(self.scenario.groups)}
        index = pd.MultiIndex.from_product(keys.values(), names=keys)
        shares = {"occupancy": occupancy.ravel(), "slot_occupancy": slots.ravel(), "agents": agents.ravel()}
        return self._on_the_clock(pd.DataFrame(shares, index=index).reset_index())

    @cached_property
    def waits(self) -> pd.DataFrame:
        """queue, vendor, within_s, answered, abandoned: shares of offered that were, within so many seconds."""
        at = next(i for i, kpi in enumerate(self.measures.kpis) if kpi.id == "answer_rate")
        offered = self.day_sums.sum((0, 1))[:, self.measures.denominator[at]]
        rows = []
        for (queue, vendor), counts, whole in zip(self.views, self.waits_within, offered, strict=True):
            shares = {"answered": counts[0] / whole, "abandoned": counts[1] / whole} if whole else {}
            rows.append(pd.DataFrame({"queue": queue or ALL, "vendor": vendor or "", "within_s": WAIT_EDGES} | shares))
        return pd.concat(rows, ignore_index=True)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """The contact log of all replications, when kept."""
        return _kept(self.kept_contacts)

    @cached_property
    def agent_states(self) -> pd.DataFrame:
        """The agent states of all replications, when kept."""
        return _kept(self.kept_states)

    @property
    def provenance(self) -> dict[str, Any]:
        """What it takes to get the same numbers again."""
        from csim import __version__

        return {
            "csim": __version__, "scenario": self.scenario.name, "scenario_hash": self.scenario.hash, "seed": self.seed,
            "replications": self.replications, "engine": self.engine, "engine_why": self.engine_why,
            "contacts": self.offered, "confidence": 0.95,
        }  # fmt: skip

    def value(self, kpi: str, queue: str = ALL) -> float:
        """One KPI, by id, name or alias."""
        found = self.catalogue.find(kpi).id
        if queue not in (*self.scenario.queues, ALL):
            hint = did_you_mean(queue, [*self.scenario.queues, ALL])
            raise UnknownNameError([Mistake(f'no queue "{queue}": {hint}', "queue")])
        rows = self.kpis[(self.kpis["queue"] == queue) & (self.kpis["kpi"] == found)]
        if rows.empty and found not in set(self.kpis["kpi"]):
            raise UnknownNameError([Mistake(f"{found} was not measured: simulate it with kpis=[…, {found!r}]", "kpi")])
        return float(rows["value"].iloc[0])

    def replicated(self, kpi: str, queue: str = ALL, vendor: str | None = None) -> np.ndarray:
        """Numerator and denominator of one ratio KPI in every replication: [2, replication]."""
        at = next(i for i, k in enumerate(self.measures.kpis) if k.id == self.catalogue.find(kpi).id)
        view = self.views.index((None if queue == ALL else queue, vendor))
        numerator, denominator = ratio_parts(self.measures, self.day_sums[:, :, view].sum(1))
        return np.array([numerator[:, at], denominator[:, at]])

    def values(self, kpi: str, queue: str = ALL, vendor: str | None = None) -> np.ndarray:
        """One KPI in every replication: ratios, quantiles and maxima alike; NaN where it is not measured."""
        found = self.catalogue.find(kpi).id
        special = [one.id for one in self.measures.special]
        if found in special:
            view = self.views.index((None if queue == ALL else queue, vendor))
            return self.specials[:, 0, view, special.index(found)]
        if all(found != one.id for one in self.measures.kpis):
            return np.full(self.replications, np.nan)
        numerator, denominator = self.replicated(found, queue, vendor)
        return np.divide(numerator, denominator, out=np.full(self.replications, np.nan), where=denominator > 0)

    def plot(self, queue: str = ALL, lang: str = "en") -> Any:
        """The day in one figure: service level by interval with its band; returns the Axes."""
        from csim.display.figures import service_by_interval

        return service_by_interval(self.by_interval[self.by_interval["vendor"] == ""], queue=queue, lang=lang)

    def summary(self, lang: str = "en") -> str:
        """The headline KPIs with their intervals, in a sentence."""
        from csim.experiment.sentences import simulated

        return simulated(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of KPIs."""
        return self.kpis

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: KPIs, by interval, by group, and where they come from."""
        from csim.display.excel import write_workbook

        tables = {"kpis": self.kpis, "by_interval": self.by_interval, "by_group": self.by_group}
        return write_workbook(path, tables, self.provenance)

    def to_html(self, lang: str = "en") -> str:
        """The summary and the headline KPIs of all queues with their intervals, as a piece of a page."""
        from csim.display.result import answer_first
        from csim.display.tables import kpi_html

        return answer_first(self.summary(lang), kpi_html(self.kpis, self.catalogue, self.scenario.name, lang))

    def _repr_html_(self) -> str:
        return self.to_html()

    # -- tables from sums ------------------------------------------------------------------------

    def _queue_rows(self) -> list[int]:
        return [i for i, (_, vendor) in enumerate(self.views) if vendor is None]

    def _pooled(self, keys: list, rows: list[int]) -> pd.DataFrame:
        moments = Moments()
        for sums in self.day_sums.sum(1)[:, rows]:
            moments.add(*ratio_parts(self.measures, sums))
        return self._table(keys, *moments.ratio(), *mean_interval(self.specials[:, 0][:, rows]))

    def _table(
        self, keys: list, value: np.ndarray, half: np.ndarray, special: np.ndarray, special_half: np.ndarray
    ) -> pd.DataFrame:
        """One row per key and KPI of the catalogue; what is not measured says why."""
        low, high = bounds(value, half, is_share(self.measures.kpis))
        lacking = unmeasured(self.catalogue, self.measures, simulated=True)
        rows: list[dict[str, Any]] = []
        for i, (queue, more) in enumerate(keys):
            for j, kpi in enumerate(self.measures.kpis):
                if queue == ALL or not kpi.of_agents:
                    rows.append(more | self._row(queue, kpi, value[i, j], low[i, j], high[i, j]))
            for j, kpi in enumerate(self.measures.special):
                if queue == ALL or kpi.over == "contacts":
                    v, h = special[i, j], special_half[i, j]
                    rows.append(more | self._row(queue, kpi, v, max(v - h, 0.0) if h == h else h, v + h))
            rows += [more | self._row(queue, kpi, np.nan, np.nan, np.nan, why) for kpi, why in lacking]
        return ordered(pd.DataFrame(rows), self.catalogue)

    def _row(self, queue: str, kpi: Any, value: float, low: float, high: float, why: str = "") -> dict[str, Any]:
        if not why and np.isnan(value):
            why = empty_reason(kpi, threshold=self._has_threshold(queue))
        elif not why and self.replications < 2:
            why = ONE
        return {
            "queue": queue, "kpi": kpi.id, "value": float(value), "ci_low": float(low), "ci_high": float(high),
            "unit": kpi.unit, "replications": self.replications, "why": why,
        }  # fmt: skip

    def _has_threshold(self, queue: str) -> bool:
        queues = self.scenario.queues
        asked = queues.values() if queue == ALL else [queues[queue]]
        return any(spec.answer_within is not None for spec in asked)

    def _each(
        self,
        sums: np.ndarray,
        at: list[int],
        window: tuple[str, list] | None,
        vendors: bool = False,
        sample: bool = False,
    ) -> pd.DataFrame:
        """A row per replication (and window), view and KPI; `at` are the windows of the special KPIs."""
        if window is None:
            sums = sums[:, None]
        rows = list(range(len(self.views))) if vendors else self._queue_rows()
        numerator, denominator = ratio_parts(self.measures, sums[:, :, rows])
        special = self.specials[:, at][:, :, rows]
        numerator = np.concatenate([numerator, special], axis=-1)
        denominator = np.concatenate([denominator, np.where(np.isnan(special), 0.0, 1.0)], axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(denominator != 0, numerator / denominator, np.nan)
        keys: dict[str, list] = {"replication": list(range(1, self.replications + 1))}
        keys[window[0] if window else "window"] = window[1] if window else [0]
        keys |= {"view": rows, "kpi": [kpi.id for kpi in (*self.measures.kpis, *self.measures.special)]}
        index = pd.MultiIndex.from_product(keys.values(), names=keys)
        parts = {"value": value.ravel(), "numerator": numerator.ravel(), "denominator": denominator.ravel()}
        if sample:
            rests_on = sums[:, :, rows][..., self.measures.sample]
            nothing = np.full(special.shape, np.nan)  # quantiles and maxima rest on all contacts of their window
            parts["sample"] = np.concatenate([rests_on, nothing], axis=-1).ravel()
        table = pd.DataFrame(parts, index=index).reset_index()
        table = self._named_views(table[~np.isnan(table["denominator"])])
        if window is None:
            table = table.drop(columns="window")
        return table if vendors else table.drop(columns="vendor")

    def _named_views(self, table: pd.DataFrame) -> pd.DataFrame:
        queues = np.array([queue or ALL for queue, _ in self.views], dtype=object)
        vendors = np.array([vendor or "" for _, vendor in self.views], dtype=object)
        at = list(table.columns).index("view")
        codes = table["view"].to_numpy()
        table = table.drop(columns="view")
        table.insert(at, "queue", queues[codes])
        table.insert(at + 1, "vendor", vendors[codes])
        return table.reset_index(drop=True)


def _kept(frames: tuple) -> pd.DataFrame:
    if not frames:
        raise ValueError("contacts were not kept: simulate(…, keep_contacts=True)")
    return pd.concat(frames, ignore_index=True)

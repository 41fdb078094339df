"""Gaming: what a vendor gains who serves the measure instead of the customer, what exposes it, and what closes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contract.load import Contract, load_contract
from csim.display.notes import Note
from csim.scenario.load import Scenario, load_scenario
from csim.terms.answering.response import cost_range, taken_as_kept, vendor_in
from csim.terms.gaming.closing import closings, with_closings
from csim.terms.gaming.companions import Closing
from csim.terms.gaming.gamed import GIVING_UP, HONEST, World, companions_of, given_up, judge_of_waits, valued_world
from csim.terms.gaming.tables import exposure_rows, gain_rows, kpi_rows
from csim.terms.gaming.worlds import peak, peak_measure, watched, with_measures, worlds
from csim.terms.worth.levers import at_levels, flat, groups_of
from csim.terms.worth.played import same_promises
from csim.terms.worth.surface import Surface, played_out

LEVELS = (0.85, 0.9, 0.95, 1.0, 1.05)  # of the plan
BELOW, ABOVE = 4, 1  # agents around a flat plan


@dataclass(frozen=True)
class Games:
    """
    What each game gains the vendor, what shows it, and the fewest clauses under which none pays; money a month.

    Attributes:
        gains: One row per game: game, hole (whether it pays beyond chance), fair (it pays and serves nobody worse:
            better planning, no hole), kept (the staffing at which an honest vendor keeps what is promised), usual and
            level (the most profitable staffing without and with the game),
            gain (of profit from usual to level) and its paired error, same_staff (gain at `kept`), missed and
            gamed_missed (share of months in which a clause that staffing moves is missed, at `kept` and `level`).
        table: One row per game and clause: clause, kpi, honest and same (the KPI at `kept`, without and with the
            game), points (their difference), money (the clause's own), at_best (the KPI at the game's staffing).
        exposure: One row per game and companion KPI: honest and same (at `kept`, without and with the game), at_best
            (at `level`), threshold (at most 5 % of honest months lie beyond it: false), detected and detected_at_best
            (share of gamed months beyond it), exposes (more than half of them, with the same staff).
        closing: The fewest clauses under which every hole loses money, on the same months. still_open: Holes that no
            companion closes.
        honest: The surface of the honest vendor.
    """

    contract: Contract
    lever: str
    gains: pd.DataFrame
    table: pd.DataFrame
    exposure: pd.DataFrame
    closing: tuple[Closing, ...]
    still_open: tuple[str, ...]
    honest: Surface = field(repr=False)
    notes: tuple[Note, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def holes(self) -> list[str]:
        """The games that pay, the most profitable first."""
        paying = self.gains[self.gains["hole"]].sort_values("gain", ascending=False)
        return [str(name) for name in paying["game"]]

    def closed(self) -> Contract:
        """The contract with the closing clauses that its language can hold."""
        return load_contract(with_closings(self.contract, self.closing))

    def summary(self, lang: str = "en") -> str:
        """How many games pay, the worst of them, and what closes them."""
        from csim.terms.gaming.words import verdict

        return verdict(self, lang)

    def sentences(self, lang: str = "en") -> list[str]:
        """One sentence per game: what it reads, what it gains, what shows it."""
        from csim.terms.gaming.words import told

        return told(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of gains."""
        return self.gains

    def as_json(self) -> str:
        """games, kpis, exposure, closing, still_open, provenance."""
        from csim.terms.gaming.tables import games_json

        return games_json(self)

    def plot(self, lang: str = "en") -> Any:
        """What each game gains a month, and how often its best companion shows it."""
        from csim.display.figures_of_games import gains_and_detection
        from csim.terms.gaming.words import figure_labels

        return gains_and_detection(self.gains, self.exposure, figure_labels(self, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: gains, KPIs, exposure, closing clauses, provenance."""
        from csim.display.excel import write_workbook
        from csim.terms.gaming.tables import closing_frame

        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        pages = {"games": self.gains, "kpis": self.table, "exposure": self.exposure,
                 "closing": closing_frame(self), "provenance": where}  # fmt: skip
        return write_workbook(path, pages)

    def to_html(self, lang: str = "en") -> str:
        """The answer and its table, as a piece of a page."""
        from csim.terms.gaming.tables import games_html

        return games_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def games(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Scenario | str | Path | dict,
    levels: Sequence[float] | None = None, lever: str | None = None, group: str | None = None,
    vendor: str | None = None, cost_per_hour: float | tuple[float, float] | None = None, replications: int = 20,
    seed: int = 1, engine: str = "auto", executor: Executor | str | None = None, progress: Any = None,
) -> Games:  # fmt: skip
    """
    What a vendor gains by serving the measure instead of the customer, on the same contacts as the honest one.

    The games: every other contact order (`never_past_threshold` drops who has waited too long), `off_peak` and
    `on_peak` (a tenth of the peak's agents moved out of it, or as many into it), `month_end` (once a month is lost or
    safe, a cheaper staffing for the days left), `happy_only` (the survey goes to the happy). Each is valued at every
    staffing, since a vendor who games needs fewer people.

    Args:
        contract, scenario, group, vendor, cost_per_hour, seed, engine, executor: As in `csim.best_response`.
        levels, lever: Staffing that the vendor may choose; without them 85 % to 105 % of the plan, or four agents fewer
            to one more. Where nothing says what agents cost, the plan alone, and gains are of payment.
        replications: Calendars played in each world; a month each, or strung to months of 22 days.

    Raises:
        InputError: As `csim.best_response`.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s"})
        >>> found = games("scenarios/contracts/linear_credit.yaml", centre, [0.9, 1.0], replications=44)
        >>> row = found.table.query("game == 'never_past_threshold'").iloc[0]
        >>> bool(row["same"] > row["honest"])
        True
    """
    agreed, low_high = load_contract(contract), cost_range(cost_per_hour)
    base = load_scenario(scenario)
    same_promises(agreed, base)
    who = vendor_in(base, agreed, vendor)
    groups = groups_of(base, group, who)
    kind = lever or ("agents" if flat(base, groups) else "staffing")
    kpi = judge_of_waits(agreed)
    base = watched(with_measures(base, agreed), groups, None if kpi is None else agreed.catalogue[kpi.kpi])
    per_hour = None if low_high[0] is None else sum(low_high) / 2  # type: ignore[arg-type]
    known = per_hour is not None or all(base.groups[name].cost_per_hour for name in groups)
    steps = list(levels or _levels(base, kind, groups)) if known else [_plan(base, kind, groups)]
    variants = at_levels(base, kind, steps, group, who)
    played: dict[str, World] = {}
    honest: Surface | None = None
    possible = worlds(base, groups)
    for number, (name, change) in enumerate([(HONEST, None), *possible.items()]):
        changed = variants if change is None else [change(one) for one in variants]
        tell = _tell(progress, number, 1 + len(possible))
        grid = played_out(base, changed, kind, steps, groups, who, replications, seed, engine, executor, tell)
        played[name] = valued_world(agreed, grid, per_hour if known else 0.0, kpi)
        honest = grid if honest is None else honest
    assert honest is not None
    if known and len(steps) > 1:
        lazy = given_up(agreed, honest, per_hour, kpi)
        played |= {} if lazy is None else {GIVING_UP: lazy}
    notes = () if known else (Note("games_costs_unknown"),)
    return _found(agreed, base, groups, honest, played, notes)


def _found(
    contract: Contract, base: Scenario, groups: Sequence[str], honest: Surface, played: Mapping[str, World],
    notes: tuple[Note, ...],
) -> Games:  # fmt: skip
    usual, others = played[HONEST], {name: world for name, world in played.items() if name != HONEST}
    companions = companions_of(contract, honest, usual)
    gains = pd.DataFrame(gain_rows(usual, others, companions))
    paying = {name: others[name].played for name in gains.loc[gains["hole"], "game"]}
    window, kpi = peak(base, groups), judge_of_waits(contract)
    measure = None if window is None or kpi is None else peak_measure(base, window, contract.catalogue[kpi.kpi])
    found, still_open = closings(usual.played, usual.kept, paying, companions, measure)
    met = [taken_as_kept(contract, name) for name in sorted(usual.months.met)]
    if usual.best != usual.kept:
        notes = (*notes, Note("games_breach_pays"))
    return Games(
        contract, honest.lever, gains, pd.DataFrame(list(kpi_rows(contract, usual, others))),
        pd.DataFrame(list(exposure_rows(usual, others, companions))), found, still_open, honest, (*notes, *met),
        {"contract": contract.name, "contract_hash": contract.hash, **honest.provenance},
    )  # fmt: skip


def _levels(scenario: Scenario, lever: str, groups: Sequence[str]) -> list[float]:
    if lever != "agents":
        return [*LEVELS]
    most = int(scenario.on_duty[groups[0]].max())
    return [float(x) for x in range(max(1, most - BELOW), most + ABOVE + 1)]


def _plan(scenario: Scenario, lever: str, groups: Sequence[str]) -> float:
    return float(scenario.on_duty[groups[0]].max()) if lever == "agents" else 1.0


def _tell(progress: Any, number: int, count: int) -> Any:
    """Progress over all worlds together."""
    if progress is None:
        return None
    return lambda done, total, contacts: progress(number * total + done, count * total, contacts * (number + 1))

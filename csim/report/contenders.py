"""The contracts of a renewal on the same months: today's, those on the table, and the one that is recommended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csim.contract.load import Contract, load_contract
from csim.errors import InputError, Mistake
from csim.experiment.executors import executor_of
from csim.scenario.load import Scenario, load_scenario
from csim.schema.located import told_apart
from csim.terms.answering.response import simulated
from csim.terms.gaming.games import Games, games
from csim.terms.tuning.trials import Outcome, Trial
from csim.terms.tuning.tuning import DAYS, Tuning, tune, whole
from csim.terms.worth.levers import parsed_levels
from csim.terms.worth.surface import Surface

MOST_PROPOSALS = 3


@dataclass(frozen=True)
class Row:
    """One contract, with what it makes happen and the limits that it misses."""

    name: str
    outcome: Outcome
    missed: tuple[str, ...]


@dataclass(frozen=True)
class Contenders:
    """
    What a renewal is decided on.

    Attributes:
        found: The tuning of today's contract. grid: The months that all contracts are tried on.
        proposals: The contracts on the table. gaming: The games under the recommended terms; None if not looked at.
        cost_per_hour: Of the vendor's agents; None: as the scenario says.
    """

    found: Tuning
    grid: Surface
    proposals: tuple[Contract, ...] = ()
    gaming: Games | None = None
    cost_per_hour: float | None = None

    @property
    def recommended(self) -> str:
        """The package that the page is about: the aim, or today's terms where there is none."""
        return "aim" if "aim" in self.found.packages else "today"

    def rows(self) -> list[Row]:
        """Every contract, answered by the vendor on the same months."""
        found = self.found
        rows = [self._row("today", found.packages["today"].searched)]
        compared = [found.contract, *self.proposals]
        names = told_apart([contract.name for contract in compared], [contract.source for contract in compared])
        for name, contract in zip(names[1:], self.proposals, strict=True):
            trial = Trial(
                whole(contract), self.grid, [], found.demands.wishes, found.harm, self.cost_per_hour,
                found.provenance["doubt"], found.demands.limits, found.provenance["seed"],
            )  # fmt: skip
            rows.append(self._row(name, trial.outcome(())))
        return [*rows, *([self._row("aim", found.packages["aim"].searched)] if "aim" in found.packages else [])]

    def _row(self, name: str, outcome: Outcome) -> Row:
        missed = self.found.demands.violations(outcome)
        return Row(name, outcome, tuple(limit for limit, short in missed.items() if short))


def contenders(
    contract: str, scenario: str = "", log: str = "", mapping: str = "", proposals: str = "", vendor: str = "",
    wish: str = "", terms: str = "", cost_per_hour: float = 0.0, harm_abandon: float = 0.0, harm_second: float = 0.0,
    harm_late: float = 0.0, margin: float = 0.05, levels: str = "", replications: int = 0, candidates: int = 3000,
    seed: int = 1, workers: str = "serial", gaming: bool = True, robust: bool = True,
) -> Contenders:  # fmt: skip
    """
    A renewal from files; "" and 0 leave a part to what the files say.

    Args:
        scenario, log: The centre, or last year's contact log, from which it is fitted as by `csim.fit`.
        mapping: How a vendor's log is read.
        proposals: Up to three contract files, parted by commas. terms, wish: As `--term` and `--wish` of `csim tune`,
            parted by commas.
        replications: Of every level; 0: about 130 days. gaming, robust: Whether to look at games, and other worlds.

    Raises:
        InputError: What cannot be compared or tuned, and why.
    """
    today, others = load_contract(contract), tuple(load_contract(path) for path in _listed(proposals))
    if len(others) > MOST_PROPOSALS:
        what = f"{len(others)} proposals: a page compares {MOST_PROPOSALS} at most, write those that matter"
        raise InputError([Mistake(what, "-p proposals")])
    harm = {"abandon": harm_abandon, "waiting_second": harm_second, "late_answer": harm_late}
    base, cost = _centre(today, scenario, log, mapping), cost_per_hour or None
    count = replications or max(2, -(-DAYS // 2 // len(base.days)))
    with executor_of(workers) as pool:
        grid = simulated(
            base, whole(today), parsed_levels(levels) if levels else None, None, None, vendor or None,
            replications=count, seed=seed, executor=pool,
        )  # fmt: skip
        found = tune(
            today, grid, _listed(terms), _listed(wish), margin, cost_per_hour=cost,
            harm={kind: amount for kind, amount in harm.items() if amount} or None, candidates=candidates, seed=seed,
            executor=pool, robust=robust,
        )  # fmt: skip
        made = Contenders(found, grid, others, None, cost)
        return Contenders(found, grid, others, _gamed(made, seed, pool), cost) if gaming else made


def _centre(contract: Contract, scenario: str, log: str, mapping: str = "") -> Scenario:
    """The scenario, or the one that last year's log tells, under the answer time that the contract promises."""
    if scenario:
        return load_scenario(scenario)
    if not log:
        raise InputError([Mistake("no centre: write -p scenario=FILE, or -p log=FILE of last year", "-p scenario")])
    from csim.contacts.read import read_contacts
    from csim.fitting.fit import fit

    promised = [clause.reading.within for clause in contract.file.kpis.values() if clause.reading.within is not None]
    within = promised[0] if promised else None
    return fit(read_contacts(log, mapping or None, filled=True), name=Path(log).stem, within=within).scenario


def _gamed(made: Contenders, seed: int, workers: Any) -> Games:
    """The games under the recommended terms, at the vendor's best level and beside it."""
    grid, best = made.grid, made.found.packages[made.recommended].searched.row
    group = grid.groups[0] if len(grid.groups) == 1 else None
    return games(
        made.found.contract_of(made.recommended), grid.scenario, list(grid.levels[max(0, best - 1) : best + 2]),
        grid.lever, group, grid.vendor, made.cost_per_hour, max(2, grid.replications // 2), seed, executor=workers,
    )  # fmt: skip


def _listed(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]

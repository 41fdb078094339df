"""How reliably a contract judges: the chance of every penalty against the true level of service, by cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contract.load import Contract, load_contract
from csim.display.notes import Note
from csim.errors import InputError
from csim.terms.answering.response import simulated, taken_as_kept
from csim.terms.judging.cycles import clause_rows, sampled_rows
from csim.terms.judging.lasting import streak_rows, whole_rows
from csim.terms.judging.practice import applying
from csim.terms.judging.refusals import nothing_at_stake, too_fine
from csim.terms.judging.risks import Limits, risk_rows
from csim.terms.judging.surveys import sample_rows
from csim.terms.worth.played import CYCLES, months_played
from csim.terms.worth.surface import Surface, nearest_plan
from csim.terms.worth.valuation import terms_of


@dataclass(frozen=True)
class OperatingCharacteristic:
    """
    How every clause judges.

    Attributes:
        clauses: One row per clause, cycle and level: clause, kpi, cycle, days, level, true_level, at_mean_load,
            p_penalty, p_missed, p_bonus, expected_money (a month, before caps), error (of p_penalty), sd (of the
            measured level), sample, binomial_sd, p_binomial, binomial_wrong, cycles, method (simulated or binomial).
        risks: One row per clause and cycle: threshold, good and bad (levels held against it), false_penalty,
            missed_breach, coin_toss (the true level at which the penalty is a coin toss), safe (from where a penalty
            is rarer than α), caught (from where a breach passes more rarely than β), days, sample, kept (both risks).
        streaks: One row per streak and level: clause, then, level, p_month (its condition holds), p_year (fires at
            least once in twelve months), per_year.
        whole: The contract as a whole in its money cycle, one row per level: cycle, level, p_kept (no clause missed),
            p_deducted, p_bonus, expected_money (a month, caps and all), worst (what one cycle in twenty falls below).
        samples: One row per clause that judges a sample: see `csim.terms.judging.surveys.sample_rows`.
        practice: Keys of the published rules of monitoring that apply here. plan: The row of `whole` nearest the plan.
    """

    contract: Contract
    clauses: pd.DataFrame
    risks: pd.DataFrame
    streaks: pd.DataFrame
    whole: pd.DataFrame
    samples: pd.DataFrame
    practice: tuple[str, ...]
    plan: int
    limits: Limits
    lever: str
    notes: tuple[Note, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def summary(self, lang: str = "en") -> str:
        """One sentence per clause: its two risks in the cycle of the money."""
        from csim.terms.judging.sentences import judged

        return judged(self, lang)

    def advice(self, lang: str = "en") -> list[str]:
        """Which cycle for money, which for monitoring, which sample, and why."""
        from csim.terms.judging.sentences import advice

        return advice(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """The table of clauses."""
        return self.clauses

    def as_json(self) -> str:
        """clauses as INTERFACE names them, with risks, streaks and the rest beside them."""
        from csim.terms.judging.tables import characteristic_json

        return characteristic_json(self)

    def plot(self, clause: str | None = None, lang: str = "en") -> Any:
        """P(penalty) against the true level of one clause, a curve for each cycle, the binomial answer dotted."""
        from csim.display.figures_of_terms import penalty_curves
        from csim.terms.judging.sentences import curve_labels

        name = clause or str(self.clauses["clause"].iloc[0])
        table = self.clauses[self.clauses["clause"] == name]
        return penalty_curves(table, curve_labels(self, name, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: clauses, risks, streaks, provenance."""
        from csim.display.excel import write_workbook

        where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in self.provenance.items()])
        pages = {"clauses": self.clauses, "risks": self.risks, "streaks": self.streaks, "whole": self.whole,
                 "samples": self.samples, "provenance": where}  # fmt: skip
        return write_workbook(path, pages)

    def to_html(self, lang: str = "en") -> str:
        """The risks of every clause under the summary, as a piece of a page."""
        from csim.terms.judging.tables import characteristic_html

        return characteristic_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def operating_characteristic(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Any, levels: Sequence[float] | None = None,
    lever: str | None = None, group: str | None = None, vendor: str | None = None,
    cycles: Sequence[str] = CYCLES, samples: Mapping[str, int] | None = None, limits: Limits | None = None,
    replications: int = 100, seed: int = 1, engine: str = "auto", executor: Executor | str | None = None,
    progress: Any = None,
) -> OperatingCharacteristic:  # fmt: skip
    """
    P(penalty), P(bonus) and expected money of every clause against the true level of service, for every cycle.

    Args:
        contract: A contract, or its file. scenario: A scenario, or a `Surface` simulated before.
        levels, lever: What moves the service: "agents", "staffing" (times the plan), "volume", "handle_time".
        cycles: day, week (the days a centre opens in one), ten_days, month (the calendar's, or 22 days), quarter.
        samples: By clause, how many are checked or answer a survey in a month, where the scenario does not say it
            (else the clause's minimum sample).
        limits: What counts as a good and a bad vendor, and how often each may be misjudged.
        replications, seed, engine, executor: As in `csim.simulate`.

    Raises:
        InputError: A contract in which nothing is at stake, a level finer than its sample, answer times that differ.

    Examples:
        >>> import csim
        >>> agreed = csim.load_contract("scenarios/contracts/linear_credit.yaml")
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s"})
        >>> found = operating_characteristic(agreed, centre, [12, 22], "agents", replications=30, cycles=["week"])
        >>> table = found.clauses.query("cycle == 'week'")
        >>> bool(table["p_penalty"].iloc[0] >= table["p_penalty"].iloc[1])
        True
    """
    agreed = load_contract(contract)
    nothing_at_stake(agreed)
    too_fine(agreed, samples or {})
    grid = scenario if isinstance(scenario, Surface) else simulated(
        scenario, agreed, levels, lever, group, vendor, replications=replications, seed=seed, engine=engine,
        executor=executor, progress=progress,
    )  # fmt: skip
    return _judged(agreed, grid, cycles, samples or {}, limits or Limits())


def _judged(
    contract: Contract, grid: Surface, cycles: Sequence[str], samples: Mapping[str, int], limits: Limits
) -> OperatingCharacteristic:
    rows, short, met, monthly = [], [], frozenset[str](), None
    order = {name: place for place, name in enumerate(contract.file.kpis)}
    for cycle in cycles:
        try:
            months = months_played(grid, contract, cycle)
        except InputError:
            if cycle == cycles[0]:
                raise
            short.append(Note("terms_not_by_cycle", {"cycle": Note(f"terms_cycle_{cycle}")}))
            continue
        met, monthly = months.met, months if cycle == "month" else monthly
        found = clause_rows(contract, grid, months, cycle)
        found += sampled_rows(contract, grid, months, cycle, samples, limits)
        rows += sorted(found, key=lambda row: order[row["clause"]])
    table = pd.DataFrame(rows)
    label = contract.month_of(pd.Timestamp(grid.dates[0]).date())
    known = set(table["clause"]) if len(table) else set()
    notes = [taken_as_kept(contract, name) for name in sorted(met - known)] + short
    return OperatingCharacteristic(
        contract, table, risk_rows(terms_of(contract, label), table, limits),
        streak_rows(contract, grid, label), whole_rows(contract, grid),
        sample_rows(contract, grid, monthly or months, samples, limits),
        applying(contract, grid), nearest_plan(grid), limits, grid.lever, tuple(notes),
        {"contract": contract.name, "contract_hash": contract.hash, **grid.provenance},
    )  # fmt: skip

"""Better terms: what to ask, where to aim, where to stop, what each change buys, and how far to trust it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract, load_contract, read_contract
from csim.display.numbers import shown
from csim.errors import InputError, Mistake
from csim.experiment.executors import executor_of
from csim.scenario.load import load_scenario
from csim.terms.answering.response import cost_range, simulated
from csim.terms.judging.refusals import nothing_at_stake
from csim.terms.judging.risks import Limits
from csim.terms.tuning.choices import Choice, choice_of, default_choices
from csim.terms.tuning.coordination import Certificate, certificate
from csim.terms.tuning.demands import Demands, Wish, wishes_of
from csim.terms.tuning.proposals import Change, Package, changes, conflicts, pareto, proposals
from csim.terms.tuning.robustness import robustness
from csim.terms.tuning.search import Goal, Search
from csim.terms.tuning.trials import Trial
from csim.terms.worth.harm import Harm, harm_of
from csim.terms.worth.played import months_played, same_promises
from csim.terms.worth.surface import Surface, surface

DAYS = 260  # simulated days of each level, where nobody says how many replications
CANDIDATES = 6000
STAKES = 0.20  # of the fee: the most at risk, unless today's terms put more at risk
PACKAGES = ("ask", "aim", "stop")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Tuning:
    """
    A proposal for better terms; money a month, without tax.

    Attributes:
        packages: today, ask, aim and stop; only today where no draft keeps all limits. Each with its outcome on the
            months of the search and on fresh ones.
        changes: Of the aim against today: what each change buys.
        robustness: See `csim.terms.tuning.robustness.robustness`, for today and the aim.
        pareto: Buyer's cost against the vendor's risk, among the drafts that keep all limits.
        certificate: Whether the aim makes the vendor's best answer the whole's optimum, whatever its costs.
        conflicts: Where nothing was found, the limits that cannot be kept together.
        levels: What the rows of outcomes are. tried: How many drafts were valued. unknown: Clauses that no simulation
            measures, taken as kept.
    """

    contract: Contract
    choices: tuple[Choice, ...]
    demands: Demands
    harm: Harm
    packages: Mapping[str, Package]
    changes: tuple[Change, ...]
    robustness: pd.DataFrame
    pareto: pd.DataFrame
    certificate: Certificate
    conflicts: tuple[str, ...]
    lever: str
    levels: tuple[float, ...]
    tried: int
    unknown: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def found(self) -> bool:
        """Whether a draft keeps all limits, and fresh months bear it out."""
        return "aim" in self.packages and not self.packages["aim"].fails

    def contract_of(self, package: str = "aim") -> Contract:
        """A package as a contract."""
        return read_contract(dict(self.packages[package].data))

    def summary(self, lang: str = "en") -> str:
        """What to propose, what it costs and why the vendor signs; or which wishes conflict."""
        from csim.terms.tuning.words import summary

        return summary(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """Terms by package: term, today, ask, aim, stop, and what the change of the aim buys."""
        from csim.terms.tuning.tables import terms_frame

        return terms_frame(self)

    def as_json(self) -> str:
        """Packages, terms, changes, robustness, pareto, certificate, conflicts; see README."""
        from csim.terms.tuning.tables import tuning_json

        return tuning_json(self)

    def plot(self, lang: str = "en") -> Any:
        """The buyer's cost against the vendor's risk, with the packages on it."""
        from csim.display.figures_of_tuning import bargain
        from csim.terms.tuning.words import bargain_labels

        points = pd.DataFrame(
            [{"package": name, "buyer": p.searched.buyer, "sd": p.searched.sd} for name, p in self.packages.items()]
        )
        return bargain(self.pareto, points, bargain_labels(self, lang), lang)

    def to_excel(self, path: str | Path) -> Path:
        """A workbook: terms, packages, changes, robustness, pareto, provenance."""
        from csim.display.excel import write_workbook
        from csim.terms.tuning.tables import frames

        return write_workbook(path, frames(self))

    def write(self, folder: str | Path, lang: str = "zh") -> list[Path]:
        """The proposal as YAML, workbook and Word annex with the changes marked, and every table in one workbook."""
        from csim.terms.tuning.files import written

        return written(self, Path(folder), lang)

    def to_html(self, lang: str = "en") -> str:
        """The answer, terms and outcomes side by side, as a piece of a page."""
        from csim.terms.tuning.tables import tuning_html

        return tuning_html(self, lang)

    def _repr_html_(self) -> str:
        return self.to_html()


def tune(
    contract: Contract | str | Path | Mapping[str, Any], scenario: Any, terms: Sequence[str] = (),
    wishes: Sequence[str] = (), margin: float = 0.05, limits: Limits | None = None, most_at_risk: float | None = None,
    levels: Sequence[float] | None = None, lever: str | None = None, group: str | None = None,
    vendor: str | None = None, cost_per_hour: float | None = None, doubt: float = 0.10,
    harm: Harm | Mapping[str, float] | None = None,
    candidates: int = CANDIDATES, replications: int | None = None, seed: int = 1, engine: str = "auto",
    executor: Executor | str | None = None, robust: bool = True, progress: Progress | None = None,
) -> Tuning:  # fmt: skip
    """
    The terms with the least total cost for the buyer that the vendor signs and answers with the wished service.

    Every draft is tried on the same simulated surface: the vendor answers it with its best level, and that says what
    the buyer pays and loses. Those proposed are judged again on months that the search never saw.

    Args:
        contract: Today's contract. scenario: A scenario, or a `Surface` simulated before.
        terms: What may be changed, "price" or "kpis.response.credit=2%..20%..1%"; without any, every term that the
            contract has: see `csim.terms.tuning.choices`.
        wishes: "service_level>=80%"; without any, the level of service that the contract promises.
        margin: The share of the payment that the vendor must earn to sign.
        limits: How far a good and a bad vendor lie from the wish, how often each may be misjudged.
        most_at_risk: The largest share of a month's fee that may be taken; without it 20 %, or today's if that is more.
        levels, lever, group, vendor, cost_per_hour, harm, engine, executor: As in `csim.best_response`.
        doubt: How much dearer than believed the vendor's agents may be: it shall still sign and keep the wishes.
        candidates: About how many drafts the search values. robust: Whether to try the aim in other worlds, too.
        replications: Of every level; without it about 260 days. The fresh months take seed + 1.

    Raises:
        InputError: Nothing to change, nothing wished, contradictory wishes, wishes that no simulation measures.

    Examples:
        >>> import csim
        >>> found = csim.tune("scenarios/contracts/linear_credit.yaml", "scenarios/centres/first_voice.yaml",
        ...                   ["price", "kpis.service_level.level"], ["service_level>=70%"], levels=[0.8, 1, 1.2],
        ...                   cost_per_hour=40, candidates=100, replications=22, robust=False)
        Traceback (most recent call last):
        csim.errors.InputError: ...linear_credit.yaml:...  kpis.service_level.reading.within
          promises 60 s, the scenario's calls measures 20 s: make them one
        1 mistake; nothing was run.
    """
    agreed = whole(load_contract(contract))
    nothing_at_stake(agreed)
    base = scenario.scenario if isinstance(scenario, Surface) else load_scenario(scenario)
    same_promises(agreed, base)
    _costs(cost_per_hour, doubt, margin, most_at_risk)
    losses, bounds = harm_of(agreed, harm), limits or Limits()
    wished = wishes_of(agreed, base, wishes)
    if not wished and not losses.known:
        raise InputError(
            [Mistake('nothing is wished: write --wish "service_level>=80%", or what a loss costs', "--wish")]
        )
    asked = [choice_of(agreed, text) for text in terms]
    with executor_of(executor) as pool:  # one for all surfaces: starting workers takes longer than a small one
        how: dict[str, Any] = {"engine": engine, "executor": pool}
        grid = scenario if isinstance(scenario, Surface) else simulated(
            base, agreed, levels, lever, group, vendor, replications=replications or -(-DAYS // len(base.days)),
            seed=seed, progress=_stage(progress, "levels"), **how,
        )  # fmt: skip
        _measured(grid, wished)
        unknown = months_played(grid, agreed).met
        choices = asked or default_choices(agreed, unknown)
        _something(choices)
        trial = Trial(agreed, grid, choices, wished, losses, cost_per_hour, doubt, bounds, seed)
        _beside(trial)
        search = Search(trial, candidates, seed, _stage(progress, "drafts"))
        stakes = most_at_risk or max(STAKES, search.look(search.today).at_risk)
        demands = Demands(wished, margin, bounds, stakes)
        best = search.run(Goal(demands))
        again = _again(grid, seed + 1, _stage(progress, "fresh"), how)
        fresh = Trial(agreed, again, choices, wished, losses, cost_per_hour, doubt, bounds, seed + 1)
        packages = proposals(search, fresh, demands, best)
        cases = None
        if robust and "aim" in packages:
            drafts = {name: packages[name].values for name in ("today", "aim")}
            few = max(2, grid.replications // 4)
            cases = robustness(fresh, drafts, demands, few, seed, _stage(progress, "cases"), **how)
        return _told(search, demands, packages, cases, unknown)


def whole(contract: Contract) -> Contract:
    """
    The contract as it last reads, its announced volumes within it: what a renewal starts from.

    Examples:
        >>> whole(load_contract("scenarios/contracts/double_11.yaml")).data["forecast"]["days"]["2026-11-11"]
        30000
    """
    data = contract.with_volumes_inside() if contract.file.forecast and contract.file.forecast.file else contract.data
    if len(contract.versions) == 1 and data is contract.data:
        return contract
    from csim.contract.dated import resolved
    from csim.schema.located import located_data

    return read_contract(resolved(located_data(data), contract.versions[-1][0]).data)


def _again(grid: Surface, seed: int, progress: Any, how: Mapping[str, Any]) -> Surface:
    """The same levels with other luck."""
    group = grid.groups[0] if len(grid.groups) == 1 else None
    return surface(
        grid.scenario, grid.levels, grid.lever, group, grid.vendor, grid.replications, seed, progress=progress, **how
    )  # fmt: skip


def _stage(progress: Progress | None, name: str) -> Any:
    """One stage of the work; whatever else a stage tells is left out."""
    return None if progress is None else lambda done, total, *_: progress(name, done, total)


# -- what cannot be -----------------------------------------------------------------------------------------


def _costs(cost: float | None, doubt: float, margin: float, most: float | None) -> None:
    cost_range(cost)
    mistakes = []
    if not 0 <= margin < 1:
        mistakes.append(Mistake(f"{margin:g}: write a share of the payment from 0 % to below 100 %", "--margin"))
    if not 0 <= doubt <= 1:
        mistakes.append(Mistake(f"{doubt:g}: write a share from 0 % to 100 %", "--cost-doubt"))
    if most is not None and not 0 < most <= 1:
        mistakes.append(Mistake(f"{most:g}: write a share of the fee above 0 % and up to 100 %", "--most-at-risk"))
    if mistakes:
        raise InputError(mistakes)


def _measured(grid: Surface, wishes: Sequence[Wish]) -> None:
    mistakes = [
        Mistake(f"{wish.kpi} is not simulated: wish for what the scenario measures", "--wish")
        for wish in wishes if not grid.has(wish.kpi) or np.isnan(grid.counts(wish.kpi).pooled()).all()
    ]  # fmt: skip
    if mistakes:
        raise InputError(mistakes)


def _something(choices: Sequence[Choice]) -> None:
    if not choices or all(len(choice.values) < 2 for choice in choices):
        what = "nothing to tune: no term has more than one value; write for example --term price=1.20..1.60..0.05"
        raise InputError([Mistake(what, "--term")])
    twice = {choice.name for choice in choices if sum(choice.name == other.name for other in choices) > 1}
    if twice:
        raise InputError([Mistake(f"{sorted(twice)[0]} stands twice: once is enough", "--term")])


def _beside(trial: Trial) -> None:
    """Refuses levels between which a bad vendor (or a good one) is not found: nothing could be said of the risks."""
    if trial.judged is None:
        return
    wish, service = trial.wishes[trial.judged], trial.service[trial.judged]
    good, bad = wish.beside(trial.limits)
    best = service.max() if wish.least else service.min()
    if wish.short(float(best)) > 0:
        return  # out of reach: the search says so
    for value, level, side in ((good, trial.played.levels[-2], "good"), (bad, trial.played.levels[-1], "bad")):
        if level != level:
            what = (
                f"no level from {trial.grid.labels[0]} to {trial.grid.labels[-1]} serves {shown(value, wish.unit)}, as "
                f"a {side} vendor would under the wish {wish.text}: write more --levels, such as 0.7..1.3..0.05"
            )
            raise InputError([Mistake(what, "--levels")])


# -- the result ---------------------------------------------------------------------------------------------


def _told(
    search: Search, demands: Demands, packages: dict[str, Package], cases: pd.DataFrame | None, unknown: frozenset[str]
) -> Tuning:
    trial = search.trial
    aim = packages.get("aim", packages["today"])
    contract = read_contract(dict(aim.data))
    return Tuning(
        trial.contract, tuple(search.choices), demands, trial.harm, packages,
        changes(search, aim, demands) if "aim" in packages else (),
        pd.DataFrame() if cases is None else cases, pareto(search, demands),
        certificate(contract, *trial.books(aim.values), trial.harm),
        () if "aim" in packages else conflicts(search, demands), trial.grid.lever, tuple(trial.grid.levels),
        len(search.pool), tuple(sorted(unknown)),
        {"contract": trial.contract.name, "contract_hash": trial.contract.hash, "margin": demands.margin,
         "doubt": trial.doubt, "candidates": search.budget, "months": trial.played.replications,
         "days": len(trial.grid.dates), **trial.grid.provenance},
    )  # fmt: skip

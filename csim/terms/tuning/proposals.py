"""What to propose: three packages from the drafts that were tried, what each change buys, and which wishes conflict."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from csim.contract.lint import lint
from csim.errors import InputError
from csim.terms.tuning.choices import Choice, Value, rewritten
from csim.terms.tuning.demands import PLAIN, Demands
from csim.terms.tuning.search import Goal, Search, together
from csim.terms.tuning.trials import Outcome, Trial

SURE = 2.0  # standard errors of a difference between two samples of one size
FINALISTS = 40  # drafts that are held against fresh months before one is proposed
HARDER_ALPHA, HARDER_STAKES = 2.0, 1.5  # what we ask: so many times the limits that protect the vendor


@dataclass(frozen=True)
class Package:
    """
    One contract to put on the table.

    Attributes:
        name: today, ask, aim or stop. values: Of every choice. data: The contract file's plain data.
        searched: On the months of the search, which it has been fitted to. fresh: On months that it never saw.
        fails: The limits that fresh months miss by more than the stated error.
    """

    name: str
    values: tuple[Value, ...]
    data: Mapping[str, Any]
    searched: Outcome
    fresh: Outcome
    fails: tuple[str, ...] = ()

    @property
    def optimism(self) -> float:
        """By how much the buyer's cost was underrated by the search."""
        return self.fresh.buyer - self.searched.buyer


@dataclass(frozen=True)
class Change:
    """
    One term as it is and as it is proposed; of shares that make a whole, all of them.

    Attributes:
        choices, before, after: The term, its value today and the proposed one.
        buys: What the buyer would pay and lose more a month, were this term alone left as it is today.
        without: The limits that would then be missed. service: Of the first wish, then.
    """

    choices: tuple[Choice, ...]
    before: tuple[Value, ...]
    after: tuple[Value, ...]
    buys: float
    without: tuple[str, ...]
    service: float


def packaged(search: Search, fresh: Trial, name: str, values: Sequence[Value], demands: Demands) -> Package:
    """A draft with both judgements."""
    seen = search.at(tuple(values))
    anew = fresh.outcome(values)
    data = rewritten(search.trial.contract, search.choices, values)
    return Package(name, tuple(values), data, seen, anew, failing(anew, demands, fresh))


def failing(found: Outcome, demands: Demands, trial: Trial) -> tuple[str, ...]:
    """
    The limits that an outcome on fresh months misses by more than the stated error.

    That is twice the standard error of a difference between two samples of this size: the search's and the fresh one.
    """
    wide = SURE * 2**0.5
    errors = dict(zip((w.text for w in demands.wishes), trial.service_error(found.row), strict=True))
    errors |= {"signs": found.error / max(abs(found.payment), 1e-9)}
    errors |= {
        "false_penalty": trial.risk_error(demands.limits.alpha),
        "missed_breach": trial.risk_error(demands.limits.beta),
    }
    short = dict(demands.violations(found))
    for wish, value in zip(demands.wishes, found.service, strict=True):
        short[wish.text] = wish.short(value)  # on fresh months the answer itself counts, not what may tempt
    known = [name for name in (*PLAIN, *(w.text for w in demands.wishes)) if name in short]
    return tuple(name for name in known if short[name] > wide * _number(errors.get(name, 0.0)) + 1e-9)


def _number(error: float) -> float:
    return error if error == error else 0.0


def proposals(search: Search, fresh: Trial, demands: Demands, values: tuple[Value, ...]) -> dict[str, Package]:
    """
    Today's terms, what we ask, where we aim, where we stop.

    Aim: the least total cost within all limits, from the best draft that fresh months bear out and the linter passes.
    Ask: the least cost at which a vendor signs whose agents cost what is believed, its own protections drawn wider.
    Stop: the most that the vendor may earn before today's terms would be as good for the buyer.
    Where no draft keeps all limits, only today's terms.
    """
    goal = Goal(demands)
    today = packaged(search, fresh, "today", tuple(c.today for c in search.choices), demands)
    if demands.violation(search.at(values)):
        return {"today": today}
    aim = next(
        (package for package in _finalists(search, fresh, goal, values) if not package.fails and mended(package.data)),
        packaged(search, fresh, "aim", values, demands),
    )
    hard = replace(
        demands, limits=replace(demands.limits, alpha=min(0.5, HARDER_ALPHA * demands.limits.alpha)),
        most_at_risk=min(1.0, HARDER_STAKES * demands.most_at_risk), dear=False,
    )  # fmt: skip
    rest = max(100, search.budget // 4)
    asked = search.plain(search.near(aim.values, Goal(hard), rest), Goal(hard))
    ask = packaged(search, fresh, "ask", asked, hard)
    soft = replace(demands, ceiling=ceiling(today.searched, aim.searched, ask.searched))
    stop = packaged(search, fresh, "stop", search.near(aim.values, Goal(soft, "vendor"), rest), soft)
    return {package.name: package for package in (today, ask, aim, stop)}


def ceiling(today: Outcome, aim: Outcome, ask: Outcome) -> float:
    """The most that the buyer may pay: what today's terms cost it, or as far above the aim as the ask lies below."""
    return today.buyer if today.buyer > aim.buyer else 2 * aim.buyer - ask.buyer


def _finalists(search: Search, fresh: Trial, goal: Goal, first: tuple[Value, ...]) -> Any:
    """The best draft, then the next best ones."""
    for values in [first, *search.ranked(goal)[:FINALISTS]]:
        yield packaged(search, fresh, "aim", values, goal.demands)


def mended(data: Mapping[str, Any]) -> bool:
    """Whether the linter finds no error in a contract."""
    try:
        return all(finding.severity != "error" for finding in lint(dict(data)))
    except InputError:
        return False


def changes(search: Search, package: Package, demands: Demands) -> tuple[Change, ...]:
    """What each change buys: the proposal with one term after the other left as it is today."""
    found = []
    for rows in together(search.choices):
        before, after = ([side[i] for i in rows] for side in ([c.today for c in search.choices], package.values))
        if before == after:
            continue
        values = list(package.values)
        for i in rows:
            values[i] = search.choices[i].today
        there = search.at(tuple(values))
        missed = tuple(name for name, short in demands.violations(there).items() if short)
        service = there.service[0] if there.service else float("nan")
        moved = tuple(search.choices[i] for i in rows)
        buys = there.buyer - package.searched.buyer
        found.append(Change(moved, tuple(before), tuple(after), buys, missed, service))
    return tuple(found)


def pareto(search: Search, demands: Demands) -> pd.DataFrame:
    """The drafts that keep all limits and of which none other is cheaper and less risky for the vendor: buyer, sd."""
    rows = sorted(
        ((search.pool[v].buyer, search.pool[v].sd, v) for v in search.ranked(Goal(demands))), key=lambda r: r[:2]
    )
    found, least = [], float("inf")
    for buyer, sd, values in rows:
        if sd < least - 1e-9:
            least = sd
            outcome = search.pool[values]
            found.append({"buyer": buyer, "sd": sd, "payment": outcome.payment, "profit": outcome.profit,
                          "values": values})  # fmt: skip
    return pd.DataFrame(found, columns=["buyer", "sd", "payment", "profit", "values"])


def conflicts(search: Search, demands: Demands) -> tuple[str, ...]:
    """
    Which limits cannot be kept together: one alone, else two, else as few as there are.

    Every limit, then every two of them, are sought by themselves, from the drafts that came nearest.
    """
    for size in range(1, len(demands.names) + 1):
        for names in itertools.combinations(demands.names, size):
            if not _together(search, demands, names):
                return names
    return ()


def _together(search: Search, demands: Demands, names: Sequence[str]) -> bool:
    """Whether some draft keeps these limits, whatever becomes of the others."""
    goal = _Only(demands, names)
    best = search.best(goal)  # type: ignore[arg-type]
    if goal.key(search.pool[best])[0] > 0:
        best = search.near(best, goal, most=300)  # type: ignore[arg-type]
    return goal.key(search.pool[best])[0] == 0


@dataclass(frozen=True)
class _Only:
    """A goal that asks for some limits and no money."""

    demands: Demands
    names: Sequence[str]

    def key(self, found: Outcome) -> tuple[float, float, float]:
        """How far these limits are missed."""
        missed = self.demands.violations(found)
        return sum(missed[name] for name in self.names), 0.0, 0.0

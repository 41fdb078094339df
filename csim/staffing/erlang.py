"""
Exact long-run KPIs of one queue in front of one group: Erlang-C (nobody hangs up), Erlang-A (people do).

Poisson arrivals, exponential handle times and patience, first come first served, and a centre that has run
long enough to forget how it started: a day that opens empty does a little better than these numbers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Lengths of the line this much rarer than the commonest change no KPI in double precision.
_NEGLIGIBLE = 1e-20
_MOST_LENGTHS = 4_000_000  # enough at the edge of saturation for a patience of 10,000 years


class SteadyState(NamedTuple):
    """Long-run KPIs by catalogue id: shares 0..1, waits in s, NaN where nothing is in the denominator."""

    service_level: float  # answered within the promised time ÷ offered (the reading `included`)
    service_level_answered_only: float  # answered in time ÷ answered
    service_level_excluded: float  # answered in time ÷ (offered − hang-ups within that time)
    service_level_quick_counts_as_met: float  # (answered in time + hang-ups within that time) ÷ offered
    abandonment_rate: float
    answer_rate: float
    wait_all: float  # mean over all offered, until the answer or the hanging up
    asa: float  # mean over the answered, zeros included
    wait_queued: float  # mean over those who had to wait, however they ended
    queued_share: float  # P(wait > 0)
    occupancy: float  # share of the agents' time spent on contacts


def a(rate: float, handle_s: float, agents: int, patience_s: float, within_s: float) -> SteadyState:
    """
    Erlang-A: KPIs of *agents* who share one queue whose contacts hang up when their patience ends (M/M/n+M).

    Args:
        rate: Contacts offered per second, 0 or more. At 0 KPIs are NaN and occupancy is 0.
        handle_s: Mean handle time, s, above 0: talk and after-call work together.
        agents: Agents on duty, a whole number. At 0 everybody hangs up and occupancy is NaN.
        patience_s: Mean patience, s, above 0; `math.inf` for people who never hang up is `c`.
        within_s: Promised answer time, s, 0 or more. At 0 only those who need not wait are in time.

    Raises:
        ValueError: An argument is out of its range, or patience is infinite and the load at least *agents*.

    Examples:
        One agent, one contact per handle time, patience as long as a handle time: everyone present leaves
        at the same rate, so the number present is Poisson(1); 1 − 1/e have to wait and 1/e hang up.

        >>> desk = a(rate=1 / 300, handle_s=300, agents=1, patience_s=300, within_s=20)
        >>> f"{desk.queued_share:.4f} wait, {desk.abandonment_rate:.4f} hang up"
        '0.6321 wait, 0.3679 hang up'

        >>> peak = a(rate=360 / 3600, handle_s=330, agents=34, patience_s=120, within_s=30)
        >>> f"{peak.service_level:.2%} in time, {peak.abandonment_rate:.2%} lost, {peak.occupancy:.1%} busy"
        '83.55% in time, 7.14% lost, 90.1% busy'

    Source: Palm's model (1957); Garnett, Mandelbaum & Reiman (2002), Designing a call center with
    impatient customers, Manufacturing & Service Operations Management 4(3).
    """
    rate, handle_s, agents, within_s = _checked(rate, handle_s, agents, within_s)
    if patience_s == math.inf:
        return c(rate, handle_s, agents, within_s)
    hint = "write the mean in s above 0 (up to 1e15), or math.inf for people who never hang up"
    _require(0 < patience_s <= 1e15, f"patience_s: {patience_s} is not a mean patience: {hint}")
    if rate == 0:
        return _nothing_offered(agents)
    if agents == 0:
        still_there = math.exp(-within_s / patience_s)
        return _kpis(rate * handle_s, 0, _Queued(1.0, 0.0, 0.0, still_there, 1.0, float(patience_s), 0.0))
    return _kpis(rate * handle_s, agents, _impatient(rate, agents / handle_s, float(patience_s), within_s))


def c(rate: float, handle_s: float, agents: int, within_s: float) -> SteadyState:
    """
    Erlang-C: KPIs of *agents* who share one queue whose contacts wait until they are answered (M/M/n).

    Nobody hangs up: abandonment is 0 and the four readings of the service level are one.

    Args:
        rate, handle_s, within_s: As in `a`.
        agents: Agents on duty, a whole number above the load, *rate* × *handle_s*.

    Raises:
        ValueError: The load is at least *agents* (the line would never stop growing), or a bad argument.

    Examples:
        One agent busy half the time: half the calls wait, and those for 1 ÷ (1/60 − 1/120) = 120 s.

        >>> desk = c(rate=1 / 120, handle_s=60, agents=1, within_s=0)
        >>> round(desk.queued_share, 9), round(desk.wait_queued, 9), round(desk.wait_all, 9)
        (0.5, 120.0, 60.0)

    Source: Erlang (1917), Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges.
    """
    rate, handle_s, agents, within_s = _checked(rate, handle_s, agents, within_s)
    if rate == 0:
        return _nothing_offered(agents)
    load = rate * handle_s
    hint = f"write at least {math.floor(load) + 1}, or give people a patience (Erlang-A)"
    _require(load < agents, f"agents: {agents} cannot carry a load of {load:.6g} if nobody hangs up: {hint}")
    # Whoever has to wait does so for an exponential time, at the rate of the agents' spare capacity.
    wait_s = handle_s / (agents - load)
    in_time, still_there = -math.expm1(-within_s / wait_s), math.exp(-within_s / wait_s)
    return _kpis(load, agents, _Queued(1 - load / agents, 1.0, in_time, still_there, 0.0, wait_s, wait_s))


def agents_for(rate: float, handle_s: float, patience_s: float | None, within_s: float, target: float) -> int:
    """
    Smallest number of agents whose long-run service level (÷ offered) is at least *target*.

    Arguments as in `a`, with *patience_s* None if nobody hangs up and 0 < *target* < 1; 0 agents at rate 0.

    Examples:
        >>> agents_for(rate=360 / 3600, handle_s=330, patience_s=120, within_s=30, target=0.80)
        34
    """
    _require(0 < target < 1, f"target: {target} is not between 0 and 1: write 80 % as 0.80")
    _checked(rate, handle_s, 0, within_s)
    if rate == 0:
        return 0
    patience_s = math.inf if patience_s is None else patience_s
    least = math.floor(rate * handle_s) + 1 if patience_s == math.inf else 0

    def level(agents: int) -> float:
        return a(rate, handle_s, agents, patience_s, within_s).service_level

    most = least + 1
    while level(most) < target:
        most *= 2
    return bisect_left(range(most), target, lo=least, key=level)  # if none below is enough, most is


class _Queued(NamedTuple):
    """What becomes of a contact that has to wait."""

    none_ahead: float  # finds all agents busy but nobody in line
    answered: float
    in_time: float  # answered within the promised time
    still_there: float  # still waiting when the promised time ends
    abandoned: float
    wait_s: float
    answered_wait_s: float  # its wait if answered, else 0


def _impatient(rate: float, capacity: float, patience_s: float, within_s: float) -> _Queued:
    """
    What becomes of the waiting, by the length of the line they find (arrivals see time averages).

    With t in mean patiences and s answers per patience, the line of j ahead is gone after j + 1 departures,
    at rates s + j, …, s: later than t with probability I(e^−t; s, j + 1), the regularised incomplete beta.
    One's own patience in the race turns s into s + 1. All terms are positive, so no digits cancel.
    """
    from scipy.special import betainc, betaincc, digamma

    served = capacity * patience_s
    first, shares = _line(rate * patience_s, served)
    ahead = first + np.arange(len(shares), dtype=float)
    gone = -math.expm1(-within_s / patience_s)
    answered = shares * served / (served + ahead + 1)
    # If answered, one waits 1/(s + 1) + … + 1/(s + 1 + ahead) patiences in the mean.
    skipped = float(digamma(served + 1 + first) - digamma(served + 1)) if first else 0.0
    waits_s = patience_s * (skipped + np.cumsum(1 / (served + 1 + ahead)))
    return _Queued(
        none_ahead=0.0 if first else float(shares[0]),
        answered=float(answered.sum()),
        in_time=float(answered @ betainc(ahead + 1, served + 1, gone)),
        still_there=(1 - gone) * float(shares @ betaincc(ahead + 1, served, gone)),
        abandoned=float(shares @ ((ahead + 1) / (served + ahead + 1))),
        wait_s=float(shares @ ahead) / rate,  # Little's law: mean length of the line ÷ arrivals
        answered_wait_s=float(answered @ waits_s),
    )


def _line(arrivals: float, served: float) -> tuple[int, np.ndarray]:
    """
    Shares of the time all agents are busy with 0, 1, 2, … in line: the first length kept, and the shares.

    Both rates are per mean patience, so that a line of j shrinks at *served* + j. The products run from the
    commonest length outwards: each step shrinks, and nothing overflows at any load.
    """
    mode = max(0, math.floor(arrivals - served))
    shorter = _products(lambda step: (served + (mode - step + 1)) / arrivals, mode)
    longer = _products(lambda step: arrivals / (served + (mode + step)), math.inf)
    shares = np.concatenate([shorter[::-1], [1.0], longer])
    return mode - len(shorter), shares / shares.sum()


def _products(ratio: Callable[[np.ndarray], np.ndarray], most: float) -> np.ndarray:
    """Running products ratio(1), ratio(1) × ratio(2), …: *most* of them, or until they are negligible."""
    found, last = np.empty(0), 1.0
    while last > _NEGLIGIBLE and len(found) < most:
        _require(len(found) < _MOST_LENGTHS, "patience_s: too long to sum the line at this load: write less")
        steps = np.arange(len(found) + 1, min(2 * len(found) + 64, most) + 1)
        found = np.concatenate([found, last * np.cumprod(ratio(steps))])
        last = float(found[-1])
    return found


def _kpis(load: float, agents: int, queued: _Queued) -> SteadyState:
    """The KPIs of all offered: what becomes of the waiting, weighted with how many have to wait."""
    free = 0.0  # P(an agent is free) ÷ P(all busy, none in line) = 1/B − 1, B being Erlang's loss formula
    for busy in range(1, agents + 1):
        free = (1 + free) * busy / load
    wait = 1 / (1 + queued.none_ahead * free)
    answered = 1 - wait + wait * queued.answered
    in_time = 1 - wait + wait * queued.in_time
    return SteadyState(
        service_level=in_time,
        service_level_answered_only=_ratio(in_time, answered),
        service_level_excluded=_ratio(in_time, in_time + wait * queued.still_there),
        service_level_quick_counts_as_met=1 - wait * queued.still_there,
        abandonment_rate=wait * queued.abandoned,
        answer_rate=answered,
        wait_all=wait * queued.wait_s,
        asa=_ratio(wait * queued.answered_wait_s, answered),
        wait_queued=queued.wait_s,
        queued_share=wait,
        occupancy=min(1.0, load * answered / agents) if agents else math.nan,
    )


def _nothing_offered(agents: int) -> SteadyState:
    return SteadyState._make([math.nan] * 10 + [0.0 if agents else math.nan])


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else math.nan


def _checked(rate: float, handle_s: float, agents: int, within_s: float) -> tuple[float, float, int, float]:
    """The arguments as plain numbers (a table's NumPy scalars warn where Python's do not), each in range."""
    _require(0 <= rate < math.inf, f"rate: {rate} is not 0 or more: write contacts per second (360 / 3600)")
    _require(0 < handle_s < math.inf, f"handle_s: {handle_s} is not above 0: write the mean handle time in s")
    _require(0 <= within_s < math.inf, f"within_s: {within_s} is not 0 or more: write the answer time in s")
    whole = 0 <= agents < math.inf and agents == int(agents)
    _require(whole, f"agents: {agents} is not a whole number from 0 up: write how many people are on duty")
    return float(rate), float(handle_s), int(agents), float(within_s)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)

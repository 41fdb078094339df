"""
Laws of work and its quality: load and cap, responses, handle times, scores.

An error follows from what the KPIs count, or from facts that were given; it holds for every log and every centre.
A warning says that targets can be reached together only if something else gives way, or that one never decides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from csim.kpi.levels import Case, Conflict, Level, Range, exceeds, severity
from csim.scenario.pace import mean_response

TOP_SCORE, BAD_SCORE = 5.0, 2.0  # as the catalogue counts them
Found = Iterator[Conflict]


def little(case: Case) -> Found:
    """Chats at once per agent = contacts per hour × session time (Little's law); a cap is not that load."""
    hourly, session, cap = "contacts_per_hour", "session_time", _cap(case)
    if cap is None or not case.has(hourly, session) or not case.stated(session).high:
        return
    kpis = (hourly, session, *(["max_concurrency"] if case.has("max_concurrency") else []))
    least, load = (
        _load(case.allowed(hourly), case.allowed(session)).low,
        _load(case.stated(hourly), case.stated(session)),
    )
    if exceeds(least, cap):
        rate, each = case.allowed(hourly).low, case.allowed(session).low
        numbers = {"per_hour": rate, "session_time_s": each, "load": least, "cap": float(cap),
                   "per_hour_most": 3600 * cap / each}  # fmt: skip
        instead = {hourly: Level(at_most=3600 * cap / each)}
        yield Conflict("little_over", severity(case.facts.all_chats), kpis, numbers, instead)
    elif not exceeds(load.high, cap / 2):
        numbers = {
            "per_hour_low": case.stated(hourly).low, "per_hour_high": case.stated(hourly).high,
            "session_time_s": case.stated(session).high, "load_low": load.low, "load_high": load.high,
            "cap": float(cap), "full_per_hour": 3600 * cap / case.stated(session).high,
        }  # fmt: skip
        yield Conflict("little", "warning", kpis, numbers)


def concurrency(case: Case) -> Found:
    """Contacts per hour × session time is at most the chats held × the share of time with any."""
    held, hourly, session, busy = "concurrency", "contacts_per_hour", "session_time", "occupancy"
    if not case.has(held, hourly, session):
        return
    load, share = _load(case.allowed(hourly), case.allowed(session)).low, case.allowed(busy).high
    most = case.allowed(held).high * share
    if exceeds(load, most):
        kpis = (held, hourly, session, *([busy] if case.has(busy) else []))
        numbers = {"load": load, "held": case.allowed(held).high, "held_most": most}
        instead = {held: Level(at_least=load / share)} if share else {}
        yield Conflict("concurrency", severity(case.facts.all_chats), kpis, numbers, instead)


def mean_and_most(case: Case) -> Found:
    """The chats held on average are at most the most held."""
    pair = ("concurrency", "max_concurrency")
    if case.has(*pair):
        held, most = case.allowed(pair[0]).low, case.allowed(pair[1]).high
        if exceeds(held, most):
            numbers = {"held": held, "held_most": most}
            yield Conflict("mean_and_most", "error", pair, numbers, {pair[0]: Level(at_most=most)})


def workload(case: Case) -> Found:
    """Contacts per hour × handle time is at most the hour's busy part, once for each contact that may be held."""
    hourly, handle, busy, cap = "contacts_per_hour", "aht", "occupancy", case.facts.cap
    if cap is None or not case.has(hourly, handle):
        return
    rate, each, share = case.allowed(hourly).low, case.allowed(handle).low, case.allowed(busy).high
    there = 3600 * cap * share
    if exceeds(rate * each, there):
        numbers = {"per_hour": rate, "aht_s": each, "needed_s": rate * each, "there_s": there, "cap": float(cap),
                   "occupancy": share, "per_hour_most": there / each}  # fmt: skip
        kpis = (hourly, handle, *([busy] if case.has(busy) else []))
        yield Conflict("workload", "error", kpis, numbers, {hourly: Level(at_most=there / each)})


def idle(case: Case) -> Found:
    """Agents are busy with contacts only: at most contacts per hour × handle time."""
    kpis = busy, hourly, handle = "occupancy", "contacts_per_hour", "aht"
    if case.has(*kpis):
        filled = _load(case.stated(hourly), case.stated(handle)).high
        if exceeds(case.stated(busy).low, filled):
            numbers = {"per_hour": case.stated(hourly).high, "aht_s": case.stated(handle).high, "filled": filled,
                       "occupancy": case.stated(busy).low}  # fmt: skip
            yield Conflict("idle", "warning", kpis, numbers, {busy: Level(at_most=filled)})


def parts(case: Case) -> Found:
    """A part is no longer than the whole: focus in a session, after-work in handle time, response in the request's."""
    pairs = [
        ("focus_time", "session_time", case.facts.all_chats), ("after_work", "aht", True),
        ("first_response", "first_response_from_request", True),
    ]  # fmt: skip
    for part, whole, exact in pairs:
        if case.has(part, whole):
            least, most = case.allowed(part).low, case.allowed(whole).high
            if exceeds(least, most):
                numbers = {"part_s": least, "whole_s": most}
                yield Conflict("part", severity(exact), (part, whole), numbers, {part: Level(at_most=most)})


def focus_cap(case: Case) -> Found:
    """A session is at most the agent's attention to it × the contacts that may share that attention."""
    pair, cap = ("session_time", "focus_time"), case.facts.cap
    if cap is None or not case.has(*pair):
        return
    asked, focus = case.allowed(pair[0]).low, case.allowed(pair[1]).high
    if exceeds(asked, cap * focus):
        numbers = {"session_time_s": asked, "focus_time_s": focus, "cap": float(cap), "most_s": cap * focus}
        instead = {pair[0]: Level(at_most=cap * focus)}
        yield Conflict("focus_cap", severity(case.facts.all_chats), pair, numbers, instead)


def response(case: Case) -> Found:
    """With all slots full, a reply waits for the agent's others (finite-source queue); none beats composing."""
    compose, customer = case.facts.compose_s, case.facts.customer_s
    if compose is None or customer is None:
        return
    for kpi in ("mean_response", "mean_response_session", "first_response"):
        limit = case.allowed(kpi).high
        turn = {"compose_s": compose, "customer_s": customer, "limit_s": limit}
        if not case.has(kpi) or limit == math.inf:
            continue
        if exceeds(compose, limit):
            yield Conflict("compose", "error", (kpi,), turn, {kpi: Level(at_least=compose)})
        elif (cap := _cap(case)) and exceeds(full := mean_response(compose, customer, cap), limit):
            held = chats_within(limit, compose, customer)
            numbers = turn | {"cap": float(cap), "full_s": full, "held": float(held),
                              "compose_most_s": compose_within(limit, customer, cap)}  # fmt: skip
            if case.has("contacts_per_hour", "session_time"):
                load = _load(case.stated("contacts_per_hour"), case.stated("session_time")).low
                numbers |= {"load": load, "at_load_s": response_at(load, compose, customer)}
            instead = {"max_concurrency": Level(at_most=float(held))}
            yield Conflict("response_cap", "warning", (kpi, "max_concurrency"), numbers, instead)


def score_shares(case: Case) -> Found:
    """Top scores and bad ones make at most all."""
    pair = ("csat_top_box", "csat_bad_rate")
    if case.has(*pair):
        top, bad = (case.allowed(kpi).low for kpi in pair)
        if exceeds(top + bad, 1):
            numbers = {"top": top, "bad": bad, "rest": 1 - top}
            yield Conflict("csat_shares", "error", pair, numbers, {pair[1]: Level(at_most=1 - top)})


def scores(case: Case) -> Found:
    """The shares of top and of bad scores bound the mean, on the scale that the survey has."""
    top, bad, mean = "csat_top_box", "csat_bad_rate", "csat_mean"
    law = {(True, True): "csat", (True, False): "csat_top", (False, True): "csat_bad"}.get(
        (case.has(top), case.has(bad))
    )
    if law is None or not case.has(mean):
        return
    for said, hard in ((case.allowed, True), (case.stated, False)):
        shares = [(said if case.has(kpi) else case.allowed)(kpi) for kpi in (top, bad)]
        made, asked = mean_score(shares[0], shares[1], case.facts.scores), said(mean)
        under = exceeds(made.low, asked.high)
        if under or exceeds(asked.low, made.high):
            numbers = {"score": asked.high if under else asked.low, "score_least": made.low, "score_most": made.high}
            numbers |= {"top": case.stated(top)[0 if under else 1]} if case.has(top) else {}
            numbers |= {"bad": case.stated(bad)[1 if under else 0]} if case.has(bad) else {}
            kpis = (*(kpi for kpi in (top, bad) if case.has(kpi)), mean)
            instead = {mean: Level(at_least=made.low, at_most=made.high)}
            yield Conflict(law, severity(hard), kpis, numbers, instead)
            return


def chats_within(limit_s: float, compose_s: float, customer_s: float) -> int:
    """
    Most chats at once whose replies, all slots full, take at most *limit_s* on average; at most 1000.

    Examples:
        >>> chats_within(20, 10, 60), chats_within(30, 10, 60), chats_within(9, 10, 60)
        (5, 7, 0)
    """
    held = 0
    while held < 1000 and not exceeds(mean_response(compose_s, customer_s, held + 1), limit_s):
        held += 1
    return held


def compose_within(limit_s: float, customer_s: float, cap: int) -> float:
    """
    Longest composing with which *cap* chats at once still get replies within *limit_s* on average, s (bisection).

    Examples:
        >>> [round(compose_within(20, 60, cap), 2) for cap in (1, 8, 12)]
        [20.0, 7.84, 5.76]
    """
    low, high = 0.0, float(limit_s)  # replies take at least the composing, and longer composing makes longer replies
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_response(middle, customer_s, cap) <= limit_s else (low, middle)
    return high if mean_response(high, customer_s, cap) <= limit_s else low


def response_at(load: float, compose_s: float, customer_s: float) -> float:
    """
    Mean response with *load* chats at once, s: between whole numbers on the straight line, one chat below 1.

    Examples:
        >>> round(response_at(2.83, 10, 60), 1)
        12.9
    """
    below = max(1, math.floor(load))
    at, above = (mean_response(compose_s, customer_s, held) for held in (below, below + 1))
    return at + max(0.0, load - below) * (above - at)


def mean_score(top: Range, bad: Range, scores: Sequence[float]) -> Range:
    """
    Least and greatest mean of scores with such shares of the top one and of bad ones (a linear programme by corners).

    Examples:
        97 % of five stars: the others have one star at worst, four at best.

        >>> least, most = mean_score(Range(0.97, 0.97), Range(0, 1), (1, 2, 3, 4, 5))
        >>> round(least, 9), round(most, 9)
        (4.88, 4.97)
    """
    full = min(TOP_SCORE, max(scores))
    best = [score for score in scores if score >= full]
    worse = [score for score in scores if score <= BAD_SCORE]
    middle = [score for score in scores if BAD_SCORE < score < full]
    corners = set(itertools.product(top, bad))
    corners |= {(1 - share, share) for share in bad} | {(share, 1 - share) for share in top}
    means = []
    for tops, bads in corners:
        rest = 1 - tops - bads
        inside = top.low <= tops <= top.high and bad.low <= bads <= bad.high and rest >= -1e-12
        if inside and (worse or bads <= 0) and (middle or rest <= 1e-12):
            for end in (min, max):
                parts = ((best, tops), (worse, bads), (middle, rest))
                means.append(sum(end(part) * share for part, share in parts if part))
    return Range(min(means), max(means)) if means else Range(0.0, math.inf)


def _apart(one: Range, other: Range) -> bool:
    return exceeds(one.low, other.high) or exceeds(other.low, one.high)


def _load(hourly: Range, seconds: Range) -> Range:
    """Contacts at once: so many an hour, each so long."""
    product = hourly.times(seconds)
    return Range(product.low / 3600, product.high / 3600)


def _cap(case: Case) -> int | None:
    """Contacts that one agent may hold: the fact, else the most that the targets allow."""
    if case.facts.cap is not None:
        return case.facts.cap
    return max(1, int(case.stated("max_concurrency").high)) if case.has("max_concurrency") else None


LAWS = (
    little, concurrency, mean_and_most, workload, idle, parts, focus_cap, response, score_shares, scores,
)  # fmt: skip

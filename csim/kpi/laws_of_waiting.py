"""
Laws of outcomes and waiting: which levels of them cannot be had together.

An error follows from what the KPIs count, or from facts that were given; it holds for every log and every centre.
A warning says that targets can be reached together only if something else gives way, or that one never decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from csim.kpi.levels import Case, Conflict, Level, exactly, exceeds, severity

# csim's choice where nobody says: more patience than this is worth a question. A bank's callers had 347 s on average
# (scenarios/centres/bank_voice.yaml), planners take 120 s.
PATIENT_S = 600.0
Found = Iterator[Conflict]


def outcomes(case: Case) -> Found:
    """Answered and abandoned make at most all; what they leave was blocked, or was waiting at closing."""
    both = ("answer_rate", "abandonment_rate")
    if not case.has(*both):
        return
    answered, lost = (case.allowed(kpi) for kpi in both)
    if exceeds(answered.low + lost.low, 1):
        numbers = {both[0]: answered.low, both[1]: lost.low, "sum": answered.low + lost.low}
        most = max(0.0, 1 - answered.low)
        yield Conflict("outcomes", "error", both, numbers | {"most": most}, {both[1]: Level(at_most=most)})
    elif exceeds(1, answered.high + lost.high):
        rest = 1 - answered.high - lost.high
        numbers = {both[0]: answered.high, both[1]: lost.high, "rest": rest, "least": 1 - lost.high}
        yield Conflict("outcomes_rest", "warning", both, numbers, {both[0]: Level(at_least=1 - lost.high)})


def service_levels(case: Case) -> Found:
    """Whoever is answered in time is answered."""
    pair = ("service_level_included", "answer_rate")
    if case.facts.promised_to_all and case.has(*pair):
        asked, most = case.allowed(pair[0]).low, case.allowed(pair[1]).high
        if exceeds(asked, most):
            numbers = {"level": asked, "answer_rate": most}
            yield Conflict("service_level", "error", pair, numbers, {pair[0]: Level(at_most=most)})


def of_answered(case: Case) -> Found:
    """Answered in time ÷ offered = answered in time ÷ answered × answered ÷ offered."""
    level, only, answer = "service_level_included", "service_level_answered_only", "answer_rate"
    if not case.facts.promised_to_all or not case.has(level, only, answer):
        return
    made, asked = case.allowed(only).times(case.allowed(answer)), case.allowed(level)
    over = exceeds(asked.low, made.high)
    if over and exceeds(asked.low, case.allowed(answer).high):
        return  # the answer rate alone is too low: said by service_levels
    if over or exceeds(made.low, asked.high):
        side = 1 if over else 0
        numbers = {"level": asked[1 - side], "only": case.allowed(only)[side],
                   "answer_rate": case.allowed(answer)[side], "product": made[side]}  # fmt: skip
        yield Conflict("of_answered", "error", (level, only, answer), numbers, {level: exactly(made[side])})


def at_once(case: Case) -> Found:
    """Whoever is answered without waiting is answered in time."""
    level, queued, answer = "service_level_included", "queued_share", "answer_rate"
    if not case.facts.promised_to_all or not case.has(level, queued, answer):
        return
    least = case.allowed(answer).low - case.allowed(queued).high
    if exceeds(least, case.allowed(level).high):
        numbers = {"level": case.allowed(level).high, "answer_rate": case.allowed(answer).low,
                   "queued_share": case.allowed(queued).high, "least": least}  # fmt: skip
        yield Conflict("at_once", "error", (level, queued, answer), numbers, {level: Level(at_least=least)})


def readings(case: Case) -> Found:
    """Of the readings of one service level, each that forgives more is at least as high."""
    order = [("included", "excluded"), ("excluded", "answered_only"), ("excluded", "quick_counts_as_met"),
             ("included", "answered_only"), ("included", "quick_counts_as_met")]  # fmt: skip
    for stricter, milder in order:
        pair = (f"service_level_{stricter}", f"service_level_{milder}")
        if case.has(*pair):
            asked, most = case.allowed(pair[0]).low, case.allowed(pair[1]).high
            if exceeds(asked, most):
                yield Conflict(
                    "readings", "error", pair, {"level": asked, "milder": most}, {pair[0]: Level(at_most=most)}
                )


def late_answers(case: Case) -> Found:
    """Who is answered, but not within T, waited longer than T."""
    level, answer, within = "service_level_included", "answer_rate", case.facts.within_s
    if within is None or not case.facts.promised_to_all or not case.has(level, answer):
        return
    answered = case.allowed(answer).low
    late = answered - case.allowed(level).high
    for wait, least in (("wait_all", late * within), ("asa", late * within / answered if answered else 0.0)):
        if case.has(wait) and exceeds(least, case.allowed(wait).high):
            numbers = {
                "level": case.allowed(level).high, "answer_rate": answered, "late": late, "within_s": within,
                "wait_s": case.allowed(wait).high, "least_s": least,
            }  # fmt: skip
            yield Conflict("late_answers", "error", (wait, level, answer), numbers, {wait: Level(at_least=least)})


def waiting(case: Case) -> Found:
    """Mean wait of all = share that queued × mean wait of those who queued."""
    kpis = queued, line, everybody = "queued_share", "wait_queued", "wait_all"
    if not case.has(*kpis):
        return
    for said, hard in ((case.allowed, True), (case.stated, False)):
        shares, waits, asked = said(queued), said(line), said(everybody)
        made = shares.times(waits)
        over = exceeds(asked.low, made.high)
        if over or exceeds(made.low, asked.high):
            side = 1 if over else 0
            numbers = {"queued_share": shares[side], "wait_queued_s": waits[side], "product_s": made[side],
                       "wait_all_s": asked[1 - side]}  # fmt: skip
            yield Conflict("waiting", severity(hard), kpis, numbers, {everybody: exactly(made[side])})
            return


def waiting_all(case: Case) -> Found:
    """All wait no longer on average than those who queue."""
    pair = ("wait_all", "wait_queued")
    if not case.has(*pair) or case.has("queued_share"):
        return
    asked, most = case.allowed(pair[0]).low, case.allowed(pair[1]).high
    if exceeds(asked, most):
        numbers = {"wait_all_s": asked, "wait_queued_s": most}
        yield Conflict("waiting_all", "error", pair, numbers, {pair[0]: Level(at_most=most)})


def wait_parts(case: Case) -> Found:
    """The answered and the abandoners wait no longer than all together."""
    parts = [pair for pair in (("answer_rate", "asa"), ("abandonment_rate", "wait_of_abandoners")) if case.has(*pair)]
    if not parts or not case.has("wait_all"):
        return
    most = case.allowed("wait_all").high
    waited = sum(case.allowed(share).low * case.allowed(wait).low for share, wait in parts)
    if exceeds(waited, most):
        kpis = ("wait_all", *(kpi for pair in parts for kpi in pair))
        instead = {"wait_all": Level(at_least=waited)}
        yield Conflict("wait_parts", "error", kpis, {"wait_all_s": most, "least_s": waited}, instead)


def second_moment(case: Case) -> Found:
    """The mean squared wait is at least the mean wait squared."""
    pair = ("wait_second_moment", "wait_all")
    if case.has(*pair) and exceeds(least := case.allowed(pair[1]).low ** 2, case.allowed(pair[0]).high):
        numbers = {"moment_s2": case.allowed(pair[0]).high, "wait_all_s": case.allowed(pair[1]).low, "least_s2": least}
        yield Conflict("second_moment", "error", pair, numbers, {pair[0]: Level(at_least=least)})


def patience(case: Case) -> Found:
    """With exponential patience, the share that abandons = mean wait ÷ mean patience."""
    wait, lost = _mean_wait(case), _most_lost(case)
    if wait is None or lost is None:
        return
    (waits, allowed_wait, stated_wait), (leaver, allowed_lost, stated_lost) = wait, lost
    mean = PATIENT_S if case.facts.mean_patience_s is None else case.facts.mean_patience_s
    exact = case.facts.exponential_patience and case.facts.mean_patience_s is not None
    hard = exact and exceeds(allowed_wait, allowed_lost * mean)
    waited, share = (allowed_wait, allowed_lost) if hard else (stated_wait, stated_lost)
    if not exceeds(waited, most := share * mean):
        return
    numbers = {"wait_all_s": waited, "lost": share, "needed_s": waited / share if share else math.inf,
               "patience_s": mean, "most_s": most, "expected": min(1.0, waited / mean) if mean else 1.0}  # fmt: skip
    share_queued = 1.0 if waits[-1] == "wait_all" else case.stated("queued_share").high
    law = "patience_unknown" if case.facts.mean_patience_s is None else "patience"
    yield Conflict(law, severity(hard), (*waits, leaver), numbers, {waits[-1]: Level(at_most=most / share_queued)})


def abandoner_wait(case: Case) -> Found:
    """With exponential patience, abandoners wait E[W²] ÷ 2E[W], at least half the mean wait of those who queue."""
    left, line, wait, queued = "wait_of_abandoners", "wait_queued", "wait_all", "queued_share"
    if case.has(left, line):
        kpis: tuple[str, ...] = (left, line)
        hard, soft = case.allowed(line).low / 2, case.stated(line).low / 2
    elif case.has(left, wait, queued) and case.stated(queued).high:
        kpis = (left, wait, queued)
        hard = case.allowed(wait).low / case.allowed(queued).high / 2
        soft = case.stated(wait).low / case.stated(queued).high / 2
    else:
        return
    yield from _abandoners(case, "abandoner_wait", kpis, hard, soft)


def abandoner_moment(case: Case) -> Found:
    """With exponential patience, abandoners wait E[W²] ÷ 2E[W]."""
    kpis = left, moment, wait = "wait_of_abandoners", "wait_second_moment", "wait_all"
    if case.has(left, moment, wait) and case.stated(wait).high:
        hard = case.allowed(moment).low / case.allowed(wait).high / 2
        soft = case.stated(moment).low / case.stated(wait).high / 2
        yield from _abandoners(case, "abandoner_moment", kpis, hard, soft)


def _abandoners(case: Case, law: str, kpis: tuple[str, ...], hard: float, soft: float) -> Found:
    """The collision of a mean wait of abandoners with its floor: *hard* as levels allow, *soft* as they state."""
    exact = case.facts.exponential_patience and exceeds(hard, case.allowed(kpis[0]).high)
    least, asked = (hard, case.allowed(kpis[0]).high) if exact else (soft, case.stated(kpis[0]).high)
    if exceeds(least, asked):
        numbers = {"abandoners_s": asked, "wait_queued_s": 2 * least, "least_s": least}
        yield Conflict(law, severity(exact), kpis, numbers, {kpis[0]: Level(at_least=least)})


def _mean_wait(case: Case) -> tuple[tuple[str, ...], float, float] | None:
    """The least mean wait of all: the KPIs that say it, what they allow and what they state."""
    if case.has("wait_all"):
        return ("wait_all",), case.allowed("wait_all").low, case.stated("wait_all").low
    queued, line = "queued_share", "wait_queued"
    if not case.has(queued, line):
        return None
    low = case.allowed(queued).times(case.allowed(line)).low
    return (queued, line), low, case.stated(queued).times(case.stated(line)).low


def _most_lost(case: Case) -> tuple[str, float, float] | None:
    """The greatest share that may abandon: the KPI that says it, what it allows and what it states."""
    found = []
    if case.has("abandonment_rate"):
        found.append(("abandonment_rate", case.allowed("abandonment_rate").high, case.stated("abandonment_rate").high))
    if case.has("answer_rate"):
        found.append(("answer_rate", 1 - case.allowed("answer_rate").low, 1 - case.stated("answer_rate").low))
    return min(found, key=lambda bound: bound[2]) if found else None


LAWS = (
    outcomes, service_levels, of_answered, at_once, readings, late_answers, waiting, waiting_all, wait_parts,
    second_moment, patience, abandoner_wait, abandoner_moment,
)  # fmt: skip

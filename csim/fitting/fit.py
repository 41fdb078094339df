"""From a contact log to a scenario: everything fitted, queue by queue and group by group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from csim.display.notes import Note
from csim.errors import InputError, Mistake
from csim.fitting import arrivals as coming
from csim.fitting.by_time import ByTime, by_time
from csim.fitting.handle import HandleFit, handle_fit
from csim.fitting.held_out import split
from csim.fitting.observed import Observed, observed
from csim.fitting.pace import PaceFit, pace_fit
from csim.fitting.patience import PatienceFit, Waits, patience_fit
from csim.fitting.result import Fit
from csim.fitting.returns import returns
from csim.fitting.sample import Sample
from csim.fitting.staffing import ABSENT_AFTER_S, Staffing, from_calls, from_states
from csim.units import seconds

LEAST_ANSWERED, LEAST_ABANDONED = 50, 20  # below them a queue borrows the law of all queues
LEAST_MEAN_S = 1.0  # of after-work, to be spoken of
ASSUMED_WITHIN_S = 20.0


def fit(
    contacts: pd.DataFrame,
    states: pd.DataFrame | None = None,
    *,
    name: str = "fitted",
    interval: str | float = "15 min",
    within: str | float | None = None,
    weekdays: Iterable[str] | None = None,
    holdout: str | None = None,
    special: str = "exclude",
    absent_after: str | float = "60 s",
    seed: int = 1,
    source: dict[str, Any] | None = None,
    hours: tuple[float, int] | None = None,
) -> Fit:
    """
    A scenario calibrated on a contact log, with the uncertainty of every parameter.

    Args:
        contacts: What `read_contacts` gives: inbound contacts with queue, arrival, wait_s, talk_s, outcome; and, where
            they are there, agent, group, channel, after_work_s, customer_id, answer_within_s.
        states: Agent states, where the centre records them: staffing is then read from them.
        name: Name of the scenario.
        interval: Length of the intervals of volumes and staffing, "15 min" or seconds.
        within: The promised answer time, where the log does not carry it; 20 s is assumed (and said) otherwise.
        weekdays: Only these, such as ["mon", "tue"].
        holdout: Days to keep back for `Fit.backtest`: "2026-05-01..", "..2026-04-30", "25%" (the last quarter of the
            days), "fri" or "sat,sun".
        special: "exclude" leaves days unlike others of their weekday out of volumes and staffing, "keep" keeps them.
            They are listed either way.
        absent_after: An agent who takes nothing while somebody waits so long is read as away.
        seed: Of the bootstrap.
        source: What to say of the log: file, hash.
        hours: Opening (seconds from midnight) and number of intervals, where they are not to be found in the log.

    Raises:
        InputError: Columns that are missing, nothing answered, a holdout that leaves nothing.

    Examples:
        Five simulated days come back:

        >>> import csim
        >>> scenario = csim.load_scenario("scenarios/centres/first_voice.yaml").vary({"calendar.days": 5})
        >>> log = csim.simulate(scenario, 1, seed=7, keep_contacts=True).contacts
        >>> found = csim.fit(log, within="20 s")
        >>> round(found.value("handle_time", "mean_s"), -1), found.scenario.days.clock[0]  # in truth 240 s
        (240.0, '09:00')
    """
    if special not in ("exclude", "keep"):
        raise InputError([Mistake(f'special "{special}": write exclude or keep', "special")])
    weekdays = None if weekdays is None else tuple(weekdays)
    kept, held_out = split(contacts, weekdays, holdout)
    rng = np.random.default_rng(seed)
    seen = observed(kept, _seconds(interval, "interval"), hours)
    notes: list[Note] = []
    found = coming.arrivals(seen, rng, special == "exclude")
    chats = chat_queues(seen)
    paces = _paces(seen, chats, rng)
    work = _work(seen, paces)
    handle, after_work = _handle(seen, paces, work, rng, notes)
    staffing = _staffing(seen, states, _seconds(absent_after, "absent_after"), chats, rng, notes)
    if staffing.after_work is not None:
        after_work = dict.fromkeys(seen.queues, handle_fit(staffing.after_work, rng))
        notes.append(Note("fit_note_gap_work", {"seconds": f"{staffing.after_work.mean():.1f}"}))
    return Fit(
        name=name, seen=seen, arrivals=found, handle=handle,
        handle_by_time=_handle_by_time(seen, work), after_work=after_work,
        patience=_patience(seen, rng, notes), staffing=staffing, pace=paces, chats=tuple(chats),
        returns=returns(seen, rng), within_s=_promised(seen, within, notes), notes=tuple(notes), held_out=held_out,
        weekdays=weekdays, seed=seed, source=dict(source or {}), absent_after_s=_seconds(absent_after, "absent_after"),
    )  # fmt: skip


def _seconds(text: str | float, name: str) -> float:
    if isinstance(text, int | float):
        return float(text)
    try:
        return seconds(text)
    except ValueError as error:
        raise InputError([Mistake(str(error), name)]) from None


def chat_queues(seen: Observed) -> list[str]:
    """Queues of chats: those the log calls so; without a channel, those whose agents hold several at once."""
    if "channel" in seen.frame and seen.frame["channel"].notna().any():
        channel = seen.frame["channel"].astype(object).to_numpy()
        return [name for q, name in enumerate(seen.queues) if (channel[seen.queue == q] == "chat").mean() > 0.5]
    found = []
    for q, name in enumerate(seen.queues):
        rows = np.flatnonzero(seen.answered & (seen.queue == q) & (seen.agent >= 0) & (seen.talk > 0))
        begins, whose = (seen.instant + seen.wait)[rows], seen.day[rows] * (len(seen.agents) + 1) + seen.agent[rows]
        order = np.lexsort((begins, whose))
        ends = (begins + seen.talk[rows])[order]
        same = whose[order][1:] == whose[order][:-1]
        overlap = np.maximum(ends[:-1] - begins[order][1:], 0.0)[same].sum()
        if overlap > 0.05 * seen.talk[rows].sum():
            found.append(name)
    return found


def _paces(seen: Observed, chats: list[str], rng: np.random.Generator) -> dict[str, PaceFit]:
    """By group, the pace of its chats; groups without chats are not there."""
    is_chat = np.isin(seen.queue, [seen.queues.index(name) for name in chats])
    found = {}
    for number, group in enumerate(seen.groups or ("agents",)):
        mine = (seen.group == number) if seen.groups else np.ones(len(seen), bool)
        rows = np.flatnonzero(is_chat & mine & seen.answered & (seen.agent >= 0) & (seen.talk > 0))
        if len(rows) >= LEAST_ANSWERED:
            found[group] = pace_fit(seen, rows, rng)
    return found


def _handle(
    seen: Observed, paces: dict[str, PaceFit], work: np.ndarray, rng: np.random.Generator, notes: list[Note]
) -> tuple[dict[str, HandleFit], dict[str, HandleFit]]:
    """Handle work at pace 1 by queue, and after-work where the log has it."""
    usable = seen.answered & (work >= 0)
    usable &= seen.answered & (work[usable].sum() > 0)
    if len(seen.agents):
        nameless = usable & (seen.agent < 0)
        usable &= seen.agent >= 0
        if nameless.any():
            share = f"{nameless.sum() / max(seen.answered.sum(), 1):.1%}"
            notes.append(Note("fit_note_nameless", {"count": f"{nameless.sum():,}", "share": share}))
    if not usable.any():
        raise InputError([Mistake("no answered contact has a talk_s: there is no handle time to fit", "talk_s")])
    handle = _by_queue(seen, work, usable, rng, notes, "fit_note_few_answered")
    for q, name in enumerate(seen.queues):
        mine = [pace for pace in paces.values() if (~np.isnan(pace.work[seen.queue == q])).any()]
        if mine and mine[0].concurrency > 1:
            handle[name] = handle[name].as_uncertain_as(mine[0].mean_work)
    finished = seen.answered & (seen.after_work >= 0)
    after = {}
    if finished.any() and seen.after_work[finished].mean() >= LEAST_MEAN_S:
        after = _by_queue(seen, seen.after_work, finished, rng, notes, "")
    return handle, after


def _work(seen: Observed, paces: dict[str, PaceFit]) -> np.ndarray:
    """Handle work of every contact at pace 1, s."""
    work = seen.talk.copy()
    for pace in paces.values():
        work = np.where(np.isnan(pace.work), work, pace.work)
    return work


def _handle_by_time(seen: Observed, work: np.ndarray) -> dict[str, ByTime]:
    """Factors by time of day, for the queues whose hours differ."""
    found = {}
    for q, name in enumerate(seen.queues):
        usable = seen.answered & (seen.queue == q) & (work >= 0) & ((seen.agent >= 0) | (not len(seen.agents)))
        factors = by_time(seen, work, usable) if usable.any() and work[usable].sum() > 0 else None
        if factors is not None:
            found[name] = factors
    return found


def _by_queue(
    seen: Observed, durations: np.ndarray, usable: np.ndarray, rng: np.random.Generator, notes: list[Note], note: str
) -> dict[str, HandleFit]:
    """A law for every queue; those with few contacts have that of all."""
    of_all: HandleFit | None = None
    found = {}
    for q, name in enumerate(seen.queues):
        mine = usable & (seen.queue == q)
        if mine.sum() < LEAST_ANSWERED and len(seen.queues) > 1:
            of_all = of_all or handle_fit(Sample.of(durations[usable], seen.day[usable], seen.days), rng)
            found[name] = of_all
            if note:
                notes.append(Note(note, {"queue": name, "count": int(mine.sum())}))
            continue
        mine = mine if mine.any() else usable
        if durations[mine].mean() < LEAST_MEAN_S and not note:  # no after-work in this queue
            continue
        found[name] = handle_fit(Sample.of(durations[mine], seen.day[mine], seen.days), rng)
    return found


def _patience(seen: Observed, rng: np.random.Generator, notes: list[Note]) -> dict[str, PatienceFit]:
    """Patience by queue; queues that hardly anybody left have that of all."""
    judged = np.isin(seen.outcome, [0, 1, 3])
    of_all: PatienceFit | None = None
    found = {}
    for q, name in enumerate(seen.queues):
        mine = judged & (seen.queue == q)
        left = int((mine & seen.abandoned).sum())
        if left < LEAST_ABANDONED and len(seen.queues) > 1 and (judged & seen.abandoned).sum() >= LEAST_ABANDONED:
            if of_all is None:
                of_all = patience_fit(
                    Waits.of(seen.wait[judged], seen.abandoned[judged], seen.day[judged], seen.days), rng
                )
            found[name] = of_all
            notes.append(Note("fit_note_few_abandoned", {"queue": name, "count": left}))
            continue
        found[name] = patience_fit(_waits(seen, mine), rng)
    return found


def _waits(seen: Observed, mine: np.ndarray) -> Waits:
    return Waits.of(seen.wait[mine], seen.abandoned[mine], seen.day[mine], seen.days)


def _staffing(
    seen: Observed,
    states: pd.DataFrame | None,
    absent_after: float,
    chats: list[str],
    rng: np.random.Generator,
    notes: list[Note],
) -> Staffing:
    if states is not None:
        return from_states(seen, states, rng)
    if not len(seen.agents):
        what = "the log names no agents, so nobody can say how many there were: map the agent column, or give --states"
        raise InputError([Mistake(what, "agent")])
    found = from_calls(seen, rng, chats, absent_after)
    if absent_after != ABSENT_AFTER_S:
        notes.append(Note("fit_note_absent_after", {"seconds": f"{absent_after:g}"}))
    return found


def _promised(seen: Observed, within: str | float | None, notes: list[Note]) -> dict[str, float]:
    """The promised answer time of every queue, s."""
    if within is not None:
        return dict.fromkeys(seen.queues, _seconds(within, "within"))
    given = (
        seen.frame["answer_within_s"].to_numpy(float) if "answer_within_s" in seen.frame else np.full(len(seen), np.nan)
    )
    found = {}
    for q, name in enumerate(seen.queues):
        mine = given[(seen.queue == q) & ~np.isnan(given)]
        found[name] = float(np.median(mine)) if len(mine) else ASSUMED_WITHIN_S
        if not len(mine):
            notes.append(Note("fit_note_within", {"queue": name, "seconds": f"{ASSUMED_WITHIN_S:g}"}))
    return found

"""Who was there: agents on duty by interval, from who took calls and from when somebody waited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csim.fitting.observed import Observed
from csim.fitting.sample import Interval, Sample, by_days

ABSENT_AFTER_S = 60.0
READINGS_S = (30.0, 120.0)  # stricter and milder, for the range
LEAST_GAPS = 200


@dataclass(frozen=True)
class Staffing:
    """
    Agents on duty.

    Attributes:
        heads: [group, day, interval] mean number on duty.
        low, high: The same under a stricter and a milder reading.
        hours: By group, agent-hours a day: the value, and a range that holds both readings and the days' spread.
        after_work: Seconds between a call and the agent's next while somebody waited, by day; None where the log has
            its own column, or where agents take the next call at once.
        source: "states" or "calls".
    """

    heads: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hours: dict[str, Interval]
    after_work: Sample | None
    source: str


@dataclass(frozen=True)
class Gaps:
    """
    What lies between the contacts of one agent on one day.

    Attributes:
        begins, ends: Gaps in which the agent held nothing, s. idle: Seconds of each in which somebody waited.
        day, group: Whose. waiting: Whether somebody waited as the gap began. until_clear: Seconds until nobody did.
        first, last: Beginning of the first and end of the last contact of each agent-day; its day and group.
        doubled: Begin, end and group of the time that an agent spends on a second call at once (two people under one
            name, or calls that end earlier than the log has it: either way, work that was done).
    """

    begins: np.ndarray
    ends: np.ndarray
    idle: np.ndarray
    day: np.ndarray
    group: np.ndarray
    waiting: np.ndarray
    until_clear: np.ndarray
    first: np.ndarray
    last: np.ndarray
    whose_day: np.ndarray
    whose_group: np.ndarray
    doubled: tuple[np.ndarray, np.ndarray, np.ndarray]


class Waiting:
    """When somebody waited: the union of all waits of some queues."""

    def __init__(self, begins: np.ndarray, ends: np.ndarray) -> None:
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], np.maximum.accumulate(ends[order]) if len(ends) else ends
        new = np.ones(len(begins), bool)
        new[1:] = begins[1:] > ends[:-1]
        self.begins = begins[new]
        self.ends = ends[np.append(np.flatnonzero(new)[1:] - 1, len(ends) - 1)] if len(ends) else ends
        self.before = np.concatenate([[0.0], np.cumsum(self.ends - self.begins)])

    def seconds(self, instant: np.ndarray) -> np.ndarray:
        """Seconds before some instants in which somebody waited."""
        if not len(self.begins):
            return np.zeros(len(instant))
        place = np.searchsorted(self.begins, instant, side="right") - 1
        last = np.maximum(place, 0)
        inside = np.minimum(instant, self.ends[last]) - self.begins[last]
        return np.where(place < 0, 0.0, self.before[last] + np.maximum(inside, 0.0))

    def clear_after(self, instant: np.ndarray) -> np.ndarray:
        """How long somebody goes on waiting from some instants on, s; 0 where nobody waits then."""
        if not len(self.begins):
            return np.zeros(len(instant))
        place = np.maximum(np.searchsorted(self.begins, instant, side="right") - 1, 0)
        inside = (self.begins[place] <= instant) & (instant < self.ends[place])
        return np.where(inside, self.ends[place] - instant, 0.0)


def who_waits(seen: Observed, group: int | None = None) -> Waiting:
    """When somebody waited whom a group serves (None: anybody)."""
    mine = seen.wait > 0
    if group is not None and len(seen.groups) > 1:
        mine &= np.isin(seen.queue, queues_of(seen, group))
    return Waiting(seen.instant[mine], (seen.instant + seen.wait)[mine])


def queues_of(seen: Observed, group: int) -> np.ndarray:
    """The queues that a group serves: those of which it answered one contact in two hundred, or its most frequent."""
    answered = seen.answered & (seen.group >= 0)
    total = np.bincount(seen.queue[answered], minlength=len(seen.queues))
    own = np.bincount(seen.queue[answered & (seen.group == group)], minlength=len(seen.queues))
    return np.flatnonzero((own >= np.maximum(0.005 * total, 1)) | (own == max(own.max(), 1)))


def gaps_of(seen: Observed, chats: Sequence[str] = ()) -> Gaps:
    """The gaps between contacts of every agent and day; overlapping ones leave none (only *chats* should overlap)."""
    rows = np.flatnonzero(seen.answered & (seen.agent >= 0) & (seen.talk >= 0))
    begins = (seen.instant + seen.wait)[rows]
    ends = begins + seen.talk[rows] + np.nan_to_num(seen.after_work[rows])
    whose = seen.day[rows] * len(seen.agents) + seen.agent[rows]
    order = np.lexsort((begins, whose))
    rows, begins, ends, whose = rows[order], begins[order], ends[order], whose[order]
    group = np.maximum(seen.group[rows], 0)
    apart = whose * 1e9  # so that one running maximum serves all agents
    midnight, alone = seen.midnights[seen.day[rows]], ends
    ends = np.maximum.accumulate(ends - midnight + apart) - apart + midnight
    inner = np.flatnonzero(whose[1:] == whose[:-1])
    voice = ~np.isin(seen.queue[rows], [seen.queues.index(name) for name in chats])
    twice = inner[voice[inner + 1] & (begins[inner + 1] < ends[inner])] + 1
    doubled = (begins[twice], np.minimum(alone[twice], ends[twice - 1]), group[twice])
    inner = inner[begins[inner + 1] > ends[inner]]
    a, b, g = ends[inner], begins[inner + 1], group[inner]
    starts = np.flatnonzero(np.diff(whose, prepend=-1))
    stops = np.append(starts[1:], len(whose)) - 1
    idle, clear = np.zeros(len(a)), np.zeros(len(a))
    for number in np.unique(g):
        waiting, mine = who_waits(seen, int(number)), g == number
        idle[mine] = waiting.seconds(b[mine]) - waiting.seconds(a[mine])
        clear[mine] = waiting.clear_after(a[mine])
    return Gaps(
        a, b, idle, seen.day[rows][inner], g, clear > 0, clear, begins[starts], ends[stops], seen.day[rows][starts],
        group[starts], doubled,
    )  # fmt: skip


def from_calls(
    seen: Observed, rng: np.random.Generator, chats: Sequence[str] = (), absent_after: float = ABSENT_AFTER_S
) -> Staffing:
    """
    Agents on duty, read from who took calls.

    While somebody waits, whoever is there is busy. So an agent is on duty during a contact, and between two contacts
    unless somebody waited for more than a minute of that gap: then the agent was away for all of it. Before the first
    contact and after the last an agent is there for one interval at most, by the same rule. The reading sees nobody
    who never took a contact, takes a break in which nobody waited for presence, and knows nothing of skills: a range
    (half a minute to two) says how much hangs on it.

    What is left between two contacts while somebody waits, up to that minute, is after-work.

    Args:
        chats: Queues whose contacts an agent may hold beside each other.
        absent_after: Seconds of somebody's waiting that make a gap an absence.
    """
    gaps = gaps_of(seen, chats)
    strict, mild = READINGS_S[0] / ABSENT_AFTER_S * absent_after, READINGS_S[1] / ABSENT_AFTER_S * absent_after
    heads, low, high = (_present(seen, gaps, limit) for limit in (absent_after, strict, mild))
    names = seen.groups or ("agents",)
    hours = _hours(seen, names, (heads, low, high), rng)
    return Staffing(heads, low, high, hours, _gap_work(seen, gaps, absent_after), "calls")


def _present(seen: Observed, gaps: Gaps, limit: float) -> np.ndarray:
    """[group, day, interval] Mean number of agents present."""
    groups = max(len(seen.groups), 1)
    begins, ends, whose = [gaps.first], [gaps.last], [gaps.whose_group]
    opens, closes = seen.opens[gaps.whose_day], seen.opens[gaps.whose_day] + seen.intervals * seen.interval_s
    for number in range(groups):
        waiting, mine = who_waits(seen, number), gaps.whose_group == number
        first, last = gaps.first[mine], gaps.last[mine]
        reach = np.linspace(0, seen.interval_s, 31)
        before = waiting.seconds(first)[:, None] - waiting.seconds((first[:, None] - reach).ravel()).reshape(-1, 31)
        after = waiting.seconds((last[:, None] + reach).ravel()).reshape(-1, 31) - waiting.seconds(last)[:, None]
        early = first - reach[(before <= limit).sum(1) - 1]
        late = last + reach[(after <= limit).sum(1) - 1]
        begins += [np.maximum(early, np.minimum(opens[mine], first)), last]
        ends += [first, np.minimum(late, np.maximum(closes[mine], last))]
        whose += [np.full(len(first), number)] * 2
    away = gaps.idle > limit
    result = np.empty((groups, seen.days, seen.intervals))
    begin, end, group = np.concatenate(begins), np.concatenate(ends), np.concatenate(whose)
    for number in range(groups):
        there = _covered(seen, begin[group == number], end[group == number])
        mine = away & (gaps.group == number)
        result[number] = there - _covered(seen, gaps.begins[mine], gaps.ends[mine])
        begun, ended, whose_second = gaps.doubled
        second = whose_second == number
        result[number] += _covered(seen, begun[second], ended[second])
    return np.maximum(result, 0.0)


def _covered(seen: Observed, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """[day, interval] The mean number of spans that cover an instant of each interval."""
    edges = seen.opens[:, None] + np.arange(seen.intervals + 1) * seen.interval_s

    def before(points: np.ndarray) -> np.ndarray:
        """Σ max(0, edge − point) over the points."""
        points = np.sort(points)
        upto = np.concatenate([[0.0], np.cumsum(points)])
        number = np.searchsorted(points, edges)
        return edges * number - upto[number]

    return np.diff(before(begins) - before(ends), axis=1) / seen.interval_s


def _gap_work(seen: Observed, gaps: Gaps, limit: float) -> Sample | None:
    """Gaps that began while somebody waited, as far as they are shorter than an absence: after-work and changeover."""
    if not np.isnan(seen.after_work[seen.answered]).all():
        return None
    length = gaps.ends - gaps.begins
    # a gap counts while somebody waits; where the line empties first, nobody knows how long the agent would have needed
    usable = gaps.waiting & (length <= limit) & (length <= gaps.until_clear + 1e-6)
    ended_at_once = _back_to_back(seen)
    if usable.sum() + ended_at_once.sum() < LEAST_GAPS:
        return None
    durations = np.concatenate([length[usable], np.zeros(int(ended_at_once.sum()))])
    day = np.concatenate([gaps.day[usable], np.repeat(np.arange(seen.days), ended_at_once.astype(int))])
    sample = Sample.of(durations, day, seen.days)
    return sample if sample.mean() >= 1.0 else None


def _back_to_back(seen: Observed) -> np.ndarray:
    """[day] How often an agent took the next contact in the very second in which the last one ended."""
    rows = np.flatnonzero(seen.answered & (seen.agent >= 0) & (seen.talk >= 0))
    begins = (seen.instant + seen.wait)[rows]
    whose = seen.day[rows] * len(seen.agents) + seen.agent[rows]
    order = np.lexsort((begins, whose))
    begins, ends, whose = begins[order], (begins + seen.talk[rows])[order], whose[order]
    at_once = (whose[1:] == whose[:-1]) & (np.abs(begins[1:] - ends[:-1]) < 1e-3) & (seen.wait[rows][order][1:] > 0)
    return np.bincount(seen.day[rows][order][1:][at_once], minlength=seen.days)


def from_states(seen: Observed, states: pd.DataFrame, rng: np.random.Generator) -> Staffing:
    """Agents on duty from a log of their states: ready, serving or wrapping up, by group."""
    there = states[states["state"].isin(["ready", "serving", "wrap"])]
    names = seen.groups or ("agents",)
    group = (
        there["group"].astype(object).to_numpy()
        if "group" in there and len(seen.groups)
        else np.full(len(there), names[0])
    )
    begins, ends = (_on_seen_clock(seen, there, name) for name in ("from", "to"))
    heads = np.stack([_covered(seen, begins[group == name], ends[group == name]) for name in names])
    return Staffing(heads, heads, heads, _hours(seen, names, (heads,), rng), None, "states")


def _on_seen_clock(seen: Observed, states: pd.DataFrame, column: str) -> np.ndarray:
    """Instants of states on the clock on which the days of the contacts lie."""
    local = states[column].dt.tz_convert(seen.frame["arrival"].dt.tz).dt.tz_localize(None)
    days = (local.dt.normalize() - pd.Timestamp(min(seen.dates))).dt.days.to_numpy()
    seconds = (local - local.dt.normalize()).dt.total_seconds().to_numpy()
    span = 0
    if "replication" in states and "replication" in seen.frame:
        ranks = pd.Index(np.sort(seen.frame["replication"].unique())).get_indexer(states["replication"])
        span = ((max(seen.dates) - min(seen.dates)).days + 8) * ranks
    return (days + span) * 86400.0 + seconds


def _hours(
    seen: Observed, names: tuple[str, ...], readings: tuple[np.ndarray, ...], rng: np.random.Generator
) -> dict[str, Interval]:
    """Agent-hours a day by group, of the first reading, with a range over all readings and the days' spread."""
    found = {}
    for number, name in enumerate(names):
        ranges = []
        for reading in readings:
            hours = reading[number].sum(1) * seen.interval_s / 3600
            ranges += by_days(lambda w, hours=hours: np.array([w @ hours / w.sum()]), seen.days, rng)  # type: ignore[misc]
        found[name] = Interval(ranges[0].value, min(r.low for r in ranges), max(r.high for r in ranges))
    return found


def whole_agents(heads: np.ndarray) -> np.ndarray:
    """
    Whole agents by interval that add up to the hours there were: what rounding leaves goes to the next interval.

    Examples:
        >>> whole_agents(np.array([2.4, 2.4, 2.4, 2.4])).tolist()
        [2, 3, 2, 3]
    """
    rest, found = 0.0, np.zeros(len(heads), int)
    for i, number in enumerate(heads):
        found[i] = max(int(np.floor(number + rest + 0.5)), 0)
        rest += number - found[i]
    return found

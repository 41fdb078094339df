"""The catalogue measured on a contact log, simulated or real, and split as people ask for it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csim.contacts.sessions import sessions
from csim.contacts.timeline import split_at
from csim.errors import Mistake, UnknownNameError, did_you_mean
from csim.expressions import FormulaError
from csim.kpi.catalogue import Catalogue, Kpi, catalogue
from csim.kpi.sums import Measures, Special, contact_columns, named_kpi, state_columns, summed
from csim.kpi.table import empty_reason, ordered, unmeasured

ALL = "all"
CLOCK = ("day", "interval", "month")
BY = (*CLOCK, "queue", "agent", "group", "vendor")
COLUMNS = ("queue", "kpi", "value", "ci_low", "ci_high", "numerator", "denominator", "sample", "unit", "replications",
           "why")  # fmt: skip
NAN = float("nan")


def measure(
    contacts: pd.DataFrame,
    states: pd.DataFrame | None = None,
    within: float | str | Mapping[str, float] | None = None,
    by: str | None = None,
    kpis: Catalogue | None = None,
    interval_s: float = 1800,
    opens_s: float = 0,
    reading: str | Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """
    The KPIs of a contact log: ratios of sums over its rows, the same formulas as for a simulation.

    Args:
        contacts: One row per contact; needs queue, wait_s, outcome, and arrival for `by` day, interval or month.
        states: Agent states, for occupancy and the like (they stand under queue "all"). Without them, how many chats
            were held at once still comes from the overlaps of each agent's chats.
        within: Promised answer time: a duration ("20 s"), seconds, or seconds per queue. It is used where the
            log's own answer_within_s is missing; with neither, service level is "no threshold".
        by: Also split by "day", "interval" (of the day, local time), "queue", "agent", "group", "vendor", "month".
        kpis: A catalogue with KPIs of your own; the built-in one by default.
        interval_s: Length of an interval, s. opens_s: Local time of day from which intervals are counted, s.
        reading: The reading of service level (one, or one per queue) where the log does not say it.

    Returns:
        [by,] queue, kpi, value, ci_low, ci_high, numerator, denominator, sample, unit, replications, why: the columns
        of `Simulation.kpis` and what the ratios are made of. What happened once has no interval (ci_low and ci_high
        are empty). `sample` is how many contacts a value rests on, empty for measures of agents' time. "all" sums over
        queues, each under its own threshold.

    Raises:
        InputError: A column that is needed and not there, a `by` that is not known, a formula that cannot be computed.

    Examples:
        >>> log = pd.DataFrame({"queue": ["a"] * 4, "wait_s": [5.0, 25.0, 30.0, 0.0],
        ...                     "outcome": ["answered", "answered", "abandoned", "answered"]})
        >>> table = measure(log, within="20 s")
        >>> float(table.query("queue == 'all' and kpi == 'service_level'").value.iloc[0])
        0.5
    """
    if by is not None and by not in BY:
        raise UnknownNameError([Mistake(f'cannot measure by "{by}": {did_you_mean(by, BY)}', "--by")])
    known = kpis or catalogue()
    logged = states is not None  # else agents' time is that of contacts: a window without any has none of its own
    if not logged and (overlaps := sessions(contacts)) is not None:
        states = overlaps.held
        if "focus_s" not in contacts:
            contacts = contacts.assign(focus_s=overlaps.focus_s)
    if states is not None and by in CLOCK:
        states = cut(states, by, interval_s, opens_s)
    calls = contact_columns(contact_arrays(contacts, within, reading))
    spans = state_columns(state_arrays(states)) if states is not None else {}
    measures = Measures.of(known, calls, spans)
    keys, call_key, span_key = _split(contacts, states, by, interval_s, opens_s)
    queues = [str(queue) for queue in pd.unique(contacts["queue"].astype(str))]
    queue_of = pd.Index(queues).get_indexer(contacts["queue"].astype(str))
    head = [] if by in (None, "queue") else [str(by)]
    rows: list[dict[str, Any]] = []
    try:
        for number, key in enumerate(keys):
            for queue in (*queues, ALL):
                mine = (call_key == number) & (np.True_ if queue == ALL else queue_of == queues.index(queue))
                held = (span_key == number) if queue == ALL and states is not None else None
                if mine.any() or (logged and held is not None) or by in (None, "queue"):
                    found = _kpi_rows(known, measures, calls, spans, mine, held)
                    rows += [dict.fromkeys(head, key) | {"queue": queue} | row for row in found]
    except FormulaError as error:
        raise named_kpi(error, measures) from None
    table = pd.DataFrame(rows, columns=[*head, *COLUMNS]).assign(
        ci_low=NAN, ci_high=NAN, replications=_played(contacts)
    )
    parts = [ordered(part, known) for _, part in table.groupby(head, sort=False)] if head else [ordered(table, known)]
    return pd.concat(parts, ignore_index=True) if parts else table


def _kpi_rows(
    known: Catalogue, measures: Measures, calls: Mapping, spans: Mapping, mine: np.ndarray, held: np.ndarray | None
) -> list[dict[str, Any]]:
    some = {name: column[mine] for name, column in calls.items()}
    count = int(mine.sum())
    sums = [summed(measures.contacts, some, np.zeros(count, dtype=int), 1)[0]]
    if held is None:
        sums.append(np.full(len(measures.states), np.nan))
    else:
        part = {name: column[held] for name, column in spans.items()}
        sums.append(summed(measures.states, part, np.zeros(int(held.sum()), dtype=int), 1)[0])
    total = np.concatenate(sums)
    threshold = bool(some["judged"].any())
    rows = []
    for i, kpi in enumerate(measures.kpis):
        n, d = float(total[measures.numerator[i]]), float(total[measures.denominator[i]])
        if np.isnan(d) or np.isnan(n):
            continue
        value = n / d if d else NAN
        why = "" if d else empty_reason(kpi, threshold=threshold)
        rows.append(_row(kpi, value, n, d, _rests_on(kpi, float(total[measures.sample[i]]), count), why))
    for kpi in measures.special:
        if kpi.over == "agent_states" and held is None:
            continue
        of_calls = kpi.over == "contacts"
        mask, table = (mine, calls) if of_calls else (np.asarray(held), spans)
        special = Special.of(kpi, table, len(mask))
        value = special.over(mask)
        sample = NAN if not of_calls else value if kpi.kind == "distinct" else float((mask & special.counts).sum())
        why = "" if value == value else empty_reason(kpi, threshold=True)
        rows.append(_row(kpi, value, value, 1.0, sample, why))
    lacking = unmeasured(known, measures, simulated=False)
    return rows + [_row(kpi, NAN, NAN, NAN, NAN, why) for kpi, why in lacking]


def _rests_on(kpi: Kpi, counted: float, contacts: int) -> float:
    """How many contacts a ratio rests on: those that its denominator counts; per hour or agent-day, all; else none."""
    if kpi.denominator_over == "contacts":
        return counted
    return float(contacts) if kpi.over == "contacts" else NAN


def _row(kpi: Kpi, value: float, n: float, d: float, sample: float, why: str) -> dict[str, Any]:
    return {"kpi": kpi.id, "value": value, "numerator": n, "denominator": d, "sample": sample, "unit": kpi.unit,
            "why": why}  # fmt: skip


def _played(contacts: pd.DataFrame) -> int:
    """How often the days of a log happened: once, or as often as a simulation kept them."""
    return max(int(contacts["replication"].nunique()), 1) if "replication" in contacts.columns else 1


def contact_arrays(contacts: pd.DataFrame, within: Any, reading: Any) -> dict[str, np.ndarray]:
    """The columns of a log as arrays, with the promised answer time and the reading where the log lacks them."""
    absent = [name for name in ("queue", "wait_s", "outcome") if name not in contacts.columns]
    if absent:
        raise UnknownNameError([Mistake(f'the log has no column "{name}"', name) for name in absent])
    log = {str(name): _array(contacts[name]) for name in contacts.columns}
    if "arrival" in contacts and isinstance(contacts["arrival"].dtype, pd.DatetimeTZDtype):
        log["local_arrival"] = contacts["arrival"].dt.tz_localize(None).to_numpy()
    if within is not None:
        given = _promised(within, contacts["queue"])
        own = log.get("answer_within_s")
        log["answer_within_s"] = (
            given if own is None else np.where(np.isnan(own.astype(float)), given, own.astype(float))
        )
    if reading is not None and "quick_abandons" not in log:
        each = reading if isinstance(reading, Mapping) else dict.fromkeys(contacts["queue"].astype(str), reading)
        log["quick_abandons"] = contacts["queue"].astype(str).map(each).fillna("included").to_numpy(dtype=object)
    if "session_s" in log and np.isnan(log["session_s"].astype(float)).all():
        log = {name: column for name, column in log.items() if name not in ("session_s", "focus_s")}
    return log


def _promised(within: Any, queue: pd.Series) -> np.ndarray:
    from csim.units import seconds

    if isinstance(within, int | float) and within < 0:
        raise UnknownNameError([Mistake(f"{within} is negative: write 0 s or more", "within")])
    if isinstance(within, Mapping):
        return queue.astype(str).map({k: float(v) for k, v in within.items()}).to_numpy(dtype=float)
    return np.full(len(queue), seconds(within) if isinstance(within, str) else float(within))


def _array(column: pd.Series) -> np.ndarray:
    if (
        isinstance(column.dtype, pd.CategoricalDtype)
        or column.dtype == object
        or isinstance(column.dtype, pd.StringDtype)
    ):
        return column.astype(object).to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    if isinstance(column.dtype, pd.DatetimeTZDtype):  # as instants: an object each would take seconds
        return column.dt.tz_convert(None).to_numpy()
    return column.to_numpy()


def state_arrays(states: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of agent states as arrays, with each state's duration and the first of every agent-day."""
    columns = {str(name): _array(states[name]) for name in states.columns if name not in ("from", "to")}
    columns["duration"] = (states["to"] - states["from"]).dt.total_seconds().to_numpy()
    if "state" not in columns:  # from the overlaps of chats: who was there without one is not known
        return columns
    days = states["from"].dt.date.astype(str) if "day" not in states.columns else states["day"].astype(str)
    who = states["agent"].astype(str) + "/" + days
    if "replication" in states.columns:
        who = who + "/" + states["replication"].astype(str)
    there = ~np.isin(columns["state"], ("offline", "away"))  # a day off is no agent-day
    columns["agent_day"] = np.zeros(len(states))
    columns["agent_day"][np.flatnonzero(there)[(~who[there].duplicated()).to_numpy()]] = 1.0
    return columns


def cut(states: pd.DataFrame, by: str, interval_s: float, opens_s: float) -> pd.DataFrame:
    """States cut where a day (or an interval of the day, by local time) ends, so that time belongs to the clock."""
    if states.empty:
        return states
    first, last = states["from"].min().normalize(), states["to"].max().normalize() + pd.Timedelta(days=1)
    midnights = pd.date_range(first, last, freq="D")
    edges = midnights.as_unit("us").asi8 / 1e6
    if by == "interval":
        steps = np.append(0.0, np.arange(opens_s % interval_s, 25 * 3600, interval_s))
        edges = np.unique(np.concatenate([steps[steps < end - at] + at for at, end in itertools.pairwise(edges)]))
    begins, ends = (pd.DatetimeIndex(states[name]).as_unit("us").asi8 / 1e6 for name in ("from", "to"))
    row, _, low, high = split_at(edges, begins, ends)
    zone = states["from"].dt.tz
    cut = states.iloc[row].reset_index(drop=True)
    for name, at in (("from", low), ("to", high)):
        stamps = pd.Series(np.round(at * 1e6).astype(np.int64).astype("datetime64[us]"))
        cut[name] = stamps.dt.tz_localize("UTC").dt.tz_convert(zone) if zone is not None else stamps
    return cut


def _split(
    contacts: pd.DataFrame, states: pd.DataFrame | None, by: str | None, interval_s: float, opens_s: float
) -> tuple[list, np.ndarray, np.ndarray]:
    """The windows, and the window of every contact and every state (−1: none)."""
    none = np.zeros(len(states) if states is not None else 0, dtype=int)
    if by is None or by == "queue":
        return [None], np.zeros(len(contacts), dtype=int), none
    call = _window(contacts, "arrival", by, interval_s, opens_s)
    span = _window(states, "from", by, interval_s, opens_s) if states is not None else pd.Series([], dtype=object)
    keys = sorted({key for key in (*call.dropna().unique(), *span.dropna().unique()) if key != ""}, key=str)
    index = pd.Index(keys, dtype=object)
    return keys, index.get_indexer(call.astype(object)), index.get_indexer(span.astype(object))


def _window(table: pd.DataFrame, time: str, by: str, interval_s: float, opens_s: float) -> pd.Series:
    if by in ("agent", "group", "vendor"):
        if by not in table.columns:
            raise UnknownNameError([Mistake(f'the log has no column "{by}"', "--by")])
        return table[by].astype(object).where(table[by].notna(), None)
    if time not in table.columns:
        raise UnknownNameError([Mistake(f'the log has no column "{time}"', "--by")])
    stamps = table[time]
    if by == "day":
        return stamps.dt.strftime("%Y-%m-%d")
    if by == "month":
        return stamps.dt.strftime("%Y-%m")
    seconds = stamps.dt.hour * 3600 + stamps.dt.minute * 60 + stamps.dt.second
    first = opens_s % interval_s
    start = (((seconds - first) // interval_s * interval_s + first) % 86400).astype(int)
    return (start // 3600).map("{:02d}".format) + ":" + (start % 3600 // 60).map("{:02d}".format)

"""Sums of the catalogue's formulas over cells (queue, day, interval …): the one place where anything is added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from csim.errors import Mistake, UnknownNameError
from csim.expressions import FormulaError, expression
from csim.kpi.catalogue import SPECIAL, Catalogue, Kpi

TOP_SCORE, BAD_SHARE = 5.0, 0.4
TRUTHS = ("offered", "answered", "abandoned", "judged", "counted", "queued")  # each row counts once or not at all
Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Measures:
    """
    The distinct formulas that the KPIs of a catalogue need, by table, given the columns there are.

    Attributes:
        kpis: The KPIs that can be measured as ratios. special: The others that can be measured.
        missing: Why each other KPI is not measured: the columns it lacks.
        contacts, states: The formulas over each table. Sums hold them side by side, contacts first.
        numerator, denominator: Position of each KPI's sums. sample: Position of what they rest on: the rows that
            its denominator counts, or agent-days for measures of agents.
    """

    kpis: tuple[Kpi, ...]
    special: tuple[Kpi, ...]
    missing: dict[str, tuple[str, ...]]
    contacts: tuple[str, ...]
    states: tuple[str, ...]
    numerator: np.ndarray
    denominator: np.ndarray
    sample: np.ndarray

    @classmethod
    def of(
        cls, catalogue: Catalogue, contacts: Iterable[str], states: Iterable[str], *, simulated: bool = False
    ) -> Measures:
        """What can be measured from these columns; of a simulation only what it really plays."""
        have = {"contacts": set(contacts), "agent_states": set(states)}
        kpis, special, missing = [], [], {}
        for kpi in catalogue.values():
            lacking = _lacking(kpi, have)
            if kpi.numerator is None or lacking or (simulated and not kpi.can_be_simulated):
                missing[kpi.id] = lacking
            elif kpi.kind in SPECIAL:
                special.append(kpi)
            else:
                kpis.append(kpi)
        parts = [((k.over, k.numerator), (k.denominator_over, k.denominator), _sample(k)) for k in kpis]
        formulas = dict.fromkeys(part for found in parts for part in found)
        by_table = {table: tuple(text for where, text in formulas if where == table and text) for table in have}
        order = [(t, text) for t in ("contacts", "agent_states") for text in by_table[t]]
        place = {formula: i for i, formula in enumerate(order)}
        return cls(
            tuple(kpis), tuple(special), missing, by_table["contacts"], by_table["agent_states"],
            *(np.array([place[found[i]] for found in parts], dtype=np.int64) for i in range(3)),  # type: ignore[index, type-var]
        )  # fmt: skip


def _sample(kpi: Kpi) -> tuple[str, str]:
    """The formula that counts what a KPI rests on."""
    if kpi.denominator_over == "agent_states":
        return "agent_states", "agent_day"
    return "contacts", kpi.denominator if kpi.denominator in TRUTHS else f"({kpi.denominator}) != 0"  # type: ignore[return-value]


def _lacking(kpi: Kpi, have: Mapping[str, set[str]]) -> tuple[str, ...]:
    parts = ((kpi.over, kpi.numerator), (kpi.denominator_over, kpi.denominator))
    return tuple(sorted({name for table, text in parts if text for name in expression(text).names - have[table]}))


def named_kpi(error: FormulaError, measures: Measures) -> UnknownNameError:
    """The message for a formula that cannot be computed: which KPI's it is."""
    kpis = [k.id for k in (*measures.kpis, *measures.special) if error.args[0] in (k.numerator, k.denominator)]
    return UnknownNameError([Mistake(str(error), f"kpis.{kpi}") for kpi in kpis])


def summed(formulas: Iterable[str], columns: Columns, cell: np.ndarray, cells: int) -> np.ndarray:
    """
    Every formula summed over the rows of each cell: an array [cells, formulas].

    Examples:
        >>> rows = {"answered": np.array([1.0, 1.0, 0.0]), "wait": np.array([5.0, 7.0, 9.0])}
        >>> summed(["answered", "answered * wait"], rows, np.array([0, 1, 1]), 2).tolist()
        [[1.0, 5.0], [1.0, 7.0]]
    """
    texts = list(formulas)
    total = np.empty((cells, len(texts)))
    for i, text in enumerate(texts):
        total[:, i] = np.bincount(cell, weights=expression(text)(columns, len(cell)), minlength=cells)
    return total


@dataclass(frozen=True)
class Special:
    """A quantile, a maximum or a number of distinct values, ready to be taken over any rows of a table."""

    kpi: Kpi
    values: np.ndarray
    counts: np.ndarray  # rows where the denominator holds
    replication: np.ndarray | None

    @classmethod
    def of(cls, kpi: Kpi, columns: Columns, size: int) -> Special:
        """The values of a KPI in a table of *size* rows."""
        counts = expression(kpi.denominator or "offered")(columns, size) != 0
        if kpi.kind == "distinct":
            values = np.asarray(columns[str(kpi.numerator)], dtype=object)
            counts = counts & _present(values)
        else:
            values = expression(str(kpi.numerator))(columns, size)
        return cls(kpi, values, counts, columns.get("replication"))

    def over(self, rows: np.ndarray) -> float:
        """
        Its value over some rows; NaN where there is none.

        In a log of several replications it is taken within each; the mean of those is the value.
        """
        chosen = rows & self.counts
        if self.replication is None:
            return self._taken(chosen)
        numbers = np.unique(self.replication[chosen])
        each = [self._taken(chosen & (self.replication == number)) for number in numbers]
        return float(np.mean(each)) if each else float("nan")

    def _taken(self, chosen: np.ndarray) -> float:
        found = self.values[chosen]
        if not len(found):
            return float("nan")
        if self.kpi.kind == "distinct":
            return float(len(set(found.tolist())))
        return float(found.max() if self.kpi.kind == "maximum" else np.quantile(found, self.kpi.quantile))


def contact_columns(log: Columns) -> dict[str, Any]:
    """
    The columns of a contact log and what the catalogue derives from them (its header says what each is).

    *log* needs outcome (text) and wait_s; the other columns of INTERFACE are used where they are there.
    """
    size = len(log["wait_s"])
    outcome = np.asarray(log["outcome"])
    inbound = np.asarray(log["direction"]) != "outbound" if "direction" in log else np.ones(size, dtype=bool)
    is_answered = outcome == "answered"
    wait = np.round(np.asarray(log["wait_s"], dtype=float), 6)
    within = np.asarray(log["answer_within_s"], dtype=float) if "answer_within_s" in log else np.full(size, np.nan)
    judged = inbound & ~np.isnan(within)
    answered, abandoned = inbound & is_answered, inbound & (outcome == "abandoned")
    with np.errstate(invalid="ignore"):
        in_time, quick = answered & (wait <= within), abandoned & (wait <= within)
    reading = np.asarray(log["quick_abandons"]) if "quick_abandons" in log else np.full(size, "included")
    derived = {
        "offered": inbound, "answered": answered, "abandoned": abandoned,
        "blocked": inbound & (outcome == "blocked"), "open": inbound & (outcome == "open"),
        "wait": wait, "within": within, "judged": judged, "in_time": in_time, "quick": quick,
        "queued": inbound & (wait > 0) & (outcome != "blocked"),
        "met": in_time | (quick & (reading == "quick_counts_as_met")),
        "counted": judged & ~(quick & (reading == "excluded")) & (answered | (reading != "answered_only")),
    }  # fmt: skip
    talk, wrap = (np.asarray(log[name], dtype=float) if name in log else None for name in ("talk_s", "after_work_s"))
    if talk is not None:
        after = np.zeros(size) if wrap is None else np.nan_to_num(wrap)
        attention = np.asarray(log["focus_s"], dtype=float) if "focus_s" in log else np.full(size, np.nan)
        derived |= {"handle": talk + after, "agent_time": np.where(np.isnan(attention), talk, attention) + after}
    if "agent_messages" in log:
        sent = np.asarray(log["agent_messages"], dtype=float)
        derived["replied"] = np.where(np.isnan(sent), np.nan, sent > 0)
    elif "first_response_s" in log and "channel" in log:  # without counts, the first reply of a chat tells
        replied = ~np.isnan(np.asarray(log["first_response_s"], dtype=float))
        derived["replied"] = np.where(np.asarray(log["channel"]) == "chat", replied, np.nan)
    if "direction" in log:
        derived |= {"outbound": ~inbound, "connected": is_answered}
    if "transferred_to" in log:
        derived["transferred"] = answered & _present(log["transferred_to"])
    if "csat" in log:
        score = np.asarray(log["csat"], dtype=float)
        known = ~np.isnan(score)
        derived |= {
            "csat_answered": known,
            "csat_top": known & (score >= TOP_SCORE),
            "csat_bad": known & (score <= BAD_SHARE * TOP_SCORE),
        }
    return {**log, **derived}


def _present(values: np.ndarray) -> np.ndarray:
    return np.array([value is not None and value == value and value != "" for value in values])


def state_columns(states: Columns) -> dict[str, Any]:
    """The columns of agent states and what the catalogue derives; *states* needs state and `duration`."""
    duration = np.asarray(states["duration"], dtype=float)
    state = np.asarray(states["state"])
    online = state != "offline"
    busy = (state == "serving") | (state == "wrap")
    derived = {
        "logged_in": duration * (online & (state != "away")),
        "online": duration * online,
        "busy": duration * busy,
        "talking": duration * (state == "serving"),
        "not_ready_time": duration * (state == "not_ready"),
        "away_time": duration * (state == "away"),
    }
    if "chats_held" in states:
        chats = np.asarray(states["chats_held"], dtype=float)
        derived |= {"chat_time": chats * duration, "chatting": (chats > 0) * duration}
    if "slots_held" in states and "slots" in states:
        slots, held = np.asarray(states["slots"], dtype=float), np.asarray(states["slots_held"], dtype=float)
        derived |= {"slot_time": held * duration, "slots_in": slots * derived["logged_in"]}
    return {**states, **derived}

"""The columns of a log, and those that the catalogue derives from them (its header says what each is)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from csim.expressions import expression

TOP_SCORE, BAD_SHARE = 5.0, 0.4
Rows = Mapping[str, Any]


class Columns(Mapping[str, Any]):
    """
    The columns of a table by name: given ones, and derived ones that are computed when somebody asks.

    Attributes:
        given: Arrays, and text as codes (`Coded`).
        formulas: Derived by a formula over other columns.
        numbers: Derived by a function of these columns; one number per row.

    Examples:
        >>> log = {"wait_s": np.array([5.0, 40.0]), "outcome": np.array(["answered", "abandoned"])}
        >>> contact_columns(log)["queued"].tolist()
        [True, True]
    """

    def __init__(
        self, given: Rows, formulas: Mapping[str, str], numbers: Mapping[str, Callable[[Rows], np.ndarray]], size: int
    ) -> None:
        self.given, self.numbers, self.size = dict(given), dict(numbers), size
        names = {*self.given, *self.numbers}
        self.formulas: dict[str, str] = {}
        for name, text in formulas.items():  # in an order in which each stands on those before it
            if expression(text).names <= names and name not in names:
                self.formulas[name] = text
                names.add(name)
        self._known = dict(self.given)

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            if name in self.formulas:
                self._known[name] = expression(self.formulas[name]).column(self, self.size)
            else:
                self._known[name] = np.asarray(self.numbers[name](self), dtype=float)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.given, **self.numbers, **self.formulas})

    def __len__(self) -> int:
        return len(self.given) + len(self.numbers) + len(self.formulas)


OF_CONTACTS = {
    "offered": 'direction != "outbound"',
    "answered": 'offered and outcome == "answered"',
    "abandoned": 'offered and outcome == "abandoned"',
    "blocked": 'offered and outcome == "blocked"',
    "open": 'offered and outcome == "open"',
    "judged": "offered and within == within",
    "in_time": "answered and wait <= within",
    "quick": "abandoned and wait <= within",
    "queued": 'offered and wait > 0 and outcome != "blocked"',
    "met": 'in_time or quick and quick_abandons == "quick_counts_as_met"',
    "counted": (
        'judged and not (quick and quick_abandons == "excluded") and (answered or quick_abandons != "answered_only")'
    ),
    "outbound": 'direction == "outbound"',
    "connected": '(offered or outbound) and outcome == "answered"',
    "transferred": "answered and handed_on",
    "csat_answered": "csat == csat",
    "csat_top": f"csat >= {TOP_SCORE}",
    "csat_bad": f"csat <= {BAD_SHARE * TOP_SCORE}",
}
WITHOUT_DIRECTION = {"offered": "1 == 1"}
WITHOUT_READING = {"met": "in_time", "counted": "judged"}  # "included"
OF_STATES = {
    "online": 'duration * (state != "offline")',
    "logged_in": 'duration * (state != "offline" and state != "away")',
    "busy": 'duration * (state == "serving" or state == "wrap")',
    "talking": 'duration * (state == "serving")',
    "not_ready_time": 'duration * (state == "not_ready")',
    "away_time": 'duration * (state == "away")',
    "chat_time": "chats_held * duration",
    "chatting": "(chats_held > 0) * duration",
    "slot_time": "slots_held * duration",
    "slots_in": "slots * logged_in",
}


def contact_columns(log: Rows) -> Columns:
    """
    The columns of a contact log and what the catalogue derives from them (its header says what each is).

    *log* needs outcome (text) and wait_s; the other columns of INTERFACE are used where they are there.
    """
    size = len(log["wait_s"])
    given = {
        name: column if hasattr(column, "codes") else np.asarray(column)
        for name, column in log.items() if name not in OF_CONTACTS  # a log's own "answered", a time, is another thing
    }  # fmt: skip
    if "csat" in log:
        given["csat"] = np.asarray(log["csat"], dtype=float)
    numbers: dict[str, Callable[[Rows], np.ndarray]] = {}
    if "wait" not in log:
        numbers["wait"] = lambda rows: np.round(np.asarray(rows["wait_s"], dtype=float), 6)
    numbers["within"] = lambda rows: rows["answer_within_s"] if "answer_within_s" in log else np.full(size, np.nan)
    if "talk_s" in log:
        numbers["agent_time"] = _agent_time
        if "handle" not in log:
            numbers["handle"] = lambda rows: _number(rows, "talk_s") + _after_work(rows)
    if "agent_messages" in log or ("first_response_s" in log and "channel" in log):
        numbers["replied"] = _replied
    if "arrival" in log:
        numbers["hour"] = _hour
    if "transferred_to" in log:
        numbers["handed_on"] = lambda rows: present(rows["transferred_to"])
    formulas = OF_CONTACTS | (WITHOUT_DIRECTION if "direction" not in log else {})
    return Columns(given, formulas | (WITHOUT_READING if "quick_abandons" not in log else {}), numbers, size)


def state_columns(states: Rows) -> Columns:
    """The columns of agent states and what the catalogue derives; *states* needs state and `duration`."""
    return Columns(states, OF_STATES, {}, len(states["duration"]))


def present(values: Any) -> np.ndarray:
    """Which rows of a column of texts say something."""
    return np.array([value is not None and value == value and value != "" for value in values], dtype=bool)


def _hour(rows: Rows) -> np.ndarray:
    """The local time of day of arrival, h; arrivals without a zone are local already."""
    at = rows["local_arrival"] if "local_arrival" in rows else rows["arrival"]
    return (at - at.astype("datetime64[D]")) / np.timedelta64(1, "h")


def _number(rows: Rows, name: str) -> np.ndarray:
    return np.asarray(rows[name], dtype=float)


def _after_work(rows: Rows) -> np.ndarray | float:
    """An empty after_work_s is 0."""
    return np.nan_to_num(_number(rows, "after_work_s")) if "after_work_s" in rows else 0.0


def _agent_time(rows: Rows) -> np.ndarray:
    talk = _number(rows, "talk_s")
    attention = _number(rows, "focus_s") if "focus_s" in rows else np.full(len(talk), np.nan)
    return np.where(np.isnan(attention), talk, attention) + _after_work(rows)


def _replied(rows: Rows) -> np.ndarray:
    """1 or 0, NaN where it is not known; without counts of messages, the first reply of a chat tells."""
    if "agent_messages" in rows:
        sent = _number(rows, "agent_messages")
        return np.where(np.isnan(sent), np.nan, sent > 0)
    replied = ~np.isnan(_number(rows, "first_response_s"))
    return np.where(rows["channel"] == "chat", replied, np.nan)

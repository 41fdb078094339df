"""Agents' time by slot, team and what they did meanwhile: all that additive formulas want, and no row per state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from csim.contacts.alone import alone_source
from csim.contacts.spans import Spans, room
from csim.contacts.walk import READY, SERVING, WRAP, adding_source, exact
from csim.loops import loop

Machine = Callable[..., Any]


@dataclass(frozen=True)
class Kinds:
    """
    What an agent may do: kind 0 holds nothing and is ready; the others hold contacts, of which some are chats in talk.

    Examples:
        >>> calls = Kinds.upto(1)
        >>> calls.state.tolist(), calls.held.tolist(), calls.chats.tolist()
        ([0, 1, 1, 2], [0, 1, 1, 1], [0, 0, 1, 0])
    """

    state: np.ndarray
    held: np.ndarray
    chats: np.ndarray

    @classmethod
    @lru_cache(maxsize=64)
    def upto(cls, most: int) -> Kinds:
        """With up to so many contacts at once."""
        found = [(READY, 0, 0)]
        for held in range(1, most + 1):
            found += [(SERVING, held, chats) for chats in range(held + 1)]
            found.append((WRAP, held, 0))
        return cls(*(np.array(column) for column in zip(*found, strict=True)))

    def __len__(self) -> int:
        return len(self.state)

    @cached_property
    def alone(self) -> tuple[int, int]:
        """The kinds of who talks to one caller, and of who writes after that."""
        return int(self.number[SERVING, 1, 0]), int(self.number[WRAP, 1, 0])

    @cached_property
    def number(self) -> np.ndarray:
        """The kind by [state, held, chats]; −1: there is none."""
        most = self.held.max()
        table = np.full((self.state.max() + 1, most + 1, most + 1), -1)
        table[self.state, self.held, self.chats] = np.arange(len(self))
        return table


@dataclass(frozen=True)
class Times:
    """
    What agents did in some stretches.

    Lengths are taken between instants in whole parts of a second (`csim.contacts.walk.exact`), so that these sums are
    exact: whoever adds them up, cut into whatever pieces, in whatever order, finds the same digits.

    Attributes:
        time: [slot, team, kind], s. days: [slot, team], agents whose day begins there.
    """

    kinds: Kinds
    time: np.ndarray
    days: np.ndarray

    @classmethod
    def none(cls, kinds: Kinds, slots: int, teams: int) -> Times:
        """Nothing yet."""
        return cls(kinds, np.zeros((slots, teams, len(kinds))), np.zeros((slots, teams)))

    def add_spans(self, found: Spans, team: np.ndarray, slot: np.ndarray) -> None:
        """A stretch as rows, with the team of each agent and the slot of each piece."""
        where, teams = slot[found.piece], team[found.agent]
        kind = self.kinds.number[found.state, found.held, found.chats]
        np.add.at(self.time, (where, teams, kind), exact(found.ends) - exact(found.begins))
        np.add.at(self.days, (where, teams), found.agent_day)

    def add(
        self, machine: Machine, lived: Iterable[np.ndarray], slot: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """
        A stretch as it was (`csim.contacts.spans.walked`), with the slot of each piece, by the machine code `adding`.

        Returns `focus_s` and `held_at_answer` of `Spans`, for each of *count* contacts.
        """
        focus, held = np.full(count, np.nan), np.zeros(count, np.int64)
        machine(*lived, *room(count), focus, held, (self.time, self.days, slot, self.kinds.number))
        return focus, held

    def add_alone(
        self, machine: Machine, lived: Iterable[np.ndarray], slot: np.ndarray, agents: int, changes: int, days: int
    ) -> None:
        """
        The same by `adding_alone`, where nobody holds two contacts at once and none is a chat.

        *changes*: how often agents are called in or sent home, all together at most. *days*: of the stretch.
        """
        begins, spells = np.empty((agents, days), np.int64), np.empty((2, agents), np.int64)
        room = np.empty(changes + 3 * agents)
        machine(*lived, slot, self.time, self.days, *self.kinds.alone, room, spells, begins)


def adding(rows: float) -> Machine | None:
    """The machine code of `Times.add`; see `csim.loops.loop`."""
    return loop(adding_source(), "walk", rows)


def adding_alone(rows: float) -> Machine | None:
    """That of `Times.add_alone`."""
    return loop(alone_source(), "pass_alone", rows)

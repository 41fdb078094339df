"""The pieces of constant rate that a calendar is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csim.scenario.load import Scenario


@dataclass(frozen=True)
class Pieces:
    """
    The pieces of constant rate of one queue in time order, warm-ups included.

    Attributes:
        expected: Contacts per piece. ends: Their running sum. total: Their sum.
        starts, lengths: When each begins and how long it is, s.
        codes: Where each lies: its stretch, day and interval; a warm-up belongs to the first interval.
    """

    expected: np.ndarray
    ends: np.ndarray
    total: float
    starts: np.ndarray
    lengths: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario, name: str, factors: np.ndarray | None = None) -> Pieces:
        """The pieces of a queue on days of these factors (None: 1)."""
        days = scenario.days
        step, count = days.interval_s, days.intervals
        expected = scenario.expected[name] * (1.0 if factors is None else factors[:, None])
        starts = np.tile(np.arange(count) * step, (len(days), 1))
        lengths = np.clip(days.length_s[:, None] - starts, 0, step)  # a short (23 h) day ends early
        expected = expected * lengths / step
        if days.carry_over:
            starts = starts + days.offset_s[:, None]
        day = np.tile(np.arange(len(days))[:, None], (1, count))
        interval = np.tile(np.arange(count), (len(days), 1))
        if days.warmup_s:
            warm = slice(0, 1) if days.carry_over else slice(None)
            ahead = np.full((len(days), 1), 0.0)
            ahead[warm] = expected[warm, :1] * days.warmup_s / step
            expected = np.hstack([ahead, expected])
            starts = np.hstack([starts[:, :1] - days.warmup_s, starts])
            lengths = np.hstack([np.full((len(days), 1), days.warmup_s), lengths])
            day, interval = np.hstack([day[:, :1], day]), np.hstack([interval[:, :1], interval])
        stretch = np.zeros_like(day) if days.carry_over else day
        flat = expected.ravel()
        return cls(
            flat, np.cumsum(flat), float(flat.sum()), starts.ravel(), lengths.ravel(),
            np.stack([stretch.ravel(), day.ravel(), interval.ravel()]),
        )  # fmt: skip

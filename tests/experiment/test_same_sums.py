"""Machine code that writes no row against NumPy over rows: the sums of a replication are the same to the bit."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import csim
from csim.experiment.replicate import Plan, replicate

pytest.importorskip("numba")
CENTRES = Path(__file__).parents[2] / "scenarios" / "centres"


def exponential(mean):
    return {"distribution": "exponential", "mean": mean}


def calls(**calendar):
    """Two queues of calls, a warm-up, after-work, staff that comes and goes, and two vendors."""
    queue = {
        "channel": "voice", "arrivals": {"per_hour": 60}, "handle_time": exponential("3 min"),
        "after_work": exponential("30 s"), "patience": exponential("2 min"), "answer_within": "20 s",
    }  # fmt: skip
    return {
        "csim": "scenario/1",
        "name": "calls",
        "calendar": {"start": "2026-06-29T20:00", "open": "6 h", "days": 4, **calendar},
        "queues": {"a": queue, "b": {**queue, "quick_abandons": "excluded", "answer_within": "30 s"}},
        "groups": {
            "one": {"serves": ["a"], "agents": {"per_interval": [2, 5, 3, 4] * 3}, "vendor": "X"},
            "both": {"serves": ["b", "a"], "agents": 4, "vendor": "Y"},
        },
    }


OWN = {"late": {"en": "Late", "zh": "晚", "numerator": "queue == 'a' and wait > 60", "denominator": "offered"}}
KINDS = {
    "days": calls(),
    "warm": calls(warmup="1 h"),
    "carried over": calls(carry_over=True, warmup="30 min"),
    "own": {**calls(), "kpis": OWN},
    **{
        name: CENTRES / f"{name}.yaml"
        for name in ("double_11", "first_voice", "bank_voice", "hotline_400", "night_chat")
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_sums_without_rows_are_others(kind):
    """Every array of the counts agrees, whether rows were written or only added up."""
    scenario = csim.load_scenario(KINDS[kind])
    slow, fast = (replicate(Plan(scenario, 3, "compiled", False, (), rows), [2])[0] for rows in (0.0, float("inf")))
    for each in fields(slow):
        one, other = getattr(slow, each.name), getattr(fast, each.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, each.name
            assert one.tobytes() == other.tobytes(), each.name
    assert slow.offered == fast.offered > 100
    assert np.nansum(slow.group_interval) > 0

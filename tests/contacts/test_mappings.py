"""Vendors' logs through mappings: the bank's numbers to the digit, and every row accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

import csim
from csim.contacts.read import read_log

BANK = Path(__file__).parents[3] / "shared/data/anonymous_bank_1999"
needs_bank = pytest.mark.skipif(not BANK.exists(), reason="the bank's log (shared/data) is not beside the project")

PUBLISHED = {
    "february": {
        "offered": 31_125, "answered": 27_162, "abandoned": 3_963, "abandonment_rate": (0.12733, 5),
        "queued_share": (0.57921, 5), "service_level_included": (0.52077, 5),
        "service_level_answered_only": (0.59675, 5), "asa": (40.774, 3),
    },
    "may": {
        "offered": 37_067, "abandonment_rate": (0.19273, 5), "service_level_included": (0.38344, 5), "asa": (67.005, 3),
    },
}  # fmt: skip


@needs_bank
@pytest.mark.parametrize("month", PUBLISHED)
def test_the_bank_measures_otherwise(month):
    """Every published number of the bank's months comes out of measuring them through their mapping, digit by digit."""
    found = read_log(BANK / f"{month}.txt.gz", "bank")
    assert found.rows == found.kept + sum(found.rejected.values()) + sum(found.set_aside.values())
    kpis = csim.measure(found.table, within="20 s").query("queue == 'all'").set_index("kpi")
    counts = found.table["outcome"].value_counts()
    for name, expected in PUBLISHED[month].items():
        if isinstance(expected, tuple):
            assert round(kpis["value"][name], expected[1]) == expected[0], name
        else:
            assert (len(found.table) if name == "offered" else counts[name]) == expected, name

"""bank_voice.yaml against the bank: a simulated February weekday beside the log it was read off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csim

LOG = Path(__file__).parents[3] / "shared/data/anonymous_bank_1999/february.txt.gz"
pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the bank's log (shared/data) is not beside the project")


def weekdays() -> pd.DataFrame:
    """
    Contacts of the weekdays, 07:00 to 24:00, after the cleaning rule of the data's README.

    Dropped: malformed rows, PHANTOM, and HANG that never queued. Arrival is the queue entry, or the end of the voice
    menu where nobody had to wait.
    """
    log = pd.read_csv(LOG, sep="\t", dtype=str, on_bad_lines="skip", encoding="latin1", quoting=3)
    log = log[log["outcome"].isin(["AGENT", "HANG"])]
    seconds = {name: pd.to_timedelta(log[name]).dt.total_seconds() for name in ("q_start", "vru_exit")}
    calls = pd.DataFrame(
        {
            "day": pd.to_datetime("19" + log["date"], format="%Y%m%d"),
            "at": seconds["q_start"].where(seconds["q_start"] > 0, seconds["vru_exit"]),
            "wait_s": pd.to_numeric(log["q_time"]),
            "outcome": log["outcome"].map({"AGENT": "answered", "HANG": "abandoned"}),
            "queue": "bank",
        }
    )[(log["outcome"] == "AGENT") | (seconds["q_start"] > 0)]
    weekday = ~calls["day"].dt.day_name().isin(["Friday", "Saturday"])
    return calls[weekday & calls["at"].between(7 * 3600, 24 * 3600, inclusive="left")].reset_index(drop=True)


@pytest.fixture(scope="module")
def bank() -> pd.DataFrame:
    """KPI, value and standard error of the log; the day is the unit, since contacts of a day share its luck."""
    calls = weekdays()
    assert len(calls) == 28_668
    pooled = csim.measure(calls, within="20 s").query("queue == 'all'").set_index("kpi")
    days = [
        csim.measure(day, within="20 s").query("queue == 'all'").set_index("kpi") for _, day in calls.groupby("day")
    ]
    rows = {}
    for kpi in ("service_level", "service_level_answered_only", "abandonment_rate", "wait_all", "asa", "queued_share"):
        value, count = pooled["value"][kpi], len(days)
        residuals = [day["numerator"][kpi] - value * day["denominator"][kpi] for day in days]
        error = (sum(r * r for r in residuals) * count / (count - 1)) ** 0.5 / pooled["denominator"][kpi]
        rows[kpi] = (value, error)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "error"])


def test_the_log_measures_as_it_should(bank):
    """The catalogue gives the log's own figures: .504 within 20 s of offered, .132 abandoned, 45.8 s mean wait."""
    assert bank["value"]["service_level"] == pytest.approx(0.504, abs=5e-4)
    assert bank["value"]["abandonment_rate"] == pytest.approx(0.132, abs=5e-4)
    assert bank["value"]["wait_all"] == pytest.approx(45.8, abs=0.05)


def test_a_simulated_weekday_is_like_a_real_one(bank):
    """Pooled over the day each KPI lies within three standard errors of twenty real weekdays (200 simulated ones)."""
    scenario = Path(__file__).parents[2] / "scenarios/centres/bank_voice.yaml"
    sim = csim.simulate(scenario, replications=200, seed=1)
    table = sim.kpis.query("queue == 'all'").set_index("kpi")
    for kpi, (value, error) in bank.iterrows():
        own = (table["ci_high"][kpi] - table["ci_low"][kpi]) / 2 / 1.97
        z = (table["value"][kpi] - value) / (error**2 + own**2) ** 0.5
        assert abs(z) < 3, f"{kpi}: {table['value'][kpi]:.4f} simulated, {value:.4f} real, z = {z:.1f}"

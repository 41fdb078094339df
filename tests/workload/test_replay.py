"""A log replayed in a scenario: its arrivals and handle times, the scenario's patience and staff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import csim
from csim.contacts.read import LogWarning
from csim.errors import InputError
from csim.workload.replay import Trace

CENTRE: dict[str, Any] = {
    "csim": "scenario/1",
    "name": "replayed",
    "calendar": {
        "start": "2026-06-05T09:00", "timezone": "Asia/Shanghai", "days": 3, "open": "4 h", "interval": "30 min",
        "weekdays": ["mon", "tue", "wed", "thu", "fri"],
    },
    "queues": {
        "calls": {
            "channel": "voice", "arrivals": {"per_hour": 60}, "answer_within": "20 s", "balk": "5%",
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "lognormal", "mean": "240 s", "cv": 0.8},
            "after_work": {"distribution": "exponential", "mean": "20 s"},
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 5}},
}  # fmt: skip


@pytest.fixture(scope="module")
def log():
    return csim.simulate(CENTRE, 1, seed=3, keep_contacts=True).contacts


def test_a_replay_has_other_arrivals_or_handle_times_than_the_log(log):
    """Every replication has the log's contacts on the log's dates; who is answered in both talks as long as it did."""
    sim = csim.simulate(CENTRE, 2, seed=8, trace=log, keep_contacts=True)
    for _, again in sim.contacts.groupby("replication"):
        assert (again["arrival"].to_numpy() == log["arrival"].to_numpy()).all()
        both = (again["outcome"] == "answered").to_numpy() & (log["outcome"] == "answered").to_numpy()
        assert both.sum() > 100
        assert np.allclose(again["talk_s"].to_numpy()[both], log["talk_s"].to_numpy()[both])
        assert np.allclose(again["after_work_s"].to_numpy()[both], log["after_work_s"].to_numpy()[both])
    assert sim.offered == 2 * len(log)


def test_both_engines_replay_alike(log):
    """SimPy and machine code give the same waits to the bit."""
    one, other = (
        csim.simulate(CENTRE, 2, seed=8, trace=log, engine=engine, keep_contacts=True).contacts
        for engine in ("reference", "compiled")
    )
    assert (one["wait_s"] == other["wait_s"]).all()
    assert (one["outcome"].astype(str) == other["outcome"].astype(str)).all()


def test_more_agents_serve_the_same_log_better(log):
    """Nothing of the log's own waits is replayed: with staff for everybody nobody waits."""
    plenty = csim.load_scenario(CENTRE).vary({"groups.team.agents": 60})
    assert csim.simulate(plenty, 1, trace=log).value("service_level") == 1.0


def test_the_calendar_of_the_log_takes_the_place_of_the_scenarios(log):
    """A scenario of another month is played on the dates of the log, closed ones left out."""
    other = csim.load_scenario(CENTRE).vary({"calendar.start": "2027-01-04T09:00", "calendar.days": 20})
    trace = Trace.of(other, log)
    assert [str(date) for date in trace.scenario.days.dates] == ["2026-06-05", "2026-06-08", "2026-06-09"]
    assert trace.left_out == {}


def test_contacts_outside_hours_are_counted(log):
    """A centre that opens an hour later leaves the early contacts out, and says how many."""
    late = csim.load_scenario(CENTRE).vary({"calendar.start": "2026-06-05T10:00", "calendar.open": "3 h"})
    trace = Trace.of(late, log)
    early = int((log["arrival"].dt.hour < 10).sum())
    assert trace.left_out == {"closed": early}
    assert len(trace.arrival) == len(log) - early


WEEKEND = pd.DataFrame({
    "contact_id": ["fri", "sat", "sun", "early", "mon"], "queue": "calls", "wait_s": 0.0, "outcome": "answered",
    "arrival": pd.to_datetime(["2026-06-05T10:00+08:00", "2026-06-06T10:00+08:00", "2026-06-07T12:59+08:00",
                               "2026-06-08T08:59+08:00", "2026-06-08T10:00+08:00"]),
    "talk_s": 60.0,
})  # fmt: skip


def test_a_contact_of_a_closed_day_is_played_or_lost_silently():
    """A log with a weekend, in a centre of five weekdays with staff for these alone: left out, counted, and said."""
    by_weekday = {day: [5] * 8 for day in CENTRE["calendar"]["weekdays"]}
    weekdays = {**CENTRE, "groups": {"team": {"serves": ["calls"], "agents": {"per_weekday": by_weekday}}}}
    trace = Trace.of(csim.load_scenario(weekdays), WEEKEND)
    assert [str(date) for date in trace.scenario.days.dates] == ["2026-06-05", "2026-06-08"]
    assert trace.left_out == {"closed_day": 2, "closed": 1}
    with pytest.warns(LogWarning, match=r"2 of 5 contacts, .* closed \(days: 2, the first 2026-06-06\)\n.*1 of 5"):
        sim = csim.simulate(weekdays, 2, trace=WEEKEND)
    assert sim.offered == 2 * 2


def test_a_closed_date_of_the_calendar_is_replayed():
    """A date that the calendar names as closed is left out as a weekday is."""
    holiday = csim.load_scenario(CENTRE).vary({"calendar.closed": ["2026-06-08"]})
    trace = Trace.of(holiday, WEEKEND)
    assert trace.left_out == {"closed_day": 3, "closed": 1}
    assert [str(day) for day in trace.closed_days] == ["2026-06-06", "2026-06-07", "2026-06-08"]


def test_the_small_hours_of_a_night_shift_belong_to_another_day():
    """Saturday 01:00 is Friday's shift, which is open; Sunday 01:00 is Saturday's, which is not."""
    night = csim.load_scenario(CENTRE).vary({"calendar.start": "2026-06-05T22:00", "calendar.open": "8 h"})
    hours = pd.to_datetime(["2026-06-06T01:00+08:00", "2026-06-07T01:00+08:00"])
    trace = Trace.of(night, WEEKEND.iloc[:2].assign(arrival=hours))
    assert trace.left_out == {"closed_day": 1}
    assert trace.arrival.tolist() == [3 * 3600]


@pytest.mark.parametrize("rows", [[1, 2], [3]], ids=["closed days", "closed hours"])
def test_nothing_is_left_to_replay(rows):
    """A log of which no contact meets an open queue is refused, with the calendar's place and what both have."""
    with pytest.raises(InputError, match=r"calendar\n  no contact .*mon, tue, wed, thu, fri from 09:00 for 4 h"):
        csim.simulate(CENTRE, 1, trace=WEEKEND.iloc[rows])
    strange = WEEKEND.iloc[:2].assign(queue=["other", "calls"])
    with pytest.raises(InputError, match="no contact of the log"):
        csim.simulate(CENTRE, 1, trace=strange)


def test_chats_are_replayed_at_pace_one():
    """The work of a chat is found from its session and the load it ran at: the same sessions come back."""
    queue = {**CENTRE["queues"]["calls"], "channel": "chat", "patience": "never", "balk": 0}
    queue.pop("after_work")
    team = {"serves": ["calls"], "agents": 4, "concurrency": 3, "pace": [1, 0.8, 0.6]}
    chat = {**CENTRE, "groups": {"team": team}, "queues": {"calls": queue}}
    log = csim.simulate(chat, 1, seed=3, keep_contacts=True).contacts
    again = csim.simulate(chat, 1, seed=9, trace=log, keep_contacts=True).contacts
    assert np.allclose(again["wait_s"], log["wait_s"], atol=0.01)
    assert np.allclose(again["talk_s"], log["talk_s"], atol=0.01)


def test_a_log_of_other_queues_is_refused(log):
    """One sentence names what was found and what is known."""
    with pytest.raises(InputError, match="no contact of the log is in a queue"):
        csim.simulate(CENTRE, 1, trace=log.assign(queue="other"))
    twice = csim.simulate(CENTRE, 2, seed=3, keep_contacts=True).contacts
    with pytest.raises(InputError, match="holds 2 replications"):
        csim.simulate(CENTRE, 1, trace=twice)


def test_factors_by_time_make_calls_longer():
    """Twice the handle time in the second half: the same luck, twice as long; a replay draws what it lacks so too."""
    queue = {**CENTRE["queues"]["calls"], "handle_by_time": {"per_interval": [1] * 4 + [2] * 4}}
    plain = csim.load_scenario(CENTRE).vary({"groups.team.agents": 60})
    longer = csim.load_scenario({**CENTRE, "queues": {"calls": queue}}).vary({"groups.team.agents": 60})
    assert plain.hash != longer.hash
    one, other = (csim.simulate(centre, 1, seed=3, keep_contacts=True).contacts for centre in (plain, longer))
    late = (one["arrival"].dt.hour >= 11).to_numpy()
    ratio = other["talk_s"].to_numpy() / one["talk_s"].to_numpy()
    assert np.allclose(ratio[late], 2)
    assert np.allclose(ratio[~late], 1)
    lacking = one.assign(talk_s=np.nan)
    one, other = (
        csim.simulate(centre, 1, seed=5, trace=lacking, keep_contacts=True).contacts for centre in (plain, longer)
    )
    assert np.allclose(other["talk_s"].to_numpy() / one["talk_s"].to_numpy(), np.where(late, 2, 1))


def test_a_factor_of_nothing_is_refused():
    """A factor of 0 would make contacts that take no time."""
    queue = {**CENTRE["queues"]["calls"], "handle_by_time": {"per_interval": [0] + [1] * 7}}
    with pytest.raises(InputError, match="a factor of 0"):
        csim.load_scenario({**CENTRE, "queues": {"calls": queue}})

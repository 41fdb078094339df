"""KPIs of small logs that anybody can count: readings, weightings, thresholds, gaps, sums over queues."""

import numpy as np
import pandas as pd
import pytest

import csim
from csim.kpi.catalogue import catalogue

START = pd.Timestamp("2026-06-01T09:00", tz="Asia/Shanghai")
READINGS = {"included": 0.70, "excluded": 70 / 90, "answered_only": 70 / 82, "quick_counts_as_met": 0.80}


def log(*rows, **columns):
    """A contact log; a row is (how many, outcome, wait_s) or has its queue in front."""
    lines = [("a", *row) if len(row) == 3 else row for row in rows]
    many = [line for line in lines for _ in range(line[1])]
    frame = pd.DataFrame(
        {
            "contact_id": range(len(many)), "queue": [line[0] for line in many], "arrival": START,
            "wait_s": [float(line[3]) for line in many], "outcome": [line[2] for line in many],
        }
    )  # fmt: skip
    return frame.assign(**columns)


def states(*rows, **columns):
    """Agent states; a row is (agent, state, from minute, to minute)."""
    frame = pd.DataFrame(rows, columns=["agent", "state", "from", "to"])
    for name in ("from", "to"):
        frame[name] = START + pd.to_timedelta(frame[name], unit="min")
    return frame.assign(**columns)


def row(table, kpi, queue="all", **window):
    found = table[(table["kpi"] == kpi) & (table["queue"] == queue)]
    for name, value in window.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def value(table, kpi, queue="all", **window):
    return row(table, kpi, queue, **window)["value"]


# 70 in time, 10 quick hang-ups, 12 late answers, 8 late hang-ups
BAD_DAY = log((70, "answered", 5), (10, "abandoned", 8), (12, "answered", 40), (8, "abandoned", 60))


@pytest.mark.parametrize(("reading", "expected"), READINGS.items(), ids=READINGS)
def test_a_reading_counts_quick_hang_ups_otherwise(reading, expected):
    """On the bad day of the house list the readings give 70, 77.8, 85.4 and 80 %; service_level is the queue's own."""
    table = csim.measure(BAD_DAY.assign(quick_abandons=reading), within="20 s")
    assert value(table, f"service_level_{reading}") == pytest.approx(expected, rel=1e-12)
    assert value(table, "service_level") == pytest.approx(expected, rel=1e-12)
    assert value(csim.measure(BAD_DAY, within=20), "service_level") == 0.70  # without a reading: included


@pytest.mark.parametrize("outcome", ["blocked", "open"])
def test_the_blocked_and_the_open_count_as_nothing(outcome):
    """Whoever was blocked or left open was offered, is no quick hang-up, and lowers every reading but answered_only."""
    more = pd.concat([BAD_DAY, log((10, outcome, 0))], ignore_index=True)
    table = csim.measure(more, within=20)
    found = [value(table, f"service_level_{reading}") for reading in READINGS]
    assert found == pytest.approx([70 / 110, 70 / 100, 70 / 82, 80 / 110], rel=1e-12)
    assert value(table, "answer_rate") == 82 / 110
    assert value(table, "abandonment_rate") == 18 / 110


@pytest.mark.parametrize(
    ("wait", "met"), [(20.0, 1), (20.0000004, 1), (20.0000006, 0), (20.001, 0), (19.999999, 1), (0.1 + 0.2 + 19.7, 1)]
)
def test_a_wait_of_exactly_the_threshold_misses_it(wait, met):
    """Exactly T keeps the promise; waits are compared to the microsecond, so binary fractions decide nothing."""
    table = csim.measure(log((1, "answered", wait), (1, "abandoned", wait)), within="20 s")
    assert value(table, "service_level_included") == met / 2
    assert value(table, "service_level_quick_counts_as_met") == met


def test_a_mean_response_weighs_sessions_as_replies():
    """Sessions of 2 × 10 s and 30 × 30 s: 28.75 s by reply, 20 s by session."""
    two = log((2, "answered", 0), mean_response_s=[10.0, 30.0], reply_pairs=[2.0, 30.0])
    table = csim.measure(two)
    assert value(table, "mean_response") == 28.75
    assert value(table, "mean_response_session") == 20


def test_a_mean_response_counts_a_session_without_replies():
    """A session without a reply, or that nobody took, has no response time and no weight."""
    table = csim.measure(
        log((3, "answered", 0), (1, "abandoned", 9), mean_response_s=[10, 30, np.nan, 5], reply_pairs=[2, 30, 0, 1])
    )
    assert value(table, "mean_response") == 28.75
    assert value(table, "mean_response_session") == 20


def test_a_month_is_the_mean_of_its_days():
    """A KPI pools rows: 1 of 2 on a quiet day and 90 of 100 on a busy one are 89.2 %, not 70 %."""
    days = log((1, "answered", 5), (1, "answered", 50), (90, "answered", 5), (10, "answered", 50))
    days["arrival"] = [START] * 2 + [START + pd.Timedelta(days=1)] * 100
    by_day = csim.measure(days, within=20, by="day")
    daily = [value(by_day, "service_level", day=day) for day in ("2026-06-01", "2026-06-02")]
    assert daily == [0.5, 0.9]
    pooled = value(csim.measure(days, within=20), "service_level")
    assert pooled == 91 / 102
    assert abs(pooled - np.mean(daily)) > 0.1


def test_all_uses_one_threshold_for_every_queue():
    """ "all" sums numerators and denominators, each queue under its own threshold and reading."""
    table = csim.measure(
        log(
            ("fast", 6, "answered", 15),
            ("fast", 4, "abandoned", 5),
            ("slow", 5, "answered", 50),
            ("slow", 5, "open", 70),
        ),
        within={"fast": 10, "slow": 60},
    )
    assert [value(table, "service_level", queue) for queue in ("fast", "slow", "all")] == [0, 0.5, 0.25]
    mixed = log(
        ("fast", 6, "answered", 5), ("fast", 4, "abandoned", 5), ("slow", 5, "answered", 50), ("slow", 5, "open", 70)
    )
    mixed["quick_abandons"] = np.where(mixed["queue"] == "fast", "excluded", "included")
    found = row(csim.measure(mixed, within={"fast": 10, "slow": 60}), "service_level")
    assert (found["numerator"], found["denominator"]) == (6 + 5, 6 + 10)


def test_the_threshold_of_the_log_is_overruled():
    """The log's own answer_within_s comes first; what is asked for fills its gaps; a text needs its unit."""
    waits = log((4, "answered", 15), answer_within_s=[10, 20, np.nan, np.nan])
    assert row(csim.measure(waits), "service_level")[["numerator", "denominator"]].tolist() == [1, 2]
    assert row(csim.measure(waits, within="12 s"), "service_level")[["numerator", "denominator"]].tolist() == [1, 4]
    assert row(csim.measure(waits, within=30.0), "service_level")[["numerator", "denominator"]].tolist() == [3, 4]


@pytest.mark.parametrize("within", ["20", "soon", "-5 s"])
def test_a_threshold_without_meaning_is_used(within):
    """A promise without unit, without meaning or below zero is refused with what to write."""
    with pytest.raises(ValueError, match=r"write|0 s or more"):
        csim.measure(BAD_DAY, within=within)


# -- nothing to measure -----------------------------------------------------------------------------------


def test_nothing_is_zero_or_full():
    """Nothing in the denominator is "not measured" with a reason, never 0 or 100 %."""
    table = csim.measure(log((3, "blocked", 0)), within="20 s")
    assert value(table, "service_level") == 0
    for kpi in ("asa", "wait_queued", "wait_of_abandoners", "service_level_answered_only"):
        found = row(table, kpi)
        assert np.isnan(found["value"])
        assert found["denominator"] == 0
        assert found["why"] != ""
    assert row(table, "asa")["why"] == "nothing to measure"


def test_a_log_without_threshold_has_a_service_level():
    """Without T there is no service level, and the reason says so."""
    found = row(csim.measure(BAD_DAY), "service_level")
    assert np.isnan(found["value"])
    assert found["why"] == "no threshold"


def test_a_queue_with_a_threshold_lacks_one():
    """Where T is known and nobody was answered, the reason is not that T is missing."""
    found = row(csim.measure(log((3, "abandoned", 30)), within="20 s"), "service_level_answered_only")
    assert found["why"] == "nothing to measure"


@pytest.mark.parametrize("by", [None, "day", "queue", "vendor"])
def test_an_empty_log_is_a_traceback(by):
    """A log without a row measures nothing: a table without values, or a message, but no crash."""
    empty = log((1, "answered", 5)).assign(vendor="A").head(0)
    try:
        table = csim.measure(empty, within=20, by=by)
    except csim.InputError:
        return
    assert table["value"].isna().all()


def test_a_split_by_a_column_without_values_is_a_traceback():
    """A log whose agents are all unknown, split by agent, gives an empty table or a message."""
    try:
        assert len(csim.measure(BAD_DAY.assign(agent=None), by="agent")) == 0
    except csim.InputError:
        return


@pytest.mark.parametrize(
    ("by", "words"),
    [(
        "week", 'cannot measure by "week"',
    ), ("agent", 'the log has no column "agent"'), ("vendor", "no column"), ("days", 'did you mean "day"')],
)  # fmt: skip
def test_an_impossible_split_is_made(by, words):
    """An unknown window, or a column that the log lacks, is a message."""
    with pytest.raises(csim.InputError, match=words):
        csim.measure(BAD_DAY, by=by)


REASONS = {
    "attrition": "not in a log, supply it", "csat_mean": "the log has no column csat",
    "connect_rate_all": "the log has no column direction", "fcr": "not measured yet: needs contacts to be linked",
    "aht": "the log has no column talk_s", "transfer_rate": "the log has no column transferred_to",
    "reply_rate": "the log has no column agent_messages",
    "survey_response": "the log has no column csat, survey_invited",
}  # fmt: skip


@pytest.mark.parametrize(("kpi", "why"), REASONS.items(), ids=REASONS)
def test_a_reason_is_not_the_missing_column(kpi, why):
    """What a log cannot say names the columns that are missing, as they are called in the log, each once."""
    assert row(csim.measure(BAD_DAY), kpi)["why"] == why


@pytest.mark.parametrize("kpi", ["occupancy", "contacts_per_day", "availability", "qa_sampled"])
def test_a_reason_names_a_column_that_nobody_writes(kpi):
    """Without agent states the reason speaks of them, not of columns that csim derives (busy, logged_in, agent_day)."""
    why = row(csim.measure(BAD_DAY.assign(qa_checked=1.0)), kpi)["why"]
    assert "state" in why
    assert not any(name in why for name in ("busy", "logged_in", "agent_day", "online", "away_time"))


# -- contacts ---------------------------------------------------------------------------------------------


def test_outbound_contacts_count_as_offered():
    """Outbound contacts are in the overall connect rate only."""
    both = log((8, "answered", 5), (2, "abandoned", 5), (30, "answered", 0), (10, "abandoned", 0))
    both["direction"] = ["inbound"] * 10 + ["outbound"] * 40
    table = csim.measure(both, within=20)
    assert (value(table, "answer_rate"), value(table, "service_level")) == (0.8, 0.8)
    assert value(table, "connect_rate_all") == 38 / 50


def test_waits_are_averaged_over_the_wrong_people():
    """Mean waits over all, over those who queued, over the answered and over those who left; the squares; the share."""
    table = csim.measure(
        log((4, "answered", 0), (1, "answered", 30), (1, "abandoned", 60), (1, "blocked", 0), (1, "open", 90))
    )
    found = {kpi: value(table, kpi) for kpi in ("wait_all", "wait_queued", "asa", "wait_of_abandoners", "queued_share")}
    assert found == {"wait_all": 180 / 8, "wait_queued": 60, "asa": 6, "wait_of_abandoners": 60, "queued_share": 3 / 8}
    assert value(table, "wait_second_moment") == (900 + 3600 + 8100) / 8


def test_the_99th_percentile_is_the_maximum():
    """wait_p99 is the usual quantile of the offered; of several replications the mean of theirs."""
    waits = log(*((1, "answered", w) for w in range(101)))
    assert value(csim.measure(waits), "wait_p99") == 99
    twice = pd.concat([waits.assign(replication=1), waits.assign(replication=2, wait_s=waits["wait_s"] * 3)])
    assert value(csim.measure(twice), "wait_p99") == (99 + 297) / 2


def test_an_empty_after_work_makes_a_handle_time_unknown():
    """An empty after-work counts 0; a talk that is not known leaves its contact out."""
    calls = log(
        (3, "answered", 0), (1, "abandoned", 0), talk_s=[100, 200, np.nan, np.nan], after_work_s=[20, np.nan, 5, np.nan]
    )
    assert value(csim.measure(calls), "aht") == (120 + 200) / 2


def test_satisfaction_counts_the_silent():
    """97 five-star and 3 one-star answers: mean 4.88, 97 % top, 3 % bad; asked 150 of 300, answered 100."""
    asked = log((300, "answered", 0))
    asked["csat"] = [5.0] * 97 + [1.0] * 3 + [np.nan] * 200
    asked["survey_invited"] = [1.0] * 150 + [0.0] * 150
    table = csim.measure(asked)
    found = [value(table, kpi) for kpi in ("csat_mean", "csat_top_box", "csat_bad_rate")]
    assert found == pytest.approx([4.88, 0.97, 0.03], rel=1e-12)
    assert (value(table, "survey_response"), value(table, "survey_response_of_sessions")) == (100 / 150, 100 / 300)


def test_two_stars_are_not_bad():
    """Of five stars one and two are bad, three is neither."""
    stars = log((5, "answered", 0), csat=[1.0, 2.0, 3.0, 4.0, 5.0])
    table = csim.measure(stars)
    assert (value(table, "csat_bad_rate"), value(table, "csat_top_box")) == (0.4, 0.2)


def test_an_unknown_result_counts_as_failure():
    """Solved and passed are shares of what is known."""
    calls = log((5, "answered", 0), (1, "abandoned", 0))
    calls["resolved"] = [1, 1, 0, np.nan, np.nan, np.nan]
    calls["qa_checked"], calls["qa_passed"] = [1, 1, 1, 0, 0, np.nan], [1, 0, np.nan, np.nan, np.nan, np.nan]
    table = csim.measure(calls)
    assert (value(table, "resolution_rate"), value(table, "qa_pass_rate")) == (2 / 3, 1 / 2)


def test_customers_are_counted_twice():
    """Distinct customers among the answered; gaps and empty ids are nobody."""
    calls = log((5, "answered", 0), (1, "abandoned", 0), customer_id=["x", "y", "x", "", None, "z"])
    assert value(csim.measure(calls), "customers_served") == 2


def test_a_transfer_is_counted_without_a_target():
    """Transferred is an answered contact with a target; an empty target is none."""
    calls = log((4, "answered", 0), (1, "abandoned", 0), transferred_to=["b", "", None, np.nan, "b"])
    assert value(csim.measure(calls), "transfer_rate") == 1 / 4


def test_an_automatic_reply_is_a_reply():
    """A chat is replied to by a manual message; a chat without messages of both sides is invalid."""
    chats = log(
        (4, "answered", 0),
        agent_messages=[3, 0, 2, np.nan],
        customer_messages=[2, 4, 0, np.nan],
        system_messages=[1, 1, 1, 1],
    )
    table = csim.measure(chats)
    assert value(table, "reply_rate") == 2 / 3
    assert value(table, "invalid_share") == 2 / 3
    assert value(table, "message_ratio") == pytest.approx(6 / 5)


def test_a_reply_is_seen_only_in_message_counts():
    """Without message counts, the first response of a chat says whether there was a reply (header of the catalogue)."""
    both = log(("chats", 4, "answered", 0), ("calls", 2, "answered", 0), first_response_s=[12.0, 9, 5, *[np.nan] * 3])
    table = csim.measure(both.assign(channel=["chat"] * 4 + ["voice"] * 2))
    assert value(table, "reply_rate", "chats") == 3 / 4
    assert np.isnan(value(table, "reply_rate", "calls"))  # nobody replies to a call
    assert value(table, "reply_rate") == 3 / 4


def test_the_first_response_forgets_the_queue():
    """From assignment or from the request: the wait is the difference."""
    chats = log((1, "answered", 40), (1, "answered", 0), (1, "answered", 9), first_response_s=[10.0, 20.0, np.nan])
    table = csim.measure(chats)
    assert (value(table, "first_response"), value(table, "first_response_from_request")) == (15, 35)


# -- agents -----------------------------------------------------------------------------------------------

CONTACT = log((1, "answered", 0))


def test_an_idle_agent_is_occupied():
    """Occupancy is talk and after-work over logged in; breaks and offline time are neither."""
    spent = states(
        ("x", "ready", 0, 10), ("x", "serving", 10, 40), ("x", "wrap", 40, 45), ("x", "not_ready", 45, 60),
        ("x", "away", 60, 90), ("x", "offline", 90, 120),
    )  # fmt: skip
    table = csim.measure(CONTACT, spent)
    assert value(table, "occupancy") == 35 / 60
    assert value(table, "availability") == (90 - 15 - 30) / 90
    assert value(table, "contacts_per_hour") == 1


def test_seven_of_eight_hours_are_ninety_per_cent():
    """One hour not ready in eight online is 87.5 %."""
    spent = states(("x", "ready", 0, 300), ("x", "serving", 300, 420), ("x", "not_ready", 420, 480))
    assert value(csim.measure(CONTACT, spent), "availability") == 0.875


def test_chats_held_are_averaged_over_idle_time():
    """Concurrency is chat-seconds over the time with a chat; slots count after-work; the maximum is what was held."""
    spent = states(
        ("x", "ready", 0, 10), ("x", "serving", 10, 20), ("x", "serving", 20, 40), ("x", "wrap", 40, 50),
        chats_held=[0, 1, 2, 0], slots_held=[0, 1, 3, 1], slots=4,
    )  # fmt: skip
    table = csim.measure(CONTACT, spent)
    assert value(table, "concurrency") == 50 / 30
    assert value(table, "max_concurrency") == 2
    assert value(table, "slot_occupancy") == (10 + 60 + 10) / (4 * 50)


def test_an_agent_day_is_counted_per_row():
    """An agent-day is one agent on one day, in however many rows."""
    spent = states(("x", "ready", 0, 10), ("x", "serving", 10, 20), ("y", "ready", 0, 5), ("x", "ready", 1440, 1450))
    assert row(csim.measure(CONTACT, spent), "contacts_per_day")["denominator"] == 3


def test_a_day_off_is_an_agent_day():
    """Whoever was offline or away all day gives no agent-day (catalogue: with logged-in time)."""
    spent = states(("x", "ready", 0, 10), ("y", "offline", 0, 600), ("z", "away", 0, 60))
    assert row(csim.measure(CONTACT, spent), "contacts_per_day")["denominator"] == 1


def test_time_beyond_the_interval_stays_in_it():
    """Agents' time belongs to the clock: a state from 9:20 to 10:10 lies in three half-hours."""
    spent = states(("x", "ready", 0, 20), ("x", "serving", 20, 70), ("x", "ready", 70, 90))
    table = csim.measure(CONTACT, spent, by="interval")
    found = {time: value(table, "occupancy", interval=time) for time in ("09:00", "09:30", "10:00")}
    assert found == pytest.approx({"09:00": 10 / 30, "09:30": 1.0, "10:00": 10 / 30})


def test_time_beyond_midnight_stays_on_its_day():
    """A state over midnight counts on both days."""
    spent = states(("x", "serving", 14 * 60, 16 * 60), ("x", "ready", 16 * 60, 17 * 60))
    table = csim.measure(CONTACT, spent, by="day")
    assert value(table, "occupancy", day="2026-06-01") == 1
    assert value(table, "occupancy", day="2026-06-02") == 0.5


def test_agents_measures_stand_under_a_queue():
    """Measures of agents stand under "all" only."""
    table = csim.measure(CONTACT, states(("x", "serving", 0, 10)))
    assert table[table["kpi"] == "occupancy"]["queue"].tolist() == ["all"]


# -- one's own --------------------------------------------------------------------------------------------


def test_an_own_kpi_is_measured_otherwise():
    """A KPI of one's own over contacts or states is a ratio of sums like any other."""
    own = catalogue().with_own(
        {
            "late": {"numerator": 'answered and wait > 30 and queue == "a"', "denominator": "offered"},
            "wrapping": {
                "numerator": 'duration * (state == "wrap")',
                "denominator": "logged_in",
                "over": "agent_states",
            },
            "vip": {"numerator": "answered and vip == 1", "denominator": "vip >= 0"},
        }
    )
    calls = log(
        ("a", 3, "answered", 40), ("a", 1, "answered", 5), ("b", 4, "answered", 90), vip=[1, 1, 0, 0, 1, 0, np.nan, 0]
    )
    table = csim.measure(calls, states(("x", "ready", 0, 15), ("x", "wrap", 15, 20)), kpis=own)
    assert [value(table, "late", queue) for queue in ("a", "b", "all")] == [0.75, 0, 3 / 8]
    assert (value(table, "wrapping"), value(table, "vip")) == (0.25, 3 / 7)

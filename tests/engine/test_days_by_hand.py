"""Days that a planner can check on paper: a handful of contacts, exact instants, every rule of the centre once."""

from __future__ import annotations

import pytest

import csim
from csim.engine.rules import Outcome

from .days import Contact, Fate, fates, group, played, queue

TWO_CHATS = {"team": group(serves=["chats"], concurrency=2, pace=[1, 0.5])}
CHATS = {"chats": queue("chat")}


def answered(found: list[Fate]) -> list[float | None]:
    """When each was answered, None if it was not."""
    return [fate.at if fate.outcome == "answered" else None for fate in found]


# -- one order of events at one instant ----------------------------------------------------------------


def test_an_agent_who_frees_as_patience_ends_answers():
    """The end of a talk goes before the end of patience at the same instant, so the contact is answered."""
    first, second = fates(Contact(0, 60), Contact(10, 30, patience=50))
    assert second == ("answered", 60, 90, "team-1")
    assert first.end == 60


def test_who_waits_goes_before_who_arrives_as_the_agent_frees():
    """The end of a talk goes before an arrival: the freed agent takes the one who waits."""
    assert answered(fates(Contact(0, 60), Contact(10, 30), Contact(60, 30))) == [0, 60, 90]


def test_after_work_that_ends_as_somebody_arrives_leaves_a_free_agent():
    """The end of after-work goes before an arrival: nobody waits."""
    assert answered(fates(Contact(0, 40, wrap=20), Contact(60, 30))) == [0, 60]


def test_staff_who_leave_as_their_talk_ends_take_nobody():
    """A staffing change goes before the end of a talk at the same instant: the leaver takes no more."""
    found = fates(Contact(200, 100), Contact(210, 30, patience=200), groups={"team": group([1, 0])})
    assert found == [("answered", 200, 300, "team-1"), ("abandoned", 410, 410, None)]


def test_staff_who_come_as_a_talk_ends_take_the_first_who_waits():
    """At the change of staff the new agent takes the first who waits, and who frees at that instant the second."""
    found = fates(Contact(200, 100), Contact(210, 30), Contact(220, 30), groups={"team": group([1, 2])})
    assert [fate.agent for fate in found] == ["team-1", "team-2", "team-1"]
    assert answered(found) == [200, 300, 300]


def test_of_talks_that_end_together_the_earlier_contact_is_first():
    """Ties inside a kind go by contact: the agent of the lower number of contact takes the first who waits."""
    calls = [Contact(0, 10), Contact(5, 55), Contact(20, 40), Contact(30, 10), Contact(31, 10)]
    found = fates(*calls, groups={"team": group(2)})
    assert [fate.agent for fate in found] == ["team-1", "team-2", "team-1", "team-2", "team-1"]
    assert answered(found) == [0, 5, 20, 60, 60]


def test_a_patience_of_nothing_is_answered_only_at_once():
    """Arrivals go before hanging up: whoever finds an agent is answered, the next leaves after 0 s."""
    found = fates(Contact(5, 60, patience=0), Contact(5, 60, patience=0))
    assert [(fate.outcome, fate.at) for fate in found] == [("answered", 5), ("abandoned", 5)]


# -- who is chosen -------------------------------------------------------------------------------------


def test_the_longest_idle_agent_takes_the_next_call():
    """Of two free agents the one who has been free longer, not the one of the lower number."""
    found = fates(Contact(0, 50), Contact(1, 20), Contact(60, 10), Contact(61, 10), groups={"team": group(2)})
    assert [fate.agent for fate in found] == ["team-1", "team-2", "team-2", "team-1"]


def test_idle_time_counts_from_the_end_of_after_work():
    """An agent whose talk ended first but whose after-work ended last is the later one."""
    found = fates(Contact(0, 20, wrap=40), Contact(1, 30), Contact(70, 10), groups={"team": group(2)})
    assert found[2].agent == "team-2"


def test_idle_time_counts_from_coming_on_duty():
    """Who came at 09:05 has been idle for less time than who freed at 09:04."""
    found = fates(Contact(0, 240), Contact(310, 60), Contact(320, 60), groups={"team": group([1, 2])})
    assert [fate.agent for fate in found] == ["team-1", "team-1", "team-2"]


def test_chats_go_to_who_holds_fewest():
    """The second chat goes to the agent without one; among equals to the one who was given a chat longest ago."""
    chats = [Contact(at, 500, queue="chats") for at in (0, 1, 2, 3)]
    found = fates(*chats, queues=CHATS, groups={"team": group(2, ["chats"], concurrency=2)}, agent="least_loaded")
    assert [fate.agent for fate in found] == ["team-1", "team-2", "team-1", "team-2"]


def test_contacts_try_the_preferred_group_first():
    """A contact goes to the group that its queue prefers, and spills over to the other when that one is busy."""
    groups = {"first": group(1), "second": group(1)}
    calls = [Contact(0, 60), Contact(1, 60)]
    assert [fate.agent for fate in fates(*calls, groups=groups)] == ["first-1", "second-1"]
    preferring = {"calls": queue(prefers=["second"])}
    assert [fate.agent for fate in fates(*calls, queues=preferring, groups=groups)] == ["second-1", "first-1"]


def test_the_better_priority_is_taken_first_and_a_group_may_override_it():
    """Priority 1 goes before priority 2 though it came later; a group that says the opposite does the opposite."""
    queues = {"calls": queue(priority=2), "vip": queue(priority=1)}
    contacts = [Contact(0, 60), Contact(10, 30), Contact(20, 30, queue="vip")]
    both = group(1, ["calls", "vip"])
    assert answered(fates(*contacts, queues=queues, groups={"team": both})) == [0, 90, 60]
    reversed_here = both | {"priority": {"calls": 1, "vip": 2}}
    assert answered(fates(*contacts, queues=queues, groups={"team": reversed_here})) == [0, 60, 90]


def test_equal_priorities_share_one_order_of_arrival():
    """Two queues of one priority are served as one line, by arrival."""
    queues = {"vip": queue(), "calls": queue()}
    contacts = [Contact(0, 60), Contact(10, 30), Contact(20, 30, queue="vip"), Contact(30, 30)]
    found = fates(*contacts, queues=queues, groups={"team": group(1, ["calls", "vip"])})
    assert answered(found) == [0, 60, 90, 120]


def test_a_vendors_contacts_wait_for_its_own_group():
    """A contact given to vendor A waits for A's agents though B's are free."""
    queues = {"calls": queue(shares={"A": "50%", "B": "50%"})}
    groups = {"a_team": group(vendor="A"), "b_team": group(vendor="B")}
    found = fates(Contact(0, 60, vendor="A"), Contact(10, 60, vendor="A"), queues=queues, groups=groups)
    assert found[1] == ("answered", 60, 120, "a_team-1")


# -- contact orders ------------------------------------------------------------------------------------


def test_last_come_first_served_with_ties_by_number():
    """The latest goes first; of two who came at one instant, the lower number."""
    found = fates(Contact(0, 60), Contact(5, 10), Contact(10, 10), Contact(10, 10), order="lifo")
    assert answered(found) == [0, 80, 60, 70]


def test_not_yet_missed_first_then_the_missed_by_arrival():
    """Within 20 s: at 100 those of 85 and 90 are not missed yet, the one of 10 is; at 150 both left are, by arrival."""
    calls = [Contact(0, 100), Contact(10, 50), Contact(85, 50), Contact(90, 50)]
    assert answered(fates(*calls, order="not_yet_missed_first")) == [0, 150, 100, 200]


def test_never_past_threshold_leaves_the_missed_open_at_close():
    """The one who waits beyond 20 s is passed over while the agent is free, and is open when the centre closes."""
    found = fates(Contact(0, 100), Contact(10, 50), Contact(150, 50), order="never_past_threshold")
    assert found[1] == ("open", 600, 600, None)
    assert answered(found) == [0, None, 150]


def test_exactly_the_threshold_is_not_missed():
    """A contact that has waited exactly 20 s is still served under never_past_threshold."""
    assert answered(fates(Contact(0, 100), Contact(80, 10), order="never_past_threshold")) == [0, 100]


def test_each_queue_is_missed_by_its_own_threshold():
    """Of two who waited 40 s, the one promised 60 s goes before the one promised 20 s."""
    queues = {"calls": queue(answer_within="20 s"), "slow": queue(answer_within="60 s")}
    contacts = [Contact(0, 50), Contact(10, 10), Contact(10, 10, queue="slow")]
    found = fates(*contacts, queues=queues, groups={"team": group(1, ["calls", "slow"])}, order="not_yet_missed_first")
    assert answered(found) == [0, 60, 50]


# -- blocking and balking ------------------------------------------------------------------------------


def test_blocking_comes_before_balking():
    """With as many waiting as may wait, even one who would balk is blocked; both have waited 0 s."""
    queues = {"calls": queue(max_waiting=1)}
    calls = [Contact(0, 60), Contact(10, 10), Contact(20, 10, balks=True), Contact(30, 10)]
    assert [fate.outcome for fate in fates(*calls, queues=queues)] == ["answered", "answered", "blocked", "blocked"]


def test_who_balks_leaves_at_once_but_only_from_a_line():
    """The coin matters only for those who would have to wait."""
    found = fates(Contact(0, 60, balks=True), Contact(10, 60, balks=True))
    assert found == [("answered", 0, 60, "team-1"), ("abandoned", 10, 10, None)]


def test_no_room_to_wait_is_a_loss_system():
    """With max_waiting 0 everybody is answered at once or blocked."""
    found = fates(Contact(0, 60), Contact(10, 60), Contact(60, 60), queues={"calls": queue(max_waiting=0)})
    assert [fate.outcome for fate in found] == ["answered", "blocked", "answered"]


def test_room_to_wait_is_counted_over_all_vendors():
    """`max_waiting` is the queue's: one of vendor A waits, so the next of vendor B is blocked."""
    queues = {"calls": queue(max_waiting=1, shares={"A": "50%", "B": "50%"})}
    groups = {"a_team": group(vendor="A"), "b_team": group(vendor="B")}
    calls = [
        Contact(0, 60, vendor="A"),
        Contact(1, 60, vendor="B"),
        Contact(2, 9, vendor="A"),
        Contact(3, 9, vendor="B"),
    ]
    assert [fate.outcome for fate in fates(*calls, queues=queues, groups=groups)] == ["answered"] * 3 + ["blocked"]


def test_the_place_of_who_hangs_up_is_free_only_afterwards():
    """An arrival at the instant at which the one who waits hangs up is still blocked; one second later it waits."""
    queues = {"calls": queue(max_waiting=1)}
    calls = [Contact(0, 60), Contact(10, 10, patience=20), Contact(30, 10), Contact(31, 10)]
    assert [f.outcome for f in fates(*calls, queues=queues)] == ["answered", "abandoned", "blocked", "answered"]


# -- chats and after-work ------------------------------------------------------------------------------


def test_two_chats_slow_each_other_down():
    """
    A, 60 s of work, from 0; B, 60 s, from 30; with two each runs at half pace.

    At 30 A has 30 s left, which take 60 s: A ends at 90. B has got 30 s by then and runs alone: it ends at 120.
    """
    result = played(Contact(0, 60, queue="chats"), Contact(30, 60, queue="chats"), queues=CHATS, groups=TWO_CHATS)
    assert result.path.end.tolist() == [90, 120]
    assert result.states.focus_s.tolist() == [60, 60]  # A: 30 + 60 ÷ 2; B: 60 ÷ 2 + 30


def test_after_work_of_a_chat_holds_its_slot_and_slows_the_other():
    """A talks until 60 and writes until 100; B, 60 s from 60, gets 20 s by 100, then all; C waits for a slot."""
    chats = [Contact(0, 60, wrap=40, queue="chats"), Contact(60, 60, queue="chats"), Contact(70, 10, queue="chats")]
    result = played(*chats[:2], queues=CHATS, groups=TWO_CHATS)
    assert result.path.end.tolist() == [60, 140]
    assert result.states.focus_s.tolist() == [60, 60]  # of the talk: B shares 60 to 100 with the after-work of A
    # with C from 100 on, B has 40 s left and C 10 s, at half pace: C ends at 120, B 30 s later
    found = fates(*chats, queues=CHATS, groups=TWO_CHATS)
    assert [(fate.at, fate.end) for fate in found] == [(0, 60), (60, 150), (100, 120)]


def test_three_chats_at_three_paces():
    """Pace 1, 0.5, 0.25: A 100 s from 0, B 100 s from 20, C 10 s from 40: C ends at 80, A at 200, B at 220."""
    groups = {"team": group(serves=["chats"], concurrency=3, pace=[1, 0.5, 0.25])}
    chats = [Contact(0, 100, queue="chats"), Contact(20, 100, queue="chats"), Contact(40, 10, queue="chats")]
    # A: 20, 30 at 40, 40 at 80, then 60 left at half pace → 200. B: 10 at 40, 20 at 80, 80 at 200, then alone → 220.
    assert [fate.end for fate in fates(*chats, queues=CHATS, groups=groups)] == [200, 220, 80]


def test_an_agent_with_chats_takes_no_call_and_with_a_call_no_chat():
    """A call needs an agent who holds nothing; until it and its after-work are over that agent takes no chat."""
    queues = CHATS | {"calls": queue()}
    groups = {"team": group(1, ["chats", "calls"], concurrency=2)}
    found = fates(Contact(0, 50, queue="chats"), Contact(10, 30, wrap=20), Contact(60, 10, queue="chats"),
                  queues=queues, groups=groups)  # fmt: skip
    assert answered(found) == [0, 50, 100]


def test_an_agent_with_chats_takes_the_next_chat_though_a_better_call_waits():
    """No slot is held back: the call of priority 1 waits until the agent holds nothing."""
    queues = {"calls": queue(priority=1), "chats": queue("chat", priority=2)}
    groups = {"team": group(1, ["chats", "calls"], concurrency=2)}
    contacts = [Contact(0, 50, queue="chats"), Contact(10, 30), Contact(40, 50, queue="chats")]
    assert answered(fates(*contacts, queues=queues, groups=groups)) == [0, 90, 40]


# -- staff and the day ---------------------------------------------------------------------------------


def test_a_leaver_finishes_what_it_holds():
    """Off duty at 300, the agent talks on to 400 and is logged in and busy until then, then gone."""
    result = played(Contact(200, 200), Contact(250, 10, patience=300), groups={"team": group([1, 0])})
    assert result.fates == [("answered", 200, 400, "team-1"), ("abandoned", 550, 550, None)]
    states = result.states
    assert list(zip(states.begins, states.ends, states.held, strict=True)) == [
        (0, 200, 0),
        (200, 300, 1),
        (300, 400, 1),
    ]


def test_a_leaver_due_again_before_it_ends_simply_goes_on():
    """On duty again at 600 while still talking, it takes the next when the talk ends at 700."""
    found = fates(Contact(200, 500), Contact(350, 10), groups={"team": group([1, 0, 1])}, open="15 min")
    assert answered(found) == [200, 700]


def test_staff_who_come_take_those_who_wait_at_once():
    """Nobody on duty until 300: both who wait are answered then, in order of arrival."""
    found = fates(Contact(5, 60), Contact(10, 60), Contact(15, 60), groups={"team": group([0, 2])})
    assert answered(found) == [300, 300, 360]


@pytest.mark.parametrize(
    ("after_close", "second"), [("drain", ("answered", 700, 730)), ("hang_up", ("open", 600, 600))]
)
def test_drain_serves_those_who_wait_and_hang_up_does_not(after_close, second):
    """The call in service ends at 700 in both; the one who waits is answered then, or open at the close."""
    found = fates(Contact(500, 200), Contact(550, 30), after_close=after_close)
    assert found[0] == ("answered", 500, 700, "team-1")
    assert found[1][:3] == second


def test_the_close_comes_last_at_its_instant():
    """At 600 the talk ends first, so the one who waits is answered; then one hangs up; the last is open."""
    calls = [Contact(500, 100), Contact(510, 30), Contact(520, 30, patience=80), Contact(530, 30)]
    assert [(f.outcome, f.at) for f in fates(*calls, after_close="hang_up")] == [
        ("answered", 500), ("answered", 600), ("abandoned", 600), ("open", 600)
    ]  # fmt: skip


def test_drain_keeps_the_last_staff_until_nobody_waits():
    """One waits until 700 for the first group; the second group, idle, stays until then, and all leave together."""
    queues = {"calls": queue(), "other": queue()}
    groups = {"team": group(1), "others": group(1, ["other"])}
    result = played(Contact(500, 200), Contact(550, 30), queues=queues, groups=groups)
    assert result.path.duty == ((0, 0, 1), (0, 1, 1), (700, 0, 0), (700, 1, 0))
    assert result.states.ends.max() == 730


def test_drain_is_not_for_those_whom_nobody_is_left_to_serve():
    """With no agent in the last interval, those who wait at the close are open."""
    found = fates(Contact(400, 60), groups={"team": group([1, 0])})
    assert found == [("open", 600, 600, None)]


@pytest.mark.parametrize("carry_over", [True, False])
def test_carry_over_keeps_the_queue_overnight(carry_over):
    """
    A call that waits at 09:10 on the first day is answered at 09:00 on the second, by an agent who left at the close.

    Where each day starts empty, that day's staff stay on until it is answered.
    """
    result = played(Contact(500, 200), Contact(550, 30), days=2, carry_over=carry_over)
    assert result.fates[0] == ("answered", 500, 700, "team-1")
    assert result.fates[1].at == (86400 if carry_over else 700)


def test_a_warm_up_has_the_first_intervals_staff_and_is_not_measured():
    """Who arrives before the opening keeps agents busy, and is in no table; later contacts are."""
    scenario = {
        "csim": "scenario/1",
        "name": "warm",
        "calendar": {"start": "2026-06-01T09:00", "open": "1 h", "interval": "30 min", "warmup": "1 h"},
        "queues": {"calls": queue(arrivals={"per_interval": [60, 0]}, patience="never", max_waiting=0)},
        "groups": {"team": group([1, 0])},
    }
    scenario["queues"]["calls"]["handle_time"] = {"distribution": "constant", "mean": "4 h"}
    sim = csim.simulate(scenario, replications=20, seed=1)
    numerator, denominator = sim.replicated("answer_rate")
    assert numerator.sum() == 0  # the one agent was taken in the warm-up and is busy all day
    assert 800 < denominator.sum() < 1600  # 20 × 60 ± 11 standard deviations, the 2,400 of the warm-ups left out
    assert sim.value("occupancy") == 1.0


def test_a_day_without_contacts_is_a_day():
    """A centre to which nobody comes has 0 offered and idle agents; it is no error."""
    result = played()
    assert len(result.path.outcome) == 0
    assert result.path.duty == ((0, 0, 1), (600, 0, 0))
    scenario = result.scenario.vary({"calendar.days": 3})
    sim = csim.simulate(scenario, replications=2, seed=1, keep_contacts=True)
    assert sim.offered == 0
    assert sim.value("occupancy") == 0.0


def test_outcomes_have_the_numbers_of_the_log():
    """The order of outcomes is part of the format of a path."""
    assert [outcome.name.lower() for outcome in Outcome] == ["answered", "abandoned", "blocked", "open"]

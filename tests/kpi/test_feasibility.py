"""The feasibility audit: the numbers of the house list, every law with a case that holds and one that does not."""

import inspect
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import csim
from csim.display.words import Words
from csim.kpi import laws_of_waiting, laws_of_work
from csim.kpi.feasibility import Facts, Level, audit, conflicts_of, facts_of, sentence
from csim.kpi.laws_of_work import chats_within, compose_within, mean_score, response_at
from csim.kpi.levels import Range
from csim.scenario.pace import mean_response
from csim.staffing import erlang


def at_least(value):
    return Level(at_least=value)


def at_most(value):
    return Level(at_most=value)


def is_(value):
    return Level(value=value)


PUBLISHED = {
    "answer_rate": at_least(0.98), "queued_share": is_(0.15), "wait_queued": is_(150), "wait_of_abandoners": is_(60),
    "contacts_per_hour": Level(at_least=20, at_most=30), "session_time": is_(510), "max_concurrency": is_(10),
    "mean_response": at_most(20), "csat_mean": at_least(4.85), "csat_top_box": at_least(0.97),
}  # fmt: skip
CHATS = Facts(all_chats=True, cap=10)
TURNS = Facts(compose_s=10, customer_s=60, cap=10)
IMPATIENT = Facts(mean_patience_s=120, exponential_patience=True)
LEVEL = "service_level_included"

# law, severity, targets that it does not allow, one of them changed so that it does, facts
CASES = [
    ("outcomes", "error", {"answer_rate": is_(0.98), "abandonment_rate": is_(0.05)},
     {"abandonment_rate": is_(0.02)}, {}),
    ("outcomes_rest", "warning", {"answer_rate": is_(0.9), "abandonment_rate": at_most(0.02)},
     {"answer_rate": at_least(0.9)}, {}),
    ("service_level", "error", {LEVEL: at_least(0.9), "answer_rate": is_(0.85)}, {"answer_rate": at_least(0.85)}, {}),
    ("of_answered", "error", {LEVEL: is_(0.8), "service_level_answered_only": is_(0.9), "answer_rate": is_(0.95)},
     {LEVEL: is_(0.855)}, {}),
    ("at_once", "error", {LEVEL: at_most(0.8), "queued_share": is_(0.15), "answer_rate": at_least(0.98)},
     {LEVEL: at_least(0.8)}, {}),
    ("readings", "error", {"service_level_excluded": is_(0.8), "service_level_answered_only": is_(0.75)},
     {"service_level_answered_only": is_(0.8)}, {}),
    ("late_answers", "error", {LEVEL: is_(0.8), "answer_rate": is_(0.95), "wait_all": at_most(4)},
     {"wait_all": at_most(5)}, {"within_s": 30}),
    ("waiting", "error", {"queued_share": is_(0.15), "wait_queued": is_(150), "wait_all": is_(30)},
     {"wait_all": is_(22.5)}, {}),
    ("waiting", "warning", {"queued_share": at_most(0.15), "wait_queued": at_most(150), "wait_all": at_most(10)},
     {"wait_all": at_most(22.5)}, {}),
    ("waiting_all", "error", {"wait_queued": at_most(30), "wait_all": at_least(31)}, {"wait_all": at_least(30)}, {}),
    ("wait_parts", "error", {"answer_rate": is_(0.9), "asa": is_(20), "wait_all": is_(17)}, {"wait_all": is_(18)}, {}),
    ("second_moment", "error", {"wait_second_moment": at_most(390), "wait_all": is_(20)},
     {"wait_second_moment": at_most(400)}, {}),
    ("patience", "error", {"abandonment_rate": at_most(0.02), "wait_all": is_(22.5)}, {"wait_all": is_(2.4)},
     IMPATIENT),
    ("patience", "warning", {"abandonment_rate": at_most(0.05), "wait_all": at_most(10)}, {"wait_all": at_most(6)},
     IMPATIENT),
    ("patience_unknown", "warning", {"abandonment_rate": at_most(0.02), "wait_all": at_most(22.5)},
     {"wait_all": at_most(12)}, {}),
    ("abandoner_wait", "error", {"wait_of_abandoners": is_(60), "wait_queued": is_(150)},
     {"wait_of_abandoners": is_(75)}, IMPATIENT),
    ("abandoner_wait", "warning", {"wait_of_abandoners": is_(60), "wait_all": is_(22.5), "queued_share": is_(0.15)},
     {"wait_of_abandoners": is_(75)}, {}),
    ("abandoner_moment", "error", {"wait_of_abandoners": is_(60), "wait_second_moment": is_(3000), "wait_all": is_(20)},
     {"wait_of_abandoners": is_(75)}, IMPATIENT),
    ("abandoner_moment", "warning",
     {"wait_of_abandoners": is_(60), "wait_second_moment": is_(3000), "wait_all": is_(20)},
     {"wait_of_abandoners": is_(75)}, {}),
    ("little", "warning", {"contacts_per_hour": is_(20), "session_time": is_(510)}, {"contacts_per_hour": is_(40)},
     CHATS),
    ("little_over", "error", {"contacts_per_hour": is_(71), "session_time": is_(510)},
     {"contacts_per_hour": is_(70.5)}, CHATS),
    ("concurrency", "error",
     {"contacts_per_hour": is_(20), "session_time": is_(510), "concurrency": is_(3), "occupancy": is_(0.9)},
     {"concurrency": is_(3.2)}, {"all_chats": True}),
    ("mean_and_most", "error", {"concurrency": is_(9), "max_concurrency": at_most(8)}, {"concurrency": is_(8)}, {}),
    ("workload", "error", {"contacts_per_hour": is_(11), "aht": is_(330)}, {"contacts_per_hour": is_(10.9)},
     {"cap": 1}),
    ("workload", "error", {"contacts_per_hour": is_(10), "aht": is_(330), "occupancy": at_most(0.85)},
     {"occupancy": at_most(0.92)}, {"cap": 1}),
    ("idle", "warning", {"contacts_per_hour": is_(8), "aht": is_(330), "occupancy": is_(0.85)},
     {"occupancy": is_(0.7)}, {}),
    ("part", "error", {"after_work": is_(60), "aht": is_(50)}, {"aht": is_(60)}, {}),
    ("part", "error", {"first_response": is_(20), "first_response_from_request": at_most(15)},
     {"first_response_from_request": at_most(20)}, {}),
    ("part", "warning", {"focus_time": is_(300), "session_time": is_(200)}, {"session_time": is_(300)}, {}),
    ("focus_cap", "error", {"focus_time": is_(60), "session_time": is_(601)}, {"session_time": is_(600)}, CHATS),
    ("compose", "error", {"mean_response": at_most(9)}, {"mean_response": at_most(45)}, TURNS),
    ("response_cap", "warning", {"mean_response_session": at_most(20), "max_concurrency": is_(8)},
     {"max_concurrency": is_(5)}, {"compose_s": 10, "customer_s": 60}),
    ("csat_shares", "error", {"csat_top_box": is_(0.97), "csat_bad_rate": is_(0.04)}, {"csat_bad_rate": is_(0.03)},
     {}),
    ("csat_top", "error", {"csat_top_box": at_least(0.97), "csat_mean": at_most(4.85)},
     {"csat_mean": at_most(4.88)}, {}),
    ("csat_top", "warning", {"csat_top_box": at_least(0.97), "csat_mean": at_least(4.85)},
     {"csat_mean": at_least(4.88)}, {}),
    ("csat_bad", "error", {"csat_bad_rate": is_(0.1), "csat_mean": at_least(4.75)}, {"csat_mean": at_least(4.7)}, {}),
    ("csat", "error", {"csat_top_box": is_(0.9), "csat_bad_rate": is_(0.05), "csat_mean": is_(4.85)},
     {"csat_mean": is_(4.8)}, {}),
]  # fmt: skip
NAMES = [f"{law}-{severity}-{number}" for number, (law, severity, *_) in enumerate(CASES)]


def facts_in(given):
    return given if isinstance(given, Facts) else Facts(**given)


def laws(targets, facts):
    return {(conflict.law, conflict.severity) for conflict in audit(targets, facts=facts_in(facts))}


def found(law, targets, facts=None):
    return next(conflict for conflict in audit(targets, facts=facts) if conflict.law == law)


# -- the numbers of the house list


def test_twenty_an_hour_are_not_ten_full_slots():
    """20–30 an hour × 8.5 min is 2.83–4.25 chats at once; ten full slots would be 70.6 an hour."""
    numbers = found("little", PUBLISHED).numbers
    assert [round(numbers[key], 2) for key in ("load_low", "load_high")] == [2.83, 4.25]
    assert round(numbers["full_per_hour"], 1) == 70.6


def test_the_published_waits_make_22_and_a_half_seconds():
    """15 % × 150 s is 22.5 s over all, and 98 % answered then takes a mean patience of 1125 s."""
    conflict = found("patience_unknown", PUBLISHED)
    assert conflict.numbers["wait_all_s"] == 22.5
    assert conflict.numbers["needed_s"] == pytest.approx(1125, rel=1e-12)
    assert conflict.kpis == ("queued_share", "wait_queued", "answer_rate")
    assert found("waiting", {**PUBLISHED, "wait_all": is_(30)}).numbers["product_s"] == 22.5


def test_abandoners_wait_at_least_half_of_those_who_queue():
    """Half of 150 s is 75 s, above the published 60 s; a patience of 2 min alone leaves room for 75 s."""
    conflict = found("abandoner_wait", PUBLISHED)
    assert (conflict.numbers["least_s"], conflict.severity) == (75.0, "warning")


def test_the_cap_that_a_response_allows():
    """10.0, 18.2, 31.1, 44.5 s at 1, 5, 8, 10 chats; 20 s allows 5, 30 s 7; cap 8 takes 7.8 s, cap 12 takes 5.7 s."""
    assert [round(mean_response(10, 60, held), 1) for held in (1, 5, 8, 10)] == [10.0, 18.2, 31.1, 44.5]
    assert [chats_within(limit, 10, 60) for limit in (20, 30)] == [5, 7]
    for cap, kept, missed in ((8, 7.8, 7.9), (12, 5.7, 5.8)):
        assert mean_response(kept, 60, cap) <= 20 < mean_response(missed, 60, cap)
        assert kept <= compose_within(20, 60, cap) < missed
        facts = Facts(compose_s=10, customer_s=60, cap=cap)
        assert f"at most {kept} s" in sentence(audit({"mean_response": at_most(20)}, facts=facts)[0])
    conflict = found("response_cap", PUBLISHED, TURNS)
    assert round(conflict.numbers["full_s"], 1) == 44.5
    assert round(conflict.numbers["at_load_s"]) == 13
    assert conflict.instead == {"max_concurrency": at_most(5)}


def test_97_per_cent_of_five_stars_have_a_mean_of_4_88():
    """97 % five-star and 3 % one-star has mean 4.88, so a mean of 4.85 cannot be; on a scale from 0 it could."""
    least, most = mean_score(Range(0.97, 0.97), Range(0, 1), (1, 2, 3, 4, 5))
    assert (round(least, 12), round(most, 12)) == (4.88, 4.97)
    asked = {"csat_top_box": is_(0.97), "csat_mean": is_(4.85)}
    assert laws(asked, {}) == {("csat_top", "error")}
    assert laws(asked, {"scores": (0, 1, 2, 3, 4, 5)}) == set()


def test_the_published_values_collide_as_the_house_list_says():
    """Five warnings and no error: each pair can be had if people, load or cap are unlike what is published."""
    conflicts = audit(PUBLISHED, facts=Facts(compose_s=10, customer_s=60))
    assert {conflict.severity for conflict in conflicts} == {"warning"}
    assert [conflict.law for conflict in conflicts] == [
        "patience_unknown", "abandoner_wait", "little", "response_cap", "csat_top",
    ]  # fmt: skip


# -- every law


@pytest.mark.parametrize(("law", "severity", "targets", "change", "facts"), CASES, ids=NAMES)
def test_a_law_names_what_it_does_not_allow_and_nothing_else(law, severity, targets, change, facts):
    """Each law speaks of the pair that breaks it, with a sentence in both languages, and is silent once it is kept."""
    assert (law, severity) in laws(targets, facts)
    assert law not in {name for name, _ in laws({**targets, **change}, facts)}
    conflict = next(c for c in audit(targets, facts=facts_in(facts)) if (c.law, c.severity) == (law, severity))
    assert set(conflict.kpis) & set(targets)
    assert all(isinstance(number, int | float) and not math.isnan(number) for number in conflict.numbers.values())
    for lang in ("en", "zh"):
        said = sentence(conflict, lang)
        assert not re.search(r"[{}]|nan|inf\b", said)
        if lang == "zh":
            assert not re.search(r"[;:()]|,(?!\d{3})", said)
            assert said.endswith("\u3002")
    for kpi in targets:  # it takes two, but for a response against the facts of a turn
        assert law == "compose" or not audit({kpi: targets[kpi]}, facts=facts_in(facts))


@pytest.mark.parametrize(("law", "severity", "targets", "change", "facts"), CASES, ids=NAMES)
def test_what_to_write_instead_keeps_the_law(law, severity, targets, change, facts):
    """With the levels that a conflict suggests, its law is silent."""
    conflict = next(c for c in audit(targets, facts=facts_in(facts)) if (c.law, c.severity) == (law, severity))
    if conflict.instead:
        assert law not in {name for name, _ in laws({**targets, **conflict.instead}, facts)}


def test_every_law_is_tried_here():
    """No code comes without a case, and no case names a law that is gone."""
    source = "".join(inspect.getsource(module) for module in (laws_of_waiting, laws_of_work))
    codes = set(re.findall(r'(?:Conflict|_abandoners)\(\s*(?:case, )?"(\w+)"', source))
    codes |= {"patience", "patience_unknown", "csat", "csat_top", "csat_bad"}
    assert codes == {law for law, *_ in CASES}
    assert all(Words("zh")(f"audit_{law}_instead") for law in codes)


def test_a_known_kpi_stands_in_for_a_target():
    """Facts may hold forecasts: a target collides with them, and two facts alone with nobody."""
    known = Facts(cap=1, known={"contacts_per_hour": 12, "aht": 330})
    assert audit({}, facts=known) == []
    assert audit({"answer_rate": at_least(0.9)}, facts=known) == []
    assert [c.law for c in audit({"occupancy": at_most(0.85)}, facts=known)] == ["workload"]


def test_the_bare_service_level_has_the_reading_of_the_facts():
    """80 % of all offered cannot be in time if 75 % are answered; 80 % of the answered can."""
    asked = {"service_level": at_least(0.8), "answer_rate": at_most(0.75)}
    [conflict] = audit(asked)
    assert conflict.kpis == ("service_level", "answer_rate")
    assert conflict.instead == {"service_level": at_most(0.75)}
    assert audit(asked, facts=Facts(reading="answered_only")) == []
    assert audit(asked, facts=Facts(promised_to_all=False)) == []


@pytest.mark.parametrize("wrong", [{"at_least": 2, "at_most": 1}, {"value": -1}, {"at_most": math.nan},
                                   {"value": 1, "at_most": 0.5}])  # fmt: skip
def test_a_level_that_nothing_keeps_is_refused(wrong):
    """Bounds that leave nothing, negative ones and what is no number say what to write."""
    with pytest.raises(ValueError, match=r"write|swap"):
        Level(**wrong)


# -- scenarios


def test_a_scenarios_targets_are_bounds_on_their_worse_side():
    """98 % answered and a mean wait of 22.5 s with a mean patience of 2 min are named, with the scenario's numbers."""
    scenario = csim.load_scenario("scenarios/centres/hotline_400.yaml")
    assert conflicts_of(scenario) == {"hotline": []}
    more = scenario.vary({"queues.hotline.targets": {"answer_rate": "98%", "wait_all": "22.5 s"}})
    [conflict] = conflicts_of(more)["hotline"]
    assert (conflict.law, conflict.severity) == ("patience", "warning")
    assert conflict.numbers["expected"] == pytest.approx(22.5 / 120)


def test_a_scenarios_cap_is_held_against_its_response():
    """Eight full slots of the campaign miss 30 s by 1.1 s; seven would do."""
    scenario = csim.load_scenario("scenarios/centres/double_11.yaml")
    [conflict] = conflicts_of(scenario.vary({"queues.presales.targets": {"mean_response": "30 s"}}))["presales"]
    assert (conflict.law, round(conflict.numbers["full_s"], 1), conflict.numbers["held"]) == ("response_cap", 31.1, 7)


# -- what was measured is possible


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["answered", "abandoned", "blocked", "open"]),
            st.sampled_from([0.0, 0.5, 5.0, 19.0, 20.0, 21.0, 60.0, 300.0]),
            st.sampled_from([math.nan, 1.0, 2.0, 3.0, 4.0, 5.0]),
            st.floats(1, 900), st.floats(0, 90),
        ),
        min_size=1, max_size=40,
    ),
    st.sampled_from(["included", "excluded", "answered_only", "quick_counts_as_met"]),
)  # fmt: skip
def test_no_log_is_impossible(rows, reading):
    """Whatever is measured on a log, fed back as exact targets, collides with no law of what KPIs count."""
    outcome, wait, csat, talk, wrap = (list(column) for column in zip(*rows, strict=True))
    answered = np.array(outcome) == "answered"
    log = pd.DataFrame(
        {"queue": "a", "outcome": outcome, "wait_s": np.where(np.array(outcome) == "blocked", 0.0, wait),
         "csat": np.where(answered, csat, np.nan), "talk_s": np.where(answered, talk, np.nan),
         "after_work_s": np.where(answered, wrap, np.nan)}
    )  # fmt: skip
    table = csim.measure(log, within=20, reading=reading)
    assert errors(table[table["queue"] == "a"], Facts(within_s=20, reading=reading)) == []


def errors(table, facts):
    """The impossible among a table's values, taken as targets."""
    known = table[table["value"].notna()]
    targets = {kpi: is_(max(0.0, value)) for kpi, value in zip(known["kpi"], known["value"], strict=True)}
    assert len(targets) > 5
    return [conflict for conflict in audit(targets, facts=facts) if conflict.severity == "error"]


@settings(max_examples=150, deadline=None)
@given(st.floats(0.01, 3), st.floats(30, 900), st.integers(1, 60), st.floats(5, 3000), st.floats(0, 120))
def test_erlang_a_is_possible(rate, handle_s, agents, patience_s, within_s):
    """The exact long-run KPIs keep the laws of exponential patience too."""
    steady = erlang.a(rate, handle_s, agents, patience_s, within_s)._asdict()
    targets = {kpi: is_(max(0.0, min(value, 1.0) if kpi.endswith(("rate", "share")) else value))
               for kpi, value in steady.items() if not math.isnan(value)}  # fmt: skip
    lost = steady["abandonment_rate"]
    if lost > 1e-6:
        targets["wait_of_abandoners"] = is_((steady["wait_all"] - steady["answer_rate"] * steady["asa"]) / lost)
    targets["contacts_per_hour"] = is_(3600 * rate * steady["answer_rate"] / agents)
    targets["aht"] = is_(handle_s)
    facts = Facts(mean_patience_s=patience_s * (1 + 1e-9), exponential_patience=True, within_s=within_s, cap=1)
    assert [conflict for conflict in audit(targets, facts=facts) if conflict.severity == "error"] == []


CHAT = {
    "csim": "scenario/1", "name": "chat",
    "calendar": {"start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": 2, "open": "3 h"},
    "queues": {"chats": {
        "channel": "chat", "arrivals": {"per_hour": 60}, "patience": {"distribution": "exponential", "mean": "3 min"},
        "handle_time": {"distribution": "lognormal", "mean": "6 min", "cv": 0.7},
        "after_work": {"distribution": "exponential", "mean": "20 s"}, "answer_within": "30 s",
        "quality": {"survey": {"answered": "60%", "scores": {5: "80%", 4: "10%", 2: "4%", 1: "6%"}}},
    }},
    "groups": {"desk": {"serves": ["chats"], "agents": 3, "concurrency": 4,
                        "pace": {"compose": "10 s", "customer": "50 s"}}},
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("changes", [{}, {"calendar.warmup": "30 min"}, {"groups.desk.agents": 1},
                                     {"queues.chats.max_waiting": 1, "queues.chats.balk": "20%"},
                                     {"calendar.after_close": "hang_up"}], ids=str)  # fmt: skip
def test_a_simulated_centre_is_possible(seed, changes):
    """Agents' time, sessions, turns and scores of a simulated chat centre keep the laws exactly, warm-up or not."""
    scenario = csim.load_scenario(CHAT).vary(changes)
    table = csim.simulate(scenario, replications=1, seed=seed).kpis
    stated = facts_of(scenario, "chats")
    facts = Facts(**{**vars(stated), "exponential_patience": False})  # that law holds in the long run, not in a log
    assert stated.all_chats
    assert stated.cap == 4
    measured = table[(table["queue"] == "all") & table["value"].notna()]
    assert {"contacts_per_hour", "session_time", "focus_time", "concurrency", "max_concurrency", "occupancy", "aht",
            "mean_response", "csat_mean", "csat_bad_rate"} <= set(measured["kpi"])  # fmt: skip
    assert errors(measured, facts) == []


def test_a_load_between_two_caps_lies_on_the_line():
    """Below one chat a reply takes the composing; at whole numbers it is the queue's own."""
    assert response_at(0.4, 10, 60) == 10
    assert response_at(3.0, 10, 60) == mean_response(10, 60, 3)

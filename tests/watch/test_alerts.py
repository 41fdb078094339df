"""Alert rules: what they mean, what is wrong with them, and when they fire."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import csim
from csim.watch.alerts import alerts_of, write_alerts
from csim.watch.month_to_date import month_to_date
from csim.watch.rules import rule, rules_of
from csim.watch.watching import Watch

from ..terms.centres import step, terms
from .logs import log

STEP = terms(step("10%"))


def fired(contacts, *texts, as_of=None, interval_s=1800.0):
    """The alerts of some rules on a log."""
    found = month_to_date(STEP, contacts, as_of=as_of, replications=200)
    return alerts_of(found, rules_of(list(texts), STEP), interval_s=interval_s)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service_level", "is no rule"),
        ("p(levl) > 50%", 'did you mean "level"'),
        ("p(level) > 50", "against a percentage"),
        ("p(level) > 150%", "against a percentage"),
        ("p(level) > 50% for 3 intervals", "at the month's end"),
        ("level < 75", "has not the unit of level"),
        ("level < 30 s", "has not the unit of level"),
        ("level < lots", "is no value"),
        ("level < 75% for ever", "is not readable"),
        ("level < 75% for 0 intervals", "is not readable"),
        ("deduction > 5", "is no clause"),
    ],
)
def test_a_rule_that_cannot_be_read_is_said(text, said):
    """One sentence: what was found and what to write."""
    with pytest.raises(csim.InputError, match=said):
        rule(text, STEP)


def test_all_mistakes_of_all_rules_at_once():
    """Two wrong rules are two mistakes."""
    with pytest.raises(csim.InputError) as caught:
        rules_of(["what", "p(levl) > 50%", "level < 75%"], STEP)
    assert len(caught.value.mistakes) == 2


def test_a_clause_by_number_or_measure():
    """People write 5.1, or what is measured."""
    assert {rule(f"{name} < 75%", STEP).name for name in ("level", "5.1", "service_level", "服务水平")} == {"level"}
    assert rule("p(deduction) ≥ 50 %", STEP).sign == ">="


def test_the_probability_of_a_penalty():
    """A month at 50 % is lost, one at 100 % is not; not enough days fire nothing."""
    lost, kept, few = (log([level] * days) for level, days in ((0.5, 8), (1.0, 8), (0.5, 3)))
    rules = ("p(level) > 50%", "p(deduction) > 50%")
    assert [alert.clause for alert in fired(lost, *rules)] == ["level", "deduction"]
    assert not fired(kept, *rules)
    assert not fired(few, *rules)


def test_a_value_of_the_month_so_far():
    """75 % itself is not below 75 %."""
    assert not fired(log([0.75] * 6), "level < 75%", as_of="2026-06-08")
    (alert,) = fired(log([0.75] * 6), "level <= 75%", as_of="2026-06-08")
    assert alert.value == pytest.approx(0.75)
    assert "75.0 %" in alert.what


def bad_spell(begin: int, end: int) -> pd.DataFrame:
    """A day of ten contacts each half-hour, all late in the half-hours [begin, end)."""
    contacts = log([1.0], per_day=200)
    half_hour = contacts.index // 10
    contacts.loc[(half_hour >= begin) & (half_hour < end), "wait_s"] = 60.0
    return contacts


@pytest.mark.parametrize(("begin", "end", "fires"), [(4, 7, True), (4, 6, False), (17, 20, False), (16, 20, True)])
def test_a_run_of_intervals(begin, end, fires):
    """Three half-hours in a row that are over; the last one of the log is not over before a later contact."""
    contacts = bad_spell(begin, end)
    alerts = fired(contacts, "level < 75% for 3 intervals")
    assert bool(alerts) == fires
    if begin == 4 and fires:
        assert "11:00–12:30" in alerts[0].what
        assert alerts[0].key.endswith("2026-06-01T11:00")
    assert bool(fired(contacts, "level < 75% for 3 intervals", as_of="2026-06-01")) == (end - begin >= 3)


def test_an_interval_without_contacts_ends_a_run():
    """Two bad half-hours, an empty one, two bad ones: no run of three."""
    contacts = bad_spell(4, 9)
    contacts = contacts[contacts.index // 10 != 6]
    assert not fired(contacts, "level < 75% for 3 intervals")
    assert fired(contacts, "level < 75% for 2 intervals")


def test_intervals_are_as_long_as_said():
    """Three bad half-hours from 11:00 are one bad hour and a half-bad one."""
    contacts = bad_spell(4, 7)
    assert len(fired(contacts, "level < 75% for 2 intervals", interval_s=3600)) == 1  # 11–12: 0 %, 12–13: 50 %
    assert not fired(contacts, "level < 75% for 3 intervals", interval_s=3600)


def test_a_run_of_days_passes_over_closed_ones():
    """Friday and Monday follow each other; yesterday's run is over when today is good."""
    days = [0.9, 0.9, 0.9, 0.7, 0.7, 0.7]  # Thursday, Friday, Monday
    (alert,) = fired(log(days), "level < 75% for 3 days", as_of="2026-06-08")
    assert "2026-06-04 to 2026-06-08" in alert.what
    assert not fired(log(days), "level < 75% for 3 days", as_of="2026-06-05")


def test_an_alert_is_said_once_while_it_lasts():
    """A second look says nothing new; when it is over that is said, and then it may come again."""
    watch = Watch(STEP, ["V"], rules_of(["level < 75%"], STEP))
    low, high = log([0.7] * 6), log([0.9] * 6)
    said = [watch.look(contacts) for contacts in (low, low, high, low)]
    assert [len(sentences) for sentences in said] == [1, 0, 1, 1]
    assert said[2][0].startswith("over again")
    assert len(watch.fired) == 1


def test_alerts_as_a_file(tmp_path):
    """The file holds what fired and on what; without alerts it holds none."""
    found = month_to_date(STEP, log([0.5] * 8), replications=50)
    for rules, count in ((["p(level) > 50%"], 1), ([], 0)):
        file = write_alerts(tmp_path / "alerts.json", alerts_of(found, rules_of(rules, STEP)), [found])
        content = json.loads(file.read_text(encoding="utf-8"))
        assert len(content["alerts"]) == count
        assert content["months"][0]["month"] == "2026-06"
    assert [file.name for file in tmp_path.iterdir()] == ["alerts.json"]


def test_a_run_of_intervals_tells_the_vendor_of_two_calls():
    """Two late calls in each half hour raise the buyer's alert; the vendor's copy says nothing of so few."""
    found = month_to_date(STEP, log([1.0, 0.0], per_day=40), replications=20)
    rules = rules_of(["level < 75% for 3 intervals"], STEP)
    assert len(alerts_of(found, rules)) == 1
    assert alerts_of(found.for_vendor(), rules) == []
    many = month_to_date(STEP, log([1.0, 0.0], per_day=100), replications=20)
    assert len(alerts_of(many.for_vendor(), rules)) == 1

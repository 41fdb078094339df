"""The forecast: promises, spells that break, agents short, and Erlang beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import csim
from csim.report.forecast import wilson
from csim.staffing.steady import steady_by_interval

CENTRE = {
    "csim": "scenario/1",
    "name": "small",
    "calendar": {"start": "2026-06-01T09:00", "open": "4 h", "interval": "1 h", "days": 2, "timezone": "Asia/Shanghai"},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_interval": [60, 60, 200, 60]},
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "exponential", "mean": "180 s"},
            "answer_within": "20 s",
            "targets": {"service_level": "80%", "asa": "15 s"},
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 7}},
}


@pytest.fixture(scope="module")
def forecast():
    return csim.service_forecast(CENTRE, replications=20, seed=3)


def test_the_overloaded_hour_is_the_spell_that_breaks(forecast):
    """The third hour of either day is found, and no quiet hour with it."""
    assert {(s.first, s.last) for s in forecast.spells} <= {(2, 2), (2, 3)}
    assert {s.day for s in forecast.spells} == {0, 1}
    assert [s.missed for s in forecast.spells] == sorted((s.missed for s in forecast.spells), reverse=True)


def test_so_many_agents_are_short_and_one_fewer_would_not_do(forecast):
    """The shortage is the least number of agents that meets the target in that spell with the same luck."""
    worst = forecast.worst
    day = forecast.scenario.one_day(worst.day)
    levels = []
    for extra in (worst.short - 1, worst.short):
        heads = day.on_duty["team"].copy()
        heads[0, worst.first : worst.last + 1] += extra
        sim = csim.simulate(day.with_staff("team", heads), 20, 3)
        table = sim.by_interval.query("queue == 'calls' and kpi == 'service_level'").iloc[worst.first : worst.last + 1]
        levels.append(table["numerator"].sum() / table["denominator"].sum())
    assert levels[0] < 0.8 <= levels[1]


def test_a_promise_holds_as_often_as_its_replications_do(forecast):
    """The probability to hold is the share of replications whose whole calendar met the target, either direction."""
    for promise in forecast.promises:
        n, d = forecast.sim.replicated(promise.kpi.id, "calls")
        kept = n / d >= promise.target if promise.kpi.better == "up" else n / d <= promise.target
        assert promise.holds == kept.mean()
        assert promise.holds_low <= promise.holds <= promise.holds_high


def test_without_targets_eighty_per_cent_is_assumed_and_said():
    """A file without targets is judged at 80 %, and the page says so."""
    bare = csim.load_scenario(CENTRE).vary({"queues.calls.targets": {}})
    found = csim.service_forecast(bare, replications=2)
    assert found.assumed
    assert [p.target for p in found.promises] == [0.80]
    assert "80 %" in csim.pages.ForecastPage(found, "en").answer().text


def test_wilson_is_never_sure_after_a_few_replications():
    """Twenty of twenty is no certainty: the interval reaches down to 84 %."""
    low, high = wilson(20, 20)
    assert high == 1.0
    assert low == pytest.approx(0.8389, abs=1e-4)
    assert all(math.isnan(end) for end in wilson(0, 0))


def test_erlang_beside_it_is_erlang_when_the_day_is_steady():
    """With one constant rate the pooled answer is Erlang A itself."""
    steady = csim.load_scenario(CENTRE).vary({"queues.calls.arrivals": {"per_hour": 120}})
    table = steady_by_interval(steady).set_index("kpi")["value"]
    exact = csim.erlang.a(120 / 3600, 180, 7, 120, 20)
    for kpi in ("service_level", "abandonment_rate", "wait_all", "asa", "occupancy"):
        assert table[kpi] == pytest.approx(getattr(exact, kpi), rel=1e-12)


def test_erlang_is_silent_where_agents_share_their_time():
    """A group that serves two queues has no Erlang answer for either."""
    two = csim.load_scenario(CENTRE).vary(
        {"queues.other": CENTRE["queues"]["calls"], "groups.team.serves": ["calls", "other"]}
    )
    assert steady_by_interval(two).empty


def test_one_day_keeps_its_own_volumes_and_staff(forecast):
    """A single day cut out of a calendar is that day."""
    day = forecast.scenario.one_day(1)
    assert len(day.days) == 1
    assert day.days.dates == forecast.scenario.days.dates[1:2]
    assert np.array_equal(day.expected["calls"], forecast.scenario.expected["calls"][1:2])


def test_chance_is_not_called_a_break():
    """A dip whose interval reaches the target is no spell, and the sentence leaves the day open."""
    even = csim.load_scenario(CENTRE).vary({"queues.calls.arrivals": {"per_hour": 110}, "calendar.days": 1})
    found = csim.service_forecast(even, replications=4, seed=3)
    assert found.dips
    assert found.spells == []
    assert found.worst is None
    level = found.promises[0]
    assert level.low <= level.target <= level.high
    said = [csim.pages.ForecastPage(found, lang).sentence() for lang in ("en", "zh")]
    assert said[0].startswith("It is open: calls is at")
    assert said[1].startswith("尚难判定")


def test_what_surely_holds_is_said_so():
    """With staff to spare every interval holds, and the sentence says it without a but."""
    easy = csim.load_scenario(CENTRE).vary({"groups.team.agents": 16})
    found = csim.service_forecast(easy, replications=10, seed=3)
    assert found.spells == []
    assert csim.pages.ForecastPage(found, "en").sentence().startswith("It holds: calls reaches")


@pytest.mark.parametrize("target", [{"wait_p99": "60 s"}, {"occupancy": "85%"}, {"fcr": "85%"}, {"asa": "10 s"}])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_target_other_than_service_level_is_a_traceback(target, lang):
    """Quantiles, measures of agents, waits, what is not simulated: each has its row, and the page its sentence."""
    found = csim.service_forecast(csim.load_scenario(CENTRE).vary({"queues.calls.targets": target}), replications=3)
    promise, page = found.promises[0], csim.pages.ForecastPage(found, lang)
    assert promise.measured == ("fcr" not in target)
    assert (0 <= promise.holds <= 1) == promise.measured
    assert promise.kpi.name(lang) in page.promises().text
    assert (promise.kpi.name(lang) in page.sentence()) == promise.measured
    assert page.level_figure().text == ""
    assert page.calendar_figure().text == ""

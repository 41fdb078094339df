"""What a simulated centre shows of a contract: levels out of reach, relief that never applies."""

import csim
from csim.contract.load import read_contract
from csim.terms.answering.doubts import doubts, weak_penalties

from .centres import centre, step, terms

CENTRE = {
    "csim": "scenario/1",
    "name": "small",
    "calendar": {"start": "2026-06-01T09:00", "timezone": "Asia/Shanghai", "days": 5, "open": "4 h"},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 60},
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "exponential", "mean": "180 s"},
            "answer_within": "20 s",
            "quality": {"resolved": "80%"},
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 4}},
}


def found(expected, resolved, over, by):
    """Codes and paths of the findings; 240 contacts a day are announced."""
    relief = [{"what": "volume_above_forecast", "over": over, "by": by, "clause": "9"}]
    every = {"value_rounding": "none", "missing": "missed"}
    reading = {"hang_ups": "included", "within": "20 s"}
    contract = {
        "csim": "contract/1", "name": "small", "buyer": "us", "vendor": "V", "currency": "CNY",
        "timezone": "Asia/Shanghai", "term": {"from": "2026-01-01", "to": "2026-12-31"},
        "pricing": {"clause": "4", "per": "month", "rate": 1000},
        "forecast": {"days": {f"2026-06-0{day}": 240 for day in range(1, 6)}, "clause": "4.2"},
        "kpis": {
            "sl": {"clause": "5", "measure": "service_level", "reading": reading, "expected": expected,
                   "exclusions": relief, **every},
            "fix": {"clause": "6", "measure": "resolution_rate", "reading": {"of": "answered"}, "expected": resolved,
                    "exclusions": [], **every},
        },
        "pay": {"clause": "7", "rounding": {"to": 0.01, "mode": "half_up"}},
    }  # fmt: skip
    findings = doubts(read_contract(contract), csim.load_scenario(CENTRE), replications=5)
    return {(finding.code, finding.path) for finding in findings}


def test_a_level_that_more_agents_reach_is_out_of_reach():
    """80 % is missed as planned, but not with half as many agents again; no agent makes 80 % resolved 90 %."""
    assert csim.simulate(CENTRE, 5).value("service_level") < 0.8
    assert found("80%", "75%", "5%", "day") == set()
    assert found("80%", "90%", "5%", "day") == {("level_out_of_reach", "kpis.fix.expected")}


def test_relief_that_never_applies_is_left_alone():
    """Single days exceed their forecast by 5 %, no month exceeds it by 20 %."""
    assert ("idle_relief", "kpis.sl.exclusions[0]") in found("80%", "75%", "20%", "month")
    assert found("80%", "75%", "5%", "day") == set()


def weighed(credit):
    """What is said of a penalty of so much of the invoice, 26 agents planned where 22 earn most."""
    centre_of_26 = csim.load_scenario(centre())
    return [f.code for f in weak_penalties(terms(step(credit)), centre_of_26, replications=4)]


def test_a_penalty_that_does_not_deter_is_passed_over():
    """One per cent is less than the vendor saves by missing 80 % for good, ten per cent is more."""
    assert weighed("1%") == ["penalty_does_not_deter"]
    assert weighed("10%") == []


def test_penalties_are_weighed_without_costs():
    """Where no group says what an agent costs, nothing is said about penalties."""
    bare = centre()
    del bare["groups"]["team"]["cost_per_hour"]
    assert weak_penalties(terms(step("1%")), csim.load_scenario(bare), replications=1) == []

"""What a vendor gains by gaming, on a small centre: the same contacts in every world."""

from __future__ import annotations

import json

import numpy as np
import pytest

import csim
from csim.contract.lint import lint
from csim.terms.gaming.closing import threshold_text
from csim.terms.gaming.gamed import judge_of_waits
from csim.terms.gaming.games import Games, games
from csim.terms.gaming.giving_up import gave_up, mixed
from csim.terms.gaming.worlds import PEAK_LEVEL, happy_only, peak, peak_measure, watched, worlds
from csim.terms.worth.levers import paid_hours
from csim.terms.worth.played import Cutting, cycle_of, months_played
from csim.terms.worth.surface import surface
from csim.terms.worth.valuation import valued

from .centres import centre, step, terms

HOTLINE = "scenarios/centres/hotline_400.yaml"


@pytest.fixture(scope="module")
def found() -> Games:
    """Six months at four levels of each world: a miss of 80 % costs a tenth of the invoice."""
    return games(terms(step("10%")), centre(), [22, 23, 24, 26], replications=6, seed=3)


def test_reordering_shows_in_the_mean_wait(found):
    """Serving the newest first lifts the level by points and pays; loss hardly moves, the longest waits do."""
    gain = found.gains.set_index("game").loc["lifo"]
    assert gain["hole"]
    assert gain["level"] < gain["usual"], "fewer agents keep the promise"
    read = found.table.set_index("game").loc["lifo"]
    assert read["same"] - read["honest"] > 0.04
    seen = found.exposure[found.exposure["game"] == "lifo"].set_index("companion")
    assert seen.loc["wait_p99", "detected"] == 1
    assert seen.loc["wait_second_moment", "detected"] == 1
    assert seen.loc["abandonment_rate", "same"] == pytest.approx(seen.loc["abandonment_rate", "honest"], rel=0.03)


def test_the_closing_clauses_close_nothing(found):
    """Under the contract with the added clauses, on the same months, no game pays where a companion shows it."""
    assert found.holes
    assert found.closing
    assert not found.still_open
    again = games(found.closed(), centre(), [22, 23, 24, 26], replications=6, seed=3)
    left = again.gains.set_index("game")["gain"]
    before = found.gains.set_index("game")["gain"]
    closed = {game for closing in found.closing for game in closing.games}
    assert {"lifo", "not_yet_missed_first"} <= closed
    for game in ("lifo", "not_yet_missed_first"):
        assert left[game] < 0.2 * before[game], game


def test_honest_months_are_hit_by_the_closing_clauses(found):
    """At most one honest month in twenty lies beyond a threshold, which stands on a round number."""
    assert (found.exposure["false"] <= 0.05).all()
    for closing in found.closing:
        assert closing.honest <= 0.05
        assert len(threshold_text(closing.companion)) <= 8


def test_the_contract_with_closing_clauses_does_not_lint(found):
    """What is proposed loads and has no error of the linter."""
    assert [f for f in lint(found.closed()) if f.severity == "error"] == []


def test_giving_up_loses_months_that_were_safe(found):
    """Nineteen safe months in twenty stay kept, and the cheaper days are saved."""
    row = found.gains.set_index("game").loc["month_end"]
    assert row["gain"] > 0
    assert row["gamed_missed"] <= 1 / 6


def given_up_days(levels: list[int], months: int) -> tuple:
    """The days given up at the second level for the first, and the share of months then missed."""
    agreed = terms(step("10%"))
    grid = surface(centre(), levels, "agents", "team", replications=months, seed=4)
    judge = judge_of_waits(agreed)
    days = gave_up(grid, Cutting(grid, agreed, cycle_of(grid, agreed, "month")).days(), judge, 1, 0)
    played = months_played(mixed(grid, days, 1, 0), agreed)
    return days, valued(agreed, played).missed["level"].mean()


def test_a_month_is_given_up_before_it_is_safe_or_lost():
    """
    26 agents keep 80 %: never from the first day on, but before the last, the month is safe enough for 24, and it stays
    kept in nineteen of twenty; with 22 every month is lost from the first morning.
    """
    safe, missed = given_up_days([24, 26], 12)
    assert not safe[:, 0].any()
    assert safe[:, -1].mean() > 0.5
    assert missed <= 1 / 12
    lost, _ = given_up_days([20, 22], 2)
    assert lost.all()


def test_a_game_has_other_contacts(found):
    """In every world as many contacts are offered as in the honest one: the worlds share their luck."""
    base = csim.load_scenario(centre(days=3))
    sims = [csim.simulate(change(base), 2, seed=3) for change in worlds(base, ["team"]).values()]
    honest = csim.simulate(base, 2, seed=3)
    assert {sim.offered for sim in sims} == {honest.offered}


def test_the_peak_moves_hours():
    """Staff moved out of the peak, or into it, stands elsewhere in the same day: its hours stay."""
    scenario = csim.load_scenario(HOTLINE)
    for name in ("off_peak", "on_peak"):
        moved = worlds(scenario, ["agents"])[name](scenario)
        assert np.array_equal(paid_hours(moved, ["agents"]), paid_hours(scenario, ["agents"]))
        change = (moved.on_duty["agents"] - scenario.on_duty["agents"])[:, slice(*peak(scenario, ["agents"]))]
        assert (change.sum() < 0) == (name == "off_peak")


def in_the_peak() -> tuple:
    """Two days of the hotline: simulation, log, and which contacts of 9:30 to 12:00 were answered within 30 s."""
    scenario = csim.load_scenario(HOTLINE).vary({"calendar.days": 2})
    scenario = watched(scenario, ["agents"], csim.catalogue()["service_level"])
    sim = csim.simulate(scenario, 1, seed=5, keep_contacts=True)
    log = sim.contacts
    local = log["arrival"].dt.hour + log["arrival"].dt.minute / 60
    inside = log[(local >= 9.5) & (local < 12)]
    return sim, log, (inside["outcome"] == "answered") & (inside["wait_s"] <= 30)


def test_a_level_of_the_peak_counts_other_hours():
    """The service level of the busiest hours is that of the log's contacts that arrived in them, by local time."""
    sim, log, met = in_the_peak()
    assert sim.value("peak_service_level") == met.mean()
    assert 0.2 < len(met) / len(log) < 0.5


def test_a_clause_on_the_peak_settles_other_hours():
    """A contract's own measure over hours counts a real log by the contract's clock, whatever zone the log is in."""
    sim, log, met = in_the_peak()
    entry = peak_measure(sim.scenario, peak(sim.scenario, ["agents"]), csim.catalogue()["service_level_included"])
    bands = [{"from": "80%", "credit": "0%"}, {"credit": "5%"}]
    clause = {"measure": PEAK_LEVEL, "reading": {"within": "30 s"}, "expected": "80%", "bands": bands}
    data = terms({"peak": clause}).data | {"measures": {PEAK_LEVEL: entry}}
    elsewhere = log.assign(arrival=log["arrival"].dt.tz_convert("Europe/Berlin"))
    statement = csim.settle(data, elsewhere, month="2026-03", partial=True)
    line = next(line for line in statement.payment.lines if line.id == "peak")
    assert (int(line.judged.fact.numerator), int(line.judged.fact.denominator)) == (met.sum(), len(met))


def test_surveying_the_happy_shows_in_satisfaction_only():
    """The top box rises, the share of sessions that answer falls, the share of invitations that answer does not."""
    scenario = csim.load_scenario(HOTLINE).vary({"calendar.days": 5})
    sims = [csim.simulate(one, 4, seed=2) for one in (scenario, happy_only(scenario))]
    top, sessions, invited = (
        [sim.value(kpi) for sim in sims] for kpi in ("csat_top_box", "survey_response_of_sessions", "survey_response")
    )
    assert top[1] > top[0] + 0.01
    assert sessions[1] == pytest.approx(sessions[0] * 0.588, rel=0.03)
    assert invited[1] == pytest.approx(invited[0], rel=0.02)


def test_games_cannot_be_shown(found, tmp_path):
    """Verdict, sentences, table, figure, workbook and JSON, in both languages."""
    for lang in ("en", "zh"):
        assert found.summary(lang)
        assert len(found.sentences(lang)) == len(found.gains)
        assert found.plot(lang).get_title(loc="left")
    assert "<table" in found._repr_html_()
    assert found.to_excel(tmp_path / "games.xlsx").exists()
    content = json.loads(found.as_json())
    assert {"games", "kpis", "exposure", "closing", "verdict", "provenance"} <= content.keys()


def test_games_without_costs_are_refused():
    """Where nobody says what an agent costs, gains are of payment at the plan, and that is said."""
    bare = centre(days=22)
    del bare["groups"]["team"]["cost_per_hour"]
    found = games(terms(step("10%")), bare, replications=1)
    assert found.gains["level"].unique().tolist() == [26.0]
    assert found.notes

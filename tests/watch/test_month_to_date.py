"""Where a running month heads: days so far as they are, draws settled as the statement will be."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csim
from csim.settlement.facts import Incident
from csim.settlement.ledger import Entry, Ledger
from csim.settlement.settle import statement_of
from csim.watch.ends import Settling
from csim.watch.futures import Future, from_days
from csim.watch.month_to_date import month_to_date
from csim.watch.so_far import so_far

from ..settlement.contracts import contracts
from ..terms.centres import LINEAR, SERVICE, centre, step, terms
from .logs import july, log

STEP = terms(step("10%"))


def test_a_month_that_is_over_ends_as_it_is_settled():
    """With no day left the month's sums are those of its statement, to the cent, and nothing is left to chance."""
    contacts = log([0.79] * 22)
    found = month_to_date(STEP, contacts, as_of="2026-06-30")
    statement = csim.settle(STEP, contacts, month="2026-06")
    assert found.money.set_index("what")["now"]["net"] == float(statement.subtotal)
    (clause,) = found.clauses
    assert (clause.value, clause.p_penalty, clause.hopeless, found.days_left) == (0.79, 1.0, True, 0)
    assert clause.expected_money == -float(statement.deduction)


def test_a_known_deduction_is_rounded():
    """What is known to the cent is said to the cent, in the sentence as in the table; only a forecast is rounded."""
    found = month_to_date(terms(step("3.125%")), log([0.7] * 22, per_day=97), as_of="2026-06-30")
    deduction = found.money.set_index("what")["now"]["deduction"]
    said = f"{deduction:,.2f}"
    assert not said.endswith("00")
    assert f"CNY {said}" in found.summary("en")
    assert said in found.text("en").partition("Deduction")[2]


def test_what_the_remaining_days_need():
    """Eleven days at 70 % and eleven to come, equally many contacts expected: 90 % keeps 80 % over the month."""
    found = month_to_date(STEP, log([0.6, 0.8] * 5 + [0.7]), as_of="2026-06-15")
    (clause,) = found.clauses
    assert (found.days_gone, found.days_left) == (11, 11)
    assert clause.value == pytest.approx(0.70)
    assert clause.needed == pytest.approx(0.90)
    assert "need 90.0 %" in found.summary()


@pytest.mark.parametrize(("level", "safe", "hopeless"), [(0.5, False, True), (1.0, True, False), (0.8, False, False)])
def test_safe_and_out_of_reach(level, safe, hopeless):
    """20 of 22 days at 50 % cannot reach 80 %, whatever comes; at 100 % nothing can spoil it."""
    days = [level] * 10 + [level - 0.04 * (level == 0.8), level + 0.04 * (level == 0.8)] * 5
    (clause,) = month_to_date(STEP, log(days), as_of="2026-06-26").clauses
    assert (clause.safe, clause.hopeless) == (safe, hopeless)
    assert math.isnan(clause.needed) == (safe or hopeless)


def test_less_is_better_needs_the_other_way_round():
    """Abandonment at most 20 %: 10 % over half the month leaves 30 % to the rest; 45 % is out of reach."""
    held = {"clause": "5.1", "measure": "abandonment_rate", "expected": "20%", "bands": [
        {"up_to": "20%", "credit": "0%"}, {"credit": "10%"}]}  # fmt: skip
    lost = terms({"lost": held})
    for share, needed, hopeless in ((0.1, 0.3, False), (0.45, math.nan, True)):
        contacts = log([1 - share] * 11)
        contacts["outcome"] = np.where(contacts["wait_s"] > 20, "abandoned", "answered")
        (clause,) = month_to_date(lost, contacts, as_of="2026-06-15").clauses
        assert clause.needed == pytest.approx(needed, nan_ok=True)
        assert clause.hopeless == hopeless
        assert clause.safe == (not hopeless)  # every day so far was at 10 %: no draw breaks it


def test_too_few_days_say_nothing():
    """Four whole days are no forecast: no probability, and the sentence says so."""
    found = month_to_date(STEP, log([0.7] * 4), as_of="2026-06-04")
    (clause,) = found.clauses
    assert math.isnan(clause.p_penalty)
    assert math.isnan(found.money["mean"].iloc[0])
    assert (clause.value, clause.why, found.future.source) == (0.7, "few_days", "none")
    assert "not enough days yet" in found.summary()
    assert "天数不足" in found.summary("zh")
    assert found.content()["clauses"][0]["p_penalty"] is None
    assert not math.isnan(month_to_date(STEP, log([0.7] * 5), as_of="2026-06-05").clauses[0].p_penalty)


def test_a_day_that_has_begun_is_no_whole_day():
    """At noon of the sixth day five whole days are known, and the rest of the day is still to come."""
    contacts = log([0.9] * 5 + [0.0])
    found = month_to_date(STEP, contacts, as_of="2026-06-08T13:59:59")
    assert found.days_left == 17
    assert found.future.days == 5
    rest = found.future.counts["level"][:, 0]
    assert (rest[:, 1] == 50).all()  # half of a day of 100 contacts comes after 14:00
    assert (found.future.counts["level"][:, 1, 1] == 100).all()
    assert found.clauses[0].value == pytest.approx(450 / 550)  # 0 of 50 today
    assert month_to_date(STEP, contacts, as_of="2026-06-08").days_left == 16


def test_the_log_says_up_to_when_unless_somebody_does():
    """Without --as-of the month is known up to the last contact: that day is not over."""
    found = month_to_date(STEP, log([0.9] * 6).iloc[:-40])
    assert found.so_far.until.at.isoformat() == "2026-06-08T14:54:00+08:00"
    assert found.days_left == 17


def test_days_of_earlier_months_come_again():
    """June's days stand for July's: by weekday, where four of it are known, so that Fridays stay bad Fridays."""
    june = log([0.4 if day == 4 else 0.9 for day in range(5)] * 4)
    found = month_to_date(STEP, july([0.9, 0.9]), history=june, as_of="2026-07-02")
    level = found.future.counts["level"][:, :, 0]
    fridays = np.array([day.weekday() == 4 for day in found.future.dates])
    assert (level[:, fridays] == 40).all()
    assert (level[:, ~fridays] == 90).all()
    assert (found.future.source, found.future.days) == ("history", 22)
    assert "22 whole days, 2 of them of this month" in found.text()
    elsewhere = june.assign(arrival=june["arrival"].dt.tz_convert("UTC"))  # the same days, written in another zone
    again = month_to_date(STEP, july([0.9, 0.9]), history=elsewhere, as_of="2026-07-02")
    assert again.text() == found.text()


def test_own_days_are_said_to_be_own():
    """Without scenario and history the month's own days are all there is, and that is said."""
    found = month_to_date(STEP, log([0.7, 0.9] * 4))
    assert "this month's own 7 whole days" in month_to_date(STEP, log([0.7, 0.9] * 4).iloc[:-10]).text()
    assert "仅从本月" in found.text("zh")


def test_few_days_make_a_wide_forecast():
    """The draws vary by what few days leave open, too: about s²/m + s²/n, not s²/m alone."""
    levels = [0.6, 0.7, 0.8, 0.9, 1.0, 0.75]
    known = so_far(STEP, log(levels), None, "V", "2026-06-08")
    counts = from_days(known, (), 20_000, 3).counts["level"]
    mean = counts[:, :, 0].mean(1) / 100
    n, m, s2 = len(levels), counts.shape[1], np.var(levels)
    expected = s2 / m * (n / (n + 1)) + s2 / (n + 1)
    assert mean.var() == pytest.approx(expected, rel=0.05)


def test_announced_volumes_carry_over():
    """A day drawn for a campaign day is brought to the volume announced for that day, at its own level."""
    announced = {f"2026-06-{day:02d}": 100 for day in range(1, 31)} | {"2026-06-18": 300}
    data = STEP.data | {"forecast": {"clause": "9.1", "days": announced}}
    found = month_to_date(csim.load_contract(data), log([0.7] * 11), as_of="2026-06-15")
    at = [f"{day}" for day in found.future.dates].index("2026-06-18")
    assert (found.future.counts["level"][:, at, 1] == 300).all()
    assert found.future.counts["level"][:, at, 0] == pytest.approx(210)
    assert found.days_left == 15  # announced days are open, weekends too


def test_relieved_days_do_not_count():
    """A day above its announced volume by more than 10 % is left out, so far and to come."""
    rule = {"what": "volume_above_forecast", "over": "10%", "by": "day", "clause": "9.3"}
    clause = {"level": {**step("10%")["level"], "exclusions": [rule]}}
    days = {f"{day:%Y-%m-%d}": 100 for day in pd.bdate_range("2026-06-01", "2026-06-30")}
    agreed = csim.load_contract(terms(clause).data | {"forecast": {"clause": "9.1", "days": days}})
    flood = log([0.0], per_day=200, start="2026-06-08").assign(contact_id=lambda t: "f" + t["contact_id"])
    contacts = pd.concat([log([0.9] * 5), flood])
    found = month_to_date(agreed, contacts, as_of="2026-06-08", seed=2)
    assert found.clauses[0].value == pytest.approx(0.9)
    assert found.clauses[0].p_penalty == 0
    assert found.path()["median"].iloc[5] == pytest.approx(0.9)
    other = month_to_date(STEP, contacts, as_of="2026-06-08", seed=2)
    assert other.clauses[0].value == pytest.approx(450 / 700)
    assert other.clauses[0].p_penalty > 0.5


def test_incidents_do_not_count():
    """Days of force majeure leave the value, where the clause says so."""
    clause = {"level": {**step("10%")["level"], "exclusions": [{"what": "force_majeure", "clause": "9.4"}]}}
    storm = Incident("force_majeure", pd.Timestamp("2026-06-05").date(), pd.Timestamp("2026-06-05").date())
    found = month_to_date(terms(clause), log([0.9] * 4 + [0.0] + [0.9] * 3), as_of="2026-06-10", incidents=[storm])
    assert found.clauses[0].value == pytest.approx(0.9)


def test_a_sample_that_is_still_too_small():
    """Below its minimum sample a clause is not judged yet, but the month's end may be."""
    clause = {"level": {**step("10%")["level"], "minimum_sample": 1000}}
    found = month_to_date(terms(clause), log([0.7] * 6), as_of="2026-06-08")
    assert found.clauses[0].why == "thin"
    assert found.clauses[0].p_penalty == 1
    assert found.money["now"].iloc[1] == 0


def test_a_clause_that_nothing_is_known_of_is_taken_as_kept():
    """No survey yet: no probability, no deduction, and the note says why."""
    held = step("10%") | {"csat": {"clause": "5.2", "measure": "csat_top_box", "expected": "90%",
                                   "bands": [{"from": "90%", "credit": "0%"}, {"credit": "5%"}]}}  # fmt: skip
    found = month_to_date(terms(held), log([0.9] * 6), as_of="2026-06-08")
    by_id = {clause.id: clause for clause in found.clauses}
    assert by_id["csat"].why == "unmeasured"
    assert math.isnan(by_id["csat"].p_penalty)
    assert found.money["mean"].iloc[1] == 0
    supplied = pd.DataFrame({"month": ["2026-06"], "kpi": ["csat"], "value": ["85%"], "sample": [400]})
    known = month_to_date(terms(held), log([0.9] * 6), as_of="2026-06-08", kpis=supplied)
    assert known.clauses[1].why == "as_it_stands"
    assert known.money["mean"].iloc[1] > 0


def test_the_ledger_counts():
    """The third month in a row: the streak's deduction is expected with the ledger and not without."""
    streak = {"when": "missed_level >= 1", "months": 3, "then": "deduction", "amount": "1000", "clause": "8.2"}
    agreed = csim.load_contract(STEP.data | {"pay": STEP.data["pay"] | {"streaks": [streak]}})
    entries = tuple(Entry(m, Decimal(9000), missed=("level",), held=(True,)) for m in ("2026-04", "2026-05"))
    ledger = Ledger(agreed.name, "CNY", {"V": entries})
    contacts = log([0.5] * 20)
    fresh, third = (month_to_date(agreed, contacts, as_of="2026-06-26", ledger=book) for book in (None, ledger))
    deduction = [found.money["mean"].iloc[1] for found in (fresh, third)]
    assert deduction[1] - deduction[0] == pytest.approx(1000)


def test_the_scenario_plays_the_remaining_dates():
    """A centre planned for another month is moved to the remaining days, and the same days are played once."""
    played: dict = {}
    small = centre(30, 3, 0.1)
    how = {"scenario": small, "replications": 20, "played": played, "as_of": "2026-06-15"}
    found = month_to_date(STEP, log([0.8] * 11), **how)
    assert [f"{day}" for day in found.future.dates] == [
        f"{d:%Y-%m-%d}" for d in pd.bdate_range("2026-06-16", periods=11)
    ]
    again = month_to_date(STEP, log([0.8] * 11), **how)
    assert len(played) == 1
    assert again.clauses == found.clauses
    moved = month_to_date(STEP, july([0.8] * 11), scenario=small, replications=5, as_of="2026-07-15")
    assert f"{moved.future.dates[0]}" == "2026-07-16"
    assert f"{moved.future.dates[-1]}" == "2026-07-31"


def test_the_rest_of_a_day_is_its_expected_share():
    """At 16:00 of a day from 9 to 19 at a constant rate, three tenths of its contacts are still to come."""
    whole = {}
    small = centre(30, 3, 0.1)
    for as_of in ("2026-06-15T16:00", "2026-06-12"):
        found = month_to_date(STEP, log([0.8] * 11), scenario=small, replications=8, as_of=as_of)
        whole[as_of] = found.future.counts["level"][:, 0, 1]
    assert whole["2026-06-15T16:00"] == pytest.approx(0.3 * whole["2026-06-12"])


def test_a_promise_that_the_scenario_does_not_measure_is_refused():
    """The contract promises 20 s, the centre 30 s: nothing is simulated."""
    other = centre(30, 3)
    other["queues"]["calls"]["answer_within"] = "30 s"
    with pytest.raises(csim.InputError, match="promises 20 s"):
        month_to_date(STEP, log([0.8] * 6), scenario=other)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"as_of": "yesterday"}, "is no date"), ({"as_of": "2026-05-01"}, "no contact of V up to"),
        ({"month": "2026-05"}, "no contact of V in 2026-05"), ({"vendor": "W"}, "no vendor of"),
        ({"month": "June"}, "is no month"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_said(how, said):
    """One message that says what was found and what to write."""
    with pytest.raises(csim.InputError, match=said):
        month_to_date(STEP, log([0.8] * 6), **how)


@settings(max_examples=25, deadline=None)
@given(agreed=contracts(), share=st.integers(0, 100), lost=st.integers(0, 30), seed=st.integers(0, 9))
def test_every_draw_is_settled_as_the_statement_would_be(agreed, share, lost, seed):
    """The net sum of a draw is that of `csim.settle` on the same counts, whatever the contract."""
    contacts = log([share / 100] * 6, per_day=50)
    contacts["outcome"] = np.where(contacts.index % 100 < lost, "abandoned", "answered")
    known = so_far(agreed, contacts, None, "V", "2026-06-08")
    future = from_days(known, (), 3, seed)
    ends = Settling(known).ends(future)
    for draw in range(3):
        rows = [
            {"month": "2026-06", "date": f"{day}", "kpi": name, "numerator": n, "denominator": d, "sample": s}
            for name, array in future.counts.items()
            for day, (n, d, s) in zip(future.dates, array[draw], strict=True)
        ]
        table = known.table[["month", "date", "kpi", "numerator", "denominator", "sample"]]
        statement = statement_of(agreed, pd.concat([table, pd.DataFrame(rows)], ignore_index=True), month="2026-06")
        assert ends.sums["net"][draw] == pytest.approx(float(statement.subtotal), abs=1e-9)


def test_a_line_of_credits_needs_its_level_too():
    """Where money grows with the shortfall, the level is where the line begins."""
    (clause,) = month_to_date(terms(LINEAR), log([0.7] * 11), as_of="2026-06-15").clauses
    assert (clause.level_text, clause.needed) == ("80%", pytest.approx(0.9))


def test_bands_alone_need_the_next_better_edge():
    """At 76 % in the band from 75 to 80 % the next edge is 80 %; in the best band it is the edge not to fall below."""
    held = {"level": SERVICE | {"weight": "100%", "bands": [{"from": "80%", "score": 100}, {"from": "75%", "score": 80},
                                                             {"score": 0}]}}  # fmt: skip
    agreed = terms(held).data
    agreed = csim.load_contract(agreed | {"pay": agreed["pay"] | {"by_score": [
        {"from": 80, "share_of_fee": "100%"}, {"share_of_fee": "80%"}]}})  # fmt: skip
    for level, text, safe in ((0.76, "80%", True), (0.9, "80%", True), (0.5, "75%", False)):
        (clause,) = month_to_date(agreed, log([level] * 11), as_of="2026-06-15").clauses
        assert (clause.level_text, clause.safe, clause.promised) == (text, safe, False)
        assert clause.p_penalty == (0.0 if safe else 1.0)


def test_the_best_band_has_no_better_edge():
    """A mean wait of 10 s in the band from 0 to 20 s: the edge that matters is 20 s, not 0 s."""
    held = {"wait": {"clause": "5.1", "measure": "wait_all", "weight": "100%", "bands": [
        {"below": "20 s", "score": 100}, {"score": 50}]}}  # fmt: skip
    data = terms(held).data
    agreed = csim.load_contract(data | {"pay": data["pay"] | {"by_score": [
        {"from": 80, "share_of_fee": "100%"}, {"share_of_fee": "80%"}]}})  # fmt: skip
    (clause,) = month_to_date(agreed, log([1.0] * 11), as_of="2026-06-15").clauses
    assert (clause.level_text, clause.needed) == ("20 s", pytest.approx(30))


def test_many_simulated_months_are_no_log():
    """Two replications of the same days would count double: refused."""
    contacts = log([0.8] * 6).assign(replication=[1, 2] * 300)
    with pytest.raises(csim.InputError, match="2 replications"):
        month_to_date(STEP, contacts)


def test_the_result_shows_itself(tmp_path):
    """Sentence, page, sheet and figure come of the same numbers; names from files are text."""
    found = month_to_date(STEP, log([0.7, 0.9] * 4), as_of="2026-06-10")
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == 1
    path = found.path()
    assert path["kind"].tolist() == ["gone"] * 8 + ["coming"] * 14
    assert path["median"].iloc[-1] == pytest.approx(found.clauses[0].ends)
    assert path["low"].iloc[-1] == pytest.approx(found.clauses[0].ends_low)
    sheets = pd.read_excel(found.to_excel(tmp_path / "month.xlsx"), sheet_name=None)
    assert list(sheets) == ["clauses", "money", "path", "provenance"]
    assert sheets["clauses"]["p_penalty"].iloc[0] == found.clauses[0].p_penalty
    assert found.plot(lang="zh").get_title(loc="left").startswith("服务等级")


def test_a_future_without_draws_knows_nothing():
    """No counts: no draws."""
    assert Future((), {}, "none").draws == 0

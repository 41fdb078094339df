"""What cannot be settled is refused with a sentence that says what to do; nothing is settled half."""

from __future__ import annotations

import copy
import datetime as dt
import html

import pandas as pd
import pytest

from csim.contract.load import read_contract
from csim.errors import InputError
from csim.settlement.facts import Incident
from csim.settlement.ledger import Entry, Ledger, read_ledger
from csim.settlement.settle import statement_of
from csim.settlement.tables import read_incidents, read_kpis
from csim.settlement.telling.consoles import statements_text

from .contracts import BASE, clause, counts, table

CONTRACT = {
    **copy.deepcopy(BASE),
    "kpis": {"sl": clause(1, "service_level", expected="80%"), "mood": clause(2, "csat_top_box", expected="90%")},
}
MONTH = counts(1000, 900, 800)


def log(days: int = 31, start: str = "2026-01-01", **columns) -> pd.DataFrame:
    """A small log: one contact a day."""
    arrival = pd.date_range(f"{start}T10:00", periods=days, freq="D", tz="Asia/Shanghai")
    base = {"contact_id": [str(i) for i in range(days)], "queue": "q", "arrival": arrival, "wait_s": 5.0,
            "outcome": "answered", "csat": 5.0}  # fmt: skip
    return pd.DataFrame(base | columns)


def refusal(facts: pd.DataFrame, contract: dict | None = None, **more) -> str:
    """What is said instead of a statement."""
    with pytest.raises(InputError) as error:
        statement_of(read_contract(contract or CONTRACT), facts, **more)
    return str(error.value)


def test_a_month_without_contacts_is_settled():
    assert "no contact of V in 2026-03 (2026-03-01 to 2026-03-31)" in refusal(log(), month="2026-03")


def test_a_month_outside_the_term_is_settled_silently():
    """A month before or after the contract is on trial, in words; one that shares a day with it is not, amended too."""
    term = {"term": {"from": "2026-01-15", "to": "2027-12-31"}}
    agreed = read_contract({**CONTRACT, **term})
    for month, trial in (("2025-12", True), ("2026-01", False), ("2028-01", True)):
        found = statement_of(agreed, log(start=f"{month}-01"))
        for said in (html.unescape(found.to_html("en")), statements_text([found], "en")):
            assert (f"On trial: {month} is outside the contract's term (2026-01-15 to 2027-12-31)" in said) is trial
        assert ("试算：" in found.to_html("zh")) is trial
    longer = [{"from": "2026-01-15", "value": term["term"]},
              {"from": "2027-12-01", "value": {"from": "2026-01-15", "to": "2028-06-30"}}]  # fmt: skip
    extended = statement_of(read_contract({**CONTRACT, "term": longer}), log(start="2028-01-01"))
    assert "On trial" not in extended.to_html("en")


def test_a_log_that_ends_early_is_settled():
    said = refusal(log(days=20))
    assert "the log ends on 2026-01-20, 2026-01 runs from 2026-01-01 to 2026-01-31" in said
    assert "--partial" in said
    assert (
        statement_of(read_contract(CONTRACT), log(days=20), partial=True).fee
        == 20 * read_contract(CONTRACT).file.pricing[0].rate
    )


def test_a_log_of_other_queues_is_settled():
    """Clauses about queues that the log does not name at all are no clauses that were missed."""
    scoped = copy.deepcopy(CONTRACT)
    scoped["kpis"]["sl"]["scope"] = {"queue": "presales"}
    assert "the log has no queue of the contract (presales), but q: write them alike" in refusal(log(), scoped)
    assert statement_of(read_contract(scoped), log(queue=["presales"] * 30 + ["q"])).month == "2026-01"


def test_a_log_that_begins_late_is_settled():
    assert "the log begins on 2026-01-10" in refusal(log(days=22, start="2026-01-10"))


def test_holidays_count_as_missing_days():
    """A log that stops where the contract's holidays begin is whole."""
    holidays = {**CONTRACT, "holidays": [f"2026-01-{day}" for day in range(26, 32)]}
    assert statement_of(read_contract(holidays), log(days=25)).month == "2026-01"


def test_two_months_are_settled_as_one():
    assert "which month? the log holds 2026-01, 2026-02" in refusal(log(days=59))


def test_contacts_that_stand_twice_are_paid_twice():
    said = refusal(pd.concat([log(), log().head(2)]))
    assert 'contact_id "0" stands twice (2 such rows): keep one' in said


def test_a_kpi_the_log_lacks_is_scored_in_silence():
    """What the log has no column for must be supplied, or said to be unknown; then the contract's rule holds."""
    bare = log().drop(columns="csat")
    assert "the log does not give csat_top_box: supply it in --kpis" in refusal(bare)
    unknown = pd.DataFrame({"month": ["2026-01"], "kpi": ["csat_top_box"], "value": [None]})
    lines = statement_of(read_contract(CONTRACT), bare, kpis=unknown).lines.set_index("id")
    assert lines.loc["mood", "status"] == "missed"
    said = refusal(bare, kpis=unknown.assign(month="2026-03"))  # supplied, but of another month
    assert "the log of 2026-01 (the table beside it holds other months: 2026-03) does not give csat_top_box" in said
    known = unknown.assign(value="95%", sample=400)
    assert (
        statement_of(read_contract(CONTRACT), bare, kpis=known).lines.set_index("id").loc["mood", "status"] != "missed"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"kpi": "answered_contact", "value": -5}, "answered_contact: value is negative (-5): write 0 or more"),
        ({"kpi": "service_level_included", "value": "lots"}, '"lots" under value is no number'),
        ({"kpi": "接通率", "value": "90%"}, '"接通率" can mean answer_rate or connect_rate_all: write which'),
        ({"kpi": "servise_level", "value": "90%"}, 'no KPI is called "servise_level"'),
        ({"kpi": "answer_rate", "numerator": 5, "denominator": 0}, "denominator 0 below numerator 5"),
        ({"kpi": "answer_rate", "value": "90%", "currency": "USD"}, "the table is in USD, the contract in CNY"),
        ({"kpi": ["answer_rate"] * 2, "value": ["90%"] * 2}, "answer_rate stands twice (first in line 2): keep one"),
    ],
)
def test_a_table_with_a_mistake_is_settled(rows, said):
    facts = pd.DataFrame({key: value if isinstance(value, list) else [value] for key, value in rows.items()})
    assert said in refusal(facts.assign(month="2026-01"))


def test_a_table_without_volume_is_paid_nothing():
    facts = pd.DataFrame({"month": ["2026-01"], "kpi": ["service_level_included"], "value": ["90%"]})
    said = refusal(facts)
    assert "the facts of 2026-01 do not hold answered_contact" in said
    assert "pricing.per" in said


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (Ledger("other", "CNY"), 'the ledger belongs to "other" in CNY, this is "drawn" in CNY'),
        (Ledger("drawn", "USD"), 'the ledger belongs to "drawn" in USD'),
        (Ledger("drawn", "CNY", {"V": (Entry("2026-01", 0),)}), "the ledger already holds 2026-01"),
        (Ledger("drawn", "CNY", {"V": (Entry("2025-11", 0),)}), "settle 2025-12 before 2026-01"),
    ],
)
def test_a_ledger_of_something_else_is_taken(ledger, said):
    assert said in refusal(table("2026-01", MONTH), ledger=ledger)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"csim": "ledger/1"}',
        '{"csim": "ledger/1", "contract": 1, "currency": 2, "vendors": {"V": [{}]}}',
    ],
)
def test_a_broken_ledger_ends_in_a_traceback(tmp_path, text):
    path = tmp_path / "ledger.json"
    path.write_text(text)
    with pytest.raises(InputError, match="ledger"):
        read_ledger(path)


def test_a_ledger_loses_a_digit_on_paper(tmp_path):
    statement = statement_of(read_contract(CONTRACT), table("2026-01", MONTH | {"csat_top_box": (80, 100)}))
    path = statement.ledger.write(tmp_path / "ledger.json")
    assert read_ledger(path) == statement.ledger


def test_a_stranger_is_paid():
    assert '"W" is no vendor of drawn' in refusal(table("2026-01", MONTH), vendor="W")
    several = {**CONTRACT, "vendor": ["V", "W"]}
    assert "the contract has 2 vendors: V, W: name one" in refusal(table("2026-01", MONTH), several)
    assert 'several vendors: the log needs a column "vendor"' in refusal(log(), several, vendor="V")


def test_broken_tables_end_in_a_traceback(tmp_path):
    for name, text in {"a.csv": "x,y\n1,2\n", "b.xlsx": "no workbook", "c.csv": ""}.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError):
            read_kpis(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        read_kpis(tmp_path / "none.csv")


def test_incidents_are_taken_as_they_come(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_text("what,from,to,note\nforce_majeur,2026-01-01,2026-01-02,storm\nbuyer_caused,soon,later,\n")
    with pytest.raises(InputError) as error:
        read_incidents(path)
    assert 'did you mean "force_majeure"?' in str(error.value)
    assert "write dates such as 2026-03-08" in str(error.value)
    path.write_text("what,from,to,note\nforce_majeure,2026-01-05,2026-01-06,storm\n")
    excluding = copy.deepcopy(CONTRACT)
    excluding["kpis"]["sl"]["exclusions"] = [{"what": "force_majeure", "clause": "9.1"}]
    incidents = read_incidents(path)
    line = (
        statement_of(read_contract(excluding), log(answer_within_s=20.0), incidents=incidents)
        .lines.set_index("id")
        .loc["sl"]
    )
    assert line["sample"] == 29
    said = refusal(table("2026-01", MONTH), excluding, incidents=incidents)
    assert "the facts are not by day" in said


def test_a_month_of_nothing_but_relief_is_a_miss():
    """Where every day is excluded the clause is excluded; its rule for missing data is for data that are missing."""
    excluding = copy.deepcopy(CONTRACT)
    excluding["kpis"]["sl"]["exclusions"] = [{"what": "force_majeure", "clause": "9.1"}]
    storm = (Incident("force_majeure", dt.date(2026, 1, 1), dt.date(2026, 1, 31)),)
    lines = statement_of(read_contract(excluding), log(answer_within_s=20.0), incidents=storm).lines.set_index("id")
    assert lines.loc["sl", "status"] == "excluded"
    assert lines.loc["mood", "status"] != "excluded"

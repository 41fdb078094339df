"""Two logs of a month, contact by contact: nothing is lost, nothing is priced twice, spelling decides nothing."""

from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contract.load import read_contract
from csim.display.words import Words
from csim.errors import InputError
from csim.reconcile.matching import pairs
from csim.reconcile.reconcile import reconcile
from csim.settlement.settle import settle

START = pd.Timestamp("2026-03-02T09:00:00+08:00")
BASE = {"queue": "calls", "wait_s": 5.0, "talk_s": 60.0, "outcome": "answered"}


def log(**contacts):
    """A log with a row for each contact: its id (an underscore in front of digits), and what differs from `BASE`."""
    rows = [
        BASE | {"contact_id": name.removeprefix("_"), "arrival": START + pd.Timedelta(minutes=i)} | given
        for i, (name, given) in enumerate(contacts.items())
    ]
    return pd.DataFrame(rows)


def contract(*pricing, **more):
    priced = [{"clause": "4.1", **price} for price in pricing]
    return read_contract(
        {
            "csim": "contract/1", "name": "test", "buyer": "us", "vendor": "B", "currency": "CNY",
            "term": {"from": "2026-01-01", "to": "2026-12-31"}, "timezone": "Asia/Shanghai", "pricing": priced,
            "pay": {"clause": "6", "rounding": {"to": 0.01, "mode": "half_up"}},
        } | more
    )  # fmt: skip


PER_CONTACT = contract({"per": "answered_contact", "rate": "1.40"})


def found(result):
    """kind, field, money of every difference, by contact."""
    rows = result.differences.itertuples(index=False)
    return {(row.contact_id, row.kind, row.field): None if row.money is None else str(row.money) for row in rows}


def test_a_difference_is_priced_wrongly():
    """Answered only in theirs +1.40, only in ours −1.40, abandoned 0; abandoned by us, answered by them +1.40."""
    ours = log(a={}, b={}, c={"outcome": "abandoned"}, d={"outcome": "abandoned"})
    theirs = log(a={}, x={}, c={}, y={"outcome": "abandoned"})
    result = reconcile(ours, theirs, contract=PER_CONTACT)
    assert found(result) == {
        ("x", "only_theirs", ""): "1.40", ("c", "differs", "outcome"): "1.40", ("b", "only_ours", ""): "-1.40",
        ("y", "only_theirs", ""): "0.00", ("d", "only_ours", ""): "0.00",
    }  # fmt: skip
    assert result.billed == (Decimal("2.80"), Decimal("4.20"))
    assert dict(zip(result.differences["contact_id"], result.differences["why"], strict=True)) == {
        "x": "only_theirs_more", "c": "differs_more", "b": "only_ours_less", "y": "only_theirs_nothing",
        "d": "only_ours_nothing",
    }  # fmt: skip


def test_a_minute_is_priced_by_the_contact():
    """Handled minutes: 90 s more talk at 0.50 a minute are 0.75; seconds within the tolerance are summed up apart."""
    terms = contract({"per": "handled_minute", "rate": "0.50"})
    ours = log(a={"talk_s": 60.0, "after_work_s": 0.0}, b={"talk_s": 60.0, "after_work_s": 6.0})
    theirs = log(a={"talk_s": 150.0, "after_work_s": 0.0}, b={"talk_s": 60.48, "after_work_s": 6.0})
    result = reconcile(ours, theirs, contract=terms)
    assert found(result) == {("a", "differs", "talk_s"): "0.75"}
    assert (result.counts["within_tolerance"], str(result.small)) == (1, "0.004")
    assert str(result.billed[1] - result.billed[0]) == "0.754"


def test_prices_other_than_by_contact_are_invented():
    """Seats, hours and fixed sums are not priced contact by contact, and the result says so."""
    terms = contract({"per": "month", "rate": 1000}, {"per": "agent_hour", "rate": 50})
    result = reconcile(log(a={}), log(b={}), contract=terms)
    assert set(found(result).values()) == {None}
    assert "Not priced contact by contact: month, agent_hour." in result.text("en")


@pytest.mark.parametrize(
    ("wait", "differs"), [(5.5, False), (5.500001, True), (4.5, False), (4.499999, True), (0.1 + 5.4, False)]
)
def test_the_edge_of_the_tolerance_differs(wait, differs):
    """Exactly 0.5 s apart is the same, a microsecond more is not."""
    result = reconcile(log(a={}), log(a={"wait_s": wait}))
    assert (("a", "differs", "wait_s") in found(result)) is differs


def test_a_promise_kept_by_one_log_goes_unseen():
    """19.8 s and 20.2 s are within the tolerance, but only one of them keeps 20 s; no money by itself."""
    result = reconcile(log(a={"wait_s": 19.8}), log(a={"wait_s": 20.2}), contract=PER_CONTACT, within_s=20)
    assert found(result) == {("a", "differs", "answered_within_20s"): "0.00"}
    own = reconcile(log(a={"wait_s": 19.8, "answer_within_s": 20.0}), log(a={"wait_s": 20.2, "answer_within_s": 20.0}))
    assert list(found(own)) == [("a", "differs", "answered_within")]
    assert reconcile(log(a={"wait_s": 20.0}), log(a={"wait_s": 20.0000001}), within_s=20).differences.empty


def test_texts_and_empty_cells_differ_by_spaces():
    """Spaces around a text are no difference; a cell that is empty in one log only is one."""
    ours = log(a={"agent": "An", "csat": 5.0}, b={"agent": "Bo", "csat": np.nan})
    theirs = log(a={"agent": " An ", "csat": np.nan}, b={"agent": None, "csat": np.nan})
    result = reconcile(ours, theirs)
    assert list(found(result)) == [("b", "differs", "agent"), ("a", "differs", "csat")]
    assert result.differences["theirs"].tolist() == ["", None]


def test_ids_written_differently_are_lost():
    """ "007" and 7 are one contact where nobody else could be meant, and the result says so; else they stay apart."""
    ours = log(_007={}, _1={}, _2={}, _03={}, **{"AB 9": {}})
    theirs = log(_7={}, _1={}, **{" 02 ": {}, "3.0": {}, "0003": {}, "ab9": {}})
    result = reconcile(ours, theirs)
    assert (result.counts["matched"], result.counts["respelt"], result.counts["unclear"]) == (4, 3, 3)
    assert (result.counts["only_ours"], result.counts["only_theirs"]) == (1, 2)
    assert "3 ids are written differently" in result.text("en")
    numbers = log(_007={}, _8={}).assign(contact_id=[7, 8])
    assert reconcile(log(_007={}, _8={}), numbers).counts["matched"] == 2


def test_an_exact_id_is_given_to_another():
    """With "7" and "007" in our log, their "7" is our "7", and "007" stays alone."""
    result = reconcile(log(_7={}, _007={}), log(_7={}))
    assert result.counts["matched"] == 1
    assert list(found(result)) == [("007", "only_ours", "")]


def test_a_habit_of_the_other_system_floods_the_list():
    """Where most ids are written differently it is said once, not by contact."""
    result = reconcile(log(_007={}, _008={}), log(_7={}, _8={}))
    assert result.differences.empty
    assert result.counts["respelt"] == 2


def test_other_vendors_and_months_are_only_ours():
    """The buyer's log holds all vendors: the others are out of scope, unless their export claims the contact."""
    ours = log(a={"vendor": "B"}, b={"vendor": "A"}, c={"vendor": "A"}, d={"vendor": "B"})
    ours.loc[3, "arrival"] = pd.Timestamp("2026-03-31T23:59:59+08:00")
    theirs = log(a={}, b={}, d={}, e={})
    theirs.loc[2, "arrival"] = pd.Timestamp("2026-04-01T00:00:01+08:00")
    theirs.loc[3, "arrival"] = pd.Timestamp("2026-04-01T00:00:00+08:00")
    result = reconcile(ours, theirs, contract=PER_CONTACT)
    assert result.counts["outside_ours"] == 1
    assert result.counts["outside_theirs"] == 1
    money = found(result)
    assert money["b", "differs", "vendor"] == "1.40"  # they bill what another vendor took
    assert money["d", "differs", "arrival"] == "-1.40"  # by their clock it belongs to April
    assert sum(map(Decimal, money.values())) == result.billed[1] - result.billed[0] == 0


def test_a_wrong_vendor_compares_nothing():
    """A vendor that a log does not name is refused; so is a log of two months without a month."""
    ours, theirs = log(a={"vendor": "B"}), log(a={"vendor": "Bee"})
    with pytest.raises(InputError, match='no contact of vendor "B"'):
        reconcile(ours, theirs, contract=PER_CONTACT)
    ours = log(a={}, b={})
    ours.loc[1, "arrival"] = pd.Timestamp("2026-04-02T09:00:00+08:00")
    with pytest.raises(InputError, match=r"our log holds 2026-03, 2026-04: name one"):
        reconcile(ours, ours, contract=PER_CONTACT)
    assert reconcile(ours, ours, contract=PER_CONTACT, month="2026-03").counts["outside_ours"] == 1


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (pd.concat([log(a={}), log(a={})]), 'contact_id "a" stands twice'),
        (log(a={}).drop(columns="outcome"), 'column "outcome" is missing'),
        (log(a={}).assign(contact_id=None), "contact_id is missing"),
    ],
    ids=["twice", "column", "empty"],
)
def test_an_unusable_export_is_compared(theirs, message):
    """Ids that stand twice or are missing, and missing columns, are refused with what is wrong."""
    with pytest.raises(InputError, match=message):
        reconcile(log(a={}), theirs)


def test_what_is_paid_differs_from_the_differences():
    """With a total, the summary shows what rules make of the differences; columns they lack do not count as zero."""
    terms = contract(
        {"per": "answered_contact", "rate": "1.40"},
        kpis={"surveys": {"clause": "5", "measure": "csat_bad_rate", "missing": "missed", "value_rounding": "none",
                          "exclusions": [], "bands": [{"below": "50%", "score": 100}, {"score": 0}], "weight": "100%"}},
        pay={"clause": "6", "rounding": {"to": 0.01, "mode": "half_up"},
             "by_score": [{"from": 90, "share_of_fee": "100%"}, {"share_of_fee": "50%"}]},
    )  # fmt: skip
    ours = log(a={"csat": 5.0, "vendor": "B"}, b={"csat": 5.0, "vendor": "B"})
    theirs = log(a={"csat": 1.0}, b={"csat": 1.0}, c={})

    def paid(contacts):
        return settle(terms, contacts, month="2026-03", partial=True).subtotal

    result = reconcile(ours, theirs, contract=terms, total_of=paid)
    assert result.totals == (Decimal("2.80"), Decimal("2.10"))
    summary = result.by_kind.set_index("kind")["money"]
    assert (summary["billed"], summary["rules"], summary["total"]) == (
        Decimal("1.40"), Decimal("-2.10"), Decimal("-0.70"))  # fmt: skip
    same = reconcile(ours, log(a={}, b={}), contract=terms, total_of=paid)
    assert same.totals == (Decimal("2.80"), Decimal("2.80"))


def test_another_naming_or_clock_is_not_explained():
    """Names that stand one to one for ours, and a clock that is ahead, are said in a sentence."""
    ours = log(a={"queue": "calls"}, b={"queue": "chat"})
    theirs = log(a={"queue": "hotline"}, b={"queue": "im"})
    theirs["arrival"] += pd.Timedelta(seconds=2)
    text = reconcile(ours, theirs).text("en")
    assert "calls = hotline, chat = im" in text
    assert "arrival: where the logs differ, theirs is greater by 2 s" in text


def test_a_name_becomes_a_formula(tmp_path):
    """Ids such as =1+1 are text in the workbook, heads are frozen, and both languages hold the same numbers."""
    result = reconcile(log(a={}), log(**{"=1+1": {}, "http://x": {}}), contract=PER_CONTACT)
    for lang in ("en", "zh"):
        book = openpyxl.load_workbook(result.to_excel(tmp_path / f"{lang}.xlsx", lang))
        sheet = book[Words(lang)("recon_differences")]
        cells = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
        assert set(cells) == {"a", "=1+1", "http://x"}
        assert cells["=1+1"][0].data_type == "s"
        assert cells["http://x"][0].hyperlink is None
        assert cells["a"][5].value == -1.4
        assert sheet.freeze_panes == "A2"


def test_a_text_says_less_in_chinese():
    """Both languages show the same numbers; markup in an id is shown, not run; JSON holds everything."""
    result = reconcile(log(**{"[b]a": {}}), log(**{"<b>x": {}}), contract=PER_CONTACT)
    for lang in ("en", "zh"):
        assert "[b]a" in result.text(lang)
        assert "+1.40" in result.text(lang)
    assert "\u5bf9\u8d26 B\uff0c2026-03\uff1a" in result.text("zh")
    assert "<b>x" not in result._repr_html_()
    from csim.display.tables import as_json

    assert '"money": "1.40"' in as_json(result.content())


def test_equal_logs_differ():
    """A log against itself: no difference, no money."""
    ours = log(a={"csat": 4.0}, b={"outcome": "abandoned", "talk_s": np.nan})
    result = reconcile(ours, ours, contract=PER_CONTACT)
    assert result.differences.empty
    assert result.counts["same"] == result.counts["matched"] == 2
    assert result.billed[0] == result.billed[1]


# -- nothing is lost, whatever the logs ----------------------------------------------------------------

INSTANTS = ["2026-02-28T23:59:59.8+08:00", "2026-03-01T00:00:00.1+08:00", "2026-03-31T23:59:00+08:00"]
contacts = st.fixed_dictionaries(
    {"outcome": st.sampled_from(["answered", "abandoned", "blocked"]), "wait_s": st.sampled_from([0.0, 5.0, 5.3, 30.0]),
     "talk_s": st.sampled_from([np.nan, 10.0, 10.4, 90.0]), "after_work_s": st.sampled_from([np.nan, 3.0, 3.2]),
     "resolved": st.sampled_from([np.nan, 0.0, 1.0]), "vendor": st.sampled_from(["A", "B", "B", None]),
     "arrival": st.sampled_from(INSTANTS),
     }
)  # fmt: skip
names = st.sampled_from(["1", "01", "2", "002", "2.0", "3", "a", "A", "b", " b"])
logs = st.dictionaries(names, contacts, max_size=7)
lost = st.sets(st.sampled_from(["talk_s", "after_work_s", "resolved", "vendor"]), max_size=2)
PRICED = contract(
    {"per": "answered_contact", "rate": "0.85"}, {"per": "handled_minute", "rate": "0.37"},
    {"per": "resolution", "rate": "2"},
)  # fmt: skip


def drawn(rows, without):
    columns = ["contact_id", "queue", "outcome", "wait_s", "talk_s", "after_work_s", "resolved", "vendor", "arrival"]
    frame = pd.DataFrame([{"contact_id": key, "queue": "q"} | row for key, row in rows.items()], columns=columns)
    frame["arrival"] = pd.to_datetime(frame["arrival"], format="ISO8601", utc=True).dt.tz_convert("Asia/Shanghai")
    numbers = ["wait_s", "talk_s", "after_work_s", "resolved"]
    return frame.astype(dict.fromkeys(numbers, float)).drop(columns=list(without))


def nothing_is_lost(ours, theirs, lost_here, lost_there):
    mine, other = drawn(ours, lost_here), drawn(theirs, lost_there)
    for frame in (mine, other):
        named = frame["vendor"].dropna() if "vendor" in frame else []
        if len(named) and "B" not in set(named):
            frame["vendor"] = None
    result = reconcile(mine, other, contract=PRICED, month="2026-03", within_s=20)
    for whose, frame in (("ours", mine), ("theirs", other)):
        parts = [result.counts[key] for key in ("matched", f"only_{whose}", f"outside_{whose}")]
        assert len(frame) == result.counts[f"rows_{whose}"] == sum(parts)
    table = result.differences
    assert (table["kind"] == "only_ours").sum() == result.counts["only_ours"]
    assert (table["kind"] == "only_theirs").sum() == result.counts["only_theirs"]
    assert 0 <= result.counts["same"] <= result.counts["matched"]
    total = sum(table["money"], result.small)
    assert abs(total - (result.billed[1] - result.billed[0])) <= Decimal("0.000001") * (len(table) + 2)
    back = reconcile(other, mine, contract=PRICED, month="2026-03", within_s=20)
    assert back.billed == (result.billed[1], result.billed[0])
    assert len(back.differences) == len(table)


whatever = given(ours=logs, theirs=logs, lost_here=lost, lost_there=lost)


@settings(deadline=None, max_examples=40)
@whatever
def test_a_row_or_a_cent_is_lost(ours, theirs, lost_here, lost_there):
    """Rows of each log = matched + only there + out of scope; differences add up to the difference of the bills."""
    nothing_is_lost(ours, theirs, lost_here, lost_there)


@pytest.mark.slow
@settings(deadline=None, max_examples=1500)
@whatever
def test_a_row_or_a_cent_is_lost_now_and_then(ours, theirs, lost_here, lost_there):
    """The same over many more logs."""
    nothing_is_lost(ours, theirs, lost_here, lost_there)


@given(ours=st.sets(names), theirs=st.sets(names))
def test_a_contact_is_matched_twice(ours, theirs):
    """Each row stands in one pair or alone; equal ids are always paired."""
    mine, other = sorted(ours), sorted(theirs)
    matched = pairs(pd.Series(mine, dtype="str"), pd.Series(other, dtype="str"))
    assert sorted([*matched.ours, *matched.only_ours]) == list(range(len(mine)))
    assert sorted([*matched.theirs, *matched.only_theirs]) == list(range(len(other)))
    paired = {(mine[i], other[j]) for i, j in zip(matched.ours, matched.theirs, strict=True)}
    assert {(name, name) for name in ours & theirs} <= paired
    assert len(paired) - len(ours & theirs) == matched.respelt.sum()


@pytest.mark.slow
def test_a_million_contacts_take_too_long():
    """A million contacts in either log, every id written differently, are compared within twenty seconds of work."""
    import time

    count = 1_000_000
    chance = np.random.default_rng(1)
    at = START.tz_convert("Asia/Shanghai") + pd.to_timedelta(np.sort(chance.uniform(0, 28 * 86400, count)), unit="s")
    ours = pd.DataFrame({
        "contact_id": [f"{i:08d}" for i in range(count)], "queue": "calls", "vendor": "B", "arrival": at,
        "agent": chance.choice([f"a{i}" for i in range(200)], count), "wait_s": chance.exponential(20, count).round(3),
        "talk_s": chance.exponential(200, count).round(3), "outcome": chance.choice(["answered", "abandoned"], count),
    })  # fmt: skip
    theirs = ours.assign(contact_id=[str(i) for i in range(count)], talk_s=ours["talk_s"] + 2.0)
    theirs = theirs.sample(frac=0.99, random_state=1)
    begun = time.process_time()
    result = reconcile(ours, theirs, contract=PER_CONTACT)
    assert time.process_time() - begun < 20
    assert result.counts["matched"] == 990_000

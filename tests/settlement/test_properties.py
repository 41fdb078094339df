"""What holds of every statement, whatever the contract and the month."""

from __future__ import annotations

import itertools
import types
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contract.load import read_contract
from csim.settlement.outlook import outlook
from csim.settlement.settle import statement_of

from .contracts import BASE, CENT, contracts, counts, months, table

LINES = settings(max_examples=60, deadline=None)


@LINES
@given(contracts(), st.lists(months(), min_size=1, max_size=5))
def test_the_lines_miss_the_total(contract, run):
    """The money of the lines adds up to the subtotal, and the subtotal with its tax to the total, to the cent."""
    ledger = None
    for number, measured in enumerate(run, 1):
        statement = statement_of(contract, table(f"2026-{number:02d}", measured), ledger=ledger)
        assert sum(statement.lines["money"]) == statement.subtotal
        assert statement.total == statement.subtotal + statement.tax
        assert statement.subtotal == statement.subtotal.quantize(CENT)
        ledger = statement.ledger


@LINES
@given(contracts(), st.lists(months(), min_size=1, max_size=5))
def test_more_is_deducted_than_the_caps_allow(contract, run):
    """After caps, no month deducts more than its cap, and no twelve months more than theirs."""
    ledger, entries = None, []
    order = contract.file.pay.order
    for number, measured in enumerate(run, 1):
        statement = statement_of(contract, table(f"2026-{number:02d}", measured), ledger=ledger)
        ledger, entries = statement.ledger, statement.ledger.of("V")
        last = entries[-1]
        caps = {"month_cap": contract.file.pay.caps[0].month, "year_cap": contract.file.pay.caps[1].year}
        if "carry_in" not in order or order.index("carry_in") < min(order.index(cap) for cap in caps):
            assert last.deducted <= (caps["month_cap"] * last.fee).quantize(CENT) + CENT
            assert sum(e.deducted for e in entries) <= caps["year_cap"] * sum(e.fee for e in entries) + CENT


@LINES
@given(contracts(), months(), st.data())
def test_better_service_is_paid_less(contract, measured, data):
    """Under a monotone contract with a fixed fee, more contacts answered in time never lower the payment."""
    in_time, offered = measured["service_level_included"]
    answered = measured["answer_rate"][0]
    better_in_time = data.draw(st.integers(in_time, answered))
    fixed = contract.data | {"pricing": {"clause": "4.1", "per": "month", "rate": "10000"}}
    monthly = read_contract(fixed)
    worse, better = (
        statement_of(monthly, table("2026-01", counts(offered, answered, count))) for count in (in_time, better_in_time)
    )
    assert better.subtotal >= worse.subtotal


@LINES
@given(contracts(), months())
def test_settling_again_differs(contract, measured):
    """The same facts give the same statement, ledger included, byte for byte."""
    first, again = (statement_of(contract, table("2026-01", measured)).as_json() for _ in range(2))
    assert first == again


@LINES
@given(contracts(), months())
def test_a_language_changes_a_number(contract, measured):
    """English and Chinese show the same numbers."""
    statement = statement_of(contract, table("2026-01", measured))
    english, chinese = (statement.lines_in(lang) for lang in ("en", "zh"))
    for name in ("value", "score", "points", "money"):
        assert english[name].astype(str).tolist() == chinese[name].astype(str).tolist()


@settings(max_examples=5, deadline=None)
@given(contracts(), st.lists(months(), min_size=40, max_size=40))
def test_a_simulated_month_is_settled_otherwise_than_alone(contract, run):
    """Settling 200 simulated months at once gives what settling each by itself gives, to the cent."""
    rows = []
    for number, measured in enumerate(run):
        month = f"2026-{number % 5 + 1:02d}"
        part = table(month, measured).assign(replication=number // 5 + 1, queue="all", vendor="")
        rows.append(part)
    simulation = types.SimpleNamespace(
        by_month=pd.concat(rows, ignore_index=True), scenario=types.SimpleNamespace(queues={}), provenance={}
    )
    together = outlook(contract, simulation, "V").months.set_index(["replication", "month"])
    for replication, parts in itertools.groupby(rows, key=lambda part: part["replication"].iloc[0]):
        ledger = None
        for part in parts:
            alone = statement_of(contract, part.drop(columns="replication"), ledger=ledger)
            ledger = alone.ledger
            assert together.loc[(replication, alone.month), "total"] == alone.total


def test_a_cent_of_a_contact_is_lost():
    """81,900 contacts at 1.37 are 112,203.00, whatever float arithmetic makes of it."""
    statement = statement_of(read_contract(BASE), table("2026-01", counts(81_900, 81_900, 0)))
    assert statement.fee == Decimal("112203.00")

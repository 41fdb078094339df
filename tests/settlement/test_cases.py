"""
Runs the settlement cases of tests/cases/settlement: what was measured, what a statement must say, and why.

A case names a contract file of scenarios/contracts; `change` replaces terms by dotted path (nothing removes one).
Months are settled one after the other with the ledger handed on. Numbers that are not stated are not checked, but the
lines of every statement must add up to its total.
"""

import copy
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from csim.contract.load import load_contract
from csim.errors import InputError
from csim.schema.exact import Level
from csim.schema.located import read_yaml
from csim.settlement.facts import Incident
from csim.settlement.league import league, settle_all
from csim.settlement.pool import bonus_pool
from csim.settlement.settle import settle

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "cases" / "settlement"
CONTRACTS = ROOT / "scenarios" / "contracts"
FILES = sorted(FOLDER.glob("*.yaml"))
COUNTS = ("numerator", "denominator", "value", "sample")
SPLITS = {"by_day": "date", "by_month": "month", "by_vendor": "vendor"}
STATED = {
    "lines", "score", "points", "fee", "deduction", "bonus", "subtotal", "tax", "total", "bounds", "carried", "rights",
}  # fmt: skip
OF_A_LINE = {"value", "band", "status", "clause", "score", "points", "money", "target", "sample"}


def plain(value):
    """YAML's dates as text, as contract files and tables hold them."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in FILES
    for case in plain(YAML(typ="safe").load(file.read_text(encoding="utf-8")))
]


def kind(case):
    """What a case is about: a bonus pool, a league of vendors, or one vendor's months."""
    if "pool" in case:
        return "pool"
    return "league" if any("league" in stated for stated in case["expect"].values()) else "months"


MONTHLY, LEAGUES, POOLS = (
    [case for case in CASES if kind(case.values[0]) == wanted] for wanted in ("months", "league", "pool")
)


# -- what a case holds ------------------------------------------------------------------------------


def contract_of(case):
    """The contract of a case, with its changes."""
    file = CONTRACTS / case["contract"]["file"]
    data = copy.deepcopy(read_yaml(file.read_text(encoding="utf-8"), str(file)).data)
    if "file" in data.get("forecast", {}):
        data["forecast"]["file"] = str(file.parent / data["forecast"]["file"])
    for path, value in case["contract"].get("change", {}).items():
        *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
        here = data
        for part in way:
            here = here[part] if isinstance(here, list) else here.setdefault(part, {})
        if value is None:
            del here[last]
        else:
            here[last] = value
    return load_contract(data)


def table_of(month, kpis):
    """The KPI table of a month: one row per KPI, or one for each day, vendor or month of a quarter that is given."""
    rows = []
    for kpi, given in kpis.items():
        (split, parts) = next(iter(given.items())) if next(iter(given)) in SPLITS else ("", {"": given})
        for part, row in parts.items():
            assert set(row) <= {*COUNTS, "unit"}, f"{kpi}: {row}"
            place = {"month": month, "date": "", "vendor": "", "kpi": kpi} | ({SPLITS[split]: part} if split else {})
            rows.append(place | {key: row[key] for key in COUNTS if key in row})
    heads = ["month", "date", "queue", "vendor", "kpi", *COUNTS]
    return pd.DataFrame(rows, columns=heads).astype(object)


def incidents_of(case, month):
    """The declared events of a month."""
    return [
        Incident(row["what"], dt.date.fromisoformat(row["from"]), dt.date.fromisoformat(row["to"]))
        for row in case.get("incidents", {}).get(month, [])
    ]


# -- what it expects --------------------------------------------------------------------------------


def number(written):
    return Level.of(written).number


def same(found, stated):
    """Whether a cell says what is stated: numbers as numbers, `none` as nothing."""
    if stated == "none":
        return found is None or found == "" or found != found
    if isinstance(found, Decimal):
        return found == number(stated)
    return found == stated


def check_line(statement, stated):
    stated = dict(stated)
    name = stated.pop("kpi", None) or stated.pop("line")
    assert set(stated) <= OF_A_LINE, stated
    if stated.get("value", "none") != "none":
        stated.setdefault("status", "judged")  # a clause whose evidence is too thin has a value and decides nothing
    found = statement.lines[statement.lines["id"] == name]
    if "clause" in stated:
        found = found[found["clause"] == stated["clause"]]
    assert len(found) == 1, f"{len(found)} lines {name} in {list(statement.lines['id'])}"
    line = found.iloc[0]
    differing = {key: (line[key], value) for key, value in stated.items() if not same(line[key], value)}
    assert not differing, f"{name}: found, stated: {differing}; {line['why']}"


def check(statement, stated):
    assert set(stated) <= STATED, stated
    for line in stated.get("lines", []):
        check_line(statement, line)
    entry = statement.ledger.of(statement.vendor)[-1]
    found = {name: getattr(statement, name) for name in STATED & set(dir(statement)) - {"lines", "bounds"}}
    found["carried"] = sum((amount for _, amount in entry.carried), Decimal(0))
    numbers = {key: value for key, value in stated.items() if key not in ("lines", "rights", "bounds")}
    differing = {key: (found[key], value) for key, value in numbers.items() if not same(found[key], value)}
    assert not differing, f"found, stated: {differing}\n{statement.lines[['clause', 'id', 'money', 'why']]}"
    if "bounds" in stated:
        assert list(statement.total_bounds) == [number(end) for end in stated["bounds"]]
    if "rights" in stated:
        assert [f"{streak.clause} {streak.then}" for _, streak in statement.payment.rights] == stated["rights"]


def check_sums(statement):
    """Σ lines = subtotal, subtotal + tax = total, to the cent."""
    assert sum(statement.lines["money"], Decimal(0)) == statement.subtotal
    assert statement.subtotal + statement.tax == statement.total


@pytest.mark.parametrize("case", MONTHLY)
def test_a_month_is_settled_as_the_case_says(case):
    """Every stated number of every month is found in its statement."""
    contract, ledger = contract_of(case), None
    assert set(case["expect"]) <= set(case["months"])
    for month, kpis in case["months"].items():
        stated = case["expect"].get(month, {})
        given = {"month": month, "vendor": case.get("vendor"), "ledger": ledger, "incidents": incidents_of(case, month)}
        if "refused" in stated:
            with pytest.raises(InputError, match=stated["refused"]):
                settle(contract, table_of(month, kpis), **given)
            break
        statement = settle(contract, table_of(month, kpis), **given)
        check(statement, stated)
        check_sums(statement)
        ledger = statement.ledger


@pytest.mark.parametrize("case", LEAGUES)
def test_vendors_are_settled_and_ranked_as_the_case_says(case):
    """Each vendor has its own statement; next month's shares follow the ranks and make the whole."""
    contract = contract_of(case)
    for month, kpis in case["months"].items():
        stated = case["expect"][month]
        statements = settle_all(contract, table_of(month, kpis), month=month)
        for statement in statements:
            check(statement, stated.get("vendors", {}).get(statement.vendor, {}))
            check_sums(statement)
        shares = [(place.vendor, place.share) for place in league(statements)]
        assert shares == [(vendor, number(share)) for vendor, share in stated["league"].items()]
        assert sum(share for _, share in shares) == 1


@pytest.mark.parametrize("case", POOLS)
def test_a_pool_is_shared_out_as_the_case_says(case):
    """Each person gets the stated sum; shares and residual make the pool."""
    terms = contract_of(case).file.bonus_pool
    members = [(name, row["score"], row["sales"]) for name, row in case["pool"]["members"].items()]
    stated = case["expect"]
    if "refused" in stated:
        with pytest.raises(InputError, match=stated["refused"]):
            bonus_pool(terms, members, case["pool"]["of"])
        return
    shared = bonus_pool(terms, members, case["pool"]["of"])
    assert shared.pool == number(stated["pool"])
    assert {share.name: share.total for share in shared.shares} == {k: number(v) for k, v in stated["shares"].items()}
    assert shared.residual == number(stated["residual"])
    assert sum((share.amount for share in shared.shares), shared.residual) == shared.pool


# -- the list itself --------------------------------------------------------------------------------


def test_there_are_cases_enough_and_each_says_why():
    """At least forty, no name twice, and a reason a lawyer can read."""
    cases = [param.values[0] for param in CASES]
    names = [case["name"] for case in cases]
    assert len(cases) >= 40
    assert len(set(names)) == len(names)
    assert [case["name"] for case in cases if len(case.get("because", "")) < 20] == []
    assert len(MONTHLY) + len(LEAGUES) + len(POOLS) == len(CASES)


def test_every_sound_contract_has_a_case():
    """No example contract is left that nobody has settled by hand."""
    used = {param.values[0]["contract"]["file"] for param in CASES}
    assert {path.name for path in CONTRACTS.glob("*.yaml")} - used == {"outsourcing_scorecard_as_published.yaml"}

"""Results as workbooks."""

from __future__ import annotations

import openpyxl
import pytest

import csim


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("excel") / "result.xlsx"
    centre = csim.load_scenario("scenarios/centres/first_voice.yaml").data
    centre["queues"] = {'=HYPERLINK("http://x")': centre["queues"]["calls"]}
    centre["groups"]["team"]["serves"] = ['=HYPERLINK("http://x")']
    sim = csim.simulate(centre, replications=3, seed=1)
    sim.to_excel(path)
    return sim, openpyxl.load_workbook(path)


def test_a_sheet_is_missing(book):
    """KPIs, intervals, groups and provenance each have a sheet with a frozen header and as many rows as the table."""
    sim, found = book
    assert found.sheetnames == ["kpis", "by_interval", "by_group", "provenance"]
    assert found["kpis"].freeze_panes == "A2"
    assert found["kpis"].max_row == len(sim.kpis) + 1


def test_a_name_is_a_formula(book):
    """A queue that is called like a formula is text, without a link."""
    cell = book[1]["kpis"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == ('=HYPERLINK("http://x")', "s", None)


def test_a_value_is_text_or_rounded(book):
    """Numbers are numbers in full, shares shown in per cent, and what is not measured is empty."""
    sim, found = book
    rows = list(found["kpis"].iter_rows(min_row=2))
    for (_, row), cells in zip(sim.kpis.iterrows(), rows, strict=True):
        value = cells[2]
        if row["value"] != row["value"]:
            assert value.value is None
        else:
            assert value.value == pytest.approx(row["value"], rel=1e-15)  # a workbook keeps sixteen digits
            assert ("%" in value.number_format) == (row["unit"] == "share")

"""Contracts as workbooks and as text: nothing is lost, and mistakes name their cell."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csim.contract.lint import lint
from csim.contract.load import read_contract
from csim.contract.paper.cells import cell_of, labelled, meaning
from csim.contract.paper.notes import name_of
from csim.contract.paper.sheets import address, path_of, sheets
from csim.contract.paper.workbook import read_workbook, write_workbook
from csim.contract.paper.written import to_yaml
from csim.contract.shape import Shape, contract_shape
from csim.display.forms import Cell
from csim.errors import InputError
from csim.schema.located import read_yaml
from csim.start import schema_of, start_file

SHIPPED = sorted(Path("scenarios/contracts").glob("*.yaml"))
DATED_FULL = """
csim: contract/1
name: '=HYPERLINK("http://x")'
buyer: "=1+1"
vendor: [A, "B, C", '"quoted"']
term: {from: 2026-01-01, to: 2027-12-31}
currency: CNY
timezone: Asia/Shanghai
tax: [{from: 2026-01-01, value: {rate: 6%, clause: "4.3"}}, {from: 2026-07-01, value: null, clause: "12.1"}]
period: {month_starts_on: 26, clause: "4.20"}
holidays: [2026-01-01, 2026-10-01]
swapped_workdays: [2026-01-04]
monitoring: ten_days
money_cycle: quarterly
pricing:
  - clause: "4.1"
    per: answered_contact
    rate: [{from: 2026-01-01, value: 1.40}, {from: 2026-07-01, value: "1.45"}]
    minimum: {of_forecast: 90%, clause: "4.10"}
    volume: {baseline: 200000, dead_band: 10%, above: 1.2, below: 0.3, clause: "4.4"}
  - {clause: "4.2", per: month, rate: 1.0}
forecast: {clause: "4.5", months: {"2026-01": 1000}, days: {"2026-01-02": 50}, shares: {A: 50%, "B, C": 30%}}
measures:
  mine: {}
  "a.b": {en: "", zh: " x ", unit: count, better: down, numerator: answered, denominator: answered}
kpis:
  response:
    clause: "5.1"
    measure: mean_response
    reading: {clock: within_session, weighting: pair, within: [{from: 2026-01-01, value: 20 s}]}
    scope: {queue: '#N/A', channel: chat}
    expected: [{from: 2026-01-01, value: 20 s}, {from: 2026-07-01, value: 18 s, clause: "12.2"}]
    weight: 30%
    bands:
      - from: 2026-01-01
        value: [{below: 15 s, score: 100}, {score: 0}]
      - from: 2026-07-01
        value: [{below: 14 s, score: 100, wording: "\u2192 dated"}, {score: "90\u2013100"}]
    ceiling: {measure: mine, reading: {by: customer}, below: 75%, score: 80, clause: 5.1.1}
    shortfall: {below: 98%, per_point: 1%, up_to: 10%, clause: 5.1.2}
    per_unit: {rate: 14, clause: 5.1.3}
    repeat: {factor: 2, clause: 5.1.4}
    ratchet: {step: 1%, months: 12, up_to: 90%, clause: 5.1.5}
    gate: true
    value_rounding: {to: 0.01%, mode: half_up}
    missing: insufficient
    minimum_sample: [{from: 2026-01-01, value: 200}, {from: 2026-02-01, value: 300}]
    response_gate: 10%
    exclusions:
      - {what: volume_above_forecast, over: 15%, by: day, clause: "9.3"}
      - {what: force_majeure, clause: none}
  "a.b":
    - from: 2026-01-01
      value: &whole
        clause: "5.2"
        measure: aht
        linear: [{at: 90 s, score: 0}, {at: 80.0, score: 100}]
        value_rounding: none
        missing: missed
        exclusions: []
    - {from: 2026-03-01, value: *whole}
  plain: {clause: "5.3", name: "null", measure: aht, scope: {}, value_rounding: none, missing: excluded, exclusions: []}
checklists:
  list:
    {clause: "5.4", weight: 20%, missing: missed, items: [{item: late, name: "", clause: "5.4.1", free: 1, each: 0.5}]}
additions: {clause: "5.9", cap: 10, items: [{item: praise, clause: 5.9.1, each: 2, most: 4}]}
pay:
  clause: "6.1"
  by_score: [{from: 90, share_of_fee: 100%}, {share_of_fee: [{from: 2026-01-01, value: 60%}]}]
  by_points: [{from: 5, credit: 1%}]
  at_risk: {share_of_fee: 12%, pool: 50%, clause: "6.2"}
  streaks: [{when: "score < 80", months: 3, consecutive: false, of: 12, then: deduction, amount: 500, clause: "8.1"}]
  caps:
    - [{from: 2026-01-01, value: {month: 12%, clause: "6.4"}}, {from: 2026-05-01, value: {month: 10%, clause: "6.4"}}]
    - {year: 10%, clause: "6.5"}
  carry_forward: {months: 3, clause: "6.6"}
  earn_back: {months: 6, share: 50%, clause: "6.7"}
  ramp_up: {months: 2, clause: "6.8"}
  order: [carry_in, month_cap, year_cap, bonus, earn_back]
  rounding: {to: 0.01, mode: half_even}
  objection_days: 5
league: {clause: "8.2", shares: [50%, 30%, 20%], ties: split}
bonus_pool:
  clause: "8.3"
  of: sales
  share: 0.6%
  ranks: [{share: 40%, plus: 200}, {share: 30%}]
  rest: 30%
  ties: by_sales
  residual: to_buyer
private: {harm_per_abandon: 12.5, harm_per_waiting_second: 0.01, harm_per_late_answer: 3}
"""


def plain_of(path: Path):
    return read_yaml(path.read_text(encoding="utf-8")).data


def listed(data):
    """One price and a list of one price are the same terms."""
    return {**data, "pricing": [data["pricing"]] if isinstance(data["pricing"], dict) else data["pricing"]}


def there_and_back(data, tmp_path, lang="zh"):
    return read_workbook(write_workbook(data, tmp_path / "terms.xlsx", lang)).data


def types_of(data):
    return json.dumps(data, sort_keys=True, ensure_ascii=False)


# -- nothing is lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_workbook_changes_a_contract(path, lang, tmp_path):
    """Every contract that comes along is the same, number by number, after a visit to a workbook."""
    data = plain_of(path)
    back = there_and_back(data, tmp_path, lang)
    assert types_of(back) == types_of(listed(data))


def test_a_workbook_loses_a_term(tmp_path):
    """Dated values of all kinds, empty lists, awkward names and texts come back unchanged."""
    data = read_yaml(DATED_FULL).data
    read_contract(data)
    assert types_of(there_and_back(data, tmp_path)) == types_of(data)
    assert types_of(read_yaml(to_yaml(data)).data) == types_of(data)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
AWKWARD = st.sampled_from(
    ["=1+1", "none", "null", "true", "1", "2026-01-01", "\u2192 dated", '"', '""', " ", "", "#N/A", "@x", "5.10"]
)
SCALARS = {
    "text": TEXTS | AWKWARD,
    "value": st.sampled_from(["80%", "12.50%", "20 s", "8\u520630\u79d2", "1,000"])
    | st.integers(-(10**14), 10**14)
    | st.floats(0.01, 1e9, allow_nan=False).map(lambda x: round(x, 6))
    | TEXTS,
    "count": st.integers(0, 10**9),
    "switch": st.booleans(),
    "date": st.dates(dt.date(1000, 1, 1)).map(str) | st.just("soon"),
}


def data_of(shape: Shape, depth: int = 0):
    """Data of a shape: any subset of its keys, any value dated."""
    ways = []
    if shape.scalar:
        ways.append(st.sampled_from(shape.options) if shape.scalar == "choice" else SCALARS[shape.scalar])
    if shape.fields and shape.items is None:
        part = st.fixed_dictionaries({}, optional={k: data_of(v, depth + 1) for k, v in shape.fields.items()})
        ways.append(part.filter(bool) if shape.scalar else part)  # "none" and nothing would look the same
    if shape.items is not None:
        rows = st.lists(data_of(shape.items, depth + 1), min_size=bool(shape.scalar), max_size=3)
        ways.append(rows.filter(no_empty_row))
    if shape.entries is not None:
        names = (TEXTS | AWKWARD).filter(lambda t: t.strip() and not set('."#') & set(t))  # what a path is made of
        ways.append(st.dictionaries(names, data_of(shape.entries, depth + 1), max_size=2))
    value = st.one_of(*ways)
    if depth == 0:
        return value
    row = st.fixed_dictionaries({"value": value | st.none()}, optional={"clause": TEXTS})
    rows = st.lists(row, min_size=1, max_size=2).map(
        lambda rs: [{"from": f"2026-0{i + 1}-01", **r} for i, r in enumerate(rs)]
    )
    return st.integers(0, 9).flatmap(lambda n: rows if n == 0 else value)


def no_empty_row(rows):
    return not any(isinstance(row, dict) and not row for row in rows)  # an empty row is no row


@pytest.mark.parametrize("name", ["?Z", "? Z", "-Z", "a: b", "#1", "@x", "y"])
def test_a_name_changes_between_braces(name):
    """Text of YAML gives every name back, also one that begins with YAML's own signs."""
    data = {"forecast": {"days": {name: 1}}}
    assert read_yaml(to_yaml(data)).data == data


@pytest.mark.parametrize("name", ["a.b", "a]b", '"a"', "true", "1"])
def test_a_name_of_a_dated_value_is_read_as_a_path(name, tmp_path):
    """A name with a dot or a bracket, inside a value that changes, comes back from the workbook as it was."""
    months = [{"from": "2026-01-01", "value": {"x": 1, name: 2}}, {"from": "2026-02-01", "value": {name: 3}}]
    data = {"forecast": {"months": months}}
    assert there_and_back(data, tmp_path) == data


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(data=data_of(contract_shape()))
def test_a_workbook_loses_something_of_some_contract(data, tmp_path_factory):
    """Anything that the schema's keys can hold comes back from a workbook, and from text, as it was."""
    folder = tmp_path_factory.mktemp("any")
    if isinstance(data.get("pricing"), dict):
        del data["pricing"]
    assert types_of(there_and_back(data, folder) if data else {}) == types_of(data)
    if data:
        assert types_of(read_yaml(to_yaml(data)).data) == types_of(data)


# -- what people do in Excel -----------------------------------------------------------------------------------


@pytest.fixture
def started(tmp_path):
    """A starting workbook, and a function that changes cells of it and reads it again."""
    path = start_file("contract", tmp_path / "terms.xlsx", "zh")

    def changed(*changes):
        book = openpyxl.load_workbook(path)
        for title, cell, value, *number_format in changes:
            sheet = next(sheet for sheet in book if sheet.title.split()[-1] == title)
            sheet[cell] = value
            if number_format:
                sheet[cell].number_format = number_format[0]
        book.save(tmp_path / "changed.xlsx")
        return tmp_path / "changed.xlsx"

    return changed


def column_of(path, title, key):
    sheet = next(s for s in openpyxl.load_workbook(path) if s.title.split()[-1] == title)
    return next(cell.column_letter for cell in sheet[2] if cell.value == key)


MEANT = {
    "a percentage": (0.8, "0%", "value", "80%"),
    "a fine percentage": (0.7999, "0.00%", "value", "79.99%"),
    "a sum that is not exact": (0.1 + 0.2, "General", "value", 0.3),
    "a whole number": (1000.0, "General", "count", 1000),
    "a whole number as text": ("1000", "@", "count", 1000),
    "a clause as a number": (5.1, "General", "text", "5.1"),
    "a day": (dt.datetime(2026, 7, 1), "yyyy-mm-dd", "date", "2026-07-01"),
    "seconds as a time": (dt.time(0, 0, 20), "h:mm:ss", "value", "20 s"),
    "yes": ("\u662f", "@", "switch", True),
    "blanks around": (" 80% ", "@", "value", "80%"),
    "a label": ("\u7532\u65b9\u539f\u56e0 buyer_caused", "@", "choice", "buyer_caused"),
}


@pytest.mark.parametrize(("value", "number_format", "kind", "meant"), MEANT.values(), ids=MEANT)
def test_a_cell_means_something_else(value, number_format, kind, meant):
    """Percentages, dates, times and labels that Excel keeps in its own way are read as people mean them."""
    found = meaning(Cell(value, number_format), Shape(kind, ("force_majeure", "buyer_caused")))
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize("value", ["=1+1", "none", "", " x", '"', '"a"', "null", "#N/A", "\u2192 dated", "5.10", "'"])
def test_a_text_does_not_survive(value):
    """A text that looks like something else is still that text."""
    assert meaning(Cell(cell_of(value, Shape("text"))), Shape("text")) == value


def test_a_percentage_typed_in_excel_is_refused(started):
    """0.85 shown as 85 % in a cell of the bands is the level 85 %."""
    contract = read_contract(started(("bands", "B3", 0.85, "0%")))
    assert contract.file.kpis["service_level"].bands[0].begins.text == "85%"


def test_a_mistake_does_not_name_its_cell(started):
    """A value that the schema refuses is told with sheet and cell, the same words as in YAML."""
    path = started()
    cell = f"{column_of(path, 'kpis', 'weight')}3"
    with pytest.raises(InputError) as caught:
        read_contract(started(("kpis", cell, 60)))
    assert f"changed.xlsx  kpis!{cell}  kpis.service_level.weight\n  60 has no %" in str(caught.value)


def test_a_wrong_price_is_told_once(started):
    """Its cell and what was written there; the sheet is not called too short because that row does not count."""
    with pytest.raises(InputError) as caught:
        read_contract(started(("pricing", "C3", -1.4)))
    (told,) = caught.value.mistakes
    assert f"{told}".startswith(f'{told.file}  pricing!C3  pricing[0].rate\n  "-1.4" is negative')


def test_a_linter_does_not_name_the_cell(started):
    """What the linter finds has its sheet, too."""
    path = started()
    cell = f"{column_of(path, 'kpis', 'weight')}3"
    found = [f for f in lint(started(("kpis", cell, "61%"))) if f.severity == "error"]
    assert found
    assert {f.sheet for f in found} <= set(sheets())


REFUSED = {
    "a formula": ([("bands", "G3", "=50+50")], "bands!G3", "a formula"),
    "an error of Excel": ([("bands", "G3", "#DIV/0!")], "bands!G3", "an error of Excel"),
    "a date of Excel's": ([("bands", "B3", dt.date(2026, 5, 1))], "bands!B3", "Excel has made a date"),
    "an unknown column": ([("bands", "Z2", "scroe"), ("bands", "Z3", 1)], "bands!Z2", 'did you mean "score"'),
    "a column without a key": ([("bands", "Z3", 1)], "bands!Z3", "names no key"),
    "an unknown measure": ([("bands", "A3", "servce_level")], "bands!A3", 'did you mean "service_level"'),
    "no measure": ([("bands", "A3", None)], "bands!B3", 'fill in the column "kpis"'),
    "a row twice": ([("kpis", "A4", "service_level")], "kpis!A4", "stands twice"),
    "a key twice": ([("contract", "B4", "csim")], "contract!C4", "stands twice"),
    "none and rows": ([("kpis", "AD3", "none")], "kpis!AD3", "is filled in, and so are its parts"),
    "a path that is none": ([("dated", "A3", "pay..x"), ("dated", "D3", 1)], "dated!A3", "is no path"),
    "a dated value beside another": (
        [("dated", "A3", "kpis.service_level.weight"), ("dated", "C3", "2026-01-01"), ("dated", "D3", "1%")],
        "dated!A3", "and dated ones here",
    ),
    "a pointer to nothing": ([("pricing", "C3", "\u2192 dated")], "pricing!C3", "no dated value stands for it"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "what"), REFUSED.values(), ids=REFUSED)
def test_a_cell_that_cannot_be_meant_is_taken(started, changes, place, what):
    """What cannot be read, or contradicts itself, is refused at its cell."""
    with pytest.raises(InputError) as caught:
        read_contract(started(*changes))
    assert place in str(caught.value)
    assert what in str(caught.value)


def test_a_missing_sheet_is_told_by_every_row_of_the_others(started):
    """A workbook without its sheet of measures: one message that names the sheet."""
    path = started()
    book = openpyxl.load_workbook(path)
    del book[next(title for title in book.sheetnames if title.split()[-1] == "kpis")]
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_contract(path)
    (told,) = caught.value.mistakes
    assert (told.file, told.sheet) == (str(path), "")
    assert 'the sheet "kpis" is missing or empty' in told.what


def test_remarks_are_terms(started):
    """Columns under # and sheets under # are people's own."""
    path = started(("bands", "Z2", "#why"), ("bands", "Z3", "=TODAY()"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("# notes")["A1"] = "=1+1"
    book.save(path)
    assert read_contract(path).file.kpis["service_level"].weight


def test_a_file_that_is_no_workbook_is_read(tmp_path):
    """No workbook, or one of somebody else's, ends with a message."""
    (tmp_path / "a.xlsx").write_text("no zip")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read_workbook(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="no such file"):
        read_workbook(tmp_path / "b.xlsx")
    openpyxl.Workbook().save(tmp_path / "c.xlsx")
    with pytest.raises(InputError, match="holds no sheet of a contract"):
        read_workbook(tmp_path / "c.xlsx")


def test_the_same_contract_gives_other_bytes(tmp_path):
    """Nothing in a workbook depends on the day on which it is written."""
    data = plain_of(SHIPPED[0])
    first = write_workbook(data, tmp_path / "1.xlsx").read_bytes()
    assert write_workbook(data, tmp_path / "2.xlsx").read_bytes() == first


# -- addresses, starting files, schema -------------------------------------------------------------------------


@given(st.lists(TEXTS | AWKWARD | st.integers(0, 10**6), min_size=1, max_size=4))
def test_an_address_names_another_path(path):
    """An address is read back as the path it was made from."""
    assert path_of(address(tuple(path))) == tuple(path)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("ending", ["yaml", "xlsx"])
def test_a_starting_contract_is_not_clean(tmp_path, lang, ending):
    """`csim new contract` writes a contract that loads and in which the linter finds nothing."""
    assert lint(start_file("contract", tmp_path / f"terms.{ending}", lang)) == []


def test_the_starting_contracts_differ_in_more_than_words():
    """The English and the Chinese starting contract are the same terms."""
    texts = [Path(f"csim/contract/starts/contract.{lang}.yaml").read_text(encoding="utf-8") for lang in ("en", "zh")]
    en, zh = (read_yaml(text).data for text in texts)

    def terms(value):
        if isinstance(value, dict):
            return {k: terms(v) for k, v in value.items() if k not in ("name", "wording", "buyer", "vendor")}
        return [terms(v) for v in value] if isinstance(value, list) else value

    assert terms(en) == terms(zh)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_schema_refuses_a_contract(path):
    """An editor with the JSON schema has nothing against the contracts that come along, dated values included."""
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.Draft202012Validator(schema_of("contract"))
    data = plain_of(path)
    dated = copy.deepcopy(data)
    dated["pay"]["rounding"] = [{"from": "2026-01-01", "value": data["pay"]["rounding"]}]
    assert [error.message for each in (data, dated) for error in checker.iter_errors(each)] == []
    assert [*checker.iter_errors({**data, "buyr": "x"})]


def test_a_column_has_no_chinese_name():
    """Every column, key and choice of the schema has a Chinese name; a new field of the schema needs its words."""
    bare = [
        f"{sheet.key}.{column.key}"
        for sheet in sheets().values()
        for column in sheet.columns
        if any(part.isascii() for part in name_of(column.path, "zh", sheet.key).split("\uff1a"))
    ]
    shown = {
        labelled(option, "zh", c.shape.name) for s in sheets().values() for c in s.columns for option in c.shape.options
    }
    assert bare == []
    assert {text for text in shown if text.isascii()} == {"contract/1", "x/5", "(x-1)/4", "1..5"}

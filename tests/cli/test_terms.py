"""The commands about contracts: what they print, what they write, and what they refuse."""

import json
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parents[2] / "scenarios" / "contracts"
TERMS = """\
csim: contract/1
name: small
buyer: us
vendor: [V, W]
term: {from: 2026-01-01, to: 2026-12-31}
currency: CNY
timezone: Asia/Shanghai
tax: {rate: 6%, clause: "4.3"}
pricing: {clause: "4.1", per: month, rate: 1000}
kpis:
  sl:
    clause: "5.1"
    measure: service_level
    reading: {hang_ups: included, within: 20 s}
    bands: [{from: 80%, credit: 0%}, {credit: 5%}]
    value_rounding: none
    missing: missed
    exclusions: []
pay: {clause: "6.1", rounding: {to: 0.01, mode: half_up}}
"""
MONTH = "month,vendor,kpi,numerator,denominator\n2026-03,V,service_level,79,100\n2026-03,W,service_level,80,100\n"


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(TERMS)
    (tmp_path / "march.csv").write_text(MONTH)
    return tmp_path


def test_json_of_a_statement_has_other_keys(csim_cli, small):
    """The keys that outside checks call; money is text, and the lines add up."""
    said = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--vendor", "V", "--format", "json").json
    assert set(said) >= {"lines", "subtotal", "tax", "total", "currency", "ledger", "provenance"}
    keys = {"clause", "kpi", "reading", "value", "sample", "target", "band", "points", "money", "why"}
    assert all(set(line) >= keys for line in said["lines"])
    assert (said["subtotal"], said["tax"], said["total"]) == ("950.00", "57.00", "1007.00")
    judged = next(line for line in said["lines"] if line["id"] == "sl")
    assert (judged["value"], judged["sample"], judged["money"]) == (0.79, 100, "-50.00")
    assert set(said["provenance"]) >= {"contract_hash", "facts_hash", "csim"}


def test_a_column_stands_empty(csim_cli, small):
    """A statement in a table has samples, and no column that no line fills."""
    said = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--vendor", "V")
    heads, line = said.out.splitlines()[1], next(row for row in said.out.splitlines() if " 5.1 " in row)
    assert heads.split() == ["Clause", "Item", "Value", "Sample", "Band", "Money", "Why"]
    assert " 100 " in line


def test_a_vendor_is_forgotten(csim_cli, small):
    """Without --vendor every vendor is settled, into one ledger and a league."""
    said = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--format", "json", "--ledger-out", "ledger.json")
    assert [statement["vendor"] for statement in said.json["statements"]] == ["V", "W"]
    assert [place["total"] for place in said.json["league"]] == ["1007.00", "1060.00"]
    assert set(json.loads(Path("ledger.json").read_text())["vendors"]) == {"V", "W"}


def test_the_next_month_forgets_the_ledger(csim_cli, small):
    """The ledger of one month goes into the next, and the same month is not settled twice."""
    csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--ledger-out", "ledger.json")
    again = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--ledger", "ledger.json", "--ledger-out", "x.json")
    assert again.code == 2
    assert "the ledger already holds 2026-03" in again.err
    assert not Path("x.json").exists()


@pytest.mark.parametrize("form", ["table", "csv", "html", "xlsx"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_format_loses_the_total(csim_cli, small, form, lang):
    """Every format of a statement holds what is payable; files are written where --out says."""
    out = Path(f"statement.{form}")
    said = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--format", form, "--lang", lang, "--out", out)
    assert (said.code, said.err) == (0, "")
    if form == "xlsx":
        from openpyxl import load_workbook

        cells = {
            cell.value for sheet in load_workbook(out, data_only=True) for row in sheet.iter_rows() for cell in row
        }
        assert {1007, 1060} <= cells
    else:
        text = out.read_text(encoding="utf-8-sig")
        assert "1007.00" in text.replace(",", "") or "1,007.00" in text


def test_a_workbook_without_a_name_is_written(csim_cli, small):
    said = csim_cli("settle", "small.yaml", "--kpis", "march.csv", "--format", "xlsx")
    assert said.code == 2
    assert "--out statement.xlsx" in said.err


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_linter_says_it_in_english_alone(csim_cli, small, form):
    """--lang zh: the same codes, places and exit code, the sentences in Chinese; without it nothing changes."""
    file = CONTRACTS / "outsourcing_scorecard_as_published.yaml"
    own, theirs = (csim_cli("lint", file, "--format", form, "--lang", lang) for lang in ("en", "zh"))
    assert (own.code, theirs.code) == (3, 3)
    assert own.out == csim_cli("lint", file, "--format", form).out
    assert "5 min 同属两档：第 1 档 (−∞, 5 min] 和第 2 档 [5 min, 10 min]" in theirs.out
    assert "未核查（需 --log）" in theirs.err
    if form == "json":
        left = [{**row, "what": "", "write": ""} for row in theirs.json["findings"]]
        assert left == [{**row, "what": "", "write": ""} for row in own.json["findings"]]
    else:
        assert own.out.splitlines()[-1] == "10 errors, 1 warning."
        assert theirs.out.splitlines()[-1] == "10 处错误，1 处疑点。"


def test_the_linter_says_nothing_with_its_exit_code(csim_cli, small):
    """0 when there is no error, 3 when there is one, 2 when the file cannot be read; findings as JSON."""
    assert csim_cli("lint", "small.yaml").code == 0
    published = csim_cli("lint", CONTRACTS / "outsourcing_scorecard_as_published.yaml", "--format", "json")
    assert published.code == 3
    assert all(set(f) >= {"severity", "code", "file", "line", "what", "write"} for f in published.json["findings"])
    assert {"boundary_twice", "score_range", "ambiguous_name"} <= {f["code"] for f in published.json["findings"]}
    assert csim_cli("lint", "none.yaml").code == 2


def test_a_contract_with_errors_is_settled(csim_cli, small):
    """Anything but lint refuses it with exit code 2, and names the place."""
    said = csim_cli(
        "settle", CONTRACTS / "outsourcing_scorecard_as_published.yaml", "--kpis", "march.csv", "--ledger-out", "x.json"
    )
    assert said.code == 2
    assert "outsourcing_scorecard_as_published.yaml:" in said.err
    assert not Path("x.json").exists()


def test_targets_that_cannot_hold_together_pass(csim_cli, small):
    """A scenario is linted too: whether its own targets can hold together."""
    from csim.start import start_file

    start_file("scenario", Path("centre.yaml"))
    assert csim_cli("lint", "centre.yaml").code == 0
    text = Path("centre.yaml").read_text(encoding="utf-8")
    head, _, _ = text.partition("targets:")
    assert head != text
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if "targets:" in line)
    indent = lines[at].partition("targets:")[0]
    lines[at] = indent + "targets: {queued_share: 15%, wait_queued: 150 s, wait_all: 10 s}"
    while at + 1 < len(lines) and lines[at + 1].startswith(indent + " "):
        del lines[at + 1]
    Path("centre.yaml").write_text("\n".join(lines), encoding="utf-8")
    said = csim_cli("lint", "centre.yaml", "--format", "json")
    assert (said.json["findings"][0]["code"], said.json["findings"][0]["line"]) == ("waiting", at + 1)
    assert "22.5" in said.json["findings"][0]["what"]


def test_a_contract_is_another_after_a_journey(csim_cli, small):
    """YAML to workbook and back: the same terms, the same findings."""
    for kind in ("xlsx", "yaml"):
        source = "small.yaml" if kind == "xlsx" else "copy.xlsx"
        assert csim_cli("contract", source, "--out", f"copy.{kind}").code == 0
    from csim.contract.load import read_contract

    assert read_contract("copy.yaml").file == read_contract("small.yaml").file


def test_an_annex_needs_no_older_contract(csim_cli, small):
    assert csim_cli("contract", "small.yaml", "--docx", "annex.docx", "--lang", "en").code == 0
    newer = TERMS.replace("rate: 1000", "rate: 900")
    Path("newer.yaml").write_text(newer)
    assert csim_cli("contract", "newer.yaml", "--docx", "marked.docx", "--older", "small.yaml").code == 0
    import zipfile

    text = zipfile.ZipFile("marked.docx").read("word/document.xml").decode()
    assert "<w:ins " in text
    assert "<w:del " in text
    assert csim_cli("contract", "small.yaml").code == 2


@pytest.mark.parametrize("name", ["new.yaml", "new.xlsx"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_new_contract_has_errors(csim_cli, small, name, lang):
    assert csim_cli("new", "contract", name, "--lang", lang).code == 0
    assert csim_cli("lint", name).code == 0


def test_the_schema_of_a_contract_is_no_schema(csim_cli):
    import jsonschema

    schema = csim_cli("schema", "contract").json
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "pricing" in schema["properties"]


def test_two_logs_agree_where_they_differ(csim_cli, small):
    """Contacts that only one side knows are counted and priced."""
    head = "contact_id,queue,vendor,arrival,wait_s,outcome\n"
    rows = [f"{i},q,V,2026-03-02T10:00:00+08:00,5,answered\n" for i in range(5)]
    Path("ours.csv").write_text(head + "".join(rows[:4]))
    Path("theirs.csv").write_text(head + "".join(rows[1:]))
    Path("paid.yaml").write_text(TERMS.replace("per: month, rate: 1000", "per: answered_contact, rate: 1.40"))
    words = ("--contract", "paid.yaml", "--vendor", "V", "--month", "2026-03")
    said = csim_cli("reconcile", "ours.csv", "theirs.csv", *words)
    assert said.code == 0
    for number in ("1.40", "−1.40"):
        assert number in said.out
    assert csim_cli("reconcile", "ours.csv", "none.csv").code == 2


VENDORS = """\
csim: mapping/1
name: vendors
timezone: Asia/Shanghai
contacts:
  contact_id: 流水号
  queue: {constant: calls}
  vendor: {constant: V}
  arrival: 进线时间
  wait_s: 等待
  outcome: {column: 结果, words: {接通: answered, 放弃: abandoned}}
"""


@pytest.fixture
def export(small):
    """A month of ten calls a day, two of them late, in csim's format and as a vendor's system writes it (GBK)."""
    Path("vendors.yaml").write_text(VENDORS, encoding="utf-8")
    own, theirs = ["contact_id,queue,vendor,arrival,wait_s,outcome"], ["流水号,进线时间,等待,结果"]
    for day in range(1, 32):
        for call in range(10):
            late, lost = call in (3, 7), call == 7
            wait, ended = ("0:01:05", "放弃" if lost else "接通") if late else ("0:00:20", "接通")
            seconds, outcome = 65 if late else 20, "abandoned" if lost else "answered"
            own.append(f"{day:02d}{call},calls,V,2026-03-{day:02d}T09:0{call}:00+08:00,{seconds},{outcome}")
            theirs.append(f"{day:02d}{call},2026/3/{day} 9:0{call}:00,{wait},{ended}")
    Path("own.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
    Path("export.csv").write_text("\n".join(theirs) + "\n", encoding="gbk")
    return small


def test_a_foreign_log_is_settled_otherwise(csim_cli, export):
    """A vendor's export through its mapping gives the statement of csim's own format, to the last digit and hash."""
    words = ("settle", "small.yaml", "--vendor", "V", "--format", "json")
    own = csim_cli(*words, "--log", "own.csv").json
    said = csim_cli(*words, "--log", "export.csv", "--mapping", "vendors.yaml")
    assert (said.code, said.json) == (0, own)
    judged = next(line for line in own["lines"] if line["id"] == "sl")
    assert (judged["value"], judged["sample"], judged["money"]) == (0.8, 310, "0.00")
    assert "310 rows: 310 kept" in said.err
    assert csim_cli(*words, "--log", "export.csv").code == 2  # without its mapping no column is known


def test_a_vendors_export_makes_no_page(csim_cli, export):
    """The statement as a page reads the export through the same mapping; an option that is named is a parameter's."""
    page = ("report", "settlement", "-p", "contract=small.yaml", "-p", "log=export.csv", "-p", "month=2026-03")
    said = csim_cli(*page, "-p", "vendor=V", "-p", "mapping=vendors.yaml", "--out", "page.html")
    assert said.code == 0, said.err
    assert "sample 310" in Path("page.html").read_text(encoding="utf-8")
    said = csim_cli(*page, "-p", "mapping=vendors.yaml", "--out", "none.html")
    assert said.code == 2
    assert "(-p vendor=V)" in said.err
    assert not Path("none.html").exists()


def test_a_row_is_lost_on_the_way_to_the_statement(csim_cli, export):
    """A row that cannot be read is counted, written with its line, and not in the sample."""
    with Path("export.csv").open("a", encoding="gbk") as file:
        file.write("999,2026/3/31 9:30:00,很久,接通\n")
    words = ("settle", "small.yaml", "--vendor", "V", "--format", "json", "--log", "export.csv", "--mapping")
    said = csim_cli(*words, "vendors.yaml", "--rejects", "lost.csv")
    assert next(line["sample"] for line in said.json["lines"] if line["id"] == "sl") == 310
    assert "1 rejected" in said.err
    assert "312" in Path("lost.csv").read_text(encoding="utf-8-sig")
    strict = csim_cli(*words, "vendors.yaml", "--most-rejects", "0%", "--ledger-out", "ledger.json")
    assert (strict.code, strict.out) == (2, "")
    assert not Path("ledger.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("empty.csv", "own.csv"), "empty.csv\n  the log holds no contact (a header and no row)"),
        (("own.csv", "empty.csv"), "empty.csv\n  the log holds no contact (a header and no row)"),
        (("own.csv", "own.csv", "--month", "2026-05"), "own.csv\n  no contact of V in 2026-05: all 310 are of other"),
        (("own.csv", "own.csv", "--month", "May"), '"May" is no month: write for example 2026-03'),
        (("own.csv", "april.csv", "--month", "2026-03"), "april.csv\n  no contact of V in 2026-03: all 1 are of other"),
        (("own.csv", "."), ".\n  is a folder: write the path of one log"),
    ],
)
def test_a_log_without_the_month_is_reconciled(csim_cli, export, words, said):
    """An empty log, or one of another month, is a wrong file: one message, exit code 2, nothing written."""
    head = Path("own.csv").read_text(encoding="utf-8").splitlines()[0] + "\n"
    Path("empty.csv").write_text(head)
    Path("april.csv").write_text(head + "1,calls,V,2026-04-01T09:00:00+08:00,5,answered\n")
    found = csim_cli("reconcile", *words, "--out", "differences.xlsx")
    assert (found.code, found.out) == (2, "")
    assert said in found.err
    assert not Path("differences.xlsx").exists()


def test_a_month_without_a_contract_counts_all(csim_cli, export):
    """Without a contract --month is a month of the calendar: what lies outside it is counted apart."""
    with Path("own.csv").open("a") as file:
        file.write("x,calls,V,2026-04-01T00:00:00+08:00,5,answered\n")
    found = csim_cli("reconcile", "own.csv", "export.csv", "--mapping", "vendors.yaml", "--month", "2026-03",
                     "--format", "json").json["counts"]  # fmt: skip
    assert (found["matched"], found["only_ours"], found["outside_ours"]) == (310, 0, 1)


@pytest.mark.parametrize("command", ["settle", "watch", "lint"])
def test_an_empty_log_is_judged(csim_cli, small, command):
    """A header alone is refused by every command that takes a log; so is a log of nobody that the contract names."""
    Path("log.csv").write_text("contact_id,queue,vendor,arrival,wait_s,outcome\n")
    said = csim_cli(command, "small.yaml", "--log", "log.csv")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("log.csv" if command != "watch" else "--log")
    with Path("log.csv").open("a") as file:
        file.write("1,calls,X,2026-03-01T09:00:00+08:00,5,answered\n")
    if command != "lint":
        said = csim_cli(command, "small.yaml", "--log", "log.csv", "--vendor", "V")
        assert said.code == 2
        assert "no contact of V in the log, which names X" in said.err


@pytest.mark.parametrize(("lang", "said"), [("en", "Outside the contract's term (2027-"), ("zh", "不在合同期（2027-")])
def test_simulated_months_outside_the_term_are_settled_silently(csim_cli, small, lang, said):
    """A scenario of another year may stand in for the contract's months; that it does is said."""
    (small / "fcr.csv").write_text("kpi,value,sample\nfcr,86%,8000\n")
    terms = (CONTRACTS / "hotline_400.yaml").read_text(encoding="utf-8")
    (small / "later.yaml").write_text(terms.replace("2026-01-01", "2027-01-01"), encoding="utf-8")
    centre = CONTRACTS.parent / "centres" / "hotline_400.yaml"
    words = ("--scenario", centre, "--kpis", "fcr.csv", "-n", 1, "--lang", lang)
    assert said in csim_cli("settle", "later.yaml", *words).err
    assert "term" not in csim_cli("settle", CONTRACTS / "hotline_400.yaml", *words).err


def test_months_of_a_scenario_are_not_settled(csim_cli, small):
    """What simulated months would pay: per clause how often it costs, as a table and as JSON."""
    centre = CONTRACTS.parent / "centres" / "hotline_400.yaml"
    Path("fcr.csv").write_text("kpi,value,sample\nfcr,86%,8000\n")
    words = ("settle", CONTRACTS / "hotline_400.yaml", "--scenario", centre, "--kpis", "fcr.csv", "--replications", 2)
    found = csim_cli(*words, "--format", "json").json["outlooks"][0]
    assert found["months"] == 2
    assert {clause["id"] for clause in found["clauses"]} >= {"service_level", "quality"}
    without = csim_cli(*words[:4], "--replications", 2)
    assert without.code == 2
    assert "the simulation does not give fcr" in without.err

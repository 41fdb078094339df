"""What a statement says: every line in both languages, live sums, evidence, and names that stay names."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from csim.contract.load import load_contract
from csim.display.numbers import exactly, in_capitals
from csim.display.words import Words
from csim.schema.exact import Level
from csim.settlement.evidence import by_days, evidence, evidence_of
from csim.settlement.facts import Fact
from csim.settlement.settle import statement_of
from csim.settlement.tables import read_kpis
from csim.settlement.telling.drivers import drivers
from csim.settlement.telling.page import statement_html
from csim.settlement.telling.sheet import as_csv, write_statements
from csim.settlement.telling.told import Telling

from .test_cases import MONTHLY, contract_of, incidents_of, table_of

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "scenarios" / "contracts"
NASTY = '=HYPERLINK("http://x") <script>alert(1)</script>'
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def of_vendor(vendor, lang=None):
    contract = load_contract(CONTRACTS / "double_11.yaml")
    statement = statement_of(contract, read_kpis(CONTRACTS / "double_11_kpis.csv"), month="2026-11", vendor=vendor)
    return statement if lang is None else Telling(statement, lang)


@pytest.fixture(scope="module")
def statement():
    return of_vendor("B")


@pytest.fixture(scope="module")
def settled():
    """The statements of every settlement case."""
    found = []
    for param in MONTHLY:
        case, ledger = param.values[0], None
        if any("refused" in stated for stated in case["expect"].values()):
            continue
        for month, kpis in case["months"].items():
            more = {"vendor": case.get("vendor"), "ledger": ledger, "incidents": incidents_of(case, month)}
            found.append(statement_of(contract_of(case), table_of(month, kpis), month=month, **more))
            ledger = found[-1].ledger
    return found


@pytest.fixture(scope="module")
def nasty():
    """A statement whose buyer, vendor, clause and queue are named like formulas and markup."""
    data = load_contract(CONTRACTS / "hotline_400.yaml").data
    data = {**data, "buyer": NASTY, "vendor": NASTY, "kpis": dict(data["kpis"])}
    data["kpis"]["service_level"] = {**data["kpis"]["service_level"], "name": NASTY, "scope": {"queue": NASTY}}
    measured = {"service_level": "70%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "96%"}
    table = pd.DataFrame({"month": "2026-03", "kpi": list(measured), "value": list(measured.values()), "sample": 9000})
    return statement_of(load_contract(data), table)


# -- words ------------------------------------------------------------------------------------------


def test_a_reason_has_no_words():
    """Every key of a reason that the settlement can give has words in both languages."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "csim" / "settlement").glob("*.py"))
    keys = set(re.findall(r'Reason\(\s*(?:f?)"(why_[a-z_]+)"', source)) | set(re.findall(r'"(why_[a-z_]+)"', source))
    keys |= {f"why_missing_{rule}" for rule in ("missed", "excluded", "insufficient")}
    keys |= {f"why_band_{outcome}" for outcome in ("score", "points", "credit", "bonus", "deduct", "pay")}
    keys -= {"why_band", "why_band_"}  # said by outcome
    assert len(keys) > 30
    missing = [(key, lang) for key in sorted(keys) for lang in ("en", "zh") if not Words(lang).find(key)]
    assert missing == []


def test_a_sentence_differs_in_its_numbers(settled):
    """In every case and line, both languages tell the same numbers, and no placeholder is left."""
    assert len(settled) > 40
    for statement in settled:
        for english, chinese in zip(Telling(statement, "en").lines(), Telling(statement, "zh").lines(), strict=True):
            for name in ("clause", "value", "sample", "target", "money", "score"):
                told = [sorted(NUMBER.findall(getattr(line, name))) for line in (english, chinese)]
                assert told[0] == told[1], (statement.contract.name, english, chinese)
            own = _names(statement)
            why = [sorted(NUMBER.findall(own.sub("", line.why))) for line in (english, chinese)]
            assert why[0] == why[1], (english.why, chinese.why)
            for line in (english, chinese):
                assert "{" not in line.why
                assert line.why or not line.line.money


def _names(statement):
    """The names of measures, which may hold numbers and differ by language."""
    contract, file = statement.contract, statement.terms
    names = [clause.name for clause in file.kpis.values() if clause.name]
    names += [kpi.name(lang) for kpi in contract.catalogue.values() for lang in ("en", "zh")]
    return re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))


def test_a_line_that_moves_money_gives_no_reason(settled):
    """Every line is one sentence with its end; English ones begin with a capital or a number."""
    for statement in settled:
        for lang, end in (("en", "."), ("zh", "\u3002")):
            for told in Telling(statement, lang).lines():
                if told.why:
                    assert told.why.endswith(end)
                    assert not told.why[0].islower()


def test_a_shown_value_contradicts_its_band(settled):
    """Read back, the value shown lies in the band that the value lies in."""
    seen = 0
    for statement in settled:
        for told in Telling(statement, "en").lines():
            judged = told.line.judged
            if judged is not None and judged.band is not None:
                shown = Level.of(told.value.replace(",", "")).number
                assert judged.band.holds(shown), told
                seen += 1
    assert seen > 40


def test_a_value_just_short_of_its_level_is_rounded_up_to_it():
    """79.996 % is not told as 80.00 %, nor 29.9996 s as 30 s; what keeps the level is not told as short of it."""
    edge = Decimal("0.8")
    assert exactly(Decimal("0.79996"), "share", edges=[edge]) == "79.996 %"
    assert exactly(Decimal("0.800001"), "share", "zh", [edge]) == "80.0001%"
    assert exactly(Decimal("29.9996"), "s", edges=[Decimal(30)]) == "29.9996 s"
    assert exactly(Decimal(2) / 3, "share") == "66.67 %"


def test_an_exclusion_hides_its_reason(statement):
    """Days that were left out are told with what happened and its clause."""
    told = Telling(statement, "zh")
    line = next(line for line in statement.payment.lines if line.id == "response")
    dates = "2026-11-10 volume_above_forecast 9.3, 2026-11-11 volume_above_forecast 9.3"
    from dataclasses import replace

    without = replace(line, judged=replace(line.judged, fact=replace(line.judged.fact, excluded=dates)))
    assert told.told(without).excluded == "2026-11-10\uff0c2026-11-11\uff1a超预测免责\uff0c条款 9.3"


# -- the answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_lacks_what_is_paid_and_why(statement, lang):
    """Payable, deduction, and the three clauses that drove it stand in one sentence; a bare 分 stands nowhere."""
    said = Telling(statement, lang).sentence()
    assert "109,385.64" in said
    assert "11,466.00" in said
    assert all(clause in said for clause in ("5.1", "5.2", "5.3"))
    page = statement_html(statement, lang)
    assert not re.search(r"\d\s*分(?!钟|\d)", page)


def test_drivers_do_not_add_up_to_the_deduction(settled):
    """Before caps, what is laid at the door of clauses is what was deducted."""
    for statement in settled:
        taken = sum((d.money for d in drivers(statement)), Decimal(0))
        lines = [line for line in statement.payment.lines if line.money < 0]
        assert abs(taken + sum((line.money for line in lines), Decimal(0))) < Decimal("1e-9")


# -- sheets -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets")
    statements = [of_vendor(vendor) for vendor in "ABC"]
    return {lang: write_statements(statements, folder / f"{lang}.xlsx", lang) for lang in ("en", "zh")}


def cells(path, sheet, values):
    return {c.coordinate: c for row in openpyxl.load_workbook(path, data_only=values)[sheet].iter_rows() for c in row}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sum_is_dead_or_wrong(books, lang):
    """Sums are formulas, and the value each holds is the statement's own; computed by hand they agree."""
    live, held = (cells(books[lang], "B", values) for values in (False, True))
    money = {name: held[name].value for name in held if re.fullmatch(r"J\d+", name)}
    assert live["C3"].value == "=J15"
    assert held["C3"].value == 109385.64
    assert live["F3"].value == '=-(SUMIF(J7:J11,"<0"))'
    assert held["F3"].value == 11466
    assert live["J12"].value == "=SUM(J7:J11)"
    assert sum(money[f"J{row}"] for row in range(7, 12)) == pytest.approx(money["J12"], abs=1e-9)
    assert round(round(money["J12"] * money["J13"] / 0.01, 8)) * 0.01 == pytest.approx(money["J14"], abs=1e-9)
    assert money["J12"] + money["J14"] == pytest.approx(money["J15"], abs=1e-9)


def test_a_cap_is_counted_as_a_bonus(settled, tmp_path):
    """Where a cap gives something back the sheet's deduction is less that much, and the bonus is not more."""
    capped = next(s for s in settled if any(line.kind == "cap" for line in s.payment.lines))
    book = openpyxl.load_workbook(write_statements([capped], tmp_path / "c.xlsx", "en"), data_only=False)
    place = next(i for i, line in enumerate(capped.payment.lines) if line.kind == "cap")
    sheet = book.worksheets[1]
    row = next(c.row for c in sheet["A"] if c.value == capped.payment.lines[0].clause) + place
    assert Decimal(str(sheet[f"J{row}"].value)) == capped.payment.lines[place].money
    assert sheet["F3"].value.endswith(f'"<0")+J{row})')
    assert f"!J{row}-" in book.worksheets[0]["E4"].value


def test_the_overview_is_not_linked(books):
    """The overview links each vendor's own sums and adds them up."""
    live, held = (cells(books["en"], "Overview", values) for values in (False, True))
    assert live["H5"].value == "='B'!J15"
    assert held["H5"].value == 109385.64
    assert held["H7"].value == pytest.approx(sum(held[f"H{row}"].value for row in (4, 5, 6)))


def test_both_languages_hold_other_numbers(books):
    """The Chinese workbook holds the same numbers in the same cells."""
    english, chinese = (openpyxl.load_workbook(books[lang], data_only=True).worksheets for lang in ("en", "zh"))
    for one, other in zip(english, chinese, strict=True):
        numbers = [
            {c.coordinate: c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, int | float)}
            for sheet in (one, other)
        ]
        assert numbers[0] == numbers[1]


def test_the_total_in_words_is_missing(books):
    """The Chinese sheet holds the total in capitals, two blocks to sign, and the period for objections."""
    text = "\n".join(str(cell.value) for cell in cells(books["zh"], "B", True).values() if cell.value)
    assert "壹拾万玖仟叁佰捌拾伍元陆角肆分" in text
    assert text.count("签字") == 2
    assert "5 日内" in text


def test_a_sheet_is_not_fit_for_paper(books):
    """A4 across, one page wide, the header frozen below the answer."""
    sheet = openpyxl.load_workbook(books["en"])["B"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.freeze_panes == "A7"


def test_the_same_statement_gives_other_bytes(tmp_path, monkeypatch):
    """Twice written, a workbook is the same to the byte; SOURCE_DATE_EPOCH sets the date it carries."""
    files = [write_statements([of_vendor("B")], tmp_path / f"{i}.xlsx", "zh").read_bytes() for i in range(2)]
    assert files[0] == files[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    dated = write_statements([of_vendor("B")], tmp_path / "dated.xlsx", "zh")
    assert "2026-01-01T00:00:00Z" in zipfile.ZipFile(dated).read("docProps/core.xml").decode()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_name_becomes_a_formula_or_markup(nasty, tmp_path, lang):
    """Names like formulas stay text in sheets, get a quote in CSV, and are escaped on pages."""
    book = openpyxl.load_workbook(write_statements([nasty], tmp_path / "n.xlsx", lang))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert found
    assert not any(re.match(r"=\W*HYPERLINK", str(cell.value)) for cell in found)
    rows = list(csv.reader(io.StringIO(as_csv(nasty, lang).removeprefix("\ufeff"))))
    assert not any(cell.startswith("=") for row in rows for cell in row)
    page = statement_html(nasty, lang)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_csv_loses_numbers(statement):
    """The CSV begins with a byte-order mark, its money column holds plain numbers that add up to the subtotal."""
    text = as_csv(statement, "zh")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    money = next(name for name in rows[0] if "\u91d1\u989d" in name)
    kinds = [row["类别"] for row in rows]
    lines = [Decimal(row[money]) for row in rows if row["类别"] not in ("subtotal", "tax", "total")]
    assert sum(lines) == Decimal(rows[kinds.index("subtotal")][money]) == Decimal("103194.00")
    assert not as_csv(statement, "zh", head=False).startswith("\ufeff")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("109385.64", "壹拾万玖仟叁佰捌拾伍元陆角肆分"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("100001", "壹拾万零壹元整"),
        ("100000001", "壹亿零壹元整"),
        ("1200000000000", "壹万贰仟亿元整"),
    ],
)
def test_a_sum_in_capitals_is_misspelt(amount, words):
    """Sums in capitals follow the rules for bills: 整 where no 分 follows, one 零 where places are skipped."""
    assert in_capitals(Decimal(amount)) == words


# -- evidence ---------------------------------------------------------------------------------------


def test_a_standard_error_is_not_the_one_known():
    """Of days with one weight the standard error of the ratio is the one of a mean, s ÷ √n."""
    shares = np.array([0.7, 0.75, 0.8, 0.85, 0.9, 0.72, 0.78])
    value, error, days = by_days([(1000 * share, 1000.0) for share in shares])
    assert (value, days) == (pytest.approx(shares.mean()), 7)
    assert error == pytest.approx(shares.std(ddof=1) / np.sqrt(7))


def test_an_interval_holds_the_truth_too_seldom():
    """
    Over 2,000 months of 30 days that differ, the 95 % interval of days holds the truth in 95 %, within three standard
    errors of 0.5 points; the binomial one, which takes contacts as independent, does so in far fewer.
    """
    chance = np.random.default_rng(11)
    hits, naive = 0, 0
    for _ in range(2000):
        level = chance.beta(40, 10, 30)
        count = chance.binomial(500, level)
        n, d = Decimal(int(count.sum())), Decimal(15000)
        daily = tuple((float(c), 500.0) for c in count)
        found = evidence(Fact(n, d, d, daily=daily), Level.of("80%"), "up", "share")
        simple = evidence(Fact(n, d, d), Level.of("80%"), "up", "share")
        hits += found.low <= 0.8 <= found.high
        naive += simple.low <= 0.8 <= simple.high
        assert (found.method, simple.method) == ("days", "sample")
    assert abs(hits / 2000 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 2000)
    assert naive / 2000 < 0.7


def test_the_binomial_interval_is_not_exact():
    """Clopper and Pearson's interval is the one of scipy.stats; either direction has its tail."""
    from scipy import stats

    fact = Fact(Decimal(93), Decimal(100), Decimal(100))
    found = evidence(fact, Level.of("97%"), "up", "share")
    known = stats.binomtest(93, 100, 0.97, alternative="less")
    ends = stats.binomtest(93, 100).proportion_ci(0.95, "exact")
    assert found.chance == pytest.approx(known.pvalue)
    assert (found.low, found.high) == (pytest.approx(ends.low), pytest.approx(ends.high))
    fewer = evidence(Fact(Decimal(9), Decimal(100), Decimal(100)), Level.of("5%"), "down", "share")
    assert fewer.chance == pytest.approx(stats.binomtest(9, 100, 0.05, alternative="greater").pvalue)


def test_a_mean_without_days_is_called_certain():
    """A mean with a sample, or a share without one, says that nobody can tell."""
    mean = Fact(Decimal(31), Decimal(1), Decimal(5000))
    assert evidence(mean, Level.of("30 s"), "down", "s").grade == "unknown"
    assert evidence(Fact(Decimal("0.7"), Decimal(1)), Level.of("80%"), "up", "share").grade == "unknown"


def test_what_may_be_chance_is_not_set_apart(statement):
    """Vendor B's service level, half a point short over days that differ much, stands among the thin; no other does."""
    by_id = {line.id: evidence_of(statement, line) for line in statement.payment.lines}
    assert by_id["response"].grade == "chance"
    assert by_id["response"].days == 30
    assert by_id["answered_contact"] is None
    assert [told.line.id for told, _ in Telling(statement, "en").thin()] == ["response"]
    assert list(Telling(of_vendor("A"), "en").thin()) == []

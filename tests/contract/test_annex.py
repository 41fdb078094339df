"""The annex of a contract: what it says, what it never says, and what changed."""

from __future__ import annotations

import copy
import re
import zipfile
from pathlib import Path

import pytest

from csim.contract.bands import Band, intervals
from csim.contract.load import read_contract
from csim.contract.paper.annex import annex_blocks, write_annex
from csim.contract.paper.annex_words import Said
from csim.display.paper import changed_words

from .test_workbook import DATED_FULL, SHIPPED, plain_of

docx = pytest.importorskip("docx")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def xml_of(path):
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith(".xml"))


def text_of(blocks):
    return "\n".join("\n".join([b.text, *(" | ".join(row) for row in b.rows)]) for b in blocks)


def body_of(path):
    """What remains when all changes are refused, and when all are accepted: paragraph by paragraph."""
    root = docx.Document(path).element.body
    versions = []
    for gone in ("ins", "del"):
        lines = []
        for paragraph in root.iter(f"{W}p"):
            words = [
                node.text or ""
                for node in paragraph.iter(f"{W}t", f"{W}delText")
                if not any(above.tag == W + gone for above in node.iterancestors())
            ]
            lines.append("".join(words))
        versions.append([line for line in lines if line])
    return versions


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_contract_has_no_annex(path, lang, tmp_path):
    """Every contract that comes along can be printed; each clause number is in it, and the same bytes come twice."""
    contract = read_contract(path)
    text = text_of(annex_blocks(contract, lang))
    for clause in contract.file.kpis.values():
        assert f"{clause.clause} " in text
    assert not re.search(r"\{\w*\}|annex_|None|Decimal", text)
    first = write_annex(contract, tmp_path / "1.docx", lang).read_bytes()
    assert write_annex(path, tmp_path / "2.docx", lang).read_bytes() == first


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_annex_tells_what_only_the_buyer_may_see(tmp_path, lang):
    """Nothing that stands under private is anywhere in the file, whatever else the contract says."""
    data = plain_of(Path("scenarios/contracts/double_11.yaml"))
    data.pop("forecast")
    secret = {"harm_per_abandon": 731.97, "harm_per_waiting_second": 0.08642, "harm_per_late_answer": 9173.5}
    plain = write_annex(data, tmp_path / "plain.docx", lang).read_bytes()
    path = write_annex({**data, "private": secret}, tmp_path / "annex.docx", lang)
    assert path.read_bytes() == plain
    older = write_annex(data, tmp_path / "changed.docx", lang, older={**data, "private": secret})
    for text in (xml_of(path), xml_of(older)):
        assert not re.search(r"731|08642|9173|harm|private|\u635f\u5931", text)


def test_clauses_stand_out_of_order():
    """Clause numbers are sorted as numbers: 5.2 before 5.10."""
    data = plain_of(Path("scenarios/contracts/at_risk_pool.yaml"))
    data["kpis"]["answered"]["clause"] = "5.10"
    heads = [b.text.split()[0] for b in annex_blocks(data, "en") if b.level == 2][1:]
    assert heads.index("5.3") < heads.index("5.10") < heads.index("6.1")
    assert [h for h in heads if h.startswith("4")] == ["4.1", "4.3"]


EDGES = {
    "from": ({"from": "80%", "score": 1}, "80%\u4ee5\u4e0a", "80% or more"),
    "above": ({"above": "80%", "score": 1}, "\u8d85\u8fc780%", "more than 80%"),
    "below": ({"below": "80%", "score": 1}, "\u4e0d\u6ee180%", "less than 80%"),
    "up_to": ({"up_to": "80%", "score": 1}, "80%\u4ee5\u4e0b", "80% or less"),
    "seconds": ({"up_to": "90 s", "score": 1}, "1\u520630\u79d2\u4ee5\u4e0b", "1 min 30 s or less"),
}


@pytest.mark.parametrize(("row", "zh", "en"), EDGES.values(), ids=EDGES)
def test_an_edge_is_worded_against_its_operator(row, zh, en):
    """\u4ee5\u4e0a and \u4ee5\u4e0b include the number, \u8d85\u8fc7 and \u4e0d\u6ee1 do not (Civil Code art. 1259)."""
    file = read_contract(SHIPPED[0]).file
    interval = intervals([Band.model_validate(row)])[0]
    assert [Said(lang, file).interval(interval) for lang in ("zh", "en")] == [zh, en]


def test_every_term_of_a_full_contract_is_said():
    """A contract with every kind of term mentions each of its clause numbers, and what changes from which day."""
    from csim.schema.located import read_yaml

    data = read_yaml(DATED_FULL).data
    text = text_of(annex_blocks(data, "zh"))
    numbers = set(re.findall(r'clause"?: "?([\d.]+)', DATED_FULL)) - {"12.1", "12.2"}
    assert {n for n in numbers if f"{n} " not in text} == set()
    for day in ("2026-02-01", "2026-05-01", "2026-07-01"):
        assert f"\u81ea {day} \u8d77" in text
    assert '=HYPERLINK("http://x")' in text


# -- changes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "a"),
        ("a b", "a c"),
        ("\u4e0d\u6ee180%", "\u4e0d\u6ee185%\u3001\u8d85\u8fc770%"),
        ("x y z", "z y x"),
        ("s", "s"),
    ],
)
def test_changed_words_do_not_add_up(old, new):
    """Without what came they are the old text, without what went the new one."""
    pieces = changed_words(old, new)
    assert "".join(t for kind, t in pieces if kind != "+") == old
    assert "".join(t for kind, t in pieces if kind != "-") == new


def test_tracked_changes_hide_something(tmp_path, monkeypatch):
    """Refusing all changes gives the older annex, accepting them the newer one; author and date are said."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    old = plain_of(Path("scenarios/contracts/hotline_400.yaml"))
    new = copy.deepcopy(old)
    new["kpis"]["answered"]["expected"] = "96%"
    new["kpis"]["answered"]["minimum"] = "90%"
    del new["kpis"]["quality"]
    new["kpis"]["resolution"]["bands"] = [{"from": "85%", "score": 100}, {"score": 60}]
    new["pay"]["caps"] = [{"month": "12%", "clause": "6.4"}]
    path = write_annex(new, tmp_path / "changes.docx", "zh", older=old)
    refused, accepted = body_of(path)
    assert refused == body_of(write_annex(old, tmp_path / "old.docx", "zh"))[0]
    assert accepted == body_of(write_annex(new, tmp_path / "new.docx", "zh"))[0]
    xml = xml_of(path)
    marks = re.findall(r"<w:(?:ins|del) [^>]*>", xml)
    assert marks
    assert all('w:author="csim"' in mark and 'w:date="2026-01-01T00:00:00Z"' in mark for mark in marks)
    ids = re.findall(r'<w:(?:ins|del) w:id="(\d+)"', xml)
    assert len(set(ids)) == len(ids) == len(marks)


def test_an_unchanged_contract_has_changes(tmp_path):
    """Against itself, nothing is marked."""
    path = write_annex(SHIPPED[0], tmp_path / "same.docx", "zh", older=SHIPPED[0])
    assert not re.search(r"<w:(?:ins|del) ", xml_of(path))
    assert path.read_bytes() == write_annex(SHIPPED[0], tmp_path / "plain.docx", "zh").read_bytes()


def test_the_footer_has_no_page_number(tmp_path):
    """Pages are numbered, and Chinese has a font of its own."""
    xml = xml_of(write_annex(SHIPPED[0], tmp_path / "a.docx", "zh"))
    assert 'w:instr="PAGE"' in xml
    assert 'w:instr="NUMPAGES"' in xml
    assert 'w:eastAsia="SimSun"' in xml

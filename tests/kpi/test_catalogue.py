"""The catalogue: every entry complete in both languages, computable, and found by the names people use."""

import re
from importlib import resources
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import csim
from csim.contacts.columns import AGENT_STATES, CONTACTS
from csim.expressions import expression
from csim.files import write_text
from csim.kpi import catalogue as kpi_catalogue
from csim.kpi.catalogue import SPECIAL, catalogue

TEXT = resources.files("csim.kpi").joinpath("catalogue.yaml").read_text(encoding="utf-8")
CONTENT = YAML(typ="safe", pure=True).load(TEXT)
ENTRIES = {entry["id"]: entry for entry in CONTENT["kpis"]}
HOUSE_LIST = Path(__file__).parents[3] / "shared" / "KPI.md"
KEYS = {
    "id", "zh", "en", "aliases", "formula", "note", "unit", "better", "needs", "kind", "quantile", "numerator",
    "denominator", "over", "denominator_over", "sector", "recommended", "source", "later",
}  # fmt: skip
UNITS = {"share", "s", "s2", "count", "ratio", "per_hour", "per_day", "score", "money"}
NEEDS = {"SIM", "SIM+", "TURN", "COIN", "LOG", "SRV", "QA", "EXT"}
CHINESE = re.compile("[\u4e00-\u9fff]")


def header_columns(table):
    """Derived columns that the header of catalogue.yaml explains."""
    block = TEXT.split(f"# Derived columns of {table}", 1)[1].split("#\n", 1)[0].split("\nsources", 1)[0]
    names = re.findall(r"^#   ([a-z_]+(?:, [a-z_]+)*)  ", block, flags=re.M)
    return {name for group in names for name in group.split(", ")}


KNOWN = {
    "contacts": {column.name for column in CONTACTS} | header_columns("contacts"),
    "agent_states": {column.name for column in AGENT_STATES} | header_columns("agent_states"),
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_is_incomplete(entry):
    """Names and formula in both languages, a known unit, direction and kind, known needs, and no misspelt key."""
    assert set(entry) <= KEYS
    assert re.fullmatch("[a-z][a-z0-9_]*", entry["id"])
    assert CHINESE.search(entry["zh"])
    assert not CHINESE.search(entry["en"])
    for text in (entry["formula"], entry.get("note", {"en": "", "zh": "字"})):
        assert set(text) == {"en", "zh"}
        assert CHINESE.search(text["zh"])
        assert not CHINESE.search(text["en"].replace("空闲", "").replace("不能出现3次以上", "").replace("以上", ""))
    assert entry["unit"] in UNITS
    assert entry.get("better") in {None, "up", "down", "band"}
    assert set(entry["needs"]) <= NEEDS
    assert entry["needs"]
    assert entry.get("kind", "ratio") in {"ratio", *SPECIAL}
    assert ("quantile" in entry) == (entry.get("kind") == "quantile")
    if "source" in entry or "sector" in entry:
        assert set(CONTENT["sources"][entry["source"]]) == {"en", "zh"}
    assert set(entry.get("sector", {})) in ({*()}, {"value"}, {"en", "zh"})
    assert set(entry.get("recommended", {})) <= {"low", "high"}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_formula_uses_a_column_that_nobody_explains(entry):
    """Formulas parse, and use only columns of the log or columns that the header of the catalogue explains."""
    parts = {
        "numerator": entry.get("over", "contacts"),
        "denominator": entry.get("denominator_over", entry.get("over", "contacts")),
    }
    if "EXT" in entry["needs"] or entry.get("later"):
        assert not set(parts) & set(entry)
        return
    for part, table in parts.items():
        assert expression(entry[part]).names <= KNOWN[table]


def test_an_explained_column_does_not_exist():
    """Every derived column of the header is really derived, from a log and from states that hold all columns."""
    import numpy as np

    from csim.kpi.sums import contact_columns, state_columns

    log = {column.name: np.zeros(2) for column in CONTACTS}
    states = {column.name: np.zeros(2) for column in AGENT_STATES} | {"duration": np.zeros(2), "agent_day": np.zeros(2)}
    assert header_columns("contacts") <= set(contact_columns(log))
    assert header_columns("agent_states") <= set(state_columns(states))
    assert len(header_columns("contacts")) > 20
    assert len(header_columns("agent_states")) > 10


def test_two_kpis_share_a_name():
    """An id, name or alias belongs to one KPI only, and never to a bare word that is refused."""
    owner = {}
    for kpi in catalogue().values():
        for word in {name.casefold() for name in (kpi.id, *kpi.names.values(), *kpi.aliases)}:
            assert owner.setdefault(word, kpi.id) == kpi.id, word
    assert not set(owner) & {word.casefold() for word in catalogue().refused}
    assert len(ENTRIES) == len(CONTENT["kpis"])


@pytest.mark.parametrize("kpi", catalogue().values(), ids=catalogue())
def test_a_kpi_is_not_found_by_its_names(kpi):
    """Every id, name and alias leads to its KPI, in any capitals and with blanks around it."""
    for word in (kpi.id, *kpi.names.values(), *kpi.aliases):
        assert catalogue().find(f" {word} ").id == kpi.id
        assert word == kpi.id or catalogue().find(word.swapcase()).id == kpi.id


def house_rows():
    if not HOUSE_LIST.exists():
        pytest.skip("KPI.md is not beside this checkout")
    rows = [line.split("|") for line in HOUSE_LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row[1:-1]] for row in rows if row[1].strip() != "id"]


def test_a_kpi_of_the_house_list_is_missing():
    """Every id of KPI.md's table is in the catalogue."""
    wanted = {name for row in house_rows() for name in row[0].split(", ")}
    assert len(wanted) > 50
    assert wanted <= set(ENTRIES)


def test_a_kpi_of_the_house_list_has_another_name():
    """Each Chinese name of KPI.md's table leads to the KPI of that row, unless csim refuses it as ambiguous."""
    misread = {}
    for ids, names, *_ in house_rows():
        for word in re.split(r"[,、]\s*", re.sub(r"\s+\(([^()]*)\)$", r", \1", names)):
            try:
                found = catalogue().find(word).id
            except csim.InputError as error:
                found = str(error).split("\n", 1)[0] if word not in catalogue().refused else ids
            if found not in ids and not found.startswith(tuple(ids.split(", "))):
                misread[word] = found
    assert misread == {}


REFUSED = {
    "接通率": {"answer_rate", "connect_rate_all"},
    "平均响应时间": {"first_response_from_request", "first_response", "mean_response"},
    "响应时间": {"first_response_from_request", "first_response", "mean_response"},
    "平均排队时间": {"wait_all", "wait_queued", "asa"},
    "满意度": {"csat_mean", "csat_top_box", "csat_bad_rate"},
}


@pytest.mark.parametrize(("word", "candidates"), REFUSED.items(), ids=REFUSED)
def test_a_bare_name_is_guessed(word, candidates):
    """A name that can mean several KPIs is refused with exactly its candidates."""
    assert set(catalogue().refused[word]) == candidates
    with pytest.raises(csim.InputError) as caught:
        catalogue().find(word)
    assert all(name in str(caught.value) for name in candidates)


def test_a_refused_name_has_a_candidate_that_does_not_exist():
    """Every candidate of every refused name is a KPI."""
    assert {name for names in catalogue().refused.values() for name in names} <= set(ENTRIES)


@pytest.mark.parametrize(
    ("word", "meant"), [("service_levle", "service_level"), ("occupany", "occupancy"), ("放弃绿", "放弃率")]
)
def test_a_misspelt_name_is_only_refused(word, meant):
    """A misspelt name is refused with the one that was probably meant."""
    with pytest.raises(csim.InputError, match=f'no KPI is called "{word}": did you mean "{meant}"'):
        catalogue().find(word)


def test_an_unknown_name_drowns_in_candidates():
    """A word like nothing known gets a message that a person can read, not all names of the catalogue."""
    with pytest.raises(csim.InputError) as caught:
        catalogue().find("zzz")
    assert len(str(caught.value)) < 500


# -- one's own ------------------------------------------------------------------------------------------

OWN = {"numerator": "answered and wait <= 60", "denominator": "offered"}


def test_an_own_kpi_changes_the_built_in_catalogue():
    """A KPI of one's own is added to a copy, with its names, and found by its id."""
    mine = catalogue().with_own({"in_a_minute": OWN | {"zh": "一分钟内接听"}})
    assert (mine.find("in_a_minute").name("zh"), mine["in_a_minute"].name("en")) == ("一分钟内接听", "in_a_minute")
    assert mine.find("一分钟内接听").id == "in_a_minute"
    assert "in_a_minute" not in catalogue()


@pytest.mark.parametrize("name", ["service_level", "接通率"])
def test_an_own_kpi_replaces_a_built_in_one(name):
    """A name that the catalogue has, or refuses, is taken."""
    with pytest.raises(csim.InputError, match=f"kpis.{name}\n  this name is taken: choose another"):
        catalogue().with_own({name: OWN})


@pytest.mark.parametrize("part", ["numerator", "denominator"])
def test_a_bad_formula_of_an_own_kpi_is_kept(part):
    """A formula that is none is refused where it stands."""
    with pytest.raises(csim.InputError, match=rf"kpis.mine.{part}\n.*is no formula"):
        catalogue().with_own({"mine": OWN | {part: "open('x')"}})


def test_a_kept_catalogue_says_something_else(tmp_path, monkeypatch):
    """What is kept as JSON between processes is the YAML file's content; half a file, or none, is as good."""
    monkeypatch.setattr(kpi_catalogue, "kept", lambda kind, name, text: write_text(tmp_path / name, text()))
    assert kpi_catalogue._content(TEXT) == CONTENT
    (made,) = tmp_path.iterdir()
    monkeypatch.setattr(kpi_catalogue, "kept", lambda *_: made)
    assert kpi_catalogue._content(TEXT) == CONTENT
    made.write_text(made.read_text(encoding="utf-8")[:100], encoding="utf-8")
    assert kpi_catalogue._content(TEXT) == CONTENT
    monkeypatch.setattr(kpi_catalogue, "kept", lambda *_: None)
    assert kpi_catalogue._content(TEXT) == CONTENT

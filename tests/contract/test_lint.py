"""The linter: every code with a contract that has it and one that has not, places, versions; and nothing crashes it."""

import copy
import re
import string
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from csim.contract.bands import Band, intervals
from csim.contract.coverage import EVERYTHING, gaps, shared, span
from csim.contract.lint import RULES, Finding, is_monotone, lint, lint_log, unchecked
from csim.contract.load import load_contract
from csim.display.words import _entry, _written
from csim.errors import InputError

HERE = Path(__file__).parent
CONTRACTS = HERE.parents[1] / "scenarios" / "contracts"
COMMON = {"value_rounding": "none", "missing": "insufficient", "exclusions": []}
BASE = {
    "csim": "contract/1", "name": "small", "buyer": "us", "vendor": ["A", "B"],
    "term": {"from": "2026-01-01", "to": "2026-12-31"}, "currency": "CNY", "timezone": "Asia/Shanghai",
    "tax": {"rate": "6%", "clause": "4.3"},
    "pricing": {"clause": "4.1", "per": "answered_contact", "rate": "1.40"},
    "kpis": {
        "satisfaction": {
            "clause": "5.1", "measure": "csat_top_box", "weight": "60%", **COMMON,
            "bands": [{"from": "95%", "score": 100}, {"from": "90%", "score": 80}, {"score": 50}],
        },
        "level": {
            "clause": "5.2", "measure": "service_level", "reading": {"hang_ups": "included", "within": "30 s"},
            "weight": "40%", **COMMON, "bands": [{"from": "80%", "score": 100}, {"score": 70}],
        },
    },
    "pay": {
        "clause": "6.1", "rounding": {"to": "0.01", "mode": "half_up"},
        "by_score": [{"from": 90, "share_of_fee": "100%"}, {"from": 80, "share_of_fee": "90%"},
                     {"share_of_fee": "80%"}],
    },
}  # fmt: skip
CASES = YAML(typ="safe", pure=True).load((HERE / "lint_cases.yaml").read_text(encoding="utf-8"))
NAMES = [f"{case['code']}-{number}" for number, case in enumerate(CASES)]


def contract(changes=()):
    """The small contract with some paths changed; "gone" takes a key away."""
    made = copy.deepcopy(BASE)
    for path, value in dict(changes).items():
        *parents, key = path.split(".")
        part = made
        for parent in parents:
            part = part[parent]
        if value == "gone":
            del part[key]
        elif path.startswith("kpis.") and not parents[1:]:
            part[key] = {**COMMON, **copy.deepcopy(value)}
        elif path == "checklists":
            part[key] = {name: {"missing": "missed", **given} for name, given in copy.deepcopy(value).items()}
        else:
            part[key] = copy.deepcopy(value)
    return made


def codes(source):
    return {finding.code for finding in lint(source)}


# -- every code


def test_the_small_contract_is_clean():
    """Whatever the cases find, they brought along."""
    assert lint(BASE) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_code_is_found_where_it_belongs_and_nowhere_else(case):
    """The bad contract has the finding with its numbers and what to write; the mended one is free of it."""
    found = [finding for finding in lint(contract(case["bad"])) if finding.code == case["code"]]
    assert found
    assert {finding.severity for finding in found} == {case.get("severity", "error")}
    assert any(case.get("what", "") in finding.what and case.get("write", "") in finding.write for finding in found), [
        (finding.what, finding.write) for finding in found
    ]
    assert all(finding.write and finding.path for finding in found)
    assert case["code"] not in codes(contract(case.get("good", {})))


ENGLISH = re.compile(r"(?<![\w.:])(?:the|is|are|and|or|of|no|in|to|a|an|at|more|less|such|leave|one)(?![\w:=])")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
CODE = re.compile(r"“[^”]*”|\[.*\]|[\[(][^)\]]*[)\]]|\{.*\}")  # what is quoted, written in a file, or an interval


def in_chinese(finding):
    """Sentences that are Chinese throughout, and say the numbers that the English ones say (but for the law's)."""
    for mine, theirs in zip((finding.what, finding.write), finding.told("zh"), strict=True):
        law = re.sub(r" \(Civil Code art\. \d+\)", "", mine)
        assert sorted(NUMBER.findall(law)) == sorted(NUMBER.findall(theirs)), theirs
        prose = CODE.sub("", theirs)
        assert not ENGLISH.search(prose), theirs
        assert not re.search(r"[,;?!](?: |$)|[\u4e00-\u9fff][,;?!.]", prose), theirs
    assert re.search(r"[\u4e00-\u9fff]", finding.told("zh")[0])
    assert finding.told("en") == (finding.what, finding.write)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_finding_stays_english(case):
    """Every finding of every case, of a log that lacks columns too, is said in Chinese, with the same numbers."""
    source = contract(case["bad"])
    found = [*lint(source), *lint_log(source, LOG.drop(columns="vendor"))]
    assert found
    for finding in found:
        in_chinese(finding)


@pytest.mark.parametrize("key", sorted(key for key in _written() if key.startswith("lint_")))
def test_a_sentence_of_the_linter_lacks_a_part_in_one_language(key):
    """Whatever the English sentence fills in, the Chinese one does, and it has no English beside that."""
    said = _entry(key)
    parts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in said.values()]
    assert parts[0] == parts[1]
    assert not ENGLISH.search(CODE.sub("", said["zh"]))


def test_no_code_goes_untried():
    """Every rule has a case, a docstring of one line, and a name of its own."""
    rules = [rule for part in RULES.values() for rule in part]
    assert {rule.__name__ for rule in rules} == {case["code"] for case in CASES}
    assert len({rule.__name__ for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.__doc__
        assert "\n" not in rule.__doc__.strip()


@pytest.mark.parametrize("case", [case for case in CASES if case["code"] != "score_gap"], ids=lambda case: case["code"])
def test_a_mended_contract_can_be_settled(case):
    """Mending one code brings no other error (but for ranges of scores, which stay ranges without a gap)."""
    assert [f for f in lint(contract(case.get("good", {}))) if f.severity == "error"] == []


# -- places and versions


GOLDEN = HERE / "golden" / "literal_scorecard.txt"


def test_the_literal_scorecard_is_refused_for_its_five_defects():
    """Scores between 89 and 90, 5 minutes in two bands, above 10 minutes, ranges, 响应时间: each with its line."""
    found = lint(HERE / "golden" / "literal_scorecard.yaml")
    assert [shown(finding) for finding in found] == GOLDEN.read_text(encoding="utf-8").splitlines()
    assert {"score_gap", "boundary_twice", "band_gap", "score_range", "ambiguous_name"} <= {f.code for f in found}
    with pytest.raises(InputError, match="above 10 min nothing is said"):
        load_contract(HERE / "golden" / "literal_scorecard.yaml")


def shown(finding):
    return f"{finding.line}:{finding.column} {finding.severity} {finding.code}: {finding.what} -> {finding.write}"


def test_the_published_file_has_the_same_defects():
    """The shipped file and the golden one speak of the same scorecard."""
    wanted = {f.code for f in lint(HERE / "golden" / "literal_scorecard.yaml") if f.severity == "error"}
    assert wanted <= codes(CONTRACTS / "outsourcing_scorecard_as_published.yaml")


@pytest.mark.parametrize("path", sorted(CONTRACTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_contracts_have_no_error_but_the_one_that_must(path):
    """What ships can be settled; the scorecard word for word cannot."""
    errors = [finding for finding in lint(path) if finding.severity == "error"]
    assert bool(errors) == path.stem.endswith("as_published")
    assert all(finding.line for finding in errors)


def test_the_presales_cliff_of_eighty_points_is_named():
    """30 s of mean response cost 80 points against 29.9 s."""
    found = [f for f in lint(CONTRACTS / "presales_scorecard.yaml") if f.code == "cliff"]
    assert "at 30 s the score jumps by 80 points" in [finding.what for finding in found]


DATED = """\
csim: contract/1
name: dated
buyer: us
vendor: B
term: {from: 2026-01-01, to: 2026-12-31}
currency: CNY
timezone: Asia/Shanghai
pricing: {clause: "4.1", per: month, rate: 100}
kpis:
  level:
    clause: "5.1"
    measure: answer_rate
    weight: [{from: 2026-01-01, value: 100%}, {from: 2026-07-01, value: 90%}]
    bands:
      - from: 2026-01-01
        value: [{from: 95%, score: 100}, {up_to: 95%, score: 80}]
      - from: 2026-07-01
        value: [{from: 96%, score: 100}, {up_to: 96%, score: 80}]
    value_rounding: none
    missing: missed
    exclusions: []
pay:
  clause: "6"
  by_score: [{from: 90, share_of_fee: 100%}, {up_to: 90, share_of_fee: 90%}]
  rounding: {to: 0.01, mode: half_up}
"""


def test_each_version_of_dated_terms_is_read_once_said_and_placed(tmp_path):
    """A defect of both versions is said once; one of the second says from which day, in the line of its value."""
    file = tmp_path / "dated.yaml"
    file.write_text(DATED, encoding="utf-8")
    found = {(f.code, f.what.split(":")[0], f.line) for f in lint(file) if f.severity == "error"}
    assert found == {
        ("boundary_twice", "95% stands in two bands", 16),
        ("boundary_twice", "96% stands in two bands", 18),
        ("boundary_twice", "90 stands in two bands", 24),
        ("weights", "the weights add up to 90%", 9),
    }
    [weights] = [f for f in lint(file) if f.code == "weights"]
    assert weights.what.endswith("(as the terms read from 2026-07-01)")


def test_a_boundary_is_compared_exactly():
    """0.1 + 0.2 is 0.3: neither a gap nor an overlap of 4e-17 is seen."""
    rows = [{"below": "0.3%", "score": 0}, {"from": "0.30%", "score": 30}]
    assert "band_gap" not in codes(contract({"kpis.level.bands": rows}))


def test_a_second_row_below_the_first_falls():
    """Two rows, the first with both edges: the second takes its missing lower edge from nowhere, not from 100 %."""
    rows = [Band(**{"from": "90%", "up_to": "100%"}, score=100), Band(below="90%", score=50)]
    assert [interval.shown() for interval in intervals(rows)] == ["[90%, 100%]", "(−∞, 90%)"]


def test_names_may_be_ids_names_or_aliases():
    """服务水平, Service level and service_level are one measure, and one reading makes it one KPI."""
    for word in ("service_level", "服务水平", "Service level", "SL", "service_level_included"):
        assert lint(contract({"kpis.level.measure": word})) == []
        loaded = load_contract(contract({"kpis.level.measure": word}))
        clause = loaded.file.kpis["level"]
        assert loaded.kpi_of(clause.measure, clause.reading).id == "service_level_included"


def test_no_place_is_claimed_where_a_dict_has_none():
    """A dict has paths and no lines."""
    [finding] = lint(contract({"kpis.level.weight": "30%"}))
    assert (finding.path, finding.file, finding.line) == ("kpis", "", None)


# -- better service


def test_paying_more_for_better_service_is_monotone():
    """The shipped contracts reward the better month; a reversed table does not."""
    assert all(is_monotone(path) for path in CONTRACTS.glob("*.yaml"))
    assert not is_monotone(contract({"kpis.level.bands": [{"from": "80%", "score": 70}, {"score": 100}]}))


def test_a_band_measure_has_no_better_side():
    """Too low and too high are both bad for occupancy: a hump is no mistake."""
    rows = [{"below": "70%", "score": 50}, {"below": "85%", "score": 100}, {"score": 60}]
    changes = {"kpis.level.measure": "occupancy", "kpis.level.reading": {}, "kpis.level.bands": rows}
    assert "not_monotone" not in codes(contract(changes))


# -- logs, and what is left


LOG = pd.DataFrame({"queue": ["chat"] * 2, "wait_s": [3.0, 40.0], "outcome": ["answered"] * 2, "vendor": ["A", "B"]})


def test_a_log_is_asked_for_what_every_measure_needs():
    """A clause that the log cannot give is an error, unless people supply it anyway."""
    assert lint_log(BASE, LOG) == []
    occupied = contract({"kpis.level.measure": "occupancy", "kpis.level.reading": {}})
    [finding] = lint_log(occupied, LOG)
    assert (finding.code, finding.severity, finding.path) == ("not_in_log", "error", "kpis.level.measure")
    assert "needs agent states" in finding.what
    hours = {key: pd.to_datetime([f"2026-01-05T{hour}Z"]) for key, hour in (("from", "09:00"), ("to", "10:00"))}
    spans = pd.DataFrame({"agent": ["a"], "state": ["serving"], "chats_held": [1], **hours})
    assert lint_log(occupied, LOG, spans) == []


def test_a_log_without_the_queue_or_the_vendor_is_named():
    """A clause limited to a queue that the log does not have would settle on nothing."""
    found = lint_log(contract({"kpis.level.scope": {"queue": "hotline"}}), LOG.assign(vendor="C"))
    assert {(f.code, f.what) for f in found} == {
        ("queue_not_in_log", 'the log has no queue "hotline"'),
        ("vendor_not_in_log", "the log has no contact of A, B"),
    }
    assert [f.code for f in lint_log(BASE, LOG.drop(columns="vendor"))] == ["vendor_not_in_log"]


def test_what_is_not_checked_is_said():
    """Without a log and a scenario one line each says what stays open; with both, none."""
    lines = unchecked(CONTRACTS / "hotline_400.yaml")
    assert [line.split(":")[0] for line in lines] == ["not checked without --log", "not checked without --scenario"]
    assert "(5.1, 5.2, 5.3, 5.4)" in lines[1]
    assert unchecked(BASE, log=True, scenario=True) == []
    theirs = unchecked(CONTRACTS / "hotline_400.yaml", lang="zh")
    assert [line.split("：")[0] for line in theirs] == ["未核查（需 --log）", "未核查（需 --scenario）"]
    assert "（5.1、5.2、5.3、5.4）" in theirs[1]


# -- whatever is written


NUMBERS = st.sampled_from(["0%", "50%", "79.99%", "80%", "100%", "130%", "5 s", "90", "-3"])
EDGES = st.dictionaries(st.sampled_from(["from", "above", "below", "up_to"]), NUMBERS, max_size=2).filter(
    lambda row: not {"from", "above"} <= row.keys() and not {"below", "up_to"} <= row.keys()
)
OUTCOMES = st.one_of(
    st.tuples(st.just("score"), st.sampled_from([0, 60, 100, 120, "90-100", "70–89", "A"])),
    st.tuples(st.just("points"), st.sampled_from([0, 2])),
    st.tuples(st.sampled_from(["credit", "bonus", "share_of_fee"]), st.sampled_from(["0%", "5%", "120%"])),
    st.tuples(st.sampled_from(["deduct", "pay"]), st.sampled_from(["0", "100"])),
)
WORDS = st.one_of(
    st.none(),
    st.sampled_from(["80%以上", "不满80%", "80 or more", "九十以上", "within", "超过80%（含）"]),
    st.text(max_size=12),
)
ROWS = st.lists(st.builds(lambda e, o, w: {**e, o[0]: o[1], **({"wording": w} if w else {})}, EDGES, OUTCOMES, WORDS),
                max_size=4)  # fmt: skip
LEVELS = st.one_of(st.none(), NUMBERS)
CLAUSES = st.fixed_dictionaries(
    {"measure": st.sampled_from(["service_level", "asa", "响应时间", "nothing", "csat_mean", "aht", "own", "满意度"]),
     "bands": ROWS, "expected": LEVELS, "minimum": LEVELS},
    optional={"weight": st.sampled_from(["0%", "40%", "100%"]), "minimum_sample": st.sampled_from([0, 1, 200]),
              "allocation": st.just("50%"), "shortfall": st.just({"below": "98%", "per_point": "1%", "clause": "5"}),
              "per_unit": st.just({"rate": "14", "clause": "5"}), "gate": st.just(True),
              "ratchet": st.just({"step": "1%", "months": 3, "up_to": "90%", "clause": "5"}),
              "reading": st.sampled_from([{"within": "20 s"}, {"scale": "x/5"}, {"hang_ups": "included"}])},
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), CLAUSES, max_size=3), ROWS,
       st.sampled_from(["score < 80", "missed_one >= 1", "points + nothing > 2", "not score"]))  # fmt: skip
def test_no_contract_crashes_the_linter(clauses, rows, when):
    """Whatever the schema lets through gets findings, each with words and a path, or is refused by the schema."""
    made = contract({"measures": {"own": {"unit": "money", "better": "down"}}})
    made["kpis"] = {name: {"clause": "5", **COMMON, **clause} for name, clause in clauses.items()}
    made["pay"]["by_score"] = [row for row in rows if "share_of_fee" in row]
    made["pay"]["streaks"] = [{"when": when, "months": 3, "then": "notice", "clause": "8"}]
    try:
        found = lint(made)
    except InputError:
        return
    assert all(isinstance(f, Finding) and f.what and f.write and f.code for f in found)
    is_monotone(made)
    unchecked(made)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 6), st.booleans()), min_size=1, max_size=4),
       st.fractions(-1, 7, max_denominator=4))  # fmt: skip
def test_gaps_and_overlaps_are_those_that_a_value_meets(edges, value):
    """A value lies in a gap iff no band holds it, and in an overlap iff two do."""
    rows = [Band(**{"from" if a_in else "above": a, "up_to" if b_in else "below": b, "score": 1})
            for a, a_in, b, b_in in edges]  # fmt: skip
    spans = [span(interval) for interval in intervals(rows)]
    holding = sum(interval.holds(value) for interval in intervals(rows))

    def lies_in(part):
        number = Decimal(value.numerator) / Decimal(value.denominator)
        return part.start <= (number, 0) and (number, 1) <= part.end

    assert any(lies_in(gap) for gap in gaps(spans, EVERYTHING) if not gap.empty) == (holding == 0)
    assert any(lies_in(both) for _, _, both in shared(spans, EVERYTHING)) == (holding > 1)

"""Several raters: published coefficients, bias in points, and scores that settle."""

import math
import sys
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csim.contract.load import read_contract
from csim.errors import InputError
from csim.raters.agreement import in_words, intraclass, rater_pairs, weighted_kappa
from csim.raters.raters import rated
from csim.settlement.facts import facts_of

# P. E. Shrout, J. L. Fleiss (1979), Intraclass correlations, Psychological Bulletin 86, 420-428, table 2: six targets,
# four judges; table 4 gives ICC(2,1) = .29 and ICC(3,1) = .71.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def table(scores, **more):
    """A ratings table from {contact: {rater: score}}."""
    rows = [
        {"contact_id": contact, "rater": rater, "score": score, **more}
        for contact, raters in scores.items()
        for rater, score in raters.items()
    ]
    return pd.DataFrame(rows)


def test_the_published_icc_is_missed():
    """Shrout and Fleiss: ICC(2,1) .290 and ICC(3,1) .715 (.71 as printed), from mean squares 11.24, 32.49 and 1.02."""
    random, fixed = intraclass(SHROUT_FLEISS)
    assert random == pytest.approx(0.2898, abs=5e-5)
    assert fixed == pytest.approx(0.7148, abs=5e-5)
    assert random == pytest.approx((11.24 - 1.02) / (11.24 + 3 * 1.02 + 4 * (32.49 - 1.02) / 6), abs=2e-3)


@pytest.mark.parametrize(
    ("one", "other", "kappa"),
    [
        # B. Hamner, Metrics (github.com/benhamner/Metrics), tests of quadratic weighted kappa
        ([1, 2, 3], [1, 2, 3], 1.0),
        ([1, 2, 1], [1, 2, 2], 0.4),
        ([1, 2, 3, 1, 2, 2, 3], [1, 2, 3, 1, 2, 3, 2], 0.75),
        # by hand: everybody off by one, mean square 1, by chance 3.5
        ([0, 1, 2, 3], [1, 2, 3, 4], 5 / 7),
    ],
)
def test_a_published_kappa_is_missed(one, other, kappa):
    """Weighted kappa of examples with known answers, in either order of the raters."""
    assert weighted_kappa(np.array(one), np.array(other)) == pytest.approx(kappa, abs=1e-12)
    assert weighted_kappa(np.array(other), np.array(one)) == pytest.approx(kappa, abs=1e-12)


def test_kappa_counts_ranks_instead_of_points():
    """
    The Hout table of husbands and wives (A. Agresti, Categorical Data Analysis, 1990, 2.4; `SexualFun` in R's vcd).

    Unweighted kappa of it is printed as .129; with quadratic weights it is .3320 (computed, not printed there). Scores
    1, 2, 3, 4 stretched to 60, 70, 80, 90 change nothing; uneven steps must.
    """
    counts = np.array([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])
    one, other = (np.repeat(side.ravel(), counts.ravel()) for side in np.indices(counts.shape))
    kappa = weighted_kappa(one, other)
    assert kappa == pytest.approx(0.3320, abs=5e-5)
    assert weighted_kappa(60 + 10 * one, 60 + 10 * other) == pytest.approx(kappa, abs=1e-12)
    uneven = np.array([60, 61, 62, 100])
    assert abs(weighted_kappa(uneven[one], uneven[other]) - kappa) > 0.01


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=30))
def test_kappa_is_no_concordance(scores):
    """
    Quadratic kappa = 2 s_xy ÷ (s_x² + s_y² + (mean difference)²), for any scores.

    K. Krippendorff (1970), Bivariate agreement coefficients; L. I. Lin (1989), A concordance correlation coefficient.
    """
    one, other = (np.array(side, dtype=float) for side in zip(*scores, strict=True))
    kappa = weighted_kappa(one, other)
    if np.ptp(np.concatenate([one, other])) == 0:
        assert math.isnan(kappa)
        return
    below = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    assert kappa == pytest.approx(2 * np.cov(one, other, bias=True)[0, 1] / below, abs=1e-9)


def test_many_different_scores_need_a_huge_table():
    """Thousands of different scores are drawn up in 400 steps: the same value to the third digit."""
    chance = np.random.default_rng(3)
    one = chance.normal(90, 4, 5000).round(4)
    other = one + chance.normal(0, 2, 5000).round(4)
    below = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    assert weighted_kappa(one, other) == pytest.approx(2 * np.cov(one, other, bias=True)[0, 1] / below, abs=1e-3)


@given(st.lists(st.lists(st.integers(0, 100), min_size=3, max_size=3), min_size=2, max_size=8), st.integers(1, 50))
def test_a_strict_rater_is_forgiven(scores, strictness):
    """One rater lower throughout: ICC(3,1) stays, ICC(2,1) of perfect agreement falls below 1."""
    matrix = np.array(scores, dtype=float)
    shifted = matrix - np.array([0, 0, strictness])
    before, after = intraclass(matrix)[1], intraclass(shifted)[1]
    if not (math.isnan(before) or math.isnan(after)):
        assert after == pytest.approx(before, abs=1e-9)
    same = np.repeat(matrix[:, :1], 3, axis=1)
    if np.ptp(same) > 0:
        assert intraclass(same) == (pytest.approx(1), pytest.approx(1))
        assert intraclass(same - np.array([0, 0, strictness]))[0] < 1


@pytest.mark.parametrize("scores", [[[5, 5], [5, 5]], [[1, 2]], [[1], [2]]], ids=["equal", "one contact", "one rater"])
def test_nothing_to_compare_gives_a_number(scores):
    """Equal scores, one contact or one rater: not known, never 0 or 1."""
    assert all(math.isnan(icc) for icc in intraclass(np.array(scores, dtype=float)))


@pytest.mark.parametrize(
    ("rule", "scores", "score"),
    [
        ("median", [90, 97], 93.5), ("median", [60, 96, 97], 96.0), ("median", [88], 88.0),
        ("trimmed", [60, 96, 97], 96.0), ("trimmed", [60, 95, 97, 100], 96.0), ("trimmed", [90, 97], 93.5),
        ("trimmed", [60, 90, 91, 91, 100], 90.666667),
    ],
)  # fmt: skip
def test_the_stated_rule_is_not_followed(rule, scores, score):
    """Median, or the mean without one highest and one lowest from three raters on."""
    result = rated(table({"1": dict(zip("abcde", scores, strict=False))}), rule=rule)
    assert result.scores["score"].tolist() == [score]


def test_the_pass_mark_is_missed_by_accident():
    """97 passes 97; the mean of 96.7 and 97.3 is 97, whatever floats make of it; 96.95 does not pass."""
    scores = {"1": {"a": 96.7, "b": 97.3}, "2": {"a": 97, "b": 97}, "3": {"a": 96.9, "b": 97}}
    rows = rated(table(scores, month="2026-03"), pass_mark=97).kpis.set_index("kpi")
    assert (rows.loc["qa_pass_rate", "numerator"], rows.loc["qa_pass_rate", "denominator"]) == (2, 3)
    assert rows.loc["qa_score", "numerator"] == Decimal("290.95")


def test_kpi_rows_do_not_settle():
    """The rows go into the facts of a contract, by vendor and month; several queues add up."""
    scores = {"1": {"a": 98, "b": 96}, "2": {"a": 90, "b": 96}, "3": {"a": 99}, "4": {"a": 100}}
    given_table = table(scores, month="2026-03")
    given_table["vendor"] = ["B", "B", "B", "B", "B", "A"]
    given_table["queue"] = ["q", "q", "q", "q", "r", "q"]
    rows = rated(given_table, pass_mark=97).kpis
    assert len(rows) == 6
    terms = read_contract(
        {
            "csim": "contract/1", "name": "t", "buyer": "us", "vendor": ["A", "B"], "currency": "CNY",
            "term": {"from": "2026-01-01", "to": "2026-12-31"}, "timezone": "Asia/Shanghai",
            "pricing": {"clause": "4", "per": "month", "rate": 1},
            "pay": {"clause": "6", "rounding": {"to": 0.01, "mode": "half_up"}},
        }
    )  # fmt: skip
    facts = facts_of(rows, terms, "2026-03", "B")[0]
    passed, score = facts.fact(["qa_pass_rate"]), facts.fact(["qa_score"])
    assert (passed.numerator, passed.denominator, passed.sample) == (2, 3, 3)
    assert (score.numerator, score.denominator) == (289, 3)
    assert facts.fact(["qa_score"], "r").numerator == 99


def test_a_month_is_made_up():
    """Without a month there are scores and agreement, but no rows for a settlement."""
    result = rated(table({"1": {"a": 98, "b": 96}}))
    assert len(result.agreement) == 3
    with pytest.raises(InputError, match="which month"):
        _ = result.kpis
    assert rated(table({"1": {"a": 98}}), month="2026-03").kpis["month"].tolist() == ["2026-03"]


BIASED = {str(i): {"An": 80 + i - 4.2, "Bo": 80 + i} for i in range(12)}


def test_a_bias_is_told_in_coefficients_only():
    """Two raters 4.2 points apart: said in points, with who is lower, in both languages."""
    text = rated(table(BIASED)).text("en")
    assert "The two raters differ by 4.2 points: An scores lower than Bo (± 0.0; 12 contacts)." in text
    chinese = rated(table(BIASED)).text("zh")
    assert "4.2 \u4e2a\u8bc4\u5206\u70b9\uff1aAn \u6bd4 Bo \u4f4e" in chinese
    three = {k: v | {"Cy": v["Bo"] + 1} for k, v in BIASED.items()}
    assert "Furthest apart are An and Cy: An scores 5.2 points lower" in rated(table(three)).text("en")


def test_chance_is_called_bias():
    """A difference inside its own 95 % interval says that it may be chance; none at all is said to be none."""
    noisy = {"1": {"a": 80, "b": 90}, "2": {"a": 92, "b": 84}, "3": {"a": 85, "b": 86}}
    assert "it may be chance" in rated(table(noisy)).text("en")
    assert "the raters score alike" in rated(table({"1": {"a": 80, "b": 90}, "2": {"a": 90, "b": 80}})).text("en")


def test_one_rater_passes_for_objective():
    """One rater, and raters who share no contact, are flagged; contacts with one score only are counted."""
    alone = rated(table({"1": {"a": 98}, "2": {"a": 90}}))
    assert alone.one_rater
    assert "scored by one person (a)" in alone.text("en")
    apart = rated(table({"1": {"a": 98}, "2": {"b": 90}}))
    assert apart.one_rater
    assert "None of the 2 contacts was scored by two raters" in apart.text("en")
    partly = rated(table({"1": {"a": 98, "b": 97}, "2": {"a": 90}}))
    assert not partly.one_rater
    assert "1 of 2 contacts were scored by one rater only" in partly.text("en")


def test_raters_who_take_turns_are_not_compared():
    """Three raters, never three on one contact: no ICC, but every pair is shown."""
    turns = {"1": {"a": 98, "b": 97}, "2": {"b": 90, "c": 80}, "3": {"a": 70, "c": 60}, "4": {"a": 90, "b": 91}}
    result = rated(table(turns))
    assert result.icc[0] == 0
    assert {frozenset((p.low, p.high)) for p in result.pairs} == {frozenset("ab"), frozenset("bc"), frozenset("ac")}
    assert "too few for one measure of all" in result.text("en")


@given(
    st.dictionaries(
        st.integers(1, 5).map(str),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 100), min_size=1),
        min_size=1,
    ),
    st.sampled_from(["median", "trimmed"]),
)
def test_some_table_cannot_be_shown(scores, rule):
    """Any small table: scores lie between the raters', every remark exists in both languages."""
    result = rated(table(scores, month="2026-03"), rule=rule, pass_mark=90)
    for row in result.scores.itertuples():
        assert min(scores[row.contact_id].values()) <= row.score <= max(scores[row.contact_id].values())
    assert result.kpis["denominator"].iloc[0] == len(scores)
    assert result.text("en")
    assert result.text("zh")
    assert result._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": ["high", 90]}, '"high" is no score from 0 to 100'),
        ({"score": [101, 90]}, '"101" is no score'),
        ({"score": [None, 90]}, "is no score"),
        ({"rater": ["a", "a"]}, 'a scores contact "1" twice'),
        ({"rater": ["a", ""]}, "write a contact_id and a rater"),
        ({"month": ["2026-03", "2026-04"]}, 'contact "1" stands under several months'),
    ],
)
def test_an_unusable_table_is_scored(change, message):
    """Scores off the scale, a rater twice, missing names and two months of one contact are refused."""
    with pytest.raises(InputError, match=message):
        rated(table({"1": {"a": 80, "b": 90}}).assign(**change))
    with pytest.raises(InputError, match='column "rater" is missing'):
        rated(table({"1": {"a": 80}}).drop(columns="rater"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_reads_otherwise(tmp_path, kind):
    """CSV (with a byte-order mark) and xlsx give the same scores; ids stay text; mistakes name file and line."""
    path = tmp_path / f"ratings.{kind}"
    frame = table({"007": {"安": 98, "Bo": 97.5}})
    frame.to_csv(path, index=False, encoding="utf-8-sig") if kind == "csv" else frame.to_excel(path, index=False)
    result = rated(path)
    assert result.scores[["contact_id", "score"]].to_numpy().tolist() == [["007", 97.75]]
    bad = frame.assign(score=["x", 9])
    bad.to_csv(path, index=False) if kind == "csv" else bad.to_excel(path, index=False)
    with pytest.raises(InputError, match=rf"ratings\.{kind}:2  score"):
        rated(path)


def test_kappa_without_its_library_breaks_the_scores(monkeypatch):
    """Without statsmodels the scores and the bias stand, ICC too, and a sentence says what to install."""
    for name in [n for n in sys.modules if n.startswith("statsmodels")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    with pytest.raises(InputError, match=r"pip install 'csim\[raters\]'"):
        weighted_kappa(np.array([1, 2]), np.array([1, 2]))
    text = rated(table(BIASED)).text("en")
    assert "differ by 4.2 points" in text
    assert "pip install 'csim[raters]'" in text
    assert "ICC(2,1)" in text


def test_a_workbook_runs_a_name(tmp_path):
    """Names that look like formulas stay text in the workbook, in both languages."""
    result = rated(table({"=1+1": {"=A1": 98, "Bo": 97}, "2": {"=A1": 90, "Bo": 91}}))
    for lang in ("en", "zh"):
        book = openpyxl.load_workbook(result.to_excel(tmp_path / f"{lang}.xlsx", lang))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert any(cell.value == "=1+1" for cell in cells)
        assert all(cell.data_type != "f" for cell in cells)


def test_words_and_numbers_disagree():
    """The word belongs to the half-open band: 0.75 is good, just below is moderate."""
    assert [in_words(v) for v in (-1, 0.4999, 0.5, 0.7499, 0.75, 0.9, 1)] == [
        "poor", "poor", "moderate", "moderate", "good", "excellent", "excellent"]  # fmt: skip
    assert rater_pairs(pd.DataFrame({"a": [1.0], "b": [2.0]}), kappa=False)[0].may_be_chance

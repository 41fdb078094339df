"""Chinese and English phrases against the edges they stand beside: whether the number itself is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csim.contract.bands import Interval
from csim.contract.wording import AFTER, BEFORE, claims, disagreements
from csim.schema.exact import Level

# Civil Code art. 1259, word by word, then other usage: phrase, side of the band on which the number lies, is it in?
PHRASES = [
    ("90以上", "low", True), ("90以下", "high", True), ("90以内", "high", True), ("届满90天", "low", True),
    ("不满90", "high", False), ("超过90", "low", False), ("90以外", "low", False),
    ("低于90", "high", False), ("高于90", "low", False), ("少于90", "high", False), ("多于90", "low", False),
    ("不低于90", "low", True), ("不高于90", "high", True), ("不超过90", "high", True), ("不得低于90", "low", True),
    ("未超过90", "high", True), ("不足90", "high", False), ("达到90", "low", True), ("未达到90", "high", False),
    ("满90", "low", True), ("至少90", "low", True), ("至多90", "high", True), ("90分及以上", "low", True),
    ("90（不含）以上", "low", False), ("超过90（含90）", "low", True), ("大于或等于90", "low", True),
    ("≥90", "low", True), ("＜90", "high", False), ("９０％以上", "low", True),
    ("百分之九十以上", "low", True), ("三十秒以内", "high", True),
    ("90 or more", "low", True), ("at least 90", "low", True), ("at most 90", "high", True), ("up to 90", "high", True),
    ("within 90 s", "high", True), ("more than 90", "low", False), ("above 90", "low", False),
    ("below 90", "high", False), ("Less than 90", "high", False), ("not more than 90", "high", True),
    ("90 and above", "low", True), ("no less than 90", "low", True), ("up to but not including 90", "high", False),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "side", "included"), PHRASES, ids=[phrase for phrase, *_ in PHRASES])
def test_each_word_says_whether_its_number_is_in(phrase, side, included):
    """One phrase, one edge."""
    assert [(claim.side, claim.included) for claim in claims(phrase)] == [(side, included)]


@pytest.mark.parametrize("phrase", ["", "5–10分钟", "满意度", "优秀", "between 5 and 10 min", "第二次起", "100"])
def test_a_phrase_without_such_a_word_says_nothing(phrase):
    """Nothing is read into a name, a plain number or a range."""
    assert claims(phrase) == ()


def test_a_threshold_inside_the_name_is_no_edge():
    """30 s in the name of a share is not held against the share's edge."""
    edge = Interval(Level.of("80%"), True, None, False)
    assert list(disagreements("30秒内接通率80%以上", edge)) == []
    assert [what.text("en") for _, what in disagreements("30秒内接通率超过80%", edge)] == [
        '"超过80%" leaves out 80% (Civil Code art. 1259), the band includes it'
    ]


def test_marks_and_minutes_share_a_word():
    """90分 is ninety marks beside a score, and ninety minutes beside a time."""
    assert list(disagreements("90分以上", Interval(Level.of(90), True, None, False))) == []
    assert list(disagreements("90分以上", Interval(Level.of("1.5 h"), True, None, False))) == []
    assert len(list(disagreements("90分以上", Interval(Level.of("1 h"), True, None, False)))) == 1


def test_nothing_lies_beyond_zero_and_a_hundred_percent():
    """0 % as a lower and 100 % as an upper edge may be said though the band needs none."""
    below = Interval(None, False, Level.of("60%"), False)
    assert list(disagreements("0%以上、不满60%", below)) == []
    above = Interval(Level.of("60%"), True, None, False)
    assert list(disagreements("60%以上、100%以下", above)) == []


@given(st.sampled_from(sorted(BEFORE)), st.integers(1, 9999), st.booleans())
def test_a_phrase_made_from_an_edge_agrees_with_it(word, number, with_unit):
    """Every word of the table, beside the edge it means, is no finding; beside the other operator it is one."""
    side, included = BEFORE[word]
    level = Level.of(f"{number} s") if with_unit else Level.of(number)
    phrase = f"{word} {number}{' s' if with_unit else ''}"

    def edge(closed):
        return Interval(level, closed, None, False) if side == "low" else Interval(None, False, level, closed)

    assert list(disagreements(phrase, edge(included))) == []
    assert len(list(disagreements(phrase, edge(not included)))) == 1


@given(st.text(max_size=40), st.sampled_from(sorted(AFTER)))
def test_no_phrase_crashes_the_reader(text, word):
    """Whatever stands there is read or left alone."""
    edge = Interval(Level.of("80%"), True, Level.of("90%"), False)
    assert list(disagreements(f"{text}{word}", edge)) is not None

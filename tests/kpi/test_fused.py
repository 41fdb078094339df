"""The loop of machine code against NumPy: which of them adds up changes no digit."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csim.contacts.columns import OUTCOMES
from csim.expressions import Coded, FormulaError
from csim.kpi.columns import Columns, contact_columns, state_columns
from csim.kpi.sums import sums_into

pytest.importorskip("numba")
EVERYTHING = float("inf")  # rows enough for any loop to be compiled
NUMBERS = ["wait", "work", "whole"]
TRUTHS = ["answered", "late"]
TEXTS = ["queue", "agent"]
WORDS = ("a", "b", "")


def formulas():
    """Texts of the language of formulas, sense or nonsense."""
    leaf = st.sampled_from([*NUMBERS, *TRUTHS, "0", "1", "2.5", "60", "late_work"])
    text = st.builds(
        "({} {} '{}')".format, st.sampled_from(TEXTS), st.sampled_from(["==", "!="]), st.sampled_from([*WORDS, "z"])
    )

    def grown(inner):
        sign = st.sampled_from(["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or"])
        return st.one_of(
            st.builds("({} {} {})".format, inner, sign, inner),
            st.builds("({} and {} or {})".format, inner, inner, inner),
            st.builds("(not {})".format, inner),
            st.builds("(-{})".format, inner),
        )

    return st.recursive(leaf | text, grown, max_leaves=6)


@st.composite
def tables(draw):
    """A few rows: any number, what is not known and infinity among them."""
    size = draw(st.integers(0, 12))
    anything = st.sampled_from([0.0, -0.0, 1.0, 0.1, 60.0, -3.7, 1e300, np.nan, np.inf, -np.inf]) | st.floats()

    def column(values, kind):
        return np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype=kind)

    given = {"wait": column(anything, float), "work": column(anything, float)}
    given["whole"] = column(st.integers(-5, 5), np.int64)
    given |= {name: column(st.booleans(), bool) for name in TRUTHS}
    given |= {name: Coded(column(st.integers(-1, 1), np.int8), ("a", "b")) for name in TEXTS}
    table = Columns(given, {"late_work": "late * work"}, {}, size)
    return table, column(st.integers(-1, 2), np.int64), column(st.integers(-1, 0), np.int64)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(formulas(), min_size=8, max_size=20, unique=True), st.lists(tables(), min_size=8, max_size=8))
def test_machine_code_adds_otherwise_than_numpy(texts, some):
    """Random formulas over random rows: the sums agree to the bit."""
    for table, cell, other in some:
        into = [(cell, 3), (other, 1)]
        with np.errstate(all="ignore"), patch("csim.loops._kept", return_value=None):  # leaves nothing behind
            fast = sums_into(texts, table, into, EVERYTHING)
            slow = sums_into(texts, table, into)
        for one, two in zip(fast, slow, strict=True):
            assert one.tobytes() == two.tobytes(), texts


def log(size=500):
    luck = np.random.default_rng(1)
    readings = ("included", "excluded", "quick_counts_as_met", "answered_only")
    return {
        "wait_s": luck.exponential(30, size).round(6),
        "outcome": Coded(luck.integers(0, 4, size), OUTCOMES),
        "answer_within_s": np.where(luck.random(size) < 0.1, np.nan, 20.0),
        "queue": Coded(luck.integers(0, 2, size), ("a", "b")),
        "talk_s": np.where(luck.random(size) < 0.3, np.nan, 100.0),
        "after_work_s": luck.random(size) * 7,
        "quick_abandons": Coded(luck.integers(0, 4, size), readings),
    }


def test_the_catalogues_own_formulas_are_not_all_translated():
    """Every column that the catalogue derives from a simulated log, summed by either way, is the same."""
    size, luck = 500, np.random.default_rng(2)
    states = {
        "duration": luck.random(size) * 100, "state": Coded(luck.integers(0, 3, size), ("ready", "serving", "wrap")),
        "slots": np.full(size, 3), "slots_held": luck.integers(0, 4, size), "chats_held": luck.integers(0, 4, size),
    }  # fmt: skip
    cell = luck.integers(-1, 7, size)
    for table in (contact_columns(log()), state_columns(states)):
        names = [*table.formulas, *table.numbers, 'queue == "a" and wait > 5'][: -1 if "queue" not in table else None]
        assert len(names) > 9
        fast, slow = (sums_into(names, table, [(cell, 7)], rows)[0] for rows in (EVERYTHING, 0))
        np.testing.assert_array_equal(fast, slow)
        assert (fast != 0).any(0).sum() > len(names) / 2


@pytest.mark.parametrize("text", ["queue", "queue * 2", "queue < 'b'", "-queue", "not queue", "queue and wait > 5"])
def test_text_is_counted_with(text):
    """Formulas that count with text are the same mistake either way."""
    for rows in (0, EVERYTHING):
        with pytest.raises(FormulaError, match="counts with text"):
            sums_into(["offered", text], contact_columns(log()), [(np.zeros(500, dtype=int), 1)], rows)


def test_columns_of_text_are_compared_with_each_other_or_with_a_number():
    """What only NumPy can compute stands beside what machine code does."""
    table = Columns(
        {"a": Coded(np.array([0, 1, -1]), ("x", "y")), "b": Coded(np.array([0, 0, -1]), ("x", "y"))}, {}, {}, 3
    )
    texts = ["a == b", "1", "a == 5", "'x' == a", "a != b"]
    for rows in (0, EVERYTHING):
        assert sums_into(texts, table, [(np.zeros(3, dtype=int), 1)], rows)[0].tolist() == [[2, 3, 0, 1, 1]]

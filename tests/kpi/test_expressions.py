"""The language of formulas: arithmetic and comparisons over columns, and nothing that could do harm."""

import numpy as np
import pandas as pd
import pytest

import csim
from csim.expressions import expression
from csim.kpi.catalogue import catalogue

nan = np.nan
ROWS = {
    "answered": np.array([True, True, False, False]),
    "wait": np.array([5.0, 70.0, 30.0, nan]),
    "score": np.array([5.0, nan, 1.0, 0.0]),
    "queue": np.array(["a", "b", "a", None], dtype=object),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("answered", [1, 1, 0, 0]),
        ("1", [1, 1, 1, 1]),
        ("2.5", [2.5] * 4),
        ("wait", [5, 70, 30, 0]),
        ("answered * wait", [5, 70, 0, 0]),
        ("wait / 10 - 1 + score", [4.5, 0, 3, 0]),
        ("-wait", [-5, -70, -30, 0]),
        ("wait <= 30", [1, 0, 1, 0]),
        ("30 > wait", [1, 0, 0, 0]),
        ("not answered", [0, 0, 1, 1]),
        ("answered and wait <= 60", [1, 0, 0, 0]),
        ("answered or wait <= 60", [1, 1, 1, 0]),
        ("not (answered or wait <= 60)", [0, 0, 0, 1]),
        ("answered and not wait > 60", [1, 0, 0, 0]),
        ('queue == "a"', [1, 0, 1, 0]),
        ("queue != 'a'", [0, 1, 0, 1]),
        ("score == 0", [0, 0, 0, 1]),
        ("score >= 0", [1, 0, 1, 1]),
        ("score and answered", [1, 0, 0, 0]),
        ("wait / 0", [0, 0, 0, 0]),
        ("score / score", [1, 0, 1, 0]),
        ("(answered and wait > 0) * score", [5, 0, 0, 0]),
        ("  wait  ", [5, 70, 30, 0]),
    ],
)
def test_a_formula_has_another_value(text, values):
    """One number per row; what is not known (NaN), or divided by nothing, counts 0 and is not true."""
    found = expression(text)(ROWS, 4)
    assert found.dtype == float
    assert found.tolist() == values


def test_a_formula_forgets_its_columns():
    """The columns that a formula uses are known before it is computed."""
    assert expression('answered and (wait <= 60 or queue == "x")').names == {"answered", "wait", "queue"}
    assert expression("1").names == frozenset()


FORBIDDEN = [
    "f(wait)", "wait()", "wait.sum()", "wait.sum", "wait.__class__", "wait[0]", "open('x')", "lambda: wait",
    "(lambda: 0)()", "__import__('os').system('true')", 'f"{wait}"', "[wait]", "[x for x in wait]", "(wait, 1)",
    "{wait}", "{1: wait}",
    "wait if 1 else 2", "(x := 1)", "0 < wait < 9", "wait ** 2", "9 ** 9 ** 9", "wait // 2", "wait % 2", "wait @ wait",
    "wait << 2", "~wait", "answered & answered", "answered | answered", "wait is 1", "1 in wait", "None", "...", "1j",
    "b'x'", "*wait", "await wait", "yield",
]  # fmt: skip
BROKEN = [
    "", "  ", "wait +", "wait wait", "wait; wait", "wait = 1", "import os", "`wait`", "(wait", "wait)", "\x00", "'open",
    "if wait: 1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_formula_does_more_than_arithmetic(text):
    """Calls, attributes, subscripts, lambdas, f-strings, comprehensions, powers and the like are refused."""
    with pytest.raises(ValueError, match="is no formula"):
        expression(text)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_formula_is_half_read(text):
    """What does not parse is refused with an example of what does."""
    with pytest.raises(ValueError, match='write for example "answered and wait <= 60"'):
        expression(text)


@pytest.mark.parametrize("name", ["__builtins__", "__import__", "print", "np", "columns"])
def test_a_name_outside_the_columns_is_found(name):
    """A name is a column or nothing: neither builtins nor anything of csim can be reached."""
    with pytest.raises(KeyError):
        expression(name)({"wait": ROWS["wait"]}, 4)


@pytest.mark.parametrize(
    "text", ["not " * 5000 + "wait", "1" + "+1" * 5000, "(" * 500 + "1" + ")" * 500, "1" * 5000], ids=len
)
def test_a_monstrous_formula_crashes(text):
    """Formulas of absurd length or depth are refused like any other that does not read."""
    with pytest.raises(ValueError, match="is no formula"):
        expression(text)


@pytest.mark.parametrize(
    "text",
    ["queue > 5", "queue + 1", '"a" + answered', "-queue", "not queue", "queue and answered", '"x" and answered'],
)
def test_text_in_arithmetic_is_a_traceback(text):
    """Text that is added, compared in size or taken as true is a mistake in the formula, not a crash of csim."""
    log = pd.DataFrame({"queue": ["a", "b"], "wait_s": [5.0, 25.0], "outcome": ["answered", "abandoned"]})
    with pytest.raises(csim.InputError, match="mine"):
        csim.measure(log, kpis=catalogue().with_own({"mine": {"numerator": text, "denominator": "offered"}}))

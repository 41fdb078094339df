"""Formulas of the catalogue as text: names, numbers, comparisons and arithmetic over columns, nothing else."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

_BINARY: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}
_COMPARE: dict[type, Callable] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_BOOLEAN: dict[type, Callable] = {ast.And: np.logical_and, ast.Or: np.logical_or}


LONGEST = 1000  # characters


class FormulaError(ValueError):
    """A formula that does arithmetic on text; its argument is the formula."""

    def __str__(self) -> str:
        return f'"{self.args[0]}" counts with text: compare text only with == and !='


class Coded:
    """
    A column of text as codes: row i reads ``words[codes[i]]``, and "" where the code is −1.

    It can be compared with a text and nothing else, so a formula sees no difference to a column of texts.

    Examples:
        >>> queue = Coded(np.array([0, 1, -1]), ("sales", "service"))
        >>> (queue == "service").tolist(), (queue != "").tolist(), queue.text().tolist()
        ([False, True, False], [True, True, False], ['sales', 'service', ''])
    """

    __array_ufunc__ = None  # an array beside it in a formula leaves the operation to it
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, codes: np.ndarray, words: Sequence[str]) -> None:
        self.codes, self.words = codes, tuple(words)

    def __len__(self) -> int:
        return len(self.codes)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("text is no number")

    def __getitem__(self, rows: Any) -> Coded:
        return Coded(self.codes[rows], self.words)

    def __eq__(self, other: object) -> Any:
        return self.codes == self.code_of(other) if isinstance(other, str) else self.text() == _texts(other)

    def __ne__(self, other: object) -> Any:
        return np.logical_not(self == other)

    def code_of(self, word: str) -> int:
        """The code of a word: −1 for "", −2 for one that is not there."""
        return self.words.index(word) if word in self.words else -1 if word == "" else -2

    def text(self) -> np.ndarray:
        """Its words."""
        return np.array([*self.words, ""], dtype=object)[self.codes]


def _texts(column: Any) -> Any:
    return column.text() if isinstance(column, Coded) else column


@dataclass(frozen=True)
class Expression:
    """A formula over columns: its text, the columns it names, and its syntax tree."""

    text: str
    names: frozenset[str]
    tree: ast.expr
    _evaluate: Callable[[Mapping[str, Any]], Any]

    def __call__(self, columns: Mapping[str, Any], size: int) -> np.ndarray:
        """One number per row; what is not known (NaN) counts 0. Text where a number is needed raises `FormulaError`."""
        try:
            values = np.asarray(self.column(columns, size), dtype=float)
        except (TypeError, ValueError):
            raise FormulaError(self.text) from None
        return np.where(np.isfinite(values), values, 0.0)

    def column(self, columns: Mapping[str, Any], size: int) -> Any:
        """One value per row as it comes: truths as such, and what is not known as NaN."""
        with np.errstate(invalid="ignore", divide="ignore"):
            values = self._evaluate(columns)
        return values if np.ndim(values) else np.full(size, values)


@lru_cache(maxsize=1000)
def expression(text: str) -> Expression:
    """
    A formula from its text.

    Raises:
        ValueError: Anything but names, numbers, text in quotes, + - * /, comparisons, and / or / not.

    Examples:
        >>> slow = expression("answered and wait > 60")
        >>> slow({"answered": np.array([True, True]), "wait": np.array([30.0, 90.0])}, 2).tolist()
        [0.0, 1.0]
        >>> expression("__import__('os')")
        Traceback (most recent call last):
        ValueError: "__import__('os')" is no formula over columns: a call is not allowed
    """
    try:
        if len(text) > LONGEST:
            raise ValueError
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = text if len(text) <= 60 else text[:57] + "…"
        raise ValueError(f'"{text}" is no formula: write for example "answered and wait <= 60"') from None
    names: set[str] = set()
    try:
        evaluate = _compiled(tree, names)
    except ValueError as error:
        raise ValueError(f'"{text}" is no formula over columns: {error}') from None
    return Expression(text, frozenset(names), tree, evaluate)


def _compiled(node: ast.expr, names: set[str]) -> Callable[[Mapping[str, Any]], Any]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        constant = node.value
        return lambda columns: constant
    if isinstance(node, ast.Name):
        name = node.id
        names.add(name)
        return lambda columns: columns[name]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        do, left, right = _BINARY[type(node.op)], _compiled(node.left, names), _compiled(node.right, names)
        return lambda columns: do(left(columns) * 1.0, right(columns) * 1.0)
    if isinstance(node, ast.BoolOp):
        both, parts = _BOOLEAN[type(node.op)], [_compiled(value, names) for value in node.values]
        return lambda columns: _folded(both, [_truth(part(columns)) for part in parts])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _compiled(node.operand, names)
        return lambda columns: np.logical_not(_truth(inner(columns)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        negated = _compiled(node.operand, names)
        return lambda columns: -1.0 * negated(columns)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        test, left, right = (
            _COMPARE[type(node.ops[0])],
            _compiled(node.left, names),
            _compiled(node.comparators[0], names),
        )
        return lambda columns: test(left(columns), right(columns))
    raise ValueError(f"a {type(node).__name__.lower()} is not allowed")


def _truth(values: Any) -> np.ndarray:
    """Not known (NaN) is not true."""
    array = np.asarray(values)
    return array if array.dtype == bool else np.nan_to_num(array.astype(float)) != 0


def _folded(both: Callable, parts: list[np.ndarray]) -> np.ndarray:
    result = parts[0]
    for part in parts[1:]:
        result = both(result, part)
    return result

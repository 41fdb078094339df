"""The formulas of a catalogue as one loop over rows, for machine code: the same sums to the bit, ten times as fast."""

from __future__ import annotations

import ast
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from csim.expressions import Coded, expression
from csim.kpi.columns import Columns
from csim.loops import flat, loop

TRUTH, NUMBER, TEXT = "truth", "number", "text"
OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.And: "&", ast.Or: "|",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
COMPARE = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TRUE, FALSE = "True", "False"
OPPOSITE = {TRUE: FALSE, FALSE: TRUE}
Into = Sequence[tuple[np.ndarray, int]]


class UntranslatableError(Exception):
    """A formula that only NumPy can compute: it holds text that is not in codes, or makes no sense."""


@dataclass(frozen=True)
class Program:
    """
    The source of a loop that sums formulas.

    Attributes:
        source: It defines `add` (or `note`).
        formulas: Position of each of its formulas among those that were asked for.
        columns: Names of the columns it reads, in the order of its arguments.
        words: (column, word) of every comparison with a text.
        sums: Position of each formula among the sums that are kept: formulas that are always the same share one.
    """

    source: str
    formulas: tuple[int, ...]
    columns: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    sums: tuple[int, ...]


def added(formulas: Sequence[str], columns: Columns, into: Into, rows: float) -> tuple[tuple[int, ...], list]:
    """
    The sums of those formulas that machine code can compute: their positions, and for each of *into* [cells, those].

    *rows* says how many rows there are in all, over all calls: see `csim.loops.loop`.
    """
    program = _program(tuple(formulas), kinds_of(columns), tuple(columns.formulas.items()), len(into))
    add = loop(program.source, "add", rows) if program.formulas else None
    if add is None:
        return (), []
    kept = max(program.sums) + 1
    totals = [np.zeros((cells + 1, kept)) for _, cells in into]  # the last one for what is nowhere
    words = np.array([columns[name].code_of(word) for name, word in program.words], dtype=np.int64)
    cells = [flat(cell, np.int64) for cell, _ in into]
    read = [columns[name] for name in program.columns]
    add(columns.size, words, *(flat(c.codes if isinstance(c, Coded) else c) for c in read), *cells, *totals)
    return program.formulas, [total[:-1, program.sums] for total in totals]


def kinds_of(columns: Columns) -> tuple[tuple[str, Any], ...]:
    """What the columns hold of which machine code can be made: the words of a text, or what it is."""
    found: dict[str, Any] = dict.fromkeys(columns.numbers, NUMBER)
    for name, column in columns.given.items():
        if isinstance(column, Coded):
            found[name] = (TEXT, *column.words)
        elif column.dtype == bool:
            found[name] = TRUTH
        elif column.dtype.kind in "iuf":
            found[name] = NUMBER
    return tuple(found.items())


def shared(values: list[str]) -> tuple[list[str], tuple[int, ...]]:
    """The distinct ones of the numbers that formulas add, and which of them each formula's is."""
    distinct = list(dict.fromkeys(values))
    return distinct, tuple(distinct.index(value) for value in values)


def additions(values: list[str]) -> list[str]:
    """The lines that add a row's values to its sums."""
    return [f"sums[{i}] += {value}" for i, value in enumerate(values)]


@lru_cache(maxsize=64)
def _program(
    formulas: tuple[str, ...], kinds: tuple[tuple[str, Any], ...], derived: tuple[tuple[str, str], ...], targets: int
) -> Program:
    writer = Writer(dict(kinds), dict(derived))
    done: list[int] = []
    values: list[str] = []
    for place, text in enumerate(formulas):
        try:
            values.append(writer.value(text))
            done.append(place)
        except UntranslatableError:
            continue
    cells = [f"cell{target}" for target in range(targets)]
    totals = [f"total{target}" for target in range(targets)]
    arguments = ["rows", "words", *(f"column{i}" for i in range(len(writer.columns))), *cells, *totals]
    body, (distinct, sums) = list(writer.lines), shared(values)
    for cell, total in zip(cells, totals, strict=True):
        body.append(f"sums = {total}[{cell}[row]]")
        body += additions(distinct)
    lines = [f"def add({', '.join(arguments)}):", "    for row in range(rows):", *(f"        {line}" for line in body)]
    return Program("\n".join(lines) + "\n", tuple(done), tuple(writer.columns), tuple(writer.words), sums)


@dataclass
class Writer:
    """
    Writes what one row of formulas is, line by line; a term is its name and what it holds.

    It says what `csim.expressions` does with arrays: NaN is not true, and counts 0 in a sum. What is true or false in
    every row (1 == 1, a text that no row reads) is left out of it.
    """

    kinds: dict[str, Any]
    derived: dict[str, str]
    scalars: dict[str, str] | None = None  # by column; None: columns are arrays
    lines: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)
    _known: dict[Any, tuple[str, str]] = field(default_factory=dict)
    _constants: dict[str, float] = field(default_factory=dict)  # numbers that are the same in every row, by name
    _truths: dict[str, str] = field(default_factory=dict)  # truths by the name of their number

    def value(self, text: str) -> str:
        """The number that a formula adds in a row."""
        term = self._term(expression(text).tree)
        name = self._number(term)  # a truth is 1 or 0 and finite
        return name if term[1] == TRUTH else self._line(f"{name} if {name} - {name} == 0.0 else 0.0", NUMBER)[0]

    def truth(self, text: str) -> str:
        """Whether a formula adds anything in a row."""
        term = self._term(expression(text).tree)
        return term[0] if term[1] == TRUTH else self._truth((self.value(text), NUMBER))

    def _line(self, code: str, kind: str) -> tuple[str, str]:
        """A term with a name of its own; the same code is written once."""
        if code not in self._known:
            self._known[code] = (f"x{len(self._known)}", kind)
            self.lines.append(f"{self._known[code][0]} = {code}")
        return self._known[code]

    def _term(self, node: ast.expr) -> tuple[str, str]:
        match node:
            case ast.Name(id=name):
                return self._column(name)
            case ast.Constant(value=bool() | int() | float() as value) if abs(value) <= 2**53:
                return self._constant(float(value))
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self._number(self._term(left)), self._number(self._term(right))
                return self._line(f"{one} {OPERATORS[type(op)]} {other}", NUMBER)
            case ast.BoolOp(op=op, values=values):
                return self._joined(op, [self._truth(self._term(value)) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                truth = self._truth(self._term(operand))
                return (OPPOSITE[truth], TRUTH) if truth in OPPOSITE else self._line(f"not {truth}", TRUTH)
            case ast.UnaryOp(operand=operand):
                return self._line(f"-1.0 * {self._number(self._term(operand))}", NUMBER)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(left, OPERATORS[type(op)], right)
        raise UntranslatableError

    def _constant(self, value: float) -> tuple[str, str]:
        term = self._line(repr(value), NUMBER)
        self._constants[term[0]] = value
        return term

    def _joined(self, op: ast.boolop, truths: list[str]) -> tuple[str, str]:
        """All or any of some truths."""
        decides, neutral = (FALSE, TRUE) if isinstance(op, ast.And) else (TRUE, FALSE)
        open_ones = [truth for truth in truths if truth != neutral]
        if decides in open_ones or not open_ones:
            return decides if open_ones else neutral, TRUTH
        if len(open_ones) == 1:
            return open_ones[0], TRUTH
        return self._line(f" {OPERATORS[type(op)]} ".join(open_ones), TRUTH)

    def _comparison(self, left: ast.expr, sign: str, right: ast.expr) -> tuple[str, str]:
        match (left, right) if isinstance(right, ast.Constant) else (right, left):
            case (ast.Name(id=name), ast.Constant(value=str() as word)):
                return self._reads(name, sign, word)
        one, other = self._number(self._term(left)), self._number(self._term(right))
        if one in self._constants and other in self._constants:
            holds = COMPARE[sign](self._constants[one], self._constants[other])
            return TRUE if holds else FALSE, TRUTH
        if one in self._truths and self._constants.get(other) == 0 and sign in "<>":  # 1 or 0 beside 0
            return self._truths[one] if sign == ">" else FALSE, TRUTH
        return self._line(f"{one} {sign} {other}", TRUTH)

    def _reads(self, name: str, sign: str, word: str) -> tuple[str, str]:
        """Whether a column of text reads so."""
        code, kind = self._column(name)
        if kind != TEXT or sign not in ("==", "!="):
            raise UntranslatableError
        if word and word not in self.kinds[name]:
            return FALSE if sign == "==" else TRUE, TRUTH
        if self.scalars is not None:
            return self._line(f"{code} {sign} {self.kinds[name].index(word) - 1 if word else -1}", TRUTH)
        if (name, word) not in self.words:  # names of a user's own: other ones need no other machine code
            self.words.append((name, word))
        return self._line(f"{code} {sign} words[{self.words.index((name, word))}]", TRUTH)

    def _column(self, name: str) -> tuple[str, str]:
        if name in self.derived:
            return self._term(expression(self.derived[name]).tree)
        if name not in (self.kinds if self.scalars is None else self.kinds.keys() & self.scalars):
            raise UntranslatableError
        if self.scalars is not None:
            code = self.scalars[name]
        else:
            if name not in self.columns:
                self.columns.append(name)
            code = f"column{self.columns.index(name)}[row]"
        kind = TEXT if isinstance(self.kinds[name], tuple) else self.kinds[name]
        return self._line(code if kind != NUMBER else f"1.0 * ({code})", kind)

    def _number(self, term: tuple[str, str]) -> str:
        code, kind = term
        if kind == TEXT:
            raise UntranslatableError
        if kind == NUMBER:
            return code
        if code in OPPOSITE:
            return self._constant(float(code == TRUE))[0]
        number = self._line(f"1.0 if {code} else 0.0", NUMBER)[0]
        self._truths[number] = code
        return number

    def _truth(self, term: tuple[str, str]) -> str:
        code, kind = term
        if kind == TEXT:
            raise UntranslatableError
        if kind == TRUTH:
            return code
        if code in self._constants:
            return TRUE if self._constants[code] else FALSE
        return self._truths[code] if code in self._truths else self._line(f"({code} < 0.0) | ({code} > 0.0)", TRUTH)[0]

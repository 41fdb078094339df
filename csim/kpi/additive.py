"""Formulas over agents' states that add up: of two times together they say the sum of what they say of each."""

from __future__ import annotations

import ast

from csim.expressions import expression
from csim.kpi.columns import Columns

ADD_UP = ("duration", "agent_day")


def degree(text: str, columns: Columns) -> int | None:
    """
    How a formula goes with the length of a state: not at all (0), in proportion (1, it adds up), else (2 …, None).

    None too where it names a column that is not among *columns*.

    Examples:
        >>> import numpy as np
        >>> from csim.kpi.columns import state_columns
        >>> rows = state_columns({"state": np.array(["ready"]), "duration": np.array([5.0]), "slots": np.array([3])})
        >>> [degree(text, rows) for text in ("logged_in / 3600", "slots + 1", "duration > 60", "duration + 1", "held")]
        [1, 0, None, None, None]
    """
    return _degree(expression(text).tree, columns)


def _degree(node: ast.expr, columns: Columns) -> int | None:
    match node:
        case ast.Name(id=name) if name in columns.formulas:
            return degree(columns.formulas[name], columns)
        case ast.Name(id=name):
            return int(name in ADD_UP) if name in columns else None
        case ast.Constant():
            return 0
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _degree(operand, columns)
        case ast.BinOp(left=left, op=op, right=right):
            return _of_two(op, _degree(left, columns), _degree(right, columns))
    parts = [_degree(part, columns) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return 0 if all(part == 0 for part in parts) else None  # truths


def _of_two(op: ast.operator, one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return None
    if isinstance(op, ast.Mult):
        return one + other
    if isinstance(op, ast.Div):
        return one if other == 0 else None
    return one if one == other else None

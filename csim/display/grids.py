"""Tables of plain cells as text for a console."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], right: Collection[int] = (), width: int = 160
) -> str:
    """
    A table as text; names from files are no markup, columns of Chinese stand straight.

    Args:
        right: Columns set to the right, by number.
        width: Characters in a line; longer cells are broken.

    Examples:
        >>> print(text_table(["id", "money"], [["[b]7[/b]", "1.40"], ["8", "-12.00"]], right=[1]))
         id        money
        ───────────────────
         [b]7[/b]    1.40
         8         -12.00
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for number, name in enumerate(header):
        grid.add_column(Text(str(name)), justify="right" if number in right else "left", no_wrap=number in right)
    for row in rows:
        grid.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    page = io.StringIO()
    Console(file=page, width=width, color_system=None, emoji=False, markup=False, highlight=False).print(grid)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())

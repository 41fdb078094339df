"""Values with their paths, gathered in any order, and the plain data they make together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from csim.errors import Mistake
from csim.schema.located import Located, Path, Place, dotted

NOTHING_YET = object()


@dataclass
class Node:
    """A place of the file: a value, or names and numbers below it."""

    value: Any = NOTHING_YET
    place: Place = (None, None)
    key_place: Place | None = None
    below: dict[Any, Node] = field(default_factory=dict)

    @property
    def is_bare(self) -> bool:
        """Nothing is said here yet."""
        return self.value is NOTHING_YET and not self.below


class Tree:
    """
    The contents of a file that is read piece by piece.

    Examples:
        >>> tree = Tree("terms.xlsx")
        >>> tree.put(("pay", "caps", 0, "month"), "12%", (3, 1, "caps"))
        >>> tree.put(("pay", "clause"), "6.1", (9, 3, "pay"))
        >>> tree.located().data
        {'pay': {'caps': [{'month': '12%'}], 'clause': '6.1'}}
        >>> tree.put(("pay", "clause"), "6.2", (10, 3, "pay"))
        >>> print(tree.mistakes[0])
        terms.xlsx  pay!C10  pay.clause
          stands twice (first in pay!C9): keep one
    """

    def __init__(self, file: str) -> None:
        self.file, self.root = file, Node()
        self.mistakes: list[Mistake] = []

    def refuse(self, what: str, place: Place, path: Path = ()) -> None:
        """Notes a mistake; reading goes on, so that all of them are told at once."""
        self.mistakes.append(Mistake(what, dotted(path), self.file, *place))

    def at(self, path: Path) -> Node | None:
        """The node at a path, if something is known there."""
        here: Node | None = self.root
        for step in path:
            here = here.below.get(step) if here else None
        return here

    def node(self, path: Path, place: Place) -> Node:
        """The node at a path, made if it is new; what is made on the way takes its place from *place*."""
        here = self.root
        for step in path:
            here = here.below.setdefault(step, Node(place=place))
        return here

    def put(self, path: Path, value: Any, place: Place, key_place: Place | None = None) -> None:
        """A value at its path."""
        node = self.node(path, place)
        if node.value is not NOTHING_YET:
            first = str(Mistake("", "", "", *node.place)).strip()
            self.refuse(f"stands twice (first in {first}): keep one", place, path)
            return
        node.value, node.place, node.key_place = value, place, key_place

    def located(self) -> Located:
        """The plain data and the place of everything in it; what contradicts itself is noted as a mistake."""
        keys: dict[Path, Place] = {}
        values: dict[Path, Place] = {}

        def plain(node: Node, path: Path) -> Any:
            values[path] = node.place
            if node.key_place:
                keys[path] = node.key_place
            if not node.below:
                return {} if node.value is NOTHING_YET else node.value
            if node.value is not NOTHING_YET:
                self.refuse("is filled in, and so are its parts (or rows): keep one", node.place, path)
            inner = {step: plain(below, (*path, step)) for step, below in node.below.items()}
            if not any(isinstance(step, int) for step in inner):
                return inner
            if sorted(inner, key=str) != sorted(range(len(inner)), key=str):
                wrong = next((node.below[s].place for s in inner if not isinstance(s, int)), node.place)
                self.refuse("entries of a list are numbered from 0, without a gap", wrong, path)
                return list(inner.values())
            return [inner[i] for i in range(len(inner))]

        return Located(plain(self.root, ()), self.file, keys, values)

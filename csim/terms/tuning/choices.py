"""The terms of a contract that may be chosen: name, place in the file, and values that a lawyer can write."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from csim.contract.load import Contract
from csim.errors import InputError, Mistake, did_you_mean
from csim.schema.exact import Level
from csim.schema.located import Path
from csim.terms.tuning.groups import GROUPS, shared_out

EDGES = ("from", "above", "below", "up_to")
Value = Decimal | str


@dataclass(frozen=True)
class Choice:
    """
    One term and the values it may take.

    Attributes:
        name: As people write it: "price", "kpis.response.level", "kpis.response.credit", "at_risk".
        kind: share, s, number or money, as the file writes it; word for a choice among words.
        how: set (the value itself), shift (every level of a clause, or both sides of an edge, by the same distance),
            scale (every credit of a clause in proportion).
        places: Where in the file. values: Rising; today's is among them. today: What the contract says now.
    """

    name: str
    kind: str
    how: str
    places: tuple[Path, ...]
    values: tuple[Value, ...] = field(repr=False)
    today: Value

    @property
    def part(self) -> Path:
        """The part of the contract that it changes: one clause, the prices, the payment, a word at the top."""
        head = self.places[0]
        return head[:2] if head[0] == "kpis" else head[:1]

    @property
    def number(self) -> Decimal:
        """Today's value of a term that is a number."""
        assert isinstance(self.today, Decimal)
        return self.today

    @property
    def group(self) -> str:
        """Which shares make a whole together with it: weights, allocations; "" if none do."""
        last = self.places[0][-1]
        return last if self.part[0] == "kpis" and last in GROUPS and self.how == "set" else ""

    def text(self, value: Value) -> str:
        """
        A value as people write it.

        Examples:
            >>> Choice("at_risk", "share", "set", (("pay",),), (), Decimal("0.12")).text(Decimal("0.125"))
            '12.5%'
        """
        return value if isinstance(value, str) else Level.shown(value, self.kind).text

    def write(self, data: dict[str, Any], value: Value) -> None:
        """Writes a value into plain data that holds its part."""
        if value == self.today:
            return
        if self.how == "shift":
            _shift(data, self.places, Decimal(value) - self.number, self.kind)
        elif self.how == "scale":
            for place in self.places:
                was = number_at(data, place, self.kind)
                scaled = was * Decimal(value) / self.number
                put(data, place, self.text(scaled.quantize(Decimal("0.0001"))))
        else:
            put(data, self.places[0], self._plain(value))

    def _plain(self, value: Value) -> Any:
        """A value as the file holds it: plain numbers as numbers."""
        if isinstance(value, str) or self.kind not in ("money", "number"):
            return self.text(value)
        return int(value) if value == int(value) else float(value)


def rewritten(contract: Contract, choices: Sequence[Choice], values: Sequence[Value]) -> dict[str, Any]:
    """
    The plain data of a contract with other terms; weights and allocations make their whole again.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/at_risk_pool.yaml")
        >>> price = choice_of(agreed, "price=300000..340000..10000")
        >>> rewritten(agreed, [price], [Decimal(310000)])["pricing"]["rate"]
        310000
    """
    data = copy.deepcopy(contract.data)
    for choice, value in zip(choices, shared_out(choices, values), strict=True):
        choice.write(data, value)
    return data


def at(data: Any, place: Path) -> Any:
    """What stands at a place; None where nothing does."""
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def put(data: Any, place: Path, value: Any) -> None:
    """Writes something at a place that is there."""
    at(data, place[:-1])[place[-1]] = value


def number_at(data: Any, place: Path, kind: str) -> Decimal:
    """The number at a place: of a share 0 to 1, of a time seconds."""
    text = str(at(data, place))
    return Decimal(text.replace(",", "")) if kind == "money" else Level.of(text).number


def levels_of(clause: Mapping[str, Any], place: Path) -> list[Path]:
    """The places of every level of a clause: what is expected, the least, all edges."""
    found = [(*place, key) for key in ("expected", "minimum") if key in clause]
    found += [(*place, "shortfall", "below")] if "shortfall" in clause else []
    for i, row in enumerate(clause.get("bands", ())):
        found += [(*place, "bands", i, key) for key in EDGES if row.get(key) is not None]
    return found + [(*place, "linear", i, "at") for i in range(len(clause.get("linear", ())))]


def _shift(data: dict[str, Any], places: Sequence[Path], by: Decimal, kind: str) -> None:
    """Moves levels; a wording beside an edge says the new numbers, or nothing where it cannot."""
    told = {}
    for place in places:
        was = str(at(data, place))
        now = Level.shown(Level.of(was).number + by, kind).text
        told[was.strip()] = now
        put(data, place, now)
    for table in {place[:-2] for place in places if isinstance(place[-2], int)}:
        for row in at(data, table):
            if "wording" in row:
                row["wording"] = reworded(row["wording"], told)
                if row["wording"] is None:
                    del row["wording"]


def reworded(wording: str, told: Mapping[str, str]) -> str | None:
    """
    A wording with new numbers for old; None where the units differ, so that the words would no longer fit.

    Examples:
        >>> reworded("75%以上、不满80%", {"80%": "79%", "75%": "74%"}), reworded("5分钟以内", {"5 min": "290 s"})
        ('74%以上、不满79%', None)
    """
    split = {old: re.fullmatch(r"([\d.]+)(.*)", old) for old in told}
    numbers = {}
    for old, match in split.items():
        new = re.fullmatch(r"([\d.]+)(.*)", told[old])
        if match is None or new is None or match[2].strip() != new[2].strip():
            return None
        numbers[match[1]] = new[1]
    pattern = "|".join(re.escape(number) for number in sorted(numbers, key=len, reverse=True))
    return re.sub(rf"(?<![\d.])(?:{pattern})(?![\d.])", lambda found: numbers[found[0]], wording)


# -- from a name to its choice ------------------------------------------------------------------------------


def choice_of(contract: Contract, text: str) -> Choice:
    """
    A choice as a person writes it: a name alone, or with its range, "kpis.response.credit=2%..20%..1%".

    Raises:
        InputError: A term that the contract does not have, a range that cannot be read.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/tiers_carry_forward.yaml")
        >>> found = choice_of(agreed, "kpis.service_level.credit=2%..4%..1%")
        >>> [found.text(value) for value in found.values]
        ['2%', '3%', '4%', '5%']
    """
    from csim.terms.tuning.ranges import asked_values, default_values

    name, _, asked = (part.strip() for part in text.partition("="))
    if name == "money_cycle":
        return _cycle(contract, asked)
    places, how = _placed(contract, name)
    written = at(contract.data, places[0])
    if written is None or isinstance(written, dict | list):
        known = list(dict.fromkeys([*all_names(contract), "price", "at_risk", "cap", "money_cycle"]))
        raise InputError([Mistake(f'the contract has no term "{name}": {did_you_mean(name, known)}', "--term")])
    kind = _kind(places[0], str(written))
    today = number_at(contract.data, places[0], kind)
    bare = Choice(name, kind, how, places, (), today)
    values = asked_values(bare, asked) if asked else default_values(bare, contract.data)
    return Choice(name, kind, how, places, values, today)


def _cycle(contract: Contract, asked: str) -> Choice:
    """By which cycle money is settled; a contract that says nothing settles by the month."""
    cycles, today = ("monthly", "quarterly"), str(contract.file.money_cycle)
    words = tuple(part.strip() for part in asked.split(",")) if asked else cycles
    for word in words:
        if word not in cycles:
            raise InputError([Mistake(f'"{word}" is no money cycle: {did_you_mean(word, cycles)}', "--term")])
    values = tuple(dict.fromkeys((*words, today)))
    return Choice("money_cycle", "word", "set", (("money_cycle",),), values, today)


def default_choices(contract: Contract, unknown: frozenset[str] = frozenset()) -> list[Choice]:
    """
    Every term that a contract has and that moves money or a level.

    Args:
        unknown: Clauses of which nothing is known, so that no choice of theirs could be judged.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> [c.name for c in default_choices(read_contract("scenarios/contracts/linear_credit.yaml"))]
        ['price', 'kpis.service_level.level', 'kpis.service_level.per_point']
    """
    found = []
    for name in all_names(contract):
        parts = name.split(".")
        if parts[0] != "kpis" or parts[1] not in unknown:
            choice = choice_of(contract, name)
            if len(choice.values) > 1:
                found.append(choice)
    grouped = [c.group for c in found]
    return [c for c in found if not c.group or grouped.count(c.group) > 1]


def all_names(contract: Contract) -> list[str]:
    """The names of all terms that a contract has."""
    data, found = contract.data, []
    prices = data["pricing"]
    found += ["price"] if isinstance(prices, dict) or len(prices) == 1 else [f"price.{i}" for i in range(len(prices))]
    for name, clause in data.get("kpis", {}).items():
        found += [f"kpis.{name}.{term}" for term in _terms_of(clause)]
    pay = data["pay"]
    found += ["at_risk"] if "at_risk" in pay else []
    found += ["cap"] if any("month" in cap for cap in pay.get("caps", ())) else []
    rows = pay.get("by_score", ())
    found += [f"pay.by_score.{i}.share_of_fee" for i, row in enumerate(rows) if str(row["share_of_fee"]) != "100%"]
    found += [f"pay.by_points.{i}.credit" for i, row in enumerate(pay.get("by_points", ())) if row["credit"] != "0%"]
    return found


def _terms_of(clause: Mapping[str, Any]) -> Iterator[str]:
    rows = clause.get("bands", ())
    if levels_of(clause, ()):
        yield "level"
    if _amounts(rows, "credit"):
        yield "credit"
    if _amounts(rows, "bonus"):
        yield "bonus"
    yield from (key for key in GROUPS if key in clause)
    if "per_unit" in clause:
        yield "rate"
    if "shortfall" in clause:
        yield "per_point"
        yield from ["up_to"] if "up_to" in clause["shortfall"] else []


def _amounts(rows: Sequence[Mapping[str, Any]], outcome: str) -> list[int]:
    """The rows that bring more than nothing, the least first."""
    found = [(Level.of(row[outcome]).number, i) for i, row in enumerate(rows) if row.get(outcome) is not None]
    return [i for amount, i in sorted(found) if amount]


def _placed(contract: Contract, name: str) -> tuple[tuple[Path, ...], str]:
    """Where a named term stands, and how it is written; a name that is none of csim's is a path in the file."""
    data = contract.data
    path: Path = tuple(int(part) if part.isdigit() else part for part in name.split("."))
    if path[0] == "price":
        return (
            (("pricing", "rate") if isinstance(data["pricing"], dict) else ("pricing", *(path[1:] or (0,)), "rate")),
        ), "set"
    if name == "at_risk":
        return (("pay", "at_risk", "share_of_fee"),), "set"
    if name == "cap":
        number = next((i for i, cap in enumerate(data["pay"].get("caps", ())) if "month" in cap), 0)
        return (("pay", "caps", number, "month"),), "set"
    clause = at(data, path[:2]) if path[0] == "kpis" and len(path) == 3 else None
    if isinstance(clause, dict):
        return _in_clause(clause, path)
    if path[-1] in EDGES and len(path) > 2:  # the edge of two bands stands in both
        places = [
            (*path[:-2], i, key) for i, row in enumerate(at(data, path[:-2]) or ()) for key in EDGES if key in row
        ]
        same = [place for place in places if str(at(data, place)) == str(at(data, path))]
        return (path, *(place for place in same if place != path)), "shift"
    return (path,), "set"


def _in_clause(clause: Mapping[str, Any], path: Path) -> tuple[tuple[Path, ...], str]:
    place, term = path[:2], path[2]
    if term in ("level", "expected") and (levels := levels_of(clause, place)):
        return tuple(levels), "shift"
    if term in ("credit", "bonus"):
        rows = _amounts(clause.get("bands", ()), term)
        return tuple((*place, "bands", i, term) for i in rows) or (path,), "scale"
    below = {"rate": "per_unit", "per_point": "shortfall", "up_to": "shortfall"}.get(term)
    return ((*place, below, term) if below else path,), "set"


def _kind(place: Path, text: str) -> str:
    if place[-1] in ("rate", "amount", "deduct", "pay"):
        return "money"
    try:
        return Level.of(text).kind
    except ValueError:
        raise InputError([Mistake(f'"{text}" is no number that could be chosen', "--term")]) from None

"""What the linter finds, and the terms as it reads them: one version of a contract with the place of every value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple

from csim.contract.bands import Band, Edge
from csim.contract.dated import resolved
from csim.contract.load import Contract
from csim.contract.model import ContractFile, Item, KpiClause, Reading
from csim.contract.readings import lacking, measured_as
from csim.display.notes import Note
from csim.errors import InputError, Mistake, nearest
from csim.kpi.catalogue import Catalogue, Kpi, catalogue
from csim.schema.exact import Level
from csim.schema.located import Located, Path

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """
    One thing the linter found: its place, what it is, and what to write instead, in English.

    `told` says both in either language.
    """

    severity: Severity
    code: str
    what: str
    write: str
    path: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    sheet: str = ""
    notes: tuple[Note, Note] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def at(cls, place: Mistake, severity: Severity, code: str, what: Note, write: Note) -> Finding:
        """A finding at the place of a mistake."""
        said, instead = what.text("en"), write.text("en")
        return cls(severity, code, said, instead, place.path, place.file, place.line, place.column, place.sheet,
                   (what, write))  # fmt: skip

    def told(self, lang: str) -> tuple[str, str]:
        """
        What it is, and what to write instead.

        Examples:
            >>> from csim.contract.lint import lint
            >>> lint("scenarios/contracts/presales_scorecard.yaml")[0].told("zh")
            ('在 35% 处得分跳变 40', '中间加一档，或按直线计分（linear）')
        """
        if self.notes is None:
            return self.what, self.write
        what, write = self.notes
        return what.text(lang), write.text(lang)


class Found(NamedTuple):
    """What a rule yields: what is wrong, what to write instead, and where; its code is the rule's own name."""

    what: Note
    write: Note
    path: Path
    at_key: bool = False


def found(key: str, path: Path, at_key: bool = False, write: Note | None = None, **values: Any) -> Found:
    """
    What a rule yields, by the key of its words: `lint_KEY`, and `lint_KEY_instead` unless *write* says it.

    Examples:
        >>> found("league_shares", ("league", "shares"), count=2, vendors=3).write.text("en")
        '3 shares, 100% in all'
    """
    return Found(words(key, **values), write or words(f"{key}_instead", **values), path, at_key)


def words(key: str, **values: Any) -> Note:
    """A sentence of the linter, or a part of one."""
    return Note(f"lint_{key}", values)


def listed(parts: Iterable[str], between: str = ", ", most: int | None = None) -> dict[str, str]:
    """
    Parts one after the other, in both languages; no more than so many of them.

    Examples:
        >>> listed(["voice", "chat", "mail"], most=2)
        {'en': 'voice, chat …', 'zh': 'voice、chat …'}
    """
    given = list(parts)
    more = " …" if most is not None and len(given) > most else ""
    return {"en": between.join(given[:most]) + more, "zh": "、".join(given[:most]) + more}


def meant(word: str, known: Iterable[str]) -> Note:
    """The known word that a misspelt one looks like, else all of them."""
    options = list(known)
    near = nearest(word, options)
    return words("did_you_mean", word=near) if near else words("one_of", words=listed(options))


Rule = Callable[["Terms"], Iterator[Found]]


class Named(NamedTuple):
    """A measure where it is named: by a clause, or by the ceiling of one."""

    path: Path
    measure: str
    reading: Reading


class Placed(NamedTuple):
    """A level and its place."""

    path: Path
    level: Level


@dataclass(frozen=True)
class Terms:
    """
    A contract as it reads from some day on.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> terms = next(Terms.versions(read_contract("scenarios/contracts/double_11.yaml")))
        >>> terms.kpi_of(terms.file.kpis["response"]).id
        'service_level_included'
    """

    contract: Contract
    file: ContractFile
    located: Located

    @classmethod
    def versions(cls, contract: Contract) -> Iterator[Terms]:
        """One after the other, the earliest first."""
        for day, file in contract.versions:
            yield cls(contract, file, resolved(contract.located, day))

    @cached_property
    def catalogue(self) -> Catalogue:
        """The built-in KPIs and the contract's own measures, but for those whose names are taken."""
        built_in = catalogue()
        own = {
            name: measure.model_dump()
            for name, measure in self.file.measures.items()
            if name not in built_in and name not in built_in.refused
        }
        return built_in.with_own(own)

    def found_kpi(self, measure: str, reading: Reading) -> Kpi | None:
        """The KPI that is meant, as far as it can be told; None for a name that is refused or unknown."""
        try:
            kpi = self.catalogue.find(measure)
        except InputError:
            return None
        return kpi if lacking(kpi.id, reading) else self.catalogue.get(measured_as(kpi.id, reading), kpi)

    def kpi_of(self, clause: KpiClause) -> Any:
        """The KPI that a clause is judged by, or None."""
        return self.found_kpi(clause.measure, clause.reading)

    def clauses(self) -> Iterator[tuple[Path, KpiClause, Kpi | None]]:
        """Every KPI clause with its path and its KPI."""
        for name, clause in self.file.kpis.items():
            yield ("kpis", name), clause, self.kpi_of(clause)

    def items(self) -> Iterator[tuple[Path, Item]]:
        """Every item of the checklists with its path."""
        for name, checklist in self.file.checklists.items():
            for i, item in enumerate(checklist.items):
                yield ("checklists", name, "items", i), item

    def named(self) -> Iterator[Named]:
        """Every place where a measure and its reading stand."""
        for path, clause, _ in self.clauses():
            yield Named(path, clause.measure, clause.reading)
            if clause.ceiling is not None:
                yield Named((*path, "ceiling"), clause.ceiling.measure, clause.ceiling.reading)


# -- the parts of a clause ----------------------------------------------------------------------------


EDGES = {"begins": "from", "above": "above", "below": "below", "up_to": "up_to"}


def edges(path: Path, rows: tuple[Band, ...]) -> Iterator[Placed]:
    """The edges of bands as they are written."""
    for i, row in enumerate(rows):
        for name, key in EDGES.items():
            level = getattr(row, name)
            if level is not None:
                yield Placed((*path, i, key), level)


def points(path: Path, line: tuple[Edge, ...]) -> Iterator[Placed]:
    """The points of a line."""
    for i, edge in enumerate(line):
        yield Placed((*path, i, "at"), edge.at)


def levels(path: Path, clause: KpiClause) -> Iterator[Placed]:
    """Every level of a clause that its own KPI is held against."""
    for name in ("expected", "minimum"):
        level = getattr(clause, name)
        if level is not None:
            yield Placed((*path, name), level)
    yield from edges((*path, "bands"), clause.bands)
    yield from points((*path, "linear"), clause.linear)
    if clause.shortfall is not None:
        yield Placed((*path, "shortfall", "below"), clause.shortfall.below)
    if clause.ratchet is not None:
        yield Placed((*path, "ratchet", "up_to"), clause.ratchet.up_to)


def outcomes(clause: KpiClause) -> set[str]:
    """What the rows of its bands bring; a line brings a score."""
    return {row.outcome for row in clause.bands} | ({"score"} if clause.linear else set())


def moves_money(clause: KpiClause) -> bool:
    """Whether anything is paid or deducted for it beside the score."""
    direct = (clause.allocation, clause.shortfall, clause.per_unit)
    return any(part is not None for part in direct) or clause.gate or bool(outcomes(clause) - {"score"})


# -- numbers as people write them ----------------------------------------------------------------------


def plain(number: Decimal) -> str:
    """
    A number without needless zeros.

    Examples:
        >>> plain(Decimal("90.00")), plain(Decimal("1E+2")), plain(Decimal("0.5"))
        ('90', '100', '0.5')
    """
    return f"{number.normalize():f}" if number else "0"


def share(number: Decimal) -> str:
    """
    A share as a percentage.

    Examples:
        >>> share(Decimal("0.125"))
        '12.5%'
    """
    return f"{plain(number * 100)}%"

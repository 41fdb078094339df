"""Lines of a statement in words, en and zh: the same numbers in both."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from csim.display.numbers import cash, exactly, trimmed
from csim.settlement.evidence import Evidence, evidence_of
from csim.settlement.steps import Line
from csim.settlement.telling.sentences import Sentences

if TYPE_CHECKING:
    from csim.settlement.statement import Statement


@dataclass(frozen=True)
class Told:
    """A line as people read it; empty where there is nothing to say."""

    line: Line
    clause: str
    measure: str
    other_name: str
    reading: str
    value: str
    excluded: str
    sample: str
    least_sample: str
    target: str
    band: str
    score: str
    money: str
    status: str
    grade: str
    evidence: str
    why: str


class Lines:
    """The lines of a statement in one language."""

    def __init__(self, statement: Statement, lang: str) -> None:
        self.statement, self.lang = statement, lang
        self.says = Sentences(statement.contract, statement.terms, lang)
        self.words = self.says.words

    # -- lines -------------------------------------------------------------------------------------

    def lines(self) -> list[Told]:
        """Every line."""
        return [self.told(line) for line in self.statement.payment.lines]

    def told(self, line: Line) -> Told:
        """A line in words."""
        judged, fact = line.judged, line.judged.fact if line.judged else None
        clause = self.statement.terms.kpis.get(judged.id) if judged else None
        measure, other = self.item(line)
        value, found = self.value(line), evidence_of(self.statement, line)
        least = clause.minimum_sample if clause is not None else None
        return Told(
            line, line.clause, measure, other, self.says.reading(clause) if clause else "", value,
            self._excluded(line), "" if fact is None or fact.sample is None else exactly(fact.sample, "count"),
            self.words("st_least_sample", least=f"{least:,}") if least else "",
            self.says.level(judged.target) if judged and judged.target else "", self.band(line), self.score(line),
            cash(line.money), self.status(line), self.words(f"evidence_grade_{found.grade}") if found else "",
            self.basis(found, line), self.says.why(line, value),
        )  # fmt: skip

    def graded(self, told: Told) -> str:
        """The grade of the evidence and what it rests on, in one phrase."""
        return self.words("st_grade", grade=told.grade, basis=told.evidence) if told.grade else ""

    def currency(self) -> str:
        """What amounts are in."""
        return self.words("yuan") if self.statement.currency == "CNY" else self.statement.currency

    def item(self, line: Line) -> tuple[str, str]:
        """What a line is about, and its other name."""
        if line.kind in ("kpi", "checklist"):
            return self.says.measure(line.id)
        if line.kind == "fee":
            return self.words("line_fee", per=self.words(f"per_{line.id}")), ""
        if line.kind == "streak":
            return self.words(f"then_{line.id}"), ""
        return self.words(f"line_{line.id if line.kind in ('cap', 'carry') else line.kind}"), ""

    def value(self, line: Line) -> str:
        """The value that was judged, with as many digits as it takes to stand where it was judged to stand."""
        judged = line.judged
        if judged is None or judged.value is None:
            return ""
        if not judged.kpi:
            whole = (judged.weight or Decimal(0)) * 100
            return self.words("st_marks_of", left=self.says.plain(judged.value), whole=self.says.plain(whole))
        return exactly(judged.value, self._unit(line), self.lang, self._edges(line))

    def _unit(self, line: Line) -> str:
        judged = line.judged
        return self.statement.contract.catalogue[judged.kpi].unit if judged is not None and judged.kpi else "score"

    def _edges(self, line: Line) -> list[Decimal]:
        """Every level that the line's value was held against."""
        judged = line.judged
        clause = self.statement.terms.kpis.get(judged.id) if judged else None
        if judged is None or clause is None:
            return []
        levels = [judged.target, clause.expected, clause.minimum, clause.shortfall.below if clause.shortfall else None]
        levels += [judged.band.low, judged.band.high] if judged.band else []
        levels += [end.at for end in clause.linear]
        return [level.number for level in levels if level is not None]

    def band(self, line: Line) -> str:
        """The band the value (or the score) fell in."""
        return self.says.band(line.judged.band if line.judged is not None and line.judged.band else line.band)

    def score(self, line: Line) -> str:
        """Score, or severity points."""
        if line.points is not None:
            return self.words("st_points_of", points=self.says.plain(line.points))
        return "" if line.score is None else f"{trimmed(line.score.quantize(Decimal('0.01'))):f}"

    def status(self, line: Line) -> str:
        """What the clause came to."""
        judged = line.judged
        if judged is None or not judged.kpi:
            return ""
        if judged.status != "judged" or judged.target is None:
            return self.words(f"status_{judged.status}")
        return self.words("status_short" if judged.missed else "status_met")

    def _excluded(self, line: Line) -> str:
        """The dates left out and why: "2026-11-11 volume_above_forecast 9.3, …", or dates alone."""
        fact, judged = (line.judged.fact, line.judged) if line.judged else (None, None)
        if judged is None or fact is None or not fact.excluded:
            return ""
        by_event: dict[str, list[str]] = {}
        for part in fact.excluded.split(", "):
            date, _, event = part.partition(" ")
            by_event.setdefault(event, []).append(date)
        rules = [f"{rule.what} {rule.clause}" for rule in self.statement.terms.kpis[judged.id].exclusions]
        only = rules[0] if len(rules) == 1 else ""
        parts = []
        for event, days in by_event.items():
            key = "excluded_days" if event or only else "excluded_days_plain"
            what = self.says.event(event or only) if event or only else ""
            parts.append(self.words(key, dates=self.words("list_comma").join(days), what=what))
        return self.words("clause_joint").join(parts)

    def basis(self, found: Evidence | None, line: Line) -> str:
        """Interval and what it rests on."""
        if found is None:
            return ""
        if found.method == "none":
            return self.words("evidence_none")
        sample = "" if found.sample is None else exactly(found.sample, "count")
        low, high = self.interval(found, line)
        return self.words(f"evidence_{found.method}", low=low, high=high, days=found.days, sample=sample)

    def interval(self, found: Evidence, line: Line) -> tuple[str, str]:
        """The ends of the interval, with digits enough to stand on the side of the level where they are."""
        ends = (Decimal(repr(end)) for end in (max(0.0, found.low), found.high))
        low, high = (exactly(end, self._unit(line), self.lang, [found.level.number]) for end in ends)
        return low, high


def row(statement: Statement, line: Line, lang: str) -> dict[str, Any]:
    """A line as a row of the table: numbers exact, the rest in words."""
    telling, judged = Lines(statement, lang), line.judged
    told = telling.told(line)
    return {
        "clause": line.clause, "id": line.id, "kind": line.kind, "item": told.measure,
        "kpi": judged.kpi if judged else "", "reading": told.reading, "value": judged.value if judged else None,
        "shown_value": told.value, "excluded": told.excluded,
        "sample": judged.fact.sample if judged and judged.fact else None,
        "target": judged.target.text if judged and judged.target else "",
        "band": line.band, "score": line.score, "points": line.points, "money": line.money,
        "status": judged.status if judged else "", "evidence": telling.graded(told), "why": told.why,
    }  # fmt: skip


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: money as text, so that no digit is lost; numbers as numbers; null where nothing is known."""
    return {key: _plain(cell, exact=key == "money") for key, cell in row.items()}


def _plain(cell: Any, exact: bool) -> Any:
    if isinstance(cell, Decimal):
        return str(cell) if exact else int(cell) if cell == int(cell) else float(cell)
    return None if cell != cell else cell

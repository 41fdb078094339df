"""A statement told in one language: the answer in one sentence, what drove it, how sure it is."""

from __future__ import annotations

from collections.abc import Iterable

from csim.display.numbers import cash, exactly
from csim.settlement.evidence import Evidence, too_thin
from csim.settlement.telling.drivers import Driver, drivers
from csim.settlement.telling.phrases import Lines, Told
from csim.settlement.telling.sentences import on_trial

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
MOST_DRIVERS = 3


class Telling(Lines):
    """
    A statement told in one language.

    Examples:
        >>> import csim, pandas as pd
        >>> from csim.settlement.settle import settle
        >>> rows = {"answered_contact": "81900", "satisfaction": "96.8%", "response": "78.4%", "resolution": "82.1%"}
        >>> table = pd.DataFrame({"month": "2026-11", "vendor": "B", "kpi": list(rows), "value": list(rows.values()),
        ...                       "sample": 40000})
        >>> statement = settle("scenarios/contracts/double_11.yaml", table, vendor="B")
        >>> print(Telling(statement, "en").sentence()[:96])
        Vendor B is paid CNY 109,385.64 with tax for November 2026; CNY 11,466.00 is deducted, driven by
    """

    # -- evidence ------------------------------------------------------------------------------------

    def confidence(self, found: Evidence) -> str:
        """A plain sentence on how sure the shortfall is."""
        level = self.says.level(found.level)
        inside = found.low <= float(found.level.number) <= found.high
        key = f"evidence_say_{found.grade}"
        if found.grade == "chance" and not inside:
            key += "_far"
        if found.grade in ("clear", "likely") and found.method == "sample":
            key += "_sample"
        often = f"{round(1 / found.chance):,}" if found.grade == "likely" else ""
        return self.words(key, level=level, often=often)

    def thin(self) -> list[tuple[Told, str]]:
        """The lines on thin evidence, each with what to say of it."""
        found = []
        for line, evidence in too_thin(self.statement):
            told = self.told(line)
            found.append((told, told.why if evidence is None else self.confidence(evidence)))
        return found

    def score_head(self) -> str:
        """What the column of scores holds: scores, severity points, or either."""
        s = self.statement
        if s.points is None:
            return self.words("st_only_score")
        return self.words("st_only_points" if s.score is None else "st_score")

    # -- the answer ----------------------------------------------------------------------------------

    def title(self) -> str:
        """Month, vendor, contract."""
        s = self.statement
        return self.words("statement_title", month=self.month(), vendor=s.vendor, contract=s.contract.name)

    def month(self) -> str:
        """The month (or quarter) in words."""
        year, part = self.statement.month.split("-")
        if part.startswith("Q"):
            return self.words("quarter_name", quarter=part[1:], year=year)
        name = part.lstrip("0") if self.lang == "zh" else MONTHS[int(part) - 1]
        return self.words("month_name", month=name, year=year)

    def sentence(self) -> str:
        """Payable, deduction, and the clauses that drove it, in one sentence."""
        s = self.statement
        values = {"vendor": s.vendor, "month": self.month(), "total": self.says.money(s.total)}
        if not s.deduction:
            return self.words("statement_answer_none", **values)
        named = self.words("list_and").join(self.driver(driver) for driver in self.drivers())
        because = self.words("statement_because", drivers=named) if named else ""
        return self.words("statement_answer", deduction=self.says.money(s.deduction), because=because, **values)

    def drivers(self) -> list[Driver]:
        """The three clauses that drove the deduction."""
        return drivers(self.statement)[:MOST_DRIVERS]

    def driver(self, driver: Driver) -> str:
        """One of them in words."""
        line = driver.line
        lost = exactly(driver.amount, "score") if driver.how == "score" else ""
        return self.words(
            f"driver_{driver.how}", clause=line.clause, measure=self.item(line)[0], amount=cash(-driver.amount),
            score=self.score(line), lost=lost, points=self.says.plain(driver.amount),
        )  # fmt: skip

    def remarks(self) -> Iterable[str]:
        """What has to be said with the answer: a month on trial, additions, bounds, rights that arise."""
        s = self.statement
        yield from on_trial(s.contract, s.month, self.lang)
        if cut := sum(line.money for line in s.payment.lines if line.kind == "cap"):
            yield self.words("statement_capped", before=self.says.money(s.deduction + cut))
        if s.bonus:
            yield self.words("statement_bonus_too", bonus=self.says.money(s.bonus))
        if s.bounds is not None:
            low, high = (self.says.money(end) for end in s.total_bounds)
            yield self.words("statement_bounds", low=low, high=high)
        for _, streak in s.payment.rights:
            yield self.words("statement_right", clause=streak.clause, then=self.words(f"then_{streak.then}"))

    def objection(self) -> str:
        """Until when objections may be raised."""
        days = self.statement.terms.pay.objection_days
        return self.words("st_objection_none" if days is None else "st_objection", days=days)

    def provenance(self) -> list[tuple[str, str]]:
        """What it takes to get the same numbers again."""
        found = self.statement.provenance
        keys = ("contract", "contract_file", "contract_hash", "facts_hash", "rows", "csim")
        return [(self.words(f"st_prov_{key}"), str(found[key])) for key in keys if found.get(key) not in (None, "")]

    def parties(self) -> list[str]:
        """Who signs."""
        s = self.statement
        return [self.words("st_buyer", name=s.terms.buyer), self.words("st_seller", name=s.vendor)]

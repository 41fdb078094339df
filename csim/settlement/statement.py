"""The statement of a month: every line with its clause, what it rests on, its money, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from csim.contract.load import Contract
from csim.contract.model import ContractFile
from csim.settlement.judged import NONE, to_step
from csim.settlement.ledger import Ledger
from csim.settlement.payment import Payment
from csim.settlement.pool import PoolShares

COLUMNS = (
    "clause", "id", "kind", "item", "kpi", "reading", "value", "shown_value", "excluded", "sample", "target", "band",
    "score", "points", "money", "status", "evidence", "why",
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """
    What a vendor is owed for a month, line by line; the lines add up to the subtotal, to the cent.

    Attributes:
        terms: The contract as it read that month. payment: Fee, lines, score and points.
        ledger: The ledger with this month in it: give it to the next one.
        bounds: The payments if every clause of too thin evidence were at its worst and at its best; None without.
        pool: The bonus pool among the vendor's people, where members were given; beside the payment, not part of it.

    Examples:
        A miss of the service level costs 450,000 × 12 % × 50 % × 40 %:

        >>> import csim
        >>> measured = {"service_level": "78%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "96%"}
        >>> table = pd.DataFrame({"month": "2026-03", "kpi": list(measured), "value": list(measured.values()),
        ...                       "sample": 90000})
        >>> statement = csim.settle("scenarios/contracts/hotline_400.yaml", table)
        >>> str(statement.fee), str(statement.deduction), str(statement.total)
        ('450000.00', '10800.00', '465552.00')
    """

    contract: Contract
    terms: ContractFile
    month: str
    vendor: str
    payment: Payment
    ledger: Ledger
    bounds: tuple[Payment, Payment] | None
    provenance: Mapping[str, Any]
    pool: PoolShares | None = None

    @property
    def currency(self) -> str:
        return self.terms.currency

    @property
    def fee(self) -> Decimal:
        """The month's fee before deductions and bonuses, without tax."""
        return self.payment.fee

    @property
    def score(self) -> Decimal | None:
        return self.payment.score

    @property
    def points(self) -> Decimal | None:
        return self.payment.points

    @cached_property
    def _sums(self) -> dict[str, Any]:
        return summed_up(self.terms, self.payment)

    @property
    def deduction(self) -> Decimal:
        """What was taken off the fee in all, after caps."""
        return self._sums["deduction"]

    @property
    def bonus(self) -> Decimal:
        """What was added to the fee in all."""
        return self._sums["bonus"]

    @property
    def subtotal(self) -> Decimal:
        """Payable without tax."""
        return self.payment.net

    @property
    def tax(self) -> Decimal:
        return self._sums["tax"]

    @property
    def total(self) -> Decimal:
        """Payable with tax."""
        return self._sums["total"]

    @property
    def total_bounds(self) -> tuple[Decimal, Decimal]:
        """Payable with tax at the worst and at the best of what is too thin to judge."""
        low, high = self.bounds or (self.payment, self.payment)
        ends = sorted(summed_up(self.terms, paid)["total"] for paid in (low, high))
        return ends[0], ends[1]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One row per line, in English; see `lines_in` for Chinese."""
        return self.lines_in("en")

    def lines_in(self, lang: str) -> pd.DataFrame:
        """The lines with their words in a language; numbers are the same in every one."""
        from csim.settlement.telling.phrases import row

        return pd.DataFrame([row(self, line, lang) for line in self.payment.lines], columns=list(COLUMNS))

    def as_json(self, lang: str = "en") -> str:
        """The statement for other programs; money is text."""
        from csim.settlement.telling.phrases import plain

        content = {
            "contract": self.contract.name, "vendor": self.vendor, "month": self.month,
            "lines": [plain(line) for line in self.lines_in(lang).to_dict("records")],
            "fee": str(self.fee), "score": None if self.score is None else float(self.score),
            "points": None if self.points is None else float(self.points),
            "subtotal": str(self.subtotal), "tax": str(self.tax), "total": str(self.total),
            "total_bounds": [str(end) for end in self.total_bounds], "currency": self.currency,
            "rights": [{"then": streak.then, "clause": streak.clause} for _, streak in self.payment.rights],
            "ledger": json.loads(self.ledger.as_json()), "provenance": dict(self.provenance),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=2)

    def to_frame(self) -> pd.DataFrame:
        """The lines."""
        return self.lines

    def to_excel(self, path: str | Path, lang: str = "zh") -> Path:
        """A workbook: the lines with live sums, the summary, provenance."""
        from csim.settlement.telling.sheet import write_statements

        return write_statements([self], path, lang)

    def to_html(self, lang: str = "zh") -> str:
        """The statement as a piece of a page."""
        from csim.settlement.telling.page import statement_html

        return statement_html(self, lang)

    def summary(self, lang: str = "en") -> str:
        """The answer in a sentence: what is paid, what was deducted, and the clauses that drove it."""
        from csim.settlement.telling.told import Telling

        return Telling(self, lang).sentence()

    def plot(self, lang: str = "en") -> Any:
        """From the fee to what is paid, line by line; returns the Axes."""
        from csim.settlement.telling.drawn import from_fee_to_payment
        from csim.settlement.telling.told import Telling

        return from_fee_to_payment(Telling(self, lang))

    def _repr_html_(self) -> str:
        return self.to_html("en")


def summed_up(terms: ContractFile, paid: Payment) -> dict[str, Any]:
    """Fee, score, points, deduction (after caps), bonus, net, tax and total of a payment."""
    beside = [line for line in paid.lines if line.kind != "fee"]
    deduction = -sum((line.money for line in beside if line.money < 0 or line.kind == "cap"), NONE)
    bonus = sum((line.money for line in beside if line.money > 0 and line.kind != "cap"), NONE)
    tax = to_step(paid.net * terms.tax.rate, terms.pay.rounding) if terms.tax else NONE
    return {
        "fee": paid.fee, "score": paid.score, "points": paid.points, "deduction": deduction, "bonus": bonus,
        "net": paid.net, "tax": tax, "total": paid.net + tax,
    }  # fmt: skip

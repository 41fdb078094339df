"""One statement laid out as a sheet: the answer, the lines, live sums, what is thin, signatures, provenance."""

from __future__ import annotations

from decimal import Decimal

from csim.contract.bands import Rounding
from csim.display.excel import Put, Sheet
from csim.display.numbers import in_capitals
from csim.settlement.statement import Statement
from csim.settlement.telling.phrases import Told
from csim.settlement.telling.told import Telling

COLUMNS = ("clause", "measure", "reading", "value", "excluded", "sample", "target", "band", "score", "money", "status",
           "evidence", "why", "dispute")  # fmt: skip
WIDTHS = (7, 20, 18, 10, 12, 9, 9, 15, 8, 13, 8, 16, 34, 14)
WIDE = len(COLUMNS)
MONEY = "J"  # the column that holds it
DIGITS = 15  # of a number that a workbook keeps


class Form:
    """One statement laid out: rows are added from the top, and remember where the sums stand."""

    def __init__(self, statement: Statement, lang: str) -> None:
        self.statement, self.telling = statement, Telling(statement, lang)
        self.words = self.telling.words
        self.rows: list[list[Put]] = []
        self.heights: dict[int, float] = {}
        lines = len(statement.payment.lines)
        self.top = 6 + len(list(self.telling.remarks()))  # rows above the first line, the header included
        self.first, self.last = self.top + 1, self.top + lines  # as the sheet numbers them
        self.at = {name: self.last + number for number, name in enumerate(("subtotal", "rate", "tax", "total"), 1)}

    def sheet(self, name: str) -> Sheet:
        """The whole sheet."""
        self._first_screen()
        self._lines()
        self._foot()
        self._thin()
        self._signatures()
        self._provenance()
        return Sheet(name, self.rows, WIDTHS, frozen=self.top, heights=self.heights)

    def cell(self, name: str) -> str:
        """Where a sum stands."""
        return f"{MONEY}{self.at[name]}"

    # -- parts -----------------------------------------------------------------------------------

    def _first_screen(self) -> None:
        s, words = self.statement, self.words
        self._text(self.telling.title(), "title")
        self._text(self.telling.sentence(), "answer", 34)
        drivers = [self.telling.driver(driver) for driver in self.telling.drivers()]
        first, second, third = [*drivers, "", "", ""][:3]
        self.rows.append(
            [Put(words("st_payable"), "key", across=2), Put(float(s.total), "sum", f"={self.cell('total')}"),
             Put(words("st_deduction"), "key", across=2), Put(float(s.deduction), "money", self.deduction()), Put(),
             Put(words("st_drivers") if drivers else "", "key"), Put(first, "plain", across=6)]
        )  # fmt: skip
        for more in (second, third):
            self.rows.append([*[Put()] * 8, Put(more, "plain", across=6)])
        for remark in self.telling.remarks():
            self._text(remark, "note")
        heads = [words(f"st_{key}", currency=self.telling.currency()) for key in COLUMNS]
        heads[COLUMNS.index("score")] = self.telling.score_head()
        self.rows.append([Put(head, "head") for head in heads])

    def deduction(self) -> str:
        """What lines take off, less what caps give back."""
        return f'=-(SUMIF({self.column()},"<0"){"".join(f"+{cell}" for cell in self.cells("cap"))})'

    def bonus(self, there: str) -> str:
        """What lines add, without the fee and what caps give back; seen from another sheet."""
        others = [*self.cells("cap", there), *self.cells("fee", there)]
        return f'=SUMIF({there}{self.column()},">0"){"".join(f"-{cell}" for cell in others)}'

    def fee(self, there: str) -> str:
        """The fee, seen from another sheet."""
        return f"={'+'.join(self.cells('fee', there))}"

    def column(self) -> str:
        """The money of all lines."""
        return f"{MONEY}{self.first}:{MONEY}{self.last}"

    def cells(self, kind: str, there: str = "") -> list[str]:
        """Where the money of one kind of line stands."""
        lines = enumerate(self.statement.payment.lines, self.first)
        return [f"{there}{MONEY}{row}" for row, line in lines if line.kind == kind]

    def _lines(self) -> None:
        for told in self.telling.lines():
            self.rows.append(
                [Put(told.clause, "plain"), Put(_joined(told.measure, told.other_name)), Put(told.reading),
                 self._value(told), Put(told.excluded), self._sample(told), Put(told.target, "plain"), Put(told.band),
                 _score(told), Put(float(told.line.money), "money"), Put(told.status),
                 Put(_joined(told.grade, told.evidence)), Put(told.why), Put("", "empty")]
            )  # fmt: skip

    def _value(self, told: Told) -> Put:
        """A number, in the digits that are told; durations and what has too many digits are text."""
        judged = told.line.judged
        if (
            judged is None
            or judged.value is None
            or sum(map(str.isdigit, told.value)) > DIGITS
            or told.value[-1] == "s"
        ):
            return Put(told.value, "plain")
        places = len(told.value.partition(".")[2].rstrip(" %"))
        shape = "0." + "0" * places if places else "0"
        if told.value.endswith("%"):
            return Put(float(judged.value), f"{shape}%")
        return Put(float(judged.value), f"#,##{shape}") if told.value[-1].isdigit() else Put(told.value, "plain")

    def _sample(self, told: Told) -> Put:
        judged = told.line.judged
        sample = judged.fact.sample if judged and judged.fact else None
        return Put() if sample is None else Put(float(sample), "count")

    def _foot(self) -> None:
        s, words = self.statement, self.words
        rate = s.terms.tax.rate if s.terms.tax else Decimal(0)
        tax = _rounded(f"{self.cell('subtotal')}*{self.cell('rate')}", s.terms.pay.rounding)
        self._sum("subtotal", float(s.subtotal), "sum", f"=SUM({self.column()})")
        self._sum("tax_rate", float(rate), "share")
        self._sum("tax", float(s.tax), "money", tax)
        self._sum("total", float(s.total), "sum", f"={self.cell('subtotal')}+{self.cell('tax')}")
        if self.telling.lang == "zh" and s.currency == "CNY":
            said = in_capitals(s.total)
            formula = f'=IF(ROUND({self.cell("total")},2)={s.total:f},"{said}","{words("st_capitals_stale")}")'
            self.rows.append(
                [Put("", across=7), Put(words("st_capitals"), "key", across=2), Put(said, "key", formula, 4)]
            )
        self._text(self.telling.objection(), "note", 16)

    def _sum(self, key: str, value: float, look: str, formula: str = "") -> None:
        self.rows.append([Put("", across=7), Put(self.words(f"st_{key}"), "key", across=2), Put(value, look, formula)])

    def _thin(self) -> None:
        self.rows.append([])
        self._text(self.words("st_thin"), "section")
        thin = self.telling.thin()
        for told, said in thin:
            basis = _joined(told.grade or told.status, told.evidence)
            self.rows.append(
                [Put(told.clause, "plain"), Put(told.measure), Put(basis, across=5), Put(said, across=5),
                 Put("", "empty", across=2)]
            )  # fmt: skip
            self.heights[len(self.rows) - 1] = 44
        if not thin:
            self._text(self.words("st_thin_none"), "note")

    def _signatures(self) -> None:
        self.rows.append([])
        buyer, seller = self.telling.parties()
        self.rows.append([Put(buyer, "key", across=5), Put("", across=2), Put(seller, "key", across=7)])
        sign = self.words("st_sign")
        self.rows.append([Put(sign, "plain", across=5), Put("", across=2), Put(sign, "plain", across=7)])
        self.heights[len(self.rows) - 1] = 40

    def _provenance(self) -> None:
        self.rows.append([])
        self._text(self.words("st_provenance"), "section")
        for key, value in self.telling.provenance():
            self.rows.append([Put(key, "note", across=2), Put(value, "note", across=WIDE - 2)])

    def _text(self, text: str, look: str, height: float = 0) -> None:
        self.rows.append([Put(text, look, across=WIDE)])
        if height:
            self.heights[len(self.rows) - 1] = height


def _score(told: Told) -> Put:
    line = told.line
    if line.points is not None or line.score is None:
        return Put(told.score)
    return Put(float(line.score), "number")


def _joined(first: str, second: str) -> str:
    return "\n".join(part for part in (first, second) if part)


def _rounded(amount: str, rule: Rounding) -> str:
    """A sheet's formula for a contract's rounding; "" where sheets have none (halves to even)."""
    if (name := {"half_up": "ROUND", "down": "ROUNDDOWN", "up": "ROUNDUP"}.get(rule.mode)) is None:
        return ""
    step = f"{rule.to.number.normalize():f}"
    # eight digits first, so that what a binary number adds or lacks at the end does not decide
    return f"={name}(ROUND({amount}/{step},8),0)*{step}"

"""How the values of a contract are said in an annex: edges, levels, durations, conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from csim.contract.bands import Band, Interval, intervals
from csim.contract.findings import plain, share
from csim.contract.model import ContractFile
from csim.display.words import Words
from csim.schema.exact import Level
from csim.units import as_duration

DAY_S = 86400


class Said:
    """
    The words of one contract in one language.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> said = Said("en", read_contract("scenarios/contracts/tiers_carry_forward.yaml").file)
        >>> said.condition("missed >= 1"), said.duration(604800.0), said.level(Level.of("15 s"))
        ('the number of missed clauses is 1 or more', '7 d', '15 s')
        >>> said.interval(Interval(Level.of("75%"), True, Level.of("80%"), False))
        '75% or more, less than 80%'
    """

    def __init__(self, lang: str, file: ContractFile) -> None:
        self.lang, self.words, self.file = lang, Words(lang), file
        self.currency = self.words.find(f"annex_currency_{file.currency}") or file.currency

    def __call__(self, key: str, **values: Any) -> str:
        return self.words(f"annex_{key}", **values)

    def choice(self, option: str, of: str = "") -> str:
        """A word of the schema."""
        return self.words.find(f"choice_{of}_{option}") or self.words.find(f"choice_{option}") or option

    def field(self, name: str, of: str = "") -> str:
        return self.words.find(f"field_{of}_{name}") or self.words.find(f"field_{name}") or name

    def listed(self, texts: Sequence[str]) -> str:
        return self("comma").join(texts)

    def level(self, level: Level) -> str:
        """A level as it was written; durations as people of the language write them."""
        if level.kind == "s":
            return self.duration(float(level.number))
        return level.text or plain(level.number)

    def duration(self, value_s: float) -> str:
        if value_s >= DAY_S and value_s % DAY_S == 0:
            return f"{value_s / DAY_S:.0f}{'天' if self.lang == 'zh' else ' d'}"
        if value_s < 60 and value_s != round(value_s, 1):
            return f"{value_s:g}{'秒' if self.lang == 'zh' else ' s'}"
        return as_duration(value_s, self.lang)

    def money(self, amount: Decimal) -> str:
        """An amount as it was agreed, with two places at least."""
        places = max(2, -int(amount.normalize().as_tuple().exponent))
        return f"{amount:,.{places}f}"

    def interval(self, interval: Interval) -> str:
        """An interval in the words that the law gives its edges."""
        low = (
            self("edge_from" if interval.low_in else "edge_above", value=self.level(interval.low))
            if interval.low
            else ""
        )
        high = (
            self("edge_up_to" if interval.high_in else "edge_below", value=self.level(interval.high))
            if interval.high else ""
        )  # fmt: skip
        return self("edge_both", low=low, high=high) if low and high else low or high or self("edge_all")

    def bands(self, rows: Sequence[Band], head: str) -> tuple[tuple[str, ...], ...]:
        """A table of bands: the interval of each row and what it brings."""
        kinds = list(dict.fromkeys(row.outcome for row in rows))
        heads = (head, *(self(f"bands_{kind}", currency=self.currency) for kind in kinds))
        cells = [
            (self.interval(interval), *(self._outcome(row) if row.outcome == kind else "" for kind in kinds))
            for row, interval in zip(rows, intervals(rows), strict=True)
        ]
        return (heads, *cells)

    def _outcome(self, row: Band) -> str:
        if isinstance(row.amount, str):
            return row.amount
        if row.outcome in ("score", "points"):
            return plain(row.amount)
        return self.money(row.amount) if row.outcome in ("deduct", "pay") else share(row.amount)

    def condition(self, text: str) -> str:
        """A condition over the month in words; what is no plain comparison stays as it is written."""
        parts = re.split(r"\s+(and|or)\s+", text.strip())
        said = [self(part) if part in ("and", "or") else self._comparison(part) for part in parts]
        return text if any(part is None for part in said) else self._spaced([str(part) for part in said])

    def _spaced(self, parts: Sequence[str]) -> str:
        return (" " if self.lang == "en" else "").join(parts)

    def _comparison(self, text: str) -> str | None:
        found = re.fullmatch(r"\(?\s*(\w+)\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?)\s*\)?", text)
        if found is None:
            return None
        name, sign, number = found.groups()
        key, _, of = name.partition("_")
        clause = self._clause(of)
        if of and clause is None:
            return None
        if key == "missed" and of:
            kept = {(">=", "1"): "missed", (">", "0"): "missed", ("==", "0"): "kept", ("<", "1"): "kept"}.get(
                (sign, number)
            )
            return self(f"name_{kept}_of", clause=clause) if kept else None
        if key not in ("score", "points", "missed"):
            return None
        subject = self(f"name_{key}_of", clause=clause) if of else self(f"name_{key}")
        sign_key = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq"}[sign]
        return self._spaced([subject, self(f"op_{sign_key}", n=number)])

    def _clause(self, name: str) -> str | None:
        found = self.file.kpis.get(name) or self.file.checklists.get(name)
        return found.clause if found else None

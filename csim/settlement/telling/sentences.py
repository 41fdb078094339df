"""Why a line is as it is, in one sentence; readings, bands, levels and conditions in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from csim.contract.bands import Interval
from csim.contract.load import Contract
from csim.contract.model import ContractFile, KpiClause
from csim.display.numbers import cash, exactly, trimmed
from csim.display.words import Words
from csim.schema.exact import Level
from csim.settlement.judge import Reason
from csim.settlement.steps import Line

# How the values of a reason are shown; what is not named here is a plain number or text.
SHARES = frozenset({"share", "gate", "at_risk", "pool", "part", "credit", "per"})
MONEY = frozenset({"fee", "room", "base", "rate", "price"})
LEVELS = frozenset({"low", "high", "below", "level"})
AMOUNTS = {"credit": "share", "bonus": "share", "deduct": "money", "pay": "money"}  # outcomes of a band
_BAND = re.compile(r"([\[(])(.+), (.+)([\])])")
_SPOKEN_OF = re.compile(r"\b(missed|score|points)(?:_(\w+))? *(>=|<=|==|!=|<|>) *(-?\d+(?:\.\d+)?)")


def on_trial(contract: Contract, month: str, lang: str) -> list[str]:
    """
    What is said of a month outside the contract's term: last year's is settled to see what these terms would pay.

    Examples:
        >>> import csim
        >>> contract = csim.load_contract("scenarios/contracts/double_11.yaml")
        >>> on_trial(contract, "2026-11", "en"), on_trial(contract, "1999-02", "zh")[0][:10]
        ([], '试算：1999-02')
    """
    begins, ends = contract.term
    inside = contract.in_term(month)
    return [] if inside else [Words(lang)("on_trial", month=month, begins=begins, ends=ends)]


class Sentences:
    """
    The words of one contract in one language.

    Examples:
        >>> import csim
        >>> contract = csim.load_contract("scenarios/contracts/double_11.yaml")
        >>> Sentences(contract, contract.file, "en").reading(contract.file.kpis["response"])
        '÷ offered, within 30 s, queue presales'
    """

    def __init__(self, contract: Contract, terms: ContractFile, lang: str) -> None:
        self.contract, self.terms, self.lang, self.words = contract, terms, lang, Words(lang)

    # -- names and numbers -------------------------------------------------------------------------

    def measure(self, name: str) -> tuple[str, str]:
        """What a clause or checklist is called, and its other name (the contract's or the catalogue's), if any."""
        clause = self.terms.kpis.get(name)
        if clause is None:
            listed = self.terms.checklists.get(name)
            return (listed.name or name) if listed else name, ""
        kpi = self.contract.kpi_of(clause.measure, clause.reading).name(self.lang)
        own = clause.name or ""
        foreign = self.lang == "en" and not own.isascii()
        first, other = (kpi, own) if not own or foreign else (own, kpi)
        return first, "" if other == first else other

    def kpi_name(self, word: str) -> str:
        """A KPI by its name in the language."""
        return self.contract.catalogue.find(word).name(self.lang)

    def share(self, number: Decimal) -> str:
        """A share with every digit it has."""
        return f"{trimmed(number * 100):,f}" + ("%" if self.lang == "zh" else " %")

    def money(self, amount: Decimal) -> str:
        """An amount with its currency."""
        key = "with_yuan" if self.terms.currency == "CNY" else "with_currency"
        return self.words(key, amount=cash(amount), currency=self.terms.currency)

    def level(self, level: Level | str) -> str:
        """A level with its unit."""
        known = Level.of(level)
        return exactly(known.number, known.kind, self.lang, [known.number])

    def band(self, band: Interval | str) -> str:
        """
        A band in words, by the law's own: 以上, 以内 include the number, 超过, 不满 do not.

        Examples:
            >>> import csim
            >>> contract = csim.load_contract("scenarios/contracts/double_11.yaml")
            >>> [Sentences(contract, contract.file, lang).band("[70%, 80%)") for lang in ("en", "zh")]
            ['70 % to below 80 %', '70%以上、不满80%']
        """
        known = _interval(band) if isinstance(band, str) else band
        if known is None:
            return ""
        low = "" if known.low is None else "from" if known.low_in else "above"
        high = "" if known.high is None else "up_to" if known.high_in else "below"
        ends = {"low": known.low, "high": known.high}
        shown = {name: self.level(end) for name, end in ends.items() if end is not None}
        return self.words("_".join(part for part in ("band", low, high) if part) if shown else "band_any", **shown)

    def reading(self, clause: KpiClause) -> str:
        """How the measure is read: denominators, thresholds, scope, rounding."""
        parts = []
        for name, value in clause.reading.given().items():
            if name in ("within", "window"):
                shown = {name: exactly(Decimal(repr(value)), "s", self.lang)}
                parts.append(self.words(f"reading_{name}", **shown))
            elif name == "pass_mark":
                parts.append(self.words("reading_pass_mark", pass_mark=self.plain(value)))
            else:
                parts.append(self.words(f"reading_{name}_{value}"))
        if clause.scope.queue is not None:
            parts.append(self.words("reading_queue", queue=clause.scope.queue))
        if clause.scope.channel is not None:
            parts.append(self.words(f"reading_channel_{clause.scope.channel}"))
        if clause.value_rounding is not None:
            parts.append(self.words("reading_rounded", to=self.level(clause.value_rounding.to)))
        return self.words("list_comma").join(parts)

    @staticmethod
    def plain(number: Any) -> str:
        """A plain number with its thousands."""
        return f"{trimmed(number):,f}" if isinstance(number, Decimal) else str(number)

    # -- sentences -----------------------------------------------------------------------------------

    def why(self, line: Line, value: str) -> str:
        """One sentence from a line's reasons; *value* is its value as shown."""
        parts = [self.clause(reason, line, value) for reason in line.why]
        if not parts and line.judged is not None and value:
            parts = [self._kept(line, value)]
        joined = self.words("clause_joint").join(part for part in parts if part)
        return joined[:1].upper() + joined[1:] + self.words("sentence_end") if joined else ""

    def clause(self, reason: Reason, line: Line, value: str) -> str:
        """One reason as a part of a sentence."""
        key, values = self._key(reason, line), dict(reason.values)
        shown = {name: self._shown(name, given, values) for name, given in values.items()}
        if key.startswith("why_band_") and line.judged is not None and line.judged.band is not None:
            shown["band"] = self.band(line.judged.band)
        if key == "why_at_risk_value" and line.judged is not None and line.judged.target is not None:
            shown["level"] = self.level(line.judged.target)
        return self.words(key, **(shown | {"value": value}))

    def _key(self, reason: Reason, line: Line) -> str:
        """The key of the words: some reasons read otherwise by what they hold."""
        key, values = reason.key, reason.values
        if key == "why_band":
            return f"why_band_{values['outcome']}"
        if key == "why_small_sample" and values["sample"] is None:
            return "why_sample_unknown"
        if key == "why_few_responses" and values["share"] is None:
            return "why_responses_unknown"
        if key == "why_shortfall" and Level.of(values["level"]).kind != "share":
            return "why_shortfall_units"
        if key == "why_streak" and values.get("of") is not None:
            return "why_streak_of"
        if key == "why_item" and not values["free"]:
            return "why_item_none_free"
        if key == "why_fee" and values["per"] == "month":
            return "why_fee_month"
        measured = line.judged is not None and line.judged.value is not None and line.judged.target is not None
        return "why_at_risk_value" if key == "why_at_risk" and measured else key

    def _shown(self, name: str, given: Any, values: Mapping[str, Any]) -> str:
        if name == "amount" and "outcome" in values:
            kind = AMOUNTS.get(values["outcome"], "number")
            return self.share(given) if kind == "share" else self.money(given) if kind == "money" else self.plain(given)
        if name == "per" and isinstance(given, str):
            return self.words(f"per_{given}")
        if name in MONEY or name == "amount":
            return cash(given)
        if isinstance(given, Decimal):
            return self.share(given) if name in SHARES else self.plain(given)
        return self._text(name, given)

    def _text(self, name: str, given: Any) -> str:
        if name in LEVELS:
            return self.level(given)
        if name == "band":
            return self.band(given)
        if name == "when":
            return self.condition(given)
        if name == "then":
            return self.words(f"then_{given}")
        if name == "id":
            return self.measure(given)[0]
        if name == "measure":
            return self.kpi_name(given)
        if name == "what":
            return self.event(given)
        return "" if given is None else str(given)

    def _kept(self, line: Line, value: str) -> str:
        judged = line.judged
        assert judged is not None
        if judged.status == "monitor" or judged.target is None:
            return self.words("why_watched", value=value) if judged.status == "monitor" else ""
        return self.words("why_short" if judged.missed else "why_met", value=value, level=self.level(judged.target))

    def event(self, text: str) -> str:
        """What does not count, and the clause that says so: "volume_above_forecast 9.3"."""
        what, _, clause = text.partition(" ")
        named = self.words(f"event_{what}")
        return self.words("event_clause", what=named, clause=clause) if clause else named

    def events(self, parts: Iterable[str]) -> str:
        """Several of them."""
        return self.words("list_and").join(self.event(part) for part in dict.fromkeys(parts))

    def condition(self, text: str) -> str:
        """
        A streak's condition in words.

        Examples:
            >>> import csim
            >>> contract = csim.load_contract("scenarios/contracts/hotline_400.yaml")
            >>> Sentences(contract, contract.file, "zh").condition("missed_service_level >= 1")
            '30秒服务水平未达标'
        """
        return _SPOKEN_OF.sub(self._said, text).replace("==", "=")

    def _said(self, found: re.Match[str]) -> str:
        what, name, sign, number = found.groups()
        sign = {">=": "≥", "<=": "≤", "==": "="}.get(sign, sign)
        if (what, name, sign, number) == ("missed", None, "≥", "1"):
            return self.words("cond_missed_any")
        if name is None:
            return f"{self.words(f'cond_{what}')} {sign} {number}"
        once = {("≥", "1"): "missed", ("=", "1"): "missed", (">", "0"): "missed", ("=", "0"): "met", ("<", "1"): "met"}
        measure = self.measure(name)[0]
        if what == "missed" and (sign, number) in once:
            return self.words(f"cond_{once[sign, number]}_of", measure=measure)
        return f"{self.words(f'cond_{what}_of', measure=measure)} {sign} {number}"


def _interval(text: str) -> Interval | None:
    """
    A band from its mathematical text.

    Examples:
        >>> _interval("(−∞, 15 s)").shown(), _interval("") is None
        ('(−∞, 15 s)', True)
    """
    found = _BAND.fullmatch(text)
    if found is None:
        return None
    low = None if found[2] == "−∞" else Level.of(found[2])
    high = None if found[3] == "∞" else Level.of(found[3])
    return Interval(low, found[1] == "[", high, found[4] == "]")

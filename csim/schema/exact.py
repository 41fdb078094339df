"""Exact values of a contract: money, shares and levels as the decimal numbers that were written, never as floats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import core_schema

from csim.schema.fields import described
from csim.units import SECONDS_PER

_NUMBER = r"\d+(?:\.\d+)?"
_PERCENT = re.compile(rf"(-?{_NUMBER})\s*[%\uff05]")
_PLAIN = re.compile(rf"-?{_NUMBER}")
_PART = re.compile(rf"({_NUMBER})\s*([a-z]+|[\u4e00-\u9fff]+)\s*")


@dataclass(frozen=True)
class Level:
    """
    A value of a KPI as written: its exact number and its kind ("share", "s" or "number").

    Examples:
        >>> Level.of("79.99%"), Level.of("8.5 min").number, Level.of(90).kind
        (Level(number=Decimal('0.7999'), kind='share', text='79.99%'), Decimal('510.0'), 'number')
    """

    number: Decimal
    kind: str
    text: str = ""

    @classmethod
    def of(cls, written: Any) -> Level:
        """A level from "80%", "15 s", "5 min", "8分30秒" or a plain number (scores, counts)."""
        if isinstance(written, Level):
            return written
        if isinstance(written, bool) or not isinstance(written, str | int | float):
            raise ValueError('write a level such as "80%", "15 s" or 90')
        text = str(written).strip()
        if found := _PERCENT.fullmatch(text):
            return cls(Decimal(found[1]) / 100, "share", text)
        if _PLAIN.fullmatch(text):
            return cls(Decimal(text), "number", text)
        total, at = Decimal(0), 0
        while at < len(text) and (part := _PART.match(text, at)) and part[2] in SECONDS_PER:
            total, at = total + Decimal(part[1]) * SECONDS_PER[part[2]], part.end()
        if not text or at < len(text):
            raise ValueError(f'"{text}" is no level: write for example "80%", "15 s" or 90')
        return cls(total, "s", text)

    @classmethod
    def shown(cls, number: Decimal, kind: str) -> Level:
        """
        A level from its number, with the text that a person would write.

        Examples:
            >>> Level.shown(Decimal("0.805"), "share").text, Level.shown(Decimal(31), "s").text
            ('80.5%', '31 s')
        """
        plain = f"{(number * 100 if kind == 'share' else number).normalize():f}"
        return cls(number, kind, plain + {"share": "%", "s": " s"}.get(kind, ""))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.of)


def percent(written: Any) -> Decimal:
    """
    A share written as a percentage.

    Examples:
        >>> percent("12%"), percent("0.6 %")
        (Decimal('0.12'), Decimal('0.006'))
        >>> percent(12)
        Traceback (most recent call last):
        ValueError: 12 has no %: write "12%"
    """
    if isinstance(written, Decimal):
        return written
    text = "" if isinstance(written, bool) else str(written).strip()
    if _PLAIN.fullmatch(text):
        raise ValueError(f'{text} has no %: write "{text}%"')
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is no percentage: write for example "12%"')
    if Decimal(found[1]) < 0:
        raise ValueError(f'"{text}" is negative: write 0% or more')
    return Decimal(found[1]) / 100


def share_of_whole(written: Any) -> Decimal:
    """A percentage from 0 % to 100 %."""
    value = percent(written)
    if value > 1:
        raise ValueError(f'"{written}" is more than the whole: write 0% to 100%')
    return value


def money(written: Any) -> Decimal:
    """
    An amount of money, 0 or more; the currency stands once, on the contract.

    Examples:
        >>> money("1.40"), money("320,000"), money(1.4)
        (Decimal('1.40'), Decimal('320000'), Decimal('1.4'))
        >>> money("1.40 CNY")
        Traceback (most recent call last):
        ValueError: "1.40 CNY" is no amount: write the number alone, the currency stands under "currency"
    """
    if isinstance(written, Decimal):
        return written
    text = "" if isinstance(written, bool) else str(written).strip()
    plain = text.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text) else text
    if plain.startswith("-") and _PLAIN.fullmatch(plain):
        raise ValueError(f'"{text}" is negative: write the amount; the key says who pays')
    if not _PLAIN.fullmatch(plain):
        raise ValueError(f'"{text}" is no amount: write the number alone, the currency stands under "currency"')
    return Decimal(plain)


def number(written: Any) -> Decimal:
    """A plain number, such as a score or a count of points."""
    if isinstance(written, Decimal):
        return written
    text = "" if isinstance(written, bool) else str(written).strip()
    if not _PLAIN.fullmatch(text):
        raise ValueError(f'"{text}" is no number: write for example 90')
    return Decimal(text)


Percent = Annotated[Decimal, BeforeValidator(percent), described("a percentage", "12%")]
ShareOfWhole = Annotated[Decimal, BeforeValidator(share_of_whole), described("a percentage, 0% to 100%", "12%")]
Money = Annotated[Decimal, BeforeValidator(money), described("an amount of money, without tax", "1.40", "320,000")]
Points = Annotated[Decimal, BeforeValidator(number), described("a plain number", "90", "0.5")]
KpiLevel = Annotated[Level, described("a value of the KPI with its unit", "80%", "15 s", "90")]

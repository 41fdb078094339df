"""Numbers as people write them: percentages, durations, counts, intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, ROUND_UP, Context, Decimal

from csim.display.words import Words
from csim.units import as_duration

LEAST = 5  # the smallest group of people that a copy for the other party shows


def shown(value: float, unit: str, lang: str = "en") -> str:
    """
    One value with its unit; "–" for what is not measured.

    Examples:
        >>> shown(0.8172, "share"), shown(6.54, "s"), shown(1434.2, "count"), shown(float("nan"), "s")
        ('81.7 %', '6.5 s', '1,434', '–')
        >>> shown(0.8172, "share", "zh"), shown(510, "s", "zh")
        ('81.7%', '8分30秒')
    """
    if math.isnan(value):
        return "–"
    if unit == "share":
        return f"{value * 100:.1f}" + ("%" if lang == "zh" else " %")
    if unit == "s":
        return ("–" if value < 0 else "") + as_duration(abs(value), lang)
    if unit == "s2":
        return f"{value:,.0f} s²"
    if unit == "count":
        return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"
    return f"{value:,.2f}"


def half_width(value: float, unit: str, lang: str = "en") -> str:
    """
    Half an interval in two digits, rounded up: one that is too wide never reads as if it were not.

    Examples:
        >>> half_width(0.001004, "share"), half_width(1.21, "s"), half_width(float("nan"), "share")
        ('±0.11 %', '±1.3 s', '–')
    """
    if math.isnan(value):
        return "–"
    sign = {"share": "%", "s": "秒" if lang == "zh" else "s"}.get(unit, "")
    number = Context(prec=2, rounding=ROUND_UP).create_decimal_from_float(value * (100 if unit == "share" else 1))
    return f"±{number.normalize():f}{'' if lang == 'zh' else ' '}{sign}".strip()


def fewer(least: int = LEAST, lang: str = "en") -> str:
    """
    What stands in place of a value that rests on too few people to be shown.

    Examples:
        >>> fewer(), fewer(lang="zh")
        ('fewer than 5', '少于 5')
    """
    return Words(lang)("fewer_than", least=least)


def left_out(lang: str = "en") -> str:
    """
    What stands in place of a value that would give away one that is left out.

    Examples:
        >>> left_out(), left_out("zh")
        ('left out with it', '一并略去')
    """
    return Words(lang)("left_out_with_it")


def interval(low: float, high: float, unit: str, lang: str = "en") -> str:
    """
    A confidence interval; empty without one.

    Examples:
        >>> interval(0.791, 0.834, "share"), interval(5.1, 7.9, "s"), interval(float("nan"), float("nan"), "s")
        ('79.1–83.4 %', '5.1 s – 7.9 s', '')
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    if unit == "share":
        return f"{low * 100:.1f}–{high * 100:.1f}" + ("%" if lang == "zh" else " %")
    return f"{shown(low, unit, lang)} – {shown(high, unit, lang)}"


def points(difference: float, unit: str, lang: str = "en") -> str:
    """
    A difference with its sign; of shares in percentage points.

    Examples:
        >>> points(0.0312, "share"), points(-4.2, "s"), points(-0.01, "s"), points(0.0312, "share", "zh")
        ('+3.1 pp', '−4.2 s', '±0 s', '+3.1 个百分点')
    """
    if math.isnan(difference):
        return "–"
    size = f"{abs(difference) * 100:.1f}" if unit == "share" else shown(abs(difference), unit, lang)
    nothing = not any(digit in size for digit in "123456789")
    sign = "±" if nothing else "+" if difference > 0 else "−"
    return sign + size + ({"zh": " 个百分点"}.get(lang, " pp") if unit == "share" else "")


BASE_DIGITS = {"share": 2, "s": 1}
MOST_DIGITS = 24


def exactly(value: Decimal, unit: str, lang: str = "en", edges: Iterable[Decimal] = ()) -> str:
    """
    An exact value with so many digits that it stands on the same side of every edge as it does in truth.

    What is shown in full loses its trailing zeros; what is rounded keeps them.

    Args:
        edges: Levels that the value was held against, in its own unit (shares from 0 to 1).

    Examples:
        >>> edge = Decimal("0.8")
        >>> exactly(Decimal("0.79996"), "share", edges=[edge]), exactly(edge, "share")
        ('79.996 %', '80 %')
        >>> exactly(Decimal("29.996"), "s", "zh", [Decimal(30)]), exactly(Decimal(510), "s", "zh")
        ('29.996秒', '8分30秒')
        >>> exactly(Decimal("510.04"), "s", edges=[Decimal(510)]), exactly(Decimal(81900), "count")
        ('8 min 30.04 s', '81,900')
        >>> exactly(Decimal(604800), "s"), exactly(Decimal(86460), "s")
        ('7 d', '24 h 1 min')
    """
    scale = Decimal(100) if unit == "share" else Decimal(1)
    true = value * scale
    base = 0 if unit == "s" and true >= 60 else BASE_DIGITS.get(unit, 2)
    told = _on_its_side(true, base, [edge * scale for edge in edges])
    if unit == "s":
        return _duration(told, lang)
    return f"{told:,f}" + ("" if unit != "share" else "%" if lang == "zh" else " %")


def _on_its_side(true: Decimal, base: int, edges: list[Decimal]) -> Decimal:
    """Rounded to the fewest digits, from *base* on, that keep it on its side of every edge."""
    told = true
    for digits in range(base, MOST_DIGITS):
        told = true.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=60))
        if all((told > edge) == (true > edge) and (told < edge) == (true < edge) for edge in edges):
            break
    return trimmed(told) if told == true else told


def trimmed(number: Decimal) -> Decimal:
    """
    A number without trailing zeros, and never as a power of ten.

    Examples:
        >>> str(trimmed(Decimal("84.000"))), str(trimmed(Decimal("100")))
        ('84', '100')
    """
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _duration(told: Decimal, lang: str) -> str:
    """Hours, minutes and seconds with the digits that *told* has."""
    second, minute, hour = ("秒", "分", "小时") if lang == "zh" else (" s", " min", " h")
    if told < 60:
        return f"{told:f}{second}"
    if told % 86400 == 0:
        return f"{(told / 86400).to_integral_value():f}" + ("天" if lang == "zh" else " d")
    hours, rest = divmod(told, 3600)
    minutes, seconds = divmod(rest, 60)
    if lang == "zh" and not seconds:
        minute = "分钟"
    parts = [(hours.to_integral_value(), hour), (minutes.to_integral_value(), minute), (seconds, second)]
    return ("" if lang == "zh" else " ").join(f"{number:f}{unit}" for number, unit in parts if number)


def cash(amount: Decimal) -> str:
    """
    Money with two decimals (more where there are more), thousands, and a real minus.

    Examples:
        >>> cash(Decimal("-11466")), cash(Decimal("0.0850")), cash(Decimal("-0.00"))
        ('−11,466.00', '0.085', '0.00')
    """
    least = -int(trimmed(abs(amount)).as_tuple().exponent)
    text = f"{abs(amount):,.{max(2, least)}f}"
    return f"−{text}" if amount < 0 else text


def whole(amount: float, sign: bool = False) -> str:
    """
    Money without decimals, thousands apart, with a real minus; *sign* writes the plus of a gain, too; "–" for NaN.

    Examples:
        >>> whole(-30634.6), whole(11250, sign=True), whole(-0.2), whole(float("nan"))
        ('−30,635', '+11,250', '0', '–')
    """
    if math.isnan(amount):
        return "–"
    number = round(float(amount)) + 0.0
    return f"{number:{'+' if sign else ''},.0f}".replace("-", "−")


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def in_capitals(amount: Decimal) -> str:
    """
    An amount of yuan as Chinese bills write it (人民币大写): 整 where no 分 follows, 零 where a place is skipped.

    Examples:
        >>> in_capitals(Decimal("109385.64")), in_capitals(Decimal("100"))
        ('壹拾万玖仟叁佰捌拾伍元陆角肆分', '壹佰元整')
        >>> in_capitals(Decimal("16409.02")), in_capitals(Decimal("1409.50")), in_capitals(Decimal("-0.3"))
        ('壹万陆仟肆佰零玖元零贰分', '壹仟肆佰零玖元伍角整', '负叁角整')
    """
    fen = int((abs(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_capitals(whole)}元" if whole or not fen else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif rest and text:
        text += _DIGITS[0]
    text += f"{_DIGITS[rest]}分" if rest else "整"
    return ("负" if amount < 0 and fen else "") + text


def _capitals(number: int) -> str:
    for place, unit in _PLACES:
        if number >= place:
            head, rest = divmod(number, place)
            gap = _DIGITS[0] if rest and rest < place // 10 else ""
            return f"{_capitals(head)}{unit}{gap}{_capitals(rest) if rest else ''}"
    return _DIGITS[number]

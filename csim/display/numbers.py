"""Numbers as people write them: percentages, durations, counts, intervals."""

from __future__ import annotations

import math

from csim.units import as_duration


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

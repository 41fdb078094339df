"""Units as people write them: "20 s", "8.5 min", "8分30秒", "5%" → seconds and shares."""

from __future__ import annotations

import re

SECONDS_PER = {
    "s": 1, "sec": 1, "秒": 1,
    "min": 60, "分钟": 60, "分": 60,
    "h": 3600, "小时": 3600, "时": 3600,
    "d": 86400, "天": 86400,
}  # fmt: skip
_NUMBER = r"\d+(?:\.\d+)?"
_PART = re.compile(rf"\s*({_NUMBER})\s*([a-z]+|[\u4e00-\u9fff]+)\s*")


def seconds(text: object) -> float:
    """
    Seconds of a duration written with its unit.

    Args:
        text: "20 s", "8.5 min", "10 h", "1 d", "8 min 30 s" or the same in Chinese. A bare number
            is refused: nobody can tell 20 seconds from 20 minutes.

    Returns:
        Seconds, never negative.

    Raises:
        ValueError: No unit, an unknown unit, a negative or unreadable duration; the message says what to write.

    Examples:
        >>> seconds("8.5 min"), seconds("8分30秒"), seconds("0 s")
        (510.0, 510.0, 0.0)
        >>> seconds(20)
        Traceback (most recent call last):
        ValueError: 20 has no unit: write "20 s" (or "20 min")
    """
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError(f'{text!r} is no duration: write for example "20 s"')
    written = str(text).strip()
    if re.fullmatch(_NUMBER, written):
        raise ValueError(f'{written} has no unit: write "{written} s" (or "{written} min")')
    if written.startswith("-"):
        raise ValueError(f'"{written}" is negative: a duration is 0 s or more')
    total, at = 0.0, 0
    while at < len(written):
        part = _PART.match(written, at)
        if part is None:
            raise ValueError(f'"{written}" is no duration: write for example "20 s", "8.5 min" or "10 h"')
        number, unit = part.groups()
        if unit not in SECONDS_PER:
            raise ValueError(f'"{written}" has the unknown unit "{unit}": write s, min, h or d')
        total, at = total + float(number) * SECONDS_PER[unit], part.end()
    if not written:
        raise ValueError('empty duration: write for example "20 s"')
    return total


def ratio(text: object) -> float:
    """
    A number that may be written as a percentage, 0 or more.

    Examples:
        >>> ratio("10%"), ratio(0.9), ratio("0.9"), ratio("150 %")
        (0.1, 0.9, 0.9, 1.5)
    """
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError(f'{text!r} is no share: write for example "5%" or 0.05')
    found = re.fullmatch(rf"(-?{_NUMBER}(?:e-?\d+)?)\s*([%\uff05])?", str(text).strip())
    if found is None:
        raise ValueError(f'"{text}" is no share: write for example "5%" or 0.05')
    number, percent = found.groups()
    if float(number) < 0:
        raise ValueError(f'"{text}" is negative: write 0% or more')
    return float(number) / 100 if percent else float(number)


def share(text: object) -> float:
    """
    A share from 0 to 1.

    Examples:
        >>> share("50%"), share(0.5)
        (0.5, 0.5)
        >>> share(82)
        Traceback (most recent call last):
        ValueError: 82 lies outside 0..1: write "82%"
    """
    value = ratio(text)
    if value > 1:
        bare = str(text).strip()
        hint = f'write "{bare}%"' if not bare.endswith(("%", "\uff05")) and value <= 100 else "write 0% to 100%"
        raise ValueError(f"{bare} lies outside 0..1: {hint}")
    return value


def as_duration(value_s: float, lang: str = "en") -> str:
    """
    A duration as people write it.

    Examples:
        >>> as_duration(20), as_duration(510), as_duration(510, "zh"), as_duration(7200), as_duration(6.54)
        ('20 s', '8 min 30 s', '8分30秒', '2 h', '6.5 s')
    """
    second, minute, hour = ("秒", "分", "小时") if lang == "zh" else (" s", " min", " h")
    gap = "" if lang == "zh" else " "
    if value_s < 60:
        rounded = round(value_s, 1)
        return (f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded}") + second
    whole = round(value_s)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if lang == "zh" and not rest:
        minute = "分钟"
    parts = [(hours, hour), (minutes, minute), (rest, second)]
    return gap.join(f"{number}{unit}" for number, unit in parts if number)

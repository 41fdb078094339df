"""
What a contract's own phrase says of an edge: whether the number itself belongs to the band, and on which side it lies.

Chinese law settles it: with 以上, 以下, 以内, 届满 the number is included, with 不满, 超过, 以外 it is not (Civil Code
art. 1259). Other words say it by their meaning; 含 and 不含 in brackets say it outright.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from csim.contract.bands import Interval
from csim.display.notes import Note
from csim.errors import InputError
from csim.schema.exact import Level

Side = Literal["low", "high"]
BY_LAW = ("以上", "以下", "以内", "届满", "不满", "超过", "以外")

Meaning = tuple[Side, bool]  # on which side of the band the number lies, and whether it is in


def _each(words: str, side: Side, included: bool) -> dict[str, Meaning]:
    return dict.fromkeys(words.split("|"), (side, included))


def _negated(words: str, side: Side) -> dict[str, Meaning]:
    """不低于 is at least: the other side, and the number is in."""
    return {no + word: (side, True) for no in ("不", "不得", "不应", "不能", "不可", "未") for word in words.split("|")}


_LESS, _MORE = "低于|少于|小于|短于", "高于|多于|大于|长于|超过|超出"
BEFORE: dict[str, Meaning] = {
    **_each(_LESS, "high", False),
    **_each(_MORE, "low", False),
    **_negated(_LESS, "low"),
    **_negated(_MORE, "high"),
    **_each("不满|未满|不足|不到|未达|未达到|未到", "high", False),
    **_each("届满|满|达到|达|至少|最低|大于等于|大于或等于|≥|>=", "low", True),
    **_each("至多|最多|最高|小于等于|小于或等于|≤|<=", "high", True),
    **_each(">|more than|above|over|exceeding|greater than|beyond|longer than|higher than|better than", "low", False),
    **_each("<|less than|below|under|fewer than|shorter than|lower than|up to but not including", "high", False),
    **_each("at least|no less than|not less than|no fewer than|not fewer than|not below|from|starting at", "low", True),
    **_each("at most|up to|up to and including|no more than|not more than|not above|not over", "high", True),
    **_each("not exceeding|within|no longer than", "high", True),
}
AFTER: dict[str, Meaning] = {
    **_each("以上|及以上|届满|or more|or above|or better|or higher|or over|or longer", "low", True),
    **_each("and above|and more|and over", "low", True),
    **_each("以下|及以下|以内|之内|内|or less|or fewer|or below|or under|or lower|or shorter", "high", True),
    **_each("and below|and under", "high", True),
    **_each("以外|之外", "low", False),
}

_UNITS = "分钟|小时|秒|分|时|天|日|次|元|个百分点|百分点|minutes?|min|seconds?|sec|hours?|points?|days?|s|h|d"
_DIGITS = r"\d+(?:\.\d+)?"
_HAN = "[零一二两三四五六七八九十百千万半点]+"
_NUMBER = rf"(?:(?:{_DIGITS}\s*(?:%|(?:{_UNITS})(?![a-z]))\s*)+|{_DIGITS}|(?:百分之)?{_HAN}(?:%|{_UNITS})?)"
_IN_OR_OUT = "不含|不包括|含|包括|excluded|excluding|exclusive|included|including|inclusive"
_BRACKET = rf"\s*\(\s*(?P<NAME>{_IN_OR_OUT})[^)]*\)"


def _words(table: dict[str, Meaning]) -> str:
    ordered = sorted(table, key=len, reverse=True)
    return "|".join(rf"\b{re.escape(word)}\b" if word[0].isascii() and word[0].isalpha() else re.escape(word)
                    for word in ordered)  # fmt: skip


_PHRASE = re.compile(
    rf"(?:(?P<before>{_words(BEFORE)})\s*)?(?P<number>{_NUMBER})(?:{_BRACKET.replace('NAME', 'first')})?\s*"
    rf"(?P<after>{_words(AFTER)})?(?:{_BRACKET.replace('NAME', 'second')})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """One edge as a phrase states it: the words, on which side of the band it lies, whether the number is in."""

    words: str
    operator: str
    number: str
    side: Side
    included: bool

    @property
    def source(self) -> Note | str:
        """Where it is settled, for a word that the law names."""
        return Note("lint_civil_code") if any(word in self.operator for word in BY_LAW) else ""


@lru_cache(maxsize=1000)
def claims(phrase: str) -> tuple[Claim, ...]:
    """
    What a phrase says of the edges of its band.

    Examples:
        >>> [(c.number, c.side, c.included) for c in claims("96%以上、不满98%")]
        [('96%', 'low', True), ('98%', 'high', False)]
        >>> [(c.number, c.side, c.included) for c in claims("more than 15 s, up to 22 s")]
        [('15 s', 'low', False), ('22 s', 'high', True)]
        >>> claims("5–10 min")
        ()
    """
    return tuple(claim for match in _PHRASE.finditer(unicodedata.normalize("NFKC", phrase)) for claim in _of(match))


def _of(match: re.Match) -> Iterator[Claim]:
    said = match["first"] or match["second"]
    for word, table in ((match["before"], BEFORE), (match["after"], AFTER)):
        if word:
            side, included = table[word.lower()]
            if said:
                included = not said.lower().startswith(("不", "exclu"))
            yield Claim(match[0].strip(), word, match["number"].strip(), side, included)


def disagreements(phrase: str, interval: Interval) -> Iterator[tuple[Claim, Note]]:
    """
    Where a phrase and the edges beside it part: the claim, and what is wrong.

    Examples:
        >>> edge = Interval(Level.of("22 s"), False, None, False)
        >>> [what.text("en") for _, what in disagreements("22秒以上", edge)]
        ['"22秒以上" includes 22 s (Civil Code art. 1259), the band leaves it out']
    """
    kinds = {edge.kind for edge in (interval.low, interval.high) if edge is not None}
    for claim in claims(phrase):
        if (kind := _kind(claim.number)) and kinds and kind not in kinds:
            continue  # it speaks of something else, such as the threshold within 30 s of a share
        edge, inside = (interval.low, interval.low_in) if claim.side == "low" else (interval.high, interval.high_in)
        if edge is None:
            if not _natural_end(claim):
                side = "lower" if claim.side == "low" else "upper"
                yield claim, Note(f"lint_wording_no_{side}", {"words": claim.words})
        elif not _same(claim.number, edge):
            yield claim, Note("lint_wording_number", {"words": claim.words, "number": claim.number, "edge": edge.text})
        elif claim.included != inside:
            key = "lint_wording_included" if claim.included else "lint_wording_left_out"
            yield claim, Note(key, {"words": claim.words, "edge": edge.text, "source": claim.source})


def _kind(number: str) -> str:
    """The kind of level a number can only be; "" where it could be several (分 is minutes or points)."""
    if re.search(r"%|百分之", number):
        return "share"
    return "s" if re.search(r"秒|分钟|小时|\d\s*(?:s|sec|min|h|d)", number, re.IGNORECASE) else ""


def _natural_end(claim: Claim) -> bool:
    """0 below and 100 above end nothing: no value lies beyond them."""
    found = re.match(_DIGITS, claim.number)
    return found is not None and Decimal(found[0]) == (0 if claim.side == "low" else 100)


def _same(number: str, edge: Level) -> bool:
    """Whether a number of the phrase can be the edge; what cannot be read (九十, 30 seconds) is believed."""
    found = re.match(_DIGITS, number)
    if found is None:
        return True
    if edge.kind == "s":
        try:
            level = Level.of(number)
        except (ValueError, InputError):
            return True
        return level.kind != "s" or level.number == edge.number
    return Decimal(found[0]) == edge.number * (100 if edge.kind == "share" else 1)

"""
The Chinese font that csim carries, for figures and for pages that must not depend on what the reader installed.

The files are made by make_fonts.py beside them; OFL.txt is their licence.
"""

from __future__ import annotations

import base64
import importlib.util
import io
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent
CHINESE_FAMILY = "Csim Sans SC"
CHINESE_FILES = {400: FOLDER / "CsimSansSC-Regular.ttf", 700: FOLDER / "CsimSansSC-Bold.ttf"}
# Where Chinese stands in Unicode: enclosed numbers, punctuation, kana, hanzi, compatibility, full-width forms.
CHINESE_BLOCKS = ((0x2460, 0x24FF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF))
# Marks that Chinese and English share, but draw at different widths.
SHARED_MARKS = "“”‘’…—·"


def register() -> None:
    """Make the font known to matplotlib, once a process."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in CHINESE_FILES.values():
        if str(file) not in known:
            font_manager.fontManager.addfont(str(file))


def font_face_css(text: str, *, lang: str = "en") -> str:
    """
    CSS that gives a page its own Chinese: @font-face rules with the glyphs of *text* and no others.

    Put "Csim Sans SC" first in the page's font-family: its unicode-range leaves Latin to the next family.

    Args:
        text: All text of the page; markup does no harm.
        lang: "zh" also takes the marks both languages share (“ ” … —) from the Chinese font: they are wide there.

    Returns:
        Two rules (regular and bold) with the fonts inside, 0.6 kB a character together; "" if *text* has no
        Chinese. Characters that the font lacks are left to the reader's system.
    """
    wanted = {character for character in text if _is_chinese(character)}
    if not wanted:
        return ""
    marks = set(SHARED_MARKS) & set(text) if lang == "zh" else set()
    rules = (_font_face(file, weight, wanted | marks) for weight, file in CHINESE_FILES.items())
    return "\n".join(filter(None, rules))


def _is_chinese(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in CHINESE_BLOCKS) or ord(character) >= 0x20000


def _font_face(file: Path, weight: int, wanted: Iterable[str]) -> str:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    # woff2 is a quarter smaller, but needs brotli, which csim does not ask for.
    flavour = "woff2" if importlib.util.find_spec("brotli") else "woff"
    font = TTFont(file, recalcTimestamp=False)
    points = {ord(character) for character in wanted} & set(font.getBestCmap())
    if not points:
        return ""
    subsetter = Subsetter(Options(layout_features=[], drop_tables=["GPOS", "GSUB"]))
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.flavor = flavour
    stream = io.BytesIO()
    font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    source = f'url(data:font/{flavour};base64,{data}) format("{flavour}")'
    return (
        f'@font-face{{font-family:"{CHINESE_FAMILY}";font-weight:{weight};font-style:normal;'
        f"src:{source};unicode-range:{_unicode_range(points)}}}"
    )


def _unicode_range(points: Iterable[int]) -> str:
    """
    Code points as CSS writes them, neighbours joined.

    Examples:
        >>> _unicode_range([0x4E01, 0x4E00, 0x3002])
        'U+3002,U+4E00-4E01'
    """
    runs: list[tuple[int, int]] = []
    for point in sorted(points):
        if runs and point == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], point)
        else:
            runs.append((point, point))
    return ",".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in runs)

"""
Make the two fonts that csim carries, from the Debian package fonts-noto-cjk.

Run once, and again only when a character is missing from a report:

    python csim/display/fonts/make_fonts.py NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc

Each file is a collection of ten families with cubic (CFF) outlines. From each the simplified-Chinese face is
taken, cut down to what a report needs (GB 2312, Latin, symbols, some characters of personal names), redrawn
with quadratic (TrueType) outlines, which every backend of matplotlib embeds, and renamed: the Open Font License
keeps reserved names for the original files. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

SOURCE_FAMILY = "Noto Sans CJK SC"
FAMILY = "Csim Sans SC"
POSTSCRIPT_FAMILY = "CsimSansSC"

# Largest distance between the old and the new outline, in 1/1000 em: on paper at 12 pt that is 4 µm.
LARGEST_ERROR = 1.0

# The rest of what reports use and the source font has; what it lacks (⁰ ₁ ⅓ ✔) comes from DejaVu Sans.
SYMBOLS = (
    "–—―…·•×÷±∓≤≥≠≈≡∝∞√∑∏∫∂∆∈∩∪∧∨∠⊥∥∴∵−∕→←↑↓↔↕↗↘↙↖⇒⇐⇔％‰°℃№′″†‡§¶©®™¥€£¢“”‘’„‹›«»"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ¹²³⁴½¼¾"
    "■□▪▫▲△▶▷▼▽◀◁◆◇○◎●★☆✓⚠▁▂▃▄▅▆▇█░▒▓\u2002\u2003\u3000"
)

# Agents are people: characters of surnames and given names that GB 2312 (1980) lacks.
NAMES = (
    "喆玥珺堃翀镕祎赟旻璟瑄瑀瑢璠琤玙珮琇玘珣瑆瑧昉晞暐曈燚炆烜淏湉濛沄洺鋆锜倞偲垚堉姮婍婳嬿孖孞峣崟"
    "彧悆惇愔昇梣楒橦犇禛禤竑翯翾芃莙蓂贇辀闿霂飏龑浥澔濬頔碁祐"
)


def characters() -> set[int]:
    """Code points the fonts shall hold: GB 2312 (with Greek and kana), Latin, full-width forms, symbols, names."""
    rows, cells = range(0xA1, 0xF8), range(0xA1, 0xFF)
    gb2312 = "".join(bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in cells)
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x100)}
    chinese = {*range(0x3000, 0x3040), *range(0xFF01, 0xFF5F), *range(0xFFE0, 0xFFE7)}
    return latin | chinese | {ord(character) for character in gb2312 + SYMBOLS + NAMES}


def simplified_chinese(collection: Path) -> TTFont:
    """The face of the collection whose family is `SOURCE_FAMILY`."""
    for font in TTCollection(str(collection), lazy=True).fonts:
        if font["name"].getDebugName(1) == SOURCE_FAMILY:
            font.recalcTimestamp = False
            return font
    raise SystemExit(f'{collection}: no face "{SOURCE_FAMILY}"; give NotoSansCJK-Regular.ttc or -Bold.ttc')


def cut_down(font: TTFont) -> None:
    """Drop every glyph, feature and table that horizontal text of `characters` does not use."""
    options = Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)


def redraw(font: TTFont) -> None:
    """Replace the cubic outlines by quadratic ones."""
    order = font.getGlyphOrder()
    drawn = font.getGlyphSet()
    glyphs: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(None)
        # TrueType contours run clockwise, CFF contours anti-clockwise.
        drawn[name].draw(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph(dropImpliedOnCurves=True)
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    font["post"].formatType = 3.0
    for name, glyph in glyphs.items():
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    font["maxp"].tableVersion = 0x00010000
    # Fields of version 1.0 that count hinting instructions; there are none. The rest is counted on saving.
    hinting = "TwilightPoints Storage FunctionDefs InstructionDefs StackElements SizeOfInstructions"
    for field in hinting.split():
        setattr(font["maxp"], f"max{field}", 0)
    font["maxp"].maxZones = 1
    font["maxp"].maxComponentElements = 0


def rename(font: TTFont) -> str:
    """Give the font its own name in every name record; returns the PostScript name."""
    old = font["name"]
    weight = old.getDebugName(2)
    version = old.getDebugName(5).split(";")[0]
    postscript = f"{POSTSCRIPT_FAMILY}-{weight}"
    full = FAMILY if weight == "Regular" else f"{FAMILY} {weight}"
    texts = {
        0: old.getDebugName(0),
        1: FAMILY,
        2: weight,
        3: f"{version.split()[-1]};csim;{postscript}",
        4: full,
        5: version,
        6: postscript,
        10: f"Subset of {SOURCE_FAMILY} with TrueType outlines, renamed, made for csim.",
        13: old.getDebugName(13),
        14: old.getDebugName(14),
        16: FAMILY,
        17: weight,
    }
    font["head"].macStyle = int(weight == "Bold")
    font["name"].names = []
    for identifier, text in texts.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    return postscript


def main() -> None:
    """Write one font for each collection named on the command line."""
    parser = argparse.ArgumentParser(description="Make csim's fonts from the Debian package fonts-noto-cjk.")
    parser.add_argument("collections", nargs="+", type=Path, help="NotoSansCJK-Regular.ttc, -Bold.ttc")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to")
    arguments = parser.parse_args()
    for collection in arguments.collections:
        font = simplified_chinese(collection)
        absent = characters() - set(font.getBestCmap())
        cut_down(font)
        redraw(font)
        target = arguments.out / f"{rename(font)}.ttf"
        font.save(target)
        print(f"{target.name}: {len(font.getGlyphOrder())} glyphs, {target.stat().st_size / 1e6:.2f} MB")
        if absent:
            print(f"  not in {SOURCE_FAMILY}: {''.join(map(chr, sorted(absent)))}")


if __name__ == "__main__":
    main()

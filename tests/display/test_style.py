"""What every figure and page must keep to: no box for a character, no colour that only some readers can tell."""

from __future__ import annotations

import base64
import io
import itertools
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.figure import Figure

from csim.display import fonts, style

CHINESE = (
    "B 供应商 11 月 11 日 20:00–22:00 不达标,缺 9 人;全月达标概率 31 %(28–34 %),预计扣款 11,466 元。"
    "“首次响应时间”按《外包合同》第 5.1 条:≥ 30 秒计 0 分……客服、坐席、转接率、一次性解决率、事后处理!"
)
ENGLISH = "Vendor B misses its level on 11 November — nine agents short: “expected” €1,466, −3 K, naïve Żółć."
FULL_WIDTH = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\uffe5\u3000"
SYMBOLS = "–—…·×÷±≤≥≠≈→←↑↓√∞%‰°¥€£§“”‘’「」『』【】《》〈〉、。①②③⑩ⅠⅣ■●▲★✓½²³\u00a0\u202f" + FULL_WIDTH
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω"
NAMES = "李喆、王玥、张珺、陈堃、朱镕"
NO_FONT_HAS = "\U00013000"

# Machado, Oliveira and Fernandes (2009): what is left of linear RGB when one kind of cone is missing.
COLOUR_VISION = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deuteranopia": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritanopia": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
DATA_ROLES = ("demand", "bad", "level", "staff", "good")


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    """No test leaves its fonts and colours to the next."""
    with mpl.rc_context():
        yield


def complaints(draw: Callable[[Figure], object]) -> list[str]:
    """What matplotlib warns or logs while a figure is drawn and written as PNG, SVG and PDF."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fig = Figure()
            draw(fig)
            for form in ("png", "svg", "pdf"):
                fig.savefig(io.BytesIO(), format=form)
    finally:
        logger.removeHandler(handler)
    return [str(warning.message) for warning in caught] + [record.getMessage() for record in records]


def text(words: str, **how: str) -> Callable[[Figure], object]:
    """A drawing of nothing but *words*."""
    return lambda fig: fig.text(0.05, 0.5, words, **how)


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a colour written as #RRGGBB."""
    share = np.array(mpl.colors.to_rgb(colour))
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB, white D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def lightness(colour: str) -> float:
    """L* of a colour, 0 black to 100 white: what a grey printer keeps of it."""
    return float(lab(linear(colour))[0])


def contrast(colour: str) -> float:
    """Contrast with white paper as WCAG 2 defines it, 1 to 21."""
    return 1.05 / (float(linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05)


def carried(css: str) -> list[tuple[int, TTFont, set[int]]]:
    """Weight, font and unicode-range of each @font-face rule of *css*."""
    found = []
    for rule in css.splitlines():
        match = re.fullmatch(
            r'@font-face\{font-family:"Csim Sans SC";font-weight:(\d+);font-style:normal;'
            r'src:url\(data:font/woff2?;base64,(\S+)\) format\("woff2?"\);unicode-range:(\S+)\}',
            rule,
        )
        assert match, rule[:200]
        runs = [run.removeprefix("U+").split("-") for run in match[3].split(",")]
        points = {point for run in runs for point in range(int(run[0], 16), int(run[-1], 16) + 1)}
        found.append((int(match[1]), TTFont(io.BytesIO(base64.b64decode(match[2]))), points))
    return found


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_character_of_a_report_is_drawn(lang, weight):
    """Chinese, English, Greek, symbols and names come out without a box, whichever language leads."""
    style.use_style(lang)
    for words in (CHINESE, ENGLISH, SYMBOLS, GREEK, NAMES):
        assert complaints(text(words, weight=weight)) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_box_would_be_noticed(lang):
    """A character that no font has is reported by the helper that the test above trusts."""
    style.use_style(lang)
    assert any("missing" in complaint for complaint in complaints(text(f"达标 {NO_FONT_HAS}")))


def test_a_box_inside_a_formula_would_be_noticed():
    """Chinese beside a formula draws boxes and only logs it; the helper reads the log too."""
    style.use_style("en")
    mpl.rcParams["text.parse_math"] = True
    assert complaints(text("达标 $x$")) != []


def test_without_the_style_chinese_would_be_boxes():
    """It is the style that brings Chinese: matplotlib's own fonts have none."""
    mpl.rcdefaults()
    assert complaints(text("达标", family="DejaVu Sans")) != []


def test_dollars_are_not_formulas():
    """Two sums in dollars in one text are drawn as they are, beside Chinese."""
    style.use_style("en")
    assert complaints(text("从 $5 到 $6 每通")) == []
    assert not mpl.rcParams["text.parse_math"]


@pytest.mark.parametrize(("lang", "first"), [("en", "DejaVu Sans"), ("zh", "Csim Sans SC")])
def test_digits_come_from_the_font_of_the_language(lang, first):
    """The first family draws digits and Latin, so that they match the words around them."""
    style.use_style(lang)
    assert mpl.rcParams["font.family"][0] == first
    bold = font_manager.findfont(font_manager.FontProperties(family="Csim Sans SC", weight="bold"))
    assert bold.endswith("CsimSansSC-Bold.ttf")


def test_fonts_are_registered_once():
    """Calling the style again adds no second copy of a font."""
    style.use_style()
    style.use_style("zh")
    names = [entry.name for entry in font_manager.fontManager.ttflist]
    assert names.count("Csim Sans SC") == 2


def test_an_unknown_language_is_refused():
    """A language csim does not speak is named in the message, with what to write."""
    with pytest.raises(ValueError, match=r'"fr".*"en" or "zh"'):
        style.use_style("fr")


def test_importing_the_style_loads_no_drawing_library():
    """`import csim` stays fast: drawing and font libraries load when something is drawn."""
    heavy = "{'matplotlib', 'seaborn', 'fontTools'}"
    code = f"import sys; sys.path[:0] = {sys.path}; import csim.display.style; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("weight", [400, 700])
def test_the_font_holds_every_hanzi_of_gb2312(weight):
    """Any text in simplified Chinese, not only the sentences above, finds its characters in both weights."""
    rows, cells = range(0xB0, 0xF8), range(0xA1, 0xFF)
    hanzi = "".join(bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in cells)
    assert len(hanzi) == 6763
    held = TTFont(fonts.CHINESE_FILES[weight]).getBestCmap()
    assert [character for character in hanzi + NAMES + GREEK if ord(character) not in held] == []


@pytest.mark.parametrize(("weight", "word"), [(400, "Regular"), (700, "Bold")])
def test_the_font_bears_its_own_name(weight, word):
    """Every name record says Csim Sans SC: the licence keeps the original names for the original files."""
    font = TTFont(fonts.CHINESE_FILES[weight])
    name = {record.nameID: record.toUnicode() for record in font["name"].names}
    assert (name[1], name[2], name[6], name[16], name[17]) == (
        "Csim Sans SC", word, f"CsimSansSC-{word}", "Csim Sans SC", word,
    )  # fmt: skip
    assert not [name[key] for key in (1, 3, 4, 6, 16, 17) if re.search("noto|source", name[key], re.IGNORECASE)]
    assert "glyf" in font
    assert "CFF " not in font
    assert font["OS/2"].usWeightClass == weight


def test_the_licence_lies_beside_the_fonts():
    """The Open Font License travels with the files, with the copyright line of the original."""
    licence = (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'" in licence
    assert all(file.name in licence for file in fonts.CHINESE_FILES.values())


def test_roles_survive_grey_print():
    """Colours of data differ by 9 of 100 in lightness, dark to light, and stand out from the paper."""
    ladder = [lightness(style.PALETTE[role]) for role in DATA_ROLES]
    assert min(np.diff(ladder)) >= 9
    assert min(contrast(style.PALETTE[role]) for role in DATA_ROLES) >= 3
    assert min(contrast(style.PALETTE[role]) for role in ("ink", "muted")) >= 4.5
    assert lightness(style.PALETTE["band"]) - max(ladder) >= 20
    assert list(style.PALETTE)[: len(DATA_ROLES)] == list(DATA_ROLES)


@pytest.mark.parametrize("n", range(2, 7))
def test_vendors_survive_grey_print(n):
    """Up to six vendors differ by 8 of 100 in lightness, dark to light, and stand out from the paper."""
    colours = style.vendor_colours(n)
    assert min(np.diff([lightness(colour) for colour in colours])) >= 8
    assert min(contrast(colour) for colour in colours) >= 3


@pytest.mark.parametrize("vision", COLOUR_VISION)
@pytest.mark.parametrize("colours", [[style.PALETTE[role] for role in DATA_ROLES], style.VENDORS])
def test_colours_can_be_told_apart_by_every_reader(colours, vision):
    """Any two colours of one set lie 10 apart in CIE L*a*b*, also for readers who lack one kind of cone."""
    seen = [lab(COLOUR_VISION[vision] @ linear(colour)) for colour in colours]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 10


@pytest.mark.parametrize("n", [0, 1, 3, 6, 7, 84])
def test_no_two_vendors_look_alike(n):
    """Colour, line and marker together name one vendor, even when colours repeat."""
    looks = style.vendor_styles(n)
    assert len({str(look) for look in looks}) == n == len(style.vendor_colours(n))


def test_a_page_carries_the_glyphs_of_its_text_and_no_others():
    """The CSS holds the Chinese of the text in both weights, and its range leaves all else to other fonts."""
    faces = carried(fonts.font_face_css("B 供应商\uff1a缺 9 人。“缺”"))
    wanted = {ord(character) for character in "供应商\uff1a缺人。"}
    assert [weight for weight, _, _ in faces] == [400, 700]
    for _, font, points in faces:
        assert points == wanted == set(font.getBestCmap())
        assert len(font.getGlyphOrder()) == len(wanted) + 1
        assert all(font["glyf"][font.getBestCmap()[point]].numberOfContours for point in wanted)


def test_a_chinese_page_takes_its_quotation_marks_from_the_chinese_font():
    """Marks that both languages share come from the Chinese font on a Chinese page, not on an English one."""
    shared = {ord("“"), ord("”"), ord("—")}
    for lang, expected in (("zh", shared), ("en", set())):
        for _, _, points in carried(style.font_face_css("“缺” — 9", lang=lang)):
            assert points == expected | {ord("缺")}


@pytest.mark.parametrize("words", ["", "nine agents short — 31%", "\U00020bb7"])
def test_a_page_without_chinese_carries_no_font(words):
    """English text costs nothing; a character that the font lacks is left to the reader's system."""
    assert style.font_face_css(words, lang="zh") == ""


def test_a_page_stays_small():
    """Two hundred different characters cost less than 150 kB in two weights."""
    rows = (0xB0, 0xC8, 0xD0)
    hanzi = "".join(bytes((row, cell)).decode("gb2312") for row in rows for cell in range(0xA1, 0xE4))
    assert len(set(hanzi)) == 201
    assert len(style.font_face_css(hanzi)) < 150_000


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_source_line_stays_on_the_page_and_off_the_axes(lang):
    """However long, the source line breaks at its separators, inside the figure and below the axis label."""
    style.use_style(lang)
    fig = Figure()
    axes = fig.subplots()
    axes.set_xlabel("到达时间")
    parts = [f"情景 scenario-{number}.yaml" for number in range(12)]
    assert style.finish(fig, " · ".join(parts)) is fig
    fig.draw_without_rendering()
    line = fig.texts[0]
    assert line.get_text().replace("\n", " · ").split(" · ") == parts
    assert "\n" in line.get_text()
    box = line.get_window_extent()
    assert box.x1 <= fig.bbox.x1
    assert box.y0 >= 0
    assert box.y1 < axes.xaxis.label.get_window_extent().y0
    assert not axes.spines["top"].get_visible()


def test_a_threshold_is_drawn_where_it_was_agreed():
    """The thin line lies at the agreed value, with its words beside the axes and still inside the picture."""
    style.use_style("zh")
    fig = Figure()
    axes = fig.subplots()
    axes.set_ylim(0, 1)
    style.threshold_line(axes, 0.8, "目标 80 %（第 5.1 条）")
    fig.draw_without_rendering()
    assert list(axes.lines[0].get_ydata()) == [0.8, 0.8]
    words = axes.texts[0].get_window_extent()
    assert axes.bbox.x1 <= words.x0
    assert words.x1 <= fig.bbox.x1

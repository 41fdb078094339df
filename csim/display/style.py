"""
How every figure of csim looks.

A figure starts with `use_style` and ends with `finish`; in between it takes its colours from `PALETTE` and
`vendor_styles`, so that all figures speak one language and survive a grey printer and a colour-blind reader.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from csim.display.fonts import CHINESE_FAMILY, font_face_css, register
from csim.display.lines import broken, width
from csim.display.numbers import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FAMILIES",
    "FIGURE_WIDTH_IN",
    "HATCHES",
    "LINE_STYLES",
    "MARKERS",
    "PALETTE",
    "ROLES",
    "VENDORS",
    "finish",
    "font_face_css",
    "source_line",
    "threshold_line",
    "use_style",
    "vendor_colours",
    "vendor_styles",
]

# The first family that has a character draws it; in Chinese figures that goes for digits and Latin too.
FAMILIES = {"en": ["DejaVu Sans", CHINESE_FAMILY], "zh": [CHINESE_FAMILY, "DejaVu Sans"]}

# The text width of an A4 page with margins of 20 mm.
FIGURE_WIDTH_IN = 6.7
TITLE_SHARE = 0.86  # of the figure's width: what stands to the left of the axes, a title cannot use

# What a colour means. The first five mark data, dark to light: lightness (L*) differs by 9 or more, so that
# grey print keeps them apart, and contrast with white is 3 or more. The rest: text, source lines, fills, grid.
PALETTE = {
    "demand": "#16324F",
    "bad": "#8A1E25",
    "level": "#126A7E",
    "staff": "#B46616",
    "good": "#57A26F",
    "ink": "#1D2730",
    "muted": "#5F6B76",
    "band": "#C6DCE3",
    "grid": "#E4E8EB",
}
# Cool and warm in turn, dark to light in steps of 8.
VENDORS = ("#16324F", "#77291C", "#015F72", "#A05818", "#4883BB", "#BD8C23")
LINE_STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----")
# Each colour with its line or marker, as keywords of `Axes.plot`. "demand" and "level" are both solid: one counts
# contacts, the other is a share, so they never share axes.
ROLES: dict[str, dict[str, Any]] = {
    "demand": {"color": PALETTE["demand"], "linestyle": LINE_STYLES[0]},
    "staff": {"color": PALETTE["staff"], "linestyle": LINE_STYLES[1]},
    "level": {"color": PALETTE["level"], "linestyle": LINE_STYLES[0]},
    "good": {"color": PALETTE["good"], "linestyle": "", "marker": "o"},
    "bad": {"color": PALETTE["bad"], "linestyle": "", "marker": "X"},
}


def use_style(lang: str = "en") -> None:
    """
    Give every figure drawn from now on the look of csim, with Chinese in any text.

    Call it at the top of a notebook and again after any `seaborn.set_theme`, which resets fonts. A "$" in a
    text is a dollar, not the start of a formula: names and sums from user data are drawn as they are, and a log
    axis needs a plain tick formatter.

    Args:
        lang: "en" or "zh", the language most of the text is in: whose digits and Latin letters are used.
    """
    import seaborn

    if lang not in FAMILIES:
        raise ValueError(f'lang "{lang}" is not known: write "en" or "zh"')
    register()
    seaborn.set_theme(context="paper", style="ticks", palette=list(VENDORS), rc=_rc(lang))


def vendor_colours(n: int) -> list[str]:
    """
    Colours of *n* vendors, dark to light and as far apart as *n* allows; from the seventh on they repeat.

    Examples:
        >>> vendor_colours(2)
        ['#16324F', '#BD8C23']
        >>> len(set(vendor_colours(6)))
        6
    """
    if n > len(VENDORS):
        return [VENDORS[place % len(VENDORS)] for place in range(n)]
    step = (len(VENDORS) - 1) / max(n - 1, 1)
    return [VENDORS[round(place * step)] for place in range(n)]


def vendor_styles(n: int) -> list[dict[str, Any]]:
    """
    Colour, line style and marker of *n* vendors as keywords of `Axes.plot`; no two alike up to 84 vendors.

    Examples:
        >>> [style["marker"] for style in vendor_styles(3)]
        ['o', 's', '^']
    """
    lines, markers = cycle(LINE_STYLES), cycle(MARKERS)
    looks = zip(vendor_colours(n), lines, markers, strict=False)
    return [{"color": colour, "linestyle": line, "marker": marker} for colour, line, marker in looks]


def threshold_line(axes: Axes, value: float, text: str) -> None:
    """Draw the agreed *value* as a thin line across *axes*, with *text* (the clause) beside its right end."""
    axes.axhline(value, color=PALETTE["ink"], linewidth=0.8, linestyle=LINE_STYLES[1], zorder=3)
    axes.annotate(
        text,
        xy=(1, value),
        xycoords=axes.get_yaxis_transform(),
        xytext=(3, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize="small",
        annotation_clip=False,
    )


def thousands(axis: Any) -> None:
    """
    The ticks of an axis of money or counts: thousands apart, a real minus.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> figure, axes = plt.subplots()
        >>> thousands(axes.yaxis)
        >>> axes.yaxis.get_major_formatter()(-8000)
        '−8,000'
        >>> plt.close(figure)
    """
    axis.set_major_formatter(lambda value, _: whole(value))


def source_line(fig: Figure, text: str) -> None:
    """
    Say at the bottom of *fig* where its numbers come from: scenario, seed, replications.

    A text wider than the figure is broken at its separators " · ".
    """
    artist = fig.text(0.01, 0.012, text, fontsize="x-small", color=PALETTE["muted"], ha="left", va="bottom")
    lines = [""]
    for part in text.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        artist.set_text(longer)
        fits = artist.get_window_extent().width <= 0.98 * fig.bbox.width
        lines = [*lines[:-1], longer] if fits or not lines[-1] else [*lines, part]
    artist.set_text("\n".join(lines))
    taken = artist.get_window_extent().height / fig.bbox.height + 0.03
    fig.set_layout_engine("constrained", rect=(0, taken, 1, 1 - taken))


def finish(fig: Figure, source: str = "") -> Figure:
    """Take away what frames *fig* needlessly, add the *source* line if there is one, and return *fig*."""
    import seaborn

    seaborn.despine(fig)
    for axes in fig.axes:
        _fit(axes, TITLE_SHARE * fig.bbox.width)
    if source:
        source_line(fig, source)
    return fig


def _fit(axes: Axes, room: float) -> None:
    """A title too wide for the figure goes on in a second line."""
    for title in (axes.title, axes._left_title):  # type: ignore[attr-defined]
        wide, text = title.get_window_extent().width, title.get_text()
        if wide > room and "\n" not in text:
            title.set_text(broken(text, int(width(text) * room / wide)))


def _rc(lang: str) -> dict[str, Any]:
    """Settings of matplotlib that differ from seaborn's theme."""
    from cycler import cycler

    ink_parts = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    thin_parts = ("axes.linewidth", "grid.linewidth", "xtick.major.width")
    small_texts = ("xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    return {
        **dict.fromkeys(ink_parts, PALETTE["ink"]),
        **dict.fromkeys(thin_parts, 0.7),
        **dict.fromkeys(small_texts, 8.5),
        "font.family": FAMILIES[lang],
        "font.size": 9.0,
        "axes.labelsize": 9.0,
        "axes.titlesize": 11.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 9.0,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=VENDORS[:4]) + cycler(linestyle=LINE_STYLES),
        # A hyphen, as in the tables and sheets beside the figure.
        "axes.unicode_minus": False,
        # Hinting rounds widths to pixels: uneven gaps, and texts longer on screen than in print.
        "text.hinting": "none",
        "text.parse_math": False,
        "grid.color": PALETTE["grid"],
        "xtick.major.size": 3.0,
        "ytick.major.size": 0.0,
        "lines.linewidth": 1.6,
        "lines.markersize": 4.5,
        "hatch.linewidth": 0.6,
        "patch.edgecolor": "white",
        "legend.frameon": False,
        "figure.figsize": (FIGURE_WIDTH_IN, 3.4),
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        "savefig.dpi": 200,
        # An SVG inside a page cannot reach the page's fonts, so it carries outlines; a PDF embeds its fonts.
        "svg.fonttype": "path",
        "svg.hashsalt": "csim",
        "pdf.fonttype": 42,
    }

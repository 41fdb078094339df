"""Figures that follow a slider: drawn once with their layout, then only their lines move."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csim.display.figures import _clock_axis
from csim.display.style import FIGURE_WIDTH_IN, PALETTE, ROLES, finish, threshold_line, use_style
from csim.display.words import Words

DPI = 110  # of a screen
UNITS = (("h", 3600, 7200), ("min", 60, 600), ("s", 1, 0))  # of waits: name, seconds, from where it is used


@dataclass(frozen=True)
class Course:
    """
    What a figure shows of one variant.

    Attributes:
        level, wait: date, time, value, ci_low, ci_high by interval (shares; s), in the order of the intervals.
    """

    level: pd.DataFrame
    wait: pd.DataFrame


class LiveDay:
    """
    Service level above, mean wait below, by interval; a saved variant as a dotted line beside.

    Examples:
        >>> day = pd.DataFrame({"date": "2026-06-01", "time": ["09:00", "09:30"], "value": [0.7, 0.9],
        ...                     "ci_low": [0.6, 0.8], "ci_high": [0.8, 1.0]})
        >>> figure = LiveDay("en")
        >>> figure.draw(Course(day, day.assign(value=[9.0, 5.0])), None, 0.8, "Mornings break", "seed 7")[:4]
        b'\\x89PNG'
    """

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang
        self._frame: tuple[Any, ...] = ()  # what the frame was laid out for

    def draw(
        self, course: Course, saved: Course | None, target: float | None, title: str, source: str,
        labels: Sequence[str] = (),
    ) -> bytes:  # fmt: skip
        """
        The picture as PNG.

        Args:
            target: The level as a thin line, a share. labels: Of this variant and of the saved one.
        """
        frame = (*course.level["date"], *course.level["time"], target, source)
        if frame != self._frame:
            self._lay_out(course, target, source)
            self._keep_frame()
        self._frame = frame
        waits = [one.wait["value"] for one in (course, saved) if one is not None]
        self._scale(_round(max(float(np.nanmax(values, initial=1.0)) for values in waits)))
        self._move(course, saved, title, labels)
        return _png(self.canvas)

    def _lay_out(self, course: Course, target: float | None, source: str) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        use_style(self.lang)
        words = Words(self.lang)
        self.figure = Figure(figsize=(FIGURE_WIDTH_IN, 4.0), dpi=DPI, layout="constrained")
        self.canvas = FigureCanvasAgg(self.figure)
        top, bottom = self.axes = self.figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        at = np.arange(len(course.level))
        self.lines = [_lines(axes, at) for axes in self.axes]
        self.marks: list[Any] = []
        if target is not None:
            threshold_line(top, target * 100, words("target_line", target=f"{target * 100:g}"))
            self.marks += [top.lines[-1], top.texts[-1]]
        self.legend = top.legend(self.lines[0], ["M", "M"], loc="lower left", ncols=2, frameon=True, edgecolor="none")
        self.title = top.set_title("M")
        top.set(ylabel=words("service_level_axis"), ylim=(0, 103))
        bottom.set(xlabel=words("time_of_day"))
        _days_axis(bottom, course.level)
        finish(self.figure, source)
        self._scale(100.0)  # ends with a number as wide as any

    def _keep_frame(self) -> None:
        """Everything that does not move is laid out and drawn once: that takes longer than all that moves."""
        lines = [line for pair in self.lines for line in pair]
        for artist in (*lines, *self.marks, self.legend, self.title, self.axes[1].yaxis):
            artist.set_animated(True)
        self.canvas.draw()
        self.figure.set_layout_engine("none")  # laying out anew takes as long as drawing
        self._kept = self.canvas.copy_from_bbox(self.figure.bbox)

    def _scale(self, highest: float) -> None:
        """The axis of waits up to so many seconds, in the unit that suits them."""
        unit, self.second = next((name, 1 / size) for name, size, least in UNITS if highest >= least)
        self.axes[1].set(ylabel=Words(self.lang)(f"explore_wait_{unit}"), ylim=(0, highest * self.second))

    def _move(self, course: Course, saved: Course | None, title: str, labels: Sequence[str]) -> None:
        self.canvas.restore_region(self._kept)
        self.title.set_text(title)
        self.figure.draw_artist(self.axes[1].yaxis)
        for axes, lines, name, scale in zip(
            self.axes, self.lines, ("level", "wait"), (100.0, self.second), strict=True
        ):
            table = getattr(course, name)
            value, low, high = (table[key].to_numpy() * scale for key in ("value", "ci_low", "ci_high"))
            band = axes.fill_between(np.arange(len(table)), low, high, color=PALETTE["band"], alpha=0.7, linewidth=0)
            self.figure.draw_artist(band)
            band.remove()
            lines[0].set_ydata(value)
            if saved is not None:
                lines[1].set_ydata(getattr(saved, name)["value"].to_numpy() * scale)
                self.figure.draw_artist(lines[1])
            self.figure.draw_artist(lines[0])
        for text, label in zip(self.legend.get_texts(), labels, strict=False):
            text.set_text(label)
        for artist in (*self.marks, *([self.legend] if labels else []), self.title):
            self.figure.draw_artist(artist)


class LiveCurves:
    """Pictures of a figure that is drawn anew at every move, laid out only where its texts need other room."""

    def __init__(self) -> None:
        self._laid_out: dict[tuple[Any, ...], Any] = {}

    def png(self, axes: Any) -> bytes:
        """The figure of these axes as PNG; the figure is closed."""
        import matplotlib.pyplot as plt
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        ticks = axes.yaxis.get_major_formatter().format_ticks(axes.get_yticks())
        texts = (axes.get_title(loc="left").count("\n"), *(text.get_text() for text in axes.figure.texts))
        needs = (max(map(len, ticks), default=0), axes.get_ylabel(), axes.get_xlabel(), *texts)
        place = self._laid_out.get(needs)
        if place is not None:
            axes.figure.set_layout_engine("none")
            axes.set_position(place)
        axes.figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(axes.figure)
        canvas.draw()  # once; `savefig` draws twice
        self._laid_out[needs] = axes.get_position()
        plt.close(axes.figure)
        return _png(canvas)


def _png(canvas: Any) -> bytes:
    """What is drawn, as PNG: sooner made than small."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def _lines(axes: Any, at: np.ndarray) -> list[Any]:
    """The line of this variant and that of the saved one."""
    long = len(at) > 60  # several days: no room for markers
    looks: list[dict[str, Any]] = [
        {**ROLES["level"], "marker": "" if long else "o", "markersize": 3},
        {"color": PALETTE["staff"], "linestyle": (0, (1.2, 1.4))},
    ]
    nothing = np.full(len(at), np.nan)
    return [axes.plot(at, nothing, **look)[0] for look in looks]


def _days_axis(axes: Any, table: pd.DataFrame) -> None:
    """Hours of one day, or the dates of several."""
    dates = table["date"].to_numpy()
    first = np.flatnonzero(np.append(True, dates[1:] != dates[:-1]))
    if len(first) == 1:
        _clock_axis(axes, list(table["time"]))
        return
    ticks = first[:: max(1, -(-len(first) // 12))]
    axes.set_xticks(ticks, [dates[i][5:] for i in ticks])
    axes.set_xlim(-0.7, len(table) - 0.3)


def _round(highest: float) -> float:
    """The end of the axis of waits, s: few ends, so that it does not tremble with every move."""
    ends = (1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600)
    return float(next((end for end in ends if highest <= end * 0.98), highest * 1.2))

"""The controls of the workbench: sliders with a unit, choices, buttons, the switch between languages."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from csim.display.words import Words
from csim.explore.knobs import Knob

WIDE = {"width": "98%"}
LEFT = {"width": "340px", "margin": "0 16px 0 0"}
RIGHT = {"flex": "1 1 420px", "min_width": "420px"}
HEAD = {"justify_content": "space-between", "align_items": "center", "flex_flow": "row wrap"}
BODY = {"flex_flow": "row wrap", "align_items": "flex-start"}
NAMED = {"description_width": "140px"}


def slider(knob: Knob, at: float | None, lang: str) -> Any:
    """A slider of a knob, standing at *at* where that lies within its range."""
    import ipywidgets as widgets

    words = Words(lang)
    name = words(f"explore_unit_{knob.unit}", name=words(f"explore_{knob.key}"))
    value = knob.start if at is None or not knob.low <= at <= knob.high else at
    kind = widgets.IntSlider if knob.whole else widgets.FloatSlider
    number = int if knob.whole else float
    digits = "d" if knob.whole else ".2f" if knob.step < 0.1 else ".1f"
    return kind(
        value=number(value), min=number(knob.low), max=number(knob.high), step=number(knob.step), description=name,
        tooltip=name, readout_format=digits, style=NAMED, layout=WIDE, description_allow_html=False,
    )  # fmt: skip


def choice(chosen: Callable[[Any], None]) -> Any:
    """A list to choose from; `offer` fills it."""
    import ipywidgets as widgets

    found = widgets.Dropdown(style=NAMED, layout=WIDE)
    found.observe(chosen, "value")
    return found


def steps(chosen: Callable[[Any], None]) -> Any:
    """A slider over values that are written out; `offer` fills it."""
    import ipywidgets as widgets

    found = widgets.SelectionSlider(options=[("–", "–")], style=NAMED, layout=WIDE)
    found.observe(chosen, "value")
    return found


def offer(control: Any, name: str, options: Sequence[tuple[str, Any]], value: Any) -> None:
    """What a choice offers, in the language of the moment."""
    control.description = name
    if tuple(control.options) != tuple(options):
        control.options = tuple(options)
    control.value = value


def button(pressed: Callable[[Any], None]) -> Any:
    """A button; its words come with the language."""
    import ipywidgets as widgets

    found = widgets.Button(layout=WIDE)
    found.on_click(pressed)
    return found


def languages(lang: str, chosen: Callable[[Any], None]) -> Any:
    """The switch between English and Chinese, each in its own words."""
    import ipywidgets as widgets

    found = widgets.ToggleButtons(
        options=[("English", "en"), ("中文", "zh")],
        value=lang,
        tooltips=["Language", "语言"],
        style={"button_width": "80px"},
    )
    found.observe(chosen, "value")
    return found


def title_html(text: str) -> str:
    """The title of the workbench."""
    return f'<h2 style="margin: 4px 0; font-size: 18px">{html.escape(text)}</h2>'

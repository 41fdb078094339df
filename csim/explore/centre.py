"""Sliders over a scenario: every move is a simulation with the same luck, shown beside a saved variant."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from csim.display.cards import cards_html, picture_html, said_html
from csim.display.live import LiveDay
from csim.display.words import Words
from csim.errors import InputError
from csim.experiment.simulation import Simulation
from csim.explore import controls, told
from csim.explore.export import file_name, free_place
from csim.explore.focus import WHOLE, Focus, open_dates
from csim.scenario.load import Scenario
from csim.scenario.varied import write_varied


class CentreExplorer:
    """
    The sliders of a scenario and what they come to; shown when it is the last line of a cell.

    Attributes:
        sim: The simulation that the cards show: `csim.simulate(explorer.scenario, replications, seed)` gives the same.
        positions: Where the sliders stand, those that were moved. saved: The variant that is compared with.
        took: Seconds that the last move needed: simulate, tables, draw.

    Examples:
        >>> import csim
        >>> explorer = csim.explore("scenarios/centres/first_voice.yaml", seed=7)
        >>> explorer.move(volume=1.2)
        >>> same = csim.simulate(explorer.scenario, explorer.sim.replications, seed=7)
        >>> explorer.sim.value("wait_all") == same.value("wait_all") > explorer.saved.sim.value("wait_all")
        True
    """

    def __init__(self, focus: Focus, lang: str = "en", folder: str | Path = ".", confined: bool = False) -> None:
        self.focus, self.lang, self.folder, self.confined = focus, lang, Path(folder), confined
        self.took: dict[str, float] = {}
        self.view: told.View = (None, None)
        self.plan: Scenario = focus.scenario
        self.now: told.Variant | None = None
        self.saved: told.Variant | None = None
        self._figure = LiveDay(lang)
        self._fits = WHOLE in (focus.date, Focus.of(focus.scenario).date)  # the whole calendar, in an instant
        self._quiet = False
        self.sliders: dict[str, Any] = {}
        self._build()
        self._play()
        self.saved = self.now
        self._show()

    # -- what a program asks ------------------------------------------------------------------------

    @property
    def sim(self) -> Simulation | None:
        """What the cards show; None while the sliders stand at what cannot be simulated."""
        return self.now.sim if self.now else None

    @property
    def positions(self) -> dict[str, float]:
        """Where the sliders stand, those that were moved."""
        found = {}
        for knob in self.focus.knobs:
            at = round(float(self.sliders[knob.key].value), 6)
            if abs(at - knob.start) > knob.step / 1000:
                found[knob.key] = at
        return found

    @property
    def scenario(self) -> Scenario:
        """The scenario that is played: the file's with the day in focus and everything that was moved."""
        return self.focus.varied(self.positions)

    def move(self, **positions: float) -> None:
        """Puts sliders where a hand could; all of them at once."""
        self._quiet = True
        try:
            for key, at in positions.items():
                self.sliders[key].value = at
        finally:
            self._quiet = False
        self._moved()

    # -- what is on the page ------------------------------------------------------------------------

    def _build(self) -> None:
        import ipywidgets as widgets

        self.languages = controls.languages(self.lang, self._speak)
        self.title, self.told, self.cards, self.picture, self.message = (widgets.HTML() for _ in range(5))
        self.dates = controls.choice(self._refocus)
        self.views = controls.choice(self._look)
        self.save = controls.button(lambda _: self._save())
        self.reset = controls.button(lambda _: self.move(**{knob.key: knob.start for knob in self.focus.knobs}))
        self.file = widgets.Text(value=file_name(self.plan.name), layout=controls.WIDE)
        self.export = controls.button(lambda _: self._export())
        self.left = widgets.VBox(layout=controls.LEFT)
        right = widgets.VBox([self.cards, self.picture, self.told], layout=controls.RIGHT)
        head = widgets.HBox([self.title, self.languages], layout=controls.HEAD)
        self.box = widgets.VBox([head, self.message, widgets.HBox([self.left, right], layout=controls.BODY)])
        self._say({})

    def _say(self, positions: dict[str, float]) -> None:
        """Everything that is said, in the language chosen; the sliders of the days in focus, where they stood."""
        words, quiet = Words(self.lang), self._quiet
        self._quiet = True
        for slider in self.sliders.values():
            slider.close()
        knobs = self.focus.knobs
        self.sliders = {knob.key: controls.slider(knob, positions.get(knob.key), self.lang) for knob in knobs}
        for slider in self.sliders.values():
            slider.observe(lambda _: self._moved(), "value")
        self.title.value = controls.title_html(words("explore_title", name=self.plan.name))
        dates = open_dates(self.plan)
        whole = words("explore_whole", count=len(dates))
        offered = [*([(whole, WHOLE)] if self._fits else []), *((date, date) for date in dates)]
        controls.offer(self.dates, words("explore_day"), offered, self.focus.date)
        self.save.description, self.reset.description = words("explore_save"), words("explore_reset")
        self.file.description, self.export.description = words("explore_file"), words("explore_export")
        days = [self.dates] if len(dates) > 1 else []
        views = [self.views] if len(self._view_names()) > 1 else []
        controls.offer(self.views, words("explore_view"), self._view_names(), self.view)
        self.left.children = [*days, *views, *self.sliders.values(), self.save, self.reset, self.file, self.export]
        self._quiet = quiet

    def _view_names(self) -> list[tuple[str, told.View]]:
        return told.view_names(self.plan, self.lang)

    # -- what happens -------------------------------------------------------------------------------

    def _speak(self, change: Any) -> None:
        self.lang = change["new"]
        self._figure = LiveDay(self.lang)
        self._say(self.positions)
        self._show()

    def _look(self, change: Any) -> None:
        if not self._quiet:
            self.view = change["new"]
            self._show()

    def _refocus(self, change: Any) -> None:
        """Another day: other people on duty, other luck; what was saved cannot be compared with it."""
        if self._quiet:
            return
        positions = self.positions
        self.focus = Focus.of(self.plan, change["new"], seed=self.focus.seed)
        self._say(positions)
        self._play()
        self.saved = told.Variant(self.focus.play({}), {}) if self.positions else self.now
        self._show()

    def _moved(self) -> None:
        if not self._quiet:
            self._play()
            self._show()

    def _play(self) -> None:
        began = time.perf_counter()
        try:
            self.now, self._wrong = told.Variant(self.focus.play(self.positions), self.positions), ""
        except InputError as error:
            self.now, self._wrong = None, error.told
        self.took = {"simulate": time.perf_counter() - began}

    def _show(self) -> None:
        words, now = Words(self.lang), self.now
        if now is None:
            self.message.value = said_html(f"{words('explore_not_played')}\n{self._wrong}", "wrong")
            self.cards.value = self.picture.value = self.told.value = ""
            return
        began = time.perf_counter()
        self.message.value = ""
        saved = self.saved if self.saved is not None and self.saved.positions != now.positions else None
        self.cards.value = cards_html(told.cards(now, saved, self.view, self.lang), words("explore_cards"))
        lines = [told.simulated(self.focus, now.sim, self.lang)]
        if saved is not None:
            lines.insert(0, words("explore_saved", name=told.variant_name(self.focus, saved.positions, self.lang)))
        self.told.value = "".join(said_html(line, "muted") for line in lines)
        drawn = time.perf_counter()
        self.picture.value = self._picture(now, saved)
        self.took |= {"tables": drawn - began, "draw": time.perf_counter() - drawn}

    def _picture(self, now: told.Variant, saved: told.Variant | None) -> str:
        words, course = Words(self.lang), now.course(self.view)
        if course is None:
            return said_html(words("explore_no_course"), "muted")
        title = told.headline(now, self.view, self.lang)
        beside = saved.course(self.view) if saved else None
        labels = [words("explore_now"), told.variant_name(self.focus, saved.positions, self.lang)] if saved else []
        target = told.target_of(now.sim, "service_level", self.view)
        png = self._figure.draw(course, beside, target, title, told.source(self.focus, now.sim, self.lang), labels)
        return picture_html(png, words("explore_figure_alt", title=title))

    def _save(self) -> None:
        if self.now is not None:
            self.saved = self.now
            self._show()

    def _export(self) -> None:
        words = Words(self.lang)
        moved = told.variant_name(self.focus, self.positions, self.lang)
        remark = words("explore_remark", name=self.plan.name, moved=moved)
        try:
            place = free_place(self.folder, self.file.value, self.plan.name, words, self.confined)
            write_varied(self.plan, self.focus.moved(self.positions), place, remark)
            self.message.value = said_html(words("explore_exported", file=str(place)))
        except InputError as error:
            self.message.value = said_html(words("explore_not_written", why=error.told), "wrong")

    def _repr_mimebundle_(self, **asked: Any) -> Any:
        return self.box._repr_mimebundle_(**asked)

    def __repr__(self) -> str:
        return f"csim.explore({self.plan.name!r}): open it in JupyterLab, or as a page with make page"

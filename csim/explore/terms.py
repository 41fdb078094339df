"""Sliders over a contract: heavier penalties, another level, larger bonuses, and what the vendor then does."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from csim.contract.load import Contract
from csim.contract.paper.written import to_yaml
from csim.display.cards import Card, cards_html, picture_html, said_html
from csim.display.live import LiveCurves
from csim.display.numbers import points, shown, whole
from csim.display.words import Words
from csim.errors import InputError
from csim.explore import controls
from csim.explore.export import file_name, free_place
from csim.explore.knobs import Knob
from csim.explore.revised import amounts, level_choices, revised
from csim.scenario.load import Scenario
from csim.terms.answering.response import BestResponse, best_response, simulated, vendor_in
from csim.terms.judging.sentences import level_text
from csim.terms.worth.surface import Surface

AT_OPENING = 2_400_000  # contacts: some seconds of the compiled engine
FEWEST_DAYS = 44  # two months of open days
MOST = 150
LEVELS = 9
MONEY = ("payment", "profit", "buyer")


class TermsExplorer:
    """
    The sliders of a contract and what a vendor who reads it does; shown when it is the last line of a cell.

    The centre is simulated once, at every level of its staffing; a move only values the contract anew.

    Attributes:
        found: What `csim.best_response(explorer.contract, explorer.grid, …)` gives. contract: With what was moved.
        saved: The answer that is compared with. took: Seconds that the last move needed.

    Examples:
        >>> import csim
        >>> centre = csim.load_scenario("scenarios/centres/first_voice.yaml")
        >>> centre = centre.vary({"queues.calls.answer_within": "60 s"})
        >>> explorer = csim.explore("scenarios/contracts/linear_credit.yaml", centre, cost_per_hour=40, replications=44)
        >>> before = explorer.found.answer["level"]
        >>> explorer.move(penalty=3)
        >>> bool(explorer.found.answer["level"] >= before)
        True
        >>> explorer.contract.file.kpis["service_level"].shortfall.per_point
        Decimal('0.03')
    """

    def __init__(
        self, contract: Contract, scenario: Scenario, lang: str = "en", folder: str | Path = ".",
        confined: bool = False, **how: Any,
    ) -> None:  # fmt: skip
        self.agreed, self.base, self.lang, self.folder, self.confined = contract, scenario, lang, Path(folder), confined
        self.cost, self.harm, self.margin = how.pop("cost_per_hour"), how.pop("harm"), how.pop("margin")
        self.seed, self.replications = how.pop("seed"), how.pop("replications")
        self.levels = level_choices(contract)
        self.clause = next(iter(self.levels), "")
        self.vendors = list(contract.file.vendor) if vendor_in(scenario, contract, contract.file.vendor[0]) else []
        self.vendor = how.pop("vendor") or (self.vendors[0] if self.vendors else None)
        self.took: dict[str, float] = {}
        self._grids: dict[str | None, Surface] = {}
        self.contract, self._wrong = contract, ""
        self.found: BestResponse | None = None
        self.saved: BestResponse | None = None
        self._curves = LiveCurves()
        self._quiet = False
        self._build()
        self._play()
        self.saved = self.found
        self._show()

    @property
    def sliders(self) -> dict[str, Any]:
        """The sliders that are numbers."""
        return {"penalty": self.penalty, "bonus": self.bonus}

    @property
    def grid(self) -> Surface:
        """The centre at every level of the staffing of the vendor who is looked at, simulated once."""
        if self.vendor not in self._grids:
            contacts = sum(float(numbers.sum()) for numbers in self.base.expected.values())
            fitting = int(np.clip(AT_OPENING / (LEVELS * max(contacts, 1.0)), 2, MOST))
            often = self.replications or max(fitting, -(-FEWEST_DAYS // len(self.base.days)))
            self._grids[self.vendor] = simulated(
                self.base, self.agreed, None, None, None, self.vendor, replications=often, seed=self.seed
            )
        return self._grids[self.vendor]

    def move(self, penalty: float | None = None, bonus: float | None = None, level: Any = None) -> None:
        """Puts the sliders where a hand could; *level* is one that the clause in focus offers."""
        self._quiet = True
        try:
            if penalty is not None:
                self.penalty.value = penalty
            if bonus is not None:
                self.bonus.value = bonus
            if level is not None:
                self.level.value = level
        finally:
            self._quiet = False
        self._moved()

    # -- what is on the page ------------------------------------------------------------------------

    def _build(self) -> None:
        import ipywidgets as widgets

        self.languages = controls.languages(self.lang, self._speak)
        self.title, self.message, self.answer, self.cards, self.picture, self.told = (widgets.HTML() for _ in range(6))
        self.penalty, self.bonus = (controls.slider(_factor(key), None, self.lang) for key in ("penalty", "bonus"))
        self.clauses, self.who = controls.choice(self._other_clause), controls.choice(self._other_vendor)
        self.level = controls.steps(lambda _: self._moved())
        for slider in (self.penalty, self.bonus):
            slider.observe(lambda _: self._moved(), "value")
        self.save = controls.button(lambda _: self._save())
        self.reset = controls.button(lambda _: self._reset())
        self.file = widgets.Text(value=file_name(self.agreed.name), layout=controls.WIDE)
        self.export = controls.button(lambda _: self._export())
        signs = {sign for *_, sign in amounts(self.agreed.data)}
        parts = [self.who] if len(self.vendors) > 1 else []
        parts += [self.penalty] if -1 in signs else []
        parts += [self.clauses, self.level] if self.levels else []
        parts += [self.bonus] if 1 in signs else []
        left = widgets.VBox([*parts, self.save, self.reset, self.file, self.export], layout=controls.LEFT)
        right = widgets.VBox([self.answer, self.cards, self.picture, self.told], layout=controls.RIGHT)
        head = widgets.HBox([self.title, self.languages], layout=controls.HEAD)
        self.box = widgets.VBox([head, self.message, widgets.HBox([left, right], layout=controls.BODY)])
        self._say()

    def _say(self) -> None:
        words, self._quiet = Words(self.lang), True
        self.title.value = controls.title_html(
            words("explore_terms_title", name=self.agreed.name, centre=self.base.name)
        )
        for key in ("penalty", "bonus"):
            slider = getattr(self, key)
            slider.description = slider.tooltip = words("explore_unit_times_terms", name=words(f"explore_{key}"))
        controls.offer(self.who, words("vendor"), [(name, name) for name in self.vendors], self.vendor)
        named = [(self.agreed.clause_name(name, self.lang), name) for name in self.levels]
        controls.offer(self.clauses, words("explore_clause"), named, self.clause or None)
        self._offer_levels(self.level.value)
        self.save.description, self.reset.description = words("explore_save"), words("explore_reset_terms")
        self.file.description, self.export.description = words("explore_file"), words("explore_export")
        self._quiet = False

    def _offer_levels(self, value: Any = None) -> None:
        if choice := self.levels.get(self.clause):
            options = [(choice.text(each), each) for each in choice.values]
            controls.offer(self.level, Words(self.lang)("explore_level"), options,
                           value if value in choice.values else choice.today)  # fmt: skip

    # -- what happens -------------------------------------------------------------------------------

    def _speak(self, change: Any) -> None:
        self.lang = change["new"]
        self._say()
        self._show()

    def _other_clause(self, change: Any) -> None:
        if not self._quiet and change["new"]:
            self.clause, self._quiet = change["new"], True
            self._offer_levels()
            self._quiet = False
            self._moved()

    def _other_vendor(self, change: Any) -> None:
        """Another vendor: other staffing is simulated; the saved answer is what the contract as agreed makes of it."""
        if not self._quiet and change["new"]:
            self.vendor = change["new"]
            self.message.value = said_html(Words(self.lang)("explore_simulating"), "muted")
            try:
                self.saved = self._answer(self.agreed)
            except InputError:
                self.saved = None
            self._moved()

    def _answer(self, contract: Contract) -> BestResponse:
        return best_response(contract, self.grid, cost_per_hour=self.cost, harm=self.harm, margin=self.margin)

    def _moved(self) -> None:
        if not self._quiet:
            self._play()
            self._show()

    def _play(self) -> None:
        began = time.perf_counter()
        try:
            factors = (Decimal(f"{slider.value:.4f}").normalize() for slider in (self.penalty, self.bonus))
            choice = self.levels.get(self.clause)
            level = self.level.value if choice and self.level.value != choice.today else None
            penalty, bonus = factors
            same = penalty == bonus == 1 and level is None
            self.contract = self.agreed if same else revised(self.agreed, penalty, bonus, choice, level)
            self.found, self._wrong = self._answer(self.contract), ""
        except InputError as error:
            self.found, self._wrong = None, error.told
        self.took = {"value": time.perf_counter() - began}

    def _show(self) -> None:
        words, found = Words(self.lang), self.found
        if found is None:
            self.message.value = said_html(f"{words('explore_not_valued')}\n{self._wrong}", "wrong")
            self.answer.value = self.cards.value = self.picture.value = self.told.value = ""
            return
        began = time.perf_counter()
        self.message.value = ""
        self.answer.value = said_html(found.summary(self.lang))
        self.cards.value = cards_html(answer_cards(found, self.saved, self.lang), words("explore_terms_cards"))
        said = {key: self.grid.provenance[key] for key in ("seed", "replications")}
        ends = [row for row in (found.best, found.system) if row in (0, len(found.table) - 1)]
        lines = [
            words("explore_terms_told", levels=len(found.table), **said),
            *([words("explore_edge")] if ends else []),
        ]
        self.told.value = "".join(said_html(line, "muted") for line in lines)
        png = self._curves.png(found.plot(lang=self.lang))
        self.picture.value = picture_html(png, found.summary(self.lang))
        self.took["show"] = time.perf_counter() - began

    def _save(self) -> None:
        self.saved = self.found or self.saved
        self._show()

    def _reset(self) -> None:
        choice = self.levels.get(self.clause)
        self.move(penalty=1.0, bonus=1.0, level=choice.today if choice else None)

    def _export(self) -> None:
        words = Words(self.lang)
        try:
            place = free_place(self.folder, self.file.value, self.agreed.name, words, self.confined)
            to_yaml(self.contract.data, place, self.lang)
            self.message.value = said_html(words("explore_exported", file=str(place)))
        except InputError as error:
            self.message.value = said_html(words("explore_not_written", why=error.told), "wrong")

    def _repr_mimebundle_(self, **asked: Any) -> Any:
        return self.box._repr_mimebundle_(**asked)

    def __repr__(self) -> str:
        return f"csim.explore({self.agreed.name!r}, {self.base.name!r}): open it in JupyterLab"


def _factor(key: str) -> Knob:
    return Knob(key, 1.0, 0.0, 3.0, 0.05, "times", lambda factor: {})


def answer_cards(found: BestResponse, saved: BestResponse | None, lang: str) -> list[Card]:
    """The vendor's answer, its service, money and risk, each against the saved answer."""
    words, row = Words(lang), found.answer
    before = None if saved is None or saved.contract.hash == found.contract.hash else saved.answer
    answer = level_text(found.lever, row["level"], words)
    was = () if before is None else (words("explore_before", value=level_text(found.lever, before["level"], words)),)
    cards = [Card("level", words("explore_card_level"), answer, was)]
    currency = found.contract.file.currency
    for key in ("service_level", *MONEY, "breaches_per_year"):
        if row[key] == row[key]:
            unit = "share" if key == "service_level" else "count"
            below = [] if before is None else [
                words("explore_against", difference=points(float(row[key] - before[key]), unit, lang))
            ]  # fmt: skip
            value = shown(float(row[key]), unit, lang)
            if key in MONEY:
                value = words("explore_money", amount=whole(row[key]), currency=currency)
            cards.append(Card(key, words(f"explore_card_{key}"), value, tuple(below)))
    tone = "good" if found.signs else "bad"
    return [
        *cards,
        Card("signs", words("explore_card_signs"), words(f"explore_signs_{str(found.signs).lower()}"), tone=tone),
    ]

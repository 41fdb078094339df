"""The workbench as a page: a list of the centres of one folder, and the sliders of the one that is chosen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from csim.display.cards import said_html
from csim.display.words import LANGUAGES, Words
from csim.errors import InputError, Mistake, UnknownNameError, nearest
from csim.explore import controls
from csim.explore.explore import explore

FOLDER = "CSIM_SCENARIOS"  # the folder whose files may be chosen
_KIND = re.compile(r"(?m)^csim:\s*(scenario|contract)/1\s*(#.*)?$")
MOST_FILES = 500


def page() -> Any:
    """
    The page of this request, for the notebook that voila serves: what the address asks for of the server's folder.

    The address may name a centre of the folder, a language, and positions of sliders:
    `?scenario=first_voice&lang=zh&volume=1.2`. It can name no path.
    """
    query = dict(parse_qsl(os.environ.get("QUERY_STRING", ""), keep_blank_values=True))
    return Page(scenario_folder(), query)


def scenario_folder() -> Path:
    """
    The folder whose files may be chosen: CSIM_SCENARIOS, else `scenarios` here or above.

    Raises:
        InputError: There is none.
    """
    if named := os.environ.get(FOLDER):
        return Path(named)
    here = Path.cwd()
    found = next((folder / "scenarios" for folder in (here, *here.parents) if (folder / "scenarios").is_dir()), None)
    if found is None:
        raise InputError([Mistake(f"no folder of scenarios: name it in {FOLDER}", FOLDER)])
    return found


def files_of(folder: Path, kind: str) -> dict[str, Path]:
    """
    The scenarios (or contracts) of a folder and those below it, by the name to choose them; no links that lead out.

    Examples:
        >>> found = files_of(Path("scenarios"), "scenario")
        >>> "double_11" in found, "../pyproject" in found
        (True, False)
    """
    root, found = folder.resolve(), []
    for path in sorted(root.rglob("*.yaml"))[:MOST_FILES]:
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        said = None if hidden or root not in path.resolve().parents else _KIND.search(_text(path))
        if said and said[1] == kind:
            found.append(path)
    stems = [path.stem for path in found]
    whole = [path.relative_to(root).with_suffix("").as_posix() for path in found]
    return {
        stem if stems.count(stem) == 1 else name: path for stem, name, path in zip(stems, whole, found, strict=True)
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


class Page:
    """
    A choice of centres, and of contracts, above the sliders of what is chosen; whatever is wrong is a message.

    Examples:
        >>> shown = Page(Path("scenarios"), {"scenario": "first_chat", "lang": "zh", "agents": "7"})
        >>> shown.explorer.positions, shown.message.value
        ({'agents': 7.0}, '')
        >>> "did you mean" in Page(Path("scenarios"), {"scenario": "first_chap"}).message.value
        True
    """

    def __init__(self, folder: Path, query: Mapping[str, str]) -> None:
        import ipywidgets as widgets

        self.folder, self.query = folder, dict(query)
        self.lang = self.query.pop("lang", "en")
        self.explorer: Any = None
        self.message = widgets.HTML()
        self.body = widgets.VBox()
        self.centres, self.terms = (controls.choice(lambda _: self._chosen()) for _ in range(2))
        for chosen in (self.centres, self.terms):
            chosen.layout = {"width": "480px"}
        self.languages = controls.languages("en", self._speak)
        chosen = widgets.VBox([self.centres, self.terms])
        head = widgets.HBox([chosen, self.languages], layout=controls.HEAD)
        self.box = widgets.VBox([head, self.message, self.body])
        wrong: list[Mistake] = []
        if self.lang not in LANGUAGES:
            asked, self.lang = self.lang, "en"
            wrong.append(self._unknown("language", asked, LANGUAGES))
        self.files = {kind: files_of(folder, kind) for kind in ("scenario", "contract")}
        if not self.files["scenario"]:
            wrong.append(Mistake(Words(self.lang)("explore_empty_folder"), "", str(folder)))
        first = "first_voice" if "first_voice" in self.files["scenario"] else next(iter(self.files["scenario"]), "")
        self._quiet = True
        self._offer(self._named("scenario", wrong) or first, self._named("contract", wrong))
        self.languages.value = self.lang
        self._quiet = False
        self._open(wrong)

    def _named(self, kind: str, wrong: list[Mistake]) -> str:
        """What the address names of the folder; a name that the folder lacks is a mistake."""
        asked, known = self.query.pop(kind, None), self.files[kind]
        if asked is None or asked in known:
            return asked or ""
        wrong.append(self._unknown(kind, asked, known))
        return ""

    def _unknown(self, kind: str, asked: str, known: Iterable[str]) -> Mistake:
        """What is said of a name that there is not, in the language of the page."""
        words, names = Words(self.lang), list(known)
        meant = nearest(asked, names)
        hint = words("explore_meant", name=meant) if meant else words("explore_one_of", names=", ".join(names) or "–")
        return Mistake(words(f"explore_unknown_{kind}", name=asked[:80], hint=hint))

    def _offer(self, scenario: str, contract: str) -> None:
        """What can be chosen, in the language of the moment."""
        words = Words(self.lang)
        centres = [(name, name) for name in self.files["scenario"]]
        controls.offer(self.centres, words("explore_centre"), centres, scenario or None)
        terms = [(words("explore_no_contract"), ""), *((name, name) for name in self.files["contract"])]
        controls.offer(self.terms, words("explore_contract"), terms, contract)

    def _chosen(self) -> None:
        if not self._quiet:
            self._open([])

    def _open(self, wrong: list[Mistake]) -> None:
        """The sliders of what is chosen; positions of the address hold for the first one."""
        words, self.body.children, self.explorer = Words(self.lang), (), None
        how: dict[str, Any] = {"lang": self.lang, "folder": self.folder / "varied", "confined": True}
        try:
            if self.centres.value is not None:
                scenario = self.files["scenario"][self.centres.value]
                contract = self.files["contract"].get(self.terms.value)
                if contract is not None:
                    self.message.value = said_html(words("explore_simulating"), "muted")
                self.explorer = explore(scenario, **how) if contract is None else explore(contract, scenario, **how)
                self.explorer.languages.layout.display = "none"  # the page has the switch
                self.body.children = (self.explorer.box,)
                if asked := self._asked(wrong):
                    self.explorer.move(**asked)
        except InputError as error:
            wrong.extend(error.mistakes)
        self.query.clear()
        said = "\n".join(map(str, wrong))
        self.message.value = said_html(f"{words('explore_mistakes')}\n{said}", "wrong") if wrong else ""

    def _asked(self, wrong: list[Mistake]) -> dict[str, float]:
        """The positions that the address asks for; what is none is a mistake, and its slider stays."""
        found = {}
        for key, text in self.query.items():
            slider = self.explorer.sliders.get(key)
            if slider is None:
                wrong.append(self._unknown("parameter", key, self.explorer.sliders))
                continue
            try:
                at = float(text)
            except ValueError:
                at = float("nan")
            if slider.min <= at <= slider.max:
                found[key] = int(at) if isinstance(slider.value, int) else at
            else:
                ends = {"low": f"{slider.min:g}", "high": f"{slider.max:g}"}
                wrong.append(Mistake(Words(self.lang)("explore_no_position", name=key, text=text[:40], **ends)))
        return found

    def _speak(self, change: Any) -> None:
        self.lang = change["new"]
        self._quiet = True
        self._offer(self.centres.value, self.terms.value)
        self._quiet = False
        if self.explorer is not None:
            self.explorer.languages.value = self.lang

    def _repr_mimebundle_(self, **asked: Any) -> Any:
        return self.box._repr_mimebundle_(**asked)


def safe_page() -> Any:
    """`page`, and where not even its folder can be read, a message."""
    import ipywidgets as widgets

    try:
        return page()
    except (UnknownNameError, InputError) as error:
        return widgets.HTML(said_html(str(error), "wrong"))

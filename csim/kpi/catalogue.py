"""The catalogue of KPIs: built in and yours, found by id, name or alias in either language."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from csim.errors import Mistake, UnknownNameError, nearest
from csim.expressions import expression
from csim.files import kept

SPECIAL = ("quantile", "maximum", "distinct")


@dataclass(frozen=True)
class Kpi:
    """
    One measure: what it is called, how it is computed, which way is better.

    A `ratio` is Σ numerator ÷ Σ denominator over a window. A `quantile`, `maximum` or `distinct` is taken over the
    numerator's values where the denominator holds.
    """

    id: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    formula: Mapping[str, str] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    unit: str = "share"
    better: str | None = None
    needs: tuple[str, ...] = ()
    kind: str = "ratio"
    quantile: float = 0.5
    numerator: str | None = None
    denominator: str | None = None
    over: str = "contacts"
    denominator_over: str = "contacts"
    sector: Mapping[str, Any] = field(default_factory=dict)
    recommended: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    own: bool = False  # a user's, not csim's

    def name(self, lang: str = "en") -> str:
        return self.names.get(lang) or self.id

    @property
    def of_agents(self) -> bool:
        """Whether it measures agents' time, which no single queue owns."""
        return "agent_states" in (self.over, self.denominator_over)

    @property
    def can_be_simulated(self) -> bool:
        """Whether a simulated log says something about it (a column that is constant by construction does not)."""
        return bool({"SIM", "TURN", "COIN"} & set(self.needs))

    def columns(self) -> frozenset[str]:
        """The columns its formulas use."""
        used = [expression(text).names for text in (self.numerator, self.denominator) if text]
        return frozenset().union(*used)


class Catalogue(Mapping[str, Kpi]):
    """
    All KPIs by id, in their order.

    Examples:
        >>> catalogue()["abandonment_rate"].name("zh")
        '放弃率'
        >>> catalogue().find("服务水平").id
        'service_level'
        >>> catalogue().find("接通率")
        Traceback (most recent call last):
        csim.errors.UnknownNameError: "接通率" can mean answer_rate or connect_rate_all: write which
        1 mistake; nothing was run.
    """

    def __init__(self, kpis: Mapping[str, Kpi], refused: Mapping[str, list[str]]) -> None:
        self._kpis, self.refused = dict(kpis), dict(refused)

    def __getitem__(self, kpi_id: str) -> Kpi:
        return self._kpis[kpi_id]

    def __iter__(self) -> Any:
        return iter(self._kpis)

    def __len__(self) -> int:
        return len(self._kpis)

    def find(self, word: str) -> Kpi:
        """The KPI of an id, a name or an alias; an ambiguous or unknown word is refused with candidates."""
        key = word.strip()
        if key in self._kpis:
            return self._kpis[key]
        if candidates := self.candidates(key):
            raise UnknownNameError([Mistake(f'"{word}" can mean {" or ".join(candidates)}: write which')])
        folded, words = _folded(key), self._words
        if folded in words:
            return words[folded]
        meant = self.nearest(key)
        hint = f'did you mean "{meant}"?' if meant else "csim kpis lists them all"
        raise UnknownNameError([Mistake(f'no KPI is called "{word}": {hint}')])

    def candidates(self, word: str) -> tuple[str, ...]:
        """The KPIs that an ambiguous name can mean; none for any other word."""
        folded = _folded(word.strip())
        return next((tuple(many) for bare, many in self.refused.items() if _folded(bare) == folded), ())

    def nearest(self, word: str) -> str | None:
        """The id, name or alias that a word most looks like, if any does."""
        return nearest(word.strip(), [*self._kpis, *self._words])

    @property
    def _words(self) -> dict[str, Kpi]:
        return {_folded(name): kpi for kpi in self._kpis.values() for name in (*kpi.names.values(), *kpi.aliases)}

    def only(self, kpis: Iterable[str]) -> Catalogue:
        """
        This catalogue with some KPIs alone, by id, name or alias.

        Examples:
            >>> list(catalogue().only(["放弃率"]))
            ['abandonment_rate']
        """
        wanted = {self.find(word).id for word in kpis}
        return Catalogue({kpi: self[kpi] for kpi in self if kpi in wanted}, self.refused)

    def with_own(self, own: Mapping[str, Any]) -> Catalogue:
        """This catalogue and a user's KPIs (entries with numerator and denominator, as in a scenario's `kpis:`)."""
        added = {}
        for kpi_id, entry in own.items():
            if kpi_id in self._kpis or kpi_id in self.refused:
                raise UnknownNameError([Mistake("this name is taken: choose another", f"kpis.{kpi_id}")])
            given = entry if isinstance(entry, Mapping) else entry.model_dump()
            names = {lang: given.get(lang) or kpi_id for lang in ("en", "zh")}
            over = given.get("over", "contacts")
            formulas = {part: given.get(part) for part in ("numerator", "denominator")}
            for part, text in formulas.items():
                try:
                    expression(text or "0")
                except ValueError as error:
                    raise UnknownNameError([Mistake(str(error), f"kpis.{kpi_id}.{part}")]) from None
            formula = dict.fromkeys(("en", "zh"), " ÷ ".join(text for text in formulas.values() if text))
            needs = ("SIM", "LOG") if formulas["numerator"] else ("EXT",)  # without formulas somebody supplies it
            added[kpi_id] = Kpi(
                kpi_id, names, formula=formula, unit=given.get("unit", "share"), better=given.get("better", "up"),
                needs=needs, numerator=formulas["numerator"], denominator=formulas["denominator"], over=over,
                denominator_over=over, own=True,
            )  # fmt: skip
        return Catalogue({**self._kpis, **added}, self.refused)


def _folded(word: str) -> str:
    """Case and full-width forms make no difference to a name."""
    return unicodedata.normalize("NFKC", word).casefold()


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """
    The built-in catalogue (csim/kpi/catalogue.yaml).

    Examples:
        >>> kpi = catalogue().find("放弃率")
        >>> kpi.id, kpi.unit, kpi.better, kpi.numerator, kpi.denominator
        ('abandonment_rate', 'share', 'down', 'abandoned', 'offered')
    """
    content = _content(resources.files("csim.kpi").joinpath("catalogue.yaml").read_text(encoding="utf-8"))
    kpis = [_entry(entry, content["sources"]) for entry in content["kpis"]]
    return Catalogue({kpi.id: kpi for kpi in kpis}, content["refused"])


def _content(text: str) -> Any:
    """A long YAML file, read once and kept as JSON: reading it took a tenth of a process's first second."""
    file = kept("catalogue", f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.json", lambda: json.dumps(_read(text)))
    if file is not None:
        with suppress(ValueError, OSError):  # half a file, or a folder that somebody swept
            return json.loads(file.read_text(encoding="utf-8"))
    return _read(text)


def _read(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def _entry(entry: Mapping[str, Any], sources: Mapping[str, Any]) -> Kpi:
    over = entry.get("over", "contacts")
    return Kpi(
        id=entry["id"],
        names={lang: entry[lang] for lang in ("en", "zh")},
        aliases=tuple(entry.get("aliases", ())),
        formula=entry.get("formula", {}),
        note=entry.get("note", {}),
        unit=entry.get("unit", "share"),
        better=entry.get("better"),
        needs=tuple(entry.get("needs", ())),
        kind=entry.get("kind", "ratio"),
        quantile=entry.get("quantile", 0.5),
        numerator=entry.get("numerator"),
        denominator=entry.get("denominator"),
        over=over,
        denominator_over=entry.get("denominator_over", over),
        sector=entry.get("sector", {}),
        recommended=entry.get("recommended", {}),
        source=sources.get(entry.get("source", ""), {}),
    )

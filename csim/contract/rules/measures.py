"""Rules about what is measured: names and readings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from csim.contract.findings import Found, Rule, Terms, found, listed, words
from csim.contract.model import Reading
from csim.contract.readings import NEEDS, lacking
from csim.errors import UnknownNameError
from csim.kpi.catalogue import Kpi, catalogue
from csim.schema.located import Path

# What a reading may say beside some measure; anything else contradicts it.
ALLOWED: dict[str, dict[str, tuple[str, ...]]] = {
    **{
        f"service_level_{reading}": {"hang_ups": (reading,)}
        for reading in ("included", "excluded", "answered_only", "quick_counts_as_met")
    },
    "mean_response": {"clock": ("within_session",)},
    "mean_response_session": {"clock": ("within_session",), "weighting": ("session",)},
    "first_response": {"clock": ("from_assignment",)},
    "first_response_from_request": {"clock": ("from_request",)},
    "survey_response": {"of": ("invitations", "sessions")},
    "survey_response_of_sessions": {"of": ("sessions",)},
    "resolution_rate": {"of": ("problems", "answered")},
}
EXAMPLES = {
    "hang_ups": "included", "within": "30 s", "clock": "within_session", "weighting": "pair", "scale": "1..5",
    "window": "7 d", "by": "customer_issue", "hours": "ready", "basis": "days", "period": "month", "pass_mark": "97",
}  # fmt: skip
CLOCKS = {"from_assignment": "first_response", "from_request": "first_response_from_request"}
AVERAGES = re.compile(r"日均|(?<!高于)(?<!低于)平均|\b(?:mean|average)\b", re.IGNORECASE)


def ambiguous_name(terms: Terms) -> Iterator[Found]:
    """A bare name that can mean several KPIs."""
    for path, word in _unfound(terms):
        if candidates := terms.catalogue.candidates(word):
            yield found("ambiguous_name", path, word=word, candidates=_either(candidates))


def unknown_measure(terms: Terms) -> Iterator[Found]:
    """A name that neither the catalogue nor the contract's own measures know."""
    for path, word in _unfound(terms):
        if not terms.catalogue.candidates(word):
            near = terms.catalogue.nearest(word)
            hint = words("did_you_mean", word=near) if near else words("kpis_lists_all")
            yield found("unknown_measure", path, word=word, hint=hint)


def _either(names: Iterable[str]) -> dict[str, str]:
    """One of several names, in both languages."""
    given = list(names)
    return {"en": " or ".join(given), "zh": " 或 ".join(given)}


def _unfound(terms: Terms) -> Iterator[tuple[Path, str]]:
    """Every name that means no KPI, or several, and its place."""
    places = [((*path, "measure"), word) for path, word, _ in terms.named()]
    places += [((*path, "of"), item.of) for path, item in terms.items() if item.of is not None]
    for path, word in places:
        try:
            terms.catalogue.find(word)
        except UnknownNameError:
            yield path, word


def name_taken(terms: Terms) -> Iterator[Found]:
    """A measure of the contract's own bears the name of a built-in KPI, or a refused one."""
    known = catalogue()
    for name in terms.file.measures:
        if name in known or name in known.refused:
            yield found("name_taken", ("measures", name), at_key=True, name=name)


def reading_missing(terms: Terms) -> Iterator[Found]:
    """A measure can be read in several ways and the contract does not say which."""
    for path, word, reading in terms.named():
        kpi = terms.found_kpi(word, reading)
        for name in lacking(kpi.id, reading) if kpi is not None else ():
            example = EXAMPLES.get(name) or ALLOWED.get(kpi.id, {}).get(name, ("…",))[0]  # type: ignore[union-attr]
            options = _options(kpi.id, name)  # type: ignore[union-attr]
            write = f"reading: {{{name}: {example}}}"
            more = words("reading_options", example=write, options=listed(options)) if options else None
            where, measure = (*path, "reading"), kpi.id  # type: ignore[union-attr]
            yield found("reading_missing", where, write=more, kpi=measure, name=name, example=write)
    for path, item in terms.items():
        kpi = terms.found_kpi(item.of, Reading()) if item.of is not None else None
        if kpi is not None and (unsaid := lacking(kpi.id, Reading())):
            yield found("item_reading", (*path, "of"), kpi=kpi.id, names=listed(unsaid))


def _options(measure: str, name: str) -> tuple[str, ...]:
    """The words that a reading can have; none for a number or a duration."""
    allowed = ALLOWED.get(measure, {}).get(name)
    if allowed:
        return allowed if len(allowed) > 1 else ()
    annotation = Reading.model_fields[name].annotation
    words = [getattr(part, "__args__", ()) for part in getattr(annotation, "__args__", ())]
    return tuple(word for part in words for word in part if isinstance(word, str))


def reading_contradicts(terms: Terms) -> Iterator[Found]:
    """A reading says something else than the measure it stands beside."""
    for path, word, reading in terms.named():
        kpi = terms.found_kpi(word, reading)
        if kpi is None:
            continue
        base = terms.catalogue.find(word).id
        for name, allowed in ALLOWED.get(base, {}).items():
            given = getattr(reading, name)
            if given is not None and given not in allowed:
                meant = CLOCKS.get(str(given)) if name == "clock" else None
                other = None if meant else words("reading_other", name=name, allowed=_either(allowed))
                where = (*path, "reading", name)
                yield found("reading_contradicts", where, write=other, kpi=base, name=name, given=given, meant=meant)
        threshold = re.search(r"(\d+)\s*秒", word)
        if threshold and reading.within is not None and reading.within != float(threshold[1]):
            where, within = (*path, "reading", "within"), f"{reading.within:g}"
            yield found("two_thresholds", where, word=word, within=within, threshold=threshold[1], kpi=base)


def each_time(terms: Terms) -> Iterator[Found]:
    """An item is counted each time, of a measure that has one value for a day or a month."""
    for path, item in terms.items():
        text = item.name or item.item
        if item.per != "event":
            continue
        if item.of is not None:
            yield Found(words("each_time_of", item=text, of=item.of), words("each_time_instead"), path)
        elif AVERAGES.search(text):
            yield Found(words("each_time_average", item=text), words("each_time_instead"), path)


def needs_reading(kpi: Kpi) -> set[str]:
    """The readings that mean something beside a KPI."""
    return {*NEEDS.get(kpi.id, ()), *ALLOWED.get(kpi.id, {})}


ERRORS: tuple[Rule, ...] = (
    ambiguous_name, unknown_measure, name_taken, reading_missing, reading_contradicts, each_time,
)  # fmt: skip

"""Rules about what is measured: names and readings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csim.contract.findings import Found, Rule, Terms
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
    for what, write, path in _names(terms):
        if write.endswith("write which"):
            yield Found(what, write.removesuffix(": write which"), path)


def unknown_measure(terms: Terms) -> Iterator[Found]:
    """A name that neither the catalogue nor the contract's own measures know."""
    for what, write, path in _names(terms):
        if not write.endswith("write which"):
            more = ", or a measure of your own under measures"
            yield Found(what, write + more, path)


def _names(terms: Terms) -> Iterator[tuple[str, str, Path]]:
    places = [((*path, "measure"), word) for path, word, _ in terms.named()]
    places += [((*path, "of"), item.of) for path, item in terms.items() if item.of is not None]
    for path, word in places:
        try:
            terms.catalogue.find(word)
        except UnknownNameError as error:
            text = error.mistakes[0].what
            if text.endswith("write which"):
                yield f'"{word}" can mean several measures', text.split(" can mean ", 1)[1], path
            else:
                what, _, write = text.rpartition(": ")
                yield what, write, path


def name_taken(terms: Terms) -> Iterator[Found]:
    """A measure of the contract's own bears the name of a built-in KPI, or a refused one."""
    known = catalogue()
    for name in terms.file.measures:
        if name in known or name in known.refused:
            yield Found(f'"{name}" is the name of a built-in measure', "another name", ("measures", name), True)


def reading_missing(terms: Terms) -> Iterator[Found]:
    """A measure can be read in several ways and the contract does not say which."""
    for path, word, reading in terms.named():
        kpi = terms.found_kpi(word, reading)
        for name in lacking(kpi.id, reading) if kpi is not None else ():
            example = EXAMPLES.get(name) or ALLOWED.get(kpi.id, {}).get(name, ("…",))[0]  # type: ignore[union-attr]
            options = _options(kpi.id, name)  # type: ignore[union-attr]
            what = f'{kpi.id} needs "{name}" in its reading'  # type: ignore[union-attr]
            write = f"reading: {{{name}: {example}}}" + (f" (one of {', '.join(options)})" if options else "")
            yield Found(what, write, (*path, "reading"))
    for path, item in terms.items():
        kpi = terms.found_kpi(item.of, Reading()) if item.of is not None else None
        if kpi is not None and (unsaid := lacking(kpi.id, Reading())):
            what = f"{kpi.id} can be read in several ways ({', '.join(unsaid)}), and an item has no reading"
            yield Found(what, "a clause under kpis, or a measure of your own", (*path, "of"))


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
                write = f"measure: {meant}" if meant else f"{name}: {' or '.join(allowed)}, or another measure"
                yield Found(f"{base} is not read with {name}: {given}", write, (*path, "reading", name))
        threshold = re.search(r"(\d+)\s*秒", word)
        if threshold and reading.within is not None and reading.within != float(threshold[1]):
            what = f'"{word}" and within {reading.within:g} s name two thresholds'
            yield Found(what, f"within: {threshold[1]} s, or measure: {base}", (*path, "reading", "within"))


def each_time(terms: Terms) -> Iterator[Found]:
    """An item is counted each time, of a measure that has one value for a day or a month."""
    for path, item in terms.items():
        text = item.name or item.item
        if item.per != "event":
            continue
        if item.of is not None:
            what = f'"{text}" is counted each time, but {item.of} has one value for a day, or for the month'
        elif AVERAGES.search(text):
            what = f'"{text}" is counted each time, but an average has one value for the whole period'
        else:
            continue
        yield Found(what, "per: day (or month), and what is counted", path)


def needs_reading(kpi: Kpi) -> set[str]:
    """The readings that mean something beside a KPI."""
    return {*NEEDS.get(kpi.id, ()), *ALLOWED.get(kpi.id, {})}


ERRORS: tuple[Rule, ...] = (
    ambiguous_name, unknown_measure, name_taken, reading_missing, reading_contradicts, each_time,
)  # fmt: skip

"""The clauses of an annex about parties, prices and measures; what only the buyer may see is not read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from csim.contract.findings import plain, share
from csim.contract.model import ContractFile, KpiClause, Price, Reading
from csim.contract.paper.annex_words import Said
from csim.contract.readings import measured_as
from csim.kpi.catalogue import Catalogue

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Term:
    """What one clause says of one thing: its number, a key of its own, a heading, sentences, and tables among them."""

    clause: str
    key: str
    title: str
    says: tuple[str | Rows, ...] = field(default=())


def front(file: ContractFile, said: Said) -> list[str]:
    """What stands before the first clause."""
    vendors = said.listed(file.vendor)
    lines = [said("buyer", buyer=file.buyer), said("vendor", vendor=vendors)]
    if len(file.vendor) > 1:
        lines.append(said("vendors_each"))
    lines.append(said("term", begins=file.term.begins, ends=file.term.ends))
    lines.append(said("money", currency=file.currency, timezone=file.timezone))
    cycles = {name: said.choice(getattr(file, name)) for name in ("monitoring", "money_cycle")}
    lines.append(said("cycles", **cycles))
    if file.period is None:
        lines.append(said("period_calendar"))
    for name in ("holidays", "swapped_workdays"):
        if days := getattr(file, name):
            lines.append(said(name, days=said.listed([str(day) for day in days])))
    return lines


def money_terms(file: ContractFile, said: Said) -> Iterator[Term]:
    """Tax, period, prices, announced volumes."""
    if file.tax is not None:
        yield Term(file.tax.clause, "tax", said("tax_title"), (said("tax", rate=share(file.tax.rate)),))
    if file.period is not None:
        first = file.period.month_starts_on
        text = said("period", first=first, last=first - 1) if first > 1 else said("period_calendar")
        yield Term(file.period.clause, "period", said("period_title"), (text,))
    for i, price in enumerate(file.pricing):
        yield from _price(f"pricing.{i}", price, file, said)
    if (forecast := file.forecast) is not None:
        says: list[str | Rows] = [said("forecast")]
        announced = {**forecast.months, **{str(day): count for day, count in forecast.days.items()}}
        if announced:
            rows = [(str(when), f"{count:,}") for when, count in announced.items()]
            says.append(((said("forecast_when"), said("forecast_count")), *rows))
        if forecast.file:
            says.append(said("forecast_file", file=forecast.file))
        if forecast.shares:
            parts = [(vendor, share(part)) for vendor, part in forecast.shares.items()]
            says.append(((said("forecast_shares"), said("share")), *parts))
        yield Term(forecast.clause, "forecast", said("forecast_title"), tuple(says))


def _price(key: str, price: Price, file: ContractFile, said: Said) -> Iterator[Term]:
    money = {"rate": said.money(price.rate), "currency": said.currency}
    text = said("price_month", **money) if price.per == "month" else said("price", per=said.choice(price.per), **money)
    yield Term(price.clause, key, said("pricing_title"), (text,))
    if price.minimum is not None:
        text = said("minimum", share=share(price.minimum.of_forecast))
        yield Term(price.minimum.clause, f"{key}.minimum", said("pricing_title"), (text,))
    if (volume := price.volume) is not None:
        says = [said("volume", band=share(volume.dead_band), baseline=plain(volume.baseline))]
        for name in ("above", "below"):
            if (rate := getattr(volume, name)) is not None:
                says.append(said(f"volume_{name}", rate=said.money(rate), currency=said.currency))
        yield Term(volume.clause, f"{key}.volume", said("pricing_title"), tuple(says))


def kpi_terms(file: ContractFile, said: Said, catalogue: Catalogue) -> Iterator[Term]:
    """Every measure: definition, reading, levels, bands, what is excluded; and the clauses that hang on it."""
    for name, clause in file.kpis.items():
        title = clause.name or _measure_name(clause.measure, clause.reading, said, catalogue)
        says = [
            *_definition(clause, said, catalogue),
            *_levels(clause, said),
            *_scores(clause, said),
            *_care(clause, said),
        ]
        yield Term(clause.clause, f"kpis.{name}", title, tuple(says))
        for part, text in _hanging(clause, file, said, catalogue):
            at = getattr(clause, part).clause
            whole = said("for_clause", clause=clause.clause, name=title, text=text) if at != clause.clause else text
            yield Term(at, f"kpis.{name}.{part}", said.field(part), (whole,))
    yield from _exclusions(file, said)


def _measure_name(measure: str, reading: Reading, said: Said, catalogue: Catalogue) -> str:
    kpi = _found(measure, reading, catalogue)
    return kpi.name(said.lang) if kpi else measure


def _found(measure: str, reading: Reading, catalogue: Catalogue) -> Any:
    try:
        kpi = catalogue.find(measure)
    except ValueError:
        return None
    return catalogue.get(measured_as(kpi.id, reading), kpi)


def _definition(clause: KpiClause, said: Said, catalogue: Catalogue) -> Iterator[str]:
    kpi = _found(clause.measure, clause.reading, catalogue)
    yield said("measure", name=kpi.name(said.lang) if kpi else clause.measure)
    if kpi is not None:
        formula = _within(kpi.formula.get(said.lang, ""), clause.reading, said)
        yield said("formula", formula=formula) if formula else said("formula_supplied")
    if given := clause.reading.given():
        yield said(
            "reading", readings=said("joined").join(_reading(name, value, said) for name, value in given.items())
        )
    scopes = [
        said("reading_item", name=said.field(name), value=said.choice(value) if name == "channel" else value)
        for name, value in clause.scope if value is not None
    ]  # fmt: skip
    if scopes:
        yield said("scope", scopes=said("joined").join(scopes))


def _within(formula: str, reading: Reading, said: Said) -> str:
    """The catalogue writes T for the promised time."""
    if reading.within is not None:
        shown = said.duration(reading.within)
        formula = re.sub(r"\bT \u79d2|(?<![A-Za-z])T(?![A-Za-z])", shown, formula)
    return formula.rstrip(".\u3002")


def _reading(name: str, value: Any, said: Said) -> str:
    if name in ("within", "window"):
        shown = said.duration(value)
    else:
        shown = said.choice(value, name) if isinstance(value, str) else plain(value)
    return said("reading_item", name=said.field(name, "reading"), value=shown)


def _levels(clause: KpiClause, said: Said) -> Iterator[str]:
    if clause.expected is not None:
        yield said("expected", level=said.level(clause.expected))
    if clause.minimum is not None:
        yield said("minimum_level", level=said.level(clause.minimum))
    if clause.weight is not None:
        yield said("weight", weight=share(clause.weight))
    if clause.allocation is not None:
        yield said("allocation", allocation=share(clause.allocation))
    if clause.gate:
        yield said("gate")
    paid = (
        clause.weight,
        clause.allocation,
        clause.bands or None,
        clause.linear or None,
        clause.shortfall,
        clause.per_unit,
    )
    if not clause.gate and all(part is None for part in paid):
        yield said("monitored")


def _scores(clause: KpiClause, said: Said) -> Iterator[str | Rows]:
    if clause.bands:
        yield said.bands(clause.bands, said("bands_head"))
    if clause.linear:
        yield said("linear")
        points = [(said.level(edge.at), plain(edge.score)) for edge in clause.linear]
        yield ((said("linear_head"), said("bands_score")), *points)


def _care(clause: KpiClause, said: Said) -> Iterator[str]:
    """Rounding, missing data, samples, exclusions."""
    rounding = clause.value_rounding
    if rounding is None:
        yield said("rounding_none")
    else:
        yield said("rounding_value", to=said.level(rounding.to), mode=said.choice(rounding.mode, "mode"))
    yield said(f"missing_{clause.missing}")
    if clause.minimum_sample:
        yield said("sample", count=f"{clause.minimum_sample:,}")
    if clause.response_gate is not None:
        yield said("response_gate", share=share(clause.response_gate))
    items = [said("exclusion_item", what=_excluded(e, said), clause=e.clause) for e in clause.exclusions]
    yield said("exclusions", list=said.listed(items)) if items else said("exclusions_none")


def _excluded(exclusion: Any, said: Said) -> str:
    if exclusion.over is None:
        return said.choice(exclusion.what)
    return said("exclusion_relief", over=share(exclusion.over), by=said(f"relief_{exclusion.by}"))


def _exclusions(file: ContractFile, said: Said) -> Iterator[Term]:
    """One term per clause that excludes something, with the clauses it applies to."""
    found: dict[tuple[str, str], list[str]] = {}
    for clause in file.kpis.values():
        for exclusion in clause.exclusions:
            found.setdefault((exclusion.clause, _excluded(exclusion, said)), []).append(clause.clause)
    for number, ((clause_number, what), clauses) in enumerate(found.items()):
        text = said("exclusion_applies", what=what, clauses=said.listed(list(dict.fromkeys(clauses))))
        yield Term(clause_number, f"exclusions.{number}", said("exclusions_title"), (text,))


def _hanging(clause: KpiClause, file: ContractFile, said: Said, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """The further terms of a clause, each with a number of its own."""
    if (ceiling := clause.ceiling) is not None:
        measure = _measure_name(ceiling.measure, ceiling.reading, said, catalogue)
        below = said("edge_below", value=said.level(ceiling.below))
        yield "ceiling", said("ceiling", measure=measure, below=below, score=plain(ceiling.score))
    if (shortfall := clause.shortfall) is not None:
        text = said("shortfall", below=said.level(shortfall.below), per_point=share(shortfall.per_point))
        if shortfall.up_to is not None:
            text += (" " if said.lang == "en" else "") + said("shortfall_most", up_to=share(shortfall.up_to))
        yield "shortfall", text
    if (per_unit := clause.per_unit) is not None:
        yield "per_unit", said("per_unit", rate=said.money(per_unit.rate), currency=said.currency)
    if (repeat := clause.repeat) is not None:
        yield "repeat", said("repeat", factor=plain(repeat.factor))
    if (ratchet := clause.ratchet) is not None:
        values = {"months": ratchet.months, "step": said.level(ratchet.step), "up_to": said.level(ratchet.up_to)}
        yield "ratchet", said("ratchet", **values)

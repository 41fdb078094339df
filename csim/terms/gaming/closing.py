"""The clauses that close the holes of a contract, as its file would hold them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from csim.contract.load import Contract
from csim.schema.exact import Level
from csim.terms.gaming.companions import TEN_DAYS, Closing, Companion, Played, fewest
from csim.terms.gaming.worlds import PEAK_LEVEL


def closings(
    honest: Played,
    kept: int,
    games: Mapping[str, Played],
    companions: Mapping[str, Companion],
    peak: Mapping[str, str] | None,
) -> tuple[tuple[Closing, ...], tuple[str, ...]]:  # fmt: skip
    """
    The fewest clauses under which no game pays, and the games that none of them closes.

    Args:
        honest: The honest world. kept: Its row that keeps what is promised. games: Those that pay today.
        peak: The measure of the busiest hours, where there is one.
    """
    credits, still_open = fewest(honest, games, companions)
    found = []
    for number, (name, credit) in enumerate(credits.items(), 1):
        companion = companions[name]
        seen = [game for game in games if game not in still_open and _sees(companion, games[game])]
        hit = float(companion.beyond(honest.values[name])[kept].mean())
        measure = peak if name == PEAK_LEVEL else None
        terms = None if name == TEN_DAYS else terms_of_closing(companion, credit, f"G.{number}")
        found.append(Closing(companion, credit, tuple(seen), hit, terms, measure))
    return tuple(found), tuple(still_open)


def _sees(companion: Companion, game: Played) -> bool:
    values = game.values.get(companion.kpi)
    return values is not None and bool(companion.beyond(values)[int(game.means.argmax())].any())


def terms_of_closing(companion: Companion, credit: float, clause: str) -> dict[str, Any]:
    """
    The clause as a contract file holds it.

    Examples:
        >>> lost = Companion("abandonment_rate", {}, "share", "down", 0.055)
        >>> terms_of_closing(lost, 0.05, "G.1")["bands"]
        [{'up_to': '5.5%', 'credit': '0%'}, {'credit': '5%'}]
    """
    level = threshold_text(companion)
    kept = {"up_to" if companion.better == "down" else "from": level, "credit": "0%"}
    return {
        "clause": clause, "measure": companion.kpi, "expected": level,
        "bands": [kept, {"credit": f"{credit * 100:g}%"}],
        "value_rounding": "none", "missing": "insufficient", "exclusions": [],
    }  # fmt: skip


def threshold_text(companion: Companion) -> str:
    """A threshold as a contract writes it."""
    number = Decimal(repr(companion.threshold))
    return Level.shown(number, companion.unit if companion.unit in ("share", "s") else "number").text


def with_closings(contract: Contract, found: tuple[Closing, ...]) -> dict[str, Any]:
    """The contract's data with the closing clauses in it, those that its language can hold."""
    data = copy.deepcopy(dict(contract.data))
    for closing in found:
        if closing.terms is None:
            continue
        name = next(n for n in _names(closing.companion.kpi) if n not in data["kpis"])
        data["kpis"] = {**data["kpis"], name: dict(closing.terms)}
        if closing.measure is not None:
            data["measures"] = {**data.get("measures", {}), PEAK_LEVEL: dict(closing.measure)}
    return data


def _names(kpi: str) -> list[str]:
    return [kpi, f"{kpi}_as_well", *(f"{kpi}_{number}" for number in range(2, 100))]

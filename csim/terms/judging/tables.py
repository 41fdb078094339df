"""Responses and operating characteristics as tables, JSON, HTML and text for a console."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.grids import text_table
from csim.display.notes import texts
from csim.display.numbers import shown, whole
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.terms.judging.sentences import costs_told, deterring, level_short

if TYPE_CHECKING:
    from csim.terms.answering.response import BestResponse
    from csim.terms.gaming.games import Games
    from csim.terms.judging.characteristic import OperatingCharacteristic
    from csim.terms.pricing.price import FairPrice
    from csim.terms.pricing.relief import Relief

MONEY = ("payment", "cost", "profit", "buyer", "system")


def response_rows(found: BestResponse, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of the table of levels; the answer, the optimum and ties are said beside it."""
    words = Words(lang)
    money = [name for name in MONEY if not found.table[name].isna().all()]
    heads = [words(f"terms_{key}") for key in ("level", *money, "service_level", "breaches_per_year", "note")]
    cells = []
    for i, row in found.table.iterrows():
        notes = [
            words(key) for key, holds in (
                ("terms_is_best", i == found.best), ("terms_is_system", i == found.system),
                ("terms_is_tie", row["tie"] and i != found.best),
            ) if holds
        ]  # fmt: skip
        level = shown(row["service_level"], "share", lang)
        name = level_short(found.lever, row["level"], lang)
        cells.append([name, *(whole(row[key]) for key in money), level, f"{row['breaches_per_year']:.1f}",
                      ("；" if lang == "zh" else "; ").join(notes)])  # fmt: skip
    return heads, cells


def response_text(found: BestResponse, lang: str) -> str:
    """The verdict, what penalties must weigh, and the table of levels."""
    heads, cells = response_rows(found, lang)
    parts = [found.summary(lang), costs_told(found, lang), *deterring(found, lang)]
    if found.system is None:
        parts.append(Words(lang)("terms_no_harm"))
    right = tuple(range(len(heads) - 1))
    return "\n".join([*parts, *texts(found.notes, lang), "", text_table(heads, cells, right)])


def response_html(found: BestResponse, lang: str = "en") -> str:
    """The table of levels below what it says."""
    heads, cells = response_rows(found, lang)
    return answer_first(found.summary(lang), html_table(heads, cells))


def response_json(found: BestResponse) -> str:
    """As INTERFACE names it."""
    columns = ["agents", *(name for name in found.table if name != "level")]
    table = found.table.rename(columns={"level": "agents"})[columns]
    rows = [plain(row) for row in table.to_dict("records")]
    nothing = dict.fromkeys(rows[0])
    content = {
        "best": rows[found.best], "system": nothing if found.system is None else rows[found.system],
        "signs": found.signs, "deterrence": dict(found.deterrence), "efficiency": found.efficiency,
        "break_even": found.break_even, "ties": found.ties, "lever": found.lever, "levels": rows,
        "costs": [plain(row) for row in found.costs.to_dict("records")], "verdict": found.summary("en"),
        "currency": found.contract.file.currency, "notes": texts(found.notes, "en"),
        "provenance": dict(found.provenance),
    }  # fmt: skip
    return json.dumps(plain(content), ensure_ascii=False, indent=2)


def risk_table(found: OperatingCharacteristic, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: a row per clause and cycle, the cycles of a clause together."""
    words = Words(lang)
    keys = ("clause", "cycle", "threshold", "sample", "sd", "false", "missed", "coin_toss", "binomial_wrong")
    cells = []
    order = {clause: place for place, clause in enumerate(found.risks["clause"].unique())}
    for row in sorted(found.risks.to_dict("records"), key=lambda row: order[row["clause"]]):
        unit = found.contract.catalogue[row["kpi"]].unit
        if row["sd"] != row["sd"]:  # of a single cycle played no risk is known
            row |= dict.fromkeys(("false_penalty", "missed_breach", "coin_toss"), float("nan"))
        cells.append([
            found.contract.clause_name(row["clause"], lang), words(f"terms_cycle_{row['cycle']}"),
            shown(row["threshold"], unit, lang),
            shown(row["sample"], "count", lang), _points(row["sd"], unit, lang),
            shown(row["false_penalty"], "share", lang), shown(row["missed_breach"], "share", lang),
            shown(row["coin_toss"], unit, lang), _binomial(row, words),
        ])  # fmt: skip
    return [words(f"terms_{key}") for key in keys], cells


def _binomial(row: dict[str, Any], words: Words) -> str:
    """Whether coins would vary as much; too few cycles played leave it open."""
    if row["sd"] != row["sd"]:
        return "–"
    return words("terms_wrong" if row["binomial_wrong"] else "terms_right")


def characteristic_text(found: OperatingCharacteristic, lang: str) -> str:
    """The risks in words, the table, the advice."""
    heads, cells = risk_table(found, lang)
    table = text_table(heads, cells, tuple(range(2, len(heads) - 1)))
    return "\n".join([found.summary(lang), "", table, "", *found.advice(lang), *texts(found.notes, lang)])


def characteristic_html(found: OperatingCharacteristic, lang: str = "en") -> str:
    """The table of risks below what it says."""
    heads, cells = risk_table(found, lang)
    return answer_first(found.summary(lang), html_table(heads, cells))


def characteristic_json(found: OperatingCharacteristic) -> str:
    """As INTERFACE names it."""
    frames = {"clauses": found.clauses, "risks": found.risks, "streaks": found.streaks, "whole": found.whole,
              "samples": found.samples}  # fmt: skip
    content: dict[str, Any] = {name: [plain(row) for row in _records(frame)] for name, frame in frames.items()}
    more = {
        "advice": found.advice("en"),
        "notes": texts(found.notes, "en"),
        "provenance": dict(found.provenance),
    }
    return json.dumps(plain(content | more), ensure_ascii=False, indent=2)


def judged_text(found: OperatingCharacteristic, games: Games | None, relief: Relief | None, lang: str) -> str:
    """Games and relief first, where they were asked for, then how the clauses judge."""
    from csim.terms.gaming.tables import games_text
    from csim.terms.pricing.words import relief_text

    parts = [] if games is None else [games_text(games, lang)]
    parts += [] if relief is None else [relief_text(relief, lang)]
    return "\n\n".join([*parts, characteristic_text(found, lang)])


def judged_json(found: OperatingCharacteristic, games: Games | None, relief: Relief | None) -> str:
    """As INTERFACE names it, with games and relief beside it where they were asked for."""
    from csim.terms.gaming.tables import games_data
    from csim.terms.pricing.words import relief_data

    content = json.loads(characteristic_json(found))
    content |= {} if games is None else {"games": games_data(games)}
    content |= {} if relief is None else {"relief": relief_data(relief)}
    return json.dumps(content, ensure_ascii=False, indent=2)


def responded_text(found: BestResponse, price: FairPrice | None, lang: str) -> str:
    """The verdict, then fair prices where they were asked for."""
    from csim.terms.pricing.words import price_text

    return "\n\n".join([response_text(found, lang), *([] if price is None else [price_text(price, lang)])])


def responded_json(found: BestResponse, price: FairPrice | None) -> str:
    """As INTERFACE names it, with fair prices beside it where they were asked for."""
    from csim.terms.pricing.words import price_data

    content = json.loads(response_json(found)) | ({} if price is None else {"price": price_data(price)})
    return json.dumps(content, ensure_ascii=False, indent=2)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _points(sd: float, unit: str, lang: str) -> str:
    return f"{sd * 100:.2f}" if unit == "share" and sd == sd else shown(sd, unit, lang)


def plain(value: Any) -> Any:
    """What JSON can hold: numbers that are not known are null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""Games as rows, tables, JSON and text for a console."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.contract.load import Contract
from csim.display.grids import text_table
from csim.display.notes import texts
from csim.display.numbers import points, shown, whole
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.terms.gaming.closing import threshold_text
from csim.terms.gaming.companions import OFTEN, Companion
from csim.terms.gaming.gamed import World
from csim.terms.judging.tables import plain
from csim.terms.worth.answers import SURE
from csim.terms.worth.valuation import terms_of

CENT = 0.01
PLANNING = ("off_peak", "on_peak", "month_end")  # games that move staff, not customers

if TYPE_CHECKING:
    from csim.terms.gaming.games import Games


def gain_rows(
    honest: World, others: Mapping[str, World], companions: Mapping[str, Companion]
) -> Iterator[dict[str, Any]]:
    """
    What each game gains, on the months of the honest world.

    Staff that stands elsewhere and pays, while no companion is worse than in honest months, is better planning and no
    hole.
    """
    usual, kept = honest.best, honest.kept
    for name, world in others.items():
        best, same = world.best, same_staff(world, kept)
        gain, error = paired(world.played.profit[best] - honest.played.profit[usual])
        pays = bool(gain > SURE * np.nan_to_num(error) and gain > CENT)
        fair = pays and name in PLANNING and not world.played.flagged(companions)[best]
        yield {
            "game": name, "hole": pays and not fair, "fair": fair,
            "kept": honest.played.levels[kept], "usual": honest.played.levels[usual],
            "level": world.played.levels[best], "gain": gain, "error": error,
            "same_staff": float((world.played.profit[same] - honest.played.profit[kept]).mean()),
            "missed": float(honest.missed[kept]), "gamed_missed": float(world.missed[best]),
        }  # fmt: skip


def same_staff(world: World, usual: int) -> int:
    """The row of a world at the honest staffing; of several the most profitable."""
    rows = [row for row, stem in enumerate(world.usual) if stem == usual]
    return max(rows, key=lambda row: world.played.means[row]) if rows else world.best


def paired(difference: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of [run, month]: runs are independent; of one run its months are."""
    each = difference.mean(1) if difference.shape[0] > 1 else difference[0]
    error = each.std(ddof=1) / len(each) ** 0.5 if len(each) > 1 else float("nan")
    return float(each.mean()), float(error)


def kpi_rows(contract: Contract, honest: World, others: Mapping[str, World]) -> Iterator[dict[str, Any]]:
    """What each clause's KPI reads with and without each game."""
    usual = honest.kept
    judges = {judge.id: judge for judge in terms_of(contract, honest.months.labels[0]).judges}
    for name, world in others.items():
        same = same_staff(world, usual)
        for clause in contract.file.kpis:
            counts = [each.months.counts.get(clause) for each in (honest, world)]
            if counts[0] is None or counts[1] is None or clause in honest.months.met:
                continue
            before, after = (each.pooled() for each in counts)  # type: ignore[union-attr]
            money = world.worth.own[clause][same] - honest.worth.own[clause][usual]
            yield {
                "game": name, "clause": clause, "kpi": judges[clause].kpi, "unit": judges[clause].unit,
                "better": judges[clause].better, "honest": float(before[usual]), "same": float(after[same]),
                "points": float(after[same] - before[usual]), "money": float(money.mean()) / world.per,
                "at_best": float(after[world.best]),
            }  # fmt: skip


def exposure_rows(
    honest: World, others: Mapping[str, World], companions: Mapping[str, Companion]
) -> Iterator[dict[str, Any]]:
    """What each companion reads in a game with the same staff, and how often it lies beyond its threshold."""
    for name, world in others.items():
        same = same_staff(world, honest.kept)
        for kpi, companion in companions.items():
            before, values = honest.played.values[kpi][honest.kept], world.played.values[kpi]
            if np.isnan(values[same]).all():
                continue
            share = [float(companion.beyond(each).mean()) for each in (before, values[same], values[world.best])]
            yield {
                "game": name, "companion": kpi, "unit": companion.unit, "honest": float(np.nanmean(before)),
                "same": float(np.nanmean(values[same])), "at_best": float(np.nanmean(values[world.best])),
                "threshold": companion.threshold, "false": share[0], "detected": share[1],
                "detected_at_best": share[2], "exposes": share[1] > OFTEN,
            }  # fmt: skip


# -- shown ---------------------------------------------------------------------------------------------


def gain_table(found: Games, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: a row per game, the most profitable first."""
    from csim.terms.gaming.words import companion_name, main_row, staff

    words = Words(lang)
    heads = [words(f"games_{key}") for key in ("game", "kpi", "same", "level", "gain", "pays", "shown_by")]
    cells = []
    for row in found.gains.sort_values("gain", ascending=False).to_dict("records"):
        kpi = main_row(found, row["game"])
        seen = seen_by(found, row["game"])
        by = [companion_name(found, name, lang) for name in seen["companion"]]
        read = "–" if kpi is None else " → ".join(shown(kpi[key], kpi["unit"], lang) for key in ("honest", "same"))
        cells.append([
            words(f"game_{row['game']}"), "–" if kpi is None else found.contract.clause_name(kpi["clause"], lang), read,
            staff(found, row["level"], lang),
            whole(row["gain"], sign=True),
            words("games_yes" if row["hole"] else "games_fair" if row["fair"] else "games_no"),
            ("、" if lang == "zh" else ", ").join(by) or "–",
        ])  # fmt: skip
    return heads, cells


def seen_by(found: Games, game: str) -> pd.DataFrame:
    """The companions that expose a game, the surest first."""
    if not len(found.exposure):
        return found.exposure
    rows = found.exposure[(found.exposure["game"] == game) & found.exposure["exposes"]]
    return rows.sort_values("detected", ascending=False, kind="stable")


def games_text(found: Games, lang: str) -> str:
    """The verdict, one sentence per game, the table, the clauses to add."""
    from csim.terms.gaming.words import clause_lines

    heads, cells = gain_table(found, lang)
    parts = [found.summary(lang), *clause_lines(found, lang), "", text_table(heads, cells, (2, 3, 4)), ""]
    return "\n".join([*parts, *found.sentences(lang), *texts(found.notes, lang)])


def games_html(found: Games, lang: str = "en") -> str:
    """The table of games below what it says."""
    heads, cells = gain_table(found, lang)
    return answer_first(found.summary(lang), html_table(heads, cells))


def closing_frame(found: Games) -> pd.DataFrame:
    """One row per closing clause."""
    rows = [
        {"companion": c.companion.kpi, "better": c.companion.better, "threshold": threshold_text(c.companion),
         "credit": c.credit, "closes": ", ".join(c.games), "honest_months_hit": c.honest}
        for c in found.closing
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["companion", "better", "threshold", "credit", "closes", "honest_months_hit"])


def games_data(found: Games) -> dict[str, Any]:
    """Everything as plain values."""
    from csim.terms.gaming.words import clause_lines

    frames = {"games": found.gains, "kpis": found.table, "exposure": found.exposure}
    content: dict[str, Any] = {name: frame.to_dict("records") for name, frame in frames.items()}
    closing = [
        row | {"terms": closing.terms, "measure": closing.measure}
        for row, closing in zip(closing_frame(found).to_dict("records"), found.closing, strict=True)
    ]
    content |= {
        "closing": closing, "still_open": list(found.still_open), "holes": found.holes, "verdict": found.summary("en"),
        "say": [*clause_lines(found, "en"), *found.sentences("en")], "currency": found.contract.file.currency,
        "notes": texts(found.notes, "en"), "provenance": dict(found.provenance),
    }  # fmt: skip
    return plain(content)


def games_json(found: Games) -> str:
    """games, kpis, exposure, closing, still_open, holes, verdict, provenance."""
    return json.dumps(games_data(found), ensure_ascii=False, indent=2)


__all__ = ["closing_frame", "exposure_rows", "gain_rows", "gain_table", "games_data", "games_html", "games_json",
           "games_text", "kpi_rows", "points"]  # fmt: skip

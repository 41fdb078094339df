"""What games say in words: the verdict, a sentence per game, the clauses to add, the labels of the figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from csim.display.numbers import points, shown, whole
from csim.display.words import Words
from csim.terms.judging.sentences import joined, level_text, source

LEAST = 0.002  # of a KPI: less is the luck of its coins

if TYPE_CHECKING:
    from csim.terms.gaming.companions import Closing
    from csim.terms.gaming.games import Games


def verdict(found: Games, lang: str) -> str:
    """How many games pay, the worst of them, and what closes them."""
    words, holes, count = Words(lang), found.holes, len(found.gains)
    if not count:
        return words("games_none_possible")
    if not holes:
        return words("games_none_pays", count=count)
    worst = found.gains.set_index("game").loc[holes[0]]
    parts = [words(
        "games_pay", holes=len(holes), count=count, worst=words(f"game_{holes[0]}"), gain=whole(worst["gain"]),
        currency=found.contract.file.currency, year=whole(12 * worst["gain"]),
    )]  # fmt: skip
    if found.closing and not found.still_open:
        parts.append(words("games_closed", clauses=len(found.closing)))
    elif found.still_open:
        names = ("、" if lang == "zh" else ", ").join(words(f"game_{name}") for name in found.still_open)
        parts.append(words("games_open", games=names, clauses=len(found.closing)))
    return joined(parts, lang)


def clause_lines(found: Games, lang: str) -> list[str]:
    """The clauses to add, one line each."""
    return [closing_line(found, closing, lang) for closing in found.closing]


def closing_line(found: Games, closing: Closing, lang: str) -> str:
    """One clause to add: what must be kept, what a miss costs, and how often an honest month is hit."""
    words, companion = Words(lang), closing.companion
    games = ("、" if lang == "zh" else ", ").join(words(f"game_{name}") for name in closing.games)
    level = shown(companion.threshold, companion.unit, lang)
    line = words(
        f"games_add_{companion.better if companion.better == 'down' else 'up'}", kpi=companion.name[lang], level=level,
        credit=_share(closing.credit, lang), games=games, honest=shown(closing.honest, "share", lang),
    )  # fmt: skip
    return line if closing.terms is not None else joined([line, words("games_by_hand")], lang)


def told(found: Games, lang: str) -> list[str]:
    """One sentence per game, those that pay first."""
    order = found.gains.sort_values(["hole", "gain"], ascending=False)
    return [_game(found, row, lang) for row in order.to_dict("records")]


def _game(found: Games, row: dict[str, Any], lang: str) -> str:
    words, kpi = Words(lang), main_row(found, row["game"])
    name, currency = words(f"game_{row['game']}"), found.contract.file.currency
    parts = [words("games_does", game=name, how=words(f"game_{row['game']}_how"))]
    if kpi is not None:
        reads = {key: shown(kpi[key], kpi["unit"], lang) for key in ("honest", "same")}
        move = points(kpi["points"], kpi["unit"], lang)
        parts.append(
            words(
                "games_reads",
                staff=staff(found, row["kept"], lang),
                move=move,
                clause=found.contract.clause_name(kpi["clause"], lang),
                **reads,
            )
        )
    money = {"gain": whole(row["gain"]), "currency": currency}
    levels = {key: staff(found, row[key], lang) for key in ("usual", "level")}
    if row["fair"]:
        parts.append(words("games_fair_said", **money))
    elif not row["hole"]:
        parts.append(words("games_chance" if row["gain"] > 0.5 else "games_no_use", **money))
    else:
        parts.append(words("games_earns_fewer" if row["level"] != row["usual"] else "games_earns", **money, **levels))
    return joined([*parts, _exposed(found, row, lang)], lang)


def _exposed(found: Games, row: dict[str, Any], lang: str) -> str:
    words = Words(lang)
    rows = found.exposure[found.exposure["game"] == row["game"]] if len(found.exposure) else found.exposure
    if not len(rows):
        return ""
    best = rows.sort_values("detected", ascending=False, kind="stable").iloc[0]
    kpi, detected = companion_name(found, best["companion"], lang), shown(best["detected"], "share", lang)
    if not best["exposes"]:
        return words("games_unseen", kpi=kpi, share=detected) if row["hole"] else ""
    reads = {key: shown(best[key], best["unit"], lang) for key in ("honest", "same", "threshold")}
    return words("games_seen", kpi=kpi, share=detected, **reads)


def main_row(found: Games, game: str) -> dict[str, Any] | None:
    """The clause that a game moves most, in parts of what it was."""
    rows = found.table[found.table["game"] == game].to_dict("records") if len(found.table) else []
    moved = [row for row in rows if moves(row)]
    return max(moved, key=relative) if moved else None


def relative(row: Mapping[str, Any]) -> float:
    """How far a game moves a clause's KPI, in parts of what it was."""
    return abs(row["points"]) / max(abs(row["honest"]), 1e-9)


def moves(row: Mapping[str, Any]) -> bool:
    """Whether a game moves a clause's KPI by more than the coins of a sample do."""
    return relative(row) > LEAST


def companion_name(found: Games, kpi: str, lang: str) -> str:
    """The name of a companion KPI; of the service level by parts what it is."""
    named = {c.companion.kpi: c.companion.name[lang] for c in found.closing}
    if kpi in named:
        return named[kpi]
    said = Words(lang).find(f"games_{kpi}")
    return said or found.contract.catalogue[kpi].name(lang)


def staff(found: Games, level: float, lang: str) -> str:
    """A staffing level as people say it."""
    return level_text(found.lever, level, Words(lang))


def figure_labels(found: Games, lang: str) -> dict[str, Any]:
    """The texts of the figure."""
    words, holes = Words(lang), found.holes
    gains = found.gains.set_index("game")["gain"] if len(found.gains) else {}
    title = words("games_title_none")
    if holes:
        said = {"gain": whole(gains[holes[0]]), "currency": found.contract.file.currency}
        title = words("games_title", game=words(f"game_{holes[0]}"), **said)
    games = {name: words(f"game_{name}") for name in found.gains["game"]} if len(found.gains) else {}
    seen = found.exposure["companion"].unique() if len(found.exposure) else []
    return {
        "title": title, "source": source(found.provenance, words), "games": games,
        "companions": {name: companion_name(found, name, lang) for name in seen},
        "money": words("games_gain_axis", currency=found.contract.file.currency),
        "detected": words("games_detected_axis"), "pays": words("games_pays"), "not": words("games_no_gain"),
    }  # fmt: skip


def _share(share: float, lang: str) -> str:
    return f"{share * 100:g}{'%' if lang == 'zh' else ' %'}"

"""What relief and prices say in words, tables and labels of figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from csim.display.grids import text_table
from csim.display.notes import texts
from csim.display.numbers import shown, whole
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.terms.judging.sentences import joined, level_text, source
from csim.terms.judging.tables import plain

if TYPE_CHECKING:
    from csim.terms.pricing.price import FairPrice
    from csim.terms.pricing.relief import Relief

PARTS = ("cost", "margin", "penalty", "load")


# -- relief --------------------------------------------------------------------------------------------


def relief_told(found: Relief, lang: str) -> str:
    """One sentence for each kind of relief, at the staffing in the middle of those simulated."""
    words, levels = Words(lang), found.table["level"].unique()
    rows = found.table[found.table["level"] == levels[len(levels) // 2]].set_index("relief")
    bare, currency = rows.loc["without"], found.contract.file.currency
    over = ("、" if lang == "zh" else ", ").join(
        f"{found.contract.clause_name(name, lang)} +{margin * 100:g}{'%' if lang == 'zh' else ' %'}"
        for name, margin in found.over.items()
    )
    parts = []
    for kind in ("day", "month"):
        row = rows.loc[kind]
        said = {"over": over, "applies": shown(row["applies"], "share", lang), "currency": currency,
                "worth": whole(row["worth"]), "before": shown(bare["missed"], "share", lang),
                "after": shown(row["missed"], "share", lang)}  # fmt: skip
        key = "never" if not row["applies"] > 0 else "money" if bare["missed"] == row["missed"] else "misses"
        parts.append(words(f"relief_{kind}_{key}", **said))
        if kind == "day" and row["applies"] > 0:
            parts += _levels_lifted(found, row["level"], lang)
    if "ramp_up" in rows.index:
        row = rows.loc["ramp_up"]
        parts.append(words("relief_ramp_up", months=f"{row['applies']:g}", worth=whole(row["worth"]),
                           currency=currency))  # fmt: skip
    return joined(parts, lang)


def _levels_lifted(found: Relief, level: float, lang: str) -> list[str]:
    """How far relief by day lifts what each clause reads."""
    rows, said = found.clauses[found.clauses["level"] == level], []
    for name in found.over:
        both = rows[rows["clause"] == name].set_index("relief")["value"]
        unit = found.contract.kpi_of(
            found.contract.file.kpis[name].measure, found.contract.file.kpis[name].reading
        ).unit  # fmt: skip
        reads = {kind: shown(both[key], unit, lang) for kind, key in (("before", "without"), ("after", "day"))}
        said.append(Words(lang)("relief_lifts", clause=found.contract.clause_name(name, lang), **reads))
    return said


def relief_cells(found: Relief, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: a row per kind of relief and staffing."""
    words = Words(lang)
    heads = [words(f"relief_head_{key}") for key in ("level", "kind", "applies", "missed", "payment", "worth")]
    cells = []
    for row in found.table.sort_values("level", kind="stable").to_dict("records"):
        lasting = row["relief"] == "ramp_up"
        applies = (
            words("relief_months", count=f"{row['applies']:g}") if lasting else shown(row["applies"], "share", lang)
        )
        missed = (
            words("relief_months", count=f"{row['missed']:.1f}") if lasting else shown(row["missed"], "share", lang)
        )
        cells.append([level_text(found.lever, row["level"], words), words(f"relief_kind_{row['relief']}"), applies,
                      missed, whole(row["payment"]), whole(row["worth"])])  # fmt: skip
    return heads, cells


def relief_text(found: Relief, lang: str) -> str:
    """The sentences and the table."""
    heads, cells = relief_cells(found, lang)
    return "\n".join([found.summary(lang), "", text_table(heads, cells, (2, 3, 4, 5)), *texts(found.notes, lang)])


def relief_html(found: Relief, lang: str = "en") -> str:
    """The table below what it says."""
    heads, cells = relief_cells(found, lang)
    return answer_first(found.summary(lang), html_table(heads, cells))


def relief_data(found: Relief) -> dict[str, Any]:
    """Everything as plain values."""
    content = {
        "relief": found.table.to_dict("records"), "clauses": found.clauses.to_dict("records"),
        "over": dict(found.over), "written": found.written, "say": found.summary("en"),
        "currency": found.contract.file.currency, "notes": texts(found.notes, "en"),
        "provenance": dict(found.provenance),
    }  # fmt: skip
    return plain(content)


def relief_labels(found: Relief, lang: str) -> dict[str, Any]:
    """The texts of the figure."""
    words = Words(lang)
    kinds = {kind: words(f"relief_kind_{kind}") for kind in ("without", "day", "month")}
    return {
        "title": words("relief_title"), "kinds": kinds, "missed": words("relief_missed_axis"),
        "worth": words("relief_worth_axis", currency=found.contract.file.currency),
        "source": source(found.provenance, words),
    }  # fmt: skip


# -- prices --------------------------------------------------------------------------------------------


def price_told(found: FairPrice, lang: str) -> str:
    """What each promise costs: the middle one, what the next adds, and what is paid today."""
    words, currency = Words(lang), found.contract.file.currency
    known = found.table.dropna(subset=["price"]) if "price" in found.table else found.table.head(0)
    if not len(known):
        return words("price_none")
    at = int((known["promised"] - found.promise).abs().argmin())
    row = known.iloc[at]
    said = {"promised": _share(row["promised"], lang), "price": f"{row['price']:.2f}", "currency": currency,
            "level": level_text(found.lever, row["level"], words), "fee": whole(row["fee"])}  # fmt: skip
    parts = [words("price_says", clause=found.contract.clause_name(found.clause, lang), **said)]
    parts.append(words("price_made_of", **{key: f"{row[key]:.2f}" for key in PARTS}))
    if at + 1 < len(known):
        more = known.iloc[at + 1]
        parts.append(words("price_more", promised=_share(more["promised"], lang), price=f"{more['price']:.2f}",
                           more=f"{more['price'] - row['price']:.2f}"))  # fmt: skip
    enough = known[known["price"] <= found.today]
    key = "price_today" if len(enough) else "price_today_none"
    best = _share(enough["promised"].max(), lang) if len(enough) else ""
    parts.append(words(key, today=f"{found.today:.2f}", currency=currency, promised=best))
    if len(known) < len(found.table):
        missing = found.table[~found.table["promised"].isin(known["promised"])]["promised"]
        parts.append(words("price_unreached", promised=", ".join(_share(p, lang) for p in missing)))
    return joined(parts, lang)


def price_cells(found: FairPrice, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: a row per promise."""
    words = Words(lang)
    keys = ("promised", "level", "service_level", *PARTS, "price", "fee", "missed")
    cells = []
    for row in found.table.to_dict("records"):
        promised = _share(row["promised"], lang)
        if not row.get("price", float("nan")) > 0:
            cells.append([promised, words("price_out_of_reach"), *[""] * (len(keys) - 2)])
            continue
        money = [f"{row[key]:.2f}" for key in (*PARTS, "price")]
        level, reached = level_text(found.lever, row["level"], words), shown(row["service_level"], "share", lang)
        missed = shown(row["missed"], "share", lang)
        cells.append([promised, level, reached, *money, whole(row["fee"]), missed])
    return [words(f"price_head_{key}") for key in keys], cells


def price_text(found: FairPrice, lang: str) -> str:
    """The sentences, the table, the formula of the load."""
    heads, cells = price_cells(found, lang)
    return "\n".join(
        [found.summary(lang), "", text_table(heads, cells, range(2, len(heads))), "", formula(found, lang)]
    )


def formula(found: FairPrice, lang: str) -> str:
    """How price and load are computed."""
    return Words(lang)("price_formula", margin=_share(found.margin, lang), aversion=f"{found.aversion:g}")


def price_html(found: FairPrice, lang: str = "en") -> str:
    """The table below what it says."""
    heads, cells = price_cells(found, lang)
    return answer_first(found.summary(lang), html_table(heads, cells))


def price_data(found: FairPrice) -> dict[str, Any]:
    """Everything as plain values."""
    content = {
        "prices": found.table.to_dict("records"), "clause": found.clause, "margin": found.margin,
        "aversion": found.aversion, "today": found.today, "say": found.summary("en"), "load": formula(found, "en"),
        "currency": found.contract.file.currency, "provenance": dict(found.provenance),
    }  # fmt: skip
    return plain(content)


def price_labels(found: FairPrice, lang: str) -> dict[str, Any]:
    """The texts of the figure."""
    words = Words(lang)
    return {
        "title": words("price_title", clause=found.contract.clause_name(found.clause, lang)),
        "promised": words("price_promised_axis"),
        "money": words("price_money_axis", currency=found.contract.file.currency),
        "parts": {key: words(f"price_head_{key}") for key in PARTS}, "today": found.today,
        "today_says": words("price_today_line", today=f"{found.today:.2f}"),
        "source": source(found.provenance, words),
    }  # fmt: skip


def as_json(content: dict[str, Any]) -> str:
    """Plain values as JSON."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def _share(share: float, lang: str) -> str:
    return f"{share * 100:g}{'%' if lang == 'zh' else ' %'}"

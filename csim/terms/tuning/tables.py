"""A tuning as tables, JSON, HTML and text for a console."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.grids import text_table
from csim.display.numbers import shown, whole
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.terms.judging.sentences import level_text
from csim.terms.judging.tables import plain
from csim.terms.tuning.search import together
from csim.terms.tuning.words import (
    beside_text,
    case_text,
    certificate_text,
    kpi_name,
    names_of,
    need_text,
    terms_name,
    values_text,
)

if TYPE_CHECKING:
    from csim.terms.tuning.proposals import Change, Package
    from csim.terms.tuning.tuning import Tuning

Grid = tuple[list[str], list[list[str]]]


def term_rows(found: Tuning, lang: str) -> Grid:
    """Terms side by side: today and each package, and what the change of the aim buys."""
    words, names = Words(lang), names_of(found)
    bought = {change.choices[0].name: change for change in found.changes}
    cells = []
    for rows in together(found.choices):
        choices = [found.choices[i] for i in rows]
        values = [tuple(found.packages[name].values[i] for i in rows) for name in names]
        if len({*values}) > 1:
            said = [values_text(choices, each, words) for each in values]
            change = bought.get(choices[0].name)
            cells.append([terms_name(found, choices, words), *said, buys_text(found, change, words)])
    return [words("tune_term"), *(words(f"tune_package_{name}") for name in names), words("tune_buys")], cells


def buys_text(found: Tuning, change: Change | None, words: Words) -> str:
    """What one change buys, in money or in the limits that it keeps."""
    if change is None:
        return words("tune_unchanged")
    if change.without:
        limits = words("list_comma").join(need_text(found, name, words) for name in change.without)
        return words("tune_buys_without", limits=limits)
    return words("tune_buys_money", money=whole(change.buys, sign=bool(round(change.buys))))


def outcome_rows(found: Tuning, lang: str) -> Grid:
    """What each package makes happen."""
    words, names = Words(lang), names_of(found)
    packages = [found.packages[name] for name in names]
    beside = beside_text(found.demands, words)
    cells = [
        [words("tune_row_level"), *(level_text(found.lever, found.levels[p.searched.row], words) for p in packages)]
    ]
    for i, wish in enumerate(found.demands.wishes):
        values = [shown(p.searched.service[i], wish.unit, lang) for p in packages]
        cells.append([kpi_name(found, wish.kpi, lang), *values])
    cells.append([words("tune_row_payment"), *(whole(p.searched.payment) for p in packages)])
    if found.harm.known:
        cells.append([words("tune_row_harm"), *(whole(p.searched.harm) for p in packages)])
    cells.append([words("tune_row_buyer"), *(whole(p.searched.buyer) for p in packages)])
    cells.append(
        [words("tune_row_fresh"), *(f"{whole(p.fresh.buyer)} ± {whole(1.96 * p.fresh.error)}" for p in packages)]
    )
    cells += [
        [words(f"tune_row_{key}"), *(whole(getattr(p.searched, key)) for p in packages)] for key in ("profit", "sd")
    ]
    for key in ("false_penalty", "missed_breach"):
        cells.append([words(f"tune_row_{key}", **beside), *(_two(p, key, lang) for p in packages)])
        cells.append([words("tune_row_fresh"), *(shown(getattr(p.fresh, key), "share", lang) for p in packages)])
    cells.append([words("tune_row_at_risk"), *(shown(p.searched.at_risk, "share", lang) for p in packages)])
    return [words("tune_outcome"), *(words(f"tune_package_{name}") for name in names)], cells


def _fresh(package: Package) -> str:
    return f"{whole(package.fresh.buyer)} ± {whole(1.96 * package.fresh.error)}"


def _two(package: Package, key: str, lang: str) -> str:
    return shown(getattr(package.searched, key), "share", lang)


def case_rows(found: Tuning, lang: str, draft: str = "aim") -> Grid:
    """The aim (or another draft) if the world turns out otherwise."""
    words = Words(lang)
    keys = ("tune_case", "tune_row_level", "terms_service_level", "tune_case_kept", "tune_row_buyer", "tune_row_profit",
            "tune_case_signs")  # fmt: skip
    heads = [words(key) for key in keys]
    if found.demands.wishes:
        heads[2] = kpi_name(found, found.demands.wishes[0].kpi, lang)
    cells = []
    for row in _of(found.robustness, draft).to_dict("records"):
        unit = found.demands.wishes[0].unit if found.demands.wishes else "share"
        cells.append([
            case_text(row["case"], row["factor"], words), level_text(found.lever, row["level"], words),
            shown(row["service"], unit, lang), words("tune_yes" if row["kept"] else "tune_no"),
            whole(row["buyer"]), whole(row["profit"]),
            words("tune_yes" if row["signs"] else "tune_no"),
        ])  # fmt: skip
    return heads, cells


def _of(table: pd.DataFrame, draft: str) -> pd.DataFrame:
    return table[table["draft"] == draft] if len(table) else table


def tuning_text(found: Tuning, lang: str) -> str:
    """The answer, terms and outcomes side by side, other worlds, the certificate."""
    words = Words(lang)
    parts = [found.summary(lang), ""]
    names = names_of(found)
    if len(names) > 1:
        heads, cells = term_rows(found, lang)
        parts += [
            text_table(heads, cells, range(1, len(names) + 1)),
            "",
            words("tune_packages_note", doubt=shown(found.provenance["doubt"], "share", lang)),
            "",
        ]
    heads, cells = outcome_rows(found, lang)
    parts += [text_table(heads, cells, range(1, len(heads))), ""]
    if len(found.robustness):
        heads, cells = case_rows(found, lang)
        parts += [words("tune_cases_title"), text_table(heads, cells, (1, 2, 4, 5)), ""]
    stated = certificate_text(found, lang)
    unknown = [found.contract.clause_name(name, lang) for name in found.unknown]
    rest = [words("tune_unknown", clauses=words("list_comma").join(unknown))] if unknown else []
    return "\n".join([*parts, *([stated] if stated else []), tried_text(found, words), *rest])


def tried_text(found: Tuning, words: Words) -> str:
    """How much stands behind it."""
    days = found.provenance["replications"] * found.provenance["days"]
    return words(
        "tune_tried", tried=f"{found.tried:,}", months=found.provenance["months"], days=f"{days:,}",
        levels=len(found.levels),
    )  # fmt: skip


def tuning_html(found: Tuning, lang: str = "en") -> str:
    """The answer, then terms and outcomes side by side."""
    tables = [html_table(*term_rows(found, lang))] if len(names_of(found)) > 1 else []
    return answer_first(found.summary(lang), *tables, html_table(*outcome_rows(found, lang)))


def terms_frame(found: Tuning) -> pd.DataFrame:
    """term, a column for each package, buys: NaN where the aim changes nothing."""
    bought = {choice.name: change.buys for change in found.changes for choice in change.choices[:1]}
    return pd.DataFrame([
        {"term": choice.name, **{name: choice.text(found.packages[name].values[i]) for name in names_of(found)},
         "buys": bought.get(choice.name, float("nan"))}
        for i, choice in enumerate(found.choices)
    ])  # fmt: skip


def frames(found: Tuning) -> dict[str, pd.DataFrame]:
    """Every table of a tuning."""
    rows = [
        {"package": name, "judged_on": on, "level": found.levels[outcome.row], **_outcome(found, outcome)}
        for name in names_of(found)
        for on, outcome in (("search", found.packages[name].searched), ("fresh", found.packages[name].fresh))
    ]
    where = pd.DataFrame([{"what": key, "value": str(value)} for key, value in found.provenance.items()])
    return {
        "terms": terms_frame(found), "packages": pd.DataFrame(rows), "robustness": found.robustness,
        "pareto": found.pareto.drop(columns="values"), "provenance": where,
    }  # fmt: skip


def _outcome(found: Tuning, outcome: Any) -> dict[str, Any]:
    """An outcome as plain numbers, each wish's KPI by name."""
    kept = asdict(outcome)
    service = {wish.kpi: value for wish, value in zip(found.demands.wishes, kept.pop("service"), strict=True)}
    for name in ("pulls", "dear_pulls", "row"):
        kept.pop(name)
    return {"buyer": outcome.buyer, **kept, **service}


def tuning_json(found: Tuning) -> str:
    """As README documents it."""
    packages = {
        name: {
            "terms": {c.name: c.text(v) for c, v in zip(found.choices, package.values, strict=True)},
            "level": found.levels[package.searched.row], "search": _outcome(found, package.searched),
            "fresh_level": found.levels[package.fresh.row], "fresh": _outcome(found, package.fresh),
            "optimism": package.optimism, "fails": list(package.fails),
        }
        for name, package in found.packages.items()
    }  # fmt: skip
    changed = [
        {"terms": [c.name for c in change.choices],
         "before": [c.text(v) for c, v in zip(change.choices, change.before, strict=True)],
         "after": [c.text(v) for c, v in zip(change.choices, change.after, strict=True)],
         "buys": change.buys, "missed_without": list(change.without), "service_without": change.service}
        for change in found.changes
    ]  # fmt: skip
    stated = found.certificate
    content = {
        "found": found.found, "verdict": found.summary("en"), "currency": found.contract.file.currency,
        "wishes": [wish.text for wish in found.demands.wishes], "packages": packages, "changes": changed,
        "robustness": found.robustness.to_dict("records"),
        "pareto": found.pareto.drop(columns="values").to_dict("records"),
        "certificate": {"holds": stated.holds, "spread": stated.spread, "answer": found.levels[stated.answer],
                        "optimum": found.levels[stated.optimum] if found.harm.known else None,
                        "charges": {name: str(rate) for name, rate in stated.charges.items()},
                        "sentence": certificate_text(found, "en")},
        "conflicts": list(found.conflicts), "lever": found.lever, "levels": list(found.levels), "tried": found.tried,
        "unknown": list(found.unknown), "provenance": dict(found.provenance),
    }  # fmt: skip
    return json.dumps(plain(content), ensure_ascii=False, indent=2)

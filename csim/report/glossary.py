"""The glossary: the words of the trade and the KPIs, English beside Chinese, from words and catalogue."""

from __future__ import annotations

from csim.display.words import LANGUAGES, Words
from csim.kpi.catalogue import catalogue

TERMS = (
    "contact", "agent", "queue", "group", "offered", "answered", "abandoned", "blocked", "open", "patience",
    "handle_time", "after_work", "concurrency", "scenario", "replication", "interval", "clause", "reading", "band",
    "deduction", "statement", "ledger", "harm",
)  # fmt: skip


def glossary() -> str:
    """
    GLOSSARY.md: every word with its one meaning, every KPI with its formula, in both languages.

    Examples:
        >>> [line for line in glossary().splitlines() if line.startswith("| patience ")][0][:21]
        '| patience | 耐心 | How'
    """
    en, zh = (Words(lang) for lang in LANGUAGES)
    lines = [
        f"# {en('glossary_title')} · {zh('glossary_title')}",
        "",
        en("glossary_intro"),
        "",
        zh("glossary_intro"),
        "",
    ]
    lines += [f"## {en('glossary_words')} · {zh('glossary_words')}", "", *_head(en, zh)]
    lines += [_row(en(f"term_{t}"), zh(f"term_{t}"), en(f"term_{t}_means"), zh(f"term_{t}_means")) for t in TERMS]
    lines += ["", f"## {en('glossary_kpis')} · {zh('glossary_kpis')}", "", *_head(en, zh)]
    for kpi in catalogue().values():
        name = f"{kpi.name('en')} (`{kpi.id}`)"
        lines.append(_row(name, kpi.name("zh"), kpi.formula.get("en", ""), kpi.formula.get("zh", "")))
    return "\n".join(lines) + "\n"


def _head(en: Words, zh: Words) -> list[str]:
    heads = [f"{en(f'glossary_head_{key}')} · {zh(f'glossary_head_{key}')}" for key in ("en", "zh", "means")]
    return [f"| {' | '.join(heads)} |", "|---|---|---|"]


def _row(en: str, zh: str, means_en: str, means_zh: str) -> str:
    means = "<br>".join(filter(None, [means_en, means_zh]))
    return f"| {_plain(en)} | {_plain(zh)} | {_plain(means)} |"


def _plain(text: str) -> str:
    """A cell of Markdown: on one line, no bar that ends it."""
    return " ".join(text.split()).replace("|", "\\|")

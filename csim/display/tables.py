"""Tables of KPIs for the terminal, for pages, and as JSON and CSV."""

from __future__ import annotations

import csv
import html
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from csim.display.numbers import LEAST, fewer, interval, left_out, points, shown
from csim.display.words import Words
from csim.units import as_duration, seconds

HEADLINES = ("service_level", "abandonment_rate", "answer_rate", "wait_all", "asa", "wait_p99", "queued_share", "aht",
             "occupancy", "concurrency", "first_response", "mean_response", "resolution_rate")  # fmt: skip


def as_json(content: Mapping[str, Any]) -> str:
    """
    Tables and plain values as JSON; what is not measured is null.

    Examples:
        >>> as_json({"kpis": pd.DataFrame({"queue": ["all"], "value": [float("nan")]})})
        '{"kpis": [{"queue": "all", "value": null}]}'
    """
    plain = {key: _records(value) if isinstance(value, pd.DataFrame) else value for key, value in content.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, default=str)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict("records")
    for row in rows:
        for key, value in row.items():
            if isinstance(value, float) and not math.isfinite(value):
                row[key] = None
        if row.get("why") == "":
            del row["why"]
    return [{str(key): value for key, value in row.items()} for row in rows]


def as_csv(table: pd.DataFrame) -> str:
    """CSV that Excel and WPS open: UTF-8 with a byte-order mark, no cell that starts a formula."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_no_formula(cell) for cell in safe[name]]
    return "\ufeff" + safe.to_csv(index=False, lineterminator="\n")


def csv_of(header: list[str], rows: Iterable[Iterable[Any]], *, head: bool = True) -> str:
    """
    Rows as such a CSV: exact numbers with every digit, text that no program takes for a formula.

    Args:
        head: With the byte-order mark and the header; without, rows to be added to a table.

    Examples:
        >>> csv_of(["name", "money"], [["=1+1", Decimal("-1E+2")], ["B; C", None]], head=False).splitlines()
        ["'=1+1,-100", 'B; C,']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow([_no_formula(cell) for cell in header])
    for row in rows:
        writer.writerow([f"{cell:f}" if isinstance(cell, Decimal) else _no_formula(cell) for cell in row])
    return ("\ufeff" if head else "") + text.getvalue()


def _no_formula(cell: Any) -> Any:
    """A name such as "=HYPERLINK(…)" stays a name."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def print_kpis(table: pd.DataFrame, catalogue: Mapping[str, Any], lang: str, by: str | None = None) -> None:
    """The measured KPIs, one block per queue; below, in a line, what is not measured."""
    words = Words(lang)
    named = [queue for queue in table["queue"].unique() if queue != "all"]
    if len(named) == 1 and (by is None or by != "queue"):  # one queue: "all" says everything
        table = table[table["queue"] == "all"]
    split = by if by is not None and by != "queue" else None
    certain = table["ci_low"].isna().all()  # a log is what happened: no interval
    first = {None: "queue", "interval": "time_of_day"}.get(split, split)
    grid = _grid([str(first), "kpi", "value", *([] if certain else ["interval"]), "id"], words)
    last = None
    known = table["value"].notna()
    few = ~known & table["why"].isin([fewer(lang=lang), left_out(lang)]) if "why" in table else known & ~known
    for row in table[known | few].to_dict("records"):
        place = _shown_queue(row["queue"], words)
        place = place if split is None else f"{row[split]} · {place}"
        kpi = catalogue[row["kpi"]]
        ends = [] if certain else [interval(row["ci_low"], row["ci_high"], kpi.unit, lang)]
        value = shown(row["value"], kpi.unit, lang) if row["value"] == row["value"] else row["why"]
        grid.add_row(_text(place if place != last else ""), _text(kpi.name(lang)), value, *ends, row["kpi"])
        last = place
    _print(grid)
    absent = table[~known & ~few]["kpi"].nunique()
    if few.any():
        _print(_text(words("small_note", least=LEAST)))
    if absent:
        _print(_text(words("not_measured_count", count=absent)))
    if "why" in table and (table["why"] == "one replication gives no interval").any():
        _print(_text(words("one_replication")))


def print_vendors(table: pd.DataFrame, catalogue: Mapping[str, Any], lang: str) -> None:
    """The headline KPIs with a column for each vendor, over all queues."""
    words = Words(lang)
    vendors = list(dict.fromkeys(table["vendor"]))
    grid = _grid(["kpi", *["value"] * len(vendors)], words)
    for column, vendor in zip(grid.columns[1:], vendors, strict=True):
        column.header = _text(words("who_vendor", vendor=vendor))
    at = table[table["queue"] == "all"].set_index(["kpi", "vendor"])["value"]
    for kpi in (catalogue[name] for name in HEADLINES):
        cells = [shown(float(at.get((kpi.id, vendor), float("nan"))), kpi.unit, lang) for vendor in vendors]
        if any(cell != "–" for cell in cells):
            grid.add_row(_text(kpi.name(lang)), *cells)
    _print(grid)


def print_comparison(
    values: pd.DataFrame, differences: pd.DataFrame, catalogue: Mapping[str, Any], lang: str, *, short: bool
) -> None:
    """Paired differences, one block per scenario."""
    words = Words(lang)
    grid = _grid(["scenario", "queue", "kpi", "value", "difference", "interval", "sure"], words)
    at = values.set_index(["scenario", "queue", "kpi"])["value"]
    last = None
    for row in differences.to_dict("records"):
        if math.isnan(row["difference"]) or (short and row["kpi"] not in HEADLINES):
            continue
        kpi = catalogue[row["kpi"]]
        base, now = at[row["against"], row["queue"], row["kpi"]], at[row["scenario"], row["queue"], row["kpi"]]
        spread = f"{points(row['ci_low'], kpi.unit, lang)} … {points(row['ci_high'], kpi.unit, lang)}"
        sure = (
            ""
            if math.isnan(row["ci_low"])
            else words("differs" if row["ci_low"] * row["ci_high"] > 0 else "may_be_chance")
        )
        place = (row["scenario"], row["queue"])
        grid.add_row(
            _text(row["scenario"] if last is None or place[0] != last[0] else ""),
            _text(_shown_queue(row["queue"], words) if place != last else ""), _text(kpi.name(lang)),
            f"{shown(base, kpi.unit, lang)} → {shown(now, kpi.unit, lang)}", points(row["difference"], kpi.unit, lang),
            "" if math.isnan(row["ci_low"]) else spread, sure,
        )  # fmt: skip
        last = place
    _print(grid)
    _print(_text(words("compared_with", scenario=differences["against"].iloc[0])))


def print_ranking(table: pd.DataFrame, kpi: Any, lang: str) -> None:
    """Scenarios with the best first: how far behind, and how probably each is the best."""
    words = Words(lang)
    priced = table["cost"].notna().any()
    grid = _grid(["scenario", "value", "behind_best", "interval", "p_best", *(["cost"] if priced else [])], words)
    for row in table.to_dict("records"):
        best = row["scenario"] == table["scenario"].iloc[0]
        ends = f"{points(row['ci_low'], kpi.unit, lang)} … {points(row['ci_high'], kpi.unit, lang)}"
        cost = [shown(row["cost"], "count", lang)] if priced else []
        grid.add_row(
            _text(row["scenario"]), shown(row["value"], kpi.unit, lang),
            "" if best else points(row["behind"], kpi.unit, lang), "" if best or math.isnan(row["ci_low"]) else ends,
            shown(row["p_best"], "share", lang), *cost,
        )  # fmt: skip
    _print(grid)
    _print(_text(words("ranked_by", kpi=kpi.name(lang))))


def print_definitions(kpis: Iterable[Any], lang: str, *, full: bool) -> None:
    """Definitions of the catalogue."""
    words = Words(lang)
    if not full:
        grid = _grid(["id", "kpi", "formula", "unit", "better"], words)
        for kpi in kpis:
            grid.add_row(
                kpi.id,
                _text(kpi.name(lang)),
                _text(kpi.formula.get(lang, "")),
                kpi.unit,
                words(f"better_{kpi.better}") if kpi.better else "",
            )
        _print(grid)
        return
    for kpi in kpis:
        lines = [f"{kpi.id} — {kpi.names['en']} · {kpi.names['zh']}", f"  {kpi.formula.get(lang, '')}"]
        if kpi.note.get(lang):
            lines.append(f"  {kpi.note[lang]}")
        lines.append(
            f"  {words('unit')}: {kpi.unit}"
            + (f" · {words('better')}: {words(f'better_{kpi.better}')}" if kpi.better else "")
        )
        if kpi.numerator:
            lines.append(f"  {kpi.numerator}  ÷  {kpi.denominator}")
        if benchmark := shown_benchmark(kpi, lang):
            lines.append(f"  {words('sector')}: {benchmark} ({kpi.source.get(lang, '')})")
        if kpi.aliases:
            lines.append(f"  {words('also_called')}: {', '.join(kpi.aliases)}")
        _print(_text("\n".join(lines)))


def shown_benchmark(kpi: Any, lang: str) -> str:
    """Sector value and recommended range of a KPI, as text."""
    words = Words(lang)
    parts = []
    if kpi.sector:
        parts.append(str(kpi.sector.get(lang) or _benchmark(kpi.sector.get("value", ""), lang)))
    if kpi.recommended:
        ends = [_benchmark(kpi.recommended[end], lang) for end in ("low", "high") if end in kpi.recommended]
        parts.append(words("recommended", range=kpi.recommended.get(lang) or "–".join(ends)))
    return words("list_comma").join(part for part in parts if part)


def _benchmark(value: Any, lang: str) -> str:
    """A published value in the words of the language."""
    try:
        return as_duration(seconds(str(value)), lang)
    except ValueError:
        return str(value)


def kpi_html(
    table: pd.DataFrame, catalogue: Mapping[str, Any], title: str, lang: str = "en", queue: str = "all"
) -> str:
    """The headline KPIs of one queue as an HTML table."""
    words = Words(lang)
    rows = []
    for row in table[table["queue"] == queue].to_dict("records"):
        if row["kpi"] in HEADLINES and not math.isnan(row["value"]):
            kpi = catalogue[row["kpi"]]
            ends = interval(row["ci_low"], row["ci_high"], kpi.unit, lang)
            rows.append([kpi.name(lang), shown(row["value"], kpi.unit, lang), ends])
    return html_table([words("kpi"), words("value"), words("interval")], rows, caption=title)


def difference_html(table: pd.DataFrame, catalogue: Mapping[str, Any], lang: str = "en") -> str:
    """The headline differences as an HTML table."""
    words = Words(lang)
    rows = []
    for row in table[table["queue"] == "all"].to_dict("records"):
        if row["kpi"] in HEADLINES and not math.isnan(row["difference"]):
            kpi = catalogue[row["kpi"]]
            ends = (
                ""
                if math.isnan(row["ci_low"])
                else f"{points(row['ci_low'], kpi.unit, lang)} … {points(row['ci_high'], kpi.unit, lang)}"
            )
            rows.append([row["scenario"], kpi.name(lang), points(row["difference"], kpi.unit, lang), ends])
    return html_table([words(key) for key in ("scenario", "kpi", "difference", "interval")], rows)


LONGEST_NUMBER = 22  # characters, such as 97.0 % (96.9–97.1 %): it stays on a line
LONGEST_NAME = 40  # characters: a column of such cells is not squeezed to a word a line


@dataclass(frozen=True)
class Cell:
    """A cell of a page's table: its text, smaller lines below it, and whether it must stay on one line."""

    text: str
    below: tuple[str, ...] = ()
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)


def html_table(
    header: list[str], rows: list[list[Any]], caption: str = "", classes: list[str] | None = None, kind: str = ""
) -> str:
    """
    A table of text: whatever the cells hold, they are shown, never executed. Numbers do not break over lines.

    Args:
        kind: A further class of the table, for its style sheet.

    Examples:
        >>> ">&lt;script src=1&gt;</td>" in html_table(["a"], [["<script src=1>"]])
        True
    """
    head = "".join(f'<th scope="col">{html.escape(str(cell))}</th>' for cell in header)
    marks = classes or [""] * len(rows)
    body = "".join(f"<tr{_class(mark)}>{''.join(map(_td, row))}</tr>" for row, mark in zip(rows, marks, strict=True))
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    named = f"csim {kind}".strip()
    return f'<table class="{named}">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _td(cell: Any) -> str:
    shown_cell = cell if isinstance(cell, Cell) else Cell(str(cell))
    below = "".join(f"<small>{html.escape(line)}</small>" for line in shown_cell.below)
    number = len(shown_cell.text) <= LONGEST_NUMBER and shown_cell.text[:1] in tuple("0123456789+−±–")
    whole = shown_cell.whole or number or len(shown_cell.text) <= 10
    kind = "whole" if whole else "name" if len(shown_cell.text) <= LONGEST_NAME else ""
    return f"<td{_class(kind)}>{html.escape(shown_cell.text)}{below}</td>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _grid(columns: list[str], words: Words) -> Any:
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        right = name in ("value", "difference", "behind_best", "p_best", "cost")
        grid.add_column(words(name), justify="right" if right else "left", no_wrap=name in ("value", "id", "interval"))
    return grid


def _shown_queue(name: str, words: Words) -> str:
    return words("all_queues") if name == "all" else name


def _text(text: str) -> Any:
    """Text as it is: names from files are no markup."""
    from rich.text import Text

    return Text(str(text))


def _print(what: Any) -> None:
    import sys

    from rich.console import Console

    wide = not sys.stdout.isatty()
    Console(highlight=False, width=160 if wide else None, emoji=False, markup=False).print(what)

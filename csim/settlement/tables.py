"""What a person hands in beside a log: a KPI table, incidents. And all vendors' statements as one JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from csim.errors import InputError, Mistake, did_you_mean
from csim.settlement.facts import Incident
from csim.settlement.league import league
from csim.settlement.pool import Member
from csim.settlement.statement import Statement

INCIDENTS = ("force_majeure", "buyer_caused")


def read_kpis(path: str | Path, required: Sequence[str] = ("month", "kpi")) -> pd.DataFrame:
    """
    A KPI table from CSV or xlsx: month, kpi and a value, or numerator and denominator; queue, vendor, sample, date.

    Cells stay as they are written, so that "93%" and 0.93 both say what they say.
    """
    return read_table(path, required)


def read_incidents(path: str | Path) -> tuple[Incident, ...]:
    """Days that do not count, from a CSV or xlsx with the columns what, from, to and note."""
    found, mistakes = [], []
    for line, row in enumerate(read_table(path, ("what", "from", "to")).to_dict("records"), 2):
        if row["what"] not in INCIDENTS:
            what = f'"{row["what"]}" is no incident: {did_you_mean(row["what"], INCIDENTS)}'
            mistakes.append(Mistake(what, "what", str(path), line))
            continue
        try:
            begins, ends = (dt.date.fromisoformat(str(row[end])[:10]) for end in ("from", "to"))
        except ValueError:
            mistakes.append(Mistake("write dates such as 2026-03-08", "from, to", str(path), line))
            continue
        if ends < begins:
            mistakes.append(Mistake(f"ends on {ends}, before it begins on {begins}", "to", str(path), line))
        found.append(Incident(str(row["what"]), begins, ends, str(row.get("note") or "")))
    if mistakes:
        raise InputError(mistakes)
    return tuple(found)


def read_members(path: str | Path) -> tuple[Member, ...]:
    """The people who share a bonus pool, from a CSV or xlsx with the columns name, score and sales."""
    rows = read_table(path, ("name", "score", "sales")).to_dict("records")
    return tuple((str(row["name"]), str(row["score"]), str(row["sales"])) for row in rows)


def read_table(path: str | Path, required: Sequence[str]) -> pd.DataFrame:
    """The cells of a CSV or workbook as they are written, with the columns that must be there."""
    file = Path(path)
    if not file.exists():
        raise InputError([Mistake("no such file: write the path of a table (.csv or .xlsx)", "", str(path))])
    try:
        if file.suffix.lower() == ".xlsx":
            frame = pd.read_excel(file, dtype=object)
        else:
            frame = pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    except Exception as error:  # readers raise many kinds; each is a file that cannot be read
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError([Mistake(f"cannot be read as a table: {why}", "", str(path))]) from None
    frame.columns = [str(name).strip() for name in frame.columns]
    if absent := [name for name in required if name not in frame.columns]:
        what = 'column "{}" is missing; {}'
        heads = list(frame.columns)
        raise InputError(Mistake(what.format(name, did_you_mean(name, heads)), "", str(path), 1) for name in absent)
    frame = frame.dropna(how="all").reset_index(drop=True)
    for name, shape in (("month", "%Y-%m"), ("date", "%Y-%m-%d")):
        if name in frame.columns:
            frame[name] = [_stamp(cell, shape) for cell in frame[name]]
    return frame


def _stamp(cell: Any, shape: str) -> Any:
    """A month or a date as text, also where a spreadsheet made a date of it."""
    if isinstance(cell, dt.datetime | dt.date):
        return cell.strftime(shape)
    return cell if cell != cell or cell is None else str(cell).strip()


def statements_json(statements: Sequence[Statement], lang: str) -> str:
    """One statement as INTERFACE writes it; several under "statements", with the league and one ledger."""
    if len(statements) == 1:
        return statements[0].as_json(lang)
    each = [json.loads(statement.as_json(lang)) for statement in statements]
    ledger = each[-1]["ledger"]
    for content in each:
        del content["ledger"]
    places = [
        {"rank": p.rank, "vendor": p.vendor, "score": None if p.score is None else str(p.score), "total": str(p.total),
         "share_of_next_month": None if p.share is None else str(p.share)}
        for p in league(statements)
    ]  # fmt: skip
    return json.dumps({"statements": each, "league": places, "ledger": ledger}, ensure_ascii=False, indent=2)

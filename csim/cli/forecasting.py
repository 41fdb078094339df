"""csim forecast: the arrivals of the days to come, from a log or from counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from csim.cli.shared import Lang, Mapping, MostRejects, Rejects, Seed, app, log_read, writable_folder
from csim.console import note, show, show_csv, show_json
from csim.errors import InputError, Mistake

ForecastFormat = Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")]


@app.command()
def forecast(
    history: Annotated[
        Path, typer.Argument(help="A contact log, or counts: date,time,count or date,count (csv, xlsx).")
    ],
    days: Annotated[int, typer.Option(help="How many open days to forecast.")] = 22,
    out: Annotated[
        Path | None, typer.Option(help="Write a volumes file for a scenario: date,time,expected (csv).")
    ] = None,
    by: Annotated[
        Literal["interval", "day"], typer.Option(help="What --out and csv hold: day is a contract's forecast file.")
    ] = "interval",
    interval: Annotated[str | None, typer.Option(help="Length of an interval; the counts' own, else 30 min.")] = None,
    queue: Annotated[str | None, typer.Option(help="Of a log, this queue alone.")] = None,
    special: Annotated[
        Path | None, typer.Option(help="Holidays and campaigns, past and coming: date,name (csv, xlsx).")
    ] = None,
    closed: Annotated[list[str] | None, typer.Option(help="A date on which nothing comes; may be repeated.")] = None,
    holdout: Annotated[
        int | None, typer.Option(help="Test on so many of the last days; without it as many as are forecast.")
    ] = None,
    mapping: Mapping = None,
    rejects: Rejects = None,
    most_rejects: MostRejects = None,
    seed: Seed = 1,
    form: ForecastFormat = "table",
    lang: Lang = "en",
) -> None:
    """Next month's arrivals by interval, with prediction intervals, tested against repeating the last week."""
    from csim.fitting.forecast import forecast as made
    from csim.fitting.telling_forecast import remarks

    writable_folder(out.absolute().parent if out else None)
    named = _special(special) if special else {}
    free = [_date(text, "--closed") for text in closed or []]
    step = _seconds(interval) if interval else None
    given = _history(history, mapping, rejects, most_rejects, lang)
    found = made(given, days, step, queue, named, free, holdout, seed)
    for remark in remarks(found, lang):
        note(remark)
    if out is not None:
        found.write(out, by)
        note(f"{out}")
    if form == "json":
        show_json(found.as_json())
    elif form == "csv":
        from csim.display.tables import as_csv

        show_csv(as_csv(found.volumes(by)))
    else:
        show(found.text(lang))


def _history(path: Path, mapping: str | None, rejects: Path | None, most: str | None, lang: str) -> Any:
    """Counts where the file holds counts, else contacts."""
    from csim.fitting.volumes import is_counts, read_counts

    if mapping is None and path.suffix.lower() in (".csv", ".xlsx"):
        table = read_counts(path)
        if is_counts(table) or path.suffix.lower() == ".xlsx" or "arrival" not in table.columns:
            return table  # what is neither is told so
    return log_read(path, "contacts", mapping, rejects, most, lang)


def _special(path: Path) -> dict[dt.date, str]:
    from csim.settlement.tables import read_table

    rows = read_table(path, ("date", "name")).to_dict("records")
    return {_date(str(row["date"]), "date", str(path), line): str(row["name"]) for line, row in enumerate(rows, 2)}


def _date(text: str, field: str, file: str = "", line: int | None = None) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise InputError([Mistake(f'"{text}" is no date: write for example 2026-10-01', field, file, line)]) from None


def _seconds(text: str) -> float:
    from csim.units import seconds

    try:
        return seconds(text)
    except ValueError as error:
        raise InputError([Mistake(str(error), "--interval")]) from None

"""csim fit: from a contact log to a calibrated scenario, and how far to trust it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from csim.cli.shared import Lang, Mapping, MostRejects, Rejects, Seed, app, log_read
from csim.console import note, show, show_json
from csim.display.words import Words
from csim.errors import InputError, Mistake

FitFormat = Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")]


@app.command()
def fit(
    log: Path,
    out: Annotated[Path | None, typer.Option(help="The scenario file to write; its CSV files lie beside it.")] = None,
    mapping: Mapping = None,
    states: Annotated[Path | None, typer.Option(help="A log of agents' states: staffing is read from it.")] = None,
    within: Annotated[str | None, typer.Option(help='Promised answer time, "20 s", where the log has none.')] = None,
    interval: Annotated[str, typer.Option(help="Length of the intervals of volumes and staffing.")] = "15 min",
    weekdays: Annotated[str | None, typer.Option(help='Only these: "mon,tue" or "sun..thu".')] = None,
    special: Annotated[str, typer.Option(help="Days unlike others: exclude or keep.")] = "exclude",
    absent_after: Annotated[
        str, typer.Option("--absent-after", help="An agent who takes nothing while somebody waits so long is away.")
    ] = "60 s",
    holdout: Annotated[
        str | None, typer.Option(help='Days kept back to try the fit on: "2026-05-01..", "25%" or "fri".')
    ] = None,
    holdout_log: Annotated[Path | None, typer.Option("--holdout-log", help="Another log to try the fit on.")] = None,
    holdout_states: Annotated[Path | None, typer.Option("--holdout-states", help="Its agents' states.")] = None,
    holdout_takes: Annotated[
        str, typer.Option("--holdout-takes", help="What those days lend: volumes, staffing, handle_time, or nothing.")
    ] = "volumes,staffing",
    replications: Annotated[int, typer.Option("--replications", "-n", help="How often those days are played.")] = 40,
    name: Annotated[str | None, typer.Option(help="Name of the scenario.")] = None,
    seed: Seed = 1,
    form: FitFormat = "table",
    lang: Lang = "en",
    rejects: Rejects = None,
    most_rejects: MostRejects = None,
) -> None:
    """A scenario calibrated on a log, every parameter with its interval; with a holdout, how far to trust it."""
    from csim.fitting.fit import fit as fitted
    from csim.fitting.tables import backtest_text, fit_json, fit_text

    if out is not None and out.suffix not in (".yaml", ".yml"):
        raise InputError([Mistake(f'"{out}": write a .yaml file', "--out")])
    if holdout and holdout_log:
        raise InputError([Mistake("--holdout keeps days of this log back, --holdout-log takes another: write one", "")])
    takes = tuple(part.strip() for part in holdout_takes.split(",") if part.strip() not in ("", "nothing"))
    contacts = log_read(log, "contacts", mapping, rejects, most_rejects, lang)
    spans = log_read(states, "states", mapping, None, most_rejects, lang) if states else None
    others = log_read(holdout_log, "contacts", mapping, None, most_rejects, lang) if holdout_log else None
    other_spans = log_read(holdout_states, "states", mapping, None, most_rejects, lang) if holdout_states else None
    days = weekdays.split(",") if weekdays else None
    found = fitted(
        contacts, spans, name=name or (out or log).name.split(".")[0], interval=interval, within=within, weekdays=days,
        holdout=holdout, special=special, absent_after=absent_after, seed=seed,
        source={"log": log.name, "log_hash": hashlib.sha256(log.read_bytes()).hexdigest()[:12]},
    )  # fmt: skip
    tried = None
    if others is not None or found.held_out is not None:
        tried = found.backtest(others, takes, other_spans or spans, replications, seed)
    files = found.write(out, lang) if out is not None else []
    if form == "json":
        show_json(fit_json(found, tried, lang))
    else:
        parts = [backtest_text(tried, lang), ""] if tried is not None else []
        show("\n".join([*parts, fit_text(found, lang)]))
    if files:
        note(Words(lang)("fit_written", files=", ".join(str(path) for path in files)))

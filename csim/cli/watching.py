"""csim watch: where the running month heads, alerts for cron and CI, and a growing log followed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from csim.cli.shared import (
    Audience,
    Engine,
    Lang,
    Mapping,
    MostRejects,
    Seed,
    Workers,
    app,
    loaded_scenario,
    log_read,
    writable_folder,
)
from csim.console import Progress, note, show, show_json
from csim.errors import InputError, Mistake

if TYPE_CHECKING:
    import pandas as pd

    from csim.watch.watching import Watch

WatchFormat = Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")]


@app.command()
def watch(
    contract: Annotated[Path, typer.Argument(help="A contract: YAML or workbook.")],
    log: Annotated[Path, typer.Option(help="The contact log up to now, or a folder of logs.")],
    month: Annotated[str | None, typer.Option(help="The month, 2026-11; without it the one the log ends in.")] = None,
    vendor: Annotated[str | None, typer.Option(help="One vendor of several; without it, all.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="The centre that will serve the remaining days.")] = None,
    history: Annotated[
        list[Path] | None, typer.Option(help="Logs of earlier days, whose days may come again; may be repeated.")
    ] = None,
    alert: Annotated[
        list[str] | None,
        typer.Option(help='"p(CLAUSE) > 50%" or "CLAUSE < 75% for 3 intervals"; may be repeated.'),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the alerts to this file (json).")] = None,
    follow: Annotated[bool, typer.Option(help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[str, typer.Option(help="How often to look.")] = "60 s",
    interval: Annotated[str | None, typer.Option(help="The interval of alerts; the scenario's, else 30 min.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As the month stood: 2026-11-11 (to its end) or 2026-11-11T20:00.")
    ] = None,
    kpis: Annotated[Path | None, typer.Option(help="A KPI table (csv, xlsx): what no log gives.")] = None,
    states: Annotated[Path | None, typer.Option(help="Agent states beside the log.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger of the months before.")] = None,
    incidents: Annotated[Path | None, typer.Option(help="Days that do not count: what,from,to,note (csv).")] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", "-n", help="How often the remaining days are drawn.")
    ] = None,
    mapping: Mapping = None,
    most_rejects: MostRejects = None,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    form: WatchFormat = "table",
    lang: Lang = "en",
    audience: Audience = "internal",
) -> None:
    """Where the running month heads: each clause so far, how probably it ends in penalty or bonus, what is needed."""
    from csim.contacts.vendors import keep_rivals_apart
    from csim.contract.load import load_contract
    from csim.settlement.outlook import same_promises
    from csim.settlement.settle import vendor_of
    from csim.settlement.tables import read_incidents, read_kpis
    from csim.watch.follow import read_logs
    from csim.watch.rules import rules_of
    from csim.watch.watching import Watch

    agreed = load_contract(contract)
    rules = rules_of(alert or [], agreed)
    pause_s, read = _seconds(every, "--every"), _reader(mapping, most_rejects, lang, again=follow)
    centre = loaded_scenario(scenario, None) if scenario else None
    if centre is not None:
        same_promises(agreed, centre)
    if out is not None:
        writable_folder(out.absolute().parent)
    how: dict[str, Any] = {
        "month": month, "scenario": centre, "history": [read_logs(path, read) for path in history or []],
        "as_of": as_of, "kpis": read_kpis(kpis) if kpis else None, "ledger": ledger,
        "incidents": read_incidents(incidents) if incidents else (), "replications": _draws(replications),
        "seed": seed, "engine": engine, "executor": workers,
    }  # fmt: skip
    if states is not None:
        how["states"] = log_read(states, "states", mapping, None, most_rejects, lang)
    step = _seconds(interval, "--interval") if interval else centre.days.interval_s if centre else 1800.0
    vendors = [vendor_of(agreed, vendor)] if vendor else list(agreed.file.vendor)
    if audience == "vendor":
        keep_rivals_apart(vendors, "this watch", "write --vendor NAME")
    held = Watch(agreed, vendors, rules, how, step, lang, audience == "vendor")
    if follow:
        _follow(held, log, read, lambda: _slept(pause_s), form, out)
        return
    _look(held, read_logs(log, read), form, out)
    if held.fired:
        raise typer.Exit(3)


def _look(held: Watch, contacts: pd.DataFrame, form: str, out: Path | None) -> None:
    """One look: months to stdout, alerts to stderr and to the file."""
    from csim.watch.alerts import write_alerts

    with Progress("simulating") as progress:
        held.how = {**held.how, "progress": progress}
        said = held.look(contacts)
    if form == "json":
        show_json(held.as_json())
    else:
        show(held.text())
    sys.stdout.flush()  # who reads a pipe of a followed log shall see each look
    for sentence in said:
        note(sentence)
    if out is not None:
        write_alerts(out, held.fired, held.months)


def _follow(held: Watch, log: Path, read: Any, pause: Callable[[], bool], form: str, out: Path | None) -> None:
    from csim.watch.follow import GrowingLog, follow

    follow(GrowingLog(log, read, note, held.lang), lambda contacts: _look(held, contacts, form, out), pause, note)


def _reader(mapping: str | None, most: str | None, lang: str, *, again: bool) -> Callable[[Path], pd.DataFrame]:
    """Reads a log; where it is read again and again, the account of its rows is said when more are lost than before."""
    if mapping is None or not again:
        return lambda path: log_read(path, "contacts", mapping, None, most, lang, filled=False)
    lost: dict[str, Any] = {}

    def read(path: Path) -> pd.DataFrame:
        from csim.contacts.read import read_log

        found = read_log(path, mapping, most_rejects=most)
        if found.rejected != lost.get(path.name):
            note(found.text(lang))
        lost[path.name] = found.rejected
        return found.table

    return read


def _slept(pause_s: float) -> bool:
    time.sleep(pause_s)
    return True


def _seconds(text: str, option: str) -> float:
    from csim.units import seconds

    try:
        found = seconds(text)
    except ValueError as error:
        raise InputError([Mistake(str(error), option)]) from None
    if found <= 0:
        raise InputError([Mistake(f'"{text}" is no time span: write for example 60 s', option)])
    return found


def _draws(number: int | None) -> int | None:
    if number is not None and number < 1:
        raise InputError([Mistake(f"{number} draws: write 1 or more", "--replications")])
    return number

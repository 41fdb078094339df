"""What the commands share: their options, and how files, folders and tables are named and shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from csim.console import note, show, show_csv, show_json
from csim.errors import InputError, Mistake

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="csim",
    help="Simulate call and chat centres, and plan the contracts that buy their service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Replications = Annotated[int, typer.Option("--replications", "-n", help="How many times the calendar is played.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same numbers.")]
Engine = Annotated[str, typer.Option(help="auto, reference (SimPy) or compiled.")]
Workers = Annotated[str, typer.Option(help="serial, processes:N, threads:N, dask-local:N or dask:ADDRESS.")]
Format = Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")]
Lang = Annotated[Literal["en", "zh"], typer.Option(envvar="CSIM_LANG", help="Language of names: en or zh.")]
OwnKpis = Annotated[Path | None, typer.Option("--own-kpis", help="A YAML file with KPIs of your own.")]
Audience = Annotated[
    Literal["internal", "vendor"],
    typer.Option(help="vendor: without the buyer's private numbers and without groups of fewer than five."),
]
Mapping = Annotated[
    str | None,
    typer.Option(help="How a vendor's log is read: a ready-made mapping (bank) or a mapping file."),
]
Rejects = Annotated[Path | None, typer.Option(help="Where to write the rows that were not kept, with line and reason.")]
MostRejects = Annotated[
    str | None, typer.Option("--most-rejects", help="The share of rows that may be rejected (the mapping's, 20%).")
]
Only = Annotated[list[str] | None, typer.Option("--kpi", help="Show only this KPI (id or name); may be repeated.")]


def writable_folder(out: Path | None) -> None:
    """Says before a long run, not after it, that results cannot be written."""
    if out is None:
        return
    there = next(parent for parent in (out, *out.absolute().parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError([Mistake("cannot be written: choose another folder", "", str(out))])


def loaded_scenario(path: Path, own_kpis: Path | None) -> Any:
    from csim.scenario.load import load_scenario

    scenario = load_scenario(path)
    for warning in scenario.warnings:
        note(f"note: {warning}")
    if own_kpis is not None:
        from csim.scenario.own import own_kpis_of

        added = {f"kpis.{name}": entry for name, entry in own_kpis_of(own_kpis).items()}
        scenario = scenario.vary(added)
    return scenario


def catalogue_of(scenario: Any) -> Any:
    from csim.kpi.catalogue import catalogue

    return catalogue().with_own(scenario.file.kpis)


def own_catalogue(own_kpis: Path | None) -> Any:
    from csim.kpi.catalogue import catalogue
    from csim.scenario.own import own_kpis_of

    return catalogue().with_own(own_kpis_of(own_kpis)) if own_kpis else catalogue()


def wanted_kpis(catalogue: Any, names: list[str] | None) -> list[str]:
    return [catalogue.find(name).id for name in names or []]


def only(table: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    return table[table["kpi"].isin(wanted)].reset_index(drop=True) if wanted else table


def log_read(
    log: Path, kind: Any, mapping: str | None, rejects: Path | None, most: str | None, lang: str, *, filled: bool = True
) -> Any:
    """Contacts (or agent states) of a log; through a mapping the account of its rows goes to stderr."""
    return log_intake(log, kind, mapping, rejects, most, lang, filled=filled).table


def log_intake(
    log: Path,
    kind: Any,
    mapping: str | None,
    rejects: Path | None,
    most: str | None,
    lang: str,
    query: str | None = None,
    *,
    filled: bool = True,
) -> Any:
    """
    A log with the account of its rows, which goes to stderr where the log came through a mapping.

    A log without a contact is refused, but for one that is still growing: it need not be *filled*.
    """
    from csim.contacts.read import read_log
    from csim.display.words import Words

    if mapping is None and (rejects is not None or most is not None):
        what = (
            "csim's own format is refused whole where a row is wrong: this goes with --mapping (csim counts its rows)"
        )
        raise InputError([Mistake(what, "--rejects" if rejects is not None else "--most-rejects")])
    found = read_log(log, mapping, kind, most_rejects=most, query=query)
    if mapping is not None or found.notes:
        note(found.text(lang))
    if rejects is not None and len(found.rejects):
        note(Words(lang)("intake_written", file=found.write_rejects(rejects, lang)))
    return found.filled(log) if filled and kind == "contacts" else found


def log_provenance(log: Path, read: Any) -> dict[str, Any]:
    import hashlib

    from csim import __version__

    if log.is_file():
        digest = hashlib.sha256(log.read_bytes()).hexdigest()[:12]
    else:  # a database: its rows are what was measured
        digest = hashlib.sha256(read.table.to_csv(index=False).encode("utf-8")).hexdigest()[:12]
    return {"csim": __version__, "log": log.name, "log_hash": digest, **read.account()}


def print_kpis(
    table: pd.DataFrame,
    catalogue: Any,
    form: str,
    lang: str,
    provenance: dict[str, Any],
    by: str | None = None,
    vendors: pd.DataFrame | None = None,
) -> None:
    from csim.display import tables
    from csim.display.words import Words

    if form == "table":
        tables.print_kpis(table, catalogue, lang, by)
        if vendors is not None and len(vendors):
            tables.print_vendors(vendors, catalogue, lang)
        if "replications" in provenance:
            show(Words(lang)("simulated_line", **provenance))
    elif form == "json":
        more = {"by_vendor": vendors} if vendors is not None and len(vendors) else {}
        show_json(tables.as_json({"kpis": table, **more, "provenance": provenance}))
    else:
        show_csv(tables.as_csv(table))

"""Commands about a centre: start, simulate, compare, trace, measure, the catalogue, the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from csim.cli.shared import (
    Audience,
    Engine,
    Format,
    Lang,
    Mapping,
    MostRejects,
    Only,
    OwnKpis,
    Rejects,
    Replications,
    Seed,
    Workers,
    app,
    catalogue_of,
    loaded_scenario,
    log_intake,
    log_provenance,
    log_read,
    only,
    own_catalogue,
    print_kpis,
    wanted_kpis,
    writable_folder,
)  # fmt: skip
from csim.console import Progress, note, show, show_csv, show_json
from csim.errors import InputError, Mistake

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def new(
    first: Annotated[
        str, typer.Argument(help="What to start: scenario, contract or mapping. (Or the file, for a scenario.)")
    ],
    file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None,
    lang: Lang = "en",
    force: Annotated[bool, typer.Option(help="Write over an existing file.")] = False,
) -> None:
    """Write a commented starting file, in English or Chinese."""
    from csim.start import start_file

    kind, target = ("scenario", Path(first)) if file is None else (first, file)
    start_file(kind, target, lang, force=force)
    commands = {"contract": f"lint {target}", "mapping": f"measure LOG --mapping {target}"}
    note(f"{target} written. Next: csim {commands.get(kind, f'simulate {target}')}")


@app.command()
def simulate(
    scenario: Path,
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    form: Format = "table",
    out: Annotated[Path | None, typer.Option(help="A folder for tables, contacts and agent states.")] = None,
    until: Annotated[
        list[str] | None, typer.Option(help='Go on until it is this sure: "service_level ±0.5%"; may be repeated.')
    ] = None,
    at_most: Annotated[int, typer.Option(help="The ceiling of replications for --until.")] = 2000,
    trace: Annotated[
        Path | None, typer.Option("--trace", help="A contact log whose own arrivals and handle times are replayed.")
    ] = None,
    mapping: Mapping = None,
    lang: Lang = "en",
    own_kpis: OwnKpis = None,
    kpi: Only = None,
) -> None:
    """What service level, waits, abandonment and occupancy to expect, and how sure that is."""
    from csim.display.numbers import half_width
    from csim.display.words import Words
    from csim.experiment.files import write_simulation
    from csim.experiment.precision import precision, unreached
    from csim.experiment.simulate import simulate as run

    loaded = loaded_scenario(scenario, own_kpis)
    wanted = wanted_kpis(catalogue_of(loaded), kpi)
    writable_folder(out)
    log = None if trace is None else log_intake(trace, "contacts", mapping, None, None, lang)
    replayed = None if log is None else _replayed(loaded, log.table, lang)
    with Progress("simulating") as progress:
        sim = run(
            loaded, replications, seed, engine, workers, keep_contacts=out is not None,
            until=until or (), at_most=at_most, progress=progress, trace=replayed,
        )  # fmt: skip
    wishes = [precision(text, sim.catalogue, list(loaded.queues)) for text in until or ()]
    missed = unreached(sim.kpis, wishes)
    if wishes:
        note(Words(lang)("until_ran", count=sim.replications))
    for wish in missed:
        half = half_width(wish.reached(sim.kpis), sim.catalogue[wish.kpi].unit, lang)
        note(Words(lang)("until_missed", wish=wish.text, half=half))
    if out is not None:
        write_simulation(sim, out)
        note(f"written to {out}: kpis.csv, by_interval.csv, contacts.parquet, agent_states.parquet, provenance.json")
    provenance = sim.provenance
    if trace is not None and replayed is not None:
        provenance = provenance | {"trace": {**log_provenance(trace, log), "left_out": replayed.left_out}}
    print_kpis(only(sim.kpis, wanted), sim.catalogue, form, lang, provenance, vendors=only(sim.by_vendor, wanted))
    if missed:
        raise typer.Exit(3)


def _replayed(scenario: Any, contacts: pd.DataFrame, lang: str) -> Any:
    """A log on the scenario's days; what does not fit is counted aloud."""
    from csim.workload.replay import Trace

    found = Trace.of(scenario, contacts)
    for sentence in found.notes():
        note(sentence.text(lang))
    return found


@app.command()
def compare(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Scenario files; each is compared with the first. One, with --vary.")
    ],
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    form: Format = "table",
    out: Annotated[Path | None, typer.Option(help="A folder for kpis.csv and differences.csv.")] = None,
    lang: Lang = "en",
    kpi: Only = None,
    vary: Annotated[
        list[str] | None, typer.Option(help="Variants of one scenario: groups.online.agents=22..30; may be repeated.")
    ] = None,
    by: Annotated[str, typer.Option(help="The KPI that ranks more than two scenarios.")] = "service_level",
) -> None:
    """Scenarios side by side with the same luck: differences and how sure they are; many are ranked, best first."""
    from csim.display import tables
    from csim.experiment.compare import compare as run
    from csim.experiment.files import write_comparison
    from csim.experiment.grid import grid, variations

    loaded = [loaded_scenario(path, None) for path in scenarios]
    labels = None
    if vary:
        if len(loaded) > 1:
            raise InputError([Mistake("one scenario at a time can be varied", "--vary")])
        loaded, labels = grid(loaded[0], variations(vary))
    known = catalogue_of(loaded[0])
    wanted, by = wanted_kpis(known, kpi), known.find(by).id
    writable_folder(out)
    with Progress("simulating") as progress:
        result = run(loaded, replications, seed, engine, workers, labels, progress=progress)
    if out is not None:
        write_comparison(result, out)
        note(f"written to {out}: kpis.csv, differences.csv, provenance.json")
    values, differences = only(result.kpis, wanted), only(result.differences, wanted)
    if form == "table":
        if len(loaded) > 2:
            tables.print_ranking(result.ranking(by), known.find(by), lang)
        if len(loaded) == 2 or wanted:
            tables.print_comparison(values, differences, known, lang, short=not wanted)
    elif form == "json":
        show_json(
            tables.as_json(
                {
                    "kpis": values,
                    "differences": differences,
                    "ranking": result.ranking(by),
                    "provenance": result.provenance,
                }
            )
        )
    else:
        show_csv(tables.as_csv(differences))


@app.command()
def trace(
    scenario: Path,
    day: Annotated[int, typer.Option(help="Which open day.")] = 1,
    seed: Seed = 1,
    replication: Annotated[int, typer.Option(help="Which replication.")] = 1,
    most: Annotated[int, typer.Option("--most", help="Show at most so many events; 0 shows all.")] = 200,
    lang: Lang = "en",
) -> None:
    """A day's events, one per line, in the order in which they happen."""
    from csim.experiment.trace import trace as events

    for line in events(loaded_scenario(scenario, None), day, seed, replication, most, lang):
        show(line)


@app.command()
def measure(
    log: Path,
    states: Annotated[Path | None, typer.Option(help="Agent states, for occupancy and the like.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="The scenario whose thresholds and own KPIs apply.")] = None,
    within: Annotated[str | None, typer.Option(help='Promised answer time, "20 s".')] = None,
    by: Annotated[str | None, typer.Option(help="day, interval, queue, agent, group, vendor or month.")] = None,
    form: Format = "table",
    lang: Lang = "en",
    own_kpis: OwnKpis = None,
    kpi: Only = None,
    mapping: Mapping = None,
    rejects: Rejects = None,
    most_rejects: MostRejects = None,
    query: Annotated[
        str | None, typer.Option(help="With LOG postgresql: what to ask the database in CSIM_DATABASE.")
    ] = None,
    vendor: Annotated[str | None, typer.Option(help="Only this vendor's contacts.")] = None,
    audience: Audience = "internal",
) -> None:
    """The same KPIs, measured on a contact log."""
    from csim.display.words import Words
    from csim.kpi.measure import measure as table_of
    from csim.kpi.small import suppress_small

    loaded = loaded_scenario(scenario, own_kpis) if scenario else None
    known = catalogue_of(loaded) if loaded else own_catalogue(own_kpis)
    wanted = wanted_kpis(known, kpi)
    promised, how = _promises(loaded, within)
    read = log_intake(log, "contacts", mapping, rejects, most_rejects, lang, query)
    contacts = _for_whom(read.table, vendor, audience, log)
    spans = log_read(states, "states", mapping, None, most_rejects, lang) if states else None
    if spans is not None and states is not None:
        spans = _for_whom(spans, vendor, audience, states)
    table = table_of(contacts, spans, promised, by, known, **how)
    if not len(table):
        note(f"no contact of the log names its {by}: there is nothing to show by {by}")
    words = Words(lang)
    if by in ("agent", "group") and (lost := int((contacts[by].isna() | (contacts[by] == "")).sum())):
        note(words("nobodys_contacts", count=lost, by=words(by).lower()))
    if audience == "vendor":
        table = suppress_small(table, lang=lang)
    if form == "table" and not promised and kpi is None:
        note(words("no_promise"))
    print_kpis(only(table, wanted), known, form, lang, log_provenance(log, read), by)


def _promises(scenario: Any, within: str | None) -> tuple[Any, dict[str, Any]]:
    """The promised answer time (one, or one per queue), and what else of a scenario counts when a log is measured."""
    from csim.units import seconds

    how: dict[str, Any] = {}
    if scenario is not None:
        opens = scenario.days.opens[0]
        how["opens_s"] = opens.hour * 3600 + opens.minute * 60 + opens.second
        how["reading"] = {name: queue.quick_abandons for name, queue in scenario.queues.items()}
        how["interval_s"] = scenario.days.interval_s
    if within is not None:
        try:
            return seconds(within), how
        except ValueError as error:
            raise InputError(f"--within: {error}") from None
    if scenario is None:
        return None, how
    return {name: q.answer_within for name, q in scenario.queues.items() if q.answer_within is not None}, how


def _for_whom(table: pd.DataFrame, vendor: str | None, audience: str, log: Path) -> pd.DataFrame:
    """The rows of the vendor that is asked for; a vendor's copy is of one vendor."""
    from csim.contacts.vendors import keep_rivals_apart, rows_of, vendors_of

    if vendor is not None:
        return rows_of(table, vendor, str(log))
    if audience == "vendor":
        keep_rivals_apart(vendors_of(table), "this table", "write --vendor NAME")
    return table


@app.command()
def kpis(
    name: Annotated[str | None, typer.Argument(help="An id, name or alias; without it, all.")] = None, lang: Lang = "en"
) -> None:
    """The catalogue of KPIs: definition, unit, direction, sector value, and how csim reads them."""
    from csim.display.tables import print_definitions
    from csim.kpi.catalogue import catalogue

    known = catalogue()
    print_definitions([known.find(name)] if name else list(known.values()), lang, full=name is not None)


@app.command()
def schema(kind: Annotated[str, typer.Argument(help="scenario, contract or mapping")] = "scenario") -> None:
    """The JSON schema of a file format, for editors."""
    from csim.start import schema_of

    show_json(json.dumps(schema_of(kind), indent=2, ensure_ascii=False))

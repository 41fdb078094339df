"""Commands about a contract: settle a month, reconcile two logs, write it as a workbook or an annex."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from csim.cli.shared import (
    Engine,
    Lang,
    Mapping,
    MostRejects,
    Rejects,
    Replications,
    Seed,
    Workers,
    app,
    loaded_scenario,
    log_read,
)  # fmt: skip
from csim.console import Progress, note, show, show_csv, show_json
from csim.errors import InputError, Mistake

if TYPE_CHECKING:
    import pandas as pd

    from csim.settlement.statement import Statement

Month = Annotated[str | None, typer.Option(help="The month of account, 2026-03 (or 2026-Q1).")]
Vendor = Annotated[str | None, typer.Option(help="One vendor of several; without it, all.")]
SettleFormat = Annotated[
    Literal["table", "json", "csv", "xlsx", "html"], typer.Option("--format", help="table, json, csv, xlsx or html.")
]


@app.command()
def settle(
    contract: Annotated[Path, typer.Argument(help="A contract: YAML or workbook.")],
    log: Annotated[Path | None, typer.Option(help="The month's contact log.")] = None,
    states: Annotated[Path | None, typer.Option(help="Agent states beside the log.")] = None,
    kpis: Annotated[Path | None, typer.Option(help="A KPI table (csv, xlsx): what no log gives, or all of it.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="A scenario instead: what its months would pay.")] = None,
    replications: Replications = 200,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    month: Month = None,
    vendor: Vendor = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger of the months before.")] = None,
    ledger_out: Annotated[
        Path | None, typer.Option("--ledger-out", help="Where to write the ledger with this month.")
    ] = None,
    incidents: Annotated[Path | None, typer.Option(help="Days that do not count: what,from,to,note (csv).")] = None,
    members: Annotated[
        Path | None, typer.Option(help="Who shares the bonus pool: name,score,sales (csv, xlsx).")
    ] = None,
    ratings: Annotated[Path | None, typer.Option(help="Quality scores: contact_id,rater,score (csv, xlsx).")] = None,
    pass_mark: Annotated[float, typer.Option("--pass-mark", help="The score from which a rated contact passes.")] = 97,
    partial: Annotated[bool, typer.Option(help="Accept a log that ends before the month does.")] = False,
    every_reading: Annotated[
        bool, typer.Option("--every-reading", help="The same log under every reading of each clause.")
    ] = False,
    form: SettleFormat = "table",
    out: Annotated[Path | None, typer.Option(help="The file to write (xlsx needs one).")] = None,
    lang: Lang = "en",
    mapping: Mapping = None,
    rejects: Rejects = None,
    most_rejects: MostRejects = None,
) -> None:
    """What a vendor is owed for a month: every line with its clause, its numbers, its money, and why."""
    import pandas as pd

    from csim.contract.load import load_contract
    from csim.settlement.definitions import every_reading as readings
    from csim.settlement.league import settle_all
    from csim.settlement.ledger import read_ledger
    from csim.settlement.tables import read_incidents, read_kpis, read_members

    loaded = load_contract(contract)
    if scenario is not None:
        sim = _simulated(scenario, replications, seed, engine, workers)
        supplied = read_kpis(kpis, required=["kpi"]) if kpis else None  # values that hold in every month
        _show_outlooks(loaded, sim, supplied, vendor, form, out, lang)
        return
    facts, more = _facts(log, kpis, states, mapping, rejects, most_rejects, lang)
    more |= {"month": month, "partial": partial, "incidents": read_incidents(incidents) if incidents else ()}
    supplied = [read_kpis(kpis)] if kpis is not None and log is not None else []
    if ratings is not None:
        supplied.append(_rated(ratings, month, pass_mark, lang))
    if supplied:
        more["kpis"] = pd.concat(supplied, ignore_index=True)
    if form == "xlsx" and out is None:
        raise InputError([Mistake("a workbook needs a file: write --out statement.xlsx", "--out")])
    if every_reading:
        _show_readings(loaded, readings(loaded, facts, vendor=_one(loaded, vendor), **more), form, out, lang)
        return
    book = read_ledger(ledger) if ledger else None
    if members is not None:
        vendor = _one(loaded, vendor)  # the people of one vendor share its pool
        more["members"] = read_members(members)
    if vendor is not None or len(loaded.file.vendor) == 1:
        from csim.settlement.settle import statement_of

        statements: Sequence[Statement] = [statement_of(loaded, facts, vendor=vendor, ledger=book, **more)]
    else:
        statements = settle_all(loaded, facts, ledger=book, **more)
    _show_statements(statements, form, out, lang)
    if ledger_out is not None:
        statements[-1].ledger.write(ledger_out)
        note(f"ledger written to {ledger_out}: give it to the next month with --ledger")


def _simulated(scenario: Path, replications: int, seed: int, engine: str, workers: str) -> Any:
    from csim.experiment.simulate import simulate

    with Progress("simulating") as progress:
        return simulate(loaded_scenario(scenario, None), replications, seed, engine, workers, progress=progress)


def _show_outlooks(
    contract: Any, sim: Any, kpis: pd.DataFrame | None, vendor: str | None, form: str, out: Path | None, lang: str
) -> None:
    """What every simulated month would pay, vendor by vendor."""
    from csim.settlement.outlook import outlook
    from csim.settlement.telling.consoles import outlook_text

    vendors = [vendor] if vendor else list(contract.file.vendor)
    found = [outlook(contract, sim, name, kpis) for name in vendors]
    for remark in found[0].remarks(lang):
        note(remark)
    if form == "json":
        _out(
            json.dumps({"outlooks": [json.loads(o.as_json()) for o in found]}, ensure_ascii=False, indent=2), form, out
        )
    elif form == "csv":
        _out("".join(o.months.assign(vendor=o.vendor).to_csv(index=False) for o in found), form, out)
    elif form == "xlsx" and out is not None and len(found) == 1:
        show(str(found[0].to_excel(out)))
    elif form == "table":
        _out("\n\n".join(outlook_text(o, lang) for o in found), form, out)
    else:
        raise InputError(
            [Mistake("simulated months come as table, json or csv (as xlsx for one --vendor)", "--format")]
        )


def _rated(file: Path, month: str | None, pass_mark: float, lang: str) -> pd.DataFrame:
    """The quality score and pass rate that several raters gave; how far they agree is said beside it."""
    from csim.raters.raters import rated

    found = rated(file, month=month, pass_mark=pass_mark)
    note(found.text(lang))
    return found.kpis


def _one(contract: Any, vendor: str | None) -> str:
    if vendor is None and len(contract.file.vendor) > 1:
        what = f"the contract has {len(contract.file.vendor)} vendors: name one"
        raise InputError([Mistake(what, "--vendor")])
    return vendor or contract.file.vendor[0]


def _facts(
    log: Path | None, kpis: Path | None, states: Path | None, mapping: str | None, rejects: Path | None,
    most_rejects: str | None, lang: str,
) -> tuple[pd.DataFrame, dict[str, Any]]:  # fmt: skip
    from csim.settlement.tables import read_kpis

    if log is not None:
        spans = log_read(states, "states", mapping, None, most_rejects, lang) if states else None
        return log_read(log, "contacts", mapping, rejects, most_rejects, lang), {"states": spans}
    if kpis is not None:
        return read_kpis(kpis), {}
    raise InputError([Mistake("nothing to settle: give --log FILE, or --kpis FILE", "csim settle")])


def _show_statements(statements: Sequence[Statement], form: str, out: Path | None, lang: str) -> None:
    from csim.settlement.tables import statements_json
    from csim.settlement.telling.consoles import statements_text
    from csim.settlement.telling.page import statement_html
    from csim.settlement.telling.sheet import as_csv, write_statements

    if form == "xlsx":
        assert out is not None
        show(str(write_statements(statements, out, lang)))
    elif form == "json":
        _out(statements_json(statements, lang), form, out)
    elif form == "csv":
        _out("".join(as_csv(s, lang, head=number == 0) for number, s in enumerate(statements)), form, out)
    elif form == "html":
        from csim.report.html import standalone

        _out(standalone("\n".join(statement_html(statement, lang) for statement in statements), lang), form, out)
    else:
        _out(statements_text(statements, lang), form, out)


def _show_readings(contract: Any, variants: Sequence[Any], form: str, out: Path | None, lang: str) -> None:
    from csim.settlement.telling.consoles import readings_text

    if form == "table":
        _out(readings_text(contract, variants, lang), form, out)
        return
    rows = [
        {key: value if isinstance(value, bool | None) else str(value) for key, value in asdict(v).items()}
        for v in variants
    ]
    if form != "json":
        raise InputError([Mistake("the readings come as table or json", "--format")])
    _out(json.dumps({"readings": rows}, ensure_ascii=False, indent=2), form, out)


def _out(text: str, form: str, out: Path | None) -> None:
    """To the file, whole or not at all; else to the console."""
    from csim.files import write_text

    if out is not None:
        show(str(write_text(out, text)))
    else:
        {"json": show_json, "csv": show_csv}.get(form, show)(text)


@app.command()
def reconcile(
    ours: Annotated[Path, typer.Argument(help="The buyer's log.")],
    theirs: Annotated[Path, typer.Argument(help="The vendor's log of the same month.")],
    contract: Annotated[Path | None, typer.Option(help="The contract: what each difference is worth.")] = None,
    month: Month = None,
    vendor: Vendor = None,
    within: Annotated[str | None, typer.Option(help='Promised answer time, "20 s".')] = None,
    tolerance: Annotated[float, typer.Option(help="Times that differ by no more are the same, s.")] = 0.5,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")] = "table",
    out: Annotated[Path | None, typer.Option(help="A workbook with every difference.")] = None,
    lang: Lang = "en",
    mapping: Annotated[str | None, typer.Option(help="How their log is read: a ready-made mapping or a file.")] = None,
    our_mapping: Annotated[
        str | None, typer.Option("--our-mapping", help="How our log is read, if not as csim's.")
    ] = None,
    rejects: Rejects = None,
    most_rejects: MostRejects = None,
) -> None:
    """Two logs of the same month, contact by contact: only theirs, only ours, what differs, and its money."""
    from csim.contract.load import load_contract
    from csim.reconcile.reconcile import reconcile as compared
    from csim.units import seconds

    terms = load_contract(contract) if contract else None
    within_s = None
    if within is not None:
        try:
            within_s = seconds(within)
        except ValueError as error:
            raise InputError([Mistake(str(error), "--within")]) from None
    total_of = _paid_on(terms, month) if terms is not None else None
    mine = log_read(ours, "contacts", our_mapping, None, most_rejects if our_mapping else None, lang)
    other = log_read(theirs, "contacts", mapping, rejects, most_rejects, lang)
    found = compared(
        mine, other, contract=terms, month=month, vendor=vendor, within_s=within_s, tolerance_s=tolerance,
        total_of=total_of,
    )  # fmt: skip
    _refuse_other_months(found, {"ours": ours, "theirs": theirs})
    if out is not None:
        show(str(found.to_excel(out, lang)))
    elif form == "json":
        from csim.display.tables import as_json

        show_json(as_json(found.content()))
    else:
        show(found.text(lang))


def _refuse_other_months(found: Any, files: dict[str, Path]) -> None:
    """A log of another month (or vendor) is a wrong file; that the other log has all the contacts is no finding."""
    counts, about = found.counts, found.about
    scope = " in ".join(part for part in (f"of {about.vendor}" if about.vendor else "", about.month) if part)
    mistakes = [
        Mistake(f"no contact {scope}: all {counts[f'rows_{whose}']:,} are of other months or vendors", "", str(file))
        for whose, file in files.items()
        if counts[f"outside_{whose}"] == counts[f"rows_{whose}"]
    ]
    if mistakes:
        raise InputError(mistakes)


def _paid_on(contract: Any, month: str | None) -> Any:
    """What a log would be paid; None where the contract needs what no log gives."""
    from csim.settlement.settle import statement_of

    def paid(log: pd.DataFrame) -> Any:
        if log.empty:
            return None
        try:
            return statement_of(contract, log, month=month, vendor=log["vendor"].iloc[0], partial=True).subtotal
        except InputError as error:
            note(f"what the whole month pays is not compared: {error.mistakes[0].what}")
            return None

    return paid


@app.command()
def contract(
    file: Annotated[Path, typer.Argument(help="A contract: YAML or workbook.")],
    out: Annotated[Path | None, typer.Option(help="The same contract as terms.xlsx, or as terms.yaml.")] = None,
    docx: Annotated[Path | None, typer.Option(help="The clauses as a contract annex in Word.")] = None,
    older: Annotated[Path | None, typer.Option(help="An older contract: the annex marks what changed.")] = None,
    lang: Lang = "zh",
) -> None:
    """A contract as a workbook, as YAML, or as an annex in Word; each from the other."""
    from csim.contract.load import load_contract, read_contract

    if out is None and docx is None:
        raise InputError([Mistake("write --out terms.xlsx, --out terms.yaml or --docx annex.docx", "csim contract")])
    if out is not None:
        show(str(_rewritten(read_contract(file), out, lang)))
    if docx is not None:
        from csim.contract.paper.annex import write_annex

        show(str(write_annex(load_contract(file), docx, lang, load_contract(older) if older else None)))


def _rewritten(loaded: Any, out: Path, lang: str) -> Path:
    from csim.contract.paper.workbook import write_workbook
    from csim.contract.paper.written import to_yaml

    data = loaded.data
    if (
        loaded.file.forecast
        and loaded.file.forecast.file
        and out.parent.resolve() != Path(loaded.source).parent.resolve()
    ):
        note(f"the volumes of {loaded.file.forecast.file} are written into it, so that it can travel alone")
        data = loaded.with_volumes_inside()
    if out.suffix.lower() == ".xlsx":
        return write_workbook(data, out, lang)
    if out.suffix.lower() in (".yaml", ".yml"):
        to_yaml(data, out, lang)
        return out
    raise InputError([Mistake(f'"{out.suffix}" is no format here: write .xlsx or .yaml', "--out")])

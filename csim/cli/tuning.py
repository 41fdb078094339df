"""The command that looks for better terms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from csim.cli.judging import (
    Centre,
    Group,
    HarmAbandon,
    HarmLate,
    HarmSecond,
    Levels,
    Lever,
    Terms,
    TermsFormat,
    Vendor,
    harm_given,
    share_given,
    vendors_own,
)
from csim.cli.shared import Engine, Lang, Seed, Workers, app, loaded_scenario, writable_folder
from csim.console import Progress, note, show, show_json


@app.command()
def tune(
    contract: Terms,
    scenario: Centre,
    term: Annotated[
        list[str] | None,
        typer.Option(
            help="A term to choose: price, at_risk, kpis.ID.level or kpis.ID.credit=2%..20%..1%; may be repeated."
        ),
    ] = None,
    wish: Annotated[
        list[str] | None, typer.Option(help='What shall be delivered, "service_level>=80%"; may be repeated.')
    ] = None,
    margin: Annotated[str, typer.Option(help="The share of the payment that the vendor must earn to sign.")] = "5%",
    gap: Annotated[str, typer.Option(help="How far a good and a bad vendor lie from the wish.")] = "2%",
    alpha: Annotated[str, typer.Option(help="The most often that the good one may be punished.")] = "5%",
    beta: Annotated[str, typer.Option(help="The most often that the bad one may pass.")] = "10%",
    most_at_risk: Annotated[
        str | None, typer.Option("--most-at-risk", help="The most of a month's fee that may be taken; default 20%.")
    ] = None,
    levels: Levels = None,
    lever: Lever = None,
    group: Group = None,
    vendor: Vendor = None,
    cost_per_hour: Annotated[
        float | None, typer.Option("--cost-per-hour", help="What an agent-hour costs the vendor.")
    ] = None,
    cost_doubt: Annotated[
        str, typer.Option("--cost-doubt", help="How much dearer the vendor may be than believed.")
    ] = "10%",
    harm_abandon: HarmAbandon = None,
    harm_second: HarmSecond = None,
    harm_late: HarmLate = None,
    candidates: Annotated[int, typer.Option(help="About how many drafts are tried.", min=1)] = 6000,
    replications: Annotated[
        int | None,
        typer.Option("--replications", "-n", help="Of the calendar, at every level; default about 260 days."),
    ] = None,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    robust: Annotated[bool, typer.Option(help="Try the proposal in other worlds, too.")] = True,
    form: TermsFormat = "table",
    out: Annotated[Path | None, typer.Option(help="A folder for the contracts, the annex and the tables.")] = None,
    lang: Lang = "en",
) -> None:
    """Better terms: the least total cost at which the vendor signs and its best answer is the wished service."""
    from csim.contract.load import load_contract
    from csim.terms.judging.risks import Limits
    from csim.terms.tuning.tables import tuning_text
    from csim.terms.tuning.tuning import tune as tuned
    from csim.terms.worth.levers import parsed_levels

    writable_folder(out)
    vendors_own(lever)
    agreed = load_contract(contract)
    limits = Limits(share_given(gap, "--gap"), share_given(alpha, "--alpha"), share_given(beta, "--beta"))
    stakes = None if most_at_risk is None else share_given(most_at_risk, "--most-at-risk")
    kept, doubt = share_given(margin, "--margin"), share_given(cost_doubt, "--cost-doubt")
    with Progress("tuning") as progress:
        found = tuned(
            agreed, loaded_scenario(scenario, None), term or (), wish or (), kept, limits,
            stakes, parsed_levels(levels) if levels else None, lever, group, vendor, cost_per_hour, doubt,
            harm_given(harm_abandon, harm_second, harm_late), candidates, replications, seed, engine, workers, robust,
            lambda stage, done, total: progress(done, total, 0),
        )  # fmt: skip
    if form == "json":
        show_json(found.as_json())
    else:
        show(tuning_text(found, lang))
    if out is not None:
        for path in found.write(out, lang):
            note(f"written: {path}")
    if not found.found:
        raise typer.Exit(3)


__all__: list[Any] = ["tune"]

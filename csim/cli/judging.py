"""Commands about what terms make happen: how reliably clauses judge, and what a vendor does who reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from csim.cli.shared import Engine, Lang, Replications, Seed, Workers, app, loaded_scenario
from csim.console import Progress, show, show_json
from csim.errors import InputError, Mistake

Terms = Annotated[Path, typer.Argument(help="A contract: YAML or workbook.")]
Centre = Annotated[Path, typer.Option("--scenario", help="The centre that shall serve under these terms.")]
Levels = Annotated[
    str | None, typer.Option(help="16..35, 80%..120%..5% (0.8..1.2..0.05) or 22,25,28; without it, around the plan.")
]
Lever = Annotated[
    str | None, typer.Option(help="agents (of one group), staffing (times the plan), volume or handle_time.")
]
Group = Annotated[str | None, typer.Option(help="The group whose agents move.")]
Vendor = Annotated[str | None, typer.Option(help="One vendor of several.")]
CostPerHour = Annotated[
    str | None, typer.Option("--cost-per-hour", help="What an agent-hour costs the vendor: 40, or a range 35..45.")
]
HarmAbandon = Annotated[float | None, typer.Option("--harm-abandon", help="What an abandoned contact costs the buyer.")]
HarmSecond = Annotated[float | None, typer.Option("--harm-second", help="What a second of waiting costs the buyer.")]
HarmLate = Annotated[float | None, typer.Option("--harm-late", help="What a late answer costs the buyer.")]
TermsFormat = Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")]


@app.command()
def judge(
    contract: Terms,
    scenario: Centre,
    levels: Levels = None,
    lever: Lever = None,
    group: Group = None,
    vendor: Vendor = None,
    cycle: Annotated[
        list[str] | None, typer.Option(help="day, week, ten_days, month or quarter; may be repeated. Default: all.")
    ] = None,
    sample: Annotated[
        list[str] | None, typer.Option(help="CLAUSE=N: how many are checked a month; may be repeated.")
    ] = None,
    margin: Annotated[str, typer.Option(help="How far a good and a bad vendor lie from a threshold.")] = "2%",
    alpha: Annotated[str, typer.Option(help="The most often that the good one may be punished.")] = "5%",
    beta: Annotated[str, typer.Option(help="The most often that the bad one may pass.")] = "10%",
    games: Annotated[
        bool, typer.Option("--games", help="Also what the vendor gains by gaming, and which clauses close that.")
    ] = False,
    relief: Annotated[
        bool,
        typer.Option("--relief", help="Also what relief for volume above the forecast is worth."),
    ] = False,
    over: Annotated[
        str | None,
        typer.Option(help="Where --relief begins, above the forecast; else as the contract says, or 10%."),
    ] = None,
    ramp_up: Annotated[int | None, typer.Option("--ramp-up", help="Months without deductions, for --relief.")] = None,
    cost_per_hour: CostPerHour = None,
    replications: Annotated[
        int | None, typer.Option("--replications", "-n", help="How often the calendar is played: 100, with --games 20.")
    ] = None,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    form: TermsFormat = "table",
    lang: Lang = "en",
) -> None:
    """How often each clause punishes although it should not, and passes although it should not, by cycle."""
    from csim.contract.load import load_contract
    from csim.terms.judging.risks import Limits
    from csim.terms.judging.tables import judged_json, judged_text
    from csim.terms.worth.levers import parsed_levels
    from csim.terms.worth.played import CYCLES

    if not relief and (over is not None or ramp_up is not None):
        option = "--over" if over is not None else "--ramp-up"
        raise InputError([Mistake("it describes a relief, and none was asked for: write --relief, too", option)])
    agreed, centre = load_contract(contract), loaded_scenario(scenario, None)
    limits = Limits(share_given(margin, "--margin"), share_given(alpha, "--alpha"), share_given(beta, "--beta"))
    margins = None if over is None else share_given(over, "--over")
    how: dict[str, Any] = {
        "levels": parsed_levels(levels) if levels else None, "lever": lever, "group": group, "vendor": vendor,
        "replications": replications or (20 if games else 100), "seed": seed, "engine": engine, "executor": workers,
    }  # fmt: skip
    with Progress("simulating") as progress:
        found = _judged(
            agreed, centre, how | {"progress": progress}, (cycle or CYCLES, _samples(sample or []), limits), games,
            relief, margins, ramp_up, None if cost_per_hour is None else _cost(cost_per_hour),
        )  # fmt: skip
    if form == "json":
        show_json(judged_json(*found))
    else:
        show(judged_text(*found, lang))


def _judged(
    agreed: Any, centre: Any, how: dict[str, Any], asked: tuple, games: bool, relief: bool, over: float | None,
    ramp_up: int | None, cost: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """How the clauses judge, which games pay, what relief is worth: all on the same simulated months."""
    from csim.terms.answering.response import simulated
    from csim.terms.gaming.games import games as played
    from csim.terms.judging.characteristic import operating_characteristic
    from csim.terms.judging.refusals import nothing_at_stake, too_fine
    from csim.terms.pricing.relief import relief as relieved

    nothing_at_stake(agreed)
    too_fine(agreed, asked[1])
    gamed = played(agreed, centre, cost_per_hour=cost, **how) if games else None
    grid = simulated(centre, agreed, **how) if gamed is None else gamed.honest
    found = operating_characteristic(agreed, grid, None, None, None, None, *asked)
    return found, gamed, relieved(agreed, grid, over, ramp_up) if relief else None


@app.command()
def respond(
    contract: Terms,
    scenario: Centre,
    levels: Levels = None,
    lever: Lever = None,
    group: Group = None,
    vendor: Vendor = None,
    cost_per_hour: CostPerHour = None,
    harm_abandon: HarmAbandon = None,
    harm_second: HarmSecond = None,
    harm_order: Annotated[
        str | None, typer.Option("--harm-order", help="Order value, conversion, margin, share lost: 180,45%,20%,50%.")
    ] = None,
    harm_late: HarmLate = None,
    wage: Annotated[
        str | None, typer.Option(help="An agent's monthly wage, 4500 or 4000..5000, instead of --cost-per-hour.")
    ] = None,
    overhead: Annotated[str, typer.Option(help="On top of the wage: insurance, seat, supervision.")] = "60%",
    paid_hours: Annotated[float, typer.Option("--paid-hours", help="Hours a month that the wage pays.")] = 174.0,
    margin: Annotated[str, typer.Option(help="The share of the payment that the vendor must earn to sign.")] = "0%",
    price: Annotated[
        bool, typer.Option("--price", help="Also the fair price per contact at each promised service level.")
    ] = False,
    promised: Annotated[str, typer.Option(help="The levels that --price looks at.")] = "70%,75%,80%,85%,90%,95%",
    aversion: Annotated[
        float, typer.Option(help="The load of --price: so many standard deviations of the monthly payment.")
    ] = 0.25,
    replications: Replications = 150,
    seed: Seed = 1,
    engine: Engine = "auto",
    workers: Workers = "serial",
    form: TermsFormat = "table",
    lang: Lang = "en",
) -> None:
    """The staffing at which the vendor earns most under these terms, and how far it lies from what is wanted."""
    from csim.contract.load import load_contract
    from csim.terms.answering.response import best_response, cost_range, simulated
    from csim.terms.judging.tables import responded_json, responded_text
    from csim.terms.pricing.price import fair_price
    from csim.terms.worth.harm import harm_of, lost_order
    from csim.terms.worth.levers import parsed_levels

    agreed, centre = load_contract(contract), loaded_scenario(scenario, None)
    levels_promised = [share_given(text, "--promised") for text in promised.split(",")]
    if harm_order is not None:
        if harm_abandon is not None:
            what = "--harm-abandon and --harm-order both say what an abandoned contact costs: keep one"
            raise InputError([Mistake(what, "--harm-order")])
        harm_abandon = lost_order(harm_order)
    harm = harm_given(harm_abandon, harm_second, harm_late)
    costs = None if cost_per_hour is None else _cost(cost_per_hour)
    if wage is not None:
        costs = _cost_of_wage(wage, overhead, paid_hours, cost_per_hour)
    kept = share_given(margin, "--margin")
    vendors_own(lever)
    cost_range(costs)
    losses = harm_of(agreed, harm)  # mistakes are told before anything is simulated
    with Progress("simulating") as progress:
        grid = simulated(
            centre, agreed, parsed_levels(levels) if levels else None, lever, group, vendor, replications=replications,
            seed=seed, engine=engine, executor=workers, progress=progress,
        )  # fmt: skip
        found = best_response(agreed, grid, cost_per_hour=costs, harm=losses, margin=kept)
        fair = fair_price(agreed, grid, levels_promised, None, kept, aversion, cost_per_hour=costs) if price else None
    if found.answer["profit"] < 0:
        raise InputError([Mistake(f"{found.summary(lang)} Raise the price.", "pricing", str(contract))])
    if form == "json":
        show_json(responded_json(found, fair))
    else:
        show(responded_text(found, fair, lang))


def harm_given(abandon: float | None, second: float | None, late: float | None) -> dict[str, float] | None:
    """The buyer's losses as far as they are given; None leaves them to the contract."""
    given = {"abandon": abandon, "waiting_second": second, "late_answer": late}
    return {kind: amount for kind, amount in given.items() if amount is not None} or None


def vendors_own(lever: str | None) -> None:
    """Refuses an answer in what is not the vendor's to choose."""
    if lever == "volume":
        what = "the volume is not the vendor's to choose: write agents, staffing or handle_time"
        raise InputError([Mistake(what, "--lever")])


def share_given(text: str, option: str) -> float:
    """An option that is a share of a whole."""
    from csim.schema.exact import share_of_whole

    try:
        return float(share_of_whole(text))
    except ValueError as error:
        raise InputError([Mistake(str(error), option)]) from None


def _cost(text: str, option: str = "--cost-per-hour") -> Any:
    try:
        ends = [float(part) for part in text.split("..")]
        if len(ends) > 2:
            raise ValueError
    except ValueError:
        what = f'"{text}" is no cost: write for example 40, or a range 35..45'
        raise InputError([Mistake(what, option)]) from None
    return ends[0] if len(ends) == 1 else (ends[0], ends[1])


def _cost_of_wage(wage: str, overhead: str, hours: float, cost: str | None) -> Any:
    """Wage × (1 + overhead) ÷ paid hours, at both ends of a range."""
    from csim.schema.exact import percent
    from csim.terms.worth.harm import cost_per_hour

    if cost is not None:
        raise InputError([Mistake("--wage and --cost-per-hour both say what an hour costs: keep one", "--wage")])
    if not hours > 0:
        raise InputError([Mistake(f"{hours:g} paid hours: write those of a month, such as 174", "--paid-hours")])
    try:
        on_top = float(percent(overhead))
    except ValueError as error:
        raise InputError([Mistake(str(error), "--overhead")]) from None
    ends = _cost(wage, "--wage")
    ends = ends if isinstance(ends, tuple) else (ends, ends)
    return tuple(cost_per_hour(end, on_top, hours) for end in ends)


def _samples(texts: list[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, _, size = (part.strip() for part in text.partition("="))
        if not size.isdigit():
            raise InputError([Mistake(f'"{text}" is not readable: write for example qa=440', "--sample")])
        found[name] = int(size)
    return found

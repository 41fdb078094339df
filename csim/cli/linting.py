"""`csim lint`: what a contract's terms, or a scenario's targets, get wrong; here the rooms' findings come together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from csim.cli.shared import Lang, app, log_read
from csim.console import note, show, show_json
from csim.display.words import Words
from csim.errors import Mistake

if TYPE_CHECKING:
    from csim.contract.lint import Finding

KEYS = ("severity", "code", "file", "line", "path", "what", "write")


@app.command()
def lint(
    file: Annotated[Path, typer.Argument(help="A contract (YAML or workbook), or a scenario with targets.")],
    log: Annotated[Path | None, typer.Option(help="A contact log: which KPIs it cannot give.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="A scenario: what is out of reach in it.")] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")] = "table",
    lang: Lang = "en",
) -> None:
    """What is wrong or unwise, and what to write instead. Exit code 3 if there are errors."""
    found, unchecked = _of_scenario(file, lang) if _is_scenario(file) else _of_contract(file, log, scenario, lang)
    if form == "json":
        rows = [_row(finding, lang) for finding in found]
        show_json(json.dumps({"findings": rows}, ensure_ascii=False, indent=2))
    else:
        _show(found, lang)
    for line in unchecked:
        note(line)
    if any(finding.severity == "error" for finding in found):
        raise typer.Exit(3)


def _row(finding: Finding, lang: str) -> dict[str, Any]:
    what, write = finding.told(lang)
    return {key: getattr(finding, key) for key in KEYS} | {"what": what, "write": write}


def _show(found: list[Finding], lang: str) -> None:
    words = Words(lang)
    for f in found:
        what, write = f.told(lang)
        place = str(Mistake(what, f.path, f.file, f.line, f.column, f.sheet))
        severity = words(f"lint_{f.severity}")
        show(words("lint_finding", severity=severity, code=f.code, place=place, write=write))
    counts = {kind: sum(f.severity == kind for f in found) for kind in ("error", "warning")}
    said = {
        f"{kind}s": words(f"lint_count_{kind}{'_one' if count == 1 else ''}", count=count)
        for kind, count in counts.items()
    }
    show(words("lint_count", **said))


def _is_scenario(file: Path) -> bool:
    if file.suffix.lower() == ".xlsx":
        return False
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False  # the contract's reader says what is wrong
    return any(line.replace(" ", "").startswith("csim:scenario/") for line in text.splitlines())


def _of_contract(file: Path, log: Path | None, scenario: Path | None, lang: str) -> tuple[list[Finding], list[str]]:
    from csim.contract.lint import lint as findings
    from csim.contract.lint import lint_log, unchecked
    from csim.contract.load import read_contract

    contract = read_contract(file)
    found = findings(contract)
    if log is not None:
        found += lint_log(contract, log_read(log, "contacts", None, None, None, lang))
    open_ = unchecked(contract, log=log is not None, scenario=scenario is not None, lang=lang)
    if scenario is not None and any(finding.severity == "error" for finding in found):
        return found, [*open_, Words(lang)("lint_errors_first")]
    if scenario is not None:
        from csim.cli.shared import loaded_scenario
        from csim.terms.answering.doubts import costs_known, doubts, weak_penalties

        centre = loaded_scenario(scenario, None)
        found += [*doubts(contract, centre), *weak_penalties(contract, centre)]
        if not costs_known(centre):
            open_.append(Words(lang)("lint_unchecked_costs"))
    return found, open_


def _of_scenario(file: Path, lang: str) -> tuple[list[Finding], list[str]]:
    """The feasibility audit of a scenario's targets."""
    from csim.contract.findings import Finding, words
    from csim.kpi.feasibility import conflicts_of, sentence
    from csim.kpi.feasibility import said as said_of
    from csim.scenario.load import load_scenario

    scenario = load_scenario(file)
    found = []
    for queue, conflicts in conflicts_of(scenario).items():
        for conflict in conflicts:
            said, _, rest = sentence(conflict).partition(". ")
            collides, instead = said_of(conflict, "zh")
            what = words("as_said", text={"en": said, "zh": collides.removesuffix("。")})
            write = words("as_said", text={"en": rest, "zh": instead}) if rest else words("change_one")
            place = scenario.mistake(what.text("en"), ("queues", queue, "targets"))
            found.append(Finding.at(place, conflict.severity, conflict.law, what, write))
    return found, [] if any(q.targets for q in scenario.queues.values()) else [Words(lang)("lint_no_targets")]

"""Reports: a notebook run by papermill with checked parameters, then one self-contained page, and a PDF of it."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csim.contacts.vendors import keep_rivals_apart
from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.files import write_text, write_whole
from csim.report.bound import Bound, buyers_own
from csim.report.html import AUDIENCES, bound_of, refused_to_vendor, standalone
from csim.report.parameters import checked, notebook_of, parameters_of
from csim.report.pdf import browser, fitted, pdf_of
from csim.report.sheets import workbook_of

CELL_TIMEOUT_S = 3600


@dataclass(frozen=True)
class Rendered:
    """A report as it was written: its parts and its files, the page first."""

    bound: Bound
    files: list[Path]


def _quiet(text: str) -> None:
    """Nobody listens."""


def render(
    name: str,
    parameters: Mapping[str, Any] | None = None,
    lang: str = "en",
    pdf: bool = False,
    out: str | Path | None = None,
    note: Callable[[str], None] = _quiet,
    *,
    one_page: bool = False,
    xlsx: bool = False,
    audience: str = "internal",
) -> list[Path]:
    """
    Runs a report and writes its page (and its PDF, and its tables as a workbook).

    Args:
        name: A report, such as "service_forecast".
        parameters: Values for its parameters; an unknown name or a wrong type is refused before anything runs.
        lang: "en" or "zh".
        pdf: Also print the page to a PDF beside it, with an installed chromium, Edge or Chrome.
        out: The HTML file; by default NAME-SCENARIO-LANG.html (of a settlement NAME-CONTRACT-MONTH-VENDOR-LANG.html)
            in the current folder.
        note: Called with remarks for the person.
        one_page: The answer, one figure and one table on one sheet of A4 (with its PDF) in place of the whole report.
        xlsx: Also write the tables of the page as a workbook beside it.
        audience: "internal", or "vendor" for a copy without the buyer's private numbers.

    Returns:
        The files written.

    Raises:
        InputError: Unknown report or parameter, a scenario or a contract with mistakes. Nothing is written then; a
            cell that fails leaves no page either.

    Examples:
        >>> render("service_forecast", {"replicatons": 5})
        Traceback (most recent call last):
        csim.errors.InputError: -p replicatons
          no parameter "replicatons": did you mean "replications"?
        -p scenario
          needs a value: write -p scenario=…
        2 mistakes; nothing was run.
    """
    return rendered(
        name, parameters, lang, pdf, out, note, one_page=one_page, xlsx=xlsx, audience=audience
    ).files  # fmt: skip


def rendered(
    name: str, parameters: Mapping[str, Any] | None, lang: str = "en", pdf: bool = False,
    out: str | Path | None = None, note: Callable[[str], None] = _quiet, *, one_page: bool = False,
    xlsx: bool = False, audience: str = "internal",
) -> Rendered:  # fmt: skip
    """What `render` does, with the headline of the report beside its files."""
    path = notebook_of(name)
    if audience not in AUDIENCES:
        meant = did_you_mean(audience, AUDIENCES)
        raise UnknownNameError([Mistake(f'no audience "{audience}": {meant}', "--audience")])
    if audience == "vendor" and refused_to_vendor(path):
        raise buyers_own()
    if "audience" in (parameters or {}):  # of the whole copy, not of its notebook alone: it would not hold
        raise InputError([Mistake("write --audience internal or --audience vendor", "-p audience")])
    own = {"audience": audience} if "audience" in parameters_of(path) else {}
    given = checked({**(parameters or {}), "lang": lang, **own}, path)
    for warning in _loaded(given):
        note(f"note: {warning}")
    if audience == "vendor" and "vendor" not in parameters_of(path):
        _one_vendor(given)
    target = Path(out) if out is not None else Path(file_name(name, given, lang, audience, one_page))
    note(f"running {name} …")
    with tempfile.TemporaryDirectory(prefix="csim-report-") as folder:
        done = Path(folder) / "done.ipynb"
        _execute(path, done, given)
        bound = bound_of(done, lang, audience)
        files = _write(bound, target, one_page=one_page, pdf=pdf or one_page, xlsx=xlsx, note=note)
    return Rendered(bound, files)


def _write(
    bound: Bound, target: Path, *, one_page: bool, pdf: bool, xlsx: bool, note: Callable[[str], None]
) -> list[Path]:
    """The page, its PDF and its workbook; the page last, so that where it is the others are."""

    def page(zoom: float) -> str:
        body = bound.one_page() if one_page else bound.whole()
        return standalone(body, bound.lang, bound.source, bound.mark, zoom)

    text, beside = page(1), []
    if pdf and browser() is None:
        note("no PDF: it needs a browser; install chromium, Chrome or Edge")
    elif pdf:

        def printed(temporary: Path) -> None:
            nonlocal text
            if one_page:
                text = fitted(page, temporary)
            else:
                pdf_of(text, temporary)

        beside.append(write_whole(target.with_suffix(".pdf"), printed))
    if xlsx:
        beside.append(workbook_of(bound, target.with_suffix(".xlsx")))
    return [write_text(target, text), *beside]


def _one_vendor(given: Mapping[str, Any]) -> None:
    """A report that takes no vendor shows every vendor of a scenario: one must not read of the others."""
    from csim.scenario.load import load_scenario

    if "scenario" not in given:
        return
    scenario = load_scenario(given["scenario"])
    vendors = {group.vendor for group in scenario.groups.values() if group.vendor}
    vendors |= {vendor for queue in scenario.queues.values() for vendor in queue.shares or {}}
    keep_rivals_apart(vendors, "this report")


def _loaded(given: Mapping[str, Any]) -> Sequence[str]:
    """Loads the files that can be checked before anything runs, and returns what they warn of."""
    if "contract" in given:
        from csim.contract.load import load_contract

        load_contract(given["contract"])
    if "scenario" in given:
        from csim.scenario.load import load_scenario

        return load_scenario(given["scenario"]).warnings
    return ()


def file_name(
    name: str, given: Mapping[str, Any], lang: str, audience: str = "internal", one_page: bool = False
) -> str:
    """
    The report, what it is about, whom it is for, and the language.

    Examples:
        >>> file_name("settlement", {"contract": "a/chat.yaml", "month": "2026-11", "vendor": "B/2"}, "zh")
        'settlement-chat-2026-11-B_2-zh.html'
        >>> file_name("settlement", {"contract": "a/chat.yaml"}, "en", "vendor", one_page=True)
        'settlement-chat-for-vendor-one-page-en.html'
        >>> file_name("calibration", {"log": "exports/may.csv.gz"}, "zh")
        'calibration-may-zh.html'
    """
    about = [Path(str(given[key])).stem for key in ("scenario", "contract") if given.get(key)]
    if not about and given.get("log"):
        about = [Path(str(given["log"])).name.split(".")[0]]
    about += [re.sub(r"[^\w.-]", "_", str(given[key])) for key in ("month", "vendor") if given.get(key)]
    about += ["for-vendor"] if audience == "vendor" else []
    about += ["one-page"] if one_page else []
    return "-".join([name, *about, lang]) + ".html"


def _execute(path: Path, done: Path, given: Mapping[str, Any]) -> None:
    """Runs the notebook; input that it refuses is refused here in the same words."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            papermill.execute_notebook(
                path, done, parameters=dict(given), kernel_name="python3", cwd=str(Path.cwd()), progress_bar=False,
                start_timeout=120, execution_timeout=CELL_TIMEOUT_S, log_output=False,
                config=_kernel_config(done.parent),
            )  # fmt: skip
        except PapermillExecutionError as error:
            if error.ename not in (InputError.__name__, UnknownNameError.__name__):
                raise
            said = str(error.evalue).rsplit("\n", 1)[0]  # without the count of mistakes, which is added again
            said = re.sub(_OPTION, lambda found: _as_parameter(found, parameters_of(path)), said)
            raise InputError([Mistake(said)]) from None


_OPTION = r"--([a-z][a-z-]*)(?: ([\w.]+)(?=\)))?"  # such as (--vendor A)


def _as_parameter(option: re.Match[str], known: Collection[str]) -> str:
    """An option that a message names, as a report takes it: -p vendor=A."""
    name = option[1].replace("-", "_")
    return option[0] if name not in known else f"-p {name}" + (f"={option[2]}" if option[2] else "")


def _kernel_config(folder: Path) -> Any:
    """
    The kernel is spoken to through sockets in a folder of its own, not ports, where the system can.

    It is silent: what fails is raised here, and being told to stop when all is done is no error to report.
    """
    from traitlets.config import Config

    # without an address of its own two kernels started in one folder would share their sockets
    own = {"transport": "ipc", "ip": str(folder / "kernel")}
    silent = {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"]}
    return Config({"NotebookClient": silent, **({"KernelManager": own} if os.name == "posix" else {})})

"""Reports: a notebook run by papermill with checked parameters, then one self-contained page, and a PDF of it."""

from __future__ import annotations

import inspect
import os
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.files import write_text, write_whole
from csim.report.html import page_of
from csim.report.pdf import browser, pdf_of

CELL_TIMEOUT_S = 3600


def _quiet(text: str) -> None:
    """Nobody listens."""


def notebooks() -> dict[str, Path]:
    """The report notebooks by name: those in the package, or those of a checkout's reports/."""
    here = Path(__file__).parent / "notebooks"
    folder = here if here.is_dir() else Path(__file__).parents[2] / "reports"
    return {path.stem: path for path in sorted(folder.glob("*.ipynb"))}


def render(
    name: str,
    parameters: Mapping[str, Any] | None = None,
    lang: str = "en",
    pdf: bool = False,
    out: str | Path | None = None,
    note: Callable[[str], None] = _quiet,
) -> list[Path]:
    """
    Runs a report and writes its page (and its PDF).

    Args:
        name: A report, such as "service_forecast".
        parameters: Values for its parameters; an unknown name or a wrong type is refused before anything runs.
        lang: "en" or "zh".
        pdf: Also print the page to a PDF beside it, with an installed chromium, Edge or Chrome.
        out: The HTML file; by default NAME-SCENARIO-LANG.html (of a settlement NAME-CONTRACT-MONTH-VENDOR-LANG.html)
            in the current folder.
        note: Called with remarks for the person.

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
    path = _notebook(name)
    given = checked({**(parameters or {}), "lang": lang}, path)
    for warning in _loaded(given):
        note(f"note: {warning}")
    target = Path(out) if out is not None else Path(_file_name(name, given, lang))
    note(f"running {name} …")
    with tempfile.TemporaryDirectory(prefix="csim-report-") as folder:
        done = Path(folder) / "done.ipynb"
        _execute(path, done, given)
        page = page_of(done, lang)
        written = [write_text(target, page)]
        if pdf and browser() is None:
            note("no PDF: it needs a browser; install chromium, Chrome or Edge")
        elif pdf:
            printed = write_whole(target.with_suffix(".pdf"), lambda temporary: pdf_of(page, temporary))
            written.append(printed)
    return written


def _loaded(given: Mapping[str, Any]) -> Sequence[str]:
    """Loads the files that can be checked before anything runs, and returns what they warn of."""
    if "contract" in given:
        from csim.contract.load import load_contract

        load_contract(given["contract"])
    if "scenario" in given:
        from csim.scenario.load import load_scenario

        return load_scenario(given["scenario"]).warnings
    return ()


def _file_name(name: str, given: Mapping[str, Any], lang: str) -> str:
    """
    The report, what it is about, and the language.

    Examples:
        >>> _file_name("settlement", {"contract": "a/chat.yaml", "month": "2026-11", "vendor": "B/2"}, "zh")
        'settlement-chat-2026-11-B_2-zh.html'
    """
    about = [Path(str(given[key])).stem for key in ("scenario", "contract") if given.get(key)]
    about += [re.sub(r"[^\w.-]", "_", str(given[key])) for key in ("month", "vendor") if given.get(key)]
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
            raise InputError([Mistake(said)]) from None


def _kernel_config(folder: Path) -> Any:
    """The kernel is spoken to through sockets in a folder of its own, not ports, where the system can."""
    from traitlets.config import Config

    # without an address of its own two kernels started in one folder would share their sockets
    own = {"transport": "ipc", "ip": str(folder / "kernel")}
    return Config({"KernelManager": own} if os.name == "posix" else {})


def _notebook(name: str) -> Path:
    known = notebooks()
    if name not in known:
        raise UnknownNameError([Mistake(f'no report "{name}": {did_you_mean(name, known)}', "csim report")])
    return known[name]


def parameters_of(path: Path) -> dict[str, Any]:
    """The parameters of a report notebook and their defaults, as papermill sees them."""
    import ast

    import papermill

    found = papermill.inspect_notebook(str(path))
    return {name: ast.literal_eval(entry["default"]) for name, entry in found.items()}


def remarks_of(path: Path) -> dict[str, str]:
    """What the notebook says beside each parameter."""
    import papermill

    return {name: entry["help"] for name, entry in papermill.inspect_notebook(str(path)).items()}


def checked(given: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The given values with the types of the defaults; text is read as that type."""
    known = parameters_of(path)
    mistakes, values = [], {}
    for name, value in given.items():
        if name not in known:
            mistakes.append(Mistake(f'no parameter "{name}": {did_you_mean(name, known)}', f"-p {name}"))
            continue
        try:
            values[name] = _as_type_of(known[name], value)
        except ValueError:
            kind = "a whole number" if isinstance(known[name], int) else "a number"
            mistakes.append(Mistake(f'found "{value}", expected {kind}, such as {known[name]}', f"-p {name}"))
    mistakes += [
        Mistake(f"needs a value: write -p {name}=…", f"-p {name}")
        for name, default in known.items()
        if default is None and name not in values and name not in given
    ]
    if values.get("lang") not in (None, "en", "zh"):
        mistakes.append(Mistake(f'no language "{values["lang"]}": write en or zh', "-p lang"))
    for name in ("replications",):
        if isinstance(values.get(name), int) and values[name] < 1:
            mistakes.append(Mistake(f"{values[name]} {name}: write 1 or more", f"-p {name}"))
    if mistakes:
        raise InputError(mistakes)
    return values


def _as_type_of(default: Any, value: Any) -> Any:
    if default is None or isinstance(default, str):
        return str(value)
    if isinstance(default, bool):
        if str(value).lower() not in ("true", "false"):
            raise ValueError
        return str(value).lower() == "true"
    if isinstance(default, int):
        if isinstance(value, float) and value != int(value):
            raise ValueError
        return int(value)
    return float(value)


def parsed(pairs: Sequence[str]) -> dict[str, str]:
    """
    key=value pairs of the command line.

    Examples:
        >>> parsed(["scenario=a=b.yaml", "replications=50"])
        {'scenario': 'a=b.yaml', 'replications': '50'}
    """
    found: dict[str, str] = {}
    mistakes = []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            mistakes.append(Mistake(f'"{pair}" is no parameter: write key=value', "-p"))
        elif key in found:
            mistakes.append(Mistake(f'"{key}" is given twice: keep one', "-p"))
        found[key.strip()] = value
    if mistakes:
        raise InputError(mistakes)
    return found


def describe() -> str:
    """What reports there are, what each is for, and its parameters with their defaults."""
    import nbformat

    lines = []
    for name, path in notebooks().items():
        cells = nbformat.read(path, as_version=4)["cells"]
        first = next((cell["source"] for cell in cells if cell["cell_type"] == "markdown"), "")
        lines.append(f"{name}: {inspect.cleandoc(first).splitlines()[0].lstrip('# ')}")
        told = remarks_of(path)
        for parameter, default in parameters_of(path).items():
            kind = "needed" if default is None else "optional" if default == "" else f"default {default}"
            lines.append(f"  -p {parameter}=…  ({kind})" + (f"  {told[parameter]}" if told[parameter] else ""))
    return "\n".join(lines)

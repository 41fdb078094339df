"""The command line. Results go to stdout, progress and notes to stderr; exit codes as in README.md."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from csim.cli import centre, fitting, forecasting, judging, linting, page, reports, terms, tuning, watching
from csim.cli.shared import app
from csim.errors import InputError

__all__ = [
    "app",
    "centre",
    "fitting",
    "forecasting",
    "judging",
    "linting",
    "main",
    "page",
    "reports",
    "terms",
    "tuning",
    "watching",
]


def main() -> None:
    """Runs a command; a mistake in the input ends with its message and exit code 2."""
    gc.set_threshold(100_000)  # imports make objects and no garbage: looking for it took a tenth of a start
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a character shows "?", it never crashes
    try:
        app()
    except InputError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    except SystemExit as ended:
        if ended.code == 130:  # Ctrl-C, which typer has made an exit of
            print("stopped", file=sys.stderr)
        raise
    finally:
        gc.freeze()  # what is left goes with the process: looking for garbage in it took a tenth of a second twice


def version(show: bool) -> None:
    if show:
        from csim import __version__

        typer.echo(f"csim {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Simulate call and chat centres, and plan the contracts that buy their service."""

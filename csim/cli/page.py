"""The workbench as a web page on this machine."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from csim.cli.shared import app
from csim.console import note
from csim.errors import InputError, Mistake

# Nothing is fetched from elsewhere: voila's own page names two style sheets of a public server, for icons.
POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws: wss:; frame-ancestors 'self'"


@app.command()
def page(
    folder: Annotated[
        Path, typer.Argument(help="Whose scenarios may be chosen; variants go to its folder varied.")
    ] = Path("scenarios"),
    port: Annotated[int, typer.Option(help="Where it listens.")] = 8866,
    ip: Annotated[str, typer.Option(help="Whom it listens to; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Sliders as a web page: staffing, volume, patience …, in English and Chinese (needs voila)."""
    for module in ("voila", "ipywidgets"):
        if importlib.util.find_spec(module) is None:
            raise InputError([Mistake(f"the page needs {module}: pip install csim[web]")])
    if not folder.is_dir():
        raise InputError([Mistake("no such folder: name one that holds scenarios", "", str(folder))])
    note(f"csim: http://{ip}:{port}/  (Ctrl-C ends it)")
    with resources.as_file(resources.files("csim.explore") / "page.ipynb") as notebook:
        options = [
            f"--Voila.ip={ip}", f"--port={port}", "--Voila.port_retries=0", "--show_tracebacks=False",
            "--VoilaConfiguration.allow_template_override=NO", "--VoilaConfiguration.allow_theme_override=NO",
            f"--Voila.tornado_settings={{'headers': {{'Content-Security-Policy': \"{POLICY}\"}}}}",
            "--MappingKernelManager.cull_idle_timeout=1800", "--MappingKernelManager.cull_interval=60",
            *([] if browser else ["--no-browser"]),
        ]  # fmt: skip
        environment = os.environ | {"CSIM_SCENARIOS": str(folder.resolve())}
        with subprocess.Popen([sys.executable, "-m", "voila", str(notebook), *options], env=environment) as server:
            signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # who ends csim ends the page
            code = server.wait()
    raise typer.Exit(max(code, 0))  # ended by a signal, as asked

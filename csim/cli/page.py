"""The workbench as a web page on this machine."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from csim.cli.shared import app
from csim.console import note
from csim.errors import InputError, Mistake


@app.command()
def page(
    folder: Annotated[
        Path, typer.Argument(help="Whose scenarios may be chosen; variants go to its folder varied.")
    ] = Path("scenarios"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")] = 8866,
    ip: Annotated[str, typer.Option(help="Whom it listens to; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Sliders as a web page: staffing, volume, patience …, in English and Chinese (needs voila)."""
    for module in ("voila", "ipywidgets"):
        if importlib.util.find_spec(module) is None:
            raise InputError([Mistake(f"the page needs {module}: pip install csim[web]")])
    if not folder.is_dir():
        raise InputError([Mistake("no such folder: name one that holds scenarios", "", str(folder))])
    _free(ip, port)
    note(f"csim: http://{ip}:{port}/  (Ctrl-C ends it)")
    with resources.as_file(resources.files("csim.explore")) as room, TemporaryDirectory(prefix="csim-page-") as own:
        # A copy, since a kernel writes beside its settings. They forbid a page to fetch anything from
        # elsewhere (voila's own names two style sheets of a public server) and keep its chatter off the terminal.
        settings = shutil.copytree(room / "served", Path(own) / "served")
        options = [f"--Voila.ip={ip}", f"--port={port}", f"--Voila.config_file_paths={settings}"]
        environment = os.environ | {
            "CSIM_SCENARIOS": str(folder.resolve()), "IPYTHONDIR": str(settings), "PYTHONWARNINGS": "ignore"
        }  # fmt: skip
        command = [sys.executable, "-m", "voila", str(room / "page.ipynb"), *options]
        with subprocess.Popen([*command, *([] if browser else ["--no-browser"])], env=environment) as server:
            signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # who ends csim ends the page
            try:
                code = server.wait()
            except KeyboardInterrupt:  # sent to csim alone, it must reach the server, too
                server.terminate()
                raise
    raise typer.Exit(max(code, 0))  # ended by a signal, as asked


def _free(ip: str, port: int) -> None:
    """Refuses a port that is taken: the server would silently listen elsewhere than was announced."""
    try:
        socket.create_server((ip, port), family=socket.AF_INET6 if ":" in ip else socket.AF_INET).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "the port is taken: write another" if taken else f"cannot listen at {ip}: {error.strerror}"
        raise InputError([Mistake(why, f"--port {port}")]) from None

"""A page printed to PDF by an installed browser."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from csim.errors import InputError, Mistake

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
PLACES = (
    "Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "Program Files/Microsoft/Edge/Application/msedge.exe",
    "Program Files/Google/Chrome/Application/chrome.exe",
)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--no-pdf-header-footer",
)  # fmt: skip


def browser() -> str | None:
    """The command of an installed chromium, Chrome or Edge."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    candidates = [Path(f"{drive}:/{place}") for drive in "CD" for place in PLACES]
    candidates += [Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")]
    candidates += [Path("/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge")]
    return next((str(path) for path in candidates if path.exists()), None)


def pdf_of(page: str, target: Path) -> None:
    """
    Prints a self-contained page to *target*.

    Raises:
        InputError: The browser could not print it, or there is none (see `browser`).
    """
    command = browser() or "chromium"
    with tempfile.TemporaryDirectory(prefix="csim-pdf-") as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        flags = [*QUIET, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}"]
        done = subprocess.run(
            [command, *flags, source.as_uri()], capture_output=True, text=True, timeout=180, check=False
        )
        if done.returncode or not target.exists() or not target.stat().st_size:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise InputError([Mistake(f"{Path(command).name} could not print the page: {' '.join(last)}", "--pdf")])

"""Pages printed to PDF by an installed browser, and made to fit on one sheet."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
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

ZOOMS = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.52, 0.45)


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


def fitted(page: Callable[[float], str], target: Path) -> str:
    """
    Prints a page to one sheet, as large as that allows, and returns it.

    Args:
        page: Gives the page as it is printed at a zoom.

    Raises:
        InputError: It fits at no zoom that can be read, or could not be printed.
    """
    for zoom in ZOOMS:
        text = page(zoom)
        pdf_of(text, target)
        if sheets_of(target.read_bytes()) == 1:
            return text
    raise InputError([Mistake("it does not fit on one page: render it without --one-page", "--one-page")])


def sheets_of(pdf: bytes) -> int:
    """
    How many sheets a PDF of the browser has.

    Examples:
        >>> sheets_of(b"<</Type /Pages /Count 2>> <</Type /Page /Parent 1 0 R>> <</Type /Page>>")
        2
    """
    return len(re.findall(rb"/Type\s*/Page\b", pdf))

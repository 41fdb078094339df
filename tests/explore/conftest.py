"""A real browser, and servers on this machine only for it to look at."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from csim.report.pdf import browser as installed_browser

ROOT = Path(__file__).parents[2]
# names resolve nowhere: what wants to leave this machine fails, on any machine
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


@pytest.fixture(scope="module")
def browser():
    """An installed chromium, driven by playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser is driven")
    if installed_browser() is None:
        pytest.skip("no chromium, Chrome or Edge is installed: pages are not looked at")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=installed_browser(), args=FLAGS)
        yield found
        found.close()


class Visit:
    """A page of the browser that remembers what it asked for, and what of that was answered from elsewhere."""

    def __init__(self, browser):
        self.page = browser.new_page(viewport={"width": 1300, "height": 1000})
        self.asked, self.answered = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", lambda response: self.answered.append(response.url))

    def card(self, key="service_level"):
        """The number of a card."""
        return self.page.locator(f'[data-key="{key}"] .value').first.inner_text()

    def wait_for_card(self, text, key="service_level"):
        """Until a card shows this number."""
        self.page.wait_for_function(
            "([key, text]) => [...document.querySelectorAll(`[data-key='${key}'] .value`)]"
            ".some(found => found.textContent === text)",
            arg=[key, text], timeout=60_000,
        )  # fmt: skip

    def elsewhere(self, urls):
        """The addresses that are not of this machine."""
        here = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        return sorted({url for url in urls if not url.startswith(here)})


@pytest.fixture
def visit(browser):
    """A new page."""
    found = Visit(browser)
    yield found
    found.page.close()


@contextmanager
def serving(command, path, folder, **environment):
    """A server of this interpreter on a free port, until it answers; `{port}` in the command is that port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = (folder / "server.log").open("w")
    homes = {
        name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    known = os.environ | {"HOME": str(folder), "PYTHONPATH": str(ROOT)} | homes | environment
    words = [word.replace("{port}", str(port)) for word in command]
    server = subprocess.Popen([sys.executable, "-m", *words], cwd=folder, env=known, stdout=told, stderr=told)
    address = f"http://127.0.0.1:{port}{path}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/static/nothing", timeout=5)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if server.poll() is not None:
                    pytest.fail((folder / "server.log").read_text())
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        told.close()
        with socket.socket() as left:
            assert left.connect_ex(("127.0.0.1", port)), "who ended csim left its page running"


@pytest.fixture
def copied(tmp_path):
    """The notebooks and scenarios of the repository in a folder of their own."""
    for name in ("notebooks", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path

"""In a real browser: the first planner notebook in JupyterLab, and the page of sliders, in both languages."""

import os

import pytest

import csim
from csim.display.numbers import shown

from .conftest import ROOT, serving

CENTRES = ROOT / "scenarios/centres"
# What voila's own page names elsewhere, for icons; the page's policy keeps the browser from asking for them.
VOILA_NAMES = [
    f"https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@%5E5/css/{name}.min.css"
    for name in ("all", "v4-shims")
]


def level(centre, seed, lang="en", **positions):
    """What csim.simulate says of a centre with these sliders moved."""
    explorer = csim.explore(CENTRES / f"{centre}.yaml", seed=seed)
    changes = explorer.focus.changes | explorer.focus.moved(positions)
    scenario = csim.load_scenario(CENTRES / f"{centre}.yaml").vary(changes)
    return shown(csim.simulate(scenario, explorer.focus.replications, seed).value("service_level"), "share", lang)


def slide(visit, name, presses):
    """Moves the slider of this name by so many steps, with the keyboard."""
    slider = (
        visit.page.locator(".widget-slider", has=visit.page.get_by_text(name, exact=True)).get_by_role("slider").last
    )
    slider.focus()
    for _ in range(abs(presses)):
        slider.press("ArrowRight" if presses > 0 else "ArrowLeft")


def test_the_page_shows_another_number_than_csim_simulate(visit, tmp_path):
    """The page opens in English, a slider moves its card to the number of csim.simulate, and Chinese shows the same."""
    command = ["csim", "page", str(ROOT / "scenarios"), "--port", "{port}", "--no-browser"]
    with serving(command, "/", tmp_path) as address:
        visit.page.goto(f"{address}?scenario=first_chat", timeout=60_000)
        visit.wait_for_card(level("first_chat", 1))
        slide(visit, "Agents", 2)
        visit.wait_for_card(level("first_chat", 1, agents=7))
        visit.page.get_by_role("button", name="中文").click()
        visit.wait_for_card(level("first_chat", 1, "zh", agents=7))
        said = visit.page.locator("body").inner_text()
        assert "假设推演：first-chat" in said
        assert "坐席数（人）" in said
        # an address with mistakes: messages, no traceback, and a page that works
        visit.page.goto(f"{address}?scenario=../../../etc/passwd&lang=fr&staffing=much&who=me", timeout=60_000)
        visit.wait_for_card(level("first_voice", 1))
        said = visit.page.locator("body").inner_text()
        for part in (
            'no scenario "../../../etc/passwd"',
            'no language "fr"',
            '"much" is no position',
            'no parameter "who"',
        ):
            assert part in said
        assert "Traceback" not in said
        assert visit.elsewhere(visit.answered) == []
        assert visit.elsewhere(visit.asked) in ([], VOILA_NAMES)


@pytest.mark.slow
def test_the_notebook_shows_another_number_than_csim_simulate(visit, copied):
    """Run All Cells of the first notebook ends with sliders; one that is moved shows the number of csim.simulate."""
    command = [
        "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port={port}", "--ServerApp.port_retries=0",
        "--allow-root", "--IdentityProvider.token=sesame", f"--notebook-dir={copied}",
    ]  # fmt: skip
    settings = copied / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # else cells out of sight are no part of the page
    told = {"JUPYTERLAB_SETTINGS_DIR": str(copied / "settings")}
    with serving(command, "/lab/tree/notebooks/01_a_day_in_the_centre.ipynb", copied, **told) as address:
        page = visit.page
        page.goto(f"{address}?token=sesame", timeout=60_000)
        page.wait_for_selector(".jp-Notebook", timeout=90_000)
        page.get_by_text("| Idle").wait_for(timeout=90_000)  # a kernel that has not started runs nothing
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells").first.click()
        page.wait_for_selector("text=What an outage costs", timeout=90_000, state="attached")
        cards = page.locator('[data-key="service_level"]')
        cards.first.wait_for(state="attached", timeout=120_000)
        cards.first.scroll_into_view_if_needed()
        visit.wait_for_card(level("first_voice", 7))
        slide(visit, "Volume (× plan)", 2)
        visit.wait_for_card(level("first_voice", 7, volume=1.1))
        page.get_by_role("button", name="中文").click()
        visit.wait_for_card(level("first_voice", 7, "zh", volume=1.1))
        if shots := os.environ.get("CSIM_SHOTS"):
            page.screenshot(path=f"{shots}/lab.png")
        assert visit.elsewhere(visit.asked) == []

"""Results: whatever csim returns answers in a sentence, as a table, a figure, a workbook and in a notebook."""

import dataclasses
import functools
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import matplotlib.axes
import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pytest

import csim
from csim.contract.load import read_contract
from csim.display.result import Result
from csim.raters.raters import rated
from csim.reconcile.reconcile import reconcile

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WILD = '<script>alert("1")</script>{{7*7}}'
FORMULA = '=HYPERLINK("http://x")'
# what goes in, a piece of a page, a part of a statement, a line of `lint`, a place on disk, the protocol itself
PARTS = {"Scenario", "Contract", "Html", "PoolShares", "Finding", "Path", "Result"}
FACTS = {"service_level": "78%", "answer_rate": "96%", "fcr": "86%", "qa_pass_rate": "96%"}


@functools.cache
def centre():
    """A centre whose names are markup and formulas."""
    data = csim.load_scenario(SCENARIOS / "centres/first_voice.yaml").data
    queue, group = dict(data["queues"]["calls"], answer_within="60 s"), dict(data["groups"]["team"])
    return csim.load_scenario(
        {**data, "name": WILD, "queues": {FORMULA: queue}, "groups": {WILD: {**group, "serves": [FORMULA]}}}
    )


@functools.cache
def agreed(name):
    """A contract of the same kind."""
    data = read_contract(SCENARIOS / f"contracts/{name}.yaml").data
    return csim.load_contract({**data, "name": WILD, "buyer": FORMULA, "vendor": FORMULA})


@functools.cache
def simulated():
    return csim.simulate(centre(), replications=3, seed=7)


def compared():
    return csim.compare([centre(), centre()], replications=2, labels=[WILD, FORMULA])


def stated():
    table = pd.DataFrame({"month": "2026-03", "kpi": list(FACTS), "value": list(FACTS.values()), "sample": 90000})
    return csim.settle(agreed("hotline_400"), table)


def looked_out():
    hotline = csim.load_scenario(SCENARIOS / "centres/hotline_400.yaml").vary({"calendar.days": 2})
    unmeasured = pd.DataFrame({"kpi": ["fcr"], "value": ["86%"], "sample": [8000]})
    return csim.settle(agreed("hotline_400"), csim.simulate(hotline, 2, seed=7), kpis=unmeasured)


def answered():
    return csim.best_response(agreed("linear_credit"), centre(), [14, 20], "agents", cost_per_hour=40, replications=44)


def judged():
    return csim.operating_characteristic(
        agreed("linear_credit"), centre(), [12, 22], "agents", replications=30, cycles=["week"]
    )


def log(**contacts):
    rows = {"queue": "calls", "arrival": "2026-03-02T09:00+08:00", "wait_s": 5.0, "talk_s": 60.0, "outcome": "answered"}
    return pd.DataFrame([{"contact_id": name, **rows, **more} for name, more in contacts.items()])


def reconciled():
    ours = log(**{WILD: {}, "b": {"agent": FORMULA}})
    return reconcile(ours, log(**{FORMULA: {}, "b": {"agent": "Bo"}}))


def scored():
    table = pd.DataFrame(
        {"contact_id": ["1", "1", "2", "2"], "rater": [WILD, FORMULA] * 2, "score": [90, 80, 70, 65],
         "month": "2026-03"}
    )  # fmt: skip
    return rated(table)


def played():
    return csim.games(agreed("linear_credit"), centre(), [0.9, 1.0], cost_per_hour=40, replications=44)


def relieved():
    return csim.relief(agreed("linear_credit"), centre(), over=0.10, replications=44)


def priced():
    levels = {"levels": [14, 22], "lever": "agents", "cost_per_hour": 40, "replications": 44}
    return csim.fair_price(agreed("linear_credit"), centre(), [0.7, 0.9], **levels)


def tuned():
    return csim.tune(
        agreed("linear_credit"), centre(), ["price", "kpis.service_level.per_point"], ["service_level>=80%"],
        levels=[14, 17, 20], lever="agents", cost_per_hour=40, candidates=60, replications=44, robust=False,
    )  # fmt: skip


def watched():
    return csim.month_to_date(*running_month())


def running_month():
    hotline = csim.load_scenario(SCENARIOS / "centres/hotline_400.yaml").vary({"calendar.days": 3})
    contacts = csim.simulate(hotline, 1, seed=7, keep_contacts=True).contacts
    return agreed("hotline_400"), contacts


def fitted():
    """Fitted to a log whose queue and group are markup and formulas."""
    contacts = csim.simulate(centre().vary({"calendar.days": 8}), 1, seed=7, keep_contacts=True).contacts
    source = {"log": WILD, "log_hash": FORMULA}
    return csim.fit(contacts[contacts.index % 4 == 0], interval="30 min", holdout="25%", name=WILD, source=source)


MADE = {
    "Simulation": simulated, "Comparison": compared, "ServiceForecast": lambda: csim.service_forecast(centre(), 3),
    "Statement": stated, "Outlook": looked_out, "BestResponse": answered, "OperatingCharacteristic": judged,
    "Reconciliation": reconciled, "Ratings": scored, "MonthToDate": watched, "Games": played,
    "Relief": relieved, "FairPrice": priced, "Tuning": tuned,
    "Fit": fitted, "Backtest": lambda: made("Fit").backtest(replications=2),
}  # fmt: skip


@functools.cache
def made(name):
    return MADE[name]()


def result_classes():
    """Every class of csim that a notebook shows, and every data class that a function of the façade returns."""
    shown, data_classes = {}, {}
    for module in pkgutil.walk_packages(csim.__path__, "csim."):
        if module.name not in ("csim.__main__", "csim.display.fonts.make_fonts"):
            for thing in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(thing) and thing.__module__ == module.name:
                    shown |= {thing.__name__: thing} if "_repr_html_" in vars(thing) else {}
                    data_classes |= {thing.__name__: thing} if dataclasses.is_dataclass(thing) else {}
    functions = [getattr(csim, name) for name in csim.__all__ if inspect.isfunction(getattr(csim, name))]
    returned = " ".join(str(inspect.signature(function).return_annotation) for function in functions)
    answers = {word: data_classes[word] for word in re.findall(r"\w+", returned) if word in data_classes}
    return {name: thing for name, thing in (shown | answers).items() if name not in PARTS}


def test_a_result_is_forgotten():
    """Every class that a notebook shows, and whatever a function of the façade returns, can be asked in all ways."""
    found = result_classes()
    assert set(MADE) <= set(found)
    asked = ["summary", "to_frame", "plot", "to_excel", "to_html", "_repr_html_"]
    lacking = {name: [way for way in asked if not hasattr(thing, way)] for name, thing in found.items()}
    assert {name: ways for name, ways in lacking.items() if ways} == {}


@pytest.mark.parametrize("name", MADE)
def test_a_result_cannot_be_asked(name):
    """A result is a frozen data class that has all the ways to be asked."""
    result = made(name)
    assert type(result).__name__ == name
    assert isinstance(result, Result)
    assert type(result).__dataclass_params__.frozen


@pytest.mark.parametrize("name", MADE)
def test_a_summary_is_in_one_language(name):
    """The summary is a text in each language, the Chinese one in Chinese; it has a default."""
    result = made(name)
    english, chinese = result.summary("en"), result.summary("zh")
    assert result.summary() == english != chinese
    for text in (english, chinese):
        assert isinstance(text, str)
        assert text.strip()
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


@pytest.mark.parametrize("name", MADE)
def test_a_frame_is_no_table(name):
    """The frame is a DataFrame with rows and one name for each column."""
    frame = made(name).to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame)
    assert frame.columns.is_unique


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", MADE)
def test_a_figure_is_no_axes(name, lang):
    """The plot returns Axes with a title and named axes, in either language, without a glyph missing."""
    axes = made(name).plot(lang=lang)
    assert isinstance(axes, matplotlib.axes.Axes)
    assert axes.get_title(loc="left") or axes.get_title()
    assert any(one.get_xlabel() or one.get_ylabel() for one in axes.figure.axes)
    axes.figure.canvas.draw()
    plt.close(axes.figure)


@pytest.mark.parametrize("name", MADE)
def test_a_workbook_holds_formulas_from_names(name, tmp_path):
    """The workbook has its tables, says where they come from, and no name in it is a formula or a link."""
    path = made(name).to_excel(tmp_path / "result.xlsx")
    assert path == tmp_path / "result.xlsx"
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 3
    for cell in cells:
        assert cell.hyperlink is None
        assert not (cell.data_type == "f" and str(cell.value).startswith((FORMULA, "=HYPERLINK")))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", MADE)
def test_a_notebook_executes_a_name(name):
    """What a notebook shows begins with the answer, and names in it are text."""
    result = made(name)
    shown, chinese = result._repr_html_(), result.to_html("zh")
    assert shown == result.to_html("en")
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert "<script" not in shown + chinese
    first = shown.partition("<thead")[0]  # a caption stands above its table
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", first)).strip()
    assert len(plain) > 15, "no answer before the first row"
    assert 'scope="col"' in shown or 'scope="row"' in shown

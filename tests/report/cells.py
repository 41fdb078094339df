"""Reports made in this process, cell by cell: quicker than a kernel, and their figures can be looked at."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

import csim
from csim.display import figures
from csim.report.bound import Bound
from csim.report.html import bound_of
from csim.report.parameters import notebooks

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"


def calibration(folder: Path) -> dict[str, Any]:
    """Two weeks of a small centre's log."""
    scenario = csim.load_scenario(SCENARIOS / "centres/first_voice.yaml").vary({"calendar.days": 12})
    contacts = csim.simulate(scenario, 1, seed=7, keep_contacts=True).contacts
    contacts[contacts.index % 8 == 0].to_parquet(folder / "two_weeks.parquet")
    return {"log": str(folder / "two_weeks.parquet"), "interval": "30 min", "replications": 2}


def month_to_date(folder: Path) -> dict[str, Any]:
    """Eight days of a hotline's log, every twentieth call late."""
    days = pd.date_range("2026-03-01T09:00+08:00", periods=8, freq="D")
    rows = [
        {"contact_id": f"{day:%d}-{i}", "queue": "hotline", "arrival": day + pd.Timedelta(minutes=i),
         "wait_s": 5.0 if i % 20 else 90.0, "outcome": "answered"}
        for day in days for i in range(100)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "log.csv", index=False)
    contract = str(SCENARIOS / "contracts/hotline_400.yaml")
    return {"contract": contract, "log": str(folder / "log.csv"), "as_of": "2026-03-08", "replications": 50}


CLAUSES: dict[str, Any] = {
    "contract": str(SCENARIOS / "contracts/hotline_400.yaml"),
    "scenario": str(SCENARIOS / "centres/hotline_400.yaml"), "levels": "0.9,1.0", "cost_per_hour": "35",
    "harm_abandon": "20", "replications": 2,
}  # fmt: skip
FORECAST = {"scenario": str(SCENARIOS / "centres/first_voice.yaml"), "replications": 3}
SETTLEMENT = {
    "contract": str(SCENARIOS / "contracts/double_11.yaml"),
    "kpis": str(SCENARIOS / "contracts/double_11_kpis.csv"), "month": "2026-11", "vendor": "B",
}  # fmt: skip
RENEWAL: dict[str, Any] = {
    "contract": str(SCENARIOS / "contracts/hotline_400.yaml"),
    "scenario": str(SCENARIOS / "centres/hotline_400.yaml"), "levels": "0.8,0.95,1.1", "replications": 2,
    "candidates": 100, "harm_abandon": 20.0,
    "terms": "price=350000..450000..10000, at_risk=12%..40%..4%, kpis.answered.level=90%..95%..1%, "
    "kpis.quality.level=92%..95%..1%", "gaming": False, "robust": False,
}  # fmt: skip
# What each report needs to be made quickly; a new report gets a line here, and all that holds for reports is held.
CHEAP: dict[str, Callable[[Path], dict[str, Any]]] = {
    "calibration": calibration,
    "clause_check": lambda _: CLAUSES,
    "month_to_date": month_to_date,
    "renewal": lambda _: RENEWAL,
    "service_forecast": lambda _: FORECAST,
    "settlement": lambda _: SETTLEMENT,
}


@dataclass
class Made:
    """A report bound, and what every figure of it was drawn with."""

    bound: Bound
    figures: list[dict[str, Any]] = field(default_factory=list)


def made(name: str, lang: str, folder: Path, monkeypatch: Any, audience: str = "internal", **more: Any) -> Made:
    """Runs the cells of a report's notebook here; what the last line of a cell gives is what the cell shows."""
    drawn: list[dict[str, Any]] = []
    draw = figures.figure_html

    def watched(axes: Any, number: int, alt: str, lang: str = "en") -> str:
        figure = axes.figure
        drawn.append(
            {"titles": [a.get_title(loc="left") or a.get_title() for a in figure.axes],
             "labels": [(a.get_xlabel(), a.get_ylabel()) for a in figure.axes],
             "texts": [text.get_text() for text in figure.texts]}
        )  # fmt: skip
        return draw(axes, number, alt, lang)

    monkeypatch.setattr(figures, "figure_html", watched)
    notebook = nbformat.read(notebooks()[name], as_version=4)
    names: dict[str, Any] = {}
    given = {**CHEAP[name](folder), "lang": lang, "audience": audience, **more}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        shown = run(cell["source"], names)
        if "parameters" in cell["metadata"].get("tags", ()):
            names.update({key: value for key, value in given.items() if key in names})
        if hasattr(shown, "_repr_html_"):
            cell["outputs"] = [nbformat.v4.new_output("display_data", {"text/html": shown._repr_html_()})]
    done = folder / f"{name}-{lang}.ipynb"
    nbformat.write(notebook, done)
    return Made(bound_of(done, lang, audience), drawn)


def run(source: str, names: dict[str, Any]) -> Any:
    """Runs a cell; what its last line gives, if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)

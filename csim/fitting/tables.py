"""Fits and backtests as text for a console, as JSON and as workbooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from csim.display.excel import write_workbook
from csim.display.grids import text_table
from csim.display.tables import as_json
from csim.fitting.telling import FitTelling
from csim.fitting.verdict import Verdict

if TYPE_CHECKING:
    from csim.fitting.backtest import Backtest
    from csim.fitting.result import Fit


def fit_text(fit: Fit, lang: str = "en") -> str:
    """The sentences, then the table of parameters."""
    telling = FitTelling(fit, lang)
    return "\n".join([*telling.sentences(), "", text_table(*telling.parameters(), right=(3,))])


def backtest_text(found: Backtest, lang: str = "en") -> str:
    """The verdict, real against simulated, and where the error comes from."""
    verdict = Verdict(found, lang)
    left_out = FitTelling(found.fit, lang).left_out(found.left_out)
    return "\n".join(
        [
            verdict.sentence(), *verdict.hours(), *verdict.remarks(), *left_out, "",
             text_table(*verdict.pooled(), right=(1, 2, 4)), "", text_table(*verdict.steps(), right=(1, 2, 3, 4)),
            verdict.words("back_chain_note"),
        ]
    )  # fmt: skip


def fit_json(fit: Fit, found: Backtest | None = None, lang: str = "en") -> str:
    """Parameters, special days, notes and, where there is one, the backtest."""
    special = fit.special_days
    content: dict[str, Any] = {
        "parameters": fit.parameters, "special_days": special.assign(date=special["date"].astype(str)),
        "notes": [note.text(lang) for note in fit.notes], "provenance": fit.provenance,
    }  # fmt: skip
    if found is not None:
        verdict = Verdict(found, lang)
        content["backtest"] = json.loads(
            as_json(
                {
                    "grade": verdict.grade, "verdict": found.summary(lang), "pooled": found.pooled,
                    "decomposition": found.decomposition, "by_interval": found.by_interval, "by_day": found.by_day,
                    "coverage": found.coverage, "left_out": found.left_out, "provenance": found.provenance,
                }
            )
        )  # fmt: skip
    return as_json(content)


def to_excel(fit: Fit, path: Path) -> Path:
    """A workbook of a fit."""
    staffing = pd.concat(
        [
            pd.DataFrame(
                {
                    "group": group, "date": str(date), "time": fit.seen.clock,
                    "agents": fit.staffing.heads[number, day], "strict": fit.staffing.low[number, day],
                    "mild": fit.staffing.high[number, day],
                }
            )
            for number, group in enumerate(fit.groups)
            for day, date in enumerate(fit.seen.dates)
        ],
        ignore_index=True,
    )  # fmt: skip
    sheets = {
        "parameters": fit.parameters, "volumes": fit.volumes, "staffing": staffing, "special days": fit.special_days,
    }  # fmt: skip
    return write_workbook(path, sheets, fit.provenance)


def backtest_to_excel(found: Backtest, path: Path) -> Path:
    """A workbook of a backtest."""
    return write_workbook(
        path,
        {
            "pooled": found.pooled, "by interval": found.by_interval, "by day": found.by_day,
            "by weekday": found.by_weekday, "by queue": found.by_queue, "where the error is": found.decomposition,
        },
        found.provenance,
    )  # fmt: skip

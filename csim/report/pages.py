"""
The reports as the parts of a page: what their notebooks show, cell by cell, in English or Chinese.

    page = csim.pages.ForecastPage(csim.service_forecast("centre.yaml"), "zh")
    page.answer()

`shown`           any result in a language: csim.pages.shown(sim, "zh")
`table`           a small table: csim.pages.table(["agents", "level"], rows)
`conflicts`       which of a scenario's targets cannot hold together, in words
`ClauseCheckPage` which clause misjudges, what the terms buy, which hole is open
`ForecastPage`    will the service hold, by how much, where does the day break
`MonthToDatePage` where the running month heads, what the remaining days need, what it may cost
`RenewalPage`     before a renewal: what to change, what it costs, why the vendor will still sign
`SettlementPage`  what is owed for a month, what drove it, and how sure that is
"""

from csim.report.calibration import CalibrationPage
from csim.report.clause_check import ClauseCheckPage
from csim.report.conflicts import conflicts
from csim.report.month_to_date import MonthToDatePage
from csim.report.page import ForecastPage
from csim.report.parts import shown, table
from csim.report.renewal import RenewalPage
from csim.report.settlement import SettlementPage

__all__ = [
    "CalibrationPage",
    "ClauseCheckPage",
    "ForecastPage",
    "MonthToDatePage",
    "RenewalPage",
    "SettlementPage",
    "conflicts",
    "shown",
    "table",
]

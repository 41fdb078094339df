"""
csim: what a contact centre will do, and how sure that is.

The story, from left to right: a scenario is simulated (or a real log is read), contacts are measured,
the report says whether the service will hold, and a contract says what is owed for it.

    scenario = csim.load_scenario("centre.yaml")
    sim = csim.simulate(scenario, replications=200, seed=7)
    sim.kpis

`load_scenario`    a checked scenario from a YAML file or a dict
`Scenario`         what it returns
`simulate`         replications of a scenario
`Simulation`       what it returns: KPIs with intervals, by queue, vendor, group, month, day, interval
`compare`          scenarios side by side on common random numbers
`Comparison`       what it returns
`measure`          the same KPIs from any contact log
`read_contacts`    a contact log from a file
`catalogue`        every KPI: definition, unit, direction, sector value
`service_forecast` a simulation read against its targets: will it hold, where does it break
`ServiceForecast`  what it returns
`forecast`         the arrivals of the next days by interval, with prediction intervals
`erlang`           Erlang A and C: the exact answers beside the simulation
`fit`              a scenario calibrated on a contact log, and how far to trust it
`Fit`              what it returns: parameters with intervals, the scenario, a backtest on days it has not seen
`load_contract`    a contract that can be settled, from a YAML file, a workbook or a dict
`Contract`         what it returns
`lint`             what a contract's terms get wrong, and what to write instead
`settle`           a month's statement from a log or a KPI table; of a simulation, all its months
`Statement`        what it returns: every line with its clause, money and reason
`Outlook`          what it returns of a simulation: the distribution of the payment
`operating_characteristic`  how reliably each clause judges, by cycle
`best_response`    the vendor's most profitable staffing under the terms, and what the buyer wants
`tune`             better terms: least cost, the vendor signs, its best answer is the wished service
`explore`          what if, by sliders in JupyterLab
`month_to_date`    where a running month heads: value so far, probability of each penalty, level still needed
`games`            what a vendor gains by serving the measure instead of the customer, and which clauses close that
`relief`           what "volume above the forecast does not count" is worth, by day and by month
`fair_price`       the price per contact at each promised level
`render`           a report from its notebook
`pages`            what the report notebooks show: each report as the parts of a page, in English or Chinese
`InputError`       what is raised for input that cannot be used
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load_scenario": "csim.scenario.load",
    "Scenario": "csim.scenario.load",
    "simulate": "csim.experiment.simulate",
    "Simulation": "csim.experiment.simulation",
    "compare": "csim.experiment.compare",
    "Comparison": "csim.experiment.compare",
    "measure": "csim.kpi.measure",
    "read_contacts": "csim.contacts.read",
    "catalogue": "csim.kpi.catalogue",
    "erlang": "csim.staffing.erlang",
    "forecast": "csim.fitting.forecast",
    "service_forecast": "csim.report.forecast",
    "ServiceForecast": "csim.report.forecast",
    "fit": "csim.fitting.fit",
    "Fit": "csim.fitting.result",
    "load_contract": "csim.contract.load",
    "Contract": "csim.contract.load",
    "lint": "csim.contract.lint",
    "settle": "csim.settlement.settle",
    "Statement": "csim.settlement.statement",
    "Outlook": "csim.settlement.outlook",
    "operating_characteristic": "csim.terms.judging.characteristic",
    "best_response": "csim.terms.answering.response",
    "tune": "csim.terms.tuning.tuning",
    "explore": "csim.explore",
    "month_to_date": "csim.watch.month_to_date",
    "games": "csim.terms.gaming.games",
    "relief": "csim.terms.pricing.relief",
    "fair_price": "csim.terms.pricing.price",
    "render": "csim.report.render",
    "pages": "csim.report.pages",
    "InputError": "csim.errors",
}
__all__ = list(_HOMES)
_MODULES = ("erlang", "pages", "explore")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'csim' has no attribute {name!r}")
    home = importlib.import_module(_HOMES[name])
    value = home if name in _MODULES else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

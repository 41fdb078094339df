"""What a vendor's copy of a fit leaves out: parameters, volumes and special days that rest on a few contacts."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csim.kpi.small import suppress_small
from csim.scenario.model import WEEKDAYS

if TYPE_CHECKING:
    from csim.fitting.result import Fit

ALL = "all"


def parameters_told(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """`Fit.parameters` without the volumes of weekdays, and without the queues, that rest on a few contacts."""
    if fit.least <= 1:
        return table
    blank, shown = math.nan, ("value", "low", "high")
    by_weekday = _contacts(fit).sum(2)
    sizes = {
        (name, f"per_day_{weekday}"): float(size)
        for name, row in zip((*fit.seen.queues, ALL), (*by_weekday, by_weekday.sum(0)), strict=True)
        for weekday, size in zip(WEEKDAYS, row, strict=True)
    }
    volume = [sizes.get((row.of, row.parameter), blank) for row in table.itertuples()]
    few = [blank if row.of not in fit.seen.queues or row.of in fit.told else 1.0 for row in table.itertuples()]
    table = suppress_small(table.assign(volume=volume), fit.least, "volume", shown, ["of"])
    return suppress_small(table.assign(few=few), fit.least, "few", shown, ()).drop(columns=["volume", "few"])


def volumes_told(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """`Fit.volumes` without the weekdays that the parameters leave out, and the intervals of a few contacts."""
    if fit.least <= 1:
        return table
    shown = ["expected", "low", "high"]
    places = itertools.product(fit.seen.queues, WEEKDAYS, fit.seen.clock)
    contacts = dict(zip(places, _contacts(fit).ravel().tolist(), strict=True))
    few = [contacts[place] for place in zip(table["queue"], table["weekday"], table["time"], strict=True)]
    table = suppress_small(table.assign(few=few), fit.least, "few", shown, ("queue", "time")).drop(columns="few")
    gone = fit.parameters[fit.parameters["value"].isna()]
    withheld = set(zip(gone["of"], gone["parameter"], strict=True))
    of = table["queue"] if len(fit.seen.queues) > 1 else [ALL] * len(table)
    days = [(name, f"per_day_{weekday}") in withheld for name, weekday in zip(of, table["weekday"], strict=True)]
    table.loc[days, shown] = math.nan
    return table


def special_days_told(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """`Fit.special_days` without the number of contacts of a day of a few."""
    return suppress_small(table, fit.least, "contacts", (), ())


def _contacts(fit: Fit) -> np.ndarray:
    """[queue, weekday, interval] The contacts that the profile of the volumes rests on."""
    seen, ordinary = fit.seen, fit.arrivals.ordinary
    days = [ordinary & (seen.weekday == number) for number in range(len(WEEKDAYS))]
    return np.stack([seen.counts[:, mine].sum(1) for mine in days], axis=1)

"""A watch: the same contract and rules held against a log again and again, each alert said once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from csim.contract.load import Contract
from csim.display.words import Words
from csim.watch.alerts import INTERVAL_S, Alert, alerts_of, content
from csim.watch.month_to_date import MonthToDate, month_to_date
from csim.watch.rules import Rule


@dataclass
class Watch:
    """
    What is watched, and which alerts are on.

    Args:
        vendors: Whose months. rules: What raises an alert. how: Further arguments of `month_to_date`.
        interval_s: The interval of rules such as "for 3 intervals".
        for_vendor: The copy that the vendor may read, without what rests on a few contacts.
    """

    contract: Contract
    vendors: Sequence[str]
    rules: Sequence[Rule] = ()
    how: Mapping[str, Any] = field(default_factory=dict)
    interval_s: float = INTERVAL_S
    lang: str = "en"
    for_vendor: bool = False
    months: list[MonthToDate] = field(default_factory=list)
    fired: list[Alert] = field(default_factory=list)
    _played: dict[str, Any] = field(default_factory=dict)

    def look(self, contacts: pd.DataFrame) -> list[str]:
        """Holds the log against contract and rules; gives what to say: alerts that are new, or over."""
        before = {alert.key: alert for alert in self.fired}
        self.months = [
            month_to_date(self.contract, contacts, vendor=vendor, played=self._played, **self.how)
            for vendor in self.vendors
        ]
        if self.for_vendor:
            self.months = [month.for_vendor() for month in self.months]
        for old in list(self._played)[:-2]:
            del self._played[old]
        self.fired = [
            alert for month in self.months for alert in alerts_of(month, self.rules, self.lang, self.interval_s)
        ]
        on = {alert.key for alert in self.fired}
        words = Words(self.lang)
        new = [alert.what for alert in self.fired if alert.key not in before]
        return new + [words("watch_alert_over", what=alert.what) for key, alert in before.items() if key not in on]

    def text(self) -> str:
        """Every vendor's month for a console."""
        return "\n\n".join(month.text(self.lang) for month in self.months)

    def as_json(self) -> str:
        """{"months": […], "alerts": […]}."""
        found = content(self.fired, self.months)
        months = [month.content() for month in self.months]
        return json.dumps({"months": months, "alerts": found["alerts"]}, ensure_ascii=False, indent=2)

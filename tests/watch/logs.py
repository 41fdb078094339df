"""Small logs whose every number is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ZONE = "Asia/Shanghai"


def log(levels: Sequence[float], per_day: int = 100, start: str = "2026-06-01", hours: float = 10) -> pd.DataFrame:
    """
    A log of working days from 09:00 on: on each day so large a share is answered in 10 s, the rest in 60 s.

    Both kinds come evenly over the day, the late ones as evenly as may be among the early ones.
    """
    parts = []
    for number, (date, level) in enumerate(zip(pd.bdate_range(start, periods=len(levels)), levels, strict=True)):
        place = np.arange(per_day)
        late = np.floor((place + 1) * (1 - level) + 1e-9) > np.floor(place * (1 - level) + 1e-9)
        arrival = date + pd.to_timedelta(9 * 3600 + place * hours * 3600 / per_day, unit="s")
        parts.append(pd.DataFrame({
            "contact_id": [f"{number}-{i}" for i in place], "queue": "calls", "arrival": arrival.tz_localize(ZONE),
            "wait_s": np.where(late, 60.0, 10.0), "outcome": "answered",
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def july(levels: Sequence[float], **how: float) -> pd.DataFrame:
    """The same in July, with ids of its own."""
    found = log(levels, start="2026-07-01", **how)  # type: ignore[arg-type]
    return found.assign(contact_id="j" + found["contact_id"])

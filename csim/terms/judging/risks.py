"""The two risks of a clause: that a compliant vendor is punished (误罚), and that a bad one passes (漏罚)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csim.errors import InputError, Mistake
from csim.settlement.month import Terms
from csim.terms.worth.thresholds import threshold

NAN = float("nan")
RELATIVE = 0.10  # of a threshold in seconds or points
SURE, FAR = 2.0, 30.0  # standard deviations: at least so far is a level at which nothing (or all) was punished


@dataclass(frozen=True)
class Limits:
    """
    What a good and a bad vendor is, and how often each may be misjudged.

    Attributes:
        margin: How far above and below a threshold of shares they lie (of other units: 10 % of it).
        alpha: The most often that the good one may be punished. beta: The most often that the bad one may pass.
    """

    margin: float = 0.02
    alpha: float = 0.05
    beta: float = 0.10

    def __post_init__(self) -> None:
        for name in ("margin", "alpha", "beta"):
            if not 0 < getattr(self, name) < 1:
                what = f"{name} {getattr(self, name):g}: write a share above 0 and below 1, such as 0.05"
                raise InputError([Mistake(what, name)])


def risk_rows(terms: Terms, table: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """One row per clause and cycle: the two risks at the good and the bad level, and where a penalty is a coin toss."""
    judges, rows = {judge.id: judge for judge in terms.judges}, []
    groups = table.groupby(["clause", "cycle"], sort=False) if len(table) else ()
    for (name, cycle), part in groups:
        judge = judges[name]
        level = threshold(judge)
        at = NAN if level is None else float(level.number)
        sign = -1.0 if judge.better == "down" else 1.0
        gap = limits.margin if judge.unit == "share" else RELATIVE * at
        curve = Curve.of(part, sign, at)
        false_penalty, missed = curve.at(at + sign * gap), 1 - curve.at(at - sign * gap)
        first = part.iloc[0]
        rows.append({
            "clause": name, "kpi": judge.kpi, "cycle": cycle, "days": first["days"], "sample": part["sample"].mean(),
            "threshold": at, "good": at + sign * gap, "bad": at - sign * gap, "false_penalty": false_penalty,
            "missed_breach": missed, "coin_toss": curve.where(0.5), "safe": curve.where(limits.alpha),
            "caught": curve.where(1 - limits.beta), "sd": curve.sd(at),
            "binomial_wrong": bool(part["binomial_wrong"].any()),
            "kept": bool(false_penalty <= limits.alpha and missed <= limits.beta), "method": first["method"],
        })  # fmt: skip
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Curve:
    """
    P(penalty) against the true level, worst level first; between two levels its normal quantile is a straight line.

    Where no (or every) simulated cycle was punished, the quantile is what the spread of the measured level says.

    Examples:
        >>> part = pd.DataFrame({"true_level": [0.78, 0.82], "p_penalty": [0.975, 0.025], "sd": [0.01, 0.01]})
        >>> curve = Curve.of(part, 1.0, 0.80)
        >>> round(curve.at(0.80), 3), round(curve.at(0.81), 3), round(curve.where(0.05), 4)
        (0.5, 0.164, 0.8168)
    """

    level: np.ndarray  # true levels × sign, rising: better and better
    quantile: np.ndarray  # of P(no penalty), rising
    spread: np.ndarray
    sign: float

    @classmethod
    def of(cls, part: pd.DataFrame, sign: float, threshold: float) -> Curve:
        from scipy.special import ndtri

        known = part[part["true_level"].notna() & part["p_penalty"].notna()]
        order = np.argsort(sign * known["true_level"].to_numpy(), kind="stable")
        level, p, spread = (known[name].to_numpy()[order] for name in ("true_level", "p_penalty", "sd"))
        with np.errstate(invalid="ignore", divide="ignore"):
            normal = np.nan_to_num(sign * (level - threshold) / spread, nan=0.0, posinf=FAR, neginf=-FAR)
        extreme = np.where(p == 0, np.maximum(normal, SURE), np.minimum(normal, -SURE))
        inside = (p > 0) & (p < 1)
        z = np.where(inside, -ndtri(np.where(inside, p, 0.5)), np.clip(extreme, -FAR, FAR))
        return cls(sign * level, np.maximum.accumulate(z), spread, sign)

    def at(self, true: float) -> float:
        """P(penalty) at a true level; NaN outside the levels that were simulated."""
        from scipy.special import ndtr

        return float(ndtr(-self._between(self.quantile, true)))

    def sd(self, true: float) -> float:
        """The spread of the measured level at a true level."""
        return self._between(self.spread, true)

    def _between(self, values: np.ndarray, true: float) -> float:
        x = self.sign * true
        if not len(self.level) or not self.level[0] - 1e-12 <= x <= self.level[-1] + 1e-12:
            return NAN
        return float(np.interp(x, self.level, values))

    def where(self, p: float) -> float:
        """The lowest true level from which a penalty is as rare as *p*; NaN where no simulated level says so."""
        from scipy.special import ndtri

        wanted = -float(ndtri(p))
        if len(self.level) < 2 or not self.quantile[0] <= wanted <= self.quantile[-1]:
            return NAN
        i = int(np.searchsorted(self.quantile, wanted))
        if i == 0:
            return float(self.sign * self.level[0])
        low, high = self.quantile[i - 1], self.quantile[i]
        along = (wanted - low) / (high - low)
        return float(self.sign * (self.level[i - 1] + along * (self.level[i] - self.level[i - 1])))

"""Contacts scored by several people: their KPIs, how far the raters agree, and what a reader must know."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from csim.display.excel import write_workbook
from csim.display.grids import text_table
from csim.display.notes import Note
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.errors import InputError, Mistake
from csim.raters.agreement import Pair, in_words, intraclass, rater_pairs
from csim.settlement.facts import exact

PLACES = ("month", "queue", "vendor")
KPIS = ("month", "queue", "vendor", "kpi", "numerator", "denominator", "value", "sample")
Rule = Literal["median", "trimmed"]


@dataclass(frozen=True)
class Ratings:
    """
    Contacts scored by raters.

    Attributes:
        scores: contact_id, month, queue, vendor, raters (how many), score (by the rule).
        wide: One row per contact, one column per rater, NaN where there is no score.
        rule: "median" or "trimmed". pass_mark: The score from which a contact passes; None: nobody said.
    """

    scores: pd.DataFrame = field(repr=False)
    wide: pd.DataFrame = field(repr=False)
    rule: Rule
    pass_mark: Decimal | None

    @property
    def kpis(self) -> pd.DataFrame:
        """
        Rows for a KPI table (`--kpis`): qa_score and, with a pass mark, qa_pass_rate, by month, queue and vendor.

        Numerators are sums of scores and counts of passes; denominator and sample are the contacts scored.
        """
        if (self.scores["month"] == "").any():
            what = 'which month were the contacts scored for? add a column "month", or name one'
            raise InputError([Mistake(what, "--month")])
        rows = []
        for place, part in self.scores.groupby(list(PLACES), sort=True):
            sums = {"qa_score": sum((exact(score) for score in part["score"]), Decimal(0))}
            if self.pass_mark is not None:
                sums["qa_pass_rate"] = Decimal(sum(exact(score) >= self.pass_mark for score in part["score"]))
            for kpi, total in sums.items():
                count = Decimal(len(part))
                cells = {"kpi": kpi, "numerator": total, "denominator": count, "value": total / count, "sample": count}
                rows.append(dict(zip(PLACES, place, strict=True)) | cells)
        return pd.DataFrame(rows, columns=list(KPIS), dtype=object)

    @property
    def one_rater(self) -> bool:
        """Whether no contact was scored by a second person: then nothing shows how objective the scores are."""
        return not (self.scores["raters"] > 1).any()

    @cached_property
    def pairs(self) -> list[Pair]:
        """Every two raters who share contacts, the widest apart first; kappa is None without statsmodels."""
        try:
            return rater_pairs(self.wide)
        except InputError:
            return rater_pairs(self.wide, kappa=False)

    @cached_property
    def icc(self) -> tuple[int, float, float]:
        """Contacts scored by every rater, and ICC(2,1) and ICC(3,1) over them."""
        full = self.wide.dropna().to_numpy(dtype=float)
        return (len(full), *intraclass(full))

    @property
    def agreement(self) -> pd.DataFrame:
        """The appendix: measure, raters, contacts, value, reading, points (how much the first scores lower), half."""
        rows = [
            {"measure": "weighted_kappa", "raters": f"{p.low}, {p.high}", "contacts": p.contacts, "value": p.kappa,
             "points": p.points, "half": p.half}
            for p in self.pairs
        ]  # fmt: skip
        if not self.one_rater:
            names = ", ".join(map(str, self.wide.columns))
            contacts, random, fixed = self.icc
            rows += [
                {"measure": name, "raters": names, "contacts": contacts, "value": value, "points": None, "half": None}
                for name, value in (("icc_2_1", random), ("icc_3_1", fixed))
            ]
        table = pd.DataFrame(rows, columns=["measure", "raters", "contacts", "value", "points", "half"], dtype=object)
        known = [None if value is None or value != value else in_words(value) for value in table["value"]]
        table.insert(4, "reading", pd.Series(known, dtype=object))
        return table

    @property
    def notes(self) -> list[Note]:
        """What a reader must know: the rule, bias in points, agreement in a word, and what is missing."""
        return list(_notes(self))

    def text(self, lang: str = "en") -> str:
        """The remarks and the appendix table, for a console."""
        return "\n".join(
            [*(note.text(lang) for note in self.notes), "", text_table(*self._rows(lang), right=(2, 3, 5))]
        )

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """A workbook: the scores by contact, the appendix, and the remarks."""
        words = Words(lang)
        head, rows = self._rows(lang)
        notes = pd.DataFrame({words("raters_notes"): [note.text(lang) for note in self.notes]})
        names = {name: words(f"raters_col_{name}") for name in self.scores.columns}
        sheets = {
            words("raters_scores"): self.scores.rename(columns=names),
            words("raters_agreement"): pd.DataFrame(rows, columns=head, dtype=object),
            words("raters_notes"): notes,
        }
        return write_workbook(path, sheets)

    def summary(self, lang: str = "en") -> str:
        """The rule, bias in points, agreement in a word, and what is missing."""
        return "\n".join(note.text(lang) for note in self.notes)

    def to_frame(self) -> pd.DataFrame:
        """The scores by contact."""
        return self.scores

    def plot(self, lang: str = "en") -> Any:
        """The mean score of each rater, the highest first; returns the Axes."""
        from csim.display.bars import bars

        words, means = Words(lang), self.wide.mean().sort_values(ascending=False)
        ends = {"low": _number(means.min(), 1), "high": _number(means.max(), 1)}
        source = words("raters_source", contacts=f"{len(self.scores):,}")
        names = [str(name) for name in means.index]
        return bars(names, means.tolist(), words("raters_figure", **ends), words("raters_axis"), source, lang)

    def _rows(self, lang: str) -> tuple[list[str], list[list[str]]]:
        words = Words(lang)
        table = self.agreement
        rows = [
            [words(f"raters_{row.measure}"), row.raters, f"{row.contacts:,}", _number(row.value, 2),
             words(f"raters_{row.reading}") if row.reading else "", _number(row.points, 1, row.half)]
            for row in table.itertuples(index=False)
        ]  # fmt: skip
        return [words(f"raters_col_{name}") for name in table.columns[:6]], rows

    def to_html(self, lang: str = "en") -> str:
        """What a reader must know, then the agreement of the raters, as a piece of a page."""
        return answer_first(self.summary(lang), html_table(*self._rows(lang)))

    def _repr_html_(self) -> str:
        return self.to_html()


def _number(value: Any, digits: int, half: Any = None) -> str:
    if value is None or value != value:
        return "–"
    around = f" ± {half:.{digits}f}" if half is not None and half == half else ""
    return f"{value:.{digits}f}{around}"


def _notes(ratings: Ratings) -> Iterator[Note]:
    count, raters = len(ratings.scores), list(ratings.wide.columns)
    yield Note(f"raters_rule_{ratings.rule}")
    if len(raters) == 1:
        yield Note("raters_one", {"rater": raters[0], "count": f"{count:,}"})
        return
    if ratings.one_rater:
        yield Note("raters_no_overlap", {"count": f"{count:,}"})
        return
    single = int((ratings.scores["raters"] == 1).sum())
    if single:
        yield Note("raters_single", {"single": f"{single:,}", "count": f"{count:,}"})
    widest = ratings.pairs[0]
    key = "raters_bias_two" if len(raters) == 2 else "raters_bias_many"
    if round(widest.points, 1) == 0:
        yield Note("raters_level")
    else:
        half = "–" if math.isnan(widest.half) else f"{widest.half:.1f}"
        values = {"low": widest.low, "high": widest.high, "points": f"{widest.points:.1f}", "half": half}
        ends = "_chance" if widest.may_be_chance else ""
        yield Note(key + ends, values | {"contacts": f"{widest.contacts:,}"})
    yield from _agreement_notes(ratings, len(raters))


def _agreement_notes(ratings: Ratings, raters: int) -> Iterator[Note]:
    kappa = ratings.pairs[0].kappa
    if kappa is None:
        yield Note("raters_no_library")
    contacts, random, fixed = ratings.icc
    if raters == 2 and kappa is not None and not math.isnan(kappa):
        yield Note(
            f"raters_kappa_{in_words(kappa)}", {"value": f"{kappa:.2f}", "count": f"{ratings.pairs[0].contacts:,}"}
        )
    elif not math.isnan(random):
        values = {"value": f"{random:.2f}", "fixed": f"{fixed:.2f}", "count": f"{contacts:,}"}
        yield Note(f"raters_icc_{in_words(random)}", values)
    elif contacts < 2:
        yield Note("raters_no_common", {"count": contacts})
    else:
        yield Note("raters_no_spread")

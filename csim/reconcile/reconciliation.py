"""The result of comparing two logs: counts, differences and money, as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csim.display.excel import write_workbook
from csim.display.grids import text_table
from csim.display.notes import Note
from csim.display.result import answer_first
from csim.display.tables import html_table
from csim.display.words import Words
from csim.reconcile.differing import Differing
from csim.reconcile.lined_up import LinedUp

COLUMNS = ("contact_id", "kind", "field", "ours", "theirs", "money", "why")
MOST_ROWS = 1_000_000  # a sheet holds little more
SHOWN = 10


@dataclass(frozen=True)
class About:
    """What was compared: the month and the vendor ("" for all), the currency ("" without contract), the tolerance."""

    month: str
    vendor: str
    currency: str
    tolerance_s: float


@dataclass(frozen=True)
class Reconciliation:
    """
    What the vendor's export and the buyer's log say differently.

    Attributes:
        differences: contact_id (ours where both have one), kind (only_theirs, only_ours, differs), field, ours, theirs,
            money (what their log bills more, Decimal; None without a contract), why. Dearest first.
        counts: rows_ours = matched + only_ours + outside_ours, and the same for theirs; outside are other months and
            vendors; same are pairs that agree; within_tolerance are pairs with small gaps; respelt and unclear are ids.
        billed: What single contacts bill by our log and by theirs; None where nothing is priced by the contact.
        totals: What is paid on our log and on theirs, with KPIs and caps; None if nobody computed it.
    """

    about: About
    differences: pd.DataFrame = field(repr=False)
    counts: Mapping[str, int]
    small: Decimal
    billed: tuple[Decimal, Decimal] | None
    totals: tuple[Decimal, Decimal] | None
    notes: tuple[Note, ...] = ()
    _summary: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)

    @classmethod
    def of(
        cls, work: LinedUp, found: Sequence[Differing], about: About, totals: tuple[Decimal, Decimal] | None,
        notes: Iterable[Note],
    ) -> Reconciliation:  # fmt: skip
        """The tables, from two logs lined up and the columns in which they differ."""
        priced = bool(work.prices.rates)
        steps = work.steps(found)
        parts = [work.only("theirs"), work.only("ours"), *work.differ(found, steps)]
        few, units = work.small(found, steps)
        equal = np.ones(len(work.places["ours"]), dtype=bool)
        for part in found:
            equal[part.apart] = False
        counts = work.counts() | {"same": int(equal.sum()), "within_tolerance": few}
        bills = tuple(work.prices.total(work.units[whose]) for whose in ("ours", "theirs"))
        lines = [
            {"kind": part["kind"].iloc[0], "field": part["field"].iloc[0], "contacts": len(part),
             "money": work.prices.total(step) if priced else None}
            for part, step in parts if len(part)
        ]  # fmt: skip
        return cls(
            about, _table(parts, work, priced), counts, work.prices.total(units),
            (bills[0], bills[1]) if priced else None, totals, tuple(notes), pd.DataFrame(lines),
        )  # fmt: skip

    def summary(self, lang: str = "en") -> str:
        """How many contacts the logs share, and what theirs bills more."""
        words, said = Words(lang), [self._title(Words(lang))]
        if self.billed is not None:
            more = self.billed[1] - self.billed[0]
            key = "recon_more_billed" if more else "recon_as_billed"
            said.append(words(key, money=_signed(more), currency=self.about.currency))
        return " ".join(said)

    def to_frame(self) -> pd.DataFrame:
        """The differences."""
        return self.differences

    def plot(self, lang: str = "en") -> Any:
        """Each kind of difference by its money, or by its contacts where nothing is priced; returns the Axes."""
        from csim.display.bars import bars

        words, table = Words(lang), self.by_kind
        table = table[table["kind"].isin(["only_theirs", "only_ours", "differs", "within_tolerance"])]
        what = "contacts" if self.billed is None else "money"
        names = [_kind(words, row, self.about) for row in table.to_dict("records")]
        values = [float(value or 0) for value in table[what]]
        axis = words(f"recon_figure_{what}", currency=self.about.currency)
        counts = {whose: f"{self.counts[f'rows_{whose}']:,}" for whose in ("ours", "theirs")}
        return bars(names, values, words("recon_figure"), axis, words("recon_source", **counts), lang)

    @property
    def by_kind(self) -> pd.DataFrame:
        """
        Counts and money by kind: kind, field, contacts, money.

        The rows up to `within_tolerance` add up to `billed`, what their log bills more than ours; with totals, `rules`
        is what KPIs, minimum and caps make of it, and `total` the difference in what is paid.
        """
        rows = [{"kind": "same", "field": "", "contacts": self.counts["same"], "money": None}]
        rows += self._summary.to_dict("records")  # type: ignore[arg-type]
        small = self.small if self.billed else None
        rows.append({"kind": "within_tolerance", "contacts": self.counts["within_tolerance"], "money": small})
        more = None if self.billed is None else self.billed[1] - self.billed[0]
        if more is not None:
            rows.append({"kind": "billed", "contacts": None, "money": more})
        if self.totals is not None:
            total = self.totals[1] - self.totals[0]
            rows += [{"kind": "rules", "money": total - (more or 0)}, {"kind": "total", "money": total}]
        rows += [
            {"kind": f"outside_{whose}", "contacts": self.counts[f"outside_{whose}"], "money": None}
            for whose in ("ours", "theirs") if self.counts[f"outside_{whose}"]
        ]  # fmt: skip
        return pd.DataFrame(
            [{"kind": "", "field": "", "contacts": None, "money": None} | row for row in rows], dtype=object
        )

    def content(self) -> dict[str, Any]:
        """Everything, for JSON: money as text."""
        return {
            "about": vars(self.about), "counts": dict(self.counts), "summary": self.by_kind,
            "differences": self.differences, "notes": [note.text("en") for note in self.notes],
        }  # fmt: skip

    def text(self, lang: str = "en", most: int = SHOWN) -> str:
        """Summary, notes, and the *most* dearest differences, for a console."""
        words = Words(lang)
        parts = [self._title(words), text_table(*self._lines(words), right=(1, 2))]
        if len(self.differences) and most:
            head, rows = self._shown(words, self.differences.head(most))
            parts.append(text_table(head, rows, right=(5,)))
        if len(self.differences) > most:
            parts.append(words("recon_more", count=f"{len(self.differences) - most:,}"))
        return "\n\n".join(parts + [note.text(lang) for note in self.notes])

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """A workbook: the summary and every difference; names are text, whatever they look like."""
        words = Words(lang)
        head, lines = self._lines(words, money=float)
        lines += [[note.text(lang), None, None] for note in self.notes]
        sheets = {words("recon_summary"): pd.DataFrame(lines, columns=head, dtype=object)}
        for number, start in enumerate(range(0, max(1, len(self.differences)), MOST_ROWS), 1):
            names, rows = self._shown(words, self.differences.iloc[start : start + MOST_ROWS], money=float)
            name = words("recon_differences") + (f" {number}" if number > 1 else "")
            sheets[name] = pd.DataFrame(rows, columns=names, dtype=object)
        return write_workbook(path, sheets)

    def _title(self, words: Words) -> str:
        about = words("list_comma").join(part for part in (self.about.vendor, self.about.month) if part)
        counts = {key: f"{self.counts[key]:,}" for key in ("rows_ours", "rows_theirs", "matched")}
        return words("recon_title", about=f" {about}" if about else "", **counts)

    def _lines(self, words: Words, money: Any = None) -> tuple[list[str], list[list[Any]]]:
        shown = money or _signed
        rows = [
            [_kind(words, row, self.about), row["contacts"] if money else _count(row["contacts"]),
             None if row["money"] is None else shown(row["money"])]
            for row in self.by_kind.to_dict("records")
        ]  # fmt: skip
        unit = f" ({self.about.currency})" if self.about.currency else ""
        return [words("recon_what"), words("recon_contacts"), words("recon_money") + unit], rows

    def _shown(self, words: Words, part: pd.DataFrame, money: Any = None) -> tuple[list[str], list[list[Any]]]:
        shown = money or _signed
        known = {key: words(f"recon_{key}") for key in ("only_theirs", "only_ours", "differs")}
        why = {key: words(f"recon_why_{key}") for key in part["why"].unique()}
        rows = [
            [row.contact_id, known[row.kind], row.field, *(_cell(cell) if money is None else cell for cell in
             (row.ours, row.theirs)), None if row.money is None else shown(row.money), why[row.why]]
            for row in part.itertuples(index=False)
        ]  # fmt: skip
        return [words(f"recon_col_{name}") for name in COLUMNS], rows

    def to_html(self, lang: str = "en") -> str:
        """The sentence, the kinds of differences and the dearest ones, as a piece of a page."""
        words = Words(lang)
        tables = [html_table(*self._lines(words))]
        if len(self.differences):
            tables.append(html_table(*self._shown(words, self.differences.head(SHOWN))))
        return answer_first(self.summary(lang), *tables)

    def _repr_html_(self) -> str:
        return self.to_html()


def _table(parts: Sequence[tuple[pd.DataFrame, np.ndarray]], work: LinedUp, priced: bool) -> pd.DataFrame:
    """All differences, the dearest first; of equal ones those of a contact that one log lacks before the others."""
    table = pd.concat([part for part, _ in parts], ignore_index=True)
    units = np.concatenate([step for _, step in parts])
    worth = work.prices.each(units)
    sign = np.sign([float(amount) for amount in worth]).astype(int) if len(worth) else np.zeros(0, dtype=int)
    table["money"] = pd.Series(worth if priced else [None] * len(worth), dtype=object)
    table["why"] = _why(table, sign, priced)
    size = np.abs([float(amount) for amount in worth]) if len(worth) else sign
    return table.iloc[np.argsort(-size, kind="stable")].reset_index(drop=True)[list(COLUMNS)]


def _why(table: pd.DataFrame, sign: np.ndarray, priced: bool) -> np.ndarray:
    """The reason's key: for a contact of one log whether it bills, for a difference which way it moves the bill."""
    if not priced:
        end = np.full(len(table), "unpriced", dtype=object)
    else:
        end = np.array(["nothing", "more", "less"], dtype=object)[sign]
    keys = table["kind"].to_numpy(dtype=object) + "_" + end
    return np.where(table["field"].to_numpy(dtype=object) == "contact_id", "respelt", keys)


def _kind(words: Words, row: Mapping[str, Any], about: About) -> str:
    if row["kind"] == "within_tolerance":
        return words("recon_within_tolerance", seconds=f"{about.tolerance_s:g}")
    if row["kind"] == "differs":
        return words("recon_differs_in", field=row["field"])
    return words(f"recon_{row['kind']}")


def _count(count: Any) -> str:
    return "" if count is None or count != count else f"{count:,}"


def _cell(cell: Any) -> str:
    return "–" if cell is None or cell == "" else f"{cell:g}" if isinstance(cell, float) else str(cell)


def _signed(amount: Decimal) -> str:
    """
    Money with its sign, to the cent; less than half a cent as it is.

    Examples:
        >>> _signed(Decimal("1234.5")), _signed(Decimal("-0.014")), _signed(Decimal("0.0014")), _signed(Decimal(0))
        ('+1,234.50', '−0.01', '+0.0014', '0.00')
    """
    size = abs(amount)
    text = f"{size:,.2f}" if not size or size >= Decimal("0.005") else f"{size:f}"
    return text if not amount else ("+" if amount > 0 else "−") + text

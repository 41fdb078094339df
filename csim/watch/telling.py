"""A running month in words: one sentence, one table, where the days to come are from; en and zh."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from csim.display.fans import month_fan
from csim.display.grids import text_table
from csim.display.numbers import cash, fewer, interval, shown
from csim.display.tables import html_table
from csim.schema.exact import Level
from csim.settlement.evidence import FEWEST_DAYS
from csim.settlement.facts import exact
from csim.settlement.telling.sentences import Sentences, on_trial
from csim.settlement.telling.told import MONTHS
from csim.watch.clauses import CERTAIN, Clause

if TYPE_CHECKING:
    from csim.watch.month_to_date import MonthToDate

HEADS = ("clause", "measure", "value", "level", "needed", "ends", "p_penalty", "p_bonus", "expected", "note")
MONEY = {"fee": "watch_fee", "deduction": "watch_deduction", "bonus": "watch_money_bonus", "net": "watch_net"}


class Telling:
    """A running month in one language."""

    def __init__(self, found: MonthToDate, lang: str = "en") -> None:
        self.found, self.lang = found, lang
        self.says = Sentences(found.contract, found.so_far.terms.file, lang)
        self.words = self.says.words

    # -- the answer ----------------------------------------------------------------------------------

    def sentence(self) -> str:
        """How probably the month ends short, what the remaining days need, what it may cost."""
        clause = self.found.clause
        if math.isnan(clause.value) and math.isnan(clause.p_penalty):
            parts = [self.words("watch_nothing", vendor=self.found.vendor, month=self.month())]
        else:
            parts = [self._chance(clause), self._need(clause)]
        parts.append(self._money())
        return self.words("watch_joint").join(part for part in parts if part) + self.words("watch_end")

    def _chance(self, clause: Clause) -> str:
        values = {
            "vendor": self.found.vendor, "month": self.month(), "clause": clause.clause, "level": self.level(clause),
            "measure": self.says.measure(clause.id)[0], "value": shown(clause.value, clause.unit, self.lang),
        }  # fmt: skip
        if not self.found.days_left:
            return self.words("watch_ended", **values)
        if math.isnan(clause.p_penalty):
            return self.words("watch_now", **values)
        if not clause.promised and clause.p_penalty < CERTAIN:
            return self.words("watch_calm", **values)
        short = clause.promised and clause.p_missed == clause.p_penalty
        key = f"watch_short_{clause.better}" if short else "watch_costs"
        return self.words(key, p=self.chance(clause), **values)

    def _need(self, clause: Clause) -> str:
        days = self.found.days_left
        if self.found.ends is None:
            return self.words("watch_few_days", days=self.found.future.days, least=FEWEST_DAYS)
        if not days or not clause.level_text or (not clause.promised and clause.p_penalty < CERTAIN):
            return ""
        if math.isnan(clause.needed):
            how = "hopeless" if clause.hopeless else "safe" if clause.safe else ""
            return self.words(f"watch_no_need_{how}", days=days) if how else ""
        key = "watch_need_one" if days == 1 else "watch_need"
        return self.words(key, days=days, needed=shown(clause.needed, clause.unit, self.lang))

    def _money(self) -> str:
        sums = self.found.money.set_index("what")
        row, bonus = sums.loc["deduction"], sums.loc["bonus"]
        if self.found.ends is None:
            return self.words("watch_money_now", money=self.money(row["now"]))
        if self.found.ends.draws == 1:
            said = self.words("watch_money_now", money=self.money(row["mean"])) if row["mean"] else ""
        elif row["mean"]:
            low, high = (whole(row[key]) for key in ("p10", "p90"))
            said = self.words("watch_money", money=self.money(row["mean"]), low=low, high=high)
        else:
            said = self.words("watch_money_none")
        if bonus["mean"]:
            said += self.words("watch_joint") + self.words("watch_bonus", money=self.money(bonus["mean"]))
        return said

    # -- parts -----------------------------------------------------------------------------------------

    def month(self) -> str:
        """The month (or quarter) in words."""
        year, part = self.found.month.split("-")
        if part.startswith("Q"):
            return self.words("quarter_name", quarter=part[1:], year=year)
        name = part.lstrip("0") if self.lang == "zh" else MONTHS[int(part) - 1]
        return self.words("month_name", month=name, year=year)

    def money(self, amount: float) -> str:
        """An amount with its currency."""
        currency = self.found.contract.file.currency
        key = "with_yuan" if currency == "CNY" else "with_currency"
        return self.words(key, amount=self.amount(amount), currency=currency)

    def amount(self, amount: float) -> str:
        """To the cent where nothing was drawn; an expected amount to the whole unit, more digits would be noise."""
        drawn = self.found.ends is not None and self.found.ends.draws > 1
        return whole(amount) if drawn else cash(exact(amount))

    def level(self, clause: Clause) -> str:
        """A promised level with its unit."""
        return self.says.level(Level.of(clause.level_text)) if clause.level_text else "–"

    def chance(self, clause: Clause) -> str:
        """A probability in whole per cent, with its Monte-Carlo interval."""
        if math.isnan(clause.p_penalty):
            return "–"
        low, high = (f"{end * 100:.0f}" for end in (clause.p_low, clause.p_high))
        if low == high:
            return self.share(clause.p_penalty)
        end = self.share(clause.p_high)
        return self.words("share_ci", share=self.share(clause.p_penalty), low=low, high=end)

    def share(self, value: float) -> str:
        """A share in whole per cent."""
        return "–" if math.isnan(value) else f"{value * 100:.0f}" + ("%" if self.lang == "zh" else " %")

    def until(self) -> str:
        """Up to when the month is known."""
        until = self.found.so_far.until
        return f"{until.at:%Y-%m-%d}" if until.whole else f"{until.at:%Y-%m-%d %H:%M}"

    def basis(self) -> str:
        """Whether the month is on trial, up to when it is known, and where the days to come are from."""
        found, future = self.found, self.found.future
        known = self.words("watch_known", until=self.until(), gone=found.days_gone, left=found.days_left)
        key = "over" if not found.days_left else future.source
        own = sum(1 for day in found.so_far.dates if day != found.so_far.until.date or found.so_far.until.whole)
        said = self.words(
            f"watch_basis_{key}", scenario=future.provenance.get("scenario", ""), draws=f"{future.draws:,}",
            days=future.days, own=own,
        )  # fmt: skip
        return (" " if self.lang == "en" else "").join([*on_trial(found.contract, found.month, self.lang), known, said])

    def source(self) -> str:
        """Where the numbers come from, in a line."""
        return self.words("watch_source", until=self.until(), **self.found.provenance)

    def note(self, clause: Clause) -> str:
        """Safe, out of reach, or why something is not known."""
        if clause.why:
            return self.words(f"watch_why_{clause.why}", few=fewer(self.found.least, self.lang))
        return self.words("watch_safe") if clause.safe else self.words("watch_hopeless") if clause.hopeless else ""

    # -- tables ----------------------------------------------------------------------------------------

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The table of clauses."""
        return [self.words(f"watch_{head}") for head in HEADS], [self.row(clause) for clause in self.found.clauses]

    heads = HEADS

    def row(self, clause: Clause) -> list[str]:
        """One clause as cells under `heads`."""

        def of(value: float) -> str:
            return shown(value, clause.unit, self.lang)

        spread = interval(clause.ends_low, clause.ends_high, clause.unit, self.lang)
        ends = f"{of(clause.ends)} ({spread})" if spread and self.found.days_left else of(clause.ends)
        money = clause.expected_money
        expected = "–" if math.isnan(money) else self.amount(money)
        return [
            clause.clause, self.says.measure(clause.id)[0], of(clause.value), self.level(clause), of(clause.needed),
            ends, self.chance(clause), self.share(clause.p_bonus), expected, self.note(clause),
        ]  # fmt: skip

    def money_rows(self) -> tuple[list[str], list[list[str]]]:
        """Fee, deduction, bonus, net: as it stands, expected, P10, P50, P90."""
        heads = [self.words("watch_what", currency=self.found.contract.file.currency), self.words("watch_if_now")]
        heads += [self.words(f"watch_{key}") for key in ("mean", "p10", "p50", "p90")]
        rows = []
        for row in self.found.money.to_dict("records"):
            cells = [row[key] for key in ("now", "mean", "p10", "p50", "p90")]
            told = [cash(exact(cells[0])), *("–" if math.isnan(cell) else self.amount(cell) for cell in cells[1:])]
            rows.append([self.words(MONEY[row["what"]]), *told])
        return heads, rows

    def text(self) -> str:
        """For a console."""
        heads, rows = self.rows()
        parts = [self.sentence(), text_table(heads, rows, (2, 3, 4, 6, 7, 8))]
        parts += [text_table(*self.money_rows(), range(1, 6)), self.basis()]
        return "\n\n".join(parts)

    def html(self) -> str:
        """Sentence, tables and basis as a piece of a page."""
        heads, rows = self.rows()
        table = html_table(heads, rows, caption=self.sentence()) + html_table(*self.money_rows())
        return f"{table}<p>{html.escape(self.basis())}</p>"

    def figure(self, name: str) -> Any:
        """The month so far by day, the fan to its end, and the level."""
        clause = next(each for each in self.found.clauses if each.id == name)
        measure = self.says.measure(name)[0]
        known = not math.isnan(clause.ends) and bool(self.found.days_left) and bool(clause.level_text)
        ends = shown(clause.ends, clause.unit, self.lang)
        key = "watch_figure_plain" if not known else "watch_figure" if clause.promised else "watch_figure_band"
        title = self.words(key, measure=measure, ends=ends, level=self.level(clause))
        unit = self.words.find(f"watch_unit_{clause.unit}")
        labels = {
            "title": title, "axis": self.words("watch_figure_axis", measure=measure, unit=unit) if unit else measure,
            "gone": self.words("watch_figure_gone"), "day": self.words("watch_figure_day"),
            "fan": self.words("watch_figure_fan"), "percent": clause.unit == "share", "level": clause.level,
            "threshold": self.words("watch_figure_threshold", clause=clause.clause, level=self.level(clause)),
            "source": self.source(),
        }  # fmt: skip
        return month_fan(self.found.path(name), labels, self.lang)


def whole(amount: float) -> str:
    """
    An expected amount, to the whole unit, with a real minus.

    Examples:
        >>> whole(-5356.7), whole(-0.2)
        ('−5,357', '0')
    """
    return cash(exact(float(round(amount)))).removesuffix(".00")

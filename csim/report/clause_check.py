"""A contract before it is signed, as the parts of a page: which clause misjudges, what the terms buy, what is open."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from csim.contract.load import Contract, load_contract
from csim.display.notes import texts
from csim.display.numbers import shown, whole
from csim.display.tables import html_table
from csim.report.parts import Html, ReportPage, facts_table, rendered_on
from csim.scenario.load import load_scenario
from csim.terms.answering.deterrence import penalty_share
from csim.terms.answering.response import BestResponse, best_response, simulated
from csim.terms.gaming.games import Games, games
from csim.terms.gaming.tables import gain_table
from csim.terms.gaming.words import clause_lines, moves, relative
from csim.terms.judging.characteristic import OperatingCharacteristic, operating_characteristic
from csim.terms.judging.sentences import MONEY_CYCLES, costs_told, deterring, level_text, source
from csim.terms.judging.tables import response_rows, risk_table
from csim.terms.pricing.price import FairPrice, fair_price
from csim.terms.pricing.relief import Relief, relief
from csim.terms.pricing.words import formula, price_cells, relief_cells
from csim.terms.worth.harm import harm_of
from csim.terms.worth.levers import parsed_levels
from csim.terms.worth.valuation import terms_of

PROVENANCE = ("contract", "contract_hash", "scenario", "scenario_hash", "seed", "replications", "engine", "csim")


@dataclass(frozen=True)
class Checked:
    """What was asked about one contract, all on the same simulated months; None where nobody says what agents cost."""

    contract: Contract
    judged: OperatingCharacteristic
    gamed: Games
    relieved: Relief | None
    answered: BestResponse | None
    priced: FairPrice | None


def clause_check(
    contract: str, scenario: str, vendor: str | None = None, levels: str = "", lever: str | None = None,
    cost_per_hour: float | tuple[float, float] | None = None, harm: dict[str, float] | None = None,
    margin: float = 0.05, replications: int = 20, seed: int = 1, workers: str = "serial",
) -> Checked:  # fmt: skip
    """
    Every question about a contract's clauses, on the surface of an honest vendor and on those of the games.

    Raises:
        InputError: As `csim.games` and `csim.best_response`.
    """
    agreed, centre = load_contract(contract), load_scenario(scenario)
    losses = harm_of(agreed, harm)
    how: dict[str, Any] = {"vendor": vendor, "replications": replications, "seed": seed, "executor": workers}
    steps = parsed_levels(levels) if levels else None
    gamed = games(agreed, centre, steps, lever, cost_per_hour=cost_per_hour, **how)
    known = len(gamed.honest.levels) > 1
    grid = gamed.honest if known else simulated(centre, agreed, steps, lever, None, **how)
    judged = operating_characteristic(agreed, grid)
    relieved = relief(agreed, grid) if _relievable(agreed, grid) else None
    if not known:
        return Checked(agreed, judged, gamed, relieved, None, None)
    answered = best_response(agreed, grid, cost_per_hour=cost_per_hour, harm=losses, margin=margin)
    has_level = any(row["kpi"].startswith("service_level") for row in judged.risks.to_dict("records"))
    priced = fair_price(agreed, grid, margin=margin, cost_per_hour=cost_per_hour) if has_level else None
    return Checked(agreed, judged, gamed, relieved, answered, priced)


def _relievable(contract: Contract, grid: Any) -> bool:
    """Whether volumes are announced for the days simulated (or none at all), and some clause can be relieved."""
    from csim.terms.pricing.relief import margins_of

    return bool(margins_of(contract, grid, None)[0]) and not (
        contract.file.forecast and not {str(day) for day in contract.days} & set(grid.dates) and not contract.months
    )


class ClauseCheckPage(ReportPage):
    """
    The parts of a clause check, in one language; every method gives one section.

    Examples:
        >>> found = ClauseCheckPage.of("scenarios/contracts/hotline_400.yaml", "scenarios/centres/hotline_400.yaml",
        ...                            levels="0.9,1.0", replications=3, lang="zh")
        >>> found.answer().text.startswith("<h1>条款体检")
        True
    """

    def __init__(self, checked: Checked, lang: str = "en") -> None:
        super().__init__(lang)
        self.checked, self.contract = checked, checked.contract
        self.judged, self.gamed = checked.judged, checked.gamed

    @classmethod
    def of(
        cls, contract: str, scenario: str, vendor: str = "", levels: str = "", lever: str = "", cost_per_hour: str = "",
        harm_abandon: str = "", harm_second: str = "", margin: str = "5%", replications: int = 20, seed: int = 1,
        workers: str = "serial", lang: str = "en",
    ) -> ClauseCheckPage:  # fmt: skip
        """
        A contract checked from files; "" leaves a part out.

        Raises:
            InputError: What cannot be checked, and why.
        """
        from csim.report.given import cost_given, number_given, share_given

        given = {"abandon": number_given(harm_abandon, "harm_abandon"), "waiting_second": number_given(
            harm_second, "harm_second")}  # fmt: skip
        harm = {kind: amount for kind, amount in given.items() if amount is not None}
        checked = clause_check(
            contract, scenario, vendor or None, levels, lever or None, cost_given(cost_per_hour), harm or None,
            share_given(margin, "margin"), replications, seed, workers,
        )  # fmt: skip
        return cls(checked, lang)

    # -- the cover -----------------------------------------------------------------------------------

    def answer(self, audience: str = "internal") -> Html:
        """The first screen: which clause misjudges, what the terms buy, which hole is open."""
        title = self.words("check_title", contract=self.contract.name)
        said, notes = [self._misjudges()], [*self.judged.notes]
        if audience == "internal":  # a vendor is not told what missing the levels earns
            said += [self._buys(), self._hole()]
            notes += self.gamed.notes
        line = source(self.judged.provenance, self.words)
        return self.opening(title, self._sentences(said), dict.fromkeys(texts(notes, self.lang)), line)

    def first_figure(self) -> Html:
        """Profit and the whole's cost over the staffing; without costs the curves of the clause that misjudges."""
        if self.checked.answered is None:
            return self._curves(self._worst()["clause"])
        return self._figure(self.checked.answered.plot(lang=self.lang), self.words("check_response_alt"))

    def in_short(self, audience: str = "internal") -> Html:
        """The table to take along: each clause's two risks, its cycle, the weight it needs, the game against it."""
        keys = ["clause", "false", "missed", "cycle"] + (["weight", "game"] if audience == "internal" else [])
        heads = [self.words(f"check_head_{key}") for key in keys]
        rows = [[row[key] for key in keys] for row in map(self._short, self.judged.risks["clause"].unique())]
        return Html(html_table(heads, rows))

    def _short(self, name: str) -> dict[str, str]:
        row = self._money_row(name)
        kept = self.judged.risks[(self.judged.risks["clause"] == name) & self.judged.risks["kept"]]
        cycle = self.words(f"terms_cycle_{kept.sort_values('days').iloc[0]['cycle']}") if len(kept) else ""
        lifted = [
            game for game in self.gamed.table.to_dict("records")
            if game["clause"] == name and game["game"] in self.gamed.holes and moves(game)
            and (game["points"] > 0) == (game["better"] != "down")
        ]  # fmt: skip
        worst = max(lifted, key=relative)["game"] if lifted else None
        return {
            "clause": self.contract.clause_name(name, self.lang), "cycle": cycle or self.words("check_no_cycle"),
            "false": shown(row["false_penalty"], "share", self.lang),
            "missed": shown(row["missed_breach"], "share", self.lang),
            "weight": self._weight(name), "game": self.words(f"game_{worst}") if worst else "–",
        }  # fmt: skip

    def _weight(self, name: str) -> str:
        """What a miss must cost before it deters, and what it costs."""
        answered = self.checked.answered
        if answered is None or name not in answered.deterrence:
            return "–"
        needed = answered.deterrence[name]
        terms = terms_of(self.contract, self.contract.month_of(self.contract.file.term.begins))
        has = next(penalty_share(terms, judge) for judge in terms.judges if judge.id == name)
        key = "none" if needed is None else "enough" if needed <= has else "short"
        shares = {"needed": _fine(needed or 0.0, self.lang), "has": _fine(has, self.lang)}
        return self.words(f"check_weight_{key}", **shares)

    def _money_row(self, name: str) -> pd.Series:
        """A clause's risks in the cycle of the money."""
        rows = self.judged.risks[self.judged.risks["clause"] == name].set_index("cycle", drop=False)
        return rows.loc[next(cycle for cycle in MONEY_CYCLES if cycle in rows.index)]

    def _worst(self) -> pd.Series:
        """The clause that misjudges most, in parts of what is allowed."""
        limits = self.judged.limits
        rows = [self._money_row(name) for name in self.judged.risks["clause"].unique()]
        return max(rows, key=lambda row: max(
            _known(row["false_penalty"]) / limits.alpha, _known(row["missed_breach"]) / limits.beta
        ))  # fmt: skip

    def _misjudges(self) -> str:
        row, limits = self._worst(), self.judged.limits
        false, missed = _known(row["false_penalty"]), _known(row["missed_breach"])
        unit = self.contract.catalogue[row["kpi"]].unit
        said = {
            "clause": self.contract.clause_name(row["clause"], self.lang),
            "cycle": self.words(f"terms_cycle_{row['cycle']}"),
            "good": shown(row["good"], unit, self.lang), "bad": shown(row["bad"], unit, self.lang),
            "false": shown(false, "share", self.lang), "missed": shown(missed, "share", self.lang),
        }  # fmt: skip
        if false <= limits.alpha and missed <= limits.beta:
            return self.words("check_judges_well")
        return self.words("check_punishes" if false / limits.alpha >= missed / limits.beta else "check_passes", **said)

    def _buys(self) -> str:
        answered = self.checked.answered
        if answered is None:
            return self.words("check_no_costs")
        return answered.summary(self.lang).split("。" if self.lang == "zh" else ". ")[0] + self._stop()

    def _stop(self) -> str:
        return "。" if self.lang == "zh" else "."

    def _hole(self) -> str:
        gamed, words = self.gamed, self.words
        if not gamed.holes:
            return words("check_no_hole")
        row = gamed.gains.set_index("game").loc[gamed.holes[0]]
        said = {"holes": len(gamed.holes), "game": words(f"game_{gamed.holes[0]}"), "gain": whole(row["gain"])}
        return words("check_hole", currency=self.contract.file.currency, clauses=len(gamed.closing), **said)

    # -- how clauses judge -----------------------------------------------------------------------------

    def risks(self) -> Html:
        """Each clause's two risks by cycle, and the binomial answer where it is wrong."""
        lines = _listed(self.judged.summary(self.lang).splitlines())
        return self._section("check_section_risks", lines + html_table(*risk_table(self.judged, self.lang)))

    def curves(self) -> Html:
        """P(penalty) against the true level of each clause that staffing moves."""
        staffed = self.judged.risks[self.judged.risks["method"] != "binomial"]["clause"].unique()
        return Html("".join(self._curves(name).text for name in staffed))

    def _curves(self, name: str) -> Html:
        clause = self.contract.clause_name(name, self.lang)
        return self._figure(self.judged.plot(name, lang=self.lang), self.words("check_curves_alt", clause=clause))

    def advice(self) -> Html:
        """Cycles, samples, surveys and streaks in words; the contract as a whole by staffing."""
        heads = ("level", "p_deducted", "p_bonus", "expected_money", "worst")
        rows = [
            [level_text(self.judged.lever, row["level"], self.words),
             *(shown(row[key], "share", self.lang) for key in ("p_deducted", "p_bonus")),
             *(whole(row[key]) for key in ("expected_money", "worst"))]
            for row in self.judged.whole.to_dict("records")
        ]  # fmt: skip
        table = html_table([self.words(f"check_whole_{head}") for head in heads], rows, self.words("check_whole"))
        return self._section("check_section_advice", _listed(self.judged.advice(self.lang)) + table)

    # -- what the vendor does --------------------------------------------------------------------------

    def response(self) -> Html:
        """What the terms buy at every staffing, over the range of costs, and what each penalty must weigh."""
        found = self.checked.answered
        if found is None:
            return Html("")
        said = [found.summary(self.lang), costs_told(found, self.lang), *deterring(found, self.lang)]
        said += texts(found.notes, self.lang)
        if found.system is None:
            said.append(self.words("terms_no_harm"))
        return self._section("check_section_response", _listed(said) + html_table(*response_rows(found, self.lang)))

    def games(self) -> Html:
        """What each game gains, what shows it, which clauses close it."""
        found = self.gamed
        body = f"<p>{html.escape(found.summary(self.lang))}</p>" + _listed(clause_lines(found, self.lang))
        return self._section("check_section_games", body + html_table(*gain_table(found, self.lang)))

    def games_figure(self) -> Html:
        """What each game gains, and which KPI shows it; the sentences below."""
        figure = self._figure(self.gamed.plot(lang=self.lang), self.words("check_games_alt")).text
        return Html(figure + _listed(self.gamed.sentences(self.lang)))

    def relief(self) -> Html:
        """What relief by day and by month is worth; nothing where no clause could have it."""
        found = self.checked.relieved
        if found is None:
            return Html("")
        body = f"<p>{html.escape(found.summary(self.lang))}</p>" + html_table(*relief_cells(found, self.lang))
        return self._section(
            "check_section_relief", body + "".join(self._note(n) for n in texts(found.notes, self.lang))
        )

    def price(self) -> Html:
        """The fair price of each promised level, in its parts."""
        found = self.checked.priced
        if found is None:
            return Html("")
        body = f"<p>{html.escape(found.summary(self.lang))}</p>" + html_table(*price_cells(found, self.lang))
        section = self._section("check_section_price", body + self._note(formula(found, self.lang))).text
        return Html(section + self._figure(found.plot(lang=self.lang), self.words("check_price_alt")).text)

    def provenance(self) -> Html:
        """What it takes to get the same numbers again."""
        known = dict(self.judged.provenance)
        known["engine"] = self.words(f"engine_{known['engine']}")
        rows = [(self.words(f"check_prov_{key}"), known[key]) for key in PROVENANCE if known.get(key)]
        return self._section("section_provenance", facts_table([*rows, (self.words("prov_date"), rendered_on())]))

    def _sentences(self, said: Iterable[str]) -> str:
        return ("" if self.lang == "zh" else " ").join(part for part in said if part)


def _fine(share: float, lang: str) -> str:
    return f"{share * 100:.2f}{'%' if lang == 'zh' else ' %'}"


def _known(risk: float) -> float:
    """A risk that no simulated level tells counts as none."""
    return 0.0 if risk != risk else risk


def _listed(said: Iterable[str]) -> str:
    """Sentences as a list."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in said if line)
    return f"<ul>{items}</ul>" if items else ""

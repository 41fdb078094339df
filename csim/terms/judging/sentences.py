"""What a response and an operating characteristic say in words: verdicts, advice, labels of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csim.display.numbers import shown, whole
from csim.display.words import Words
from csim.terms.answering.deterrence import BY_SCORE
from csim.terms.judging.practice import RULES, shortest
from csim.terms.judging.samples import acceptance_plan

if TYPE_CHECKING:
    from csim.contract.load import Contract
    from csim.terms.answering.response import BestResponse
    from csim.terms.judging.characteristic import OperatingCharacteristic

MONEY_CYCLES = ("month", "quarter", "ten_days", "week", "day")  # the first of these that was judged


def level_text(lever: str, level: float, words: Words) -> str:
    """
    A level as people say it.

    Examples:
        >>> level_text("agents", 22, Words("en")), level_text("staffing", 0.9, Words("zh"))
        ('22 agents', '计划的 90%')
    """
    if lever == "agents":
        return words("terms_best_agents", level=f"{level:g}")
    return words("terms_best_share", level=f"{level * 100:g}{'%' if words.lang == 'zh' else ' %'}")


def level_short(lever: str, level: float, lang: str) -> str:
    """A level in a column of levels: "26", "90 %"."""
    return f"{level:g}" if lever == "agents" else f"{level * 100:g}{'%' if lang == 'zh' else ' %'}"


def verdict(found: BestResponse, lang: str) -> str:
    """What the terms buy and what is wanted, then what that costs, in a few sentences."""
    words, row = Words(lang), found.answer
    best = level_text(found.lever, row["level"], words)
    if row["profit"] < 0:
        cost = row["cost"] / row["hours"]
        return words("terms_exits", cost=f"{cost:,.2f}", even=f"{found.break_even:,.2f}")
    currency = found.contract.file.currency
    parts = [_buys(found, best, words)]
    parts.append(words(
        "terms_answer", profit=whole(row["profit"]), currency=currency,
        service=shown(row["service_level"], "share", lang), breaches=f"{row['breaches_per_year']:.1f}",
    ))  # fmt: skip
    if not found.signs:
        parts.append(words("terms_not_signed", margin=shown(found.margin, "share", lang)))
    if found.system is not None and found.system != found.best:
        waste = float(row["system"] - found.table["system"].iloc[found.system])
        efficiency = shown(found.efficiency, "share", lang)
        parts.append(words("terms_costs_you", waste=whole(waste), currency=currency, efficiency=efficiency))
    return joined([*parts, *_ties(found, words)], lang)


def _buys(found: BestResponse, best: str, words: Words) -> str:
    if found.optimum is None:
        return words("terms_buys_alone", best=best)
    if found.system == found.best:
        return words("terms_buys_wish", best=best)
    return words("terms_buys", best=best, wish=level_text(found.lever, found.optimum["level"], words))


def _ties(found: BestResponse, words: Words) -> list[str]:
    parts = []
    if found.ties:
        parts.append(words("terms_ties", levels=_levels(found.ties, found.lever, words.lang)))
    others = [x for i, x in enumerate(found.table["level"]) if found.table["system_tie"].iloc[i] and i != found.system]
    if found.system is not None and others:
        parts.append(words("terms_wish_ties", levels=_levels(others, found.lever, words.lang)))
    return parts


def _levels(levels: list[float], lever: str, lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(level_short(lever, x, lang) for x in levels)


def deterring(found: BestResponse, lang: str) -> list[str]:
    """One sentence per penalty: what it must weigh."""
    return [deters(found.contract, name, share, lang) for name, share in found.deterrence.items()]


def deters(contract: Contract, name: str, share: float | None, lang: str) -> str:
    """What the penalty of one clause (or the first step of the scale of scores) must weigh."""
    words = Words(lang)
    said = words("terms_by_score") if name == BY_SCORE else contract.clause_name(name, lang)
    if share is None:
        return words("terms_never", clause=said)
    if share == 0:
        return words("terms_needless", clause=said)
    return words("terms_deters", clause=said, share=_fine(share, lang))


def costs_told(found: BestResponse, lang: str) -> str:
    """The answer over the range of costs, and the cost above which nothing earns the margin."""
    words, costs, currency = Words(lang), found.costs, found.contract.file.currency
    even = words("terms_break_even", even=f"{found.break_even:.2f}", currency=currency)
    if len(costs) < 2:
        return even
    ends = {key: costs.iloc[at] for key, at in (("low", 0), ("high", -1))}
    levels = {f"{key}_level": level_text(found.lever, row["level"], words) for key, row in ends.items()}
    said = {key: f"{row['cost_per_hour']:.2f}" for key, row in ends.items()}
    key = "terms_costs_same" if ends["low"]["level"] == ends["high"]["level"] else "terms_costs_range"
    return joined([words(key, currency=currency, **said, **levels), even], lang)


def _fine(share: float, lang: str) -> str:
    return f"{share * 100:.2f}{'%' if lang == 'zh' else ' %'}"


def response_labels(found: BestResponse, lang: str) -> dict[str, Any]:
    """The texts of the figure of a response."""
    words = Words(lang)
    best = level_text(found.lever, found.answer["level"], words)
    title = words("terms_response_title", best=best)
    if found.optimum is not None:
        wish = level_text(found.lever, found.optimum["level"], words)
        title = words("terms_response_title_wish", best=best, wish=wish)
    return {
        "title": title, "source": source(found.provenance, words), "best": found.best, "system": found.system,
        "money": words("terms_money_axis", currency=found.contract.file.currency),
        "lever": words(f"terms_lever_{found.lever}"), "percent": found.lever != "agents",
    }  # fmt: skip


def source(provenance: Any, words: Words) -> str:
    """Where the numbers come from."""
    return words(
        "terms_source", **{key: provenance[key] for key in ("csim", "contract", "scenario", "seed", "replications")}
    )


# -- how clauses judge ------------------------------------------------------------------------------


def judged(found: OperatingCharacteristic, lang: str) -> str:
    """One or two sentences per clause: its risks in the cycle of the money, and where the binomial misleads."""
    words, parts = Words(lang), []
    for name in found.risks["clause"].unique():
        rows = found.risks[found.risks["clause"] == name].set_index("cycle")
        cycle = next(c for c in MONEY_CYCLES if c in rows.index)
        parts.append(_risk(found, str(name), rows.loc[cycle], cycle, words))
    return "\n".join([*parts, *_whole(found, words)])


def _whole(found: OperatingCharacteristic, words: Words) -> list[str]:
    """The contract as a whole, at the plan."""
    if not len(found.whole):
        return []
    row = found.whole.iloc[found.plan]
    shares = {key: shown(row[key], "share", words.lang) for key in ("p_deducted", "p_bonus")}
    money = {key: whole(row[key]) for key in ("expected_money", "worst")}
    said = {"level": level_text(found.lever, row["level"], words), "cycle": words(f"terms_cycle_{row['cycle']}")}
    return [words("terms_whole", currency=found.contract.file.currency, **said, **shares, **money)]


def _risk(found: OperatingCharacteristic, name: str, row: Any, cycle: str, words: Words) -> str:
    lang, unit = words.lang, found.contract.catalogue[row["kpi"]].unit
    share = {
        key: shown(row[key], "share", lang) if row[key] == row[key] else words("terms_unknown_share")
        for key in ("false_penalty", "missed_breach")
    }
    level = {key: shown(row[key], unit, lang) for key in ("good", "bad")}
    clause = found.contract.clause_name(name, lang)
    parts = [words("terms_judged", clause=clause, cycle=words(f"terms_cycle_{cycle}"), **share, **level)]
    if row["coin_toss"] == row["coin_toss"]:
        parts.append(words("terms_coin", coin=shown(row["coin_toss"], unit, lang)))
    wrong = found.clauses[(found.clauses["clause"] == name) & (found.clauses["cycle"] == cycle)]
    wrong = wrong[wrong["binomial_wrong"]]
    if len(wrong):
        times = float((wrong["sd"] / wrong["binomial_sd"]).median())
        parts.append(words("terms_binomial", times=f"{times:.1f}"))
    return joined(parts, lang)


def advice(found: OperatingCharacteristic, lang: str) -> list[str]:
    """Which cycle for money, which for monitoring, which sample, and the published practice beside it."""
    words, parts = Words(lang), []
    for name in found.risks["clause"].unique():
        rows = found.risks[found.risks["clause"] == name].sort_values("days")
        parts += _clause_advice(found, str(name), rows, words)
    return [*parts, *_surveys(found, words), *_streaks(found, words), *_practice(found, words)]


def _surveys(found: OperatingCharacteristic, words: Words) -> list[str]:
    """How many answer each survey, and what those who do not might have said."""
    rows = found.samples[found.samples["sessions_response"].notna()]
    keys = ("measured", "invited_response", "sessions_response", "low", "high")
    return [
        words(
            "terms_survey",
            clause=found.contract.clause_name(row["clause"], words.lang),
            **{key: shown(row[key], "share", words.lang) for key in keys},
        )
        for row in rows.to_dict("records")
    ]


def _practice(found: OperatingCharacteristic, words: Words) -> list[str]:
    """The published rules, the one that holds here, and what the contract says."""
    rule, file = shortest(found.practice), found.contract.file
    here = words(
        "terms_practice_here", why=words(f"terms_practice_{rule}"), cycle=words(f"choice_{RULES[rule]}"),
        watched=words(f"choice_{file.monitoring}"), paid=words(f"choice_{file.money_cycle}"),
    )  # fmt: skip
    return [words("terms_published"), here]


def _clause_advice(found: OperatingCharacteristic, name: str, rows: Any, words: Words) -> list[str]:
    lang, first, clause = words.lang, rows.iloc[0], found.contract.clause_name(name, words.lang)
    unit = found.contract.catalogue[first["kpi"]].unit
    level = {key: shown(first[key], unit, lang) for key in ("good", "bad")}
    if first["method"] == "binomial":
        good, bad = max(first["good"], first["bad"]), min(first["good"], first["bad"])
        if first["good"] < first["bad"]:
            good, bad = 1 - first["good"], 1 - first["bad"]  # a share of what is wrong
        plan = acceptance_plan(min(good, 1.0), max(bad, 0.0), found.limits.alpha, found.limits.beta)
        return [words("terms_least_sample", clause=clause, sample=plan.sample, most=plan.bad, **level)]
    if rows["false_penalty"].isna().all():
        return []
    kept = rows[rows["kept"]]
    limits = {key: shown(getattr(found.limits, key), "share", lang) for key in ("alpha", "beta")}
    if not len(kept):
        parts = [words("terms_no_cycle", clause=clause, **level)]
    else:
        cycle = words(f"terms_cycle_{kept.iloc[0]['cycle']}")
        parts = [words("terms_money_cycle", clause=clause, cycle=cycle, **limits)]
    most = kept.iloc[0]["days"] if len(kept) else float("inf")
    shorter = rows[(rows["days"] < most) & rows["false_penalty"].notna()].set_index("cycle")
    if len(shorter):
        cycle = "week" if "week" in shorter.index else str(shorter.index[0])
        alarms = shown(shorter.loc[cycle, "false_penalty"], "share", lang)
        said = {"clause": clause, "cycle": words(f"terms_cycle_{cycle}"), "false_penalty": alarms}
        parts.append(words("terms_watch_cycle", **said))
    return parts


def _streaks(found: OperatingCharacteristic, words: Words) -> list[str]:
    """Each streak at the level in the middle of those simulated."""
    parts = []
    for (clause, then), rows in found.streaks.groupby(["clause", "then"], sort=False):
        row = rows.iloc[len(rows) // 2]
        level = level_short(found.lever, row["level"], words.lang)
        said = {"clause": clause, "then": words.find(f"then_{then}") or then, "level": level}
        parts.append(words("terms_streak", p=shown(row["p_year"], "share", words.lang), **said))
    return parts


def curve_labels(found: OperatingCharacteristic, name: str, lang: str) -> dict[str, Any]:
    """The texts of the figure of one clause."""
    words = Words(lang)
    row = found.risks[found.risks["clause"] == name].iloc[0]
    unit = found.contract.catalogue[row["kpi"]].unit
    cycles = {c: words(f"terms_cycle_{c}") for c in found.clauses["cycle"].unique()}
    return {
        "title": words("terms_curves_title", clause=found.contract.clause_name(name, lang)),
        "source": source(found.provenance, words),
        "x": f"{found.contract.catalogue[row['kpi']].name(lang)} · {words('terms_true_axis')}",
        "y": words("terms_p_axis"), "cycles": cycles, "threshold": row["threshold"], "percent": unit == "share",
        "binomial": {c: words("terms_if_binomial", cycle=said) for c, said in cycles.items()},
    }  # fmt: skip


def joined(parts: list[str], lang: str) -> str:
    """Sentences one after the other; those that say nothing are left out."""
    return ("" if lang == "zh" else " ").join(part for part in parts if part)

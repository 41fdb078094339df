"""What a tuning says in words: the proposal, why the vendor signs, which wishes conflict, the names of terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from csim.contract.readings import SERVICE_LEVELS
from csim.display.numbers import cash, shown, whole
from csim.display.words import Words
from csim.terms.judging.sentences import level_text
from csim.terms.tuning.choices import Choice, Value
from csim.terms.tuning.demands import Demands, Wish

if TYPE_CHECKING:
    from csim.terms.tuning.proposals import Change, Package
    from csim.terms.tuning.tuning import Tuning


def summary(found: Tuning, lang: str) -> str:
    """The answer: what to propose, and below it why the vendor signs, what today's terms buy, both judgements."""
    words = Words(lang)
    if "aim" not in found.packages:
        return refusal(found, words)
    aim, today = found.packages["aim"], found.packages["today"]
    money = {"buyer": whole(aim.searched.buyer), "today": whole(today.searched.buyer)}
    currency = found.contract.file.currency
    listed = words("tune_semicolon").join(change_text(found, change, words) for change in found.changes)
    head = words("tune_propose", changes=listed, currency=currency, **money)
    if not found.changes:
        head = words("tune_no_change", currency=currency, **money)
    parts = [head, _why(found, aim, words)]
    if found.changes:
        parts.append(
            words("tune_today", best=best_text(found, today, words), service=service_text(found, today, words))
        )
    parts.append(fresh_text(aim, words))
    if aim.fails:
        limits = words("tune_semicolon").join(limit_text(found, name, words) for name in aim.fails)
        parts.append(words("tune_fails", limits=limits))
    return "\n".join(parts)


def _why(found: Tuning, package: Package, words: Words) -> str:
    """Why the vendor signs, and what it then does."""
    outcome = package.searched
    said = {
        "profit": whole(outcome.profit), "margin": shown(outcome.profit / outcome.payment, "share", words.lang),
        "best": best_text(found, package, words),
    }  # fmt: skip
    if not found.demands.wishes:
        return words("tune_signs_unwished", **said)
    wish = words("list_comma").join(wish_text(found, wish, words) for wish in found.demands.wishes)
    return words("tune_signs", service=service_text(found, package, words), wish=wish, **said)


def fresh_text(package: Package, words: Words) -> str:
    """Both judgements of the buyer's cost."""
    gap = package.optimism
    return words(
        "tune_fresh", fresh=whole(package.fresh.buyer), searched=whole(package.searched.buyer),
        optimism=whole(abs(gap)), word=words("tune_optimistic" if gap >= 0 else "tune_pessimistic"),
    )  # fmt: skip


def refusal(found: Tuning, words: Words) -> str:
    """Which limits cannot be kept together."""
    names = found.conflicts
    key = {1: "tune_none_alone", 2: "tune_none_pair"}.get(len(names), "tune_none_more")
    said = words(key, limits=words("tune_semicolon").join(limit_text(found, name, words) for name in names))
    return said + words("tune_exits") if names == ("signs",) else said


def limit_text(found: Tuning, name: str, words: Words) -> str:
    """A limit by name as people say it: "the vendor earns 5.0 % of the payment"."""
    demands = found.demands
    if (wish := _wished(found, name)) is not None:
        return words("tune_limit_wish", wish=wish_text(found, wish, words))
    if name == "ceiling" and demands.ceiling is not None:
        return words("tune_limit_ceiling", amount=whole(demands.ceiling))
    share = {
        "margin": demands.margin, "alpha": demands.limits.alpha, "beta": demands.limits.beta,
        "share": demands.most_at_risk,
    }  # fmt: skip
    said = {key: shown(value, "share", words.lang) for key, value in share.items()}
    return words(f"tune_limit_{name}", **said, **beside_text(demands, words))


def need_text(found: Tuning, name: str, words: Words) -> str:
    """What would fail without a change."""
    wish = _wished(found, name)
    return words(f"tune_need_{name}") if wish is None else words("tune_need_wish", wish=wish_text(found, wish, words))


def short_text(found: Tuning, name: str, words: Words) -> str:
    """A limit in a word or two."""
    wish = _wished(found, name)
    return words(f"tune_short_{name}") if wish is None else kpi_name(found, wish.kpi, words.lang)


def _wished(found: Tuning, name: str) -> Wish | None:
    return next((wish for wish in found.demands.wishes if wish.text == name), None)


def beside_text(demands: Demands, words: Words) -> dict[str, str]:
    """The levels of a good and of a bad vendor."""
    if not demands.wishes:
        return {"good": "–", "bad": "–"}
    wish = demands.wishes[0]
    good, bad = wish.beside(demands.limits)
    return {"good": shown(good, wish.unit, words.lang), "bad": shown(bad, wish.unit, words.lang)}


def wish_text(found: Tuning, wish: Wish, words: Words) -> str:
    """A wish with the KPI's own name."""
    sign = "≥" if wish.least else "≤"
    return f"{kpi_name(found, wish.kpi, words.lang)} {sign} {wish.level.text}"


def kpi_name(found: Tuning, kpi: str, lang: str) -> str:
    """A KPI's name; of a level of service without its reading, which the contract states."""
    return found.contract.catalogue["service_level" if kpi in SERVICE_LEVELS else kpi].name(lang)


def best_text(found: Tuning, package: Package, words: Words) -> str:
    """The vendor's best answer to a package."""
    return level_text(found.lever, found.levels[package.searched.row], words)


def service_text(found: Tuning, package: Package, words: Words) -> str:
    """What is then delivered."""
    parts = [
        words("tune_service_is", kpi=kpi_name(found, wish.kpi, words.lang),
              value=shown(value, wish.unit, words.lang))
        for wish, value in zip(found.demands.wishes, package.searched.service, strict=True)
    ]  # fmt: skip
    return words("list_comma").join(parts) or "–"


def change_text(found: Tuning, change: Change, words: Words) -> str:
    """A change as people say it: "4.1 price 1.40 → 1.30"; of shares of a whole all of them, "40/30/30% → 50/25/25%"."""
    before, after = (values_text(change.choices, side, words) for side in (change.before, change.after))
    return f"{terms_name(found, change.choices, words)} {before} → {after}"


def in_brief(found: Tuning, words: Words, most: int = 3) -> str:
    """The changes that matter most: the price, then those without which most limits fail; how many more there are."""
    order = sorted(found.changes, key=lambda change: (change.choices[0].name[:5] != "price", -len(change.without)))
    listed = words("tune_semicolon").join(change_text(found, change, words) for change in order[:most])
    return listed if len(order) <= most else words("tune_more", listed=listed, number=len(order) - most)


def terms_name(found: Tuning, choices: Sequence[Choice], words: Words) -> str:
    """The name of one term, or of shares that are changed together."""
    if len(choices) == 1:
        return term_name(found, choices[0], words)
    clauses = "/".join(found.contract.file.kpis[choice.name.split(".")[1]].clause for choice in choices)
    return f"{clauses} {words(f'tune_name_{choices[0].group}s')}"


def values_text(choices: Sequence[Choice], values: Sequence[Value], words: Words) -> str:
    """The value of one term, or of several in one."""
    said = [value_text(choice, value, words) for choice, value in zip(choices, values, strict=True)]
    return said[0] if len(said) == 1 else "/".join(text.rstrip("%") for text in said) + "%"


def value_text(choice: Choice, value: Value, words: Words) -> str:
    """A value as people read it; money with thousands."""
    if choice.kind == "word":
        return words.find(f"tune_word_{value}") or str(value)
    if choice.kind == "money" and not isinstance(value, str):
        return whole(float(value)) if value == int(value) else cash(value)
    return choice.text(value)


def term_name(found: Tuning, choice: Choice, words: Words) -> str:
    """A term by its clause and name, as a lawyer finds it."""
    steps = choice.name.split(".")
    file = found.contract.file
    if steps[0] == "kpis" and steps[1] in file.kpis:
        term = words.find(f"tune_name_{steps[-1]}") if len(steps) == 3 else None
        return f"{found.contract.clause_name(steps[1], words.lang)}{_colon(words)}{term or '.'.join(steps[2:])}"
    if steps[-1] == "share_of_fee":
        return f"{file.pay.clause} {words('tune_name_share_of_fee', row=int(steps[-2]) + 1)}"
    number = {"price": lambda: file.pricing[int(steps[1]) if len(steps) > 1 else 0].clause,
              "at_risk": lambda: file.pay.at_risk.clause if file.pay.at_risk else "",
              "cap": lambda: next((cap.clause for cap in file.pay.caps if cap.month is not None), "")}  # fmt: skip
    clause_number = number[steps[0]]() if steps[0] in number else ""
    return f"{clause_number} {words.find(f'tune_name_{steps[0]}') or choice.name}".strip()


def _colon(words: Words) -> str:
    return "：" if words.lang == "zh" else ": "


def certificate_text(found: Tuning, lang: str) -> str:
    """What the certificate states; "" where no harm is known."""
    words, stated = Words(lang), found.certificate
    if not found.harm.known:
        return ""
    best, wish = (level_text(found.lever, found.levels[row], words) for row in (stated.answer, stated.optimum))
    if stated.holds:
        return words("tune_certified", best=best)
    if not stated.charges:
        return words("tune_not_certified_bare", best=best, wish=wish)
    charges = [words(f"tune_charge_{name}", rate=f"{rate.normalize():f}") for name, rate in stated.charges.items()]
    return words("tune_not_certified", best=best, wish=wish, charges=words("tune_and").join(charges))


def bargain_labels(found: Tuning, lang: str) -> dict[str, Any]:
    """The texts of the figure."""
    words = Words(lang)
    currency = found.contract.file.currency
    return {
        "title": words("tune_pareto_title" if len(found.pareto) > 1 else "tune_pareto_one"),
        "x": words("tune_axis_sd", currency=currency), "y": words("tune_axis_buyer", currency=currency),
        "source": source_text(found, words),
        "packages": {name: words(f"tune_package_{name}") for name in found.packages},
    }  # fmt: skip


def source_text(found: Tuning, words: Words) -> str:
    """Where the numbers come from."""
    keys = ("csim", "contract", "scenario", "seed", "replications")
    return words("tune_source", tried=f"{found.tried:,}", **{key: found.provenance[key] for key in keys})


def case_text(case: str, factor: float, words: Words) -> str:
    """
    A case of the robustness table.

    Examples:
        >>> case_text("volume", 0.8, Words("en")), case_text("day_factor", 0.1, Words("zh"))
        ('volume −20 %', '日波动 10%')
    """
    space = "" if words.lang == "zh" else " "
    if case == "day_factor":
        return words("tune_case_day_factor", cv=f"{factor * 100:g}{space}%")
    sign = "+" if factor > 1 else "−"
    return words(f"tune_case_{case}", change=f"{sign}{abs(factor - 1) * 100:.0f}{space}%")


def names_of(found: Tuning) -> Sequence[str]:
    """The packages in the order in which they are shown."""
    return [name for name in ("today", "ask", "aim", "stop") if name in found.packages]

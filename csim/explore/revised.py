"""A contract with heavier or lighter penalties, larger or smaller bonuses, and another level in one clause."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from csim.contract.load import Contract, read_contract
from csim.schema.exact import Level
from csim.schema.located import Path
from csim.terms.tuning.choices import Choice, at, choice_of, put, rewritten

WHOLE = Decimal(1)


def level_choices(contract: Contract) -> dict[str, Choice]:
    """
    By clause, the levels that may be chosen for it.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> found = level_choices(read_contract("scenarios/contracts/hotline_400.yaml"))
        >>> list(found), str(found["service_level"].today)
        (['service_level', 'answered', 'resolution', 'quality'], '0.8')
    """
    found = {}
    for name in contract.file.kpis:
        try:
            choice = choice_of(contract, f"kpis.{name}.level")
        except ValueError:  # a clause without a level
            continue
        if len(choice.values) > 1:
            found[name] = choice
    return found


def revised(
    contract: Contract, penalty: Decimal = WHOLE, bonus: Decimal = WHOLE, choice: Choice | None = None,
    level: Decimal | None = None,
) -> Contract:  # fmt: skip
    """
    The contract with every penalty and every bonus times a factor, and the levels of one clause moved.

    Penalties are credits, deductions, prices per event, the amount at risk, and what a score or points take off the
    fee; bonuses what bands, streaks and scores add. Caps stay: they may stand before a heavier penalty.

    Raises:
        InputError: Terms that no contract can have, such as a level above 100 %.

    Examples:
        >>> from csim.contract.load import read_contract
        >>> agreed = read_contract("scenarios/contracts/hotline_400.yaml")
        >>> str(revised(agreed, penalty=Decimal("1.5")).file.pay.at_risk.share_of_fee)
        '0.18'
        >>> choice = level_choices(agreed)["service_level"]
        >>> revised(agreed, choice=choice, level=Decimal("0.85")).file.kpis["service_level"].expected.text
        '85%'
    """
    data = rewritten(contract, [] if choice is None or level is None else [choice], [] if level is None else [level])
    if contract.file.forecast is not None and contract.file.forecast.file is not None:
        data["forecast"] = contract.with_volumes_inside()["forecast"]
    for place, kind, sign in amounts(data):
        factor = penalty if sign < 0 else bonus
        if factor != WHOLE:
            put(data, place, _times(at(data, place), factor, kind))
    return read_contract(data)


BANDS = (("credit", "share", -1), ("deduct", "money", -1), ("bonus", "share", 1), ("pay", "money", 1))
BESIDE = (("shortfall", "per_point", "share"), ("shortfall", "up_to", "share"), ("per_unit", "rate", "money"))


def amounts(data: dict[str, Any]) -> Iterator[tuple[Path, str, int]]:
    """Where money stands: place, how it is written (share, money, of_fee), whether it costs (−1) or pays (1)."""
    for name, clause in data.get("kpis", {}).items():
        place: Path = ("kpis", name)
        for i, row in enumerate(clause.get("bands", ())):
            yield from (
                ((*place, "bands", i, key), kind, sign) for key, kind, sign in BANDS if row.get(key) is not None
            )
        yield from (((*place, part, key), kind, -1) for part, key, kind in BESIDE if key in clause.get(part, {}))
    pay = data["pay"]
    if "at_risk" in pay:
        yield ("pay", "at_risk", "share_of_fee"), "share", -1
    yield from ((("pay", "by_points", i, "credit"), "share", -1) for i in range(len(pay.get("by_points", ()))))
    for i, row in enumerate(pay.get("by_score", ())):
        if share := _share(row["share_of_fee"]) - 1:
            yield ("pay", "by_score", i, "share_of_fee"), "of_fee", -1 if share < 0 else 1
    for i, streak in enumerate(pay.get("streaks", ())):
        for key, kind in (("share_of_fee", "share"), ("amount", "money")):
            if streak.get(key) is not None:
                yield ("pay", "streaks", i, key), kind, 1 if streak["then"] == "bonus" else -1


def _share(written: Any) -> Decimal:
    return Level.of(written[0]["value"] if isinstance(written, list) else written).number


def _times(written: Any, factor: Decimal, kind: str) -> Any:
    """An amount times a factor, as it is written; of a dated one every value. No more than the whole fee is taken."""
    if isinstance(written, list):
        return [{**each, "value": _times(each["value"], factor, kind)} for each in written]
    if kind == "money":
        return f"{(Decimal(str(written).replace(',', '')) * factor).normalize():f}"
    number = Level.of(written).number
    moved = max(Decimal(0), 1 + (number - 1) * factor) if kind == "of_fee" else number * factor
    return Level.shown(moved, "share").text

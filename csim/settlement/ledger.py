"""The ledger: what one month leaves to the next, as a file both sides keep. Nothing that counts is hidden elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from csim.contract.load import Contract
from csim.contract.pay import Streak
from csim.errors import InputError, Mistake
from csim.files import write_text


@dataclass(frozen=True)
class Entry:
    """
    One settled month.

    Attributes:
        net: What was payable without tax.
        deducted: What was deducted after caps, without bonus. earned_back: What was paid back.
        carried: What caps cut off and is still to come, with the month it stems from.
        held: Per streak, whether its condition held. fired: The streaks (by number) that fired.
        pool_left: What a bonus pool left for the month after.
    """

    month: str
    fee: Decimal
    net: Decimal = Decimal(0)
    deducted: Decimal = Decimal(0)
    earned_back: Decimal = Decimal(0)
    carried: tuple[tuple[str, Decimal], ...] = ()
    score: Decimal | None = None
    points: Decimal | None = None
    missed: tuple[str, ...] = ()
    breached: tuple[str, ...] = ()
    held: tuple[bool, ...] = ()
    fired: tuple[int, ...] = ()
    pool_left: Decimal = Decimal(0)
    contract_hash: str = ""


@dataclass(frozen=True)
class Ledger:
    """
    All settled months of a contract, by vendor.

    Examples:
        >>> ledger = Ledger("chat", "CNY").with_entry("B", Entry("2026-01", Decimal("100.00")))
        >>> ledger.of("B")[-1].month, ledger.of("A")
        ('2026-01', ())
    """

    contract: str
    currency: str
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    def of(self, vendor: str) -> tuple[Entry, ...]:
        """The months of one vendor, earliest first."""
        return self.entries.get(vendor, ())

    def with_entry(self, vendor: str, entry: Entry) -> Ledger:
        """The ledger with one more month."""
        return replace(self, entries={**self.entries, vendor: (*self.of(vendor), entry)})

    def as_json(self) -> str:
        """The ledger as text; money and scores are strings, so that no digit is lost."""
        vendors = {name: [_plain(asdict(entry)) for entry in entries] for name, entries in self.entries.items()}
        content = {"csim": "ledger/1", "contract": self.contract, "currency": self.currency, "vendors": vendors}
        return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False) + "\n"

    def write(self, path: str | Path) -> Path:
        """The ledger as a file, whole or not at all."""
        return write_text(path, self.as_json())


def read_ledger(path: str | Path) -> Ledger:
    """
    A ledger from its file.

    Raises:
        InputError: No file, no ledger, numbers that are none.
    """
    file = str(path)
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        if content.get("csim") != "ledger/1":
            raise InputError([Mistake('no ledger: "csim": "ledger/1" is missing', "", file)])
        vendors = {name: tuple(_entry(raw) for raw in rows) for name, rows in content["vendors"].items()}
        return Ledger(str(content["contract"]), str(content["currency"]), vendors)
    except OSError:
        raise InputError([Mistake("no such file: leave --ledger out for the first month", "", file)]) from None
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        if isinstance(error, InputError):
            raise
        raise InputError([Mistake(f"not readable as a ledger: {error}", "", file)]) from None


def checked(ledger: Ledger | None, contract: Contract, vendor: str, month: str) -> tuple[Entry, ...]:
    """
    The earlier months of a vendor, once the ledger is known to be this contract's and to end just before *month*.

    Raises:
        InputError: A ledger of another contract or currency, a month that is settled already or that leaves a gap.
    """
    if ledger is None:
        return ()
    file = contract.file
    if (ledger.contract, ledger.currency) != (file.name, file.currency):
        found = f'the ledger belongs to "{ledger.contract}" in {ledger.currency}'
        what = f'{found}, this is "{file.name}" in {file.currency}: give its own ledger'
        raise InputError([Mistake(what, "--ledger")])
    entries = ledger.of(vendor)
    if entries and entries[-1].month >= month:
        what = f"{vendor}: the ledger already holds {entries[-1].month}: settle a month again with the ledger before it"
        raise InputError([Mistake(what, "--ledger")])
    if entries and following(entries[-1].month) != month:
        what = (
            f"{vendor}: the ledger ends with {entries[-1].month}: settle {following(entries[-1].month)} before {month}"
        )
        raise InputError([Mistake(what, "--ledger")])
    return entries


def following(period: str) -> str:
    """
    The period after one.

    Examples:
        >>> following("2026-12"), following("2026-Q4")
        ('2027-01', '2027-Q1')
    """
    year, part = int(period[:4]), period[5:]
    if part.startswith("Q"):
        return f"{year + 1}-Q1" if part == "Q4" else f"{year}-Q{int(part[1]) + 1}"
    return f"{year + 1}-01" if part == "12" else f"{year}-{int(part) + 1:02d}"


def fires(streak: Streak, number: int, held: bool, history: Sequence[Entry]) -> bool:
    """
    Whether a streak fires in a month in which its condition holds (or not), after *history*.

    Months before it last fired no longer count where it resets.
    """
    if not held:
        return False
    past = [(number < len(e.held) and e.held[number], number in e.fired) for e in history]
    if streak.reset == "after_firing":
        last = max((i for i, (_, fired) in enumerate(past) if fired), default=-1)
        past = past[last + 1 :]
    states = [state for state, _ in past] + [held]
    if streak.consecutive:
        return len(states) >= streak.months and all(states[-streak.months :])
    return sum(states[-(streak.of or streak.months) :]) >= streak.months


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _entry(raw: Mapping[str, Any]) -> Entry:
    def number(text: Any) -> Decimal | None:
        return None if text is None else Decimal(str(text))

    money = {key: number(raw.get(key, "0")) for key in ("fee", "net", "deducted", "earned_back", "pool_left")}
    carried = tuple((str(month), Decimal(str(amount))) for month, amount in raw.get("carried", ()))
    return Entry(
        str(raw["month"]), carried=carried, score=number(raw.get("score")), points=number(raw.get("points")),
        missed=tuple(raw.get("missed", ())), breached=tuple(raw.get("breached", ())), held=tuple(raw.get("held", ())),
        fired=tuple(raw.get("fired", ())), contract_hash=str(raw.get("contract_hash", "")), **money,  # type: ignore[arg-type]
    )  # fmt: skip

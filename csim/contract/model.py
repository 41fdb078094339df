"""
The schema of a contract file (`csim: contract/1`): every term, its clause, its unit.

A value that changes during the term is written dated, `[{from: 2026-01-01, value: 1.40}, {from: 2026-07-01, value:
1.45}]`; load.py resolves it, so that nothing here needs to know about dates. Terms of payment stand in pay.py.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from csim.contract.bands import Band, Edge, Rounding
from csim.contract.pay import Addition, BonusPool, League, Pay
from csim.expressions import expression
from csim.schema.exact import KpiLevel, Money, Percent, Points, ShareOfWhole
from csim.schema.fields import Count, Name, Part, Seconds, known_zone

Clause = Annotated[str, Field(min_length=1, max_length=40, description="the number of the clause in the contract")]
Missing = Literal["missed", "excluded", "insufficient"]
Cycle = Literal["daily", "weekly", "ten_days", "two_weeks", "monthly", "quarterly"]


class Span(Part):
    """The first and the last day of the contract."""

    begins: dt.date = Field(alias="from", examples=["2026-01-01"])
    ends: dt.date = Field(alias="to", examples=["2026-12-31"])

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.ends < self.begins:
            raise ValueError(f"the term ends on {self.ends}, before it begins on {self.begins}")
        return self


class Tax(Part):
    """Tax on the fee; all fees of the contract are stated without it."""

    rate: Percent = Field(examples=["6%"])
    clause: Clause


class Period(Part):
    """From which day a month of account runs: 26 means from the 26th to the 25th of the month that names it."""

    month_starts_on: Annotated[int, Field(ge=1, le=28, strict=True)] = 1
    clause: Clause


class Minimum(Part):
    """Billing falls to no less than this share of the forecast volume."""

    of_forecast: Percent = Field(examples=["90%"])
    clause: Clause


class VolumeBands(Part):
    """Another price for each contact outside a dead band around a baseline volume."""

    baseline: Points = Field(examples=["200000"])
    dead_band: Percent = Field(examples=["10%"])
    above: Money | None = None
    below: Money | None = None
    clause: Clause


class Price(Part):
    """
    One part of the fee: a rate per unit, or a fixed sum.

    `below` of volume bands is what stays due for each unit that is missing under the dead band.
    """

    clause: Clause
    per: Literal[
        "answered_contact", "valid_contact", "resolution", "ticket_closed", "handled_minute", "agent_hour",
        "agent_month", "month",
    ] = Field(examples=["answered_contact"])  # fmt: skip
    rate: Money = Field(examples=["1.40"])
    minimum: Minimum | None = None
    volume: VolumeBands | None = None

    @model_validator(mode="after")
    def _fixed_has_no_volume(self) -> Price:
        if self.per == "month" and (self.minimum or self.volume):
            raise ValueError("a fixed sum per month has no volume: leave out minimum and volume")
        return self


class Forecast(Part):
    """The volumes the buyer announced: by month, by day, or from a CSV with date,expected; and each vendor's part."""

    clause: Clause
    months: dict[Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")], Count] = Field(default_factory=dict)
    days: dict[dt.date, Count] = Field(default_factory=dict)
    file: str | None = None
    shares: dict[Name, ShareOfWhole] = Field(default_factory=dict)


class Reading(Part):
    """How a KPI is read where its name leaves it open; each measure says which of these it needs."""

    hang_ups: Literal["included", "excluded", "answered_only", "quick_counts_as_met"] | None = None
    within: Seconds | None = None
    clock: Literal["within_session", "from_assignment", "from_request"] | None = None
    weighting: Literal["pair", "session"] | None = None
    scale: Literal["x/5", "(x-1)/4", "1..5"] | None = None
    window: Seconds | None = None
    by: Literal["customer", "customer_issue"] | None = None
    of: Literal["problems", "answered", "invitations", "sessions"] | None = None
    hours: Literal["paid", "ready"] | None = None
    basis: Literal["days", "time"] | None = None
    period: Literal["month", "quarter", "year"] | None = None
    pass_mark: Points | None = None

    def given(self) -> dict[str, Any]:
        """The readings that are stated."""
        return {name: value for name, value in self if value is not None}


class Scope(Part):
    """Which contacts a clause judges; without it all of the vendor's."""

    queue: Name | None = None
    channel: Literal["voice", "chat"] | None = None


class Exclusion(Part):
    """What does not count: declared events, or volume above the forecast, by day or by month."""

    what: Literal["force_majeure", "buyer_caused", "volume_above_forecast"] = Field(examples=["force_majeure"])
    over: Percent | None = None
    by: Literal["day", "month"] | None = None
    clause: Clause

    @model_validator(mode="after")
    def _relief_is_complete(self) -> Exclusion:
        relief = self.what == "volume_above_forecast"
        if relief and (self.over is None or self.by is None):
            raise ValueError('relief needs "over" and "by": write for example over: 15%, by: day')
        if not relief and (self.over is not None or self.by is not None):
            raise ValueError(f'"over" and "by" belong to volume_above_forecast, not to {self.what}')
        return self


class Shortfall(Part):
    """A credit that grows with the distance: so much of the month's fee per percentage point (or per unit) missing."""

    below: KpiLevel = Field(examples=["98%"])
    per_point: Percent = Field(examples=["1%"])
    up_to: Percent | None = None
    clause: Clause


class PerUnit(Part):
    """A sum for each single event that the KPI's numerator counts (each abandoned contact, each waiting second)."""

    rate: Money = Field(examples=["14"])
    clause: Clause


class Repeat(Part):
    """Severity points multiply when the clause was breached in the period before as well (not again and again)."""

    factor: Points = Field(examples=["2"])
    clause: Clause


class Ceiling(Part):
    """The clause's score is held down while another measure is low: 12 of 15 while surveys are rarely triggered."""

    measure: str
    reading: Reading = Reading()
    below: KpiLevel = Field(examples=["75%"])
    score: Points = Field(examples=["80"])
    clause: Clause


class Ratchet(Part):
    """The expected and minimum level move by a step every so many months, towards an end, and stay there."""

    step: KpiLevel = Field(examples=["1%"])
    months: Annotated[int, Field(ge=1, strict=True)] = Field(examples=["12"])
    up_to: KpiLevel = Field(examples=["90%"])
    clause: Clause


class KpiClause(Part):
    """
    One judged measure: what is measured, how it is read, what level is due, and what follows from it.

    `bands` and `linear` give the score (0 to 100) that `weight` turns into points of the total, or severity points,
    or money at once. `expected` is the level that is promised; a value short of it is a miss. `minimum`, if there is
    one, is the level below which it is a breach.
    """

    clause: Clause
    name: Name | None = None
    measure: Name = Field(examples=["service_level"])
    reading: Reading = Reading()
    scope: Scope = Scope()
    expected: KpiLevel | None = None
    minimum: KpiLevel | None = None
    weight: ShareOfWhole | None = None
    bands: tuple[Band, ...] = ()
    linear: tuple[Edge, ...] = ()
    ceiling: Ceiling | None = None
    allocation: ShareOfWhole | None = None
    shortfall: Shortfall | None = None
    per_unit: PerUnit | None = None
    repeat: Repeat | None = None
    ratchet: Ratchet | None = None
    gate: Annotated[bool, Field(strict=True)] = False
    value_rounding: Annotated[
        Rounding | None,
        BeforeValidator(
            lambda given: None if given == "none" else given, json_schema_input_type=Literal["none"] | Rounding
        ),
    ] = Field(examples=["none"])
    missing: Missing = Field(examples=["insufficient"])
    minimum_sample: Count | None = None
    response_gate: ShareOfWhole | None = None
    exclusions: tuple[Exclusion, ...] = Field(examples=["[]"])

    @field_validator("value_rounding", mode="before")
    @classmethod
    def _said(cls, given: Any) -> Any:
        if given is None:
            raise ValueError('nothing is said: write "none", or for example {to: 0.01%, mode: half_up}')
        return given

    @model_validator(mode="after")
    def _complete(self) -> KpiClause:
        if self.bands and self.linear:
            raise ValueError("bands and linear both give the score: keep one")
        if len(self.linear) == 1:
            raise ValueError("a line needs two points, such as [{at: 90 s, score: 0}, {at: 80 s, score: 100}]")
        if self.allocation is not None and self.expected is None:
            raise ValueError('an allocation of the at-risk amount needs "expected": the level whose miss costs it')
        if self.gate and self.expected is None and self.minimum is None:
            raise ValueError('a gate needs "minimum" (or "expected"): the level that must be kept')
        return self


class Item(Part):
    """
    Something counted by hand: so many are free, each one after costs marks.

    With `of` it is read from a measure instead: it counts each day (or the month) in which that lies `below` or
    `above` a level.
    """

    item: Name = Field(examples=["late"])
    name: str = ""
    clause: Clause
    free: Count = 0
    each: Points = Field(examples=["2"])
    per: Literal["event", "day", "month"] = "event"
    of: Name | None = None
    below: KpiLevel | None = None
    above: KpiLevel | None = None
    most: Points | None = None

    @model_validator(mode="after")
    def _read_or_counted(self) -> Item:
        beyond = (self.below is not None) + (self.above is not None)
        if (self.of is None and beyond) or (self.of is not None and beyond != 1):
            raise ValueError('an item read from a measure needs "of" and one of "below" and "above"')
        return self


class Checklist(Part):
    """Marks that start full and fall with each item found, down to 0; counted anew every month."""

    clause: Clause
    name: Name | None = None
    weight: ShareOfWhole = Field(examples=["20%"])
    missing: Missing = Field(examples=["missed"])
    items: tuple[Item, ...] = Field(min_length=1)


class OwnMeasure(Part):
    """A measure the catalogue lacks: computed from columns of the log, or, without formulas, supplied each month."""

    en: str = ""
    zh: str = ""
    unit: Literal["share", "s", "count", "score", "money"] = "share"
    better: Literal["up", "down", "band"] = "up"
    numerator: str | None = None
    denominator: str | None = None

    @field_validator("numerator", "denominator")
    @classmethod
    def _readable(cls, formula: str | None) -> str | None:
        if formula is not None:
            expression(formula)
        return formula

    @model_validator(mode="after")
    def _both(self) -> OwnMeasure:
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("numerator and denominator go together: write both, or neither (then it is supplied)")
        return self


class LostOrder(Part):
    """What a lost contact costs in orders: order value × conversion × margin × the share of them lost for good."""

    value: Money = Field(examples=["180"])
    conversion: ShareOfWhole = Field(examples=["45%"])
    margin: ShareOfWhole = Field(examples=["20%"])
    share_lost: ShareOfWhole = Field(examples=["50%"])

    @property
    def harm(self) -> Decimal:
        """In the contract's currency."""
        return self.value * self.conversion * self.margin * self.share_lost


class Private(Part):
    """What only the buyer may see: never printed in the annex or in the vendor's copy."""

    harm_per_abandon: Money | None = None
    harm_per_waiting_second: Money | None = None
    harm_per_late_answer: Money | None = None
    lost_order: LostOrder | None = None

    @model_validator(mode="after")
    def _one_harm(self) -> Private:
        if self.harm_per_abandon is not None and self.lost_order is not None:
            raise ValueError("harm_per_abandon and lost_order both say what an abandoned contact costs: keep one")
        return self

    def harm(self, name: str) -> Decimal | None:
        """A loss by its key; of an abandoned contact as written, or as the lost order makes it."""
        if name == "harm_per_abandon" and self.lost_order is not None:
            return self.lost_order.harm
        return getattr(self, name)


def _listed(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else [given]


class ContractFile(Part):
    """The terms between a buyer and a vendor."""

    csim: Literal["contract/1"] = Field(examples=["contract/1"])
    name: Name = Field(examples=["chat-outsourcing-2026"])
    buyer: Name = Field(examples=["our company"])
    vendor: Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])] = Field(
        min_length=1, examples=["B"]
    )
    term: Span = Field(examples=["{from: 2026-01-01, to: 2026-12-31}"])
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(examples=["CNY"])
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(examples=["Asia/Shanghai"])
    tax: Tax | None = None
    period: Period | None = None
    holidays: tuple[dt.date, ...] = ()
    swapped_workdays: tuple[dt.date, ...] = ()
    monitoring: Cycle = "monthly"
    money_cycle: Literal["monthly", "quarterly"] = "monthly"
    pricing: Annotated[tuple[Price, ...], BeforeValidator(_listed, json_schema_input_type=Price | list[Price])] = Field(
        min_length=1, examples=['{clause: "4.1", per: answered_contact, rate: 1.40}']
    )
    forecast: Forecast | None = None
    measures: dict[Name, OwnMeasure] = Field(default_factory=dict)
    kpis: dict[Name, KpiClause] = Field(default_factory=dict)
    checklists: dict[Name, Checklist] = Field(default_factory=dict)
    additions: Addition | None = None
    pay: Pay
    league: League | None = None
    bonus_pool: BonusPool | None = None
    private: Private | None = None

    @model_validator(mode="after")
    def _one_name_each(self) -> ContractFile:
        if twice := set(self.kpis) & set(self.checklists):
            raise ValueError(f'"{sorted(twice)[0]}" stands under kpis and under checklists: rename one')
        return self

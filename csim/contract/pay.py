"""The terms of payment: from scores and points to money, caps and their order, persistence, pools and ranks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from csim.contract.bands import Band, Rounding
from csim.expressions import expression
from csim.schema.exact import Money, Percent, Points, ShareOfWhole
from csim.schema.fields import Count, Name, Part

Clause = Annotated[str, Field(min_length=1, max_length=40)]
Months = Annotated[int, Field(ge=1, strict=True)]
Step = Literal["carry_in", "month_cap", "year_cap", "bonus", "earn_back"]


class AtRisk(Part):
    """The money that misses can take: a share of the month's fee, of which one pool is shared out by allocations."""

    share_of_fee: ShareOfWhole = Field(examples=["12%"])
    pool: ShareOfWhole = Field(examples=["50%"])
    clause: Clause


class Cap(Part):
    """The most that may be deducted: in a month, as a share of its fee, or in any twelve months, of their fees."""

    month: ShareOfWhole | None = None
    year: ShareOfWhole | None = None
    clause: Clause

    @model_validator(mode="after")
    def _one(self) -> Cap:
        if (self.month is None) == (self.year is None):
            raise ValueError('write "month" or "year": two caps are two entries')
        return self


class CarryForward(Part):
    """What a cap cut off is deducted in later months, for so long."""

    months: Months = Field(examples=["3"])
    clause: Clause


class EarnBack(Part):
    """After so many months in a row without a deduction, this share of what was deducted before is paid back."""

    months: Months = Field(examples=["6"])
    share: ShareOfWhole = Field(examples=["50%"])
    clause: Clause


class RampUp(Part):
    """The first months of the term: measured and shown, nothing is deducted."""

    months: Months = Field(examples=["2"])
    clause: Clause


class Streak(Part):
    """
    What follows when something lasts: n months in a row, or k of the last m.

    `when` is a condition over the month: score, points, missed (how many clauses), missed_ID, score_ID, points_ID.
    `reset` says whether the count starts anew once it has fired, or it fires again every month that it still holds.
    """

    when: str = Field(examples=['"score < 80"'])
    months: Months = Field(examples=["3"])
    consecutive: Annotated[bool, Field(strict=True)] = True
    of: Months | None = None
    then: Literal["bonus", "deduction", "promotion", "demotion", "elimination", "termination_right", "notice"] = Field(
        examples=["termination_right"]
    )
    share_of_fee: Percent | None = None
    amount: Money | None = None
    reset: Literal["after_firing", "never"] = "after_firing"
    clause: Clause

    @field_validator("when")
    @classmethod
    def _readable(cls, condition: str) -> str:
        expression(condition)
        return condition

    @model_validator(mode="after")
    def _complete(self) -> Streak:
        if not self.consecutive and (self.of is None or self.of < self.months):
            raise ValueError('not in a row: write "of", the number of months looked back on, such as months: 5, of: 12')
        if self.consecutive and self.of is not None:
            raise ValueError('"of" is for months that need not follow each other: add "consecutive: false"')
        money = (self.share_of_fee is not None) + (self.amount is not None)
        if self.then in ("bonus", "deduction") and money != 1:
            raise ValueError(f'a {self.then} needs its size: write "share_of_fee" or "amount"')
        if self.then not in ("bonus", "deduction") and money:
            raise ValueError(f"{self.then} moves no money: leave out share_of_fee and amount")
        return self


class Pay(Part):
    """
    From the month's score and points to what is paid.

    `order` lists the steps between the deductions of the month and the payment, as they are applied; it must name
    every one that the contract has (carry_in, month_cap, year_cap, bonus, earn_back), since another order gives
    another total.
    """

    clause: Clause
    by_score: tuple[Band, ...] = ()
    by_points: tuple[Band, ...] = ()
    at_risk: AtRisk | None = None
    streaks: tuple[Streak, ...] = ()
    caps: tuple[Cap, ...] = ()
    carry_forward: CarryForward | None = None
    earn_back: EarnBack | None = None
    ramp_up: RampUp | None = None
    order: tuple[Step, ...] = ()
    rounding: Rounding = Field(examples=["{to: 0.01, mode: half_up}"])
    objection_days: Count | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Pay:
        for name, outcome in (("by_score", "share_of_fee"), ("by_points", "credit")):
            if any(row.outcome != outcome for row in getattr(self, name)):
                raise ValueError(f'every row of {name} needs "{outcome}"')
        if len({cap.month is None for cap in self.caps}) < len(self.caps):
            raise ValueError("two caps for the same span: keep one for the month and one for the year")
        if self.carry_forward and not self.caps:
            raise ValueError("carry_forward without a cap: nothing is ever cut off to be carried")
        if self.rounding.to.kind != "number" or self.rounding.to.number <= 0:
            raise ValueError("money is rounded to a step such as 0.01")
        return self


class Addition(Part):
    """Points on top of the score, by hand, up to a cap."""

    clause: Clause
    cap: Points = Field(examples=["10"])
    items: tuple[AddedItem, ...] = Field(min_length=1)


class AddedItem(Part):
    """One reason for more points."""

    item: Name = Field(examples=["praise"])
    name: str = ""
    clause: Clause
    each: Points = Field(examples=["2"])
    most: Points | None = None


class League(Part):
    """
    Next month's shares of the volume, by rank among the vendors.

    Where vendors tie: `split` gives each the mean of their places, `by_volume` puts the larger first,
    `keep_shares` the one that the contract names first.
    """

    clause: Clause
    shares: tuple[ShareOfWhole, ...] = Field(min_length=2, examples=["[50%, 30%, 20%]"])
    ties: Literal["keep_shares", "by_volume", "split"] = Field(examples=["split"])

    @field_validator("shares")
    @classmethod
    def _whole(cls, shares: tuple) -> tuple:
        if sum(shares) != 1:
            raise ValueError(f"shares add up to {sum(shares) * 100:f}%: they must make 100%")
        return shares


class Prize(Part):
    """The part of one rank of the pool, and a fixed sum on top."""

    share: ShareOfWhole = Field(examples=["40%"])
    plus: Money | None = None


class BonusPool(Part):
    """A sum shared among people by rank: first, second, …, and the rest in equal parts."""

    clause: Clause
    of: Name | None = None
    share: Percent | None = None
    amount: Money | None = None
    ranks: tuple[Prize, ...] = Field(min_length=1, examples=["[{share: 40%, plus: 200}, {share: 30%, plus: 100}]"])
    rest: ShareOfWhole = Field(examples=["30%"])
    ties: Literal["by_sales", "split"] = Field(examples=["by_sales"])
    residual: Literal["to_buyer", "to_ranked", "next_month"] | None = None

    @model_validator(mode="after")
    def _sized(self) -> BonusPool:
        if (self.amount is None) == (self.share is None):
            raise ValueError('how large is the pool? write "amount", or "share" and "of" (the sum it is a share of)')
        if self.share is not None and self.of is None:
            raise ValueError('"share" of what? write "of", such as of: silent_order_sales')
        return self


Addition.model_rebuild()

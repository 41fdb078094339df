"""The schema of a scenario file (`csim: scenario/1`): every key, its unit and its bounds."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from csim import units
from csim.expressions import expression
from csim.scenario.laws import Distribution, sums_to_one
from csim.schema.fields import Count, Name, Number, Part, Ratio, Seconds, Share, described, known_zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _target(text: object) -> str:
    """Text with a unit; which unit a target needs, its KPI says (csim/kpi/targets.py)."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise ValueError('a target is a share or a duration: write for example "80%" or "30 s"')
    if not isinstance(text, str) or text.strip().replace(".", "", 1).isdigit():
        raise ValueError(f'{text} has no unit: write "{text}%" or "{text} s"')
    return text


Target = Annotated[str, BeforeValidator(_target), described("a share or a duration", "80%", "30 s")]


class DayFactor(Part):
    """How much whole days differ beyond chance: one gamma factor a day, mean 1."""

    cv: Ratio = Field(examples=["10%"])


class Calendar(Part):
    """Which days are simulated, when arrivals begin and end, in intervals of what length."""

    start: dt.datetime = Field(examples=["2026-06-01T09:00"])
    timezone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    days: Annotated[int, Field(ge=1, strict=True)] = 1
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    closed: tuple[dt.date, ...] = ()
    open: Seconds = Field(examples=["10 h"])
    carry_over: Annotated[bool, Field(strict=True)] = False
    interval: Seconds = 1800.0
    warmup: Seconds = 0.0
    day_factor: DayFactor | None = None
    after_close: Literal["drain", "hang_up"] = "drain"

    @field_validator("start")
    @classmethod
    def _local(cls, start: dt.datetime) -> dt.datetime:
        if start.tzinfo is not None:
            raise ValueError(
                f'"{start.isoformat()}" carries an offset: write the local time, and the zone in "timezone"'
            )
        return start

    @field_validator("open")
    @classmethod
    def _within_a_day(cls, open_s: float) -> float:
        if not 0 < open_s <= 86400:
            raise ValueError(f"open for {units.as_duration(open_s)}: write more than 0 h and at most 24 h")
        return open_s

    @field_validator("weekdays")
    @classmethod
    def _some_weekday(cls, weekdays: tuple) -> tuple:
        if not weekdays:
            raise ValueError("no weekday: write for example [mon, tue, wed, thu, fri]")
        return weekdays

    @model_validator(mode="after")
    def _whole_intervals(self) -> Calendar:
        if self.interval <= 0 or self.open % self.interval:
            opened, step = units.as_duration(self.open), units.as_duration(self.interval)
            raise ValueError(f'an "interval" of {step} does not divide "open" ({opened}): write for example "30 min"')
        return self


def _never(value: object) -> object:
    if value is None or (isinstance(value, str) and value != "never"):
        value = "nothing" if value is None else value
        raise ValueError(f'"{value}" is no patience: write "never", or {{distribution: exponential, mean: 180 s}}')
    return None if value == "never" else value


BESIDE = ("column", "times")  # keys of a profile that go with one of its ways


class Profile(Part):
    """Numbers per interval of the day: exactly one of the ways to give them, times a factor if there is one."""

    per_interval: tuple[Number, ...] | None = None
    per_weekday: dict[Weekday, tuple[Number, ...]] | None = None
    file: Annotated[str, Field(min_length=1)] | None = None
    column: str | None = None
    times: Ratio | None = Field(default=None, examples=["1.1"])

    def given(self) -> list[str]:
        """Which ways are used."""
        return [name for name in type(self).model_fields if name not in BESIDE and getattr(self, name) is not None]

    @model_validator(mode="after")
    def _exactly_one(self) -> Profile:
        ways = [name for name in type(self).model_fields if name not in BESIDE]
        if self.column is not None and self.file is None:
            raise ValueError('"column" goes with "file": leave it out')
        if len(self.given()) != 1:
            found = " and ".join(self.given()) or "none"
            raise ValueError(f"found {found}: write exactly one of {', '.join(ways)}")
        return self


class Factors(Profile):
    """By how much handle times are longer or shorter at times of the day: 1 is the law as it stands."""


class Arrivals(Profile):
    """Expected contacts: a rate per hour, or counts per interval of one day, per weekday, or from a file."""

    per_hour: Number | None = None


def _heads(value: object) -> object:
    return value if isinstance(value, dict) else {"always": value}


class Agents(Profile):
    """Agents on the plan: one number, or per interval, per weekday, or from a file."""

    always: Count | None = Field(default=None, json_schema_extra={"readOnly": True})

    @model_validator(mode="after")
    def _whole_people(self) -> Agents:
        lists = [self.per_interval or (), *(self.per_weekday or {}).values()]
        half = [n for numbers in lists for n in numbers if n != int(n)]
        if half:
            raise ValueError(f"{half[0]:g} agents: write whole numbers (and use shrinkage for absences)")
        return self


class Survey(Part):
    """A satisfaction survey: who is invited, who answers, and with which scores."""

    invited: Share = 1.0
    answered: Share = Field(examples=["50%"])
    scores: dict[Annotated[float, Field(ge=0)], Share] = Field(examples=["{5: 96%, 3: 2%, 1: 2%}"])

    @field_validator("scores")
    @classmethod
    def _whole(cls, scores: dict[float, float]) -> dict[float, float]:
        sums_to_one(scores.values(), "scores")
        return scores


class Checks(Part):
    """Quality checks: how many contacts per agent and day are checked, and how many pass."""

    per_agent_day: Annotated[int, Field(ge=1, strict=True)] = Field(examples=["20"])
    passed: Share = Field(alias="pass", examples=["96%"])


class Quality(Part):
    """Coins per answered contact, so that samples are as noisy as in life."""

    resolved: Share | None = None
    survey: Survey | None = None
    checks: Checks | None = None


class Queue(Part):
    """One stream of contacts that waits in one line."""

    channel: Literal["voice", "chat"] = Field(examples=["voice"])
    arrivals: Arrivals = Field(examples=["{per_hour: 290}"])
    patience: Annotated[
        Distribution | None, BeforeValidator(_never, json_schema_input_type=Distribution | Literal["never"])
    ] = Field(examples=["{distribution: exponential, mean: 180 s}"])
    balk: Share = 0.0
    handle_time: Distribution = Field(examples=["{distribution: lognormal, mean: 5 min, cv: 0.9}"])
    handle_by_time: Factors | None = Field(default=None, examples=["{per_interval: [0.9, 1.1]}"])
    after_work: Distribution | None = None
    answer_within: Seconds | None = None
    quick_abandons: Literal["included", "excluded", "answered_only", "quick_counts_as_met"] = "included"
    priority: Annotated[int, Field(ge=1, strict=True)] = 1
    prefers: tuple[str, ...] = ()
    max_waiting: Count | None = None
    shares: dict[Name, Share] | None = None
    day_factor: DayFactor | None = None
    quality: Quality | None = None
    targets: dict[str, Target] = Field(default_factory=dict)

    @field_validator("shares")
    @classmethod
    def _whole(cls, shares: dict[str, float] | None) -> dict[str, float] | None:
        if shares is not None:
            sums_to_one(shares.values(), "shares")
        return shares


class ComposedPace(Part):
    """A chat as turns: the agent composes, the customer types; the pace at k chats follows from both."""

    compose: Seconds = Field(examples=["10 s"])
    customer: Seconds = Field(examples=["60 s"])

    @model_validator(mode="after")
    def _positive(self) -> ComposedPace:
        if self.compose <= 0:
            raise ValueError('compose is 0 s: write how long an agent needs for one message, such as "10 s"')
        return self


PaceStep = Annotated[float, Field(gt=0, le=1)]
Pace = Annotated[
    Annotated[tuple[PaceStep, ...], Tag("steps")] | Annotated[ComposedPace, Tag("turns")],
    Discriminator(lambda given: "turns" if isinstance(given, dict | ComposedPace) else "steps"),
]


class Group(Part):
    """Agents who serve the same queues in the same way."""

    serves: tuple[str, ...] = Field(min_length=1, examples=["[presales]"])
    priority: dict[str, Annotated[int, Field(ge=1, strict=True)]] = Field(default_factory=dict)
    vendor: Name | None = None
    agents: Annotated[Agents, BeforeValidator(_heads, json_schema_input_type=int | Agents)] = Field(examples=["25"])
    shrinkage: Share = 0.0
    concurrency: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    pace: Pace | None = None
    cost_per_hour: Number | None = None

    @model_validator(mode="after")
    def _pace_fits(self) -> Group:
        if isinstance(self.pace, tuple):
            if len(self.pace) != self.concurrency:
                raise ValueError(
                    f"pace has {len(self.pace)} numbers, concurrency is {self.concurrency}: write one per chat held"
                )
            if self.pace[0] != 1:
                raise ValueError(f"pace starts with {self.pace[0]:g}: a chat held alone runs at pace 1")
        return self


class Routing(Part):
    """Who takes a contact, and which contact is taken first."""

    agent: Literal["longest_idle", "least_loaded"] = "longest_idle"
    contact: Literal["fifo", "lifo", "not_yet_missed_first", "never_past_threshold"] = "fifo"


class OwnKpi(Part):
    """A KPI of your own: a ratio of two sums over columns of the contact log (or of the agent states)."""

    en: str = ""
    zh: str = ""
    numerator: str = Field(examples=['"answered and wait <= 60"'])
    denominator: str = Field(examples=['"offered"'])

    @field_validator("numerator", "denominator")
    @classmethod
    def _readable(cls, formula: str) -> str:
        expression(formula)
        return formula

    over: Literal["contacts", "agent_states"] = "contacts"
    unit: Literal["share", "s", "count", "per_hour", "score"] = "share"
    better: Literal["up", "down", "band"] = "up"


def _no_total(queues: dict[str, Queue]) -> dict[str, Queue]:
    if "all" in queues:
        raise ValueError('no queue can be called "all": tables call the total so')
    return queues


class ScenarioFile(Part):
    """A contact centre: its calendar, queues, groups and routing."""

    csim: Literal["scenario/1"] = Field(examples=["scenario/1"])
    name: Name = Field(examples=["presales-chat"])
    calendar: Calendar
    queues: Annotated[dict[Name, Queue], AfterValidator(_no_total)] = Field(min_length=1)
    groups: dict[Name, Group] = Field(min_length=1)
    routing: Routing = Routing()
    kpis: dict[Name, OwnKpi] = Field(default_factory=dict)

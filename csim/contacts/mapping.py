"""The schema of a mapping file (`csim: mapping/1`): from a vendor's columns to the columns of a contact log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from csim.contacts.columns import AGENT_STATES, CONTACTS
from csim.contacts.conditions import Where, Word
from csim.errors import did_you_mean
from csim.schema.fields import Name, Part, Seconds, Share, known_zone

ALL = "*"  # under keep: every other column
Unit = Literal["ms", "s", "min", "h", "d"]


def _several(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


Names = Annotated[tuple[Name, ...], BeforeValidator(_several), WithJsonSchema({"type": ["string", "array"]})]


class FileForm(Part):
    """How the file is written; what is not said is found out, and told."""

    format: Literal["text", "excel", "parquet", "json"] | None = None
    encoding: str | None = Field(default=None, examples=["gb18030"])
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quotes: Annotated[bool, Field(strict=True)] = True
    header_line: Annotated[int, Field(ge=1, strict=True)] = 1
    sheet: Name | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        import codecs

        try:
            return codecs.lookup(encoding).name if encoding is not None else None
        except LookupError:
            raise ValueError(f'unknown encoding "{encoding}": write for example utf-8, gb18030 or latin-1') from None


class Database(Part):
    """A query instead of a file; the address of the database stands in the environment, never in a file."""

    query: Annotated[str, Field(min_length=1)]
    states: Annotated[str, Field(min_length=1)] | None = None  # the query of agents' states
    connection: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "CSIM_DATABASE"


class ClockChanges(Part):
    """Local times that happened twice, or never, when clocks changed."""

    twice: Literal["first", "second", "reject"] = "first"
    never: Literal["shift", "reject"] = "shift"


class Case(Part):
    """A value where a condition holds."""

    where: Where = Field(default={})
    value: Word = Field(alias="is", examples=["answered"])


class Scale(Part):
    """The ends of a survey's scale: with a highest score alone x × 5 ÷ highest, with both ends from 1 to 5."""

    highest: float = Field(gt=0, examples=[10])
    lowest: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.lowest is not None and self.lowest >= self.highest:
            raise ValueError('"lowest" is not below "highest"')
        return self


class TimePart(Part):
    """A column of times of day, and the words in it that say nothing."""

    column: Name
    empty: tuple[Word, ...] = ()


def _time_parts(written: Any) -> Any:
    several = written if isinstance(written, list | tuple) else [written]
    return tuple({"column": item} if isinstance(item, str) else item for item in several)


TimeParts = Annotated[
    tuple[TimePart, ...], BeforeValidator(_time_parts), WithJsonSchema({"type": ["string", "array", "object"]})
]


class Source(Part):
    """Where one of our columns comes from: of the first keys exactly one, then what is done with its cells."""

    column: Names | None = Field(default=None, examples=["QueueName"])  # the first that says something
    join: Names | None = None  # several cells as one text
    sum: Names | None = None  # several durations or numbers as one; an empty cell adds 0
    constant: Word | None = None
    line: Literal["number"] | None = None  # the row's line in the file
    date: Names | None = None  # with `time`, where they stand in two columns
    time: TimeParts | None = None
    begins: Names | None = Field(default=None, alias="from")  # with `to`: the seconds between two of our times,
    ends: Names | None = Field(default=None, alias="to")  # of several the first that is known
    cases: tuple[Case, ...] | None = None

    words: dict[str, Word] = Field(default={})
    otherwise: Word | None = None  # a word that is not in `words` ("*": stays as it is); without it the row is rejected
    empty: tuple[Word, ...] = ()  # words that say nothing
    default: Word | None = None  # what an empty cell means
    where: Where = Field(default={})  # elsewhere the cell says nothing
    format: str | None = Field(default=None, examples=["dd/mm/yyyy hh:mm:ss"])
    zone: Annotated[str, AfterValidator(known_zone)] | None = None
    unit: Unit = "s"
    after: Name | None = (
        None  # one of our times, or a column of times of the same date: an earlier time is the next day
    )
    scale: Scale | None = None
    twice: Literal["reject", "number"] = "reject"
    unreadable: Literal["reject", "empty"] = "reject"  # empty: such a cell costs the row nothing, and is counted
    newest: Name | None = None  # of rows with the same id the one where this column is greatest; others are set aside
    other: Source | None = Field(default=None, alias="else")  # where this one says nothing

    @model_validator(mode="after")
    def _one_way(self) -> Source:
        ways = [key for key in ("column", "join", "sum", "constant", "line", "time", "cases") if self._has(key)]
        ways += ["from"] if self.begins is not None or self.ends is not None else []
        if len(ways) != 1:
            said = f"both {' and '.join(ways)}" if ways else "no source"
            raise ValueError(
                f"{said}: write one of column, join, sum, constant, line, date with time, from with to, cases"
            )
        if (self.begins is None) != (self.ends is None):
            raise ValueError('"from" needs "to": write {from: assigned, to: ended}')
        if (self.date is None) != (self.time is None):
            raise ValueError('"date" and "time" go together: where one column holds both, write {column: …}')
        return self

    def _has(self, key: str) -> bool:
        return getattr(self, key) is not None

    def columns(self) -> set[str]:
        """The vendor's columns it reads."""
        named = [*(self.column or ()), *(self.join or ()), *(self.sum or ()), *(self.date or ())]
        named += [part.column for part in self.time or ()] + [*self.where]
        named += [name for case in self.cases or () for name in case.where] + ([self.newest] if self.newest else [])
        return set(named) | (self.other.columns() if self.other is not None else set())


def _source(written: Any) -> Any:
    return {"column": written} if isinstance(written, str | list) else written


class _OrNames:
    """In the JSON schema: a column's name, or several, may stand where a `Source` may."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        several = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [handler(core), {"type": "string"}, several]}


Sources = dict[Name, Annotated[Source, BeforeValidator(_source), _OrNames()]]


class SetAside(Part):
    """Rows that are no contacts of ours; they are counted with their reason, and offered is the rest."""

    where: Where = Field(min_length=1)
    because: str = Field(min_length=1, examples=["hung up in the voice menu"])


class MappingFile(Part):
    """A whole mapping file."""

    csim: Literal["mapping/1"]
    name: Name
    about: str = ""
    file: FileForm = FileForm()
    source: Database | None = None
    timezone: Annotated[str, AfterValidator(known_zone)] | None = None
    clock_changes: ClockChanges = ClockChanges()
    longest: Seconds = 43200.0  # an end that lies before its start is the next day only if it then lasts no longer
    backwards: Seconds = 2.0  # two clocks of one system: an end so little before its start is at its start
    empty: tuple[Word, ...] = ("",)
    set_aside: tuple[SetAside, ...] = ()
    contacts: Sources = Field(default={})
    times: Sources = Field(default={})
    states: Sources = Field(default={})
    keep: Names = ()  # other columns of the vendor's, kept as they are written
    hashed: Names = ("customer_id",)
    most_rejects: Share = 0.2

    @field_validator("contacts", "states")
    @classmethod
    def _known_columns(cls, sources: dict[str, Source], info: Any) -> dict[str, Source]:
        known = CONTACTS if info.field_name == "contacts" else AGENT_STATES
        names = [column.name for column in known]
        wrong = [name for name in sources if name not in names]
        if wrong:
            raise ValueError("; ".join(f'no column "{name}": {did_you_mean(name, names)}' for name in wrong))
        missing = [column.name for column in known if column.required and column.name not in sources] if sources else []
        if missing:
            raise ValueError(f'{", ".join(missing)} must come from somewhere: write for example "{missing[0]}: …"')
        return sources

    def columns(self, kind: str) -> set[str] | None:
        """The vendor's columns that a reading of contacts (or of states) needs; None for all of them."""
        if ALL in self.keep:
            return None
        sources = [*(self.contacts if kind == "contacts" else self.states).values(), *self.times.values()]
        rules = self.set_aside if kind == "contacts" else ()
        named = {name for source in sources for name in source.columns()} | {*self.keep}
        return named | {name for rule in rules for name in rule.where}

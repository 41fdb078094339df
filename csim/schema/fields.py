"""The building blocks of csim's files: values written with their unit, names, and parts that refuse unknown keys."""

from __future__ import annotations

import zoneinfo
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from csim import units


def described(description: str, *examples: str) -> WithJsonSchema:
    """How an editor describes a value that is written as text or as a number."""
    return WithJsonSchema({"type": ["string", "number"], "description": description, "examples": list(examples)})


Seconds = Annotated[float, BeforeValidator(units.seconds), described("a duration with its unit", "20 s", "8.5 min")]
Share = Annotated[float, BeforeValidator(units.share), described("a share, 0% to 100%", "5%", "0.05")]
Ratio = Annotated[float, BeforeValidator(units.ratio), described("a number or a percentage, 0 or more", "0.9", "90%")]
Count = Annotated[int, Field(ge=0, strict=True)]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Part(BaseModel):
    """A piece of the file: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def known_zone(name: str) -> str:
    """A time zone there is."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'unknown time zone "{name}": write for example "Asia/Shanghai"') from None
    return name

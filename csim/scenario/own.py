"""KPIs of a user's own, from a YAML file: the same entries as under `kpis:` in a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from csim.errors import InputError, Mistake
from csim.scenario.model import OwnKpi
from csim.schema.fields import Name, Part
from csim.schema.located import read_yaml, validated


class OwnKpis(Part):
    """A file of one's own KPIs."""

    kpis: dict[Name, OwnKpi] = Field(min_length=1)


def own_kpis_of(path: Path) -> dict[str, Any]:
    """
    The KPIs of a file such as:

        kpis:
          answered_within_a_minute:
            en: Answered within a minute
            zh: 一分钟内接听
            numerator: answered and wait <= 60
            denominator: offered
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError([Mistake("no such file: write the path of a file with KPIs", "", str(path))]) from None
    except (OSError, UnicodeDecodeError):
        raise InputError([Mistake("cannot be read as UTF-8 text", "", str(path))]) from None
    found = validated(OwnKpis, read_yaml(text, str(path)))
    return {name: entry.model_dump() for name, entry in found.kpis.items()}

"""Starting files for people, and the JSON schema for their editors."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.files import write_text

KINDS = ("scenario",)


def start_file(kind: str, target: Path, lang: str = "en", *, force: bool = False) -> Path:
    """Writes a commented starting file; an existing one is kept unless *force*."""
    if kind not in KINDS:
        raise UnknownNameError([Mistake(f'cannot start a "{kind}": {did_you_mean(kind, KINDS)}', "csim new")])
    if target.exists() and not force:
        raise InputError([Mistake("exists already: choose another name, or write --force", "", str(target))])
    text = resources.files("csim.scenario").joinpath(f"starts/{kind}.{lang}.yaml").read_text(encoding="utf-8")
    return write_text(target, text)


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON schema of a file format."""
    if kind not in KINDS:
        raise UnknownNameError([Mistake(f'no schema for "{kind}": {did_you_mean(kind, KINDS)}', "csim schema")])
    from csim.scenario.model import ScenarioFile

    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ScenarioFile.model_json_schema()}

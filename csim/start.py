"""Starting files for people, and the JSON schemas for their editors; each room keeps its own starting texts."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.files import write_text

KINDS = ("scenario", "contract", "mapping")
ROOMS = {"mapping": "contacts"}  # where a starting text is kept, if its room has another name


def start_file(kind: str, target: Path, lang: str = "en", *, force: bool = False) -> Path:
    """
    Writes a commented starting file; an existing one is kept unless *force*.

    A contract may be a workbook: the ending .xlsx says so.
    """
    if kind not in KINDS:
        raise UnknownNameError([Mistake(f'cannot start a "{kind}": {did_you_mean(kind, KINDS)}', "csim new")])
    if target.exists() and not force:
        raise InputError([Mistake("exists already: choose another name, or write --force", "", str(target))])
    text = (
        resources.files(f"csim.{ROOMS.get(kind, kind)}")
        .joinpath(f"starts/{kind}.{lang}.yaml")
        .read_text(encoding="utf-8")
    )
    if target.suffix.lower() != ".xlsx":
        return write_text(target, text)
    if kind != "contract":
        raise InputError([Mistake(f"a {kind} is a YAML file: choose a name that ends with .yaml", "", str(target))])
    from csim.contract.paper.workbook import write_workbook
    from csim.schema.located import read_yaml

    return write_workbook(read_yaml(text).data, target, lang)


def schema_of(kind: str) -> dict[str, Any]:
    """
    The JSON schema of a file format.

    Examples:
        >>> schema_of("contract")["required"][:4]
        ['csim', 'name', 'buyer', 'vendor']
    """
    if kind not in KINDS:
        raise UnknownNameError([Mistake(f'no schema for "{kind}": {did_you_mean(kind, KINDS)}', "csim schema")])
    if kind == "contract":
        from csim.contract.dated import with_dated
        from csim.contract.model import ContractFile

        schema = with_dated(ContractFile.model_json_schema())
    elif kind == "mapping":
        from csim.contacts.mapping import MappingFile

        schema = MappingFile.model_json_schema()
    else:
        from csim.scenario.model import ScenarioFile

        schema = ScenarioFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

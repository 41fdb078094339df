"""Where a variant may be written, and under what name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from csim.errors import InputError, Mistake
from csim.scenario.load import Scenario
from csim.scenario.varied import write_varied


def file_name(name: str) -> str:
    """
    A file name for a variant of a scenario, whatever it is called.

    Examples:
        >>> file_name("double-11"), file_name("../=1+1 <b>")
        ('double-11-varied.yaml', '1-1-b-varied.yaml')
    """
    plain = re.sub(r"[^\w-]+", "-", name).strip("-_") or "scenario"
    return f"{plain[:60]}-varied.yaml"


def written(
    scenario: Scenario, changes: dict[str, Any], folder: Path, name: str, remark: str, confined: bool = False
) -> Path:
    """Writes the varied scenario where `free_place` says."""
    return write_varied(scenario, changes, free_place(folder, name, scenario.name, confined), remark)


def free_place(folder: Path, name: str, of: str, confined: bool = False) -> Path:
    """
    Where a file of this name is written; never over one that is there.

    Args:
        of: What is varied, for an example of a name.
        confined: Whether *name* must be the plain name of a file of *folder* (a page for others to use).

    Raises:
        InputError: A name that is no YAML file's, leads out of the folder, or is taken.
    """
    name = name.strip()
    if Path(name).suffix not in (".yaml", ".yml"):
        raise InputError([Mistake(f'"{name}" is no name of a YAML file: write for example {file_name(of)}', "file")])
    if confined and (Path(name).name != name or "\\" in name or name.startswith(".")):
        raise InputError([Mistake(f'"{name}" leads elsewhere: write a plain name, without folders', "file")])
    if (folder / name).exists():
        raise InputError([Mistake("stands there already: choose another name", "", str(folder / name))])
    return folder / name

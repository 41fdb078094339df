"""Where a variant may be written, and under what name."""

from __future__ import annotations

import re
from pathlib import Path

from csim.display.words import Words
from csim.errors import InputError


def file_name(name: str) -> str:
    """
    A file name for a variant of a scenario, whatever it is called.

    Examples:
        >>> file_name("double-11"), file_name("../=1+1 <b>")
        ('double-11-varied.yaml', '1-1-b-varied.yaml')
    """
    plain = re.sub(r"[^\w-]+", "-", name).strip("-_") or "scenario"
    return f"{plain[:60]}-varied.yaml"


def free_place(folder: Path, name: str, of: str, words: Words, confined: bool = False) -> Path:
    """
    Where a file of this name is written; never over one that is there.

    Args:
        of: What is varied, for an example of a name.
        words: The language in which a name is refused.
        confined: Whether *name* must be the plain name of a file of *folder* (a page for others to use).

    Raises:
        InputError: A name that is no YAML file's, leads out of the folder, or is taken.
    """
    name = name.strip()
    if Path(name).suffix not in (".yaml", ".yml"):
        raise InputError(words("explore_no_yaml", name=name, example=file_name(of)))
    if confined and (Path(name).name != name or "\\" in name or name.startswith(".")):
        raise InputError(words("explore_leads_elsewhere", name=name))
    if (folder / name).exists():
        raise InputError(words("explore_stands_there", name=name))
    return folder / name

"""A notebook in Chinese, made from the English one: the same code, the words that stand beside each cell."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

from csim.display.words import LANGUAGES
from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean
from csim.files import write_text

_LANG = re.compile(r'^lang = "en"', re.MULTILINE)


def translated(notebook: dict[str, Any], lang: str, source: str = "") -> dict[str, Any]:
    """
    A notebook in another language.

    A markdown cell carries its Chinese in its metadata, under "zh"; code says `lang = "en"` in a line of its own,
    which becomes `lang = "zh"`, and is otherwise the same.

    Args:
        notebook: The English notebook, as JSON. source: Its file, for messages.

    Raises:
        InputError: Cells that lack their words.

    Examples:
        >>> words = {"cell_type": "markdown", "id": "a", "source": "A day", "metadata": {"zh": "一天"}}
        >>> code = {"cell_type": "code", "id": "b", "source": 'lang = "en"', "metadata": {}}
        >>> [cell["source"] for cell in translated({"cells": [words, code]}, "zh")["cells"]]
        ['一天', 'lang = "zh"']
    """
    if lang not in LANGUAGES:
        raise UnknownNameError([Mistake(f'no language "{lang}": {did_you_mean(lang, LANGUAGES)}', "--lang")])
    made = copy.deepcopy(notebook)
    mistakes = []
    for cell in made["cells"]:
        said = cell["metadata"].pop("zh", None)
        if lang == "zh" and cell["cell_type"] == "code":
            cell["source"] = _LANG.sub('lang = "zh"', _text(cell["source"]))
        elif lang == "zh" and not said:
            start = _text(cell["source"]).splitlines()[0][:60]
            mistakes.append(Mistake(f'"{start}" has no Chinese: write it into the metadata of the cell, under "zh"',
                                    f"cells.{cell['id']}", source))  # fmt: skip
        elif lang == "zh":
            cell["source"] = _text(said)
    if mistakes:
        raise InputError(mistakes)
    return made


def write_translated(notebook: Path, lang: str, folder: Path) -> Path:
    """
    Writes a notebook in another language under its own name into *folder*.

    Raises:
        InputError: No such notebook, or cells that lack their words.
    """
    try:
        source = json.loads(notebook.read_text(encoding="utf-8"))
        made = translated(source, lang, str(notebook))
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError([Mistake("no notebook can be read here: name an .ipynb file", "", str(notebook))]) from None
    if folder.resolve() == notebook.resolve().parent:
        raise InputError([Mistake("it would be written over the notebook itself: name another folder", "--out")])
    return write_text(folder / notebook.name, json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)

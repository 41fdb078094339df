"""A proposal on paper: the contract as YAML, workbook and Word annex with the changes marked, and all tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from csim.contract.paper.annex import write_annex
from csim.contract.paper.workbook import write_workbook
from csim.contract.paper.written import to_yaml

if TYPE_CHECKING:
    from csim.terms.tuning.tuning import Tuning


def written(found: Tuning, folder: Path, lang: str = "zh") -> list[Path]:
    """
    Writes every package as a contract file, the aim also as workbook and annex against today's terms.

    What stands under `private` stays in the contract files and is in no annex. With nothing found only the tables
    are written.
    """
    paths = []
    for name in ("ask", "aim", "stop"):
        if name in found.packages:
            paths.append(folder / f"{name}.yaml")
            to_yaml(dict(found.packages[name].data), paths[-1], lang)
    if "aim" in found.packages:
        data = dict(found.packages["aim"].data)
        paths.append(write_workbook(data, folder / "aim.xlsx", lang))
        paths.append(write_annex(found.contract_of("aim"), folder / "aim.docx", lang, found.contract))
    paths.append(found.to_excel(folder / "tuning.xlsx"))
    return paths

"""The vendor's copy of every report: searched byte by byte for what only the buyer may know."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from ruamel.yaml import YAML

from csim.errors import InputError
from csim.report.html import bound_of, standalone
from csim.report.render import render
from csim.report.sheets import workbook_of

from .cells import CHEAP, SCENARIOS, SETTLEMENT, made

# Written as nothing else is: found again in any shape that a page could give them.
SECRETS = {"harm_per_abandon": "73191.37", "harm_per_waiting_second": "0.091873", "harm_per_late_answer": "48217.53"}
BUYERS_OWN = {"renewal"}  # reports of which nothing is for the vendor


def with_secrets(contract: str, folder: Path) -> str:
    """A contract with private numbers of the buyer, beside the files it names."""
    source = Path(contract)
    for beside in source.parent.glob("*.csv"):
        shutil.copy(beside, folder)
    yaml = YAML()
    data = yaml.load(source.read_text(encoding="utf-8"))
    data["private"] = dict(SECRETS)
    with (folder / source.name).open("w", encoding="utf-8") as out:
        yaml.dump(data, out)
    return str(folder / source.name)


def shapes(secret: str) -> list[bytes]:
    """A number as it may be written: with and without its decimals, with and without thousands."""
    whole, _, part = secret.partition(".")
    found = {secret, f"{int(whole):,}.{part}"} | ({part} if whole == "0" else {whole, f"{int(whole):,}"})
    return [text.encode() for text in found]


def copies(bound, folder: Path) -> bytes:
    """Everything that leaves the house: the page, the one-page version, the unpacked workbook."""
    with zipfile.ZipFile(workbook_of(bound, folder / "tables.xlsx")) as book:
        sheets = b"".join(book.read(name) for name in book.namelist())
    pages = [standalone(body, bound.lang, bound.source, bound.mark) for body in (bound.whole(), bound.one_page())]
    text = "".join(re.sub(r"data:[\w/]+;base64,[^\")]+", "", page) for page in pages)
    return text.encode() + sheets


@pytest.mark.parametrize("name", sorted(CHEAP))
def test_a_vendor_reads_what_the_buyer_loses(name, tmp_path, monkeypatch):
    """No private number of the contract is in any copy for the vendor, in any shape; the copy says whom it is for."""
    given = CHEAP[name](tmp_path)
    if "contract" not in given:
        pytest.skip("this report reads no contract")
    contract = with_secrets(given["contract"], tmp_path)
    given = {"harm_abandon": SECRETS["harm_per_abandon"], "harm_second": SECRETS["harm_per_waiting_second"]}
    more = {"contract": contract, **(given if name == "clause_check" else {})}
    if name in BUYERS_OWN:
        with pytest.raises(InputError, match="nothing of it is for the vendor"):
            made(name, "en", tmp_path, monkeypatch, "vendor", **more)
        return
    bound = made(name, "en", tmp_path, monkeypatch, "vendor", **more).bound
    found = copies(bound, tmp_path)
    assert b"Copy for the vendor" in found
    assert [shape for secret in SECRETS.values() for shape in shapes(secret) if shape in found] == []


def test_a_secret_would_not_be_found(tmp_path):
    """The search finds a planted number in a page and in a workbook."""
    from csim.display.tables import html_table
    from csim.report.bound import Bound

    table = html_table(["loss"], [["a caller", "73,191.37"]])
    bound = Bound.of(f'<h1>A</h1><p class="answer">73191.37</p>{table}<h2>B</h2>', "en")
    found = copies(bound, tmp_path)
    assert all(shape in found for shape in (b"73191.37", b"73,191.37"))


def test_a_private_cell_is_in_the_copy_for_the_vendor(tmp_path):
    """Cells tagged private show on the buyer's page, which says so, and not on the vendor's."""
    cells = [
        nbformat.v4.new_code_cell("1", metadata={"tags": tags},
                                  outputs=[nbformat.v4.new_output("display_data", {"text/html": text})])
        for text, tags in (("<h1>A</h1>", []), ("<p>harm 73191.37</p>", ["private"]), ("<h2>B</h2>", []))
    ]  # fmt: skip
    path = tmp_path / "done.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    internal, vendor = (bound_of(path, "en", audience) for audience in ("internal", "vendor"))
    assert "73191.37" in internal.whole()
    assert internal.mark == "Internal: not for the vendor"
    assert "73191.37" not in vendor.whole() + vendor.one_page()
    cells[0]["metadata"]["tags"] = ["private"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with pytest.raises(InputError, match="nothing of it is for the vendor"):
        bound_of(path, "en", "vendor")


def test_the_file_of_the_vendor_has_the_name_of_the_buyers(tmp_path, monkeypatch):
    """`--audience vendor` names the file so that nobody forwards the other one; an unknown audience is refused."""
    monkeypatch.chdir(tmp_path)
    [page] = render("settlement", SETTLEMENT, audience="vendor")
    assert page.name == "settlement-double_11-2026-11-B-for-vendor-en.html"
    assert "Copy for the vendor" in page.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="nothing of it is for the vendor"):  # before anything is simulated
        render("renewal", {"contract": SETTLEMENT["contract"], "scenario": "nowhere.yaml"}, audience="vendor")
    with pytest.raises(InputError, match="A, B, C side by side"):
        render("service_forecast", {"scenario": str(SCENARIOS / "centres/double_11.yaml")}, audience="vendor")
    with pytest.raises(InputError, match="write --audience internal or --audience vendor"):
        render("month_to_date", {"audience": "vendor"})
    with pytest.raises(InputError, match='no audience "press"'):
        render("settlement", SETTLEMENT, audience="press")

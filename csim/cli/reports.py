"""Commands about reports and notebooks: one page, many from a table, a notebook in Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csim.cli.shared import Audience, Lang, app, writable_folder
from csim.console import note, show


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="service_forecast; see --list.")] = "",
    parameters: Annotated[list[str] | None, typer.Option("-p", help="key=value; may be repeated.")] = None,
    lang: Lang = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also a PDF (needs chromium, Edge or Chrome).")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Also its tables as a workbook.")] = False,
    one_page: Annotated[bool, typer.Option("--one-page", help="The answer on one sheet of A4, HTML and PDF.")] = False,
    audience: Audience = "internal",
    out: Annotated[Path | None, typer.Option(help="The HTML file to write; with --grid the folder.")] = None,
    grid: Annotated[
        Path | None, typer.Option(help="A CSV with a row per report and a column per parameter; goes on where it was.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="With --grid: how many at a time.")] = 2,
    list_them: Annotated[bool, typer.Option("--list", help="What reports there are and what they need.")] = False,
) -> None:
    """A page to read and to forward, from a notebook: HTML, and PDF where a browser is there."""
    from csim.report.parameters import describe, parsed
    from csim.report.render import render

    if list_them or not name:
        show(describe(lang))
        return
    if grid is not None:
        _many(name, grid, out, parsed(parameters or []), jobs, lang, audience, pdf=pdf, xlsx=xlsx, one_page=one_page)
        return
    for path in render(
        name, parsed(parameters or []), lang=lang, pdf=pdf, out=out, note=note, one_page=one_page, xlsx=xlsx,
        audience=audience,
    ):  # fmt: skip
        show(str(path))


def _many(
    name: str, table: Path, out: Path | None, common: dict[str, str], jobs: int, lang: str, audience: str, **how: bool
) -> None:
    """The reports of a table and their index; exit code 2 if one of them could not be made."""
    from csim.report.grid import failures, grid_of

    folder = out or Path(f"{name}-{table.stem}")
    writable_folder(folder)
    rows = grid_of(name, table, folder, common, lang, audience, **how).run(jobs, note)
    show(str(folder / "index.html"))
    if failed := failures(rows):
        note(f"{len(failed)} of {len(rows)} failed: see {folder / 'index.html'}; the same command tries them again")
        raise typer.Exit(2)


@app.command()
def notebook(
    files: Annotated[list[Path], typer.Argument(help="Notebooks, such as notebooks/*.ipynb.")],
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    lang: Lang = "zh",
) -> None:
    """A notebook in Chinese: the same code, the words that stand in the metadata of its cells."""
    from csim.report.translated import write_translated

    for file in files:
        show(str(write_translated(file, lang, out)))


@app.command("glossary")
def glossary_(out: Annotated[Path | None, typer.Option(help="The Markdown file to write.")] = None) -> None:
    """The words of the trade and every KPI, English beside Chinese."""
    from csim.files import write_text
    from csim.report.glossary import glossary

    if out is None:
        show(glossary().rstrip())
    else:
        show(str(write_text(out, glossary())))

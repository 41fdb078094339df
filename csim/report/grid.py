"""Many reports from a table, one row each: in parallel, picked up where an interruption left them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from csim import __version__
from csim.errors import InputError, Mistake, did_you_mean
from csim.files import write_text
from csim.report.html import AUDIENCES
from csim.report.index import write_index
from csim.report.parameters import checked, notebook_of, parameters_of, title_of
from csim.report.render import file_name, rendered

INDEX = "index.json"
MOST_MISTAKES = 20


@dataclass(frozen=True)
class Row:
    """
    A report of the grid: what it is made of, and what came of it.

    Attributes:
        row: Its number in the table, from 1. parameters: As they are given. key: Changes when anything does that
            the report is made of. files: Beside the index. error: Why there is none.
    """

    row: int
    parameters: Mapping[str, str]
    lang: str
    audience: str
    stem: str
    key: str = ""
    title: str = ""
    answer: str = ""
    files: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Grid:
    """The rows of a table, and how each is rendered."""

    name: str
    rows: tuple[Row, ...]
    folder: Path
    how: Mapping[str, Any] = field(default_factory=dict)

    def run(self, jobs: int, note: Callable[[str], None]) -> list[Row]:
        """
        Renders what is not there yet, and keeps the index up to date, so that a later run goes on from there.

        A report is a kernel of its own, so the jobs are threads that wait for theirs; a killed run leaves no half
        files, at most temporary ones, which the next run takes away.
        """
        self._tidy()
        there = self._there()
        done = {row.row: there[row.row] for row in self.rows if row.row in there}
        missing = [row for row in self.rows if row.row not in done]
        if done:
            note(f"{len(done)} of {len(self.rows)} are there already")
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            started: dict[Future[Row], Row] = {pool.submit(self._render, row): row for row in missing}
            try:
                for future in as_completed(started):
                    row = future.result()
                    done[row.row] = row
                    self._keep(done)
                    failed = f"  failed: {row.error}" if row.error else ""
                    note(f"{len(done)} of {len(self.rows)}: {row.stem}{failed}")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        found = [done[row.row] for row in self.rows]
        self._keep(done)
        title = title_of(notebook_of(self.name), found[0].lang)
        write_index(self.folder, title, [asdict(row) for row in found], found[0].lang)
        return found

    def _render(self, row: Row) -> Row:
        """A row with its headline and files, or with the reason why there are none."""
        out = self.folder / f"{row.stem}.html"
        try:
            made = rendered(self.name, row.parameters, lang=row.lang, out=out, audience=row.audience, **self.how)
        except InputError as error:
            said = str(error).rsplit("\n", 1)[0]
            return replace(row, error=" ".join(said.split()))
        except Exception as error:  # a bug of ours in one report does not take the others with it
            return replace(row, error=f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}")
        files = tuple(path.name for path in made.files)
        return replace(row, title=made.bound.title, answer=made.bound.answer, files=files)

    def _keep(self, done: Mapping[int, Row]) -> None:
        """The index of what is done so far."""
        rows = [asdict(done[number]) for number in sorted(done)]
        content = {"report": self.name, "csim": __version__, "rows": rows}
        write_text(self.folder / INDEX, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def _there(self) -> dict[int, Row]:
        """The rows that an earlier run finished from the same parameters, files and csim."""
        try:
            known = json.loads((self.folder / INDEX).read_text(encoding="utf-8"))["rows"]
            finished = {row["key"]: row for row in known if not row["error"] and row["key"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        found = {}
        for row in self.rows:
            old = finished.get(row.key)
            if old and old["stem"] == row.stem and all((self.folder / name).is_file() for name in old["files"]):
                found[row.row] = replace(row, title=old["title"], answer=old["answer"], files=tuple(old["files"]))
        return found

    def _tidy(self) -> None:
        """Takes away what a killed run had begun to write."""
        for stem in [*(row.stem for row in self.rows), Path(INDEX).stem]:
            for left in self.folder.glob(f".{_literal(stem)}-*"):
                left.unlink(missing_ok=True)


def grid_of(
    name: str, table: Path, folder: Path, common: Mapping[str, str], lang: str = "en", audience: str = "internal",
    **how: bool,
) -> Grid:  # fmt: skip
    """
    The reports of a table: one row each, a column a parameter; `lang` and `audience` may be columns too.

    Args:
        common: Parameters of all rows. how: As `render` takes them: pdf, xlsx, one_page.

    Raises:
        InputError: No such table, columns that are no parameter; else the first values that cannot be.
    """
    path = notebook_of(name)
    head, lines = _read(table)
    _known_columns(head, list(dict.fromkeys([*parameters_of(path), "lang", "audience"])), name, table)
    mistakes = [
        Mistake(f'column "{column}" is also given by -p: keep one', f"-p {column}", str(table))
        for column in head if column in common
    ]  # fmt: skip
    rows = []
    for number, cells in enumerate(lines, 1):
        given = {key: value for key, value in {**common, **cells}.items() if value != ""}
        own, to = given.pop("lang", lang), given.pop("audience", audience)
        try:
            checked({**given, "lang": own}, path)
        except InputError as error:
            mistakes += [replace(each, file=str(table), line=number + 1) for each in error.mistakes]
        if to not in AUDIENCES:
            what = f'no audience "{to}": write internal or vendor'
            mistakes.append(Mistake(what, "audience", str(table), number + 1))
        stem = Path(file_name(name, given, own, to, how.get("one_page", False))).stem
        rows.append(Row(number, given, own, to, stem))
        if len(mistakes) >= MOST_MISTAKES:
            break
    if mistakes:
        raise InputError(mistakes)
    several = {stem for stem, count in Counter(row.stem.casefold() for row in rows).items() if count > 1}
    rows = [replace(row, stem=f"{row.stem}-{row.row}") if row.stem.casefold() in several else row for row in rows]
    rows = [replace(row, key=_key(path, row, how)) for row in rows]
    return Grid(name, tuple(rows), folder, how)


def _known_columns(head: Sequence[str], known: Sequence[str], name: str, table: Path) -> None:
    """Refuses a table of something else at its head: its rows, maybe a hundred thousand, have nothing to say."""
    unknown = [column for column in head if column not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known) if len(unknown) == 1 else f"write any of: {', '.join(known)}"
        shown = ", ".join(f'"{column}"' for column in unknown[:12]) + (", \u2026" if len(unknown) > 12 else "")
        what = f"column {shown} is no parameter" if len(unknown) == 1 else f"columns {shown} are no parameters"
        raise InputError([Mistake(f"{what} of {name}: {hint}", "", str(table), 1)])


def _read(table: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Head and rows of a CSV, as text."""
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read: save it as CSV in UTF-8"
        raise InputError([Mistake(why, "--grid", str(table))]) from None
    head, *lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines()) if any(line)] or [[]]
    if not lines or "" in head or len(set(head)) < len(head):
        raise InputError(
            [Mistake("write a head of parameters, each once, and a row per report", "--grid", str(table), 1)]
        )
    if wrong := [number for number, line in enumerate(lines, 2) if len(line) > len(head)]:
        what = f"this row has more cells than the head: {len(head)} are expected"
        raise InputError([Mistake(what, "--grid", str(table), number) for number in wrong[:MOST_MISTAKES]])
    return head, [dict(zip(head, [*line, *[""] * (len(head) - len(line))], strict=True)) for line in lines]


def _key(notebook: Path, row: Row, how: Mapping[str, bool]) -> str:
    """Changes when parameters, a file they name, the notebook or csim do; "" where a file cannot be read."""
    given = sorted(row.parameters.items())
    parts: list[Any] = [__version__, given, row.lang, row.audience, row.stem, sorted(how.items())]
    try:
        parts.append(hashlib.sha256(notebook.read_bytes()).hexdigest())
        parts += [_fingerprint(key, value) for key, value in sorted(row.parameters.items())]
    except (InputError, OSError):
        return ""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def _fingerprint(key: str, value: str) -> str:
    """Of a scenario or a contract with all the files it names; of another file, its bytes."""
    if key == "scenario":
        from csim.scenario.load import load_scenario

        return load_scenario(value).hash
    if key == "contract":
        from csim.contract.load import load_contract

        return load_contract(value).hash
    return hashlib.sha256(Path(value).read_bytes()).hexdigest() if Path(value).is_file() else ""


def _literal(text: str) -> str:
    """A text that a glob takes as it is."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)


def failures(rows: Sequence[Row]) -> list[Row]:
    """The rows of which there is no report."""
    return [row for row in rows if row.error]

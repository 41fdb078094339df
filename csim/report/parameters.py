"""What reports there are, and what each needs: the parameters of its notebook, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from csim.display.words import Words
from csim.errors import InputError, Mistake, UnknownNameError, did_you_mean


def notebooks() -> dict[str, Path]:
    """The report notebooks by name: those in the package, or those of a checkout's reports/."""
    here = Path(__file__).parent / "notebooks"
    folder = here if here.is_dir() else Path(__file__).parents[2] / "reports"
    return {path.stem: path for path in sorted(folder.glob("*.ipynb"))}


def notebook_of(name: str) -> Path:
    """
    The notebook of a report.

    Raises:
        InputError: There is none of that name.
    """
    known = notebooks()
    if name not in known:
        raise UnknownNameError([Mistake(f'no report "{name}": {did_you_mean(name, known)}', "csim report")])
    return known[name]


def parameters_of(path: Path) -> dict[str, Any]:
    """The parameters of a report notebook and their defaults, as papermill sees them."""
    import ast

    import papermill

    found = papermill.inspect_notebook(str(path))
    return {name: ast.literal_eval(entry["default"]) for name, entry in found.items()}


def remarks_of(path: Path, lang: str = "en") -> dict[str, str]:
    """What the notebook says beside each parameter: a remark in English, " | ", and the same in Chinese."""
    import papermill

    said = {name: entry["help"] for name, entry in papermill.inspect_notebook(str(path)).items()}
    return {name: _in(lang, text.split(" | ")) for name, text in said.items()}


def _in(lang: str, said: list[str]) -> str:
    """The second of two texts for Chinese, where there is one."""
    return (said[1:] or said)[0].strip() if lang == "zh" else said[0].strip()


def checked(given: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The given values with the types of the defaults; text is read as that type."""
    known = parameters_of(path)
    mistakes, values = [], {}
    for name, value in given.items():
        if name not in known:
            mistakes.append(Mistake(f'no parameter "{name}": {did_you_mean(name, known)}', f"-p {name}"))
            continue
        try:
            values[name] = _as_type_of(known[name], value)
        except ValueError:
            kind = "a whole number" if isinstance(known[name], int) else "a number"
            mistakes.append(Mistake(f'found "{value}", expected {kind}, such as {known[name]}', f"-p {name}"))
    mistakes += [
        Mistake(f"needs a value: write -p {name}=…", f"-p {name}")
        for name, default in known.items()
        if default is None and name not in values and name not in given
    ]
    if values.get("lang") not in (None, "en", "zh"):
        mistakes.append(Mistake(f'no language "{values["lang"]}": write en or zh', "-p lang"))
    for name in ("replications",):
        if isinstance(values.get(name), int) and values[name] < 1:
            mistakes.append(Mistake(f"{values[name]} {name}: write 1 or more", f"-p {name}"))
    if mistakes:
        raise InputError(mistakes)
    return values


def _as_type_of(default: Any, value: Any) -> Any:
    if default is None or isinstance(default, str):
        return str(value)
    if isinstance(default, bool):
        if str(value).lower() not in ("true", "false"):
            raise ValueError
        return str(value).lower() == "true"
    if isinstance(default, int):
        if isinstance(value, float) and value != int(value):
            raise ValueError
        return int(value)
    return float(value)


def parsed(pairs: Sequence[str]) -> dict[str, str]:
    """
    key=value pairs of the command line.

    Examples:
        >>> parsed(["scenario=a=b.yaml", "replications=50"])
        {'scenario': 'a=b.yaml', 'replications': '50'}
    """
    found: dict[str, str] = {}
    mistakes = []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            mistakes.append(Mistake(f'"{pair}" is no parameter: write key=value', "-p"))
        elif key in found:
            mistakes.append(Mistake(f'"{key}" is given twice: keep one', "-p"))
        found[key.strip()] = value
    if mistakes:
        raise InputError(mistakes)
    return found


def title_of(notebook: Path, lang: str) -> str:
    """What a report is for, as its notebook heads it in a language."""
    import nbformat

    cells = nbformat.read(notebook, as_version=4)["cells"]
    first = next((cell["source"] for cell in cells if cell["cell_type"] == "markdown"), "")
    titles = [line.lstrip("# ") for line in first.splitlines() if line.startswith("# ")]
    return _in(lang, titles or [""])


def describe(lang: str = "en") -> str:
    """What reports there are, what each is for, and its parameters with their defaults."""
    words, lines = Words(lang), []
    for name, path in notebooks().items():
        lines.append(f"{name}: {title_of(path, lang)}")
        told = remarks_of(path, lang)
        needed = {name: default for name, default in parameters_of(path).items() if name != "audience"}  # an option
        for parameter, default in needed.items():
            key = "needed" if default is None else "optional" if default == "" else "default"
            said = f"  {told[parameter]}" if told[parameter] else ""
            lines.append(f"  -p {parameter}=…  ({words(f'parameter_{key}', default=default)}){said}")
    return "\n".join(lines)

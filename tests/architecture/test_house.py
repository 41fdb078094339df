"""The house: who imports whom, what a start costs, what the façade promises, and what files must not hold."""

import doctest
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import csim

ROOT = Path(__file__).parents[2]
HEAVY = {
    "numpy", "scipy", "pandas", "pyarrow", "simpy", "numba", "matplotlib", "seaborn", "papermill", "nbconvert",
    "pydantic", "ruamel", "tqdm", "ipywidgets", "xlsxwriter", "openpyxl", "docx", "statsmodels", "fontTools",
}  # fmt: skip


def committed():
    """The files that a clone gets, or would get: those that git tracks or does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts():
    """Every committed text with its name."""
    for path in committed():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            yield path.relative_to(ROOT).as_posix(), content.decode("utf-8", errors="replace")  # a sample log is GBK


def test_a_room_imports_from_above():
    """The layers and prohibitions of pyproject.toml hold (import-linter, which silences every logger it finds)."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(sys.argv[1], no_cache=True))"
    command = [sys.executable, "-c", script, str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_room_is_outside_the_layers():
    """Every room of the package stands in the layers of pyproject.toml; nothing is forgotten."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    package = ROOT / "csim"
    rooms = {f"csim.{path.parent.name}" for path in package.glob("*/__init__.py")}
    rooms |= {f"csim.{path.stem}" for path in package.glob("*.py") if path.stem != "__init__"}
    assert rooms - placed <= {"csim.files", "csim.__main__"}  # files: below every room, above errors


def loaded_by(code):
    """Top-level modules that a fresh interpreter has loaded after *code*."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint('\\n' + ' '.join(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


@pytest.mark.parametrize(
    "code",
    [
        "import csim",
        "import csim; dir(csim); csim.__version__; csim.InputError",
        "import csim.cli; sys.argv = ['csim', '--help']; csim.cli.main()",
        "import csim.cli; sys.argv = ['csim', '--version']; csim.cli.main()",
    ],
)
def test_a_start_loads_what_it_does_not_need(code):
    """`import csim`, help and version load no library for numbers, schemas or drawing."""
    found = loaded_by(code)
    assert "csim" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import csim; csim.measure", {"simpy", "numba", "matplotlib", "seaborn", "papermill"}),
        (
            "import csim; csim.load_scenario('scenarios/centres/first_voice.yaml')",
            {"simpy", "scipy", "pandas", "matplotlib"},
        ),
        ("import csim; csim.erlang.a(0.1, 300, 30, 120, 20)", {"simpy", "pandas", "matplotlib", "numba"}),
        (
            "import csim; csim.simulate('scenarios/centres/first_voice.yaml', 1)",
            {"matplotlib", "seaborn", "papermill", "nbconvert"},
        ),
    ],
    ids=["measure", "load", "erlang", "simulate"],
)
def test_a_part_loads_what_it_does_not_need(code, absent):
    """Measuring needs no simulator, loading no tables, simulating no drawing."""
    assert loaded_by(code) & absent == set()


# -- the façade -------------------------------------------------------------------------------------------

NAMES = [name for name in csim.__all__ if not inspect.ismodule(getattr(csim, name))]


def test_the_facade_promises_other_names_than_it_tells():
    """`__all__` holds the names that the docstring explains, and nothing else can be had."""
    told = re.findall(r"^`(\w+)`\s+\S", csim.__doc__, flags=re.M)
    assert sorted(csim.__all__) == sorted(told)
    assert set(told) <= set(dir(csim))
    assert 10 <= len(told) <= 35
    with pytest.raises(AttributeError, match="'csim' has no attribute 'simulat'"):
        _ = csim.simulat


@pytest.mark.parametrize("name", csim.__all__)
def test_a_name_of_the_facade_cannot_be_had(name):
    """Every name that the façade promises can be imported, and comes from csim."""
    found = getattr(csim, name)
    assert (found if inspect.ismodule(found) else inspect.getmodule(found)).__name__.startswith("csim.")
    assert getattr(csim, name) is found


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_no_example(name):
    """Every function and class of the façade says what it is in its first line and shows an example that is tested."""
    found = getattr(csim, name)
    text = inspect.getdoc(found)
    assert text
    assert found.__doc__.strip().splitlines()[0].endswith((".", ":", "?"))
    assert doctest.DocTestParser().get_examples(text), f"{name} shows no example"


@pytest.mark.parametrize("name", ["a", "c", "agents_for"])
def test_an_erlang_formula_has_no_example(name):
    """The Erlang formulas too."""
    assert doctest.DocTestParser().get_examples(inspect.getdoc(getattr(csim.erlang, name)))


# -- files ------------------------------------------------------------------------------------------------


def test_a_notebook_carries_outputs():
    """Notebooks hold no outputs, no execution counts and no names of kernels that only one machine has."""
    wrong = []
    for path in committed():
        if path.suffix == ".ipynb":
            notebook = json.loads(path.read_text(encoding="utf-8"))
            code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
            wrong += [path.name for cell in code if cell["outputs"] or cell["execution_count"] is not None]
            if notebook["metadata"].get("kernelspec", {}).get("name", "python3") != "python3":
                wrong.append(f"{path.name}: kernel")
    assert wrong == []


# pieces, so that this file does not hold what it looks for
MACHINE = re.compile(
    r"(?<![\w.:/])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me", "Use" + "rs"]) + r")/\w|[A-Z]:\\\\?Users"
)
REGISTRY = re.compile(r"https?://\S*(?:" + "|".join(["pypi\\.", "artifactory", "nexus", "mirror"]) + ")|index" + "-url")
LEFT = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")


@pytest.mark.parametrize(
    "forbidden", [MACHINE, REGISTRY, LEFT], ids=["a machine's path", "a registry's address", "a thing to do"]
)
def test_a_file_holds(forbidden):
    """No committed text holds a path of one machine, the address of a registry, or a note of what is left to do."""
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        if forbidden.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


def test_a_generated_file_is_committed():
    """Caches, environments and rendered reports are not committed."""
    names = [path.relative_to(ROOT).as_posix() for path in committed()]
    waste = re.compile(
        r"(^|/)(__pycache__|\.venv|\.hypothesis|\.\w+_cache|\.ipynb_checkpoints)/|^reports/rendered/|\.py[co]$"
    )
    assert [name for name in names if waste.search(name)] == []
    assert "csim/__init__.py" in names


def test_a_text_ends_without_a_line_feed():
    """Python, YAML and Markdown files end with one line feed and use no other line ends."""
    kinds = (".py", ".yaml", ".md", ".toml", ".txt")
    wrong = [
        name for name, text in texts() if name.endswith(kinds) and text and ("\r" in text or not text.endswith("\n"))
    ]
    assert wrong == []


def test_a_dependency_is_not_pinned():
    """Every dependency of pyproject.toml has a pinned version in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    wanted = [
        *project["dependencies"],
        *(name for names in project["optional-dependencies"].values() for name in names),
    ]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name)[0]).lower() for name in wanted} - {"csim"}
    assert names - pinned == set()

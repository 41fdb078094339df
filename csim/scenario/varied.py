"""A varied scenario as a file of its own: the text it came from with the changed values, remarks and order kept."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from csim.errors import InputError, Mistake
from csim.files import write_whole
from csim.scenario.load import Scenario, changed, load_scenario
from csim.schema.located import read_yaml

WIDE = 110  # characters of a line


def write_varied(
    scenario: Scenario, changes: Mapping[str, Any], path: str | Path, remark: str = "", *, replace: bool = False
) -> Path:
    """
    Writes `scenario.vary(changes)` as a scenario file that says the same, whole or not at all.

    Files of volumes, staffing and samples that the scenario names are named from the new place.

    Args:
        remark: What the first line says, after its "#". replace: Whether a file that stands there may go.

    Raises:
        InputError: A path that is taken or cannot be written, changes that the scenario cannot have.

    Examples:
        >>> import csim, tempfile
        >>> scenario = csim.load_scenario("scenarios/centres/first_chat.yaml")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = write_varied(scenario, {"groups.team.agents": 7}, Path(folder) / "seven.yaml", "two more")
        ...     file.read_text(encoding="utf-8").splitlines()[0], csim.load_scenario(file).groups["team"].agents.always
        ('# two more', 7)
    """
    target = Path(path)
    if target.exists() and not replace:
        raise InputError([Mistake("stands there already: choose another name", "", str(target))])
    wanted = scenario.vary(changes)
    data = changed(_as_written(scenario), changes)
    for at in _named_files(data):
        at["file"] = _from(target.parent, Path(scenario.folder) / str(at["file"]))
    text = "".join(f"# {line}\n" for line in remark.splitlines()) + _text(data)

    def write(temporary: Path) -> None:
        temporary.write_bytes(text.encode())
        found = load_scenario(temporary)  # what is written loads, and says the same
        assert _numbers(found) == _numbers(wanted), "the file would say something else"

    return write_whole(target, write)


def _as_written(scenario: Scenario) -> dict[str, Any]:
    """The scenario's data with the remarks of its file, where the file still says the same."""
    try:
        text = Path(scenario.source).read_text(encoding="utf-8-sig") if scenario.source else ""
        if text and read_yaml(text).data == scenario.data:
            return _yaml().load(text)
    except (OSError, ValueError):
        pass
    return _yaml().load(_text(scenario.data))


def _yaml() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor

    class AsText(RoundTripConstructor):
        """Times stay as they are written."""

    AsText.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)
    writer = YAML()
    writer.Constructor = AsText
    writer.preserve_quotes = True
    writer.width = WIDE
    writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def _text(data: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    _yaml().dump(data, stream)
    return stream.getvalue()


def _named_files(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every part that names a file: volumes, samples and staffing."""
    parts = [
        *(queue.get(key) for queue in data["queues"].values() for key in _LAWS),
        *(group.get("agents") for group in data["groups"].values()),
    ]
    return [part for part in parts if isinstance(part, dict) and "file" in part]


_LAWS = ("arrivals", "patience", "handle_time", "after_work")


def _from(folder: Path, file: Path) -> str:
    """How *file* is named in a file of *folder*."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # another drive
        return file.resolve().as_posix()


def _numbers(scenario: Scenario) -> tuple[Any, ...]:
    """What makes two scenarios the same."""
    named = {"file": ...}
    laws = [
        law and (law.model_copy(update=named), law.sample)
        for queue in scenario.queues.values()
        for law in (queue.handle_time, queue.after_work, queue.patience)
    ]
    arrays = [*scenario.expected.values(), *scenario.on_duty.values()]
    plain = [queue.model_copy(update=dict.fromkeys(_LAWS)) for queue in scenario.queues.values()] + [
        group.model_copy(update={"agents": None}) for group in scenario.groups.values()
    ]
    return laws, plain, [np.asarray(a).tolist() for a in arrays], scenario.file.calendar, scenario.file.routing

"""Ready-made mappings, and how a mapping is found by its name or its file."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from csim import units
from csim.contacts.columns import AGENT_STATES, CONTACTS
from csim.contacts.mapping import Database, MappingFile, Source
from csim.errors import InputError, Mistake, did_you_mean
from csim.schema.located import FromFile, Located, located_data, read_yaml, validated


@dataclass(frozen=True)
class LogMapping(FromFile):
    """
    How a vendor's export is read, checked.

    Examples:
        >>> load_mapping("bank").file.timezone
        'Asia/Jerusalem'
    """

    file: MappingFile
    located: Located = field(repr=False)

    def allowing(self, most_rejects: str | None) -> LogMapping:
        """The same mapping with another share of rows that may be rejected."""
        if most_rejects is None:
            return self
        try:
            most = units.share(most_rejects)
        except ValueError as error:
            raise InputError([Mistake(str(error), "--most-rejects")]) from None
        return replace(self, file=self.file.model_copy(update={"most_rejects": most}))

    def asking(self, query: str | None) -> LogMapping:
        """The same mapping with another query to a database."""
        if query is None:
            return self
        kept = self.file.source.model_dump() if self.file.source else {}
        return replace(self, file=self.file.model_copy(update={"source": Database(**(kept | {"query": query}))}))


def ready_made() -> tuple[str, ...]:
    """
    The mappings that come with csim.

    Examples:
        >>> "bank" in ready_made()
        True
    """
    there = resources.files(__name__).iterdir()
    return tuple(sorted(entry.name[:-5] for entry in there if entry.name.endswith(".yaml")))


def load_mapping(given: str | Path | Mapping[str, Any] | LogMapping) -> LogMapping:
    """
    A checked mapping: a ready-made one by its name, a YAML file (`csim: mapping/1`), or a dict of the same shape.

    Raises:
        InputError: Every mistake at once, each with its line and what to write.
    """
    if isinstance(given, LogMapping):
        return given
    if isinstance(given, Mapping):
        return _checked(located_data(copy.deepcopy(dict(given))))
    if str(given) in ready_made():
        text = resources.files(__name__).joinpath(f"{given}.yaml").read_text(encoding="utf-8")
        return _checked(read_yaml(text, f"{given}.yaml"))
    path = Path(given)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        names = ready_made()
        hint = f"{did_you_mean(given, names)}; or write a mapping file of your own: csim new mapping FILE"
        raise InputError(
            [Mistake(f"no such file, and no mapping of csim's has this name: {hint}", "", str(given))]
        ) from None
    except OSError as error:
        raise InputError([Mistake(f"cannot be read: {error.strerror}", "", str(given))]) from None
    except UnicodeDecodeError:
        raise InputError([Mistake("not UTF-8 text: save the file as UTF-8", "", str(path))]) from None
    return _checked(read_yaml(text, str(path)))


def _checked(located: Located) -> LogMapping:
    mapping = LogMapping(validated(MappingFile, located), located)
    mistakes = list(_loose_ends(mapping))
    if mistakes:
        raise InputError(mistakes)
    return mapping


def _loose_ends(mapping: LogMapping) -> Iterator[Mistake]:
    """Times that are named and not there, or that stand on each other in a circle."""
    file = mapping.file
    if not file.contacts and not file.states:
        yield mapping.mistake('nothing is mapped: write "contacts:" (or "states:") with our columns under it', ())
    for section, columns in (("contacts", CONTACTS), ("states", AGENT_STATES)):
        sources: dict[str, Source] = getattr(file, section)
        known = {**file.times, **{c.name: sources[c.name] for c in columns if c.kind == "time" and c.name in sources}}
        for name, source in sources.items():
            yield from _unknown_times(mapping, source, known, (section, name))
        for name, source in file.times.items():
            yield from (
                _unknown_times(mapping, source, {**known, **file.times}, ("times", name))
                if section == "contacts"
                else ()
            )
        for name in known:
            if _circle(name, known):
                where = (section if name in sources else "times", name)
                yield mapping.mistake("stands after itself: an `after` must lead to a time of its own", where)


def _unknown_times(mapping: LogMapping, source: Source, known: Mapping[str, Source], path: tuple) -> Iterator[Mistake]:
    for key, names in (("after", (source.after,)), ("from", source.begins), ("to", source.ends)):
        for name in names or ():
            if name is not None and name not in known:
                hint = did_you_mean(name, known)
                yield mapping.mistake(f'no time "{name}" under contacts or times: {hint}', (*path, key))


def _circle(name: str, known: Mapping[str, Source]) -> bool:
    seen, at = set(), known[name].after
    while at is not None and at in known and at not in seen:
        if at == name:
            return True
        seen.add(at)
        at = known[at].after
    return False

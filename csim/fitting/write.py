"""A fit as a scenario file with its provenance in comments, and its long profiles as CSV beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csim.display.tables import csv_of
from csim.display.words import Words
from csim.files import write_text
from csim.fitting.arrivals import as_table
from csim.fitting.described import scenario_data, weekly_heads
from csim.fitting.handle import MISFIT
from csim.fitting.patience import AT_RISK
from csim.fitting.telling import FitTelling
from csim.scenario.model import WEEKDAYS

if TYPE_CHECKING:
    from csim.fitting.result import Fit

WIDTH = 116


def write(fit: Fit, path: Path, lang: str = "en") -> list[Path]:
    """
    Writes NAME.yaml, NAME_volumes.csv, NAME_staff.csv and a CSV for each empirical law.

    The scenario is written last, so that it never names a file that is not there.
    """
    files, text = Written(fit, path, lang).files()
    return [*(write_text(target, content) for target, content in files.items()), write_text(path, text)]


class Written:
    """The files of one fit in one language."""

    def __init__(self, fit: Fit, path: Path, lang: str) -> None:
        self.fit, self.path = fit, path
        self.telling, self.words = FitTelling(fit, lang), Words(lang)
        self.data = scenario_data(fit)
        self.beside: dict[Path, str] = {}

    def files(self) -> tuple[dict[Path, str], str]:
        """The CSV files by path, and the scenario."""
        lines = [*self._head(), "csim: scenario/1", f"name: {_text(self.fit.name)}", "calendar:"]
        lines += _comment(self.words("fit_yaml_calendar"), 2)
        for key, value in self.data["calendar"].items():
            if key == "day_factor":
                cv = self.fit.arrivals.day_cv["all"]
                low, high = (self.telling.number(end, "share") for end in (cv.low, cv.high))
                lines += _comment(self.words("fit_yaml_days", low=low, high=high), 2)
            lines.append(f"  {key}: {_flow(value)}")
        lines.append("queues:")
        for name, queue in self.data["queues"].items():
            lines += [f"  {_text(name)}:", *self._queue(name, queue)]
        lines.append("groups:")
        for number, (name, group) in enumerate(self.data["groups"].items()):
            lines += [f"  {_text(name)}:", *self._group(name, number, group)]
        lines += ["routing:", *(f"  {key}: {value}" for key, value in self.data["routing"].items())]
        self.beside[self._file("volumes")] = self._volumes()
        self.beside[self._file("staff")] = self._staff()
        return self.beside, "\n".join(lines) + "\n"

    def _head(self) -> list[str]:
        found = self.fit.provenance
        log = self.words(
            "fit_yaml_log", file=_plain(found.get("log", "–")), hash=found.get("log_hash", "–"),
            rows=f"{found['rows']:,}", days=found["days"], first=found["from"], last=found["to"],
        )  # fmt: skip
        head = self.words("fit_yaml_head", version=found["csim"])
        lines = _comment(head, 0) + _comment(log, 0) + _comment(f"  csim simulate {self.path.name}", 0) + ["#"]
        return lines + [line for text in self.telling.sentences()[1:] for line in _comment(text, 0)]

    def _queue(self, name: str, queue: dict[str, Any]) -> list[str]:
        lines = []
        for key, value in queue.items():
            if key == "arrivals":
                shape = self.words(f"fit_shape_{self.fit.arrivals.shape}")
                lines += _comment(self.words("fit_yaml_arrivals", shape=shape, file=self._file("volumes").name), 4)
                value = {
                    "file": self._file("volumes").name,
                    "column": _column(name, list(self.data["queues"]).index(name)),
                }
            elif key == "handle_by_time":
                column = _column(name, list(self.data["queues"]).index(name))
                value = {"file": self._file("volumes").name, "column": f"{column} handle"}
                lines += _comment(self.telling.by_time(name), 4)
            elif key == "patience":
                lines += self._patience(name)
                value = self._law(value, name, key)
            elif key in ("handle_time", "after_work"):
                lines += self._durations(name, key)
                value = self._law(value, name, key)
            lines.append(f"    {key}: {_flow(value)}")
        return lines

    def _durations(self, name: str, key: str) -> list[str]:
        found = (self.fit.handle if key == "handle_time" else self.fit.after_work)[name]
        lines = []
        if key == "after_work" and self.fit.staffing.after_work is not None:
            lines += _comment(self.words("fit_yaml_after", seconds=f"{self.fit.absent_after_s:g}"), 4)
        best = found.candidates[0]
        mean = found.parameters["mean_s"]
        if found.chosen is None:
            count = len(found.written()["values_s"])
            said = self.words(
                "fit_yaml_handle_log", most=MISFIT, law=self.telling.law(best.law), distance=f"{best.distance:.3f}",
                count=count,
            )  # fmt: skip
        else:
            said = self.words(
                "fit_yaml_handle", law=self.telling.law(best.law), score=f"{best.score:.4f}",
                distance=f"{best.distance:.3f}", low=self.telling.number(mean.low, "s"),
                high=self.telling.number(mean.high, "s"),
            )  # fmt: skip
        return lines + _comment(said, 4)

    def _patience(self, name: str) -> list[str]:
        found = self.fit.patience[name]
        if found.never:
            return []
        law, _, distance = found.candidates[0]
        if found.chosen is not None:
            return _comment(self.words("fit_yaml_patience", law=self.telling.law(law), distance=f"{distance:.3f}"), 4)
        readable = np.flatnonzero(found.curve.at_risk >= AT_RISK)
        last = int(readable[-1]) if len(readable) else -1
        said = self.words(
            "fit_yaml_patience_curve", law=self.telling.law(law), distance=self.telling.plain(distance, 3),
            share=self.telling.number(float(found.curve.survival[last]), "share"),
            seconds=f"{found.curve.at[last]:,.0f}",
        )  # fmt: skip
        return _comment(said, 4)

    def _law(self, law: Any, name: str, key: str) -> Any:
        """A law as it is written; a sample goes to a file of its own."""
        if not isinstance(law, dict) or "values_s" not in law:
            return law
        file = self._file(f"{_file_name(name)}_{key}")
        self.beside[file] = csv_of(["seconds"], [[value] for value in law["values_s"]])
        return {"distribution": "empirical", "file": file.name}

    def _group(self, name: str, number: int, group: dict[str, Any]) -> list[str]:
        hours = self.fit.staffing.hours[name]
        values = {key: self.telling.plain(end, 1) for key, end in
                  (("hours", hours.value), ("low", hours.low), ("high", hours.high))}  # fmt: skip
        key = f"fit_yaml_staffing_{self.fit.staffing.source}"
        lines = [f"    serves: {_flow(group['serves'])}"]
        lines += _comment(self.words(key, seconds=f"{self.fit.absent_after_s:g}", **values), 4)
        lines.append(f"    agents: {_flow({'file': self._file('staff').name, 'column': _column(name, number)})}")
        if "pace" in group:
            pace = self.fit.pace[name]
            ends = ", ".join(self.telling.range(step.low, step.high, "ratio") or "–" for step in pace.pace[1:])
            count = f"{int((~np.isnan(pace.work)).sum()):,}"
            lines.append(f"    concurrency: {group['concurrency']}")
            lines += _comment(self.words("fit_yaml_pace", count=count, intervals=ends), 4)
            lines.append(f"    pace: {_flow(group['pace'])}")
        return lines

    def _volumes(self) -> str:
        table = as_table(self.fit.arrivals, self.fit.seen).round(4)
        wide = table.pivot(index=["weekday", "time"], columns="queue", values=["expected", "low", "high"])
        rows = []
        queues = self.fit.seen.queues
        for weekday in self.data["calendar"]["weekdays"]:
            for clock in self.fit.seen.clock:
                values = wide.loc[(weekday, clock)]
                numbers = [values[kind, queue] for kind in ("expected", "low", "high") for queue in queues]
                rows.append([weekday, clock, *(f"{number:g}" for number in numbers)])
        names = [_column(name, number) for number, name in enumerate(queues)]
        ends = [f"{name} {end}" for end in ("low", "high") for name in names]
        table = pd.DataFrame(rows, columns=["weekday", "time", *names, *ends])
        for queue, found in self.fit.handle_by_time.items():
            factors = [f"{factor:.4f}" for factor in found.factors]
            table[f"{names[queues.index(queue)]} handle"] = factors * len(self.data["calendar"]["weekdays"])
        return csv_of(list(table.columns), table.to_numpy().tolist())

    def _staff(self) -> str:
        heads = [weekly_heads(self.fit, number) for number in range(len(self.fit.groups))]
        rows = [
            [weekday, clock, *(int(group[WEEKDAYS.index(weekday)][i]) for group in heads)]
            for weekday in self.data["calendar"]["weekdays"]
            for i, clock in enumerate(self.fit.seen.clock)
        ]
        names = [_column(name, number) for number, name in enumerate(self.fit.groups)]
        return csv_of(["weekday", "time", *names], rows)

    def _file(self, what: str) -> Path:
        return self.path.with_name(f"{self.path.stem}_{what}.csv")


def _column(name: str, number: int) -> str:
    """The heading of a queue or a group in a CSV: its name, unless a spreadsheet would take that for a formula."""
    return (
        name
        if name[:1] not in ("=", "+", "-", "@", "'", "\t", "\r") and name.strip() == name
        else f"column {number + 1}"
    )


def _plain(text: object) -> str:
    """Names from outside stay on one line of a comment."""
    return " ".join(str(text).split())


def _comment(text: str, indent: int) -> list[str]:
    """A remark as lines of a comment; Chinese, which has no blanks, is broken where a line is full."""
    room, lines, line = WIDTH - indent, [], ""
    for word in _plain(text).split(" ") if " " in text.strip() else [text]:
        while len(word) > room:
            lines.append(line + word[: room - len(line)])
            word, line = word[room - len(line) :], ""
        if line and len(line) + len(word) + 1 > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [f"{' ' * indent}# {row}" for row in [*lines, line]]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _text(value: str) -> str:
    """Text as YAML: quoted unless it is a plain word or a duration."""
    plain = value.replace("_", "").replace("-", "").replace(" ", "").replace("/", "").replace(".", "")
    safe = plain.isascii() and plain.isalnum() and value == value.strip() and not value[0].isdigit()
    words = ("true", "false", "yes", "no", "on", "off", "null", "nan", "inf", "y", "n")
    if (safe and value.lower() not in words) or _is_duration(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_duration(value: str) -> bool:
    number, _, unit = value.partition(" ")
    return unit in ("s", "min", "h") and number.replace(".", "", 1).isdigit()


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)

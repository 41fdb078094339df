"""Single values of a contract in the cells of a workbook, and what people mean by the cells they fill in."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from csim.contract.shape import Shape
from csim.display.forms import Cell
from csim.display.words import Words

NOTHING = "none"  # an empty list, said: "there are no exclusions" is a term, an empty cell is none
NULL = "null"  # as in YAML: nothing, from some day on
ELSEWHERE = "\u2192 dated"  # the values of this cell stand on the sheet "dated"
SWITCHES = {"true": True, "yes": True, "\u662f": True, "false": False, "no": False, "\u5426": False}
DATED_BY_EXCEL = "Excel has made a date of this: format the cell as text and write it again"


def cell_of(value: Any, shape: Shape, lang: str = "zh") -> Any:
    """
    What to write into a cell so that `meaning` gives the value back; text stays text whatever it looks like.

    Examples:
        >>> cell_of("=1+1", Shape("text")), cell_of(" x", Shape("text")), cell_of([], Shape())
        ('=1+1', '" x"', '\u65e0 none')
        >>> cell_of("2026-07-01", Shape("date"))
        datetime.date(2026, 7, 1)
    """
    if value is None:
        return NULL
    if isinstance(value, list | dict):
        return labelled(NOTHING, lang)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        same = _number(value, "0.0" if isinstance(value, float) else "")
        return value if same == value and type(same) is type(value) else repr(value)
    text = str(value)
    if shape.scalar == "date" and (day := _day(text)) is not None and day.year > 1900:
        return day
    if shape.scalar == "choice":
        return labelled(text, lang, shape.name)
    return text if _survives(text) else f'"{text}"'


def _survives(text: str) -> bool:
    try:
        return text not in ("", ELSEWHERE) and meaning(Cell(text), Shape("text")) == text
    except ValueError:
        return False


def labelled(option: str, lang: str, of: str = "") -> str:
    """
    A word of the schema with its translation before it; the word itself stays the last one.

    Examples:
        >>> labelled("excluded", "zh", "hang_ups"), labelled("excluded", "en")
        ('\u5254\u9664\u9650\u65f6\u5185\u653e\u5f03 excluded', 'excluded')
    """
    words = Words(lang)
    label = words.find(f"choice_{of}_{option}") or words.find(f"choice_{option}")
    return f"{label} {option}" if label and lang != "en" else option


def meaning(cell: Cell, shape: Shape) -> Any:
    """
    The plain value that a cell stands for, as a YAML file would give it.

    Raises:
        ValueError: A formula, an error of Excel, or a date where there should be none.

    Examples:
        >>> meaning(Cell(0.8, "0%"), Shape("value")), meaning(Cell(0.125, "0.00%"), Shape("value"))
        ('80%', '12.5%')
        >>> meaning(Cell(5.1), Shape("text")), meaning(Cell(1.4), Shape("value")), meaning(Cell(200.0), Shape("count"))
        ('5.1', 1.4, 200)
        >>> meaning(Cell(dt.datetime(2026, 7, 1)), Shape("date")), meaning(Cell(dt.time(0, 0, 20)), Shape("value"))
        ('2026-07-01', '20 s')
    """
    value = cell.value
    if cell.is_formula:
        raise ValueError("a formula: write its value instead")
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        found = _number(value, cell.number_format if shape.scalar != "count" else "")
        return str(found) if shape.scalar == "text" else found
    if isinstance(value, dt.datetime | dt.date):
        if shape.scalar != "date":
            raise ValueError(DATED_BY_EXCEL)
        return value.date().isoformat() if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, dt.time | dt.timedelta):
        return f"{_number(_seconds(value), '')} s"
    return _text(str(value), shape)


def _text(text: str, shape: Shape) -> Any:
    stripped = text.strip()
    if stripped.startswith("#") and stripped in ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"):
        raise ValueError(f"{stripped} is an error of Excel: write a value")
    if stripped == NULL:
        return None
    last = stripped.rpartition(" ")[2]
    if last == NOTHING and not shape.scalar and (shape.items or shape.fields or shape.entries):
        return [] if shape.items else {}
    if shape.scalar == "choice":
        return stripped if stripped in shape.options else last if last in shape.options else stripped
    if shape.scalar == "switch":
        return SWITCHES.get(last.lower(), stripped)
    if shape.scalar == "count" and re.fullmatch(r"-?\d{1,18}", stripped):
        return int(stripped)
    if len(stripped) >= 2 and stripped[0] == stripped[-1] == '"':
        return stripped[1:-1]
    return stripped


def _number(value: float, number_format: str) -> Any:
    """A number as it is shown: fifteen digits are what Excel keeps."""
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if "%" in number_format:
        return f"{(exact * 100).normalize():f}%"
    if exact == exact.to_integral_value() and abs(exact) < 10**15 and "0.0" not in number_format:
        return int(exact)
    short = float(exact)
    return short if "e" not in repr(short) else f"{exact:f}"


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _seconds(value: dt.time | dt.timedelta) -> float:
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6

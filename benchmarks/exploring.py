"""
How long a move of a slider takes, beside the 300 ms that it may: `python -m benchmarks.exploring [NAME…]`.

Twelve moves on each shipped scenario as a hand would make them, ends of the sliders and the highest volume among them,
then twelve on a contract. Simulating, tables, figure and cards are all in it; the browser is not. Beside other work the
processor's time is the measure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import csim

SCENARIOS = Path(__file__).parents[1] / "scenarios"
CONTRACT, ITS_CENTRE = SCENARIOS / "contracts/hotline_400.yaml", SCENARIOS / "centres/hotline_400.yaml"
MOVES = 12
TARGET_MS = 300
Position = dict[str, Any]


def centre_moves(explorer: Any) -> Iterator[Position]:
    """Every slider to its high and its low end and back, the highest volume first, until twelve are made."""
    found = sorted(explorer.focus.knobs, key=lambda knob: knob.key != "volume")
    ends = [{knob.key: at} for knob in found for at in (knob.high, knob.low)]
    together = [{knob.key: (knob.start + knob.high) / 2 for knob in found}, {knob.key: knob.start for knob in found}]
    yield from (ends + together + ends)[:MOVES]


def terms_moves(explorer: Any) -> Iterator[Position]:
    """Both factors to their ends, then the levels of the clause in focus, then all at once."""
    levels = explorer.levels[explorer.clause].values
    ends = [{key: at} for key in ("penalty", "bonus") for at in (3.0, 0.0, 1.0)]
    steps = [{"level": levels[i * (len(levels) - 1) // 4]} for i in range(5)]
    yield from [*ends, *steps, {"penalty": 1.5, "bonus": 1.5, "level": levels[0]}][:MOVES]


def measured(explorer: Any, moves: Iterator[Position]) -> list[tuple[float, float]]:
    """Milliseconds by the clock and of the processor, a move at a time; a slider of a centre goes back first."""
    found = []
    for position in moves:
        clock, cpu = time.perf_counter(), time.process_time()
        explorer.move(**position)
        found.append(((time.perf_counter() - clock) * 1000, (time.process_time() - cpu) * 1000))
    return found


def told(name: str, opening_s: float, found: list[tuple[float, float]]) -> str:
    """A line: how long it took to open, then the first, the median and the worst move, by clock and (processor)."""
    clocks, processors = zip(*found, strict=True)
    pairs = [found[0], (median(clocks), median(processors)), (max(clocks), max(processors))]
    cells = "".join(f"{f'{clock:.0f} ({cpu:.0f})':>14}" for clock, cpu in pairs)
    return f"{name:<28}{opening_s:>9.1f}{cells}{TARGET_MS:>9}"


def opened(make: Callable[[], Any]) -> tuple[Any, float]:
    """An explorer as a person first sees it, and the seconds until then."""
    began = time.perf_counter()
    return make(), time.perf_counter() - began


def main() -> None:
    """Prints the table."""
    asked = sys.argv[1:]
    print(f"{'ms by clock (processor)':<28}{'open, s':>9}{'first':>14}{'median':>14}{'worst':>14}{'target':>9}")
    for path in sorted((SCENARIOS / "centres").glob("*.yaml")):
        if not asked or path.stem in asked:
            explorer, seconds = opened(lambda path=path: csim.explore(path))
            print(told(path.stem, seconds, measured(explorer, centre_moves(explorer))), flush=True)
    if not asked or "terms" in asked:
        explorer, seconds = opened(lambda: csim.explore(CONTRACT, ITS_CENTRE, harm={"abandon": 20}))
        print(told("terms of hotline_400", seconds, measured(explorer, terms_moves(explorer))))


if __name__ == "__main__":
    main()

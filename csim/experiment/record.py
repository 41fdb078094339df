"""From what happened (workload and paths) to what a centre would have recorded: contact log and agent states."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

from csim.contacts.spans import Served
from csim.engine.rules import Path, Stretch
from csim.experiment.lived import Grid, Lived, grids
from csim.experiment.met import Met
from csim.experiment.names import Names, Rows
from csim.loops import same
from csim.scenario.load import Scenario
from csim.workload.draw import Workload


@dataclass(frozen=True)
class Record:
    """
    Some stretches of one replication. Codes (`day`, `interval`, `queue` …) count from 0, −1 is none.

    `days` says which days of the calendar they are. A state's `slot` is its interval, counted over these days, the
    closed time before each day's first one included.
    Contacts of the warm-up are not in it; agents' time is counted from the opening on.
    """

    days: range
    met: Met
    lived: Lived

    @property
    def contacts(self) -> Rows:
        """The columns of contacts."""
        return self.met.columns

    @property
    def states(self) -> Rows:
        """The columns of states that the catalogue needs."""
        return self.lived.columns

    @property
    def all_states(self) -> Rows:
        """The columns of states, and those that only a log and formulas of a user's own need."""
        return self.lived.columns | self.lived.more()


@dataclass(frozen=True)
class Bookkeeper:
    """Keeps the books of a scenario's replications; *rows*: contacts in all of them, see `csim.loops.loop`."""

    scenario: Scenario
    rows: float = 0.0

    @cached_property
    def names(self) -> Names:
        return Names.of(self.scenario)

    @cached_property
    def grids(self) -> list[Grid]:
        return grids(self.scenario)

    def books(self, workload: Workload, stretches: list[Stretch], paths: list[Path]) -> Record:
        """What some stretches of one replication left in the books."""
        served, any_chat = [], bool(self.names.chat.any())
        for number, (stretch, path) in enumerate(zip(stretches, paths, strict=True)):
            of = slice(workload.bounds[number], workload.bounds[number + 1])
            chat = self.names.chat[workload.queue[of]] if any_chat else same(False, len(path.end))
            served.append(Served(path.agent, path.answer, path.end, stretch.after_work, chat))
        days, first = self.scenario.days, workload.first_stretch
        block = range(len(days)) if days.carry_over else range(first, first + len(stretches))
        duty, capacity = [path.duty for path in paths], stretches[0].capacity
        edges = self.grids[first : first + len(stretches)]
        lived = Lived(self.scenario, self.names, first, block, served, duty, edges, capacity, self.rows)
        return Record(block, Met(self.scenario, self.names, workload, paths, lived, self.rows), lived)


def without_rows(record: Record) -> Record:
    """The same columns, with nothing in them: who wants to know what there is need not wait for it."""
    met, lived = record.met, record.lived
    path, served = met.paths[0], lived.served[0]
    nothing = Path(path.answer[:0], path.end[:0], path.agent[:0], path.outcome[:0], ())
    nobody = Served(*(getattr(served, field.name)[:0] for field in dataclasses.fields(Served)))
    lived = dataclasses.replace(lived, served=[nobody], duty=[()], grids=lived.grids[:1], rows=0.0)
    return Record(
        record.days, dataclasses.replace(met, workload=met.workload.none(), paths=[nothing], lived=lived), lived
    )

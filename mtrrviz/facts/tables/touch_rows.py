"""The table of touches that a scenario's author wrote; recorded ones are only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.facts.spans import PhaseNames
from mtrrviz.facts.tables.column import Column, Unit, each
from mtrrviz.facts.tables.item_rows import ItemRows, of_item
from mtrrviz.facts.tables.run_rows import seconds
from mtrrviz.scenario.touches import Sweep

if TYPE_CHECKING:
    from mtrrviz.facts.tables.column import Value
    from mtrrviz.scenario.model import Scenario

_of = of_item(Sweep)


def _region_name(rows: TouchRows, row: int) -> str:
    sweep = rows.items[row]
    found = rows.scenario.machine.regions_in(sweep.first_gfn, sweep.first_gfn + sweep.pages)
    return ", ".join(region.name for region in found) or "unassigned"


_COLUMNS: tuple[Column[TouchRows], ...] = (
    Column("touch", "#", "number of the touch in the scenario, from 0",
           lambda rows, part: list(rows.indices[part])),
    Column("time_s", "time", "when the first page is touched",
           seconds(lambda rows: rows.time_ns), Unit.SECONDS),
    Column("lasts_s", "lasts", "how long touching all pages takes; 0 for at once",
           _of(lambda sweep: sweep.lasts_ns / 1e9), Unit.SECONDS),
    Column("phase", "phase", "phase of the scenario",
           each(lambda rows, row: rows.phases.name(rows.items[row].time_ns))),
    Column("vcpu", "vCPU", "processor that touches", _of(lambda sweep: sweep.vcpu), Unit.NUMBER),
    Column("access", "access", "read, write or execute",
           _of(lambda sweep: sweep.access.name.lower())),
    Column("start", "start", "address of the first page",
           _of(lambda sweep: sweep.first_gfn * PAGE_SIZE), Unit.HEX),
    Column("size_bytes", "size", "length of the range, one touch for each page of 4 KiB",
           _of(lambda sweep: sweep.pages * PAGE_SIZE), Unit.BYTES),
    Column("region", "region", "regions that the range is in", each(_region_name)),
)  # fmt: skip


class TouchRows(ItemRows[Sweep]):
    """Rows in order of time; ``indices`` are the numbers of the scenario's touches."""

    name = "touches"
    columns = _COLUMNS
    example = "vcpu:1 access:write"
    shown = ("time_s", "vcpu", "access", "start", "size_bytes", "lasts_s", "region", "phase")
    help = (
        "Words anywhere in the row, or vcpu:1  access:write  region:ram. "
        "Separate alternatives with commas; a leading minus excludes: -access:read"
    )

    def __init__(self, scenario: Scenario) -> None:
        order = sorted(range(len(scenario.sweeps)), key=lambda i: scenario.sweeps[i].time_ns)
        super().__init__([scenario.sweeps[index] for index in order])
        self.scenario = scenario
        self.indices = tuple(order)
        self.phases = PhaseNames(scenario)
        self._times_ns = np.array([sweep.time_ns for sweep in self.items], np.int64)

    @property
    def time_ns(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """When each touch begins, int64, ascending."""
        return self._times_ns

    @property
    def about(self) -> dict[str, Value]:
        """The scenario."""
        return {"scenario": self.scenario.name}

    def vcpu(self, row: int) -> int:
        """Return the vCPU that touches."""
        return self.items[row].vcpu

"""The table of a real machine's memory: the type of every address, and what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.hosts.host_ranges import HostRange
from mtrrviz.facts.tables.column import Column
from mtrrviz.facts.tables.item_rows import REGION_COLUMN, SPAN_COLUMNS, ItemRows, of_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.sim.run import State

_of = of_item(HostRange)
_COLUMNS: tuple[Column[HostRangeRows], ...] = (
    *SPAN_COLUMNS,
    Column("type", "Type", "memory type by the MTRRs; unknown or undefined where there is none",
           _of(lambda r: r.type_words)),
    Column("decided_by", "Decided by", "the registers that decide the type",
           _of(lambda r: r.decided_by)),
    REGION_COLUMN,
    Column("kind", "Kind", "ram, rom, device-ram, mmio, reserved, unknown; none where nothing is",
           _of(lambda r: r.region and str(r.region.kind))),
)  # fmt: skip


class HostRangeRows(ItemRows[HostRange]):
    """Rows by number of the range; the types are those of ``cpu``."""

    name = "ranges"
    columns = _COLUMNS
    shown = ("start", "size_bytes", "type", "decided_by", "region", "kind")
    help = (
        "Words anywhere in the row, or type:uc  kind:ram. "
        "Separate alternatives with commas; a leading minus excludes: -kind:mmio"
    )

    def __init__(self, state: State, cpu: int, ranges: Sequence[HostRange]) -> None:
        super().__init__(ranges)
        self.state = state
        self.cpu = cpu

    @property
    def about(self) -> dict[str, Value]:
        """Scenario, kind of machine, time and the CPU whose types are told."""
        scenario = self.state.run.scenario
        return {
            "scenario": scenario.name,
            "machine": str(scenario.machine.kind),
            "time_s": self.state.time_ns / 1e9,
            "cpu": self.cpu,
        }

    def shows_same(self, other: FactRows) -> bool:
        """Whether the ranges are the same; only the time may be another."""
        return isinstance(other, HostRangeRows) and self.items == other.items

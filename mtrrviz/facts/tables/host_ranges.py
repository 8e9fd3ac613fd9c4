"""The table of a real machine's memory: the type of every address, and what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import FactRows
from mtrrviz.facts.tables.ranges import span_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.facts.hosts.host_ranges import HostRange
    from mtrrviz.facts.tables.column import Value
    from mtrrviz.sim.run import State


def _of(value: Callable[[HostRange], Value]) -> Callable[[HostRangeRows, slice], list[Value]]:
    """Return the values of a column that a range alone fills."""
    return lambda rows, part: [value(one) for one in rows.ranges[part]]


_COLUMNS: tuple[Column[HostRangeRows], ...] = (
    Column("start", "Range", "first address", _of(lambda r: r.first_gfn << PAGE_SHIFT), Unit.HEX,
           lambda rows, row: span_words(rows.ranges[row].first_gfn, rows.ranges[row].end_gfn)),
    Column("end", "End", "address after the last",
           _of(lambda r: r.end_gfn << PAGE_SHIFT), Unit.HEX),
    Column("size_bytes", "Size", "length",
           _of(lambda r: (r.end_gfn - r.first_gfn) << PAGE_SHIFT), Unit.BYTES),
    Column("type", "Type", "memory type by the MTRRs; unknown or undefined where there is none",
           _of(lambda r: r.type_words)),
    Column("decided_by", "Decided by", "the registers that decide the type",
           _of(lambda r: r.decided_by)),
    Column("region", "Region", "name of the region; none where nothing is",
           _of(lambda r: r.region and r.region.name),
           words=lambda rows, row: r.name if (r := rows.ranges[row].region) else "unassigned"),
    Column("kind", "Kind", "ram, rom, device-ram, mmio, reserved, unknown; none where nothing is",
           _of(lambda r: r.region and str(r.region.kind))),
)  # fmt: skip


class HostRangeRows(FactRows):
    """Rows by number of the range; the types are those of ``cpu``."""

    name = "ranges"
    columns = _COLUMNS
    shown = ("start", "size_bytes", "type", "decided_by", "region", "kind")
    help = (
        "Words anywhere in the row, or type:uc  kind:ram. "
        "Separate alternatives with commas; a leading minus excludes: -kind:mmio"
    )

    def __init__(self, state: State, cpu: int, ranges: Sequence[HostRange]) -> None:
        self.state = state
        self.cpu = cpu
        self.ranges = ranges

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

    def __len__(self) -> int:
        """Return the number of ranges."""
        return len(self.ranges)

    def shows_same(self, other: FactRows) -> bool:
        """Whether the ranges are the same; only the time may be another."""
        return isinstance(other, HostRangeRows) and self.ranges == other.ranges

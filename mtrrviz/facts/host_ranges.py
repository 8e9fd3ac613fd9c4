"""A real machine's memory as a table: neighbouring pages of one type and region make a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.hardware import hardware_types
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.hardware_types import deciding_words, typed_spans
from mtrrviz.facts.ranges import MOST_ROWS, space_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.hardware import HostType
    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import State

HOST_COLUMNS = ("Range", "Size", "Type", "Decided by", "Region", "Kind")


@dataclass(frozen=True, slots=True)
class HostRange:
    """Pages [first_gfn, end_gfn) of one region and type; several types where too many alternate."""

    first_gfn: int
    end_gfn: int
    region: Region | None
    types: tuple[HostType, ...]
    decided_by: str

    def cells(self) -> tuple[str, ...]:
        """Return the words of the row, a cell each of :data:`HOST_COLUMNS`."""
        first, end = self.first_gfn << PAGE_SHIFT, self.end_gfn << PAGE_SHIFT
        return (
            f"{format_gpa(first)} to {format_gpa(end - 1)}",
            format_size(end - first),
            " or ".join(kind.label for kind in self.types),
            self.decided_by,
            self.region.name if self.region else "unassigned",
            self.region.kind.value if self.region else "",
        )


def host_range_rows(state: State, cpu: int) -> list[HostRange]:
    """Return the first rows over the whole space, at most :data:`MOST_ROWS`."""
    return list(islice(_host_ranges(state, cpu), MOST_ROWS))


def _host_ranges(state: State, cpu: int) -> Iterator[HostRange]:
    spec, machine = state.run.scenario.machine, state.machine
    types = hardware_types(machine, cpu)
    end = space_end(spec)
    cuts = {edge for region in spec.regions for edge in (region.first_gfn, region.end_gfn)}
    borders = sorted({0, end} | {cut for cut in cuts if 0 < cut < end})
    for first, stop in pairwise(borders):
        region = spec.region_at(first)
        for span in typed_spans(types, first, stop):
            why = deciding_words(machine, cpu, span.first_gfn)
            yield HostRange(span.first_gfn, span.end_gfn, region, span.types, why)

"""A real machine's memory as a table: neighbouring pages of one type and region make a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.sdm.hardware import hardware_types
from mtrrviz.facts.hosts.hardware_types import deciding_words, typed_spans
from mtrrviz.facts.ranges import space_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.sdm.hardware import HostType
    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import State


@dataclass(frozen=True, slots=True)
class HostRange:
    """Pages [first_gfn, end_gfn) of one region and type; several types where too many alternate."""

    first_gfn: int
    end_gfn: int
    region: Region | None
    types: tuple[HostType, ...]
    decided_by: str

    @property
    def type_words(self) -> str:
        """The types in words, such as "WB" or "UC or WB"."""
        return " or ".join(kind.label for kind in self.types)


def host_ranges_at(state: State, cpu: int) -> Iterator[HostRange]:
    """Yield the ranges of the whole space by the MTRRs of ``cpu``."""
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

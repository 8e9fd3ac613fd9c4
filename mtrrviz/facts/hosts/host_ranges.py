"""A real machine's memory as a table: pages of one region, type and decider make a row."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import hardware_borders, hardware_types, labels
from mtrrviz.facts.hosts.hardware_types import deciding_words, typed_spans
from mtrrviz.facts.ranges import space_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.sdm.hardware import HostType
    from mtrrviz.facts.hosts.hardware_types import TypedSpan
    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import State


class HostRange(Record):
    """Pages [first_gfn, end_gfn) of one region and type that the same registers decide.

    Several types where too many alternate.
    """

    first_gfn: int
    end_gfn: int
    region: Region | None
    types: tuple[HostType, ...]
    decided_by: str

    @property
    def type_words(self) -> str:
        """The types in words, such as "WB" or "UC or WB"."""
        return labels(self.types)


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
            for low, high, why in _by_decider(machine, cpu, span):
                yield HostRange(low, high, region, span.types, why)


def _by_decider(machine: Machine, cpu: int, span: TypedSpan) -> list[tuple[int, int, str]]:
    """Cut a span where other registers decide: one type may come from several, one by one."""
    cuts = {cut for cut in hardware_borders(machine, cpu) if span.first_gfn < cut < span.end_gfn}
    found: list[tuple[int, int, str]] = []
    for low, high in pairwise(sorted({span.first_gfn, span.end_gfn} | cuts)):
        why = deciding_words(machine, cpu, low)
        is_more = bool(found) and found[-1][2] == why
        found.append((found.pop()[0] if is_more else low, high, why))
    return found

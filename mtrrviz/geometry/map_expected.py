"""What the next fault of a vCPU would get, by dot and by leaf: the map's tint and staleness."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.geometry.map_layout import MapLayout
    from mtrrviz.sim.tables import LeafTable

_PAGES = np.array([0, *(LEVEL_PAGES[level] for level in (1, 2, 3))], np.uint64)


@dataclass(frozen=True, eq=False)
class Expected:
    """Entry bits of the next fault over the whole space, as intervals.

    ``starts`` uint64 gfns, first 0; ``bits`` uint8 (type at 5:3, IPAT at 6), neighbours differ.
    Memory of passed-through devices is included.
    """

    starts: NDArray[np.uint64]
    bits: NDArray[np.uint8]

    def at(self, gfn: int) -> int:
        """Return the bits of one page."""
        return int(self.bits[int(np.searchsorted(self.starts, np.uint64(gfn), "right")) - 1])

    def spans(self, first_gfn: int, end_gfn: int) -> list[tuple[int, int, int]]:
        """Return (first gfn, end gfn, bits) of the intervals within [first_gfn, end_gfn)."""
        cuts = [int(start) for start in self.starts if first_gfn < start < end_gfn]
        edges = [first_gfn, *cuts, end_gfn]
        return [(a, b, self.at(a)) for a, b in itertools.pairwise(edges)]


def expected_for(machine: Machine, vcpu: int, spec: MachineSpec) -> Expected:
    """Return what faults by ``vcpu`` would get now."""
    fault_map = machine.fault_map(vcpu)
    starts, bits = fault_map.starts, fault_map.bits
    mmio = np.uint8(ept_bits(*machine.policy.mmio_leaf()))
    for region in spec.regions:
        if region.kind is RegionKind.PASSTHROUGH:
            starts, bits = _overlaid(starts, bits, region.first_gfn, region.end_gfn, mmio)
    return Expected(*_merged(starts, bits))


def _overlaid(
    starts: NDArray[np.uint64],
    bits: NDArray[np.uint8],
    first_gfn: int,
    end_gfn: int,
    value: np.uint8,
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the intervals with [first_gfn, end_gfn) set to ``value``."""
    edges = np.array([first_gfn, end_gfn], np.uint64)
    after = bits[np.searchsorted(starts, edges[1], "right") - 1]
    low, high = starts < edges[0], starts > edges[1]
    new_starts = np.concatenate([starts[low], edges, starts[high]])
    new_bits = np.concatenate([bits[low], np.array([value, after], np.uint8), bits[high]])
    return new_starts, new_bits


def _merged(
    starts: NDArray[np.uint64], bits: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    keep = np.ones(len(starts), bool)
    keep[1:] = bits[1:] != bits[:-1]
    return starts[keep], bits[keep]


def tint_types(expected: Expected, layout: MapLayout) -> NDArray[np.uint8]:
    """Return for each dot the types that faults there would get, one bit a type value, uint8."""
    types = np.zeros(layout.dots, np.uint8)
    for first, end, bits in expected.spans(layout.first_gfn, layout.end_gfn):
        low, high = layout.dots_of(np.array([first, end - 1], np.uint64))
        types[low : high + 1] |= np.uint8(1 << (bits >> 3 & 7))
    return types


def stale_leaves(
    expected: Expected, leaves: LeafTable, rows: NDArray[np.intp] | None = None
) -> NDArray[np.bool_]:
    """Return which leaves, alive or not, hold a page that a fault would map otherwise.

    Asks about ``rows`` of the table, or about all of it.
    """
    chosen = slice(None) if rows is None else rows
    first, level, bits = leaves.first_gfn[chosen], leaves.level[chosen], leaves.bits[chosen]
    if len(expected.starts) == 1:
        return bits != expected.bits[0]
    interval = np.searchsorted(expected.starts, first, "right") - 1
    is_stale = expected.bits[interval] != bits
    large = np.flatnonzero(level > 1)
    final = first[large] + (_PAGES[level[large]] - np.uint64(1))
    end = np.searchsorted(expected.starts, final, "right") - 1
    is_stale[large] |= end != interval[large]
    return is_stale

"""What the next fault of a vCPU would get, by dot and by leaf: the map's tint and staleness."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import IPAT_BIT, ept_bits
from mtrrviz.core.sdm_types import FIRST_TYPE, gathered, is_mixed
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.sdm_types import SdmTypes
    from mtrrviz.sim.tables import LeafTable

#: Bit 7 of an interval's bits: its pages are of several types.
_SEVERAL = np.uint8(1 << 7)
_PAGES = np.array([0, *(LEVEL_PAGES[level] for level in (1, 2, 3))], np.uint64)


@dataclass(frozen=True, eq=False)
class Expected:
    """Entry bits of the next fault over the whole space, as intervals.

    ``starts`` uint64 gfns, first 0; ``bits`` uint8 (type at 5:3, IPAT at 6), neighbours differ.
    Memory of passed-through devices is included. ``pagewise`` is there if some intervals hold pages
    of several types, with IPAT 0; their ``bits`` have bit 7 set then and say no more.
    """

    starts: NDArray[np.uint64]
    bits: NDArray[np.uint8]
    pagewise: SdmTypes | None = None

    def at(self, gfn: int) -> int:
        """Return the bits of one page."""
        bits = int(self.bits[int(np.searchsorted(self.starts, np.uint64(gfn), "right")) - 1])
        if self.pagewise is None or not bits & _SEVERAL:
            return bits
        return int(self.pagewise.types_at(np.array([gfn], np.uint64))[0]) << 3

    def spans(self, first_gfn: int, end_gfn: int) -> list[tuple[int, int, int]]:
        """Return (first gfn, end gfn, bits) of the intervals within [first_gfn, end_gfn).

        One with pages of several types comes once for each.
        """
        cuts = [int(start) for start in self.starts if first_gfn < start < end_gfn]
        edges = [first_gfn, *cuts, end_gfn]
        return [(a, b, bits) for a, b in itertools.pairwise(edges) for bits in self.all_bits(a, b)]

    def all_bits(self, first_gfn: int, end_gfn: int) -> list[int]:
        """Return the bits that occur in a stretch of one interval."""
        row = int(np.searchsorted(self.starts, np.uint64(first_gfn), "right")) - 1
        if self.pagewise is None or not self.bits[row] & _SEVERAL:
            return [int(self.bits[row])]
        ends = (np.array([gfn], np.uint64) for gfn in (first_gfn, end_gfn))
        types = int(self.pagewise.sets_in(*ends)[0])
        return [kind << 3 for kind in range(8) if types >> kind & 1]

    def types_in(
        self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64], pagewise: SdmTypes
    ) -> NDArray[np.uint8]:
        """Return the types that occur in each range, one bit a type value.

        The ranges ascend and do not overlap.
        """
        sets = np.uint8(1) << (self.bits >> np.uint8(3) & np.uint8(7))
        sets[self.bits & _SEVERAL > 0] = np.uint8(0xFF)
        return gathered(self.starts, sets, (firsts, ends), pagewise.sets_in)


def expected_for(machine: Machine, vcpu: int, spec: MachineSpec) -> Expected:
    """Return what faults by ``vcpu`` would get now."""
    fault_map = machine.fault_map(vcpu)
    starts, bits, pagewise = fault_map.starts, fault_map.bits, fault_map.pagewise
    if pagewise is not None:
        sets = pagewise.in_force
        bits = FIRST_TYPE[sets] << np.uint8(3) | np.where(is_mixed(sets), _SEVERAL, np.uint8(0))
        starts = pagewise.starts
    mmio = np.uint8(ept_bits(*machine.policy.mmio_leaf()))
    for region in spec.regions:
        if region.kind is RegionKind.PASSTHROUGH:
            starts, bits = _overlaid(starts, bits, region.first_gfn, region.end_gfn, mmio)
    return Expected(*_merged(starts, bits), pagewise)


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
    keep[1:] = (bits[1:] != bits[:-1]) | (bits[1:] & _SEVERAL > 0)
    return starts[keep], bits[keep]


def stale_leaves(
    expected: Expected, leaves: LeafTable, rows: NDArray[np.intp] | None = None
) -> NDArray[np.bool_]:
    """Return which leaves, alive or not, hold a page that a fault would map otherwise.

    Asks about ``rows`` of the table, or about all of it.
    """
    chosen = slice(None) if rows is None else rows
    first, level, bits = leaves.first_gfn[chosen], leaves.level[chosen], leaves.bits[chosen]
    if expected.pagewise is not None:
        return _stale_pagewise(expected, expected.pagewise, (first, level, bits))
    if len(expected.starts) == 1:
        return bits != expected.bits[0]
    interval = np.searchsorted(expected.starts, first, "right") - 1
    is_stale = expected.bits[interval] != bits
    large = np.flatnonzero(level > 1)
    final = first[large] + (_PAGES[level[large]] - np.uint64(1))
    end = np.searchsorted(expected.starts, final, "right") - 1
    is_stale[large] |= end != interval[large]
    return is_stale


def _stale_pagewise(
    expected: Expected,
    pagewise: SdmTypes,
    leaves: tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint8]],
) -> NDArray[np.bool_]:
    """Return the same where intervals hold pages of several types, by the blocks of the leaves."""
    first, level, bits = leaves
    wanted = np.uint8(1) << (bits >> np.uint8(3) & np.uint8(7))
    is_stale = bits & np.uint8(IPAT_BIT) > 0
    for size in np.unique(level).tolist():
        rows = np.flatnonzero(level == size)
        blocks, of_row = np.unique(first[rows], return_inverse=True)
        types = expected.types_in(blocks, blocks + _PAGES[size], pagewise)
        is_stale[rows] |= types[of_row] != wanted[rows]
    return is_stale

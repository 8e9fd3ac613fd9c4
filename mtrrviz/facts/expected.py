"""What the next fault of a vCPU would get, over all of guest physical memory."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import TYPE_SHIFT, ept_bits, type_bits
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.sdm_types import FIRST_TYPE, gathered, is_mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.faultmap import FaultMap
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.sdm.sdm_types import SdmTypes
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.sim.run import State

#: Bit 7 of an interval's bits: its pages are of several types.
_SEVERAL = np.uint8(1 << 7)


class Expected(Record, eq=False):
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
        return int(type_bits(self.pagewise.types_at(np.array([gfn], np.uint64)))[0])

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
        return set_bits(int(self.pagewise.sets_in(*ends)[0]))

    def sets_in(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """Return the set of leaves that faults in each range get, one bit a kind of leaf.

        See :func:`leaf_sets` for the bits. The ranges ascend and do not overlap.
        """
        sets = leaf_sets(self.bits & ~_SEVERAL)
        if self.pagewise is None:
            return gathered(self.starts, sets, (firsts, ends), None)
        sets[self.bits & _SEVERAL > 0] = np.uint16(0xFF)
        return gathered(self.starts, sets, (firsts, ends), self.pagewise.sets_in)

    def types_in(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the types that occur in each range, one bit a type value; see :meth:`sets_in`."""
        sets = self.sets_in(firsts, ends)
        return (sets | sets >> np.uint16(8)).astype(np.uint8)


def leaf_sets(bits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return for each leaf's bits the set of it alone: bit type for IPAT 0, bit 8 + type for 1."""
    return np.uint16(1) << (bits >> np.uint8(TYPE_SHIFT)).astype(np.uint16)


def set_bits(leaves: int) -> list[int]:
    """Return the bits of the leaves in a set, ascending."""
    return [number << TYPE_SHIFT for number in range(16) if leaves >> number & 1]


def first_bits(sets: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return the bits of the first leaf of each set, uint8; no set may be empty."""
    lowest = sets & (~sets + np.uint16(1))
    return type_bits(np.log2(lowest).astype(np.uint8))


def expected_at(state: State, vcpu: int) -> Expected:
    """Return what faults by ``vcpu`` would get in a state."""
    return expected_for(state.machine, vcpu, state.run.scenario.machine)


def expected_for(machine: Machine, vcpu: int, spec: MachineSpec) -> Expected:
    """Return what faults by ``vcpu`` would get now; the same object as long as that is the same."""
    return _expected(machine.fault_map(vcpu), spec, ept_bits(*machine.policy.mmio_leaf()))


@lru_cache(maxsize=96)  # as many as a recorded boot has
def _expected(fault_map: FaultMap, spec: MachineSpec, mmio: int) -> Expected:
    starts, bits, pagewise = fault_map.starts, fault_map.bits, fault_map.pagewise
    if pagewise is not None:
        sets = pagewise.in_force
        bits = type_bits(FIRST_TYPE[sets]) | np.where(is_mixed(sets), _SEVERAL, np.uint8(0))
        starts = pagewise.starts
    for bar in spec.passthrough_gfns:
        starts, bits = _overlaid(starts, bits, bar, np.uint8(mmio))
    return Expected(*_merged(starts, bits), pagewise)


def _overlaid(
    starts: NDArray[np.uint64],
    bits: NDArray[np.uint8],
    gfns: tuple[int, int],
    value: np.uint8,
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the intervals with gfns [first, end) set to ``value``."""
    edges = np.array(gfns, np.uint64)
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

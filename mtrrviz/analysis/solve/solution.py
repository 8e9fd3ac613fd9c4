"""A solution: the register values for a wanted map, and the proof or the differences that stay."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.fixed import fixed_values
from mtrrviz.analysis.solve.proof import Difference, differences
from mtrrviz.analysis.solve.target import GUEST
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_ENABLE_BIT, MTRR_ENABLE_BIT, PHYSBASE0
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.core.variable_ranges import range_to_pair

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.blocks import Cover
    from mtrrviz.analysis.solve.target import Target
    from mtrrviz.analysis.solve.wanted import WantedMap
    from mtrrviz.core.memtype import MemoryType


class SolutionPair(Record):
    """One variable range of a solution: bytes, type, and the two register values."""

    index: int
    start: int
    size_bytes: int
    type: MemoryType
    physbase: int
    physmask: int


class Solution(Record, eq=False, dict=True):
    """Registers for ``wanted``: default type, ranges in address order, fixed ranges if used.

    ``needed`` is the fewest pairs that give the map exactly, None if ranges that large cannot, and
    ``limit`` how many there were; where those do not do, the ranges are the nearest to the map.
    ``target`` is the machine that they are for.
    """

    wanted: WantedMap
    default: MemoryType
    covers: tuple[Cover, ...]
    uses_fixed: bool
    needed: int | None
    limit: int
    target: Target = GUEST

    @cached_property
    def pairs(self) -> tuple[SolutionPair, ...]:
        """The pairs in use, by index."""
        return tuple(self._pair(index, cover) for index, cover in enumerate(self.covers))

    def _pair(self, index: int, cover: Cover) -> SolutionPair:
        start, size = cover[0] << PAGE_SHIFT, cover[1] << PAGE_SHIFT
        values = range_to_pair(start, size, cover[2], self.wanted.maxphyaddr)
        return SolutionPair(index, start, size, cover[2], *values)

    @property
    def is_nearest(self) -> bool:
        """Whether the pairs there are cannot give the map, so that this is the nearest."""
        return self.needed is None or self.needed > self.limit

    @property
    def has_helpers(self) -> bool:
        """Whether a range lies within one of its own type, to put a UC range last for KVM."""
        return not self.target.is_host and any(
            inner is not outer and inner[2] == outer[2] and _holds(outer, inner)
            for outer in self.covers
            for inner in self.covers
        )

    @property
    def deftype(self) -> int:
        """The value of IA32_MTRR_DEF_TYPE."""
        fixed = FIXED_ENABLE_BIT if self.uses_fixed else 0
        return MTRR_ENABLE_BIT | fixed | self.default

    @property
    def fixed(self) -> dict[int, int]:
        """The values of the fixed registers by MSR number; none if they are not used."""
        return fixed_values(self.wanted, self.target) if self.uses_fixed else {}

    @property
    def writes(self) -> list[tuple[int, int]]:
        """(MSR, value) of every register: fixed ones, all pairs, DEF_TYPE last."""
        values = [(pair.physbase, pair.physmask) for pair in self.pairs]
        values += [(0, 0)] * (self.target.pairs - len(values))
        variable = [
            (PHYSBASE0 + 2 * index + offset, value)
            for index, pair in enumerate(values)
            for offset, value in enumerate(pair)
        ]
        return [*self.fixed.items(), *variable, (DEFTYPE, self.deftype)]

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Where the registers, looked up, do not give what is wanted; empty is the proof."""
        return differences(self.state(), self.wanted, self.target)

    @property
    def is_exact(self) -> bool:
        """Whether every page gets its wanted type, in every reading that counts."""
        return not self.differences

    @property
    def is_unsafe(self) -> bool:
        """Whether a page would be cached more than wanted, which no device survives."""
        return any(one.is_unsafe for one in self.differences)

    def state(self) -> MtrrState:
        """Return a CPU's MTRRs with the solution written, as KVM or the processor takes it."""
        state = MtrrState(
            self.wanted.maxphyaddr,
            pairs=self.target.pairs,
            unknown=self.target.untold_fixed if self.uses_fixed else frozenset(),
            has_dram_bits=self.target.has_dram_bits,
        )
        for msr, value in self.writes:
            state.write(msr, value)
        return state


def _holds(outer: Cover, inner: Cover) -> bool:
    return outer[0] <= inner[0] and inner[0] + inner[1] <= outer[0] + outer[1]

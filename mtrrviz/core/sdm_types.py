"""The memory types that the manual gives, for the whole space at once, beside KVM's.

SDM vol. 3A 12.11.4.1 instead of KVM's walk: the order of overlapping ranges does not matter, and
holes in masks are holes. Intervals say most of it; where a mask's holes make too many of them an
interval holds several types, and single pages and blocks are asked about (see sdm_pairs).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtrrviz.core.layout import FIXED_LIMIT_GFN, TypeLayout, type_intervals
from mtrrviz.core.ranges import reserved_bits
from mtrrviz.core.regtable import PHYSBASE0, PHYSMASK0, VALID_BIT, VARIABLE_PAIRS
from mtrrviz.core.sdm_pairs import (
    UNDEFINED,
    Pair,
    aligned_blocks,
    block_types,
    matching_types,
    pair_borders,
    resolved_types,
)
from mtrrviz.core.units import GFN_SPACE, PAGE_SHIFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.mtrr import MtrrState

UNDEFINED_BIT = np.uint8(1 << UNDEFINED)


class SdmLayout(NamedTuple):
    """What types depend on by the manual: the valid pairs, and in ``kvm`` KVM's reading of all.

    Default type, fixed types and whether MTRRs are on at all are read alike by both.
    """

    pairs: tuple[Pair, ...]
    kvm: TypeLayout


def valid_pairs(state: MtrrState) -> tuple[Pair, ...]:
    """Return the valid pairs of a vCPU's MTRRs."""
    above = reserved_bits(state.maxphyaddr)
    pairs: list[Pair] = []
    for number in range(VARIABLE_PAIRS):
        mask = state.read(PHYSMASK0 + 2 * number)
        if mask & VALID_BIT:
            base, compare = state.read(PHYSBASE0 + 2 * number), (mask | above) >> PAGE_SHIFT
            pairs.append(Pair(base >> PAGE_SHIFT & compare, compare, base & 0xFF))
    return tuple(pairs)


@dataclass(frozen=True, eq=False)
class SdmTypes:
    """The manual's types and KVM's over [0, 2^52), by interval.

    ``starts`` uint64, first 0; ``sets`` uint8, what the manual gives pages of the interval, one
    bit a type, UNDEFINED_BIT among them; ``kvm`` uint8, KVM's type. ``pairs`` decide where a set
    has more than one bit. All are read-only.
    """

    starts: NDArray[np.uint64]
    sets: NDArray[np.uint8]
    kvm: NDArray[np.uint8]
    pairs: tuple[Pair, ...]
    default: int

    @property
    def in_force(self) -> NDArray[np.uint8]:
        """The sets of each interval with KVM's type in place of UNDEFINED."""
        return _settled(self.sets, self.kvm)

    @property
    def is_same(self) -> bool:
        """Whether the manual agrees with KVM everywhere."""
        return bool((self.sets == np.uint8(1) << self.kvm).all())

    def index(self, gfns: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the interval each gfn lies in."""
        return np.searchsorted(self.starts, gfns, side="right") - 1

    def types_at(self, gfns: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the manual's type of each page, KVM's where it leaves it undefined."""
        row = self.index(gfns)
        types = FIRST_TYPE[self.sets[row]]
        open_rows = np.flatnonzero(is_mixed(self.sets)[row])
        if len(open_rows):
            found = matching_types(self.pairs, gfns[open_rows])
            types[open_rows] = resolved_types(self.default)[found]
        return np.where(types == UNDEFINED, self.kvm[row], types)

    def sets_in(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the set of types in force in each range [first, end).

        The ranges ascend and do not overlap.
        """
        return self._sets_in(firsts, ends, self.in_force)

    def differing(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return for each range the manual's types unlike KVM's, UNDEFINED_BIT among them."""
        others = self.sets & ~(np.uint8(1) << self.kvm)
        return self._sets_in(firsts, ends, others, differing=True)

    def _sets_in(
        self,
        firsts: NDArray[np.uint64],
        ends: NDArray[np.uint64],
        sets: NDArray[np.uint8],
        *,
        differing: bool = False,
    ) -> NDArray[np.uint8]:
        """Gather ``sets`` of the intervals in each range, asking the pairs where need be."""
        if not len(firsts):
            return np.zeros(0, np.uint8)
        edges = np.unique(np.concatenate([firsts, ends, self.starts]))
        owner = np.searchsorted(firsts, edges, side="right") - 1
        inside = np.flatnonzero((owner >= 0) & (edges < ends[np.maximum(owner, 0)]))
        first, owner, row = edges[inside], owner[inside], self.index(edges[inside])
        found = sets[row]
        mixed = np.flatnonzero(is_mixed(self.sets)[row])
        if len(mixed):
            parts = piece_types(self, first[mixed], edges[inside[mixed] + 1])
            kvm = self.kvm[row[mixed]]
            found[mixed] = parts & ~(np.uint8(1) << kvm) if differing else _settled(parts, kvm)
        gathered = np.zeros(len(firsts), np.uint8)
        np.bitwise_or.at(gathered, owner, found)
        return gathered


def piece_types(
    of: SdmTypes, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]
) -> NDArray[np.uint8]:
    """Return the set of the manual's types in each range, from the pairs alone."""
    found = np.zeros(len(firsts), np.uint8)
    for rows, first, size in aligned_blocks(firsts, ends):
        found[rows] |= block_types(of.pairs, of.default, first, size)
    return found


def _settled(sets: NDArray[np.uint8], kvm: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sets of types with KVM's in place of UNDEFINED."""
    is_open = sets & UNDEFINED_BIT > 0
    return np.where(is_open, sets & ~UNDEFINED_BIT | np.uint8(1) << kvm, sets)


def _lowest_bits() -> NDArray[np.uint8]:
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return np.argmax(bits, axis=1).astype(np.uint8)


FIRST_TYPE = _lowest_bits()
"""The lowest type of each set of types, 256 long."""


def is_mixed(sets: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which sets hold more than one type."""
    return sets & (sets - np.uint8(1)) > 0


@lru_cache(maxsize=256)
def sdm_types(layout: SdmLayout) -> SdmTypes:
    """Return the types of a layout, built once."""
    known = type_intervals(layout.kvm)
    low = FIXED_LIMIT_GFN if layout.kvm.fixed is not None else 0
    borders = {border for pair in layout.pairs for border in pair_borders(pair)}
    borders |= {int(start) for start in known.starts} | {0, low}
    starts = np.array(sorted(b for b in borders if b < GFN_SPACE), np.uint64)
    ends = np.append(starts[1:], np.uint64(GFN_SPACE))
    kvm = known.types[np.searchsorted(known.starts, starts, side="right") - 1]
    empty = SdmTypes(starts, kvm, kvm, layout.pairs, layout.kvm.default)
    sets = piece_types(empty, starts, ends)
    is_fixed = starts < np.uint64(low)
    sets[is_fixed] = np.uint8(1) << kvm[is_fixed]
    keep = np.ones(len(starts), np.bool_)
    keep[1:] = (sets[1:] != sets[:-1]) | (kvm[1:] != kvm[:-1])
    starts, sets, kvm = starts[keep], sets[keep], kvm[keep]
    for column in (starts, sets, kvm):
        column.flags.writeable = False
    return SdmTypes(starts, sets, kvm, layout.pairs, layout.kvm.default)

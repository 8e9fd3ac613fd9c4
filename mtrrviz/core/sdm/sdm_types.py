"""The memory types that the SDM gives, for the whole space at once, beside KVM's.

SDM vol. 3A 12.11.4.1 instead of KVM's walk: the order of overlapping ranges does not matter, and
holes in masks are holes. Intervals say most of it; where a mask's holes make too many of them an
interval holds several types, and single pages and blocks are asked about (see sdm_pairs).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from mtrrviz.core.layout import FIXED_LIMIT_GFN, TypeLayout, type_intervals
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import PHYSBASE0, PHYSMASK0, VALID_BIT, pair_msrs
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.sdm_pairs import (
    NO_MATCH,
    RESOLVED,
    UNDEFINED,
    Pair,
    aligned_blocks,
    block_types,
    matching_types,
    pair_borders,
)
from mtrrviz.core.sorting import distinct
from mtrrviz.core.units import GFN_SPACE, PAGE_SHIFT
from mtrrviz.core.variable_ranges import reserved_bits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mtrrviz.core.mtrr_reading import MtrrReading

UNDEFINED_BIT = np.uint8(1 << UNDEFINED)
_Sets = TypeVar("_Sets", np.uint8, np.uint16)

UNKNOWN = 3
"""Stands for a type that registers decide whose values nobody told."""

_NO_MATCH_BIT = np.uint8(1 << NO_MATCH)
_UC_BIT = np.uint8(1 << MemoryType.UC)
TOM2_START = 1 << 32 - PAGE_SHIFT


class SdmLayout(NamedTuple):
    """What types depend on by the SDM: the valid pairs, and in ``kvm`` KVM's reading of all.

    Default type, fixed types and whether MTRRs are on at all are read alike by both. Where
    ``is_hardware`` there is no KVM, and ``kvm`` has those alone, UNKNOWN among them. From 4 GiB to
    the gfn ``tom2_end`` the default type is WB (AMD, see hardware). ``has_unknown_pair``: any page
    may be in a further pair of any type.
    """

    pairs: tuple[Pair, ...]
    kvm: TypeLayout
    is_hardware: bool = False
    tom2_end: int = 0
    has_unknown_pair: bool = False


def valid_pairs(state: MtrrReading, left_out: frozenset[int] = frozenset()) -> tuple[Pair, ...]:
    """Return the valid pairs of a vCPU's MTRRs, without those of registers ``left_out``."""
    above = reserved_bits(state.maxphyaddr)
    pairs: list[Pair] = []
    for number in range(state.pairs):
        mask = state.read(PHYSMASK0 + 2 * number)
        if not left_out.isdisjoint(pair_msrs(number)):
            continue
        if mask & VALID_BIT:
            base, compare = state.read(PHYSBASE0 + 2 * number), (mask | above) >> PAGE_SHIFT
            pairs.append(Pair(base >> PAGE_SHIFT & compare, compare, base & 0xFF))
    return tuple(pairs)


class SdmTypes(Record, eq=False):
    """The SDM's types and KVM's over [0, 2^52), by interval.

    ``starts`` uint64, first 0; ``sets`` uint8, what the SDM gives pages of the interval, one
    bit a type, UNDEFINED_BIT among them; ``kvm`` uint8, KVM's type (on hardware UNDEFINED);
    ``defaults`` uint8, the type where no pair matches. ``layout`` decides where a set has more than
    one bit. All are read-only.
    """

    starts: NDArray[np.uint64]
    sets: NDArray[np.uint8]
    kvm: NDArray[np.uint8]
    defaults: NDArray[np.uint8]
    layout: SdmLayout

    @property
    def in_force(self) -> NDArray[np.uint8]:
        """The sets of each interval with KVM's type in place of UNDEFINED."""
        return _settled(self.sets, self.kvm)

    @property
    def is_same(self) -> bool:
        """Whether the SDM agrees with KVM everywhere."""
        return bool((self.sets == np.uint8(1) << self.kvm).all())

    def index(self, gfns: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the interval each gfn lies in."""
        return np.searchsorted(self.starts, gfns, side="right") - 1

    def types_at(self, gfns: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the SDM's type of each page, KVM's where it leaves it undefined."""
        row = self.index(gfns)
        types = FIRST_TYPE[self.sets[row]]
        open_rows = np.flatnonzero(is_mixed(self.sets)[row])
        if len(open_rows):
            found = RESOLVED[matching_types(self.layout.pairs, gfns[open_rows])]
            sets = _with_default(np.uint8(1) << found, self.defaults[row[open_rows]], self.layout)
            types[open_rows] = FIRST_TYPE[sets]
        return np.where(types == UNDEFINED, self.kvm[row], types)

    def sets_in(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the set of types in force in each range [first, end).

        The ranges ascend and do not overlap.
        """
        return gathered(self.starts, self.in_force, (firsts, ends), self._in_pieces)

    def _in_pieces(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        return _settled(piece_types(self, firsts, ends), self.kvm[self.index(firsts)])

    def differences(
        self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]
    ) -> NDArray[np.uint8]:
        """Return for each range the SDM's types that differ from KVM's, UNDEFINED_BIT among them.

        The ranges ascend and do not overlap.
        """
        # Pieces with more than one type are asked about, whether or not KVM's is among them.
        others = np.where(is_mixed(self.sets), self.sets, self.sets & ~self._kvm_bits)
        return gathered(self.starts, others, (firsts, ends), self._others_in_pieces)

    @property
    def _kvm_bits(self) -> NDArray[np.uint8]:
        return np.uint8(1) << self.kvm

    def _others_in_pieces(
        self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]
    ) -> NDArray[np.uint8]:
        return piece_types(self, firsts, ends) & ~self._kvm_bits[self.index(firsts)]


def gathered(
    starts: NDArray[np.uint64],
    sets: NDArray[_Sets],
    ranges: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    ask: Callable[[NDArray[np.uint64], NDArray[np.uint64]], NDArray[np.uint8]] | None,
) -> NDArray[_Sets]:
    """Return the union of the sets of the intervals in each range [first, end).

    Intervals begin at ``starts``. Pieces of those with several types go to ``ask``, if given.
    The ranges ascend and do not overlap.
    """
    firsts, ends = ranges
    found = np.zeros(len(firsts), sets.dtype)
    if not len(firsts):
        return found
    edges = distinct(np.concatenate([firsts, ends, starts]))
    owner = np.searchsorted(firsts, edges, side="right") - 1
    inside = np.flatnonzero((owner >= 0) & (edges < ends[owner]))
    row = np.searchsorted(starts, edges[inside], side="right") - 1
    parts = sets[row]
    mixed = np.flatnonzero(is_mixed(parts))
    if ask is not None and len(mixed):
        parts[mixed] = ask(edges[inside[mixed]], edges[inside[mixed] + 1])
    np.bitwise_or.at(found, owner[inside], parts)
    return found


def piece_types(
    of: SdmTypes, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]
) -> NDArray[np.uint8]:
    """Return the set of the SDM's types in each range, from pairs and default type alone.

    No range holds a border between two intervals.
    """
    found = np.zeros(len(firsts), np.uint8)
    for rows, first, size in aligned_blocks(firsts, ends):
        found[rows] |= block_types(of.layout.pairs, first, size)
    return _with_default(found, of.defaults[of.index(firsts)], of.layout)


def _with_default(
    sets: NDArray[np.uint8], defaults: NDArray[np.uint8], layout: SdmLayout
) -> NDArray[np.uint8]:
    """Return what pairs make of pages, as sets of types, with the default type for NO_MATCH.

    Where the value of a pair is not known, only pages that another pair makes UC have a known type.
    """
    if layout.has_unknown_pair:
        is_open = (sets & ~_UC_BIT > 0).astype(np.uint8)
        return sets & _UC_BIT | is_open << np.uint8(UNKNOWN)
    has_default = sets >> np.uint8(NO_MATCH) & np.uint8(1)
    return sets & ~_NO_MATCH_BIT | has_default << defaults


def _settled(sets: NDArray[np.uint8], kvm: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sets of types with KVM's in place of UNDEFINED."""
    is_open = sets & UNDEFINED_BIT > 0
    return np.where(is_open, sets & ~UNDEFINED_BIT | np.uint8(1) << kvm, sets)


def _lowest_bits() -> NDArray[np.uint8]:
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return np.argmax(bits, axis=1).astype(np.uint8)


FIRST_TYPE = _lowest_bits()
"""The lowest type of each set of types, 256 long."""


def is_mixed(sets: NDArray[_Sets]) -> NDArray[np.bool_]:
    """Return which sets hold more than one type."""
    return sets & (sets - np.uint8(1)) > 0


@lru_cache(maxsize=256)
def sdm_types(layout: SdmLayout) -> SdmTypes:
    """Return the types of a layout, built once."""
    known = type_intervals(layout.kvm)
    low = FIXED_LIMIT_GFN if layout.kvm.fixed is not None else 0
    borders = {border for pair in layout.pairs for border in pair_borders(pair)}
    borders |= {int(start) for start in known.starts} | {0, low}
    borders |= {TOM2_START, layout.tom2_end} if layout.tom2_end else set()
    starts = np.array(sorted(b for b in borders if b < GFN_SPACE), np.uint64)
    ends = np.append(starts[1:], np.uint64(GFN_SPACE))
    kvm = known.types[np.searchsorted(known.starts, starts, side="right") - 1]
    is_tom2 = (starts >= np.uint64(TOM2_START)) & (starts < np.uint64(layout.tom2_end))
    defaults = np.where(is_tom2, np.uint8(MemoryType.WB), np.uint8(layout.kvm.default))
    sets = piece_types(SdmTypes(starts, kvm, kvm, defaults, layout), starts, ends)
    is_fixed = starts < np.uint64(low)
    sets[is_fixed] = np.uint8(1) << kvm[is_fixed]
    if layout.is_hardware:
        kvm = np.full(len(starts), UNDEFINED, np.uint8)
    keep = np.ones(len(starts), np.bool_)
    # Where sets hold one type only, the default type has no say any more.
    changes = [kvm[1:] != kvm[:-1], sets[1:] != sets[:-1]]
    changes.append(is_mixed(sets[1:]) & (defaults[1:] != defaults[:-1]))
    keep[1:] = np.any(changes, axis=0)
    types = SdmTypes(starts[keep], sets[keep], kvm[keep], defaults[keep], layout)
    for column in (types.starts, types.sets, types.kvm, types.defaults):
        column.flags.writeable = False
    return types

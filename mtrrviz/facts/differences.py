"""Two EPTs at one time, laid over each other: which ranges of pages they map differently.

What counts is what a page gets: a leaf or none, its type, its IPAT. The size of the leaf does not:
one of 2 MiB and 512 of 4 KiB with equal bits are equal. Cost follows the leaves, never the guest.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct, order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.sim.tables import LeafTable

#: Bits of pages without a leaf in :class:`Differences`.
NO_LEAF = -1
_TYPE_BITS = 0x38


class DifferenceKind(IntEnum):
    """How the pages of a range differ between two EPTs."""

    EQUAL = 0
    """Mapped in both with one type and IPAT."""
    ONLY_A = 1
    """Only the first EPT has a leaf."""
    ONLY_B = 2
    """Only the second EPT has a leaf."""
    TYPE = 3
    """The types differ (and IPAT may)."""
    IPAT = 4
    """One type; only one of the leaves ignores the guest's PAT."""


#: The kinds that are differences, in the order of legends.
DIFFERENT = tuple(kind for kind in DifferenceKind if kind)


class LeafRuns(Record, eq=False):
    """The leaves of one time; neighbours that touch and have equal bits are one.

    ``starts`` and ``ends`` (exclusive) uint64 gfns, ascending; ``bits`` uint8 as in the entry.
    """

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    bits: NDArray[np.uint8]


class OrderedLeaves:
    """All leaves of a run in order of address, so that no moment needs a sort of its own."""

    def __init__(self, leaves: LeafTable) -> None:
        order = order_of(leaves.first_gfn)
        self._first = leaves.first_gfn[order]
        self._end = self._first + leaves.pages[order]
        self._bits = leaves.bits[order]
        self._born_ns = leaves.born_ns[order]
        self._died_ns = leaves.died_ns[order]

    def at(self, time_ns: int) -> LeafRuns:
        """Return the leaves that are there at ``time_ns``."""
        now = np.int64(time_ns)
        live = np.flatnonzero((self._born_ns <= now) & (self._died_ns > now))
        first, end, bits = self._first[live], self._end[live], self._bits[live]
        is_new = np.ones(len(live), np.bool_)
        is_new[1:] = (first[1:] != end[:-1]) | (bits[1:] != bits[:-1])
        heads = np.flatnonzero(is_new)
        return LeafRuns(first[heads], end[_tails(heads, len(live))], bits[heads])


def _tails(heads: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return the last index of each group, from the first ones."""
    return np.append(heads[1:], count)[: len(heads)] - 1


class Differences(Record, eq=False):
    """Both EPTs at one time as ranges in order of address; pages that neither maps are left out.

    ``starts`` and ``ends`` (exclusive) uint64 gfns; ``bits_a`` and ``bits_b`` int16, entry bits or
    :data:`NO_LEAF`; ``kinds`` uint8 (:class:`DifferenceKind`, equal ranges included).
    """

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    bits_a: NDArray[np.int16]
    bits_b: NDArray[np.int16]
    kinds: NDArray[np.uint8]

    @property
    def rows(self) -> NDArray[np.intp]:
        """The rows whose pages differ."""
        return np.flatnonzero(self.kinds)

    def pages_by_kind(self) -> dict[DifferenceKind, int]:
        """Return the number of 4 KiB pages of each kind."""
        sizes = (self.ends - self.starts).astype(np.int64)
        return {kind: int(sizes[self.kinds == kind].sum()) for kind in DifferenceKind}

    def within(self, first_gfn: int, end_gfn: int) -> Differences:
        """Return what lies in [first_gfn, end_gfn), ranges at its ends cut."""
        low, high = np.uint64(first_gfn), np.uint64(end_gfn)
        rows = np.flatnonzero((self.starts < high) & (self.ends > low))
        starts, ends = np.maximum(self.starts[rows], low), np.minimum(self.ends[rows], high)
        return Differences(starts, ends, self.bits_a[rows], self.bits_b[rows], self.kinds[rows])


def differences(first: LeafRuns, second: LeafRuns) -> Differences:
    """Return two EPTs of one time laid over each other."""
    edges = distinct(np.concatenate([first.starts, first.ends, second.starts, second.ends]))
    starts, ends = edges[:-1], edges[1:]
    bits_a, bits_b = _bits_at(first, starts), _bits_at(second, starts)
    is_new = np.ones(len(starts), np.bool_)
    is_new[1:] = (bits_a[1:] != bits_a[:-1]) | (bits_b[1:] != bits_b[:-1])
    heads = np.flatnonzero(is_new)
    tails = _tails(heads, len(starts))
    there = (bits_a[heads] != NO_LEAF) | (bits_b[heads] != NO_LEAF)
    heads, tails = heads[there], tails[there]
    bits_a, bits_b = bits_a[heads], bits_b[heads]
    return Differences(starts[heads], ends[tails], bits_a, bits_b, kinds_of(bits_a, bits_b))


def _bits_at(runs: LeafRuns, gfns: NDArray[np.uint64]) -> NDArray[np.int16]:
    """Return the entry bits at each gfn, :data:`NO_LEAF` where there is none; int16."""
    if not len(runs.starts):
        return np.full(len(gfns), NO_LEAF, np.int16)
    rows = np.searchsorted(runs.starts, gfns, "right") - 1
    is_in = (rows >= 0) & (gfns < runs.ends[rows])
    return np.where(is_in, runs.bits[rows].astype(np.int16), np.int16(NO_LEAF))


def kinds_of(bits_a: NDArray[np.int16], bits_b: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return how pairs of entry bits (or :data:`NO_LEAF`) differ, uint8."""
    changed = bits_a ^ bits_b
    kinds = np.zeros(len(bits_a), np.uint8)
    kinds[changed != 0] = DifferenceKind.IPAT
    kinds[(changed & _TYPE_BITS) != 0] = DifferenceKind.TYPE
    kinds[bits_b == NO_LEAF] = DifferenceKind.ONLY_A
    kinds[bits_a == NO_LEAF] = DifferenceKind.ONLY_B
    return kinds

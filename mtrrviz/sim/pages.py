"""The pages that a scenario ever touches, numbered in address order.

The simulation keeps one number a touched page instead of one a guest page, so its cost follows
the touches and never the size of the guest.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.machine_spec import MachineSpec
from mtrrviz.scenario.touches import Access, Touches
from mtrrviz.sim.slots import HOST_MMIO_SLOT, NO_SLOT, ROM_SLOT, slot_map


@dataclass(frozen=True, eq=False)
class PageIndex:
    """Touches that can make leaves, with pages numbered by address.

    Per touch, in time order: ``time_ns`` int64, ``page`` int32, ``vcpu`` uint8, ``access`` uint8.
    Per page, in address order: ``gfn`` uint64, ``level`` uint8 (largest leaf its slot permits),
    ``host_mmio`` bool, ``writable`` bool.
    """

    time_ns: NDArray[np.int64]
    page: NDArray[np.int32]
    vcpu: NDArray[np.uint8]
    access: NDArray[np.uint8]
    gfn: NDArray[np.uint64]
    level: NDArray[np.uint8]
    host_mmio: NDArray[np.bool_]
    writable: NDArray[np.bool_]

    def span(self, first_gfn: int, end_gfn: int) -> tuple[int, int]:
        """Return the page numbers (first, end) of the touched pages in [first_gfn, end_gfn)."""
        bounds = np.array([first_gfn, min(end_gfn, (1 << 64) - 1)], np.uint64)
        low, high = np.searchsorted(self.gfn, bounds)
        return int(low), int(high)

    def block_spans(
        self, gfns: NDArray[np.uint64], level: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return first and end page numbers of the blocks of ``level`` that hold ``gfns``."""
        pages = np.uint64(LEVEL_PAGES[level])
        first = gfns - gfns % pages
        return np.searchsorted(self.gfn, first), np.searchsorted(self.gfn, first + pages)


_CACHE: WeakKeyDictionary[Touches, tuple[MachineSpec, PageIndex]] = WeakKeyDictionary()


def page_index(touches: Touches, machine: MachineSpec) -> PageIndex:
    """Return the page index of ``touches``, kept as long as the touches live."""
    kept = _CACHE.get(touches)
    if kept is None or kept[0] is not machine:
        kept = (machine, build_page_index(touches, machine))
        _CACHE[touches] = kept
    return kept[1]


def build_page_index(touches: Touches, machine: MachineSpec) -> PageIndex:
    """Return a new page index: number the pages, then drop touches that cannot make a leaf."""
    gfn, page = numbered(touches.gfn)
    slots = slot_map(machine)
    interval = slots.at(gfn)
    kind = slots.kinds[interval]
    mapped = (kind != NO_SLOT)[page]
    mapped &= ~((kind == ROM_SLOT)[page] & (touches.access == Access.WRITE))
    columns = (touches.time_ns, page, touches.vcpu, touches.access)
    time_ns, page, vcpu, access = columns if mapped.all() else (c[mapped] for c in columns)
    return PageIndex(
        time_ns, page, vcpu, access,
        gfn, slots.levels[interval], kind == HOST_MMIO_SLOT, kind != ROM_SLOT,
    )  # fmt: skip


def numbered(gfns: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return the distinct gfns in order and, for each input, the index of its gfn among them."""
    if not len(gfns):
        return gfns, np.zeros(0, np.int32)
    index_bits = len(gfns).bit_length()
    if int(gfns.max()).bit_length() + index_bits > 64:
        distinct, inverse = np.unique(gfns, return_inverse=True)
        return distinct, inverse.astype(np.int32)
    return _numbered_packed(gfns, np.uint64(index_bits))


def _numbered_packed(
    gfns: NDArray[np.uint64], index_bits: np.uint64
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Do the same by sorting gfn and position packed into one word, which is 3x as fast."""
    packed = (gfns << index_bits) | np.arange(len(gfns), dtype=np.uint64)
    packed.sort()
    position = (packed & ((np.uint64(1) << index_bits) - np.uint64(1))).astype(np.int64)
    packed >>= index_bits
    is_first = np.empty(len(packed), bool)
    is_first[0] = True
    np.not_equal(packed[1:], packed[:-1], out=is_first[1:])
    page = np.empty(len(packed), np.int32)
    page[position] = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    return packed[is_first], page

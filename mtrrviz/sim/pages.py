"""The pages that a scenario ever touches, numbered in address order.

The simulation keeps one number a touched page instead of one a guest page, so its cost follows
the touches and never the size of the guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from mtrrviz.core.columns import Columns
from mtrrviz.core.sorting import Ordered, in_order, is_another
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.touches import Access, Touches
from mtrrviz.sim.slots import HOST_MMIO_SLOT, NO_SLOT, ROM_SLOT, slot_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.machine_spec import MachineSpec


class Blocks(Columns):
    """The aligned blocks of one leaf size that hold touched pages, numbered in address order.

    ``gfn`` uint64: first frame of each block; ``start`` int32, one longer: the first number of
    what lies in each block (touched pages, or for 1 GiB blocks the 2 MiB blocks); ``of`` int32:
    the block of each of those.
    """

    gfn: NDArray[np.uint64]
    start: NDArray[np.int32]
    of: NDArray[np.int32]

    def span(self, block: int) -> slice:
        """Return the numbers of what lies in a block."""
        return slice(int(self.start[block]), int(self.start[block + 1]))


class PageIndex(Columns):
    """Touches that can make leaves, with pages numbered by address.

    Per touch, in time order: ``time_ns`` int64, ``page`` int32, ``before`` int32 (the touch before
    it of the same page, -1 if none), ``block`` int32 (2 MiB block; empty where the host's pages
    permit no huge leaf), ``vcpu`` uint8, ``access`` uint8.
    Per page, in address order: ``gfn`` uint64, ``level`` uint8 (largest leaf its slot permits),
    ``host_mmio`` bool. ``large`` are the 2 MiB blocks, ``giant`` the 1 GiB ones, both without rows
    where the host's pages permit no such leaf; ``largest`` is that permission, 1 to 3. ``vcpus``
    are the vCPUs that touch anything.
    """

    time_ns: NDArray[np.int64]
    page: NDArray[np.int32]
    before: NDArray[np.int32]
    block: NDArray[np.int32]
    vcpu: NDArray[np.uint8]
    vcpus: NDArray[np.intp]
    access: NDArray[np.uint8]
    gfn: NDArray[np.uint64]
    level: NDArray[np.uint8]
    host_mmio: NDArray[np.bool_]
    has_host_mmio: bool
    large: Blocks
    giant: Blocks
    largest: int


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
    time_ns, vcpu, access = touches.time_ns, touches.vcpu, touches.access
    slots = slot_map(machine)
    ordered = in_order(touches.gfn)
    pages = _numbered(ordered)
    maps = _can_map(slots.kinds[slots.at(pages.gfn)], pages.page, access)
    if not maps.all():
        time_ns, vcpu, access = time_ns[maps], vcpu[maps], access[maps]
        pages = _numbered(_those(ordered, maps))
    interval = slots.at(pages.gfn)
    host_mmio = slots.kinds[interval] == HOST_MMIO_SLOT
    large = _blocks(pages.gfn, LEVEL_PAGES[2], wanted=machine.host_level >= 2)
    return PageIndex(
        time_ns=time_ns,
        page=pages.page,
        before=pages.before,
        block=large.of[pages.page] if machine.host_level >= 2 else pages.page[:0],
        vcpu=vcpu,
        vcpus=np.flatnonzero(np.bincount(vcpu)),
        access=access,
        gfn=pages.gfn,
        level=slots.levels[interval],
        host_mmio=host_mmio,
        has_host_mmio=bool(host_mmio.any()),
        large=large,
        giant=_blocks(large.gfn, LEVEL_PAGES[3], wanted=machine.host_level >= 3),
        largest=machine.host_level,
    )


def _can_map(
    kind: NDArray[np.uint8], page: NDArray[np.int32], access: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Return which touches can make a leaf: those of a slot, but writes to ROM exit instead."""
    maps = np.ones(len(page), np.bool_) if kind.all() else (kind != NO_SLOT)[page]
    is_rom = kind == ROM_SLOT
    if is_rom.any():
        maps &= ~(is_rom[page] & (access == Access.WRITE))
    return maps


def _blocks(gfns: NDArray[np.uint64], pages: int, *, wanted: bool) -> Blocks:
    """Return the blocks of ``pages`` frames that hold ``gfns``, which ascend."""
    if not wanted or not len(gfns):
        return Blocks(gfns[:0], np.zeros(1, np.int32), np.zeros(0, np.int32))
    number = gfns // np.uint64(pages)
    is_first = is_another(number)
    start = np.flatnonzero(is_first)
    return Blocks(
        number[start] * np.uint64(pages),
        np.append(start, [len(gfns)]).astype(np.int32),
        np.cumsum(is_first, dtype=np.int32) - np.int32(1),
    )


class Numbered(NamedTuple):
    """Frames, numbered.

    ``gfn``: the distinct ones in order; for each input ``page``, an index into those, and
    ``before``, the position of the input before it with the same frame, -1 if none.
    """

    gfn: NDArray[np.uint64]
    page: NDArray[np.int32]
    before: NDArray[np.int32]


def numbered(gfns: NDArray[np.uint64]) -> Numbered:
    """Number the frames of touches."""
    return _numbered(in_order(gfns))


def _those(ordered: Ordered, kept: NDArray[np.bool_]) -> Ordered:
    """Return the frames that are kept, as if there had been no others: sorting is what costs."""
    still = kept[ordered.positions]
    positions = (np.cumsum(kept) - 1)[ordered.positions[still]]
    return Ordered(ordered.numbers[still], positions)


def _numbered(frames: Ordered) -> Numbered:
    """Number frames that are in order."""
    ordered, position = frames
    is_first = is_another(ordered)
    page = np.empty(len(ordered), np.int32)
    page[position] = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    before = np.full(len(ordered), -1, np.int32)
    again = np.flatnonzero(~is_first)
    before[position[again]] = position[again - 1]
    return Numbered(ordered[is_first], page, before)

"""RAM of a guest without a memory map, from what its kernel's lines say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import FOUR_GIB, MIB, PAGE_SIZE, format_size
from mtrrviz.importers.facts import Told
from mtrrviz.importers.machine.deduced_ram import RamEnds, ends_by_kernel
from mtrrviz.importers.machine.regions import VGA_END, VGA_START, hole_start
from mtrrviz.importers.notes import Note, NoteKind
from mtrrviz.scenario.machine_spec import Region, RegionKind

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts

_SLOT_BYTES = 64 * MIB
"""The kernel's Memory line leaves out what firmware keeps: RAM is the next multiple of this."""


def guest_ends(facts: Facts, device_start: int) -> RamEnds | None:
    """Return where RAM ends below and above 4 GiB by last_pfn or the Memory line; None without.

    ``device_start`` (bytes) is where the first UC range below 4 GiB starts, 0 without one.
    """
    hole = hole_start(device_start)
    ends = ends_by_kernel(facts)
    if ends is not None:
        return RamEnds(ends.low or hole, ends.high, ends.reason)
    size = facts.value(Told.MEMORY_BYTES)
    if not size:
        return None
    size = -(-size // _SLOT_BYTES) * _SLOT_BYTES
    low = min(size, hole)
    return RamEnds(low, FOUR_GIB + size - low, "the kernel's Memory line")


def told_regions(
    ends: RamEnds, device_start: int, notes: list[Note]
) -> tuple[tuple[Region, ...], int]:
    """Return the regions of a PC whose RAM has these ends, and its RAM in bytes; say so."""
    low_end, high_end = (ends.low or 0) & -PAGE_SIZE, (ends.high or 0) & -PAGE_SIZE
    hole = device_start if low_end <= device_start < FOUR_GIB else low_end
    regions = (
        Region("low RAM", RegionKind.RAM, 0, min(VGA_START, low_end)),
        Region("VGA window", RegionKind.MMIO, VGA_START, VGA_END),
        Region("RAM", RegionKind.RAM, VGA_END, low_end),
        Region("device window", RegionKind.MMIO, max(hole, VGA_END), FOUR_GIB),
        Region("high RAM", RegionKind.RAM, FOUR_GIB, high_end),
    )
    size = low_end + max(0, high_end - FOUR_GIB)
    text = f"no memory map: {format_size(size)} of RAM, deduced from {ends.reason}"
    notes.append(Note(NoteKind.ASSUMED, text, option="memory"))
    return tuple(region for region in regions if region.start < region.end), size

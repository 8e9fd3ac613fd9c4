"""What is where in the memory of a real machine: told by maps, or deduced from what tells of RAM.

Only what is said to be RAM is RAM: a wrong guess here would have memory-mapped devices made
write-back. What the firmware reserves stays a kind of its own, and where nothing tells, addresses
are unknown.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.core.units import FOUR_GIB, MIB, PAGE_SHIFT, PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.importers.facts import Facts, MemoryRange, MemoryUse, Told
from mtrrviz.importers.machine.deduced_ram import deduced_ram
from mtrrviz.importers.machine.regions import (
    VGA_END,
    VGA_START,
    Canvas,
    Use,
    is_shown,
    joined_regions,
    use_by_name,
)
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.scenario.machine_spec import Region, RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.core.sdm.sdm_types import SdmTypes
    from mtrrviz.importers.import_options import ImportOptions

_MAPS = ("coreboot", "efi", "e820", "memmap", "iomem")
"""Maps of all memory; where two speak of one address the later one here counts."""

_OVER_MAPS = ("e820-kernel", "kernel", "lspci")
"""What names single ranges; none of them makes RAM of anything, or takes any away."""

_APICS = (0xFEC0_0000, 0xFEF0_0000)
"""Where every PC has its interrupt controllers."""

_KINDS = {
    MemoryUse.RAM: RegionKind.RAM,
    MemoryUse.RESERVED: RegionKind.RESERVED,
    MemoryUse.ACPI: RegionKind.RESERVED,
    MemoryUse.UNUSABLE: RegionKind.RESERVED,
    MemoryUse.PERSISTENT: RegionKind.DEVICE_RAM,
    MemoryUse.DEVICE: RegionKind.MMIO,
    MemoryUse.ROM: RegionKind.ROM,
}


def host_regions(
    facts: Facts, types: SdmTypes, options: ImportOptions, limit: int, notes: list[Note]
) -> tuple[Region, ...]:
    """Return the regions below ``limit``; ``types`` are those that the first CPU gives."""
    canvas = _map_canvas(facts)
    has_ram = any(use.kind is RegionKind.RAM for _, _, use in canvas.rows())
    no_map = "no memory map"
    if has_ram and (gap := missing_part(facts, canvas)):
        notes.append(Note(NoteKind.WARNING, f"the memory map is not whole: {gap}", option="memory"))
        has_ram, no_map = False, "no whole memory map"
    if not has_ram:
        canvas = Canvas()
        for start, end in deduced_ram(facts, types, options.memory_bytes, notes, no_map):
            canvas.paint(start, end, Use("RAM", RegionKind.RAM))
        for start, end in ((VGA_START, VGA_END), _APICS):
            canvas.paint(start, end, Use(_PC_DEVICES[start], RegionKind.MMIO))
        _paint_maps(canvas, facts)
    for source in _OVER_MAPS:
        for found in _of(facts, source):
            _paint_beside_ram(canvas, found.start, found.end, _use(found))
    _paint_beside_ram(canvas, *_APICS, Use(_PC_DEVICES[_APICS[0]], RegionKind.MMIO), gaps_only=True)
    if not has_ram:
        _fill(canvas, min(max(FOUR_GIB, *(end for _, end, _ in canvas.rows()[-1:]), 0), limit))
    _paint_far_ranges(canvas, types, limit)
    place = facts.memory[0].place if facts.memory else Place("")
    return joined_regions(_whole_pages(canvas, limit), place, notes)


def missing_part(facts: Facts, canvas: Canvas) -> str:
    """Say what shows that a part of the memory map is missing, "" where nothing does."""
    lost = facts.value(Told.LOST_MAP_LINES)
    if lost and not any(_of(facts, source) for source in ("e820", "memmap", "iomem")):
        return f"{plural(lost, 'numbered line')} of it {'is' if lost == 1 else 'are'} missing"
    ram = [(low, high) for low, high, use in canvas.rows() if use.kind is RegionKind.RAM]
    low_end = max((high for low, high in ram if low < FOUR_GIB), default=0)
    for what, end in ((Told.LOW_PFN_END, low_end), (Told.LAST_PFN_END, ram[-1][1])):
        last = facts.value(what) or 0
        if last > end + MIB:
            return f"RAM in it ends at {format_gpa(end)}, and last_pfn says {format_gpa(last)}"
    total, told = sum(high - low for low, high in ram), facts.value(Told.MEMORY_BYTES) or 0
    if told > total + total // 16:
        words = f"{format_size(total)} of RAM are in it, and the kernel's Memory line says"
        return f"{words} {format_size(told)}"
    return ""


_PC_DEVICES = {VGA_START: "VGA window", _APICS[0]: "interrupt controllers"}


def _map_canvas(facts: Facts) -> Canvas:
    canvas = Canvas()
    _paint_maps(canvas, facts)
    return canvas


def _paint_maps(canvas: Canvas, facts: Facts) -> None:
    """Paint all maps, outer ranges first."""
    for source in _MAPS:
        for found in sorted(_of(facts, source), key=lambda one: one.depth):
            if source == "iomem" and found.depth and not is_shown(found, canvas):
                continue
            canvas.paint(found.start, found.end, _use(found))


def _of(facts: Facts, source: str) -> list[MemoryRange]:
    return [found for found in facts.memory if found.source == source]


def _use(found: MemoryRange) -> Use:
    """Return what a range is for, by the importer's word or by those of the map."""
    if found.use is not None:
        kind = _KINDS[found.use]
        return Use("RAM" if kind is RegionKind.RAM else found.name, kind)
    by_name = use_by_name(found)
    return by_name if by_name.kind is not None else Use(by_name.name, RegionKind.RESERVED)


def _paint_beside_ram(
    canvas: Canvas, start: int, end: int, use: Use, *, gaps_only: bool = False
) -> None:
    """Paint those parts of a range that are no RAM, or that nothing was said of."""
    if use.kind is RegionKind.RAM:
        return
    kept = [
        (low, high)
        for low, high, old in canvas.rows()
        if low < end and high > start and (gaps_only or old.kind is RegionKind.RAM)
    ]
    for low, high in _without(start, end, kept):
        canvas.paint(low, high, use)


def _paint_far_ranges(canvas: Canvas, types: SdmTypes, limit: int) -> None:
    """Mark as unknown what lies beyond the map and has another type than the end of the space.

    A window of devices there is what such a range is for, so that it shall be seen.
    """
    after = max((end for _, end, _ in canvas.rows()), default=0)
    edges = [int(start) << PAGE_SHIFT for start in types.starts]
    rest = int(types.sets[-1])
    for (start, end), found in zip(pairwise(edges), types.sets.tolist(), strict=False):
        if found != rest and max(start, after) < min(end, limit):
            use = Use("not told", RegionKind.UNKNOWN)
            canvas.paint(max(start, after), min(end, limit), use)


def _fill(canvas: Canvas, end: int) -> None:
    """Make what nothing tells of unknown."""
    taken = [(low, high) for low, high, _ in canvas.rows()]
    for low, high in _without(0, end, taken):
        canvas.paint(low, high, Use("not told", RegionKind.UNKNOWN))


def _without(start: int, end: int, taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of [start, end) outside ascending ranges."""
    parts: list[tuple[int, int]] = []
    for low, high in taken:
        if start < min(low, end):
            parts.append((start, min(low, end)))
        start = max(start, high)
    return [*parts, (start, end)] if start < end else parts


def _whole_pages(canvas: Canvas, limit: int) -> list[tuple[int, int, Use]]:
    """Return the stretches in whole pages below ``limit``: RAM rounded inwards, others outwards."""
    rows: list[tuple[int, int, Use]] = []
    for low, high, use in canvas.rows():
        start, end = low, min(high, limit)
        if use.kind is RegionKind.RAM:
            start, end = -(-start // PAGE_SIZE) * PAGE_SIZE, end & -PAGE_SIZE
        if start < end:
            rows.append((start, end, use))
    return rows

"""The memory map: what e820, iomem or QEMU's mtree say, as regions of a machine."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.core.units import FOUR_GIB, MIB, PAGE_SIZE, format_gpa, format_size
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.scenario.machine_spec import Region, RegionKind

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts, MemoryRange

VGA_START, VGA_END = 0xA0000, 0xC0000
MAX_REGIONS = 1000

_RESERVED = re.compile(r"reserved|acpi|unusable|type \d+|unknown|nvs|soft ", re.IGNORECASE)
_DEVICE = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$|PCI Bus ")
_MAIN_RAM = re.compile(
    r"(?:pc\.ram|ram-node\d+|mem\d*|/objects/.*|.*\.ram|ram-below-4g|ram-above-4g)$"
)


class Use(Record):
    """What a stretch is for; ``kind`` None means reserved, to be judged by its neighbours."""

    name: str
    kind: RegionKind | None


class Canvas:
    """Disjoint stretches of the address space; painting replaces what was there."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._rows: list[tuple[int, int, Use]] = []

    def paint(self, start: int, end: int, use: Use) -> None:
        """Use [start, end) for ``use``, cutting what it overlaps."""
        low = bisect_right(self._starts, start)
        if low and self._rows[low - 1][1] > start:
            low -= 1
        high = low
        pieces: list[tuple[int, int, Use]] = []
        while high < len(self._rows) and self._rows[high][0] < end:
            old_start, old_end, old = self._rows[high]
            if old_start < start:
                pieces.append((old_start, start, old))
            if old_end > end:
                pieces.append((end, old_end, old))
            high += 1
        pieces.append((start, end, use))
        pieces.sort(key=lambda row: row[0])
        self._rows[low:high] = pieces
        self._starts[low:high] = [row[0] for row in pieces]

    def at(self, address: int) -> Use | None:
        """Return what an address is used for."""
        index = bisect_right(self._starts, address) - 1
        if index < 0 or self._rows[index][1] <= address:
            return None
        return self._rows[index][2]

    def rows(self) -> list[tuple[int, int, Use]]:
        """Return the stretches in address order."""
        return self._rows


def mapped_regions(facts: Facts, notes: list[Note]) -> tuple[Region, ...]:
    """Return the regions of the best memory map among the facts, () without any.

    What QEMU says is exact; /proc/iomem knows devices, e820 and /sys/firmware/memmap do not.
    """
    for source in ("mtree", "iomem", "e820", "memmap"):
        ranges = [found for found in facts.memory if found.source == source]
        if ranges:
            rows = _judged(_painted(ranges, source), notes)
            return joined_regions(rows, ranges[0].place, notes)
    return ()


def _painted(ranges: list[MemoryRange], source: str) -> Canvas:
    """Paint the ranges, outer ones first."""
    canvas = Canvas()
    for found in sorted(ranges, key=lambda one: one.depth):
        use = _use_by_qemu(found) if source == "mtree" else use_by_name(found)
        if source == "iomem" and found.depth and not is_shown(found, canvas):
            continue
        canvas.paint(found.start, found.end, use)
    return canvas


def is_shown(found: MemoryRange, canvas: Canvas) -> bool:
    """Return whether a nested resource is a device of its own, not a part of RAM or of one."""
    parent = canvas.at(found.start)
    if parent is not None and parent.kind is RegionKind.RAM:
        return False
    return bool(_DEVICE.match(found.name)) or found.name.endswith("ROM")


def use_by_name(found: MemoryRange) -> Use:
    """Judge a range by the words of Linux."""
    name = found.name
    if name.lower() in ("system ram", "usable", "ram") or name == "System RAM (boot alias)":
        return Use("RAM", RegionKind.RAM)
    if name.lower().startswith("persistent"):
        return Use(name, RegionKind.DEVICE_RAM)
    if _RESERVED.match(name):
        return Use(name, None)
    if name.endswith("ROM"):
        return Use(name, RegionKind.ROM)
    if found.start == VGA_START and found.end == VGA_END:
        return Use("VGA window", RegionKind.MMIO)
    return Use(name, RegionKind.MMIO)


def _use_by_qemu(found: MemoryRange) -> Use:
    """Judge a range by QEMU's word for it; "ramd" is the BAR of a passed-through device."""
    if found.kind == "ram":
        is_main = _MAIN_RAM.match(found.name)
        return Use("RAM", RegionKind.RAM) if is_main else Use(found.name, RegionKind.DEVICE_RAM)
    if found.kind == "ramd":
        return Use(found.name, RegionKind.PASSTHROUGH)
    if found.kind in ("rom", "romd"):
        return Use(found.name, RegionKind.ROM)
    if found.kind == "nv-ram":
        return Use(found.name, RegionKind.DEVICE_RAM)
    return Use(found.name, RegionKind.MMIO)


def _judged(canvas: Canvas, notes: list[Note]) -> list[tuple[int, int, Use]]:
    """Decide what reserved stretches are: RAM if they touch RAM, flash below 4 GiB, else MMIO."""
    rows = list(canvas.rows())
    taken = 0
    for order in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        before: tuple[int, int, Use] | None = None
        for index in order:
            start, end, use = rows[index]
            touches = before is not None and (before[1] == start or end == before[0])
            is_ram = touches and before is not None and before[2].kind is RegionKind.RAM
            is_other = _is_firmware(start, end) or _is_config_window(start, end)
            if use.kind is None and is_ram and not is_other:
                rows[index] = (start, end, Use("RAM", RegionKind.RAM))
                taken += end - start
            before = rows[index]
    if taken >= MIB:
        text = f"{format_size(taken)} that is reserved beside RAM is RAM of the firmware's"
        notes.append(Note(NoteKind.ASSUMED, text))
    return [(start, end, _settled(start, end, use)) for start, end, use in rows]


def _is_firmware(start: int, end: int) -> bool:
    """Return whether a reserved stretch is where a PC has its firmware, whatever it touches."""
    return VGA_START <= start < MIB or (end == FOUR_GIB and start >= 0xFF00_0000)


def _is_config_window(start: int, end: int) -> bool:
    """Return whether a stretch looks like PCI Express configuration space of 64 to 256 buses."""
    size = end - start
    return size in (64 * MIB, 128 * MIB, 256 * MIB) and start % size == 0 and end <= FOUR_GIB


def _settled(start: int, end: int, use: Use) -> Use:
    if use.kind is not None:
        return use
    if VGA_END <= start < MIB:
        return Use("ROM shadow", RegionKind.ROM)
    if end == FOUR_GIB and start >= 0xFF00_0000:
        return Use("flash", RegionKind.ROM)
    return Use(use.name, RegionKind.MMIO)


def joined_regions(
    rows: list[tuple[int, int, Use]], place: Place, notes: list[Note]
) -> tuple[Region, ...]:
    """Return regions: whole pages, RAM over what shares one, joined where they touch."""
    canvas = Canvas()
    for start, end, use in sorted(rows, key=lambda row: row[2].kind is RegionKind.RAM):
        limit = 1 << 52
        if start < limit:
            canvas.paint(start & -PAGE_SIZE, min(-(-end // PAGE_SIZE) * PAGE_SIZE, limit), use)
    joined: list[Region] = []
    for start, end, use in canvas.rows():
        kind = use.kind or RegionKind.MMIO
        last = joined[-1] if joined else None
        if last and last.end == start and last.kind is kind and last.name == use.name:
            joined[-1] = Region(last.name, kind, last.start, end)
        else:
            joined.append(Region(use.name[:200], kind, start, end))
    if len(joined) > MAX_REGIONS:
        text = f"of {len(joined)} regions the {MAX_REGIONS} largest were kept"
        notes.append(Note(NoteKind.WARNING, text, place))
        largest = sorted(joined, key=lambda region: -region.size_bytes)[:MAX_REGIONS]
        joined = sorted(largest, key=lambda region: region.start)
    return tuple(_renamed(region) for region in joined)


def _renamed(region: Region) -> Region:
    """Give stretches of RAM the names that tell them apart."""
    if region.kind is not RegionKind.RAM:
        return region
    name = "low RAM" if region.end <= MIB else "high RAM" if region.start >= FOUR_GIB else "RAM"
    return Region(name, region.kind, region.start, region.end)


def ram_bytes(regions: tuple[Region, ...]) -> int:
    """Return the size of RAM, rounded up to 64 MiB as sizes of machines are given."""
    total = sum(region.size_bytes for region in regions if region.kind is RegionKind.RAM)
    return -(-total // (64 * MIB)) * 64 * MIB


def hole_start(device_start: int) -> int:
    """Return where devices below 4 GiB start: there, or at the usual address where it is none."""
    return device_start if 16 * MIB <= device_start < FOUR_GIB else 2 << 30


def assumed_regions(
    memory_bytes: int | None, device_start: int, highest: int, notes: list[Note]
) -> tuple[tuple[Region, ...], int]:
    """Return the regions of a PC whose memory map is not known, and its RAM in bytes.

    RAM fills the space below ``device_start`` (where the first UC range below 4 GiB starts), the
    rest lies above 4 GiB; without a size it reaches as far as ``highest``, the highest address
    that was used.
    """
    hole = hole_start(device_start)
    above = max(0, highest - FOUR_GIB)
    size = memory_bytes or hole + -(-above // (64 * MIB)) * 64 * MIB
    size = max(size & -MIB, MIB)
    low = min(size, hole)
    regions = [
        Region("low RAM", RegionKind.RAM, 0, VGA_START),
        Region("VGA window", RegionKind.MMIO, VGA_START, VGA_END),
        Region("RAM", RegionKind.RAM, VGA_END, low),
        Region("device window", RegionKind.MMIO, hole, FOUR_GIB),
    ]
    if size > low:
        regions.append(Region("high RAM", RegionKind.RAM, FOUR_GIB, FOUR_GIB + size - low))
    text = f"no memory map: {format_size(size)} of RAM, devices from {format_gpa(hole)} to 4 GiB"
    if memory_bytes is None:
        notes.append(Note(NoteKind.ASSUMED, text, option="memory"))
    return tuple(regions), size

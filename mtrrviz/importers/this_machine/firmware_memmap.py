"""/sys/firmware/memmap/N: the firmware's memory map as it was before the kernel changed it.

See drivers/firmware/memmap.c and Documentation/ABI/testing/sysfs-firmware-memmap: ``start``,
``end`` (inclusive) and ``type`` of each range.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.facts import MemoryRange, MemoryUse
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.this_machine.bounded_files import Unreadable

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.machine_sources import Sources

MEMMAP = "/sys/firmware/memmap"
MAX_RANGES = 1000

SOURCE = "memmap"
"""The kind of memory map that it is (see MemoryRange)."""

_ADDRESS = re.compile(r"0x([0-9a-f]{1,16})")
_USES = {
    "System RAM": MemoryUse.RAM,
    "ACPI Tables": MemoryUse.ACPI,
    "ACPI Non-volatile Storage": MemoryUse.ACPI,
    "Unusable memory": MemoryUse.UNUSABLE,
    "Persistent Memory": MemoryUse.PERSISTENT,
    "Persistent Memory (legacy)": MemoryUse.PERSISTENT,
    "Reserved": MemoryUse.RESERVED,
    "Soft Reserved": MemoryUse.RESERVED,
}
"""e820_type_to_string in arch/x86/kernel/e820.c."""


def read_firmware_memmap(sources: Sources) -> None:
    """Add the ranges of the firmware's memory map."""
    what = "the firmware's memory map was"
    try:
        numbers = sources.tree.numbers(MEMMAP)
    except Unreadable as problem:
        sources.lacks(MEMMAP, what, problem, NoteKind.INFO)
        return
    if len(numbers) > MAX_RANGES:
        sources.warn(MEMMAP, f"{what} left out: it has more than {MAX_RANGES} ranges")
        return
    ranges = 0
    for number in numbers:
        try:
            sources.facts.add_memory(_range(sources, f"{MEMMAP}/{number}"))
            ranges += 1
        except Unreadable as problem:
            sources.lacks(f"{MEMMAP}/{number}", "a range was", problem, NoteKind.WARNING)
    if ranges:
        sources.report(MEMMAP, ranges, "firmware-memmap")


def _range(sources: Sources, path: str) -> MemoryRange:
    """Return one range of the map; Unreadable also if it is impossible."""
    start, last = (_address(sources.tree.word(f"{path}/{name}")) for name in ("start", "end"))
    name = sources.tree.word(f"{path}/type")[:200]
    if start > last:
        raise Unreadable(f"it ends at {last:#x}, before its start {start:#x}")
    place, use = Place(path), _USES.get(name)
    return MemoryRange(start, last + 1, name, SOURCE, 0, place, use=use)


def _address(text: str) -> int:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Unreadable(f"{text[:40]!r} is not an address")
    return int(match[1], 16)

"""Lines that name what is at an address: configuration space, windows, BARs, APICs, graphics.

Sources: arch/x86/pci/mmconfig-shared.c, drivers/pci (probe.c, setup-bus.c), drivers/acpi
(pci_root.c, tables.c), arch/x86/kernel (apic, hpet.c, early-quirks.c, e820.c), drivers/char/agp,
drivers/video/fbdev.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.core.units import MIB, PAGE_SIZE
from mtrrviz.importers.facts import MemoryRange, MemoryUse

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts
    from mtrrviz.importers.notes import Place

_MEM = r"\[(?:mem )?(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})(?: [^\]]{0,40})?\]"

_ENDS = r"(?:\[mem )?(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})"

# By the name that the map shall show.
_RANGE_WORDS: dict[str, str] = {
    rf"PCI: (?:MMCONFIG|ECAM) .{{0,80}}?{_MEM}": "MMCONFIG",
    r"(?:pci_bus|pci_root|ACPI|pci|PCI|acpi)\b.{0,80}?(?:root bus resource|host bridge window) "
    + _MEM: "PCI root window",
    rf"pci_bus \S{{1,20}}: resource \d{{1,3}} (?:mem: )?{_MEM}": "PCI bus window",
    r"pci \S{1,20}:.{0,40}?(?:reg (?:0x)?[0-9a-f]{1,3}(?: .{0,20}mmio)?|BAR \d{1,2}):? "
    rf"(?:assigned |set to |requesting )?{_MEM}": "BAR",
    rf"Reserving Intel graphics (?:stolen )?memory at {_ENDS}": "stolen graphics memory",
    rf"(?:PM: )?{_MEM} available for PCI devices": "free for PCI devices",
    rf"(?:pnp|system) .{{0,30}}?: {_MEM} (?:has|could) ": "motherboard resource",
    rf"efi: (?:Not r|R)emov(?:e|ing) mem\d{{1,4}}: MMIO range={_MEM}": "MMIO by EFI",
}
_RANGES = tuple((re.compile(pattern), name) for pattern, name in _RANGE_WORDS.items())
_BRIDGE = re.compile(rf"pci \S{{1,20}}: .{{0,30}}?bridge window (?:io|mem)? ?{_MEM}")

# Addresses of things that have a page.
_POINT_WORDS: dict[str, str] = {
    r"IOAPIC\[\d{1,3}\]: .{0,60}?address (?:0x)?([0-9a-f]{1,16})": "I/O APIC",
    r"ACPI: IOAPIC \(id\[0x[0-9a-f]{1,4}\] address\[0x([0-9a-f]{1,16})\]": "I/O APIC",
    r"mapped IOAPIC to [0-9a-f]{1,16} \( *([0-9a-f]{1,16})\)": "I/O APIC",
    r"(?:ACPI: )?Local APIC address (?:0x)?([0-9a-f]{1,16})": "local APIC",
    r"ACPI: LAPIC_ADDR_OVR \(address\[0x([0-9a-f]{1,16})\]": "local APIC",
    r"mapped APIC to [0-9a-f]{1,16} \( *([0-9a-f]{1,16})\)": "local APIC",
    r"ACPI: HPET id: 0x[0-9a-f]{1,8} base: 0x([0-9a-f]{1,16})": "HPET",
    r"hpet\d{0,2}: at MMIO 0x([0-9a-f]{1,16})": "HPET",
    r"(?:DMAR: )?DRHD (?:base|address): ?0x([0-9a-f]{1,16})": "IOMMU",
}
_POINTS = tuple((re.compile(pattern), name) for pattern, name in _POINT_WORDS.items())
_OLD_MMCONFIG = re.compile(
    r"PCI: MMCONFIG \d{1,3}: base ([0-9a-f]{1,16}) segment \d{1,5} buses (\d{1,3}) - (\d{1,3})"
)
_GAP = re.compile(
    r"Allocating PCI resources starting at [0-9a-f]{1,16} "
    r"\(gap: ([0-9a-f]{1,16}):([0-9a-f]{1,16})\)"
)
_APERTURE = re.compile(r".{0,60}?AGP aperture is (\d{1,6})([KMG]?)B? @ (?:0x)?([0-9a-f]{1,16})")
_FRAMES = re.compile(
    r"(?:vesafb|efifb|uvesafb): framebuffer at (?:0x)?([0-9a-f]{1,16}),.{0,80}?total (\d{1,9})k"
)
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30}

# What all of these lines have: most lines of a log are passed by at once.
_KEY = re.compile(
    r"PCI: |pci|\[mem |\[0x|APIC|HPET|hpet|DRHD|graphics|PCI resources|AGP aperture|framebuffer"
    r"|efi: "
)


def take(text: str, place: Place, facts: Facts) -> bool:
    """Use a line that names what is at an address."""
    if not _KEY.search(text, 0, 200):
        return False
    return _range(text, place, facts) or _point(text, place, facts) or _sized(text, place, facts)


def _add(start: int, end: int, name: str, place: Place, facts: Facts) -> bool:
    """Record a range; a BAR that has no address yet is none."""
    if 0 < start < end <= 1 << 64:
        found = MemoryRange(start, end, name, "kernel", 0, place, use=MemoryUse.DEVICE)
        facts.add_memory(found)
    return True


def _range(text: str, place: Place, facts: Facts) -> bool:
    if match := _BRIDGE.match(text):
        return _add(int(match[1], 16), int(match[2], 16) + 1, "PCI bridge window", place, facts)
    for pattern, name in _RANGES:
        if match := pattern.match(text):
            return _add(int(match[1], 16), int(match[2], 16) + 1, name, place, facts)
    return False


def _point(text: str, place: Place, facts: Facts) -> bool:
    for pattern, name in _POINTS:
        if match := pattern.match(text):
            start = int(match[1], 16)
            return _add(start, start + PAGE_SIZE, name, place, facts)
    return False


def _sized(text: str, place: Place, facts: Facts) -> bool:
    """Use a line that gives an address and a size."""
    if match := _OLD_MMCONFIG.match(text):
        start, end = (int(match[1], 16) + int(bus) * MIB for bus in match.group(2, 3))
        return _add(start, end + MIB, "MMCONFIG", place, facts)
    if match := _GAP.match(text):
        start = int(match[1], 16)
        return _add(start, start + int(match[2], 16), "free for PCI devices", place, facts)
    if match := _APERTURE.match(text):
        start = int(match[3], 16)
        size = int(match[1]) << _UNITS[match[2]]
        return _add(start, start + size, "AGP aperture", place, facts)
    if match := _FRAMES.match(text):
        start = int(match[1], 16)
        return _add(start, start + (int(match[2]) << 10), "frame buffer", place, facts)
    return False

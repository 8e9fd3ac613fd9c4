"""Lines of a kernel's log that name what is at an address, in the words of all ages."""

from __future__ import annotations

import pytest

from mtrrviz.importers.facts import Facts, MemoryUse
from mtrrviz.importers.kernel.devices import take
from mtrrviz.importers.notes import Place

PAGE, KIB, MIB, GIB = 1 << 12, 1 << 10, 1 << 20, 1 << 30
HERE = Place("log", 7)


def found(text):
    facts = Facts()
    is_known = take(text, HERE, facts)
    assert all((one.use, one.place) == (MemoryUse.DEVICE, HERE) for one in facts.memory)
    return is_known, [(one.start, one.end, one.name) for one in facts.memory]


@pytest.mark.parametrize(
    ("text", "start", "size", "name"),
    [
        ("PCI: MMCONFIG 0: base e0000000 segment 0 buses 0 - 255", 0xE000_0000, 256 * MIB, "MMCON"),
        ("PCI: MMCONFIG 0: base e0000000 segment 0 buses 16 - 31", 0xE100_0000, 16 * MIB, "MMCON"),
        (
            "Allocating PCI resources starting at 88000000 (gap: 80000000:60000000)",
            *(0x8000_0000, 0x6000_0000, "free for PCI devices"),
        ),
        ("agpgart: AGP aperture is 64M @ 0xf8000000", 0xF800_0000, 64 * MIB, "AGP aperture"),
        ("agpgart: AGP aperture is 1G @ 0xc0000000", 0xC000_0000, GIB, "AGP aperture"),
        ("agpgart: AGP aperture is 512K @ 0xf8000000", 0xF800_0000, 512 * KIB, "AGP aperture"),
        ("agpgart: AGP aperture is 4096 @ 0xf8000000", 0xF800_0000, 4096, "AGP aperture"),
        (
            "vesafb: framebuffer at 0xd0000000, mapped to 0xffff, using 3072k, total 16384k",
            *(0xD000_0000, 16 * MIB, "frame buffer"),
        ),
        (
            "pci 0000:00:1c.0: bridge window [mem 0xf0000000-0xf00fffff]",
            *(0xF000_0000, MIB, "PCI bridge window"),
        ),
        ("[mem 0x80000000-0xdfffffff] available for PCI devices", 0x8000_0000, 0x6000_0000, "free"),
        ("IOAPIC[0]: apic_id 8, version 32, address 0xfec00000", 0xFEC0_0000, PAGE, "I/O APIC"),
        ("hpet0: at MMIO 0xfed00000, IRQs 2, 8, 0", 0xFED0_0000, PAGE, "HPET"),
        ("DMAR: DRHD base: 0xfed90000 flags: 0x0", 0xFED9_0000, PAGE, "IOMMU"),
    ],
)
def test_a_line_names_a_place_with_its_first_and_last_byte(text, start, size, name):
    is_known, ((first, end, words),) = found(text)
    assert is_known
    assert (first, end) == (start, start + size)
    assert words.startswith(name)


@pytest.mark.parametrize(
    "text",
    [
        "pci 0000:00:02.0: reg 0x10: [mem 0x00000000-0x00000fff]",  # no address yet
        "DMAR: DRHD base: 0xffffffffffffffff",  # its page would end beyond 64 bits
    ],
)
def test_what_has_no_address_is_known_and_is_no_place(text):
    assert found(text) == (True, [])


@pytest.mark.parametrize(
    "text", ["usb 1-1: new device", "pci 0000:00:02.0: enabling", "x" * 200 + "hpet0: at MMIO 0x1"]
)
def test_other_lines_are_left_to_others(text):
    assert found(text) == (False, [])

"""Memory maps: e820 in both forms, /proc/iomem, QEMU's monitor."""

from __future__ import annotations

import pytest

from mtrrviz.importers import NoteKind
from mtrrviz.scenario import ScenarioError
from tests.importers.helpers import imported, region_kinds, texts

GIB = 1 << 30


def test_e820_today_is_inclusive():
    result = imported(
        "[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
        "[    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved\n"
        "[    0.000000] BIOS-e820: [mem 0x00000000000f0000-0x00000000000fffff] reserved\n"
        "[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff] usable\n"
        "[    0.000000] BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] reserved\n"
        "[    0.000118] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved\n"
    )
    assert region_kinds(result) == {
        0: (0xA0000, "ram"),
        0xF0000: (0x100000, "rom"),
        0x100000: (0xC000_0000, "ram"),
        0xFFFC_0000: (4 * GIB, "rom"),
    }


def test_e820_before_3_1_is_exclusive():
    result = imported(
        " BIOS-e820: 0000000000000000 - 00000000000a0000 (usable)\n"
        " BIOS-e820: 0000000000100000 - 0000000080000000 (usable)\n"
        " BIOS-e820: 00000000ffb00000 - 0000000100000000 (reserved)\n"
    )
    assert region_kinds(result)[0x100000] == (0x8000_0000, "ram")
    assert region_kinds(result)[0xFFB0_0000] == (4 * GIB, "rom")


def test_iomem_children_are_named_and_parts_of_ram_are_not():
    result = imported(
        "00100000-bfffffff : System RAM\n"
        "  01000000-0220bb07 : Kernel code\n"
        "c0001000-eebfffff : PCI Bus 0000:00\n"
        "  d0000000-dfffffff : 0000:00:02.0\n"
        "    d0000000-d07fffff : efifb\n"
    )
    names = {r.start: r.name for r in result.scenario.machine.regions}
    assert names == {
        0x100000: "RAM",
        0xC000_1000: "PCI Bus 0000:00",
        0xD000_0000: "0000:00:02.0",
        0xE000_0000: "PCI Bus 0000:00",
    }


def test_iomem_of_a_user_without_rights():
    zeros = "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n"
    with pytest.raises(ScenarioError, match=r"all addresses in it are zero.*root"):
        imported(zeros)
    result = imported(
        zeros + "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    )
    assert "2 resources have no addresses" in texts(result, NoteKind.WARNING)


def test_a_page_shared_by_ram_and_a_device_is_ram():
    result = imported("00001000-0009fbff : System RAM\n0009fc00-0009ffff : PCI Bus 0000:00\n")
    assert region_kinds(result) == {0x1000: (0xA0000, "ram")}


def test_passed_through_bars_are_known_by_qemus_word():
    result = imported(
        'FlatView #0\n AS "memory", root: system\n Root memory region: system\n'
        "  0000000000000000-000000003fffffff (prio 0, ram): pc.ram KVM\n"
        "  00000000e0000000-00000000efffffff (prio 0, ramd): 0000:65:00.0 BAR 0 mmaps[0] KVM\n"
    )
    assert region_kinds(result) == {
        0: (GIB, "ram"),
        0xE000_0000: (0xF000_0000, "passthrough"),
    }


def test_other_address_spaces_are_not_memory():
    result = imported(
        'FlatView #0\n AS "I/O", root: io\n'
        "  0000000000000000-0000000000000fff (prio 0, ram): trap\n"
        'FlatView #1\n AS "memory", root: system\n'
        "  0000000000000000-000000003fffffff (prio 0, ram): pc.ram\n"
    )
    assert region_kinds(result) == {0: (GIB, "ram")}


def test_priorities_and_aliases_of_the_tree():
    result = imported(
        "address-space: memory\n"
        "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
        "    0000000000000000-000000003fffffff (prio 0, ram): alias low @pc.ram "
        "0000000000000000-000000003fffffff\n"
        "    00000000000a0000-00000000000bffff (prio 1, i/o): alias window @pci "
        "00000000000a0000-00000000000bffff\n"
        "    0000000000200000-00000000002fffff (prio -1, i/o): hidden\n"
        "    0000000000300000-00000000003fffff (prio 9, i/o): off [disabled]\n"
        "memory-region: pci\n"
        "  0000000000000000-ffffffffffffffff (prio -1, i/o): pci\n"
        "    00000000000a0000-00000000000affff (prio 1, i/o): vga-lowmem\n"
    )
    assert region_kinds(result) == {
        0: (0xA0000, "ram"),
        0xA0000: (0xB0000, "mmio"),
        0xB0000: (GIB, "ram"),
    }


def test_without_a_map_the_uc_range_says_where_ram_ends():
    result = imported("0x2ff c06\n0x200 c0000000\n0x201 ffc0000800\n")
    assert result.scenario.machine.memory_bytes == 3 * GIB
    assert "no memory map" in texts(result, NoteKind.ASSUMED)


def test_the_memory_option_answers():
    result = imported("0x2ff c06\n0x200 c0000000\n0x201 ffc0000800\n", memory_bytes=8 * GIB)
    assert region_kinds(result)[4 * GIB] == (9 * GIB, "ram")
    assert "no memory map" not in texts(result)


def test_a_tree_that_contains_itself_ends():
    aliases = "".join(
        f"    {n << 16:016x}-{(n << 16) + 0xFFFFFF:016x} (prio {n}, i/o): alias a{n} @pci "
        "0000000000000000-0000000000ffffff\n"
        for n in range(20)
    )
    heads = ("address-space: memory", "memory-region: pci")
    root = "  0000000000000000-ffffffffffffffff (prio 0, i/o): pci\n"
    ram = "    0000000000000000-000000003fffffff (prio -1, ram): pc.ram\n"
    result = imported("".join(f"{head}\n{root}{ram}{aliases}" for head in heads))
    assert region_kinds(result)[0][1] == "ram"


def test_configuration_space_beside_ram_is_no_ram():
    """256 MiB at a multiple of it is PCI Express configuration space, as on Q35 with 2.75 GiB."""
    result = imported(
        " BIOS-e820: [mem 0x0000000000100000-0x00000000afffffff] usable\n"
        " BIOS-e820: [mem 0x00000000b0000000-0x00000000bfffffff] reserved\n"
    )
    assert region_kinds(result) == {
        0x100000: (0xB000_0000, "ram"),
        0xB000_0000: (0xC000_0000, "mmio"),
    }


def test_reserved_memory_beside_ram_is_ram_aloud():
    result = imported(
        " BIOS-e820: [mem 0x0000000000100000-0x000000007edfffff] usable\n"
        " BIOS-e820: [mem 0x000000007ee00000-0x000000007fffffff] reserved\n"
    )
    assert region_kinds(result) == {0x100000: (0x8000_0000, "ram")}
    assert "18 MiB that is reserved beside RAM" in texts(result, NoteKind.ASSUMED)

"""RAM that lines tell of besides the memory map: of guests without one, of hosts with a part."""

from __future__ import annotations

import pytest

from mtrrviz.importers import import_texts
from mtrrviz.scenario.machine_spec import RegionKind

GIB, MIB = 1 << 30, 1 << 20
KVM = "Hypervisor detected: KVM\n"
BARE = "Booting paravirtualized kernel on bare hardware\n"
REGISTERS = (
    "MTRR default type: write-back\nMTRR variable ranges enabled:\n"
    "  0 base 0080000000 mask FF80000000 uncachable\n"
    + "".join(f"  {number} disabled\n" for number in range(1, 8))
)


def ram(*lines: str) -> tuple[list[tuple[int, int]], list[str]]:
    found = import_texts([("log", "".join(lines).encode())])
    regions = found.scenario.machine.regions
    spans = [(r.start, r.end) for r in regions if r.kind is RegionKind.RAM and r.start >= MIB - 1]
    return spans, [note.text for note in found.notes]


def end_of_ram(*lines: str) -> int:
    found = import_texts([("log", "".join(lines).encode())]).scenario.machine.regions
    return max(r.end for r in found if r.kind is RegionKind.RAM)


def test_a_guests_last_pfn_tells_of_its_ram() -> None:
    last = "last_pfn = 0x140000 max_arch_pfn = 0x400000000\n"
    assert end_of_ram(KVM, last, REGISTERS) == 0x140000 << 12
    _, notes = ram(KVM, last, REGISTERS)
    assert any("3 GiB of RAM, deduced from last_pfn" in text for text in notes)
    small = "last_pfn = 0x20000 max_arch_pfn = 0x400000000\n"
    assert end_of_ram(KVM, small, REGISTERS) == 512 * MIB


def test_a_guest_whose_mtrrs_are_off_has_its_ram_too() -> None:
    off = "MTRRs disabled by BIOS\n"
    assert end_of_ram(KVM, off, "last_pfn = 0x30000 max_arch_pfn = 0x400000000\n") == 768 * MIB


def test_a_guests_memory_line_tells_of_its_ram() -> None:
    line = "Memory: 500000K/1048060K available (10240K kernel code)\n"
    assert end_of_ram(KVM, REGISTERS, line) == GIB


def test_a_guest_of_which_nothing_tells_is_assumed_as_before() -> None:
    assert end_of_ram(KVM, REGISTERS) == 2 * GIB


def test_blank_mtrrs_alone_are_a_virtual_machines() -> None:
    found = import_texts([("log", b"CPU MTRRs all blank - virtualized system.\n")])
    assert not found.scenario.machine.is_host
    assert any("virtualized system" in note.text for note in found.notes)
    real = import_texts([("log", f"{BARE}CPU MTRRs all blank - virtualized system.\n".encode())])
    assert real.scenario.machine.is_host


EFI = (
    "efi: mem00: type=7, attr=0xf, range=[0x0000000000001000-0x0000000000058000) (0MB)\n",
    "efi: mem01: type=7, attr=0xf, range=[0x0000000000100000-0x0000000004000000) (63MB)\n",
    "efi: mem02: type=7, attr=0xf, range=[0x0000000004000000-0x0000000070000000) (1728MB)\n",
    "efi: mem03: type=0, attr=0xf, range=[0x0000000070000000-0x0000000078000000) (128MB)\n",
)
LAST = "last_pfn = 0x70000 max_arch_pfn = 0x400000000\n"


def kind_at(address: int, *lines: str) -> RegionKind | None:
    regions = import_texts([("log", "".join(lines).encode())]).scenario.machine.regions
    return next((r.kind for r in regions if r.start <= address < r.end), None)


def test_a_part_of_a_map_is_not_all_ram() -> None:
    text = (BARE, REGISTERS, EFI[0], EFI[1], LAST)
    assert end_of_ram(*text) == 0x70000 << 12
    _, notes = ram(*text)
    assert any(text.startswith("the memory map is not whole: RAM in it ends at") for text in notes)
    assert any(text.startswith("no whole memory map: 1.75 GiB") for text in notes)


def test_a_line_of_efis_map_that_is_missing_leaves_addresses_unknown() -> None:
    text = (BARE, REGISTERS, EFI[0], EFI[1], EFI[3])
    assert kind_at(0x5000_0000, *text) is RegionKind.UNKNOWN
    _, notes = ram(*text)
    assert any("1 numbered line of it is missing" in text for text in notes)


@pytest.mark.parametrize("last", ["", LAST])
def test_a_whole_map_is_taken_as_it_is(last: str) -> None:
    text = (BARE, REGISTERS, *EFI, last)
    assert end_of_ram(*text) == 0x70000 << 12
    assert kind_at(0x7400_0000, *text) is RegionKind.RESERVED
    _, notes = ram(*text)
    assert not [text for text in notes if "not whole" in text or "no memory map" in text]


def test_who_complains_is_named() -> None:
    lines = b"(WW) RADEON(0): Failed to set up write-combining range (0xe0000000,0x10000000)\n"
    texts = [note.text for note in import_texts([("Xorg.0.log", lines)]).notes]
    assert any(text.startswith("the X server says: (WW)") for text in texts)
    lines = b"mtrr: type mismatch for e0000000,8000000 old: write-back new: write-combining\n"
    texts = [note.text for note in import_texts([("dmesg", lines)]).notes]
    assert any(text.startswith("the kernel says: mtrr: type mismatch") for text in texts)


COUNTED = (
    "last_pfn = 0x440000 max_arch_pfn = 0x400000000\n"
    "MTRR map: 4 entries (3 fixed + 1 variable; max 20), built from 9 variable MTRRs\n"
    "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
)


def test_tom2_that_is_only_counted_makes_ram_above_4_gib_write_back() -> None:
    found = import_texts([("log", (BARE + COUNTED).encode())])
    assert found.scenario.machine.tom2_end == 0x440000 << 12
    assert any("TOM2 with ForceWB" in note.text for note in found.notes)
    pairs_alone = COUNTED.replace("built from 9", "built from 8").replace("max 20", "max 19")
    other = import_texts([("log", (BARE + pairs_alone).encode())])
    assert other.scenario.machine.tom2_end == 0


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("efi: mem00: type=7, attr=0xf, range=[0x0000000000100000-0x00000000{}000000) (0MB)\n",
         "EFI"),
        ("0/start:0x100000\n0/end:0x{}ffffff\n0/type:System RAM\n", "/sys/firmware/memmap"),
    ],
)  # fmt: skip
def test_maps_of_two_machines_are_told_apart_by_the_name_of_the_map(line: str, name: str) -> None:
    texts = [(f"log{end}", (BARE + line.format(end)).encode()) for end in ("20", "30")]
    notes = [note.text for note in import_texts(texts).notes]
    assert any(f"different memory maps ({name})" in text for text in notes), notes

"""What parsers of less common programs take from single lines: ends, numbers, cut lines."""

from __future__ import annotations

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import (
    DEFTYPE,
    FIXED_MSRS,
    PHYSBASE0,
    READ_DRAM_BIT,
    VALID_BIT,
    WRITE_DRAM_BIT,
)
from mtrrviz.importers.dumps.firmware.edk2 import Edk2Parser
from mtrrviz.importers.dumps.firmware.linuxbios import LinuxbiosParser
from mtrrviz.importers.dumps.firmware.uboot import UbootParser
from mtrrviz.importers.dumps.fwts import FwtsParser
from mtrrviz.importers.dumps.iomem import IomemParser
from mtrrviz.importers.dumps.linux_words import c_number
from mtrrviz.importers.dumps.lspci import LspciParser
from mtrrviz.importers.dumps.memcontrol import MemcontrolParser
from mtrrviz.importers.dumps.memtype_list import MemtypeListParser
from mtrrviz.importers.dumps.msr_tools.chipsec_json import ChipsecJsonParser
from mtrrviz.importers.dumps.msr_tools.msr_list import MsrListParser
from mtrrviz.importers.facts import Sign, Told
from tests.importers.lines.test_line_parsers import taken
from tests.narrow import there

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))


def memory(parser, text):
    facts, _ = taken(parser, text)
    return [(one.start, one.end, one.name) for one in facts.memory]


def ranges(parser, text):
    facts, _ = taken(parser, text)
    return [(one.index, one.base, one.size, one.type) for one in facts.ranges]


def registers(parser, text, **more):
    facts, _ = taken(parser, text, **more)
    return [(one.vcpu, one.msr, one.value) for one in facts.registers]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Memory at f0000000 (32-bit) [size=64]", [(0xF000_0000, 0xF000_0040, "PCI device")]),
        ("Memory at f0000000 (32-bit) [size=4K]", [(0xF000_0000, 0xF000_1000, "PCI device")]),
        ("Region 0: Memory at f0000000 (x) [size=2M]", [(0xF000_0000, 0xF020_0000, "PCI device")]),
        ("Expansion ROM at c0000 [size=1G]", [(0xC_0000, 0xC_0000 + GIB, "PCI device")]),
        ("Memory at 4000000000 (64-bit) [size=1T]", [(1 << 38, 5 << 38, "PCI device")]),
        ("Memory behind bridge: f0000000-f01fffff", [(0xF000_0000, 0xF020_0000, "PCI device")]),
        ("Prefetchable memory behind bridge: 0x1000-0xfff", []),
        ("Memory at 0000 (32-bit) [size=4K]", []),
        ("00:02.0 VGA: Some card (rev 02)\n  Memory at 1000 (x) [size=4K]",
         [(0x1000, 0x2000, "00:02.0 VGA: Some card")]),
    ],
)  # fmt: skip
def test_lspci_gives_sizes_or_last_addresses(line, found):
    assert memory(LspciParser, line) == found


def test_other_lines_of_lspci_are_its_own_only_below_a_device():
    text = "\tFlags: x\n00:02.0 VGA: Some card\n\tFlags: x\n\tI/O ports at 10\nwords\n"
    assert taken(LspciParser, text)[1] == [2, 3, 4]


def test_memcontrol_numbers_pairs_by_their_order_and_fixed_ranges_have_none():
    text = """
0x0/0x10000 BIOS write-back fixed-base fixed-length set-by-firmware active
0x0/0x80000000 BIOS write-back set-by-firmware active
0x80000000/0x40000000 BIOS uncacheable set-by-firmware active
0x0/0x0 - uncacheable
0xc0000000/0x1000 BIOS write-combine set-by
0xd0000000/0x10 x
0x100/0x10 x
"""
    facts, lines = taken(MemcontrolParser, text)
    assert lines == [1, 2, 3, 4, 5, 6]
    assert [(one.start, one.end, one.type) for one in facts.fixed] == [(0, 0x1_0000, WB)]
    assert [(one.index, one.base, one.size, one.type) for one in facts.ranges] == [
        (0, 0, 2 * GIB, WB), (1, 2 * GIB, GIB, UC),
    ]  # fmt: skip
    assert {pair: place.line for pair, place in facts.cut_pairs.items()} == {3: 5, 4: 6}
    assert taken(MemcontrolParser, "0x80000000/0x4 words")[1] == []


@pytest.mark.parametrize(
    ("word", "kind"), [("uncacheable", UC), ("write-combine", WC), ("write-through", WT),
                       ("write-back", WB), ("write-protect", WP)]
)  # fmt: skip
def test_memcontrol_has_words_of_its_own_for_types(word, kind):
    assert ranges(MemcontrolParser, f"0x0/0x1000 x {word} active") == [(0, 0, 0x1000, kind)]


def test_uboot_lists_pairs_by_cpu_and_those_off_are_zero():
    text = """
CPU 3:
Reg Valid Write-type   Base   ||        Mask   ||        Size   ||
0   Y     Back         0000000000000000 0000000f80000000 0000000080000000
4   N     Uncacheable  0000000000000001 0000000f80000000 0000000000000000
2   Y     Combine      00000000c0000000 0000000ff0000000 0000000010000000
"""
    facts, lines = taken(UbootParser, text)
    assert lines == [1, 2, 3, 4, 5]
    assert [(one.vcpu, one.msr, one.value) for one in facts.registers] == [
        (3, PHYSBASE0, 6), (3, PHYSBASE0 + 1, 0xF_8000_0000 | VALID_BIT),
        (3, PHYSBASE0 + 8, 0), (3, PHYSBASE0 + 9, 0),
        (3, PHYSBASE0 + 4, 0xC000_0001), (3, PHYSBASE0 + 5, 0xF_F000_0000 | VALID_BIT),
    ]  # fmt: skip
    assert facts.value(Told.PAIRS) == 5
    assert [one.sign for one in facts.signs] == [Sign.FIRMWARE]
    assert taken(UbootParser, "CPU 3:", is_primary=False)[1] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Setting fixed MTRRs(0-16) Type: WB", [(0, 0xA_0000, WB, 0)]),
        ("Setting fixed MTRRs(16-24) Type: UC", [(0xA_0000, 0xC_0000, UC, 0)]),
        ("Setting fixed MTRRs(24-88) type: WP, RdMEM",
         [(0xC_0000, 0x10_0000, WP, READ_DRAM_BIT)]),
        ("Setting fixed MTRRs(8-9) Type: WC, RdMEM, WrMEM",
         [(0x8_0000, 0x8_4000, WC, READ_DRAM_BIT | WRITE_DRAM_BIT)]),
        ("Setting fixed MTRRs(87-88) Type: WT, WrMEM",
         [(0xF_F000, 0x10_0000, WT, WRITE_DRAM_BIT)]),
        ("Setting fixed MTRRs(5-5) Type: WB", []),
        ("Setting fixed MTRRs(6-5) Type: WB", []),
        ("Setting fixed MTRRs(0-89) Type: WB", []),
    ],
)  # fmt: skip
def test_linuxbios_numbers_the_88_fixed_ranges(line, found):
    facts, lines = taken(LinuxbiosParser, line)
    assert lines == [1]
    assert [(one.start, one.end, one.type, one.dram_bits) for one in facts.fixed] == found
    signs = [one.sign for one in facts.signs]
    assert (Sign.AMD in signs) == ("MEM" in line)
    assert Sign.FIRMWARE in signs


@pytest.mark.parametrize(("mask", "bits"), [("0xf", 36), ("0xff", 40), ("0x1", 33), ("0", 32)])
def test_linuxbios_tells_the_address_bits_above_the_32nd(mask, bits):
    facts, _ = taken(LinuxbiosParser, f"ADDRESS_MASK_HIGH={mask}")
    assert facts.value(Told.MAXPHYADDR) == bits


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("0x2ff,0xc06", [(None, DEFTYPE, 0xC06)]),
        ("3, 0x2ff, c06", [(3, DEFTYPE, 0xC06)]),
        ("cpu 12;2ff;c06;", [(12, DEFTYPE, 0xC06)]),
        ("IA32_MTRR_DEF_TYPE\tc06", [(None, DEFTYPE, 0xC06)]),
        ("IA32_MTRR_DEF_TYPE 0xc06", [(None, DEFTYPE, 0xC06)]),
        ("cpu 1: 0x2ff c06", [(1, DEFTYPE, 0xC06)]),
        ("x: 0x2ff = 0xc06 and IA32_MTRR_PHYSBASE0: 0x6.",
         [(None, DEFTYPE, 0xC06), (None, PHYSBASE0, 6)]),
        ("0x10=5", []),
        ("2ff c06", []),
        ("cpu,msr,value", []),
    ],
)  # fmt: skip
def test_a_list_has_numbers_or_names_and_perhaps_a_cpu(line, found):
    assert registers(MsrListParser, line) == found


def test_values_of_other_registers_are_counted_and_cut_rows_are_told():
    facts, lines = taken(MsrListParser, "0x10=5\n0x11=5\n0x200=\n2,0x203,\n0x10=")
    assert facts.unused.total() == 2
    assert lines == [1, 2, 3, 4]
    assert {pair: place.line for pair, place in facts.cut_pairs.items()} == {0: 3, 1: 4}
    assert taken(MsrListParser, "0x10=5", is_primary=False)[1] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("PAT: [mem 0x1000-0x3000] write-combining", [(0x1000, 0x3000, "write-combining")]),
        ("uncached-minus @ 0x1000-0x3000", [(0x1000, 0x3000, "uncached-minus")]),
        ("PAT: [mem 0x1000-0x1000] uncached", []),
        ("write-back @ 0x2000-0x1000", []),
        ("PAT memtype list:", []),
    ],
)
def test_mappings_of_the_pat_end_before_their_end(line, found):
    assert memory(MemtypeListParser, line) == found
    assert taken(MemtypeListParser, line)[1] == [1]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Reg 0: 0x0000000000000000 - 0x0000000080000000 ( 2048 MB)  Write-Back",
         [(0, 0, 2 * GIB, WB)]),
        ("mtrr: Reg 12: 0x80000000 - 0x80001000 (0 MB) uncached", [(12, 2 * GIB, 4 * KIB, UC)]),
        ("Reg 1: 0x00001000 - 0x00001000 ( 0 MB) write-back", []),
        ("Reg 1: 0x00001000 - 0x00000000 ( 0 MB) write-back", []),
    ],
)  # fmt: skip
def test_fwts_prints_the_address_behind_the_last(line, found):
    assert ranges(FwtsParser, line) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("MTRR Default Type: 0000000000000C06", [(None, DEFTYPE, 0xC06)]),
        ("MTRR Define Type:C00", [(None, DEFTYPE, 0xC00)]),
        ("Fixed MTRR[00]   : 0606060606060606", [(None, FIXED_MSRS[0], 0x0606_0606_0606_0606)]),
        ("Fixed MTRR[10]   : 05", [(None, FIXED_MSRS[10], 5)]),
        ("Fixed MTRR[11]   : 05", []),
        ("Variable MTRR[02]: Base=00000000C0000000 Mask=0000000FC0000800",
         [(None, PHYSBASE0 + 4, 3 * GIB), (None, PHYSBASE0 + 5, 0xF_C000_0800)]),
    ],
)  # fmt: skip
def test_edk2_numbers_fixed_registers_and_pairs(line, found):
    assert registers(Edk2Parser, f"  {line}") == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("WB:0000000000000000-000000000009FFFF", [(None, 0, 0xA_0000, WB)]),
        ("UC:00000000000A0000-00000000000A0000", [(None, 0xA_0000, 1, UC)]),
        ("UC:00000000000A0001-00000000000A0000", []),
        ("R*:00000000000A0000-00000000000BFFFF", []),
        ("{ 0x1000, 0x2000, CacheWriteBack }", None),
        ("UT: [ 3] { 0x1000, 0x2000, CacheWB },", [(None, 0x1000, 0x2000, WB)]),
        ("{0x0, 0x1, UC}", [(None, 0, 1, UC)]),
        ("{0x0, 0x0, UC}", []),
    ],
)
def test_ranges_of_edk2_have_a_last_address_or_in_tests_a_length(line, found):
    facts, lines = taken(Edk2Parser, line)
    assert lines == ([] if found is None else [1])
    assert [(one.index, one.base, one.size, one.type) for one in facts.ranges] == (found or [])
    assert all(one.is_map for one in facts.ranges)


def test_edk2_says_that_mtrrs_are_off_and_what_it_cut():
    facts, lines = taken(Edk2Parser, "MTRR Settings:\nMTRR is not enabled.\nVariable MTRR[03]")
    assert lines == [1, 2, 3]
    assert (facts.value(Told.MTRR_ENABLED), list(facts.cut_pairs)) == (0, [3])
    assert [one.sign for one in facts.signs] == [Sign.FIRMWARE]
    whole = f"WB:0000000000000000-0000000000000FFF{' ' * 300}"
    assert taken(Edk2Parser, whole)[1] == [1]
    assert taken(Edk2Parser, f"Variable MTRR[03{'x' * 300}")[1] == []


def test_resources_are_indented_by_two_spaces_a_level_and_zeros_are_counted():
    text = """
00000000-00000000 : hidden
00001000-0009ffff : System RAM
  00002000-00002fff :  inner
    00002000-00002000 : innermost
00000000-00000000 : hidden
00000000-00000001 : two bytes
"""
    facts, _ = taken(IomemParser, text)
    assert [(one.start, one.end, one.name, one.depth) for one in facts.memory] == [
        (0x1000, 0xA_0000, "System RAM", 0), (0x2000, 0x3000, "inner", 1),
        (0x2000, 0x2001, "innermost", 2), (0, 2, "two bytes", 0),
    ]  # fmt: skip
    (note,) = facts.notes
    assert note.text.startswith("2 resources have no addresses")
    assert there(note.place).line == 1
    assert taken(IomemParser, "00001000-0009ffff : System RAM")[0].notes == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x10", 16), ("10", 10), ("010", 8), ("0", 0), ("08", -1), ("x", -1), ("", -1), ("0b1", 1)],
)
def test_numbers_are_read_as_c_reads_them(text, value):
    assert c_number(text) == value


@pytest.mark.parametrize("msr", ["767", "0x2ff"])
@pytest.mark.parametrize(("low", "high"), [("3078", "0"), ("0xc06", "0x0")])
def test_a_recording_of_chipsec_has_numbers_in_both_ways(msr, low, high):
    text = f'"read_msr": {{\n"({3}, {msr})": [\n"({low}, {high})",\n"(7, 0)"\n]\n}}'
    assert registers(ChipsecJsonParser, text) == [(3, DEFTYPE, 0xC06)]

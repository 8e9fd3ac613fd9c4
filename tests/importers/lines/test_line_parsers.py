"""What parsers take from single lines, and what from the lines before: numbers, CPUs, ends."""

from __future__ import annotations

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import PHYSBASE0, VALID_BIT
from mtrrviz.importers.dumps.e820 import E820Parser
from mtrrviz.importers.dumps.firmware.coreboot import CorebootParser
from mtrrviz.importers.dumps.msr_tools.rdmsr import FORMAT as RDMSR
from mtrrviz.importers.dumps.msr_tools.rdmsr import RdmsrParser
from mtrrviz.importers.dumps.proc_mtrr import ProcMtrrParser
from mtrrviz.importers.facts import Facts, MemoryUse, Sign, Told
from mtrrviz.importers.formats import Context
from mtrrviz.scenario.scenario_error import ScenarioError
from tests.narrow import there

MIB, GIB = 1 << 20, 1 << 30
UC, WB, WC = MemoryType.UC, MemoryType.WB, MemoryType.WC


def taken(parser, text, file="pasted", is_primary=True):
    """Return the facts that a parser finds in a text, and the numbers of the lines it took."""
    facts = Facts()
    made = parser(facts, Context(file, is_primary))
    lines = text.strip("\n").split("\n")
    numbers = range(1, len(lines) + 1)
    left = made.feed(lines, numbers)
    made.finish()
    return facts, [number for number in numbers if number - 1 not in left]


def registers(text, **more):
    facts, _ = taken(RdmsrParser, text, **more)
    return [(one.vcpu, one.msr, one.value) for one in facts.registers]


# rdmsr


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rdmsr 0x2ff\nc06", [(None, 0x2FF, 0xC06)]),
        ("# rdmsr 0x2ff\nc06\nc00", [(None, 0x2FF, 0xC06), (None, 0x2FF, 0xC00)]),
        ("rdmsr -a 0x2ff\nc06\nc00", [(0, 0x2FF, 0xC06), (1, 0x2FF, 0xC00)]),
        ("rdmsr --all 767\n0xc06", [(0, 0x2FF, 0xC06)]),
        ("sudo rdmsr -p 3 0x2ff\nc06", [(3, 0x2FF, 0xC06)]),
        ("rdmsr -p3 0x2ff\nc06", [(3, 0x2FF, 0xC06)]),
        ("$ rdmsr --processor 2 0x2ff\nc06", [(2, 0x2FF, 0xC06)]),
        ("rdmsr -d 0x2ff\n3078", [(None, 0x2FF, 3078)]),
        ("rdmsr -ad 0x2ff\n3078\n3072", [(0, 0x2FF, 3078), (1, 0x2FF, 3072)]),
        ("rdmsr --unsigned 0x2ff\n10\nrdmsr 0x2ff\n10", [(None, 0x2FF, 10), (None, 0x2FF, 16)]),
        ("rdmsr -d 0x2ff\nc06", []),
        ("0x2ff c06", [(0, 0x2FF, 0xC06)]),
        ("0x2ff: 0xc06 0xc00", [(0, 0x2FF, 0xC06), (1, 0x2FF, 0xC00)]),
        ("msr[2ff] = c06", [(0, 0x2FF, 0xC06)]),
        ("MTRRdefType: 0xc06", [(0, 0x2FF, 0xC06)]),
        ("MTRRdefType (0x2ff): 0xc06 (fixed-range flag: 1)", [(0, 0x2FF, 0xC06)]),
        ("IA32_MTRR_PHYSBASE1 = 6\nIA32_MTRR_PHYSMASK1 = 800", [(0, 0x202, 6), (0, 0x203, 0x800)]),
        ("0x2ff:\nc06\nc00", [(0, 0x2FF, 0xC06), (1, 0x2FF, 0xC00)]),
        ("0x2ff:\ncpu 1: c06\ncpu 0: c00", [(1, 0x2FF, 0xC06), (0, 0x2FF, 0xC00)]),
        ("cpu 1: c06", []),
        ("CPU 2\n0x2ff c06\n0x277 7", [(2, 0x2FF, 0xC06), (2, 0x277, 7)]),
        ("-- cpu1 --\n0x2ff:\nc06", [(1, 0x2FF, 0xC06)]),
        ("0x2ff c06\nwords between\nc00", [(0, 0x2FF, 0xC06)]),
        ("0x10 1\n2\n0x2ff c06", [(0, 0x2FF, 0xC06)]),
        ("rdmsr 0x10\n5\nrdmsr 0x2ff\nc06", [(None, 0x2FF, 0xC06)]),
    ],
)
def test_a_value_is_of_the_register_and_the_cpu_that_the_lines_before_name(text, found):
    assert registers(text) == found


def test_lines_of_another_text_are_no_bare_values_and_no_headings():
    assert registers("CPU 2\n0x2ff c06", is_primary=False) == [(0, 0x2FF, 0xC06)]
    assert registers("c06", file="msr-2ff.txt", is_primary=False) == []
    assert taken(RdmsrParser, "0x10 5\nc06", is_primary=False) == (Facts(), [])


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("2ff", [(0, 0x2FF, 0xC06), (1, 0x2FF, 0xC00)]),
        ("logs/msr-0x277.txt", [(0, 0x277, 0xC06), (1, 0x277, 0xC00)]),
        ("2ff/0xfe", [(0, 0xFE, 0xC06), (1, 0xFE, 0xC00)]),
    ],
)
def test_a_file_of_bare_values_is_of_the_register_in_its_name(file, found):
    assert registers("c06\nc00", file=file) == found


@pytest.mark.parametrize("file", ["x2ff", "2fff", "2f", "2ff/log"])
def test_bare_values_without_a_register_are_refused(file):
    with pytest.raises(ScenarioError, match=r"line 2\b.*without their register"):
        taken(RdmsrParser, "words\nc06\nc00", file=file)


def test_how_many_values_are_left_out_is_said_beside_those_that_count():
    facts, _ = taken(RdmsrParser, "0x2ff c06\nnothing here\n1\n2\n3")
    (note,) = facts.notes
    assert "3 values" in note.text
    assert there(note.place).line == 3


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("rdmsr -a 0x2ff\nc06", None), ("rdmsr -a 0x2ff\nc06\nc06", 2), ("CPU 5\n0x2ff 1", 6),
     ("rdmsr 0x2ff\nc06\nc06", None)],
)  # fmt: skip
def test_there_are_as_many_cpus_as_the_highest_listed(text, cpus):
    assert taken(RdmsrParser, text)[0].value(Told.VCPUS) == cpus


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("0x200:\n0x201:\n800", [0]),
        ("0x206: 0x\n", [3]),
        ("0x200:\n5", []),
        ("0x200:\nrdmsr: CPU 0 cannot read MSR 0x00000200", []),
        ("0x202:\nother words", [1]),
        ("0x204:\nCPU 1", [2]),
        ("0x204:\nrdmsr 0x10", [2]),
    ],
)
def test_a_register_without_its_value_is_cut_unless_rdmsr_refused(text, cut):
    assert list(taken(RdmsrParser, text)[0].cut_pairs) == cut


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["c06"] * 9 + ["words"], 9),
        (["c06"] * 8 + ["words"], None),
        (["c06", "", "7"], 2),
        ([], None),
        (["words"], None),
        (["0x2ff c06", "c06", "c06"], 1),
        (["0x10 5"], None),
        (["x 0x2ff"], None),
        (["MTRRdefType: 5", "rdmsr 0x10"], 2),
    ],
)
def test_a_text_is_of_rdmsr_by_its_registers_or_by_nine_bare_values_in_ten(lines, count):
    found = RDMSR.recognise(lines)
    assert (found and found.lines) == count


# /proc/mtrr


def reg(number, base=0, size="1024MB", kind="write-back"):
    return f"reg{number:02}: base=0x{base:09x} ({base >> 20:5}MB), size={size:>7}, count=1: {kind}"


def mtrr_ranges(text):
    facts, _ = taken(ProcMtrrParser, text)
    return [(one.index, one.base, one.size, one.type) for one in facts.ranges]


@pytest.mark.parametrize(
    ("size", "size_bytes"),
    [("4KB", 4096), ("1024MB", GIB), ("7B", 7), ("2GB", 2 * GIB), ("3TB", 3 << 40)],
)
def test_proc_mtrr_prints_sizes_in_units(size, size_bytes):
    assert mtrr_ranges(reg(12, GIB, size)) == [(12, GIB, size_bytes, WB)]
    old = f"reg03: base=0x40000000 (1024MB), size={size}: write-combining, count=2"
    assert mtrr_ranges(old) == [(3, GIB, size_bytes, WC)]


def test_a_list_that_begins_again_counts_alone_unless_it_only_quotes():
    whole = [reg(0), reg(1, GIB), reg(2, 2 * GIB)]
    changed = [reg(0), reg(1, GIB, kind="uncachable")]
    assert mtrr_ranges("\n".join(whole + changed)) == [(0, 0, GIB, WB), (1, GIB, GIB, UC)]
    facts, _ = taken(ProcMtrrParser, "\n".join(whole + changed))
    (note,) = facts.notes
    assert "the lists differ" in note.text
    assert there(note.place).line == 4
    facts, _ = taken(ProcMtrrParser, "\n".join(whole + whole[:1]))
    assert {one.index for one in facts.ranges} == {0, 1, 2}
    assert facts.notes == []
    assert taken(ProcMtrrParser, "\n".join(whole))[0].notes == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("base=0x80000000 size=0x40000000 type=uncachable", [(None, 2 * GIB, GIB, UC)]),
        ('echo "base=0 size=1073741824 type=write-back" >| /proc/mtrr', [(None, 0, GIB, WB)]),
        ("# echo -n 'base=1048576 size=4096 type=write-combining' > x", [(None, MIB, 4096, WC)]),
        ('echo "disable=5" > /proc/mtrr', [(5, 0, 0, UC)]),
        ("disable=0", [(0, 0, 0, UC)]),
        ("base=0x1 size=0x1 type=odd", []),
        ("disable=x", []),
    ],
)
def test_lines_that_are_written_to_it_are_ranges_without_a_number(line, found):
    assert mtrr_ranges(line) == found


@pytest.mark.parametrize(
    ("line", "cut"),
    [("reg07", [7]), ("reg07: base=0x0 (", [7]), (reg(7, kind="?"), [7]), ("reg7", []),
     ("reg07: other", [])],
)  # fmt: skip
def test_a_cut_line_says_that_there_is_a_pair(line, cut):
    facts, _ = taken(ProcMtrrParser, line)
    assert (list(facts.cut_pairs), facts.ranges) == (cut, [])


# Memory maps


SYSFS_ENTRY = """
firmware/memmap/0/start:0x1000
firmware/memmap/0/end:0x1fff
firmware/memmap/0/type:System RAM
"""


def memory(text):
    facts, _ = taken(E820Parser, text)
    return [(one.start, one.end, one.use) for one in facts.memory]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("BIOS-e820: [mem 0x1000-0x1fff] usable", [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("BIOS-e820: 1000 - 2000 (usable)", [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("BIOS-e820: 2000 @ 1000 (reserved)", [(0x1000, 0x3000, MemoryUse.RESERVED)]),
        ("BIOS-e820: [mem 0x1000-0xfff] usable", []),
        ("0000000000001000 - 0000000000002000 (ACPI NVS)", [(0x1000, 0x2000, MemoryUse.ACPI)]),
        ("[0000000000001000, 0000000000001fff] (usable)", [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("SMAP type=01 base=0000000000001000 len=0000000000001000",
         [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("SMAP type=05 base=0000000000001000 len=0000000000001000",
         [(0x1000, 0x2000, MemoryUse.UNUSABLE)]),
        ("efi: mem00: type=7, attr=0xf, range=[0x1000-0x2000) (0MB)",
         [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("efi: mem00: type=8, attr=0xf, range=[0x1000-0x1fff] (0MB)",
         [(0x1000, 0x2000, MemoryUse.UNUSABLE)]),
        ("efi: mem00: [Conventional Memory|   |  ] range=[0x1000-0x1fff] (0MB)",
         [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("Available  0000000000001000-0000000000001FFF  0000000000000001 x",
         [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("RT_Code    0000000000001000-0000000000001FFF  0000000000000001 x",
         [(0x1000, 0x2000, MemoryUse.RESERVED)]),
        (SYSFS_ENTRY, [(0x1000, 0x2000, MemoryUse.RAM)]),
        ("0/start:0x1000\n0/type:System RAM", []),
    ],
)  # fmt: skip
def test_each_kind_of_map_ends_where_its_writer_says(line, found):
    assert memory(line) == found


# coreboot


def test_a_pair_of_coreboot_is_valid_and_its_cpus_are_numbered_by_their_appearance():
    text = """
apic_id 0x4: MTRR: Fixed MSR 0x250 0x0606060606060606
apic_id 0x0: MTRR: 1 base 0x0000000080000000 mask 0x0000003f80000000 type 0
apic_id 0x4: MTRR: 0 base 0x0000000000000000 mask 0x0000003f80000000 type 6
"""
    facts, lines = taken(CorebootParser, text)
    assert lines == [1, 2, 3]
    assert [(one.vcpu, one.msr, one.value) for one in facts.registers] == [
        (0, 0x250, 0x0606060606060606),
        (1, PHYSBASE0 + 2, 0x8000_0000),
        (1, PHYSBASE0 + 3, 0x3F_8000_0000 | VALID_BIT),
        (0, PHYSBASE0, 6),
        (0, PHYSBASE0 + 1, 0x3F_8000_0000 | VALID_BIT),
    ]
    assert facts.value(Told.FIXED_ENABLED) == 1
    assert facts.value(Told.VCPUS) == 2
    assert [one.sign for one in facts.signs] == [Sign.FIRMWARE]
    (note,) = facts.notes
    assert "0x4 is vCPU 0, 0x0 is vCPU 1" in note.text
    alone, _ = taken(CorebootParser, "apic_id 0x4: MTRR: Fixed MSR 0x250 0x06")
    assert (alone.value(Told.VCPUS), alone.notes) == (None, [])


@pytest.mark.parametrize(
    ("start", "size", "code", "low", "high"),
    [
        (0, 3 * GIB, 6, 3 * GIB, None),
        (0, 4 * GIB, 6, 4 * GIB, None),
        (4 * GIB, GIB, 6, None, 5 * GIB),
        (0, 4 * GIB + 4096, 6, None, 4 * GIB + 4096),
        (0, 3 * GIB, 0, None, None),
    ],
)
def test_cached_memory_ends_below_and_above_4_gib(start, size, code, low, high):
    row = f"0x{start:016x} - 0x{start + size:016x} size 0x{size:x} type {code}"
    facts, _ = taken(CorebootParser, f"MTRR: Physical address space:\n{row}\n{row}")
    assert facts.value(Told.CACHED_LOW_END) == low
    assert facts.value(Told.CACHED_HIGH_END) == high
    assert [(one.base, one.size, one.is_map) for one in facts.ranges] == [(start, size, True)] * 2


@pytest.mark.parametrize(
    "row", ["0x{0:016x} - 0x{1:016x} size 0x0 type 6", "0x{0:016x} - 0x{1:016x} size 0x1000 type 2"]
)
def test_empty_rows_and_types_that_are_none_are_taken_and_say_nothing(row):
    facts, lines = taken(CorebootParser, row.format(0, 4096))
    assert (lines, facts.ranges) == ([1], [])


def test_what_coreboot_takes_back_does_not_count():
    pair = "MTRR: 0 base 0x0 mask 0x3f80000000 type 6"
    text = f"MTRR: TEMPORARY Physical address space:\n{pair}\nMTRR: WB selected as default type."
    facts, lines = taken(CorebootParser, text)
    assert (lines, facts.registers, facts.told) == ([1, 2, 3], [], {})
    text += f"\nMTRR: Physical address space:\n{pair}\nMTRR: UC selected as default type."
    facts, _ = taken(CorebootParser, text)
    assert len(facts.registers) == 2
    assert facts.value(Told.DEFAULT_TYPE) == UC
    assert facts.value(Told.MTRR_ENABLED) == 1


@pytest.mark.parametrize(
    ("line", "what", "value"),
    [
        ("Fixed MTRRs   : Enabled", Told.FIXED_ENABLED, 1),
        ("Fixed MTRRs   : Disabled", Told.FIXED_ENABLED, 0),
        ("Variable MTRRs: Enabled", Told.MTRR_ENABLED, 1),
        ("Variable MTRRs: Disabled", Told.MTRR_ENABLED, 0),
        ("[DEBUG]  CPU physical address size: 39 bits", Told.MAXPHYADDR, 39),
    ],
)
def test_what_coreboot_says_in_words(line, what, value):
    facts, lines = taken(CorebootParser, line)
    assert lines == [1]
    assert {key: told for key, (told, _) in facts.told.items()} == {what: value}

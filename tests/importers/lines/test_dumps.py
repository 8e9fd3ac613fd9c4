"""Register dumps: each format's lines, variants and traps, line by line."""

from __future__ import annotations

import pytest

from mtrrviz.importers import NoteKind, import_texts
from mtrrviz.importers.dumps.firmware.coreboot import CorebootParser
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.events import EventKind
from tests.importers.helpers import end_machine, imported, ranges, register, texts

GIB = 1 << 30
HOLE = (0x8000_0000, 4 * GIB, "UC")


def first_format(result):
    return result.sources[0].formats[0]


# /proc/mtrr


def test_proc_mtrr_today():
    result = imported(
        "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
        "reg03: base=0x0ffde0000 ( 4093MB), size=  128KB, count=1: write-protect\n"
        "reg02: base=0x39bfa0000000 (60553728MB), size=  512MB, count=1: write-combining\n"
    )
    assert first_format(result) == "proc-mtrr"
    assert ranges(result) == [
        (0, 2 * GIB, "WB"),
        (0x39BF_A000_0000, 0x39BF_C000_0000, "WC"),
        (0xFFDE_0000, 0xFFE0_0000, "WP"),
    ]
    assert register(result, 0x2FF) == 0xC00  # RAM is listed WB, so the rest must be UC
    assert "default type is not given: uncachable" in texts(result, NoteKind.ASSUMED)


def test_proc_mtrr_before_2_6_28():
    result = imported("reg01: base=0xe8000000 (3712MB), size=  32MB: write-combining, count=1\n")
    assert ranges(result) == [(0xE800_0000, 0xEA00_0000, "WC")]


def test_lines_written_to_proc_mtrr():
    result = imported(
        "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
        "reg01: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable\n"
        "echo 'base=0x400000000 size=0x20000000 type=write-combining' > /proc/mtrr\n"
        "disable=1\n"
    )
    assert ranges(result) == [HOLE, (0x4_0000_0000, 0x4_2000_0000, "WC")]


def test_an_option_answers_what_proc_mtrr_does_not_say():
    text = "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    assert register(imported(text), 0x2FF) & 0xFF == 6
    assert register(imported(text, default_type=0), 0x2FF) & 0xFF == 0


def test_a_range_no_pair_can_hold_is_left_out_aloud():
    result = imported(
        "reg00: base=0x080000000 ( 2048MB), size= 3072MB, count=1: uncachable\n"
        "reg01: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    )
    assert ranges(result) == [HOLE]
    assert "line 1" in texts(result, NoteKind.WARNING)
    assert "power of two" in texts(result, NoteKind.WARNING)


def test_a_ninth_pair_is_left_out_aloud():
    result = imported("reg09: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n")
    assert ranges(result) == []
    assert "KVM has only 8" in texts(result, NoteKind.WARNING)


def test_question_mark_types_are_said():
    assert "prints as '?'" in texts(
        imported(
            "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: ?\n"
            "reg01: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
        )
    )


# Kernel logs

DMESG = """\
[    0.000000] MTRR default type: write-back
[    0.000000] MTRR fixed ranges enabled:
[    0.000000]   00000-9FFFF write-back
[    0.000000]   A0000-BFFFF uncachable
[    0.000000]   C0000-FFFFF write-protect
[    0.000000] MTRR variable ranges enabled:
[    0.000000]   0 base 0080000000 mask FF80000000 uncachable
[    0.000000]   1 disabled
[    0.000000]   2 disabled
[    0.004986] TOM2: 0000001080000000 aka 67584M
[    0.000000] x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT
[    0.100000] smpboot: Allowing 4 CPUs, 2 hotplug CPUs
[    0.200000] something else entirely
"""


def test_dmesg_before_6_5():
    result = imported(DMESG)
    assert first_format(result) == "dmesg"
    assert ranges(result, 3) == [HOLE]
    assert register(result, 0x2FF) == 0xC06
    assert register(result, 0x277) == 0x0407_0506_0007_0106
    assert register(result, 0x259) == 0
    assert register(result, 0x268) == 0x0505_0505_0505_0505
    assert result.scenario.machine.maxphyaddr == 40
    assert result.unused == {"other lines of the kernel's log": 1}
    assert not texts(result, NoteKind.WARNING)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "<6>[    1.5] ",
        "[    0.1][    T0] ",
        "[    0.000000 <    0.000000>] ",
        "[Sun Nov 22 08:00:00 2026] ",
        "2026-11-22T08:00:00,000000+01:00 ",
        "kern  :debug : [    0.000000] ",
        "Nov 22 08:00:00 host kernel: ",
        "Nov 22 08:00:00 host kernel: [    0.1] ",
        "2026-11-22T08:00:00+0100 host kernel: ",
        "[    0.000000] host kernel: ",
    ],
)
def test_dmesg_prefixes(prefix):
    """What dmesg and its options, journalctl and syslog put before a line."""
    lines = [line.split("] ", 1)[1] for line in DMESG.splitlines()[:-1]]
    assert ranges(imported("\n".join(prefix + line for line in lines))) == [HOLE]


def test_dmesg_says_fixed_ranges_off():
    text = DMESG.replace("fixed ranges enabled", "fixed ranges disabled")
    assert register(imported(text), 0x2FF) == 0x806


def test_dmesg_of_6_5_with_the_map_only():
    result = imported(
        "[    0.000163] MTRR map: 4 entries (3 fixed + 1 variable; max 16), built from 8 "
        "variable MTRRs\n"
        "[    0.000163]   0: 0000000000000000-000000000009ffff write-back\n"
        "[    0.000163]   1: 00000000000a0000-00000000000bffff uncachable\n"
        "[    0.000163]   2: 00000000000c0000-000000007fffffff write-back\n"
        "[    0.000163]   3: 0000000080000000-00000000ffffffff uncachable\n"
        "[    0.000163]   4: 0000000100000000-000000047fffffff write-back\n"
        "[    0.000163] MTRR default type: write-back\n"
    )
    machine = end_machine(result)
    for gpa, name in ((0, "WB"), (0xA0000, "UC"), (0x9000_0000, "UC"), (4 * GIB, "WB")):
        assert machine.mtrr(0).memory_type(gpa >> 12).name == name
    assert "same effect" in texts(result, NoteKind.ASSUMED)


def test_one_line_of_counts_is_not_enough():
    line = "[    0.000163] MTRR map: 0 entries (0 fixed + 0 variable; max 16), built from 8\n"
    with pytest.raises(ScenarioError, match="nothing about memory types"):
        imported(line)


def test_sanitiser_lines():
    result = imported("[    0.0] reg 0, base: 2GB, range: 2GB, type UC\n")
    assert ranges(result) == [HOLE]


def test_the_kernels_own_complaints_are_passed_on():
    line = "[    0.1] mtrr: your CPUs had inconsistent variable MTRR settings\n"
    assert "inconsistent variable" in texts(imported(DMESG + line), NoteKind.WARNING)


# rdmsr


@pytest.mark.parametrize(
    "text",
    [
        "0x2ff c06\n0x200 80000000\n0x201 ff80000800\n",
        "2ff c06\n200 0000000080000000\n201 000000ff80000800\n",
        "DEF_TYPE (0x2ff): 0xc06\nPHYSBASE0 (0x200): 0x80000000\nPHYSMASK0: 0xff80000800\n",
        "# rdmsr 0x2ff\nc06\n# rdmsr -0 0x200\n0000000080000000\n# rdmsr 0x201\nff80000800\n",
        "me@host:~# rdmsr -d 0x2ff\n3078\n# rdmsr 512\n80000000\n$ sudo rdmsr 0x201\nff80000800",
        "0x2ff:\nc06\n0x200:\n80000000\n0x201:\nff80000800\n",
    ],
)
def test_rdmsr_forms(text):
    result = imported(text)
    assert first_format(result) == "rdmsr"
    assert register(result, 0x2FF) == 0xC06
    assert ranges(result) == [HOLE]
    assert result.scenario.machine.maxphyaddr == 40


@pytest.mark.parametrize(
    "text",
    [
        "0x2ff c06\nc06\nc00\n",  # echo -n "$m "; rdmsr -a $m
        "2ff c06 c06 c00\n",  # the same on one line
        "# rdmsr -a 0x2ff\nc06\nc06\nc00\n",
        "0x2ff:\ncpu0: c06\ncpu1: c06\ncpu2: c00\n",
    ],
)
def test_rdmsr_values_per_cpu(text):
    result = imported(text)
    assert [register(result, 0x2FF, vcpu) for vcpu in range(3)] == [0xC06, 0xC06, 0xC00]
    assert result.scenario.machine.vcpus == 3


def test_rdmsr_of_one_processor():
    result = imported("# rdmsr -p 1 0x2ff\nc06\n# rdmsr -p 0 0x2ff\nc00\n")
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC00, 0xC06]


def test_bare_values_need_a_register():
    with pytest.raises(ScenarioError, match=r"line 1: values without their register \(expected"):
        imported("c06\nc06\n", override="rdmsr")


def test_bare_values_get_the_register_from_the_files_name():
    result = imported("c06\nc00\n", name="dumps/rdmsr-2ff.txt")
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC06, 0xC00]
    assert "file's name" in texts(result, NoteKind.ASSUMED)


def test_bare_numbers_elsewhere_are_no_registers():
    result = imported(DMESG + "2ff c06\nsome words\n8\n")
    assert result.sources[0].unknown == ((15, "some words"), (16, "8"))


def test_other_msrs_are_counted():
    assert imported("0x2ff c06\n0x10 123456\n").unused == {"values of other MSRs": 1}


def test_unused_pairs_beyond_kvms_do_not_matter_and_used_ones_are_said():
    assert not texts(imported("0x2ff c06\n0x210 0\n0x211 0\n"), NoteKind.WARNING)
    result = imported("0x2ff c06\n0x210 6\n0x211 ff80000800\n")
    assert "pair 8 is in use" in texts(result, NoteKind.WARNING)


def test_values_kvm_refuses_are_left_out_aloud():
    result = imported("0x2ff c06\n0x200 80000003\n0x201 ff80000800\n")
    assert ranges(result) == []
    assert "KVM would refuse" in texts(result, NoteKind.WARNING)


def test_cpus_without_values_get_those_of_the_first():
    result = imported("0x2ff c06 c06\n", vcpus=4)
    assert register(result, 0x2FF, 3) == 0xC06
    assert "2 vCPUs without values" in texts(result, NoteKind.ASSUMED)


# Lists


@pytest.mark.parametrize(
    "text",
    [
        "0x2ff,0xc06\n0x200,0x80000000\n0x201,0xff80000800\n",
        "msr,value\n0x2ff,0xc06\n0x200,0x80000000\n0x201,0xff80000800\n",
        "IA32_MTRR_DEF_TYPE = 0xc06\nMTRRphysBase0 = 0x80000000\nMTRRphysMask0 = 0xff80000800\n",
        "2ff\tc06\n200\t80000000\n201\tff80000800\n",
    ],
)
def test_msr_lists(text):
    result = imported(text)
    assert ranges(result) == [HOLE]
    assert register(result, 0x2FF) == 0xC06


def test_msr_list_with_cpus():
    result = imported("cpu,msr,value\n0,0x2ff,0xc06\n1,0x2ff,0xc00\n")
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC06, 0xC00]


# chipsec


def test_chipsec_text():
    result = imported(
        "[CHIPSEC] CPU0: RDMSR( 0x2ff ) = 0000000000000C06 (EAX=00000C06, EDX=00000000)\n"
        "[CHIPSEC] CPU1: RDMSR( 0x2ff ) = 0000000000000C00 (EAX=00000C00, EDX=00000000)\n"
        "[cpu1] WRMSR( 0x200 ): EAX = 0x80000000, EDX = 0x00000000\n"
        "[cpu1] RDMSR( 0x201 ): EAX = 0x80000800, EDX = 0x000000FF\n"
        "[*] SMRR range base: 0x000000008B000000\n[*] Checking SMRR\n"
    )
    assert first_format(result) == "chipsec"
    assert ranges(result, 1) == [HOLE]
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC06, 0xC00]
    assert "SMRR" in texts(result, NoteKind.INFO)


@pytest.mark.parametrize("indent", [None, 2])
def test_chipsec_unit_test_recording(indent):
    import json

    content = {
        "read_phys_mem": {"(767,4)": ["(1, 1)"]},
        "read_msr": {
            "(0,767)": ["(3078, 0)", "(0, 0)"],
            "(0,512)": ["(2147483648, 0)"],
            "(0,513)": ["(2147485696, 255)"],
            "(1,767)": ["(3072, 0)"],
        },
        "get_threads_count": {"()": ["2"]},
    }
    result = imported(json.dumps(content, indent=indent))
    assert first_format(result) == "chipsec-json"
    assert result.sources[0].unknown_lines == 0
    assert ranges(result) == [HOLE]
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC06, 0xC00]


# edk2

EDK2 = """\
MTRR Settings:
=============
MTRR Default Type: 0000000000000C06
Fixed MTRR[00]   : 0606060606060606
Fixed MTRR[01]   : 0606060606060606
Fixed MTRR[02]   : 0000000000000000
Variable MTRR[00]: Base=0000000080000000 Mask=000000FF80000800

Memory Ranges:
====================================
WB:0000000000000000-000000000009FFFF
UC:00000000000A0000-00000000000FFFFF
WB:0000000000100000-000000007FFFFFFF
"""


@pytest.mark.parametrize(
    "text",
    [
        EDK2,
        EDK2.replace("Memory Ranges:", "MTRR Ranges").replace("Settings:", "Settings"),
        "\n".join("  " + line for line in EDK2.splitlines()),
        EDK2[: EDK2.index("\nMemory")],
        "Loading driver X\r\n" + EDK2.replace("\n", "\r\n"),
    ],
)
def test_edk2_dump_and_variants(text):
    result = imported(text)
    assert first_format(result) == "edk2"
    assert ranges(result) == [HOLE]
    assert register(result, 0x2FF) == 0xC06
    assert register(result, 0x258) == 0x0606_0606_0606_0606


def test_edk2_without_ranges_or_mtrrs():
    assert ranges(imported("MTRR Default Type: 0000000000000C06\nVariable MTRR    : None.\n")) == []
    assert register(imported("MTRR is not enabled.\n"), 0x2FF) & 0x800 == 0


def test_edk2_unit_test_ranges():
    result = imported(
        "\t{ 0x0000000000000000, 0x0000000080000000, WB },\n"
        "\t{ 0x0000000080000000, 0x0000000080000000, UC },\n"
    )
    mtrr = end_machine(result).mtrr(0)
    assert [mtrr.memory_type(gpa >> 12).name for gpa in (2 * GIB - 4096, 2 * GIB)] == ["WB", "UC"]


# coreboot


def test_an_entry_of_coreboots_table_is_a_line_that_is_used():
    table = " 0. 0000000000000000-0000000000000fff: CONFIGURATION TABLES\n"
    parser = CorebootParser(Facts(), Context("log"))
    assert parser.take(table.strip(), 1)
    assert not parser.take("0. some words", 2)


@pytest.mark.parametrize("level", ["", "[DEBUG]  "])
def test_coreboot_console(level):
    lines = [
        "MTRR: Physical address space:",
        "0x0000000000000000 - 0x000000000009ffff size 0x000a0000 type 6",
        "0x0000000080000000 - 0x00000000ffffffff size 0x80000000 type 0",
        *(f"apic_id 0x{apic}: MTRR: Fixed MSR 0x250 0x0606060606060606" for apic in ("0", "4")),
        "apic_id 0x0 setup mtrr for CPU physical address size: 39 bits",
        "MTRR: default type WB/UC MTRR counts: 6/6.",
        "MTRR: UC selected as default type.",
        "MTRR: 0 base 0x0000000000000000 mask 0x0000007f80000000 type 6",
        "MTRR: 1 base 0x0000000100000000 mask 0x0000007f00000000 type 6",
        "BS: BS_DEV_INIT exit times (exec / console): 61 / 0 ms",
    ]
    result = imported("\n".join(level + line for line in lines))
    assert first_format(result) == "coreboot"
    assert ranges(result, 1) == [(0, 2 * GIB, "WB"), (4 * GIB, 8 * GIB, "WB")]
    assert register(result, 0x2FF) == 0xC00
    assert result.scenario.machine.maxphyaddr == 39
    assert result.scenario.machine.vcpus == 2
    assert result.sources[0].unknown_lines == (0 if level else 1)


# What all dumps share


def test_state_is_written_in_the_kernels_order():
    events = imported(DMESG).scenario.events
    first = [e for e in events if e.vcpu == 0 and e.kind is EventKind.VMM_WRMSR]
    assert first[0].register == first[-1].register == 0x2FF
    assert first[0].value == 0x406
    assert first[-1].value == 0xC06
    assert {e.origin for e in events} == {"import"}
    assert {e.time_ns for e in events} == {0}
    assert events[-1].kind is EventKind.DMA_ATTACH


def test_contradicting_values_are_said():
    assert "twice" in texts(imported("0x2ff c06\n0x2ff c00\n"), NoteKind.WARNING)


def test_a_different_number_of_pairs_is_said():
    assert "10 variable ranges" in texts(imported("0xfe 50a\n0x2ff c06\n"))


def test_a_map_alone_leaves_mtrrs_off_aloud_and_an_option_sets_them():
    text = "00100000-bfffffff : System RAM\n[    0.1] smpboot: Allowing 2 CPUs, 0 hotplug CPUs\n"
    off = imported(text)
    assert register(off, 0x2FF) == 0
    assert "no MTRR is in the files" in texts(off, NoteKind.WARNING)
    assert register(imported(text, default_type=6), 0x2FF, 1) == 0xC06


@pytest.mark.parametrize("line", ["$ rdmsr 0089", "base=089 size=4096 type=write-back"])
def test_numbers_c_would_not_read_make_unknown_lines(line):
    assert imported(f"{line}\n0x2ff c06\n").sources[0].unknown == ((1, line),)


def test_decimal_numbers_with_leading_zeros_in_json():
    text = '{"read_msr": {"(00,0767)": ["(03078, 00)"]}}'
    assert register(imported(text), 0x2FF) == 0xC06


def test_octal_register_numbers_as_rdmsr_reads_them():
    assert register(imported("# rdmsr 01377\nc06\n"), 0x2FF) == 0xC06


def test_registers_that_one_file_leaves_out_come_from_another():
    """rdmsr of the first registers only; the rest is in the kernel's log and /proc/mtrr."""
    result = import_texts(
        [
            ("rdmsr", b"0x250 0x0606060606060606\n0x200 0x80000000\n0x201 0xff80000800\n"),
            ("dmesg", DMESG.encode()),
            ("mtrr", b"reg03: base=0x100000000 ( 4096MB), size= 1024MB, count=1: write-through\n"),
        ]
    )
    assert register(result, 0x250) == 0x0606_0606_0606_0606
    assert register(result, 0x268) == 0x0505_0505_0505_0505
    assert ranges(result) == [HOLE, (4 << 30, 5 << 30, "WT")]


@pytest.mark.parametrize(
    "text",
    [
        "=== CPU 0 ===\n0x2ff 0xc06\n=== CPU 1 ===\n0x2ff 0xc00\n",
        "CPU 0\n0x2ff c06\nCPU 1\n0x2ff c00\n",
        "cpu0 0x2ff 0xc06\ncpu1 0x2ff 0xc00\n",
        "cpu0: MTRRdefType c06\ncpu1: MTRRdefType c00\n",
    ],
)
def test_registers_listed_cpu_by_cpu(text):
    result = imported(text)
    assert [register(result, 0x2FF, vcpu) for vcpu in (0, 1)] == [0xC06, 0xC00]
    assert result.sources[0].unknown_lines == 0


def test_names_with_their_values_behind_a_space():
    result = imported(
        "IA32_MTRR_DEF_TYPE 0xc06\nMTRRphysBase0 80000000\nMTRRphysMask0 ff80000800\n"
    )
    assert register(result, 0x2FF) == 0xC06
    assert ranges(result) == [HOLE]

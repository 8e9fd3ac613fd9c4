"""Dumps of other programs, and what stands around a log: each in the form that it is pasted in."""

from __future__ import annotations

import json
import textwrap

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.analysis.explaining.host_steps import decider_words
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.sdm.hardware_rules import host_rules
from mtrrviz.importers import import_texts
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.reading import read_texts
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.machine_spec import Maker
from mtrrviz.sim import simulate

WB, UC, WC = MemoryType.WB, MemoryType.UC, MemoryType.WC
PROC = (
    "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
    "reg01: base=0x07c000000 ( 1984MB), size=   64MB, count=1: uncachable\n"
)
KERNEL = [
    "Linux version 5.10.0-8-amd64 (builder@host) (gcc-10 10.2.1) #1 SMP",
    "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
    "BIOS-e820: [mem 0x0000000000100000-0x000000007bffffff] usable",
    "BIOS-e820: [mem 0x000000007c000000-0x000000007fffffff] reserved",
    "last_pfn = 0x7c000 max_arch_pfn = 0x400000000",
    "MTRR default type: uncachable",
    "MTRR variable ranges enabled:",
    "  0 base 0000000000 mask 7F80000000 write-back",
    "  1 base 007C000000 mask 7FFC000000 uncachable",
    "  2 disabled",
    "mtrr: no more MTRRs available",
]


def read(text):
    facts = Facts()
    reports = read_texts(facts, [("pasted", text.encode())])
    return facts, reports[0]


def host(text):
    return import_texts([("pasted", text.encode())])


def rules_of(text):
    return [problem.rule for problem in check(simulate(host(text).scenario, "hardware"))]


def ram_of(text):
    return [
        (r.start, r.end)
        for r in host(text).scenario.machine.regions
        if r.kind.name == "RAM" and r.end > 1 << 20
    ]


def pairs_of(facts):
    return {r.msr: r.value for r in facts.registers if 0x200 <= r.msr < 0x250}


def test_x86info_says_in_brackets_what_bits_mean():
    text = (
        "MTRRcap (0xfe): 0x0000000000000508 (smrr flag: 0, wc flag:1, fix flag:1, vcnt field: 8)\n"
        "MTRRphysBase0 (0x200): 0x0000000040000006 (physbase field:0x040000 type field: 0x06 "
        "(write-back))\n"
        "MTRRphysMask0 (0x201): 0x0000000fc0000800 (physmask field:0xfc0000 valid flag: 1)\n"
        "MTRRfix16K_A0000 (0x259): 0x0000000000000000\n"
        "MTRRdefType (0x2ff): 0x0000000000000c00 (fixed-range flag: 1, mtrr flag: 1, default "
        "type: 0x00 (uncacheable))\n"
    )
    facts, report = read(text)
    assert report.unknown_lines == 0
    values = {r.msr: r.value for r in facts.registers}
    assert values == {
        0xFE: 0x508, 0x200: 0x4000_0006, 0x201: 0xF_C000_0800, 0x259: 0, 0x2FF: 0xC00,
    }  # fmt: skip


def test_uboot_lists_pairs_with_their_valid_bits():
    facts, report = read(
        "=> mtrr\nCPU 0:\n"
        "Reg Valid Write-type   Base   ||        Mask   ||        Size   ||\n"
        "0   Y     Back         0000000000000000 0000000f80000000 0000000080000000\n"
        "1   Y     Combine      00000000c0000000 0000000ff0000000 0000000010000000\n"
        "2   N     Uncacheable  0000000000000000 0000000000000000 0000001000000000\n"
    )
    assert report.unknown_lines == 0
    assert pairs_of(facts) == {
        0x200: 6, 0x201: 0xF_8000_0800, 0x202: 0xC000_0001, 0x203: 0xF_F000_0800,
        0x204: 0, 0x205: 0,
    }  # fmt: skip
    assert facts.value(Told.PAIRS) == 3


def test_fwts_prints_the_address_behind_a_range():
    facts, _ = read(
        "Reg 0: 0x0000000000000000 - 0x0000000080000000 (  2048 MB)   Write-Back\n"
        "Reg 1: 0x000000007c000000 - 0x0000000080000000 (    64 MB)   Uncached\n"
    )
    found = [(r.index, r.base, r.size, r.type) for r in facts.ranges]
    assert found == [(0, 0, 2 << 30, WB), (1, 0x7C00_0000, 64 << 20, UC)]


def test_linuxbios_sets_fixed_ranges_one_over_the_other():
    facts, report = read(
        "Setting fixed MTRRs(0-88) Type: UC\n"
        "Setting fixed MTRRs(0-16) Type: WB\n"
        "Setting fixed MTRRs(24-88) Type: WB\n"
        "DONE fixed MTRRs\n"
        "Setting variable MTRR 0, base:    0MB, range:  256MB, type WB\n"
        "ADDRESS_MASK_HIGH=0xf\n"
        "DONE variable MTRRs\n"
    )
    assert report.unknown_lines == 0
    assert facts.value(Told.MAXPHYADDR) == 36
    last = [(f.start, f.end, f.type) for f in facts.fixed]
    assert last == [(0, 1 << 20, UC), (0, 0xA0000, WB), (0xC0000, 1 << 20, WB)]


def test_linuxbios_on_amd_keeps_the_bits_that_send_accesses_to_ram():
    result = host(
        "Setting fixed MTRRs(0-88) type: UC\n"
        "Setting fixed MTRRs(0-16) Type: WB, RdMEM, WrMEM\n"
        "Setting fixed MTRRs(24-88) Type: WB, RdMEM\n"
        "Setting variable MTRR 0, base:    0MB, range: 1024MB, type WB\n"
    )
    assert result.scenario.machine.maker is Maker.AMD
    values = {e.register: e.value for e in result.scenario.events if e.register}
    assert values[0x250] == 0x1E1E_1E1E_1E1E_1E1E
    assert values[0x259] == 0
    assert values[0x268] == 0x1616_1616_1616_1616


def test_lscpu_tells_width_count_and_hypervisor():
    facts, report = read(
        "Architecture:          x86_64\nAddress sizes:   43 bits physical, 48 bits virtual\n"
        "CPU(s):                6\nVendor ID:             AuthenticAMD\n"
        "Hypervisor vendor:     KVM\nL1d cache:             32 KiB\n"
    )
    assert report.unknown_lines == 0
    assert (facts.value(Told.MAXPHYADDR), facts.value(Told.VCPUS)) == (43, 6)
    assert {s.sign.name for s in facts.signs} == {"AMD", "GUEST"}


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("Failed to add WC MTRR for [0xc0000000-0xcfffffff]: -28; performance may suffer",
         0xC000_0000, 0xD000_0000),
        ("(WW) intel(0): Failed to set up write-combining range (0xe0000000,0x1000000)",
         0xE000_0000, 0xE100_0000),
        ("[    3.5] [drm] MTRR allocation failed.  Graphics performance may suffer.", 0, 0),
    ],
)  # fmt: skip
def test_a_driver_without_its_write_combining_range(line, start, end):
    facts, _ = read(line)
    assert [(c.kind, c.start, c.end) for c in facts.complaints] == [
        (ComplaintKind.REFUSED_WC, start, end)
    ]
    problems = rules_of(line)
    assert "kernel-no-wc-range" in problems
    both = f"{line}\nmtrr: no more MTRRs available\n"
    problems = rules_of(both)
    assert "kernel-no-wc-range" not in problems
    assert "kernel-no-free-pair" in problems


def test_a_sentence_on_mtrrs_is_no_complaint_of_the_kernel():
    facts, _ = read("When VAR_MTRR_HOLE is set, Linux does not add the range\n" + PROC)
    assert facts.complaints == []


def test_a_driver_tells_how_many_pairs_there_are():
    facts, _ = read("mtrr: Pentium Pro MTRR support, 10 var ranges, 88 fixed ranges\n" + PROC)
    assert facts.complaints == []
    assert facts.value(Told.PAIRS) == 10


def test_the_later_of_two_lists_counts_alone():
    later = "reg00: base=0x000000000 (    0MB), size= 1024MB, count=1: write-back\n"
    facts, _ = read(f"before:\n{PROC}after:\n{later}")
    assert [(r.index, r.size) for r in facts.ranges] == [(0, 1 << 30)]
    assert any("more than once" in note.text for note in facts.notes)


def test_a_part_of_a_list_quoted_again_changes_nothing():
    facts, _ = read(PROC + "you wrote\n> " + PROC.splitlines()[0] + "\n")
    assert sorted((r.index, r.size) for r in facts.ranges) == [(0, 2 << 30), (1, 64 << 20)]
    assert not any("more than once" in note.text for note in facts.notes)


def test_lists_on_one_line():
    flat = "cat /proc/mtrr " + " ".join(PROC.split()) + " (as the firmware set them)"
    facts, _ = read(flat)
    assert [(r.index, r.size) for r in facts.ranges] == [(0, 2 << 30), (1, 64 << 20)]
    dmesg = " ".join(f"[    0.00{n:04}] {line.strip()}" for n, line in enumerate(KERNEL))
    assert pairs_of(read(dmesg)[0]) == pairs_of(read("\n".join(KERNEL))[0])


@pytest.mark.parametrize(
    "prompt",
    ["user@host:~$ ", "user@host:~$ free -m", "\u279c  ~", "--($:~)-- cat /proc/mtrr",
     "[me@box ~]# uname -a", "cat /proc/mtrr", "dmesg |grep MTRR", "[me@box] ~% dmesg", "$ lscpu"],
)  # fmt: skip
def test_prompts_and_commands_are_no_unknown_lines(prompt):
    facts, report = read(f"[    0.1] mtrr: no more MTRRs available\n{prompt}\n{PROC}{prompt}\n")
    assert report.unknown_lines == 0
    assert [c.text for c in facts.complaints] == ["mtrr: no more MTRRs available"]
    assert len(facts.ranges) == 2


def entry(index, message):
    return {
        "__CURSOR": f"s=ab;i={index}",
        "__REALTIME_TIMESTAMP": str(1_700_000_000_000_000 + index),
        "_BOOT_ID": "0123456789abcdef0123456789abcdef",
        "_TRANSPORT": "kernel",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "kernel",
        "MESSAGE": message,
    }


def pretty(entries):
    return "".join(json.dumps(one, indent="\t", separators=(",", " : ")) + "\n" for one in entries)


def export(entries):
    return "".join("".join(f"{k}={v}\n" for k, v in one.items()) + "\n" for one in entries)


def verbose(entries):
    return "".join(
        f"Tue 2023-11-14 22:13:20.{n:06} UTC [s=ab;i={n:x};b=01;m=1;t=2;x=3]\n"
        + "".join(f"    {k}={v}\n" for k, v in one.items() if k[:2] != "__")
        for n, one in enumerate(entries)
    )


@pytest.mark.parametrize("form", [pretty, export, verbose])
def test_fields_of_a_journal_are_no_unknown_lines(form):
    facts, report = read(form([entry(n, line) for n, line in enumerate(KERNEL)]))
    plain, _ = read("\n".join(KERNEL))
    assert report.unknown_lines == 0
    assert pairs_of(facts) == pairs_of(plain) != {}
    assert [c.text for c in facts.complaints] == [c.text for c in plain.complaints]
    assert [(m.start, m.end) for m in facts.memory] == [(m.start, m.end) for m in plain.memory]


def test_a_log_without_its_beginning_has_the_low_last_pfn_only():
    text = (
        "MTRR default type: uncachable\nMTRR variable ranges enabled:\n"
        "  0 base 0000000000 mask 7F80000000 write-back\n"
        "  1 base 0100000000 mask 7F80000000 write-back\n  2 disabled\n"
        "last_pfn = 0x7c000 max_arch_pfn = 0x400000000\n"
    )
    assert ram_of(text)[-1] == (4 << 30, 6 << 30)
    assert max(end for _, end in ram_of(text) if end <= 4 << 30) == 0x7C00_0000
    whole = "last_pfn = 0x7c000 max_arch_pfn = 0x400000000\n" + text
    assert ram_of(whole)[-1][1] == 0x7C00_0000


def test_coreboot_says_what_it_caches():
    text = (
        "MTRR: Physical address space:\n"
        "0x0000000000000000 - 0x00000000000a0000 size 0x000a0000 type 6\n"
        "0x00000000000c0000 - 0x000000007b000000 size 0x7af40000 type 6\n"
        "0x000000007b000000 - 0x0000000100000000 size 0x85000000 type 0\n"
        "0x0000000100000000 - 0x0000000180000000 size 0x80000000 type 6\n"
        "MTRR: WB selected as default type.\n"
        "MTRR: 0 base 0x000000007b000000 mask 0x0000007fff000000 type 0\n"
        "MTRR: 1 base 0x000000007c000000 mask 0x0000007ffc000000 type 0\n"
        "MTRR: 2 base 0x0000000080000000 mask 0x0000007f80000000 type 0\n"
    )
    assert ram_of(text) == [(1 << 20, 0x7B00_0000), (4 << 30, 6 << 30)]


def test_fixed_registers_alone_say_nothing_about_ram():
    assert ram_of("$ rdmsr 0x250\n606060606060606\n$ rdmsr 0x2ff\nc00\n") == []


@pytest.mark.parametrize(
    ("byte", "words"),
    [
        (0x1E, "by RdMem and WrMem reads and writes go to RAM"),
        (0x06, "by RdMem and WrMem reads and writes go to the bus"),
        (0x15, "by RdMem reads go to RAM, by WrMem writes to the bus"),
    ],
)
def test_bits_of_amd_say_where_accesses_go(byte, words):
    value = f"{byte:02x}" + "1e" * 7
    machine = host_machine(f"0x26f {value}")
    assert words in host_rules(machine, 0, 0xFF)[-1].note
    assert "RdMem" not in host_rules(host_machine("0x26f 606060606060606"), 0, 0xFF)[-1].note


def host_machine(line):
    text = f"{line}\n0x2ff c00\nvendor_id : AuthenticAMD\n"
    return simulate(host(text).scenario, "hardware").at(0).machine


@pytest.mark.parametrize("width", [34, 36, 44, 72])
@pytest.mark.parametrize("head", ["", "[    0.000000] "])
def test_mail_wrapped_at_narrow_columns(width, head):
    lines = [head + line for line in KERNEL]
    wrapped = [
        f"> > {piece}"
        for line in lines
        for piece in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    ]
    facts, _ = read("\n".join(wrapped))
    plain, _ = read("\n".join(lines))
    assert pairs_of(facts) == pairs_of(plain) != {}
    assert [(m.start, m.end) for m in facts.memory] == [(m.start, m.end) for m in plain.memory]
    assert [c.text for c in facts.complaints] == [c.text for c in plain.complaints]
    assert facts.value(Told.DEFAULT_TYPE) is not None


def test_proc_mtrr_wrapped_behind_quotes():
    pieces = [p for line in PROC.splitlines() for p in textwrap.wrap(line, 36)]
    facts, _ = read("\n".join(f"> > {piece}" for piece in pieces))
    assert [(r.index, r.size) for r in facts.ranges] == [(0, 2 << 30), (1, 64 << 20)]


def test_pairs_that_nobody_told_are_named_together():
    machine = simulate(host("0x2ff c00\n0x206 0\n0x207 0\n0xfe 508\n").scenario, "hardware").at(0)
    assert decider_words(explain(machine, 0x10_0000, 0).steps) == "variable ranges 0-2, 4-7"

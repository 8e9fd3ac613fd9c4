"""Single lines that the reader once got wrong, and costs that must follow a line's length."""

from __future__ import annotations

import json

import pytest

from mtrrviz.importers.dumps.msr_tools import rdmsr
from mtrrviz.importers.facts import Facts, MemoryUse, Sign, Told, short
from mtrrviz.importers.kernel.beginnings import is_device_line
from mtrrviz.importers.lines.clean import (
    MAX_NESTING,
    MIN_UNPACKED,
    SHORTEST_UNPACKED,
    cleaned,
    cut_before_last_line,
)
from mtrrviz.importers.machine.dump import device_start
from mtrrviz.importers.reading import read_texts
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.events import EventKind
from tests.importers.helpers import imported, ranges, register
from tests.importers.traces.test_traces import WRITE, line

GIB = 1 << 30


def read(text):
    facts = Facts()
    (report,) = read_texts(facts, [("pasted", text.encode())])
    return facts, report


def memory(text):
    return [(m.start, m.end, m.source, m.use) for m in read(text)[0].memory]


RAM, RESERVED, DEVICE = MemoryUse.RAM, MemoryUse.RESERVED, MemoryUse.DEVICE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BIOS-e820: [mem 0x0-0xfff] usable", (0, 0x1000, "e820", RAM)),
        (" BIOS-e820: 0000 - 1000 (usable)", (0, 0x1000, "e820", RAM)),
        (" BIOS-88: 1000 @ 2000 (usable)", (0x2000, 0x3000, "e820", RAM)),
        ("Xen: [mem 0x0-0xfff] reserved", (0, 0x1000, "e820", RESERVED)),
        (" Xen: 0000 - 1000 (usable)", (0, 0x1000, "e820", RAM)),
        (" modified: 0000 - 1000 (reserved)", (0, 0x1000, "e820-kernel", RESERVED)),
        ("user: [mem 0x0-0xfff] usable", (0, 0x1000, "e820-kernel", RAM)),
        ("e820: remove [mem 0x1000-0x1fff] usable", (0x1000, 0x2000, "e820-kernel", RESERVED)),
        (
            "e820 update range: 1000 - 2000 (usable) ==> (reserved)",
            (0x1000, 0x2000, "e820-kernel", RESERVED),
        ),
        ("BIOS-e820: [mem 0x0-0xfff] type 20", (0, 0x1000, "e820", RESERVED)),
        ("BIOS-e820: [mem 0x0-0xfff] soft reserved", (0, 0x1000, "e820", RESERVED)),
        (
            "BIOS-e820: [mem 0x0-0xfff] persistent (type 12)",
            (0, 0x1000, "e820", MemoryUse.PERSISTENT),
        ),
        ("BIOS-e820: [mem 0x0-0xfff] unusable", (0, 0x1000, "e820", MemoryUse.UNUSABLE)),
        (
            "efi: mem00: type=7, attr=0xf, range=[0x0000000000001000-0x0000000000002000) (0MB)",
            (0x1000, 0x2000, "efi", RAM),
        ),
        (
            (
                "efi: mem01: [Conventional Memory|   |  |  |  |  |  |  |  |   |WB|WT|WC|UC] "
                "range=[0x0000000000001000-0x0000000000001fff] (0MB)"
            ),
            (0x1000, 0x2000, "efi", RAM),
        ),
        (
            (
                "efi: mem02: [Memory Mapped I/O  |RUN|  |  |  |  |  |  |  |   |  |  |  |UC] "
                "range=[0x00000000f8000000-0x00000000fbffffff] (64MB)"
            ),
            (0xF800_0000, 0xFC00_0000, "efi", DEVICE),
        ),
        (
            "PAT: [mem 0xf8000000-0xfc000000] write-combining",
            (0xF800_0000, 0xFC00_0000, "pat", None),
        ),
        (
            "write-combining @ 0xf8000000-0xfc000000",
            (0xF800_0000, 0xFC00_0000, "pat", None),
        ),
        (
            "Available  0000000000001000-0000000000001FFF 0000000000000001 000000000000000F",
            (0x1000, 0x2000, "efi", RAM),
        ),
        (
            "SMAP type=01 base=0000000000000000 len=000000000009fc00",
            (0, 0x9FC00, "e820", RAM),
        ),
        (
            (
                "/sys/firmware/memmap/0/end:0xfff\n/sys/firmware/memmap/0/start:0x0\n"
                "/sys/firmware/memmap/0/type:System RAM"
            ),
            (0, 0x1000, "memmap", RAM),
        ),
        (
            "PCI: ECAM [mem 0xe0000000-0xefffffff] (base 0xe0000000) for domain 0000 [bus 00-ff]",
            (0xE000_0000, 0xF000_0000, "kernel", DEVICE),
        ),
        (
            "PCI: MMCONFIG 0: base e0000000 segment 0 buses 0 - 255",
            (0xE000_0000, 0xF000_0000, "kernel", DEVICE),
        ),
        (
            "pci_bus 0000:00: root bus resource [mem 0x80000000-0xdfffffff window]",
            (0x8000_0000, 0xE000_0000, "kernel", DEVICE),
        ),
        (
            "pci 0000:00:02.0: reg 0x18: [mem 0xd0000000-0xdfffffff 64bit pref]",
            (0xD000_0000, 0xE000_0000, "kernel", DEVICE),
        ),
        (
            "pci 0000:00:02.0: BAR 2 [mem 0xd0000000-0xdfffffff 64bit pref]",
            (0xD000_0000, 0xE000_0000, "kernel", DEVICE),
        ),
        (
            "Reserving Intel graphics memory at [mem 0x7c000000-0x7fffffff]",
            (0x7C00_0000, 0x8000_0000, "kernel", DEVICE),
        ),
        (
            "IOAPIC[0]: apic_id 2, version 32, address 0xfec00000, GSI 0-23",
            (0xFEC0_0000, 0xFEC0_1000, "kernel", DEVICE),
        ),
        (
            "[mem 0xa0000000-0xfedfffff] available for PCI devices",
            (0xA000_0000, 0xFEE0_0000, "kernel", DEVICE),
        ),
        (
            "ACPI: HPET id: 0x8086a201 base: 0xfed00000",
            (0xFED0_0000, 0xFED0_1000, "kernel", DEVICE),
        ),
        (
            "PAT: [mem 0x00000000e0000000-0x00000000e8000000] write-combining",
            (0xE000_0000, 0xE800_0000, "pat", None),
        ),
        (
            "\tMemory at f0000000 (64-bit, prefetchable) [size=256M]",
            (0xF000_0000, 0x1_0000_0000, "lspci", DEVICE),
        ),
        (
            "\tMemory behind bridge: f7d00000-f7dfffff [size=1M]",
            (0xF7D0_0000, 0xF7E0_0000, "lspci", DEVICE),
        ),
    ],
)
def test_wordings_of_memory(text, found):
    assert memory(text) == [found]
    assert memory("\n".join(f"> {one}" for one in text.split("\n"))) == [found]


def test_memcontrol_of_freebsd():
    text = (
        "0x0/0x10000 BIOS write-back fixed-base fixed-length set-by-firmware active\n"
        "0x0/0x80000000 BIOS write-back set-by-firmware active\n"
        "0xd0000000/0x10000000 drm write-combine active\n"
    )
    facts, report = read(text)
    assert [(r.index, r.base, r.size, r.type.name) for r in facts.ranges] == [
        (0, 0, 2 * GIB, "WB"),
        (1, 0xD000_0000, GIB // 4, "WC"),
    ]
    assert [(f.start, f.end, f.type.name) for f in facts.fixed] == [(0, 0x10000, "WB")]
    assert report.unknown_lines == 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Hypervisor detected: KVM", Sign.GUEST),
        ("Booting paravirtualized kernel on KVM", Sign.GUEST),
        ("Booting paravirtualized kernel on bare hardware", Sign.HOST),
        ("Hypervisor detected: Xen PV", Sign.HOST),
        ("Hypervisor detected: Xen HVM", Sign.GUEST),
        ("Booting paravirtualized kernel on Xen", Sign.HOST),
        ("Booting paravirtualized kernel on Xen HVM", Sign.GUEST),
        ("Hardware name: VMware, Inc. VMware Virtual Platform", Sign.GUEST),
        ("Xen version 4.11.4 (Debian)", Sign.HOST),
        ("CPU Vendor: AMD, Family 23", Sign.AMD),
        ("vendor_id\t: GenuineIntel", Sign.INTEL),
        ("DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014", Sign.GUEST),
        ("DMI: Example Boards EX-1/EX-1, BIOS 1.0 01/02/2020", Sign.HOST),
        ("smpboot: CPU0: AMD Ryzen 7 PRO 4750U (family: 0x17, model: 0x60)", Sign.AMD),
        ("CPU0: Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz stepping 03", Sign.INTEL),
    ],
)
def test_signs(text, sign):
    facts, _ = read(f"[    0.000000] {text}\n")
    assert [(one.sign, one.place.line) for one in facts.signs] == [(sign, 1)]


def test_ram_by_the_kernels_memory_line():
    facts, _ = read("[    0.1] Memory: 8000000K/8388608K available (20480K kernel code)\n")
    assert facts.value(Told.MEMORY_BYTES) == 8 * GIB


def test_a_refusal_quotes_the_line_that_came_nearest():
    text = "Dear list,\nhere is my box\nMTRR base 0x1000 size 5 usable or so\nRegards\n"
    with pytest.raises(ScenarioError, match=r"line 3: .*'MTRR base 0x1000 size 5 usable or so'"):
        imported(text)


def test_prose_with_dates_is_no_trace():
    text = "On 12.02.24 09:30, Y wrote:\nOn Mon, Feb 12, 2024 at 09:41:17AM +0100, X wrote:\n"
    facts, report = read(text + "0x2ff c06\n")
    assert not facts.traces
    assert report.unknown_lines == 2
    assert not any("trace" in words for words in facts.unused)


def test_a_quoted_trace_is_a_trace():
    quoted = "".join(f"> {one}\n" for one in (WRITE * 3).splitlines())
    events = [e for e in imported(quoted).scenario.events if e.origin == "guest"]
    assert len(events) == 3


@pytest.mark.parametrize("filler", ["a ", "(", "x: ", "1 (", ". "])
def test_a_long_name_of_a_thread_costs_no_more_than_its_length(filler):
    """The pattern of a thread's name once took a minute for a line of 60 KB."""
    long = line("msr_write 2ff = 0xc06", task=(filler * 60_000)[:60_000] + "x-1")
    result = imported(WRITE + long)
    assert result.sources[0].unknown_lines == 1


def test_microseconds_are_rounded_not_cut():
    """Of six decimals a float holds, some are a little below what was printed."""
    times = [f"2.{us:06}" for us in range(0, 1_000_000, 977)]
    text = "".join(line("msr_write 2ff = 0xc06", t=t) for t in times)
    facts, _ = read(text)
    found = facts.traces[0].accesses.signed_column("time_ns").tolist()
    assert found == [2 * 10**9 + us * 1000 for us in range(0, 1_000_000, 977)]


@pytest.mark.parametrize(("value", "ran_before"), [("0x40000011", True), ("0x11", False)])
def test_a_first_cr0_write_that_sets_cd_comes_from_a_system_that_ran(value, ran_before):
    """Out of RESET CD is set already, so who sets it had cleared it; paging is off in both."""
    result = imported(WRITE + line(f"cr_write 0 = {value}", event="kvm_cr"))
    moves = [e for e in result.scenario.events if e.kind is EventKind.MOV_CR0]
    assert [e.origin == "import" for e in moves] == [True, False][not ran_before :]


def test_a_trial_of_the_clean_up_after_the_optimum_is_what_stays():
    text = (
        "  0 base 000000000 mask F00000000 write-back\n"
        "  1 base 0C0000000 mask FC0000000 uncachable\n"
        "  2 disabled\n"
        "total RAM covered: 3072M\n"
        "Found optimal setting for mtrr clean up\n"
        "Setting variable MTRR 0, base: 0GB, range: 2GB, type WB\n"
        "Setting variable MTRR 1, base: 2GB, range: 1GB, type WB\n"
    )
    assert ranges(imported("".join(f"[    0.0] {one}\n" for one in text.splitlines()))) == [
        (0, 2 * GIB, "WB"),
        (2 * GIB, 3 * GIB, "WB"),
    ]


def test_json_of_the_journal():
    lines = [
        '{"_HOSTNAME":"box","MESSAGE":"MTRR default type: uncachable","PRIORITY":"6"}',
        '{"_HOSTNAME":"box","MESSAGE":"  0 base 000000000 mask F80000000 write-back"}',
    ]
    facts, report = read("\n".join(lines))
    assert facts.value(Told.DEFAULT_TYPE) == 0
    assert [r.value for r in facts.registers] == [6, 0xF_8000_0800]
    assert [r.place.line for r in facts.registers] == [2, 2]
    assert report.unknown_lines == 0


def test_several_registers_in_a_sentence():
    result = imported("It wrote `0x2ff=0xc00` after `0x200=0x6`, `0x201=0x3fff80000800`.\n")
    assert register(result, 0x2FF) == 0xC00
    assert ranges(result) == [(0, 2 * GIB, "WB")]


PACKED = (
    '"\\n', '"\\\\n', '\\n"', '"\\n",', '["\\n",', '"a\\n', '"\\\\u005cn', '<br>x', '<p>"\\n"</p>',
    '&lt;br&gt;x', '"\\"\\\\n\\""', "'\\n'", '{"MESSAGE":"\\n"}', "`<br>`",
)  # fmt: skip
"""What unpacks to many lines for its length, over and over."""


@pytest.mark.parametrize("unit", PACKED)
def test_what_is_packed_into_lines_gives_no_more_lines_than_a_log_of_that_length(unit, monkeypatch):
    decoded, loads = [], json.loads
    monkeypatch.setattr(
        json, "loads", lambda text, **how: decoded.append(text) or loads(text, **how)
    )
    line = unit * (80_000 // len(unit))
    room = 3 * len(line) // SHORTEST_UNPACKED + MIN_UNPACKED
    found = cleaned([line] * 3, range(3), lambda _: 0, is_coded=False)
    assert 3 <= len(found.lines) <= room + 3
    assert sum(map(len, decoded)) <= MAX_NESTING * 3 * len(line)
    assert len(decoded) <= room


def test_a_log_in_one_string_is_read_whole():
    log = "mtrr: a line of a log that is of no use\n" * 6000 + "MTRR default type: write-back\n"
    packed = log.replace("\n", "\\n")
    assert read(f'"{packed}"')[0].value(Told.DEFAULT_TYPE) == 6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WB:0000000000100000-000000007FFFFFFF", (1 << 20, 0x7FF0_0000, "WB")),
        ("\t{ 0x0000000080000000, 0x0000000040000000, UC },", (2 << 30, 1 << 30, "UC")),
    ],
)
def test_ranges_of_edk2_have_their_start_size_and_type(text, found):
    facts, _ = read(text)
    assert [(one.base, one.size, one.type.name) for one in facts.ranges] == [found]


@pytest.mark.parametrize("length", [79, 80, 81, 200])
def test_a_text_in_a_message_is_whole_or_80_characters_of_it(length):
    text = "abcdefghij" * 20
    shown = short(text[:length])
    assert shown == (text[:length] if length <= 80 else text[:77] + "...")


def test_a_text_of_which_no_line_begins_anew_is_cut_at_its_end():
    assert cut_before_last_line(["one", "two", "three"]) == 3
    assert cut_before_last_line(["one", "", "three"]) == 1


@pytest.mark.parametrize(
    ("values", "start"),
    [
        ({0x200: 0x8000_0000, 0x201: 0xF_8000_0800}, 0x8000_0000),
        ({0x200: 0x8000_0000, 0x201: 0xF_8000_0000}, 0),  # the pair is off
        ({0x200: 0x8000_0000}, 0),  # its mask is not known
        ({0x200: 0x8000_0001, 0x201: 0xF_8000_0800}, 0),  # not UC
        ({0x200: 0x8000_0006, 0x201: 0xF_8000_0800, 0x202: 0xC000_0000, 0x203: 0x800}, 3 << 30),
        ({0x200: 0xC000_0000, 0x201: 0x800, 0x202: 0x8000_0000, 0x203: 0x800}, 2 << 30),
        ({0x200: 1 << 20, 0x201: 0x800}, 1 << 20),
        ({0x200: 0xF_F000, 0x201: 0x800}, 0),
        ({0x200: 0xFFFF_F000, 0x201: 0x800}, 0xFFFF_F000),
        ({0x200: 1 << 32, 0x201: 0x800}, 0),
        ({0x201: 0x800}, 0),
    ],
)
def test_devices_start_at_the_lowest_uc_range_between_1_mib_and_4_gib(values, start):
    assert device_start(values) == start


@pytest.mark.parametrize(
    ("text", "is_device"),
    [
        ("pci 0000:00:02.0: reg 0x18: [mem 0xd0000000-0xdfffffff 64bit pref]", True),
        ("pci 0000:00:02.0: MTRR 0x200 is kept", False),  # it names a register
        ("pci 0000:00:02.0: 0x201 = 0xfc0000800", False),
        ("MTRR default type: uncachable", False),
        ("usb 1-1: new device", False),
    ],
)
def test_a_line_is_of_devices_alone_if_it_names_no_register(text, is_device):
    assert is_device_line(text) == is_device


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("0x2ff 0xc06", True),
        ("0x10 0xc06", False),  # the time stamp counter
        ("c06", False),  # a bare value: nothing says of what
        ("", False),
    ],
)
def test_a_list_of_registers_is_known_by_those_that_matter(text, is_known):
    sample = ["some words", text, "more words"]
    assert (rdmsr.FORMAT.recognise(sample) is not None) == is_known


@pytest.mark.parametrize("count", [1, 3])
def test_values_of_other_registers_in_a_list_are_counted(count):
    facts, _ = read("msr,value\n0x2ff,0xc06\n" + "0x10,0x5\n" * count)
    assert facts.unused["values of other MSRs"] == count
    assert [(one.msr, one.value) for one in facts.registers] == [(0x2FF, 0xC06)]


@pytest.mark.parametrize(("others", "are_numbers"), [(0, True), (1, False), (5, False)])
def test_numbers_before_a_few_lines_are_no_line_numbers(others, are_numbers):
    lines = [f"{n}: line" for n in range(1, 4)] + ["other"] * others
    found = cleaned(lines, range(len(lines)), lambda _: 0, is_coded=False)
    assert (found.lines[0] == "line") == are_numbers

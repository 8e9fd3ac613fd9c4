"""What the reader and the formats find in small logs as people paste them: facts, not verdicts."""

from __future__ import annotations

import pytest

from mtrrviz.core.msr.registers import PAT
from mtrrviz.importers import import_texts
from mtrrviz.importers.facts import Facts, MemoryUse, Sign, Told
from mtrrviz.importers.reading import read_texts
from mtrrviz.scenario.complaints import ComplaintKind
from tests.importers.helpers import SAMPLES

FIELD = SAMPLES / "field"
MIB, GIB = 1 << 20, 1 << 30
UC, WC, WT, WP, WB = 0, 1, 4, 5, 6


def read(name):
    """Return the facts of a sample and the report of its lines."""
    facts = Facts()
    (report,) = read_texts(facts, [(name, (FIELD / f"{name}.txt").read_bytes())])
    return facts, report


def pairs(facts):
    """Return the pairs in use as {number: (base, size, type)}, from values or from ranges."""
    found = {
        r.index: (r.base, r.size, int(r.type)) for r in facts.ranges if not r.is_map and r.size
    }
    values = {r.msr: r.value for r in facts.registers}
    width = max((v.bit_length() for m, v in values.items() if 0x200 <= m < 0x240), default=0)
    for msr in range(0x200, 0x240, 2):
        mask = values.get(msr + 1, 0)
        if mask & 0x800:
            base = values[msr]
            size = (1 << width) - (mask & ~0xFFF)
            found[(msr - 0x200) // 2] = (base & ~0xFFF, size, base & 7)
    return found


def told(facts):
    return {what: value for what, (value, _) in facts.told.items()}


def ram(facts, source="e820"):
    """Return what a memory map calls RAM, as (first, last byte)."""
    rows = [m for m in facts.memory if m.source == source and m.use is MemoryUse.RAM]
    return [(m.start, m.end - 1) for m in rows]


def devices(facts):
    return {(m.start, m.end - 1) for m in facts.memory if m.source == "kernel"}


PAIRS = {
    "k01-uc-hole-over-wb": [
        (0, 8 * GIB, WB), (0x2_0000_0000, GIB, WB), (0xE000_0000, 512 * MIB, UC),
        (0xD000_0000, 256 * MIB, UC), (0xCC00_0000, 64 * MIB, UC), (0xCB80_0000, 8 * MIB, UC),
        (0x2_3000_0000, 256 * MIB, UC),
    ],
    "k02-reserved-touches-ram": [
        (0, 2 * GIB, WB), (4 * GIB, 4 * GIB, WB), (8 * GIB, 2 * GIB, WB),
        (0xFF00_0000, 16 * MIB, WP), (0x7C00_0000, 64 * MIB, UC),
    ],
    "k02-stolen-graphics": [
        (0xC000_0000, GIB, UC), (0xA000_0000, 512 * MIB, UC), (0x9C00_0000, 64 * MIB, UC),
        (0x9B80_0000, 8 * MIB, UC),
    ],
    "k03-high-ram-without-map": [
        (0, 2 * GIB, WB), (0x7800_0000, 128 * MIB, UC), (4 * GIB, 4 * GIB, WB),
        (8 * GIB, 2 * GIB, WB),
    ],
    "k03-small-old-machine": [
        (0, 512 * MIB, WB), (0xE000_0000, 64 * MIB, WC), (0xF400_0000, 8 * MIB, WC),
    ],
    "k05-outside-ram": [
        (0x8000_0000, 2 * GIB, UC), (0x380_0000_0000, 512 * GIB, UC), (0x7C00_0000, 64 * MIB, UC),
        (0xF000_0000, 128 * MIB, WT),
    ],
    "k06-lost-ram": [(0, 2 * GIB, WB), (0x8000_0000, GIB, WB)],
    "k07-human-times": [
        (0, 8 * GIB, WB), (8 * GIB, 512 * MIB, WB), (0x2_2000_0000, 256 * MIB, WB),
        (0xE000_0000, 512 * MIB, UC), (0xD000_0000, 256 * MIB, UC), (0xCE00_0000, 32 * MIB, UC),
        (0x2_2E00_0000, 32 * MIB, UC),
    ],
    "k07-quoted-wrapped": [
        (0xE000_0000, 512 * MIB, UC), (0xD800_0000, 128 * MIB, UC), (0xD400_0000, 64 * MIB, UC),
        (0xD300_0000, 16 * MIB, UC),
    ],
    "k07-quoted-printable": [(0xC000_0000, GIB, UC)],
    "k07-indented-journal": [
        (0, 2 * GIB, WB), (0x8000_0000, GIB, WB), (0xBA00_0000, 32 * MIB, UC),
        (0xBC00_0000, 64 * MIB, UC), (4 * GIB, 4 * GIB, WB), (8 * GIB, 4 * GIB, WB),
        (12 * GIB, GIB, WB),
    ],
    "k07-xen-console": [(0x4000_0000, GIB, UC), (0x8000_0000, 2 * GIB, UC)],
    "k08-coreboot-temporary": [
        (0x7A00_0000, 32 * MIB, UC), (0x7C00_0000, 64 * MIB, UC), (0x8000_0000, 256 * MIB, WC),
        (0x9000_0000, 256 * MIB, UC), (0xA000_0000, 512 * MIB, UC), (0xC000_0000, GIB, UC),
    ],
    "k09-ten-pairs": [
        (0, 2 * GIB, WB), (2 * GIB, GIB, WB), (3 * GIB, 512 * MIB, WB),
        (0xDB00_0000, 16 * MIB, UC), (0xDC00_0000, 64 * MIB, UC), (4 * GIB, 512 * MIB, WB),
        (0x1_2000_0000, 256 * MIB, WB), (0x1_2F60_0000, 2 * MIB, UC), (0x1_2F80_0000, 8 * MIB, UC),
    ],
    "k10-big-host": [(0x8000_0000, 2 * GIB, UC), (0x200_0000_0000, 128 * GIB, UC)],
    "k11-tom2": [(0, 2 * GIB, WB), (2 * GIB, GIB, WB), (4 * GIB, 32 * MIB, UC)],
    "k11-tom2-not-forced": [
        (0, 2 * GIB, WB), (2 * GIB, GIB, WB), (3 * GIB, 256 * MIB, WB), (0xCFF0_0000, MIB, UC),
    ],
    "k12-base-off-its-size": [
        (0xFFF0_0000, 8 * MIB, WP), (0, 2 * GIB, WB), (0x7C00_0000, 64 * MIB, UC),
        (0x7B00_0000, 16 * MIB, UC),
    ],
    "k13-size-at-start": [(0, 2 * GIB, WB), (4 * GIB, GIB, WB)],
    "k14-register-differs": [(0x8000_0000, 2 * GIB, UC)],
    "k14-register-not-printed": [(0x8000_0000, 2 * GIB, UC)],
    "k15-cleanup-trials": [
        (0, 2 * GIB, WB), (2 * GIB, 512 * MIB, WB), (0xA000_0000, 256 * MIB, WB),
        (0xAF00_0000, 16 * MIB, UC), (4 * GIB, GIB, WB),
    ],
    "k15-edk2-0x": [(0x8000_0000, 2 * GIB, UC), (0x7C00_0000, 64 * MIB, UC)],
    "k15-linuxbios-setting": [
        (0, 8 * GIB, WB), (8 * GIB, 512 * MIB, WB), (0x2_2000_0000, 256 * MIB, WB),
        (0xD000_0000, 256 * MIB, UC), (0xE000_0000, 512 * MIB, UC),
    ],
    "k15-pairs-in-a-sentence": [(0xE000_0000, 512 * MIB, UC), (0xD800_0000, 128 * MIB, UC)],
    "k16-mail-with-dates": [(0, 2 * GIB, WB), (4 * GIB, GIB, WB), (0x1_4000_0000, 64 * MIB, WT)],
}  # fmt: skip
"""Pairs by number, of every sample that shows any."""


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(name):
    facts, _ = read(name)
    assert pairs(facts) == dict(enumerate(PAIRS[name]))


def test_samples_without_pairs_have_none():
    others = {path.stem for path in FIELD.glob("*.txt")} - set(PAIRS)
    assert len(others) + len(PAIRS) == 34
    assert not any(pairs(read(name)[0]) for name in others)


DEFAULTS = {
    "k01-uc-hole-over-wb": UC, "k02-reserved-touches-ram": UC, "k02-stolen-graphics": WB,
    "k05-outside-ram": WB, "k07-human-times": UC, "k07-quoted-wrapped": WB,
    "k07-quoted-printable": WB, "k07-indented-journal": UC, "k07-xen-console": WB,
    "k08-coreboot-temporary": WB, "k10-big-host": WB, "k11-tom2": UC, "k15-cleanup-trials": UC,
    "k16-mail-with-dates": UC,
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_default_type_and_enable(name):
    facts, _ = read(name)
    assert told(facts)[Told.DEFAULT_TYPE] == DEFAULTS[name]
    assert told(facts)[Told.MTRR_ENABLED] == 1


@pytest.mark.parametrize("name", ["k15-edk2-0x", "k15-pairs-in-a-sentence"])
def test_default_type_as_a_register(name):
    facts, _ = read(name)
    assert [r.value for r in facts.registers if r.msr == 0x2FF] == [0xC06]


def test_a_default_that_a_line_implies():
    facts, _ = read("k06-lost-ram")
    assert told(facts)[Told.IMPLIED_DEFAULT] == UC
    assert told(facts)[Told.LOST_BYTES] == GIB
    assert Told.DEFAULT_TYPE not in told(facts)


NUMBERS = {
    "k01-uc-hole-over-wb": 10, "k02-reserved-touches-ram": 8, "k03-high-ram-without-map": 10,
    "k04-map-line": 10, "k07-caller-column": 8, "k07-human-times": 10, "k07-quoted-wrapped": 10,
    "k09-ten-pairs": 10, "k15-cleanup-trials": 8, "k11-tom2": 8,
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_number_of_pairs(name):
    assert told(read(name)[0])[Told.PAIRS] == NUMBERS[name]


def test_number_of_pairs_is_not_told_by_those_in_use():
    assert Told.PAIRS not in told(read("k06-lost-ram")[0])


@pytest.mark.parametrize("name", ["k04-disabled-by-bios", "k04-disabled-old-words"])
def test_off_by_firmware(name):
    facts, _ = read(name)
    assert told(facts)[Told.MTRR_ENABLED] == 0


def test_on_without_values():
    facts, _ = read("k04-map-line")
    assert told(facts) == {
        Told.MTRR_ENABLED: 1,
        Told.PAIRS: 10,
        Told.MAP_PAIRS: 10,
        Told.LAST_PFN_END: 0x4_7C00_0000,
        Told.LOW_PFN_END: 0x6F00_0000,
    }
    assert {r.msr for r in facts.registers} == {PAT}
    assert told(read("k07-caller-column")[0])[Told.FORCED_WB] == 1


def test_tom2_among_the_mtrrs_and_of_the_pci_code():
    forced, pci = told(read("k11-tom2")[0]), told(read("k11-tom2-not-forced")[0])
    assert forced[Told.FORCED_WB_END] == 0x4_4000_0000
    assert pci[Told.TOM2] == 0x2_3000_0000
    assert Told.FORCED_WB_END not in pci


COMPLAINTS = {
    "k04-disabled-old-words": [(ComplaintKind.BLANK, 6)],
    "k06-lost-ram": [(ComplaintKind.LOST_RAM, 11)],
    "k06-pat-conflict": [(ComplaintKind.PAT_CONFLICT, 1)],
    "k06-refused-requests": [
        (ComplaintKind.TYPE_MISMATCH, 2), (ComplaintKind.REFUSED_WC, 3), (ComplaintKind.OVERLAP, 4),
        (ComplaintKind.NOT_ALIGNED, 5), (ComplaintKind.NO_FREE_PAIR, 6),
    ],
    "k07-human-times": [(ComplaintKind.NO_OPTIMUM, 22)],
    "k07-xen-console": [(ComplaintKind.INCONSISTENT, 11), (ComplaintKind.INCONSISTENT, 12)],
    "k11-tom2-not-forced": [(ComplaintKind.LOST_RAM, 22)],
    "k15-cleanup-trials": [(ComplaintKind.NO_OPTIMUM, 28)],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in FIELD.glob("*.txt")))
def test_complaints_with_their_lines(name):
    facts, _ = read(name)
    found = [(one.kind, one.place.line) for one in facts.complaints]
    assert found == COMPLAINTS.get(name, [])


def test_what_complaints_are_about():
    mismatch = read("k06-refused-requests")[0].complaints[0]
    assert (mismatch.start, mismatch.end) == (0xD000_0000, 0xD800_0000)
    assert (mismatch.old, mismatch.new) == ("write-back", "write-combining")
    conflict = read("k06-pat-conflict")[0].complaints[0]
    assert (conflict.start, conflict.end) == (0xE0_0000_0000, 0xE0_8000_0000)
    assert (conflict.old, conflict.new) == ("write-combining", "uncached-minus")


@pytest.mark.parametrize("name", ["k06-pat-conflict", "k06-refused-requests"])
def test_complaints_alone_are_a_good_input(name):
    result = import_texts([(name, FIELD / f"{name}.txt")])
    assert result.sources[0].unknown_lines == 0


RAM = {
    "k07-xen-console": [(0, 0x9FBFF), (0x10_0000, 0x3FFD_FFFF)],
    "k13-xen-dom0": [(0, 0x9BFFF), (0x10_0000, 0xB97F_FFFF), (4 * GIB, 0x1_BFFF_FFFF)],
    "k13-xen-half-open": [(0, 0x9C7FF), (0x10_0000, 0xBF77_FFFF), (4 * GIB, 0x2_3FFF_FFFF)],
    "k13-size-at-start": [(0, 0x9FBFF), (0x10_0000, 0x7FFE_FFFF), (4 * GIB, 0x1_3FFF_FFFF)],
    "k06-lost-ram": [(0, 0x9EFFF), (0x10_0000, 0xBFFA_FFFF), (4 * GIB, 0x1_3FFF_FFFF)],
    "k07-quoted-printable": [(0, 0x9FBFF), (0x10_0000, 0x3FFD_EFFF)],
}  # fmt: skip


@pytest.mark.parametrize("name", RAM)
def test_firmwares_ram(name):
    assert ram(read(name)[0]) == RAM[name]


def test_changes_of_the_kernel_are_told_apart():
    facts, _ = read("k06-lost-ram")
    changed = [(m.start, m.end, m.use) for m in facts.memory if m.source == "e820-kernel"]
    assert changed[-1] == (0xFEC0_0000, 0x1_4000_0000, MemoryUse.RESERVED)
    facts, _ = read("k07-quoted-wrapped")
    assert [(m.start, m.end, m.name) for m in facts.memory] == [(0, 0x1000, "reserved")]


def test_a_word_cut_by_quoted_printable_is_whole():
    facts, _ = read("k07-quoted-printable")
    found = {m.start: m.name for m in facts.memory if m.source == "e820"}
    assert found[0x3FFD_F000] == "reserved"


def test_coreboots_table():
    assert ram(read("k08-coreboot-temporary")[0], "coreboot") == [
        (0x1000, 0x9FFFF), (0x10_0000, 0x799F_CFFF), (4 * GIB, 0x1_7FFF_FFFF),
    ]  # fmt: skip


def test_lines_that_name_devices():
    assert devices(read("k02-reserved-touches-ram")[0]) == {(0x8000_0000, 0x8FFF_FFFF)}
    assert devices(read("k07-caller-column")[0]) == {(0xE000_0000, 0xEFFF_FFFF)}
    assert devices(read("k03-small-old-machine")[0]) == {(0xE000_0000, 0xE3FF_FFFF)}


def test_ends_of_ram_by_last_pfn():
    facts = told(read("k03-high-ram-without-map")[0])
    assert facts[Told.LAST_PFN_END] == 0x2_8000_0000
    assert facts[Told.LOW_PFN_END] == 0x7800_0000


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("k01-uc-hole-over-wb", {Sign.HOST}),
        ("k04-disabled-by-bios", {Sign.GUEST}),
        ("k07-xen-console", {Sign.AMD, Sign.HOST}),
        ("k08-coreboot-temporary", {Sign.FIRMWARE}),
        ("k13-xen-dom0", {Sign.HOST}),
        ("k15-edk2-0x", {Sign.FIRMWARE}),
        ("k05-outside-ram", set()),
    ],
)
def test_signs_of_the_kind_of_machine(name, signs):
    assert {one.sign for one in read(name)[0].signs} == signs


UNKNOWN = {"k07-quoted-wrapped": 2, "k15-pairs-in-a-sentence": 1, "k16-mail-with-dates": 6}
"""Lines of prose; every other line of every sample is known."""


@pytest.mark.parametrize("name", sorted(path.stem for path in FIELD.glob("*.txt")))
def test_only_prose_is_unknown(name):
    facts, report = read(name)
    assert report.unknown_lines == UNKNOWN.get(name, 0)
    assert facts.traces == []


def test_a_line_put_together_has_the_number_of_its_first_piece():
    facts, _ = read("k07-quoted-wrapped")
    assert facts.registers[0].place.line == 13
    assert facts.ranges[0].place.line == 30


def test_registers_belong_to_the_cpu_that_printed_them():
    facts, _ = read("k14-register-differs")
    values = {(r.vcpu, r.msr): r.value for r in facts.registers}
    assert values[1, 0x268] != values[0, 0x268]
    assert (2, 0x268) not in values

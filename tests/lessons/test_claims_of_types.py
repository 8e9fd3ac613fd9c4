"""What the lessons on memory types tell is what the model and the measurements say.

A claim is a piece of a lesson's file and what makes it true. A claim that is reworded there has to
be reworded here, so none can drift away from its test.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from msgspec.structs import replace

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.msr.registers import (
    FIXED_ENABLE_BIT,
    FIXED_MSRS,
    MTRR_ENABLE_BIT,
    PAT_RESET,
    REGISTERS,
    fixed_subranges,
)
from mtrrviz.lessons.lesson_library import find_lesson
from mtrrviz.lessons.opening import opened, shown
from mtrrviz.lessons.playing import gone_wrong, solved
from mtrrviz.lessons.reading.conditions import build_condition
from mtrrviz.lessons.reading.read_lesson import read_lesson
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim.memtype_speed import write_seconds

TYPES, FIXED, OVERLAPS = "memory-types", "fixed-ranges", "overlaps"
PAT, LEAVES = "pat-and-effective-type", "ept-leaves"
SERVER, DESKTOP = "Sapphire Rapids XCC", "Coffee Lake-S"
MIB, GIB = 1 << 20, 1 << 30
WRITES = 1 << 24
CODES = tuple(MemoryType[name].value for name in ("UC", "WC", "WT", "WP", "WB"))
SPEEDS_HEADER = (resources_dir() / "memtype_speed.csv").read_text(encoding="utf-8").split("\n")[0]


@cache
def text_of(lesson):
    """The lesson's file, its line breaks made blanks."""
    text = find_lesson(lesson).read_text(encoding="utf-8").replace("\\\n", "")
    return " ".join(text.split())


@cache
def situations(lesson):
    """What each step shows, and what is there once the step is done, by the step's name."""
    found, now = {}, None
    content = read_lesson(find_lesson(lesson))
    for step in content.steps:
        now = shown(step.show, now, content.file)
        before = now
        now, _ = solved(step, now, content.file)
        found[step.name] = before, now
    return found


def holds(situation, **condition):
    return build_condition(condition, "claim").judged(situation).holds


#: Lesson, what it says, the step, whether before or after it is done, and the condition.
MODELLED = [
    (TYPES, "four bands of its RAM other types, 8 MiB each. The rest is WB.", "type-of-a-page", 0,
     {"ask": "type", "start": 0x300_0000, "size": 16 * MIB, "source": "leaf", "is": "WB"}),
    (TYPES, "holds `0x100_0000` now", "make-it-write-back", 0,
     {"ask": "register", "register": "IA32_MTRR_PHYSBASE0", "is": 0x100_0000}),
    (TYPES, "What was mapped in the band is dropped at once", "make-it-write-back", 1,
     {"ask": "leaves", "start": 0x100_0000, "size": "8 MiB", "is": 0}),
    (TYPES, "The next access to a page of the band finds the new type", "make-it-write-back", 1,
     {"ask": "type", "start": 0x100_0000, "size": "8 MiB", "source": "fault", "is": "WB"}),
    (FIXED, "`IA32_MTRR_FIX16K_80000` both hold `0x0606_0606_0606_0606`", "first-uncached", 0,
     {"ask": "register", "register": "IA32_MTRR_FIX16K_80000", "is": 0x0606_0606_0606_0606}),
    (FIXED, "nobody has written `IA32_MTRR_FIX16K_A0000`", "first-uncached", 0,
     {"ask": "register", "register": "IA32_MTRR_FIX16K_A0000", "is": 0}),
    (FIXED, "`IA32_MTRR_FIX4K_C8000` holds `0x0000_0600_0505_0505`", "count-from-the-right", 0,
     {"ask": "register", "register": "IA32_MTRR_FIX4K_C8000", "is": 0x0000_0600_0505_0505}),
    (FIXED, "The four writes came before E and FE were set", "make-text-screen-wc", 0,
     {"ask": "zaps", "cause": "fixed MTRR", "is": 0}),
    (FIXED, "pair 0 makes 0 to 16 MiB UC", "which-wins", 0,
     {"ask": "range", "pair": 0, "part": "size", "is": "16 MiB"}),
    (FIXED, "holds `0xC06` now", "turn-fixed-off", 0,
     {"ask": "register", "register": "IA32_MTRR_DEF_TYPE", "is": 0xC06}),
    (FIXED, "zaps the whole guest", "turn-fixed-off", 1, {"ask": "leaves", "is": 0}),
    (OVERLAPS, "pair 0 makes 0 to 16 MiB WB", "by-the-manual", 0,
     {"ask": "range", "pair": 0, "part": "size", "is": "16 MiB"}),
    (OVERLAPS, "pair 1 makes 12 to 16 MiB UC", "by-the-manual", 0,
     {"ask": "range", "pair": 1, "part": "last", "is": 16 * MIB - 1}),
    (OVERLAPS, "Both ranges hold the page at 12 MiB", "by-the-manual", 0,
     {"ask": "range", "pair": 1, "part": "first", "is": 12 * MIB}),
    (OVERLAPS, "it makes 0 to 4 MiB UC", "same-base", 0,
     {"ask": "range", "pair": 1, "part": "last", "is": 4 * MIB - 1}),
    (OVERLAPS, "wins", "same-base", 0,
     {"ask": "type", "page": 0x20_0000, "source": "sdm", "is": "UC"}),
    (OVERLAPS, "Pair 3 makes 32 to 36 MiB WP", "other-mixes", 0,
     {"ask": "range", "pair": 3, "part": "last", "is": 36 * MIB - 1}),
    (OVERLAPS, "pair 4 makes 34 to 36 MiB WC", "other-mixes", 0,
     {"ask": "range", "pair": 4, "part": "first", "is": 34 * MIB}),
    (OVERLAPS, "Pair 5 makes 40 to 48 MiB WB", "other-mixes", 0,
     {"ask": "range", "pair": 5, "part": "size", "is": "8 MiB"}),
    (OVERLAPS, "pair 6 makes 44 to 48 MiB WT", "other-mixes", 0,
     {"ask": "range", "pair": 6, "part": "first", "is": 44 * MIB}),
    (OVERLAPS, "The mask of pair 2 is `0xF_FF40_0800`", "mask-with-a-hole", 0,
     {"ask": "register", "register": "IA32_MTRR_PHYSMASK2", "is": 0xF_FF40_0800}),
    (OVERLAPS, "By the SDM the pair holds 16 to 20 MiB", "mask-with-a-hole", 0,
     {"ask": "type", "start": 16 * MIB, "size": "4 MiB", "source": "sdm", "is": "UC"}),
    (OVERLAPS, "24 to 28 MiB", "mask-with-a-hole", 0,
     {"ask": "type", "start": 24 * MIB, "size": "4 MiB", "source": "sdm", "is": "UC"}),
    (OVERLAPS, "but not what lies between them", "mask-with-a-hole", 0,
     {"ask": "type", "start": 20 * MIB, "size": "4 MiB", "source": "sdm", "is": "WB"}),
    (OVERLAPS, "0x1BF_FFFF, the last address", "mask-with-a-hole", 0,
     {"ask": "range", "pair": 2, "part": "last", "is": 0x1BF_FFFF}),
    (OVERLAPS, "The panel *Problems* finds such places", "by-the-manual", 0,
     {"ask": "problems", "rule": "overlap-undefined", "at_least": 1}),
    (PAT, "UC from 16 MiB", "two-types", 0,
     {"ask": "type", "start": 16 * MIB, "size": "8 MiB", "source": "leaf", "is": "UC"}),
    (PAT, "WC from 24 MiB", "two-types", 0,
     {"ask": "type", "start": 24 * MIB, "size": "8 MiB", "source": "leaf", "is": "WC"}),
    (PAT, "WT from 32 MiB", "two-types", 0,
     {"ask": "type", "start": 32 * MIB, "size": "8 MiB", "source": "leaf", "is": "WT"}),
    (PAT, "WP from 40 MiB", "two-types", 0,
     {"ask": "type", "start": 40 * MIB, "size": "8 MiB", "source": "leaf", "is": "WP"}),
    (PAT, "Before your write there was one zap, by the write of `IA32_MTRR_DEF_TYPE` at 0.2 s",
     "make-pa1-wc", 0, {"ask": "zaps", "at": 0.2, "cause": "MTRR default type", "is": 1}),
    (PAT, "a write of it never zaps", "make-pa1-wc", 1, {"ask": "zaps", "is": 1}),
    (PAT, "Each new leaf of RAM is WB with IPAT", "detach-the-device", 1,
     {"ask": "ipat", "page": 0x100_0000, "source": "fault", "is": 1}),
    (PAT, "Up to Linux 6.15 that is always so", "detach-the-device", 1,
     {"ask": "ipat", "page": 0x100_0000, "source": "fault", "policy": "kvm-6.11", "is": 1}),
    (PAT, "The leaves that are mapped already stay as they are", "detach-the-device", 1,
     {"ask": "type", "page": 0x100_0000, "source": "leaf", "is": "UC"}),
    (PAT, "attaching or detaching the device zaps nothing", "detach-the-device", 1,
     {"ask": "zaps", "cause": "non-coherent DMA", "is": 0}),
    (PAT, "The CR0.CD of vCPU 1 is 1", "caches-off", 0, {"ask": "cd", "vcpu": 1, "is": 1}),
    (PAT, "and its MTRRs are off", "caches-off", 0,
     {"ask": "register", "register": "IA32_MTRR_DEF_TYPE", "field": "E", "vcpu": 1, "is": 0}),
    (PAT, "Since Linux 6.7 such a leaf is WB without IPAT", "caches-off", 0,
     {"ask": "ipat", "page": 0x100_0000, "source": "fault", "policy": "kvm-6.7", "is": 0}),
    (LEAVES, "its MTRRs have no range there", "size-of-a-leaf", 0,
     {"ask": "type", "start": 5 * GIB, "size": "1 GiB", "source": "mtrr", "is": "WB"}),
    (LEAVES, "is half WB", "leaves-of-a-mixed-piece", 0,
     {"ask": "type", "start": GIB, "size": "1 MiB", "source": "leaf", "is": "WB"}),
    (LEAVES, "and half WC", "leaves-of-a-mixed-piece", 0,
     {"ask": "type", "start": GIB + MIB, "size": "1 MiB", "source": "leaf", "is": "WC"}),
    (LEAVES, "exactly 1 GiB, all of it UC", "ranges-that-meet", 0,
     {"ask": "type", "start": 2 * GIB, "size": "1 GiB", "source": "mtrr", "is": "UC"}),
    (LEAVES, "Until then one leaf maps the 1 GiB", "zap-of-a-large-leaf", 0,
     {"ask": "leaves", "start": 5 * GIB, "size": "1 GiB", "at": 1.2, "is": 1}),
    (LEAVES, "Since 6.11 it asks no MTRRs, for the type", "ranges-that-meet", 0,
     {"ask": "type", "page": 2 * GIB, "source": "fault", "policy": "kvm-6.11", "is": "WB"}),
    (LEAVES, "or for the size", "ranges-that-meet", 0,
     {"ask": "leaf-size", "page": 2 * GIB, "source": "fault", "policy": "kvm-6.11", "is": "1 GiB"}),
]  # fmt: skip


@pytest.mark.parametrize(("lesson", "words", "step", "when", "condition"), MODELLED)
def test_the_model_says_so_as_well(lesson, words, step, when, condition):
    assert words in text_of(lesson)
    situation = situations(lesson)[step][when]
    assert holds(situation, **condition), build_condition(condition, "c").judged(situation).words


FIXED_WORDS = {
    "The types are in 11 registers": len(FIXED_MSRS) == 11,
    "Together these are 88 pieces": sum(len(fixed_subranges(msr)) for msr in FIXED_MSRS) == 88,
    "covers, which is 512, 128 or 32 KiB": [
        sum(size for _, size in fixed_subranges(msr)) >> 10 for msr in FIXED_MSRS
    ]
    == [512, 128, 128, *[32] * 8],
    "**E**, bit 11": MTRR_ENABLE_BIT == 1 << 11,
    "**FE**, bit 10": FIXED_ENABLE_BIT == 1 << 10,
}
OTHER_WORDS = {
    TYPES: {
        "0 is UC, 1 is WC, 4 is WT, 5 is WP and 6 is WB": CODES == (0, 1, 4, 5, 6),
        "16,777,216 times": f"seconds_for_{WRITES}_writes" in SPEEDS_HEADER,
        "23 times slower on the server": round(
            write_seconds(SERVER)[MemoryType.UC] / write_seconds(SERVER)[MemoryType.WB]
        )
        == 23,
        "25 times slower on the server": round(
            write_seconds(SERVER)[MemoryType.WT] / write_seconds(SERVER)[MemoryType.WB]
        )
        == 25,
        "about 10 ns": round(write_seconds(DESKTOP)[MemoryType.WB] * 1e9) == 10,
        "0.5868 s for UC and 0.1661 s for WB": [
            round(write_seconds(DESKTOP)[kind] * WRITES, 4)
            for kind in (MemoryType.UC, MemoryType.WB)
        ]
        == [0.5868, 0.1661],
    },
    FIXED: FIXED_WORDS,
    PAT: {
        "it holds `0x0007_0406_0007_0406`": PAT_RESET == 0x0007_0406_0007_0406,
        "7 is **UC-**": PatType.UC_MINUS == 7,
        "After a reset no PAT entry is WC": all(
            PAT_RESET >> 8 * entry & 7 != PatType.WC for entry in range(8)
        ),
    },
    LEAVES: {
        "the work of 262,144 small ones": GIB // 4096 == 262_144,
        "UC alone is `0x00`": ept_bits(MemoryType.UC, 0) == 0x00,
        "WB alone `0x30`": ept_bits(MemoryType.WB, 0) == 0x30,
        "WB with IPAT `0x70`": ept_bits(MemoryType.WB, 1) == 0x70,
    },
}


@pytest.mark.parametrize(
    ("lesson", "words", "is_true"),
    [(lesson, *claim) for lesson, claims in OTHER_WORDS.items() for claim in claims.items()],
)
def test_constants_and_measurements_say_so_as_well(lesson, words, is_true):
    assert words in text_of(lesson)
    assert is_true


def rows_of(lesson, header):
    """The rows of the Markdown table that begins with a header, as lists of cells."""
    lines = find_lesson(lesson).read_text(encoding="utf-8").split("\n")
    first = lines.index(header)
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_table_of_seconds_is_the_measured_one():
    (seconds,) = rows_of(TYPES, "| WB | WC | WT | UC | WP |")
    measured = write_seconds(SERVER)
    assert seconds == [
        f"{measured[MemoryType[name]] * WRITES:.4f}" for name in ("WB", "WC", "WT", "UC", "WP")
    ]


def test_the_list_of_fixed_registers_is_the_models():
    rows = re.findall(r"- ([^:]*IA32_MTRR_FIX[^:]*): 8 pieces of ([^-]*)", text_of(FIXED))
    for (names, pieces), kind in zip(rows, ("64K", "16K", "4K"), strict=True):
        found = [msr for msr in FIXED_MSRS if f"_FIX{kind}_" in REGISTERS[msr].name]
        assert pieces.startswith(f"{kind.removesuffix('K')} KiB")
        named = re.findall(r"IA32_MTRR_\w+", names)
        assert named[0].startswith(f"IA32_MTRR_FIX{kind}_")
        assert len(named) == len(found) or "eight" in names
        spans = [span for msr in found for span in fixed_subranges(msr)]
        first, last = (int(text, 16) for text in re.findall(r"0x[\dA-F_]+", pieces)[:2])
        assert first == spans[0][0]
        assert last == sum(spans[-1]) - 1


def test_the_table_of_effective_types_is_the_models():
    header = "| leaf | UC | UC- | WC | WT | WP | WB |"
    pats = (PatType.UC, PatType.UC_MINUS, PatType.WC, PatType.WT, PatType.WP, PatType.WB)
    rows = rows_of(PAT, header)
    assert len(rows) == 5
    for leaf, *cells in rows:
        assert cells == [effective_type(MemoryType[leaf], 0, pat).name for pat in pats]


@pytest.mark.parametrize(
    ("words", "turn"),
    [
        ("Without a device with non-coherent DMA the MTRRs are no limit", "device-gone"),
        ("passes only if the type of the ranges is the **default type**", "default-uncached"),
    ],
)
def test_what_else_lets_a_leaf_be_large(words, turn):
    assert words in text_of(LEAVES)
    before = situations(LEAVES)["make-a-large-leaf"][0]
    steps = {step.name: step for step in read_lesson(find_lesson(LEAVES)).steps}
    step = steps["make-a-large-leaf"]
    after, _ = gone_wrong(step, next(one for one in step.wrong if one.name == turn), before)
    large = {"ask": "leaf-size", "page": 2 * GIB, "source": "fault", "is": "1 GiB"}
    assert not holds(before, **large)
    assert holds(after, **large)


def test_without_the_quirk_cd_makes_new_leaves_uc_with_ipat():
    assert "what KVM does with the quirk off" in text_of(PAT)
    with_quirk = situations(PAT)["caches-off"][0]
    scenario = with_quirk.scenario
    machine = replace(scenario.machine, cd_nw_quirk=False)
    without = with_quirk.of(replace(scenario, machine=machine))
    for what, value in (("type", "UC"), ("ipat", 1)):
        asked = {"ask": what, "page": 0x100_0000, "source": "fault", "vcpu": 1, "is": value}
        assert holds(without, **asked), what


def test_firmware_and_linux_write_what_the_lessons_say():
    assert "Linux makes PA1 WC when it starts" in text_of(PAT)
    assert "such as SeaBIOS, does it like this" in text_of(OVERLAPS)
    boot = opened(open_scenario("seabios-8vcpu-2g"))
    end = {"at": "end", "vcpu": 0}
    assert holds(boot, ask="register", register="IA32_PAT", field="PA1", **end, **{"is": "WC"})
    default = {"ask": "register", "register": "IA32_MTRR_DEF_TYPE", "field": "Type"}
    assert holds(boot, **default, **end, **{"is": "WB"})
    valid = [
        pair
        for pair in range(8)
        if holds(boot, ask="range", pair=pair, part="valid", **end, **{"is": "yes"})
    ]
    assert valid
    for pair in valid:
        assert holds(boot, ask="range", pair=pair, part="type", **end, **{"is": "UC"}), pair

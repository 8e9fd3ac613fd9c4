"""The memory of a real machine made of facts: what counts, where it ends, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, MAX_PAIRS
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.hardware import hardware_layout
from mtrrviz.core.sdm.sdm_types import sdm_types
from mtrrviz.importers.facts import Facts, FixedRange, MemoryRange, MemoryUse, MtrrRange, Told
from mtrrviz.importers.import_options import ImportOptions
from mtrrviz.importers.imported import SourceReport
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.machine.host_memory import host_regions
from mtrrviz.importers.machine.told_places import ToldPlaces, told_places
from mtrrviz.importers.notes import Place
from mtrrviz.scenario.machine_spec import MachineKind

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
HERE = Place("log", 3)
LIMIT = 1 << 36
RAM, RESERVED, DEVICE = MemoryUse.RAM, MemoryUse.RESERVED, MemoryUse.DEVICE
CONTROLLERS = (0xFEC0_0000, 0xFEF0_0000, "mmio")


def regions_of(*rows, told=None, limit=LIMIT, notes=None):
    """Return (start, end, kind) of the regions that maps come to; UC by default everywhere."""
    facts = Facts()
    for start, end, use, source in rows:
        facts.add_memory(MemoryRange(start, end, "x", source, 0, HERE, use=use))
    for what, value in (told or {}).items():
        facts.tell(what, value, HERE)
    state = MtrrState(36)
    state.write(DEFTYPE, 0x800)
    types = sdm_types(hardware_layout(state, 0))
    found = host_regions(facts, types, ImportOptions(), limit, notes if notes is not None else [])
    return [(one.start, one.end, str(one.kind)) for one in found]


def e820(start, end, use=RAM):
    return start, end, use, "e820"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([e820(0, GIB)], [(0, GIB, "ram")]),
        # RAM is whole pages, what is reserved covers every page that it touches.
        ([e820(1, GIB - 1)], [(4 * KIB, GIB - 4 * KIB, "ram")]),
        ([e820(0, GIB), e820(2 * GIB + 1, 3 * GIB - 1, RESERVED)],
         [(0, GIB, "ram"), (2 * GIB, 3 * GIB, "reserved")]),
        # The later kind of map counts; within one map what comes later does.
        ([(0, GIB, RESERVED, "e820"), (0, 2 * GIB, RAM, "efi")],
         [(0, GIB, "reserved"), (GIB, 2 * GIB, "ram")]),
        ([e820(0, 2 * GIB), e820(GIB, 2 * GIB, RESERVED)],
         [(0, GIB, "ram"), (GIB, 2 * GIB, "reserved")]),
        # Single names neither make RAM nor take any away.
        ([e820(0, GIB), (GIB, 2 * GIB, RAM, "kernel")], [(0, GIB, "ram")]),
        ([e820(0, GIB), (GIB - MIB, GIB + MIB, DEVICE, "lspci")],
         [(0, GIB, "ram"), (GIB, GIB + MIB, "mmio")]),
        ([e820(0, GIB), (GIB, GIB + MIB, DEVICE, "lspci"), (GIB, 2 * GIB, RESERVED, "kernel")],
         [(0, GIB, "ram"), (GIB, GIB + MIB, "mmio"), (GIB + MIB, 2 * GIB, "reserved")]),
        ([e820(0, 4 * GIB)], [(0, 4 * GIB, "ram")]),
        ([e820(0, 0xFED0_0000)], [(0, 0xFED0_0000, "ram"), (0xFED0_0000, 0xFEF0_0000, "mmio")]),
    ],
)  # fmt: skip
def test_each_address_is_what_the_map_that_counts_says(rows, found):
    expected = found if found[-1][1] > 0xFEC0_0000 else [*found, CONTROLLERS]
    assert [one for one in regions_of(*rows) if one[2] != "unknown"] == expected


def test_regions_end_at_the_end_of_the_address_space():
    assert regions_of(e820(0, 1 << 37), limit=LIMIT)[-1] == (0, LIMIT, "ram")
    assert regions_of(e820(0, LIMIT), e820(LIMIT, LIMIT + GIB), limit=LIMIT)[-1][1] == LIMIT


@pytest.mark.parametrize(
    ("told", "is_whole"),
    [
        ({}, True),
        ({Told.LAST_PFN_END: GIB}, True),
        ({Told.LAST_PFN_END: GIB + MIB}, True),
        ({Told.LAST_PFN_END: GIB + MIB + 4096}, False),
        ({Told.LOW_PFN_END: GIB + MIB}, True),
        ({Told.LOW_PFN_END: GIB + 2 * MIB}, False),
        ({Told.MEMORY_BYTES: GIB}, True),
        ({Told.MEMORY_BYTES: GIB + GIB // 16}, True),
        ({Told.MEMORY_BYTES: GIB + GIB // 16 + 1}, False),
        ({Told.LOST_MAP_LINES: 3}, True),
    ],
)
def test_a_map_is_whole_unless_the_kernel_counts_more_than_it_has(told, is_whole):
    notes = []
    found = regions_of(e820(0, GIB), told=told, notes=notes)
    said = [note.text for note in notes if "not whole" in note.text]
    assert (not said) == is_whole
    assert ((0, GIB, "ram") in found) or not is_whole


@pytest.mark.parametrize(
    ("lost", "others", "words"),
    [
        (0, [], None), (1, [], "1 numbered line of it is missing"),
        (2, [], "2 numbered lines of it are missing"), (1, [e820(0, GIB)], None),
        (1, [(0, GIB, RAM, "iomem")], None), (1, [(0, GIB, RAM, "memmap")], None),
        (1, [(0, GIB, RAM, "coreboot")], "1 numbered line of it is missing"),
    ],
)  # fmt: skip
def test_lines_that_a_map_of_efi_lost_count_unless_another_map_is_there(lost, others, words):
    notes = []
    regions_of((0, GIB, RAM, "efi"), *others, told={Told.LOST_MAP_LINES: lost}, notes=notes)
    said = [note.text.partition(": ")[2] for note in notes if "not whole" in note.text]
    assert said == ([] if words is None else [words])


def test_the_end_below_4_gib_is_told_beside_the_end_of_all():
    rows = [e820(0, 2 * GIB), e820(4 * GIB, 6 * GIB)]
    for told, is_whole in (
        ({Told.LOW_PFN_END: 2 * GIB + MIB}, True), ({Told.LOW_PFN_END: 3 * GIB}, False),
        ({Told.LAST_PFN_END: 6 * GIB}, True), ({Told.LAST_PFN_END: 7 * GIB}, False),
    ):  # fmt: skip
        notes = []
        regions_of(*rows, told=told, notes=notes)
        assert any("not whole" in note.text for note in notes) != is_whole


@pytest.mark.parametrize(
    ("facts", "end", "is_assumed"),
    [
        ({Told.FORCED_WB_END: 4 * GIB}, 0, False),
        ({Told.FORCED_WB_END: 4 * GIB + 4096}, 4 * GIB + 4096, False),
        ({Told.FORCED_WB_END: 8 * GIB + 5}, 8 * GIB, False),
        ({Told.FORCED_WB: 1, Told.LAST_PFN_END: 4 * GIB}, 0, False),
        ({Told.FORCED_WB: 1, Told.LAST_PFN_END: 5 * GIB}, 5 * GIB, True),
        ({Told.FORCED_WB: 1, Told.TOM2: 6 * GIB, Told.LAST_PFN_END: 5 * GIB}, 6 * GIB, True),
        ({Told.LAST_PFN_END: 5 * GIB}, 0, False),
        ({Told.FORCED_WB: 1}, 0, False),
        ({Told.FORCED_WB_END: LIMIT}, LIMIT, False),
        ({Told.FORCED_WB_END: LIMIT + 4096}, 0, False),
    ],
)
def test_tom2_makes_memory_write_back_only_above_4_gib(facts, end, is_assumed):
    found = Facts()
    found.tell(Told.MAXPHYADDR, 36, HERE)
    for what, value in facts.items():
        found.tell(what, value, HERE)
    source = SourceReport("log", 1, ("dmesg",), "", 0, ())
    made = assemble(found, (source,), ImportOptions(machine=MachineKind.HOST))
    assert made.scenario.machine.tom2_end == end
    assert any("TOM2 with ForceWB" in note.text for note in made.notes) == is_assumed


@pytest.mark.parametrize(
    ("kind", "told", "asked", "seen", "words"),
    [
        (MachineKind.HOST, None, None, 0, "the number of CPUs is not given: 1 CPU"),
        (MachineKind.HOST, None, None, 1, "the number of CPUs is not given: 2 CPUs"),
        (MachineKind.GUEST, None, None, 0, "the number of vCPUs is not given: 1 vCPU"),
        (MachineKind.GUEST, None, None, 2, "the number of vCPUs is not given: 3 vCPUs"),
        (MachineKind.GUEST, 4, None, 0, None),
        (MachineKind.GUEST, None, 4, 0, None),
    ],
)
def test_a_number_of_cpus_that_nothing_tells_is_said_to_be_assumed(kind, told, asked, seen, words):
    found = Facts()
    found.add_register(seen, DEFTYPE, 0xC06, HERE)
    if told is not None:
        found.tell(Told.VCPUS, told, HERE)
    source = SourceReport("log", 1, ("rdmsr",), "", 0, ())
    made = assemble(found, (source,), ImportOptions(machine=kind, vcpus=asked))
    said = [note.text for note in made.notes if note.option == "vcpus"]
    assert said == ([] if words is None else [words])
    assert made.scenario.machine.vcpus == (told or asked or seen + 1)


# Which line told what


def test_a_register_is_told_by_the_last_line_and_a_raw_value_before_a_range():
    facts = Facts()
    facts.tell(Told.DEFAULT_TYPE, 6, Place("log", 1))
    facts.add_fixed(FixedRange(0x8_0000, 0xA_0000, MemoryType.WB, Place("log", 2)))
    facts.add_range(MtrrRange(1, 0, GIB, MemoryType.WB, Place("log", 3)))
    facts.add_range(MtrrRange(None, 0, GIB, MemoryType.WB, Place("log", 4)))
    facts.add_range(MtrrRange(MAX_PAIRS, 0, GIB, MemoryType.WB, Place("log", 5)))
    facts.add_register(None, 0x203, 0x800, Place("log", 6))
    facts.add_register(1, 0x202, 6, Place("log", 7))
    places = told_places(facts, [], 0)
    lines = {key: place.line for key, place in places.registers.items()}
    assert lines == {
        (None, DEFTYPE): 1, (None, FIXED_MSRS[1]): 2, (None, 0x202): 3, (None, 0x203): 6,
        (1, 0x202): 7,
    }  # fmt: skip
    assert [places.of_register(vcpu, 0x202) for vcpu in (0, 1)] == [
        Place("log", 3),
        Place("log", 7),
    ]
    assert places.of_register(0, 0x250) is None


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (0, 0x8_0000, 1), (0, 0x8_0001, 2), (0x7_FFFF, 0x8_0000, 1), (0x8_0000, 0xA_0000, 1),
        (0x9_FFFF, 0xA_0001, 2), (0xC_0000, 0x10_0000, 8), (0, 0x10_0000, 11),
        (0xF_FFFF, 0x10_0000, 1),
    ],
)  # fmt: skip
def test_a_fixed_range_is_of_the_registers_that_hold_a_byte_of_it(start, end, count):
    facts = Facts()
    facts.add_fixed(FixedRange(start, end, MemoryType.WB, HERE))
    assert len(told_places(facts, [], 0).registers) == count


def test_only_events_of_traces_have_lines():
    places = ToldPlaces({}, 2, ("a", "b"), np.array([10, 20, 30]), np.array([0, 1, 0]))
    assert [places.of_event(index) for index in range(6)] == [
        None, None, Place("a", 10), Place("b", 20), Place("a", 30), None
    ]  # fmt: skip

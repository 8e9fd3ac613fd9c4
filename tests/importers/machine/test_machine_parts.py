"""The parts of which a machine is made of facts, at the ends of their ranges."""

from __future__ import annotations

import pytest

from mtrrviz.importers.facts import MemoryRange, MemoryUse
from mtrrviz.importers.kernel.memory_words import use_of
from mtrrviz.importers.machine.cpu_model import CpuModel
from mtrrviz.importers.machine.dump import address_bits, device_start, split_blocks
from mtrrviz.importers.machine.regions import (
    Canvas,
    Use,
    assumed_regions,
    is_shown,
    joined_regions,
    ram_bytes,
    use_by_name,
)
from mtrrviz.importers.notes import Place
from mtrrviz.scenario.machine_spec import MachineKind, Maker, Region, RegionKind
from tests.importers.helpers import imported, ranges, texts

MIB, GIB = 1 << 20, 1 << 30
HERE = Place("log", 3)
A, B, C = (Use(name, RegionKind.MMIO) for name in "abc")


def painted(*strokes):
    canvas = Canvas()
    for start, end, use in strokes:
        canvas.paint(start, end, use)
    return [(start, end, use.name) for start, end, use in canvas.rows()]


@pytest.mark.parametrize(
    ("stroke", "expected"),
    [
        ((0, 10), [(0, 10, "b"), (10, 20, "a")]),
        ((0, 11), [(0, 11, "b"), (11, 20, "a")]),
        ((19, 30), [(10, 19, "a"), (19, 30, "b")]),
        ((20, 30), [(10, 20, "a"), (20, 30, "b")]),
        ((12, 15), [(10, 12, "a"), (12, 15, "b"), (15, 20, "a")]),
        ((10, 20), [(10, 20, "b")]),
        ((9, 21), [(9, 21, "b")]),
        ((10, 19), [(10, 19, "b"), (19, 20, "a")]),
        ((11, 20), [(10, 11, "a"), (11, 20, "b")]),
    ],
)
def test_what_is_painted_covers_and_cuts_what_was_there(stroke, expected):
    assert painted((10, 20, A), (*stroke, B)) == expected


def test_a_stroke_over_many_cuts_the_outer_ones_and_hides_the_others():
    found = painted((0, 10, A), (10, 20, B), (30, 40, A), (50, 60, B), (5, 55, C))
    assert found == [(0, 5, "a"), (5, 55, "c"), (55, 60, "b")]


@pytest.mark.parametrize(
    ("address", "use"), [(9, None), (10, "a"), (19, "a"), (20, "b"), (29, "b"), (30, None)]
)
def test_an_address_is_of_the_stretch_that_begins_at_or_before_it(address, use):
    canvas = Canvas()
    canvas.paint(10, 20, A)
    canvas.paint(20, 30, B)
    found = canvas.at(address)
    assert (found and found.name) == use
    assert Canvas().at(0) is None


@pytest.mark.parametrize(
    ("start", "end", "blocks"),
    [
        (0, 0x1000, [(0, 0x1000)]),
        (0, 0xFFF, []),
        (1, 0x2000, [(0x1000, 0x1000)]),
        (0, 0x3000, [(0, 0x2000), (0x2000, 0x1000)]),
        (0x1000, 0x4000, [(0x1000, 0x1000), (0x2000, 0x2000)]),
        (0, 1 << 40, [(0, 1 << 40)]),
        (0x3000, 0x3001, []),
        (0, 1 << 64, [(0, 1 << 63), (1 << 63, 1 << 63)]),
    ],
)
def test_blocks_lie_at_multiples_of_their_size(start, end, blocks):
    assert split_blocks(start, end) == blocks


def test_no_range_makes_more_than_64_blocks():
    assert len(split_blocks(0x1000, (1 << 64) - 0x1000)) == 64


def test_the_width_is_that_of_the_widest_valid_mask():
    assert address_bits([0xF_8000_0800, 0x7F_8000_0800, 0xFFFF_8000_0000]) == 39
    assert address_bits([0x7F_8000_0000]) == 0


@pytest.mark.parametrize(
    ("base", "mask", "start"),
    [
        (0x8000_0000, 0x7F_8000_0800, 0x8000_0000),
        (0x8000_0000, 0x7F_8000_0000, 0),
        (0x8000_0006, 0x7F_8000_0800, 0),
        (0x10_0000, 0x7F_FFF0_0800, 0x10_0000),
        (0xF_0000, 0x7F_FFFF_0800, 0),
        (0x1_0000_0000, 0x7F_8000_0800, 0),
        (0xFFFF_F000, 0x7F_FFFF_F800, 0xFFFF_F000),
    ],
)
def test_devices_start_at_the_first_uc_range_below_4_gib(base, mask, start):
    assert device_start({0x21E: base, 0x21F: mask, 0x200: 0, 0x201: 0}) == start
    both = {0x200: 0xC000_0000, 0x201: 0x7F_C000_0800, 0x202: base, 0x203: mask}
    assert device_start(both) == min(start or 0xC000_0000, 0xC000_0000)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("System RAM", RegionKind.RAM), ("usable", RegionKind.RAM), ("ram", RegionKind.RAM),
        ("System RAM (boot alias)", RegionKind.RAM), ("Persistent Memory", RegionKind.DEVICE_RAM),
        ("Reserved", None), ("ACPI Tables", None), ("type 20", None), ("Unknown E820 type", None),
        ("Soft Reserved", None), ("Video ROM", RegionKind.ROM), ("PCI Bus", RegionKind.MMIO),
    ],
)  # fmt: skip
def test_words_of_linux_say_what_a_range_is_for(name, kind):
    assert use_by_name(MemoryRange(0, MIB, name, "iomem", 0, HERE)).kind is kind


@pytest.mark.parametrize(("end", "name"), [(0xC0000, "VGA window"), (0xBFFFF, "x")])
def test_the_vga_window_is_known_by_both_its_ends(end, name):
    assert use_by_name(MemoryRange(0xA0000, end, "x", "iomem", 0, HERE)).name == name
    assert use_by_name(MemoryRange(0xA0001, end, "x", "iomem", 0, HERE)).name == "x"


@pytest.mark.parametrize(
    ("name", "is_device"),
    [("0000:00:02.0", True), ("0000:00:02.8", False), ("PCI Bus 0000:01", True), ("efifb", False),
     ("Video ROM", True), ("0000:00:02.0 x", False)],
)  # fmt: skip
def test_parts_of_devices_and_of_ram_are_not_shown(name, is_device):
    canvas = Canvas()
    canvas.paint(0, MIB, Use("RAM", RegionKind.RAM))
    canvas.paint(MIB, 2 * MIB, B)
    for start, expected in ((0, False), (MIB, is_device), (2 * MIB, is_device)):
        found = MemoryRange(start, start + 0x1000, name, "iomem", 1, HERE)
        assert is_shown(found, canvas) is expected


@pytest.mark.parametrize(
    ("words", "use"),
    [
        ("usable", MemoryUse.RAM), ("System RAM", MemoryUse.RAM), ("RAM", MemoryUse.RAM),
        ("RAMSTAGE", MemoryUse.RESERVED), ("CONFIGURATION TABLES", MemoryUse.RESERVED),
        ("ACPI data", MemoryUse.ACPI), (" NVS", MemoryUse.ACPI), ("unusable", MemoryUse.UNUSABLE),
        ("BadRAM", MemoryUse.UNUSABLE), ("persistent (type 12)", MemoryUse.PERSISTENT),
        ("MMIO", MemoryUse.DEVICE), ("Memory Mapped I/O", MemoryUse.DEVICE),
        ("Boot Code", MemoryUse.RAM), ("BS_Data", MemoryUse.RAM), ("Loader Data", MemoryUse.RAM),
        ("Runtime Code", MemoryUse.RESERVED), ("anything", MemoryUse.RESERVED),
    ],
)  # fmt: skip
def test_words_of_memory_maps_mean_these_uses(words, use):
    assert use_of(words) is use


def test_regions_are_whole_pages_and_ram_wins_the_page_it_shares():
    rows = [
        (0, 0x9FC00, Use("RAM", RegionKind.RAM)),
        (0x9FC00, 0xA0000, Use("r", RegionKind.MMIO)),
        (0xA0800, 0xA1000, Use("d", RegionKind.MMIO)),
        (0xA1000, 0xA1001, Use("d", RegionKind.MMIO)),
        (1 << 52, (1 << 52) + 1, Use("far", RegionKind.MMIO)),
        ((1 << 52) - 0x1000, (1 << 52) + 0x1000, Use("end", None)),
    ]
    assert [(r.name, r.kind, r.start, r.end) for r in joined_regions(rows, HERE, [])] == [
        ("low RAM", RegionKind.RAM, 0, 0xA0000),
        ("d", RegionKind.MMIO, 0xA0000, 0xA2000),
        ("end", RegionKind.MMIO, (1 << 52) - 0x1000, 1 << 52),
    ]


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [(0, MIB, "low RAM"), (0, MIB + 1, "RAM"), (4 * GIB, 5 * GIB, "high RAM"),
     (4 * GIB - 0x1000, 5 * GIB, "RAM")],
)  # fmt: skip
def test_stretches_of_ram_are_named_by_where_they_lie(start, end, name):
    (found,) = joined_regions([(start, end, Use("x", RegionKind.RAM))], HERE, [])
    assert found.name == name


@pytest.mark.parametrize("count", [1000, 1001])
def test_of_too_many_regions_the_largest_are_kept(count):
    notes = []
    rows = [(n << 20, (n << 20) + (0x1000 if n == 7 else 0x2000), A) for n in range(count)]
    found = joined_regions(rows, HERE, notes)
    assert len(found) == 1000
    assert [region.start for region in found] == sorted(region.start for region in found)
    assert (0x1000 in {region.size_bytes for region in found}) == (count == 1000)
    assert [note.place for note in notes] == [HERE] * (count - 1000)


@pytest.mark.parametrize(
    ("size", "said"), [(0, 0), (1, 64 * MIB), (64 * MIB, 64 * MIB), (64 * MIB + 1, 128 * MIB)]
)
def test_ram_is_said_in_steps_of_64_mib(size, said):
    ram = Region("RAM", RegionKind.RAM, 0, size)
    assert ram_bytes((ram, Region("x", RegionKind.MMIO, GIB, 2 * GIB))) == said


@pytest.mark.parametrize(
    ("memory", "devices", "highest", "hole", "size"),
    [
        (None, 0, 0, 2 * GIB, 2 * GIB),
        (None, 16 * MIB, 0, 16 * MIB, 16 * MIB),
        (None, 16 * MIB - 1, 0, 2 * GIB, 2 * GIB),
        (None, 4 * GIB, 0, 2 * GIB, 2 * GIB),
        (None, 3 * GIB, 4 * GIB, 3 * GIB, 3 * GIB),
        (None, 3 * GIB, 4 * GIB + 1, 3 * GIB, 3 * GIB + 64 * MIB),
        (None, 3 * GIB, 4 * GIB + 64 * MIB, 3 * GIB, 3 * GIB + 64 * MIB),
        (8 * GIB, 3 * GIB, 0, 3 * GIB, 8 * GIB),
        (GIB, 3 * GIB, 0, 3 * GIB, GIB),
        (1, 3 * GIB, 0, 3 * GIB, MIB),
        (2 * MIB - 1, 3 * GIB, 0, 3 * GIB, MIB),
    ],
)
def test_a_machine_without_a_map_has_ram_up_to_its_devices(memory, devices, highest, hole, size):
    notes = []
    regions, total = assumed_regions(memory, devices, highest, notes)
    assert total == size
    window = next(region for region in regions if region.name == "device window")
    assert (window.start, window.end) == (hole, 4 * GIB)
    high = sum(region.size_bytes for region in regions if region.start >= 4 * GIB)
    assert high == max(0, size - hole)
    assert next(region for region in regions if region.name == "RAM").end == min(size, hole)
    assert len(notes) == (memory is None)


@pytest.mark.parametrize("pairs", [0, 1, 8, 16])
def test_a_cpu_has_a_base_and_a_mask_for_each_pair(pairs):
    msrs = CpuModel(True, 36, pairs).pair_msrs
    assert list(msrs) == list(range(0x200, 0x200 + 2 * pairs))


@pytest.mark.parametrize("bits", [36, 39, 46, 52])
def test_what_has_an_address_bit_too_many_is_refused_and_nothing_else(bits):
    model = CpuModel(False, bits)
    assert model.refusal(0x200, (1 << bits) - 0x1000 | 6) == ""
    assert model.refusal(0x200, 1 << bits | 6) != ""
    assert model.refusal(0x200, 2) != ""


@pytest.mark.parametrize(
    ("is_host", "maker", "is_refused"),
    [(True, Maker.AMD, False), (True, Maker.INTEL, True), (False, Maker.AMD, True)],
)
def test_only_amds_own_cpus_have_bits_of_dram_in_fixed_registers(is_host, maker, is_refused):
    value = 0x1E1E_1E1E_1E1E_1E1E
    assert bool(CpuModel(is_host, 40, maker=maker).refusal(0x250, value)) == is_refused


@pytest.mark.parametrize(
    ("base", "size", "kind", "count", "said"),
    [
        (3072, 2048, MachineKind.HOST, 1, "takes base AND mask, 0x8000_0000 to 0xffff_ffff"),
        (3072, 2048, MachineKind.GUEST, 0, "no pair can stand for this range"),
        (1024, 3072, MachineKind.HOST, 0, "no pair can stand for this range"),
        (2048, 2048, MachineKind.HOST, 1, ""),
    ],
)
def test_a_base_off_its_size_is_what_a_real_cpu_makes_of_it(base, size, kind, count, said):
    text = f"reg00: base=0x{base << 20:09x} ({base}MB), size={size}MB, count=1: uncachable\n"
    found = imported(text, machine=kind)
    assert len(ranges(found)) == count
    assert said in texts(found)
    assert ("base AND mask" in texts(found)) == ("base AND mask" in said)
    assert ("no pair can" in texts(found)) == ("no pair can" in said)

"""Small parts of imports at the ends of what they take: units, widths, cut values, encodings."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.hardware import hardware_layout
from mtrrviz.core.sdm.sdm_types import sdm_types
from mtrrviz.importers.dumps.dmesg import KernelLogParser
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.formats import Context
from mtrrviz.importers.kernel.cleanup import Cleanup
from mtrrviz.importers.lines.clean import cleaned
from mtrrviz.importers.lines.joined import taken_apart
from mtrrviz.importers.machine.cut_values import take_out_cut_values
from mtrrviz.importers.machine.deduced_ram import deduced_ram
from mtrrviz.importers.notes import Place
from mtrrviz.importers.text import Source, TextReader
from mtrrviz.importers.traces.trace_columns import Accesses
from mtrrviz.scenario.scenario_error import ScenarioError
from tests.importers.helpers import imported

if TYPE_CHECKING:
    from pathlib import Path

KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40
UC, WB = MemoryType.UC, MemoryType.WB
LOG = Place("log", 1)


@pytest.mark.parametrize(
    ("unit", "size"), [("B", 1), ("KB", KIB), ("MB", MIB), ("GB", GIB), ("TB", TIB)]
)
@pytest.mark.parametrize("kind", MemoryType)
def test_the_clean_up_prints_bases_and_sizes_in_units(unit, size, kind):
    facts = Facts()
    Cleanup(facts).take(f"reg 3, base: 5{unit}, range: 7GB, type {kind.name}", LOG)
    Cleanup(facts).take(f"reg 12, base: 5GB, range: 7{unit}, type {kind.name}", LOG)
    assert [(one.index, one.base, one.size, one.type) for one in facts.ranges] == [
        (3, 5 * size, 7 * GIB, kind),
        (12, 5 * GIB, 7 * size, kind),
    ]


# Address bits


@pytest.mark.parametrize(
    ("bits", "expected"), [(31, 46), (32, 32), (33, 33), (36, 36), (46, 46), (52, 52)]
)
def test_a_mask_shows_the_address_bits_where_any_cpu_has_so_many(bits, expected):
    mask = (1 << bits) - (1 << 28) | 0x800
    found = imported(f"0x200: 0x6\n0x201: {mask:#x}\n0x2ff: 0xc00\n")
    assert found.scenario.machine.maxphyaddr == expected
    assert any("the physical address width is not given" in note.text for note in found.notes) == (
        bits < 32
    )


@pytest.mark.parametrize("bits", [32, 33, 40, 51, 52])
def test_address_bits_that_were_chosen_are_taken(bits):
    found = imported("0x2ff: 0xc00\n", maxphyaddr=bits)
    assert found.scenario.machine.maxphyaddr == bits
    assert not any("address width" in note.text for note in found.notes)


BARE = "Booting paravirtualized kernel on bare hardware\n"


@pytest.mark.parametrize(
    ("kind", "line", "bits"),
    [
        (BARE, "last_pfn = 0x400000000 max_arch_pfn = 0x400000000000", 46),
        (BARE, "last_pfn = 0x400000001 max_arch_pfn = 0x400000000000", 47),
        (BARE, "BIOS-e820: [mem 0x0000000000000000-0x0000400000000fff] reserved", 47),
        (BARE, "BIOS-e820: [mem 0x0000000000000000-0x00003fffffffffff] reserved", 46),
    ],
)
def test_what_a_machine_has_needs_its_address_bits(kind, line, bits):
    found = imported(f"{kind}{line}\nMTRR default type: uncachable\n", machine=None)
    assert found.scenario.machine.maxphyaddr == bits


# Values cut short


def registers(*rows, file="log"):
    """Return facts of (msr, digits) with zeros in front, each on a line of its own."""
    facts = Facts()
    for line, (msr, digits) in enumerate(rows, 1):
        facts.add_register(0, msr, 6, Place(file, line), digits)
    return facts


@pytest.mark.parametrize(
    ("msr", "name", "gone"),
    [
        (0x2FF, "IA32_MTRR_DEF_TYPE", [0x2FF]),
        (0x277, "IA32_PAT", [0x277]),
        (0x200, "IA32_MTRR_PHYSBASE0", [0x200, 0x201]),
        (0x201, "IA32_MTRR_PHYSMASK0", [0x200, 0x201]),
        (0x20F, "IA32_MTRR_PHYSMASK7", [0x20E, 0x20F]),
        (0x250, "IA32_MTRR_FIX64K_00000", [0x250]),
        (0x1234, "MSR 0x1234", [0x1234]),
    ],
)
def test_a_cut_value_is_named_and_taken_out_with_the_other_half_of_its_pair(msr, name, gone):
    others = [0x200, 0x201, 0x20E, 0x20F, 0x250, 0x258, 0x277, 0x2FF, 0x1234]
    facts = registers(*((one, 15 if one == msr else 16) for one in others))
    take_out_cut_values(facts)
    assert [one.msr for one in facts.registers] == [one for one in others if one not in gone]
    (note,) = facts.notes
    assert note.text == f"the value of {name} is cut: 15 digits where the other lines have 16"
    assert note.place == Place("log", 1 + others.index(msr))
    assert list(facts.cut_pairs) == ([msr - 0x200 >> 1] if len(gone) == 2 else [])


@pytest.mark.parametrize(
    ("widths", "cut"),
    [
        ([16, 16, 16, 8], [8]),
        ([16, 16, 8], [8]),
        ([16, 8], []),
        ([16, 16, 8, 8], []),
        ([16, 16, 8, 7, 6], []),
        ([8, 8, 8, 1], [1]),
        ([7, 7, 7, 6], []),
        ([16, 16, 16, 0], []),
        ([16], []),
    ],
)
def test_what_is_shorter_than_most_is_cut_where_numbers_have_all_digits(widths, cut):
    facts = registers(*((0x250 + at, width) for at, width in enumerate(widths)))
    take_out_cut_values(facts)
    assert [one.digits for one in facts.registers] == [one for one in widths if one not in cut]
    assert len(facts.notes) == len(cut)


def test_numbers_without_zeros_in_front_have_no_usual_width():
    facts = Facts()
    for at in range(4):
        facts.add_register(0, 0x250 + at, 0x1606_0606_0606_0606, LOG, 16)
    facts.add_register(0, 0x268, 6, LOG, 8)
    take_out_cut_values(facts)
    assert len(facts.registers) == 5
    facts.add_register(0, 0x269, 0x0606_0606_0606_0606, LOG, 16)
    take_out_cut_values(facts)
    assert len(facts.registers) == 5


def test_each_file_has_its_own_width():
    facts = registers((0x250, 16), (0x258, 16), (0x259, 16))
    for line in range(3):
        facts.add_register(0, 0x268 + line, 6, Place("other", line), 8)
    take_out_cut_values(facts)
    assert len(facts.registers) == 6


# RAM that nothing but the registers tells of


def types_of(*pairs, default=UC, unknown=()):
    """Return the types of (start, size, type) in a machine of 40 bits."""
    state = MtrrState(40)
    for number, (start, size, kind) in enumerate(pairs):
        state.write(0x200 + 2 * number, start | kind)
        state.write(0x201 + 2 * number, (1 << 40) - size | 0x800)
    state.write(0x2FF, 0x800 | default)
    state.unknown = frozenset(unknown)
    return sdm_types(hardware_layout(state))


VGA = (0, 0xA_0000)
HOLE = (3 * GIB, GIB, UC)
LOW, HIGH = (0, 4 * GIB, WB), (4 * GIB, 2 * GIB, WB)


@pytest.mark.parametrize(
    ("pairs", "default", "told", "size", "expected"),
    [
        ([LOW, HOLE], UC, {}, None, [VGA, (MIB, 3 * GIB)]),
        ([LOW, HOLE, HIGH], UC, {}, None, [VGA, (MIB, 3 * GIB), (4 * GIB, 6 * GIB)]),
        ([LOW], UC, {}, None, [VGA, (MIB, 4 * GIB)]),
        ([HOLE], WB, {}, None, []),
        ([HOLE], WB, {}, 2 * GIB, [VGA, (MIB, 2 * GIB)]),
        ([HOLE], WB, {}, 3 * GIB, [VGA, (MIB, 3 * GIB)]),
        ([HOLE], WB, {}, 3 * GIB + 4096, [VGA, (MIB, 3 * GIB), (4 * GIB, 4 * GIB + 4096)]),
        ([HOLE], WB, {Told.LOW_PFN_END: GIB}, None, [VGA, (MIB, GIB)]),
        (
            [HOLE],
            WB,
            {Told.LAST_PFN_END: 5 * GIB, Told.LOW_PFN_END: GIB},
            None,
            [VGA, (MIB, GIB), (4 * GIB, 5 * GIB)],
        ),
        ([HOLE], WB, {Told.LAST_PFN_END: 5 * GIB}, None, [(4 * GIB, 5 * GIB)]),
        ([HOLE], WB, {Told.LAST_PFN_END: 4 * GIB}, None, [VGA, (MIB, 3 * GIB)]),
        ([HOLE], WB, {Told.LAST_PFN_END: GIB + 0x1800}, None, [VGA, (MIB, GIB + 0x1000)]),
        ([HOLE], WB, {Told.TOM2: 4 * GIB}, None, []),
        ([HOLE], WB, {Told.TOM2: 5 * GIB}, None, [(4 * GIB, 5 * GIB)]),
        ([HOLE], WB, {Told.TOM: GIB, Told.TOM2: 5 * GIB}, None,
         [VGA, (MIB, GIB), (4 * GIB, 5 * GIB)]),
        ([LOW, HOLE, HIGH], UC, {Told.TOM2: 5 * GIB}, None,
         [VGA, (MIB, 3 * GIB), (4 * GIB, 5 * GIB)]),
        (
            [HOLE],
            WB,
            {Told.TOM2: 5 * GIB, Told.FORCED_WB_END: 6 * GIB, Told.LOW_PFN_END: GIB},
            None,
            [VGA, (MIB, GIB), (4 * GIB, 6 * GIB)],
        ),
        ([HOLE], WB, {Told.CACHED_LOW_END: 2 * GIB}, None, [VGA, (MIB, 2 * GIB)]),
        (
            [HOLE],
            WB,
            {Told.CACHED_LOW_END: 2 * GIB, Told.CACHED_HIGH_END: 5 * GIB},
            None,
            [VGA, (MIB, 2 * GIB), (4 * GIB, 5 * GIB)],
        ),
        ([HOLE], WB, {Told.MEMORY_BYTES: GIB}, None, [VGA, (MIB, GIB)]),
        ([HOLE], WB, {Told.COVERED_BYTES: GIB}, None, [VGA, (MIB, GIB)]),
        ([HOLE], WB, {Told.MEMORY_BYTES: GIB, Told.COVERED_BYTES: 2 * GIB}, None,
         [VGA, (MIB, GIB)]),
        ([HOLE], WB, {Told.MEMORY_BYTES: GIB}, 512 * KIB, [(0, 512 * KIB)]),
        ([HOLE], WB, {}, MIB, [VGA]),
        ([HOLE], WB, {}, MIB + 4096, [VGA, (MIB, MIB + 4096)]),
    ],
)  # fmt: skip
def test_ram_reaches_to_where_the_best_witness_says(pairs, default, told, size, expected):
    facts, notes = Facts(), []
    for what, value in told.items():
        facts.tell(what, value, LOG)
    found = deduced_ram(facts, types_of(*pairs, default=default), size, notes)
    assert found == expected
    (note,) = notes
    assert note.option == "memory"
    is_told = bool(expected) or default is UC
    assert ("of RAM, deduced from " in note.text) == is_told


@pytest.mark.parametrize(
    ("types", "told", "size", "text"),
    [
        (types_of(LOW), {}, None, "4 GiB of RAM, deduced from the write-back ranges"),
        (types_of(HOLE, default=WB), {}, None, "and nothing tells where RAM is"),
        (types_of(HOLE, default=WB), {}, GIB, "deduced from the write-back ranges and the size"),
        (types_of(LOW), {Told.TOM2: 5 * GIB}, None, "from the write-back ranges and TOM2"),
        (types_of(LOW), {Told.TOM2: 4 * GIB}, None, "deduced from the write-back ranges"),
        (types_of(), {}, None, "and nothing tells where RAM is"),
        (types_of(default=WB), {Told.LOW_PFN_END: 0}, None, "no RAM can be deduced from last_pfn"),
        (types_of(HOLE, default=WB), {Told.LOW_PFN_END: GIB, Told.TOM2: 5 * GIB}, None,
         "last_pfn and TOM2"),
        (types_of(HOLE, default=WB), {Told.LOW_PFN_END: GIB}, None, "and last_pfn"),
        (types_of(HOLE, default=WB), {Told.MEMORY_BYTES: GIB}, None, "the kernel's Memory line"),
        (types_of(HOLE, default=WB), {Told.CACHED_LOW_END: GIB}, None, "coreboot's address map"),
        (types_of(LOW, unknown={0x2FF}), {}, None, "and nothing tells where RAM is"),
        (types_of(LOW, unknown={0x2FF}), {}, GIB, "1023.62 MiB of RAM, deduced from the size"),
        (types_of(HOLE, default=WB, unknown={0x202, 0x203}), {}, GIB, "no RAM can be deduced from"),
    ],
)  # fmt: skip
def test_what_ram_was_deduced_from_is_said(types, told, size, text):
    facts, notes = Facts(), []
    for what, value in told.items():
        facts.tell(what, value, LOG)
    deduced_ram(facts, types, size, notes)
    (note,) = notes
    assert text in note.text


# Bytes


def read(data):
    """Return lines and remarks of a text."""
    reader = TextReader(Source("log", data))
    return [line for batch in reader.batches() for line in batch.lines], reader.remarks


@pytest.mark.parametrize("code", range(1, 32))
def test_controls_that_logs_have_are_text_however_many(code):
    data = b"text " + bytes([code]) * 40 + b"\nend"
    if code in {8, 9, 10, 12, 13, 27}:
        assert read(data)[0][-1] == "end"
    else:
        with pytest.raises(ScenarioError, match=f"starts 74 65 78 74 20 {code:02x}"):
            read(data)


@pytest.mark.parametrize(
    ("controls", "others", "is_text"),
    [(4, 0, True), (5, 0, False), (5, 95, True), (6, 94, False), (50, 950, True), (51, 949, False)],
)
def test_a_few_controls_are_taken_for_damage(controls, others, is_text):
    data = b"\1" * controls + b"a" * others
    if is_text:
        assert len("".join(read(data)[0])) == controls + others
    else:
        with pytest.raises(ScenarioError, match="this is not text"):
            read(data)


@pytest.mark.parametrize(
    ("encoding", "remarks"),
    [
        ("utf-8", 0), ("utf-8-sig", 0), ("utf-16", 1), ("utf-16-le", 1), ("utf-16-be", 1),
        ("utf-32", 1), ("latin-1", 1),
    ],
)  # fmt: skip
def test_encodings_are_known_and_told(encoding, remarks):
    text = "reg00: base=0x0 caf\xe9" if encoding == "latin-1" else "reg00: base=0x000000000"
    lines, told = read(f"{text}\nend".encode(encoding))
    assert lines == [text, "end"]
    assert len(told) == remarks


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_latin_letters_in_utf_16_are_known_from_sixteen_bytes_on(encoding):
    lines, remarks = read("01234567".encode(encoding))
    assert lines == ["01234567"]
    assert remarks == ["the text is UTF-16 (without its mark), not UTF-8; it was converted"]
    with pytest.raises(ScenarioError, match="this is not text"):
        read("0123456".encode(encoding))


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("data", ["{}", "{}\nend", "{}\na\nb\n", "first\n{}", "first\n{}\nend\n"])
def test_a_line_of_just_the_most_characters_is_read(monkeypatch, size, data):
    monkeypatch.setattr("mtrrviz.importers.text.MAX_LINE_CHARS", 8)
    monkeypatch.setattr("mtrrviz.importers.text.CHUNK_BYTES", 8)  # a piece is no longer than that
    text = data.format("x" * size)
    if size == 8:
        assert read(text.encode())[0] == text.split("\n")[: len(text.splitlines())]
    else:
        with pytest.raises(ScenarioError, match="a line of more than 8"):
            read(text.encode())


@pytest.mark.parametrize("vcpus", [255, 256])
def test_a_machine_may_have_255_cpus(vcpus):
    if vcpus == 255:
        assert imported("0x2ff: 0xc00\n", vcpus=vcpus).scenario.machine.vcpus == 255
    else:
        with pytest.raises(ScenarioError, match="256 CPUs"):
            imported("0x2ff: 0xc00\n", vcpus=vcpus)


@pytest.mark.parametrize(("size", "is_told"), [(400, True), (401, False)])
def test_a_line_of_the_kernel_log_has_at_most_400_characters(size, is_told):
    head = "Booting paravirtualized kernel on bare hardware"
    facts = Facts()
    parser = KernelLogParser(facts, Context("log"))
    assert parser.take(head + " " * (size - len(head)), 1) == is_told
    assert bool(facts.signs) == is_told


@pytest.mark.parametrize(("size", "many"), [(99, 1), (100, 2), (101, 2)])
def test_a_line_of_a_hundred_characters_may_be_two_that_a_page_put_together(size, many):
    first, second = "[    0.000000] MTRR default type: uncachable", "[    0.000001] last_pfn = 0x80"
    line = f"{first} {second}{' ' * (size - len(first) - len(second) - 2)}."
    assert len(line) == size
    assert len(taken_apart(line)) == many
    assert len(cleaned([line], [1], lambda _text: 0, is_coded=False).lines) == many


def test_sizes_are_those_of_the_bytes_and_of_the_file_and_zero_if_nobody_knows(tmp_path: Path):
    path = tmp_path / "log"
    path.write_bytes(b"12345")
    assert Source("log", path).size_bytes() == 5
    assert Source("log", b"123").size_bytes() == 3
    assert Source("log", tmp_path / "none").size_bytes() == 0


def test_progress_goes_from_nothing_to_all_of_the_bytes():
    text = b"a\n" * 300_000
    for data in (text, gzip.compress(text)):
        told = list[tuple[int, int]]()
        list(TextReader(Source("log", data), lambda *step, to=told: to.append(step)).batches())
        assert len(told) == 3
        assert told[-1] == (len(data), len(data))
        assert told == sorted(told)


# Columns of traces


@pytest.mark.parametrize("at", [0, 1, 2, 3, 5])
@pytest.mark.parametrize(
    "bad", [-(1 << 63) - 1, -(1 << 63), -1, 0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64]
)
def test_a_number_that_does_not_fit_its_column_is_told_by_its_line(at, bad):
    table = Accesses()
    rows: list[tuple[int, ...]] = [(-5, -1, -1, 0, line, 7) for line in (11, 12, 13)]
    changed = [*rows[1]]
    changed[at] = bad
    rows[1] = tuple(changed)
    for row in rows:
        table.add(row)
    fits = -(1 << 63) <= bad < 1 << 63 if at < 4 else 0 <= bad < 1 << 64
    if fits:
        table.flush()
        assert len(table) == 3
        column = table.signed_column("time_ns") if at == 0 else None
        assert column is None or column.tolist() == [-5, bad, -5]
        assert table.signed_column("line").tolist() == [11, 12, 13]
    else:
        with pytest.raises(OverflowError) as error:
            table.flush()
        assert error.value.args == (12,)
        assert len(table) == 0


@pytest.mark.parametrize(("limit", "kept"), [(0, 0), (1, 1), (3, 3), (4, 4), (5, 4)])
def test_a_table_keeps_as_many_rows_as_it_may_and_counts_the_others(limit, kept):
    table = Accesses(limit)
    for start in (0, 2):
        for line in (start, start + 1):
            table.add((line, 0, 0, 0, line, 1 << 63))
        table.flush()
    assert (len(table), table.dropped) == (kept, 4 - kept)
    assert table.times_from(1).tolist() == list(range(1, kept))
    assert table.unsigned_column("value").dtype == np.uint64
    table.keep(1)
    assert len(table) == min(kept, 1)
    table.clear()
    assert len(table) == 0

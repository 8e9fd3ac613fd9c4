"""The registers that facts come to: which value counts, what is derived, and what is assumed."""

from __future__ import annotations

from typing import Any

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import (
    DEFTYPE,
    FIXED_MSRS,
    MTRRCAP,
    PAT,
    PHYSBASE0,
    VALID_BIT,
    fixed_subranges,
    pair_msrs,
)
from mtrrviz.importers.facts import Facts, FixedRange, MtrrRange, Sign, Told
from mtrrviz.importers.import_options import ImportOptions
from mtrrviz.importers.machine.cpu_model import CpuModel
from mtrrviz.importers.machine.dump import Dump, fixed_values
from mtrrviz.importers.notes import Place
from mtrrviz.scenario.machine_spec import Maker

MIB, GIB = 1 << 20, 1 << 30
UC, WC, WB = MemoryType.UC, MemoryType.WC, MemoryType.WB
HERE = Place("log", 3)
GUEST = CpuModel(is_host=False, maxphyaddr=36)
HOST = CpuModel(True, 36, 10, Maker.INTEL)
MASK_GIB = 0xF_C000_0000 | VALID_BIT


def dumped(*, cpu=GUEST, registers=(), ranges=(), fixed=(), told=None, cut=(), signs=(), **options):
    """Return the dump of some facts, and the texts of its notes."""
    facts = Facts()
    for vcpu, msr, value in registers:
        facts.add_register(vcpu, msr, value, HERE)
    for index, base, size, kind, *is_map in ranges:
        facts.add_range(MtrrRange(index, base, size, kind, HERE, is_map=bool(is_map)))
    for start, end, kind in fixed:
        facts.add_fixed(FixedRange(start, end, kind, HERE))
    for what, value in (told or {}).items():
        facts.tell(what, value, HERE)
    for number in cut:
        facts.add_cut_pair(number, HERE)
    for sign in signs:
        facts.add_sign(sign, "x", HERE)
    notes = []
    return Dump(facts, ImportOptions(**options), cpu, notes), [note.text for note in notes]


def test_each_cpu_has_its_own_values_and_others_those_of_the_first():
    dump, _ = dumped(registers=[(None, PAT, 7), (2, DEFTYPE, 0xC06), (4, DEFTYPE, 0xC00)])
    values = [dump.values(vcpu) for vcpu in range(6)]
    assert [one[DEFTYPE] for one in values] == [0xC06, 0xC06, 0xC06, 0xC06, 0xC00, 0xC06]
    assert {one[PAT] for one in values} == {7}
    assert dump.vcpus == 5
    assert dumped(registers=[(None, PAT, 7)])[0].vcpus == 0


@pytest.mark.parametrize("cpu", [GUEST, HOST])
@pytest.mark.parametrize(
    ("registers", "vcpus", "words"),
    [
        ([(0, DEFTYPE, 6)], 1, None), ([(0, DEFTYPE, 6)], 3, "2 {}s without values"),
        ([(1, DEFTYPE, 6)], 2, "those of {} 1"), ([(None, DEFTYPE, 6)], 1, None),
        ([(None, DEFTYPE, 6)], 2, "do not say of which {}"), ([], 1, None),
    ],
)  # fmt: skip
def test_copies_are_said(cpu, registers, vcpus, words):
    facts, notes = Facts(), []
    for vcpu, msr, value in registers:
        facts.add_register(vcpu, msr, value, HERE)
    dump = Dump(facts, ImportOptions(), cpu, notes)
    del notes[:]
    dump.check_copies(vcpus)
    what = "CPU" if cpu.is_host else "vCPU"
    assert [
        note.text for note in notes if words is None or words.format(what) not in note.text
    ] == []
    assert bool(notes) == (words is not None)


@pytest.mark.parametrize(("second", "is_said"), [(0xC06, False), (0xC00, True)])
def test_the_later_of_two_values_counts_and_is_said_where_it_differs(second, is_said):
    dump, notes = dumped(registers=[(0, DEFTYPE, 0xC06), (0, DEFTYPE, second), (1, DEFTYPE, 0)])
    assert dump.values(0)[DEFTYPE] == second
    assert any("given twice" in text for text in notes) == is_said


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("cpu", [GUEST, HOST])
def test_half_a_pair_is_none(cpu, place):
    base, mask = pair_msrs(1)
    bad = [(0, base, 2 if place == 0 else 6), (0, mask, MASK_GIB | (1 << 40) * place)]
    dump, notes = dumped(cpu=cpu, registers=[*bad, (0, PAT, 2), (0, DEFTYPE, 0xC00)])
    expected = None if cpu.is_host else 0
    assert [dump.values(0).get(msr) for msr in (base, mask)] == [expected] * 2
    assert PAT not in dump.values(0)
    assert sum("would refuse" in text for text in notes) == 2


@pytest.mark.parametrize(
    ("cpu", "msr", "value", "is_said"),
    [
        (GUEST, PHYSBASE0 + 17, VALID_BIT, True), (GUEST, PHYSBASE0 + 17, 0, False),
        (GUEST, PHYSBASE0 + 16, VALID_BIT, False), (GUEST, PHYSBASE0 + 15, VALID_BIT, False),
        (HOST, PHYSBASE0 + 19, VALID_BIT, False), (HOST, PHYSBASE0 + 21, VALID_BIT, True),
    ],
)  # fmt: skip
def test_a_pair_beyond_the_cpus_is_said_if_it_is_in_use(cpu, msr, value, is_said):
    _, notes = dumped(cpu=cpu, registers=[(0, msr, value)])
    number = (msr - PHYSBASE0) // 2
    assert any(f"pair {number} is in use, but" in text for text in notes) == is_said


@pytest.mark.parametrize(("cpu", "value", "is_said"), [(GUEST, 0x508, False), (GUEST, 0x50A, True),
                                                      (HOST, 0x50A, False)])  # fmt: skip
def test_another_number_of_pairs_than_kvms_is_said(cpu, value, is_said):
    dump, notes = dumped(cpu=cpu, registers=[(0, MTRRCAP, value)])
    assert any("10 variable ranges" in text for text in notes) == is_said
    assert MTRRCAP not in dump.values(0)


@pytest.mark.parametrize(
    ("cpu", "cut", "registers", "words"),
    [
        (GUEST, [1], [], "the line of pair 1 is cut: it is taken to be off"),
        (HOST, [1], [], "the line of pair 1 is cut: its values are unknown"),
        (GUEST, [1], [(0, PHYSBASE0 + 2, 0), (0, PHYSBASE0 + 3, 0)], None),
        (GUEST, [1], [(0, PHYSBASE0 + 2, 0)], "pair 1 is cut"),
        (GUEST, [7], [], "pair 7 is cut"), (GUEST, [8], [], None), (HOST, [9], [], "pair 9 is cut"),
    ],
)  # fmt: skip
def test_a_cut_line_is_named_unless_the_values_are_known(cpu, cut, registers, words):
    _, notes = dumped(cpu=cpu, cut=cut, registers=registers)
    said = [text for text in notes if "is cut" in text]
    assert bool(said) == (words is not None)
    assert all((words or "") in text for text in said)


@pytest.mark.parametrize(
    ("shown", "told", "signs", "off"),
    [
        ([0, 1], {}, [], [*range(2, 10)]),
        ([0, 8], {}, [], [9]),
        ([9], {}, [], []),
        ([], {}, [], []),
        ([0, 1], {Told.PAIRS: 10}, [], []),
        ([0, 1], {Told.PAIRS: 10}, [Sign.FIRMWARE], [*range(2, 10)]),
    ],
)
def test_pairs_behind_the_last_that_is_printed_are_off(shown, told, signs, off):
    registers = [(None, msr, 0) for pair in shown for msr in pair_msrs(pair)]
    dump, notes = dumped(cpu=HOST, registers=registers, told=told, signs=signs)
    assumed = [pair for pair in range(10) if PHYSBASE0 + 2 * pair in dump.assumed]
    assert assumed == off
    assert any("not printed: taken to be off" in text for text in notes) == bool(off)
    assert any(text.startswith("pair 9 is") for text in notes) == (off == [9])


@pytest.mark.parametrize(
    ("index", "base", "size", "found"),
    [
        (0, 0, GIB, (0, 0 | WB, MASK_GIB)), (7, GIB, GIB, (7, GIB | WB, MASK_GIB)),
        (8, 0, GIB, None), (1, 0, 0, (1, 0, 0)), (1, GIB >> 1, GIB, None), (2, 0, 3 * GIB, None),
    ],
)  # fmt: skip
def test_a_guests_range_is_the_pair_of_its_number(index, base, size, found):
    dump, notes = dumped(ranges=[(index, base, size, WB)])
    values = {msr: value for msr, value in dump.values(0).items() if value and 0x200 <= msr < 0x210}
    number, *pair = found or (0, 0, 0)
    assert values == {m: v for m, v in zip(pair_msrs(number), pair, strict=True) if v}
    assert any("left out" in text for text in notes) == (found is None)


def test_a_range_without_a_number_takes_the_first_free_pair():
    rows = [(1, 0, GIB, WB), (None, GIB, GIB, WB), (None, 2 * GIB, GIB, WC)]
    values = dumped(ranges=rows)[0].values(0)
    bases = [values[PHYSBASE0 + 2 * pair] for pair in range(4)]
    assert bases == [GIB | WB, WB, 2 * GIB | WC, 0]
    many = [(None, at * GIB, GIB, WB) for at in range(9)]
    assert sum("there is no pair for it" in text for text in dumped(ranges=many)[1]) == 1
    # Raw values of pairs are there: which pair is free is not known.
    raw = [(0, PHYSBASE0, WB), (0, PHYSBASE0 + 1, MASK_GIB)]
    assert dumped(ranges=rows[1:], registers=raw)[0].values(0).get(PHYSBASE0 + 2, 0) == 0


def test_on_a_real_machine_a_base_off_its_size_is_taken_as_the_cpu_takes_it():
    dump, notes = dumped(cpu=HOST, ranges=[(0, GIB | MIB, GIB, WB)])
    assert dump.values(0)[PHYSBASE0] == GIB | MIB | WB
    assert dump.values(0)[PHYSBASE0 + 1] == MASK_GIB
    assert any("is not a multiple of the size" in text for text in notes)
    assert not any("multiple" in t for t in dumped(cpu=HOST, ranges=[(0, GIB, GIB, WB)])[1])


@pytest.mark.parametrize(
    ("rows", "default"),
    [
        ([(0, 0, GIB, WB)], UC), ([(0, 0, GIB, UC)], WB), ([(0, 0, GIB, WC)], WB),
        ([(0, 0, 0, WB)], WB), ([(0, 0, GIB, UC), (1, GIB, GIB, WB)], UC),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_raw", [False, True])
def test_the_default_type_is_what_makes_sense_of_the_pairs(rows, default, is_raw):
    more: dict[str, Any] = {"ranges": rows}
    if is_raw:
        more = {
            "registers": [
                row
                for index, base, size, kind in rows
                for row in (
                    (0, PHYSBASE0 + 2 * index, base | kind),
                    (0, PHYSBASE0 + 2 * index + 1, MASK_GIB if size else 0),
                )
            ]
        }
    dump, notes = dumped(**more)
    assert dump.values(0)[DEFTYPE] & 0xFF == default
    assert dump.values(0)[DEFTYPE] >> 8 == 0xC
    assert dump.assumed >= {DEFTYPE}
    assert any("the default type is not given" in text for text in notes)


@pytest.mark.parametrize(
    ("told", "options", "value"),
    [
        ({Told.DEFAULT_TYPE: 6}, {}, 0xC06), ({Told.DEFAULT_TYPE: 0}, {}, 0xC00),
        ({Told.IMPLIED_DEFAULT: 6}, {}, None),
        ({Told.DEFAULT_TYPE: 0}, {"default_type": WB}, 0xC06),
        ({Told.DEFAULT_TYPE: 6, Told.FIXED_ENABLED: 0}, {}, 0x806),
        ({Told.DEFAULT_TYPE: 6, Told.FIXED_ENABLED: 1}, {}, 0xC06),
        ({Told.DEFAULT_TYPE: 6, Told.MTRR_ENABLED: 0}, {}, 0x406),
        ({Told.DEFAULT_TYPE: 6, Told.MTRR_ENABLED: 1}, {}, 0xC06),
        ({}, {}, None), ({Told.MTRR_ENABLED: 0}, {}, 0x406),
    ],
)  # fmt: skip
def test_the_enables_are_on_unless_a_word_says_off(told, options, value):
    assert dumped(told=told, **options)[0].values(0).get(DEFTYPE) == value


def test_fixed_ranges_are_those_of_a_pc_where_nothing_tells_them():
    told = {Told.DEFAULT_TYPE: 6}
    dump, notes = dumped(told=told)
    assert any("fixed ranges are not given" in text for text in notes)
    kinds = {
        start: dump.values(0)[msr] >> 8 * at & 0xFF
        for msr in FIXED_MSRS
        for at, (start, _) in enumerate(fixed_subranges(msr))
    }
    for start, kind in kinds.items():
        assert kind == (WB if start < 0xA_0000 else UC if start < 0xC_0000 else MemoryType.WP)
    cases: list[dict[str, Any]] = [
        {"told": {**told, Told.FIXED_ENABLED: 1}},
        {"told": told, "cpu": HOST},
        {"told": told, "fixed": [(0, 0x8_0000, WB)]},
        {"told": told, "registers": [(0, FIXED_MSRS[3], 0)]},
    ]
    for more in cases:
        assert not any("fixed ranges are not given" in text for text in dumped(**more)[1])


def test_a_fixed_register_needs_every_part_of_it_on_a_real_machine():
    half = [(0, 0x4_0000, WB)]
    assert dumped(fixed=half)[0].values(0)[FIXED_MSRS[0]] == 0x0606_0606
    assert FIXED_MSRS[0] not in dumped(cpu=HOST, fixed=half)[0].values(0)
    whole = dumped(cpu=HOST, fixed=[(0, 0x8_0000, WB)])[0].values(0)
    assert whole[FIXED_MSRS[0]] == 0x0606_0606_0606_0606
    assert FIXED_MSRS[1] not in whole


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [(0, 0x1_0000, 1), (0, 0xFFFF, 0), (1, 0x2_0000, 1), (0, 0x8_0000, 8), (0x7_0000, 0x8_4000, 2)],
)
def test_parts_of_fixed_registers_lie_whole_in_a_range(start, end, parts):
    values = fixed_values([(start, end, WB)])
    assert sorted(values) == sorted(FIXED_MSRS)
    assert sum(value.to_bytes(8, "little").count(WB) for value in values.values()) == parts


def test_an_effective_map_becomes_pairs_above_1_mib_and_fixed_ranges_below():
    rows = [(None, 0, 256 * MIB, WB, True), (None, 3 * GIB, GIB, UC, True)]
    dump, notes = dumped(ranges=rows, told={Told.DEFAULT_TYPE: 0})
    values = dump.values(0)
    assert values[FIXED_MSRS[0]] == 0x0606_0606_0606_0606
    pairs = [(values[PHYSBASE0 + 2 * n], values[PHYSBASE0 + 2 * n + 1]) for n in range(8)]
    sizes = [(1 << 36) - (mask & ~0xFFF) for _, mask in pairs if mask & VALID_BIT]
    assert sizes == [MIB << at for at in range(8)]
    assert [base for base, _ in pairs] == [size | WB for size in sizes]
    assert any("pairs with the same effect" in text for text in notes)

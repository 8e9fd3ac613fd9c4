"""Mending real machines: by the SDM alone, and nothing but RAM becomes write-back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.analysis.solve import (
    ALL_PAIRS,
    FORMATS,
    KEEP,
    Limits,
    Rest,
    Solution,
    Target,
    WantedRange,
    host_wanted,
    refuse_unknown,
    solution_text,
    solve,
    target_of,
    wanted_map,
)
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, mtrr_msrs
from mtrrviz.core.policies import HARDWARE
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Maker, Region, RegionKind
from tests.analysis.solve.solve_judge import (
    Values,
    all_registers,
    made_write_back,
    not_write_back,
    type_at,
)

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
GIB, MIB, WIDTH = 1 << 30, 1 << 20, 40
RAM, MMIO, RESERVED = RegionKind.RAM, RegionKind.MMIO, RegionKind.RESERVED
UNTOLD = RegionKind.UNKNOWN
FIXED_WB = dict.fromkeys(FIXED_MSRS, 434041037028460038)


def spec_of(*regions: Region, pairs: int = 8, tom2: int = 0) -> MachineSpec:
    return MachineSpec(
        1, 0, tuple(sorted(regions, key=lambda one: one.start)), WIDTH, kind=MachineKind.HOST,
        maker=Maker.AMD if tom2 else Maker.UNKNOWN, pairs=pairs, tom2_end=tom2,
    )  # fmt: skip


def machine_of(spec: MachineSpec, values: Values) -> Machine:
    unknown = [(0, msr) for msr, value in values.items() if value is None]
    machine = Machine(
        1, HARDWARE, spec.maxphyaddr, pairs=spec.pairs, tom2_end=spec.tom2_end, unknown=unknown,
        has_dram_bits=spec.has_dram_bits,
    )  # fmt: skip
    for msr, value in values.items():
        if value is not None:
            machine.write_msr(0, msr, value)
    return machine


def registers(
    pairs: int, ranges: list[tuple[int, int, MemoryType]], default: MemoryType = UC
) -> Values:
    """Return registers with these ranges (start, size, type), on, fixed ranges WB."""
    values: Values = {}
    values |= dict.fromkeys(all_registers(pairs), 0) | FIXED_WB | {0x2FF: 0xC00 | default}
    for number, (start, size, kind) in enumerate(ranges):
        values[0x200 + 2 * number], values[0x201 + 2 * number] = range_to_pair(
            start, size, kind, WIDTH
        )
    return values


def after(
    spec: MachineSpec, before: Values, rest: Rest = KEEP, limits: Limits = ALL_PAIRS
) -> tuple[Solution, Values]:
    machine = machine_of(spec, before)
    solution = solve(host_wanted(spec, machine, rest), limits, target_of(spec, machine))
    written: Values = dict(solution.writes)
    return solution, before | written


SOUND = registers(8, [(0, 4 * GIB, WB), (3 * GIB, GIB, UC)])
LAYOUT = (
    Region("low RAM", RAM, 0, 0xA0000),
    Region("RAM", RAM, MIB, 2 * GIB),
    Region("reserved", RESERVED, 2 * GIB, 3 * GIB),
    Region("MMCONFIG", MMIO, 3 * GIB, 3 * GIB + 256 * MIB),
)


def test_uc_holes_in_a_large_range_are_kept_and_proved_by_the_manual_alone() -> None:
    spec = spec_of(*LAYOUT)
    solution, values = after(spec, SOUND)
    assert solution.is_exact
    assert len(solution.pairs) == 2
    assert {at: type_at(spec, values, at) for at in (0, 2 * GIB, 3 * GIB, 4 * GIB)} == {
        0: "WB", 2 * GIB: "WB", 3 * GIB: "UC", 4 * GIB: "UC",
    }  # fmt: skip


def test_uc_may_lie_anywhere_within_another_range() -> None:
    ranges = [WantedRange(0, 3 * GIB, WB), WantedRange(3 * GIB + MIB, 4 * GIB, WB)]
    wanted = wanted_map(ranges, WIDTH)
    target = Target(is_host=True, fixed=tuple(FIXED_WB.items()))
    ours, kvms = solve(wanted, target=target), solve(wanted)
    assert ours.is_exact
    assert kvms.is_exact
    assert len(ours.pairs) == 2, "a large WB range with a UC hole in its middle"
    assert len(kvms.pairs) > 2, "KVM must meet another range where UC starts"


def test_reserved_memory_keeps_its_type_and_devices_stay_uncached() -> None:
    before = registers(8, [(0, 4 * GIB, WB), (2 * GIB, 512 * MIB, UC)])
    spec = spec_of(*LAYOUT)
    _, values = after(spec, before)
    kinds = {at: type_at(spec, values, at) for at in (2 * GIB, 5 * GIB // 2, 3 * GIB, 0xFEE0_0000)}
    assert kinds == {2 * GIB: "UC", 5 * GIB // 2: "WB", 3 * GIB: "UC", 0xFEE0_0000: "UC"}


def test_wc_of_a_device_stays() -> None:
    before = registers(8, [(0, 2 * GIB, WB), (3 * GIB, 256 * MIB, WC)])
    spec = spec_of(*LAYOUT)
    _, values = after(spec, before)
    assert type_at(spec, values, 3 * GIB) == "WC"


def test_tom2_makes_ram_above_4_gib_write_back_without_a_pair() -> None:
    high = Region("high RAM", RAM, 4 * GIB, 16 * GIB)
    spec = spec_of(*LAYOUT, high, tom2=16 * GIB)
    before = registers(8, [(0, 2 * GIB, WB), (2 * GIB, GIB, WB), (4 * GIB, 32 * MIB, UC)])
    solution, values = after(spec, before)
    assert solution.is_exact
    assert [pair.start for pair in solution.pairs] == [0, 2 * GIB]
    assert not not_write_back(spec, [(4 * GIB, 16 * GIB)], values)


def test_a_hole_in_what_tom2_covers_takes_a_pair() -> None:
    parts = Region("high RAM", RAM, 4 * GIB, 8 * GIB), Region("BAR", MMIO, 8 * GIB, 9 * GIB)
    spec = spec_of(*LAYOUT, *parts, tom2=16 * GIB)
    _, values = after(spec, registers(8, [(0, 2 * GIB, WB), (8 * GIB, GIB, UC)]))
    assert type_at(spec, values, 8 * GIB) == "UC"
    assert type_at(spec, values, 9 * GIB) == "WB", "as it was"


def test_what_a_pair_makes_uncached_is_not_any_type_even_where_any_will_do() -> None:
    spec = spec_of(*LAYOUT[:2])
    before = registers(8, [(16 * GIB, GIB, UC), (32 * GIB, GIB, WC)], WB)
    _, values = after(spec, before, None)
    assert type_at(spec, values, 16 * GIB) == "UC"
    assert type_at(spec, values, 32 * GIB) == "WC"
    by_default = registers(8, [(0, 2 * GIB, WB)])
    solution, _ = after(spec_of(*LAYOUT), by_default, None, Limits(default=WB))
    assert solution.is_exact
    assert [(pair.start, pair.size_bytes) for pair in solution.pairs] == [(2 * GIB, 2 * GIB)]


def test_a_type_asked_for_the_rest_is_given_where_a_pair_says_another() -> None:
    before = registers(8, [(16 * GIB, GIB, UC), (32 * GIB, GIB, WC)], WB)
    spec = spec_of(*LAYOUT[:2])
    _, values = after(spec, before, UC)
    kinds = [type_at(spec, values, at) for at in (8 * GIB, 16 * GIB, 32 * GIB)]
    assert kinds == ["UC", "UC", "UC"]


@pytest.mark.parametrize("pairs", [8, 10])
def test_every_pair_is_written_and_what_is_not_used_is_cleared(pairs: int) -> None:
    spec = spec_of(*LAYOUT, pairs=pairs)
    solution, _ = after(spec, registers(pairs, [(0, 4 * GIB, WB), (3 * GIB, GIB, UC)]))
    written = dict(solution.writes)
    variable = [msr for msr in written if 0x200 <= msr < 0x200 + 2 * pairs]
    assert len(variable) == 2 * pairs
    assert {written[msr] for msr in variable[2 * len(solution.pairs) :]} == {0}
    assert solution.writes[-1][0] == 0x2FF, "types are turned on last"


def test_amds_bits_in_fixed_registers_stay() -> None:
    spec = spec_of(*LAYOUT, tom2=16 * GIB)
    before = SOUND | {0x250: 0x1E1E_1E1E_1E1E_1E18, 0x268: 0x1515_1515_1515_1515}
    solution, _ = after(spec, before)
    assert solution.fixed[0x250] == 0x1E1E_1E1E_1E1E_1E1E, "RAM becomes WB, RdMem and WrMem stay"
    assert solution.fixed[0x268] == 0x1515_1515_1515_1515


def test_fixed_registers_that_nobody_told_are_not_written() -> None:
    spec = spec_of(*LAYOUT)
    solution, _ = after(spec, SOUND | dict.fromkeys(FIXED_MSRS))
    assert solution.is_exact
    assert solution.deftype & 0x400
    assert not [msr for msr, _ in solution.writes if msr in FIXED_MSRS]
    assert "Fixed ranges with unknown values stay as they are." in solution_text(solution, "wrmsr")


def test_ten_pairs_are_used_where_there_are_ten() -> None:
    spec = spec_of(*LAYOUT, pairs=10)
    solution, _ = after(spec, registers(10, [(0, 2 * GIB, WB)]))
    assert max(msr for msr, _ in solution.writes if msr < 0x250) == 0x213
    assert target_of(spec).words == "a real machine with 10 variable pairs"
    every_other = [WantedRange(2 * n * GIB, (2 * n + 1) * GIB, WB) for n in range(9)]
    wanted = wanted_map(every_other, WIDTH)
    target = Target(is_host=True, pairs=10, fixed=tuple(FIXED_WB.items()))
    assert not solve(wanted, Limits(2, UC), target).is_exact
    assert len(solve(wanted, Limits(default=UC), target).pairs) > 8


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_format_says_which_machine_it_is_for(format_id: str) -> None:
    solution, _ = after(spec_of(*LAYOUT), SOUND)
    text = solution_text(solution, format_id)
    assert (
        "a real machine with 8 variable pairs" in text
        or '"machine": "host"' in text
        or (format_id == "table" and "by the SDM:" in text)
    )
    assert "KVM" not in text


def test_too_few_pairs_never_cache_a_device() -> None:
    many = [Region(f"RAM {n}", RAM, n * GIB, n * GIB + 256 * MIB) for n in range(4, 16, 2)]
    holes = [Region(f"BAR {n}", MMIO, n * GIB + 256 * MIB, (n + 2) * GIB) for n in range(4, 16, 2)]
    spec = spec_of(*LAYOUT, *many, *holes)
    for pairs in range(4):
        for default in (UC, WB, None):
            solution, values = after(spec, SOUND, limits=Limits(pairs, default))
            ram = [(one.start, one.end) for one in (*LAYOUT[:2], *many)]
            assert solution.is_unsafe or not made_write_back(spec, ram, SOUND, values)
            assert not solution.is_unsafe or default is WB, "all UC is always safe"


def test_one_page_of_a_device_weighs_more_than_any_ram() -> None:
    ranges = [WantedRange(0, 8 * GIB, WB), WantedRange(8 * GIB + 4096, 16 * GIB, WB)]
    target = Target(is_host=True, fixed=tuple(FIXED_WB.items()))
    solution = solve(wanted_map(ranges, WIDTH), Limits(1, UC), target)
    assert [(pair.start, pair.size_bytes) for pair in solution.pairs] == [(0, 8 * GIB)]
    assert not solution.is_unsafe


def test_neither_registers_nor_a_map_is_refused() -> None:
    untold: Values = dict.fromkeys(mtrr_msrs(8)[1:])
    spec = spec_of(Region("not told", UNTOLD, 0, 4 * GIB))
    with pytest.raises(MtrrvizError, match="booted with mtrr=debug"):
        refuse_unknown(spec, machine_of(spec, untold))
    refuse_unknown(spec_of(*LAYOUT), machine_of(spec_of(*LAYOUT), untold))
    refuse_unknown(spec, machine_of(spec, SOUND))


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        (mtrr_msrs(8)[1:], "the MTRRs' values are not known"),
        ((0x2FF,), "the default type is not known"),
        ((0x2FF, *range(0x200, 0x20E)), "the default type is not known"),
        ((0x2FF, *range(0x200, 0x210)), "the MTRRs' values are not known"),
        (tuple(range(0x200, 0x210)), "the values of pairs 0, 1, 2, 3, 4, 5, 6, 7 are not known"),
        ((0x205,), "the values of pair 2 are not known"),
        ((0x205, 0x20E), "the values of pairs 2, 7 are not known"),
    ],
)
def test_what_is_not_known_is_named(unknown: tuple[int, ...], words: str) -> None:
    values: Values = {**SOUND, **dict.fromkeys(unknown)}
    for regions, rest in (
        ((Region("not told", UNTOLD, 0, 4 * GIB),), "and no memory map says where RAM is"),
        (
            (*LAYOUT[:1], Region("not told", UNTOLD, 2 * GIB, 4 * GIB)),
            "and what the memory map leaves out may be devices",
        ),
    ):
        spec = spec_of(*regions)
        with pytest.raises(MtrrvizError) as caught:
            refuse_unknown(spec, machine_of(spec, values))
        assert str(caught.value).startswith(words)
        assert rest in str(caught.value)


# Any map, with pieces taken away

KINDS = (RAM, RAM, MMIO, RESERVED, RegionKind.ROM, UNTOLD, RegionKind.PASSTHROUGH)


@st.composite
def machines(draw: st.DrawFn) -> tuple[MachineSpec, Values]:
    """Draw a map whose pieces touch, some of them taken away, and registers that may be wrong."""
    unit = draw(st.sampled_from((2 * MIB, 64 * MIB, 256 * MIB)))
    edges = sorted(draw(st.sets(st.integers(1, 48), min_size=3, max_size=9)))
    start = draw(st.sampled_from((0, 2 * GIB, 0xFE00_0000 & -unit, 4 * GIB - unit)))
    regions: list[Region] = []
    for low, high in itertools.pairwise(edges):
        if draw(st.integers(0, 3)):
            kind = draw(st.sampled_from(KINDS))
            regions.append(Region(str(kind), kind, start + low * unit, start + high * unit))
    apic = Region("apic", MMIO, 0xFEC0_0000, 0xFEF0_0000)
    regions = [r for r in regions if r.end <= apic.start or r.start >= apic.end]
    if draw(st.booleans()):
        regions.append(apic)
    pairs = draw(st.integers(2, 10))
    tom2 = draw(st.sampled_from((0, 0, 6 * GIB)))
    spec = spec_of(*regions, pairs=pairs, tom2=tom2)
    ranges: list[tuple[int, int, MemoryType]] = []
    for _ in range(draw(st.integers(0, pairs))):
        size = 1 << draw(st.integers(21, 33))
        at = draw(st.integers(0, 24)) * size % (1 << 36)
        ranges.append((at, size, draw(st.sampled_from((WB, WB, UC, UC, WC, WT, WP)))))
    before = registers(pairs, ranges, draw(st.sampled_from((UC, UC, WB))))
    if draw(st.integers(0, 4)) == 0:
        before[0x2FF] = 6
    for msr in draw(st.lists(st.sampled_from(sorted(before)), max_size=3)):
        before[msr] = None if draw(st.booleans()) else before[msr]
    return spec, before


@settings(max_examples=60)
@given(machines(), st.sampled_from((KEEP, UC)), st.sampled_from((None, 1, 3)))
def test_no_address_outside_ram_becomes_write_back(
    drawn: tuple[MachineSpec, Values], rest: Rest, pairs: int | None
) -> None:
    spec, before = drawn
    solution, values = after(spec, before, rest, Limits(pairs))
    ram = [(one.start, one.end) for one in spec.regions if one.kind is RAM]
    assert not [hex(at) for at in made_write_back(spec, ram, before, values)]
    for at in (0xFEC0_0000, 0xFEE0_0000, 0xFEEF_F000):
        assert type_at(spec, values, at) == "UC"
    if solution.is_exact:
        assert not [hex(at) for at in not_write_back(spec, ram, values)]


@settings(max_examples=40)
@given(machines(), st.sampled_from((None, 2)))
def test_the_proof_is_what_the_slow_lookup_says(
    drawn: tuple[MachineSpec, Values], pairs: int | None
) -> None:
    spec, before = drawn
    machine = machine_of(spec, before)
    solution, values = after(spec, before, limits=Limits(pairs))
    wanted = host_wanted(spec, machine)
    for piece in wanted.pieces:
        for gfn in {piece.start, piece.end - 1}:
            found = type_at(spec, values, gfn << 12)
            is_off = any(one.start <= gfn < one.end for one in solution.differences)
            is_wanted = piece.type is None or found in (piece.type.name, "unknown")
            assert is_wanted != is_off, (hex(gfn << 12), piece.type, found)


@pytest.mark.parametrize(
    ("deftype", "fixed", "may"),
    [
        (None, None, True),
        (0x806, None, False),
        (0xC06, None, True),
        (0x806, 0, True),
        (None, 0, True),
    ],
)
def test_fixed_ranges_are_used_unless_they_are_off_and_one_is_not_told(deftype, fixed, may) -> None:
    spec = spec_of(*LAYOUT)
    values = dict.fromkeys(FIXED_MSRS, 0) | {DEFTYPE: deftype, FIXED_MSRS[3]: fixed}
    target = target_of(spec, machine_of(spec, values))
    assert target.may_use_fixed is may
    assert len(target.fixed) == len(FIXED_MSRS) - (fixed is None)

"""What a real machine's processors make of their MTRRs, against the SDM's words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.errors import GeneralProtectionFault, MtrrvizError
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.msr.registers import FIXED_MSRS, MTRRCAP, mtrr_msrs
from mtrrviz.core.policies import HARDWARE, get_policy, policy_ids
from mtrrviz.core.sdm.hardware import HostType, hardware_type, hardware_types, with_pat
from tests.core.registers.slow_sdm import slow_type
from tests.core.strategies import TYPES

GIB = 1 << 30
MASK_46 = (1 << 46) - 1


def host(
    values: dict[int, int | None], pairs: int = 8, tom2: int = 0, *, amd: bool = False
) -> Machine:
    """Return a real machine of one CPU with these registers; None is unknown."""
    unknown = [(0, msr) for msr, value in values.items() if value is None]
    machine = Machine(1, HARDWARE, pairs=pairs, tom2_end=tom2, has_dram_bits=amd, unknown=unknown)
    for msr, value in values.items():
        if value is not None:
            machine.write_msr(0, msr, value)
    return machine


def all_values(pairs: int = 8) -> dict[int, int | None]:
    """Return registers as after RESET."""
    return dict.fromkeys((*FIXED_MSRS, *range(0x200, 0x200 + 2 * pairs), 0x2FF), 0)


def mask_of(size: int) -> int:
    return MASK_46 & ~(size - 1) | 0x800


@st.composite
def hosts(draw: st.DrawFn) -> tuple[dict[int, int | None], int, int]:
    """Draw registers (some unknown), a number of pairs and TOM2."""
    pairs = draw(st.integers(0, 12))
    values = all_values(pairs)
    kinds = st.sampled_from(TYPES)
    bits = st.integers(12, 45)
    for number in range(draw(st.integers(0, pairs))):
        size = 1 << draw(bits)
        hole = draw(st.sampled_from((0, 0, 0, 1 << draw(bits))))
        base = draw(st.integers(0, 1 << 34)) << 12 & MASK_46
        values[0x200 + 2 * number] = base | draw(kinds)
        values[0x201 + 2 * number] = mask_of(size) & ~hole
    for msr in FIXED_MSRS:
        values[msr] = int.from_bytes(bytes(draw(st.lists(kinds, min_size=8, max_size=8))))
    values[0x2FF] = draw(kinds) | draw(st.sampled_from((0, 0x400, 0x800, 0xC00, 0xC00)))
    for msr in draw(st.lists(st.sampled_from(sorted(values)), max_size=2)):
        if draw(st.booleans()):
            values[msr] = None
    return values, pairs, draw(st.sampled_from((0, 5 * GIB, 17 * GIB)))


def borders(machine: Machine, values: dict[int, int | None]) -> list[int]:
    """Return pages at and beside all borders that anything could have."""
    ends = {0, 0xFF, 0x100, 1 << 20, (machine.tom2_end >> 12), (1 << 34) - 1}
    ends |= {int(start) for start in hardware_types(machine, 0).starts}
    for msr in range(0x200, 0x240, 2):
        base, mask = values.get(msr), values.get(msr + 1)
        if base is not None and mask is not None:
            size = (~mask & MASK_46 | 0xFFF) + 1
            ends |= {base >> 12, (base & mask) >> 12, (base & mask & MASK_46) + size >> 12}
    ends |= {0x80 * i for i in range(3)} | set(range(0xA0, 0x100, 5))
    near = {gfn + step for gfn in ends for step in (-1, 0, 1)}
    return sorted(gfn for gfn in near if 0 <= gfn < 1 << 34)


@settings(max_examples=80)
@given(hosts())
def test_every_border_has_the_type_of_the_slow_lookup(
    drawn: tuple[dict[int, int | None], int, int],
) -> None:
    values, pairs, tom2 = drawn
    machine = host(values, pairs, tom2)
    gfns = borders(machine, values)
    found = hardware_types(machine, 0).types_at(np.array(gfns, np.uint64)).tolist()
    wanted = [slow_type(values, gfn << 12, pairs, tom2) for gfn in gfns]
    assert [HostType(kind).label for kind in found] == wanted


@settings(max_examples=60)
@given(hosts())
def test_the_fault_map_has_the_same_answers(
    drawn: tuple[dict[int, int | None], int, int],
) -> None:
    values, pairs, tom2 = drawn
    machine = host(values, pairs, tom2)
    gfns = np.array(borders(machine, values), np.uint64)
    bits, _ = machine.fault_map(0).leaves_at(gfns)
    assert (bits >> 3).tolist() == hardware_types(machine, 0).types_at(gfns).tolist()


def test_tom2_is_a_default_that_pairs_win_over() -> None:
    values = all_values() | {0x200: 4 * GIB, 0x201: mask_of(1 << 25), 0x2FF: 0x800}
    machine = host(values, tom2=17 * GIB)
    at = [0xC000_0000, 4 * GIB, 4 * GIB + (1 << 25), 17 * GIB - 4096, 17 * GIB]
    assert [hardware_type(machine, 0, one >> 12).label for one in at] == [
        "UC", "UC", "WB", "WB", "UC",
    ]  # fmt: skip


def test_a_base_off_its_size_is_what_base_and_mask_make() -> None:
    values = all_values() | {0x200: 0xFFF0_0005, 0x201: mask_of(1 << 23), 0x2FF: 0x806}
    machine = host(values)
    at = [0xFF7F_F000, 0xFF80_0000, 0xFFF0_0000, 0xFFFF_F000, 1 << 32]
    assert [hardware_type(machine, 0, one >> 12).label for one in at] == [
        "WB", "WP", "WP", "WP", "WB",
    ]  # fmt: skip


def test_an_unknown_pair_leaves_only_uc_certain() -> None:
    values = all_values() | {0x200: 0x8000_0000, 0x201: mask_of(1 << 31), 0x203: None, 0x2FF: 0x806}
    machine = host(values)
    assert hardware_type(machine, 0, 0x80000) is HostType.UC
    assert hardware_type(machine, 0, 0x1000) is HostType.UNKNOWN
    machine.write_msr(0, 0x203, 0)
    assert hardware_type(machine, 0, 0x1000) is HostType.WB


def test_amd_bits_of_fixed_ranges_are_no_type() -> None:
    values = all_values() | {0x250: 0x1E1E_1E1E_1E1E_1E1E, 0x2FF: 0xC00}
    assert hardware_type(host(values, amd=True), 0, 0) is HostType.WB
    assert host(values, amd=True).read_msr(0, 0x250) == 0x1E1E_1E1E_1E1E_1E1E
    with pytest.raises(GeneralProtectionFault, match="0x1e"):
        host(values)


@pytest.mark.parametrize("pairs", [0, 8, 10, 32])
def test_there_are_as_many_pairs_as_the_machine_has(pairs: int) -> None:
    machine = Machine(1, HARDWARE, pairs=pairs)
    assert machine.read_msr(0, MTRRCAP) == 0x500 | pairs
    last = 0x200 + 2 * pairs
    assert (last - 2 in mtrr_msrs(pairs)) is bool(pairs)
    for msr in (last, last + 1):
        with pytest.raises(GeneralProtectionFault):
            machine.write_msr(0, msr, 0)
        with pytest.raises(GeneralProtectionFault):
            machine.read_msr(0, msr)


def test_many_pairs_with_holes_are_still_answered_page_by_page() -> None:
    values = all_values(24) | {0x2FF: 0x806}
    for number in range(24):
        values[0x200 + 2 * number] = TYPES[number % 5] | 1 << 12 + number
        values[0x201 + 2 * number] = 0x800 | 1 << 12 + number
    machine = host(values, 24)
    gfns = np.arange(0, 1 << 25, 12_345).astype(np.uint64)
    found = hardware_types(machine, 0).types_at(gfns).tolist()
    wanted = [slow_type(values, int(gfn) << 12, 24) for gfn in gfns]
    assert [HostType(kind).label for kind in found] == wanted


def test_writes_and_devices_zap_nothing() -> None:
    machine = Machine(2, HARDWARE)
    assert not machine.write_msr(0, 0x2FF, 0xC06)
    assert not machine.attach_noncoherent_dma()
    assert not machine.write_cr0(0, 0x8005_0033)
    assert machine.zap_requests == 0


def test_hardware_is_no_policy_of_kvm() -> None:
    assert get_policy("hardware") is HARDWARE
    assert HARDWARE.id not in policy_ids()
    assert HARDWARE.switches == ()
    with pytest.raises(MtrrvizError):
        get_policy("hardware:sdm-lookup")


def test_pat_and_mtrr_combine_as_the_table_says() -> None:
    for kind in MemoryType:
        for pat in PatType:
            assert with_pat(HostType(kind), pat) == effective_type(kind, 0, pat)
    assert with_pat(HostType.UNKNOWN, PatType.UC) is HostType.UC
    assert with_pat(HostType.UNKNOWN, PatType.WC) is HostType.WC
    assert with_pat(HostType.UNKNOWN, PatType.WB) is HostType.UNKNOWN
    assert with_pat(HostType.UNDEFINED, PatType.UC_MINUS) is HostType.UNDEFINED

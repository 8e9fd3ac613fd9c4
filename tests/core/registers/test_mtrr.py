"""MtrrState against the oracle, and its own promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import PAT_RESET, mtrr_msrs
from mtrrviz.core.mtrr import MtrrState
from tests.core.oracle import Oracle, accepts
from tests.core.probes import probe_gfns
from tests.core.strategies import any_writes, register_sets

UC, WT, WP, WB = MemoryType.UC, MemoryType.WT, MemoryType.WP, MemoryType.WB
GIB = 1 << 18


def both(width: int, has_mtrr: bool, writes: list[tuple[int, int]]) -> tuple[MtrrState, Oracle]:
    """Return both models after the same writes."""
    state, oracle = MtrrState(width, has_mtrr), Oracle(width, has_mtrr)
    for msr, value in writes:
        state.write(msr, value)
        oracle.write(msr, value)
    return state, oracle


def programmed(*writes: tuple[int, int], maxphyaddr: int = 40) -> MtrrState:
    """Return a state after these writes."""
    state = MtrrState(maxphyaddr)
    for msr, value in writes:
        state.write(msr, value)
    return state


@settings(max_examples=40)
@given(register_sets())
def test_types_match_oracle(case: tuple[int, bool, list[tuple[int, int]]]) -> None:
    state, oracle = both(*case)
    gfns = probe_gfns(state)
    expected = [oracle.memory_type(gfn) for gfn in gfns]
    assert [int(state.memory_type(gfn)) for gfn in gfns] == expected
    assert state.memory_types(np.array(gfns, np.uint64)).tolist() == expected
    starts, types = state.intervals()
    rows = np.searchsorted(starts, np.array(gfns, np.uint64), side="right") - 1
    assert types[rows].tolist() == expected


@settings(max_examples=40)
@given(register_sets())
def test_levels_match_oracle(case: tuple[int, bool, list[tuple[int, int]]]) -> None:
    state, oracle = both(*case)
    for gfn in probe_gfns(state):
        assert state.max_level(gfn) == oracle.max_level(gfn), gfn


@settings(max_examples=25)
@given(register_sets(), st.integers(0, 2000))
def test_uniformity_of_odd_queries_matches_oracle(
    case: tuple[int, bool, list[tuple[int, int]]], pages: int
) -> None:
    state, oracle = both(*case)
    for gfn in probe_gfns(state):
        assert state.is_uniform(gfn, pages + 1) == oracle.is_uniform(gfn, pages + 1), gfn


@settings(max_examples=30)
@given(register_sets())
def test_zap_ranges_match_oracle(case: tuple[int, bool, list[tuple[int, int]]]) -> None:
    state, oracle = both(*case)
    for msr in mtrr_msrs()[1:]:
        assert state.zap_range(msr) == oracle.zap(msr), hex(msr)


@settings(max_examples=25)
@given(register_sets())
def test_walk_order_is_the_lists_up_to_ties(
    case: tuple[int, bool, list[tuple[int, int]]],
) -> None:
    state, oracle = both(*case)
    assert [oracle.base[i] for i in state.walk_order()] == [oracle.base[i] for i in oracle.walk]
    assert set(state.walk_order()) == set(oracle.walk)


@settings(max_examples=20)
@given(register_sets())
def test_intervals_are_merged_and_span_the_space(
    case: tuple[int, bool, list[tuple[int, int]]],
) -> None:
    state, _ = both(*case)
    starts, types = state.intervals()
    assert starts.dtype == np.uint64
    assert types.dtype == np.uint8
    assert starts[0] == 0
    assert (np.diff(starts.astype(np.int64)) > 0).all()
    assert (types[1:] != types[:-1]).all()


@settings(max_examples=20)
@given(register_sets(), any_writes())
def test_refused_write_changes_nothing(
    case: tuple[int, bool, list[tuple[int, int]]], write: tuple[int, int]
) -> None:
    state, _ = both(*case)
    before = [state.read(msr) for msr in mtrr_msrs()]
    if accepts(*write, state.maxphyaddr):
        state.write(*write)
        assert state.read(write[0]) == write[1]
        return
    with pytest.raises(GeneralProtectionFault) as caught:
        state.write(*write)
    assert [state.read(msr) for msr in mtrr_msrs()] == before
    assert (caught.value.msr, caught.value.value) == write


@settings(max_examples=15)
@given(register_sets())
def test_the_last_rule_gives_the_type(case: tuple[int, bool, list[tuple[int, int]]]) -> None:
    state, _ = both(*case)
    for gfn in probe_gfns(state):
        rules = state.deciding(gfn)
        assert rules[-1].result == state.memory_type(gfn)
        assert not any(rule.ends_walk for rule in rules[:-1])


def test_signature_ignores_what_types_do_not_depend_on() -> None:
    state = programmed((0x200, 0x8000_0000), (0x201, 0xFF_8000_0800), (0x2FF, 0x806))
    before = state.signature()
    for msr, value in (
        (0x277, 0),
        (0x250, 0x0606_0606_0606_0606),
        (0x202, 5),
        (0x200, 0x8000_0000),
    ):
        state.write(msr, value)
        assert state.signature() == before
        assert hash(state.signature()) == hash(before)
    state.write(0x200, 0x8000_0001)
    assert state.signature() != before


def test_copies_are_independent() -> None:
    state = programmed((0x200, 0x8000_0000), (0x201, 0xFF_8000_0800), (0x2FF, 0x806))
    twin = state.copy()
    twin.write(0x200, 0x8000_0006)
    twin.write(0x250, 0x0101_0101_0101_0101)
    assert state.read(0x200) == 0x8000_0000
    assert state.read(0x250) == 0
    assert state.memory_type(2 * GIB) == UC
    assert twin.memory_type(2 * GIB) == WB


def test_order_of_overlapping_ranges_decides() -> None:
    """UC with the higher base is met first and loses; with the lower base it wins."""
    low_wb = programmed(
        (0x200, 6),
        (0x201, 0xFF_0000_0800),
        (0x202, 0xC000_0000),
        (0x203, 0xFF_C000_0800),
        (0x2FF, 0x800),
    )
    low_uc = programmed(
        (0x200, 0),
        (0x201, 0xFF_0000_0800),
        (0x202, 0xC000_0006),
        (0x203, 0xFF_C000_0800),
        (0x2FF, 0x806),
    )
    assert low_wb.memory_type(3 * GIB) == WB
    assert low_wb.sdm_memory_type(3 * GIB) == UC
    assert low_uc.memory_type(3 * GIB) == UC
    assert low_uc.sdm_memory_type(3 * GIB) == UC


def test_sdm_answers_where_kvm_simplifies() -> None:
    """The SDM honours holes in a mask and calls other mixes undefined."""
    holed = programmed((0x200, 0), (0x201, 0xFF_4000_0800), (0x2FF, 0x806))
    assert holed.memory_type(GIB) == UC
    assert holed.sdm_memory_type(GIB) == WB
    assert holed.sdm_memory_type(2 * GIB) == UC
    mixed = programmed(
        (0x200, 5), (0x201, 0xFF_8000_0800), (0x202, 4), (0x203, 0xFF_8000_0800), (0x2FF, 0x806)
    )
    assert mixed.memory_type(0) == WB
    assert mixed.sdm_memory_type(0) is None
    merged = programmed(
        (0x200, 6), (0x201, 0xFF_8000_0800), (0x202, 4), (0x203, 0xFF_8000_0800), (0x2FF, 0x800)
    )
    assert merged.sdm_memory_type(0) == merged.memory_type(0) == WT


def test_unwritten_mask_makes_an_empty_zap() -> None:
    state = programmed((0x2FF, 0x806), (0x200, 0x8000_0000))
    assert state.zap_range(0x200) == (0x8_0000, 0)
    state.write(0x201, 0)
    assert state.zap_range(0x201) == (0x8_0000, 1 << 28)


def test_deciding_names_registers() -> None:
    state = programmed(
        (0x259, 0x0505_0505_0505_0505),
        (0x202, 0xC000_0000),
        (0x203, 0xFF_C000_0800),
        (0x2FF, 0xC06),
    )
    fixed, ranged, default = (state.deciding(gfn)[0] for gfn in (0xA4, 3 * GIB, 5 * GIB))
    assert (fixed.kind, fixed.msrs, fixed.index, fixed.type) == ("fixed", (0x259,), 1, WP)
    assert (ranged.kind, ranged.msrs, ranged.index) == ("variable", (0x202, 0x203), 1)
    assert (default.kind, default.msrs, default.type) == ("default", (0x2FF,), WB)
    assert MtrrState().deciding(0)[0].kind == "disabled"


def test_creation_values() -> None:
    state = MtrrState()
    values = {msr: state.read(msr) for msr in mtrr_msrs()}
    assert values.pop(0xFE) == 0x508
    assert values.pop(0x277) == PAT_RESET
    assert set(values.values()) == {0}
    assert (state.memory_type(0), MtrrState(has_mtrr=False).memory_type(0)) == (UC, WB)


@pytest.mark.parametrize("msr", [-1, 0x1FF, 0x210, 0x251, 0x280])
def test_unknown_registers_fault(msr: int) -> None:
    with pytest.raises(GeneralProtectionFault):
        MtrrState().read(msr)
    with pytest.raises(GeneralProtectionFault):
        MtrrState().write(msr, 0x10)


@pytest.mark.parametrize("maxphyaddr", [11, 65])
def test_impossible_widths_are_refused(maxphyaddr: int) -> None:
    with pytest.raises(ValueError, match="12 to 64"):
        MtrrState(maxphyaddr)


def test_interval_columns_cannot_be_written() -> None:
    starts, types = MtrrState().intervals()
    with pytest.raises(ValueError, match="read-only"):
        starts[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        types[0] = 1


def test_contents_are_equal_for_a_mask_of_zero_that_was_written_and_one_that_was_not():
    new, written = MtrrState(40), MtrrState(40)
    written.write(0x203, 0)
    assert written.contents() == new.contents()
    written.write(0x203, 0x800)
    assert written.contents() != new.contents()


@pytest.mark.parametrize("pairs", [-1, 33, 1000])
def test_so_many_pairs_no_cpu_has(pairs: int) -> None:
    with pytest.raises(ValueError, match="0 to 32 pairs"):
        MtrrState(40, pairs=pairs)
    for most in (0, 32):
        assert MtrrState(40, pairs=most).pairs == most

"""Fault maps: exact against single answers, however the registers lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from mtrrviz.core.faultmap import fault_map_for
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import MtrrState
from tests.core.probes import probe_gfns
from tests.core.strategies import register_sets

Case = tuple[int, bool, list[tuple[int, int]]]


def written(case: Case) -> MtrrState:
    """Return the state a drawn register set describes."""
    width, has_mtrr, writes = case
    state = MtrrState(width, has_mtrr)
    for msr, value in writes:
        state.write(msr, value)
    return state


@settings(max_examples=80)
@given(register_sets())
def test_types_and_levels_equal_single_answers(case: Case) -> None:
    state = written(case)
    fault_map = fault_map_for(state.layout, None, limits_level=True)
    edges = {int(start) + step for start in fault_map.starts for step in (-1, 0)}
    for gfn in {*probe_gfns(state), *(gfn for gfn in edges if gfn >= 0)}:
        assert fault_map.at(gfn) == (state.memory_type(gfn) << 3, state.max_level(gfn)), gfn


@settings(max_examples=30)
@given(register_sets())
def test_intervals_are_merged(case: Case) -> None:
    fault_map = fault_map_for(written(case).layout, None, limits_level=True)
    assert fault_map.starts[0] == 0
    assert (fault_map.starts[1:] > fault_map.starts[:-1]).all()
    both = np.stack([fault_map.bits, fault_map.levels])
    assert (both[:, 1:] != both[:, :-1]).any(axis=0).all()


@settings(max_examples=30)
@given(register_sets())
def test_an_override_leaves_levels_alone(case: Case) -> None:
    layout = written(case).layout
    plain = fault_map_for(layout, None, limits_level=True)
    forced = fault_map_for(layout, (MemoryType.WB, 1), limits_level=True)
    assert set(forced.bits.tolist()) == {0x70}
    assert forced.levels[forced.index(plain.starts)].tolist() == plain.levels.tolist()


def test_without_dma_there_is_one_interval_for_all() -> None:
    state = MtrrState()
    one = fault_map_for(state.layout, (MemoryType.WB, 1), limits_level=False)
    state.write(0x2FF, 0x801)
    assert fault_map_for(state.layout, (MemoryType.WB, 1), limits_level=False) is one
    assert (one.starts.tolist(), one.bits.tolist(), one.levels.tolist()) == ([0], [0x70], [3])


def test_types_can_be_the_mtrrs_while_levels_are_free() -> None:
    state = MtrrState(40)
    state.write(0x201, 0xFF_FFFF_F800)
    state.write(0x2FF, 0x806)
    fault_map = fault_map_for(state.layout, None, limits_level=False)
    assert fault_map.bits.tolist() == [0, 6 << 3]
    assert set(fault_map.levels.tolist()) == {3}


def test_touching_ranges_of_one_type_cost_a_level() -> None:
    """KVM walks from the highest base down and so takes the block for partly covered."""
    state = MtrrState(40)
    for msr, value in (
        (0x200, 6),
        (0x201, 0xFF_E000_0800),
        (0x202, 0x2000_0006),
        (0x203, 0xFF_E000_0800),
        (0x2FF, 0x800),
    ):
        state.write(msr, value)
    fault_map = fault_map_for(state.layout, None, limits_level=True)
    assert fault_map.at(0) == (0x30, 2)
    assert fault_map.at(1 << 18) == (0, 3)


def test_columns_have_their_types_and_cannot_be_written() -> None:
    fault_map = fault_map_for(MtrrState().layout, None, limits_level=True)
    columns = (fault_map.starts, fault_map.bits, fault_map.levels, fault_map.leaks)
    assert [column.dtype for column in columns] == [np.uint64, np.uint8, np.uint8, np.bool_]
    for column in columns:
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1

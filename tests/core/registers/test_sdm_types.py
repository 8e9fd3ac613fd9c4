"""The SDM's types for many pages and whole ranges, against the answer for one page."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.faultmap import Lookup, fault_map_for
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.sdm_pairs import UNDEFINED
from mtrrviz.core.sdm.sdm_types import SdmTypes, sdm_types
from tests.core.probes import probe_gfns
from tests.core.strategies import TYPES, register_sets
from tests.core.test_faultmap import Case, written

UC, WC, WT, WB = 0, 1, 4, 6
PAGES = 1 << 10


def types_of(state: MtrrState) -> SdmTypes:
    return sdm_types(state.sdm_layout)


def in_force(state: MtrrState, gfn: int) -> int:
    """Return the SDM's type of a page, KVM's where it is undefined, as one page is asked for."""
    manual = state.sdm_memory_type(gfn)
    return int(state.memory_type(gfn) if manual is None else manual)


def with_pairs(*pairs: tuple[int, int], default: int = WB, width: int = 40) -> MtrrState:
    """Return a state with PHYSBASE and PHYSMASK as given (valid), MTRRs on."""
    state = MtrrState(width)
    for number, (base, mask) in enumerate(pairs):
        state.write(0x200 + 2 * number, base)
        state.write(0x201 + 2 * number, mask | 0x800)
    state.write(0x2FF, 0x800 | default)
    return state


@st.composite
def small_spaces(draw: st.DrawFn) -> MtrrState:
    """Few address bits, so that all pages can be looked at, and masks with any holes."""
    numbers = st.integers(0, PAGES - 1).map(lambda gfn: gfn << 12)
    pairs = draw(st.lists(st.tuples(numbers, st.sampled_from(TYPES), numbers), max_size=8))
    state = with_pairs(*((base | kind, mask) for base, kind, mask in pairs), width=22)
    state.write(0x2FF, draw(st.sampled_from((0x800, 0xC00))) | draw(st.sampled_from(TYPES)))
    return state


@settings(max_examples=60)
@given(register_sets())
def test_many_pages_equal_single_ones(case: Case) -> None:
    state = written(case)
    gfns = sorted({*probe_gfns(state), *types_of(state).starts.tolist()})
    found = types_of(state).types_at(np.array(gfns, np.uint64))
    assert found.tolist() == [in_force(state, gfn) for gfn in gfns]


@settings(max_examples=60)
@given(small_spaces(), st.lists(st.integers(0, PAGES), min_size=2, max_size=12, unique=True))
def test_ranges_hold_the_types_of_their_pages(state: MtrrState, bounds: list[int]) -> None:
    edges = np.array(sorted(bounds), np.uint64)
    firsts, ends = edges[:-1], edges[1:]
    sets = types_of(state).sets_in(firsts, ends).tolist()
    others = types_of(state).differences(firsts, ends).tolist()
    for first, end, kinds, unlike in zip(firsts.tolist(), ends.tolist(), sets, others, strict=True):
        pages = {(state.sdm_memory_type(gfn), state.memory_type(gfn)) for gfn in range(first, end)}
        assert kinds == sum({1 << (kvm if sdm is None else sdm) for sdm, kvm in pages})
        wanted = {1 << (UNDEFINED if sdm is None else sdm) for sdm, kvm in pages if sdm != kvm}
        assert unlike == sum(wanted)


@settings(max_examples=60)
@given(small_spaces())
def test_no_leaf_holds_two_types_and_kvms_limit_stays(state: MtrrState) -> None:
    lookup = Lookup(sdm=state.sdm_layout)
    fault_map = fault_map_for(state.layout, None, limits_level=True, lookup=lookup)
    for block in range(0, PAGES, 512):
        level = fault_map.at(block)[1]
        kinds = {in_force(state, gfn) for gfn in range(block, block + 512)}
        assert level == 1 if len(kinds) > 1 else level <= state.max_level(block)


def test_where_both_agree_the_map_is_kvms_own() -> None:
    state = with_pairs((0x8000_0000, 0xFF_8000_0000))
    lookup = Lookup(sdm=state.sdm_layout)
    assert types_of(state).is_same
    assert fault_map_for(state.layout, None, True, lookup) is fault_map_for(
        state.layout, None, True
    )


def test_a_hole_in_a_mask_is_a_hole() -> None:
    state = with_pairs((0, 0xFF_4000_0000))
    found = types_of(state)
    assert (found.starts << np.uint64(12)).tolist() == [gib << 30 for gib in (0, 1, 2, 3)]
    assert found.sets.tolist() == [1 << UC, 1 << WB, 1 << UC, 1 << WB]
    assert found.kvm.tolist() == [UC, UC, UC, WB], "KVM fills it"


def test_an_overlap_without_a_definition_keeps_kvms_type() -> None:
    state = with_pairs((WC, 0xFF_8000_0000), (WT, 0xFF_8000_0000))
    found = types_of(state)
    assert found.sets.tolist() == [1 << UNDEFINED, 1 << WB]
    assert found.types_at(np.zeros(1, np.uint64)).tolist() == [state.memory_type(0)] == [WB]


def test_holes_by_the_million_are_counted_not_listed() -> None:
    """Every other page of 2^40 bytes is UC, every other of those is also WC."""
    state = with_pairs((0, 0x1000), (WC, 0x2000), default=WT)
    found = types_of(state)
    assert len(found.starts) <= 4
    assert found.types_at(np.arange(4, dtype=np.uint64)).tolist() == [UC, WC, UC, WT]
    firsts = np.array([0, 1 << 20, (1 << 27) + 1], np.uint64)
    ends = firsts + np.array([1 << 19, 2, 1], np.uint64)
    wanted = [1 << UC | 1 << WC | 1 << WT, 1 << UC | 1 << WC, 1 << WC]
    assert found.sets_in(firsts, ends).tolist() == wanted


def test_the_map_of_such_a_state_answers_page_by_page() -> None:
    state = with_pairs((0, 0x1000))
    fault_map = fault_map_for(state.layout, None, True, Lookup(sdm=state.sdm_layout))
    assert not fault_map.is_one_answer
    assert [fault_map.at(gfn) for gfn in (6, 7)] == [(UC << 3, 1), (WB << 3, 1)]
    assert len(fault_map.starts) < 10

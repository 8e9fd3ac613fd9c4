"""The solver: exact, fewest, proved, and honest where it cannot be done."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.analysis.solve import (
    Limits,
    WantedRange,
    solve,
    wanted_by_machine,
    wanted_map,
)
from mtrrviz.analysis.solve.blocks import block_tree
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.scenario.library import open_scenario

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
GIB = 1 << 30
NO_FIXED = Limits(use_fixed=False)


def wanted(*ranges, rest: MemoryType | None = UC, width: int = 40):
    """Return a map of (start, size, type)."""
    return wanted_map([WantedRange(a, a + size, kind) for a, size, kind in ranges], width, rest)


def by_page(solution, pages):
    """Return (KVM's, the SDM's) type of each page of a solution's registers."""
    state = solution.state()
    return [(state.memory_type(gfn), state.sdm_memory_type(gfn)) for gfn in range(pages)]


def test_a_hole_at_the_end_of_ram_needs_no_overlap_with_default_uc():
    solution = solve(wanted((0, 3 * GIB, WB)))
    assert (solution.default, solution.is_exact, solution.needed) == (UC, True, 2)
    assert [(p.start, p.size_bytes, p.type) for p in solution.pairs] == [
        (0, 2 * GIB, WB),
        (2 * GIB, GIB, WB),
    ]


def test_wt_over_wb_takes_two_pairs_in_any_place():
    solution = solve(wanted((0, 3 * GIB, WB), (3 * GIB, GIB, WT), (4 * GIB, 12 * GIB, WB)))
    assert (solution.needed, solution.is_exact) == (2, True)
    assert {(p.size_bytes, p.type) for p in solution.pairs} == {(16 * GIB, WB), (GIB, WT)}


def test_a_hole_within_ram_is_uc_last_in_the_order_of_kvm():
    solution = solve(wanted((0, 15 * GIB, WB)), Limits(default=UC))
    assert [(p.start, p.size_bytes, p.type) for p in solution.pairs] == [
        (0, 16 * GIB, WB),
        (15 * GIB, GIB, WB),
        (15 * GIB, GIB, UC),
    ]
    assert solution.is_exact
    assert solution.has_helpers


def test_a_hole_where_ram_starts_needs_no_helper():
    solution = solve(wanted((GIB, 15 * GIB, WB)), Limits(default=UC, use_fixed=False))
    assert [(p.size_bytes, p.type) for p in solution.pairs] == [(16 * GIB, WB), (GIB, UC)]
    assert not solution.has_helpers


def test_too_few_pairs_give_the_nearest_map_and_say_what_it_lacks():
    solution = solve(wanted((0, GIB, WB), (4 * GIB, 8 * GIB, WB)), Limits(pairs=1))
    assert (solution.needed, len(solution.pairs), solution.is_exact) == (3, 1, False)
    assert sum(one.end - one.start for one in solution.differences) <= (5 * GIB) >> 12
    assert {(one.wanted, one.kvm) for one in solution.differences} == {(WB, UC)}


def test_without_pairs_memory_rather_loses_its_cache_than_devices_gain_one():
    solution = solve(wanted((0, 4 * GIB, WB)), Limits(pairs=0))
    assert (solution.default, solution.covers) == (UC, ())


def test_fixed_ranges_that_are_too_coarse_are_named_and_err_towards_uncached():
    solution = solve(wanted((0, 0x1_8000, WB), (0x10_0000, 0x10_0000, WB)))
    (difference,) = solution.differences
    assert (difference.start, difference.end) == (0x10, 0x18)
    assert (difference.wanted, difference.kvm) == (WB, UC)


def test_what_may_have_any_type_costs_nothing():
    assert solve(wanted((0, 3 * GIB, WB), rest=None)).needed == 0
    assert solve(wanted((0, 3 * GIB, WB), (3 * GIB, GIB, UC), rest=None)).needed == 1


@pytest.mark.parametrize("name", ["ovmf-8vcpu-2g", "seabios-16vcpu-16g", "small-machine"])
def test_the_built_in_machines_can_be_mended(name):
    spec = open_scenario(name).machine
    solution = solve(wanted_by_machine(spec))
    assert solution.is_exact
    state = solution.state()
    for region in spec.regions:
        expected = WB if region.kind == "ram" else UC
        assert state.memory_type(region.first_gfn) == expected
        assert state.memory_type(region.end_gfn - 1) == expected


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([(0, 0x1000, WB), (0, 0x2000, UC)], "overlaps"),
        ([(0x800, 0x1000, WB)], "whole 4 KiB pages"),
        ([(0, 0, WB)], "empty"),
        ([(1 << 40, 0x1000, WB)], "beyond"),
    ],
)
def test_maps_that_make_no_sense_are_refused(ranges, words):
    with pytest.raises(MtrrvizError, match=words):
        wanted(*ranges)


@pytest.mark.parametrize("pairs", [-1, 33])
def test_a_number_of_pairs_that_there_is_not(pairs):
    with pytest.raises(ValueError, match="0 to 32"):
        Limits(pairs=pairs)


@pytest.mark.parametrize("size", [0, 0x800, 0x3000])
def test_a_smallest_size_that_no_range_can_have(size):
    with pytest.raises(ValueError, match="power of two"):
        Limits(smallest_bytes=size)


def test_borders_finer_than_the_smallest_range_cannot_be_had():
    odd = wanted((0, 3 * GIB + (1 << 20), WB))
    solution = solve(odd, Limits(smallest_bytes=1 << 21))
    assert (solution.needed, solution.is_nearest, solution.is_exact) == (None, True, False)
    (one,) = solution.differences
    assert (one.start << 12, one.end - one.start) == (3 * GIB, 0x100)
    assert (one.wanted, one.kvm) == (WB, UC)
    assert all(pair.size_bytes >= 1 << 21 for pair in solution.pairs)


# Against exhaustive search: 8 pages, every set of up to three ranges of three types.

_WIDTH, _PAGES = 15, 8
_BLOCKS = [(at, size) for size in (1, 2, 4, 8) for at in range(0, _PAGES, size)]


def smallest_sets(default, kinds, most=3, least_size=1):
    """Return by map the fewest ranges that give it alike by KVM's walk and by the SDM."""
    covers = [(at, size, kind) for at, size in _BLOCKS for kind in kinds if size >= least_size]
    best = {}
    for count in range(most + 1):
        for chosen in itertools.combinations(covers, count):
            types = tuple(_agreed(chosen, page, default) for page in range(_PAGES))
            if None not in types:
                best.setdefault(types, count)
    return best


def _agreed(chosen, page, default):
    """Return the type of a page if KVM and the SDM agree on it, else None."""
    hits = [(at, kind) for at, size, kind in chosen if at <= page < at + size]
    kinds = {kind for _, kind in hits}
    if len(kinds) < 2:
        return kinds.pop() if kinds else default
    manual = UC if UC in kinds else WT if kinds == {WT, WB} else None
    return manual if manual == _walked(sorted(hits, reverse=True)) else None


def _walked(hits):
    """Fold types from the highest base register down, as KVM's loop does."""
    seen = hits[0][1]
    for _, kind in hits[1:]:
        if kind == seen:
            continue
        if kind == UC:
            return UC
        if {kind, seen} != {WT, WB}:
            return WB
        seen = WT
    return seen


@pytest.mark.parametrize(("default", "kinds"), [(UC, (UC, WT, WB)), (WB, (UC, WC, WB))])
def test_no_smaller_set_exists_on_small_maps(default, kinds):
    best = smallest_sets(default, kinds)
    choice = random.Random(7)
    known = choice.sample(sorted(best), 250)
    others = [tuple(choice.choice(kinds) for _ in range(_PAGES)) for _ in range(100)]
    for types in (*known, *others):
        ranges = [(page << 12, 1 << 12, kind) for page, kind in enumerate(types)]
        solution = solve(wanted(*ranges, width=_WIDTH), Limits(8, default, use_fixed=False))
        assert solution.needed is not None
        assert solution.needed == best.get(types, max(4, solution.needed))
        if solution.needed <= 8:
            assert by_page(solution, _PAGES) == [(kind, kind) for kind in types]


def test_no_smaller_set_of_large_ranges_exists_on_small_maps():
    best = smallest_sets(UC, (UC, WT, WB), least_size=2)
    limits = Limits(8, UC, use_fixed=False, smallest_bytes=0x2000)
    choice = random.Random(9)
    others = [tuple(choice.choice((UC, WB)) for _ in range(_PAGES)) for _ in range(40)]
    for types in (*best, *others):
        ranges = [(page << 12, 1 << 12, kind) for page, kind in enumerate(types)]
        needed = solve(wanted(*ranges, width=_WIDTH), limits).needed
        if any(types[page] != types[page + 1] for page in range(0, _PAGES, 2)):
            assert needed is None
        else:
            assert needed is not None
            assert needed == best.get(types, max(4, needed))


def test_the_best_default_type_is_chosen():
    ranges = [(page << 12, 1 << 12, WB if page % 2 else WT) for page in range(_PAGES)]
    tried = [solve(wanted(*ranges, width=_WIDTH), Limits(8, k, False)) for k in MEMORY_TYPES]
    chosen = solve(wanted(*ranges, width=_WIDTH), NO_FIXED)
    assert chosen.needed == min(one.needed for one in tried if one.needed is not None) == 4


def harm(solution):
    """Return (pages cached more than wanted, pages cached less)."""
    rank = {kind: place for place, kind in enumerate(MEMORY_TYPES)}
    more = [one for one in solution.differences if rank[one.kvm] < rank[one.wanted]]
    total = sum(one.end - one.start for one in solution.differences)
    unsafe = sum(one.end - one.start for one in more)
    return unsafe, total - unsafe


def test_the_nearest_map_is_the_best_of_all_sets_of_ranges():
    choice = random.Random(11)
    covers = [(at, size, kind) for at, size in _BLOCKS for kind in (UC, WB)]
    sets = [s for count in range(3) for s in itertools.combinations(covers, count)]
    given_types = [[_agreed(chosen, page, UC) for page in range(_PAGES)] for chosen in sets]
    for _ in range(60):
        types = [choice.choice((UC, WB)) for _ in range(_PAGES)]
        ranges = [(page << 12, 1 << 12, kind) for page, kind in enumerate(types)]
        solution = solve(wanted(*ranges, width=_WIDTH), Limits(2, UC, use_fixed=False))
        harms = [
            (sum(g == WB != w for g, w in pairs), sum(g == UC != w for g, w in pairs))
            for there in given_types
            if None not in there
            for pairs in [list(zip(there, types, strict=True))]
        ]
        assert harm(solution) == min(harms)


@st.composite
def maps(draw):
    """Maps of a few ranges with borders on round and odd places, gaps of any type or UC."""
    width = draw(st.sampled_from((36, 40, 46, 52)))
    top = 1 << (width - 12)
    shift = draw(st.sampled_from((0, 8, 9, 18)))
    places = st.integers(0, top >> shift).map(lambda place: place << shift)
    cuts = sorted(draw(st.sets(places, min_size=2, max_size=10)))
    kinds = st.sampled_from(MEMORY_TYPES)
    spans = list(itertools.pairwise(cuts))[:: draw(st.sampled_from((1, 2)))]
    ranges = [WantedRange(a << 12, b << 12, draw(kinds)) for a, b in spans]
    return wanted_map(ranges, width, draw(st.sampled_from((UC, WB, None))))


@given(maps(), st.integers(0, 8), st.booleans(), st.sampled_from((12, 20, 30)))
def test_ranges_overlap_only_as_the_manual_defines_and_in_any_order(
    wanted_types, pairs, use_fixed, shift
):
    limits = Limits(pairs, use_fixed=use_fixed, smallest_bytes=1 << shift)
    solution = solve(wanted_types, limits)
    for one, other in itertools.combinations(solution.covers, 2):
        apart = one[0] + one[1] <= other[0] or other[0] + other[1] <= one[0]
        kinds = {one[2], other[2]}
        assert apart or len(kinds) == 1 or UC in kinds or kinds == {WT, WB}
    assert all(pair.size_bytes >= 1 << shift for pair in solution.pairs)
    state, turned = solution.state(), replace(solution, covers=solution.covers[::-1]).state()
    borders = [piece.start for piece in wanted_types.pieces]
    borders += [edge for at, size, _ in solution.covers for edge in (at, at + size - 1)]
    assert [state.memory_type(gfn) for gfn in borders] == [
        turned.memory_type(gfn) for gfn in borders
    ]


@given(maps(), st.integers(0, 8), st.booleans())
def test_a_solution_is_proved_or_says_what_is_wrong(wanted_types, pairs, use_fixed):
    solution = solve(wanted_types, Limits(pairs, use_fixed=use_fixed))
    assert len(solution.pairs) <= pairs
    assert all(one.kvm == one.sdm for one in solution.differences)
    state = solution.state()
    differing = [(one.start, one.end) for one in solution.differences]
    for piece in wanted_types.pieces:
        for gfn in (piece.start, piece.end - 1):
            is_wrong = any(start <= gfn < end for start, end in differing)
            right = piece.type is None or state.memory_type(gfn) == piece.type
            assert is_wrong != right or piece.type is None
    if not solution.is_nearest and not use_fixed:
        assert solution.is_exact
        assert len(solution.pairs) == solution.needed


def leaves_of(block):
    """Return (start, pages) of the blocks that are not cut."""
    if not block.halves:
        return [(block.start, block.pages)]
    return [leaf for half in block.halves for leaf in leaves_of(half)]


@pytest.mark.parametrize(
    ("wb_gfns", "leaves"),
    [
        (range(0), 1),
        (range(1 << 28), 1),  # all of it
        (range(1 << 27), 2),
        (range(1 << 26, 1 << 27), 3),
    ],
)
def test_blocks_are_cut_only_where_pages_that_are_wb_by_default_begin_and_end(wb_gfns, leaves):
    found = leaves_of(block_tree(wanted((0, 1 << 40, WB)), wb_gfns=wb_gfns))
    assert len(found) == leaves
    assert sum(pages for _, pages in found) == 1 << 28
    assert {wb_gfns.start, wb_gfns.stop} - {0, 1 << 28} <= {start for start, _ in found}

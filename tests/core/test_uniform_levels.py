"""The largest leaves that no border cuts, against looking at every border of every block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.sdm_levels import smooth_levels, uniform_levels
from mtrrviz.core.sdm.sdm_types import is_mixed, sdm_types
from mtrrviz.core.units import LEVEL_PAGES

WB, UC, WT = 6, 0, 4
PAGES_2M, PAGES_1G = LEVEL_PAGES[2], LEVEL_PAGES[3]
#: (first gfn, pages) of ranges that begin and end at blocks of each level, beside them and within.
SPANS = [
    (0, PAGES_2M), (0, PAGES_1G), (PAGES_2M, PAGES_2M), (PAGES_1G, PAGES_1G), (PAGES_1G, 256),
    (PAGES_1G + 256, 256), (2 * PAGES_1G, PAGES_2M), (3 * PAGES_1G - PAGES_2M, PAGES_2M),
    (4 * PAGES_1G - 1, 1), (5 * PAGES_1G, 1), (PAGES_1G - 16, 16), (6 * PAGES_1G + 512 * 7 + 8, 8),
]  # fmt: skip
rows = st.lists(st.tuples(st.sampled_from(SPANS), st.sampled_from((UC, WT))), max_size=4)


def made(ranges: list[tuple[tuple[int, int], int]]) -> MtrrState:
    """Return a state with these ranges, WB elsewhere."""
    state = MtrrState(40)
    for number, ((first, pages), kind) in enumerate(ranges):
        state.write(0x200 + 2 * number, first << 12 | kind)
        state.write(0x201 + 2 * number, (1 << 40) - (pages << 12) | 0x800)
    state.write(0x2FF, 0x800 | WB)
    return state


@given(rows)
@example([((PAGES_1G, PAGES_1G), UC)])
@example([((PAGES_2M, PAGES_2M), UC)])
@example([((PAGES_1G - 16, 16), UC)])
def test_a_block_is_as_large_as_no_border_lies_within(
    ranges: list[tuple[tuple[int, int], int]],
) -> None:
    types = sdm_types(made(ranges).sdm_layout)
    sets = types.in_force
    borders = [
        int(types.starts[at])
        for at in range(1, len(sets))
        if sets[at] != sets[at - 1] or is_mixed(sets[at : at + 1])[0]
    ]
    starts, levels = uniform_levels(types)
    edges = {0, *borders, *(first for (first, _), _ in ranges)}
    probes = {
        gfn for edge in edges for gfn in (edge - 1, edge, edge + 1, edge + PAGES_2M) if gfn >= 0
    }
    for gfn in sorted(probes):
        found = int(levels[np.searchsorted(starts, np.uint64(gfn), "right") - 1])
        uncut = [
            level
            for level in (3, 2)
            if not any(
                gfn & -LEVEL_PAGES[level] < b < (gfn | LEVEL_PAGES[level] - 1) + 1 for b in borders
            )
        ]
        assert found == (uncut[0] if uncut else 1), hex(gfn)


@given(rows)
def test_levels_are_lowered_where_a_block_holds_several_types(
    ranges: list[tuple[tuple[int, int], int]],
) -> None:
    state = made(ranges)
    types = sdm_types(state.sdm_layout)
    gfns = np.array(sorted({gfn for (first, n), _ in ranges for gfn in (first, first + n)} | {7}))
    for given_level in (1, 2, 3):
        levels = np.full(len(gfns), given_level, np.uint8)
        found = smooth_levels(types, gfns.astype(np.uint64), levels)
        for gfn, level in zip(gfns.tolist(), found.tolist(), strict=True):
            fits = [
                one
                for one in (3, 2, 1)
                if one <= given_level and len(kinds_in(state, gfn, LEVEL_PAGES[one], ranges)) == 1
            ]
            assert level == fits[0]
        assert (levels == given_level).all(), "what is given stays"


def kinds_in(
    state: MtrrState, gfn: int, pages: int, ranges: list[tuple[tuple[int, int], int]]
) -> set[int]:
    """Return the types in an aligned block, looked up at each place where one may begin."""
    first = gfn & -pages
    cuts = {first, *(cut for (start, n), _ in ranges for cut in (start, start + n))}
    return {int(state.memory_type(cut)) for cut in cuts if first <= cut < first + pages}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_one_type_alone_needs_no_borders(level: int) -> None:
    types = sdm_types(made([]).sdm_layout)
    starts, levels = uniform_levels(types)
    assert (starts.tolist(), levels.tolist()) == ([0], [3])
    gfns = np.array([0, 5], np.uint64)
    assert smooth_levels(types, gfns, np.full(2, level, np.uint8)).tolist() == [level] * 2

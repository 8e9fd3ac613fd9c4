"""Where the walk over the variable ranges ends early, against walks that are written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.early_ends import early_end_intervals, ends_early
from mtrrviz.core.layout import FIXED_LIMIT_GFN, TypeLayout, combine
from mtrrviz.core.memtype import MemoryType

UC, WC, WT, WP, WB = (int(MemoryType[name]) for name in ("UC", "WC", "WT", "WP", "WB"))
FIXED = bytes([WB]) * 88
TYPES = (UC, WC, WT, WP, WB)

gfns = st.sampled_from([0, 1, 0xFF, FIXED_LIMIT_GFN, 0x101, 0x200, 0x201, 0x400])
ranges = st.lists(
    st.tuples(gfns, gfns, st.sampled_from(TYPES)).filter(lambda one: one[0] < one[1]), max_size=4
)


@pytest.mark.parametrize(
    ("types", "is_early"),
    [
        ([], False),
        ([UC], False),
        ([WB, WB], False),
        ([UC, UC], False),
        ([WB, UC], True),
        ([UC, WB], True),
        ([WB, WT], False),
        ([WT, WB], False),
        ([WB, WC], True),
        ([WP, WT], True),
        ([WB, WT, WB], False),
        ([WB, WT, UC], True),
        ([WB, WB, WC], True),
    ],
)
def test_a_walk_ends_with_uc_met_later_or_a_mix_that_no_rule_names(types, is_early) -> None:
    layout = TypeLayout(UC, None, tuple((0x200, 0x300, kind) for kind in types))
    assert ends_early(layout, 0x200) == ends_early(layout, 0x2FF) == is_early
    assert not ends_early(layout, 0x1FF)
    assert not ends_early(layout, 0x300)


@pytest.mark.parametrize(("fixed", "is_early"), [(FIXED, False), (None, True)])
def test_pages_of_the_fixed_ranges_need_no_walk_while_those_are_on(fixed, is_early) -> None:
    layout = TypeLayout(UC, fixed, ((0, 0x200, WB), (0, 0x200, UC)))
    assert ends_early(layout, 0) == ends_early(layout, FIXED_LIMIT_GFN - 1) == is_early
    assert ends_early(layout, FIXED_LIMIT_GFN)


@given(ranges, st.sampled_from([None, FIXED]))
def test_intervals_say_of_every_page_what_its_walk_does(found, fixed) -> None:
    layout = TypeLayout(WB, fixed, tuple(found))
    starts, flags = early_end_intervals(layout)
    assert starts[0] == 0
    assert starts.tolist() == sorted(set(starts.tolist()))
    for gfn in range(0x402):
        flag = flags[starts.searchsorted(gfn, "right") - 1]
        assert bool(flag) == ends_early(layout, gfn) == walked(layout, gfn)


def walked(layout: TypeLayout, gfn: int) -> bool:
    """Walk over the ranges that hold a page, one after the other."""
    if layout.fixed and gfn < 0x100:
        return False
    held = [kind for start, end, kind in layout.ranges if gfn in range(start, end)]
    while len(held) > 1:
        merged, ends = combine(held[0], held[1])
        if ends:
            return True
        held[:2] = [merged]
    return False

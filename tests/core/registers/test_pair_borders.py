"""The borders of a pair: between two of them it matches all pages or none, in the whole space."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.sdm.sdm_pairs import Pair, pair_borders
from mtrrviz.core.units import GFN_SPACE

BITS = range(52)
ALL = GFN_SPACE - 1
gfns = st.integers(0, ALL)
holes = st.sets(st.sampled_from(BITS), max_size=9)


def made(base: int, low: int, gaps: set[int]) -> Pair:
    """Return a pair that compares the bits from ``low`` on but for some."""
    return Pair(base, ALL & -(1 << low) & ~sum(1 << bit for bit in gaps), MemoryType.WB)


def matches(pair: Pair, gfn: int) -> bool:
    return (gfn ^ pair.base) & pair.compare == 0


@given(gfns, st.integers(0, 52), holes)
@example(0, 0, {51})
@example(1 << 51, 0, {0, 51})
@example(0, 0, {50, 51})
@example(0, 12, {20, 21, 22, 23, 24, 25})
@example(0, 12, {20, 21, 22, 23, 24, 25, 26})
@example(0, 52, set())
@example(0, 51, set())
def test_between_borders_a_pair_matches_all_pages_or_none(
    base: int, low: int, gaps: set[int]
) -> None:
    pair = made(base, low, gaps)
    borders = sorted(pair_borders(pair))
    found = sum(b - a for a, b in pairwise(borders) if matches(pair, a) and matches(pair, b - 1))
    step = pair.compare & -pair.compare or GFN_SPACE
    separate = sum(step <= 1 << bit and not pair.compare >> bit & 1 for bit in BITS)
    if separate <= 6:
        assert found == 1 << 52 - pair.compare.bit_count()
    else:
        assert len(borders) == 2, "only the outermost of too many"
    assert matches(pair, borders[0])
    assert matches(pair, borders[-1] - 1)
    lowest = pair.base & pair.compare
    assert (borders[0], borders[-1]) == (lowest, (lowest | ALL & ~pair.compare) + 1)

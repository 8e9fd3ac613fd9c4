"""Solving with exactly as many pairs as a map needs, and with one less."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.solve import Limits, WantedRange, solve, wanted_map
from mtrrviz.core.memtype import MemoryType

UC, WT, WB = MemoryType.UC, MemoryType.WT, MemoryType.WB
GIB = 1 << 30


@pytest.mark.parametrize(
    "sizes", [((WB, 1),), ((WB, 3),), ((WB, 7),), ((WB, 3), (UC, 1), (WB, 4)), ((WB, 2), (WT, 2))]
)
def test_as_many_pairs_as_needed_give_the_map_and_one_less_the_nearest(sizes):
    at, ranges = 0, []
    for kind, size in sizes:
        ranges.append(WantedRange(at * GIB, (at + size) * GIB, kind))
        at += size
    wanted, limits = wanted_map(ranges, 40, UC), Limits(default=UC, use_fixed=False)
    needed = solve(wanted, limits).needed
    assert needed
    exact = solve(wanted, replace(limits, pairs=needed))
    nearest = solve(wanted, replace(limits, pairs=needed - 1))
    assert (exact.is_nearest, exact.is_exact, len(exact.pairs)) == (False, True, needed)
    assert (nearest.is_nearest, nearest.is_exact, nearest.needed) == (True, False, needed)

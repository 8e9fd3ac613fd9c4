"""What a real machine makes of a wanted map: the type that would do most harm is named."""

from __future__ import annotations

from mtrrviz.analysis.solve import WantedRange, wanted_map
from mtrrviz.analysis.solve.proof import differences
from mtrrviz.analysis.solve.target import Target
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import MtrrState

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
GIB = 1 << 30
EVERY_SECOND_PAGE = 0xFF_C000_1000
"""A mask that compares bit 12 too: too many stretches to list one by one."""


def worst_of_most_pages(wanted, default, *pairs):
    state = MtrrState(40)
    state.write(0x2FF, 0x800 | default)
    for number, (kind, odd) in enumerate(pairs):
        state.write(0x200 + 2 * number, GIB | odd << 12 | kind)
        state.write(0x201 + 2 * number, EVERY_SECOND_PAGE | 0x800)
    map_ = wanted_map([WantedRange(GIB, 2 * GIB, wanted)], 40, None)
    found = differences(state, map_, Target(is_host=True))
    return max(found, key=lambda one: one.end - one.start).sdm


def test_of_several_types_the_one_that_caches_most_is_named():
    assert worst_of_most_pages(UC, WC, (UC, 0), (WB, 1)) is WB
    assert worst_of_most_pages(UC, WC, (WB, 0), (WT, 1)) is WB
    assert worst_of_most_pages(UC, WB, (WC, 0), (WT, 1)) is WT


def test_a_type_that_no_one_can_tell_goes_before_all():
    assert worst_of_most_pages(UC, WB, (WB, 0), (WC, 0), (WT, 1)) is None

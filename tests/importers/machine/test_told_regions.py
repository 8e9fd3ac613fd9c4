"""Regions of a PC that is known by the ends of its RAM alone: no page twice, none left out."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from mtrrviz.importers.machine.told_ram import RamEnds, told_regions
from mtrrviz.scenario.machine_spec import RegionKind

PAGE, FOUR_GIB = 1 << 12, 1 << 32
VGA = (0xA_0000, 0xC_0000)

ends_of_low = st.integers(1, FOUR_GIB // PAGE).map(lambda page: page * PAGE)


@given(ends_of_low, st.none() | st.integers(1 << 20, 1 << 24).map(lambda page: page * PAGE))
@example(VGA[0] - PAGE, None)
@example(VGA[0], None)
@example(VGA[0] + PAGE, FOUR_GIB)
@example(VGA[1], None)
@example(VGA[1] + PAGE, FOUR_GIB + PAGE)
def test_ram_is_all_up_to_its_ends_but_the_vga_window_and_no_region_overlaps(low, high):
    notes = []
    regions, size = told_regions(RamEnds(low, high, "its ends"), 0xF000_0000, notes)
    for before, after in itertools.pairwise(regions):
        assert before.end <= after.start
    ram = [(r.start, r.end) for r in regions if r.kind is RegionKind.RAM]
    high = high or FOUR_GIB
    expected = [(0, min(low, VGA[0])), (VGA[1], low), (FOUR_GIB, high)]
    assert ram == [(start, end) for start, end in expected if start < end]
    assert size == low + high - FOUR_GIB
    assert "its ends" in notes[0].text

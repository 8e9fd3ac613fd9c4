"""Where KVM and the SDM differ on the map, and maps of masks with too many holes to list."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.sdm.sdm_pairs import UNDEFINED
from mtrrviz.facts.ept_table import table_entries
from mtrrviz.facts.expected import expected_for
from mtrrviz.facts.map_words import dot_text, sdm_difference_text
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.sdm_difference import SdmDifference, sdm_difference_for
from mtrrviz.facts.stale import stale_leaves
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import SDM_DIFFERENCE, MapImager
from mtrrviz.geometry.map.map_image import UNDEFINED as POINT
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_sdm_marks import marks_for
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.sim import simulate
from tests.narrow import there

HALF_NS, END_NS = 500_000_000, 1_000_000_000
SCENARIO = open_scenario("kvm-and-manual")
SPEC = SCENARIO.machine
RUN = simulate(SCENARIO, "per-vcpu")
VIEWS = [None, Viewport(0xC00, 512), Viewport(0, 1 << 14)]
# Every other page is UC: a mask that compares one bit. Pair 7 is free in the scenario.
ALTERNATING = (
    Event(200_000_000, EventKind.WRMSR, 0, 0x20E, 0),
    Event(200_000_000, EventKind.WRMSR, 0, 0x20F, 0x1800),
)


def alternating(policy="per-vcpu:sdm-lookup"):
    scenario = SCENARIO
    for event in ALTERNATING:
        scenario = scenario.inserting(event)
    return simulate(scenario, policy)


def sdm_difference_of_pages(state, first, end):
    """Return what a page-by-page look finds: the SDM's types, none where both agree."""
    mtrrs = state.machine.deciding_mtrr(0)
    found = 0
    for gfn in range(first, end):
        manual = mtrrs.sdm_memory_type(gfn)
        if manual != mtrrs.memory_type(gfn):
            found |= 1 << (UNDEFINED if manual is None else manual)
    return found


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("time_ns", [HALF_NS, END_NS])
def test_dots_are_marked_where_a_page_is_unlike(view, time_ns):
    layout, state = lay_out(bands_of(SPEC), view, 500, 300), RUN.at(time_ns)
    frame = MapImager().frame(state, 0, layout)
    assert frame.sdm_difference is not None
    dots = range(0, layout.dots, 1 if layout.dots < 600 else 11)
    found = [int(frame.sdm_difference[dot]) for dot in dots]
    assert found == [sdm_difference_of_pages(state, *layout.gfn_range(dot)) for dot in dots]


def test_the_patterns_lie_on_marked_dots_and_nowhere_else():
    layout, state = lay_out(bands_of(SPEC), None, 500, 300), RUN.at(HALF_NS)
    frame = MapImager().frame(state, 0, layout)
    for value in (SDM_DIFFERENCE, POINT):
        places = np.argwhere(frame.image == value).tolist()
        types = {int(there(frame.sdm_difference)[layout.dot_at(x, y)]) for y, x in places}
        assert types == ({1 << UNDEFINED} if value == POINT else {1, 1 << 6})


def test_there_are_no_marks_while_mtrrs_have_no_say():
    state = RUN.at(HALF_NS)
    assert sdm_difference_for(state.machine, 0, SPEC) is not None
    assert sdm_difference_for(state.machine, 1, SPEC) is None, "caches are off on vCPU 1"
    assert sdm_difference_for(RUN.at(0).machine, 0, SPEC) is None
    ignored = simulate(SCENARIO, "kvm-6.11").at(HALF_NS)
    assert sdm_difference_for(ignored.machine, 0, SPEC) is None
    layout = lay_out(bands_of(SPEC), None, 500, 300)
    frame = MapImager().frame(ignored, 0, layout)
    assert frame.sdm_difference is None
    assert not np.isin(frame.image, (SDM_DIFFERENCE, POINT)).any()


def test_under_per_vm_the_mtrrs_of_vcpu_0_are_marked_for_all():
    state = simulate(SCENARIO, "per-vm").at(HALF_NS)
    machine = state.machine.copy()
    machine.write_cr0(1, 0x11)
    mine, theirs = (sdm_difference_for(machine, vcpu, SPEC) for vcpu in (0, 1))
    assert mine is theirs is not None


def test_memory_of_passed_through_devices_is_not_marked():
    bar = Region("BAR", RegionKind.PASSTHROUGH, 0xC0_0000, 0x100_0000)
    ram = Region("RAM", RegionKind.RAM, 0, 0xC0_0000)
    spec = replace(SPEC, regions=(ram, bar))
    sdm_difference = sdm_difference_for(RUN.at(HALF_NS).machine, 0, spec)
    assert isinstance(sdm_difference, SdmDifference)
    assert sdm_difference.words(0xC00, 0xC01) == ""
    assert sdm_difference.words(0x1400, 0x1401) == "WB"


def test_words_say_both_types():
    state = RUN.at(HALF_NS)
    assert sdm_difference_text(state, 0, (0xC00, 0xC01)) == (
        "MTRRs by the SDM: UC; by KVM's walk: WB",
    )
    assert sdm_difference_text(state, 0, (0x2200, 0x2201)) == (
        "MTRRs by the SDM: undefined; by KVM's walk: WB",
    )
    assert sdm_difference_text(state, 0, (0x10, 0x11)) == ()


def test_the_table_of_ranges_says_the_manuals_type():
    state = RUN.at(HALF_NS)
    rows = RangeRows(state, 0, tuple(ranges_at(state, 0)))
    said = {
        (one.first_gfn, one.end_gfn): rows.text(number, "sdm_type")
        for number, one in enumerate(rows.items)
        if one.sdm
    }
    assert said == {
        (0xC00, 0x1000): "UC",
        (0x1400, 0x1800): "WB",
        (0x2200, 0x2400): "undefined",
    }


def test_holes_by_the_million_show_both_types_and_take_few_rows():
    run = alternating()
    state = run.at(HALF_NS // 2)
    expected = expected_for(state.machine, 0, SPEC)
    assert len(expected.starts) < 100
    assert [expected.at(gfn) >> 3 for gfn in (2, 3)] == [0, 6]
    assert [state.machine.leaf(0, gfn)[0].name for gfn in (2, 3)] == ["UC", "WB"]
    rows = RangeRows(state, 0, tuple(ranges_at(state, 0)))
    assert len(rows) < 100
    assert {rows.text(number, "next_fault_type") for number in range(len(rows))} == {
        "UC or WB, IPAT 0",
        "UC or WT, IPAT 0",
        "UC or WP, IPAT 0",
        "UC, IPAT 0",
        "none, no slot",
    }
    assert expected.all_bits(0x10, 0x40) == [0, 6 << 3]
    text = dot_text(state, 0, (0x10, 0x20))
    assert text[-1] == "next fault of vCPU 0: UC, IPAT 0 or WB, IPAT 0"


@pytest.mark.parametrize("view", VIEWS)
def test_tints_and_stale_leaves_follow_single_pages_there(view):
    """Leaves were made by KVM's walk; the machine now looks types up as the SDM says."""
    before, state = alternating("per-vcpu"), alternating().at(HALF_NS)
    layout = lay_out(bands_of(SPEC), view, 500, 300)
    expected = expected_for(state.machine, 0, SPEC)
    frame = MapImager().frame(state, 0, layout)
    for dot in range(0, layout.dots, 7):
        pages = range(*layout.gfn_range(dot))
        types = {1 << state.machine.leaf(0, gfn)[0] for gfn in pages}
        assert int(frame.tint_types[dot]) == sum(types)
    leaves, rows = before.leaves, before.at(HALF_NS).live_rows
    stale = stale_leaves(expected, leaves, rows)
    for row, is_stale in zip(rows[::5].tolist(), stale[::5].tolist(), strict=True):
        first, pages = int(leaves.first_gfn[row]), int(leaves.pages[row])
        wanted = {state.machine.leaf(0, gfn)[0] << 3 for gfn in range(first, first + pages)}
        assert is_stale == (wanted != {int(leaves.bits[row])})


def test_entries_of_page_tables_there_may_get_both_types():
    state = alternating().at(HALF_NS)
    expected = expected_for(state.machine, 0, SPEC)
    assert set(table_entries(state, 1, 0x200, expected).next_types.tolist()) == {1, 1 << 6}
    assert int(table_entries(state, 2, 0, expected).next_types[3]) == 1 | 1 << 6


def test_marks_of_one_layout_are_made_once():
    layout, imager = lay_out(bands_of(SPEC), None, 500, 300), MapImager()
    first, second = (imager.frame(RUN.at(time), 0, layout) for time in (HALF_NS, HALF_NS + 1))
    assert first.sdm_difference is second.sdm_difference
    sdm_difference = there(sdm_difference_for(RUN.at(HALF_NS).machine, 0, SPEC))
    again = marks_for(sdm_difference, layout, imager.pixels(layout, RUN))
    assert again.sets.tolist() == there(first.sdm_difference).tolist()

"""The map's frames against leaf-by-leaf counting over single pages."""

from __future__ import annotations

import gc
import weakref
from itertools import product

import numpy as np
import pytest

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.expected import expected_for
from mtrrviz.facts.map_words import dot_text, type_counts
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import (
    BACKGROUND,
    EDGE,
    FLASH,
    FLASH_STEPS,
    HATCH,
    HOLE,
    SDM_DIFFERENCE,
    SOLID,
    STALE,
    TINT,
    UNDEFINED,
    VALUES,
    MapImager,
)
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.sim import simulate
from tests.narrow import there

RUN = simulate(open_scenario("small-machine"), "per-vcpu")
SPEC = RUN.scenario.machine
TIMES = [0, 105_000_000, 345_000_000, 640_000_000, 900_000_000, 1_100_000_000, 2_000_000_000]
VIEWS = [None, Viewport(0, 1 << 14), Viewport(0x2000, 1024), Viewport(0xE0000, 512)]


def layout_of(view):
    return lay_out(bands_of(SPEC), view, 600, 360)


def slow_expected(machine, vcpu, gfn):
    """What a fault gets, asked of the machine page by page."""
    region = SPEC.region_at(gfn)
    mmio = region is not None and region.kind is RegionKind.PASSTHROUGH
    return ept_bits(*machine.leaf(vcpu, gfn, mmio))


def slow_leaves(state):
    """Yield (pages, bits, is stale for vCPU 1) of the live leaves."""
    leaves = RUN.leaves
    for row in state.live_rows.tolist():
        first, pages = int(leaves.first_gfn[row]), int(leaves.pages[row])
        bits = int(leaves.bits[row])
        gfns = range(first, first + pages)
        probes = {gfns[0], gfns[-1], *range(first, first + pages, 64)}
        stale = any(slow_expected(state.machine, 1, gfn) != bits for gfn in probes)
        yield gfns, bits, stale


@pytest.mark.parametrize("time_ns", TIMES)
@pytest.mark.parametrize("view", VIEWS)
def test_dots_show_the_leaves_in_them(time_ns, view):
    state, layout = RUN.at(time_ns), layout_of(view)
    frame = MapImager().frame(state, 1, layout)
    types = np.zeros(layout.dots, np.uint8)
    pages = np.zeros(layout.dots, int)
    stale = np.zeros(layout.dots, bool)
    stale_leaves = 0
    for gfns, bits, is_stale in slow_leaves(state):
        stale_leaves += is_stale
        for gfn in gfns:
            dot = layout.dot_of(gfn)
            if dot is not None:
                types[dot] |= 1 << (bits >> 3 & 7)
                pages[dot] += 1
                stale[dot] |= is_stale
    assert (frame.leaf_types == types).all()
    assert (frame.is_stale == stale).all()
    assert (frame.is_part == ((pages > 0) & (pages < layout.dot_pages))).all()
    assert frame.stale_leaves == stale_leaves


@pytest.mark.parametrize("time_ns", TIMES)
@pytest.mark.parametrize("vcpu", [0, 1])
def test_the_tint_is_what_the_machine_says_of_each_page(time_ns, vcpu):
    state, layout = RUN.at(time_ns), layout_of(None)
    frame = MapImager().frame(state, vcpu, layout)
    for dot in range(0, layout.dots, 41):
        first, end = layout.gfn_range(dot)
        for gfn in (first, (first + end) // 2, end - 1):
            bits = slow_expected(state.machine, vcpu, gfn)
            assert frame.tint_types[dot] >> (bits >> 3 & 7) & 1
    assert (frame.tint_types > 0).all()


def test_a_frame_is_the_same_however_the_imager_got_there():
    imager, layout = MapImager(), layout_of(None)
    for time_ns in (*TIMES, *reversed(TIMES)):
        state = RUN.at(time_ns)
        fresh = MapImager().frame(state, 0, layout)
        assert (imager.frame(state, 0, layout).image == fresh.image).all()


def test_a_frame_is_the_same_whatever_was_shown_before():
    imager = MapImager()
    layouts = [layout_of(view) for view in (None, Viewport(0, 512), Viewport(0, 1 << 18))]
    other = simulate(RUN.scenario, "per-vm")
    for run, time_ns, number in product((RUN, other, RUN), TIMES, (0, 1, 2, 0)):
        state, layout = run.at(time_ns), layouts[number]
        fresh = MapImager().frame(state, 0, layout)
        frame = imager.frame(state, 0, layout)
        assert (frame.image == fresh.image).all()
        assert (frame.stale_leaves, frame.tally) == (fresh.stale_leaves, fresh.tally)


def test_an_imager_keeps_the_leaves_of_the_newest_run_alone():
    imager, layouts = MapImager(), (layout_of(None), layout_of(Viewport(0, 512)))
    seen = []
    for policy in ("per-vm", "per-vcpu"):
        run = simulate(RUN.scenario, policy)
        seen.append(weakref.ref(run.leaves))
        for layout in layouts:
            imager.frame(run.at(run.scenario.duration_ns), 0, layout)
    del run
    gc.collect()
    assert [leaves() is None for leaves in seen] == [True, False]


def test_counts_are_of_all_leaves_even_when_zoomed_in():
    state = RUN.at(1_100_000_000)
    tally = MapImager().frame(state, 0, layout_of(Viewport(0, 16))).tally
    assert sum(tally.values()) == len(state.live_rows)
    counts = {count.memory_type: count.leaves for count in type_counts(tally)}
    kinds = RUN.leaves.memory_type[state.live_rows]
    assert counts == {kind: int(np.count_nonzero(kinds == kind)) for kind in MemoryType}


def pixel(frame, layout, gfn, *, inside=True):
    rect = there(layout.rect_of(gfn))
    dx, dy = (rect.width // 2, rect.height // 2) if inside else (0, 0)
    return int(frame.image[rect.y + dy, rect.x + dx])


def test_known_pixels_are_solid_tinted_hatched_and_stale():
    layout = layout_of(Viewport(0, 512))
    frame = MapImager().frame(RUN.at(1_100_000_000), 0, layout)
    assert pixel(frame, layout, 0x10) == SOLID + MemoryType.WB
    assert pixel(frame, layout, 0xA8) in (HOLE + MemoryType.UC, HATCH + MemoryType.UC)
    assert pixel(frame, layout, 0x85) == SOLID + MemoryType.UC
    assert pixel(frame, layout, 0x85, inside=False) == STALE
    before = MapImager().frame(RUN.at(0), 0, layout)
    assert pixel(before, layout, 0x10) == TINT + MemoryType.WB


def test_a_zap_flashes_then_fades_and_not_where_motion_is_unwanted():
    zap = int(np.flatnonzero(RUN.zaps.leaves_dropped)[0])
    when = int(RUN.zaps.time_ns[zap])
    layout, imager = layout_of(None), MapImager()

    def lit(time_ns, **options):
        return (imager.frame(RUN.at(time_ns), 0, layout, **options).image >= FLASH).sum()

    assert lit(when) > 0
    assert lit(when, flash=False) == 0
    assert lit(when + RUN.scenario.duration_ns // 50) == 0


def flash_of(time_ns, gfn=0x10):
    """Return how far beyond FLASH a page's rim and inside are; None where it does not flash."""
    layout = layout_of(Viewport(0, 64))
    rect = there(layout.rect_of(gfn))
    image = MapImager().frame(RUN.at(time_ns), 0, layout).image
    inside = image[rect.y + rect.height // 2, rect.x + rect.width // 2]
    return [int(v) - FLASH if v >= FLASH else None for v in (image[rect.y, rect.x], inside)]


def last_death(gfn):
    rows = RUN.leaves.rows_at(gfn)
    died = RUN.leaves.died_ns[rows[RUN.leaves.zap[rows] >= 0]]
    return int(died[-1])


def test_a_flash_ages_in_four_steps_and_ends_with_its_span():
    died_ns, span_ns = last_death(0x10), RUN.scenario.duration_ns // 160
    after = [0, span_ns // 4 - 1, span_ns // 4, span_ns // 2, span_ns * 3 // 4, span_ns - 1]
    values = [there(flash_of(died_ns + ns)[0]) for ns in after]
    assert [value // 8 for value in values] == [0, 0, 1, 2, 3, 3]
    assert len({value % 8 for value in values}) == 1  # the type of the next fault
    assert flash_of(died_ns - 1)[0] is None
    assert flash_of(died_ns + span_ns)[0] is None


def test_memory_mapped_again_flashes_at_its_rim_alone():
    run = simulate(open_scenario("ovmf-8vcpu-2g"), "per-vcpu")
    row = int(np.flatnonzero(run.leaves.refault)[0])
    gfn, born_ns = int(run.leaves.first_gfn[row]), int(run.leaves.born_ns[row])
    layout = lay_out(bands_of(run.scenario.machine), Viewport(gfn, 512), 600, 360)
    rect = there(layout.rect_of(gfn))
    middle = rect.y + rect.height // 2, rect.x + rect.width // 2
    before, after = (
        MapImager().frame(run.at(born_ns - early), 0, layout).image for early in (1, 0)
    )
    assert before[rect.y, rect.x] >= FLASH
    assert before[middle] >= FLASH
    assert after[rect.y, rect.x] >= FLASH
    assert SOLID <= after[middle] < TINT


def test_no_value_of_the_image_means_two_things():
    single = [BACKGROUND, STALE, SDM_DIFFERENCE, UNDEFINED]
    flashes = [FLASH + 8 * age for age in range(FLASH_STEPS)]
    with_types = [look + code for look in (SOLID, TINT, HOLE, HATCH, *flashes) for code in range(8)]
    assert len({*single, *with_types}) == len(single) + len(with_types)
    assert max(with_types) < VALUES <= 256


def test_no_value_is_beyond_the_palette():
    for time_ns in TIMES:
        image = MapImager().frame(RUN.at(time_ns), 0, layout_of(None)).image
        assert image.max() < VALUES <= 256


def test_passed_through_memory_is_never_stale():
    expected = expected_for(RUN.at(2_000_000_000).machine, 0, SPEC)
    assert expected.at(0xE0000) == ept_bits(MemoryType.UC, 0)
    assert expected.at(0xE0FFF) == ept_bits(MemoryType.UC, 0)


def test_words_on_a_dot_name_region_leaf_and_next_fault():
    state = RUN.at(1_100_000_000)
    words = dot_text(state, 0, (0x85, 0x86))
    assert words[0] == "0x8_5000 to 0x8_5fff (4 KiB)"
    assert words[1] == "low RAM"
    assert words[2] == "leaf: 4 KiB, UC, IPAT 0"
    assert words[-1] == "next fault of vCPU 0: WB, IPAT 0"
    over_vga = dot_text(state, 0, (0xA8, 0xA9))
    assert over_vga[1] == "VGA window (mmio)"
    assert "no leaf" in over_vga
    assert "leaves: " in dot_text(state, 0, (0x2000, 0x2100))[2]


def test_an_edge_is_between_what_is_mapped_and_what_is_not():
    image = MapImager().frame(RUN.at(1_100_000_000), 0, layout_of(None)).image
    edges = (image & 0xF8) == EDGE
    mapped = ((image & 0xF8) == SOLID) | edges | (image == STALE)
    for axis in (0, 1):
        here, there = (np.delete(mapped, cut, axis) for cut in (-1, 0))
        before, after = (np.delete(edges | (image == STALE), cut, axis) for cut in (-1, 0))
        assert before[here & ~there].all()
        assert after[there & ~here].all()
    assert edges.any()
    assert ((image & 0xF8) == SOLID).sum() > edges.sum()

"""The layout maps addresses to dots, dots to pixels, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.map.map_bands import BandKind, bands_of
from mtrrviz.geometry.map.map_grid import MIN_DOT_PX, fit_area, fit_strip
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_pixels import ROLES, pixel_map
from mtrrviz.geometry.map.map_steps import next_dot
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind

NAMES = ("ovmf-8vcpu-2g", "ovmf-8vcpu-16g", "small-machine", "sandbox")
SIZES = ((600, 360), (1130, 600), (320, 240))


def layouts():
    for name in NAMES:
        bands = bands_of(open_scenario(name).machine)
        for width, height in SIZES:
            yield lay_out(bands, None, width, height)
            yield lay_out(bands, Viewport(0, 1 << 18), width, height)
            yield lay_out(bands, Viewport(3, 1), width, height)


@pytest.mark.parametrize("layout", list(layouts()))
def test_each_dot_is_found_again_from_its_pixels_and_its_pages(layout):
    for dot in range(0, layout.dots, max(1, layout.dots // 97)):
        rect = layout.dot_rect(dot)
        assert layout.dot_at(rect.x, rect.y) == dot
        assert layout.dot_at(rect.x + rect.width - 1, rect.y + rect.height - 1) == dot
        first, end = layout.gfn_range(dot)
        assert layout.dot_of(first) == layout.dot_of(end - 1) == dot


@pytest.mark.parametrize("layout", list(layouts()))
def test_dots_are_in_address_order_and_leave_nothing_out(layout):
    starts = layout.dot_starts.astype(np.int64)
    assert starts[0] == layout.first_gfn
    assert (np.diff(starts) > 0).all()
    assert (layout.dot_pages > 0).all()
    assert starts[-1] + layout.dot_pages[-1] == layout.end_gfn
    assert (layout.dots_of(layout.dot_starts) == np.arange(layout.dots)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES[:2])
def test_everything_fits_and_most_of_the_height_is_used(name, size):
    layout = lay_out(bands_of(open_scenario(name).machine), None, *size)
    bottoms = [item.rect.y + item.rect.height for item in layout.placed]
    rights = [item.rect.x + item.rect.width for item in layout.placed]
    assert 0.85 * size[1] <= max(bottoms) <= size[1]
    assert max(rights) <= size[0]


@pytest.mark.parametrize("name", NAMES)
def test_bands_do_not_overlap(name):
    layout = lay_out(bands_of(open_scenario(name).machine), None, 600, 360)
    seen = np.zeros((layout.height, layout.width), int)
    for item in layout.placed:
        for rect in (item.rect, item.caption):
            seen[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width] += 1
    assert seen.max() == 1


@given(st.integers(1, 1 << 32), st.integers(0, 1 << 20), st.integers(300, 1900))
def test_dots_are_large_enough_and_few_for_any_guest(pages, first, width):
    grid = fit_area(first, first + pages, width, 300)
    assert grid.dot_w >= MIN_DOT_PX
    assert grid.dot_h >= MIN_DOT_PX
    assert grid.width <= width
    assert grid.height <= 300
    assert grid.dots <= width * 300 // MIN_DOT_PX**2


@pytest.mark.parametrize("side", [1, 2, 4, 8])
def test_a_square_of_few_pages_shows_a_square_of_them(side):
    grid = fit_area(0, side * side, 200, 200)
    assert (grid.columns, grid.rows) == (side, side)
    assert grid.dot_w == grid.dot_h


def test_the_first_mib_has_one_dot_a_page():
    layout = lay_out(bands_of(open_scenario("sandbox").machine), None, 600, 360)
    low = layout.placed[0]
    assert low.band.kind is BandKind.LOW
    assert low.grid.dots == 256
    assert low.grid.dot_pages == 1


def test_a_16_tib_guest_has_no_more_dots_than_a_small_one():
    huge = MachineSpec(1, 1 << 44, (Region("RAM", RegionKind.RAM, 0, 1 << 44),))
    layout = lay_out(bands_of(huge), None, 1130, 600)
    assert layout.dots < 1130 * 600 // MIN_DOT_PX**2


def test_the_pixel_map_agrees_with_the_layout():
    machine = open_scenario("ovmf-8vcpu-2g").machine
    layout = lay_out(bands_of(machine), None, 600, 360)
    pixels = pixel_map(layout, machine)
    for y in range(0, 360, 7):
        for x in range(0, 600, 5):
            index = int(pixels.index[y, x])
            if index != pixels.background:
                assert index < ROLES * layout.dots
                assert index % layout.dots == layout.dot_at(x, y)


def test_panning_within_ram_keeps_the_pixel_map():
    machine = open_scenario("ovmf-8vcpu-2g").machine
    bands = bands_of(machine)

    def pixels(first, before=None):
        return pixel_map(lay_out(bands, Viewport(first, 4096), 600, 360), machine, before)

    here = pixels(0x1000)
    assert pixels(0x2000, here) is here
    assert pixels(0x80000 - 2048, here) is not here


def test_slots_and_holes_are_told_apart():
    machine = open_scenario("ovmf-8vcpu-2g").machine
    layout = lay_out(bands_of(machine), None, 600, 360)
    has_slot = pixel_map(layout, machine).has_slot
    assert has_slot[layout.dot_of(0x9F)]
    assert not has_slot[layout.dot_of(0xA0)]
    assert has_slot[layout.dot_of(0xFFFFF)]
    assert not has_slot[layout.dot_of(0x90000)]


def test_arrow_keys_walk_by_address_and_by_row():
    layout = lay_out(bands_of(open_scenario("sandbox").machine), None, 600, 360)
    assert next_dot(layout, 0, -1, 0) == 0
    assert next_dot(layout, 5, 1, 0) == 6
    below = next_dot(layout, 5, 0, 1)
    assert layout.dot_rect(below).y > layout.dot_rect(5).y
    assert next_dot(layout, below, 0, -1) == 5
    assert next_dot(layout, 5, 0, -1) == 5


@given(pages=st.integers(1, 1 << 24), width=st.integers(3, 2000))
def test_a_strip_fills_its_width_with_dots_of_three_pixels_or_more(pages, width):
    grid = fit_strip(0x100, 0x100 + pages, width, 10)
    assert (grid.dots - 1) * grid.dot_pages < pages <= grid.dots * grid.dot_pages
    assert grid.dot_w >= 3
    assert grid.width <= width
    assert grid.dots == pages or grid.dots * 3 > width // 2 - 3


def test_each_region_of_a_strip_has_a_rectangle_from_its_first_dot_to_its_last():
    """Of one that begins in the first MiB, which is another band, the part above counts."""
    spans = ((0xF_0000, 128 << 20), (128 << 20, 300 << 20), (300 << 20, 900 << 20))
    parts = [Region(f"h{n}", RegionKind.MMIO, *span) for n, span in enumerate(spans)]
    more = Region("RAM", RegionKind.RAM, 1 << 30, 2 << 30)
    alone = Region("alone", RegionKind.ROM, 2 << 30, 3 << 30)
    layout = lay_out(bands_of(MachineSpec(1, 0, (*parts, more, alone))), None, 900, 300)
    rects = dict(layout.strip_rects())
    assert set(rects) == {"h0", "h1", "h2", "alone"}
    for region in (*parts, alone):
        rect = rects[region.name]
        start = layout.rect_of(max(region.first_gfn, 256))
        end = layout.rect_of(region.end_gfn - 1)
        assert start is not None
        assert end is not None
        assert (rect.x, rect.y, rect.height) == (start.x, start.y, start.height)
        assert rect.x + rect.width == end.x + end.width

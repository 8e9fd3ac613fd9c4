"""A range on the map: its few rectangles cover exactly its dots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_span import span_rects
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario

MACHINES = {name: open_scenario(name).machine for name in ("small-machine", "ovmf-8vcpu-2g")}


@given(
    name=st.sampled_from(list(MACHINES)),
    size=st.sampled_from([(640, 460), (320, 180), (1100, 700)]),
    view=st.sampled_from([None, Viewport(0x40, 0x200), Viewport(0x300, 0x40)]),
    data=st.data(),
)
def test_the_rectangles_hold_the_dots_of_the_range_and_no_others(name, size, view, data):
    layout = lay_out(bands_of(MACHINES[name]), view, *size, caption_px=16)
    first = data.draw(st.integers(0, 0x90000))
    end = data.draw(st.integers(first + 1, 0x90001))
    rects = span_rects(layout, first, end)
    assert len(rects) <= 9 * len(layout.placed)
    for dot in range(0, layout.dots, max(1, layout.dots // 400)):
        low, high = layout.gfn_range(dot)
        box = layout.dot_rect(dot)
        middle = box.x + box.width // 2, box.y + box.height // 2
        is_inside = any(rect.contains(*middle) for rect in rects)
        assert is_inside == (low < end and first < high)


@given(
    size=st.sampled_from([(640, 460), (320, 180), (1100, 700)]),
    view=st.sampled_from([None, Viewport(0x40, 0x200), Viewport(0, 0x2000)]),
    data=st.data(),
)
def test_every_pixel_of_a_rectangle_is_a_dot_of_the_range_or_the_gap_after_one(size, view, data):
    layout = lay_out(bands_of(MACHINES["small-machine"]), view, *size, caption_px=16)
    item = data.draw(st.sampled_from(layout.placed))
    grid, pages = item.grid, item.grid.dot_pages
    first = data.draw(st.integers(0, grid.dots - 1))
    end = data.draw(st.integers(first + 1, min(grid.dots, first + 3 * grid.tile_dots)))
    rects = span_rects(layout, grid.origin + first * pages, grid.origin + end * pages)
    seams = seam_pixels(grid, data.draw(st.integers(first, end - 1)))
    for x, y in seams:
        dot = grid.dot_at(x, y)
        is_inside = any(rect.contains(item.x + x, item.y + y) for rect in rects)
        assert is_inside == (dot is not None and first <= dot < end), (x, y)


def seam_pixels(grid, dot):
    """Return the pixels on both sides of each edge of a dot, with those in a gap."""
    left, top = grid.corner(dot)
    xs = (left - 1, left, left + grid.dot_w - 1, left + grid.dot_w, left + grid.dot_w + grid.gap)
    ys = (top - 1, top, top + grid.dot_h - 1, top + grid.dot_h, top + grid.dot_h + grid.gap)
    return [(x, y) for x in xs for y in ys if x >= 0 and y >= 0]


@pytest.mark.parametrize("span", [(1 << 40, 1 << 41), (0x2000, 0x2001)])
def test_what_is_not_shown_has_no_rectangle(span):
    layout = lay_out(
        bands_of(MACHINES["small-machine"]), Viewport(0, 0x100), 640, 460, caption_px=16
    )
    assert span_rects(layout, *span) == []

"""The stripes of wanted types: right dots, right types, nothing where any type will do."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_pixels import pixel_map
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.geometry.map.wanted_image import WANTED, wanted_image, wanted_runs, wanted_types
from mtrrviz.scenario.library import open_scenario

UC, WC, WB = 0, 1, 6


@pytest.fixture
def machine():
    return open_scenario("small-machine").machine


@pytest.fixture
def layout(machine):
    return lay_out(bands_of(machine), None, 600, 400)


def test_each_dot_has_the_types_of_its_pages(layout):
    types = wanted_types(layout, [(0, 0xA0, WB), (0xA0, 0xC0, UC), (1 << 60, 1 << 61, WC)])
    assert types[layout.dot_of(0x9F)] == 1 << WB
    assert types[layout.dot_of(0xA0)] == 1 << UC
    assert types[layout.dot_of(0xC0)] == 0
    assert set(np.unique(types)) == {0, 1 << WB, 1 << UC}


def test_spans_outside_the_view_are_left_out(machine):
    layout = lay_out(bands_of(machine), Viewport(0x80, 0x40), 600, 400)
    types = wanted_types(layout, [(0, 0x80, WB), (0x90, 0x91, WC), (0xC0, 0x100, WB)])
    assert types[layout.dot_of(0x90)] == 1 << WC
    assert np.count_nonzero(types) == 1


def test_stripes_leave_what_lies_below_visible(layout, machine):
    types = wanted_types(layout, [(0, 0xA0, WB)])
    image = wanted_image(types, pixel_map(layout, machine))
    assert image.shape == (layout.height, layout.width)
    assert set(np.unique(image)) == {0, WANTED + WB}
    rect = layout.rect_of(0x20)
    inside = image[rect.y : rect.y + rect.height - 1, rect.x : rect.x + rect.width - 1]
    assert 0.3 < np.mean(inside > 0) < 0.7


def test_a_dot_of_two_types_shows_both(machine):
    layout = lay_out(bands_of(machine), None, 600, 400)
    last = layout.placed[-1].first_dot
    first, end = layout.gfn_range(last)
    assert end - first > 1
    types = wanted_types(layout, [(first, first + 1, UC), (first + 1, end, WC)])
    image = wanted_image(types, pixel_map(layout, machine))
    rect = layout.dot_rect(last)
    inside = image[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
    assert types[last] == 1 << UC | 1 << WC
    assert {WANTED + UC, WANTED + WC} <= set(np.unique(image))
    assert inside.size


def test_runs_of_one_type_are_found_for_letters(layout):
    types = wanted_types(layout, [(0, 0x10, WB), (0x10, 0x20, UC), (0x30, 0x40, WB)])
    low = layout.placed[0]
    runs = [
        (layout.gfn_range(a)[0], layout.gfn_range(b)[0], k) for a, b, k in wanted_runs(low, types)
    ]
    assert runs == [(0, 0x10, WB), (0x10, 0x20, UC), (0x30, 0x40, WB)]

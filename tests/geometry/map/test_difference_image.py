"""The map of differences against counting single pages."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.geometry.map.difference_image import (
    KINDS,
    LOUD,
    DifferenceImager,
    Quiet,
    pages_by_dot,
)
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_pixels import ROLES, Role
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from tests.narrow import there

SPEC = open_scenario("small-machine").machine
VIEWS = [None, Viewport(0, 1 << 14), Viewport(0x2000, 1024), Viewport(0xE0000, 512)]
RANGES = [
    (0x3, 0x5, 3), (0x5, 0x6, 1), (0x80, 0x90, 0), (0x100, 0x900, 0), (0x900, 0xA10, 4),
    (0xA10, 0x1400, 2), (0x2001, 0x2800, 3), (0x2800, 0x3FFF, 0), (0xE0000, 0xE0003, 1),
]  # fmt: skip


def layout_of(view):
    return lay_out(bands_of(SPEC), view, 600, 360)


def columns(ranges=RANGES):
    starts, ends, kinds = zip(*ranges, strict=True)
    return np.array(starts, np.uint64), np.array(ends, np.uint64), np.array(kinds, np.uint8)


def slow_pages(layout):
    pages = np.zeros((KINDS, layout.dots), int)
    for start, end, kind in RANGES:
        for gfn in range(start, end):
            dot = layout.dot_of(gfn)
            if dot is not None:
                pages[kind, dot] += 1
    return pages


@pytest.mark.parametrize("view", VIEWS)
def test_pages_are_counted_in_their_dots(view):
    layout = layout_of(view)
    assert np.array_equal(pages_by_dot(layout, *columns()), slow_pages(layout))


@pytest.mark.parametrize("view", VIEWS)
def test_the_image_shows_the_kinds_in_each_dot(view):
    layout = layout_of(view)
    frame = DifferenceImager().frame(layout, SPEC, *columns())
    pages = slow_pages(layout)
    for gfn in {start for start, _, _ in RANGES}:
        dot = layout.dot_of(gfn)
        if dot is None:
            continue
        present = [kind for kind in range(1, KINDS) if pages[kind, dot]]
        shown = inner_values(layout, frame, dot)
        if not present:
            assert shown == {Quiet.ALIKE}
        else:
            assert {value - LOUD for value in shown} <= {
                kind * ROLES + role for kind in present for role in Role
            }
        assert frame.kinds[dot] == sum(1 << kind for kind in range(KINDS) if pages[kind, dot])


def inner_values(layout, frame, dot):
    """Return the values of a dot's inside."""
    rect = layout.dot_rect(dot)
    rows = slice(rect.y + rect.height // 2, rect.y + rect.height // 2 + 1)
    middle = frame.image[rows, rect.x + rect.width // 2 : rect.x + rect.width // 2 + 1]
    return set(middle.ravel().tolist())


def test_a_dot_that_differs_in_part_has_a_quiet_rim():
    layout = layout_of(Viewport(0, 1 << 14))
    pages = layout.dot_pages[layout.dot_of(0x2000)]
    assert pages > 1
    full, part = layout.dot_of(0x2000 + 4 * int(pages)), layout.dot_of(0x2000)
    frame = DifferenceImager().frame(layout, SPEC, *columns())
    assert corner(layout, frame, full) == LOUD + 3 * ROLES + Role.RIM
    assert corner(layout, frame, part) == Quiet.UNMAPPED


def corner(layout, frame, dot):
    rect = layout.dot_rect(dot)
    return int(frame.image[rect.y, rect.x])


def test_pages_without_differences_are_quiet():
    layout = layout_of(None)
    frame = DifferenceImager().frame(layout, SPEC, *columns([(0x100, 0x200, 0)]))
    assert not np.any(frame.image >= LOUD)
    assert np.any(frame.image == Quiet.ALIKE)
    assert np.any(frame.image == Quiet.HATCH)


def test_addresses_without_a_slot_are_hatched_and_those_with_one_are_not():
    layout = layout_of(Viewport(0, 512))
    frame = DifferenceImager().frame(layout, SPEC, *columns([(0x100, 0x200, 0)]))
    hole, ram = (there(layout.rect_of(gfn)) for gfn in (0xA8, 0x10))
    assert values_in(frame, hole) == {Quiet.NO_SLOT, Quiet.HATCH}
    assert values_in(frame, ram) == {Quiet.UNMAPPED}


def values_in(frame, rect):
    part = frame.image[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
    return set(part.ravel().tolist()) - {Quiet.BACKGROUND}


def test_two_empty_epts_are_quiet():
    empty = np.zeros(0, np.uint64)
    frame = DifferenceImager().frame(layout_of(None), SPEC, empty, empty, np.zeros(0, np.uint8))
    assert not frame.kinds.any()
    assert not np.any(frame.image == Quiet.ALIKE)


def test_dots_follow_each_other_without_gaps():
    for view in VIEWS:
        layout = layout_of(view)
        ends = layout.dot_starts[:-1].astype(np.int64) + layout.dot_pages[:-1]
        assert np.array_equal(ends, layout.dot_starts[1:].astype(np.int64))

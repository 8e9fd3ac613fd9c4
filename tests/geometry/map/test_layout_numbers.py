"""Layouts of some sizes in numbers: a change of the layout shows here, as in a picture."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.geometry.map.map_bands import Band, BandKind, bands_of
from mtrrviz.geometry.map.map_layout import Rect, lay_out
from mtrrviz.geometry.map.map_viewport import Viewport, pan, showing, zoom_in, zoom_out
from mtrrviz.geometry.timeline.timeline_layout import (
    Compared,
    Extras,
    Track,
    comfortable_height,
    rows,
)
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from tests.narrow import there


def region(name, kind, first_gfn, end_gfn):
    return Region(name, kind, first_gfn << 12, end_gfn << 12)


MACHINE = MachineSpec(
    1,
    0,
    (
        region("low", RegionKind.RAM, 0, 0x9F),
        region("RAM", RegionKind.RAM, 0x100, 0x8000),
        region("flash", RegionKind.ROM, 0xFFC00, 0x100000),
        region("high", RegionKind.RAM, 0x100000, 0x140000),
    ),
)
BANDS = bands_of(MACHINE)


def places(layout):
    """Return (x, y, pages a dot, dots, dot in pixels, width of the caption) of each band."""
    return [
        (i.x, i.y, i.grid.dot_pages, i.grid.dots, (i.grid.dot_w, i.grid.dot_h), i.caption.width)
        for i in layout.placed
    ]


@pytest.mark.parametrize(
    ("size", "caption_px", "expected"),
    [
        (
            (600, 360),
            16,
            [
                (0, 16, 1, 256, (9, 9), 600),
                (0, 79, 16, 2032, (4, 4), 600),
                (0, 170, 9216, 111, (3, 16), 359),
                (375, 170, 14, 74, (3, 16), 224),
                (0, 210, 64, 4096, (4, 4), 600),
            ],
        ),
        (
            (1130, 600),
            20,
            [
                (0, 20, 1, 256, (8, 16), 1130),
                (0, 81, 4, 8128, (4, 4), 1130),
                (0, 244, 4608, 221, (3, 16), 685),
                (701, 244, 8, 128, (3, 16), 428),
                (0, 288, 16, 16384, (4, 4), 1130),
            ],
        ),
        (
            (1, 1),
            16,
            [
                (0, 16, 1, 256, (1, 2), 64),
                (0, 63, 1664, 20, (3, 1), 64),
                (0, 88, 49152, 21, (3, 16), 64),
                (0, 128, 52, 20, (3, 16), 64),
                (0, 168, 13312, 20, (3, 1), 64),
            ],
        ),
    ],
)
def test_the_bands_of_a_machine_lie_here(size, caption_px, expected):
    assert places(lay_out(BANDS, None, *size, caption_px=caption_px)) == expected


def test_a_band_says_its_addresses_and_its_scale():
    placed = lay_out(BANDS, None, 600, 360).placed
    assert placed[1].range_text == "0x10_0000 to 0x7ff_ffff"
    assert placed[1].scale_text == "dot = 64 KiB, block = 2 MiB"
    assert placed[3].scale_text == "dot = 56 KiB"
    assert [item.is_broken for item in placed] == [False, True, True, True, True]


def test_strips_side_by_side_share_the_width_and_holes_get_more():
    kinds = [BandKind.SLOT, BandKind.HOLE, BandKind.SLOT, BandKind.SLOT]
    low = Band(BandKind.LOW, 0, 256, "first MiB")
    strips = [Band(kind, 256 + 100 * n, 356 + 100 * n, "x") for n, kind in enumerate(kinds)]
    wide = lay_out([low, *strips], None, 480, 300).placed[1:]
    assert [(item.x, item.caption.width) for item in wide] == [
        (0, 93), (109, 150), (275, 93), (384, 93)
    ]  # fmt: skip
    narrow = lay_out([low, *strips], None, 479, 300).placed[1:]
    assert [(item.x, item.y) for item in narrow] == [(0, 71), (194, 71), (0, 111), (247, 111)]


def test_the_rectangle_of_a_region_in_a_strip_ends_with_its_last_dot():
    flash = region("flash", RegionKind.ROM, 256, 264)
    roms = [
        flash,
        region("rom", RegionKind.ROM, 264, 267),
        region("beyond", RegionKind.ROM, 267, 999),
    ]
    low = Band(BandKind.LOW, 0, 256, "first MiB")
    strip = Band(BandKind.SLOT, 258, 268, "roms", tuple(roms))
    layout = lay_out([low, strip], None, 100, 300)
    y = layout.placed[1].y
    assert list(layout.strip_rects()) == [
        ("flash", Rect(0, y, 60, 16)), ("rom", Rect(60, y, 30, 16)), ("beyond", Rect(90, y, 10, 16))
    ]  # fmt: skip


def test_a_window_shows_the_regions_that_reach_into_it():
    views = [(0x9E, 1), (0x9F, 1), (0x80, 0x100), (0xFFC00, 0x400), (0xFF800, 0x401)]
    shown = [lay_out(BANDS, Viewport(*view), 300, 200).placed[0] for view in views]
    names = [placed.band.name for placed in shown]
    assert names == ["low", "unassigned", "low, RAM", "flash", "flash"]


def test_a_page_that_is_not_shown_has_no_dot():
    layout = lay_out(BANDS, Viewport(0x100, 16), 300, 200)
    assert [layout.dot_of(gfn) for gfn in (0xFF, 0x100, 0x10F, 0x110)] == [None, 0, 15, None]
    assert layout.rect_of(0xFF) is None
    assert layout.placed_at_gfn(0x110) is None
    assert layout.rect_of(0x100) == layout.dot_rect(0)
    assert layout.dots_of(np.array([0x100, 0x10F], np.uint64)).tolist() == [0, 15]


@pytest.mark.parametrize(
    ("pixel", "is_inside"),
    [((3, 4), True), ((2, 4), False), ((3, 3), False), ((7, 4), True), ((8, 4), False),
     ((3, 9), True), ((3, 10), False)],
)  # fmt: skip
def test_a_rectangle_ends_before_its_right_and_bottom(pixel, is_inside):
    assert Rect(3, 4, 5, 6).contains(*pixel) is is_inside


@pytest.mark.parametrize(
    ("act", "view", "argument", "expected"),
    [
        (zoom_in, None, 0x20, Viewport(0x10, 128)),
        (zoom_in, None, 0x7FFF, Viewport(0x4000, 0x4000)),
        (zoom_in, Viewport(0x1000, 64), 0x1030, Viewport(0x1018, 32)),
        (zoom_in, Viewport(0x1000, 64), 0x1000, Viewport(0x1000, 32)),
        (zoom_in, Viewport(0x1000, 64), 0x103F, Viewport(0x1020, 32)),
        (zoom_in, Viewport(5, 1), 5, Viewport(5, 1)),
        (zoom_in, Viewport(4, 2), 5, Viewport(5, 1)),
        (zoom_out, Viewport(5, 1), 5, Viewport(5, 2)),
        (zoom_out, Viewport(0x1000, 64), 0x1020, Viewport(0xFE0, 128)),
        (zoom_out, Viewport(0x1000, 64), 0x103F, Viewport(0xFC0, 128)),
        (zoom_out, Viewport(0x100, 0x2000), 0x110, Viewport(0, 0x4000)),
        (zoom_out, Viewport(0x100, 0x4000), 0x110, None),
        (zoom_out, Viewport(0, 64), 0x20, Viewport(0, 128)),
        (zoom_out, Viewport(0, 128), 0x20, None),
        (pan, Viewport(0x40, 16), -0x41, Viewport(0, 16)),
        (pan, Viewport(0x40, 16), 3, Viewport(0x43, 16)),
        (pan, Viewport(0x40, 16), 1 << 30, Viewport(0x13FFF0, 16)),
        (pan, Viewport(0, 1 << 22), 1, Viewport(0, 1 << 22)),
        (showing, Viewport(0x40, 16), 0x40, Viewport(0x40, 16)),
        (showing, Viewport(0x48, 16), 0x57, Viewport(0x48, 16)),
        (showing, Viewport(0x48, 16), 0x58, Viewport(0x50, 16)),
        (showing, Viewport(0x48, 16), 0x47, Viewport(0x40, 16)),
    ],
)
def test_a_move_ends_at_this_window(act, view, argument, expected):
    assert act(view, argument, BANDS) == expected


@pytest.mark.parametrize(
    ("arguments", "options", "tracks", "lanes"),
    [
        ((900, 300, 8, Compared.OFF, 0.25), {}, [Track(42, 56, 209, 209)], (213, 9, 287, 287)),
        ((900, 300, 8, Compared.BELOW, 0.25), {}, [Track(42, 56, 171, 209)], (213, 9, 287, 287)),
        (
            (900, 300, 8, Compared.STACKED, 0.25),
            {"extras": Extras(has_checks=True)},
            [Track(42, 56, 130, 130), Track(143, 157, 231, 231)],
            (236, 5, 278, 288),
        ),
        ((640, 120, 16, Compared.OFF), {}, [Track(42, 56, 70, 70)], (74, 2, 108, 108)),
        ((900, 700, 2, Compared.OFF), {}, [Track(42, 56, 648, 648)], (652, 14, 682, 682)),
        ((640, 40, 4, Compared.OFF), {}, [Track(42, 56, 64, 64)], (18, 2, 28, 28)),
    ],
)
def test_the_rows_of_a_timeline_lie_here(arguments, options, tracks, lanes):
    laid = rows(*arguments, **options)
    assert list(laid.tracks) == tracks
    assert (laid.lanes_top, laid.lane_px, laid.check_top, laid.dma_top) == lanes
    assert (laid.ruler_bottom, laid.phases_top, laid.phases_bottom) == (20, 22, 42)


def test_each_height_of_a_timeline_belongs_to_a_row():
    laid = rows(900, 300, 8, Compared.STACKED)
    top, px = laid.lanes_top, laid.lane_px
    heights = (top - 1, top, top + px - 1, top + px, top + 8 * px - 1, top + 8 * px)
    assert [laid.lane_at(y) for y in heights] == [None, 0, 0, 1, 7, None]
    assert laid.lane_top(8) == top + 8 * px
    first, end = there(laid.differences)
    assert [laid.is_among_differences(y) for y in (first - 1, first, end - 1, end)] == [
        False, True, True, False
    ]  # fmt: skip
    assert not rows(900, 300, 8, Compared.OFF).is_among_differences(first)
    assert (first, end) == (laid.tracks[0].bottom + 4, laid.tracks[1].top)
    assert (laid.plot_right, laid.dma_bottom) == (854, laid.dma_top + 8)
    assert rows(900, 700, 2, Compared.OFF).dma_bottom == 682 + 14
    assert [laid.tracks[0].y(share) for share in (0, 0.5, 1)] == [135, 95, 56]


@pytest.mark.parametrize("shows", Compared)
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("lanes", [1, 8, 16])
def test_at_its_comfortable_height_stems_can_be_read_and_lanes_are_as_high_as_wanted(
    shows, scale, lanes
):
    extras = Extras(
        has_checks=True,
        has_faults=True,
        has_flags=True,
        has_touches=True,
        lane_px=7,
        own_px={0: 25},
        text_scale=scale,
    )
    height = comfortable_height(lanes, shows, extras)
    laid = rows(900, height, lanes, shows, extras=extras)
    assert all(track.stems_px >= 18 * scale for track in laid.tracks)
    assert [laid.lane_height(lane) for lane in range(lanes)] == [25, *[7] * (lanes - 1)]
    assert laid.lane_at(laid.lane_top(0) + 24) == 0
    assert laid.lane_at(laid.lane_top(0) + 25) == (1 if lanes > 1 else None)
    assert laid.dma_bottom <= height


def test_larger_labels_get_higher_rows_and_more_room_beside():
    usual, large = (
        rows(900, 500, 8, Compared.OFF, extras=Extras(has_flags=True, text_scale=scale))
        for scale in (1.0, 2.0)
    )
    assert large.ruler_bottom == 2 * usual.ruler_bottom
    assert large.left_px == 2 * usual.left_px
    heights = [row.phases_bottom - row.phases_top for row in (usual, large)]
    assert heights == [20, 40]
    flags = [there(row.flags)[1] - there(row.flags)[0] for row in (usual, large)]
    assert flags == [15, 30]


def test_a_lane_of_its_own_height_gives_way_where_there_is_no_room():
    laid = rows(900, 150, 8, Compared.OFF, extras=Extras(own_px=dict.fromkeys(range(8), 40)))
    assert {laid.lane_height(lane) for lane in range(8)} == {laid.lane_px}

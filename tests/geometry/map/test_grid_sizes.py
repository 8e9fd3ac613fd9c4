"""The grids of some rectangles in numbers: a change of the layout shows here, as in a picture."""

from __future__ import annotations

import pytest

from mtrrviz.geometry.map.map_grid import Grid, fit_area, fit_low, fit_strip


def numbers(grid):
    """Return origin, pages a dot, block, blocks across and down, dot in pixels, gap, pad, dots."""
    block, blocks = (grid.tile_w, grid.tile_h), (grid.columns, grid.rows)
    size = (grid.dot_w, grid.dot_h)
    return grid.origin, grid.dot_pages, block, blocks, size, grid.gap, grid.pad, grid.dots


@pytest.mark.parametrize(
    ("rectangle", "expected"),
    [
        ((0, 1, 200, 200), (0, 1, (1, 1), (1, 1), (160, 160), 1, 0, 1)),
        ((0, 1, 500, 90), (0, 1, (1, 1), (1, 1), (142, 89), 1, 0, 1)),
        ((0, 64, 300, 200), (0, 1, (1, 1), (10, 7), (29, 27), 1, 0, 64)),
        ((0, 65, 300, 200), (0, 1, (4, 4), (3, 2), (24, 24), 1, 0, 65)),
        ((3, 4, 100, 100), (3, 1, (1, 1), (1, 1), (99, 99), 1, 0, 1)),
        ((256, 0x80000, 1100, 400), (256, 32, (4, 4), (64, 16), (4, 6), 1, 8, 16376)),
        ((256, 0x80000, 600, 120), (256, 256, (2, 1), (53, 20), (5, 5), 1, 1, 2047)),
        ((1 << 20, 0x480000, 1100, 300), (1 << 20, 256, (8, 8), (26, 9), (5, 4), 1, 0, 14336)),
        ((0, 512 * 9, 700, 500), (0, 1, (4, 4), (17, 17), (10, 7), 1, 0, 4608)),
        ((0, 51200, 64, 64), (0, 512, (4, 4), (3, 3), (5, 5), 1, 0, 100)),
        ((0, 1 << 32, 1900, 300), (0, 1 << 17, (8, 8), (57, 9), (4, 4), 1, 0, 32768)),
        ((5, 1000, 320, 200), (5, 1, (4, 4), (11, 6), (7, 8), 1, 5, 995)),
        ((0, 300, 17, 9), (0, 64, (4, 2), (1, 1), (4, 4), 1, 0, 5)),
        ((0, 5000, 3, 3), (0, 5120, (1, 1), (1, 1), (3, 3), 0, 0, 1)),
        ((0, 2, 0, 0), (0, 2, (1, 1), (1, 1), (1, 1), 0, 0, 1)),
        ((0, 1000, 2000, 8), (0, 4, (8, 1), (32, 1), (7, 7), 1, 0, 250)),
        ((0, 1000, 8, 2000), (0, 4, (1, 1), (1, 250), (7, 7), 1, 0, 250)),
        ((100, 356, 1000, 1000), (100, 1, (2, 2), (8, 8), (62, 62), 1, 0, 256)),
        ((0, 3 << 18, 640, 480), (0, 64, (4, 2), (30, 52), (5, 4), 1, 0, 12288)),
    ],
)
def test_an_area_has_this_grid(rectangle, expected):
    assert numbers(fit_area(*rectangle)) == expected


@pytest.mark.parametrize(
    ("rectangle", "pages", "dots", "dot_w"),
    [
        ((0, 1, 10, 16), 1, 1, 10),
        ((0, 100, 299, 16), 2, 50, 5),
        ((0, 100, 300, 16), 1, 100, 3),
        ((0, 101, 300, 16), 2, 51, 5),
        ((0x100, 0x10000, 333, 16), 640, 102, 3),
        ((0, 17, 3, 16), 18, 1, 3),
        ((0, 17, 2, 16), 18, 1, 2),
        ((7, 1007, 120, 16), 26, 39, 3),
        ((0, 1, 0, 16), 1, 1, 1),
    ],
)
def test_a_strip_has_this_grid(rectangle, pages, dots, dot_w):
    expected = Grid(rectangle[0], pages, 1, 1, dots, 1, dot_w, 16, 0, 0, dots)
    assert fit_strip(*rectangle) == expected


@pytest.mark.parametrize(
    ("size", "blocks", "dot"),
    [
        ((1100, 40), (8, 2), (8, 16)),
        ((1296, 72), (16, 1), (5, 10)),
        ((1295, 72), (8, 2), (10, 20)),
        ((1700, 9), (16, 1), (6, 8)),
        ((336, 26), (4, 4), (5, 5)),
        ((328, 26), (4, 4), (5, 5)),
        ((323, 26), (2, 8), (10, 2)),
        ((175, 26), (2, 8), (5, 2)),
        ((64, 26), (2, 8), (1, 2)),
        ((10, 5), (2, 8), (1, 1)),
        ((1296, 0), (16, 1), (5, 1)),
    ],
)
def test_the_first_mib_has_this_grid(size, blocks, dot):
    (columns, rows), (dot_w, dot_h) = blocks, dot
    assert fit_low(*size) == Grid(0, 1, 16, 1, columns, rows, dot_w, dot_h, 1, 0, 256)


def test_the_corner_of_a_dot_counts_the_pixel_between_blocks():
    grid = Grid(0, 1, 4, 2, 3, 2, 5, 7, 1, 3, 40)
    assert grid.corner(0) == (15, 0)
    assert grid.corner(1) == (0, 7)
    assert grid.corner(5) == (21, 0)
    assert grid.corner(21) == (0, 15)
    assert (grid.width, grid.height) == (62, 29)


@pytest.mark.parametrize(
    ("pixel", "dot"),
    [
        ((15, 0), 0),
        ((14, 6), None),  # one of the pad
        ((0, 7), 1),
        ((20, 6), 0),  # the gap after it
        ((21, 0), 5),
        ((0, 14), 1),  # the gap below it
        ((0, 15), 21),
        ((62, 0), 13 + 3),
        ((63, 0), None),
        ((-1, 0), None),
        ((0, -1), None),
        ((57, 28), 44),
        ((0, 30), None),
    ],
)
def test_a_pixel_finds_its_dot(pixel, dot):
    grid = Grid(0, 1, 4, 2, 3, 2, 5, 7, 1, 3, 45)
    assert grid.dot_at(*pixel) == dot


def test_beyond_the_last_dot_there_is_none():
    assert Grid(0, 1, 4, 2, 3, 2, 5, 7, 1, 3, 44).dot_at(57, 28) is None

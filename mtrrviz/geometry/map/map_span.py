"""Where a range of addresses lies on the map: a few rectangles, however many dots it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.geometry.map.map_layout import Rect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.geometry.map.map_grid import Grid
    from mtrrviz.geometry.map.map_layout import MapLayout, Placed

_Run = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


def span_rects(layout: MapLayout, first_gfn: int, end_gfn: int) -> list[Rect]:
    """Return rectangles that together are the dots of [first_gfn, end_gfn), in map pixels.

    Neighbouring ones touch or overlap by a pixel, so that their union has one outline a band. None
    of it is returned that the layout does not show.
    """
    return [rect for item in layout.placed for rect in _placed_rects(item, first_gfn, end_gfn)]


def _placed_rects(item: Placed, first_gfn: int, end_gfn: int) -> Iterator[Rect]:
    grid = item.grid
    low = max(first_gfn, item.band.first_gfn)
    high = min(end_gfn, item.band.end_gfn)
    if low >= high:
        return
    first = (low - grid.origin) // grid.dot_pages
    end = -(-(high - grid.origin) // grid.dot_pages)
    for x, y, right, bottom in _dot_boxes(grid, max(first, 0) + grid.pad, end + grid.pad):
        yield Rect(item.x + x, item.y + y, right - x, bottom - y)


def _dot_boxes(grid: Grid, first: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes (left, top, right, bottom) of padded dots [first, end): whole blocks, then rests.

    A box of blocks reaches over the gaps between them.
    """
    first_tile, first_in = divmod(first, grid.tile_dots)
    end_tile, end_in = divmod(end, grid.tile_dots)
    if first_tile == end_tile:
        yield from _inner_boxes(grid, first_tile, first_in, end_in)
        return
    if first_in:
        yield from _inner_boxes(grid, first_tile, first_in, grid.tile_dots)
        first_tile += 1
    wide, high = grid.tile_w * grid.dot_w + grid.gap, grid.tile_h * grid.dot_h + grid.gap
    for top, bottom, left, right in _runs(first_tile, end_tile, grid.columns):
        yield left * wide, top * high, right * wide, bottom * high
    yield from _inner_boxes(grid, end_tile, 0, end_in)


def _inner_boxes(
    grid: Grid, tile: int, first: int, end: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes of the dots [first, end) within one block."""
    row, column = divmod(tile, grid.columns)
    x = column * (grid.tile_w * grid.dot_w + grid.gap)
    y = row * (grid.tile_h * grid.dot_h + grid.gap)
    for top, bottom, left, right in _runs(first, end, grid.tile_w):
        # The gap to the next block belongs to it, as with whole blocks.
        over_x = grid.gap if right == grid.tile_w else 0
        over_y = grid.gap if bottom == grid.tile_h else 0
        yield (
            x + left * grid.dot_w,
            y + top * grid.dot_h,
            x + right * grid.dot_w + over_x,
            y + bottom * grid.dot_h + over_y,
        )


def _runs(first: int, end: int, columns: int) -> Iterator[_Run]:
    """Cut places [first, end) in reading order into a begun row, whole rows and a last row."""
    row, column = divmod(first, columns)
    end_row, end_column = divmod(end, columns)
    if row == end_row:
        if column < end_column:
            yield row, row + 1, column, end_column
        return
    if column:
        yield row, row + 1, column, columns
        row += 1
    if row < end_row:
        yield row, end_row, 0, columns
    if end_column:
        yield end_row, end_row + 1, 0, end_column

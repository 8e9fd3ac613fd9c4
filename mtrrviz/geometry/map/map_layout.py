"""Where every band and every dot of the EPT map lies on screen, for one size and one view.

Dots are numbered in address order over all bands, so that a leaf is a range of dots.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.geometry.map.map_bands import Band, BandKind, regions_name
from mtrrviz.geometry.map.map_grid import Grid, fit_area, fit_low, fit_strip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_viewport import View, Viewport

_STRIP_PX = 16
_GAP_PX = 8
#: How narrow strips side by side may be: the first that leaves the areas their share of the height.
_NARROWEST_STRIPS_PX = (120, 80, 56, 40)
_LEAST_AREA_SHARE = 0.3
#: Exponent of an area's size in its share of the height: small, so that low RAM stays readable.
_SHARE_POWER = 0.4


class Rect(Record):
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        """Return whether the pixel is inside."""
        return 0 <= x - self.x < self.width and 0 <= y - self.y < self.height


class Placed(Record):
    """A band on screen: its dots' grid with its corner, and the line above for the caption.

    ``first_dot`` is the number of its first dot in the whole map; ``is_broken`` says that the
    scale changes before it, which the map marks.
    """

    band: Band
    grid: Grid
    x: int
    y: int
    caption: Rect
    first_dot: int
    is_broken: bool

    @property
    def rect(self) -> Rect:
        """The rectangle of all its dots."""
        return Rect(self.x, self.y, self.grid.width, self.grid.height)

    @property
    def end_dot(self) -> int:
        """The number after its last dot."""
        return self.first_dot + self.grid.dots

    @property
    def range_text(self) -> str:
        """The addresses of the band, last byte included."""
        first, end = self.band.first_gfn << PAGE_SHIFT, self.band.end_gfn << PAGE_SHIFT
        return f"{format_gpa(first)} to {format_gpa(end - 1)}"

    @property
    def scale_text(self) -> str:
        """What a dot and a block stand for."""
        grid = self.grid
        dot = f"dot = {format_size(grid.dot_pages << PAGE_SHIFT)}"
        if grid.tile_dots == 1:
            return dot
        return f"{dot}, block = {format_size((grid.dot_pages * grid.tile_dots) << PAGE_SHIFT)}"


class MapLayout(Record, eq=False, dict=True, weakref=True):
    """The whole map for one size and view; bands and dots in address order."""

    width: int
    height: int
    view: View
    placed: tuple[Placed, ...]

    @property
    def dots(self) -> int:
        """Number of dots."""
        return self.placed[-1].end_dot

    @property
    def first_gfn(self) -> int:
        """The lowest gfn shown."""
        return self.placed[0].band.first_gfn

    @property
    def end_gfn(self) -> int:
        """The gfn after the highest one shown."""
        return self.placed[-1].band.end_gfn

    @cached_property
    def dot_starts(self) -> NDArray[np.uint64]:
        """First gfn of each dot, uint64, ascending."""
        parts = [_dot_starts(item) for item in self.placed]
        return np.concatenate(parts).astype(np.uint64)

    @cached_property
    def dot_pages(self) -> NDArray[np.int64]:
        """Number of pages of each dot, int64; the outer ones of a band may have fewer."""
        return (self.dot_ends - self.dot_starts).astype(np.int64)

    @cached_property
    def dot_ends(self) -> NDArray[np.uint64]:
        """The gfn after the last of each dot, uint64."""
        return np.append(self.dot_starts[1:], np.uint64(self.end_gfn))

    @cached_property
    def _band_starts(self) -> list[int]:
        return [item.band.first_gfn for item in self.placed]

    def placed_at_gfn(self, gfn: int) -> Placed | None:
        """Return the band that shows ``gfn``, or None."""
        if not self.first_gfn <= gfn < self.end_gfn:
            return None
        return self.placed[bisect_right(self._band_starts, gfn) - 1]

    def dot_of(self, gfn: int) -> int | None:
        """Return the dot that holds ``gfn``, or None if it is not shown."""
        item = self.placed_at_gfn(gfn)
        return item and item.first_dot + (gfn - item.grid.origin) // item.grid.dot_pages

    def dots_of(self, gfns: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the dot of each gfn (all must be shown), int64."""
        starts = np.array(self._band_starts, np.uint64)
        origins = np.array([item.grid.origin for item in self.placed], np.int64)
        sizes = np.array([item.grid.dot_pages for item in self.placed], np.int64)
        bases = np.array([item.first_dot for item in self.placed], np.int64)
        if len(starts) == 1:
            return (gfns.astype(np.int64) - origins[0]) // sizes[0]
        band = np.searchsorted(starts, gfns, "right") - 1
        return (gfns.astype(np.int64) - origins[band]) // sizes[band] + bases[band]

    def gfn_range(self, dot: int) -> tuple[int, int]:
        """Return the gfns [first, end) of a dot."""
        first = int(self.dot_starts[dot])
        return first, first + int(self.dot_pages[dot])

    def dot_at(self, x: int, y: int) -> int | None:
        """Return the dot at a pixel, or None."""
        for item in self.placed:
            if item.rect.contains(x, y):
                dot = item.grid.dot_at(x - item.x, y - item.y)
                return None if dot is None else item.first_dot + dot
        return None

    def dot_rect(self, dot: int) -> Rect:
        """Return the rectangle of a dot."""
        item = next(item for item in self.placed if dot < item.end_dot)
        x, y = item.grid.corner(dot - item.first_dot)
        return Rect(item.x + x, item.y + y, item.grid.dot_w, item.grid.dot_h)

    def rect_of(self, gfn: int) -> Rect | None:
        """Return the rectangle of the dot that holds ``gfn``, or None if it is not shown."""
        dot = self.dot_of(gfn)
        return None if dot is None else self.dot_rect(dot)

    def strip_rects(self) -> Iterator[tuple[str, Rect]]:
        """Yield name and rectangle of each region that is part of a strip."""
        for item in self.placed:
            if item.grid.rows == 1:
                yield from _region_rects(item)


def _dot_starts(item: Placed) -> NDArray[np.int64]:
    grid = item.grid
    starts = grid.origin + np.arange(grid.dots, dtype=np.int64) * grid.dot_pages
    return np.maximum(starts, item.band.first_gfn)


def _region_rects(item: Placed) -> Iterator[tuple[str, Rect]]:
    grid = item.grid
    for region in item.band.regions:
        first = max(region.first_gfn, item.band.first_gfn)
        low = (first - grid.origin) // grid.dot_pages
        high = -(-(min(region.end_gfn, item.band.end_gfn) - grid.origin) // grid.dot_pages)
        x = item.x + grid.corner(low)[0]
        width = grid.corner(high - 1)[0] + grid.dot_w - grid.corner(low)[0]
        yield region.name, Rect(x, item.y, width, grid.height)


def lay_out(
    bands: Sequence[Band], view: View, width: int, height: int, *, caption_px: int = 16
) -> MapLayout:
    """Return the layout of ``view`` in ``width`` x ``height`` pixels.

    ``caption_px`` is the height of a line of writing above each band.
    """
    width, height = max(width, 64), max(height, 64)
    if view is not None:
        return _window(bands, view, width, height, caption_px)
    return MapLayout(width, height, None, _stack(bands, width, height, caption_px))


def _window(
    bands: Sequence[Band], view: Viewport, width: int, height: int, caption_px: int
) -> MapLayout:
    shown = [b for b in bands if b.first_gfn < view.end_gfn and b.end_gfn > view.first_gfn]
    regions = tuple(
        dict.fromkeys(
            region
            for band in shown
            for region in band.regions
            if region.first_gfn < view.end_gfn and region.end_gfn > view.first_gfn
        )
    )
    band = Band(BandKind.WINDOW, view.first_gfn, view.end_gfn, regions_name(regions), regions)
    grid = fit_area(view.first_gfn, view.end_gfn, width, height - caption_px)
    caption = Rect(0, 0, width, caption_px)
    return MapLayout(
        width, height, view, (Placed(band, grid, 0, caption_px, caption, 0, is_broken=False),)
    )


def _stack(bands: Sequence[Band], width: int, height: int, caption_px: int) -> tuple[Placed, ...]:
    """Return the bands from top to bottom; areas share the height that is left.

    Whole dots seldom fill a height exactly, so what the first try leaves goes to a second one.
    """
    low_px = min(max(26, height // 9), 72)
    rows, room = _rows_and_room(bands, width, height, caption_px, low_px)
    best = tuple(_stacked(rows, width, caption_px, low_px, room))
    spare = height - _bottom(best)
    for more in (spare, spare * 2 // 3, spare // 3):
        again = tuple(_stacked(rows, width, caption_px, low_px, room + more))
        if _bottom(best) < _bottom(again) <= height:
            return again
    return best


def _rows_and_room(
    bands: Sequence[Band], width: int, height: int, caption_px: int, low_px: int
) -> tuple[list[list[Band]], int]:
    """Return the rows of bands and the height left for areas; strips give way to these."""
    rows: list[list[Band]] = []
    room = 0
    for narrowest_px in _NARROWEST_STRIPS_PX:
        rows = _rows(bands, width, narrowest_px)
        fixed = low_px + sum(caption_px + _GAP_PX for _ in rows)
        fixed += sum(_STRIP_PX for row in rows if row[0].kind in (BandKind.SLOT, BandKind.HOLE))
        room = max(0, height - fixed + _GAP_PX)
        if room >= height * _LEAST_AREA_SHARE:
            break
    return rows, room


def _bottom(placed: Sequence[Placed]) -> int:
    return max(item.y + item.grid.height for item in placed)


def _stacked(
    rows: list[list[Band]], width: int, caption_px: int, low_px: int, room: int
) -> Iterator[Placed]:
    """Yield the bands from top to bottom with ``room`` pixels shared among the areas."""
    y = dot = 0
    for row, area_px in zip(rows, _area_heights(rows, room), strict=True):
        tallest = 0
        for band, x, across in _across(row, width):
            grid = _fit(band, across, low_px if band.kind is BandKind.LOW else area_px)
            caption = Rect(x, y, across, caption_px)
            yield Placed(band, grid, x, y + caption_px, caption, dot, is_broken=dot > 0)
            dot += grid.dots
            tallest = max(tallest, grid.height)
        y += caption_px + tallest + _GAP_PX


def _fit(band: Band, width: int, height: int) -> Grid:
    """Return the grid that suits the kind of band."""
    if band.kind is BandKind.LOW:
        return fit_low(width, height)
    if band.kind is BandKind.AREA:
        return fit_area(band.first_gfn, band.end_gfn, width, height)
    return fit_strip(band.first_gfn, band.end_gfn, width, _STRIP_PX)


def _rows(bands: Sequence[Band], width: int, narrowest_px: int) -> list[list[Band]]:
    """Put strips that follow each other side by side while they stay wide enough."""
    rows: list[list[Band]] = []
    most = max(1, width // narrowest_px)
    for band in bands:
        is_strip = band.kind in (BandKind.SLOT, BandKind.HOLE)
        if is_strip and rows and rows[-1][0].kind in (BandKind.SLOT, BandKind.HOLE):
            rows[-1].append(band)
        else:
            rows.append([band])
    return [part for row in rows for part in _parts(row, most)]


def _parts(row: list[Band], most: int) -> list[list[Band]]:
    """Cut a row of too many strips into rows of about equal length."""
    count = -(-len(row) // most)
    length = -(-len(row) // count)
    return [row[at : at + length] for at in range(0, len(row), length)]


def _across(row: list[Band], width: int) -> Iterator[tuple[Band, int, int]]:
    """Yield each band of a row with its x and width: holes wider than slots."""
    gap = 2 * _GAP_PX
    room = width - gap * (len(row) - 1)
    weights = [1.0 if band.kind is BandKind.SLOT else 1.6 for band in row]
    x = 0
    for band, weight in zip(row, weights, strict=True):
        across = int(room * weight / sum(weights))
        yield band, x, across
        x += across + gap


def _area_heights(rows: list[list[Band]], room: int) -> list[int]:
    """Share the height that is left among the areas; 0 for other rows."""
    shares = [
        float(row[0].pages) ** _SHARE_POWER if row[0].kind is BandKind.AREA else 0.0 for row in rows
    ]
    total = sum(shares) or 1.0
    return [int(room * share / total) for share in shares]

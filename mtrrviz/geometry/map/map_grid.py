"""Fitting a stretch of addresses into a rectangle: blocks of dots, in reading order.

A *dot* stands for ``dot_pages`` pages, a *block* for ``tile_w`` x ``tile_h`` dots; blocks are one
pixel apart. The size of a dot follows the rectangle, never the guest: a larger guest gets more
pages a dot, not more dots.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.record import Record

#: Smallest side of a dot: a rim of one pixel and a body of two by two.
MIN_DOT_PX = 4
_LARGEST_DOT_PX = 160
#: Windows of at most so many pages are shown without blocks: each page stands for itself.
_FEW_PAGES = 64
_MOST_OBLONG = 1.6
_TILES = ((1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4), (8, 8), (8, 1), (16, 1))
#: Blocks that are a large page of the tables read best, in pages.
_GOOD_TILES = frozenset({512, 262144})


class Grid(Record):
    """How blocks of dots fill a rectangle, in pixels from its corner.

    ``origin`` is the gfn at which dot 0 begins. ``pad`` dots before it lie below the band's start
    and stay empty; ``dots`` counts the real ones. A block takes ``tile_w * dot_w + gap`` by
    ``tile_h * dot_h + gap`` pixels.
    """

    origin: int
    dot_pages: int
    tile_w: int
    tile_h: int
    columns: int
    rows: int
    dot_w: int
    dot_h: int
    gap: int
    pad: int
    dots: int

    @property
    def tile_dots(self) -> int:
        """Dots in a block."""
        return self.tile_w * self.tile_h

    @property
    def width(self) -> int:
        """Width in pixels, without the gap after the last block."""
        return self.columns * (self.tile_w * self.dot_w + self.gap) - self.gap

    @property
    def height(self) -> int:
        """Height in pixels, without the gap after the last block."""
        return self.rows * (self.tile_h * self.dot_h + self.gap) - self.gap

    def corner(self, dot: int) -> tuple[int, int]:
        """Return the pixel (x, y) of a dot's top left corner."""
        tile, inner = divmod(dot + self.pad, self.tile_dots)
        row, column = divmod(tile, self.columns)
        inner_row, inner_column = divmod(inner, self.tile_w)
        x = column * (self.tile_w * self.dot_w + self.gap) + inner_column * self.dot_w
        y = row * (self.tile_h * self.dot_h + self.gap) + inner_row * self.dot_h
        return x, y

    def dot_at(self, x: int, y: int) -> int | None:
        """Return the dot at a pixel; a gap belongs to the dot before it. None outside."""
        pitch_x, pitch_y = self.tile_w * self.dot_w + self.gap, self.tile_h * self.dot_h + self.gap
        column, in_x = divmod(x, pitch_x)
        row, in_y = divmod(y, pitch_y)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        inner_x = min(in_x // self.dot_w, self.tile_w - 1)
        inner_y = min(in_y // self.dot_h, self.tile_h - 1)
        tile = row * self.columns + column
        dot = tile * self.tile_dots + inner_y * self.tile_w + inner_x - self.pad
        return dot if 0 <= dot < self.dots else None


@lru_cache(maxsize=256)
def fit_area(first_gfn: int, end_gfn: int, width: int, height: int) -> Grid:
    """Return the grid that shows [first_gfn, end_gfn) finest and fills the rectangle best."""
    pages = end_gfn - first_gfn
    room = max(1, (width // MIN_DOT_PX) * (height // MIN_DOT_PX))
    power = max(0, (-(-pages // room) - 1).bit_length())
    while True:
        found = [
            candidate
            for tile in (_TILES if pages > _FEW_PAGES else _TILES[:1])
            if (candidate := _best_columns(first_gfn, end_gfn, 1 << power, tile, width, height))
        ]
        if found:
            return max(found, key=lambda pair: pair[0])[1]
        if (1 << power) > pages:
            return fit_strip(first_gfn, end_gfn, max(width, 1), max(height, 1))
        power += 1


def _best_columns(
    first_gfn: int, end_gfn: int, dot_pages: int, tile: tuple[int, int], width: int, height: int
) -> tuple[float, Grid] | None:
    """Return (score, grid) of the best number of block columns, or None if dots get too small."""
    tile_w, tile_h = tile
    tile_pages = dot_pages * tile_w * tile_h
    start = first_gfn // tile_pages * tile_pages
    tiles = -(-(end_gfn - start) // tile_pages)
    most = min(tiles, width // (tile_w * MIN_DOT_PX + 1))
    if most < 1 or height < 1 or tile_pages > (end_gfn - first_gfn) * 2:
        return None
    columns = np.arange(1, most + 1)
    rows = -(-tiles // columns)
    dot_w = np.minimum((width - columns) // (columns * tile_w), _LARGEST_DOT_PX)
    dot_h = np.minimum((height - rows) // (rows * tile_h), _LARGEST_DOT_PX)
    dot_w, dot_h = _less_oblong(dot_w, dot_h)
    scores = _scores(columns, rows, dot_w, dot_h, tile) / (width * height)
    best = int(np.argmax(scores))
    if scores[best] <= 0:
        return None
    score = float(scores[best]) * _tile_bonus(tile_pages, tile, int(dot_w[best]))
    pad = (first_gfn - start) // dot_pages
    dots = -(-(end_gfn - start) // dot_pages) - pad
    size = (int(columns[best]), int(rows[best]), int(dot_w[best]), int(dot_h[best]))
    origin = start + pad * dot_pages
    return score, Grid(origin, dot_pages, tile_w, tile_h, *size, 1, pad, dots)


Ints = NDArray[np.int64]


def _less_oblong(dot_w: Ints, dot_h: Ints) -> tuple[Ints, Ints]:
    """Shorten the longer side of dots that are too oblong to read as one."""
    most_w = (dot_h * _MOST_OBLONG).astype(np.int64)
    most_h = (dot_w * _MOST_OBLONG).astype(np.int64)
    return np.minimum(dot_w, most_w), np.minimum(dot_h, most_h)


def _scores(
    columns: Ints, rows: Ints, dot_w: Ints, dot_h: Ints, tile: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the filled area, less for oblong dots, nothing for dots that are too small."""
    filled = columns * rows * tile[0] * tile[1] * dot_w * dot_h
    large_enough = (dot_w >= MIN_DOT_PX) & (dot_h >= MIN_DOT_PX)
    shape = np.maximum(dot_w, dot_h) / np.maximum(1, np.minimum(dot_w, dot_h))
    round_row = np.where((columns & (columns - 1)) == 0, 1.03, 1.0)
    return np.where(large_enough, filled * (1.1 - 0.1 * shape) * round_row, 0.0)


def _tile_bonus(tile_pages: int, tile: tuple[int, int], dot_w: int) -> float:
    """Prefer blocks that are a large page, and blocks of a size that the eye can count."""
    good = 1.25 if tile_pages in _GOOD_TILES else 1.0
    side = tile[0] * dot_w
    return good * (1.0 if 10 <= side <= 200 else 0.8)


def fit_strip(first_gfn: int, end_gfn: int, width: int, height: int) -> Grid:
    """Return one row of dots over the whole width, three pixels a dot or more.

    The pages of a dot need not be a power of two here: filling the width matters more.
    """
    pages = end_gfn - first_gfn
    dot_pages = _round_up(-(-pages // max(1, width // 3)))
    dots = -(-pages // dot_pages)
    dot_w = max(1, width // dots)
    return Grid(first_gfn, dot_pages, 1, 1, dots, 1, dot_w, height, 0, 0, dots)


def _round_up(pages: int) -> int:
    """Return the next number with at most four significant bits."""
    step = 1 << max(0, pages.bit_length() - 4)
    return -(-pages // step) * step


def fit_low(width: int, height: int) -> Grid:
    """Return the grid of the first MiB: one dot a page, blocks of 64 KiB."""
    for columns in (16, 8, 4, 2):
        rows = 16 // columns
        dot_w = (width - columns) // (columns * 16)
        dot_h = (height - rows) // rows
        if dot_w >= MIN_DOT_PX + 1 or columns == 2:
            break
    dot_h = max(1, min(dot_h, 2 * dot_w))
    return Grid(0, 1, 16, 1, columns, rows, max(1, dot_w), dot_h, 1, 0, 256)

"""Which dot, and which part of it, every pixel of the EPT map belongs to.

Worked out once a layout. A frame then only computes a few values a dot, and one lookup makes the
picture: pixels refer to the concatenation of four rows of values, one a role.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.geometry.map.map_grid import MIN_DOT_PX, Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout, Placed
    from mtrrviz.scenario.machine_spec import MachineSpec

#: From this side on, dots are set apart by a line of their own.
_LINED_DOT_PX = 9
_HATCH_PX = 6


class Role(IntEnum):
    """The part of a dot that a pixel is: each part gets its own value in a frame."""

    BODY = 0
    """The inside, and the spaces of a hatch."""
    ODD = 1
    """Every other square of the inside, and the lines of a hatch."""
    RIM = 2
    """The outermost pixels."""


ROLES = len(Role)


class PixelMap(Record, eq=False):
    """``lines`` intp (n, width): role * dots + dot, or ``ROLES * dots`` for background.

    Most lines of pixels are like another one near by, so only the n different ones are kept;
    ``line_of_y`` intp (height) says which one each is. ``has_slot`` bool, a dot each: whether any
    page of it has a memory slot. ``shape`` is equal for layouts whose dots lie in the same places.
    """

    lines: NDArray[np.intp]
    line_of_y: NDArray[np.intp]
    has_slot: NDArray[np.bool_]
    shape: tuple[object, ...]

    @property
    def background(self) -> int:
        """The index of the one value after those of the dots."""
        return ROLES * len(self.has_slot)

    @property
    def index(self) -> NDArray[np.intp]:
        """The indices of all pixels, intp (height, width)."""
        return self.lines[self.line_of_y]

    def picture(self, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the image (height, width) of values by role and dot, the background's last."""
        return np.take(np.take(values, self.lines), self.line_of_y, axis=0)


def pixel_map(layout: MapLayout, machine: MachineSpec, before: PixelMap | None = None) -> PixelMap:
    """Return the pixel map of a layout; that of ``before`` if only the addresses are others.

    So panning within RAM needs no new pixel map.
    """
    has_slot = _slot_dots(layout, machine)
    shape = _shape(layout)
    is_same = before is not None and before.shape == shape
    if before is not None and is_same and np.array_equal(before.has_slot, has_slot):
        return before
    ys, line_of_y = _different_lines(layout, has_slot)
    lines = np.full((len(ys), layout.width), ROLES * layout.dots, np.intp)
    for item in layout.placed:
        _draw_band(lines, ys, item, has_slot)
    return PixelMap(lines, line_of_y, has_slot, shape)


def _different_lines(
    layout: MapLayout, has_slot: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return a y of each different line of pixels, and which of them each line is like.

    Found without drawing: a line depends on the parts of dots that it cuts in each of its bands.
    """
    key, used = np.zeros(layout.height, np.intp), 1
    for item in layout.placed:
        part = key[item.y : item.y + item.grid.height]
        like = _line_keys(item, has_slot)[: len(part)]
        if not like.size:
            continue
        pairs = part * (int(like.max()) + 1) + like
        _, number = np.unique(pairs, return_inverse=True)
        part[:] = used + number
        used += int(number.max()) + 1
    _, ys, line_of_y = np.unique(key, return_index=True, return_inverse=True)
    return ys, line_of_y


def _line_keys(item: Placed, has_slot: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return a number for each line of pixels of a band, equal for lines that look the same."""
    grid = item.grid
    y = np.arange(grid.height, dtype=np.intp)
    row, is_line, is_rim = _axis(y, grid.tile_h, grid.dot_h, grid)
    part = np.where(is_rim, int(Role.RIM), y // _square_px(grid) % 2)
    hatch = np.where(_hatched_rows(item, has_slot)[row], y % _HATCH_PX, 0)
    return np.where(is_line, 0, (row * ROLES + part) * _HATCH_PX + hatch + 1)


def _hatched_rows(item: Placed, has_slot: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which rows of a band's dots have one without a slot."""
    grid = item.grid
    dot = np.flatnonzero(~has_slot[item.first_dot : item.end_dot]) + grid.pad
    tile, inner = np.divmod(dot, grid.tile_dots)
    is_hatched = np.zeros(grid.rows * grid.tile_h, bool)
    is_hatched[tile // grid.columns * grid.tile_h + inner // grid.tile_w] = True
    return is_hatched


def _shape(layout: MapLayout) -> tuple[object, ...]:
    """Return all that the places of dots depend on, and nothing of what they stand for."""
    grids = tuple((item.x, item.y, replace(item.grid, origin=0)) for item in layout.placed)
    return (layout.width, layout.height, grids)


def _slot_dots(layout: MapLayout, machine: MachineSpec) -> NDArray[np.bool_]:
    """Return which dots hold a page of a memory slot; on a host, where all have types, all."""
    if machine.is_host:
        return np.ones(layout.dots, bool)
    has_slot = np.zeros(layout.dots, bool)
    for region in machine.slots:
        low = max(region.first_gfn, layout.first_gfn)
        high = min(region.end_gfn, layout.end_gfn)
        if low < high:
            first, last = layout.dots_of(np.array([low, high - 1], np.uint64))
            has_slot[first : last + 1] = True
    return has_slot


def _draw_band(
    lines: NDArray[np.intp], ys: NDArray[np.intp], item: Placed, has_slot: NDArray[np.bool_]
) -> None:
    """Write the indices of one band's pixels; what is cut off by the edges is left out.

    ``ys`` says where on screen each of ``lines`` is.
    """
    grid = item.grid
    inside = np.flatnonzero((ys >= item.y) & (ys < item.y + grid.height))
    across = np.arange(min(grid.width, lines.shape[1] - item.x), dtype=np.intp)
    if not inside.size or not across.size:
        return
    down = ys[inside] - item.y
    column, line_x, rim_x = _axis(across, grid.tile_w, grid.dot_w, grid)
    row, line_y, rim_y = _axis(down, grid.tile_h, grid.dot_h, grid)
    tile_x, in_x = np.divmod(column, grid.tile_w)
    tile_y, in_y = np.divmod(row, grid.tile_h)
    dot = np.add.outer(
        tile_y * (grid.columns * grid.tile_dots) + in_y * grid.tile_w,
        tile_x * grid.tile_dots + in_x - grid.pad,
    )
    is_blank = np.logical_or.outer(line_y, line_x)
    is_blank |= (dot < 0) | (dot >= grid.dots)
    dot[is_blank] = 0
    dot += item.first_dot
    square = _square_px(grid)
    is_odd = np.add.outer(down // square, across // square) % 2 == 1
    is_rim = np.logical_or.outer(rim_y, rim_x)
    role = np.where(is_rim, int(Role.RIM), is_odd.astype(np.intp))
    if not has_slot[item.first_dot : item.end_dot].all():
        # A hatch lies over all dots without a slot.
        is_hatch = np.add.outer(down, across) % _HATCH_PX == 0
        role = np.where(has_slot[dot], role, is_hatch.astype(np.intp))
    indices = np.where(is_blank, ROLES * len(has_slot), dot + role * len(has_slot))
    lines[inside, item.x : item.x + len(across)] = indices


def _square_px(grid: Grid) -> int:
    """Return the side of the squares of a checker inside a dot."""
    return max(1, min(grid.dot_w, grid.dot_h) // 6)


def _axis(
    at: NDArray[np.intp], tile: int, dot_px: int, grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return, for pixels ``at`` along one axis: dot number, is it a line, is it the dot's rim."""
    block, in_tile = np.divmod(at, tile * dot_px + grid.gap)
    inner, in_dot = np.divmod(in_tile, dot_px)
    is_line = inner >= tile
    edge = dot_px - 1
    if dot_px >= _LINED_DOT_PX and grid.tile_dots > 1:
        is_line |= in_dot == edge
        edge -= 1
    thick = _rim_px(dot_px)
    is_rim = (in_dot < thick) | ((in_dot > edge - thick) & (in_dot <= edge))
    return block * tile + np.minimum(inner, tile - 1), is_line, is_rim


def _rim_px(dot_px: int) -> int:
    """Return the thickness of a dot's rim; the narrow dots of strips have none at their sides."""
    if dot_px < MIN_DOT_PX:
        return 0
    return 1 if dot_px < 24 else 2 if dot_px < 64 else 3

"""Which dot, and which part of it, every pixel of the EPT map belongs to.

Worked out once a layout. A frame then only computes a few values a dot, and one lookup makes the
picture: pixels refer to the concatenation of four rows of values, one a role.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

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


@dataclass(frozen=True, eq=False)
class PixelMap:
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
    background = ROLES * layout.dots
    index = np.full((layout.height, layout.width), background, np.intp)
    for item in layout.placed:
        _draw_band(index, item, layout.dots, has_slot)
    return PixelMap(*_different_lines(index), has_slot, shape)


def _different_lines(index: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the different lines of pixels, and which of them each line is."""
    # Equal lines have equal sums; that different ones have different sums is checked below.
    weights = np.arange(1, index.shape[1] + 1, dtype=np.intp) ** 5
    sums: NDArray[np.intp] = np.dot(index, weights)
    _, first, line_of_y = np.unique(sums, return_index=True, return_inverse=True)
    lines = index[first]
    if np.array_equal(lines[line_of_y], index):
        return lines, line_of_y
    return index, np.arange(len(index))


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
    index: NDArray[np.intp], item: Placed, dots: int, has_slot: NDArray[np.bool_]
) -> None:
    """Write the indices of one band's pixels; what is cut off by the edges is left out."""
    target = index[item.y : item.y + item.grid.height, item.x : item.x + item.grid.width]
    if not target.size:
        return
    grid = item.grid
    across, line_x, rim_x = _axis(grid.width, grid.tile_w, grid.dot_w, grid)
    down, line_y, rim_y = _axis(grid.height, grid.tile_h, grid.dot_h, grid)
    height, width = target.shape
    tile_x, in_x = np.divmod(across[:width], grid.tile_w)
    tile_y, in_y = np.divmod(down[:height], grid.tile_h)
    column = tile_x * grid.tile_dots + in_x - grid.pad
    row = tile_y * (grid.columns * grid.tile_dots) + in_y * grid.tile_w
    dot = np.add.outer(row, column)
    is_blank = np.logical_or.outer(line_y[:height], line_x[:width])
    is_blank |= (dot < 0) | (dot >= grid.dots)
    dot[is_blank] = 0
    dot += item.first_dot
    is_rim = np.logical_or.outer(rim_y[:height], rim_x[:width])
    role = _roles(is_rim, has_slot[dot], grid)
    target[...] = np.where(is_blank, ROLES * dots, dot + role * dots)


def _axis(
    length: int, tile: int, dot_px: int, grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return, for each pixel along one axis: dot number, is it a line, is it the dot's rim."""
    in_tile = np.arange(length, dtype=np.intp)
    block, in_tile = np.divmod(in_tile, tile * dot_px + grid.gap)
    inner, at = np.divmod(in_tile, dot_px)
    is_line = inner >= tile
    edge = dot_px - 1
    if dot_px >= _LINED_DOT_PX and grid.tile_dots > 1:
        is_line |= at == edge
        edge -= 1
    thick = _rim_px(dot_px)
    is_rim = (at < thick) | ((at > edge - thick) & (at <= edge))
    return block * tile + np.minimum(inner, tile - 1), is_line, is_rim


def _rim_px(dot_px: int) -> int:
    """Return the thickness of a dot's rim; the narrow dots of strips have none at their sides."""
    if dot_px < MIN_DOT_PX:
        return 0
    return 1 if dot_px < 24 else 2 if dot_px < 64 else 3


def _roles(is_rim: NDArray[np.bool_], has_slot: NDArray[np.bool_], grid: Grid) -> NDArray[np.intp]:
    """Return the role of each pixel: a checker inside dots with a slot, a hatch in the others."""
    height, width = is_rim.shape
    down, across = np.arange(height, dtype=np.intp), np.arange(width, dtype=np.intp)
    diagonal = np.add.outer(down, across)
    is_hatch = diagonal % _HATCH_PX == 0
    square = max(1, min(grid.dot_w, grid.dot_h) // 6)
    is_odd = np.add.outer(down // square, across // square) % 2 == 1
    inside = np.where(is_rim, int(Role.RIM), is_odd.astype(np.intp))
    return np.where(has_slot, inside, is_hatch.astype(np.intp))

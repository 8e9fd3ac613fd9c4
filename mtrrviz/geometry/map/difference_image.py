"""Where two EPTs differ, as an image of small numbers, one a pixel, laid out like the EPT map.

What differs stands out: first only, second only, another type, another IPAT, each a value of its
own for the two squares of a dot's checker and its rim. What both map alike, what neither maps and
what has no memory slot stay quiet. Ranges come as plain arrays, with kinds from 0 (alike) to 4.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.geometry.map.map_pixels import ROLES, Role, pixel_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_pixels import PixelMap
    from mtrrviz.scenario.machine_spec import MachineSpec

KINDS = 5
"""Kinds of ranges: 0 is alike, the others are differences."""


class Quiet(IntEnum):
    """Values of pixels that show no difference."""

    BACKGROUND = 0
    ALIKE = 1
    """Both EPTs map it, alike."""
    UNMAPPED = 2
    """Memory that neither maps."""
    NO_SLOT = 3
    """No memory slot: the spaces of the hatch."""
    HATCH = 4
    """No memory slot: the lines of the hatch."""


#: First value of differences: + kind * ROLES + role.
LOUD = 8
VALUES = LOUD + KINDS * ROLES


class DifferenceFrame(Record, eq=False):
    """The differences of one moment; ``image`` uint8 (height, width).

    ``kinds`` uint8, one bit a kind for each dot; ``pages`` int64 (kinds, dots).
    """

    image: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    pages: NDArray[np.int64]


class DifferenceImager:
    """Makes frames; keeps the pixels of a layout between them."""

    def __init__(self) -> None:
        self._pixels: tuple[MapLayout, PixelMap] | None = None

    def frame(
        self,
        layout: MapLayout,
        machine: MachineSpec,
        starts: NDArray[np.uint64],
        ends: NDArray[np.uint64],
        kinds: NDArray[np.uint8],
    ) -> DifferenceFrame:
        """Return the picture of ranges [start, end), ascending and apart, each of one kind."""
        pixels = self._pixel_map(layout, machine)
        pages = pages_by_dot(layout, starts, ends, kinds)
        values = _values(layout, pages, pixels.has_slot)
        bits = np.uint8(1) << np.arange(KINDS, dtype=np.uint8)
        present = ((pages > 0) * bits[:, None]).sum(axis=0).astype(np.uint8)
        return DifferenceFrame(pixels.picture(values), present, pages)

    def _pixel_map(self, layout: MapLayout, machine: MachineSpec) -> PixelMap:
        if self._pixels is None or self._pixels[0] is not layout:
            before = None if self._pixels is None else self._pixels[1]
            self._pixels = (layout, pixel_map(layout, machine, before))
        return self._pixels[1]


def pages_by_dot(
    layout: MapLayout,
    starts: NDArray[np.uint64],
    ends: NDArray[np.uint64],
    kinds: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Return how many pages of each kind are in each dot, int64 (kinds, dots).

    The number of pages of a kind below an address rises evenly within a range and rests between
    ranges, so one interpolation a kind answers for all dots, however large the ranges are.
    """
    edges = np.append(layout.dot_starts, np.uint64(layout.end_gfn)).astype(np.float64)
    pages = np.zeros((KINDS, layout.dots), np.int64)
    for kind in np.flatnonzero(np.bincount(kinds, minlength=KINDS)).tolist():
        mine = kinds == kind
        bounds = np.column_stack((starts[mine], ends[mine])).astype(np.float64)
        below = np.cumsum(bounds[:, 1] - bounds[:, 0])
        heights = np.column_stack((np.append(0, below[:-1]), below))
        pages[kind] = np.diff(np.interp(edges, bounds.ravel(), heights.ravel()).round())
    return pages


def _values(
    layout: MapLayout, pages: NDArray[np.int64], has_slot: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return the values of all roles of all dots in a row, the background's last."""
    values = np.full(ROLES * layout.dots + 1, Quiet.BACKGROUND, np.uint8)
    parts = values[:-1].reshape(ROLES, layout.dots)
    parts[:] = np.where(has_slot, np.uint8(Quiet.UNMAPPED), np.uint8(Quiet.NO_SLOT))
    parts[Role.ODD][~has_slot] = Quiet.HATCH
    alike = pages[0] > 0
    parts[:, alike] = Quiet.ALIKE
    differs = np.flatnonzero(pages[1:].any(axis=0))
    mine = pages[1:, differs]
    first, last = _ends(mine > 0)
    loud = np.uint8(LOUD) + first * np.uint8(ROLES)
    parts[Role.BODY][differs] = loud + np.uint8(Role.BODY)
    single = loud + np.uint8(Role.ODD)
    several = np.uint8(LOUD) + last * np.uint8(ROLES) + np.uint8(Role.BODY)
    parts[Role.ODD][differs] = np.where(first == last, single, several)
    is_full = mine.sum(axis=0) >= layout.dot_pages[differs]
    whole = differs[is_full]
    parts[Role.RIM][whole] = (loud + np.uint8(Role.RIM))[is_full]
    return values


def _ends(present: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the first and the last kind of difference that is present in each column."""
    first = np.argmax(present, axis=0) + 1
    last = len(present) - np.argmax(present[::-1], axis=0)
    return first.astype(np.uint8), last.astype(np.uint8)

"""The marks of the map where KVM's walk gives another type than the SDM: lines and points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.sdm.sdm_types import UNDEFINED_BIT
from mtrrviz.geometry.map.map_pixels import ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.facts.sdm_difference import SdmDifference
    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.geometry.map.map_pixels import PixelMap

_LINES_PX = 6
_POINTS_PX = 3


class Marks(Record, eq=False):
    """What the map shows of it: ``sets`` uint8, a dot each, and the pixels of the two patterns.

    ``lines`` (another type) and ``points`` (undefined) index the flattened image.
    """

    sets: NDArray[np.uint8]
    lines: NDArray[np.intp]
    points: NDArray[np.intp]


def marks_for(sdm_difference: SdmDifference, layout: MapLayout, pixels: PixelMap) -> Marks:
    """Return the marks of a layout."""
    sets = sdm_difference.in_ranges(layout.dot_starts, layout.dot_ends)
    is_other = pixels.picture(_by_role(sets & ~UNDEFINED_BIT > 0))
    is_open = pixels.picture(_by_role(sets & UNDEFINED_BIT > 0))
    height, width = is_other.shape
    down, across = np.arange(height, dtype=np.intp), np.arange(width, dtype=np.intp)
    lines = np.subtract.outer(down, across) % _LINES_PX == 0
    points = np.logical_and.outer(down % _POINTS_PX == 0, across % _POINTS_PX == 0)
    return Marks(
        sets,
        np.flatnonzero(is_other.astype(bool) & lines),
        np.flatnonzero(is_open.astype(bool) & points),
    )


def _by_role(marked: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a value for every role of every dot, and the background's."""
    return np.append(np.tile(marked, ROLES), [False]).astype(np.uint8)
